//! A small server of the seed's protocol on loopback that tells what its clients send, and says what it is told to.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use futures::{SinkExt, StreamExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{broadcast, mpsc};
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::protocol::CloseFrame;

/// The most that anything here waits for.
const PATIENCE: Duration = Duration::from_secs(20);

/// What the server does besides answering.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Manners {
    /// Between two messages of each service that is subscribed.
    pub(crate) every: Option<Duration>,
    /// Whether heartbeats are answered.
    pub(crate) answers: bool,
}

impl Default for Manners {
    fn default() -> Self {
        Self { every: Some(Duration::from_millis(20)), answers: true }
    }
}

pub(crate) struct FeedServer {
    pub(crate) port: u16,
    /// What clients sent: which link, counted from 1, and the text; `open`, `close CODE` and `gone` besides.
    pub(crate) heard: mpsc::Receiver<(usize, String)>,
    say: broadcast::Sender<Message>,
    answers: Arc<AtomicBool>,
}

impl FeedServer {
    pub(crate) async fn start(manners: Manners) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let (tell, heard) = mpsc::channel(4096);
        let (say, _) = broadcast::channel(4096);
        let answers = Arc::new(AtomicBool::new(manners.answers));
        let links = AtomicUsize::new(0);
        tokio::spawn({
            let (say, answers) = (say.clone(), Arc::clone(&answers));
            async move {
                loop {
                    let (tcp, _) = listener.accept().await.unwrap();
                    let number = links.fetch_add(1, Ordering::SeqCst) + 1;
                    let link = Link { number, tell: tell.clone(), answers: Arc::clone(&answers), every: manners.every };
                    tokio::spawn(link.live(tcp, say.subscribe()));
                }
            }
        });
        Self { port, heard, say, answers }
    }

    pub(crate) fn url(&self) -> String {
        format!("ws://127.0.0.1:{}/ws", self.port)
    }

    /// Says something on every link.
    pub(crate) fn say(&self, message: Message) {
        let _nobody = self.say.send(message);
    }

    pub(crate) fn close(&self, code: u16, reason: &str) {
        self.say(Message::Close(Some(CloseFrame { code: code.into(), reason: reason.to_owned().into() })));
    }

    pub(crate) fn answer(&self, on: bool) {
        self.answers.store(on, Ordering::SeqCst);
    }

    /// The next thing that a client did.
    pub(crate) async fn next(&mut self) -> (usize, String) {
        tokio::time::timeout(PATIENCE, self.heard.recv()).await.expect("a client in time").unwrap()
    }

    /// Waits until a client does that; says which link it was.
    pub(crate) async fn hears(&mut self, what: &str) -> usize {
        let mut others = Vec::new();
        let found = async {
            loop {
                let (link, text) = self.heard.recv().await.unwrap();
                if text == what {
                    return link;
                }
                others.push(text);
            }
        };
        let Ok(link) = tokio::time::timeout(PATIENCE, found).await else {
            panic!("never heard {what}, but {others:?}");
        };
        link
    }
}

async fn tick(ticks: &mut Option<tokio::time::Interval>) {
    match ticks {
        Some(ticks) => {
            ticks.tick().await;
        }
        None => std::future::pending().await,
    }
}

pub(crate) fn sub(name: &str) -> String {
    format!(r#"{{"type":"sub","service":"{name}"}}"#)
}

pub(crate) const BEAT: &str = r#"{"type":"HEART_BEAT","service":"业务"}"#;

struct Link {
    number: usize,
    tell: mpsc::Sender<(usize, String)>,
    answers: Arc<AtomicBool>,
    every: Option<Duration>,
}

impl Link {
    async fn live(self, tcp: TcpStream, mut say: broadcast::Receiver<Message>) {
        tcp.set_nodelay(true).unwrap();
        let Ok(mut ws) = tokio_tungstenite::accept_async(tcp).await else { return };
        self.tell("open").await;
        let mut services = BTreeSet::new();
        let mut n = 0_u64;
        let mut ticks = self.every.map(tokio::time::interval);
        loop {
            tokio::select! {
                message = ws.next() => match message {
                    Some(Ok(Message::Text(text))) => self.take(&text, &mut services, &mut ws).await,
                    Some(Ok(Message::Close(frame))) => {
                        let code = frame.map_or(0, |frame| u16::from(frame.code));
                        self.tell(&format!("close {code}")).await;
                    }
                    Some(Ok(_)) => {}
                    Some(Err(_)) | None => return self.tell("gone").await,
                },
                Ok(message) = say.recv() => {
                    let _gone = ws.send(message).await;
                }
                () = tick(&mut ticks) => {
                    for name in &services {
                        n += 1;
                        let text = format!(r#"{{"service":"{name}","n":{n}}}"#);
                        let _gone = ws.send(Message::text(text)).await;
                    }
                }
            }
        }
    }

    async fn take(&self, text: &str, services: &mut BTreeSet<String>, ws: &mut WebSocketStream<TcpStream>) {
        // Decided before it is told, so that who hears of this beat decides on the next.
        let answers = self.answers.load(Ordering::SeqCst);
        self.tell(text).await;
        let ask: serde_json::Value = serde_json::from_str(text).unwrap();
        let name = ask["service"].as_str().unwrap_or_default().to_owned();
        match ask["type"].as_str() {
            Some("sub") => {
                services.insert(name);
            }
            Some("unsub") => {
                services.remove(&name);
            }
            Some("HEART_BEAT") if answers => {
                let _gone = ws.send(Message::text(text)).await;
            }
            _ => {}
        }
    }

    async fn tell(&self, what: &str) {
        let _unheard = self.tell.send((self.number, what.to_owned())).await;
    }
}
