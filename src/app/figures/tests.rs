//! What figures say of a feed that is watched for a while.

use std::sync::Arc;
use std::time::Duration;

use super::*;
use crate::event::course::KEPT;
use crate::event::{Event, FeedId, FeedInfo, Gen, Phase, Phases, Snapshot, Why};

fn at(seconds: u64) -> Ts {
    Ts::from_millis(seconds * 1000)
}

/// A feed that was opened in second 100, and what came in which seconds.
fn feed(came: impl IntoIterator<Item = (u64, u32, Option<i64>)>) -> Feed {
    feed_with(came, &[])
}

/// The same with what was told of it meanwhile.
fn feed_with(came: impl IntoIterator<Item = (u64, u32, Option<i64>)>, told: &[(u64, Event)]) -> Feed {
    let info = FeedInfo {
        id: FeedId(0),
        name: "market".to_owned(),
        url: "ws://market.example".to_owned(),
        profile: "raw".to_owned(),
        group: None,
        services: vec!["trades".to_owned()],
        beat: None,
        numbered: false,
        timed: true,
        acks: false,
    };
    let mut feed = Feed::new(info);
    let open = Event::Open { phases: Phases::default(), address: None, subprotocol: None, extensions: None };
    feed.hear(at(100), &open);
    for (when, event) in told {
        feed.hear(at(*when), event);
    }
    let mut course = Course::default();
    for (number, messages, delay) in came {
        let delays = delay.map(|delay| {
            let mut delays = Delays::default();
            (0..messages.min(1000)).for_each(|_| delays.add(delay));
            Arc::new(delays)
        });
        course.push(Second { number, messages, bytes: u64::from(messages) * 100, delays });
    }
    let mut snapshot = Snapshot { at: at(160), phase: Phase::Open, ..Snapshot::default() };
    snapshot.courses.until = 160;
    snapshot.courses.feed = Arc::new(course);
    feed.see(&snapshot);
    feed
}

fn usual(figure: &Figure) -> Vec<Option<i64>> {
    figure.bars.iter().map(|bar| bar.map(|bar| bar.usual)).collect()
}

const SPAN: Span = Span { bars: 10, each: 1 };

#[test]
fn silence_is_zero_and_an_outage_is_blank() {
    let closed = Event::Closed { why: Why::Eof, up: Duration::ZERO, silent: Duration::ZERO };
    let open = Event::Open { phases: Phases::default(), address: None, subprotocol: None, extensions: None };
    let came = [(151, 4, None), (152, 6, None), (157, 5, None), (158, 7, None)];
    let feed = feed_with(came, &[(153, closed), (156, open)]);
    let rate = feed.figure(Measure::Rate, None, at(160), SPAN);
    // The link ended in second 153, and was open again in 156.
    let told = [Some(0), Some(4), Some(6), Some(0), None, None, Some(0), Some(5), Some(7), Some(0)];
    assert_eq!(usual(&rate), told);
    assert_eq!((rate.p50, rate.p99, rate.most, rate.n), (Some(0), Some(7), Some(7), 8));
    assert_eq!((rate.low, rate.high, rate.now), (0, 10, Some(3)));
}

#[test]
fn a_time_without_us_is_blank_and_so_is_one_without_news() {
    let mut feed = feed([(151, 4, None), (158, 7, None)]);
    feed.state.courses.gaps.push_back((153, 156));
    let rate = feed.figure(Measure::Rate, None, at(165), Span { bars: 14, each: 1 });
    let silent = [Some(0), Some(4), Some(0), None, None, None, Some(0), Some(0), Some(7), Some(0)];
    assert_eq!(usual(&rate)[..10], silent);
    // The session told of nothing since 160.
    assert_eq!(usual(&rate)[10..], [None; 4]);
    assert_eq!(rate.now, Some(0), "{rate:?}");
    assert_eq!(feed.figure(Measure::Rate, None, at(170), SPAN).now, None);
}

