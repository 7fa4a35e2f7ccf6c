//! How services are asked for and left on one link: one by one, several in a frame, or all that is wanted in each.

use std::sync::Arc;

use super::speech::{Asked, Said};
use super::{Outputs, Session};
use crate::event::{Purpose, ServiceId, ServiceState};
use crate::profile::template::Source;
use crate::profile::{Ack, Ask, Profile, Via, plain};
use crate::text::{count, size};
use crate::time::Ts;

use super::subs::{Request, Sub};

impl Session {
    /// Sends what waits, as far as it may go now: what is urgent, then changes of what is wanted.
    pub(super) fn speak(&mut self, now: Ts, out: &mut Outputs) {
        loop {
            while let Some(ready) = self.leg.outbox.next(now) {
                self.hand(now, ready, out);
            }
            let due = self.leg.ready.is_some() && self.leg.subs.speak_at().is_some_and(|at| at <= now);
            if !due || self.leg.outbox.is_waiting() || !self.leg.has_link() {
                return;
            }
            let profile = Arc::clone(&self.profile);
            let whole = profile.subscribe.as_ref().is_some_and(|ask| ask.whole);
            let done = if self.leg.subs.errand.is_some() {
                self.ask_errand(now, &profile, out)
            } else if whole {
                self.ask_whole(now, &profile, out)
            } else {
                self.ask_next(now, &profile, out)
            };
            if !done {
                return;
            }
        }
    }

    /// Asks for the next services that fit into one frame, or leaves them. Says whether it could.
    fn ask_next(&mut self, now: Ts, profile: &Profile, out: &mut Outputs) -> bool {
        let Some(&(_, on)) = self.leg.subs.changes.front() else { return false };
        let Some(ask) = (if on { &profile.subscribe } else { &profile.unsubscribe }) else {
            // Nothing to ask: the server sends it by itself.
            while let Some((id, _)) = self.leg.subs.changes.pop_front_if(|(_, other)| *other == on) {
                self.news(now, id, if on { ServiceState::Sent } else { ServiceState::Off }, None, out);
            }
            return true;
        };
        let most = if ask.arg.is_some() { ask.batch.max(1) } else { 1 };
        let mut room = profile.limits.subscriptions.map(|most| most.saturating_sub(self.leg.subs.active()));
        let mut taken: Vec<ServiceId> = Vec::new();
        while taken.len() < most
            && let Some((id, _)) = self.leg.subs.changes.pop_front_if(|(_, other)| *other == on)
        {
            let sid_missing = self.leg.subs.get(id).is_none_or(|sub| sub.sid.is_none());
            if on && room == Some(0) {
                self.leg.subs.get_mut(id).beyond = true;
                let most = profile.limits.subscriptions.unwrap_or_default();
                let text = format!("limit of the profile: {} services on one link", count(most as u64));
                self.news(now, id, ServiceState::Refused, Some(text), out);
            } else if on && self.refused_on_purpose(now, id, ask, out) {
                continue;
            } else if !on && sid_missing && uses(ask, &Source::SubSid) {
                // The server has not said yet what it calls it.
                let sub = self.leg.subs.get_mut(id);
                sub.leave = sub.state == ServiceState::Sent;
                if !sub.leave {
                    self.left(id);
                }
                self.news(now, id, ServiceState::Off, None, out);
            } else {
                room = room.map(|room| room.saturating_sub(1));
                taken.push(id);
            }
        }
        if taken.is_empty() {
            return true;
        }
        if let Some(run) = &ask.run {
            self.send_for(now, run, taken, on, out);
            return true;
        }
        if !self.leg.outbox.take(now) {
            // They wait as they were.
            taken.into_iter().rev().for_each(|id| self.leg.subs.changes.push_front((id, on)));
            return false;
        }
        self.ask(now, profile, ask, taken, on, out);
        true
    }

