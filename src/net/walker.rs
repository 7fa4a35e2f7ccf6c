//! A byte layer under tungstenite that reads frame headers only.
//!
//! It sees what tungstenite hides: life in the middle of a long message, bytes on the wire, the close code as it was
//! sent, how TCP ended. It keeps no payload but a close frame's, and changes one thing only: a write that fails is not
//! told to the writer, who would stop reading for it. What the peer said before it left is read first, and says more.

use std::io::{self, ErrorKind, IoSlice};
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use crate::time::{Clock, Ts};

/// A stream that is walked along while it is read.
#[derive(Debug)]
pub struct Walker<S> {
    io: S,
    clock: Clock,
    leftover: Vec<u8>,
    /// How much of `leftover` has been given.
    given: usize,
    frames: Frames,
    fresh: u64,
    at: Option<Ts>,
    read: u64,
    written: u64,
    read_end: Option<Ended>,
    write_end: Option<Ended>,
}

/// What came in since it was asked for last.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Life {
    pub bytes: u64,
    /// When the last bytes ever came.
    pub at: Option<Ts>,
    /// The bytes so far end inside of a data message.
    pub midway: bool,
}

/// How a direction of the stream came to its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ended {
    /// The peer ended its side in order (FIN).
    Eof,
    Read(ErrorKind),
    Write(ErrorKind),
}

impl<S> Walker<S> {
    /// `leftover`: what was read from `io` already; it is given first.
    pub fn new(io: S, leftover: Vec<u8>, clock: Clock) -> Self {
        Self {
            io,
            clock,
            leftover,
            given: 0,
            frames: Frames::default(),
            fresh: 0,
            at: None,
            read: 0,
            written: 0,
            read_end: None,
            write_end: None,
        }
    }

    /// permessage-deflate was agreed.
    #[must_use]
    pub fn deflated(mut self, deflate: bool) -> Self {
        self.frames.mark = if deflate { 0x40 } else { 0 };
        self
    }

    pub fn take_life(&mut self) -> Life {
        Life { bytes: std::mem::take(&mut self.fresh), at: self.at, midway: self.frames.midway() }
    }

    pub fn wire_read(&self) -> u64 {
        self.read
    }

    pub fn wire_written(&self) -> u64 {
        self.written
    }

    /// Code and reason of the first close frame, as they were sent; no code: the frame was empty.
    pub fn close_seen(&self) -> Option<(Option<u16>, String)> {
        self.frames.close()
    }

