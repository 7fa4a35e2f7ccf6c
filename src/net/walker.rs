//! A byte layer under tungstenite that reads frame headers only.
//!
//! It sees what tungstenite hides: life in the middle of a long message, bytes on the wire, the close code as it was
//! sent, how TCP ended. It keeps no payload but a close frame's, and changes one thing only: a write that fails is not
//! told to the writer, who would stop reading for it. What the peer said before it left is read first, and says more.

mod frames;

use std::io::{self, ErrorKind, IoSlice};
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use self::frames::Frames;
pub(super) use self::frames::{HEADER, header_length, payload_length};
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
    /// The bytes so far end inside of a data message, and it grew by some of these. A message may have any number of
    /// empty pieces, and control frames between them: they bring it no nearer to its end.
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
        self.frames.deflated(deflate);
        self
    }

    pub fn take_life(&mut self) -> Life {
        let grew = self.frames.take_grown() > 0;
        Life { bytes: std::mem::take(&mut self.fresh), at: self.at, midway: grew && self.frames.midway() }
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
        self.frames.broken()
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
