//! From a URL to an open WebSocket, each step timed and with a deadline.
//!
//! One dial, one answer: redirects are followed, and nothing is tried again here; who dials when is the session's decision. The
//! future may be dropped at any point; the socket goes with it.

mod race;

use std::future::Future;
use std::io::{self, ErrorKind};
use std::net::SocketAddr;
use std::time::Duration;

use tokio::net::{TcpStream, lookup_host};
use tokio::time::timeout_at;

use self::race::{interleaved, race};
use super::proxy::{self, Proxy};
use super::target::{Host, Journey, Target};
use super::tls::{self, Asked, Connector, TlsOptions};
use super::transport::Transport;
use super::upgrade::{Answer, ask};
use super::{NotOpened, Opened};
use crate::event::{DialPhase, Phases, Why};
use crate::time::{Clock, Ts};

/// How long each step may take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DialLimits {
    pub dns: Duration,
    /// For all addresses together.
    pub tcp: Duration,
    /// From the request to the proxy until it lets us through.
    pub proxy: Duration,
    pub tls: Duration,
    pub upgrade: Duration,
    /// For all steps together, those after redirects included.
    pub whole: Duration,
}

impl Default for DialLimits {
    fn default() -> Self {
        let five = Duration::from_secs(5);
        let whole = Duration::from_secs(25);
        Self { dns: five, tcp: five, proxy: five, tls: five, upgrade: five, whole }
    }
}

/// Gives an open WebSocket, of which no frame has been read. The step that failed is the last that has a time.
pub async fn dial(
    target: &Target,
    tls: &Connector,
    clock: &Clock,
    limits: &DialLimits,
) -> Result<Opened<Transport>, NotOpened> {
    let mut steps = Steps { tls, clock, limits, end: clock.now() + limits.whole, phases: Phases::default() };
    let done = steps.take(target).await;
    let phases = steps.phases;
    match done {
        Ok(opened) => Ok(Opened { phases, ..opened }),
        Err(why) => Err(NotOpened { why, phases }),
    }
}

/// One dial under way.
struct Steps<'a> {
    tls: &'a Connector,
    clock: &'a Clock,
    limits: &'a DialLimits,
    end: Ts,
    phases: Phases,
}

/// A connection over which the server can be asked.
struct Reached {
    io: Transport,
    /// Where it goes, for errors and for the user.
    address: String,
}

