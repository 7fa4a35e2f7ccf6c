//! One case: the bytes of a server, and what a client says to them. It knows no case.

use std::future::poll_fn;
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWriteExt, DuplexStream};
use wirebeat::event::{Gen, Why};
use wirebeat::net::Buffers;
use wirebeat::net::extensions::Deflate;
use wirebeat::net::link::{Heard, Link};
use wirebeat::net::walker::Walker;
use wirebeat::session::{Opcode, Payload, SendId};
use wirebeat::time::Clock;

pub(crate) const TEXT: u8 = 0x81;
pub(crate) const BINARY: u8 = 0x82;
pub(crate) const CLOSE: u8 = 0x88;
pub(crate) const PING: u8 = 0x89;
pub(crate) const PONG: u8 = 0x8A;
/// Takes the end from a first byte.
pub(crate) const MORE: u8 = 0x80;
/// Marks the first frame of a compressed message.
pub(crate) const PACKED: u8 = 0x40;

/// A frame of the client, unmasked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Said {
    Frame(u8, Vec<u8>),
    Close(Option<u16>),
}

pub(crate) struct Case {
    name: String,
    agreed: Option<Deflate>,
    limit: usize,
    sent: Vec<u8>,
    /// What the server sends when it has heard all that it wants to hear.
    last: Vec<u8>,
    wanted: Vec<Said>,
    /// The word for the cause.
    kind: &'static str,
}

/// A case in which the server sends nothing yet.
pub(crate) fn case(name: impl Into<String>) -> Case {
    let (sent, last, wanted) = (Vec::new(), Vec::new(), Vec::new());
    Case { name: name.into(), agreed: None, limit: 2 << 20, sent, last, wanted, kind: "close" }
}

impl Case {
    pub(crate) fn deflate(self, agreed: Deflate) -> Self {
        Self { agreed: Some(agreed), ..self }
    }

    pub(crate) fn limit(self, limit: usize) -> Self {
        Self { limit, ..self }
    }

    pub(crate) fn send(mut self, bytes: impl AsRef<[u8]>) -> Self {
        self.sent.extend_from_slice(bytes.as_ref());
        self
    }

    pub(crate) fn frame(self, first: u8, payload: impl AsRef<[u8]>) -> Self {
        self.send(frame(first, payload.as_ref()))
    }

    pub(crate) fn echoed(mut self, first: u8, payload: impl AsRef<[u8]>) -> Self {
        self.wanted.push(Said::Frame(first, payload.as_ref().to_vec()));
        self
    }

    /// A frame that comes back as it is.
    pub(crate) fn echo(self, first: u8, payload: impl AsRef<[u8]>) -> Self {
        let answer = if first == PING { PONG } else { first };
        self.frame(first, &payload).echoed(answer, payload)
    }

    /// The server is content, and leaves.
    pub(crate) async fn ends_well(mut self) {
        self.last = close(1000, "");
        self.closed(Some(1000)).await;
    }

    /// The goodbye that was sent is answered with this one.
    pub(crate) async fn closed(mut self, code: Option<u16>) {
        self.wanted.push(Said::Close(code));
        self.run().await;
    }

    /// The client ends it, with this code and for this cause.
    pub(crate) async fn refused(mut self, code: u16, kind: &'static str) {
        self.wanted.push(Said::Close(Some(code)));
        self.kind = kind;
        self.run().await;
    }

    /// Whole, in pieces, and byte by byte.
    async fn run(self) {
        for piece in [usize::MAX, 997, 1] {
            if self.sent.len() / piece > 70_000 {
                continue;
            }
            let done = tokio::time::timeout(Duration::from_hours(1), self.play(piece)).await;
            let name = format!("{}, in pieces of {piece}", self.name);
            let (said, why) = done.map_err(|_| format!("{name}: no end")).unwrap();
            let name = format!("{name}: {why:?}");
            let same = said.iter().zip(&self.wanted).take_while(|(one, other)| one == other).count();
            let (said, wanted) = (said.get(same..).unwrap_or_default(), self.wanted.get(same..).unwrap_or_default());
            assert!(said == wanted, "{name}: after {same} {}, not {}", shown(said), shown(wanted));
            assert_eq!(why.kind(), self.kind, "{name}");
        }
    }

