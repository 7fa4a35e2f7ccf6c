//! Messages that cover ranges, and messages that name the one before them.

use super::*;

fn ranges() -> Tracker {
    tracker(SequenceRule::Range { first: Pointer::parse("/U").unwrap() }, false)
}

fn links() -> Tracker {
    tracker(SequenceRule::Link { previous: Pointer::parse("/prev").unwrap() }, false)
}

/// Each is `(first or previous, number)`.
fn pairs(tracker: &mut Tracker, ms: u64, pairs: impl IntoIterator<Item = (u64, u64)>) -> Vec<Finding> {
    let mut out = Vec::new();
    pairs.into_iter().for_each(|(other, seq)| tracker.see_with(Ts::from_millis(ms), seq, Some(other), &mut out));
    out
}

#[test]
fn a_range_begins_behind_the_one_before() {
    let mut numbers = ranges();
    assert!(pairs(&mut numbers, 0, [(10, 15), (16, 16), (17, 30)]).is_empty());
    assert_eq!(pairs(&mut numbers, 0, [(35, 40)]), [gap(31, 34, 4, Waiting)]);
    // The first that follows a snapshot may lie across it.
    assert!(pairs(&mut numbers, 0, [(39, 45)]).is_empty());
    assert_eq!(pairs(&mut numbers, 0, [(31, 32)]), [Reordered { seq: 32 }]);
    assert_eq!(pairs(&mut numbers, 0, [(33, 34)]), [Reordered { seq: 34 }, gap(31, 34, 0, Filled)]);
    assert_eq!(pairs(&mut numbers, 0, [(33, 34), (10, 15)]), [Repeated { seq: 34 }, Repeated { seq: 15 }]);
    assert_eq!(pairs(&mut numbers, 0, [(5, 9)]), [Reordered { seq: 9 }], "from before the first that came");
    assert_eq!(pairs(&mut numbers, 0, [(50, 60)]), [gap(46, 49, 4, Waiting)]);
    assert_eq!(expire(&mut numbers, 100), [gap(46, 49, 4, Lost)]);
    assert_eq!(pairs(&mut numbers, 101, [(47, 48), (47, 48)]), [Reordered { seq: 48 }, Repeated { seq: 48 }]);
    // Some of what is missing comes with what is new.
    assert_eq!(pairs(&mut numbers, 200, [(70, 80)]), [gap(61, 69, 9, Waiting)]);
    assert!(pairs(&mut numbers, 200, [(65, 90)]).is_empty());
    assert_eq!(expire(&mut numbers, 300), [gap(61, 64, 4, Lost)]);
    // What makes no sense is one number.
    assert_eq!(pairs(&mut numbers, 400, [(99, 91), (0, 92)]), []);
    // The count begins anew.
    let mut numbers = ranges();
    pairs(&mut numbers, 0, [(10_000, 10_010)]);
    assert_eq!(pairs(&mut numbers, 0, [(1, 5), (6, 9), (10, 12)]), [Reordered { seq: 5 }]);
    assert_eq!(pairs(&mut numbers, 0, [(14, 15)]), [gap(13, 13, 1, Waiting)]);
}

#[test]
fn a_range_goes_on_over_links() {
    let mut numbers = tracker(SequenceRule::Range { first: Pointer::parse("/U").unwrap() }, true);
    pairs(&mut numbers, 0, [(10, 15)]);
    numbers.relink(&mut Vec::new());
    let lost = Finding::Gap { from: 16, to: 99, missing: 84, state: Waiting, across_reconnect: true };
    assert_eq!(pairs(&mut numbers, 10, [(100, 110)]), [lost]);
}

#[test]
fn each_names_the_one_before() {
    let mut numbers = links();
    assert!(pairs(&mut numbers, 0, [(0, 10), (10, 17), (17, 17), (17, 40)]).is_empty());
    assert_eq!(pairs(&mut numbers, 0, [(50, 60)]), [gap(50, 50, 1, Waiting)]);
    assert_eq!(expire(&mut numbers, 100), [gap(50, 50, 1, Lost)]);
    assert_eq!(numbers.lost(), 1);
    // It comes late.
    assert_eq!(pairs(&mut numbers, 200, [(70, 80)]), [gap(70, 70, 1, Waiting)]);
    assert_eq!(pairs(&mut numbers, 200, [(60, 70)]), [Reordered { seq: 70 }, gap(70, 70, 0, Filled)]);
    // Two are missing: the second shows when the first has come.
    assert_eq!(pairs(&mut numbers, 300, [(95, 99)]), [gap(95, 95, 1, Waiting)]);
    let found = pairs(&mut numbers, 300, [(90, 95)]);
    assert_eq!(found, [Reordered { seq: 95 }, gap(95, 95, 0, Filled), gap(90, 90, 1, Waiting)]);
    assert_eq!(pairs(&mut numbers, 300, [(80, 90)]), [Reordered { seq: 90 }, gap(90, 90, 0, Filled)]);
    assert_eq!((numbers.wake(), numbers.lost(), numbers.reordered()), (None, 1, 3));
    assert_eq!(pairs(&mut numbers, 300, [(98, 99), (80, 90)]), [Repeated { seq: 99 }, Reordered { seq: 90 }]);
    assert!(pairs(&mut numbers, 300, [(99, 120)]).is_empty(), "one that was sent again changes nothing");
}

