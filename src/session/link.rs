//! The way of a feed from link to link: dial, open, end, fall back; and the deadlines on it.

use std::sync::Arc;
use std::time::Duration;

use super::liveness::Expired;
use super::policy::Next;
use super::{Output, Outputs, Payload, Session, backoff};
use crate::event::{DialPhase, Due, Event, Gen, How, Phase, Phases, Why};
use crate::profile::Beat;
use crate::time::Ts;

/// The whole of a dial may take so long, whatever its steps may.
const DIAL_LIMIT: Duration = Duration::from_secs(30);

impl Session {
    pub(super) fn start(&mut self, now: Ts, out: &mut Outputs) {
        if self.phase != Phase::Idle {
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
        self.link = Gen(self.link.0.wrapping_add(1));
        self.deadline = Some((Due::DialTimeout, now, now + DIAL_LIMIT));
        self.enter(now, Phase::Dialing);
        self.counters.dials += 1;
        self.outages.dialing();
        self.tell(Event::Dialing { attempt: self.attempt }, out);
        out.push(Output::Dial(self.link));
    }

    pub(super) fn open(&mut self, now: Ts, out: &mut Outputs) {
        self.deadline = None;
        self.opened = Some(now);
        self.proven = false;
        self.counters.opens += 1;
        self.liveness.open(now);
        self.router.relink();
        let findings = self.services.relink();
        self.speech.relink();
        self.enter(now, Phase::Open);
        self.tell(Event::Ready, out);
        for event in findings {
            self.tell(event, out);
        }
        let wanted: Vec<_> = self.services.wanted().collect();
        if let Some(down) = self.outages.back(now, wanted.iter().copied()) {
            self.counters.downtime += down;
        }
        for id in wanted {
            self.subscribe(now, id, out);
        }
        self.settle_outage(now, false, out);
    }

    pub(super) fn settle_outage(&mut self, now: Ts, link_gone: bool, out: &mut Outputs) {
        let numbered = !self.profile.sequences.is_empty();
        if let Some(outage) = self.outages.end(now, numbered, link_gone) {
            self.tell(Event::Outage(Box::new(outage)), out);
        }
    }

    pub(super) fn dial_failed(&mut self, now: Ts, why: Why, phases: Phases, out: &mut Outputs) {
        self.tell(Event::DialFailed { attempt: self.attempt, why: why.clone(), phases }, out);
        self.fall_back(now, why, None, None, out);
    }

    /// The open link is over: let go of it, say so, and see what comes next.
    pub(super) fn end(&mut self, now: Ts, why: Why, out: &mut Outputs) {
        let up = self.opened.map_or(Duration::ZERO, |opened| now - opened);
        self.let_go(&why, out);
        self.closed(now, why.clone(), up, out);
        if up >= self.profile.reconnect.reset_after && self.proven {
            self.attempt = 0;
        }
        let detect = now - self.liveness.last_byte();
        self.fall_back(now, why, Some(up), Some(detect), out);
    }

    pub(super) fn let_go(&mut self, why: &Why, out: &mut Outputs) {
        out.push(match why {
            // The other side's close frame is answered with its own code (RFC 6455, section 5.5.1).
            Why::Close { code, .. } => Output::CloseWith(self.link, code.unwrap_or(1000)),
            Why::Protocol { .. } => Output::CloseWith(self.link, 1002),
            Why::TooBig { .. } => Output::CloseWith(self.link, 1009),
            Why::Asked | Why::Planned | Why::Fatal { .. } => Output::CloseWith(self.link, 1000),
            Why::Eof
            | Why::Reset { .. }
            | Why::HalfOpen { .. }
            | Why::Silent { .. }
            | Why::WriteStalled { .. }
            | Why::Dns { .. }
            | Why::Refused { .. }
            | Why::Unreachable { .. }
            | Why::DialTimeout { .. }
            | Why::Proxy { .. }
            | Why::Tls { .. }
            | Why::Http { .. }
            | Why::Handshake { .. }
            | Why::AckTimeout { .. }
            | Why::Login { .. }
            | Why::Slept { .. }
            | Why::Storm { .. } => Output::Abort(self.link),
        });
    }

    pub(super) fn closed(&mut self, now: Ts, why: Why, up: Duration, out: &mut Outputs) {
        self.enter(now, Phase::Idle);
        self.opened = None;
        let silent = now - self.liveness.last_byte();
        self.settle_outage(now, true, out);
        self.tell(Event::Closed { why: why.clone(), up, silent }, out);
        self.why = Some(why);
        for event in self.services.unlink() {
            self.tell(event, out);
        }
    }

    /// There is no link: wait for the next dial, or stop. `up`: how long the link lived, if there was one.
    pub(super) fn fall_back(
        &mut self,
        now: Ts,
        why: Why,
        up: Option<Duration>,
        detect: Option<Duration>,
        out: &mut Outputs,
    ) {
        self.why = Some(why.clone());
        if let Some(outage) = self.outages.begin(now, &why, detect) {
            self.counters.outages += 1;
            self.tell(Event::Outage(Box::new(outage)), out);
        }
        match self.ends.next(&self.profile, &why, up) {
            Next::Retry { at_least } => {
                self.attempt += 1;
                let ours = backoff::delay(&self.profile.reconnect, self.attempt.max(2) - 1, self.random.next_unit());
                let delay = backoff::at_least(ours, at_least);
                self.deadline = Some((Due::Dial, now, now + delay));
                self.enter(now, Phase::Waiting);
                self.tell(Event::Reconnecting { attempt: self.attempt, delay, because: why }, out);
            }
            Next::Stop(why) => {
                self.deadline = None;
                self.enter(now, Phase::Stopped);
                self.why = Some(why.clone());
                self.tell(Event::Stopped { why }, out);
            }
        }
    }

    pub(super) fn expire(&mut self, now: Ts, out: &mut Outputs) {
        if let Some((due, from, until)) = self.deadline
            && until <= now
        {
            self.deadline = None;
            match due {
                Due::Dial => self.dial(now, out),
                Due::DialTimeout | Due::Beat | Due::Answer | Due::Receive => {
                    out.push(Output::Abort(self.link));
                    let why =
                        Why::DialTimeout { phase: DialPhase::Upgrade, address: String::new(), limit: until - from };
                    self.dial_failed(now, why, Phases::default(), out);
                }
            }
        }
        while self.has_link()
            && let Some(expired) = self.liveness.expired(now)
        {
            match expired {
                Expired::Beat(pulse) => self.beat(now, pulse, out),
                Expired::Dead(why) => self.end(now, why, out),
            }
        }
        if self.has_link() {
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
            Beat::Frame(template) => match self.speech.say(now.on_wall(self.wall), template) {
                Ok(said) => (How::App, Payload::Text(said.text), said.masked),
                // It lacks a value that no message has brought yet: the next countdown tries again.
                Err(_) => return self.liveness.skip(now, pulse),
            },
            Beat::Ping => (How::Ping, Payload::Ping(id.0.to_be_bytes().to_vec()), String::new()),
        };
        self.liveness.sent(now, pulse, id);
        self.counters.beats_sent += 1;
        if heartbeat.timeout.is_some() {
            self.enter(now, Phase::Probing);
        }
        out.push(Output::Send(self.link, id, payload));
        self.tell(Event::BeatSent { how, text }, out);
    }
}
