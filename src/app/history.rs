//! The messages that can be looked at again: one budget of bytes for all feeds, the oldest make room, whosever they are.
//! It counts nothing that is reported: what is gone from here is still in every counter.

mod release;

use std::collections::{BTreeMap, VecDeque};
use std::mem::size_of;

use super::filter::{Filter, Seen};
pub use super::pane::Pane;
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

    /// Whether a part of it was too long to keep.
    pub fn is_cut(&self) -> bool {
        self.body.len() < self.len as usize
    }

    /// As a filter sees it.
    pub fn seen<'a>(&'a self, service: &'a str) -> Seen<'a> {
        let Self { kind, dir, form, len, .. } = *self;
        Seen { service, kind, dir, form, len, body: &self.body }
    }
}

/// A message that has come, or was sent.
#[derive(Clone, Copy, Debug)]
pub struct Arrival<'a> {
    pub feed: FeedId,
    pub stream: Stream,
    pub at: Ts,
    pub kind: Kind,
    pub dir: Dir,
    pub form: Form,
    pub body: &'a [u8],
}

/// What a line costs beside its bytes: itself, its place in the order, and the allocator's own.
const OVERHEAD: usize = size_of::<Line>() + size_of::<u32>() + 16;

/// The bytes that a search looks through at once.
const A_SLICE: usize = 2 << 20;

/// Everything that is kept.
#[derive(Debug)]
pub struct History {
    budget: usize,
    used: usize,
    names: BTreeMap<(FeedId, Stream), u32>,
    panes: Vec<Pane>,
    /// Places among them that were left.
    free: Vec<u32>,
    /// Whose the lines are, oldest first over all feeds.
    order: VecDeque<u32>,
    frozen: bool,
    /// The feed that is looked through, and whether what does not match is hidden.
    sought: Option<(FeedId, bool)>,
}

