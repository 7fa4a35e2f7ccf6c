//! Profiles from their files: the bundled ones, broken ones with the line and the help that each gets, hostile ones.
//!
//! What a profile does to messages is tested where messages are routed.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test may")]

#[path = "profiles/broken.rs"]
mod broken;
#[path = "profiles/every.rs"]
mod every;
#[path = "profiles/fitting.rs"]
mod fitting;
#[path = "profiles/page.rs"]
mod page;

use std::collections::BTreeMap;
use std::time::Duration;

use proptest::prelude::*;
use wirebeat::event::Kind;
use wirebeat::profile::build::{Source, check, load};
use wirebeat::profile::diagnostic::Diagnostic;
use wirebeat::profile::template::Scope;
use wirebeat::profile::{
    Action, Beat, BeatMode, CloseRule, Ends, Interval, Life, Limits, LiveOn, Profile, Proof, Reconnect, SequenceRule,
    Stale, TimeUnit, bundled,
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

fn seconds(seconds: u64) -> Interval {
    Interval::Fixed(Duration::from_secs(seconds))
}

fn wrong(text: &str) -> Vec<Diagnostic> {
    read(file(text), &[]).expect_err(text)
}

#[test]
fn every_bundled_profile_is_whole_and_tested() {
    // Those of the program itself are of no server.
    let own = ["demo", "raw", "sub-heartbeat"];
    for name in bundled::names() {
        let (profile, told) = check(bundled::find(name).unwrap(), &bundled::find, &[]);
        assert!(told.is_empty(), "{}", shown(&told));
        let profile = profile.unwrap();
        assert_eq!(profile.name, name);
        assert!(!profile.tests.is_empty() && profile.title != name, "{name}");
        let about = &profile.about;
        let sound = !profile.doc.is_empty() && about.checked.is_some() && about.proof != Proof::None;
        assert!(sound || own.contains(&name), "{name} names no doc, month or proof");
    }
    assert!(bundled::find("seed").is_none());
}

#[test]
fn every_file_of_the_folder_is_bundled() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/assets/profiles");
    let files = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let mut files: Vec<_> = files.map(|name| name.strip_suffix(".toml").unwrap_or(&name).to_owned()).collect();
    files.sort();
    let names: Vec<_> = bundled::names().collect();
    assert_eq!(names, files, "the list in src/profile/bundled.rs is not the folder, in order");
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
    assert_eq!((beat.mode, beat.after.clone()), (BeatMode::Idle, seconds(30)));
    assert_eq!(beat.timeout, Some(seconds(10)));
    assert_eq!((beat.restart_on, beat.alive_on), (Life::Message, Life::Message));
    let Beat::Frame(frame) = &beat.send else { panic!("the browser sends no WebSocket ping") };
    assert_eq!(frame.render(&Scope::default()).unwrap().text, r#"{"type":"HEART_BEAT","service":"业务"}"#);

    assert_eq!(profile.rules.len(), 1);
    assert_eq!(profile.rules[0].kind, Kind::Pong);
    let fixed = Reconnect { base: Duration::from_secs(4), factor: 1.0, jitter: 0.0, ..Reconnect::default() };
    assert_eq!(profile.reconnect, fixed);
    assert!(profile.sequences.is_empty() && profile.time.is_none() && profile.services.is_empty());
    assert!(profile.receive_timeout.is_none() && profile.close == Ends::default() && profile.endpoint.url.is_none());
}

#[test]
fn raw_expects_nothing_and_pings() {
    let profile = bundled("raw", &[]);
    let [beat] = &profile.heartbeats[..] else { panic!() };
    assert!(matches!(beat.send, Beat::Ping));
    assert_eq!((beat.after.clone(), beat.timeout.clone()), (seconds(25), Some(seconds(10))));
    assert_eq!((beat.restart_on, beat.alive_on), (Life::Any, Life::Any));
    assert_eq!(profile.reconnect, Reconnect::default());
    assert!(profile.subscribe.is_none() && profile.route.message.is_none() && profile.rules.is_empty());
    assert_eq!(profile.stale, Stale::Off);
}

#[test]
fn demo_adds_numbers_and_times_to_what_it_extends() {
    let profile = bundled("demo", &[]);
    assert_eq!(profile.subscribe.unwrap().frame.to_string(), r#"{"type":"sub","service":"${s.name}"}"#);
    assert_eq!(profile.heartbeats[0].after, seconds(5));
    assert_eq!(profile.heartbeats[0].timeout, Some(seconds(2)));
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
    assert_eq!(profile.sequences[0].at.segments.last().unwrap().key, "n");
    assert_eq!(profile.time.as_ref().unwrap().at.len(), 2);
    assert_eq!(profile.receive_timeout, Some(seconds(60)));
    assert_eq!(profile.heartbeats[0].alive_on, Life::Answer);
    let stop = CloseRule { codes: vec![(1008, 1008), (4000, 4099)], action: Action::Stop };
    assert_eq!(profile.close, Ends { codes: vec![stop], ..Ends::default() });
    let names: Vec<_> = profile.services.iter().map(|service| (&*service.name, service.enabled)).collect();
    assert_eq!(names, [("btc trades", true), ("eth trades", false)]);
    assert_eq!(profile.services[1].stale, Some(Stale::After(Duration::from_secs(30))));
    assert!(profile.params().into_iter().eq(["channel", "symbol"]));
    let spec = &profile.services[0];
    let scope = Scope { service: Some((&spec.name, &spec.params)), id: Some("3"), ..Scope::default() };
    let text = profile.subscribe.unwrap().frame.render(&scope).unwrap().text;
    assert_eq!(text, r#"{"op":"sub","args":[{"channel":"trade","symbol":"BTC/USD"}],"id":3}"#);
    assert_eq!(profile.tests.len(), 5);
    assert!(profile.tests[4].rows.is_empty());
    assert_eq!(profile.tests[1].frame.split(|byte| *byte == 0x1e).count(), 4);
    assert!(profile.tests[0].line > 80);
}

#[test]
fn sets_change_what_they_name() {
    let sets = ["heartbeat.after=2s", "heartbeat.timeout=1s", "reconnect.base=500ms"];
    let profile = bundled("sub-heartbeat", &sets);
    assert_eq!(profile.heartbeats[0].after, seconds(2));
    assert_eq!(profile.heartbeats[0].timeout, Some(seconds(1)));
    assert_eq!(profile.reconnect.base, Duration::from_millis(500));
    let profile = bundled("sub-heartbeat", &["heartbeat.1.ws_ping=true", "heartbeat.alive_on=any", "sequence=[]"]);
    assert!(matches!(profile.heartbeats[0].send, Beat::Ping));
    let profile = bundled("demo", &["heartbeat.mode=off", "sequence=[]", "time.at=[]", "stale.after=90s"]);
    assert!(profile.heartbeats.is_empty() && profile.sequences.is_empty() && profile.time.is_none());
    assert_eq!(profile.stale, Stale::After(Duration::from_secs(90)));
    let none = read(file(""), &["heartbeat.after=9s", "heartbeat.ws_ping=true"]).unwrap();
    assert_eq!((none.heartbeats[0].after.clone(), none.heartbeats[0].timeout.clone()), (seconds(9), None));
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
      = help: known here: schema, extends, name, title, doc, env, checked, proof, exclusive, consume, commands, endpoint, codec, handshake, subscribe, unsubscribe, route, rule, heartbeat, receive, stale, time, sequence, reconnect, close, limits, service, test
    "#);
    let text = shown(&wrong(&format!("{}'a' = [{}]", " ".repeat(2000), "1,".repeat(100_000))));
    assert!(text.len() < 2000 && text.contains("mine.toml:2:2001"), "{text}");
}

#[test]
fn hostile_files_are_refused_soon() {
    let many: String = (0..50_000).fold(String::new(), |text, n| text + &format!("a{n} = 1\n"));
    let told = wrong(&many);
    assert_eq!(told.len(), 50);
    assert!(told[49].help.as_ref().unwrap().ends_with("and 49950 more like it"));
    assert!(wrong(&"#".repeat(2 << 20))[0].message.contains("the largest may have"));
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

/// Every text in the profiles that come with the program, and those of these tests.
fn texts() -> Vec<String> {
    let bundled = bundled::names().map(|name| bundled::find(name).unwrap().text);
    let own = [include_str!("profiles/rows.toml"), include_str!("profiles/every.toml")];
    bundled.chain(own.map(str::to_owned)).collect()
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
