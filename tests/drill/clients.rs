//! Clients of the seed's protocol, of which all but one have a mistake.

use std::time::Duration;

use futures::{SinkExt as _, StreamExt as _};
use tokio::net::TcpStream;
use tokio::time::{sleep, timeout};
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::{WebSocketStream, client_async};

/// The mistake of a client.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Wrong {
    Nothing,
    /// It keeps the old link beside the new one.
    KeepsTheOldLink,
    /// It subscribes to the first service only, on every link but its first.
    ForgetsOne,
    /// It beats, and goes on whether it is answered or not.
    IgnoresAnswers,
    /// It beats as soon as a new link is open.
    OldTimer,
    /// It ends a link over a message that is not JSON.
    DiesOfGarbage,
    /// It dials again at once, and again.
    Storms,
    /// A dial that fails is its last.
    GivesUp,
    /// It opens a link and says nothing.
    SaysNothing,
}

pub(crate) const AFTER: Duration = Duration::from_millis(800);
pub(crate) const TIMEOUT: Duration = Duration::from_millis(400);
pub(crate) const WAIT: Duration = Duration::from_millis(300);
pub(crate) const SERVICES: [&str; 2] = ["业务1", "trades"];
const BEAT: &str = r#"{"type":"HEART_BEAT","service":"业务"}"#;

type Socket = WebSocketStream<TcpStream>;

/// Lives until it is dropped.
pub(crate) async fn live(url: String, wrong: Wrong) {
    let mut kept = Vec::new();
    let mut first = true;
    loop {
        match timeout(Duration::from_secs(5), dial(&url)).await {
            Ok(Some(mut socket)) => {
                link(&mut socket, wrong, first).await;
                first = false;
                if wrong == Wrong::KeepsTheOldLink {
                    kept.push(socket);
                }
            }
            Ok(None) | Err(_) if wrong == Wrong::GivesUp => return std::future::pending().await,
            Ok(None) | Err(_) => {}
        }
        sleep(if wrong == Wrong::Storms && !first { Duration::from_millis(30) } else { WAIT }).await;
    }
}

async fn dial(url: &str) -> Option<Socket> {
    let place = url.strip_prefix("ws://")?.split('/').next()?;
    let tcp = TcpStream::connect(place).await.ok()?;
    client_async(url, tcp).await.ok().map(|(socket, _)| socket)
}

/// From its opening to its end.
async fn link(socket: &mut Socket, wrong: Wrong, first: bool) {
    let asked = if wrong == Wrong::SaysNothing {
        0
    } else if wrong == Wrong::ForgetsOne && !first {
        1
    } else {
        SERVICES.len()
    };
    let asked = &SERVICES[..asked];
    for service in asked {
        let sub = format!(r#"{{"type":"sub","service":"{service}"}}"#);
        if socket.send(Message::text(sub)).await.is_err() {
            return;
        }
    }
    if wrong == Wrong::OldTimer && !first {
        let _sent = socket.send(Message::text(BEAT)).await;
    }
    let mut asking = false;
    loop {
        match timeout(if asking { TIMEOUT } else { AFTER }, socket.next()).await {
            Err(_) if asking && wrong != Wrong::IgnoresAnswers => return,
            Err(_) => {
                asking = true;
                if wrong != Wrong::SaysNothing && socket.send(Message::text(BEAT)).await.is_err() {
                    return;
                }
            }
            Ok(Some(Ok(Message::Text(text)))) => {
                asking = false;
                let json = serde_json::from_str::<serde_json::Value>(&text).is_ok();
                if !json && wrong == Wrong::DiesOfGarbage {
                    return;
                }
            }
            Ok(Some(Ok(Message::Binary(_)))) => asking = false,
            Ok(Some(Ok(Message::Ping(_) | Message::Pong(_) | Message::Frame(_)))) => {}
            Ok(Some(Ok(Message::Close(_)) | Err(_)) | None) => return,
        }
    }
}
