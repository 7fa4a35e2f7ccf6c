//! The guesses written down as a profile, each with what it rests on.

pub(super) mod rules;
mod tests_of;

use std::collections::BTreeSet;

use super::super::writing::{key, quote};
use super::Options;
use super::asking::{hints, login, named_captures, sending, steps, subscribe, unsubscribe};
use super::document::Scalar;
use super::echo::Routing;
use super::read::{Conn, Form};
use super::said::{Asked, Hints, asked, frame};
use super::sheet::{Block, Sheet};
use super::study::Study;
use super::talk::{Role, seconds};
use crate::profile::bundled;
use crate::profile::template::Template;

/// Headers of a request that a client makes by itself.
const USUAL: &[&str] = &[
    "host",
    "connection",
    "upgrade",
    "pragma",
    "cache-control",
    "user-agent",
    "accept",
    "accept-encoding",
    "accept-language",
    "content-length",
    "dnt",
    "priority",
    "te",
];

/// What is known of a connection and needed in several places.
#[derive(Debug)]
pub(super) struct Known {
    pub(super) asked: Asked,
    /// Values that came and were said again: message, place, value, name.
    pub(super) captures: Vec<(usize, String, String, String)>,
    pub(super) steps: Vec<Step>,
}

/// A step of the login: what was sent, and what came then.
#[derive(Clone, Copy, Debug)]
pub(super) struct Step {
    pub(super) sent: Option<usize>,
    pub(super) came: Option<usize>,
}

pub(super) fn write(study: &mut Study<'_>, options: &Options<'_>, others: &[String]) -> Sheet {
    let conn = study.conn;
    let url = conn.url.as_deref().map(|url| study.secrets.address(url));
    let headers: Vec<(String, Template)> = conn
        .headers
        .iter()
        .filter(|(name, _)| {
            let lower = name.to_ascii_lowercase();
            !lower.starts_with([':']) && !lower.starts_with("sec-") && !USUAL.contains(&&*lower)
        })
        .map(|(name, value)| (name.clone(), study.secrets.header(name, value)))
        .collect();
    let steps = steps(study);
    let captures = named_captures(study, &steps);
    let values: Vec<_> = captures.iter().map(|(_, _, value, name)| (value.clone(), name.clone())).collect();
    let known = Known { asked: asked(study, &values), captures, steps };

    let mut body = Sheet::default();
    endpoint(study, url.as_ref(), &headers, &mut body);
    codec(study, &mut body);
    if study.cutting.format.is_none() {
        login(study, &known, &mut body);
        subscribe(study, &known, &mut body);
        unsubscribe(study, &known, &mut body);
        route(study, &known, &mut body);
        rules::write(study, &known, &mut body);
        heartbeat(study, &known, &mut body);
        numbers(study, &mut body);
    }
    ends(conn, &mut body);
    if study.cutting.format.is_none() {
        services(&known, &mut body);
        tests_of::write(study, &known, &mut body);
    }
    let mut sheet = Sheet::default();
    head(study, options, others, &body, sheet.block());
    sheet.blocks.append(&mut body.blocks);
    sheet
}

