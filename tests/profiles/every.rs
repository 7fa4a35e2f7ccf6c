//! The profile that has every key: what becomes of each.

use std::time::Duration;

use wirebeat::profile::codec::{Compression, Format};
use wirebeat::profile::{
    Ack, Action, Beat, BeatMode, CloseRule, Ends, IdAt, IdForm, Interval, Life, LiveOn, Profile, Proof, Rate,
    Reconnect, Scope, SequenceRule, SequenceScope, Stale, TimeUnit, Via,
};

use super::{Source, read, seconds, shown};

fn every() -> Profile {
    let profile = read(Source::new("tests/profiles/every.toml", include_str!("every.toml")), &[]);
    profile.unwrap_or_else(|told| panic!("{}", shown(&told)))
}

fn texts<T: ToString>(all: impl IntoIterator<Item = T>) -> Vec<String> {
    all.into_iter().map(|one| one.to_string()).collect()
}

#[test]
fn what_it_says_of_itself_and_takes_from_outside() {
    let profile = every();
    let about = &profile.about;
    assert_eq!(about.checked.as_deref(), Some("2026-11"));
    assert_eq!(about.proof, Proof::Server("example 1.2".into()));
    assert!(about.consume && about.exclusive.as_ref().unwrap().starts_with("an event"));
    assert_eq!(about.commands, ["find-url", "sign"]);
    assert_eq!((&*profile.title, profile.doc.len(), &*profile.env), ("Every key", 1, &["TOKEN".to_owned()][..]));
    let secrets = profile.templates().filter(|template| template.to_string().contains("env.TOKEN")).count();
    assert_eq!(secrets, 2);
}

#[test]
fn the_dial_and_the_login() {
    let profile = every();
    let endpoint = &profile.endpoint;
    assert_eq!(endpoint.url.as_ref().unwrap().to_string(), "wss://${v.host}/ws?token=${env.TOKEN}&id=${uuid}");
    assert_eq!(endpoint.resume_url.as_ref().unwrap().to_string(), "wss://${v.gateway}/ws?at=${v.cursor|0}");
    assert_eq!(endpoint.headers[0].1.to_string(), "Bearer ${env.TOKEN}");
    assert_eq!(endpoint.withhold, ["Origin", "User-Agent"]);
    assert_eq!(endpoint.subprotocols, ["v2.example", "v1.example"]);
    assert!(endpoint.plain);

    let run = endpoint.run.as_ref().unwrap();
    assert_eq!((texts(&run.command), run.timeout), (texts(["find-url", "--json"]), Duration::from_secs(3)));

    let [hello, login] = &profile.handshake[..] else { panic!() };
    assert!(hello.send.is_none() && hello.run.is_none() && hello.expect.as_ref().unwrap().0.len() == 1);
    assert_eq!(hello.timeout, Duration::from_secs(15));
    assert!(hello.capture.iter().all(|capture| capture.scope == Scope::Link));
    assert_eq!(texts(&login.run.as_ref().unwrap().command), ["sign", "${v.beat_ms}", "${now_s}"]);
    assert!(login.send.as_ref().unwrap().json && login.resume.is_some() && login.reject.is_some());
    assert_eq!(login.text.as_ref().unwrap().to_string(), "/d/reason");
    assert_eq!(login.timeout, Duration::from_secs(10));
    let kept: Vec<_> = login.capture.iter().map(|one| (&*one.name, one.at.to_string(), one.scope)).collect();
    assert_eq!(kept[0], ("session", "/d/session".to_owned(), Scope::Lasting));
    assert_eq!(kept.len(), 3);
}

#[test]
fn frames_are_cut() {
    let codec = every().codec;
    assert_eq!((codec.compression, codec.format), (Compression::ZlibStream, Format::Json));
    assert!(codec.prefix.unwrap().capture_names().flatten().eq(["type", "ack"]));
    assert_eq!((codec.split.as_deref(), codec.tx_suffix.as_deref()), (Some("\n"), Some("\u{1e}")));
    assert!(codec.batch && codec.members);
    assert_eq!(texts(codec.outer.iter().chain(&codec.each)), ["/payload/updates", "/values"]);
}

