//! Asking a proxy to let us through: `CONNECT` (RFC 9110, section 9.3.6) or SOCKS 5 (RFC 1928).
//!
//! The name of the target goes to the proxy as it is: it is not looked up on this side. Deadlines are the dial's.

use std::io;

use httparse::{EMPTY_HEADER, Response, Status};
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio_socks::tcp::Socks5Stream;
use tokio_socks::{Error, TargetAddr};

use super::{Kind, Proxy};
use crate::net::target::Host;
use crate::net::upgrade::cut;

const HEAD_LIMIT: usize = 16 * 1024;
const HEADER_LIMIT: usize = 64;

/// Has the proxy at the other end of `io` connect us to `host`. The error is what it did instead, in words that go behind its
/// name: `answered 407 ..`.
pub(in crate::net) async fn through<S: AsyncRead + AsyncWrite + Unpin>(
    io: S,
    proxy: &Proxy,
    host: &Host,
    port: u16,
) -> Result<S, String> {
    match proxy.kind {
        Kind::Http | Kind::Https => connect(io, proxy, host, port).await,
        Kind::Socks => socks(io, proxy, host, port).await,
    }
}

async fn connect<S: AsyncRead + AsyncWrite + Unpin>(
    mut io: S,
    proxy: &Proxy,
    host: &Host,
    port: u16,
) -> Result<S, String> {
    let place = format!("{host}:{port}");
    let agent = concat!("wirebeat/", env!("CARGO_PKG_VERSION"));
    let mut request = format!("CONNECT {place} HTTP/1.1\r\nHost: {place}\r\nUser-Agent: {agent}\r\n");
    if let Some(basic) = proxy.basic() {
        request.extend(["Proxy-Authorization: ", &basic, "\r\n"]);
    }
    request.push_str("\r\n");
    let head = async {
        io.write_all(request.as_bytes()).await?;
        io.flush().await?;
        head(&mut io).await
    };
    let head = head.await.map_err(|error| broke(&error))?;
    let status = judge(&head, proxy, &place)?;
    if (200..300).contains(&status) { Ok(io) } else { Err(format!("answered {status}")) }
}

/// The head of the answer, and not a byte more: what follows is the server's.
async fn head<S: AsyncRead + Unpin>(io: &mut S) -> io::Result<Vec<u8>> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") && !head.ends_with(b"\n\n") && head.len() < HEAD_LIMIT {
        match io.read_u8().await {
            Ok(byte) => head.push(byte),
            Err(error) if error.kind() == io::ErrorKind::UnexpectedEof && !head.is_empty() => break,
            Err(error) => return Err(error),
        }
        if head.len() == 5 && head != b"HTTP/" {
            break;
        }
    }
    Ok(head)
}

/// The status, where it lets us through.
fn judge(head: &[u8], proxy: &Proxy, place: &str) -> Result<u16, String> {
    let mut headers = [EMPTY_HEADER; HEADER_LIMIT];
    let mut response = Response::new(&mut headers);
    match response.parse(head) {
        Ok(Status::Complete(_)) => {}
        Ok(Status::Partial) | Err(_) => return Err(no_http(head)),
    }
    let status = response.code.unwrap_or_default();
    let reason = response.reason.unwrap_or_default().trim();
    let reason = cut(&proxy.scrub(if reason.is_empty() { String::new() } else { format!(" {reason}") }));
    let wants = response.headers.iter().find(|header| header.name.eq_ignore_ascii_case("Proxy-Authenticate"));
    let wants = wants.and_then(|header| std::str::from_utf8(header.value).ok()?.split_whitespace().next());
    match status {
        200..300 => Ok(status),
        407 => Err(match (proxy.user.is_some(), wants) {
            (_, Some(scheme)) if !scheme.eq_ignore_ascii_case("Basic") => {
                format!("answered 407{reason}: it wants {}, and only Basic is known here", cut(scheme))
            }
            (true, _) => format!("answered 407{reason}: it does not take the user and password of its URL"),
            (false, _) => format!("answered 407{reason}: put user and password into its URL, USER:PASSWORD@HOST"),
        }),
        403 | 405 => {
            Err(format!("does not let us through to {place} ({status}{reason}): it may allow other ports only"))
        }
        400 | 404 | 501 => Err(format!("answered {status}{reason}: is it a proxy that knows CONNECT?")),
        502..=504 => Err(format!("could not reach {place} ({status}{reason})")),
        _ => Err(format!("answered {status}{reason} when asked for {place}")),
    }
}

/// Who answers instead of an HTTP proxy.
fn no_http(head: &[u8]) -> String {
    match head {
        [] => "hung up without an answer".to_owned(),
        [5, ..] => "speaks SOCKS: write socks5://".to_owned(),
        [0x15 | 0x16, 3, ..] => "speaks TLS: write https://".to_owned(),
        head if head.starts_with(b"HTTP/") => "sent no whole HTTP answer".to_owned(),
        _ => "does not speak HTTP on this port".to_owned(),
    }
}

async fn socks<S: AsyncRead + AsyncWrite + Unpin>(io: S, proxy: &Proxy, host: &Host, port: u16) -> Result<S, String> {
    let target = match host {
        Host::Name(name) => TargetAddr::Domain(name.into(), port),
        Host::Ip(ip) => TargetAddr::Ip((*ip, port).into()),
        Host::Socket(_) => return Err("cannot reach a Unix socket of this machine".to_owned()),
    };
    let asked = match proxy.credentials() {
        Some((user, password)) => Socks5Stream::connect_with_password_and_socket(io, target, &user, &password).await,
        None => Socks5Stream::connect_with_socket(io, target).await,
    };
    asked.map(Socks5Stream::into_inner).map_err(|error| refused(&error, &format!("{host}:{port}")))
}

#[expect(clippy::wildcard_enum_match_arm, reason = "a foreign enum, and this is where it is put into words")]
fn refused(error: &Error, place: &str) -> String {
    match error {
        Error::Io(error) => broke(error),
        Error::InvalidResponseVersion => "does not speak SOCKS 5 on this port: is it an http:// proxy?".to_owned(),
        Error::NoAcceptableAuthMethods | Error::AuthorizationRequired | Error::UnknownAuthMethod => {
            "wants user and password: put them into its URL, USER:PASSWORD@HOST".to_owned()
        }
        Error::PasswordAuthFailure(_) => "does not take the user and password of its URL".to_owned(),
        Error::InvalidAuthValues(_) => "takes a user and a password of 1 to 255 bytes each".to_owned(),
        Error::ConnectionNotAllowedByRuleset => format!("does not let us through to {place}"),
        Error::ConnectionRefused => format!("could not reach {place} (connection refused)"),
        Error::HostUnreachable => format!("could not reach {place} (host unreachable, or no such name)"),
        Error::NetworkUnreachable => format!("could not reach {place} (network unreachable)"),
        Error::TtlExpired => format!("could not reach {place} (it took too many hops)"),
        Error::GeneralSocksServerFailure => format!("failed to reach {place}"),
        other => format!("failed on {place}: {other}"),
    }
}

fn broke(error: &io::Error) -> String {
    if error.kind() == io::ErrorKind::UnexpectedEof {
        "hung up when asked to let us through".to_owned()
    } else {
        format!("broke the connection ({error})")
    }
}