impl History {
    pub fn new(budget: usize) -> Self {
        Self {
            budget,
            used: 0,
            names: BTreeMap::new(),
            panes: Vec::new(),
            free: Vec::new(),
            order: VecDeque::new(),
            frozen: false,
            sought: None,
        }
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

    /// Keeps a copy of a message. One that is larger than a quarter of the budget is kept in part. `service` is what its
    /// service is called.
    pub fn push(&mut self, arrival: &Arrival<'_>, filter: &Filter, service: &str) {
        let Arrival { feed, stream, at, kind, dir, form, body } = *arrival;
        let len = u32::try_from(body.len()).unwrap_or(u32::MAX);
        let body = body.get(..self.budget / 4).unwrap_or(body);
        let line = Line { at, kind, dir, form, len, body: body.into() };
        let cost = line.cost();
        while self.used + cost > self.budget {
            let Some(oldest) = self.order.pop_front() else { return };
            if let Some(gone) = self.panes.get_mut(oldest as usize).and_then(Pane::forget) {
                self.used -= gone.cost().min(self.used);
            }
        }
        let index = if let Some(index) = self.names.get(&(feed, stream)) {
            *index
        } else {
            let end = u32::try_from(self.panes.len()).unwrap_or(u32::MAX);
            let index = self.free.pop().unwrap_or(end);
            self.names.insert((feed, stream), index);
            let frozen = self.frozen.then_some(0);
            let mut pane = Pane::new(frozen);
            if let Some((_, hides)) = self.sought.filter(|(of, _)| *of == feed) {
                pane.hides = hides;
                pane.search(Some(service.to_owned()));
            }
            match self.panes.get_mut(index as usize) {
                Some(left) => *left = pane,
                None => self.panes.push(pane),
            }
            index
        };
        if let Some(pane) = self.panes.get_mut(index as usize) {
            self.used += cost;
            self.order.push_back(index);
            pane.push(line, filter, service);
        }
    }

    /// Holds the view where it is, or lets it go on. What comes in is kept all the same.
    pub fn freeze(&mut self, on: bool) {
        self.frozen = on;
        for pane in &mut self.panes {
            pane.frozen = on.then(|| pane.end());
            pane.anchor = pane.selected.and(pane.anchor);
        }
    }

    /// Begins to look through what is kept of a feed; the others forget what they had found. What does not match is
    /// hidden, or only left without a mark. `service` says what the service of a stream is called.
    pub fn search(&mut self, feed: FeedId, filter: &Filter, hides: bool, service: impl Fn(Stream) -> String) {
        self.sought = (!filter.is_empty()).then_some((feed, hides));
        for ((of, stream), index) in &self.names {
            if let Some(pane) = self.panes.get_mut(*index as usize) {
                pane.hides = hides;
                pane.search((*of == feed && !filter.is_empty()).then(|| service(*stream)));
            }
        }
        self.look_back(filter);
    }

    /// Whether there are messages that a search has not come to.
    pub fn is_searching(&self) -> bool {
        self.sought.is_some_and(|(feed, _)| self.streams(feed).any(|(_, pane)| pane.is_searching()))
    }

    /// Goes on with a search for a few milliseconds, the newest messages first, so that keys and frames come between.
    pub fn look_back(&mut self, filter: &Filter) {
        let Some((feed, _)) = self.sought else { return };
        let mut left = A_SLICE;
        for ((of, _), index) in &self.names {
            if *of == feed
                && left > 0
                && let Some(pane) = self.panes.get_mut(*index as usize)
            {
                left = left.saturating_sub(pane.look_back(filter, left.min(A_SLICE / 4)));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const A: Stream = Stream::Service(ServiceId(0));
    const B: Stream = Stream::Service(ServiceId(1));

    fn push(history: &mut History, feed: u32, stream: Stream, text: &str, filter: &Filter) {
        let (kind, dir, form) = (Kind::Data, Dir::In, Form::Text);
        let arrival = Arrival { feed: FeedId(feed), stream, at: Ts::ZERO, kind, dir, form, body: text.as_bytes() };
        history.push(&arrival, filter, "a service");
    }

    fn shown(history: &History, feed: u32, stream: Stream, rows: usize) -> String {
        let lines = history.pane(FeedId(feed), stream).map(|pane| pane.window(rows)).unwrap_or_default();
        let texts: Vec<_> = lines.iter().map(|(_, line)| String::from_utf8_lossy(&line.body)).collect();
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
        let selected = |history: &History| {
            let pane = history.pane(FeedId(0), A).unwrap();
            pane.selected().map(|(_, line)| String::from_utf8_lossy(&line.body).into_owned())
        };
        let select = |history: &mut History, by| history.pane_mut(FeedId(0), A).unwrap().select_by(by);
        select(&mut history, -1);
        assert_eq!((shown(&history, 0, A, 3), selected(&history).as_deref()), ("7 8 9".to_owned(), Some("9")));
        // The view stands while the selection moves in it, and moves on with the selection in its middle.
        push(&mut history, 0, A, "10", &none);
        select(&mut history, -1);
        assert_eq!((shown(&history, 0, A, 3), selected(&history).as_deref()), ("7 8 9".to_owned(), Some("8")));
        select(&mut history, -3);
        assert_eq!((shown(&history, 0, A, 3), selected(&history).as_deref()), ("4 5 6".to_owned(), Some("5")));
        assert_eq!(history.pane(FeedId(0), A).unwrap().unseen(), 1);
        select(&mut history, -1000);
        assert_eq!((shown(&history, 0, A, 3), selected(&history).as_deref()), ("0 1 2".to_owned(), Some("0")));
        select(&mut history, 10);
        assert_eq!((shown(&history, 0, A, 3), selected(&history).as_deref()), ("8 9 10".to_owned(), Some("10")));
        select(&mut history, 1);
        assert_eq!((shown(&history, 0, A, 3), selected(&history)), ("8 9 10".to_owned(), None));
        assert_eq!(history.pane(FeedId(0), A).unwrap().unseen(), 0);
    }

    #[test]
    fn a_selected_line_that_is_evicted_gives_its_place_to_the_oldest() {
        let none = Filter::default();
        let mut history = History::new(4 * (OVERHEAD + 1));
        for n in 0..4 {
            push(&mut history, 0, A, &n.to_string(), &none);
        }
        history.pane_mut(FeedId(0), A).unwrap().select_by(-4);
        for n in 4..7 {
            push(&mut history, 0, A, &n.to_string(), &none);
        }
        let pane = history.pane(FeedId(0), A).unwrap();
        assert_eq!(pane.selected().unwrap().1.body.as_ref(), b"3");
        assert_eq!(shown(&history, 0, A, 2), "3 4");
    }

    #[test]
    fn a_search_that_hides_nothing_is_jumped_through() {
        let filter = Filter::new("x").unwrap();
        let mut history = History::new(1 << 20);
        for text in ["x0", "y1", "x2", "y3"] {
            push(&mut history, 0, A, text, &filter);
        }
        history.search(FeedId(0), &filter, false, |_| String::new());
        assert_eq!(shown(&history, 0, A, 9), "x0 y1 x2 y3");
        push(&mut history, 0, A, "x4", &filter);
        let jumped = |history: &mut History, back| {
            let pane = history.pane_mut(FeedId(0), A).unwrap();
            let there = pane.jump(back);
            there.then(|| String::from_utf8_lossy(&pane.selected().unwrap().1.body).into_owned())
        };
        assert_eq!(jumped(&mut history, false), None);
        assert_eq!(jumped(&mut history, true).as_deref(), Some("x4"));
        assert_eq!(jumped(&mut history, true).as_deref(), Some("x2"));
        assert_eq!(jumped(&mut history, true).as_deref(), Some("x0"));
        assert_eq!(jumped(&mut history, true), None);
        assert_eq!(jumped(&mut history, false).as_deref(), Some("x2"));
    }

    #[test]
    fn a_filter_is_kept_up_as_lines_come_and_go() {
        let filter = Filter::new("x").unwrap();
        let mut history = History::new(5 * (OVERHEAD + 2));
        for text in ["x0", "y1", "x2", "y3"] {
            push(&mut history, 0, A, text, &Filter::default());
        }
        history.search(FeedId(0), &filter, true, |_| String::new());
        assert_eq!(shown(&history, 0, A, 9), "x0 x2");
        for text in ["x4", "y5", "x6"] {
            push(&mut history, 0, A, text, &filter);
        }
        assert_eq!(shown(&history, 0, A, 9), "x2 x4 x6");
        assert_eq!(history.pane(FeedId(0), A).unwrap().found(), Some((3, 5)));
        history.pane_mut(FeedId(0), A).unwrap().select_by(-2);
        assert_eq!(shown(&history, 0, A, 1), "x4");
        history.pane_mut(FeedId(0), A).unwrap().follow();
        history.search(FeedId(0), &Filter::default(), true, |_| String::new());
        assert_eq!(shown(&history, 0, A, 9), "x2 y3 x4 y5 x6");
    }

    #[test]
    fn a_search_begins_with_the_newest_and_comes_to_the_oldest() {
        let mut history = History::new(64 << 20);
        let long = "x".repeat(A_SLICE / 10);
        for n in 0..20 {
            push(&mut history, 0, A, &format!("{n} {long}"), &Filter::default());
        }
        let filter = Filter::new("x").unwrap();
        history.search(FeedId(0), &filter, true, |_| String::new());
        let (found, of) = history.pane(FeedId(0), A).unwrap().found().unwrap();
        assert!(history.is_searching() && found == of && found < 5, "{found} of {of}");
        assert!(shown(&history, 0, A, 1).starts_with("19 "));
        // What comes meanwhile stands behind, and what goes is not waited for.
        push(&mut history, 0, A, "x new", &filter);
        let mut turns = 0;
        while history.is_searching() {
            history.look_back(&filter);
            turns += 1;
        }
        assert!(turns > 3);
        assert_eq!(history.pane(FeedId(0), A).unwrap().found(), Some((21, 21)));
        let numbers: Vec<_> =
            history.pane(FeedId(0), A).unwrap().window(99).iter().map(|(number, _)| *number).collect();
        assert_eq!(numbers, (0..21).collect::<Vec<_>>());
    }

    #[test]
    fn a_stream_that_comes_later_is_filtered_too() {
        let filter = Filter::new("x").unwrap();
        let mut history = History::new(1 << 20);
        history.search(FeedId(0), &filter, true, |_| String::new());
        for text in ["x0", "y1"] {
            push(&mut history, 0, A, text, &filter);
            push(&mut history, 1, A, text, &filter);
        }
        assert_eq!((shown(&history, 0, A, 9), shown(&history, 1, A, 9)), ("x0".to_owned(), "x0 y1".to_owned()));
    }

    #[test]
    fn a_giant_does_not_drive_out_everything() {
        let mut history = History::new(8000);
        push(&mut history, 0, A, "small", &Filter::default());
        push(&mut history, 0, A, &"g".repeat(100_000), &Filter::default());
        assert_eq!(history.pane(FeedId(0), A).unwrap().len(), 2);
        assert_eq!(history.pane(FeedId(0), A).unwrap().window(1)[0].1.len, 100_000);
        let mut none = History::new(0);
        push(&mut none, 0, A, "x", &Filter::default());
        assert!(none.pane(FeedId(0), A).is_none_or(Pane::is_empty));
    }
}
