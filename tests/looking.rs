//! Messages looked for and looked into by someone who sits before the real loop: keys, real feeds on loopback, a made-up
//! terminal and its clipboard.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test may")]

#[expect(dead_code, reason = "other tests need more of it")]
mod feed_server;
#[expect(dead_code, reason = "other tests need more of it")]
mod user;

use std::time::Duration;

use crossterm::event::{Event as Input, KeyCode, KeyEvent, KeyModifiers};
use tokio_tungstenite::tungstenite::Message;
use wirebeat::launch::FeedPlan;
use wirebeat::run::End;

use feed_server::{FeedServer, Manners, sub};
use user::{User, feed, sit};

fn market(server: &FeedServer) -> Vec<FeedPlan> {
    vec![feed(0, "market", &server.url(), "sub-heartbeat", &["trades"], &["reconnect.base=50ms"])]
}

async fn quiet() -> FeedServer {
    FeedServer::start(Manners { every: None, answers: true }).await
}

async fn code(user: &mut User, code: KeyCode) {
    user.does(Input::Key(KeyEvent::new(code, KeyModifiers::NONE))).await;
}

fn trade(n: usize) -> Message {
    let symbol = ["BTC", "ETH"][n % 2];
    Message::text(format!(r#"{{"service":"trades","data":{{"symbol":"{symbol}","price":{}.50,"n":{n}}}}}"#, 100 + n))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_user_filters_what_was_and_what_comes() {
    let mut server = quiet().await;
    let feeds = market(&server);
    let server = &mut server;
    let end = sit(feeds, (100, 30), async move |mut user: User| {
        server.hears(&sub("trades")).await;
        (0..10).for_each(|n| server.say(trade(n)));
        user.sees_text("\"n\":9").await;
        user.press("/.data.price >= 108").await;
        // What was sent counts too, and is hidden as well.
        user.sees_text("hides 9 of 11: /.data.price >= 108").await;
        user.sees("only the two", |screen| screen.contains("\"n\":8") && !screen.contains("\"n\":7")).await;
        code(&mut user, KeyCode::Enter).await;
        (10..14).for_each(|n| server.say(trade(n)));
        user.sees_text("hides 9 of 15").await;
        server.say(Message::text(r#"{"service":"trades","data":{"price":1}}"#));
        user.sees_text("hides 10 of 16").await;
        user.press("/ |").await;
        user.sees_text("something has to stand here").await;
        code(&mut user, KeyCode::Esc).await;
        user.sees("all of them", |screen| screen.contains("\"price\":1}") && !screen.contains("hides")).await;
        user.press("q").await;
    })
    .await;
    assert_eq!(end, End::Quit);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_user_searches_inspects_and_copies() {
    let mut server = quiet().await;
    let feeds = market(&server);
    let server = &mut server;
    let end = sit(feeds, (100, 30), async move |mut user: User| {
        server.hears(&sub("trades")).await;
        (0..10).for_each(|n| server.say(trade(n)));
        user.sees_text("\"n\":9").await;
        user.press("/btc").await;
        code(&mut user, KeyCode::Tab).await;
        user.sees_text("in 5 of 11: /btc").await;
        code(&mut user, KeyCode::Enter).await;
        user.press("NN").await;
        user.sees("a match", |screen| screen.lines().any(|line| line.contains('▸') && line.contains("\"n\":6"))).await;
        code(&mut user, KeyCode::Enter).await;
        user.sees("the tree", |screen| screen.contains("▾ data") && screen.contains("price 106.50")).await;
        user.press("jjjjy").await;
        user.sees_text("6 bytes handed to the terminal's clipboard").await;
        user.press("Y").await;
        user.sees_text("11 bytes handed").await;
        user.press("J").await;
        user.sees_text("price 107.50").await;
        // The message stays while the feed goes on.
        (10..40).for_each(|n| server.say(trade(n)));
        user.frames(2).await;
        user.sees_text("price 107.50").await;
        user.press("4").await;
        user.sees_text("00000000  7b 22 73").await;
        user.press("m").await;
        user.sees_text("65 bytes handed").await;
        user.press("qq").await;
        let copied = user.clipboard.lock().unwrap().clone();
        assert_eq!(
            copied,
            ["106.50", ".data.price", r#"{"service":"trades","data":{"symbol":"ETH","price":107.50,"n":7}}"#]
        );
    })
    .await;
    assert_eq!(end, End::Quit);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_user_watches_latest_values_and_columns_in_a_flood() {
    let mut server = FeedServer::start(Manners { every: Some(Duration::from_millis(1)), answers: true }).await;
    let feeds = market(&server);
    let server = &mut server;
    let end = sit(feeds, (100, 30), async move |mut user: User| {
        server.hears(&sub("trades")).await;
        user.sees_text("\"n\":").await;
        user.press("v").await;
        user.sees_text("latest values").await;
        (0..4).for_each(|n| server.say(trade(n)));
        code(&mut user, KeyCode::Esc).await;
        user.press("v").await;
        user.sees("a row", |screen| screen.contains("latest values by")).await;
        code(&mut user, KeyCode::Esc).await;
        user.press("c").await;
        user.sees_text("columns = [\"time\", \"dir\"]").await;
        code(&mut user, KeyCode::Down).await;
        code(&mut user, KeyCode::Down).await;
        user.press(" c").await;
        user.sees("the service in each row", |screen| {
            screen.lines().any(|line| line.contains(" trades   ") && line.contains("{\"service\""))
        })
        .await;
        // A selection holds the view, however much comes.
        user.press("\t").await;
        code(&mut user, KeyCode::Tab).await;
        code(&mut user, KeyCode::Tab).await;
        user.press("k").await;
        user.sees_text(" new, G follows").await;
        user.press("H").await;
        user.press("q").await;
    })
    .await;
    assert_eq!(end, End::Quit);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_user_is_told_of_a_new_field() {
    let mut server = quiet().await;
    let feeds = market(&server);
    let server = &mut server;
    let end = sit(feeds, (118, 30), async move |mut user: User| {
        server.hears(&sub("trades")).await;
        (0..120).for_each(|n| server.say(trade(n)));
        user.sees_text("\"n\":119").await;
        server.say(Message::text(r#"{"service":"trades","data":{"symbol":"BTC","price":"1","n":1,"fee":0}}"#));
        user.sees_text("new field .data.fee (number)").await;
        code(&mut user, KeyCode::Enter).await;
        user.sees_text(".data.price was number, is text").await;
        user.press("qq").await;
    })
    .await;
    assert_eq!(end, End::Quit);
}
