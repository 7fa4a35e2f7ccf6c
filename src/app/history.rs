//! The messages that can be looked at again: one budget of bytes for all feeds, the oldest make room, whosever they are.
//! It counts nothing that is reported: what is gone from here is still in every counter.

use std::collections::{BTreeMap, VecDeque};
use std::mem::size_of;

use super::filter::Filter;
use crate::event::{Dir, FeedId, Form, Kind, ServiceId};
use crate::time::Ts;

/// Where a message belongs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Stream {
    Service(ServiceId),
    /// Messages of no service.
    Unrouted,
    /// Heartbeats and their answers.
    Beats,
}

/// One message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    pub at: Ts,
    pub kind: Kind,
    pub dir: Dir,
    pub form: Form,
    /// Its length as it came; `body` may be a part of it.
    pub len: u32,
    pub body: Box<[u8]>,
}

impl Line {
    fn cost(&self) -> usize {
        self.body.len() + OVERHEAD
    }
}

/// What a line costs beside its bytes: itself, its place in the order, and the allocator's own.
const OVERHEAD: usize = size_of::<Line>() + size_of::<u32>() + 16;

/// Everything that is kept.
#[derive(Debug)]
pub struct History {
    budget: usize,
    used: usize,
    names: BTreeMap<(FeedId, Stream), u32>,
    panes: Vec<Pane>,
    /// Whose the lines are, oldest first over all feeds.
    order: VecDeque<u32>,
    frozen: bool,
}

impl History {
    pub fn new(budget: usize) -> Self {
        Self { budget, used: 0, names: BTreeMap::new(), panes: Vec::new(), order: VecDeque::new(), frozen: false }
    }

    pub fn used(&self) -> usize {
        self.used
    }

    pub fn pane(&self, feed: FeedId, stream: Stream) -> Option<&Pane> {
        self.panes.get(*self.names.get(&(feed, stream))? as usize)
    }

    pub fn pane_mut(&mut self, feed: FeedId, stream: Stream) -> Option<&mut Pane> {
        self.panes.get_mut(*self.names.get(&(feed, stream))? as usize)
    }

    pub fn streams(&self, feed: FeedId) -> impl Iterator<Item = (Stream, &Pane)> {
        let range = (feed, Stream::Service(ServiceId(0)))..=(feed, Stream::Beats);
        self.names.range(range).filter_map(|((_, stream), i)| Some((*stream, self.panes.get(*i as usize)?)))
    }

    /// Keeps a copy of a message. One that is larger than an eighth of the budget is kept in part.
    #[expect(clippy::too_many_arguments, reason = "a row, its place and its bytes")]
    pub fn push(
        &mut self,
        feed: FeedId,
        stream: Stream,
        at: Ts,
        kind: Kind,
        dir: Dir,
        form: Form,
        body: &[u8],
        filter: &Filter,
    ) {
        let len = u32::try_from(body.len()).unwrap_or(u32::MAX);
        let body = body.get(..self.budget / 8).unwrap_or(body);
        let line = Line { at, kind, dir, form, len, body: body.into() };
        let cost = line.cost();
        while self.used + cost > self.budget {
            let Some(oldest) = self.order.pop_front() else { return };
            if let Some(gone) = self.panes.get_mut(oldest as usize).and_then(Pane::forget) {
                self.used -= gone.cost().min(self.used);
            }
        }
        let next = u32::try_from(self.panes.len()).unwrap_or(u32::MAX);
        let index = *self.names.entry((feed, stream)).or_insert(next);
        if index == next {
            let frozen = self.frozen.then_some(0);
            self.panes.push(Pane { frozen, ..Pane::default() });
        }
        if let Some(pane) = self.panes.get_mut(index as usize) {
            self.used += cost;
            self.order.push_back(index);
            pane.push(line, filter);
        }
    }

    /// Holds the view where it is, or lets it go on. What comes in is kept all the same.
    pub fn freeze(&mut self, on: bool) {
        self.frozen = on;
        for pane in &mut self.panes {
            pane.frozen = on.then(|| pane.end());
            pane.anchor = None;
        }
    }

    /// Looks through what is kept of a feed; the others forget what they had found.
    pub fn search(&mut self, feed: FeedId, filter: &Filter) {
        for ((of, _), index) in &self.names {
            if let Some(pane) = self.panes.get_mut(*index as usize) {
                pane.search((*of == feed && !filter.is_empty()).then_some(filter));
            }
        }
    }
}

