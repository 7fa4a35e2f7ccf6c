//! What crossed the wire, from a file: a HAR with WebSocket messages, a transcript of JSON lines, or what `tail` wrote.
//! It is read as a stream, and bounded: what is beyond the bounds is counted, not kept.

mod har;
mod lines;

use std::io::{BufRead, BufReader, Read};

/// A connection.
#[derive(Clone, Debug, Default)]
pub(super) struct Conn {
    pub(super) name: String,
    pub(super) url: Option<String>,
    /// Of the upgrade request.
    pub(super) headers: Vec<(String, String)>,
    pub(super) offered: Vec<String>,
    pub(super) subprotocol: Option<String>,
    pub(super) frames: Vec<Frame>,
    /// Frames that were not kept.
    pub(super) skipped: usize,
    bytes: usize,
    /// Whether we did it, the code and the reason.
    pub(super) closed: Option<(bool, u16, String)>,
    /// Rows of frames rather than frames: what a profile had made of them.
    pub(super) rows: bool,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Frame {
    /// Microseconds, since the Unix epoch where the file says so.
    pub(super) at: i64,
    pub(super) out: bool,
    pub(super) form: Form,
    pub(super) data: Vec<u8>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    Text,
    Binary,
    Ping,
    Pong,
}

/// Of one connection.
const MOST_FRAMES: usize = 10_000;
const MOST_BYTES: usize = 48 << 20;
/// Of one frame.
const MOST_FRAME: usize = 4 << 20;
const MOST_CONNS: usize = 200;
/// How much of a file is looked at to see what it is.
const PEEK: usize = 64 << 10;

pub(super) fn read(from: impl Read) -> Result<Vec<Conn>, String> {
    let mut from = BufReader::with_capacity(PEEK, from);
    let start = from.fill_buf().map_err(|error| error.to_string())?;
    let conns = if is_har(start) { har::read(from)? } else { lines::read(from)? };
    Ok(conns.into_iter().filter(|conn| !conn.frames.is_empty()).collect())
}

/// A HAR is an object whose first member is `log`; a line of a transcript has no such member.
fn is_har(start: &[u8]) -> bool {
    let start = start.strip_prefix(b"\xef\xbb\xbf").unwrap_or(start).trim_ascii_start();
    start.strip_prefix(b"{").is_some_and(|rest| rest.trim_ascii_start().starts_with(b"\"log\""))
}

impl Conn {
    fn push(&mut self, frame: Frame) {
        let fits = self.frames.len() < MOST_FRAMES
            && frame.data.len() <= MOST_FRAME
            && self.bytes.saturating_add(frame.data.len()) <= MOST_BYTES;
        if fits {
            self.bytes += frame.data.len();
            self.frames.push(frame);
        } else {
            self.skipped += 1;
        }
    }

    /// How much there is to learn from it: what we say counts more than what we hear.
    pub(super) fn riches(&self) -> usize {
        let told = self.frames.iter().filter(|frame| matches!(frame.form, Form::Text | Form::Binary));
        told.map(|frame| if frame.out { 3 } else { 1 }).sum()
    }
}

/// The connection that is meant, or the richest.
pub(super) fn pick(conns: &[Conn], wanted: Option<&str>) -> Result<usize, String> {
    let Some(wanted) = wanted else {
        let best = (0..conns.len()).rev().max_by_key(|at| conns[*at].riches());
        return best.ok_or_else(|| "there are no WebSocket messages in it".to_owned());
    };
    let named = |at: &usize| conns[*at].name == wanted;
    let url = |at: &usize| conns[*at].url.as_ref().is_some_and(|url| url.contains(wanted));
    let number = wanted.parse::<usize>().ok().and_then(|n| n.checked_sub(1)).filter(|at| *at < conns.len());
    let found = (0..conns.len()).find(named).or(number).or_else(|| (0..conns.len()).find(url));
    found.ok_or_else(|| {
        let names: Vec<_> = conns.iter().take(20).map(Conn::called).collect();
        format!("there is no connection {}; there are {}", crate::text::clean(wanted), names.join(", "))
    })
}

impl Conn {
    /// For a person.
    pub(super) fn called(&self) -> String {
        let url = self.url.as_deref().map(|url| format!(" ({})", crate::text::mask_url(url))).unwrap_or_default();
        crate::text::clean(&format!("{}{url}", self.name)).into_owned()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_har_is_told_from_lines() {
        assert!(is_har(b"{\"log\":{}}") && is_har(b"\xef\xbb\xbf {\n  \"log\" : {"));
        assert!(!is_har(b"{\"t\":1,\"log\":2}\n") && !is_har(b"") && !is_har(b"[]"));
    }

    #[test]
    fn a_connection_is_picked_by_name_number_address_or_riches() {
        let conn = |name: &str, url: &str, frames| Conn {
            name: name.into(),
            url: Some(url.into()),
            frames: vec![Frame { at: 0, out: false, form: Form::Text, data: Vec::new() }; frames],
            ..Conn::default()
        };
        let conns = [conn("a", "ws://h/one", 1), conn("b", "ws://h/two", 3), conn("c", "ws://h/three", 2)];
        let at = |wanted| pick(&conns, wanted);
        assert_eq!([at(None), at(Some("a")), at(Some("3")), at(Some("/two"))], [Ok(1), Ok(0), Ok(2), Ok(1)]);
        assert!(at(Some("zzz")).unwrap_err().contains("ws://h/one"));
        assert!(pick(&[], None).is_err());
    }

    proptest! {
        #[test]
        fn nothing_makes_it_panic(bytes: Vec<u8>) {
            let _read = read(&bytes[..]);
        }

        #[test]
        fn nothing_like_a_har_makes_it_panic(tail in "[\\[\\]{}\":,a-z_0-9 ]{0,60}") {
            let _read = read(format!("{{\"log\":{tail}").as_bytes());
            let _read = read(format!("{{\"log\":{{\"entries\":[{{\"_webSocketMessages\":[{tail}]}}]}}}}").as_bytes());
        }
    }
}
