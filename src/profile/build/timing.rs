//! When: heartbeats, deadlines and staleness.

use std::time::Duration;

use super::about::is_name;
use super::checks::{Check, Need, Place};
use super::frames::{Given, json_or_text};
use crate::profile::diagnostic::Problems;
use crate::profile::duration;
use crate::profile::reader::{self, Reader, Zero};
use crate::profile::tree::{Node, Value};
use crate::profile::{Beat, BeatMode, Heartbeat, Interval, Life, Stale};

/// How long an interval is until it is captured, where a profile does not say.
const OTHERWISE: Duration = Duration::from_secs(30);

const LIVES: [(&str, Life); 3] = [("any", Life::Any), ("message", Life::Message), ("answer", Life::Answer)];

pub(super) fn heartbeat(mut table: Reader<'_>, check: &mut Check<'_>) -> Option<Heartbeat> {
    let problems = table.problems;
    table.hints(&[
        ("rx_timeout", "the receive deadline is of its own: [receive] timeout = \"60s\""),
        ("interval", "it is called `every`"),
        ("frame", "here it is called `send`"),
        ("frame_text", "here it is called `send_text`"),
    ]);
    let mode = mode(&mut table);
    let otherwise = table.duration("otherwise", Zero::Refused);
    let after = after(&mut table, mode, otherwise, check);
    let send = send(&mut table, mode.is_some());
    let timeout = table.get("timeout").and_then(|node| match node.value.as_text() {
        Some("off") => Some(None),
        _ => interval(problems, node, otherwise, check).map(Some),
    });
    let first_jitter = table.bool("first_jitter").unwrap_or_default();
    let is_ping = matches!(send, Some((Beat::Ping, _)));
    let usual = if is_ping { Life::Any } else { Life::Message };
    let restart_on = table.choice("restart_on", &LIVES).unwrap_or(usual);
    let alive_at = table.get("alive_on").map(|node| node.origin);
    let alive_on = table.choice("alive_on", &LIVES).unwrap_or(usual);
    table.finish();

    let mode = mode?;
    if let (Some(at), None) = (alive_at, &timeout) {
        problems.tell_help(at, "no answer is waited for", "say how long: timeout = \"10s\", or \"off\"");
    }
    let (send, template) = send?;
    if let Some((template, at)) = template {
        check.template(&template, at, Place::Beat);
        if let (Life::Answer, Some(at)) = (alive_on, alive_at) {
            check.need(at, Need::Pong);
        }
    }
    Some(Heartbeat { mode, after: after?, first_jitter, timeout: timeout.flatten(), send, restart_on, alive_on })
}

fn mode(table: &mut Reader<'_>) -> Option<BeatMode> {
    let node = table.get("mode");
    if let Some(node) = node
        && node.value.as_text() == Some("listen")
    {
        let help = "only a receive deadline is meant: [receive] timeout = \"60s\", without a [heartbeat]";
        table.problems.tell_help(node.origin, "unknown mode `listen`", help);
        return None;
    }
    let modes = [
        ("idle", Some(BeatMode::Idle)),
        ("interval", Some(BeatMode::Interval)),
        ("reissue", Some(BeatMode::Reissue)),
        ("off", None),
    ];
    table.choice("mode", &modes).unwrap_or(Some(BeatMode::Idle))
}

fn after(
    table: &mut Reader<'_>,
    mode: Option<BeatMode>,
    otherwise: Option<Duration>,
    check: &mut Check<'_>,
) -> Option<Interval> {
    let problems = table.problems;
    match (table.get("after"), table.get("every")) {
        (Some(_), Some(every)) => {
            problems.tell_help(every.origin, "`after` and `every` are the same", "keep one of them");
            None
        }
        // What is sent again at each answer needs no wait of its own.
        (None, None) if mode == Some(BeatMode::Reissue) => Some(Interval::Fixed(Duration::ZERO)),
        (None, None) => {
            if mode.is_some() {
                table.missing("`after`", "say after how much silence a beat is sent: after = \"30s\"");
            }
            None
        }
        (Some(node), None) | (None, Some(node)) => interval(problems, node, otherwise, check),
    }
}

