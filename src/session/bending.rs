//! What injected faults make of messages: dropped, doubled, swapped. Done to rows when they are cut and nothing has looked
//! at them yet, so that everything behind takes them for what came. When a fault is on is known to `faults`.

use super::Session;
use super::router::Note;
use super::router::arena::Taken;
use crate::event::{Kind, ServiceId};
use crate::fault::{Edit, Fault};

/// A message that comes after the one that follows it.
pub(super) type Held = Taken;

/// What becomes of a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Bent {
    No,
    Dropped,
    Doubled,
    Held,
}

impl From<Edit> for Bent {
    fn from(edit: Edit) -> Self {
        match edit {
            Edit::Drop => Self::Dropped,
            Edit::Repeat => Self::Doubled,
            Edit::Reorder => Self::Held,
        }
    }
}

impl Session {
    /// Does to the rows from `first` on what the faults want. Says whether anything of the frame came through.
    pub(super) fn bend(&mut self, first: usize) -> bool {
        let mut end = self.arena.rows().len();
        let mut passed = end == first;
        let mut row = first;
        while row < end {
            let Some(&known) = self.arena.rows().get(row) else { break };
            match self.bent(known.kind, known.service) {
                Bent::No => passed = true,
                Bent::Doubled => {
                    passed = true;
                    self.arena.repeat(row);
                }
                bent @ (Bent::Dropped | Bent::Held) => {
                    let taken = self.arena.remove(row);
                    self.forget_row(row);
                    end -= 1;
                    if let (Bent::Held, Some(service), Some(taken)) = (bent, known.service, taken) {
                        self.faults.held.push((service, taken));
                    }
                    continue;
                }
            }
            if is_data(known.kind)
                && let Some(at) = self.faults.held.iter().position(|(service, _)| Some(*service) == known.service)
            {
                let (_, held) = self.faults.held.remove(at);
                self.arena.give_back(held);
                self.faults.settle();
            }
            row += 1;
        }
        passed
    }

    fn bent(&mut self, kind: Kind, service: Option<ServiceId>) -> Bent {
        let data = is_data(kind);
        let name = service.and_then(|id| self.services.get(id)).map(|service| &*service.name);
        let held = self.faults.held.iter().any(|(id, _)| Some(*id) == service);
        let mut bent = Bent::No;
        for on in &mut self.faults.on {
            let count = on.count.saturating_add(1);
            let next = on.fault.of_next().filter(|&(edit, service, most)| {
                data && name == Some(service) && on.count < most && !(held && edit == Edit::Reorder)
            });
            let this = match &on.fault {
                Fault::DropAnswers { quiet } if kind == Kind::Pong || (*quiet && data) => Bent::Dropped,
                Fault::Mute { service } if data && name == Some(service) => Bent::Dropped,
                Fault::Nth { edit, nth, service } if data && (service.is_none() || service.as_deref() == name) => {
                    on.count = count;
                    if count.is_multiple_of(*nth) { Bent::from(*edit) } else { Bent::No }
                }
                Fault::Gap { .. } | Fault::Repeat { .. } | Fault::Reorder { .. } => {
                    let Some((edit, ..)) = next else { continue };
                    on.count = count;
                    Bent::from(edit)
                }
                Fault::DropAnswers { .. }
                | Fault::Mute { .. }
                | Fault::Nth { .. }
                | Fault::Cut(_)
                | Fault::Freeze
                | Fault::Blackhole
                | Fault::Hang
                | Fault::Refuse { .. }
                | Fault::DropPongs
                | Fault::Latency { .. }
                | Fault::Bandwidth { .. }
                | Fault::Bytewise
                | Fault::RefuseSubscriptions { .. }
                | Fault::Garbage { .. } => Bent::No,
            };
            if bent == Bent::No {
                bent = this;
            }
        }
        // Only one at a time waits for its follower, and only where there can be one.
        if bent == Bent::Held && (held || service.is_none()) { Bent::No } else { bent }
    }

    /// What was noted of a row goes with it.
    fn forget_row(&mut self, row: usize) {
        self.notes.retain(|note| note.row() != row);
        self.notes.iter_mut().for_each(|note| {
            let of: &mut usize = Note::row_mut(note);
            if *of > row {
                *of -= 1;
            }
        });
    }
}

fn is_data(kind: Kind) -> bool {
    matches!(kind, Kind::Data | Kind::Snapshot)
}
