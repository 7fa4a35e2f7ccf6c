//! Compression (RFC 7692): its examples, sizes, windows and fragments, and everything that may be wrong with it.

use flate2::{Compress, Compression, FlushCompress};
use wirebeat::net::extensions::Deflate;

use crate::stage::{BINARY, CLOSE, Case, PACKED, PING, TEXT, case, close};

/// What both sides keep their windows for.
const KEPT: Deflate = Deflate {
    server_no_context_takeover: false,
    client_no_context_takeover: true,
    server_max_window_bits: None,
    client_max_window_bits: None,
};
const ANEW: Deflate = Deflate { server_no_context_takeover: true, ..KEPT };

/// A server's side of it.
struct Packer {
    stream: Compress,
    agreed: Deflate,
}

impl Packer {
    fn new(agreed: Deflate, level: u32) -> Self {
        let bits = agreed.server_max_window_bits.unwrap_or(15);
        Self { stream: Compress::new_with_window_bits(Compression::new(level), false, bits), agreed }
    }

    fn pack(&mut self, payload: &[u8]) -> Vec<u8> {
        let mut out = Vec::with_capacity(payload.len() * 2 + 100);
        let before = self.stream.total_in();
        self.stream.compress_vec(payload, &mut out, FlushCompress::Sync).unwrap();
        assert_eq!(self.stream.total_in() - before, payload.len() as u64);
        if self.agreed.server_no_context_takeover {
            self.stream.reset();
        }
        // Twice nothing is flushed as nothing at all.
        let packed = out.strip_suffix(b"\0\0\xff\xff").unwrap_or(&out);
        packed.to_vec()
    }
}

/// Bytes that look a little like a feed's: much is alike, and nothing is the same.
fn words(length: usize, seed: u32) -> String {
    let mut state = seed.wrapping_mul(2_654_435_761) | 1;
    let mut text = String::new();
    while text.len() < length {
        state ^= state << 13;
        state ^= state >> 17;
        state ^= state << 5;
        text.push_str(["{\"price\":", "\"业务\"", ",", "1", "0.25", "}"][state as usize % 6]);
        text.push_str(&(state % 1000).to_string());
    }
    while !text.is_char_boundary(length) {
        text.insert(0, ' ');
    }
    text.truncate(length);
    text
}

fn packed(name: impl Into<String>, agreed: Deflate) -> Case {
    case(name).deflate(agreed)
}

#[tokio::test(start_paused = true)]
async fn the_examples_of_the_rfc_are_read() {
    let hello = b"\xf2\x48\xcd\xc9\xc9\x07\x00";
    let text = |payload: &[u8]| packed(format!("{payload:x?}"), KEPT).frame(TEXT | PACKED, payload);
    text(hello).echoed(TEXT, "Hello").ends_well().await;
    let parts = packed("in two frames", KEPT).frame(1 | PACKED, &hello[..3]).frame(0x80, &hello[3..]);
    parts.echoed(TEXT, "Hello").ends_well().await;
    let twice = text(hello).echoed(TEXT, "Hello").frame(TEXT | PACKED, hello).echoed(TEXT, "Hello");
    twice.frame(TEXT | PACKED, b"\xf2\x00\x11\x00\x00").echoed(TEXT, "Hello").ends_well().await;
    let stored = b"\x00\x05\x00\xfa\xff\x48\x65\x6c\x6c\x6f\x00";
    text(stored).echoed(TEXT, "Hello").ends_well().await;
    text(b"\xf3\x48\xcd\xc9\xc9\x07\x00\x00").echoed(TEXT, "Hello").ends_well().await;
    text(b"\xf2\x48\x05\x00\x00\x00\xff\xff\xca\xc9\xc9\x07\x00").echoed(TEXT, "Hello").ends_well().await;
    text(b"\x00").echoed(TEXT, "").frame(TEXT | PACKED, hello).echoed(TEXT, "Hello").ends_well().await;
}