/// A length of time, or a sum of captured numbers and their unit: `"${v.interval}+${v.grace} ms"`, `"${v.interval}+500 ms"`.
fn interval(problems: &Problems, node: &Node, otherwise: Option<Duration>, check: &mut Check<'_>) -> Option<Interval> {
    let Some(text) = node.value.as_text().filter(|text| text.contains("${")) else {
        return reader::duration_of(problems, node, Zero::Refused).map(Interval::Fixed);
    };
    let Some((names, unit, more)) = sum(text) else {
        let help = "captured numbers and their unit: \"${v.interval} ms\", \"${v.interval}+${v.grace} s\", \
                    \"${v.interval}+500 ms\"; until they are captured it is `otherwise`";
        problems.tell_help(node.origin, format!("`{text}` is no length of time"), help);
        return None;
    };
    for name in &names {
        check.uses(name, node.origin);
    }
    Some(Interval::Captured { names, unit, more, otherwise: otherwise.unwrap_or(OTHERWISE) })
}

/// The names that are added, their unit, and the numbers between them.
fn sum(text: &str) -> Option<(Vec<String>, Duration, Duration)> {
    let text = text.trim();
    let (terms, unit, length) = match text.strip_suffix("ms") {
        Some(terms) => (terms, "ms", Duration::from_millis(1)),
        None => (text.strip_suffix('s')?, "s", Duration::from_secs(1)),
    };
    let (mut names, mut more) = (Vec::new(), Duration::ZERO);
    for term in terms.split('+').map(str::trim) {
        match term.strip_prefix("${v.").and_then(|rest| rest.strip_suffix('}')) {
            Some(name) => names.push(Some(name).filter(|name| is_name(name))?.to_owned()),
            None => more = more.checked_add(duration::parse(&format!("{term}{unit}")).ok()?)?,
        }
    }
    (!names.is_empty()).then_some((names, length, more))
}

type Sent = (Beat, Option<(crate::profile::template::Template, crate::profile::diagnostic::Origin)>);

fn send(table: &mut Reader<'_>, needed: bool) -> Option<Sent> {
    let ping = table.bool("ws_ping").unwrap_or_default();
    let node = table.get("ws_ping");
    match (json_or_text(table, "send", "send_text"), ping, node) {
        (Given::Nothing, true, _) => Some((Beat::Ping, None)),
        (Given::Nothing, false, _) => {
            if needed {
                table.missing("`send`", "say what is sent: send = '{..}', send_text = \"ping\" or ws_ping = true");
            }
            None
        }
        (Given::Good(template, at), false, _) => Some((Beat::Frame(template.clone()), Some((template, at)))),
        (Given::Good(..) | Given::Bad, true, Some(node)) => {
            table.problems.tell_help(node.origin, "a frame and a WebSocket ping are both given", "keep one of them");
            None
        }
        (Given::Good(..) | Given::Bad, _, _) => None,
    }
}

pub(super) fn receive(mut table: Reader<'_>, check: &mut Check<'_>) -> Option<Interval> {
    let problems = table.problems;
    let otherwise = table.duration("otherwise", Zero::Refused);
    let Some(node) = table.get("timeout") else {
        table.missing("`timeout`", "say how long the link may be silent: timeout = \"60s\", or \"off\"");
        table.finish();
        return None;
    };
    table.finish();
    if node.value.as_text() == Some("off") { None } else { interval(problems, node, otherwise, check) }
}

pub(super) fn stale(mut table: Reader<'_>) -> Option<Stale> {
    let problems = table.problems;
    let after = table.get("after");
    if after.is_none() {
        table.missing(
            "`after`",
            "say after how much silence a service is stale: after = \"60s\", \"learned\" or \"off\"",
        );
    }
    table.finish();
    stale_value(problems, after?)
}

/// `"off"`, `"learned"` or a duration.
pub fn stale_value(problems: &Problems, node: &Node) -> Option<Stale> {
    if let Value::Text(text) = &node.value {
        match &**text {
            "off" => return Some(Stale::Off),
            "learned" => return Some(Stale::Learned),
            word if word.starts_with(|c: char| c.is_ascii_alphabetic()) => {
                return reader::choice(problems, node, "word", &[("off", Stale::Off), ("learned", Stale::Learned)]);
            }
            _ => {}
        }
    }
    reader::duration_of(problems, node, Zero::Refused).map(Stale::After)
}
