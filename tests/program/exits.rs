//! How it ends, and the number that says so.

use std::io::{BufRead, BufReader, Read};
use std::net::TcpListener;
use std::time::Duration;

use rustix::process::Signal;
use tokio_tungstenite::tungstenite::Message;

use crate::feed_server::{FeedServer, Manners, sub};
use crate::run::{Program, apart, finish, wirebeat};

/// A port where nobody listens.
fn nowhere() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    format!("ws://{}/", listener.local_addr().unwrap())
}

#[test]
fn wrong_usage_is_two_and_says_what_is_right() {
    for (args, hint) in [
        (&[][..], "wirebeat demo"),
        (&["tail"], "nothing to watch"),
        (&["tail", "--nonsense"], "--nonsense"),
        (&["tail", "ws://h/", "--for", "soon"], "--for"),
        (&["tail", "ws://h/", "--events", "opne"], "open"),
        (&["tail", "ws://h/", "-p", "sub-heartbaet"], "sub-heartbeat"),
        (&["tail", "ws://h/", "--set", "heartbeat.aftr=2s"], "after"),
        (&["tail", "localhost:9001/ws"], "ws://localhost:9001/ws"),
        (&["tail", "ws://h/", "-H", "no colon"], "Name: value"),
        (&["tail", "ws://h/${env.WIREBEAT_NO_SUCH}"], "WIREBEAT_NO_SUCH"),
        (&["tail", "ws://a/", "ws://b/", "-s", "x"], "one host"),
        (&["ws://127.0.0.1:1/"], "wirebeat tail"),
        (&["demo"], "wirebeat tail"),
        (&["serve", "--script", "/nonexistent"], "/nonexistent"),
    ] {
        let done = finish(args);
        assert_eq!(done.code, 2, "{args:?}: {done:?}");
        assert!(done.stderr.contains(hint), "{args:?}: {}", done.stderr);
        assert!(done.out.is_empty(), "{args:?}: {:?}", done.out);
    }
}

