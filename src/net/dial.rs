//! From a URL to an open WebSocket, each step timed and with a deadline.
//!
//! One dial, one answer: nothing is tried again here, and who dials when is the session's decision. The future may be
//! dropped at any point; the socket goes with it.

mod race;

use std::future::Future;
use std::io::{self, ErrorKind};
use std::net::SocketAddr;
use std::time::Duration;

use tokio::net::{TcpStream, lookup_host};
use tokio::time::timeout_at;

use self::race::{interleaved, race};
use super::target::{Host, Target};
use super::tls::Connector;
use super::transport::Transport;
use super::upgrade::upgrade;
use crate::event::{DialPhase, Phases, Why};
use crate::time::Clock;

/// How long each step may take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DialLimits {
    pub dns: Duration,
    /// For all addresses together.
    pub tcp: Duration,
    pub tls: Duration,
    pub upgrade: Duration,
}

impl Default for DialLimits {
    fn default() -> Self {
        let five = Duration::from_secs(5);
        Self { dns: five, tcp: five, tls: five, upgrade: five }
    }
}

/// An open WebSocket, of which no frame has been read.
#[derive(Debug)]
pub struct Dialed {
    pub io: Transport,
    /// What came in the wake of the server's answer: the first bytes of frames.
    pub leftover: Vec<u8>,
    pub phases: Phases,
    /// IP address and port.
    pub address: String,
    pub subprotocol: Option<String>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DialFailed {
    pub why: Why,
    /// The step that failed is the last that has a time.
    pub phases: Phases,
}

pub async fn dial(target: &Target, tls: &Connector, clock: &Clock, limits: &DialLimits) -> Result<Dialed, DialFailed> {
    let mut phases = Phases::default();
    match steps(target, tls, clock, limits, &mut phases).await {
        Ok(dialed) => Ok(Dialed { phases, ..dialed }),
        Err(why) => Err(DialFailed { why, phases }),
    }
}

async fn steps(
    target: &Target,
    tls: &Connector,
    clock: &Clock,
    limits: &DialLimits,
    phases: &mut Phases,
) -> Result<Dialed, Why> {
    let port = target.port();
    let addresses = match target.host() {
        Host::Ip(ip) => vec![SocketAddr::new(*ip, port)],
        Host::Name(name) => {
            let step = within(clock, limits.dns, DialPhase::Dns, name, resolve(name, port));
            timed(clock, &mut phases.dns, step).await?
        }
    };
    let (tcp, address) = timed(clock, &mut phases.tcp, race(&addresses, clock, limits.tcp, TcpStream::connect)).await?;
    let address = address.to_string();
    // Heartbeats are small and should leave at once. Without it they leave a little later, so a failure is none.
    let _ = tcp.set_nodelay(true);

    let mut io = if target.secure() {
        let shake = tls.connect(&target.tls, target.host(), &address, tcp);
        let step = within(clock, limits.tls, DialPhase::Tls, &address, shake);
        Transport::Tls(Box::new(timed(clock, &mut phases.tls, step).await?))
    } else {
        Transport::Plain(tcp)
    };
    let step = upgrade(&mut io, target, &address, clock, limits.upgrade);
    let upgraded = timed(clock, &mut phases.upgrade, step).await?;
    Ok(Dialed {
        io,
        leftover: upgraded.leftover,
        phases: Phases::default(),
        address,
        subprotocol: upgraded.subprotocol,
    })
}

/// Notes how long a step took, whether it succeeded or not.
async fn timed<T>(clock: &Clock, took: &mut Option<Duration>, step: impl Future<Output = T>) -> T {
    let began = clock.now();
    let done = step.await;
    *took = Some(clock.now() - began);
    done
}

/// Gives a step its deadline.
pub(super) async fn within<T>(
    clock: &Clock,
    limit: Duration,
    phase: DialPhase,
    address: &str,
    step: impl Future<Output = Result<T, Why>>,
) -> Result<T, Why> {
    match timeout_at(clock.instant(clock.now() + limit), step).await {
        Ok(done) => done,
        Err(_) => Err(Why::DialTimeout { phase, address: address.to_owned(), limit }),
    }
}

async fn resolve(name: &str, port: u16) -> Result<Vec<SocketAddr>, Why> {
    let failed = |text: &str| Why::Dns { host: name.to_owned(), text: text.to_owned() };
    match lookup_host((name, port)).await {
        Ok(found) => match interleaved(found) {
            none if none.is_empty() => Err(failed("the name has no address")),
            some => Ok(some),
        },
        Err(error) => {
            let text = error.to_string();
            // What the standard library puts before the resolver's own words says no more than they do.
            Err(failed(text.strip_prefix("failed to lookup address information: ").unwrap_or(&text)))
        }
    }
}

/// The system's word for trouble with a socket, in ours.
#[expect(clippy::wildcard_enum_match_arm, reason = "a foreign enum, and this is where it is translated")]
pub fn io_why(error: &io::Error, address: &str) -> Why {
    match error.kind() {
        ErrorKind::ConnectionRefused => Why::Refused { address: address.to_owned() },
        ErrorKind::HostUnreachable
        | ErrorKind::NetworkUnreachable
        | ErrorKind::NetworkDown
        | ErrorKind::AddrNotAvailable
        | ErrorKind::PermissionDenied
        | ErrorKind::TimedOut => Why::Unreachable { address: address.to_owned(), text: error.to_string() },
        ErrorKind::UnexpectedEof => Why::Eof,
        _ => Why::Reset { text: error.to_string() },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn trouble_with_a_socket_has_a_kind() {
        for (kind, word) in [
            (ErrorKind::ConnectionRefused, "refused"),
            (ErrorKind::NetworkUnreachable, "unreachable"),
            (ErrorKind::TimedOut, "unreachable"),
            (ErrorKind::ConnectionReset, "reset"),
            (ErrorKind::BrokenPipe, "reset"),
            (ErrorKind::UnexpectedEof, "eof"),
            (ErrorKind::OutOfMemory, "reset"),
        ] {
            assert_eq!(io_why(&io::Error::from(kind), "a:1").kind(), word);
        }
    }
}
