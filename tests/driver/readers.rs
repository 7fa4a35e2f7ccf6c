//! Readers that are slow, servers that are too quick, and what neither may do to anything else.

use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::sync::mpsc;
use wirebeat::event::{Command, Due, Event, Phase, ServiceId, Stamped, Why};
use wirebeat::net::teller::Patience;

use crate::bench::{Bench, Far, Setup, bench, bench_with, closed, frame, pass, soon};

const SECOND: Duration = Duration::from_secs(1);
const ONE: &[u8] = br#"{"service":"a","n":1}"#;

/// The numbers of all messages of a patient reader, in their order.
fn numbers(events: &[Stamped]) -> Vec<u64> {
    let mut numbers = Vec::new();
    for stamped in events {
        if let Event::Rows(batch) = &stamped.event {
            for row in &batch.rows {
                let body: serde_json::Value = serde_json::from_slice(batch.body(row)).unwrap();
                numbers.extend(body["n"].as_u64());
            }
        }
    }
    numbers
}

fn is_turn(stamped: &Stamped) -> bool {
    !matches!(stamped.event, Event::Rows(_) | Event::Shed { .. })
}

/// Messages without end until nobody takes them.
async fn flood(mut far: tokio::io::WriteHalf<tokio::io::DuplexStream>, what: Vec<u8>) {
    while far.write_all(&what).await.is_ok() {}
}

