//! Each fault in a link of our own: noticed within its bound and for what it is, over by itself, and live again.

use std::time::Duration;

use tokio::sync::mpsc;
use wirebeat::event::{By, Command, Event, FaultState, Gap, GapState, Phase, ServiceId, ServiceState, Why};
use wirebeat::fault::{Cut, Edit, Fault, Garbage};
use wirebeat::time::Ts;

use crate::bench::{Bench, Setup, about, bench, pass, soon};
use crate::server::{Manners, Server, serve};

const SECOND: Duration = Duration::from_secs(1);

/// The demo's protocol: a beat after 5 s of silence, 2 s to answer it, and a dial 4 s after an end.
const DEMO: Setup = Setup {
    profile: "demo",
    sets: &["stale.after=3s"],
    services: &["a", "b"],
    pipe: 1 << 16,
    message: 1 << 20,
    dials: crate::bench::Dials::Open,
    deflate: None,
};
/// No data flows, so that beats decide.
const QUIET: Setup = Setup { services: &[], ..DEMO };

struct Case {
    bench: Bench,
    server: Server,
}

/// A feed that has been well for ten seconds.
async fn well(setup: &Setup) -> Case {
    let mut bench = bench(setup);
    let servers = std::mem::replace(&mut bench.servers, mpsc::channel(1).1);
    let server = serve(servers, Manners::default());
    bench.opened().await;
    pass(10 * SECOND).await;
    bench.told();
    Case { bench, server }
}

impl Case {
    /// Says when it was told to have begun, and that before anything came of it.
    async fn inject(&mut self, fault: Fault, lasts: Duration) -> Ts {
        let name = fault.name();
        self.bench.command(Command::Inject { fault: Box::new(fault), lasts, text: "on purpose".into() }).await;
        let on = self.bench.wait(|event| {
            if let Event::Fault(fault) = event {
                return Some((fault.name == name && fault.state == FaultState::On, fault.until));
            }
            matches!(event, Event::Closed { .. }).then_some((false, None))
        });
        let (at, (on, until)) = on.await;
        assert!(on, "{name} is told first");
        assert_eq!(until, Some(at + lasts), "{name}");
        at
    }

    async fn over(&mut self) -> Ts {
        let over = |event| matches!(event, Event::Fault(fault) if fault.state == FaultState::Off).then_some(());
        self.bench.wait(over).await.0
    }

    /// Data flows again, on one link.
    async fn is_well(&mut self) {
        pass(20 * SECOND).await;
        self.bench.told();
        let before = self.bench.snapshots.borrow().counters;
        pass(6 * SECOND).await;
        let after = self.bench.snapshots.borrow().clone();
        assert!(matches!(after.phase, Phase::Open | Phase::Probing), "{:?}", after.phase);
        let (messages, beats) = (after.counters.messages, after.counters.beats_answered);
        assert!(messages > before.messages + 20 || beats > before.beats_answered, "nothing flows");
        assert_eq!(after.counters.outages, before.outages);
        assert!(!self.bench.pipes.doubled(), "two at once");
        assert!(self.server.most() <= 2 && self.server.open() == 1);
    }
}

#[tokio::test(start_paused = true)]
async fn a_freeze_is_half_open_and_holds_dials_too() {
    let mut case = well(&DEMO).await;
    let began = case.inject(Fault::Freeze, 20 * SECOND).await;
    let (at, why) = case.bench.closed().await;
    assert!(matches!(why, Why::HalfOpen { .. }), "{why:?}");
    assert!(at - began <= Duration::from_millis(7_200), "{:?}", at - began);
    let failed = |event| if let Event::DialFailed { why, .. } = event { Some(why) } else { None };
    let (gave_up, why) = case.bench.wait(failed).await;
    assert!(matches!(why, Why::DialTimeout { limit, .. } if limit == 5 * SECOND), "{why:?}");
    about(gave_up - at, 9 * SECOND);
    // The next dial begins while it is frozen, and is answered when it is not.
    let opened = case.bench.opened().await;
    about(opened - began, 20 * SECOND);
    case.is_well().await;
}

