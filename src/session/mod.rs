//! The life of one feed across links, without a socket, a clock or a task.
//!
//! A [`Session`] decides; it never acts. It is told what happened and when ([`Session::handle`]), answers with what to
//! do ([`Output`]), and says when it next wants to be woken ([`Session::wake`]). So a test lives through an hour of
//! outages in a microsecond, and a recording of its inputs is a recording of everything.
//!
//! The lock against two reconnects at once is the phase: there is one current link or dial, it has a number ([`Gen`]),
//! and news of any other number is of something that was given up, and ignored.

pub mod backoff;
mod door;
mod link;
mod liveness;
mod messages;
mod outage;
mod policy;
pub mod router;
pub mod sequence;
mod services;
mod speech;
mod vitals;
mod wishes;

use std::sync::Arc;

use self::backoff::Random;
pub use self::door::{Input, Opcode, Output, Outputs, Payload, SendId};
use self::liveness::Liveness;
use self::outage::Outages;
use self::policy::Ends;
use self::router::{Arena, Note, Router};
use self::services::Services;
pub use self::speech::Secrets;
use self::speech::Speech;
use crate::event::{Counters, Due, Event, Gen, Phase, Snapshot, Why};
use crate::profile::{Profile, ServiceSpec};
use crate::time::{Ts, WallAnchor};

/// What a session is made of.
#[derive(Clone, Debug)]
pub struct Plan {
    pub profile: Arc<Profile>,
    pub services: Vec<ServiceSpec>,
    /// Of the jitter: the same seed gives the same run.
    pub seed: u64,
    pub wall: WallAnchor,
    /// What the profile's templates may read from outside.
    pub secrets: Secrets,
}

#[derive(Debug)]
pub struct Session {
    profile: Arc<Profile>,
    phase: Phase,
    /// When the phase changed last.
    since: Ts,
    link: Gen,
    next_send: u32,
    /// Of the dial under way, or the next: counts from 1 since a link last proved itself.
    attempt: u32,
    /// When the dial is given up, or the next begins; and since when that counts.
    deadline: Option<(Due, Ts, Ts)>,
    opened: Option<Ts>,
    /// This link did what it is for: an ack, data, or an answered beat.
    proven: bool,
    liveness: Liveness,
    services: Services,
    router: Router,
    arena: Arena,
    notes: Vec<Note>,
    pending: Vec<Event>,
    speech: Speech,
    outages: Outages,
    ends: Ends,
    random: Random,
    wall: WallAnchor,
    why: Option<Why>,
    counters: Counters,
}

impl Session {
    pub fn new(plan: Plan) -> Self {
        let profile = plan.profile;
        let services = Services::new(&profile, &plan.services);
        let speech = Speech::new(plan.secrets);
        let mut router = Router::new(Arc::clone(&profile));
        for id in services.ids() {
            if let Some(service) = services.get(id) {
                router.learn(&speech.key_of(&profile, service), id);
            }
        }
        Self {
            phase: Phase::Idle,
            since: Ts::ZERO,
            link: Gen(0),
            next_send: 0,
            attempt: 1,
            deadline: None,
            opened: None,
            proven: false,
            liveness: Liveness::new(&profile),
            services,
            router,
            arena: Arena::default(),
            notes: Vec::new(),
            pending: Vec::new(),
            speech,
            outages: Outages::default(),
            ends: Ends::default(),
            random: Random(plan.seed),
            wall: plan.wall,
            why: None,
            counters: Counters::default(),
            profile,
        }
    }

    /// Takes in one thing that happened at `now`, and adds what to do about it to `out`.
    pub fn handle(&mut self, now: Ts, input: Input<'_>, out: &mut Outputs) {
        match input {
            Input::Start => self.start(now, out),
            Input::Frame(link, opcode, payload) if self.is_open(link) => self.frame(now, opcode, payload, out),
            Input::Bytes { link, midway, .. } if self.is_open(link) => {
                let answered = self.liveness.bytes(now, midway);
                self.answered(now, answered, out);
            }
            Input::Flushed(link, id) if self.is_open(link) => self.liveness.written(now, id),
            Input::Closed(link, why) if self.is_open(link) => self.end(now, why, out),
            Input::Dialed { link, phases, address, subprotocol } if self.is_dialing(link) => {
                self.tell(Event::Open { phases, address, subprotocol }, out);
                self.open(now, out);
            }
            Input::DialFailed { link, why, phases } if self.is_dialing(link) => self.dial_failed(now, why, phases, out),
            // News of a link or dial that was given up.
            Input::Frame(..)
            | Input::Bytes { .. }
            | Input::Flushed(..)
            | Input::Closed(..)
            | Input::Dialed { .. }
            | Input::DialFailed { .. } => {}
            Input::Dry => self.hand_over(out),
            Input::Command(command) => self.command(now, &command, out),
            Input::Slept(length) => self.slept(now, length, out),
            Input::Wall(anchor) => self.wall = anchor,
            Input::Backpressure(on) => {
                self.liveness.hold(now, on);
                self.tell(Event::Backpressure { on }, out);
            }
            Input::Tick => self.expire(now, out),
        }
    }

    /// The next deadline, whatever it is for: call [`Session::handle`] with [`Input::Tick`] then.
    pub fn wake(&self) -> Option<Ts> {
        let deadline = self.deadline.map(|(_, _, until)| until);
        let living = if self.has_link() { earliest(self.liveness.wake(), self.services.wake()) } else { None };
        earliest(earliest(deadline, living), self.outages.wake())
    }

    /// Writes the state as it stands into `to`, so that its allocations serve again.
    pub fn snapshot(&mut self, now: Ts, to: &mut Snapshot) {
        to.at = now;
        to.phase = self.phase;
        to.link = self.link;
        to.attempt = self.attempt;
        to.due = self.deadline.or_else(|| self.liveness.due().filter(|_| self.has_link()));
        to.since = self.since;
        to.opened = self.opened;
        to.last_byte = (self.counters.opens > 0).then(|| self.liveness.last_byte());
        to.beat_sent = self.liveness.asked().filter(|_| self.has_link());
        to.rtt = self.liveness.rtt();
        to.why.clone_from(&self.why);
        to.outage = self.outages.latest(now);
        to.counters = self.counters;
        self.services.views(&mut to.services);
    }

    pub fn phase(&self) -> Phase {
        self.phase
    }

    fn is_dialing(&self, link: Gen) -> bool {
        self.phase == Phase::Dialing && link == self.link
    }

    fn is_open(&self, link: Gen) -> bool {
        self.has_link() && link == self.link
    }

    fn has_link(&self) -> bool {
        match self.phase {
            Phase::LoggingIn | Phase::Open | Phase::Probing => true,
            Phase::Idle | Phase::Dialing | Phase::Waiting | Phase::Stopped | Phase::Paused => false,
        }
    }

    fn enter(&mut self, now: Ts, phase: Phase) {
        if self.phase != phase {
            self.phase = phase;
            self.since = now;
        }
    }

    /// Tells an event, after the rows that came before it.
    fn tell(&mut self, event: Event, out: &mut Outputs) {
        self.hand_over(out);
        out.push(Output::Tell(event));
    }

    fn hand_over(&mut self, out: &mut Outputs) {
        if !self.arena.is_empty() {
            out.push(Output::Tell(Event::Rows(self.arena.take())));
        }
    }
}

fn earliest(a: Option<Ts>, b: Option<Ts>) -> Option<Ts> {
    a.into_iter().chain(b).min()
}
