//! Servers that answer the upgrade with something else, or with too much or too little of it.

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

use crate::scene::{Scene, answers, good, hold, pass, request, scene};

const HANDSHAKE: &[&str] = &["handshake"];
const HTTP: &[&str] = &["http"];
/// A 101 as it should be, but for what comes behind it.
const HEAD: &str = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: {accept}\r\n";

pub(crate) fn scenes() -> Vec<Scene> {
    let mut all = statuses();
    all.extend(upgrades());
    all.extend(not_http());
    all.extend(heads());
    all.extend(slow());
    all
}

fn statuses() -> Vec<Scene> {
    let mut all: Vec<_> = [
        200, 204, 206, 300, 304, 305, 400, 401, 402, 403, 404, 405, 407, 408, 410, 418, 421, 425, 426, 429, 451, 499,
        500, 501, 502, 503, 504, 505, 511, 520, 599, 999,
    ]
    .iter()
    .map(|status| {
        let text = format!("HTTP/1.1 {status} So\r\nContent-Length: 5\r\n\r\nsorry");
        answers(&format!("status {status}"), HTTP, text)
    })
    .collect();
    all.extend([
        answers("status 600", &["http", "handshake"], "HTTP/1.1 600 No\r\n\r\n"),
        answers("status 000", &["http", "handshake"], "HTTP/1.1 000 No\r\n\r\n"),
        answers("status 99", HANDSHAKE, "HTTP/1.1 99 No\r\n\r\n"),
        answers("status -1", HANDSHAKE, "HTTP/1.1 -1 No\r\n\r\n"),
        answers("status 1e3", HANDSHAKE, "HTTP/1.1 1e3 No\r\n\r\n"),
        answers("a reason that moves a cursor", HTTP, "HTTP/1.1 500 \x1b[2J\x1b]0;x\x07\r\n\r\n\x1b[31m\x00\u{9b}1m"),
        answers(
            "a body in gzip",
            HTTP,
            b"HTTP/1.1 503 B\r\nContent-Encoding: gzip\r\n\r\n\x1f\x8b\x08\x00\xff\xfe".to_vec(),
        ),
        answers(
            "a body without end",
            HTTP,
            "HTTP/1.1 503 B\r\nTransfer-Encoding: chunked\r\n\r\nffffffffffffffff\r\nx",
        ),
        answers("a chunk of nonsense", HTTP, "HTTP/1.1 503 B\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n\r\n"),
        answers("a length of nonsense", HTTP, "HTTP/1.1 503 B\r\nContent-Length: -9999999999999999999999\r\n\r\nx"),
        answers("wait for ever", HTTP, "HTTP/1.1 429 B\r\nRetry-After: 99999999999999999999\r\n\r\n"),
        answers("wait not at all", HTTP, "HTTP/1.1 503 B\r\nRetry-After: 0\r\n\r\n"),
        answers("wait since yesterday", HTTP, "HTTP/1.1 503 B\r\nRetry-After: Wed, 21 Oct 2015 07:28:00 GMT\r\n\r\n"),
        answers("a redirect in a circle", HTTP, "HTTP/1.1 302 F\r\nLocation: /feed\r\n\r\n").hops(),
        answers("a redirect to nowhere", HTTP, "HTTP/1.1 302 F\r\n\r\n"),
        answers("a redirect to a file", HTTP, "HTTP/1.1 301 F\r\nLocation: file:///etc/passwd\r\n\r\n"),
        answers("a redirect to nonsense", HTTP, "HTTP/1.1 307 F\r\nLocation: ws://[::1\r\n\r\n"),
        answers("a redirect with escapes", HTTP, "HTTP/1.1 308 F\r\nLocation: \x1b[2J://\x07\r\n\r\n").hops(),
        answers(
            "a redirect to a closed port",
            &["refused", "http"],
            "HTTP/1.1 302 F\r\nLocation: ws://127.0.0.1:1/\r\n\r\n",
        ),
    ]);
    all
}

fn upgrades() -> Vec<Scene> {
    let change = |name: &str, from: &str, to: &str| {
        answers(&format!("101, {name}"), HANDSHAKE, format!("{HEAD}\r\n").replace(from, to))
    };
    let add = |name: &str, line: &str| answers(&format!("101, {name}"), HANDSHAKE, format!("{HEAD}{line}\r\n\r\n"));
    vec![
        change("no accept", "Sec-WebSocket-Accept: {accept}\r\n", ""),
        change("a wrong accept", "{accept}", "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="),
        change("an empty accept", "{accept}", ""),
        change("no upgrade", "Upgrade: websocket\r\n", ""),
        change("another upgrade", "Upgrade: websocket", "Upgrade: h2c"),
        change("no connection", "Connection: Upgrade\r\n", ""),
        change("in HTTP/1.0", "HTTP/1.1", "HTTP/1.0"),
        change("in HTTP/3", "HTTP/1.1", "HTTP/3"),
        add("two accepts", "Sec-WebSocket-Accept: x"),
        add("an extension of which nobody spoke", "Sec-WebSocket-Extensions: x-bomb; level=9"),
        add("a subprotocol of which nobody spoke", "Sec-WebSocket-Protocol: mqtt"),
        add("a header without a name", ": x"),
        add("a header of two words", "two words: x"),
        answers("101, and another head behind it", &["protocol"], format!("{HEAD}\r\n{HEAD}\r\n")),
        answers(
            "101, and a page behind it",
            &["protocol"],
            format!("{HEAD}Content-Length: 20\r\n\r\n<html>hello</html>\r\n"),
        ),
        answers(
            "101, three times early",
            &["half_open"],
            format!("HTTP/1.1 103 E\r\n\r\nHTTP/1.1 100 C\r\n\r\n{HEAD}\r\n"),
        ),
    ]
}

