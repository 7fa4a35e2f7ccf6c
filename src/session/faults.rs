//! Faults that are injected on purpose: begun, told, ended in their time. Those of bytes and of dials are the driver's,
//! who is told what stands; what is done to messages is in `bending`.

use std::time::Duration;

use super::bending::Held;
use super::{Opcode, Output, Outputs, Session, earliest};
use crate::event::{By, Event, FaultState, ServiceId, Why};
use crate::fault::garbage::{self, Content};
use crate::fault::{Active, Cut, Fault, FaultId, Injection, MOST, Standing};
use crate::profile::Action;
use crate::time::Ts;

/// Nothing that is injected lasts longer.
const LONGEST: Duration = Duration::from_hours(1);
/// Garbage never comes faster.
const LEAST: Duration = Duration::from_millis(10);

/// The faults of one feed.
#[derive(Debug, Default)]
pub(super) struct Faults {
    pub(super) on: Vec<On>,
    /// Those of them that the driver carries out.
    standing: Standing,
    latest: u64,
    /// Some are done to messages, or signs of life are kept back.
    pub(super) bends: bool,
    pub(super) judges: bool,
    /// Messages that wait for the one that follows them.
    pub(super) held: Vec<(ServiceId, Held)>,
}

/// A fault that is on.
#[derive(Debug)]
pub(super) struct On {
    pub(super) fault: Fault,
    text: String,
    until: Ts,
    /// Messages that it looked at, or that it was done to.
    pub(super) count: u32,
    /// When the next message of garbage is due.
    next: Ts,
}

impl On {
    fn event(&self, state: FaultState) -> Event {
        let until = (state == FaultState::On).then_some(self.until);
        Event::Fault(crate::event::Fault { name: self.fault.name().to_owned(), text: self.text.clone(), state, until })
    }

    fn litters(&self) -> bool {
        matches!(self.fault, Fault::Garbage { .. })
    }
}

impl Faults {
    /// `living`: there is a link that garbage can come on.
    pub(super) fn wake(&self, living: bool) -> Option<Ts> {
        let ends = self.on.iter().map(|on| on.until);
        let litter = self.on.iter().filter(|on| living && on.litters()).map(|on| on.next);
        ends.chain(litter).fold(None, |a, b| earliest(a, Some(b)))
    }

    /// There is a link: what could not come while there was none begins now.
    pub(super) fn opened(&mut self, now: Ts) {
        self.on.iter_mut().for_each(|on| on.next = on.next.max(now));
    }

    pub(super) fn drops_pongs(&self) -> bool {
        self.judges && self.on.iter().any(|on| on.fault == Fault::DropPongs)
    }

    /// Bytes of a message that is still on its way are a sign of life.
    pub(super) fn lets_bytes_live(&self) -> bool {
        !self.on.iter().any(|on| matches!(on.fault, Fault::DropAnswers { quiet: true }))
    }

    pub(super) fn refuses(&self, service: &str) -> bool {
        self.on.iter().any(|on| on.fault.refuses(Some(service)))
    }

    /// What the faults come to for what is heard.
    pub(super) fn settle(&mut self) {
        self.judges = self.on.iter().any(|on| keeps_back(&on.fault));
        self.bends = self.judges || self.on.iter().any(|on| edits(&on.fault)) || !self.held.is_empty();
    }
}

/// Whoever carries out this fault is below the session.
fn is_the_drivers(fault: &Fault) -> bool {
    match fault {
        Fault::Freeze
        | Fault::Blackhole
        | Fault::Hang
        | Fault::Refuse { .. }
        | Fault::Latency { .. }
        | Fault::Bandwidth { .. }
        | Fault::Bytewise => true,
        Fault::Cut(_)
        | Fault::DropPongs
        | Fault::DropAnswers { .. }
        | Fault::Nth { .. }
        | Fault::RefuseSubscriptions { .. }
        | Fault::Mute { .. }
        | Fault::Gap { .. }
        | Fault::Repeat { .. }
        | Fault::Reorder { .. }
        | Fault::Garbage { .. } => false,
    }
}

/// Whether it makes that something did not come, so that only what did is a sign of life.
fn keeps_back(fault: &Fault) -> bool {
    use crate::fault::Edit;
    match fault {
        Fault::DropPongs
        | Fault::DropAnswers { .. }
        | Fault::Mute { .. }
        | Fault::Gap { .. }
        | Fault::Nth { edit: Edit::Drop, .. } => true,
        Fault::Nth { edit: Edit::Repeat | Edit::Reorder, .. }
        | Fault::Cut(_)
        | Fault::Freeze
        | Fault::Blackhole
        | Fault::Hang
        | Fault::Refuse { .. }
        | Fault::Latency { .. }
        | Fault::Bandwidth { .. }
        | Fault::Bytewise
        | Fault::RefuseSubscriptions { .. }
        | Fault::Repeat { .. }
        | Fault::Reorder { .. }
        | Fault::Garbage { .. } => false,
    }
}