#[test]
fn services_are_asked_for_and_left() {
    let profile = every();
    let ask = profile.subscribe.as_ref().unwrap();
    assert_eq!(ask.arg.as_ref().unwrap().to_string(), r#"{"channel":"${s.channel}","symbol":"${s.symbol}"}"#);
    assert_eq!((ask.batch, ask.gap, ask.id), (20, Duration::from_millis(50), IdForm::Uuid));
    assert!(matches!(&ask.ack, Ack::Id(IdAt::Value(at)) if at.to_string() == "/id"));
    assert_eq!((ask.ack_timeout, ask.live_on, ask.whole), (Some(Duration::from_secs(5)), LiveOn::Data, false));
    assert_eq!(ask.sid.as_ref().unwrap().to_string(), "/result");
    // What is not said of leaving is as it is of asking.
    let leave = profile.unsubscribe.as_ref().unwrap();
    assert_eq!((&leave.arg, leave.batch, leave.gap, leave.id), (&ask.arg, 5, ask.gap, IdForm::Uuid));
    assert_eq!(leave.ack, ask.ack);
    // A program is run where it is named.
    let runs = [ask, leave].map(|ask| ask.run.as_ref().map(|run| (texts(&run.command), run.timeout)).unwrap());
    assert_eq!(runs[0], (texts(["sign", "${s.channel}"]), Duration::from_secs(10)));
    assert_eq!(runs[1], (texts(["sign", "${sub.sid}"]), Duration::from_secs(1)));
    assert!(profile.params().into_iter().eq(["channel", "symbol"]));
}

#[test]
fn messages_are_routed_and_ruled() {
    let profile = every();
    let route = &profile.route;
    assert_eq!(route.message.as_ref().unwrap().to_string(), "${/channel}:${@/symbol}");
    assert!(route.glob && route.via == Via::Key);
    assert_eq!(route.several.as_ref().unwrap().to_string(), "/channels");
    let maps: Vec<_> = route.map.iter().map(|(at, map)| (at.to_string(), map.len())).collect();
    assert_eq!(maps, [("/channel".to_owned(), 1), ("@/symbol".to_owned(), 1)]);
    assert_eq!(route.map[0].1["l2update"], "level2");

    assert_eq!(profile.rules[0].action, Action::Resume);
    assert_eq!(profile.rules[0].text.as_ref().unwrap().to_string(), "/d/reason");
    let event = &profile.rules[1];
    assert_eq!(event.capture[0].scope, Scope::Lasting);
    let own = event.route.as_ref().unwrap();
    // A rule says where the key is, the profile what it is compared with.
    assert_eq!((own.via, own.glob, own.map.len(), &own.service), (Via::Sid, true, 2, &route.service));
    assert!(own.several.is_none());
    assert_eq!(event.time.as_ref().unwrap().unit, TimeUnit::Us);
    assert!(profile.rules[2].route.as_ref().unwrap().map.is_empty());
    assert!(!profile.rules[2].send.as_ref().unwrap().json);
}

#[test]
fn times_and_numbers() {
    let profile = every();
    let captured = |names: &[&str], unit, otherwise| Interval::Captured {
        names: texts(names),
        unit,
        more: Duration::ZERO,
        otherwise: Duration::from_secs(otherwise),
    };
    let [beat, poll] = &profile.heartbeats[..] else { panic!() };
    let ms = Duration::from_millis(1);
    assert_eq!(beat.after, captured(&["beat_ms"], ms, 40));
    assert_eq!(beat.timeout, Some(captured(&["beat_ms", "grace_ms"], ms, 40)));
    assert!(beat.mode == BeatMode::Interval && beat.first_jitter && beat.alive_on == Life::Answer);
    assert!(poll.mode == BeatMode::Reissue && poll.after == seconds(0) && matches!(poll.send, Beat::Frame(_)));
    assert_eq!(profile.receive_timeout, Some(captured(&["grace_ms"], Duration::from_secs(1), 120)));
    assert_eq!(profile.stale, Stale::After(Duration::from_mins(1)));
    assert_eq!(profile.time.as_ref().unwrap().unit, TimeUnit::Rfc3339);

    let [steps, range, link, grow] = &profile.sequences[..] else { panic!() };
    assert_eq!((&steps.scope, &steps.rule), (&SequenceScope::Link, &SequenceRule::Increment { step: 3 }));
    assert!(steps.when.is_some() && steps.reset.is_some() && steps.reorder == Duration::from_millis(250));
    assert!(matches!(&range.scope, SequenceScope::Key(key) if key.to_string() == "${/channel}"));
    let pair = |at: &dyn ToString, rule: &SequenceRule| match rule {
        SequenceRule::Range { first: other } | SequenceRule::Link { previous: other } => {
            (other.to_string(), at.to_string())
        }
        SequenceRule::Increment { .. } | SequenceRule::Monotonic => panic!("{rule:?}"),
    };
    assert_eq!(pair(&range.at, &range.rule), ("/U".to_owned(), "/u".to_owned()));
    assert_eq!(pair(&link.at, &link.rule), ("/pu".to_owned(), "/u".to_owned()));
    assert!(link.across_reconnect && link.reorder.is_zero() && link.scope == SequenceScope::Service);
    assert_eq!(grow.rule, SequenceRule::Monotonic);
}

#[test]
fn ends_waits_and_bounds() {
    let profile = every();
    let rule = |codes: &[(u16, u16)], action| CloseRule { codes: codes.to_vec(), action };
    let codes = vec![rule(&[(4004, 4004), (4010, 4014)], Action::Stop), rule(&[(0, u16::MAX)], Action::Resume)];
    let statuses = vec![rule(&[(401, 401), (403, 403), (500, 599)], Action::Backoff)];
    assert_eq!(profile.close, Ends { dead_code: Some(4900), codes, statuses });
    let steps = [10, 1000, 5000].map(Duration::from_millis).to_vec();
    let reset_after = Duration::from_secs(20);
    assert_eq!(profile.reconnect, Reconnect { steps, jitter: 0.5, reset_after, ..Reconnect::default() });
    let limits = &profile.limits;
    assert_eq!((limits.message, limits.rows, limits.services), (2 << 20, 100, 50));
    assert_eq!(limits.send, Some(Rate { count: 120, per: Duration::from_mins(1) }));
    assert_eq!(limits.connect, Some(Rate { count: 300, per: Duration::from_mins(5) }));
    assert!(limits.send_counts_ping);
    assert_eq!((limits.subscriptions, limits.send_bytes), (Some(30), Some(4096)));
    assert_eq!((limits.lifetime, limits.lifetime_margin), (Some(Duration::from_hours(24)), Duration::from_mins(10)));
}

#[test]
fn names_of_services_are_taken_apart() {
    let profile = every();
    let param = |name: &str, param: &str| profile.service(name).map(|service| service.params[param].clone());
    assert_eq!(param("book:ETH", "channel"), Ok("book".into()));
    assert_eq!(param("book:ETH", "symbol"), Ok("ETH".into()));
    assert_eq!(param("book", "symbol"), Ok("all".into()));
    // The file says it otherwise, and a name in the file need not repeat itself.
    assert_eq!(param("all", "symbol"), Ok("*".into()));
    assert_eq!(param("trade:BTC", "symbol"), Ok("BTC".into()));
    let told = profile.service(":").unwrap_err();
    assert_eq!(told, "the services of every are named like `CHANNEL:[SYMBOL]`, and `:` is not");
}

#[test]
fn tests_say_what_was_learned_and_what_is_answered() {
    let profile = every();
    let [binary, text] = &profile.tests[..] else { panic!() };
    assert!(binary.binary && binary.frame.starts_with(&[0x1f, 0x8b]) && !text.binary);
    assert_eq!(binary.ids["17"], "all");
    let row = &binary.rows[0];
    assert_eq!((row.seq, row.time, row.send.as_deref()), (Some(5), Some(1_700_000_000_000_000_000), Some("6")));
    assert_eq!(text.rows[0].time, Some(1_795_399_967_453_000_000));
    let mut got = row.clone();
    got.time = None;
    assert!(!row.accepts(&got) && got.accepts(row));
}
