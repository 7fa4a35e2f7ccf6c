//! The walker against a naive reading of the whole stream, whatever the chunks. Sockets are in `handshake`.

#![expect(clippy::unwrap_used, reason = "a test may")]

use std::collections::VecDeque;
use std::io::{self, ErrorKind, IoSlice};
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use proptest::collection::vec;
use proptest::prelude::*;
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _, ReadBuf};
use wirebeat::net::walker::{Ended, Life, Walker};
use wirebeat::time::{Clock, Ts};

/// Gives chunk after chunk, and then its end.
struct Script {
    chunks: VecDeque<Vec<u8>>,
    end: Option<ErrorKind>,
}

impl AsyncRead for Script {
    fn poll_read(mut self: Pin<&mut Self>, _: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        match (self.chunks.pop_front(), self.end) {
            (Some(mut chunk), _) => {
                let rest = chunk.split_off(chunk.len().min(buf.remaining()));
                if !rest.is_empty() {
                    self.chunks.push_front(rest);
                }
                buf.put_slice(&chunk);
            }
            (None, Some(kind)) => return Poll::Ready(Err(kind.into())),
            (None, None) => {}
        }
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for Script {
    fn poll_write(self: Pin<&mut Self>, _: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        Poll::Ready(match self.end {
            Some(kind) => Err(kind.into()),
            // It takes a part, as a socket may.
            None => Ok(buf.len().min(3)),
        })
    }

    fn poll_write_vectored(self: Pin<&mut Self>, _: &mut Context<'_>, bufs: &[IoSlice<'_>]) -> Poll<io::Result<usize>> {
        Poll::Ready(Ok(bufs.iter().map(|buf| buf.len()).sum()))
    }

    fn is_write_vectored(&self) -> bool {
        true
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}

fn walker(chunks: &[&[u8]], end: Option<ErrorKind>) -> Walker<Script> {
    let chunks = chunks.iter().map(|chunk| chunk.to_vec()).collect();
    Walker::new(Script { chunks, end }, Vec::new(), Clock::start())
}

fn run<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap().block_on(future)
}

#[derive(Clone, Debug)]
struct Frame {
    first: u8,
    mask: Option<[u8; 4]>,
    payload: Vec<u8>,
    /// How many of the longer forms of the length to use without need.
    form: u8,
}

fn bytes_of(frame: &Frame) -> Vec<u8> {
    let mut bytes = vec![frame.first];
    let masked = if frame.mask.is_some() { 0x80 } else { 0 };
    let length = frame.payload.len();
    match (length, frame.form) {
        (0..=125, 0) => bytes.push(masked | u8::try_from(length).unwrap()),
        (0..=65535, 0 | 1) => {
            bytes.push(masked + 126);
            bytes.extend(u16::try_from(length).unwrap().to_be_bytes());
        }
        _ => {
            bytes.push(masked + 127);
            bytes.extend(u64::try_from(length).unwrap().to_be_bytes());
        }
    }
    bytes.extend(frame.mask.iter().flatten());
    let mask = frame.mask.unwrap_or_default();
    bytes.extend(frame.payload.iter().zip(mask.iter().cycle()).map(|(byte, key)| byte ^ key));
    bytes
}

type CloseFrame = (Option<u16>, String);

/// What the walker should know after `seen`, of which what is behind `before` is news: reads all of it again, a frame at a
/// time, with the whole in hand.
fn model(seen: &[u8], before: usize, deflate: bool) -> (bool, Option<CloseFrame>) {
    let mut at = 0;
    let mut open = false;
    // The end of the last bytes by which a message began or grew.
    let mut grown = 0;
    loop {
        let rest = &seen[at..];
        let Some(&first) = rest.first() else { return (open && grown > before, None) };
        let (last, opcode) = (first & 0x80 != 0, first & 15);
        if matches!(opcode, 1 | 2) {
            // Its header, as far as it is there.
            grown = seen.len();
        }
        let partial = ((open || opcode < 8) && grown > before, None);
        let Some(&second) = rest.get(1) else { return partial };
        let (short, masked) = (second & 0x7F, second & 0x80 != 0);
        let wide = match short {
            126 => 2,
            127 => 8,
            _ => 0,
        };
        let head = 2 + wide + if masked { 4 } else { 0 };
        if rest.len() < head {
            return partial;
        }
        let long = rest[2..2 + wide].iter().fold(0, |sum: u64, byte| sum << 8 | u64::from(*byte));
        let length = if wide == 0 { u64::from(short) } else { long };
        let legal = match opcode {
            0 => open,
            1 | 2 => !open,
            8..=10 => last && short <= 125,
            _ => false,
        };
        // Where compression was agreed on, the first frame of a message may have the first of the reserved bits.
        let reserved = if deflate && matches!(opcode, 1 | 2) { 0x30 } else { 0x70 };
        if !legal || first & reserved != 0 || length >> 63 == 1 {
            return (false, None);
        }
        let Some(payload) = rest[head..].get(..usize::try_from(length).unwrap()) else {
            let grows = opcode < 8 && rest.len() > head;
            return ((open || opcode < 8) && (grown > before || grows && seen.len() > before), None);
        };
        if opcode < 8 && (opcode > 0 || length > 0) {
            grown = at + head + payload.len();
        }
        if opcode == 8 {
            let mask = if masked { &rest[head - 4..head] } else { &[0; 4] };
            let plain: Vec<u8> = payload.iter().enumerate().map(|(n, byte)| byte ^ mask[n % 4]).collect();
            let code = plain.get(..2).map(|code| u16::from(code[0]) << 8 | u16::from(code[1]));
            let reason = plain.get(2..).unwrap_or_default();
            return (false, Some((code, String::from_utf8_lossy(reason).into_owned())));
        }
        if opcode < 8 {
            open = !last;
        }
        at += head + payload.len();
    }
}

/// Reads `stream` in chunks of the sizes given (by turns) and compares at each border.
fn compare(stream: &[u8], sizes: &[usize], leftover: usize, deflate: bool) -> Result<(), TestCaseError> {
    let leftover = leftover.min(stream.len());
    let mut chunks = VecDeque::new();
    let mut rest = &stream[leftover..];
    for size in sizes.iter().cycle() {
        if rest.is_empty() {
            break;
        }
        let (chunk, more) = rest.split_at((*size).min(rest.len()));
        chunks.push_back(chunk.to_vec());
        rest = more;
    }
    run(async {
        let walker = Walker::new(Script { chunks, end: None }, stream[..leftover].to_vec(), Clock::start());
        let mut walker = walker.deflated(deflate);
        let mut seen = Vec::new();
        loop {
            let before = seen.len();
            if walker.read_buf(&mut seen).await.unwrap() == 0 {
                break;
            }
            let (midway, close) = model(&seen, before, deflate);
            let life = walker.take_life();
            prop_assert_eq!(life.bytes, (seen.len() - before) as u64);
            prop_assert_eq!(life.midway, midway, "after {} bytes", seen.len());
            prop_assert_eq!(walker.close_seen(), close);
        }
        prop_assert_eq!(&seen, &stream);
        prop_assert_eq!(walker.wire_read(), stream.len() as u64);
        prop_assert_eq!(walker.ended(), Some(Ended::Eof));
        Ok(())
    })
}

fn payload() -> impl Strategy<Value = Vec<u8>> {
    let edges = prop_oneof![Just(0usize), Just(1), Just(2), Just(124), Just(125), Just(126), Just(127), 0..300usize];
    let length = prop_oneof![20 => edges, 1 => Just(65535usize), 1 => Just(65536)];
    (length, any::<u8>()).prop_map(|(length, byte)| vec![byte; length])
}

/// A legal stream, except that frames may be masked and lengths written long.
fn legal(deflate: bool) -> impl Strategy<Value = Vec<u8>> {
    let mask = proptest::option::weighted(0.2, any::<[u8; 4]>());
    let frame = (0..9u8, any::<bool>(), payload(), mask, 0..3u8);
    let close = proptest::option::of(vec(any::<u8>(), 0..=125usize));
    (vec(frame, 0..40), close).prop_map(move |(frames, close)| {
        let mut open = false;
        let mut bytes = Vec::new();
        for (kind, last, mut payload, mask, mut form) in frames {
            let first = if kind < 2 {
                payload.truncate(125);
                form = 0;
                0x89 + kind
            } else {
                let opcode = if open { 0 } else { 1 + kind % 2 };
                open = !last;
                let packed = if deflate && opcode > 0 && kind > 4 { 0x40 } else { 0 };
                packed | opcode | if last { 0x80 } else { 0 }
            };
            bytes.extend(bytes_of(&Frame { first, mask, payload, form }));
        }
        if let Some(payload) = close {
            bytes.extend(bytes_of(&Frame { first: 0x88, mask: None, payload, form: 0 }));
            bytes.extend(b"\x81\x05after");
        }
        bytes
    })
}

/// Anything that looks a little like frames.
fn noise() -> impl Strategy<Value = Vec<u8>> {
    let first = prop_oneof![3 => proptest::sample::select(b"\x00\x01\x02\x41\x80\x81\x82\xc1\x88\x89\x8a".to_vec()), 1 => any::<u8>()];
    let frame = (first, payload(), proptest::option::of(any::<[u8; 4]>()), 0..3u8)
        .prop_map(|(first, payload, mask, form)| bytes_of(&Frame { first, mask, payload, form }));
    vec(prop_oneof![4 => frame, 1 => vec(any::<u8>(), 0..20)], 0..12).prop_map(|parts| parts.concat())
}

fn cuts() -> impl Strategy<Value = Vec<usize>> {
    prop_oneof![Just(vec![1]), vec(1..20usize, 1..20), vec(1..70000usize, 1..10)]
}

/// Reading byte by byte costs the model the square of the length.
fn affordable<'a>(stream: &'a [u8], sizes: &[usize]) -> &'a [u8] {
    if sizes.iter().all(|size| *size < 1000) { &stream[..stream.len().min(2000)] } else { stream }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn legal_frames_are_walked_whatever_the_chunks(
        (deflate, stream) in any::<bool>().prop_flat_map(|deflate| (Just(deflate), legal(deflate))),
        sizes in cuts(),
        leftover in 0..300usize,
    ) {
        compare(affordable(&stream, &sizes), &sizes, leftover, deflate)?;
    }

    #[test]
    fn noise_is_walked_as_far_as_it_has_a_meaning(
        stream in noise(),
        sizes in cuts(),
        leftover in 0..30usize,
        deflate in any::<bool>(),
    ) {
        compare(affordable(&stream, &sizes), &sizes, leftover, deflate)?;
    }
}

