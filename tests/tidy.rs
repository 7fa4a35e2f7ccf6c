//! The house rules that a compiler does not know: who may import whom, and what a file looks like.
//!
//! Sources are read as text, without their comments and strings. What clippy can hold (clocks, prints, exits) is not
//! held here. A broken rule is a failing test that names file and line.

#![expect(clippy::unwrap_used, reason = "a test may")]

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// A room of `src/`: the rooms it may import, and the words it may never name.
struct Room {
    name: &'static str,
    may: &'static [&'static str],
    never: &'static [&'static str],
}

/// What a pure room is pure of.
const PURE: &[&str] = &["tokio", "tokio_tungstenite", "rustls", "futures", "ratatui", "crossterm", "rustix", "async"];
/// What a room is free of that reads files, and nothing else of the world.
const PURE_BUT_FOR_FILES: &[&str] =
    &["tokio", "tokio_tungstenite", "rustls", "futures", "ratatui", "crossterm", "async"];
const NO_SCREEN: &[&str] = &["ratatui", "crossterm"];
const NO_NETWORK: &[&str] = &["tokio", "tokio_tungstenite", "rustls", "async"];

/// "Who may import whom", row by row. A room may import itself. Rooms that join others import each other only where one
/// is made of the other: signals reach every loop, a feed is launched by several, and `verbs` starts them all.
const ROOMS: &[Room] = &[
    Room { name: "text", may: &[], never: PURE },
    // The clock is tokio's, so that made-up time works.
    Room { name: "time", may: &[], never: NO_SCREEN },
    Room { name: "event", may: &["text", "time"], never: PURE },
    Room { name: "profile", may: &["event", "text", "time"], never: PURE },
    Room { name: "fault", may: &["profile", "event", "text", "time"], never: PURE },
    Room { name: "session", may: &["fault", "profile", "event", "text", "time"], never: PURE },
    Room { name: "say", may: &["event", "text", "time"], never: PURE },
    Room { name: "net", may: &["session", "fault", "profile", "event", "text", "time"], never: NO_SCREEN },
    // The keys are crossterm's; see `the_pure_side_of_the_screen_takes_only_keys_from_crossterm`.
    Room {
        name: "app",
        may: &["fault", "event", "say", "text", "time"],
        never: &["tokio", "tokio_tungstenite", "rustls", "futures", "ratatui", "rustix", "async"],
    },
    Room { name: "ui", may: &["app", "event", "say", "text", "time"], never: NO_NETWORK },
    Room { name: "cli", may: &["config", "profile", "event", "app", "say", "text", "time"], never: NO_NETWORK },
    Room { name: "config", may: &["profile", "event", "app", "say", "text", "time"], never: NO_NETWORK },
    Room { name: "log", may: &["event", "say", "text", "time"], never: NO_SCREEN },
    Room { name: "consent", may: &["profile", "text"], never: PURE_BUT_FOR_FILES },
    // Rooms that join others; what they may import besides those above.
    Room { name: "term", may: &[], never: &[] },
    Room { name: "launch", may: &[], never: NO_SCREEN },
    Room { name: "plan", may: &["launch"], never: NO_SCREEN },
    Room { name: "run", may: &["launch", "term"], never: &[] },
    Room { name: "headless", may: &["launch", "term"], never: NO_SCREEN },
    Room { name: "demo", may: &[], never: NO_SCREEN },
    Room { name: "relay", may: &[], never: NO_SCREEN },
    Room { name: "drill", may: &["launch", "relay", "term"], never: NO_SCREEN },
    Room { name: "record", may: &[], never: NO_SCREEN },
    Room { name: "replay", may: &[], never: NO_SCREEN },
    Room { name: "metrics", may: &[], never: NO_SCREEN },
    Room { name: "check", may: &["launch", "term"], never: NO_SCREEN },
    // It looks for profiles where `plan` does, and starts nothing.
    Room { name: "profiling", may: &["plan"], never: PURE_BUT_FOR_FILES },
    Room { name: "verbs", may: JOINERS, never: &[] },
];

