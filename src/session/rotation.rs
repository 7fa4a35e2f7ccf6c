//! A planned change of link: the next one is dialed, logged in and subscribed before the old one is left.
//!
//! While that runs the feed has two links. Rows of both are taken until the old one is left, so that nothing is lost between
//! them; what comes twice by its number is not told as repeated. Numbers that begin anew on each link are not followed on
//! the new one before that. A successor that fails is tried again later, and the old link stays; an old link that ends
//! early leaves its place to the successor, however far that is. The successor goes where the server said that it should,
//! or else where any dial goes.

use std::time::Duration;

use super::leg::Leg;
use super::policy::SHORT;
use super::{Output, Outputs, Random, Session, backoff};
use crate::event::{Event, Phase, ServiceState, Why};
use crate::profile::template::Source;
use crate::profile::{Action, LiveOn, Rule};
use crate::time::Ts;

/// How long the old link is kept for services that the new one was asked for and has not agreed to.
const PATIENCE: Duration = Duration::from_secs(10);
/// The least wait after a successor that failed.
const LEAST_WAIT: Duration = Duration::from_secs(5);

impl Session {
    /// How long a link is used.
    pub(super) fn lifetime(&self) -> Option<Duration> {
        let limits = &self.profile.limits;
        let life = limits.lifetime?;
        // A margin that leaves nothing of the life is a mistake.
        Some(life.saturating_sub(limits.lifetime_margin).max(life / 2).max(SHORT))
    }

    /// Begins a change of link, unless one runs. A link that is hardly open is given its time.
    pub(super) fn rotate(&mut self, now: Ts, out: &mut Outputs) {
        let Some(opened) = self.leg.opened.filter(|_| self.leg.has_link()) else { return };
        if self.beside || self.next.is_some() {
            return;
        }
        if now - opened < SHORT || self.leg.ready.is_none() {
            let soon = (opened + SHORT).max(now + Duration::from_secs(1));
            self.leg.rotate_at = Some(self.leg.rotate_at.map_or(soon, |at| at.min(soon)));
            return;
        }
        self.leg.rotate_at = None;
        self.changes = self.changes.saturating_add(1);
        let random = Random(self.random.next_bits());
        let mut successor = self.leg.successor(&self.profile, random);
        successor.learn(&self.profile, &self.services);
        self.next = Some(Box::new(successor));
        self.on_successor(|session| session.dial(now, out));
    }

    /// Where a message wants the next link to go, if it says that: what was just captured of it is in the place to resume at.
    pub(super) fn address_said(&mut self, now: Ts, rule: &Rule) -> Option<String> {
        let url = self.profile.endpoint.resume_url.as_ref().filter(|_| rule.action == Action::Rotate)?;
        rule.capture.iter().find(|capture| url.uses(&Source::Capture(capture.name.clone())))?;
        self.leg.speech.say(now.on_wall(self.wall), url).ok().map(|said| said.text)
    }

    /// Does something as if the successor were the link at hand.
    pub(super) fn on_successor(&mut self, act: impl FnOnce(&mut Self)) {
        let Some(next) = &mut self.next else { return };
        std::mem::swap(&mut self.leg, &mut **next);
        self.beside = true;
        act(self);
        self.beside = false;
        if let Some(next) = &mut self.next {
            std::mem::swap(&mut self.leg, &mut **next);
        }
    }

    /// Looks how far the change of link is.
    pub(super) fn review(&mut self, now: Ts, out: &mut Outputs) {
        match &self.next {
            None => {
                if self.leg.rotate_at.is_some_and(|at| at <= now) {
                    self.leg.rotate_at = None;
                    self.rotate(now, out);
                }
            }
            Some(next) if next.phase == Phase::Idle => {
                self.next = None;
                let wait = backoff::delay(&self.profile.reconnect, self.changes, self.random.next_unit());
                self.leg.rotate_at = Some(now + wait.max(LEAST_WAIT));
            }
            Some(next) if self.is_settled(next, now) => {
                let up = self.leg.opened.map_or(Duration::ZERO, |opened| now - opened);
                let silent = now - self.leg.liveness.last_byte();
                let why = Why::Planned;
                out.push(Output::CloseWith(self.leg.number, 1000));
                self.tell(Event::Closed { why: why.clone(), up, silent }, out);
                self.why = Some(why);
                self.succeed(now, out);
            }
            Some(_) => {}
        }
    }

    /// When the change of link is to be looked at, whatever happens.
    pub(super) fn review_at(&self) -> Option<Ts> {
        self.next.as_ref()?.ready.map(|ready| ready + PATIENCE)
    }

    fn is_settled(&self, next: &Leg, now: Ts) -> bool {
        let Some(ready) = next.ready.filter(|_| next.has_link()) else { return false };
        if now >= ready + PATIENCE {
            return true;
        }
        let live_on = self.profile.subscribe.as_ref().map_or(LiveOn::Sent, |ask| ask.live_on);
        let agreed = |state| match (state, live_on) {
            (ServiceState::Sent, LiveOn::Sent)
            | (ServiceState::Acked, LiveOn::Sent | LiveOn::Ack)
            | (ServiceState::Live | ServiceState::Stale | ServiceState::Refused, _) => true,
            (ServiceState::Sent | ServiceState::Acked | ServiceState::Wanted | ServiceState::Off, _) => false,
        };
        next.subs.is_quiet() && self.services.wanted().all(|id| agreed(next.subs.state(id)))
    }

    /// Whether the successor can take over without a time between.
    pub(super) fn succeeds_now(&self) -> bool {
        self.next.as_ref().is_some_and(|next| next.ready.is_some() && next.has_link())
    }

    /// The successor takes the place of the link, which is gone or left.
    pub(super) fn succeed(&mut self, now: Ts, out: &mut Outputs) {
        let Some(next) = self.next.take() else { return };
        self.leg = *next;
        self.leg.may_resume = true;
        self.changes = 0;
        self.attempt = 1;
        let Some(opening) = self.leg.opening.take() else { return };
        self.opened(opening, out);
        if self.leg.ready.is_none() {
            return;
        }
        self.tell(Event::Ready, out);
        for id in self.services.ids() {
            let (state, text) = match self.leg.subs.get(id) {
                Some(sub) => (sub.state, sub.text.clone()),
                None => continue,
            };
            let shown = self.services.get(id).map_or(ServiceState::Off, |service| service.state);
            let flows = matches!(shown, ServiceState::Live | ServiceState::Stale)
                && matches!(state, ServiceState::Sent | ServiceState::Acked | ServiceState::Live);
            if !flows && let Some(event) = self.services.set(now, id, state, text) {
                self.tell(event, out);
            }
        }
    }

    pub(super) fn drop_successor(&mut self, out: &mut Outputs) {
        if let Some(next) = self.next.take()
            && (next.has_link() || next.phase == Phase::Dialing)
        {
            out.push(Output::Abort(next.number));
        }
    }
}
