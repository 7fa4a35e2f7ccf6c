//! The outages of all feeds on the screen: the list, one in full, the bars, and whether it is us or them.
#![expect(clippy::unwrap_used, reason = "a test may")]

#[expect(dead_code, reason = "some pictures are for the other screens")]
mod support;

use insta::assert_snapshot;
use support::{
    NOW, at, buffer, calm, info, look, minute, open, outage, press, secs, shown, styles, tell, text, trouble,
};
use wirebeat::app::keymap::Mode;
use wirebeat::app::verdict::Blame;
use wirebeat::app::{App, Popup};
use wirebeat::event::{By, Due, Event, FeedId, Outage, Phase, Phases, ServiceId, Snapshot, Try, Why};
use wirebeat::say::Lang;

fn told(app: &mut App, feed: u32, when: f64, outage: Outage) {
    tell(app, feed, [(when, Event::Outage(Box::new(outage)))]);
}

fn opened(app: &mut App, feed: u32, when: f64) {
    tell(
        app,
        feed,
        [(when, Event::Open { phases: Phases::default(), address: None, subprotocol: None, extensions: None })],
    );
}

fn over(app: &mut App, feed: u32, began: Outage, change: impl FnOnce(&mut Outage)) {
    let from = began.began;
    told(app, feed, from.as_secs_f64(), Outage { over: false, ..began.clone() });
    let mut end = Outage { over: true, down: secs(12.0), ..began };
    change(&mut end);
    let when = from.as_secs_f64() + end.down.as_secs_f64();
    opened(app, feed, when);
    told(app, feed, when + 1.0, end);
}

/// A thousand seconds: `chat` is down, `market` was, twice, and `数据源` was stopped by its server.
fn history() -> App {
    let mut app = App::new(
        vec![
            info(0, "market", &["业务1", "业务2"]),
            wirebeat::event::FeedInfo { numbered: false, ..info(1, "chat", &["room"]) },
            info(2, "数据源", &["a"]),
            info(3, "calm", &["a"]),
        ],
        look(),
    );
    for feed in 0..4 {
        opened(&mut app, feed, 10.0);
    }
    let half_open = Why::HalfOpen { limit: secs(10.0), silent: secs(31.4) };
    let detect = Some(secs(31.4));
    over(&mut app, 0, Outage { detect, silent: detect, ..outage(1, half_open, 300.0, true) }, |outage| {
        outage.missed = Some(1420);
        outage.attempts = 1;
        outage.down = secs(4.0);
        outage.slept = secs(2460.0);
        outage.services = vec![(ServiceId(0), Some(secs(0.3))), (ServiceId(1), None)];
    });
    let reset = Why::Reset { text: "Connection reset by peer".to_owned() };
    let silent = Some(secs(0.2));
    over(&mut app, 0, Outage { detect: Some(secs(0.0)), silent, ..outage(2, reset, 700.0, true) }, |outage| {
        outage.down = secs(61.0);
        outage.missed = Some(0);
    });
    let close = Why::Close { by: By::Peer, code: Some(4004), reason: "auth \u{1b}[31mfailed 认证失败".to_owned() };
    told(&mut app, 2, 950.0, Outage { detect: Some(secs(0.0)), silent, ..outage(1, close.clone(), 950.0, false) });
    let mut stopped = open(950.0, &["a"]);
    (stopped.at, stopped.phase, stopped.opened, stopped.due) = (at(NOW), Phase::Stopped, None, None);
    stopped.why = Some(Why::Storm { times: 3, last: Box::new(close.clone()), rival: false });
    stopped.since = at(953.0);
    let tries = vec![Try { from: 1, to: 2, why: close.clone(), opened: true }];
    stopped.outage =
        Some(Outage { detect: Some(secs(0.0)), silent, tries, attempts: 2, ..outage(1, close, 950.0, false) });
    app.see(FeedId(2), &stopped);
    let chat = down(NOW - 22.0);
    told(&mut app, 1, NOW - 22.0, chat.outage.clone().unwrap());
    app.see(FeedId(1), &chat);
    minute(&mut app, 3, 3, NOW, &open(NOW, &["a"]));
    app
}

