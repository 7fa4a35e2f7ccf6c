//! One open link of the server: what it is subscribed to, what waits to be written, and the faults that belong to a
//! socket. It makes no messages.

use std::collections::VecDeque;
use std::future::poll_fn;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use futures::{Sink, Stream};
use serde::Deserialize;
use serde_json::Value;
use tokio::io::AsyncWriteExt;
use tokio::sync::broadcast::error::RecvError;
use tokio::sync::{broadcast, watch};
use tokio::time::{sleep_until, timeout};
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::error::{CapacityError, ProtocolError};
use tokio_tungstenite::tungstenite::protocol::CloseFrame;
use tokio_tungstenite::tungstenite::{Error, Message};

use super::endpoint::{Item, wall_millis};
use super::upgrade::{Opened, Wire, half_close};
use super::world::Rng;
use crate::fault::{Cut, FaultId, Standing};
use crate::net::fault::Reset;
use crate::time::{Clock, Ts};

/// How long a goodbye may take.
const GOODBYE: Duration = Duration::from_secs(2);
/// How long a half-closed link still takes what is sent.
const HALF_CLOSED: Duration = Duration::from_mins(1);
/// What waits for one link, at the most.
const WAITING: usize = 4_096;
const WAITING_BYTES: usize = 4 << 20;

/// Lives until the link ends, and ends it.
pub(super) async fn serve(
    opened: Opened<'_>,
    mut items: broadcast::Receiver<Item>,
    clock: &Clock,
    patience: Duration,
    mut stop: watch::Receiver<bool>,
) {
    let Opened { ws, door, mut cuts, mut standing, mark } = opened;
    let mut link = Link {
        ws,
        clock,
        services: door.services,
        subscribed: vec![false; door.services.len()],
        outbox: Outbox::default(),
        unflushed: false,
        behind: None,
        patience,
        mark,
        rng: Rng::new(0),
    };
    let end = link.live(&mut items, &mut cuts, &mut standing, &mut stop).await;
    link.finish(end).await;
}

struct Link<'a> {
    ws: WebSocketStream<Wire>,
    clock: &'a Clock,
    services: &'static [&'static str],
    subscribed: Vec<bool>,
    outbox: Outbox,
    unflushed: bool,
    /// Since when something waits that the socket does not take.
    behind: Option<Ts>,
    patience: Duration,
    mark: FaultId,
    rng: Rng,
}

enum End {
    /// There is nobody left.
    Gone,
    Goodbye(u16, String),
    Cut(Cut),
}

/// What a look at the socket brought.
enum Turn {
    Read(Message),
    Ended(Option<Error>),
    /// It takes no more for now.
    Behind,
}

