//! TOML with the place of every key and value.
//!
//! It knows TOML and tables that lie over tables. What the keys mean it does not know; [`super::reader`] takes them out.

use std::collections::HashMap;
use std::ops::Range;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

pub use super::diagnostic::{Origin, Source};

use super::diagnostic::Problems;

/// The largest text, in bytes.
pub const MAX_TEXT: usize = 1 << 20;
/// Of the errors in the syntax of one file, the first few; the others mostly follow from them.
const MAX_SYNTAX_ERRORS: usize = 5;

/// A table in the order of its text.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Table {
    pub entries: Vec<Entry>,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Entry {
    pub key: String,
    pub key_origin: Origin,
    pub node: Node,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Node {
    pub value: Value,
    pub origin: Origin,
}

#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    Text(String),
    Integer(i128),
    /// And as it is written.
    Float(f64, String),
    Bool(bool),
    /// As it is written: nothing here is a date, so it only has to be named in an error.
    Date(String),
    List(Vec<Node>),
    Table(Table),
}

impl Value {
    /// What it is, in words.
    pub fn what(&self) -> &'static str {
        match self {
            Self::Text(_) => "text",
            Self::Integer(_) => "an integer",
            Self::Float(..) => "a number",
            Self::Bool(_) => "true or false",
            Self::Date(_) => "a date",
            Self::List(_) => "a list",
            Self::Table(_) => "a table",
        }
    }

    pub fn as_text(&self) -> Option<&str> {
        if let Self::Text(text) = self { Some(text) } else { None }
    }

    pub fn as_integer(&self) -> Option<i128> {
        if let Self::Integer(value) = self { Some(*value) } else { None }
    }

    pub fn as_bool(&self) -> Option<bool> {
        if let Self::Bool(value) = self { Some(*value) } else { None }
    }

    /// An integer counts as one.
    pub fn as_number(&self) -> Option<f64> {
        match self {
            #[expect(clippy::cast_precision_loss, reason = "what matters of a large one is that it is out of range")]
            Self::Integer(value) => Some(*value as f64),
            Self::Float(value, _) => Some(*value),
            Self::Text(_) | Self::Bool(_) | Self::Date(_) | Self::List(_) | Self::Table(_) => None,
        }
    }

    pub fn as_list(&self) -> Option<&[Node]> {
        if let Self::List(list) = self { Some(list) } else { None }
    }

    pub fn as_table(&self) -> Option<&Table> {
        if let Self::Table(table) = self { Some(table) } else { None }
    }
}

impl Table {
    pub fn get(&self, key: &str) -> Option<&Entry> {
        self.entries.iter().find(|entry| entry.key == key)
    }

    pub fn get_mut(&mut self, key: &str) -> Option<&mut Entry> {
        self.entries.iter_mut().find(|entry| entry.key == key)
    }

    pub fn remove(&mut self, key: &str) -> Option<Entry> {
        let at = self.entries.iter().position(|entry| entry.key == key)?;
        Some(self.entries.remove(at))
    }

    /// Puts an entry in, in place of one of that name if there is one.
    pub fn put(&mut self, entry: Entry) -> &mut Node {
        let at = self.entries.iter().position(|old| old.key == entry.key).unwrap_or(self.entries.len());
        match self.entries.get_mut(at) {
            Some(old) => *old = entry,
            None => self.entries.push(entry),
        }
        &mut self.entries[at].node
    }

    /// Lays `over` on this table: tables merge, everything else is replaced. Where `over` says one of several ways to say
    /// a thing (`rivals`), what this table says in another of them is dropped.
    pub fn lay_over(&mut self, over: Self, rivals: &[&[&str]]) {
        for group in rivals {
            let said = |key: &str| group.contains(&key);
            if over.entries.iter().any(|entry| said(&entry.key)) {
                self.entries.retain(|entry| !said(&entry.key) || over.get(&entry.key).is_some());
            }
        }
        let places: HashMap<String, usize> =
            self.entries.iter().enumerate().map(|(at, entry)| (entry.key.clone(), at)).collect();
        for entry in over.entries {
            match places.get(&entry.key).and_then(|at| self.entries.get_mut(*at)) {
                Some(old) => match (&mut old.node.value, entry.node.value) {
                    (Value::Table(below), Value::Table(above)) => {
                        below.lay_over(above, rivals);
                        (old.key_origin, old.node.origin) = (entry.key_origin, entry.node.origin);
                    }
                    (below, above) => {
                        *below = above;
                        (old.key_origin, old.node.origin) = (entry.key_origin, entry.node.origin);
                    }
                },
                None => self.entries.push(entry),
            }
        }
    }
}

/// Reads a text as TOML. Nothing comes back where its syntax is wrong: the errors are told to `problems`.
pub fn parse(problems: &mut Problems, source: Source) -> (usize, Option<Table>) {
    let text = source.text.clone();
    let number = problems.add_source(source);
    if text.len() > MAX_TEXT {
        let message = format!("a text of {} bytes; the largest may have {MAX_TEXT}", text.len());
        problems.tell(Origin::new(number, 0..0), message);
        return (number, None);
    }
    let (table, errors) = DeTable::parse_recoverable(&text);
    for error in errors.iter().take(MAX_SYNTAX_ERRORS) {
        problems.tell(Origin::new(number, error.span().unwrap_or(text.len()..text.len())), error.message());
    }
    if !errors.is_empty() {
        return (number, None);
    }
    let before = problems.count();
    let table = Growing { problems, number, shift: 0 }.table(table.into_inner());
    (number, (problems.count() == before).then_some(table))
}