async fn read_all(walker: &mut Walker<Script>) -> io::Result<Vec<u8>> {
    let mut all = Vec::new();
    walker.read_to_end(&mut all).await?;
    Ok(all)
}

#[tokio::test]
async fn the_true_close_code_is_seen() {
    for (payload, want) in [
        (&b""[..], (None, "")),
        (b"\x03", (None, "")),
        (b"\x03\xe8", (Some(1000), "")),
        (b"\x03\xf6bad gateway", (Some(1014), "bad gateway")),
        (b"\x00\x00", (Some(0), "")),
        (b"\xff\xff\xff\x1b[2J", (Some(65535), "\u{FFFD}\u{1b}[2J")),
    ] {
        let bytes = bytes_of(&Frame { first: 0x88, mask: None, payload: payload.to_vec(), form: 0 });
        let mut walker = walker(&[&bytes], None);
        read_all(&mut walker).await.unwrap();
        assert_eq!(walker.close_seen(), Some((want.0, want.1.to_owned())));
    }
}

#[tokio::test]
async fn the_first_close_counts_and_half_a_one_does_not() {
    let mut two = walker(&[b"\x88\x02\x03\xe8\x88\x02\x03\xe9"], None);
    read_all(&mut two).await.unwrap();
    assert_eq!(two.close_seen(), Some((Some(1000), String::new())));
    let mut half = walker(&[b"\x88\x02\x03"], None);
    read_all(&mut half).await.unwrap();
    assert_eq!(half.close_seen(), None);
}

