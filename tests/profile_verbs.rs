//! The built binary: profiles listed, shown, checked, explained and drafted; consent asked for where there is no terminal.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test may")]

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use proptest::prelude::*;
use serde_json::{Value, json};
use tempfile::TempDir;
use wirebeat::profile::build::{Source, load};
use wirebeat::profile::codec::Codec;
use wirebeat::profile::{BeatMode, Profile, bundled};
use wirebeat::profiling::draft::{Options, draft};

struct Run {
    code: i32,
    out: String,
    err: String,
}

fn wirebeat(folder: &Path, args: &[&str], input: &str) -> Run {
    let mut child = Command::new(env!("CARGO_BIN_EXE_wirebeat"))
        .args(args)
        .current_dir(folder)
        .env("XDG_STATE_HOME", folder)
        .env_remove("WIREBEAT_CONFIG")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
    let Output { status, stdout, stderr } = child.wait_with_output().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    Run { code: status.code().unwrap(), out: text(stdout), err: text(stderr) }
}

fn folder() -> TempDir {
    tempfile::tempdir().unwrap()
}

fn file(folder: &TempDir, name: &str, text: &str) -> PathBuf {
    let path = folder.path().join(name);
    fs::write(&path, text).unwrap();
    path
}

const GOOD: &str = r#"schema = 1
name = "good"
title = "Numbers of two services"
[endpoint]
url = "wss://example.org/ws"
[subscribe]
frame = '{"op":"sub","topic":"${s.name}"}'
[route]
message = "${/topic}"
[[rule]]
when = { "/op" = "ping", "/n" = { exists = true } }
kind = "ping"
send = '{"op":"pong","n":${/n}}'
[[sequence]]
at = "/seq"
[time]
at = "/ts"
unit = "ms"
[service.a]
[[test]]
frame = '{"topic":"a","seq":7,"ts":1700000000000}'
rows = [{ kind = "data", service = "a", seq = 7 }]
[[test]]
frame = '{"op":"ping","n":3}'
rows = [{ kind = "ping" }]
"#;

