//! One client and its server, and what passes between them: frames both ways, with the faults that stand. It dials
//! nothing, and lets nobody in.

use std::future::poll_fn;
use std::io::ErrorKind;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::{Buf, BytesMut};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::sync::broadcast::error::RecvError;
use tokio::sync::{broadcast, watch};
use tokio::time::sleep_until;

use super::desk::{Order, RelayDesk};
use super::frame::{Frame, Frames, Unit};
use super::garbage::Litter;
use super::reader::{Book, Reader, Said};
use super::seen::{ClientId, Left, What};
use super::sieve::{Fate, Sieve, refuses};
use super::tap::{News, Tap};
use super::teller::{Flow, Teller};
use crate::event::{By, How, Why};
use crate::fault::{Cut, FaultId, Standing};
use crate::net::fault::{Faulty, Reset};
use crate::profile::Life;
use crate::session::Opcode;
use crate::time::{Clock, Ts};

/// What waits for a slow end, at the most; the other end is not read then.
const ROOM: usize = 1 << 20;
const PIECE: usize = 32 << 10;
/// Bytes of one message.
pub(super) const LONGEST: usize = 16 << 20;
/// How long an end may take to part.
const PARTING: Duration = Duration::from_secs(2);
/// How long a half-closed link still takes what is sent.
const HALF_CLOSED: Duration = Duration::from_mins(1);

/// What a link is made of.
pub(super) struct Ends<C, S> {
    pub(super) client: Faulty<Tap<C>>,
    pub(super) server: S,
    /// What the server sent behind its answer.
    pub(super) leftover: Vec<u8>,
}

/// What a link needs besides.
pub(super) struct Around {
    pub(super) id: ClientId,
    pub(super) clock: Clock,
    pub(super) book: Arc<Book>,
    pub(super) teller: Teller,
    pub(super) desk: RelayDesk,
    pub(super) standing: watch::Receiver<Standing>,
    pub(super) orders: broadcast::Receiver<Order>,
    pub(super) stop: watch::Receiver<bool>,
    /// Faults that are not lower began after it opened.
    pub(super) mark: FaultId,
    pub(super) seed: u64,
}

/// Something to do.
enum Step {
    FromClient,
    FromServer,
    Tapped(News),
    ClientEnd,
    ServerEnd(Option<ErrorKind>),
    /// Everything that was left is written, and the end of it told.
    Parted,
}

struct Link<C, S> {
    client: Faulty<Tap<C>>,
    server: S,
    id: ClientId,
    clock: Clock,
    standing: Standing,
    mark: FaultId,
    reader: Reader,
    /// Of what the client sent, whether it passes or not.
    witness: Reader,
    book: Arc<Book>,
    teller: Teller,
    desk: RelayDesk,
    flow: Flow,
    sieve: Sieve,
    litter: Litter,
    said: Frames,
    tapped: Frames,
    heard: Frames,
    to_client: BytesMut,
    to_server: BytesMut,
    buffer: Vec<u8>,
    /// The last message that was passed to the client.
    last: Ts,
    mask: u32,
    /// Which ends have ended, and which were told that the other one has.
    client_over: bool,
    server_over: bool,
    client_told: bool,
    server_told: bool,
    close_seen: bool,
    left: bool,
    cut: bool,
    /// The client gets a reset as soon as anything passes.
    reset: bool,
    /// The client hears the end of TCP, and is heard on.
    half: bool,
    until: Option<Ts>,
}

