//! What a thousand feeds cost the screen, beside twenty: a frame, and all that the loop asks and hears between two frames.
//!
//! It prints microseconds and how many times more a thousand feeds take. A frame draws what is in sight, so it may not grow
//! with the feeds; what walks them all stays under a millisecond. It measures no network and no terminal.

#![expect(clippy::print_stdout, reason = "it tells figures")]
#![expect(clippy::disallowed_methods, reason = "it measures time")]

use std::hint::black_box;
use std::time::{Duration, Instant};

use bytes::Bytes;
use ratatui::Terminal;
use ratatui::backend::TestBackend;
use wirebeat::app::keymap::{Action, Step};
use wirebeat::app::{App, Look};
use wirebeat::event::{
    Batch, BeatRule, Counters, Dir, Due, Event, FeedId, FeedInfo, Form, Kind, Outage, Phase, Row, ServiceId,
    ServiceState, ServiceView, Snapshot, Stamped, Why,
};
use wirebeat::time::Ts;
use wirebeat::ui;

const FEW: u32 = 20;
const MANY: u32 = 1000;
const GROUPS: u32 = 12;
/// Every so-many-th feed is down.
const ILL: u32 = 12;
const SERVICES: [&str; 2] = ["trades", "业务2"];
/// The best of so many short runs: what else the machine does is not measured.
const RUNS: usize = 300;
/// All that the loop does for a frame of a thousand feeds.
const PROMISE: Duration = Duration::from_millis(2);

