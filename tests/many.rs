//! Many feeds: groups that fold, a table longer than the screen, a feed found by its name, and panes of other sizes.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test may")]

#[expect(dead_code, reason = "other tests need more of it")]
mod feed_server;
#[expect(dead_code, reason = "the pictures are for the screens")]
mod support;
#[expect(dead_code, reason = "other tests need more of it")]
mod user;

use crossterm::event::{Event as Input, KeyCode, KeyEvent, KeyModifiers, MouseButton, MouseEvent, MouseEventKind};
use feed_server::{FeedServer, Manners};
use insta::assert_snapshot;
use proptest::prelude::*;
use ratatui::layout::{Position, Rect};
use support::{NOW, at, buffer, info, look, minute, open, outage, text};
use user::{User, feed, sit};
use wirebeat::app::arrange::{Grip, Sizes};
use wirebeat::app::keymap::{Action, KEYS, Step};
use wirebeat::app::pointer::{Gesture, Spot};
use wirebeat::app::table::Row;
use wirebeat::app::{App, Effect, Focus};
use wirebeat::event::{Due, FeedId, FeedInfo, Phase, Why};
use wirebeat::run::End;
use wirebeat::say::Lang;
use wirebeat::ui;

fn press(app: &mut App, keys: &str) -> Option<Effect> {
    keys.chars().fold(None, |_, letter| {
        let code = match letter {
            '\t' => KeyCode::Tab,
            '\n' => KeyCode::Enter,
            '\u{1b}' => KeyCode::Esc,
            '←' => KeyCode::Left,
            '→' => KeyCode::Right,
            letter => KeyCode::Char(letter),
        };
        app.press(KeyEvent::from(code), at(NOW))
    })
}

fn grouped(id: u32, name: &str, group: &str) -> FeedInfo {
    FeedInfo { group: Some(group.to_owned()).filter(|group| !group.is_empty()), ..info(id, name, &["业务1"]) }
}

fn down(app: &mut App, feed: u32, since: f64) {
    let mut state = open(NOW, &["业务1"]);
    state.phase = Phase::Waiting;
    state.attempt = 4;
    state.opened = None;
    state.due = Some((Due::Dial, at(NOW - 1.0), at(NOW + 3.2)));
    state.why = Some(Why::Eof);
    state.outage = Some(outage(1, Why::Eof, since, false));
    app.see(FeedId(feed), &state);
}

/// Nine feeds: two without a group, and three groups. Two are down, in different groups.
fn nine() -> App {
    let feeds = [
        ("btc", "prices"),
        ("local", ""),
        ("eth", "prices"),
        ("fills", "orders"),
        ("温度", "传感器"),
        ("sol", "prices"),
        ("book", "orders"),
        ("湿度", "传感器"),
        ("tap", ""),
    ];
    let infos = (0..).zip(feeds).map(|(id, (name, group))| grouped(id, name, group)).collect();
    let mut app = App::new(infos, look());
    for id in 0..9 {
        minute(&mut app, id, u64::from(id) + 1, NOW, &open(NOW, &["业务1"]));
    }
    down(&mut app, 2, NOW - 20.0);
    down(&mut app, 7, NOW - 90.0);
    app
}

/// So many feeds in twelve groups.
fn thousand() -> App {
    let infos = (0..1000).map(|id| grouped(id, &format!("feed-{id:04}"), &format!("group-{}", id % 12))).collect();
    App::new(infos, look())
}

fn table(app: &App) -> String {
    let word = |row: &Row| match row {
        Row::Feed(id) => app.feed(*id).unwrap().info.name.clone(),
        Row::Group(id) => {
            let group = app.group(*id).unwrap();
            format!("{}{}", if group.folded { '+' } else { '-' }, group.name)
        }
    };
    app.table().iter().map(word).collect::<Vec<_>>().join(" ")
}

fn row(app: &App) -> String {
    match app.selected_row().unwrap() {
        Row::Feed(id) => app.feed(id).unwrap().info.name.clone(),
        Row::Group(id) => app.group(id).unwrap().name.clone(),
    }
}

