//! What filters admit, what is wrong with them, and that one which is printed reads as itself.

use proptest::prelude::*;

use super::*;
use crate::app::json::path::Step;
use crate::event::Form;

const BODY: &str = r#"{"service":"业务1","seq":9007199254740993,"data":{"price":"101.25","qty":3,"side":"buy","tags":["A","b c"],"none":null,"ok":true}}"#;

fn seen(body: &str) -> Seen<'_> {
    let (kind, dir) = (Kind::Data, Dir::In);
    Seen { service: "业务1 trades", kind, dir, form: Form::Json, len: 2048, body: body.as_bytes() }
}

#[track_caller]
fn admits(filter: &str, body: &str) -> bool {
    Filter::new(filter).unwrap_or_else(|bad| panic!("{filter}: {bad:?}")).admits(&seen(body))
}

#[test]
fn words_hold_all_together() {
    for (filter, holds) in [
        ("", true),
        ("buy", true),
        ("BUY", false),
        ("Buy price", false),
        ("price buy 业务", true),
        ("price sell", false),
        ("!sell", true),
        ("!sell !buy", false),
        ("sell | buy", true),
        ("sell or buy", true),
        ("(sell | buy) !price", false),
        ("!(sell | nothing)", true),
        ("\"b c\"", true),
        ("\"b  c\"", false),
        ("buy and price", true),
        ("\"and\"", false),
        ("!!buy", true),
    ] {
        assert_eq!(admits(filter, BODY), holds, "{filter}");
    }
}

#[test]
fn regexes_look_at_bytes_as_they_came() {
    assert!(admits("/b[ou]y/", BODY));
    assert!(admits("/BUY|SELL/ | /bUy/ | /\\Sb/", BODY));
    assert!(!admits("/BUY/", BODY));
    assert!(admits("/\"qty\":\\d+,/", BODY));
    assert!(admits("/a\\/b/", "a/b"));
    // As far as it was typed.
    assert!(admits("/b[ou]", BODY));
    assert!(admits("\"b c", BODY));
}

#[test]
fn what_a_message_is_can_be_asked() {
    for (filter, holds) in [
        ("service:业务1", true),
        ("service:TRADES", false),
        ("service:trades", true),
        ("service=trades", false),
        ("service=\"业务1 trades\"", true),
        ("kind:data", true),
        ("kind:ack", false),
        ("dir:in", true),
        ("!dir:in", false),
        ("size>1k", true),
        ("size >= 2k", true),
        ("size>2k", false),
        ("size<2m size!=7", true),
    ] {
        assert_eq!(admits(filter, BODY), holds, "{filter}");
    }
}

#[test]
fn values_are_compared_by_all_their_digits() {
    for (filter, holds) in [
        (".data.price > 100", true),
        (".data.price>101.25", false),
        (".data.price >= 101.250", true),
        (".data.price = 101.25", true),
        (".data.price == \"101.25\"", true),
        (".data.price = \"101.250\"", false),
        (".seq = 9007199254740993", true),
        (".seq = 9007199254740992", false),
        (".seq > 9007199254740992", true),
        (".seq = \"9007199254740993\"", false),
        (".data.side = buy", true),
        (".data.side != buy", false),
        (".data.side != sell", true),
        (".data.nothing != sell", false),
        (".data.side", true),
        (".data.nothing", false),
        ("!.data.nothing", true),
        (".data.none = null", true),
        (".data.ok = true", true),
        (".data.side ~ /^b/", true),
        (".data.side ~ ^u", false),
        (".data.tags[] = A", true),
        (".data.tags[1] = \"b c\"", true),
        (".data.tags[-1] = A", false),
        (".data.side > apple", true),
        (".data.qty < 2 | .data.qty > 2", true),
        (".data.side > 5", false),
    ] {
        assert_eq!(admits(filter, BODY), holds, "{filter}");
    }
}

#[test]
fn saved_filters_have_names() {
    let saved = [("noise", "kind:ack | nothing"), ("loop", "@loop"), ("buys", ".data.side = buy !@noise")];
    let saved = saved.map(|(name, text)| (name.to_owned(), text.to_owned()));
    let made = |text: &str| Filter::with_saved(text, &saved);
    assert!(made("@buys price").unwrap().admits(&seen(BODY)));
    assert!(!made("!@buys").unwrap().admits(&seen(BODY)));
    assert_eq!(made("x @none").unwrap_err(), Bad { at: 2..7, why: Why::Saved });
    assert_eq!(made("@loop").unwrap_err().why, Why::TooDeep);
}

