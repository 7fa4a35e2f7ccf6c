//! Programs, seen from the driver: real ones, so in real time. What is done about them is the session's tests' matter.

use std::time::Duration;

use futures::{SinkExt, StreamExt};
use tokio_tungstenite::tungstenite::Message;
use wirebeat::event::{Command, Event, Phase, ServiceState, Why};
use wirebeat::session::To;

use crate::bench::{Bench, Dials, Setup, bench, soon};

async fn dial_failed(bench: &mut Bench) -> Why {
    bench.wait(|event| if let Event::DialFailed { why, .. } = event { Some(why) } else { None }).await.1
}

#[tokio::test]
async fn a_program_is_run_before_each_dial() {
    let mut bench = bench(&Setup {
        sets: &[
            "commands=['/bin/sh']",
            r#"endpoint.run=['/bin/sh','-c','echo "{\"url\":\"ws://h/$0\"}"','${now_ms}']"#,
            "endpoint.url='${v.url}'",
            "reconnect.base='10ms'",
        ],
        ..Setup::default()
    });
    let server = bench.server().await;
    drop(server);
    let _server = bench.server().await;
    let places = bench.pipes.places();
    assert!(places.len() == 2 && places[0] != places[1]);
    assert!(places.iter().all(|to| matches!(to, To::Named(url) if url.starts_with("ws://h/"))));
}

#[tokio::test]
async fn a_program_that_fails_is_a_failed_dial_and_none_is_begun() {
    let mut bench = bench(&Setup {
        sets: &["commands=['/bin/false']", "endpoint.run=['/bin/false']", "endpoint.url='${v.url}'"],
        ..Setup::default()
    });
    let Why::Program { text } = dial_failed(&mut bench).await else { panic!() };
    assert!(text.contains("/bin/false failed"), "{text}");
    assert_eq!(bench.pipes.dials(), 0);
}

#[tokio::test]
async fn the_user_does_not_wait_for_a_program_that_hangs() {
    let file = tempfile::NamedTempFile::new().unwrap();
    let run = format!("endpoint.run=['/bin/sh','-c','sleep 2; rm $0','{}']", file.path().display());
    let sets = vec!["commands=['/bin/sh']", run.leak(), "endpoint.url='ws://h/'"].leak();
    let mut bench = bench(&Setup { sets, dials: Dials::Hang, ..Setup::default() });
    bench.wait(|event| matches!(event, Event::Dialing { .. }).then_some(())).await;
    bench.command(Command::Pause).await;
    bench.wait(|event| matches!(event, Event::Paused).then_some(())).await;
    assert_eq!(bench.snapshots.borrow().phase, Phase::Paused);
    // It is gone with the dial that it was for.
    tokio::time::sleep(Duration::from_millis(2500)).await;
    assert!(file.path().exists() && bench.pipes.dials() == 0);
}

#[tokio::test]
async fn a_link_goes_on_while_a_program_signs_a_subscription() {
    let mut bench = bench(&Setup {
        sets: &[
            "commands=['/bin/sh']",
            r#"subscribe.run=['/bin/sh','-c','sleep 0.5; [ $0 = a ] && echo "{\"key\":\"k-$0\"}"','${s.name}']"#,
            r#"subscribe.frame='{"sub":"${s.name}","key":"${v.key}"}'"#,
        ],
        services: &["a", "b"],
        ..Setup::default()
    });
    let mut server = bench.server().await.socket().await;
    server.send(Message::text(r#"{"service":"x"}"#)).await.unwrap();
    let (came, ()) = bench.wait(|event| matches!(event, Event::Rows(_)).then_some(())).await;
    let (sent, text) = bench.wait(|event| if let Event::Sent { text, .. } = event { Some(text) } else { None }).await;
    assert!(came < sent, "it was read before the program ended");
    assert_eq!(text, r#"{"sub":"a","key":"***"}"#);
    assert_eq!(soon(server.next()).await.unwrap().unwrap(), Message::text(r#"{"sub":"a","key":"k-a"}"#));
    let refused = |event| {
        let Event::Service(news) = event else { return None };
        (news.state == ServiceState::Refused).then(|| (news.name, news.text.unwrap()))
    };
    let (_, (name, text)) = bench.wait(refused).await;
    assert!(&*name == "b" && text.contains("/bin/sh failed"), "{name}: {text}");
    assert_eq!(bench.snapshots.borrow().phase, Phase::Open);
}
