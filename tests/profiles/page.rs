//! The page that teaches profiles: what it shows can be loaded, and it leaves no key out.

use std::collections::BTreeSet;

use wirebeat::profile::build::check;
use wirebeat::profile::bundled;
use wirebeat::profile::diagnostic::Problems;
use wirebeat::profile::reader;
use wirebeat::profile::tree::{self, Entry, Table};

use super::{Source, shown};

const PAGE: &str = include_str!("../../docs/profiles.md");

/// The blocks of TOML in a part of the page, each with its line.
fn blocks(page: &str) -> Vec<(usize, String)> {
    let mut blocks = Vec::new();
    let mut open: Option<(usize, String)> = None;
    for (number, line) in (1..).zip(page.lines()) {
        match (&mut open, line) {
            (None, "```toml") => open = Some((number, String::new())),
            (Some(_), "```") => blocks.extend(open.take()),
            (Some((_, text)), line) => text.extend([line, "\n"]),
            (None, _) => {}
        }
    }
    blocks
}

fn parts() -> (&'static str, &'static str) {
    PAGE.split_once("\n## What you see").unwrap()
}

#[track_caller]
fn loads(name: String, text: String) {
    let (profile, told) = check(Source::new(name, text), &bundled::find, &[]);
    assert!(profile.is_some() && told.is_empty(), "{}", shown(&told));
}

#[test]
fn each_step_is_a_profile_with_those_before() {
    let steps = blocks(parts().0);
    assert_eq!(steps.len(), 8);
    let mut text = String::new();
    for (number, (line, step)) in steps.iter().enumerate() {
        text += step;
        // The page says that the third step lacks a rule, which comes next.
        if number == 2 {
            let (profile, told) = check(Source::new("ticks.toml", text.as_str()), &bundled::find, &[]);
            assert!(profile.is_none() && told.len() == 1 && told[0].message.contains("no rule makes one"));
        } else {
            loads(format!("docs/profiles.md:{line}"), text.clone());
        }
    }
}

#[test]
fn each_example_is_a_profile() {
    let examples = blocks(parts().1);
    assert!(examples.len() > 12);
    for (line, example) in examples {
        loads(format!("docs/profiles.md: example at line {line}"), format!("schema = 1\n{example}"));
    }
}

#[test]
fn the_reference_has_every_key() {
    let (_, reference) = PAGE.split_once("\n## Every key").unwrap();
    let words: BTreeSet<&str> =
        reference.split(|c: char| !(c.is_alphanumeric() || c == '_')).filter(|word| !word.is_empty()).collect();
    let (_, every) = tree::parse(&mut Problems::default(), Source::new("every.toml", include_str!("every.toml")));
    let mut keys = BTreeSet::new();
    collect(&every.unwrap(), &mut keys);
    let free = ["beat_ms", "grace_ms", "session", "gateway", "cursor", "seq", "Authorization", "channel", "symbol"];
    let missing: Vec<_> = keys.iter().filter(|key| !words.contains(&***key) && !free.contains(&&***key)).collect();
    assert!(missing.is_empty(), "docs/profiles.md does not name {missing:?}");
}

/// The names of all keys that are plain words.
fn collect(table: &Table, keys: &mut BTreeSet<String>) {
    for Entry { key, node, .. } in &table.entries {
        if key.chars().all(|c| c.is_ascii_alphabetic() || c == '_') {
            keys.insert(key.clone());
        }
        // What lies inside of these is named by who writes it.
        if ["map", "when", "reset", "expect", "reject", "ids", "service"].contains(&key.as_str()) {
            continue;
        }
        for node in reader::items(node) {
            if let Some(table) = node.value.as_table() {
                collect(table, keys);
            }
        }
    }
}