/// Rooms that join others. They may import every room that does not.
const JOINERS: &[&str] = &[
    "term",
    "launch",
    "plan",
    "run",
    "headless",
    "demo",
    "relay",
    "drill",
    "record",
    "replay",
    "metrics",
    "check",
    "profiling",
    "verbs",
];

const MOST_LINES: usize = 400;
/// Files that hold one idea in more lines than that, and which.
const LONG: &[(&str, &str)] = &[("src/event.rs", "one vocabulary, and nothing but types")];

/// Names that say nothing, as a whole file's or module's name.
const EMPTY_NAMES: &[&str] = &["common", "helper", "helpers", "misc", "types", "util", "utils"];
/// The same, as the end of a type's name.
const EMPTY_ENDS: &[&str] = &["Manager", "Handler", "Context"];

#[test]
fn the_walls_stand() {
    holds(&sources("src").iter().flat_map(broken_walls).collect::<Vec<_>>());
}

#[test]
fn every_room_has_its_walls() {
    let lib = Source::read(Path::new("src/lib.rs"));
    let words = words(&lib.code);
    let rooms = words.windows(2).filter(|pair| pair[0].text == "mod").map(|pair| pair[1].text.as_str());
    let unknown: Vec<_> = rooms.filter(|name| room(name).is_none()).collect();
    assert!(unknown.is_empty(), "no walls are drawn for {unknown:?}");
}

#[test]
fn the_pure_side_of_the_screen_takes_only_keys_from_crossterm() {
    let rooms = ["src/app", "src/cli", "src/config"];
    let all = sources("src");
    let pure = all.iter().filter(|source| rooms.iter().any(|room| source.path.starts_with(room)));
    holds(&pure.flat_map(beyond_keys).collect::<Vec<_>>());
}

#[test]
fn the_screen_changes_nothing() {
    let all = sources("src");
    holds(&all.iter().filter(|source| source.path.starts_with("src/ui")).flat_map(changes_the_app).collect::<Vec<_>>());
}

#[test]
fn each_file_says_what_it_is_and_none_is_long() {
    let all = [sources("src"), sources("tests"), sources("benches")].concat();
    assert!(all.len() > 20, "the sources are not where they were");
    holds(&all.iter().flat_map(|source| [says_what_it_is(source), is_short(source)]).flatten().collect::<Vec<_>>());
}

#[test]
fn names_say_something() {
    let all = [sources("src"), sources("tests")].concat();
    holds(&all.iter().flat_map(empty_names).collect::<Vec<_>>());
}

