//! Where the dashboard's feeds come from while it runs: lines that are typed, and the user's file read again. Files are
//! read on a thread of their own, so that none of them stops the screen; nothing that needs consent is used without.

use std::collections::{BTreeSet, VecDeque};

use tokio::task::JoinHandle;

use super::dress::Wear;
use super::needs_of;
use crate::app::coming::{Allow, Demand, Errand, Outcome, Tally, Trouble, Want};
use crate::cli::{self, Screen, Targets};
use crate::config::Config;
use crate::consent::{self, Allowance, Need, What};
use crate::event::FeedId;
use crate::launch::Change;
use crate::plan::{Roster, Wrong};
use crate::run::{Delivery, Dress, Supplier};

/// Feeds by name and by file.
pub struct Supply {
    books: Books,
    /// They are with the errand that is under way, and come back with it.
    away: Option<JoinHandle<(Books, Delivery)>>,
    waiting: VecDeque<Errand>,
    gone: Vec<FeedId>,
}

/// What is known of feeds and of the file.
#[derive(Clone)]
pub struct Books {
    pub roster: Roster,
    pub screen: Screen,
    /// What the file said last.
    pub wear: Wear,
    /// What the command line allows.
    pub allowance: Allowance,
    asked: Option<Asked>,
    /// Notes are told once.
    noted: BTreeSet<String>,
}

/// What waits for consent.
#[derive(Clone)]
struct Asked {
    needs: Vec<Need>,
    planned: Planned,
}

#[derive(Clone)]
struct Planned {
    changes: Vec<Change>,
    /// The file that was read, where it was read for itself.
    wear: Option<Wear>,
    notes: Vec<String>,
}

impl Supply {
    pub fn new(books: Books) -> Self {
        Self { books, away: None, waiting: VecDeque::new(), gone: Vec::new() }
    }

    fn begin(&mut self) {
        if self.away.is_some() {
            return;
        }
        let Some(errand) = self.waiting.pop_front() else { return };
        self.gone.drain(..).for_each(|id| self.books.roster.strike(id));
        let mut books = self.books.clone();
        self.away = Some(tokio::task::spawn_blocking(move || {
            let delivery = books.run(errand);
            (books, delivery)
        }));
    }
}

impl Supplier for Supply {
    fn send(&mut self, errand: Errand) {
        self.waiting.push_back(errand);
        self.begin();
    }

    async fn next(&mut self) -> Delivery {
        loop {
            self.begin();
            let Some(away) = &mut self.away else { std::future::pending().await };
            let done = away.await;
            self.away = None;
            // One that broke down has changed nothing.
            if let Ok((books, delivery)) = done {
                self.books = books;
                return delivery;
            }
        }
    }

    fn gone(&mut self, feed: FeedId) {
        self.gone.push(feed);
    }
}

impl Books {
    pub fn new(roster: Roster, screen: Screen, config: &Config, allowance: Allowance) -> Self {
        let wear = Wear::of(&screen, config);
        Self { roster, screen, wear, allowance, asked: None, noted: BTreeSet::new() }
    }

    /// These notes were told before there was a screen.
    #[must_use]
    pub fn told(mut self, notes: Vec<String>) -> Self {
        self.noted.extend(notes);
        self
    }

    fn run(&mut self, errand: Errand) -> Delivery {
        match errand {
            Errand::Add(line) => {
                self.asked = None;
                self.add(&line).unwrap_or_else(|trouble| Delivery::only(Outcome::NotAdded(trouble)))
            }
            Errand::Reload => {
                self.asked = None;
                self.reload().unwrap_or_else(|trouble| Delivery::only(Outcome::NotReloaded(trouble)))
            }
            Errand::Allow(allow) => self.go_on(allow),
        }
    }

    fn add(&mut self, line: &str) -> Result<Delivery, Trouble> {
        let told = |brief: String| Trouble { brief: crate::text::clean(&brief).into_owned(), whole: Vec::new() };
        let words = cli::targets(line).map_err(told)?;
        let mut notes = Vec::new();
        let changes = self.roster.add(&words, &mut notes).map_err(|wrong| trouble(&wrong, 2))?;
        // Who types it here shows it to no list of processes.
        notes.retain(|note| !note.contains("(shell history, process list)"));
        let allowance = with(&self.allowance, &words);
        Ok(self.settle(Planned { changes, wear: None, notes }, &allowance))
    }