    /// What is wrong with a frame whose header is against the rules. Its payload may be long in coming, or never come.
    pub fn broken(&self) -> Option<&'static str> {
        self.frames.broken
    }

    /// Why nothing can be written any more. What is written from then on goes nowhere.
    pub fn write_failed(&self) -> Option<ErrorKind> {
        match self.write_end {
            Some(Ended::Write(kind)) => Some(kind),
            Some(Ended::Eof | Ended::Read(_)) | None => None,
        }
    }

    /// What reading met counts before what writing met: it says more of the peer.
    pub fn ended(&self) -> Option<Ended> {
        self.read_end.or(self.write_end)
    }

    pub fn get_ref(&self) -> &S {
        &self.io
    }

    fn came(&mut self, bytes: &[u8]) {
        let count = bytes.len() as u64;
        self.fresh = self.fresh.saturating_add(count);
        self.read = self.read.saturating_add(count);
        self.at = Some(self.clock.now());
        self.frames.walk(bytes);
    }

    /// `length`: of what was to be written.
    fn wrote(&mut self, done: Poll<io::Result<usize>>, length: usize) -> Poll<io::Result<usize>> {
        match done {
            Poll::Ready(Ok(count)) => {
                self.written = self.written.saturating_add(count as u64);
                Poll::Ready(Ok(count))
            }
            Poll::Ready(Err(error)) => self.write_ends(error).map(|done| done.map(|()| length)),
            Poll::Pending => Poll::Pending,
        }
    }

    fn write_ends(&mut self, error: io::Error) -> Poll<io::Result<()>> {
        if error.kind() == ErrorKind::Interrupted {
            return Poll::Ready(Err(error));
        }
        self.write_end.get_or_insert(Ended::Write(error.kind()));
        Poll::Ready(Ok(()))
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Walker<S> {
    fn poll_read(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let walker = self.get_mut();
        let before = buf.filled().len();
        let waiting = walker.leftover.get(walker.given..).unwrap_or_default();
        if !waiting.is_empty() {
            let count = waiting.len().min(buf.remaining());
            buf.put_slice(waiting.get(..count).unwrap_or_default());
            walker.given += count;
            if walker.given == walker.leftover.len() {
                walker.leftover = Vec::new();
                walker.given = 0;
            }
        } else if let Err(error) = ready!(Pin::new(&mut walker.io).poll_read(cx, buf)) {
            if error.kind() != ErrorKind::Interrupted {
                walker.read_end.get_or_insert(Ended::Read(error.kind()));
            }
            return Poll::Ready(Err(error));
        }
        match buf.filled().get(before..) {
            Some(bytes) if !bytes.is_empty() => walker.came(bytes),
            _ if buf.remaining() > 0 => {
                walker.read_end.get_or_insert(Ended::Eof);
            }
            // Nothing was read into no room.
            _ => {}
        }
        Poll::Ready(Ok(()))
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Walker<S> {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        let walker = self.get_mut();
        if walker.write_end.is_some() {
            return Poll::Ready(Ok(buf.len()));
        }
        let done = Pin::new(&mut walker.io).poll_write(cx, buf);
        walker.wrote(done, buf.len())
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let walker = self.get_mut();
        let length = bufs.iter().map(|buf| buf.len()).sum();
        if walker.write_end.is_some() {
            return Poll::Ready(Ok(length));
        }
        let done = Pin::new(&mut walker.io).poll_write_vectored(cx, bufs);
        walker.wrote(done, length)
    }

    fn is_write_vectored(&self) -> bool {
        self.io.is_write_vectored()
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let walker = self.get_mut();
        if walker.write_end.is_some() {
            return Poll::Ready(Ok(()));
        }
        match ready!(Pin::new(&mut walker.io).poll_flush(cx)) {
            Ok(()) => Poll::Ready(Ok(())),
            Err(error) => walker.write_ends(error),
        }
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().io).poll_shutdown(cx)
    }
}

/// The longest header of a frame: two bytes, eight of length, four of mask.
pub(super) const HEADER: usize = 14;
/// The longest payload of a control frame.
const CONTROL: usize = 125;

/// A walk over frames (RFC 6455, section 5.2), of which any part may be the next to come.
#[derive(Debug, Default)]
struct Frames {
    /// Bytes of the current frame's payload that are still to come.
    left: u64,
    /// The current frame carries data.
    data: bool,
    /// A message was begun and its last frame has not come.
    open: bool,
    /// Nothing that follows has a meaning: the protocol was broken, or the peer said goodbye.
    over: bool,
    broken: Option<&'static str>,
    /// The reserved bit that the first frame of a message may have (RFC 7692, section 6), where that was agreed on.
    mark: u8,
    /// The part of a header that came, while it is not whole.
    header: [u8; HEADER],
    have: usize,
    close: Option<Box<Close>>,
}

/// A close frame on its way.
#[derive(Debug)]
struct Close {
    mask: [u8; 4],
    payload: Vec<u8>,
    whole: bool,
}

impl Frames {
    fn walk(&mut self, mut bytes: &[u8]) {
        while !bytes.is_empty() && !self.over {
            if self.left > 0 {
                bytes = self.pass(bytes);
                continue;
            }
            if self.have == 0 && !self.open {
                bytes = past_whole_messages(bytes);
            }
            if self.have == 0 && header_length(bytes).is_some_and(|length| length <= bytes.len()) {
                let length = self.enter(bytes);
                bytes = bytes.get(length..).unwrap_or_default();
            } else {
                bytes = self.piece(bytes);
            }
        }
    }

    fn midway(&self) -> bool {
        let in_frame = self.left > 0 && self.data;
        let in_header = self.have > 0 && self.header[0] & 0x08 == 0;
        !self.over && (self.open || in_frame || in_header)
    }

    fn close(&self) -> Option<(Option<u16>, String)> {
        let close = self.close.as_ref().filter(|close| close.whole)?;
        let plain: Vec<u8> =
            close.payload.iter().zip(close.mask.iter().cycle()).map(|(byte, key)| byte ^ key).collect();
        Some(match plain.as_slice() {
            [high, low, reason @ ..] => {
                (Some(u16::from_be_bytes([*high, *low])), String::from_utf8_lossy(reason).into_owned())
            }
            // One byte alone is no code.
            [] | [_] => (None, String::new()),
        })
    }

    /// Passes over payload.
    fn pass<'a>(&mut self, bytes: &'a [u8]) -> &'a [u8] {
        let count = usize::try_from(self.left).unwrap_or(usize::MAX).min(bytes.len());
        let (payload, rest) = bytes.split_at(count);
        self.left -= count as u64;
        if let Some(close) = &mut self.close {
            close.payload.extend_from_slice(payload);
            close.whole = self.left == 0;
            self.over = close.whole;
        }
        rest
    }

    /// Takes one byte of a header that comes in parts.
    fn piece<'a>(&mut self, bytes: &'a [u8]) -> &'a [u8] {
        let Some((&byte, rest)) = bytes.split_first() else { return bytes };
        if let Some(place) = self.header.get_mut(self.have) {
            *place = byte;
            self.have += 1;
        }
        let header = self.header;
        let so_far = header.get(..self.have).unwrap_or_default();
        if header_length(so_far).is_some_and(|length| length == so_far.len()) {
            self.have = 0;
            self.enter(so_far);
        }
        rest
    }

    /// Enters the frame whose whole header `bytes` begin with; says how long the header is.
    fn enter(&mut self, bytes: &[u8]) -> usize {
        let (Some(&[first, second]), Some(length)) = (bytes.first_chunk(), header_length(bytes)) else { return 0 };
        let short = u64::from(second & 0x7F);
        self.left = payload_length(bytes);
        let last = first & 0x80 != 0;
        let opcode = first & 0x0F;
        self.data = opcode < 8;
        let mark = if matches!(opcode, 1 | 2) { self.mark } else { 0 };
        self.broken = match opcode {
            _ if first & !mark & 0x70 != 0 => Some("reserved bits are set"),
            0 if !self.open => Some("a message goes on that was not begun"),
            1 | 2 if self.open => Some("a message begins inside of another"),
            3..=7 | 11.. => Some("a reserved opcode"),
            8..=10 if !last => Some("a control frame in parts"),
            8..=10 if short > CONTROL as u64 => Some("a control frame of more than 125 bytes"),
            _ if self.left > i64::MAX as u64 => Some("a length with its first bit set"),
            _ => None,
        };
        if self.broken.is_some() {
            self.over = true;
            return length;
        }
        if self.data {
            self.open = !last;
        }
        if opcode == 8 {
            let masked = second & 0x80 != 0;
            let mask = bytes.get(..length).and_then(<[u8]>::last_chunk).filter(|_| masked).copied().unwrap_or_default();
            self.over = self.left == 0;
            self.close = Some(Box::new(Close { mask, payload: Vec::new(), whole: self.over }));
        }
        length
    }
}

