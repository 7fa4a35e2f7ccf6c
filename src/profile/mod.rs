//! What a server expects of its clients, as data: how to subscribe, beat, route, number, time, close.
//!
//! Pure: text in, a checked [`Profile`] out. Nothing here knows a socket, a clock or a file. `tree` reads TOML with the place
//! of every value, `layers` lays a profile over the one it extends and `sets` over both, `reader` takes values out by name,
//! `build` turns them into the types below and reports all errors at once (`diagnostic`). `template`, `pointer`, `matcher`
//! and `codec` are the four mechanisms that the session runs messages through.

pub mod build;
pub mod bundled;
pub mod codec;
pub mod diagnostic;
pub mod duration;
pub mod layers;
pub mod matcher;
pub mod pointer;
pub mod reader;
pub mod sets;
pub mod template;
pub mod tree;
mod veil;

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use self::codec::Codec;
use self::matcher::Match;
use self::pointer::Pointer;
use self::template::{Source, Template};
use crate::event::Kind;

/// The manners of one kind of server.
#[derive(Clone, Debug)]
pub struct Profile {
    pub name: String,
    pub title: String,
    pub doc: Vec<String>,
    pub endpoint: Endpoint,
    pub codec: Codec,
    pub subscribe: Option<Ask>,
    pub unsubscribe: Option<Ask>,
    pub route: Route,
    /// First match wins.
    pub rules: Vec<Rule>,
    pub heartbeats: Vec<Heartbeat>,
    /// The link is dead when nothing that counts came for so long, whatever we sent.
    pub receive_timeout: Option<Duration>,
    pub stale: Stale,
    /// Where a message carries the server's time, first that is there.
    pub time: Option<TimeRule>,
    pub sequences: Vec<Sequence>,
    pub reconnect: Reconnect,
    pub close: Vec<CloseRule>,
    pub limits: Limits,
    /// In the order of the file.
    pub services: Vec<ServiceSpec>,
    /// The environment variables that its templates may read.
    pub env: Vec<String>,
    /// Frames and the rows they must give.
    pub tests: Vec<Golden>,
}

impl Profile {
    /// Every template in it.
    pub fn templates(&self) -> impl Iterator<Item = &Template> {
        let asks = self.subscribe.iter().chain(&self.unsubscribe).map(|ask| &ask.frame);
        let beats = self.heartbeats.iter().filter_map(|beat| match &beat.send {
            Beat::Frame(template) => Some(template),
            Beat::Ping => None,
        });
        let headers = self.endpoint.headers.iter().map(|(_, value)| value);
        let routes = self.route.message.iter().chain(&self.route.service);
        let answers = self.rules.iter().filter_map(|rule| rule.send.as_ref());
        self.endpoint.url.iter().chain(headers).chain(asks).chain(beats).chain(routes).chain(answers)
    }

    /// The parameters that a service of this profile may have: those its templates use, and those its own services have.
    pub fn params(&self) -> BTreeSet<&str> {
        let asks = [&self.subscribe, &self.unsubscribe].into_iter().flatten().map(|ask| &ask.frame);
        let used = asks.chain(&self.route.service).flat_map(Template::holes).filter_map(|hole| match &hole.source {
            Source::Service(name) if name != "name" => Some(&**name),
            Source::Message(_)
            | Source::Item(_)
            | Source::Service(_)
            | Source::Capture(_)
            | Source::Id
            | Source::SubId
            | Source::NowMs
            | Source::NowS
            | Source::Env(_)
            | Source::File(_) => None,
        });
        used.chain(self.services.iter().flat_map(|service| service.params.keys().map(String::as_str))).collect()
    }
}

#[derive(Clone, Debug, Default)]
pub struct Endpoint {
    pub url: Option<Template>,
    pub headers: Vec<(String, Template)>,
    pub subprotocols: Vec<String>,
}

