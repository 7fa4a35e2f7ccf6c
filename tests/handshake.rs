//! Dials against servers on loopback that answer well, badly, slowly or not at all. Certificates are in `certificates`.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test may")]

#[expect(dead_code, reason = "made for many tests")]
mod loopback;

use std::fmt::Write as _;
use std::time::Duration;

use futures::StreamExt as _;
use loopback::{answering, dial_port, dial_target, good, handshake, limits, request, serve};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::protocol::Role;
use wirebeat::event::{DialPhase, Why};
use wirebeat::net::dial::{DialLimits, dial};
use wirebeat::net::target::Target;
use wirebeat::net::tls::{Connector, TlsOptions};
use wirebeat::net::upgrade::upgrade;
use wirebeat::net::walker::Walker;
use wirebeat::time::Clock;

const SHORT: Duration = Duration::from_millis(150);

/// Why a plain server's bytes are no good.
async fn why(answer: impl AsRef<[u8]>) -> Why {
    let answer = answer.as_ref().to_vec();
    let port = serve(async move |mut tcp| {
        request(&mut tcp).await;
        let _ = tcp.write_all(&answer).await;
        let _ = tcp.shutdown().await;
        let _ = tcp.read(&mut [0; 16]).await;
    })
    .await;
    let failed = dial_port(port).await.unwrap_err();
    assert!(failed.phases.tcp.is_some() && failed.phases.upgrade.is_some() && failed.phases.dns.is_none());
    failed.why
}

#[tokio::test]
async fn a_good_answer_opens_and_every_step_is_timed() {
    let port = answering(|request| {
        assert!(request.starts_with("GET /feed?token=SECRET1 HTTP/1.1\r\n"), "{request}");
        assert!(request.to_ascii_lowercase().contains("user-agent: wirebeat/"));
        good(request).into_bytes()
    })
    .await;
    let dialed = dial_port(port).await.unwrap();
    assert_eq!(dialed.address, Some(format!("127.0.0.1:{port}")));
    assert_eq!((dialed.leftover.as_slice(), dialed.subprotocol), (&b""[..], None));
    assert!(dialed.phases.tcp.is_some() && dialed.phases.upgrade.is_some());
    assert_eq!((dialed.phases.dns, dialed.phases.proxy, dialed.phases.tls), (None, None, None));
}

#[tokio::test]
async fn the_request_carries_what_was_asked_for() {
    let port = answering(|request| {
        for line in ["Host: example.org", "Origin: https://example.org", "x-key: K1", "x-key: K2"] {
            assert!(request.contains(&format!("\r\n{line}\r\n")), "{line} in {request}");
        }
        assert!(request.contains("\r\nauthorization: Basic dXM6cHc=\r\n"), "{request}");
        assert!(request.contains("\r\nSec-WebSocket-Protocol: mqtt, v2\r\n"), "{request}");
        let offer = "permessage-deflate; client_no_context_takeover; client_max_window_bits";
        assert!(request.contains(&format!("\r\nsec-websocket-extensions: {offer}\r\n")), "{request}");
        good(request).replace("\r\n\r\n", "\r\nsec-websocket-protocol: v2\r\n\r\n").into_bytes()
    })
    .await;
    let mut target = Target::parse(&format!("ws://us:pw@127.0.0.1:{port}")).unwrap();
    for (name, value) in [("Host", "example.org"), ("Origin", "https://example.org"), ("X-Key", "K1"), ("X-Key", "K2")]
    {
        target = target.with_header(name, value).unwrap();
    }
    let target = target.with_subprotocol("mqtt").unwrap().with_subprotocol("v2").unwrap();
    assert_eq!(dial_target(&target).await.unwrap().subprotocol.as_deref(), Some("v2"));
}

#[tokio::test]
async fn names_are_resolved_and_the_next_address_is_tried() {
    // The name has an IPv6 address on most machines, where nobody listens on this port.
    let port = answering(|request| good(request).into_bytes()).await;
    let dialed = dial_target(&Target::parse(&format!("ws://localhost:{port}")).unwrap()).await.unwrap();
    assert!(dialed.phases.dns.is_some());
    assert_eq!(dialed.address, Some(format!("127.0.0.1:{port}")));
}

#[tokio::test]
async fn frames_in_the_wake_of_the_answer_are_kept() {
    let frames = b"\x81\x05hello\x89\x00\x81\x7e";
    let port = answering(move |request| [good(request).as_bytes(), frames].concat()).await;
    assert_eq!(dial_port(port).await.unwrap().leftover, frames);
}

