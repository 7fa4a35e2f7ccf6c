//! Sentences in both languages, and what must never get into one.

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
fn causes_read_well() {
    let en = |cause: &Why| why(Lang::En, cause);
    for (cause, sentence) in [
        (Why::HalfOpen { limit: secs(10.0), silent: secs(31.4) }, "no answer to our beat for 10s, last byte 31.4s ago"),
        (Why::Eof, "TCP ended without a close frame"),
        (
            Why::Close { by: By::Peer, code: Some(1012), reason: "deploy".to_owned() },
            "the server closed: 1012 service restart, \"deploy\"",
        ),
        (Why::Close { by: By::Peer, code: None, reason: String::new() }, "the server closed without a code"),
        (
            Why::Http { status: 503, text: "<html>".to_owned(), retry_after: Some(secs(15.0)) },
            "the server answered the upgrade with HTTP 503 service unavailable, and asks us to wait 15s",
        ),
        (
            Why::Storm {
                times: 3,
                last: Box::new(Why::Http { status: 403, text: "no Origin".to_owned(), retry_after: None }),
                rival: false,
            },
            "3 dials in a row got HTTP 403, the last one: the server answered the upgrade with HTTP 403 forbidden: no Origin",
        ),
        (
            Why::Dns { host: "nowhere.example".to_owned(), text: "no such host".to_owned() },
            "DNS gave no address for nowhere.example: no such host",
        ),
        (
            Why::Storm { times: 3, last: Box::new(Why::Login { text: "bad key".to_owned() }), rival: false },
            "3 links in a row ended right after opening, the last one: the server refused our login, \"bad key\"",
        ),
    ] {
        assert_eq!(en(&cause), sentence);
    }
    assert_eq!(
        why(Lang::ZhCn, &Why::HalfOpen { limit: secs(10.0), silent: secs(31.4) }),
        "心跳发出后 10s 无应答，最后一个字节在 31.4s 前"
    );
}

#[test]
fn an_outage_is_told_from_cause_to_return() {
    assert_eq!(
        outage(Lang::En, &an_outage(true), &names, Ts::ZERO),
        "Outage 3: TCP ended without a close frame. Known at once; the last byte had come 0.2s before. \
         Dials 1-2: refused, 3: HTTP 503 (wait 15s). Down for 22s, 3 dials. \
         Data since the new link: 业务1 after 0.3s, 业务2 not yet. 1,420 messages missed."
    );
    assert_eq!(
        outage(Lang::ZhCn, &an_outage(true), &names, Ts::ZERO),
        "断线 3：TCP 已结束，没有收到关闭帧。当即得知；最后一个字节在此前 0.2s。\
         第 1-2 次连接：连接被拒，第 3 次：HTTP 503（要求等待 15s）。中断 22s，连接 3 次。\
         新连接打开后的数据：业务1 在 0.3s 后，业务2 尚无。遗漏 1,420 条消息。"
    );
    let running = Outage {
        detect: None,
        attempts: 1,
        tries: Vec::new(),
        missed: Some(0),
        services: Vec::new(),
        ..an_outage(false)
    };
    assert_eq!(
        outage(Lang::En, &running, &names, Ts::from_millis(9_400)),
        "Outage 3: TCP ended without a close frame. It has lasted 8.4s, 1 dial so far. What was missed is not known yet."
    );
    let ours = Outage {
        why: Why::HalfOpen { limit: secs(10.0), silent: secs(31.4) },
        detect: Some(secs(31.4)),
        slept: secs(2460.0),
        tries: Vec::new(),
        services: Vec::new(),
        ..an_outage(true)
    };
    assert_eq!(
        outage(Lang::En, &ours, &names, Ts::ZERO),
        "Outage 3: no answer to our beat for 10s, last byte 31.4s ago. Noticed 31.4s after the last byte. This machine \
         slept for 41m00s meanwhile or right before. Down for 22s, 3 dials. 1,420 messages missed."
    );
    let unknown = Outage { missed: None, ..an_outage(true) };
    assert!(outage(Lang::En, &unknown, &names, Ts::ZERO).ends_with("What was missed cannot be known."));
    let nothing = Outage { missed: Some(0), ..an_outage(true) };
    assert!(outage(Lang::En, &nothing, &names, Ts::ZERO).ends_with("Nothing was missed."));
    let many = Outage { services: (0..500).map(|id| (ServiceId(id), None)).collect(), ..an_outage(true) };
    assert!(outage(Lang::En, &many, &names, Ts::ZERO).contains("业务8 not yet, and 492 more."));
}

