//! What comes in: how a frame is cut, matched, routed, timed and numbered.

use std::time::Duration;

use regex::{Regex, RegexBuilder};

use super::checks::{Check, Place as Where};
use super::frames::{Given, is_name, json_or_text};
use crate::event::Kind;
use crate::profile::codec::Codec;
use crate::profile::diagnostic::{Origin, Problems};
use crate::profile::matcher::{Match, Scalar, Subject, Test};
use crate::profile::pointer::Pointer;
use crate::profile::reader::{self, Reader, Zero};
use crate::profile::tree::{Entry, Node, Value};
use crate::profile::{
    Action, Capture, GoldenRow, Route, Rule, Scope, Sequence, SequenceRule, SequenceScope, TimeRule, TimeUnit,
};

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

const LATER: &str = "this version of wirebeat does not know it";
/// A missing number may come so late where a profile does not say.
const REORDER: Duration = Duration::from_millis(250);
/// Bytes of a regular expression, as it is written and once it is compiled.
const MAX_REGEX: usize = 4 << 10;
const MAX_COMPILED: usize = 1 << 20;

pub(super) fn codec(mut table: Reader<'_>) -> Codec {
    let problems = table.problems;
    table.hints(&[("decompress", LATER), ("prefix", LATER), ("tx_suffix", LATER)]);
    let split = table.get("split").and_then(|node| {
        let text = reader::text(problems, node)?;
        if text.is_empty() {
            problems.tell_help(node.origin, "an empty separator", "name what stands between two messages: \"\\n\"");
        }
        Some(text.to_owned())
    });
    let batch = table.bool("batch").unwrap_or_default();
    let nested = table.texts("nested").unwrap_or_default();
    let nested = nested.into_iter().filter_map(|(text, at)| pointer(problems, text, at)).collect();
    let each = table.get("each").and_then(|node| pointer(problems, reader::text(problems, node)?, node.origin));
    table.finish();
    Codec { split, batch, nested, each, ..Codec::default() }
}

pub(super) fn route(mut table: Reader<'_>, check: &mut Check<'_>) -> Route {
    table.hints(&[("each", "it stands in [codec]"), ("via", LATER)]);
    let mut key = |name, place| {
        let (template, at) = table.template(name, false)?;
        check.template(&template, at, place);
        Some(template)
    };
    let message = key("message", Where::RouteMessage);
    let route = Route { message, service: key("service", Where::RouteService), ..Route::default() };
    table.finish();
    route
}

pub(super) fn rule(mut table: Reader<'_>, check: &mut Check<'_>) -> Option<Rule> {
    let problems = table.problems;
    table.hints(&[("match", "it is called `when`"), ("action", LATER)]);
    let when = table.get("when");
    if when.is_none() {
        table.missing("`when`", "name what a message must have: when = { \"/type\" = \"pong\" }; {} matches all");
    }
    let when = when.and_then(|node| matching(problems, node, check));
    let kind = table.get("kind");
    if kind.is_none() {
        table.missing("`kind`", "say what such a message is: data, ack, pong, error ..");
    }
    let kind = kind.and_then(|node| reader::choice(problems, node, "kind", &KINDS));
    let capture = table.table("capture").map(|table| captures(&table)).unwrap_or_default();
    let send = match json_or_text(&mut table, "send", "send_text") {
        Given::Good(template, at) => {
            check.template(&template, at, Where::Reply);
            Some(template)
        }
        Given::Nothing | Given::Bad => None,
    };
    let text = table.get("text").and_then(|node| pointer(problems, reader::text(problems, node)?, node.origin));
    let at = table.origin;
    table.finish();
    let rule = Rule { when: when?, kind: kind?, capture, send, text, action: Action::None, route: None, time: None };
    check.rule(at);
    Some(rule)
}

fn captures(table: &Reader<'_>) -> Vec<Capture> {
    let problems = table.problems;
    let one = |entry: &Entry| {
        if !is_name(&entry.key) {
            problems.tell_help(entry.key_origin, format!("`{}` is no name", entry.key), "letters, digits and `_`");
        }
        let at = pointer(problems, reader::text(problems, &entry.node)?, entry.node.origin)?;
        Some(Capture { name: entry.key.clone(), at, scope: Scope::Link })
    };
    table.others().filter_map(one).collect()
}

