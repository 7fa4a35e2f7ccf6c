//! Planned changes of link: the next one is there before the old one is left.

use std::time::Duration;

use wirebeat::event::Kind;
use wirebeat::profile::{Ack, Action, LiveOn, Profile, Scope, Sequence, SequenceRule, SequenceScope};

use crate::play::{Play, base, capture, pointer, rule, step, text};

fn rotating() -> Profile {
    let mut profile = base("sub-heartbeat");
    profile.heartbeats.clear();
    profile.limits.lifetime = Some(Duration::from_secs(100));
    profile.limits.lifetime_margin = Duration::from_secs(10);
    profile.handshake = vec![step(Some("{'op':'login'}"), Some("{'/op':'ok'}"))];
    let ask = profile.subscribe.as_mut().unwrap();
    (ask.ack, ask.live_on) = (Ack::Route, LiveOn::Ack);
    let mut leave = rule("{'/op':'leave'}", Kind::Goodbye);
    leave.action = Action::Rotate;
    profile.rules = vec![leave, rule("{'/ack':true}", Kind::Ack), rule("{'/op':'ok'}", Kind::Hello)];
    profile
}

const BEFORE: &str = r#"
    0 start
    0 dialed
    0 text {"op":"ok"}
    1 text {"service":"a"}
"#;

