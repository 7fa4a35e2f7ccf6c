//! What comes in: frames cut into rows, counted, judged, and answered where a rule says so.

use std::borrow::Cow;
use std::sync::Arc;
use std::time::Duration;

use super::acks::About;
use super::lengths::Odd;
use super::login::Heard;
use super::router::Note;
use super::speech::{Said, text_at};
use super::{Opcode, Output, Outputs, Session};
use crate::event::{Event, How, Kind, Phase, Purpose, ServiceId, Why};
use crate::profile::{Action, Life, SequenceRule, ServiceSpec, Via};
use crate::time::Ts;

impl Session {
    pub(super) fn frame(&mut self, now: Ts, opcode: Opcode, payload: &[u8], out: &mut Outputs) {
        let sign = match opcode {
            Opcode::Text | Opcode::Binary => self.message(now, opcode, payload, out),
            Opcode::Pong if self.faults.drops_pongs() => None,
            Opcode::Pong if self.leg.liveness.is_our_pong(payload) => Some(Life::Answer),
            Opcode::Ping | Opcode::Pong => Some(Life::Any),
        };
        // What an injected fault kept back is no sign of life.
        if let Some(sign) = sign {
            if self.faults.judges {
                let answered = self.leg.liveness.bytes(now, false);
                self.answered(now, answered, out);
            }
            let answered = self.leg.liveness.hear(now, sign);
            self.answered(now, answered, out);
        }
        if self.arena.is_full() {
            self.hand_over(out);
        }
    }

    pub(super) fn answered(&mut self, now: Ts, answered: Option<(How, Duration)>, out: &mut Outputs) {
        if let Some((how, rtt)) = answered {
            self.leg.proven = true;
            self.counters.beats_answered += 1;
            if let Some(took) = self.leg.liveness.take_trip() {
                self.courses.trip(self.leg.number, took);
            }
            if self.leg.phase == Phase::Probing && self.leg.liveness.asked().is_none() {
                self.leg.enter(now, Phase::Open);
            }
            self.tell(Event::BeatAnswered { how, rtt }, out);
        }
    }

    /// Cuts a message into rows, counts them, and does what the rules say. Says what sign of life it was, if it came.
    pub(super) fn message(&mut self, now: Ts, opcode: Opcode, payload: &[u8], out: &mut Outputs) -> Option<Life> {
        let first = self.arena.rows().len();
        self.leg.router.route(now, self.wall, opcode, payload, &mut self.arena, &mut self.notes);
        if !self.notes.is_empty() {
            self.discover(out);
        }
        if self.faults.bends && self.leg.login.is_none() && !self.bend(first) {
            return None;
        }
        let mut sign = Life::Message;
        let restoring = self.outages.is_restoring();
        let doubled = self.next.is_some();
        for index in first..self.arena.rows().len() {
            let row = self.arena.rows()[index];
            self.counters.messages += 1;
            self.counters.bytes += u64::from(row.len);
            self.courses.message(now, &row);
            let data = matches!(row.kind, Kind::Data | Kind::Snapshot);
            self.leg.proven |= data || row.kind == Kind::Ack;
            if row.kind == Kind::Pong {
                sign = Life::Answer;
            }
            if let Some(numbered) = self.arena.number(index)
                && (!self.beside || self.goes_on(numbered.sequence))
            {
                self.outages.counted();
                let shown = self.services.number(now, row.service, &numbered, doubled, &mut self.pending);
                if shown.missed > 0 {
                    self.outages.missed(shown.missed);
                }
                if shown.anew {
                    self.outages.anew();
                }
                if shown.found > 0 {
                    self.outages.found(shown.found);
                }
            }
            let Some(id) = row.service else {
                self.counters.unrouted += u64::from(matches!(row.kind, Kind::Data | Kind::Snapshot | Kind::Other));
                continue;
            };
            let news = self.services.hear(now, id, &row);
            if data && restoring {
                self.outages.data(now, id);
            }
            if data && (doubled || news.is_some()) {
                self.leg.subs.live(id);
            }
            self.pending.extend(news);
        }
        let login = if self.leg.login.is_some() { self.hear_login(payload) } else { Heard::Nothing };
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
        if login != Heard::Nothing && self.leg.has_link() {
            self.heard_login(now, login, out);
        }
        if restoring {
            self.settle_outage(now, false, out);
        }
        Some(sign)
    }

    /// Whether the numbers go on from link to link, so that those of two links are one count. Messages that name the one
    /// before them cannot be followed on two links at once.
    fn goes_on(&self, sequence: usize) -> bool {
        let sequence = self.profile.sequences.get(sequence);
        sequence.is_some_and(|one| one.across_reconnect && !matches!(one.rule, SequenceRule::Link { .. }))
    }

    /// Services seen for the first time get a number, before their rows are told.
    pub(super) fn discover(&mut self, out: &mut Outputs) {
        if self.profile.route.via != Via::Key {
            // What subscriptions are called is no name of a service.
            return;
        }
        for note in &self.notes {
            let Note::Unknown { row, key } = note else { continue };
            let id = self.leg.router.knows(key).or_else(|| {
                let spec = ServiceSpec { name: key.clone(), ..ServiceSpec::default() };
                let id = self.services.add(&spec, true)?;
                out.extend(self.services.get(id).map(|service| Output::Tell(service.news(id))));
                Some(id)
            });
            if let Some(id) = id {
                self.leg.router.learn(key, id);
                if let Some(next) = &mut self.next {
                    next.router.learn(key, id);
                }
                self.arena.assign(*row, id);
            }
        }
    }

