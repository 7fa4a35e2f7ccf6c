//! Numbers, ids and deadlines as profiles have them: counted by range, by the one before, by link and by key; numbers of
//! subscriptions that are over; a silence that the server allows.

use crate::play::{Play, written};

const ASK: &str = "
    [subscribe]
    frame = '{\"sub\":\"${s.name}\"}'
    [route]
    message = '${/s}'
";

fn counted(sequence: &str, script: &str) -> Play {
    let mut play = Play::of(written(&format!("{ASK}\n[[sequence]]\n{sequence}")), &["a", "b"]);
    play.run("0 start\n0 dialed").run(script);
    play
}

fn findings(play: &Play) -> Vec<String> {
    [play.told("gap"), play.told("repeated"), play.told("reordered")].concat()
}

#[test]
fn what_a_message_covers_follows_what_the_last_one_did() {
    let play = counted(
        "rule='range'\nfirst='/U'\nlast='/u'\nreorder='0s'",
        r#"
        1 text {"s":"a","U":1,"u":5}
        2 text {"s":"a","U":6,"u":9}
        3 text {"s":"a","U":12,"u":15}
        "#,
    );
    let told = findings(&play);
    assert!(!told.is_empty() && told.iter().all(|line| line.starts_with("3 10..11 ")), "{told:?}");
}

#[test]
fn a_message_that_names_another_before_it_misses_one_and_a_reset_does_not() {
    let mut play = counted(
        "rule='link'\nat='/n'\nprev='/p'\nreorder='0s'\nreset={ '/p' = -1 }",
        r#"
        1 text {"s":"a","p":-1,"n":10}
        2 text {"s":"a","p":10,"n":14}
        3 text {"s":"a","p":-1,"n":40}
        4 text {"s":"a","p":40,"n":41}
        "#,
    );
    assert_eq!(findings(&play), Vec::<String>::new());
    play.run("5 text {\"s\":\"a\",\"p\":44,\"n\":45}\n6 end");
    assert_eq!(play.snapshot(6.0).services[0].lost, Some(1));
    assert_eq!(play.snapshot(6.0).services[1].lost, None);
}

/// Messages that nobody asked for were not missed; what is missing while it is asked for is.
#[test]
fn a_service_that_was_switched_off_and_on_again_has_no_gap() {
    let rules = [
        "at='/n'\nreorder='0s'",
        "at='/n'\nreorder='0s'\nacross_reconnect=true",
        "scope='${/s}'\nat='/n'\nreorder='0s'",
        "rule='range'\nfirst='/n'\nlast='/n'\nreorder='0s'",
        "rule='link'\nat='/n'\nprev='/p'\nreorder='0s'",
    ];
    for rule in rules {
        let mut play = counted(
            rule,
            r#"
            1 text {"s":"a","p":6,"n":7}
            2 text {"s":"a","p":7,"n":8}
            2 off 0
            9 on 0
            9.1 text {"s":"a","p":29,"n":30}
            9.2 text {"s":"a","p":30,"n":31}
            "#,
        );
        assert_eq!(findings(&play), Vec::<String>::new(), "{rule}");
        // Off and on at once: a message of before is still on its way.
        play.run(
            r#"
            9.3 off 0
            9.4 on 0
            9.5 text {"s":"a","p":31,"n":32}
            9.8 text {"s":"a","p":40,"n":41}
            9.9 text {"s":"a","p":41,"n":42}
            "#,
        );
        assert_eq!(findings(&play), Vec::<String>::new(), "{rule}");
        play.run("10 text {\"s\":\"a\",\"p\":44,\"n\":45}\n11 end");
        assert!(play.snapshot(11.0).services[0].lost.is_some_and(|lost| lost > 0), "{rule}");
    }
}

#[test]
fn all_of_a_link_are_one_count_also_those_of_no_service() {
    let mut play = counted(
        "scope='link'\nat='/n'\nreorder='0s'\nwhen={ '/n' = { exists = true } }",
        r#"
        1 text {"s":"a","n":1}
        2 text {"s":"b","n":2}
        3 text {"hello":true,"n":3}
        4 text {"s":"a","n":4}
        "#,
    );
    assert_eq!(findings(&play), Vec::<String>::new());
    play.run("5 text {\"s\":\"b\",\"n\":7}\n6 end");
    let snapshot = play.snapshot(6.0);
    assert_eq!((snapshot.services[0].lost, snapshot.services[1].lost), (Some(0), Some(2)));
}

#[test]
fn each_key_has_a_count_of_its_own() {
    let mut play = counted(
        "scope='${/k}'\nat='/n'\nreorder='0s'",
        r#"
        1 text {"s":"a","k":"x","n":1}
        2 text {"s":"a","k":"y","n":50}
        3 text {"s":"a","k":"x","n":2}
        4 text {"s":"a","k":"y","n":53}
        5 end
        "#,
    );
    assert_eq!(play.told("repeated"), Vec::<String>::new());
    assert_eq!(play.snapshot(5.0).services[0].lost, Some(2));
}

#[test]
fn what_comes_by_the_number_of_a_subscription_that_is_over_is_no_services() {
    let profile = "
        [subscribe]
        frame = '{\"sub\":\"${s.name}\",\"id\":${sub.id}}'
        [unsubscribe]
        frame = '{\"unsub\":${sub.id}}'
        [route]
        via = 'id'
        message = '${/id}'
    ";
    let mut play = Play::of(written(profile), &["a"]);
    play.run(
        r#"
        0 start
        0 dialed
        1 text {"id":1,"x":1}
        2 off 0
        3 text {"id":1,"x":2}
        "#,
    );
    let snapshot = play.snapshot(3.0);
    assert_eq!((snapshot.services.len(), snapshot.services[0].messages), (1, 1), "{}", play.transcript);
    assert_eq!((snapshot.counters.messages, snapshot.counters.unrouted), (2, 1));
    // Asked for again it has a number of its own, and the old one stays void.
    play.run(
        r#"
        4 on 0
        5 text {"id":1,"x":3}
        6 text {"id":3,"x":4}
        6 text {"id":2,"x":4}
        "#,
    );
    assert_eq!(play.snapshot(6.0).services[0].messages, 2, "{}", play.transcript);
}

#[test]
fn the_server_says_how_long_it_may_be_silent() {
    let profile = format!(
        "{ASK}
        [receive]
        timeout = '${{v.every}}+${{v.grace}} ms'
        otherwise = '30s'
        [[rule]]
        when = {{ '/hello' = {{ exists = true }} }}
        kind = 'hello'
        capture = {{ every = '/hello', grace = '/grace' }}
        "
    );
    let dead = |hello: &str| {
        let mut play = Play::of(written(&profile), &["a"]);
        play.run(&format!("0 start\n0 dialed\n1 text {hello}\n32 end"));
        play.told("closed")
    };
    assert!(dead("{\"hello\":2000,\"grace\":3000}")[0].starts_with("6 "));
    assert!(dead("{\"x\":1}")[0].starts_with("31 "));
}
