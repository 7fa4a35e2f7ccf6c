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
            pane.frozen = on.then(|| pane.shown_end());
            pane.anchor = pane.selected.and(pane.anchor);
        }
    }

    /// What came so far is on view; what comes from now on waits for the next such word, where there was one.
    pub fn show_newest(&mut self) {
        self.panes.iter_mut().for_each(Pane::show_newest);
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
mod tests;