#[tokio::test(start_paused = true)]
async fn a_blackhole_is_half_open_and_a_new_link_works() {
    let mut case = well(&DEMO).await;
    let began = case.inject(Fault::Blackhole, 60 * SECOND).await;
    let (at, why) = case.bench.closed().await;
    assert!(matches!(why, Why::HalfOpen { limit, .. } if limit == 2 * SECOND), "{why:?}");
    assert!((6_800..=7_200).contains(&(at - began).as_millis()), "{:?}", at - began);
    about(case.bench.opened().await - at, 4 * SECOND);
    case.is_well().await;
    // It is over when it was said to be, whatever became of its link.
    about(case.over().await - began, 60 * SECOND);
}

#[tokio::test(start_paused = true)]
async fn each_cut_is_noticed_at_once_for_what_it_is() {
    let close = Cut::Close { code: 1012, reason: "restart".into() };
    let closed = Why::Close { by: By::Peer, code: Some(1012), reason: "restart".into() };
    for (cut, expected) in [
        (Cut::Fin, Why::Eof),
        (Cut::HalfClose, Why::Eof),
        (Cut::Truncate, Why::Eof),
        (Cut::Reset, Why::Reset { text: String::new() }),
        (close, closed),
    ] {
        let mut case = well(&DEMO).await;
        let began = case.inject(Fault::Cut(cut.clone()), 3 * SECOND).await;
        let (at, why) = case.bench.closed().await;
        assert_eq!(why.kind(), expected.kind(), "{cut:?}");
        if let Why::Close { .. } = expected {
            assert_eq!(why, expected);
        }
        assert!(at - began <= Duration::from_millis(250), "{cut:?}: {:?}", at - began);
        about(case.bench.opened().await - at, 4 * SECOND);
        case.is_well().await;
    }
}

#[tokio::test(start_paused = true)]
async fn refusals_and_hangs_look_like_the_real_thing() {
    let refuse = |status, retry_after| Fault::Refuse { status, retry_after, times: Some(1), cut: Some(Cut::Fin) };
    let wait = 6 * SECOND;
    for (fault, kind, after) in [
        (refuse(Some(503), None), "http", 4 * SECOND),
        (refuse(Some(429), Some(wait)), "http", wait),
        (refuse(None, None), "refused", 4 * SECOND),
    ] {
        let mut case = well(&DEMO).await;
        case.inject(fault, 30 * SECOND).await;
        let ended = case.bench.closed().await.0;
        let failed = |event| if let Event::DialFailed { why, .. } = event { Some(why) } else { None };
        let (at, why) = case.bench.wait(failed).await;
        assert_eq!(why.kind(), kind);
        about(at - ended, 4 * SECOND);
        let opened = case.bench.opened().await;
        assert!(opened - at >= after && opened - at < after + 2 * SECOND, "{:?}", opened - at);
        case.is_well().await;
    }
    let mut case = well(&DEMO).await;
    let began = case.inject(Fault::Hang, 12 * SECOND).await;
    assert_eq!(case.bench.snapshots.borrow().phase, Phase::Open, "what is open works");
    case.inject(Fault::Cut(Cut::Fin), SECOND).await;
    let opened = case.bench.opened().await;
    // 4 s to the dial, 5 s until it is given up, 4 s to the next.
    about(opened - began, 13 * SECOND);
    case.is_well().await;
}

#[tokio::test(start_paused = true)]
async fn answers_that_are_dropped_are_a_half_open_link() {
    for (setup, fault, limit) in [
        (&QUIET, Fault::DropAnswers { quiet: false }, 2),
        (&DEMO, Fault::DropAnswers { quiet: true }, 2),
        (&Setup { profile: "raw", services: &[], sets: &[], ..DEMO }, Fault::DropPongs, 10),
    ] {
        let mut case = well(setup).await;
        case.inject(fault.clone(), 40 * SECOND).await;
        let (_, why) = case.bench.closed().await;
        assert!(matches!(why, Why::HalfOpen { limit: is, .. } if is == limit * SECOND), "{fault:?}: {why:?}");
        case.over().await;
        pass(30 * SECOND).await;
        assert_eq!(case.bench.snapshots.borrow().phase, Phase::Open);
        assert!(!case.bench.pipes.doubled());
    }
    // Where data flows, it answers just as well.
    let mut case = well(&DEMO).await;
    case.inject(Fault::DropAnswers { quiet: false }, 40 * SECOND).await;
    pass(60 * SECOND).await;
    assert!(!case.bench.told().iter().any(|event| matches!(event, Event::Closed { .. })));
}

