//! Feeds that come and go while the screen is up: how one is taken in, replaced and let go, and what is asked of whoever
//! knows where feeds come from. It reads no file and starts nothing: it asks for an [`Effect`](super::Effect).

use super::feed::Feed;
use super::keymap::Mode;
use super::ringing::Ring;
use super::timeline::Timeline;
use super::{App, Popup};
use crate::event::{FeedId, FeedInfo};
use crate::say::coming as say;
use crate::text;
use crate::time::Ts;

/// What is asked of whoever knows where feeds come from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Errand {
    /// Watch what these words name, which are those of a command line.
    Add(String),
    /// Read the configuration again.
    Reload,
    /// Go on with what was asked about.
    Allow(Allow),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Allow {
    /// It is remembered.
    Always,
    Once,
}

/// What came of an errand.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    Added {
        names: Vec<String>,
        notes: Vec<String>,
    },
    Reloaded {
        tally: Tally,
        notes: Vec<String>,
    },
    NotAdded(Trouble),
    NotReloaded(Trouble),
    /// Nothing was done yet: profiles want something of this machine.
    Asks(Vec<Demand>),
}

/// What is wrong: in one line, and in as many as there are.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Trouble {
    pub brief: String,
    pub whole: Vec<String>,
}

/// What the file changed, in feeds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    pub added: usize,
    pub removed: usize,
    pub replaced: usize,
    pub untouched: usize,
}

/// What a profile wants for a host.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Demand {
    pub profile: String,
    pub host: String,
    /// What is sent there can be read on the way.
    pub plain: bool,
    pub wants: Vec<Want>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Want {
    /// An environment variable, sent to the host.
    Env(String),
    /// The text of a file, likewise.
    File(String),
    /// A program, with its arguments.
    Command(String),
    /// The place of another client, in the words of the profile.
    Takeover(String),
}

/// What is shown of errands.
#[derive(Debug, Default)]
pub struct Coming {
    /// Everything that is wrong with the file.
    report: Vec<String>,
    demands: Vec<Demand>,
    /// They are of feeds that a command names.
    by_line: bool,
}

impl App {
    /// Feeds may come while running. One that is known already is not added again.
    pub fn add_feed(&mut self, info: FeedInfo) {
        if self.feed(info.id).is_none() {
            let id = info.id;
            self.table.add(id, info.group.as_deref());
            self.clusters.watch(id, &info.url);
            self.feeds.add(Feed::new(info));
            if self.selected.is_none() && self.head.is_none() {
                self.select(Some(id));
            }
        }
    }

    /// A feed is gone, and all that was known of it. Its neighbour is selected if it was. What is returned may be heard:
    /// its alarms are over.
    pub fn remove_feed(&mut self, id: FeedId, now: Ts) -> Vec<Ring> {
        if self.feed(id).is_none() {
            return Vec::new();
        }
        let rings = self.forget_feed(id, now);
        self.take_out(id);
        rings
    }

    /// Another feed stands in the row of an old one, selected if that was, and muted if that was.
    pub fn replace_feed(&mut self, old: FeedId, info: FeedInfo, now: Ts) -> Vec<Ring> {
        if self.feed(old).is_none() || self.feed(info.id).is_some() {
            return Vec::new();
        }
        let rings = self.forget_feed(old, now);
        let (id, group) = (info.id, info.group.clone());
        self.clusters.watch(id, &info.url);
        let gone = self.feeds.replace(old, Feed::new(info));
        if let (Some(gone), Some(feed)) = (gone, self.feeds.of_mut(id)) {
            feed.muted = gone.muted;
        }
        self.table.replace(old, id, group.as_deref());
        if self.selected == Some(old) {
            self.select(Some(id));
        }
        rings
    }

    /// What was known of it besides itself goes, and so does what lies over the panes and is about it.
    fn forget_feed(&mut self, id: FeedId, now: Ts) -> Vec<Ring> {
        // What was said last may have been of it.
        (self.note, self.done) = (None, None);
        let over = self.alarms.forget(id, now);
        // Their sentences need its name.
        let rings = over.into_iter().filter(|alarm| alarm.loud).map(|alarm| self.ring_of(alarm)).collect();
        self.clusters.forget(id, now);
        self.history.forget(id);
        self.drift.forget(id);
        self.forget_faults(id);
        self.hand.forget(id);
        self.inspect = self.inspect.take().filter(|inspect| inspect.feed != id);
        self.latest = self.latest.take().filter(|latest| latest.feed != id);
        match self.popup {
            Some(Popup::Question(of, _) | Popup::Faults(of) | Popup::Send(of)) if of == id => self.close(),
            Some(Popup::Inspect) if self.inspect.is_none() => self.close(),
            Some(Popup::Latest) if self.latest.is_none() => self.close(),
            Some(Popup::Outages(timeline)) if timeline.chosen.is_some_and(|(of, _)| of == id) => {
                self.popup = Some(Popup::Outages(Timeline::default()));
            }
            Some(
                Popup::Question(..)
                | Popup::Faults(_)
                | Popup::Send(_)
                | Popup::Inspect
                | Popup::Latest
                | Popup::Outages(_)
                | Popup::Help(_)
                | Popup::Figures(_)
                | Popup::Columns
                | Popup::Palette
                | Popup::Report(_)
                | Popup::Consent(_),
            )
            | None => {}
        }
        rings
    }

