//! Frames in, rows and notes out; and the index of rules against trying them one by one.

mod cut;
mod ways;

use std::time::Duration;

use proptest::prelude::*;

use super::lag::micros;
use super::*;
use crate::profile::codec::Codec;
use crate::profile::matcher::{Match, Scalar, Subject, Test};
use crate::profile::pointer::{Pointer, Value};
use crate::profile::template::{Hole, Part, Source, Template};
use crate::profile::{
    About, Action, Endpoint, Ends, Limits, Reconnect, Route, Rule, Sequence, SequenceRule, SequenceScope, Stale, Step,
    TimeRule, TimeUnit,
};

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
        close: Ends::default(),
        about: About::default(),
        handshake: Vec::new(),
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
    Route { message: Some(Template { parts, json: false }), service: None, ..Route::default() }
}

fn when(conditions: &[(&str, &str)]) -> Match {
    let scalar = |text: &str| match serde_json::from_str(text).unwrap() {
        serde_json::Value::String(text) => Scalar::Text(text),
        serde_json::Value::Bool(is) => Scalar::Bool(is),
        serde_json::Value::Null => Scalar::Null,
        serde_json::Value::Number(_) => Scalar::Number(text.into()),
        serde_json::Value::Array(_) | serde_json::Value::Object(_) => panic!("{text} is no scalar"),
    };
    let test = |text: &str| Test::AnyOf(text.split('|').map(scalar).collect());
    Match(conditions.iter().map(|(at, text)| (Subject::parse(at).unwrap(), test(text))).collect())
}

fn rule(conditions: &[(&str, &str)], kind: Kind) -> Rule {
    Rule {
        when: when(conditions),
        kind,
        capture: Vec::new(),
        send: None,
        text: None,
        action: Action::None,
        route: None,
        time: None,
    }
}

fn increment(when: Option<Match>, at: &str) -> Sequence {
    let (at, rule) = (pointer(at), SequenceRule::Increment { step: 1 });
    Sequence {
        when,
        scope: SequenceScope::Service,
        at,
        rule,
        reset: None,
        reorder: Duration::ZERO,
        across_reconnect: false,
    }
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

/// Frames come 5 s later.
const WALL: WallAnchor = WallAnchor(1_700_000_000_000_000_000);

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
        self.router.route(Ts::from_millis(5000), WALL, opcode, frame, &mut self.out, &mut self.notes);
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
    let frame = r#"{"type":"tick","service":"业务1","seq":7,"ts":1700000004990}"#;
    let row = bench.text(frame)[0];
    assert_eq!((row.service, row.kind, row.form, row.dir), (Some(ServiceId(0)), Kind::Data, Form::Json, Dir::In));
    assert_eq!((row.seq, row.lag, row.frame, row.part, row.parts), (Some(7), Some(10_000), 1, 0, 1));
    assert_eq!((bench.out.body(0), bench.out.sequence(0)), (frame.as_bytes(), Some(0)));
    assert!(bench.notes.is_empty());

    let row = bench.text(r#"{"type":"HEART_BEAT","service":"业务1","seq":8,"ts":1700000006000}"#)[0];
    // A beat is not data: it has no number unless a sequence says so.
    assert_eq!((row.kind, row.seq, row.lag, row.frame), (Kind::Pong, None, Some(-1_000_000), 2));
    let origin = Origin { message: 0..bench.out.body(1).len(), ..Origin::default() };
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
    let row = bench.text(r#"{"service":"a","type":"t","id":"12","seq":1,"a":null,"b":1700000004}"#)[0];
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
        let codec = Codec { split: split.then(|| "\n".to_owned()), batch, each: Some(pointer("")), nested: vec![pointer("/a")], ..Codec::default() };
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
