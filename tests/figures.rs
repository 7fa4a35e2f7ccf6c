//! Rates, delays and round trips as someone sees them: in pictures of every size, and at a real feed that is watched
//! through the loop, through an outage and back.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test may")]

#[expect(dead_code, reason = "other tests need more of it")]
mod feed_server;
mod support;
#[expect(dead_code, reason = "other tests need more of it")]
mod user;

use crossterm::event::{Event as Input, KeyCode, KeyEvent, KeyModifiers};
use insta::assert_snapshot;
use support::{NOW, alone, at, buffer, calm, info, look, minute, open, press, shown, styles, text, trouble};
use tokio_tungstenite::tungstenite::Message;
use wirebeat::app::keymap::Mode;
use wirebeat::app::{App, Focus};
use wirebeat::event::{FeedId, FeedInfo};
use wirebeat::run::End;
use wirebeat::say::Lang;
use wirebeat::time::Clock;

use feed_server::{FeedServer, Manners, sub};
use user::{User, feed, sit};

#[test]
fn the_figures_of_a_feed() {
    let mut app = trouble();
    press(&mut app, "i");
    assert_eq!(app.mode(), Mode::Figures);
    let buffer = buffer(&app, NOW, 80, 24);
    assert_snapshot!(text(&buffer), @"
     ✕ 3 of 6 need you · chat down 22s: TCP ended · not us                 1 paused
    ╭─ figures · market · 180 s to now ────────────────────────────────────────────╮
    │                     now        p50        p99        max               scale │
    │ rate              145/s      145/s      193/s      193/s            0..200/s │
    │                                                        ▆▅▅▅▅▅▅▅▅▅▅▅▅▅▅▅▅▅▅▅▄ │
    │                                                        █████████████████████ │
    │ bytes          13 KiB/s   12 KiB/s   16 KiB/s   16 KiB/s         0..20 KiB/s │
    │                                                        ▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▃ │
    │                                                        █████████████████████ │
    │ lag              3.0 ms     3.0 ms     3.0 ms      21 ms            0..30 ms │
    │                                                        ░ ░  ░ ░ ░  ░ ░ ░  ░  │
    │                                                        ▂▂▂▂▂▂▂▂▂▂▂▂▂▂▂▂▂▂▂▂▂ │
    │ rtt, n 12        4.1 ms     4.0 ms     4.1 ms     4.1 ms           0..5.0 ms │
    │                                                                 ▅▅▅▅▅▅▅▅▅▆▆▆ │
    │                                                                 ████████████ │
    │ 1 ● 业务1                                                                    │
    │ rate                    ▇▇▇▇▇▇     0..200/s      141/s      193/s      193/s │
    │ lag                     ▆▆▆▆▆▆     0..30 ms     3.0 ms     3.0 ms      21 ms │
    │ 2 ● 业务2                                                                    │
    │ rate                    ▅▅▅▅▅▅       0..5/s      3.6/s        4/s        4/s │
    │ lag                     ▆▆▆▆▆▆     0..30 ms     3.0 ms      20 ms      21 ms │
    │                                                                              │
    ╰──────────────────────────────────────────────────────────────────────────────╯
     → next feed  ↓ scroll  esc close
    ");
    assert_snapshot!(styles(&buffer), @"
     R BBBBBBBBBBBBBBB~~~                        ~~~                       ~~~~~~~~
    ~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~
    ~                     ~~~        ~~~        ~~~        ~~~               ~~~~~ ~
    ~ ~~~~              BBBBB                                             ~~~~~~~~ ~
    ~                                                        ccccccccccccccccccccc ~
    ~                                                        ccccccccccccccccccccc ~
    ~ ~~~~~          BBBBBBBB                                          ~~~~~~~~~~~ ~
    ~                                                        ccccccccccccccccccccc ~
    ~                                                        ccccccccccccccccccccc ~
    ~ ~~~              BBBBBB                                             ~~~~~~~~ ~
    ~                                                        ~ ~  ~ ~ ~  ~ ~ ~  ~  ~
    ~                                                        ccccccccccccccccccccc ~
    ~ ~~~~~~~~~        BBBBBB                                            ~~~~~~~~~ ~
    ~                                                                 cccccccccccc ~
    ~                                                                 cccccccccccc ~
    ~ c g                                                                        ~
    ~ ~~~~                    cccccc     ~~~~~~~~      BBBBB                       ~
    ~ ~~~                     cccccc     ~~~~~~~~     BBBBBB                       ~
    ~ c g                                                                        ~
    ~ ~~~~                    cccccc       ~~~~~~      BBBBB                       ~
    ~ ~~~                     cccccc     ~~~~~~~~     BBBBBB                       ~
    ~                                                                              ~
    ~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~
     B~         ~~B~      ~~BBB~
    ");
}

#[test]
fn the_figures_on_a_large_screen_and_on_a_small_one() {
    let mut app = calm();
    press(&mut app, "i");
    assert_snapshot!(shown(&app, 118, 34), @"
     ● 6 feeds live                                                                                       12:04:31 +08:00
    ╭─ figures · market · 180 s to now ──────────────────────────────────────────────────────────────────────────────────╮
    │                     now        p50        p99        max                                                     scale │
    │ rate              145/s      145/s      193/s      193/s                                                  0..200/s │
    │                                                                                     ▄▄ ▄▄ ▄▄ ▄▄ ▄▄ ▄▄ ▄▄ ▄▄ ▄▄ ▄▄  │
    │                                                                                     ██████████████████████████████ │
    │                                                                                     ██████████████████████████████ │
    │                                                                                     ██████████████████████████████ │
    │ bytes          13 KiB/s   12 KiB/s   16 KiB/s   16 KiB/s                                               0..20 KiB/s │
    │                                                                                     ░░ ░░ ░░ ░░ ░░ ░░ ░░ ░░ ░░ ░░  │
    │                                                                                     ██▅██▅██▅██▅██▅██▅██▅██▅██▅██▅ │
    │                                                                                     ██████████████████████████████ │
    │                                                                                     ██████████████████████████████ │
    │ lag              3.0 ms     3.0 ms     3.0 ms      21 ms                                                  0..30 ms │
    │                                                                                                                    │
    │                                                                                     ░  ░   ░  ░   ░  ░   ░  ░   ░  │
    │                                                                                     ░  ░   ░  ░   ░  ░   ░  ░   ░  │
    │                                                                                     ▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄ │
    │ rtt, n 12        4.1 ms     4.0 ms     4.1 ms     4.1 ms                                                 0..5.0 ms │
    │                                                                                                       ▁▂▂▂▂▂▂▂▂▃▃▃ │
    │                                                                                                       ████████████ │
    │                                                                                                       ████████████ │
    │                                                                                                       ████████████ │
    │ 1 ● 业务1                                                                                                          │
    │ rate                                      ▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇     0..200/s      141/s      145/s      193/s      193/s │
    │ lag                                       ▆▆▁▆▁▆▁▆▆▁▆▁▆▁▆     0..30 ms     3.0 ms     3.0 ms     3.0 ms      21 ms │
    │ 2 ● 业务2                                                                                                          │
    │ rate                                      ▇▅▅▇▅▅▇▅▅▇▅▅▇▅▅       0..5/s      3.6/s        3/s        4/s        4/s │
    │ lag                                       ▆▆▁▆▁▆▁▆▆▁▆▁▆▁▆     0..30 ms     3.0 ms     3.0 ms      20 ms      21 ms │
    │                                                                                                                    │
    │                                                                                                                    │
    │                                                                                                                    │
    ╰────────────────────────────────────────────────────────────────────────────────────────────────────────────────────╯
     → next feed · ↓ scroll · esc close
    ");
    app.look.lang = Lang::ZhCn;
    assert_snapshot!(shown(&app, 40, 10), @"
     ● 6 个数据源正常        12:04:31+08:00
    ╭─ 指标 · market · 最近 180 秒 ────────╮
    │         现在     p50     p99    最大 │
    │ 速率   145/s   145/s   193/s   193/s │
    │                         ▇▇▇▇▇▇▇▇▇▇▇▇ │
    │ 延迟  3.0 ms  3.0 ms  3.0 ms   21 ms │
    │                         ▆▆▆▁▆▆▁▆▆▆▁▆ │
    │ 往返  4.1 ms  4.0 ms  4.1 ms  4.1 ms │
    ╰────────────────────────────另有 3 个─╯
     → 下一个数据源  ↓ 滚动  esc 关闭
    ");
    press(&mut app, "jjj");
    assert_snapshot!(shown(&app, 40, 10), @"
     ● 6 个数据源正常        12:04:31+08:00
    ╭─ 指标 · market · 最近 180 秒 ────────╮
    │ 往返  4.1 ms  4.0 ms  4.1 ms  4.1 ms │
    │                         ▇▇▇▇▇▇▇▇▇▇▇▇ │
    │ 1 ● 业务1                            │
    │ 速率   141/s   145/s   193/s   193/s │
    │ 延迟  3.0 ms  3.0 ms  3.0 ms   21 ms │
    │ 2 ● 业务2                            │
    ╰────────────────────────────另有 1 个─╯
     → 下一个数据源  ↓ 滚动  esc 关闭
    ");
    app.look.ascii = true;
    press(&mut app, "g");
    assert_snapshot!(shown(&app, 80, 16), @"
     * 6 个数据源正常                                                12:04:31+08:00
    +- 指标 . market . 最近 180 秒 ------------------------------------------------+
    |                    现在        p50        p99       最大                刻度 |
    | 速率              145/s      145/s      193/s      193/s            0..200/s |
    |                                                        ##################### |
    | 流量           13 KiB/s   12 KiB/s   16 KiB/s   16 KiB/s         0..20 KiB/s |
    |                                                        ##################### |
    | 延迟             3.0 ms     3.0 ms     3.0 ms      21 ms            0..30 ms |
    |                                                        #.#..#.#.#..#.#.#..#. |
    | 往返, n 12       4.1 ms     4.0 ms     4.1 ms     4.1 ms           0..5.0 ms |
    |                                                                 ############ |
    | 1 * 业务1                                                                    |
    | 速率                    ######     0..200/s      141/s      193/s      193/s |
    | 延迟                    ######     0..30 ms     3.0 ms     3.0 ms      21 ms |
    +--------------------------------------------------------------------另有 1 个-+
     > 下一个数据源  v 滚动  esc 关闭
    ");
}

#[test]
fn a_feed_without_any_time_or_beat_has_no_such_number() {
    let mut app = App::new(vec![FeedInfo { timed: false, ..info(0, "market", &["业务1"]) }], look());
    app.see(FeedId(0), &open(NOW, &["业务1"]));
    let row = |app: &App, label: &str| {
        let shown = shown(app, 80, 24);
        let row = shown.lines().find(|line| line.starts_with(&format!("│ {label} "))).unwrap();
        row.split_whitespace().skip(2).map(str::to_owned).collect::<Vec<_>>()
    };
    for label in ["rate", "lag", "rtt"] {
        assert_eq!(row(&app, label), ["–", "–", "–", "–", "│"], "{label}");
    }
    press(&mut app, "i");
    for label in ["rate", "bytes", "lag", "rtt"] {
        assert_eq!(row(&app, label), ["–", "–", "–", "–", "│"], "{label}");
    }
}

#[test]
fn the_other_feeds_are_a_key_away_and_the_popup_closes() {
    let mut app = calm();
    press(&mut app, "i");
    let title = |app: &App| shown(app, 80, 24).lines().nth(1).unwrap().to_owned();
    assert!(title(&app).contains("figures · market · 180 s to now"), "{}", title(&app));
    app.press(KeyEvent::from(KeyCode::Right), at(NOW));
    press(&mut app, "l");
    assert!(title(&app).contains("figures · orders"), "{}", title(&app));
    press(&mut app, "h");
    assert!(title(&app).contains("figures · binance"), "{}", title(&app));
    for close in ["i", "q"] {
        press(&mut app, close);
        assert_eq!((app.mode(), app.quit, app.focus), (Mode::Main, false, Focus::Feeds));
        press(&mut app, "i");
    }
}

/// A column holds its place while a value grows: what has not changed does not move.
#[test]
fn numbers_stand_below_each_other_whatever_they_are() {
    let ends = |rate: u64| {
        let mut app = App::new(vec![info(0, "market", &["业务1"])], look());
        minute(&mut app, 0, rate, NOW, &open(NOW, &["业务1"]));
        press(&mut app, "i");
        let shown = shown(&app, 80, 24);
        let row = shown.lines().find(|line| line.contains("│ rate ")).unwrap().to_owned();
        let mut ends = Vec::new();
        for (i, word) in row.char_indices().filter(|(i, c)| *c == 's' && row[..*i].ends_with('/')) {
            ends.push(row[..i].chars().count() + usize::from(word == '?'));
        }
        ends
    };
    assert_eq!(ends(3).len(), 5, "four numbers and the scale");
    assert_eq!(ends(3), ends(145));
    assert_eq!(ends(3), ends(98_000));
}

#[test]
fn no_size_is_too_small_and_no_border_breaks() {
    let mut many = App::new(vec![info(0, "👨‍👩‍👧‍👦业务", &["业务1"; 40])], look());
    minute(&mut many, 0, 5000, NOW, &open(NOW, &["业务1"; 40]));
    for mut app in [calm(), trouble(), alone(|_| {}), many, App::new(Vec::new(), look())] {
        for scrolled in ["", "i", "G", "k"] {
            press(&mut app, scrolled);
            for width in (0..=12).chain([20, 37, 38, 39, 40, 59, 60, 61, 62, 63, 80, 91, 92, 118, 300]) {
                for height in (0..=12).chain([17, 24, 41, 90]) {
                    let buffer = buffer(&app, NOW, width, height);
                    if app.popup.is_none() || width < 4 || height < 8 || app.feeds.is_empty() {
                        continue;
                    }
                    for y in 1..height - 1 {
                        for x in [0, width - 1] {
                            let symbol = buffer[(x, y)].symbol();
                            assert!("│╭╮╰╯".contains(symbol), "{symbol:?} at {x},{y}\n{}", text(&buffer));
                        }
                    }
                }
            }
        }
    }
}

fn trade(late: i64) -> Message {
    let clock = Clock::start();
    let now = clock.now().on_wall(clock.anchor()) / 1_000_000;
    Message::text(format!(r#"{{"service":"trades","ts":{}}}"#, now - late))
}

/// A row of the popup: the numbers in it, without the label.
fn numbers(screen: &str, label: &str) -> Vec<String> {
    let row = screen.lines().find(|line| line.contains(&format!("│ {label}"))).unwrap_or_default();
    let row = row.split(['│', '"']).nth(2).unwrap_or_default();
    let words = row.split("  ").map(str::trim).filter(|word| !word.is_empty());
    words.skip(1).map(str::to_owned).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_user_watches_the_figures_through_an_outage() {
    let mut server = FeedServer::start(Manners { every: None, answers: true }).await;
    let sets = ["time.at=/ts", "time.unit=ms", "heartbeat.after=1s", "reconnect.base=4s", "reconnect.jitter=0"];
    let feeds = vec![feed(0, "market", &server.url(), "sub-heartbeat", &["trades"], &sets)];
    let server = &mut server;
    let end = sit(feeds, (100, 40), async move |mut user: User| {
        server.hears(&sub("trades")).await;
        // Nine in time and one late: a quiet minute would not tell them apart.
        (0..9).for_each(|_| server.say(trade(0)));
        server.say(trade(700));
        user.sees_text("\"ts\":").await;
        user.press("i").await;
        user.sees("the delays", |screen| {
            let lag = numbers(screen, "lag");
            lag.get(3).is_some_and(|worst| worst.ends_with(" ms") && worst.starts_with('7'))
                && lag.get(1).is_some_and(|middle| middle.ends_with(" ms") && !middle.starts_with('7'))
        })
        .await;
        user.sees("a round trip", |screen| {
            numbers(screen, "rtt, n ").iter().filter(|number| number.ends_with(" ms")).count() >= 4
        })
        .await;
        server.close(1012, "restart");
        user.sees_text("market down").await;
        user.sees("no rate", |screen| numbers(screen, "rate").first().is_some_and(|now| now == "–")).await;
        server.hears(&sub("trades")).await;
        user.sees("a blank between what was before the outage and what came after", |screen| {
            // The lowest row of the bars, above the next figure.
            let below = screen.lines().position(|line| line.contains("│ bytes"));
            let ground = below.and_then(|n| screen.lines().nth(n - 1)).unwrap_or_default();
            let ground = ground.trim_matches(['│', '"', ' ']);
            ground.contains(' ') && ground.ends_with(['▅', '_', '█'])
        })
        .await;
        user.does(Input::Key(KeyEvent::new(KeyCode::Esc, KeyModifiers::NONE))).await;
        user.press("q").await;
    })
    .await;
    assert_eq!(end, End::Quit);
}
