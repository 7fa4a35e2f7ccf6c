//! Feeds that come and go on the screen, without a loop: what stays put, what is forgotten, and that nothing of a feed
//! that is gone is ever shown again.
#![expect(clippy::unwrap_used, reason = "a test may")]

#[expect(dead_code, reason = "other tests need more of it")]
mod support;

use crossterm::event::{KeyCode, KeyEvent};
use insta::assert_snapshot;
use proptest::prelude::*;
use proptest::sample::Index;
use ratatui::layout::{Position, Rect};
use support::{NOW, at, buffer, calm, info, look, message, open, outage, tell, text, trouble};
use wirebeat::app::coming::{Allow, Demand, Errand, Outcome, Tally, Trouble, Want};
use wirebeat::app::history::Stream;
use wirebeat::app::keymap::{Mode, keys_in};
use wirebeat::app::pointer::Gesture;
use wirebeat::app::{App, Ask, Effect, Popup};
use wirebeat::event::alarm::{Alarms, Cause, Rules, State};
use wirebeat::event::{Event, Fault, FaultState, FeedId, Phase, ServiceId, ServiceState, Snapshot, Why};
use wirebeat::say::Lang;

fn press(app: &mut App, keys: &str) -> Option<Effect> {
    keys.chars().fold(None, |_, letter| {
        let code = match letter {
            '\t' => KeyCode::Tab,
            '\u{1b}' => KeyCode::Esc,
            '\n' => KeyCode::Enter,
            letter => KeyCode::Char(letter),
        };
        app.press(KeyEvent::from(code), at(NOW))
    })
}

fn selected(app: &App) -> u32 {
    app.selected().unwrap().info.id.0
}

fn rows(app: &App) -> Vec<u32> {
    app.rows().map(|id| id.0).collect()
}

fn shown(app: &App, width: u16, height: u16) -> String {
    text(&buffer(app, NOW, width, height))
}

#[test]
fn a_selection_holds_what_was_selected_and_its_neighbour_follows_it() {
    let mut app = trouble();
    press(&mut app, "ok");
    assert_eq!((rows(&app), selected(&app)), (vec![3, 2, 1, 0, 4, 5], 1));
    app.add_feed(info(9, "late", &["a"]));
    app.remove_feed(FeedId(3), at(NOW));
    assert_eq!((rows(&app), selected(&app)), (vec![2, 1, 0, 4, 5, 9], 1));
    app.remove_feed(FeedId(1), at(NOW));
    assert_eq!(selected(&app), 0, "the one below");
    press(&mut app, "G");
    app.replace_feed(FeedId(9), info(10, "later", &[]), at(NOW));
    assert_eq!((rows(&app), selected(&app)), (vec![2, 0, 4, 5, 10], 10));
    app.remove_feed(FeedId(10), at(NOW));
    assert_eq!(selected(&app), 5, "the last one");
    app.replace_feed(FeedId(4), info(11, "new", &[]), at(NOW));
    assert_eq!((rows(&app), selected(&app)), (vec![2, 0, 11, 5], 5));
    // Numbers that are known, or are not, change nothing.
    app.replace_feed(FeedId(77), info(12, "x", &[]), at(NOW));
    app.replace_feed(FeedId(5), info(2, "x", &[]), at(NOW));
    app.remove_feed(FeedId(77), at(NOW));
    assert_eq!(rows(&app), [2, 0, 11, 5]);
    for id in [2, 0, 11, 5] {
        app.remove_feed(FeedId(id), at(NOW));
    }
    assert!(app.selected().is_none());
    app.add_feed(info(13, "first", &["a"]));
    assert_eq!(selected(&app), 13);
}

