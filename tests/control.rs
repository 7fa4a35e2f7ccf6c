//! Feeds controlled by someone who sits before the real loop: services, messages of one's own, heartbeats and the rest,
//! each told to a real server on loopback.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test may")]

#[expect(dead_code, reason = "other tests need more of it")]
mod feed_server;
#[expect(dead_code, reason = "other tests need more of it")]
mod user;

use crossterm::event::{Event as Input, KeyCode, KeyEvent, KeyModifiers, MouseButton, MouseEvent, MouseEventKind};
use tokio_tungstenite::tungstenite::Message;
use wirebeat::launch::FeedPlan;
use wirebeat::run::End;

use feed_server::{BEAT, FeedServer, Manners, sub};
use user::{User, feed, sit};

fn market(server: &FeedServer) -> Vec<FeedPlan> {
    vec![feed(0, "market", &server.url(), "sub-heartbeat", &["业务1", "业务2"], &["reconnect.base=50ms"])]
}

fn unsub(name: &str) -> String {
    sub(name).replace("sub", "unsub")
}

async fn quiet() -> FeedServer {
    FeedServer::start(Manners { every: None, answers: true }).await
}

async fn code(user: &mut User, code: KeyCode) {
    user.does(Input::Key(KeyEvent::new(code, KeyModifiers::NONE))).await;
}

/// Twice the same key is off and on again, though another service would be the next to look at.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_selection_holds_what_was_selected() {
    let mut server = quiet().await;
    let feeds = market(&server);
    let server = &mut server;
    let end = sit(feeds, (100, 30), async move |mut user: User| {
        server.hears(&sub("业务2")).await;
        user.press(" ").await;
        server.hears(&unsub("业务1")).await;
        user.sees_text(" off").await;
        user.press(" ").await;
        assert_eq!(server.next().await, (1, sub("业务1")));
        code(&mut user, KeyCode::Char('q')).await;
    })
    .await;
    assert_eq!(end, End::Quit);
}

fn ctrl(key: char) -> Input {
    Input::Key(KeyEvent::new(KeyCode::Char(key), KeyModifiers::CONTROL))
}

/// Every action has a name in the palette, in either language, and commands take what belongs to them.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn everything_is_found_by_name() {
    let mut server = quiet().await;
    let feeds = market(&server);
    let server = &mut server;
    let end = sit(feeds, (100, 30), async move |mut user: User| {
        server.hears(&sub("业务2")).await;
        user.press(":").await;
        user.sees("the list", |screen| screen.contains("commands") && screen.contains("service NAME on|off")).await;
        user.press("断线").await;
        user.sees("one of them, by its name in the other language", |screen| {
            screen.contains("the outages of all feeds") && !screen.contains("service NAME")
        })
        .await;
        code(&mut user, KeyCode::Enter).await;
        user.sees_text("No outage in").await;
        user.press("q:service 业务2 off").await;
        code(&mut user, KeyCode::Enter).await;
        server.hears(&unsub("业务2")).await;
        // What is wrong is told where it is typed, and q is a letter there.
        user.press(":service 业务3 on").await;
        code(&mut user, KeyCode::Enter).await;
        user.sees_text("no service 业务3; did you mean").await;
        user.does(ctrl('u')).await;
        user.press("sevrice q").await;
        code(&mut user, KeyCode::Enter).await;
        user.sees_text("no command sevrice; did you mean service?").await;
        user.does(ctrl('u')).await;
        user.press("fault mute 业务1").await;
        code(&mut user, KeyCode::Enter).await;
        user.sees_text("--allow-faults").await;
        user.does(ctrl('u')).await;
        user.press("quit").await;
        code(&mut user, KeyCode::Enter).await;
    })
    .await;
    assert_eq!(end, End::Quit);
}

