//! Scripts, good and bad, and what is said of the bad ones.

use super::*;

const TOUR: &str = include_str!("../../../assets/demo/tour.toml");

fn wrong(text: &str) -> String {
    Script::parse("a.toml", text).unwrap_err().to_string()
}

#[test]
fn the_tour_of_the_demo_is_a_script() {
    let tour = Script::parse("tour.toml", TOUR).unwrap_or_else(|errors| panic!("{errors}"));
    assert_eq!(tour.rounds, None);
    assert!(tour.length() <= Duration::from_mins(2), "{:?}", tour.length());
    assert!(tour.steps[0].at >= Duration::from_secs(8), "it begins calm");
    let mut names: Vec<_> = tour.steps.iter().map(|step| step.fault.name()).collect();
    names.sort_unstable();
    names.dedup();
    for name in ["blackhole", "close", "fin", "gap", "garbage", "mute", "refuse", "reset", "hang"] {
        assert!(names.contains(&name), "{name}");
    }
    assert!(tour.steps.iter().all(|step| step.warn >= Duration::from_secs(2) && step.say != step.say_zh));
    let mut order: Vec<_> = tour.steps.iter().map(|step| step.at).collect();
    order.sort();
    assert_eq!(order, tour.steps.iter().map(|step| step.at).collect::<Vec<_>>());
}

#[test]
fn a_step_is_placed_after_the_one_before() {
    let text = r#"
        repeat = 3
        rest = "1m"
        [[step]]
        at = "2s"
        fault = "freeze"
        for = "5s"
        say = "a"
        [[step]]
        after = "500ms"
        fault = "reset"
        feed = "x"
        warn = "0s"
        say = "b"
        say_zh = "乙"
    "#;
    let script = Script::parse("a.toml", text).unwrap();
    assert_eq!((script.rounds, script.rest), (Some(3), Duration::from_mins(1)));
    let [first, second] = &script.steps[..] else { panic!() };
    assert_eq!((first.at, first.lasts, first.warn), (Duration::from_secs(2), Duration::from_secs(5), WARN));
    assert_eq!((first.feed.as_deref(), &*first.say_zh, first.line), (None, "a", 4));
    assert_eq!((second.at, second.lasts, second.warn), (Duration::from_millis(7_500), SHOWN, Duration::ZERO));
    assert_eq!((second.feed.as_deref(), &*second.say_zh, &second.fault), (Some("x"), "乙", &Fault::Cut(Cut::Reset)));
}

#[test]
fn every_fault_is_read_with_what_belongs_to_it() {
    let read = |fault: &str| {
        let text = format!("[[step]]\nsay = \"x\"\nfor = \"1s\"\n{fault}");
        Script::parse("a", &text).unwrap_or_else(|errors| panic!("{errors}")).steps.remove(0).fault
    };
    let service = || "s".to_owned();
    let close = |code, reason: &str| Cut::Close { code, reason: reason.into() };
    let table = [
        ("fault = \"close\"\ncode = 4001\nreason = \"维护\"", Fault::Cut(close(4001, "维护"))),
        ("fault = \"fin\"", Fault::Cut(Cut::Fin)),
        ("fault = \"blackhole\"", Fault::Blackhole),
        ("fault = \"hang\"", Fault::Hang),
        (
            "fault = \"refuse\"\nstatus = 429\nretry_after = \"6s\"\ntimes = 2\ncut = \"reset\"",
            Fault::Refuse {
                status: Some(429),
                retry_after: Some(Duration::from_secs(6)),
                times: Some(2),
                cut: Some(Cut::Reset),
            },
        ),
        (
            "fault = \"refuse\"\ncode = 1013",
            Fault::Refuse { status: None, retry_after: None, times: None, cut: Some(close(1013, "")) },
        ),
        (
            "fault = \"refuse\"\ncut = \"none\"",
            Fault::Refuse { status: None, retry_after: None, times: None, cut: None },
        ),
        ("fault = \"half_close\"", Fault::Cut(Cut::HalfClose)),
        ("fault = \"truncate\"", Fault::Cut(Cut::Truncate)),
        ("fault = \"drop_pongs\"", Fault::DropPongs),
        ("fault = \"bandwidth\"\nbytes = 2048", Fault::Bandwidth { bytes: 2048 }),
        ("fault = \"bytewise\"", Fault::Bytewise),
        ("fault = \"drop_nth\"\nnth = 7", Fault::Nth { edit: Edit::Drop, nth: 7, service: None }),
        (
            "fault = \"reorder_nth\"\nnth = 3\nservice = \"s\"",
            Fault::Nth { edit: Edit::Reorder, nth: 3, service: Some(service()) },
        ),
        ("fault = \"refuse_subscriptions\"", Fault::RefuseSubscriptions { service: None }),
        ("fault = \"drop_answers\"\nquiet = true", Fault::DropAnswers { quiet: true }),
        (
            "fault = \"latency\"\ndelay = \"9h\"\njitter = \"5ms\"",
            Fault::Latency { delay: LATEST, jitter: Duration::from_millis(5) },
        ),
        ("fault = \"mute\"\nservice = \"s\"", Fault::Mute { service: service() }),
        ("fault = \"gap\"\nservice = \"s\"\ncount = 0x10", Fault::Gap { service: service(), count: 16 }),
        ("fault = \"repeat\"\nservice = \"s\"", Fault::Repeat { service: service(), count: 1 }),
        ("fault = \"reorder\"\nservice = \"s\"\ncount = 2", Fault::Reorder { service: service(), count: 2 }),
        (
            "fault = \"garbage\"\nkinds = [\"bidi\", \"deep\"]\nevery = \"20ms\"",
            Fault::Garbage {
                kinds: vec![Garbage::Bidi, Garbage::Deep],
                every: Duration::from_millis(20),
                service: None,
            },
        ),
    ];
    for (text, fault) in table {
        assert_eq!(read(text), fault);
    }
}

