//! A server for every dial of a bench: data of what is subscribed, answers to beats, and the one way in which its first
//! link goes wrong. It judges nothing.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use futures::{SinkExt, StreamExt};
use serde_json::{Value, json};
use tokio::sync::mpsc;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::protocol::CloseFrame;
use wirebeat::time::Clock;

use crate::bench::{Far, Socket, pass};

/// What it speaks, and how.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Manners {
    /// A login and answers to subscriptions, as the profile `pusher` has them.
    pub(crate) greets: bool,
    /// Between two messages of each service.
    pub(crate) every: Duration,
    /// What becomes of its first link, and when.
    pub(crate) first: Option<(Duration, End)>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum End {
    /// It says nothing more, hears nothing more, and stays.
    Silence,
    Close(u16),
    Fin,
}

impl Default for Manners {
    fn default() -> Self {
        Self { greets: false, every: Duration::from_millis(200), first: None }
    }
}

/// Serves whoever dials. The numbers of its messages go on from link to link.
pub(crate) struct Server {
    /// Links that are open, as it sees them, and the most that were.
    open: Arc<AtomicUsize>,
    most: Arc<AtomicUsize>,
}

impl Server {
    pub(crate) fn open(&self) -> usize {
        self.open.load(Ordering::SeqCst)
    }

    pub(crate) fn most(&self) -> usize {
        self.most.load(Ordering::SeqCst)
    }
}

pub(crate) fn serve(mut servers: mpsc::Receiver<Far>, manners: Manners) -> Server {
    let (open, most) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
    let server = Server { open: Arc::clone(&open), most: Arc::clone(&most) };
    let epoch = Clock::start();
    tokio::spawn(async move {
        let mut first = manners.first;
        while let Some(far) = servers.recv().await {
            most.fetch_max(open.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
            let (open, link) = (Arc::clone(&open), Link { manners, epoch: epoch.clone(), wanted: Vec::new() });
            let end = first.take();
            tokio::spawn(async move {
                link.live(far, end).await;
                open.fetch_sub(1, Ordering::SeqCst);
            });
        }
    });
    server
}

struct Link {
    manners: Manners,
    epoch: Clock,
    wanted: Vec<String>,
}

impl Link {
    async fn live(mut self, far: Far, end: Option<(Duration, End)>) {
        let mut socket = far.socket().await;
        let ends = async {
            match end {
                Some((after, end)) => {
                    pass(after).await;
                    end
                }
                None => std::future::pending().await,
            }
        };
        let end = tokio::select! {
            () = self.talk(&mut socket) => return,
            end = ends => end,
        };
        match end {
            End::Silence => pass(Duration::from_mins(1)).await,
            End::Close(code) => {
                let _gone = socket.close(Some(CloseFrame { code: code.into(), reason: "so".into() })).await;
                while let Some(Ok(_)) = socket.next().await {}
            }
            End::Fin => {}
        }
    }

    async fn talk(&mut self, socket: &mut Socket) {
        let mut tick = tokio::time::interval(self.manners.every);
        if self.manners.greets {
            let hello = json!({"event": "pusher:connection_established", "data": {"activity_timeout": 2}});
            if socket.send(Message::text(hello.to_string())).await.is_err() {
                return;
            }
        }
        loop {
            let said = tokio::select! {
                _ = tick.tick() => None,
                said = socket.next() => match said {
                    Some(Ok(said)) => Some(said),
                    _ => return,
                },
            };
            let answers = match said {
                None => self.data(),
                Some(Message::Text(text)) => self.answer(&text),
                Some(_) => Vec::new(),
            };
            for text in answers {
                if socket.send(Message::text(text)).await.is_err() {
                    return;
                }
            }
        }
    }

    fn data(&self) -> Vec<String> {
        let seq = self.epoch.now().as_nanos() / u64::try_from(self.manners.every.as_nanos()).unwrap();
        let message = |name: &String| {
            if self.manners.greets {
                json!({"event": "trade", "channel": name, "data": "{}"}).to_string()
            } else {
                format!(r#"{{"service":"{name}","seq":{seq}}}"#)
            }
        };
        self.wanted.iter().map(message).collect()
    }

    fn answer(&mut self, text: &str) -> Vec<String> {
        let asked: Value = serde_json::from_str(text).unwrap();
        if self.manners.greets {
            let channel = asked["data"]["channel"].as_str().unwrap_or_default().to_owned();
            return match asked["event"].as_str() {
                Some("pusher:subscribe") => {
                    let yes = json!({"event": "pusher_internal:subscription_succeeded", "channel": channel});
                    self.wanted.push(channel);
                    vec![yes.to_string()]
                }
                Some("pusher:ping") => vec![json!({"event": "pusher:pong", "data": {}}).to_string()],
                _ => Vec::new(),
            };
        }
        match asked["type"].as_str() {
            Some("sub") => self.wanted.push(asked["service"].as_str().unwrap().to_owned()),
            Some("unsub") => self.wanted.retain(|name| *name != asked["service"]),
            _ => return vec![text.to_owned()],
        }
        Vec::new()
    }
}
