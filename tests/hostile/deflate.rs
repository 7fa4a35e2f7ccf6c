//! Servers that compress (RFC 7692), and mean it no good: wrong answers to the offer, data that is none, and little that
//! becomes much.

use std::sync::Arc;

use flate2::{Compress, Compression, FlushCompress};
use tokio::io::AsyncWriteExt as _;
use wirebeat::net::extensions::HEADER;

use crate::scene::{Scene, answers, frame, good, hold, request, scene};

const HANDSHAKE: &[&str] = &["handshake"];
const PROTOCOL: &[&str] = &["protocol"];
const TOO_BIG: &[&str] = &["too_big"];
const HALF_OPEN: &[&str] = &["half_open"];

const KEPT: &str = "permessage-deflate";
const ANEW: &str = "permessage-deflate; server_no_context_takeover";
const MEBIBYTE: usize = 1 << 20;
/// What a flush ends with and a message leaves out.
const TAIL: &[u8] = b"\0\0\xff\xff";
/// The first bit that is reserved.
const PACKED: u8 = 0x40;
/// The example of the RFC.
const HELLO: &[u8] = b"\xf2\x48\xcd\xc9\xc9\x07\x00";

pub(crate) fn scenes() -> Vec<Scene> {
    let mut all = answered();
    all.extend(data());
    all.extend(heads());
    all.extend(bombs());
    all
}

/// Agrees to the upgrade and to these words about compression, sends these bytes, and keeps the connection.
fn agreed(name: &str, kinds: &'static [&'static str], words: &'static str, bytes: impl Into<Vec<u8>>) -> Scene {
    let bytes: Arc<[u8]> = bytes.into().into();
    scene(format!("deflate: {name}"), kinds, move |mut tcp| {
        let bytes = Arc::clone(&bytes);
        async move {
            let Some(accept) = request(&mut tcp).await else { return };
            let head = good(&accept).replace("\r\n\r\n", &format!("\r\n{HEADER}: {words}\r\n\r\n"));
            let _gone = tcp.write_all(&[head.as_bytes(), &bytes].concat()).await;
            hold(tcp).await;
        }
    })
}

/// Answers to the offer that cannot be met.
fn answered() -> Vec<Scene> {
    let mut all: Vec<_> = [
        ("a parameter that is none", "permessage-deflate; level=9", "no parameter `level`"),
        ("a parameter without a name", "permessage-deflate; =15", "no parameter"),
        ("a parameter twice", "permessage-deflate; server_max_window_bits=9; server_max_window_bits=9", "twice"),
        ("a takeover with a value", "permessage-deflate; server_no_context_takeover=true", "no such value"),
        ("a window of 7 bits", "permessage-deflate; server_max_window_bits=7", "no such value"),
        ("a window of 16 bits", "permessage-deflate; server_max_window_bits=16", "no such value"),
        ("a window of no bits", "permessage-deflate; server_max_window_bits=0", "no such value"),
        ("a window of -1 bits", "permessage-deflate; client_max_window_bits=-1", "no such value"),
        ("a window beyond all numbers", "permessage-deflate; client_max_window_bits=99999999999999999999", "no such"),
        ("a window with a zero before it", "permessage-deflate; server_max_window_bits=015", "no such value"),
        ("a window without bits", "permessage-deflate; client_max_window_bits", "no such value"),
        ("compressed twice", "permessage-deflate, permessage-deflate", "more than once"),
        ("compressed in another way", "permessage-bzip2", "never offered"),
        ("compressed frames", "x-webkit-deflate-frame", "never offered"),
        ("a quote without an end", "permessage-deflate; server_max_window_bits=\"15", "no such value"),
    ]
    .into_iter()
    .map(|(name, words, says)| agreed(name, HANDSHAKE, words, frame(0x81 | PACKED, HELLO)).says(says))
    .collect();
    let twice = format!("{HEADER}: {KEPT}\r\n{HEADER}: {ANEW}\r\n");
    all.extend([
        agreed("what was not offered", HANDSHAKE, KEPT, frame(0x81 | PACKED, HELLO))
            .with(&["--set", "endpoint.compression=false"])
            .says("never offered"),
        answers(
            "deflate, agreed in two headers",
            HANDSHAKE,
            format!(
                "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
                 Sec-WebSocket-Accept: {{accept}}\r\n{twice}\r\n"
            ),
        )
        .says("more than once"),
    ]);
    all
}

