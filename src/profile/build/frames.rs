//! What is dialled, and frames as they are written.

use super::about::run;
use super::checks::{Check, Maker, Place};
use crate::profile::Endpoint;
use crate::profile::diagnostic::{Origin, Problems};
use crate::profile::reader::{self, Reader};
use crate::profile::template::{Part, Template};
use crate::profile::tree::Entry;

/// Headers of the upgrade that belong to the WebSocket itself (RFC 6455, section 4.1).
const OURS: [&str; 6] =
    ["connection", "upgrade", "sec-websocket-key", "sec-websocket-version", "sec-websocket-accept", EXTENSIONS];
const EXTENSIONS: &str = "sec-websocket-extensions";

pub(super) fn endpoint(mut table: Reader<'_>, check: &mut Check<'_>) -> Endpoint {
    let problems = table.problems;
    table.hints(&[("header", "it is called `headers`"), ("subprotocol", "it is called `subprotocols`, a list")]);
    let run = run(&mut table, Place::BeforeDial, check);
    if run.is_some() {
        check.runs(Maker::Dial);
    }
    let mut address = |key, place| {
        let (url, at) = table.template(key, false)?;
        check_url(problems, &url, at);
        check.template(&url, at, place);
        Some(url)
    };
    let url = address("url", Place::Endpoint);
    let resume_url = address("resume_url", Place::ResumeUrl);
    let headers = table.table("headers").map(|table| headers(&table, check)).unwrap_or_default();
    let subprotocols = table.texts("subprotocols").unwrap_or_default();
    let subprotocols = subprotocols.into_iter().filter_map(|(name, at)| subprotocol(problems, name, at)).collect();
    let withhold = table.texts("withhold").unwrap_or_default();
    for (name, at) in &withhold {
        if name.eq_ignore_ascii_case(EXTENSIONS) {
            let help = "compression = false leaves it out";
            problems.tell_help(*at, format!("`{name}` is no header that may be left out"), help);
        } else if !is_token(name) || OURS.contains(&&*name.to_ascii_lowercase()) {
            problems.tell_help(
                *at,
                format!("`{name}` is no header that may be left out"),
                "for example: withhold = [\"Origin\"]",
            );
        }
    }
    let plain = !table.bool("compression").unwrap_or(true);
    table.finish();
    let withhold = withhold.into_iter().map(|(name, _)| name.to_owned()).collect();
    Endpoint { url, resume_url, headers, withhold, subprotocols, plain, run }
}

/// Tells what is wrong with an address that is known before its placeholders are filled in. It may hold secrets, so it
/// is not repeated.
pub fn check_url(problems: &Problems, url: &Template, at: Origin) {
    // A placeholder may bring the scheme; then it is looked at when it is known.
    if let Some(Part::Text(start)) = url.parts.first() {
        let known = ["ws://", "wss://", "http://", "https://", "ws+unix:"];
        let whole = url.parts.len() == 1 || start.contains("://") || start.starts_with("ws+unix:");
        let more = url.parts.len() > 1;
        let begins = |scheme: &&str| start.strip_prefix(*scheme).is_some_and(|rest| !rest.is_empty() || more);
        if whole && !known.iter().any(begins) {
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
    if let Some(words) = node.value.as_text().filter(|words| is_json && is_words(words)) {
        let help = format!("`{json}` is JSON, as it stands in a frame; text that is none is `{text}`");
        table.problems.tell_help(node.origin, format!("`{}` is not JSON", cut(words)), help);
        return Given::Bad;
    }
    match reader::template(table.problems, node, is_json) {
        Some((template, at)) if is_json => Given::Good(template, at),
        Some((template, at)) => Given::Good(template.with_json_inside(), at),
        None => Given::Bad,
    }
}

/// It does not even begin like JSON.
fn is_words(text: &str) -> bool {
    let begins = text.trim_start().starts_with(['{', '[', '"', '$']);
    !begins && Template::parse(text, true).is_err()
}

fn cut(text: &str) -> &str {
    text.char_indices().nth(40).map_or(text, |(end, _)| &text[..end])
}