fn shown(app: &App, width: u16, height: u16) -> String {
    text(&buffer(app, NOW, width, height))
}

#[test]
fn groups_have_heads_in_the_order_of_the_file() {
    let mut app = nine();
    assert_eq!(table(&app), "local tap -prices btc eth sol -orders fills book -传感器 温度 湿度");
    assert_snapshot!(shown(&app, 118, 30), @"
     ✕ 2 of 9 need you · 湿度 down 1m30s: TCP ended without a close frame · not us                         12:04:31+08:00
    ╭─ trouble, worst first ──────────────────────────────────────────────────────────────────── a acknowledge · m mute ─╮
    │ ↻ 湿度    1m30s  TCP ended without a close frame                                                  dial 4 in   3.2s │
    │ ↻ eth       20s  TCP ended without a close frame                                                  dial 4 in   3.2s │
    ├─ feeds, in your order ──────────────────────────────────────────────────────────────────────────────────── o sort ─┤
    │     feed    state        next             svc     rate    last  lag 50/99 ms  gaps  60 s ago                   now │
    │   ● local   LIVE         beat if 30s idle ●        2/s    0.0s        3 / 21     0  ▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▄ │
    │   ● tap     LIVE         beat if 30s idle ●        9/s    0.0s        3 / 21     0  ▄▃▃▄▃▃▄▃▃▄▃▃▄▃▃▄▃▃▄▃▃▄▃▃▄▃▃▄▃▂ │
    │   - prices  ✕ 1 of 3 needs you                     7/s                                                             │
    │ ▸ ● btc     LIVE         beat if 30s idle ●        1/s    0.0s        3 / 21     0  ▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄╷ │
    │   ↻ eth     RETRY 3      dial 4 in 3.2s   ·        0/s    0.0s        3 / 21     ?  ▆▄▅▆▄▅▆▄▅▆▄▅▆▄▅▆▄▅▆▄▅▆▄▅▆▄▅▆▄▃ │
    │   ● sol     LIVE         beat if 30s idle ●        6/s    0.0s        3 / 21     0  ▆▄▅▆▄▅▆▄▅▆▄▅▆▄▅▆▄▅▆▄▅▆▄▅▆▄▅▆▄▃ │
    │   - orders  ● 2 feeds live                        11/s                                                             │
    │   ● fills   LIVE         beat if 30s idle ●        4/s    0.0s        3 / 21     0  █▆▇█▆▇█▆▇█▆▇█▆▇█▆▇█▆▇█▆▇█▆▇█▆▄ │
    │   ● book    LIVE         beat if 30s idle ●        7/s    0.0s        3 / 21     0  ▇▅▆▇▅▆▇▅▆▇▅▆▇▅▆▇▅▆▇▅▆▇▅▆▇▅▆▇▅▃ │
    │   - 传感器  ✕ 1 of 2 needs you                     5/s                                                             │
    │   ● 温度    LIVE         beat if 30s idle ●        5/s    0.0s        3 / 21     0  ▅▄▄▅▄▄▅▄▄▅▄▄▅▄▄▅▄▄▅▄▄▅▄▄▅▄▄▅▄▂ │
    │   ↻ 湿度    RETRY 3      dial 4 in 3.2s   ·        0/s    0.0s        3 / 21     ?  █▆▇█▆▇█▆▇█▆▇█▆▇█▆▇█▆▇█▆▇█▆▇█▆▄ │
    ├─ btc ──────────────────────────────────────┬─ 业务1 · 1/s ──────────────────────────────────────────────── z zoom ─┤
    │ 1 ● 业务1   live       1/s   0.0s   3 / 21 │ 60 counted, and none of them is kept                                  │
    │ beat      beat if 30s idle                 │                                                                       │
    │ link      open 16m30s · rtt 4.1 ms · 0 B   │                                                                       │
    │ outage    none                             │                                                                       │
    │                                            │                                                                       │
    │ rate    ████████████       0..1/s      1/s │                                                                       │
    │ lag     ▆▆▆▁▆▆▁▆▆▆▁▆     0..30 ms   3.0 ms │                                                                       │
    │ rtt     ▇▇▇▇▇▇▇▇▇▇▇▇    0..5.0 ms   4.1 ms │                                                                       │
    │                                            │                                                                       │
    ╰────────────────────────────────────────────┴───────────────────────────────────────────────────────────────────────╯
     1-9 toggle · tab pane · enter inspect · / filter · f freeze · z zoom · t outages · : all · ? help · q quit
    ");
    press(&mut app, "F");
    assert_eq!((row(&app).as_str(), app.selected().is_none()), ("prices", true), "its head stands for it");
    assert_snapshot!(shown(&app, 118, 30), @"
     ✕ 2 of 9 need you · 湿度 down 1m30s: TCP ended without a close frame · not us                         12:04:31+08:00
    ╭─ trouble, worst first ──────────────────────────────────────────────────────────────────── a acknowledge · m mute ─╮
    │ ↻ 湿度    1m30s  TCP ended without a close frame                                                  dial 4 in   3.2s │
    │ ↻ eth       20s  TCP ended without a close frame                                                  dial 4 in   3.2s │
    ├─ feeds, in your order ──────────────────────────────────────────────────────────────────────────────────── o sort ─┤
    │     feed    state        next             svc     rate    last  lag 50/99 ms  gaps  60 s ago                   now │
    │   ● local   LIVE         beat if 30s idle ●        2/s    0.0s        3 / 21     0  ▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▄ │
    │   ● tap     LIVE         beat if 30s idle ●        9/s    0.0s        3 / 21     0  ▄▃▃▄▃▃▄▃▃▄▃▃▄▃▃▄▃▃▄▃▃▄▃▃▄▃▃▄▃▂ │
    │ ▸ + prices  ✕ 1 of 3 needs you                     7/s                                                             │
    │   - orders  ● 2 feeds live                        11/s                                                             │
    │   ● fills   LIVE         beat if 30s idle ●        4/s    0.0s        3 / 21     0  █▆▇█▆▇█▆▇█▆▇█▆▇█▆▇█▆▇█▆▇█▆▇█▆▄ │
    │   ● book    LIVE         beat if 30s idle ●        7/s    0.0s        3 / 21     0  ▇▅▆▇▅▆▇▅▆▇▅▆▇▅▆▇▅▆▇▅▆▇▅▆▇▅▆▇▅▃ │
    │   - 传感器  ✕ 1 of 2 needs you                     5/s                                                             │
    │   ● 温度    LIVE         beat if 30s idle ●        5/s    0.0s        3 / 21     0  ▅▄▄▅▄▄▅▄▄▅▄▄▅▄▄▅▄▄▅▄▄▅▄▄▅▄▄▅▄▂ │
    │   ↻ 湿度    RETRY 3      dial 4 in 3.2s   ·        0/s    0.0s        3 / 21     ?  █▆▇█▆▇█▆▇█▆▇█▆▇█▆▇█▆▇█▆▇█▆▇█▆▄ │
    ├─ prices ──────────────────────────────────────────────────────────────────────────────────────────────── F unfold ─┤
    │ ✕ 1 of 3 needs you · 7/s                                                                                           │
    │ ↻ eth       20s  TCP ended without a close frame                                                  dial 4 in   3.2s │
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
    ╰────────────────────────────────────────────────────────────────────────────────────────────────────────────────────╯
     1-9 toggle · tab pane · enter inspect · / filter · f freeze · z zoom · t outages · : all · ? help · q quit
    ");
}

#[test]
fn heads_say_the_same_where_there_is_little_room() {
    let mut app = nine();
    app.look.lang = Lang::ZhCn;
    press(&mut app, "F:fold all\n}}");
    assert_snapshot!(shown(&app, 80, 24), @"
     ✕ 2/9 需要处理 · 湿度 断开 1m30s：TCP 已结束，没有收到关闭帧 · 非本机
    ╭─ 数据源 ──────────────────────────────────────────────────────── 最近 72 秒 ─╮
    │ ● local  正常     空闲 30s 心跳    ●      2/s   0.0s    0   ▅▇▇▇▇▇▇▇▇▇▇▇▇▇▇▂ │
    │ ● tap    正常     空闲 30s 心跳    ●      9/s   0.0s    0   ▅▆▆▇▆▆▇▆▆▇▆▆▇▆▆▂ │
    │ + prices ✕ 1/3 需要处理                   7/s                                │
    │ + orders ● 2 个数据源正常                11/s                                │
    │▸+ 传感器 ✕ 1/2 需要处理                   5/s                                │
    ├─ 原因 ────────────────────────────────────────────────────────────── t 断线 ─┤
    │ ↻ 湿度    1m30s  TCP 已结束，没有收到关闭帧                                  │
    │ ↻ eth       20s  TCP 已结束，没有收到关闭帧                                  │
    ├─ 传感器 ──────────────────────────────────────────────────────────── F 展开 ─┤
    │ ✕ 1/2 需要处理 · 5/s                                                         │
    │ ↻ 湿度    1m30s  TCP 已结束，没有收到关闭帧                                  │
    │                                                                              │
    │                                                                              │
    │                                                                              │
    │                                                                              │
    │                                                                              │
    │                                                                              │
    │                                                                              │
    │                                                                              │
    │                                                                              │
    ╰──────────────────────────────────────────────────────────────────────────────╯
     1-9 开关  tab 窗格  enter 查看  / 过滤  f 冻结  : 全部  ? 帮助  q 退出
    ");
    assert_snapshot!(shown(&app, 40, 12), @"
     ✕ 湿度 断开 1m30s：TCP 结束 · 另有 1 个
     ● local 正常     空闲 30s 心跳
     ● tap   正常     空闲 30s 心跳
     + prices ✕ 1/3 需要处理
     + orders ● 2 个数据源正常
    ▸+ 传感器 ✕ 1/2 需要处理
     ✕ 1/2 需要处理 · 5/s
     ↻ 湿度    1m30s  TCP 已结束，没有收到…



     1-9 开关  : 全部  ? 帮助  q 退出
    ");
}

/// What is folded away is as much in trouble as before.
#[test]
fn a_folded_group_hides_no_trouble() {
    let mut app = nine();
    let before = (app.verdict(at(NOW)), app.troubles(at(NOW)));
    press(&mut app, ":fold all\n");
    assert_eq!(table(&app), "local tap +prices +orders +传感器");
    assert_eq!((app.verdict(at(NOW)), app.troubles(at(NOW))), before);
    let screen = shown(&app, 118, 30);
    assert!(screen.contains("2 of 9 need you · 湿度 down 1m30s: TCP ended"), "{screen}");
    assert!(screen.contains("↻ eth") && screen.contains("↻ 湿度"), "{screen}");
    assert_eq!(screen.matches("+ prices  ✕ 1 of 3 needs you").count(), 1, "{screen}");
    assert_eq!(screen.matches("+ 传感器  ✕ 1 of 2 needs you").count(), 1, "{screen}");
}

#[test]
fn a_head_folds_by_the_keys_one_tries() {
    let mut app = nine();
    press(&mut app, "{");
    assert_eq!(row(&app), "prices");
    for (keys, folded) in [
        (" ", true),
        (" ", false),
        ("\n", true),
        ("\n", false),
        ("←", true),
        ("←", true),
        ("→", false),
        ("h", true),
        ("l", false),
        ("F", true),
        ("F", false),
    ] {
        assert_eq!(press(&mut app, keys), None);
        assert_eq!(app.group(app.head().unwrap()).unwrap().folded, folded, "after {keys:?}");
        assert_eq!(row(&app), "prices");
    }
    press(&mut app, "}}");
    assert_eq!(row(&app), "传感器");
    press(&mut app, "}");
    assert_eq!(row(&app), "传感器", "there is none below it");
    press(&mut app, "{");
    assert_eq!(row(&app), "orders");
    press(&mut app, "jj{");
    assert_eq!(row(&app), "orders", "from within a group to its own head");
    press(&mut app, "gF");
    assert!(app.note.as_ref().unwrap().contains("there is no group here"), "{:?}", app.note);
}

/// No key that goes to a server acts on feeds that nobody picked.
#[test]
fn the_head_of_a_group_sends_nothing() {
    let mut app = nine();
    app.faults_allowed = true;
    press(&mut app, "}");
    for key in KEYS.iter().filter(|key| !matches!(key.action, Action::Quit)) {
        let effect = app.act(key.action, at(NOW));
        assert!(!matches!(effect, Some(Effect::Send(..))), "{:?}", key.action);
        if let Action::Toggle(_) | Action::Dial | Action::Disconnect | Action::Faults = key.action {
            assert!(app.note.take().is_some_and(|note| note.contains("a group is selected")), "{:?}", key.action);
            assert_eq!(app.popup, None);
        }
        app.popup = None;
        app.filter.typing = false;
        press(&mut app, "G{");
    }
    press(&mut app, ":solo 业务1\n");
    assert_eq!(app.hand.palette.wrong.as_deref(), Some("no feed is selected"));
}

#[test]
fn a_group_is_acknowledged_and_muted_as_a_whole() {
    let mut app = nine();
    press(&mut app, "{a");
    assert_eq!(app.done.as_deref(), Some("1 feed acknowledged"));
    let summary = |app: &App| app.summary(app.group(app.head().unwrap()).unwrap(), at(NOW));
    assert_eq!((summary(&app).need, summary(&app).aside, app.verdict(at(NOW)).need), (0, 1, 1));
    assert!(shown(&app, 118, 30).contains("prices  ● 2 of 3 feeds live · 1 seen"), "{}", shown(&app, 118, 30));
    press(&mut app, "m");
    assert_eq!(app.done.as_deref(), Some("3 feeds muted; again: no longer"));
    press(&mut app, "m");
    assert_eq!(app.done.as_deref(), Some("3 feeds no longer muted"));
    press(&mut app, "jm{m");
    assert_eq!(app.done.as_deref(), Some("2 feeds muted; again: no longer"), "one was");
}

#[test]
fn sorting_keeps_groups_together() {
    let mut app = nine();
    press(&mut app, "o");
    assert_eq!(table(&app), "local tap -传感器 湿度 温度 -prices eth btc sol -orders fills book", "by trouble");
    press(&mut app, "o");
    assert_eq!(table(&app), "tap local -orders book fills -prices sol btc eth -传感器 温度 湿度", "by rate");
    press(&mut app, "o");
    assert_eq!(table(&app), "local tap -orders book fills -prices btc eth sol -传感器 温度 湿度", "by name");
    press(&mut app, "o");
    assert_eq!(table(&app), "local tap -prices btc eth sol -orders fills book -传感器 温度 湿度");
}

#[test]
fn a_feed_is_found_by_its_name() {
    let mut app = thousand();
    press(&mut app, ":fold all\n:0312\n");
    assert_eq!(row(&app), "feed-0312");
    assert!(shown(&app, 120, 40).contains("in your order · 27 of 1,000"), "{}", shown(&app, 120, 40));
    assert!(shown(&app, 120, 40).lines().any(|line| line.contains("▸ · feed-0312")));
    assert_eq!(table(&app).matches('+').count(), 11, "its group alone is open");
    press(&mut app, ":go feed-0001\n");
    assert_eq!(row(&app), "feed-0001");
    press(&mut app, ":go group-7\n");
    assert_eq!(row(&app), "group-7");
    press(&mut app, ":go group\n");
    assert_eq!(app.hand.palette.wrong.as_deref(), Some("no feed or group group; did you mean group-0?"));
    press(&mut app, "\u{1b}:unfold group-7\nj");
    assert_eq!(row(&app), "feed-0007");
    press(&mut app, ":fold group-77\n");
    assert_eq!(app.hand.palette.wrong.as_deref(), Some("no feed or group group-77; did you mean group-7?"));
}

/// A view that follows the selection moves no further than it must.
#[test]
fn a_long_table_scrolls_by_rows_and_pages() {
    let mut app = thousand();
    let area = Rect::new(0, 0, 120, 40);
    let mut go = |keys: &[Action]| {
        for key in keys {
            app.sight = ui::sizing::sight(&app, area, at(NOW));
            app.act(*key, at(NOW));
        }
        let sight = ui::sizing::sight(&app, area, at(NOW));
        (sight.first, app.row_of(app.selected_row().unwrap()).unwrap() - sight.first, sight.rows)
    };
    let (first, here, rows) = go(&[Action::Move(Step::First)]);
    assert_eq!((first, here), (0, 0));
    assert!(rows > 15, "{rows}");
    assert_eq!(go(&[Action::Move(Step::PageDown)]), (1, rows - 1, rows), "what was at the edge is still in sight");
    assert_eq!(go(&[Action::Move(Step::Up); 3]), (1, rows - 4, rows), "the rows stand still while the selection goes");
    assert_eq!(go(&[Action::Move(Step::Last)]), (1012 - rows, rows - 1, rows));
    assert_eq!(go(&[Action::Move(Step::Up); 2]), (1012 - rows, rows - 3, rows));
    let screen = shown(&app, 120, 40);
    assert!(
        screen.contains("998 of 1,000") && screen.contains(&format!("rows {}-1,012 of 1,012", 1013 - rows)),
        "{screen}"
    );
}

/// A head is selected by a click, and folded by another.
#[test]
fn a_click_selects_a_head_and_another_folds_it() {
    let mut app = nine();
    let area = Rect::new(0, 0, 118, 40);
    let spots: Vec<_> = (0..40).map(|y| ui::hit(&app, area, Position::new(10, y), at(NOW))).collect();
    let head = *spots.iter().find(|spot| matches!(spot, Spot::Group(_))).unwrap();
    app.focus = Focus::Messages;
    app.point(head, Gesture::Click);
    assert_eq!((row(&app).as_str(), app.focus), ("prices", Focus::Feeds));
    assert!(!app.group(app.head().unwrap()).unwrap().folded);
    app.point(head, Gesture::Click);
    assert!(app.group(app.head().unwrap()).unwrap().folded);
}

/// Makes the focused pane larger or smaller as the loop does.
fn grow(app: &mut App, key: &str, (width, height): (u16, u16)) {
    if let Some(Effect::Grow(by)) = press(app, key) {
        let sizes = ui::sizing::grown(app, Rect::new(0, 0, width, height), by, at(NOW));
        app.resize_panes(sizes, by > 0);
    }
}

fn rule_of(app: &App, size: (u16, u16), what: &str) -> usize {
    let screen = shown(app, size.0, size.1);
    screen.lines().position(|line| line.contains(what)).unwrap_or_else(|| unreachable!("{what} in\n{screen}"))
}

#[test]
fn panes_grow_and_shrink_and_are_as_at_first_again() {
    for size in [(118, 40), (80, 24)] {
        let mut app = nine();
        let first = shown(&app, size.0, size.1);
        let at_first = rule_of(&app, size, "─ btc");
        grow(&mut app, "-", size);
        grow(&mut app, "-", size);
        assert_eq!(rule_of(&app, size, "─ btc"), at_first - 2, "{size:?}");
        grow(&mut app, "=", size);
        assert_eq!(rule_of(&app, size, "─ btc"), at_first - 1);
        for _ in 0..60 {
            grow(&mut app, "-", size);
        }
        assert_eq!(app.note.as_deref(), Some("this pane is as small as it can be"));
        // What could not be done is not to be undone first.
        let least = rule_of(&app, size, "─ btc");
        grow(&mut app, "+", size);
        assert_eq!(rule_of(&app, size, "─ btc"), least + 1);
        assert_eq!(app.note, None);
        // What the messages take, the table gives.
        press(&mut app, "\t\t");
        grow(&mut app, "+", size);
        assert_eq!(rule_of(&app, size, "─ btc"), least);
        press(&mut app, ":panes\n\u{1b}\u{1b}");
        assert_eq!(app.sizes, Sizes::default());
        app.done = None;
        app.focus = Focus::Feeds;
        assert_eq!(shown(&app, size.0, size.1), first);
    }
}

#[test]
fn a_divider_and_rules_are_pulled_at() {
    let mut app = nine();
    let area = Rect::new(0, 0, 118, 40);
    let screen = shown(&app, 118, 40);
    let y = u16::try_from(rule_of(&app, (118, 40), "─ btc")).unwrap();
    let line = screen.lines().nth(usize::from(y)).unwrap();
    let x = u16::try_from(line.chars().position(|symbol| symbol == '┬').unwrap()).unwrap();
    let take = |app: &App, x, y| ui::sizing::grip(app, area, Position::new(x, y), at(NOW));
    assert_eq!(take(&app, x, y + 2), Some(Grip::Detail));
    assert_eq!(take(&app, x + 5, y), Some(Grip::Feeds));
    assert_eq!(take(&app, x + 5, y + 1), None, "a pane is not held by its inside");
    app.sizes = ui::sizing::pulled(&app, area, Grip::Detail, Position::new(x + 9, y + 2), at(NOW)).unwrap();
    app.sizes = ui::sizing::pulled(&app, area, Grip::Feeds, Position::new(3, y - 3), at(NOW)).unwrap();
    let screen = shown(&app, 118, 40);
    let line = screen.lines().nth(usize::from(y) - 3).unwrap();
    assert!(line.starts_with("├─ btc"), "{screen}");
    assert_eq!(line.chars().position(|symbol| symbol == '┬'), Some(usize::from(x) + 9), "{screen}");
    assert_eq!(ui::sizing::pulled(&app, area, Grip::Feeds, Position::new(3, y - 3), at(NOW)), None, "it is there");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    /// Whatever is folded, selected and wished for, at whatever size: every border stands and every pane has its least.
    #[test]
    fn no_wish_breaks_a_border(
        keys in "[FjkG{} +=\\-\tozhl]{0,24}",
        wish in prop::collection::vec(prop::option::of(any::<u16>()), 5),
        small in prop::option::of(0..24_u16),
        width in 0..=140_u16,
        height in 0..=50_u16,
        zh in any::<bool>(),
    ) {
        let mut app = nine();
        if zh {
            app.look.lang = Lang::ZhCn;
        }
        let area = Rect::new(0, 0, width, height);
        let bound = |wish: Option<u16>| wish.map(|wish| small.map_or(wish, |small| wish % (small + 1)));
        app.sizes = Sizes { feeds: bound(wish[0]), detail: bound(wish[1]), strip: bound(wish[2]), ..Sizes::default() };
        for (n, stream) in app.streams(app.selected().unwrap()).into_iter().enumerate() {
            if let Some(size) = bound(wish[3 + n % 2]) {
                app.sizes.set(Grip::Pane(app.selected().unwrap().info.id, stream), size);
            }
        }
        for key in keys.chars() {
            app.sight = ui::sizing::sight(&app, area, at(NOW));
            grow(&mut app, &key.to_string(), (width, height));
            assert_stands(&app, width, height);
        }
        assert_stands(&app, width, height);
    }
}

/// When a feed goes, something else is selected, or nothing where nothing is left.
#[test]
fn a_feed_that_goes_leaves_its_row() {
    let mut app = nine();
    press(&mut app, "j");
    assert_eq!(app.take_out(FeedId(2)).unwrap().info.name, "eth");
    assert_eq!(row(&app), "sol", "what stands there now");
    assert_eq!(app.take_out(FeedId(2)).map(|feed| feed.info.id), None);
    press(&mut app, "}F");
    app.take_out(FeedId(3));
    assert_eq!(row(&app), "orders", "it has a feed left");
    app.take_out(FeedId(6));
    assert_eq!(row(&app), "传感器");
    for id in [0, 1, 4, 5, 7] {
        app.take_out(FeedId(id));
    }
    assert_eq!(row(&app), "tap");
    app.take_out(FeedId(8));
    assert_eq!((app.selected_row(), app.feeds.len()), (None, 0));
    let _nothing = shown(&app, 118, 30);
}

async fn points(user: &mut User, kind: MouseEventKind, column: u16, row: usize) {
    let row = u16::try_from(row).unwrap();
    user.does(Input::Mouse(MouseEvent { kind, column, row, modifiers: KeyModifiers::NONE })).await;
}

/// Someone before the real loop, with forty real feeds in two groups.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_user_folds_finds_pages_and_resizes() {
    let server = FeedServer::start(Manners { every: None, answers: true }).await;
    let plan = |id: u32| {
        let name = format!("{}-{id:02}", ["north", "south"][id as usize % 2]);
        let mut plan = feed(id, &name, &server.url(), "sub-heartbeat", &["a"], &["reconnect.base=50ms"]);
        plan.info.group = Some(name[..5].to_owned());
        plan
    };
    let end = sit((0..40).map(plan).collect(), (100, 30), async move |mut user: User| {
        user.sees("all of them", |screen| screen.contains("40 feeds live") && screen.contains("- north")).await;
        user.press("F").await;
        user.sees("both heads", |screen| screen.contains("▸ + north") && screen.contains("- south")).await;
        user.press("d").await;
        user.sees_text("a group is selected").await;
        user.press(":north-26").await;
        user.sees_text("select this feed").await;
        let enter = Input::Key(KeyEvent::new(KeyCode::Enter, KeyModifiers::NONE));
        user.does(enter).await;
        let selected = |screen: &str, name: &str| screen.lines().any(|line| line.contains(&format!("▸ ● {name}")));
        user.sees("it, unfolded", |screen| selected(screen, "north-26") && screen.contains("14 of 40")).await;
        user.press("g").await;
        user.does(Input::Key(KeyEvent::new(KeyCode::PageDown, KeyModifiers::NONE))).await;
        user.sees("a page further", |screen| screen.contains("▸") && !screen.contains("14 of 40")).await;
        user.press(":go south-01").await;
        user.does(Input::Key(KeyEvent::new(KeyCode::Enter, KeyModifiers::NONE))).await;
        user.sees("it", |screen| selected(screen, "south-01") && screen.contains("─ south-01 ")).await;
        let rule = |screen: &str| screen.lines().position(|line| line.contains("─ south-01 ")).unwrap_or(0);
        let first = rule(&user.screen.text());
        user.press("---").await;
        user.sees("a smaller table", |screen| rule(screen) == first - 3 && selected(screen, "south-01")).await;
        points(&mut user, MouseEventKind::Down(MouseButton::Left), 30, first - 3).await;
        points(&mut user, MouseEventKind::Drag(MouseButton::Left), 30, first - 6).await;
        points(&mut user, MouseEventKind::Up(MouseButton::Left), 30, first - 6).await;
        user.sees("pulled up", |screen| rule(screen) == first - 6 && selected(screen, "south-01")).await;
        user.press(":panes").await;
        user.does(Input::Key(KeyEvent::new(KeyCode::Enter, KeyModifiers::NONE))).await;
        user.sees("as at first", |screen| rule(screen) == first && screen.contains("panes as at first")).await;
        user.press("q").await;
    })
    .await;
    assert_eq!(end, End::Quit);
}

/// The frame is whole, each rule reaches it at both ends, and what is selected is in sight.
fn assert_stands(app: &App, width: u16, height: u16) {
    let buffer = buffer(app, NOW, width, height);
    if width < 60 || height < 12 {
        return;
    }
    let screen = text(&buffer);
    for y in 1..height - 1 {
        let [left, right] = [0, width - 1].map(|x| buffer[(x, y)].symbol());
        assert!("│╭╰├".contains(left) && "│╮╯┤".contains(right), "{left:?} {right:?} at {y}\n{screen}");
        assert!(left != "├" || right == "┤", "a rule that ends at {y}\n{screen}");
    }
    if !app.zoom {
        let name = row(app);
        assert!(
            screen.lines().any(|line| line.contains('▸') && line.contains(&name)),
            "{name} is not in sight\n{screen}"
        );
        let rules = screen.lines().filter(|line| line.starts_with(['├', '╭'])).count();
        assert!(rules >= 2, "a pane is gone\n{screen}");
    }
}