#[test]
fn the_old_link_is_left_when_the_new_one_has_all_that_is_wanted() {
    let mut play = Play::of(rotating(), &["a"]);
    play.run(BEFORE).run("2 end");
    play.transcript.clear();
    play.run(
        r#"
        91 dialed
        92 text {"op":"ok"}
        92.5 old text {"service":"a","n":1}
        93 text {"service":"a","ack":true}
        94 old text {"service":"a","n":2}
        95 text {"service":"a","n":3}
        "#,
    );
    insta::assert_snapshot!(play.transcript, @r#"
    90.000    dialing, attempt 1
    90.000  dial #2
    91.000  send #2 {"op":"login"}
    92.000  send #2 {"type":"sub","service":"a"}
    92.000    rows None Hello {"op":"ok"}
    92.500    rows Some(0) Data {"service":"a","n":1}
    93.000  close #1 1000
    93.000    rows Some(0) Ack {"service":"a","ack":true}
    93.000    closed: planned, up 93s, silent 500ms
    93.000    open
    93.000    ready
    95.000    rows Some(0) Data {"service":"a","n":3}
    "#);
    let snapshot = play.snapshot(96.0);
    assert_eq!((snapshot.counters.outages, snapshot.counters.opens, snapshot.link.0), (0, 2, 2));
    assert_eq!(snapshot.opened, Some(wirebeat::time::Ts::from_millis(91_000)));
    // The next change is counted from there.
    play.transcript.clear();
    play.run("182 end");
    assert_eq!(play.told("  dial #"), ["181 3"]);
}

#[test]
fn a_successor_that_fails_leaves_the_old_link_as_it_is() {
    let mut play = Play::of(rotating(), &["a"]);
    play.run(BEFORE);
    play.run("91 refused\n98 dialed\n99 eof\n101 old text {\"service\":\"a\"}\n120 end");
    assert_eq!(play.told("  dial #"), ["0 1", "90 2", "96 3", "104 4"]);
    assert_eq!((play.told("closed").len(), play.told("outage").len()), (0, 0), "{}", play.transcript);
    assert_eq!(play.told("dial failed"), ["91 : refused"]);
}

#[test]
fn an_old_link_that_ends_early_leaves_its_place_however_far_the_successor_is() {
    // Still dialing: an outage, and no second dial.
    let mut play = Play::of(rotating(), &["a"]);
    play.run(BEFORE).run("90.5 end");
    play.run("91 old eof\n92 dialed\n93 text {\"op\":\"ok\"}\n94 text {\"service\":\"a\"}");
    assert_eq!(play.told("  dial #"), ["0 1", "90 2"]);
    assert_eq!(play.told("outage"), ["91 1: eof", "94 1 over: down 2s, 0 attempts, missed None"]);
    // Logged in and not agreed to: the change is made at once.
    let mut play = Play::of(rotating(), &["a"]);
    play.run(BEFORE).run("91 dialed\n92 text {\"op\":\"ok\"}\n93 old eof\n94 text {\"service\":\"a\"}");
    assert_eq!((play.told("outage").len(), play.told("  dial #").len()), (0, 2), "{}", play.transcript);
    assert_eq!(play.told("closed"), ["93 : eof, up 93s, silent 92s"]);
    assert_eq!(play.told("a is"), ["0 Wanted", "0 Sent", "1 Live", "93 Wanted", "93 Sent", "94 Live"]);
}

#[test]
fn a_server_that_does_not_agree_is_waited_for_a_while() {
    let mut play = Play::of(rotating(), &["a"]);
    play.run(BEFORE).run("91 dialed\n92 text {\"op\":\"ok\"}\n110 end");
    assert_eq!(play.told("closed"), ["102 : planned, up 102s, silent 101s"]);
}

#[test]
fn a_wish_of_the_user_reaches_both_links_and_a_pause_leaves_both() {
    let mut play = Play::of(rotating(), &["a", "b"]);
    play.run(BEFORE).run("91 dialed\n92 text {\"op\":\"ok\"}");
    play.transcript.clear();
    play.run("93 off 1");
    assert_eq!(play.sent(), [r#"93 #1 {"type":"unsub","service":"b"}"#, r#"93 #2 {"type":"unsub","service":"b"}"#]);
    play.run("94 pause\n500 end");
    assert_eq!((play.told("close #"), play.told("abort #")), (vec!["94 1 1000".to_owned()], vec!["94 2".to_owned()]));
}

#[test]
fn a_message_asks_for_the_change_and_a_new_link_is_given_its_time() {
    let mut profile = rotating();
    profile.limits.lifetime = None;
    let mut play = Play::of(profile, &["a"]);
    play.run(BEFORE).run("20 text {\"op\":\"leave\"}\n20 text {\"op\":\"leave\"}");
    assert_eq!(play.told("  dial #"), ["0 1", "20 2"]);
    play.run("21 dialed\n21 text {\"op\":\"ok\"}\n21 text {\"ack\":true,\"service\":\"a\"}\n22 text {\"op\":\"leave\"}\n40 end");
    assert_eq!(play.told("closed"), ["21 : planned, up 21s, silent 1s"]);
    assert_eq!(play.told("  dial #"), ["0 1", "20 2", "26 3"]);
}

#[test]
fn the_next_link_goes_where_the_server_says() {
    let mut profile = rotating();
    profile.endpoint.resume_url = Some(text("${v.next}"));
    profile.rules[0].capture = vec![capture("next", "/to", Scope::Link)];
    let mut play = Play::of(profile, &["a"]);
    play.run(BEFORE).run("20 text {\"op\":\"leave\",\"to\":\"wss://h/2\"}\n21 refused\n40 end");
    assert_eq!(
        play.told("  dial #"),
        ["0 1", "20 2 at wss://h/2", "26 3 at wss://h/2"],
        "one that failed is tried again"
    );
    play.run("40 dialed\n40 text {\"op\":\"ok\"}\n40 text {\"ack\":true,\"service\":\"a\"}\n150 end");
    assert_eq!(play.told("  dial #")[3..], ["130 4"], "what is only planned goes where any dial goes");
    // A link that is too young is left a little later, and the address is not forgotten.
    play.run("130 dialed\n130 text {\"op\":\"ok\"}\n130 text {\"ack\":true,\"service\":\"a\"}");
    play.run(
        "131 text {\"op\":\"leave\",\"to\":\"wss://h/3\"}\n132 text {\"op\":\"leave\"}\n132 eof\n140 refused\n170 end",
    );
    let dials = play.told("  dial #");
    assert!(dials[4].ends_with("5 at wss://h/3") && !dials[5].contains(" at "), "{dials:?}");
}

#[test]
fn what_comes_twice_by_its_number_is_no_repeat() {
    let mut profile = rotating();
    let number = |across_reconnect| Sequence {
        when: None,
        scope: SequenceScope::Service,
        at: pointer("/n"),
        rule: SequenceRule::Increment { step: 1 },
        reset: None,
        reorder: Duration::ZERO,
        across_reconnect,
    };
    profile.sequences = vec![number(true)];
    let script = r#"
        2 text {"service":"a","n":1}
        91 dialed
        92 text {"op":"ok"}
        92.1 old text {"service":"a","n":2}
        92.2 text {"service":"a","n":2}
        92.3 text {"service":"a","n":3}
        92.4 old text {"service":"a","n":3}
        93 text {"service":"b","ack":true}
        94 text {"service":"a","n":4}
        95 text {"service":"a","n":6}
    "#;
    let mut play = Play::of(profile.clone(), &["a", "b"]);
    play.run(BEFORE).run(script);
    assert_eq!(play.told("gap"), ["95 5..5 Lost"], "{}", play.transcript);
    assert_eq!(play.told("repeated"), Vec::<String>::new());
    let service = play.snapshot(96.0).services[0].clone();
    assert_eq!((service.lost, service.repeated), (Some(1), 0));
    // Numbers that begin anew on each link are followed on one link at a time.
    profile.sequences = vec![number(false)];
    let mut play = Play::of(profile, &["a", "b"]);
    play.run(BEFORE)
        .run(&script.replace("92.3 text {\"service\":\"a\",\"n\":3}", "92.3 text {\"service\":\"a\",\"n\":90}"));
    assert_eq!(play.told("gap"), ["95 5..5 Lost"], "{}", play.transcript);
}
