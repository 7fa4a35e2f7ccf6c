//! Records of outages: what was seen, what was tried, what came back, and where a sleep belongs.

use std::time::Duration;

use wirebeat::event::{Outage, Phase};

use crate::play::{Play, profile, session};

fn seconds(seconds: f64) -> Duration {
    Duration::from_secs_f64(seconds)
}

/// Numbered messages, waits of exactly four seconds.
fn numbered(services: &[&str]) -> Play {
    let waits = ["reconnect.base=4s", "reconnect.factor=1.0", "reconnect.jitter=0.0"];
    let beats = ["heartbeat.after=30s", "heartbeat.timeout=10s"];
    Play::new(session(profile("demo", &[&waits[..], &beats].concat()), services))
}

fn record(play: &mut Play, second: f64) -> Outage {
    play.snapshot(second).outage.unwrap()
}

fn tries(outage: &Outage) -> Vec<(u32, u32, &str, bool)> {
    outage.tries.iter().map(|run| (run.from, run.to, run.why.kind(), run.opened)).collect()
}

#[test]
fn a_record_has_all_from_the_cause_to_the_data() {
    let mut play = numbered(&["a", "b"]);
    play.run(
        r#"
        0 start
        0 dialed
        1 text {"service":"a","seq":1}
        1 text {"service":"b","seq":1}
        26 eof
        30 refused
        34 refused
        38 http 503 15
        53 dialed
        54 text {"service":"a","seq":8}
        55.5 text {"service":"b","seq":2}
        56 end
        "#,
    );
    let outage = record(&mut play, 56.0);
    assert_eq!(tries(&outage), [(1, 2, "refused", false), (3, 3, "http", false)]);
    assert_eq!((outage.over, outage.attempts, outage.missed), (true, 4, Some(6)));
    assert_eq!((outage.detect, outage.silent), (Some(Duration::ZERO), Some(seconds(25.0))));
    assert_eq!(outage.down, seconds(27.0));
    let back: Vec<_> = outage.services.iter().map(|(id, after)| (id.0, *after)).collect();
    assert_eq!(back, [(0, Some(seconds(1.0))), (1, Some(seconds(2.5)))]);
    assert_eq!(play.snapshot(56.0).counters.downtime, seconds(27.0));
}

#[test]
fn our_own_verdict_says_how_long_it_took() {
    let mut play = numbered(&["a"]);
    play.run("0 start\n0 dialed\n5 text {\"service\":\"a\",\"seq\":1}\n36 written\n45.5 end");
    let outage = record(&mut play, 45.5);
    assert_eq!(outage.why.kind(), "half_open");
    assert_eq!((outage.detect, outage.silent), (Some(seconds(40.0)), Some(seconds(40.0))));
}

#[test]
fn a_link_that_brings_nothing_is_one_more_attempt() {
    let mut play = numbered(&["a"]);
    play.run("0 start\n0 dialed\n1 text {\"service\":\"a\",\"seq\":1}\n20 eof");
    for dial in 1..=5 {
        let second = 20 + dial * 4;
        play.run(&format!("{second} dialed\n{second}.5 eof"));
    }
    let outage = record(&mut play, 43.0);
    assert_eq!((outage.id, outage.over), (1, false));
    assert_eq!(tries(&outage).len(), 1);
    assert!(tries(&outage)[0].3, "it opened");
    assert_eq!(play.lines("outage").len(), 1, "{}", play.transcript);
    // One that lives for a while is no attempt any more.
    play.run("44.5 dialed\n51 eof\n52 end");
    assert_eq!(play.lines("outage").len(), 3, "{}", play.transcript);
    assert_eq!(play.snapshot(52.0).counters.outages, 2);
}

#[test]
fn the_first_causes_and_the_last_are_kept_however_long_it_lasts() {
    let mut play = numbered(&["a"]);
    play.run("0 start\n0 dialed\n1 text {\"service\":\"a\",\"seq\":1}\n20 eof");
    let mut second = 24;
    for n in 0..500 {
        let what = ["refused", "http 503", "http 502"][n % 3];
        play.run(&format!("{second} {what}"));
        second += 4;
    }
    let outage = record(&mut play, 3000.0);
    assert_eq!(outage.attempts, 500);
    assert_eq!(
        tries(&outage),
        [(1, 1, "refused", false), (2, 2, "http", false), (3, 3, "http", false), (500, 500, "http", false)]
    );
}

#[test]
fn a_first_dial_that_fails_counts_among_the_dials() {
    let mut play = numbered(&["a"]);
    play.run("0 start\n0 refused\n4 refused\n8 dialed\n9 text {\"service\":\"a\",\"seq\":7}\n10 end");
    let outage = record(&mut play, 10.0);
    assert_eq!((outage.attempts, outage.detect, outage.silent), (3, None, None));
    assert_eq!(tries(&outage), [(1, 2, "refused", false)]);
}

