//! A byte layer that breaks down on request: under the walker of our own links, or around the sockets of a relay.
//!
//! [`Faults`] says what stands, for any number of links; each [`Faulty`] made from it carries it out: freeze, blackhole,
//! latency, bandwidth, delivery by single bytes, and the ways in which a link is cut. It knows no WebSocket: what belongs
//! to messages is not done here, and neither is a close frame ([`Cut::Close`] ends like [`Cut::Fin`]).
//!
//! While nothing stands a link costs one load of a number for each call, and no memory.
//!
//! What is written goes the way of the system's own buffers: as long as there is room it is taken, flushed or not, and
//! passes in its time. It moves whenever the stream is read or written, so somebody has to go on reading.

mod dials;
mod lane;
#[cfg(test)]
mod tests;
mod under;

use std::io::{self, IoSlice};
use std::pin::Pin;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::task::{Context, Poll};
use std::time::Duration;

use futures::task::AtomicWaker;
use tokio::io::{AsyncRead, AsyncWrite, DuplexStream, ReadBuf};
use tokio::net::TcpStream;
use tokio::sync::Notify;
use tokio_rustls::client::TlsStream;

use self::under::{Effects, Turn, Under};
use super::transport::Transport;
use crate::fault::{Active, Cut, DeskError, Fault, FaultId, Standing};
use crate::time::Clock;

/// A stream whose end can be made a reset.
pub trait Reset {
    /// From now on dropping it resets the connection, where there is one to reset.
    fn reset(&self) {}
}

impl Reset for DuplexStream {}

impl Reset for TcpStream {
    fn reset(&self) {
        // If the system refuses, the end is an orderly one, which is the second best.
        let _ = socket2::SockRef::from(self).set_linger(Some(Duration::ZERO));
    }
}

impl Reset for TlsStream<Transport> {
    fn reset(&self) {
        self.get_ref().0.reset();
    }
}

impl Reset for tokio_rustls::server::TlsStream<TcpStream> {
    fn reset(&self) {
        self.get_ref().0.reset();
    }
}

impl Reset for Transport {
    fn reset(&self) {
        match self {
            Self::Plain(io) => io.reset(),
            // A Unix socket has no reset: its end is an orderly one.
            #[cfg(unix)]
            Self::Socket(_) => {}
            Self::Tls(io) => io.reset(),
        }
    }
}

/// What stands on some links. Copies share it.
#[derive(Clone, Debug)]
pub struct Faults {
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    clock: Clock,
    seed: u64,
    /// Counts changes, so that one look says whether there is news.
    version: AtomicU64,
    state: Mutex<State>,
    /// For dials: a link hears of news by its tap.
    changed: Notify,
}

#[derive(Debug, Default)]
struct State {
    standing: Standing,
    /// What begins from here on is not lower.
    mark: FaultId,
    taps: Vec<Weak<Tap>>,
    links: u64,
}

/// The end by which a link is told of news.
#[derive(Debug, Default)]
struct Tap {
    cut: Mutex<Option<Cut>>,
    reader: AtomicWaker,
    writer: AtomicWaker,
}

impl Faults {
    /// The same seed gives the same jitter.
    pub fn new(clock: Clock, seed: u64) -> Self {
        let (version, state, changed) = (AtomicU64::new(0), Mutex::default(), Notify::new());
        Self { shared: Arc::new(Shared { clock, seed, version, state, changed }) }
    }

    /// These stand from now on, each until its own end, instead of those before.
    pub fn stand(&self, standing: Standing) {
        self.change(|state| state.standing = standing);
    }

    /// What stands, or did until a moment ago.
    pub fn standing(&self) -> Standing {
        self.state().standing.clone()
    }

    /// Begins one that lasts. What is done at once is [`Faults::cut`].
    pub fn begin(&self, fault: &Fault, lasts: Duration) -> Result<FaultId, DeskError> {
        let now = self.shared.clock.now();
        let mut begun = Err(DeskError::Full);
        self.change(|state| {
            let id = state.mark;
            begun = state.standing.begin(&Active::new(id, fault, now, now + lasts), now).map(|()| id);
        });
        begun
    }

    /// Ends one before its time.
    pub fn end(&self, id: FaultId) {
        self.change(|state| {
            state.standing.remove(|active| active.id == id);
        });
    }

    /// Ends all that lasts. A link that was cut stays cut.
    pub fn clear(&self) {
        self.stand(Standing::default());
    }

    /// Ends the links that are open now.
    pub fn cut(&self, cut: &Cut) {
        self.change(|state| {
            for tap in state.taps.iter().filter_map(Weak::upgrade) {
                lock(&tap.cut).get_or_insert_with(|| cut.clone());
            }
        });
    }

    /// A link that is open from now on.
    pub fn link<S>(&self, io: S) -> Faulty<S> {
        let tap = Arc::new(Tap::default());
        let mut state = self.state();
        state.taps.retain(|tap| tap.strong_count() > 0);
        state.taps.push(Arc::downgrade(&tap));
        state.links = state.links.wrapping_add(1);
        let (mark, seed) = (state.mark, self.shared.seed ^ state.links.rotate_left(32));
        drop(state);
        // Whatever stands is news to it.
        Faulty { io, shared: Arc::clone(&self.shared), tap, mark, seed, seen: u64::MAX, under: None }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        lock(&self.shared.state)
    }

