//! A byte layer that can swallow the pongs that are written: the WebSocket above answers pings whether it should or not.
//! It reads frame headers, and changes nothing else.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio::sync::watch;

use crate::fault::Standing;
use crate::net::fault::Faulty;
use crate::time::Clock;

#[derive(Debug)]
pub(super) struct Pongs<S> {
    io: S,
    clock: Clock,
    standing: watch::Receiver<Standing>,
    /// Bytes of the frame that is being written that are still to come.
    left: usize,
}

impl<S> Pongs<S> {
    pub(super) fn new(io: S, clock: Clock, standing: watch::Receiver<Standing>) -> Self {
        Self { io, clock, standing, left: 0 }
    }
}

impl Pongs<Faulty<TcpStream>> {
    pub(super) fn socket(&self) -> &TcpStream {
        self.io.get_ref()
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Pongs<S> {
    fn poll_read(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().io).poll_read(cx, buf)
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Pongs<S> {
    /// A writer offers frames whole, from wherever it was last left.
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        let pongs = self.get_mut();
        let mut end = pongs.left.min(buf.len());
        while let Some((pong, length)) = buf.get(end..).and_then(frame) {
            if pong && pongs.standing.borrow().pongs_dropped(pongs.clock.now()) {
                break;
            }
            end = end.saturating_add(length).min(buf.len());
        }
        if end == 0 {
            // The frame in front is to be swallowed, or is none.
            let length = frame(buf).map_or(buf.len(), |(_, length)| length.min(buf.len()));
            return Poll::Ready(Ok(length));
        }
        let count = ready!(Pin::new(&mut pongs.io).poll_write(cx, buf.get(..end).unwrap_or_default()))?;
        // Where in which frame that ends.
        let mut walked = pongs.left;
        while walked < count {
            let length = buf.get(walked..).and_then(frame).map_or(buf.len() - walked, |(_, length)| length);
            walked = walked.saturating_add(length);
        }
        pongs.left = walked - count;
        Poll::Ready(Ok(count))
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().io).poll_flush(cx)
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().io).poll_shutdown(cx)
    }
}

/// Whether the frame of a server that begins here is a pong, and how long it is (RFC 6455, section 5.2).
fn frame(bytes: &[u8]) -> Option<(bool, usize)> {
    let (&[first, second], rest) = bytes.split_first_chunk()?;
    let (head, length) = match second & 0x7F {
        126 => (4, u64::from(u16::from_be_bytes(*rest.first_chunk()?))),
        127 => (10, u64::from_be_bytes(*rest.first_chunk()?)),
        short => (2, u64::from(short)),
    };
    Some((first & 0x0F == 0x0A, usize::try_from(length).unwrap_or(usize::MAX).saturating_add(head)))
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use tokio::io::{AsyncReadExt, AsyncWriteExt};

    use super::*;
    use crate::fault::{Active, Fault, FaultId};
    use crate::time::Ts;

    #[tokio::test]
    async fn pongs_are_swallowed_wherever_a_write_ends() {
        let frames = [&b"\x8A\x02hi"[..], b"\x81\x03abc", b"\x8A\x00", b"\x81\x7e\x00\x80", &[7; 128], b"\x8A\x01x"];
        let all = frames.concat();
        let kept = [frames[1], frames[3], frames[4]].concat();
        for dropped in [true, false] {
            for pipe in 1..20 {
                let (near, mut far) = tokio::io::duplex(pipe);
                let (sender, standing) = watch::channel(Standing::default());
                if dropped {
                    let active = Active::new(FaultId(0), &Fault::DropPongs, Ts::ZERO, Ts::ZERO + Duration::MAX);
                    sender.send_modify(|standing| standing.begin(&active, Ts::ZERO).unwrap());
                }
                let mut near = Pongs::new(near, Clock::start(), standing);
                let all = all.clone();
                let writes = tokio::spawn(async move { near.write_all(&all).await.unwrap() });
                let mut seen = Vec::new();
                far.read_to_end(&mut seen).await.unwrap();
                writes.await.unwrap();
                assert!(seen == if dropped { kept.clone() } else { frames.concat() }, "{dropped} {pipe}");
            }
        }
    }
}
