//! The last minutes of a feed or of a service, second by second: what came in each, and how late it was. Made in the
//! session, before anything can be shed, from whole seconds only. It draws nothing and judges nothing.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use super::Gen;
use crate::time::Ts;

/// Seconds remembered.
pub const KEPT: u64 = 180;
/// Round trips remembered.
pub const TRIPS: usize = 256;
/// Times remembered in which nobody looked.
pub const GAPS: usize = 8;

/// Of a feed, and of each service by its number.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Courses {
    /// Seconds before this one are complete.
    pub until: u64,
    pub feed: Arc<Course>,
    pub services: Vec<Arc<Course>>,
    /// Round trips of heartbeats with the link they were made on, the latest last.
    pub trips: Arc<VecDeque<(Gen, Duration)>>,
    /// Seconds of which nothing is known, because we were not there: from the one, and before the other.
    pub gaps: VecDeque<(u64, u64)>,
}

/// Only seconds in which something came: of the others, whether there was a link says what they mean.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Course {
    seconds: VecDeque<Second>,
}

/// What came in one.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Second {
    /// Counted from the start of the run.
    pub number: u64,
    pub messages: u32,
    pub bytes: u64,
    /// Where messages tell the server's time. Snapshots are of another time, and not in it.
    pub delays: Option<Arc<Delays>>,
}

/// How late messages were, in microseconds; below nothing where the clocks differ so. Extremes are exact, what lies between
/// them is told in steps of a sixteenth.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Delays {
    min: i64,
    max: i64,
    /// How many in each step, the lowest first.
    steps: Vec<(i16, u32)>,
}

/// The second of a moment.
pub const fn number(at: Ts) -> u64 {
    at.as_nanos() / 1_000_000_000
}

impl Course {
    /// Adds a second that is over, and forgets what is too long ago.
    pub fn push(&mut self, second: Second) {
        while self.seconds.front().is_some_and(|first| first.number + KEPT <= second.number) {
            self.seconds.pop_front();
        }
        self.seconds.push_back(second);
    }

    /// Those from `from` on and before `until`, in order.
    pub fn between(&self, from: u64, until: u64) -> impl DoubleEndedIterator<Item = &Second> {
        let first = self.seconds.partition_point(|second| second.number < from);
        let end = self.seconds.partition_point(|second| second.number < until).max(first);
        self.seconds.range(first..end)
    }
}

impl Delays {
    pub fn add(&mut self, micros: i64) {
        (self.min, self.max) =
            if self.steps.is_empty() { (micros, micros) } else { (self.min.min(micros), self.max.max(micros)) };
        let step = step(micros);
        match self.steps.binary_search_by_key(&step, |(step, _)| *step) {
            Ok(at) => self.steps[at].1 = self.steps[at].1.saturating_add(1),
            Err(at) => self.steps.insert(at, (step, 1)),
        }
    }

    pub fn is_empty(&self) -> bool {
        self.steps.is_empty()
    }

    /// Empty again; what was allocated serves again.
    pub fn clear(&mut self) {
        self.steps.clear();
    }

    pub fn max(&self) -> i64 {
        self.max
    }

    /// All of them together.
    pub fn sum<'a>(all: impl IntoIterator<Item = &'a Self>) -> Self {
        let mut sum = Self::default();
        for delays in all {
            (sum.min, sum.max) = if sum.is_empty() {
                (delays.min, delays.max)
            } else {
                (sum.min.min(delays.min), sum.max.max(delays.max))
            };
            sum.steps.extend_from_slice(&delays.steps);
        }
        sum.steps.sort_unstable_by_key(|(step, _)| *step);
        sum.steps.dedup_by(|next, kept| {
            let same = next.0 == kept.0;
            if same {
                kept.1 = kept.1.saturating_add(next.1);
            }
            same
        });
        sum
    }

    pub fn count(&self) -> u64 {
        self.steps.iter().map(|(_, count)| u64::from(*count)).sum()
    }

    /// The delay that so many of a hundred do not exceed, by nearest rank.
    pub fn percentile(&self, percent: u64) -> Option<i64> {
        let rank = (self.count() * percent).div_ceil(100).max(1);
        let mut seen = 0;
        let (step, _) = self.steps.iter().find(|(_, count)| {
            seen += u64::from(*count);
            seen >= rank
        })?;
        Some(middle(*step).clamp(self.min, self.max))
    }
}

/// The step of a delay: exact below sixteen microseconds, then sixteen steps to each power of two.
fn step(micros: i64) -> i16 {
    let value = micros.unsigned_abs();
    let step = if value < 16 {
        value
    } else {
        let power = u64::from(value.ilog2());
        (power - 3) * 16 + (value >> (power - 4)) - 16
    };
    let step = i16::try_from(step).unwrap_or(i16::MAX);
    if micros < 0 { -step } else { step }
}

/// The middle of a step.
fn middle(step: i16) -> i64 {
    let away = u32::from(step.unsigned_abs());
    let value = if away < 16 {
        u64::from(away)
    } else {
        let shift = away / 16 - 1;
        let low = u64::from(16 + away % 16) << shift;
        low + (1_u64 << shift) / 2
    };
    let value = i64::try_from(value).unwrap_or(i64::MAX);
    if step < 0 { -value } else { value }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn a_step_is_near_its_delay_and_keeps_the_order(a in any::<i64>(), b in -5_000_000_i64..5_000_000) {
            let off = middle(step(b)).abs_diff(b);
            prop_assert!(off <= b.unsigned_abs() / 32 + 1, "{b} is told as {}", middle(step(b)));
            if a <= b {
                prop_assert!(step(a) <= step(b));
            } else {
                prop_assert!(step(a) >= step(b));
            }
        }

        #[test]
        fn percentiles_are_those_of_the_sorted_list(
            seconds in prop::collection::vec(prop::collection::vec(-50_000_i64..2_000_000, 1..40), 1..20),
            percent in 1_u64..=100,
        ) {
            let told: Vec<_> = seconds.iter().map(|list| {
                let mut delays = Delays::default();
                for micros in list {
                    delays.add(*micros);
                }
                delays
            }).collect();
            let sum = Delays::sum(&told);
            let mut all = seconds.concat();
            all.sort_unstable();
            let rank = (all.len() * usize::try_from(percent).unwrap()).div_ceil(100).max(1);
            let exact = all[rank - 1];
            let told = sum.percentile(percent).unwrap();
            prop_assert_eq!(sum.count(), all.len() as u64);
            prop_assert_eq!(sum.max(), all[all.len() - 1]);
            prop_assert!(told.abs_diff(exact) <= exact.unsigned_abs() / 32 + 1, "{} for {}", told, exact);
        }
    }

    #[test]
    fn what_is_too_long_ago_is_forgotten() {
        let mut course = Course::default();
        for number in 0..1000 {
            course.push(Second { number, messages: 1, ..Second::default() });
        }
        assert_eq!(course.between(0, u64::MAX).count() as u64, KEPT);
        let numbers: Vec<_> = course.between(990, 993).map(|second| second.number).collect();
        assert_eq!(numbers, [990, 991, 992]);
        assert_eq!(course.between(993, 990).count(), 0);
        course.push(Second { number: 5000, ..Second::default() });
        assert_eq!(course.between(0, u64::MAX).count(), 1);
    }

    #[test]
    fn nothing_measured_has_no_percentile() {
        assert_eq!(Delays::default().percentile(50), None);
        assert_eq!(Delays::sum([]).percentile(99), None);
    }
}
