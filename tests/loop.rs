//! The loop that owns the screen, with a test for a user: it presses keys, looks at the screen, and waits for what it
//! wants to see. The feeds are real, on loopback; only the terminal is made up.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test may")]

mod feed_server;
#[expect(dead_code, reason = "other tests need more of it")]
mod user;

use std::net::{Ipv4Addr, SocketAddr};
use std::time::Duration;

use crossterm::event::{Event as Input, KeyCode, KeyEvent, KeyModifiers};
use tokio_tungstenite::tungstenite::Message;
use wirebeat::demo::Server;
use wirebeat::event::{Event, FeedId, Stamped};
use wirebeat::fault::{Cut, Desk, Fault};
use wirebeat::launch::FeedPlan;
use wirebeat::run::End;
use wirebeat::term::Signal;
use wirebeat::time::Ts;

use feed_server::{BEAT, FeedServer, Manners, sub};
use user::{PATIENCE, User, feed, sit, sit_allowed};

fn unsub(name: &str) -> String {
    sub(name).replace("sub", "unsub")
}

fn market(server: &FeedServer) -> Vec<FeedPlan> {
    vec![feed(0, "market", &server.url(), "sub-heartbeat", &["业务1", "业务2"], &["reconnect.base=50ms"])]
}

fn ctrl(key: char) -> Input {
    Input::Key(KeyEvent::new(KeyCode::Char(key), KeyModifiers::CONTROL))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_user_switches_and_redials_and_quits() {
    let mut server = FeedServer::start(Manners::default()).await;
    let feeds = market(&server);
    let heard = &mut server;
    let end = sit(feeds, (100, 30), async move |mut user: User| {
        assert_eq!(heard.hears(&sub("业务1")).await, 1);
        assert_eq!(heard.hears(&sub("业务2")).await, 1);
        user.sees("two services live", |screen| screen.contains("LIVE") && screen.matches(" live").count() >= 2).await;
        user.press("1").await;
        heard.hears(&unsub("业务1")).await;
        user.sees("one of them off", |screen| screen.contains(" off")).await;
        user.press("1").await;
        heard.hears(&sub("业务1")).await;
        user.sees("both live again", |screen| screen.matches(" live").count() >= 2).await;

        // A link that is open is not dropped without asking.
        user.press("r").await;
        user.sees_text("dial anew").await;
        user.press("n").await;
        user.sees("no question", |screen| !screen.contains("dial anew")).await;
        assert_eq!(user.opens(), 1);
        user.press("r").await;
        user.sees_text("dial anew").await;
        user.press("y").await;
        assert_eq!(heard.hears("close 1000").await, 1, "the old link is left with a goodbye");
        assert_eq!(heard.hears(&sub("业务2")).await, 2);
        user.sees("live again", |screen| screen.contains("LIVE") && screen.matches(" live").count() >= 2).await;
        user.press("q").await;
    })
    .await;
    assert_eq!(end, End::Quit);
    assert_eq!(server.hears("close 1000").await, 2, "so is the last one");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn closing_the_help_is_not_quitting() {
    let server = FeedServer::start(Manners::default()).await;
    let end = sit(market(&server), (100, 40), async |mut user: User| {
        user.sees_text("LIVE").await;
        user.press("?").await;
        user.sees_text("switch the selected service").await;
        user.press("q").await;
        user.sees("no help", |screen| !screen.contains("switch the selected service")).await;
        // Text that was pasted is not a key, not even one that quits.
        user.does(Input::Paste("q\nq1r".to_owned())).await;
        user.frames(2).await;
        assert!(user.screen.text().contains("LIVE"));
        user.press("q").await;
    })
    .await;
    assert_eq!(end, End::Quit);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_typed_is_no_key() {
    let server = FeedServer::start(Manners::default()).await;
    let end = sit(market(&server), (100, 30), async |mut user: User| {
        user.sees_text("LIVE").await;
        user.press("/q1r").await;
        user.sees_text("/q1r").await;
        user.does(Input::Paste("业务q".to_owned())).await;
        user.sees_text("q1r业务q").await;
        assert!(user.clipboard.lock().unwrap().is_empty(), "nothing is copied but by a key that says so");
        // From everywhere.
        user.does(ctrl('c')).await;
    })
    .await;
    assert_eq!(end, End::Quit);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_signal_ends_it() {
    for signal in [Signal::Terminate(15), Signal::HangUp, Signal::Panicked] {
        let mut server = FeedServer::start(Manners::default()).await;
        let end = sit(market(&server), (80, 24), async |user: User| {
            user.sees_text("LIVE").await;
            user.signals.send(signal).await.unwrap();
        })
        .await;
        assert_eq!(end, End::Signal(signal));
        server.hears("close 1000").await;
    }
}

/// What stops for good waits for the user, who has one key for it.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_stopped_feed_waits_for_the_user() {
    let mut server = FeedServer::start(Manners { every: None, answers: true }).await;
    let feeds = market(&server);
    let server = &mut server;
    let end = sit(feeds, (100, 30), async move |mut user: User| {
        for link in 1..=3 {
            assert_eq!(server.hears(&sub("业务2")).await, link);
            server.close(4003, "no such key");
        }
        user.sees("why", |screen| screen.contains("STOPPED") && screen.contains("no such key")).await;
        user.press("r").await;
        assert_eq!(server.hears(&sub("业务2")).await, 4);
        user.sees_text("LIVE").await;
        user.press("q").await;
    })
    .await;
    assert_eq!(end, End::Quit);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_end_of_the_keyboard_ends_it() {
    let server = FeedServer::start(Manners::default()).await;
    let end = sit(market(&server), (80, 24), async |user: User| {
        user.sees_text("LIVE").await;
    })
    .await;
    assert_eq!(end, End::Quit);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn any_size_is_drawn_and_left_again() {
    let server = FeedServer::start(Manners::default()).await;
    let end = sit(market(&server), (80, 24), async |mut user: User| {
        user.sees_text("LIVE").await;
        for (width, height) in [(1, 1), (0, 0), (200, 60), (2, 1), (20, 2), (80, 24)] {
            user.screen.resize(width, height);
            user.does(Input::Resize(width, height)).await;
            user.frames(2).await;
        }
        user.sees("all as before", |screen| screen.contains("LIVE") && screen.contains("业务2")).await;
        user.press("q").await;
    })
    .await;
    assert_eq!(end, End::Quit);
}

/// News without end must not keep the user from leaving, nor the screen from changing.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_flood_starves_neither_keys_nor_frames() {
    let server = FeedServer::start(Manners::default()).await;
    let end = sit(market(&server), (80, 24), async |mut user: User| {
        user.sees_text("LIVE").await;
        let floods: Vec<_> = (0..2)
            .map(|_| {
                let events = user.events.clone();
                tokio::spawn(async move {
                    let event = Event::Dialing { attempt: 1 };
                    let stamped = Stamped { n: 1, at: Ts::ZERO, feed: FeedId(0), event };
                    while events.send(stamped.clone()).await.is_ok() {}
                })
            })
            .collect();
        user.frames(20).await;
        user.press("?").await;
        user.sees_text("switch the selected service").await;
        user.press("q").await;
        user.sees("no help", |screen| !screen.contains("switch the selected service")).await;
        user.press("q").await;
        drop(floods);
    })
    .await;
    assert_eq!(end, End::Quit);
}

/// Messages as fast as loopback carries them, from the socket to the screen.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_fast_feed_is_shown_counted_and_left() {
    let server = FeedServer::start(Manners { every: None, ..Manners::default() }).await;
    let feeds = market(&server);
    let server = &server;
    let end = sit(feeds, (100, 30), async move |mut user: User| {
        user.sees_text("LIVE").await;
        for n in 0..4000 {
            server.say(Message::text(format!(r#"{{"service":"业务1","n":{n}}}"#)));
        }
        let all = user.snapshots[0].wait_for(|snapshot| snapshot.counters.messages == 4000);
        assert!(tokio::time::timeout(PATIENCE, all).await.is_ok());
        user.sees_text("\"n\":3999").await;
        user.press("q").await;
    })
    .await;
    assert_eq!(end, End::Quit);
}

/// The whole story of a dead link, as the user sees it.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_dead_link_is_noticed_told_and_replaced() {
    let mut server = FeedServer::start(Manners { every: None, answers: false }).await;
    let sets = ["heartbeat.after=300ms", "heartbeat.timeout=1s", "reconnect.base=300ms"];
    let feeds = vec![feed(0, "market", &server.url(), "sub-heartbeat", &["业务1", "业务2"], &sets)];
    let server = &mut server;
    let end = sit(feeds, (100, 30), async move |mut user: User| {
        server.hears(BEAT).await;
        user.sees_text("PROBING").await;
        user.sees_text("RETRY").await;
        user.sees_text("no answer to our beat").await;
        server.answer(true);
        let link = server.hears(&sub("业务1")).await;
        assert!(link > 1);
        assert_eq!(server.next().await, (link, sub("业务2")));
        user.sees_text("LIVE").await;
        user.press("q").await;
    })
    .await;
    assert_eq!(end, End::Quit);
}

/// Two hosts at once: whose trouble it is, and each outage explained.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_goes_down_together_is_told_together_and_explained() {
    let (one, other) = (FeedServer::start(Manners::default()).await, FeedServer::start(Manners::default()).await);
    let sets = ["reconnect.base=2s", "reconnect.jitter=0.0"];
    let url = other.url().replace("127.0.0.1", "localhost");
    let feeds = vec![
        feed(0, "market", &one.url(), "sub-heartbeat", &["业务1"], &sets),
        feed(1, "orders", &url, "sub-heartbeat", &["业务1"], &sets),
    ];
    let end = sit(feeds, (110, 36), async move |mut user: User| {
        user.sees("both live", |screen| screen.matches("LIVE").count() == 2).await;
        user.press("t").await;
        user.sees_text("No outage in").await;
        user.press("t").await;
        one.close(1012, "restart");
        other.close(1012, "restart");
        user.sees_text("2 of 2 feeds lost").await;
        user.press("t").await;
        user.sees_text("2 outages of 2 feeds").await;
        user.does(Input::Key(KeyEvent::from(KeyCode::Enter))).await;
        user.sees_text("1012 service restart").await;
        user.sees_text("on 2 hosts: the network here").await;
        user.sees("data again, and told so", |screen| screen.contains("业务1 after")).await;
        user.press("q").await;
        user.sees_text("2 outages of 2 feeds").await;
        user.press("q").await;
        user.sees_text("2 feeds live").await;
        user.press("q").await;
    })
    .await;
    assert_eq!(end, End::Quit);
}

/// A fault by key: warned of, noticed like the real thing, and over at a key.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_fault_is_injected_and_ended_by_key() {
    let mut server = FeedServer::start(Manners { every: None, answers: true }).await;
    let sets = ["heartbeat.after=300ms", "heartbeat.timeout=1s", "reconnect.base=300ms"];
    let feeds = vec![feed(0, "market", &server.url(), "sub-heartbeat", &["业务1"], &sets)];
    let server = &mut server;
    let end = sit_allowed(feeds, (100, 40), async move |mut user: User| {
        server.hears(&sub("业务1")).await;
        user.sees_text("LIVE").await;
        user.press("x").await;
        user.sees("the menu", |screen| screen.contains("half-open") && screen.contains("TCP is reset")).await;
        // The second: a blackhole.
        user.press("j").await;
        user.does(Input::Key(KeyEvent::from(KeyCode::Enter))).await;
        user.sees_text("INJECTED FAULT").await;
        user.sees_text("no answer to our beat").await;
        // A new link works, while the fault is on.
        assert!(server.hears(&sub("业务1")).await > 1);
        user.sees("live under a banner", |screen| screen.contains("LIVE") && screen.contains("INJECTED FAULT")).await;
        user.press("xx").await;
        user.sees("no banner", |screen| !screen.contains("INJECTED FAULT") && screen.contains("LIVE")).await;
        // The same by a line.
        user.press("x:refuse 503 times 1 cut reset for 60s").await;
        user.does(Input::Key(KeyEvent::from(KeyCode::Enter))).await;
        user.sees_text("503").await;
        server.hears(&sub("业务1")).await;
        user.sees_text("LIVE").await;
        user.press("q").await;
    })
    .await;
    assert_eq!(end, End::Quit);
}

/// The embedded server and its faults, through the loop.
#[tokio::test(start_paused = true)]
async fn a_terminal_that_fails_because_it_hung_up_is_no_error() {
    let end = sit(Vec::new(), (80, 24), async |mut user: User| {
        user.frames(1).await;
        user.keys.try_send(Err(std::io::Error::other("gone"))).unwrap();
        tokio::time::sleep(Duration::from_millis(30)).await;
        user.signals.send(Signal::HangUp).await.unwrap();
    })
    .await;
    assert_eq!(end, End::Signal(Signal::HangUp));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_demo_is_watched() {
    let server = Server::bind(SocketAddr::from((Ipv4Addr::LOCALHOST, 0)), 1).await.unwrap();
    let desk = server.faults();
    let mut feeds = Vec::new();
    for ((path, services), id) in Server::feeds().iter().zip(0..) {
        feeds.push(feed(
            id,
            path.trim_start_matches('/'),
            &server.url(path),
            "demo",
            services,
            &["reconnect.base=50ms"],
        ));
    }
    let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
    let running = tokio::spawn(server.run(async {
        let _stopped = stopped.await;
    }));
    let end = sit(feeds, (120, 40), async move |mut user: User| {
        user.sees("all live", |screen| screen.matches("LIVE").count() >= 3).await;
        let (path, _) = Server::feeds()[0];
        let reason = "\u{1b}]0;evil\u{7}maintenance";
        desk.start(path, &Fault::Cut(Cut::Close { code: 1012, reason: reason.to_owned() }), Duration::ZERO).unwrap();
        user.press("t").await;
        user.sees("the outage", |screen| screen.contains("1012") && screen.contains("maintenance")).await;
        assert!(!user.screen.text().contains('\u{1b}'));
        user.press("q").await;
        user.sees("all live again", |screen| screen.matches("LIVE").count() >= 3).await;
        user.press("q").await;
    })
    .await;
    assert_eq!(end, End::Quit);
    stop.send(()).unwrap();
    running.await.unwrap();
}