#[tokio::test(start_paused = true)]
async fn a_service_that_is_muted_is_stale_and_the_link_stays() {
    let mut case = well(&DEMO).await;
    let began = case.inject(Fault::Mute { service: "a".into() }, 20 * SECOND).await;
    let news = |state| {
        move |event| {
            let Event::Service(news) = event else { return None };
            (news.state == state).then_some(news.service)
        }
    };
    let (at, service) = case.bench.wait(news(ServiceState::Stale)).await;
    assert_eq!(service, ServiceId(0));
    assert!(at - began <= Duration::from_millis(3_200), "{:?}", at - began);
    let (at, service) = case.bench.wait(news(ServiceState::Live)).await;
    assert_eq!(service, ServiceId(0));
    assert!(at - began <= Duration::from_millis(20_300), "{:?}", at - began);
    case.is_well().await;
    assert_eq!(case.bench.pipes.dials(), 1);
}

/// What numbers tell: `(gaps, missing, repeated, reordered)`.
fn numbers(told: &[Event]) -> (usize, u64, usize, usize) {
    let gaps = told.iter().filter_map(|event| {
        let Event::Gap(Gap { state: GapState::Lost, missing, .. }) = event else { return None };
        Some(*missing)
    });
    let count = |is: fn(&Event) -> bool| told.iter().filter(|event| is(event)).count();
    let repeated = count(|event| matches!(event, Event::Repeated { .. }));
    let reordered = count(|event| matches!(event, Event::Reordered { .. }));
    (gaps.clone().count(), gaps.sum(), repeated, reordered)
}

#[tokio::test(start_paused = true)]
async fn numbers_tell_what_was_dropped_doubled_and_swapped() {
    let nth = |edit| Fault::Nth { edit, nth: 5, service: Some("a".into()) };
    let (service, count) = ("a".to_owned(), 4);
    // Ten seconds are fifty messages. Those of one edit come one after the other.
    for (fault, expected) in [
        (nth(Edit::Drop), (10, 10, 0, 0)),
        (nth(Edit::Repeat), (0, 0, 10, 0)),
        (nth(Edit::Reorder), (0, 0, 0, 10)),
        (Fault::Gap { service: service.clone(), count }, (1, 4, 0, 0)),
        (Fault::Repeat { service: service.clone(), count }, (0, 0, 4, 0)),
        (Fault::Reorder { service, count }, (0, 0, 0, 4)),
    ] {
        let mut case = well(&DEMO).await;
        case.inject(fault.clone(), 10 * SECOND).await;
        pass(14 * SECOND).await;
        assert_eq!(numbers(&case.bench.told()), expected, "{fault:?}");
        case.is_well().await;
        assert_eq!(numbers(&case.bench.told()), (0, 0, 0, 0), "{fault:?}: it is over");
    }
}

#[tokio::test(start_paused = true)]
async fn garbage_is_shown_counted_and_no_sign_of_life() {
    let mut case = well(&DEMO).await;
    let fault = Fault::Garbage { kinds: Garbage::ALL.to_vec(), every: SECOND / 2, service: None };
    case.inject(fault.clone(), 5 * SECOND).await;
    pass(6 * SECOND).await;
    let counters = case.bench.snapshots.borrow().counters;
    assert!(counters.not_json >= 4 && counters.unrouted >= 1, "{counters:?}");
    case.is_well().await;
    // Under a blackhole it does not keep the link alive.
    case.inject(fault, 30 * SECOND).await;
    let began = case.inject(Fault::Blackhole, 30 * SECOND).await;
    let (at, why) = case.bench.closed().await;
    assert!(matches!(why, Why::HalfOpen { .. }) && at - began <= Duration::from_millis(7_200), "{why:?}");
}

#[tokio::test(start_paused = true)]
async fn subscriptions_that_are_refused_bring_no_data() {
    let mut case = well(&DEMO).await;
    case.inject(Fault::RefuseSubscriptions { service: Some("a".into()) }, 20 * SECOND).await;
    case.bench.command(Command::Dial).await;
    case.bench.opened().await;
    pass(10 * SECOND).await;
    let services = case.bench.snapshots.borrow().services.clone();
    // It has no way to say no.
    assert!(matches!(services[0].state, ServiceState::Stale | ServiceState::Sent), "{:?}", services[0].state);
    assert_eq!(services[1].state, ServiceState::Live);
    case.over().await;
    case.bench.command(Command::Want { service: ServiceId(0), on: false }).await;
    case.bench.command(Command::Want { service: ServiceId(0), on: true }).await;
    case.is_well().await;
    assert_eq!(case.bench.snapshots.borrow().services[0].state, ServiceState::Live);
}

