//! One client and its server, and what passes between them: frames both ways, with the faults that stand. It dials
//! nothing, and lets nobody in.

mod passing;
mod pump;

use std::future::poll_fn;
use std::io::ErrorKind;
use std::sync::Arc;
use std::time::Duration;

use bytes::BytesMut;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::sync::broadcast::error::RecvError;
use tokio::sync::{broadcast, watch};
use tokio::time::sleep_until;

use super::desk::{Order, RelayDesk};
use super::frame::{Frame, Frames};
use super::garbage::Litter;
use super::reader::{Book, Reader};
use super::seen::{ClientId, Left, What};
use super::sieve::Sieve;
use super::tap::{End, News, Tap};
use super::teller::{Flow, Teller};
use crate::event::Why;
use crate::fault::{Cut, FaultId, Standing};
use crate::net::fault::{Faulty, Reset};
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
    /// A message is longer than is kept; `sent`: by the client.
    TooLong {
        sent: bool,
    },
    /// Everything that was left is written, and the end of it told.
    Parted,
}

#[expect(clippy::struct_excessive_bools, reason = "each end comes to its own end, is told so, and is seen to know")]
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
                self.part(1001, "");
            }
        }
    }

    /// Says a close frame to the client, and nothing more; the server is left.
    fn goodbye(&mut self, code: u16, reason: &str) {
        Frame::close(code, reason).write(None, &mut self.to_client);
        self.part(1001, "");
    }

    /// A message that is not kept cannot be passed on. Both ends are told.
    fn too_long(&mut self, sent: bool) {
        const WHY: &str = "a message is longer than the relay keeps: 16 MiB";
        let now = self.clock.now();
        self.flow.tell(&self.teller, now);
        self.teller.tell(now, What::TooLong { client: self.id, sent });
        self.close_seen = true;
        Frame::close(1009, WHY).write(None, &mut self.to_client);
        self.part(1009, WHY);
    }

    /// Both ends end; what was said before is written first.
    fn part(&mut self, code: u16, reason: &str) {
        if !self.server_over {
            self.server_over = true;
            let mask = self.next_mask();
            Frame::close(code, reason).write(Some(mask), &mut self.to_server);
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
            Step::Tapped(News::End(end)) => {
                if !self.left && !self.close_seen {
                    self.flow.tell(&self.teller, now);
                    let how = if end == End::Fin { Left::Fin } else { Left::Reset };
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
            Step::TooLong { sent } => self.too_long(sent),
            Step::Parted => {
                self.until.get_or_insert(now + PARTING);
            }
        }
    }
}

#[cfg(test)]
mod tests;