#[tokio::test]
async fn fin_and_rst_are_told_apart() {
    let mut fin = walker(&[b"\x81\x01x"], None);
    assert_eq!(fin.ended(), None);
    read_all(&mut fin).await.unwrap();
    assert_eq!(fin.ended(), Some(Ended::Eof));
    let mut rst = walker(&[b"\x81\x01x"], Some(ErrorKind::ConnectionReset));
    read_all(&mut rst).await.unwrap_err();
    assert_eq!(rst.ended(), Some(Ended::Read(ErrorKind::ConnectionReset)));
    let mut pipe = walker(&[], Some(ErrorKind::BrokenPipe));
    // What the peer said before is read first.
    pipe.write_all(b"x").await.unwrap();
    assert_eq!(pipe.write_failed(), Some(ErrorKind::BrokenPipe));
    assert_eq!(pipe.ended(), Some(Ended::Write(ErrorKind::BrokenPipe)));
    assert_eq!(pipe.wire_written(), 0);
}

#[tokio::test]
async fn a_read_without_room_is_no_end() {
    let mut walker = walker(&[b"\x81\x01x"], None);
    assert_eq!(walker.read(&mut []).await.unwrap(), 0);
    assert_eq!((walker.ended(), walker.take_life()), (None, Life::default()));
    assert_eq!(read_all(&mut walker).await.unwrap(), b"\x81\x01x");
}

