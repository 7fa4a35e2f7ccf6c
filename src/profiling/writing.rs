//! TOML written out: texts, keys, comments, and whole tables with a remark beside each value. It knows TOML, and nothing
//! of what a profile means.

use std::fmt::Write as _;

use crate::profile::tree::{Node, Origin, Table, Value};
use crate::text;

/// Longer lines of a table within a table are broken into a table of its own.
const WIDE: usize = 100;

/// A text as TOML: as it is between single quotes where that can be, else with escapes.
pub(super) fn quote(text: &str) -> String {
    let literal = |c: char| c != '\'' && !acts(c);
    if text.chars().all(literal) {
        // Plain words look best in the quotes that everybody knows.
        let plain = !text.contains(['"', '\\']);
        return if plain { format!("\"{text}\"") } else { format!("'{text}'") };
    }
    let mut out = String::from("\"");
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            c if acts(c) && u32::from(c) <= 0xffff => {
                let _written = write!(out, "\\u{:04x}", u32::from(c));
            }
            c if acts(c) => {
                let _written = write!(out, "\\U{:08x}", u32::from(c));
            }
            c => out.push(c),
        }
    }
    out.push('"');
    out
}

/// Controls, and what changes the direction or the line of a text, or is not seen at all.
fn acts(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}'
            | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e0fff}')
}

pub(super) fn key(name: &str) -> String {
    let bare = !name.is_empty() && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_' || b == b'-');
    if bare { name.to_owned() } else { quote(name) }
}

/// A text of a stranger as one or more lines of comment, with nothing in it that ends the comment or acts on a terminal.
pub(super) fn comment(words: &str) -> String {
    words.lines().fold(String::new(), |mut out, line| {
        let _written = writeln!(out, "# {}", text::clean(line));
        out
    })
}

/// A whole table, `remark` beside each value whose origin it has words for.
pub(super) fn document(table: &Table, remark: &dyn Fn(Origin) -> Option<String>) -> String {
    let mut out = String::new();
    Writer { out: &mut out, remark }.section("", table, None);
    out
}

/// A value on one line.
pub(super) fn inline(value: &Value) -> String {
    match value {
        Value::Text(text) => quote(text),
        Value::Integer(number) => number.to_string(),
        Value::Float(_, text) | Value::Date(text) => text.clone(),
        Value::Bool(bool) => bool.to_string(),
        Value::List(list) => {
            let items: Vec<_> = list.iter().map(|node| inline(&node.value)).collect();
            format!("[{}]", items.join(", "))
        }
        Value::Table(table) if table.entries.is_empty() => "{}".to_owned(),
        Value::Table(table) => {
            let entries: Vec<_> = table
                .entries
                .iter()
                .map(|entry| format!("{} = {}", key(&entry.key), inline(&entry.node.value)))
                .collect();
            format!("{{ {} }}", entries.join(", "))
        }
    }
}

struct Writer<'a> {
    out: &'a mut String,
    remark: &'a dyn Fn(Origin) -> Option<String>,
}

impl Writer<'_> {
    // Recursion ends: the tree is no deeper than TOML may nest.
    fn section(&mut self, path: &str, table: &Table, said: Option<&str>) {
        let own = |node: &Node| path.is_empty() || path == "service" || !fits(node);
        let of_its_own = |node: &Node| match &node.value {
            Value::Table(_) => own(node),
            Value::List(list) => {
                !list.is_empty()
                    && list.iter().all(|node| matches!(node.value, Value::Table(_)))
                    && (path.is_empty() || !fits(node))
            }
            Value::Text(_) | Value::Integer(_) | Value::Float(..) | Value::Bool(_) | Value::Date(_) => false,
        };
        for entry in table.entries.iter().filter(|entry| !of_its_own(&entry.node)) {
            let line = format!("{} = {}", key(&entry.key), inline(&entry.node.value));
            self.line(&line, entry.node.origin, said);
        }
        for entry in table.entries.iter().filter(|entry| of_its_own(&entry.node)) {
            let name = if path.is_empty() { key(&entry.key) } else { format!("{path}.{}", key(&entry.key)) };
            match &entry.node.value {
                Value::Table(inner) => self.titled(&format!("[{name}]"), &name, inner, entry.key_origin),
                Value::List(list) => {
                    for node in list {
                        if let Value::Table(inner) = &node.value {
                            self.titled(&format!("[[{name}]]"), &name, inner, node.origin);
                        }
                    }
                }
                Value::Text(_) | Value::Integer(_) | Value::Float(..) | Value::Bool(_) | Value::Date(_) => {}
            }
        }
    }

    fn titled(&mut self, title: &str, path: &str, table: &Table, origin: Origin) {
        // A table of tables needs no line of its own.
        let bare = table.entries.iter().all(|entry| matches!(entry.node.value, Value::Table(_)));
        let mut said = None;
        if !bare || table.entries.is_empty() || title.starts_with("[[") {
            self.out.push('\n');
            self.line(title, origin, None);
            said = (self.remark)(origin);
        }
        self.section(path, table, said.as_deref());
    }

    /// What the title of a table says is not said again in it.
    fn line(&mut self, line: &str, origin: Origin, said: Option<&str>) {
        self.out.push_str(line);
        let words = (self.remark)(origin);
        match words.as_deref() {
            Some(words) if Some(words) != said => {
                let _written = write!(self.out, "  # {}", text::clean(words));
            }
            None if said.is_some() => self.out.push_str("  # here"),
            Some(_) | None => {}
        }
        self.out.push('\n');
    }
}

fn fits(node: &Node) -> bool {
    inline(&node.value).len() <= WIDE
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::profile::diagnostic::{Problems, Source};
    use crate::profile::tree;

    fn parse(text: &str) -> Table {
        let mut problems = Problems::default();
        let (_, table) = tree::parse(&mut problems, Source::new("t", text));
        table.unwrap_or_else(|| panic!("{:?}\n{text}", problems.into_diagnostics()))
    }

    #[test]
    fn a_document_is_read_back_as_it_was() {
        let text = "a = 1\nb = ['x', \"y'z\"]\nd = 1.50\n[t]\nk = true\nw = { \"/a\" = 'b', c = { re = '^\\d' } }\n\
                    [[r]]\nwhen = {}\n[[r]]\nwhen = { x = 1 }\n[service.\"业务 1\"]\np = 'q'\n[service.b]\n";
        let table = parse(text);
        let written = document(&table, &|_| None);
        let plain = |table: &Table| inline(&Value::Table(table.clone()));
        assert_eq!(plain(&parse(&written)), plain(&table), "{written}");
        assert!(written.contains("[service.\"业务 1\"]") && written.contains("[[r]]\nwhen = {}"), "{written}");
    }

    proptest! {
        #[test]
        fn every_text_and_key_is_read_back(text: String, name: String) {
            let line = format!("{} = {}", key(&name), quote(&text));
            prop_assert!(!line.chars().any(acts), "{:?}", line);
            let table = parse(&line);
            prop_assert_eq!(&table.entries[0].key, &name);
            prop_assert_eq!(table.entries[0].node.value.as_text(), Some(&*text));
        }

        #[test]
        fn no_text_leaves_its_comment(words: String) {
            let table = parse(&format!("{}a = 1\n", comment(&words)));
            prop_assert_eq!(table.entries.len(), 1);
        }
    }
}
