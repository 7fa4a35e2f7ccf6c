//! The seed is a blog post's browser client. Each way in which its code fails is a test here, by name.

use insta::assert_snapshot;

use crate::play::{Play, profile, session};

fn seed(services: &[&str]) -> Play {
    Play::new(session(profile("sub-heartbeat", &[]), services))
}

/// The whole protocol of the post: subscribe both, count 30 s down from each message, beat, be answered, die silently,
/// dial again after 4 s, subscribe both again.
#[test]
fn the_seed_lives_as_the_post_says() {
    let mut play = seed(&["业务1", "业务2"]);
    play.run(
        r#"
        0 start
        0.1 dialed
        5 text {"service":"业务1","n":1}
        35 written
        35.2 text {"type":"HEART_BEAT","service":"业务"}
        65.3 written
        79.3 dialed
        80 end
        "#,
    );
    assert_snapshot!(play.transcript, @r#"
     0.000    业务1 is Wanted
     0.000    业务2 is Wanted
     0.000    dialing, attempt 1
     0.000  dial #1
     0.100    open
     0.100  send #1 {"type":"sub","service":"业务1"}
     0.100    业务1 is Sent
     0.100  send #1 {"type":"sub","service":"业务2"}
     0.100    业务2 is Sent
     5.000    rows Some(0) Data {"service":"业务1","n":1}
     5.000    业务1 is Live
    35.000  send #1 {"type":"HEART_BEAT","service":"业务"}
    35.000    beat sent
    35.200    rows None Pong {"type":"HEART_BEAT","service":"业务"}
    35.200    beat answered after 200ms
    65.200  send #1 {"type":"HEART_BEAT","service":"业务"}
    65.200    beat sent
    75.200  abort #1
    75.200    closed: half_open, up 75.1s, silent 40s
    75.200    业务1 is Wanted
    75.200    业务2 is Wanted
    75.200    outage 1: half_open
    75.200    attempt 1 in 4s
    79.200    dialing, attempt 1
    79.200  dial #2
    79.300    open
    79.300  send #2 {"type":"sub","service":"业务1"}
    79.300    业务1 is Sent
    79.300  send #2 {"type":"sub","service":"业务2"}
    79.300    业务2 is Sent
    "#);
}

/// The post: `lockReconnect` is set and, on a failed dial, never released, so that there is one reconnect at most.
#[test]
fn the_lock_is_released() {
    let mut play = seed(&[]);
    play.run(
        "
        0 start
        0 refused
        4 refused
        8 refused
        12 refused
        20 end
        ",
    );
    assert_eq!(play.lines("dial #").len(), 5, "{}", play.transcript);
}

/// The lock itself: a close and an error of the same link, and a wish of the user, make one dial.
#[test]
fn two_reconnects_are_never_under_way_at_once() {
    let mut play = seed(&[]);
    play.run(
        "
        0 start
        0.1 dialed
        1 eof
        1 reset
        1 dial
        1 dial
        1.1 dial
        20 end
        ",
    );
    assert_eq!(play.lines("dial #").len(), 2, "{}", play.transcript);
}

/// The post names its handler `onpen`: nothing is subscribed when the socket opens.
#[test]
fn opening_subscribes() {
    let mut play = seed(&["业务1", "业务2"]);
    play.run(
        "
        0 start
        0.1 dialed
        ",
    );
    assert_eq!(
        play.lines("send"),
        [
            r#"   0.100  send #1 {"type":"sub","service":"业务1"}"#,
            r#"   0.100  send #1 {"type":"sub","service":"业务2"}"#,
        ]
    );
}

/// The post sends its heartbeat and never looks whether it was answered.
#[test]
fn a_missing_answer_is_acted_on() {
    let mut play = seed(&[]);
    play.run(
        "
        0 start
        0 dialed
        30 written
        40 end
        ",
    );
    assert_eq!(play.lines("closed"), ["  40.000    closed: half_open, up 40s, silent 40s"]);
    assert_eq!(play.lines("abort"), ["  40.000  abort #1"]);
}

/// Pongs of the WebSocket are no answer to the seed's beat: `onmessage` never sees them.
#[test]
fn a_server_that_answers_pings_only_is_dead() {
    let mut play = seed(&[]);
    play.run(
        "
        0 start
        0 dialed
        10 ping
        30 written
        31 pong
        33 ping
        39 ping
        41 end
        ",
    );
    assert_eq!(play.lines("closed"), ["  40.000    closed: half_open, up 40s, silent 1s"]);
}

/// The post's timer of the old socket lives on and beats into the new one.
#[test]
fn the_old_links_timer_dies_with_it() {
    let mut play = seed(&[]);
    play.run(
        "
        0 start
        0 dialed
        29 eof
        33 dialed
        62.9 end
        ",
    );
    assert_eq!(play.lines("beat sent"), Vec::<&str>::new(), "{}", play.transcript);
    play.run("63 end");
    assert_eq!(play.lines("beat sent"), ["  63.000    beat sent"]);
}

/// The post parses every message as JSON and dies of one that is not.
#[test]
fn a_message_that_is_not_json_is_shown_and_counts_as_life() {
    let mut play = seed(&["业务1"]);
    play.run(
        r#"
        0 start
        0 dialed
        10 text pong
        20 text {"service":
        25 text {"hello":1}
        26 text {"service":"业务9","n":1}
        27 text {"service":7}
        28 text [1,2]
        29 text
        56 end
        "#,
    );
    assert_snapshot!(play.lines("rows").join("\n"), @r#"
    10.000    rows None Other pong
    20.000    rows None Other {"service":
    25.000    rows None Other {"hello":1}
    26.000    rows Some(1) Data {"service":"业务9","n":1}
    27.000    rows Some(2) Data {"service":7}
    28.000    rows None Other [1,2]
    29.000    rows None Other
    "#);
    assert_eq!(play.lines("beat sent"), Vec::<&str>::new());
    let mut snapshot = wirebeat::event::Snapshot::default();
    play.session.snapshot(wirebeat::time::Ts::from_millis(56_000), &mut snapshot);
    assert_eq!(snapshot.counters.messages, 7);
    assert_eq!((snapshot.counters.not_json, snapshot.counters.unrouted), (3, 5));
    assert_eq!(
        snapshot.services.iter().map(|s| (&*s.name, s.messages)).collect::<Vec<_>>(),
        [("业务1", 0), ("业务9", 1), ("7", 1)]
    );
}

/// The post's `new WebSocket` in a `try` only logs when it throws.
#[test]
fn a_dial_that_fails_at_once_is_tried_again() {
    let mut play = seed(&[]);
    play.run(
        "
        0 start
        0 refused
        ",
    );
    assert_eq!(play.lines("attempt 2 in"), ["   0.000    attempt 2 in 4s"]);
}

/// A dial that neither opens nor fails is given up, and the next one comes.
#[test]
fn a_dial_that_never_ends_is_given_up() {
    let mut play = seed(&[]);
    play.run(
        "
        0 start
        60 end
        ",
    );
    assert_eq!(play.lines("abort").len(), 1, "{}", play.transcript);
    assert_eq!(play.lines("dial #").len(), 2, "{}", play.transcript);
}

/// News of the old link, still under way when it was given up, changes nothing.
#[test]
fn the_old_links_news_is_ignored() {
    let mut play = seed(&["业务1"]);
    play.run(
        r#"
        0 start
        0 dialed
        1 eof
        5 dialed
        6 stale eof
        6 stale dialed
        6 stale {"service":"业务1"}
        7 end
        "#,
    );
    assert_eq!(play.lines("dial #").len(), 2, "{}", play.transcript);
    assert_eq!(play.lines("rows").len(), 0, "{}", play.transcript);
}

/// What the user switched while the link was down is what the next link gets.
#[test]
fn exactly_what_is_wanted_now_is_subscribed_again() {
    let mut play = seed(&["a", "b", "c"]);
    play.run(
        "
        0 start
        0 dialed
        1 off 0
        2 eof
        3 off 1
        4 on 0
        6 dialed
        ",
    );
    let sent: Vec<_> = play.lines("send #2").iter().map(|line| line.trim()[7..].trim().to_owned()).collect();
    assert_eq!(sent, [r#"send #2 {"type":"sub","service":"a"}"#, r#"send #2 {"type":"sub","service":"c"}"#]);
}
