//! A link on pipes and made-up time: what passes, what does not, and what is told of it.

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, DuplexStream, duplex};
use tokio::sync::mpsc;
use tokio::time::{advance, sleep};

use super::*;
use crate::event::{By, How};
use crate::fault::{Desk as _, Edit, Fault};
use crate::profile::{build, bundled};
use crate::relay::seen::Seen;

/// Both ends in the hands of a test.
struct Bench {
    client: DuplexStream,
    server: DuplexStream,
    desk: RelayDesk,
    seen: mpsc::Receiver<Seen>,
    task: tokio::task::JoinHandle<()>,
    _stop: watch::Sender<bool>,
}

fn bench() -> Bench {
    let clock = Clock::start();
    let profile = Arc::new(build::load(bundled::find("demo").unwrap(), &bundled::find, &[]).unwrap());
    let book = Arc::new(Book::new(profile, Vec::new()));
    let desk = RelayDesk::new(clock.clone(), "/x", book.services(), 1);
    let (tell, seen) = mpsc::channel(1000);
    let (client, inner) = duplex(1 << 16);
    let (server, outer) = duplex(1 << 16);
    let (stop, stopped) = watch::channel(false);
    let around = Around {
        id: ClientId(1),
        clock,
        book,
        teller: Teller::new(tell),
        desk: desk.clone(),
        standing: desk.standing.subscribe(),
        orders: desk.orders.subscribe(),
        stop: stopped,
        mark: desk.mark(),
        seed: 1,
    };
    let ends = Ends { client: desk.bytes.link(Tap::new(inner)), server: outer, leftover: Vec::new() };
    let task = tokio::spawn(relay(ends, around));
    Bench { client, server, desk, seen, task, _stop: stop }
}

impl Bench {
    async fn says(&mut self, text: &str) {
        let mut out = BytesMut::new();
        Frame::text(text.to_owned()).write(None, &mut out);
        self.server.write_all(&out).await.unwrap();
        settle().await;
    }

    async fn client_says(&mut self, text: &str) {
        let mut out = BytesMut::new();
        Frame::text(text.to_owned()).write(Some([1, 2, 3, 4]), &mut out);
        self.client.write_all(&out).await.unwrap();
        settle().await;
    }

    /// The texts that lie before an end, and whether it has ended.
    async fn got(io: &mut DuplexStream) -> (Vec<String>, bool) {
        let (mut frames, mut end, mut buf) = (Frames::new(1 << 20), false, [0; 4096]);
        while let Ok(read) = tokio::time::timeout(Duration::from_millis(1), io.read(&mut buf)).await {
            let count = read.unwrap_or(0);
            if count == 0 {
                end = true;
                break;
            }
            frames.feed(&buf[..count]).unwrap();
        }
        let texts = std::iter::from_fn(|| frames.next()).map(|unit| match unit.closes() {
            Some((code, reason)) => format!("close {} {reason}", code.unwrap_or_default()),
            None => String::from_utf8_lossy(&unit.payload()).into_owned(),
        });
        (texts.collect(), end)
    }

    async fn client_got(&mut self) -> Vec<String> {
        Self::got(&mut self.client).await.0
    }

    async fn server_got(&mut self) -> Vec<String> {
        Self::got(&mut self.server).await.0
    }

    fn start(&self, fault: &Fault, secs: u64) {
        self.desk.start("/x", fault, Duration::from_secs(secs)).unwrap();
    }

    fn told(&mut self) -> Vec<What> {
        std::iter::from_fn(|| self.seen.try_recv().ok()).map(|seen| seen.what).collect()
    }
}

async fn settle() {
    sleep(Duration::from_millis(25)).await;
}

const SUB: &str = r#"{"type":"sub","service":"a"}"#;
const BEAT: &str = r#"{"type":"HEART_BEAT","service":"业务"}"#;
const DATA: &str = r#"{"service":"a","seq":1}"#;

