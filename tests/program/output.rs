//! What it prints of what servers say: all of it, exactly, and nothing that acts on a terminal.

use std::io::{Read, Write};
use std::net::TcpListener;

use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::protocol::CloseFrame;

use crate::feed_server::{FeedServer, Manners, sub};
use crate::run::{Done, apart, finish};

const SILENT: Manners = Manners { every: None, answers: true };
/// Sets a title, clears the screen, in seven and in eight bits; turns the direction of text; hides.
const HOSTILE: &str =
    "\u{1b}]0;evil\u{7}\u{1b}[2J\u{9b}2J\u{9d}0;evil\u{9c}\u{202e}lived\u{2066}\u{200b}\u{feff}\r\u{8}";

/// What the program makes of these messages, with these arguments besides.
async fn tells(messages: Vec<Message>, service: &str, args: &[&str]) -> Done {
    let mut server = FeedServer::start(SILENT).await;
    let mut all: Vec<_> =
        ["tail", &server.url(), "-s", service, "--set", "reconnect.base=10s"].map(str::to_owned).into();
    all.extend(args.iter().map(|&arg| arg.to_owned()));
    all.extend(["--count".to_owned(), messages.len().to_string(), "--for".to_owned(), "1500ms".to_owned()]);
    let running = tokio::spawn(apart(move || finish(all)));
    loop {
        let (_, text) = server.next().await;
        if text.contains(r#""type":"sub""#) {
            break;
        }
    }
    for message in messages {
        server.say(message);
    }
    running.await.unwrap()
}

fn text(text: &str) -> Message {
    Message::text(text.to_owned())
}

#[track_caller]
fn harmless(done: &Done) {
    for text in done.out.iter().chain([&done.stderr]) {
        let bad = text.chars().find(|&c| {
            let control = c.is_control() && c != '\n';
            let turns = matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
            control || turns
        });
        assert_eq!(bad, None, "in {text:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn json_is_kept_to_the_letter() {
    let bodies = [
        r#"{"service":"a","n":12345678901234567890123456789012345678901234567890}"#,
        r#"{"service":"a","n":0.10,"m":1E+400,"k":-0,"j":1e-07,"i":1.0}"#,
        r#"{"service":"a","b":1,"a":2,"b":3,"b":[]}"#,
        r#"{"service":"a","text":"é 业务 \u4e1a \/ \ud83d\ude00 😀"}"#,
        r#"  {"service" : "a",   "spaces" :[1,2 ,3]}  "#,
    ];
    let done = tells(bodies.map(text).into(), "a", &["--events", "message"]).await;
    assert_eq!(done.code, 0, "{done:?}");
    assert_eq!(done.out.len(), bodies.len());
    for (line, body) in done.out.iter().zip(bodies) {
        assert!(line.contains(&format!(r#""data":{}"#, body.trim())) || line.contains(body), "{line}\nlacks {body}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whatever_is_no_json_is_told_as_it_is() {
    let messages = vec![
        text("plain words"),
        text("{\"broken\":"),
        text(""),
        text("{\n  \"service\": \"a\",\n  \"lines\": \"one\\ntwo\"\n}"),
        Message::binary(vec![0, 159, 146, 150]),
    ];
    let done = tells(messages, "a", &["--events", "message"]).await;
    assert_eq!(done.code, 0, "{done:?}");
    let events = done.events();
    assert_eq!(events[0]["text"], "plain words");
    assert_eq!(events[1]["text"], "{\"broken\":");
    assert_eq!(events[2]["text"], "");
    assert_eq!(events[3]["data"]["lines"], "one\ntwo");
    assert_eq!(events[4]["base64"], "AJ+Slg==");
    assert_eq!(events[4]["bytes"], 4);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn only_what_is_wanted_is_written() {
    let done =
        tells(vec![text(r#"{"service":"a","secret":1}"#)], "a", &["--events", "open,message", "--no-data"]).await;
    assert_eq!(done.names(), ["open", "message"]);
    let message = &done.events()[1];
    assert_eq!((message.get("data"), &message["bytes"]), (None, &26.into()));
    assert!(!done.out.join("").contains("secret"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_that_a_server_says_acts_on_a_terminal() {
    let json = serde_json::json!({ "service": "a", "words": HOSTILE }).to_string();
    let raw = format!(r#"{{"service":"a","words":"{HOSTILE}"}}"#);
    let discovered = serde_json::json!({ "service": HOSTILE }).to_string();
    for args in [&["--text"][..], &[]] {
        let messages = vec![text(HOSTILE), text(&json), text(&raw), text(&discovered)];
        let done = tells(messages, "a", args).await;
        assert_eq!(done.code, 0, "{done:?}");
        harmless(&done);
        assert!(done.out.join("").contains("evil"), "it is shown, though");
        // A name of the user's own.
        let done = tells(vec![text("{}")], HOSTILE, args).await;
        harmless(&done);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_hostile_in_json_is_still_the_same_json() {
    let json = serde_json::json!({ "service": "a", "words": HOSTILE }).to_string();
    let done = tells(vec![text(&json)], "a", &["--events", "message"]).await;
    assert_eq!(done.events()[0]["data"]["words"], HOSTILE);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_hostile_goodbye_is_told_and_harmless() {
    for args in [&["--text"][..], &[]] {
        let reason = "\u{1b}]0;evil\u{7}\u{202e}\u{9b}2J";
        let close = Message::Close(Some(CloseFrame { code: 4001.into(), reason: reason.into() }));
        let done = tells(vec![close], "a", args).await;
        harmless(&done);
        let all = done.out.join("\n");
        assert!(all.contains("4001") && all.contains("evil"), "{all}");
    }
}

#[test]
fn a_hostile_answer_to_the_upgrade_is_told_and_harmless() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("ws://{}/", listener.local_addr().unwrap());
    std::thread::spawn(move || {
        for tcp in listener.incoming() {
            let mut tcp = tcp.unwrap();
            let _request = tcp.read(&mut [0; 4096]);
            let body = format!("<b>{HOSTILE}</b>");
            let head = format!(
                "HTTP/1.1 403 No \u{1b}[2J\r\nContent-Type: text/html\r\nX-Evil: \u{1b}]0;evil\u{7}\r\nContent-Length: {}\r\n\r\n",
                body.len()
            );
            let _gone = tcp.write_all(head.as_bytes()).and_then(|()| tcp.write_all(body.as_bytes()));
        }
    });
    for args in [&["--text"][..], &[]] {
        let done = finish(["tail", &url, "--for", "500ms"].iter().chain(args));
        assert_eq!(done.code, 4);
        harmless(&done);
        assert!(done.out.join("\n").contains("403"), "{done:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_line_of_text_is_a_line() {
    let mut server = FeedServer::start(SILENT).await;
    let url = server.url();
    let running = tokio::spawn(apart(move || finish(["tail", &url, "-s", "a", "--text", "--count", "1"])));
    server.hears(&sub("a")).await;
    server.say(text("{\"service\":\"a\",\n\"n\":\r\n1}"));
    let done = running.await.unwrap();
    let line = done.out.iter().find(|line| line.contains("\"n\"")).unwrap();
    assert!(line.contains("\"service\"") && line.contains('1'), "{line:?}");
}
