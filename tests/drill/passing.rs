//! `proxy`: what goes through as it is, what comes back as it is, and the lines that tell of it.

use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::thread;
use std::time::Duration;

use rustix::process::Signal;
use tokio_tungstenite::tungstenite::handshake::derive_accept_key;

use crate::run::Program;

/// Reads a head.
fn head(io: &mut TcpStream) -> String {
    io.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
    let mut text = Vec::new();
    let mut byte = [0];
    while !text.ends_with(b"\r\n\r\n") && io.read(&mut byte).unwrap_or(0) > 0 {
        text.extend_from_slice(&byte);
    }
    String::from_utf8(text).unwrap()
}

/// A server for one connection that answers with what `answer` makes of the request, then says `then`.
fn server(
    answer: impl FnOnce(&str) -> String + Send + 'static,
    then: &'static [u8],
) -> (u16, thread::JoinHandle<(String, Vec<u8>)>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let task = thread::spawn(move || {
        let (mut io, _) = listener.accept().unwrap();
        let request = head(&mut io);
        io.write_all(answer(&request).as_bytes()).unwrap();
        io.write_all(then).unwrap();
        let mut rest = Vec::new();
        let _ended = io.read_to_end(&mut rest);
        (request, rest)
    });
    (port, task)
}

fn welcome(request: &str) -> String {
    let key = request.lines().find_map(|line| line.strip_prefix("Sec-WebSocket-Key: ")).unwrap();
    let accept = derive_accept_key(key.as_bytes());
    format!(
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
         Sec-WebSocket-Accept: {accept}\r\nSec-WebSocket-Protocol: v2\r\n\r\n"
    )
}

fn knock(url: &str, path: &str, extra: &str) -> (TcpStream, String) {
    let place = url.strip_prefix("ws://").unwrap().split('/').next().unwrap();
    // A port that refused a moment ago may need another one.
    let tried = (0..100).find_map(|_| {
        let tried = TcpStream::connect(place).ok();
        if tried.is_none() {
            thread::park_timeout(Duration::from_millis(20));
        }
        tried
    });
    let mut io = tried.unwrap();
    let request = format!(
        "GET {path} HTTP/1.1\r\nHost: {place}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n\
         Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Extensions: permessage-deflate\r\n{extra}\r\n"
    );
    io.write_all(request.as_bytes()).unwrap();
    let answer = head(&mut io);
    (io, answer)
}

#[test]
fn path_headers_and_subprotocols_go_through_and_frames_both_ways() {
    let (port, task) = server(welcome, b"\x81\x02hi");
    let mut proxy = Program::start(["proxy", &format!("ws://127.0.0.1:{port}/ws?token=s3cr3t-t0ken"), "-s", "a"]);
    let url = proxy.line();
    assert!(url.starts_with("ws://127.0.0.1:") && url.ends_with("/ws"), "{url}");
    let (mut io, answer) = knock(&url, "/ws", "Cookie: a=b\r\nSec-WebSocket-Protocol: v1, v2\r\nX-Own: 1\r\n");
    assert!(answer.starts_with("HTTP/1.1 101") && answer.contains("Sec-WebSocket-Protocol: v2\r\n"), "{answer}");
    assert!(answer.contains("Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo="), "{answer}");
    let mut frame = [0; 4];
    io.read_exact(&mut frame).unwrap();
    assert_eq!(&frame, b"\x81\x02hi");
    // A masked text: a subscription.
    let text = br#"{"type":"sub","service":"a"}"#;
    let mut out = vec![0x81, 0x80 | u8::try_from(text.len()).unwrap(), 0, 0, 0, 0];
    out.extend_from_slice(text);
    io.write_all(&out).unwrap();
    assert_eq!(proxy.event("dialed")["client"], 1);
    let open = proxy.event("open");
    assert_eq!((open["path"].as_str(), open["subprotocol"].as_str()), (Some("/ws?token=***"), Some("v2")));
    assert_eq!(proxy.event("subscribe")["services"], serde_json::json!(["a"]));
    drop(io);
    let closed = proxy.event("closed");
    assert_eq!((closed["by"].as_str(), closed["messages"].as_u64()), (Some("client"), Some(1)));
    proxy.signal(Signal::TERM);
    let done = proxy.finish();
    assert_eq!(done.code, 143);
    assert!(done.out.last().unwrap().contains("\"summary\"") && !done.out.concat().contains("s3cr3t"), "{done:#?}");
    let (request, rest) = task.join().unwrap();
    assert!(request.starts_with("GET /ws?token=s3cr3t-t0ken HTTP/1.1\r\n"), "{request}");
    for line in [
        "Cookie: a=b\r\n",
        "X-Own: 1\r\n",
        "Sec-WebSocket-Protocol: v1, v2\r\n",
        &format!("Host: 127.0.0.1:{port}\r\n"),
    ] {
        assert!(request.to_ascii_lowercase().contains(&line.to_ascii_lowercase()), "{line}{request}");
    }
    assert!(!request.contains("Extensions") && !request.contains("dGhlIHNhbXBsZSBub25jZQ=="), "{request}");
    let mask = [rest[2], rest[3], rest[4], rest[5]];
    let plain: Vec<u8> = rest[6..6 + text.len()].iter().zip(mask.iter().cycle()).map(|(b, k)| b ^ k).collect();
    assert_eq!(plain, text);
}

