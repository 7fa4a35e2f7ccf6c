//! Ten thousand storms: everything that can go wrong with a feed, in any order and at once, and then fair weather, in
//! which it lives again within a bound that its profile gives.
//!
//! A seed is a storm: the one that a test failed with goes to the list of those that are tried first. More of them:
//! `WIREBEAT_STORMS=100000`.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::Duration;

use wirebeat::event::{By, Command, Gen, Phase, ServiceState, Why};
use wirebeat::fault::{Cut, Edit, Fault, Garbage};
use wirebeat::profile::{Ack, LiveOn, Profile, Rate};
use wirebeat::time::Ts;

use crate::play::{base, json, profile, rule, step, when};
use crate::world::World;

/// Storms that once did harm.
const REMEMBERED: [u64; 0] = [];
const STORMS: u64 = 10_000;
const SECOND: Duration = Duration::from_secs(1);
/// A session gives up a dial after so long.
const DIAL: Duration = Duration::from_secs(30);
/// The longest that a server of these asks us to wait, and a feed for its brake.
const ASKED: Duration = Duration::from_secs(20);

/// A profile, and its lengths: a beat after so long, its answer within so long, the longest wait for a dial.
struct Kind {
    profile: Arc<Profile>,
    after: Duration,
    timeout: Duration,
    cap: Duration,
}

fn login() -> Profile {
    let mut login = base("demo");
    login.handshake =
        vec![step(None, Some("{'/type':'hello'}")), step(Some("{'type':'auth'}"), Some("{'/type':'welcome'}"))];
    login.handshake[1].reject = Some(when("{'/type':'denied'}"));
    login.handshake[1].resume = Some(json("{'type':'auth','again':true}"));
    login.limits.connect = Some(Rate { count: 1, per: SECOND });
    login.limits.send = Some(Rate { count: 5, per: SECOND });
    login.rules.insert(0, rule("{'/type':'subscribed'}", wirebeat::event::Kind::Ack));
    let ask = login.subscribe.as_mut().unwrap();
    (ask.ack, ask.ack_timeout, ask.live_on) = (Ack::Route, Some(7 * SECOND), LiveOn::Ack);
    login
}

fn kinds() -> [Kind; 4] {
    let kind = |profile, after, timeout, cap| Kind { profile, after, timeout, cap };
    let seconds = Duration::from_secs;
    let mut rotating = login();
    rotating.limits.lifetime = Some(seconds(60));
    rotating.limits.lifetime_margin = seconds(15);
    [
        kind(profile("demo", &[]), seconds(5), seconds(2), seconds(30)),
        kind(
            profile("sub-heartbeat", &["reconnect.base=1s", "reconnect.factor=2.0"]),
            seconds(30),
            seconds(10),
            seconds(30),
        ),
        kind(Arc::new(login()), seconds(5), seconds(2), seconds(30)),
        kind(Arc::new(rotating), seconds(5), seconds(2), seconds(30)),
    ]
}

/// One thing that goes wrong. Says when it is over.
fn trouble(world: &mut World, longest: Duration) -> Ts {
    let now = world.now;
    let length = world.within((Duration::from_millis(1), longest));
    let end = now + length;
    let which = world.below(22);
    let number = world.below(1000);
    match which {
        0 => world.weather.frozen = end,
        1 => world.weather.hole = (end, world.snapshot().link),
        2 => world.weather.hung = end,
        3 | 4 => world.weather.refused = (end, Some(refusal(number))),
        5 => world.weather.mute = end,
        6 => world.weather.deaf = end,
        7 => (world.weather.deaf, world.weather.mute) = (end, end),
        8 => world.weather.slow = (end, Duration::from_millis(number * 2)),
        9 => {
            world.sleep(length * 3);
            return world.now;
        }
        10 => world.hold(length),
        11 | 12 => world.cut(&end_of_link(number)),
        13 => world.toggle(),
        14 => world.command(Command::Dial),
        15 => {
            world.command(Command::Pause);
            world.until(end);
            world.command(Command::Dial);
        }
        16 => world.garbage(&garbage(number)),
        17 => world.midway(),
        18 => world.wall(1_700_000_000_000_000_000 + i64::try_from(number).unwrap() * 3_600_000_000_000),
        _ => world.command(Command::Inject { fault: Box::new(injected(number)), lasts: length, text: String::new() }),
    }
    end
}