fn edits(fault: &Fault) -> bool {
    matches!(fault, Fault::Nth { .. } | Fault::Repeat { .. } | Fault::Reorder { .. })
}

impl Session {
    /// Begins a fault, and says so before anything comes of it. The same one anew begins anew.
    pub(super) fn inject(&mut self, now: Ts, fault: &Fault, lasts: Duration, text: &str, out: &mut Outputs) {
        self.faults.on.retain(|on| on.fault != *fault);
        if self.faults.on.len() >= MOST {
            return;
        }
        let until = now + lasts.min(LONGEST);
        let on = On { fault: fault.clone(), text: text.to_owned(), until, count: 0, next: now };
        let event = on.event(FaultState::On);
        self.faults.on.push(on);
        self.faults.settle();
        self.tell(event, out);
        if is_the_drivers(fault) {
            let id = FaultId(self.faults.latest);
            self.faults.latest += 1;
            self.faults.standing.remove(|active| *active.fault == *fault);
            // There is room: the list above has as much.
            let _ = self.faults.standing.begin(&Active::new(id, fault, now, until), now);
            out.push(Output::Inject(Injection::Stands(self.faults.standing.clone())));
        }
        match fault {
            Fault::Cut(cut) | Fault::Refuse { cut: Some(cut), .. } => self.cut(now, cut, out),
            Fault::Refuse { cut: None, .. }
            | Fault::Freeze
            | Fault::Blackhole
            | Fault::Hang
            | Fault::DropPongs
            | Fault::DropAnswers { .. }
            | Fault::Latency { .. }
            | Fault::Bandwidth { .. }
            | Fault::Bytewise
            | Fault::Nth { .. }
            | Fault::RefuseSubscriptions { .. }
            | Fault::Mute { .. }
            | Fault::Gap { .. }
            | Fault::Repeat { .. }
            | Fault::Reorder { .. }
            | Fault::Garbage { .. } => {}
        }
    }

    /// Ends them all.
    pub(super) fn clear_faults(&mut self, now: Ts, out: &mut Outputs) {
        self.faults.on.iter_mut().for_each(|on| on.until = now);
        self.end_faults(now, out);
    }

    /// Does what is due of faults: ends, and garbage.
    pub(super) fn expire_faults(&mut self, now: Ts, out: &mut Outputs) {
        if self.faults.on.is_empty() {
            return;
        }
        self.end_faults(now, out);
        while self.leg.has_link()
            && let Some(at) = self.faults.on.iter().position(|on| on.litters() && on.next <= now)
        {
            self.litter(now, at, out);
        }
    }

    fn end_faults(&mut self, now: Ts, out: &mut Outputs) {
        let mut over = Vec::new();
        let mut drivers = false;
        self.faults.on.retain(|on| {
            let ends = on.until <= now;
            if ends {
                over.push(on.event(FaultState::Off));
                drivers |= is_the_drivers(&on.fault);
            }
            !ends
        });
        if over.is_empty() {
            return;
        }
        self.faults.settle();
        if drivers {
            let on = &self.faults.on;
            self.faults.standing.remove(|active| !on.iter().any(|on| on.fault == *active.fault));
            out.push(Output::Inject(Injection::Stands(self.faults.standing.clone())));
        }
        for event in over {
            self.tell(event, out);
        }
    }

    fn cut(&mut self, now: Ts, cut: &Cut, out: &mut Outputs) {
        match cut {
            Cut::Close { code, reason } => {
                if self.leg.has_link() {
                    let why = Why::Close { by: By::Peer, code: Some(*code), reason: reason.clone() };
                    self.end(now, why, Action::None, out);
                }
            }
            Cut::Reset | Cut::Fin | Cut::HalfClose | Cut::Truncate => {
                out.push(Output::Inject(Injection::Cut(cut.clone())));
            }
        }
    }

    /// One message of garbage, which is heard like any other and is no sign of life.
    fn litter(&mut self, now: Ts, at: usize, out: &mut Outputs) {
        let Some(on) = self.faults.on.get_mut(at) else { return };
        let Fault::Garbage { kinds, every, service } = &on.fault else { return };
        let kind = kinds.get(on.count as usize % kinds.len().max(1)).copied();
        let service = service.clone().or_else(|| {
            let first = self.services.wanted().next().and_then(|id| self.services.get(id))?;
            Some(first.name.to_string())
        });
        on.next = now + (*every).max(LEAST);
        on.count = on.count.wrapping_add(1);
        let Some(kind) = kind else { return };
        let ts = now.on_wall(self.wall) / 1_000_000;
        let (content, _) = garbage::message(kind, service.as_deref().unwrap_or_default(), ts);
        let _ = match content {
            Content::Text(text) => self.message(now, Opcode::Text, text.as_bytes(), out),
            Content::Binary(bytes) => self.message(now, Opcode::Binary, bytes, out),
        };
        self.hand_over(out);
    }
}
