//! Alarms on made-up time.

use super::*;
use crate::event::{Gap, Outage, ServiceNews, Why};

const NOON: u16 = 12 * 60;

fn at(seconds: u64) -> Ts {
    Ts::from_millis(seconds * 1000)
}

fn alarms(after: u64) -> Alarms {
    let on = Cause::ALL.map(|(_, cause)| cause).to_vec();
    Alarms::new(Rules { on, after: Duration::from_secs(after), bell: true, ..Rules::default() })
}

fn tell(alarms: &mut Alarms, seconds: u64, event: Event) {
    alarms.hear(&Stamped { n: 0, at: at(seconds), feed: FeedId(1), event });
}

fn outage(alarms: &mut Alarms, seconds: u64, began: u64, over: bool) {
    let outage = Outage {
        id: 1,
        over,
        why: Why::Eof,
        began: at(began),
        detect: None,
        silent: None,
        down: Duration::ZERO,
        attempts: 0,
        tries: Vec::new(),
        next: None,
        slept: Duration::ZERO,
        missed: None,
        services: Vec::new(),
    };
    tell(alarms, seconds, Event::Outage(Box::new(outage)));
}

fn states(alarms: &mut Alarms, seconds: u64) -> Vec<(Cause, State, bool)> {
    alarms.tick(at(seconds), NOON).iter().map(|alarm| (alarm.cause, alarm.state, alarm.loud)).collect()
}

#[test]
fn a_feed_that_is_back_in_time_raises_none() {
    let mut alarms = alarms(10);
    outage(&mut alarms, 5, 5, false);
    assert_eq!(alarms.wake(), Some(at(15)));
    assert_eq!(states(&mut alarms, 14), []);
    outage(&mut alarms, 14, 5, true);
    assert_eq!(states(&mut alarms, 60), []);
    assert_eq!(alarms.wake(), None);
}

#[test]
fn raised_acknowledged_cleared() {
    let mut alarms = alarms(10);
    outage(&mut alarms, 5, 5, false);
    assert_eq!(states(&mut alarms, 15), [(Cause::Down, State::Raised, true)]);
    assert_eq!(states(&mut alarms, 16), [], "once");
    assert_eq!(alarms.raised().count(), 1);
    assert!(alarms.acknowledge(FeedId(1), at(17)) && !alarms.acknowledge(FeedId(1), at(17)));
    assert_eq!(alarms.raised().count(), 0);
    outage(&mut alarms, 20, 5, true);
    let told = states(&mut alarms, 20);
    assert_eq!(told, [(Cause::Down, State::Acknowledged, true), (Cause::Down, State::Cleared, true)]);
}

#[test]
fn one_that_flaps_is_heard_every_ten_seconds() {
    let mut alarms = alarms(0);
    let mut heard = Vec::new();
    for second in 0..30 {
        outage(&mut alarms, second, second, false);
        let told = states(&mut alarms, second);
        assert_eq!(told.iter().filter(|(_, state, _)| *state == State::Raised).count(), 1);
        heard.extend(told.iter().any(|(_, state, loud)| *loud && *state == State::Raised).then_some(second));
        outage(&mut alarms, second, second, true);
    }
    assert_eq!(heard, [0, 10, 20]);
}

#[test]
fn quiet_hours_go_over_midnight() {
    let night = Quiet::parse("22:00-07:00").unwrap();
    for (hour, quiet) in [(21, false), (22, true), (23, true), (0, true), (6, true), (7, false), (12, false)] {
        assert_eq!(night.holds(hour * 60), quiet, "{hour}");
    }
    let lunch = Quiet::parse("12:00 - 13:30").unwrap();
    assert!(lunch.holds(NOON) && lunch.holds(13 * 60 + 29) && !lunch.holds(13 * 60 + 30) && !lunch.holds(0));
    for wrong in ["", "22:00", "22-7", "24:00-07:00", "22:60-07:00", "07:00-07:00", "+1:00-02:00"] {
        assert_eq!(Quiet::parse(wrong), None, "{wrong}");
    }
    let mut alarms = alarms(0);
    alarms.rules.quiet = vec![night];
    outage(&mut alarms, 1, 1, false);
    let told = alarms.tick(at(1), 23 * 60);
    assert!(told.len() == 1 && !told[0].loud, "it is told, and not heard");
}