#[test]
fn a_second_that_runs_is_no_fall() {
    let feed = feed((150..160).map(|number| (number, 9, None)));
    for now in [at(160), at(160) + Duration::from_millis(900)] {
        assert_eq!(usual(&feed.figure(Measure::Rate, None, now, SPAN)), [Some(9); 10]);
    }
    let bytes = feed.figure(Measure::Bytes, None, at(160), SPAN);
    assert_eq!((bytes.now, bytes.most, bytes.high), (Some(900), Some(900), 1024));
}

#[test]
fn delays_are_of_the_messages_and_not_of_their_seconds() {
    // One late second of a few does not count as much as a hundred messages in time.
    let feed = feed([(151, 98, Some(2000)), (152, 1, Some(900_000)), (155, 1, Some(-3000))]);
    let delay = feed.figure(Measure::Delay, None, at(160), SPAN);
    assert_eq!((delay.p50, delay.n, delay.most), (Some(2016), 100, Some(900_000)));
    assert!(delay.p99.is_some_and(|p99| p99 < 2100), "{delay:?}");
    assert_eq!((delay.low, delay.high, delay.now), (-3000, 1_000_000, Some(-3000)));
    let known: Vec<_> = delay.bars.iter().map(Option::is_some).collect();
    assert_eq!(known, [false, true, true, false, false, true, false, false, false, false]);
    // Two bars of a second are one of two.
    let wide = feed.figure(Measure::Delay, None, at(160), Span { bars: 5, each: 2 });
    assert_eq!(wide.bars[0].map(|bar| bar.most), Some(2000));
    assert_eq!(wide.bars[1].map(|bar| bar.most), Some(900_000));
}

#[test]
fn what_nobody_measured_is_no_number() {
    let feed = feed([(151, 4, None)]);
    for measure in [Measure::Delay, Measure::Trip] {
        let figure = feed.figure(measure, None, at(160), SPAN);
        assert_eq!((figure.now, figure.p50, figure.p99, figure.most, figure.n), (None, None, None, None, 0));
        assert_eq!(figure.bars, [None; 10]);
    }
    // A service that nothing came of yet was silent while there was a link.
    let service = feed.figure(Measure::Rate, Some(ServiceId(0)), at(160), SPAN);
    assert_eq!(usual(&service), [Some(0); 10]);
}

#[test]
fn round_trips_stand_side_by_side_and_apart_by_link() {
    let mut feed = feed([]);
    let trips = (0..100).map(|n| (Gen(1), Duration::from_micros(1000 + n))).chain([(Gen(2), Duration::from_millis(9))]);
    feed.state.courses.trips = Arc::new(trips.collect());
    let trips = feed.figure(Measure::Trip, None, at(160), Span { bars: 4, each: 1 });
    assert_eq!(usual(&trips), [Some(1098), Some(1099), None, Some(9000)]);
    assert_eq!((trips.p50, trips.p99, trips.most, trips.n), (Some(1050), Some(1099), Some(9000), 101));
    assert_eq!(trips.now, Some(9000));
}

#[test]
fn bars_keep_their_place_and_cover_the_time_that_they_say() {
    assert_eq!(Span::minute(16), Span { bars: 15, each: 4 });
    assert_eq!(Span::minute(0), Span { bars: 1, each: 60 });
    for room in 1..400 {
        assert_eq!(Span::longest(room).seconds(), KEPT);
        assert!(Span::longest(room).bars <= room);
    }
    let feed = feed((100..160).map(|number| (number, u32::try_from(number).unwrap(), None)));
    let span = Span { bars: 8, each: 7 };
    let before = feed.figure(Measure::Rate, None, at(159), span);
    let after = feed.figure(Measure::Rate, None, at(160), span);
    assert_eq!(before.bars[..7], after.bars[..7]);
}

#[test]
fn no_moment_is_too_far_away() {
    let feed = feed([(151, 4, Some(i64::MIN)), (152, u32::MAX, Some(i64::MAX))]);
    for now in [Ts::ZERO, at(160), Ts::from_nanos(u64::MAX)] {
        for measure in Measure::ALL {
            for span in [SPAN, Span::of(180, 0), Span { bars: 500, each: 1 }] {
                assert_eq!(feed.figure(measure, None, now, span).bars.len(), span.bars);
            }
        }
    }
}
