//! The outages of all feeds, as the user looks through them: the list, what is selected in it, and one in full.

use std::cmp::Reverse;

use super::App;
use super::act::moved;
use super::feed::Feed;
use crate::event::{FeedId, Outage};

/// Where the user is in the list of outages.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Timeline {
    /// It holds an outage, not a row; the first of the list where it holds none.
    pub chosen: Option<(FeedId, u32)>,
    /// One is opened in full, scrolled by so many lines.
    pub whole: Option<usize>,
}

/// More lines than this has no outage in full.
const LONGEST: usize = 100;

impl App {
    /// All outages that are remembered: those that go on first, then the newest.
    pub fn outages(&self) -> Vec<(&Feed, &Outage)> {
        let mut all: Vec<_> = self.feeds.iter().flat_map(|feed| feed.outages.iter().map(move |o| (feed, o))).collect();
        all.sort_by_key(|(_, outage)| (outage.over, Reverse(outage.began)));
        all
    }

    /// The selected one's place among them.
    pub fn chosen_outage(&self, timeline: Timeline, all: &[(&Feed, &Outage)]) -> usize {
        let is_chosen = |(feed, outage): &(&Feed, &Outage)| timeline.chosen == Some((feed.info.id, outage.id));
        all.iter().position(is_chosen).unwrap_or(0)
    }

    /// Moves the selection in the list, or the view of what is opened.
    pub(super) fn browse(&self, timeline: Timeline, by: i64) -> Timeline {
        if let Some(top) = timeline.whole {
            return Timeline { whole: Some(moved(top, by, LONGEST)), ..timeline };
        }
        let all = self.outages();
        let there = moved(self.chosen_outage(timeline, &all), by, all.len());
        let chosen = all.get(there).map(|(feed, outage)| (feed.info.id, outage.id));
        Timeline { chosen, ..timeline }
    }

    /// Opens the selected one in full, where there is one.
    pub(super) fn open_outage(&self, timeline: Timeline) -> Timeline {
        let timeline = self.browse(timeline, 0);
        Timeline { whole: timeline.chosen.map(|_| 0), ..timeline }
    }
}