#[tokio::test(start_paused = true)]
async fn a_slow_link_is_slow_and_alive() {
    let (delay, jitter) = (Duration::from_millis(300), Duration::from_millis(100));
    for (fault, least) in
        [(Fault::Latency { delay, jitter }, 600), (Fault::Bytewise, 0), (Fault::Bandwidth { bytes: 500 }, 100)]
    {
        let mut case = well(&QUIET).await;
        case.inject(fault.clone(), 30 * SECOND).await;
        pass(25 * SECOND).await;
        let told = case.bench.told();
        let rtts: Vec<_> = told
            .iter()
            .filter_map(|event| if let Event::BeatAnswered { rtt, .. } = event { Some(rtt.as_millis()) } else { None })
            .collect();
        assert!(rtts.len() >= 3 && rtts.iter().all(|rtt| *rtt >= least), "{fault:?}: {rtts:?}");
        assert!(!told.iter().any(|event| matches!(event, Event::Closed { .. })), "{fault:?}");
        case.is_well().await;
    }
}

#[tokio::test(start_paused = true)]
async fn a_latency_beyond_the_limit_is_half_open() {
    let mut case = well(&QUIET).await;
    case.inject(Fault::Latency { delay: 3 * SECOND / 2, jitter: Duration::ZERO }, 60 * SECOND).await;
    assert!(matches!(case.bench.closed().await.1, Why::HalfOpen { .. }));
    case.bench.command(Command::Clear).await;
    case.is_well().await;
}

#[tokio::test(start_paused = true)]
async fn clearing_ends_all_at_once() {
    let mut case = well(&DEMO).await;
    for fault in [Fault::Freeze, Fault::Mute { service: "a".into() }, Fault::DropPongs] {
        case.inject(fault, 3_600 * SECOND).await;
    }
    pass(SECOND).await;
    case.bench.command(Command::Clear).await;
    for _ in 0..3 {
        case.over().await;
    }
    case.is_well().await;
    assert_eq!(case.bench.pipes.dials(), 1, "in time");
}

/// Whatever is injected, in whatever order, it is live again soon after.
#[tokio::test(start_paused = true)]
async fn any_mixture_ends_well() {
    let service = || "a".to_owned();
    let all = [
        Fault::Freeze,
        Fault::Blackhole,
        Fault::Hang,
        Fault::Cut(Cut::Fin),
        Fault::Cut(Cut::Reset),
        Fault::Cut(Cut::Truncate),
        Fault::Cut(Cut::Close { code: 1011, reason: String::new() }),
        Fault::Refuse { status: Some(503), retry_after: None, times: None, cut: Some(Cut::Reset) },
        Fault::DropAnswers { quiet: true },
        Fault::Latency { delay: SECOND, jitter: SECOND },
        Fault::Bandwidth { bytes: 50 },
        Fault::Bytewise,
        Fault::Mute { service: service() },
        Fault::Nth { edit: Edit::Reorder, nth: 2, service: None },
        Fault::Reorder { service: service(), count: 3 },
        Fault::Garbage { kinds: Garbage::ALL.to_vec(), every: SECOND / 5, service: None },
        Fault::RefuseSubscriptions { service: None },
    ];
    let mut seed = 1_u64;
    let mut below = |most: usize| {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(seed >> 33).unwrap() % most
    };
    for _ in 0..40 {
        let mut case = well(&DEMO).await;
        for _ in 0..=below(6) {
            let fault = all[below(all.len())].clone();
            let lasts = SECOND / 10 * u32::try_from(1 + below(150)).unwrap();
            let inject = Command::Inject { fault: Box::new(fault), lasts, text: String::new() };
            case.bench.command(inject).await;
            pass(SECOND / 10 * u32::try_from(below(80)).unwrap()).await;
        }
        // The longest, and then a verdict and a dial.
        pass(20 * SECOND).await;
        case.is_well().await;
        soon(case.bench.commands.send(Command::Quit)).await.unwrap();
    }
}
