//! One message looked into: as a tree that folds, written out, as it came, and byte by byte. It holds a copy of the
//! message, so that it stays while the history goes on; what is on view is made anew for each row, not kept.

use std::ops::Range;

use super::copy::Copied;
use super::history::{Line, Stream};
use super::json::path::Path;
use super::json::tree::{self, Change, Folds, Row, What, wide};
use super::json::{opens, part};
use crate::event::{FeedId, Form};
use crate::text;

/// How a message is looked at.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Shape {
    #[default]
    Tree,
    Pretty,
    Raw,
    Hex,
}

impl Shape {
    pub const ALL: [Self; 4] = [Self::Tree, Self::Pretty, Self::Raw, Self::Hex];

    #[must_use]
    pub fn next(self) -> Self {
        match self {
            Self::Tree => Self::Pretty,
            Self::Pretty => Self::Raw,
            Self::Raw => Self::Hex,
            Self::Hex => Self::Tree,
        }
    }
}

/// What a key does to the tree.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Fold {
    /// Folds the row, or goes to the one around it.
    In,
    /// Unfolds it, or goes into it.
    Out,
    Turn,
    AllIn,
    AllOut,
}

#[derive(Clone, Debug)]
pub struct Inspect {
    pub feed: FeedId,
    pub stream: Stream,
    pub number: u64,
    pub line: Line,
    /// The message of its kind that came before.
    pub before: Option<Line>,
    /// The row that is selected.
    pub at: usize,
    pub shape: Shape,
    folds: Folds,
    /// Of the tree, or of what is written out.
    rows: Vec<Row>,
    /// Where the lines of the text begin.
    starts: Vec<u32>,
    /// How wide they may be.
    columns: usize,
}

impl Inspect {
    pub fn new(place: (FeedId, Stream, u64), line: Line, before: Option<Line>, shape: Shape, columns: usize) -> Self {
        let (feed, stream, number) = place;
        let (folds, rows, starts) = (Folds::default(), Vec::new(), Vec::new());
        let mut made = Self { feed, stream, number, line, before, at: 0, shape, folds, rows, starts, columns };
        made.look_at(shape);
        made
    }

    /// Looks at it in another way, or in one that can be: only JSON has a tree.
    pub fn look_at(&mut self, shape: Shape) {
        self.shape = match (self.line.form, shape) {
            (Form::Text, Shape::Tree | Shape::Pretty) => Shape::Raw,
            (Form::Binary, Shape::Tree | Shape::Pretty) => Shape::Hex,
            (Form::Json | Form::Text | Form::Binary, shape) => shape,
        };
        self.at = 0;
        self.lay_out();
    }

    /// The next way that it can be looked at.
    pub fn next_shape(&self, back: bool) -> Shape {
        let steps = if back { 3 } else { 1 };
        let mut shape = self.shape;
        for _ in 0..4 {
            shape = (0..steps).fold(shape, |shape, _| shape.next());
            if self.line.form == Form::Json || matches!(shape, Shape::Raw | Shape::Hex) {
                break;
            }
        }
        shape
    }

    pub fn resize(&mut self, columns: usize) {
        if self.columns != columns {
            self.columns = columns;
            self.lay_out();
        }
    }

    /// How many rows there are.
    pub fn len(&self) -> usize {
        match self.shape {
            Shape::Tree | Shape::Pretty => self.rows.len(),
            Shape::Raw => self.starts.len(),
            Shape::Hex => self.line.body.len().div_ceil(self.bytes_a_row()),
        }
    }

    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    pub fn step(&mut self, by: i64) {
        let step = usize::try_from(by.unsigned_abs()).unwrap_or(usize::MAX);
        let there = if by < 0 { self.at.saturating_sub(step) } else { self.at.saturating_add(step) };
        self.at = there.min(self.len().saturating_sub(1));
    }

    /// The rows that are on view in so many, with the selected one in their middle, if it is not near an end.
    pub fn window(&self, rows: usize) -> Range<usize> {
        let len = self.len();
        let start = (self.at.saturating_sub(rows / 2)).min(len.saturating_sub(rows));
        start..(start + rows).min(len)
    }

    pub fn row(&self, at: usize) -> Option<&Row> {
        self.rows.get(at)
    }

    /// The bytes that the places in a row are of.
    pub fn bytes(&self, row: &Row) -> &[u8] {
        match row.change {
            Change::Gone => self.before.as_ref().map(|line| &*line.body).unwrap_or_default(),
            Change::Same | Change::Added | Change::Changed => &self.line.body,
        }
    }

    /// A line of the text.
    pub fn raw(&self, at: usize) -> &[u8] {
        let start = self.starts.get(at).map_or(self.line.body.len(), |start| *start as usize);
        let end = self.starts.get(at + 1).map_or(self.line.body.len(), |end| *end as usize);
        part(&self.line.body, start..end)
    }

    /// A row of bytes, and how many come before it.
    pub fn hex(&self, at: usize) -> (usize, &[u8]) {
        let start = at.saturating_mul(self.bytes_a_row());
        let end = (start + self.bytes_a_row()).min(self.line.body.len());
        (start, part(&self.line.body, start..end))
    }

