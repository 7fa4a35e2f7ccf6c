//! What the screen knows and what keys do, without a screen.
#![expect(clippy::unwrap_used, reason = "a test may")]

#[expect(dead_code, reason = "the pictures are for the screens")]
mod support;

use std::collections::HashSet;
use std::time::Duration;

use crossterm::event::{KeyCode, KeyEvent, KeyEventKind, KeyModifiers};
use support::{NOW, alone, at, info, look, message, open, press, secs, service, tell, trouble};
use wirebeat::app::history::Stream;
use wirebeat::app::keymap::{Action, KEYS, Keymap, Mode, Step, keys_in};
use wirebeat::app::standing::{Next, Standing};
use wirebeat::app::verdict::Blame;
use wirebeat::app::{App, Ask, Effect, Popup};
use wirebeat::event::{Command, Due, Event, FeedId, Phase, ServiceId, ServiceState, Snapshot};
use wirebeat::say::Lang;

fn key(letter: char) -> KeyEvent {
    KeyEvent::from(KeyCode::Char(letter))
}

fn selected(app: &App) -> FeedId {
    app.selected().unwrap().info.id
}

fn seen(app: &mut App, feed: u32, change: impl FnOnce(&mut Snapshot)) {
    let mut snapshot = app.feed(FeedId(feed)).unwrap().state.clone();
    change(&mut snapshot);
    app.see(FeedId(feed), &snapshot);
}

#[test]
fn no_key_means_two_things() {
    for mode in Mode::ALL {
        let mut known = HashSet::new();
        for key in keys_in(mode) {
            assert!(known.insert((key.code, key.modifiers)), "{:?} in {mode:?}", key.code);
        }
    }
}

#[test]
fn every_mode_has_a_way_out_and_ends_the_program() {
    for mode in Mode::ALL {
        let leaves = |action| {
            let back = matches!(action, Action::Back | Action::Drop | Action::Keep | Action::FaultMenu);
            back || matches!(action, Action::Close | Action::No | Action::Quit | Action::Leave)
        };
        assert!(leaves(Keymap::default().lookup(mode, KeyEvent::from(KeyCode::Esc)).unwrap()), "{mode:?}");
        let ctrl_c = KeyEvent::new(KeyCode::Char('c'), KeyModifiers::CONTROL);
        assert_eq!(Keymap::default().lookup(mode, ctrl_c), Some(Action::Quit), "{mode:?}");
    }
}

#[test]
fn letters_are_text_while_text_is_typed() {
    for key in keys_in(Mode::Typing) {
        assert!(key.code.as_char().is_none() || key.modifiers == KeyModifiers::CONTROL, "{:?}", key.code);
    }
    let mut app = trouble();
    assert_eq!(press(&mut app, "/q1 ？r"), None);
    assert!(!app.quit && app.popup.is_none());
    assert_eq!(app.filter.text, "q1 ？r");
    app.paste("x\ny\u{1b}");
    assert_eq!(app.filter.text, "q1 ？rxy");
    press(&mut app, "\u{1b}");
    assert_eq!((app.filter.text.as_str(), app.mode()), ("", Mode::Main));
    app.paste("qqq");
    assert!(!app.quit);
}

#[test]
fn every_action_of_the_table_is_explained_in_both_languages() {
    for lang in [Lang::En, Lang::ZhCn] {
        for mode in Mode::ALL {
            for (labels, help) in Keymap::default().entries(mode, lang) {
                assert!(!help.is_empty() && !labels.is_empty(), "{labels} {help} in {mode:?}");
            }
        }
        let table = Keymap::default().markdown(lang);
        for key in KEYS.iter().filter(|key| key.mode == Mode::Main && !key.label.is_empty()) {
            assert!(table.contains(&format!("`{}`", key.label)), "{} in {table}", key.label);
        }
        assert_eq!(table.lines().count(), 2 + Keymap::default().entries(Mode::Main, lang).len());
    }
    assert!(Keymap::default().markdown(Lang::En).contains("| `f` `p` | freeze the view; the feed goes on |\n"));
}

