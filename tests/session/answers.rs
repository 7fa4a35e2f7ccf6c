//! The server's answers to subscriptions, however it makes them.

use std::time::Duration;

use wirebeat::event::Kind;
use wirebeat::profile::{Ack, Ask, IdAt, LiveOn, Profile};

use crate::play::{Play, base, json, pointer, rule, text, written};

fn asked(ack: Ack) -> Profile {
    let mut profile = base("sub-heartbeat");
    profile.heartbeats.clear();
    profile.subscribe = Some(Ask {
        ack,
        ack_timeout: Some(Duration::from_secs(10)),
        live_on: LiveOn::Ack,
        ..Ask::plain(json("{'sub':'${s.name}','id':${id}}"))
    });
    let mut nack = rule("{'/ok':false}", Kind::Nack);
    nack.text = Some(pointer("/msg"));
    let mut end = rule("{'/end':true}", Kind::End);
    end.text = Some(pointer("/msg"));
    profile.rules = vec![nack, end, rule("{'/ok':true}", Kind::Ack)];
    profile
}

fn states(profile: Profile, script: &str) -> Vec<String> {
    let mut play = Play::of(profile, &["a", "b"]);
    play.run("0 start\n0 dialed").run(script);
    play.told(" is ").split_off(4).iter().map(|line| line.replacen(" is", "", 1)).collect()
}

#[test]
fn by_number_as_text_and_in_any_order() {
    let script = r#"
        1 text {"ok":true,"id":"2"}
        2 text {"ok":false,"id":1,"msg":"no such service"}
        3 text {"ok":true,"id":77}
        4 text {"ok":true,"id":null}
        20 end
    "#;
    assert_eq!(
        states(asked(Ack::Id(IdAt::Value(pointer("/id")))), script),
        ["1 b Acked", "2 a Refused: no such service"]
    );
}