#[test]
fn a_stopped_feed_is_not_told_to_be_down_too() {
    let mut alarms = alarms(10);
    outage(&mut alarms, 5, 5, false);
    tell(&mut alarms, 6, Event::Stopped { why: Why::Eof });
    assert_eq!(states(&mut alarms, 30), [(Cause::Stopped, State::Raised, true)]);
    tell(&mut alarms, 40, Event::Dialing { attempt: 1 });
    assert_eq!(states(&mut alarms, 49), [(Cause::Stopped, State::Cleared, true)], "the dial has its time");
    assert_eq!(states(&mut alarms, 50), [(Cause::Down, State::Raised, true)]);
}

#[test]
fn a_silent_service_and_lost_messages() {
    let mut alarms = alarms(10);
    let stale = |state, silent| {
        Event::Service(ServiceNews {
            service: ServiceId(3),
            name: "trades".into(),
            state,
            discovered: false,
            silent,
            usual: None,
            text: None,
        })
    };
    tell(&mut alarms, 100, stale(ServiceState::Stale, Some(Duration::from_secs(48))));
    assert_eq!(states(&mut alarms, 100), [(Cause::Stale, State::Raised, true)]);
    tell(&mut alarms, 101, stale(ServiceState::Live, None));
    assert_eq!(states(&mut alarms, 101), [(Cause::Stale, State::Cleared, true)]);
    let gap = |missing, state| {
        Event::Gap(Gap { service: ServiceId(3), from: 1, to: missing, missing, state, across_reconnect: false })
    };
    tell(&mut alarms, 105, gap(5, GapState::Pending));
    assert_eq!(states(&mut alarms, 106), []);
    tell(&mut alarms, 107, gap(5, GapState::Lost));
    tell(&mut alarms, 107, gap(2, GapState::Lost));
    let told = alarms.tick(at(107), NOON);
    assert_eq!((told.len(), told[0].lost, told[0].loud), (1, 7, false), "soon after the other");
    assert_eq!(alarms.wake(), Some(at(167)));
    assert_eq!(states(&mut alarms, 167), [(Cause::Gap, State::Cleared, false)]);
}

#[test]
fn what_is_not_asked_for_is_not_told() {
    let mut alarms = alarms(0);
    alarms.rules.on = vec![Cause::Gap];
    outage(&mut alarms, 1, 1, false);
    assert_eq!((states(&mut alarms, 9), alarms.wake()), (Vec::new(), None));
}

#[test]
fn what_was_raised_of_a_feed_that_is_gone_is_cleared_at_once() {
    let mut alarms = alarms(0);
    outage(&mut alarms, 1, 1, false);
    tell(&mut alarms, 1, Event::Stopped { why: Why::Eof });
    assert_eq!(alarms.tick(at(2), NOON).len(), 1);
    let mut other = alarms.clone();
    assert!(other.forget(FeedId(9), at(3)).is_empty() && other.raised().count() == 1);
    let told = alarms.forget(FeedId(1), at(3));
    assert_eq!(
        told.iter().map(|alarm| (alarm.cause, alarm.state)).collect::<Vec<_>>(),
        [(Cause::Stopped, State::Cleared)]
    );
    assert_eq!((alarms.raised().count(), alarms.wake()), (0, None));
    assert!(alarms.tick(at(99), NOON).is_empty());
    // One that was about to be told is not.
    outage(&mut alarms, 100, 100, true);
    outage(&mut alarms, 101, 101, false);
    alarms.tick(at(101), NOON);
    outage(&mut alarms, 102, 101, true);
    alarms.forget(FeedId(1), at(103));
    assert!(alarms.tick(at(104), NOON).is_empty());
}

#[test]
fn other_rules_count_at_once() {
    let mut alarms = alarms(60);
    outage(&mut alarms, 10, 10, false);
    assert_eq!(alarms.wake(), Some(at(70)));
    let rules = Rules { after: Duration::from_secs(5), ..alarms.rules.clone() };
    alarms.obey(rules.clone(), at(12));
    assert_eq!(alarms.wake(), Some(at(15)));
    assert_eq!(states(&mut alarms, 15), [(Cause::Down, State::Raised, true)]);
    alarms.obey(Rules { on: vec![Cause::Gap], ..rules.clone() }, at(16));
    assert_eq!(states(&mut alarms, 16), [(Cause::Down, State::Cleared, true)]);
    assert_eq!(alarms.wake(), None);
}
