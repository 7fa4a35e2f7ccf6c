//! The messages of one stream, and where the user looks: which lines are on view, which one is selected, which ones a
//! filter has found. It keeps what it is given and decides nothing about memory; that is the history's.

use std::collections::VecDeque;

use super::filter::Filter;
use super::history::Line;

/// The messages of one service, oldest first, and where the user looks.
#[derive(Debug, Default)]
pub struct Pane {
    /// The number of the first line that is kept.
    first: u64,
    lines: VecDeque<Line>,
    /// The view ends before this line.
    pub(super) frozen: Option<u64>,
    /// So is one that samples: it ends before this line until it is told to go on.
    held: Option<u64>,
    /// While a line is selected, the view ends before this one.
    pub(super) anchor: Option<u64>,
    /// The user looks at this line, or at what stands in its place.
    pub(super) selected: Option<u64>,
    /// The numbers of the lines that the filter admits, where there is one.
    hits: Option<VecDeque<u64>>,
    /// Lines before this one have not been held against it yet.
    below: u64,
    /// What the service is called, for the filter.
    service: String,
    /// Only these are shown.
    pub(super) hides: bool,
}

/// A screen does not have more rows than this.
const TALLEST: u64 = 500;

impl Pane {
    /// One whose view ends before a line, if the view stands still.
    pub(super) fn new(frozen: Option<u64>) -> Self {
        Self { frozen, ..Self::default() }
    }

    pub fn len(&self) -> usize {
        self.lines.len()
    }

    pub fn is_empty(&self) -> bool {
        self.lines.is_empty()
    }

    /// Lines that came after the view was frozen or a line was selected.
    pub fn unseen(&self) -> u64 {
        self.end() - self.anchor.or(self.frozen).unwrap_or(self.end()).min(self.end())
    }

    /// How many lines the filter admits, of how many that were looked at.
    pub fn found(&self) -> Option<(usize, usize)> {
        let left = usize::try_from(self.below.saturating_sub(self.first)).unwrap_or(usize::MAX);
        self.hits.as_ref().map(|hits| (hits.len(), self.lines.len().saturating_sub(left)))
    }

    /// Whether there are lines that were not looked at.
    pub fn is_searching(&self) -> bool {
        self.hits.is_some() && self.below > self.first
    }

    /// Whether the filter hides what it does not admit.
    pub fn hides(&self) -> bool {
        self.hides
    }

    /// What is on view in so many rows, oldest first, each line with its number.
    pub fn window(&self, rows: usize) -> Vec<(u64, &Line)> {
        let newest = self.newest();
        let limit = self.position(self.anchor.unwrap_or(u64::MAX)).min(newest);
        let end = match self.place() {
            // The selected line is in the middle, unless the newest lie below it.
            Some(place) => (place + rows / 2 + 1).min(limit).max(place + 1),
            None => limit,
        };
        // A view whose lines were evicted shows the oldest that are left.
        let end = end.max(rows.min(newest));
        let numbers = (end.saturating_sub(rows)..end).filter_map(|place| self.number(place));
        numbers.filter_map(|number| Some((number, self.line(number)?))).collect()
    }

    /// The line of this number, if it is still kept.
    pub fn line(&self, number: u64) -> Option<&Line> {
        self.lines.get(usize::try_from(number.checked_sub(self.first)?).ok()?)
    }

    /// The selected line, if there is one.
    pub fn selected(&self) -> Option<(u64, &Line)> {
        let number = self.number(self.place()?)?;
        Some((number, self.line(number)?))
    }

    /// The selected line, or the newest.
    pub fn current(&self) -> Option<(u64, &Line)> {
        let place = self.place().or(self.newest().checked_sub(1))?;
        let number = self.number(place)?;
        Some((number, self.line(number)?))
    }

    /// Moves the selection by so many lines; beyond the newest the view follows again, with none selected.
    pub fn select_by(&mut self, by: i64) {
        let newest = self.newest();
        let here = self.place().unwrap_or(newest);
        let step = usize::try_from(by.unsigned_abs()).unwrap_or(usize::MAX);
        let there = if by < 0 { here.saturating_sub(step) } else { here.saturating_add(step) };
        match self.number(there).filter(|_| there < newest) {
            Some(number) => self.select(number),
            None => self.follow(),
        }
    }

    /// Selects the line of this number, and holds the view.
    pub fn select(&mut self, number: u64) {
        let anchor = self.anchor.unwrap_or(self.shown_end());
        self.anchor = Some(anchor.max(number + 1));
        self.selected = Some(number);
    }

    /// No line is selected, and the newest are on view.
    pub fn follow(&mut self) {
        self.selected = None;
        self.anchor = None;
    }