    /// One frame about some services; those that it cannot be made for are refused.
    pub(super) fn ask(
        &mut self,
        now: Ts,
        profile: &Profile,
        ask: &Ask,
        services: Vec<ServiceId>,
        on: bool,
        out: &mut Outputs,
    ) {
        let mut shares = Vec::new();
        let mut numbers = Vec::new();
        let mut fine = Vec::new();
        for id in services {
            match self.share(now, ask, id, on) {
                Ok((share, number)) => {
                    shares.extend(share);
                    numbers.extend(number);
                    fine.push(id);
                }
                Err(text) => self.not_asked(now, id, on, text, out),
            }
        }
        if fine.is_empty() {
            return;
        }
        let called = on
            && (profile.route.via == Via::Id
                || matches!(ask.ack, Ack::Id(_))
                || profile.unsubscribe.as_ref().is_some_and(|ask| uses(ask, &Source::SubId)));
        let number = numbers.is_empty() && (called || matches!(ask.ack, Ack::Id(_)));
        let made = self.frame_for(now, ask, fine.first().copied(), &shares, (number, on));
        let made = made.and_then(|(said, number)| self.fits(&said).map(|()| (said, number)));
        match made {
            Ok((said, number)) => {
                let one = if let [id] = fine[..] { Some(id) } else { None };
                let purpose = if on { Purpose::Subscribe } else { Purpose::Unsubscribe };
                self.dispatch(now, said, purpose, one, out);
                self.leg.subs.next_at = (!ask.gap.is_zero()).then(|| now + ask.gap);
                if numbers.is_empty() {
                    self.asked(now, ask, number.as_deref(), fine, on, out);
                } else {
                    // Each has a number of its own.
                    for (id, number) in fine.into_iter().zip(numbers) {
                        self.asked(now, ask, Some(&*number), vec![id], on, out);
                    }
                }
            }
            // It is too long for one frame: two shorter ones.
            Err(_) if fine.len() > 1 => {
                let behind = fine.split_off(fine.len() / 2);
                self.ask(now, profile, ask, fine, on, out);
                behind.into_iter().rev().for_each(|id| self.leg.subs.changes.push_front((id, on)));
            }
            Err(text) => fine.into_iter().for_each(|id| self.not_asked(now, id, on, text.clone(), out)),
        }
        if !on && let Some(id) = self.leg.subs.beyond() {
            // There is room for one that had none.
            self.leg.subs.get_mut(id).beyond = false;
            if self.services.get(id).is_some_and(|service| service.wanted) {
                self.leg.subs.change(id, true);
            }
        }
    }

    /// One frame that names all that is wanted.
    fn ask_whole(&mut self, now: Ts, profile: &Profile, out: &mut Outputs) -> bool {
        let Some(ask) = &profile.subscribe else { return false };
        if !self.leg.outbox.take(now) {
            return false;
        }
        let changed: Vec<_> = self.leg.subs.changes.drain(..).collect();
        let most = profile.limits.subscriptions.unwrap_or(usize::MAX);
        let mut named = Vec::new();
        let mut shares: Vec<Said> = Vec::new();
        let mut numbers = Vec::new();
        let refused = |sub: &Sub| sub.state == ServiceState::Refused && !sub.beyond && !sub.asked;
        for id in self.services.wanted().collect::<Vec<_>>() {
            let now_on = changed.contains(&(id, true));
            if !now_on && self.leg.subs.get(id).is_some_and(refused) {
                continue;
            }
            let asked = self.leg.subs.get(id).is_some_and(|sub| sub.asked);
            if !asked && self.refused_on_purpose(now, id, ask, out) {
                continue;
            }
            if named.len() >= most {
                self.leg.subs.get_mut(id).beyond = true;
                let text = format!("limit of the profile: {} services on one link", count(most as u64));
                self.news(now, id, ServiceState::Refused, Some(text), out);
                continue;
            }
            match self.share(now, ask, id, true) {
                Ok((share, number)) => {
                    shares.extend(share);
                    numbers.extend(number);
                    named.push(id);
                }
                Err(text) => self.not_asked(now, id, true, text, out),
            }
        }
        // The last ones leave by a frame of their own, where there is one.
        let leave = profile.unsubscribe.as_ref().filter(|_| named.is_empty());
        let (ask, on) = leave.map_or((ask, true), |leave| (leave, false));
        let made = self
            .frame_for(now, ask, named.first().copied(), &shares, (matches!(ask.ack, Ack::Id(_)), on))
            .and_then(|(said, number)| self.fits(&said).map(|()| (said, number)));
        match made {
            Ok((said, number)) => {
                let purpose = if on { Purpose::Subscribe } else { Purpose::Unsubscribe };
                self.dispatch(now, said, purpose, None, out);
                self.leg.subs.next_at = (!ask.gap.is_zero()).then(|| now + ask.gap);
                let fresh = |id: &ServiceId| self.leg.subs.get(*id).is_none_or(|sub| !sub.asked);
                if numbers.is_empty() {
                    let added: Vec<_> = named.into_iter().filter(fresh).collect();
                    self.asked(now, ask, number.as_deref(), added, on, out);
                } else {
                    let added: Vec<_> = named.into_iter().zip(numbers).filter(|(id, _)| fresh(id)).collect();
                    for (id, number) in added {
                        self.asked(now, ask, Some(&*number), vec![id], on, out);
                    }
                }
                for (id, _) in changed.into_iter().filter(|(_, on)| !on) {
                    self.left(id);
                    self.news(now, id, ServiceState::Off, None, out);
                }
            }
            Err(text) => {
                for id in named.into_iter().filter(|id| changed.contains(&(*id, true))) {
                    self.not_asked(now, id, true, text.clone(), out);
                }
            }
        }
        true
    }

