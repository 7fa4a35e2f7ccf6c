//! A message as rows that fold: one pass over its bytes, a row for each value that is not folded away. It keeps places in
//! the message and no text of it; beside the message before it, each row knows what is new.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use super::path::{Path, Step};
use super::{Children, byte, children, close, closes, opens, part, skip, space, unquoted};

/// One row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    pub depth: u32,
    /// The place of its key, with the quotes.
    pub key: Option<Range<u32>>,
    /// Its number in an array.
    pub index: Option<u32>,
    /// The place of its value.
    pub value: Range<u32>,
    pub what: What,
    pub change: Change,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum What {
    /// A value with nothing below it.
    Leaf,
    Open,
    Folded,
    /// The bracket at the end of an open one.
    End,
    /// So many more values of the array or object that begins where this row's value does.
    More(u32),
}

/// What became of a value since the message before.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Change {
    #[default]
    Same,
    Added,
    Changed,
    /// It is no longer there: the places are those of the message before.
    Gone,
}

/// What is folded, and how much is shown.
#[derive(Clone, Debug, Default)]
pub struct Folds {
    /// Arrays and objects, by where they begin, that are not as they would be by themselves.
    pub turned: BTreeSet<u32>,
    /// All are folded, or none is, but for those.
    pub all: Option<bool>,
    /// How many more values than at first are shown of each.
    pub more: BTreeMap<u32, usize>,
}

/// Values shown of one array or object at first, and each time that more are asked for.
pub const FIRST: usize = 200;
/// A tree or a text of more rows than this ends there.
pub const MOST_ROWS: usize = 200_000;
/// A message that is smaller than this is unfolded by itself, but not beyond this depth; a larger one only at its top.
const SMALL: usize = 64 << 10;
const UNFOLDED: usize = 64;
/// Messages larger than this, together, are not compared.
const COMPARED: usize = 4 << 20;
/// Nor are arrays and objects with more values.
const ENTRIES: usize = 4096;

/// The rows of the tree.
pub fn rows(doc: &[u8], folds: &Folds, before: Option<&[u8]>) -> Vec<Row> {
    let before = before.filter(|before| before.len() + doc.len() <= COMPARED);
    Walk { doc, before, folds: Some(folds), rows: Vec::new(), open: Vec::new() }.run()
}

/// The rows of the message written out, with its closing brackets; nothing is folded.
pub fn pretty(doc: &[u8]) -> Vec<Row> {
    Walk { doc, before: None, folds: None, rows: Vec::new(), open: Vec::new() }.run()
}

/// The path of a row.
pub fn path(doc: &[u8], before: &[u8], rows: &[Row], at: usize) -> Path {
    let mut steps = Vec::new();
    // Rows at this depth or deeper are beside the way to the root.
    let mut depth = rows.get(at).map_or(0, |row| row.depth + 1);
    let from = at + usize::from(rows.get(at).is_some_and(|row| row.what != What::End));
    for row in rows.iter().take(from).rev() {
        if row.depth >= depth || row.what == What::End {
            continue;
        }
        depth = row.depth;
        let doc = if row.change == Change::Gone { before } else { doc };
        if let Some(key) = &row.key {
            let name = unquoted(part(doc, wide(key)));
            steps.push(Step::Key(String::from_utf8_lossy(&name).into_owned()));
        } else if let Some(index) = row.index {
            steps.push(Step::Index(i64::from(index)));
        }
        if depth == 0 {
            break;
        }
    }
    steps.reverse();
    Path(steps)
}

pub fn wide(place: &Range<u32>) -> Range<usize> {
    place.start as usize..place.end as usize
}

/// An array or object that is being walked through.
struct Frame {
    row: usize,
    start: usize,
    limit: usize,
    count: usize,
    is_object: bool,
    before: Option<Vec<(super::Child, bool)>>,
}

struct Walk<'a> {
    doc: &'a [u8],
    before: Option<&'a [u8]>,
    /// None: everything is written out.
    folds: Option<&'a Folds>,
    rows: Vec<Row>,
    open: Vec<Frame>,
}

