//! Lives of a feed, as scripts.

use insta::assert_snapshot;
use wirebeat::event::{Due, Phase, ServiceState, Snapshot};
use wirebeat::time::Ts;

use crate::play::{Play, profile, session};

fn seed(services: &[&str], sets: &[&str]) -> Play {
    Play::new(session(profile("sub-heartbeat", sets), services))
}

fn snapshot(play: &mut Play, second: u64) -> Snapshot {
    let mut snapshot = Snapshot::default();
    play.session.snapshot(Ts::from_millis(second * 1000), &mut snapshot);
    snapshot
}

#[test]
fn no_beat_while_messages_flow_and_again_and_again_when_they_do_not() {
    let mut play = seed(&["a"], &["heartbeat.after=2s", "heartbeat.timeout=1s"]);
    let mut script = String::from("0 start\n0 dialed\n");
    for tenth in 1..100 {
        script.push_str(&format!("{} text {{\"service\":\"a\"}}\n", f64::from(tenth) / 10.0));
    }
    for second in [11.9_f64, 13.92, 15.94] {
        script.push_str(&format!("{second} written\n{} text {{\"type\":\"HEART_BEAT\"}}\n", second + 0.02));
    }
    play.run(&script).run("16.9 end");
    assert_eq!(play.lines("beat sent"), ["  11.900    beat sent", "  13.920    beat sent", "  15.940    beat sent"]);
}

#[test]
fn bytes_of_a_message_on_its_way_hold_the_verdict() {
    let mut play = seed(&[], &[]);
    play.run("0 start\n0 dialed\n30 written\n39 midway\n48 midway\n57 midway\n66 text {}\n90 end");
    assert_eq!(play.lines("closed"), Vec::<&str>::new(), "{}", play.transcript);
    assert_eq!(play.lines("answered"), ["  66.000    beat answered after 36s"]);
}

/// Where only the answer counts, data that never ends puts no verdict off: each read ends in another message.
#[test]
fn a_busy_feed_that_does_not_answer_is_dead() {
    let mut play = seed(&[], &["heartbeat.mode='interval'", "heartbeat.alive_on='answer'"]);
    let mut script = String::from("0 start\n0 dialed\n30 written\n");
    for tenth in 301..450 {
        let at = f64::from(tenth) / 10.0;
        script.push_str(&format!("{at:.1} midway\n{at:.1} text {{\"service\":\"业务1\"}}\n"));
    }
    play.run(&script);
    let closed = play.lines("closed");
    assert!(closed.len() == 1 && closed[0].starts_with("  40.") && closed[0].contains("half_open"), "{closed:?}");
}

/// The answer may stand behind a message that began before the verdict was due, and behind no other.
#[test]
fn only_a_message_that_began_in_time_holds_the_verdict() {
    let sets = ["heartbeat.mode='interval'", "heartbeat.alive_on='answer'"];
    let mut play = seed(&[], &sets);
    play.run(
        "0 start\n0 dialed\n30 written\n39 midway\n48 midway\n57 midway\n57.5 text {\"service\":\"业务1\"}\n59 end",
    );
    let closed = play.lines("closed");
    assert!(
        closed.len() == 1 && closed[0].starts_with("  57.5"),
        "whole, and no answer: {closed:?} {}",
        play.transcript
    );
}

#[test]
fn a_beat_that_cannot_be_written_is_a_verdict_too() {
    let mut play = seed(&[], &[]);
    play.run("0 start\n0 dialed\n45 end");
    assert_eq!(play.lines("closed"), ["  40.000    closed: write_stalled, up 40s, silent 40s"]);
}

