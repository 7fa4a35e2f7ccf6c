//! One line of the catalogue: what the server does to each connection, and what it is to be called. It starts nothing.

use std::sync::Arc;
use std::time::Duration;

use futures::FutureExt;
use futures::future::BoxFuture;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::handshake::derive_accept_key;

pub(crate) type Serve = Arc<dyn Fn(TcpStream) -> BoxFuture<'static, ()> + Send + Sync>;

pub(crate) struct Scene {
    pub(crate) name: String,
    /// The kinds of causes of which one at least is named, and no other. None, or an empty one: the link need
    /// not end.
    pub(crate) kinds: &'static [&'static str],
    /// Words that one of the lines has.
    pub(crate) says: &'static str,
    pub(crate) scheme: &'static str,
    pub(crate) args: &'static [&'static str],
    /// The most that it may take, of a processor and of memory.
    pub(crate) busy: Duration,
    pub(crate) mebibytes: u64,
    /// The most connections in five seconds.
    pub(crate) dials: usize,
    pub(crate) serve: Serve,
}

impl Scene {
    pub(crate) fn says(self, says: &'static str) -> Self {
        Self { says, ..self }
    }

    pub(crate) fn tls(self) -> Self {
        Self { scheme: "wss", ..self }
    }

    pub(crate) fn with(self, args: &'static [&'static str]) -> Self {
        Self { args, ..self }
    }

    pub(crate) fn called(self, kinds: &'static [&'static str]) -> Self {
        Self { kinds, ..self }
    }

    /// A dial makes up to five more connections, and there is no second one soon.
    pub(crate) fn hops(self) -> Self {
        Self { dials: 6, ..self }
    }

    /// The most that it may take, where that is more: seconds of a processor, mebibytes of memory.
    pub(crate) fn takes(self, seconds: u64, mebibytes: u64) -> Self {
        Self { busy: Duration::from_secs(seconds), mebibytes, ..self }
    }
}

pub(crate) fn scene<F, T>(name: impl Into<String>, kinds: &'static [&'static str], serve: F) -> Scene
where
    F: Fn(TcpStream) -> T + Send + Sync + 'static,
    T: Future<Output = ()> + Send + 'static,
{
    Scene {
        name: name.into(),
        kinds,
        says: "",
        scheme: "ws",
        args: &[],
        busy: Duration::from_secs(3),
        mebibytes: 64,
        dials: 4,
        serve: Arc::new(move |tcp| serve(tcp).boxed()),
    }
}

/// Answers every request with these bytes, in which `{accept}` is the answer to the key, and keeps the connection.
pub(crate) fn answers(name: &str, kinds: &'static [&'static str], bytes: impl Into<Vec<u8>>) -> Scene {
    let bytes: Arc<[u8]> = bytes.into().into();
    scene(format!("answer: {name}"), kinds, move |tcp| {
        let bytes = Arc::clone(&bytes);
        async move {
            let mut tcp = tcp;
            let Some(accept) = request(&mut tcp).await else { return };
            let bytes = match std::str::from_utf8(&bytes) {
                Ok(text) => text.replace("{accept}", &accept).into_bytes(),
                Err(_) => bytes.to_vec(),
            };
            let _gone = tcp.write_all(&bytes).await;
            hold(tcp).await;
        }
    })
}

/// Agrees to the upgrade, sends these bytes, and keeps the connection, reading what comes.
pub(crate) fn frames(name: &str, kinds: &'static [&'static str], bytes: impl Into<Vec<u8>>) -> Scene {
    let bytes: Arc<[u8]> = bytes.into().into();
    opened(format!("frames: {name}"), kinds, move |mut tcp| {
        let bytes = Arc::clone(&bytes);
        async move {
            let _gone = tcp.write_all(&bytes).await;
            hold(tcp).await;
        }
    })
}

/// Agrees to the upgrade, and then does that.
pub(crate) fn opened<F, T>(name: impl Into<String>, kinds: &'static [&'static str], then: F) -> Scene
where
    F: Fn(TcpStream) -> T + Send + Sync + 'static,
    T: Future<Output = ()> + Send + 'static,
{
    let then = Arc::new(then);
    scene(name, kinds, move |tcp| {
        let then = Arc::clone(&then);
        async move {
            let mut tcp = tcp;
            let Some(accept) = request(&mut tcp).await else { return };
            if tcp.write_all(good(&accept).as_bytes()).await.is_ok() {
                then(tcp).await;
            }
        }
    })
}

pub(crate) fn good(accept: &str) -> String {
    format!(
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
         Sec-WebSocket-Accept: {accept}\r\n\r\n"
    )
}

/// Reads a request to its end; gives the answer to its key.
pub(crate) async fn request(tcp: &mut TcpStream) -> Option<String> {
    let _slower = tcp.set_nodelay(true);
    let mut text = Vec::new();
    while !text.ends_with(b"\r\n\r\n") {
        text.push(tcp.read_u8().await.ok()?);
    }
    let text = String::from_utf8(text).ok()?;
    let key = text.lines().find_map(|line| line.strip_prefix("Sec-WebSocket-Key: "))?;
    Some(derive_accept_key(key.as_bytes()))
}

/// Reads until the client has gone.
pub(crate) async fn hold(mut tcp: TcpStream) {
    let mut rest = vec![0; 16 << 10];
    while tcp.read(&mut rest).await.is_ok_and(|count| count > 0) {}
}

/// A frame of a server.
pub(crate) fn frame(first: u8, payload: &[u8]) -> Vec<u8> {
    let length = payload.len();
    let mut bytes = match u8::try_from(length) {
        Ok(short @ 0..=125) => vec![first, short],
        _ => match u16::try_from(length) {
            Ok(length) => [&[first, 126], &length.to_be_bytes()[..]].concat(),
            Err(_) => [&[first, 127], &(length as u64).to_be_bytes()[..]].concat(),
        },
    };
    bytes.extend_from_slice(payload);
    bytes
}

pub(crate) async fn pass(milliseconds: u64) {
    tokio::time::sleep(Duration::from_millis(milliseconds)).await;
}
