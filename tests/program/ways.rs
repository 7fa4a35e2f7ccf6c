//! The built program through proxies, redirects and Unix sockets: what it says, and that it keeps its secrets.

use std::io::{BufRead as _, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::os::unix::net::UnixListener;
use std::thread;

use tokio_tungstenite::tungstenite::handshake::derive_accept_key;

use crate::run::{Done, Program, wirebeat};

const CANARY: &str = "CaNaRy7f3a9d";
const ENVIRONMENT: [&str; 8] =
    ["http_proxy", "https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY", "no_proxy", "NO_PROXY", "HTTP_PROXY"];

/// Runs `tail` without the proxies of whoever runs this test.
fn tail<'a>(args: impl IntoIterator<Item = &'a str>, set: &[(&str, &str)]) -> Done {
    let mut command = wirebeat(["tail"].into_iter().chain(args));
    for name in ENVIRONMENT {
        command.env_remove(name);
    }
    let done = Program::spawn(command.envs(set.iter().copied())).finish();
    let all = format!("{}\n{}", done.out.join("\n"), done.stderr);
    assert!(!all.contains(CANARY), "{all}");
    assert!(!all.contains(&data_encoding::BASE64.encode(format!("us:{CANARY}").as_bytes())), "{all}");
    done
}

/// Serves each connection on a thread; gives the address.
fn serve(with: impl Fn(TcpStream) + Send + Clone + 'static) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap().to_string();
    thread::spawn(move || {
        for tcp in listener.incoming() {
            let with = with.clone();
            thread::spawn(move || with(tcp.unwrap()));
        }
    });
    address
}

fn request(io: impl std::io::Read) -> String {
    let mut text = String::new();
    let mut lines = BufReader::new(io);
    while !text.ends_with("\r\n\r\n") && lines.read_line(&mut text).is_ok_and(|count| count > 0) {}
    text
}

/// Opens a WebSocket, sends one message and waits.
fn open(mut io: impl std::io::Read + Write, request: &str) {
    let key = request.lines().find_map(|line| line.strip_prefix("Sec-WebSocket-Key: ")).unwrap();
    let accept = derive_accept_key(key.as_bytes());
    let head = format!(
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: keep-alive, Upgrade\r\n\
         Sec-WebSocket-Accept: {accept}\r\n\r\n"
    );
    let _gone = io.write_all(head.as_bytes()).and_then(|()| io.write_all(b"\x81\x05hello"));
    let _gone = io.read_to_end(&mut Vec::new());
}

#[test]
fn a_proxy_of_the_environment_is_used_and_named() {
    let proxy = serve(|mut tcp| {
        let asked = request(&tcp);
        assert!(asked.starts_with("CONNECT feed.example:80 "), "{asked}");
        if !asked.contains("\r\nProxy-Authorization: Basic ") {
            let _gone = tcp.write_all(b"HTTP/1.1 407 Proxy Authentication Required\r\n\r\n");
            return;
        }
        tcp.write_all(b"HTTP/1.1 200 Connection established\r\n\r\n").unwrap();
        let asked = request(&tcp);
        open(tcp, &asked);
    });
    let url = "ws://feed.example/";
    let done = tail([url, "--count", "1", "--for", "5s"], &[("http_proxy", &format!("http://us:{CANARY}@{proxy}"))]);
    assert_eq!(done.code, 0, "{done:?}");
    let opened = done.events().into_iter().find(|event| event["event"] == "open").unwrap();
    assert_eq!(opened["address"], format!("feed.example:80 via http://{proxy}"));
    assert!(opened["phases"]["proxy_ms"].is_number() && opened["phases"]["dns_ms"].is_null(), "{opened}");

    let done = tail([url, "--for", "400ms"], &[("ALL_PROXY", &format!("http://{proxy}"))]);
    assert_eq!(done.code, 4, "{done:?}");
    let failed = done.events().into_iter().find(|event| event["event"] == "dial_failed").unwrap();
    assert_eq!(failed["why"]["kind"], "proxy");
    let text = failed["why"]["text"].as_str().unwrap();
    assert!(text.starts_with(&format!("proxy http://{proxy} (from ALL_PROXY) answered 407")), "{text}");
    assert!(failed["phases"]["proxy_ms"].is_number() && failed["phases"]["upgrade_ms"].is_null(), "{failed}");

    // An option goes before the environment, and its password stays where it is.
    let given = format!("http://us:${{env.SECRET}}@{proxy}");
    let args = [url, "--count", "1", "--for", "5s", "--proxy", &given];
    let done = tail(args, &[("http_proxy", "http://127.0.0.1:1"), ("SECRET", CANARY)]);
    assert_eq!((done.code, done.stderr.as_str()), (0, ""), "{done:?}");
    let done = tail([url, "--for", "1s", "--proxy", &format!("ftp://us:{CANARY}@h")], &[]);
    assert!(done.code == 2 && done.stderr.contains("--proxy: a proxy is http://"), "{done:?}");
    let done = tail([url, "--for", "1s"], &[("http_proxy", &format!("ftp://us:{CANARY}@h"))]);
    assert!(done.code == 2 && done.stderr.contains("http_proxy: ") && done.stderr.contains("--proxy none"), "{done:?}");
}