    /// What the rules that matched want done: values kept, answers sent, services agreed to or refused.
    pub(super) fn obey_rules(&mut self, now: Ts, frame: &[u8], out: &mut Outputs) {
        let profile = Arc::clone(&self.profile);
        let mut deeds = Vec::new();
        let mut captured = false;
        let mut notes = std::mem::take(&mut self.notes);
        for note in notes.drain(..) {
            match note {
                // A message beyond the limit of rows is in the row that holds the rest.
                Note::Unknown { .. } | Note::Late { .. } | Note::TooMany { .. } | Note::Seen { .. } => {}
                Note::NotJson { .. } | Note::Broken { .. } | Note::TooBig { .. } => self.counters.not_json += 1,
                Note::Rule { row, rule, origin } => {
                    let (Some(known), Some(rule)) = (self.arena.rows().get(row), profile.rules.get(rule)) else {
                        continue;
                    };
                    let message = self.leg.router.view(frame, &self.arena, row, &origin);
                    for capture in &rule.capture {
                        captured |= self.leg.speech.capture(capture, &message);
                    }
                    let wall = now.on_wall(self.wall);
                    let answer = rule.send.as_ref().and_then(|send| self.leg.speech.reply(wall, send, &message).ok());
                    let about = match known.kind {
                        Kind::Ack | Kind::Nack | Kind::End => {
                            self.about(known.kind, &message, known.service, rule.route.as_ref())
                        }
                        Kind::Data
                        | Kind::Snapshot
                        | Kind::Ping
                        | Kind::Pong
                        | Kind::Heartbeat
                        | Kind::Hello
                        | Kind::Notice
                        | Kind::Error
                        | Kind::Goodbye
                        | Kind::Fatal
                        | Kind::Other => About::Nothing,
                    };
                    let sid = profile.subscribe.as_ref().and_then(|ask| ask.sid.as_ref());
                    let sid =
                        sid.filter(|_| known.kind == Kind::Ack).and_then(|place| text_at(&message, place.item, place));
                    deeds.push(Deed {
                        kind: known.kind,
                        service: known.service,
                        answer,
                        about,
                        sid: sid.map(Cow::into_owned),
                        text: rule.text.as_ref().and_then(|place| message.text(place.item, place)),
                        action: rule.action,
                        address: self.address_said(now, rule),
                    });
                }
            }
        }
        self.notes = notes;
        if captured {
            self.captured(now, out);
        }
        // Only now: telling hands the rows over.
        for deed in deeds {
            self.carry_out(now, deed, out);
            if !self.leg.has_link() {
                return;
            }
        }
    }

    fn carry_out(&mut self, now: Ts, deed: Deed, out: &mut Outputs) {
        let Deed { kind, service, answer, about, sid, text, action, address } = deed;
        if let Some(said) = answer
            && self.fits(&said).is_ok()
        {
            self.send(now, said, Purpose::Reply, service, out);
        }
        match kind {
            Kind::Ack => self.agreed(now, about, sid, text.as_deref(), out),
            Kind::Nack | Kind::Error => {
                let about = if about == About::Nothing { self.meant_by(text.as_deref()) } else { about };
                self.refused(now, about, text.as_deref(), out);
            }
            Kind::End => self.ended(now, about, text.clone(), out),
            Kind::Data
            | Kind::Snapshot
            | Kind::Ping
            | Kind::Pong
            | Kind::Heartbeat
            | Kind::Hello
            | Kind::Notice
            | Kind::Goodbye
            | Kind::Fatal
            | Kind::Other => {}
        }
        match (action, kind) {
            (Action::None, Kind::Fatal) | (Action::Stop, _) => {
                self.end(now, Why::Fatal { text: text.unwrap_or_default() }, Action::Stop, out);
            }
            (Action::None, _) => {}
            (Action::Rotate, _) => {
                self.leg.address = address.or(self.leg.address.take());
                self.rotate(now, out);
            }
            (Action::Login, _) => self.login_again(now, text, out),
            (Action::Retry | Action::RetryNow | Action::Backoff | Action::Resume | Action::Restart, _) => {
                self.end(now, Why::Dismissed { text: text.unwrap_or_default() }, action, out);
            }
        }
    }

    /// Values were captured: what is made of them follows.
    pub(super) fn captured(&mut self, now: Ts, out: &mut Outputs) {
        self.leg.liveness.learn(now, &self.leg.speech);
        for Odd { name, value, instead } in self.leg.liveness.odd() {
            self.tell(Event::IntervalIgnored { name, value, instead }, out);
        }
    }
}

/// What a message calls for.
#[derive(Debug)]
struct Deed {
    kind: Kind,
    service: Option<ServiceId>,
    answer: Option<Said>,
    about: About,
    /// What the server calls the subscription.
    sid: Option<String>,
    /// The server's words to a person.
    text: Option<String>,
    action: Action,
    /// Where the next link goes.
    address: Option<String>,
}
