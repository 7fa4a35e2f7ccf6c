//! Frames on made-up lines: how many bytes they are, how rare they get, and who waits.

use super::*;

/// A frame in which messages moved, and one in which only numbers did.
const MESSAGES: u64 = 4500;
const NUMBERS: u64 = 150;

/// What a screen cost that had news all the time.
#[derive(Debug, Default)]
struct Day {
    bytes: u64,
    frames: u64,
    with_messages: u64,
    rarest: Duration,
    writing: Duration,
}

/// Draws for so many seconds on a line that takes so many bytes a second, if it has a bound.
fn draws(pace: &mut Pace, from: Ts, seconds: u64, line: Option<u64>) -> (Day, Ts) {
    let (mut day, mut now, mut last) = (Day::default(), from, from);
    while now.since(from) < Duration::from_secs(seconds) {
        pace.news();
        if pace.may_draw(now) {
            let with_messages = pace.shows_messages(now);
            let bytes = if with_messages { MESSAGES } else { NUMBERS };
            let took = line.map_or(Duration::from_micros(300), |line| Duration::from_millis(bytes * 1000 / line));
            day.rarest = day.rarest.max(now - last);
            last = now + took;
            day.bytes += bytes;
            day.frames += 1;
            day.with_messages += u64::from(with_messages);
            day.writing += took;
            pace.drawn(Cost { began: now, ended: last, bytes }, Duration::from_millis(100));
            now = last;
        }
        now = now + Duration::from_millis(1);
    }
    (day, now)
}

fn pace() -> Pace {
    Pace::new(Duration::from_secs(1) / 30)
}

#[test]
fn a_flood_keeps_to_what_a_thin_line_takes() {
    let (day, _) = draws(&mut pace(), Ts::ZERO, 20, None);
    assert!(day.bytes / 20 < 18 << 10, "{day:?}");
    assert!(day.with_messages >= 20 * 2, "messages are seen more than twice a second: {day:?}");
    assert!(day.frames >= 20 * 9, "countdowns go on by tenths: {day:?}");
    assert!(day.rarest <= Duration::from_millis(150), "{day:?}");
}

#[test]
fn a_larger_screen_may_cost_more() {
    let mut wide = pace();
    wide.resize(160, 48);
    let (day, _) = draws(&mut wide, Ts::ZERO, 20, None);
    let (small, _) = draws(&mut pace(), Ts::ZERO, 20, None);
    assert!(day.with_messages > 3 * small.with_messages, "{day:?} {small:?}");
}

/// Two KiB a second: messages sample first, countdowns last.
#[test]
fn a_slow_terminal_is_met_half_way() {
    let mut pace = pace();
    let (_, now) = draws(&mut pace, Ts::ZERO, 20, Some(2 << 10));
    let (day, now) = draws(&mut pace, now, 60, Some(2 << 10));
    assert!(day.with_messages >= 5 && day.with_messages <= 25, "{day:?}");
    assert!(day.frames - day.with_messages >= 60, "{day:?}");
    assert!(day.writing < Duration::from_secs(32), "half of the line is free for a key's answer: {day:?}");
    // A frame is never further away than half a second and its own time.
    assert!(day.rarest <= RAREST + Duration::from_millis(50), "{day:?}");

    // The line is well again.
    let (_, now) = draws(&mut pace, now, 30, None);
    let (day, _) = draws(&mut pace, now, 10, None);
    assert!(day.with_messages >= 10 * 2, "{day:?}");
}

#[test]
fn a_key_is_answered_at_once() {
    let mut pace = pace();
    let (_, now) = draws(&mut pace, Ts::ZERO, 5, None);
    while pace.may_draw(pace.next) && pace.shows_messages(pace.next) {
        pace.drawn(Cost { began: pace.next, ended: pace.next, bytes: MESSAGES }, Duration::from_millis(100));
        pace.news();
    }
    let later = now.max(pace.soonest);
    assert!(!pace.may_draw(later), "only numbers would change");
    pace.key();
    assert!(pace.may_draw(later));
    assert!(!pace.shows_messages(later), "and messages still wait for their turn");
}

#[test]
fn what_waits_is_shown_when_its_turn_comes() {
    let mut pace = pace();
    let second = Duration::from_secs(1);
    let mut now = Ts::ZERO;
    // More than is paid at once.
    for _ in 0..8 {
        pace.news();
        pace.drawn(Cost { began: now, ended: now, bytes: MESSAGES }, second * 60);
        now = now + Duration::from_millis(1);
    }
    pace.news();
    assert!(!pace.shows_messages(now));
    pace.drawn(Cost { began: now, ended: now, bytes: NUMBERS }, second * 60);
    assert_eq!(pace.wake(), pace.paid, "not only when the picture changes by itself");
    let paid = pace.paid;
    pace.dirty = true;
    assert!(pace.may_draw(paid) && pace.shows_messages(paid));
}

#[test]
fn a_rest_is_not_saved_for_ever() {
    let mut pace = pace();
    let hour = Ts::ZERO + Duration::from_hours(1);
    let (day, _) = draws(&mut pace, hour, 20, None);
    assert!(day.bytes / 20 < 18 << 10, "{day:?}");
}

#[test]
fn the_most_frames_a_second_hold() {
    let mut pace = Pace::new(Duration::from_millis(500));
    let (day, _) = draws(&mut pace, Ts::ZERO, 10, None);
    assert!(day.frames <= 21, "{day:?}");
}
