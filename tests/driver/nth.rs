//! Every operation on a link fails once, each in every way: the first, the second, until a run is left untouched.
//!
//! Whatever fails, the feed is live again within its bound, on one link, and knows why it was not; or it ends as it was
//! told to. What each fault is called is tried in `ends` and `faults`.

use std::io::ErrorKind;
use std::time::Duration;

use tokio::sync::mpsc;
use wirebeat::event::{Command, Event, Phase};
use wirebeat::fault::{Cut, Fault};

use crate::bench::{Bench, Setup, bench, pass, soon};
use crate::breaks::Break;
use crate::server::{End, Manners, serve};

const SECOND: Duration = Duration::from_secs(1);
const HOW: [Break; 8] = [
    Break::Error(ErrorKind::ConnectionReset),
    Break::Error(ErrorKind::BrokenPipe),
    Break::Error(ErrorKind::TimedOut),
    Break::Once(ErrorKind::Interrupted),
    Break::Once(ErrorKind::ConnectionAborted),
    Break::End,
    Break::Later,
    Break::Little,
];
/// A beat after 2 s of silence, 1 s to answer it, a dial 1 s after an end.
const QUICK: &[&str] = &["heartbeat.after=2s", "heartbeat.timeout=1s", "reconnect.base=1s"];
/// From the last that goes wrong to data: a link that died right after a beat was answered, found out and dialed again;
/// and once more, where what broke is the link that came next.
const BOUND: Duration = Duration::from_secs(10);

type Wish = (Duration, fn() -> Command);

