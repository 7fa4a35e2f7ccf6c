//! WebSocket frames as a relay needs them: cut from bytes that come in any pieces, and written again with a mask or
//! without. It holds whole messages together and judges none; what no peer may send is passed on as it came.

use std::collections::VecDeque;

use bytes::{Buf, Bytes, BytesMut};

use crate::session::Opcode;

/// One frame (RFC 6455, section 5.2) without its mask.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Frame {
    /// Its first byte: the last of a message or not, reserved bits, opcode.
    pub(super) first: u8,
    pub(super) payload: Bytes,
}

const LAST: u8 = 0x80;
const CLOSE: u8 = 8;
const PING: u8 = 9;
const PONG: u8 = 10;
/// In place of a length: it follows in so many bytes.
const TWO_MORE: u8 = 0x7E;
const EIGHT_MORE: u8 = 0x7F;

impl Frame {
    pub(super) fn text(payload: impl Into<Bytes>) -> Self {
        Self { first: LAST | 1, payload: payload.into() }
    }

    pub(super) fn binary(payload: impl Into<Bytes>) -> Self {
        Self { first: LAST | 2, payload: payload.into() }
    }

    pub(super) fn close(code: u16, reason: &str) -> Self {
        let mut payload = BytesMut::from(&code.to_be_bytes()[..]);
        payload.extend_from_slice(reason.as_bytes().get(..reason.len().min(123)).unwrap_or_default());
        Self { first: LAST | CLOSE, payload: payload.freeze() }
    }

    fn is_control(&self) -> bool {
        self.first & 0x08 != 0
    }

    fn is_last(&self) -> bool {
        self.first & LAST != 0
    }

    /// Code and reason of a close frame; no code: it is empty. `None`: it is no close frame.
    pub(super) fn closes(&self) -> Option<(Option<u16>, String)> {
        if self.first & 0x0F != CLOSE {
            return None;
        }
        Some(match self.payload.as_ref() {
            [high, low, reason @ ..] => {
                (Some(u16::from_be_bytes([*high, *low])), String::from_utf8_lossy(reason).into_owned())
            }
            [] | [_] => (None, String::new()),
        })
    }

    /// Appends it as it goes over the wire. A client masks, and the mask need not be secret: what it hides was not ours.
    pub(super) fn write(&self, mask: Option<[u8; 4]>, out: &mut BytesMut) {
        out.extend_from_slice(&[self.first]);
        let masked = if mask.is_some() { 0x80 } else { 0 };
        let length = self.payload.len();
        match (u8::try_from(length), u16::try_from(length)) {
            (Ok(short @ 0..=125), _) => out.extend_from_slice(&[masked | short]),
            (_, Ok(middle)) => {
                out.extend_from_slice(&[masked | TWO_MORE]);
                out.extend_from_slice(&middle.to_be_bytes());
            }
            (_, Err(_)) => {
                out.extend_from_slice(&[masked | EIGHT_MORE]);
                out.extend_from_slice(&(length as u64).to_be_bytes());
            }
        }
        match mask {
            None => out.extend_from_slice(&self.payload),
            Some(mask) => {
                out.extend_from_slice(&mask);
                out.extend(self.payload.iter().zip(mask.iter().cycle()).map(|(byte, key)| byte ^ key));
            }
        }
    }
}

/// What travels as one: a message with all its frames, or a control frame.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Unit {
    pub(super) frames: Vec<Frame>,
}

impl Unit {
    pub(super) fn of(frame: Frame) -> Self {
        Self { frames: vec![frame] }
    }

    pub(super) fn closes(&self) -> Option<(Option<u16>, String)> {
        self.frames.first().and_then(Frame::closes)
    }

    /// `None`: a close frame, or nothing that is known.
    pub(super) fn opcode(&self) -> Option<Opcode> {
        match self.frames.first().map(|frame| frame.first & 0x0F) {
            Some(1) => Some(Opcode::Text),
            Some(2) => Some(Opcode::Binary),
            Some(PING) => Some(Opcode::Ping),
            Some(PONG) => Some(Opcode::Pong),
            Some(_) | None => None,
        }
    }

    pub(super) fn payload(&self) -> Bytes {
        match self.frames.as_slice() {
            [one] => one.payload.clone(),
            several => several.iter().flat_map(|frame| frame.payload.iter().copied()).collect::<Vec<_>>().into(),
        }
    }

    pub(super) fn len(&self) -> usize {
        self.frames.iter().map(|frame| frame.payload.len()).sum()
    }
}

/// A message is longer than a relay keeps.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct TooLong;

/// Frames on their way in.
#[derive(Debug)]
pub(super) struct Frames {
    bytes: BytesMut,
    /// The frames of a message whose last has not come, and their bytes.
    open: Vec<Frame>,
    held: usize,
    most: usize,
    ready: VecDeque<Unit>,
    /// A message was too long: nothing behind it is read.
    deaf: bool,
}

impl Frames {
    /// `most`: bytes of one message.
    pub(super) fn new(most: usize) -> Self {
        Self { bytes: BytesMut::new(), open: Vec::new(), held: 0, most, ready: VecDeque::new(), deaf: false }
    }

