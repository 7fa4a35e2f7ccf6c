//! What the contract calls events and kinds of messages. One word each, and nothing else.

use super::{Event, Kind};

/// The names of all events, as `--events` takes them.
pub const NAMES: &[&str] = &[
    "start",
    "dialing",
    "dial_failed",
    "open",
    "ready",
    "service",
    "message",
    "sent",
    "heartbeat_sent",
    "heartbeat_answered",
    "gap",
    "repeated",
    "reordered",
    "closed",
    "reconnecting",
    "outage",
    "trouble",
    "alarm",
    "stopped",
    "paused",
    "slept",
    "backpressure",
    "interval_ignored",
    "fault",
    "shed",
    "summary",
];

impl Event {
    /// The name of an event in the contract.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Dialing { .. } => "dialing",
            Self::DialFailed { .. } => "dial_failed",
            Self::Open { .. } => "open",
            Self::Ready => "ready",
            Self::Service(_) => "service",
            Self::Rows(_) => "message",
            Self::Sent { .. } => "sent",
            Self::BeatSent { .. } => "heartbeat_sent",
            Self::BeatAnswered { .. } => "heartbeat_answered",
            Self::Gap(_) => "gap",
            Self::Repeated { .. } => "repeated",
            Self::Reordered { .. } => "reordered",
            Self::Closed { .. } => "closed",
            Self::Reconnecting { .. } => "reconnecting",
            Self::Outage(_) => "outage",
            Self::Stopped { .. } => "stopped",
            Self::Paused => "paused",
            Self::Slept { .. } => "slept",
            Self::Backpressure { .. } => "backpressure",
            Self::IntervalIgnored { .. } => "interval_ignored",
            Self::Fault(_) => "fault",
            Self::Shed { .. } => "shed",
        }
    }
}

impl Kind {
    /// Its one word.
    pub fn word(self) -> &'static str {
        match self {
            Self::Data => "data",
            Self::Snapshot => "snapshot",
            Self::Ack => "ack",
            Self::Nack => "nack",
            Self::Ping => "ping",
            Self::Pong => "pong",
            Self::Heartbeat => "heartbeat",
            Self::Hello => "hello",
            Self::Notice => "notice",
            Self::End => "end",
            Self::Error => "error",
            Self::Goodbye => "goodbye",
            Self::Fatal => "fatal",
            Self::Other => "other",
        }
    }
}
