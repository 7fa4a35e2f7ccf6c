//! Screens, cell by cell: what stands where, in which style, at every size, whatever a server sends.
#![expect(clippy::unwrap_used, reason = "a test may")]

mod support;

use crossterm::event::{KeyCode, KeyEvent};
use insta::assert_snapshot;
use proptest::prelude::*;
use ratatui::buffer::Buffer;
use support::{
    NOW, alone, at, buffer, calm, info, look, message, minute, open, outage, secs, styles, tell, text, trouble,
};
use wirebeat::app::keymap::Action;
use wirebeat::app::{App, Look};
use wirebeat::event::{By, Due, Event, Fault, FaultState, FeedId, Phase, ServiceId, ServiceState, Snapshot, Why};
use wirebeat::say::Lang;
use wirebeat::text::width;

fn press(app: &mut App, keys: &str) {
    for letter in keys.chars() {
        let code = if letter == '\t' { KeyCode::Tab } else { KeyCode::Char(letter) };
        app.press(KeyEvent::from(code), at(NOW));
    }
}

fn shown(app: &App, width: u16, height: u16) -> String {
    text(&buffer(app, NOW, width, height))
}

fn probing(snapshot: &mut Snapshot) {
    snapshot.phase = Phase::Probing;
    snapshot.last_byte = Some(at(NOW - 33.2));
    snapshot.beat_sent = Some(at(NOW - 3.2));
    snapshot.due = Some((Due::Answer, at(NOW - 3.2), at(NOW + 6.8)));
}

fn waiting(snapshot: &mut Snapshot) {
    snapshot.phase = Phase::Waiting;
    snapshot.attempt = 4;
    snapshot.opened = None;
    snapshot.since = at(NOW - 1.0);
    snapshot.due = Some((Due::Dial, at(NOW - 1.0), at(NOW + 3.2)));
    snapshot.why = Some(Why::Eof);
    snapshot.outage = Some(outage(1, Why::Eof, NOW - 22.0, false));
}

fn stopped(snapshot: &mut Snapshot) {
    let last = Why::Close { by: By::Peer, code: Some(4001), reason: "bad token".to_owned() };
    snapshot.phase = Phase::Stopped;
    snapshot.opened = None;
    snapshot.since = at(NOW - 75.0);
    snapshot.due = None;
    snapshot.why = Some(Why::Storm { times: 3, last: Box::new(last) });
}

fn paused(snapshot: &mut Snapshot) {
    snapshot.phase = Phase::Paused;
    snapshot.opened = None;
    snapshot.since = at(NOW - 75.0);
    snapshot.due = None;
}

#[test]
fn all_is_well() {
    assert_snapshot!(shown(&calm(), 118, 21), @"");
}

#[test]
fn three_of_six_in_trouble() {
    assert_snapshot!(shown(&trouble(), 118, 24), @"");
}

#[test]
fn three_of_six_in_trouble_on_a_small_terminal() {
    let buffer = buffer(&trouble(), NOW, 80, 24);
    assert_snapshot!(text(&buffer), @"");
    assert_snapshot!(styles(&buffer), @"");
}

#[test]
fn forty_columns_and_ten_rows() {
    assert_snapshot!(shown(&trouble(), 40, 10), @"");
}

#[test]
fn one_feed_counts_down_to_its_beat() {
    let app = alone(|snapshot| snapshot.due = Some((Due::Beat, at(NOW - 11.8), at(NOW + 18.2))));
    assert_snapshot!(shown(&app, 100, 24), @"");
}

#[test]
fn one_feed_in_each_state_of_a_bad_day() {
    assert_snapshot!(shown(&alone(probing), 80, 16), @"");
    assert_snapshot!(shown(&alone(waiting), 80, 16), @"");
    assert_snapshot!(shown(&alone(stopped), 80, 16), @"");
    assert_snapshot!(shown(&alone(paused), 80, 16), @"");
}

