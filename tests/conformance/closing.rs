//! Goodbyes: the code that was sent is answered, one that may not travel is told so, and nothing is heard behind it.

use crate::stage::{BINARY, CLOSE, PING, TEXT, case, close, frame};

#[tokio::test(start_paused = true)]
async fn a_code_is_answered_with_itself() {
    for code in [1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 1012, 1013, 3000, 3999, 4000, 4999] {
        case(format!("close {code}")).echo(TEXT, "a").send(close(code, "")).closed(Some(code)).await;
        case(format!("close {code}, and why")).send(close(code, "because 因为")).closed(Some(code)).await;
    }
    case("the longest reason").send(close(1000, "x".repeat(123))).closed(Some(1000)).await;
    case("no code").frame(CLOSE, "").closed(None).await;
}

#[tokio::test(start_paused = true)]
async fn a_code_that_may_not_travel_is_answered_with_1002() {
    for code in [0, 1, 999, 1004, 1005, 1006, 1015, 1016, 1100, 2000, 2999, 5000, 65535] {
        case(format!("close {code}")).send(close(code, "")).closed(Some(1002)).await;
    }
    // It is told as it was sent; tungstenite does not know it yet.
    case("close 1014").send(close(1014, "bad gateway")).closed(Some(1002)).await;
}

#[tokio::test(start_paused = true)]
async fn a_goodbye_that_is_none_is_told_so() {
    case("one byte").frame(CLOSE, [3]).closed(Some(1002)).await;
    case("a reason that is no text").send(close(1000, b"\xCE\xBA\xED\xA0\x80")).closed(Some(1007)).await;
    case("a reason too long").send(close(1000, "x".repeat(124))).refused(1002, "protocol").await;
    case("in parts").frame(8, 1000_u16.to_be_bytes()).frame(0x80, "").refused(1002, "protocol").await;
    case("reserved bits").frame(CLOSE | 0x40, 1000_u16.to_be_bytes()).refused(1002, "protocol").await;
}

#[tokio::test(start_paused = true)]
async fn nothing_is_heard_behind_a_goodbye() {
    for (name, behind) in [
        ("a message", frame(TEXT, b"a")),
        ("a ping", frame(PING, b"a")),
        ("another goodbye", close(1001, "")),
        ("what is against the rules", frame(0xF3, b"a")),
        ("noise", vec![0xFF; 300]),
        ("a long message", frame(BINARY, &vec![0; 70_000])),
    ] {
        case(name).send(close(1000, "")).send(behind).closed(Some(1000)).await;
    }
    case("inside of a message").frame(1, "a").send(close(1001, "")).closed(Some(1001)).await;
}