impl Link<'_> {
    async fn live(
        &mut self,
        items: &mut broadcast::Receiver<Item>,
        cuts: &mut broadcast::Receiver<Cut>,
        standing: &mut watch::Receiver<Standing>,
        stop: &mut watch::Receiver<bool>,
    ) -> End {
        loop {
            let faults = standing.borrow_and_update().clone();
            let now = self.clock.now();
            if let Some(until) = faults.frozen(self.mark, now) {
                // What the server says meanwhile waits in `items`, or is lost there; a cut waits too.
                self.behind = None;
                tokio::select! {
                    _ = stop.changed() => return End::Cut(Cut::Reset),
                    changed = standing.changed() => if changed.is_err() { return End::Gone },
                    () = sleep_until(self.clock.instant(until)) => {}
                }
                continue;
            }
            let slow = self.behind.map(|since| since + self.patience);
            if slow.is_some_and(|limit| now >= limit) {
                return End::Goodbye(1013, "too slow: messages wait for you".to_owned());
            }
            let wake = [slow, self.outbox.next().filter(|&due| due > now)].into_iter().flatten().min();
            let wake = self.clock.instant(wake.unwrap_or(Ts::from_nanos(u64::MAX)));
            tokio::select! {
                _ = stop.changed() => return End::Goodbye(1001, "the server stops".to_owned()),
                cut = cuts.recv() => match cut {
                    Ok(Cut::Close { code, reason }) => return End::Goodbye(code, reason),
                    Ok(cut) => return End::Cut(cut),
                    Err(RecvError::Lagged(_)) => {}
                    Err(RecvError::Closed) => return End::Gone,
                },
                changed = standing.changed() => if changed.is_err() { return End::Gone },
                item = items.recv() => match item {
                    Ok(item) => self.offer(item, &faults),
                    // A thawed link has missed something; its numbers say how much.
                    Err(RecvError::Lagged(_)) => {}
                    Err(RecvError::Closed) => return End::Gone,
                },
                turn = poll_fn(|cx| self.turn(cx)) => match turn {
                    Turn::Read(message) => if self.hear(message, &faults) { return self.farewell().await },
                    Turn::Ended(error) => return ended(error.as_ref()),
                    Turn::Behind => {}
                },
                () = sleep_until(wake) => {}
            }
        }
    }

    /// Writes what may go, then reads.
    fn turn(&mut self, cx: &mut Context<'_>) -> Poll<Turn> {
        let now = self.clock.now();
        let mut stuck = false;
        while let Some(due) = self.outbox.next().filter(|&due| due <= now) {
            match Pin::new(&mut self.ws).poll_ready(cx) {
                Poll::Ready(Ok(())) => {}
                Poll::Ready(Err(error)) => return Poll::Ready(Turn::Ended(Some(error))),
                Poll::Pending => {
                    stuck = true;
                    break;
                }
            }
            let Some(message) = self.outbox.pop(due) else { break };
            if let Err(error) = Pin::new(&mut self.ws).start_send(message) {
                return Poll::Ready(Turn::Ended(Some(error)));
            }
            self.unflushed = true;
        }
        if self.unflushed {
            match Pin::new(&mut self.ws).poll_flush(cx) {
                Poll::Ready(Ok(())) => self.unflushed = false,
                Poll::Ready(Err(error)) => return Poll::Ready(Turn::Ended(Some(error))),
                Poll::Pending => stuck = true,
            }
        }
        if !stuck {
            self.behind = None;
        } else if self.behind.is_none() {
            // Once, so that whoever waits learns of the deadline.
            self.behind = Some(now);
            return Poll::Ready(Turn::Behind);
        }
        // Whoever does not read our answers need not ask more.
        if self.outbox.full() {
            return Poll::Pending;
        }
        Pin::new(&mut self.ws).poll_next(cx).map(|next| match next {
            Some(Ok(message)) => Turn::Read(message),
            Some(Err(error)) => Turn::Ended(Some(error)),
            None => Turn::Ended(None),
        })
    }

    fn offer(&mut self, item: Item, faults: &Standing) {
        let wanted = item.service.is_none_or(|service| self.subscribed.get(service).copied().unwrap_or(false));
        if wanted {
            self.put(item, faults);
        }
    }

    fn put(&mut self, item: Item, faults: &Standing) {
        let now = self.clock.now();
        let (delay, jitter) = faults.latency(now);
        let more = self.rng.between(0, u64::try_from(jitter.as_micros()).unwrap_or(0));
        self.outbox.push(now + delay + Duration::from_micros(more), item);
    }

    /// Says whether it was a goodbye.
    fn hear(&mut self, message: Message, faults: &Standing) -> bool {
        let answer = match message {
            Message::Text(text) => self.answer(&text, faults),
            Message::Binary(_) => Some(complaint("expected a text message with JSON", None)),
            // Pings are answered underneath.
            Message::Ping(_) | Message::Pong(_) | Message::Frame(_) => None,
            Message::Close(_) => return true,
        };
        if let Some(text) = answer {
            self.put(Item { service: None, message: Message::text(text) }, faults);
        }
        false
    }

    fn answer(&mut self, text: &str, faults: &Standing) -> Option<String> {
        let Ok(ask) = serde_json::from_str::<Ask>(text) else {
            return Some(complaint("not a JSON object", None));
        };
        let service = ask.service.as_ref().and_then(Value::as_str);
        match (ask.kind.as_ref().and_then(Value::as_str), service) {
            (Some("HEART_BEAT"), service) => {
                // The wall clock may have been set since.
                self.clock.follow_wall();
                let beat = serde_json::json!({ "service": service.unwrap_or("业务") });
                let ts = wall_millis(self.clock);
                let answer = format!("{{\"type\":\"HEART_BEAT\",\"service\":{},\"ts\":{ts}}}", beat["service"]);
                (!faults.answers_dropped(self.clock.now())).then_some(answer)
            }
            (Some(kind @ ("sub" | "unsub")), Some(name)) => {
                let Some(place) = self.services.iter().position(|&known| known == name) else {
                    let text = format!("no such service; there are {}", self.services.join(", "));
                    return Some(complaint(&text, Some(name)));
                };
                if kind == "sub" && faults.subscriptions_refused(name, self.clock.now()) {
                    return Some(complaint("refused on purpose: a fault is on", Some(name)));
                }
                if let Some(on) = self.subscribed.get_mut(place) {
                    *on = kind == "sub";
                }
                if kind == "unsub" {
                    self.outbox.forget(place);
                }
                None
            }
            (Some("sub" | "unsub"), None) => Some(complaint("\"service\" is missing or not a text", None)),
            (Some(_), _) => Some(complaint("\"type\" is none of sub, unsub, HEART_BEAT", service)),
            (None, _) => Some(complaint("\"type\" is missing or not a text", service)),
        }
    }

    /// The client said goodbye: the answer goes out, then TCP ends.
    async fn farewell(&mut self) -> End {
        self.outbox = Outbox::default();
        let ended = async { while let Some(Ok(_)) = poll_fn(|cx| Pin::new(&mut self.ws).poll_next(cx)).await {} };
        // Whoever does not wait for the answer is gone just as well.
        let _ = timeout(GOODBYE, ended).await;
        End::Gone
    }

    async fn finish(mut self, end: End) {
        match end {
            End::Gone => {}
            End::Goodbye(code, reason) => {
                let close = CloseFrame { code: code.into(), reason: reason.into() };
                let ws = &mut self.ws;
                let said = timeout(GOODBYE, async {
                    ws.close(Some(close)).await?;
                    while poll_fn(|cx| Pin::new(&mut *ws).poll_next(cx)).await.transpose()?.is_some() {}
                    Ok::<_, Error>(())
                });
                match said.await {
                    // The server ends TCP first (RFC 6455, section 7.1.1). Where something lies unread, dropping the
                    // socket would tear the close frame up.
                    Ok(_) => half_close(self.ws.get_ref().socket(), GOODBYE).await,
                    // Stuck: what waits in the kernel is let go of as well.
                    Err(_) => self.ws.get_ref().socket().reset(),
                }
            }
            End::Cut(Cut::Reset) => self.ws.get_ref().socket().reset(),
            End::Cut(Cut::HalfClose) => half_close(self.ws.get_ref().socket(), HALF_CLOSED).await,
            End::Cut(Cut::Truncate) => {
                // The head of a long frame and the first of its bytes. A socket that takes no more is cut all the same.
                let _ = timeout(GOODBYE, self.ws.get_mut().write_all(b"\x81\x7e\x10\x00{\"ser")).await;
                half_close(self.ws.get_ref().socket(), GOODBYE).await;
            }
            End::Cut(Cut::Fin | Cut::Close { .. }) => half_close(self.ws.get_ref().socket(), GOODBYE).await,
        }
    }
}

