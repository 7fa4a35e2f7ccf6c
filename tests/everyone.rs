//! Screens for every terminal: marks that are one column wide everywhere, and states that are told apart without colour.
#![expect(clippy::unwrap_used, reason = "a test may")]

#[expect(dead_code, reason = "other tests need more of it")]
mod support;

use support::{NOW, at, buffer, calm, info, open, outage, press, shown, tell, text, trouble};
use unicode_width::UnicodeWidthStr as _;
use wirebeat::app::App;
use wirebeat::app::keymap::{Mode, keys_in};
use wirebeat::event::alarm::{Alarms, Cause, Rules};
use wirebeat::event::{Event, FeedId, Phase, ServiceState, Snapshot, Why};
use wirebeat::say::{Label, Lang};

const SIZES: [(u16, u16); 6] = [(118, 36), (100, 40), (80, 24), (60, 14), (40, 10), (200, 60)];

/// What a terminal for Chinese, Japanese or Korean may draw in two columns where others draw it in one.
fn ambiguous(symbol: &str) -> bool {
    symbol.width() != symbol.width_cjk()
}

#[test]
fn no_mark_of_the_ascii_screen_has_two_widths() {
    for lang in Lang::ALL {
        for colour in [true, false] {
            for keys in [
                "",
                "?",
                "?jjjjjjjj",
                "t",
                "t\n",
                "x",
                "xjj",
                "x:",
                "\n",
                "\nd",
                "v",
                "c",
                "D",
                "/p",
                "z",
                "f",
                "o",
                "r",
                "d",
            ] {
                let mut app = trouble();
                (app.look.ascii, app.look.lang, app.look.colour, app.faults_allowed) = (true, lang, colour, true);
                press(&mut app, keys);
                for (width, height) in SIZES {
                    let buffer = buffer(&app, NOW, width, height);
                    let wrong: Vec<_> = buffer
                        .content
                        .iter()
                        .map(ratatui::buffer::Cell::symbol)
                        .filter(|symbol| ambiguous(symbol))
                        .collect();
                    assert!(wrong.is_empty(), "{lang} {keys:?} {width}x{height}: {wrong:?}\n{}", text(&buffer));
                }
            }
        }
    }
}

#[test]
fn every_word_of_the_screen_has_marks_that_have_an_ascii_one() {
    let spelled = |of: &str| of.chars().any(|letter| ambiguous(wirebeat::ui::theme::ascii(&letter.to_string())));
    for lang in Lang::ALL {
        for label in Label::ALL {
            assert!(!spelled(label.text(lang)), "{label:?} {lang}");
        }
        for key in Mode::ALL.into_iter().flat_map(keys_in) {
            assert!(!spelled(key.help(lang)) && !spelled(key.hint(lang)) && !spelled(key.label), "{key:?}");
        }
    }
}

