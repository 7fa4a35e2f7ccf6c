//! The pass against `serde_json`: the same documents accepted, the same values found.

use std::fmt::Write as _;

use proptest::prelude::*;
use serde::de::IgnoredAny;
use serde_json::Value as Tree;

use super::*;

fn pointer(text: &str) -> Pointer {
    Pointer::parse(text).unwrap()
}

fn accepts(doc: &str) -> bool {
    Paths::new([]).scan(doc.as_bytes(), &mut Found::default()).is_ok()
}

fn get<'a>(doc: &'a str, place: &str) -> Option<&'a str> {
    find(doc.as_bytes(), &pointer(place)).map(|raw| std::str::from_utf8(raw).unwrap())
}

/// What one pass of `places` finds in each.
fn values(doc: &str, places: &[&str]) -> Vec<Option<String>> {
    let pointers: Vec<_> = places.iter().map(|place| pointer(place)).collect();
    let paths = Paths::of(&pointers);
    let mut found = Found::default();
    paths.scan(doc.as_bytes(), &mut found).unwrap();
    let text = |p: &Pointer| {
        let value = found.value(doc.as_bytes(), paths.slot(&p.segments)?)?;
        Some(String::from_utf8(value.raw().to_vec()).unwrap())
    };
    pointers.iter().map(text).collect()
}

#[test]
fn pointers_are_read_and_written() {
    for text in ["", "/", "/a", "/a/b", "/a~1b/c~0d", "/-1", "/0/10", "/01", "@", "@/x", "/业务", "//"] {
        assert_eq!(pointer(text).to_string(), text);
    }
    assert_eq!(pointer("/a~1b/m~0n").segments.iter().map(|s| s.key.as_str()).collect::<Vec<_>>(), ["a/b", "m~n"]);
    let indices = |text| pointer(text).segments.iter().map(|s| s.index).collect::<Vec<_>>();
    assert_eq!(indices("/0/12/-1/-0/01/x/"), [Some(0), Some(12), Some(-1), None, None, None, None]);
    for wrong in ["a", "/~", "/~2", "/a~", "#text", "x/y"] {
        assert!(Pointer::parse(wrong).is_err(), "{wrong}");
    }
    assert!(Pointer::parse("service").unwrap_err().contains("`/service`"));
}

#[test]
fn the_grammar_is_the_standards() {
    for good in [
        "0",
        "-0",
        "1.5e-7",
        "1E+2",
        "\"\"",
        "true",
        " null ",
        "[]",
        "{}",
        "[1 , 2]",
        "{\"a\" : [ ] }\r\n",
        "\"\\ud800\"",
        "\"\\u00e9\\n\"",
        "1e999",
        "\"\u{7f}\u{2028}\"",
        "[[],{}]",
    ] {
        assert!(accepts(good), "{good}");
        assert!(serde_json::from_str::<IgnoredAny>(good).is_ok(), "{good}");
    }
    for bad in [
        "",
        " ",
        "01",
        "-",
        "+1",
        ".5",
        "1.",
        "1e",
        "1e+",
        "0x1",
        "tru",
        "truex",
        "nul",
        "NaN",
        "\"",
        "\"a",
        "\"\\x\"",
        "\"\\u12g4\"",
        "\"\\u12",
        "\"a\nb\"",
        "\"\u{1f}\"",
        "[1,]",
        "[,1]",
        "[1 2]",
        "{\"a\"}",
        "{\"a\":}",
        "{a:1}",
        "{\"a\":1,}",
        "{,}",
        "]",
        "[}",
        "{]",
        "[",
        "{\"a\":1",
        "1 2",
        "{} x",
        "\u{feff}1",
        "\u{0}",
        "1\u{0}",
    ] {
        assert!(!accepts(bad), "{bad}");
        assert!(serde_json::from_str::<IgnoredAny>(bad).is_err(), "{bad}");
    }
}

#[test]
fn nesting_has_a_limit() {
    for depth in [1, 100, 126, 127, 128, 129, 5000] {
        for (open, close) in [("[", "]"), ("{\"a\":", "}")] {
            let doc = format!("{}1{}", open.repeat(depth), close.repeat(depth));
            assert_eq!(accepts(&doc), serde_json::from_str::<Tree>(&doc).is_ok(), "{depth} of {open}");
            // The same where the pass follows a pointer part of the way.
            let deep = Paths::of(&[pointer("/a/a"), pointer("/0/0/-1")]);
            assert_eq!(deep.scan(doc.as_bytes(), &mut Found::default()).is_ok(), depth < 128);
        }
    }
    // A pointer deeper than any document is harmless.
    assert_eq!(get("1", &"/a".repeat(100_000)), None);
    assert_eq!(get(&format!("{}1{}", "[".repeat(127), "]".repeat(127)), &"/0".repeat(127)), Some("1"));
}

