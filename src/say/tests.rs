//! Sentences in both languages, and what must never get into one.

mod sentences;
mod words;

use std::collections::HashSet;
use std::time::Duration;

use bytes::Bytes;
use proptest::prelude::*;

use super::*;
use crate::event::*;
use crate::text::width;
use crate::time::Ts;

const EVIL: &str = "\u{1b}[2J\u{202e}\r\nbad\u{9b}";

fn secs(s: f64) -> Duration {
    Duration::from_secs_f64(s)
}

/// One of each cause, the texts in it all `text`.
fn causes(text: &str) -> Vec<Why> {
    let t = || text.to_owned();
    let limit = secs(10.0);
    let timeout = |phase| Why::DialTimeout { phase, address: t(), limit };
    vec![
        Why::Close { by: By::Us, code: Some(1000), reason: t() },
        Why::Close { by: By::Peer, code: Some(1012), reason: t() },
        Why::Close { by: By::Network, code: None, reason: t() },
        Why::Eof,
        Why::Reset { text: t() },
        Why::HalfOpen { limit, silent: secs(31.4) },
        Why::Silent { limit },
        Why::WriteStalled { limit },
        Why::Dns { host: t(), text: t() },
        Why::Refused { address: t() },
        Why::Program { text: t() },
        Why::Unreachable { address: t(), text: t() },
        timeout(DialPhase::Dns),
        timeout(DialPhase::Tcp),
        timeout(DialPhase::Proxy),
        timeout(DialPhase::Tls),
        timeout(DialPhase::Upgrade),
        Why::Proxy { text: t() },
        Why::Tls { text: t() },
        Why::Http { status: 503, text: t(), retry_after: Some(secs(15.0)) },
        Why::Handshake { text: t() },
        Why::Protocol { text: t() },
        Why::TooBig { limit: 16 << 20 },
        Why::AckTimeout { service: t(), limit },
        Why::Login { text: t() },
        Why::Dismissed { text: t() },
        Why::ConnectLimit { count: 3, per: Duration::from_secs(1) },
        Why::Asked,
        Why::Planned,
        Why::Slept { length: secs(11_520.0) },
        Why::Storm {
            times: 3,
            last: Box::new(Why::Close { by: By::Peer, code: Some(4001), reason: t() }),
            rival: false,
        },
        Why::Storm {
            times: 3,
            last: Box::new(Why::Close { by: By::Peer, code: Some(4001), reason: t() }),
            rival: true,
        },
        Why::Fatal { text: t() },
    ]
}

fn events(text: &str) -> Vec<Event> {
    let t = || text.to_owned();
    let id = ServiceId(0);
    let gap = |state| {
        Event::Gap(Gap { service: id, from: 5, to: 9, missing: 5, state, across_reconnect: state == GapState::Lost })
    };
    let fault = |state, until| Event::Fault(Fault { name: t(), text: t(), state, until: Some(Ts::from_millis(until)) });
    let news = ServiceNews {
        service: id,
        name: text.into(),
        state: ServiceState::Stale,
        discovered: true,
        silent: Some(secs(48.0)),
        usual: Some(secs(2.1)),
        text: Some(t()),
    };
    let phases = Phases { dns: Some(secs(0.001)), tcp: Some(secs(0.0042)), ..Phases::default() };
    vec![
        Event::Dialing { attempt: 2 },
        Event::DialFailed { attempt: 2, why: Why::Dns { host: t(), text: t() }, phases },
        Event::Open { phases, address: Some(t()), subprotocol: Some(t()), extensions: Some(t()) },
        Event::Ready,
        Event::Service(news),
        Event::Rows(Batch { bytes: Bytes::new(), rows: Vec::new() }),
        Event::Sent { purpose: Purpose::Subscribe, service: Some(id), text: t(), bytes: 7 },
        Event::BeatSent { how: How::App, text: t() },
        Event::BeatSent { how: How::Ping, text: t() },
        Event::BeatAnswered { how: How::App, rtt: secs(0.0041) },
        Event::BeatAnswered { how: How::Ping, rtt: secs(0.0041) },
        gap(GapState::Pending),
        gap(GapState::Lost),
        gap(GapState::Filled),
        Event::Repeated { service: id, seq: 8 },
        Event::Reordered { service: id, seq: 8 },
        Event::Closed { why: Why::Reset { text: t() }, up: secs(60.0), silent: secs(0.2) },
        Event::Reconnecting { attempt: 3, delay: secs(3.2), because: Why::Eof },
        Event::Outage(Box::new(an_outage(true))),
        Event::Stopped { why: Why::Login { text: t() } },
        Event::Paused,
        Event::Slept { length: secs(60.0) },
        Event::Backpressure { on: true },
        Event::Backpressure { on: false },
        Event::IntervalIgnored { name: "beat".into(), value: "\u{1b}[2J".into(), instead: Duration::from_secs(30) },
        fault(FaultState::Soon, 9_000),
        fault(FaultState::On, 9_000),
        fault(FaultState::Off, 9_000),
        Event::Shed { service: Some(id), count: 1_200 },
    ]
}