fn head(study: &Study<'_>, options: &Options<'_>, others: &[String], body: &Sheet, block: &mut Block) {
    let conn = study.conn;
    let from = if options.from == "-" { "standard input" } else { options.from };
    let file = from.rsplit(['/', '\\']).next().unwrap_or(from);
    let told =
        |out: bool| conn.frames.iter().filter(|f| f.out == out && matches!(f.form, Form::Text | Form::Binary)).count();
    let (first, last) = (conn.frames.first().map_or(0, |f| f.at), conn.frames.last().map_or(0, |f| f.at));
    block.remark(&format!(
        "Drafted from {file}, connection {}: {} frames received and {} sent in {}.",
        conn.name,
        told(false),
        told(true),
        seconds(last.saturating_sub(first))
    ));
    block.remark("Each guess says what it rests on; what is uncertain is commented out. Read it, then: wirebeat profile check FILE");
    if conn.skipped > 0 {
        block
            .remark(&format!("{} frames were not looked at: there are too many, or they are too large.", conn.skipped));
    }
    if conn.rows {
        block.remark("It was drafted from what another profile had cut out of frames: lists in a frame, prefixes and separators are not seen in that.");
    }
    if !others.is_empty() {
        let shown: Vec<_> = others.iter().take(8).cloned().collect();
        block.remark(&format!("Other connections in the file (--conn NAME): {}", shown.join(", ")));
    }
    if let Some(name) = spoken(study) {
        block.remark(&format!(
            "The bundled profile {name} speaks this protocol: try it first, or extend it (extends = \"{name}\")."
        ));
    }
    let variables: BTreeSet<String> = study.secrets.variables().into_iter().collect();
    let used: Vec<String> = variables
        .into_iter()
        .filter(|name| body.blocks.iter().any(|block| block.text.contains(&format!("${{env.{name}}}"))))
        .collect();
    if !used.is_empty() {
        block.remark(&format!("Secrets are taken from the environment: set {} before you use it.", used.join(", ")));
    }
    let host = conn.url.as_deref().and_then(|url| url.split_once("://")).map_or("", |(_, rest)| rest);
    let host = host.split(['/', '?']).next().unwrap_or_default().rsplit('@').next().unwrap_or_default();
    let name = options.name.map_or_else(|| plain_name(host), str::to_owned);
    let title =
        if host.is_empty() { format!("Drafted from {file}") } else { format!("Drafted from a session with {host}") };
    block.line("schema = 1").line(format!("name = {}", quote(&name))).line(format!("title = {}", quote(&title)));
    if !used.is_empty() {
        let list: Vec<_> = used.iter().map(|name| quote(name)).collect();
        block.line(format!("env = [{}]", list.join(", ")));
    }
}

fn plain_name(host: &str) -> String {
    let name: String =
        host.chars().map(|c| if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { '-' }).collect();
    let name = name.trim_matches('-').to_owned();
    if name.is_empty() { "draft".to_owned() } else { name }
}

