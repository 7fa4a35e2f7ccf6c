//! Compressed frames: every kind, bombs, and what is broken.

use std::io::Write;

use flate2::write::{DeflateEncoder, GzEncoder, ZlibEncoder};
use flate2::{Compress, FlushCompress, GzBuilder};

use super::*;

const LEVEL: fn() -> flate2::Compression = flate2::Compression::default;
const TEXT: &str = r#"{"ch":"market.btcusdt.kline.1min","ts":1700000004000,"tick":{"id":1,"note":"业务业务业务"}}"#;

fn gzip(text: &[u8]) -> Vec<u8> {
    let mut out = GzEncoder::new(Vec::new(), LEVEL());
    out.write_all(text).unwrap();
    out.finish().unwrap()
}

fn zlib(text: &[u8]) -> Vec<u8> {
    let mut out = ZlibEncoder::new(Vec::new(), LEVEL());
    out.write_all(text).unwrap();
    out.finish().unwrap()
}

fn deflate(text: &[u8]) -> Vec<u8> {
    let mut out = DeflateEncoder::new(Vec::new(), LEVEL());
    out.write_all(text).unwrap();
    out.finish().unwrap()
}

/// The messages of a stream whose window goes on.
fn stream(texts: &[&str]) -> Vec<Vec<u8>> {
    let mut compress = Compress::new(LEVEL(), true);
    let flush = |text: &&str| {
        let mut out = Vec::with_capacity(text.len() + 100);
        compress.compress_vec(text.as_bytes(), &mut out, FlushCompress::Sync).unwrap();
        assert!(out.ends_with(&[0, 0, 0xff, 0xff]));
        out
    };
    texts.iter().map(flush).collect()
}

fn plain(compression: Compression, frames: &[&[u8]]) -> Vec<String> {
    turned(&mut inlet(compression, Format::Json, 1 << 20), frames)
}

#[test]
fn every_kind_is_read() {
    let frames = [gzip(TEXT.as_bytes()), zlib(TEXT.as_bytes()), deflate(TEXT.as_bytes())];
    for (frame, how) in frames.iter().zip([Compression::Gzip, Compression::Zlib, Compression::Deflate]) {
        assert_eq!(plain(how, &[frame, frame]), [TEXT, TEXT]);
        assert_eq!(plain(Compression::Auto, &[frame]), [TEXT], "{how:?}");
        // Cut short, with more behind it, and of another kind.
        let cut = &frame[..frame.len() - 3];
        let more = [frame.as_slice(), b"xy"].concat();
        let all = plain(how, &[cut, &more, b"", b"hello", frame]);
        assert_eq!(all.iter().filter(|one| one.starts_with("<Broken")).count(), 4, "{how:?} {all:?}");
        assert_eq!(all[4], TEXT);
    }
    assert_eq!(
        plain(Compression::Auto, &[b"{\"plain\":1}", b"x^", b"", b"\x78\x9c\xff\xff"]),
        ["{\"plain\":1}", "x^", "", "x\u{fffd}\u{fffd}\u{fffd}"]
    );
}

#[test]
fn gzip_may_have_names_and_members() {
    let mut named = GzBuilder::new().filename("a").comment("b").extra("cd").write(Vec::new(), LEVEL());
    named.write_all(b"{\"a\":").unwrap();
    let both = [named.finish().unwrap(), gzip(b"1}")].concat();
    assert_eq!(plain(Compression::Gzip, &[&both]), ["{\"a\":1}"]);
    let mut wrong = gzip(TEXT.as_bytes());
    let crc = wrong.len() - 8;
    wrong[crc] ^= 1;
    assert!(plain(Compression::Gzip, &[&wrong])[0].starts_with("<Broken"));
}

#[test]
fn a_stream_goes_on_over_frames() {
    let texts = [TEXT, "{\"a\":1}", TEXT];
    let frames = stream(&texts);
    assert!(frames[2].len() < frames[0].len() / 2, "the window goes on");
    let whole: Vec<&[u8]> = frames.iter().map(Vec::as_slice).collect();
    let mut inlet = inlet(Compression::ZlibStream, Format::Json, 1 << 20);
    assert_eq!(turned(&mut inlet, &whole), texts);
    // A message in several frames is one when its end has come.
    inlet.relink();
    let (head, tail) = frames[0].split_at(20);
    assert!(turned(&mut inlet, &[head]).is_empty());
    assert_eq!(turned(&mut inlet, &[tail, &frames[1]]), [TEXT, "{\"a\":1}"]);
    // One that cannot be read is followed by none that can, until there is a new link.
    let lost = turned(&mut inlet, &[b"\xff\xff\xff\xff\xff", &frames[2]]);
    assert!(lost.iter().all(|one| one.starts_with("<Broken")) && lost.len() == 2, "{lost:?}");
    inlet.relink();
    assert_eq!(turned(&mut inlet, &whole), texts);
}

#[test]
fn a_bomb_is_one_row() {
    let bomb = vec![b'0'; 4 << 20];
    for (frame, how) in [
        (gzip(&bomb), Compression::Gzip),
        (zlib(&bomb), Compression::Zlib),
        (deflate(&bomb), Compression::Deflate),
        (gzip(&bomb), Compression::Auto),
        (zlib(&bomb), Compression::ZlibStream),
    ] {
        let mut inlet = inlet(how, Format::Json, 1 << 16);
        assert!(inlet.feed(true, &frame));
        let docs = inlet.docs();
        assert_eq!(docs.list(), [Doc { place: 0..frame.len(), is: Is::Trouble(Trouble::TooBig) }], "{how:?}");
        assert_eq!(docs.text(), frame);
        if how != Compression::ZlibStream {
            let small = if how == Compression::Auto { gzip(b"1") } else { again(how) };
            assert_eq!(turned(&mut inlet, &[&small]), ["1"], "it goes on");
        }
    }
    // What is just as long as it may be is none.
    let mut edge = inlet(Compression::Gzip, Format::Json, 1000);
    assert_eq!(turned(&mut edge, &[&gzip(&[b'1'; 1000])])[0].len(), 1000);
    assert!(turned(&mut edge, &[&gzip(&[b'1'; 1001])])[0].starts_with("<TooBig"));
}

fn again(how: Compression) -> Vec<u8> {
    match how {
        Compression::Zlib | Compression::ZlibStream => zlib(b"1"),
        Compression::Deflate => deflate(b"1"),
        Compression::Gzip | Compression::Auto | Compression::None => gzip(b"1"),
    }
}

#[test]
fn a_format_may_be_compressed() {
    let mut nats = inlet(Compression::Gzip, Format::Nats, 1 << 20);
    assert_eq!(turned(&mut nats, &[&gzip(b"PI"), &gzip(b"NG\r\n")]), ["{\"op\":\"PING\"}"]);
}
