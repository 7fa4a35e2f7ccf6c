//! How a link ends, told as it was, and the manners of leaving it.

use std::time::Duration;

use tokio::io::AsyncReadExt;
use wirebeat::event::{By, Command, Event, ServiceId, Why};

use crate::bench::{Setup, about, bench, frame, pass, soon};

const QUIET: Setup = Setup {
    profile: "sub-heartbeat",
    sets: &[],
    services: &[],
    pipe: 1 << 16,
    message: 1 << 20,
    dials: crate::bench::Dials::Open,
};

fn close(code: u16, reason: &str) -> Vec<u8> {
    frame(0x88, &[&code.to_be_bytes(), reason.as_bytes()].concat())
}

#[tokio::test(start_paused = true)]
async fn every_close_code_is_told_as_it_was_sent_and_answered() {
    // Sent, and answered: a code that may not travel is answered with the one for broken rules.
    let codes = [
        (1000, 1000),
        (1001, 1001),
        (1012, 1012),
        (3000, 3000),
        (4001, 4001),
        (4999, 4999),
        (0, 1002),
        (999, 1002),
        (1004, 1002),
        (1005, 1002),
        (1006, 1002),
        (1015, 1002),
        (2999, 1002),
        (5000, 1002),
        (65535, 1002),
    ];
    for (code, answer) in codes {
        let mut bench = bench(&QUIET);
        let mut server = bench.server().await;
        bench.opened().await;
        server.write(&close(code, "因为")).await;
        let (_, why) = bench.closed().await;
        assert_eq!(why, Why::Close { by: By::Peer, code: Some(code), reason: "因为".to_owned() });
        let (first, payload) = soon(server.frame()).await;
        assert_eq!(first, 0x88, "answering {code}");
        assert_eq!(payload.get(..2), Some(&u16::to_be_bytes(answer)[..]), "answering {code}");
        assert_eq!(soon(server.io.read(&mut [0; 8])).await.unwrap_or(0), 0, "one answer to {code}, and the end");
    }
}

#[tokio::test(start_paused = true)]
async fn a_close_without_a_code_is_told_without_one() {
    for payload in [&b""[..], &[3]] {
        let mut bench = bench(&QUIET);
        let mut server = bench.server().await;
        server.write(&frame(0x88, payload)).await;
        let (_, why) = bench.closed().await;
        assert_eq!(why, Why::Close { by: By::Peer, code: None, reason: String::new() });
        assert_eq!(soon(server.frame()).await.0, 0x88);
    }
}

#[tokio::test(start_paused = true)]
async fn a_reason_that_is_no_text_keeps_its_code() {
    let mut bench = bench(&QUIET);
    let mut server = bench.server().await;
    server.write(&frame(0x88, &[0x0F, 0xA1, 0xFF, 0xFE])).await;
    let (_, why) = bench.closed().await;
    assert_eq!(why, Why::Close { by: By::Peer, code: Some(4001), reason: "\u{FFFD}\u{FFFD}".to_owned() });
}

#[tokio::test(start_paused = true)]
async fn the_end_of_tcp_is_told_as_it_was() {
    let mut bench = bench(&QUIET);
    drop(bench.server().await);
    assert_eq!(bench.closed().await.1, Why::Eof);
    bench.server().await.reset();
    let (_, why) = bench.closed().await;
    assert!(matches!(why, Why::Reset { .. }), "{why:?}");
    // In the middle of a message, too.
    let mut server = bench.server().await;
    server.write(&[0x81, 100, b'x']).await;
    drop(server);
    assert_eq!(bench.closed().await.1, Why::Eof);
}

