//! Profiles from their files: the bundled ones, broken ones with the line and the help that each gets, hostile ones.
//!
//! What a profile does to messages is tested where messages are routed.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test may")]

use std::collections::BTreeMap;
use std::time::Duration;

use proptest::prelude::*;
use wirebeat::event::Kind;
use wirebeat::profile::build::{Source, load};
use wirebeat::profile::diagnostic::Diagnostic;
use wirebeat::profile::template::Scope;
use wirebeat::profile::{
    Beat, BeatMode, CloseAction, CloseRule, Life, Limits, LiveOn, Place, Profile, Reconnect, SequenceRule, Stale,
    TimeUnit, bundled,
};

fn read(main: Source, sets: &[&str]) -> Result<Profile, Vec<Diagnostic>> {
    let sets: Vec<_> = sets.iter().map(|&set| set.to_owned()).collect();
    load(main, &bundled::find, &sets)
}

fn bundled(name: &str, sets: &[&str]) -> Profile {
    read(bundled::find(name).unwrap(), sets).unwrap_or_else(|told| panic!("{}", shown(&told)))
}

fn shown(told: &[Diagnostic]) -> String {
    told.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
}

/// A whole small profile, so that a test adds only what it is about. Its own lines are two.
fn file(text: &str) -> Source {
    Source::new("mine.toml", format!("schema = 1\n{text}"))
}

fn wrong(text: &str) -> Vec<Diagnostic> {
    read(file(text), &[]).expect_err(text)
}

/// The only thing that is wrong: its line, its message, its help.
#[track_caller]
fn one(text: &str) -> (usize, String, String) {
    let mut told = wrong(text);
    assert_eq!(told.len(), 1, "{}", shown(&told));
    let told = told.remove(0);
    (told.line_and_column().0, told.message, told.help.unwrap_or_default())
}

#[track_caller]
fn tells(text: &str, line: usize, message: &str, help: &str) {
    let found = one(text);
    assert_eq!(found.0, line, "{found:?}");
    assert!(found.1.contains(message) && found.2.contains(help), "{found:?}");
}

#[test]
fn every_bundled_profile_is_whole_and_tested() {
    for name in bundled::names() {
        let profile = bundled(name, &[]);
        assert_eq!(profile.name, name);
        assert!(!profile.tests.is_empty() && !profile.title.is_empty());
    }
    assert!(bundled::find("seed").is_none());
}

