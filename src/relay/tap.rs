//! What a client really sent, whatever faults keep it from passing: a stream that is read ahead, under the byte faults.
//! It reads no frames.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::{Buf, BytesMut};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use crate::net::fault::Reset;

/// So much is read ahead; a client that says more waits, as it would behind a full socket.
const AHEAD: usize = 1 << 20;
const PIECE: usize = 16 << 10;

#[derive(Debug)]
pub(super) struct Tap<S> {
    io: S,
    ahead: BytesMut,
    /// Not yet looked at by [`Tap::news`].
    fresh: BytesMut,
    end: Option<End>,
    end_told: bool,
}

/// How TCP came to its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum End {
    Fin,
    Error(io::ErrorKind),
}

/// What came in.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum News {
    Bytes(BytesMut),
    End(End),
}

impl<S: AsyncRead + Unpin> Tap<S> {
    pub(super) fn new(io: S) -> Self {
        Self { io, ahead: BytesMut::new(), fresh: BytesMut::new(), end: None, end_told: false }
    }

    /// These were read, and come first again; what came before them was looked at.
    pub(super) fn put_back(&mut self, bytes: &[u8]) {
        let mut all = BytesMut::from(bytes);
        all.extend_from_slice(&self.ahead);
        self.fresh = all.clone();
        self.ahead = all;
    }

    /// What was looked at is to be looked at again.
    pub(super) fn not_seen(&mut self, bytes: &mut BytesMut) {
        if !bytes.is_empty() {
            bytes.extend_from_slice(&self.fresh);
            std::mem::swap(&mut self.fresh, bytes);
            bytes.clear();
        }
    }

    /// What the client sent since this was asked last, passed on or not.
    pub(super) fn poll_news(&mut self, cx: &mut Context<'_>) -> Poll<News> {
        loop {
            if !self.fresh.is_empty() {
                return Poll::Ready(News::Bytes(self.fresh.split()));
            }
            if let Some(end) = self.end {
                if self.end_told {
                    return Poll::Pending;
                }
                self.end_told = true;
                return Poll::Ready(News::End(end));
            }
            if self.poll_ahead(cx).is_pending() {
                return Poll::Pending;
            }
        }
    }

    fn poll_ahead(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        if self.end.is_some() || self.ahead.len() >= AHEAD {
            // Whoever reads what is there comes here again.
            return Poll::Pending;
        }
        let mut piece = [0; PIECE];
        let mut buf = ReadBuf::new(&mut piece);
        match Pin::new(&mut self.io).poll_read(cx, &mut buf) {
            Poll::Ready(Ok(())) if buf.filled().is_empty() => self.end = Some(End::Fin),
            Poll::Ready(Ok(())) => {
                self.ahead.extend_from_slice(buf.filled());
                self.fresh.extend_from_slice(buf.filled());
            }
            Poll::Ready(Err(error)) if error.kind() == io::ErrorKind::Interrupted => {}
            Poll::Ready(Err(error)) => self.end = Some(End::Error(error.kind())),
            Poll::Pending => return Poll::Pending,
        }
        Poll::Ready(())
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Tap<S> {
    fn poll_read(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let tap = self.get_mut();
        loop {
            if !tap.ahead.is_empty() {
                let count = tap.ahead.len().min(buf.remaining());
                buf.put_slice(tap.ahead.get(..count).unwrap_or_default());
                tap.ahead.advance(count);
                return Poll::Ready(Ok(()));
            }
            match tap.end {
                Some(End::Fin) => return Poll::Ready(Ok(())),
                Some(End::Error(kind)) => return Poll::Ready(Err(kind.into())),
                None => std::task::ready!(tap.poll_ahead(cx)),
            }
        }
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Tap<S> {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.get_mut().io).poll_write(cx, buf)
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().io).poll_flush(cx)
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().io).poll_shutdown(cx)
    }
}

impl<S: Reset> Reset for Tap<S> {
    fn reset(&self) {
        self.io.reset();
    }
}
