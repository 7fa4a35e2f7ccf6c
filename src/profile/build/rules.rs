//! What messages are, and what they lead to.

use super::about::is_name;
use super::checks::{Check, Maker, Place};
use super::frames::{Given, json_or_text};
use super::matching::{matching, place};
use super::{numbers, route};
use crate::event::Kind;
use crate::profile::diagnostic::Problems;
use crate::profile::reader::{self, Reader};
use crate::profile::tree::{Entry, Node, Value};
use crate::profile::{Action, Capture, Route, Rule, Scope};

const KINDS: [(&str, Kind); 14] = [
    ("data", Kind::Data),
    ("snapshot", Kind::Snapshot),
    ("ack", Kind::Ack),
    ("nack", Kind::Nack),
    ("ping", Kind::Ping),
    ("pong", Kind::Pong),
    ("heartbeat", Kind::Heartbeat),
    ("hello", Kind::Hello),
    ("notice", Kind::Notice),
    ("end", Kind::End),
    ("error", Kind::Error),
    ("goodbye", Kind::Goodbye),
    ("fatal", Kind::Fatal),
    ("other", Kind::Other),
];

const ACTIONS: [(&str, Action); 9] = [
    ("none", Action::None),
    ("retry", Action::Retry),
    ("retry-now", Action::RetryNow),
    ("backoff", Action::Backoff),
    ("rotate", Action::Rotate),
    ("resume", Action::Resume),
    ("restart", Action::Restart),
    ("login", Action::Login),
    ("stop", Action::Stop),
];

pub(super) fn action(table: &mut Reader<'_>) -> Option<Action> {
    table.choice("action", &ACTIONS)
}

pub(super) fn kind(problems: &Problems, node: &Node) -> Option<Kind> {
    if node.value.as_text() == Some("ignore") {
        problems.tell_help(node.origin, "unknown kind `ignore`", "nothing is hidden: take \"other\" or \"notice\"");
        return None;
    }
    reader::choice(problems, node, "kind", &KINDS)
}

pub(super) fn rule(mut table: Reader<'_>, usual: &Route, check: &mut Check<'_>) -> Option<Rule> {
    let problems = table.problems;
    table.hints(&[("match", "it is called `when`")]);
    let when = table.get("when");
    if when.is_none() {
        table.missing("`when`", "name what a message must have: when = { \"/type\" = \"pong\" }; {} matches all");
    }
    let when = when.and_then(|node| matching(problems, node, check));
    let kind_node = table.get("kind");
    if kind_node.is_none() {
        table.missing("`kind`", "say what such a message is: data, ack, pong, error ..");
    }
    let kind = kind_node.and_then(|node| kind(problems, node));
    let action = action(&mut table).unwrap_or_default();
    let maker = if action == Action::Rotate { Maker::Rotation } else { Maker::Rule };
    let capture = table.table("capture").map(|table| captures(&table, maker, check)).unwrap_or_default();
    let send = match json_or_text(&mut table, "send", "send_text") {
        Given::Good(template, at) => {
            check.template(&template, at, Place::Reply);
            Some(template)
        }
        Given::Nothing | Given::Bad => None,
    };
    let text = table.get("text").and_then(|node| place(problems, reader::text(problems, node)?, node.origin, check));
    let route = table.table("route").map(|table| route::of_rule(table, usual, check));
    let time = table.table("time").and_then(|table| numbers::time(table, check));
    let at = table.origin;
    table.finish();
    let rule = Rule { when: when?, kind: kind?, capture, send, text, action, route, time };
    check.rule(at);
    Some(rule)
}

/// `NAME = "/pointer"`, or `NAME = { at = "/pointer", lasting = true }`.
pub(super) fn captures(table: &Reader<'_>, maker: Maker, check: &mut Check<'_>) -> Vec<Capture> {
    let problems = table.problems;
    let mut one = |entry: &Entry| {
        if !is_name(&entry.key) {
            problems.tell_help(entry.key_origin, format!("`{}` is no name", entry.key), "letters, digits and `_`");
        }
        let (at, lasting) = match &entry.node.value {
            Value::Table(_) => {
                let mut table = Reader::of(problems, &entry.node)?;
                let at = table.get("at");
                if at.is_none() {
                    table.missing("`at`", "say where the value is: { at = \"/session\", lasting = true }");
                }
                let at = at.and_then(|node| place(problems, reader::text(problems, node)?, node.origin, check));
                let lasting = table.bool("lasting").unwrap_or_default();
                table.finish();
                (at, lasting)
            }
            Value::Text(_)
            | Value::Integer(_)
            | Value::Float(..)
            | Value::Bool(_)
            | Value::Date(_)
            | Value::List(_) => {
                (place(problems, reader::text(problems, &entry.node)?, entry.node.origin, check), false)
            }
        };
        let scope = if lasting { Scope::Lasting } else { Scope::Link };
        check.capture(&entry.key, maker, scope);
        Some(Capture { name: entry.key.clone(), at: at?, scope })
    };
    table.others().filter_map(&mut one).collect()
}