fn not_http() -> Vec<Scene> {
    let mut all: Vec<_> = [
        ("HTTP/0.9", "<html>hello</html>\r\n"),
        ("SSH", "SSH-2.0-OpenSSH_9.6\r\n"),
        ("mail", "220 mail ESMTP\r\n"),
        ("Redis", "-ERR unknown command\r\n"),
        ("an echo", "GET /feed HTTP/1.1\r\n\r\n"),
        ("one letter", "H"),
        ("line breaks", "\r\n\r\n\r\n\r\n"),
        ("HTTP and no more", "HTTP/1.1 "),
        ("escapes", "\x1b]0;owned\x07\x1b[2J\x1b[H"),
        ("bidi", "\u{202e}\u{2066}txet\u{200b}\r\n\r\n"),
    ]
    .into_iter()
    .map(|(name, text)| answers(name, HANDSHAKE, text))
    .collect();
    all.extend([
        answers("zeros", HANDSHAKE, vec![0; 1000]),
        answers("noise", HANDSHAKE, (0..=255).rev().cycle().take(5000).collect::<Vec<u8>>()),
        answers("HTTP/2", HANDSHAKE, b"\x00\x00\x12\x04\x00\x00\x00\x00\x00".to_vec()),
        answers("an alert of TLS", HANDSHAKE, b"\x15\x03\x01\x00\x02\x02\x46".to_vec()),
    ]);
    all
}

fn heads() -> Vec<Scene> {
    let many = |count: usize| (0..count).map(|n| format!("X-{n}: y\r\n")).collect::<Vec<_>>().concat();
    vec![
        answers("a header of 70 KB", HANDSHAKE, format!("{HEAD}X: {}\r\n\r\n", "x".repeat(70_000))),
        answers("a header of 2 MB without end", HANDSHAKE, format!("{HEAD}X: {}", "x".repeat(2_000_000))),
        answers("a thousand headers", HANDSHAKE, format!("{HEAD}{}\r\n", many(1000))),
        answers("a hundred headers", &["half_open"], format!("{HEAD}{}\r\n", many(100))),
        answers("endless continuations", HANDSHAKE, "HTTP/1.1 100 C\r\n\r\n".repeat(10_000)),
        answers("a status line of 100 KB", HANDSHAKE, format!("HTTP/1.1 200 {}", "x".repeat(100_000))),
        answers(
            "a binary header",
            &["half_open"],
            [HEAD.replace("{accept}\r\n", "").as_bytes(), b"x\r\nX: \xff\xfe\r\n\r\n"].concat(),
        )
        .called(HANDSHAKE),
        answers("controls in a header", &["half_open"], format!("{HEAD}X: \x01\x02\x1b[31m\r\n\r\n")),
    ]
}

fn slow() -> Vec<Scene> {
    let parts: [(&str, &[&str], Vec<u8>, u64); 3] = [
        (
            "a byte now and then",
            &["handshake"],
            b"HTTP/1.1 200 OK\r\nX: ".iter().copied().chain([b'x'; 400]).collect(),
            50,
        ),
        (
            "a byte now and then, and then a page",
            HTTP,
            b"HTTP/1.1 403 No\r\nContent-Length: 400\r\n\r\nno".to_vec(),
            20,
        ),
        ("a body now and then", HTTP, b"HTTP/1.1 503 No\r\n\r\n".iter().copied().chain([b'x'; 400]).collect(), 20),
    ];
    let mut all: Vec<_> = parts
        .into_iter()
        .map(|(name, kinds, bytes, every)| {
            scene(name, kinds, move |mut tcp| {
                let bytes = bytes.clone();
                async move {
                    request(&mut tcp).await;
                    for byte in bytes {
                        if tcp.write_all(&[byte]).await.is_err() {
                            return;
                        }
                        pass(every).await;
                    }
                    hold(tcp).await;
                }
            })
        })
        .collect();
    all.push(scene("a good answer byte by byte", &["half_open"], async |mut tcp| {
        let Some(accept) = request(&mut tcp).await else { return };
        for byte in good(&accept).into_bytes() {
            let _gone = tcp.write_all(&[byte]).await;
            pass(2).await;
        }
        hold(tcp).await;
    }));
    all.push(scene("no answer", HANDSHAKE, hold));
    all.push(scene("nothing is even read", HANDSHAKE, async |tcp| {
        pass(60_000).await;
        drop(tcp);
    }));
    all.push(scene("gone at once", &["handshake", "reset"], async |tcp| drop(tcp)));
    all.push(scene("gone after the request", HANDSHAKE, async |mut tcp| {
        request(&mut tcp).await;
    }));
    all.push(scene("gone in the middle", HANDSHAKE, async |mut tcp| {
        request(&mut tcp).await;
        let _gone = tcp.write_all(b"HTTP/1.1 101 Switch").await;
    }));
    all.push(scene("reset at once", &["reset"], async |mut tcp| {
        let _some = tcp.read(&mut [0; 8]).await;
        let _set = socket2::SockRef::from(&tcp).set_linger(Some(std::time::Duration::ZERO));
    }));
    all
}
