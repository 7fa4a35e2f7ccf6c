//! From a frame to the messages in it: split text, arrays taken apart, JSON inside of strings opened.
//!
//! [`Codec`] is what a profile says. [`Reader`] finds the values of one message after that, wherever they lie: in the
//! message, in a string that holds JSON, or in an item of an inner array. Cutting frames apart is the router's.

mod reader;

pub use self::reader::{Place, Reader, Reading, Scene, View};
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
    /// An outer array around each of those: in `/updates/*/values` the part before the `*`.
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
    /// `{"command","headers","body"}` (STOMP 1.2).
    Stomp,
    /// `{"op","subject","sid","reply","payload"}`, `{"op":"INFO","info"}` and so on.
    Nats,
    /// `{"prefix","command","params"}` (RFC 1459).
    Irc,
    /// `{"type","topic","payload",..}` (MQTT 3.1.1 at quality of service 0).
    Mqtt,
    Msgpack,
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

#[cfg(test)]
mod tests {
    use super::*;

    fn pieces(frame: &str, separator: &str) -> Vec<String> {
        split(frame.as_bytes(), separator).map(|(_, piece)| String::from_utf8(piece.to_vec()).unwrap()).collect()
    }

    #[test]
    fn text_is_split_and_empty_pieces_are_dropped() {
        assert_eq!(pieces("{}\n\n1\n", "\n"), ["{}", "1"]);
        assert_eq!(pieces("a\u{1e}b", "\u{1e}"), ["a", "b"]);
        assert_eq!(pieces("a\r\nb\rc\r\r\nd", "\r\n"), ["a", "b\rc\r", "d"]);
        assert_eq!(pieces("none", "\n"), ["none"]);
        assert_eq!(pieces("whole", ""), ["whole"]);
        assert!(pieces("\n\n", "\n").is_empty() && pieces("", "\n").is_empty());
        let places: Vec<_> = split(b"ab--cde--f", "--").map(|(at, _)| at).collect();
        assert_eq!(places, [0, 4, 9]);
    }
}