/// The screen stands still for a minute (Ctrl-S, a slow line). Nobody else notices.
#[tokio::test(start_paused = true)]
async fn a_blocked_screen_costs_nothing_but_rows_that_are_counted() {
    const SENT: u64 = 6000;
    let (screen, mut shown) = mpsc::channel(128);
    let (quick, events) = mpsc::channel(1 << 16);
    let mut bench = bench_with(&Setup::default(), [(screen, Patience::Shed), (quick, Patience::Shed)], events);
    let mut server = bench.server().await;
    server.frame().await;
    for n in 0..SENT {
        pass(Duration::from_millis(10)).await;
        server.write(&frame(0x81, format!(r#"{{"service":"a","n":{n}}}"#).as_bytes())).await;
        if n % 1000 == 999 {
            // A turn now and then: the link is lost and comes back.
            drop(server);
            server = bench.server().await;
            server.frame().await;
        }
    }
    pass(SECOND).await;

    // The other reader has it all.
    let quick: Vec<_> = std::iter::from_fn(|| bench.events.try_recv().ok()).collect();
    assert_eq!(numbers(&quick), (0..SENT).collect::<Vec<_>>());
    // The countdown is right before the screen has read anything.
    let now = bench.clock.now();
    let snapshot = bench.snapshots.borrow().clone();
    assert_eq!(snapshot.counters.messages, SENT);
    let Some((Due::Beat, from, until)) = snapshot.due else { panic!("{:?}", snapshot.due) };
    assert_eq!(until - from, 30 * SECOND);
    assert!(now - from < 6 * SECOND, "it began with the last message");
    assert_eq!(snapshot.phase, Phase::Open);

    // And the screen gets every turn in its order, and a count of what it missed.
    let mut late = Vec::new();
    while let Ok(Some(stamped)) = tokio::time::timeout(SECOND, shown.recv()).await {
        late.push(stamped);
    }
    let turns: Vec<_> = late.iter().filter(|stamped| is_turn(stamped)).cloned().collect();
    let all: Vec<_> = quick.into_iter().filter(is_turn).collect();
    assert!(turns.iter().filter(|stamped| matches!(stamped.event, Event::Closed { .. })).count() == 6);
    assert_eq!(turns.len(), all.len());
    assert_eq!(turns, all);
    let shed: u64 =
        late.iter().map(|stamped| if let Event::Shed { count, .. } = stamped.event { count } else { 0 }).sum();
    assert!(shed > 0);
    assert_eq!(numbers(&late).len() as u64 + shed, SENT);
}

struct Slow {
    bench: Bench,
    server: Far,
    read: Vec<Stamped>,
}

/// A patient reader that has stopped reading, and a server that has sent all that fits.
async fn slow(sets: &'static [&'static str]) -> Slow {
    let (queue, events) = mpsc::channel(8);
    let setup = Setup { sets, ..Setup::default() };
    let mut bench = bench_with(&setup, [(queue, Patience::Wait)], events);
    let mut server = bench.server().await;
    server.frame().await;
    // From here on the server has more to say than fits anywhere.
    for n in 0.. {
        let line = frame(0x81, format!(r#"{{"service":"a","n":{n}}}"#).as_bytes());
        let Ok(()) = tokio::time::timeout(SECOND, server.write(&line)).await else { break };
        assert!(n < 100_000, "the socket is read though nobody reads what comes of it");
    }
    Slow { bench, server, read: Vec::new() }
}

impl Slow {
    async fn read_until(&mut self, mut wanted: impl FnMut(&Event) -> bool) {
        loop {
            let stamped = soon(self.bench.events.recv()).await.unwrap();
            let found = wanted(&stamped.event);
            self.read.push(stamped);
            if found {
                return;
            }
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_slow_pipe_makes_the_socket_wait_and_loses_nothing() {
    let mut slow = slow(&[]).await;
    // Far beyond any deadline. Silence that we made ourselves proves nothing.
    pass(Duration::from_hours(2)).await;
    assert_eq!(slow.bench.pipes.dials(), 1);
    slow.read_until(|event| matches!(event, Event::Backpressure { on: true })).await;
    slow.read_until(|event| matches!(event, Event::Backpressure { on: false })).await;
    let resumed = slow.bench.clock.now();
    drop(slow.server);
    let mut end = None;
    while let Ok(Some(stamped)) = tokio::time::timeout(SECOND, slow.bench.events.recv()).await {
        end = end.or_else(|| closed(stamped.event.clone()));
        slow.read.push(stamped);
    }
    assert_eq!(end, Some(Why::Eof), "not our verdict");
    assert!(slow.bench.clock.now() - resumed < 5 * SECOND);
    let numbers = numbers(&slow.read);
    assert!(numbers.len() > 500);
    assert_eq!(numbers, (0..numbers.len() as u64).collect::<Vec<_>>());
    let ns: Vec<_> = slow.read.iter().map(|stamped| stamped.n).collect();
    assert_eq!(ns, (1..=ns.len() as u64).collect::<Vec<_>>(), "without a gap");
}

/// Not reading is no reason for the server to take us for dead.
#[tokio::test(start_paused = true)]
async fn our_heartbeats_go_out_while_our_reader_is_slow() {
    let Slow { mut bench, mut server, .. } = slow(&[]).await;
    let (_, beat) = soon(server.frame()).await;
    assert_eq!(beat, r#"{"type":"HEART_BEAT","service":"业务"}"#.as_bytes());
    bench.command(Command::Want { service: ServiceId(0), on: false }).await;
    assert_eq!(soon(server.frame()).await.1, br#"{"type":"unsub","service":"a"}"#);
    assert!(bench.told().into_iter().find_map(closed).is_none());
}

/// An answer that we did not look for is not missing.
#[tokio::test(start_paused = true)]
async fn a_verdict_stands_still_while_nothing_is_read() {
    let (queue, events) = mpsc::channel(1);
    let mut bench = bench_with(&Setup::default(), [(queue, Patience::Wait)], events);
    let mut server = bench.server().await;
    server.frame().await;
    assert_eq!(soon(server.frame()).await.1, r#"{"type":"HEART_BEAT","service":"业务"}"#.as_bytes());
    pass(Duration::from_hours(2)).await;
    bench.wait(|event| matches!(event, Event::Backpressure { on: false }).then_some(())).await;
    let resumed = bench.clock.now();
    let (at, why) = bench
        .wait(|event| {
            assert!(!matches!(event, Event::Slept { .. }), "nobody slept: {event:?}");
            closed(event)
        })
        .await;
    assert!(matches!(why, Why::HalfOpen { .. }), "{why:?}");
    let given = at - resumed;
    assert!((9.0..41.0).contains(&given.as_secs_f64()), "{given:?}");
}

/// With nothing to read either, a wait is a wait: two feeds must not pass one free place to and fro.
#[tokio::test(start_paused = true)]
async fn feeds_that_share_a_slow_reader_sleep_while_they_wait() {
    let (queue, mut events) = mpsc::channel(4);
    let (_, none) = mpsc::channel(1);
    let (_, none_either) = mpsc::channel(1);
    let first = bench_with(&Setup::default(), [(queue.clone(), Patience::Wait)], none);
    let second = bench_with(&Setup::default(), [(queue, Patience::Wait)], none_either);
    let mut told = Vec::new();
    for _ in 0..4 {
        // Were they busy, no time would ever pass here.
        pass(SECOND).await;
        for _ in 0..2 {
            told.extend(events.recv().await);
        }
    }
    while let Ok(Some(stamped)) = tokio::time::timeout(SECOND, events.recv()).await {
        told.push(stamped);
    }
    // Service, dialing, open, ready, sent, and its state, twice.
    assert_eq!(told.iter().filter(|stamped| !matches!(stamped.event, Event::Backpressure { .. })).count(), 12);
    drop((first, second));
}

#[tokio::test(start_paused = true)]
async fn a_flood_starves_neither_commands_nor_deadlines() {
    // Messages that are no life of the service's, so that the countdown runs: pings.
    let mut bench = bench(&Setup::default());
    let (mut near, far) = tokio::io::split(bench.server().await.io);
    let opened = bench.opened().await;
    let flood = tokio::spawn(flood(far, frame(0x89, b"").repeat(50)));
    let hear = tokio::spawn(async move {
        let (mut heard, mut bytes) = (0, [0; 4096]);
        while let Ok(count @ 1..) = near.read(&mut bytes).await {
            heard += count;
        }
        heard
    });
    for _ in 0..100 {
        tokio::task::yield_now().await;
    }
    bench.command(Command::Want { service: ServiceId(0), on: false }).await;
    let mut turns = 0;
    while !bench.told().iter().any(|event| matches!(event, Event::Sent { text, .. } if text.contains("unsub"))) {
        tokio::task::yield_now().await;
        turns += 1;
        assert!(turns < 1000, "the command is not heard");
    }
    // Time does not pass by itself while there is something to do.
    for _ in 0..450 {
        tokio::time::advance(Duration::from_millis(100)).await;
        for _ in 0..3 {
            tokio::task::yield_now().await;
        }
    }
    let (at, why) = bench.closed().await;
    assert!(matches!(why, Why::HalfOpen { .. }), "{why:?}");
    let lived = at - opened;
    assert!((40.0..40.5).contains(&lived.as_secs_f64()), "{lived:?}");
    flood.abort();
    hear.abort();
}

/// Each message wants an answer of the profile's, and the peer takes none. For pings see `tests/hoard.rs`.
#[tokio::test(start_paused = true)]
async fn a_peer_that_makes_us_answer_and_never_reads_is_left() {
    let setup = Setup {
        sets: &[r#"rule=[{ when = { "/service" = "a" }, kind = "ping", send = '{"pong":"${/n}"}' }]"#],
        pipe: 4096,
        ..Setup::default()
    };
    let mut bench = bench(&setup);
    let mut server = bench.server().await;
    let line = frame(0x81, ONE);
    let mut sent = 0;
    let why = loop {
        if let Some(why) = bench.told().into_iter().find_map(closed) {
            break why;
        }
        assert!(sent < 400_000, "never left");
        for _ in 0..100 {
            let _gone = tokio::time::timeout(SECOND, server.io.write_all(&line)).await;
        }
        sent += 100;
    };
    assert!(matches!(why, Why::Reset { .. } | Why::WriteStalled { .. }), "{why:?}");
}
