//! How a link ends, told as it was, and the manners of leaving it.

use std::time::Duration;

use tokio::io::AsyncReadExt;
use wirebeat::event::{By, Command, Event, ServiceId, Why};
use wirebeat::net::extensions::Deflate;

use crate::bench::{Setup, about, bench, frame, pass, soon};

const QUIET: Setup = Setup {
    profile: "sub-heartbeat",
    sets: &[],
    services: &[],
    pipe: 1 << 16,
    message: 1 << 20,
    dials: crate::bench::Dials::Open,
    deflate: None,
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
    let long_ping = [&[0x89, 126, 0, 200][..], &[b'x'; 200]].concat();
    let broken: [(&[u8], u16, &str); 7] = [
        (&[0xC1, 0], 1002, "reserved bits are set"),
        (&[0x83, 0], 1002, "a reserved opcode"),
        (&[0x81, 0x80, 0, 0, 0, 0], 1002, "Received a masked frame from server"),
        (&[0x80, 0], 1002, "a message goes on that was not begun"),
        (&long_ping, 1002, "a control frame of more than 125 bytes"),
        (&[0x81, 2, 0xFF, 0xFE], 1007, "text that is not UTF-8"),
        (&[0xC1, 2, 0xFF, 0xFE], 1007, "compressed data that cannot be inflated"),
    ];
    for (bytes, code, want) in broken {
        let deflate = (code == 1007).then(Deflate::default);
        let mut bench = bench(&Setup { deflate, ..QUIET });
        let mut server = bench.server().await;
        server.write(bytes).await;
        let (_, why) = bench.closed().await;
        assert_eq!(why, Why::Protocol { text: want.to_owned() });
        assert_eq!(soon(server.frame()).await, (0x88, code.to_be_bytes().to_vec()), "{bytes:x?}");
    }
}

#[tokio::test(start_paused = true)]
async fn what_is_compressed_is_told_as_if_it_were_not() {
    let mut bench = bench(&Setup { deflate: Some(Deflate::default()), ..QUIET });
    let mut server = bench.server().await;
    let (_, extensions) =
        bench.wait(|event| if let Event::Open { extensions, .. } = event { Some(extensions) } else { None }).await;
    assert_eq!(extensions.as_deref(), Some("permessage-deflate"));
    server.write(&frame(0xC1, b"\xf2\x48\xcd\xc9\xc9\x07\x00")).await;
    server.write(&frame(0xC1, b"\xf2\x00\x11\x00\x00")).await;
    let mut texts = Vec::new();
    while texts.len() < 2 {
        let rows = |event| if let Event::Rows(batch) = event { Some(batch) } else { None };
        let (_, batch) = bench.wait(rows).await;
        texts.extend(batch.rows.iter().map(|row| batch.body(row).to_vec()));
    }
    assert_eq!(texts, [b"Hello", b"Hello"]);
    pass(Duration::from_secs(1)).await;
    let counters = bench.snapshots.borrow().counters;
    assert_eq!((counters.wire, counters.payload, counters.bytes), (9 + 7, 10, 10));
}

#[tokio::test(start_paused = true)]
async fn a_bomb_is_too_big() {
    let mut bench = bench(&Setup { deflate: Some(Deflate::default()), message: 1000, ..QUIET });
    let mut server = bench.server().await;
    let mut stream = flate2::Compress::new(flate2::Compression::best(), false);
    let mut bomb = Vec::with_capacity(1000);
    stream.compress_vec(&b"a".repeat(50_000), &mut bomb, flate2::FlushCompress::Sync).unwrap();
    bomb.truncate(bomb.len() - 4);
    server.write(&[&[0xC2, 126, 0, u8::try_from(bomb.len()).unwrap()], bomb.as_slice()].concat()).await;
    assert_eq!(bench.closed().await.1, Why::TooBig { limit: 1000 });
    assert_eq!(soon(server.frame()).await, (0x88, 1009_u16.to_be_bytes().to_vec()));
}