#[test]
fn the_help_comes_from_the_keys() {
    let mut app = calm();
    press(&mut app, "?");
    assert_snapshot!(shown(&app, 100, 40), @"");
    let mut app = calm();
    app.look.lang = Lang::ZhCn;
    press(&mut app, "？");
    assert_snapshot!(shown(&app, 80, 14), @"");
}

#[test]
fn the_outages_seen_are_explained() {
    let mut app = calm();
    let half_open = Why::HalfOpen { limit: secs(10.0), silent: secs(40.0) };
    let mut first = outage(1, half_open, NOW - 300.0, true);
    first.missed = Some(12);
    first.services = vec![(ServiceId(0), Some(secs(0.3)))];
    let last = outage(1, Why::Refused { address: "10.0.0.7:443".to_owned() }, NOW - 22.0, false);
    tell(&mut app, 2, [(NOW, Event::Outage(Box::new(first)))]);
    tell(&mut app, 0, [(NOW, Event::Outage(Box::new(last)))]);
    press(&mut app, "t");
    assert_snapshot!(shown(&app, 80, 20), @"");
}

#[test]
fn a_frozen_view_says_so_and_what_waits() {
    let mut app = alone(|_| {});
    press(&mut app, "f");
    let late = (0..1234_u32).map(|n| message(Some(0), NOW, &format!("late {n}")));
    tell(&mut app, 0, late);
    assert_snapshot!(shown(&app, 80, 20), @"");
}

#[test]
fn a_question_stands_over_the_panes_and_names_its_feed() {
    let mut app = trouble();
    press(&mut app, "r");
    assert_snapshot!(shown(&app, 80, 20), @"");
}

#[test]
fn a_filter_is_typed_in_the_last_line() {
    let mut app = trouble();
    press(&mut app, "/8807");
    assert_snapshot!(shown(&app, 80, 24), @"");
}

#[test]
fn a_drill_is_no_outage() {
    let mut app = calm();
    let fault = Fault {
        name: "half_open".to_owned(),
        text: "the server falls silent".to_owned(),
        state: FaultState::On,
        until: Some(at(NOW + 4.2)),
    };
    app.announce(fault.clone());
    let drawn = buffer(&app, NOW, 80, 24);
    assert_snapshot!(text(&drawn).lines().next().unwrap(), @"");
    assert!(styles(&drawn).lines().next().unwrap().starts_with("####"));
    app.announce(Fault { state: FaultState::Off, ..fault });
    assert!(shown(&app, 80, 24).starts_with(" ● 6 feeds live"));
}

#[test]
fn a_zoomed_service_has_the_screen() {
    let mut app = trouble();
    press(&mut app, "z");
    assert_snapshot!(shown(&app, 80, 14), @"");
}

#[test]
fn the_states_are_told_apart_without_colour() {
    let degraded = |snapshot: &mut Snapshot| snapshot.services[0].state = ServiceState::Stale;
    let dialing = |snapshot: &mut Snapshot| snapshot.phase = Phase::Dialing;
    let apps =
        [alone(|_| {}), alone(degraded), alone(dialing), alone(probing), alone(waiting), alone(stopped), alone(paused)];
    for (width, height) in [(118, 24), (80, 24), (40, 8)] {
        let mut pictures: Vec<_> = apps.iter().map(|app| shown(app, width, height)).collect();
        pictures.sort();
        pictures.dedup();
        assert_eq!(pictures.len(), apps.len(), "{width}x{height}");
    }
    // The marks alone differ too.
    let mut marks: Vec<_> = apps.iter().map(|app| shown(app, 40, 2).lines().nth(1).unwrap().chars().nth(1)).collect();
    marks.sort_unstable();
    marks.dedup();
    assert_eq!(marks.len(), apps.len(), "{marks:?}");
}

#[test]
fn no_colour_is_no_colour_and_still_has_an_order() {
    let mut app = trouble();
    app.look.colour = false;
    let styles = styles(&buffer(&app, NOW, 80, 24));
    assert!(!styles.contains(|letter: char| "gmyrcGMYRC".contains(letter)), "{styles}");
    assert!(styles.contains('B') && styles.contains('~') && styles.contains('_'), "{styles}");
}

