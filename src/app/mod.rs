//! What the screen knows. [`App`] hears events, sees snapshots and does what keys ask (`act`); `ui` reads it.
//!
//! Nothing here draws, waits or reads a clock. Counters and countdowns come from snapshots, which are never shed;
//! events add what snapshots do not hold: messages, beats, failed dials, outages, faults.

pub mod act;
pub mod columns;
pub mod control;
pub mod copy;
pub mod drift;
pub mod faults;
pub mod feed;
pub mod filter;
pub mod history;
pub mod inspect;
pub mod json;
mod keeping;
pub mod keymap;
pub mod latest;
pub mod line;
mod look;
pub mod looking;
pub mod meter;
pub mod order;
pub mod pane;
pub mod pointer;
pub mod prompt;
pub mod pulse;
pub mod relay;
pub mod ringing;
pub mod standing;
pub mod theme;
pub mod timeline;
pub mod tint;
pub mod uptime;
pub mod verdict;

use std::time::Duration;

pub use self::look::Look;

use self::columns::Columns;
use self::control::Hand;
use self::drift::Drift;
use self::faults::Menu;
use self::feed::Feed;
use self::history::{History, Stream};
use self::inspect::{Inspect, Shape};
use self::keymap::Mode;
use self::latest::Latest;
use self::order::Order;
use self::prompt::Prompt;
use self::standing::Next;
use self::timeline::Timeline;
use crate::event::alarm::Alarms;
use crate::event::cluster::Clusters;
use crate::event::{Command, Dir, Due, Event, Fault, FaultState, FeedId, FeedInfo, How, Kind, Snapshot, Stamped};
use crate::time::Ts;

/// Everything the screen shows is made from this and the time.
#[expect(clippy::struct_excessive_bools, reason = "each is a switch of the user's own")]
#[derive(Debug)]
pub struct App {
    /// The user asked to leave.
    pub quit: bool,
    pub look: Look,
    /// In the user's order.
    pub feeds: Vec<Feed>,
    pub history: History,
    /// Feeds that were lost together.
    pub clusters: Clusters,
    pub alarms: Alarms,
    pub focus: Focus,
    pub popup: Option<Popup>,
    pub filter: Prompt,
    /// The view stands still since then.
    pub frozen: Option<Ts>,
    pub zoom: bool,
    pub heartbeats: bool,
    pub utc: bool,
    /// Faults may be injected by key.
    pub faults_allowed: bool,
    pub menu: Menu,
    /// What could not be done: said once, until the next key.
    pub note: Option<String>,
    /// Someone new sits here: the first keys are told until one is pressed.
    pub greeting: bool,
    /// What was done: said once, until the next key.
    pub done: Option<String>,
    pub columns: Columns,
    /// Commands, messages of the user's own, services alone.
    pub hand: Hand,
    pub drift: Drift,
    /// The message that is looked into.
    pub inspect: Option<Inspect>,
    /// How messages are looked into.
    shape: Shape,
    /// The table of latest values, while it is open.
    pub latest: Option<Latest>,
    /// Whose keys the help explains.
    pub helped: Mode,
    /// The rows of the table.
    order: Vec<FeedId>,
    sorting: Order,
    selected: Option<FeedId>,
    faults: Vec<(Option<FeedId>, Fault)>,
    size: (u16, u16),
}

/// Which pane the arrows move in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Focus {
    #[default]
    Feeds,
    Services,
    Messages,
}

/// What lies over the panes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Popup {
    /// Scrolled by so many lines.
    Help(usize),
    Outages(Timeline),
    /// The message of [`App::inspect`].
    Inspect,
    /// The table of [`App::latest`].
    Latest,
    /// The list of columns.
    Columns,
    /// It holds the feed that was selected when it was asked.
    Question(FeedId, Ask),
    /// What may be done on purpose to this feed.
    Faults(FeedId),
    Palette,
    /// A message to this feed.
    Send(FeedId),
}

/// What is asked before it is done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ask {
    /// Replace an open link.
    Dial,
    /// Close an open link.
    Disconnect,
}

/// Something to do outside.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Effect {
    Send(FeedId, Command),
    /// Put a text into the terminal's clipboard.
    Copy(String),
    /// Take clicks and the wheel from the terminal, or leave them to it.
    Mouse(bool),
    /// Give the terminal back and stop, until the shell goes on with us.
    Suspend,
}

