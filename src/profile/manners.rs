//! When and how often: heartbeats, deadlines, waits, ends and bounds.

use std::time::Duration;

use super::hearing::Action;
use super::template::Template;

#[derive(Clone, Debug)]
pub struct Heartbeat {
    pub mode: BeatMode,
    /// Silence before a beat (idle), or the distance of two (interval).
    pub after: Interval,
    /// The first beat of a link comes after a random share of the distance.
    pub first_jitter: bool,
    /// How long an answer may take, from the hand-over to the socket. No answer is expected where it is `None`.
    pub timeout: Option<Interval>,
    pub send: Beat,
    /// What restarts the countdown to the next idle beat.
    pub restart_on: Life,
    /// What counts as an answer.
    pub alive_on: Life,
}

/// A length of time, or where it comes from.
#[derive(Clone, Debug, PartialEq)]
pub enum Interval {
    Fixed(Duration),
    /// The sum of captured numbers, in a unit, and a length of our own, clamped to 100 ms .. 1 h; until they are captured, the default.
    Captured {
        names: Vec<String>,
        unit: Duration,
        /// Added to them.
        more: Duration,
        otherwise: Duration,
    },
}

impl Interval {
    /// The shortest and the longest that a server may ask for.
    pub const CLAMP: (Duration, Duration) = (Duration::from_millis(100), Duration::from_hours(1));

    /// The length as far as it is known without a message.
    pub fn known(&self) -> Duration {
        match self {
            Self::Fixed(length) => *length,
            Self::Captured { otherwise, .. } => *otherwise,
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BeatMode {
    Idle,
    Interval,
    /// Sent again as soon as it was answered (a long poll).
    Reissue,
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

/// The wait before a dial. See `session::backoff` for the function.
#[derive(Clone, Debug, PartialEq)]
pub struct Reconnect {
    pub base: Duration,
    pub factor: f64,
    pub max: Duration,
    /// The share of the wait that is random, 0 to 1.
    pub jitter: f64,
    /// The waits one by one, in place of base and factor; the last one stays.
    pub steps: Vec<Duration>,
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
            steps: Vec::new(),
            reset_after: Duration::from_secs(10),
        }
    }
}

/// What ends mean.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Ends {
    /// The code that we close a link with that we gave up.
    pub dead_code: Option<u16>,
    pub codes: Vec<CloseRule>,
    /// Statuses of a refused upgrade.
    pub statuses: Vec<CloseRule>,
}

/// What to do after a close frame with one of these codes (or an answer with one of these statuses), both ends included.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CloseRule {
    pub codes: Vec<(u16, u16)>,
    pub action: Action,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of one message, after decompression.
    pub message: usize,
    /// Rows cut from one frame.
    pub rows: usize,
    /// Services known of one feed, discovered ones included.
    pub services: usize,
    /// What we send: so many frames in so long.
    pub send: Option<Rate>,
    /// Our WebSocket pings count among them.
    pub send_counts_ping: bool,
    /// Dials of all feeds of a host: so many in so long.
    pub connect: Option<Rate>,
    /// Services on one link.
    pub subscriptions: Option<usize>,
    /// Bytes of one frame that we send.
    pub send_bytes: Option<usize>,
    /// A link is replaced before it is this old.
    pub lifetime: Option<Duration>,
    /// So long before.
    pub lifetime_margin: Duration,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rate {
    pub count: u32,
    pub per: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            message: 16 << 20,
            rows: 10_000,
            services: 1_000,
            send: None,
            send_counts_ping: false,
            connect: None,
            subscriptions: None,
            send_bytes: None,
            lifetime: None,
            lifetime_margin: Duration::from_mins(5),
        }
    }
}
