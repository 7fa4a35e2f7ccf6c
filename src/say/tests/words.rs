//! The words of states and of the verdict, as the contract and scripts have them.

use super::*;

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