#[tokio::test(start_paused = true)]
async fn both_ways_pass_and_are_read() {
    let mut bench = bench();
    bench.client_says(SUB).await;
    bench.says(DATA).await;
    bench.client_says(BEAT).await;
    bench.says(BEAT).await;
    assert_eq!(bench.server_got().await, [SUB, BEAT]);
    assert_eq!(bench.client_got().await, [DATA, BEAT]);
    let told = bench.told();
    assert!(matches!(&told[0], What::Subscribed { services, whole: false, .. } if services.len() == 1), "{told:?}");
    assert!(
        matches!(&told[1], What::Flow { messages: 1, services, .. } if services[0].seqs == Some((1, 1))),
        "{told:?}"
    );
    assert!(
        matches!(&told[2], What::Beat { how: How::App, idle, .. } if *idle >= Duration::from_millis(25)),
        "{told:?}"
    );
    assert!(told.iter().any(|what| matches!(what, What::Answered { .. })), "{told:?}");
}

#[tokio::test(start_paused = true)]
async fn a_frozen_client_is_watched_and_nothing_passes() {
    let mut bench = bench();
    bench.start(&Fault::Blackhole, 60);
    bench.client_says(BEAT).await;
    bench.says(DATA).await;
    assert_eq!((bench.client_got().await, bench.server_got().await), (vec![], vec![]));
    let told = bench.told();
    assert!(told.iter().any(|what| matches!(what, What::Beat { .. })), "{told:?}");
    assert!(told.iter().any(|what| matches!(what, What::Kept { .. })), "{told:?}");
    assert!(!told.iter().any(|what| matches!(what, What::Flow { .. })), "{told:?}");
    // The server leaves, and the client must not know.
    bench.server.shutdown().await.unwrap();
    advance(Duration::from_secs(5)).await;
    settle().await;
    assert!(!Bench::got(&mut bench.client).await.1, "it is still open");
    // The client leaves: everything is let go of at once.
    bench.client.shutdown().await.unwrap();
    settle().await;
    bench.task.await.unwrap();
    let mut told = Vec::new();
    while let Ok(seen) = bench.seen.try_recv() {
        told.push(seen.what);
    }
    assert!(told.contains(&What::Left { client: ClientId(1), how: Left::Fin }), "{told:?}");
}

#[tokio::test(start_paused = true)]
async fn the_end_of_a_server_is_kept_back_too() {
    let mut bench = bench();
    bench.start(&Fault::Freeze, 3);
    settle().await;
    bench.server.shutdown().await.unwrap();
    settle().await;
    assert!(!Bench::got(&mut bench.client).await.1, "it is still open");
    advance(Duration::from_secs(3)).await;
    settle().await;
    assert!(Bench::got(&mut bench.client).await.1);
}

#[tokio::test(start_paused = true)]
async fn a_freeze_ends_and_what_was_kept_comes() {
    let mut bench = bench();
    bench.start(&Fault::Freeze, 3);
    bench.says(DATA).await;
    bench.client_says(SUB).await;
    assert_eq!((bench.client_got().await, bench.server_got().await), (vec![], vec![]));
    advance(Duration::from_secs(3)).await;
    settle().await;
    assert_eq!(bench.client_got().await, [DATA]);
    assert_eq!(bench.server_got().await, [SUB]);
}