/// A message of one's own: written in rows, sent as it stands, found again, and not sent in silence while down.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_message_is_written_and_sent() {
    let mut server = quiet().await;
    let sets = ["reconnect.base=30s", "reconnect.jitter=0.0"];
    let feeds = vec![feed(0, "market", &server.url(), "sub-heartbeat", &["业务1"], &sets)];
    let server = &mut server;
    let end = sit(feeds, (100, 30), async move |mut user: User| {
        server.hears(&sub("业务1")).await;
        user.sees_text("LIVE").await;
        user.press("s").await;
        user.sees_text("a message for this feed").await;
        user.press(r#"{"q":"#).await;
        user.sees_text("no JSON at 1:").await;
        user.does(ctrl('j')).await;
        user.press("1}").await;
        user.sees_text("JSON, 8 B").await;
        code(&mut user, KeyCode::Enter).await;
        server.hears("{\"q\":\n1}").await;
        user.sees_text("sent: 8 B").await;
        user.press("s").await;
        code(&mut user, KeyCode::Up).await;
        user.sees_text("JSON, 8 B").await;
        user.does(Input::Paste("\r\n[2]".to_owned())).await;
        user.does(ctrl('t')).await;
        user.does(ctrl('u')).await;
        user.press("plain").await;
        user.sees_text("text, 5 B; no JSON").await;
        code(&mut user, KeyCode::Enter).await;
        server.hears("plain").await;
        server.close(1012, "restart");
        user.sees_text("RETRY").await;
        user.press("s").await;
        user.press("late").await;
        code(&mut user, KeyCode::Enter).await;
        user.sees("refused, and kept", |screen| {
            screen.contains("not sent: market is not connected") && screen.contains("late")
        })
        .await;
        user.does(ctrl('c')).await;
    })
    .await;
    assert_eq!(end, End::Quit);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_service_alone_and_all_as_before() {
    let mut server = quiet().await;
    let feeds = vec![feed(0, "market", &server.url(), "sub-heartbeat", &["a", "b", "c"], &["reconnect.base=50ms"])];
    let server = &mut server;
    let end = sit(feeds, (100, 30), async move |mut user: User| {
        server.hears(&sub("c")).await;
        user.press("2").await;
        server.hears(&unsub("b")).await;
        user.sees_text(" off").await;
        user.press(":solo c").await;
        code(&mut user, KeyCode::Enter).await;
        server.hears(&unsub("a")).await;
        user.sees_text("only c").await;
        user.press("S").await;
        assert_eq!(server.next().await, (1, sub("a")), "and not b, which was off");
        user.sees("no solo", |screen| !screen.contains("only c")).await;
        user.press("q").await;
    })
    .await;
    assert_eq!(end, End::Quit);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_heartbeat_comes_in_other_distances() {
    let mut server = quiet().await;
    let feeds = market(&server);
    let server = &mut server;
    let end = sit(feeds, (100, 30), async move |mut user: User| {
        server.hears(&sub("业务2")).await;
        user.sees_text("LIVE").await;
        user.press(":beat 10ms").await;
        code(&mut user, KeyCode::Enter).await;
        user.sees_text("a heartbeat comes every 100ms to").await;
        user.does(ctrl('u')).await;
        user.press("beat 300ms").await;
        code(&mut user, KeyCode::Enter).await;
        server.hears(BEAT).await;
        server.hears(BEAT).await;
        user.sees_text("by you").await;
        // It stays so on the next link.
        server.close(1012, "restart");
        assert_eq!(server.hears(BEAT).await, 2);
        user.press(":beat default").await;
        code(&mut user, KeyCode::Enter).await;
        user.sees("as the profile has it", |screen| !screen.contains("by you")).await;
        user.press("q").await;
    })
    .await;
    assert_eq!(end, End::Quit);
}

async fn points(user: &mut User, kind: MouseEventKind, column: u16, row: u16) {
    user.does(Input::Mouse(MouseEvent { kind, column, row, modifiers: KeyModifiers::NONE })).await;
}

/// The row of the screen in which a text stands.
fn row_of(user: &User, text: &str) -> u16 {
    let screen = user.screen.text();
    let row = screen.lines().position(|line| line.contains(text)).unwrap_or_else(|| panic!("{text} in\n{screen}"));
    u16::try_from(row).unwrap()
}

const CLICK: MouseEventKind = MouseEventKind::Down(MouseButton::Left);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_mouse_selects_switches_and_scrolls() {
    let mut server = quiet().await;
    let feeds = market(&server);
    let server = &mut server;
    let end = sit(feeds, (100, 30), async move |mut user: User| {
        server.hears(&sub("业务2")).await;
        (0..60).for_each(|n| server.say(Message::text(format!(r#"{{"service":"业务2","n":{n}}}"#))));
        user.sees_text("\"n\":59").await;
        let services = row_of(&user, "业务1");
        // On the name: it is selected. On its mark: it is switched.
        points(&mut user, CLICK, 58, services).await;
        user.press(" ").await;
        server.hears(&unsub("业务2")).await;
        points(&mut user, CLICK, 53, services).await;
        assert_eq!(server.next().await, (1, sub("业务2")));
        let newest = row_of(&user, "\"n\":59");
        points(&mut user, MouseEventKind::ScrollUp, 20, newest).await;
        user.sees_text("G follows").await;
        user.does(Input::Key(KeyEvent::from(KeyCode::Esc))).await;
        user.sees("following again", |screen| !screen.contains("G follows")).await;
        let row = row_of(&user, "\"n\":57");
        points(&mut user, CLICK, 20, row).await;
        user.sees_text("G follows").await;
        let row = row_of(&user, "\"n\":57");
        points(&mut user, CLICK, 20, row).await;
        user.sees("looked into", |screen| screen.contains("esc close")).await;
        points(&mut user, CLICK, 1, 1).await;
        points(&mut user, MouseEventKind::ScrollDown, 20, 9).await;
        user.press("q").await;
        user.press("M").await;
        user.sees_text("the mouse clicks and scrolls here").await;
        user.press("M").await;
        user.sees_text("the mouse is the terminal's").await;
        user.press("q").await;
    })
    .await;
    assert_eq!(end, End::Quit);
}
