//! What a message of garbage looks like. When one is sent, and by whom, is told elsewhere.

use super::Garbage;

const LONG: usize = 200_000;
const DEEP: usize = 10_000;

/// A message, as a frame carries it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Content {
    Text(String),
    Binary(&'static [u8]),
}

/// A message of that kind that pretends to be of `service`, and whether it really says so.
pub fn message(kind: Garbage, service: &str, ts: i64) -> (Content, bool) {
    let named = serde_json::Value::from(service);
    match kind {
        Garbage::NotJson => (text("<html><body><h1>502 Bad Gateway</h1>网关错误</body></html>"), false),
        Garbage::Truncated => (text(format!("{{\"service\":{named},\"ts\":{ts},\"data\":{{\"pri")), false),
        Garbage::NoService => {
            (text(format!("{{\"type\":\"notice\",\"ts\":{ts},\"data\":{{\"text\":\"谁的消息?\"}}}}")), false)
        }
        Garbage::UnknownService => {
            (text(format!("{{\"service\":\"业务99\",\"ts\":{ts},\"data\":{{\"text\":\"nobody asked\"}}}}")), false)
        }
        // A title, a cleared screen, a false colour, a link; C0 in escapes of JSON, C1 raw, as JSON permits it.
        Garbage::Escapes => (
            data(
                &named,
                ts,
                "\\u001b]0;owned\\u0007\\u001b[2J\\u001b[31mred\\u001b[0m \u{9b}2J\u{9d}8;;x\u{9c} \\u0000",
            ),
            true,
        ),
        Garbage::RawEscapes => {
            (text("\u{1b}]0;owned\u{7}\u{1b}[2J\u{1b}[H\u{1b}[?1049l\r\nnot JSON\u{8}\u{8}\t\u{0}"), false)
        }
        // An override, isolates, a joiner that joins nothing, a heap of accents, an emoji of several characters.
        Garbage::Bidi => (
            data(
                &named,
                ts,
                "\u{202e}txt.exe\u{202c} \u{2066}אבג\u{2069}\u{200b}\u{200d}\u{feff}e\u{301}\u{301}\u{301}👩‍👩‍👧 业务",
            ),
            true,
        ),
        Garbage::LongLine => (data(&named, ts, &"长行 long line ".repeat(LONG / 17)), true),
        Garbage::Deep => (text(format!("{}{}", "[".repeat(DEEP), "]".repeat(DEEP))), false),
        Garbage::Binary => (Content::Binary(b"\x00\xff\xfe\x80\x1b[31m{\"service\":\xc3\x28"), false),
    }
}

fn text(text: impl Into<String>) -> Content {
    Content::Text(text.into())
}

fn data(service: &serde_json::Value, ts: i64, said: &str) -> Content {
    text(format!("{{\"service\":{service},\"ts\":{ts},\"data\":{{\"kind\":\"chat\",\"text\":\"{said}\"}}}}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_kind_is_what_its_name_says() {
        for kind in Garbage::ALL {
            let (message, says_so) = message(kind, "业\"务", 7);
            let text = if let Content::Text(text) = &message { Some(text.as_str()) } else { None };
            let json = text.and_then(|text| serde_json::from_str::<serde_json::Value>(text).ok());
            let is_json = json.is_some();
            let service = json.as_ref().and_then(|json| json.get("service")?.as_str().map(str::to_owned));
            match kind {
                Garbage::NotJson | Garbage::Truncated | Garbage::RawEscapes | Garbage::Deep | Garbage::Binary => {
                    assert!(!is_json, "{kind:?}");
                }
                Garbage::NoService => assert!(is_json && service.is_none()),
                Garbage::UnknownService => assert_eq!(service.as_deref(), Some("业务99")),
                Garbage::Escapes | Garbage::Bidi | Garbage::LongLine => {
                    assert_eq!(service.as_deref(), Some("业\"务"), "{kind:?}");
                }
            }
            assert_eq!(says_so, service.as_deref() == Some("业\"务"), "{kind:?}");
        }
    }

    #[test]
    fn hostile_text_is_really_in_it() {
        let text = |kind| match message(kind, "x", 7).0 {
            Content::Text(text) => text,
            Content::Binary(_) => panic!("a text"),
        };
        let json: serde_json::Value = serde_json::from_str(&text(Garbage::Escapes)).unwrap();
        let inner = json["data"]["text"].as_str().unwrap();
        assert!(inner.contains("\u{1b}[2J") && inner.contains('\u{9b}') && inner.contains('\0'));
        assert!(text(Garbage::RawEscapes).contains("\u{1b}[2J"));
        assert!(text(Garbage::Bidi).contains('\u{202e}'));
        assert!((150_000..=260_000).contains(&text(Garbage::LongLine).len()));
    }
}