/// The messages of one service, oldest first, and where the user looks.
#[derive(Debug, Default)]
pub struct Pane {
    /// The number of the first line that is kept.
    first: u64,
    lines: VecDeque<Line>,
    /// The view ends before this line.
    frozen: Option<u64>,
    /// The user scrolled: the view ends before this line.
    anchor: Option<u64>,
    /// The numbers of the lines that the filter admits, where there is one.
    hits: Option<VecDeque<u64>>,
}

impl Pane {
    pub fn len(&self) -> usize {
        self.lines.len()
    }

    pub fn is_empty(&self) -> bool {
        self.lines.is_empty()
    }

    /// Lines that came after the view was frozen or scrolled.
    pub fn unseen(&self) -> u64 {
        self.end() - self.anchor.or(self.frozen).unwrap_or(self.end()).min(self.end())
    }

    pub fn scrolled(&self) -> bool {
        self.anchor.is_some()
    }

    /// How many lines the filter admits, of how many.
    pub fn found(&self) -> Option<(usize, usize)> {
        self.hits.as_ref().map(|hits| (hits.len(), self.lines.len()))
    }

    /// What is on view in so many rows, oldest first.
    pub fn window(&self, rows: usize) -> Vec<&Line> {
        let newest = self.position(self.frozen.unwrap_or(u64::MAX));
        // A view whose lines were evicted shows the oldest that are left.
        let end = self.position(self.anchor.unwrap_or(u64::MAX)).min(newest).max(rows.min(newest));
        (end.saturating_sub(rows)..end).filter_map(|i| self.lines.get(self.index(i)?)).collect()
    }

    /// Moves the view by so many lines; beyond the newest it follows again.
    pub fn scroll(&mut self, by: i64) {
        let newest = self.position(self.frozen.unwrap_or(u64::MAX));
        let here = self.position(self.anchor.or(self.frozen).unwrap_or(u64::MAX));
        let step = usize::try_from(by.unsigned_abs()).unwrap_or(usize::MAX);
        let there = if by < 0 { here.saturating_sub(step).max(1) } else { here.saturating_add(step) };
        self.anchor = if there >= newest { None } else { self.number(there) };
    }

    fn end(&self) -> u64 {
        self.first + self.lines.len() as u64
    }

    /// How many of the lines that can be looked at come before the line of this number.
    fn position(&self, number: u64) -> usize {
        match &self.hits {
            Some(hits) => hits.partition_point(|hit| *hit < number),
            None => usize::try_from(number.saturating_sub(self.first)).unwrap_or(usize::MAX).min(self.lines.len()),
        }
    }

    fn number(&self, position: usize) -> Option<u64> {
        match &self.hits {
            Some(hits) => hits.get(position).copied(),
            None => Some(self.first + position as u64),
        }
    }

    fn index(&self, position: usize) -> Option<usize> {
        usize::try_from(self.number(position)?.checked_sub(self.first)?).ok()
    }

    fn push(&mut self, line: Line, filter: &Filter) {
        let number = self.end();
        if let Some(hits) = &mut self.hits
            && filter.admits(&line.body)
        {
            hits.push_back(number);
        }
        self.lines.push_back(line);
    }

    fn forget(&mut self) -> Option<Line> {
        let line = self.lines.pop_front()?;
        if let Some(hits) = &mut self.hits
            && hits.front() == Some(&self.first)
        {
            hits.pop_front();
        }
        self.first += 1;
        Some(line)
    }