#[test]
fn a_chain_begins_anew() {
    let mut numbers = links();
    pairs(&mut numbers, 0, [(1000, 1001)]);
    // One that names none before it.
    let mut out = Vec::new();
    numbers.see_with(Ts::ZERO, 5, None, &mut out);
    assert!(pairs(&mut numbers, 0, [(5, 6)]).is_empty() && out.is_empty());
    // By itself: two that follow each other below the last.
    pairs(&mut numbers, 0, [(6, 5000)]);
    assert_eq!(pairs(&mut numbers, 0, [(1, 2), (2, 3), (3, 4)]), [Reordered { seq: 2 }]);
    assert_eq!(pairs(&mut numbers, 0, [(9, 10)]), [gap(9, 9, 1, Waiting)]);
    numbers.relink(&mut out);
    assert_eq!(out, [gap(9, 9, 1, Lost)]);
    assert!(pairs(&mut numbers, 0, [(70, 71)]).is_empty());
    let mut across = tracker(SequenceRule::Link { previous: Pointer::parse("/prev").unwrap() }, true);
    pairs(&mut across, 0, [(1, 2)]);
    across.relink(&mut out);
    let lost = Finding::Gap { from: 7, to: 7, missing: 1, state: Waiting, across_reconnect: true };
    assert_eq!(pairs(&mut across, 0, [(7, 8)]), [lost]);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1000, failure_persistence: None, ..ProptestConfig::default() })]

    /// Ranges of a stream of which some are lost, in order: what is missing is what was lost.
    #[test]
    fn lost_ranges_are_missing(parts in prop::collection::vec((1..9_u64, any::<bool>()), 1..60), base in 1..500_u64) {
        let (mut at, mut last, mut lost, mut waiting) = (base, None, 0, 0);
        let mut numbers = ranges();
        let mut out = Vec::new();
        for (length, comes) in parts {
            if comes {
                numbers.see_with(Ts::ZERO, at + length - 1, Some(at), &mut out);
                lost += waiting;
                (last, waiting) = (Some(at), 0);
            } else if last.is_some() {
                waiting += length;
            }
            at += length;
        }
        numbers.expire(Ts::from_nanos(u64::MAX), &mut out);
        prop_assert_eq!(numbers.lost(), lost);
        prop_assert_eq!(missing(&out, Lost), lost);
        prop_assert_eq!((numbers.repeated(), numbers.reordered()), (0, 0));
    }

    /// A chain with runs of messages lost: each run is known by its last.
    #[test]
    fn lost_links_are_missing(steps in prop::collection::vec((1..9_u64, any::<bool>()), 1..60)) {
        let mut numbers = links();
        let (mut out, mut at, mut gone, mut wanted, mut began) = (Vec::new(), 1000, false, 0, false);
        for (step, comes) in steps {
            let previous = at;
            at += step;
            if comes {
                wanted += u64::from(gone && began);
                numbers.see_with(Ts::ZERO, at, Some(previous), &mut out);
                (gone, began) = (false, true);
            } else {
                gone = true;
            }
        }
        numbers.expire(Ts::from_nanos(u64::MAX), &mut out);
        prop_assert_eq!(numbers.lost(), wanted);
        prop_assert_eq!((numbers.repeated(), numbers.reordered()), (0, 0));
    }

    #[test]
    fn any_pairs_are_survived(pairs in prop::collection::vec((prop::option::of(prop_oneof![any::<u64>(), 0..6_u64, u64::MAX - 5..=u64::MAX]), prop_oneof![any::<u64>(), 0..6_u64, u64::MAX - 5..=u64::MAX]), 0..60), across in any::<bool>()) {
        let at = Pointer::parse("/a").unwrap();
        for rule in [SequenceRule::Range { first: at.clone() }, SequenceRule::Link { previous: at }] {
            let mut tracker = tracker(rule, across);
            let mut out = Vec::new();
            for (i, (other, seq)) in pairs.iter().enumerate() {
                tracker.see_with(Ts::from_millis(i as u64 * 20), *seq, *other, &mut out);
                if seq % 11 == 0 { tracker.relink(&mut out); }
                if seq % 13 == 0 { tracker.reset(&mut out); }
            }
            tracker.expire(Ts::from_nanos(u64::MAX), &mut out);
            prop_assert!(tracker.wake().is_none());
            prop_assert_eq!(missing(&out, Lost), tracker.lost());
        }
    }
}