#[tokio::test]
async fn what_is_written_is_counted_as_far_as_it_was_taken() {
    let mut walker = walker(&[], None);
    assert!(walker.is_write_vectored());
    assert_eq!(walker.write(b"12345").await.unwrap(), 3);
    let bufs = [IoSlice::new(b"12"), IoSlice::new(b"345")];
    assert_eq!(walker.write_vectored(&bufs).await.unwrap(), 5);
    assert_eq!((walker.wire_written(), walker.wire_read()), (8, 0));
}

#[tokio::test(start_paused = true)]
async fn life_has_the_time_of_the_last_bytes() {
    let clock = Clock::start();
    let (near, mut far) = tokio::io::duplex(64);
    let mut walker = Walker::new(near, b"\x01\x02h".to_vec(), clock);
    assert_eq!(walker.take_life(), Life::default());
    tokio::time::advance(Duration::from_millis(5)).await;
    let mut buf = [0; 64];
    assert_eq!(walker.read(&mut buf).await.unwrap(), 3);
    assert_eq!(walker.take_life(), Life { bytes: 3, at: Some(Ts::from_millis(5)), midway: true });
    far.write_all(b"i\x89\x00").await.unwrap();
    tokio::time::advance(Duration::from_millis(5)).await;
    assert_eq!(walker.read(&mut buf).await.unwrap(), 3);
    // The ping between the parts of a message ends nothing.
    assert_eq!(walker.take_life(), Life { bytes: 3, at: Some(Ts::from_millis(10)), midway: true });
    // Neither does an empty part. Nothing came of the message.
    far.write_all(b"\x00\x00\x8a\x00\x00\x00").await.unwrap();
    assert_eq!(walker.read(&mut buf).await.unwrap(), 6);
    assert_eq!(walker.take_life(), Life { bytes: 6, at: Some(Ts::from_millis(10)), midway: false });
    far.write_all(b"\x00\x01i").await.unwrap();
    assert_eq!(walker.read(&mut buf).await.unwrap(), 3);
    assert!(walker.take_life().midway);
    far.write_all(b"\x80\x00").await.unwrap();
    assert_eq!(walker.read(&mut buf).await.unwrap(), 2);
    assert_eq!(walker.take_life(), Life { bytes: 2, at: Some(Ts::from_millis(10)), midway: false });
    assert_eq!(walker.take_life().bytes, 0);
}