/// Relays until both ends have gone, and tells what it sees.
pub(super) async fn relay<C, S>(ends: Ends<C, S>, around: Around)
where
    C: AsyncRead + AsyncWrite + Reset + Unpin,
    S: AsyncRead + AsyncWrite + Reset + Unpin,
{
    let Around { id, clock, book, teller, desk, mut standing, mut orders, mut stop, mark, seed } = around;
    let mut link = Link {
        client: ends.client,
        server: ends.server,
        id,
        standing: standing.borrow_and_update().clone(),
        mark,
        reader: Reader::new(&book),
        witness: Reader::new(&book),
        litter: Litter::new(),
        book,
        teller,
        desk,
        flow: Flow::new(id),
        sieve: Sieve::default(),
        said: Frames::new(LONGEST),
        tapped: Frames::new(LONGEST),
        heard: Frames::new(LONGEST),
        to_client: BytesMut::new(),
        to_server: BytesMut::new(),
        buffer: vec![0; PIECE],
        last: clock.now(),
        clock,
        mask: u32::try_from(seed & 0xFFFF_FFFF).unwrap_or_default(),
        client_over: false,
        server_over: false,
        client_told: false,
        server_told: false,
        close_seen: false,
        left: false,
        cut: false,
        reset: false,
        half: false,
        until: None,
    };
    link.hear(&ends.leftover);
    loop {
        let now = link.clock.now();
        link.litter.stand(&link.standing, now);
        if link.is_over(now) {
            break;
        }
        let next = [link.flow.due(), link.litter.due(), link.until, link.standing.next_end(now)];
        let wake = next.into_iter().flatten().min().unwrap_or(now + Duration::from_hours(1));
        let clock = link.clock.clone();
        tokio::select! {
            biased;
            _ = stop.changed() => link.goodbye(1001, "the relay stops"),
            order = orders.recv() => match order {
                Ok(order) => link.obey(order),
                Err(RecvError::Lagged(_)) => {}
                Err(RecvError::Closed) => break,
            },
            changed = standing.changed() => {
                if changed.is_err() {
                    break;
                }
                link.standing = standing.borrow_and_update().clone();
            }
            step = poll_fn(|cx| link.poll(cx)) => link.take(step),
            () = sleep_until(clock.instant(wake)) => link.tick(),
        }
    }
    link.flow.tell(&link.teller, link.clock.now());
    if link.reset {
        link.client.get_ref().reset();
    }
    link.teller.tell(link.clock.now(), What::Over { client: link.id, cut: link.cut });
}