#[tokio::test]
async fn tungstenite_reads_on_where_the_answer_ended() {
    // A code that tungstenite takes for illegal and shows as 1002.
    let port = answering(|request| [good(request).as_bytes(), b"\x81\x05hello\x88\x06\x03\xf6gone"].concat()).await;
    let dialed = dial_port(port).await.unwrap();
    let walker = Walker::new(dialed.io, dialed.leftover, Clock::start());
    let mut socket = WebSocketStream::from_raw_socket(walker, Role::Client, None).await;
    assert_eq!(socket.next().await.unwrap().unwrap(), Message::text("hello"));
    assert!(matches!(socket.next().await.unwrap().unwrap(), Message::Close(Some(frame)) if frame.code == 1002.into()));
    let life = socket.get_mut().take_life();
    assert_eq!((life.bytes, life.midway), (15, false));
    assert_eq!(socket.get_ref().close_seen(), Some((Some(1014), "gone".to_owned())));
}

#[tokio::test]
async fn an_answer_byte_by_byte_is_an_answer() {
    let port = serve(async move |mut tcp| {
        tcp.set_nodelay(true).unwrap();
        for byte in good(&request(&mut tcp).await).as_bytes() {
            tcp.write_all(&[*byte]).await.unwrap();
            tokio::task::yield_now().await;
        }
        let _ = tcp.read(&mut [0; 16]).await;
    })
    .await;
    dial_port(port).await.unwrap();
}

#[tokio::test]
async fn what_the_rfc_allows_is_allowed() {
    for (from, to) in [
        ("Connection: Upgrade", "Connection: keep-alive, upgrade"),
        ("Connection: Upgrade", "Connection: keep-alive\r\nConnection: UPGRADE"),
        ("Upgrade: websocket", "UPGRADE: WebSocket"),
        ("Switching Protocols", ""),
        (" Switching Protocols", ""),
        ("Switching Protocols", "\u{1b}[31mred\u{1b}[0m"),
        ("\r\n\r\n", "\r\nSec-WebSocket-Extensions:\r\nSec-WebSocket-Protocol: \r\nDate: x\r\n\r\n"),
        ("HTTP/1.1 101", "HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\nHTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 101"),
        ("\r\n", "\n"),
    ] {
        let (from, to) = (from.to_owned(), to.to_owned());
        let shown = to.clone();
        let port = answering(move |request| good(request).replace(&from, &to).into_bytes()).await;
        assert!(dial_port(port).await.is_ok(), "{shown}");
    }
}

#[tokio::test]
async fn every_fault_of_a_101_is_named() {
    let accept = "Sec-WebSocket-Accept: ";
    for (from, to, want) in [
        ("Upgrade: websocket\r\n", "", "no `Upgrade: websocket`"),
        ("Upgrade: websocket", "Upgrade: h2c", "to `h2c`"),
        ("Connection: Upgrade\r\n", "", "no `Connection: Upgrade`"),
        ("Connection: Upgrade", "Connection: keep-alive", "`Connection: keep-alive` without"),
        (accept, "Sec-WebSocket-Accept: x", "does not answer our key"),
        (accept, "X-Accept: ", "no Sec-WebSocket-Accept"),
        (accept, "Sec-WebSocket-Accept: x\r\nSec-WebSocket-Accept: ", "more than one Sec-WebSocket-Accept"),
        ("\r\n\r\n", "\r\nSec-WebSocket-Extensions: x-deflate; SECRET1\r\n\r\n", "never offered: `x-deflate; ***`"),
        ("\r\n\r\n", "\r\nSec-WebSocket-Extensions: permessage-deflate; a=b\r\n\r\n", "`permessage-deflate; a=b`"),
        (
            "\r\n\r\n",
            "\r\nSec-WebSocket-Extensions: permessage-deflate; server_max_window_bits=7\r\n\r\n",
            "no such value",
        ),
        ("\r\n\r\n", "\r\nSec-WebSocket-Protocol: mqtt\r\n\r\n", "try --subprotocol mqtt"),
        ("HTTP/1.1", "HTTP/1.0", "HTTP/1.0"),
        ("HTTP/1.1", "HTTP/2.0", "another version than HTTP/1: `HTTP/2.0 101"),
        ("HTTP/1.1 101", "HTTP/1.1 abc", "no valid HTTP"),
        ("Upgrade: websocket", "Upg rade: websocket", "no valid HTTP"),
    ] {
        let (find, put) = (from.to_owned(), to.to_owned());
        let port = answering(move |request| good(request).replace(&find, &put).into_bytes()).await;
        let text = handshake(dial_port(port).await.unwrap_err().why);
        assert!(text.contains(want), "{to}: {text}");
    }
}

