//! What the user wants, and what is sent for it: services, dials, pauses, the end.

use std::sync::Arc;
use std::time::Duration;

use super::policy::Ends;
use super::speech::Said;
use super::{Output, Outputs, Payload, SendId, Session};
use crate::event::{Command, Event, Phase, Purpose, ServiceId, ServiceState, Why};
use crate::time::Ts;

impl Session {
    pub(super) fn subscribe(&mut self, now: Ts, id: ServiceId, out: &mut Outputs) {
        let profile = Arc::clone(&self.profile);
        let Some(service) = self.services.get_mut(id) else { return };
        if let Some(ask) = &profile.subscribe {
            match self.speech.subscribe(now.on_wall(self.wall), ask, service) {
                Ok(said) => {
                    self.send(said, Purpose::Subscribe, Some(id), out);
                    self.news(now, id, ServiceState::Sent, None, out);
                }
                Err(text) => self.news(now, id, ServiceState::Refused, Some(text), out),
            }
        } else {
            // Nothing to ask: the server sends it by itself.
            self.news(now, id, ServiceState::Sent, None, out);
        }
    }

    pub(super) fn unsubscribe(&mut self, now: Ts, id: ServiceId, out: &mut Outputs) {
        let profile = Arc::clone(&self.profile);
        if let (Some(ask), Some(service)) = (&profile.unsubscribe, self.services.get_mut(id))
            && let Ok(said) = self.speech.unsubscribe(now.on_wall(self.wall), ask, service)
        {
            self.send(said, Purpose::Unsubscribe, Some(id), out);
        }
        self.news(now, id, ServiceState::Off, None, out);
    }

    pub(super) fn news(
        &mut self,
        now: Ts,
        id: ServiceId,
        state: ServiceState,
        text: Option<String>,
        out: &mut Outputs,
    ) {
        if let Some(event) = self.services.set(now, id, state, text) {
            self.tell(event, out);
        }
    }

    pub(super) fn send(&mut self, said: Said, purpose: Purpose, service: Option<ServiceId>, out: &mut Outputs) {
        let bytes = said.text.len() as u64;
        let id = self.next_id();
        out.push(Output::Send(self.link, id, Payload::Text(said.text)));
        self.tell(Event::Sent { purpose, service, text: said.masked, bytes }, out);
    }

    pub(super) fn next_id(&mut self) -> SendId {
        self.next_send = self.next_send.wrapping_add(1);
        SendId(self.next_send)
    }

    pub(super) fn command(&mut self, now: Ts, command: &Command, out: &mut Outputs) {
        match command {
            Command::Want { service, on } => self.want(now, *service, *on, out),
            Command::Dial => match self.phase {
                Phase::Dialing => {}
                Phase::LoggingIn | Phase::Open | Phase::Probing => {
                    self.hang_up(now, out);
                    self.attempt = 1;
                    self.dial(now, out);
                }
                Phase::Waiting => self.dial(now, out),
                Phase::Idle | Phase::Stopped | Phase::Paused => {
                    self.attempt = 1;
                    self.ends = Ends::default();
                    self.dial(now, out);
                }
            },
            Command::Pause => {
                if self.phase != Phase::Paused {
                    self.leave(now, out);
                    self.enter(now, Phase::Paused);
                    self.tell(Event::Paused, out);
                }
            }
            Command::Quit => {
                self.leave(now, out);
                self.enter(now, Phase::Idle);
                self.hand_over(out);
            }
        }
    }

    pub(super) fn want(&mut self, now: Ts, id: ServiceId, on: bool, out: &mut Outputs) {
        let Some(service) = self.services.get_mut(id) else { return };
        if service.wanted == on {
            return;
        }
        service.wanted = on;
        match (self.has_link(), on) {
            (true, true) => self.subscribe(now, id, out),
            (true, false) => self.unsubscribe(now, id, out),
            (false, true) => self.news(now, id, ServiceState::Wanted, None, out),
            (false, false) => self.news(now, id, ServiceState::Off, None, out),
        }
    }

    /// The user's end of an open link: no outage.
    pub(super) fn hang_up(&mut self, now: Ts, out: &mut Outputs) {
        let up = self.opened.map_or(Duration::ZERO, |opened| now - opened);
        self.let_go(&Why::Asked, out);
        self.closed(now, Why::Asked, up, out);
    }

    pub(super) fn leave(&mut self, now: Ts, out: &mut Outputs) {
        if self.has_link() {
            self.hang_up(now, out);
        } else if self.phase == Phase::Dialing {
            out.push(Output::Abort(self.link));
        }
        self.deadline = None;
    }

    pub(super) fn slept(&mut self, now: Ts, length: Duration, out: &mut Outputs) {
        self.tell(Event::Slept { length }, out);
        if self.has_link() {
            self.liveness.doubt(now);
            self.services.doubt(now);
        }
    }
}
