//! The words that all rooms share: what a feed tells, what is asked of it, and why a link ended.
//!
//! Plain data, no behaviour beyond questions about itself. Texts in here are as the server or the system gave them:
//! whoever shows one to a person passes it through [`crate::text`] first.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use serde::{Deserialize, Serialize};

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
    /// From the last byte to our knowing; nothing where there was no link to notice the end of.
    pub detect: Option<Duration>,
    /// From the end of the old link to the opening of the new one, so far.
    pub down: Duration,
    /// Dials so far.
    pub attempts: u32,
    /// Messages missed, where numbers tell.
    pub missed: Option<u64>,
    /// Each service that was wanted, and how long after the new link opened its data came back.
    pub services: Vec<(ServiceId, Option<Duration>)>,
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

/// Messages in the order in which they came, cut from one arena of bytes.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Batch {
    #[serde(skip)]
    pub bytes: Bytes,
    pub rows: Vec<Row>,
}

impl Batch {
    /// The bytes of one row, as they came.
    pub fn body(&self, row: &Row) -> &[u8] {
        let start = row.start as usize;
        self.bytes.get(start..start + row.len as usize).unwrap_or_default()
    }
}

/// One message, as the profile cut it out of a frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Row {
    /// `None`: it belongs to no service.
    pub service: Option<ServiceId>,
    pub kind: Kind,
    pub dir: Dir,
    pub form: Form,
    /// Where it lies in the arena.
    pub start: u32,
    pub len: u32,
    /// Its number, where the profile says which.
    pub seq: Option<u64>,
    /// Microseconds from the server's time to ours, as measured: it is negative where the clocks differ so.
    pub lag: Option<i64>,
    /// When its bytes were read.
    pub at: Ts,
    /// The frame that it came in, counted from 1 on each link.
    pub frame: u64,
    /// Its place among the rows of that frame, counted from 0, and how many they are.
    pub part: u16,
    pub parts: u16,
}

/// What a message is, by the rules of the profile.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    Data,
    Snapshot,
    Ack,
    Nack,
    Ping,
    Pong,
    Heartbeat,
    Hello,
    Notice,
    End,
    Error,
    Goodbye,
    Fatal,
    /// No rule matched and no service is named.
    Other,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Dir {
    In,
    Out,
}

/// What the bytes of a row are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Form {
    /// Valid JSON (RFC 8259) in UTF-8.
    Json,
    /// UTF-8, and not JSON.
    Text,
    /// Not UTF-8.
    Binary,
}

/// How long each step to an open link took; `None` where there was no such step or it was not reached.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Phases {
    pub dns: Option<Duration>,
    pub tcp: Option<Duration>,
    pub proxy: Option<Duration>,
    pub tls: Option<Duration>,
    pub upgrade: Option<Duration>,
}

/// A step to an open link.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DialPhase {
    Dns,
    Tcp,
    Proxy,
    Tls,
    Upgrade,
}

/// Why a link ended, or did not come to be. Sentences are made of it by [`crate::say`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Why {
    /// A close frame (RFC 6455, section 5.5.1); no code: the frame was empty.
    Close {
        by: By,
        code: Option<u16>,
        reason: String,
    },
    /// TCP ended without a close frame.
    Eof,
    /// TCP was reset, or broke in another way; `text` is the system's.
    Reset {
        text: String,
    },
    /// Our verdict: our heartbeat was not answered within `limit`; the last byte came `silent` before.
    HalfOpen {
        limit: Duration,
        silent: Duration,
    },
    /// Our verdict: nothing that counts came for `limit`.
    Silent {
        limit: Duration,
    },
    /// Our verdict: what we sent could not be written within `limit`.
    WriteStalled {
        limit: Duration,
    },
    Dns {
        host: String,
        text: String,
    },
    Refused {
        address: String,
    },
    Unreachable {
        address: String,
        text: String,
    },
    /// A step of the dial took longer than `limit`.
    DialTimeout {
        phase: DialPhase,
        address: String,
        limit: Duration,
    },
    Proxy {
        text: String,
    },
    Tls {
        text: String,
    },
    /// The server answered the upgrade with another status than 101. `text` is the start of its body.
    Http {
        status: u16,
        text: String,
        retry_after: Option<Duration>,
    },
    /// The answer to the upgrade is not a WebSocket's.
    Handshake {
        text: String,
    },
    /// The server broke the WebSocket protocol.
    Protocol {
        text: String,
    },
    /// A message is larger than the limit.
    TooBig {
        limit: u64,
    },
    AckTimeout {
        service: String,
        limit: Duration,
    },
    /// The server refused the login.
    Login {
        text: String,
    },
    /// The user asked for it.
    Asked,
    /// A change of link that was planned.
    Planned,
    /// The machine slept.
    Slept {
        length: Duration,
    },
    /// The same end, `times` in a row, right after opening.
    Storm {
        times: u32,
        last: Box<Why>,
    },
    /// The profile says that this is final.
    Fatal {
        text: String,
    },
}

/// Whose doing it was.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum By {
    Us,
    Peer,
    Network,
}

