//! What is alive and what is dead, seen from the driver: real frames, and time to the millisecond.

use std::time::Duration;

use futures::{SinkExt, StreamExt};
use tokio_tungstenite::tungstenite::Message;
use wirebeat::event::{Event, Phase, Why};

use crate::bench::{Setup, about, bench, closed, frame, pass, soon};

const SECOND: Duration = Duration::from_secs(1);

#[tokio::test(start_paused = true)]
async fn it_subscribes_and_then_hears() {
    let mut bench = bench(&Setup { services: &["a", "业务1"], ..Setup::default() });
    let mut server = bench.server().await.socket().await;
    for name in ["a", "业务1"] {
        let asked = soon(server.next()).await.unwrap().unwrap();
        assert_eq!(asked, Message::text(format!(r#"{{"type":"sub","service":"{name}"}}"#)));
    }
    server.send(Message::text(r#"{"service":"业务1","n":1}"#)).await.unwrap();
    let (_, batch) = bench.wait(|event| if let Event::Rows(batch) = event { Some(batch) } else { None }).await;
    assert_eq!(batch.rows[0].service.unwrap().0, 1);
    assert_eq!(batch.body(&batch.rows[0]), r#"{"service":"业务1","n":1}"#.as_bytes());
}

#[tokio::test(start_paused = true)]
async fn a_frozen_server_is_found_out_when_it_was_said() {
    let mut bench = bench(&Setup::default());
    let server = bench.server().await;
    let opened = bench.opened().await;
    let (beat, ()) = bench.wait(|event| matches!(event, Event::BeatSent { .. }).then_some(())).await;
    about(beat - opened, 30 * SECOND);
    let (at, why) = bench.closed().await;
    about(at - beat, 10 * SECOND);
    let Why::HalfOpen { limit, silent } = why else { panic!("{why:?}") };
    assert_eq!(limit, 10 * SECOND);
    about(silent, at - opened);
    // And left at once: a goodbye could hang.
    tokio::task::yield_now().await;
    assert_eq!(bench.pipes.open(), 0);
    drop(server);
}

#[tokio::test(start_paused = true)]
async fn an_answer_saves_it_and_the_countdown_starts_anew() {
    let mut bench = bench(&Setup::default());
    let mut server = bench.server().await;
    let opened = bench.opened().await;
    server.frame().await;
    assert_eq!(soon(server.frame()).await.1, r#"{"type":"HEART_BEAT","service":"业务"}"#.as_bytes());
    pass(Duration::from_millis(9_500)).await;
    server.write(&frame(0x81, br#"{"type":"HEART_BEAT"}"#)).await;
    let (_, rtt) = bench.wait(|event| if let Event::BeatAnswered { rtt, .. } = event { Some(rtt) } else { None }).await;
    about(rtt, Duration::from_millis(9_500));
    let (beat, ()) = bench.wait(|event| matches!(event, Event::BeatSent { .. }).then_some(())).await;
    about(beat - opened, Duration::from_millis(69_500));
}

/// The server reads nothing and the pipe is full, so that our own heartbeat never gets out.
#[tokio::test(start_paused = true)]
async fn a_full_socket_hides_no_deadline() {
    let mut bench = bench(&Setup { pipe: 8, ..Setup::default() });
    let server = bench.server().await;
    let opened = bench.opened().await;
    let (at, why) = bench.closed().await;
    assert_eq!(why, Why::WriteStalled { limit: 10 * SECOND });
    about(at - opened, 40 * SECOND);
    drop(server);
}

/// The server does not listen but still talks.
#[tokio::test(start_paused = true)]
async fn a_full_socket_does_not_make_us_deaf() {
    let mut bench = bench(&Setup { pipe: 8, ..Setup::default() });
    let mut server = bench.server().await;
    pass(SECOND).await;
    soon(server.write(&frame(0x81, br#"{"service":"a","words":"longer than the pipe"}"#))).await;
    bench.wait(|event| matches!(event, Event::Rows(_)).then_some(())).await;
}

/// A browser's `onmessage` never sees a ping, so the seed's protocol does not take one for life.
#[tokio::test(start_paused = true)]
async fn a_server_that_only_answers_pings_is_dead() {
    let mut bench = bench(&Setup::default());
    let mut server = bench.server().await;
    let opened = bench.opened().await;
    let pings = tokio::spawn(async move {
        loop {
            pass(4 * SECOND).await;
            server.write(&frame(0x89, b"are you there")).await;
        }
    });
    let (at, why) = bench.closed().await;
    about(at - opened, 40 * SECOND);
    let Why::HalfOpen { silent, .. } = why else { panic!("{why:?}") };
    assert!(silent <= 4 * SECOND, "the bytes of pings are told: {silent:?}");
    pings.abort();
}

#[tokio::test(start_paused = true)]
async fn where_any_byte_is_life_pings_are_enough() {
    let mut bench = bench(&Setup { profile: "raw", services: &[], ..Setup::default() });
    let mut server = bench.server().await;
    for _ in 0..100 {
        pass(20 * SECOND).await;
        server.write(&frame(0x89, b"")).await;
        assert_eq!(server.frame().await.0, 0x8A, "a ping is answered");
    }
    assert!(!bench.told().iter().any(|event| matches!(event, Event::BeatSent { .. } | Event::Closed { .. })));
}

#[tokio::test(start_paused = true)]
async fn a_long_message_on_its_way_holds_the_verdict() {
    let mut bench = bench(&Setup::default());
    let mut server = bench.server().await;
    let opened = bench.opened().await;
    let body = frame(0x81, br#"{"service":"a","data":"twenty seconds and many more, a byte in each"}"#);
    pass(29 * SECOND).await;
    for byte in &body {
        pass(SECOND).await;
        server.write(&[*byte]).await;
    }
    let (at, ()) = bench.wait(|event| matches!(event, Event::BeatAnswered { .. }).then_some(())).await;
    assert!(at - opened > 90 * SECOND);
    // Another one begins with the next beat under way, and stops in its middle.
    pass(29 * SECOND).await;
    for byte in body.iter().take(20) {
        pass(SECOND).await;
        server.write(&[*byte]).await;
    }
    let stopped = bench.clock.now();
    let (at, why) = bench.closed().await;
    assert!(matches!(why, Why::HalfOpen { .. }), "{why:?}");
    about(at - stopped, 10 * SECOND);
}

/// The machine slept, or the process was stopped: ask first, judge after.
#[tokio::test(start_paused = true)]
async fn who_was_not_there_asks_before_judging() {
    let mut bench = bench(&Setup::default());
    let mut server = bench.server().await;
    bench.opened().await;
    server.frame().await;
    pass(35 * SECOND).await;
    assert!(bench.told().iter().any(|event| matches!(event, Event::BeatSent { .. })));
    // Five seconds before the verdict, the world stands still for an hour.
    tokio::time::advance(Duration::from_hours(1)).await;
    let (woke, length) =
        bench.wait(|event| if let Event::Slept { length } = event { Some(length) } else { None }).await;
    assert!((3590.0..3600.0).contains(&length.as_secs_f64()), "{length:?}");
    pass(9 * SECOND).await;
    assert_eq!(bench.snapshots.borrow().phase, Phase::Probing);
    assert!(bench.told().into_iter().find_map(closed).is_none());
    let (at, why) = bench.closed().await;
    assert!(matches!(why, Why::HalfOpen { .. }), "{why:?}");
    about(at - woke, 10 * SECOND);
}

#[tokio::test(start_paused = true)]
async fn after_a_sleep_the_first_thing_is_a_beat() {
    let mut bench = bench(&Setup::default());
    let mut server = bench.server().await;
    bench.opened().await;
    server.frame().await;
    pass(SECOND).await;
    tokio::time::advance(40 * SECOND).await;
    let (woke, _) = bench.wait(|event| if let Event::Slept { length } = event { Some(length) } else { None }).await;
    let (beat, ()) = bench.wait(|event| matches!(event, Event::BeatSent { .. }).then_some(())).await;
    about(beat - woke, Duration::ZERO);
    server.frame().await;
    server.write(&frame(0x81, b"{}")).await;
    bench.wait(|event| matches!(event, Event::BeatAnswered { .. }).then_some(())).await;
    assert!(bench.told().into_iter().find_map(closed).is_none());
}
