//! Logins: steps, captures, sessions that are resumed, programs, and the ends that come of them.

use std::time::Duration;

use wirebeat::event::{Due, Kind, Phase};
use wirebeat::profile::{
    Action, AuthCommand, Beat, BeatMode, CloseRule, Heartbeat, IdForm, Interval, Life, Profile, Scope,
};
use wirebeat::time::Ts;

use crate::play::{Play, base, capture, json, pointer, rule, step, text, when, written};

/// The server greets, we say who we are, it agrees; its session can be resumed.
fn gateway() -> Profile {
    let mut profile = base("sub-heartbeat");
    let mut identify = step(Some("{'op':2}"), Some("{'/t':'READY'}"));
    identify.resume = Some(json("{'op':6,'session':${v.session}}"));
    identify.reject = Some(when("{'/op':9}"));
    identify.text = Some(pointer("/d"));
    identify.capture = vec![capture("session", "/session", Scope::Lasting)];
    let mut hello = step(None, Some("{'/op':10}"));
    hello.capture = vec![capture("hb", "/hb", Scope::Link)];
    profile.handshake = vec![hello, identify];
    profile.heartbeats = vec![Heartbeat {
        mode: BeatMode::Interval,
        after: Interval::Captured {
            names: vec!["hb".into()],
            unit: Duration::from_millis(1),
            more: Duration::ZERO,
            otherwise: Duration::from_secs(40),
        },
        first_jitter: false,
        timeout: None,
        send: Beat::Frame(json("{'op':1,'d':${v.seq|null}}")),
        restart_on: Life::Any,
        alive_on: Life::Answer,
    }];
    let mut event = rule("{'/op':0}", Kind::Data);
    event.capture = vec![capture("seq", "/s", Scope::Lasting)];
    profile.rules = vec![event];
    profile
}

const LOGGED_IN: &str = r#"
    0 start
    1 dialed
    2 text {"op":10,"hb":5000}
    3 text {"op":0,"t":"READY","session":"abc","s":1}
"#;

#[test]
fn nothing_is_subscribed_before_the_login_is_done() {
    let mut play = Play::of(gateway(), &["a"]);
    play.run(LOGGED_IN).run("8.5 end");
    assert_eq!(
        play.sent(),
        [
            r#"2 #1 {"op":2}"#,
            r#"3 #1 {"type":"sub","service":"a"}"#,
            // Five seconds, counted from the greeting that named them.
            r#"7 #1 {"op":1,"d":1}"#,
        ]
    );
    assert_eq!(play.told("ready"), ["3 "]);
    assert_eq!(play.told("rows").len(), 2, "messages of the login are shown");
    assert_eq!(play.snapshot(8.5).counters.messages, 2);
}

#[test]
fn the_snapshot_says_that_it_logs_in_and_how_long_that_may_take() {
    let mut play = Play::of(gateway(), &["a"]);
    play.run("0 start\n1 dialed\n2 end");
    let snapshot = play.snapshot(2.0);
    assert_eq!(snapshot.phase, Phase::LoggingIn);
    assert_eq!(snapshot.due, Some((Due::DialTimeout, Ts::from_millis(1000), Ts::from_millis(11_000))));
}

#[test]
fn an_interval_that_is_none_is_told_once() {
    let interval = |value: &str| {
        let sub = r#"
            [[handshake]]
            expect  = { "/op" = "hello" }
            capture = { beat = "/every" }
            [heartbeat]
            mode      = "interval"
            every     = "${v.beat} ms"
            otherwise = "7s"
            send_text = "ping"
            timeout   = "${v.beat}+1000 ms"
            [[rule]]
            when    = { "/op" = "faster" }
            kind    = "notice"
            capture = { beat = "/every" }
        "#;
        let mut play = Play::of(written(sub), &[]);
        let hello = format!("0 start\n0 dialed\n0 text {{\"op\":\"hello\",\"every\":{value}}}");
        play.run(&hello).run(&format!("1 text {{\"op\":\"faster\",\"every\":{value}}}\n20 end"));
        (play.told("ignored"), play.told("beat sent").first().cloned())
    };
    assert_eq!(interval("3000"), (vec![], Some("3 ".to_owned())));
    for (value, shown) in [("0", "0"), ("-5", "-5"), ("\"NaN\"", "NaN"), ("null", "null"), ("\"soon\"", "soon")] {
        let (told, beat) = interval(value);
        assert_eq!(told, [format!("0 beat = {shown}, takes 7s")], "{value}");
        assert_eq!(beat.as_deref(), Some("7 "));
    }
}