#[tokio::test]
async fn compression_is_offered_unless_it_is_withheld() {
    let answer = "\r\nSec-WebSocket-Extensions: permessage-deflate;\tserver_no_context_takeover\r\n\
        sec-websocket-extensions:\r\n\r\n";
    let port = answering(move |request| good(request).replace("\r\n\r\n", answer).into_bytes()).await;
    let agreed = dial_port(port).await.unwrap().deflate.unwrap();
    assert!(agreed.server_no_context_takeover && !agreed.client_no_context_takeover);

    let port = answering(|request| {
        assert!(!request.to_ascii_lowercase().contains("sec-websocket-extensions"), "{request}");
        good(request).into_bytes()
    })
    .await;
    let withheld = ["Sec-WebSocket-Extensions".to_owned()];
    let plain = |port| Target::parse(&format!("ws://127.0.0.1:{port}")).unwrap().withholding(&withheld);
    assert_eq!(dial_target(&plain(port)).await.unwrap().deflate, None);
    let port = answering(move |request| good(request).replace("\r\n\r\n", answer).into_bytes()).await;
    assert!(handshake(dial_target(&plain(port)).await.unwrap_err().why).contains("never offered"));
}

#[tokio::test]
async fn a_subprotocol_is_one_of_those_offered() {
    for (chosen, want) in
        [("mqtt", Ok(Some("mqtt"))), ("", Ok(None)), ("MQTT", Err("`MQTT`")), ("mqtt, v2", Err("more than one"))]
    {
        let port = answering(move |request| {
            let line = format!("\r\nSec-WebSocket-Protocol: {chosen}\r\n\r\n");
            good(request).replace("\r\n\r\n", if chosen.is_empty() { "\r\n\r\n" } else { &line }).into_bytes()
        })
        .await;
        let target = Target::parse(&format!("ws://127.0.0.1:{port}")).unwrap();
        let dialed = dial_target(&target.with_header("Sec-WebSocket-Protocol", "mqtt, v2").unwrap()).await;
        match (dialed, want) {
            (Ok(dialed), Ok(want)) => assert_eq!(dialed.subprotocol.as_deref(), want),
            (Err(failed), Err(want)) => assert!(handshake(failed.why).contains(want)),
            (got, _) => panic!("{chosen}: {got:?}"),
        }
    }
}

#[tokio::test]
async fn who_does_not_speak_http_is_named() {
    for (greeting, want) in [
        (&b"SSH-2.0-OpenSSH_9.6\r\n"[..], "an SSH server"),
        (b"\x15\x03\x01\x00\x02\x02\x46", "try wss://"),
        (b"\x00\x00\x12\x04\x00\x00\x00\x00\x00", "HTTP/2 only"),
        (b"220 mail.example.org ESMTP\r\n", "mail or FTP"),
        (b"GET /feed?token=SECRET1 HTTP/1.1\r\n", "echo server"),
        (b"hello\x1b[2J\r\nworld\r\n\r\n", "begins `hello\u{1b}[2J`"),
        (b"\xff\xfe\xfd\xfc\xfb", "does not speak HTTP"),
        (b"{token:SECRET1}", "begins `{token:***}`"),
    ] {
        let text = handshake(why(greeting).await);
        assert!(text.contains(want) && !text.contains("SECRET"), "{text}");
    }
}

#[tokio::test]
async fn a_server_that_hangs_up_is_said_to() {
    for (part, want) in [
        ("", "without an answer (a port that wants TLS may do so: try wss://)"),
        ("HT", "in the middle of its answer"),
        ("HTTP/1.1 101 Switching Protocols\r\nUpgrade: web", "in the middle of its answer"),
        ("ab", "begins `ab`"),
    ] {
        let port = serve(async move |mut tcp| {
            request(&mut tcp).await;
            tcp.write_all(part.as_bytes()).await.unwrap();
        })
        .await;
        let text = handshake(dial_port(port).await.unwrap_err().why);
        assert!(text.contains(want), "{text}");
    }
    let port = serve(async |tcp| socket2::SockRef::from(&tcp).set_linger(Some(Duration::ZERO)).unwrap()).await;
    let why = dial_port(port).await.unwrap_err().why;
    assert!(matches!(why, Why::Reset { .. }), "{why:?}");
}

