//! The words that all rooms share: what a feed tells, what is asked of it, and why a link ended.
//!
//! Plain data, no behaviour beyond questions about itself. Texts in here are as the server or the system gave them:
//! whoever shows one to a person passes it through [`crate::text`] first.

pub mod alarm;
mod batch;
pub mod cluster;
pub mod course;
pub mod fault;
mod names;
mod snapshot;
mod why;

use std::sync::Arc;
use std::time::Duration;

use serde::{Deserialize, Serialize};

pub use self::batch::{Batch, Dir, Form, Kind, Row};
pub use self::names::NAMES;
pub use self::snapshot::{BeatRule, Counters, Due, FeedInfo, Lag, Phase, ServiceView, Snapshot};
pub use self::why::{By, DialPhase, Phases, Why};
use crate::time::Ts;

/// Which feed. Never reused in a run.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct FeedId(pub u32);

/// Which service of a feed. Never reused in a run; its name travels once, in [`Event::Service`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ServiceId(pub u16);

/// Which link (or dial) of a feed. News of a generation that was given up is ignored.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Gen(pub u32);

/// An event, and when and where it happened. `n` counts the events of a feed without a gap, so that a reader sees
/// how many were shed on the way to it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Stamped {
    pub n: u64,
    pub at: Ts,
    pub feed: FeedId,
    pub event: Event,
}

/// Something a feed tells.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Event {
    /// A dial begins; `attempt` counts from 1 and again from 1 once a link has proved itself.
    Dialing {
        attempt: u32,
    },
    DialFailed {
        attempt: u32,
        why: Why,
        phases: Phases,
    },
    /// The WebSocket is open. Pairs with [`Event::Closed`].
    Open {
        phases: Phases,
        address: Option<String>,
        subprotocol: Option<String>,
        /// As they would stand in the server's answer.
        extensions: Option<String>,
    },
    /// Logged in; from here on services are subscribed.
    Ready,
    /// A service came to be known, or its state changed.
    Service(ServiceNews),
    /// Messages. The only event that may be shed.
    Rows(Batch),
    /// We sent something other than a heartbeat. `text` has its secrets masked.
    Sent {
        purpose: Purpose,
        service: Option<ServiceId>,
        text: String,
        bytes: u64,
    },
    BeatSent {
        how: How,
        text: String,
    },
    /// `rtt` runs from the moment the beat was written to the socket.
    BeatAnswered {
        how: How,
        rtt: Duration,
    },
    Gap(Gap),
    /// A number that had been seen before.
    Repeated {
        service: ServiceId,
        seq: u64,
    },
    /// A number that came late, without any being lost.
    Reordered {
        service: ServiceId,
        seq: u64,
    },
    /// `up` since open, `silent` since the last byte.
    Closed {
        why: Why,
        up: Duration,
        silent: Duration,
    },
    /// We dial again after `delay`.
    Reconnecting {
        attempt: u32,
        delay: Duration,
        because: Why,
    },
    Outage(Box<Outage>),
    /// Our policy: no further attempt without the user.
    Stopped {
        why: Why,
    },
    /// The user's wish.
    Paused,
    /// The machine slept, or we were stopped, for so long.
    Slept {
        length: Duration,
    },
    /// The reader of our output is slow, so we do not read the socket for a while.
    Backpressure {
        on: bool,
    },
    /// The server said how long to wait for something, and that is no length: this one is taken instead.
    IntervalIgnored {
        /// What the profile calls it.
        name: String,
        value: String,
        instead: Duration,
    },
    /// A fault that is injected on purpose.
    Fault(Fault),
    /// So many rows found the reader's queue full. They are in every counter, and not on the screen.
    Shed {
        service: Option<ServiceId>,
        count: u64,
    },
}

