//! Frames with the rows that they must give.

use std::collections::BTreeMap;

use data_encoding::BASE64;

use super::rules::kind;
use crate::profile::diagnostic::Problems;
use crate::profile::reader::{self, Reader};
use crate::profile::tree::{Node, Value};
use crate::profile::{Golden, GoldenRow};

pub(super) fn golden(mut table: Reader<'_>) -> Option<Golden> {
    let problems = table.problems;
    let line = problems.line_of(table.origin);
    let (text, bytes) = (table.get("frame"), table.get("frame_base64"));
    let rows = table.get("rows");
    if let (Some(_), Some(second)) = (text, bytes) {
        problems.tell_help(second.origin, "`frame` and `frame_base64` are both given", "keep one of them");
    }
    if (text.is_none() && bytes.is_none()) || rows.is_none() {
        table.missing(
            "`frame` or `rows`",
            "a test has a frame and the rows that it must give: rows = [{ kind = \"data\" }]",
        );
    }
    let frame = match (text, bytes) {
        (Some(node), _) => reader::text(problems, node).map(|text| text.as_bytes().to_vec()),
        (None, Some(node)) => base64(problems, node),
        (None, None) => None,
    };
    let ids = table.table("ids").map(|ids| {
        let one = |entry: &crate::profile::tree::Entry| {
            Some((entry.key.clone(), reader::text(problems, &entry.node)?.to_owned()))
        };
        ids.others().filter_map(one).collect::<BTreeMap<_, _>>()
    });
    table.finish();
    let rows = reader::items(rows?).iter().filter_map(|node| row(Reader::of(problems, node)?)).collect();
    Some(Golden { line, frame: frame?, binary: text.is_none(), ids: ids.unwrap_or_default(), rows })
}

fn base64(problems: &Problems, node: &Node) -> Option<Vec<u8>> {
    let text: String = reader::text(problems, node)?.split_whitespace().collect();
    let bytes = BASE64.decode(text.as_bytes()).ok();
    if bytes.is_none() {
        problems.tell_help(node.origin, "this is not base64", "the bytes of a binary frame: A-Z a-z 0-9 + / and =");
    }
    bytes
}

fn row(mut table: Reader<'_>) -> Option<GoldenRow> {
    let problems = table.problems;
    let kind_node = table.get("kind");
    if kind_node.is_none() {
        table.missing("`kind`", "a row has a kind, and a service and a seq where there are any");
    }
    let kind = kind_node.and_then(|node| kind(problems, node));
    let service = table.text("service").map(str::to_owned);
    let seq = table.integer("seq", 0, u64::MAX);
    let time = table.get("time").and_then(|node| time(problems, node));
    let send = table.text("send").map(str::to_owned);
    table.finish();
    Some(GoldenRow { kind: kind?, service, seq, time, send })
}

/// Milliseconds since the Unix epoch, or RFC 3339.
fn time(problems: &Problems, node: &Node) -> Option<i64> {
    let nanos = match &node.value {
        Value::Integer(millis) => millis.checked_mul(1_000_000).and_then(|nanos| i64::try_from(nanos).ok()),
        Value::Text(text) => {
            let at: Option<jiff::Timestamp> = text.parse().ok();
            at.and_then(|at| i64::try_from(at.as_nanosecond()).ok())
        }
        Value::Float(..) | Value::Bool(_) | Value::Date(_) | Value::List(_) | Value::Table(_) => None,
    };
    if nanos.is_none() {
        let help = "milliseconds since 1970, or text like \"2026-11-23T02:12:47.453Z\"";
        problems.tell_help(node.origin, "this is no time", help);
    }
    nanos
}
