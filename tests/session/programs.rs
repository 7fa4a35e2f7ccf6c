//! Programs before the dial and before the frames that ask: when they are run, what becomes of what they say, and what of
//! their failures.

use std::time::Duration;

use wirebeat::event::{Due, Event, Gen, Phase, Why};
use wirebeat::profile::Profile;
use wirebeat::session::{Input, Output, Outputs};
use wirebeat::time::Ts;

use crate::play::{Play, session, written};

/// Its address, a header, the login and the heartbeat come of what a program says.
fn discovered() -> Profile {
    written(
        r#"
        commands = ["feed-url"]
        [endpoint]
        run     = ["feed-url", "${now_s}"]
        url     = "${v.url}?token=${v.token}"
        headers = { Authorization = "Bearer ${v.token}" }
        [[handshake]]
        send   = '{"auth":"${v.token}"}'
        expect = { "/ok" = true }
        [heartbeat]
        mode  = "interval"
        every = "${v.beat} s"
        send  = '{"beat":1}'
        [subscribe]
        frame = '{"sub":"${s.name}"}'
        "#,
    )
}

/// The same, and each link is replaced after 40 seconds.
fn replaced() -> Profile {
    let mut profile = discovered();
    profile.limits.lifetime = Some(Duration::from_mins(1));
    profile.limits.lifetime_margin = Duration::from_secs(20);
    profile
}

const PRINTED: &str = r#"printed {"url":"wss://h/ws","token":"abc","beat":7}"#;

