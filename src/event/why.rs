//! Why a link ended, or did not come to be: structured, so that sentences, lines and policy each read what they need.

use std::time::Duration;

use serde::{Deserialize, Serialize};

/// How long each step to an open link took; `None` where there was no such step or it was not reached.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Phases {
    pub dns: Option<Duration>,
    pub tcp: Option<Duration>,
    pub proxy: Option<Duration>,
    pub tls: Option<Duration>,
    pub upgrade: Option<Duration>,
}

/// A step to an open link.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DialPhase {
    Dns,
    Tcp,
    Proxy,
    Tls,
    Upgrade,
}

/// Why a link ended, or did not come to be. Sentences are made of it by [`crate::say`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Why {
    /// A close frame (RFC 6455, section 5.5.1); no code: the frame was empty.
    Close {
        by: By,
        code: Option<u16>,
        reason: String,
    },
    /// TCP ended without a close frame.
    Eof,
    /// TCP was reset, or broke in another way; `text` is the system's.
    Reset {
        text: String,
    },
    /// Our verdict: our heartbeat was not answered within `limit`; the last byte came `silent` before.
    HalfOpen {
        limit: Duration,
        silent: Duration,
    },
    /// Our verdict: nothing that counts came for `limit`.
    Silent {
        limit: Duration,
    },
    /// Our verdict: what we sent could not be written within `limit`.
    WriteStalled {
        limit: Duration,
    },
    Dns {
        host: String,
        text: String,
    },
    /// The program that is run before a dial did not say what the dial needs.
    Program {
        text: String,
    },
    Refused {
        address: String,
    },
    Unreachable {
        address: String,
        text: String,
    },
    /// A step of the dial took longer than `limit`.
    DialTimeout {
        phase: DialPhase,
        address: String,
        limit: Duration,
    },
    Proxy {
        text: String,
    },
    Tls {
        text: String,
    },
    /// The server answered the upgrade with another status than 101. `text` is the start of its body.
    Http {
        status: u16,
        text: String,
        retry_after: Option<Duration>,
    },
    /// The answer to the upgrade is not a WebSocket's.
    Handshake {
        text: String,
    },
    /// The server broke the WebSocket protocol.
    Protocol {
        text: String,
    },
    /// A message is larger than the limit.
    TooBig {
        limit: u64,
    },
    AckTimeout {
        service: String,
        limit: Duration,
    },
    /// The server refused the login.
    Login {
        text: String,
    },
    /// A message of the server that, by the profile, ends the link; `text` is its own.
    Dismissed {
        text: String,
    },
    /// The profile's limit of dials for all feeds of a host.
    ConnectLimit {
        count: u32,
        per: Duration,
    },
    /// The user asked for it.
    Asked,
    /// A change of link that was planned.
    Planned,
    /// The machine slept.
    Slept {
        length: Duration,
    },
    /// The same end, `times` in a row, soon after opening. `rival`: each link had worked before it was ended.
    Storm {
        times: u32,
        last: Box<Why>,
        rival: bool,
    },
    /// The profile says that this is final.
    Fatal {
        text: String,
    },
}

/// Whose doing it was.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum By {
    Us,
    Peer,
    Network,
}

impl Why {
    /// The one word for it that scripts read.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Close { .. } => "close",
            Self::Eof => "eof",
            Self::Reset { .. } => "reset",
            Self::HalfOpen { .. } => "half_open",
            Self::Silent { .. } => "silent",
            Self::WriteStalled { .. } => "write_stalled",
            Self::Dns { .. } => "dns",
            Self::Program { .. } => "program",
            Self::Refused { .. } => "refused",
            Self::Unreachable { .. } => "unreachable",
            Self::DialTimeout { phase: DialPhase::Dns | DialPhase::Tcp, .. } => "connect_timeout",
            Self::DialTimeout { phase: DialPhase::Proxy, .. } | Self::Proxy { .. } => "proxy",
            Self::DialTimeout { phase: DialPhase::Tls, .. } | Self::Tls { .. } => "tls",
            Self::Http { .. } => "http",
            Self::DialTimeout { phase: DialPhase::Upgrade, .. } | Self::Handshake { .. } => "handshake",
            Self::Protocol { .. } => "protocol",
            Self::TooBig { .. } => "too_big",
            Self::AckTimeout { .. } => "ack_timeout",
            Self::Login { .. } => "login",
            Self::Dismissed { .. } => "dismissed",
            Self::ConnectLimit { .. } => "connect_limit",
            Self::Asked => "asked",
            Self::Planned => "planned",
            Self::Slept { .. } => "slept",
            Self::Storm { .. } => "storm",
            Self::Fatal { .. } => "fatal",
        }
    }

    /// Whether it is as good as the same: the same kind, code and status, whatever the words are.
    pub fn is_like(&self, other: &Self) -> bool {
        let number = |why: &Self| match why {
            Self::Close { code, .. } => *code,
            Self::Http { status, .. } => Some(*status),
            Self::Eof
            | Self::Reset { .. }
            | Self::HalfOpen { .. }
            | Self::Silent { .. }
            | Self::WriteStalled { .. }
            | Self::Dns { .. }
            | Self::Program { .. }
            | Self::Refused { .. }
            | Self::Unreachable { .. }
            | Self::DialTimeout { .. }
            | Self::Proxy { .. }
            | Self::Tls { .. }
            | Self::Handshake { .. }
            | Self::Protocol { .. }
            | Self::TooBig { .. }
            | Self::AckTimeout { .. }
            | Self::Login { .. }
            | Self::Dismissed { .. }
            | Self::ConnectLimit { .. }
            | Self::Asked
            | Self::Planned
            | Self::Slept { .. }
            | Self::Storm { .. }
            | Self::Fatal { .. } => None,
        };
        self.kind() == other.kind() && number(self) == number(other)
    }

    pub fn by(&self) -> By {
        match self {
            Self::Close { by, .. } => *by,
            Self::Http { .. }
            | Self::Handshake { .. }
            | Self::Protocol { .. }
            | Self::Login { .. }
            | Self::Dismissed { .. }
            | Self::Refused { .. }
            | Self::Fatal { .. } => By::Peer,
            Self::Eof
            | Self::Reset { .. }
            | Self::Dns { .. }
            | Self::Unreachable { .. }
            | Self::DialTimeout { .. }
            | Self::Proxy { .. }
            | Self::Tls { .. } => By::Network,
            Self::HalfOpen { .. }
            | Self::Silent { .. }
            | Self::WriteStalled { .. }
            | Self::Program { .. }
            | Self::TooBig { .. }
            | Self::AckTimeout { .. }
            | Self::ConnectLimit { .. }
            | Self::Asked
            | Self::Planned
            | Self::Slept { .. }
            | Self::Storm { .. } => By::Us,
        }
    }
}