impl App {
    pub fn new(feeds: Vec<FeedInfo>, look: Look) -> Self {
        let mut app = Self {
            quit: false,
            history: History::new(look.budget),
            look,
            feeds: Vec::new(),
            clusters: Clusters::default(),
            alarms: Alarms::default(),
            focus: Focus::default(),
            popup: None,
            filter: Prompt::default(),
            frozen: None,
            zoom: false,
            heartbeats: false,
            utc: false,
            faults_allowed: false,
            menu: Menu::default(),
            note: None,
            greeting: false,
            done: None,
            columns: Columns::default(),
            hand: Hand::default(),
            drift: Drift::default(),
            inspect: None,
            shape: Shape::default(),
            latest: None,
            helped: Mode::Main,
            order: Vec::new(),
            sorting: Order::default(),
            selected: None,
            faults: Vec::new(),
            size: (80, 24),
        };
        for feed in feeds {
            app.add_feed(feed);
        }
        app
    }

    /// Feeds may come while running. One that is known already is not added again.
    pub fn add_feed(&mut self, info: FeedInfo) {
        if self.feed(info.id).is_none() {
            self.order.push(info.id);
            self.selected = self.selected.or(Some(info.id));
            self.clusters.watch(info.id, &info.url);
            self.feeds.push(Feed::new(info));
        }
    }

    /// Takes in what a feed told, in order.
    pub fn hear(&mut self, stamped: Stamped) {
        self.clusters.hear(&stamped);
        self.alarms.hear(&stamped);
        let Stamped { at, feed: id, event, .. } = stamped;
        let Some(feed) = self.feeds.iter_mut().find(|feed| feed.info.id == id) else { return };
        feed.hear(at, &event);
        self.hear_of_sent(id, &event);
        match event {
            Event::Rows(batch) => self.keep(id, &batch),
            Event::Sent { service, text, .. } => {
                let stream = service.map_or(Stream::Unrouted, Stream::Service);
                self.told(id, stream, at, (Kind::Other, Dir::Out), &text);
            }
            Event::BeatSent { how: How::App, text } => {
                self.told(id, Stream::Beats, at, (Kind::Heartbeat, Dir::Out), &text);
            }
            // Control frames have no text of their own.
            Event::BeatSent { how: How::Ping, .. } => self.told(id, Stream::Beats, at, (Kind::Ping, Dir::Out), ""),
            Event::BeatAnswered { how: How::Ping, .. } => self.told(id, Stream::Beats, at, (Kind::Pong, Dir::In), ""),
            Event::Fault(fault) => self.fault(Some(id), fault),
            Event::Dialing { .. }
            | Event::DialFailed { .. }
            | Event::Open { .. }
            | Event::Ready
            | Event::Service(_)
            | Event::BeatAnswered { how: How::App, .. }
            | Event::Gap(_)
            | Event::Repeated { .. }
            | Event::Reordered { .. }
            | Event::Closed { .. }
            | Event::Reconnecting { .. }
            | Event::Outage(_)
            | Event::Stopped { .. }
            | Event::Paused
            | Event::Slept { .. }
            | Event::Backpressure { .. }
            | Event::IntervalIgnored { .. }
            | Event::Shed { .. } => {}
        }
    }

    /// Takes in the latest snapshot of a feed. An older one than the last is no news.
    pub fn see(&mut self, id: FeedId, snapshot: &Snapshot) {
        if let Some(feed) = self.feeds.iter_mut().find(|feed| feed.info.id == id)
            && snapshot.at >= feed.state.at
        {
            feed.see(snapshot);
        }
    }

    /// Puts a fault that no feed told of into the banner, or takes it out.
    pub fn announce(&mut self, fault: Fault) {
        self.fault(None, fault);
    }

    /// A wish could not be passed on: it is not pending, and the user is told.
    pub fn refused(&mut self, text: impl Into<String>) {
        self.note = Some(text.into());
        self.done = None;
        self.feeds.iter_mut().for_each(Feed::forget_wishes);
        self.forget_hand();
    }

    pub fn resize(&mut self, width: u16, height: u16) {
        self.size = (width, height);
        let columns = self.inspect_columns();
        if let Some(inspect) = &mut self.inspect {
            inspect.resize(columns);
        }
    }