/// Reads a part of a known source as one TOML value, if it is one.
pub fn parse_value(problems: &Problems, at: Origin) -> Option<Node> {
    let value = DeValue::parse(problems.text_at(at)).ok()?;
    Some(Growing { problems, number: at.source, shift: at.start }.node(value))
}

/// Turns what the TOML crate gives into a tree.
struct Growing<'a> {
    problems: &'a Problems,
    number: usize,
    /// Where the text begins in its source.
    shift: usize,
}

impl Growing<'_> {
    fn origin(&self, span: &Range<usize>) -> Origin {
        Origin::new(self.number, span.start + self.shift..span.end + self.shift)
    }

    // Recursion ends: the TOML crate allows a depth of some hundreds at most.
    fn table(&self, table: DeTable<'_>) -> Table {
        let entry = |(key, value): (Spanned<_>, Spanned<DeValue<'_>>)| {
            let key_origin = self.origin(&key.span());
            let key: std::borrow::Cow<'_, str> = key.into_inner();
            Entry { key: key.into_owned(), key_origin, node: self.node(value) }
        };
        let mut entries: Vec<_> = table.into_iter().map(entry).collect();
        entries.sort_by_key(|entry| entry.key_origin);
        Table { entries }
    }

    fn node(&self, value: Spanned<DeValue<'_>>) -> Node {
        let origin = self.origin(&value.span());
        let value = match value.into_inner() {
            DeValue::String(text) => Value::Text(text.into_owned()),
            DeValue::Integer(integer) => {
                let integer = i128::from_str_radix(integer.as_str(), integer.radix());
                if integer.is_err() {
                    self.problems.tell(origin, "this integer is too large");
                }
                Value::Integer(integer.unwrap_or_default())
            }
            DeValue::Float(float) => {
                let text = float.as_str();
                let value = text.parse().unwrap_or(f64::NAN);
                Value::Float(value, text.trim_start_matches('+').to_owned())
            }
            DeValue::Boolean(bool) => Value::Bool(bool),
            DeValue::Datetime(date) => Value::Date(date.to_string()),
            DeValue::Array(list) => Value::List(list.into_iter().map(|node| self.node(node)).collect()),
            DeValue::Table(table) => Value::Table(self.table(table)),
        };
        Node { value, origin }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table(problems: &mut Problems, text: &str) -> Table {
        let (_, table) = parse(problems, Source::new("t.toml", text));
        table.unwrap()
    }

    #[test]
    fn every_key_and_value_knows_its_place_and_order() {
        let mut problems = Problems::default();
        let tree = table(&mut problems, "b = 1\na = 'x'\n[\"业务\"]\nn.m = [1.50, true]\n[[r]]\nk=0xFF\n[[r]]\n");
        let keys: Vec<_> = tree.entries.iter().map(|entry| (&*entry.key, problems.text_at(entry.key_origin))).collect();
        assert_eq!(keys, [("b", "b"), ("a", "a"), ("业务", "\"业务\""), ("r", "r")]);
        assert_eq!(problems.text_at(tree.get("a").unwrap().node.origin), "'x'");
        assert_eq!(problems.line_of(tree.get("业务").unwrap().key_origin), 3);
        let rule = tree.get("r").unwrap().node.value.as_list().unwrap()[0].value.as_table().unwrap();
        assert_eq!(rule.get("k").unwrap().node.value, Value::Integer(255));
    }

    #[test]
    fn tables_merge_and_all_else_is_replaced() {
        let mut problems = Problems::default();
        let mut below =
            table(&mut problems, "x = 1\nl = [1, 2]\n[t]\na = 1\nb = 2\n[t.u]\nc = 3\n[h]\nsend = 'x'\nafter = 1\n");
        let above = table(&mut problems, "l = [3]\ny = 4\n[t]\nb = 5\n[t.u]\nd = 6\n[h]\nws_ping = true\n");
        below.lay_over(above, &[&["send", "ws_ping"]]);
        let keys = |table: &Table| table.entries.iter().map(|entry| entry.key.clone()).collect::<Vec<_>>();
        let inner = |table: &Table, key: &str| table.get(key).unwrap().node.value.as_table().unwrap().clone();
        assert_eq!(keys(&below), ["x", "l", "t", "h", "y"]);
        assert_eq!(below.get("l").unwrap().node.value.as_list().unwrap().len(), 1);
        let t = inner(&below, "t");
        assert_eq!(t.get("b").unwrap().node.value, Value::Integer(5));
        assert_eq!(t.get("b").unwrap().node.origin.source, 1);
        assert_eq!(keys(&inner(&t, "u")), ["c", "d"]);
        assert_eq!(keys(&inner(&below, "h")), ["after", "ws_ping"]);
    }

    #[test]
    fn depth_and_size_have_bounds() {
        let deep = ["[".repeat(100_000), "a.".repeat(100_000) + "b = 1", format!("[{}a]", "a.".repeat(100_000))];
        let nested = format!("k = {}1{}", "[".repeat(100_000), "]".repeat(100_000));
        let inline = format!("k = {}", "{a=".repeat(100_000));
        for text in deep.into_iter().chain([nested, inline, "x = 1\n".repeat(200_000)]) {
            let mut problems = Problems::default();
            let (_, table) = parse(&mut problems, Source::new("t.toml", text));
            assert!(table.is_none());
            assert!(problems.count() > 0);
        }
    }
}