/// A rule that finds nothing in a broken file would hold nothing up.
#[test]
fn planted_mistakes_are_found() {
    let walls = |path: &str, code: &str| broken_walls(&Source::new(path, code));
    let found = [
        ("src/session/mod.rs", "fn f() {\n    tokio::spawn(x);\n}"),
        ("src/session/mod.rs", "//! x\nuse crate::net::dial;"),
        ("src/session/mod.rs", "//! x\nuse super::net::dial;"),
        ("src/session/timer.rs", "//! x\nuse super::super::net::dial;"),
        ("src/session/timer.rs", "//! x\nmod tests { use super::super::super::app::App; }"),
        ("src/session/mod.rs", "//! x\nuse crate::{event::Why, net::{dial, tls}};"),
        ("src/session/mod.rs", "//! x\nuse crate::{event::Why,\n    ui};"),
        ("src/session/mod.rs", "//! x\nasync fn f() {}"),
        ("src/text.rs", "//! x\nuse crate::event::Why;"),
        ("src/event.rs", "//! x\nuse crate::session::Input;"),
        ("src/net/mod.rs", "//! x\nuse ratatui::Frame;"),
        ("src/app/mod.rs", "//! x\nuse crate::*;"),
        ("src/app/mod.rs", "//! x\nuse wirebeat::net::dial;"),
        ("src/ui/mod.rs", "//! x\n#[cfg(test)]\nmod tests { use tokio::time; }"),
        ("src/run.rs", "//! x\nuse crate::headless::tail;"),
        ("src/term/mod.rs", "//! x\nuse crate::run::run;"),
    ];
    for (path, code) in found {
        let broken = walls(path, code);
        assert!(broken.len() == 1 && broken[0].contains(&format!("{path}:")), "{path}: {code}: {broken:?}");
    }
    assert!(walls("src/session/mod.rs", "//! x\n\nuse crate::net::dial;")[0].starts_with("src/session/mod.rs:3: "));

    let allowed = [
        ("src/session/mod.rs", "//! tokio::spawn\nuse crate::event::Why; /* use crate::net /* ; */ tokio::x */"),
        ("src/session/mod.rs", "const A: &str = \"crate::net \\\" tokio::x\"; const B: &str = r#\"use crate::ui\"#;"),
        ("src/session/timer.rs", "use super::super::event::Why; use super::policy; use crate::session::router;"),
        ("src/session/mod.rs", "fn f<'tokio>(x: &'tokio str) { let q = '\"'; x.tokio() }"),
        ("src/net/mod.rs", "use crate::session::Input; use tokio::sync::mpsc; async fn f() {}"),
        ("src/run.rs", "use crate::term::Signal; use crate::net::link; use ratatui::Terminal;"),
    ];
    for (path, code) in allowed {
        assert_eq!(walls(path, code), Vec::<String>::new(), "{path}: {code}");
    }

    let source = |code: &str| Source::new("src/app/mod.rs", code);
    assert_eq!(beyond_keys(&source("use crossterm::event::KeyCode;")), Vec::<String>::new());
    assert_eq!(beyond_keys(&source("\nuse crossterm::terminal::size;")).len(), 1);
    assert_eq!(changes_the_app(&source("fn f(a: &mut App, b: &'a mut App) {}")).len(), 2);
    assert_eq!(changes_the_app(&source("fn f(a: &App, b: &mut Frame) {}")), Vec::<String>::new());
    assert_eq!(empty_names(&source("struct FeedManager; enum Contextual {} mod utils;")).len(), 2);
    assert_eq!(empty_names(&Source::new("src/net/types.rs", "")).len(), 1);
    assert!(says_what_it_is(&source("use x;")).is_some());
    assert!(says_what_it_is(&source("//! What.")).is_none());
    let long = "\n".repeat(MOST_LINES + 1);
    assert!(is_short(&source(&long)).is_some());
    assert!(is_short(&Source::new("src/app/tests.rs", &long)).is_none());
}

#[track_caller]
fn holds(broken: &[String]) {
    assert!(broken.is_empty(), "\n{}", broken.join("\n"));
}

fn room(name: &str) -> Option<&'static Room> {
    ROOMS.iter().find(|room| room.name == name)
}

fn allows(room: &Room, other: &str) -> bool {
    let joined = JOINERS.contains(&room.name) && !JOINERS.contains(&other);
    other == room.name || joined || room.may.contains(&other)
}

fn broken_walls(source: &Source) -> Vec<String> {
    let Some(room) = source.room() else { return Vec::new() };
    let words = words(&source.code);
    let mut broken = Vec::new();
    for (at, other) in imports(source, &words) {
        if other == "*" || (self::room(&other).is_some() && !allows(room, &other)) {
            broken.push(source.says(at, &format!("`{}` may not import `{other}`", room.name)));
        }
    }
    for (n, word) in words.iter().enumerate().filter(|(_, word)| room.never.contains(&word.text.as_str())) {
        let before = n.checked_sub(1).map_or("", |n| words[n].text.as_str());
        let after = words.get(n + 1).map_or("", |word| word.text.as_str());
        let named = word.text == "async" || after == "::" || before == "use" || before == "crate";
        if named && !["::", ".", "'"].contains(&before) {
            broken.push(source.says(word.at, &format!("`{}` has no place in `{}`", word.text, room.name)));
        }
    }
    broken
}

