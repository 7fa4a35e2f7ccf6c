//! One open WebSocket: what is still to be written, and what comes in. It decides nothing and has no deadline of its own.

use std::collections::VecDeque;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use futures::{Sink, Stream};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::error::{CapacityError, ProtocolError};
use tokio_tungstenite::tungstenite::protocol::frame::coding::CloseCode;
use tokio_tungstenite::tungstenite::protocol::{CloseFrame, Role, WebSocketConfig};
use tokio_tungstenite::tungstenite::{Error, Message};

use super::extensions::Deflate;
use super::inflate::{Broken, Inflate};
use super::walker::{Life, Walker};
use crate::event::{By, Gen, Why};
use crate::session::{Opcode, Payload, SendId};

/// What a link brings.
#[derive(Debug)]
pub enum Heard {
    /// The payload is a slice of the read buffer: whoever keeps it past the next read makes that buffer be made anew.
    Frame(Opcode, Bytes),
    Closed(Why),
}

#[derive(Debug)]
pub struct Link<S> {
    pub number: Gen,
    socket: WebSocketStream<Inflate<Walker<S>>>,
    unsent: VecDeque<(SendId, Payload)>,
    /// Bytes in it.
    weight: usize,
    /// Handed to the socket's own buffer, not known to be written.
    unflushed: Vec<SendId>,
    most: u64,
    unwritten: usize,
    closing: bool,
    /// The code that the protocol asks for, where the peer broke it (RFC 6455, section 7.4.1), whatever else we think of
    /// the end.
    owed: Option<u16>,
}

/// Sizes of the buffers of one link.
#[derive(Clone, Copy, Debug)]
pub struct Buffers {
    /// Allocated at once for every link.
    pub read: usize,
    /// Bytes of one message.
    pub message: usize,
    /// Bytes that may wait to be written.
    pub unwritten: usize,
}

impl Buffers {
    /// What we write is small; a server that does not read must not make us hoard (it can make us answer pings for ever).
    pub const UNWRITTEN: usize = 1 << 20;
}

const WRITE_BUFFER: usize = 16 << 10;

impl<S: AsyncRead + AsyncWrite + Unpin> Link<S> {
    pub async fn new(number: Gen, io: Walker<S>, buffers: Buffers, agreed: Option<Deflate>) -> Self {
        let config = WebSocketConfig::default()
            .read_buffer_size(buffers.read)
            .write_buffer_size(WRITE_BUFFER)
            .max_write_buffer_size(buffers.unwritten)
            .max_message_size(Some(buffers.message))
            .max_frame_size(Some(buffers.message));
        let io = Inflate::new(io.deflated(agreed.is_some()), agreed, buffers.message);
        Self {
            number,
            socket: WebSocketStream::from_raw_socket(io, Role::Client, Some(config)).await,
            unsent: VecDeque::new(),
            weight: 0,
            unflushed: Vec::new(),
            most: buffers.message as u64,
            unwritten: buffers.unwritten,
            closing: false,
            owed: None,
        }
    }

    pub fn queue(&mut self, id: SendId, payload: Payload) {
        self.weight = self.weight.saturating_add(length(&payload));
        self.unsent.push_back((id, payload));
    }

    /// Whether something is not written yet.
    pub fn is_writing(&self) -> bool {
        !self.unsent.is_empty() || !self.unflushed.is_empty()
    }

    /// What came in since this was asked last.
    pub fn take_life(&mut self) -> Life {
        self.socket.get_mut().get_mut().take_life()
    }

