//! What the user asks for, whatever the network does meanwhile.

use std::time::Duration;

use futures::StreamExt;
use tokio::io::AsyncReadExt;
use tokio_tungstenite::tungstenite::Message;
use wirebeat::event::{Command, Event, Phase, ServiceId, ServiceState, Why};

use crate::bench::{Bench, Dials, Far, Setup, Socket, about, bench, pass, soon};

const SECOND: Duration = Duration::from_secs(1);

fn want(service: u16, on: bool) -> Command {
    Command::Want { service: ServiceId(service), on }
}

async fn hears(server: &mut Socket, text: &str) {
    assert_eq!(soon(server.next()).await.unwrap().unwrap(), Message::text(text));
}

async fn says_goodbye(server: &mut Far) {
    loop {
        let (first, payload) = soon(server.frame()).await;
        if first == 0x88 {
            return assert_eq!(payload.get(..2), Some(&1000_u16.to_be_bytes()[..]));
        }
    }
}

async fn dialing(bench: &mut Bench) -> wirebeat::time::Ts {
    bench.wait(|event| matches!(event, Event::Dialing { .. }).then_some(())).await.0
}

#[tokio::test(start_paused = true)]
async fn a_switch_is_told_to_the_server() {
    let mut bench = bench(&Setup { services: &["a", "b"], ..Setup::default() });
    let mut server = bench.server().await.socket().await;
    hears(&mut server, r#"{"type":"sub","service":"a"}"#).await;
    hears(&mut server, r#"{"type":"sub","service":"b"}"#).await;
    bench.command(want(0, false)).await;
    hears(&mut server, r#"{"type":"unsub","service":"a"}"#).await;
    // What is so already is not said again.
    bench.command(want(0, false)).await;
    bench.command(want(7, true)).await;
    bench.command(want(0, true)).await;
    hears(&mut server, r#"{"type":"sub","service":"a"}"#).await;
}

#[tokio::test(start_paused = true)]
async fn a_new_link_gets_exactly_what_is_wanted() {
    let mut bench = bench(&Setup { services: &["a", "b", "c"], ..Setup::default() });
    let server = bench.server().await;
    bench.opened().await;
    bench.command(want(1, false)).await;
    drop(server);
    bench.closed().await;
    bench.command(want(0, false)).await;
    bench.command(want(1, true)).await;
    bench.command(want(1, false)).await;
    let mut server = bench.server().await.socket().await;
    hears(&mut server, r#"{"type":"sub","service":"c"}"#).await;
    bench.command(want(0, true)).await;
    hears(&mut server, r#"{"type":"sub","service":"a"}"#).await;
}

#[tokio::test(start_paused = true)]
async fn a_redial_leaves_the_old_link_before_it_begins() {
    let mut bench = bench(&Setup::default());
    let mut old = bench.server().await;
    bench.opened().await;
    bench.command(Command::Dial).await;
    says_goodbye(&mut old).await;
    // The server takes its time with closing TCP.
    pass(SECOND).await;
    let mut new = bench.server().await;
    bench.opened().await;
    assert!(!bench.pipes.doubled(), "two at once");
    assert_eq!((bench.pipes.open(), bench.pipes.dials()), (1, 2));
    assert_eq!(old.io.read(&mut [0; 8]).await.unwrap(), 0);
    assert_eq!(new.frame().await.1, br#"{"type":"sub","service":"a"}"#);
}

#[tokio::test(start_paused = true)]
async fn many_redials_make_one_link() {
    for settle in [0, 100, 400] {
        let mut bench = bench(&Setup { pipe: 8, ..Setup::default() });
        let mut servers = vec![bench.server().await];
        for _ in 0..20 {
            bench.command(Command::Dial).await;
            pass(Duration::from_millis(settle)).await;
        }
        pass(2 * SECOND).await;
        while let Ok(server) = bench.servers.try_recv() {
            servers.push(server);
        }
        assert!(!bench.pipes.doubled(), "two at once");
        assert_eq!(bench.pipes.open(), 1);
        assert_eq!(bench.snapshots.borrow().phase, Phase::Open);
        assert_eq!(servers.len(), bench.pipes.dials());
    }
}

#[tokio::test(start_paused = true)]
async fn a_link_that_died_is_gone_before_the_next_dial() {
    let mut bench = bench(&Setup { sets: &["reconnect.base=1ms"], ..Setup::default() });
    let mut frozen = Vec::new();
    for _ in 0..5 {
        frozen.push(bench.server().await);
        assert!(matches!(bench.closed().await.1, Why::HalfOpen { .. }));
    }
    assert!(!bench.pipes.doubled());
}

#[tokio::test(start_paused = true)]
async fn a_dial_that_never_ends_is_given_up_and_tried_again() {
    let mut bench = bench(&Setup { dials: Dials::Hang, ..Setup::default() });
    let first = dialing(&mut bench).await;
    let (failed, why) =
        bench.wait(|event| if let Event::DialFailed { why, .. } = event { Some(why) } else { None }).await;
    assert!(matches!(why, Why::DialTimeout { limit, .. } if limit == 30 * SECOND), "{why:?}");
    about(failed - first, 30 * SECOND);
    tokio::task::yield_now().await;
    assert_eq!(bench.pipes.dialing(), 0, "the dial itself is dropped");
    about(dialing(&mut bench).await - failed, 4 * SECOND);
    assert!(!bench.pipes.doubled());
}

#[tokio::test(start_paused = true)]
async fn dials_that_fail_at_once_are_paced() {
    let bench = bench(&Setup { dials: Dials::Fail, ..Setup::default() });
    pass(Duration::from_mins(10)).await;
    let dials = bench.pipes.dials();
    assert!((150..=151).contains(&dials), "every four seconds: {dials}");
}

#[tokio::test(start_paused = true)]
async fn wishes_count_while_a_dial_is_under_way() {
    let setup = Setup { dials: Dials::Late(3 * SECOND), services: &["a", "b"], ..Setup::default() };
    let mut bench = bench(&setup);
    pass(SECOND).await;
    bench.command(want(0, false)).await;
    // A dial is under way already.
    bench.command(Command::Dial).await;
    let off = bench.wait(|event| {
        let Event::Service(news) = event else { return None };
        (news.state == ServiceState::Off).then_some(news.service)
    });
    assert_eq!(off.await.1, ServiceId(0), "told at once, not when the dial is done");
    let mut server = bench.server().await.socket().await;
    about(bench.opened().await - wirebeat::time::Ts::ZERO, 3 * SECOND);
    hears(&mut server, r#"{"type":"sub","service":"b"}"#).await;
    assert_eq!(bench.pipes.dials(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_pause_ends_a_dial_and_a_link_and_lasts() {
    let mut bench = bench(&Setup { dials: Dials::Late(3 * SECOND), ..Setup::default() });
    pass(SECOND).await;
    bench.command(Command::Pause).await;
    pass(10 * SECOND).await;
    assert_eq!((bench.pipes.dialing(), bench.pipes.dials()), (0, 1));
    assert_eq!(bench.snapshots.borrow().phase, Phase::Paused);
    bench.command(Command::Dial).await;
    let mut server = bench.server().await;
    bench.opened().await;
    bench.command(Command::Pause).await;
    says_goodbye(&mut server).await;
    pass(Duration::from_hours(1)).await;
    assert_eq!((bench.pipes.open(), bench.pipes.dials()), (0, 2));
    // A pause right after a redial, while the old link is still being left.
    bench.command(Command::Dial).await;
    let _held = bench.server().await;
    bench.opened().await;
    bench.command(Command::Dial).await;
    bench.command(Command::Pause).await;
    pass(Duration::from_hours(1)).await;
    assert_eq!((bench.pipes.open(), bench.pipes.dialing(), bench.pipes.dials()), (0, 0, 3));
}

/// How long the task takes to end, in made-up time.
async fn quits(bench: &mut Bench) -> Duration {
    let asked = bench.clock.now();
    bench.command(Command::Quit).await;
    soon(&mut bench.task).await.unwrap();
    bench.clock.now() - asked
}

#[tokio::test(start_paused = true)]
async fn quitting_says_goodbye() {
    let mut bench = bench(&Setup::default());
    let mut server = bench.server().await;
    bench.opened().await;
    let server = tokio::spawn(async move {
        says_goodbye(&mut server).await;
        server.write(&crate::bench::frame(0x88, &1000_u16.to_be_bytes())).await;
    });
    assert!(quits(&mut bench).await < Duration::from_millis(10));
    server.await.unwrap();
    assert_eq!(bench.pipes.open(), 0);
    assert_eq!(bench.closed().await.1, Why::Asked, "what was told last is there to be read");
}

/// The screen is gone first, and does not read what its feeds have to say.
#[tokio::test(start_paused = true)]
async fn quitting_says_goodbye_though_nobody_listens() {
    let mut bench = bench(&Setup::default());
    let mut server = bench.server().await;
    bench.opened().await;
    bench.events.close();
    let server = tokio::spawn(async move { says_goodbye(&mut server).await });
    assert!(quits(&mut bench).await < Duration::from_millis(400));
    server.await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn what_was_switched_last_goes_out_before_the_goodbye() {
    let mut bench = bench(&Setup::default());
    let mut server = bench.server().await;
    bench.opened().await;
    server.frame().await;
    bench.commands.try_send(want(0, false)).unwrap();
    bench.commands.try_send(Command::Quit).unwrap();
    assert_eq!(server.frame().await.1, br#"{"type":"unsub","service":"a"}"#);
    assert_eq!(server.frame().await.0, 0x88);
}

#[tokio::test(start_paused = true)]
async fn quitting_waits_for_nobody() {
    // A peer that reads nothing, one that says nothing, a dial without end, a wait between dials.
    for (setup, settle) in [
        (Setup { pipe: 8, ..Setup::default() }, SECOND),
        (Setup::default(), SECOND),
        (Setup { dials: Dials::Hang, ..Setup::default() }, SECOND),
        (Setup { dials: Dials::Fail, ..Setup::default() }, SECOND),
    ] {
        let mut bench = bench(&setup);
        let _frozen = bench.servers.try_recv();
        pass(settle).await;
        let took = quits(&mut bench).await;
        assert!(took <= Duration::from_millis(801), "{:?}: {took:?}", setup.dials);
        assert_eq!(bench.pipes.open() + bench.pipes.dialing(), 0);
    }
}

#[tokio::test(start_paused = true)]
async fn a_feed_that_nobody_holds_ends() {
    let Bench { servers, events, commands, task, .. } = bench(&Setup::default());
    pass(SECOND).await;
    drop(commands);
    soon(task).await.unwrap();
    drop((servers, events));
}
