//! Takes down what comes in, second by second. It reads no clock and keeps no rows: see [`Course`].

use std::collections::VecDeque;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use crate::event::course::{self, Course, Courses, Delays, GAPS, Second, TRIPS};
use crate::event::{Gen, Kind, Row};
use crate::time::Ts;

/// Who does not look for so long was not there: what came meanwhile is not known.
const ABSENT: Duration = Duration::from_secs(3);

/// Of a feed and its services.
#[derive(Default)]
pub(super) struct Recorders {
    feed: Recorder,
    services: Vec<Recorder>,
    trips: Arc<VecDeque<(Gen, Duration)>>,
    gaps: VecDeque<(u64, u64)>,
    looked: Ts,
}

impl Recorders {
    /// A message came.
    #[inline]
    pub(super) fn message(&mut self, now: Ts, row: &Row) {
        let delay = row.lag.filter(|_| row.kind != Kind::Snapshot);
        self.feed.add(now, row.len, delay);
        if let Some(id) = row.service {
            let index = usize::from(id.0);
            if index >= self.services.len() {
                self.services.resize_with(index + 1, Recorder::default);
            }
            self.services[index].add(now, row.len, delay);
        }
    }

    /// A heartbeat was answered.
    pub(super) fn trip(&mut self, link: Gen, took: Duration) {
        let trips = Arc::make_mut(&mut self.trips);
        if trips.len() == TRIPS {
            trips.pop_front();
        }
        trips.push_back((link, took));
    }

    /// Shows what is over. To be asked at least every second or so.
    pub(super) fn show(&mut self, now: Ts, to: &mut Courses) {
        let number = course::number(now);
        if now - self.looked > ABSENT {
            if self.gaps.len() == GAPS {
                self.gaps.pop_front();
            }
            self.gaps.push_back((course::number(self.looked) + 1, number));
        }
        self.looked = self.looked.max(now);
        if to.until == number && to.services.len() == self.services.len() && Arc::ptr_eq(&to.trips, &self.trips) {
            return;
        }
        to.until = number;
        to.feed.clone_from(self.feed.over(now));
        to.services.resize_with(self.services.len(), Arc::default);
        for (to, service) in to.services.iter_mut().zip(&mut self.services) {
            to.clone_from(service.over(now));
        }
        to.trips.clone_from(&self.trips);
        to.gaps.clone_from(&self.gaps);
    }
}

/// Minutes of seconds would drown what else a session is.
impl fmt::Debug for Recorders {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Recorders").field("services", &self.services.len()).finish_non_exhaustive()
    }
}

/// The second that runs, and those that are over.
#[derive(Default)]
struct Recorder {
    number: u64,
    messages: u32,
    bytes: u64,
    delays: Delays,
    over: Arc<Course>,
}

impl Recorder {
    /// A message came. It costs no memory but for a delay that is unlike all others of this second.
    #[inline]
    fn add(&mut self, now: Ts, bytes: u32, delay: Option<i64>) {
        let number = course::number(now);
        if number != self.number {
            self.turn(number);
        }
        self.messages = self.messages.saturating_add(1);
        self.bytes += u64::from(bytes);
        if let Some(delay) = delay {
            self.delays.add(delay);
        }
    }

    /// The seconds that are over.
    fn over(&mut self, now: Ts) -> &Arc<Course> {
        self.turn(course::number(now));
        &self.over
    }

    fn turn(&mut self, number: u64) {
        // Time does not run back.
        if number <= self.number {
            return;
        }
        if self.messages > 0 {
            let delays = (!self.delays.is_empty()).then(|| Arc::new(self.delays.clone()));
            let second = Second { number: self.number, messages: self.messages, bytes: self.bytes, delays };
            Arc::make_mut(&mut self.over).push(second);
            (self.messages, self.bytes) = (0, 0);
            self.delays.clear();
        }
        self.number = number;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(ms: u64) -> Ts {
        Ts::from_millis(ms)
    }

    #[test]
    fn a_second_is_told_when_it_is_over_and_silence_is_none() {
        let mut recorder = Recorder::default();
        recorder.add(at(1200), 10, Some(3000));
        recorder.add(at(1900), 20, None);
        assert_eq!(recorder.over(at(1999)).between(0, 100).count(), 0);
        let told = Arc::clone(recorder.over(at(2000)));
        recorder.add(at(7000), 5, Some(-200));
        recorder.add(at(8000), 5, Some(-400));
        let seconds: Vec<_> = recorder.over.between(0, 100).cloned().collect();
        assert_eq!(
            seconds.iter().map(|s| (s.number, s.messages, s.bytes)).collect::<Vec<_>>(),
            [(1, 2, 30), (7, 1, 5)]
        );
        let delays: Vec<_> = seconds.iter().map(|s| s.delays.as_ref().map(|d| (d.count(), d.max()))).collect();
        assert_eq!(delays, [Some((1, 3000)), Some((1, -200))]);
        // What was told stays as it was.
        assert_eq!(told.between(0, 100).count(), 1);
        assert_eq!(recorder.over(at(60_000)).between(8, 9).count(), 1);
    }

    fn row(service: Option<u16>, kind: Kind, lag: i64) -> Row {
        let (dir, form) = (crate::event::Dir::In, crate::event::Form::Json);
        let service = service.map(crate::event::ServiceId);
        let (start, len, lag) = (0, 10, Some(lag));
        Row { service, kind, dir, form, start, len, seq: None, lag, at: Ts::ZERO, frame: 1, part: 0, parts: 1 }
    }

    #[test]
    fn a_snapshot_is_of_another_time_and_what_has_no_service_is_the_feeds() {
        let mut all = Recorders::default();
        all.message(at(500), &row(Some(1), Kind::Data, 3000));
        all.message(at(600), &row(Some(1), Kind::Snapshot, 90_000_000));
        all.message(at(700), &row(None, Kind::Other, 5000));
        let mut to = Courses::default();
        all.show(at(1000), &mut to);
        let second = |course: &Course| course.between(0, 9).next().cloned().unwrap_or_default();
        let delays = |second: &Second| second.delays.as_ref().map(|delays| (delays.count(), delays.max()));
        let (feed, service) = (second(&to.feed), second(&to.services[1]));
        assert_eq!((feed.messages, feed.bytes, delays(&feed)), (3, 30, Some((2, 5000))));
        assert_eq!((service.messages, delays(&service)), (2, Some((1, 3000))));
        assert_eq!((second(&to.services[0]).messages, to.until), (0, 1));
        // What stays the same is shared, not copied.
        let before = Arc::clone(&to.feed);
        all.show(at(2000), &mut to);
        assert!(Arc::ptr_eq(&before, &to.feed) && to.until == 2);
    }

    #[test]
    fn a_time_in_which_nobody_looked_is_told() {
        let mut all = Recorders::default();
        let mut to = Courses::default();
        for ms in [0, 1000, 2900, 9100, 10_000] {
            all.show(at(ms), &mut to);
        }
        assert_eq!(to.gaps, [(3, 9)]);
        for n in 2..40 {
            all.show(at(n * 10_000), &mut to);
        }
        assert_eq!(to.gaps.len(), GAPS);
    }

    #[test]
    fn the_latest_round_trips_are_kept() {
        let mut all = Recorders::default();
        let mut to = Courses::default();
        for n in 0..300 {
            all.trip(Gen(1), Duration::from_millis(n));
        }
        all.show(at(10), &mut to);
        assert_eq!((to.trips.len(), to.trips[0]), (TRIPS, (Gen(1), Duration::from_millis(44))));
    }
}