    /// Says once that a message is too long, and lets go of whatever follows it.
    pub(super) fn feed(&mut self, bytes: &[u8]) -> Result<(), TooLong> {
        if self.deaf {
            return Ok(());
        }
        let fed = self.take(bytes);
        if fed.is_err() {
            self.deaf = true;
            (self.bytes, self.open) = (BytesMut::new(), Vec::new());
        }
        fed
    }

    fn take(&mut self, bytes: &[u8]) -> Result<(), TooLong> {
        self.bytes.extend_from_slice(bytes);
        while let Some(frame) = self.cut()? {
            if frame.is_control() {
                self.ready.push_back(Unit::of(frame));
                continue;
            }
            self.held = self.held.saturating_add(frame.payload.len());
            if self.held > self.most {
                return Err(TooLong);
            }
            let last = frame.is_last();
            self.open.push(frame);
            if last {
                self.held = 0;
                self.ready.push_back(Unit { frames: std::mem::take(&mut self.open) });
            }
        }
        Ok(())
    }

    pub(super) fn next(&mut self) -> Option<Unit> {
        self.ready.pop_front()
    }

    fn cut(&mut self) -> Result<Option<Frame>, TooLong> {
        let head = self.bytes.as_ref();
        let Some(&[first, second]) = head.first_chunk() else { return Ok(None) };
        let rest = head.get(2..).unwrap_or_default();
        let (length, taken) = match second & 0x7F {
            TWO_MORE => match rest.first_chunk() {
                Some(two) => (u64::from(u16::from_be_bytes(*two)), 2),
                None => return Ok(None),
            },
            EIGHT_MORE => match rest.first_chunk() {
                Some(eight) => (u64::from_be_bytes(*eight), 8),
                None => return Ok(None),
            },
            short => (u64::from(short), 0),
        };
        let length = usize::try_from(length).ok().filter(|length| *length <= self.most).ok_or(TooLong)?;
        let masked = second & 0x80 != 0;
        let start = 2 + taken + if masked { 4 } else { 0 };
        if head.len() < start + length {
            return Ok(None);
        }
        let mask: Option<[u8; 4]> = head.get(2 + taken..start).and_then(|mask| mask.try_into().ok());
        self.bytes.advance(start);
        let mut payload = self.bytes.split_to(length);
        if let Some(mask) = mask {
            for (byte, key) in payload.iter_mut().zip(mask.iter().cycle()) {
                *byte ^= key;
            }
        }
        Ok(Some(Frame { first, payload: payload.freeze() }))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn written(frames: &[Frame], mask: Option<[u8; 4]>) -> BytesMut {
        let mut out = BytesMut::new();
        for frame in frames {
            frame.write(mask, &mut out);
        }
        out
    }

    #[test]
    fn a_ping_between_two_halves_of_a_message_goes_first() {
        let half = Frame { first: 1, payload: Bytes::from_static(b"ab") };
        let ping = Frame { first: LAST | PING, payload: Bytes::new() };
        let rest = Frame { first: LAST, payload: Bytes::from_static(b"c") };
        let mut frames = Frames::new(100);
        frames.feed(&written(&[half.clone(), ping.clone(), rest.clone()], None)).unwrap();
        assert_eq!(frames.next(), Some(Unit::of(ping)));
        let message = frames.next().unwrap();
        assert_eq!((message.payload(), message.opcode()), (Bytes::from_static(b"abc"), Some(Opcode::Text)));
        assert_eq!(message.frames, [half, rest]);
    }

    #[test]
    fn what_is_too_long_is_not_kept() {
        let mut frames = Frames::new(10);
        assert_eq!(frames.feed(&written(&[Frame::text(vec![b'x'; 11])], None)), Err(TooLong));
        let mut frames = Frames::new(10);
        let part = Frame { first: 1, payload: vec![b'x'; 6].into() };
        assert_eq!(frames.feed(&written(&[part.clone(), Frame { first: 0, ..part }], None)), Err(TooLong));
        // A length that nobody can mean.
        assert_eq!(Frames::new(10).feed(&[0x81, 127, 255, 255, 255, 255, 255, 255, 255, 255]), Err(TooLong));
    }

    #[test]
    fn a_close_frame_says_its_code() {
        assert_eq!(Frame::close(1012, "维护").closes(), Some((Some(1012), "维护".to_owned())));
        assert_eq!(Frame { first: LAST | CLOSE, payload: Bytes::new() }.closes(), Some((None, String::new())));
        assert_eq!(Frame::text("x").closes(), None);
    }

    proptest! {
        #[test]
        fn what_is_written_is_read_again(
            lengths in prop::collection::vec(prop_oneof![0_usize..200, 65_530_usize..65_540], 1..5),
            mask: Option<[u8; 4]>,
            piece in 1_usize..300,
        ) {
            let frames: Vec<_> = lengths.iter().map(|length| Frame::binary(vec![7_u8; *length])).collect();
            let mut read = Frames::new(1 << 20);
            for piece in written(&frames, mask).chunks(piece) {
                read.feed(piece).unwrap();
            }
            let units: Vec<_> = std::iter::from_fn(|| read.next()).collect();
            prop_assert_eq!(units, frames.into_iter().map(Unit::of).collect::<Vec<_>>());
        }

        #[test]
        fn any_bytes_are_borne(bytes: Vec<u8>) {
            let mut read = Frames::new(100);
            let _ = read.feed(&bytes);
            while read.next().is_some() {}
        }
    }
}
