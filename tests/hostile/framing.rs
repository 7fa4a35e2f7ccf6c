//! Servers that break the framing (RFC 6455, section 5), or keep to it in ways that nobody expects.

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

use crate::scene::{Scene, frame, frames, hold, opened, pass};

const PROTOCOL: &[&str] = &["protocol"];
/// It is legal, and no sign of life that the profile knows; or the rest never comes.
const HALF_OPEN: &[&str] = &["half_open"];

pub(crate) fn scenes() -> Vec<Scene> {
    let mut all = broken();
    all.extend(odd());
    all.extend(endless());
    all
}

fn broken() -> Vec<Scene> {
    let mut all: Vec<_> = (3..=7)
        .chain(11..=15)
        .map(|opcode| frames(&format!("reserved opcode {opcode}"), PROTOCOL, frame(0x80 | opcode, b"x")))
        .collect();
    all.extend(
        [0x40, 0x20, 0x10, 0x70]
            .map(|bits| frames(&format!("reserved bits {bits:#x}"), PROTOCOL, frame(0x81 | bits, b"x"))),
    );
    let start = frame(0x01, b"begun, ");
    all.extend([
        frames("masked", PROTOCOL, b"\x81\x85abcd\x09\x07\x0f\x08\x0e".to_vec()),
        frames("a continuation of nothing", PROTOCOL, frame(0x80, b"x")),
        frames("a message in a message", PROTOCOL, [start.clone(), frame(0x81, b"x")].concat()),
        frames("a binary one in a text", PROTOCOL, [start.clone(), frame(0x82, b"x")].concat()),
        frames("a ping in pieces", PROTOCOL, frame(0x09, b"x")),
        frames("a close in pieces", PROTOCOL, frame(0x08, b"\x03\xe8")),
        frames("a ping of 126 bytes", PROTOCOL, frame(0x89, &[b'x'; 126])),
        frames("a close of 126 bytes", PROTOCOL, frame(0x88, &[b'x'; 126])),
        frames("2^63 bytes", &["protocol", "too_big"], b"\x81\x7f\x80\x00\x00\x00\x00\x00\x00\x00x".to_vec()),
        frames("2^63 - 1 bytes", &["too_big"], b"\x82\x7f\x7f\xff\xff\xff\xff\xff\xff\xffx".to_vec()),
        frames("2^64 - 1 bytes", &["protocol", "too_big"], b"\x81\x7f\xff\xff\xff\xff\xff\xff\xff\xffx".to_vec()),
        frames("a gigabyte announced", &["too_big"], b"\x82\x7f\x00\x00\x00\x00\x40\x00\x00\x00x".to_vec()),
        frames("a page", PROTOCOL, b"<html>no WebSocket any more</html>".to_vec()),
        frames("zeros", PROTOCOL, vec![0; 1000]),
        frames("noise", PROTOCOL, (0..=255).rev().cycle().take(9000).collect::<Vec<u8>>()),
        frames("a close of one byte", &["close", "protocol"], frame(0x88, b"x")),
        frames("a close with words that are no text", &["close", "protocol"], frame(0x88, b"\x03\xe8\xff\xfe")),
        frames("a close with escapes", &["close"], frame(0x88, b"\x03\xe9\x1b[2J\x07\r\n")).says("close"),
        frames("data after a close", &["close"], [frame(0x88, b"\x03\xe9"), frame(0x81, b"{}")].concat()),
    ]);
    all.extend(
        [0_u16, 1, 999, 1004, 1005, 1006, 1012, 1014, 1015, 1016, 2999, 3000, 4000, 4999, 5000, 65_535].map(|code| {
            frames(&format!("close {code}"), &["close"], frame(0x88, &code.to_be_bytes())).says("\"code\":")
        }),
    );
    all
}

fn odd() -> Vec<Scene> {
    let mut long = b"\x81\x7f\x00\x00\x00\x00\x00\x00\x00\x02".to_vec();
    long.extend(b"{}");
    vec![
        frames("a short length in eight bytes", &["half_open", "protocol"], long),
        frames("empty messages", HALF_OPEN, frame(0x81, b"").repeat(1000)),
        frames(
            "empty pieces",
            HALF_OPEN,
            [frame(0x01, b""), frame(0x00, b"").repeat(5000), frame(0x80, b"{}")].concat(),
        ),
        frames("pongs that nobody asked for", HALF_OPEN, frame(0x8A, b"hello").repeat(5000)),
        frames("pings in a message", HALF_OPEN, {
            [frame(0x01, b"{\"a\":"), frame(0x89, b"?").repeat(500), frame(0x80, b"1}")].concat()
        }),
        frames("half a head", HALF_OPEN, b"\x81".to_vec()),
        frames("half a message", HALF_OPEN, b"\x81\x7d{\"service\":".to_vec()),
        opened("a close in the middle of a frame", &["eof", "protocol"], async |mut tcp| {
            let _gone = tcp.write_all(b"\x81\x7d{\"service\":").await;
            // To close with what we were told unread is a reset.
            let _gone = tcp.shutdown().await;
            let _rest = tcp.read_to_end(&mut Vec::new()).await;
        }),
        opened("frames: a byte at a time", HALF_OPEN, async |mut tcp| {
            for byte in frame(0x81, br#"{"service":"a","n":1}"#).repeat(5) {
                let _gone = tcp.write_all(&[byte]).await;
                pass(3).await;
            }
            hold(tcp).await;
        }),
    ]
}

fn endless() -> Vec<Scene> {
    vec![
        // A message that grows and grows: it is over when it is too big.
        opened("frames: pieces without an end", &["too_big"], async |mut tcp| {
            let piece = frame(0x00, &vec![b'x'; 60_000]);
            let _gone = tcp.write_all(&frame(0x01, b"x")).await;
            while tcp.write_all(&piece).await.is_ok() {}
        })
        .takes(10, 128),
        opened("frames: a message of single bytes", &["half_open"], async |mut tcp| {
            let _gone = tcp.write_all(&frame(0x01, b"x")).await;
            let _gone = tcp.write_all(&frame(0x00, b"x").repeat(100_000)).await;
            hold(tcp).await;
        }),
    ]
}
