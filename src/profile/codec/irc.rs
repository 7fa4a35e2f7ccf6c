//! IRC lines (RFC 1459, section 2.3.1; message tags of `IRCv3`). A frame holds whole lines, mostly one.
//!
//! `{"tags":{..},"prefix":..,"command":..,"params":[..],"form":"json|text","payload":..}`: the payload is the last parameter where it
//! is written behind a colon; what is absent from the line is absent here.

use std::collections::BTreeSet;

use super::docs::{key, member, payload, string};
use super::{Docs, Trouble};

const MOST_TAGS: usize = 256;
/// RFC 1459 has 15.
const MOST_PARAMS: usize = 256;

pub(super) fn read(frame: &[u8], docs: &mut Docs, limit: usize) {
    let text = String::from_utf8_lossy(frame);
    let mut rest = text.as_ref();
    while !rest.is_empty() {
        if docs.len() > limit {
            return docs.trouble(rest.as_bytes(), Trouble::TooBig);
        }
        let (line, behind) = rest.split_once('\n').unwrap_or((rest, ""));
        let line = line.trim_end_matches('\r');
        if !line.is_empty() && docs.message(|out| write(line, out)).is_none() {
            docs.trouble(line.as_bytes(), Trouble::Broken);
        }
        rest = behind;
    }
}

fn write(line: &str, out: &mut Vec<u8>) -> Option<()> {
    out.push(b'{');
    let mut rest = line;
    if let Some(tagged) = rest.strip_prefix('@') {
        let (tags, behind) = tagged.split_once(' ')?;
        write_tags(tags, out)?;
        rest = behind.trim_start_matches(' ');
    }
    if let Some(prefixed) = rest.strip_prefix(':') {
        let (prefix, behind) = prefixed.split_once(' ')?;
        member(out, "prefix", prefix.as_bytes());
        rest = behind.trim_start_matches(' ');
    }
    let (command, mut rest) = rest.split_once(' ').unwrap_or((rest, ""));
    if command.is_empty() || !command.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
        return None;
    }
    member(out, "command", command.as_bytes());
    let mut params = Vec::new();
    let mut trailing = None;
    loop {
        rest = rest.trim_start_matches(' ');
        if rest.is_empty() {
            break;
        }
        if let Some(last) = rest.strip_prefix(':') {
            params.push(last);
            trailing = Some(last);
            break;
        }
        let (param, behind) = rest.split_once(' ').unwrap_or((rest, ""));
        params.push(param);
        rest = behind;
        if params.len() > MOST_PARAMS {
            return None;
        }
    }
    key(out, "params");
    out.push(b'[');
    for (n, param) in params.iter().enumerate() {
        if n > 0 {
            out.push(b',');
        }
        string(out, param.as_bytes());
    }
    out.push(b']');
    if let Some(trailing) = trailing {
        payload(out, "payload", trailing.as_bytes());
    }
    out.push(b'}');
    Some(())
}

/// `name=value;name`, a name that is there twice by its first value.
fn write_tags(tags: &str, out: &mut Vec<u8>) -> Option<()> {
    key(out, "tags");
    out.push(b'{');
    let mut seen = BTreeSet::new();
    for tag in tags.split(';').filter(|tag| !tag.is_empty()) {
        let (name, value) = tag.split_once('=').unwrap_or((tag, ""));
        if seen.len() >= MOST_TAGS {
            return None;
        }
        if seen.insert(name) {
            if seen.len() > 1 {
                out.push(b',');
            }
            string(out, name.as_bytes());
            out.push(b':');
            string(out, unescaped(value).as_bytes());
        }
    }
    out.push(b'}');
    Some(())
}

fn unescaped(value: &str) -> String {
    let mut text = String::with_capacity(value.len());
    let mut chars = value.chars();
    while let Some(c) = chars.next() {
        if c != '\\' {
            text.push(c);
            continue;
        }
        match chars.next() {
            Some(':') => text.push(';'),
            Some('s') => text.push(' '),
            Some('r') => text.push('\r'),
            Some('n') => text.push('\n'),
            Some(other) => text.push(other),
            None => {}
        }
    }
    text
}
