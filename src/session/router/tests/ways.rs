//! From a message to its service: numbers of subscriptions, values that stand for others, wildcards, lists, prefixes.

use std::collections::BTreeMap;

use super::super::directory::{matches, matches_topic};
use super::*;
use crate::profile::Via;

fn template(source: Source) -> Template {
    Template { parts: vec![Part::Hole(Hole { source, default: None, quoted: false })], json: false }
}

fn word(conditions: &[(&str, &str)], kind: Kind) -> Rule {
    rule(conditions, kind)
}

#[test]
fn numbers_of_subscriptions_are_learned_and_forgotten() {
    for via in [Via::Id, Via::Sid] {
        let mut bench = Bench::new(Profile { route: Route { via, ..key("{/id}") }, ..raw() });
        bench.router.learn_id("7", ServiceId(1));
        bench.router.learn_id("0x1f", ServiceId(2));
        assert_eq!(bench.text(r#"{"id":7}"#)[0].service, Some(ServiceId(1)));
        assert_eq!(bench.text(r#"{"id":"7"}"#)[0].service, Some(ServiceId(1)), "as its text");
        assert_eq!(bench.text(r#"{"id":"0x1f"}"#)[0].service, Some(ServiceId(2)));
        assert_eq!((bench.router.knows("7"), bench.router.knows("8")), (Some(ServiceId(1)), None));
        assert_eq!(bench.text(r#"{"id":8}"#)[0].service, None);
        assert!(matches!(&bench.notes[..], [Note::Unknown { key, .. }] if key == "8"));

        bench.router.forget("7");
        let row = bench.text(r#"{"id":7}"#)[0];
        assert_eq!((row.service, row.kind), (None, Kind::Data));
        assert!(matches!(bench.notes[..], [Note::Late { service: ServiceId(1), .. }]), "{:?}", bench.notes);
        bench.router.learn_id("7", ServiceId(3));
        assert_eq!(bench.text(r#"{"id":7}"#)[0].service, Some(ServiceId(3)));
        // On a new link it is a number like any other.
        bench.router.forget("7");
        bench.router.relink();
        bench.text(r#"{"id":7}"#);
        assert!(matches!(bench.notes[..], [Note::Unknown { .. }]));
        assert_eq!(bench.text(r#"{"id":"0x1f"}"#)[0].service, None);
    }
    // By its key a service is found on every link, and numbers are no keys.
    let mut bench = Bench::new(seed());
    bench.router.learn_id("7", ServiceId(1));
    bench.router.relink();
    assert_eq!(bench.text(r#"{"service":"a"}"#)[0].service, Some(ServiceId(1)));
    bench.router.learn_id("7", ServiceId(1));
    assert_eq!(bench.text(r#"{"service":"7"}"#)[0].service, None);
    for n in 0..20_000 {
        bench.router.learn(&n.to_string(), ServiceId(0));
        bench.router.forget(&n.to_string());
    }
    bench.text(r#"{"service":"3"}"#);
    assert!(matches!(bench.notes[..], [Note::Unknown { .. }]), "what was forgotten long ago is");
    bench.text(r#"{"service":"19999"}"#);
    assert!(matches!(bench.notes[..], [Note::Late { .. }]));
}

/// Coinbase: the type of a message says by which channel it came.
#[test]
fn values_stand_for_others() {
    let map = [("match", "matches"), ("last_match", "matches"), ("l2update", "level2")];
    let map: BTreeMap<_, _> = map.iter().map(|(from, to)| ((*from).to_owned(), (*to).to_owned())).collect();
    let route = Route { map: vec![(pointer("/type"), map)], ..key("{/type}:{/product_id}") };
    let mut bench = Bench::new(Profile { route, ..raw() });
    bench.router.learn("matches:BTC", ServiceId(6));
    bench.router.learn("ticker:BTC", ServiceId(7));
    let mut of = |kind: &str| bench.text(&format!(r#"{{"type":"{kind}","product_id":"BTC"}}"#))[0].service;
    assert_eq!((of("match"), of("last_match"), of("l2update")), (Some(ServiceId(6)), Some(ServiceId(6)), None));
    assert_eq!((of("ticker"), of("\\u006datch")), (Some(ServiceId(7)), Some(ServiceId(6))));
    assert_eq!(of("matches"), Some(ServiceId(6)), "a value that stands for itself");
}

#[test]
fn wildcards_take_names() {
    let mut bench = Bench::new(Profile { route: Route { glob: true, ..key("{/ch}") }, ..raw() });
    for (glob, id) in [("*", 20), ("/quotes/*", 21), ("/quotes/A?PL", 22), ("/quotes/MSFT", 23)] {
        bench.router.learn(glob, ServiceId(id));
    }
    for _ in 0..2 {
        let mut of = |name: &str| bench.text(&format!(r#"{{"ch":"{name}"}}"#))[0].service.map(|id| id.0);
        assert_eq!((of("/quotes/AAPL"), of("/quotes/A业PL"), of("/quotes/MSFT")), (Some(22), Some(22), Some(23)));
        assert_eq!((of("/quotes/x/y"), of("/other")), (Some(21), Some(20)));
        bench.router.learn("/other", ServiceId(20));
    }
    bench.router.forget("*");
    bench.text(r#"{"ch":"elsewhere"}"#);
    assert!(matches!(bench.notes[..], [Note::Unknown { .. }]));
    // Without the word a star is a star.
    let mut bench = Bench::new(Profile { route: key("{/ch}"), ..raw() });
    bench.router.learn("T.*", ServiceId(20));
    assert_eq!(bench.text(r#"{"ch":"T.A"}"#)[0].service, None);
    assert_eq!(bench.text(r#"{"ch":"T.*"}"#)[0].service, Some(ServiceId(20)));
}

/// MQTT 3.1.1, section 4.7.
#[test]
fn wildcards_of_topics_take_levels() {
    let yes = ["sport/#", "sport", "+/+", "/finance", "/+", "/finance", "#", "a/b", "a/+/c", "a//c", "a/b", "a/b"];
    for pair in yes.chunks(2) {
        assert!(matches_topic(pair[0].as_bytes(), pair[1].as_bytes()), "{pair:?}");
    }
    let no = ["+", "/finance", "sport/+", "sport", "sport/+", "sport/a/b", "#", "$SYS/x", "+/x", "$SYS/x", "a", "a/b"];
    for pair in no.chunks(2) {
        assert!(!matches_topic(pair[0].as_bytes(), pair[1].as_bytes()), "{pair:?}");
    }
    let codec = Codec { format: Format::Mqtt, ..Codec::default() };
    let mut bench = Bench::new(Profile { codec, route: Route { glob: true, ..key("{/topic}") }, ..raw() });
    for (filter, id) in [("#", 20), ("plant/+/temp", 21), ("plant/1/temp", 22), ("$SYS/*", 23)] {
        bench.router.learn(filter, ServiceId(id));
    }
    let mut of = |topic: &str| {
        let head = [0x30, u8::try_from(topic.len() + 2).unwrap(), 0, u8::try_from(topic.len()).unwrap()];
        bench.frame(Opcode::Binary, &[&head, topic.as_bytes()].concat())[0].service.map(|id| id.0)
    };
    assert_eq!((of("plant/1/temp"), of("plant/2/temp"), of("plant/2")), (Some(22), Some(21), Some(20)));
    assert_eq!((of("$SYS/uptime"), of("$SYS/*")), (None, Some(23)));
}

#[test]
fn a_message_may_belong_to_several() {
    let route = Route { several: Some(pointer("/stream")), ..key("{/one}") };
    let sequences = [increment(None, "/seq"), Sequence { scope: SequenceScope::Link, ..increment(None, "/seq") }];
    let mut bench = Bench::new(Profile { route: route.clone(), sequences: sequences[..1].to_vec(), ..raw() });
    let rows = bench.text(r#"{"stream":["a","c","b","a"],"seq":4}"#);
    assert_eq!(rows.iter().map(|row| row.service.map(|s| s.0)).collect::<Vec<_>>(), [Some(1), Some(2)]);
    assert_eq!(
        rows.iter().map(|row| (row.seq, row.part, row.parts)).collect::<Vec<_>>(),
        [(Some(4), 0, 2), (Some(4), 1, 2)]
    );
    assert_eq!((rows[0].start, rows[0].len), (rows[1].start, rows[1].len), "the bytes are there once");
    assert!(bench.notes.is_empty());
    for (frame, service) in [
        (r#"{"stream":"b"}"#, Some(2)),
        (r#"{"one":"a"}"#, Some(1)),
        (r#"{"stream":null,"one":"a"}"#, Some(1)),
        (r#"{"stream":[],"one":"a"}"#, None),
        (r#"{"stream":[{}, "b"]}"#, Some(2)),
        (r#"{"stream":{}}"#, None),
    ] {
        let rows = bench.text(frame);
        assert_eq!((rows.len(), rows[0].service.map(|s| s.0)), (1, service), "{frame}");
    }
    bench.text(r#"{"stream":["new","newer"]}"#);
    assert!(matches!(&bench.notes[..], [Note::Unknown { key, .. }] if key == "new"), "{:?}", bench.notes);
    // What is counted for the whole link is counted once.
    let mut bench = Bench::new(Profile { route, sequences: sequences[1..].to_vec(), ..raw() });
    let rows = bench.text(r#"{"stream":["a","b"],"seq":4}"#);
    assert_eq!(rows.iter().map(|row| row.seq).collect::<Vec<_>>(), [Some(4), None]);
}

/// Hyperliquid: where the name is depends on the channel.
#[test]
fn a_rule_may_have_a_way_and_a_time_of_its_own() {
    let own = Rule {
        route: Some(key("{/data/coin}")),
        time: Some(TimeRule { at: vec![pointer("/data/time")], unit: TimeUnit::S }),
        ..word(&[("/channel", "\"trades\"")], Kind::Data)
    };
    let time = Some(TimeRule { at: vec![pointer("/ts")], unit: TimeUnit::Ms });
    let mut bench = Bench::new(Profile { rules: vec![own], time, ..seed() });
    let frame = r#"{"channel":"trades","service":"a","ts":1700000000000,"data":{"coin":"b","time":1700000004}}"#;
    let row = bench.text(frame)[0];
    assert_eq!((row.service, row.lag), (Some(ServiceId(2)), Some(1_000_000)));
    assert!(bench.notes.is_empty());
    let row = bench.text(&frame.replace("trades", "x"))[0];
    assert_eq!((row.service, row.lag), (Some(ServiceId(1)), Some(5_000_000)));
}

#[test]
fn an_action_is_noted_even_of_data() {
    let rules = vec![Rule { action: Action::Rotate, ..word(&[("/type", "1")], Kind::Data) }];
    let mut bench = Bench::new(Profile { rules, ..seed() });
    bench.text(r#"{"service":"a","type":1}"#);
    assert!(matches!(bench.notes[..], [Note::Rule { .. }]));
}

#[test]
fn times_that_cannot_be_are_none() {
    let time = Some(TimeRule { at: vec![pointer("/t")], unit: TimeUnit::Auto });
    let mut bench = Bench::new(Profile { time, ..raw() });
    let mut lag = |t: &str| bench.text(&format!("{{\"t\":{t}}}"))[0].lag;
    assert_eq!(lag("1700000004.5"), Some(500_000));
    assert_eq!(lag("\"0x6553f105\""), Some(0));
    assert_eq!(lag("\"1700000004999999999\""), Some(1));
    // Seconds since a machine was started, a clock that was never set, and one that is broken.
    for none in [
        "86400.25",
        "0",
        "-1",
        "1",
        "99999999999999999999",
        "\"1989-12-31T23:59:59Z\"",
        "\"2100-01-01T00:00:00Z\"",
        "5000000000",
    ] {
        assert_eq!(lag(none), None, "{none}");
    }
    assert_eq!(lag("4102444799"), Some(-2_402_444_794_000_000));
}

/// The slow and obvious way.
fn model(glob: &[char], name: &[char]) -> bool {
    match (glob, name) {
        ([], []) => true,
        (['*', rest @ ..], _) => (0..=name.len()).any(|at| model(rest, &name[at..])),
        (['?', rest @ ..], [_, name @ ..]) => model(rest, name),
        ([a, rest @ ..], [b, name @ ..]) if a == b => model(rest, name),
        _ => false,
    }
}

#[test]
fn the_prefix_is_cut_off_and_known() {
    let prefix = r"^(?P<eio>[0-6])(?P<sio>[0-6])?(?:(?P<ns>/[^,]*),)?(?P<ack>[0-9]+)?";
    let codec = Codec { prefix: Some(regex::Regex::new(prefix).unwrap()), ..Codec::default() };
    let rules = vec![
        word(&[("#prefix.eio", "\"0\"")], Kind::Hello),
        word(&[("#prefix.eio", "\"2\"")], Kind::Ping),
        word(&[("#prefix.eio", "\"3\"")], Kind::Pong),
        word(&[("#prefix.sio", "\"0\"")], Kind::Hello),
        word(&[("#prefix.sio", "\"3\"")], Kind::Ack),
        word(&[("#prefix.sio", "\"4\"")], Kind::Nack),
    ];
    let parts = vec![
        Part::Hole(Hole { source: Source::Prefix("ns".into()), default: Some(String::new()), quoted: false }),
        Part::Hole(Hole { source: Source::Message(pointer("/0")), default: None, quoted: false }),
    ];
    let route = Route { message: Some(Template { parts, json: false }), ..Route::default() };
    let mut bench = Bench::new(Profile { codec, route, rules, ..raw() });
    bench.router.learn("news", ServiceId(7));
    bench.router.learn("/adminstats", ServiceId(8));
    // Frames of socket.io 4.8.4.
    let body = r#"["news",{"seq":2,"ts":1795399988501,"title":"n2"},"Q86BRKL"]"#;
    assert_eq!(bench.rows(&format!("42{body}")), [(Kind::Data, Some(7), body.into())]);
    assert_eq!(bench.rows(r#"42/admin,["stats",{"clients":1}]"#)[0].1, Some(8));
    assert_eq!(bench.rows("2"), [(Kind::Ping, None, String::new())]);
    assert!(matches!(bench.notes[..], [Note::Rule { rule: 1, .. }]), "{:?}", bench.notes);
    let frame = r#"44/admin,{"message":"unauthorized"}"#;
    assert_eq!(bench.rows(frame)[0].0, Kind::Nack);
    let [Note::Rule { row, origin, .. }] = &bench.notes[..] else { panic!("{:?}", bench.notes) };
    let view = bench.router.view(frame.as_bytes(), &bench.out, *row, origin);
    assert_eq!((view.prefix("ns"), view.prefix("ack"), view.prefix("none")), (Some("/admin"), None, None));
    assert_eq!(view.text(false, &pointer("/message")).as_deref(), Some("unauthorized"));
    assert_eq!(bench.rows(r#"431[{"ok":true}]"#)[0].0, Kind::Ack);
    // An attachment is a row, and so is what has no prefix.
    assert_eq!(bench.frame(Opcode::Binary, b"\x01\x02\xff")[0].form, Form::Binary);
    assert_eq!(bench.rows(r#"["a"]"#), [(Kind::Data, Some(1), r#"["a"]"#.into())]);
    assert_eq!(bench.rows(""), [(Kind::Other, None, String::new())]);
    assert!(matches!(bench.notes[..], [Note::NotJson { .. }]));
    assert_eq!(bench.rows("5"), [(Kind::Other, None, String::new())]);
    assert!(bench.notes.is_empty(), "nothing behind a prefix is no broken JSON");
}

#[test]
fn a_named_member_is_a_source_of_keys() {
    let route = Route { message: Some(template(Source::Key)), ..Route::default() };
    let codec = Codec { each: Some(pointer("")), members: true, ..Codec::default() };
    let rules = vec![word(&[("@key", "\"b\"")], Kind::Notice), word(&[("@/bad", "1")], Kind::Error)];
    let mut bench = Bench::new(Profile { codec, route, rules, sequences: vec![increment(None, "@/seq")], ..raw() });
    let frame = r#"{"业务1":{"seq":1}, "\u0061":[2] ,"b":3,"c\"d":{"bad":1},"new":null}"#;
    let rows = bench.rows(frame);
    let wanted = [
        (Kind::Data, Some(0), r#"{"seq":1}"#),
        (Kind::Data, Some(1), "[2]"),
        (Kind::Notice, Some(2), "3"),
        (Kind::Error, None, r#"{"bad":1}"#),
        (Kind::Other, None, "null"),
    ];
    assert_eq!(rows, wanted.map(|(kind, service, body)| (kind, service, body.to_owned())));
    assert_eq!(bench.out.rows()[0].seq, Some(1));
    let keys = bench.notes.iter().map(|note| match note {
        Note::Rule { row, origin, .. } => {
            let view = bench.router.view(frame.as_bytes(), &bench.out, *row, origin);
            view.key().map(str::to_owned)
        }
        Note::Unknown { key, .. } => Some(key.clone()),
        Note::Late { .. }
        | Note::NotJson { .. }
        | Note::Broken { .. }
        | Note::TooBig { .. }
        | Note::TooMany { .. }
        | Note::Seen { .. } => {
            panic!("{note:?}")
        }
    });
    assert_eq!(keys.collect::<Vec<_>>(), [Some("b".into()), Some("c\"d".into())]);
    bench.rows(r#"{"ts":7,"new":{}}"#);
    assert_eq!(bench.notes, [Note::Unknown { row: bench.out.rows().len() - 1, key: "new".into() }]);
    // A plain value may be a service's, but it makes none.
    assert_eq!(bench.rows(r#"{"a":7}"#), [(Kind::Data, Some(1), "7".to_owned())]);
    let strange = r#"{"weird":true,"more":[null]}"#;
    assert_eq!(bench.rows(strange)[0], (Kind::Other, None, "true".to_owned()));
    assert_eq!(bench.rows(r#"{"weird":true,"more":null}"#).len(), 1);
    assert!(bench.notes.is_empty());
    for whole in ["{}", "[1]", "7", "pong", r#"{"weird":true,"more":"x"}"#] {
        assert_eq!(bench.rows(whole), [(Kind::Other, None, whole.to_owned())]);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn wildcards_are_what_they_say(glob in "[ab业*?]{0,7}", name in "[ab业]{0,7}") {
        let (g, n): (Vec<char>, Vec<char>) = (glob.chars().collect(), name.chars().collect());
        prop_assert_eq!(matches(glob.as_bytes(), name.as_bytes()), model(&g, &n), "{} {}", glob, name);
    }
}

#[test]
fn what_a_login_waits_for_is_a_greeting() {
    let step = |at: &str, value: &str| Step {
        run: None,
        send: None,
        resume: None,
        expect: Some(when(&[(at, value)])),
        reject: None,
        text: None,
        capture: Vec::new(),
        timeout: Duration::from_secs(10),
    };
    let handshake = vec![step("/op", "\"welcome\""), step("#text", "\"ready\"")];
    let route = Route { message: Some(template(Source::Message(pointer("/op")))), ..Route::default() };
    let rules = vec![word(&[("/code", "1")], Kind::Notice)];
    let mut bench = Bench::new(Profile { handshake: handshake.clone(), route, rules, ..raw() });
    assert_eq!(bench.rows(r#"{"op":"welcome"}"#)[0].0, Kind::Hello, "it is no new service");
    assert_eq!(bench.rows("ready")[0].0, Kind::Hello);
    assert!(bench.notes.is_empty(), "and text that is awaited is no broken JSON: {:?}", bench.notes);
    assert_eq!(bench.rows(r#"{"op":"welcome","code":1}"#)[0].0, Kind::Notice, "a rule knows better");
    assert_eq!(bench.rows(r#"{"op":"else"}"#)[0].0, Kind::Data);
    bench.router.learn("welcome", ServiceId(5));
    assert_eq!(bench.rows(r#"{"op":"welcome"}"#)[0].0, Kind::Data, "what has a service is its");

    let route = Route { message: Some(template(Source::Key)), ..Route::default() };
    let codec = Codec { each: Some(pointer("")), members: true, ..Codec::default() };
    let mut bench = Bench::new(Profile { codec, handshake, route, ..raw() });
    let welcome = r#"{"op":"welcome","session":{}}"#;
    assert_eq!(bench.rows(welcome), [(Kind::Hello, None, welcome.to_owned())], "it stays one message");
    assert_eq!(bench.rows(r#"{"a":{},"b":{}}"#).len(), 2);
}
