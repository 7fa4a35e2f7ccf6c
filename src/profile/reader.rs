//! Takes values out of a tree by name, checks what they are, and knows which names nobody asked for.
//!
//! Profiles and the user's configuration are read with it. What the values mean is said by whoever asks.

use std::time::Duration;

use super::diagnostic::{Origin, Problems, nearest};
use super::duration;
use super::template::Template;
use super::tree::{Entry, Node, Table};

/// One table while it is read.
#[derive(Debug)]
pub struct Reader<'a> {
    pub problems: &'a Problems,
    /// Where the table stands: for what is missing in it.
    pub origin: Origin,
    table: &'a Table,
    known: Vec<&'static str>,
    hints: &'static [(&'static str, &'static str)],
}

impl<'a> Reader<'a> {
    pub fn new(problems: &'a Problems, table: &'a Table, origin: Origin) -> Self {
        Self { problems, origin, table, known: Vec::new(), hints: &[] }
    }

    /// Reads a value as a table.
    pub fn of(problems: &'a Problems, node: &'a Node) -> Option<Self> {
        match node.value.as_table() {
            Some(table) => Some(Self::new(problems, table, node.origin)),
            None => wrong(problems, node, "a table"),
        }
    }

    /// What to say of names that are not nearly right, but known to stand elsewhere or to be called otherwise.
    pub fn hints(&mut self, hints: &'static [(&'static str, &'static str)]) {
        self.hints = hints;
    }