#[test]
fn what_was_known_of_a_feed_goes_with_it() {
    let mut app = calm();
    app.alarms = Alarms::new(Rules { on: vec![Cause::Down], bell: true, ..Rules::default() });
    let used = app.history.used();
    let lost = || Event::Outage(Box::new(outage(1, Why::Eof, NOW, false)));
    let fault = Fault {
        name: "latency".to_owned(),
        text: "late".to_owned(),
        state: FaultState::On,
        until: Some(at(NOW + 60.0)),
    };
    tell(&mut app, 3, [(NOW, lost()), (NOW, Event::Fault(fault)), message(Some(0), NOW, r#"{"a":1}"#)]);
    tell(&mut app, 1, [(NOW, lost())]);
    assert_eq!(app.ring(at(NOW)).len(), 2);
    assert!(app.banner(at(NOW)).is_some() && app.outages().len() == 2 && app.clusters.current().is_some());
    assert!(app.history.used() > used);
    let rings = app.remove_feed(FeedId(3), at(NOW));
    assert_eq!(rings.len(), 1);
    assert!(rings[0].alarm.state == State::Cleared && rings[0].feed == "chat", "who was told of it hears its end");
    assert!(app.banner(at(NOW)).is_none() && app.outages().len() == 1 && app.clusters.current().is_none());
    assert_eq!(app.alarms.raised().count(), 1);
    assert!(app.history.streams(FeedId(3)).next().is_none());
    // What it told before it ended comes late.
    tell(&mut app, 3, [(NOW, lost()), message(Some(0), NOW, r#"{"a":1}"#)]);
    app.see(FeedId(3), &open(NOW, &["a"]));
    assert_eq!((app.ring(at(NOW)).len(), app.outages().len(), app.clusters.current().is_some()), (0, 1, false));
    assert!(app.history.streams(FeedId(3)).next().is_none() && app.feed(FeedId(3)).is_none());
}

#[test]
fn what_lies_over_the_panes_closes_with_the_feed_that_it_is_about() {
    for (keys, about) in
        [("r", true), ("d", true), ("s", true), ("x", true), ("\n", true), ("v", true), ("?", false), ("c", false)]
    {
        for (removed, closes) in [(0, about), (1, false)] {
            let mut app = trouble();
            app.faults_allowed = true;
            press(&mut app, keys);
            assert!(app.popup.is_some(), "{keys:?}");
            app.remove_feed(FeedId(removed), at(NOW));
            assert_eq!(app.popup.is_none(), closes, "{keys:?} {removed}");
        }
    }
    // An inspected row lies over the table that it is of.
    let mut app = trouble();
    press(&mut app, "v\n");
    assert!(app.inspect.is_some() && app.latest.is_some());
    app.replace_feed(FeedId(0), info(8, "market", &["a"]), at(NOW));
    assert!(app.inspect.is_none() && app.latest.is_none() && app.popup.is_none());
    // The list of outages stays; what was selected in it does not.
    let mut app = calm();
    for id in [2, 3] {
        tell(&mut app, id, [(NOW, Event::Outage(Box::new(outage(1, Why::Eof, NOW - f64::from(id), false))))]);
    }
    press(&mut app, "tj\n");
    assert_eq!(app.mode(), Mode::Outage);
    app.remove_feed(FeedId(3), at(NOW));
    assert_eq!(app.mode(), Mode::Outages);
    assert!(!shown(&app, 80, 24).contains("chat"));
}

#[test]
fn a_filter_goes_on_in_the_neighbour() {
    let mut app = trouble();
    tell(&mut app, 1, [message(Some(0), NOW, "apple"), message(Some(0), NOW, "pear")]);
    press(&mut app, "/pear\n");
    app.remove_feed(FeedId(0), at(NOW));
    assert_eq!(selected(&app), 1);
    let pane = app.history.pane(FeedId(1), Stream::Service(ServiceId(0))).unwrap();
    assert_eq!(pane.found(), Some((1, 2)));
}

#[test]
fn a_line_that_is_wrong_stays_and_one_that_is_right_is_kept() {
    let mut app = calm();
    let ask = press(&mut app, ":add ws://h -s a\n");
    assert_eq!(ask, Some(Effect::Ask(Errand::Add("ws://h -s a".to_owned()))));
    assert_eq!(press(&mut app, "\n"), None, "once is enough");
    app.answered(Outcome::NotAdded(Trouble {
        brief: "p.toml:3:1: what".to_owned(),
        whole: vec!["  | where".to_owned()],
    }));
    let told = shown(&app, 80, 24);
    assert!(
        told.contains("p.toml:3:1: what") && told.contains("  | where") && told.contains(":add ws://h -s a"),
        "{told}"
    );
    press(&mut app, "b");
    assert!(!shown(&app, 80, 24).contains("where"), "what is mended is not wrong any more");
    press(&mut app, "\n");
    let names = vec!["h\u{1b}[2J".to_owned()];
    app.answered(Outcome::Added { names, notes: Vec::new() });
    assert_eq!((app.popup, app.done.as_deref()), (None, Some("added h␛[2J")));
    press(&mut app, ":");
    app.press(KeyEvent::from(KeyCode::Up), at(NOW));
    assert_eq!(app.hand.palette.line.text, "add ws://h -s ab");
    // Who went on to something else is told in the last line.
    press(&mut app, "\n");
    press(&mut app, "\u{1b}");
    app.answered(Outcome::NotAdded(Trouble { brief: "what".to_owned(), whole: Vec::new() }));
    assert_eq!((app.popup, app.note.as_deref()), (None, Some("not added: what")));
    for (line, told) in [(":add\n", "as in: add TARGET"), (":remove chta\n", "no feed chta; did you mean chat?")] {
        press(&mut app, line);
        assert!(shown(&app, 80, 24).contains(told), "{told}");
        press(&mut app, "\u{1b}");
    }
    press(&mut app, ":remove chat\n");
    assert_eq!(app.popup, Some(Popup::Question(FeedId(3), Ask::Remove)));
    assert_eq!(press(&mut app, "y"), Some(Effect::Remove(FeedId(3))));
    assert_eq!(press(&mut app, ":reload\n"), Some(Effect::Ask(Errand::Reload)));
    // The same by choosing.
    press(&mut app, ":read the conf");
    assert_eq!(press(&mut app, "\n"), Some(Effect::Ask(Errand::Reload)));
}

fn demand(wants: &[Want]) -> Outcome {
    let one = |profile: &str| Demand {
        profile: profile.to_owned(),
        host: "h.example:80".to_owned(),
        plain: true,
        wants: wants.to_vec(),
    };
    Outcome::Asks(vec![one("mine"), one("theirs")])
}

fn wants() -> Vec<Want> {
    vec![
        Want::Env("TOKEN".to_owned()),
        Want::File("/home/me/very/long/way/to/a/file/that/holds/what/nobody/else/may/know/secret.txt".to_owned()),
        Want::Command("sign --with\u{202e} key".to_owned()),
        Want::Takeover("the phone is logged out".to_owned()),
    ]
}

#[test]
fn consent_is_asked_for_in_full_and_given_by_a_key() {
    let mut app = calm();
    press(&mut app, ":add x\n");
    app.answered(demand(&wants()));
    assert_snapshot!(shown(&app, 80, 24), @"
     ● 6 feeds live                                                  12:04:31+08:00
    ╭─ feeds ──────────────────────────────────────────────────────── 68 s to now ─╮
    │▸● market  LIVE     beat if 30s idle ●●   145/s   0.0s    0  ▄▅▅▆▅▅▆▅▅▆▅▅▆▅▅▂ │
    ╭─ allow it? ──────────────────────────────────────────────────────────────────╮
    │ The profile mine wants, for h.example:80:                                    │
    │ - to read the environment variable TOKEN and send it there                   │
    │ - to read the file /home/me/very/long/way/to/a/file/that/holds/what/nobody/e │
    │ lse/may/know/secret.txt and send what is in it there                         │
    │ - to run a command on this machine: sign --with\\u{202e} key                  │
    │ - to connect although others are affected: the phone is logged out           │
    │ The connection is not encrypted (ws://): others on the way can read it.      │
    │ The profile theirs wants, for h.example:80:                                  │
    │ - to read the environment variable TOKEN and send it there                   │
    │ - to read the file /home/me/very/long/way/to/a/file/that/holds/what/nobody/e │
    │ lse/may/know/secret.txt and send what is in it there                         │
    │ - to run a command on this machine: sign --with\\u{202e} key                  │
    │ - to connect although others are affected: the phone is logged out           │
    │ The connection is not encrypted (ws://): others on the way can read it.      │
    │ y yes, from now on   o once   n no                                           │
    ╰──────────────────────────────────────────────────────────────────────────────╯
    │                                                                              │
    │                                                                              │
    ╰──────────────────────────────────────────────────────────────────────────────╯
     y yes, from now on  o once  n no
    ");
    assert!(shown(&app, 40, 10).contains("y yes, from now on"), "{}", shown(&app, 40, 10));
    app.resize(40, 10);
    for _ in 0..30 {
        press(&mut app, "j");
    }
    assert!(shown(&app, 40, 10).contains("(ws://): others on the way can read"), "{}", shown(&app, 40, 10));
    assert_eq!(press(&mut app, "\n"), None, "enter is no yes");
    assert_eq!(press(&mut app, "o"), Some(Effect::Ask(Errand::Allow(Allow::Once))));
    app.answered(Outcome::Added { names: vec!["x".to_owned()], notes: Vec::new() });
    assert_eq!((app.popup, app.done.as_deref()), (None, Some("added x")));
    app.look.lang = Lang::ZhCn;
    app.answered(demand(&wants()));
    let told = shown(&app, 80, 24);
    assert!(told.contains("读取环境变量 TOKEN 并发送到该处") && told.contains("y 今后都允许"), "{told}");
    assert_eq!(press(&mut app, "n"), None);
    assert_eq!((app.popup, app.note.as_deref()), (None, Some("未允许，未作任何更改")));
}

#[test]
fn a_line_with_a_secret_does_not_come_back() {
    let mut app = calm();
    let back = |app: &mut App, line: &str, asked: bool| {
        press(app, &format!(":{line}\n"));
        if asked {
            app.answered(demand(&wants()));
            press(app, "y");
        }
        app.answered(Outcome::Added { names: Vec::new(), notes: Vec::new() });
        press(app, ":");
        app.press(KeyEvent::from(KeyCode::Up), at(NOW));
        let line = app.hand.palette.line.text.clone();
        press(app, "\u{1b}");
        line
    };
    for asked in [false, true] {
        for plain in ["add ws://h", "add x=ws://h/p -H 'Authorization: Bearer ${env.T}' -H 'Origin: https://o'"] {
            assert_eq!(back(&mut app, plain, asked), plain);
        }
        let last = back(&mut app, "add ws://last", asked);
        for secret in [
            "add ws://h/?token=abcdef",
            "add x=ws://h/?token=abcdef",
            "add x=wss://me:hunter2@h",
            "add 'x=wss://me:hunter2@h'",
            "add ws://h -H 'Authorization: Bearer abc'",
            "add ws://h --header='X-Api-Key: abc'",
            "add ws://h -HCookie:abc",
        ] {
            assert_eq!(back(&mut app, secret, asked), last, "{secret}");
        }
    }
}

#[test]
fn what_a_file_changed_is_told_in_numbers() {
    let mut app = calm();
    let tally = Tally { added: 1, removed: 1, replaced: 2, untouched: 3 };
    app.answered(Outcome::Reloaded { tally, notes: vec!["mind".to_owned()] });
    assert_eq!(app.done.as_deref(), Some("reloaded: 1 added, 1 removed, 2 replaced, 3 untouched; mind"));
    let whole: Vec<_> = (0..60).map(|n| format!("error: number {n}")).collect();
    app.answered(Outcome::NotReloaded(Trouble { brief: "the first".to_owned(), whole }));
    let told = shown(&app, 80, 24);
    assert!(told.contains("not reloaded, nothing changed") && told.contains("and 40 more"), "{told}");
    assert!(told.lines().last().unwrap().contains("the first"), "{told}");
    for _ in 0..80 {
        press(&mut app, "j");
    }
    assert!(shown(&app, 80, 24).contains("number 59"));
    press(&mut app, "q");
    assert!(app.popup.is_none() && !app.quit);
}

#[test]
fn alarms_that_are_asked_for_later_find_what_is_wrong_already() {
    let mut app = trouble();
    assert!(app.ring(at(NOW)).is_empty());
    let mut snapshot = app.feed(FeedId(3)).unwrap().state.clone();
    snapshot.outage = Some(outage(4, Why::Eof, NOW - 22.0, false));
    app.see(FeedId(3), &snapshot);
    app.obey(Rules { on: vec![Cause::Down, Cause::Stale], bell: true, ..Rules::default() }, at(NOW));
    let mut rang: Vec<_> = app.ring(at(NOW)).into_iter().map(|ring| (ring.feed, ring.alarm.cause)).collect();
    rang.sort();
    assert_eq!(rang, [("binance".to_owned(), Cause::Stale), ("chat".to_owned(), Cause::Down)]);
    app.obey(app.alarms.rules.clone(), at(NOW));
    assert!(app.ring(at(NOW)).is_empty(), "what was told is not told again");
}

#[test]
fn an_empty_screen_says_what_to_do() {
    for (lang, told) in
        [(Lang::En, ":add ws://HOST/PATH watches a feed"), (Lang::ZhCn, ":add ws://HOST/PATH 添加数据源")]
    {
        let mut app = App::new(Vec::new(), look());
        app.look.lang = lang;
        for (width, height) in [(118, 36), (80, 24), (60, 12), (40, 10)] {
            assert!(shown(&app, width, height).contains(told), "{}", shown(&app, width, height));
        }
        press(&mut app, "z");
        assert!(shown(&app, 80, 24).contains(told));
    }
}

/// Something that happens, at random.
#[derive(Clone, Debug)]
enum Step {
    Add,
    Remove(Index),
    Replace(Index),
    Tell(Index, u8),
    See(Index, u8),
    Key(Index),
    Click(u16, u16),
    Answer(u8),
    Sort,
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        2 => Just(Step::Add),
        2 => any::<Index>().prop_map(Step::Remove),
        1 => any::<Index>().prop_map(Step::Replace),
        6 => (any::<Index>(), 0..9_u8).prop_map(|(feed, what)| Step::Tell(feed, what)),
        3 => (any::<Index>(), 0..6_u8).prop_map(|(feed, what)| Step::See(feed, what)),
        8 => any::<Index>().prop_map(Step::Key),
        1 => (0..150_u16, 0..45_u16).prop_map(|(x, y)| Step::Click(x, y)),
        1 => (0..6_u8).prop_map(Step::Answer),
        1 => Just(Step::Sort),
    ]
}

fn any_of(live: &[u32], gone: &[u32], n: Index) -> Option<u32> {
    let all: Vec<_> = live.iter().chain(gone).collect();
    (!all.is_empty()).then(|| *all[n.index(all.len())])
}

fn name(id: u32) -> String {
    format!("feed{id:03}")
}

/// What a feed may tell, each with its own name in it.
fn event(id: u32, what: u8) -> (f64, Event) {
    let own = format!(r#"{{"of":"{}","x":[1,2]}}"#, name(id));
    match what {
        0 | 1 => message(Some(0), NOW, &own),
        2 => message(None, NOW, &own),
        3 => (NOW, Event::Outage(Box::new(outage(1, Why::Eof, NOW - 1.0, false)))),
        4 => (NOW, Event::Outage(Box::new(outage(1, Why::Eof, NOW - 1.0, true)))),
        5 => (NOW, Event::Stopped { why: Why::Eof }),
        6 => {
            let fault = Fault { name: "f".to_owned(), text: own, state: FaultState::On, until: None };
            (NOW, Event::Fault(fault))
        }
        7 => (NOW, Event::Dialing { attempt: 2 }),
        _ => (NOW, Event::Paused),
    }
}

fn state(what: u8) -> Snapshot {
    let mut state = open(NOW, &["a", "b"]);
    match what {
        0 => state.services[0].state = ServiceState::Stale,
        1 => (state.phase, state.outage) = (Phase::Waiting, Some(outage(1, Why::Eof, NOW - 1.0, false))),
        2 => (state.phase, state.why) = (Phase::Stopped, Some(Why::Eof)),
        3 => state.phase = Phase::Paused,
        _ => {}
    }
    state
}

fn outcome(what: u8) -> Outcome {
    let trouble = Trouble { brief: "b".repeat(200), whole: vec!["error: 业务".repeat(20); 30] };
    match what {
        0 => Outcome::Added { names: Vec::new(), notes: vec!["n".to_owned()] },
        1 => Outcome::NotAdded(trouble),
        2 => Outcome::NotReloaded(trouble),
        3 => Outcome::Reloaded { tally: Tally::default(), notes: Vec::new() },
        _ => demand(&wants()),
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    /// Whatever comes, goes, is told and pressed: nothing panics, no border breaks, and what is gone is not shown.
    #[test]
    fn what_is_gone_is_gone(
        steps in prop::collection::vec(step(), 0..70),
        width in 60..=140_u16,
        height in 12..=40_u16,
    ) {
        let mut app = App::new(Vec::new(), look());
        app.faults_allowed = true;
        app.alarms = Alarms::new(Rules { on: Cause::ALL.map(|(_, cause)| cause).to_vec(), ..Rules::default() });
        app.resize(width, height);
        let (mut live, mut gone, mut next) = (Vec::<u32>::new(), Vec::<u32>::new(), 0_u32);
        for step in steps {
            match step {
                Step::Add => {
                    app.add_feed(info(next, &name(next), &["a", "b"]));
                    live.push(next);
                    next += 1;
                }
                Step::Remove(n) if !live.is_empty() => {
                    let id = live.remove(n.index(live.len()));
                    let was = selected(&app);
                    app.remove_feed(FeedId(id), at(NOW));
                    gone.push(id);
                    prop_assert!(was == id || selected(&app) == was, "the selection moved");
                }
                Step::Replace(n) if !live.is_empty() => {
                    let n = n.index(live.len());
                    let row = rows(&app).iter().position(|row| *row == live[n]);
                    app.replace_feed(FeedId(live[n]), info(next, &name(next), &["a"]), at(NOW));
                    prop_assert_eq!(rows(&app).iter().position(|row| *row == next), row);
                    gone.push(live[n]);
                    live[n] = next;
                    next += 1;
                }
                Step::Remove(_) | Step::Replace(_) => {}
                // Those that are gone tell things too.
                Step::Tell(n, what) => {
                    if let Some(id) = any_of(&live, &gone, n) {
                        tell(&mut app, id, [event(id, what)]);
                    }
                }
                Step::See(n, what) => {
                    if let Some(id) = any_of(&live, &gone, n) {
                        app.see(FeedId(id), &state(what));
                    }
                }
                Step::Key(key) => {
                    let known: Vec<_> = keys_in(app.mode()).collect();
                    let key = known[key.index(known.len())];
                    if let Some(Effect::Remove(FeedId(id))) = app.press(KeyEvent::new(key.code, key.modifiers), at(NOW)) {
                        app.remove_feed(FeedId(id), at(NOW));
                        live.retain(|other| *other != id);
                        gone.push(id);
                    }
                    app.quit = false;
                }
                Step::Click(x, y) => {
                    let area = Rect::new(0, 0, width, height);
                    let spot = wirebeat::ui::hit(&app, area, Position::new(x.min(width - 1), y.min(height - 1)), at(NOW));
                    app.point(spot, Gesture::Click);
                }
                Step::Answer(what) => app.answered(outcome(what)),
                Step::Sort => {
                    app.popup = None;
                    press(&mut app, "o");
                }
            }
            app.ring(at(NOW));
            let mut known = rows(&app);
            known.sort_unstable();
            let mut expected = live.clone();
            expected.sort_unstable();
            prop_assert_eq!(known, expected);
            prop_assert_eq!(app.selected().is_some(), !live.is_empty());
            for id in gone.iter().map(|id| FeedId(*id)) {
                prop_assert!(app.history.streams(id).next().is_none() && app.clusters.of(id, 1).is_none());
                prop_assert!(app.alarms.raised().all(|(feed, ..)| feed != id));
            }
            let drawn = buffer(&app, NOW, width, height);
            let picture = text(&drawn);
            for id in &gone {
                prop_assert!(!picture.contains(&name(*id)), "{} is gone\n{picture}", name(*id));
            }
            for y in 1..height - 1 {
                for x in [0, width - 1] {
                    prop_assert!("│╭╮╰╯├┤".contains(drawn[(x, y)].symbol()), "{x},{y}\n{picture}");
                }
            }
        }
    }
}