#[test]
fn an_error_says_where_and_what_was_meant() {
    assert_eq!(
        wrong("[[step]]\nfault = \"frezze\"\nsay = \"x\""),
        "a.toml:2:9: there is no fault \"frezze\" (did you mean \"freeze\"?)"
    );
    assert_eq!(
        wrong("# 注释\nrepeat = true\n[[step]]\nfault = \"reset\"\nsay = \"x\"\nwran = \"1s\""),
        "a.toml:6:1: a step with fault = \"reset\" has no \"wran\" (did you mean \"warn\"?)"
    );
    assert!(wrong("[[step]]\nfault = \"mute\"\nfor = \"1s\"\nsay = \"x\"").starts_with("a.toml:1:1: \"service\" is"));
    assert!(wrong("[[step]]\nfault = \"freeze\"\nsay = \"x\"").starts_with("a.toml:2:9: freeze lasts"));
    assert!(wrong("[[step]]\nfault = \"fin\"").contains("\"say\" is missing"));
    assert!(wrong("[[step]]\nat = \"1s\"\nafter = \"1s\"\nfault = \"fin\"\nsay = \"x\"").starts_with("a.toml:3:9: "));
    assert!(wrong("[[step]]\nat = \"soon\"\nfault = \"fin\"\nsay = \"x\"").contains("a.toml:2:6: \"soon\" is no time"));
    assert!(wrong("[[step]]\nat = 5\nfault = \"fin\"\nsay = \"x\"").contains("a text in quotes"));
    assert!(wrong("[[step]]\nfault = \"close\"\ncode = 1006\nsay = \"x\"").contains("a.toml:3:8: "));
    assert!(wrong("[[step]]\nfault = \"close\"\ncode = 99999\nsay = \"x\"").contains("from 1000 to 4999"));
    assert!(wrong("[[step]]\nfault = \"garbage\"\nkinds = [\"bidy\"]\nsay = \"x\"").contains("did you mean \"bidi\"?"));
    assert!(wrong("[step]\nfault = \"fin\"\nsay = \"x\"").contains("[[step]]"));
    assert!(wrong("").contains("at least one [[step]]"));
    assert!(wrong("[[step]]\nfault = = 3").starts_with("a.toml:2:"));
}

#[test]
fn all_errors_are_told_in_their_order() {
    let text = "[[step]]\nfault = \"x\"\nsay = \"x\"\n[[step]]\nfault = \"fin\"\nsay = 3\nhm = 1";
    let lines: Vec<usize> = Script::parse("a", text).unwrap_err().errors.iter().map(|error| error.line).collect();
    assert_eq!(lines, [2, 6, 7]);
}

mod never_panics {
    use proptest::prelude::*;

    use super::super::Script;
    use super::TOUR;

    proptest! {
        #[test]
        fn on_any_text(text in "\\PC{0,200}") {
            let _ = Script::parse("a", &text);
        }

        #[test]
        fn on_broken_tours(cut in 0..6_000_usize, with in "[\\[\\]=\"a-z0-9\n 业]{0,6}") {
            let mut text = TOUR.to_owned();
            let at = (0..=cut.min(text.len())).rev().find(|&at| text.is_char_boundary(at)).unwrap_or(0);
            text.insert_str(at, &with);
            if let Err(errors) = Script::parse("a", &text) {
                prop_assert!(!errors.errors.is_empty() && errors.errors.iter().all(|error| error.line > 0));
            }
        }
    }
}

#[test]
fn what_is_done_at_once_needs_no_length() {
    for (name, keys, lasting) in FAULTS {
        let value = |key: &&str| match *key {
            "service" => format!("{key} = \"x\"\n"),
            "delay" => format!("{key} = \"1s\"\n"),
            _ => String::new(),
        };
        let keys: String = keys.iter().map(value).collect();
        let text = format!("[[step]]\nat = \"1s\"\nfor = \"1s\"\nsay = \"a\"\nfault = \"{name}\"\n{keys}");
        let script = Script::parse("a", &text).unwrap();
        assert_eq!(script.steps[0].fault.is_at_once(), !lasting, "{name}");
    }
}