/// The rooms that a file names, by `crate::`, `super::` or the crate's own name, and where.
fn imports(source: &Source, words: &[Word]) -> Vec<(usize, String)> {
    let mut found = Vec::new();
    // The modules within this file that are open, as the depth of braces at which they close.
    let mut open = Vec::new();
    let mut braces = 0;
    let mut n = 0;
    while let Some(word) = words.get(n) {
        let text = |n: usize| words.get(n).map_or("", |word| word.text.as_str());
        match word.text.as_str() {
            "{" => {
                if n >= 2 && text(n - 2) == "mod" {
                    open.push(braces);
                }
                braces += 1;
            }
            "}" => {
                braces -= 1;
                open.pop_if(|depth| *depth == braces);
            }
            "super" if text(n.wrapping_sub(1)) != "::" => {
                let mut ups = 1;
                while text(n + 1) == "::" && text(n + 2) == "super" {
                    ups += 1;
                    n += 2;
                }
                if ups >= source.depth() + open.len() && text(n + 1) == "::" {
                    found.extend(roots(words, n + 2));
                }
            }
            "crate" | "wirebeat" if text(n + 1) == "::" && text(n.wrapping_sub(1)) != "::" => {
                found.extend(roots(words, n + 2));
            }
            _ => {}
        }
        n += 1;
    }
    found
}

/// The first names of a path that begins at the crate's root, one or a group.
fn roots(words: &[Word], from: usize) -> Vec<(usize, String)> {
    let Some(first) = words.get(from) else { return Vec::new() };
    if first.text != "{" {
        return vec![(first.at, first.text.clone())];
    }
    let mut found = Vec::new();
    let mut depth = 0;
    for pair in words[from..].windows(2) {
        match pair[0].text.as_str() {
            "{" => depth += 1,
            "}" => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            break;
        }
        if depth == 1 && ["{", ","].contains(&pair[0].text.as_str()) && pair[1].text != "}" {
            found.push((pair[1].at, pair[1].text.clone()));
        }
    }
    found
}

fn beyond_keys(source: &Source) -> Vec<String> {
    let words = words(&source.code);
    let paths = words.windows(3).filter(|path| path[0].text == "crossterm" && path[1].text == "::");
    let beyond = paths.filter(|path| path[2].text != "event");
    beyond.map(|path| source.says(path[0].at, "only crossterm's keys have a place here")).collect()
}

fn changes_the_app(source: &Source) -> Vec<String> {
    let words = words(&source.code);
    let changes = words.windows(2).filter(|pair| pair[0].text == "mut" && pair[1].text == "App");
    changes.map(|pair| source.says(pair[0].at, "the screen may not change the app")).collect()
}

fn says_what_it_is(source: &Source) -> Option<String> {
    (!source.text.starts_with("//!")).then(|| source.says(0, "does not say what it is (`//!`)"))
}

fn is_short(source: &Source) -> Option<String> {
    let lines = source.text.lines().count();
    let known = LONG.iter().any(|(path, _)| source.path == Path::new(path));
    let test = source.path.starts_with("tests") || source.path.ends_with("tests.rs");
    (lines > MOST_LINES && !known && !test)
        .then(|| source.says(0, &format!("{lines} lines: is there a second idea in it?")))
}

fn empty_names(source: &Source) -> Vec<String> {
    let words = words(&source.code);
    let stem = source.path.file_stem().unwrap().to_str().unwrap();
    let file = EMPTY_NAMES.contains(&stem).then(|| source.says(0, &format!("the name `{stem}` says nothing")));
    let declared = words.windows(2).filter(|pair| match pair[0].text.as_str() {
        "mod" => EMPTY_NAMES.contains(&pair[1].text.as_str()),
        "struct" | "enum" | "trait" | "type" | "union" => EMPTY_ENDS.iter().any(|end| pair[1].text.ends_with(end)),
        _ => false,
    });
    let declared = declared.map(|pair| source.says(pair[1].at, &format!("the name `{}` says nothing", pair[1].text)));
    file.into_iter().chain(declared).collect()
}

#[derive(Clone)]
struct Source {
    path: PathBuf,
    text: String,
    /// The text with blanks for comments and the insides of strings; every byte is where it was.
    code: String,
}

impl Source {
    fn new(path: &str, text: &str) -> Self {
        Self { path: PathBuf::from(path), text: text.to_owned(), code: bare(text) }
    }

    fn read(path: &Path) -> Self {
        Self::new(path.to_str().unwrap(), &fs::read_to_string(path).unwrap())
    }

