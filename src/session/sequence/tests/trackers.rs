//! What is counted together, and whose finding it is.

use std::sync::Arc;

use super::*;
use crate::event::ServiceId;
use crate::profile::build::{Source, load};
use crate::profile::template::Template;

const A: Option<ServiceId> = Some(ServiceId(0));
const B: Option<ServiceId> = Some(ServiceId(1));

fn trackers(rules: Vec<(SequenceScope, SequenceRule)>) -> Trackers {
    let mut profile = load(Source::new("t.toml", "schema = 1\nname = \"t\"\n"), &|_| None, &[]).unwrap();
    profile.sequences = rules.into_iter().map(|(scope, rule)| Sequence { scope, ..sequence(rule, false) }).collect();
    Trackers::new(&Arc::new(profile))
}

fn one(scope: SequenceScope) -> Trackers {
    trackers(vec![(scope, SequenceRule::Increment { step: 1 })])
}

fn by_key() -> SequenceScope {
    SequenceScope::Key(Template { parts: Vec::new(), json: false })
}

fn number(seq: u64) -> Numbered<'static> {
    Numbered { sequence: 0, seq: Some(seq), other: None, reset: false, key: None }
}

fn told(trackers: &mut Trackers, ms: u64, seen: &[(Option<ServiceId>, Numbered<'_>)]) -> Vec<Told> {
    let mut out = Vec::new();
    for (service, numbered) in seen {
        trackers.see(Ts::from_millis(ms), *service, numbered, &mut out);
    }
    out
}

fn later(trackers: &mut Trackers, ms: u64) -> Vec<Told> {
    let mut out = Vec::new();
    trackers.expire(Ts::from_millis(ms), &mut out);
    out
}

#[test]
fn services_are_counted_apart() {
    let mut trackers = one(SequenceScope::Service);
    assert!(told(&mut trackers, 0, &[(A, number(1)), (B, number(50)), (A, number(2)), (None, number(9))]).is_empty());
    assert_eq!(trackers.wake(), None);
    assert_eq!(told(&mut trackers, 10, &[(A, number(4)), (B, number(51))]), [(A, gap(3, 3, 1, Waiting))]);
    assert_eq!(
        told(&mut trackers, 20, &[(B, number(53)), (A, number(4))]),
        [(B, gap(52, 52, 1, Waiting)), (A, Repeated { seq: 4 })]
    );
    assert_eq!(trackers.wake(), Some(Ts::from_millis(110)));
    assert_eq!(later(&mut trackers, 110), [(A, gap(3, 3, 1, Lost))]);
    assert_eq!(trackers.wake(), Some(Ts::from_millis(120)));
    assert_eq!(told(&mut trackers, 115, &[(B, number(52))]).len(), 2);
    assert!(later(&mut trackers, 120).is_empty());
    assert_eq!(trackers.wake(), None);
    assert_eq!(trackers.tally(ServiceId(0)), Tally { lost: Some(1), repeated: 1, reordered: 0 });
    assert_eq!(trackers.tally(ServiceId(1)), Tally { lost: Some(0), repeated: 0, reordered: 1 });
    assert_eq!(trackers.tally(ServiceId(7)), Tally::default());
    // A new link: what was missing will not come, and the count begins anew.
    told(&mut trackers, 200, &[(A, number(9))]);
    let mut out = Vec::new();
    trackers.relink(&mut out);
    assert_eq!(out, [(A, gap(5, 8, 4, Lost))]);
    assert!(told(&mut trackers, 300, &[(A, number(1)), (B, number(1))]).is_empty());
}

#[test]
fn a_link_counts_all_and_tells_it_of_the_one_at_hand() {
    let mut trackers = one(SequenceScope::Link);
    let seen = [(A, number(1)), (None, number(2)), (B, number(3)), (B, number(5)), (A, number(7))];
    assert_eq!(told(&mut trackers, 0, &seen), [(B, gap(4, 4, 1, Waiting)), (A, gap(6, 6, 1, Waiting))]);
    // What is told of one at first is told of it to the end.
    assert_eq!(told(&mut trackers, 1, &[(A, number(4))]), [(A, Reordered { seq: 4 }), (B, gap(4, 4, 0, Filled))]);
    assert_eq!(later(&mut trackers, 100), [(A, gap(6, 6, 1, Lost))]);
    // A message of none is told of the one before it.
    assert_eq!(told(&mut trackers, 200, &[(B, number(8)), (None, number(10))]), [(B, gap(9, 9, 1, Waiting))]);
    let mut nobody = one(SequenceScope::Link);
    assert_eq!(told(&mut nobody, 0, &[(None, number(1)), (None, number(3))]), [(None, gap(2, 2, 1, Waiting))]);
}

#[test]
fn keys_are_counted_apart_and_not_without_end() {
    let mut trackers = one(by_key());
    let of = |key: &'static [u8], seq| (A, Numbered { key: Some(key), ..number(seq) });
    let found = told(&mut trackers, 0, &[of(b"x", 1), of(b"y", 8), of(b"x", 2), of(b"y", 10), (A, number(70))]);
    assert_eq!(found, [(A, gap(9, 9, 1, Waiting))]);
    for n in 0..20_000_u32 {
        let key = n.to_be_bytes();
        trackers.see(Ts::from_millis(1), B, &Numbered { key: Some(&key), ..number(1) }, &mut Vec::new());
    }
    assert!(format!("{trackers:?}").matches("Shared {").count() <= 8200);
    // The gap of a key that was let go of was judged then.
    assert_eq!(trackers.tally(ServiceId(0)).lost, Some(1));
    assert!(later(&mut trackers, 1000).is_empty());
    // Keys in use are kept, however many others there are.
    let mut trackers = one(by_key());
    for n in 0..20_000_u32 {
        let mut out = told(&mut trackers, 1, &[of(b"x", u64::from(n))]);
        trackers.see(Ts::from_millis(1), B, &Numbered { key: Some(&n.to_be_bytes()), ..number(1) }, &mut out);
        assert!(out.is_empty(), "{out:?}");
    }
    assert_eq!(told(&mut trackers, 2, &[of(b"x", 20_001)]), [(A, gap(20_000, 20_000, 1, Waiting))]);
}

#[test]
fn a_message_may_begin_a_new_count() {
    let mut trackers = one(SequenceScope::Service);
    told(&mut trackers, 0, &[(A, number(100)), (A, number(102))]);
    let reset = Numbered { reset: true, ..number(5) };
    assert_eq!(told(&mut trackers, 1, &[(A, reset)]), [(A, gap(101, 101, 1, Lost))]);
    assert!(told(&mut trackers, 2, &[(A, number(6))]).is_empty());
    let without = Numbered { seq: None, ..reset };
    assert!(told(&mut trackers, 3, &[(A, without), (A, number(1)), (A, number(2))]).is_empty());
    assert!(
        told(&mut trackers, 3, &[(A, Numbered { sequence: 9, ..number(1) })]).is_empty(),
        "there is no such sequence"
    );
}

#[test]
fn two_sequences_do_not_meddle() {
    let mut trackers = trackers(vec![
        (SequenceScope::Service, SequenceRule::Increment { step: 1 }),
        (SequenceScope::Link, SequenceRule::Increment { step: 2 }),
    ]);
    let other = |seq| (A, Numbered { sequence: 1, ..number(seq) });
    assert!(told(&mut trackers, 0, &[(A, number(1)), other(10), (A, number(2)), other(12)]).is_empty());
    assert_eq!(told(&mut trackers, 50, &[other(16)]), [(A, gap(14, 14, 1, Waiting))]);
    assert_eq!(trackers.wake(), Some(Ts::from_millis(150)));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    /// The sum of what is told is the tally, whoever counts.
    #[test]
    fn nothing_is_told_to_nobody(
        seen in prop::collection::vec((0..3_u16, 0..3_u8, 0..40_u64, prop::option::of(0..40_u64), prop::bool::weighted(0.05)), 0..120),
        rule in prop::sample::select(vec![0, 1, 2, 3]),
    ) {
        for scope in [SequenceScope::Service, SequenceScope::Link, by_key()] {
            let at = Pointer::parse("/a").unwrap();
            let rule = match rule {
                0 => SequenceRule::Increment { step: 1 },
                1 => SequenceRule::Range { first: at },
                2 => SequenceRule::Link { previous: at },
                _ => SequenceRule::Monotonic,
            };
            let mut trackers = trackers(vec![(scope, rule)]);
            let mut out = Vec::new();
            for (n, (service, key, seq, other, reset)) in seen.iter().enumerate() {
                let now = Ts::from_millis(n as u64 * 17);
                trackers.expire(now, &mut out);
                prop_assert!(trackers.wake().is_none_or(|wake| wake > now));
                let key = [*key];
                let numbered = Numbered { sequence: 0, seq: Some(*seq), other: *other, reset: *reset, key: Some(&key) };
                trackers.see(now, Some(ServiceId(*service)), &numbered, &mut out);
                if n == 60 {
                    trackers.relink(&mut out);
                }
            }
            trackers.expire(Ts::from_nanos(u64::MAX), &mut out);
            prop_assert_eq!(trackers.wake(), None);
            for id in 0..3 {
                let own: Vec<_> = out.iter().filter(|(service, _)| *service == Some(ServiceId(id))).map(|(_, found)| *found).collect();
                let tally = trackers.tally(ServiceId(id));
                prop_assert_eq!(tally.lost.unwrap_or(0), missing(&own, Lost));
                prop_assert_eq!(tally.repeated, own.iter().filter(|found| matches!(found, Repeated { .. })).count() as u64);
                prop_assert_eq!(tally.reordered, own.iter().filter(|found| matches!(found, Reordered { .. })).count() as u64);
            }
            prop_assert!(out.iter().all(|(service, _)| service.is_some()));
        }
    }
}
