//! How frames were cut into messages: guessed from the frames, then done.

use super::document::{Document, Root};
use super::read::{Conn, Form};
use crate::profile::codec::{Codec, Compression, Inlet, Is};

/// A message, as it was in a frame.
#[derive(Clone, Debug)]
pub(super) struct Message {
    pub(super) frame: usize,
    pub(super) at: i64,
    pub(super) out: bool,
    /// What was cut off its beginning.
    pub(super) prefix: String,
    pub(super) text: String,
    /// Nothing where it is not JSON.
    pub(super) doc: Option<Document>,
    /// It was the whole frame.
    pub(super) whole: bool,
}

/// What a profile would say in `[codec]`, each with its evidence.
#[derive(Clone, Debug, Default)]
pub(super) struct Cutting {
    pub(super) decompress: Option<(&'static str, String)>,
    pub(super) format: Option<(&'static str, String)>,
    pub(super) split: Option<(&'static str, String)>,
    pub(super) suffix: Option<(&'static str, String)>,
    pub(super) prefix: Option<(&'static str, String)>,
    pub(super) batch: Option<String>,
    /// Binary frames that hold neither text nor a known format.
    pub(super) opaque: usize,
}

/// As Engine.IO and Socket.IO number their packets.
const SOCKET_IO: &str =
    "^(?P<eio>[0-6])(?P<sio>[0-6])?(?:(?P<attachments>[0-9]+)-)?(?:(?P<ns>/[^,]*),)?(?P<ack>[0-9]+)?";
/// Of one frame.
const MOST_UNPACKED: usize = 4 << 20;
/// Digits before JSON.
const DIGITS: &str = "^(?P<code>[0-9]+)";

pub(super) fn cut(conn: &Conn) -> (Cutting, Vec<Message>) {
    let mut cutting = Cutting::default();
    let mut opened: Vec<(usize, String)> = Vec::new();
    let mut packed: Vec<(usize, Compression)> = Vec::new();
    let mut texts: Vec<(usize, &str)> = Vec::new();
    let (mut gzip, mut zlib, mut binary) = (0, 0, 0);
    for (at, frame) in conn.frames.iter().enumerate() {
        match frame.form {
            Form::Ping | Form::Pong => {}
            Form::Text | Form::Binary => {
                binary += usize::from(frame.form == Form::Binary && !frame.out);
                match (std::str::from_utf8(&frame.data), frame.data.as_slice()) {
                    (Ok(text), _) => texts.push((at, text)),
                    (Err(_), [0x1f, 0x8b, ..]) => {
                        gzip += 1;
                        packed.push((at, Compression::Gzip));
                    }
                    (Err(_), [0x78, 0x01 | 0x5e | 0x9c | 0xda, ..]) => {
                        zlib += 1;
                        packed.push((at, Compression::Zlib));
                    }
                    (Err(_), _) => cutting.opaque += 1,
                }
            }
        }
    }
    for (count, name) in [(gzip, "gzip"), (zlib, "zlib")] {
        if count * 2 > binary && count > 0 {
            cutting.decompress = Some((name, format!("{count} of {binary} binary frames begin like {name}")));
        }
    }
    if cutting.decompress.is_some() {
        opened.extend(packed.into_iter().filter_map(|(at, how)| Some((at, unpack(how, &conn.frames.get(at)?.data)?))));
        texts.extend(opened.iter().map(|(at, text)| (*at, text.as_str())));
        texts.sort_by_key(|(at, _)| *at);
    }
    cutting.format = format(conn, &texts);
    separators(conn, &texts, &mut cutting);
    let mut messages = Vec::new();
    for (at, text) in texts {
        let Some(frame) = conn.frames.get(at) else { continue };
        let mut push = |text: &str, whole| {
            messages.push(Message {
                frame: at,
                at: frame.at,
                out: frame.out,
                prefix: String::new(),
                text: text.to_owned(),
                doc: Document::of(text),
                whole,
            });
        };
        match cutting.split.as_ref().filter(|(separator, _)| text.contains(separator)) {
            Some((separator, _)) => {
                text.split(separator).filter(|piece| !piece.is_empty()).for_each(|p| push(p, false));
            }
            None => push(text, true),
        }
    }
    prefixes(conn, &mut messages, &mut cutting);
    batches(&mut messages, &mut cutting);
    (cutting, messages)
}

/// What was compressed, where it is text.
fn unpack(compression: Compression, frame: &[u8]) -> Option<String> {
    let codec = Codec { compression, ..Codec::default() };
    let mut inlet = Inlet::new(&codec, MOST_UNPACKED)?;
    inlet.feed(true, frame);
    let whole = inlet.docs().list().iter().all(|doc| doc.is == Is::Frame);
    String::from_utf8(inlet.docs().text().to_vec()).ok().filter(|_| whole)
}

fn format(conn: &Conn, texts: &[(usize, &str)]) -> Option<(&'static str, String)> {
    let spoken = conn.subprotocol.as_deref().unwrap_or_default();
    if spoken.starts_with("mqtt") {
        return Some(("mqtt", format!("the subprotocol is {spoken}")));
    }
    if ["v10.stomp", "v11.stomp", "v12.stomp"].contains(&spoken) {
        return Some(("stomp", format!("the subprotocol is {spoken}")));
    }
    let first = texts.iter().find(|(at, _)| conn.frames.get(*at).is_some_and(|frame| !frame.out))?.1;
    if first.starts_with("INFO {") {
        return Some(("nats", "the server begins with INFO".to_owned()));
    }
    if first.starts_with("CONNECTED\n") {
        return Some(("stomp", "the server begins with CONNECTED".to_owned()));
    }
    let heard = texts.iter().filter(|(at, _)| conn.frames.get(*at).is_some_and(|frame| !frame.out));
    let is_irc = |text: &str| {
        text.starts_with("PING ")
            || text.strip_prefix(':').and_then(|rest| rest.split_once(' ')).is_some_and(|(_, rest)| {
                let command = rest.split(' ').next().unwrap_or_default();
                !command.is_empty() && command.bytes().all(|b| b.is_ascii_digit() || b.is_ascii_uppercase())
            })
    };
    let (all, irc) = heard.fold((0_usize, 0_usize), |(all, irc), (_, text)| (all + 1, irc + usize::from(is_irc(text))));
    (all > 1 && irc * 10 >= all * 9).then(|| ("irc", format!("{irc} of {all} messages are lines of IRC")))
}

fn separators(conn: &Conn, texts: &[(usize, &str)], cutting: &mut Cutting) {
    let out = |at: usize| conn.frames.get(at).is_some_and(|frame| frame.out);
    for (separator, name) in [("\u{1e}", "the record separator"), ("\n", "a line break")] {
        let ends = |text: &str| text.ends_with(separator);
        let parts = |text: &str| text.split(separator).filter(|piece| !piece.is_empty()).count();
        let all_json = |text: &str| {
            let mut pieces = text.split(separator).filter(|piece| !piece.is_empty());
            pieces.all(|piece| Document::of(piece).is_some())
        };
        let held: Vec<_> = texts
            .iter()
            .filter(|(_, text)| (ends(text) || parts(text) > 1) && Document::of(text).is_none_or(|_| ends(text)))
            .filter(|(_, text)| all_json(text))
            .collect();
        let heard = held.iter().filter(|(at, _)| !out(*at)).count();
        let all = texts.iter().filter(|(at, _)| !out(*at)).count();
        if heard == 0 || (separator == "\n" && heard * 5 < all && !held.iter().any(|(_, text)| parts(text) > 1)) {
            continue;
        }
        cutting.split = Some((separator, format!("{name} in {heard} of {all} received frames")));
        let said: Vec<_> = texts.iter().filter(|(at, _)| out(*at)).collect();
        let ended = said.iter().filter(|(_, text)| ends(text)).count();
        if ended > 0 && ended * 2 >= said.len() {
            cutting.suffix = Some((separator, format!("it ends {ended} of {} sent frames", said.len())));
        }
        return;
    }
}

fn prefixes(conn: &Conn, messages: &mut [Message], cutting: &mut Cutting) {
    let engine = conn.url.as_deref().is_some_and(|url| url.contains("EIO="))
        || messages.iter().any(|message| !message.out && message.text.starts_with("0{\"sid\""));
    let digits = |text: &str| {
        let end = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
        (end > 0 && text.get(end..).is_some_and(|rest| rest.starts_with(['{', '[']))).then_some(end)
    };
    let heard = messages.iter().filter(|message| !message.out).count();
    let numbered = messages.iter().filter(|message| !message.out && digits(&message.text).is_some()).count();
    if !engine && (numbered < 2 || numbered * 2 < heard) {
        return;
    }
    let pattern = if engine { SOCKET_IO } else { DIGITS };
    let Ok(regex) = regex::Regex::new(pattern) else { return };
    cutting.prefix = Some((pattern, format!("digits before the JSON of {numbered} of {heard} received messages")));
    for message in messages {
        let end = regex.find(&message.text).map_or(0, |found| found.end());
        let rest = message.text.split_off(end);
        message.prefix = std::mem::replace(&mut message.text, rest);
        message.doc = Document::of(&message.text);
        message.whole = false;
    }
}

/// Lists of objects at the top are lists of messages, unless other lists there are messages themselves.
fn batches(messages: &mut Vec<Message>, cutting: &mut Cutting) {
    let objects = |message: &Message| {
        message.doc.as_ref().is_some_and(|doc| {
            doc.root == Root::Array && doc.find("").is_some_and(|root| root.of == Some(Root::Object))
        })
    };
    let is_array = |message: &&Message| message.doc.as_ref().is_some_and(|doc| doc.root == Root::Array);
    let filled = |message: &&Message| message.text.trim() != "[]";
    let lists = messages.iter().filter(|message| !message.out).filter(is_array).filter(filled);
    let (all, of_objects) = lists.fold((0_usize, 0_usize), |(all, of), m| (all + 1, of + usize::from(objects(m))));
    if all == 0 || of_objects < all {
        return;
    }
    cutting.batch = Some(format!("{all} received frames are lists of objects"));
    let whole = std::mem::take(messages);
    for message in whole {
        if message.out || !objects(&message) {
            messages.push(message);
            continue;
        }
        let Some(root) = message.doc.as_ref().and_then(|doc| doc.find("")) else { continue };
        for (_, span) in &root.members {
            let text = message.text.get(span.clone()).unwrap_or_default().to_owned();
            messages.push(Message { doc: Document::of(&text), text, whole: false, ..message.clone() });
        }
    }
}
