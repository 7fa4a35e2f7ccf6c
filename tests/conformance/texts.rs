//! Text is UTF-8, whatever its parts; what is none is told as soon as it is seen.

use crate::stage::{BINARY, PING, TEXT, case};

/// A Greek word, and characters of two, three and four bytes at the edges of what is allowed.
const GOOD: [&str; 8] = [
    "Hello-µ@ßöäüàá-UTF-8!!",
    "κόσμε",
    "\0",
    "\u{80}\u{800}\u{10000}",
    "\u{7F}\u{7FF}\u{FFFF}\u{10FFFF}",
    "\u{D7FF}\u{E000}\u{FFFD}\u{FFFE}",
    "\u{FEFF}业务",
    "🦀🦀",
];

/// Surrogates, too long forms, lone parts, beyond the last character, bytes that are never there.
const BAD: [&[u8]; 14] = [
    b"\xED\xA0\x80",
    b"\xED\xBF\xBF",
    b"\xED\xA0\x80\xED\xB0\x80",
    b"\xC0\xAF",
    b"\xE0\x80\xAF",
    b"\xF0\x80\x80\xAF",
    b"\xC1\xBF",
    b"\x80",
    b"\xBF",
    b"\xF4\x90\x80\x80",
    b"\xF8\x88\x80\x80\x80",
    b"\xFC\x84\x80\x80\x80\x80",
    b"\xFE",
    b"\xFF",
];

#[tokio::test(start_paused = true)]
async fn good_text_comes_back_whatever_its_parts() {
    for text in GOOD {
        case(format!("{text:?}")).echo(TEXT, text).ends_well().await;
        let mut parts = case(format!("{text:?} byte by byte")).frame(1, "");
        for byte in text.bytes() {
            parts = parts.frame(0, [byte]).echo(PING, "");
        }
        parts.frame(0x80, "").echoed(TEXT, text).ends_well().await;
    }
}

#[tokio::test(start_paused = true)]
async fn bad_text_is_answered_with_1007() {
    for bytes in BAD {
        case(format!("{bytes:x?}")).echo(TEXT, "a").frame(TEXT, bytes).refused(1007, "protocol").await;
        let inside = [b"good ", bytes, b" good"].concat();
        case(format!("{bytes:x?} inside")).frame(TEXT, &inside).refused(1007, "protocol").await;
        case(format!("{bytes:x?} is no text, as binary")).echo(BINARY, bytes).ends_well().await;
    }
    for bytes in [&b"\xCE"[..], b"\xE4\xB8", b"\xF0\x9F\xA6"] {
        case(format!("{bytes:x?}, cut off")).frame(TEXT, bytes).refused(1007, "protocol").await;
        case(format!("{bytes:x?}, cut off in parts")).frame(1, bytes).frame(0x80, "").refused(1007, "protocol").await;
    }
}

#[tokio::test(start_paused = true)]
async fn bad_text_is_told_before_the_message_is_over() {
    for bytes in BAD {
        let bad = case(format!("{bytes:x?}, in a part")).frame(1, "κόσμε").frame(0, bytes).frame(0, "");
        bad.refused(1007, "protocol").await;
    }
}