    /// Tells what came of an errand: where the user waits for it, else in the last line.
    pub fn answered(&mut self, outcome: Outcome) {
        let lang = self.look.lang;
        let waits = self.hand.palette.waiting && self.popup == Some(Popup::Palette);
        self.hand.palette.waiting &= waits;
        (self.note, self.done) = (None, None);
        match outcome {
            Outcome::Added { names, notes } => {
                if waits {
                    self.leave_palette();
                }
                let names: Vec<_> = names.iter().map(|name| text::clean(name)).collect();
                self.done = Some(with_notes(say::added(lang, &names.join(", ")), &notes));
            }
            Outcome::Reloaded { tally: Tally { added, removed, replaced, untouched }, notes } => {
                self.done = Some(with_notes(say::reloaded(lang, [added, removed, replaced, untouched]), &notes));
            }
            Outcome::NotAdded(trouble) if waits => {
                self.hand.palette.waiting = false;
                self.hand.palette.refuse(trouble);
            }
            Outcome::NotAdded(Trouble { brief, .. }) => self.note = Some(say::not_added(lang, &brief)),
            Outcome::NotReloaded(Trouble { brief, whole }) => {
                self.note = Some(brief);
                if self.mode() == Mode::Main {
                    self.coming.report = whole;
                    self.popup = Some(Popup::Report(0));
                }
            }
            // Keys that are on their way to something else must not answer it.
            Outcome::Asks(demands) if waits || self.mode() == Mode::Main => {
                self.coming.demands = demands;
                self.coming.by_line = waits;
                self.popup = Some(Popup::Consent(0));
            }
            Outcome::Asks(demands) => {
                let profile = demands.first().map_or("", |demand| demand.profile.as_str());
                self.note = Some(say::would_ask(lang, profile));
            }
        }
    }

    /// Answers what is asked.
    pub(super) fn allow(&mut self, allow: Allow) -> super::Effect {
        self.coming.demands.clear();
        self.popup = None;
        self.hand.palette.waiting = false;
        self.done = Some(say::under_way(self.look.lang).to_owned());
        if self.coming.by_line {
            let line = self.hand.palette.line.text.trim().to_owned();
            self.remember(line);
        }
        super::Effect::Ask(Errand::Allow(allow))
    }

    /// Nothing is done, and a line that was typed is there again.
    pub(super) fn allow_nothing(&mut self) {
        let lang = self.look.lang;
        self.coming.demands.clear();
        if self.coming.by_line {
            let brief = say::not_allowed(lang).to_owned();
            self.hand.palette.waiting = false;
            self.hand.palette.refuse(Trouble { brief, whole: Vec::new() });
            self.popup = Some(Popup::Palette);
        } else {
            self.popup = None;
            self.note = Some(say::not_allowed(lang).to_owned());
        }
    }

    /// Everything that is wrong with the file, row by row.
    pub fn report_rows(&self) -> Vec<&str> {
        rows(&self.coming.report, self.inspect_columns())
    }

    /// What is demanded, row by row.
    pub fn demand_rows(&self) -> Vec<String> {
        let lang = self.look.lang;
        let mut lines = Vec::new();
        for Demand { profile, host, plain, wants } in &self.coming.demands {
            lines.push(say::wants(lang, profile, host));
            lines.extend(wants.iter().map(|want| match want {
                Want::Env(name) => say::wants_env(lang, name),
                Want::File(path) => say::wants_file(lang, path),
                Want::Command(line) => say::wants_command(lang, line),
                Want::Takeover(who) => say::wants_takeover(lang, who),
            }));
            if *plain && wants.iter().any(|want| matches!(want, Want::Env(_) | Want::File(_))) {
                lines.push(say::can_be_read(lang).to_owned());
            }
        }
        rows(&lines, self.inspect_columns().min(DEMAND)).into_iter().map(str::to_owned).collect()
    }
}

/// The columns of a demand.
const DEMAND: usize = 76;

fn rows(lines: &[String], columns: usize) -> Vec<&str> {
    let whole = |line: &str| text::width(line) <= columns;
    lines.iter().flat_map(|line| if whole(line) { vec![line.as_str()] } else { text::wrapped(line, columns) }).collect()
}

fn with_notes(told: String, notes: &[String]) -> String {
    std::iter::once(told).chain(notes.iter().cloned()).collect::<Vec<_>>().join("; ")
}
