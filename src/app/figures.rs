//! The figures of a feed or of one service over the last minutes: rates, delays and round trips as bars and as p50, p99 and
//! the most, all from what the session took down. What is not known is no number. It draws nothing.

use super::feed::Feed;
use crate::event::ServiceId;
use crate::event::course::{Course, Delays, Second, number};
use crate::time::Ts;

/// What is measured. Delays and round trips are told in microseconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Measure {
    Rate,
    Bytes,
    Delay,
    Trip,
}

impl Measure {
    pub const ALL: [Self; 4] = [Self::Rate, Self::Bytes, Self::Delay, Self::Trip];
}

/// So many bars of so many seconds each.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Span {
    pub bars: usize,
    pub each: u64,
}

impl Span {
    /// The time in as many bars as there is room for, each as long as the others.
    pub fn of(seconds: u64, room: usize) -> Self {
        let fits = |each: &u64| seconds.is_multiple_of(*each) && seconds / each <= room as u64;
        let each = (1..=seconds).find(fits).unwrap_or(seconds.max(1));
        Self { bars: usize::try_from(seconds / each).unwrap_or(room), each }
    }

    pub fn minute(room: usize) -> Self {
        Self::of(60, room)
    }

    /// All that is remembered.
    pub fn longest(room: usize) -> Self {
        Self::of(crate::event::course::KEPT, room)
    }

    pub fn seconds(self) -> u64 {
        self.each * self.bars as u64
    }
}

/// What one bar stands for: the mean of a rate or the middle delay, and the most in any second of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bar {
    pub usual: i64,
    pub most: i64,
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Figure {
    /// Oldest first; none where nothing is known.
    pub bars: Vec<Option<Bar>>,
    /// Where the scale begins and ends; it holds every bar.
    pub low: i64,
    pub high: i64,
    /// The mean of the last seconds, or the latest that was measured.
    pub now: Option<i64>,
    pub p50: Option<i64>,
    pub p99: Option<i64>,
    pub most: Option<i64>,
    /// Of how many samples: seconds, messages or beats.
    pub n: u64,
}

/// So many seconds make what a rate is now.
const RECENT: u64 = 5;

impl Feed {
    /// The figure of the feed, or of one of its services.
    pub fn figure(&self, measure: Measure, service: Option<ServiceId>, now: Ts, span: Span) -> Figure {
        let courses = &self.state.courses;
        let course = match service {
            None => Some(&courses.feed),
            Some(id) => courses.services.get(usize::from(id.0)),
        };
        let empty = Course::default();
        let course = course.map_or(&empty, |course| &**course);
        let figure = match measure {
            Measure::Rate => self.rates(course, now, span, |second| i64::from(second.messages)),
            Measure::Bytes => self.rates(course, now, span, |second| i64::try_from(second.bytes).unwrap_or(i64::MAX)),
            Measure::Delay => self.delays(course, now, span),
            Measure::Trip => self.trips(span),
        };
        let all = || figure.bars.iter().flatten();
        let most = all().map(|bar| bar.most).max().unwrap_or(0);
        let least = all().map(|bar| bar.usual.min(bar.most)).min().unwrap_or(0);
        let thousand = if measure == Measure::Bytes { 1024 } else { 1000 };
        let low = if least < 0 { -ceiling(least.saturating_neg(), thousand) } else { 0 };
        Figure { low, high: if most > 0 { ceiling(most, thousand) } else { i64::from(low == 0) }, ..figure }
    }

    /// The seconds of each bar. They begin at whole multiples of their length, so that none changes once it is over, and end
    /// with the last one that is: what runs still would look like a fall.
    fn parts(&self, now: Ts, span: Span) -> impl DoubleEndedIterator<Item = (u64, u64)> + use<> {
        let until = self.until(now);
        let Span { bars, each } = span;
        let end = until.div_ceil(each);
        (0..bars as u64).rev().map(move |back| match (end.checked_sub(back + 1), end.checked_sub(back)) {
            (Some(from), Some(to)) => (from * each, (to * each).min(until)),
            _ => (0, 0),
        })
    }

    /// The first second that is not over. Where no news came for longer, time goes on without knowledge.
    fn until(&self, now: Ts) -> u64 {
        let this = number(now);
        self.state.courses.until.max(this.saturating_sub(1)).min(this)
    }

    /// Whether silence in a second was silence: there was a link, and we were there.
    fn knows(&self, n: u64) -> bool {
        let courses = &self.state.courses;
        n < courses.until
            && self.pulse.is_up(n)
            && !courses.gaps.iter().any(|(from, until)| (*from..*until).contains(&n))
    }

