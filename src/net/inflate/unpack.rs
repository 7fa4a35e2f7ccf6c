//! Frames of a server that compresses (RFC 7692, section 7.2) become frames as they would be without it.
//!
//! Bytes in, bytes out, and no more kept than a window and a header. Messages are inflated as they come and given on in
//! fragments, so that whoever puts them together has the say over their size. Whatever is not a compressed message
//! passes as it is, what is illegal too: it is found out behind this.

use flate2::{Decompress, FlushDecompress, Status};

use super::super::extensions::Deflate;
use super::super::walker::{HEADER, header_length, payload_length};

/// Why nothing more can be made of the bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Broken {
    /// What should be compressed data is none.
    Data,
    /// A message that has more bytes than the largest may have before it is inflated.
    TooBig,
}

/// What became of some bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fed {
    /// So many of them were taken in.
    pub used: usize,
    /// So many were written.
    pub written: usize,
    /// What was written before is good.
    pub broken: Option<Broken>,
}

#[derive(Debug)]
pub struct Unpack {
    takeover: bool,
    stream: Decompress,
    /// The stream is between two blocks, at the beginning of a byte, and holds nothing back.
    at_rest: bool,
    /// Compressed bytes that a message may have.
    most: u64,
    place: Place,
    header: [u8; HEADER],
    have: usize,
    /// Payload of the current frame that is still to come.
    left: u64,
    /// It is the last of its message.
    last: bool,
    message: Option<Message>,
}

/// A compressed message that was begun.
#[derive(Clone, Copy, Debug)]
struct Message {
    /// Of the next fragment: what the first frame said, and then 0.
    opcode: u8,
    wire: u64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place {
    Header,
    /// The payload of a frame that passes.
    Plain,
    /// The payload of a compressed one.
    Packed,
}

/// What a sender leaves out at the end of a message: the end of an empty block.
const TAIL: [u8; 4] = [0, 0, 0xff, 0xff];
/// The same, and the end of the stream: where the next message begins anew, it shows that this one was whole.
const FINAL: [u8; 9] = [0, 0, 0xff, 0xff, 1, 0, 0, 0xff, 0xff];

/// A header that is written before its frame's length is known.
const LEAD: usize = 4;
/// The most payload for it.
const FRAGMENT: usize = u16::MAX as usize;
/// With less room than this, nothing is begun.
pub const ROOM: usize = 64;

impl Unpack {
    /// `limit`: bytes of a message when it is inflated.
    pub fn new(agreed: Deflate, limit: usize) -> Self {
        let limit = limit as u64;
        Self {
            takeover: !agreed.server_no_context_takeover,
            stream: Decompress::new(false),
            at_rest: true,
            // What cannot be compressed becomes a little larger.
            most: limit.saturating_add(limit / 8).saturating_add(ROOM as u64),
            place: Place::Header,
            header: [0; HEADER],
            have: 0,
            left: 0,
            last: false,
            message: None,
        }
    }

    /// Takes in as much as there is room to write for. `out` has at least [`ROOM`] bytes; with nothing to take in, it is
    /// still written what an earlier call had no room for.
    pub fn feed(&mut self, bytes: &[u8], out: &mut [u8]) -> Fed {
        let mut fed = Fed { used: 0, written: 0, broken: None };
        loop {
            let bytes = bytes.get(fed.used..).unwrap_or_default();
            let out = out.get_mut(fed.written..).unwrap_or_default();
            let step = match self.place {
                _ if out.len() < ROOM => Ok(Step::default()),
                Place::Header => self.enter(bytes, out),
                Place::Plain => Ok(self.pass(bytes, out)),
                Place::Packed => self.inflate(bytes, out),
            };
            match step {
                Ok(step) => {
                    fed.used += step.used;
                    fed.written += step.written;
                    if !step.on {
                        return fed;
                    }
                }
                Err(broken) => return Fed { broken: Some(broken), ..fed },
            }
        }
    }

    fn enter(&mut self, bytes: &[u8], out: &mut [u8]) -> Result<Step, Broken> {
        let mut used = 0;
        while header_length(self.header.get(..self.have).unwrap_or_default()).is_none_or(|length| self.have < length) {
            let (Some(slot), Some(byte)) = (self.header.get_mut(self.have), bytes.get(used)) else {
                return Ok(Step { used, written: 0, on: false });
            };
            *slot = *byte;
            self.have += 1;
            used += 1;
        }
        let header = self.header;
        let header = header.get(..std::mem::take(&mut self.have)).unwrap_or_default();
        let (first, second) = (header.first().copied().unwrap_or(0), header.get(1).copied().unwrap_or(0));
        self.left = payload_length(header);
        let opcode = first & 0x0f;
        match (first & 0x70, opcode, &mut self.message) {
            (0x40, 1 | 2, message @ None) if second < 0x80 => *message = Some(Message { opcode, wire: 0 }),
            (0, 0, Some(_)) if second < 0x80 => {}
            _ => {
                let written = copy(header, out);
                self.place = if self.left == 0 { Place::Header } else { Place::Plain };
                return Ok(Step { used, written, on: true });
            }
        }
        if let Some(message) = &mut self.message {
            message.wire = message.wire.saturating_add(self.left);
            if message.wire > self.most {
                return Err(Broken::TooBig);
            }
        }
        self.last = first & 0x80 != 0;
        self.place = Place::Packed;
        Ok(Step { used, written: 0, on: true })
    }