    /// Eight columns for the place, and four for each byte.
    pub fn bytes_a_row(&self) -> usize {
        match self.columns {
            0..43 => 4,
            43..75 => 8,
            _ => 16,
        }
    }

    /// How many values were added, changed, and are gone, of those on view.
    pub fn changes(&self) -> (usize, usize, usize) {
        let count = |change| self.rows.iter().filter(|row| row.change == change && row.what != What::Open).count();
        (count(Change::Added), count(Change::Changed), count(Change::Gone))
    }

    pub fn fold(&mut self, fold: Fold) {
        if self.shape != Shape::Tree {
            return;
        }
        let Some(row) = self.rows.get(self.at).cloned() else { return };
        let start = row.value.start;
        match (fold, row.what) {
            (Fold::AllIn, _) => self.refold(Folds { all: Some(true), ..Folds::default() }, 0),
            (Fold::AllOut, _) => self.refold(Folds { all: Some(false), ..Folds::default() }, start),
            (Fold::In | Fold::Turn, What::Open) | (Fold::Out | Fold::Turn, What::Folded) => {
                let mut folds = std::mem::take(&mut self.folds);
                if !folds.turned.remove(&start) {
                    folds.turned.insert(start);
                }
                self.refold(folds, start);
            }
            (Fold::Out | Fold::Turn, What::More(_)) => {
                let here = self.at;
                let mut folds = std::mem::take(&mut self.folds);
                *folds.more.entry(start).or_default() += 5 * tree::FIRST;
                self.refold(folds, 0);
                self.at = here;
            }
            (Fold::In, What::Leaf | What::Folded | What::End | What::More(_)) => {
                let around = self.rows.iter().take(self.at).rposition(|other| other.depth < row.depth);
                self.at = around.unwrap_or(self.at);
            }
            (Fold::Out, What::Open) => self.step(1),
            (Fold::Out | Fold::Turn, What::Leaf | What::End) => {}
        }
    }

    /// The path of the selected row; of the whole message where there is no tree.
    pub fn path(&self) -> Path {
        let before = self.before.as_ref().map(|line| &*line.body).unwrap_or_default();
        tree::path(&self.line.body, before, &self.rows, self.at)
    }

    /// The selected value, or the message.
    pub fn value(&self) -> Copied {
        match (self.shape, self.rows.get(self.at)) {
            (Shape::Tree | Shape::Pretty, Some(row))
                if row.depth > 0 && !matches!(row.what, What::More(_) | What::End) =>
            {
                Copied::value(part(self.bytes(row), wide(&row.value)))
            }
            _ => Copied::message(&self.line.body, self.line.form),
        }
    }

    fn refold(&mut self, folds: Folds, keep: u32) {
        self.folds = folds;
        self.lay_out();
        // The last row that begins no later is the value itself, or what it was folded into.
        let kept = self.rows.iter().rposition(|row| {
            row.change != Change::Gone && !matches!(row.what, What::More(_)) && row.value.start <= keep
        });
        self.at = kept.unwrap_or(0);
    }

    fn lay_out(&mut self) {
        let before = self.before.as_ref().filter(|line| line.form == Form::Json).map(|line| &*line.body);
        (self.rows, self.starts) = match self.shape {
            Shape::Tree => (tree::rows(&self.line.body, &self.folds, before), Vec::new()),
            Shape::Pretty => (tree::pretty(&self.line.body), Vec::new()),
            Shape::Raw => (Vec::new(), starts(&self.line.body, self.columns)),
            Shape::Hex => (Vec::new(), Vec::new()),
        };
        self.at = self.at.min(self.len().saturating_sub(1));
    }
}

/// Where the lines of a text begin that are no wider than so many columns, once it is cleaned.
fn starts(body: &[u8], columns: usize) -> Vec<u32> {
    let mut starts = vec![0];
    let (mut at, mut used) = (0, 0);
    while let Some(byte) = body.get(at) {
        let (width, length) = match byte {
            b' '..=b'~' | b'\n' => (1, 1),
            byte if byte.is_ascii() => (text::width(&text::clean(char::from(*byte).encode_utf8(&mut [0; 4]))), 1),
            _ => {
                let chunk = part(body, at..(at + 4).min(body.len())).utf8_chunks().next();
                let letter = chunk.and_then(|chunk| chunk.valid().chars().next());
                // A byte that is no letter is spelled `\xff`.
                letter.map_or((4, 1), |c| (text::width(&text::clean(c.encode_utf8(&mut [0; 4]))), c.len_utf8()))
            }
        };
        if used > 0 && used + width > columns {
            starts.push(u32::try_from(at).unwrap_or(u32::MAX));
            used = 0;
        }
        used += width;
        at += length;
        if *byte == b'\n' && at < body.len() {
            starts.push(u32::try_from(at).unwrap_or(u32::MAX));
            used = 0;
        }
    }
    starts
}

/// JSON that was sent or told of as text is JSON all the same.
pub fn form_of(text: &str) -> Form {
    let begins = text.trim_start().bytes().next().is_some_and(opens);
    let valid = begins && serde_json::from_str::<serde::de::IgnoredAny>(text).is_ok();
    if valid { Form::Json } else { Form::Text }
}

#[cfg(test)]
mod tests;
