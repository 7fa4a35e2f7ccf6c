//! The lines of `tail`: what the reference says of each is what the writer writes and what a real run gives.

use std::collections::{BTreeMap, BTreeSet};
use std::net::{Ipv4Addr, SocketAddr};
use std::process::Stdio;
use std::sync::Arc;
use std::time::Duration;

use serde_json::Value;
use wirebeat::demo::Server;
use wirebeat::event::NAMES;
use wirebeat::event::alarm::{Alarms, Cause, Rules};
use wirebeat::event::{
    Batch, Dir, Event, Fault, FaultState, FeedId, FeedInfo, Form, Gap, GapState, How, Kind, Outage, Phases, Purpose,
    Row, ServiceId, ServiceNews, ServiceState, Snapshot, Stamped, Try, Why,
};
use wirebeat::headless::{Lines, Shape};
use wirebeat::time::{Clock, Ts};

use crate::page::{self, REFERENCE};

/// What the page says of an event.
struct Told {
    fields: BTreeSet<String>,
    /// One of them stands in a line, as with the forms of a payload.
    one_of: BTreeSet<String>,
    example: Value,
}

fn told() -> BTreeMap<String, Told> {
    let (_, lines) = page::sections(REFERENCE, "##").into_iter().find(|(name, _)| *name == "Event lines").unwrap();
    let events = page::sections(lines, "###").into_iter().filter(|(name, _)| name.starts_with('`'));
    events
        .map(|(name, text)| {
            let rows = page::table(text);
            let (one_of, fields): (Vec<_>, Vec<_>) = rows.into_iter().partition(|row| row[0].contains("` or `"));
            let examples = page::examples(text, "json");
            assert_eq!(examples.len(), 1, "{name} has one example");
            let example = serde_json::from_str(examples[0]).unwrap_or_else(|error| panic!("{name}: {error}"));
            let told = Told { fields: page::named(&fields), one_of: page::named(&one_of), example };
            (name.trim_matches('`').to_owned(), told)
        })
        .collect()
}

fn shared(name: &str) -> BTreeSet<String> {
    let tables = page::marked(REFERENCE, "fields");
    page::named(&tables.iter().find(|(of, _)| *of == name).unwrap_or_else(|| panic!("no table of {name}")).1)
}

/// Holds a line against the page.
fn check(told: &BTreeMap<String, Told>, line: &Value) {
    let name = line["event"].as_str().unwrap_or_else(|| panic!("no event: {line}"));
    let told = told.get(name).unwrap_or_else(|| panic!("the page does not know {name}"));
    let mut fields = BTreeSet::new();
    gather(line, "", &mut fields);
    let always = shared("always");
    assert!(fields.is_superset(&always), "{line}");
    let own: BTreeSet<_> = fields.difference(&always).cloned().collect();
    let chosen: BTreeSet<_> = own.intersection(&told.one_of).cloned().collect();
    assert_eq!(chosen.len(), usize::from(!told.one_of.is_empty()), "one of {:?}: {line}", told.one_of);
    let own: BTreeSet<_> = own.difference(&told.one_of).cloned().collect();
    // An empty list does not show what its items have.
    let silent: Vec<_> = own.iter().filter(|field| field.ends_with("[]")).cloned().collect();
    let hidden = |field: &String| silent.iter().any(|list| field.starts_with(list.as_str()));
    let expected: BTreeSet<_> = told.fields.iter().filter(|field| !hidden(field)).cloned().collect();
    let own: BTreeSet<_> = own.into_iter().filter(|field| !field.ends_with("[]")).collect();
    assert_eq!(own, expected, "{name}: {line}");
    let at = line["at"].as_str().unwrap();
    assert!(at.len() == "2026-01-01T00:00:00.000000Z".len() && at.ends_with('Z'), "{at}");
}

/// The fields of a line by their paths. Values that several events share are held against their own tables.
fn gather(value: &Value, path: &str, fields: &mut BTreeSet<String>) {
    for (key, value) in value.as_object().unwrap() {
        let path = if path.is_empty() { key.clone() } else { format!("{path}.{key}") };
        let table = match key.as_str() {
            "why" | "because" => Some("why"),
            "phases" | "lag" | "trouble" => Some(key.as_str()),
            _ => None,
        };
        match (table, value) {
            (Some(table), Value::Object(inner)) => {
                assert_eq!(inner.keys().cloned().collect::<BTreeSet<_>>(), shared(table), "{path}: {value}");
                fields.insert(path);
            }
            (None, Value::Object(_)) if key != "data" => gather(value, &path, fields),
            (None, Value::Array(items)) if items.iter().all(Value::is_object) && key != "data" && is_list(key) => {
                if items.is_empty() {
                    fields.insert(format!("{path}[]"));
                }
                for item in items {
                    gather(item, &format!("{path}[]"), fields);
                }
            }
            _ => {
                fields.insert(path);
            }
        }
    }
}