/// A frame sent for one service.
#[derive(Clone, Debug)]
pub struct Ask {
    pub frame: Template,
    /// When a service counts as agreed.
    pub live_on: LiveOn,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum LiveOn {
    /// There is no ack: sent is as good as agreed.
    #[default]
    Sent,
    /// A message of kind `ack` for that service.
    Ack,
    /// Its first data.
    Data,
}

/// How a message names its service.
#[derive(Clone, Debug, Default)]
pub struct Route {
    /// The key in a message, built from its values; a message that lacks one of them has no service.
    pub message: Option<Template>,
    /// The key of a configured service; its name where there is none.
    pub service: Option<Template>,
}

/// What a message that matches is.
#[derive(Clone, Debug)]
pub struct Rule {
    pub when: Match,
    pub kind: Kind,
    /// Values kept under a name for later templates (`${v.NAME}`).
    pub capture: Vec<(String, Pointer)>,
    /// Sent in answer.
    pub send: Option<Template>,
    /// Where the server's words to a person stand.
    pub text: Option<Pointer>,
}

#[derive(Clone, Debug)]
pub struct Heartbeat {
    pub mode: BeatMode,
    /// Silence before a beat (idle), or the distance of two (interval).
    pub after: Duration,
    /// How long an answer may take, from the hand-over to the socket. No answer is expected where it is `None`.
    pub timeout: Option<Duration>,
    pub send: Beat,
    /// What restarts the countdown to the next idle beat.
    pub restart_on: Life,
    /// What counts as an answer.
    pub alive_on: Life,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BeatMode {
    Idle,
    Interval,
}

#[derive(Clone, Debug)]
pub enum Beat {
    Frame(Template),
    /// A WebSocket ping.
    Ping,
}

/// What counts as a sign of life, from the weakest to the strongest.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Life {
    /// Any byte.
    Any,
    /// A whole message; pings and pongs of the WebSocket are none.
    Message,
    /// The answer itself: a message of kind `pong`, or the pong to our ping.
    Answer,
}

/// When a service counts as stale while its link lives.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Stale {
    Off,
    /// Its own rhythm tells, once it is known.
    #[default]
    Learned,
    After(Duration),
}

#[derive(Clone, Debug)]
pub struct TimeRule {
    pub at: Vec<Pointer>,
    pub unit: TimeUnit,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum TimeUnit {
    S,
    Ms,
    Us,
    Ns,
    Rfc3339,
    /// By the size of the number, or RFC 3339 in a text.
    #[default]
    Auto,
}

/// How the messages of a service are numbered.
#[derive(Clone, Debug)]
pub struct Sequence {
    /// Which messages; all data where there is none.
    pub when: Option<Match>,
    pub at: Pointer,
    pub rule: SequenceRule,
    /// How long a missing number may still come, late.
    pub reorder: Duration,
    /// Whether the numbers go on across a change of link, so that a gap there is a real loss.
    pub across_reconnect: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SequenceRule {
    /// Each is the one before plus the step.
    Increment { step: u64 },
    /// Each is larger than the one before; nothing is known of what lies between.
    Monotonic,
}

/// The wait before a dial. See [`crate::session`] for the function.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Reconnect {
    pub base: Duration,
    pub factor: f64,
    pub max: Duration,
    /// The share of the wait that is random, 0 to 1.
    pub jitter: f64,
    /// A link that lived so long, and proved itself, starts the count of attempts anew.
    pub reset_after: Duration,
}

impl Default for Reconnect {
    fn default() -> Self {
        Self {
            base: Duration::from_secs(1),
            factor: 2.0,
            max: Duration::from_secs(30),
            jitter: 1.0,
            reset_after: Duration::from_secs(10),
        }
    }
}

/// What to do after a close frame with one of these codes (both ends included).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CloseRule {
    pub codes: Vec<(u16, u16)>,
    pub action: CloseAction,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CloseAction {
    Retry,
    Stop,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of one message.
    pub message: usize,
    /// Rows cut from one frame.
    pub rows: usize,
    /// Services known of one feed, discovered ones included.
    pub services: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { message: 16 << 20, rows: 10_000, services: 1_000 }
    }
}

/// A service that the profile (or the user) names.
#[derive(Clone, Debug, Default)]
pub struct ServiceSpec {
    pub name: String,
    /// What templates take for its name, where that holds a secret and so is not what is shown.
    pub said: Option<String>,
    /// JSON scalars by name.
    pub params: BTreeMap<String, serde_json::Value>,
    pub enabled: bool,
    pub stale: Option<Stale>,
}

/// A frame, and what must become of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Golden {
    /// Where it stands in its file, counted from 1.
    pub line: usize,
    pub frame: String,
    pub rows: Vec<GoldenRow>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GoldenRow {
    pub kind: Kind,
    /// The name of its service (of one that was discovered, its key); nothing: it belongs to none.
    pub service: Option<String>,
    pub seq: Option<u64>,
}
