//! The faults that belong to messages, on one link: which unit of the server passes, which is lost, comes twice or after
//! the next. It moves no bytes and knows no socket.

use std::collections::{BTreeMap, VecDeque};

use super::frame::Unit;
use super::reader::{Heard, Said};
use crate::event::Kind;
use crate::fault::{Edit, Fault, FaultId, Standing};
use crate::session::Opcode;
use crate::time::Ts;

/// What the faults make of the units of one server.
#[derive(Debug, Default)]
pub(super) struct Sieve {
    /// How many messages each fault has counted.
    counts: BTreeMap<FaultId, u32>,
    /// Edits of the next messages of a service.
    edits: VecDeque<(Edit, String, u32)>,
    /// It comes after the next.
    held: Option<Unit>,
}

/// More edits than these do not wait.
const MOST: usize = 64;

/// What becomes of a unit.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Fate {
    /// These pass, in this order.
    Pass(Vec<Unit>),
    /// It is lost, or waits for the next.
    Keep,
}

impl Sieve {
    /// A fault that is about so many messages from now on.
    pub(super) fn edit(&mut self, fault: &Fault) {
        let Some((edit, service, count)) = fault.of_next() else { return };
        if self.edits.len() < MOST {
            self.edits.push_back((edit, service.to_owned(), count));
        }
    }

    /// `pings`: a WebSocket ping is a heartbeat.
    pub(super) fn sift(&mut self, unit: Unit, heard: &[Heard], standing: &Standing, pings: bool, now: Ts) -> Fate {
        let opcode = unit.opcode();
        let message = matches!(opcode, Some(Opcode::Text | Opcode::Binary));
        let pong = opcode == Some(Opcode::Pong);
        let answer = heard.iter().any(|one| one.kind == Kind::Pong);
        let mut edit = None;
        for active in standing.on(now) {
            let lost = match &*active.fault {
                Fault::DropPongs => pong,
                Fault::DropAnswers { quiet } => answer || (pings && pong) || (*quiet && message),
                Fault::Mute { service } => is_all_of(heard, service),
                Fault::Nth { edit: wanted, nth, service } => {
                    let counts = match service {
                        Some(service) => is_all_of(heard, service),
                        None => message && !answer,
                    };
                    if counts {
                        let count = self.counts.entry(active.id).or_default();
                        *count = count.wrapping_add(1);
                        if (*count).is_multiple_of((*nth).max(1)) {
                            edit = edit.or(Some(*wanted));
                        }
                    }
                    false
                }
                Fault::Cut(_)
                | Fault::Freeze
                | Fault::Blackhole
                | Fault::Hang
                | Fault::Refuse { .. }
                | Fault::Latency { .. }
                | Fault::Bandwidth { .. }
                | Fault::Bytewise
                | Fault::RefuseSubscriptions { .. }
                | Fault::Gap { .. }
                | Fault::Repeat { .. }
                | Fault::Reorder { .. }
                | Fault::Garbage { .. } => false,
            };
            if lost {
                return Fate::Keep;
            }
        }
        self.counts.retain(|id, _| standing.on(now).any(|active| active.id == *id));
        if let Some(at) = self.edits.iter().position(|(_, service, _)| is_all_of(heard, service))
            && let Some((wanted, _, left)) = self.edits.get_mut(at)
        {
            edit = edit.or(Some(*wanted));
            *left = left.saturating_sub(1);
            if *left == 0 {
                self.edits.remove(at);
            }
        }
        match edit {
            Some(Edit::Drop) => Fate::Keep,
            Some(Edit::Repeat) => Fate::Pass(self.with_held(vec![unit.clone(), unit])),
            Some(Edit::Reorder) if self.held.is_none() => {
                self.held = Some(unit);
                Fate::Keep
            }
            // A control frame overtakes nothing, and nothing waits for it.
            Some(Edit::Reorder) | None if message => Fate::Pass(self.with_held(vec![unit])),
            Some(Edit::Reorder) | None => Fate::Pass(vec![unit]),
        }
    }

    fn with_held(&mut self, mut units: Vec<Unit>) -> Vec<Unit> {
        units.extend(self.held.take());
        units
    }
}

/// A frame that carries other services too is passed: what is muted is one service.
fn is_all_of(heard: &[Heard], service: &str) -> bool {
    let mut data = heard.iter().filter(|one| one.is_data()).peekable();
    data.peek().is_some() && data.all(|one| one.service.as_deref() == Some(service))
}

