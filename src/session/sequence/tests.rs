//! One finding after the other, and everything at random against a model that remembers all.

mod spans;
mod trackers;

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;

use super::*;
use crate::profile::SequenceScope;
use crate::profile::pointer::Pointer;

const WINDOW: Duration = Duration::from_millis(100);

fn sequence(rule: SequenceRule, across_reconnect: bool) -> Sequence {
    let at = Pointer::parse("/seq").unwrap();
    Sequence { when: None, scope: SequenceScope::Service, at, rule, reset: None, reorder: WINDOW, across_reconnect }
}

fn tracker(rule: SequenceRule, across_reconnect: bool) -> Tracker {
    Tracker::new(&sequence(rule, across_reconnect))
}

fn increment() -> Tracker {
    tracker(SequenceRule::Increment { step: 1 }, false)
}

/// What is found when these come at once, at that moment.
fn see(tracker: &mut Tracker, ms: u64, numbers: impl IntoIterator<Item = u64>) -> Vec<Finding> {
    let mut out = Vec::new();
    numbers.into_iter().for_each(|n| tracker.see(Ts::from_millis(ms), n, &mut out));
    out
}

fn expire(tracker: &mut Tracker, ms: u64) -> Vec<Finding> {
    let mut out = Vec::new();
    tracker.expire(Ts::from_millis(ms), &mut out);
    out
}

fn missing(found: &[Finding], wanted: GapState) -> u64 {
    let missing = |found: &Finding| match found {
        Finding::Gap { missing, state, .. } if *state == wanted => *missing,
        Finding::Gap { .. } | Repeated { .. } | Reordered { .. } | Finding::Anew => 0,
    };
    found.iter().map(missing).fold(0, u64::saturating_add)
}

fn gap(from: u64, to: u64, missing: u64, state: GapState) -> Finding {
    Finding::Gap { from, to, missing, state, across_reconnect: false }
}

use Finding::{Reordered, Repeated};
use GapState::{Filled, Lost, Pending as Waiting};

#[test]
fn numbers_in_order_are_no_news() {
    let mut numbers = increment();
    assert!(see(&mut numbers, 0, 500..9000).is_empty());
    assert_eq!((numbers.wake(), numbers.lost(), numbers.repeated(), numbers.reordered()), (None, 0, 0, 0));
}

#[test]
fn a_gap_is_told_at_once_and_judged_after_the_window() {
    let mut numbers = increment();
    assert_eq!(see(&mut numbers, 10, [1, 5]), [gap(2, 4, 3, Waiting)]);
    assert_eq!(numbers.wake(), Some(Ts::from_millis(110)));
    assert!(expire(&mut numbers, 109).is_empty());
    assert_eq!(see(&mut numbers, 50, [3]), [Reordered { seq: 3 }]);
    assert_eq!(expire(&mut numbers, 110), [gap(2, 2, 1, Lost), gap(4, 4, 1, Lost)]);
    assert_eq!((numbers.wake(), numbers.lost(), numbers.reordered()), (None, 2, 1));
    // Judged is judged: what comes now is late, then a repeat.
    assert_eq!(see(&mut numbers, 120, [2, 2, 3, 6]), [Reordered { seq: 2 }, Repeated { seq: 2 }, Repeated { seq: 3 }]);
    assert_eq!((numbers.lost(), numbers.repeated(), numbers.reordered()), (2, 2, 2));
}

#[test]
fn a_gap_that_closes_is_filled() {
    let mut numbers = increment();
    let found = see(&mut numbers, 0, [1, 4, 3, 3, 2, 5]);
    let wanted =
        [gap(2, 3, 2, Waiting), Reordered { seq: 3 }, Repeated { seq: 3 }, Reordered { seq: 2 }, gap(2, 3, 0, Filled)];
    assert_eq!(found, wanted);
    assert_eq!((numbers.wake(), numbers.lost()), (None, 0));
    // A number that comes when its window is over is judged first.
    assert_eq!(see(&mut numbers, 0, [7]), [gap(6, 6, 1, Waiting)]);
    assert_eq!(see(&mut numbers, 100, [6]), [gap(6, 6, 1, Lost), Reordered { seq: 6 }]);
}

#[test]
fn without_a_window_a_gap_is_lost_at_once() {
    let mut numbers = increment();
    numbers.window = Duration::ZERO;
    assert_eq!(see(&mut numbers, 0, [1, 3]), [gap(2, 2, 1, Lost)]);
    assert_eq!(numbers.wake(), None);
}