#[test]
fn keys_of_an_input_method_and_releases() {
    for (typed, action) in [
        ('？', Action::Help),
        ('１', Action::Toggle(0)),
        ('９', Action::Toggle(8)),
        ('、', Action::Filter),
        ('ｑ', Action::Quit),
        ('　', Action::ToggleSelected),
    ] {
        assert_eq!(Keymap::default().lookup(Mode::Main, key(typed)), Some(action), "{typed}");
    }
    let shifted = KeyEvent::new(KeyCode::Char('G'), KeyModifiers::SHIFT);
    assert_eq!(Keymap::default().lookup(Mode::Main, shifted), Some(Action::Move(Step::Last)));
    let released = KeyEvent { kind: KeyEventKind::Release, ..key('q') };
    assert_eq!(Keymap::default().lookup(Mode::Main, released), None);
}

#[test]
fn q_closes_what_lies_on_top_first() {
    for opens in ["?", "t", "r"] {
        let mut app = trouble();
        press(&mut app, opens);
        assert!(app.popup.is_some(), "{opens}");
        press(&mut app, "q");
        assert!(app.popup.is_none() && !app.quit, "{opens}");
        press(&mut app, "q");
        assert!(app.quit, "{opens}");
    }
}

#[test]
fn a_switch_is_asked_for_once_and_shows_at_once() {
    let mut app = trouble();
    let want = |service, on| Some(Effect::Send(FeedId(0), Command::Want { service: ServiceId(service), on }));
    assert_eq!(press(&mut app, "2"), want(1, false));
    let feed = app.feed(FeedId(0)).unwrap();
    assert!(feed.is_switching(ServiceId(1)) && !feed.wants(ServiceId(1)));
    // The second press takes the first one back, though no snapshot has shown it yet.
    assert_eq!(press(&mut app, "2"), want(1, true));
    assert_eq!(press(&mut app, "2"), want(1, false));
    seen(&mut app, 0, |snapshot| snapshot.services[1].wanted = false);
    assert!(!app.feed(FeedId(0)).unwrap().is_switching(ServiceId(1)));
    assert_eq!(press(&mut app, "9"), None);
    // What could not be passed on is not pending.
    press(&mut app, "1");
    app.refused("the queue is full");
    assert!(!app.feed(FeedId(0)).unwrap().is_switching(ServiceId(0)));
    assert!(app.note.is_some());
    press(&mut app, "u");
    assert!(app.note.is_none());
}

#[test]
fn space_switches_the_selected_service() {
    let mut app = trouble();
    press(&mut app, "l");
    assert_eq!(app.chosen(app.selected().unwrap()), Stream::Service(ServiceId(1)));
    let want = Effect::Send(FeedId(0), Command::Want { service: ServiceId(1), on: false });
    assert_eq!(press(&mut app, " "), Some(want));
    // The selection stays with the service that was switched off.
    seen(&mut app, 0, |snapshot| {
        snapshot.services[1].wanted = false;
        snapshot.services[1].state = ServiceState::Off;
    });
    assert_eq!(app.chosen(app.selected().unwrap()), Stream::Service(ServiceId(1)));
}

#[test]
fn an_open_link_is_not_dropped_without_a_question() {
    let mut app = trouble();
    assert_eq!(press(&mut app, "r"), None);
    assert_eq!(app.popup, Some(Popup::Question(FeedId(0), Ask::Dial)));
    assert_eq!(press(&mut app, "n"), None);
    press(&mut app, "r");
    // A question holds its feed, whatever is selected when it is answered.
    app.popup = Some(Popup::Question(FeedId(2), Ask::Disconnect));
    assert_eq!(press(&mut app, "y"), Some(Effect::Send(FeedId(2), Command::Pause)));
    assert_eq!(app.popup, None);
    // A feed that waits dials at once, one that is paused resumes.
    press(&mut app, "jjj");
    assert_eq!(press(&mut app, "r"), Some(Effect::Send(FeedId(3), Command::Dial)));
    assert_eq!(press(&mut app, "d"), Some(Effect::Send(FeedId(3), Command::Pause)));
    press(&mut app, "jj");
    assert_eq!(press(&mut app, "d"), Some(Effect::Send(FeedId(5), Command::Dial)));
}

#[test]
fn rows_move_only_when_the_user_sorts() {
    let mut app = trouble();
    press(&mut app, "jjj");
    press(&mut app, "o");
    let order: Vec<_> = app.rows().map(|id| id.0).collect();
    assert_eq!(order, [3, 2, 1, 0, 4, 5]);
    assert_eq!(selected(&app), FeedId(3));
    seen(&mut app, 3, |snapshot| snapshot.phase = Phase::Paused);
    assert_eq!(app.rows().map(|id| id.0).collect::<Vec<_>>(), order);
    press(&mut app, "oo");
    assert_eq!(app.rows().map(|id| id.0).collect::<Vec<_>>(), [1, 3, 4, 5, 0, 2], "by name");
    press(&mut app, "o");
    assert_eq!(app.rows().map(|id| id.0).collect::<Vec<_>>(), [0, 1, 2, 3, 4, 5]);
}