fn refusal(number: u64) -> Why {
    let http = |status, retry_after| Why::Http { status, text: String::new(), retry_after };
    match number % 7 {
        0 => Why::Refused { address: "127.0.0.1:1".into() },
        1 => http(503, None),
        2 => http(429, Some(Duration::from_secs(number % 20))),
        3 => Why::Dns { host: "h".into(), text: "no such host".into() },
        4 => Why::Tls { text: "expired".into() },
        5 => http(403, None),
        _ => Why::Handshake { text: "no upgrade".into() },
    }
}

fn end_of_link(number: u64) -> Why {
    let codes = [1000, 1001, 1002, 1005, 1006, 1009, 1011, 1012, 1013, 1014, 3000, 4001, 4999];
    let code = codes[usize::try_from(number).unwrap() % codes.len()];
    match number % 4 {
        0 => Why::Eof,
        1 => Why::Reset { text: "reset".into() },
        2 => Why::Protocol { text: "bad frame".into() },
        _ => Why::Close { by: By::Peer, code: Some(code), reason: "so".into() },
    }
}

fn garbage(number: u64) -> String {
    match number % 5 {
        0 => "[".repeat(300),
        1 => r#"{"service":"\u001b[31m","seq":-1}"#.to_owned(),
        2 => r#"{"type":"welcome"}"#.to_owned(),
        3 => r#"{"type":"subscribed","service":"nobody"}"#.to_owned(),
        _ => "\u{0}\u{202e}".to_owned(),
    }
}

/// All but refused subscriptions: of those nobody ever tells us that it would be otherwise now.
fn injected(number: u64) -> Fault {
    let service = || "a".to_owned();
    let close = Cut::Close { code: 1012, reason: String::new() };
    let refuse = |status, cut| Fault::Refuse { status, retry_after: None, times: Some(2), cut };
    let faults = [
        Fault::Freeze,
        Fault::Blackhole,
        Fault::Hang,
        Fault::DropPongs,
        Fault::DropAnswers { quiet: true },
        Fault::DropAnswers { quiet: false },
        Fault::Cut(Cut::Fin),
        Fault::Cut(Cut::Reset),
        Fault::Cut(close),
        refuse(Some(503), Some(Cut::Reset)),
        refuse(None, Some(Cut::Fin)),
        refuse(Some(429), None),
        Fault::Mute { service: service() },
        Fault::Gap { service: service(), count: 5 },
        Fault::Repeat { service: service(), count: 2 },
        Fault::Reorder { service: service(), count: 3 },
        Fault::Nth { edit: Edit::Drop, nth: 3, service: None },
        Fault::Nth { edit: Edit::Reorder, nth: 2, service: Some(service()) },
        Fault::Garbage { kinds: vec![Garbage::NotJson, Garbage::Deep, Garbage::Bidi], every: SECOND, service: None },
    ];
    faults[usize::try_from(number).unwrap() % faults.len()].clone()
}