#[test]
fn a_no_that_names_no_request_is_of_the_one_that_its_words_name() {
    let named = r#"
        [subscribe]
        frame = '{"op":"sub","channel":"${s.channel}","symbol":"${s.symbol}"}'
        ack   = { route = true }
        [route]
        message      = "${/channel}:${/symbol}"
        service      = "${s.channel}:${s.symbol}"
        service_name = "${channel}:${symbol}"
        [[rule]]
        when = { "/type" = "subscribed" }
        kind = "ack"
        [[rule]]
        when = { "/type" = "error" }
        kind = "error"
        text = "/message"
    "#;
    let said = |words: &str| {
        let mut play = Play::of(written(named), &["trades:BTC", "trades:XYZ", "book:XYZ", "book:ETH"]);
        play.run("0 start\n0 dialed").run(r#"1 text {"type":"subscribed","channel":"trades","symbol":"BTC"}"#);
        play.run(&format!(r#"2 text {{"type":"error","message":"{words}"}}"#));
        play.told("is Refused")
    };
    for words in ["no such id: (trades-XYZ)", "trades:XYZ is none", "[trades] symbol: 'XYZ'"] {
        assert_eq!(said(words), [format!("2 trades:XYZ is Refused: {words}")], "{words}");
    }
    for words in
        ["trades:BTC is one already", "XYZ is none", "trades:XYZ2", "xtrades:XYZ", "trades and book of XYZ", ""]
    {
        assert_eq!(said(words), Vec::<String>::new(), "{words}");
    }
}

/// One answer says yes to some and no to others, and brings what each is left by.
const GRANTS: &str = r#"
    [codec]
    each = "/res"
    [subscribe]
    arg   = '"${s.name}"'
    frame = '{"want":${args}}'
    batch = 10
    ack   = { key = "${@/topic}" }
    sid   = "@/grant"
    [unsubscribe]
    frame = '{"drop":"${sub.sid}","of":${v.last}}'
    ack   = "none"
    [route]
    message = "${/topic}"
    [[sequence]]
    at = "/n"
    across_reconnect = true
    [[rule]]
    when    = { "@/ok" = true }
    kind    = "ack"
    capture = { last = "@/at" }
    [[rule]]
    when = { "@/ok" = false }
    kind = "nack"
    text = "@/why"
"#;

const GRANTED: &str = r#"{"res":[{"topic":"a","ok":true,"grant":"g1","at":7},{"topic":"bad","ok":false,"why":"none"},{"topic":"b","ok":true,"grant":"g2","at":9}]}"#;

#[test]
fn by_items_that_say_yes_and_no_in_one_message() {
    let mut play = Play::of(written(GRANTS), &["a", "bad", "b"]);
    play.run(&format!("0 start\n0 dialed\n1 text {GRANTED}\n2 off 2"));
    let last: Vec<_> = play.told(" is ").split_off(5).iter().map(|line| line.replacen(" is", "", 1)).collect();
    assert_eq!(
        last[last.len() - 4..],
        ["1 a Acked", "1 bad Refused: none", "1 b Acked", "2 b Off"],
        "{}",
        play.transcript
    );
    assert_eq!(play.sent(), [r#"0 #1 {"want":["a","bad","b"]}"#, r#"2 #1 {"drop":"g2","of":9}"#]);
}

#[test]
fn a_service_that_is_refused_keeps_no_outage_open() {
    let mut play = Play::of(written(GRANTS), &["a", "bad", "b"]);
    play.run(&format!(
        "0 start\n0 dialed\n1 text {GRANTED}\n2 text {{\"topic\":\"a\",\"n\":1}}\n3 eof\n4 dialed\n4 text {GRANTED}"
    ));
    play.run("5 text {\"topic\":\"a\",\"n\":2}\n6 text {\"topic\":\"b\",\"n\":5}\n20 end");
    let outages = play.told("outage");
    assert!(outages[1].starts_with("6 1 over") && outages[1].ends_with("missed Some(0)"), "{outages:?}");
}

#[test]
fn by_a_number_in_the_text_before_the_json() {
    let sub = r##"
        extends = "socketio"
        [subscribe]
        frame_text = '42${id}["join","${s.name}"]'
        ack = { id = "#prefix.ack" }
        [unsubscribe]
        frame_text = '42${id}["leave","${s.name}"]'
    "##;
    let mut play = Play::of(written(sub), &["a", "b"]);
    play.run("0 start\n0 dialed\n0 text 0{\"pingInterval\":9000,\"pingTimeout\":9000}\n0 text 40{\"sid\":\"x\"}");
    assert_eq!(play.sent()[1..], [r#"0 #1 421["join","a"]"#, r#"0 #1 422["join","b"]"#]);
    play.run("1 text 432[true]\n2 text 431[true]\n3 off 1\n4 text 433[true]\n5 end");
    assert_eq!(play.told(" is ")[4..], ["1 b is Acked", "2 a is Acked", "3 b is Off"]);
}

#[test]
fn by_route_or_by_a_key_of_its_own() {
    let script = r#"
        1 text {"ok":true,"service":"b"}
        2 text {"ok":false,"service":"a","msg":"no"}
        3 text {"end":true,"service":"b","msg":"it ended"}
        4 text {"service":"b"}
        20 end
    "#;
    // Ended by the server: it is not asked for again here, and data that comes all the same does not bring it back.
    let said = ["1 b Acked", "2 a Refused: no", "3 b Refused: it ended"];
    assert_eq!(states(asked(Ack::Route), script), said);
    let script = script.replace("\"service\":\"", "\"topic\":\"t/");
    let mut profile = asked(Ack::Key(text("${/topic}")));
    profile.route.service = Some(text("t/${s.name}"));
    assert_eq!(states(profile, &script), said);
}

#[test]
fn by_order() {
    let script = "1 text {\"ok\":false,\"msg\":\"no\"}\n2 text {\"ok\":true}\n3 text {\"ok\":true}\n20 end";
    assert_eq!(states(asked(Ack::Order), script), ["1 a Refused: no", "2 b Acked"]);
}

#[test]
fn by_a_list_of_all_that_is_subscribed() {
    let listed = |item: &str, items: Option<&str>| {
        asked(Ack::Contains { list: pointer("/channels"), item: text(item), items: items.map(pointer) })
    };
    let flat = r#"
        1 text {"ok":true,"channels":["b"]}
        2 text {"ok":true,"channels":["a","b"]}
    "#;
    assert_eq!(states(listed("${@}", None), flat), ["1 b Acked", "2 a Acked"]);
    let mut deep = listed("${@/name}:${@}", Some("/ids"));
    deep.route.service = Some(text("ch:${s.name}"));
    let script = r#"1 text {"ok":true,"channels":[{"name":"ch","ids":["a","c"]},{"name":"x","ids":["b"]}]}"#;
    assert_eq!(states(deep, script), ["1 a Acked"]);
    let mut members = listed("${@}", Some(""));
    members.route.service = Some(text("${s.name}"));
    let script = r#"1 text {"ok":true,"channels":{"trades":["a"],"quotes":[]}}"#;
    assert_eq!(states(members, script), ["1 a Acked"]);
}

#[test]
fn silence_is_told_and_is_not_the_links_fault_and_data_is_an_answer_after_all() {
    let script = "11 text {\"service\":\"b\"}\n20 end";
    assert_eq!(
        states(asked(Ack::Route), script),
        ["10 a Refused: no answer in 10s", "10 b Refused: no answer in 10s", "11 b Live"]
    );
    // Data before its answer, as some servers send it.
    let script = "1 text {\"service\":\"a\"}\n2 text {\"ok\":true,\"service\":\"a\"}\n5 end";
    assert_eq!(states(asked(Ack::Route), script), ["1 a Live"]);
}

#[test]
fn a_batch_is_agreed_to_and_refused_as_one() {
    let mut profile = asked(Ack::Id(IdAt::Value(pointer("/id"))));
    let ask = profile.subscribe.as_mut().unwrap();
    (ask.arg, ask.batch, ask.frame) = (Some(json("'${s.name}'")), 5, json("{'sub':${args},'id':${id}}"));
    assert_eq!(states(profile.clone(), "1 text {\"ok\":true,\"id\":1}"), ["1 a Acked", "1 b Acked"]);
    let no = "1 text {\"ok\":false,\"id\":1,\"msg\":\"no\"}";
    assert_eq!(states(profile, no), ["1 a Refused: no", "1 b Refused: no"]);
}

#[test]
fn an_answer_to_leaving_is_no_answer_to_asking() {
    let mut profile = asked(Ack::Order);
    profile.unsubscribe = Some(Ask { ack: Ack::Order, ..Ask::plain(json("{'unsub':'${s.name}'}")) });
    let script = r#"
        1 text {"ok":true}
        2 text {"ok":true}
        3 off 0
        4 on 0
        5 text {"ok":true}
        6 text {"ok":true}
    "#;
    assert_eq!(states(profile, script), ["1 a Acked", "2 b Acked", "3 a Off", "4 a Sent", "6 a Acked"]);
}