#[test]
fn failed_dials_are_told_by_their_causes() {
    let run = |from, to, status, opened| Try {
        from,
        to,
        why: Why::Http { status, text: String::new(), retry_after: None },
        opened,
    };
    let four = [run(1, 1, 401, false), run(2, 4, 500, false), run(5, 5, 503, true), run(90, 99, 502, false)];
    assert_eq!(tries(Lang::En, &four), "dial 1: HTTP 401, 2-4: HTTP 500, 5: open, then HTTP 503, …, 90-99: HTTP 502");
    assert_eq!(tries(Lang::ZhCn, &four[..2]), "第 1 次连接：HTTP 401，第 2-4 次：HTTP 500");
    assert_eq!(tries(Lang::En, &[]), "");
}

#[test]
fn feeds_lost_together_are_told_as_one() {
    use crate::event::cluster::{Extent, Scope};
    let local =
        Extent { scope: Scope::Local, host: None, lost: 38, of: 40, hosts: 7, within: secs(1.2), routed: Some(false) };
    assert_eq!(together(Lang::En, &local), "38 of 40 feeds lost within 1.2s, on 7 hosts: no default route");
    let here = Extent { routed: Some(true), ..local.clone() };
    assert_eq!(together_short(Lang::En, &here), "38 of 40 lost within 1.2s: the network here");
    let host = Extent { scope: Scope::Host, host: Some(EVIL.to_owned()), of: 4, lost: 4, ..local };
    for lang in Lang::ALL {
        for extent in [&host, &here] {
            for line in [together(lang, extent), together_short(lang, extent), among(lang, extent)] {
                assert_line(lang, &line);
            }
        }
        assert_line(lang, &still_answer(lang, 3));
    }
}

#[test]
fn states_have_the_words_of_the_contract() {
    let en = Lang::En;
    assert_eq!(link_word(en, Phase::Open, 3, 3, 1), "LIVE");
    assert_eq!(link_word(en, Phase::Open, 2, 3, 1), "DEGRADED 2/3");
    assert_eq!(link_word_short(en, Phase::Open, 2, 3, 1), "DEGR 2/3");
    assert_eq!(link_word(en, Phase::Waiting, 0, 3, 3), "RETRY 3");
    assert_eq!(link_word(en, Phase::Probing, 0, 3, 3), "PROBING");
    for (phase, word) in
        [(Phase::Dialing, "DIALING"), (Phase::Stopped, "STOPPED"), (Phase::Paused, "PAUSED"), (Phase::Open, "LIVE")]
    {
        assert_eq!(phase_word(en, phase), word);
    }
    assert_eq!(due(en, Due::Beat, 4, secs(18.2)), "beat in 18.2s");
    assert_eq!(due(en, Due::Answer, 4, secs(6.8)), "dead in 6.8s");
    assert_eq!(due(en, Due::Receive, 4, secs(6.8)), "dead in 6.8s");
    assert_eq!(due(en, Due::Dial, 4, secs(3.2)), "dial 4 in 3.2s");
    assert_eq!(due(en, Due::DialTimeout, 4, secs(3.2)), "at most 3.2s");
    let rule = BeatRule { idle: true, after: secs(30.0), timeout: secs(10.0) };
    assert_eq!(beat_rule(en, Some(&rule)), "beat if 30s idle");
    assert_eq!(beat_rule(en, Some(&BeatRule { idle: false, after: secs(20.0), ..rule })), "beat every 20s");
    assert_eq!(beat_rule(en, None), "no beat");
    assert_eq!(dead_rule(en, secs(60.0)), "dead if 60s idle");
}

/// The contract names the states of a service as scripts read them; the screen says the same.
#[test]
fn services_have_the_words_that_scripts_read() {
    for state in [
        ServiceState::Wanted,
        ServiceState::Sent,
        ServiceState::Acked,
        ServiceState::Live,
        ServiceState::Stale,
        ServiceState::Refused,
        ServiceState::Off,
    ] {
        assert_eq!(serde_json::to_value(state).unwrap(), service_word(Lang::En, state));
        assert_line(Lang::ZhCn, service_word(Lang::ZhCn, state));
    }
}