#[test]
fn sub_heartbeat_is_the_protocol_of_the_post() {
    let profile = bundled("sub-heartbeat", &[]);
    let params = BTreeMap::new();
    let scope = Scope { service: Some(("业务1", &params)), ..Scope::default() };
    let sub = profile.subscribe.as_ref().unwrap();
    assert_eq!(sub.frame.render(&scope).unwrap().text, r#"{"type":"sub","service":"业务1"}"#);
    assert_eq!(sub.live_on, LiveOn::Sent);
    let unsub = profile.unsubscribe.as_ref().unwrap();
    assert_eq!(unsub.frame.render(&scope).unwrap().text, r#"{"type":"unsub","service":"业务1"}"#);
    assert_eq!(profile.route.message.as_ref().unwrap().to_string(), "${/service}");

    let [beat] = &profile.heartbeats[..] else { panic!() };
    assert_eq!((beat.mode, beat.after), (BeatMode::Idle, Duration::from_secs(30)));
    assert_eq!(beat.timeout, Some(Duration::from_secs(10)));
    assert_eq!((beat.restart_on, beat.alive_on), (Life::Message, Life::Message));
    let Beat::Frame(frame) = &beat.send else { panic!("the browser sends no WebSocket ping") };
    assert_eq!(frame.render(&Scope::default()).unwrap().text, r#"{"type":"HEART_BEAT","service":"业务"}"#);

    assert_eq!(profile.rules.len(), 1);
    assert_eq!(profile.rules[0].kind, Kind::Pong);
    let fixed = Reconnect { base: Duration::from_secs(4), factor: 1.0, jitter: 0.0, ..Reconnect::default() };
    assert_eq!(profile.reconnect, fixed);
    assert!(profile.sequences.is_empty() && profile.time.is_none() && profile.services.is_empty());
    assert!(profile.receive_timeout.is_none() && profile.close.is_empty() && profile.endpoint.url.is_none());
}

#[test]
fn raw_expects_nothing_and_pings() {
    let profile = bundled("raw", &[]);
    let [beat] = &profile.heartbeats[..] else { panic!() };
    assert!(matches!(beat.send, Beat::Ping));
    assert_eq!((beat.after, beat.timeout), (Duration::from_secs(25), Some(Duration::from_secs(10))));
    assert_eq!((beat.restart_on, beat.alive_on), (Life::Any, Life::Any));
    assert_eq!(profile.reconnect, Reconnect::default());
    assert!(profile.subscribe.is_none() && profile.route.message.is_none() && profile.rules.is_empty());
    assert_eq!(profile.stale, Stale::Off);
}

#[test]
fn demo_adds_numbers_and_times_to_what_it_extends() {
    let profile = bundled("demo", &[]);
    assert_eq!(profile.subscribe.unwrap().frame.to_string(), r#"{"type":"sub","service":"${s.name}"}"#);
    assert_eq!(profile.heartbeats[0].after, Duration::from_secs(5));
    assert_eq!(profile.heartbeats[0].timeout, Some(Duration::from_secs(2)));
    assert_eq!(profile.sequences[0].rule, SequenceRule::Increment { step: 1 });
    assert!(profile.sequences[0].across_reconnect);
    assert_eq!(profile.time.unwrap().unit, TimeUnit::Ms);
    assert_eq!(profile.reconnect.base, Duration::from_secs(4));
    // Tests are a profile's own.
    assert_eq!(profile.tests.len(), 2);
    assert_eq!(profile.tests[0].rows[0].seq, Some(8812));
}

#[test]
fn the_profile_of_rows_reads_every_mechanism() {
    let profile = read(Source::new("tests/profiles/rows.toml", include_str!("profiles/rows.toml")), &[]);
    let profile = profile.unwrap_or_else(|told| panic!("{}", shown(&told)));
    assert_eq!(profile.codec.split.as_deref(), Some("\u{1e}"));
    assert!(profile.codec.batch && profile.codec.each.is_some());
    assert!(matches!(profile.sequences[0].at, Place::Item(_)));
    assert!(matches!(&profile.time.as_ref().unwrap().at[..], [Place::Item(_), Place::Message(_)]));
    assert_eq!(profile.receive_timeout, Some(Duration::from_mins(1)));
    assert_eq!(profile.heartbeats[0].alive_on, Life::Answer);
    let stop = CloseRule { codes: vec![(1008, 1008), (4000, 4099)], action: CloseAction::Stop };
    assert_eq!(profile.close, [stop]);
    let names: Vec<_> = profile.services.iter().map(|service| (&*service.name, service.enabled)).collect();
    assert_eq!(names, [("btc trades", true), ("eth trades", false)]);
    assert_eq!(profile.services[1].stale, Some(Stale::After(Duration::from_secs(30))));
    let spec = &profile.services[0];
    let scope = Scope { service: Some((&spec.name, &spec.params)), id: Some(3), ..Scope::default() };
    let text = profile.subscribe.unwrap().frame.render(&scope).unwrap().text;
    assert_eq!(text, r#"{"op":"sub","args":[{"channel":"trade","symbol":"BTC/USD"}],"id":3}"#);
    assert_eq!(profile.tests.len(), 4);
    assert_eq!(profile.tests[1].frame.matches('\u{1e}').count(), 3);
    assert!(profile.tests[0].line > 80);
}

#[test]
fn sets_change_what_they_name() {
    let sets = ["heartbeat.after=2s", "heartbeat.timeout=1s", "reconnect.base=500ms"];
    let profile = bundled("sub-heartbeat", &sets);
    assert_eq!(profile.heartbeats[0].after, Duration::from_secs(2));
    assert_eq!(profile.heartbeats[0].timeout, Some(Duration::from_secs(1)));
    assert_eq!(profile.reconnect.base, Duration::from_millis(500));
    let profile = bundled("sub-heartbeat", &["heartbeat.1.ws_ping=true", "heartbeat.alive_on=any", "sequence=[]"]);
    assert!(matches!(profile.heartbeats[0].send, Beat::Ping));
    let profile = bundled("demo", &["heartbeat.mode=off", "sequence=[]", "time.at=[]", "stale.after=90s"]);
    assert!(profile.heartbeats.is_empty() && profile.sequences.is_empty() && profile.time.is_none());
    assert_eq!(profile.stale, Stale::After(Duration::from_secs(90)));
    let none = read(file(""), &["heartbeat.after=9s", "heartbeat.ws_ping=true"]).unwrap();
    assert_eq!((none.heartbeats[0].after, none.heartbeats[0].timeout), (Duration::from_secs(9), None));
    let set =
        read(file(""), &["service.\"a.b\".depth=10", "limits.message=\"2 MiB\"", "service.业务.stale=off"]).unwrap();
    assert_eq!(set.services[0].params["depth"], 10);
    assert_eq!(set.services[1].stale, Some(Stale::Off));
    assert_eq!(set.limits, Limits { message: 2 << 20, ..Limits::default() });
}

#[test]
fn a_wrong_set_is_shown_as_it_was_given() {
    let told = read(bundled::find("sub-heartbeat").unwrap(), &["reconnect.base=4s", "heartbeat.aftre=2s"]).unwrap_err();
    insta::assert_snapshot!(shown(&told), @r#"
    error: unknown key `aftre`
     --> --set:1:11
      |
    1 | heartbeat.aftre=2s
      |           ^^^^^
      |
      = help: did you mean `after`?
    "#);
    let told = read(bundled::find("sub-heartbeat").unwrap(), &["heartbaet.after=2s", "heartbeat.after=2"]).unwrap_err();
    insta::assert_snapshot!(shown(&told), @r#"
    error: unknown key `heartbaet`
     --> --set:1:1
      |
    1 | heartbaet.after=2s
      | ^^^^^^^^^
      |
      = help: did you mean `heartbeat`?
    error: a duration needs a unit
     --> --set:1:17
      |
    1 | heartbeat.after=2
      |                 ^
      |
      = help: write its unit: "2s" or "2ms"
    "#);
    let told = read(bundled::find("sub-heartbeat").unwrap(), &["heartbeat.2.after=2s"]).unwrap_err();
    assert_eq!(told[0].message, "there is one heartbeat");
    let told = read(bundled::find("sub-heartbeat").unwrap(), &["heartbeat.after"]).unwrap_err();
    assert!(told[0].help.as_ref().unwrap().starts_with("write PATH=VALUE"));
}

#[test]
fn all_that_is_wrong_is_told_at_once_and_in_the_order_of_the_file() {
    let told =
        wrong("nmae = 'x'\n[heartbeat]\nafter = '30 sec'\nsend = '{\"a\":${idd}}'\n[reconect]\n[limits]\nrows = 0\n");
    insta::assert_snapshot!(shown(&told), @r#"
    error: unknown key `nmae`
     --> mine.toml:2:1
      |
    2 | nmae = 'x'
      | ^^^^
      |
      = help: did you mean `name`?
    error: `30 sec` is no duration
     --> mine.toml:4:9
      |
    4 | after = '30 sec'
      |         ^^^^^^^^
      |
      = help: a duration is a number and one of ms, s, m, h, d: 250ms, 2s, 1.5s, 5m, 1h
    error: unknown placeholder `${idd}`
     --> mine.toml:5:14
      |
    5 | send = '{"a":${idd}}'
      |              ^^^^^^
      |
      = help: did you mean `${id}`?
    error: unknown key `reconect`
     --> mine.toml:6:2
      |
    6 | [reconect]
      |  ^^^^^^^^
      |
      = help: did you mean `reconnect`?
    error: `rows` is out of range
     --> mine.toml:8:8
      |
    8 | rows = 0
      |        ^
      |
      = help: it is 1 to 65535
    "#);
}

#[test]
fn an_error_points_into_a_template() {
    let told = wrong("[subscribe]\nframe = '''\n{\"service\": \"${s.name}\",\n \"id\": ${id}, }'''\n");
    insta::assert_snapshot!(shown(&told), @r#"
    error: not JSON once it is filled in: key must be a string
     --> mine.toml:5:15
      |
    5 |  "id": ${id}, }'''
      |               ^
      |
      = help: a placeholder stands for a whole JSON value, or for text inside of quotes
    "#);
}

#[test]
fn syntax_is_told_with_its_place() {
    let told = wrong("[heartbeat\nafter = \n");
    insta::assert_snapshot!(shown(&told), @r#"
    error: unclosed table, expected `]`
     --> mine.toml:2:11
      |
    2 | [heartbeat
      |           ^
    "#);
}

#[test]
fn unknown_names_get_the_nearest() {
    tells(
        "[heartbeat]\nafter='1s'\nws_pign=true\nws_ping=true\n",
        4,
        "unknown key `ws_pign`",
        "did you mean `ws_ping`?",
    );
    tells("[[rule]]\nwhen={}\nkind='pnog'\n", 4, "unknown kind `pnog`", "did you mean `pong`?");
    tells("[[rule]]\nmatch={}\nwhen={}\nkind='pong'\n", 3, "unknown key `match`", "it is called `when`");
    tells("extends='sub-hartbeat'\n", 2, "there is no profile `sub-hartbeat`", "did you mean `sub-heartbeat`?");
    tells("[heartbeat]\nafter='1s'\nws_ping=true\nrx_timeout='5s'\n", 5, "unknown key", "[receive] timeout");
    tells("zzz=1\n", 2, "unknown key `zzz`", "known here: schema, extends, name");
    tells("[subscribe]\nframe='1'\nlive_on='akc'\n", 4, "unknown live_on `akc`", "did you mean `ack`?");
    tells("[[test]]\nframe='x'\nrows=[{kind='data',sevice='a'}]\n", 4, "unknown key `sevice`", "`service`");
}

#[test]
fn values_are_of_their_type_and_range() {
    tells("name=5\n", 2, "expected text, found an integer", "");
    tells("[heartbeat]\nafter=30\nws_ping=true\n", 3, "needs a unit", "\"30s\"");
    tells("[heartbeat]\nafter='8d'\nws_ping=true\n", 3, "`8d` is no duration", "longer than 7d");
    tells("[heartbeat]\nafter='0s'\nws_ping=true\n", 3, "a duration of nothing", "1ms");
    tells("[heartbeat]\nafter='1s'\nws_ping=true\ntimeout='0s'\n", 5, "a duration of nothing", "");
    tells("[reconnect]\njitter=1.5\n", 3, "`jitter` is out of range", "0 to 1");
    tells("[reconnect]\nfactor=0.5\n", 3, "`factor` is out of range", "1 to 100");
    tells("[reconnect]\nfactor=nan\n", 3, "`factor` is out of range", "");
    tells("[reconnect]\nbase='10s'\nmax='5s'\n", 4, "the longest wait is shorter than the first", "10s");
    tells("[limits]\nservices=70000\n", 3, "`services` is out of range", "65535");
    tells("[limits]\nmessage='lots'\n", 3, "no size", "16 MiB");
    tells("[[close.rule]]\ncodes=['4099-4000']\naction='stop'\n", 3, "no close codes", "1000 to 4999");
    tells("[[close.rule]]\ncodes=1000\n", 2, "`action` is missing", "retry");
    tells("[stale]\nafter='learnt'\n", 3, "unknown word `learnt`", "did you mean `learned`?");
    tells("[service.a]\nlevels=[1]\n", 3, "a list is no parameter", "text, a number");
    tells("[service.a]\nname='b'\n", 3, "called like its table", "it is `a`");
    tells("[time]\nat='ts'\n", 3, "no JSON pointer", "is `/ts` meant?");
    tells("[time]\nunit='ms'\n", 2, "`at` is missing", "/ts");
    tells("[[sequence]]\nat='/n'\nrule='monotonic'\nstep=2\n", 5, "have no step", "");
    tells("[codec]\nsplit=''\n", 3, "an empty separator", "");
    tells("heartbeat='30s'\n", 2, "expected a table, found text", "");
    tells("n=99999999999999999999999999999999999999999999\n", 2, "too large", "");
}

#[test]
fn conditions_are_checked() {
    let rule = |when: &str| format!("[[rule]]\nkind='data'\nwhen={when}\n");
    tells(&rule("{'type'='x'}"), 4, "`type`", "a JSON pointer like \"/type\"");
    tells(&rule("{'#txt'='x'}"), 4, "`#txt`", "#text or #form");
    tells(&rule("{'#form'='xml'}"), 4, "unknown form", "json, text or binary");
    tells(&rule("{'/a'={re='('}}"), 4, "no regular expression: unclosed group", "docs.rs/regex");
    tells(&rule("{'/a'={re='(a{1000}){1000}'}}"), 4, "no regular expression", "");
    tells(&rule("{'/a'={exists=true,not=1}}"), 4, "says one thing", "exists, not, null and re");
    tells(&rule("{'/a'={exist=true}}"), 4, "", "exists");
    tells(&rule("{'/a'=[]}"), 4, "never matches", "");
    tells(&rule("{'/a'=[[1]]}"), 4, "expected text, a number", "");
    let good =
        "{'/a'='x','/b'=[1,2.50,true,'y'],'/c/-1'={exists=false},'/d'={not=0x10},'/e'={null=true},'#text'={re='^p'}}";
    let profile = read(file(&rule(good)), &[]).unwrap();
    insta::assert_snapshot!(format!("{:?}", profile.rules[0].when.0.iter().map(|(_, test)| test).collect::<Vec<_>>()), @r#"[AnyOf([Text("x")]), AnyOf([Number("1"), Number("2.50"), Bool(true), Text("y")]), Exists(false), Not(Number("16")), AnyOf([Null]), Like(Regex("^p"))]"#);
}

#[test]
fn templates_take_only_what_is_there() {
    let beat = |send: &str| format!("[heartbeat]\nafter='1s'\nsend='{send}'\n");
    tells(&beat("{\"a\":${s.name}}"), 4, "`${s.name}` is not known in a heartbeat", "${s.name|DEFAULT}");
    tells(&beat("{\"a\":${v.x}}"), 4, "no rule captures `x`", "capture = { x = \"/pointer\" }");
    tells(&beat("[${env.HOME}]"), 4, "`HOME` is not named", "env = [\"HOME\"]");
    tells(&beat("[${file./etc/passwd}]"), 4, "`${file./etc/passwd}` is not known", "your own configuration");
    tells(&beat("[${uuid}]"), 4, "unknown placeholder `${uuid}`", "known are");
    tells(&beat("[${id}"), 4, "not JSON", "whole JSON value");
    tells(&beat("[${id]"), 4, "`${` is never closed", "$${");
    tells("[route]\nmessage='${@/s}'\n", 3, "there are no items", "codec.each");
    tells("[time]\nat='@/s'\n", 3, "there are no items", "codec.each");
    tells("[route]\nservice='${/s}'\n", 3, "is not known in route.service", "${s.PARAM}");
    tells("[subscribe]\nframe='[${/x}]'\n", 3, "is not known in [subscribe]", "${s.name}");
    tells("[endpoint]\nurl='wss://x/${id}'\n", 3, "is not known in [endpoint]", "${env.NAME}");
    let captures =
        "[[rule]]\nwhen={}\nkind='hello'\ncapture={session='/s'}\n[heartbeat]\nafter='1s'\nsend='[${v.sesion}]'\n";
    tells(captures, 8, "no rule captures `sesion`", "did you mean `${v.session}`?");
    let service = "[subscribe]\nframe='[\"${s.channel}\"]'\n[service.x]\nchanel='a'\n";
    tells(service, 4, "service `x` has no `channel`", "is `chanel` meant to be it?");
    // A default makes up for what is not there, and a listed variable may be read.
    assert!(read(file("env=['T']\n[heartbeat]\nafter='1s'\nsend='[${s.name|1},${env.T}]'\n"), &[]).is_ok());
}

#[test]
fn the_parts_of_a_profile_fit_each_other() {
    tells("[subscribe]\nframe='1'\nlive_on='ack'\n", 4, "no rule makes one", "kind = \"ack\"");
    tells(
        "[heartbeat]\nafter='1s'\nsend='1'\ntimeout='1s'\nalive_on='answer'\n",
        6,
        "no rule makes a pong",
        "kind = \"pong\"",
    );
    assert!(read(file("[heartbeat]\nafter='1s'\nws_ping=true\ntimeout='1s'\nalive_on='answer'\n"), &[]).is_ok());
    tells("[heartbeat]\nafter='1s'\nws_ping=true\nalive_on='any'\n", 5, "no answer is waited for", "timeout");
    tells("[heartbeat]\nafter='1s'\n", 2, "`send` is missing", "ws_ping = true");
    tells("[heartbeat]\nws_ping=true\n", 2, "`after` is missing", "30s");
    tells("[heartbeat]\nafter='1s'\nevery='1s'\nws_ping=true\n", 4, "are the same", "keep one");
    tells("[heartbeat]\nafter='1s'\nsend='1'\nws_ping=true\n", 5, "both given", "keep one");
    tells("[heartbeat]\nafter='1s'\nsend='1'\nsend_text='1'\n", 5, "both given", "keep one");
    tells(
        "[[rule]]\nwhen={}\nkind='data'\n[[rule]]\nwhen={'/a'=1}\nkind='ack'\n",
        5,
        "no message comes",
        "put the rule",
    );
    tells("[unsubscribe]\nlive_on='ack'\nframe='1'\n", 3, "unknown key `live_on`", "");
    // One mistake is told once: a rule that is broken may have been the one that is needed.
    tells("[subscribe]\nframe='1'\nlive_on='ack'\n[[rule]]\nwhen={}\nkind='akc'\n", 7, "unknown kind", "ack");
}

#[test]
fn an_endpoint_is_checked() {
    tells("[endpoint]\nurl='ftp://x'\n", 3, "no WebSocket address", "ws:// or wss://");
    tells("[endpoint]\nurl='localhost:80'\n", 3, "no WebSocket address", "");
    tells("[endpoint.headers]\n'a b'='x'\n", 3, "no name of a header", "");
    tells("[endpoint.headers]\nUpgrade='x'\n", 3, "part of the WebSocket handshake", "");
    tells("[endpoint.headers]\nSec-WebSocket-Protocol='x'\n", 3, "made from the subprotocols", "endpoint.subprotocols");
    tells("[endpoint.headers]\nX=\"a\\r\\nb\"\n", 3, "no line breaks", "");
    let good =
        "env=['T']\n[endpoint]\nurl='wss://x/?t=${env.T}'\nsubprotocols=['a','b']\nheaders={Origin='https://x'}\n";
    let profile = read(file(good), &[]).unwrap();
    assert_eq!(profile.endpoint.subprotocols, ["a", "b"]);
    assert_eq!(profile.endpoint.headers[0].0, "Origin");
    assert_eq!(profile.name, "mine");
}

#[test]
fn schema_and_extends_are_checked() {
    let read = |text: &str| load(Source::new("a.toml", text), &bundled::find, &[]).unwrap_err();
    let told = read("# mine\nname = 'x'\n");
    assert_eq!((told.len(), &*told[0].message), (1, "`schema` is missing"));
    // What another version means by its names is not judged.
    let told = read("schema = 2\nnothing_we_know = 1\n");
    assert_eq!((told.len(), &*told[0].message), (1, "the file is written for schema 2"));

    let circle = |name: &str| {
        let next = if name == "a" { "b" } else { "a" };
        Some(Source::new(format!("{name}.toml"), format!("schema=1\nextends='{next}'\n")))
    };
    let told = load(circle("a").unwrap(), &circle, &[]).unwrap_err();
    assert_eq!(told[0].help.as_deref(), Some("a.toml -> b.toml -> a.toml"));
    let deep = |name: &str| Some(Source::new(name.to_owned(), format!("schema=1\nextends='{name}x'\n")));
    assert!(load(deep("x").unwrap(), &deep, &[]).unwrap_err()[0].message.contains("more than 8"));

    // What is wrong in an extended file is shown there.
    let below = |_: &str| Some(Source::new("below.toml", "schema=1\n[heartbeat]\nafter='x'\nws_ping=true\n"));
    let told = load(file("extends='below'\n[heartbeat]\ntimeout='y'\n"), &below, &[]).unwrap_err();
    insta::assert_snapshot!(shown(&told), @r#"
    error: `y` is no duration
     --> mine.toml:4:9
      |
    4 | timeout='y'
      |         ^^^
      |
      = help: a duration is a number and one of ms, s, m, h, d: 250ms, 2s, 1.5s, 5m, 1h
    error: `x` is no duration
     --> below.toml:3:7
      |
    3 | after='x'
      |       ^^^
      |
      = help: a duration is a number and one of ms, s, m, h, d: 250ms, 2s, 1.5s, 5m, 1h
    "#);
}

#[test]
fn what_is_shown_of_a_file_is_harmless() {
    let told = wrong("# \u{1b}]0;owned\u{7}\n");
    assert!(!shown(&told).contains('\u{1b}'));
    let told = wrong("# \u{202e}\n\"\u{9b}31m\u{202e}x\" = '\u{85}'\n");
    let text = shown(&told);
    assert!(text.chars().all(|c| c == '\n' || !(c.is_control() || ('\u{2000}'..'\u{2070}').contains(&c))), "{text:?}");
    assert!(text.contains("mine.toml:3:1"), "{text}");
    // The caret stands under a wide name, and a line of any length is bearable.
    insta::assert_snapshot!(shown(&wrong("'业务' = 1\n")), @r#"
    error: unknown key `业务`
     --> mine.toml:2:1
      |
    2 | '业务' = 1
      | ^^^^^^
      |
      = help: known here: schema, extends, name, title, doc, env, endpoint, codec, subscribe, unsubscribe, route, rule, heartbeat, receive, stale, time, sequence, reconnect, close, limits, service, test
    "#);
    let text = shown(&wrong(&format!("{}'a' = [{}]", " ".repeat(2000), "1,".repeat(100_000))));
    assert!(text.len() < 2000 && text.contains("mine.toml:2:2001"), "{text}");
}

#[test]
fn hostile_files_are_refused_soon() {
    let many: String = (0..50_000).map(|n| format!("a{n} = 1\n")).collect();
    let told = wrong(&many);
    assert_eq!(told.len(), 50);
    assert!(told[49].help.as_ref().unwrap().ends_with("and 49950 more like it"));
    assert!(one(&"#".repeat(2 << 20)).1.contains("the largest may have"));
    for text in [
        format!("x = {}", "[".repeat(200_000)),
        format!("x = {}{}", "{a=".repeat(5000), "}".repeat(5000)),
        format!("{}x = 1", "a.".repeat(100_000)),
        format!("[{}x]", "a.".repeat(100_000)),
        format!("[heartbeat]\nafter='1s'\nsend='{}'", "[".repeat(60_000)),
        format!("[heartbeat]\nafter='1s'\nsend='{}'", "${v.a}".repeat(10_000)),
        format!("[[rule]]\nkind='data'\nwhen={{'/a'={{re='{}'}}}}", "(".repeat(3000)),
        format!("[[rule]]\nkind='data'\nwhen={{'/a'={{re='{}'}}}}", "x*".repeat(3000)),
        format!("[route]\nmessage='${{{}}}'", "/a".repeat(40_000)),
        "\u{0}".repeat(1000),
    ] {
        assert!(!wrong(&text).is_empty());
    }
}

/// Every text in the profiles that come with the program, and the one of this test.
fn texts() -> Vec<String> {
    let bundled = bundled::names().map(|name| bundled::find(name).unwrap().text);
    bundled.chain([include_str!("profiles/rows.toml").to_owned()]).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    /// Bytes changed, cut and doubled: never a panic, and what is told can be shown.
    #[test]
    fn a_damaged_profile_never_panics(
        which in any::<prop::sample::Index>(),
        damage in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>(), 0..4_u8), 1..6),
        set in "[a-z.\"'=\\[{}0-9業]{0,20}",
    ) {
        let texts = texts();
        let mut bytes = which.get(&texts).clone().into_bytes();
        for (at, byte, how) in damage {
            let at = at.index(bytes.len());
            match how {
                0 => bytes[at] = byte,
                1 => drop(bytes.remove(at)),
                2 => bytes.insert(at, b"\"'[]{}=.,$\\\n"[usize::from(byte) % 12]),
                _ => bytes.truncate(at.max(1)),
            }
            if bytes.is_empty() {
                bytes.push(b'x');
            }
        }
        let text = String::from_utf8_lossy(&bytes).into_owned();
        let sets = [set, "heartbeat.after=2s".to_owned()];
        if let Err(told) = load(Source::new("x.toml", text), &bundled::find, &sets) {
            prop_assert!(!told.is_empty());
            for one in told {
let text = one.to_string();
                prop_assert!(text.starts_with("error: ") && text.contains(&one.source.name), "{text}");
                prop_assert!(one.line_and_column() >= (1, 1));
            }
        }
    }

    /// A part of a good file replaced by a part of another.
    #[test]
    fn a_mixed_up_profile_never_panics(a in any::<prop::sample::Index>(), b in any::<prop::sample::Index>(), cut in any::<(prop::sample::Index, prop::sample::Index, prop::sample::Index)>()) {
        let texts = texts();
        let lines: Vec<&str> = a.get(&texts).lines().collect();
        let others: Vec<&str> = b.get(&texts).lines().collect();
        let (start, from) = (cut.0.index(lines.len()), cut.1.index(others.len()));
        let mixed: Vec<_> = lines[..start].iter().chain(&others[from..]).chain(&lines[cut.2.index(lines.len())..]).copied().collect();
        if let Err(told) = load(Source::new("x.toml", mixed.join("\n")), &bundled::find, &[]) {
            prop_assert!(!shown(&told).is_empty());
        }
    }
}
