//! Messages looked for and looked into, without a network: keys in, and on the screen what stands where in which style.
#![expect(clippy::unwrap_used, reason = "a test may")]

#[expect(dead_code, reason = "other screens need more of it")]
mod support;

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use insta::assert_snapshot;
use proptest::prelude::*;
use support::{NOW, alone, at, buffer, info, look, message, minute, open, styles, tell, text};
use wirebeat::app::history::Stream;
use wirebeat::app::keymap::{Mode, keys_in};
use wirebeat::app::{App, Effect, Popup};
use wirebeat::event::{Event, FeedId, Form, How, Purpose, ServiceId};
use wirebeat::say::Lang;
use wirebeat::text::width;

/// Letters are keys; `⏎ ⎋ ⇥ ← → ↑ ↓ ⌫` are those that have none.
fn press(app: &mut App, keys: &str) -> Option<Effect> {
    keys.chars().fold(None, |_, letter| {
        let code = match letter {
            '⏎' => KeyCode::Enter,
            '⎋' => KeyCode::Esc,
            '⇥' => KeyCode::Tab,
            '←' => KeyCode::Left,
            '→' => KeyCode::Right,
            '↑' => KeyCode::Up,
            '↓' => KeyCode::Down,
            '⌫' => KeyCode::Backspace,
            letter => KeyCode::Char(letter),
        };
        app.press(KeyEvent::from(code), at(NOW))
    })
}

fn ctrl(app: &mut App, letter: char) {
    app.press(KeyEvent::new(KeyCode::Char(letter), KeyModifiers::CONTROL), at(NOW));
}

fn shown(app: &App, width: u16, height: u16) -> String {
    text(&buffer(app, NOW, width, height))
}

