//! Servers on loopback that do as they are told, and dials to them.

use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio_tungstenite::tungstenite::handshake::derive_accept_key;
use wirebeat::event::Why;
use wirebeat::net::dial::{DialLimits, dial};
use wirebeat::net::target::Target;
use wirebeat::net::tls::Connector;
use wirebeat::net::transport::Transport;
use wirebeat::net::{NotOpened, Opened};
use wirebeat::time::Clock;

/// A server for one connection; gives its port.
pub(crate) async fn serve<F, T>(with: F) -> u16
where
    F: FnOnce(TcpStream) -> T + Send + 'static,
    T: Future<Output = ()> + Send,
{
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move { with(listener.accept().await.unwrap().0).await });
    port
}

/// Answers so many requests, one connection each, with what `answer` makes of the number of the request and of its text.
pub(crate) async fn answering_each(count: usize, answer: impl Fn(usize, &str) -> Vec<u8> + Send + 'static) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        let mut open = Vec::new();
        for n in 0..count {
            let mut tcp = listener.accept().await.unwrap().0;
            let text = request(&mut tcp).await;
            let bytes = answer(n, &text);
            let _ = tcp.write_all(&bytes).await;
            open.push(tcp);
        }
        std::future::pending::<()>().await;
    });
    port
}

/// Reads a request to its end.
pub(crate) async fn request<S: AsyncRead + Unpin>(io: &mut S) -> String {
    let mut text = Vec::new();
    while !text.ends_with(b"\r\n\r\n") {
        text.push(io.read_u8().await.unwrap());
    }
    String::from_utf8(text).unwrap()
}

pub(crate) fn accept_of(request: &str) -> String {
    let key = request.lines().find_map(|line| line.strip_prefix("Sec-WebSocket-Key: ")).unwrap();
    derive_accept_key(key.as_bytes())
}

/// An answer as it should be.
pub(crate) fn good(request: &str) -> String {
    let accept = accept_of(request);
    format!(
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: {accept}\r\n\r\n"
    )
}

/// Answers one request with what `answer` makes of it, and keeps the connection open for as long as the client does.
pub(crate) async fn answering(answer: impl FnOnce(&str) -> Vec<u8> + Send + 'static) -> u16 {
    serve(async move |mut tcp| {
        let bytes = answer(&request(&mut tcp).await);
        let _ = tcp.write_all(&bytes).await;
        let _ = tcp.read(&mut [0; 16]).await;
    })
    .await
}

pub(crate) fn limits() -> DialLimits {
    DialLimits::default()
}

pub(crate) async fn dial_target(target: &Target) -> Result<Opened<Transport>, NotOpened> {
    dial(target, &Connector::new(), &Clock::start(), &limits()).await
}

pub(crate) async fn dial_port(port: u16) -> Result<Opened<Transport>, NotOpened> {
    dial_target(&Target::parse(&format!("ws://127.0.0.1:{port}/feed?token=SECRET1")).unwrap()).await
}

#[track_caller]
pub(crate) fn handshake(why: Why) -> String {
    let Why::Handshake { text } = why else { panic!("{why:?}") };
    text
}
