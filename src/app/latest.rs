//! The latest value of each key: a table of what a service last said of each symbol, device or room. It is made of the
//! history when it is opened and kept up while it is open; closed, it costs nothing. Which path is the key is guessed
//! ([`guess`]) until the user says.

mod guess;

use std::collections::HashMap;

pub use self::guess::{Guess, guess};

use super::history::{Line, Pane, Stream};
use super::json::decimal::difference;
use super::json::path::Path;
use super::json::unquoted;
use crate::event::{Dir, FeedId, Form, Kind};
use crate::time::Ts;

/// Keys of one table. What comes for others is counted.
pub const MOST_KEYS: usize = 500;
/// Values beside the key.
pub const VALUES: usize = 3;
/// Of the history, so many of the newest messages are looked at.
const DEEP: usize = 20_000;
/// Messages that a guess is made from.
const SAMPLE: usize = 300;
/// A longer key or value is cut.
const LONG: usize = 80;

#[derive(Clone, Debug)]
pub struct Latest {
    pub feed: FeedId,
    pub stream: Stream,
    /// What may be keys and values, the likeliest first.
    pub guess: Guess,
    /// Which of the keys is taken; behind the last of them all messages are one.
    pub key: usize,
    /// Which of the values comes first.
    pub value: usize,
    pub rows: Vec<Row>,
    /// The selected one.
    pub at: usize,
    pub sort: Sort,
    /// Messages of keys that have no row.
    pub others: u64,
    /// Messages without the key.
    pub without: u64,
    index: HashMap<Box<[u8]>, usize>,
}

/// What is known of one key.
#[derive(Clone, Debug)]
pub struct Row {
    pub key: Box<[u8]>,
    /// As they came, without quotes.
    pub values: [Option<Box<[u8]>>; VALUES],
    /// How much the first value changed when it last did, with its sign; none where it is no number.
    pub change: Option<String>,
    pub at: Ts,
    pub count: u64,
    /// The number of its last message.
    pub number: u64,
}

/// The order of the rows. They are put into it when it is asked for, and new ones go to their end.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Sort {
    #[default]
    Key,
    /// The newest first.
    Age,
    /// The most frequent first.
    Count,
}

impl Latest {
    pub fn new(feed: FeedId, stream: Stream, pane: Option<&Pane>) -> Self {
        let guess = guess(
            pane.into_iter()
                .flat_map(|pane| pane.lines().rev())
                .map(|(_, line)| line)
                .filter(|line| tells(line))
                .take(SAMPLE),
        );
        let mut made = Self {
            feed,
            stream,
            guess,
            key: 0,
            value: 0,
            rows: Vec::new(),
            at: 0,
            sort: Sort::default(),
            others: 0,
            without: 0,
            index: HashMap::new(),
        };
        made.read(pane);
        made
    }

    /// The path that tells the rows apart; none: there is one row.
    pub fn key_path(&self) -> Option<&Path> {
        self.guess.keys.get(self.key)
    }

    /// The paths of the values on view.
    pub fn value_paths(&self) -> impl Iterator<Item = &Path> {
        let values = &self.guess.values;
        let shown = values.len().min(VALUES);
        (0..shown).filter_map(move |n| values.get((self.value + n) % values.len()))
    }

    /// Takes the next path as the key.
    pub fn next_key(&mut self, pane: Option<&Pane>) {
        self.key = if self.key >= self.guess.keys.len() { 0 } else { self.key + 1 };
        self.read(pane);
    }

    /// Takes another value as the first.
    pub fn next_value(&mut self, by: i64, pane: Option<&Pane>) {
        let len = self.guess.values.len().max(1);
        let by = if by < 0 { len - 1 } else { 1 };
        self.value = (self.value + by) % len;
        self.read(pane);
    }

    pub fn next_sort(&mut self) {
        self.sort = match self.sort {
            Sort::Key => Sort::Age,
            Sort::Age => Sort::Count,
            Sort::Count => Sort::Key,
        };
        self.put_in_order();
    }

    pub fn step(&mut self, by: i64) {
        let step = usize::try_from(by.unsigned_abs()).unwrap_or(usize::MAX);
        let there = if by < 0 { self.at.saturating_sub(step) } else { self.at.saturating_add(step) };
        self.at = there.min(self.rows.len().saturating_sub(1));
    }

    /// Takes in a message of the stream.
    pub fn hear(&mut self, number: u64, line: &Line) {
        if !tells(line) {
            return;
        }
        if self.guess.is_empty() {
            // The first message of all: there was nothing to guess from.
            self.guess = guess(std::iter::once(line));
        }
        let found = self.key_path().map(|path| path.find(&line.body).map(|raw| short(&unquoted(raw))));
        let Some(key) = found.unwrap_or_else(|| Some(Box::default())) else {
            self.without += 1;
            return;
        };
        let row = match self.index.get(&key).copied() {
            Some(row) => row,
            None if self.rows.len() < MOST_KEYS => {
                let row = self.rows.len();
                self.index.insert(key.clone(), row);
                let values = [None, None, None];
                self.rows.push(Row { key, values, change: None, at: line.at, count: 0, number });
                row
            }
            None => {
                self.others += 1;
                return;
            }
        };
        let mut found = [None, None, None];
        for (place, path) in found.iter_mut().zip(self.value_paths()) {
            *place = path.find(&line.body).map(|raw| short(&unquoted(raw)));
        }
        let Some(row) = self.rows.get_mut(row) else { return };
        for (n, (old, new)) in row.values.iter_mut().zip(found).enumerate() {
            // What a message does not tell stays as it was.
            let Some(new) = new else { continue };
            if n == 0
                && let Some(old) = old
                && *old != new
            {
                row.change = difference(old, &new);
            }
            *old = Some(new);
        }
        row.at = line.at;
        row.count += 1;
        row.number = number;
    }

    fn read(&mut self, pane: Option<&Pane>) {
        (self.rows, self.index) = (Vec::new(), HashMap::new());
        (self.others, self.without) = (0, 0);
        let Some(pane) = pane else { return };
        for (number, line) in pane.lines().skip(pane.len().saturating_sub(DEEP)) {
            self.hear(number, line);
        }
        self.put_in_order();
        self.step(0);
    }

    fn put_in_order(&mut self) {
        match self.sort {
            Sort::Key => self.rows.sort_by(|a, b| a.key.cmp(&b.key)),
            Sort::Age => self.rows.sort_by_key(|row| std::cmp::Reverse(row.at)),
            Sort::Count => self.rows.sort_by_key(|row| std::cmp::Reverse(row.count)),
        }
        self.index = self.rows.iter().enumerate().map(|(n, row)| (row.key.clone(), n)).collect();
    }
}

/// Whether a message tells values: data that came, as JSON.
fn tells(line: &Line) -> bool {
    line.form == Form::Json
        && line.dir == Dir::In
        && matches!(line.kind, Kind::Data | Kind::Snapshot | Kind::Other | Kind::Notice)
}

fn short(text: &[u8]) -> Box<[u8]> {
    text.get(..LONG).unwrap_or(text).into()
}

#[cfg(test)]
mod tests;
