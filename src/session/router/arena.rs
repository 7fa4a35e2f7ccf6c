//! Rows and their bytes, gathered until they leave together. It decides nothing about them.

use bytes::BytesMut;

use crate::event::{Batch, Row, ServiceId};
use crate::session::sequence::Numbered;

/// A batch in the making.
#[derive(Clone, Debug, Default)]
pub struct Arena {
    bytes: BytesMut,
    rows: Vec<Row>,
    /// By which sequence of the profile each row is numbered.
    sequences: Vec<Option<u16>>,
    /// What there is to know of some rows' numbers besides, in the order of the rows.
    extras: Vec<(usize, Extra)>,
    /// How many rows and bytes left last: about as many will again.
    usual: (usize, usize),
}

/// What a row's number comes with.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Extra {
    pub(super) other: Option<u64>,
    pub(super) reset: bool,
    pub(super) key: Option<Box<[u8]>>,
}

/// A row that was taken out of an arena, with all that belongs to it.
#[derive(Debug)]
pub(in crate::session) struct Taken {
    row: Row,
    body: Vec<u8>,
    sequence: Option<u16>,
    extra: Option<Extra>,
}

/// A batch leaves when it has so many rows or bytes.
const ROWS: usize = 256;
const BYTES: usize = 64 << 10;

/// The memory that a quiet feed begins with.
const LEAST: usize = 2 << 10;

/// How full an arena was.
#[derive(Clone, Copy, Debug)]
pub(super) struct Mark {
    rows: usize,
    bytes: usize,
}

impl Arena {
    /// What was gathered, as it is; the arena is empty then.
    pub fn take(&mut self) -> Batch {
        self.usual = (self.rows.len().min(ROWS), self.bytes.len().min(BYTES));
        self.sequences.clear();
        self.extras.clear();
        let bytes = self.bytes.split().freeze();
        // The next batch should not begin in a block that cannot hold it: what is in it by then would be copied again.
        if self.bytes.capacity() < bytes.len() {
            self.bytes = BytesMut::new();
        }
        Batch { bytes, rows: std::mem::take(&mut self.rows) }
    }

    pub fn is_full(&self) -> bool {
        self.rows.len() >= ROWS || self.bytes.len() >= BYTES
    }

    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    pub fn rows(&self) -> &[Row] {
        &self.rows
    }

    /// The bytes of a row, as they came.
    pub fn body(&self, row: usize) -> &[u8] {
        let Some(row) = self.rows.get(row) else { return &[] };
        let start = row.start as usize;
        self.bytes.get(start..start + row.len as usize).unwrap_or_default()
    }

    /// Which of [`crate::profile::Profile::sequences`] the number of a row belongs to.
    pub fn sequence(&self, row: usize) -> Option<usize> {
        self.sequences.get(row).copied().flatten().map(usize::from)
    }

