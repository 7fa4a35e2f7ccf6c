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