/// A table of conditions.
fn matching(problems: &Problems, node: &Node, check: &mut Check<'_>) -> Option<Match> {
    let table = Reader::of(problems, node)?;
    let before = problems.count();
    let mut one = |entry: &Entry| {
        if entry.key.starts_with('@') {
            check.item(entry.key_origin);
        }
        let subject = match Subject::parse(&entry.key) {
            Ok(subject) => Some(subject),
            Err(words) => {
                let help = "a name here is a JSON pointer like \"/type\", or #text or #form";
                problems.tell_help(entry.key_origin, format!("`{}`: {words}", entry.key), help);
                None
            }
        };
        let test = test(problems, &entry.node);
        let (subject, test) = (subject?, test?);
        check_form(problems, &subject, &test, entry.node.origin);
        Some((subject, test))
    };
    let conditions = table.others().filter_map(&mut one).collect();
    (problems.count() == before).then_some(Match(conditions))
}

fn test(problems: &Problems, node: &Node) -> Option<Test> {
    let Value::Table(inner) = &node.value else {
        let items = reader::items(node);
        if items.is_empty() {
            problems.tell(node.origin, "one of nothing never matches");
        }
        return items.iter().map(|item| scalar(problems, item)).collect::<Option<_>>().map(Test::AnyOf);
    };
    let mut table = Reader::new(problems, inner, node.origin);
    let exists = table.bool("exists").map(Test::Exists);
    let not = table.get("not").and_then(|node| scalar(problems, node)).map(Test::Not);
    // TOML has no null.
    let null = table.bool("null").map(|is| if is { Test::AnyOf(vec![Scalar::Null]) } else { Test::Not(Scalar::Null) });
    let like = table.get("re").and_then(|node| regex(problems, node)).map(Test::Like);
    table.finish();
    if inner.entries.len() != 1 {
        problems.tell_help(node.origin, "a condition says one thing", "one of exists, not, null and re");
        return None;
    }
    exists.or(not).or(null).or(like)
}

fn scalar(problems: &Problems, node: &Node) -> Option<Scalar> {
    match &node.value {
        Value::Text(text) => Some(Scalar::Text(text.clone())),
        Value::Integer(value) => Some(Scalar::Number(value.to_string())),
        Value::Float(value, text) if value.is_finite() => Some(Scalar::Number(text.replace('_', ""))),
        Value::Bool(value) => Some(Scalar::Bool(*value)),
        Value::Float(..) | Value::Date(_) | Value::List(_) | Value::Table(_) => {
            problems.tell(node.origin, "expected text, a number, true or false");
            None
        }
    }
}

fn regex(problems: &Problems, node: &Node) -> Option<Regex> {
    let text = reader::text(problems, node)?;
    if text.len() > MAX_REGEX {
        problems.tell(node.origin, format!("a regular expression of more than {MAX_REGEX} bytes"));
        return None;
    }
    match RegexBuilder::new(text).size_limit(MAX_COMPILED).dfa_size_limit(MAX_COMPILED).nest_limit(50).build() {
        Ok(regex) => Some(regex),
        Err(error) => {
            let words = error.to_string();
            let words = words.lines().last().unwrap_or_default().trim().trim_start_matches("error: ");
            let help = "the syntax is that of https://docs.rs/regex; '..' keeps backslashes as they are";
            problems.tell_help(node.origin, format!("no regular expression: {words}"), help);
            None
        }
    }
}

/// `#form` has three values; any other never matches.
fn check_form(problems: &Problems, subject: &Subject, test: &Test, at: Origin) {
    if *subject != Subject::Form {
        return;
    }
    let scalars: &[Scalar] = match test {
        Test::AnyOf(scalars) => scalars,
        Test::Not(scalar) => std::slice::from_ref(scalar),
        Test::Exists(_) | Test::Like(_) => &[],
    };
    let known = |scalar: &Scalar| matches!(scalar, Scalar::Text(form) if ["json", "text", "binary"].contains(&&**form));
    if !scalars.iter().all(known) {
        problems.tell_help(at, "unknown form", "#form is json, text or binary");
    }
}