    /// How a row is numbered.
    #[inline]
    pub fn number(&self, row: usize) -> Option<Numbered<'_>> {
        let sequence = self.sequence(row)?;
        let seq = self.rows.get(row)?.seq;
        let numbered = Numbered { sequence, seq, other: None, reset: false, key: None };
        let Some(extra) = self.find(row) else { return Some(numbered) };
        Some(Numbered { other: extra.other, reset: extra.reset, key: extra.key.as_deref(), ..numbered })
    }

    /// A row whose key was unknown belongs to this service after all.
    pub fn assign(&mut self, row: usize, service: ServiceId) {
        self.patch(row, |row| row.service = Some(service));
    }

    /// Appends a row and copies its bytes; says which number it has.
    #[inline]
    pub(super) fn push(&mut self, row: Row, body: &[u8], sequence: Option<u16>) -> usize {
        if self.rows.capacity() == 0 {
            self.rows.reserve(self.usual.0.max(4));
        }
        if self.bytes.capacity() - self.bytes.len() < body.len() {
            self.bytes.reserve(self.usual.1.max(LEAST).saturating_add(body.len()));
        }
        let (start, len) = (self.place(), u32::try_from(body.len()).unwrap_or(u32::MAX));
        self.bytes.extend_from_slice(body);
        self.rows.push(Row { start, len, ..row });
        self.sequences.push(sequence);
        self.rows.len() - 1
    }

    /// Appends a row of the same bytes as another one.
    pub(super) fn again(&mut self, row: Row, other: usize, sequence: Option<u16>) -> usize {
        let (start, len) = self.rows.get(other).map_or((0, 0), |row| (row.start, row.len));
        self.rows.push(Row { start, len, ..row });
        self.sequences.push(sequence);
        self.rows.len() - 1
    }

    pub(super) fn extra(&self, row: usize) -> Option<Extra> {
        self.find(row).cloned()
    }

    fn find(&self, row: usize) -> Option<&Extra> {
        if self.extras.is_empty() {
            return None;
        }
        let at = self.extras.binary_search_by_key(&row, |(row, _)| *row).ok()?;
        self.extras.get(at).map(|(_, extra)| extra)
    }

    /// What the number of the last row comes with.
    pub(super) fn comes_with(&mut self, row: usize, extra: Extra) {
        self.extras.push((row, extra));
    }

    /// Appends more bytes to the last row.
    pub(super) fn lengthen(&mut self, row: usize, more: &[u8]) {
        self.bytes.extend_from_slice(more);
        let end = self.place();
        self.patch(row, |row| row.len = end.saturating_sub(row.start));
    }

    pub(super) fn patch(&mut self, row: usize, change: impl FnOnce(&mut Row)) {
        if let Some(row) = self.rows.get_mut(row) {
            change(row);
        }
    }

    /// The rows from `first` on came in one frame.
    #[inline]
    pub(super) fn number_parts(&mut self, first: usize) {
        let rows = self.rows.get_mut(first..).unwrap_or_default();
        if rows.len() > 1 {
            let parts = u16::try_from(rows.len()).unwrap_or(u16::MAX);
            for (row, part) in rows.iter_mut().zip(0..=u16::MAX) {
                (row.part, row.parts) = (part, parts);
            }
        }
    }

    /// Takes a row out; its bytes stay where they were, and nobody's.
    pub(in crate::session) fn remove(&mut self, row: usize) -> Option<Taken> {
        let body = self.rows.get(row).map(|_| self.body(row).to_vec())?;
        let (taken, sequence) = (self.rows.remove(row), self.sequences.remove(row));
        let extra = self.extras.binary_search_by_key(&row, |(row, _)| *row).ok();
        let extra = extra.map(|at| self.extras.remove(at).1);
        self.extras.iter_mut().filter(|(of, _)| *of > row).for_each(|(of, _)| *of -= 1);
        Some(Taken { row: taken, body, sequence, extra })
    }

    /// Appends a row that was taken out.
    pub(in crate::session) fn give_back(&mut self, taken: Taken) {
        let row = self.push(taken.row, &taken.body, taken.sequence);
        if let Some(extra) = taken.extra {
            self.comes_with(row, extra);
        }
    }

    /// Appends a row once more.
    pub(in crate::session) fn repeat(&mut self, row: usize) {
        let Some(&known) = self.rows.get(row) else { return };
        let (sequence, extra) = (self.sequences.get(row).copied().flatten(), self.extra(row));
        let again = self.again(known, row, sequence);
        if let Some(extra) = extra {
            self.comes_with(again, extra);
        }
    }

    pub(super) fn mark(&self) -> Mark {
        Mark { rows: self.rows.len(), bytes: self.bytes.len() }
    }

    pub(super) fn rewind(&mut self, to: Mark) {
        self.rows.truncate(to.rows);
        self.sequences.truncate(to.rows);
        self.extras.truncate(self.extras.partition_point(|(row, _)| *row < to.rows));
        self.bytes.truncate(to.bytes);
    }

    fn place(&self) -> u32 {
        u32::try_from(self.bytes.len()).unwrap_or(u32::MAX)
    }
}