#[test]
fn this_machine_is_dialed_directly() {
    let server = serve(|tcp| {
        let asked = request(&tcp);
        assert!(asked.starts_with("GET / "), "{asked}");
        open(tcp, &asked);
    });
    let url = format!("ws://{server}/");
    let done = tail([&*url, "--count", "1", "--for", "5s"], &[("http_proxy", "http://127.0.0.1:1")]);
    assert_eq!((done.code, done.stderr.as_str()), (0, ""), "{done:?}");
    let done = tail([&*url, "--count", "1", "--for", "5s", "--proxy", "http://127.0.0.1:1"], &[]);
    let said = format!("wirebeat: --proxy is not used for {server}: what is on this machine is dialed directly\n");
    assert_eq!((done.code, done.stderr.as_str()), (0, said.as_str()), "{done:?}");
}

#[test]
fn a_redirect_is_followed_without_what_is_meant_for_another() {
    let there = serve(|tcp| {
        let asked = request(&tcp);
        assert!(asked.starts_with("GET /stream ") && !asked.contains(CANARY), "{asked}");
        open(tcp, &asked);
    });
    let here = serve(move |mut tcp| {
        let asked = request(&tcp);
        for line in [format!("authorization: Bearer {CANARY}\r\n"), format!("cookie: sid={CANARY}\r\n")] {
            assert!(asked.contains(&line), "{asked}");
        }
        let _gone = write!(tcp, "HTTP/1.1 302 Found\r\nLocation: http://{there}/stream\r\n\r\n");
    });
    let url = format!("ws://{here}/?token={CANARY}");
    let headers = ["-H", "Authorization: Bearer ${env.SECRET}", "-H", "Cookie: sid=${env.SECRET}"];
    let done = tail([&*url, "--count", "1", "--for", "5s"].into_iter().chain(headers), &[("SECRET", CANARY)]);
    assert_eq!(done.code, 0, "{done:?}");
    // Where it leads nowhere, each hop is told.
    let refused = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let here = serve(move |mut tcp| {
        let asked = request(&tcp);
        let _gone = write!(tcp, "HTTP/1.1 301 Moved\r\nLocation: http://{refused}/?key={CANARY}\r\n\r\n{asked}");
    });
    for text in [&[][..], &["--text"]] {
        let url = format!("ws://{here}/x?token={CANARY}");
        let done = tail([&*url, "--for", "300ms"].into_iter().chain(text.iter().copied()), &[]);
        assert_eq!(done.code, 4, "{done:?}");
        let said = format!("{refused}, redirected by ws://{here}/x?token=*** (301) refused the connection");
        assert!(done.out.iter().any(|line| line.contains(&said)), "{done:?}");
    }
}

#[test]
fn a_unix_socket_is_watched() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("app.sock");
    let listener = UnixListener::bind(&path).unwrap();
    thread::spawn(move || {
        for io in listener.incoming() {
            let io = io.unwrap();
            let asked = request(&io);
            assert!(asked.starts_with("GET /ws?token=CaNaRy7f3a9d HTTP/1.1\r\nHost: localhost\r\n"), "{asked}");
            open(io, &asked);
        }
    });
    let url = format!("ws+unix://{}:/ws?token=${{env.SECRET}}", path.display());
    let done = tail([&*url, "--count", "1", "--for", "5s"], &[("SECRET", CANARY)]);
    assert_eq!((done.code, done.stderr.as_str()), (0, ""), "{done:?}");
    let events = done.events();
    assert_eq!(events[0]["feeds"][0]["url"], format!("ws+unix://{}:/ws?token=***", path.display()));
    assert_eq!(events[0]["feeds"][0]["feed"], format!("{}:/ws", path.display()));
    let done = tail([&*url, "--count", "1", "--for", "5s", "--text"], &[("SECRET", CANARY)]);
    let opened = done.out.iter().find(|line| line.contains("open ")).unwrap();
    assert!(opened.contains("TCP ") && opened.contains(" · upgrade ") && opened.ends_with(" ms"), "{opened}");
}