#[test]
fn steps_are_counted() {
    let mut numbers = tracker(SequenceRule::Increment { step: 10 }, false);
    assert_eq!(see(&mut numbers, 0, [10, 20, 60]), [gap(30, 50, 3, Waiting)]);
    assert_eq!(see(&mut numbers, 0, [40, 30, 50]).last(), Some(&gap(30, 50, 0, Filled)));
    // Numbers beside the grid: the count goes on from there.
    assert_eq!(see(&mut numbers, 0, [65, 75, 96]), [gap(85, 95, 2, Waiting)]);
    assert_eq!(see(&mut numbers, 0, [90]), [Repeated { seq: 90 }]);
    let mut zero = tracker(SequenceRule::Increment { step: 0 }, false);
    assert_eq!(see(&mut zero, 0, [1, 2, 2, 4]), [Repeated { seq: 2 }, gap(3, 3, 1, Waiting)]);
}

#[test]
fn what_comes_before_the_first_is_late() {
    let mut numbers = increment();
    let found = see(&mut numbers, 0, [5, 2, 3, 3, 4, 2, 6]);
    let wanted =
        [Reordered { seq: 2 }, Reordered { seq: 3 }, Repeated { seq: 3 }, Reordered { seq: 4 }, Repeated { seq: 2 }];
    assert_eq!(found, wanted);
}

#[test]
fn a_new_link_begins_anew_or_goes_on() {
    let mut numbers = increment();
    see(&mut numbers, 0, [1, 2, 5]);
    let mut out = Vec::new();
    numbers.relink(&mut out);
    assert_eq!(out, [gap(3, 4, 2, Lost)], "what was missing cannot come any more");
    assert!(see(&mut numbers, 10, [1, 2, 3]).is_empty());

    let mut numbers = tracker(SequenceRule::Increment { step: 1 }, true);
    see(&mut numbers, 0, [1, 2]);
    numbers.relink(&mut Vec::new());
    let across = |from, to, missing, state| Finding::Gap { from, to, missing, state, across_reconnect: true };
    assert_eq!(see(&mut numbers, 10, [6, 8]), [across(3, 5, 3, Waiting), gap(7, 7, 1, Waiting)]);
    assert_eq!(expire(&mut numbers, 110), [across(3, 5, 3, Lost), gap(7, 7, 1, Lost)]);
    // The server sends its last messages again.
    numbers.relink(&mut Vec::new());
    assert_eq!(see(&mut numbers, 200, [7, 8, 9, 10]), [Reordered { seq: 7 }, Repeated { seq: 8 }]);
    // The server was started anew.
    numbers.relink(&mut Vec::new());
    assert_eq!(see(&mut numbers, 300, [1, 2, 3]), [Repeated { seq: 1 }, Finding::Anew]);
}

#[test]
fn a_count_that_begins_anew_is_noticed() {
    let mut numbers = increment();
    see(&mut numbers, 0, 1..=5000);
    assert_eq!(see(&mut numbers, 0, [1, 2, 3, 5]), [Repeated { seq: 1 }, gap(4, 4, 1, Waiting)]);
    // One stray number is not a new count.
    let mut numbers = increment();
    see(&mut numbers, 0, 1..=5000);
    assert_eq!(see(&mut numbers, 0, [7, 5001, 8, 5002]), [Repeated { seq: 7 }, Repeated { seq: 8 }]);
    // Messages sent again are repeats, every one of them.
    assert_eq!(see(&mut numbers, 0, 4500..=5003).len(), 503);
    // A stray number far above: afterwards the others are the new count.
    let mut numbers = increment();
    assert_eq!(
        see(&mut numbers, 0, [1, u64::MAX, 2]),
        [gap(2, u64::MAX - 1, u64::MAX - 2, Waiting), Reordered { seq: 2 }]
    );
    assert_eq!(expire(&mut numbers, 100), [gap(3, u64::MAX - 1, u64::MAX - 3, Lost)]);
    assert_eq!(see(&mut numbers, 101, [3, 4, 5, 6]), [Reordered { seq: 3 }]);
}

#[test]
fn what_only_rises_is_checked_for_falling() {
    let mut numbers = tracker(SequenceRule::Monotonic, false);
    assert_eq!(see(&mut numbers, 0, [5, 90, 90, 80, 91, 1000]), [Repeated { seq: 90 }, Reordered { seq: 80 }]);
    // It fell, and rises from there for long: a new count, with which nothing is wrong.
    let found = see(&mut numbers, 0, (1..100).map(|n| n * 3));
    assert_eq!(found, (1..8).map(|n| Reordered { seq: n * 3 }).collect::<Vec<_>>());
    assert_eq!((numbers.repeated(), numbers.reordered(), numbers.lost(), numbers.wake()), (1, 8, 0, None));
}

