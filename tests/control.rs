//! Feeds controlled by someone who sits before the real loop: services, messages of one's own, heartbeats and the rest,
//! each told to a real server on loopback.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test may")]

#[expect(dead_code, reason = "other tests need more of it")]
mod feed_server;
#[expect(dead_code, reason = "other tests need more of it")]
mod user;

use crossterm::event::{Event as Input, KeyCode, KeyEvent, KeyModifiers};
use wirebeat::launch::FeedPlan;
use wirebeat::run::End;

use feed_server::{FeedServer, Manners, sub};
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
