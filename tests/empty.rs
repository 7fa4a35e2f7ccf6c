//! Where there is nothing to show: each place says why, and which key changes it, in both languages and at every size.
#![expect(clippy::unwrap_used, reason = "a test may")]

#[expect(dead_code, reason = "other tests need more of it")]
mod support;

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use support::{NOW, alone, at, buffer, calm, info, look, message, open, outage, tell, text, trouble};
use wirebeat::app::keymap::{Action, KEYS};
use wirebeat::app::{App, Look};
use wirebeat::event::{BeatRule, Due, FeedId, FeedInfo, Phase, ServiceState, Snapshot, Why};
use wirebeat::say::Lang;

fn press(app: &mut App, keys: &str) {
    for letter in keys.chars() {
        let code = match letter {
            '\n' => KeyCode::Enter,
            '\t' => KeyCode::Tab,
            '→' => KeyCode::Right,
            '\u{1b}' => KeyCode::Esc,
            letter => KeyCode::Char(letter),
        };
        app.press(KeyEvent::from(code), at(NOW));
    }
}

/// What stands on the screen, as one line: sentences go over several rows, and borders stand between them.
fn said(app: &App, width: u16, height: u16) -> String {
    let text = text(&buffer(app, NOW, width, height)).replace(['│', '"'], " ");
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// A feed with one service that has no message.
fn silent(change: impl FnOnce(&mut Snapshot)) -> App {
    let mut app = App::new(vec![FeedInfo { acks: true, ..info(0, "market", &["trades"]) }], look());
    let mut snapshot = open(NOW, &["trades"]);
    snapshot.services[0].last = None;
    snapshot.opened = Some(at(NOW - 12.0));
    snapshot.since = at(NOW - 12.0);
    change(&mut snapshot);
    app.see(FeedId(0), &snapshot);
    app
}

fn gone(snapshot: &mut Snapshot, phase: Phase) {
    (snapshot.phase, snapshot.opened, snapshot.due) = (phase, None, None);
}

#[test]
fn a_pane_without_a_message_says_why_and_what_to_press() {
    type Case = (fn(&mut Snapshot), &'static str, &'static str);
    let cases: [Case; 14] = [
        (|s| gone(s, Phase::Idle), "no message yet: the feed has not been dialed", "尚未连接"),
        (|s| gone(s, Phase::Dialing), "no message yet: dialing for 12s", "正在连接，已 12s"),
        (|s| gone(s, Phase::LoggingIn), "no message yet: logging in for 12s", "正在登录，已 12s"),
        (
            |s| {
                gone(s, Phase::Waiting);
                s.attempt = 4;
                s.due = Some((Due::Dial, at(NOW - 1.0), at(NOW + 3.2)));
                s.outage = Some(outage(1, Why::Eof, NOW - 22.0, false));
            },
            "no message: the link is down for 22s; dial 4 in 3.2s",
            "连接已断开 22s；第 4 次连接 3.2s",
        ),
        (|s| gone(s, Phase::Stopped), "no message: stopped for 12s; r dials", "已停止 12s；按 r 连接"),
        (|s| gone(s, Phase::Paused), "no message: paused by you for 12s; d resumes", "由你暂停 12s；按 d 恢复"),
        (
            |s| {
                s.services[0].wanted = false;
                s.services[0].state = ServiceState::Off;
            },
            "this service is off: space switches it on",
            "该业务已关闭：按 space 开启",
        ),
        (
            |s| {
                s.services[0].state = ServiceState::Refused;
                s.services[0].text = Some("no such stream".to_owned());
            },
            "the server refuses this service, no such stream : space space asks again",
            "按 space space 重新请求",
        ),
        (|s| s.services[0].state = ServiceState::Wanted, "this service is asked for next", "即将请求该业务"),
        (
            |s| s.services[0].state = ServiceState::Sent,
            "asked for, and the server has not said yes in 12s",
            "已请求 12s，服务器尚未确认",
        ),
        (|s| s.services[0].state = ServiceState::Acked, "subscribed, and silent for 12s", "已订阅，静默 12s"),
        (|s| s.services[0].messages = 1234, "1,234 counted, and none of them is kept", "已计数 1,234 条，均未保留"),
        (
            |s| s.services.clear(),
            "no message yet, open for 12s: some servers wait to be asked; s sends them a message",
            "按 s 发送消息",
        ),
        (
            |s| {
                s.services.clear();
                s.counters.messages = 7;
            },
            "7 counted, and none of them is kept",
            "已计数 7 条，均未保留",
        ),
    ];
    for (change, en, zh) in cases {
        let mut app = silent(change);
        for (width, height) in [(80, 24), (118, 30), (300, 80)] {
            assert!(
                said(&app, width, height).contains(en),
                "{en:?} at {width}x{height}:\n{}",
                said(&app, width, height)
            );
        }
        app.look.lang = Lang::ZhCn;
        // Wide letters leave a blank behind each in a picture.
        let plain = |text: &str| text.split_whitespace().collect::<String>();
        assert!(plain(&said(&app, 80, 24)).contains(&plain(zh)), "{zh:?}:\n{}", said(&app, 80, 24));
    }
}

#[test]
fn a_small_screen_says_it_too() {
    let small = said(&silent(|s| gone(s, Phase::Paused)), 40, 10);
    assert!(small.contains("paused by you for 12s; d resumes"), "{small}");
    let small = said(&silent(|s| s.services.clear()), 40, 10);
    assert!(small.contains("no service yet") && small.contains("s sends them a message"), "{small}");
}

#[test]
fn heartbeats_that_were_not_sent_are_told_by_their_rule() {
    let mut app = silent(|_| {});
    press(&mut app, "H→");
    assert!(said(&app, 118, 40).contains("no heartbeat yet: beat if 30s idle"), "{}", said(&app, 118, 40));
    let beat: Option<BeatRule> = None;
    let mut app = App::new(vec![FeedInfo { beat, ..info(0, "market", &["a"]) }], look());
    app.see(FeedId(0), &open(NOW, &["a"]));
    press(&mut app, "H→");
    assert!(said(&app, 118, 40).contains("no heartbeat yet: no beat"));
}

#[test]
fn a_filter_that_hides_all_says_how_many_and_how_to_drop_it() {
    let mut app = silent(|_| {});
    tell(&mut app, 0, (0..812).map(|_| message(Some(0), NOW, r#"{"price":1}"#)));
    press(&mut app, "/nowhere");
    assert!(said(&app, 80, 24).contains("the filter hides all 812: esc drops it"), "{}", said(&app, 80, 24));
    press(&mut app, "\n");
    assert!(said(&app, 80, 24).contains("the filter hides all 812: esc drops it"));
    press(&mut app, "\n");
    assert_eq!(app.note.as_deref(), Some("the filter hides all 812: / drops it"), "nothing to look into");
    press(&mut app, "z");
    assert!(said(&app, 80, 24).contains("the filter hides all 812: / drops it"), "esc leaves the zoom first");
    press(&mut app, "\u{1b}\u{1b}");
    assert!(said(&app, 80, 24).contains("{ price :1}"));
}

#[test]
fn a_search_without_a_match_says_so() {
    let mut app = silent(|_| {});
    tell(&mut app, 0, (0..3).map(|_| message(Some(0), NOW, r#"{"price":1}"#)));
    press(&mut app, "n");
    assert_eq!(app.note.as_deref(), Some("nothing is looked for: / begins"));
    press(&mut app, "/nowhere\t\nn");
    assert_eq!(app.note.as_deref(), Some("none of 3 messages matches: / changes what is looked for"));
}

#[test]
fn a_view_that_was_frozen_too_early_says_so() {
    let mut app = silent(|_| {});
    press(&mut app, "f");
    tell(&mut app, 0, [message(Some(0), NOW, r#"{"price":1}"#)]);
    assert!(said(&app, 80, 24).contains("frozen before its first message: f goes on"), "{}", said(&app, 80, 24));
}

#[test]
fn a_table_of_values_without_a_row_or_a_key_says_why() {
    let mut app = silent(|_| {});
    press(&mut app, "v");
    assert!(said(&app, 80, 24).contains("subscribed, and silent for 12s"), "{}", said(&app, 80, 24));
    press(&mut app, "\u{1b}");
    tell(&mut app, 0, [message(Some(0), NOW, r#"{"price":1}"#)]);
    press(&mut app, "v");
    assert!(said(&app, 80, 24).contains("no field looks like a name (symbol, device, id)"), "{}", said(&app, 80, 24));
}

#[test]
fn lists_without_an_entry_say_what_comes_into_them() {
    let mut app = trouble();
    press(&mut app, ":zzz");
    assert!(said(&app, 80, 24).contains("nothing is called so: ctrl-u erases it, esc closes"));
    let mut app = calm();
    press(&mut app, "t");
    assert!(said(&app, 80, 24).contains("o outage"), "{}", said(&app, 80, 24));
    let app = App::new(vec![info(0, "raw", &[]), info(1, "other", &[])], look());
    for (width, height) in [(80, 24), (118, 40)] {
        assert!(said(&app, width, height).contains("no service yet: those that messages name appear"), "{width}");
    }
    let app = App::new(Vec::new(), Look::default());
    for (width, height) in [(40, 10), (80, 24), (118, 40)] {
        assert!(
            said(&app, width, height).contains(":add ws://HOST/PATH watches a feed"),
            "{}",
            said(&app, width, height)
        );
    }
}

#[test]
fn a_paused_feed_names_the_key_that_resumes() {
    let app = alone(|snapshot| gone(snapshot, Phase::Paused));
    assert!(said(&app, 80, 24).contains("d resumes"), "{}", said(&app, 80, 24));
}

#[test]
fn a_key_that_can_do_nothing_here_says_so() {
    let note = |app: &mut App, keys: &str| {
        press(app, keys);
        app.note.clone().unwrap_or_default()
    };
    let mut app = silent(|_| {});
    assert_eq!(note(&mut app, "7"), "market has 1 service");
    assert_eq!(note(&mut app, "a"), "there is no trouble to acknowledge");
    assert_eq!(note(&mut app, "o"), "one feed needs no order");
    assert_eq!(note(&mut app, "H→ "), "no service is selected: → goes to the next");
    assert_eq!(note(&mut app, "S"), "no service is selected: → goes to the next");
    let mut raw = silent(|snapshot| snapshot.services.clear());
    assert_eq!(note(&mut raw, "1"), "market has no service to switch");
    assert_eq!(note(&mut raw, " "), "market has no service to switch");
    let mut down = silent(|snapshot| gone(snapshot, Phase::Waiting));
    press(&mut down, "sx\n");
    assert!(said(&down, 80, 24).contains("not sent: market is not connected; r dials"));
    // What can be done is done without a word.
    let mut app = trouble();
    for key in ["a", "o", "1", " ", "H", "u"] {
        assert_eq!(note(&mut app, key), "", "{key}");
    }
}

#[test]
fn someone_new_is_told_the_first_keys_until_one_is_pressed() {
    for (lang, wide, small) in [
        (Lang::En, "New here? enter looks into a message · : finds any command · ? lists keys", "enter looks in"),
        (Lang::ZhCn, "初次使用？enter", "enter 查看 · : 命令 · ? 按键"),
    ] {
        let mut app = trouble();
        (app.look.lang, app.greeting) = (lang, true);
        let plain = |text: &str| text.split_whitespace().collect::<String>();
        for (width, height) in [(80, 24), (118, 30)] {
            assert!(plain(&said(&app, width, height)).contains(&plain(wide)), "{}", said(&app, width, height));
        }
        assert!(plain(&said(&app, 40, 10)).contains(&plain(small)), "{}", said(&app, 40, 10));
        app.press(KeyEvent::new(KeyCode::Char('j'), KeyModifiers::NONE), at(NOW));
        assert!(!plain(&said(&app, 80, 24)).contains(&plain(small)) && !app.greeting);
        // What goes wrong is more urgent.
        app.greeting = true;
        app.note = Some("a note".to_owned());
        assert!(said(&app, 80, 24).contains("a note"));
    }
}

#[test]
fn the_way_to_all_commands_is_on_every_screen() {
    for lang in Lang::ALL {
        let mut app = trouble();
        app.look.lang = lang;
        let hint = |action| {
            let key = KEYS.iter().find(|key| key.action == action).unwrap();
            format!("{}{}", key.label, key.hint(lang))
        };
        for width in 40..=120 {
            let screen = text(&buffer(&app, NOW, width, 24));
            let last: String = screen.lines().last().unwrap().split_whitespace().collect();
            for action in [Action::Control(wirebeat::app::control::Control::Palette), Action::Help, Action::Quit] {
                assert!(last.contains(&hint(action)), "{width}: {last}");
            }
        }
    }
}

/// A state of nothing at all, at every size.
#[test]
fn nothing_is_drawn_at_every_size() {
    let raw = vec![info(0, "业务", &[]), info(1, "b", &[])];
    let states = [App::new(Vec::new(), look()), App::new(raw, look()), silent(|snapshot| snapshot.services.clear())];
    for mut app in states {
        let draw = |app: &App| {
            for width in (1..=130).step_by(7) {
                for height in (1..=31).step_by(2) {
                    buffer(app, NOW, width, height);
                }
            }
        };
        draw(&app);
        for keys in [":zzz", "\u{1b}v", "\u{1b}t", "\u{1b}s", "\u{1b}\n", "\u{1b}?"] {
            press(&mut app, keys);
            draw(&app);
        }
    }
}
