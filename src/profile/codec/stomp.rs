//! STOMP 1.2 frames, read and written. `{"command":..,"headers":{..},"form":"json|text|binary","body":..}`.
//!
//! A WebSocket frame that is nothing but line ends is a heartbeat: `{"command":"HEARTBEAT"}`, which is no command of STOMP.
//! A header that is there twice counts by its first value (section "Repeated Header Entries").

use std::collections::BTreeSet;

use serde_json::{Map, Value};

use super::Docs;
use super::docs::{key, member, payload, string};
use super::inlet::Next;
use crate::profile::pointer::find_byte;

/// A command and its headers may be so long.
const MOST_HEAD: usize = 64 << 10;
const MOST_HEADERS: usize = 256;

pub(super) fn next(bytes: &[u8], searched: &mut usize, limit: usize) -> Next {
    let start = line_ends(bytes, 0);
    if start == bytes.len() {
        return Next::Whole(start);
    }
    let letters = bytes.iter().skip(start).take_while(|byte| byte.is_ascii_uppercase()).count();
    if !matches!(bytes.get(start + letters), None | Some(b'\r' | b'\n')) {
        return Next::Whole(find_byte(bytes, start, 0).map_or(bytes.len(), |end| line_ends(bytes, end + 1)));
    }
    let head = bytes.get(start..bytes.len().min(start + MOST_HEAD)).unwrap_or_default();
    let Some(body) = head_end(head).map(|end| start + end) else {
        return match find_byte(bytes, start, 0) {
            Some(end) => Next::Whole(line_ends(bytes, end + 1)),
            None if head.len() == MOST_HEAD => Next::Whole(bytes.len()),
            None => Next::Part,
        };
    };
    if let Some(length) = content_length(bytes.get(start..body).unwrap_or_default()) {
        let end = body as u64 + length;
        return match usize::try_from(end) {
            Ok(end) if end < bytes.len() => Next::Whole(line_ends(bytes, end + 1)),
            _ if length > limit as u64 => Next::TooBig(end + 1),
            _ => Next::Part,
        };
    }
    if let Some(end) = find_byte(bytes, body.max(*searched), 0) {
        return Next::Whole(line_ends(bytes, end + 1));
    }
    *searched = bytes.len();
    Next::Part
}

pub(super) fn read(message: &[u8], docs: &mut Docs) -> Option<()> {
    let message = message.get(line_ends(message, 0)..)?;
    if message.is_empty() {
        return docs.message(|out| {
            out.extend_from_slice(b"{\"command\":\"HEARTBEAT\",\"headers\":{}}");
            Some(())
        });
    }
    let body = head_end(message)?;
    let head = message.get(..body)?;
    let end = match content_length(head) {
        Some(length) => body.checked_add(usize::try_from(length).ok()?)?,
        None => find_byte(message, body, 0)?,
    };
    if message.get(end) != Some(&0) {
        return None;
    }
    let body = message.get(body..end)?;
    let mut lines = lines(head);
    let command = lines.next()?;
    // CONNECTED is not escaped, for the sake of clients of STOMP 1.0.
    let escaped = command != b"CONNECTED";
    docs.message(|out| {
        out.push(b'{');
        member(out, "command", command);
        key(out, "headers");
        out.push(b'{');
        let mut seen = BTreeSet::new();
        for line in lines {
            let colon = line.iter().position(|byte| *byte == b':')?;
            let (name, value) = (line.get(..colon)?, line.get(colon + 1..)?);
            let plain = |text: &[u8]| if escaped { unescaped(text) } else { Some(text.to_vec()) };
            let (name, value) = (plain(name)?, plain(value)?);
            if seen.len() >= MOST_HEADERS {
                return None;
            }
            if seen.contains(&name) {
                continue;
            }
            if !seen.is_empty() {
                out.push(b',');
            }
            string(out, &name);
            out.push(b':');
            string(out, &value);
            seen.insert(name);
        }
        out.push(b'}');
        payload(out, "body", body);
        out.push(b'}');
        Some(())
    })
}