#[test]
fn a_pause_ends_the_waiting() {
    let mut play = numbered(&["a"]);
    play.run(
        "0 start\n0 dialed\n20 eof\n22 pause\n900 dial\n900 dialed\n901 text {\"service\":\"a\",\"seq\":1}\n910 end",
    );
    assert_eq!(play.told("over:"), ["22 outage 1 over: down 2s, 0 attempts, missed None"]);
    assert_eq!(play.snapshot(910.0).counters.downtime, seconds(2.0));
}

#[test]
fn an_outage_right_after_a_sleep_says_so() {
    let mut play = numbered(&["a"]);
    play.run("0 start\n0 dialed\n1 text {\"service\":\"a\",\"seq\":1}\n2 slept 2460\n2 reset\n3 end");
    assert_eq!(record(&mut play, 3.0).slept, seconds(2460.0));
    assert!(play.transcript.find("slept").unwrap() < play.transcript.find("outage").unwrap());
    // A sleep long before has nothing to do with it.
    let mut play = numbered(&["a"]);
    play.run("0 start\n0 dialed\n2 slept 2460\n3 text {\"service\":\"a\",\"seq\":1}\n19 reset\n20 end");
    assert_eq!(record(&mut play, 20.0).slept, Duration::ZERO);
}

#[test]
fn a_sleep_during_an_outage_is_part_of_it() {
    let mut play = numbered(&["a"]);
    play.run("0 start\n0 dialed\n20 eof\n21 slept 600\n22 slept 60\n23 end");
    assert_eq!(record(&mut play, 23.0).slept, seconds(660.0));
}

#[test]
fn who_slept_asks_before_judging_and_gets_an_answer() {
    let mut play = Play::new(session(profile("sub-heartbeat", &[]), &["a"]));
    play.run("0 start\n0 dialed\n5 text {\"service\":\"a\"}\n5.1 slept 2460\n5.2 written\n9 end");
    assert_eq!(play.told("  beat sent"), ["5.1 "], "at once");
    assert_eq!(play.session.phase(), Phase::Probing);
    play.run("12 text {\"type\":\"HEART_BEAT\"}\n14 end");
    assert_eq!(play.lines("closed"), Vec::<&str>::new());
    assert_eq!(play.session.phase(), Phase::Open);
    // A verdict that was about to fall when the machine fell asleep waits for a new answer.
    let mut play = Play::new(session(profile("sub-heartbeat", &[]), &["a"]));
    play.run("0 start\n0 dialed\n30 written\n39.9 slept 9000\n49.8 end");
    assert_eq!(play.lines("closed"), Vec::<&str>::new());
    play.run("50 end");
    assert_eq!(play.lines("closed").len(), 1);
    assert_eq!(record(&mut play, 50.0).slept, seconds(9000.0));
}

#[test]
fn a_wall_clock_that_is_set_ends_nothing() {
    let mut play = numbered(&["a"]);
    play.run("0 start\n0 dialed\n1 text {\"service\":\"a\",\"seq\":1}");
    for hour in [3600, -3600, 0] {
        let anchor = wirebeat::time::WallAnchor(hour * 1_000_000_000);
        play.tell(wirebeat::time::Ts::from_millis(1500), wirebeat::session::Input::Wall(anchor));
    }
    play.run("2 text {\"service\":\"a\",\"seq\":2}");
    assert_eq!(play.lines("closed").len() + play.lines("beat sent").len() + play.lines("slept").len(), 0);
}

#[test]
fn what_was_missed_is_unknown_where_numbers_do_not_tell() {
    let missed = |sets: &[&str], first: u64| {
        let beats = ["heartbeat.after=30s", "reconnect.base=4s", "reconnect.factor=1.0", "reconnect.jitter=0.0"];
        let mut play = Play::new(session(profile("demo", &[&beats[..], sets].concat()), &["a"]));
        play.run(
            "0 start\n0 dialed\n1 text {\"service\":\"a\",\"seq\":1}\n2 text {\"service\":\"a\",\"seq\":2}\n20 eof",
        );
        play.run(&format!("24 dialed\n25 text {{\"service\":\"a\",\"seq\":{first}}}\n26 end"));
        let outage = record(&mut play, 26.0);
        assert!(outage.over);
        outage.missed
    };
    assert_eq!(missed(&[], 3), Some(0));
    assert_eq!(missed(&[], 9), Some(6));
    assert_eq!(missed(&[], 1), None, "the server counts anew");
    assert_eq!(missed(&["sequence=[]"], 3), None, "no numbers");
    let mut play = numbered(&["a"]);
    play.run("0 start\n0 dialed\n1 text {\"service\":\"a\"}\n20 eof\n24 dialed\n25 text {\"service\":\"a\"}\n26 end");
    assert_eq!(record(&mut play, 26.0).missed, None, "numbers that never came");
}
