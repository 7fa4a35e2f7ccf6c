//! What comes in: frames cut into rows, counted, judged, and answered where a rule says so.

use std::sync::Arc;
use std::time::Duration;

use super::router::Note;
use super::{Opcode, Output, Outputs, Session};
use crate::event::{Event, How, Kind, Phase, Purpose, ServiceId, ServiceState, Why};
use crate::profile::{Life, ServiceSpec};
use crate::time::Ts;

impl Session {
    pub(super) fn frame(&mut self, now: Ts, opcode: Opcode, payload: &[u8], out: &mut Outputs) {
        let sign = match opcode {
            Opcode::Text | Opcode::Binary => self.message(now, opcode, payload, out),
            Opcode::Pong if self.liveness.is_our_pong(payload) => Life::Answer,
            Opcode::Ping | Opcode::Pong => Life::Any,
        };
        let answered = self.liveness.hear(now, sign);
        self.answered(now, answered, out);
        if self.arena.is_full() {
            self.hand_over(out);
        }
    }

    pub(super) fn answered(&mut self, now: Ts, answered: Option<(How, Duration)>, out: &mut Outputs) {
        if let Some((how, rtt)) = answered {
            self.proven = true;
            self.counters.beats_answered += 1;
            if self.liveness.asked().is_none() {
                self.enter(now, Phase::Open);
            }
            self.tell(Event::BeatAnswered { how, rtt }, out);
        }
    }

    /// Cuts a message into rows, counts them, and does what the rules say. Says what sign of life it was.
    pub(super) fn message(&mut self, now: Ts, opcode: Opcode, payload: &[u8], out: &mut Outputs) -> Life {
        let first = self.arena.rows().len();
        self.router.route(now, self.wall, opcode, payload, &mut self.arena, &mut self.notes);
        if !self.notes.is_empty() {
            self.discover(out);
        }
        let mut sign = Life::Message;
        let restoring = self.outages.is_restoring();
        for index in first..self.arena.rows().len() {
            let row = self.arena.rows()[index];
            self.counters.messages += 1;
            self.counters.bytes += u64::from(row.len);
            let data = matches!(row.kind, Kind::Data | Kind::Snapshot);
            self.proven |= data || row.kind == Kind::Ack;
            if row.kind == Kind::Pong {
                sign = Life::Answer;
            }
            let Some(id) = row.service else {
                self.counters.unrouted += u64::from(matches!(row.kind, Kind::Data | Kind::Snapshot | Kind::Other));
                continue;
            };
            let sequence = self.arena.sequence(index);
            let Some(heard) = self.services.hear(now, id, &row, sequence, &mut self.pending) else { continue };
            if heard.missed > 0 {
                self.outages.missed(heard.missed);
            }
            if heard.found > 0 {
                self.outages.found(heard.found);
            }
            if data && restoring {
                self.outages.data(now, id);
            }
            self.pending.extend(heard.news);
        }
        if !self.notes.is_empty() {
            self.obey_rules(now, payload, out);
        }
        if !self.pending.is_empty() {
            let mut pending = std::mem::take(&mut self.pending);
            for event in pending.drain(..) {
                self.tell(event, out);
            }
            self.pending = pending;
        }
        if restoring {
            self.settle_outage(now, false, out);
        }
        sign
    }

    /// Services seen for the first time get a number, before their rows are told.
    pub(super) fn discover(&mut self, out: &mut Outputs) {
        for note in &self.notes {
            let Note::Unknown { row, key } = note else { continue };
            let id = self.router.knows(key).or_else(|| {
                let spec = ServiceSpec { name: key.clone(), ..ServiceSpec::default() };
                let id = self.services.add(&self.profile, &spec, true)?;
                self.router.learn(key, id);
                out.extend(self.services.get(id).map(|service| Output::Tell(service.news(id))));
                Some(id)
            });
            if let Some(id) = id {
                self.arena.assign(*row, id);
            }
        }
    }

    /// What the rules that matched want done: values kept, answers sent, services agreed to or refused.
    pub(super) fn obey_rules(&mut self, now: Ts, frame: &[u8], out: &mut Outputs) {
        let profile = Arc::clone(&self.profile);
        let mut deeds = Vec::new();
        for note in self.notes.drain(..) {
            match note {
                // A message beyond the limit of rows is in the row that holds the rest.
                Note::Unknown { .. } | Note::Late { .. } | Note::TooMany { .. } => {}
                Note::NotJson { .. } | Note::Broken { .. } | Note::TooBig { .. } => self.counters.not_json += 1,
                Note::Rule { row, rule, origin } => {
                    let (Some(known), Some(rule)) = (self.arena.rows().get(row), profile.rules.get(rule)) else {
                        continue;
                    };
                    let message = self.router.view(frame, &self.arena, row, &origin);
                    deeds.push((known.kind, known.service, self.speech.obey(now.on_wall(self.wall), rule, &message)));
                }
            }
        }
        // Only now: telling hands the rows over.
        for (kind, service, deed) in deeds {
            if let Some(said) = deed.answer {
                self.send(said, Purpose::Reply, service, out);
            }
            match (kind, service) {
                (Kind::Ack, Some(id)) => self.agreed(now, id, deed.text, out),
                (Kind::Nack, Some(id)) => self.news(now, id, ServiceState::Refused, deed.text, out),
                (Kind::End, Some(id)) => self.news(now, id, ServiceState::Off, deed.text, out),
                (Kind::Fatal, _) => return self.end(now, Why::Fatal { text: deed.text.unwrap_or_default() }, out),
                (
                    Kind::Ack
                    | Kind::Nack
                    | Kind::End
                    | Kind::Data
                    | Kind::Snapshot
                    | Kind::Ping
                    | Kind::Pong
                    | Kind::Heartbeat
                    | Kind::Hello
                    | Kind::Notice
                    | Kind::Error
                    | Kind::Goodbye
                    | Kind::Other,
                    _,
                ) => {}
            }
        }
    }

    /// The server said yes. Data may have said so before.
    pub(super) fn agreed(&mut self, now: Ts, id: ServiceId, text: Option<String>, out: &mut Outputs) {
        if self.services.get(id).is_some_and(|service| service.state == ServiceState::Sent) {
            self.news(now, id, ServiceState::Acked, text, out);
        }
    }
}
