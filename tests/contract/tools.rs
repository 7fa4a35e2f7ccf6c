//! What the reference says of `proxy` and `drill` is what they write.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use serde_json::Value;
use wirebeat::drill::{BUDGETS, Card, Finding, Form, Graded, Measured, Row, text};
use wirebeat::event::{FaultState, How, Why};
use wirebeat::relay::lines::{Lines, NAMES};
use wirebeat::relay::{ClientId, Left, Passed, Seen, Turned, What};
use wirebeat::time::{Ts, WallAnchor};

use crate::page::{self, REFERENCE};

/// Every line that a relay can write.
fn lines() -> Vec<Value> {
    let client = ClientId(1);
    let services: Vec<Arc<str>> = vec!["业务1".into()];
    let passed = Passed { service: "业务1".into(), messages: 1, seqs: None };
    let all = [
        What::Knocked { client, from: "127.0.0.1:9".into() },
        What::Turned { client: ClientId(2), how: Turned::Server { status: Some(429), why: Why::Eof } },
        What::Open { client, path: "/ws".into(), subprotocol: None },
        What::Subscribed { client, services: services.clone(), whole: false },
        What::Flow { client, messages: 1, bytes: 9, services: vec![passed] },
        What::Unsubscribed { client, services },
        What::Beat { client, how: How::App, idle: Duration::from_secs(5) },
        What::Left { client, how: Left::Fin },
        What::Over { client, cut: false },
        What::Fault { name: "fin", text: "x".into(), state: FaultState::On },
        What::Missed { count: 1 },
    ];
    let mut writer = Lines::default();
    let at = Ts::from_millis(1);
    let mut lines: Vec<String> =
        all.into_iter().filter_map(|what| writer.line(&Seen { at, what }, WallAnchor(0))).collect();
    lines.push(writer.summary(at, WallAnchor(0)));
    lines.iter().map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn keys(value: &Value) -> BTreeSet<String> {
    value.as_object().unwrap().keys().cloned().collect()
}

#[test]
fn the_lines_of_a_proxy_are_those_of_the_page() {
    let tables = page::marked(REFERENCE, "lines: proxy");
    let table = &tables[0].1;
    assert_eq!(page::named(table), NAMES.iter().map(|name| (*name).to_owned()).collect());
    let lines = lines();
    assert_eq!(lines.len(), NAMES.len());
    for line in &lines {
        let name = line["event"].as_str().unwrap();
        let row = table.iter().find(|row| row[0] == format!("`{name}`")).unwrap();
        let told = page::quoted(&row[1]);
        for key in keys(line).iter().filter(|key| !["at", "t", "event", "client"].contains(&key.as_str())) {
            assert!(told.contains(&key.as_str()), "{name} has {key}, and the page does not say so");
        }
    }
    for example in page::examples(REFERENCE, "json proxy").iter().flat_map(|text| text.lines()) {
        let example: Value = serde_json::from_str(example).unwrap();
        let real = lines.iter().find(|line| line["event"] == example["event"]).unwrap();
        assert_eq!(keys(&example), keys(real));
    }
}

#[test]
fn the_report_of_a_drill_is_that_of_the_page() {
    let graded = Graded {
        findings: vec![Finding::NeverBack],
        measured: Measured::default(),
        fault_at: None,
        from: Ts::ZERO,
        until: Ts::from_millis(1),
        open: false,
        marks: Vec::new(),
    };
    let row = Row { name: "fin".into(), say: "x".into(), say_zh: "x".into(), graded: Some(graded) };
    let card = Card {
        target: "ws://h/".into(),
        profile: "demo".into(),
        seed: 1,
        own: false,
        detect: Duration::from_secs(7),
        rows: vec![row],
        cut_short: false,
        took: Duration::from_secs(1),
    };
    let report: Value = serde_json::from_str(&text(&card, Form::Json)).unwrap();
    let table = &page::marked(REFERENCE, "fields: drill")[0].1;
    assert_eq!(keys(&report["faults"][0]), page::named(table));
    let (_, section) = REFERENCE.split_once("Fields of the JSON report:").unwrap();
    let (sentence, _) = section.split_once("a list of:").unwrap();
    let told = page::quoted(sentence);
    for key in keys(&report) {
        assert!(told.contains(&key.as_str()), "{key}");
    }
}

#[test]
fn every_finding_and_budget_is_on_the_page() {
    let table = &page::marked(REFERENCE, "kinds: drill")[0].1;
    let mut named = page::named(table);
    named.remove("kind");
    assert_eq!(named, Finding::KINDS.iter().map(|kind| (*kind).to_owned()).collect());
    for budget in BUDGETS {
        assert!(REFERENCE.contains(&format!("`{budget}`:")), "{budget}");
    }
}