#[test]
fn ascii_is_ascii() {
    let mut app = App::new(vec![info(0, "market", &["a", "b"])], Look { ascii: true, ..look() });
    minute(&mut app, 0, 3, NOW, &open(NOW, &["a", "b"]));
    for keys in ["", "?", "qt", "qr", "n/x"] {
        press(&mut app, keys);
        for (width, height) in [(118, 24), (80, 24), (40, 10)] {
            let shown = shown(&app, width, height);
            assert!(shown.is_ascii(), "{shown}");
        }
    }
}

/// Every way in which the screen can be.
fn moods() -> Vec<App> {
    let mut moods =
        vec![App::new(Vec::new(), look()), calm(), trouble(), alone(probing), alone(waiting), alone(stopped)];
    for keys in ["?", "t", "r", "/x", "z", "f", "\t", "\t\t"] {
        let mut app = trouble();
        press(&mut app, keys);
        moods.push(app);
    }
    let mut chinese = trouble();
    chinese.look.lang = Lang::ZhCn;
    moods.push(chinese);
    moods
}

#[test]
fn no_size_is_too_small() {
    for app in moods() {
        for width in 0..=60 {
            for height in 0..=20 {
                buffer(&app, NOW, width, height);
            }
        }
        for (width, height) in [(99, 12), (100, 20), (118, 60), (300, 5), (61, 200), (500, 100)] {
            buffer(&app, NOW, width, height);
        }
    }
}

#[test]
fn no_time_is_too_far_away() {
    for app in moods() {
        for now in [0.0, 1.0e9, 1.8e10] {
            buffer(&app, now, 118, 24);
        }
    }
}

/// The first line and the last stand free; all others begin and end in a piece of the frame.
fn assert_framed(buffer: &Buffer) {
    let right = buffer.area.right() - 1;
    for y in 1..buffer.area.bottom() - 1 {
        for x in [0, right] {
            let symbol = buffer[(x, y)].symbol();
            assert!("│╭╮╰╯├┤".contains(symbol), "{symbol:?} at {x},{y}\n{}", text(buffer));
        }
        // A wide character before it would be drawn over it.
        let before = width(buffer[(right - 1, y)].symbol());
        assert!(before <= 1, "a wide character on the border at {y}\n{}", text(buffer));
    }
}

#[test]
fn no_border_is_broken_in_any_mood() {
    for app in moods().iter().skip(1) {
        for width in (60..=130).step_by(3) {
            for height in [12, 20, 24, 40] {
                assert_framed(&buffer(app, NOW, width, height));
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn no_server_breaks_a_border(
        name in "\\PC{0,12}|业务[0-9]{1,3}|👨‍👩‍👧‍👦{1,4}|Z\u{335}\u{321}{0,40}",
        body in prop::collection::vec(any::<u8>(), 0..400),
        words in "[业务👨‍👩‍👧‍👦e\u{301}\u{202e}\u{200b}\u{1b}a-z]{0,200}",
        width in 60..=130_u16,
        height in 12..=40_u16,
    ) {
        let mut app = App::new(vec![info(0, &name, &[&name]), info(1, "x", &[])], look());
        let mut last = open(NOW, &[&name]);
        last.services[0].state = ServiceState::Refused;
        last.services[0].text = Some(words.clone());
        app.see(FeedId(0), &last);
        let mut told = message(Some(0), NOW, "");
        if let Event::Rows(batch) = &mut told.1 {
            batch.rows[0].len = u32::try_from(body.len()).unwrap();
            batch.bytes = body.into();
        }
        tell(&mut app, 0, [told, message(Some(0), NOW, &words)]);
        assert_framed(&buffer(&app, NOW, width, height));
        app.act(Action::Zoom, at(NOW));
        assert_framed(&buffer(&app, NOW, width, height));
    }
}
