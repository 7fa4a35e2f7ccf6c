//! The seed's protocol, as a server sees it, and a server that stops in its tracks.

use std::time::Duration;

use futures::{SinkExt, StreamExt};
use rustix::process::Signal;
use serde_json::json;
use tokio_tungstenite::tungstenite::Message;
use wirebeat::time::Clock;

use crate::feed_server::{BEAT, FeedServer, Manners, sub};
use crate::run::{Program, apart};

const SILENT: Manners = Manners { every: None, answers: true };

fn args(url: &str, sets: &[&str]) -> Vec<String> {
    let mut args: Vec<_> = ["tail", url, "-s", "业务1", "-s", "业务2"].map(str::to_owned).into();
    args.extend(sets.iter().flat_map(|set| ["--set".to_owned(), (*set).to_owned()]));
    args
}

/// Subscribed, beaten, answered; not answered, left, dialed anew, subscribed anew.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_server_sees_the_seeds_protocol() {
    let mut server = FeedServer::start(SILENT).await;
    let sets = ["heartbeat.after=400ms", "heartbeat.timeout=300ms", "reconnect.base=200ms"];
    let mut program = Program::start(args(&server.url(), &sets));
    let clock = Clock::start();

    assert_eq!(server.next().await, (1, "open".to_owned()));
    assert_eq!(server.next().await, (1, sub("业务1")));
    assert_eq!(server.next().await, (1, sub("业务2")));
    let subscribed = clock.now();
    assert_eq!(server.next().await, (1, BEAT.to_owned()));
    let idle = clock.now() - subscribed;
    assert!(idle > Duration::from_millis(350), "a beat after {idle:?}");
    assert_eq!(server.next().await, (1, BEAT.to_owned()), "and again, after the answer");
    server.answer(false);
    assert_eq!(server.next().await, (1, BEAT.to_owned()));
    let asked = clock.now();
    assert_eq!(server.next().await, (1, "gone".to_owned()), "left without a goodbye");
    let gone = clock.now();
    assert!(gone - asked > Duration::from_millis(250), "{:?}", gone - asked);
    server.answer(true);
    assert_eq!(server.next().await, (2, "open".to_owned()));
    let waited = clock.now() - gone;
    assert!(waited > Duration::from_millis(150), "dialed anew after {waited:?}");
    assert_eq!(server.next().await, (2, sub("业务1")));
    assert_eq!(server.next().await, (2, sub("业务2")));
    assert_eq!(server.next().await, (2, BEAT.to_owned()), "nothing else is asked for");

    let said = apart(move || {
        let mut said = Vec::new();
        for name in ["start", "dialing", "open", "ready", "heartbeat_sent", "heartbeat_answered", "closed", "outage"] {
            said.push(program.event(name));
        }
        for name in ["reconnecting", "dialing", "open", "sent", "sent", "heartbeat_answered"] {
            said.push(program.event(name));
        }
        program.signal(Signal::TERM);
        assert_eq!(program.finish().code, 143);
        said
    })
    .await;
    assert_eq!(said[4]["how"], "app");
    assert!(said[5]["rtt_ms"].as_f64().unwrap() < 300.0);
    let closed = &said[6];
    assert_eq!((&closed["why"]["kind"], &closed["why"]["by"]), (&json!("half_open"), &json!("us")));
    assert!((0.69..2.0).contains(&closed["silent_s"].as_f64().unwrap()), "{closed}");
    assert_eq!(said[8]["delay_ms"], json!(200.0));
    assert_eq!(said[11]["text"], sub("业务1"));
    assert_eq!(said[12]["text"], sub("业务2"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn any_message_restarts_the_countdown() {
    let mut server = FeedServer::start(SILENT).await;
    let _program = Program::start(args(&server.url(), &["heartbeat.after=600ms"]));
    server.hears(&sub("业务2")).await;
    let clock = Clock::start();
    for _ in 0..15 {
        server.say(Message::text(r#"{"hello":"world"}"#));
        tokio::time::sleep(Duration::from_millis(80)).await;
    }
    let last = clock.now();
    assert!(server.heard.try_recv().is_err(), "no beat in {last:?}");
    assert_eq!(server.next().await.1, BEAT);
    let idle = clock.now() - last;
    assert!(idle > Duration::from_millis(400), "a beat after {idle:?}");
}

/// A server process that is stopped keeps its sockets: TCP says nothing at all.
#[test]
fn a_stopped_server_is_noticed_and_left_and_found_again() {
    let mut server = Program::start(["serve"]);
    let url = server.line().split_whitespace().next().unwrap().to_owned();
    let sets = ["heartbeat.after=300ms", "heartbeat.timeout=300ms", "reconnect.base=200ms"];
    let mut args = args(&url, &sets);
    args.extend(["-p", "demo"].map(str::to_owned));
    let mut program = Program::start(args);
    program.event("message");
    server.signal(Signal::STOP);
    let closed = program.event("closed");
    assert_eq!(closed["why"]["kind"], "half_open", "{closed}");
    program.event("dialing");
    server.signal(Signal::CONT);
    program.event("open");
    program.event("message");
    let over = program.find(|event| event["event"] == "outage" && event["state"] == "over");
    assert_eq!(over["why"]["kind"], "half_open", "{over}");
    assert!(over["missed"].as_u64().is_some(), "the demo numbers its messages: {over}");
    program.signal(Signal::INT);
    assert_eq!(program.finish().code, 130);
    server.signal(Signal::TERM);
    assert_eq!(server.finish().code, 143);
}

/// The first line is for scripts.
#[tokio::test]
async fn serve_says_where_it_is_and_serves_there() {
    let mut server = Program::start(["serve"]);
    let (server, first) = apart(move || {
        let first = server.line();
        (server, first)
    })
    .await;
    let (url, services) = first.split_once("  ").unwrap();
    assert!(url.starts_with("ws://127.0.0.1:") && services.contains("业务1"), "{first}");
    let host = url.trim_start_matches("ws://").split('/').next().unwrap();
    let tcp = tokio::net::TcpStream::connect(host).await.unwrap();
    let (mut client, _) = tokio_tungstenite::client_async(url, tcp).await.unwrap();
    client.send(Message::text(sub("业务1"))).await.unwrap();
    let said = client.next().await.unwrap().unwrap();
    assert!(said.to_text().unwrap().contains("业务1"));
    server.signal(Signal::TERM);
    let end = async {
        loop {
            if let Message::Close(frame) = client.next().await.unwrap().unwrap() {
                return frame.unwrap();
            }
        }
    };
    assert_eq!(u16::from(end.await.code), 1001, "its clients are told");
    let done = apart(move || server.finish()).await;
    assert_eq!((done.code, done.stderr.as_str()), (143, ""));
}