#[test]
fn a_silent_service_is_stale_and_the_link_stays() {
    let mut play = seed(&["a", "b"], &["stale.after=20s"]);
    play.run(
        r#"
        0 start
        0 dialed
        1 text {"service":"a"}
        1 text {"service":"b"}
        10 text {"service":"b"}
        20 text {"service":"b"}
        22 text {"service":"b"}
        25 text {"service":"a"}
        26 end
        "#,
    );
    assert_snapshot!(play.lines(" is ").join("\n"), @"
     0.000    a is Wanted
     0.000    b is Wanted
     0.000    a is Sent
     0.000    b is Sent
     1.000    a is Live
     1.000    b is Live
    21.000    a is Stale, silent 20s
    25.000    a is Live
    ");
    assert_eq!(play.lines("closed"), Vec::<&str>::new());
}

#[test]
fn an_unusual_silence_is_told_by_the_services_own_rhythm() {
    let mut play = seed(&["a", "b"], &[]);
    let mut script = String::from("0 start\n0 dialed\n");
    for second in 1..=120 {
        script.push_str(&format!("{second} text {{\"service\":\"b\"}}\n"));
        if second <= 40 {
            script.push_str(&format!("{second} text {{\"service\":\"a\"}}\n"));
        }
    }
    play.run(&script);
    assert_eq!(play.lines("Stale"), ["  50.000    a is Stale, silent 10s"]);
}

#[test]
fn gaps_are_pending_then_lost_or_filled_and_repeats_are_told() {
    let mut play = Play::new(session(profile("demo", &[]), &["a"]));
    play.run(
        r#"
        0 start
        0 dialed
        1 text {"service":"a","seq":1}
        1.1 text {"service":"a","seq":4}
        1.2 text {"service":"a","seq":3}
        1.3 text {"service":"a","seq":2}
        2 text {"service":"a","seq":4}
        3 text {"service":"a","seq":9}
        4.9 end
        "#,
    );
    assert_snapshot!(play.lines("gap").join("\n"), @"
    1.100    gap 2..3 Pending
    1.300    gap 2..3 Filled
    3.000    gap 5..8 Pending
    3.250    gap 5..8 Lost
    ");
    assert_eq!(play.lines("repeated").len(), 1);
}

#[test]
fn what_was_missed_in_an_outage_is_counted_across_it() {
    let mut play = Play::new(session(profile("demo", &[]), &["a"]));
    play.run(
        r#"
        0 start
        0 dialed
        1 text {"service":"a","seq":10}
        2 eof
        6 dialed
        6.5 text {"service":"a","seq":21}
        8 end
        "#,
    );
    assert_snapshot!(play.lines("outage").join("\n"), @"
    2.000    outage 1: eof
    6.500    outage 1 over: down 4s, 1 attempts, missed Some(10)
    ");
    let snapshot = snapshot(&mut play, 8);
    assert_eq!(snapshot.services[0].lost, Some(10));
}

#[test]
fn the_default_backoff_grows_and_is_forgotten_only_after_proof() {
    let mut play = Play::new(session(profile("raw", &["reconnect.jitter=0.0"]), &[]));
    let mut script = String::from("0 start\n");
    let mut at = 0.0;
    // Opens, and ends at once, five times: no proof.
    for delay in [1.0, 2.0, 4.0, 8.0, 16.0] {
        script.push_str(&format!("{at} dialed\n{at} eof\n"));
        at += delay;
    }
    // Opens, brings data, lives for 11 s.
    script.push_str(&format!("{at} dialed\n{at} text 1\n{} eof\n", at + 11.0));
    play.run(&script);
    assert_snapshot!(play.lines("attempt ").join("\n"), @"
     0.000    dialing, attempt 1
     0.000    attempt 2 in 1s
     1.000    dialing, attempt 2
     1.000    attempt 3 in 2s
     3.000    dialing, attempt 3
     3.000    attempt 4 in 4s
     7.000    dialing, attempt 4
     7.000    attempt 5 in 8s
    15.000    dialing, attempt 5
    15.000    attempt 6 in 16s
    31.000    dialing, attempt 6
    42.000    attempt 7 in 30s
    ");
}

#[test]
fn the_same_rejection_three_times_stops_and_the_user_goes_on() {
    let mut play = seed(&[], &[]);
    play.run("0 start\n0 dialed\n0.1 close 4001\n4.1 dialed\n4.2 close 4001\n8.2 dialed\n8.3 close 4001\n60 end");
    assert_eq!(play.lines("stopped"), ["   8.300    stopped: storm"]);
    assert_eq!(play.lines("dial #").len(), 3);
    assert_eq!(snapshot(&mut play, 60).phase, Phase::Stopped);
    play.run("61 dial\n61.1 dialed");
    assert_eq!(snapshot(&mut play, 62).phase, Phase::Open);
}

#[test]
fn no_network_failure_ever_stops() {
    let mut play = seed(&[], &[]);
    let mut script = String::from("0 start\n");
    for n in 0..50 {
        script.push_str(&format!("{} {}\n", n * 4, ["refused", "http 503", "http 429"][n % 3]));
    }
    play.run(&script);
    assert_eq!(play.lines("stopped"), Vec::<&str>::new());
}

#[test]
fn a_server_that_asks_for_patience_gets_it() {
    let mut play = seed(&[], &[]);
    play.run("0 start\n0 http 503 30\n30 http 429 100000");
    assert_eq!(play.lines("attempt 2 in"), ["   0.000    attempt 2 in 30s"]);
    assert_eq!(play.lines("attempt 3 in"), ["  30.000    attempt 3 in 120s"]);
}

#[test]
fn paused_is_the_users_and_nothing_happens_until_they_say_so() {
    let mut play = seed(&["a"], &[]);
    play.run("0 start\n0 dialed\n5 pause\n600 dial\n600.1 dialed\n601 end");
    assert_snapshot!(play.transcript, @r#"
      0.000    a is Wanted
      0.000    dialing, attempt 1
      0.000  dial #1
      0.000    open
      0.000  send #1 {"type":"sub","service":"a"}
      0.000    a is Sent
      5.000  close #1 1000
      5.000    closed: asked, up 5s, silent 5s
      5.000    a is Wanted
      5.000    paused
    600.000    dialing, attempt 1
    600.000  dial #2
    600.100    open
    600.100  send #2 {"type":"sub","service":"a"}
    600.100    a is Sent
    "#);
}

#[test]
fn dialing_now_replaces_an_open_link_and_is_no_outage() {
    let mut play = seed(&[], &[]);
    play.run("0 start\n0 dialed\n5 dial\n5.1 dialed\n6 end");
    assert_eq!(play.lines("outage"), Vec::<&str>::new());
    assert_eq!(play.lines("close #"), ["   5.000  close #1 1000"]);
    assert_eq!(play.lines("dial #").len(), 2);
}

#[test]
fn after_sleep_it_asks_first_and_judges_after() {
    let mut play = seed(&[], &[]);
    // The answer was due at 40; the machine slept from 35 to 2500.
    play.run("0 start\n0 dialed\n30 written\n35 end");
    play.run("2500 slept 2465");
    assert_eq!(play.lines("closed").len(), 1, "a driver tells of the sleep before the deadline");
    let mut play = seed(&[], &[]);
    play.run("0 start\n0 dialed\n20 end");
    let late = Ts::from_millis(2_500_000);
    play.tell(late, wirebeat::session::Input::Slept(std::time::Duration::from_secs(2480)));
    play.tell(late, wirebeat::session::Input::Tick);
    assert_eq!(play.lines("beat sent"), ["2500.000    beat sent"]);
    assert_eq!(play.lines("closed"), Vec::<&str>::new());
    play.run("2500.1 written\n2511 end");
    assert_eq!(play.lines("closed"), ["2510.000    closed: half_open, up 2510s, silent 2510s"]);
}

#[test]
fn our_own_deafness_is_not_held_against_the_server() {
    let mut play = seed(&[], &[]);
    play.run("0 start\n0 dialed\n30 written\n35 slow\n300 quick\n304 end");
    assert_eq!(play.lines("closed"), Vec::<&str>::new());
    play.run("306 end");
    assert_eq!(play.lines("closed").len(), 1, "5 s were left when we went deaf");
}

#[test]
fn the_raw_profile_pings_and_any_byte_is_life() {
    let mut play = Play::new(session(profile("raw", &[]), &[]));
    play.run("0 start\n0 dialed\n20 ping\n45 written\n46 pong\n71 written\n82 end");
    assert_eq!(play.lines("(ping)"), ["  45.000  send #1 (ping)", "  71.000  send #1 (ping)"]);
    assert_eq!(play.lines("closed"), ["  81.000    closed: half_open, up 81s, silent 35s"]);
}

#[test]
fn the_snapshot_counts_down() {
    let mut play = seed(&["a"], &[]);
    play.run("0 start");
    assert_eq!(snapshot(&mut play, 0).due.map(|due| due.0), Some(Due::DialTimeout));
    play.run("0 dialed\n1 end");
    assert_eq!(snapshot(&mut play, 1).due, Some((Due::Beat, Ts::ZERO, Ts::from_millis(30_000))));
    play.run("30 written\n31 end");
    let probing = snapshot(&mut play, 31);
    assert_eq!(probing.due, Some((Due::Answer, Ts::from_millis(30_000), Ts::from_millis(40_000))));
    assert_eq!(probing.phase, Phase::Probing);
    play.run("41 end");
    let waiting = snapshot(&mut play, 41);
    assert_eq!(waiting.due, Some((Due::Dial, Ts::from_millis(40_000), Ts::from_millis(44_000))));
    assert_eq!(waiting.services[0].state, ServiceState::Wanted);
}

#[test]
fn an_unsubscribed_service_that_goes_on_is_counted_and_stays_off() {
    let mut play = seed(&["a"], &[]);
    play.run(
        r#"
        0 start
        0 dialed
        1 text {"service":"a"}
        2 off 0
        3 text {"service":"a"}
        "#,
    );
    let snapshot = snapshot(&mut play, 4);
    assert_eq!((snapshot.services[0].state, snapshot.services[0].messages), (ServiceState::Off, 2));
    assert_eq!(play.lines("unsub").len(), 1);
}

#[test]
fn quitting_says_goodbye() {
    let mut play = seed(&[], &[]);
    play.run("0 start\n0 dialed\n5 quit\n500 end");
    assert_eq!(play.lines("close #"), ["   5.000  close #1 1000"]);
    assert_eq!(play.lines("dial #").len(), 1);
}
