//! Lengths, fragments, pings, and whatever a header may have wrong.

use crate::stage::{BINARY, MORE, PING, PONG, TEXT, case, frame};

#[tokio::test(start_paused = true)]
async fn every_length_comes_back() {
    for length in [0, 1, 125, 126, 127, 128, 65535, 65536] {
        let text = "é*".repeat(length).into_bytes();
        // The cut may go through a character.
        let text = String::from_utf8_lossy(&text[..length]).replace('\u{FFFD}', "x");
        case(format!("text of {length}")).echo(TEXT, &text).ends_well().await;
        case(format!("binary of {length}")).echo(BINARY, vec![0xFE; length]).ends_well().await;
    }
    case("a mebibyte").echo(BINARY, vec![7; 1 << 20]).ends_well().await;
}

#[tokio::test(start_paused = true)]
async fn fragments_become_one_message() {
    case("in three")
        .frame(TEXT & !MORE, "one ")
        .frame(0, "two ")
        .frame(0x80, "three")
        .echoed(TEXT, "one two three")
        .ends_well()
        .await;
    case("in two, and another")
        .frame(BINARY & !MORE, [1, 2])
        .frame(0x80, [3])
        .echoed(BINARY, [1, 2, 3])
        .echo(TEXT, "next")
        .ends_well()
        .await;
    case("with empty ones").frame(1, "").frame(0, "").frame(0x80, "").echoed(TEXT, "").ends_well().await;
    let bytes = "many".repeat(50);
    let mut many = case("a byte in each").frame(1, "");
    for byte in bytes.bytes() {
        many = many.frame(0, [byte]);
    }
    many.frame(0x80, "").echoed(TEXT, &bytes).ends_well().await;
    case("with a ping and a pong inside")
        .frame(1, "a")
        .echo(PING, "in between")
        .frame(0, "b")
        .frame(PONG, "nobody asked")
        .frame(0x80, "c")
        .echoed(TEXT, "abc")
        .ends_well()
        .await;
}

#[tokio::test(start_paused = true)]
async fn pings_are_answered_with_what_was_in_them() {
    for payload in [&b""[..], b"Hello", &[0, 0xFF, 0xFE, 0xFD, 0xFC, 0xFB], &[0xFE; 125]] {
        case(format!("a ping of {}", payload.len())).echo(PING, payload).ends_well().await;
    }
    let mut many = case("ten pings, with messages between");
    for n in 0..10_u8 {
        many = many.echo(PING, [n]).echo(TEXT, n.to_string());
    }
    many.ends_well().await;
    case("a pong that nobody asked for").frame(PONG, "x").echo(PING, "y").frame(PONG, "").ends_well().await;
}

#[tokio::test(start_paused = true)]
async fn what_a_header_may_not_say_is_answered_with_1002() {
    for first in [0xC1, 0xA1, 0x91, 0xF1, 0xC2, 0xC9, 0xA9, 0x99, 0xC8, 0xC0, 0x41] {
        case(format!("reserved bits: {first:02x}")).echo(TEXT, "a").frame(first, "").refused(1002, "protocol").await;
    }
    for opcode in [3, 4, 5, 6, 7, 0xB, 0xC, 0xD, 0xE, 0xF] {
        for payload in ["", "payload"] {
            let bad = case(format!("opcode {opcode}")).echo(TEXT, "a").frame(0x80 | opcode, payload);
            bad.refused(1002, "protocol").await;
        }
    }
    case("a ping of 126").frame(PING, [0; 126]).refused(1002, "protocol").await;
    case("a ping of 65536").frame(PING, vec![0; 65536]).refused(1002, "protocol").await;
    case("a ping in parts").frame(9, "a").frame(0x80, "b").refused(1002, "protocol").await;
    case("a pong in parts").frame(10, "a").frame(0x80, "b").refused(1002, "protocol").await;
    case("nothing to go on with").frame(0x80, "a").refused(1002, "protocol").await;
    case("nothing to go on with, in parts").frame(0, "a").refused(1002, "protocol").await;
    case("a message over, and gone on with").echo(TEXT, "a").frame(0x80, "b").refused(1002, "protocol").await;
    case("a message inside of another").frame(1, "a").frame(TEXT, "b").refused(1002, "protocol").await;
    case("a fragment inside of another").frame(1, "a").frame(2, "b").refused(1002, "protocol").await;
    case("a mask").send([TEXT, 0x81, 1, 2, 3, 4, b'a']).refused(1002, "protocol").await;
    case("a mask on a ping").send([PING, 0x80, 1, 2, 3, 4]).refused(1002, "protocol").await;
    case("a length with its first bit").send([BINARY, 127, 0x80, 0, 0, 0, 0, 0, 0, 1]).refused(1002, "protocol").await;
}

#[tokio::test(start_paused = true)]
async fn a_bad_header_is_answered_before_its_payload_comes() {
    for first in [0xC1, 0x83, 0x80, 0x8B] {
        let head = &frame(first, &[0; 4096])[..4];
        case(format!("{first:02x}, and no payload")).echo(TEXT, "a").send(head).refused(1002, "protocol").await;
    }
    let long = case("a long ping, and no payload").send(&frame(PING, &[0; 126])[..4]);
    long.refused(1002, "protocol").await;
}

#[tokio::test(start_paused = true)]
async fn a_message_has_a_limit() {
    let limited = |name: &str| case(name).limit(1000);
    limited("as much as may be").echo(BINARY, [1; 1000]).ends_well().await;
    limited("one more").echo(TEXT, "a").frame(BINARY, [1; 1001]).refused(1009, "too_big").await;
    limited("one more in the last part").frame(2, [1; 1000]).frame(0x80, [1]).refused(1009, "too_big").await;
    limited("announced, and never sent").send([BINARY, 127, 0, 0, 1, 0, 0, 0, 0, 0]).refused(1009, "too_big").await;
}