#[test]
fn the_verdict_names_the_worst_and_who_may_be_at_fault() {
    let app = trouble();
    let verdict = app.verdict(at(NOW));
    assert_eq!((verdict.feeds, verdict.need, verdict.paused), (6, 3, 1));
    assert_eq!(verdict.worst.map(|(i, _)| i), Some(3));
    assert_eq!(verdict.blame, Blame::NotUs(3));
    let mut app = trouble();
    for feed in [0, 1, 2, 4] {
        seen(&mut app, feed, |snapshot| {
            snapshot.phase = Phase::Waiting;
            snapshot.attempt = 2;
        });
    }
    assert_eq!(app.verdict(at(NOW)).blame, Blame::PerhapsUs(5));
}

#[test]
fn trouble_that_was_acknowledged_comes_back_when_it_grows() {
    let mut app = trouble();
    press(&mut app, "j");
    press(&mut app, "a");
    assert_eq!(app.verdict(at(NOW)).need, 2);
    assert_eq!(app.verdict(at(NOW)).aside, 1);
    seen(&mut app, 1, |snapshot| {
        snapshot.phase = Phase::Waiting;
        // As old as the silence was, and worse.
        snapshot.since = at(NOW - 48.0);
    });
    assert_eq!(app.verdict(at(NOW)).need, 3);
    press(&mut app, "m");
    assert_eq!(app.verdict(at(NOW)).need, 2);
    press(&mut app, "m");
    assert_eq!(app.verdict(at(NOW)).need, 3);
}

#[test]
fn a_beat_that_is_answered_at_once_changes_nothing() {
    let mut app = alone(|_| {});
    seen(&mut app, 0, |snapshot| {
        snapshot.phase = Phase::Probing;
        snapshot.beat_sent = Some(at(NOW));
        snapshot.due = Some((Due::Answer, at(NOW), at(NOW + 10.0)));
    });
    let feed = app.selected().unwrap();
    assert_eq!(feed.standing(at(NOW + 0.1)), Standing::Live);
    assert!(matches!(feed.next(at(NOW + 0.1)), Next::Rule { .. }));
    assert_eq!(feed.standing(at(NOW + 0.3)), Standing::Probing);
    assert!(matches!(feed.next(at(NOW + 0.3)), Next::Counting { due: Due::Answer, .. }));
    assert_eq!(feed.trouble(at(NOW + 0.9)), None);
    assert!(feed.trouble(at(NOW + 1.1)).is_some());
}

#[test]
fn an_idle_countdown_shows_only_once_the_link_is_quiet() {
    let mut app = alone(|_| {});
    let feed = app.selected().unwrap();
    assert_eq!(feed.next(at(NOW + 0.9)), Next::Rule { due: Due::Beat, after: secs(30.0) });
    assert!(!app.ticking(at(NOW + 0.9)));
    assert!(matches!(feed.next(at(NOW + 1.1)), Next::Counting { due: Due::Beat, .. }));
    assert!(app.ticking(at(NOW + 1.1)));
    assert!(app.next_change(at(NOW + 1.1)) > app.next_change(at(NOW + 21.0)));
    assert!(app.next_change(at(NOW + 21.0)) >= Duration::from_millis(100));
    seen(&mut app, 0, |snapshot| snapshot.due = Some((Due::Receive, at(NOW), at(NOW + 60.0))));
    let feed = app.selected().unwrap();
    assert_eq!(feed.next(at(NOW)), Next::Rule { due: Due::Receive, after: secs(60.0) });
    // A beat at a fixed interval always counts.
    let mut infos = vec![info(0, "x", &[])];
    infos[0].beat.as_mut().unwrap().idle = false;
    let mut app = App::new(infos, look());
    app.see(FeedId(0), &open(NOW, &[]));
    assert!(matches!(app.selected().unwrap().next(at(NOW)), Next::Counting { .. }));
}

