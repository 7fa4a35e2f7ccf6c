//! What is heard from a server: which service a message belongs to, what it is, its time and its number.

use std::collections::BTreeMap;
use std::time::Duration;

use super::matcher::Match;
use super::pointer::Pointer;
use super::speaking::Capture;
use super::template::Template;
use crate::event::Kind;

/// How a message names its service.
#[derive(Clone, Debug, Default)]
pub struct Route {
    /// The key in a message, built from its values; a message that lacks one of them has no service.
    pub message: Option<Template>,
    /// The key of a configured service; its name where there is none.
    pub service: Option<Template>,
    /// What the name of a service given by the user is made into, parameter by parameter.
    pub service_name: Option<Template>,
    pub via: Via,
    /// Values that stand for others in the key.
    pub map: Vec<(Pointer, BTreeMap<String, String>)>,
    /// `*` and `?` in a service's key stand for anything; where the format is MQTT, `+` and `#` do.
    pub glob: bool,
    /// A list of keys: the message belongs to each of these services.
    pub several: Option<Pointer>,
}

/// What the key of a message is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Via {
    #[default]
    Key,
    /// The request number of the subscription.
    Id,
    /// The server's id of the subscription, learned from its ack.
    Sid,
}

/// What a message that matches is.
#[derive(Clone, Debug)]
pub struct Rule {
    pub when: Match,
    pub kind: Kind,
    pub capture: Vec<Capture>,
    /// Sent in answer.
    pub send: Option<Template>,
    /// Where the server's words to a person stand.
    pub text: Option<Pointer>,
    pub action: Action,
    /// In place of the profile's.
    pub route: Option<Route>,
    pub time: Option<TimeRule>,
}

/// What becomes of the link, after a message or at an end.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Action {
    /// A message: nothing. An end: what is usual.
    #[default]
    None,
    /// End it and dial with the usual wait.
    Retry,
    /// End it and dial at once.
    RetryNow,
    /// End it and dial after the longest wait.
    Backoff,
    /// Open the next link first, then end this one.
    Rotate,
    /// Dial to resume the session.
    Resume,
    /// Forget the session and begin a new one.
    Restart,
    /// Log in again, on the same link.
    Login,
    /// Leave it to the user.
    Stop,
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

/// How messages are numbered.
#[derive(Clone, Debug)]
pub struct Sequence {
    /// Which messages; all data where there is none.
    pub when: Option<Match>,
    pub scope: SequenceScope,
    /// The number, or the last of a range.
    pub at: Pointer,
    pub rule: SequenceRule,
    /// A message that begins a new count.
    pub reset: Option<Match>,
    /// How long a missing number may still come, late.
    pub reorder: Duration,
    /// Whether the numbers go on across a change of link, so that a gap there is a real loss.
    pub across_reconnect: bool,
}

/// What is counted together.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum SequenceScope {
    #[default]
    Service,
    /// All messages of a link.
    Link,
    /// Those with the same key.
    Key(Template),
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SequenceRule {
    /// Each is the one before plus the step.
    Increment { step: u64 },
    /// Each message covers a range, from the number here to the one at `at`; the next begins right behind it.
    Range { first: Pointer },
    /// Each names the one before it here.
    Link { previous: Pointer },
    /// Each is larger than the one before; nothing is known of what lies between.
    Monotonic,
}