/// Whether a fault keeps what the client says from the server.
pub(super) fn refuses(said: &Said, standing: &Standing, now: Ts) -> bool {
    let Said::Subscribe { services, .. } = said else { return false };
    let no = |fault: &Fault| fault.refuses(None) || services.iter().any(|name| fault.refuses(Some(name)));
    standing.on(now).any(|active| no(&active.fault))
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::super::frame::Frame;
    use super::*;
    use crate::fault::Active;

    fn standing(faults: &[Fault]) -> Standing {
        let mut standing = Standing::default();
        for (id, fault) in (1..).zip(faults) {
            let active = Active::new(FaultId(id), fault, Ts::ZERO, Ts::ZERO + Duration::from_secs(9));
            standing.begin(&active, Ts::ZERO).unwrap();
        }
        standing
    }

    fn data(service: &str) -> Vec<Heard> {
        vec![Heard { service: Some(service.into()), kind: Kind::Data, seq: None }]
    }

    /// What passes of messages `0..` of one service.
    fn passed(sieve: &mut Sieve, standing: &Standing, count: u8, service: &str) -> String {
        let mut out = String::new();
        for n in 0..count {
            let unit = Unit::of(Frame::text(vec![b'0' + n]));
            if let Fate::Pass(units) = sieve.sift(unit, &data(service), standing, false, Ts::ZERO) {
                out.extend(units.iter().map(|unit| char::from(unit.payload()[0])));
            }
        }
        out
    }

    #[test]
    fn every_nth_is_dropped_repeated_or_late() {
        let nth = |edit, service: Option<&str>| Fault::Nth { edit, nth: 3, service: service.map(str::to_owned) };
        let pass = |fault: Fault| passed(&mut Sieve::default(), &standing(&[fault]), 7, "a");
        assert_eq!(pass(nth(Edit::Drop, None)), "01346");
        assert_eq!(pass(nth(Edit::Repeat, Some("a"))), "012234556");
        assert_eq!(pass(nth(Edit::Reorder, None)), "0132465");
        assert_eq!(pass(nth(Edit::Drop, Some("b"))), "0123456");
        assert_eq!(pass(Fault::Mute { service: "a".into() }), "");
    }

    #[test]
    fn so_many_of_the_next_are_edited() {
        let calm = Standing::default();
        let mut sieve = Sieve::default();
        sieve.edit(&Fault::Gap { service: "a".into(), count: 2 });
        assert_eq!(passed(&mut sieve, &calm, 1, "b"), "0");
        assert_eq!(passed(&mut sieve, &calm, 4, "a"), "23");
        sieve.edit(&Fault::Reorder { service: "a".into(), count: 1 });
        assert_eq!(passed(&mut sieve, &calm, 3, "a"), "102");
        sieve.edit(&Fault::Repeat { service: "a".into(), count: 1 });
        assert_eq!(passed(&mut sieve, &calm, 2, "a"), "001");
    }

    #[test]
    fn answers_and_pongs_are_told_apart() {
        let pong = || Unit::of(Frame { first: 0x8A, payload: Vec::new().into() });
        let answer = [Heard { service: None, kind: Kind::Pong, seq: None }];
        let sift = |fault: &Fault, unit, heard: &[Heard], pings| {
            Sieve::default().sift(unit, heard, &standing(std::slice::from_ref(fault)), pings, Ts::ZERO) == Fate::Keep
        };
        let message = || Unit::of(Frame::text("x"));
        let answers = Fault::DropAnswers { quiet: false };
        assert!(sift(&answers, message(), &answer, false) && !sift(&answers, message(), &data("a"), false));
        assert!(!sift(&answers, pong(), &[], false) && sift(&answers, pong(), &[], true));
        assert!(sift(&Fault::DropPongs, pong(), &[], false) && !sift(&Fault::DropPongs, message(), &answer, false));
        let quiet = Fault::DropAnswers { quiet: true };
        assert!(sift(&quiet, message(), &data("a"), false) && !sift(&quiet, pong(), &[], false));
    }

    #[test]
    fn subscriptions_are_refused_by_name() {
        let sub = Said::Subscribe { services: vec!["a".into()], whole: false };
        let of =
            |service: Option<&str>| standing(&[Fault::RefuseSubscriptions { service: service.map(str::to_owned) }]);
        assert!(refuses(&sub, &of(None), Ts::ZERO) && refuses(&sub, &of(Some("a")), Ts::ZERO));
        assert!(!refuses(&sub, &of(Some("b")), Ts::ZERO) && !refuses(&Said::Beat, &of(None), Ts::ZERO));
    }
}