    fn reload(&mut self) -> Result<Delivery, Trouble> {
        let mut notes = Vec::new();
        let (config, changes) = self.roster.reload(&mut notes).map_err(|wrong| trouble(&wrong, 0))?;
        let wear = Some(Wear::of(&self.screen, &config));
        let allowance = self.allowance.clone();
        Ok(self.settle(Planned { changes, wear, notes }, &allowance))
    }

    /// Does it, or asks first.
    fn settle(&mut self, planned: Planned, allowance: &Allowance) -> Delivery {
        let new: Vec<_> = planned.changes.iter().filter_map(Change::plan).flat_map(needs_of).collect();
        // What a feed has that runs was allowed for this run.
        let granted: Vec<_> = self.roster.plans().flat_map(needs_of).collect();
        let new: Vec<_> = new.into_iter().filter(|need| !granted.contains(need)).collect();
        let needs = consent::open(&new, allowance);
        if needs.is_empty() {
            return self.deliver(planned);
        }
        let asks = Outcome::Asks(demands(&needs));
        self.asked = Some(Asked { needs, planned });
        Delivery::only(asks)
    }

    fn go_on(&mut self, allow: Allow) -> Delivery {
        let Some(Asked { needs, mut planned }) = self.asked.take() else {
            return Delivery::only(Outcome::Added { names: Vec::new(), notes: Vec::new() });
        };
        if allow == Allow::Always
            && let Err(error) = consent::remember(&needs)
        {
            planned.notes.push(format!("this answer could not be kept, and will be asked for again: {error}"));
        }
        self.deliver(planned)
    }

    fn deliver(&mut self, planned: Planned) -> Delivery {
        let Planned { changes, wear, notes } = planned;
        self.roster.enter(&changes, wear.is_none());
        let names = changes.iter().filter_map(Change::plan).map(|plan| plan.info.name.clone()).collect();
        let notes = notes.into_iter().filter(|note| self.noted.insert(note.clone()));
        let notes = notes.map(|note| note.trim_start_matches("wirebeat: ").to_owned()).collect();
        let Some(wear) = wear else {
            return Delivery { changes, dress: None, frame: None, outcome: Outcome::Added { names, notes } };
        };
        let before = std::mem::replace(&mut self.wear, wear.clone());
        let frame = Some(wear.frame());
        let dress: Dress = Box::new(move |app, now| wear.put_on(Some(&before), app, now));
        let outcome = Outcome::Reloaded { tally: Tally::default(), notes };
        Delivery { changes, dress: Some(dress), frame, outcome }
    }
}

impl Delivery {
    fn only(outcome: Outcome) -> Self {
        Self { changes: Vec::new(), dress: None, frame: None, outcome }
    }
}

/// In full where that is more than so many lines, which have room in one.
fn trouble(wrong: &Wrong, lines: usize) -> Trouble {
    let whole = wrong.whole();
    Trouble { brief: wrong.brief(), whole: if whole.len() > lines { whole } else { Vec::new() } }
}

/// What the command line allows, and what these words do.
fn with(allowance: &Allowance, words: &Targets) -> Allowance {
    let both = |one: &[String], other: &[String]| [one, other].concat();
    Allowance {
        everything: allowance.everything || words.allow.yes,
        env: both(&allowance.env, &words.allow.env),
        files: both(&allowance.files, &words.allow.files),
        commands: both(&allowance.commands, &words.allow.commands),
        takeover: allowance.takeover || words.allow.takeover,
    }
}

fn demands(needs: &[Need]) -> Vec<Demand> {
    let mut demands: Vec<(&str, Demand)> = Vec::new();
    for need in needs {
        let want = match &need.what {
            What::Env(name) => Want::Env(name.clone()),
            What::File(path) => Want::File(path.clone()),
            What::Command(line) => Want::Command(line.clone()),
            What::Takeover(who) => Want::Takeover(who.clone()),
        };
        let of = |(print, demand): &&mut (&str, Demand)| *print == need.fingerprint && demand.host == need.host;
        if let Some((_, demand)) = demands.iter_mut().find(of) {
            demand.wants.push(want);
            continue;
        }
        let (profile, host) = (need.profile.clone(), need.host.clone());
        demands.push((&need.fingerprint, Demand { profile, host, plain: need.plain, wants: vec![want] }));
    }
    demands.into_iter().map(|(_, demand)| demand).collect()
}
