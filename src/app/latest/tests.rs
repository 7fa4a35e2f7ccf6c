//! Tables of latest values: what is guessed, what a row holds, and that they are bounded.

use std::time::Duration;

use super::*;
use crate::app::filter::Filter;
use crate::app::history::{Arrival, History};

fn history(bodies: impl IntoIterator<Item = String>) -> History {
    let mut history = History::new(1 << 24);
    for (n, body) in (0..).zip(bodies) {
        let (stream, at) = (Stream::Unrouted, Ts::ZERO + Duration::from_secs(n));
        let (kind, dir, form) = (Kind::Data, Dir::In, Form::Json);
        let arrival = Arrival { feed: FeedId(0), stream, at, kind, dir, form, body: body.as_bytes() };
        history.push(&arrival, &Filter::default(), "");
    }
    history
}

fn trades() -> History {
    history((0..60).map(|n| {
        let symbol = ["BTC", "ETH", "SOL"][n % 3];
        let price = 100 + n % 7;
        format!(
            r#"{{"type":"trade","seq":{n},"data":{{"symbol":"{symbol}","price":"{price}.10","side":"{}","ts":{}}}}}"#,
            ["buy", "sell"][n % 2],
            1000 + n
        )
    }))
}

fn latest(history: &History) -> Latest {
    Latest::new(FeedId(0), Stream::Unrouted, history.pane(FeedId(0), Stream::Unrouted))
}

fn texts(row: &Row) -> Vec<String> {
    let values = row.values.iter().flatten().map(|value| String::from_utf8_lossy(value).into_owned());
    std::iter::once(String::from_utf8_lossy(&row.key).into_owned()).chain(values).collect()
}

#[test]
fn the_key_is_guessed_and_the_values() {
    let history = trades();
    let latest = latest(&history);
    assert_eq!(latest.key_path().unwrap().to_string(), ".data.symbol");
    let values: Vec<_> = latest.value_paths().map(ToString::to_string).collect();
    assert_eq!(values[0], ".data.price");
    assert_eq!(latest.guess.values.iter().position(|path| path.to_string() == ".data.price"), Some(0));
    let rows: Vec<_> = latest.rows.iter().map(|row| texts(row)[..2].join(" ")).collect();
    assert_eq!(rows, ["BTC 101.10", "ETH 102.10", "SOL 103.10"]);
    assert_eq!(latest.rows[2].count, 20);
    assert_eq!(latest.rows[2].at, Ts::ZERO + Duration::from_secs(59));
    assert_eq!(latest.rows[2].change.as_deref(), Some("+3.00"));
}

#[test]
fn a_symbol_may_be_a_number() {
    let body = |n: usize| format!(r#"{{"symbol":"{}","side":"{}"}}"#, ["300750", "AU2512"][n % 2], ["a", "b"][n % 2]);
    assert_eq!(latest(&history((0..20).map(body))).key_path().unwrap().to_string(), ".symbol");
}

#[test]
fn the_user_picks_another_key_and_value() {
    let history = trades();
    let pane = history.pane(FeedId(0), Stream::Unrouted);
    let mut latest = latest(&history);
    latest.next_key(pane);
    assert_eq!(latest.rows.len(), 2);
    assert_eq!(latest.key_path().unwrap().to_string(), ".data.side");
    for _ in 0..latest.guess.keys.len() - 1 {
        latest.next_key(pane);
    }
    assert_eq!((latest.key_path(), latest.rows.len()), (None, 1));
    latest.next_key(pane);
    let first = latest.value_paths().next().cloned();
    latest.next_value(1, pane);
    assert_ne!(latest.value_paths().next().cloned(), first);
    latest.next_value(-1, pane);
    assert_eq!(latest.value_paths().next().cloned(), first);
}

#[test]
fn rows_move_only_when_they_are_sorted() {
    let mut history = trades();
    let mut latest = latest(&history);
    latest.next_sort();
    let keys = |latest: &Latest| latest.rows.iter().map(|row| texts(row).remove(0)).collect::<Vec<_>>().join(" ");
    assert_eq!(keys(&latest), "SOL ETH BTC");
    let body = r#"{"data":{"symbol":"BTC","price":"200"}}"#;
    let (kind, dir, form) = (Kind::Data, Dir::In, Form::Json);
    let at = Ts::ZERO + Duration::from_secs(99);
    let arrival = Arrival { feed: FeedId(0), stream: Stream::Unrouted, at, kind, dir, form, body: body.as_bytes() };
    history.push(&arrival, &Filter::default(), "");
    let pane = history.pane(FeedId(0), Stream::Unrouted).unwrap();
    let (number, line) = pane.lines().next_back().unwrap();
    latest.hear(number, line);
    assert_eq!(keys(&latest), "SOL ETH BTC");
    assert_eq!(texts(&latest.rows[2])[1], "200");
    assert_eq!(latest.rows[2].change.as_deref(), Some("+98.90"));
    latest.next_sort();
    assert_eq!(keys(&latest), "BTC SOL ETH");
}

#[test]
fn keys_are_bounded_and_the_rest_is_counted() {
    let history = history((0..2000).map(|n| format!(r#"{{"symbol":"S{}","price":{n}}}"#, n % 700)));
    let latest = latest(&history);
    assert_eq!(latest.rows.len(), MOST_KEYS);
    let counted: u64 = latest.rows.iter().map(|row| row.count).sum();
    assert_eq!(counted + latest.others, 2000);
}

#[test]
fn a_table_that_is_opened_early_fills_later() {
    let empty = History::new(1 << 20);
    let mut latest = latest(&empty);
    assert!(latest.rows.is_empty());
    let history = trades();
    for (number, line) in history.pane(FeedId(0), Stream::Unrouted).unwrap().lines() {
        latest.hear(number, line);
    }
    assert!(!latest.rows.is_empty());
    let few = self::history(["7".to_owned(), "[]".to_owned()]);
    assert_eq!(self::latest(&few).rows.len(), 1);
}
