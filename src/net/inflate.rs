//! A byte layer under tungstenite, which knows no extensions: it inflates what was agreed to be compressed.
//!
//! Without an agreement it is a wire: one question a read. What it gives on is in `unpack`; what it reads from has seen
//! the true bytes.

mod unpack;

use std::io::{self, ErrorKind, IoSlice};
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

pub use self::unpack::{Broken, Fed, ROOM, Unpack};
use super::extensions::Deflate;

/// A stream that is inflated while it is read.
#[derive(Debug)]
pub struct Inflate<S> {
    io: S,
    packed: Option<Box<Packed>>,
}

/// Bytes before and after, and what is between.
#[derive(Debug)]
struct Packed {
    unpack: Unpack,
    wire: Box<[u8]>,
    /// The part of it that has not been taken in.
    from: usize,
    to: usize,
    plain: Box<[u8]>,
    given: usize,
    written: usize,
    broken: Option<Broken>,
}

/// Bytes of the wire, and inflated ones, for one link.
const WIRE: usize = 16 << 10;
const PLAIN: usize = 64 << 10;
/// So often the wire is read for nothing (empty blocks are nothing) before others get their turn.
const TURNS: usize = 16;

impl<S> Inflate<S> {
    /// `limit`: bytes of a message.
    pub fn new(io: S, agreed: Option<Deflate>, limit: usize) -> Self {
        let packed = agreed.map(|agreed| {
            Box::new(Packed {
                unpack: Unpack::new(agreed, limit),
                wire: vec![0; WIRE].into_boxed_slice(),
                from: 0,
                to: 0,
                plain: vec![0; PLAIN].into_boxed_slice(),
                given: 0,
                written: 0,
                broken: None,
            })
        });
        Self { io, packed }
    }

    /// Why reading failed, if it was for what was to be inflated.
    pub fn broken(&self) -> Option<Broken> {
        self.packed.as_ref().filter(|packed| packed.given == packed.written)?.broken
    }

    pub fn get_ref(&self) -> &S {
        &self.io
    }

    pub fn get_mut(&mut self) -> &mut S {
        &mut self.io
    }
}

impl Packed {
    /// Gives what is written; inflates more where nothing is. `false`: the wire must be read.
    fn give(&mut self, buf: &mut ReadBuf<'_>) -> io::Result<bool> {
        if self.given == self.written && self.broken.is_none() {
            let waiting = self.wire.get(self.from..self.to).unwrap_or_default();
            let fed = self.unpack.feed(waiting, &mut self.plain);
            self.from += fed.used;
            (self.given, self.written, self.broken) = (0, fed.written, fed.broken);
        }
        let waiting = self.plain.get(self.given..self.written).unwrap_or_default();
        if waiting.is_empty() {
            return if self.broken.is_some() { Err(ErrorKind::InvalidData.into()) } else { Ok(false) };
        }
        let count = waiting.len().min(buf.remaining());
        buf.put_slice(waiting.get(..count).unwrap_or_default());
        self.given += count;
        Ok(true)
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Inflate<S> {
    fn poll_read(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let layer = self.get_mut();
        let Some(packed) = &mut layer.packed else { return Pin::new(&mut layer.io).poll_read(cx, buf) };
        for _ in 0..TURNS {
            if packed.give(buf)? {
                return Poll::Ready(Ok(()));
            }
            let mut wire = ReadBuf::new(&mut packed.wire);
            ready!(Pin::new(&mut layer.io).poll_read(cx, &mut wire))?;
            (packed.from, packed.to) = (0, wire.filled().len());
            if packed.to == 0 {
                return Poll::Ready(Ok(()));
            }
        }
        cx.waker().wake_by_ref();
        Poll::Pending
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Inflate<S> {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.get_mut().io).poll_write(cx, buf)
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.get_mut().io).poll_write_vectored(cx, bufs)
    }

    fn is_write_vectored(&self) -> bool {
        self.io.is_write_vectored()
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().io).poll_flush(cx)
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().io).poll_shutdown(cx)
    }
}
