//! What a grader can find, as data. Words for it are in `words`.

use std::sync::Arc;
use std::time::Duration;

/// What is wrong with a client, or worth a word.
#[derive(Clone, Debug, PartialEq)]
pub enum Finding {
    /// No link was ever open, or none came back before the fault.
    NotLive {
        waited: Duration,
    },
    NothingSubscribed,
    /// It was asked for by the user, and the client did not subscribe it.
    NeverSubscribed {
        services: Vec<Arc<str>>,
    },
    NeverNoticed {
        within: Duration,
    },
    NoticedLate {
        after: Duration,
        budget: Duration,
    },
    /// Its heartbeats were not answered, and it went on.
    AnswerIgnored {
        beats: u32,
        for_so_long: Duration,
    },
    NoBeat {
        silent: Duration,
        after: Duration,
    },
    BeatEarly {
        idle: Duration,
        after: Duration,
    },
    /// The same on a link that had just been opened: whose timer is that?
    OldTimer {
        idle: Duration,
        after: Duration,
    },
    /// A heartbeat on a link that the client had left for another.
    BeatOnDead {
        beats: u32,
    },
    NeverDialed {
        within: Duration,
    },
    DialedLate {
        after: Duration,
        budget: Duration,
    },
    /// Before the time that the server asked for.
    DialedEarly {
        after: Duration,
        asked: Duration,
    },
    Storm {
        dials: u32,
        within: Duration,
        most: u32,
    },
    TwoLinks {
        overlap: Option<Duration>,
    },
    NeverBack,
    NotSubscribedAgain {
        services: Vec<Arc<str>>,
    },
    SubscribedAnew {
        services: Vec<Arc<str>>,
    },
    SubscribedTwice {
        services: Vec<Arc<str>>,
    },
    DataLate {
        after: Option<Duration>,
        budget: Duration,
    },
    /// It ended a link that was in order.
    LeftForNothing {
        after: Duration,
    },
    /// The same while garbage came.
    BrokenBy {
        kind: &'static str,
    },
    /// The program itself ended.
    Exited {
        code: Option<i32>,
    },
    /// The relay saw more than it could tell.
    Unsure,
}

impl Finding {
    /// Every word of [`Finding::kind`].
    pub const KINDS: [&str; 24] = [
        "not_live",
        "nothing_subscribed",
        "never_subscribed",
        "never_noticed",
        "noticed_late",
        "answer_ignored",
        "no_beat",
        "beat_early",
        "old_timer",
        "beat_on_dead_link",
        "never_dialed",
        "dialed_late",
        "dialed_early",
        "storm",
        "two_links",
        "never_back",
        "not_subscribed_again",
        "subscribed_anew",
        "subscribed_twice",
        "data_late",
        "left_for_nothing",
        "broken_by_garbage",
        "exited",
        "unsure",
    ];

    /// The one word for it that programs read.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::NotLive { .. } => "not_live",
            Self::NothingSubscribed => "nothing_subscribed",
            Self::NeverSubscribed { .. } => "never_subscribed",
            Self::NeverNoticed { .. } => "never_noticed",
            Self::NoticedLate { .. } => "noticed_late",
            Self::AnswerIgnored { .. } => "answer_ignored",
            Self::NoBeat { .. } => "no_beat",
            Self::BeatEarly { .. } => "beat_early",
            Self::OldTimer { .. } => "old_timer",
            Self::BeatOnDead { .. } => "beat_on_dead_link",
            Self::NeverDialed { .. } => "never_dialed",
            Self::DialedLate { .. } => "dialed_late",
            Self::DialedEarly { .. } => "dialed_early",
            Self::Storm { .. } => "storm",
            Self::TwoLinks { .. } => "two_links",
            Self::NeverBack => "never_back",
            Self::NotSubscribedAgain { .. } => "not_subscribed_again",
            Self::SubscribedAnew { .. } => "subscribed_anew",
            Self::SubscribedTwice { .. } => "subscribed_twice",
            Self::DataLate { .. } => "data_late",
            Self::LeftForNothing { .. } => "left_for_nothing",
            Self::BrokenBy { .. } => "broken_by_garbage",
            Self::Exited { .. } => "exited",
            Self::Unsure => "unsure",
        }
    }

    /// Worth a word, and no reason to fail: a browser cannot know what an HTTP answer said.
    pub fn is_note(&self, own: bool) -> bool {
        matches!(self, Self::DialedEarly { .. }) && !own
    }
}
