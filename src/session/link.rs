//! The way of a feed from link to link: dial, open, end, fall back; and the deadlines on it.

use std::sync::Arc;
use std::time::Duration;

use super::leg::{Booking, Calling};
use super::liveness::Expired;
use super::outage::Beginning;
use super::outbox::Ready;
use super::policy::{Life, Next, Wait};
use super::programs::DIAL_LIMIT;
use super::{Output, Outputs, Payload, Session, backoff};
use crate::event::{DialPhase, Due, Event, How, Outage, Phase, Phases, Why};
use crate::profile::{Action, Beat, Sequence, SequenceRule};
use crate::text::span;
use crate::time::Ts;

impl Session {
    pub(super) fn start(&mut self, now: Ts, out: &mut Outputs) {
        if self.leg.phase != Phase::Idle {
            return;
        }
        for id in self.services.ids() {
            if let Some(service) = self.services.get(id) {
                out.push(Output::Tell(service.news(id)));
            }
        }
        self.dial(now, out);
    }

    pub(super) fn dial(&mut self, now: Ts, out: &mut Outputs) {
        self.leg.number = self.next_link();
        let booking = std::mem::replace(&mut self.leg.booking, Booking::None);
        if let Some(rate) = self.profile.limits.connect
            && booking != Booking::Given
        {
            // Other feeds dial the same host: the driver knows whose turn it is.
            self.leg.booking = Booking::Asked;
            self.leg.deadline = Some((Due::Dial, now, now + DIAL_LIMIT));
            self.leg.enter(now, Phase::Waiting);
            out.push(Output::Book(self.leg.number, rate));
            return;
        }
        self.leg.enter(now, Phase::Dialing);
        self.counters.dials += 1;
        let attempt = if self.beside { self.changes } else { self.attempt };
        if !self.beside {
            self.outages.dialing();
            self.brake.dialed(now);
        }
        self.tell(Event::Dialing { attempt }, out);
        self.call(now, out);
    }

    /// The host's line of dials has a place for ours.
    pub(super) fn booked(&mut self, now: Ts, wait: Duration, out: &mut Outputs) {
        if self.leg.phase != Phase::Waiting || self.leg.booking != Booking::Asked {
            return;
        }
        self.leg.booking = Booking::Given;
        if wait.is_zero() {
            return self.dial(now, out);
        }
        self.leg.deadline = Some((Due::Dial, now, now + wait));
        if let (Some(rate), false) = (self.profile.limits.connect, self.beside) {
            let because = Why::ConnectLimit { count: rate.count, per: rate.per };
            self.why = Some(because.clone());
            self.tell(Event::Reconnecting { attempt: self.attempt, delay: wait, because }, out);
        }
    }

    pub(super) fn open(&mut self, now: Ts, opening: Event, out: &mut Outputs) {
        self.leg.deadline = None;
        self.leg.relink(now, &mut self.random);
        self.leg.rotate_at = self.lifetime().map(|life| now + life);
        self.faults.opened(now);
        self.leg.enter(now, Phase::Open);
        if self.beside {
            self.leg.opening = Some(opening);
        } else {
            self.opened(opening, out);
        }
        self.begin_login(now, out);
    }

    /// Tells of a link that is now the feed's own.
    pub(super) fn opened(&mut self, opening: Event, out: &mut Outputs) {
        self.counters.opens += 1;
        self.tell(opening, out);
        for event in self.services.relink() {
            self.tell(event, out);
        }
    }

    pub(super) fn settle_outage(&mut self, now: Ts, link_gone: bool, out: &mut Outputs) {
        // Only numbers that go on over links tell what was missed between two.
        let tells = |s: &Sequence| s.across_reconnect && s.rule != SequenceRule::Monotonic;
        let numbered = self.profile.sequences.iter().any(tells);
        let over = self.outages.end(now, numbered, self.leg.proven, link_gone);
        self.tell_over(over, out);
    }

    pub(super) fn tell_over(&mut self, outage: Option<Outage>, out: &mut Outputs) {
        if let Some(outage) = outage {
            self.counters.downtime += outage.down;
            self.tell(Event::Outage(Box::new(outage)), out);
        }
    }

    pub(super) fn dial_failed(&mut self, now: Ts, why: Why, phases: Phases, out: &mut Outputs) {
        let attempt = if self.beside { self.changes } else { self.attempt };
        self.tell(Event::DialFailed { attempt, why: why.clone(), phases }, out);
        self.leg.deadline = None;
        if self.beside {
            return self.leg.enter(now, Phase::Idle);
        }
        self.fall_back(now, why, Action::None, None, out);
    }