/// Lists of objects. A feed's `services` in `start` are names.
fn is_list(key: &str) -> bool {
    matches!(key, "feeds" | "services" | "tries" | "causes")
}

#[test]
fn every_event_has_an_example_that_is_as_told() {
    let told = told();
    assert_eq!(told.keys().map(String::as_str).collect::<BTreeSet<_>>(), NAMES.iter().copied().collect());
    for (name, event) in &told {
        assert_eq!(event.example["event"], name.as_str());
        check(&told, &event.example);
    }
}

#[test]
fn the_writer_writes_what_is_told_of_every_event() {
    let told = told();
    let info = FeedInfo {
        id: FeedId(0),
        name: "orders".into(),
        url: "ws://127.0.0.1:9101/orders".into(),
        profile: "demo".into(),
        group: None,
        services: vec!["orders".into()],
        beat: None,
        numbered: true,
        timed: true,
        acks: false,
    };
    let other = FeedInfo { id: FeedId(1), name: "chat".into(), url: "ws://chat.example/".into(), ..info.clone() };
    let mut lines = Lines::new(Shape::default(), &[info, other]);
    let clock = Clock::start();
    let mut out = Vec::new();
    lines.start(7, &clock, &mut out);
    for (n, event) in (0..).zip(one_of_each()) {
        let stamped = Stamped { n, at: Ts::from_millis(n), feed: FeedId(0), event };
        lines.event(&stamped, clock.anchor(), u64::MAX, &mut out);
    }
    let on = Cause::ALL.map(|(_, cause)| cause).to_vec();
    lines.watch(Alarms::new(Rules { on, ..Rules::default() }));
    let stopped = Event::Stopped { why: Why::Eof };
    lines.event(&Stamped { n: 90, at: Ts::ZERO, feed: FeedId(0), event: stopped }, clock.anchor(), u64::MAX, &mut out);
    assert_eq!(lines.wake(), Some(Ts::ZERO));
    assert_eq!(lines.alarms(Ts::ZERO, 0, clock.anchor(), &mut out).len(), 1);
    lines.watch(Alarms::default());
    // Two feeds of two hosts at once are a trouble of this side; both were open before.
    let open = one_of_each().into_iter().find(|event| matches!(event, Event::Open { .. })).unwrap();
    let stamped = Stamped { n: 99, at: Ts::ZERO, feed: FeedId(1), event: open };
    lines.event(&stamped, clock.anchor(), u64::MAX, &mut out);
    let mut lost = |n: u64, feed: u32| {
        let outage = Outage { id: 9, over: false, began: Ts::from_millis(90_000), ..outage() };
        let event = Event::Outage(Box::new(outage));
        let stamped = Stamped { n, at: Ts::from_millis(90_000), feed: FeedId(feed), event };
        lines.event(&stamped, clock.anchor(), u64::MAX, &mut out);
    };
    lost(100, 0);
    lost(101, 1);
    assert_eq!(lines.wake(), Some(Ts::from_millis(91_000)));
    lines.troubles(Ts::from_millis(90_999), false, clock.anchor(), &mut out);
    assert_eq!(lines.wake(), Some(Ts::from_millis(91_000)), "more feeds may come");
    lines.troubles(Ts::from_millis(91_000), false, clock.anchor(), &mut out);
    assert_eq!(lines.wake(), None, "it is told once");
    lines.summary(&[(FeedId(0), Snapshot::default())], &clock, &mut out);

    let mut seen = BTreeSet::new();
    for line in std::str::from_utf8(&out).unwrap().lines() {
        let line: Value = serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}"));
        check(&told, &line);
        seen.insert(line["event"].as_str().unwrap().to_owned());
    }
    assert_eq!(seen.iter().map(String::as_str).collect::<BTreeSet<_>>(), NAMES.iter().copied().collect());
}

