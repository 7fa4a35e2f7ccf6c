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
const MOST_BYTES: usize = 64 << 20;

/// What to do when a reader is slow.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Patience {
    /// Shed rows and count them: a screen.
    Shed,
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
            for lane in others {
                lane.tell(stamped.clone());
            }
            last.tell(stamped);
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

    /// Nobody listens any more.
    pub fn is_alone(&self) -> bool {
        self.lanes.iter().all(|lane| lane.gone || lane.queue.is_closed())
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
        if self.patience == Patience::Shed && self.waiting.len() > MOST_WAITING {
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
        | Event::Fault(_) => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::{Batch, Dir, Form, Kind, Row};

    fn rows(count: usize) -> Event {
        let row = Row {
            service: Some(ServiceId(1)),
            kind: Kind::Data,
            dir: Dir::In,
            form: Form::Json,
            start: 0,
            len: 0,
            seq: None,
            lag: None,
            at: Ts::ZERO,
            frame: 1,
            part: 0,
            parts: 1,
        };
        Event::Rows(Batch { rows: vec![row; count], ..Batch::default() })
    }

    /// Everything that can be had now, and what was shed by then.
    async fn drain(teller: &mut Teller, reader: &mut mpsc::Receiver<Stamped>) -> (Vec<Event>, u64) {
        let (mut events, mut shed) = (Vec::new(), 0);
        loop {
            while let Ok(stamped) = reader.try_recv() {
                if let Event::Shed { count, .. } = stamped.event {
                    shed += count;
                } else {
                    events.push(stamped.event);
                }
            }
            if !teller.is_owing() {
                return (events, shed);
            }
            teller.room(Ts::ZERO).await;
        }
    }

    #[tokio::test]
    async fn rows_are_shed_and_counted_and_turns_are_kept_in_order() {
        let (queue, mut reader) = mpsc::channel(MARGIN + 4);
        let mut teller = Teller::new(FeedId(0), [(queue, Patience::Shed)]);
        let mut turns = Vec::new();
        for attempt in 0..500 {
            teller.tell(Ts::ZERO, rows(3));
            teller.tell(Ts::ZERO, Event::Dialing { attempt });
            turns.push(Event::Dialing { attempt });
        }
        let (events, shed) = drain(&mut teller, &mut reader).await;
        let shown = events.iter().filter(|event| matches!(event, Event::Rows(_))).count();
        assert_eq!(shown as u64 * 3 + shed, 1500);
        assert!(shed > 0);
        let told: Vec<_> = events.into_iter().filter(|event| !matches!(event, Event::Rows(_))).collect();
        assert_eq!(told, turns);
    }

    #[tokio::test]
    async fn a_patient_reader_misses_nothing() {
        let (queue, mut reader) = mpsc::channel(2);
        let mut teller = Teller::new(FeedId(0), [(queue, Patience::Wait)]);
        for _ in 0..10 {
            teller.tell(Ts::ZERO, rows(1));
        }
        assert!(teller.is_full());
        let (events, shed) = drain(&mut teller, &mut reader).await;
        assert_eq!((events.len(), shed), (10, 0));
        assert!(!teller.is_full());
    }

    fn large(mib: usize) -> Event {
        let Event::Rows(batch) = rows(1) else { unreachable!() };
        Event::Rows(Batch { bytes: vec![b'x'; mib << 20].into(), ..batch })
    }

    /// What lies in the queue, in MiB.
    fn lying(reader: &mut mpsc::Receiver<Stamped>) -> usize {
        let sizes = std::iter::from_fn(|| reader.try_recv().ok()).map(|stamped| match stamped.event {
            Event::Rows(batch) => batch.bytes.len() >> 20,
            _ => 0,
        });
        sizes.sum()
    }

    #[tokio::test]
    async fn a_queue_holds_so_many_bytes_and_no_more() {
        for patience in [Patience::Shed, Patience::Wait] {
            let (queue, mut reader) = mpsc::channel(1024);
            let mut teller = Teller::new(FeedId(0), [(queue, patience)]);
            // The socket is not read while a patient reader has no room.
            let told = (0..200)
                .take_while(|_| {
                    !teller.is_full() && {
                        teller.tell(Ts::ZERO, large(1));
                        true
                    }
                })
                .count();
            assert!(lying(&mut reader) <= 65, "{patience:?}");
            assert!(patience == Patience::Shed || told <= 66, "{told}");
        }
    }

    #[tokio::test]
    async fn large_rows_reach_a_patient_reader_one_by_one() {
        let (queue, mut reader) = mpsc::channel(16);
        let mut teller = Teller::new(FeedId(0), [(queue, Patience::Wait)]);
        (0..5).for_each(|_| teller.tell(Ts::ZERO, large(40)));
        teller.tell(Ts::ZERO, Event::Ready);
        assert!(teller.is_full());
        let (events, shed) = drain(&mut teller, &mut reader).await;
        assert_eq!((events.len(), shed), (6, 0));
        assert_eq!(events.last(), Some(&Event::Ready));
        assert!(!teller.is_full());
    }

    #[tokio::test]
    async fn a_slow_reader_keeps_no_other_from_anything() {
        let (slow, _asleep) = mpsc::channel(1);
        let (quick, mut reader) = mpsc::channel(5000);
        let mut teller = Teller::new(FeedId(0), [(slow, Patience::Shed), (quick, Patience::Wait)]);
        for attempt in 0..4000 {
            teller.tell(Ts::ZERO, Event::Dialing { attempt });
        }
        let mut count = 0;
        while reader.try_recv().is_ok() {
            count += 1;
        }
        assert_eq!(count, 4000);
    }

    #[tokio::test]
    async fn what_waits_is_bounded_and_the_rest_is_counted() {
        let (queue, mut reader) = mpsc::channel(1);
        let mut teller = Teller::new(FeedId(0), [(queue, Patience::Shed)]);
        let told = MOST_WAITING * 3;
        for seq in 0..told {
            teller.tell(Ts::ZERO, Event::Repeated { service: ServiceId(0), seq: seq as u64 });
        }
        let (events, shed) = drain(&mut teller, &mut reader).await;
        assert_eq!(events.len() as u64 + shed, told as u64);
        assert!(events.len() <= MOST_WAITING + 2, "{}", events.len());
    }

    #[tokio::test]
    async fn a_reader_that_left_owes_nothing() {
        let (queue, reader) = mpsc::channel(1);
        let mut teller = Teller::new(FeedId(0), [(queue, Patience::Wait)]);
        teller.tell(Ts::ZERO, Event::Ready);
        teller.tell(Ts::ZERO, Event::Ready);
        drop(reader);
        teller.room(Ts::ZERO).await;
        assert!(teller.is_alone() && !teller.is_full() && !teller.is_owing());
    }
}
