//! Screens, cell by cell: what stands where, in which style, at every size, whatever a server sends.
#![expect(clippy::unwrap_used, reason = "a test may")]

mod support;

use std::time::Duration;

use insta::assert_snapshot;
use proptest::prelude::*;
use ratatui::buffer::Buffer;
use support::{
    NOW, alone, at, buffer, calm, info, look, message, minute, open, outage, press, secs, shown, styles, tell, text,
    trouble,
};
use wirebeat::app::keymap::Action;
use wirebeat::app::{App, Look};
use wirebeat::event::{
    By, Due, Event, Fault, FaultState, FeedId, Phase, Phases, ServiceId, ServiceState, Snapshot, Why,
};
use wirebeat::say::Lang;
use wirebeat::text::width;

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
    snapshot.why = Some(Why::Storm { times: 3, last: Box::new(last), rival: false });
}

fn paused(snapshot: &mut Snapshot) {
    snapshot.phase = Phase::Paused;
    snapshot.opened = None;
    snapshot.since = at(NOW - 75.0);
    snapshot.due = None;
}

#[test]
fn all_is_well() {
    assert_snapshot!(shown(&calm(), 118, 21), @"
     ● 6 feeds live                                                                                       12:04:31 +08:00
    ╭─ feeds, in your order ──────────────────────────────────────────────────────────────────────────────────── o sort ─╮
    │     feed    state        next             svc     rate    last  lag 50/99 ms  gaps  60 s ago                   now │
    │ ▸ ● market  LIVE         beat if 30s idle ●●     145/s    0.0s        3 / 21     0  ▆▄▅▆▄▅▆▄▅▆▄▅▆▄▅▆▄▅▆▄▅▆▄▅▆▄▅▆▄▃ │
    │   ● binance LIVE         beat if 30s idle ●●      61/s    0.0s        3 / 21     0  ▆▅▅▆▅▅▆▅▅▆▅▅▆▅▅▆▅▅▆▅▅▆▅▅▆▅▅▆▅▃ │
    │   ● orders  LIVE         beat if 30s idle ●●       3/s    0.0s        3 / 21     0  ▆▄▅▆▄▅▆▄▅▆▄▅▆▄▅▆▄▅▆▄▅▆▄▅▆▄▅▆▄▃ │
    │   ● chat    LIVE         beat if 30s idle ●●       2/s    0.0s        3 / 21     0  ▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▄ │
    │   ● device  LIVE         beat if 30s idle ●●       1/s    0.0s        3 / 21     0  ▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄╷ │
    │   ● kraken  LIVE         beat if 30s idle ●●      12/s    0.0s        3 / 21     0  ▅▄▄▅▄▄▅▄▄▅▄▄▅▄▄▅▄▄▅▄▄▅▄▄▅▄▄▅▄▂ │
    ├─ market ───────────────────────────────────┬─ 业务1 · 4 of 141/s shown, all counted ────────────────────── z zoom ─┤
    │ 1 ● 业务1   live     141/s   0.0s   3 / 21 │ 8,483 counted, and none of them is kept                               │
    │ 2 ● 业务2   live     3.6/s   0.0s   3 / 21 │                                                                       │
    │ beat      beat if 30s idle                 │                                                                       │
    │ link      open 16m30s · rtt 4.1 ms · 0 B   │                                                                       │
    │ outage    none                             ├─ 业务2 · 3.6/s ───────────────────────────────────────────────────────┤
    │                                            │ 217 counted, and none of them is kept                                 │
    │ rate    ▇▇▇▇▇▇▇▇▇▇▇▇     0..200/s    145/s │                                                                       │
    │ lag     ▆▆▆▁▆▆▁▆▆▆▁▆     0..30 ms   3.0 ms │                                                                       │
    │ rtt     ▇▇▇▇▇▇▇▇▇▇▇▇    0..5.0 ms   4.1 ms │                                                                       │
    ╰────────────────────────────────────────────┴───────────────────────────────────────────────────────────────────────╯
     1-9 toggle · tab pane · enter inspect · / filter · f freeze · z zoom · t outages · : all · ? help · q quit
    ");
}

#[test]
fn three_of_six_in_trouble() {
    assert_snapshot!(shown(&trouble(), 118, 24), @r#"
     ✕ 3 of 6 need you · chat down 22s: TCP ended; dial 3: HTTP 503 · not us                     1 paused  12:04:31+08:00
    ╭─ trouble, worst first ──────────────────────────────────────────────────────────────────── a acknowledge · m mute ─╮
    │ ↻ chat       22s  TCP ended without a close frame; dials 1-2: refused, 3: HTTP 503                dial 4 in   3.2s │
    │ ◆ orders     33s  no byte for 33.2s; our beat is unanswered for 3.2s of 10s                         dead in   6.8s │
    │ ! binance    48s  btc@trade silent for 48s, usually ≤ 2.1s; the link and 2 other services are fine                 │
    ├─ feeds, in your order ──────────────────────────────────────────────────────────────────────────────────── o sort ─┤
    │     feed    state        next             svc     rate    last  lag 50/99 ms  gaps  60 s ago                   now │
    │ ▸ ● market  LIVE         beat if 30s idle ●●     145/s    0.0s        3 / 21     0  ▆▄▅▆▄▅▆▄▅▆▄▅▆▄▅▆▄▅▆▄▅▆▄▅▆▄▅▆▄▃ │
    │   ! binance DEGRADED 2/3 dead if 60s idle !●●     61/s    0.0s        3 / 21     0  ▆▅▅▆▅▅▆▅▅▆▅▅▆▅▅▆▅▅▆▅▅▆▅▅▆▅▅▆▅▃ │
    │   ◆ orders  PROBING      dead in 6.8s     ··       0/s     33s        3 / 21     –  ▄▄▄▄▄▄▄▄▄▄▄▄╷______________♡__ │
    │   ↻ chat    RETRY 3      dial 4 in 3.2s   ··       0/s     22s             –     ?  ▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇✕xx  x       │
    │   ● device  LIVE         beat in 18.2s    ●      6/min     11s     140 / 160     0  ___╷____╷____╷____╷____╷______ │
    │   ‖ kraken  PAUSED       by you, 15m00s   ○○            15m00s             –     –                                 │
    ├─ market ───────────────────────────────────┬─ 业务1 · 3 of 141/s shown, all counted ────────────────────── z zoom ─┤
    │ 1 ● 业务1   live     141/s   0.0s   3 / 21 │ 12:04:30.963  {"service":"业务1","seq":8809,"data":{"price":101.25,"… │
    │ 2 ● 业务2   live     3.6/s   0.0s   3 / 21 │ 12:04:30.970  {"service":"业务1","seq":8810,"data":{"price":101.25,"… │
    │ beat      beat if 30s idle                 │ 12:04:30.977  {"service":"业务1","seq":8811,"data":{"price":101.25,"… │
    │ link      open 16m30s · rtt 4.1 ms · 0 B   ├─ 业务2 · 3.6/s ───────────────────────────────────────────────────────┤
    │ outage    none                             │ 12:04:30.600  {"service":"业务2","type":"notice","text":"行情更新"}   │
    │                                            │                                                                       │
    │                                            │                                                                       │
    │                                            │                                                                       │
    ╰────────────────────────────────────────────┴───────────────────────────────────────────────────────────────────────╯
     1-9 toggle · tab pane · enter inspect · / filter · f freeze · z zoom · t outages · : all · ? help · q quit
    "#);
}

#[test]
fn three_of_six_in_trouble_on_a_small_terminal() {
    let buffer = buffer(&trouble(), NOW, 80, 24);
    assert_snapshot!(text(&buffer), @r#"
     ✕ 3 of 6 need you · chat down 22s: TCP ended · not us                 1 paused
    ╭─ feeds ──────────────────────────────────────────────────────── 68 s to now ─╮
    │▸● market  LIVE     beat if 30s idle ●●   145/s   0.0s    0  ▄▅▅▆▅▅▆▅▅▆▅▅▆▅▅▂ │
    │ ! binance DEGR 2/3 dead if 60s idle !●●   61/s   0.0s    0  ▄▄▄▅▄▄▅▄▄▅▄▄▅▄▄▁ │
    │ ◆ orders  PROBING  dead in    6.8s  ··     0/s    33s    –  ▅▇▇▇▇▇▅_______♡_ │
    │ ↻ chat    RETRY 3  dial 4 in  3.2s  ··     0/s    22s    ?  ▅▇▇▇▇▇▇▇▇✕x x    │
    │ ● device  LIVE     beat in   18.2s  ●    6/min    11s    0 ___╷_╷__╷_╷__╷___ │
    │ ‖ kraken  PAUSED   by you,  15m00s  ○○         15m00s    –                   │
    ├─ why ──────────────────────────────────────────────────────────── t outages ─┤
    │ ↻ chat       22s  TCP ended; dial 3: HTTP 503                                │
    │ ◆ orders     33s  no byte for 33.2s; our beat is unanswered for 3.2s of 10s  │
    │ ! binance    48s  btc@trade silent for 48s, usually ≤ 2.1s; the link and 2 … │
    ├─ market ────────────────────────────────────────────────────────── tab pane ─┤
    │ 1 ● 业务1      141/s   0.0s   3 / 21   2 ● 业务2      3.6/s   0.0s   3 / 21  │
    ├─ 业务1 · 7 of 141/s shown, all counted ───────────────────────── +1 more: → ─┤
    │ 30.935  {"service":"业务1","seq":8805,"data":{"price":101.25,"qty":3,"side"… │
    │ 30.942  {"service":"业务1","seq":8806,"data":{"price":101.25,"qty":3,"side"… │
    │ 30.949  {"service":"业务1","seq":8807,"data":{"price":101.25,"qty":3,"side"… │
    │ 30.956  {"service":"业务1","seq":8808,"data":{"price":101.25,"qty":3,"side"… │
    │ 30.963  {"service":"业务1","seq":8809,"data":{"price":101.25,"qty":3,"side"… │
    │ 30.970  {"service":"业务1","seq":8810,"data":{"price":101.25,"qty":3,"side"… │
    │ 30.977  {"service":"业务1","seq":8811,"data":{"price":101.25,"qty":3,"side"… │
    ╰──────────────────────────────────────────────────────────────────────────────╯
     1-9 toggle  tab pane  enter inspect  / filter  : all  ? help  q quit
    "#);
    assert_snapshot!(styles(&buffer), @"
     R BBBBBBBBBBBBBBB~~~                        ~~~                       ~~~~~~~~
    ~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~
    ~BGBBBBBBBBBGGGGBBBBB~~~~~~~~~~~~~~~~BGGBBBBBBBBBBBBBBBBBBBBBBGGGGGGGGGGGGGGGGB~
    ~ Y         YYYYYYYY ~~~~~~~~~~~~~~~~ Ygg                     gggggggggggggggg ~
    ~ M         MMMMMMM             MMMM  ~~                      ggggggg~~~~~~~c~ ~
    ~ R         RRRRRRR             BBBB  ~~                      gggggggggRR R    ~
    ~ g         gggg               BBBBB  g                      ~~~g~g~~g~g~~g~~~ ~
    ~ ~ ~~~~~~  ~~~~~~   ~~~~~~~  ~~~~~~  ~~         ~~~~~~    ~                   ~
    ~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~
    ~ R BBBB                                                                       ~
    ~ M BBBBBB                                                                     ~
    ~ Y BBBBBBB                                                                    ~
    ~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~
    ~ c g BBB                              c g                                 ~
    ~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~
    ~ ~~~~~~  ~ccccccccc~ggggg~ccccc~yyyy~cccccc~~ccccccc~yyyyyy~ccccc~y~cccccc~ ~
    ~ ~~~~~~  ~ccccccccc~ggggg~ccccc~yyyy~cccccc~~ccccccc~yyyyyy~ccccc~y~cccccc~ ~
    ~ ~~~~~~  ~ccccccccc~ggggg~ccccc~yyyy~cccccc~~ccccccc~yyyyyy~ccccc~y~cccccc~ ~
    ~ ~~~~~~  ~ccccccccc~ggggg~ccccc~yyyy~cccccc~~ccccccc~yyyyyy~ccccc~y~cccccc~ ~
    ~ ~~~~~~  ~ccccccccc~ggggg~ccccc~yyyy~cccccc~~ccccccc~yyyyyy~ccccc~y~cccccc~ ~
    ~ ~~~~~~  ~ccccccccc~ggggg~ccccc~yyyy~cccccc~~ccccccc~yyyyyy~ccccc~y~cccccc~ ~
    ~ ~~~~~~  ~ccccccccc~ggggg~ccccc~yyyy~cccccc~~ccccccc~yyyyyy~ccccc~y~cccccc~ ~
    ~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~
     BBB~      ~~BBB~    ~~BBBBB~       ~~B~      ~~B~   ~~B~    ~~B~
    ");
}

/// The steps of the dial have a row of the detail, and on the screen of a single feed what is left of the link's.
#[test]
fn the_steps_of_the_dial_are_shown() {
    let took = |ms: [u64; 5]| {
        let [dns, tcp, proxy, tls, upgrade] = ms.map(|ms| (ms > 0).then(|| Duration::from_millis(ms)));
        Phases { dns, tcp, proxy, tls, upgrade }
    };
    let row = |shown: &str, part: &str| shown.lines().find(|line| line.contains(part)).unwrap_or(shown).to_owned();
    for (phases, wide, narrow) in [
        (took([0, 1, 0, 0, 2]), "dial      TCP 1.0 · upgrade 2.0 ms", "dial TCP 1.0 · upgrade 2.0 ms"),
        (took([2, 11, 0, 24, 18]), "dial      55 ms, TLS 24 ms", "dial 55 ms, TLS 24 ms"),
    ] {
        let open = || [(NOW, Event::Open { phases, address: None, subprotocol: None, extensions: None })];
        let mut many = calm();
        tell(&mut many, 0, open());
        let screen = shown(&many, 118, 21);
        assert!(row(&screen, "dial   ").contains(wide), "{screen}");
        let mut one = App::new(vec![info(0, "market", &["业务1"])], look());
        minute(&mut one, 0, 5, NOW, &support::open(NOW, &["业务1"]));
        tell(&mut one, 0, open());
        let screen = shown(&one, 80, 24);
        assert!(row(&screen, " · dial ").contains(narrow), "{screen}");
        let screen = shown(&one, 118, 24);
        let whole = wirebeat::say::steps(Lang::En, &phases);
        assert!(row(&screen, " · dial ").contains(&whole), "{screen}");
    }
}

#[test]
fn forty_columns_and_ten_rows() {
    assert_snapshot!(shown(&trouble(), 40, 10), @r#"
     ✕ chat down 22s: TCP ended · and 2 more
    ▸● market  LIVE     beat if 30s idle
     ! binance DEGR 2/3 dead if 60s idle
     ◆ orders  PROBING  dead in    6.8s
     ↻ chat    RETRY 3  dial 4 in  3.2s
     ● device  LIVE     beat in   18.2s
     ‖ kraken  PAUSED   by you,  15m00s
    30.970  {"service":"业务1","seq":8810,…
    30.977  {"service":"业务1","seq":8811,…
     1-9 toggle  : all  ? help  q quit
    "#);
}

#[test]
fn one_feed_counts_down_to_its_beat() {
    let app = alone(|snapshot| snapshot.due = Some((Due::Beat, at(NOW - 11.8), at(NOW + 18.2))));
    assert_snapshot!(shown(&app, 100, 24), @r#"
     ● 1 feed live                                                                      12:04:31 +08:00
    ╭─ market · ws://market.example/stream ───────────────────────────────────────────────── tab pane ─╮
    │ ● LIVE  rate 3/s   last 0.0s   lag 50/99 ms 3 / 21   gaps 0                                      │
    │                                    ▂▄▅▇▄▅▇▄▅▇▄▅▇▄▅▇▄▅▇▄▅▇▄▅▇▄▅▇▄▅▇▄▅▇▄▅▇▄▅▇▄▅▇▄▅▇▄▅▇▄▅▇▄▅▇▄▅▇▄▅▅ │
    │ beat      ███████████████░░░░░░░░░░░░░░░░░░░░░░░░░  beat in 18.2s of 30s                         │
    │ link      open 16m30s · rtt 4.1 ms · 0 B                                                         │
    │ outage    none                                                                                   │
    │ 1 ● 业务1       live       3/s   0.0s   3 / 21   2 ● 业务2       live   4.4/min   0.0s   3 / 21  │
    │ 60 s to now                                                       now      p50      p99      max │
    │ rate             ▇▇▅▇▇▅▇▇▅▇▇▅▇▇▅▇▇▅▇▇▅▇▇▅▇▇▅▇▇▅       0..5/s      3/s      3/s      4/s      4/s │
    │ lag              ▆▁▁▆▁▁▁▆▁▁▆▁▁▁▆▁▁▆▁▁▁▆▁▁▆▁▁▁▆▁     0..30 ms   3.0 ms   3.0 ms    20 ms    21 ms │
    │ rtt, n 12                          ▇▇▇▇▇▇▇▇▇▇▇▇    0..5.0 ms   4.1 ms   4.0 ms   4.1 ms   4.1 ms │
    ├─ 业务1 · 3/s ─────────────────────────────────────────────────────────────────────────── z zoom ─┤
    │ 12:04:28.000  {"service":"业务1","price":101.25}                                                 │
    │                                                                                                  │
    │                                                                                                  │
    │                                                                                                  │
    ├─ 业务2 · 4.4/min ────────────────────────────────────────────────────────────────────────────────┤
    │ 12:04:29.000  {"service":"业务2","text":"行情更新"}                                              │
    │                                                                                                  │
    │                                                                                                  │
    │                                                                                                  │
    ╰──────────────────────────────────────────────────────────────────────────────────────────────────╯
     1-9 toggle · tab pane · enter inspect · / filter · f freeze · z zoom · : all · ? help · q quit
    "#);
}

#[test]
fn what_compression_spares_is_shown() {
    let mut app = alone(|snapshot| {
        snapshot.counters.wire = 61_000;
        snapshot.counters.payload = 1_411_053;
        snapshot.counters.bytes = 1_400_000;
    });
    let line = |app: &App, mark: &str| shown(app, 100, 24).lines().find(|line| line.contains(mark)).map(str::to_owned);
    assert!(line(&app, "link ").unwrap().contains(" · 1.3 MiB "));
    let phases = Phases::default();
    let extensions = Some("permessage-deflate".to_owned());
    tell(&mut app, 0, [(NOW, Event::Open { phases, address: None, subprotocol: None, extensions })]);
    let link = line(&app, "link ").unwrap();
    assert!(link.contains(" · deflate 23.1x (59 KiB wire / 1.3 MiB) "), "{link}");
    app.look.lang = Lang::ZhCn;
    let link = line(&app, "连接 ").unwrap();
    assert!(link.contains(" · 压缩 23.1 倍（线上 59 KiB / 1.3 MiB）"), "{link}");
}

#[test]
fn one_feed_in_each_state_of_a_bad_day() {
    assert_snapshot!(shown(&alone(probing), 80, 16), @r#"
     ◆ market connected, not answering for 3.2s                      12:04:31+08:00
    ╭─ why ──────────────────────────────────────────────────────────── t outages ─╮
    │ ◆ market    33s  no byte for 33.2s; our beat is unanswered for 3.2s of 10s   │
    ├─ market · ws://market.example/stream ───────────────────────────── tab pane ─┤
    │ ◆ PROBING  rate 3/s   last 0.0s   lag 50/99 ms 3 / 21   gaps 0               │
    │                ▁▂▃▄▂▃▄▂▃▄▂▃▄▂▃▄▂▃▄▂▃▄▂▃▄▂▅▄▂▃▄▂▃▄▂▃▄▂▃▄▂▃▄▂▃▄▂▃▄▂▃▄▂▃▄▂▃▄▂▃_ │
    │ answer    ████████████░░░░░░░░░░░░░░░░░░░░░░░░░░░░  dead in 6.8s of 10s      │
    │ link      open 16m30s · rtt 4.1 ms · 0 B                                     │
    │ outage    none                                                               │
    │ 1 · 业务1        3/s   0.0s   3 / 21   2 · 业务2    4.4/min   0.0s   3 / 21  │
    ├─ 业务1 · 3/s ─────────────────────────────────────────────────── +1 more: → ─┤
    │ 28.000  {"service":"业务1","price":101.25}                                   │
    │                                                                              │
    │                                                                              │
    ╰──────────────────────────────────────────────────────────────────────────────╯
     1-9 toggle  tab pane  enter inspect  / filter  : all  ? help  q quit
    "#);
    assert_snapshot!(shown(&alone(waiting), 80, 16), @r#"
     ✕ market down 22s: TCP ended without a close frame              12:04:31+08:00
    ╭─ why ──────────────────────────────────────────────────────────── t outages ─╮
    │ ↻ market    22s  TCP ended without a close frame                             │
    ├─ market · ws://market.example/stream ───────────────────────────── tab pane ─┤
    │ ↻ RETRY 3  attempt 4  rate 0/s   last 0.0s   lag 50/99 ms 3 / 21   gaps ?    │
    │                ▂▄▅▇▄▅▇▄▅▇▄▅▇▄▅▇▄▅▇▄▅▇▄▅▇▄▅▇▄▅▇▄▅▇▄▅▇▄▅▇▄▅▇▄▅▇▄▅▇▄▅▇▄▅▇▄▅▇▄▅▅ │
    │ next dial █████████░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░  dial 4 in 3.2s of 4.2s   │
    │ link      RETRY 3 · rtt 4.1 ms · 0 B                                         │
    │ outage    22s: TCP ended without a close frame                               │
    │ 1 · 业务1        0/s   0.0s   3 / 21   2 · 业务2        0/s   0.0s   3 / 21  │
    ├─ 业务1 · 0/s ─────────────────────────────────────────────────── +1 more: → ─┤
    │ 28.000  {"service":"业务1","price":101.25}                                   │
    │                                                                              │
    │                                                                              │
    ╰──────────────────────────────────────────────────────────────────────────────╯
     1-9 toggle  tab pane  enter inspect  / filter  : all  ? help  q quit
    "#);
    assert_snapshot!(shown(&alone(stopped), 80, 16), @r#"
     ✕ market STOPPED 1m15s: close 4001 code of this service, 3x     12:04:31+08:00
    ╭─ why ──────────────────────────────────────────────────────────── t outages ─╮
    │ ✕ market  1m15s  3 links in a row ended right after opening, the last one: … │
    ├─ market · ws://market.example/stream ───────────────────────────── tab pane ─┤
    │ ✕ STOPPED  attempt 1  rate 0/s   last 0.0s   lag 50/99 ms 3 / 21   gaps ?    │
    │                ▂▄▅▇▄▅▇▄▅▇▄▅▇▄▅▇▄▅▇▄▅▇▄▅▇▄▅▇▄▅▇▄▅▇▄▅▇▄▅▇▄▅▇▄▅▇▄▅▇▄▅▇▄▅▇▄▅▇▄▅▅ │
    │ next      r to dial, 1m15s                                                   │
    │ link      STOPPED · rtt 4.1 ms · 0 B                                         │
    │ outage    none                                                               │
    │ 1 · 业务1        0/s   0.0s   3 / 21   2 · 业务2        0/s   0.0s   3 / 21  │
    ├─ 业务1 · 0/s ─────────────────────────────────────────────────── +1 more: → ─┤
    │ 28.000  {"service":"业务1","price":101.25}                                   │
    │                                                                              │
    │                                                                              │
    ╰──────────────────────────────────────────────────────────────────────────────╯
     1-9 toggle  tab pane  enter inspect  / filter  : all  ? help  q quit
    "#);
    assert_snapshot!(shown(&alone(paused), 80, 16), @r#"
     ‖ 1 paused by you                                               12:04:31+08:00
    ╭─ market · ws://market.example/stream ───────────────────────────── tab pane ─╮
    │ ‖ PAUSED  attempt 1  rate 0/s   last 0.0s   lag 50/99 ms 3 / 21   gaps ?     │
    │                ▂▄▅▇▄▅▇▄▅▇▄▅▇▄▅▇▄▅▇▄▅▇▄▅▇▄▅▇▄▅▇▄▅▇▄▅▇▄▅▇▄▅▇▄▅▇▄▅▇▄▅▇▄▅▇▄▅▇▄▅▅ │
    │ next      by you, 1m15s · d resumes                                          │
    │ link      PAUSED · rtt 4.1 ms · 0 B                                          │
    │ outage    none                                                               │
    │ 1 · 业务1        0/s   0.0s   3 / 21   2 · 业务2        0/s   0.0s   3 / 21  │
    ├─ 业务1 · 0/s ─────────────────────────────────────────────────── +1 more: → ─┤
    │ 28.000  {"service":"业务1","price":101.25}                                   │
    │                                                                              │
    │                                                                              │
    │                                                                              │
    │                                                                              │
    ╰──────────────────────────────────────────────────────────────────────────────╯
     1-9 toggle  tab pane  enter inspect  / filter  : all  ? help  q quit
    "#);
}

#[test]
fn the_help_comes_from_the_keys() {
    let mut app = calm();
    press(&mut app, "?");
    assert_snapshot!(shown(&app, 100, 40), @"
     ● 6 feeds live                                                                     12:04:31 +08:00
    ╭─ feeds, in yo╭─ help ────────────────────────────────────────────────────────────╮────── o sort ─╮
    │     feed    s│       1-9  switch the n-th service of the selected feed on or off │           now │
    │ ▸ ● market  L│     space  switch the selected service on or off                  │▇▇▇▇▇▇▇▇▇▇▇▇▇▅ │
    │   ● binance L│         S  only the selected service; again: all as before        │█████████████▅ │
    │   ● orders  L│         s  send a message to the selected feed                    │█████████████▅ │
    │   ● chat    L│       tab  next pane: feeds, services, messages                   │▅▅▅▅▅▅▅▅▅▅▅▅▅▄ │
    │   ● device  L│ shift-tab  previous pane                                          │▅▅▅▅▅▅▅▅▅▅▅▅▅▄ │
    │   ● kraken  L│       ↓ j  down in the pane that has the focus                    │▆▆▆▆▆▆▆▆▆▆▆▆▆▄ │
    ├─ market ─────│       ↑ k  up                                                     │ed ─── z zoom ─┤
    │ 1 ● 业务1   l│       → l  next service of the feed                               │pt             │
    │ 2 ● 业务2   l│       ← h  previous service                                       │               │
    │ beat      bea│      pgdn  a page down                                            │               │
    │ link      ope│      pgup  a page up                                              │               │
    │ outage    non│    ctrl-d  half a page down                                       │               │
    │              │    ctrl-u  half a page up                                         │               │
    │ 60 s to now  │    g home  to the first                                           │               │
    │ rate         │     G end  to the last, and follow                                │               │
    │          ▇▇▇▇│     enter  look into the selected message, or the newest          │               │
    │ lag          │         /  filter: words, /regex/, .price > 100, kind:data, !not  │               │
    │          ▁▆▁▁│         n  next match                                             │               │
    │ rtt, n 12    │         N  previous match                                         │               │
    │              │       esc  leave selection, zoom, frozen view or filter           │               │
    │              │         v  the latest value of each symbol, device or room        │───────────────┤
    │              │         c  choose the columns of messages                         │               │
    │              │         D  time from the selected message, shown or hidden        │               │
    │              │       f p  freeze the view; the feed goes on                      │               │
    │              │         z  the selected service on the whole screen, and back     │               │
    │              │         t  the outages of all feeds, explained                    │               │
    │              │         i  rates, delays and round trips                          │               │
    │              │         r  dial now (asks on an open link)                        │               │
    │              │         d  disconnect (asks on an open link), or resume           │               │
    │              │         o  sort the feeds: trouble, rate, name, your order        │               │
    │              │         a  acknowledge the selected feed's trouble and alarms     │               │
    │              │         m  mute the selected feed's trouble, or no longer         │               │
    │              │         x  inject faults into the selected feed, or end them      │               │
    │              │         H  heartbeats and control frames shown or hidden          │               │
    │              │         M  the mouse clicks here, or selects the terminal's text  │               │
    ╰──────────────╰───────────────────────────────────────────────────────and 11 more─╯───────────────╯
     esc close · ↓ scroll
    ");
    let mut app = calm();
    app.look.lang = Lang::ZhCn;
    press(&mut app, "？");
    assert_snapshot!(shown(&app, 80, 14), @"
     ● 6 个数据源正常                                                12:04:31+08:00
    ╭─ 数据 ╭─ 帮助 ──────────────────────────────────────────────────────╮ 68 秒 ─╮
    │▸● mark│       1-9  开关所选数据源的第 n 个业务                      │▆▅▅▆▅▅▂ │
    │ ● bina│     space  开关所选的业务                                   │▅▄▄▅▄▄▁ │
    │ ● orde│         S  只开所选业务，再按恢复                           │▆▅▅▆▅▅▂ │
    │   第 1│         s  向所选数据源发送消息                             │        │
    ├─ marke│       tab  下一个窗格：数据源、业务、消息                   │b 窗格 ─┤
    │ 1 ● 业│ shift-tab  上一个窗格                                       │3 / 21  │
    ├─ 业务1│       ↓ j  在当前窗格中向下                                 │ 个：→ ─┤
    │ 已计数│       ↑ k  向上                                             │        │
    │       │       → l  该数据源的下一个业务                             │        │
    │       │       ← h  上一个业务                                       │        │
    ╰───────╰──────────────────────────────────────────────────另有 37 个─╯────────╯
     esc 关闭  ↓ 滚动
    ");
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
    assert_snapshot!(shown(&app, 80, 20), @"
     ● 6 feeds live                                                  12:04:31+08:00
    ╭─ 2 outages of 2 feeds ───────────────────────────────────────────────────────╮
    │ market                                                       ▄▄▄✕    1 × 22s │
    │ orders                                                       ▄▄▄▄    1 × 12s │
    │        20m to now                                                            │
    ├─ newest first ───────────────────────────────────────────────────────────────┤
    │    began    feed    lasted  missed  why                                      │
    │▸ ● 12:04:09 market     22s       ?  10.0.0.7:443 refused the connection      │
    │  · 11:59:31 orders     12s      12  no answer in 10s                         │
    │                                                                              │
    │                                                                              │
    │                                                                              │
    ├─ market · outage 1 ──────────────────────────────────────────────────────────┤
    │ why     10.0.0.7:443 refused the connection                                  │
    │ began   12:04:09.000                                                         │
    │ lasted  22s so far                                                           │
    │ dials   3                                                                    │
    │ missed  not known yet                                                        │
    ╰──────────────────────────────────────────────────────────────────────────────╯
     enter open  ↓ select  esc close
    ");
}

#[test]
fn a_frozen_view_says_so_and_what_waits() {
    let mut app = alone(|_| {});
    press(&mut app, "f");
    let late = (0..1234_u32).map(|n| message(Some(0), NOW, &format!("late {n}")));
    tell(&mut app, 0, late);
    assert_snapshot!(shown(&app, 80, 20), @r#"
     ● 1 feed live                                                   12:04:31+08:00
    ╭─ market · ws://market.example/stream ───────────────────────────── tab pane ─╮
    │ ● LIVE  rate 3/s   last 0.0s   lag 50/99 ms 3 / 21   gaps 0                  │
    │                ▂▄▅▇▄▅▇▄▅▇▄▅▇▄▅▇▄▅▇▄▅▇▄▅▇▄▅▇▄▅▇▄▅▇▄▅▇▄▅▇▄▅▇▄▅▇▄▅▇▄▅▇▄▅▇▄▅▇▄▅▅ │
    │ beat      beat if 30s idle                                                   │
    │ link      open 16m30s · rtt 4.1 ms · 0 B                                     │
    │ outage    none                                                               │
    │ 1 ● 业务1        3/s   0.0s   3 / 21   2 ● 业务2    4.4/min   0.0s   3 / 21  │
    ├─ 业务1 · frozen, +1,234 new · 3/s ────────────────────────────────── z zoom ─┤
    │ 28.000  {"service":"业务1","price":101.25}                                   │
    │                                                                              │
    │                                                                              │
    │                                                                              │
    ├─ 业务2 · frozen, +0 new · 4.4/min ───────────────────────────────────────────┤
    │ 29.000  {"service":"业务2","text":"行情更新"}                                │
    │                                                                              │
    │                                                                              │
    │                                                                              │
    ╰──────────────────────────────────────────────────────────────────────────────╯
     1-9 toggle  tab pane  enter inspect  / filter  : all  ? help  q quit
    "#);
}

#[test]
fn a_question_stands_over_the_panes_and_names_its_feed() {
    let mut app = trouble();
    press(&mut app, "r");
    assert_snapshot!(shown(&app, 80, 20), @r#"
     ✕ 3 of 6 need you · chat down 22s: TCP ended · not us                 1 paused
    ╭─ feeds ──────────────────────────────────────────────────────── 68 s to now ─╮
    │▸● market  LIVE     beat if 30s idle ●●   145/s   0.0s    0  ▄▅▅▆▅▅▆▅▅▆▅▅▆▅▅▂ │
    │ ! binance DEGR 2/3 dead if 60s idle !●●   61/s   0.0s    0  ▄▄▄▅▄▄▅▄▄▅▄▄▅▄▄▁ │
    │ ◆ orders  PROBING  dead in    6.8s  ··     0/s    33s    –  ▅▇▇▇▇▇▅_______♡_ │
    │ ↻ chat    RETRY 3  dial 4 in  3.2s  ··     0/s    22s    ?  ▅▇▇▇▇▇▇▇▇✕x x    │
    │ ● device  LIVE     beat in   18.2s  ●    6/min    11s    0 ___╷_╷__╷_╷__╷___ │
    │ ‖ kraken  PAUSED   by you,  15m00s  ○○         15m00s    –                   │
    ├─ why ───────────╭─ market ─────────────────────────────────╮───── t outages ─┤
    │ ↻ chat       22s│ The link is open. Drop it and dial anew? │                 │
    │ ◆ orders     33s│ y yes   n no                             │for 3.2s of 10s  │
    │ ! binance    48s╰──────────────────────────────────────────╯the link and 2 … │
    ├─ market ────────────────────────────────────────────────────────── tab pane ─┤
    │ 1 ● 业务1      141/s   0.0s   3 / 21   2 ● 业务2      3.6/s   0.0s   3 / 21  │
    ├─ 业务1 · 3 of 141/s shown, all counted ───────────────────────── +1 more: → ─┤
    │ 30.963  {"service":"业务1","seq":8809,"data":{"price":101.25,"qty":3,"side"… │
    │ 30.970  {"service":"业务1","seq":8810,"data":{"price":101.25,"qty":3,"side"… │
    │ 30.977  {"service":"业务1","seq":8811,"data":{"price":101.25,"qty":3,"side"… │
    ╰──────────────────────────────────────────────────────────────────────────────╯
     y yes  n no
    "#);
}

#[test]
fn a_filter_is_typed_in_the_last_line() {
    let mut app = trouble();
    press(&mut app, "/8807");
    assert_snapshot!(shown(&app, 80, 24), @r#"
     ✕ 3 of 6 need you · chat down 22s: TCP ended · not us                 1 paused
    ╭─ feeds ──────────────────────────────────────────────────────── 68 s to now ─╮
    │▸● market  LIVE     beat if 30s idle ●●   145/s   0.0s    0  ▄▅▅▆▅▅▆▅▅▆▅▅▆▅▅▂ │
    │ ! binance DEGR 2/3 dead if 60s idle !●●   61/s   0.0s    0  ▄▄▄▅▄▄▅▄▄▅▄▄▅▄▄▁ │
    │ ◆ orders  PROBING  dead in    6.8s  ··     0/s    33s    –  ▅▇▇▇▇▇▅_______♡_ │
    │ ↻ chat    RETRY 3  dial 4 in  3.2s  ··     0/s    22s    ?  ▅▇▇▇▇▇▇▇▇✕x x    │
    │ ● device  LIVE     beat in   18.2s  ●    6/min    11s    0 ___╷_╷__╷_╷__╷___ │
    │ ‖ kraken  PAUSED   by you,  15m00s  ○○         15m00s    –                   │
    ├─ why ──────────────────────────────────────────────────────────── t outages ─┤
    │ ↻ chat       22s  TCP ended; dial 3: HTTP 503                                │
    │ ◆ orders     33s  no byte for 33.2s; our beat is unanswered for 3.2s of 10s  │
    │ ! binance    48s  btc@trade silent for 48s, usually ≤ 2.1s; the link and 2 … │
    ├─ market ────────────────────────────────────────────────────────── tab pane ─┤
    │ 1 ● 业务1      141/s   0.0s   3 / 21   2 ● 业务2      3.6/s   0.0s   3 / 21  │
    ├─ 业务1 · hides 11 of 12: /8807 · 141/s ───────────────────────── +1 more: → ─┤
    │ 30.949  {"service":"业务1","seq":8807,"data":{"price":101.25,"qty":3,"side"… │
    │                                                                              │
    │                                                                              │
    │                                                                              │
    │                                                                              │
    │                                                                              │
    │                                                                              │
    ╰─ /8807█ hides the others ────────────────────────────────────────────────────╯
     tab hide or mark  ↑ earlier  ctrl-n saved  enter keep  esc drop
    "#);
}

#[test]
fn services_without_a_place_are_counted() {
    let names: Vec<_> = (0..40).map(|n| format!("service-{n}")).collect();
    let names: Vec<_> = names.iter().map(String::as_str).collect();
    let mut app = App::new(vec![info(0, "feed", &names)], look());
    app.see(FeedId(0), &open(NOW, &names));
    for n in 0..40 {
        for (width, height) in [(118, 40), (80, 24), (60, 20)] {
            let shown = shown(&app, width, height);
            let listed = (0..40).filter(|i| shown.contains(&format!("● service-{i} "))).count();
            assert!(shown.contains(&format!("● service-{n} ")), "{n}\n{shown}");
            assert!(shown.contains(&format!("and {} more", 40 - listed)), "{listed}\n{shown}");
        }
        press(&mut app, "l");
    }
}

#[test]
fn what_has_no_room_is_counted_and_the_selected_is_in_sight() {
    let names: Vec<_> = (0..40).map(|n| format!("service-{n}")).collect();
    let names: Vec<_> = names.iter().map(String::as_str).collect();
    let mut app = App::new((0..30).map(|id| info(id, &format!("feed-{id}"), &names)).collect(), look());
    for id in 0..30 {
        app.see(FeedId(id), &open(NOW, &names));
    }
    for n in 0..30 {
        for (width, height) in [(118, 24), (80, 24), (40, 10), (100, 21)] {
            let shown = shown(&app, width, height);
            assert!(shown.contains(&format!("feed-{n} ")) && shown.contains(" of 30"), "{n}\n{shown}");
        }
        press(&mut app, "j");
    }
    for n in 0..40 {
        for (width, height) in [(118, 24), (80, 24), (140, 50)] {
            let shown = shown(&app, width, height);
            assert!(shown.contains(&format!("─ service-{n} ")), "{n}\n{shown}");
            assert!(shown.matches(&format!("service-{n} ")).count() >= 2, "{n}\n{shown}");
        }
        press(&mut app, "l");
    }
    assert_snapshot!(shown(&app, 118, 24), @"
     ● 30 feeds live                                                                                      12:04:31 +08:00
    ╭─ feeds, in your order · 30 of 30 ───────────────────────────────────────────────────────────────────────── o sort ─╮
    │     feed    state        next             svc     rate    last  lag 50/99 ms  gaps  60 s ago                   now │
    │   ● feed-19 LIVE         beat if 30s idle ●●●+       –    0.0s        3 / 21     0                               _ │
    │   ● feed-20 LIVE         beat if 30s idle ●●●+       –    0.0s        3 / 21     0                               _ │
    │   ● feed-21 LIVE         beat if 30s idle ●●●+       –    0.0s        3 / 21     0                               _ │
    │   ● feed-22 LIVE         beat if 30s idle ●●●+       –    0.0s        3 / 21     0                               _ │
    │   ● feed-23 LIVE         beat if 30s idle ●●●+       –    0.0s        3 / 21     0                               _ │
    │   ● feed-24 LIVE         beat if 30s idle ●●●+       –    0.0s        3 / 21     0                               _ │
    │   ● feed-25 LIVE         beat if 30s idle ●●●+       –    0.0s        3 / 21     0                               _ │
    │   ● feed-26 LIVE         beat if 30s idle ●●●+       –    0.0s        3 / 21     0                               _ │
    │   ● feed-27 LIVE         beat if 30s idle ●●●+       –    0.0s        3 / 21     0                               _ │
    │   ● feed-28 LIVE         beat if 30s idle ●●●+       –    0.0s        3 / 21     0                               _ │
    │ ▸ ● feed-29 LIVE         beat if 30s idle ●●●+       –    0.0s        3 / 21     0                               _ │
    │     20-30 of 30                                                                                                    │
    ├─ feed-29 ─────────────────────── and 37 more ─┬─ service-39 ───────────────────────────────────────── +39 more: → ─┤
    │   ● service-37 live         –   0.0s   3 / 21 │ no message yet: subscribed, and silent for 16m30s                  │
    │   ● service-38 live         –   0.0s   3 / 21 │                                                                    │
    │   ● service-39 live         –   0.0s   3 / 21 │                                                                    │
    │ beat      beat if 30s idle                    │                                                                    │
    │ link      open 16m30s · rtt 4.1 ms · 0 B      │                                                                    │
    │ outage    none                                │                                                                    │
    ╰───────────────────────────────────────────────┴────────────────────────────────────────────────────────────────────╯
     1-9 toggle · tab pane · enter inspect · / filter · f freeze · z zoom · t outages · : all · ? help · q quit
    ");
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
    assert_snapshot!(text(&drawn).lines().next().unwrap(), @" INJECTED FAULT, 4.2s left: the server falls silent");
    assert!(styles(&drawn).lines().next().unwrap().starts_with("####"));
    app.announce(Fault { state: FaultState::Off, ..fault });
    assert!(shown(&app, 80, 24).starts_with(" ● 6 feeds live"));
}

#[test]
fn a_zoomed_service_has_the_screen() {
    let mut app = trouble();
    press(&mut app, "z");
    assert_snapshot!(shown(&app, 80, 14), @r#"
     ✕ 3 of 6 need you · chat down 22s: TCP ended · not us                 1 paused
    ╭─ 业务1 · 10 of 141/s shown, all counted ──────────────────────── +1 more: → ─╮
    │ 30.914  {"service":"业务1","seq":8802,"data":{"price":101.25,"qty":3,"side"… │
    │ 30.921  {"service":"业务1","seq":8803,"data":{"price":101.25,"qty":3,"side"… │
    │ 30.928  {"service":"业务1","seq":8804,"data":{"price":101.25,"qty":3,"side"… │
    │ 30.935  {"service":"业务1","seq":8805,"data":{"price":101.25,"qty":3,"side"… │
    │ 30.942  {"service":"业务1","seq":8806,"data":{"price":101.25,"qty":3,"side"… │
    │ 30.949  {"service":"业务1","seq":8807,"data":{"price":101.25,"qty":3,"side"… │
    │ 30.956  {"service":"业务1","seq":8808,"data":{"price":101.25,"qty":3,"side"… │
    │ 30.963  {"service":"业务1","seq":8809,"data":{"price":101.25,"qty":3,"side"… │
    │ 30.970  {"service":"业务1","seq":8810,"data":{"price":101.25,"qty":3,"side"… │
    │ 30.977  {"service":"业务1","seq":8811,"data":{"price":101.25,"qty":3,"side"… │
    ╰──────────────────────────────────────────────────────────────────────────────╯
     1-9 toggle  tab pane  enter inspect  / filter  : all  ? help  q quit
    "#);
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

/// What may be done on purpose, and what is being done.
#[test]
fn faults_have_a_menu() {
    let mut app = calm();
    press(&mut app, "x");
    assert_eq!(app.note.as_deref(), Some("faults may be injected when started with --allow-faults"));
    app.faults_allowed = true;
    press(&mut app, "xjj\t");
    let fault = Fault {
        name: "latency".to_owned(),
        text: "everything is 200ms late".to_owned(),
        state: FaultState::On,
        until: Some(at(NOW + 4.2)),
    };
    tell(&mut app, 0, [(NOW, Event::Fault(fault))]);
    assert_snapshot!(shown(&app, 100, 40), @"
     INJECTED FAULT, 4.2s left: everything is 200ms late
    ╭─ feeds, in your order ────────────────────────────────────────────────────────────────── o sort ─╮
    │     feed    state        next             svc     rate    last  gaps  78 s ago               now │
    │ ▸ ● market  LIVE         beat if 30s idle ●●     145/s    0.0s     0       ▃▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▼ │
    │   ● binance LIVE         beat if 30s idle ●●      61/s    0.0s     0       ▃███████████████████▅ │
    │   ● orders  ╭─ faults · market ────────────────────────────────────────────────────╮███████████▅ │
    │   ● chat    │ INJECTED FAULT, 4.2s left: everything is 200ms late                  │▅▅▅▅▅▅▅▅▅▅▅▄ │
    │   ● device  │ for 10s   service 业务2                                              │▅▅▅▅▅▅▅▅▅▅▅▄ │
    │   ● kraken  │   frozen: nothing passes, no socket closes                           │▆▆▆▆▆▆▆▆▆▆▆▄ │
    ├─ market ────│   half-open: this link falls silent, a new one works                 │ ─── z zoom ─┤
    │ 1 ● 业务1   │ ▸ TCP ends without a close frame                                     │             │
    │ 2 ● 业务2   │   TCP is reset                                                       │             │
    │ beat      be│   half-closed: the server says no more                               │             │
    │ link      op│   TCP ends in the middle of a frame                                  │             │
    │ outage    no│   the link is closed with code 1012                                  │             │
    │             │   dials are not answered                                             │             │
    │ 60 s to now │   dials are refused; TCP ends without a close frame                  │             │
    │ rate        │   dials get HTTP 401; TCP ends without a close frame                 │             │
    │          ▇▇▇│   dials get HTTP 429, Retry-After 5s; TCP ends without a close frame │             │
    │ lag         │   dials get HTTP 503; TCP ends without a close frame                 │             │
    │          ▁▆▁│   WebSocket pings are not answered                                   │             │
    │ rtt, n 12   │   heartbeats are not answered                                        │             │
    │             │   heartbeats are not answered, and no data comes                     │             │
    │             │   everything is 200ms late, up to 50ms more                          │─────────────┤
    │             │   1000 B/s pass each way                                             │             │
    │             │   everything comes byte by byte                                      │             │
    │             │   业务2 falls silent, the link lives                                 │             │
    │             │   10 messages of 业务2 never come                                    │             │
    │             │   every 10th message of 业务2 is lost                                │             │
    │             │   every 10th message of 业务2 comes twice                            │             │
    │             │   every 10th message of 业务2 comes after the next                   │             │
    │             │   subscriptions of 业务2 are refused                                 │             │
    │             │   garbage every 500ms                                                │             │
    │             │ : latency 200ms jitter 50ms for 30s                                  │             │
    │             ╰──────────────────────────────────────────────────────────────────────╯             │
    │                                            │                                                     │
    │                                            │                                                     │
    │                                            │                                                     │
    ╰────────────────────────────────────────────┴─────────────────────────────────────────────────────╯
     enter inject · x end all · → longer · tab service · : type · esc close · ↓ choose
    ");
    press(&mut app, ":freze\n");
    let picture = shown(&app, 80, 24);
    assert!(picture.contains("there is no fault") && picture.contains("freeze"), "{picture}");
}

/// Every way in which the screen can be.
fn moods() -> Vec<App> {
    let mut moods =
        vec![App::new(Vec::new(), look()), calm(), trouble(), alone(probing), alone(waiting), alone(stopped)];
    for keys in ["?", "t", "i", "r", "/x", "z", "f", "\t", "\t\t"] {
        let mut app = trouble();
        press(&mut app, keys);
        moods.push(app);
    }
    for keys in ["x", "x:mute \n"] {
        let mut app = trouble();
        app.faults_allowed = true;
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