    /// The open link is over: let go of it, say so, and see what comes next. `action`: what the profile makes of it, where
    /// a message or a rule of ours says so.
    pub(super) fn end(&mut self, now: Ts, why: Why, action: Action, out: &mut Outputs) {
        self.let_go(&why, out);
        self.leg.deadline = None;
        if self.beside {
            return self.leg.enter(now, Phase::Idle);
        }
        let up = self.leg.opened.map_or(Duration::ZERO, |opened| now - opened);
        let (silent, proven) = (now - self.leg.liveness.last_byte(), self.leg.proven);
        if up >= self.profile.reconnect.reset_after && self.leg.proven {
            self.attempt = 0;
        }
        self.closed(now, why.clone(), up, out);
        self.fall_back(now, why, action, Some((Life { up, proven }, silent)), out);
    }

    pub(super) fn let_go(&mut self, why: &Why, out: &mut Outputs) {
        let link = self.leg.number;
        let dead = self.profile.close.dead_code;
        out.push(match why {
            // The other side's close frame is answered with its own code (RFC 6455, section 5.5.1).
            Why::Close { code, .. } => Output::CloseWith(link, code.unwrap_or(1000)),
            Why::Protocol { .. } => Output::CloseWith(link, 1002),
            Why::TooBig { .. } => Output::CloseWith(link, 1009),
            Why::Asked | Why::Planned | Why::Fatal { .. } => Output::CloseWith(link, 1000),
            // What we give up alive, and what some servers want a code for though it seems dead.
            Why::Login { .. } | Why::Dismissed { .. } => Output::CloseWith(link, dead.unwrap_or(1000)),
            Why::HalfOpen { .. }
            | Why::Silent { .. }
            | Why::WriteStalled { .. }
            | Why::AckTimeout { .. }
            | Why::Slept { .. } => dead.map_or(Output::Abort(link), |code| Output::CloseWith(link, code)),
            Why::Eof
            | Why::Reset { .. }
            | Why::Dns { .. }
            | Why::Refused { .. }
            | Why::Program { .. }
            | Why::Unreachable { .. }
            | Why::DialTimeout { .. }
            | Why::Proxy { .. }
            | Why::Tls { .. }
            | Why::Http { .. }
            | Why::Handshake { .. }
            | Why::ConnectLimit { .. }
            | Why::Storm { .. } => Output::Abort(link),
        });
    }

    pub(super) fn closed(&mut self, now: Ts, why: Why, up: Duration, out: &mut Outputs) {
        self.leg.enter(now, Phase::Idle);
        self.leg.opened = None;
        self.leg.may_resume = true;
        self.faults.held.clear();
        let silent = now - self.leg.liveness.last_byte();
        self.settle_outage(now, true, out);
        self.tell(Event::Closed { why: why.clone(), up, silent }, out);
        self.why = Some(why);
        for event in self.services.unlink() {
            self.tell(event, out);
        }
    }

    /// There is no link: wait for the next dial, or stop. `life`: of the link, and since its last byte, if there was one.
    pub(super) fn fall_back(
        &mut self,
        now: Ts,
        why: Why,
        action: Action,
        life: Option<(Life, Duration)>,
        out: &mut Outputs,
    ) {
        self.why = Some(why.clone());
        let dial = self.attempt;
        let next = self.ends.next(&self.profile, &why, action, life.map(|(life, _)| life));
        if !matches!(next, Next::Stop(_)) && self.succeeds_now() {
            return self.succeed(now, out);
        }
        let (why, delay) = match next {
            Next::Retry { wait, restart, said } => {
                if restart {
                    self.leg.speech.forget_session();
                }
                self.attempt += 1;
                (said.unwrap_or(why), Ok(self.wait(now, &wait)))
            }
            Next::Stop(last) => (why, Err(last)),
        };
        let silent = life.map(|(_, silent)| silent);
        let beginning =
            Beginning { why: &why, silent, next: delay.as_ref().ok().copied(), opened: life.is_some(), dial };
        if let Some(outage) = self.outages.begin(now, beginning) {
            self.counters.outages += 1;
            self.tell(Event::Outage(Box::new(outage)), out);
        }
        match delay {
            // Its successor is on the way already.
            Ok(_) if self.next.is_some() => self.succeed(now, out),
            Ok(delay) => {
                self.why = Some(why.clone());
                self.leg.deadline = Some((Due::Dial, now, now + delay));
                self.leg.enter(now, Phase::Waiting);
                self.tell(Event::Reconnecting { attempt: self.attempt, delay, because: why }, out);
                if delay.is_zero() {
                    self.dial(now, out);
                }
            }
            Err(why) => {
                self.drop_successor(out);
                self.leg.deadline = None;
                self.leg.enter(now, Phase::Stopped);
                self.why = Some(why.clone());
                self.tell(Event::Stopped { why }, out);
            }
        }
    }

