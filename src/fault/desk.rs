//! Where faults are asked for, whoever carries them out: an embedded server, our own links, what stands between others.

use std::fmt;
use std::time::Duration;

use super::Fault;
use super::standing::MOST;

/// A fault that was begun.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FaultId(pub u64);

/// Why a fault was not begun.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DeskError {
    UnknownFeed {
        feed: String,
        known: Vec<String>,
    },
    UnknownService {
        feed: String,
        service: String,
        known: Vec<String>,
    },
    /// Too many at once.
    Full,
    /// Whoever was asked has no way to do that.
    Cannot {
        fault: &'static str,
    },
}

impl fmt::Display for DeskError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::UnknownFeed { feed, known } => write!(f, "no feed {feed:?}; there are {}", known.join(", ")),
            Self::UnknownService { feed, service, known } => {
                write!(f, "{feed} has no service {service:?}; there are {}", known.join(", "))
            }
            Self::Cannot { fault } => write!(f, "{fault} cannot be done here"),
            Self::Full => write!(f, "more than {MOST} faults at once"),
        }
    }
}

impl std::error::Error for DeskError {}

/// Whatever carries out faults: the embedded server, and what stands between others.
pub trait Desk {
    /// Every feed by name.
    fn feeds(&self) -> Vec<String>;

    fn services(&self, feed: &str) -> Vec<String>;

    /// Whether there is a way to do that here.
    fn can(&self, _fault: &Fault) -> bool {
        true
    }

    /// Begins a fault, which ends by itself. What is done at once does not last.
    fn start(&self, feed: &str, fault: &Fault, lasts: Duration) -> Result<FaultId, DeskError>;
}