/// What the server said before it left says more than that we could not write to it any more.
#[tokio::test(start_paused = true)]
async fn a_failed_write_hides_no_goodbye() {
    let mut bench = bench(&Setup::default());
    let mut server = bench.server().await;
    bench.opened().await;
    server.frame().await;
    pass(Duration::from_secs(1)).await;
    server.write(&frame(0x81, br#"{"service":"a"}"#)).await;
    server.write(&close(4001, "maintenance")).await;
    drop(server);
    bench.commands.try_send(Command::Want { service: ServiceId(0), on: false }).unwrap();
    let (_, why) = bench.closed().await;
    assert_eq!(why, Why::Close { by: By::Peer, code: Some(4001), reason: "maintenance".to_owned() });
    assert_eq!(bench.snapshots.borrow().counters.messages, 1, "what came before it counts");
}

#[tokio::test(start_paused = true)]
async fn a_failed_write_is_an_end_when_nothing_is_left_to_read() {
    let mut bench = bench(&Setup::default());
    let server = bench.server().await;
    bench.opened().await;
    pass(Duration::from_secs(1)).await;
    server.reset();
    bench.commands.try_send(Command::Want { service: ServiceId(0), on: false }).unwrap();
    let (_, why) = bench.closed().await;
    assert!(matches!(why, Why::Reset { .. }), "{why:?}");
}

/// The server's part is to close TCP. One that does not is left.
#[tokio::test(start_paused = true)]
async fn a_server_that_keeps_tcp_after_its_goodbye_is_left_soon() {
    let mut bench = bench(&QUIET);
    let mut server = bench.server().await;
    server.write(&close(1000, "")).await;
    let (closed, _) = bench.closed().await;
    soon(server.frame()).await;
    pass(Duration::from_millis(200)).await;
    assert_eq!(bench.pipes.open(), 1, "it has its time");
    pass(Duration::from_millis(110)).await;
    assert_eq!(bench.pipes.open(), 0);
    let (again, ()) = bench.wait(|event| matches!(event, Event::Dialing { .. }).then_some(())).await;
    about(again - closed, Duration::from_secs(4));
    assert!(!bench.pipes.doubled());
}

#[tokio::test(start_paused = true)]
async fn a_message_beyond_the_limit_ends_the_link_and_says_so() {
    for header in [&[0x81, 126, 0x10, 0x00][..], &[0x81, 127, 0x7F, 0, 0, 0, 0, 0, 0, 0]] {
        let mut bench = bench(&Setup { message: 1000, ..QUIET });
        let mut server = bench.server().await;
        server.write(header).await;
        server.write(&[b'x'; 2000]).await;
        let (_, why) = bench.closed().await;
        assert_eq!(why, Why::TooBig { limit: 1000 });
        let (first, payload) = soon(server.frame()).await;
        assert_eq!((first, payload.get(..2)), (0x88, Some(&1009_u16.to_be_bytes()[..])));
        // Unread bytes would make TCP take back what we said last: the rest is read until the server is done, or for long.
        server.write(&[b'x'; 2000]).await;
        pass(Duration::from_millis(100)).await;
        assert_eq!(bench.pipes.open(), 1);
        pass(Duration::from_millis(210)).await;
        assert_eq!(bench.pipes.open(), 0);
    }
}

#[tokio::test(start_paused = true)]
async fn fragments_beyond_the_limit_are_too_big_together() {
    let mut bench = bench(&Setup { message: 1000, ..QUIET });
    let mut server = bench.server().await;
    server.write(&frame(0x01, &[b'x'; 100])).await;
    for _ in 0..20 {
        server.write(&frame(0x00, &[b'x'; 100])).await;
    }
    assert_eq!(bench.closed().await.1, Why::TooBig { limit: 1000 });
}

#[tokio::test(start_paused = true)]
async fn broken_rules_end_the_link_and_are_told() {
    // A reserved bit, a reserved opcode, a masked frame, a continuation of nothing, a long ping, text that is none.
    let long_ping = [&[0x89, 126, 0, 200][..], &[b'x'; 200]].concat();
    let broken: [&[u8]; 6] =
        [&[0xC1, 0], &[0x83, 0], &[0x81, 0x80, 0, 0, 0, 0], &[0x80, 0], &long_ping, &[0x81, 2, 0xFF, 0xFE]];
    for bytes in broken {
        let mut bench = bench(&QUIET);
        let mut server = bench.server().await;
        server.write(bytes).await;
        let (_, why) = bench.closed().await;
        assert!(matches!(why, Why::Protocol { .. }), "{bytes:x?}: {why:?}");
        let (first, payload) = soon(server.frame()).await;
        let code = payload.first_chunk().map(|code| u16::from_be_bytes(*code));
        assert!(first == 0x88 && matches!(code, Some(1002 | 1007)), "{bytes:x?}: {code:?}");
    }
}
