//! What a target is refused for, in words. Where it was asked for is told by whoever asked.

use std::fmt;

/// What is wrong with a URL or a header. Its words never repeat what may be a secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TargetError {
    NoScheme,
    Scheme(String),
    /// A space, a line break or another control character.
    Blank,
    Fragment,
    NoHost,
    HostCharacter(char),
    HostLength,
    International,
    Ipv4,
    Ipv6,
    /// `split`: what follows looks as if the password had been cut in two.
    Port {
        split: bool,
    },
    Path,
    /// What follows `ws+unix:` is no path of a socket.
    Socket,
    HeaderName,
    HeaderValue(String),
    /// A header that the handshake itself sets.
    HeaderTaken(String),
    Subprotocol,
}

impl fmt::Display for TargetError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoScheme => f.write_str("the URL has no scheme: write ws://HOST/PATH, or wss:// for TLS"),
            Self::Scheme(name) => {
                write!(f, "`{name}://` is no WebSocket scheme: use ws:// or wss:// (http and https do)")
            }
            Self::Blank => f.write_str("a space or control character in the URL: write it as %20 and the like"),
            Self::Fragment => f.write_str("a WebSocket URL has no #fragment: leave it out, or write # as %23"),
            Self::NoHost => f.write_str("the URL names no host: write ws://HOST/PATH"),
            Self::HostCharacter(char) => write!(f, "no host name has the character {char:?}"),
            Self::HostLength => f.write_str("the host name is too long, or has an empty part between two dots"),
            Self::International => f.write_str("the host name is not ASCII: write it in its xn-- form (Punycode)"),
            Self::Ipv4 => f.write_str("the host ends in a number, but is no IPv4 address (four numbers from 0 to 255)"),
            Self::Ipv6 => {
                f.write_str("what stands in brackets is no IPv6 address, such as [::1] (zones are not known here)")
            }
            Self::Port { split: false } => f.write_str("the port is not a number from 1 to 65535"),
            Self::Port { split: true } => f.write_str(
                "the port is not a number from 1 to 65535; in a user name or password, / is written %2F, ? %3F, @ %40",
            ),
            Self::Path => f.write_str("the path has characters that no request can carry: percent-encode them"),
            Self::Socket => {
                f.write_str("a Unix socket is written ws+unix:///PATH/TO/SOCKET:/PATH, its own path absolute")
            }
            Self::HeaderName => {
                f.write_str("a header's name may have letters, digits and hyphens only (`Name: value`)")
            }
            Self::HeaderValue(name) => {
                write!(f, "the value of the header {name} has a line break or control character")
            }
            Self::HeaderTaken(name) => write!(f, "the header {name} belongs to the handshake and cannot be set"),
            Self::Subprotocol => f.write_str("a subprotocol is one word without spaces, commas and quotes"),
        }
    }
}

impl std::error::Error for TargetError {}