/// Payloads that are no compressed messages.
fn data() -> Vec<Scene> {
    let text = "{\"service\":\"a\",\"text\":\"业务\"}".repeat(20);
    let mut packer = Packer::new();
    let (first, second) = (packer.message(text.as_bytes()), packer.message(text.as_bytes()));
    let both = [frame(0xC1, &first), frame(0xC1, &second)].concat();
    let bad = Packer::new().message(b"{\"service\":\"\xed\xa0\x80\"}");
    vec![
        // Compressed without a word of it, and JSON that says it is compressed.
        crate::scene::frames("compressed, and never agreed", PROTOCOL, frame(0xC1, HELLO)),
        agreed("JSON that is called compressed", PROTOCOL, KEPT, frame(0xC1, b"{\"service\":\"a\"}")),
        agreed("a block that is none", PROTOCOL, KEPT, frame(0xC1, b"\x07")).says("cannot be inflated"),
        agreed("all ones", PROTOCOL, KEPT, frame(0xC1, &[0xff; 1000])),
        agreed("a stored length that does not fit", PROTOCOL, KEPT, frame(0xC1, b"\x00\x05\x00\xfa\xfeHello\x00")),
        agreed("a distance before the beginning", PROTOCOL, KEPT, frame(0xC1, &second)),
        agreed("a good one, and then noise", PROTOCOL, KEPT, {
            [frame(0xC1, &first), frame(0xC2, &(0..=255).rev().cycle().take(9000).collect::<Vec<u8>>())].concat()
        }),
        agreed("cut short", PROTOCOL, ANEW, frame(0xC1, &first[..first.len() / 2])),
        agreed("inflated to no UTF-8", PROTOCOL, KEPT, frame(0xC1, &bad)),
        // What was said of the window is what is gone by.
        agreed("a window that goes on, as agreed", HALF_OPEN, KEPT, both.clone()),
        agreed("a window that goes on though it was given up", PROTOCOL, ANEW, both),
        agreed("half a frame", HALF_OPEN, KEPT, frame(0xC1, &first)[..40].to_vec()),
        agreed("the rest never comes", HALF_OPEN, KEPT, frame(0x41, &first)),
    ]
}

/// Frames that may not be compressed, or not there.
fn heads() -> Vec<Scene> {
    let scene = |name: &str, frames: &[&[u8]]| agreed(name, PROTOCOL, KEPT, frames.concat());
    let begun = frame(0x41, HELLO);
    vec![
        scene("a compressed ping", &[&frame(0x89 | PACKED, HELLO)]),
        scene("a compressed pong", &[&frame(0x8A | PACKED, b"")]),
        scene("a compressed close", &[&frame(0x88 | PACKED, b"\x03\xe8")]),
        scene("a compressed piece", &[&begun, &frame(0x80 | PACKED, HELLO)]),
        scene("a compressed piece of what is not", &[&frame(0x01, b"a"), &frame(0x80 | PACKED, HELLO)]),
        scene("a compressed piece of nothing", &[&frame(0x80 | PACKED, HELLO)]),
        scene("a message in a compressed one", &[&begun, &frame(0x81 | PACKED, HELLO)]),
        scene("the second reserved bit", &[&frame(0xC1 | 0x20, HELLO)]),
        scene("all reserved bits", &[&frame(0x81 | 0x70, HELLO)]),
        scene("a reserved opcode", &[&frame(0xC3, HELLO)]),
        scene("masked", &[b"\xc1\x87abcd", HELLO]),
    ]
}

/// Little on the wire, and much behind it.
fn bombs() -> Vec<Scene> {
    let much = |mebibytes| Packer::new().alike(mebibytes);
    let pieces = {
        let bomb = much(256);
        let parts: Vec<_> = bomb.chunks(1000).map(|part| frame(0x00, part)).collect();
        [frame(0x42, b""), parts.concat(), frame(0x80, b"")].concat()
    };
    let nothing = b"\0\0\0\xff\xff".repeat(10_000);
    vec![
        agreed("a bomb of a gigabyte", TOO_BIG, KEPT, frame(0xC2, &much(1024))).takes(10, 128),
        agreed("a bomb of a gigabyte, begun anew", TOO_BIG, ANEW, frame(0xC2, &much(1024))).takes(10, 128),
        agreed("a bomb in pieces", TOO_BIG, KEPT, pieces).takes(10, 128),
        agreed("a bomb of text", TOO_BIG, KEPT, frame(0xC1, &much(17))).takes(10, 128),
        // Each may be, and many take no more room than a few.
        agreed("fifteen megabytes, over and over", &["", "half_open"], ANEW, frame(0xC2, &much(15)).repeat(40))
            .with(&["--events", "closed,dial_failed,summary"])
            .takes(10, 400),
        agreed("a gigabyte announced", TOO_BIG, KEPT, b"\xc2\x7f\x00\x00\x00\x00\x40\x00\x00\x00x".to_vec()),
        agreed("2^63 - 1 bytes", TOO_BIG, KEPT, b"\xc2\x7f\x7f\xff\xff\xff\xff\xff\xff\xffx".to_vec()),
        // They are a message that never has a byte, and is too big by what it takes to say so.
        agreed("blocks of nothing", TOO_BIG, KEPT, {
            [frame(0x41, &nothing), frame(0x00, &nothing).repeat(30)].concat()
        })
        .with(&["--set", "limits.message='1 MiB'"]),
    ]
}

/// A server's side of it, with one window for all.
struct Packer(Compress);

impl Packer {
    fn new() -> Self {
        Self(Compress::new(Compression::new(6), false))
    }

    fn pack(&mut self, payload: &[u8]) -> Vec<u8> {
        let mut out = Vec::with_capacity(payload.len() + 1000);
        self.0.compress_vec(payload, &mut out, FlushCompress::Sync).unwrap();
        out
    }

    fn message(&mut self, payload: &[u8]) -> Vec<u8> {
        let packed = self.pack(payload);
        packed.strip_suffix(TAIL).unwrap().to_vec()
    }

    /// So many mebibytes of one letter. But for the first, they are packed to the same bytes.
    fn alike(&mut self, mebibytes: usize) -> Vec<u8> {
        let block = vec![b'x'; MEBIBYTE];
        let (first, next) = (self.pack(&block), self.pack(&block));
        let all = [first, next.repeat(mebibytes - 1)].concat();
        all.strip_suffix(TAIL).unwrap().to_vec()
    }
}