#[test]
fn it_is_run_before_each_dial_and_its_values_are_the_links() {
    let mut play = Play::of(discovered(), &["a"]);
    play.run(&format!("0 start\n2 {PRINTED}\n3 dialed\n4 text {{\"ok\":true}}\n11 end"));
    assert_eq!(play.told("run #"), ["0 1 feed-url 0"]);
    assert_eq!(play.told("  dial #"), ["2 1 to wss://h/ws?token=abc Authorization: Bearer abc"]);
    assert_eq!(play.sent(), [r#"3 #1 {"auth":"abc"}"#, r#"4 #1 {"sub":"a"}"#, r#"10 #1 {"beat":1}"#]);
    // What it said is the old link's: the next dial asks anew.
    play.run(&format!("12 eof\n20 {}\n21 dialed", PRINTED.replace("abc", "new")));
    assert_eq!(play.told("run #").len(), 2);
    assert_eq!(play.told("  dial #")[1], "20 2 to wss://h/ws?token=new Authorization: Bearer new");
    assert_eq!(play.sent().last().unwrap(), r#"21 #2 {"auth":"new"}"#);
    assert_eq!(play.snapshot(21.0).counters.dials, 2);
}

#[test]
fn the_screen_counts_down_to_the_end_of_its_time_and_then_of_the_dial() {
    let mut play = Play::of(discovered(), &["a"]);
    play.run("1 start\n2 end");
    let shown = play.snapshot(2.0);
    assert_eq!(shown.phase, Phase::Dialing);
    assert_eq!(shown.due, Some((Due::DialTimeout, Ts::from_millis(1000), Ts::from_millis(11_000))));
    play.run(&format!("5 {PRINTED}\n5 end"));
    let shown = play.snapshot(5.0);
    assert_eq!(shown.phase, Phase::Dialing);
    assert_eq!(shown.due, Some((Due::DialTimeout, Ts::from_millis(5000), Ts::from_millis(35_000))));
}

#[test]
fn its_failures_are_failed_dials() {
    for (what, why) in [
        ("failed the program feed-url failed: exit status: 3", "exit status: 3"),
        ("printed [1]", "did not print a JSON object"),
        ("printed", "did not print a JSON object"),
        (r#"printed {"token":"abc"}"#, "there is no value for ${v.url}"),
        (r#"printed {"url":"wss://h/"}"#, "there is no value for ${v.token}"),
        ("end", "did not end within 10s"),
    ] {
        let mut play = Play::of(discovered(), &["a"]);
        play.run(&format!("0 start\n1 {what}\n11.5 end"));
        assert_eq!(play.told("dial failed")[0].split_once(' ').unwrap().1, ": program", "{what}: {}", play.transcript);
        let Some(Why::Program { text }) = play.snapshot(11.5).why else { panic!("{what}: {}", play.transcript) };
        assert!(text.contains(why) && !text.contains("abc"), "{text}");
        assert_eq!(play.told("  dial #"), Vec::<String>::new());
        assert_eq!(play.told("stopped"), Vec::<String>::new(), "a program may fail because the network does");
    }
    // The waits grow as for any dial.
    let mut play = Play::of(discovered(), &["a"]);
    let mut profile = discovered();
    profile.reconnect.jitter = 0.0;
    play.session = session(profile.into(), &["a"]);
    play.run("0 start\n0 failed x\n1 failed x\n3 failed x\n7 end");
    assert_eq!(play.told("run #"), ["0 1 feed-url 0", "1 2 feed-url 1", "3 3 feed-url 3", "7 4 feed-url 7"]);
}

#[test]
fn a_pause_and_a_quit_do_not_wait_for_it() {
    for what in ["pause", "quit"] {
        let mut play = Play::of(discovered(), &["a"]);
        play.run(&format!("0 start\n1 {what}\n2 {PRINTED}\n100 end"));
        assert_eq!(play.told("abort #"), ["1 1"]);
        assert_eq!((play.told("  dial #"), play.told("run #").len()), (Vec::new(), 1));
    }
}

#[test]
fn a_session_that_is_resumed_elsewhere_does_not_ask_and_one_that_cannot_be_does() {
    let text = r#"
        commands = ["feed-url"]
        [endpoint]
        run        = ["feed-url"]
        url        = "${v.url}"
        resume_url = "${v.gateway}"
        [[handshake]]
        send    = '{"login":"${v.token}"}'
        resume  = '{"resume":${v.session},"token":"${v.token}"}'
        expect  = { "/ok" = true }
        [handshake.capture]
        session = { at = "/session", lasting = true }
        gateway = { at = "/gateway", lasting = true }
        "#;
    let printed = r#"printed {"url":"wss://a.h/","token":"abc"}"#;
    let mut play = Play::of(written(text), &[]);
    play.run(&format!("0 start\n0 {printed}\n0 dialed\n1 text {{\"ok\":true,\"session\":7}}\n2 eof"));
    // It has a session, and no place for it.
    play.run(&format!("10 {printed}\n10 dialed"));
    assert_eq!(play.told("run #").len(), 2);
    assert_eq!(play.sent().last().unwrap(), r#"10 #2 {"resume":7,"token":"abc"}"#);
    play.run("11 text {\"ok\":true,\"session\":7,\"gateway\":\"wss://b.h/\"}\n12 eof\n20 dialed");
    assert_eq!(play.told("run #").len(), 2, "{}", play.transcript);
    assert_eq!(play.told("  dial #").last().unwrap().split_once(' ').unwrap().1, "3 at wss://b.h/");
    assert_eq!(play.sent().last().unwrap(), r#"20 #3 {"resume":7,"token":"abc"}"#, "what it said last still holds");
    // That place is gone: the next dial asks for another.
    play.run("21 eof\n30 refused\n40 end");
    let last = play.told("run #").last().unwrap().clone();
    assert!(last.ends_with("5 feed-url"), "{last}\n{}", play.transcript);
}

#[test]
fn a_planned_successor_asks_for_a_place_of_its_own() {
    let mut play = Play::of(replaced(), &["a"]);
    play.run(&format!("0 start\n0 {PRINTED}\n0 dialed\n1 text {{\"ok\":true}}\n40 end"));
    assert_eq!(play.told("run #").last().unwrap(), "40 2 feed-url 40");
    assert_eq!(play.snapshot(40.0).phase, Phase::Open, "the old link goes on meanwhile");
    // Whoever pauses pauses that, too; and a program that fails leaves the old link alone.
    let mut paused = Play::of(replaced(), &["a"]);
    paused.run(&format!("0 start\n0 {PRINTED}\n0 dialed\n1 text {{\"ok\":true}}\n41 pause\n42 end"));
    assert_eq!(paused.told("abort #"), ["41 2"]);
    play.run("41 old text {\"n\":1}\n42 failed x\n43 end");
    assert_eq!((play.told("closed"), play.snapshot(43.0).phase), (Vec::new(), Phase::Open));
    play.run(&format!("47 end\n48 {}\n49 dialed\n50 text {{\"ok\":true}}", PRINTED.replace("abc", "new")));
    assert_eq!(play.told("  dial #").last().unwrap(), "48 3 to wss://h/ws?token=new Authorization: Bearer new");
    assert_eq!(play.told("closed"), ["50 : planned, up 50s, silent 9s"]);
}

/// Each subscription needs a signature, and so does each end of one.
fn signed() -> Profile {
    written(
        r#"
        commands = ["sign"]
        [[handshake]]
        expect  = { "/hello" = true }
        capture = { socket = "/socket" }
        [subscribe]
        run   = ["sign", "${v.socket}", "${s.name}"]
        frame = '{"sub":"${s.name}","auth":"${v.auth}","id":${id}}'
        [unsubscribe]
        run   = ["sign", "${s.name}", "${sub.id}"]
        run_timeout = "2s"
        frame = '{"unsub":"${s.name}","auth":"${v.auth}","id":${id}}'
        [heartbeat]
        mode  = "interval"
        every = "5s"
        send  = '{"beat":1}'
        [[rule]]
        when = { "/beat" = 1 }
        kind = "pong"
        "#,
    )
}

const GREETED: &str = "0 start\n0 dialed\n0 text {\"hello\":true,\"socket\":\"17.4\"}";

#[test]
fn each_frame_waits_for_its_program_and_the_link_goes_on() {
    let mut play = Play::of(signed(), &["a", "b"]);
    play.run(GREETED).run("6 text {\"service\":\"a\",\"n\":1}");
    assert_eq!(play.told("run #"), ["0 1 sign 17.4 a"], "one at a time");
    assert_eq!(play.sent(), [r#"5 #1 {"beat":1}"#]);
    assert_eq!(play.told("rows").len(), 2);
    play.run("7 printed {\"auth\":\"A\"}\n8 printed {\"auth\":\"B\"}\n9 off 0\n9.5 printed {\"auth\":\"C\"}");
    assert_eq!(play.told("run #")[1..], ["7 1 sign 17.4 b", "9 1 sign a 1"]);
    assert_eq!(
        play.sent()[1..],
        [
            r#"7 #1 {"sub":"a","auth":"A","id":1}"#,
            r#"8 #1 {"sub":"b","auth":"B","id":2}"#,
            r#"9.5 #1 {"unsub":"a","auth":"C","id":3}"#,
        ]
    );
    assert_eq!(play.told(" is "), ["0 a is Wanted", "0 b is Wanted", "7 a is Sent", "8 b is Sent", "9 a is Off"]);
}

#[test]
fn what_it_says_is_for_one_frame() {
    let mut play = Play::of(signed(), &["a", "b"]);
    play.run(GREETED).run("1 printed {\"auth\":\"A\"}\n2 printed {}");
    assert_eq!(play.sent(), [r#"1 #1 {"sub":"a","auth":"A","id":1}"#]);
    assert_eq!(play.told(" is ").last().unwrap(), "2 b is Refused: there is no value for ${v.auth}");
}

#[test]
fn a_failure_is_the_services_alone() {
    for (what, text) in [
        ("1 failed the program sign failed: exit status: 1", "the program sign failed: exit status: 1"),
        ("1 printed nothing", "the program did not print a JSON object"),
        ("1 end", "the program did not end within 10s"),
    ] {
        let mut play = Play::of(signed(), &["a", "b"]);
        play.run(GREETED).run(what).run("11.5 text {\"beat\":1}\n11.6 printed {\"auth\":\"B\"}");
        let refused = play.told(" is Refused");
        assert!(refused.len() == 1 && refused[0].ends_with(&format!("a is Refused: {text}")), "{refused:?}");
        assert_eq!(play.told("closed"), Vec::<String>::new());
        assert!(play.sent().last().unwrap().ends_with(r#"{"sub":"b","auth":"B","id":1}"#), "{:?}", play.sent());
        // Wanted again, it is tried again.
        play.run("12 off 0\n12 on 0\n13 printed {\"auth\":\"C\"}");
        assert_eq!(play.sent().last().unwrap(), r#"13 #1 {"sub":"a","auth":"C","id":2}"#);
    }
    // One that cannot be left is off for us, and the screen says why.
    let mut play = Play::of(signed(), &["a"]);
    play.run(GREETED).run("1 printed {\"auth\":\"A\"}\n2 off 0\n5.1 end");
    assert_eq!(play.told(" is ").last().unwrap(), "5 a is Off: the program did not end within 2s");
}

#[test]
fn a_wish_that_is_taken_back_meanwhile_sends_nothing() {
    let mut play = Play::of(signed(), &["a", "b"]);
    play.run(GREETED).run("1 off 0\n2 printed {\"auth\":\"A\"}\n3 printed {\"auth\":\"B\"}");
    assert_eq!(play.sent(), [r#"3 #1 {"sub":"b","auth":"B","id":1}"#]);
    assert_eq!(play.told(" a is "), ["0 Wanted", "1 Off"]);
    // And one that is not left after all stays.
    play.run("4 off 1\n4.5 on 1\n5 printed {\"auth\":\"C\"}");
    assert_eq!(play.sent().iter().filter(|line| !line.contains("beat")).count(), 1);
    assert_eq!(play.told(" b is ").last().unwrap(), "4.5 Sent");
}

#[test]
fn a_signature_waits_for_its_turn_and_a_link_that_ends_takes_it_along() {
    let mut profile = signed();
    profile.heartbeats.clear();
    profile.limits.send = Some(wirebeat::profile::Rate { count: 1, per: Duration::from_secs(10) });
    let mut play = Play::of(profile, &["a", "b"]);
    play.run(GREETED).run("1 printed {\"auth\":\"A\"}\n2 printed {\"auth\":\"B\"}\n11.5 end");
    assert_eq!(play.sent(), [r#"1 #1 {"sub":"a","auth":"A","id":1}"#, r#"11 #1 {"sub":"b","auth":"B","id":2}"#]);
    play.run("12 off 0\n13 eof\n14 printed {\"auth\":\"C\"}\n20 end");
    assert_eq!(play.sent().len(), 2);
}

#[test]
fn what_programs_say_is_not_shown() {
    let mut session = session(discovered().into(), &["a"]);
    let mut out = Outputs::new();
    let link = Gen(1);
    let phases = wirebeat::event::Phases::default();
    session.handle(Ts::ZERO, Input::Start, &mut out);
    let result = Ok(PRINTED.trim_start_matches("printed ").to_owned());
    session.handle(Ts::ZERO, Input::RunDone { link, result }, &mut out);
    session.handle(
        Ts::ZERO,
        Input::Dialed { link, phases, address: None, subprotocol: None, extensions: None },
        &mut out,
    );
    let texts: Vec<_> = out
        .iter()
        .filter_map(|output| {
            let Output::Tell(Event::Sent { text, .. }) = output else { return None };
            Some(text.clone())
        })
        .collect();
    assert_eq!(texts, [r#"{"auth":"***"}"#]);
    let printed = format!("{out:?}").replace(r#"Text("{\"auth\":\"abc\"}")"#, "");
    assert!(!printed.contains("abc"), "{printed}");
}

#[test]
fn an_address_is_made_anew_for_each_dial() {
    let text = r#"
        [endpoint]
        url     = "wss://h/x?id=${uuid}&c=${v.c|none}&at=${now_s}"
        headers = { X-Id = "${uuid}" }
        [[rule]]
        when    = { "/c" = { exists = true } }
        kind    = "data"
        capture = { c = { at = "/c", lasting = true } }
    "#;
    let mut play = Play::of(written(text), &[]);
    play.run("0 start\n1 dialed\n2 text {\"c\":7}\n3 eof\n20 end");
    let dials = play.told("  dial #");
    let id = |dial: &str| dial.split("id=").nth(1).and_then(|rest| rest.split('&').next()).unwrap().to_owned();
    assert!(dials[0].contains("&c=none&at=0 X-Id: ") && dials[1].contains("&c=7&at="), "{dials:?}");
    assert!(id(&dials[0]).len() == 36 && id(&dials[0]) != id(&dials[1]), "{dials:?}");
}