impl Why {
    /// The one word for it that scripts read.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Close { .. } => "close",
            Self::Eof => "eof",
            Self::Reset { .. } => "reset",
            Self::HalfOpen { .. } => "half_open",
            Self::Silent { .. } => "silent",
            Self::WriteStalled { .. } => "write_stalled",
            Self::Dns { .. } => "dns",
            Self::Refused { .. } => "refused",
            Self::Unreachable { .. } => "unreachable",
            Self::DialTimeout { phase: DialPhase::Dns | DialPhase::Tcp, .. } => "connect_timeout",
            Self::DialTimeout { phase: DialPhase::Proxy, .. } | Self::Proxy { .. } => "proxy",
            Self::DialTimeout { phase: DialPhase::Tls, .. } | Self::Tls { .. } => "tls",
            Self::Http { .. } => "http",
            Self::DialTimeout { phase: DialPhase::Upgrade, .. } | Self::Handshake { .. } => "handshake",
            Self::Protocol { .. } => "protocol",
            Self::TooBig { .. } => "too_big",
            Self::AckTimeout { .. } => "ack_timeout",
            Self::Login { .. } => "login",
            Self::Asked => "asked",
            Self::Planned => "planned",
            Self::Slept { .. } => "slept",
            Self::Storm { .. } => "storm",
            Self::Fatal { .. } => "fatal",
        }
    }

    pub fn by(&self) -> By {
        match self {
            Self::Close { by, .. } => *by,
            Self::Http { .. }
            | Self::Handshake { .. }
            | Self::Protocol { .. }
            | Self::Login { .. }
            | Self::Refused { .. }
            | Self::Fatal { .. } => By::Peer,
            Self::Eof
            | Self::Reset { .. }
            | Self::Dns { .. }
            | Self::Unreachable { .. }
            | Self::DialTimeout { .. }
            | Self::Proxy { .. }
            | Self::Tls { .. } => By::Network,
            Self::HalfOpen { .. }
            | Self::Silent { .. }
            | Self::WriteStalled { .. }
            | Self::TooBig { .. }
            | Self::AckTimeout { .. }
            | Self::Asked
            | Self::Planned
            | Self::Slept { .. }
            | Self::Storm { .. } => By::Us,
        }
    }
}

/// Something the user asks of a feed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Command {
    /// Switch a service on or off.
    Want { service: ServiceId, on: bool },
    /// Dial now: skip the wait, leave PAUSED and STOPPED, or replace an open link.
    Dial,
    /// Close the link and stay away.
    Pause,
    /// The program ends.
    Quit,
}

/// What a feed waits for next; the screen counts down to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Due {
    /// The dial is given up.
    DialTimeout,
    /// We send a heartbeat.
    Beat,
    /// The unanswered link is declared dead.
    Answer,
    /// The silent link is declared dead.
    Receive,
    /// We dial again.
    Dial,
}

/// Where a feed stands in its life.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Phase {
    /// Not started.
    #[default]
    Idle,
    Dialing,
    /// Open, and not yet logged in.
    LoggingIn,
    Open,
    /// Open, and a heartbeat waits for its answer.
    Probing,
    /// Waiting for the next dial.
    Waiting,
    /// Our policy.
    Stopped,
    /// The user's wish.
    Paused,
}

/// What a feed is, before anything happened to it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FeedInfo {
    pub id: FeedId,
    pub name: String,
    /// Without its secrets.
    pub url: String,
    pub profile: String,
    /// The services configured, in the user's order; [`ServiceId`]s count from 0 in it.
    pub services: Vec<String>,
    pub beat: Option<BeatRule>,
    /// Whether messages carry numbers, so that gaps can be known.
    pub numbered: bool,
    /// Whether messages carry the server's time.
    pub timed: bool,
    /// Whether the server says yes to a subscription, so that one without an answer is not yet agreed to.
    pub acks: bool,
}

/// The rule of the first heartbeat, for the place where its countdown stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BeatRule {
    /// Restarted by what comes in, else at a fixed interval.
    pub idle: bool,
    pub after: Duration,
    pub timeout: Duration,
}

/// The latest state of a feed: cumulative, so that the latest value alone tells all.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Snapshot {
    pub at: Ts,
    pub phase: Phase,
    pub link: Gen,
    /// The number of the dial under way, or of the next.
    pub attempt: u32,
    /// The headline of the link: what is due, since when it counts, and when it comes.
    pub due: Option<(Due, Ts, Ts)>,
    /// When the phase changed last.
    pub since: Ts,
    pub opened: Option<Ts>,
    pub last_byte: Option<Ts>,
    /// The beat that waits for its answer.
    pub beat_sent: Option<Ts>,
    pub rtt: Option<Duration>,
    /// Why the link ended last, or why it is not there.
    pub why: Option<Why>,
    /// The latest outage, over or not.
    pub outage: Option<Outage>,
    pub counters: Counters,
    pub services: Vec<ServiceView>,
}

/// What is counted of a whole feed, made before anything can be shed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counters {
    /// Messages of every kind, and their bytes.
    pub messages: u64,
    pub bytes: u64,
    /// Messages that belong to no service, and among them those that are not JSON where the profile expects it.
    pub unrouted: u64,
    pub not_json: u64,
    pub beats_sent: u64,
    pub beats_answered: u64,
    pub dials: u64,
    pub opens: u64,
    pub outages: u64,
    /// Time without an open link after the first, ended outages only.
    pub downtime: Duration,
}

/// One service as it stands.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ServiceView {
    pub id: ServiceId,
    pub name: Arc<str>,
    pub wanted: bool,
    pub discovered: bool,
    pub state: ServiceState,
    pub messages: u64,
    pub bytes: u64,
    /// Its last data.
    pub last: Option<Ts>,
    /// The longest usual silence, once enough was seen.
    pub usual: Option<Duration>,
    /// Messages lost for good, where they are numbered.
    pub lost: Option<u64>,
    pub repeated: u64,
    pub reordered: u64,
    pub lag: Option<Lag>,
    /// What the server said when it refused.
    pub text: Option<String>,
}

/// The delays of a service in microseconds, as measured; negative where the clocks differ so.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Lag {
    pub n: u64,
    pub min: i64,
    pub p50: i64,
    pub p95: i64,
    pub p99: i64,
    pub max: i64,
}