fn ended(error: Option<&Error>) -> End {
    let Some(error) = error else { return End::Gone };
    #[expect(clippy::wildcard_enum_match_arm, reason = "of the foreign errors only these are the client's")]
    match error {
        Error::Capacity(CapacityError::MessageTooLong { max_size, .. }) => {
            End::Goodbye(1009, format!("a message is longer than {max_size} bytes"))
        }
        Error::Utf8(_) => End::Goodbye(1007, "a text message is not UTF-8".to_owned()),
        Error::Protocol(ProtocolError::ResetWithoutClosingHandshake) => End::Gone,
        Error::Protocol(error) => End::Goodbye(1002, error.to_string().chars().take(100).collect()),
        _ => End::Gone,
    }
}

/// What a client may say. Loosely typed, so that an odd value earns a complaint that names it.
#[derive(Deserialize)]
struct Ask {
    #[serde(rename = "type")]
    kind: Option<Value>,
    service: Option<Value>,
}

fn complaint(text: &str, service: Option<&str>) -> String {
    match service {
        None => serde_json::json!({ "type": "error", "text": text }).to_string(),
        Some(name) => {
            let name: String = name.chars().take(100).collect();
            serde_json::json!({ "type": "error", "service": name, "text": text }).to_string()
        }
    }
}