    pub fn mode(&self) -> Mode {
        match self.popup {
            Some(Popup::Question(..)) => Mode::Question,
            Some(Popup::Faults(_)) if self.menu.line.is_some() => Mode::FaultLine,
            Some(Popup::Faults(_)) => Mode::Faults,
            Some(Popup::Help(_)) => Mode::Help,
            Some(Popup::Outages(Timeline { whole: Some(_), .. })) => Mode::Outage,
            Some(Popup::Outages(_)) => Mode::Outages,
            Some(Popup::Inspect) => Mode::Inspect,
            Some(Popup::Latest) => Mode::Latest,
            Some(Popup::Columns) => Mode::Columns,
            Some(Popup::Palette) => Mode::Palette,
            Some(Popup::Send(_)) => Mode::Draft,
            None if self.filter.typing => Mode::Typing,
            None => Mode::Main,
        }
    }

    pub fn feed(&self, id: FeedId) -> Option<&Feed> {
        self.feeds.iter().find(|feed| feed.info.id == id)
    }

    pub fn selected(&self) -> Option<&Feed> {
        self.feed(self.selected?)
    }

    /// The feeds as the table shows them: rows move only when the user sorts.
    pub fn rows(&self) -> impl ExactSizeIterator<Item = &FeedId> {
        self.order.iter()
    }

    /// What can be looked at of a feed: its services by number, then messages of none, then heartbeats if they are shown.
    pub fn streams(&self, feed: &Feed) -> Vec<Stream> {
        let id = feed.info.id;
        let mut streams: Vec<_> = feed.state.services.iter().map(|service| Stream::Service(service.id)).collect();
        if self.history.pane(id, Stream::Unrouted).is_some() || streams.is_empty() {
            streams.push(Stream::Unrouted);
        }
        if self.heartbeats {
            streams.push(Stream::Beats);
        }
        streams
    }

    /// The selected one of them.
    pub fn chosen(&self, feed: &Feed) -> Stream {
        let streams = self.streams(feed);
        let chosen = feed.chosen.filter(|chosen| streams.contains(chosen));
        let wanted = || feed.state.services.iter().find(|service| service.wanted).map(|s| Stream::Service(s.id));
        chosen.or_else(wanted).or(streams.first().copied()).unwrap_or(Stream::Unrouted)
    }

    /// The fault to warn of: one that is on, else the next that was announced. `None` in it: it has no known end.
    pub fn banner(&self, now: Ts) -> Option<(&Fault, Option<Duration>)> {
        let live = self.faults.iter().map(|(_, fault)| fault).filter(|fault| !has_passed(fault, now));
        let first = live.min_by_key(|fault| (fault.state != FaultState::On, fault.until))?;
        Some((first, first.until.map(|until| until.since(now))))
    }

    /// Whether something on the screen counts down, so that it is worth more frames.
    pub fn ticking(&self, now: Ts) -> bool {
        let counting = |feed: &Feed| matches!(feed.next(now), Next::Counting { .. });
        self.banner(now).is_some_and(|(_, left)| left.is_some()) || self.feeds.iter().any(counting)
    }

    /// How soon the picture changes by itself: a countdown by its tenths, else ages and the clock.
    pub fn next_change(&self, now: Ts) -> Duration {
        let soon = |feed: &Feed| match feed.next(now) {
            Next::Counting { until, .. } => until.since(now) < Duration::from_secs(10),
            // The countdown to the verdict is about to show.
            Next::Rule { .. } | Next::Away { .. } | Next::Nothing => {
                matches!(feed.state.due, Some((Due::Answer, ..)))
            }
        };
        let open = self.feeds.iter().any(Feed::is_open);
        Duration::from_millis(match () {
            () if self.feeds.iter().any(soon) => 100,
            () if self.ticking(now) => 200,
            () if open => 250,
            () => 500,
        })
    }

    /// The latest word on a fault counts.
    fn fault(&mut self, feed: Option<FeedId>, fault: Fault) {
        self.faults.retain(|(of, known)| *of != feed || known.name != fault.name);
        match fault.state {
            FaultState::Soon | FaultState::On => self.faults.push((feed, fault)),
            FaultState::Off => {}
        }
    }
}

/// A fault whose end was never told is not warned of for ever.
fn has_passed(fault: &Fault, now: Ts) -> bool {
    fault.until.is_some_and(|until| now.since(until) > Duration::from_secs(3))
}
