//! NATS, as a client hears it: lines, and messages whose payload is counted. Nothing here subscribes.
//!
//! `{"op":"MSG","subject":..,"sid":..,"reply":..,"form":"json|text|binary","payload":..}`; of an `HMSG` also `headers` (each by
//! its first value) and `status`. `{"op":"INFO","form":..,"info":..}`, `{"op":"-ERR","text":..}`, and `{"op":"PING"}`, `PONG`
//! and `+OK` as they are.

use std::collections::BTreeSet;

use super::Docs;
use super::docs::{key, member, payload, string};
use super::inlet::Next;
use crate::profile::pointer::find_byte;

/// The line in front of a payload may be so long.
const MOST_LINE: usize = 64 << 10;
const MOST_HEADERS: usize = 256;

pub(super) fn next(bytes: &[u8], searched: &mut usize, limit: usize) -> Next {
    let Some(end) = find_byte(bytes, *searched, b'\n') else {
        *searched = bytes.len();
        return Next::Part;
    };
    let Some(line) = bytes.get(..end).filter(|line| line.len() <= MOST_LINE).and_then(Line::read) else {
        return Next::Whole(end + 1);
    };
    let length = line.length as u64 + end as u64 + 3;
    match usize::try_from(length) {
        Ok(length) if length <= bytes.len() => Next::Whole(length),
        _ if line.length > limit => Next::TooBig(length),
        _ => {
            *searched = end;
            Next::Part
        }
    }
}

pub(super) fn read(message: &[u8], docs: &mut Docs) -> Option<()> {
    let end = find_byte(message, 0, b'\n')?;
    let text = message.get(..end)?.trim_ascii();
    if let Some(line) = Line::read(text) {
        let body = message.get(end + 1..)?.strip_suffix(b"\r\n")?;
        return docs.message(|out| line.write(body, out));
    }
    if text.is_empty() {
        return Some(());
    }
    let (verb, rest) = text.split_at(text.iter().position(u8::is_ascii_whitespace).unwrap_or(text.len()));
    let rest = rest.trim_ascii();
    let verb = verb.to_ascii_uppercase();
    docs.message(|out| {
        out.push(b'{');
        member(out, "op", &verb);
        match verb.as_slice() {
            b"INFO" => payload(out, "info", rest),
            b"-ERR" => member(out, "text", rest.trim_ascii_start().strip_prefix(b"'").map_or(rest, unquoted)),
            b"PING" | b"PONG" | b"+OK" if rest.is_empty() => {}
            _ => return None,
        }
        out.push(b'}');
        Some(())
    })
}

fn unquoted(rest: &[u8]) -> &[u8] {
    rest.strip_suffix(b"'").unwrap_or(rest)
}

/// The line in front of a payload.
struct Line<'a> {
    op: &'static str,
    subject: &'a [u8],
    sid: &'a [u8],
    reply: Option<&'a [u8]>,
    /// Bytes of the headers at the beginning of the payload.
    headers: Option<usize>,
    length: usize,
}

impl<'a> Line<'a> {
    /// `MSG subject sid [reply] length`, `HMSG subject sid [reply] headers length`.
    fn read(line: &'a [u8]) -> Option<Self> {
        let mut words = line.split(u8::is_ascii_whitespace).filter(|word| !word.is_empty());
        let verb = words.next()?;
        let headed = verb.eq_ignore_ascii_case(b"HMSG");
        if !headed && !verb.eq_ignore_ascii_case(b"MSG") {
            return None;
        }
        let words: Vec<_> = words.take(6).collect();
        let (subject, sid, reply, numbers) = match (words.as_slice(), headed) {
            ([subject, sid, length], false) => (subject, sid, None, [None, Some(*length)]),
            ([subject, sid, reply, length], false) => (subject, sid, Some(*reply), [None, Some(*length)]),
            ([subject, sid, head, length], true) => (subject, sid, None, [Some(*head), Some(*length)]),
            ([subject, sid, reply, head, length], true) => (subject, sid, Some(*reply), [Some(*head), Some(*length)]),
            _ => return None,
        };
        let number = |digits: &[u8]| -> Option<usize> {
            let plain = digits.len() <= 12 && digits.iter().all(u8::is_ascii_digit);
            std::str::from_utf8(digits).ok().filter(|_| plain)?.parse().ok()
        };
        let [head, length] = numbers;
        let headers = match head {
            Some(head) => Some(number(head)?),
            None => None,
        };
        let length = number(length?)?;
        let op = if headed { "HMSG" } else { "MSG" };
        headers.is_none_or(|head| head <= length).then_some(Self { op, subject, sid, reply, headers, length })
    }

    fn write(&self, body: &[u8], out: &mut Vec<u8>) -> Option<()> {
        out.push(b'{');
        member(out, "op", self.op.as_bytes());
        member(out, "subject", self.subject);
        member(out, "sid", self.sid);
        if let Some(reply) = self.reply {
            member(out, "reply", reply);
        }
        let body = match self.headers {
            None => body,
            Some(length) => {
                let (head, body) = body.split_at_checked(length)?;
                headers(head, out)?;
                body
            }
        };
        payload(out, "payload", body);
        out.push(b'}');
        Some(())
    }
}

/// `NATS/1.0 [status]` and lines of `name: value`.
fn headers(head: &[u8], out: &mut Vec<u8>) -> Option<()> {
    let mut lines = head.split(|byte| *byte == b'\n').map(<[u8]>::trim_ascii).filter(|line| !line.is_empty());
    let status = lines.next()?.strip_prefix(b"NATS/1.0")?.trim_ascii();
    if !status.is_empty() {
        member(out, "status", status);
    }
    key(out, "headers");
    out.push(b'{');
    let mut seen = BTreeSet::new();
    for line in lines {
        let colon = line.iter().position(|byte| *byte == b':')?;
        let (name, value) = (line.get(..colon)?, line.get(colon + 1..)?.trim_ascii());
        if seen.len() >= MOST_HEADERS {
            return None;
        }
        if seen.insert(name) {
            if seen.len() > 1 {
                out.push(b',');
            }
            string(out, name);
            out.push(b':');
            string(out, value);
        }
    }
    out.push(b'}');
    Some(())
}
