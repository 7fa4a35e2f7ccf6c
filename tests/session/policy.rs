//! What follows from an end: again, later, not before, never; and never a storm.

use proptest::prelude::*;
use wirebeat::event::{Event, Phase, Why};
use wirebeat::session::{Input, Output, Outputs, Session};
use wirebeat::time::Ts;

use crate::play::{Play, profile, session};

/// A profile that says nothing of codes and statuses, without jitter: waits 1 s, 2 s, 4 s .. 30 s.
fn plain() -> Play {
    let sets = ["reconnect.jitter=0.0", "reconnect.base=1s", "reconnect.factor=2.0", "reconnect.max=30s"];
    Play::new(session(profile("sub-heartbeat", &sets), &["a"]))
}

fn waits(play: &Play) -> Vec<&str> {
    let lines = play.lines("  attempt ").into_iter();
    lines.filter_map(|line| line.split(" in ").nth(1)).collect()
}

#[test]
fn a_first_dial_that_fails_is_tried_again_and_again() {
    let mut play = plain();
    play.run("0 start");
    for second in ["0", "1", "3", "7", "15", "31", "61", "91"] {
        play.run(&format!("{second} refused"));
    }
    assert_eq!(waits(&play), ["1s", "2s", "4s", "8s", "16s", "30s", "30s", "30s"]);
}

#[test]
fn a_server_may_ask_for_time_within_reason() {
    for (told, wait) in [
        ("429 30", "30s"),
        ("503 7", "7s"),
        ("302 7", "7s"),
        // Nothing and less is a second, and no server keeps us for hours.
        ("503 0", "1s"),
        ("429 0", "1s"),
        ("429 1000000000", "120s"),
        // Too many requests, and no word on when: not soon.
        ("429", "30s"),
        ("503", "1s"),
        ("404", "1s"),
        ("301", "30s"),
    ] {
        let mut play = plain();
        play.run(&format!("0 start\n0 http {told}"));
        assert_eq!(waits(&play), [wait], "{told}");
    }
}

#[test]
fn later_is_later() {
    for (code, wait) in [("1013", "30s"), ("1012", "1s"), ("1000", "1s"), ("1011", "1s"), ("4001", "1s"), ("", "1s")] {
        let mut play = plain();
        play.run(&format!("0 start\n0 dialed\n20 close {code}"));
        assert_eq!(waits(&play), [wait], "{code}");
    }
}

/// Links that are opened, and ended by this at once, for ten minutes: how many there were.
fn drops(end: &str) -> (usize, Phase) {
    let mut play = plain();
    play.run("0 start");
    let mut second = 0.0;
    for _ in 0..20 {
        play.run(&format!("{second} dialed\n{second} {end}"));
        let Some(next) = play.session.wake().filter(|_| play.session.phase() == Phase::Waiting) else { break };
        second = next.as_secs_f64();
        play.until(next);
    }
    (play.lines("dial #").len(), play.session.phase())
}

#[test]
fn three_alike_rejections_stop_and_networks_never_do() {
    for code in [1002, 1003, 1007, 1008, 1009, 1010, 3000, 4000, 4004, 4401, 4999] {
        assert_eq!(drops(&format!("close {code}")), (3, Phase::Stopped), "{code}");
    }
    for end in
        ["close 1000", "close 1001", "close 1011", "close 1012", "close 1013", "close 1014", "close", "eof", "reset"]
    {
        assert_eq!(drops(end), (21, Phase::Dialing), "{end}");
    }
}

#[test]
fn statuses_that_say_no_stop_and_those_that_say_later_do_not() {
    let after = |status: u16| {
        let mut play = plain();
        play.run("0 start");
        let mut second = 0.0;
        for _ in 0..10 {
            play.run(&format!("{second} http {status}"));
            let Some(next) = play.session.wake() else { break };
            play.until(next);
            second = next.as_secs_f64();
        }
        (play.lines("dial #").len(), play.session.phase())
    };
    for status in [400, 401, 403, 404, 405, 410, 426, 451] {
        assert_eq!(after(status), (3, Phase::Stopped), "{status}");
    }
    for status in [200, 301, 408, 425, 429, 500, 502, 503, 504, 530] {
        assert_eq!(after(status), (11, Phase::Dialing), "{status}");
    }
}

/// A redirect that leads nowhere costs several connections each time.
#[test]
fn after_a_redirect_that_led_nowhere_the_longest_wait_follows() {
    for (status, first) in [(299, "1s"), (300, "30s"), (302, "30s"), (308, "30s"), (399, "30s"), (503, "1s")] {
        let mut play = plain();
        play.run(&format!("0 start\n0 http {status}"));
        assert_eq!(waits(&play), [first], "{status}");
    }
}

