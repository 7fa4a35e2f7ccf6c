//! The one door of a session: what it is told, and what it wants done. Words only, no behaviour.

use std::time::Duration;

use crate::event::{Command, Event, Gen, Phases, Why};
use crate::time::WallAnchor;

/// Which of the things that were sent on a link.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SendId(pub u32);

/// The data frames of a WebSocket (RFC 6455, section 5.6), and its pings and pongs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Opcode {
    Text,
    Binary,
    Ping,
    Pong,
}

/// Something that happened.
#[derive(Clone, Debug, PartialEq)]
pub enum Input<'a> {
    /// Begin: the first dial.
    Start,
    Dialed {
        link: Gen,
        phases: Phases,
        address: Option<String>,
        subprotocol: Option<String>,
    },
    DialFailed {
        link: Gen,
        why: Why,
        phases: Phases,
    },
    /// A whole message.
    Frame(Gen, Opcode, &'a [u8]),
    /// Bytes of the WebSocket came in; `midway`: they end inside of a data message that is not whole yet.
    Bytes {
        link: Gen,
        count: u64,
        midway: bool,
    },
    /// What was handed over under that number is written to the socket.
    Flushed(Gen, SendId),
    /// The link is at its end.
    Closed(Gen, Why),
    /// The socket was read dry: what was gathered may go.
    Dry,
    Command(Command),
    /// The machine slept, or the driver was kept from running, for so long until now.
    Slept(Duration),
    /// The wall clock was set.
    Wall(WallAnchor),
    /// The reader of our output is slow, so the socket is not read (`true`), or is again.
    Backpressure(bool),
    /// The deadline has come.
    Tick,
}

/// Something to do.
#[derive(Clone, Debug, PartialEq)]
pub enum Output {
    /// Dial, and call the link by this number.
    Dial(Gen),
    Send(Gen, SendId, Payload),
    /// Say goodbye with this code, and let go of the link soon after.
    CloseWith(Gen, u16),
    /// Drop the socket or the dial at once.
    Abort(Gen),
    Tell(Event),
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Payload {
    Text(String),
    Ping(Vec<u8>),
}

/// What to do, in order.
pub type Outputs = Vec<Output>;
