//! Frames in, rows and notes out; and the index of rules against trying them one by one.

use std::time::Duration;

use proptest::prelude::*;

use super::lag::micros;
use super::*;
use crate::profile::codec::Codec;
use crate::profile::matcher::{Match, Scalar, Subject, Test};
use crate::profile::pointer::{Pointer, Value};
use crate::profile::template::{Hole, Part, Source, Template};
use crate::profile::{Endpoint, Limits, Reconnect, Route, Rule, Sequence, SequenceRule, Stale, TimeRule, TimeUnit};

fn pointer(text: &str) -> Pointer {
    Pointer::parse(text).unwrap()
}

fn raw() -> Profile {
    Profile {
        name: "test".into(),
        title: String::new(),
        doc: Vec::new(),
        endpoint: Endpoint::default(),
        codec: Codec::default(),
        subscribe: None,
        unsubscribe: None,
        route: Route::default(),
        rules: Vec::new(),
        heartbeats: Vec::new(),
        receive_timeout: None,
        stale: Stale::Off,
        time: None,
        sequences: Vec::new(),
        reconnect: Reconnect::default(),
        close: Vec::new(),
        limits: Limits::default(),
        services: Vec::new(),
        env: Vec::new(),
        tests: Vec::new(),
    }
}

/// `a{/ptr}b{@/ptr|default}`.
fn key(text: &str) -> Route {
    let mut parts = Vec::new();
    for part in text.split_inclusive('}') {
        let (plain, hole) = part.split_once('{').unwrap_or((part, ""));
        if !plain.is_empty() {
            parts.push(Part::Text(plain.into()));
        }
        if let Some(hole) = hole.strip_suffix('}') {
            let (at, default) = hole.split_once('|').map_or((hole, None), |(at, text)| (at, Some(text.to_owned())));
            let at = pointer(at);
            let source = if at.item { Source::Item(at) } else { Source::Message(at) };
            parts.push(Part::Hole(Hole { source, default, quoted: false }));
        }
    }
    Route { message: Some(Template { parts, json: false }), service: None }
}

fn when(conditions: &[(&str, &str)]) -> Match {
    let scalar = |text: &str| match serde_json::from_str(text).unwrap() {
        serde_json::Value::String(text) => Scalar::Text(text),
        serde_json::Value::Bool(is) => Scalar::Bool(is),
        serde_json::Value::Null => Scalar::Null,
        _ => Scalar::Number(text.into()),
    };
    let test = |text: &str| Test::AnyOf(text.split('|').map(scalar).collect());
    Match(conditions.iter().map(|(at, text)| (Subject::parse(at).unwrap(), test(text))).collect())
}

fn rule(conditions: &[(&str, &str)], kind: Kind) -> Rule {
    Rule { when: when(conditions), kind, capture: Vec::new(), send: None, text: None }
}

fn increment(when: Option<Match>, at: &str) -> Sequence {
    let (at, rule) = (pointer(at), SequenceRule::Increment { step: 1 });
    Sequence { when, at, rule, reorder: Duration::ZERO, across_reconnect: false }
}

/// The seed's profile, with a number and a time.
fn seed() -> Profile {
    Profile {
        route: key("{/service}"),
        rules: vec![rule(&[("/type", "\"HEART_BEAT\"")], Kind::Pong)],
        sequences: vec![increment(None, "/seq")],
        time: Some(TimeRule { at: vec![pointer("/ts")], unit: TimeUnit::Ms }),
        ..raw()
    }
}

struct Bench {
    router: Router,
    out: Arena,
    notes: Vec<Note>,
}

impl Bench {
    fn new(profile: Profile) -> Self {
        let mut router = Router::new(Arc::new(profile));
        for (id, name) in (0..).zip(["业务1", "a", "b", "x:b", "42"]) {
            router.learn(name, ServiceId(id));
        }
        Self { router, out: Arena::default(), notes: Vec::new() }
    }

