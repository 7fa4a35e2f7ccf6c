//! Tells readers what happened, and keeps count where one cannot keep up. It never waits by itself: waiting for room is
//! an arm of the driver's `select!` ([`Teller::room`]).

use std::collections::{BTreeMap, VecDeque};
use std::future::poll_fn;
use std::task::Poll;

use futures::FutureExt;
use tokio::sync::mpsc;
use tokio::sync::mpsc::OwnedPermit;
use tokio::sync::mpsc::error::TrySendError;

use crate::event::{Event, FeedId, ServiceId, Stamped};
use crate::time::Ts;

/// Places that rows leave free, so that turns in the life of a feed need not wait for them.
const MARGIN: usize = 64;
/// Turns that may wait for one reader; beyond, the oldest that only repeat themselves are counted instead of told.
const MOST_WAITING: usize = 4096;
/// What lies in a queue holds about so much at the most. The places alone do not say: one event of rows is anything from
/// a few bytes to the largest message that is taken in.
const MOST_BYTES: usize = 24 << 20;

/// What to do when a reader is slow.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Patience {
    /// Shed rows and count them: a screen.
    Shed,
    /// No rows, and wait for nothing: a log.
    Turns,
    /// Wait, and leave the socket unread meanwhile: a pipe that must miss nothing.
    Wait,
}

/// The readers of one feed.
#[derive(Debug)]
pub struct Teller {
    feed: FeedId,
    told: u64,
    lanes: Vec<Lane>,
}

#[derive(Debug)]
struct Lane {
    queue: mpsc::Sender<Stamped>,
    patience: Patience,
    waiting: VecDeque<Stamped>,
    shed: BTreeMap<Option<ServiceId>, u64>,
    gone: bool,
}

impl Teller {
    pub fn new(feed: FeedId, readers: impl IntoIterator<Item = (mpsc::Sender<Stamped>, Patience)>) -> Self {
        let lane =
            |(queue, patience)| Lane { queue, patience, waiting: VecDeque::new(), shed: BTreeMap::new(), gone: false };
        Self { feed, told: 0, lanes: readers.into_iter().map(lane).collect() }
    }

    pub fn tell(&mut self, at: Ts, event: Event) {
        self.told += 1;
        let stamped = Stamped { n: self.told, at, feed: self.feed, event };
        if let Some((last, others)) = self.lanes.split_last_mut() {
            // A copy of rows that nobody takes would cost what they cost.
            for lane in others.iter_mut().filter(|lane| lane.takes(&stamped.event)) {
                lane.tell(stamped.clone());
            }
            if last.takes(&stamped.event) {
                last.tell(stamped);
            }
        }
    }

    /// A reader that waits has no room: the socket has to wait too.
    pub fn is_full(&self) -> bool {
        self.lanes.iter().any(|lane| lane.patience == Patience::Wait && !lane.gone && !lane.waiting.is_empty())
    }

    /// Whether something is to be told as soon as there is room.
    pub fn is_owing(&self) -> bool {
        self.lanes.iter().any(Lane::is_owing)
    }

    /// Nobody listens any more; a log by itself is nobody.
    pub fn is_alone(&self) -> bool {
        let mut listeners = self.lanes.iter().filter(|lane| lane.patience != Patience::Turns);
        listeners.all(|lane| lane.gone || lane.queue.is_closed())
    }

    /// Waits for room with any reader that is owed something, and tells it. May be dropped while it waits.
    pub async fn room(&mut self, now: Ts) {
        let (feed, n) = (self.feed, self.told);
        let mut waits: Vec<_> = self
            .lanes
            .iter_mut()
            .filter(|lane| lane.is_owing())
            .map(|lane| {
                // Its own handle, so that the lane is free to be used once there is room.
                let (queue, places) = (lane.queue.clone(), lane.places_for_next());
                let room = Box::pin(async move {
                    if places > 1 {
                        drop(queue.reserve_many(places).await?);
                    }
                    queue.reserve_owned().await
                });
                (lane, room)
            })
            .collect();
        poll_fn(|cx| {
            for (lane, wait) in &mut waits {
                match wait.poll_unpin(cx) {
                    Poll::Ready(Ok(room)) => {
                        lane.catch_up(room, feed, n, now);
                        return Poll::Ready(());
                    }
                    Poll::Ready(Err(_)) => {
                        lane.give_up();
                        return Poll::Ready(());
                    }
                    Poll::Pending => {}
                }
            }
            Poll::Pending
        })
        .await;
    }
}

