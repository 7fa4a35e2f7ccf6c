//! What the user wants, and what is sent for it: services, dials, pauses, the end.

use std::time::Duration;

use super::leg::Booking;
use super::outbox::Ready;
use super::policy::Ends;
use super::speech::Said;
use super::{Output, Outputs, Payload, SendId, Session};
use crate::event::{Command, Event, Phase, Purpose, ServiceId, ServiceState, Why};
use crate::profile::codec::Outgoing;
use crate::time::Ts;

impl Session {
    /// How a service stands on the link at hand.
    pub(super) fn news(
        &mut self,
        now: Ts,
        id: ServiceId,
        state: ServiceState,
        text: Option<String>,
        out: &mut Outputs,
    ) {
        if self.leg.has_link() {
            let sub = self.leg.subs.get_mut(id);
            (sub.state, sub.text) = (state, text.clone());
        }
        if !self.beside {
            if matches!(state, ServiceState::Refused | ServiceState::Off) {
                self.outages.gone(id);
            }
            self.show(now, id, state, text, out);
        }
    }

    fn show(&mut self, now: Ts, id: ServiceId, state: ServiceState, text: Option<String>, out: &mut Outputs) {
        if let Some(event) = self.services.set(now, id, state, text) {
            self.tell(event, out);
        }
    }

    /// Sends something that waits for nothing but its turn.
    pub(super) fn send(
        &mut self,
        now: Ts,
        said: Said,
        purpose: Purpose,
        service: Option<ServiceId>,
        out: &mut Outputs,
    ) {
        let ready = self.ready_to_go(said, purpose, service);
        self.leg.outbox.add(ready);
        self.speak(now, out);
    }

    /// Sends something whose turn it is.
    pub(super) fn dispatch(
        &mut self,
        now: Ts,
        said: Said,
        purpose: Purpose,
        service: Option<ServiceId>,
        out: &mut Outputs,
    ) {
        let ready = self.ready_to_go(said, purpose, service);
        self.hand(now, ready, out);
    }

    fn ready_to_go(&mut self, said: Said, purpose: Purpose, service: Option<ServiceId>) -> Ready {
        let bytes = said.text.len() as u64;
        let payload = self.payload(said.text, said.json);
        let event = Event::Sent { purpose, service, text: said.masked, bytes };
        Ready { id: self.next_id(), payload, event, pulse: None }
    }

    /// A filled template as the profile has it on the wire: the one place where frames are made. `json`: only that is put
    /// into the profile's format.
    pub(super) fn payload(&self, text: String, json: bool) -> Payload {
        match self.profile.codec.encode(&text, json) {
            Ok(Outgoing::Text(text)) => Payload::Text(text),
            Ok(Outgoing::Binary(bytes)) => Payload::Binary(bytes),
            // What a value of a server or a user made of it is no frame of that format: the server will say so.
            Err(_) => Payload::Text(text),
        }
    }

    pub(super) fn next_id(&mut self) -> SendId {
        self.next_send = self.next_send.wrapping_add(1);
        SendId(self.next_send)
    }

    pub(super) fn command(&mut self, now: Ts, command: &Command, out: &mut Outputs) {
        match command {
            Command::Want { service, on } => self.want(now, *service, *on, out),
            Command::Only { on } => self.want_only(now, on, out),
            Command::Send { text } => self.send_by_hand(now, text, out),
            Command::Beat { after } => self.change_beat(now, *after),
            Command::Dial => match self.leg.phase {
                Phase::Dialing => {}
                // It waits for the other feeds of the host, not for itself.
                Phase::Waiting if self.leg.booking != Booking::None => {}
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
                if self.leg.phase != Phase::Paused {
                    self.leave(now, out);
                    let given_up = self.outages.give_up(now);
                    self.tell_over(given_up, out);
                    self.leg.enter(now, Phase::Paused);
                    self.tell(Event::Paused, out);
                }
            }
            Command::Inject { fault, lasts, text } => self.inject(now, fault, *lasts, text, out),
            Command::Clear => self.clear_faults(now, out),
            Command::Quit => {
                self.leave(now, out);
                self.leg.enter(now, Phase::Idle);
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
        if on {
            for event in self.services.resume(now, id) {
                self.tell(event, out);
            }
        }
        self.change(now, id, on, out);
        self.on_successor(|session| session.change(now, id, on, out));
        let sub = self.leg.subs.state(id);
        let shown = self.services.get(id).map_or(ServiceState::Off, |service| service.state);
        match (on, self.leg.has_link(), shown) {
            (false, ..) => self.show(now, id, ServiceState::Off, None, out),
            // Not spoken yet, or taken back before it was.
            (true, true, ServiceState::Off) if sub != ServiceState::Off => self.show(now, id, sub, None, out),
            (true, _, ServiceState::Off) => self.show(now, id, ServiceState::Wanted, None, out),
            (true, ..) => {}
        }
    }

    fn change(&mut self, now: Ts, id: ServiceId, on: bool, out: &mut Outputs) {
        // Before that nothing is subscribed, and then all that is wanted will be.
        if self.leg.ready.is_some() && self.leg.has_link() {
            self.leg.subs.change(id, on);
            self.speak(now, out);
        }
    }

    /// The user's end of an open link: no outage.
    pub(super) fn hang_up(&mut self, now: Ts, out: &mut Outputs) {
        self.drop_successor(out);
        let up = self.leg.opened.map_or(Duration::ZERO, |opened| now - opened);
        self.let_go(&Why::Asked, out);
        self.closed(now, Why::Asked, up, out);
    }

    pub(super) fn leave(&mut self, now: Ts, out: &mut Outputs) {
        if self.leg.has_link() {
            self.hang_up(now, out);
        } else if self.leg.phase == Phase::Dialing {
            out.push(Output::Abort(self.leg.number));
        }
        self.leg.deadline = None;
        self.leg.booking = Booking::None;
    }

    pub(super) fn slept(&mut self, now: Ts, length: Duration, out: &mut Outputs) {
        self.tell(Event::Slept { length }, out);
        self.outages.slept(now, length);
        if self.leg.has_link() {
            self.leg.liveness.doubt(now);
            self.services.doubt(now);
        }
        self.on_successor(|session| session.leg.liveness.doubt(now));
    }
}
