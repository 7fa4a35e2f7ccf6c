//! The verdict of the whole: how many feeds need the user, which is the worst, and whether it is us or them.
//! It makes no sentence of it.

use std::collections::BTreeSet;

use super::App;
use super::feed::Feed;
use super::standing::{Rank, Standing, Trouble};
use crate::event::cluster::{self, Extent, Scope};
use crate::time::Ts;

/// All feeds in one look.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Verdict {
    pub feeds: usize,
    /// Feeds in trouble that was neither acknowledged nor muted.
    pub need: usize,
    /// Open, and nothing wrong.
    pub live: usize,
    /// In trouble, and the user waved it aside.
    pub aside: usize,
    pub paused: usize,
    /// The first of the troubles: its feed's place in [`App::feeds`].
    pub worst: Option<(usize, Trouble)>,
    pub blame: Blame,
    /// What the worst one is a part of, where others were lost with it, and since when.
    pub together: Option<(Extent, Ts)>,
}

/// Who may be at fault, as far as the other hosts tell.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Blame {
    #[default]
    Unknown,
    /// So many other hosts answer.
    NotUs(usize),
    /// None of so many hosts answers.
    PerhapsUs(usize),
    /// Feeds on several hosts were lost together; so many other hosts answer all the same.
    Us(usize),
}

impl App {
    /// The feeds that need the user, worst first, longest first among equals.
    pub fn troubles(&self, now: Ts) -> Vec<(usize, Trouble)> {
        let needy = self.feeds.iter().enumerate().filter(|(_, feed)| feed.needs_you(now));
        let mut troubles: Vec<_> = needy.filter_map(|(i, feed)| Some((i, feed.trouble(now)?))).collect();
        troubles.sort_by_key(|(i, trouble)| (trouble.rank, trouble.since, *i));
        troubles
    }

    pub fn verdict(&self, now: Ts) -> Verdict {
        self.verdict_of(&self.troubles(now), now)
    }

    /// The same, where the troubles are at hand.
    pub fn verdict_of(&self, troubles: &[(usize, Trouble)], now: Ts) -> Verdict {
        let worst = troubles.first().copied();
        let count = |wanted: fn(&Feed, Ts) -> bool| self.feeds.iter().filter(|feed| wanted(feed, now)).count();
        Verdict {
            feeds: self.feeds.len(),
            need: troubles.len(),
            live: count(|feed, now| feed.is_open() && feed.trouble(now).is_none()),
            aside: count(|feed, now| feed.trouble(now).is_some() && !feed.needs_you(now)),
            paused: count(|feed, now| feed.standing(now) == Standing::Paused),
            worst,
            blame: worst.map_or(Blame::Unknown, |(i, trouble)| self.blame(i, trouble, now)),
            together: worst.and_then(|(i, _)| self.together(i)),
        }
    }

    /// What the outage of a feed is a part of, where it is of more than itself.
    fn together(&self, index: usize) -> Option<(Extent, Ts)> {
        let feed = self.feeds.get(index)?;
        let outage = feed.state.outage.as_ref().filter(|outage| !outage.over)?;
        let cluster = self.clusters.of(feed.info.id, outage.id).filter(|cluster| cluster.over.is_none())?;
        let extent = self.clusters.extent(cluster);
        (extent.scope != Scope::Feed).then_some((extent, cluster.began))
    }

    fn blame(&self, worst: usize, trouble: Trouble, now: Ts) -> Blame {
        let Some(host) = self.feeds.get(worst).map(|feed| cluster::host(&feed.info.url)) else { return Blame::Unknown };
        if trouble.rank > Rank::Probing {
            return Blame::Unknown;
        }
        let mut others = BTreeSet::new();
        let mut answering = BTreeSet::new();
        for feed in &self.feeds {
            let name = cluster::host(&feed.info.url);
            if name == host || feed.standing(now) == Standing::Paused || feed.standing(now) == Standing::Idle {
                continue;
            }
            others.insert(name);
            if feed.is_open() && feed.standing(now) != Standing::Probing {
                answering.insert(name);
            }
        }
        if self.together(worst).is_some_and(|(extent, _)| extent.scope == Scope::Local) {
            return Blame::Us(answering.len());
        }
        match (answering.len(), others.len()) {
            (0, 0) => Blame::Unknown,
            (0, silent) => Blame::PerhapsUs(silent + 1),
            (answering, _) => Blame::NotUs(answering),
        }
    }
}