    /// It is said: what is awaited now.
    fn asked(
        &mut self,
        now: Ts,
        ask: &Ask,
        number: Option<&str>,
        services: Vec<ServiceId>,
        on: bool,
        out: &mut Outputs,
    ) {
        for &id in &services {
            if on {
                let sub = self.leg.subs.get_mut(id);
                sub.asked = true;
                (sub.id, sub.sid, sub.leave, sub.beyond) = (number.map(str::to_owned), None, false, false);
                if let (Via::Id, Some(number)) = (self.profile.route.via, number) {
                    self.leg.router.learn_id(&plain(number), id);
                }
            } else {
                self.left(id);
            }
            self.news(now, id, if on { ServiceState::Sent } else { ServiceState::Off }, None, out);
        }
        if ask.ack != Ack::None || ask.ack_timeout.is_some() {
            let until = ask.ack_timeout.map(|limit| (now + limit, limit));
            self.leg.subs.expect(Request { id: number.map(plain), services, on, until });
        }
    }

    /// A subscription is over on this link. What still comes by its number is late.
    pub(super) fn left(&mut self, id: ServiceId) {
        let via = self.profile.route.via;
        self.leg.subs.get_mut(id).asked = false;
        let Some(number) = self.leg.subs.get(id).and_then(|sub| sub.called(via)) else { return };
        // Several may have been asked for under one number.
        let shared = self.leg.subs.list.iter().any(|sub| sub.asked && sub.called(via).as_ref() == Some(&number));
        if !shared && self.leg.router.knows(&number).is_some() {
            self.leg.router.forget(&number);
        }
    }

    /// One service's share, and the number that it has of its own.
    fn share(
        &mut self,
        now: Ts,
        ask: &Ask,
        id: ServiceId,
        fresh: bool,
    ) -> Result<(Option<Said>, Option<String>), String> {
        let service = self.services.get(id).ok_or_else(String::new)?;
        let sub = self.leg.subs.get(id);
        let of = Asked { service, id: sub.and_then(|sub| sub.id.as_deref()), sid: sub.and_then(|s| s.sid.as_deref()) };
        let share = self.leg.speech.share(now.on_wall(self.wall), ask, of, fresh)?;
        Ok(share.map_or((None, None), |(said, number)| (Some(said), number)))
    }

    fn frame_for(
        &mut self,
        now: Ts,
        ask: &Ask,
        first: Option<ServiceId>,
        shares: &[Said],
        number: (bool, bool),
    ) -> Result<(Said, Option<String>), String> {
        let sub = first.and_then(|id| self.leg.subs.get(id));
        let first = first.and_then(|id| self.services.get(id)).map(|service| Asked {
            service,
            id: sub.and_then(|sub| sub.id.as_deref()),
            sid: sub.and_then(|sub| sub.sid.as_deref()),
        });
        self.leg.speech.ask(now.on_wall(self.wall), ask, first, shares, number)
    }

    /// An injected fault: the server never hears of the request, and says no to it where it says anything at all.
    fn refused_on_purpose(&mut self, now: Ts, id: ServiceId, ask: &Ask, out: &mut Outputs) -> bool {
        let refuses = self.services.get(id).is_some_and(|service| self.faults.refuses(&service.name));
        if refuses && ask.ack == Ack::None {
            self.news(now, id, ServiceState::Sent, None, out);
        } else if refuses {
            self.news(now, id, ServiceState::Refused, Some("refused by an injected fault".to_owned()), out);
        }
        refuses
    }

    fn not_asked(&mut self, now: Ts, id: ServiceId, on: bool, text: String, out: &mut Outputs) {
        let state = if on { ServiceState::Refused } else { ServiceState::Off };
        self.news(now, id, state, Some(text).filter(|_| on), out);
    }

    /// Whether a frame is as short as the profile wants it.
    pub(super) fn fits(&self, said: &Said) -> Result<(), String> {
        match self.profile.limits.send_bytes {
            Some(most) if said.text.len() > most => {
                let (is, most) = (size(said.text.len() as u64), size(most as u64));
                Err(format!("limit of the profile: a frame of {is}, and {most} are allowed"))
            }
            Some(_) | None => Ok(()),
        }
    }
}

fn uses(ask: &Ask, source: &Source) -> bool {
    ask.frame.uses(source) || ask.arg.as_ref().is_some_and(|arg| arg.uses(source))
}
