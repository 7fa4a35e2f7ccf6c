//! What can go wrong with a feed on purpose: each fault with what belongs to it. Words only: how they are written down,
//! asked for and kept is in [`crate::fault`].

use std::time::Duration;

use serde::{Deserialize, Serialize};

/// Something that goes wrong with one feed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Fault {
    /// Every open link ends at once.
    Cut(Cut),
    /// Nothing is read or written, on open links and new ones alike; no socket is closed.
    Freeze,
    /// The same for the links that are open as it begins. A new one works: the usual half-open link.
    Blackhole,
    /// A new link is accepted by TCP and never answered; open ones work.
    Hang,
    /// The upgrade is answered with an HTTP error, or TCP is refused where there is no status. `cut` first ends the links
    /// that are open.
    Refuse {
        status: Option<u16>,
        retry_after: Option<Duration>,
        /// So many dials, then no more; `None`: all while it lasts.
        times: Option<u32>,
        cut: Option<Cut>,
    },
    /// WebSocket pings are not answered; all else goes on.
    DropPongs,
    /// Heartbeats of the application are not answered; WebSocket pings still are. `quiet`: no data comes either.
    DropAnswers { quiet: bool },
    /// Everything arrives later by `delay` and up to `jitter` more, in its order.
    Latency { delay: Duration, jitter: Duration },
    /// So many bytes a second pass, each way.
    Bandwidth { bytes: u64 },
    /// What arrives does so byte by byte.
    Bytewise,
    /// Every n-th message is dropped, comes twice, or after the one that follows it. Without a service: of all.
    Nth { edit: Edit, nth: u32, service: Option<String> },
    /// Subscriptions are answered with a no, where the protocol has one, and else not at all. Without a service: all.
    RefuseSubscriptions { service: Option<String> },
    /// One service says nothing; what it would have said is lost.
    Mute { service: String },
    /// So many numbers are skipped.
    Gap { service: String, count: u32 },
    /// Each of the next `count` messages comes twice.
    Repeat { service: String, count: u32 },
    /// Each of the next `count` messages comes after the one that follows it.
    Reorder { service: String, count: u32 },
    /// Messages that no client should be surprised by, one `every` so often. `service`: whose they pretend to be.
    Garbage { kinds: Vec<Garbage>, every: Duration, service: Option<String> },
}

/// A way in which a link ends.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Cut {
    /// With a close frame.
    Close { code: u16, reason: String },
    /// TCP is reset.
    Reset,
    /// TCP ends in order, without a close frame.
    Fin,
    /// The server's direction of TCP ends in order; it goes on to take what is sent.
    HalfClose,
    /// TCP ends in the middle of a frame, with TLS in the middle of a record and without its goodbye.
    Truncate,
}

/// What is done to a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Edit {
    Drop,
    Repeat,
    Reorder,
}

/// A message that is not what the protocol says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Garbage {
    NotJson,
    /// JSON that ends in its middle.
    Truncated,
    NoService,
    UnknownService,
    /// Terminal escape sequences, inside of JSON strings.
    Escapes,
    /// The same, raw and not JSON.
    RawEscapes,
    /// Characters that turn the direction of a text, or that have no width.
    Bidi,
    /// One line of 200,000 bytes.
    LongLine,
    /// Ten thousand brackets deep.
    Deep,
    Binary,
}

