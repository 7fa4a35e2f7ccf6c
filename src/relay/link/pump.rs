//! Bytes in and out of both ends of a link, as far as there is room. It reads none of them.

use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::{Buf, BytesMut};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use super::{Link, ROOM, Step};
use crate::net::fault::Reset;

impl<C, S> Link<C, S>
where
    C: AsyncRead + AsyncWrite + Reset + Unpin,
    S: AsyncRead + AsyncWrite + Reset + Unpin,
{
    pub(super) fn poll(&mut self, cx: &mut Context<'_>) -> Poll<Step> {
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
                    return Poll::Ready(if fed.is_ok() { Step::FromClient } else { Step::TooLong { sent: true } });
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
                    return Poll::Ready(if fed.is_ok() { Step::FromServer } else { Step::TooLong { sent: false } });
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
