//! `--set PATH=VALUE`: a dotted path into a tree, and what to put there.
//!
//! It knows how a path goes through tables and lists. Whether a path means anything is found out by the one who reads the
//! result: a name that is unknown there is told with its place in the argument, as all arguments are sources.

use toml::de::DeValue;

use super::diagnostic::{Origin, Problems, Source};
use super::tree::{self, Entry, Node, Table, Value};

const MAX_SEGMENTS: usize = 16;

/// Does what one `--set PATH=VALUE` asks for. See [`Table::lay_over`] for the rivals.
pub fn apply(problems: &mut Problems, table: &mut Table, text: &str, rivals: &[&[&str]]) {
    let number = problems.add_source(Source::new("--set", text));
    let (path, value) = match path(text, number) {
        Ok(split) => split,
        Err((at, message)) => {
            let help = "write PATH=VALUE, as in heartbeat.after=20s; a name with a dot goes in quotes: service.\"a.b\".stale=5s";
            problems.tell_help(at, message, help);
            return;
        }
    };
    let rest = &text[value..];
    let start = value + rest.len() - rest.trim_start().len();
    let at = Origin::new(number, start..start + rest.trim().len());
    let plain = Node { value: Value::Text(rest.trim().to_owned()), origin: at };
    let node = match tree::parse_value(problems, at) {
        // What only looks like a date is text.
        None | Some(Node { value: Value::Date(_), .. }) => plain,
        Some(node) => node,
    };
    Setting { problems, rivals }.set(table, &path, node);
}

struct Segment {
    key: String,
    at: Origin,
}

impl Segment {
    fn index(&self) -> Option<usize> {
        self.key.bytes().all(|byte| byte.is_ascii_digit()).then(|| self.key.parse().ok())?
    }
}

/// The segments before `=`, and where the value begins.
fn path(text: &str, number: usize) -> Result<(Vec<Segment>, usize), (Origin, &'static str)> {
    let origin = |start: usize, end: usize| Origin::new(number, start..end);
    let mut segments = Vec::new();
    let mut at = 0;
    loop {
        at += text[at..].len() - text[at..].trim_start().len();
        let rest = &text[at..];
        let (len, key) = if rest.starts_with(['"', '\'']) {
            let len = quoted_len(rest).ok_or((origin(at, text.len()), "a quote is never closed"))?;
            let value = DeValue::parse(&rest[..len]).ok();
            let key = value.and_then(|value| value.get_ref().as_str().map(str::to_owned));
            (len, key.ok_or((origin(at, at + len), "this is no name in quotes"))?)
        } else {
            let odd = |c: char| matches!(c, '.' | '=' | '"' | '\'' | '[' | ']') || c.is_whitespace();
            let len = rest.find(odd).unwrap_or(rest.len());
            (len, rest[..len].to_owned())
        };
        if len == 0 {
            return Err((origin(at, at), "a name is missing"));
        }
        segments.push(Segment { key, at: origin(at, at + len) });
        if segments.len() > MAX_SEGMENTS {
            return Err((origin(at, at + len), "this path is too long"));
        }
        at += len;
        at += text[at..].len() - text[at..].trim_start().len();
        match text[at..].chars().next() {
            Some('.') => at += 1,
            Some('=') => return Ok((segments, at + 1)),
            Some(odd) => return Err((origin(at, at + odd.len_utf8()), "expected `.` or `=`")),
            None => return Err((origin(at, at), "`=` and a value are missing")),
        }
    }
}

/// How long a text in quotes is that begins here, its quotes included.
fn quoted_len(text: &str) -> Option<usize> {
    let quote = text.chars().next()?;
    let mut escaped = false;
    for (at, c) in text.char_indices().skip(1) {
        match c {
            _ if escaped => escaped = false,
            '\\' if quote == '"' => escaped = true,
            _ if c == quote => return Some(at + 1),
            _ => {}
        }
    }
    None
}

struct Setting<'a> {
    problems: &'a Problems,
    rivals: &'a [&'a [&'a str]],
}

