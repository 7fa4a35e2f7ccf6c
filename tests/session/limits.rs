//! How much may be said and how often: rates, places, dials; and heartbeats whose time the server tells.

use std::time::Duration;

use wirebeat::event::{Due, Kind, Phase, ServiceState};
use wirebeat::profile::{Beat, BeatMode, Heartbeat, Interval, Life, Profile, Rate, Scope};

use crate::play::{Play, base, capture, json, rule};

fn rate(count: u32, seconds: u64) -> Rate {
    Rate { count, per: Duration::from_secs(seconds) }
}

fn beat(send: Beat, after: Interval, mode: BeatMode) -> Heartbeat {
    Heartbeat {
        mode,
        after,
        first_jitter: false,
        timeout: None,
        send,
        restart_on: Life::Message,
        alive_on: Life::Answer,
    }
}

fn every(seconds: u64) -> Interval {
    Interval::Fixed(Duration::from_secs(seconds))
}

fn quiet() -> Profile {
    let mut profile = base("sub-heartbeat");
    profile.heartbeats.clear();
    profile
}

#[test]
fn frames_wait_for_their_turn_and_heartbeats_go_first() {
    let mut profile = quiet();
    profile.limits.send = Some(rate(2, 10));
    profile.heartbeats = vec![beat(Beat::Frame(json("{'beat':${id}}")), every(4), BeatMode::Interval)];
    profile.subscribe.as_mut().unwrap().frame = json("{'sub':'${s.name}','id':${id}}");
    let mut play = Play::of(profile, &["a", "b", "c", "d"]);
    play.run("0 start\n0 dialed\n21 end");
    assert_eq!(
        play.sent(),
        [
            r#"0 #1 {"sub":"a","id":1}"#,
            r#"0 #1 {"sub":"b","id":2}"#,
            // The beat that was due at 4 goes before the services that waited since 0, and numbers rise as they go.
            r#"10 #1 {"beat":3}"#,
            r#"10 #1 {"sub":"c","id":4}"#,
            r#"20 #1 {"beat":5}"#,
            r#"20 #1 {"sub":"d","id":6}"#,
        ]
    );
    assert_eq!(play.told("c is"), ["0 Wanted", "10 Sent"]);
}

#[test]
fn pings_count_where_the_server_counts_them() {
    let sent = |counted: bool| {
        let mut profile = quiet();
        (profile.limits.send, profile.limits.send_counts_ping) = (Some(rate(1, 10)), counted);
        profile.heartbeats = vec![beat(Beat::Ping, every(3), BeatMode::Interval)];
        let mut play = Play::of(profile, &["a"]);
        play.run("0 start\n0 dialed\n9 end");
        play.told("(ping)").len()
    };
    assert_eq!((sent(false), sent(true)), (3, 0));
}

#[test]
fn services_beyond_the_links_places_are_told_and_get_a_place_that_is_given_up() {
    let mut profile = quiet();
    profile.limits.subscriptions = Some(2);
    let mut play = Play::of(profile, &["a", "b", "c"]);
    play.run("0 start\n0 dialed\n1 end");
    assert_eq!(play.told("c is").last().unwrap(), "0 Refused: limit of the profile: 2 services on one link");
    assert!(play.snapshot(1.0).services[2].wanted);
    play.run("2 off 0");
    assert_eq!(play.told("c is").last().unwrap(), "2 Sent");
    assert_eq!(play.snapshot(2.0).services[0].state, ServiceState::Off);
}

#[test]
fn a_dial_waits_for_the_other_feeds_of_its_host_and_says_so() {
    let mut profile = quiet();
    profile.limits.connect = Some(rate(1, 10));
    let mut play = Play::of(profile, &["a"]);
    play.run("0 start\n0 booked 7\n1 dial\n8 end");
    assert_eq!(play.told("book #"), ["0 1 1/10s"]);
    assert_eq!(play.told("attempt "), ["0 1 in 7s", "7 dialing, attempt 1"]);
    assert_eq!(play.snapshot(8.0).counters.dials, 1);
    play.run("8 dialed\n30 eof\n34 booked 0");
    assert_eq!(play.told("attempt ").last().unwrap(), "34 dialing, attempt 2");
}