/// Passes over messages that lie whole in one frame in one piece: at full speed nearly all do.
fn past_whole_messages(mut bytes: &[u8]) -> &[u8] {
    loop {
        let end = match bytes {
            [0x81 | 0x82, short @ 0..=125, ..] => 2 + usize::from(*short),
            [0x81 | 0x82, 126, high, low, ..] => 4 + usize::from(u16::from_be_bytes([*high, *low])),
            _ => return bytes,
        };
        match bytes.get(end..) {
            Some(rest) => bytes = rest,
            None => return bytes,
        }
    }
}

/// How long a header is, once its second byte is there.
pub(super) fn header_length(bytes: &[u8]) -> Option<usize> {
    let second = bytes.get(1)?;
    let length = match second & 0x7F {
        126 => 2,
        127 => 8,
        _ => 0,
    };
    let mask = if second & 0x80 == 0 { 0 } else { 4 };
    Some(2 + length + mask)
}

/// How long the payload is, by a whole header.
pub(super) fn payload_length(header: &[u8]) -> u64 {
    let longer = header.get(2..).unwrap_or_default();
    match header.get(1).map_or(0, |second| second & 0x7F) {
        126 => longer.first_chunk().map_or(0, |two| u64::from(u16::from_be_bytes(*two))),
        127 => longer.first_chunk().map_or(0, |eight| u64::from_be_bytes(*eight)),
        short => u64::from(short),
    }
}