#[test]
fn help_is_zero() {
    for args in [["--help"], ["--version"], ["-h"]] {
        let done = finish(args);
        assert_eq!((done.code, done.stderr.as_str()), (0, ""));
        assert!(done.out.join("\n").contains("wirebeat"));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_count_that_is_reached_is_zero() {
    let server = FeedServer::start(Manners { every: Some(Duration::from_millis(1)), answers: true }).await;
    let url = server.url();
    let done = apart(move || finish(["tail", &url, "-s", "a", "--count", "30"])).await;
    assert_eq!((done.code, done.stderr.as_str()), (0, ""));
    let names = done.names();
    assert_eq!(names.iter().filter(|name| *name == "message").count(), 30, "no more than asked for");
    assert_eq!(names.first().map(String::as_str), Some("start"));
    assert_eq!(names.last().map(String::as_str), Some("summary"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_count_that_is_not_reached_is_three() {
    let mut server = FeedServer::start(Manners { every: None, answers: true }).await;
    let url = server.url();
    let running = apart(move || finish(["tail", &url, "-s", "a", "--count", "3", "--for", "700ms"]));
    let running = tokio::spawn(running);
    server.hears(&sub("a")).await;
    server.say(Message::text(r#"{"service":"a"}"#));
    // An answer to a heartbeat is no data.
    server.say(Message::text(r#"{"type":"HEART_BEAT","service":"业务"}"#));
    let done = running.await.unwrap();
    assert_eq!(done.code, 3, "{done:?}");
    assert_eq!(done.names().last().map(String::as_str), Some("summary"));
    server.hears("close 1000").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn time_that_is_over_is_zero() {
    let server = FeedServer::start(Manners::default()).await;
    let url = server.url();
    let done = apart(move || finish(["tail", &url, "-s", "a", "--for", "300ms"])).await;
    assert_eq!(done.code, 0, "{done:?}");
    let summary = done.events().pop().unwrap();
    let messages = done.names().iter().filter(|name| *name == "message").count();
    assert_eq!(summary["messages"], messages as u64, "{summary}");
}

#[test]
fn a_feed_that_never_opens_is_four() {
    let url = nowhere();
    for limit in ["--for", "--deadline"] {
        let done = finish(["tail", &url, limit, "300ms", "--set", "reconnect.base=50ms"]);
        assert_eq!(done.code, 4, "{done:?}");
        let failed = done.events().into_iter().find(|event| event["event"] == "dial_failed").unwrap();
        assert_eq!(failed["why"]["kind"], "refused");
        assert_eq!(done.names().last().map(String::as_str), Some("summary"));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_feed_that_is_stopped_for_good_is_four() {
    let mut server = FeedServer::start(Manners { every: None, answers: true }).await;
    let url = server.url();
    let running =
        tokio::spawn(apart(move || finish(["tail", &url, "-s", "a", "--set", "reconnect.base=50ms", "--for", "15s"])));
    for link in 1..=3 {
        assert_eq!(server.hears(&sub("a")).await, link);
        server.close(4003, "no such key");
    }
    let done = running.await.unwrap();
    assert_eq!(done.code, 4, "{done:?}");
    let stopped = done.events().into_iter().find(|event| event["event"] == "stopped").unwrap();
    assert_eq!(stopped["why"]["kind"], "storm");
    assert_eq!(stopped["why"]["code"], 4003);
    assert_eq!(stopped["why"]["reason"], "no such key");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_signal_is_its_number_after_the_summary() {
    for (signal, code) in [(Signal::TERM, 143), (Signal::INT, 130)] {
        let mut server = FeedServer::start(Manners::default()).await;
        let mut program = Program::start(["tail", &server.url(), "-s", "a"]);
        let done = apart(move || {
            program.event("message");
            program.signal(signal);
            program.finish()
        })
        .await;
        assert_eq!(done.code, code, "{}", done.stderr);
        let names = done.names();
        assert_eq!(names.last().map(String::as_str), Some("summary"), "{names:?}");
        assert_eq!(names.iter().filter(|name| *name == "closed").count(), 1);
        server.hears("close 1000").await;
    }
}

/// `wirebeat tail ... | head -1`
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_closed_pipe_is_zero() {
    let server = FeedServer::start(Manners::default()).await;
    for text in [false, true] {
        let mut child =
            wirebeat(["tail", &server.url(), "-s", "a"].into_iter().chain(text.then_some("--text"))).spawn().unwrap();
        let (code, stderr) = apart(move || {
            let mut pipe = BufReader::new(child.stdout.take().unwrap());
            let mut line = String::new();
            pipe.read_line(&mut line).unwrap();
            drop(pipe);
            let mut stderr = String::new();
            child.stderr.take().unwrap().read_to_string(&mut stderr).unwrap();
            (child.wait().unwrap().code(), stderr)
        })
        .await;
        assert_eq!((code, stderr.as_str()), (Some(0), ""));
    }
}

/// A reader that is slow makes the server wait, and gets everything.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_slow_pipe_loses_nothing() {
    const SENT: u64 = 4000;
    let mut server = FeedServer::start(Manners { every: None, answers: true }).await;
    let mut child = wirebeat(["tail", &server.url(), "-s", "a", "--count", &SENT.to_string()]).spawn().unwrap();
    server.hears(&sub("a")).await;
    let filler = "x".repeat(2000);
    for n in 0..SENT {
        server.say(Message::text(format!(r#"{{"service":"a","n":{n},"filler":"{filler}"}}"#)));
        if n % 500 == 499 {
            // As much as can be on its way is on its way, and nobody has read a byte of it.
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    }
    let (out, code) = apart(move || {
        let mut out = String::new();
        child.stdout.take().unwrap().read_to_string(&mut out).unwrap();
        (out, child.wait().unwrap().code())
    })
    .await;
    assert_eq!(code, Some(0));
    let mut numbers = Vec::new();
    for line in out.lines() {
        let event: serde_json::Value = serde_json::from_str(line).unwrap();
        assert_ne!(event["event"], "shed");
        if event["event"] == "message" && event["dir"] == "in" {
            numbers.push(event["data"]["n"].as_u64().unwrap());
        }
    }
    assert_eq!(numbers, (0..SENT).collect::<Vec<_>>());
}