impl Lane {
    fn takes(&self, event: &Event) -> bool {
        self.patience != Patience::Turns || !matches!(event, Event::Rows(_))
    }

    fn is_owing(&self) -> bool {
        !self.gone && (!self.waiting.is_empty() || !self.shed.is_empty())
    }

    fn tell(&mut self, stamped: Stamped) {
        if self.gone {
            return;
        }
        let rows = matches!(stamped.event, Event::Rows(_));
        let behind = self.is_owing();
        let fits = self.queue.capacity() >= self.places(&stamped.event);
        if rows && self.patience == Patience::Shed && (behind || !fits || self.queue.capacity() <= MARGIN) {
            self.count(&stamped.event);
        } else if behind || !fits {
            self.wait(stamped);
        } else {
            match self.queue.try_send(stamped) {
                Ok(()) => {}
                Err(TrySendError::Full(stamped)) => self.wait(stamped),
                Err(TrySendError::Closed(_)) => self.give_up(),
            }
        }
    }

    /// How many places have to be free before this may lie in the queue. What is ahead of it is taken to be as large.
    fn places(&self, event: &Event) -> usize {
        let Event::Rows(batch) = event else { return 1 };
        let places = self.queue.max_capacity();
        let ahead = MOST_BYTES / batch.bytes.len().max(1);
        places.saturating_sub(ahead).max(1)
    }

    fn places_for_next(&self) -> usize {
        self.waiting.front().map_or(1, |stamped| self.places(&stamped.event))
    }

    fn count(&mut self, event: &Event) {
        if let Event::Rows(batch) = event {
            for row in &batch.rows {
                *self.shed.entry(row.service).or_default() += 1;
            }
        } else {
            *self.shed.entry(None).or_default() += 1;
        }
    }

    fn wait(&mut self, stamped: Stamped) {
        self.waiting.push_back(stamped);
        if self.patience != Patience::Wait && self.waiting.len() > MOST_WAITING {
            let oldest = self.waiting.iter().position(|stamped| repeats_itself(&stamped.event)).unwrap_or(0);
            if let Some(stamped) = self.waiting.remove(oldest) {
                self.count(&stamped.event);
            }
        }
    }

    /// Tells what waits, and then what was shed meanwhile, as far as there is room. `room` is used and not given back:
    /// another feed would get it, and give it back in its turn, for as long as the reader sleeps.
    fn catch_up(&mut self, room: OwnedPermit<Stamped>, feed: FeedId, n: u64, at: Ts) {
        let Some(first) = self.next(feed, n, at) else { return };
        room.send(first);
        while let Some(stamped) = self.next(feed, n, at) {
            if self.queue.capacity() < self.places(&stamped.event) {
                return self.put_back(stamped);
            }
            match self.queue.try_send(stamped) {
                Ok(()) => {}
                Err(TrySendError::Full(stamped)) => return self.put_back(stamped),
                Err(TrySendError::Closed(_)) => return self.give_up(),
            }
        }
    }

    fn next(&mut self, feed: FeedId, n: u64, at: Ts) -> Option<Stamped> {
        self.waiting.pop_front().or_else(|| {
            let (service, count) = self.shed.pop_first()?;
            Some(Stamped { n, at, feed, event: Event::Shed { service, count } })
        })
    }

    fn put_back(&mut self, stamped: Stamped) {
        if let Event::Shed { service, count } = stamped.event {
            self.shed.insert(service, count);
        } else {
            self.waiting.push_front(stamped);
        }
    }

    fn give_up(&mut self) {
        self.gone = true;
        self.waiting.clear();
        self.shed.clear();
    }
}

/// An event of which the latest and a count say nearly all.
fn repeats_itself(event: &Event) -> bool {
    match event {
        Event::Sent { .. }
        | Event::BeatSent { .. }
        | Event::BeatAnswered { .. }
        | Event::Gap(_)
        | Event::Repeated { .. }
        | Event::Reordered { .. }
        | Event::Rows(_)
        | Event::Shed { .. } => true,
        Event::Dialing { .. }
        | Event::DialFailed { .. }
        | Event::Open { .. }
        | Event::Ready
        | Event::Service(_)
        | Event::Closed { .. }
        | Event::Reconnecting { .. }
        | Event::Outage(_)
        | Event::Stopped { .. }
        | Event::Paused
        | Event::Slept { .. }
        | Event::Backpressure { .. }
        | Event::IntervalIgnored { .. }
        | Event::Fault(_) => false,
    }
}

#[cfg(test)]
mod tests;