#[test]
fn a_refusal_comes_back_as_it_is() {
    let no = "HTTP/1.1 429 Slow Down\r\nRetry-After: 7\r\nX-Why: tokens\r\nWWW-Authenticate: Bearer\r\nContent-Length: 4\r\n\r\nwait";
    let (port, task) = server(|_| no.to_owned(), b"");
    let mut proxy = Program::start(["proxy", &format!("ws://127.0.0.1:{port}/")]);
    let url = proxy.line();
    let (mut io, answer) = knock(&url, "/", "");
    assert!(answer.starts_with("HTTP/1.1 429 Slow Down\r\n"), "{answer}");
    for line in ["Retry-After: 7", "X-Why: tokens", "WWW-Authenticate: Bearer"] {
        assert!(answer.contains(line), "{answer}");
    }
    let mut body = String::new();
    io.read_to_string(&mut body).unwrap();
    assert_eq!(body, "wait");
    let turned = proxy.event("turned");
    assert_eq!((turned["by"].as_str(), turned["status"].as_u64()), (Some("server"), Some(429)));
    task.join().unwrap();
}

#[test]
fn a_script_is_played_and_told() {
    let folder = tempfile::TempDir::new().unwrap();
    let file = folder.path().join("s.toml");
    let step = "[[step]]\nat = \"300ms\"\nfault = \"refuse\"\nfor = \"2s\"\nwarn = \"0s\"\nsay = \"nobody \\u001b[2J comes in\"\n";
    std::fs::write(&file, step).unwrap();
    let mut proxy = Program::start(["proxy", "ws://127.0.0.1:1/", "--script", &file.display().to_string()]);
    let url = proxy.line();
    let on = proxy.find(|event| event["event"] == "fault" && event["state"] == "on");
    assert!(!on["text"].as_str().unwrap().contains('\u{1b}'), "{on}");
    let place = url.strip_prefix("ws://").unwrap().trim_end_matches('/');
    // The port itself refuses, as soon as it has heard of it.
    let refused = (0..50).any(|_| {
        thread::park_timeout(Duration::from_millis(10));
        TcpStream::connect(place).is_err()
    });
    assert!(refused);
    proxy.find(|event| event["event"] == "fault" && event["state"] == "off");
    let (_, answer) = knock(&url, "/", "");
    assert!(answer.starts_with("HTTP/1.1 502"), "{answer}");
}

#[test]
fn a_door_to_others_earns_a_line() {
    let mut proxy = Program::start(["proxy", "ws://127.0.0.1:1/", "--listen", "0.0.0.0:0"]);
    let url = proxy.line();
    assert!(url.starts_with("ws://127.0.0.1:"), "{url}");
    proxy.signal(Signal::INT);
    let done = proxy.finish();
    assert!(done.code == 130 && done.stderr.contains("others on the network"), "{done:#?}");
}