/// What [`Event::Service`] tells.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ServiceNews {
    pub service: ServiceId,
    pub name: Arc<str>,
    pub state: ServiceState,
    /// Seen in messages, not configured.
    pub discovered: bool,
    /// How long it has been silent, and how long it usually is at the most, where that is the news.
    pub silent: Option<Duration>,
    pub usual: Option<Duration>,
    /// What the server said.
    pub text: Option<String>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ServiceState {
    /// To be subscribed as soon as there is a link.
    Wanted,
    /// Subscribed, no sign yet that the server agrees.
    Sent,
    /// The server agreed.
    Acked,
    /// Data came.
    Live,
    /// Silent for longer than it may be, while the link lives.
    Stale,
    /// The server said no.
    Refused,
    #[default]
    Off,
}

/// What we sent something for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Purpose {
    Login,
    Subscribe,
    Unsubscribe,
    Reply,
    User,
}

/// How a heartbeat travels.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum How {
    /// A message of the application.
    App,
    /// A WebSocket ping (RFC 6455, section 5.5.2).
    Ping,
}

/// Numbers of a service that did not come in their turn.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Gap {
    pub service: ServiceId,
    /// The first and the last missing number.
    pub from: u64,
    pub to: u64,
    pub missing: u64,
    pub state: GapState,
    /// It lies across a change of link: lost in an outage.
    pub across_reconnect: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum GapState {
    /// They may still come, late.
    Pending,
    Lost,
    Filled,
}

/// One time without a working link, from its cause to the return of the data.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Outage {
    /// Counts from 1 for each feed.
    pub id: u32,
    pub over: bool,
    pub why: Why,
    /// When the link ended (or the first dial failed).
    pub began: Ts,
    /// How long we took to notice: no time where the end was told, since the last byte where it is our own verdict. Nothing
    /// where there was no link to notice the end of.
    pub detect: Option<Duration>,
    /// How long before it began the last byte came, where there was a link.
    pub silent: Option<Duration>,
    /// From the end of the old link to the opening of the new one, so far.
    pub down: Duration,
    /// Dials so far.
    pub attempts: u32,
    /// What became of those that came to nothing, in order: the first few causes and the last one.
    pub tries: Vec<Try>,
    /// The next dial was set for so long after the beginning; nothing where none follows by itself.
    pub next: Option<Duration>,
    /// This machine slept so long during it, or right before.
    pub slept: Duration,
    /// Messages missed, where numbers tell.
    pub missed: Option<u64>,
    /// Each service that was wanted, and how long after the new link opened its data came back.
    pub services: Vec<(ServiceId, Option<Duration>)>,
}

/// Dials of an outage, one after another, that came to nothing in the same way; numbered as in [`Event::Dialing`].
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Try {
    pub from: u32,
    pub to: u32,
    pub why: Why,
    /// The link opened, and ended before it had brought anything.
    pub opened: bool,
}

/// A fault that is injected on purpose, in words for a banner.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Fault {
    pub name: String,
    pub text: String,
    pub state: FaultState,
    /// When it begins (of one announced) or ends (of one that is on), where that is known.
    pub until: Option<Ts>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FaultState {
    /// Announced, not begun.
    Soon,
    On,
    Off,
}

/// Something the user asks of a feed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Command {
    /// Switch a service on or off.
    Want { service: ServiceId, on: bool },
    /// Switch these services on, and all others off.
    Only { on: Vec<ServiceId> },
    /// Send this as a message. While the link is not ready it is not sent, and not kept.
    Send { text: String },
    /// So long between heartbeats; nothing: as the profile has it.
    Beat { after: Option<Duration> },
    /// Dial now: skip the wait, leave PAUSED and STOPPED, or replace an open link.
    Dial,
    /// Close the link and stay away.
    Pause,
    /// Do this to the feed on purpose, for so long. What is done at once does not last: it is shown for so long. `text`
    /// says so in words; where it is empty, the fault's name does.
    Inject { fault: Box<fault::Fault>, lasts: Duration, text: String },
    /// End every fault that is injected.
    Clear,
    /// The program ends.
    Quit,
}
