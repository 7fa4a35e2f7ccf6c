//! Subscriptions: one by one, in batches, as a whole; what they are called, and how long a frame may be.

use std::time::Duration;

use wirebeat::event::{Kind, ServiceState};
use wirebeat::profile::{Ack, Ask, IdAt, IdForm, Join, LiveOn, Profile, Via};

use crate::play::{Play, base, json, pointer, rule, text};

fn batched() -> Profile {
    let mut profile = base("sub-heartbeat");
    profile.subscribe = Some(Ask {
        arg: Some(json("'${s.name}'")),
        batch: 2,
        ..Ask::plain(json("{'op':'sub','args':${args},'id':${id}}"))
    });
    profile.unsubscribe = Some(Ask {
        arg: Some(json("'${s.name}'")),
        batch: 2,
        ..Ask::plain(json("{'op':'unsub','args':${args},'id':${id}}"))
    });
    profile.heartbeats.clear();
    profile
}

#[test]
fn several_services_go_into_one_frame_and_frames_keep_their_distance() {
    let mut profile = batched();
    profile.subscribe.as_mut().unwrap().gap = Duration::from_millis(500);
    let mut play = Play::of(profile, &["a", "b", "c"]);
    play.run("0 start\n0 dialed\n1 off 1\n2 end");
    assert_eq!(
        play.sent(),
        [
            r#"0 #1 {"op":"sub","args":["a","b"],"id":1}"#,
            r#"0.5 #1 {"op":"sub","args":["c"],"id":2}"#,
            r#"1 #1 {"op":"unsub","args":["b"],"id":3}"#,
        ]
    );
    assert_eq!(play.told("c is"), ["0 Wanted", "0.5 Sent"]);
    assert_eq!(play.told("b is"), ["0 Wanted", "0 Sent", "1 Off"]);
}