    fn room(&self) -> Option<&'static Room> {
        let name = self.path.strip_prefix("src").ok()?.components().next()?.as_os_str().to_str()?;
        room(name.strip_suffix(".rs").unwrap_or(name))
    }

    /// How many modules deep the file's own module lies.
    fn depth(&self) -> usize {
        let folders = self.path.components().count() - 2;
        if self.path.ends_with("mod.rs") { folders } else { folders + 1 }
    }

    fn says(&self, at: usize, what: &str) -> String {
        let line = self.code[..at].matches('\n').count() + 1;
        format!("{}:{line}: {what}", self.path.display())
    }
}

fn sources(folder: &str) -> Vec<Source> {
    let mut found = BTreeSet::new();
    let mut folders = vec![PathBuf::from(folder)];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).into_iter().flatten() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                found.insert(path);
            }
        }
    }
    found.iter().map(|path| Source::read(path)).collect()
}

struct Word {
    at: usize,
    text: String,
}

/// Names, `::`, and single signs.
fn words(code: &str) -> Vec<Word> {
    let is_name = |c: char| c.is_alphanumeric() || c == '_';
    let mut words = Vec::new();
    let mut at = 0;
    while let Some(c) = code[at..].chars().next() {
        let rest = &code[at..];
        let length = if is_name(c) {
            rest.find(|c| !is_name(c)).unwrap_or(rest.len())
        } else if rest.starts_with("::") {
            2
        } else {
            c.len_utf8()
        };
        if !c.is_whitespace() {
            words.push(Word { at, text: rest[..length].to_owned() });
        }
        at += length;
    }
    words
}

/// Blanks out comments and the insides of strings and characters.
fn bare(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut at = 0;
    while let Some(c) = text[at..].chars().next() {
        let rest = &text[at..];
        let length = blank_length(rest, text[..at].chars().next_back());
        if length == 0 {
            out.push(c);
            at += c.len_utf8();
        } else {
            out.extend(rest[..length].bytes().map(|byte| if byte == b'\n' { '\n' } else { ' ' }));
            at += length;
        }
    }
    out
}

/// How many bytes of a comment, a string or a character begin here.
fn blank_length(rest: &str, before: Option<char>) -> usize {
    let in_name = before.is_some_and(|c| c.is_alphanumeric() || c == '_');
    if rest.starts_with("//") {
        rest.find('\n').unwrap_or(rest.len())
    } else if rest.starts_with("/*") {
        block_comment(rest)
    } else if rest.starts_with('"') {
        quoted(rest, '"')
    } else if rest.starts_with('r') && !(in_name && before != Some('b')) {
        raw_string(rest)
    } else if let Some(inside) = rest.strip_prefix('\'') {
        // A lifetime has no second quote where a character has it.
        let mut chars = inside.chars();
        let escaped = chars.next() == Some('\\');
        if escaped || chars.next() == Some('\'') { quoted(rest, '\'') } else { 0 }
    } else {
        0
    }
}

fn block_comment(rest: &str) -> usize {
    let mut depth = 0;
    let mut at = 0;
    while at < rest.len() {
        if rest[at..].starts_with("/*") {
            depth += 1;
            at += 2;
        } else if rest[at..].starts_with("*/") {
            depth -= 1;
            at += 2;
            if depth == 0 {
                return at;
            }
        } else {
            at += rest[at..].chars().next().map_or(1, char::len_utf8);
        }
    }
    rest.len()
}

fn quoted(rest: &str, quote: char) -> usize {
    let mut escaped = false;
    for (at, c) in rest.char_indices().skip(1) {
        if c == quote && !escaped {
            return at + c.len_utf8();
        }
        escaped = c == '\\' && !escaped;
    }
    rest.len()
}

fn raw_string(rest: &str) -> usize {
    let hashes = rest[1..].bytes().take_while(|byte| *byte == b'#').count();
    let Some(inside) = rest[1 + hashes..].strip_prefix('"') else { return 0 };
    let end = format!("\"{}", "#".repeat(hashes));
    inside.find(&end).map_or(rest.len(), |at| 1 + hashes + 1 + at + end.len())
}
