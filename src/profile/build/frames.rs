//! What is sent: the dial, subscribe and unsubscribe.

use super::checks::{Check, Need, Place};
use crate::profile::diagnostic::{Origin, Problems};
use crate::profile::reader::{self, Reader};
use crate::profile::template::{Part, Template};
use crate::profile::tree::Entry;
use crate::profile::{Ack, Ask, Endpoint, LiveOn};

/// Headers of the upgrade that belong to the WebSocket itself (RFC 6455, section 4.1).
const OURS: [&str; 6] = [
    "connection",
    "upgrade",
    "sec-websocket-key",
    "sec-websocket-version",
    "sec-websocket-accept",
    "sec-websocket-extensions",
];

pub(super) fn env(top: &mut Reader<'_>) -> Vec<String> {
    let names = top.texts("env").unwrap_or_default();
    for (name, at) in &names {
        if !is_name(name) {
            top.problems.tell(*at, format!("`{name}` is no name of an environment variable"));
        }
    }
    names.into_iter().map(|(name, _)| name.to_owned()).collect()
}

/// Letters, digits and `_`, no digit first.
pub(super) fn is_name(text: &str) -> bool {
    let plain = |c: char| c.is_ascii_alphanumeric() || c == '_';
    text.chars().all(plain) && text.starts_with(|c: char| !c.is_ascii_digit())
}

pub(super) fn endpoint(mut table: Reader<'_>, check: &mut Check<'_>) -> Endpoint {
    let problems = table.problems;
    table.hints(&[("header", "it is called `headers`"), ("subprotocol", "it is called `subprotocols`, a list")]);
    let url = table.template("url", false).map(|(url, at)| {
        check_url(problems, &url, at);
        check.template(&url, at, Place::Endpoint);
        url
    });
    let headers = table.table("headers").map(|table| headers(&table, check)).unwrap_or_default();
    let subprotocols = table.texts("subprotocols").unwrap_or_default();
    let subprotocols = subprotocols.into_iter().filter_map(|(name, at)| subprotocol(problems, name, at)).collect();
    table.finish();
    Endpoint { url, headers, subprotocols, ..Endpoint::default() }
}

/// Tells what is wrong with an address that is known before its placeholders are filled in. It may hold secrets, so it
/// is not repeated.
pub fn check_url(problems: &Problems, url: &Template, at: Origin) {
    // A placeholder may bring the scheme; then it is looked at when it is known.
    if let Some(Part::Text(start)) = url.parts.first() {
        let known = ["ws://", "wss://", "http://", "https://"];
        let whole = url.parts.len() == 1 || start.contains("://");
        if whole && !known.iter().any(|scheme| start.len() > scheme.len() && start.starts_with(scheme)) {
            problems.tell_help(at, "no WebSocket address", "it begins with ws:// or wss://");
        }
    }
}

fn headers(table: &Reader<'_>, check: &mut Check<'_>) -> Vec<(String, Template)> {
    let mut headers = Vec::new();
    for entry in table.others() {
        if let Some((value, at)) = header(table.problems, entry) {
            check.template(&value, at, Place::Endpoint);
            headers.push((entry.key.clone(), value));
        }
    }
    headers
}

/// The value of one header of the upgrade, and where it stands.
pub fn header(problems: &Problems, entry: &Entry) -> Option<(Template, Origin)> {
    let lower = entry.key.to_ascii_lowercase();
    if !is_token(&entry.key) {
        problems.tell(entry.key_origin, format!("`{}` is no name of a header", entry.key));
    } else if lower == "sec-websocket-protocol" {
        let help = "name them in `subprotocols` (of a profile: endpoint.subprotocols)";
        problems.tell_help(entry.key_origin, "this header is made from the subprotocols", help);
    } else if OURS.contains(&&*lower) {
        problems.tell(entry.key_origin, format!("the header `{}` is part of the WebSocket handshake", entry.key));
    }
    let (value, at) = reader::template(problems, &entry.node, false)?;
    let broken = |part: &Part| matches!(part, Part::Text(text) if text.chars().any(|c| c.is_control() && c != '\t'));
    if value.parts.iter().any(broken) {
        problems.tell(at, "a header has no line breaks or other control characters");
    }
    Some((value, at))
}

/// A name to offer as a subprotocol.
pub fn subprotocol(problems: &Problems, name: &str, at: Origin) -> Option<String> {
    if !is_token(name) {
        // It may be a token of another kind: some servers take their secrets here.
        problems.tell(at, "no name of a subprotocol: one word without spaces, commas and quotes");
    }
    is_token(name).then(|| name.to_owned())
}

/// A token of HTTP (RFC 9110, section 5.6.2).
fn is_token(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|b| b.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&b))
}

pub(super) fn ask(mut table: Reader<'_>, place: Place, check: &mut Check<'_>) -> Option<Ask> {
    let problems = table.problems;
    table.hints(&[("send", "here it is called `frame`"), ("send_text", "here it is called `frame_text`")]);
    let frame = json_or_text(&mut table, "frame", "frame_text");
    let live_on = if place == Place::Subscribe {
        let at = table.get("live_on").map(|node| node.origin);
        let words = [("sent", LiveOn::Sent), ("ack", LiveOn::Ack), ("data", LiveOn::Data)];
        let live_on = table.choice("live_on", &words).unwrap_or_default();
        if let (LiveOn::Ack, Some(at)) = (live_on, at) {
            check.need(at, Need::Ack);
        }
        live_on
    } else {
        LiveOn::Sent
    };
    if matches!(frame, Given::Nothing) {
        table.missing("`frame`", "what is sent: frame = '{\"type\":\"sub\",\"service\":\"${s.name}\"}', or frame_text");
    }
    table.finish();
    let Given::Good(frame, at) = frame else { return None };
    if frame.parts.is_empty() {
        problems.tell(at, "an empty frame");
    }
    check.template(&frame, at, place);
    let ack = if live_on == LiveOn::Ack { Ack::Route } else { Ack::None };
    Some(Ask { live_on, ack, ..Ask::plain(frame) })
}

/// What became of a template that may be there.
pub(super) enum Given {
    Nothing,
    /// It was told what is wrong with it.
    Bad,
    Good(Template, Origin),
}

/// A template under one of two names: as JSON or as plain text.
pub(super) fn json_or_text(table: &mut Reader<'_>, json: &'static str, text: &'static str) -> Given {
    let nodes = (table.get(json), table.get(text));
    if let (Some(_), Some(second)) = nodes {
        table.problems.tell_help(second.origin, format!("`{json}` and `{text}` are both given"), "keep one of them");
        return Given::Bad;
    }
    let (Some(node), is_json) = (nodes.0.or(nodes.1), nodes.0.is_some()) else { return Given::Nothing };
    match reader::template(table.problems, node, is_json) {
        Some((template, at)) => Given::Good(template, at),
        None => Given::Bad,
    }
}
