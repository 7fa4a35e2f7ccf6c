//! What is compressed or not JSON becomes text and JSON documents, frame by frame.
//!
//! It holds what goes on from one frame to the next: the window of a compressed stream, and a message that is not whole
//! yet. What it cannot read it hands on as it came. Memory is bounded by the limit of a message, a few times over.

use super::inflate::Inflater;
use super::{Codec, Compression, Docs, Format, Trouble, irc, mqtt, msgpack, nats, stomp};

#[derive(Clone, Debug)]
pub struct Inlet {
    compression: Compression,
    format: Format,
    /// Bytes of a message.
    limit: usize,
    inflater: Inflater,
    inflated: Vec<u8>,
    /// The beginning of a message whose rest is still to come.
    carry: Vec<u8>,
    /// So many bytes at the beginning of it were searched for an end before.
    searched: usize,
    /// So many bytes of a message that is too big are still to come.
    skip: u64,
    docs: Docs,
}

/// What bytes begin with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Next {
    /// A message of this length.
    Whole(usize),
    /// A message that goes on in another frame.
    Part,
    /// A message of this length, which is more than may be.
    TooBig(u64),
}

/// A format whose messages are not the frames: where a message ends, and what it says.
struct Flow {
    next: fn(&[u8], &mut usize, usize) -> Next,
    read: fn(&[u8], &mut Docs) -> Option<()>,
}

impl Inlet {
    /// `None` where frames are taken as they are.
    pub fn new(codec: &Codec, limit: usize) -> Option<Self> {
        let (compression, format) = (codec.compression, codec.format);
        let plain = compression == Compression::None && format == Format::Json;
        (!plain).then(|| Self {
            compression,
            format,
            limit,
            inflater: Inflater::default(),
            inflated: Vec::new(),
            carry: Vec::new(),
            searched: 0,
            skip: 0,
            docs: Docs::default(),
        })
    }

    /// A new link: nothing goes on.
    pub fn relink(&mut self) {
        self.inflater.relink();
        self.inflated.clear();
        self.carry.clear();
        (self.searched, self.skip) = (0, 0);
    }

    /// What the last frame was turned into.
    pub fn docs(&self) -> &Docs {
        &self.docs
    }

    /// Takes in a frame. `false`: it is text that needs no turning, and nothing came of it here.
    pub fn feed(&mut self, binary: bool, frame: &[u8]) -> bool {
        self.docs.clear();
        if self.compression == Compression::None || !binary {
            return self.read(binary, frame);
        }
        // Only a stream's message may have begun in an earlier frame.
        if self.compression != Compression::ZlibStream {
            self.inflated.clear();
        }
        let mut inflated = std::mem::take(&mut self.inflated);
        match self.inflater.read(self.compression, frame, &mut inflated, self.limit) {
            Ok(true) => {
                if !self.read(true, &inflated) {
                    self.docs.take_frame(&mut inflated);
                }
                inflated.clear();
            }
            Ok(false) => {}
            Err(trouble) => {
                inflated.clear();
                self.docs.trouble(frame, trouble);
            }
        }
        self.inflated = inflated;
        true
    }

    fn read(&mut self, binary: bool, bytes: &[u8]) -> bool {
        match self.format {
            Format::Json => return false,
            Format::Mqtt | Format::Msgpack if !binary => return false,
            Format::Stomp => self.flow(&Flow { next: stomp::next, read: stomp::read }, bytes),
            Format::Nats => self.flow(&Flow { next: nats::next, read: nats::read }, bytes),
            Format::Mqtt => self.flow(&Flow { next: mqtt::next, read: mqtt::read }, bytes),
            Format::Irc => irc::read(bytes, &mut self.docs, self.limit),
            Format::Msgpack => msgpack::read(bytes, &mut self.docs, self.limit),
        }
        true
    }

    fn flow(&mut self, flow: &Flow, bytes: &[u8]) {
        let skipped = usize::try_from(self.skip).unwrap_or(usize::MAX).min(bytes.len());
        self.skip -= skipped as u64;
        let bytes = bytes.get(skipped..).unwrap_or_default();
        let mut carry = std::mem::take(&mut self.carry);
        if carry.is_empty() {
            let rest = self.messages(flow, bytes);
            carry.extend_from_slice(bytes.get(rest..).unwrap_or_default());
        } else {
            carry.extend_from_slice(bytes);
            let rest = self.messages(flow, &carry);
            carry.drain(..rest.min(carry.len()));
        }
        self.carry = carry;
    }

    /// The messages that bytes begin with; says where the one begins that is not whole.
    fn messages(&mut self, flow: &Flow, bytes: &[u8]) -> usize {
        let mut at = 0;
        // From here on there is more than a frame may become.
        let mut over = None;
        while let Some(rest) = bytes.get(at..).filter(|rest| !rest.is_empty()) {
            if self.docs.len() > self.limit {
                over.get_or_insert(at);
            }
            match (flow.next)(rest, &mut self.searched, self.limit) {
                Next::Whole(length) => {
                    let message = rest.get(..length.max(1)).unwrap_or(rest);
                    if over.is_none() && (flow.read)(message, &mut self.docs).is_none() {
                        self.docs.trouble(message, Trouble::Broken);
                    }
                    at += message.len();
                }
                Next::Part if rest.len() <= self.limit => break,
                Next::Part => {
                    over.get_or_insert(at);
                    at = bytes.len();
                }
                Next::TooBig(length) => {
                    let here = usize::try_from(length).unwrap_or(usize::MAX).min(rest.len());
                    self.skip = length - here as u64;
                    if over.is_none() {
                        self.docs.trouble(rest.get(..here).unwrap_or(rest), Trouble::TooBig);
                    }
                    at += here;
                }
            }
            self.searched = 0;
        }
        if let Some(over) = over {
            self.docs.trouble(bytes.get(over..at).unwrap_or_default(), Trouble::TooBig);
        }
        at
    }
}