#[test]
fn the_ascii_screen_keeps_states_apart() {
    let mut app = trouble();
    app.look.ascii = true;
    insta::assert_snapshot!(shown(&app, 80, 24), @r#"
     X 3 of 6 need you . chat down 22s: TCP ended . not us                 1 paused
    +- feeds -------------------------------------------------------- 68 s to now -+
    |>* market  LIVE     beat if 30s idle **   145/s   0.0s    0  ===#==#==#==#==- |
    | ! binance DEGR 2/3 dead if 60s idle !**   61/s   0.0s    0  ===============. |
    | ? orders  PROBING  dead in    6.8s  ..     0/s    33s    -  =#####=_______v_ |
    | @ chat    RETRY 3  dial 4 in  3.2s  ..     0/s    22s    ?  =########Xx x    |
    | * device  LIVE     beat in   18.2s  *    6/min    11s    0 ___._.__._.__.___ |
    | | kraken  PAUSED   by you,  15m00s  oo         15m00s    -                   |
    +- why ------------------------------------------------------------ t outages -+
    | @ chat       22s  TCP ended; dial 3: HTTP 503                                |
    | ? orders     33s  no byte for 33.2s; our beat is unanswered for 3.2s of 10s  |
    | ! binance    48s  btc@trade silent for 48s, usually < 2.1s; the link and 2 ~ |
    +- market ---------------------------------------------------------- tab pane -+
    | 1 * 业务1      141/s   0.0s   3 / 21   2 * 业务2      3.6/s   0.0s   3 / 21  |
    +- 业务1 . 7 of 141/s shown, all counted ------------------------- +1 more: > -+
    | 30.935  {"service":"业务1","seq":8805,"data":{"price":101.25,"qty":3,"side"~ |
    | 30.942  {"service":"业务1","seq":8806,"data":{"price":101.25,"qty":3,"side"~ |
    | 30.949  {"service":"业务1","seq":8807,"data":{"price":101.25,"qty":3,"side"~ |
    | 30.956  {"service":"业务1","seq":8808,"data":{"price":101.25,"qty":3,"side"~ |
    | 30.963  {"service":"业务1","seq":8809,"data":{"price":101.25,"qty":3,"side"~ |
    | 30.970  {"service":"业务1","seq":8810,"data":{"price":101.25,"qty":3,"side"~ |
    | 30.977  {"service":"业务1","seq":8811,"data":{"price":101.25,"qty":3,"side"~ |
    +------------------------------------------------------------------------------+
     1-9 toggle  tab pane  enter inspect  / filter  : all  ? help  q quit
    "#);
}

#[test]
fn an_alarm_is_heard_once_shown_and_acknowledged() {
    for (lang, told) in [(Lang::En, "1 alarm: a"), (Lang::ZhCn, "1 个警报：a")] {
        let mut app = calm();
        app.look.lang = lang;
        app.alarms = Alarms::new(Rules { on: vec![Cause::Down], bell: true, ..Rules::default() });
        tell(&mut app, 3, [(NOW, Event::Outage(Box::new(outage(1, Why::Eof, NOW, false))))]);
        let rings = app.ring(at(NOW));
        assert_eq!(rings.len(), 1);
        assert!(rings[0].feed == "chat" && rings[0].text.contains("chat"), "{rings:?}");
        assert_eq!(app.ring(at(NOW)), []);
        let first = shown(&app, 118, 24).lines().next().unwrap().to_owned();
        assert!(first.contains(told), "{first}");
        press(&mut app, "a");
        assert_eq!(app.ring(at(NOW)).len(), 1, "who hears alarms hears that they were seen");
        let first = shown(&app, 118, 24).lines().next().unwrap().to_owned();
        assert!(!first.contains(told), "{first}");
    }
}

fn verdict(change: impl FnOnce(&mut Snapshot), lang: Lang, width: u16) -> String {
    let mut app = App::new(vec![info(0, "market", &["trades", "book"])], support::look());
    app.look.lang = lang;
    let mut snapshot = open(NOW, &["trades", "book"]);
    change(&mut snapshot);
    app.see(FeedId(0), &snapshot);
    shown(&app, width, 24).lines().next().unwrap().to_owned()
}

#[test]
fn the_first_line_names_the_layer_the_service_and_the_reason() {
    let stale = |snapshot: &mut Snapshot| {
        let service = &mut snapshot.services[0];
        (service.state, service.last) = (ServiceState::Stale, Some(at(NOW - 48.0)));
        service.usual = Some(support::secs(2.1));
    };
    let line = verdict(stale, Lang::En, 118);
    assert!(line.contains("market connected, answering, but trades silent 48s (usually at most 2.1s)"), "{line}");
    assert!(verdict(stale, Lang::En, 60).contains("market: trades silent 48s"));
    assert!(verdict(stale, Lang::En, 40).contains("trades silent 48s"), "{}", verdict(stale, Lang::En, 40));
    assert!(verdict(stale, Lang::ZhCn, 118).contains("market 已连接、有应答，但 trades 静默 48s（通常不超过 2.1s）"));
    let refused = |snapshot: &mut Snapshot| snapshot.services[1].state = ServiceState::Refused;
    assert!(verdict(refused, Lang::En, 118).contains("market connected, but book is refused"));
    let unacked = |snapshot: &mut Snapshot| snapshot.services[1].state = ServiceState::Wanted;
    assert!(verdict(unacked, Lang::En, 118).contains("market connected, but book not acknowledged"));
    let login = |snapshot: &mut Snapshot| {
        (snapshot.phase, snapshot.attempt, snapshot.opened) = (Phase::LoggingIn, 2, None);
        snapshot.since = at(NOW - 4.0);
    };
    assert!(verdict(login, Lang::En, 118).contains("market connected, login unanswered for 4.0s"));
}

#[test]
fn a_thousand_feeds_are_sorted_on_demand_and_say_where_the_view_stands() {
    let feeds = (0..1000).map(|id| info(id, &format!("feed{:03}", 999 - id), &["a"])).collect();
    let mut app = App::new(feeds, support::look());
    for second in [0_u32, 1, 2, 6] {
        for (id, each) in [(7, 100), (8, 300)] {
            let mut snapshot = open(NOW - 6.0 + f64::from(second), &["a"]);
            snapshot.counters.messages = u64::from(second * each);
            app.see(FeedId(id), &snapshot);
        }
    }
    let first = |app: &App| *app.rows().next().unwrap();
    assert_eq!(first(&app), FeedId(0));
    press(&mut app, "oo");
    assert_eq!(app.rows().take(2).copied().collect::<Vec<_>>(), [FeedId(8), FeedId(7)], "by rate");
    assert!(shown(&app, 118, 36).contains("feeds, busiest first"));
    press(&mut app, "oG");
    assert_eq!(first(&app), FeedId(999), "by name");
    let shown = shown(&app, 80, 24);
    assert!(shown.contains("1,000 of 1,000") && shown.contains("-1,000 of 1,000"), "{shown}");
    press(&mut app, "o");
    assert_eq!(first(&app), FeedId(0), "the user's order");
}
