//! How causes, outages and faults read, word for word.

use super::*;

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
fn a_drill_is_not_taken_for_an_outage() {
    let fault = |state, until: Option<u64>| Fault {
        name: "freeze".to_owned(),
        text: "the server is frozen".to_owned(),
        state,
        until: until.map(Ts::from_millis),
    };
    let said = |fault: &Fault| crate::say::fault(Lang::En, fault, Ts::from_millis(1_000));
    assert_eq!(said(&fault(FaultState::On, Some(13_300))), "INJECTED FAULT, 12.3s left: the server is frozen");
    assert_eq!(said(&fault(FaultState::Soon, Some(4_200))), "INJECTED FAULT in 3.2s: the server is frozen");
    assert_eq!(said(&Fault { text: String::new(), ..fault(FaultState::On, None) }), "INJECTED FAULT: freeze");
}