/// Past line ends.
fn line_ends(bytes: &[u8], mut at: usize) -> usize {
    while let [b'\n', ..] | [b'\r', b'\n', ..] = bytes.get(at..).unwrap_or_default() {
        at += if bytes.get(at) == Some(&b'\n') { 1 } else { 2 };
    }
    at
}

/// Behind the empty line that ends the headers.
fn head_end(head: &[u8]) -> Option<usize> {
    let mut at = 0;
    loop {
        at = find_byte(head, at, b'\n')? + 1;
        match head.get(at..)? {
            [b'\n', ..] => return Some(at + 1),
            [b'\r', b'\n', ..] => return Some(at + 2),
            _ => {}
        }
    }
}

fn lines(head: &[u8]) -> impl Iterator<Item = &[u8]> {
    let lines = head.split(|byte| *byte == b'\n').map(|line| line.strip_suffix(b"\r").unwrap_or(line));
    lines.filter(|line| !line.is_empty())
}

fn content_length(head: &[u8]) -> Option<u64> {
    let digits = lines(head).find_map(|line| line.strip_prefix(b"content-length:"))?.trim_ascii();
    // More digits than any length has: as if it were not there.
    std::str::from_utf8(digits).ok().filter(|digits| digits.len() <= 15)?.parse().ok()
}

fn unescaped(text: &[u8]) -> Option<Vec<u8>> {
    let mut plain = Vec::with_capacity(text.len());
    let mut bytes = text.iter();
    while let Some(byte) = bytes.next() {
        plain.push(match (byte, if *byte == b'\\' { bytes.next() } else { None }) {
            (b'\\', Some(b'r')) => b'\r',
            (b'\\', Some(b'n')) => b'\n',
            (b'\\', Some(b'c')) => b':',
            (b'\\', Some(b'\\')) => b'\\',
            (b'\\', _) => return None,
            (byte, _) => *byte,
        });
    }
    Some(plain)
}

/// The error is a sentence for whoever wrote the frame.
pub(super) fn write(frame: &Map<String, Value>) -> Result<String, String> {
    if let Some(other) = frame.keys().find(|name| !["command", "headers", "body"].contains(&name.as_str())) {
        return Err(format!("a STOMP frame has no `{other}`, only command, headers and body"));
    }
    let command = frame.get("command").and_then(Value::as_str).unwrap_or_default();
    if command.is_empty() || !command.bytes().all(|byte| byte.is_ascii_uppercase()) {
        return Err("`command` of a STOMP frame is a word in capitals".to_owned());
    }
    let mut head = format!("{command}\n");
    let mut counted = false;
    let none = Map::new();
    let headers = match frame.get("headers") {
        Some(Value::Object(headers)) => headers,
        Some(_) => return Err("`headers` of a STOMP frame is an object".to_owned()),
        None => &none,
    };
    for (name, value) in headers {
        let value = plain(value).ok_or_else(|| format!("the STOMP header `{name}` is text or a number"))?;
        counted |= name == "content-length";
        // A server of STOMP 1.0 must be able to read it.
        let escape = |text: &str| if command == "CONNECT" { text.to_owned() } else { escaped(text) };
        let line = format!("{}:{}", escape(name), escape(&value));
        if line.contains(['\0', '\n']) || name.is_empty() || (command == "CONNECT" && name.contains(':')) {
            return Err(format!("the STOMP header `{name}` cannot be written"));
        }
        head.push_str(&line);
        head.push('\n');
    }
    let body = frame.get("body").map_or_else(String::new, |body| match body {
        Value::String(text) => text.clone(),
        Value::Null => String::new(),
        Value::Bool(_) | Value::Number(_) | Value::Array(_) | Value::Object(_) => body.to_string(),
    });
    let count = if counted || body.is_empty() { String::new() } else { format!("content-length:{}\n", body.len()) };
    Ok(format!("{head}{count}\n{body}\0"))
}

fn plain(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(_) | Value::Bool(_) => Some(value.to_string()),
        Value::Null | Value::Array(_) | Value::Object(_) => None,
    }
}

fn escaped(text: &str) -> String {
    text.replace('\\', "\\\\").replace('\r', "\\r").replace('\n', "\\n").replace(':', "\\c")
}
