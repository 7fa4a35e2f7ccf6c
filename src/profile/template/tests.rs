//! Templates parsed, printed and filled in, with hostile values above all.

use std::borrow::Cow;
use std::collections::BTreeMap;

use proptest::prelude::*;
use serde_json::{Value, json};

use super::parse::is_json;
use super::*;

fn json(text: &str) -> Template {
    Template::parse(text, true).unwrap()
}

fn plain(text: &str) -> Template {
    Template::parse(text, false).unwrap()
}

/// The message of every test below.
fn look(pointer: &Pointer) -> Option<&'static str> {
    match pointer.to_string().as_str() {
        "/n" => Some("9007199254740993.10"),
        "/text" => Some(r#""a \"b\" \u4e1a""#),
        "/list" => Some(r#"[1, "x"]"#),
        "/null" => Some("null"),
        "/broken" => Some(r#"1,"admin":true"#),
        "/lone" => Some(r#""\ud800""#),
        _ => None,
    }
}

fn render(template: &Template) -> Result<Rendered, Missing> {
    let params = BTreeMap::from([("depth".to_owned(), json!(10)), ("name2".to_owned(), json!("a\"b"))]);
    let captures = BTreeMap::from([("session".to_owned(), "\"s-1\"".to_owned())]);
    let env = BTreeMap::from([("TOKEN".to_owned(), "se\"cret".to_owned())]);
    let message = |pointer: &Pointer| look(pointer).map(Cow::Borrowed);
    template.render(&Scope {
        service: Some(("业务1", &params)),
        message: Some(&message),
        captures: Some(&captures),
        id: Some("7"),
        sub_id: Some("18446744073709551615"),
        now: Some(-1_000_000),
        env: Some(&env),
        ..Scope::default()
    })
}

fn text(template: &Template) -> String {
    render(template).unwrap().text
}

#[test]
fn a_value_goes_in_as_json_or_as_escaped_text() {
    assert_eq!(text(&json(r#"{"service":"${s.name}"}"#)), r#"{"service":"业务1"}"#);
    assert_eq!(text(&json(r#"{"service":${s.name}}"#)), r#"{"service":"业务1"}"#);
    assert_eq!(text(&json(r#"[${s.depth},"${s.depth}",${s.name2},"${s.name2}"]"#)), r#"[10,"10","a\"b","a\"b"]"#);
    // Digits are not touched, nor is the spelling of a string.
    assert_eq!(text(&json(r#"[${/n},"${/n}"]"#)), r#"[9007199254740993.10,"9007199254740993.10"]"#);
    assert_eq!(text(&json(r#"[${/text},"<${/text}>"]"#)), r#"["a \"b\" \u4e1a","<a \"b\" \u4e1a>"]"#);
    assert_eq!(text(&json(r#"[${/list},"${/list}",${/null}]"#)), r#"[[1, "x"],"[1, \"x\"]",null]"#);
    assert_eq!(text(&json(r#"["${/lone}"]"#)), r#"["\ud800"]"#);
    assert_eq!(
        text(&json("[${id},${sub.id},${now_ms},${now_s},${v.session}]")),
        r#"[7,18446744073709551615,-1,-1,"s-1"]"#
    );
    assert_eq!(text(&plain("ping ${/text} ${/n} ${v.session}")), "ping a \"b\" 业 9007199254740993.10 s-1");
}

#[test]
fn a_default_stands_in_for_what_is_not_there() {
    assert_eq!(text(&json(r#"["${s.none|业}",${s.none|null},${/none|{"a":{}}}]"#)), r#"["业",null,{"a":{}}]"#);
    assert_eq!(text(&json(r#"["${s.none|a\b"c}"]"#)), r#"["a\\b\"c"]"#);
    assert_eq!(text(&plain("${s.none|}|${/none|x|y}")), "|x|y");
    assert_eq!(render(&json("[${s.none}]")), Err(Missing::Value(Source::Service("none".into()))));
    assert_eq!(render(&json(r#"["${@/x}"]"#)).unwrap_err().to_string(), "there is no value for ${@/x}");
}

#[test]
fn what_the_program_makes_goes_in_like_anything_else() {
    let prefix = |name: &str| (name == "ns").then(|| "/a\"b".to_owned());
    let scope = Scope {
        key: Some("业务\"1"),
        prefix: Some(&prefix),
        uuid: Some("7f0c"),
        sub_sid: Some("\"0x1\""),
        args: Some("[1,\"x\"]"),
        now: Some(1_700_000_000_123_000_000),
        ..Scope::default()
    };
    let said = |template: &Template| template.render(&scope).unwrap().text;
    assert_eq!(said(&json(r#"[${@key},"<${@key}>"]"#)), r#"["业务\"1","<业务\"1>"]"#);
    assert_eq!(said(&json(r#"[${#prefix.ns},"${#prefix.ns}"]"#)), r#"["/a\"b","/a\"b"]"#);
    assert_eq!(said(&json(r#"[${uuid},${sub.sid},"${sub.sid}"]"#)), r#"["7f0c","0x1","0x1"]"#);
    assert_eq!(said(&json(r#"{"args":${args},"text":"${args}"}"#)), r#"{"args":[1,"x"],"text":"[1,\"x\"]"}"#);
    assert_eq!(
        said(&plain("${now} ${now_ms} ${@key} ${args}")),
        r#"2023-11-14T22:13:20.123Z 1700000000123 业务"1 [1,"x"]"#
    );
    let joined = Scope { args: Some("T.A,T.\"B"), ..Scope::default() };
    assert_eq!(json(r#"{"p":"${args}"}"#).render(&joined).unwrap().text, r#"{"p":"T.A,T.\"B"}"#);
    assert_eq!(json("[${args}]").render(&joined).unwrap().text, r#"["T.A,T.\"B"]"#);
    assert!(plain("${#prefix.none}").render(&scope).is_err());
    assert_eq!(text(&plain("${#prefix.none|x}${@key|y}")), "xy");
}

#[test]
fn json_inside_of_a_text_is_kept_whole() {
    let frame = |text: &str| plain(text).with_json_inside();
    assert_eq!(text(&frame(r#"42["join","${s.name2}",${s.depth}] ${s.name2}"#)), r#"42["join","a\"b",10] a"b"#);
    assert_eq!(text(&frame(r#"x "\"${s.name2}" ${/text}"#)), r#"x "\"a\"b" a "b" 业"#);
    assert_eq!(text(&frame(r#""${s.none|a"b}""#)), r#""a\"b""#);
}

#[test]
fn what_is_not_json_is_not_put_into_a_frame() {
    for template in [json("[${/broken}]"), json(r#"["${/broken}"]"#), plain("${/broken}"), plain("${/lone}")] {
        assert!(matches!(render(&template), Err(Missing::Malformed(_))), "{template}");
    }
}

#[test]
fn secrets_are_masked_where_they_are_shown() {
    let rendered = render(&json(r#"{"a":"${id}","token":"${env.TOKEN}","again":${env.TOKEN}}"#)).unwrap();
    assert_eq!(rendered.text, r#"{"a":"7","token":"se\"cret","again":"se\"cret"}"#);
    assert_eq!(rendered.masked, r#"{"a":"7","token":"***","again":"***"}"#);
    let rendered = render(&plain("ws://x/?token=${env.TOKEN}&n=1")).unwrap();
    assert_eq!((&*rendered.text, &*rendered.masked), ("ws://x/?token=se\"cret&n=1", "ws://x/?token=***&n=1"));
    let rendered = render(&plain("no secret")).unwrap();
    assert_eq!(rendered.text, rendered.masked);
}

#[test]
fn dollars_are_escaped_before_a_brace_only() {
    assert_eq!(text(&plain("$ $$ $5 $")), "$ $$ $5 $");
    assert_eq!(text(&plain("$${id}")), "${id}");
    assert_eq!(text(&plain("$$${id}")), "$7");
    assert_eq!(text(&plain("$$$${id}")), "$${id}");
    assert_eq!(text(&json(r#"{"$${":"${id}"}"#)), r#"{"${":"7"}"#);
}

#[test]
fn what_is_filled_in_cannot_break_out_of_its_place() {
    let wrong = |text: &str| Template::parse(text, true).unwrap_err();
    assert_eq!(wrong("{${id}:1}").at, 1..2);
    for text in ["1${id}", "-${id}", "${id}${id}", "${id}e5", "tru${id}", r#""\u00${id}""#, "[${id} ${id}]", "", "{"] {
        assert!(wrong(text).message.contains("not JSON"), "{text}: {:?}", wrong(text));
    }
    assert!(wrong(r#""\${id}""#).message.contains("backslash"));
    assert!(wrong(r#"[${s.x|1,"admin":true}]"#).message.contains("is none"));
    assert_eq!(wrong("[1,\n 2,\n 业]").at, 9..12);
}

#[test]
fn an_unknown_placeholder_is_named_with_the_nearest() {
    let wrong = Template::parse("abc ${sub.di} def", false).unwrap_err();
    assert_eq!(wrong.at, 4..13);
    assert_eq!(wrong.message, "unknown placeholder `${sub.di}`");
    assert_eq!(wrong.help.unwrap(), "did you mean `${sub.id}`?");
    assert!(Template::parse("${service.name}", false).unwrap_err().help.unwrap().starts_with("known are"));
    for text in ["${}", "${s.}", "${v.}", "${ id }", "${/~2}", "${", "${id", "${id|{}", "${@x}"] {
        assert!(Template::parse(text, false).is_err(), "{text}");
    }
    assert!(Template::parse(&"x".repeat(MAX_TEXT + 1), false).is_err());
}

#[test]
fn a_filled_template_has_a_bound() {
    let params = BTreeMap::from([("big".to_owned(), Value::String("x".repeat(MAX_RENDERED / 2)))]);
    let scope = Scope { service: Some(("s", &params)), ..Scope::default() };
    assert!(json(r#"["${s.big}"]"#).render(&scope).is_ok());
    assert_eq!(json(r#"["${s.big}${s.big}"]"#).render(&scope), Err(Missing::TooLong));
}

/// Text rich in what means something to a template.
fn template_like() -> impl Strategy<Value = String> {
    let token = prop_oneof![
        Just("$".to_owned()),
        Just("{".to_owned()),
        Just("}".to_owned()),
        Just("|".to_owned()),
        Just("\"".to_owned()),
        Just("\\".to_owned()),
        Just(",".to_owned()),
        Just("[".to_owned()),
        Just("]".to_owned()),
        Just("${id}".to_owned()),
        Just("${/a~1b/-1|{}}".to_owned()),
        Just("\"${@/业|x}\"".to_owned()),
        Just("${s.name|null}".to_owned()),
        Just("${@key}${#prefix.a|}".to_owned()),
        Just("\"${uuid}${now}\"".to_owned()),
        Just("${args},${sub.sid|1}".to_owned()),
        any::<char>().prop_map(String::from),
    ];
    prop::collection::vec(token, 0..20).prop_map(|tokens| tokens.concat())
}

/// JSON templates with a hole in every kind of place.
fn skeleton() -> impl Strategy<Value = &'static str> {
    prop::sample::select(vec![
        r#"{"a":${s.p},"b":"${s.p}","${s.p}":"x${s.p}y${s.name}"}"#,
        r#"[${/m},"${/m}",{"k":[${/m},"<${/m}>"]}]"#,
        r#"["\\${v.c}\n",${v.c},${v.none|{"a":"b"}},"${v.none|"quoted" \ }"]"#,
        "${/m}",
        r#""${env.E}${/m}""#,
        r#"[${env.E},"$${${id}",${now_ms}]"#,
        r#"[${@key},"${@key}${#prefix.p}",${#prefix.p},"${uuid}",${now|0},"${now|0}"]"#,
        r#"{"a":${args},"b":"x${args}y","${args}":${sub.sid},"d":"${sub.sid}"}"#,
    ])
}

proptest! {
    #[test]
    fn reading_never_panics_and_printing_is_its_inverse(text in template_like(), json: bool) {
        if let Ok(template) = Template::parse(&text, json) {
            prop_assert_eq!(Template::parse(&template.to_string(), json), Ok(template));
        }
    }

    #[test]
    fn every_json_template_stays_json(
        skeleton in skeleton(), hostile in ".{0,12}", token in template_like(), joined in ".{0,12}", raw in prop_oneof![
            ".{0,12}", template_like(), Just("1".to_owned()), Just("\"\\ud800\"".to_owned()), Just(" [1 , \"2\\\\\"]\n".to_owned()), Just(r#"{"a":"b"}"#.to_owned()),
            ".{0,12}".prop_map(|text| Value::String(text).to_string()),
        ],
    ) {
        let template = Template::parse(skeleton, true).unwrap();
        let params = BTreeMap::from([("p".to_owned(), Value::String(hostile.clone()))]);
        let captures = BTreeMap::from([("c".to_owned(), raw.clone())]);
        let found = |_: &Pointer| Some(Cow::Borrowed(raw.as_str()));
        let env = BTreeMap::from([("E".to_owned(), hostile.clone())]);
        let prefix = |_: &str| Some(token.clone());
        // A list is made of rendered shares, so it is JSON; joined text is anything.
        let args = if joined.starts_with('[') { "[1,\"a\"]" } else { &joined };
        let scope = Scope {
            service: Some((&token, &params)), message: Some(&found), captures: Some(&captures),
            id: Some("1"), now: Some(i64::MIN), env: Some(&env), key: Some(&hostile), prefix: Some(&prefix),
            uuid: Some("u"), sub_sid: Some(&raw), args: Some(args), ..Scope::default()
        };
        match template.render(&scope) {
            Ok(rendered) => {
                prop_assert!(is_json(&rendered.text), "{}", rendered.text);
                prop_assert!(is_json(&rendered.masked), "{}", rendered.masked);
            }
            Err(why) => prop_assert!(!is_json(&raw), "{why} for {raw}"),
        }
    }
}