    fn search(&mut self, filter: Option<&Filter>) {
        self.anchor = None;
        self.hits = filter.map(|filter| {
            let numbered = (self.first..).zip(&self.lines);
            numbered.filter(|(_, line)| filter.admits(&line.body)).map(|(number, _)| number).collect()
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const A: Stream = Stream::Service(ServiceId(0));
    const B: Stream = Stream::Service(ServiceId(1));

    fn push(history: &mut History, feed: u32, stream: Stream, text: &str, filter: &Filter) {
        let body = text.as_bytes();
        history.push(FeedId(feed), stream, Ts::ZERO, Kind::Data, Dir::In, Form::Text, body, filter);
    }

    fn shown(history: &History, feed: u32, stream: Stream, rows: usize) -> String {
        let lines = history.pane(FeedId(feed), stream).map(|pane| pane.window(rows)).unwrap_or_default();
        let texts: Vec<_> = lines.iter().map(|line| String::from_utf8_lossy(&line.body)).collect();
        texts.join(" ")
    }

    #[test]
    fn the_oldest_make_room_whosever_they_are() {
        let none = Filter::default();
        let mut history = History::new(4 * (OVERHEAD + 2));
        push(&mut history, 0, A, "a0", &none);
        push(&mut history, 1, A, "b0", &none);
        for n in 1..4 {
            push(&mut history, 0, B, &format!("c{n}"), &none);
            assert!(history.used() <= 4 * (OVERHEAD + 2));
        }
        assert_eq!(shown(&history, 0, A, 9), "");
        assert_eq!(shown(&history, 1, A, 9), "b0");
        assert_eq!(shown(&history, 0, B, 9), "c1 c2 c3");
        assert_eq!(shown(&history, 0, B, 2), "c2 c3");
        let streams: Vec<_> = history.streams(FeedId(0)).map(|(stream, pane)| (stream, pane.len())).collect();
        assert_eq!(streams, [(A, 0), (B, 3)]);
    }

    #[test]
    fn a_frozen_view_stays_and_counts_what_waits() {
        let none = Filter::default();
        let mut history = History::new(1 << 20);
        push(&mut history, 0, A, "1", &none);
        push(&mut history, 0, A, "2", &none);
        history.freeze(true);
        push(&mut history, 0, A, "3", &none);
        push(&mut history, 0, B, "new", &none);
        assert_eq!(shown(&history, 0, A, 9), "1 2");
        assert_eq!(shown(&history, 0, B, 9), "");
        assert_eq!(history.pane(FeedId(0), A).unwrap().unseen(), 1);
        assert_eq!(history.pane(FeedId(0), B).unwrap().unseen(), 1);
        history.freeze(false);
        assert_eq!(shown(&history, 0, A, 2), "2 3");
        assert_eq!(shown(&history, 0, B, 2), "new");
    }

    #[test]
    fn scrolling_holds_the_lines_and_finds_back() {
        let none = Filter::default();
        let mut history = History::new(1 << 20);
        for n in 0..10 {
            push(&mut history, 0, A, &n.to_string(), &none);
        }
        let pane = history.pane_mut(FeedId(0), A).unwrap();
        pane.scroll(-3);
        assert!(pane.scrolled());
        assert_eq!(shown(&history, 0, A, 3), "4 5 6");
        push(&mut history, 0, A, "10", &none);
        assert_eq!(shown(&history, 0, A, 3), "4 5 6");
        assert_eq!(history.pane(FeedId(0), A).unwrap().unseen(), 4);
        history.pane_mut(FeedId(0), A).unwrap().scroll(-1000);
        assert_eq!(shown(&history, 0, A, 3), "0 1 2");
        history.pane_mut(FeedId(0), A).unwrap().scroll(i64::MAX);
        assert_eq!(shown(&history, 0, A, 3), "8 9 10");
        assert!(!history.pane(FeedId(0), A).unwrap().scrolled());
    }

    #[test]
    fn a_filter_is_kept_up_as_lines_come_and_go() {
        let filter = Filter::new("x");
        let mut history = History::new(5 * (OVERHEAD + 2));
        for text in ["x0", "y1", "x2", "y3"] {
            push(&mut history, 0, A, text, &Filter::default());
        }
        history.search(FeedId(0), &filter);
        assert_eq!(shown(&history, 0, A, 9), "x0 x2");
        for text in ["x4", "y5", "x6"] {
            push(&mut history, 0, A, text, &filter);
        }
        assert_eq!(shown(&history, 0, A, 9), "x2 x4 x6");
        assert_eq!(history.pane(FeedId(0), A).unwrap().found(), Some((3, 5)));
        history.pane_mut(FeedId(0), A).unwrap().scroll(-1);
        assert_eq!(shown(&history, 0, A, 1), "x4");
        history.search(FeedId(0), &Filter::default());
        assert_eq!(shown(&history, 0, A, 9), "x2 y3 x4 y5 x6");
    }

    #[test]
    fn a_giant_does_not_drive_out_everything() {
        let mut history = History::new(8000);
        push(&mut history, 0, A, "small", &Filter::default());
        push(&mut history, 0, A, &"g".repeat(100_000), &Filter::default());
        assert_eq!(history.pane(FeedId(0), A).unwrap().len(), 2);
        assert_eq!(history.pane(FeedId(0), A).unwrap().window(1)[0].len, 100_000);
        let mut none = History::new(0);
        push(&mut none, 0, A, "x", &Filter::default());
        assert!(none.pane(FeedId(0), A).is_none_or(Pane::is_empty));
    }
}
