//! The files that the reference shows, read by the program; and every key that its tables name stands in one of them.

use std::collections::BTreeSet;

use toml::de::DeTable;
use wirebeat::config::Config;
use wirebeat::fault::{Garbage, Script};
use wirebeat::profile::build::{Source, load};
use wirebeat::profile::bundled;

use crate::page::{self, REFERENCE};

#[test]
fn profiles_load() {
    let examples = page::examples(REFERENCE, "toml profile");
    assert!(examples.len() >= 3);
    let mut keys = BTreeSet::new();
    for text in examples {
        if let Err(errors) = load(Source::new("example.toml", text), &bundled::find, &[]) {
            let errors: Vec<_> = errors.iter().map(ToString::to_string).collect();
            panic!("{}", errors.join("\n"));
        }
        keys.extend(keys_of(text));
    }
    // Said of the bundled ones and of the command line.
    keys.insert("heartbeat.ws_ping".to_owned());
    told_keys_are_shown("profile", &keys);
}

#[test]
fn the_beat_of_a_profile_may_be_a_ping() {
    let ping = "schema = 1\n[heartbeat]\nafter = \"25s\"\nws_ping = true\n";
    assert!(load(Source::new("ping.toml", ping), &bundled::find, &[]).is_ok());
}

#[test]
fn the_named_profiles_are_bundled() {
    for name in bundled::names() {
        assert!(REFERENCE.contains(&format!("`{name}`")), "{name}");
    }
}

#[test]
fn scenarios_are_read() {
    let examples = page::examples(REFERENCE, "toml scenario");
    let mut keys = BTreeSet::new();
    for text in examples {
        Script::parse("example.toml", text).unwrap_or_else(|errors| panic!("{errors}"));
        keys.extend(keys_of(text));
    }
    told_keys_are_shown("scenario", &keys);
}

#[test]
fn the_told_faults_are_known_with_their_keys() {
    let tables = page::marked(REFERENCE, "faults");
    let mut told = 0;
    for row in tables.iter().flat_map(|(_, table)| table) {
        for fault in page::quoted(&row[0]) {
            let mut text = format!("[[step]]\nat = \"1s\"\nfor = \"2s\"\nsay = \"x\"\nfault = \"{fault}\"\n");
            for key in page::quoted(&row[2]) {
                text.extend([key, " = ", value_of(key), "\n"]);
            }
            if let Err(errors) = Script::parse("fault.toml", &text) {
                panic!("{fault}: {errors}");
            }
            told += 1;
        }
    }
    assert_eq!(told, 23, "faults");
    for kind in Garbage::ALL {
        assert!(REFERENCE.contains(&format!("`{}`", kind.name())), "{}", kind.name());
    }
}

fn value_of(key: &str) -> &'static str {
    match key {
        "code" => "1012",
        "status" => "503",
        "times" | "count" | "nth" | "bytes" => "1",
        "quiet" => "true",
        "retry_after" | "delay" | "jitter" | "every" => "\"1s\"",
        "cut" => "\"fin\"",
        "kinds" => "[\"bidi\"]",
        _ => "\"x\"",
    }
}

#[test]
fn configurations_are_read() {
    for page in [REFERENCE, page::README, page::README_ZH] {
        let examples = page::examples(page, "toml config");
        assert!(!examples.is_empty());
        for text in examples {
            if let Err(errors) = Config::parse(Source::new("config.toml", text)) {
                let errors: Vec<_> = errors.iter().map(ToString::to_string).collect();
                panic!("{}", errors.join("\n"));
            }
        }
    }
}

fn told_keys_are_shown(of: &str, shown: &BTreeSet<String>) {
    let tables = page::marked(REFERENCE, "keys");
    let (_, table) = tables.iter().find(|(name, _)| *name == of).unwrap();
    let told = page::named(table);
    let missing: Vec<_> = told.difference(shown).collect();
    assert!(missing.is_empty(), "told and in no example: {missing:?}");
    let untold: Vec<_> = shown.iter().filter(|key| !is_under(&told, key)).collect();
    assert!(untold.is_empty(), "in an example and not told: {untold:?}");
}

/// A key whose own names are the user's is told as a whole.
fn is_under(told: &BTreeSet<String>, key: &str) -> bool {
    let free = ["rule.when.", "sequence.when.", "rule.capture.", "endpoint.headers.", "service.NAME.", "test.rows."];
    told.contains(key) || free.iter().any(|free| key.starts_with(free))
}

/// The dotted paths of all keys in a file.
fn keys_of(text: &str) -> BTreeSet<String> {
    let mut keys = BTreeSet::new();
    gather(DeTable::parse(text).unwrap().get_ref(), "", &mut keys);
    keys
}

fn gather(table: &DeTable<'_>, path: &str, keys: &mut BTreeSet<String>) {
    for (key, value) in table {
        let key = if path == "service" { "NAME" } else { key.get_ref().as_ref() };
        let path = if path.is_empty() { key.to_owned() } else { format!("{path}.{key}") };
        let value = value.get_ref();
        let items = value.as_array().map(|items| items.iter().filter_map(|item| item.get_ref().as_table()));
        let tables: Vec<_> = items.into_iter().flatten().chain(value.as_table()).collect();
        if tables.is_empty() || is_told_whole(&path) {
            keys.insert(path.clone());
        }
        for table in tables {
            gather(table, &path, keys);
        }
    }
}

fn is_told_whole(path: &str) -> bool {
    ["rule.when", "sequence.when", "rule.capture", "endpoint.headers", "test.rows"].contains(&path)
}
