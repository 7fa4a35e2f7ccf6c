//! The server's side of the opening handshake: reads the head of a request, answers it with a WebSocket or with words.
//! No frames.

use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::sync::{broadcast, watch};
use tokio::time::{sleep_until, timeout};
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::handshake::derive_accept_key;
use tokio_tungstenite::tungstenite::protocol::{Role, WebSocketConfig};

use super::desk::{Door, FaultDesk};
use super::pongs::Pongs;
use super::world::PATHS;
use crate::fault::{Cut, FaultId, Standing};
use crate::net::fault::Faulty;
use crate::time::Clock;

/// A head that is longer or slower is not waited for.
const HEAD: usize = 16 << 10;
const PATIENCE: Duration = Duration::from_secs(10);
/// A message from a client, at the most.
const MESSAGE: usize = 1 << 20;

/// A socket whose bytes may be slowed down, and whose pongs may be swallowed.
pub(super) type Wire = Pongs<Faulty<TcpStream>>;

/// An open link, and where it hears of its faults.
pub(super) struct Opened<'a> {
    pub ws: WebSocketStream<Wire>,
    pub door: &'a Door,
    pub cuts: broadcast::Receiver<Cut>,
    pub standing: watch::Receiver<Standing>,
    pub mark: FaultId,
}

/// `None`: the request was answered otherwise, or its sender left.
pub(super) async fn upgrade<'a>(mut stream: TcpStream, desk: &'a FaultDesk, clock: &Clock) -> Option<Opened<'a>> {
    let mut head = Vec::with_capacity(1024);
    let read = timeout(PATIENCE, read_head(&mut stream, &mut head)).await;
    let request = match read {
        Ok(Some(request)) => request,
        Ok(None) => {
            if !head.is_empty() {
                answer(&mut stream, 400, &[], "this is not an HTTP request for a WebSocket\n").await;
            }
            return None;
        }
        Err(_) => {
            answer(&mut stream, 408, &[], "the request took too long\n").await;
            return None;
        }
    };
    let Some(door) = desk.door(&request.path).filter(|_| request.path.starts_with('/')) else {
        answer(&mut stream, 404, &[], &format!("no feed at {}\n\n{}", shown(&request.path), menu())).await;
        return None;
    };
    // Before the faults are asked: a cut that comes in between still reaches this link.
    let (cuts, mut standing, mark) = (door.cuts.subscribe(), door.standing.subscribe(), desk.mark());
    loop {
        let Some(until) = standing.borrow_and_update().hung(clock.now()) else { break };
        tokio::select! {
            () = sleep_until(clock.instant(until)) => {}
            changed = standing.changed() => if changed.is_err() { return None },
        }
    }
    let refusal = standing.borrow().refusal(clock.now());
    if let Some((None, _)) = refusal {
        // A port that listens cannot refuse; what comes nearest is a reset before any answer.
        let _ = socket2::SockRef::from(&stream).set_linger(Some(Duration::ZERO));
        return None;
    }
    if let Some((Some(status), retry_after)) = refusal {
        let after = retry_after.map(|after| format!("Retry-After: {}", after.as_millis().div_ceil(1000)));
        let extra: Vec<&str> = after.as_deref().into_iter().collect();
        answer(&mut stream, status, &extra, "refused on purpose: a fault of the demo is on\n").await;
        return None;
    }
    let Some(key) = request.key else {
        let extra = ["Upgrade: websocket", "Connection: Upgrade", "Sec-WebSocket-Version: 13"];
        answer(&mut stream, 426, &extra, &format!("{}: {}\n\n{}", request.path, request.wrong, menu())).await;
        return None;
    };
    let accept = derive_accept_key(key.as_bytes());
    let head = format!(
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: {accept}\r\n\r\n"
    );
    timeout(PATIENCE, stream.write_all(head.as_bytes())).await.ok()?.ok()?;
    let config = WebSocketConfig::default()
        .read_buffer_size(8 << 10)
        .write_buffer_size(8 << 10)
        .max_write_buffer_size(2 << 20)
        .max_message_size(Some(MESSAGE))
        .max_frame_size(Some(MESSAGE));
    let wire = Pongs::new(door.bytes.link(stream), clock.clone(), door.standing.subscribe());
    let ws = WebSocketStream::from_partially_read(wire, request.rest, Role::Server, Some(config)).await;
    Some(Opened { ws, door, cuts, standing, mark })
}

/// A word to one for whom there is no room.
pub(super) fn turn_away(stream: &TcpStream) {
    let text = "HTTP/1.1 503 Service Unavailable\r\nConnection: close\r\nContent-Length: 0\r\n\r\n";
    // It is a courtesy: whoever is not ready to hear it sees the end of the connection.
    let _ = stream.try_write(text.as_bytes());
}

/// TCP's end in order: what was sent arrives, then an end, and nothing that still comes in turns it into a reset.
pub(super) async fn half_close(stream: &TcpStream, patience: Duration) {
    if socket2::SockRef::from(stream).shutdown(std::net::Shutdown::Write).is_err() {
        return;
    }
    let mut waste = [0; 4096];
    let drain = async {
        while stream.readable().await.is_ok() {
            match stream.try_read(&mut waste) {
                Ok(0) => return,
                Err(error) if error.kind() != std::io::ErrorKind::WouldBlock => return,
                Ok(_) | Err(_) => {}
            }
        }
    };
    // After the patience the socket is dropped, as it would have been.
    let _ = timeout(patience, drain).await;
}