#[test]
fn values_are_found_as_they_came() {
    let doc = r#" { "a": {"b":[10, {"c":1.50}, "x\ty"]}, "n":null , "":{"":2}, "~/":3, "big":123456789012345678901234567890} "#;
    assert_eq!(get(doc, "/a/b/0"), Some("10"));
    assert_eq!(get(doc, "/a/b/1/c"), Some("1.50"));
    assert_eq!(get(doc, "/a/b/-2/c"), Some("1.50"));
    assert_eq!(get(doc, "/a/b/-1"), Some(r#""x\ty""#));
    assert_eq!(get(doc, "/a/b/-4"), None);
    assert_eq!(get(doc, "/n"), Some("null"));
    assert_eq!(get(doc, "//"), Some("2"));
    assert_eq!(get(doc, "/~0~1"), Some("3"));
    assert_eq!(get(doc, "/big"), Some("123456789012345678901234567890"));
    assert_eq!(get(doc, ""), Some(doc.trim()));
    assert_eq!(get(r#"{"0":"zero","-1":"last"}"#, "/-1"), Some(r#""last""#));
}

#[test]
fn the_last_of_two_keys_wins() {
    assert_eq!(get(r#"{"a":1,"a":2}"#, "/a"), Some("2"));
    assert_eq!(get(r#"{"a":{"b":1},"a":{"c":2}}"#, "/a/b"), None);
    assert_eq!(get(r#"{"a":{"b":1},"a":7}"#, "/a/b"), None);
    assert_eq!(get(r#"{"a":{"b":1},"a":"x"}"#, "/a/b"), None);
    assert_eq!(get(r#"{"a":[1,2],"a":[]}"#, "/a/-1"), None);
    assert_eq!(get(r#"{"service":1,"\u0073ervice":2}"#, "/service"), Some("2"));
    let both = values(r#"{"a":{"b":1,"c":[1,2]},"a":{"c":[3]}}"#, &["/a", "/a/b", "/a/c/0", "/a/c/-1", "/a/c/1"]);
    assert_eq!(both, [Some(r#"{"c":[3]}"#.into()), None, Some("3".into()), Some("3".into()), None]);
}

#[test]
fn an_element_is_found_from_both_ends() {
    let found = values("[[1,2],[3,4],[5,6]]", &["/0/-1", "/-1/0", "/-1", "/2/1", "/-3/-2", "/1/-3", "/-1/-1"]);
    let wanted = [Some("2"), Some("5"), Some("[5,6]"), Some("6"), Some("1"), None, Some("6")];
    assert_eq!(found, wanted.map(|text| text.map(str::to_owned)));
}

#[test]
fn values_are_read_exactly() {
    let value = |raw| Value::new(str::as_bytes(raw), raw.contains('\\'));
    assert_eq!(value("18446744073709551615").as_u64(), Some(u64::MAX));
    assert_eq!(value("18446744073709551616").as_u64(), None);
    assert_eq!(value("18446744073709551616").as_i128(), Some(1 << 64));
    assert_eq!(value("\"12\"").as_u64(), Some(12));
    assert_eq!(value("\"0xfF\"").as_u64(), Some(255));
    assert_eq!(value("\"0xfF\"").as_i128(), Some(255));
    assert_eq!(value("-7").as_i128(), Some(-7));
    for none in [
        "-7", "1.0", "1e3", "\"\"", "\"0x\"", "\"+1\"", "\" 1\"", "\"1 \"", "true", "null", "[1]", "\"0xg\"",
        "\"1\\n\"",
    ] {
        assert_eq!(value(none).as_u64(), None, "{none}");
    }
    for none in ["1.0", "\"\"", "\"0x\"", "\"+1\"", "\"0x+1\"", "\"--1\"", "null", "{}", "\"业务\""] {
        assert_eq!(value(none).as_i128(), None, "{none}");
    }
    assert_eq!(
        (value("true").as_bool(), value("false").as_bool(), value("1").as_bool()),
        (Some(true), Some(false), None)
    );
    assert!(value("null").is_null() && !value("\"null\"").is_null());
    assert_eq!(value("-1.50e3").as_number(), Some(b"-1.50e3".as_slice()));
    assert_eq!(value("\"1\"").as_number(), None);
    assert!(matches!(value("\"业务\"").as_text(), Some(std::borrow::Cow::Borrowed(b)) if b == "业务".as_bytes()));
    assert_eq!(value(r#""\ud83d\ude00\ud800x\u0041\/""#).as_text().unwrap(), "😀\u{fffd}xA/".as_bytes());
    assert_eq!(value("3").as_text(), None);
}

#[test]
fn strings_end_where_they_end_at_every_alignment() {
    for length in 0..100 {
        let long = "x业".repeat(length / 4) + &"y".repeat(length % 4);
        for (middle, valid) in
            [("", true), ("\\\"", true), ("\\\\", true), ("\u{1}", false), ("\u{7f}", true), ("!", true)]
        {
            let doc = format!("[\"{long}{middle}{long}\",1]");
            assert_eq!(accepts(&doc), valid, "{doc}");
            if valid {
                assert_eq!(get(&doc, "/1"), Some("1"), "{doc}");
            }
        }
        let digits = format!("[1{0},{1}.{1}]", "9".repeat(length), "1".repeat(length + 1));
        assert!(accepts(&digits) && !accepts(&digits.replace('.', "..")) && !accepts(&digits.replace(',', ":")));
    }
}

const KEYS: [&str; 7] = ["a", "b", "service", "0", "-1", "业务", "x\ty"];

/// Documents whose keys are few, so that pointers meet them and keys repeat.
#[derive(Clone, Debug)]
enum Doc {
    Scalar(String),
    Array(Vec<Doc>),
    Object(Vec<(usize, bool, Doc)>),
}

impl Doc {
    fn write(&self, gap: &str, out: &mut String) {
        match self {
            Self::Scalar(text) => out.push_str(text),
            Self::Array(items) => {
                out.push('[');
                for (i, item) in items.iter().enumerate() {
                    out.push_str(if i > 0 { "," } else { "" });
                    out.push_str(gap);
                    item.write(gap, out);
                    out.push_str(gap);
                }
                out.push(']');
            }
            Self::Object(members) => {
                out.push('{');
                for (i, (key, escaped, item)) in members.iter().enumerate() {
                    out.push_str(if i > 0 { "," } else { "" });
                    let key = KEYS[*key];
                    if *escaped {
                        let units = key.encode_utf16().fold(String::new(), |mut all, unit| {
                            write!(all, "\\u{unit:04x}").unwrap();
                            all
                        });
                        write!(out, "\"{units}\"{gap}:{gap}").unwrap();
                    } else {
                        write!(out, "{}{gap}:", serde_json::to_string(key).unwrap()).unwrap();
                    }
                    item.write(gap, out);
                    out.push_str(gap);
                }
                out.push('}');
            }
        }
    }
}

fn scalar() -> impl Strategy<Value = String> {
    prop_oneof![
        any::<i64>().prop_map(|n| n.to_string()),
        any::<f64>().prop_filter("a number of JSON", |n| n.is_finite()).prop_map(|n| format!("{n:e}")),
        any::<String>().prop_map(|text| serde_json::to_string(&text).unwrap()),
        "[a-z\\\\\"\n业]{0,80}".prop_map(|text| serde_json::to_string(&text).unwrap()),
        Just("\"\\u00e9\\ud83d\\ude00\"".to_owned()),
        prop_oneof![Just("null"), Just("true"), Just("false"), Just("[]"), Just("{}"), Just("0")]
            .prop_map(str::to_owned),
    ]
}

fn doc() -> impl Strategy<Value = Doc> {
    scalar().prop_map(Doc::Scalar).prop_recursive(5, 60, 6, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6).prop_map(Doc::Array),
            prop::collection::vec((0..KEYS.len(), any::<bool>(), inner), 0..6).prop_map(Doc::Object),
        ]
    })
}

fn places() -> impl Strategy<Value = Vec<Vec<String>>> {
    let segment = prop_oneof![
        (0..KEYS.len()).prop_map(|key| KEYS[key].to_owned()),
        (-4_i64..4).prop_map(|index| index.to_string()),
    ];
    prop::collection::vec(prop::collection::vec(segment, 0..5), 0..9)
}

/// The slow and obvious way.
fn look<'a>(tree: &'a Tree, place: &[String]) -> Option<&'a Tree> {
    place.iter().try_fold(tree, |tree, key| match tree {
        Tree::Object(members) => members.get(key),
        Tree::Array(items) => {
            let index: i64 = key.parse().ok()?;
            let size = usize::try_from(index.unsigned_abs()).unwrap();
            items.get(if index < 0 { items.len().checked_sub(size)? } else { size })
        }
        Tree::Null | Tree::Bool(_) | Tree::Number(_) | Tree::String(_) => None,
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1500, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_pass_finds_what_a_tree_holds(doc in doc(), places in places(), gap in "[ \t\r\n]{0,2}") {
        let mut text = gap.clone();
        doc.write(&gap, &mut text);
        let tree: Tree = serde_json::from_str(&text).unwrap();
        let pointers: Vec<Pointer> = places
            .iter()
            .map(|place| Pointer { item: false, segments: place.iter().cloned().map(Segment::new).collect() })
            .collect();
        let paths = Paths::of(&pointers);
        let mut found = Found::default();
        prop_assert!(paths.scan(text.as_bytes(), &mut found).is_ok());
        for (pointer, place) in pointers.iter().zip(&places) {
            let value = found.value(text.as_bytes(), paths.slot(&pointer.segments).unwrap());
            let read = value.map(|value| serde_json::from_slice::<Tree>(value.raw()).unwrap());
            prop_assert_eq!(read.as_ref(), look(&tree, place), "{} in {}", pointer, text);
            if let (Some(value), Some(Tree::String(string))) = (value, look(&tree, place)) {
                prop_assert_eq!(value.as_text().unwrap(), string.as_bytes());
                let mut scratch = Vec::new();
                prop_assert_eq!(value.text_in(&mut scratch).unwrap(), string.as_bytes());
            }
        }
    }

    #[test]
    fn broken_documents_are_refused_alike(doc in doc(), cut in any::<prop::sample::Index>(), put in "[\\[\\]{}:,\"\\\\0-9eE.+ tu\n-]{0,3}", places in places()) {
        let mut text = String::new();
        doc.write("", &mut text);
        let mut at = cut.index(text.len() + 1);
        while !text.is_char_boundary(at) { at -= 1; }
        let mut end = (at + 1).min(text.len());
        while !text.is_char_boundary(end) { end += 1; }
        text.replace_range(at..end, &put);
        let expected = serde_json::from_str::<IgnoredAny>(&text).is_ok();
        prop_assert_eq!(accepts(&text), expected, "{}", text);
        let pointers: Vec<_> = places.iter().map(|place| pointer(&["", &place.join("/")].join("/"))).collect();
        prop_assert_eq!(Paths::of(&pointers).scan(text.as_bytes(), &mut Found::default()).is_ok(), expected, "{}", text);
    }

    #[test]
    fn anything_is_survived(text in ".{0,60}", bytes in prop::collection::vec(any::<u8>(), 0..60)) {
        prop_assert_eq!(accepts(&text), serde_json::from_str::<IgnoredAny>(&text).is_ok());
        let _ = find(&bytes, &pointer("/a/-1"));
        if let Ok(pointer) = Pointer::parse(&text) {
            prop_assert_eq!(Pointer::parse(&pointer.to_string()).unwrap(), pointer);
        }
    }

    #[test]
    fn whole_numbers_are_read_as_std_reads_them(number in any::<u64>(), cut in 0..20_u32, text in "[0-9]{0,21}|[0-9]{6,18}[a-z/:][0-9]{0,3}") {
        let number = (number / 10_u64.pow(cut)).to_string();
        for text in [number, text] {
            prop_assert_eq!(Value::of(format!("\"{text}\"").as_bytes()).as_u64(), text.parse().ok(), "{}", text);
        }
    }

    #[test]
    fn a_pointer_survives_being_written(item in any::<bool>(), keys in prop::collection::vec(".{0,6}|-?[0-9]{1,3}|[~/01]{0,4}", 0..5)) {
        let pointer = Pointer { item, segments: keys.into_iter().map(Segment::new).collect() };
        prop_assert_eq!(Pointer::parse(&pointer.to_string()).unwrap(), pointer);
    }
}
