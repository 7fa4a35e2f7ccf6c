//! Lines of JSON: a transcript (`conn`, `dir`, `kind`, `data`), or the events that `tail` writes.

use std::collections::BTreeMap;
use std::io::{BufRead, Read};

use data_encoding::BASE64;
use serde::Deserialize;
use serde_json::Value;
use serde_json::value::RawValue;

use super::{Conn, Form, Frame, MOST_CONNS};

/// A longer line is counted, not read.
const LONGEST: u64 = 8 << 20;
/// So many lines that are not JSON, with none that is: this is another kind of file.
const PATIENCE: usize = 50;

#[derive(Deserialize)]
struct Line {
    #[serde(default)]
    event: Option<String>,
    #[serde(default)]
    at: Value,
    #[serde(default)]
    t: Value,
    #[serde(default, alias = "feed")]
    conn: Option<String>,
    #[serde(default)]
    dir: Option<String>,
    #[serde(default)]
    kind: Option<String>,
    #[serde(default)]
    data: Option<Box<RawValue>>,
    #[serde(default, alias = "base64")]
    b64: Option<String>,
    #[serde(default)]
    text: Option<String>,
    #[serde(default)]
    how: Option<String>,
    #[serde(default)]
    url: Option<String>,
    #[serde(default)]
    requested_protocols: Vec<String>,
    #[serde(default, alias = "subprotocol")]
    protocol: Option<String>,
    #[serde(default)]
    request_headers: BTreeMap<String, Value>,
    #[serde(default)]
    code: Option<u16>,
    #[serde(default)]
    reason: Option<String>,
    #[serde(default)]
    feeds: Vec<Feed>,
}

#[derive(Deserialize)]
struct Feed {
    feed: String,
    #[serde(default)]
    url: Option<String>,
}

pub(super) fn read(mut from: impl BufRead) -> Result<Vec<Conn>, String> {
    let mut conns: Vec<Conn> = Vec::new();
    let (mut good, mut bad) = (0_usize, 0_usize);
    let mut bytes = Vec::new();
    loop {
        bytes.clear();
        let read = from.by_ref().take(LONGEST).read_until(b'\n', &mut bytes).map_err(|error| error.to_string())?;
        if read == 0 {
            break;
        }
        let line = std::str::from_utf8(&bytes).ok().map(str::trim).filter(|line| !line.is_empty());
        let Some(line) = line else { continue };
        match serde_json::from_str::<Line>(line) {
            Ok(line) => {
                good += 1;
                take(&mut conns, &line);
            }
            Err(_) => bad += 1,
        }
        if good == 0 && bad > PATIENCE {
            break;
        }
    }
    if good == 0 {
        return Err("this is neither a HAR file nor lines of JSON, as a transcript or `wirebeat tail` has them".into());
    }
    Ok(conns)
}

fn take(conns: &mut Vec<Conn>, line: &Line) {
    for feed in &line.feeds {
        if let Some(conn) = conn(conns, &feed.feed) {
            conn.url.clone_from(&feed.url);
        }
    }
    let Some(name) = line.conn.as_deref() else { return };
    let Some(conn) = conn(conns, name) else { return };
    let at = moment(line);
    match &line.event {
        Some(event) => told(conn, event, at, line),
        None => heard(conn, at, line),
    }
}

fn conn<'a>(conns: &'a mut Vec<Conn>, name: &str) -> Option<&'a mut Conn> {
    let at = match conns.iter().position(|conn| conn.name == name) {
        Some(at) => at,
        None if conns.len() < MOST_CONNS => {
            conns.push(Conn { name: name.to_owned(), ..Conn::default() });
            conns.len() - 1
        }
        None => return None,
    };
    conns.get_mut(at)
}

/// In microseconds: `at` as RFC 3339, or `t` in milliseconds since the Unix epoch.
fn moment(line: &Line) -> i64 {
    let written = line.at.as_str().and_then(|text| text.parse::<jiff::Timestamp>().ok());
    if let Some(at) = written {
        return at.as_microsecond();
    }
    #[expect(clippy::cast_possible_truncation, reason = "a time that is out of range is no time")]
    line.t.as_f64().map_or(0, |millis| (millis * 1000.0) as i64)
}

/// A line of a transcript.
fn heard(conn: &mut Conn, at: i64, line: &Line) {
    let out = line.dir.as_deref() == Some("out");
    let form = match line.kind.as_deref() {
        Some("text") => Form::Text,
        Some("bin" | "binary") => Form::Binary,
        Some("ping") => Form::Ping,
        Some("pong") => Form::Pong,
        Some("open") => {
            conn.url = line.url.clone().or(conn.url.take());
            conn.offered.clone_from(&line.requested_protocols);
            conn.subprotocol = line.protocol.clone().filter(|name| !name.is_empty());
            let header = |(name, value): (&String, &Value)| Some((name.clone(), value.as_str()?.to_owned()));
            conn.headers = line.request_headers.iter().filter_map(header).collect();
            return;
        }
        Some("close") => {
            conn.closed.get_or_insert((out, line.code.unwrap_or(1005), line.reason.clone().unwrap_or_default()));
            return;
        }
        Some(_) | None => return,
    };
    if matches!(line.dir.as_deref(), Some("in" | "out")) {
        conn.push(Frame { at, out, form, data: body(line, true) });
    }
}

/// An event of `tail`.
fn told(conn: &mut Conn, event: &str, at: i64, line: &Line) {
    let mut push = |out, form, data| conn.push(Frame { at, out, form, data });
    match event {
        "message" => {
            let form = if line.b64.is_some() { Form::Binary } else { Form::Text };
            let out = line.dir.as_deref() == Some("out");
            let data = body(line, false);
            push(out, form, data);
            conn.rows = true;
        }
        "heartbeat_sent" if line.how.as_deref() == Some("ping") => push(true, Form::Ping, Vec::new()),
        "sent" | "heartbeat_sent" => push(true, Form::Text, body(line, false)),
        "open" => conn.subprotocol.clone_from(&line.protocol),
        _ => {}
    }
}

/// `quoted`: `data` is a text in quotes. Else it is the JSON itself, as it came.
fn body(line: &Line, quoted: bool) -> Vec<u8> {
    if let Some(base64) = &line.b64 {
        return BASE64.decode(base64.as_bytes()).unwrap_or_default();
    }
    if let Some(text) = &line.text {
        return text.clone().into_bytes();
    }
    let Some(raw) = &line.data else { return Vec::new() };
    if quoted && let Ok(text) = serde_json::from_str::<String>(raw.get()) {
        return text.into_bytes();
    }
    raw.get().as_bytes().to_vec()
}