#[test]
fn what_is_wrong_is_told_with_its_place() {
    for (text, at, why) in [
        ("btc |", 5..5, Why::Missing),
        ("!", 1..1, Why::Missing),
        ("(a", 0..1, Why::Opens),
        ("a )", 2..3, Why::Closes),
        ("kind:dta x", 5..8, Why::Kind),
        ("dir:up", 4..6, Why::Dir),
        ("size>many", 5..9, Why::Size),
        (".a[x] = 1", 3..9, Why::Path),
        (".a >", 4..4, Why::Missing),
        ("\"\"", 2..2, Why::Missing),
    ] {
        assert_eq!(Filter::new(text).unwrap_err(), Bad { at, why }, "{text}");
    }
    let bad = Filter::new("x /a(/").unwrap_err();
    assert!(matches!(bad.why, Why::Regex(_)) && bad.at == (2..6), "{bad:?}");
    let deep = "(".repeat(5000);
    assert_eq!(Filter::new(&deep).unwrap_err().why, Why::TooDeep);
    let huge = Filter::new("/(a{1000}){1000}/").unwrap_err();
    assert!(matches!(huge.why, Why::Regex(_)), "{huge:?}");
}

#[test]
fn marks_are_the_places_of_what_was_found() {
    let filter = Filter::new("buy !sell .data.qty > 1 /\"p[a-z]+/").unwrap();
    let marks: Vec<_> = filter.marks(BODY.as_bytes(), 9).into_iter().map(|mark| &BODY[mark]).collect();
    assert_eq!(marks, ["\"price", "3", "buy"]);
}

fn word() -> impl Strategy<Value = String> {
    prop_oneof![
        "[a-zA-Z0-9业é.:=!/@~<>_-]{1,8}",
        "[ -~业]{1,8}",
        Just("or".to_owned()),
        Just("and".to_owned()),
        Just("size".to_owned()),
        Just("kind:x".to_owned()),
    ]
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof!["[ -~业]{0,6}".prop_map(Step::Key), (-9..99_i64).prop_map(Step::Index), Just(Step::Any)]
}

fn term() -> impl Strategy<Value = Term> {
    let path = || prop::collection::vec(step(), 1..5).prop_map(Path);
    let op = || prop::sample::select(vec![Op::Is, Op::IsNot, Op::Less, Op::AtMost, Op::More, Op::AtLeast]);
    let bare = "[a-zA-Z0-9业.:_+-]{1,8}".prop_map(|text| Operand { text, quoted: false });
    let quoted = "[ -~业]{1,8}".prop_map(|text| Operand { text, quoted: true });
    let regex =
        || prop::sample::select(vec!["a+b", "\\/x", "[a-z ]{2}\\\\", "业|\"", "\\d.*$"]).prop_map(str::to_owned);
    prop_oneof![
        word().prop_map(Term::Text),
        regex().prop_map(Term::Regex),
        (word(), any::<bool>()).prop_map(|(name, exact)| Term::Service { name, exact }),
        prop::sample::select(KINDS.to_vec()).prop_map(|(kind, _)| Term::Kind(kind)),
        any::<bool>().prop_map(|out| Term::Dir(if out { Dir::Out } else { Dir::In })),
        (op(), any::<u64>()).prop_map(|(op, size)| Term::Size(op, size)),
        path().prop_map(Term::There),
        (path(), op(), prop_oneof![bare, quoted]).prop_map(|(path, op, operand)| Term::Compare(path, op, operand)),
        (path(), regex()).prop_map(|(path, regex)| Term::Matches(path, regex)),
        "[a-z业]{1,6}".prop_map(Term::Saved),
    ]
}

fn expr() -> impl Strategy<Value = Expr> {
    term().prop_map(Expr::Term).prop_recursive(4, 24, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 1..4).prop_map(Expr::all),
            prop::collection::vec(inner.clone(), 1..4).prop_map(Expr::any),
            inner.prop_map(|expr| Expr::Not(Box::new(expr))),
        ]
    })
}

proptest! {
    #[test]
    fn what_is_printed_reads_as_itself(expr in expr()) {
        let text = expr.to_string();
        prop_assert_eq!(Expr::parse(&text), Ok(Some(expr)), "{}", text);
    }

    #[test]
    fn no_text_stops_it(text in "[ -~业]{0,40}|[(!|)\"/.@~<>=\\[\\]a]{0,30}", body in "\\PC{0,40}") {
        match Filter::new(&text) {
            Ok(filter) => {
                filter.admits(&seen(&body));
                for mark in filter.marks(body.as_bytes(), 9) {
                    prop_assert!(mark.end <= body.len());
                }
            }
            Err(bad) => prop_assert!(bad.at.start <= bad.at.end && bad.at.end <= text.len(), "{:?}", bad),
        }
    }

    #[test]
    fn a_filter_that_is_typed_fails_only_where_it_ends(expr in expr(), cut in 0..60_usize) {
        let text = expr.to_string();
        let cut = text.char_indices().nth(cut).map_or(text.len(), |(at, _)| at);
        // It may be wrong, but it never panics, and never tells of a place behind the text.
        if let Err(bad) = Filter::new(&text[..cut]) {
            prop_assert!(bad.at.end <= cut);
        }
    }
}