impl Fault {
    /// Its name in a script.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Cut(Cut::Close { .. }) => "close",
            Self::Cut(Cut::Reset) => "reset",
            Self::Cut(Cut::Fin) => "fin",
            Self::Cut(Cut::HalfClose) => "half_close",
            Self::Cut(Cut::Truncate) => "truncate",
            Self::Freeze => "freeze",
            Self::Blackhole => "blackhole",
            Self::Hang => "hang",
            Self::Refuse { .. } => "refuse",
            Self::DropAnswers { .. } => "drop_answers",
            Self::DropPongs => "drop_pongs",
            Self::Bandwidth { .. } => "bandwidth",
            Self::Bytewise => "bytewise",
            Self::Nth { edit: Edit::Drop, .. } => "drop_nth",
            Self::Nth { edit: Edit::Repeat, .. } => "repeat_nth",
            Self::Nth { edit: Edit::Reorder, .. } => "reorder_nth",
            Self::RefuseSubscriptions { .. } => "refuse_subscriptions",
            Self::Latency { .. } => "latency",
            Self::Mute { .. } => "mute",
            Self::Gap { .. } => "gap",
            Self::Repeat { .. } => "repeat",
            Self::Reorder { .. } => "reorder",
            Self::Garbage { .. } => "garbage",
        }
    }

    /// It is done at once, so that it has no length of its own.
    pub fn is_at_once(&self) -> bool {
        matches!(self, Self::Cut(_)) || self.of_next().is_some()
    }

    /// What it does to the next messages of which service, and to how many.
    pub fn of_next(&self) -> Option<(Edit, &str, u32)> {
        match self {
            Self::Gap { service, count } => Some((Edit::Drop, service, *count)),
            Self::Repeat { service, count } => Some((Edit::Repeat, service, *count)),
            Self::Reorder { service, count } => Some((Edit::Reorder, service, *count)),
            Self::Cut(_)
            | Self::Freeze
            | Self::Blackhole
            | Self::Hang
            | Self::Refuse { .. }
            | Self::DropPongs
            | Self::DropAnswers { .. }
            | Self::Latency { .. }
            | Self::Bandwidth { .. }
            | Self::Bytewise
            | Self::Nth { .. }
            | Self::RefuseSubscriptions { .. }
            | Self::Mute { .. }
            | Self::Garbage { .. } => None,
        }
    }

    /// Whether a subscription gets a no: to this service, or to one that is not named.
    pub fn refuses(&self, service: Option<&str>) -> bool {
        let Self::RefuseSubscriptions { service: refused } = self else { return false };
        refused.is_none() || refused.as_deref() == service
    }

    /// The service that it is about.
    pub fn service(&self) -> Option<&str> {
        match self {
            Self::Mute { service }
            | Self::Gap { service, .. }
            | Self::Repeat { service, .. }
            | Self::Reorder { service, .. } => Some(service),
            Self::Garbage { service, .. } | Self::Nth { service, .. } | Self::RefuseSubscriptions { service } => {
                service.as_deref()
            }
            Self::Cut(_)
            | Self::Freeze
            | Self::Blackhole
            | Self::Hang
            | Self::Refuse { .. }
            | Self::DropAnswers { .. }
            | Self::DropPongs
            | Self::Bandwidth { .. }
            | Self::Bytewise
            | Self::Latency { .. } => None,
        }
    }
}

impl Garbage {
    pub const ALL: [Self; 10] = [
        Self::NotJson,
        Self::Truncated,
        Self::NoService,
        Self::UnknownService,
        Self::Escapes,
        Self::RawEscapes,
        Self::Bidi,
        Self::LongLine,
        Self::Deep,
        Self::Binary,
    ];

    /// Its name in a script.
    pub fn name(self) -> &'static str {
        match self {
            Self::NotJson => "not_json",
            Self::Truncated => "truncated",
            Self::NoService => "no_service",
            Self::UnknownService => "unknown_service",
            Self::Escapes => "escapes",
            Self::RawEscapes => "raw_escapes",
            Self::Bidi => "bidi",
            Self::LongLine => "long_line",
            Self::Deep => "deep",
            Self::Binary => "binary",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_gap_drops_the_next_and_has_no_length() {
        let (service, count) = ("a".to_owned(), 3);
        let gap = Fault::Gap { service: service.clone(), count };
        let repeat = Fault::Repeat { service: service.clone(), count };
        let reorder = Fault::Reorder { service, count };
        assert_eq!(gap.of_next(), Some((Edit::Drop, "a", 3)));
        assert_eq!(repeat.of_next(), Some((Edit::Repeat, "a", 3)));
        assert_eq!(reorder.of_next(), Some((Edit::Reorder, "a", 3)));
        let nth = Fault::Nth { edit: Edit::Drop, nth: 2, service: None };
        assert_eq!((nth.of_next(), nth.is_at_once()), (None, false));
        assert!(gap.is_at_once() && Fault::Cut(Cut::Fin).is_at_once() && Fault::Cut(Cut::Fin).of_next().is_none());
    }

    #[test]
    fn who_refuses_one_service_refuses_no_other() {
        let (all, one) = (None, Some("a".to_owned()));
        let [all, one] = [all, one].map(|service| Fault::RefuseSubscriptions { service });
        assert!(all.refuses(None) && all.refuses(Some("a")) && one.refuses(Some("a")));
        assert!(!one.refuses(Some("b")) && !one.refuses(None) && !Fault::Hang.refuses(None));
    }
}