    /// Where what is wrong is told.
    pub fn problems(&self) -> &'a Problems {
        self.problems
    }

    /// Asks for a name. Each name that was asked for counts as known.
    pub fn get(&mut self, key: &'static str) -> Option<&'a Node> {
        if !self.known.contains(&key) {
            self.known.push(key);
        }
        self.table.get(key).map(|entry| &entry.node)
    }

    /// All entries, for a table whose names are free. Those already asked for are left out.
    pub fn others(&self) -> impl Iterator<Item = &'a Entry> + use<'a> {
        let known = self.known.clone();
        self.table.entries.iter().filter(move |entry| !known.contains(&&*entry.key))
    }

    /// Tells the names that nobody asked for.
    pub fn finish(self) {
        for entry in self.others() {
            let message = format!("unknown key `{}`", entry.key);
            let hint = self.hints.iter().find(|(name, _)| *name == entry.key).map(|(_, hint)| (*hint).to_owned());
            let near = nearest(&entry.key, self.known.iter().copied()).map(|near| format!("did you mean `{near}`?"));
            let help = hint.or(near).unwrap_or_else(|| format!("known here: {}", self.known.join(", ")));
            self.problems.tell_help(entry.key_origin, message, help);
        }
    }

    /// Says that something which must be there is not.
    pub fn missing(&self, what: &str, help: impl Into<String>) {
        self.problems.tell_help(self.origin, format!("{what} is missing"), help);
    }

    pub fn table(&mut self, key: &'static str) -> Option<Reader<'a>> {
        let node = self.get(key)?;
        Reader::of(self.problems, node)
    }

    /// Tables, where one alone needs no list.
    pub fn tables(&mut self, key: &'static str) -> Vec<Reader<'a>> {
        let nodes = self.get(key).map(items).unwrap_or_default();
        nodes.iter().filter_map(|node| Reader::of(self.problems, node)).collect()
    }

    pub fn text(&mut self, key: &'static str) -> Option<&'a str> {
        let node = self.get(key)?;
        text(self.problems, node)
    }

    pub fn bool(&mut self, key: &'static str) -> Option<bool> {
        let node = self.get(key)?;
        node.value.as_bool().or_else(|| wrong(self.problems, node, "true or false"))
    }

    /// A number between two bounds, both included.
    pub fn number(&mut self, key: &'static str, from: f64, to: f64) -> Option<f64> {
        let node = self.get(key)?;
        let Some(value) = node.value.as_number() else { return wrong(self.problems, node, "a number") };
        if (from..=to).contains(&value) {
            return Some(value);
        }
        self.problems.tell_help(node.origin, format!("`{key}` is out of range"), format!("it is {from} to {to}"));
        None
    }

    /// An integer between two bounds, both included.
    pub fn integer(&mut self, key: &'static str, from: u64, to: u64) -> Option<u64> {
        let node = self.get(key)?;
        integer(self.problems, node, key, from, to)
    }

    /// A length of time. Zero is for those who ask for it.
    pub fn duration(&mut self, key: &'static str, zero: Zero) -> Option<Duration> {
        let node = self.get(key)?;
        duration_of(self.problems, node, zero)
    }

    /// A length of time, or the word for none: `Some(None)` is `"off"`.
    pub fn duration_or_off(&mut self, key: &'static str) -> Option<Option<Duration>> {
        let node = self.get(key)?;
        if node.value.as_text() == Some("off") {
            return Some(None);
        }
        duration_of(self.problems, node, Zero::Refused).map(Some)
    }

    /// One of some words.
    pub fn choice<T: Copy>(&mut self, key: &'static str, of: &[(&str, T)]) -> Option<T> {
        let node = self.get(key)?;
        choice(self.problems, node, key, of)
    }

    /// Texts, where one alone needs no list.
    pub fn texts(&mut self, key: &'static str) -> Option<Vec<(&'a str, Origin)>> {
        let node = self.get(key)?;
        Some(items(node).iter().filter_map(|node| Some((text(self.problems, node)?, node.origin))).collect())
    }

    pub fn template(&mut self, key: &'static str, json: bool) -> Option<(Template, Origin)> {
        let node = self.get(key)?;
        template(self.problems, node, json)
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Zero {
    Allowed,
    Refused,
}

/// A value of its own, or those of a list.
pub fn items(node: &Node) -> &[Node] {
    node.value.as_list().unwrap_or(std::slice::from_ref(node))
}

pub fn text<'a>(problems: &Problems, node: &'a Node) -> Option<&'a str> {
    node.value.as_text().or_else(|| wrong(problems, node, "text"))
}

pub fn integer(problems: &Problems, node: &Node, key: &str, from: u64, to: u64) -> Option<u64> {
    let Some(value) = node.value.as_integer() else { return wrong(problems, node, "an integer") };
    let fits = u64::try_from(value).ok().filter(|value| (from..=to).contains(value));
    if fits.is_none() {
        problems.tell_help(node.origin, format!("`{key}` is out of range"), format!("it is {from} to {to}"));
    }
    fits
}

pub fn duration_of(problems: &Problems, node: &Node, zero: Zero) -> Option<Duration> {
    if let Some(number) = node.value.as_integer() {
        let help = format!("write its unit: \"{number}s\" or \"{number}ms\"");
        problems.tell_help(node.origin, "a duration needs a unit", help);
        return None;
    }
    let Some(text) = node.value.as_text() else { return wrong(problems, node, "a duration like \"30s\"") };
    match duration::parse(text) {
        Ok(Duration::ZERO) if zero == Zero::Refused => {
            problems.tell_help(node.origin, "a duration of nothing", "the shortest is 1ms");
            None
        }
        Ok(duration) => Some(duration),
        Err(help) => {
            problems.tell_help(node.origin, format!("`{text}` is no duration"), help);
            None
        }
    }
}

pub fn choice<T: Copy>(problems: &Problems, node: &Node, key: &str, of: &[(&str, T)]) -> Option<T> {
    let words = || of.iter().map(|(word, _)| *word);
    let Some(text) = node.value.as_text() else {
        return wrong(problems, node, &format!("one of {}", words().collect::<Vec<_>>().join(", ")));
    };
    if let Some((_, value)) = of.iter().find(|(word, _)| *word == text) {
        return Some(*value);
    }
    let help = nearest(text, words()).map_or_else(
        || format!("it is one of {}", words().collect::<Vec<_>>().join(", ")),
        |near| format!("did you mean `{near}`?"),
    );
    problems.tell_help(node.origin, format!("unknown {key} `{text}`"), help);
    None
}

pub fn template(problems: &Problems, node: &Node, json: bool) -> Option<(Template, Origin)> {
    let text = text(problems, node)?;
    match Template::parse(text, json) {
        Ok(template) => Some((template, node.origin)),
        Err(error) => {
            let at = inside(problems, node.origin, text, &error.at);
            match error.help {
                Some(help) => problems.tell_help(at, error.message, help),
                None => problems.tell(at, error.message),
            }
            None
        }
    }
}

/// The place of a part of a text, where the file spells the text as it is (a string without escapes); else all of it.
pub fn inside(problems: &Problems, at: Origin, text: &str, part: &std::ops::Range<usize>) -> Origin {
    let written = problems.text_at(at);
    match written.find(text) {
        Some(start) if !text.is_empty() => Origin {
            source: at.source,
            start: at.start + start + part.start.min(text.len()),
            end: at.start + start + part.end.min(text.len()),
        },
        _ => at,
    }
}

fn wrong<T>(problems: &Problems, node: &Node, wanted: &str) -> Option<T> {
    problems.tell(node.origin, format!("expected {wanted}, found {}", node.value.what()));
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::profile::diagnostic::Source;
    use crate::profile::tree;

    /// Not a profile: the names are the asker's.
    #[test]
    fn any_file_can_be_read_with_it() {
        let mut problems = Problems::default();
        let text =
            "[feed.a]\nurl = 'wss://h/?t=${env.T}&k=${file.~/key}'\nservcies = ['x']\n[feed.b]\nurl = 1\n[fed]\n";
        let (number, table) = tree::parse(&mut problems, Source::new("config.toml", text));
        let table = table.unwrap();
        let mut top = Reader::new(&problems, &table, Origin::new(number, 0..0));
        let feeds = top.table("feed").unwrap();
        let mut urls = Vec::new();
        for entry in feeds.others() {
            let mut feed = Reader::of(&problems, &entry.node).unwrap();
            urls.push((&*entry.key, feed.template("url", false).map(|(url, _)| url.holes().count())));
            feed.texts("services");
            feed.finish();
        }
        top.finish();
        assert_eq!(urls, [("a", Some(2)), ("b", None)]);
        let told = problems.into_diagnostics();
        let told: Vec<_> = told.iter().map(|one| (one.line_and_column(), &*one.message, one.help.as_deref())).collect();
        assert_eq!(
            told,
            [
                ((3, 1), "unknown key `servcies`", Some("did you mean `services`?")),
                ((5, 7), "expected text, found an integer", None),
                ((6, 2), "unknown key `fed`", Some("did you mean `feed`?")),
            ]
        );
    }
}
