//! The HAR files that browsers save: the entries that have WebSocket messages, and nothing of the others.

use std::fmt;
use std::io::BufRead;

use data_encoding::BASE64;
use serde::Deserialize;
use serde::de::{Deserializer, IgnoredAny, SeqAccess, Visitor};

use super::{Conn, Form, Frame, MOST_CONNS};

#[derive(Deserialize)]
struct Har {
    log: Log,
}

#[derive(Deserialize)]
struct Log {
    #[serde(default)]
    entries: Entries,
}

#[derive(Default)]
struct Entries(Vec<Conn>);

#[derive(Deserialize)]
struct Entry {
    #[serde(default)]
    request: Request,
    #[serde(default)]
    response: Response,
    #[serde(default, rename = "_webSocketMessages")]
    messages: Option<Messages>,
}

#[derive(Default, Deserialize)]
struct Request {
    #[serde(default)]
    url: String,
    #[serde(default)]
    headers: Vec<Header>,
}

#[derive(Default, Deserialize)]
struct Response {
    #[serde(default)]
    headers: Vec<Header>,
}

#[derive(Deserialize)]
struct Header {
    #[serde(default)]
    name: String,
    #[serde(default)]
    value: String,
}

/// A connection of which only the frames are known.
struct Messages(Conn);

#[derive(Deserialize)]
struct Message {
    #[serde(default, rename = "type")]
    direction: String,
    /// Seconds since the Unix epoch.
    #[serde(default)]
    time: f64,
    #[serde(default)]
    opcode: f64,
    #[serde(default)]
    data: String,
}

pub(super) fn read(from: impl BufRead) -> Result<Vec<Conn>, String> {
    let har: Har = serde_json::from_reader(from).map_err(|error| format!("this is no whole HAR file: {error}"))?;
    Ok(har.log.entries.0)
}

impl<'de> Deserialize<'de> for Entries {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_seq(ReadEntries)
    }
}

struct ReadEntries;

impl<'de> Visitor<'de> for ReadEntries {
    type Value = Entries;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list of entries")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Self::Value, A::Error> {
        let mut conns = Vec::new();
        while conns.len() < MOST_CONNS {
            let Some(entry) = seq.next_element::<Entry>()? else { return Ok(Entries(conns)) };
            let Some(Messages(conn)) = entry.messages else { continue };
            let name = (conns.len() + 1).to_string();
            conns.push(told(Conn { name, ..conn }, entry.request, &entry.response));
        }
        while seq.next_element::<IgnoredAny>()?.is_some() {}
        Ok(Entries(conns))
    }
}

fn told(conn: Conn, request: Request, response: &Response) -> Conn {
    let protocols = |headers: &[Header]| {
        let named = headers.iter().filter(|header| header.name.eq_ignore_ascii_case("sec-websocket-protocol"));
        let names = named.flat_map(|header| header.value.split(',')).map(|name| name.trim().to_owned());
        names.filter(|name| !name.is_empty()).collect::<Vec<_>>()
    };
    Conn {
        offered: protocols(&request.headers),
        subprotocol: protocols(&response.headers).into_iter().next(),
        // Browsers save the address with the scheme of the upgrade request now and then.
        url: Some(request.url.replacen("http", "ws", usize::from(request.url.starts_with("http")))),
        headers: request.headers.into_iter().map(|header| (header.name, header.value)).collect(),
        ..conn
    }
}

impl<'de> Deserialize<'de> for Messages {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_seq(ReadMessages)
    }
}

struct ReadMessages;

impl<'de> Visitor<'de> for ReadMessages {
    type Value = Messages;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list of messages")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Self::Value, A::Error> {
        let mut conn = Conn::default();
        while let Some(message) = seq.next_element::<Message>()? {
            if let Some(frame) = frame(message) {
                conn.push(frame);
            }
        }
        Ok(Messages(conn))
    }
}

fn frame(message: Message) -> Option<Frame> {
    let out = match message.direction.as_str() {
        "send" | "sent" => true,
        "receive" | "received" => false,
        _ => return None,
    };
    #[expect(clippy::cast_possible_truncation, reason = "a time that is out of range is no time")]
    let (at, opcode) = ((message.time * 1_000_000.0) as i64, message.opcode as i64);
    let form = match opcode {
        1 => Form::Text,
        2 => Form::Binary,
        9 => Form::Ping,
        10 => Form::Pong,
        _ => return None,
    };
    // Bytes are saved as base64, texts as they are.
    let data = match form {
        Form::Binary => BASE64.decode(message.data.as_bytes()).unwrap_or_else(|_| message.data.into_bytes()),
        Form::Text | Form::Ping | Form::Pong => message.data.into_bytes(),
    };
    Some(Frame { at, out, form, data })
}