#[test]
fn pieces_of_the_verdict() {
    let en = Lang::En;
    assert_eq!(feeds_live(en, 6), "6 feeds live");
    assert_eq!(feeds_live(en, 1), "1 feed live");
    assert_eq!(feeds_need_you(en, 3, 6), "3 of 6 feeds need you");
    assert_eq!(feeds_need_you(en, 1, 6), "1 of 6 feeds needs you");
    assert_eq!(feeds_need_you_short(en, 3, 6), "3 of 6 need you");
    let http = Why::Http { status: 503, text: String::new(), retry_after: None };
    let down = Ill::Down { lasted: secs(22.0), never: false, why: Some(&Why::Eof), dial: Some((3, &http)) };
    let whole = "chat down 22s: TCP ended; dial 3: HTTP 503";
    assert_eq!(layered(en, Some("chat"), down), whole);
    assert_eq!(layered_short(en, Some("chat"), down), "chat down 22s: TCP ended");
    let storm = Why::Storm { times: 3, last: Box::new(http.clone()), rival: false };
    assert_eq!(
        layered_short(en, None, Ill::Stopped { lasted: secs(47.0), why: Some(&storm) }),
        "STOPPED 47s: HTTP 503, 3x"
    );
    let silent = Ill::Silent { service: "trades", silent: secs(48.0), usual: Some(secs(2.1)) };
    let whole = "connected, answering, but trades silent 48s (usually at most 2.1s)";
    assert_eq!(layered(en, None, silent), whole);
    assert_eq!(layered_short(en, Some("binance"), silent), "binance: trades silent 48s");
    assert_eq!(others_answer(en, 3), "3 other hosts answer, so not us");
    assert_eq!(others_answer(en, 1), "1 other host answers, so not us");
    assert_eq!(sampled(en, 3, 142.0), "3 of 142/s shown, all counted");
    assert_eq!(
        stale_service(en, "btc@trade", secs(48.0), Some(secs(2.1)), 2),
        "btc@trade silent for 48s, usually ≤ 2.1s; the link and 2 other services are fine"
    );
    assert_eq!(
        probing(en, Some(secs(33.2)), secs(3.2), secs(10.0)),
        "no byte for 33.2s; our beat is unanswered for 3.2s of 10s"
    );
    assert_eq!(
        retrying(en, &Why::Eof, &an_outage(false).tries),
        "TCP ended without a close frame; dials 1-2: refused, 3: HTTP 503 (wait 15s)"
    );
    assert_eq!(retrying(en, &Why::Eof, &[]), "TCP ended without a close frame");
    for lang in Lang::ALL {
        for line in [
            feeds_live(lang, 2),
            feeds_need_you(lang, 1, 2),
            feeds_need_you_short(lang, 1, 2),
            feeds_dialing(lang, 2),
            all_stopped(lang),
            layered(lang, Some("chat"), down),
            layered_short(lang, None, Ill::Down { lasted: secs(1.0), never: true, why: Some(&http), dial: None }),
            layered(lang, None, Ill::Stopped { lasted: secs(1.0), why: Some(&storm) }),
            layered(lang, Some("a"), silent),
            others_answer(lang, 2),
            none_answers(lang),
            paused_by_you(lang, 1),
            and_more(lang, 4),
            sampled(lang, 1, 2.0),
            frozen(lang, 12_345),
            probing(lang, None, secs(1.0), secs(2.0)),
            retrying(lang, &Why::Eof, &an_outage(false).tries),
            stale_service(lang, "a", secs(1.0), None, 1),
            refused_service(lang, "a", None),
            unacked_service(lang, "a"),
        ] {
            assert_line(lang, &line);
        }
    }
}

#[test]
fn a_drill_is_not_taken_for_an_outage() {
    let fault = |state, until: Option<u64>| Fault {
        name: "freeze".to_owned(),
        text: "the server is frozen".to_owned(),
        state,
        until: until.map(Ts::from_millis),
    };
    let said = |fault: &Fault| super::fault(Lang::En, fault, Ts::from_millis(1_000));
    assert_eq!(said(&fault(FaultState::On, Some(13_300))), "INJECTED FAULT, 12.3s left: the server is frozen");
    assert_eq!(said(&fault(FaultState::Soon, Some(4_200))), "INJECTED FAULT in 3.2s: the server is frozen");
    assert_eq!(said(&Fault { text: String::new(), ..fault(FaultState::On, None) }), "INJECTED FAULT: freeze");
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