    /// Selects the next line that the filter admits, or the one before. Says whether there is one.
    pub fn jump(&mut self, back: bool) -> bool {
        let limit = self.frozen.unwrap_or(u64::MAX);
        let here = self.selected.unwrap_or(limit);
        let Some(hits) = &self.hits else { return false };
        let there = if back {
            hits.partition_point(|hit| *hit < here).checked_sub(1).and_then(|place| hits.get(place))
        } else {
            hits.get(hits.partition_point(|hit| *hit <= here)).filter(|hit| **hit < limit)
        };
        let there = there.copied();
        if let Some(number) = there {
            self.select(number);
        }
        there.is_some()
    }

    /// The shown line so many lines away from another.
    pub fn neighbour(&self, number: u64, by: i64) -> Option<u64> {
        let here = self.position(number);
        let step = usize::try_from(by.unsigned_abs()).ok()?;
        let there = if by < 0 { here.checked_sub(step) } else { here.checked_add(step) }?;
        self.number(there).filter(|_| there < self.newest())
    }

    /// The last line before another that is of its kind and went the same way; not looked for very far.
    pub fn before(&self, number: u64) -> Option<&Line> {
        let line = self.line(number)?;
        let alike = |other: &&Line| other.kind == line.kind && other.dir == line.dir;
        let end = usize::try_from(number.checked_sub(self.first)?).ok()?;
        self.lines.range(..end).rev().take(1000).find(alike)
    }

    /// All lines, oldest first, with their numbers.
    pub fn lines(&self) -> impl DoubleEndedIterator<Item = (u64, &Line)> {
        let first = self.first;
        self.lines.iter().enumerate().map(move |(place, line)| (first + place as u64, line))
    }

    /// The number of the line that comes next.
    pub fn end(&self) -> u64 {
        self.first + self.lines.len() as u64
    }

    pub(super) fn show_newest(&mut self) {
        self.held = Some(self.end());
    }

    /// The view ends before this line, if none is selected.
    pub(super) fn shown_end(&self) -> u64 {
        // One that was left behind so far that its lines are gone goes on.
        let held = self.held.filter(|held| self.first == 0 || *held >= self.first + TALLEST);
        self.frozen.or(held).unwrap_or(self.end())
    }

    /// How many lines can be looked at.
    fn newest(&self) -> usize {
        self.position(self.shown_end())
    }

    /// Where the selected line stands among those that can be looked at.
    fn place(&self) -> Option<usize> {
        Some(self.position(self.selected?).min(self.newest().checked_sub(1)?))
    }

    fn shown(&self) -> Option<&VecDeque<u64>> {
        self.hits.as_ref().filter(|_| self.hides)
    }

    /// How many of the lines that can be looked at come before the line of this number.
    fn position(&self, number: u64) -> usize {
        match self.shown() {
            Some(hits) => hits.partition_point(|hit| *hit < number),
            None => usize::try_from(number.saturating_sub(self.first)).unwrap_or(usize::MAX).min(self.lines.len()),
        }
    }

    fn number(&self, position: usize) -> Option<u64> {
        match self.shown() {
            Some(hits) => hits.get(position).copied(),
            None => Some(self.first + position as u64).filter(|number| *number < self.end()),
        }
    }

    pub(super) fn push(&mut self, line: Line, filter: &Filter, service: &str) {
        let number = self.end();
        if let Some(hits) = &mut self.hits
            && filter.admits(&line.seen(service))
        {
            hits.push_back(number);
        }
        self.lines.push_back(line);
    }

    pub(super) fn forget(&mut self) -> Option<Line> {
        let line = self.lines.pop_front()?;
        if let Some(hits) = &mut self.hits
            && hits.front() == Some(&self.first)
        {
            hits.pop_front();
        }
        self.first += 1;
        Some(line)
    }

    /// Begins to look for what a filter admits; without the name of a service, there is none.
    pub(super) fn search(&mut self, service: Option<String>) {
        self.hits = service.is_some().then(VecDeque::new);
        self.below = self.end();
        self.service = service.unwrap_or_default();
    }

    /// Goes on looking, from the newest to the oldest, through so many bytes. Says how many that were.
    pub(super) fn look_back(&mut self, filter: &Filter, bytes: usize) -> usize {
        let mut looked = 0;
        while looked < bytes && self.is_searching() {
            let number = self.below - 1;
            let Some(line) = self.line(number) else { break };
            looked += line.body.len() + size_of::<Line>();
            let admitted = filter.admits(&line.seen(&self.service));
            if let Some(hits) = self.hits.as_mut().filter(|_| admitted) {
                hits.push_front(number);
            }
            self.below = number;
        }
        looked
    }
}
