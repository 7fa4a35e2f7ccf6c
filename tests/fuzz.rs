//! The bodies of the fuzz targets, with bytes made at random. `cargo +nightly fuzz run NAME` looks for more.

#[path = "../fuzz/bodies.rs"]
mod bodies;

use proptest::prelude::*;

/// Bytes that come close to what is read: words of every format, and anything.
fn bytes() -> impl Strategy<Value = Vec<u8>> {
    let words: Vec<&[u8]> = vec![
        b"{\"a\":",
        b"[",
        b"]",
        b"}",
        b",",
        b"\"b\":",
        b"\"type\":",
        b"1",
        b"-1.5e3",
        b"null",
        b"\"x\"",
        b"\"\\u00e9\"",
        b"\0",
        b"${",
        b"/a",
        b"@/c",
        b"|",
        b"s.p",
        b"v.c",
        b"id",
        b"@key",
        b"#text",
        b"MSG a 1 ",
        b"4\r\n",
        b"\r\n",
        b"PING\r\n",
        b"MESSAGE\n",
        b"a:b\n",
        b"\n",
        b":n PRIVMSG #a :",
        b"0\x05\0\x01a",
        b"\xd0\0",
        b"\x81\xa1a",
        b"\x92",
        b"\x1f\x8b\x08",
        b"\x78\x9c",
        b"\0\0\xff\xff",
    ];
    let piece = prop_oneof![
        4 => prop::sample::select(words).prop_map(<[u8]>::to_vec),
        1 => prop::collection::vec(any::<u8>(), 0..6),
    ];
    prop::collection::vec(piece, 0..14).prop_map(|pieces| pieces.concat())
}

/// Frames behind their lengths.
fn frames() -> impl Strategy<Value = Vec<u8>> {
    let frame = bytes().prop_map(|mut frame| {
        frame.truncate(255);
        frame.insert(0, u8::try_from(frame.len()).unwrap_or(u8::MAX));
        frame
    });
    let choices = (0..6_u8, prop_oneof![3 => Just(0_u8), 1 => 1..6_u8], any::<u8>());
    (choices, prop::collection::vec(frame, 0..5))
        .prop_map(|((format, compression, shape), frames)| [vec![format, compression, shape], frames.concat()].concat())
}

/// Frames of a server that compresses, or nearly.
fn packed() -> impl Strategy<Value = Vec<u8>> {
    let hello: &[u8] = b"\xf2\x48\xcd\xc9\xc9\x07\x00";
    let payloads: Vec<&[u8]> = vec![
        hello,
        &hello[..3],
        &hello[3..],
        b"",
        b"\0",
        b"\x01",
        b"\0\0\0\xff\xff",
        b"\xf2\x00\x11\x00\x00",
        b"\xf3\x48\xcd\xc9\xc9\x07\x00\x00",
        b"\xf3\x48\xcd\xc9\xc9\x07\x00",
        b"\x00\x05\x00\xfa\xff\x48\x65\x6c\x6c\x6f\x00",
        // Two thousand times the same byte.
        b"\x4a\x4c\x1c\x05\xa3\x60\x14\x0c\x77\x00\x00",
    ];
    let payload = prop_oneof![4 => prop::sample::select(payloads).prop_map(<[u8]>::to_vec), 1 => bytes()];
    let first = prop::sample::select(b"\xc1\xc1\xc1\xc2\x41\x41\x00\x00\x80\x80\x81\x01\x89\x88\xc9\xa1".to_vec());
    let frame = (first, payload).prop_map(|(first, mut payload)| {
        payload.truncate(125);
        [&[first, u8::try_from(payload.len()).unwrap_or(0)], payload.as_slice()].concat()
    });
    let shape = prop::collection::vec(any::<u8>(), 3);
    (shape, prop::collection::vec(frame, 0..10), 0..6_usize).prop_map(|(shape, frames, cut)| {
        let mut all = [shape, frames.concat()].concat();
        all.truncate(all.len().saturating_sub(cut).max(3));
        all
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1500, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn templates(data in bytes()) {
        bodies::template(&data);
    }

    #[test]
    fn pointers(data in bytes()) {
        bodies::pointer(&data);
    }

    #[test]
    fn matchers(data in bytes()) {
        bodies::matcher(&data);
    }

    #[test]
    fn codecs(data in prop_oneof![frames(), bytes()]) {
        bodies::codec(&data);
    }

    #[test]
    fn inflating(data in prop_oneof![packed(), bytes()]) {
        bodies::inflate(&data);
    }
}