    /// Writes as much as the socket takes, and looks for the next thing that it brings.
    ///
    /// A socket that takes no more does not keep it from reading, nor its caller from noticing a deadline. What was
    /// written to the end since the last call is added to `flushed`.
    pub fn poll_next(&mut self, cx: &mut Context<'_>, flushed: &mut Vec<SendId>) -> Poll<Heard> {
        if let Err(why) = self.poll_send(cx, flushed) {
            return Poll::Ready(Heard::Closed(why));
        }
        loop {
            let heard = match Pin::new(&mut self.socket).poll_next(cx) {
                Poll::Ready(Some(Ok(Message::Text(text)))) => Heard::Frame(Opcode::Text, Bytes::from(text)),
                Poll::Ready(Some(Ok(Message::Binary(bytes)))) => Heard::Frame(Opcode::Binary, bytes),
                Poll::Ready(Some(Ok(Message::Ping(bytes)))) => Heard::Frame(Opcode::Ping, bytes),
                Poll::Ready(Some(Ok(Message::Pong(bytes)))) => Heard::Frame(Opcode::Pong, bytes),
                Poll::Ready(Some(Ok(Message::Frame(_)))) => continue,
                Poll::Ready(Some(Ok(Message::Close(frame)))) => Heard::Closed(self.said_goodbye(frame)),
                Poll::Ready(Some(Err(error))) => Heard::Closed(self.why(error)),
                Poll::Ready(None) => Heard::Closed(self.why(Error::ConnectionClosed)),
                Poll::Pending => match (self.walker().broken(), self.walker().write_failed()) {
                    // There is no need to wait for the rest of a frame that is against the rules.
                    (Some(rule), _) => Heard::Closed(self.broke(rule, BROKEN)),
                    // Nothing is left to read of a peer that can be written to no more.
                    (None, Some(kind)) => Heard::Closed(self.why(Error::Io(kind.into()))),
                    (None, None) => return Poll::Pending,
                },
            };
            return Poll::Ready(heard);
        }
    }

    fn walker(&self) -> &Walker<S> {
        self.socket.get_ref().get_ref()
    }

    /// Writes as much as the socket takes, and reads nothing.
    pub fn poll_send(&mut self, cx: &mut Context<'_>, flushed: &mut Vec<SendId>) -> Result<(), Why> {
        if !self.is_writing() {
            return Ok(());
        }
        match self.poll_write(cx) {
            Poll::Ready(Ok(())) => flushed.append(&mut self.unflushed),
            Poll::Ready(Err(error)) => return Err(self.why(error)),
            Poll::Pending => {}
        }
        if self.weight > self.unwritten { Err(unread()) } else { Ok(()) }
    }