    fn frame(&mut self, opcode: Opcode, frame: &[u8]) -> Vec<Row> {
        self.notes.clear();
        let before = self.out.rows().len();
        self.router.route(Ts::from_millis(5000), WallAnchor(0), opcode, frame, &mut self.out, &mut self.notes);
        self.out.rows()[before..].to_vec()
    }

    fn text(&mut self, frame: &str) -> Vec<Row> {
        self.frame(Opcode::Text, frame.as_bytes())
    }

    /// Kind, service and body of each row.
    fn rows(&mut self, frame: &str) -> Vec<(Kind, Option<u16>, String)> {
        let rows = self.text(frame);
        let first = self.out.rows().len() - rows.len();
        let body = |i: usize| String::from_utf8(self.out.body(first + i).to_vec()).unwrap();
        rows.iter().enumerate().map(|(i, row)| (row.kind, row.service.map(|s| s.0), body(i))).collect()
    }
}

#[test]
fn the_seeds_messages_become_rows() {
    let mut bench = Bench::new(seed());
    let frame = r#"{"type":"tick","service":"业务1","seq":7,"ts":4990}"#;
    let row = bench.text(frame)[0];
    assert_eq!((row.service, row.kind, row.form, row.dir), (Some(ServiceId(0)), Kind::Data, Form::Json, Dir::In));
    assert_eq!((row.seq, row.lag, row.frame, row.part, row.parts), (Some(7), Some(10_000), 1, 0, 1));
    assert_eq!((bench.out.body(0), bench.out.sequence(0)), (frame.as_bytes(), Some(0)));
    assert!(bench.notes.is_empty());

    let row = bench.text(r#"{"type":"HEART_BEAT","service":"业务1","seq":8,"ts":6000}"#)[0];
    // A beat is not data: it has no number unless a sequence says so.
    assert_eq!((row.kind, row.seq, row.lag, row.frame), (Kind::Pong, None, Some(-1_000_000), 2));
    let origin = Origin { message: 0..bench.out.body(1).len(), item: false };
    assert_eq!(bench.notes, [Note::Rule { row: 1, rule: 0, origin }]);

    let row = bench.text(r#"{"service":"\u4e1a务1"}"#)[0];
    assert_eq!((row.service, row.kind), (Some(ServiceId(0)), Kind::Data), "an escaped key is the same key");

    bench.text(r#"{"service":"new \"one\""}"#);
    assert_eq!(bench.notes, [Note::Unknown { row: 3, key: "new \"one\"".into() }]);
    assert_eq!(bench.out.rows()[3].service, None);
    bench.router.learn("new \"one\"", ServiceId(9));
    bench.out.assign(3, ServiceId(9));
    assert_eq!(bench.out.rows()[3].service, Some(ServiceId(9)));
    assert_eq!(bench.text(r#"{"service":"new \"one\""}"#)[0].service, Some(ServiceId(9)));
    assert!(bench.notes.is_empty());
    assert_eq!((bench.router.knows("a"), bench.router.knows("c")), (Some(ServiceId(1)), None));

    bench.router.relink();
    assert_eq!(bench.text("{}")[0].frame, 1);
}

#[test]
fn what_has_no_service_is_other() {
    let mut bench = Bench::new(seed());
    for frame in
        ["{}", "[]", "7", r#"{"service":null}"#, r#"{"service":{}}"#, r#"{"service":""}"#, r#"{"service":[1]}"#]
    {
        let row = bench.text(frame)[0];
        assert_eq!((row.service, row.kind, row.form), (None, Kind::Other, Form::Json), "{frame}");
        assert!(bench.notes.is_empty());
    }
    // An unknown service in a beat is no news.
    bench.text(r#"{"type":"HEART_BEAT","service":"业务"}"#);
    assert!(matches!(bench.notes[..], [Note::Rule { .. }]));
    assert_eq!(bench.text(r#"{"service":42}"#)[0].service, Some(ServiceId(4)), "a number is a key as it is written");
}

#[test]
fn every_form_is_told_apart() {
    for profile in [raw(), seed()] {
        let noted = profile.route.message.is_some();
        let mut bench = Bench::new(profile);
        for (opcode, frame, form) in [
            (Opcode::Text, &b"{\"a\":1}"[..], Form::Json),
            (Opcode::Text, b"{\"a\":1", Form::Text),
            (Opcode::Text, b"pong", Form::Text),
            (Opcode::Text, b"", Form::Text),
            (Opcode::Binary, b" [1] \n", Form::Json),
            (Opcode::Binary, b"hello", Form::Text),
            (Opcode::Binary, b"\xff\x00", Form::Binary),
        ] {
            let row = bench.frame(opcode, frame)[0];
            assert_eq!((row.form, row.kind), (form, Kind::Other));
            assert_eq!(bench.out.body(bench.out.rows().len() - 1), frame);
            let not_json = bench.notes.iter().any(|note| matches!(note, Note::NotJson { .. }));
            assert_eq!(not_json, noted && form != Form::Json, "{frame:?}");
        }
        assert!(bench.frame(Opcode::Ping, b"x").is_empty() && bench.frame(Opcode::Pong, b"x").is_empty());
    }
}

#[test]
fn text_that_a_rule_knows_is_expected() {
    let rules = vec![rule(&[("#text", "\"pong\"")], Kind::Pong), rule(&[("#form", "\"binary\"")], Kind::Notice)];
    let mut bench = Bench::new(Profile { rules, ..seed() });
    assert_eq!(bench.rows("pong"), [(Kind::Pong, None, "pong".into())]);
    assert!(matches!(bench.notes[..], [Note::Rule { row: 0, rule: 0, .. }]));
    assert_eq!(bench.frame(Opcode::Binary, b"\xfe")[0].kind, Kind::Notice);
}

#[test]
fn text_is_split_into_messages() {
    let codec = Codec { split: Some("\u{1e}".into()), ..Codec::default() };
    let mut bench = Bench::new(Profile { codec, ..seed() });
    let rows = bench.rows("{\"service\":\"a\"}\u{1e}\u{1e}oops\u{1e}{\"service\":\"b\"}\u{1e}");
    let wanted = [
        (Kind::Data, Some(1), "{\"service\":\"a\"}"),
        (Kind::Other, None, "oops"),
        (Kind::Data, Some(2), "{\"service\":\"b\"}"),
    ];
    assert_eq!(rows, wanted.map(|(kind, service, body)| (kind, service, body.to_owned())));
    assert_eq!(bench.notes, [Note::NotJson { row: 1 }]);
    assert_eq!(bench.out.rows().iter().map(|row| (row.part, row.parts)).collect::<Vec<_>>(), [(0, 3), (1, 3), (2, 3)]);
    assert!(bench.text("\u{1e}").is_empty(), "nothing but separators is no message");
    assert_eq!(bench.text("{}")[0].frame, 3);
}

#[test]
fn a_list_is_taken_apart() {
    let codec = Codec { batch: true, ..Codec::default() };
    let mut bench = Bench::new(Profile { codec, ..seed() });
    let data = |service, body: &str| (Kind::Data, Some(service), body.to_owned());
    assert_eq!(bench.rows(r#"{"service":"a"}"#), [data(1, r#"{"service":"a"}"#)]);
    let rows = bench.rows(" [ {\"service\":\"a\"} ,{\"service\":\"b\",\"seq\":3}, 5 ]\n");
    assert_eq!(
        rows,
        [data(1, r#"{"service":"a"}"#), data(2, r#"{"service":"b","seq":3}"#), (Kind::Other, None, "5".into())]
    );
    assert_eq!(bench.out.rows()[2].seq, Some(3));
    assert_eq!(bench.rows("[]"), [(Kind::Other, None, "[]".into())]);
    // What breaks off is one text, and nothing of it was routed.
    for broken in [
        r#"[{"service":"new"},"#,
        r#"[{"service":"a"}] x"#,
        "[",
        "[,]",
        "[] x",
        r#"[{"service":"a"},{"type":"HEART_BEAT"},{]"#,
    ] {
        assert_eq!(bench.rows(broken), [(Kind::Other, None, broken.to_owned())]);
        assert_eq!(bench.notes, [Note::NotJson { row: bench.out.rows().len() - 1 }]);
    }
    // The notes of a list say where each message lies in the frame.
    let frame = r#"[{"service":"a"}, {"type":"HEART_BEAT"}]"#;
    bench.text(frame);
    let [Note::Rule { origin, row, .. }] = &bench.notes[..] else { panic!("{:?}", bench.notes) };
    assert_eq!(&frame[origin.message.clone()], r#"{"type":"HEART_BEAT"}"#);
    let view = bench.router.view(frame.as_bytes(), &bench.out, *row, origin);
    assert_eq!(view.text(false, &pointer("/type")).as_deref(), Some("HEART_BEAT"));
}

#[test]
fn items_of_an_inner_list_are_rows() {
    let codec = Codec { each: Some(pointer("/data")), ..Codec::default() };
    let profile = Profile {
        codec,
        route: key("{/channel}:{@/symbol}"),
        rules: vec![rule(&[("/type", "\"snapshot\"")], Kind::Snapshot), rule(&[("@/bad", "true")], Kind::Error)],
        sequences: vec![increment(Some(when(&[("/channel", "\"x\"")])), "@/id")],
        time: Some(TimeRule { at: vec![pointer("@/t"), pointer("/t")], unit: TimeUnit::Auto }),
        ..raw()
    };
    let mut bench = Bench::new(profile);
    // The list may stand before what its items need.
    let frame = r#"{"data":[{"symbol":"b","id":"0x10","t":"1970-01-01T00:00:04Z"}, {"symbol":"c","id":18}],"t":5,"channel":"x"}"#;
    let rows = bench.text(frame);
    assert_eq!(
        rows.iter().map(|row| (row.service, row.kind, row.seq)).collect::<Vec<_>>(),
        [(Some(ServiceId(3)), Kind::Data, Some(16)), (None, Kind::Data, Some(18)),]
    );
    assert_eq!(
        rows.iter().map(|row| (row.lag, row.part, row.parts)).collect::<Vec<_>>(),
        [(Some(1_000_000), 0, 2), (Some(0), 1, 2),]
    );
    assert_eq!(bench.out.body(1), br#"{"symbol":"c","id":18}"#);
    assert_eq!(bench.notes, [Note::Unknown { row: 1, key: "x:c".into() }]);
    // Without such a list the message is one row.
    for frame in [r#"{"channel":"x","data":[]}"#, r#"{"channel":"x","data":{"symbol":"b"}}"#, r#"{"channel":"x"}"#] {
        assert_eq!(bench.rows(frame), [(Kind::Other, None, frame.to_owned())]);
    }
    let frame = r#"{"type":"snapshot","channel":"x","data":[{"symbol":"b","deep":{"a":[1]}}]}"#;
    bench.text(frame);
    let [Note::Rule { row, rule: 0, origin }] = &bench.notes[..] else { panic!("{:?}", bench.notes) };
    let view = bench.router.view(frame.as_bytes(), &bench.out, *row, origin);
    assert_eq!(view.get(true, &pointer("/deep/a/-1")).as_deref(), Some(&b"1"[..]));
    assert_eq!(view.text(false, &pointer("/channel")).as_deref(), Some("x"));
    assert_eq!(view.get(false, &pointer("/data/0/symbol")).as_deref(), Some(&b"\"b\""[..]));
    assert_eq!(view.body(), br#"{"symbol":"b","deep":{"a":[1]}}"#);
}

#[test]
fn json_inside_of_a_string_is_opened() {
    let codec = Codec {
        nested: vec![pointer("/data/inner"), pointer("/data"), pointer("@/more")],
        each: Some(pointer("/data/list")),
        ..Codec::default()
    };
    let route = key("{/data/inner/s|a}");
    let rules = vec![rule(&[("@/more/k", "1")], Kind::Notice), rule(&[("/data", "\"plain\"")], Kind::Hello)];
    let mut bench = Bench::new(Profile { codec, route, rules, ..raw() });
    let inner = serde_json::to_string(r#"{"s":"b"}"#).unwrap();
    let wrap = |text: &str| format!(r#"{{"data":{}}}"#, serde_json::to_string(text).unwrap());
    let twice = wrap(&format!(r#"{{"inner":{inner}}}"#));
    assert_eq!(bench.rows(&twice), [(Kind::Data, Some(2), twice.clone())]);
    // An object that is no text, text that is no JSON, and nothing at all.
    let object = format!(r#"{{"data":{{"inner":{inner}}}}}"#);
    assert_eq!(bench.rows(&object)[0].1, Some(2));
    assert_eq!(bench.rows(&wrap("{\"inner\":{\"s\":\"b\"},"))[0].1, Some(1));
    assert_eq!(bench.rows("{}")[0].1, Some(1));
    assert_eq!(bench.rows(r#"{"data":"plain"}"#)[0].0, Kind::Hello);
    // A list inside of the string, whose items hold strings to be opened.
    let frame = wrap(r#"{"list":[{"more":"{\"k\":1}"},{"more":"{\"k\":2}"},3]}"#);
    let rows = bench.rows(&frame);
    assert_eq!(rows.iter().map(|row| row.0).collect::<Vec<_>>(), [Kind::Notice, Kind::Data, Kind::Data]);
    assert_eq!(rows[0].2, r#"{"more":"{\"k\":1}"}"#);
    let Note::Rule { row, origin, .. } = &bench.notes[0] else { panic!("{:?}", bench.notes) };
    let view = bench.router.view(frame.as_bytes(), &bench.out, *row, origin);
    assert_eq!(view.get(true, &pointer("/more/k")).as_deref(), Some(&b"1"[..]));
    assert_eq!(view.get(false, &pointer("/data/list/2")).as_deref(), Some(&b"3"[..]));
}

#[test]
fn a_frame_of_too_many_rows_keeps_its_bytes() {
    let limits = Limits { rows: 2, ..Limits::default() };
    let list = Codec { batch: true, ..Codec::default() };
    let mut bench = Bench::new(Profile { codec: list, limits, ..seed() });
    let data = |body: &str| (Kind::Data, Some(1), body.to_owned());
    let a = r#"{"service":"a"}"#;
    assert_eq!(
        bench.rows(&format!("[{a},{a},{a},{a} ]")),
        [data(a), data(a), (Kind::Other, None, format!("{a},{a} ]"))]
    );
    assert_eq!(bench.notes, [Note::TooMany { row: 2, more: 2 }]);
    assert_eq!((bench.out.rows()[2].form, bench.out.rows()[2].parts), (Form::Text, 3));
    assert_eq!(bench.rows(&format!("[{a},{a}]")).len(), 2);
    assert!(bench.notes.is_empty());
    assert_eq!(bench.rows(&format!("[{a},{a},{a},")), [(Kind::Other, None, format!("[{a},{a},{a},"))]);
    assert_eq!(bench.notes, [Note::NotJson { row: 5 }]);

    let lines = Codec { split: Some("\n".into()), ..Codec::default() };
    let mut bench = Bench::new(Profile { codec: lines, limits, ..seed() });
    assert_eq!(bench.rows(&format!("{a}\n{a}\nx\n{a}\n"))[2], (Kind::Other, None, format!("x\n{a}\n")));
    assert_eq!(bench.notes, [Note::TooMany { row: 2, more: 2 }]);

    let each = Codec { each: Some(pointer("/l")), split: Some("\n".into()), ..Codec::default() };
    let mut bench = Bench::new(Profile { codec: each, limits, route: key("{@}"), ..seed() });
    let rows = bench.rows("{\"l\":[1,2, 3,4],\"x\":0}\n{\"l\":[5]}");
    assert_eq!(rows.iter().map(|row| row.2.as_str()).collect::<Vec<_>>(), ["1", "2", "3,4]\n{\"l\":[5]}"]);
    assert_eq!(bench.notes.last(), Some(&Note::TooMany { row: 2, more: 3 }));
}

#[test]
fn a_batch_leaves_with_all_its_bytes() {
    let mut bench = Bench::new(seed());
    let mut sent = Vec::new();
    for n in 0..1000_u32 {
        let frame = format!(r#"{{"service":"a","seq":{n},"pad":"{}"}}"#, "x".repeat((n % 700) as usize));
        bench.text(&frame);
        sent.push(frame);
        if bench.out.is_full() || n == 999 {
            let batch = bench.out.take();
            assert!(bench.out.is_empty() && !bench.out.is_full());
            assert!(batch.rows.len() <= 256 && batch.bytes.len() < (64 << 10) + 1000);
            let bodies: Vec<_> = batch.rows.iter().map(|row| batch.body(row)).collect();
            assert_eq!(bodies, sent.iter().map(String::as_bytes).collect::<Vec<_>>());
            assert_eq!(batch.bytes.len(), sent.iter().map(String::len).sum::<usize>());
            sent.clear();
        }
    }
}

#[test]
fn times_are_read_in_every_unit() {
    let read = |raw: &str, unit| micros(Value::of(raw.as_bytes()), unit);
    let at = Some(1_700_000_000_123_000);
    for (raw, unit) in [
        ("1700000000.123", TimeUnit::S),
        ("\"1700000000.1230\"", TimeUnit::S),
        ("1700000000123", TimeUnit::Ms),
        ("\"1700000000123\"", TimeUnit::Ms),
        ("1700000000123.0004", TimeUnit::Ms),
        ("1700000000123000", TimeUnit::Us),
        ("1700000000123000999", TimeUnit::Ns),
        ("\"2023-11-14T22:13:20.123Z\"", TimeUnit::Rfc3339),
        ("\"2023-11-15T00:13:20.123+02:00\"", TimeUnit::Auto),
        ("1.700000000123e12", TimeUnit::Ms),
    ] {
        assert_eq!(read(raw, unit), at, "{raw}");
        assert_eq!(read(raw, TimeUnit::Auto), at, "{raw}");
    }
    assert_eq!(read("\"0x6553f100\"", TimeUnit::S), Some(1_700_000_000_000_000));
    assert_eq!(read("-1.5", TimeUnit::S), Some(-1_500_000));
    assert_eq!(read("-2", TimeUnit::Ms), Some(-2000));
    for none in [
        "null",
        "true",
        "{}",
        "\"\"",
        "\"now\"",
        "\"2023-11-14\"",
        "1e300",
        "99999999999999999999",
        "\"1.\"",
        "\"inf\"",
        "\"nan\"",
    ] {
        assert_eq!(read(none, TimeUnit::Auto), None, "{none}");
        assert_eq!(read(none, TimeUnit::S), None, "{none}");
    }
    assert_eq!(read("1700000000", TimeUnit::Rfc3339), None);
    assert_eq!(read("9223372036854775807", TimeUnit::S), None);
}

#[test]
fn the_first_time_and_the_first_sequence_that_fit_count() {
    let time = Some(TimeRule { at: vec![pointer("/a"), pointer("/b")], unit: TimeUnit::S });
    let sequences = vec![increment(Some(when(&[("/type", "\"t\"")])), "/id"), increment(None, "/seq")];
    let mut bench = Bench::new(Profile { time, sequences, ..seed() });
    let row = bench.text(r#"{"service":"a","type":"t","id":"12","seq":1,"a":null,"b":4}"#)[0];
    assert_eq!((row.seq, bench.out.sequence(0), row.lag), (Some(12), Some(0), Some(1_000_000)));
    let row = bench.text(r#"{"service":"a","seq":1}"#)[0];
    assert_eq!((row.seq, bench.out.sequence(1), row.lag), (Some(1), Some(1), None));
    let row = bench.text(r#"{"service":"a","seq":-1.5}"#)[0];
    assert_eq!((row.seq, bench.out.sequence(2)), (None, None));
}

/// A value as a rule may ask for it, or a message may have it.
fn value() -> impl Strategy<Value = &'static str> {
    prop::sample::select(vec![
        "\"a\"",
        "\"b\"",
        "\"\\u0061\"",
        "1",
        "1.0",
        "10e-1",
        "-0",
        "0",
        "true",
        "null",
        "\"1\"",
        "[1]",
    ])
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 600, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn an_index_changes_nothing(
        rules in prop::collection::vec(prop::collection::vec((prop::sample::select(vec!["/t", "/u"]), prop::collection::vec(value(), 1..3)), 0..3), 0..12),
        messages in prop::collection::vec((prop::option::of(value()), prop::option::of(value())), 1..12),
    ) {
        let scalar = |text: &&&str| **text != "[1]";
        let rules: Vec<Rule> = rules.iter().map(|conditions| {
            let conditions: Vec<_> = conditions.iter().map(|(at, texts)| {
                let texts: Vec<_> = texts.iter().filter(scalar).copied().collect();
                (*at, if texts.is_empty() { "7".to_owned() } else { texts.join("|") })
            }).collect();
            rule(&conditions.iter().map(|(at, text)| (*at, text.as_str())).collect::<Vec<_>>(), Kind::Notice)
        }).collect();
        let mut bench = Bench::new(Profile { rules: rules.clone(), ..raw() });
        for (t, u) in messages {
            let members: Vec<_> = [("t", t), ("u", u)].iter().filter_map(|(k, v)| v.map(|v| format!("\"{k}\":{v}"))).collect();
            let frame = format!("{{{}}}", members.join(","));
            bench.text(&frame);
            let found = bench.notes.iter().find_map(|note| if let Note::Rule { rule, .. } = note { Some(*rule) } else { None });
            let holds = |rule: &Rule| {
                let mut one = Bench::new(Profile { rules: vec![rule.clone()], ..raw() });
                one.text(&frame);
                !one.notes.is_empty()
            };
            prop_assert_eq!(found, rules.iter().position(holds), "{}", frame);
        }
    }

    #[test]
    fn no_frame_is_lost_or_too_much(frame in prop::collection::vec(any::<u8>(), 0..80), text in "[\\[\\]{}\",:a1\n ]{0,40}", split in any::<bool>(), batch in any::<bool>()) {
        let codec = Codec { split: split.then(|| "\n".to_owned()), batch, each: Some(pointer("")), nested: vec![pointer("/a")] };
        let mut bench = Bench::new(Profile { codec, limits: Limits { rows: 3, ..Limits::default() }, ..seed() });
        for (opcode, frame) in [(Opcode::Binary, &frame[..]), (Opcode::Text, text.as_bytes())] {
            let rows = bench.frame(opcode, frame);
            prop_assert!(rows.len() <= 4);
            prop_assert!(!rows.is_empty() || frame.iter().all(|b| *b == b'\n'));
            for (part, row) in rows.iter().enumerate() {
                prop_assert_eq!((usize::from(row.part), usize::from(row.parts)), (part, rows.len()));
                let body = bench.out.body(bench.out.rows().len() - rows.len() + part);
                prop_assert!(body.len() == row.len as usize);
                let json = serde_json::from_slice::<serde::de::IgnoredAny>(body).is_ok();
                // What holds the rest of a frame may happen to be JSON.
                prop_assert!(json == (row.form == Form::Json) || (json && part == 3));
            }
        }
    }
}