    /// How long to wait before the next dial.
    fn wait(&mut self, now: Ts, wait: &Wait) -> Duration {
        let policy = &self.profile.reconnect;
        let random = self.random.next_unit();
        let delay = match wait {
            Wait::Usual { at_least } => {
                backoff::at_least(backoff::delay(policy, self.attempt.max(2) - 1, random), *at_least)
            }
            Wait::Longest { at_least } => backoff::at_least(backoff::longest(policy, random), *at_least),
            Wait::None => Duration::ZERO,
        };
        delay.max(self.brake.earliest(policy).map_or(Duration::ZERO, |at| at.since(now)))
    }

    /// What is due on the link at hand.
    pub(super) fn expire(&mut self, now: Ts, out: &mut Outputs) {
        if let Some((due, from, until)) = self.leg.deadline
            && until <= now
        {
            self.leg.deadline = None;
            match due {
                Due::Dial => self.dial(now, out),
                Due::DialTimeout if self.leg.phase == Phase::LoggingIn => self.login_late(now, until - from, out),
                Due::DialTimeout | Due::Beat | Due::Answer | Due::Receive => {
                    out.push(Output::Abort(self.leg.number));
                    if self.leg.calling == Calling::Asking {
                        let text = format!("the program did not end within {}", span(until - from));
                        return self.dial_failed(now, Why::Program { text }, Phases::default(), out);
                    }
                    let why =
                        Why::DialTimeout { phase: DialPhase::Upgrade, address: String::new(), limit: until - from };
                    self.dial_failed(now, why, Phases::default(), out);
                }
            }
        }
        while self.leg.has_link()
            && let Some(expired) = self.leg.liveness.expired(now)
        {
            match expired {
                Expired::Beat(pulse) => self.beat(now, pulse, out),
                Expired::Dead(why) => self.end(now, why, Action::None, out),
            }
        }
        if self.leg.has_link() {
            self.answers_late(now, out);
            self.errand_late(now, out);
            self.speak(now, out);
        }
    }

    /// What is due whatever the link.
    pub(super) fn expire_services(&mut self, now: Ts, out: &mut Outputs) {
        if self.leg.has_link() {
            let mut pending = std::mem::take(&mut self.pending);
            let heard = self.services.expire(now, &mut pending);
            self.outages.found(heard.found);
            for event in pending.drain(..) {
                self.tell(event, out);
            }
            self.pending = pending;
        }
        if self.outages.wake().is_some_and(|at| at <= now) {
            self.settle_outage(now, false, out);
        }
    }

    pub(super) fn beat(&mut self, now: Ts, pulse: usize, out: &mut Outputs) {
        let profile = Arc::clone(&self.profile);
        let Some(heartbeat) = profile.heartbeats.get(pulse) else { return };
        let id = self.next_id();
        let (how, payload, text) = match &heartbeat.send {
            Beat::Frame(template) => match self.leg.speech.say(now.on_wall(self.wall), template) {
                Ok(said) => (How::App, self.payload(said.text, said.json), said.masked),
                // It lacks a value that no message has brought yet.
                Err(_) => return self.leg.liveness.skip(now, pulse),
            },
            Beat::Ping => (How::Ping, Payload::Ping(id.0.to_be_bytes().to_vec()), String::new()),
        };
        let event = Event::BeatSent { how, text };
        self.leg.outbox.add(Ready { id, payload, event, pulse: Some(pulse) });
        self.speak(now, out);
    }

    /// Hands a frame over to the link.
    pub(super) fn hand(&mut self, now: Ts, ready: Ready, out: &mut Outputs) {
        let Ready { id, payload, event, pulse } = ready;
        if let Some(pulse) = pulse {
            self.leg.liveness.sent(now, pulse, id);
            self.counters.beats_sent += 1;
            if self.leg.phase == Phase::Open && self.leg.liveness.asked().is_some() {
                self.leg.enter(now, Phase::Probing);
            }
        }
        out.push(Output::Send(self.leg.number, id, payload));
        self.tell(event, out);
    }
}