#[test]
fn a_server_that_allows_one_link_is_recognised() {
    // Each link works, and is taken away some seconds later: by another client, most likely.
    let mut play = plain();
    play.run("0 start");
    let mut second = 0.0;
    for _ in 0..4 {
        let (data, end) = (second + 1.0, second + 20.0);
        play.run(&format!("{second} dialed\n{data} text {{\"service\":\"a\"}}\n{end} close 4001"));
        second = play.session.wake().unwrap().as_secs_f64();
        play.until(play.session.wake().unwrap());
    }
    assert_eq!(waits(&play), ["1s", "1s", "30s", "30s"]);
    let Some(Why::Storm { times: 4, rival: true, .. }) = play.snapshot(second).why else {
        panic!("{:?}", play.snapshot(second).why)
    };
    // A life of a minute is no sign of it.
    play.run(&format!("{second} dialed\n{second} text {{\"service\":\"a\"}}\n{} close 4001", second + 61.0));
    assert_eq!(waits(&play).last(), Some(&"1s"));

    // Taken away right after it worked: that stops, with the same reason.
    let mut quick = plain();
    quick.run("0 start\n0 dialed\n0 text {\"service\":\"a\"}\n1 close 4001\n2 dialed\n2 text {\"service\":\"a\"}\n3 close 4001");
    quick.run("5 dialed\n5 text {\"service\":\"a\"}\n6 close 4001");
    assert_eq!(quick.session.phase(), Phase::Stopped, "{}", quick.transcript);
    assert!(matches!(quick.snapshot(9.0).why, Some(Why::Storm { times: 3, rival: true, .. })));
    // What never worked was turned away, and nobody else took it.
    let mut never = plain();
    never.run("0 start\n0 dialed\n0 close 4001\n1 dialed\n1 close 4001\n3 dialed\n3 close 4001");
    assert!(matches!(never.snapshot(9.0).why, Some(Why::Storm { times: 3, rival: false, .. })), "{}", never.transcript);
}

/// When a session dials whose links all end as soon as they are open.
fn dials(mut session: Session, for_seconds: f64, opens: bool) -> Vec<f64> {
    let (mut now, mut out, mut dials) = (Ts::ZERO, Outputs::new(), Vec::new());
    session.handle(now, Input::Start, &mut out);
    while now.as_secs_f64() < for_seconds {
        let link =
            out.drain(..).find_map(|output| if let Output::Dial(call) = output { Some(call.link) } else { None });
        if let Some(link) = link {
            dials.push(now.as_secs_f64());
            let phases = wirebeat::event::Phases::default();
            if opens {
                session.handle(
                    now,
                    Input::Dialed { link, phases, address: None, subprotocol: None, extensions: None },
                    &mut out,
                );
                session.handle(now, Input::Closed(link, Why::Eof), &mut out);
            } else {
                session.handle(now, Input::DialFailed { link, why: Why::Eof, phases }, &mut out);
            }
            continue;
        }
        let Some(next) = session.wake() else { break };
        now = next;
        session.handle(now, Input::Tick, &mut out);
    }
    dials
}

proptest! {
    #[test]
    fn no_server_makes_a_storm_of_us(seed: u64, opens: bool, name in prop::sample::select(vec!["raw", "sub-heartbeat", "bitmex"])) {
        let plan = wirebeat::session::Plan {
            profile: profile(name, &[]),
            services: Vec::new(),
            seed,
            wall: wirebeat::time::WallAnchor(0),
            secrets: wirebeat::session::Secrets::default(),
        };
        if plan.profile.limits.connect.is_none() {
            let dials = dials(Session::new(plan), 120.0, opens);
            prop_assert!(dials.len() > 4, "it does not give up either");
            for five in dials.windows(5) {
                prop_assert!(five[4] - five[0] > 5.0, "{five:?}");
            }
        }
    }
}

#[test]
fn a_profile_may_want_haste() {
    let hasty = profile("sub-heartbeat", &["reconnect.base=100ms", "reconnect.jitter=0.0", "reconnect.factor=1.0"]);
    assert!(dials(session(hasty, &[]), 1.0, true).len() >= 10);
}

#[test]
fn the_user_is_not_kept_waiting() {
    let mut play = plain();
    play.run("0 start\n0 refused\n0.1 dial\n0.1 refused\n0.2 dial\n0.2 refused\n0.3 dial\n0.3 refused\n0.4 dial\n0.4 refused");
    assert_eq!(play.lines("dial #").len(), 5);
    // By itself it goes on slowly.
    let next = play.session.wake().unwrap();
    assert!(next >= Ts::from_millis(5300), "{next:?}");
}

#[test]
fn the_outage_is_told_before_what_comes_next() {
    let mut play = plain();
    play.run("0 start\n0 dialed\n20 eof");
    let mut out = Outputs::new();
    play.session.handle(Ts::from_millis(21_000), Input::Tick, &mut out);
    assert!(out.iter().any(|output| matches!(output, Output::Tell(Event::Dialing { .. }))));
    let outage = play.snapshot(21.0).outage.unwrap();
    assert_eq!(outage.next, Some(std::time::Duration::from_secs(1)));
    assert!(play.transcript.find("outage 1").unwrap() < play.transcript.find(" in 1s").unwrap());
}