impl<C, S> Link<C, S>
where
    C: AsyncRead + AsyncWrite + Reset + Unpin,
    S: AsyncRead + AsyncWrite + Reset + Unpin,
{
    fn frozen(&self, now: Ts) -> bool {
        self.standing.frozen(self.mark, now).is_some()
    }

    fn is_over(&self, now: Ts) -> bool {
        let parted = self.until.is_some_and(|until| until <= now);
        // Nobody is there for whom anything would be kept.
        let alone = self.left && (self.frozen(now) || self.server_over || self.cut);
        parted || alone || (self.client_over && self.server_over) || (self.reset && !self.frozen(now))
    }

    fn obey(&mut self, order: Order) {
        let now = self.clock.now();
        match order {
            Order::Edit(fault) => self.sieve.edit(&fault),
            Order::Close { code, reason } => {
                self.cut = true;
                self.goodbye(code, &reason);
            }
            Order::Cut(Cut::HalfClose) => {
                (self.cut, self.half) = (true, true);
                self.until = Some(now + HALF_CLOSED);
            }
            Order::Cut(Cut::Reset) => (self.cut, self.reset) = (true, true),
            Order::Cut(cut) => {
                self.cut = true;
                if cut == Cut::Truncate {
                    // The head of a long frame and the first of its bytes.
                    self.to_client.extend_from_slice(b"\x81\x7e\x10\x00{\"ser");
                }
                self.part();
            }
        }
    }

    /// Says a close frame to the client, and nothing more; the server is left.
    fn goodbye(&mut self, code: u16, reason: &str) {
        Frame::close(code, reason).write(None, &mut self.to_client);
        self.part();
    }

    /// Both ends end; what was said before is written first.
    fn part(&mut self) {
        if !self.server_over {
            self.server_over = true;
            let mask = self.next_mask();
            Frame::close(1001, "").write(Some(mask), &mut self.to_server);
        }
        self.until.get_or_insert(self.clock.now() + PARTING);
    }

    fn tick(&mut self) {
        let now = self.clock.now();
        if self.flow.due().is_some_and(|due| due <= now) {
            self.flow.tell(&self.teller, now);
        }
        let wall = now.on_wall(self.clock.anchor()) / 1_000_000;
        self.litter.stand(&self.standing, now);
        let first = self.book.services().next().map(str::to_owned);
        while let Some((kind, unit)) = self.litter.next(now, first.as_deref(), wall) {
            if !self.frozen(now) && !self.server_over {
                self.flow.tell(&self.teller, now);
                self.pass(&unit);
                self.last = now;
                self.teller.tell(now, What::Garbage { client: self.id, kind });
            }
        }
    }

    fn take(&mut self, step: Step) {
        let now = self.clock.now();
        match step {
            Step::FromClient => {
                while let Some(unit) = self.said.next() {
                    self.say(&unit, now);
                }
            }
            Step::FromServer => self.drain(now),
            Step::Tapped(News::Bytes(bytes)) => self.witness(&bytes, now),
            Step::Tapped(News::End(kind)) => {
                if !self.left && !self.close_seen {
                    self.flow.tell(&self.teller, now);
                    let how = if kind.is_some() { Left::Reset } else { Left::Fin };
                    self.teller.tell(now, What::Left { client: self.id, how });
                }
                self.left = true;
            }
            Step::ClientEnd => {
                self.client_over = true;
                self.until.get_or_insert(now + PARTING);
            }
            Step::ServerEnd(kind) => {
                let told = self.server_over;
                self.server_over = true;
                if !told {
                    let why = match kind {
                        None => Why::Eof,
                        Some(kind) => Why::Reset { text: std::io::Error::from(kind).to_string() },
                    };
                    if !self.close_seen && !self.client_over {
                        self.teller.tell(now, What::ServerLeft { client: self.id, why });
                    }
                    self.reset = kind.is_some() && !self.client_over;
                }
            }
            Step::Parted => {
                self.until.get_or_insert(now + PARTING);
            }
        }
    }

    /// What the client sent is taken down, whether it passes or not.
    fn witness(&mut self, bytes: &[u8], now: Ts) {
        if self.tapped.feed(bytes).is_err() {
            return;
        }
        while let Some(unit) = self.tapped.next() {
            self.flow.tell(&self.teller, now);
            let (client, idle) = (self.id, now - self.last);
            let what = match unit.opcode() {
                Some(opcode @ (Opcode::Text | Opcode::Binary)) => {
                    match self.witness.said(opcode == Opcode::Binary, &unit.payload()) {
                        Said::Beat => What::Beat { client, how: How::App, idle },
                        Said::Subscribe { services, whole } => {
                            services.iter().for_each(|service| self.desk.meet(service));
                            What::Subscribed { client, services, whole }
                        }
                        Said::Unsubscribe { services } => What::Unsubscribed { client, services },
                        Said::Other => continue,
                    }
                }
                Some(Opcode::Ping) if self.book.pings => What::Beat { client, how: How::Ping, idle },
                Some(Opcode::Ping | Opcode::Pong) => continue,
                None => match unit.closes() {
                    Some((code, reason)) if !self.close_seen => {
                        self.close_seen = true;
                        What::Left { client, how: Left::Close { code, reason } }
                    }
                    Some(_) | None => continue,
                },
            };
            self.teller.tell(now, what);
        }
    }

    /// Passes on what the client says.
    fn say(&mut self, unit: &Unit, now: Ts) {
        let data = matches!(unit.opcode(), Some(Opcode::Text | Opcode::Binary));
        // Both readers learn what is asked for; of the numbers of subscriptions this one needs to know.
        let said = data.then(|| self.reader.said(unit.opcode() == Some(Opcode::Binary), &unit.payload()));
        if self.server_over || said.is_some_and(|said| refuses(&said, &self.standing, now)) {
            return;
        }
        for frame in &unit.frames {
            let mask = self.next_mask();
            frame.write(Some(mask), &mut self.to_server);
        }
    }

    fn hear(&mut self, bytes: &[u8]) {
        if self.heard.feed(bytes).is_err() {
            let why = Why::TooBig { limit: LONGEST as u64 };
            self.teller.tell(self.clock.now(), What::ServerLeft { client: self.id, why });
            self.goodbye(1009, "a message is longer than the relay keeps");
        }
        self.drain(self.clock.now());
    }

    /// What the server said, through the faults.
    fn drain(&mut self, now: Ts) {
        while let Some(unit) = self.heard.next() {
            if self.cut {
                return;
            }
            if let Some((code, reason)) = unit.closes() {
                if !self.close_seen {
                    let why = Why::Close { by: By::Peer, code, reason };
                    self.flow.tell(&self.teller, now);
                    self.teller.tell(now, What::ServerLeft { client: self.id, why });
                }
                self.close_seen = true;
                self.pass(&unit);
                continue;
            }
            let opcode = unit.opcode().unwrap_or(Opcode::Ping);
            let data = matches!(opcode, Opcode::Text | Opcode::Binary);
            let payload = unit.payload();
            let heard =
                if data { self.reader.hear(now, self.clock.anchor(), opcode, &payload) } else { Vec::new() };
            match self.sieve.sift(unit, &heard, &self.standing, self.book.pings, now) {
                Fate::Keep => self.flow.kept(now),
                Fate::Pass(units) => {
                    for unit in &units {
                        self.pass(unit);
                    }
                    if self.frozen(now) {
                        self.flow.kept(now);
                        continue;
                    }
                    let answered = heard.iter().any(|one| one.kind == crate::event::Kind::Pong)
                        || (self.book.pings && opcode == Opcode::Pong);
                    if self.book.restarts(data, answered) {
                        self.last = now;
                    }
                    if data {
                        let bytes: usize = units.iter().map(Unit::len).sum();
                        self.flow.passed(now, &heard, bytes as u64, self.book.counted);
                    }
                    if answered {
                        self.flow.tell(&self.teller, now);
                        self.teller.tell(now, What::Answered { client: self.id });
                    }
                }
            }
        }
    }

    fn pass(&mut self, unit: &Unit) {
        for frame in &unit.frames {
            frame.write(None, &mut self.to_client);
        }
    }

    fn next_mask(&mut self) -> [u8; 4] {
        self.mask = self.mask.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        self.mask.to_be_bytes()
    }

    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<Step> {
        let wrote = write_out(&mut self.client, &mut self.to_client, cx);
        // What is kept back is kept back with its end.
        let ends = (self.server_over || self.half) && !self.client_told && !self.reset;
        if wrote == Wrote::All
            && ends
            && !self.frozen(self.clock.now())
            && Pin::new(&mut self.client).poll_shutdown(cx).is_ready()
        {
            self.client_told = true;
            return Poll::Ready(Step::Parted);
        }
        let wrote = write_out(&mut self.server, &mut self.to_server, cx);
        let ends = (self.client_over || (self.until.is_some() && !self.half)) && !self.server_told;
        if wrote == Wrote::All && ends && Pin::new(&mut self.server).poll_shutdown(cx).is_ready() {
            self.server_told = true;
            return Poll::Ready(Step::Parted);
        }
        if let Poll::Ready(news) = self.client.get_mut().poll_news(cx) {
            return Poll::Ready(Step::Tapped(news));
        }
        if !self.client_over && self.to_server.len() < ROOM {
            let mut buf = ReadBuf::new(&mut self.buffer);
            match Pin::new(&mut self.client).poll_read(cx, &mut buf) {
                Poll::Ready(Ok(())) if !buf.filled().is_empty() => {
                    let fed = self.said.feed(buf.filled());
                    return Poll::Ready(if fed.is_ok() { Step::FromClient } else { Step::ClientEnd });
                }
                Poll::Ready(Ok(()) | Err(_)) => return Poll::Ready(Step::ClientEnd),
                Poll::Pending => {}
            }
        }
        if !self.server_over && self.to_client.len() < ROOM {
            let mut buf = ReadBuf::new(&mut self.buffer);
            match Pin::new(&mut self.server).poll_read(cx, &mut buf) {
                Poll::Ready(Ok(())) if !buf.filled().is_empty() => {
                    let fed = self.heard.feed(buf.filled());
                    if fed.is_err() {
                        Frame::close(1009, "a message is longer than the relay keeps").write(None, &mut self.to_client);
                        return Poll::Ready(Step::ServerEnd(None));
                    }
                    return Poll::Ready(Step::FromServer);
                }
                Poll::Ready(Ok(())) => return Poll::Ready(Step::ServerEnd(None)),
                Poll::Ready(Err(error)) => return Poll::Ready(Step::ServerEnd(Some(error.kind()))),
                Poll::Pending => {}
            }
        }
        Poll::Pending
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Wrote {
    All,
    /// There is more, or it is under way.
    Part,
}

/// Writes as far as it goes. What nobody takes any more is let go: reading says why.
fn write_out<W: AsyncWrite + Unpin>(to: &mut W, from: &mut BytesMut, cx: &mut Context<'_>) -> Wrote {
    while !from.is_empty() {
        match Pin::new(&mut *to).poll_write(cx, from) {
            Poll::Ready(Ok(0) | Err(_)) => from.clear(),
            Poll::Ready(Ok(count)) => from.advance(count),
            Poll::Pending => return Wrote::Part,
        }
    }
    match Pin::new(to).poll_flush(cx) {
        Poll::Ready(_) => Wrote::All,
        Poll::Pending => Wrote::Part,
    }
}

/// Whether a unit of the server restarts the countdown to the client's next heartbeat.
impl Book {
    fn restarts(&self, data: bool, answered: bool) -> bool {
        match self.restart_on {
            Life::Any => true,
            Life::Message => data,
            Life::Answer => answered,
        }
    }
}

#[cfg(test)]
mod tests;
