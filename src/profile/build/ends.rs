//! What ends mean, the wait before a dial, and bounds.

use super::rules;
use crate::profile::diagnostic::Problems;
use crate::profile::duration;
use crate::profile::reader::{self, Reader, Zero};
use crate::profile::tree::{Node, Value};
use crate::profile::{CloseRule, Ends, Limits, Rate, Reconnect};

pub(super) fn reconnect(mut table: Reader<'_>) -> Reconnect {
    let usual = Reconnect::default();
    let base = table.duration("base", Zero::Refused).unwrap_or(usual.base);
    let factor = table.number("factor", 1.0, 100.0).unwrap_or(usual.factor);
    let max = table.duration("max", Zero::Refused);
    let jitter = table.number("jitter", 0.0, 1.0).unwrap_or(usual.jitter);
    let reset_after = table.duration("reset_after", Zero::Allowed).unwrap_or(usual.reset_after);
    let steps = table.get("steps").map(|node| {
        let steps =
            reader::items(node).iter().filter_map(|node| reader::duration_of(table.problems, node, Zero::Allowed));
        steps.collect::<Vec<_>>()
    });
    if let (Some(_), Some(node)) = (&steps, table.get("base")) {
        let help = "waits one by one, or a first one that grows: keep one of them";
        table.problems.tell_help(node.origin, "`base` and `steps` are both given", help);
    }
    if let (Some(max), Some(node)) = (max, table.get("max"))
        && max < base
    {
        let help = format!("the first wait is {base:?} already (`base`)");
        table.problems.tell_help(node.origin, "the longest wait is shorter than the first", help);
    }
    table.finish();
    // Who names a long first wait and no longest one means at least the first.
    Reconnect {
        base,
        factor,
        max: max.unwrap_or(usual.max.max(base)),
        jitter,
        steps: steps.unwrap_or_default(),
        reset_after,
    }
}

/// Codes of a close, or statuses of an answer, and how they are written.
struct Numbers {
    key: &'static str,
    first: u16,
    last: u16,
    wrong: &'static str,
    help: &'static str,
}

const CODES: Numbers = Numbers {
    key: "codes",
    first: 1000,
    last: 4999,
    wrong: "these are no close codes",
    help: "a close code is 1000 to 4999, some are \"4000-4099\", all are \"*\"",
};

const STATUSES: Numbers = Numbers {
    key: "status",
    first: 300,
    last: 599,
    wrong: "these are no statuses of a refusal",
    help: "a status of HTTP is 300 to 599, some are \"400-499\", all are \"*\"",
};

pub(super) fn close(mut table: Reader<'_>) -> Ends {
    let dead_code = table.get("dead_code").and_then(|node| dead_code(table.problems, node));
    let codes = table.tables("rule").into_iter().filter_map(|table| end(table, &CODES)).collect();
    let statuses = table.tables("http").into_iter().filter_map(|table| end(table, &STATUSES)).collect();
    table.finish();
    Ends { dead_code, codes, statuses }
}

/// What may be sent in a close frame (RFC 6455, section 7.4).
fn dead_code(problems: &Problems, node: &Node) -> Option<u16> {
    let code = node.value.as_integer().and_then(|code| u16::try_from(code).ok());
    let fits = code.filter(|code| matches!(code, 1000 | 1001 | 3000..=4999));
    if fits.is_none() {
        let help = "a client may say 1000, 1001 or 3000 to 4999";
        problems.tell_help(node.origin, "this is no code to close a link with", help);
    }
    fits
}

fn end(mut table: Reader<'_>, numbers: &Numbers) -> Option<CloseRule> {
    let problems = table.problems;
    let codes = table.get(numbers.key);
    if codes.is_none() {
        table.missing(&format!("`{}`", numbers.key), numbers.help);
    }
    let action = rules::action(&mut table);
    if table.get("action").is_none() {
        table.missing("`action`", "say what such an end means: \"retry\", \"stop\", \"backoff\", \"restart\" ..");
    }
    table.finish();
    let codes = reader::items(codes?).iter().filter_map(|node| range(problems, node, numbers)).collect();
    Some(CloseRule { codes, action: action? })
}