/// Something that is measured: what it is called, and how often it is done in a run.
type Work = (&'static str, u32, fn(&mut App, u32));

const NOW: Ts = Ts::from_millis(1_000_000);

fn main() {
    let work: [Work; 11] = [
        ("draw 120x40", 1, |app, _| drawn(app, 120, 40)),
        ("draw 80x24", 1, |app, _| drawn(app, 80, 24)),
        ("troubles and verdict", 5, |app, _| {
            black_box(app.verdict_of(&app.troubles(NOW), NOW));
        }),
        ("next_change", 5, |app, _| {
            black_box(app.next_change(NOW));
        }),
        ("ring", 5, |app, _| {
            black_box(app.ring(NOW));
        }),
        ("asks_route", 5, |app, _| {
            black_box(app.clusters.asks_route());
        }),
        ("hear a message", 100, |app, n| hear(app, n, rows())),
        ("hear a beat", 100, |app, n| {
            hear(app, n, Event::BeatSent { how: wirebeat::event::How::Ping, text: String::new() });
        }),
        ("see a snapshot", 100, |app, n| app.see(FeedId(n % size(app)), &open(NOW))),
        ("select the next", 100, |app, _| {
            app.act(Action::Move(Step::Down), NOW);
        }),
        ("palette entries", 1, |app, _| {
            black_box(app.palette_entries());
        }),
    ];
    println!("{:24} {:>12} {:>12} {:>8}", "microseconds", format!("{FEW} feeds"), format!("{MANY} feeds"), "ratio");
    let mut frame = Duration::ZERO;
    for (name, times, run) in work {
        let few = best(FEW, times, run);
        let many = best(MANY, times, run);
        let ratio = many.as_secs_f64() / few.as_secs_f64();
        println!("{name:24} {:12.2} {:12.2} {ratio:7.1}x", micros(few), micros(many));
        if matches!(name, "draw 120x40" | "next_change" | "ring" | "asks_route") {
            frame += many;
        }
    }
    let verdict = if frame > PROMISE { "slower than promised" } else { "as promised: under 2 ms" };
    println!("a frame of {MANY} feeds and all around it: {:.0} microseconds, {verdict}", micros(frame));
}

fn best(feeds: u32, times: u32, run: fn(&mut App, u32)) -> Duration {
    let mut app = watched(feeds);
    let mut least = Duration::MAX;
    for _ in 0..RUNS {
        let from = Instant::now();
        (0..times).for_each(|n| run(&mut app, n));
        least = least.min(from.elapsed() / times);
    }
    least
}

fn micros(time: Duration) -> f64 {
    time.as_secs_f64() * 1e6
}

fn size(app: &App) -> u32 {
    u32::try_from(app.feeds.len()).unwrap_or(u32::MAX)
}

fn drawn(app: &App, width: u16, height: u16) {
    let Ok(mut terminal) = Terminal::new(TestBackend::new(width, height));
    let Ok(_) = terminal.draw(|frame| ui::draw(frame, app, NOW));
}

fn hear(app: &mut App, n: u32, event: Event) {
    let feed = FeedId(n % size(app));
    app.hear(Stamped { n: u64::from(n), at: NOW, feed, event });
}

fn watched(feeds: u32) -> App {
    let mut app = App::new((0..feeds).map(info).collect(), Look::default());
    app.resize(120, 40);
    for n in 0..feeds {
        for second in 900..1000 {
            let mut snapshot = open(Ts::from_millis(second * 1000));
            snapshot.counters.messages = second * 3;
            app.see(FeedId(n), &snapshot);
        }
        if n % ILL == 0 {
            let outage = outage();
            hear(&mut app, n, Event::Outage(Box::new(outage.clone())));
            let due = Some((Due::Dial, NOW, NOW + Duration::from_secs(3)));
            let phase = Phase::Waiting;
            let ill = Snapshot { phase, attempt: 4, due, outage: Some(outage), why: Some(Why::Eof), ..open(NOW) };
            app.see(FeedId(n), &ill);
        }
    }
    app
}

fn info(n: u32) -> FeedInfo {
    FeedInfo {
        id: FeedId(n),
        name: format!("feed-{n:04}"),
        url: format!("wss://host-{}.example/stream", n % GROUPS),
        profile: "sub-heartbeat".to_owned(),
        group: Some(format!("group-{}", n % GROUPS)),
        services: SERVICES.map(str::to_owned).to_vec(),
        beat: Some(BeatRule { idle: true, after: Duration::from_secs(30), timeout: Duration::from_secs(10) }),
        numbered: true,
        timed: true,
        acks: false,
    }
}

fn open(at: Ts) -> Snapshot {
    let services = (0_u16..).zip(SERVICES).map(|(id, name)| ServiceView {
        id: ServiceId(id),
        name: name.into(),
        wanted: true,
        discovered: false,
        state: ServiceState::Live,
        messages: 0,
        bytes: 0,
        last: Some(at),
        usual: None,
        lost: Some(0),
        repeated: 0,
        reordered: 0,
        lag: None,
        text: None,
    });
    Snapshot {
        at,
        phase: Phase::Open,
        attempt: 1,
        since: Ts::from_millis(10_000),
        opened: Some(Ts::from_millis(10_000)),
        last_byte: Some(at),
        due: Some((Due::Beat, at, at + Duration::from_secs(30))),
        services: services.collect(),
        counters: Counters { opens: 1, dials: 1, ..Counters::default() },
        ..Snapshot::default()
    }
}

fn outage() -> Outage {
    Outage {
        id: 1,
        over: false,
        why: Why::Eof,
        began: Ts::from_millis(990_000),
        detect: None,
        silent: None,
        down: Duration::ZERO,
        attempts: 3,
        tries: Vec::new(),
        next: None,
        slept: Duration::ZERO,
        missed: None,
        services: Vec::new(),
    }
}

fn rows() -> Event {
    let text = r#"{"service":"trades","seq":8809,"data":{"price":101.25,"qty":3,"side":"buy"}}"#;
    let row = Row {
        service: Some(ServiceId(0)),
        kind: Kind::Data,
        dir: Dir::In,
        form: Form::Json,
        start: 0,
        len: u32::try_from(text.len()).unwrap_or(0),
        seq: None,
        lag: None,
        at: NOW,
        frame: 1,
        part: 0,
        parts: 1,
    };
    Event::Rows(Batch { bytes: Bytes::from_static(text.as_bytes()), rows: vec![row] })
}