#[tokio::test(start_paused = true)]
async fn a_close_has_its_code_and_the_server_is_left() {
    let mut bench = bench();
    bench.start(&Fault::Cut(Cut::Close { code: 1012, reason: "维护".into() }), 1);
    settle().await;
    assert_eq!(Bench::got(&mut bench.client).await, (vec!["close 1012 维护".to_owned()], true));
    assert_eq!(Bench::got(&mut bench.server).await, (vec!["close 1001 ".to_owned()], true));
    drop(bench.client);
    bench.task.await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn the_ends_of_tcp_differ() {
    let mut fin = bench();
    fin.start(&Fault::Cut(Cut::Fin), 1);
    settle().await;
    assert_eq!(Bench::got(&mut fin.client).await, (vec![], true));

    let mut half = bench();
    half.start(&Fault::Cut(Cut::HalfClose), 1);
    settle().await;
    assert_eq!(Bench::got(&mut half.client).await, (vec![], true));
    half.client_says(SUB).await;
    assert_eq!(half.server_got().await, [SUB], "it is heard on");

    let mut cut = bench();
    cut.start(&Fault::Cut(Cut::Truncate), 1);
    settle().await;
    let mut rest = Vec::new();
    cut.client.read_to_end(&mut rest).await.unwrap();
    assert_eq!(rest, b"\x81\x7e\x10\x00{\"ser");

    let mut reset = bench();
    reset.start(&Fault::Cut(Cut::Reset), 1);
    settle().await;
    reset.task.await.unwrap();
    assert_eq!(reset.seen.recv().await.unwrap().what, What::Over { client: ClientId(1), cut: true });
}

#[tokio::test(start_paused = true)]
async fn answers_services_and_subscriptions_are_kept_back_by_name() {
    let mut bench = bench();
    bench.start(&Fault::DropAnswers { quiet: false }, 1);
    bench.says(BEAT).await;
    bench.says(DATA).await;
    assert_eq!(bench.client_got().await, [DATA]);
    advance(Duration::from_secs(1)).await;
    bench.start(&Fault::Mute { service: "a".into() }, 1);
    bench.says(DATA).await;
    bench.says(BEAT).await;
    assert_eq!(bench.client_got().await, [BEAT]);
    advance(Duration::from_secs(1)).await;
    bench.start(&Fault::RefuseSubscriptions { service: None }, 1);
    bench.client_says(SUB).await;
    bench.client_says(BEAT).await;
    assert_eq!(bench.server_got().await, [BEAT]);
    advance(Duration::from_secs(1)).await;
    bench.start(&Fault::Nth { edit: Edit::Repeat, nth: 1, service: None }, 1);
    bench.says(DATA).await;
    assert_eq!(bench.client_got().await, [DATA, DATA]);
}

#[tokio::test(start_paused = true)]
async fn garbage_comes_by_itself() {
    let mut bench = bench();
    let kinds = vec![crate::fault::Garbage::NotJson, crate::fault::Garbage::NoService];
    bench.start(&Fault::Garbage { kinds, every: Duration::from_secs(1), service: None }, 2);
    settle().await;
    advance(Duration::from_secs(1)).await;
    settle().await;
    advance(Duration::from_secs(3)).await;
    let got = bench.client_got().await;
    assert!(got.len() == 2 && got[0].starts_with("<html>") && got[1].starts_with("{\"type\":\"notice\""), "{got:?}");
    assert_eq!(bench.told().iter().filter(|what| matches!(what, What::Garbage { .. })).count(), 2);
}

#[tokio::test(start_paused = true)]
async fn a_server_that_closes_is_passed_on_with_its_code() {
    let mut bench = bench();
    let mut out = BytesMut::new();
    Frame::close(4001, "no").write(None, &mut out);
    bench.server.write_all(&out).await.unwrap();
    settle().await;
    assert_eq!(bench.client_got().await, ["close 4001 no"]);
    let why = Why::Close { by: By::Peer, code: Some(4001), reason: "no".into() };
    assert_eq!(bench.told(), [What::ServerLeft { client: ClientId(1), why }]);
    drop((bench.client, bench.server));
    bench.task.await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_message_that_is_too_long_ends_the_link_and_both_ends_hear_why() {
    // A length that is announced is enough.
    for (sent, masked) in [(true, 0x80), (false, 0)] {
        let mut bench = bench();
        let from = if sent { &mut bench.client } else { &mut bench.server };
        from.write_all(&[0x82, masked | 0x7F, 0, 0, 0, 0, 0x10, 0, 0, 0]).await.unwrap();
        settle().await;
        let said = "close 1009 a message is longer than the relay keeps: 16 MiB";
        assert_eq!(bench.client_got().await, [said], "{sent}");
        assert_eq!(bench.server_got().await, [said], "{sent}");
        assert_eq!(bench.told(), [What::TooLong { client: ClientId(1), sent }]);
        // What follows is taken and let go.
        let from = if sent { &mut bench.client } else { &mut bench.server };
        let _gone = from.write_all(&vec![b'x'; 100_000]).await;
        drop((bench.client, bench.server));
        bench.task.await.unwrap();
    }
}

#[tokio::test(start_paused = true)]
async fn a_client_that_does_not_read_makes_the_server_wait() {
    let mut bench = bench();
    let frame = format!(r#"{{"service":"a","x":"{}"}}"#, "y".repeat(60_000));
    let mut out = BytesMut::new();
    Frame::text(frame).write(None, &mut out);
    let flood = async {
        for _ in 0..200 {
            bench.server.write_all(&out).await.unwrap();
        }
    };
    assert!(tokio::time::timeout(Duration::from_secs(5), flood).await.is_err(), "12 MB found room");
}
