//! A link under faults: what waits in either direction, until when, and how it ends. It begins no fault.

use std::io::{self, ErrorKind};
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use super::lane::Lane;
use crate::fault::{Cut, FaultId, Standing};
use crate::session::backoff::Random;
use crate::time::{Clock, Ts};

/// What waits in one direction, at the most: beyond, the other side has to.
const READ: usize = 4 << 20;
const WRITTEN: usize = 256 << 10;
/// Read at once while it is late.
const SCRATCH: usize = 16 << 10;
/// So long a link that is to be truncated waits for something to truncate.
const SOMETHING: Duration = Duration::from_secs(2);
/// The first half of the head of a long frame.
const HALF_A_HEAD: [u8; 2] = [0x81, 0x7E];

/// The time of a call, and the clock to wait by.
#[derive(Clone, Copy, Debug)]
pub(super) struct Turn<'a> {
    pub(super) clock: &'a Clock,
    pub(super) now: Ts,
}

/// What stands comes to this for one link.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Effects {
    /// Nothing passes until then.
    frozen: Option<Ts>,
    /// All is late by the first, and by up to the second more.
    late: Option<(Duration, Duration)>,
    /// Bytes a second.
    rate: Option<u64>,
    bytewise: bool,
    /// It holds so long.
    until: Option<Ts>,
}

impl Effects {
    pub(super) fn of(standing: &Standing, mark: FaultId, now: Ts) -> Self {
        let late = Some(standing.latency(now)).filter(|(delay, jitter)| !(delay.is_zero() && jitter.is_zero()));
        let rate = standing.bandwidth(now).map(|rate| rate.max(1));
        let (frozen, bytewise) = (standing.frozen(mark, now), standing.bytewise(now));
        Self { frozen, late, rate, bytewise, until: standing.next_end(now) }
    }

    pub(super) fn is_none(&self) -> bool {
        self.frozen.is_none() && self.late.is_none() && self.rate.is_none() && !self.bytewise
    }

    pub(super) fn is_over(&self, now: Ts) -> bool {
        self.until.is_some_and(|until| until <= now)
    }
}

/// What a link under faults remembers.
#[derive(Debug)]
pub(super) struct Under {
    pub(super) effects: Effects,
    /// How it is cut, since when, and that what there was to see of it has been seen.
    cut: Option<(Cut, Ts, bool)>,
    incoming: Lane,
    outgoing: Lane,
    /// How reading came to its end, and when that arrives.
    read_end: Option<(Ts, Option<ErrorKind>)>,
    write_error: Option<ErrorKind>,
    unflushed: bool,
    /// A byte was given: the next comes by itself.
    paused: bool,
    /// Something that waited was written since this was asked for.
    moved: bool,
    scratch: Vec<u8>,
    random: Random,
}

impl Under {
    pub(super) fn new(seed: u64) -> Self {
        Self {
            effects: Effects::default(),
            cut: None,
            incoming: Lane::default(),
            outgoing: Lane::default(),
            read_end: None,
            write_error: None,
            unflushed: false,
            paused: false,
            moved: false,
            scratch: Vec::new(),
            random: Random(seed),
        }
    }

    /// The first cut counts.
    pub(super) fn cut(&mut self, cut: Cut, now: Ts) {
        self.cut.get_or_insert((cut, now, false));
    }

    pub(super) fn is_cut(&self) -> bool {
        self.cut.is_some()
    }

    /// Nothing is left of what stood.
    pub(super) fn is_done(&self) -> bool {
        let ended = self.cut.is_some() || self.read_end.is_some() || self.write_error.is_some();
        !ended && self.effects.is_none() && self.incoming.is_empty() && self.outgoing.is_empty() && !self.unflushed
    }

    pub(super) fn take_moved(&mut self) -> bool {
        std::mem::take(&mut self.moved)
    }