#[tokio::test(start_paused = true)]
async fn every_size_and_window_comes_back() {
    for length in [0, 1, 16, 64, 256, 1024, 4096, 8192, 16384, 32768, 65536, 131_072] {
        for (agreed, bits) in [(KEPT, 9), (ANEW, 9), (KEPT, 12), (KEPT, 15), (ANEW, 15)] {
            // The long ones are here for the ends of windows and buffers.
            if length > 8192 && agreed.server_no_context_takeover != (bits == 9) {
                continue;
            }
            let agreed = Deflate { server_max_window_bits: Some(bits), ..agreed };
            let mut packer = Packer::new(agreed, 6);
            let mut all = packed(format!("{length} bytes, {agreed}"), agreed);
            for n in 0..if length > 8192 { 1 } else { 4 } {
                let text = words(length, n);
                all = all.frame(TEXT | PACKED, packer.pack(text.as_bytes())).echoed(TEXT, &text);
                all = all.frame(BINARY | PACKED, packer.pack(text.as_bytes())).echoed(BINARY, text);
            }
            all.ends_well().await;
        }
    }
    let big = words(1 << 20, 1);
    let mut packer = Packer::new(KEPT, 6);
    packed("a mebibyte", KEPT).frame(TEXT | PACKED, packer.pack(big.as_bytes())).echoed(TEXT, big).ends_well().await;
}

#[tokio::test(start_paused = true)]
async fn what_cannot_be_compressed_may_be_stored() {
    let mut state = 1_u32;
    let mut noise = vec![0; 100_000];
    for byte in &mut noise {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        *byte = state.to_be_bytes()[0];
    }
    let mut packer = Packer::new(KEPT, 0);
    let stored = packer.pack(&noise);
    assert!(stored.len() > noise.len());
    packed("stored", KEPT).limit(noise.len()).frame(BINARY | PACKED, stored).echoed(BINARY, noise).ends_well().await;
}

#[tokio::test(start_paused = true)]
async fn messages_come_compressed_or_not_as_the_server_likes() {
    let mut packer = Packer::new(KEPT, 6);
    let mut all = packed("by turns", KEPT);
    for n in 0..20 {
        let text = words(300, n % 3);
        all = if n % 2 == 0 {
            all.echo(TEXT, text)
        } else {
            all.frame(TEXT | PACKED, packer.pack(text.as_bytes())).echoed(TEXT, text)
        };
    }
    all.frame(1, "not ").frame(0x80, "compressed").echoed(TEXT, "not compressed").ends_well().await;
}

#[tokio::test(start_paused = true)]
async fn control_frames_pass_in_the_middle_of_a_compressed_message() {
    let text = words(5000, 3);
    for size in [1, 7, 400] {
        let mut packer = Packer::new(KEPT, 6);
        let mut all = packed(format!("parts of {size}"), KEPT);
        for _ in 0..2 {
            let payload = packer.pack(text.as_bytes());
            let mut first = 1 | PACKED;
            for part in payload.chunks(size) {
                all = all.frame(first, part).echo(PING, part.get(..part.len().min(100)).unwrap());
                first = 0;
            }
            all = all.frame(0x80, "").echoed(TEXT, &text);
        }
        all.ends_well().await;
    }
    let inside = packed("a goodbye", KEPT).frame(1 | PACKED, Packer::new(KEPT, 6).pack(text.as_bytes()));
    inside.frame(CLOSE, 1001_u16.to_be_bytes()).closed(Some(1001)).await;
}

#[tokio::test(start_paused = true)]
async fn a_sender_may_end_the_stream_with_the_message() {
    for agreed in [KEPT, ANEW] {
        for behind in [&b""[..], b"\0"] {
            let mut all = packed(format!("{agreed}, and {behind:x?}"), agreed);
            for n in 0..3 {
                let text = words(500, n);
                let mut out = Vec::with_capacity(1000);
                let mut stream = Compress::new(Compression::new(6), false);
                stream.compress_vec(text.as_bytes(), &mut out, FlushCompress::Finish).unwrap();
                out.extend(behind);
                all = all.frame(TEXT | PACKED, out).echoed(TEXT, text);
            }
            all.ends_well().await;
        }
    }
}