#[tokio::test]
async fn a_head_has_its_limits() {
    let long = format!("HTTP/1.1 101 Switching Protocols\r\nX: {}", "x".repeat(70_000));
    assert!(handshake(why(&long).await).contains("64 KiB"));
    assert!(handshake(why(format!("{long}\r\n\r\n")).await).contains("64 KiB"));
    let many = |count: usize| {
        (0..count).fold(String::from("HTTP/1.1 403 No\r\n"), |mut head, n| {
            write!(head, "X-{n}: y\r\n").unwrap();
            head
        })
    };
    assert!(handshake(why(format!("{}\r\n", many(129))).await).contains("128 headers"));
    assert_eq!(why(format!("{}\r\n", many(128))).await.kind(), "http");
    let endless = "HTTP/1.1 100 Continue\r\n\r\n".repeat(4000);
    assert!(handshake(why(endless).await).contains("64 KiB"));
}

#[tokio::test]
async fn other_statuses_are_told_with_their_words() {
    for (head, body, status, want) in [
        ("302 Moved\r\nLocation: SECRET://h", "", 302, "redirects to an address"),
        ("302 Found", "over there", 302, "over there"),
        ("304 Not Modified\r\nLocation: /x", "", 304, "Not Modified"),
        ("401 Unauthorized\r\nWWW-Authenticate: Bearer realm=x", "who?", 401, "(Bearer)"),
        ("403 Forbidden", "", 403, "Origin"),
        ("404 Not Found", "Cannot GET /feed?token=SECRET1", 404, "says: Cannot GET /feed?token=***"),
        ("200 OK\r\nContent-Length: 17", "<html>\nhi\n</html>", 200, "is the path right?; the server says: <html>"),
        ("200 OK", "Welcome to SockJS!\n", 200, "add /websocket"),
        (
            "400 Bad",
            r#"{"code":0,"message":"Transport unknown"}"#,
            400,
            "query is ?EIO=4&transport=websocket, and its path",
        ),
        ("400 Bad", "Connection ID required", 400, "/negotiate"),
        ("403 Forbidden\r\nCF-Mitigated: challenge", "<html>Just a moment...", 403, "Cloudflare"),
        ("400 Bad\r\nSec-WebSocket-Version: 8, 7", "", 400, "version 8, 7, not 13"),
        ("400 Bad", "The plain HTTP request was sent to HTTPS port", 400, "try wss://"),
        ("426 Upgrade Required\r\nUpgrade: h2c", "", 426, "wants to speak h2c"),
        ("500 \u{1b}]0;pwned\u{7}", "", 500, "]0;pwned"),
        ("503 Service Unavailable", "\u{1b}[2J\u{1b}]0;x\u{7}busy", 503, "busy"),
        ("503 Service Unavailable", "", 503, "Service Unavailable"),
        ("502 Bad\r\nTransfer-Encoding: chunked", "3\r\nfoo\r\n3\r\nbar\r\n0\r\n\r\n", 502, "foobar"),
        ("500 Bad\r\nContent-Encoding: gzip", "\u{1}\u{2}\u{3}", 500, "(a body in gzip)"),
        ("204 No Content", "", 204, "is the path right?"),
    ] {
        let why = why(format!("HTTP/1.1 {head}\r\n\r\n{body}")).await;
        let Why::Http { status: got, text, retry_after: None } = why else { panic!("{head}: {why:?}") };
        assert_eq!(got, status);
        assert!(text.contains(want) && !text.contains("SECRET"), "{head}: {text}");
    }
}

#[tokio::test]
async fn a_body_is_cut_and_not_waited_for() {
    let Why::Http { text, .. } = why(format!("HTTP/1.1 500 No\r\n\r\n{}", "业".repeat(500))).await else { panic!() };
    assert_eq!(text, "业".repeat(512 / 3));
    // A body is announced that never comes.
    let port = answering(|_| b"HTTP/1.1 503 Busy\r\nContent-Length: 100\r\n\r\nsoon".to_vec()).await;
    let started = Clock::start();
    let Why::Http { text, .. } = dial_port(port).await.unwrap_err().why else { panic!() };
    assert_eq!(text, "soon");
    assert!(started.now().as_secs_f64() < 3.0);
}

