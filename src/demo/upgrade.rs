//! Who comes in, and by which door: a request is answered with a WebSocket or with words. No frames.

use std::time::Duration;

use tokio::net::TcpStream;
use tokio::sync::{broadcast, watch};
use tokio::time::{sleep_until, timeout};
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::protocol::{Role, WebSocketConfig};

use super::desk::{Door, FaultDesk};
use super::pongs::Pongs;
use super::world::PATHS;
use crate::fault::{Cut, FaultId, Standing};
use crate::net::fault::Faulty;
use crate::net::knock::{self, NoRequest};
use crate::time::Clock;

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
    let request = match knock::read(&mut stream).await {
        Ok(request) => request,
        Err(NoRequest::Nothing) => return None,
        Err(NoRequest::Garbled) => {
            answer(&mut stream, 400, &[], "this is not an HTTP request for a WebSocket\n").await;
            return None;
        }
        Err(NoRequest::Late) => {
            answer(&mut stream, 408, &[], "the request took too long\n").await;
            return None;
        }
    };
    let path = request.path();
    let Some(door) = desk.door(path).filter(|_| path.starts_with('/')) else {
        answer(&mut stream, 404, &[], &format!("no feed at {}\n\n{}", shown(path), menu())).await;
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
        let extra: Vec<String> = after.into_iter().collect();
        answer(&mut stream, status, &extra, "refused on purpose: a fault of the demo is on\n").await;
        return None;
    }
    let Some(key) = &request.key else {
        let extra = ["Upgrade: websocket", "Connection: Upgrade", "Sec-WebSocket-Version: 13"].map(str::to_owned);
        answer(&mut stream, 426, &extra, &format!("{path}: {}\n\n{}", request.wrong, menu())).await;
        return None;
    };
    if !knock::send(&mut stream, &knock::welcome(key, None)).await {
        return None;
    }
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

async fn answer(stream: &mut TcpStream, status: u16, extra: &[String], body: &str) {
    if knock::send(stream, &knock::answer(status, None, extra, body)).await {
        half_close(stream, Duration::from_secs(1)).await;
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