#[tokio::test(start_paused = true)]
async fn nothing_compressed_is_an_empty_message() {
    for agreed in [KEPT, ANEW] {
        let mut packer = Packer::new(agreed, 6);
        let text = words(200, 1);
        let first = packer.pack(text.as_bytes());
        packed(format!("{agreed}"), agreed)
            .frame(TEXT | PACKED, "")
            .echoed(TEXT, "")
            .frame(TEXT | PACKED, first)
            .echoed(TEXT, &text)
            .frame(2 | PACKED, "")
            .frame(0, "")
            .frame(0x80, "")
            .echoed(BINARY, "")
            .frame(TEXT | PACKED, packer.pack(text.as_bytes()))
            .echoed(TEXT, &text)
            .ends_well()
            .await;
    }
}

#[tokio::test(start_paused = true)]
async fn a_bomb_is_answered_with_1009() {
    let bomb = Packer::new(KEPT, 9).pack(&vec![0; 4 << 20]);
    assert!(bomb.len() < 5000);
    let frames = |limit| packed(format!("a bomb, limit {limit}"), KEPT).limit(limit).frame(BINARY | PACKED, &bomb);
    for limit in [0, 1000, 65_536, 1 << 20] {
        frames(limit).refused(1009, "too_big").await;
    }
    let mut many = packed("in many frames", KEPT).limit(1 << 20).frame(2 | PACKED, "");
    for part in bomb.chunks(50) {
        many = many.frame(0, part);
    }
    many.refused(1009, "too_big").await;
    let limited = packed("to the byte", KEPT).limit(1000);
    let limited = limited.frame(TEXT | PACKED, Packer::new(KEPT, 6).pack(&[b'a'; 1000])).echoed(TEXT, [b'a'; 1000]);
    limited.frame(TEXT | PACKED, Packer::new(KEPT, 6).pack(&[b'a'; 1001])).refused(1009, "too_big").await;
    // Blocks of nothing, for ever.
    let nothing = packed("nothing, and much of it", KEPT).limit(1000).frame(1 | PACKED, b"\0\0\0\xff\xff".repeat(100));
    nothing.frame(0, b"\0\0\0\xff\xff".repeat(200)).refused(1009, "too_big").await;
    let announced = packed("announced", KEPT).limit(1000).send([0xC2, 127, 0, 0, 1, 0, 0, 0, 0, 0]);
    announced.refused(1009, "too_big").await;
}

#[tokio::test(start_paused = true)]
async fn what_cannot_be_inflated_is_answered_with_1007() {
    let text = words(400, 5);
    for agreed in [KEPT, ANEW] {
        for bad in [&b"\xff\xff\xff\xff"[..], b"\x07", b"{\"a\":1}", b"\x00\x05\x00\xfa\xfeHello\x00"] {
            let name = format!("{bad:x?}, {agreed}");
            let all = packed(name, agreed).echo(TEXT, "a").frame(TEXT | PACKED, bad);
            all.refused(1007, "protocol").await;
        }
        let mut packer = Packer::new(agreed, 6);
        let good = packer.pack(text.as_bytes());
        let all = packed(format!("good before bad, {agreed}"), agreed).frame(TEXT | PACKED, &good).echoed(TEXT, &text);
        all.frame(TEXT | PACKED, &good[..good.len() / 2])
            .frame(TEXT | PACKED, [0xff; 40])
            .refused(1007, "protocol")
            .await;
    }
    // Each part of a message alone is no message.
    let good = Packer::new(ANEW, 6).pack(text.as_bytes());
    for length in 1..good.len() {
        let cut = packed(format!("cut off at {length}"), ANEW).frame(BINARY | PACKED, &good[..length]);
        cut.refused(1007, "protocol").await;
    }
}

