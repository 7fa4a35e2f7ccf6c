//! Numbers and times in messages: which member counts, and which says when.

use std::collections::{BTreeMap, BTreeSet};

use super::document::{Document, Scalar, last};

/// A row as the profile would cut it: its key, the message, the item, and when it came.
#[derive(Clone, Debug)]
pub(super) struct Row {
    pub(super) key: Option<String>,
    pub(super) message: usize,
    pub(super) at: i64,
    /// Values of the message, and of the item with an `@` before the place.
    pub(super) values: Vec<(String, Scalar)>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Counted {
    pub(super) at: String,
    pub(super) step: u64,
    /// One count for all services.
    pub(super) link: bool,
    /// It is called like a count.
    pub(super) named: bool,
    pub(super) evidence: String,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Timed {
    /// The first that is there.
    pub(super) at: Vec<String>,
    pub(super) unit: &'static str,
    pub(super) evidence: String,
}

/// Fewer steps than this prove nothing.
const LEAST: usize = 3;

pub(super) fn values(doc: &Document, sign: &str) -> Vec<(String, Scalar)> {
    doc.leaves.iter().map(|leaf| (format!("{sign}{}", leaf.path), leaf.value.clone())).collect()
}

pub(super) fn counted(rows: &[Row]) -> Option<Counted> {
    let places: BTreeSet<&str> = rows
        .iter()
        .flat_map(|row| &row.values)
        .filter(|(_, value)| value.integer().is_some())
        .map(|(place, _)| place.as_str())
        .collect();
    let mut found: Vec<(usize, bool, usize, Counted)> = Vec::new();
    for place in places {
        for link in [false, true] {
            let Some((step, good, all)) = steps(rows, place, link) else { continue };
            if all < LEAST || good * 10 < all * 9 || (step > 1 && good < all) {
                continue;
            }
            let named = ["seq", "sequence", "offset", "seqnum", "sequence_num", "seqid", "seq_no", "msg_seq", "n", "u"];
            let key = last(place).to_lowercase();
            let rank = named.iter().position(|name| *name == key).map_or(0, |at| named.len() - at);
            if rank == 0 && !key.contains("seq") && all < 2 * LEAST {
                continue;
            }
            let whose = if link { "over all messages of the link" } else { "counted by service" };
            let evidence = format!("+{step} in {good} of {all} steps, {whose}");
            found.push((
                rank,
                !link,
                good,
                Counted { at: place.to_owned(), step, link, named: rank > 0 || key.contains("seq"), evidence },
            ));
        }
    }
    found.into_iter().max_by_key(|(rank, service, good, _)| (*rank, *good, *service)).map(|(.., counted)| counted)
}

/// The usual step from number to number, how often it was that, and how many steps there were.
fn steps(rows: &[Row], place: &str, link: bool) -> Option<(u64, usize, usize)> {
    let mut last: BTreeMap<&str, u64> = BTreeMap::new();
    let mut seen: BTreeMap<u64, usize> = BTreeMap::new();
    let mut all = 0_usize;
    let mut message = None;
    for row in rows {
        let Some(number) = row.values.iter().find(|(at, _)| at == place).and_then(|(_, value)| value.integer()) else {
            continue;
        };
        // The rows of one message share what is in the message itself.
        if link && !place.starts_with('@') && message == Some(row.message) {
            continue;
        }
        message = Some(row.message);
        let key = if link { "" } else { row.key.as_deref().unwrap_or("") };
        if let Some(before) = last.insert(key, number) {
            all += 1;
            if let Some(step) = number.checked_sub(before).filter(|step| (1..=1_000).contains(step)) {
                *seen.entry(step).or_default() += 1;
            }
        }
    }
    let (step, good) = seen.into_iter().max_by_key(|(step, good)| (*good, std::cmp::Reverse(*step)))?;
    Some((step, good, all))
}

pub(super) fn timed(rows: &[Row], wall: bool) -> Option<Timed> {
    let mut places: BTreeMap<(&str, &'static str), (usize, i64)> = BTreeMap::new();
    for row in rows {
        for (place, value) in &row.values {
            let Some((unit, micros)) = moment(value) else { continue };
            let apart = row.at.saturating_sub(micros).saturating_abs();
            // Where it is known when messages came, a time of the server's is near to that.
            if wall && apart > 86_400_000_000 {
                continue;
            }
            let entry = places.entry((place, unit)).or_default();
            entry.0 += 1;
            entry.1 = entry.1.saturating_add(if wall { apart.min(86_400_000_000) } else { 0 });
        }
    }
    let all = rows.len();
    let named = ["ts", "timestamp", "time", "t", "e", "at", "created_at", "sent_at", "event_time", "date"];
    let rank = |place: &str| {
        let key = last(place).to_lowercase();
        named.iter().position(|name| *name == key).map_or(0, |at| named.len() - at)
    };
    let best = places.iter().filter(|(_, (hits, _))| *hits >= 2 && hits * 10 > all).max_by_key(
        |((place, _), (hits, apart))| {
            let usual = apart / i64::try_from(*hits).unwrap_or(1).max(1) / 60_000_000;
            (*hits * 5 / all.max(1), std::cmp::Reverse(usual), rank(place), *hits)
        },
    );
    let ((first, unit), (hits, apart)) = best?;
    let usual = apart / i64::try_from(*hits).unwrap_or(1).max(1);
    // Messages of another form may say it elsewhere, in the same unit.
    let has = |row: &Row, at: &[String]| {
        row.values.iter().any(|(place, value)| at.contains(place) && moment(value).is_some())
    };
    let mut at = vec![(*first).to_owned()];
    for (place, other) in places.keys() {
        let more = rows.iter().filter(|row| !has(row, &at) && has(row, &[(*place).to_owned()])).count();
        if other == unit && more >= 2 && more * 10 > all && at.len() < 4 {
            at.push((*place).to_owned());
        }
    }
    let hits = rows.iter().filter(|row| has(row, &at)).count();
    if hits * 3 < all {
        return None;
    }
    let near =
        if wall { format!(", on average {} from when they came", super::talk::seconds(usual)) } else { String::new() };
    Some(Timed { at, unit, evidence: format!("a time in {hits} of {all} rows{near}") })
}

/// The unit of a time, and the time in microseconds since the Unix epoch: between 2001 and 2100.
fn moment(value: &Scalar) -> Option<(&'static str, i64)> {
    type Micros = fn(i64) -> Option<i64>;
    const FROM: i64 = 1_000_000_000_000_000;
    const TO: i64 = 4_102_444_800_000_000;
    let text = value.word()?;
    if text.contains('T') && text.len() >= 19 {
        let at = text.parse::<jiff::Timestamp>().ok()?.as_microsecond();
        return (FROM..TO).contains(&at).then_some(("rfc3339", at));
    }
    let whole = text.split('.').next().unwrap_or(text);
    if !whole.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let number: i64 = whole.parse().ok()?;
    let units: [(&str, Micros); 4] = [
        ("s", |n| n.checked_mul(1_000_000)),
        ("ms", |n| n.checked_mul(1000)),
        ("us", Some),
        ("ns", |n| Some(n / 1000)),
    ];
    units.into_iter().find_map(|(unit, micros)| Some((unit, micros(number).filter(|at| (FROM..TO).contains(at))?)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(of: &[(&str, u64)]) -> Vec<Row> {
        let row = |(message, (key, seq)): (usize, &(&str, u64))| Row {
            key: Some((*key).to_owned()),
            message,
            at: 0,
            values: vec![("/seq".to_owned(), Scalar::Number(seq.to_string()))],
        };
        of.iter().enumerate().map(row).collect()
    }

    #[test]
    fn a_count_is_by_service_or_over_the_link() {
        let own = counted(&rows(&[("a", 1), ("b", 9), ("a", 2), ("b", 10), ("a", 3), ("b", 11)])).unwrap();
        assert_eq!((own.at.as_str(), own.step, own.link), ("/seq", 1, false));
        let link = counted(&rows(&[("a", 1), ("b", 2), ("a", 3), ("b", 4), ("a", 5), ("a", 6), ("b", 7)])).unwrap();
        assert!(link.link);
        assert_eq!(counted(&rows(&[("a", 5), ("a", 5), ("a", 1), ("a", 9), ("a", 7)])), None);
    }

    #[test]
    fn a_time_is_known_by_its_size() {
        let unit = |text: &str| moment(&Scalar::Text(text.to_owned())).map(|(unit, _)| unit);
        let texts = [
            "1795400000",
            "1795400127.388",
            "1795400127388",
            "1795400127388000",
            "1795400127388000000",
            "2026-11-23T02:12:47.453Z",
        ];
        let units = texts.map(unit);
        assert_eq!(units, [Some("s"), Some("s"), Some("ms"), Some("us"), Some("ns"), Some("rfc3339")]);
        assert_eq!(["12", "hello", "1-2", "999999999"].map(unit), [None; 4]);
    }
}