    fn pass(&mut self, bytes: &[u8], out: &mut [u8]) -> Step {
        let count = copy(self.payload(bytes), out);
        self.left -= count as u64;
        if self.left == 0 {
            self.place = Place::Header;
        }
        Step { used: count, written: count, on: count > 0 }
    }

    /// As much of these bytes as belongs to the frame.
    fn payload<'b>(&self, bytes: &'b [u8]) -> &'b [u8] {
        let count = usize::try_from(self.left).unwrap_or(usize::MAX).min(bytes.len());
        bytes.get(..count).unwrap_or_default()
    }

    /// Writes one fragment: up to the end of the room, of the frame, or of the bytes.
    fn inflate(&mut self, bytes: &[u8], out: &mut [u8]) -> Result<Step, Broken> {
        let room = out.len().min(LEAD + FRAGMENT);
        let (mut used, mut end) = (0, LEAD);
        let (over, on) = loop {
            let source = self.payload(bytes.get(used..).unwrap_or_default());
            let Moved { taken, given, .. } = self.step(source, out.get_mut(end..room).unwrap_or_default())?;
            used += taken;
            end += given;
            self.left -= taken as u64;
            if end == room {
                break (false, true);
            }
            if taken < source.len() {
                if taken == 0 && given == 0 {
                    return Err(Broken::Data);
                }
            } else if self.left > 0 {
                break (false, false);
            } else {
                self.place = Place::Header;
                if self.last {
                    self.finish(out.get_mut(end..room).unwrap_or_default())?;
                }
                break (self.last, true);
            }
        };
        // Whoever comes behind knows of each frame of a message, and so of what may not come between them.
        let is_told = end > LEAD || self.place == Place::Header;
        let written = if is_told { self.fragment(over, end - LEAD, out) } else { 0 };
        if over {
            self.message = None;
        }
        Ok(Step { used, written, on })
    }

    /// The message is over: puts back what its sender left out.
    fn finish(&mut self, room: &mut [u8]) -> Result<(), Broken> {
        if self.at_rest {
            // Nothing was compressed to nothing, or the sender ended the stream with the message.
            return Ok(());
        }
        let mut tail: &[u8] = if self.takeover { &TAIL } else { &FINAL };
        let mut whole = self.takeover;
        while !tail.is_empty() {
            let Moved { taken, given, ended } = self.step(tail, room)?;
            // A message that is whole holds nothing back.
            if given > 0 || taken == 0 {
                return Err(Broken::Data);
            }
            whole = self.takeover || ended;
            tail = tail.get(taken..).unwrap_or_default();
        }
        self.at_rest = true;
        if whole { Ok(()) } else { Err(Broken::Data) }
    }

    /// One call of the stream. One that ended begins anew.
    fn step(&mut self, source: &[u8], out: &mut [u8]) -> Result<Moved, Broken> {
        let (taken, given) = (self.stream.total_in(), self.stream.total_out());
        let status = self.stream.decompress(source, out, FlushDecompress::None).map_err(|_| Broken::Data)?;
        let taken = usize::try_from(self.stream.total_in() - taken).unwrap_or(usize::MAX);
        let given = usize::try_from(self.stream.total_out() - given).unwrap_or(usize::MAX);
        let ended = status == Status::StreamEnd;
        if ended {
            self.stream.reset(false);
            self.at_rest = true;
        } else if taken > 0 {
            self.at_rest = false;
        }
        Ok(Moved { taken, given, ended })
    }

    /// Puts the header before a payload of so many bytes that was written behind its place.
    fn fragment(&mut self, over: bool, length: usize, out: &mut [u8]) -> usize {
        let last = if over { 0x80 } else { 0 };
        let first = last | self.message.as_mut().map_or(0, |message| std::mem::take(&mut message.opcode));
        let [high, low] = u16::try_from(length).unwrap_or(u16::MAX).to_be_bytes();
        if length < 126 {
            out.copy_within(LEAD..LEAD + length, 2);
            copy(&[first, low], out) + length
        } else {
            copy(&[first, 126, high, low], out) + length
        }
    }
}

/// What one step did, and whether there may be another.
#[derive(Clone, Copy, Debug, Default)]
struct Step {
    used: usize,
    written: usize,
    on: bool,
}

struct Moved {
    taken: usize,
    given: usize,
    ended: bool,
}

/// Copies as much as there is room for.
fn copy(from: &[u8], to: &mut [u8]) -> usize {
    let count = from.len().min(to.len());
    if let (Some(to), Some(from)) = (to.get_mut(..count), from.get(..count)) {
        to.copy_from_slice(from);
    }
    count
}
