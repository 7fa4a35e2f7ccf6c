//! Frames that are not one message each: split, taken apart, opened, and too long.

use super::*;

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
    let frame = r#"{"data":[{"symbol":"b","id":"0x10","t":"2023-11-14T22:13:24Z"}, {"symbol":"c","id":18}],"t":1700000005,"channel":"x"}"#;
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

/// Signal K: two arrays deep, and the time is in the outer one.
#[test]
fn items_may_lie_two_lists_deep() {
    let codec = Codec { outer: Some(pointer("/updates")), each: Some(pointer("/values")), ..Codec::default() };
    let profile = Profile {
        codec,
        route: key("{@/path}"),
        rules: vec![rule(&[("@/path", "\"b\"")], Kind::Notice)],
        time: Some(TimeRule { at: vec![pointer("@/../timestamp")], unit: TimeUnit::Auto }),
        ..raw()
    };
    let mut bench = Bench::new(profile.clone());
    let first = r#"{"values":[{"path":"a","value":1},{"path":"b"}],"timestamp":"2023-11-14T22:13:24Z"}"#;
    let frame = format!(
        r#"{{"context":"c","updates":[{first} , {{"meta":[1]}}, {{"timestamp":1700000005,"values":[{{"path":"x:b"}}]}}]}}"#
    );
    let rows = bench.text(&frame);
    let seen: Vec<_> = rows.iter().map(|row| (row.service.map(|s| s.0), row.kind, row.lag)).collect();
    assert_eq!(
        seen,
        [
            (Some(1), Kind::Data, Some(1_000_000)),
            (Some(2), Kind::Notice, Some(1_000_000)),
            (None, Kind::Other, None),
            (Some(3), Kind::Data, Some(0)),
        ]
    );
    let bodies: Vec<_> = (0..4).map(|row| String::from_utf8(bench.out.body(row).to_vec()).unwrap()).collect();
    assert_eq!(bodies, [r#"{"path":"a","value":1}"#, r#"{"path":"b"}"#, r#"{"meta":[1]}"#, r#"{"path":"x:b"}"#]);
    let [Note::Rule { row, origin, .. }] = &bench.notes[..] else { panic!("{:?}", bench.notes) };
    let view = bench.router.view(frame.as_bytes(), &bench.out, *row, origin);
    assert_eq!(view.text(true, &pointer("/../timestamp")).as_deref(), Some("2023-11-14T22:13:24Z"));
    assert_eq!(view.text(true, &pointer("/path")).as_deref(), Some("b"));
    assert_eq!(view.text(false, &pointer("/context")).as_deref(), Some("c"));
    for whole in [r#"{"updates":[]}"#, r#"{"updates":{}}"#, r#"{"values":[1]}"#] {
        assert_eq!(bench.rows(whole), [(Kind::Other, None, whole.to_owned())]);
    }
    // Beyond the limit nothing is lost.
    let mut bench = Bench::new(Profile { limits: Limits { rows: 1, ..Limits::default() }, ..profile });
    let rows = bench.rows(&frame);
    assert_eq!(rows.len(), 2);
    assert!(rows[1].2.contains(r#"{"path":"b"}"#) && rows[1].2.contains(r#"{"path":"x:b"}"#), "{rows:?}");
    assert_eq!(bench.notes, [Note::TooMany { row: 1, more: 3 }]);
}

#[test]
fn members_beyond_the_limit_are_counted() {
    let codec = Codec { each: Some(pointer("/m")), members: true, ..Codec::default() };
    let limits = Limits { rows: 2, ..Limits::default() };
    let mut bench = Bench::new(Profile { codec, limits, ..raw() });
    let rows = bench.rows(r#"{"m":{"a":1,"b":2, "c" : 3,"d":4},"x":0}"#);
    assert_eq!(rows.iter().map(|row| row.2.as_str()).collect::<Vec<_>>(), ["1", "2", r#""c" : 3,"d":4}"#]);
    assert_eq!(bench.notes, [Note::TooMany { row: 2, more: 2 }]);
}

#[test]
fn what_is_turned_into_json_is_routed() {
    let codec = Codec { format: Format::Nats, ..Codec::default() };
    let rules = vec![rule(&[("/op", "\"PING\"")], Kind::Ping), rule(&[("/op", "\"-ERR\"")], Kind::Error)];
    let profile = Profile {
        codec,
        rules,
        route: key("{/subject}"),
        sequences: vec![increment(None, "/payload/seq")],
        limits: Limits { rows: 3, ..Limits::default() },
        ..raw()
    };
    let mut bench = Bench::new(profile);
    let rows = bench.frame(Opcode::Binary, b"PING\r\nMSG a 1 9\r\n{\"seq\":7}\r\n-ERR 'x'\r\n");
    assert_eq!(rows.iter().map(|row| row.kind).collect::<Vec<_>>(), [Kind::Ping, Kind::Data, Kind::Error]);
    assert_eq!((rows[1].service, rows[1].seq, rows[1].form), (Some(ServiceId(1)), Some(7), Form::Json));
    let [_, Note::Rule { row, origin, .. }] = &bench.notes[..] else { panic!("{:?}", bench.notes) };
    let view = bench.router.view(b"not this", &bench.out, *row, origin);
    assert_eq!(view.text(false, &pointer("/text")).as_deref(), Some("x"));

    let rows = bench.frame(Opcode::Binary, b"junk\xff\r\nPING\r\nPING\r\nPING\r\nPING\r\n");
    assert_eq!((rows[0].form, rows[0].kind, rows.len()), (Form::Binary, Kind::Other, 4));
    assert!(bench.notes.iter().any(|note| matches!(note, Note::Broken { .. })));
    assert!(matches!(bench.notes.last(), Some(Note::TooMany { more: 2, .. })), "{:?}", bench.notes);
    assert!(bench.frame(Opcode::Binary, b"PI").is_empty() && bench.frame(Opcode::Binary, b"NG\r\n").len() == 1);
}

#[test]
fn a_frame_that_cannot_be_read_is_one_row() {
    let codec = Codec { compression: crate::profile::codec::Compression::Gzip, ..Codec::default() };
    let mut bench = Bench::new(Profile { codec, limits: Limits { message: 1000, ..Limits::default() }, ..seed() });
    let zip = |text: &str| {
        let mut out = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
        std::io::Write::write_all(&mut out, text.as_bytes()).unwrap();
        out.finish().unwrap()
    };
    let bomb = zip(&"x".repeat(2000));
    let row = bench.frame(Opcode::Binary, &bomb)[0];
    assert_eq!((row.form, row.kind, bench.out.body(0)), (Form::Binary, Kind::Other, bomb.as_slice()));
    assert_eq!(bench.notes, [Note::TooBig { row: 0 }]);
    assert_eq!(bench.frame(Opcode::Binary, b"\x1f\x8b\xff")[0].form, Form::Binary);
    assert_eq!(bench.notes, [Note::Broken { row: 1 }]);
    let row = bench.frame(Opcode::Binary, &zip(r#"{"service":"a"}"#))[0];
    assert_eq!((row.service, row.form), (Some(ServiceId(1)), Form::Json));
    assert_eq!(bench.text(r#"{"service":"b"}"#)[0].service, Some(ServiceId(2)), "text is text");
}

#[test]
fn an_answer_is_one_message_though_members_are_rows() {
    let codec = Codec { members: true, each: Some(pointer("")), ..Codec::default() };
    let rules = vec![
        rule(&[("/type", "\"ok\"")], Kind::Ack),
        rule(&[("/all", "1")], Kind::Data),
        rule(&[("@/beat", "1")], Kind::Heartbeat),
    ];
    let name = Part::Hole(Hole { source: Source::Key, default: None, quoted: false });
    let route = Route { message: Some(Template { parts: vec![name], json: false }), ..Route::default() };
    let mut bench = Bench::new(Profile { codec, route, rules, ..raw() });
    let ack = r#"{"type":"ok","service":"a"}"#;
    assert_eq!(bench.rows(ack), [(Kind::Ack, None, ack.to_owned())]);
    // Data is of its members, and so is what a rule finds in them.
    assert_eq!(bench.rows(r#"{"a":{},"all":1}"#).len(), 2);
    let kinds: Vec<_> = bench.rows(r#"{"a":{"beat":1},"b":{}}"#).iter().map(|row| row.0).collect();
    assert_eq!(kinds, [Kind::Heartbeat, Kind::Data]);
}
