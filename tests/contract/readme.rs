//! The two READMEs: their keys, words, pictures and commands are the program's.

use std::path::Path;

use clap::Parser;
use clap::error::ErrorKind;
use wirebeat::app::keymap::Keymap;
use wirebeat::app::standing::Standing;
use wirebeat::cli::Cli;
use wirebeat::demo::Server;
use wirebeat::event::ServiceState;
use wirebeat::say::{Lang, service_word};
use wirebeat::ui::theme;

use crate::page::{self, README, README_ZH, REFERENCE};

const PAGES: [(&str, Lang); 2] = [(README, Lang::En), (README_ZH, Lang::ZhCn)];

#[test]
fn the_keys_are_those_of_the_program() {
    for (page, lang) in PAGES {
        let (_, rest) = page.split_once("<!-- keys -->\n").unwrap();
        let (table, _) = rest.split_once("<!-- /keys -->").unwrap();
        assert_eq!(table.trim(), Keymap::default().markdown(lang).trim(), "{lang}");
    }
}

#[test]
fn the_words_and_marks_are_those_of_the_screen() {
    let standings = [
        Standing::Dialing { attempt: 1 },
        Standing::Live,
        Standing::Degraded { fine: 2, wanted: 3 },
        Standing::Probing,
        Standing::Retry { dials: 3 },
        Standing::Stopped,
        Standing::Paused,
    ];
    for (page, lang) in PAGES {
        for standing in standings {
            let row = format!("| `{}` `{}` |", theme::mark(standing).0, theme::word(lang, standing, false));
            assert!(page.contains(&row), "{lang}: {row}");
        }
        for state in [
            ServiceState::Wanted,
            ServiceState::Sent,
            ServiceState::Acked,
            ServiceState::Live,
            ServiceState::Stale,
            ServiceState::Refused,
            ServiceState::Off,
        ] {
            let mark = theme::service_mark(state, state != ServiceState::Off, true).0;
            let row = format!("| `{mark}` `{}` |", service_word(lang, state));
            assert!(page.contains(&row), "{lang}: {row}");
        }
    }
}

#[test]
fn the_pictures_and_pages_are_there() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    for (page, lang) in PAGES {
        let targets: Vec<_> = page.split("](").skip(1).filter_map(|rest| rest.split_once(')')).collect();
        let files = targets.iter().map(|(target, _)| *target).filter(|target| !target.contains("://"));
        let mut count = 0;
        for file in files.filter(|file| !file.starts_with('#')) {
            assert!(root.join(file.split('#').next().unwrap()).is_file(), "{lang}: {file}");
            count += 1;
        }
        assert!(count >= 3, "{lang}: {count}");
    }
}

/// Every command that a page shows is one that the program takes.
#[test]
fn the_commands_are_taken() {
    for page in [README, README_ZH, REFERENCE] {
        let mut count = 0;
        for line in page::examples(page, "sh").into_iter().flat_map(str::lines) {
            let Some(words) = words(line) else { continue };
            let taken = Cli::try_parse_from(&words);
            let fine = taken.as_ref().err().is_none_or(|error| error.kind() == ErrorKind::DisplayHelp);
            assert!(fine, "{line}\n{}", taken.unwrap_err());
            count += 1;
        }
        assert!(count > 5 || page == REFERENCE);
    }
}

/// A feed of the embedded server that a page names is one that it has.
#[test]
fn the_paths_of_the_embedded_server_are_there() {
    for page in [README, README_ZH, REFERENCE] {
        let mut count = 0;
        for (_, rest) in page.match_indices("ws://127.0.0.1:9001").map(|(at, host)| page.split_at(at + host.len())) {
            let path = rest.split([' ', '"', '`', '\n', '?']).next().unwrap();
            assert!(Server::feeds().iter().any(|(known, _)| *known == path), "{path}");
            count += 1;
        }
        assert!(count >= 3, "{count}");
    }
}

/// The words of a command of ours as a shell would part them, without what belongs to the shell.
fn words(line: &str) -> Option<Vec<String>> {
    let line = line.trim().replace("cargo run --release --", "wirebeat");
    let line = line.strip_prefix("if ").unwrap_or(&line);
    let mut words = vec![String::new()];
    let mut quote = None;
    for c in line.chars() {
        match (quote, c) {
            (Some(open), c) if c == open => quote = None,
            (None, '\'' | '"') => quote = Some(c),
            (None, '#' | '|' | '>' | '&' | ';') => break,
            (None, ' ') => words.push(String::new()),
            (Some(_) | None, c) => words.last_mut()?.push(c),
        }
    }
    words.retain(|word| !word.is_empty());
    (words.first()? == "wirebeat").then_some(words)
}

#[test]
fn a_line_is_parted_into_words() {
    let line = "wirebeat tail ws://h -H 'Origin: x y' --for 1s | jq .feed   # what";
    assert_eq!(words(line).unwrap(), ["wirebeat", "tail", "ws://h", "-H", "Origin: x y", "--for", "1s"]);
    assert_eq!(words("cargo run --release -- demo").unwrap(), ["wirebeat", "demo"]);
    assert_eq!(words("kill -STOP $server"), None);
}
