//! How fast a counter grows, from looks at it now and then. It counts nothing itself: rows may be shed on their way
//! here, the counter of a snapshot is never wrong.

use std::collections::VecDeque;
use std::time::Duration;

use crate::time::Ts;

/// The distance of two samples, and so the shortest time over which a rate is taken.
const STEP: Duration = Duration::from_secs(5);
/// What is remembered: slow services are judged by the minute.
const SAMPLES: usize = 13;
const MINUTE: Duration = Duration::from_secs(65);
/// So many events that did not come in their turn say that there are no more.
const MISSED: f64 = 5.0;
/// An event that is late by so many of its rhythm makes the rate fall.
const DUE: f64 = 2.0;

/// Samples of a cumulative counter.
#[derive(Clone, Debug, Default)]
pub struct Meter {
    samples: VecDeque<Sample>,
    latest: u64,
    /// When it grew last.
    grown: Ts,
    /// Nothing can come now.
    resting: bool,
}

#[derive(Clone, Copy, Debug)]
struct Sample {
    at: Ts,
    count: u64,
    /// When it had grown last.
    grown: Ts,
}

impl Meter {
    /// Takes in what the counter says. A counter never falls; one that does began anew.
    pub fn read(&mut self, at: Ts, count: u64) {
        if count < self.latest {
            self.samples.clear();
        }
        if count != self.latest || self.samples.is_empty() {
            self.grown = at;
        }
        self.latest = count;
        if self.samples.back().is_none_or(|last| at.since(last.at) >= STEP) {
            if self.samples.len() == SAMPLES {
                self.samples.pop_front();
            }
            self.samples.push_back(Sample { at, count, grown: self.grown });
        }
    }

    /// Nothing comes from now on, until it begins again.
    pub fn rest(&mut self) {
        self.resting = true;
    }

    /// What came before belongs to another life of what is counted.
    pub fn begin(&mut self, at: Ts) {
        self.resting = false;
        self.samples.clear();
        self.grown = at;
        self.samples.push_back(Sample { at, count: self.latest, grown: at });
    }

    /// Events a second. The window is the last five to ten seconds, and the last minute for what is rarer than one a
    /// second. `None` until a second has been watched: a rate of nothing is not zero.
    pub fn per_second(&self, now: Ts) -> Option<f64> {
        if self.resting {
            return Some(0.0);
        }
        let short = *self.samples.iter().rev().find(|last| now.since(last.at) >= STEP).or(self.samples.front())?;
        let quiet = now.since(self.grown);
        let rate = self.between(short, now)?;
        if rate >= 1.0 && quiet < STEP {
            return Some(self.steady(short, now).unwrap_or(rate));
        }
        let long = *self.samples.iter().find(|last| now.since(last.at) <= MINUTE).unwrap_or(&short);
        // What should have come several times by its own rhythm, and did not, has stopped.
        let rhythm = self.between(long, self.grown).unwrap_or(0.0);
        if rhythm * quiet.as_secs_f64() > MISSED {
            return Some(0.0);
        }
        self.steady(long, now).or_else(|| self.between(long, now))
    }

    fn between(&self, from: Sample, to: Ts) -> Option<f64> {
        self.over(from, to.since(from.at))
    }

    /// From one event to another, so that what comes in a steady beat has one rate and not one for each moment. `None`
    /// where the next event is long due.
    fn steady(&self, from: Sample, now: Ts) -> Option<f64> {
        // What came after a long silence is no part of its rhythm.
        let silent = from.at.since(from.grown);
        let since = self.over(from, self.grown.since(from.at));
        let pause = since.is_some_and(|rate| rate * silent.as_secs_f64() > DUE);
        let rate = if pause { since } else { self.over(from, self.grown.since(from.grown)) }?;
        (rate * now.since(self.grown).as_secs_f64() <= DUE).then_some(rate)
    }

