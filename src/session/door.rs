//! The one door of a session: what it is told, and what it wants done. Words only, no behaviour.

use std::fmt;
use std::time::Duration;

use crate::event::{Command, Event, Gen, Phases, Why};
use crate::fault::Injection;
use crate::profile::Rate;
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
        extensions: Option<String>,
    },
    DialFailed {
        link: Gen,
        why: Why,
        phases: Phases,
    },
    /// A whole message.
    Frame(Gen, Opcode, &'a [u8]),
    /// Bytes of the WebSocket came in; `midway`: they end inside of a data message that is not whole yet, and that they
    /// made longer.
    Bytes {
        link: Gen,
        count: u64,
        midway: bool,
    },
    /// What was handed over under that number is written to the socket.
    Flushed(Gen, SendId),
    /// The link is at its end.
    Closed(Gen, Why),
    /// The answer to [`Output::Book`]: the dial may begin after so long.
    Booked {
        link: Gen,
        wait: Duration,
    },
    /// A program ended: its output, or why there is none, in words that hold nothing secret.
    RunDone {
        link: Gen,
        result: Result<String, String>,
    },
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

impl Input<'_> {
    /// The link or dial that it is about, where it is about one.
    pub fn link(&self) -> Option<Gen> {
        match self {
            Self::Dialed { link, .. }
            | Self::DialFailed { link, .. }
            | Self::Frame(link, ..)
            | Self::Bytes { link, .. }
            | Self::Flushed(link, _)
            | Self::Closed(link, _)
            | Self::Booked { link, .. }
            | Self::RunDone { link, .. } => Some(*link),
            Self::Start
            | Self::Dry
            | Self::Command(_)
            | Self::Slept(_)
            | Self::Wall(_)
            | Self::Backpressure(_)
            | Self::Tick => None,
        }
    }
}

/// Something to do.
#[derive(Clone, Debug, PartialEq)]
pub enum Output {
    /// Ask all feeds of the host for a place in the line of their dials; answered by [`Input::Booked`].
    Book(Gen, Rate),
    Dial(Call),
    Send(Gen, SendId, Payload),
    /// Say goodbye with this code, and let go of the link soon after.
    CloseWith(Gen, u16),
    /// Drop the socket or the dial at once.
    Abort(Gen),
    /// Answered by [`Input::RunDone`], unless the link is let go of before, or another is run for it.
    Run(Gen, Program),
    /// Do this to the links of the feed, or to its dials, on purpose.
    Inject(Injection),
    Tell(Event),
}

/// A dial, and the number that its link is called by.
#[derive(Clone, PartialEq, Eq)]
pub struct Call {
    pub link: Gen,
    pub to: To,
    /// Headers that are made anew for each dial.
    pub headers: Vec<(String, String)>,
    /// What a program said, so that it is kept out of what a server's words are shown of.
    pub hidden: Vec<String>,
}

/// Where a dial goes. Addresses may hold secrets.
#[derive(Clone, PartialEq, Eq)]
pub enum To {
    /// The feed's own place.
    Usual,
    /// Where the profile's URL is now.
    Named(String),
    /// Where a session is resumed, if that is a place of the server that was dialed last.
    Resumed(String),
}

/// A program to run, without a shell.
#[derive(Clone, PartialEq, Eq)]
pub struct Program {
    /// The program and its arguments, which may be secret.
    pub command: Vec<String>,
    /// The environment variables that it may see besides the harmless ones.
    pub env: Vec<String>,
    pub timeout: Duration,
}

impl fmt::Debug for Call {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Call").field("link", &self.link).field("to", &self.to).finish_non_exhaustive()
    }
}

impl fmt::Debug for To {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Usual => "Usual",
            Self::Named(_) => "Named",
            Self::Resumed(_) => "Resumed",
        })
    }
}

impl fmt::Debug for Program {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Program").field("program", &self.command.first()).finish_non_exhaustive()
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Payload {
    Text(String),
    Binary(Vec<u8>),
    Ping(Vec<u8>),
}

/// What to do, in order.
pub type Outputs = Vec<Output>;
