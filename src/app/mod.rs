//! What the screen knows. [`App`] hears events, sees snapshots and does what keys ask (`act`); `ui` reads it.
//!
//! Nothing here draws, waits or reads a clock. Counters and countdowns come from snapshots, which are never shed;
//! events add what snapshots do not hold: messages, beats, failed dials, outages, faults.

pub mod act;
pub mod arrange;
mod changes;
pub mod columns;
pub mod coming;
pub mod control;
pub mod copy;
pub mod drift;
pub mod faults;
pub mod feed;
pub mod figures;
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
pub mod roster;
pub mod standing;
pub mod table;
pub mod theme;
pub mod timeline;
pub mod tint;
pub mod uptime;
pub mod verdict;

pub use self::look::Look;

use self::arrange::{Grip, Sight, Sizes};
use self::columns::Columns;
use self::coming::{Coming, Errand};
use self::control::Hand;
use self::drift::Drift;
use self::faults::Menu;
use self::feed::Feed;
use self::history::{History, Stream};
use self::inspect::{Inspect, Shape};
use self::keymap::{Keymap, Mode};
use self::latest::Latest;
use self::order::Order;
use self::prompt::Prompt;
use self::roster::Roster;
use self::table::{GroupId, Table};
use self::timeline::Timeline;
use crate::event::alarm::Alarms;
use crate::event::cluster::Clusters;
use crate::event::{Command, Dir, Event, Fault, FeedId, FeedInfo, How, Kind, Snapshot, Stamped};
use crate::time::Ts;

/// Everything the screen shows is made from this and the time.
#[expect(clippy::struct_excessive_bools, reason = "each is a switch of the user's own")]
#[derive(Debug)]
pub struct App {
    /// The user asked to leave.
    pub quit: bool,
    pub look: Look,
    /// In the user's order.
    pub feeds: Roster,
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
    /// What is shown of feeds that come and go.
    coming: Coming,
    /// The message that is looked into.
    pub inspect: Option<Inspect>,
    /// How messages are looked into.
    shape: Shape,
    /// The table of latest values, while it is open.
    pub latest: Option<Latest>,
    /// Whose keys the help explains.
    pub helped: Mode,
    keys: Keymap,
    pub sight: Sight,
    pub sizes: Sizes,
    /// The rule that is pulled at.
    pub grip: Option<Grip>,
    table: Table,
    sorting: Order,
    /// Never set while the head of a group is selected.
    selected: Option<FeedId>,
    head: Option<GroupId>,
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
    /// The figures of the selected feed, scrolled by so many lines.
    Figures(usize),
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
    /// Why nothing was reloaded, scrolled by so many rows.
    Report(usize),
    /// What profiles want of this machine, likewise.
    Consent(usize),
}

/// What is asked before it is done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ask {
    /// Replace an open link.
    Dial,
    /// Close an open link.
    Disconnect,
    /// Watch the feed no more.
    Remove,
}

/// Something to do outside.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Effect {
    Send(FeedId, Command),
    /// Put a text into the terminal's clipboard.
    Copy(String),
    /// Make the pane that has the focus larger by so much: how far that goes the view knows.
    Grow(i16),
    /// Take clicks and the wheel from the terminal, or leave them to it.
    Mouse(bool),
    /// Of whoever knows where feeds come from.
    Ask(Errand),
    /// End this feed, and forget it.
    Remove(FeedId),
    /// Give the terminal back and stop, until the shell goes on with us.
    Suspend,
}

impl App {
    pub fn new(feeds: Vec<FeedInfo>, look: Look) -> Self {
        let mut app = Self {
            quit: false,
            history: History::new(look.budget),
            look,
            feeds: Roster::default(),
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
            coming: Coming::default(),
            inspect: None,
            shape: Shape::default(),
            latest: None,
            helped: Mode::Main,
            keys: Keymap::default(),
            sight: Sight::default(),
            sizes: Sizes::default(),
            grip: None,
            table: Table::default(),
            sorting: Order::default(),
            selected: None,
            head: None,
            faults: Vec::new(),
            size: (80, 24),
        };
        for feed in feeds {
            app.add_feed(feed);
        }
        app
    }

    /// Takes in what a feed told, in order. What a feed tells that is gone is no news.
    pub fn hear(&mut self, stamped: Stamped) {
        let Some(feed) = self.feeds.of_mut(stamped.feed) else { return };
        self.clusters.hear(&stamped);
        self.alarms.hear(&stamped);
        let Stamped { at, feed: id, event, .. } = stamped;
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
        if let Some(feed) = self.feeds.of_mut(id)
            && snapshot.at >= feed.state.at
        {
            feed.see(snapshot);
        }
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
            Some(Popup::Help(_) | Popup::Report(_)) => Mode::Help,
            Some(Popup::Consent(_)) => Mode::Consent,
            Some(Popup::Outages(Timeline { whole: Some(_), .. })) => Mode::Outage,
            Some(Popup::Outages(_)) => Mode::Outages,
            Some(Popup::Figures(_)) => Mode::Figures,
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
        self.feeds.of(id)
    }

    pub fn selected(&self) -> Option<&Feed> {
        self.feed(self.selected?)
    }

    /// The feeds as the table orders them, those of folded groups too.
    pub fn rows(&self) -> impl Iterator<Item = &FeedId> {
        self.table.feeds()
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
}
