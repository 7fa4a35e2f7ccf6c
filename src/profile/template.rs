//! Frames with holes: JSON text (or plain text) whose `${..}` are filled in from a service, a message, captures and more.

use super::pointer::Pointer;

/// Literal text and holes, in turn.
#[derive(Clone, Debug, PartialEq)]
pub struct Template {
    pub parts: Vec<Part>,
    /// Must be JSON once it is filled in.
    pub json: bool,
}

#[derive(Clone, Debug, PartialEq)]
pub enum Part {
    Text(String),
    Hole(Hole),
}

#[derive(Clone, Debug, PartialEq)]
pub struct Hole {
    pub source: Source,
    /// Taken as written when the source has nothing (`${x|default}`).
    pub default: Option<String>,
    /// It stands inside of a JSON string, so what comes in is escaped.
    pub quoted: bool,
}

#[derive(Clone, Debug, PartialEq)]
pub enum Source {
    /// `${/ptr}`: a value of the message at hand.
    Message(Pointer),
    /// `${@/ptr}`: a value of the item at hand.
    Item(Pointer),
    /// `${s.name}` or `${s.PARAM}` of the service at hand.
    Service(String),
    /// `${v.NAME}`: a captured value.
    Capture(String),
    /// `${id}`: the next request number.
    Id,
    /// `${sub.id}`: the number used in this service's subscription.
    SubId,
    NowMs,
    NowS,
    /// `${env.NAME}`: secret, masked wherever it is shown.
    Env(String),
}