    fn poll_write(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Error>> {
        let mut socket = Pin::new(&mut self.socket);
        while !self.unsent.is_empty() {
            ready!(socket.as_mut().poll_ready(cx))?;
            if let Some((id, payload)) = self.unsent.pop_front() {
                self.weight = self.weight.saturating_sub(length(&payload));
                self.unflushed.push(id);
                socket.as_mut().start_send(match payload {
                    Payload::Text(text) => Message::text(text),
                    Payload::Binary(bytes) => Message::binary(bytes),
                    Payload::Ping(bytes) => Message::Ping(bytes.into()),
                })?;
            }
        }
        socket.poll_flush(cx)
    }

    /// Says goodbye and reads on until the other side has let go. The caller sets the limit.
    pub fn poll_close(&mut self, cx: &mut Context<'_>, code: u16) -> Poll<()> {
        if !self.closing {
            // What the user switched just now still goes out before the goodbye, if the socket takes it at once.
            match self.poll_write(cx) {
                Poll::Ready(Err(_)) => return Poll::Ready(()),
                Poll::Ready(Ok(())) | Poll::Pending => {}
            }
            let code = CloseCode::from(self.owed.unwrap_or(code));
            let frame = CloseFrame { code, reason: "".into() };
            if ready!(Pin::new(&mut self.socket).poll_ready(cx)).is_err() {
                return Poll::Ready(());
            }
            self.closing = true;
            // It fails where a close frame of the other side is being answered already.
            let _answered = Pin::new(&mut self.socket).start_send(Message::Close(Some(frame)));
        }
        if let Poll::Ready(Err(_)) = Pin::new(&mut self.socket).poll_flush(cx) {
            return Poll::Ready(());
        }
        while let Some(Ok(_)) = ready!(Pin::new(&mut self.socket).poll_next(cx)) {}
        // A protocol that was broken leaves bytes unread, and TCP would take back our goodbye for them.
        let mut rest = [0; 4096];
        loop {
            let mut rest = ReadBuf::new(&mut rest);
            let read = ready!(Pin::new(self.socket.get_mut().get_mut()).poll_read(cx, &mut rest));
            if read.is_err() || rest.filled().is_empty() {
                return Poll::Ready(());
            }
        }
    }

    fn said_goodbye(&self, frame: Option<CloseFrame>) -> Why {
        // The walker saw the frame as it was sent; tungstenite rewrites codes that it finds illegal.
        if let Some((code, reason)) = self.walker().close_seen() {
            return Why::Close { by: By::Peer, code, reason };
        }
        match frame {
            Some(frame) => Why::Close { by: By::Peer, code: Some(frame.code.into()), reason: frame.reason.to_string() },
            None => Why::Close { by: By::Peer, code: None, reason: String::new() },
        }
    }

    fn why(&mut self, error: Error) -> Why {
        match self.socket.get_ref().broken() {
            Some(Broken::Data) => return self.broke("compressed data that cannot be inflated", INVALID),
            Some(Broken::TooBig) => {
                self.owed = Some(LARGE);
                return Why::TooBig { limit: self.most };
            }
            None => {}
        }
        self.owed = owed(&error);
        if let Some((code, reason)) = self.walker().close_seen() {
            return Why::Close { by: By::Peer, code, reason };
        }
        match (&error, self.walker().broken()) {
            (Error::Protocol(_) | Error::Capacity(_), Some(rule)) => self.broke(rule, BROKEN),
            _ => translate(error, self.most),
        }
    }

    fn broke(&mut self, rule: &str, code: u16) -> Why {
        self.owed = Some(code);
        Why::Protocol { text: rule.to_owned() }
    }
}

fn length(payload: &Payload) -> usize {
    match payload {
        Payload::Text(text) => text.len(),
        Payload::Binary(bytes) | Payload::Ping(bytes) => bytes.len(),
    }
}

fn unread() -> Why {
    Why::Reset { text: "the server does not read what we write".into() }
}

/// What a peer is told (RFC 6455, section 7.4.1) that broke a rule, or sent a message that is not what it says it is, or
/// one that is too large.
const BROKEN: u16 = 1002;
const INVALID: u16 = 1007;
const LARGE: u16 = 1009;

#[expect(clippy::wildcard_enum_match_arm, reason = "a foreign enum, and few of its cases are the peer's fault")]
fn owed(error: &Error) -> Option<u16> {
    match error {
        Error::Protocol(ProtocolError::ResetWithoutClosingHandshake) => None,
        Error::Protocol(_) => Some(BROKEN),
        Error::Utf8(_) => Some(INVALID),
        Error::Capacity(_) => Some(LARGE),
        _ => None,
    }
}

#[expect(clippy::wildcard_enum_match_arm, reason = "a foreign enum, translated here and nowhere else")]
fn translate(error: Error, most: u64) -> Why {
    match error {
        Error::ConnectionClosed
        | Error::AlreadyClosed
        | Error::Protocol(ProtocolError::ResetWithoutClosingHandshake) => Why::Eof,
        Error::Io(error) if error.kind() == io::ErrorKind::UnexpectedEof => Why::Eof,
        Error::Io(error) => Why::Reset { text: error.to_string() },
        Error::Capacity(CapacityError::MessageTooLong { .. }) => Why::TooBig { limit: most },
        Error::WriteBufferFull(_) => unread(),
        Error::Protocol(rule) => Why::Protocol { text: rule.to_string() },
        Error::Utf8(_) => Why::Protocol { text: "text that is not UTF-8".to_owned() },
        other => Why::Protocol { text: other.to_string() },
    }
}