#[test]
fn shares_may_be_joined_by_text() {
    let mut profile = batched();
    let ask = profile.subscribe.as_mut().unwrap();
    ask.arg = Some(text("T.${s.name}"));
    ask.join = Join::Text(",".into());
    ask.frame = json("{'action':'subscribe','params':'${args}'}");
    ask.batch = 10;
    let mut play = Play::of(profile, &["a", "b\"", "c"]);
    play.run("0 start\n0 dialed");
    assert_eq!(play.sent(), [r#"0 #1 {"action":"subscribe","params":"T.a,T.b\",T.c"}"#]);
}

#[test]
fn each_share_may_have_a_number_of_its_own() {
    let mut profile = batched();
    let ask = profile.subscribe.as_mut().unwrap();
    ask.arg = Some(json("{'id':${id},'sub':'${s.name}'}"));
    ask.frame = json("${args}");
    (ask.batch, ask.ack, ask.live_on) = (10, Ack::Id(IdAt::Value(pointer("/id"))), LiveOn::Ack);
    profile.rules = vec![rule("{'/error':1}", Kind::Nack), rule("{'/ok':1}", Kind::Ack)];
    let mut play = Play::of(profile, &["a", "b"]);
    play.run("0 start\n0 dialed\n1 text {\"id\":2,\"error\":1}\n2 text {\"id\":1,\"ok\":1}");
    assert_eq!(play.sent(), [r#"0 #1 [{"id":1,"sub":"a"},{"id":2,"sub":"b"}]"#]);
    assert_eq!(play.told("b is").last().unwrap(), "1 Refused");
    assert_eq!(play.told("a is").last().unwrap(), "2 Acked");
}

#[test]
fn shares_of_lists_may_be_joined_by_text() {
    let mut profile = batched();
    let ask = profile.subscribe.as_mut().unwrap();
    ask.arg = Some(text("[\"${s.name}\"]").with_json_inside());
    ask.join = Join::Text(",".into());
    ask.frame = text("[0,${args}]").with_json_inside();
    ask.batch = 10;
    let mut play = Play::of(profile, &["a", "b"]);
    play.run("0 start\n0 dialed");
    assert_eq!(play.sent(), [r#"0 #1 [0,["a"],["b"]]"#]);
}

#[test]
fn a_wish_that_is_taken_back_before_it_was_spoken_leaves_no_trace() {
    let mut profile = batched();
    for ask in [&mut profile.subscribe, &mut profile.unsubscribe] {
        ask.as_mut().unwrap().gap = Duration::from_secs(5);
    }
    let mut play = Play::of(profile, &["a"]);
    play.run("0 start\n0 dialed\n1 text {\"service\":\"a\"}\n2 off 0\n3 on 0\n30 end");
    assert_eq!(play.sent().len(), 1, "{}", play.transcript);
    assert_eq!(play.told("a is"), ["0 Wanted", "0 Sent", "1 Live", "2 Off", "3 Live"]);
    play.run("31 off 0\n32 on 0\n60 end");
    let said: Vec<_> = play.sent().split_off(1);
    assert_eq!(said, [r#"31 #1 {"op":"unsub","args":["a"],"id":2}"#, r#"36 #1 {"op":"sub","args":["a"],"id":3}"#]);
}

#[test]
fn each_change_may_name_all_that_is_wanted() {
    let mut profile = batched();
    profile.subscribe.as_mut().unwrap().whole = true;
    let mut play = Play::of(profile, &["a", "b"]);
    play.run("0 start\n0 dialed\n1 off 0\n2 on 0\n3 off 0\n4 off 1");
    assert_eq!(
        play.sent(),
        [
            r#"0 #1 {"op":"sub","args":["a","b"],"id":1}"#,
            r#"1 #1 {"op":"sub","args":["b"],"id":2}"#,
            r#"2 #1 {"op":"sub","args":["a","b"],"id":3}"#,
            r#"3 #1 {"op":"sub","args":["b"],"id":4}"#,
            // Nothing is left to be named: there is a frame for that.
            r#"4 #1 {"op":"unsub","args":[],"id":5}"#,
        ]
    );
    assert_eq!(play.told("b is"), ["0 Wanted", "0 Sent", "4 Off"]);
}

#[test]
fn a_subscription_is_called_anew_each_time_and_its_messages_are_found_by_that() {
    let mut profile = base("sub-heartbeat");
    profile.heartbeats.clear();
    profile.route.via = Via::Id;
    profile.route.message = Some(text("${/id}"));
    profile.subscribe = Some(Ask { id: IdForm::Uuid, ..Ask::plain(json("{'id':'${sub.id}','q':'${s.name}'}")) });
    profile.unsubscribe = Some(Ask { id: IdForm::Uuid, ..Ask::plain(json("{'id':'${sub.id}','type':'complete'}")) });
    let mut play = Play::of(profile, &["a"]);
    play.run("0 start\n0 dialed\n1 off 0\n2 on 0");
    let ids: Vec<_> = play.sent().iter().map(|line| line.split('"').nth(3).unwrap().to_owned()).collect();
    assert!(ids[0] == ids[1] && ids[1] != ids[2] && ids[2].len() == 36, "{ids:?}");
    play.run(&format!("3 text {{\"id\":\"{}\"}}\n3 text {{\"id\":\"other\"}}", ids[2]));
    assert_eq!(play.told("a is").last().unwrap(), "3 Live");
    assert_eq!(play.snapshot(4.0).services.len(), 1, "what a subscription is called is no service");
}

#[test]
fn the_servers_own_name_of_it_is_learned_and_used() {
    let mut profile = base("sub-heartbeat");
    profile.heartbeats.clear();
    profile.route.via = Via::Sid;
    profile.route.message = Some(text("${/0}"));
    let ack = Ack::Key(text("${/channel}"));
    let ask =
        Ask { ack, sid: Some(pointer("/chanId")), ..Ask::plain(json("{'event':'subscribe','channel':'${s.name}'}")) };
    profile.subscribe = Some(ask);
    profile.unsubscribe = Some(Ask::plain(json("{'event':'unsubscribe','chanId':${sub.sid}}")));
    profile.rules = vec![rule("{'/event':'subscribed'}", Kind::Ack)];
    let mut play = Play::of(profile, &["a", "b"]);
    play.run(
        r#"
        0 start
        0 dialed
        1 off 1
        2 text {"event":"subscribed","channel":"a","chanId":17}
        3 text [17,[1,2]]
        4 text {"event":"subscribed","channel":"b","chanId":18}
        5 off 0
        "#,
    );
    assert_eq!(play.told("a is"), ["0 Wanted", "0 Sent", "2 Acked", "3 Live", "5 Off"]);
    // The one that was switched off before the server named it is left as soon as it did.
    assert_eq!(
        play.sent().split_off(2),
        [r#"4 #1 {"event":"unsubscribe","chanId":18}"#, r#"5 #1 {"event":"unsubscribe","chanId":17}"#]
    );
}

#[test]
fn a_service_that_lacks_a_value_is_refused_alone() {
    let mut profile = batched();
    profile.subscribe.as_mut().unwrap().arg = Some(json("'${s.symbol}'"));
    let mut play = Play::of(profile, &["a"]);
    play.run("0 start\n0 dialed");
    assert!(play.sent().is_empty());
    assert_eq!(play.told("a is").last().unwrap(), "0 Refused: there is no value for ${s.symbol}");
}

#[test]
fn a_frame_that_is_too_long_is_cut_in_two_and_one_that_cannot_be_is_refused() {
    let mut profile = batched();
    profile.subscribe.as_mut().unwrap().batch = 10;
    profile.limits.send_bytes = Some(45);
    let long = "x".repeat(40);
    let mut play = Play::of(profile, &["aaaa", "bbbb", "cccc", &long]);
    play.run("0 start\n0 dialed");
    let sent = play.sent();
    assert!(sent.iter().all(|line| line.len() < 52), "{sent:?}");
    assert_eq!(play.snapshot(1.0).services.iter().filter(|s| s.state == ServiceState::Sent).count(), 3);
    let refused = play.told("Refused");
    assert!(refused.len() == 1 && refused[0].contains("limit of the profile: a frame of"), "{refused:?}");
}