#[tokio::test]
async fn retry_after_is_read_in_both_forms_and_clamped() {
    let day = Duration::from_hours(24);
    for (headers, want) in [
        ("Retry-After: 7", Some(Duration::from_secs(7))),
        ("Retry-After: 0", Some(Duration::ZERO)),
        ("Retry-After: 99999999999999999999999", Some(day)),
        (
            "Date: Wed, 21 Oct 2015 07:28:00 GMT\r\nRetry-After: Wed, 21 Oct 2015 07:29:30 GMT",
            Some(Duration::from_secs(90)),
        ),
        ("Retry-After: Wed, 21 Oct 2015 07:29:30 GMT", Some(Duration::ZERO)),
        ("Retry-After: Fri, 31 Dec 2100 23:59:59 GMT", Some(day)),
        ("Retry-After: soon", None),
        // Against the rules, and plain enough.
        ("Retry-After: -3", Some(Duration::ZERO)),
        ("Retry-After: 2.5", Some(Duration::from_millis(2500))),
        ("X: y", None),
    ] {
        for status in ["429 Too Many Requests", "503 Service Unavailable"] {
            let Why::Http { retry_after, .. } = why(format!("HTTP/1.1 {status}\r\n{headers}\r\n\r\n")).await else {
                panic!("{headers}")
            };
            assert_eq!(retry_after, want, "{headers}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_server_that_never_answers_meets_the_deadline() {
    let clock = Clock::start();
    let target = Target::parse("ws://h/").unwrap();
    let limit = Duration::from_secs(5);
    for part in ["", "HTTP/1.1 101 Switching"] {
        let (mut near, mut far) = tokio::io::duplex(4096);
        far.write_all(part.as_bytes()).await.unwrap();
        let began = clock.now();
        let why = upgrade(&mut near, &target, "h:80", &clock, limit).await.unwrap_err();
        assert_eq!(why, Why::DialTimeout { phase: DialPhase::Upgrade, address: "h:80".to_owned(), limit });
        assert_eq!(clock.now() - began, limit);
    }
    // One that does not even read.
    let (mut near, _far) = tokio::io::duplex(8);
    assert_eq!(upgrade(&mut near, &target, "h:80", &clock, limit).await.unwrap_err().kind(), "handshake");
}

#[tokio::test]
async fn each_deadline_names_its_step() {
    for (scheme, phase) in [("ws", DialPhase::Upgrade), ("wss", DialPhase::Tls)] {
        let port = serve(async |mut tcp| while tcp.read(&mut [0; 1024]).await.is_ok_and(|count| count > 0) {}).await;
        let target = Target::parse(&format!("{scheme}://127.0.0.1:{port}")).unwrap();
        let tls = Connector::new();
        let limits = DialLimits { tls: SHORT, upgrade: SHORT, ..limits() };
        let target = target.with_tls(TlsOptions { insecure: true, ..TlsOptions::default() });
        let failed = dial(&target, &tls, &Clock::start(), &limits).await.unwrap_err();
        assert_eq!(failed.why, Why::DialTimeout { phase, address: format!("127.0.0.1:{port}"), limit: SHORT });
        let took = if phase == DialPhase::Tls { failed.phases.tls } else { failed.phases.upgrade };
        assert!(took.unwrap() >= SHORT);
    }
}

#[tokio::test]
async fn a_closed_port_refuses() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    drop(listener);
    let failed = dial_port(port).await.unwrap_err();
    assert_eq!(failed.why, Why::Refused { address: format!("127.0.0.1:{port}") });
    assert!(failed.phases.tcp.is_some() && failed.phases.upgrade.is_none());
    let why = dial_target(&Target::parse(&format!("ws://localhost:{port}")).unwrap()).await.unwrap_err().why;
    let Why::Refused { address } = why else { panic!("{why:?}") };
    assert!(address.contains(&format!("127.0.0.1:{port}")), "{address}");
}

#[tokio::test]
async fn a_name_that_is_none_is_a_matter_of_dns() {
    let target = Target::parse("ws://no-such-host.invalid/").unwrap();
    let limits = DialLimits { dns: Duration::from_secs(2), ..limits() };
    let failed = dial(&target, &Connector::new(), &Clock::start(), &limits).await.unwrap_err();
    if let Why::Dns { host, text } = &failed.why {
        assert_eq!(host, "no-such-host.invalid");
        assert!(!text.is_empty() && !text.contains("lookup address"), "{text}");
    } else {
        // A resolver without a network may keep us waiting.
        assert!(matches!(failed.why, Why::DialTimeout { phase: DialPhase::Dns, .. }), "{:?}", failed.why);
    }
    assert!(failed.phases.dns.is_some() && failed.phases.tcp.is_none());
}
