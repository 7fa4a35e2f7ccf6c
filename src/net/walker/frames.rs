//! A walk over frames of which any part may be the next to come: headers are read, payload is passed over. It moves no byte.

/// The longest header of a frame: two bytes, eight of length, four of mask.
pub(in crate::net) const HEADER: usize = 14;
/// The longest payload of a control frame.
const CONTROL: usize = 125;

/// A walk over frames (RFC 6455, section 5.2), of which any part may be the next to come.
#[derive(Debug, Default)]
pub(super) struct Frames {
    /// Bytes of the current frame's payload that are still to come.
    left: u64,
    /// The current frame carries data.
    data: bool,
    /// A message was begun and its last frame has not come.
    open: bool,
    /// Beginnings of messages, and bytes of their payload, since this was asked last.
    grown: u64,
    /// Nothing that follows has a meaning: the protocol was broken, or the peer said goodbye.
    over: bool,
    broken: Option<&'static str>,
    /// The reserved bit that the first frame of a message may have (RFC 7692, section 6), where that was agreed on.
    mark: u8,
    /// The part of a header that came, while it is not whole.
    header: [u8; HEADER],
    have: usize,
    close: Option<Box<Close>>,
}

/// A close frame on its way.
#[derive(Debug)]
struct Close {
    mask: [u8; 4],
    payload: Vec<u8>,
    whole: bool,
}

impl Frames {
    /// Whether permessage-deflate was agreed.
    pub(super) fn deflated(&mut self, deflate: bool) {
        self.mark = if deflate { 0x40 } else { 0 };
    }

    pub(super) fn walk(&mut self, mut bytes: &[u8]) {
        while !bytes.is_empty() && !self.over {
            if self.left > 0 {
                bytes = self.pass(bytes);
                continue;
            }
            if self.have == 0 && !self.open {
                let rest = past_whole_messages(bytes);
                self.grown += (bytes.len() - rest.len()) as u64;
                bytes = rest;
            }
            if self.have == 0 && header_length(bytes).is_some_and(|length| length <= bytes.len()) {
                let length = self.enter(bytes);
                bytes = bytes.get(length..).unwrap_or_default();
            } else {
                bytes = self.piece(bytes);
            }
        }
    }

    /// What is wrong with a header.
    pub(super) fn broken(&self) -> Option<&'static str> {
        self.broken
    }

    pub(super) fn take_grown(&mut self) -> u64 {
        std::mem::take(&mut self.grown)
    }

    /// The bytes so far end inside of a data message.
    pub(super) fn midway(&self) -> bool {
        let in_frame = self.left > 0 && self.data;
        let in_header = self.have > 0 && self.header[0] & 0x08 == 0;
        !self.over && (self.open || in_frame || in_header)
    }

    pub(super) fn close(&self) -> Option<(Option<u16>, String)> {
        let close = self.close.as_ref().filter(|close| close.whole)?;
        let plain: Vec<u8> =
            close.payload.iter().zip(close.mask.iter().cycle()).map(|(byte, key)| byte ^ key).collect();
        Some(match plain.as_slice() {
            [high, low, reason @ ..] => {
                (Some(u16::from_be_bytes([*high, *low])), String::from_utf8_lossy(reason).into_owned())
            }
            // One byte alone is no code.
            [] | [_] => (None, String::new()),
        })
    }

    /// Passes over payload.
    fn pass<'a>(&mut self, bytes: &'a [u8]) -> &'a [u8] {
        let count = usize::try_from(self.left).unwrap_or(usize::MAX).min(bytes.len());
        let (payload, rest) = bytes.split_at(count);
        self.left -= count as u64;
        self.grown += if self.data { count as u64 } else { 0 };
        if let Some(close) = &mut self.close {
            close.payload.extend_from_slice(payload);
            close.whole = self.left == 0;
            self.over = close.whole;
        }
        rest
    }

    /// Takes one byte of a header that comes in parts.
    fn piece<'a>(&mut self, bytes: &'a [u8]) -> &'a [u8] {
        let Some((&byte, rest)) = bytes.split_first() else { return bytes };
        if let Some(place) = self.header.get_mut(self.have) {
            *place = byte;
            self.have += 1;
        }
        self.grown += u64::from(begins(self.header[0]));
        let header = self.header;
        let so_far = header.get(..self.have).unwrap_or_default();
        if header_length(so_far).is_some_and(|length| length == so_far.len()) {
            self.have = 0;
            self.enter(so_far);
        }
        rest
    }

    /// Enters the frame whose whole header `bytes` begin with; says how long the header is.
    fn enter(&mut self, bytes: &[u8]) -> usize {
        let (Some(&[first, second]), Some(length)) = (bytes.first_chunk(), header_length(bytes)) else { return 0 };
        let short = u64::from(second & 0x7F);
        self.left = payload_length(bytes);
        let last = first & 0x80 != 0;
        let opcode = first & 0x0F;
        self.data = opcode < 8;
        let mark = if begins(first) { self.mark } else { 0 };
        self.grown += u64::from(begins(first));
        self.broken = match opcode {
            _ if first & !mark & 0x70 != 0 => Some("reserved bits are set"),
            0 if !self.open => Some("a message goes on that was not begun"),
            1 | 2 if self.open => Some("a message begins inside of another"),
            3..=7 | 11.. => Some("a reserved opcode"),
            8..=10 if !last => Some("a control frame in parts"),
            8..=10 if short > CONTROL as u64 => Some("a control frame of more than 125 bytes"),
            _ if self.left > i64::MAX as u64 => Some("a length with its first bit set"),
            _ => None,
        };
        if self.broken.is_some() {
            self.over = true;
            return length;
        }
        if self.data {
            self.open = !last;
        }
        if opcode == 8 {
            let masked = second & 0x80 != 0;
            let mask = bytes.get(..length).and_then(<[u8]>::last_chunk).filter(|_| masked).copied().unwrap_or_default();
            self.over = self.left == 0;
            self.close = Some(Box::new(Close { mask, payload: Vec::new(), whole: self.over }));
        }
        length
    }
}

/// Whether the frame of this first byte is the first of a message.
fn begins(first: u8) -> bool {
    matches!(first & 0x0F, 1 | 2)
}

/// Passes over messages that lie whole in one frame in one piece: at full speed nearly all do.
fn past_whole_messages(mut bytes: &[u8]) -> &[u8] {
    loop {
        let end = match bytes {
            [0x81 | 0x82, short @ 0..=125, ..] => 2 + usize::from(*short),
            [0x81 | 0x82, 126, high, low, ..] => 4 + usize::from(u16::from_be_bytes([*high, *low])),
            _ => return bytes,
        };
        match bytes.get(end..) {
            Some(rest) => bytes = rest,
            None => return bytes,
        }
    }
}

/// How long a header is, once its second byte is there.
pub(in crate::net) fn header_length(bytes: &[u8]) -> Option<usize> {
    let second = bytes.get(1)?;
    let length = match second & 0x7F {
        126 => 2,
        127 => 8,
        _ => 0,
    };
    let mask = if second & 0x80 == 0 { 0 } else { 4 };
    Some(2 + length + mask)
}

/// How long the payload is, by a whole header.
pub(in crate::net) fn payload_length(header: &[u8]) -> u64 {
    let longer = header.get(2..).unwrap_or_default();
    match header.get(1).map_or(0, |second| second & 0x7F) {
        126 => longer.first_chunk().map_or(0, |two| u64::from(u16::from_be_bytes(*two))),
        127 => longer.first_chunk().map_or(0, |eight| u64::from_be_bytes(*eight)),
        short => u64::from(short),
    }
}
