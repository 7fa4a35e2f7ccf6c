//! Golden frames: a few of each kind of message, with the rows that they should give.

use std::collections::BTreeMap;

use super::super::super::writing::quote;
use super::super::echo::Routing;
use super::super::read::Form;
use super::super::sheet::Sheet;
use super::super::study::Study;
use super::Known;
use crate::event::Kind;

/// Of each kind of message, and of all.
const OF_EACH: usize = 2;
const MOST: usize = 30;
/// A longer frame is no good to read.
const LONGEST: usize = 2000;

pub(super) fn write(study: &Study<'_>, known: &Known, sheet: &mut Sheet) {
    let mut frames: Vec<usize> = Vec::new();
    // What is not understood proves nothing.
    for kind in study.kinds.iter().filter(|kind| !kind.unknown) {
        // What holds most is shown first: it proves most.
        let mut members: Vec<usize> = kind.group.members.clone();
        members.sort_by_key(|at| std::cmp::Reverse(study.rows_of(*at).len()));
        let fits = |at: &usize| {
            let frame = study.messages.get(*at).and_then(|message| study.conn.frames.get(message.frame));
            frame.is_some_and(|frame| frame.form == Form::Text && frame.data.len() <= LONGEST)
        };
        let of = members.into_iter().filter(fits).filter_map(|at| Some(study.messages.get(at)?.frame));
        let mut taken = 0;
        for frame in of {
            if taken < OF_EACH && frames.len() < MOST && !frames.contains(&frame) {
                frames.push(frame);
                taken += 1;
            }
        }
    }
    frames.sort_unstable();
    let mut shown: Vec<&str> = Vec::new();
    for frame in frames {
        let Some(text) = study.conn.frames.get(frame).and_then(|frame| std::str::from_utf8(&frame.data).ok()) else {
            continue;
        };
        if shown.contains(&text) {
            continue;
        }
        shown.push(text);
        let rows: Vec<String> = (0..study.messages.len())
            .filter(|at| study.messages[*at].frame == frame)
            .flat_map(|at| rows(study, known, at))
            .collect();
        let block = sheet.block();
        block.line("[[test]]").line(format!("frame = {}", quote(&study.secrets.hide(text))));
        let ids = ids(study, known, frame);
        if !ids.is_empty() {
            let list: Vec<_> = ids.iter().map(|(id, name)| format!("{} = {}", super::key(id), quote(name))).collect();
            block.line(format!("ids = {{ {} }}", list.join(", ")));
        }
        block.line(format!("rows = [{}]", rows.join(", ")));
    }
}

/// The rows that a message should give.
fn rows(study: &Study<'_>, known: &Known, at: usize) -> Vec<String> {
    let kind = study.kinds.iter().find(|kind| kind.group.members.contains(&at)).map_or(Kind::Other, |kind| kind.kind);
    let rows = study.rows_of(at);
    let ids = study.messages.get(at).map(|message| ids(study, known, message.frame)).unwrap_or_default();
    let plain = rows.is_empty()
        || (!matches!(kind, Kind::Data | Kind::Snapshot)
            && matches!(study.routed.as_ref().map(|routed| &routed.routing), Some(Routing::Members { .. })));
    if plain {
        let kind = if kind == Kind::Data { Kind::Other } else { kind };
        return vec![format!("{{ kind = \"{}\" }}", kind.word())];
    }
    let one = |row: &super::super::numbers::Row| {
        let key = row.key.clone().unwrap_or_default();
        let named = known.asked.services.iter().any(|service| service.name == key);
        let service = match ids.get(&key) {
            Some(name) => Some(name.clone()),
            None => Some(key).filter(|_| named || matches!(kind, Kind::Data | Kind::Snapshot)),
        };
        let mut words = format!("{{ kind = \"{}\"", kind.word());
        if let Some(service) = service {
            words.push_str(", service = ");
            words.push_str(&quote(&study.secrets.hide(&service)));
        }
        let seq = study.counted.as_ref().filter(|counted| kind == Kind::Data && counted.named).and_then(|counted| {
            row.values.iter().find(|(place, _)| *place == counted.at).and_then(|(_, value)| value.integer())
        });
        if let Some(seq) = seq {
            words.push_str(", seq = ");
            words.push_str(&seq.to_string());
        }
        words + " }"
    };
    rows.iter().map(one).collect()
}

/// What acks had taught by then: numbers of subscriptions, and whose they are.
fn ids(study: &Study<'_>, known: &Known, frame: usize) -> BTreeMap<String, String> {
    let keys: Vec<String> = (0..study.messages.len())
        .filter(|at| study.messages[*at].frame == frame)
        .flat_map(|at| study.rows_of(at))
        .filter_map(|row| row.key)
        .collect();
    let mut ids = BTreeMap::new();
    match study.routed.as_ref().map(|routed| &routed.routing) {
        Some(Routing::Id { .. }) => {
            for service in &known.asked.services {
                if let Some(number) = service.number.as_ref().filter(|number| keys.contains(number)) {
                    ids.insert(number.clone(), service.name.clone());
                }
            }
        }
        Some(Routing::Sid { answer, ack, .. }) => {
            for doc in study.heard.iter().filter_map(|at| study.messages.get(*at)?.doc.as_ref()) {
                let (Some(number), Some(sid)) = (doc.leaf(answer), doc.leaf(ack).and_then(|leaf| leaf.value.word()))
                else {
                    continue;
                };
                let service =
                    known.asked.services.iter().find(|service| service.number.as_deref() == number.value.word());
                if let Some(service) = service.filter(|_| keys.iter().any(|key| key == sid)) {
                    ids.entry(sid.to_owned()).or_insert_with(|| service.name.clone());
                }
            }
        }
        Some(Routing::Members { .. } | Routing::Values { .. } | Routing::Seen { .. }) | None => {}
    }
    ids
}