impl Walk<'_> {
    fn run(mut self) -> Vec<Row> {
        let start = space(self.doc, 0);
        if start >= self.doc.len() {
            return self.rows;
        }
        let before = self.before.map(|before| {
            let start = space(before, 0);
            start..skip(before, start)
        });
        let mut at = self.value(None, None, start, before, Change::Same);
        while !self.open.is_empty() && self.rows.len() < MOST_ROWS {
            at = self.child(at);
        }
        // What was cut ends where the message does.
        let end = narrow(self.doc.len());
        for frame in &self.open {
            if let Some(row) = self.rows.get_mut(frame.row) {
                row.value.end = end;
            }
        }
        self.rows
    }

    /// A row for the value that begins at `at`. Says where to go on: inside of it, or behind it.
    fn value(
        &mut self,
        key: Option<Range<usize>>,
        index: Option<usize>,
        at: usize,
        before: Option<Range<usize>>,
        change: Change,
    ) -> usize {
        let (doc, depth) = (self.doc, self.open.len());
        let opens_one = opens(byte(doc, at));
        let is_empty = opens_one && closes(byte(doc, space(doc, at + 1)));
        let what = if !opens_one || is_empty {
            What::Leaf
        } else if self.is_open(at, depth) {
            What::Open
        } else {
            What::Folded
        };
        let end = if what == What::Open { at + 1 } else { skip(doc, at) };
        let row = Row {
            depth: narrow(depth),
            key: key.map(|key| short(&key)),
            index: index.map(narrow),
            value: narrow(at)..narrow(end),
            what,
            change,
        };
        self.rows.push(row);
        if what == What::Open {
            // Deeper down the parts of a part would be looked for again and again.
            let old = self.before.zip(before).filter(|(old, place)| {
                depth < UNFOLDED && byte(old, place.start) == byte(doc, at) && change != Change::Added
            });
            let before =
                old.map(|(old, place)| children(old, place.start).take(ENTRIES + 1).map(|c| (c, false)).collect());
            let more = self.folds.and_then(|folds| folds.more.get(&narrow(at))).copied().unwrap_or(0);
            let limit = if self.folds.is_some() { FIRST + more } else { usize::MAX };
            let is_object = byte(doc, at) == b'{';
            let before = before.filter(|before: &Vec<_>| before.len() <= ENTRIES);
            self.open.push(Frame { row: self.rows.len() - 1, start: at, limit, count: 0, is_object, before });
        }
        end
    }

    fn is_open(&self, at: usize, depth: usize) -> bool {
        let Some(folds) = self.folds else { return true };
        let by_itself = folds.all.map_or(depth < if self.doc.len() <= SMALL { UNFOLDED } else { 1 }, |folded| !folded);
        by_itself != folds.turned.contains(&narrow(at))
    }

    /// The next value of the innermost open one, or its end.
    fn child(&mut self, at: usize) -> usize {
        let doc = self.doc;
        let Some(frame) = self.open.last_mut() else { return doc.len() };
        let (key, start) = Children::head(doc, at);
        if start >= doc.len() {
            return self.end(doc.len(), doc.len());
        }
        if closes(byte(doc, start)) {
            return self.end(start, start + 1);
        }
        if frame.count >= frame.limit {
            let mut commas = 0;
            let behind = close(doc, start, &mut commas);
            // A comma at the very end, as a message that was cut has it, is nobody's.
            let what = What::More(narrow(commas + 1));
            let value = narrow(frame.start)..narrow(frame.start);
            let depth = narrow(self.open.len());
            self.rows.push(Row { depth, key: None, index: None, value, what, change: Change::Same });
            return self.end(behind.saturating_sub(1), behind);
        }
        let index = (!frame.is_object).then_some(frame.count);
        let number = frame.count;
        frame.count += 1;
        let (before, change) = match (&mut frame.before, self.before) {
            (Some(entries), Some(old)) => {
                let name = key.clone().map(|key| part(doc, key));
                let found = match name {
                    Some(name) => entries
                        .iter_mut()
                        .find(|(child, used)| !used && child.key.clone().is_some_and(|key| part(old, key) == name)),
                    None => entries.get_mut(number),
                };
                match found {
                    None => (None, Change::Added),
                    Some((child, used)) => {
                        *used = true;
                        let place = child.value.clone();
                        let same = part(doc, start..skip(doc, start)) == part(old, place.clone());
                        (Some(place), if same { Change::Same } else { Change::Changed })
                    }
                }
            }
            _ => (None, Change::Same),
        };
        let end = self.value(key, index, start, before, change);
        if self.rows.last().is_some_and(|row| row.what == What::Open) {
            return end;
        }
        self.behind(end)
    }

    /// Past the comma behind a value. What is neither a comma nor an end is passed over.
    fn behind(&self, end: usize) -> usize {
        let next = space(self.doc, end);
        match byte(self.doc, next) {
            b',' => next + 1,
            b if closes(b) => next,
            _ if next >= self.doc.len() => next,
            _ => next.max(end + usize::from(next == end)),
        }
    }

    /// The innermost open one ends: its bracket stands at `at`.
    fn end(&mut self, at: usize, behind: usize) -> usize {
        let Some(frame) = self.open.pop() else { return behind };
        let depth = narrow(self.open.len());
        if let Some(row) = self.rows.get_mut(frame.row) {
            row.value.end = narrow(behind);
        }
        for (number, (child, _)) in frame.before.iter().flatten().enumerate().filter(|(_, (_, used))| !used) {
            self.rows.push(Row {
                depth: depth + 1,
                key: child.key.as_ref().map(short),
                index: child.key.is_none().then(|| narrow(number)),
                value: short(&child.value),
                what: What::Leaf,
                change: Change::Gone,
            });
        }
        if self.folds.is_none() && behind > at {
            let value = narrow(at)..narrow(behind);
            self.rows.push(Row { depth, key: None, index: None, value, what: What::End, change: Change::Same });
        }
        self.behind(behind)
    }
}

/// No message that is kept has more bytes than fit.
fn narrow(n: usize) -> u32 {
    u32::try_from(n).unwrap_or(u32::MAX)
}

fn short(place: &Range<usize>) -> Range<u32> {
    narrow(place.start)..narrow(place.end)
}

#[cfg(test)]
mod tests;
