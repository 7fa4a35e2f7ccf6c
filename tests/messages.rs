//! Messages looked for and looked into, without a network: keys in, and on the screen what stands where in which style.
#![expect(clippy::unwrap_used, reason = "a test may")]

#[expect(dead_code, reason = "other screens need more of it")]
mod support;

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use insta::assert_snapshot;
use proptest::prelude::*;
use support::{NOW, alone, at, buffer, info, look, message, minute, open, press, shown, styles, tell, text};
use wirebeat::app::history::Stream;
use wirebeat::app::keymap::{Mode, keys_in};
use wirebeat::app::{App, Effect, Popup};
use wirebeat::event::{Event, FeedId, Form, How, Purpose, ServiceId};
use wirebeat::say::Lang;
use wirebeat::text::width;

fn ctrl(app: &mut App, letter: char) {
    app.press(KeyEvent::new(KeyCode::Char(letter), KeyModifiers::CONTROL), at(NOW));
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
    assert_snapshot!(text(&drawn), @r#"
     ● 1 feed live                                                                      12:04:31 +08:00
    ╭─ market · ws://market.example/stream ───────────────────────────────────────────────── tab pane ─╮
    │ ● LIVE  rate 3/s   last 0.0s   lag 50/99 ms 3 / 21   gaps 0                                      │
    │                                    ▂▄▅▇▄▅▇▄▅▇▄▅▇▄▅▇▄▅▇▄▅▇▄▅▇▄▅▇▄▅▇▄▅▇▄▅▇▄▅▇▄▅▇▄▅▇▄▅▇▄▅▇▄▅▇▄▅▇▄♡▅ │
    │ beat      beat if 30s idle                                                                       │
    │ link      open 16m30s · rtt 4.1 ms · 0 B                                                         │
    │ outage    none                                                                                   │
    │ 1 ● trades      live       3/s   0.0s   3 / 21   2 ● 业务2       live   4.4/min   0.0s   3 / 21  │
    │ 60 s to now                                                       now      p50      p99      max │
    │ rate             ▇▇▅▇▇▅▇▇▅▇▇▅▇▇▅▇▇▅▇▇▅▇▇▅▇▇▅▇▇▅       0..5/s      3/s      3/s      4/s      4/s │
    │ lag              ▆▁▁▆▁▁▁▆▁▁▆▁▁▁▆▁▁▆▁▁▁▆▁▁▆▁▁▁▆▁     0..30 ms   3.0 ms   3.0 ms    20 ms    21 ms │
    │ rtt, n 12                          ▇▇▇▇▇▇▇▇▇▇▇▇    0..5.0 ms   4.1 ms   4.0 ms   4.1 ms   4.1 ms │
    ├─ trades · G follows · 3/s ────────────────────────────────────────────────────────────── z zoom ─┤
    │ 12:04:28.000  {"seq":17,"data":{"symbol":"ETH","price":2517.25,"side":"buy","id":12345678901234… │
    │▸12:04:29.000  {"seq":18,"data":{"symbol":"BTC","price":42018.5,"side":"buy","id":12345678901234… │
    │ 12:04:30.000  {"seq":19,"data":{"symbol":"ETH","price":2519.25,"side":"sell","id":1234567890123… │
    │ 12:04:30.500 →{"op":"unsub"}                                                                     │
    ├─ 业务2 · 4.4/min ────────────────────────────────────────────────────────────────────────────────┤
    │ 12:04:29.000  {"text":"行情更新"}                                                                │
    │                                                                                                  │
    │                                                                                                  │
    │                                                                                                  │
    ╰──────────────────────────────────────────────────────────────────────────────────────────────────╯
     1-9 toggle · tab pane · enter inspect · / filter · f freeze · z zoom · : all · ? help · q quit
    "#);
    assert_snapshot!(styles(&drawn), @"
     g BBBBBBBBBBB                                                                      ~~~~~~~~~~~~~~~
    ~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~
    ~ g gggg  ~~~~       ~~~~        ~~~~~~~~~~~~          ~~~~                                        ~
    ~                                    gggggggggggggggggggggggggggggggggggggggggggggggggggggggggggcg ~
    ~ ~~~~      ~~~~~~~~~~~~~~~~                                                                       ~
    ~ ~~~~                 ~~~          ~~~                                                            ~
    ~ ~~~~~~    ~~~~                                                                                   ~
    ~ c g BBBBBB      gggg                             c g           gggg                            ~
    ~ ~~~~~~~~~~~                                                       ~~~      ~~~      ~~~      ~~~ ~
    ~ ~~~~             cccccccccccccccccccccccccccccc       ~~~~~~      BBB                            ~
    ~ ~~~              cccccccccccccccccccccccccccccc     ~~~~~~~~   BBBBBB                            ~
    ~ ~~~~~~~~~                          cccccccccccc    ~~~~~~~~~   BBBBBB                            ~
    ~~~~~~~~~~~~ccccccccc~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~
    ~ ~~~~~~~~~~~~  ~ccccc~yy~cccccc~~cccccccc~ggggg~ccccccc~yyyyyyy~cccccc~ggggg~cccc~yyyyyyyyyyyyyyy ~
    ~c              BCCCCCBYYBCCCCCCBBCCCCCCCCBGGGGGBCCCCCCCBYYYYYYYBCCCCCCBGGGGGBCCCCBYYYYYYYYYYYYYYY ~
    ~ ~~~~~~~~~~~~  ~ccccc~yy~cccccc~~cccccccc~ggggg~ccccccc~yyyyyyy~cccccc~gggggg~cccc~yyyyyyyyyyyyyy ~
    ~ ~~~~~~~~~~~~ c~~~~~~~~~~~~~~                                                                     ~
    ~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~
    ~ ~~~~~~~~~~~~  ~cccccc~gggggg~                                                                ~
    ~                                                                                                  ~
    ~                                                                                                  ~
    ~                                                                                                  ~
    ~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~
     BBB~      ~~~BBB~    ~~~BBBBB~       ~~~B~      ~~~B~      ~~~B~    ~~~B~   ~~~B~    ~~~B~
    ");
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
    assert_snapshot!(shown(&app, 100, 12), @r#"
     ● 1 feed live                                                                       12:04:31+08:00
    ╭─ trades · G follows · 3/s ────────────────────────────────────────────────────────── +1 more: → ─╮
    │ 24.000  -5.000s  {"seq":13,"data":{"symbol":"ETH","price":2513.25,"side":"sell","id":1234567890… │
    │ 25.000  -4.000s  {"seq":14,"data":{"symbol":"BTC","price":42014.5,"side":"buy","id":12345678901… │
    │ 26.000  -3.000s  {"seq":15,"data":{"symbol":"ETH","price":2515.25,"side":"buy","id":12345678901… │
    │ 27.000  -2.000s  {"seq":16,"data":{"symbol":"BTC","price":42016.5,"side":"sell","id":1234567890… │
    │ 28.000  -1.000s  {"seq":17,"data":{"symbol":"ETH","price":2517.25,"side":"buy","id":12345678901… │
    │▸29.000  +0.000s  {"seq":18,"data":{"symbol":"BTC","price":42018.5,"side":"buy","id":12345678901… │
    │ 30.000  +1.000s  {"seq":19,"data":{"symbol":"ETH","price":2519.25,"side":"sell","id":1234567890… │
    │ 30.500  +1.500s →{"op":"unsub"}                                                                  │
    ╰──────────────────────────────────────────────────────────────────────────────────────────────────╯
     1-9 toggle  tab pane  enter inspect  / filter  f freeze  z zoom  t outages  : all  ? help  q quit
    "#);
    press(&mut app, "c↓↓ ↓ ↓↓ ");
    assert_eq!(app.mode(), Mode::Columns);
    assert_snapshot!(shown(&app, 100, 24), @r#"
     ● 1 feed live                                                                      12:04:31 +08:00
    ╭─ trades · G follows · 3/s ────────────────────────────────────────────────────────── +1 more: → ─╮
    │ 12:04:12.000     -17s trades       data            89 B {"seq":1,"data":{"symbol":"ETH","price"… │
    │ 12:04:13.000     -16s trades       data            88 B {"seq":2,"data":{"symbol":"BTC","price"… │
    │ 12:04:14.000     -15s trades       data            88 B {"seq":3,"data":{"symbol":"ETH","price"… │
    │ 12:04:15.000     -14s trades       data            89 B {"seq":4,"data":{"symbol":"BTC","price"… │
    │ 12:04:16.000     -13s trades       data            88 B {"seq":5,"data":{"symbol":"ETH","price"… │
    │ 12:04:17.000   ╭─ columns ─────────────────────────────────────────────────────╮":"BTC","price"… │
    │ 12:04:18.000   │ ● time                                                        │":"ETH","price"… │
    │ 12:04:19.000   │ ● time from the selected                                      │":"BTC","price"… │
    │ 12:04:20.000  -│ ● service                                                     │":"ETH","price"… │
    │ 12:04:21.000  -│ ● kind                                                        │l":"BTC","price… │
    │ 12:04:22.000  -│ ● direction                                                   │l":"ETH","price… │
    │ 12:04:23.000  -│ ● size                                                        │l":"BTC","price… │
    │ 12:04:24.000  -│                                                               │l":"ETH","price… │
    │ 12:04:25.000  -│ columns = ["time", "delta", "service", "kind", "dir", "size"] │l":"BTC","price… │
    │ 12:04:26.000  -╰───────────────────────────────────────────────────────────────╯l":"ETH","price… │
    │ 12:04:27.000  -2.000s trades       data            90 B {"seq":16,"data":{"symbol":"BTC","price… │
    │ 12:04:28.000  -1.000s trades       data            89 B {"seq":17,"data":{"symbol":"ETH","price… │
    │▸12:04:29.000  +0.000s trades       data            89 B {"seq":18,"data":{"symbol":"BTC","price… │
    │ 12:04:30.000  +1.000s trades       data            90 B {"seq":19,"data":{"symbol":"ETH","price… │
    │ 12:04:30.500  +1.500s trades       other     →     14 B {"op":"unsub"}                           │
    ╰──────────────────────────────────────────────────────────────────────────────────────────────────╯
     space show or hide · y copy the line for [ui] · esc close
    "#);
    let copied = press(&mut app, "y");
    assert_eq!(
        copied,
        Some(Effect::Copy(r#"columns = ["time", "delta", "service", "kind", "dir", "size"]"#.to_owned()))
    );
    press(&mut app, "c");
    assert_snapshot!(shown(&app, 100, 12), @r#"
     ● 1 feed live                                                                       12:04:31+08:00
    ╭─ trades · G follows · 3/s ────────────────────────────────────────────────────────── +1 more: → ─╮
    │ 24.000  -5.000s trades       data            90 B {"seq":13,"data":{"symbol":"ETH","price":2513… │
    │ 25.000  -4.000s trades       data            89 B {"seq":14,"data":{"symbol":"BTC","price":4201… │
    │ 26.000  -3.000s trades       data            89 B {"seq":15,"data":{"symbol":"ETH","price":2515… │
    │ 27.000  -2.000s trades       data            90 B {"seq":16,"data":{"symbol":"BTC","price":4201… │
    │ 28.000  -1.000s trades       data            89 B {"seq":17,"data":{"symbol":"ETH","price":2517… │
    │▸29.000  +0.000s trades       data            89 B {"seq":18,"data":{"symbol":"BTC","price":4201… │
    │ 30.000  +1.000s trades       data            90 B {"seq":19,"data":{"symbol":"ETH","price":2519… │
    │ 30.500  +1.500s trades       other     →     14 B {"op":"unsub"}                                 │
    ╰──────────────────────────────────────────────────────────────────────────────────────────────────╯
     1-9 toggle  tab pane  enter inspect  / filter  f freeze  z zoom  t outages  : all  ? help  q quit
    "#);
    // On a small screen they make room for the message.
    assert_snapshot!(shown(&app, 46, 12), @r#"
     ● 1 feed live                 12:04:31+08:00
     22.000  -7.000s trades       {"seq":11,"dat…
     23.000  -6.000s trades       {"seq":12,"dat…
     24.000  -5.000s trades       {"seq":13,"dat…
     25.000  -4.000s trades       {"seq":14,"dat…
     26.000  -3.000s trades       {"seq":15,"dat…
     27.000  -2.000s trades       {"seq":16,"dat…
     28.000  -1.000s trades       {"seq":17,"dat…
    ▸29.000  +0.000s trades       {"seq":18,"dat…
     30.000  +1.000s trades       {"seq":19,"dat…
     30.500  +1.500s trades       {"op":"unsub"}
     1-9 toggle  tab pane  : all  ? help  q quit
    "#);
}

#[test]
fn a_filter_hides_the_others_while_it_is_typed() {
    let mut app = market();
    press(&mut app, "⇥⇥z/btc .data.price > 420");
    assert_eq!(app.mode(), Mode::Typing);
    assert_snapshot!(shown(&app, 100, 14), @r#"
     ● 1 feed live                                                                       12:04:31+08:00
    ╭─ trades · hides 11 of 21: /btc .data.price > 420 · 3/s ───────────────────────────── +1 more: → ─╮
    │ 11.000  {"seq":0,"data":{"symbol":"BTC","price":42000.5,"side":"buy","id":12345678901234567890}} │
    │ 13.000  {"seq":2,"data":{"symbol":"BTC","price":42002.5,"side":"buy","id":12345678901234567890}} │
    │ 15.000  {"seq":4,"data":{"symbol":"BTC","price":42004.5,"side":"sell","id":12345678901234567890… │
    │ 17.000  {"seq":6,"data":{"symbol":"BTC","price":42006.5,"side":"buy","id":12345678901234567890}} │
    │ 19.000  {"seq":8,"data":{"symbol":"BTC","price":42008.5,"side":"buy","id":12345678901234567890}} │
    │ 21.000  {"seq":10,"data":{"symbol":"BTC","price":42010.5,"side":"sell","id":1234567890123456789… │
    │ 23.000  {"seq":12,"data":{"symbol":"BTC","price":42012.5,"side":"buy","id":12345678901234567890… │
    │ 25.000  {"seq":14,"data":{"symbol":"BTC","price":42014.5,"side":"buy","id":12345678901234567890… │
    │ 27.000  {"seq":16,"data":{"symbol":"BTC","price":42016.5,"side":"sell","id":1234567890123456789… │
    │ 29.000  {"seq":18,"data":{"symbol":"BTC","price":42018.5,"side":"buy","id":12345678901234567890… │
    ╰─ /btc .data.price > 420█ hides the others ───────────────────────────────────────────────────────╯
     tab hide or mark  ↑ earlier  ctrl-n saved  enter keep  esc drop
    "#);
    press(&mut app, "12 | dir:up");
    assert_snapshot!(shown(&app, 100, 14), @r#"
     ● 1 feed live                                                                       12:04:31+08:00
    ╭─ trades · hides 17 of 21: /btc .data.price > 42012 | dir · 3/s ───────────────────── +1 more: → ─╮
    │ 23.000  {"seq":12,"data":{"symbol":"BTC","price":42012.5,"side":"buy","id":12345678901234567890… │
    │ 25.000  {"seq":14,"data":{"symbol":"BTC","price":42014.5,"side":"buy","id":12345678901234567890… │
    │ 27.000  {"seq":16,"data":{"symbol":"BTC","price":42016.5,"side":"sell","id":1234567890123456789… │
    │ 29.000  {"seq":18,"data":{"symbol":"BTC","price":42018.5,"side":"buy","id":12345678901234567890… │
    │                                                                                                  │
    │                                                                                                  │
    │                                                                                                  │
    │                                                                                                  │
    │                                                                                                  │
    │                                                                                                  │
    ╰─ /btc .data.price > 42012 | dir:up█ hides the others ────────────────────────────────────────────╯
                                      ↑ in or out
    "#);
    assert_snapshot!(shown(&app, 44, 8), @r#"
     ● 1 feed live               12:04:31+08:00
    23.000  {"seq":12,"data":{"symbol":"BTC","…
    25.000  {"seq":14,"data":{"symbol":"BTC","…
    27.000  {"seq":16,"data":{"symbol":"BTC","…
    29.000  {"seq":18,"data":{"symbol":"BTC","…


     / .data.price > 42012 | dir:up█ in or out
    "#);
    // One that is wrong is not kept, and the last right one goes on.
    press(&mut app, "⏎");
    assert_eq!(app.mode(), Mode::Typing);
    ctrl(&mut app, 'w');
    press(&mut app, "dir:out⏎");
    let drawn = buffer(&app, NOW, 100, 14);
    assert_snapshot!(text(&drawn), @r#"
     ● 1 feed live                                                                       12:04:31+08:00
    ╭─ trades · hides 16 of 21: /btc .data.price > 42012 | dir:out · 3/s ───────────────── +1 more: → ─╮
    │ 23.000  {"seq":12,"data":{"symbol":"BTC","price":42012.5,"side":"buy","id":12345678901234567890… │
    │ 25.000  {"seq":14,"data":{"symbol":"BTC","price":42014.5,"side":"buy","id":12345678901234567890… │
    │ 27.000  {"seq":16,"data":{"symbol":"BTC","price":42016.5,"side":"sell","id":1234567890123456789… │
    │ 29.000  {"seq":18,"data":{"symbol":"BTC","price":42018.5,"side":"buy","id":12345678901234567890… │
    │ 30.500 →{"op":"unsub"}                                                                           │
    │                                                                                                  │
    │                                                                                                  │
    │                                                                                                  │
    │                                                                                                  │
    │                                                                                                  │
    ╰──────────────────────────────────────────────────────────────────────────────────────────────────╯
     1-9 toggle  tab pane  enter inspect  / filter  f freeze  z zoom  t outages  : all  ? help  q quit
    "#);
    assert!(styles(&drawn).contains("###"), "{}", styles(&drawn));
    // What comes is held against it too.
    tell(
        &mut app,
        0,
        [message(Some(0), NOW, r#"{"late":true}"#), message(Some(0), NOW, r#"{"data":{"price":5,"s":"btc"}}"#)],
    );
    assert!(!shown(&app, 100, 14).contains("late"));
    press(&mut app, "⎋⎋");
    assert!(shown(&app, 100, 14).contains("late"));
}

#[test]
fn a_search_jumps_from_match_to_match() {
    let mut app = market();
    press(&mut app, "z/eth⇥⏎N");
    let shown_first = shown(&app, 100, 14);
    assert!(shown_first.contains("in 10 of 21: /eth"), "{shown_first}");
    let marked = |app: &App| {
        let shown = shown(app, 100, 14);
        shown.lines().find(|line| line.contains('▸')).unwrap_or_default().to_owned()
    };
    assert!(marked(&app).contains("\"seq\":19"), "{shown_first}");
    press(&mut app, "N");
    assert!(marked(&app).contains("\"seq\":17"));
    press(&mut app, "n");
    assert!(marked(&app).contains("\"seq\":19"));
    press(&mut app, "n");
    assert!(shown(&app, 100, 14).contains("no match after this one"));
    press(&mut app, "⏎N");
    assert!(shown(&app, 100, 14).contains("seq 17"), "{}", shown(&app, 100, 14));
    press(&mut app, "q");
    press(&mut app, "⎋⎋⎋n");
    assert!(shown(&app, 100, 14).contains("nothing is looked for"));
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
    assert_snapshot!(text(&drawn), @r#"
     ● 1 feed live                                                   12:04:31+08:00
    ╭─ trades · tree · 12:04:30.000 · data · 90 B ─ +0 ~4 -0 since the one before ─╮
    │ ▾ {                                                                          │
    │~    seq 19                                                                   │
    │~  ▾ data {                                                                   │
    │~      symbol "ETH"                                                           │
    │~      price 2519.25                                                          │
    │~      side "sell"                                                            │
    │       id 12345678901234567890                                                │
    │                                                                              │
    │                                                                              │
    │                                                                              │
    │                                                                              │
    │                                                                              │
    ╰──────────────────────────────────────────────────────────────────────────────╯
     tab tree, raw, hex  J next  K previous  y copy  Y path  ? help  esc close
    "#);
    assert_snapshot!(styles(&drawn), @"
     g BBBBBBBBBBB                                                   ~~~~~~~~~~~~~~
    ~~~~~~~~~~~~cccc~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~
    ~ c #                                                                          ~
    ~c  c ccc YY                                                                   ~
    ~c  c cccc ~                                                                   ~
    ~c    c cccccc GGGGG                                                           ~
    ~c    c ccccc YYYYYYY                                                          ~
    ~c    c cccc GGGGGG                                                            ~
    ~     c cc yyyyyyyyyyyyyyyyyyyy                                                ~
    ~                                                                              ~
    ~                                                                              ~
    ~                                                                              ~
    ~                                                                              ~
    ~                                                                              ~
    ~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~
     BBB~              ~~B~    ~~B~        ~~B~    ~~B~    ~~B~    ~~BBB~
    ");
    press(&mut app, "jj→→j");
    assert_eq!(press(&mut app, "y"), Some(Effect::Copy("2519.25".to_owned())));
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
    assert_snapshot!(shown(&app, 80, 12), @r#"
     ● 1 feed live                                                   12:04:31+08:00
    ╭─ trades · written out · 12:04:30.000 · data · 90 B ──────────────────────────╮
    │ {                                                                            │
    │   "seq": 19,                                                                 │
    │   "data": {                                                                  │
    │     "symbol": "ETH",                                                         │
    │     "price": 2519.25,                                                        │
    │     "side": "sell",                                                          │
    │     "id": 12345678901234567890                                               │
    │   }                                                                          │
    ╰──────────────────────────────────────────────────────────────────────────────╯
     tab tree, raw, hex  J next  K previous  y copy  Y path  ? help  esc close
    "#);
    press(&mut app, "3");
    assert_snapshot!(shown(&app, 60, 12), @r#"
     ● 1 feed live                               12:04:31+08:00
    ╭─ trades · raw · 12:04:30.000 · data · 90 B ──────────────╮
    │ {"seq":19,"data":{"symbol":"ETH","price":2519.25,"side":…│
    │                                                          │
    │                                                          │
    │                                                          │
    │                                                          │
    │                                                          │
    │                                                          │
    │                                                          │
    ╰──────────────────────────────────────────────────────────╯
     tab tree, raw, hex  J next  K previous  ? help  esc close
    "#);
    press(&mut app, "⇥");
    assert_snapshot!(shown(&app, 80, 10), @r#"
     ● 1 feed live                                                   12:04:31+08:00
    ╭─ trades · hex · 12:04:30.000 · data · 90 B ──────────────────────────────────╮
    │ 00000000  7b 22 73 65 71 22 3a 31 39 2c 22 64 61 74 61 22  {"seq":19,"data"  │
    │ 00000010  3a 7b 22 73 79 6d 62 6f 6c 22 3a 22 45 54 48 22  :{"symbol":"ETH"  │
    │ 00000020  2c 22 70 72 69 63 65 22 3a 32 35 31 39 2e 32 35  ,"price":2519.25  │
    │ 00000030  2c 22 73 69 64 65 22 3a 22 73 65 6c 6c 22 2c 22  ,"side":"sell","  │
    │ 00000040  69 64 22 3a 31 32 33 34 35 36 37 38 39 30 31 32  id":123456789012  │
    │ 00000050  33 34 35 36 37 38 39 30 7d 7d                    34567890}}        │
    ╰──────────────────────────────────────────────────────────────────────────────╯
     tab tree, raw, hex  J next  K previous  y copy  Y path  ? help  esc close
    "#);
    assert_snapshot!(shown(&app, 40, 10), @"
     ● 1 feed live           12:04:31+08:00
    ╭─ trades · hex · 12:04:30.000 · data ─╮
    │ 00000000  7b 22 73 65 71 22 3a 31 39…│
    │ 00000010  3a 7b 22 73 79 6d 62 6f 6c…│
    │ 00000020  2c 22 70 72 69 63 65 22 3a…│
    │ 00000030  2c 22 73 69 64 65 22 3a 22…│
    │ 00000040  69 64 22 3a 31 32 33 34 35…│
    │ 00000050  33 34 35 36 37 38 39 30 7d…│
    ╰──────────────────────────────────────╯
     tab tree, raw, hex  ? help  esc close
    ");
    let message = r#"{"seq":19,"data":{"symbol":"ETH","price":2519.25,"side":"sell","id":12345678901234567890}}"#;
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
    assert_snapshot!(text(&drawn), @"
     ● 1 feed live                                                                       12:04:31+08:00
    ╭─ trades · latest values by .data.symbol, 2 rows ─────────────────────────────────────────────────╮
    │ symbol                           price      change            id           seq     age     count │
    │ BTC                            42018.5        +2.0 123456789012…            18    2.0s        10 │
    │ ETH                            2519.25       +2.00 123456789012…            19    1.0s        10 │
    │                                                                                                  │
    │                                                                                                  │
    │                                                                                                  │
    │                                                                                                  │
    │                                                                                                  │
    ╰──────────────────────────────────────────────────────────────────────────────────────────────────╯
     c key  → value  o sort  enter inspect  ? help  esc close
    ");
    assert_snapshot!(styles(&drawn), @"
     g BBBBBBBBBBB                                                                       ~~~~~~~~~~~~~~
    ~~~~~~~~~~~~~~~~~~~~~~~~~~ccccccccccccccccccccccc~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~
    ~ ~~~~~~                           BBBBB      ~~~~~~            ~~           ~~~     ~~~     ~~~~~ ~
    ~ ########################       yyyyyyy        gggg yyyyyyyyyyyyy            yy    ~~~~        ~~ ~
    ~                                yyyyyyy       ggggg yyyyyyyyyyyyy            yy    ~~~~        ~~ ~
    ~                                                                                                  ~
    ~                                                                                                  ~
    ~                                                                                                  ~
    ~                                                                                                  ~
    ~                                                                                                  ~
    ~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~
     B~   ~~B~     ~~B~    ~~BBBBB~       ~~B~    ~~BBB~
    ");
    assert_snapshot!(shown(&app, 40, 8), @"
     ● 1 feed live           12:04:31+08:00
    ╭─ trades · latest values by .data.s… ─╮
    │ symbol                 price     age │
    │ BTC                  42018.5    2.0s │
    │ ETH                  2519.25    1.0s │
    │                                      │
    ╰──────────────────────────────────────╯
     c key  → value  ? help  esc close
    ");
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
    assert!(shown(&empty, 80, 12).contains("no message yet: the feed has not been dialed"));
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
    assert!(shown(&app, 100, 30).contains("1,249,801 more"), "{}", shown(&app, 100, 30));
    press(&mut app, "2G");
    assert!(shown(&app, 100, 30).contains("the first 200,000 rows"), "{}", shown(&app, 100, 30));
    press(&mut app, "3G");
    assert!(shown(&app, 100, 30).contains("1234567,0]}"), "{}", shown(&app, 100, 30));
    press(&mut app, "4G");
    assert!(shown(&app, 100, 30).contains("0]}"), "{}", shown(&app, 100, 30));
    press(&mut app, "1y");
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