struct Scenario {
    setup: Setup,
    manners: Manners,
    /// What the user does, so long after the thing before.
    script: &'static [Wish],
    /// Until then something may go wrong by the scenario itself.
    lasts: Duration,
    ends: Ends,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Ends {
    Live,
    Paused,
    Gone,
}

const LIVE: Scenario = Scenario {
    setup: Setup {
        profile: "demo",
        sets: QUICK,
        services: &["a", "b"],
        pipe: 1 << 16,
        message: 1 << 20,
        dials: crate::bench::Dials::Open,
        deflate: None,
    },
    manners: Manners { greets: false, every: Duration::from_millis(300), first: None },
    script: &[],
    lasts: Duration::from_secs(4),
    ends: Ends::Live,
};
const QUIET: Scenario = Scenario { setup: Setup { services: &[], ..LIVE.setup }, ..LIVE };

fn inject(fault: Fault, seconds: u64) -> Command {
    Command::Inject { fault: Box::new(fault), lasts: Duration::from_secs(seconds), text: String::new() }
}

#[tokio::test(start_paused = true)]
async fn on_a_live_feed() {
    each(&LIVE).await;
}

#[tokio::test(start_paused = true)]
async fn where_beats_alone_keep_it() {
    each(&QUIET).await;
}

#[tokio::test(start_paused = true)]
async fn on_a_full_socket() {
    let setup = Setup { pipe: 16, services: &["a"], ..LIVE.setup };
    each(&Scenario { setup, manners: Manners { every: SECOND, ..LIVE.manners }, ..LIVE }).await;
}

#[tokio::test(start_paused = true)]
async fn in_a_login() {
    let sets = &["reconnect.base=1s", "reconnect.jitter=0"];
    let setup = Setup { profile: "pusher", sets, ..LIVE.setup };
    each(&Scenario { setup, manners: Manners { greets: true, ..LIVE.manners }, ..LIVE }).await;
}

#[tokio::test(start_paused = true)]
async fn over_a_half_open_link() {
    let first = Some((SECOND, End::Silence));
    each(&Scenario { manners: Manners { first, ..LIVE.manners }, lasts: 5 * SECOND, ..LIVE }).await;
}

#[tokio::test(start_paused = true)]
async fn over_a_close_of_the_server() {
    for end in [End::Close(1001), End::Close(4001), End::Fin] {
        let first = Some((SECOND, end));
        each(&Scenario { manners: Manners { first, ..LIVE.manners }, lasts: 3 * SECOND, ..LIVE }).await;
    }
}

#[tokio::test(start_paused = true)]
async fn under_faults_that_last() {
    // Slow links have many operations, so that there is little to say on them.
    let (setup, manners) = (Setup { services: &["a"], ..LIVE.setup }, Manners { every: SECOND, ..LIVE.manners });
    let cases: [&[Wish]; 5] = [
        &[(SECOND, || inject(Fault::Freeze, 3))],
        &[(SECOND, || inject(Fault::Blackhole, 3))],
        &[(SECOND, || inject(Fault::Bytewise, 1))],
        &[(SECOND, || {
            let (delay, jitter) = (Duration::from_millis(300), Duration::from_millis(100));
            inject(Fault::Latency { delay, jitter }, 3)
        })],
        &[(SECOND, || inject(Fault::Bandwidth { bytes: 20 }, 2))],
    ];
    for script in cases {
        let setup = Setup { ..setup };
        each(&Scenario { script, setup, manners, lasts: 5 * SECOND, ..LIVE }).await;
    }
}

#[tokio::test(start_paused = true)]
async fn over_cuts() {
    let cases: [&[Wish]; 3] = [
        &[(SECOND, || inject(Fault::Cut(Cut::Reset), 1))],
        &[(SECOND, || inject(Fault::Cut(Cut::HalfClose), 1))],
        &[(SECOND, || inject(Fault::Cut(Cut::Truncate), 1))],
    ];
    for script in cases {
        each(&Scenario { script, lasts: 3 * SECOND, ..LIVE }).await;
    }
}

#[tokio::test(start_paused = true)]
async fn when_the_user_leaves_and_comes_back() {
    each(&Scenario { script: &[(SECOND, || Command::Pause), (SECOND, || Command::Dial)], ..LIVE }).await;
    each(&Scenario { script: &[(SECOND, || Command::Dial), (SECOND, || Command::Dial)], ..LIVE }).await;
    each(&Scenario { script: &[(SECOND, || Command::Pause)], ends: Ends::Paused, ..LIVE }).await;
    each(&Scenario { script: &[(SECOND, || Command::Quit)], ends: Ends::Gone, ..LIVE }).await;
}

async fn each(scenario: &Scenario) {
    // A slow link makes many operations of few: there, one error stands for all of them.
    let lasts = scenario.manners.every == SECOND;
    for how in HOW
        .into_iter()
        .filter(|how| !lasts || !matches!(how, Break::Error(kind) if *kind != ErrorKind::ConnectionReset))
    {
        let mut number = 0;
        while run(scenario, number, how).await {
            number += 1;
        }
        assert!(number >= 8, "{how:?}: {number} operations are no scenario");
    }
}

/// One run, in which the operation of that number breaks. Says whether there was one.
async fn run(scenario: &Scenario, number: usize, how: Break) -> bool {
    let mut bench = bench(&scenario.setup);
    bench.pipes.breaks.at(number, how);
    let _server = serve(std::mem::replace(&mut bench.servers, mpsc::channel(1).1), scenario.manners);
    let mut rest = scenario.lasts;
    for (after, command) in scenario.script {
        pass(*after).await;
        rest = rest.saturating_sub(*after);
        bench.command(command()).await;
    }
    pass(rest).await;
    let reached = bench.pipes.breaks.operations() > number;
    let shown = format!("operation {number}, {how:?}");
    match scenario.ends {
        Ends::Live => is_live(&mut bench, &shown).await,
        Ends::Paused => {
            pass(BOUND).await;
            assert_eq!(bench.snapshots.borrow().phase, Phase::Paused, "{shown}");
            assert_eq!(bench.pipes.open() + bench.pipes.dialing(), 0, "{shown}");
        }
        Ends::Gone => {
            soon(&mut bench.task).await.unwrap();
            assert_eq!(bench.pipes.open() + bench.pipes.dialing(), 0, "{shown}");
            explains(&mut bench, scenario, &shown);
            return reached;
        }
    }
    assert!(!bench.pipes.doubled(), "two at once: {shown}");
    explains(&mut bench, scenario, &shown);
    bench.commands.send(Command::Quit).await.unwrap();
    soon(&mut bench.task).await.unwrap();
    reached
}

/// It lives within the bound, and still does after that.
async fn is_live(bench: &mut Bench, shown: &str) {
    pass(BOUND).await;
    let before = bench.snapshots.borrow().counters;
    pass(4 * SECOND).await;
    let after = bench.snapshots.borrow().clone();
    assert!(matches!(after.phase, Phase::Open | Phase::Probing), "{shown}: {:?}, {:?}", after.phase, after.why);
    let flows = after.counters.messages > before.messages;
    assert!(flows, "nothing flows: {shown}: {after:?}");
    assert_eq!(after.counters.outages, before.outages, "{shown}");
    assert_eq!(bench.pipes.open(), 1, "{shown}");
}

/// Links open and close in turn, and between two of them there is a reason why. What comes is read when it comes.
fn explains(bench: &mut Bench, scenario: &Scenario, shown: &str) {
    let (mut open, mut said) = (false, true);
    for event in bench.told() {
        assert!(!matches!(event, Event::Stopped { .. }), "{event:?}: {shown}");
        if let Event::Open { .. } = event {
            assert!(!open && said, "{shown}: a link opens, and {said} was said why the other is gone");
            open = true;
        } else if let Event::Closed { why, .. } = event {
            assert!(open, "closed twice: {shown}");
            (open, said) = (false, why.kind() == "asked");
        } else if let Event::Outage(outage) = event {
            assert!(outage.over || !open, "an outage of an open link: {shown}");
            said |= !outage.over;
        } else if let Event::Reconnecting { .. } = event {
            // One more attempt in an outage that was told.
            said = true;
        } else if let Event::BeatAnswered { rtt, .. } = event {
            let prompt = !scenario.script.is_empty() || rtt <= Duration::from_millis(20);
            assert!(prompt, "an answer lay about for {rtt:?}: {shown}");
        }
    }
}