    #[expect(clippy::cast_precision_loss, reason = "a rate is rounded to three digits at the most")]
    fn over(&self, from: Sample, elapsed: Duration) -> Option<f64> {
        (elapsed >= Duration::from_secs(1)).then(|| (self.latest - from.count) as f64 / elapsed.as_secs_f64())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(ms: u64) -> Ts {
        Ts::from_millis(ms)
    }

    #[test]
    fn a_steady_counter_has_its_rate() {
        let mut meter = Meter::default();
        for tick in 0..600 {
            meter.read(at(tick * 100), tick * 10);
        }
        let rate = meter.per_second(at(59_900)).unwrap();
        assert!((99.0..101.0).contains(&rate), "{rate}");
    }

    #[test]
    fn a_slow_counter_is_judged_by_the_minute() {
        let mut meter = Meter::default();
        for second in 0..120 {
            meter.read(at(second * 1000), second / 10);
        }
        let rate = meter.per_second(at(119_000)).unwrap() * 60.0;
        assert!((5.0..7.0).contains(&rate), "{rate}");
    }

    /// Whenever it is looked at.
    #[test]
    fn a_steady_beat_has_one_rate() {
        for (step, per_minute) in [(1000, 60.0), (2500, 24.0), (700, 600.0 / 7.0)] {
            let mut meter = Meter::default();
            let mut seen = Vec::new();
            for tick in 0..600_u64 {
                meter.read(at(tick * 100), tick * 100 / step);
                if tick > 200 {
                    seen.push(meter.per_second(at(tick * 100 + 50)).unwrap() * 60.0);
                }
            }
            for rate in seen {
                assert!((rate - per_minute).abs() < per_minute * 0.03, "{rate} of {per_minute}");
            }
        }
    }

    #[test]
    fn what_was_before_the_first_look_is_not_counted_in() {
        let mut meter = Meter::default();
        for tick in 0..300_u64 {
            meter.read(at(3_600_000 + tick * 100), tick / 20);
        }
        let rate = meter.per_second(at(3_629_950)).unwrap() * 60.0;
        assert!((27.0..31.0).contains(&rate), "{rate}");
    }

    #[test]
    fn what_was_before_a_pause_is_not_counted_in() {
        for begins in [false, true] {
            let mut meter = Meter::default();
            for tick in 0..200_u64 {
                meter.read(at(tick * 100), tick / 5);
            }
            // Two minutes of nothing, and two a second again.
            for tick in 200..1400_u64 {
                meter.read(at(tick * 100), 39);
            }
            if begins {
                meter.begin(at(140_000));
            }
            for tick in 1400..1460_u64 {
                meter.read(at(tick * 100), 39 + (tick - 1400) / 5);
                let now = at(tick * 100 + 50);
                if let Some(rate) = meter.per_second(now).filter(|_| begins && tick > 1420) {
                    assert!((1.6..2.3).contains(&rate), "{rate} at {now:?}");
                }
            }
            let rate = meter.per_second(at(146_000)).unwrap();
            assert!(!begins || (1.8..2.2).contains(&rate), "{rate}");
        }
    }

    #[test]
    fn it_falls_to_zero_without_further_looks() {
        let mut meter = Meter::default();
        for second in 0..20 {
            meter.read(at(second * 1000), second * 50);
        }
        assert!(meter.per_second(at(20_000)).unwrap() >= 40.0);
        assert!(meter.per_second(at(26_000)).unwrap() < f64::EPSILON);
        assert!(meter.per_second(at(80_000)).unwrap() < f64::EPSILON);
    }

    #[test]
    fn nothing_watched_is_not_zero_and_a_fallen_counter_is_no_panic() {
        let mut meter = Meter::default();
        assert_eq!(meter.per_second(at(5)), None);
        meter.read(at(0), 1000);
        meter.read(at(100), 5);
        assert_eq!(meter.per_second(at(200)), None);
    }
}