    fn rates(&self, course: &Course, now: Ts, span: Span, value: fn(&Second) -> i64) -> Figure {
        let mut samples = Vec::new();
        let mut bars = Vec::new();
        for (from, until) in self.parts(now, span) {
            let before = samples.len();
            let mut seconds = course.between(from, until).peekable();
            for n in from..until {
                match seconds.next_if(|second| second.number == n) {
                    Some(second) => samples.push(value(second)),
                    None if self.knows(n) => samples.push(0),
                    None => {}
                }
            }
            let bar = samples.get(before..).unwrap_or_default();
            bars.push(mean(bar).zip(bar.iter().max()).map(|(usual, most)| Bar { usual, most: *most }));
        }
        let until = self.until(now);
        let recent = (until.saturating_sub(RECENT)..until).filter(|n| self.knows(*n)).count();
        let sum = course.between(until.saturating_sub(RECENT), until).map(value).fold(0, i64::saturating_add);
        let now = i64::try_from(recent).ok().filter(|recent| *recent > 0).map(|recent| sum / recent);
        samples.sort_unstable();
        Figure { bars, now, ..of(&samples) }
    }

    fn delays(&self, course: &Course, now: Ts, span: Span) -> Figure {
        let mut all: Vec<&Delays> = Vec::new();
        let mut bars = Vec::new();
        for (from, until) in self.parts(now, span) {
            let before = all.len();
            all.extend(course.between(from, until).filter_map(|second| second.delays.as_deref()));
            bars.push(bar(all.get(before..).unwrap_or_default()));
        }
        let now = all.last().and_then(|delays| delays.percentile(50));
        let sum = Delays::sum(all);
        let most = (!sum.is_empty()).then(|| sum.max());
        Figure {
            bars,
            now,
            p50: sum.percentile(50),
            p99: sum.percentile(99),
            most,
            n: sum.count(),
            ..Figure::default()
        }
    }

    /// A bar for each beat that was answered, and a blank between those of two links.
    fn trips(&self, span: Span) -> Figure {
        let trips = &self.state.courses.trips;
        let micros = |took: std::time::Duration| i64::try_from(took.as_micros()).unwrap_or(i64::MAX);
        let mut bars = Vec::new();
        let mut link = None;
        for (of, took) in trips.iter().rev() {
            if link.is_some_and(|link| link != *of) {
                bars.push(None);
            }
            link = Some(*of);
            bars.push(Some(Bar { usual: micros(*took), most: micros(*took) }));
            if bars.len() >= span.bars {
                break;
            }
        }
        bars.resize(span.bars, None);
        bars.reverse();
        let mut samples: Vec<_> = trips.iter().map(|(_, took)| micros(*took)).collect();
        let now = samples.last().copied();
        samples.sort_unstable();
        Figure { bars, now, ..of(&samples) }
    }
}

/// The delays of a bar. One second is not summed up first.
fn bar(seconds: &[&Delays]) -> Option<Bar> {
    let bar = |delays: &Delays| Some(Bar { usual: delays.percentile(50)?, most: delays.max() });
    match seconds {
        [] => None,
        [one] => bar(one),
        more => bar(&Delays::sum(more.iter().copied())),
    }
}

fn mean(samples: &[i64]) -> Option<i64> {
    let n = i64::try_from(samples.len()).unwrap_or(i64::MAX);
    let sum = samples.iter().fold(0_i64, |sum, sample| sum.saturating_add(*sample));
    (n > 0).then(|| sum.saturating_add(n / 2) / n)
}

/// Percentiles of what is in order, by nearest rank.
fn of(sorted: &[i64]) -> Figure {
    let at = |percent: usize| sorted.get((sorted.len() * percent).div_ceil(100).max(1) - 1).copied();
    Figure { p50: at(50), p99: at(99), most: sorted.last().copied(), n: sorted.len() as u64, ..Figure::default() }
}

/// The next of 1, 2, 3, 5, 10, ..: a scale that seldom changes, so that bars stay as they are.
fn ceiling(most: i64, thousand: i64) -> i64 {
    let mut unit = 1_i64;
    loop {
        for nice in [1, 2, 3, 5, 10, 20, 30, 50, 100, 200, 300, 500] {
            let nice = unit.saturating_mul(nice);
            if nice >= most {
                return nice;
            }
        }
        unit = unit.saturating_mul(thousand);
    }
}

#[cfg(test)]
mod tests;
