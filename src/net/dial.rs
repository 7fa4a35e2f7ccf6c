//! From a URL to an open WebSocket, each step timed and with a deadline.
//!
//! One dial, one answer: nothing is tried again here, and who dials when is the session's decision. The future may be
//! dropped at any point; the socket goes with it.

use std::collections::VecDeque;
use std::fmt::Write as _;
use std::future::Future;
use std::io::{self, ErrorKind};
use std::net::SocketAddr;
use std::time::Duration;

use tokio::net::{TcpStream, lookup_host};
use tokio::time::timeout_at;

use super::extensions::Deflate;
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
    pub deflate: Option<Deflate>,
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
    let (tcp, address) = timed(clock, &mut phases.tcp, connect(&addresses, clock, limits.tcp)).await?;
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
        deflate: upgraded.deflate,
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

/// As the resolver ranks them, but the families by turns (RFC 8305, section 4), so that one broken family costs one try.
fn interleaved(found: impl Iterator<Item = SocketAddr>) -> Vec<SocketAddr> {
    let mut turns: [VecDeque<SocketAddr>; 2] = Default::default();
    let mut first = None;
    for address in found {
        let lead = *first.get_or_insert(address.is_ipv4());
        let turn = &mut turns[usize::from(address.is_ipv4() != lead)];
        if !turn.contains(&address) {
            turn.push_back(address);
        }
    }
    let mut order = Vec::new();
    while order.len() < MOST_ADDRESSES && turns.iter().any(|turn| !turn.is_empty()) {
        order.extend(turns.iter_mut().filter_map(VecDeque::pop_front));
    }
    order
}

/// Beyond so many, further addresses of a name are not tried.
const MOST_ADDRESSES: usize = 16;

/// The least time for an address, where the limit has it: a lost SYN is sent again after a second.
const LEAST_TRY: Duration = Duration::from_millis(1200);

/// Tries the addresses in turn. None may use up the time of those behind it.
async fn connect(addresses: &[SocketAddr], clock: &Clock, limit: Duration) -> Result<(TcpStream, SocketAddr), Why> {
    let end = clock.now() + limit;
    let mut failures: Vec<(SocketAddr, Why)> = Vec::new();
    for (n, &address) in addresses.iter().enumerate() {
        let left = end - clock.now();
        if left.is_zero() {
            break;
        }
        let behind = u32::try_from(addresses.len() - n).unwrap_or(u32::MAX);
        let share = (left / behind).max(LEAST_TRY).min(left);
        let place = address.to_string();
        let attempt = async { TcpStream::connect(address).await.map_err(|error| io_why(&error, &place)) };
        match within(clock, share, DialPhase::Tcp, &place, attempt).await {
            Ok(tcp) => return Ok((tcp, address)),
            Err(why) => failures.push((address, why)),
        }
    }
    Err(summed_up(&failures, limit))
}

/// One cause for all addresses: of the most telling kind the last. An answer, even a refusal, tells more than silence,
/// and silence more than a family that has no route here.
fn summed_up(failures: &[(SocketAddr, Why)], limit: Duration) -> Why {
    let telling = |why: &Why| {
        let (lost, late) = (matches!(why, Why::Unreachable { .. }), matches!(why, Why::DialTimeout { .. }));
        (!lost, !late)
    };
    let Some((told, why)) = failures.iter().max_by_key(|(_, why)| telling(why)) else {
        return Why::DialTimeout { phase: DialPhase::Tcp, address: String::new(), limit };
    };
    let mut place = told.to_string();
    let same = failures.iter().all(|(_, other)| other.kind() == why.kind());
    if same {
        let all: Vec<_> = failures.iter().map(|(address, _)| address.to_string()).collect();
        place = all.join(", ");
    } else {
        for (address, other) in failures.iter().filter(|(address, _)| address != told) {
            let _ = write!(place, ", {address} ({})", other.kind());
        }
    }
    let mut why = why.clone();
    if let Why::DialTimeout { limit: share, .. } = &mut why
        && same
    {
        *share = limit;
    }
    if let Why::Refused { address } | Why::Unreachable { address, .. } | Why::DialTimeout { address, .. } = &mut why {
        *address = place;
    }
    why
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

    fn at(text: &str) -> SocketAddr {
        text.parse().unwrap()
    }

    #[test]
    fn the_families_take_turns_and_the_first_stays_first() {
        let found = ["[::1]:1", "[::2]:1", "[::1]:1", "[::3]:1", "10.0.0.1:1", "10.0.0.2:1"].map(at);
        let order = interleaved(found.into_iter());
        assert_eq!(order, ["[::1]:1", "10.0.0.1:1", "[::2]:1", "10.0.0.2:1", "[::3]:1"].map(at));
        assert_eq!(interleaved(["10.0.0.1:1", "[::1]:1"].map(at).into_iter()), ["10.0.0.1:1", "[::1]:1"].map(at));
        let many = (0..1000).map(|n| SocketAddr::from(([10, 0, 0, 1], n)));
        assert!(interleaved(many).len() <= MOST_ADDRESSES);
    }

    #[test]
    fn addresses_that_fail_alike_are_named_together() {
        let limit = Duration::from_secs(5);
        let refused = |text: &str| (at(text), Why::Refused { address: text.to_owned() });
        let why = summed_up(&[refused("[::1]:9"), refused("127.0.0.1:9")], limit);
        assert_eq!(why, Why::Refused { address: "[::1]:9, 127.0.0.1:9".to_owned() });
    }

    #[test]
    fn a_refusal_tells_more_than_a_family_without_a_route() {
        let refused = Why::Refused { address: "10.0.0.1:9".to_owned() };
        let nowhere = Why::Unreachable { address: "[::2]:9".to_owned(), text: "no route".to_owned() };
        let why = summed_up(&[(at("10.0.0.1:9"), refused), (at("[::2]:9"), nowhere)], Duration::from_secs(5));
        assert_eq!(why, Why::Refused { address: "10.0.0.1:9, [::2]:9 (unreachable)".to_owned() });
    }

    #[test]
    fn a_black_hole_leaves_time_for_the_next_and_for_the_resent_syn() {
        // The rule alone: a real black hole is not to be had on loopback.
        for (left, behind, share) in [(5000, 1, 5000), (5000, 2, 2500), (5000, 16, 1200), (300, 3, 300)] {
            let left = Duration::from_millis(left);
            assert_eq!((left / behind).max(LEAST_TRY).min(left), Duration::from_millis(share));
        }
    }

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