impl Setting<'_> {
    // Recursion ends: a path has few segments.
    fn set(&self, table: &mut Table, path: &[Segment], node: Node) {
        let Some((first, rest)) = path.split_first() else { return };
        let entry = |node| Entry { key: first.key.clone(), key_origin: first.at, node };
        if rest.is_empty() {
            for group in self.rivals.iter().filter(|group| group.contains(&&*first.key)) {
                table.entries.retain(|entry| !group.contains(&&*entry.key));
            }
            table.put(entry(node));
            return;
        }
        let inner = match table.get_mut(&first.key) {
            Some(entry) => &mut entry.node,
            None => table.put(entry(Node { value: Value::Table(Table::default()), origin: first.at })),
        };
        match &mut inner.value {
            // A single one may be called the first.
            Value::Table(inner) if first.key == "heartbeat" && rest[0].index().is_some() => match rest.split_first() {
                Some((number, rest)) if number.index() == Some(1) && !rest.is_empty() => self.set(inner, rest, node),
                Some(_) | None => {
                    self.problems.tell_help(rest[0].at, "there is one heartbeat", "heartbeat.KEY is its own");
                }
            },
            Value::Table(inner) => self.set(inner, rest, node),
            Value::List(list) => self.set_in_list(list, first, rest, node),
            Value::Text(_) | Value::Integer(_) | Value::Float(..) | Value::Bool(_) | Value::Date(_) => {
                self.problems.tell(rest[0].at, format!("`{}` is {} and has no keys", first.key, inner.value.what()));
            }
        }
    }

    fn set_in_list(&self, list: &mut [Node], name: &Segment, path: &[Segment], node: Node) {
        let Some((first, rest)) = path.split_first() else { return };
        let (index, rest) = match first.index() {
            Some(index) => (index, rest),
            None if name.key == "heartbeat" || list.len() == 1 => (1, path),
            None => {
                let help = format!("name one by its number: {}.1.{}", name.key, first.key);
                self.problems.tell_help(first.at, format!("`{}` is a list of {}", name.key, list.len()), help);
                return;
            }
        };
        let len = list.len();
        match index.checked_sub(1).and_then(|index| list.get_mut(index)) {
            None => {
                let help = "they are counted from 1";
                self.problems.tell_help(first.at, format!("`{}` is a list of {len}", name.key), help);
            }
            Some(item) if rest.is_empty() => *item = node,
            Some(Node { value: Value::Table(table), .. }) => self.set(table, rest, node),
            Some(item) => {
                self.problems
                    .tell(first.at, format!("`{}.{index}` is {} and has no keys", name.key, item.value.what()));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::profile::layers::read;

    fn after(text: &str, sets: &[&str]) -> Result<String, Vec<String>> {
        let mut problems = Problems::default();
        let sets: Vec<_> = sets.iter().map(|&set| set.to_owned()).collect();
        let read = read(&mut problems, Source::new("t.toml", format!("schema=1\n{text}")), &|_| None, &sets);
        if problems.count() > 0 {
            let told = problems.into_diagnostics();
            return Err(told
                .iter()
                .map(|d| format!("{}: {}", d.source.text.get(d.span.clone()).unwrap(), d.message))
                .collect());
        }
        Ok(show(&Value::Table(read.unwrap().1)))
    }

    fn show(value: &Value) -> String {
        match value {
            Value::Text(text) => format!("{text:?}"),
            Value::Integer(value) => value.to_string(),
            Value::Float(_, text) | Value::Date(text) => text.clone(),
            Value::Bool(value) => value.to_string(),
            Value::List(list) => {
                format!("[{}]", list.iter().map(|node| show(&node.value)).collect::<Vec<_>>().join(" "))
            }
            Value::Table(table) => {
                let entry = |entry: &Entry| format!("{}={}", entry.key, show(&entry.node.value));
                let entries = table.entries.iter().filter(|entry| entry.key != "schema");
                format!("{{{}}}", entries.map(entry).collect::<Vec<_>>().join(" "))
            }
        }
    }

    #[test]
    fn a_set_is_toml_else_text() {
        let set = |value: &str| after("", &[value]).unwrap();
        assert_eq!(set("a=2s"), r#"{a="2s"}"#);
        assert_eq!(set(" a . b = 2 "), "{a={b=2}}");
        assert_eq!(set("a=1.50"), "{a=1.50}");
        assert_eq!(set("a=true"), "{a=true}");
        assert_eq!(set("a=[1, 'x']"), r#"{a=[1 "x"]}"#);
        assert_eq!(set(r#"a={"type":"sub"}"#), r#"{a="{\"type\":\"sub\"}"}"#);
        assert_eq!(set("a=ws://h/p?x=1"), r#"{a="ws://h/p?x=1"}"#);
        assert_eq!(set("a=2024-01-01"), r#"{a="2024-01-01"}"#);
        assert_eq!(set("a="), r#"{a=""}"#);
        assert_eq!(set(r#"service."a.b=c".'x'=1"#), "{service={a.b=c={x=1}}}");
        assert_eq!(set("service.业务1.stale=5s"), r#"{service={业务1={stale="5s"}}}"#);
    }

    #[test]
    fn a_heartbeat_is_the_only_or_first_or_the_nth() {
        assert_eq!(after("", &["heartbeat.after=1s"]).unwrap(), r#"{heartbeat={after="1s"}}"#);
        assert_eq!(
            after("[heartbeat]\na=1\n", &["heartbeat.a=2", "heartbeat.1.b=3"]).unwrap(),
            "{heartbeat={a=2 b=3}}"
        );
        let two = "[[heartbeat]]\na=1\n[[heartbeat]]\na=1\n";
        let sets = ["heartbeat.a=2", "heartbeat.2.a=3", "heartbeat.1.b=4"];
        assert_eq!(after(two, &sets).unwrap(), "{heartbeat=[{a=2 b=4} {a=3}]}");
        assert_eq!(after(two, &["heartbeat.3.a=1"]).unwrap_err(), ["3: `heartbeat` is a list of 2"]);
        assert_eq!(after(two, &["heartbeat.0.a=1"]).unwrap_err(), ["0: `heartbeat` is a list of 2"]);
        assert_eq!(after("[heartbeat]\n", &["heartbeat.2.a=1"]).unwrap_err(), ["2: there is one heartbeat"]);
        let rivals = after("[heartbeat]\nsend='x'\nevery='1s'\n", &["heartbeat.ws_ping=true", "heartbeat.after=2s"]);
        assert_eq!(rivals.unwrap(), r#"{heartbeat={ws_ping=true after="2s"}}"#);
    }

    #[test]
    fn lists_are_entered_by_number() {
        let rules = "[[rule]]\nkind='a'\n[[rule]]\nkind='b'\n";
        assert_eq!(after(rules, &["rule.2.kind=c"]).unwrap(), r#"{rule=[{kind="a"} {kind="c"}]}"#);
        assert_eq!(after(rules, &["rule.kind=c"]).unwrap_err(), ["kind: `rule` is a list of 2"]);
        assert_eq!(after("l=[1]\n", &["l.1.x=c"]).unwrap_err(), ["1: `l.1` is an integer and has no keys"]);
        assert_eq!(after("n='x'\n", &["n.x=c"]).unwrap_err(), ["x: `n` is text and has no keys"]);
    }

    #[test]
    fn a_broken_path_is_told_with_its_place() {
        let wrong = |set: &str| after("", &[set]).unwrap_err().remove(0);
        assert_eq!(wrong("heartbeat.after"), ": `=` and a value are missing");
        assert_eq!(wrong("=5"), ": a name is missing");
        assert_eq!(wrong("a..b=5"), ": a name is missing");
        assert_eq!(wrong("a b=5"), "b: expected `.` or `=`");
        assert_eq!(wrong("\"a=5"), "\"a=5: a quote is never closed");
        assert_eq!(wrong(&("a.".repeat(20) + "b=1")), "a: this path is too long");
    }
}