fn storm(kind: &Kind, seed: u64) {
    let mut world = World::new(&kind.profile, seed);
    let beat = kind.after + kind.timeout;
    world.gap = (beat / 5, beat / 5);
    let calm = world.within((Duration::ZERO, beat));
    world.until(world.now + calm);
    let mut over = world.now;
    for _ in 0..=world.below(8) {
        over = over.max(trouble(&mut world, 2 * beat));
        let pause = world.within((Duration::ZERO, beat));
        world.until(world.now + pause);
        promises_nothing(&mut world);
    }
    over = over.max(world.now);
    world.until(over);
    if world.session.phase() == Phase::Stopped {
        assert!(world.told.stopped.is_some(), "nobody said that it stopped");
        world.command(Command::Dial);
    }
    let bound = beat + kind.cap.max(ASKED) + DIAL + kind.cap + 10 * SECOND + beat / 2;
    let until = over + bound;
    while !lives(&mut world) {
        assert!(world.now < until, "not live {bound:?} after all is well: {:?}", world.snapshot());
        world.until(world.now + SECOND / 2);
    }
    // It stays so, and what came of the storm is over.
    world.until(world.now + 11 * SECOND);
    let before = world.told.outages;
    world.until(world.now + 3 * beat);
    assert!(lives(&mut world), "it does not stay: {:?}", world.snapshot());
    assert_eq!(world.told.outages, before, "{:?}", world.told.why);
    adds_up(&mut world);
}

/// Open, and each service that is wanted is, on one link, and the server was asked for it.
fn lives(world: &mut World) -> bool {
    let snapshot = world.snapshot();
    let (wishes, asked) = (world.wishes, world.subscribed());
    let open = matches!(snapshot.phase, Phase::Open | Phase::Probing);
    open && snapshot.services.iter().take(3).zip(wishes).all(|(service, wanted)| {
        assert_eq!(service.wanted, wanted, "{service:?}");
        let times = asked.get(&*service.name).copied().unwrap_or(0);
        if wanted { service.state == ServiceState::Live && times > 0 } else { times == 0 }
    })
}

/// Without a link no service is live.
fn promises_nothing(world: &mut World) {
    let snapshot = world.snapshot();
    let none = snapshot.opened.is_none();
    assert_eq!(
        none,
        !matches!(snapshot.phase, Phase::LoggingIn | Phase::Open | Phase::Probing),
        "{:?}",
        snapshot.phase
    );
    for service in snapshot.services.iter().filter(|_| none) {
        let rests = matches!(service.state, ServiceState::Wanted | ServiceState::Refused | ServiceState::Off);
        assert!(rests, "{service:?} while {:?}", snapshot.phase);
    }
}

fn adds_up(world: &mut World) {
    let snapshot = world.snapshot();
    let (counters, told) = (&snapshot.counters, &world.told);
    assert_eq!((counters.dials, counters.opens), (told.dials, told.opens));
    assert_eq!(told.opens, told.closes + 1);
    assert_eq!((counters.outages, told.outages.1), told.outages, "each outage has its end");
    assert_eq!((counters.beats_sent, counters.beats_answered), told.beats);
    assert!(counters.downtime <= world.now - Ts::ZERO);
    assert!(counters.opens <= counters.dials);
    assert!(snapshot.link > Gen(0));
    let of_services: u64 = snapshot.services.iter().map(|service| service.messages).sum();
    assert!(of_services + counters.unrouted <= counters.messages, "{snapshot:?}");
    // Asked for once on each link, and once more each time that the user wished for it anew.
    let most = world.subscribed().values().copied().max().unwrap_or(0);
    assert!(most <= 9, "asked for {most} times");
}

fn storms(which: usize) {
    let kind = &kinds()[which];
    let count = std::env::var("WIREBEAT_STORMS").ok().and_then(|count| count.parse().ok()).unwrap_or(STORMS) / 4;
    for seed in REMEMBERED.into_iter().chain((0..count).map(|n| n * 4 + which as u64)) {
        if let Err(panic) = catch_unwind(AssertUnwindSafe(|| storm(kind, seed))) {
            let words = panic.downcast_ref::<String>().cloned().unwrap_or_default();
            panic!("storm {seed} of kind {which}: {words}");
        }
    }
}

#[test]
fn the_demos_protocol_weathers_them() {
    storms(0);
}

#[test]
fn the_seeds_protocol_weathers_them() {
    storms(1);
}

#[test]
fn a_feed_that_logs_in_weathers_them() {
    storms(2);
}

#[test]
fn a_feed_that_changes_links_weathers_them() {
    storms(3);
}
