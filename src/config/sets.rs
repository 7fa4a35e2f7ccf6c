//! `set`: values of a profile that a feed overrides, as a table or as a list of `PATH=VALUE`.
//!
//! Each becomes the text of a `--set`, and remembers where it came from, so that what is wrong with it is shown in the file.

use std::ops::Range;

use crate::profile::diagnostic::{Diagnostic, Problems};
use crate::profile::reader;
use crate::profile::tree::{self, Entry, Node, Value};

/// One `PATH=VALUE`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Set {
    pub text: String,
    /// Where the value begins in it.
    split: usize,
    path: Range<usize>,
    value: Range<usize>,
}

impl Set {
    /// The place in the file for a place in the text.
    fn place(&self, span: &Range<usize>) -> Range<usize> {
        let within = |start: usize, file: &Range<usize>| {
            let from = (file.start + start).min(file.end);
            from..(from + span.len()).clamp(from, file.end)
        };
        if span.start >= self.split {
            within(span.start - self.split, &self.value)
        } else if self.path.len() == self.split.saturating_sub(1) {
            within(span.start, &self.path)
        } else {
            self.path.clone()
        }
    }
}

/// What is wrong with one of these, told where it stands in the file; anything else as it was told.
pub(super) fn told_in_file(
    error: Diagnostic,
    sets: &[Set],
    file: impl FnOnce(&Range<usize>) -> Diagnostic,
) -> Diagnostic {
    let ours = |set: &&Set| error.source.name == "--set" && error.source.text == set.text;
    // The last of several is the one that counts.
    let Some(set) = sets.iter().rev().find(ours) else { return error };
    let place = file(&set.place(&error.span));
    Diagnostic { message: error.message, help: error.help, ..place }
}

pub(super) fn sets(problems: &Problems, node: &Node) -> Vec<Set> {
    let mut found = Vec::new();
    match &node.value {
        Value::Table(table) => table.entries.iter().for_each(|entry| flat(problems, entry, "", &mut found)),
        Value::Text(_) | Value::List(_) => {
            for item in reader::items(node) {
                let Some(text) = reader::text(problems, item) else { continue };
                let at = reader::inside(problems, item.origin, text, &(0..text.len()));
                let split = text.find('=').map_or(text.len(), |at| at + 1);
                let exact = at.end - at.start == text.len();
                let value = if exact { at.start + split..at.end } else { at.start..at.end };
                let path = if exact { at.start..at.start + split.saturating_sub(1) } else { at.start..at.end };
                found.push(Set { text: text.to_owned(), split, path, value });
            }
        }
        Value::Integer(_) | Value::Float(..) | Value::Bool(_) | Value::Date(_) => {
            let help = "as in set = { \"heartbeat.after\" = \"20s\" }";
            problems.tell_help(node.origin, "expected a table of paths and values", help);
        }
    }
    found
}

// Recursion ends: the TOML crate allows a depth of some hundreds at most.
fn flat(problems: &Problems, entry: &Entry, above: &str, found: &mut Vec<Set>) {
    let bare = entry.key.chars().all(|c| c.is_ascii_alphanumeric() || c == '_' || c == '-');
    let path = match above {
        // A name at the top is a path as it is written; one further down is one name.
        "" => entry.key.clone(),
        above if bare => format!("{above}.{}", entry.key),
        above => format!("{above}.{}", serde_json::Value::from(entry.key.as_str())),
    };
    if let Value::Table(table) = &entry.node.value {
        table.entries.iter().for_each(|entry| flat(problems, entry, &path, found));
        return;
    }
    let at = entry.node.origin;
    let written = problems.text_at(at);
    if tree::parse_value(problems, at).is_none_or(|node| node.value.what() != entry.node.value.what()) {
        problems.tell_help(at, "this value stands in tables of its own", "write it as one value: [..] or {..}");
        return;
    }
    let key = reader::inside(problems, entry.key_origin, &path, &(0..path.len()));
    let split = path.len() + 1;
    found.push(Set { text: format!("{path}={written}"), split, path: key.start..key.end, value: at.start..at.end });
}
