//! When: heartbeats, deadlines, staleness, backoff, close codes and bounds.

use std::time::Duration;

use super::checks::{Check, Need, Place};
use super::frames::{Given, json_or_text};
use crate::profile::diagnostic::Problems;
use crate::profile::reader::{self, Reader, Zero};
use crate::profile::tree::{Node, Value};
use crate::profile::{Action, Beat, BeatMode, CloseRule, Ends, Heartbeat, Interval, Life, Limits, Reconnect, Stale};

const LIVES: [(&str, Life); 3] = [("any", Life::Any), ("message", Life::Message), ("answer", Life::Answer)];

pub(super) fn heartbeat(mut table: Reader<'_>, check: &mut Check<'_>) -> Option<Heartbeat> {
    let problems = table.problems;
    table.hints(&[
        ("rx_timeout", "the receive deadline is of its own: [receive] timeout = \"60s\""),
        ("interval", "it is called `every`"),
        ("frame", "here it is called `send`"),
        ("frame_text", "here it is called `send_text`"),
    ]);
    let modes = [("idle", Some(BeatMode::Idle)), ("interval", Some(BeatMode::Interval)), ("off", None)];
    let mode = table.choice("mode", &modes).unwrap_or(Some(BeatMode::Idle));
    let after = after(&mut table, mode.is_some());
    let send = send(&mut table, mode.is_some());
    let timeout = table.duration_or_off("timeout");
    let is_ping = matches!(send, Some((Beat::Ping, _)));
    let usual = if is_ping { Life::Any } else { Life::Message };
    let restart_on = table.choice("restart_on", &LIVES).unwrap_or(usual);
    let alive_at = table.get("alive_on").map(|node| node.origin);
    let alive_on = table.choice("alive_on", &LIVES).unwrap_or(usual);
    table.finish();

    let mode = mode?;
    if let (Some(at), None) = (alive_at, timeout) {
        problems.tell_help(at, "no answer is waited for", "say how long: timeout = \"10s\", or \"off\"");
    }
    let (send, template) = send?;
    if let Some((template, at)) = template {
        check.template(&template, at, Place::Beat);
        if let (Life::Answer, Some(at)) = (alive_on, alive_at) {
            check.need(at, Need::Pong);
        }
    }
    Some(Heartbeat {
        mode,
        after: Interval::Fixed(after?),
        first_jitter: false,
        timeout: timeout.flatten().map(Interval::Fixed),
        send,
        restart_on,
        alive_on,
    })
}

