//! Conditions on values, one by one, and numbers against whole arithmetic.

use proptest::prelude::*;

use super::*;
use crate::profile::codec::{Codec, Reader, Reading};

fn text(text: &str) -> Scalar {
    Scalar::Text(text.into())
}

fn number(text: &str) -> Scalar {
    Scalar::Number(text.into())
}

fn holds(doc: &str, conditions: &[(&str, Test)]) -> bool {
    let wanted = Match(conditions.iter().map(|(at, test)| (Subject::parse(at).unwrap(), test.clone())).collect());
    let places: Vec<_> = wanted.0.iter().filter_map(|(s, _)| s.place()).map(|(item, p)| (item, p.clone())).collect();
    let reader = Reader::new(&Codec::default(), &places);
    let plan = Plan::new(&wanted, &reader);
    let mut reading = Reading::default();
    let json = reader.message(doc.as_bytes(), 0, 0, &mut reading).is_ok();
    let message = json.then_some((doc.as_bytes(), &reading));
    let scene = Scene { message, text: Some(doc.as_bytes()), ..Scene::default() };
    plan.holds(&scene, if json { Form::Json } else { Form::Text })
}

fn is(doc: &str, at: &str, scalar: Scalar) -> bool {
    holds(doc, &[(at, Test::AnyOf(vec![scalar]))])
}

#[test]
fn subjects_are_read() {
    let pointer = |text| Pointer::parse(text).unwrap();
    assert_eq!(Subject::parse("/a/0").unwrap(), Subject::Value(pointer("/a/0")));
    assert_eq!(Subject::parse("@/a").unwrap(), Subject::Item(pointer("@/a")));
    assert_eq!(Subject::parse("").unwrap(), Subject::Value(pointer("")));
    assert_eq!(Subject::parse("#text").unwrap(), Subject::Text);
    assert_eq!(Subject::parse("#form").unwrap(), Subject::Form);
    assert_eq!(Subject::parse("@key").unwrap(), Subject::Key);
    assert_eq!(Subject::parse("#prefix.eio").unwrap(), Subject::Prefix("eio".into()));
    assert!(Subject::parse("#prefix.").is_err() && Subject::parse("@keys").is_err());
    assert!(Subject::parse("#frame").unwrap_err().contains("#form"));
    assert!(Subject::parse("type").is_err());
}

#[test]
fn scalars_are_compared_by_type() {
    let doc = r#"{"s":"1","n":1,"f":1.0,"t":true,"z":null,"e":"\u0031","big":12345678901234567891,"q":"a\"b","o":{},"l":[1]}"#;
    assert!(is(doc, "/s", text("1")) && !is(doc, "/s", number("1")));
    assert!(is(doc, "/n", number("1")) && !is(doc, "/n", text("1")));
    assert!(is(doc, "/n", number("1.0")) && is(doc, "/f", number("1")) && is(doc, "/f", number("10e-1")));
    assert!(is(doc, "/t", Scalar::Bool(true)) && !is(doc, "/t", Scalar::Bool(false)) && !is(doc, "/t", text("true")));
    assert!(is(doc, "/z", Scalar::Null) && !is(doc, "/nothing", Scalar::Null) && !is(doc, "/z", text("null")));
    assert!(is(doc, "/e", text("1")) && is(doc, "/q", text("a\"b")) && !is(doc, "/q", text("a\\\"b")));
    assert!(is(doc, "/big", number("12345678901234567891")) && !is(doc, "/big", number("12345678901234567892")));
    assert!(!is(doc, "/o", text("{}")) && !is(doc, "/l", number("1")));
}

#[test]
fn tests_do_what_they_say() {
    let doc = r#"{"type":"a","n":null,"x":[1]}"#;
    assert!(holds(doc, &[]));
    assert!(holds(doc, &[("/type", Test::AnyOf(vec![text("b"), text("a")]))]));
    assert!(!holds(doc, &[("/type", Test::AnyOf(vec![]))]));
    assert!(holds(doc, &[("/type", Test::Not(text("b")))]) && !holds(doc, &[("/type", Test::Not(text("a")))]));
    assert!(holds(doc, &[("/nothing", Test::Not(text("a")))]));
    assert!(holds(doc, &[("/n", Test::Exists(true))]) && holds(doc, &[("/nothing", Test::Exists(false))]));
    assert!(!holds(doc, &[("/type", Test::AnyOf(vec![text("a")])), ("/nothing", Test::Exists(true))]));
    let like = |re: &str| Test::Like(Regex::new(re).unwrap());
    assert!(holds(doc, &[("/type", like("^[ab]$"))]) && !holds(doc, &[("/type", like("^b"))]));
    assert!(holds(doc, &[("/x", like(r"^\[1\]$"))]) && !holds(doc, &[("/nothing", like(""))]));
    assert!(holds(r#"{"x":"\u0061"}"#, &[("/x", like("^a$"))]));
}

#[test]
fn text_and_form_are_the_whole_messages() {
    let form = |doc, form| is(doc, "#form", text(form));
    assert!(form("{}", "json") && form("pong", "text") && !form("pong", "json"));
    assert!(is("pong", "#text", text("pong")) && !is("pong ", "#text", text("pong")) && !is("1", "#text", number("1")));
    assert!(holds("pong 7", &[("#text", Test::Like(Regex::new("^pong").unwrap()))]));
    assert!(holds("x", &[("#text", Test::Not(text("pong"))), ("#text", Test::Exists(true))]));
    assert!(!is("pong", "/type", text("pong")) && !is("pong", "", text("pong")));
    assert!(is("\"pong\"", "", text("pong")) && is("3", "", number("3")));
}

#[test]
fn numbers_of_odd_spelling() {
    for (a, b) in [
        ("0", "-0"),
        ("0", "0.0e9"),
        ("-0.0", "0e-7"),
        ("100", "1e2"),
        ("100", "1E+2"),
        ("0.001", "1e-3"),
        ("-1.50", "-1.5"),
        ("12.5e1", "125"),
        ("0.0120", "12e-3"),
    ] {
        assert!(same_number(a.as_bytes(), b.as_bytes()) && same_number(b.as_bytes(), a.as_bytes()), "{a} {b}");
    }
    for (a, b) in [
        ("1", "-1"),
        ("1", "10"),
        ("1e1", "1"),
        ("1.0", "1.1"),
        ("0", "1e-400"),
        ("1e99999999999999999999", "1e99999999999999999998"),
        ("9007199254740993", "9007199254740992.0"),
        ("1e400", "1e401"),
    ] {
        assert!(!same_number(a.as_bytes(), b.as_bytes()), "{a} {b}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn numbers_are_compared_by_value(a in -2000_i64..2000, b in -2000_i64..2000, shift_a in 0_u32..4, shift_b in 0_u32..4) {
        // The same value with its point elsewhere, and with an exponent that puts it back.
        let write = |n: i64, shift: u32| {
            let scale = 10_i64.pow(shift);
            let sign = if n < 0 { "-" } else { "" };
            let (whole, rest) = (n.abs() / scale, n.abs() % scale);
            if shift == 0 { format!("{sign}{whole}") } else { format!("{sign}{whole}.{rest:0width$}e{shift}", width = shift as usize) }
        };
        let (one, two) = (write(a, shift_a), write(b, shift_b));
        prop_assert_eq!(same_number(one.as_bytes(), two.as_bytes()), a == b, "{} {}", one, two);
        prop_assert!(same_number(write(a, shift_a).as_bytes(), write(a, shift_b).as_bytes()));
    }
}
