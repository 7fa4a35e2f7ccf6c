//! What a feed is, and how it stands: cumulative, so that the latest value alone tells all.

use std::sync::Arc;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::course::Courses;
use super::{FeedId, Gen, Outage, ServiceId, ServiceState, Why};
use crate::time::Ts;

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
    /// What the user puts it together with.
    #[serde(default)]
    pub group: Option<String>,
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
    /// The time between heartbeats, where the user has changed it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub beat: Option<Duration>,
    /// The beat that waits for its answer.
    pub beat_sent: Option<Ts>,
    pub rtt: Option<Duration>,
    /// Why the link ended last, or why it is not there.
    pub why: Option<Why>,
    /// The latest outage, over or not.
    pub outage: Option<Outage>,
    pub counters: Counters,
    pub services: Vec<ServiceView>,
    /// The last minutes, for the eye alone.
    #[serde(skip)]
    pub courses: Courses,
}

/// What is counted of a whole feed, made before anything can be shed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counters {
    /// Messages of every kind, and their bytes.
    pub messages: u64,
    pub bytes: u64,
    /// Bytes that came over the wire, and what was in their frames: inflated, where they were compressed.
    pub wire: u64,
    pub payload: u64,
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
