//! A secret that is given in any of the ways there are comes out in none.

use std::io::{Read, Write};
use std::net::TcpListener;

use tokio_tungstenite::tungstenite::Message;

use crate::feed_server::{FeedServer, Manners};
use crate::run::{Done, Program, apart, wirebeat};

const CANARY: &str = "CaNaRy7f3a9d";

#[track_caller]
fn kept(done: &Done) {
    let all = format!("{}\n{}", done.out.join("\n"), done.stderr);
    assert!(!all.contains(CANARY), "{all}");
    // Nor as it travels in a header.
    assert!(!all.contains(&data_encoding::BASE64.encode(format!("user:{CANARY}").as_bytes())), "{all}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_secret_is_never_printed() {
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), format!("{CANARY}\n")).unwrap();
    let headers = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(headers.path(), format!("X-Api-Key: {CANARY}\n")).unwrap();
    let server = FeedServer::start(Manners::default()).await;
    let port = server.port;
    let ways: Vec<Vec<String>> = vec![
        vec![format!("ws://127.0.0.1:{port}/ws?token={CANARY}&x=1")],
        vec![format!("ws://user:{CANARY}@127.0.0.1:{port}/ws")],
        vec![format!("ws://127.0.0.1:{port}/ws?key=${{env.SECRET}}")],
        vec![format!("ws://127.0.0.1:{port}/ws?key=${{file.{}}}", file.path().display())],
        vec![format!("named=ws://127.0.0.1:{port}/ws?token=${{env.SECRET}}")],
        vec![format!("ws://127.0.0.1:{port}/ws"), "-H".into(), format!("Authorization: Bearer {CANARY}")],
        vec![format!("ws://127.0.0.1:{port}/ws"), "-H".into(), "X-Key: ${env.SECRET}".into()],
        vec![format!("ws://127.0.0.1:{port}/ws"), "-H".into(), format!("@{}", headers.path().display())],
    ];
    for way in ways {
        for text in [false, true] {
            let mut command = wirebeat(["tail", "-s", "a", "--count", "1", "--for", "5s"]);
            command.args(&way).args(text.then_some("--text")).env("SECRET", CANARY);
            let done = apart(move || Program::spawn(&mut command).finish()).await;
            assert_eq!(done.code, 0, "{way:?}: {done:?}");
            kept(&done);
        }
    }
}

/// Where everything goes wrong, it is tempting to say with what.
#[test]
fn a_secret_is_not_printed_in_errors_either() {
    // A server that says back what it was sent.
    let echo = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = echo.local_addr().unwrap().port();
    std::thread::spawn(move || {
        for tcp in echo.incoming() {
            let mut tcp = tcp.unwrap();
            let mut request = [0; 4096];
            let count = tcp.read(&mut request).unwrap_or(0);
            let _gone = write!(tcp, "HTTP/1.1 400 Bad Request\r\nContent-Length: {count}\r\n\r\n")
                .and_then(|()| tcp.write_all(&request[..count]));
        }
    });
    let refused = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    for url in [
        format!("ws://user:{CANARY}@127.0.0.1:{refused}/?token={CANARY}"),
        format!("wss://user:{CANARY}@127.0.0.1:{port}/?token={CANARY}"),
        format!("ws://user:{CANARY}@no-such-host.invalid/?token={CANARY}"),
        format!("ws://user:{CANARY}@/nohost?token={CANARY}"),
        format!("ws://user:{CANARY}@127.0.0.1:99999/?token={CANARY}"),
        format!("ftp://user:{CANARY}@127.0.0.1/?token={CANARY}"),
        format!("user:{CANARY}@host/?token={CANARY}"),
    ] {
        for text in [false, true] {
            let mut command = wirebeat(["tail", &url, "--for", "400ms"]);
            command.args(text.then_some("--text"));
            let done = Program::spawn(&mut command).finish();
            assert!(matches!(done.code, 2 | 4), "{url}: {done:?}");
            kept(&done);
        }
    }
    let done = Program::spawn(&mut wirebeat(["tail", "ws://h/", "-H", &format!("Bad Name: {CANARY}")])).finish();
    assert_eq!(done.code, 2);
    kept(&done);
    let done = Program::spawn(&mut wirebeat(["tail", "ws://h/", "-H", CANARY])).finish();
    assert_eq!(done.code, 2);
    kept(&done);
    // Said back by the server, inside of the answer to the upgrade.
    for args in [&[][..], &["--text"]] {
        let url = format!("ws://127.0.0.1:{port}/?token={CANARY}");
        let done = Program::spawn(wirebeat(["tail", &url, "--for", "400ms"]).args(args)).finish();
        assert_eq!(done.code, 4);
        kept(&done);
    }
}

/// What a profile fills into what it sends is told with the secret masked.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_secret_in_what_is_sent_is_masked() {
    let mut server = FeedServer::start(Manners { every: None, answers: true }).await;
    let url = server.url();
    let frame = r#"subscribe.frame='{"type":"sub","service":"${s.name}","key":"${env.SECRET}"}'"#;
    let mut command = wirebeat(["tail", &url, "-s", "a", "--count", "1", "--for", "5s", "--set", frame]);
    command.args(["--set", r#"env=["SECRET"]"#, "--allow-env", "SECRET"]);
    command.env("SECRET", CANARY);
    let running = tokio::spawn(apart(move || Program::spawn(&mut command).finish()));
    let sent = format!(r#"{{"type":"sub","service":"a","key":"{CANARY}"}}"#);
    server.hears(&sent).await;
    server.say(Message::text(r#"{"service":"a"}"#));
    let done = running.await.unwrap();
    assert_eq!(done.code, 0, "{done:?}");
    assert!(done.names().contains(&"sent".to_owned()));
    kept(&done);
}
