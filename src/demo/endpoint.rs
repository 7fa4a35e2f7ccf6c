//! One path at work: it lets its world speak in time and gives every message to all links, with the faults that belong
//! to messages. It knows no link and no socket; who is subscribed to what is theirs to know.

use std::time::Duration;

use tokio::sync::{broadcast, mpsc, watch};
use tokio::time::sleep_until;
use tokio_tungstenite::tungstenite::Message;

use super::desk::Door;
use super::world::{Said, World};
use crate::fault::garbage::{self, Content};
use crate::fault::{Active, Edit, Fault, FaultId, Garbage, Standing};
use crate::time::{Clock, Ts};

/// Messages that a link may be behind in hearing of them.
const HEARSAY: usize = 1_024;

/// A message on its way to every link of the path.
#[derive(Clone, Debug)]
pub(super) struct Item {
    /// For those who subscribed to it; `None`: for all.
    pub service: Option<usize>,
    pub message: Message,
}

#[derive(Debug)]
pub(super) struct Endpoint {
    clock: Clock,
    services: &'static [&'static str],
    world: World,
    items: broadcast::Sender<Item>,
    standing: watch::Receiver<Standing>,
    edits: mpsc::Receiver<Fault>,
    /// One for each service.
    changes: Vec<Change>,
    litter: Option<Litter>,
    /// The messages that each fault of every n-th has looked at.
    counts: Vec<(FaultId, u32)>,
}

/// What happens to the next messages of one service.
#[derive(Clone, Debug, Default)]
struct Change {
    repeat: u32,
    reorder: u32,
    /// It waits for the one that follows it.
    held: Option<Item>,
}

/// A fault of garbage at work.
#[derive(Debug)]
struct Litter {
    id: FaultId,
    next: Ts,
    sent: usize,
}

impl Endpoint {
    pub(super) fn new(clock: Clock, world: World, door: &Door, edits: mpsc::Receiver<Fault>) -> Self {
        let (standing, changes) = (door.standing.subscribe(), vec![Change::default(); door.services.len()]);
        let items = broadcast::Sender::new(HEARSAY);
        Self {
            clock,
            services: door.services,
            world,
            items,
            standing,
            edits,
            changes,
            litter: None,
            counts: Vec::new(),
        }
    }

    /// Where its messages are heard.
    pub(super) fn items(&self) -> broadcast::Sender<Item> {
        self.items.clone()
    }

    /// Never ends by itself.
    pub(super) async fn run(mut self) {
        loop {
            let now = self.clock.now();
            self.world.forgive(now);
            let faults = self.standing.borrow_and_update().clone();
            while let Some(said) = self.world.say(now) {
                self.pass(&said, &faults, now);
            }
            let litter = self.litter(&faults, now);
            let next = litter.map_or(self.world.due(), |at| at.min(self.world.due()));
            tokio::select! {
                edit = self.edits.recv() => match edit {
                    Some(edit) => self.edit(&edit),
                    None => return,
                },
                changed = self.standing.changed() => if changed.is_err() { return },
                () = sleep_until(self.clock.instant(next)) => {}
            }
        }
    }

    fn edit(&mut self, fault: &Fault) {
        let Some((edit, service, count)) = fault.of_next() else { return };
        let Some(place) = self.services.iter().position(|&name| name == service) else { return };
        let Some(change) = self.changes.get_mut(place) else { return };
        match edit {
            Edit::Drop => self.world.skip(place, u64::from(count)),
            Edit::Repeat => change.repeat = change.repeat.saturating_add(count),
            Edit::Reorder => change.reorder = change.reorder.saturating_add(count),
        }
    }

    fn pass(&mut self, said: &Said, faults: &Standing, now: Ts) {
        let name = self.services.get(said.service).copied().unwrap_or_default();
        if faults.quiet(now) || faults.muted(name, now) {
            return;
        }
        let ts = wall_millis(&self.clock);
        let Said { service, seq, data } = said;
        let text = format!("{{\"service\":\"{name}\",\"seq\":{seq},\"ts\":{ts},\"data\":{data}}}");
        let item = Item { service: Some(*service), message: Message::text(text) };
        let edits = self.nth(name, faults, now);
        let Some(change) = self.changes.get_mut(*service) else { return };
        if edits.contains(&Edit::Drop) {
            return;
        }
        if change.held.is_none() && (change.reorder > 0 || edits.contains(&Edit::Reorder)) {
            change.reorder = change.reorder.saturating_sub(1);
            change.held = Some(item);
            return;
        }
        let again = change.repeat > 0 || edits.contains(&Edit::Repeat);
        change.repeat = change.repeat.saturating_sub(1);
        let copy = again.then(|| item.clone());
        for item in [Some(item), copy, change.held.take()].into_iter().flatten() {
            // Without a link there is nobody to hear it: the number is spent all the same.
            let _ = self.items.send(item);
        }
    }

    /// What is done to this message because it is an n-th.
    fn nth(&mut self, service: &str, faults: &Standing, now: Ts) -> Vec<Edit> {
        let mut edits = Vec::new();
        for active in faults.on(now) {
            let Fault::Nth { edit, nth, service: of } = &*active.fault else { continue };
            if of.as_deref().is_some_and(|of| of != service) {
                continue;
            }
            let known = self.counts.iter().position(|(id, _)| *id == active.id);
            let at = known.unwrap_or_else(|| {
                self.counts.retain(|(id, _)| faults.on(now).any(|active| active.id == *id));
                self.counts.push((active.id, 0));
                self.counts.len() - 1
            });
            let Some((_, count)) = self.counts.get_mut(at) else { continue };
            *count = count.wrapping_add(1);
            if count.is_multiple_of(*nth) {
                edits.push(*edit);
            }
        }
        edits
    }

    /// Sends garbage that is due. Says when the next is.
    fn litter(&mut self, faults: &Standing, now: Ts) -> Option<Ts> {
        let (active, kinds, every, service) = faults.on(now).find_map(garbage_of)?;
        let litter = match &mut self.litter {
            Some(litter) if litter.id == active.id => litter,
            other => other.insert(Litter { id: active.id, next: active.since, sent: 0 }),
        };
        if now >= litter.next {
            let place = service.and_then(|name| self.services.iter().position(|&known| known == name)).unwrap_or(0);
            let name = self.services.get(place).copied().unwrap_or_default();
            let kind = kinds.get(litter.sent % kinds.len().max(1)).copied().unwrap_or(Garbage::NotJson);
            let (content, says_so) = garbage::message(kind, name, wall_millis(&self.clock));
            let message = match content {
                Content::Text(text) => Message::text(text),
                Content::Binary(bytes) => Message::binary(bytes),
            };
            let _ = self.items.send(Item { service: says_so.then_some(place), message });
            litter.sent = litter.sent.wrapping_add(1);
            litter.next = now + every.max(LEAST);
        }
        Some(litter.next)
    }
}

/// Garbage never comes faster.
const LEAST: Duration = Duration::from_millis(10);

fn garbage_of(active: &Active) -> Option<(&Active, &[Garbage], Duration, Option<&str>)> {
    let Fault::Garbage { kinds, every, service } = &*active.fault else { return None };
    Some((active, kinds, *every, service.as_deref()))
}

/// The wall's time as the messages carry it.
pub(super) fn wall_millis(clock: &Clock) -> i64 {
    clock.now().on_wall(clock.anchor()) / 1_000_000
}