fn after(table: &mut Reader<'_>, needed: bool) -> Option<Duration> {
    let after = table.duration("after", Zero::Refused);
    let every = table.duration("every", Zero::Refused);
    let nodes = (table.get("after"), table.get("every"));
    match nodes {
        (Some(_), Some(every)) => {
            table.problems.tell_help(every.origin, "`after` and `every` are the same", "keep one of them");
            None
        }
        (None, None) => {
            if needed {
                table.missing("`after`", "say after how much silence a beat is sent: after = \"30s\"");
            }
            None
        }
        (Some(_), None) | (None, Some(_)) => after.or(every),
    }
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

pub(super) fn receive(mut table: Reader<'_>) -> Option<Interval> {
    let timeout = table.duration_or_off("timeout");
    if table.get("timeout").is_none() {
        table.missing("`timeout`", "say how long the link may be silent: timeout = \"60s\", or \"off\"");
    }
    table.finish();
    timeout.flatten().map(Interval::Fixed)
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
pub(super) fn stale_value(problems: &Problems, node: &Node) -> Option<Stale> {
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

pub(super) fn reconnect(mut table: Reader<'_>) -> Reconnect {
    let usual = Reconnect::default();
    let base = table.duration("base", Zero::Refused).unwrap_or(usual.base);
    let factor = table.number("factor", 1.0, 100.0).unwrap_or(usual.factor);
    let max = table.duration("max", Zero::Refused);
    let jitter = table.number("jitter", 0.0, 1.0).unwrap_or(usual.jitter);
    let reset_after = table.duration("reset_after", Zero::Allowed).unwrap_or(usual.reset_after);
    if let (Some(max), Some(node)) = (max, table.get("max"))
        && max < base
    {
        let help = format!("the first wait is {base:?} already (`base`)");
        table.problems.tell_help(node.origin, "the longest wait is shorter than the first", help);
    }
    table.finish();
    // Who names a long first wait and no longest one means at least the first.
    Reconnect { base, factor, max: max.unwrap_or(usual.max.max(base)), jitter, reset_after, ..usual }
}

pub(super) fn close(mut table: Reader<'_>) -> Ends {
    let codes = table.tables("rule").into_iter().filter_map(close_rule).collect();
    table.finish();
    Ends { codes, ..Ends::default() }
}

fn close_rule(mut table: Reader<'_>) -> Option<CloseRule> {
    let problems = table.problems;
    let codes = table.get("codes");
    if codes.is_none() {
        table.missing("`codes`", "name close codes: codes = [1008, \"4000-4099\"], or \"*\" for all");
    }
    let actions = [("retry", Action::Retry), ("stop", Action::Stop)];
    let action = table.choice("action", &actions);
    if table.get("action").is_none() {
        table.missing("`action`", "say what such a close means: \"retry\" or \"stop\"");
    }
    table.finish();
    let codes = reader::items(codes?).iter().filter_map(|node| close_codes(problems, node)).collect();
    Some(CloseRule { codes, action: action? })
}

/// One code, or the first and the last of some.
fn close_codes(problems: &Problems, node: &Node) -> Option<(u16, u16)> {
    let range = match &node.value {
        Value::Integer(code) => u16::try_from(*code).ok().map(|code| (code, code)),
        Value::Text(text) if text == "*" => return Some((0, u16::MAX)),
        Value::Text(text) => {
            let (first, last) = text.split_once('-').unwrap_or((text, text));
            first.trim().parse().ok().zip(last.trim().parse().ok())
        }
        Value::Float(..) | Value::Bool(_) | Value::Date(_) | Value::List(_) | Value::Table(_) => None,
    };
    match range {
        Some((first, last)) if first >= 1000 && last <= 4999 && first <= last => range,
        Some(_) | None => {
            let help = "a close code is 1000 to 4999, some are \"4000-4099\", all are \"*\"";
            problems.tell_help(node.origin, "these are no close codes", help);
            None
        }
    }
}

pub(super) fn limits(mut table: Reader<'_>) -> Limits {
    let problems = table.problems;
    let usual = Limits::default();
    let size = |value: Option<u64>, usual: usize| value.and_then(|value| usize::try_from(value).ok()).unwrap_or(usual);
    let message = table.get("message").and_then(|node| bytes(problems, node));
    // A frame numbers its rows, and a feed its services, with 16 bits.
    let rows = table.integer("rows", 1, u64::from(u16::MAX));
    let services = table.integer("services", 1, u64::from(u16::MAX));
    table.finish();
    Limits {
        message: size(message, usual.message),
        rows: size(rows, usual.rows),
        services: size(services, usual.services),
        ..usual
    }
}

/// A size in bytes: a number, or with a unit as in `"64 KiB"`.
fn bytes(problems: &Problems, node: &Node) -> Option<u64> {
    let size = match &node.value {
        Value::Integer(size) => u64::try_from(*size).ok(),
        Value::Text(text) => {
            let (number, unit) = text.split_at(text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len()));
            let unit: Option<u64> = match unit.trim() {
                "" | "B" => Some(1),
                "KiB" => Some(1 << 10),
                "MiB" => Some(1 << 20),
                "GiB" => Some(1 << 30),
                _ => None,
            };
            number.parse::<u64>().ok().zip(unit).and_then(|(number, unit)| number.checked_mul(unit))
        }
        Value::Float(..) | Value::Bool(_) | Value::Date(_) | Value::List(_) | Value::Table(_) => None,
    };
    let fits = size.filter(|size| (1 << 10..=1 << 30).contains(size));
    if fits.is_none() {
        problems.tell_help(
            node.origin,
            "this is no size of a message",
            "1 KiB to 1 GiB: \"16 MiB\", or in bytes 16777216",
        );
    }
    fits
}
