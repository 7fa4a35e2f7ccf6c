//! When a relay puts garbage before a client, and which is next. What it looks like is said in `fault`.

use std::collections::BTreeMap;

use super::frame::{Frame, Unit};
use crate::fault::garbage::{Content, message};
use crate::fault::{Fault, FaultId, Garbage, Standing};
use crate::time::Ts;

#[derive(Debug)]
pub(super) struct Litter {
    on: BTreeMap<FaultId, Turn>,
}

#[derive(Debug)]
struct Turn {
    kinds: Vec<Garbage>,
    every: std::time::Duration,
    service: Option<String>,
    due: Ts,
    next: usize,
}

impl Litter {
    pub(super) fn new() -> Self {
        Self { on: BTreeMap::new() }
    }

    /// Takes in what stands.
    pub(super) fn stand(&mut self, standing: &Standing, now: Ts) {
        self.on.retain(|id, _| standing.on(now).any(|active| active.id == *id));
        for active in standing.on(now) {
            if let Fault::Garbage { kinds, every, service } = &*active.fault
                && !self.on.contains_key(&active.id)
            {
                let every = (*every).max(std::time::Duration::from_millis(10));
                let turn = Turn { kinds: kinds.clone(), every, service: service.clone(), due: now, next: 0 };
                self.on.insert(active.id, turn);
            }
        }
    }

    pub(super) fn due(&self) -> Option<Ts> {
        self.on.values().map(|turn| turn.due).min()
    }

    /// The next that is due. `first`: whose it pretends to be where the fault does not say; `wall`: in milliseconds.
    pub(super) fn next(&mut self, now: Ts, first: Option<&str>, wall: i64) -> Option<(Garbage, Unit)> {
        let turn = self.on.values_mut().filter(|turn| turn.due <= now).min_by_key(|turn| turn.due)?;
        let kind = *turn.kinds.get(turn.next % turn.kinds.len().max(1))?;
        turn.next = turn.next.wrapping_add(1);
        turn.due = now + turn.every;
        let service = turn.service.as_deref().or(first).unwrap_or("业务1");
        let frame = match message(kind, service, wall).0 {
            Content::Text(text) => Frame::text(text),
            Content::Binary(bytes) => Frame::binary(bytes),
        };
        Some((kind, Unit::of(frame)))
    }
}