fn outage() -> Outage {
    let service = ServiceId(0);
    Outage {
        id: 1,
        over: true,
        why: Why::Eof,
        began: Ts::ZERO,
        detect: None,
        silent: None,
        down: Duration::ZERO,
        attempts: 1,
        tries: vec![Try { from: 1, to: 2, why: Why::Eof, opened: true }],
        next: None,
        slept: Duration::ZERO,
        missed: None,
        services: vec![(service, None)],
    }
}

fn one_of_each() -> Vec<Event> {
    let (service, seq) = (ServiceId(0), 3);
    let news = ServiceNews {
        service,
        name: Arc::from("orders"),
        state: ServiceState::Live,
        discovered: false,
        silent: None,
        usual: None,
        text: None,
    };
    let row = Row {
        service: Some(service),
        kind: Kind::Data,
        form: Form::Json,
        dir: Dir::In,
        start: 0,
        len: 2,
        seq: None,
        lag: None,
        at: Ts::ZERO,
        frame: 1,
        part: 0,
        parts: 1,
    };
    let gap = Gap { service, from: 3, to: 4, missing: 2, state: GapState::Lost, across_reconnect: false };
    let fault = Fault { name: "gap".into(), text: "2 are lost".into(), state: FaultState::On, until: None };
    vec![
        Event::Dialing { attempt: 1 },
        Event::DialFailed { attempt: 1, why: Why::Eof, phases: Phases::default() },
        Event::Open { phases: Phases::default(), address: None, subprotocol: None, extensions: None },
        Event::Ready,
        Event::Service(news),
        Event::Rows(Batch { bytes: b"{}".to_vec().into(), rows: vec![row] }),
        Event::Sent { purpose: Purpose::Subscribe, service: None, text: "{}".into(), bytes: 2 },
        Event::BeatSent { how: How::Ping, text: String::new() },
        Event::BeatAnswered { how: How::Ping, rtt: Duration::ZERO },
        Event::Gap(gap),
        Event::Repeated { service, seq },
        Event::Reordered { service, seq },
        Event::Closed { why: Why::Eof, up: Duration::ZERO, silent: Duration::ZERO },
        Event::Reconnecting { attempt: 1, delay: Duration::ZERO, because: Why::Eof },
        Event::Outage(Box::new(outage())),
        Event::Stopped { why: Why::Eof },
        Event::Paused,
        Event::Slept { length: Duration::ZERO },
        Event::Backpressure { on: true },
        Event::IntervalIgnored { name: "beat".into(), value: "0".into(), instead: Duration::ZERO },
        Event::Fault(fault),
        Event::Shed { service: Some(service), count: 1 },
    ]
}

#[tokio::test(flavor = "multi_thread")]
async fn a_real_run_writes_what_is_told() {
    let told = told();
    let server = Server::bind(SocketAddr::from((Ipv4Addr::LOCALHOST, 0)), 1).await.unwrap();
    let url = server.url("/market");
    let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
    let running = tokio::spawn(server.run(async {
        let _stopped = stopped.await;
    }));
    let run = tokio::task::spawn_blocking(move || {
        std::process::Command::new(env!("CARGO_BIN_EXE_wirebeat"))
            .args(["tail", &format!("market={url}"), "-p", "demo", "-s", "业务1", "-s", "业务2", "--for", "2s"])
            .args(["--set", "heartbeat.mode=interval", "--set", "heartbeat.after=500ms"])
            .env_remove("WIREBEAT_CONFIG")
            .stdin(Stdio::null())
            .output()
    });
    let output = run.await.unwrap().unwrap();
    stop.send(()).unwrap();
    running.await.unwrap();

    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
    assert!(output.stderr.is_empty(), "{}", String::from_utf8_lossy(&output.stderr));
    let lines: Vec<Value> = std::str::from_utf8(&output.stdout)
        .unwrap()
        .lines()
        .map(|line| serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}")))
        .collect();
    let mut seen = BTreeMap::<_, u32>::new();
    for line in &lines {
        check(&told, line);
        *seen.entry(line["event"].as_str().unwrap()).or_default() += 1;
    }
    assert_eq!(lines.first().unwrap()["event"], "start");
    assert_eq!(lines.last().unwrap()["event"], "summary");
    assert_eq!((seen["open"], seen["closed"]), (1, 1));
    for (event, least) in [("dialing", 1), ("ready", 1), ("service", 6), ("sent", 2), ("message", 50)] {
        assert!(seen.get(event).is_some_and(|count| *count >= least), "{event}: {seen:?}");
    }
    assert!(seen.contains_key("heartbeat_sent") && seen.contains_key("heartbeat_answered"), "{seen:?}");
}
