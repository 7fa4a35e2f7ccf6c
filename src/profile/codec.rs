//! From a frame to the messages in it: split text, arrays taken apart, JSON inside of strings opened.
//!
//! [`Codec`] is what a profile says. [`Inlet`] makes text of what is compressed or in another format, [`Codec::encode`] is
//! the way back out. [`Reader`] finds the values of one message after that, wherever they lie: in the message, in a string
//! that holds JSON, or in an item of an inner array. Cutting frames apart is the router's.

mod docs;
mod inflate;
mod inlet;
mod irc;
mod mqtt;
mod msgpack;
mod nats;
mod outlet;
mod reader;
mod stomp;
#[cfg(test)]
mod tests;

pub use self::docs::{Doc, Docs, Is, Trouble};
pub use self::inlet::Inlet;
pub use self::outlet::Outgoing;
pub use self::reader::{About, Around, Place, Prefix, Reader, Reading, Scene, View};
use super::pointer::{Pointer, find_byte};
use regex::Regex;

/// The steps, in the order in which they are done. The default does nothing: a frame is a message.
#[derive(Clone, Debug, Default)]
pub struct Codec {
    /// Of binary frames.
    pub compression: Compression,
    /// What is turned into JSON before anything is looked for in it.
    pub format: Format,
    /// What is cut off the beginning of a text; its named groups are `#prefix.NAME`.
    pub prefix: Option<Regex>,
    /// A separator inside a frame; empty pieces are dropped.
    pub split: Option<String>,
    /// A top-level array is a list of messages.
    pub batch: bool,
    /// JSON text inside of a string: the value at this place is opened, so that pointers may go on inside it.
    pub nested: Vec<Pointer>,
    /// An inner array whose items are routed one by one; pointers that begin with `@` are relative to the item.
    pub each: Option<Pointer>,
    /// An outer array around each of those: in `/updates/*/values` the part before the `*`. Then `each` is the part behind
    /// it, and `@/../ptr` is relative to the item of the outer array.
    pub outer: Option<Pointer>,
    /// Not an array's items but an object's members are routed one by one; `@key` is a member's name.
    pub members: bool,
    /// Ends every frame that we send.
    pub tx_suffix: Option<String>,
}

/// How binary frames are compressed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Compression {
    #[default]
    None,
    Gzip,
    Zlib,
    Deflate,
    /// By the first bytes.
    Auto,
    /// Zlib whose window goes on from frame to frame; a frame that ends with `00 00 ff ff` ends a message.
    ZlibStream,
}

/// Formats other than JSON that are read as JSON documents, and written from them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Format {
    #[default]
    Json,
    /// `{"command","headers","form","body"}` (STOMP 1.2).
    Stomp,
    /// `{"op","subject","sid","reply","form","payload"}`, `{"op":"INFO","info"}` and so on.
    Nats,
    /// `{"tags","prefix","command","params","form","payload"}` (RFC 1459).
    Irc,
    /// `{"type","topic","form","payload",..}` (MQTT 3.1.1 at quality of service 0).
    Mqtt,
    Msgpack,
}

impl Codec {
    /// Whether the members of the message itself are rows.
    pub fn has_members_on_top(&self) -> bool {
        self.members && self.outer.is_none() && self.each.as_ref().is_some_and(|each| *each == Pointer::default())
    }
}

/// The pieces of a frame between separators, each with its place, the empty ones left out.
pub fn split<'f>(frame: &'f [u8], separator: &str) -> impl Iterator<Item = (usize, &'f [u8])> {
    let separator = separator.as_bytes().to_vec();
    let mut at = Some(0);
    std::iter::from_fn(move || {
        let start = at?;
        let end = next(frame, start, &separator);
        at = end.map(|end| end + separator.len());
        Some((start, frame.get(start..end.unwrap_or(frame.len())).unwrap_or_default()))
    })
    .filter(|(_, piece)| !piece.is_empty())
}

/// The next separator. An empty one separates nothing.
fn next(frame: &[u8], mut at: usize, separator: &[u8]) -> Option<usize> {
    let first = *separator.first()?;
    loop {
        at = find_byte(frame, at, first)?;
        if frame.get(at..).is_some_and(|rest| rest.starts_with(separator)) {
            return Some(at);
        }
        at += 1;
    }
}