#[tokio::test(start_paused = true)]
async fn a_window_goes_on_or_begins_anew_as_agreed() {
    let text = words(400, 5);
    let mut packer = Packer::new(KEPT, 9);
    let (first, second) = (packer.pack(text.as_bytes()), packer.pack(text.as_bytes()));
    assert!(second.len() < 10, "it goes back to the first");
    let both = |agreed: Deflate| packed(agreed.to_string(), agreed).frame(TEXT | PACKED, &first).echoed(TEXT, &text);
    both(KEPT).frame(TEXT | PACKED, &second).echoed(TEXT, &text).ends_well().await;
    both(ANEW).frame(TEXT | PACKED, &second).refused(1007, "protocol").await;
}

#[tokio::test(start_paused = true)]
async fn text_is_utf8_when_it_is_inflated() {
    let mut packer = Packer::new(KEPT, 6);
    let split = "业务🦀".as_bytes();
    let (head, tail) = (packer.pack(&split[..4]), packer.pack(&split[4..]));
    // Two flushes are one message, if the first keeps its end.
    let parts = packed("a character in two frames", KEPT).frame(1 | PACKED, [&head[..], b"\0\0\xff\xff"].concat());
    parts.frame(0x80, tail).echoed(TEXT, split).ends_well().await;
    let bad = Packer::new(KEPT, 6).pack(b"good \xED\xA0\x80");
    packed("no UTF-8", KEPT).frame(TEXT | PACKED, &bad).refused(1007, "protocol").await;
    packed("as binary it is nobody's business", KEPT)
        .frame(BINARY | PACKED, bad)
        .echoed(BINARY, b"good \xED\xA0\x80")
        .ends_well()
        .await;
}

#[tokio::test(start_paused = true)]
async fn what_a_header_may_not_say_is_answered_with_1002() {
    let hello = b"\xf2\x48\xcd\xc9\xc9\x07\x00";
    let bad = |name: &str| packed(name, KEPT).frame(TEXT | PACKED, hello).echoed(TEXT, "Hello");
    case("never agreed").frame(TEXT | PACKED, hello).refused(1002, "protocol").await;
    bad("a ping").frame(PING | PACKED, "").refused(1002, "protocol").await;
    bad("a goodbye").frame(CLOSE | PACKED, "").refused(1002, "protocol").await;
    bad("a later part").frame(1 | PACKED, hello).frame(0x80 | PACKED, hello).refused(1002, "protocol").await;
    bad("a later part of what is not").frame(1, "a").frame(0x80 | PACKED, hello).refused(1002, "protocol").await;
    bad("nothing to go on with").frame(0x80, hello).refused(1002, "protocol").await;
    bad("inside of another").frame(1 | PACKED, hello).frame(TEXT | PACKED, hello).refused(1002, "protocol").await;
    bad("plain inside of another").frame(1 | PACKED, "").frame(TEXT, "a").refused(1002, "protocol").await;
    bad("inside of a plain one").frame(1, "a").frame(TEXT | PACKED, hello).refused(1002, "protocol").await;
    bad("the second bit").frame(TEXT | 0x20, hello).refused(1002, "protocol").await;
    bad("all three bits").frame(TEXT | 0x70, hello).refused(1002, "protocol").await;
    bad("an opcode").frame(0x83 | PACKED, hello).refused(1002, "protocol").await;
    bad("a mask").send([TEXT | PACKED, 0x81, 0, 0, 0, 0, 0]).refused(1002, "protocol").await;
    bad("a part, masked").frame(1 | PACKED, hello).send([0x80, 0x80, 0, 0, 0, 0]).refused(1002, "protocol").await;
    bad("and behind a goodbye nothing").send(close(1000, "")).frame(TEXT | PACKED, [0xff; 9]).closed(Some(1000)).await;
}