#[test]
fn what_a_profile_extends_lies_beside_it_and_its_frames_are_shown_as_they_are_sent() {
    let folder = folder();
    fs::create_dir(folder.path().join("sub")).unwrap();
    let route = "[route]\nmessage='${/code}'\n";
    fs::create_dir(folder.path().join("sub/deep")).unwrap();
    file(&folder, "sub/deep/url.toml", "schema=1\n[endpoint]\nurl='wss://example.org/'\n");
    file(&folder, "sub/deep/route.toml", &format!("schema=1\nextends='./url.toml'\n{route}"));
    file(&folder, "sub/base.toml", "schema=1\nextends='deep/route.toml'\n");
    let ask = "[subscribe]\narg='{\"code\":\"${s.name}\"}'\njoin=','\nframe_text='[${id},${args}]'\n";
    let mine = format!("schema=1\nextends='base.toml'\n{ask}[service.a]\n");
    file(&folder, "sub/mine.toml", &mine);
    let run = wirebeat(folder.path(), &["profile", "check", "sub/mine.toml"], "");
    assert_eq!(run.code, 0, "{}{}", run.out, run.err);
    assert!(run.out.contains("wss://example.org/"), "{}", run.out);
    assert!(run.out.contains(r#"subscribe a: [1,{"code":"a"}]"#), "{}", run.out);
    let run = wirebeat(folder.path(), &["profile", "explain", "sub/mine.toml", r#"{"code":"a"}"#], "");
    assert!(run.code == 0 && run.out.contains("service  a (key a)"), "{}{}", run.out, run.err);
}

#[test]
fn list_has_a_line_for_each_bundled_profile() {
    let folder = folder();
    let run = wirebeat(folder.path(), &["profile", "list"], "");
    assert_eq!(run.code, 0, "{}", run.err);
    assert_eq!(run.out.lines().count(), bundled::names().count() + 1);
    let json = wirebeat(folder.path(), &["profile", "list", "--json"], "");
    for (line, name) in json.out.lines().zip(bundled::names()) {
        let object: Value = serde_json::from_str(line).unwrap();
        assert_eq!(object["profile"], name);
        assert!(object["needs"].is_array() && object["proof"].is_string(), "{line}");
    }
}

#[test]
fn show_gives_each_value_its_origin_and_can_be_read_again() {
    let folder = folder();
    file(&folder, "mine.toml", "schema = 1\nextends = 'sub-heartbeat'\n[heartbeat]\nafter = '7s'\n");
    let run = wirebeat(folder.path(), &["profile", "show", "mine.toml", "--set", "heartbeat.timeout=3s"], "");
    assert_eq!(run.code, 0, "{}", run.err);
    let line = |start: &str| run.out.lines().find(|line| line.starts_with(start)).unwrap().to_owned();
    assert_eq!(line("timeout"), "timeout = \"3s\"  # from --set");
    assert!(line("[subscribe]").contains("# from bundled:sub-heartbeat"), "{}", run.out);
    assert!(!line("after").contains("from"), "{}", run.out);
    assert!(run.out.contains("# heartbeat: {\"type\":\"HEART_BEAT\""), "{}", run.out);
    // What is shown is a profile, and the same one.
    let again = load(Source::new("again.toml", run.out.as_str()), &bundled::find, &[]).unwrap();
    assert_eq!(again.heartbeats[0].after.known().as_secs(), 7);
    assert_eq!(again.heartbeats[0].timeout.as_ref().unwrap().known().as_secs(), 3);
    assert_eq!(again.rules.len(), 1);
}

#[test]
fn show_of_nothing_names_the_nearest() {
    let run = wirebeat(folder().path(), &["profile", "show", "sub-hartbeat"], "");
    assert_eq!(run.code, 2);
    assert!(run.err.contains("sub-heartbeat"), "{}", run.err);
}

#[test]
fn check_is_content_with_a_good_profile() {
    let folder = folder();
    file(&folder, "good.toml", GOOD);
    let run = wirebeat(folder.path(), &["profile", "check", "good.toml"], "");
    assert_eq!((run.code, &*run.err), (0, ""), "{}", run.out);
    assert!(run.out.contains("subscribe a: {\"op\":\"sub\",\"topic\":\"a\"}"), "{}", run.out);
    assert!(run.out.contains("answer of rule 1: {\"op\":\"pong\",\"n\":\"‹/n›\"}"), "{}", run.out);
    assert!(run.out.contains("2 golden frames as they should be"), "{}", run.out);
}

#[test]
fn check_tells_all_errors_at_once_with_their_places() {
    let folder = folder();
    let broken = GOOD.replace("[route]\nmessage", "[route]\nmesage").replace("unit = \"ms\"", "unit = \"mss\"");
    file(&folder, "broken.toml", &broken);
    let run = wirebeat(folder.path(), &["profile", "check", "broken.toml"], "");
    assert_eq!(run.code, 2);
    let place = |needle: &str| broken.lines().position(|line| line.contains(needle)).unwrap() + 1;
    for needle in ["mesage", "\"mss\""] {
        assert!(run.out.contains(&format!("broken.toml:{}:", place(needle))), "{needle}\n{}", run.out);
    }
    let json = wirebeat(folder.path(), &["profile", "check", "--json", "broken.toml"], "");
    let object: Value = serde_json::from_str(&json.out).unwrap();
    assert_eq!(object["ok"], false);
    assert!(object["errors"].as_array().unwrap().len() >= 2, "{object}");
}

#[test]
fn check_says_what_a_golden_frame_gives_instead() {
    let folder = folder();
    file(&folder, "odd.toml", &GOOD.replace("seq = 7 }]", "seq = 8 }]"));
    let run = wirebeat(folder.path(), &["profile", "check", "odd.toml"], "");
    assert_eq!(run.code, 3, "{}", run.out);
    assert!(run.out.contains("expected  [{ kind = \"data\", service = \"a\", seq = 8 }]"), "{}", run.out);
    assert!(run.out.contains("got       [{ kind = \"data\", service = \"a\", seq = 7"), "{}", run.out);
    assert!(run.out.contains("1 of 2 golden frames failed"), "{}", run.out);
}

#[test]
fn check_warns_of_a_rule_that_is_never_reached() {
    let folder = folder();
    let text = GOOD
        .replace("[[sequence]]", "[[rule]]\nwhen = { \"/op\" = \"ping\", \"/n\" = 1 }\nkind = \"hello\"\n[[sequence]]");
    file(&folder, "late.toml", &text);
    let run = wirebeat(folder.path(), &["profile", "check", "late.toml"], "");
    assert_eq!(run.code, 0, "{}", run.out);
    assert!(run.out.contains("warning") && run.out.contains("no message comes to this rule"), "{}", run.out);
}

#[test]
fn explain_takes_a_number_for_known_and_says_why_there_is_no_time() {
    let folder = tempfile::tempdir().unwrap();
    let profile = "schema = 1\n[route]\nmessage = '${/id}'\nvia = 'id'\n[time]\nat = ['/ts', '@/t']\nunit = 's'\n[codec]\neach = '/list'\n\
                   [subscribe]\nframe = '{\"id\":${id}}'\n\
                   [[handshake]]\nexpect = { '/op' = 'welcome' }\n";
    fs::write(folder.path().join("ids.toml"), profile).unwrap();
    let explain = |args: &[&str]| wirebeat(folder.path(), &[&["profile", "explain", "ids.toml"], args].concat(), "");
    let told = |args: &[&str]| explain(args).out;
    let known = told(&["{\"id\":17,\"ts\":\"soon\"}", "--id", "17=trades", "-s", "book"]);
    assert!(known.contains("     service  trades\n"), "{known}");
    assert!(
        known.contains("time     none: \"soon\" is no time between 1990 and 2100 as a number of seconds"),
        "{known}"
    );
    let unknown = told(&["{\"id\":18,\"ts\":null}", "--id", "17=trades"]);
    assert!(unknown.contains("service  18 (key 18), which is known once a request has had that number"), "{unknown}");
    assert!(unknown.contains("time     none: nothing is at /ts and @/t"), "{unknown}");
    let hello = told(&["{\"op\":\"welcome\"}"]);
    assert!(hello.contains("no rule matches, and a step of the login waits for it: hello"), "{hello}");
    for wrong in ["17", "=trades", "17="] {
        let run = explain(&["{}", "--id", wrong]);
        assert_eq!(run.code, 2);
        assert!(run.err.contains("it is ID=SERVICE"), "{}", run.err);
    }
}

#[test]
fn explain_says_which_rule_and_why() {
    let folder = folder();
    file(&folder, "good.toml", GOOD);
    let explain = |args: &[&str], input: &str| {
        let run = wirebeat(folder.path(), &[&["profile", "explain", "good.toml"], args].concat(), input);
        assert_eq!(run.code, 0, "{}", run.err);
        run.out
    };
    let data = explain(&["{\"topic\":\"a\",\"seq\":7,\"ts\":1700000000000}"], "");
    for words in
        ["rule 1   does not match", "no   /op is \"ping\"", "service  a (key a)", "number   7", "2023-11-14T22:13:20Z"]
    {
        assert!(data.contains(words), "{words}\n{data}");
    }
    file(&folder, "frame.json", "{\"op\":\"ping\",\"n\":3}\n");
    for (args, input) in [(["@frame.json"], ""), (["-"], "{\"op\":\"ping\",\"n\":3}\n")] {
        let ping = explain(&args, input);
        for words in ["rule 1   matches (ping)", "yes  /n is there; found 3", "sends    {\"op\":\"pong\",\"n\":3}"] {
            assert!(ping.contains(words), "{words}\n{ping}");
        }
    }
    let json: Value = serde_json::from_str(&explain(&["--json", "{\"topic\":\"zz\"}"], "")).unwrap();
    assert_eq!((&json["service"], &json["known"], &json["rule"]), (&json!("zz"), &json!(false), &Value::Null));
    let hex = explain(&["--binary-hex", "7b22 6f70223a2270696e67222c226e223a337d"], "");
    assert!(hex.contains("of binary") && hex.contains("matches (ping)"), "{hex}");
    let wrong = wirebeat(folder.path(), &["profile", "explain", "good.toml", "--binary-hex", "xyz"], "");
    assert!(wrong.code == 2 && wrong.err.contains("no hex"), "{}", wrong.err);
}

#[test]
fn what_a_server_sent_does_not_act_on_the_terminal() {
    let folder = folder();
    file(&folder, "good.toml", GOOD);
    let evil = "{\"topic\":\"\u{1b}[2J\u{202e}a\",\"op\":\"\u{9b}31m\"}";
    for args in [&["profile", "explain", "good.toml", "-"][..], &["profile", "explain", "good.toml", "-", "--json"][..]]
    {
        let run = wirebeat(folder.path(), args, evil);
        let acts = |c: char| (c.is_control() && c != '\n') || ('\u{202a}'..='\u{202e}').contains(&c);
        assert!(run.code == 0 && !run.out.contains(acts), "{:?}", run.out);
    }
}

/// The back end of the post, as a browser recorded it.
fn post_har() -> String {
    let mut messages = Vec::new();
    let start = 1_795_400_000.0;
    let mut say = |kind: &str, at: f64, data: String| {
        messages.push(json!({ "type": kind, "time": start + at, "opcode": 1, "data": data }));
    };
    say("send", 0.01, r#"{"type":"sub","service":"业务1"}"#.into());
    say("send", 0.011, r#"{"type":"sub","service":"业务2"}"#.into());
    let mut now = 0.5;
    let (mut one, mut two) = (100, 7);
    for round in 0..4 {
        for n in 0..6 {
            let ts = 1_795_400_000_000_i64 + i64::from(round * 100 + n);
            let first = format!(r#""业务1":{{"seq":{one},"ts":{ts},"price":101.25}}"#);
            let second = format!(r#""业务2":{{"seq":{two},"ts":{ts},"price":7}}"#);
            let text = match n % 3 {
                0 => format!("{{{first},{second}}}"),
                1 => format!("{{{first}}}"),
                _ => format!("{{{second}}}"),
            };
            one += i32::from(n % 3 != 2);
            two += i32::from(n % 3 != 1);
            say("receive", now, text);
            now += 1.3;
        }
        now += 28.7;
        say("send", now, r#"{"type":"HEART_BEAT","service":"业务"}"#.into());
        say("receive", now + 0.02, "pong".into());
        now += 1.0;
    }
    let header = |name: &str, value: &str| json!({ "name": name, "value": value });
    json!({ "log": { "version": "1.2", "entries": [
        { "request": { "url": "https://push.example.com/app.js", "headers": [] }, "response": { "status": 200, "headers": [] } },
        {
            "_resourceType": "websocket",
            "request": {
                "url": "wss://push.example.com/ws?token=s3cr3t-token&v=2",
                "headers": [header("Host", "push.example.com"), header("Cookie", "sid=topsecret"), header("Origin", "https://push.example.com")],
            },
            "response": { "status": 101, "headers": [] },
            "_webSocketMessages": messages,
        },
    ] } })
    .to_string()
}

fn drafted(text: &str) -> (String, Profile) {
    let options = Options { from: "x.har", conn: None, name: Some("x") };
    let drafted = draft(text.as_bytes(), &options).unwrap();
    match load(Source::new("x.toml", drafted.as_str()), &bundled::find, &[]) {
        Ok(profile) => (drafted, profile),
        Err(wrong) => panic!("{}\n{drafted}", wrong[0]),
    }
}

/// Lines of a transcript: `>` was sent, `<` came, each half a second after the one before.
fn crossed(lines: &[String]) -> String {
    let line = |(n, line): (u64, &String)| {
        let dir = if line.starts_with('>') { "out" } else { "in" };
        json!({ "t": 1_700_000_000_000_u64 + n * 500, "conn": "a", "dir": dir, "kind": "text", "data": line[2..] })
            .to_string()
            + "\n"
    };
    (0..).zip(lines).map(line).collect()
}

#[test]
fn names_in_one_text_are_services_of_their_own() {
    let trades = |n: u32| ["A", "B"].map(|name| format!(r#"< [{{"ev":"T","sym":"{name}","p":{n}.5}}]"#));
    let mut lines = vec![r#"> {"action":"auth","params":"***"}"#.to_owned()];
    lines.push(r#"< [{"ev":"status","message":"authenticated"}]"#.to_owned());
    lines.push(r#"> {"action":"subscribe","params":"T.A,T.B"}"#.to_owned());
    lines.extend((0..8).flat_map(trades));
    lines.push(r#"> {"action":"unsubscribe","params":"T.A,T.B"}"#.to_owned());
    let (text, profile) = drafted(&crossed(&lines));
    let ask = profile.subscribe.as_ref().unwrap();
    assert_eq!(ask.frame.to_string(), r#"{"action":"subscribe","params":"${args}"}"#, "{text}");
    assert_eq!(
        (ask.arg.as_ref().unwrap().to_string(), ask.joined(["T.A", "T.B"].into_iter())),
        ("T.${s.name}".into(), "T.A,T.B".into())
    );
    let leave = profile.unsubscribe.as_ref().unwrap();
    assert_eq!(leave.frame.to_string(), r#"{"action":"unsubscribe","params":"T.${s.name}"}"#);
    let names: Vec<_> = profile.services.iter().map(|service| service.name.as_str()).collect();
    assert_eq!(names, ["A", "B"]);
    // What was masked is none of the login.
    assert_eq!(profile.env, ["PARAMS"]);
    assert_eq!(
        profile.handshake[0].send.as_ref().unwrap().to_string(),
        r#"{"action":"auth","params":"${env.PARAMS}"}"#
    );
    // Of several kinds, and all of a name comes back.
    let data = |n: u32| {
        ["T", "Q"].map(|kind| format!(r#"< {{"ev":"{kind}","sym":"{}","p":{n}}}"#, ["A", "B"][n as usize % 2]))
    };
    let mut lines = vec![r#"> {"action":"subscribe","params":"T.A,Q.B,T.B,Q.A"}"#.to_owned()];
    lines.extend((0..8).flat_map(data));
    let (text, profile) = drafted(&crossed(&lines));
    assert_eq!(profile.services.len(), 4, "{text}");
    let mut lines = vec!["> AUTH ***".to_owned(), "< OK".into(), r#"> {"sub":"a1,b1"}"#.into()];
    lines.extend((0..8).map(|n| format!(r#"< {{"topic":"{}","n":{n}}}"#, ["a1", "b1"][n % 2])));
    let (text, profile) = drafted(&crossed(&lines));
    assert_eq!(profile.handshake[0].send.as_ref().unwrap().to_string(), "AUTH ${env.WS_SECRET}", "{text}");
    assert_eq!(profile.subscribe.unwrap().arg.unwrap().to_string(), "${s.name}", "{text}");
}

#[test]
fn an_empty_word_tells_nothing() {
    let mut lines = Vec::new();
    for (n, name) in [(1, "A_B"), (2, "C_D")] {
        lines.push(format!(
            r#"> {{"time":1700000000,"id":{n},"channel":"t","event":"subscribe","payload":["{name}"]}}"#
        ));
        lines.push(format!(r#"< {{"time":1700000000,"id":{n},"channel":"t","event":"subscribe","error":null,"result":{{"status":"success"}}}}"#));
    }
    for round in 0..4 {
        lines.extend((0..10).map(|n| {
            format!(
                r#"< {{"time":170000000{round},"channel":"t","event":"update","result":{{"pair":"{}","last":"{n}"}}}}"#,
                ["A_B", "C_D"][n % 2]
            )
        }));
        lines.push(format!(r#"> {{"time":170000000{round},"channel":"spot.ping"}}"#));
        lines.push(format!(
            r#"< {{"time":170000000{round},"channel":"spot.pong","event":"","error":null,"result":null}}"#
        ));
    }
    let (text, profile) = drafted(&crossed(&lines));
    let kinds: Vec<_> = profile.rules.iter().map(|rule| rule.kind.word()).collect();
    assert_eq!(kinds, ["pong", "ack"], "{text}");
    assert_eq!(profile.heartbeats.len(), 1);
}

#[test]
fn the_post_is_drafted_completely() {
    let (text, profile) = drafted(&post_har());
    assert_eq!(profile.endpoint.url.as_ref().unwrap().to_string(), "wss://push.example.com/ws?token=${env.TOKEN}&v=2");
    assert!(!text.contains("s3cr3t") && !text.contains("topsecret"), "{text}");
    assert_eq!(profile.env, ["COOKIE", "TOKEN"]);
    let Codec { members, .. } = &profile.codec;
    assert!(members);
    assert_eq!(profile.route.message.as_ref().unwrap().to_string(), "${@key}");
    assert_eq!(profile.subscribe.as_ref().unwrap().frame.to_string(), r#"{"type":"sub","service":"${s.name}"}"#);
    let beat = &profile.heartbeats[0];
    assert_eq!((beat.mode, beat.after.known().as_secs()), (BeatMode::Idle, 30));
    assert_eq!(profile.sequences[0].at.to_string(), "@/seq");
    assert_eq!(profile.time.as_ref().unwrap().at[0].to_string(), "@/ts");
    assert_eq!(profile.services.iter().map(|service| &*service.name).collect::<Vec<_>>(), ["业务1", "业务2"]);
    assert!(profile.rules.len() == 1 && profile.tests.len() >= 3, "{text}");
    assert!(text.contains("# +1 in ") && text.contains("# seen 4 times, each after 30"), "{text}");

    let folder = folder();
    file(&folder, "post.har", &post_har());
    let run = wirebeat(folder.path(), &["profile", "draft", "post.har", "-o", "post.toml"], "");
    assert_eq!(run.code, 0, "{}", run.err);
    let check = wirebeat(folder.path(), &["profile", "check", "post.toml"], "");
    assert_eq!(check.code, 0, "{}", check.out);
    let again = wirebeat(folder.path(), &["profile", "draft", "post.har", "-o", "post.toml"], "");
    assert!(again.code == 2 && again.err.contains("cannot write"), "what is there is not written over: {}", again.err);
}

#[test]
fn a_transcript_with_logins_acks_and_pings_is_drafted() {
    let mut lines = vec![
        json!({"t": 1_795_400_000_000_i64, "conn": "a", "dir": "ev", "kind": "open", "url": "ws://127.0.0.1:1/ws"}),
    ];
    let mut at = 1_795_400_000_000_i64;
    let mut say = |dir: &str, after: i64, data: Value| {
        at += after;
        let data = if let Value::String(text) = data { text } else { data.to_string() };
        lines.push(json!({ "t": at, "conn": "a", "dir": dir, "kind": "text", "data": data }));
    };
    say("in", 5, json!({"type": "hello", "session": "4f3a9c7712"}));
    say("out", 5, json!({"type": "auth", "token": "verysecret", "session": "4f3a9c7712"}));
    say("in", 5, json!({"type": "auth_ok"}));
    for (id, name) in [(1, "trades"), (2, "news")] {
        say("out", 1, json!({"id": id, "type": "subscribe", "channel": name}));
        say("in", 3, json!({"id": id, "type": "subscribed", "ok": true}));
    }
    for n in 0..12 {
        say("in", 900, json!({"type": "update", "channel": "trades", "seq": 40 + n, "px": 3}));
        say("in", 50, json!({"type": "update", "channel": "news", "seq": 7 + n}));
        if n % 4 == 3 {
            say("in", 10, json!({"type": "ping", "n": 1000 + n}));
            say("out", 1, json!({"type": "pong", "n": 1000 + n}));
        }
    }
    say("out", 10, json!({"id": 3, "type": "unsubscribe", "channel": "news"}));
    say("in", 10, json!({"id": 3, "type": "unsubscribed", "ok": true}));
    let text = lines.iter().map(Value::to_string).collect::<Vec<_>>().join("\n");
    let (text, profile) = drafted(&text);
    assert_eq!(profile.handshake.len(), 2, "{text}");
    let said = profile.handshake[1].send.as_ref().unwrap().to_string();
    assert!(said.contains("${env.TOKEN}") && said.contains("${v.session}"), "{said}");
    assert_eq!(profile.route.message.as_ref().unwrap().to_string(), "${/channel}");
    assert!(profile.subscribe.as_ref().unwrap().frame.to_string().contains("\"channel\":\"${s.name}\""), "{text}");
    assert!(text.contains("ack = { id = \"/id\" }"), "{text}");
    assert!(profile.unsubscribe.as_ref().unwrap().frame.to_string().contains("${s.name}"), "{text}");
    let ping = profile.rules.iter().find(|rule| rule.send.is_some()).unwrap();
    assert!(ping.send.as_ref().unwrap().to_string().contains("\"n\":${/n}"), "{text}");
    assert_eq!(profile.sequences[0].at.to_string(), "/seq");
    assert!(!text.contains("verysecret"), "{text}");
}

#[test]
fn times_and_numbers_that_begin_anew_are_no_names() {
    let mut lines = Vec::new();
    let mut at = 1_795_400_000_000_i64;
    let mut say = |dir: &str, after: i64, data: Value| {
        at += after;
        lines.push(json!({ "t": at, "conn": "a", "dir": dir, "kind": "text", "data": data.to_string() }));
        at / 1000
    };
    // Two links of one feed: the second asks for the same again, and counts from 1.
    for _ in 0..2 {
        let now = say("in", 1, json!({"hello": 1}));
        for (id, name) in [(1, "trades"), (2, "news")] {
            say("out", 1, json!({"time": now, "reqid": id, "event": "subscribe", "channel": name}));
            say("in", 1, json!({"event": "ok", "reqid": id}));
        }
        for n in 0..12 {
            for name in ["trades", "news"] {
                say("in", 700, json!({"event": "update", "channel": name, "n": n}));
            }
            if n % 3 == 2 {
                let now = say("in", 800, json!({"event": "update", "channel": "news", "n": 100 + n}));
                say("out", 10, json!({"time": now, "channel": "main.ping"}));
            }
        }
    }
    let text = lines.iter().map(Value::to_string).collect::<Vec<_>>().join("\n");
    let (text, profile) = drafted(&text);
    let frame = r#"{"channel":"${s.name}","event":"subscribe","reqid":${id},"time":${now_s}}"#;
    assert_eq!(profile.subscribe.unwrap().frame.to_string(), frame, "{text}");
    assert_eq!(profile.services.iter().map(|service| &*service.name).collect::<Vec<_>>(), ["trades", "news"]);
    assert!(text.contains(r#"send = '{"channel":"main.ping","time":${now_s}}'"#), "{text}");
}

#[test]
fn what_tail_wrote_is_drafted() {
    let mut lines = vec![
        json!({"at": "2026-11-23T00:00:00Z", "t": 0.0, "feed": null, "event": "start", "feeds": [{"feed": "f", "url": "ws://h/p"}]}),
    ];
    lines.push(json!({"at": "2026-11-23T00:00:00.1Z", "t": 0.1, "feed": "f", "event": "sent", "text": "{\"sub\":\"a\",\"type\":\"sub\"}"}));
    for n in 0..9 {
        let at = format!("2026-11-23T00:00:0{n}.5Z");
        lines.push(
            json!({"at": at, "t": n, "feed": "f", "event": "message", "dir": "in", "data": {"sub": "a", "n": n}}),
        );
    }
    let text = lines.iter().map(Value::to_string).collect::<Vec<_>>().join("\n");
    let (text, profile) = drafted(&text);
    assert_eq!(profile.endpoint.url.unwrap().to_string(), "ws://h/p");
    assert_eq!(profile.route.message.unwrap().to_string(), "${/sub}");
    assert!(text.contains("drafted from what another profile had cut"), "{text}");
}

#[test]
fn a_file_that_is_neither_is_refused_in_words() {
    let folder = folder();
    file(&folder, "a.txt", "hello\nworld\n");
    file(&folder, "b.har", "{\"log\":{\"entries\":[");
    file(&folder, "c.har", "{\"log\":{\"entries\":[]}}");
    for (name, words) in
        [("a.txt", "neither"), ("b.har", "no whole HAR"), ("c.har", "no WebSocket messages"), ("d.har", "cannot read")]
    {
        let run = wirebeat(folder.path(), &["profile", "draft", name], "");
        assert!(run.code == 2 && run.err.contains(words), "{name}: {}", run.err);
    }
}

#[test]
fn a_profile_that_wants_a_secret_is_refused_without_a_terminal() {
    let folder = folder();
    let text =
        GOOD.replace("name = \"good\"", "name = \"good\"\nenv = [\"HOME\"]").replace("/ws\"", "/ws?t=${env.HOME}\"");
    file(&folder, "secret.toml", &text);
    let run = |extra: &[&str]| {
        let args = [&["tail", "ws://127.0.0.1:9/x", "-p", "./secret.toml", "--for", "100ms"], extra].concat();
        wirebeat(folder.path(), &args, "")
    };
    let refused = run(&[]);
    assert_eq!(refused.code, 2, "{}", refused.err);
    assert!(refused.err.contains("--allow-env HOME") && refused.err.contains("127.0.0.1:9"), "{}", refused.err);
    for allowed in [&["--allow-env", "HOME"][..], &["--yes"][..]] {
        assert_ne!(run(allowed).code, 2);
    }
}

/// Lines of a transcript that are mostly right.
fn transcript() -> impl Strategy<Value = String> {
    let text = prop_oneof![
        Just(r#"{"type":"sub","service":"a"}"#.to_owned()),
        Just(r#"{"a":{"seq":1},"b":{"seq":2}}"#.to_owned()),
        Just(r#"{"service":"a","seq":1,"ts":1795400000000}"#.to_owned()),
        Just("[{\"id\":1,\"x\":\"a\"},{\"id\":2}]".to_owned()),
        Just("ping".to_owned()),
        Just("pong".to_owned()),
        Just("42[\"a\",{\"b\":1}]".to_owned()),
        Just("{\"a\":1}\u{1e}".to_owned()),
        Just("{\"id\":1,\"error\":{\"message\":\"no way\"}}".to_owned()),
        "[\\[\\]{}\":,a-c0-9 ${}.'\\\\\u{0}-\u{1f}\u{202e}业]{0,40}",
        any::<String>(),
    ];
    let line = (text, any::<bool>(), 0..100_000_i64, 0..3_u8).prop_map(|(text, out, after, kind)| {
        let dir = if out { "out" } else { "in" };
        let kind = ["text", "text", "bin"][usize::from(kind)];
        json!({ "t": 1_795_400_000_000_i64 + after, "conn": "a", "dir": dir, "kind": kind, "data": text }).to_string()
    });
    prop::collection::vec(line, 1..40).prop_map(|lines| lines.join("\n"))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, ..ProptestConfig::default() })]

    #[test]
    fn every_draft_is_a_profile_without_anything_that_acts(text in transcript()) {
        let options = Options { from: "a\u{1b}b.ndjson", conn: None, name: None };
        if let Ok(drafted) = draft(text.as_bytes(), &options) {
            prop_assert!(!drafted.contains(|c: char| c.is_control() && c != '\n'), "{drafted:?}");
            let loaded = load(Source::new("x.toml", drafted.as_str()), &bundled::find, &[]);
            prop_assert!(loaded.is_ok(), "{}\n{drafted}", loaded.unwrap_err()[0]);
        }
    }

    #[test]
    fn no_bytes_make_it_panic(bytes: Vec<u8>) {
        let _drafted = draft(&bytes[..], &Options { from: "-", conn: None, name: None });
    }
}