    pub(super) fn poll_read<S: AsyncRead + AsyncWrite + Unpin>(
        &mut self,
        io: &mut S,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
        turn: Turn<'_>,
    ) -> Poll<io::Result<()>> {
        if buf.remaining() == 0 {
            return Poll::Ready(Ok(()));
        }
        self.pump(io, cx, turn);
        match &self.cut {
            None => {}
            Some((Cut::Reset, ..)) => return Poll::Ready(Err(ErrorKind::ConnectionReset.into())),
            Some((Cut::HalfClose, ..)) => return Poll::Ready(Ok(())),
            Some((Cut::Fin | Cut::Close { .. }, ..)) => {
                // The other side is to see the end too, as far as the socket takes it now.
                let _ = Pin::new(io).poll_shutdown(cx);
                return Poll::Ready(Ok(()));
            }
            Some((Cut::Truncate, since, done)) => {
                let (until, done) = (*since + SOMETHING, *done);
                return if done { Poll::Ready(Ok(())) } else { self.truncate(io, cx, buf, turn, until) };
            }
        }
        if let Some(until) = self.effects.frozen {
            self.incoming.wait(cx, turn, until);
            return Poll::Pending;
        }
        if self.effects.late.is_some() {
            self.take_in(io, cx, turn.now);
        }
        if self.effects.bytewise && std::mem::take(&mut self.paused) {
            cx.waker().wake_by_ref();
            return Poll::Pending;
        }
        let rate = self.effects.rate;
        let Some(most) = self.incoming.allowance(rate, turn.now) else {
            let next = self.incoming.next;
            self.incoming.wait(cx, turn, next);
            return Poll::Pending;
        };
        let most = if self.effects.bytewise { 1 } else { most.min(buf.remaining()) };
        let before = buf.filled().len();
        if let Some(due) = self.incoming.due() {
            if due > turn.now {
                self.incoming.wait(cx, turn, due);
                return Poll::Pending;
            }
            let bytes = self.incoming.front(most);
            let count = bytes.len();
            buf.put_slice(bytes);
            self.incoming.gone(count);
        } else if let Some((at, kind)) = self.read_end {
            if at > turn.now {
                self.incoming.wait(cx, turn, at);
                return Poll::Pending;
            }
            return Poll::Ready(kind.map_or(Ok(()), |kind| Err(kind.into())));
        } else if self.effects.late.is_some() {
            // The socket is dry, and says when it is not.
            return Poll::Pending;
        } else {
            ready!(read_some(io, cx, buf, most))?;
        }
        self.incoming.spend(rate, turn.now, buf.filled().len() - before);
        self.paused = self.effects.bytewise;
        Poll::Ready(Ok(()))
    }

    pub(super) fn poll_write<S: AsyncRead + AsyncWrite + Unpin>(
        &mut self,
        io: &mut S,
        cx: &mut Context<'_>,
        buf: &[u8],
        turn: Turn<'_>,
    ) -> Poll<io::Result<usize>> {
        self.pump(io, cx, turn);
        if let Some(kind) = self.write_error {
            return Poll::Ready(Err(kind.into()));
        }
        match &self.cut {
            None | Some((Cut::HalfClose, ..)) => {}
            // It goes where the rest of the link went.
            Some((Cut::Truncate, _, false)) => return Poll::Ready(Ok(buf.len())),
            Some((Cut::Reset, ..)) => return Poll::Ready(Err(ErrorKind::ConnectionReset.into())),
            Some((Cut::Fin | Cut::Close { .. } | Cut::Truncate, ..)) => {
                return Poll::Ready(Err(ErrorKind::BrokenPipe.into()));
            }
        }
        if self.effects.is_none() && self.outgoing.is_empty() {
            return Pin::new(io).poll_write(cx, buf);
        }
        let room = WRITTEN.saturating_sub(self.outgoing.bytes);
        if room == 0 {
            // What is in the way wakes us, or whoever moves it does.
            return Poll::Pending;
        }
        let part = buf.get(..room.min(buf.len())).unwrap_or_default();
        let due = self.due(turn.now, self.outgoing.last);
        self.outgoing.push(due, part);
        self.pump(io, cx, turn);
        Poll::Ready(Ok(part.len()))
    }

    /// What waits counts as written, as in the buffers of a system.
    pub(super) fn poll_flush<S: AsyncRead + AsyncWrite + Unpin>(
        &mut self,
        io: &mut S,
        cx: &mut Context<'_>,
        turn: Turn<'_>,
    ) -> Poll<io::Result<()>> {
        self.pump(io, cx, turn);
        match self.write_error {
            Some(kind) => Poll::Ready(Err(kind.into())),
            None if self.is_ended() || !self.outgoing.is_empty() => Poll::Ready(Ok(())),
            None => Pin::new(io).poll_flush(cx),
        }
    }

    pub(super) fn poll_shutdown<S: AsyncRead + AsyncWrite + Unpin>(
        &mut self,
        io: &mut S,
        cx: &mut Context<'_>,
        turn: Turn<'_>,
    ) -> Poll<io::Result<()>> {
        self.pump(io, cx, turn);
        if matches!(self.cut, Some((Cut::Reset, ..))) {
            // An end in order would go before the reset.
            return Poll::Ready(Ok(()));
        }
        if self.outgoing.is_empty() || self.write_error.is_some() {
            Pin::new(io).poll_shutdown(cx)
        } else {
            Poll::Pending
        }
    }

    /// Nothing is written to it any more.
    fn is_ended(&self) -> bool {
        !matches!(self.cut, None | Some((Cut::HalfClose, ..)))
    }