/// The bundled profile for a protocol that gives itself away.
fn spoken(study: &Study<'_>) -> Option<&'static str> {
    let protocol = study.conn.subprotocol.as_deref().unwrap_or_default();
    let url = study.conn.url.as_deref().unwrap_or_default();
    let format = study.cutting.format.as_ref().map_or("", |(format, _)| format);
    let signs = [
        ("graphql-transport-ws", protocol == "graphql-transport-ws"),
        ("action-cable", protocol.starts_with("actioncable")),
        ("ocpp-1.6", protocol == "ocpp1.6"),
        ("wamp", protocol.starts_with("wamp.2")),
        ("socketio", url.contains("EIO=4")),
        ("mqtt", format == "mqtt"),
        ("nats", format == "nats"),
        ("stomp", format == "stomp"),
        ("irc", format == "irc"),
    ];
    signs.into_iter().filter(|(_, is)| *is).find_map(|(name, _)| {
        bundled::names().find(|known| {
            let plain = |name: &str| name.replace(['-', '.', '_'], "");
            plain(known).starts_with(&plain(name))
        })
    })
}

fn endpoint(study: &Study<'_>, url: Option<&Template>, headers: &[(String, Template)], sheet: &mut Sheet) {
    let block = sheet.block();
    block.line("[endpoint]");
    match url {
        Some(url) => block.line(format!("url = {}", quote(&url.to_string()))),
        None => block.remark("The address is not in the file: url = \"wss://..\""),
    };
    if let Some(protocol) = &study.conn.subprotocol {
        block.line(format!("subprotocols = [{}]", quote(protocol)));
    } else if !study.conn.offered.is_empty() {
        block.remark(&format!("{} was offered, and the server took none.", study.conn.offered.join(", ")));
    }
    for (name, value) in headers {
        let line = format!("headers.{} = {}", key(name), quote(&value.to_string()));
        if name.eq_ignore_ascii_case("origin") {
            block.remark("A browser says where its page is from; some servers want to hear it:");
            block.remark(&line);
        } else {
            block.line(line);
        }
    }
}

fn codec(study: &Study<'_>, sheet: &mut Sheet) {
    let cutting = &study.cutting;
    let mut lines = Block::default();
    let mut say = |line: String, evidence: &str| {
        lines.remark(evidence).line(line);
    };
    if let Some((name, evidence)) = &cutting.decompress {
        say(format!("decompress = {}", quote(name)), evidence);
    }
    if let Some((name, evidence)) = &cutting.format {
        say(format!("format = {}", quote(name)), evidence);
    }
    if let Some((pattern, evidence)) = &cutting.prefix {
        say(format!("prefix = {}", quote(pattern)), evidence);
    }
    if let Some((separator, evidence)) = &cutting.split {
        say(format!("split = {}", quote(separator)), evidence);
    }
    if let Some((suffix, evidence)) = &cutting.suffix {
        say(format!("tx_suffix = {}", quote(suffix)), evidence);
    }
    if let Some(evidence) = &cutting.batch {
        say("batch = true".to_owned(), evidence);
    }
    if !study.nested.is_empty() {
        let places: Vec<_> = study.nested.iter().map(|(place, _)| quote(place)).collect();
        let evidence: Vec<_> = study.nested.iter().map(|(_, evidence)| evidence.as_str()).collect();
        say(format!("nested = [{}]", places.join(", ")), &evidence.join("; "));
    }
    match study.routed.as_ref().map(|routed| (&routed.routing, &routed.evidence)) {
        Some((Routing::Members { at, .. }, evidence)) => {
            say("members = true".to_owned(), evidence);
            if !at.is_empty() {
                lines.line(format!("each = {}", quote(at)));
            }
        }
        Some((Routing::Values { each: Some(list), .. }, _)) => {
            say(format!("each = {}", quote(list)), "each item of this list names its service");
        }
        Some(_) | None => {}
    }
    let opaque = cutting.opaque;
    if !lines.text.is_empty() {
        let block = sheet.block();
        block.line("[codec]");
        block.text.push_str(&lines.text);
    }
    if opaque > 0 {
        sheet.block().remark(&format!(
            "{opaque} binary frames hold neither text nor a known compression; they are shown as bytes."
        ));
    }
}

fn route(study: &Study<'_>, known: &Known, sheet: &mut Sheet) {
    let Some(routed) = &study.routed else {
        sheet.block().remark("How messages name their services was not found out: [route] message = \"${/..}\"");
        return;
    };
    let block = sheet.block();
    block.line("[route]").remark(&routed.evidence);
    let place =
        |place: &str, list: Option<&String>| match list.and_then(|list| place.strip_prefix(&format!("{list}/*"))) {
            Some(rest) => format!("${{@{rest}}}"),
            None => format!("${{{place}}}"),
        };
    let message = match &routed.routing {
        Routing::Members { .. } => "${@key}".to_owned(),
        Routing::Values { pairs, each } => {
            let places: Vec<_> = pairs.iter().map(|(_, heard)| place(heard, each.as_ref())).collect();
            places.join(":")
        }
        Routing::Id { heard, .. } => {
            block.line("via = \"id\"");
            format!("${{{heard}}}")
        }
        Routing::Sid { heard, .. } => {
            block.line("via = \"sid\"");
            format!("${{{heard}}}")
        }
        Routing::Seen { heard } => format!("${{{heard}}}"),
    };
    block.line(format!("message = {}", quote(&message)));
    if let Some(key) = &known.asked.key {
        block.line(format!("service = {}", quote(&key.to_string())));
    }
}

fn heartbeat(study: &Study<'_>, known: &Known, sheet: &mut Sheet) {
    let beats = study.said.iter().zip(&study.roles).filter_map(|(group, role)| match role {
        Role::Beat(beat) => Some((group, beat)),
        Role::Answer { .. } | Role::Ask | Role::Leave | Role::Login | Role::Other => None,
    });
    let mut beats: Vec<_> = beats.collect();
    beats.sort_by_key(|(_, beat)| std::cmp::Reverse(beat.count));
    let many = beats.len() > 1;
    for (n, (group, beat)) in beats.into_iter().enumerate() {
        let Some(first) = group.members.first() else { continue };
        let (template, json) = frame(study, *first, &Hints { names: Vec::new(), ..hints(study, known) });
        let block = sheet.block();
        block.line(if many { "[[heartbeat]]" } else { "[heartbeat]" }).remark(&beat.evidence);
        block.line(format!("mode = {}", quote(if beat.idle { "idle" } else { "interval" })));
        block.line(format!("{} = {}", if beat.idle { "after" } else { "every" }, quote(&seconds(beat.after))));
        block.line(sending("send", &template, json));
        if let Some((_, count, longest)) = beat.answer {
            block.remark(&format!("answered {count} times, within {}; how long to wait is a guess", seconds(longest)));
            let timeout = (longest * 5).clamp(10_000_000, 60_000_000);
            block.line(format!("timeout = {}", quote(&seconds(timeout / 1_000_000 * 1_000_000))));
        } else {
            block.remark("no answer of its own was seen; any message counts as one, and how long to wait is a guess");
            block.line("timeout = \"10s\"");
        }
        if n > 0 {
            block.doubt("Another message that was repeated:");
        }
    }
    let told = study.roles.iter().any(|role| matches!(role, Role::Beat(_)));
    let pings = study.conn.frames.iter().filter(|frame| frame.out && frame.form == Form::Ping).count();
    let server = study.conn.frames.iter().filter(|frame| !frame.out && frame.form == Form::Ping).count();
    if server > 0 {
        sheet.block().remark(&format!("The server sent {server} WebSocket pings; they are answered by themselves."));
    }
    if !told {
        let block = sheet.block();
        block.line("[heartbeat]");
        if pings > 0 {
            block
                .remark(&format!("a WebSocket ping was sent {}; when the next is due is a guess", rules::times(pings)));
        } else {
            block.remark("none was seen; every server answers a WebSocket ping (RFC 6455, section 5.5.2)");
        }
        block.line("mode = \"idle\"").line("after = \"25s\"").line("ws_ping = true").line("timeout = \"10s\"");
    }
}

fn numbers(study: &Study<'_>, sheet: &mut Sheet) {
    if let Some(counted) = &study.counted {
        let block = sheet.block();
        block.line("[[sequence]]").remark(&counted.evidence);
        block.line(format!("at = {}", quote(&counted.at))).line("rule = \"increment\"");
        if counted.step > 1 {
            block.line(format!("step = {}", counted.step));
        }
        if counted.link {
            block.line("scope = \"link\"");
        }
        if !counted.named {
            block.doubt("A number that grows evenly, though nothing calls it one:");
        }
    }
    if let Some(timed) = &study.timed {
        let block = sheet.block();
        let places: Vec<_> = timed.at.iter().map(|place| quote(place)).collect();
        let at = if let [one] = places.as_slice() { one.clone() } else { format!("[{}]", places.join(", ")) };
        block
            .line("[time]")
            .remark(&timed.evidence)
            .line(format!("at = {at}"))
            .line(format!("unit = {}", quote(timed.unit)));
    }
}

fn ends(conn: &Conn, sheet: &mut Sheet) {
    let Some((ours, code, reason)) = &conn.closed else { return };
    let who = if *ours { "We" } else { "The server" };
    let reason = if reason.is_empty() { String::new() } else { format!(" ({reason})") };
    let block = sheet.block();
    if *code == 1006 {
        block.remark("It ended without a close frame.");
    } else if *ours || !(3000..5000).contains(code) {
        block.remark(&format!("{who} ended it with code {code}{reason}."));
    } else {
        block.line("[[close.rule]]").line(format!("codes = [{code}]")).line("action = \"stop\"");
        block.doubt(&format!("The server ended it with code {code}{reason}. If there is no use in trying again:"));
    }
}

fn services(known: &Known, sheet: &mut Sheet) {
    for service in &known.asked.services {
        let block = sheet.block();
        block.line(format!("[service.{}]", key(&service.name)));
        for (param, value) in &service.params {
            let value = match value {
                Scalar::Text(text) => quote(text),
                Scalar::Number(digits) => digits.clone(),
                Scalar::Bool(bool) => bool.to_string(),
                // There is none in TOML.
                Scalar::Null => continue,
            };
            block.line(format!("{} = {value}", key(param)));
        }
    }
}