/// One number, or the first and the last of some.
fn range(problems: &Problems, node: &Node, numbers: &Numbers) -> Option<(u16, u16)> {
    let range = match &node.value {
        Value::Integer(code) => u16::try_from(*code).ok().map(|code| (code, code)),
        Value::Text(text) if text == "*" => return Some((0, u16::MAX)),
        Value::Text(text) => {
            let (first, last) = text.split_once('-').unwrap_or((text, text));
            first.trim().parse().ok().zip(last.trim().parse().ok())
        }
        Value::Float(..) | Value::Bool(_) | Value::Date(_) | Value::List(_) | Value::Table(_) => None,
    };
    let fits = range.filter(|(first, last)| *first >= numbers.first && *last <= numbers.last && first <= last);
    if fits.is_none() {
        problems.tell_help(node.origin, numbers.wrong, numbers.help);
    }
    fits
}

pub(super) fn limits(mut table: Reader<'_>) -> Limits {
    let problems = table.problems;
    table.hints(&[("subscriptions", "it is called `subs_per_connection`")]);
    let usual = Limits::default();
    let size = |value: u64| usize::try_from(value).ok();
    let message = table.get("message").and_then(|node| bytes(problems, node, 1 << 10)).and_then(size);
    // A frame numbers its rows, and a feed its services, with 16 bits.
    let rows = table.integer("rows", 1, u64::from(u16::MAX)).and_then(size);
    let services = table.integer("services", 1, u64::from(u16::MAX)).and_then(size);
    let mut rate_of = |key| table.get(key).and_then(|node| rate(problems, node));
    let (send, connect) = (rate_of("send"), rate_of("connect"));
    let send_counts_ping = table.bool("send_counts_ping").unwrap_or_default();
    let subscriptions = table.integer("subs_per_connection", 1, u64::from(u16::MAX)).and_then(size);
    let send_bytes = table.get("send_bytes").and_then(|node| bytes(problems, node, 64)).and_then(size);
    let lifetime = table.duration_or_off("lifetime").flatten();
    let margin = table.duration("lifetime_margin", Zero::Allowed);
    // Who names a short life and no margin means a share of it.
    let usual_margin = lifetime.map_or(usual.lifetime_margin, |lifetime| usual.lifetime_margin.min(lifetime / 4));
    if let (Some(lifetime), Some(margin), Some(node)) = (lifetime, margin, table.get("lifetime_margin"))
        && margin >= lifetime
    {
        let help = format!("a link lives {lifetime:?} (`lifetime`), and is replaced so long before its end");
        problems.tell_help(node.origin, "the margin is as long as the life", help);
    }
    if let (Some(node), None) = (table.get("send_counts_ping"), send) {
        problems.tell_help(node.origin, "nothing is counted", "say what may be sent: send = \"5/1s\"");
    }
    table.finish();
    Limits {
        message: message.unwrap_or(usual.message),
        rows: rows.unwrap_or(usual.rows),
        services: services.unwrap_or(usual.services),
        send,
        send_counts_ping,
        connect,
        subscriptions,
        send_bytes,
        lifetime,
        lifetime_margin: margin.unwrap_or(usual_margin),
    }
}

/// So many in so long, as in `"5/1s"`.
fn rate(problems: &Problems, node: &Node) -> Option<Rate> {
    let text = reader::text(problems, node)?;
    let parts = text.split_once('/').map(|(count, per)| (count.trim().parse(), duration::parse(per.trim())));
    match parts {
        Some((Ok(count @ 1..), Ok(per))) if !per.is_zero() => Some(Rate { count, per }),
        Some(_) | None => {
            let help = "so many in so long: \"5/1s\", \"300/5m\"";
            problems.tell_help(node.origin, format!("`{text}` is no rate"), help);
            None
        }
    }
}

/// A size in bytes: a number, or with a unit as in `"64 KiB"`.
fn bytes(problems: &Problems, node: &Node, least: u64) -> Option<u64> {
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
    let fits = size.filter(|size| (least..=1 << 30).contains(size));
    if fits.is_none() {
        problems.tell_help(
            node.origin,
            "this is no size of a message",
            format!("{least} bytes to 1 GiB: \"16 MiB\", or in bytes 16777216"),
        );
    }
    fits
}