    async fn play(&self, piece: usize) -> (Vec<Said>, Why) {
        // Nobody waits for room: a client that is behind need not answer every ping.
        let (near, far) = tokio::io::duplex(8 << 20);
        let (mut reads, mut writes) = tokio::io::split(far);
        let (tell, mut heard) = tokio::sync::watch::channel(0);
        let server = async {
            for piece in self.sent.chunks(piece) {
                // A client that has heard enough may be gone.
                if writes.write_all(piece).await.is_err() {
                    break;
                }
                tokio::task::yield_now().await;
            }
            let all = self.wanted.len() - 1;
            if !self.last.is_empty() && heard.wait_for(|heard| *heard >= all).await.is_ok() {
                let _gone = writes.write_all(&self.last).await;
            }
        };
        let hear = async move {
            let mut said = Vec::new();
            while let Some(one) = hear(&mut reads).await {
                said.push(one);
                tell.send_replace(said.len());
            }
            drop(tell);
            said
        };
        let (why, (), said) = tokio::join!(echo(near, self.agreed, self.limit), server, hear);
        (said, why)
    }
}

/// The client: says back what it hears, until an end; then its goodbye.
async fn echo(io: DuplexStream, agreed: Option<Deflate>, message: usize) -> Why {
    let buffers = Buffers { read: 4096, message, unwritten: 4 << 20 };
    let mut link = Link::new(Gen(0), Walker::new(io, Vec::new(), Clock::start()), buffers, agreed).await;
    let mut flushed = Vec::new();
    let why = loop {
        match poll_fn(|cx| link.poll_next(cx, &mut flushed)).await {
            Heard::Frame(Opcode::Text, bytes) => {
                link.queue(SendId(0), Payload::Text(String::from_utf8(bytes.to_vec()).unwrap()));
            }
            Heard::Frame(Opcode::Binary, bytes) => link.queue(SendId(0), Payload::Binary(bytes.to_vec())),
            Heard::Frame(Opcode::Ping | Opcode::Pong, _) => {}
            Heard::Closed(why) => break why,
        }
    };
    // As the session has it.
    let code = if let Why::Close { code, .. } = &why { code.unwrap_or(1000) } else { 1002 };
    let _in_time = tokio::time::timeout(Duration::from_millis(300), poll_fn(|cx| link.poll_close(cx, code))).await;
    why
}

/// The next frame of the client, if there is one.
async fn hear<S: AsyncRead + Unpin>(io: &mut S) -> Option<Said> {
    let first = io.read_u8().await.ok()?;
    let second = io.read_u8().await.unwrap();
    assert_eq!(second & 0x80, 0x80, "a client masks");
    let length = match second & 0x7F {
        126 => usize::from(io.read_u16().await.unwrap()),
        127 => usize::try_from(io.read_u64().await.unwrap()).unwrap(),
        length => usize::from(length),
    };
    let mut mask = [0; 4];
    io.read_exact(&mut mask).await.unwrap();
    let mut payload = vec![0; length];
    io.read_exact(&mut payload).await.unwrap();
    payload.iter_mut().zip(mask.iter().cycle()).for_each(|(byte, key)| *byte ^= key);
    Some(if first == CLOSE {
        Said::Close(payload.first_chunk().map(|code| u16::from_be_bytes(*code)))
    } else {
        Said::Frame(first, payload)
    })
}

pub(crate) fn frame(first: u8, payload: &[u8]) -> Vec<u8> {
    let mut bytes = vec![first];
    match payload.len() {
        length @ 0..=125 => bytes.push(u8::try_from(length).unwrap()),
        length @ 126..=0xFFFF => {
            bytes.push(126);
            bytes.extend(u16::try_from(length).unwrap().to_be_bytes());
        }
        length => {
            bytes.push(127);
            bytes.extend((length as u64).to_be_bytes());
        }
    }
    bytes.extend(payload);
    bytes
}

pub(crate) fn close(code: u16, reason: impl AsRef<[u8]>) -> Vec<u8> {
    frame(CLOSE, &[&code.to_be_bytes(), reason.as_ref()].concat())
}

/// Frames as a failure shows them: long ones are not read by anybody.
fn shown(said: &[Said]) -> String {
    let one = |said: &Said| match said {
        Said::Close(code) => format!("close {code:?}"),
        Said::Frame(first, payload) => {
            let start = payload.get(..payload.len().min(24)).unwrap_or_default();
            format!("{first:02x} {} bytes {:?}", payload.len(), String::from_utf8_lossy(start))
        }
    };
    said.iter().take(4).map(one).collect::<Vec<_>>().join(", ")
}
