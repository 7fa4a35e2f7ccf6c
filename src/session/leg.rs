//! One link of a feed, from its dial to its end: all that is void when it ends. A session has one, and a second only while
//! a planned change of link runs. What happens on it is decided in the files of the session's turns (`link`, `login`,
//! `asking`, `acks`, `rotation`).

use std::sync::Arc;

use super::backoff::Random;
use super::earliest;
use super::liveness::Liveness;
use super::login::Login;
use super::outbox::Outbox;
use super::router::Router;
use super::services::Services;
use super::speech::{Secrets, Speech};
use super::subs::Subs;
use crate::event::{Due, Event, Gen, Phase};
use crate::profile::{Profile, Via};
use crate::time::Ts;

#[derive(Debug)]
pub(super) struct Leg {
    pub(super) number: Gen,
    pub(super) phase: Phase,
    /// When the phase changed last.
    pub(super) since: Ts,
    /// When the dial or the step of the login is given up, or the next dial begins; and since when that counts.
    pub(super) deadline: Option<(Due, Ts, Ts)>,
    pub(super) booking: Booking,
    pub(super) calling: Calling,
    pub(super) opened: Option<Ts>,
    /// The login is done.
    pub(super) ready: Option<Ts>,
    /// What is told of its opening.
    pub(super) opening: Option<Event>,
    /// It did what it is for: an ack, data, or an answered beat.
    pub(super) proven: bool,
    pub(super) login: Option<Login>,
    /// Whether a session may be resumed on it, and whether that is under way.
    pub(super) may_resume: bool,
    /// How often it was logged in again, and when the last time was.
    pub(super) again: (u32, Ts),
    /// When its successor is dialed.
    pub(super) rotate_at: Option<Ts>,
    /// Where the server wants us next: its successor goes there, or else the next dial.
    pub(super) address: Option<String>,
    pub(super) liveness: Liveness,
    pub(super) router: Router,
    pub(super) speech: Speech,
    pub(super) subs: Subs,
    pub(super) outbox: Outbox,
}

/// A place in the line of the host's dials.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Booking {
    None,
    Asked,
    Given,
}

/// How far a dial is, and where it goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Calling {
    Usual,
    /// To where a session is resumed; so since then, until a link opens.
    Resuming,
    /// A program is asked where.
    Asking,
}

impl Leg {
    pub(super) fn new(profile: &Arc<Profile>, secrets: Secrets, random: Random) -> Self {
        let speech = Speech::new(profile, secrets, random);
        Self::with(profile, speech, Router::new(Arc::clone(profile)))
    }

    fn with(profile: &Arc<Profile>, speech: Speech, router: Router) -> Self {
        Self {
            number: Gen(0),
            phase: Phase::Idle,
            since: Ts::ZERO,
            deadline: None,
            booking: Booking::None,
            calling: Calling::Usual,
            opened: None,
            ready: None,
            opening: None,
            proven: false,
            login: None,
            may_resume: true,
            again: (0, Ts::ZERO),
            rotate_at: None,
            address: None,
            liveness: Liveness::new(profile),
            router,
            speech,
            subs: Subs::default(),
            outbox: Outbox::new(&profile.limits),
        }
    }

    /// One that is to take its place. It begins a session of its own: resuming would take this one's away.
    pub(super) fn successor(&self, profile: &Arc<Profile>, random: Random) -> Self {
        let mut router = self.router.clone();
        router.relink();
        Self {
            may_resume: false,
            address: self.address.clone(),
            ..Self::with(profile, self.speech.beside(random), router)
        }
    }

    /// A new link: nothing of the old one holds any more.
    pub(super) fn relink(&mut self, now: Ts, random: &mut Random) {
        self.opened = Some(now);
        self.calling = Calling::Usual;
        self.ready = None;
        self.proven = false;
        self.login = None;
        self.router.note_all(false);
        self.again = (0, Ts::ZERO);
        self.rotate_at = None;
        self.address = None;
        self.router.relink();
        self.speech.relink();
        self.subs.relink();
        self.outbox.relink();
        self.liveness.learn(now, &self.speech);
        self.liveness.open(now, random);
    }

    /// Services are found by the keys that the profile makes of them, unless it finds them by what their subscriptions are
    /// called.
    pub(super) fn learn(&mut self, profile: &Profile, services: &Services) {
        if profile.route.via == Via::Key {
            for id in services.ids() {
                if let Some(service) = services.get(id) {
                    self.router.learn(&service.key, id);
                }
            }
        }
    }

    pub(super) fn enter(&mut self, now: Ts, phase: Phase) {
        if self.phase != phase {
            self.phase = phase;
            self.since = now;
        }
    }

    pub(super) fn has_link(&self) -> bool {
        match self.phase {
            Phase::LoggingIn | Phase::Open | Phase::Probing => true,
            Phase::Idle | Phase::Dialing | Phase::Waiting | Phase::Stopped | Phase::Paused => false,
        }
    }

    pub(super) fn wake(&self) -> Option<Ts> {
        let deadline = self.deadline.map(|(_, _, until)| until);
        if !self.has_link() {
            return deadline;
        }
        let rest = [self.liveness.wake(), self.speak_at(), self.subs.wake()];
        rest.into_iter().fold(deadline, earliest)
    }

    /// When what waits to be sent may be.
    fn speak_at(&self) -> Option<Ts> {
        let free = self.outbox.free_at().unwrap_or_default();
        if self.outbox.is_waiting() {
            return Some(free);
        }
        let gap = self.subs.speak_at().filter(|_| self.ready.is_some())?;
        Some(free.max(gap))
    }
}