/// A feed that dials for the fourth time.
fn down(began: f64) -> Snapshot {
    let mut down = open(began, &["room"]);
    (down.at, down.phase, down.attempt, down.opened) = (at(NOW), Phase::Waiting, 4, None);
    down.due = Some((Due::Dial, at(NOW - 11.8), at(NOW + 3.2)));
    let http = Why::Http { status: 503, text: String::new(), retry_after: Some(secs(15.0)) };
    let refused = Why::Refused { address: "10.0.0.7:443".to_owned() };
    let tries =
        vec![Try { from: 1, to: 2, why: refused, opened: false }, Try { from: 3, to: 3, why: http, opened: false }];
    let (detect, silent) = (Some(secs(0.0)), Some(secs(0.4)));
    down.outage = Some(Outage { detect, silent, tries, ..outage(1, Why::Eof, began, false) });
    down
}

#[test]
fn what_would_stand_there_is_said_before_there_is_any() {
    let mut app = calm();
    press(&mut app, "t");
    assert_snapshot!(shown(&app, 80, 8), @"
     ● 6 feeds live                                                  12:04:31+08:00
    ╭─ outages ────────────────────────────────────────────────────────────────────╮
    │ No outage in 16m40s. Each will stand here: when, why, how soon it was        │
    │ noticed, what was tried, which services came back, and what was missed.      │
    │                                                                              │
    │                                                                              │
    ╰──────────────────────────────────────────────────────────────────────────────╯
     enter open  ↓ select  esc close
    ");
    press(&mut app, "\n");
    assert_eq!(app.mode(), Mode::Outages, "there is none to open");
}

#[test]
fn the_outages_of_all_feeds() {
    let mut app = history();
    press(&mut app, "t");
    assert_snapshot!(shown(&app, 118, 40), @r#"
     ✕ 2 of 4 need you · 数据源 STOPPED 47s: close 4004 code of this service, 3x · not us                  12:04:31+08:00
    ╭─ 4 outages of 3 feeds ─────────────────────────────────────────────────────────────────────────────────────────────╮
    │ market                ▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄✕▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄✕✕✕✕✕▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄  2 × 1m05s │
    │ chat                  ▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄✕✕✕    1 × 22s │
    │ 数据源                ▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄✕✕✕✕✕    1 × 50s │
    │        20m to now                                                                                                  │
    ├─ newest first ─────────────────────────────────────────────────────────────────────────────────────────────────────┤
    │    began    feed    lasted dials  noticed  missed  why                                                             │
    │▸ ↻ 12:04:09 chat       22s     3  at once       –  TCP ended without a close frame                                 │
    │  ✕ 12:03:41 数据源     50s     2  at once       ?  the server closed: 4004 code of this service, "auth ␛[31mfaile… │
    │  · 11:59:31 market   1m01s     3  at once       0  the TCP connection broke without a close frame: Connection res… │
    │  · 11:52:51 market    4.0s     1    31.4s   1,420  no answer to our beat for 10s, last byte 31.4s ago              │
    │                                                                                                                    │
    │                                                                                                                    │
    │                                                                                                                    │
    │                                                                                                                    │
    │                                                                                                                    │
    │                                                                                                                    │
    │                                                                                                                    │
    │                                                                                                                    │
    │                                                                                                                    │
    │                                                                                                                    │
    │                                                                                                                    │
    │                                                                                                                    │
    │                                                                                                                    │
    │                                                                                                                    │
    │                                                                                                                    │
    │                                                                                                                    │
    │                                                                                                                    │
    │                                                                                                                    │
    ├─ chat · outage 1 ──────────────────────────────────────────────────────────────────────────────────────────────────┤
    │ why         TCP ended without a close frame                                                                        │
    │ began       12:04:09.000                                                                                           │
    │ lasted      22s so far                                                                                             │
    │ noticed     at once, for we were told; the last byte had come 0.4s before                                          │
    │ dials       3; dials 1-2: refused, 3: HTTP 503 (wait 15s)                                                          │
    │ comes next  dial 4 in 3.2s                                                                                         │
    │ missed      the feed has no such number                                                                            │
    ╰────────────────────────────────────────────────────────────────────────────────────────────────────────────────────╯
     enter open · ↓ select · esc close
    "#);
}

#[test]
fn the_outages_of_all_feeds_on_a_small_terminal() {
    let mut app = history();
    press(&mut app, "t");
    assert_snapshot!(shown(&app, 80, 24), @"
     ✕ 2 of 4 need you · 数据源 STOPPED 47s: close 4004 code of this service, 3x
    ╭─ 4 outages of 3 feeds ───────────────────────────────────────────────────────╮
    │ market          ▄▄▄▄▄▄▄▄▄▄▄▄▄▄✕▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄✕✕✕✕▄▄▄▄▄▄▄▄▄▄▄▄  2 × 1m05s │
    │ chat            ▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄✕✕    1 × 22s │
    │ 数据源          ▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄✕✕✕✕    1 × 50s │
    │        20m to now                                                            │
    ├─ newest first ───────────────────────────────────────────────────────────────┤
    │    began    feed    lasted  missed  why                                      │
    │▸ ↻ 12:04:09 chat       22s       –  TCP ended without a close frame          │
    │  ✕ 12:03:41 数据源     50s       ?  close 4004 code of this service          │
    │  · 11:59:31 market   1m01s       0  TCP broke                                │
    │  · 11:52:51 market    4.0s   1,420  no answer in 10s                         │
    │                                                                              │
    │                                                                              │
    ├─ chat · outage 1 ────────────────────────────────────────────────────────────┤
    │ why         TCP ended without a close frame                                  │
    │ began       12:04:09.000                                                     │
    │ lasted      22s so far                                                       │
    │ noticed     at once, for we were told; the last byte had come 0.4s before    │
    │ dials       3; dials 1-2: refused, 3: HTTP 503 (wait 15s)                    │
    │ comes next  dial 4 in 3.2s                                                   │
    │ missed      the feed has no such number                                      │
    ╰──────────────────────────────────────────────────────────────────────────────╯
     enter open  ↓ select  esc close
    ");
    assert_snapshot!(shown(&app, 40, 10), @"
     ✕ 数据源 STOPPED 47s: close 4004 code …
    ╭─ 4 outages of 3 feeds ───────────────╮
    │▸ ↻ 12:04:09 chat       22s  TCP end… │
    │  ✕ 12:03:41 数据源     50s  close 4… │
    │  · 11:59:31 market   1m01s  TCP bro… │
    │  · 11:52:51 market    4.0s  no answ… │
    │                                      │
    │                                      │
    ╰──────────────────────────────────────╯
     enter open  ↓ select  esc close
    ");
    app.look.lang = Lang::ZhCn;
    assert_snapshot!(shown(&app, 80, 24), @"
     ✕ 2/4 需要处理 · 数据源 已停止 47s：关闭 4004 服务自定代码，3 次 · 非本机
    ╭─ 3 个数据源的 4 次断线 ──────────────────────────────────────────────────────╮
    │ market          ▄▄▄▄▄▄▄▄▄▄▄▄▄▄✕▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄✕✕✕✕▄▄▄▄▄▄▄▄▄▄▄▄  2 × 1m05s │
    │ chat            ▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄✕✕    1 × 22s │
    │ 数据源          ▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄✕✕✕✕    1 × 50s │
    │        最近 20m                                                              │
    ├─ 最新在前 ───────────────────────────────────────────────────────────────────┤
    │    开始     数据源    历时    遗漏  原因                                     │
    │▸ ↻ 12:04:09 chat       22s       –  TCP 已结束，没有收到关闭帧               │
    │  ✕ 12:03:41 数据源     50s       ?  关闭 4004 服务自定代码                   │
    │  · 11:59:31 market   1m01s       0  TCP 中断                                 │
    │  · 11:52:51 market    4.0s   1,420  10s 无应答                               │
    │                                                                              │
    │                                                                              │
    ├─ chat · 断线 1 ──────────────────────────────────────────────────────────────┤
    │ 原因    TCP 已结束，没有收到关闭帧                                           │
    │ 开始    12:04:09.000                                                         │
    │ 历时    至今 22s                                                             │
    │ 发现    当即得知；最后一个字节在此前 0.4s                                    │
    │ 连接    3；第 1-2 次连接：连接被拒，第 3 次：HTTP 503（要求等待 15s）        │
    │ 接下来  第 4 次连接 3.2s                                                     │
    │ 遗漏    数据源没有此项编号                                                   │
    ╰──────────────────────────────────────────────────────────────────────────────╯
     enter 查看  ↓ 选择  esc 关闭
    ");
}

#[test]
fn one_in_full() {
    let mut app = history();
    press(&mut app, "t\n");
    assert_eq!(app.mode(), Mode::Outage);
    assert_snapshot!(shown(&app, 80, 14), @"
     ✕ 2 of 4 need you · 数据源 STOPPED 47s: close 4004 code of this service, 3x
    ╭─ chat · outage 1 ────────────────────────────────────────────────────────────╮
    │ why         TCP ended without a close frame                                  │
    │ began       12:04:09.000                                                     │
    │ lasted      22s so far                                                       │
    │ noticed     at once, for we were told; the last byte had come 0.4s before    │
    │ dials       3; dials 1-2: refused, 3: HTTP 503 (wait 15s)                    │
    │ comes next  dial 4 in 3.2s                                                   │
    │ missed      the feed has no such number                                      │
    │                                                                              │
    │                                                                              │
    │                                                                              │
    ╰──────────────────────────────────────────────────────────────────────────────╯
     ↓ scroll  esc back  t close
    ");
    press(&mut app, "\u{1b}jjj\n");
    assert_snapshot!(shown(&app, 118, 16), @"
     ✕ 2 of 4 need you · 数据源 STOPPED 47s: close 4004 code of this service, 3x · not us                  12:04:31+08:00
    ╭─ market · outage 1 ────────────────────────────────────────────────────────────────────────────────────────────────╮
    │ why        no answer to our beat for 10s, last byte 31.4s ago                                                      │
    │ began      11:52:51.000                                                                                            │
    │ lasted     4.0s                                                                                                    │
    │ noticed    31.4s after the last byte, by our own verdict                                                           │
    │ slept      41m00s                                                                                                  │
    │ dials      1                                                                                                       │
    │ data back  业务1 after 0.3s, 业务2 not yet                                                                         │
    │ missed     1,420 messages                                                                                          │
    │                                                                                                                    │
    │                                                                                                                    │
    │                                                                                                                    │
    │                                                                                                                    │
    ╰────────────────────────────────────────────────────────────────────────────────────────────────────────────────────╯
     ↓ scroll  esc back  t close
    ");
    app.look.lang = Lang::ZhCn;
    assert_snapshot!(shown(&app, 40, 12), @"
     ✕ 数据源 已停止 47s：关闭 4004 服务自…
    ╭─ market · 断线 1 ────────────────────╮
    │ 原因      心跳发出后 10s             │
    │           无应答，最后一个字节在     │
    │           31.4s 前                   │
    │ 开始      11:52:51.000               │
    │ 历时      4.0s                       │
    │ 发现      最后一个字节之后           │
    │           31.4s，由我方判定          │
    │ 休眠      41m00s                     │
    ╰────────────────────────────另有 4 个─╯
     ↓ 滚动  esc 返回  t 关闭
    ");
}

#[test]
fn the_selection_holds_an_outage_and_every_key_leads_out() {
    let mut app = history();
    let chosen = |app: &App| match app.popup {
        Some(Popup::Outages(timeline)) => timeline.chosen,
        _ => panic!("no list"),
    };
    press(&mut app, "tj");
    let held = chosen(&app);
    assert_eq!(held, Some((FeedId(2), 1)));
    // A new one on top of the list moves the rows, and not the selection.
    told(&mut app, 3, NOW, outage(1, Why::Eof, NOW, false));
    assert_eq!(chosen(&app), held);
    press(&mut app, "\n");
    assert!(shown(&app, 80, 24).contains("数据源 · outage 1"));
    // Out of one, and out of the list.
    press(&mut app, "q");
    assert_eq!((app.mode(), chosen(&app)), (Mode::Outages, held));
    press(&mut app, "\n\n");
    assert_eq!(app.mode(), Mode::Outages);
    press(&mut app, "G");
    assert_eq!(chosen(&app), Some((FeedId(0), 1)));
    press(&mut app, "gk");
    assert_eq!(chosen(&app), Some((FeedId(3), 1)));
    for out in ["q", "t", "\u{1b}", "\nt"] {
        press(&mut app, out);
        assert!(app.popup.is_none() && !app.quit, "{out:?}");
        press(&mut app, "t");
    }
}

#[test]
fn a_long_history_is_bounded_and_browsed() {
    let mut app = App::new(vec![info(0, "market", &["a"])], look());
    for n in 1..=1000_u32 {
        over(&mut app, 0, outage(n, Why::Eof, f64::from(n) / 2.0, true), |outage| outage.down = secs(0.1));
    }
    assert_eq!(app.outages().len(), 200);
    press(&mut app, "tG");
    for (width, height) in [(118, 40), (80, 24), (40, 10), (20, 5)] {
        let shown = shown(&app, width, height);
        assert!(shown.contains('▸') || height < 6, "the selected one is in sight\n{shown}");
    }
}

#[test]
fn no_size_is_too_small_for_any_of_it() {
    for keys in ["t", "tG", "t\n", "tG\nG"] {
        let mut app = history();
        press(&mut app, keys);
        for lang in Lang::ALL {
            app.look.lang = lang;
            for width in 0..=70 {
                for height in 0..=24 {
                    buffer(&app, NOW, width, height);
                }
            }
        }
    }
}

#[test]
fn without_colour_it_says_the_same() {
    let mut app = history();
    app.look.colour = false;
    press(&mut app, "t");
    let drawn = buffer(&app, NOW, 80, 24);
    assert!(!styles(&drawn).contains(['r', 'g', 'y', 'c', 'm', 'R', 'G', 'Y', 'M']), "{}", styles(&drawn));
    let shown = text(&drawn);
    assert!(shown.contains('✕') && shown.contains('▸') && shown.contains('↻'), "{shown}");
}

/// Feeds of several hosts that go down at the same moment.
fn lost(feeds: &[u32], routed: Option<bool>) -> App {
    let mut app = calm();
    for (n, feed) in (0..).zip(feeds) {
        let began = NOW - 22.0 + f64::from(n) * 0.4;
        let snapshot = down(began);
        told(&mut app, *feed, began, snapshot.outage.clone().unwrap());
        app.see(FeedId(*feed), &snapshot);
    }
    if app.clusters.asks_route() {
        app.clusters.route(routed);
    }
    app
}

fn first_line(app: &App, width: u16) -> String {
    shown(app, width, 24).lines().next().unwrap().trim_end().to_owned()
}

#[test]
fn the_first_line_says_when_it_is_us() {
    let app = lost(&[0, 1, 2, 3], Some(false));
    assert_snapshot!(first_line(&app, 118), @" ✕ 4 of 6 feeds lost within 1.2s, on 4 hosts: no default route · 2 other hosts answer                 12:04:31 +08:00");
    assert_snapshot!(first_line(&app, 80), @" ✕ 4 of 6 lost within 1.2s: no default route · 2 other hosts answer");
    assert_snapshot!(first_line(&app, 40), @" ✕ market down 22s: TCP ended");
    let all = lost(&[0, 1, 2, 3, 4, 5], Some(true));
    assert_snapshot!(first_line(&all, 118), @" ✕ 6 of 6 feeds lost within 2.0s, on 6 hosts: the network here                                        12:04:31 +08:00");
    assert_eq!(all.verdict(at(NOW)).blame, Blame::Us(0));
    let mut chinese = all;
    chinese.look.lang = Lang::ZhCn;
    assert_snapshot!(first_line(&chinese, 80), @" ✕ 在 2.0s 内断开 6/6：本机网络                                  12:04:31+08:00");
}

#[test]
fn the_strip_says_once_what_they_have_in_common() {
    assert_snapshot!(shown(&lost(&[0, 1, 2], Some(false)), 118, 24), @"
     ✕ 3 of 6 feeds lost within 0.8s, on 3 hosts: no default route · 3 other hosts answer                 12:04:31 +08:00
    ╭─ trouble, worst first ──────────────────────────────────────────────────────────────────── a acknowledge · m mute ─╮
    │ ✕ network here  22s  3 of 6 feeds lost within 0.8s, on 3 hosts: no default route                                   │
    │ ↻ market     22s  TCP ended without a close frame; dials 1-2: refused, 3: HTTP 503 (wait 15s)     dial 4 in   3.2s │
    │ ↻ binance    21s  TCP ended without a close frame; dials 1-2: refused, 3: HTTP 503 (wait 15s)     dial 4 in   3.2s │
    │ ↻ orders     21s  TCP ended without a close frame; dials 1-2: refused, 3: HTTP 503 (wait 15s)     dial 4 in   3.2s │
    ├─ feeds, in your order ──────────────────────────────────────────────────────────────────────────────────── o sort ─┤
    │     feed    state        next             svc     rate    last  lag 50/99 ms  gaps  60 s ago                   now │
    │ ▸ ↻ market  RETRY 3      dial 4 in 3.2s   ·        0/s     22s        3 / 21     ?  ▆▄▅▆▄▅▆▄▅▆▄▅▆▄▅▆▄▅▆▄▅▆▄▅▆▄▅▆▄▃ │
    │   ↻ binance RETRY 3      dial 4 in 3.2s   ·        0/s     21s        3 / 21     ?  ▆▅▅▆▅▅▆▅▅▆▅▅▆▅▅▆▅▅▆▅▅▆▅▅▆▅▅▆▅▃ │
    │   ↻ orders  RETRY 3      dial 4 in 3.2s   ·        0/s     21s        3 / 21     ?  ▆▄▅▆▄▅▆▄▅▆▄▅▆▄▅▆▄▅▆▄▅▆▄▅▆▄▅▆▄▃ │
    │   ● chat    LIVE         beat if 30s idle ●●       2/s    0.0s        3 / 21     0  ▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▄ │
    │   ● device  LIVE         beat if 30s idle ●●       1/s    0.0s        3 / 21     0  ▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄╷ │
    │   ● kraken  LIVE         beat if 30s idle ●●      12/s    0.0s        3 / 21     0  ▅▄▄▅▄▄▅▄▄▅▄▄▅▄▄▅▄▄▅▄▄▅▄▄▅▄▄▅▄▂ │
    ├─ market ───────────────────────────────────┬─ room · 0/s ───────────────────────────────────────────────── z zoom ─┤
    │ 1 · room    live       0/s    22s   3 / 21 │ no message: the link is down for 22s; dial 4 in 3.2s                  │
    │ next dial ███████░░  dial 4 in 3.2s of 15s │                                                                       │
    │ link      RETRY 3 · rtt 4.1 ms · 0 B       │                                                                       │
    │ outage    22s: TCP ended                   │                                                                       │
    │                                            │                                                                       │
    │                                            │                                                                       │
    │                                            │                                                                       │
    ╰────────────────────────────────────────────┴───────────────────────────────────────────────────────────────────────╯
     1-9 toggle · tab pane · enter inspect · / filter · f freeze · z zoom · t outages · : all · ? help · q quit
    ");
    let small = shown(&lost(&[0, 1, 2], Some(false)), 80, 24);
    assert!(small.contains("network here") && small.contains("3 of 6"), "{small}");
    let mut app = lost(&[0, 1], Some(true));
    press(&mut app, "t\n");
    assert!(shown(&app, 118, 24).contains("2 of 6 feeds lost within 0.4s"), "{}", shown(&app, 118, 24));
}

#[test]
fn all_feeds_of_a_host_are_its_trouble() {
    let same = |id, name| wirebeat::event::FeedInfo { url: "wss://api.example/x".to_owned(), ..info(id, name, &["a"]) };
    let mut app = App::new(vec![same(0, "a"), same(1, "b"), info(2, "c", &["a"])], look());
    minute(&mut app, 2, 3, NOW, &open(NOW, &["a"]));
    for feed in 0..2 {
        minute(&mut app, feed, 3, NOW - 22.0, &open(NOW - 22.0, &["a"]));
        let snapshot = down(NOW - 22.0);
        told(&mut app, feed, NOW - 22.0, snapshot.outage.clone().unwrap());
        app.see(FeedId(feed), &snapshot);
    }
    assert_snapshot!(first_line(&app, 118), @" ✕ all 2 feeds of api.example lost at once · 1 other host answers, so not us                          12:04:31 +08:00");
    assert_eq!(app.verdict(at(NOW)).blame, Blame::NotUs(1));
    // Back, one by one: what is over is no trouble any more.
    for feed in 0..2 {
        let over = Outage { over: true, ..outage(1, Why::Eof, NOW - 22.0, true) };
        told(&mut app, feed, NOW, over);
        app.see(FeedId(feed), &open(NOW, &["a"]));
    }
    assert_eq!(app.verdict(at(NOW)).together, None);
    assert!(first_line(&app, 118).contains("3 feeds live"));
}

#[test]
fn each_feed_that_is_lost_alone_keeps_its_own_verdict() {
    let app = trouble();
    assert_eq!(app.verdict(at(NOW)).together, None);
}