    fn change(&self, change: impl FnOnce(&mut State)) {
        let mut state = self.state();
        change(&mut state);
        state.mark = state.mark.max(state.standing.mark());
        self.shared.version.fetch_add(1, Ordering::Release);
        let taps: Vec<_> = state.taps.iter().filter_map(Weak::upgrade).collect();
        drop(state);
        for tap in taps {
            tap.reader.wake();
            tap.writer.wake();
        }
        self.shared.changed.notify_waiters();
    }
}

/// What panicked while it held the lock left nothing half done.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A stream that breaks down on request.
#[derive(Debug)]
pub struct Faulty<S> {
    io: S,
    shared: Arc<Shared>,
    tap: Arc<Tap>,
    /// Faults below it began before it opened.
    mark: FaultId,
    seed: u64,
    seen: u64,
    /// Nothing while nothing stands.
    under: Option<Box<Under>>,
}

impl<S> Faulty<S> {
    pub fn get_ref(&self) -> &S {
        &self.io
    }

    /// It is cut, whatever else stands.
    pub fn is_cut(&self) -> bool {
        self.under.as_ref().is_some_and(|under| under.is_cut())
    }
}

impl<S: AsyncRead + AsyncWrite + Reset + Unpin> Faulty<S> {
    /// What is to be done instead of what was asked for. Nothing: all is well, which is found out by one look.
    fn look(&mut self) -> Option<Trouble<'_, S>> {
        let version = self.shared.version.load(Ordering::Acquire);
        if version == self.seen && self.under.is_none() {
            return None;
        }
        let now = self.shared.clock.now();
        if version != self.seen || self.under.as_ref().is_some_and(|under| under.effects.is_over(now)) {
            self.seen = version;
            let effects = Effects::of(&lock(&self.shared.state).standing, self.mark, now);
            let cut = lock(&self.tap.cut).take();
            if self.under.is_none() && effects.is_none() && cut.is_none() {
                return None;
            }
            let under = self.under.get_or_insert_with(|| Box::new(Under::new(self.seed)));
            under.effects = effects;
            if let Some(cut) = cut {
                if cut == Cut::Reset {
                    self.io.reset();
                }
                under.cut(cut, now);
            }
        }
        if self.under.as_ref().is_some_and(|under| under.is_done()) {
            self.under = None;
        }
        let turn = Turn { clock: &self.shared.clock, now };
        self.under.as_deref_mut().map(|under| (under, &mut self.io, turn))
    }

    /// Whoever waits hears of news. Says whether some came while it lay down.
    fn lies_down_in_vain(&self, cx: &Context<'_>, end: &AtomicWaker) -> bool {
        end.register(cx.waker());
        self.shared.version.load(Ordering::Acquire) != self.seen
    }
}

/// What is done instead, on what, and when.
type Trouble<'a, S> = (&'a mut Under, &'a mut S, Turn<'a>);

impl<S: AsyncRead + AsyncWrite + Reset + Unpin> AsyncRead for Faulty<S> {
    fn poll_read(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let faulty = self.get_mut();
        loop {
            let done = match faulty.look() {
                None => Pin::new(&mut faulty.io).poll_read(cx, buf),
                Some((under, io, turn)) => {
                    let done = under.poll_read(io, cx, buf, turn);
                    if under.take_moved() {
                        // There is room again.
                        faulty.tap.writer.wake();
                    }
                    done
                }
            };
            if done.is_ready() || !faulty.lies_down_in_vain(cx, &faulty.tap.reader) {
                return done;
            }
        }
    }
}

impl<S: AsyncRead + AsyncWrite + Reset + Unpin> AsyncWrite for Faulty<S> {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        let faulty = self.get_mut();
        loop {
            let done = match faulty.look() {
                None => Pin::new(&mut faulty.io).poll_write(cx, buf),
                Some((under, io, turn)) => {
                    let done = under.poll_write(io, cx, buf, turn);
                    // Whoever reads moves on what waits to be written.
                    faulty.tap.reader.wake();
                    done
                }
            };
            if done.is_ready() || !faulty.lies_down_in_vain(cx, &faulty.tap.writer) {
                return done;
            }
        }
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        if self.look().is_none() {
            let faulty = self.get_mut();
            let done = Pin::new(&mut faulty.io).poll_write_vectored(cx, bufs);
            if done.is_pending() && faulty.lies_down_in_vain(cx, &faulty.tap.writer) {
                cx.waker().wake_by_ref();
            }
            return done;
        }
        let first = bufs.iter().find(|buf| !buf.is_empty()).map_or(&[][..], |buf| buf);
        self.poll_write(cx, first)
    }

    fn is_write_vectored(&self) -> bool {
        self.io.is_write_vectored()
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let faulty = self.get_mut();
        loop {
            let done = match faulty.look() {
                None => Pin::new(&mut faulty.io).poll_flush(cx),
                Some((under, io, turn)) => under.poll_flush(io, cx, turn),
            };
            if done.is_ready() || !faulty.lies_down_in_vain(cx, &faulty.tap.writer) {
                return done;
            }
        }
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let faulty = self.get_mut();
        loop {
            let done = match faulty.look() {
                None => Pin::new(&mut faulty.io).poll_shutdown(cx),
                Some((under, io, turn)) => under.poll_shutdown(io, cx, turn),
            };
            if done.is_ready() || !faulty.lies_down_in_vain(cx, &faulty.tap.writer) {
                return done;
            }
        }
    }
}