#[test]
fn a_service_without_an_ack_to_wait_for_is_no_trouble() {
    let states = [
        (ServiceState::Sent, Standing::Live),
        (ServiceState::Acked, Standing::Live),
        (ServiceState::Off, Standing::Live),
        (ServiceState::Wanted, Standing::Degraded { fine: 1, wanted: 2 }),
        (ServiceState::Stale, Standing::Degraded { fine: 1, wanted: 2 }),
        (ServiceState::Refused, Standing::Degraded { fine: 1, wanted: 2 }),
    ];
    for (state, standing) in states {
        let app = alone(|snapshot| snapshot.services[1] = service(1, "业务2", state));
        assert_eq!(app.selected().unwrap().standing(at(NOW)), standing, "{state:?}");
    }
}

#[test]
fn rates_come_from_counters_not_from_rows() {
    let app = alone(|_| {});
    let feed = app.selected().unwrap();
    let rate = feed.rate.per_second(at(NOW)).unwrap();
    assert!((2.5..3.5).contains(&rate), "{rate}");
    let mut app = app;
    let shed = Event::Shed { service: Some(ServiceId(0)), count: 40 };
    tell(&mut app, 0, [(NOW, shed.clone()), (NOW, shed)]);
    let feed = app.selected().unwrap();
    assert_eq!((feed.shed, feed.service_shed(ServiceId(0)), feed.service_shed(ServiceId(1))), (80, 80, 0));
    assert!((feed.rate.per_second(at(NOW)).unwrap() - rate).abs() < f64::EPSILON);
}

#[test]
fn an_older_snapshot_is_no_news() {
    let mut app = alone(|_| {});
    seen(&mut app, 0, |snapshot| {
        snapshot.at = at(1.0);
        snapshot.phase = Phase::Stopped;
    });
    assert_eq!(app.selected().unwrap().standing(at(NOW)), Standing::Live);
}

#[test]
fn a_filter_follows_the_selected_feed() {
    let mut app = trouble();
    tell(&mut app, 1, [message(Some(0), NOW, "apple"), message(Some(0), NOW, "pear")]);
    press(&mut app, "/PEAR");
    press(&mut app, "\n");
    assert_eq!(app.history.pane(FeedId(0), Stream::Service(ServiceId(0))).unwrap().found().unwrap().0, 0);
    press(&mut app, "j");
    let pane = app.history.pane(FeedId(1), Stream::Service(ServiceId(0))).unwrap();
    assert_eq!(pane.found(), Some((0, 2)));
    press(&mut app, "/");
    for _ in 0..4 {
        app.press(KeyEvent::from(KeyCode::Backspace), at(NOW));
    }
    press(&mut app, "pear\n");
    let pane = app.history.pane(FeedId(1), Stream::Service(ServiceId(0))).unwrap();
    assert_eq!(pane.found(), Some((1, 2)));
    assert_eq!(app.history.pane(FeedId(0), Stream::Service(ServiceId(0))).unwrap().found(), None);
    press(&mut app, "\u{1b}");
    assert_eq!(app.history.pane(FeedId(1), Stream::Service(ServiceId(0))).unwrap().found(), None);
}

#[test]
fn data_after_a_switch_off_is_told_once_it_is_no_straggler() {
    let mut app = alone(|_| {});
    seen(&mut app, 0, |snapshot| {
        snapshot.services[0].wanted = false;
        snapshot.services[0].state = ServiceState::Off;
    });
    for (later, ignored) in [(0.5, false), (2.9, false), (3.5, true)] {
        seen(&mut app, 0, |snapshot| {
            snapshot.at = at(NOW + later);
            snapshot.services[0].last = Some(at(NOW + later));
        });
        let feed = app.selected().unwrap();
        assert_eq!(feed.is_ignored(&feed.state.services[0]), ignored, "{later}");
    }
}

#[test]
fn nothing_is_pressed_out_of_an_empty_screen() {
    let mut app = App::new(Vec::new(), look());
    for key in KEYS {
        app.popup = None;
        app.press(KeyEvent::new(key.code, key.modifiers), at(NOW));
        app.act(key.action, at(NOW));
    }
    app.add_feed(info(7, "late", &["a"]));
    assert_eq!(selected(&app), FeedId(7));
}

#[test]
fn a_switch_does_not_move_the_selection() {
    let mut app = App::new(vec![info(0, "market", &["业务1", "业务2"])], look());
    let want = |service, on| Some(Effect::Send(FeedId(0), Command::Want { service: ServiceId(service), on }));
    assert_eq!(press(&mut app, " "), want(0, false));
    seen(&mut app, 0, |snapshot| snapshot.services[0].wanted = false);
    assert_eq!(press(&mut app, " "), want(0, true));
}
