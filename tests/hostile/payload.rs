//! Messages that are whole and well framed, and no pleasure to read or to show.

use tokio::io::AsyncWriteExt as _;

use crate::scene::{Scene, frame, frames, opened, pass};

const HALF_OPEN: &[&str] = &["half_open"];

pub(crate) fn scenes() -> Vec<Scene> {
    let mut all = texts();
    all.extend([
        frames("text that is no UTF-8", &["protocol"], frame(0x81, b"\xff\xfe{}")),
        frames("a surrogate", &["protocol"], frame(0x81, b"\xed\xa0\x80")),
        frames("a letter cut by the end", &["protocol"], frame(0x81, b"{\"service\":\"\xe4\xb8")),
        frames("an overlong slash", &["protocol"], frame(0x81, b"\xc0\xaf")),
        frames("binary noise", HALF_OPEN, frame(0x82, &(0..=255).cycle().take(5000).collect::<Vec<u8>>())),
        frames("a letter cut by a piece", HALF_OPEN, [frame(0x01, b"\"\xe4\xb8"), frame(0x80, b"\x9a\"")].concat()),
        frames("fifteen megabytes of one string", HALF_OPEN, {
            frame(0x81, format!(r#"{{"service":"a","x":"{}"}}"#, "x".repeat(15 << 20)).as_bytes())
        })
        .takes(10, 256),
        frames("seventeen megabytes", &["too_big"], frame(0x82, &vec![b'x'; 17 << 20])).takes(10, 128),
        opened("text without an end of UTF-8, in pieces", &["protocol"], async |mut tcp| {
            let _gone = tcp.write_all(&frame(0x01, b"\xce\xba")).await;
            let _gone = tcp.write_all(&frame(0x00, b"\xf4\x90\x80\x80")).await;
            pass(60_000).await;
        }),
    ]);
    all
}

/// Each is one message, and no sign that a heartbeat was answered.
fn texts() -> Vec<Scene> {
    let service = |value: &str| format!(r#"{{"service":{value},"seq":1}}"#);
    let many = |count: usize, item: &str| format!("[{}]", vec![item; count].join(","));
    [
        ("nothing", String::new()),
        ("a mark of the byte order", "\u{feff}{}".to_owned()),
        ("NaN", "NaN".to_owned()),
        ("null", "null".to_owned()),
        ("ten thousand brackets", "[".repeat(10_000)),
        ("ten thousand whole brackets", format!("{}{}", "[".repeat(10_000), "]".repeat(10_000))),
        ("a hundred thousand objects", r#"{"service":"#.repeat(100_000)),
        ("a number beyond all", service("\"a\",\"x\":1e400")),
        ("a number of a million digits", service(&"9".repeat(1_000_000))),
        ("a key twice", r#"{"service":"a","service":"b"}"#.to_owned()),
        ("a lone surrogate", service(r#""\ud800""#)),
        ("NULs", "\0".repeat(1000)),
        ("NULs in a name", service(r#""\u0000\u0000""#)),
        ("raw escapes", "\u{1b}]0;owned\u{7}\u{1b}[2J\u{1b}[?1049h\u{9b}31m".to_owned()),
        ("raw escapes in a name", service("\"\u{1b}[31mred\"")),
        ("escapes in a name", service(r#""\u001b]52;c;ZXZpbA==\u0007""#)),
        ("C1 in a name", service("\"\u{9b}31m\u{85}\u{90}\"")),
        ("bidi in a name", service("\"\u{202e}txet\u{2066}\u{200b}\u{feff}\"")),
        ("DEL and a line break in a name", service(r#""a\u007f\r\nb""#)),
        ("a letter with a thousand accents", service(&format!("\"a{}\"", "\u{301}".repeat(1000)))),
        ("line separators", service("\"\u{2028}\u{2029}\"")),
        ("a name of a megabyte", service(&format!("\"{}\"", "n".repeat(1 << 20)))),
        ("a number for a name", service("17")),
        ("an object for a name", service(r#"{"a":[1]}"#)),
        ("a million rows", many(1_000_000, "1")),
        ("a hundred thousand objects in a list", many(100_000, r#"{"service":"a","seq":1}"#)),
        (
            "lines",
            r#"{"service":"a"}
"#
            .repeat(5000),
        ),
        ("a sequence that runs back and over", service("\"a\",\"seq\":18446744073709551616")),
    ]
    .into_iter()
    .map(|(name, text)| {
        // Twice: what is remembered of the first is there for the second.
        let scene = frames(&format!("text, {name}"), HALF_OPEN, frame(0x81, text.as_bytes()).repeat(2));
        if text.len() > 500_000 { scene.takes(10, 128) } else { scene }
    })
    .collect()
}