impl Steps<'_> {
    async fn take(&mut self, target: &Target) -> Result<Opened<Transport>, Why> {
        let mut journey = Journey::new(target);
        let mut next = None;
        loop {
            let at = next.as_ref().unwrap_or(target);
            let (reached, answer) = self.hop(at).await.map_err(|why| journey.told(why))?;
            match answer {
                Answer::Open(upgraded) => {
                    return Ok(Opened {
                        io: reached.io,
                        leftover: upgraded.leftover,
                        phases: Phases::default(),
                        address: Some(reached.address),
                        subprotocol: upgraded.subprotocol,
                        deflate: upgraded.deflate,
                    });
                }
                Answer::Moved(moved) => next = Some(journey.follow(at, &moved)?),
            }
        }
    }

    /// All steps to one server, and its answer.
    async fn hop(&mut self, target: &Target) -> Result<(Reached, Answer), Why> {
        let (host, port) = (target.host(), target.port());
        let proxy = target.proxies.choose(target.secure(), host, port).map_err(|text| Why::Proxy { text })?;
        let mut reached = match (proxy, host) {
            (Some(proxy), _) => self.through(proxy, target).await?,
            (None, Host::Socket(path)) => self.socket(path).await?,
            (None, Host::Name(_) | Host::Ip(_)) => self.tcp(host, port).await?,
        };
        let mut asked = Asked::Not;
        if target.secure() {
            let limit = self.left(self.limits.tls);
            let shake = self.tls.connect(&target.tls, host, &reached.address, reached.io);
            let step = within(self.clock, limit, DialPhase::Tls, &reached.address, shake);
            let secured = timed(self.clock, &mut self.phases.tls, step).await?;
            asked = secured.asked;
            reached.io = Transport::Tls(Box::new(secured.io));
        }
        let limit = self.left(self.limits.upgrade);
        let step = ask(&mut reached.io, target, &reached.address, self.clock, limit);
        let answer = timed(self.clock, &mut self.phases.upgrade, step).await;
        // In TLS 1.3 a server that gets no certificate says so when we are done, and not every one says it.
        let answer = answer.map_err(|why| tls::judged_us(why, asked))?;
        Ok((reached, answer))
    }

    async fn tcp(&mut self, host: &Host, port: u16) -> Result<Reached, Why> {
        let addresses = match host {
            Host::Ip(ip) => vec![SocketAddr::new(*ip, port)],
            Host::Name(name) => {
                let limit = self.left(self.limits.dns);
                let step = within(self.clock, limit, DialPhase::Dns, name, resolve(name, port));
                timed(self.clock, &mut self.phases.dns, step).await?
            }
            Host::Socket(_) => Vec::new(),
        };
        let step = race(&addresses, self.clock, self.left(self.limits.tcp), TcpStream::connect);
        let (tcp, address) = timed(self.clock, &mut self.phases.tcp, step).await?;
        // Heartbeats are small and should leave at once. Without it they leave a little later, so a failure is none.
        let _ = tcp.set_nodelay(true);
        Ok(Reached { io: Transport::Plain(tcp), address: address.to_string() })
    }

    #[cfg(unix)]
    async fn socket(&mut self, path: &str) -> Result<Reached, Why> {
        let connect = async { tokio::net::UnixStream::connect(path).await.map_err(|error| socket_why(&error, path)) };
        let step = within(self.clock, self.left(self.limits.tcp), DialPhase::Tcp, path, connect);
        let io = timed(self.clock, &mut self.phases.tcp, step).await?;
        Ok(Reached { io: Transport::Socket(io), address: path.to_owned() })
    }

    #[cfg(not(unix))]
    async fn socket(&mut self, path: &str) -> Result<Reached, Why> {
        let text = "this system has no Unix sockets".to_owned();
        std::future::ready(Err(Why::Unreachable { address: path.to_owned(), text })).await
    }

    /// To the proxy, and through it. Whatever goes wrong on the way names the proxy.
    async fn through(&mut self, proxy: &Proxy, target: &Target) -> Result<Reached, Why> {
        let (host, port) = (target.host(), target.port());
        let mut reached = self.tcp(&proxy.host, proxy.port).await.map_err(|why| of_proxy(&why, proxy))?;
        let limit = self.left(self.limits.proxy);
        let through = async {
            if proxy.kind == proxy::Kind::Https {
                // What we trust goes for it too; who we are is the server's business alone.
                let TlsOptions { ca_file, insecure, .. } = target.tls.clone();
                let options = TlsOptions { ca_file, insecure, ..TlsOptions::default() };
                let secured = self.tls.connect(&options, &proxy.host, &reached.address, reached.io).await;
                reached.io = Transport::Tls(Box::new(secured.map_err(|why| of_proxy(&why, proxy))?.io));
            }
            let text = |did: String| Why::Proxy { text: format!("{proxy} {did}") };
            proxy::through(reached.io, proxy, host, port).await.map_err(text)
        };
        let place = format!("{host}:{port} through {proxy}");
        let step = within(self.clock, limit, DialPhase::Proxy, &place, through);
        let io = timed(self.clock, &mut self.phases.proxy, step).await?;
        Ok(Reached { io, address: format!("{host}:{port} via {}", proxy.url()) })
    }

    /// The limit of a step, as far as the whole dial has it left.
    fn left(&self, limit: Duration) -> Duration {
        limit.min(self.end - self.clock.now())
    }
}

/// Trouble on the way to a proxy, as the proxy's.
fn of_proxy(why: &Why, proxy: &Proxy) -> Why {
    let did = if let Why::Refused { .. } = why {
        "refused the connection".to_owned()
    } else if let Why::Unreachable { text, .. } = why {
        format!("cannot be reached ({text})")
    } else if let Why::Dns { text, .. } = why {
        format!("has a name without an address ({text})")
    } else if let Why::DialTimeout { phase: DialPhase::Dns, .. } = why {
        "has a name for which DNS gave no answer in time".to_owned()
    } else if let Why::DialTimeout { limit, .. } = why {
        format!("did not answer our connect in {} s", limit.as_secs_f32())
    } else if let Why::Tls { text } = why {
        format!("failed on TLS: {text}")
    } else if let Why::Reset { text } = why {
        format!("broke the connection ({text})")
    } else {
        format!("failed ({})", why.kind())
    };
    Why::Proxy { text: format!("{proxy} {did}") }
}

#[cfg(unix)]
#[expect(clippy::wildcard_enum_match_arm, reason = "a foreign enum, and this is where it is translated")]
fn socket_why(error: &io::Error, path: &str) -> Why {
    let address = path.to_owned();
    match error.kind() {
        ErrorKind::NotFound => Why::Unreachable { address, text: "there is no such socket".to_owned() },
        _ => io_why(error, path),
    }
}

/// Notes how long a step took, whether it succeeded or not. On the way of redirects it is all of its kind.
async fn timed<T>(clock: &Clock, took: &mut Option<Duration>, step: impl Future<Output = T>) -> T {
    let began = clock.now();
    let done = step.await;
    *took = Some(took.unwrap_or_default() + (clock.now() - began));
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
    if let Some(error) = error.get_ref().and_then(|inner| inner.downcast_ref::<rustls::Error>()) {
        return Why::Tls { text: tls::words(error, None, Asked::Not) };
    }
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