fn an_outage(over: bool) -> Outage {
    Outage {
        id: 3,
        over,
        why: Why::Eof,
        began: Ts::from_millis(1_000),
        detect: Some(Duration::ZERO),
        silent: Some(secs(0.2)),
        down: secs(22.0),
        attempts: 3,
        tries: vec![
            Try { from: 1, to: 2, why: Why::Refused { address: "10.0.0.7:443".to_owned() }, opened: false },
            Try {
                from: 3,
                to: 3,
                why: Why::Http { status: 503, text: String::new(), retry_after: Some(secs(15.0)) },
                opened: false,
            },
        ],
        next: None,
        slept: Duration::ZERO,
        missed: Some(1_420),
        services: vec![(ServiceId(0), Some(secs(0.3))), (ServiceId(1), None)],
    }
}

fn names(id: ServiceId) -> String {
    format!("业务{}", id.0 + 1)
}

#[track_caller]
fn assert_line(lang: Lang, line: &str) {
    assert!(!line.trim().is_empty());
    assert_eq!(text::clean(line), line, "not safe");
    assert!(width(line) < 700, "endless: {line}");
    let chinese = line.chars().any(|c| matches!(c, '\u{4e00}'..='\u{9fff}'));
    match lang {
        Lang::En => {}
        Lang::ZhCn => assert!(chinese || line.starts_with("HTTP "), "not Chinese: {line}"),
    }
    assert!(!line.contains('{') || line.contains("\\u{"), "a placeholder is left: {line}");
}

#[test]
fn every_cause_is_said_in_every_language_and_no_two_alike() {
    for lang in Lang::ALL {
        for text in ["", EVIL, "certificate has expired"] {
            let mut said = HashSet::new();
            for cause in causes(text) {
                let (long, short) = (why(lang, &cause), why_short(lang, &cause));
                assert_line(lang, &long);
                assert_line(lang, &short);
                assert!(width(&short) <= 33, "{short}");
                assert!(said.insert(long.clone()), "said twice: {long}");
                assert!(!long.ends_with([':', '：', ' ', ',']), "{long}");
            }
        }
    }
}

#[test]
fn the_words_of_others_are_safe_and_bounded() {
    let endless = "业".repeat(100_000) + EVIL;
    for lang in Lang::ALL {
        for cause in causes(&endless) {
            assert_line(lang, &why(lang, &cause));
        }
        for event in events(EVIL).iter().chain(&events(&endless)) {
            assert_line(lang, &happening(lang, event, &|_| endless.clone(), Ts::ZERO));
        }
        assert_line(lang, &outage(lang, &an_outage(true), &|_| EVIL.to_owned(), Ts::ZERO));
        assert_line(lang, &layered(lang, Some(EVIL), Ill::Refused { service: EVIL, text: Some(EVIL) }));
        assert_line(lang, &stale_service(lang, EVIL, secs(1.0), None, 0));
        assert_line(lang, &refused_service(lang, EVIL, Some(EVIL)));
        assert_line(lang, &unacked_service(lang, EVIL));
    }
}

#[test]
fn every_event_is_said_and_no_two_alike() {
    for lang in Lang::ALL {
        let said: Vec<String> = events("x").iter().map(|event| happening(lang, event, &names, Ts::ZERO)).collect();
        for line in &said {
            assert_line(lang, line);
        }
        assert_eq!(said.iter().collect::<HashSet<_>>().len(), said.len(), "{said:#?}");
    }
}

#[test]
fn a_storm_of_storms_ends() {
    let mut storm = Why::Eof;
    for times in 0..200 {
        storm = Why::Storm { times, last: Box::new(storm), rival: times % 2 == 0 };
    }
    assert!(width(&why(Lang::En, &storm)) < 400, "{}", why(Lang::En, &storm));
}

#[test]
fn labels_are_there_in_every_language_and_short_enough_for_a_line() {
    for lang in Lang::ALL {
        for label in Label::ALL {
            let text = label.text(lang);
            assert!(!text.is_empty() && width(text) <= 60, "{label:?}");
            assert_eq!(text::clean(text), text);
        }
    }
}

#[test]
fn languages_by_tag_and_by_locale() {
    for lang in Lang::ALL {
        assert_eq!(lang.tag().parse(), Ok(lang));
        assert_eq!(serde_json::to_value(lang).unwrap(), lang.tag());
    }
    assert_eq!("ZH-cn".parse(), Ok(Lang::ZhCn));
    assert_eq!("tlh".parse::<Lang>(), Err(UnknownLang));
    assert_eq!(Lang::of_locale("zh_CN.UTF-8"), Lang::ZhCn);
    assert_eq!(Lang::of_locale("C"), Lang::En);
    assert_eq!(Lang::of_locale("zhuang"), Lang::En);
}

proptest! {
    #[test]
    fn every_code_has_a_meaning(code: u16, status: u16) {
        for lang in Lang::ALL {
            prop_assert!(!close_code(lang, code).is_empty());
            prop_assert!(width(close_code(lang, code)) <= 20);
            prop_assert!(!http_status(lang, status).is_empty());
        }
    }
}