pub(super) fn time(mut table: Reader<'_>, check: &mut Check<'_>) -> Option<TimeRule> {
    let problems = table.problems;
    let at = table.texts("at");
    if at.is_none() && table.get("at").is_none() {
        table.missing("`at`", "say where a message has its time: at = \"/ts\", or several, first that is there");
    }
    let units = [
        ("s", TimeUnit::S),
        ("ms", TimeUnit::Ms),
        ("us", TimeUnit::Us),
        ("ns", TimeUnit::Ns),
        ("rfc3339", TimeUnit::Rfc3339),
        ("auto", TimeUnit::Auto),
    ];
    let unit = table.choice("unit", &units).unwrap_or_default();
    table.finish();
    let at: Vec<_> = at?.into_iter().filter_map(|(text, at)| place(problems, text, at, check)).collect();
    // An empty list takes back what an extended profile said.
    (!at.is_empty()).then_some(TimeRule { at, unit })
}

pub(super) fn sequence(mut table: Reader<'_>, check: &mut Check<'_>) -> Option<Sequence> {
    let problems = table.problems;
    let when = table.get("when").map(|node| matching(problems, node, check));
    let at = table.get("at");
    if at.is_none() {
        table.missing("`at`", "say where a message has its number: at = \"/seq\"");
    }
    let at = at.and_then(|node| place(problems, reader::text(problems, node)?, node.origin, check));
    let rule = table.choice("rule", &[("increment", true), ("monotonic", false)]).unwrap_or(true);
    let step = table.get("step");
    let rule = match (rule, step) {
        (true, step) => {
            let step = step.and_then(|node| reader::integer(problems, node, "step", 1, u64::from(u32::MAX)));
            SequenceRule::Increment { step: step.unwrap_or(1) }
        }
        (false, None) => SequenceRule::Monotonic,
        (false, Some(node)) => {
            problems.tell_help(
                node.origin,
                "numbers that only grow have no step",
                "take rule = \"increment\", or no step",
            );
            SequenceRule::Monotonic
        }
    };
    let reorder = table.duration("reorder", Zero::Allowed).unwrap_or(REORDER);
    let across_reconnect = table.bool("across_reconnect").unwrap_or_default();
    table.finish();
    let when = match when {
        Some(when) => Some(when?),
        None => None,
    };
    let scope = SequenceScope::Service;
    Some(Sequence { when, scope, at: at?, rule, reset: None, reorder, across_reconnect })
}

pub(super) fn golden_row(mut table: Reader<'_>) -> Option<GoldenRow> {
    let kind = table.get("kind");
    if kind.is_none() {
        table.missing("`kind`", "a row has a kind, and a service and a seq where there are any");
    }
    let kind = kind.and_then(|node| reader::choice(table.problems, node, "kind", &KINDS));
    let service = table.text("service").map(str::to_owned);
    let seq = table.integer("seq", 0, u64::MAX);
    table.finish();
    Some(GoldenRow { kind: kind?, service, seq, time: None, send: None })
}

/// A pointer into the whole message.
fn pointer(problems: &Problems, text: &str, at: Origin) -> Option<Pointer> {
    let pointer = any_pointer(problems, text, at)?;
    if pointer.item {
        problems.tell_help(at, "here a pointer is into the whole message", "leave out the `@`");
        return None;
    }
    Some(pointer)
}

/// A pointer that may be relative to an item.
fn place(problems: &Problems, text: &str, at: Origin, check: &mut Check<'_>) -> Option<Pointer> {
    let pointer = any_pointer(problems, text, at)?;
    if pointer.item {
        check.item(at);
    }
    Some(pointer)
}

fn any_pointer(problems: &Problems, text: &str, at: Origin) -> Option<Pointer> {
    match Pointer::parse(text) {
        Ok(pointer) => Some(pointer),
        Err(words) => {
            let path = text.trim_start_matches(['@', '$', '.']).replace('.', "/");
            let help = format!("is `/{path}` meant?");
            problems.tell_help(at, format!("`{text}` is no JSON pointer: {words}"), help);
            None
        }
    }
}