#[test]
fn memory_is_bounded() {
    let mut numbers = increment();
    let mut out = see(&mut numbers, 0, [0, 1_000_000]);
    // Every second one: each number tears a hole in two.
    out.extend(see(&mut numbers, 1, (1..5_000).map(|n| n * 2)));
    assert!(numbers.pending.iter().map(|gap| gap.holes.len()).sum::<usize>() <= MOST && numbers.absent.len() <= MOST);
    out.extend(see(&mut numbers, 2, (0..5_000).map(|n| 2_000_000 + n * 2)));
    assert!(numbers.pending.iter().map(|gap| gap.holes.len()).sum::<usize>() <= MOST && numbers.absent.len() <= MOST);
    assert_eq!(missing(&out, Lost), numbers.lost());
}

/// A stream with losses, repeats and late numbers, none later than `SPREAD` places.
#[derive(Clone, Debug)]
struct Stream(Vec<u64>);

const SPREAD: u64 = 12;

fn stream() -> impl Strategy<Value = Stream> {
    let message = (0..10_u8, 0..SPREAD, prop::option::weighted(0.1, 0..SPREAD));
    (0..3000_u64, prop::collection::vec(message, 1..150)).prop_map(|(base, messages)| {
        let mut placed: Vec<(u64, usize, u64)> = Vec::new();
        for (n, (fate, shift, again)) in messages.into_iter().enumerate() {
            let place = n as u64 * 2;
            match fate {
                0 => continue,
                1..=3 => placed.push((place + shift * 2, n, base + n as u64)),
                _ => placed.push((place, n, base + n as u64)),
            }
            if let Some(again) = again {
                placed.push((place + again * 2 + 1, n, base + n as u64));
            }
        }
        placed.sort_unstable();
        Stream(placed.into_iter().map(|(_, _, number)| number).collect())
    })
}

/// Remembers everything and forgets nothing: `(lost, repeated, reordered)`.
fn model(stream: &[u64], at: impl Fn(usize) -> u64) -> (u64, u64, u64) {
    let (mut seen, mut repeated, mut reordered) = (BTreeSet::new(), 0, 0);
    let mut waited: BTreeMap<u64, u64> = BTreeMap::new();
    let mut lost = BTreeSet::new();
    let mut highest = None;
    for (i, number) in stream.iter().enumerate() {
        lost.extend(waited.iter().filter(|(_, until)| **until <= at(i)).map(|(n, _)| *n));
        waited.retain(|_, until| *until > at(i));
        match highest {
            Some(top) if *number > top => waited.extend((top + 1..*number).map(|n| (n, at(i) + 100))),
            Some(_) if seen.contains(number) => repeated += 1,
            Some(_) => reordered += 1,
            None => {}
        }
        waited.remove(number);
        highest = highest.max(Some(*number));
        seen.insert(*number);
    }
    (lost.len() as u64 + waited.len() as u64, repeated, reordered)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn it_counts_as_one_who_remembers_all(stream in stream(), pace in 1_u64..40) {
        let Stream(stream) = stream;
        let at = |i: usize| i as u64 * pace;
        let mut numbers = increment();
        let mut out = Vec::new();
        for (i, number) in stream.iter().enumerate() {
            numbers.see(Ts::from_millis(at(i)), *number, &mut out);
            prop_assert!(numbers.wake().is_none_or(|wake| wake > Ts::from_millis(at(i))));
        }
        numbers.expire(Ts::from_millis(1_000_000), &mut out);
        prop_assert_eq!(numbers.wake(), None);
        prop_assert_eq!((numbers.lost(), numbers.repeated(), numbers.reordered()), model(&stream, at), "{:?}", stream);
        // Every gap that was told is judged: filled, or lost in as many parts as remained.
        let sum = |wanted| missing(&out, wanted);
        prop_assert_eq!(sum(Lost), numbers.lost());
        let late = out.iter().filter(|found| matches!(found, Reordered { .. })).count() as u64;
        prop_assert_eq!(late, numbers.reordered());
        prop_assert!(sum(Waiting) >= sum(Lost) && sum(Waiting) <= sum(Lost) + late);
    }

    #[test]
    fn any_numbers_are_survived(numbers in prop::collection::vec(prop_oneof![any::<u64>(), 0..5_u64, u64::MAX - 5..=u64::MAX], 0..60), step in prop_oneof![0..4_u64, Just(u64::MAX)], across in any::<bool>()) {
        for rule in [SequenceRule::Increment { step }, SequenceRule::Monotonic] {
            let mut tracker = tracker(rule, across);
            let mut out = Vec::new();
            for (i, number) in numbers.iter().enumerate() {
                tracker.see(Ts::from_millis(i as u64 * 20), *number, &mut out);
                if number % 11 == 0 {
                    tracker.relink(&mut out);
                }
            }
            tracker.expire(Ts::from_nanos(u64::MAX), &mut out);
            prop_assert!(tracker.wake().is_none());
        }
    }
}