/// One feed with trades of two symbols, an ack, a message that was sent, a control frame.
fn market() -> App {
    let mut app = App::new(vec![info(0, "market", &["trades", "业务2"])], look());
    minute(&mut app, 0, 3, NOW, &open(NOW, &["trades", "业务2"]));
    app.resize(100, 30);
    for n in 0..20_u32 {
        let (symbol, price) = [("BTC", 42_000.5), ("ETH", 2_500.25)][n as usize % 2];
        let body = format!(
            r#"{{"seq":{n},"data":{{"symbol":"{symbol}","price":{},"side":"{}","id":12345678901234567890}}}}"#,
            price + f64::from(n),
            ["buy", "sell"][n as usize % 3 % 2],
        );
        tell(&mut app, 0, [message(Some(0), NOW - 20.0 + f64::from(n), &body)]);
    }
    tell(&mut app, 0, [message(Some(1), NOW - 2.0, r#"{"text":"行情更新"}"#)]);
    let sent = Event::Sent {
        service: Some(ServiceId(0)),
        purpose: Purpose::Unsubscribe,
        text: r#"{"op":"unsub"}"#.to_owned(),
        bytes: 14,
    };
    tell(&mut app, 0, [(NOW - 0.5, sent), (NOW - 0.4, Event::BeatSent { how: How::Ping, text: String::new() })]);
    app
}

#[test]
fn a_message_is_selected_and_the_view_stands() {
    let mut app = market();
    press(&mut app, "⇥⇥kkk");
    let drawn = buffer(&app, NOW, 100, 24);
    assert_snapshot!(text(&drawn));
    assert_snapshot!(styles(&drawn));
    // What comes changes nothing on view but the count.
    tell(&mut app, 0, [message(Some(0), NOW, r#"{"late":true}"#)]);
    let after = shown(&app, 100, 24);
    assert!(after.contains("1 new, G follows") && !after.contains("late"), "{after}");
    press(&mut app, "G");
    assert!(shown(&app, 100, 24).contains("late"));
    // Esc lets the selection go first.
    press(&mut app, "zk⎋");
    assert!(app.zoom && shown(&app, 100, 24).contains("late"));
}

#[test]
fn columns_are_chosen_and_deltas_counted_from_the_selected() {
    let mut app = market();
    press(&mut app, "⇥⇥zkkkD");
    assert_snapshot!(shown(&app, 100, 12));
    press(&mut app, "c↓↓ ↓ ↓↓ ");
    assert_eq!(app.mode(), Mode::Columns);
    assert_snapshot!(shown(&app, 100, 24));
    let copied = press(&mut app, "y");
    assert_eq!(
        copied,
        Some(Effect::Copy(r#"columns = ["time", "delta", "service", "kind", "dir", "size"]"#.to_owned()))
    );
    press(&mut app, "c");
    assert_snapshot!(shown(&app, 100, 12));
    // On a small screen they make room for the message.
    assert_snapshot!(shown(&app, 46, 12));
}

#[test]
fn a_filter_hides_the_others_while_it_is_typed() {
    let mut app = market();
    press(&mut app, "⇥⇥z/btc .data.price > 420");
    assert_eq!(app.mode(), Mode::Typing);
    assert_snapshot!(shown(&app, 100, 10));
    press(&mut app, "12 | dir:up");
    assert_snapshot!(shown(&app, 100, 10));
    assert_snapshot!(shown(&app, 44, 8));
    // One that is wrong is not kept, and the last right one goes on.
    press(&mut app, "⏎");
    assert_eq!(app.mode(), Mode::Typing);
    ctrl(&mut app, 'w');
    press(&mut app, "dir:out⏎");
    let drawn = buffer(&app, NOW, 100, 10);
    assert_snapshot!(text(&drawn));
    assert!(styles(&drawn).contains("###"), "{}", styles(&drawn));
    // What comes is held against it too.
    tell(
        &mut app,
        0,
        [message(Some(0), NOW, r#"{"late":true}"#), message(Some(0), NOW, r#"{"data":{"price":5,"s":"btc"}}"#)],
    );
    assert!(!shown(&app, 100, 10).contains("late"));
    press(&mut app, "⎋");
    assert!(shown(&app, 100, 10).contains("late"));
}

#[test]
fn a_search_jumps_from_match_to_match() {
    let mut app = market();
    press(&mut app, "z/eth⇥⏎N");
    let shown_first = shown(&app, 100, 10);
    assert!(shown_first.contains("/eth in 10 of 21"), "{shown_first}");
    let marked = |app: &App| {
        let shown = shown(app, 100, 10);
        shown.lines().find(|line| line.contains('▸')).unwrap_or_default().to_owned()
    };
    assert!(marked(&app).contains("\"seq\":19"), "{shown_first}");
    press(&mut app, "N");
    assert!(marked(&app).contains("\"seq\":17"));
    press(&mut app, "n");
    assert!(marked(&app).contains("\"seq\":19"));
    press(&mut app, "n");
    assert!(shown(&app, 100, 10).contains("no match after this one"));
    press(&mut app, "⎋⎋⎋n");
    assert!(shown(&app, 100, 10).contains("nothing is looked for"));
}

#[test]
fn filters_with_names_and_those_before_come_back() {
    let mut app = market();
    app.filter.saved = vec![("buys".to_owned(), ".data.side = buy".to_owned())];
    press(&mut app, "/");
    ctrl(&mut app, 'n');
    let typing = shown(&app, 100, 12);
    assert!(typing.contains("/.data.side = buy█") && typing.contains("@buys"), "{typing}");
    press(&mut app, "⏎/");
    ctrl(&mut app, 'u');
    press(&mut app, "!@buys eth⏎");
    assert_eq!(app.history.pane(FeedId(0), Stream::Service(ServiceId(0))).unwrap().found(), Some((4, 21)));
    press(&mut app, "/↑");
    assert_eq!(app.filter.text, ".data.side = buy");
    press(&mut app, "↓");
    assert_eq!(app.filter.text, "!@buys eth");
}

#[test]
fn a_message_is_a_tree() {
    let mut app = market();
    press(&mut app, "⇥⇥kk⏎");
    let drawn = buffer(&app, NOW, 80, 16);
    assert_snapshot!(text(&drawn));
    assert_snapshot!(styles(&drawn));
    press(&mut app, "jj→→j");
    assert_eq!(press(&mut app, "y"), Some(Effect::Copy("2517.25".to_owned())));
    assert!(shown(&app, 80, 16).contains("7 bytes handed to the terminal's clipboard"));
    assert_eq!(press(&mut app, "Y"), Some(Effect::Copy(".data.price".to_owned())));
    press(&mut app, "←←");
    let folded = shown(&app, 80, 16);
    assert!(folded.contains("▸ data {\"symbol\":\"ETH\""), "{folded}");
    press(&mut app, "K");
    assert!(shown(&app, 80, 16).contains("\"BTC\""));
    press(&mut app, "q");
    assert_eq!((app.mode(), app.quit), (Mode::Main, false));
}

#[test]
fn a_message_is_looked_at_in_four_ways() {
    let mut app = market();
    press(&mut app, "⇥⇥kk⏎2");
    assert_snapshot!(shown(&app, 80, 12));
    press(&mut app, "3");
    assert_snapshot!(shown(&app, 60, 12));
    press(&mut app, "⇥");
    assert_snapshot!(shown(&app, 80, 10));
    assert_snapshot!(shown(&app, 40, 10));
    let message = r#"{"seq":19,"data":{"symbol":"ETH","price":2519.25,"side":"buy","id":12345678901234567890}}"#;
    press(&mut app, "qGk⏎");
    assert!(shown(&app, 80, 10).contains("→ other"), "what was sent is looked at too");
    press(&mut app, "K");
    assert_eq!(press(&mut app, "m"), Some(Effect::Copy(message.to_owned())));
    // The way stays for the next one.
    assert!(shown(&app, 80, 10).contains(" · hex · "));
}

#[test]
fn a_control_frame_and_bytes_that_are_no_text_are_looked_into() {
    let mut app = market();
    press(&mut app, "Hll⏎");
    let frame = shown(&app, 80, 10);
    assert!(frame.contains("→ ping") && frame.contains("no bytes"), "{frame}");
    press(&mut app, "qhh");
    let mut told = message(Some(0), NOW, "");
    if let Event::Rows(batch) = &mut told.1 {
        batch.rows[0].len = 40;
        batch.rows[0].form = Form::Binary;
        batch.bytes = (200..240).collect();
    }
    tell(&mut app, 0, [told]);
    press(&mut app, "⏎");
    let frame = shown(&app, 80, 10);
    assert!(frame.contains("00000020  e8 e9 ea"), "{frame}");
    let copied = press(&mut app, "y");
    assert!(matches!(copied, Some(Effect::Copy(text)) if text.starts_with("c8c9ca")));
}

#[test]
fn the_latest_values_by_symbol() {
    let mut app = market();
    press(&mut app, "v");
    let drawn = buffer(&app, NOW, 100, 12);
    assert_snapshot!(text(&drawn));
    assert_snapshot!(styles(&drawn));
    assert_snapshot!(shown(&app, 40, 8));
    tell(&mut app, 0, [message(Some(0), NOW, r#"{"data":{"symbol":"SOL","price":7}}"#)]);
    assert!(shown(&app, 100, 12).contains("3 rows"));
    press(&mut app, "j⏎");
    assert_eq!(app.popup, Some(Popup::Inspect));
    assert!(shown(&app, 100, 14).contains("\"ETH\""));
    press(&mut app, "q");
    assert_eq!(app.popup, Some(Popup::Latest));
    press(&mut app, "cc");
    assert!(shown(&app, 100, 12).contains("all messages"));
    press(&mut app, "?");
    assert!(shown(&app, 100, 30).contains("another path for the rows"));
    press(&mut app, "qq");
    assert_eq!(app.mode(), Mode::Main);
}

#[test]
fn what_departs_from_the_usual_is_told() {
    let mut app = market();
    for _ in 0..80 {
        tell(
            &mut app,
            0,
            [message(Some(0), NOW - 3.0, r#"{"seq":7,"data":{"symbol":"BTC","price":1,"side":"buy","id":1}}"#)],
        );
    }
    assert!(!shown(&app, 118, 30).contains("new field"));
    tell(
        &mut app,
        0,
        [message(Some(0), NOW - 1.0, r#"{"seq":7,"data":{"symbol":"BTC","price":"1","side":"buy","id":1,"fee":2}}"#)],
    );
    let told = shown(&app, 118, 30);
    assert!(told.contains("12:04:30 new field .data.fee (number)"), "{told}");
    press(&mut app, "⏎");
    let told = shown(&app, 118, 20);
    assert!(told.contains("12:04:30 .data.price was number, is text"), "{told}");
    app.look.lang = Lang::ZhCn;
    assert!(shown(&app, 118, 20).contains("新字段 .data.fee（数字）"));
    press(&mut app, "q");
    let later = text(&buffer(&app, NOW + 700.0, 118, 30));
    assert!(!later.contains("新字段"), "{later}");
}

#[test]
fn a_message_that_made_room_stays_in_sight() {
    let mut app = App::new(vec![info(0, "market", &["a"])], wirebeat::app::Look { budget: 4000, ..look() });
    tell(&mut app, 0, [message(Some(0), NOW, r#"{"first":1}"#)]);
    press(&mut app, "⏎");
    for _ in 0..100 {
        tell(&mut app, 0, [message(Some(0), NOW, r#"{"other":2}"#)]);
    }
    assert!(shown(&app, 80, 10).contains("first"));
    press(&mut app, "J");
    assert!(shown(&app, 80, 10).contains("other"));
    let mut empty = App::new(vec![info(0, "market", &["a"])], look());
    press(&mut empty, "⏎");
    assert!(shown(&empty, 80, 12).contains("there is no message to look into yet"));
    press(&mut empty, "v");
    assert!(shown(&empty, 80, 12).contains("nothing yet"));
}

#[test]
fn a_message_of_ten_megabytes_is_looked_into() {
    let mut app = alone(|_| {});
    let deep = format!(
        "{{\"deep\":{}1{},\"list\":[{}0]}}",
        "[".repeat(10_000),
        "]".repeat(10_000),
        "1234567,".repeat(1_250_000)
    );
    tell(&mut app, 0, [message(Some(0), NOW, &deep)]);
    app.resize(100, 30);
    press(&mut app, "⏎+G");
    for _ in 0..3 {
        assert!(shown(&app, 100, 30).contains("market") || !shown(&app, 100, 30).is_empty());
        press(&mut app, "⇥G");
    }
    press(&mut app, "⇥");
    ctrl(&mut app, 'd');
    let tree = shown(&app, 100, 30);
    assert!(tree.contains("deep"), "{tree}");
}

/// Screens that this file is about.
fn moods() -> Vec<App> {
    let ways = ["⇥⇥kkk", "⇥⇥kkDc", "/btc .a ~ [", "/eth⇥⏎N", "⏎", "⏎2", "⏎3", "⏎4j", "v", "vl", "⏎?", "H⇥⇥k"];
    let mut moods: Vec<_> = ways
        .iter()
        .map(|keys| {
            let mut app = market();
            press(&mut app, keys);
            app
        })
        .collect();
    let mut chinese = market();
    chinese.look.lang = Lang::ZhCn;
    press(&mut chinese, "⏎");
    moods.push(chinese);
    moods
}

#[test]
fn no_size_is_too_small() {
    for mut app in moods() {
        for (width, height) in (0..=60).flat_map(|width| (0..=16).map(move |height| (width, height))) {
            app.resize(width, height);
            buffer(&app, NOW, width, height);
        }
        for (width, height) in [(99, 12), (118, 60), (300, 80), (61, 200), (500, 5)] {
            app.resize(width, height);
            buffer(&app, NOW, width, height);
        }
    }
}

#[test]
fn ascii_is_ascii_here_too() {
    for mut app in moods() {
        app.look.ascii = true;
        app.history.pane(FeedId(0), Stream::Unrouted);
        let shown = shown(&app, 80, 24);
        let foreign: Vec<_> =
            shown.chars().filter(|c| !c.is_ascii() && !('\u{4e00}'..='\u{9fff}').contains(c)).collect();
        assert!(foreign.iter().all(|c| "（），：、。".contains(*c)), "{foreign:?}\n{shown}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    /// Whatever a server sends and a user presses, nothing panics and no border breaks.
    #[test]
    fn no_message_and_no_key_breaks_a_border(
        bodies in prop::collection::vec(
            prop_oneof![
                prop::collection::vec(any::<u8>(), 0..80),
                "[\\[{\"a业👨‍👩‍👧‍👦e\u{301}\u{202e}\u{1b}:,1\\]}]{0,60}".prop_map(String::into_bytes),
                prop::collection::vec(("[a-z业\u{301}]{1,6}", any::<f64>()), 1..6)
                    .prop_map(|fields| serde_json::to_vec(&fields).unwrap()),
            ],
            1..8,
        ),
        forms in prop::collection::vec(0..3_usize, 8),
        keys in prop::collection::vec(any::<prop::sample::Index>(), 0..40),
        width in 60..=140_u16,
        height in 12..=40_u16,
    ) {
        let mut app = market();
        app.resize(width, height);
        for (body, form) in bodies.into_iter().zip(forms) {
            let mut told = message(Some(0), NOW, "");
            if let Event::Rows(batch) = &mut told.1 {
                batch.rows[0].len = u32::try_from(body.len()).unwrap();
                batch.rows[0].form = [Form::Json, Form::Text, Form::Binary][form];
                batch.bytes = body.into();
            }
            tell(&mut app, 0, [told]);
        }
        for key in keys {
            let known: Vec<_> = keys_in(app.mode()).collect();
            let key = known[key.index(known.len())];
            app.press(KeyEvent::new(key.code, key.modifiers), at(NOW));
            let drawn = buffer(&app, NOW, width, height);
            for y in 1..drawn.area.bottom() - 1 {
                for x in [0, width - 1] {
                    let symbol = drawn[(x, y)].symbol();
                    prop_assert!("│╭╮╰╯├┤".contains(symbol), "{:?} at {},{}\n{}", symbol, x, y, text(&drawn));
                }
                prop_assert!(width_of(&drawn, width - 2, y) <= 1, "{}", text(&drawn));
            }
        }
    }
}

fn width_of(buffer: &ratatui::buffer::Buffer, x: u16, y: u16) -> usize {
    width(buffer[(x, y)].symbol())
}