#[test]
fn a_login_that_is_refused_stops_with_the_servers_words() {
    let mut play = Play::of(gateway(), &["a"]);
    play.run("0 start\n1 dialed\n2 text {\"op\":10}\n3 text {\"op\":9,\"d\":\"no such token\"}\n100 end");
    assert_eq!(play.told("stopped"), ["3 : login"]);
    assert_eq!(play.told("close #"), ["3 1 1000"]);
    let why = format!("{:?}", play.snapshot(100.0).why.unwrap());
    assert!(why.contains("no such token"), "{why}");
}

#[test]
fn a_login_that_nobody_answers_is_tried_again() {
    let mut play = Play::of(gateway(), &["a"]);
    play.run("0 start\n1 dialed\n2 text {\"op\":10}\n20 end");
    assert_eq!(play.told("closed"), ["12 : login, up 11s, silent 10s"]);
    assert_eq!(play.told("attempt ").last().unwrap(), "16 dialing, attempt 2");
    assert_eq!(play.told("stopped"), Vec::<String>::new());
}

#[test]
fn a_session_is_resumed_where_the_server_said_and_forgotten_when_it_is_refused() {
    let mut profile = gateway();
    profile.handshake[1].capture.push(capture("url", "/url", Scope::Lasting));
    profile.endpoint.resume_url = Some(text("${v.url}/?v=10"));
    profile.close.dead_code = Some(4900);
    let mut play = Play::of(profile, &["a"]);
    play.run(
        r#"
        0 start
        1 dialed
        2 text {"op":10}
        3 text {"op":0,"t":"READY","session":"abc","url":"wss://b.example"}
        4 eof
        9 dialed
        9 text {"op":10}
        10 text {"op":9,"d":false}
        15 dialed
        15 text {"op":10}
        16 end
        "#,
    );
    let logins: Vec<_> = play.sent().into_iter().filter(|line| !line.contains("sub")).collect();
    assert_eq!(logins, [r#"2 #1 {"op":2}"#, r#"9 #2 {"op":6,"session":"abc"}"#, r#"15 #3 {"op":2}"#]);
    let dials = play.told("  dial #");
    assert_eq!(dials, ["0 1", "8 2 at wss://b.example/?v=10", "14 3"]);
    assert_eq!(play.told("close #"), ["10 2 4900"]);
}

#[test]
fn several_steps_may_be_answered_in_one_frame() {
    let mut profile = base("sub-heartbeat");
    profile.codec.split = Some("\n".into());
    profile.handshake =
        vec![step(None, Some("{'/op':'info'}")), step(None, Some("{'/op':'ready'}")), step(Some("{'op':'go'}"), None)];
    let mut play = Play::of(profile, &["a"]);
    play.run("0 start\n1 dialed\n");
    let frame = "{\"op\":\"info\"}\n{\"op\":\"ready\"}";
    let link = wirebeat::event::Gen(1);
    play.tell(
        Ts::from_millis(2000),
        wirebeat::session::Input::Frame(link, wirebeat::session::Opcode::Text, frame.as_bytes()),
    );
    assert_eq!(play.sent(), [r#"2 #1 {"op":"go"}"#, r#"2 #1 {"type":"sub","service":"a"}"#]);
    // One answer is one step's only.
    let mut twice = base("sub-heartbeat");
    twice.handshake = vec![step(None, Some("{'/op':'info'}")), step(None, Some("{'/op':'info'}"))];
    let mut play = Play::of(twice, &["a"]);
    play.run("0 start\n1 dialed\n2 text {\"op\":\"info\"}\n3 end");
    assert_eq!(play.told("ready"), Vec::<String>::new());
    play.run("4 text {\"op\":\"info\"}");
    assert_eq!(play.told("ready"), ["4 "]);
}

#[test]
fn a_program_signs_and_what_it_prints_is_sent() {
    let mut profile = base("sub-heartbeat");
    let mut sign = step(Some("{'op':'auth','sig':${v.sig},'nonce':${v.nonce}}"), Some("{'/op':'ok'}"));
    sign.run = Some(AuthCommand {
        command: ["sign", "--nonce", "${v.nonce}"].map(text).to_vec(),
        timeout: Duration::from_secs(5),
    });
    let mut hello = step(None, Some("{'/op':'hello'}"));
    hello.capture = vec![capture("nonce", "/nonce", Scope::Link)];
    profile.handshake = vec![hello, sign];
    let mut play = Play::of(profile.clone(), &["a"]);
    play.run(
        r#"
        0 start
        1 dialed
        2 text {"op":"hello","nonce":42}
        3 printed {"sig":"xyz"}
        4 text {"op":"ok"}
        "#,
    );
    assert_eq!(play.told("run #"), ["2 1 sign --nonce 42"]);
    assert_eq!(play.sent(), [r#"3 #1 {"op":"auth","sig":"xyz","nonce":42}"#, r#"4 #1 {"type":"sub","service":"a"}"#]);
    for (what, why) in [("printed [1]", "JSON object"), ("failed it is gone", "it is gone"), ("end", "no answer in 6s")]
    {
        let mut play = Play::of(profile.clone(), &["a"]);
        play.run(&format!("0 start\n1 dialed\n2 text {{\"op\":\"hello\",\"nonce\":42}}\n3 {what}\n8.1 end"));
        let told = format!("{:?}", play.snapshot(8.1).why.unwrap());
        assert!(told.contains(why), "{told}");
        assert_eq!(play.told("stopped"), Vec::<String>::new(), "a program may fail because the network does");
    }
}

#[test]
fn a_server_that_forgot_us_is_logged_in_to_again_and_not_for_ever() {
    let mut profile = base("sub-heartbeat");
    profile.handshake = vec![step(Some("{'op':'login','id':${id}}"), Some("{'/op':'ok'}"))];
    let mut expired = rule("{'/op':'expired'}", Kind::Error);
    expired.action = Action::Login;
    profile.rules = vec![expired];
    profile.heartbeats.clear();
    profile.subscribe.as_mut().unwrap().id = IdForm::Text;
    let mut play = Play::of(profile, &["a"]);
    play.run(
        r#"
        0 start
        0 dialed
        1 text {"op":"ok"}
        2 text {"service":"a"}
        50 text {"op":"expired"}
        51 text {"op":"ok"}
        "#,
    );
    let sub = r#"{"type":"sub","service":"a"}"#;
    assert_eq!(
        play.sent(),
        [
            r#"0 #1 {"op":"login","id":"1"}"#.to_owned(),
            format!("1 #1 {sub}"),
            r#"50 #1 {"op":"login","id":"2"}"#.to_owned(),
            format!("51 #1 {sub}"),
        ]
    );
    assert_eq!(play.told("a is"), ["0 Wanted", "1 Sent", "2 Live", "50 Wanted", "51 Sent"]);
    for _ in 0..3 {
        play.run("52 text {\"op\":\"expired\"}\n52 text {\"op\":\"ok\"}");
    }
    assert_eq!(play.told("closed").len(), 1, "{}", play.transcript);
}

#[test]
fn a_server_greets_a_link_once_and_not_each_login() {
    let mut profile = gateway();
    let mut expired = rule("{'/op':'expired'}", Kind::Notice);
    expired.action = Action::Login;
    profile.rules.push(expired);
    profile.heartbeats.clear();
    let mut play = Play::of(profile, &["a"]);
    play.run(LOGGED_IN)
        .run("50 text {\"op\":\"expired\"}\n51 text {\"op\":0,\"t\":\"READY\",\"session\":\"b\",\"s\":1}");
    let sub = r#"#1 {"type":"sub","service":"a"}"#;
    let sent = [r#"2 #1 {"op":2}"#.to_owned(), format!("3 {sub}"), r#"50 #1 {"op":2}"#.to_owned(), format!("51 {sub}")];
    assert_eq!(play.sent(), sent);
}

#[test]
fn what_a_message_or_a_code_means_is_the_profiles_word() {
    let act = |action| {
        let mut profile = gateway();
        let mut leave = rule("{'/op':7}", Kind::Goodbye);
        (leave.action, leave.text) = (action, Some(pointer("/d")));
        profile.rules.insert(0, leave);
        let mut play = Play::of(profile, &["a"]);
        play.run(LOGGED_IN).run("60 text {\"op\":7,\"d\":\"go away\"}");
        play
    };
    let next = |play: &Play| play.told("attempt ").last().unwrap().clone();
    let play = act(Action::Retry);
    assert_eq!(
        (next(&play), play.told("closed")),
        ("60 1 in 4s".into(), vec!["60 : dismissed, up 59s, silent 0ns".into()])
    );
    assert_eq!(next(&act(Action::RetryNow)), "60 dialing, attempt 1");
    assert_eq!(next(&act(Action::Backoff)), "60 1 in 30s");
    let mut play = act(Action::Resume);
    play.run("60 dialed\n60 text {\"op\":10}");
    assert_eq!(play.sent().last().unwrap(), r#"60 #2 {"op":6,"session":"abc"}"#);
    let mut play = act(Action::Restart);
    play.run("64 dialed\n64 text {\"op\":10}");
    assert_eq!(play.sent().last().unwrap(), r#"64 #2 {"op":2}"#);
    assert_eq!(act(Action::Stop).told("stopped"), ["60 : fatal"]);
}

#[test]
fn close_codes_and_statuses_are_ranges_and_the_first_match_wins() {
    let rule = |from, to, action| CloseRule { codes: vec![(from, to)], action };
    let mut profile = base("sub-heartbeat");
    profile.close.codes = vec![
        rule(4009, 4009, Action::Backoff),
        rule(4000, 4099, Action::Stop),
        rule(1005, 1006, Action::RetryNow),
        rule(1000, 1999, Action::Stop),
    ];
    profile.close.statuses = vec![rule(401, 403, Action::Stop), rule(429, 429, Action::Backoff)];
    for (end, said) in [
        ("close 4009", "attempt 1 in 30s"),
        ("close 4010", "stopped"),
        ("close 1000", "stopped"),
        ("close 4100", "attempt 1 in 4s"),
        ("close", "dialing, attempt 1"),
        ("eof", "dialing, attempt 1"),
        ("reset", "dialing, attempt 1"),
    ] {
        let mut play = Play::of(profile.clone(), &["a"]);
        play.run(&format!("0 start\n0 dialed\n1 text {{\"service\":\"a\"}}\n20 {end}"));
        assert!(play.lines("20.000").iter().any(|line| line.contains(said)), "{end}: {}", play.transcript);
    }
    for (status, said) in [("403", "stopped"), ("429", "attempt 2 in 30s"), ("429 60", "in 60s"), ("503", "in 4s")] {
        let mut play = Play::of(profile.clone(), &["a"]);
        play.run(&format!("0 start\n1 http {status}"));
        assert!(play.transcript.contains(said), "{status}: {}", play.transcript);
    }
    // A network that fails is no reason to stop, and a server that ends each link at once is not hammered.
    profile.close.codes = vec![rule(0, 65535, Action::Stop)];
    let mut play = Play::of(profile.clone(), &["a"]);
    play.run("0 start\n0 dialed\n20 eof\n21 end");
    assert_eq!(play.told("stopped"), Vec::<String>::new());
    profile.close.codes = vec![rule(0, 65535, Action::RetryNow)];
    let mut play = Play::of(profile, &["a"]);
    play.run("0 start\n0 dialed\n1 close 4000\n2 end");
    assert_eq!(play.told("attempt ").last().unwrap(), "1 2 in 4s");
}

#[test]
fn a_dead_link_is_closed_with_the_code_that_keeps_the_session() {
    let mut profile = base("sub-heartbeat");
    profile.close.dead_code = Some(4900);
    let mut play = Play::of(profile, &[]);
    play.run("0 start\n0 dialed\n30 written\n41 end");
    assert_eq!((play.told("close #"), play.told("abort").len()), (vec!["40 1 4900".to_owned()], 0));
}
