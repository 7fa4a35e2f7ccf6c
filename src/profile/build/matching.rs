//! Which messages: conditions, and the places in a message that they look at.

use regex::{Regex, RegexBuilder};

use super::checks::Check;
use crate::profile::diagnostic::{Origin, Problems};
use crate::profile::matcher::{Match, Scalar, Subject, Test};
use crate::profile::pointer::Pointer;
use crate::profile::reader::{self, Reader};
use crate::profile::tree::{Entry, Node, Value};

/// Bytes of a regular expression, as it is written and once it is compiled.
const MAX_REGEX: usize = 4 << 10;
const MAX_COMPILED: usize = 1 << 20;

/// A table of conditions.
pub(super) fn matching(problems: &Problems, node: &Node, check: &mut Check<'_>) -> Option<Match> {
    let table = Reader::of(problems, node)?;
    let before = problems.count();
    let mut one = |entry: &Entry| {
        match entry.key.strip_prefix("#prefix.") {
            Some(group) => check.group(group, entry.key_origin),
            None if entry.key == "@key" => check.member(entry.key_origin),
            None if entry.key.starts_with(['/', '@']) => drop(place(problems, &entry.key, entry.key_origin, check)),
            None => {}
        }
        let subject = match Subject::parse(&entry.key) {
            Ok(subject) => Some(subject),
            // It was told above.
            Err(_) if entry.key.starts_with(['/', '@']) => None,
            Err(words) => {
                let help = "a name here is a JSON pointer like \"/type\", or #text, #form, #prefix.NAME or @key";
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

pub(super) fn regex(problems: &Problems, node: &Node) -> Option<Regex> {
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

/// A pointer into the whole message.
pub(super) fn pointer(problems: &Problems, text: &str, at: Origin) -> Option<Pointer> {
    let pointer = any_pointer(problems, text, at)?;
    if pointer.item {
        problems.tell_help(at, "here a pointer is into the whole message", "leave out the `@`");
        return None;
    }
    Some(pointer)
}

/// A pointer that may be relative to an item.
pub(super) fn place(problems: &Problems, text: &str, at: Origin, check: &mut Check<'_>) -> Option<Pointer> {
    let pointer = any_pointer(problems, text, at)?;
    if pointer.item {
        check.item(&pointer, at);
    }
    Some(pointer)
}

pub(super) fn any_pointer(problems: &Problems, text: &str, at: Origin) -> Option<Pointer> {
    match Pointer::parse(text) {
        Ok(pointer) if pointer.segments.iter().any(|segment| segment.key == "*") => {
            let help = "the items of an array are gone through at codec.each only; here a place is one place";
            problems.tell_help(at, format!("`{text}` has a `*`"), help);
            None
        }
        Ok(pointer) => Some(pointer),
        Err(words) => {
            let path = text.trim_start_matches(['@', '$', '.']).replace('.', "/");
            let help = format!("is `/{path}` meant?");
            problems.tell_help(at, format!("`{text}` is no JSON pointer: {words}"), help);
            None
        }
    }
}
