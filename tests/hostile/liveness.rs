//! Servers that open and then do not live, or live in a way that is easily mistaken. The beat of these runs is due after
//! one second of silence, and is to be answered within one more.

use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

use crate::scene::{Scene, frame, hold, opened, pass};

const DATA: &[u8] = br#"{"service":"a","n":1}"#;
const BEAT: &[u8] = r#"{"type":"HEART_BEAT","service":"业务"}"#.as_bytes();

pub(crate) fn scenes() -> Vec<Scene> {
    let all = vec![
        opened("silence", &["half_open"], hold),
        opened("silence that does not read", &["half_open"], async |tcp| {
            pass(60_000).await;
            drop(tcp);
        }),
        opened("gone at once", &["eof", "reset"], async |tcp| drop(tcp)),
        opened("reset at once", &["reset", "eof"], async |tcp| {
            let _set = socket2::SockRef::from(&tcp).set_linger(Some(Duration::ZERO));
        }),
        opened("gone after the first message", &["eof", "reset"], async |mut tcp| {
            let _gone = tcp.write_all(&frame(0x81, DATA)).await;
        }),
        opened("gone after the subscription", &["eof", "reset"], async |mut tcp| {
            let _sub = tcp.read(&mut [0; 1000]).await;
            let _gone = tcp.write_all(&frame(0x81, DATA)).await;
        }),
        opened("half closed", &["eof"], async |mut tcp| {
            let _gone = tcp.shutdown().await;
            hold(tcp).await;
        }),
        opened("half closed after a while", &["eof"], async |mut tcp| {
            let _gone = tcp.write_all(&frame(0x81, DATA)).await;
            pass(500).await;
            let _gone = tcp.shutdown().await;
            hold(tcp).await;
        }),
        opened("closed, and kept open", &["close"], async |mut tcp| {
            let _gone = tcp.write_all(&frame(0x88, b"\x03\xe9")).await;
            hold(tcp).await;
        }),
        opened("closed after a while for the same reason", &["close"], async |mut tcp| {
            let _gone = tcp.write_all(&frame(0x81, DATA)).await;
            pass(300).await;
            let _gone = tcp.write_all(&frame(0x88, b"\x0f\xa1no")).await;
            hold(tcp).await;
        }),
        opened("pings and nothing else", &["half_open"], async |tcp| every(tcp, 200, frame(0x89, b"?")).await),
        opened("pongs and nothing else", &["half_open"], async |tcp| every(tcp, 200, frame(0x8A, b"")).await),
        opened("data and no answers", &[], async |tcp| every(tcp, 200, frame(0x81, DATA)).await),
        opened("data in time", &[], async |tcp| every(tcp, 500, frame(0x81, DATA)).await),
        opened("garbage in place of data", &[], async |tcp| every(tcp, 300, frame(0x81, b"\x1b[2J")).await),
        opened("answers that nobody asked for", &[], async |tcp| every(tcp, 100, frame(0x81, BEAT)).await),
        opened("a message that never ends", &[], async |mut tcp| {
            // Its bytes are a sign of life, though no message is ever whole.
            let _gone = tcp.write_all(b"\x81\x7e\xff\xff{").await;
            every(tcp, 200, b"x".to_vec()).await;
        }),
        opened("a message of empty pieces that never ends", &["half_open"], async |mut tcp| {
            let _gone = tcp.write_all(&frame(0x01, b"{")).await;
            every(tcp, 200, frame(0x00, b"")).await;
        }),
        opened("a message that never ends, and pings in it", &["half_open"], async |mut tcp| {
            let _gone = tcp.write_all(&frame(0x01, b"{")).await;
            every(tcp, 200, frame(0x89, b"?")).await;
        }),
        opened("a message of pieces that never ends", &[], async |mut tcp| {
            let _gone = tcp.write_all(&frame(0x01, b"{")).await;
            every(tcp, 200, frame(0x00, b" ")).await;
        }),
        opened("a message that stops in its middle", &["half_open"], async |mut tcp| {
            let _gone = tcp.write_all(b"\x81\x7e\xff\xff{\"a\":").await;
            for _ in 0..8 {
                let _gone = tcp.write_all(b"x").await;
                pass(100).await;
            }
            hold(tcp).await;
        }),
        opened("answers in time", &[], async |tcp| answer(tcp, 200).await),
        opened("answers too late", &["half_open"], async |tcp| answer(tcp, 1600).await),
    ];
    all.into_iter().map(|scene| Scene { name: format!("open: {}", scene.name), ..scene }).collect()
}

async fn every(mut tcp: tokio::net::TcpStream, milliseconds: u64, bytes: Vec<u8>) {
    while tcp.write_all(&bytes).await.is_ok() {
        pass(milliseconds).await;
    }
}

/// Answers whatever comes after so long; the first thing is the subscription.
async fn answer(mut tcp: tokio::net::TcpStream, milliseconds: u64) {
    let mut some = [0; 1000];
    let _sub = tcp.read(&mut some).await;
    while tcp.read(&mut some).await.is_ok_and(|count| count > 0) {
        pass(milliseconds).await;
        let _gone = tcp.write_all(&frame(0x81, BEAT)).await;
    }
}