    /// Writes what may go.
    fn pump<S: AsyncWrite + Unpin>(&mut self, io: &mut S, cx: &mut Context<'_>, turn: Turn<'_>) {
        if self.is_ended() || self.write_error.is_some() {
            self.outgoing.clear();
            return;
        }
        let rate = self.effects.rate;
        while let Some(due) = self.outgoing.due() {
            let allowed = self.outgoing.allowance(rate, turn.now);
            let wait = self.effects.frozen.or_else(|| Some(due).filter(|due| *due > turn.now));
            if let Some(until) = wait.or_else(|| allowed.is_none().then_some(self.outgoing.next)) {
                self.outgoing.wait(cx, turn, until);
                break;
            }
            let most = if self.effects.bytewise { 1 } else { allowed.unwrap_or(1) };
            match Pin::new(&mut *io).poll_write(cx, self.outgoing.front(most)) {
                Poll::Ready(Ok(0)) => self.write_error = Some(ErrorKind::WriteZero),
                Poll::Ready(Ok(count)) => {
                    self.outgoing.gone(count);
                    self.outgoing.spend(rate, turn.now, count);
                    (self.unflushed, self.moved) = (true, true);
                }
                Poll::Ready(Err(error)) if error.kind() == ErrorKind::Interrupted => {}
                Poll::Ready(Err(error)) => self.write_error = Some(error.kind()),
                Poll::Pending => break,
            }
            if self.write_error.is_some() {
                (self.unflushed, self.moved) = (false, true);
                return self.outgoing.clear();
            }
        }
        if self.unflushed {
            match Pin::new(io).poll_flush(cx) {
                Poll::Ready(Ok(())) => self.unflushed = false,
                Poll::Ready(Err(error)) => (self.unflushed, self.write_error) = (false, Some(error.kind())),
                Poll::Pending => {}
            }
        }
    }

    /// Reads what came, to be given later.
    fn take_in<S: AsyncRead + Unpin>(&mut self, io: &mut S, cx: &mut Context<'_>, now: Ts) {
        self.scratch.resize(SCRATCH, 0);
        while self.incoming.bytes < READ && self.read_end.is_none() {
            let due = self.due(now, self.incoming.last);
            let mut part = ReadBuf::new(&mut self.scratch);
            match Pin::new(&mut *io).poll_read(cx, &mut part) {
                Poll::Ready(Ok(())) if part.filled().is_empty() => self.read_end = Some((due, None)),
                Poll::Ready(Ok(())) => self.incoming.push(due, part.filled()),
                Poll::Ready(Err(error)) if error.kind() == ErrorKind::Interrupted => {}
                Poll::Ready(Err(error)) => self.read_end = Some((due, Some(error.kind()))),
                Poll::Pending => return,
            }
        }
    }

    /// Nothing overtakes what came before it.
    fn due(&mut self, now: Ts, last: Ts) -> Ts {
        let (delay, jitter) = self.effects.late.unwrap_or_default();
        let more = if jitter.is_zero() { jitter } else { jitter.mul_f64(self.random.next_unit()) };
        (now + delay + more).max(last)
    }

    /// Gives all but the last byte of what comes next; where nothing comes, the beginning of a frame.
    fn truncate<S: AsyncRead + Unpin>(
        &mut self,
        io: &mut S,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
        turn: Turn<'_>,
        until: Ts,
    ) -> Poll<io::Result<()>> {
        self.incoming.clear();
        let most = buf.remaining().min(SCRATCH);
        self.scratch.resize(SCRATCH, 0);
        let mut part = ReadBuf::new(self.scratch.get_mut(..most).unwrap_or_default());
        match Pin::new(io).poll_read(cx, &mut part) {
            Poll::Ready(Ok(())) => {
                let kept = part.filled().len().saturating_sub(1).max(1);
                buf.put_slice(part.filled().get(..kept).unwrap_or_default());
            }
            Poll::Ready(Err(error)) => return Poll::Ready(Err(error)),
            Poll::Pending if until > turn.now => {
                self.incoming.wait(cx, turn, until);
                return Poll::Pending;
            }
            Poll::Pending => buf.put_slice(HALF_A_HEAD.get(..most.min(2)).unwrap_or_default()),
        }
        if let Some((.., done)) = &mut self.cut {
            *done = true;
        }
        Poll::Ready(Ok(()))
    }
}

fn read_some<S: AsyncRead + Unpin>(
    io: &mut S,
    cx: &mut Context<'_>,
    buf: &mut ReadBuf<'_>,
    most: usize,
) -> Poll<io::Result<()>> {
    if most >= buf.remaining() {
        return Pin::new(io).poll_read(cx, buf);
    }
    let mut part = ReadBuf::new(buf.initialize_unfilled_to(most));
    ready!(Pin::new(io).poll_read(cx, &mut part))?;
    let count = part.filled().len();
    buf.advance(count);
    Poll::Ready(Ok(()))
}
