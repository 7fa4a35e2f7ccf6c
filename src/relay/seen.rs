//! What a relay saw of its clients and their server: observations with their times, for lines, a screen and a grader.
//! Nothing here judges.

use std::sync::Arc;
use std::time::Duration;

use crate::event::{FaultState, How, Why};
use crate::fault::Garbage;
use crate::time::Ts;

/// Which connection of a client. Counts from 1 and is never reused in a run.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ClientId(pub u32);

#[derive(Clone, Debug, PartialEq)]
pub struct Seen {
    pub at: Ts,
    pub what: What,
}

/// What was seen.
#[derive(Clone, Debug, PartialEq)]
pub enum What {
    /// TCP was accepted.
    Knocked {
        client: ClientId,
        from: String,
    },
    /// The dial came to nothing.
    Turned {
        client: ClientId,
        how: Turned,
    },
    /// The client has its WebSocket. `path` has no secrets.
    Open {
        client: ClientId,
        path: String,
        subprotocol: Option<String>,
    },
    Subscribed {
        client: ClientId,
        services: Vec<Arc<str>>,
        whole: bool,
    },
    Unsubscribed {
        client: ClientId,
        services: Vec<Arc<str>>,
    },
    /// The client sent a heartbeat; `idle`: since the last message that was passed to it.
    Beat {
        client: ClientId,
        how: How,
        idle: Duration,
    },
    /// The answer to a heartbeat was passed to the client.
    Answered {
        client: ClientId,
    },
    /// Messages that were passed to the client, since the last time it was told.
    Flow {
        client: ClientId,
        messages: u64,
        bytes: u64,
        services: Vec<Passed>,
    },
    /// The server said something, and a fault kept it from the client.
    Kept {
        client: ClientId,
        messages: u64,
    },
    /// A fault put this before the client.
    Garbage {
        client: ClientId,
        kind: Garbage,
    },
    /// The client has left: its close frame, or the end of its TCP, whether a fault let it through or not.
    Left {
        client: ClientId,
        how: Left,
    },
    /// The server ended the link.
    ServerLeft {
        client: ClientId,
        why: Why,
    },
    /// A message is longer than the relay keeps: it ends the link, and says so both ways. `sent`: by the client.
    TooLong {
        client: ClientId,
        sent: bool,
    },
    /// Nothing is left of the connection. `cut`: by a fault.
    Over {
        client: ClientId,
        cut: bool,
    },
    Fault {
        name: &'static str,
        text: Arc<str>,
        state: FaultState,
    },
    /// So many of these could not be told.
    Missed {
        count: u64,
    },
}

/// Data of one service that was passed on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Passed {
    pub service: Arc<str>,
    pub messages: u64,
    /// The first and the last number, and how many between them did not come.
    pub seqs: Option<(u64, u64)>,
}

/// Why a client got no WebSocket.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Turned {
    /// A fault answered with this status.
    Status { status: u16, retry_after: Option<Duration> },
    /// A fault let nobody in.
    Refused,
    /// The server's answer was passed on, or its silence.
    Server { status: Option<u16>, why: Why },
    /// The request was none for a WebSocket.
    Request(&'static str),
    /// The client left before it was answered.
    Gone,
    /// There are as many clients as there may be.
    Full,
}

/// How a client left.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Left {
    Close { code: Option<u16>, reason: String },
    Fin,
    Reset,
}

impl What {
    pub fn client(&self) -> Option<ClientId> {
        match self {
            Self::Knocked { client, .. }
            | Self::Turned { client, .. }
            | Self::Open { client, .. }
            | Self::Subscribed { client, .. }
            | Self::Unsubscribed { client, .. }
            | Self::Beat { client, .. }
            | Self::Answered { client }
            | Self::Flow { client, .. }
            | Self::Kept { client, .. }
            | Self::Garbage { client, .. }
            | Self::Left { client, .. }
            | Self::ServerLeft { client, .. }
            | Self::TooLong { client, .. }
            | Self::Over { client, .. } => Some(*client),
            Self::Fault { .. } | Self::Missed { .. } => None,
        }
    }
}