/// What waits to be written, in its order, each from its own moment on. It is bounded: what finds it full is lost.
#[derive(Default)]
struct Outbox {
    queue: VecDeque<(Ts, Item)>,
    bytes: usize,
}

impl Outbox {
    fn full(&self) -> bool {
        self.queue.len() >= WAITING || self.bytes >= WAITING_BYTES
    }

    fn push(&mut self, due: Ts, item: Item) {
        if !self.full() {
            let due = self.queue.back().map_or(due, |(last, _)| due.max(*last));
            self.bytes = self.bytes.saturating_add(item.message.len());
            self.queue.push_back((due, item));
        }
    }

    fn next(&self) -> Option<Ts> {
        self.queue.front().map(|(due, _)| *due)
    }

    fn pop(&mut self, now: Ts) -> Option<Message> {
        let (_, item) = self.queue.pop_front_if(|(due, _)| *due <= now)?;
        self.bytes = self.bytes.saturating_sub(item.message.len());
        Some(item.message)
    }

    /// Nothing of a service comes after it was unsubscribed.
    fn forget(&mut self, service: usize) {
        self.queue.retain(|(_, item)| item.service != Some(service));
        self.bytes = self.queue.iter().map(|(_, item)| item.message.len()).sum();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn item(service: usize, length: usize) -> Item {
        Item { service: Some(service), message: Message::text("x".repeat(length)) }
    }

    #[test]
    fn the_outbox_is_bounded_by_number_and_by_bytes() {
        let mut outbox = Outbox::default();
        for _ in 0..WAITING * 2 {
            outbox.push(Ts::ZERO, item(0, 1));
        }
        assert_eq!(outbox.queue.len(), WAITING);
        outbox.forget(0);
        assert!(outbox.bytes == 0 && outbox.next().is_none());
        for _ in 0..1_000 {
            outbox.push(Ts::ZERO, item(0, 100_000));
        }
        assert!(outbox.bytes <= WAITING_BYTES + 100_000);
    }

    #[test]
    fn delayed_messages_keep_their_order() {
        let mut outbox = Outbox::default();
        outbox.push(Ts::from_millis(50), item(0, 1));
        outbox.push(Ts::from_millis(20), item(0, 2));
        outbox.push(Ts::from_millis(60), item(1, 3));
        assert!(outbox.pop(Ts::from_millis(49)).is_none());
        assert_eq!(outbox.pop(Ts::from_millis(50)).map(|message| message.len()), Some(1));
        outbox.forget(0);
        assert_eq!(outbox.pop(Ts::from_millis(60)).map(|message| message.len()), Some(3));
    }
}