struct Request {
    path: String,
    /// There if it asks for a WebSocket as it should.
    key: Option<String>,
    /// Else, what it lacks.
    wrong: &'static str,
    /// What came behind the head.
    rest: Vec<u8>,
}

async fn read_head(stream: &mut TcpStream, head: &mut Vec<u8>) -> Option<Request> {
    loop {
        if head.len() >= HEAD || stream.read_buf(head).await.ok()? == 0 {
            return None;
        }
        match parse(head) {
            Ok(Some(request)) => return Some(request),
            Ok(None) => {}
            Err(_) => return None,
        }
    }
}

fn parse(head: &[u8]) -> Result<Option<Request>, httparse::Error> {
    let mut headers = [httparse::EMPTY_HEADER; 64];
    let mut request = httparse::Request::new(&mut headers);
    let httparse::Status::Complete(end) = request.parse(head)? else { return Ok(None) };
    let target = request.path.unwrap_or("/");
    let path = target.split(['?', '#']).next().unwrap_or("/").to_owned();
    let value = |name: &str| {
        let header = request.headers.iter().find(|header| header.name.eq_ignore_ascii_case(name));
        header.and_then(|header| std::str::from_utf8(header.value).ok()).map(str::trim)
    };
    let has = |name: &str, token: &str| {
        value(name).is_some_and(|list| list.split(',').any(|one| one.trim().eq_ignore_ascii_case(token)))
    };
    let key = value("Sec-WebSocket-Key").filter(|key| key.len() == 24);
    let wrong = if request.method != Some("GET") {
        "a WebSocket begins with GET"
    } else if !has("Upgrade", "websocket") || !has("Connection", "upgrade") {
        "here is a WebSocket, and the request does not ask for one"
    } else if value("Sec-WebSocket-Version") != Some("13") {
        "only version 13 of the protocol is spoken here"
    } else if key.is_none() {
        "the request has no Sec-WebSocket-Key of 24 characters"
    } else {
        ""
    };
    let key = key.filter(|_| wrong.is_empty()).map(str::to_owned);
    Ok(Some(Request { path, key, wrong, rest: head.get(end..).unwrap_or_default().to_vec() }))
}

async fn answer(stream: &mut TcpStream, status: u16, extra: &[&str], body: &str) {
    let mut text = format!("HTTP/1.1 {status} {}\r\n", phrase(status));
    for line in extra {
        text.push_str(line);
        text.push_str("\r\n");
    }
    if !extra.iter().any(|line| line.starts_with("Connection:")) {
        text.push_str("Connection: close\r\n");
    }
    text.push_str("Content-Type: text/plain; charset=utf-8\r\n");
    text.push_str("Content-Length: ");
    text.push_str(&body.len().to_string());
    text.push_str("\r\n\r\n");
    text.push_str(body);
    if timeout(PATIENCE, stream.write_all(text.as_bytes())).await.is_ok_and(|sent| sent.is_ok()) {
        half_close(stream, Duration::from_secs(1)).await;
    }
}

fn phrase(status: u16) -> &'static str {
    match status {
        400 => "Bad Request",
        401 => "Unauthorized",
        403 => "Forbidden",
        404 => "Not Found",
        408 => "Request Timeout",
        426 => "Upgrade Required",
        429 => "Too Many Requests",
        500 => "Internal Server Error",
        502 => "Bad Gateway",
        503 => "Service Unavailable",
        504 => "Gateway Timeout",
        _ => "Refused",
    }
}

/// What there is, for those who knock at the wrong door.
fn menu() -> String {
    let mut text = String::from("This is wirebeat's embedded server. Its feeds (WebSocket) and their services:\n");
    text.extend(PATHS.map(|(path, services)| format!("  {path:<9} {}\n", services.join(", "))));
    text.push_str("\nSubscribe with {\"type\":\"sub\",\"service\":\"业务1\"}.\n");
    text
}

fn shown(path: &str) -> String {
    path.chars().take(100).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: &str = "GET /market?x=1 HTTP/1.1\r\nHost: a\r\nconnection: keep-alive, Upgrade\r\nUPGRADE: WebSocket\r\n\
        Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";

    #[test]
    fn a_head_is_read_at_any_length() {
        for end in 0..GOOD.len() {
            assert!(parse(&GOOD.as_bytes()[..end]).unwrap().is_none(), "{end}");
        }
        let request = parse(format!("{GOOD}abc").as_bytes()).unwrap().unwrap();
        assert_eq!(request.path, "/market");
        assert_eq!(request.key.as_deref(), Some("dGhlIHNhbXBsZSBub25jZQ=="));
        assert_eq!(request.rest, b"abc");
    }

    #[test]
    fn what_a_request_lacks_is_named() {
        let wrong = |from: &str, to: &str| parse(GOOD.replace(from, to).as_bytes()).unwrap().unwrap();
        assert!(wrong("GET", "POST").wrong.contains("GET"));
        assert!(wrong("WebSocket\r", "h2c\r").wrong.contains("does not ask"));
        assert!(wrong(": 13", ": 8").wrong.contains("version 13"));
        assert!(wrong("Key: dGhl", "Key: d").wrong.contains("Sec-WebSocket-Key"));
        assert!(wrong("GET", "POST").key.is_none());
        assert!(parse(b"\x16\x03\x01\x02\x00\x01").is_err(), "TLS on a plain port");
    }
}