#[test]
fn an_interval_of_the_server_is_kept_within_reason() {
    let beats = |hello: &str| {
        let mut profile = quiet();
        let mut first = rule("{'/op':10}", Kind::Hello);
        first.capture = vec![capture("a", "/a", Scope::Link), capture("b", "/b", Scope::Link)];
        profile.rules = vec![first];
        let after = Interval::Captured {
            names: vec!["a".into(), "b".into()],
            unit: Duration::from_millis(1),
            more: Duration::ZERO,
            otherwise: Duration::from_secs(8),
        };
        profile.heartbeats = vec![beat(Beat::Ping, after, BeatMode::Interval)];
        let mut play = Play::of(profile, &[]);
        play.run(&format!("0 start\n0 dialed\n1 text {hello}\n10 end"));
        play.told("(ping)").iter().map(|line| line.split(' ').next().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(beats(r#"{"op":10,"a":2000,"b":"1000"}"#), ["4", "7", "10"]);
    assert_eq!(beats(r#"{"op":10,"a":2000}"#), ["8"], "until both are known");
    assert_eq!(beats(r#"{"op":10,"a":3,"b":2}"#).len(), 90, "no more than ten a second");
    assert_eq!(beats(r#"{"op":10,"a":0,"b":-5}"#), ["8"], "nothing is not often");
    assert_eq!(beats(r#"{"op":10,"a":1e18,"b":0}"#), Vec::<String>::new());
    assert_eq!(beats(r#"{"op":10,"a":"soon","b":0}"#), ["8"]);
}

#[test]
fn the_first_beat_comes_after_a_random_share() {
    let mut profile = quiet();
    let mut beat = beat(Beat::Ping, every(100), BeatMode::Interval);
    beat.first_jitter = true;
    profile.heartbeats = vec![beat];
    let mut play = Play::of(profile, &[]);
    play.run("0 start\n0 dialed\n299 end");
    let at: Vec<f64> =
        play.told("(ping)").iter().map(|line| line.split(' ').next().unwrap().parse().unwrap()).collect();
    assert!(at[0] > 0.0 && at[0] < 100.0 && (at[1] - at[0] - 100.0).abs() < 0.01, "{at:?}");
}

#[test]
fn a_beat_waits_for_the_value_that_it_lacks_and_is_issued_again_at_each_answer() {
    let mut profile = quiet();
    let mut hello = rule("{'/op':'hello'}", Kind::Hello);
    hello.capture = vec![capture("client", "/client", Scope::Link)];
    profile.rules = vec![hello, rule("{'/op':'poll'}", Kind::Pong)];
    let mut poll = beat(Beat::Frame(json("{'poll':${v.client}}")), every(5), BeatMode::Reissue);
    poll.timeout = Some(every(30));
    profile.heartbeats = vec![poll];
    let mut play = Play::of(profile.clone(), &[]);
    play.run(
        r#"
        0 start
        0 dialed
        2 text {"op":"hello","client":"x"}
        9 text {"op":"poll"}
        9.02 text {"op":"poll"}
        20 written
        45 end
        "#,
    );
    // Not faster than ten times a second, whatever the server does.
    assert_eq!(play.told("  beat sent"), ["2 ", "9 ", "9.1 "]);
    assert_eq!(play.told("closed").len(), 1, "{}", play.transcript);
    // That the server holds its answer back is no doubt.
    let mut play = Play::of(profile, &[]);
    play.run("0 start\n0 dialed\n2 text {\"op\":\"hello\",\"client\":\"x\"}\n3 end");
    let held = play.snapshot(3.0);
    assert_eq!((held.phase, held.due.map(|(due, ..)| due)), (Phase::Open, Some(Due::Receive)));
}
