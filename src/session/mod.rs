//! The life of one feed across links, without a socket, a clock or a task.
//!
//! A [`Session`] decides; it never acts. It is told what happened and when ([`Session::handle`]), answers with what to
//! do ([`Output`]), and says when it next wants to be woken ([`Session::wake`]). So a test lives through an hour of
//! outages in a microsecond, and a recording of its inputs is a recording of everything.
//!
//! The lock against two reconnects at once is the phase: there is one current link or dial (`leg::Leg`), and only while a
//! planned change of link runs one successor. Each has a number ([`Gen`]), and news of any other number is of something
//! that was given up, and ignored.

mod acks;
mod asking;
pub mod backoff;
mod bending;
mod course;
mod door;
mod faults;
mod hand;
mod leg;
mod lengths;
mod link;
mod liveness;
mod login;
mod messages;
mod outage;
mod outbox;
mod partial;
pub mod policy;
mod programs;
mod rotation;
pub mod router;
pub mod sequence;
mod services;
mod speech;
mod subs;
mod vitals;
mod wishes;

use std::sync::Arc;

use self::backoff::{Brake, Random};
pub use self::door::{Call, Input, Opcode, Output, Outputs, Payload, Program, SendId, To};
use self::faults::Faults;
use self::leg::Leg;
use self::outage::Outages;
use self::policy::Ends;
use self::router::{Arena, Note};
use self::services::Services;
pub use self::speech::Secrets;
use crate::event::{Counters, Event, Gen, Phase, Snapshot, Why};
use crate::profile::{Action, Profile, ServiceSpec};
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
    /// The link at hand, or the dial, or the wait for one.
    leg: Leg,
    /// Its successor, while a planned change of link runs; while `beside`, the two have changed places.
    next: Option<Box<Leg>>,
    beside: bool,
    /// Planned changes that were tried since one succeeded.
    changes: u32,
    latest: Gen,
    next_send: u32,
    /// Of the dial under way, or the next: counts from 1 since a link last proved itself.
    attempt: u32,
    services: Services,
    arena: Arena,
    notes: Vec<Note>,
    pending: Vec<Event>,
    outages: Outages,
    ends: Ends,
    brake: Brake,
    faults: Faults,
    seed: u64,
    random: Random,
    wall: WallAnchor,
    why: Option<Why>,
    counters: Counters,
    courses: course::Recorders,
    tempo: hand::Tempo,
}

impl Session {
    pub fn new(plan: Plan) -> Self {
        let profile = plan.profile;
        let mut services = Services::new(&profile, &plan.services);
        let mut leg = Leg::new(&profile, plan.secrets, Random(!plan.seed));
        for id in services.ids() {
            let key = services.get(id).map(|service| leg.speech.key_of(&profile, service));
            if let (Some(service), Some(key)) = (services.get_mut(id), key) {
                service.key = key;
            }
        }
        leg.learn(&profile, &services);
        Self {
            leg,
            next: None,
            beside: false,
            changes: 0,
            latest: Gen(0),
            next_send: 0,
            attempt: 1,
            services,
            arena: Arena::default(),
            notes: Vec::new(),
            pending: Vec::new(),
            outages: Outages::default(),
            ends: Ends::default(),
            brake: Brake::default(),
            faults: Faults::default(),
            seed: plan.seed,
            random: Random(plan.seed),
            wall: plan.wall,
            why: None,
            counters: Counters::default(),
            courses: course::Recorders::default(),
            tempo: hand::Tempo::default(),
            profile,
        }
    }

    /// Takes in one thing that happened at `now`, and adds what to do about it to `out`.
    pub fn handle(&mut self, now: Ts, input: Input<'_>, out: &mut Outputs) {
        match input.link() {
            Some(link) if link == self.leg.number => self.hear(now, input, out),
            Some(link) if self.next.as_ref().is_some_and(|next| next.number == link) => {
                self.on_successor(|session| session.hear(now, input, out));
            }
            // News of a link or dial that was given up.
            Some(_) => return,
            None => self.happen(now, input, out),
        }
        if self.next.is_some() || self.leg.rotate_at.is_some() {
            self.review(now, out);
        }
    }

    /// News of the link or dial at hand.
    fn hear(&mut self, now: Ts, input: Input<'_>, out: &mut Outputs) {
        let (has_link, is_dialing) = (self.leg.has_link(), self.leg.phase == Phase::Dialing);
        if let Input::Bytes { count, .. } = input {
            self.counters.wire += count;
        }
        match input {
            Input::Frame(_, opcode, payload) if has_link => {
                self.counters.payload += payload.len() as u64;
                self.frame(now, opcode, payload, out);
            }
            // Whether they were kept back is known when they are a message.
            Input::Bytes { midway, .. }
                if has_link && self.faults.judges && !(midway && self.faults.lets_bytes_live()) => {}
            Input::Bytes { midway, .. } if has_link => {
                let answered = self.leg.liveness.bytes(now, midway);
                self.answered(now, answered, out);
            }
            Input::Flushed(_, id) if has_link => self.leg.liveness.written(now, id),
            Input::Closed(_, why) if has_link => self.end(now, why, Action::None, out),
            Input::RunDone { result, .. } if has_link || is_dialing => self.program_done(now, result, out),
            Input::Dialed { phases, address, subprotocol, extensions, .. } if is_dialing => {
                self.open(now, Event::Open { phases, address, subprotocol, extensions }, out);
            }
            Input::DialFailed { why, phases, .. } if is_dialing => self.dial_failed(now, why, phases, out),
            Input::Booked { wait, .. } => self.booked(now, wait, out),
            // It came too late, or is no news of a link.
            Input::Frame(..)
            | Input::Bytes { .. }
            | Input::Flushed(..)
            | Input::Closed(..)
            | Input::RunDone { .. }
            | Input::Dialed { .. }
            | Input::DialFailed { .. }
            | Input::Start
            | Input::Dry
            | Input::Command(_)
            | Input::Slept(_)
            | Input::Wall(_)
            | Input::Backpressure(_)
            | Input::Tick => {}
        }
    }

    /// What happens whatever the link.
    fn happen(&mut self, now: Ts, input: Input<'_>, out: &mut Outputs) {
        match input {
            Input::Start => self.start(now, out),
            Input::Dry => self.hand_over(out),
            Input::Command(command) => self.command(now, &command, out),
            Input::Slept(length) => self.slept(now, length, out),
            Input::Wall(anchor) => self.wall = anchor,
            Input::Backpressure(on) => {
                self.leg.liveness.hold(now, on);
                self.on_successor(|session| session.leg.liveness.hold(now, on));
                self.tell(Event::Backpressure { on }, out);
            }
            Input::Tick => {
                self.expire(now, out);
                self.on_successor(|session| session.expire(now, out));
                self.expire_services(now, out);
                self.expire_faults(now, out);
            }
            Input::Frame(..)
            | Input::Bytes { .. }
            | Input::Flushed(..)
            | Input::Closed(..)
            | Input::RunDone { .. }
            | Input::Booked { .. }
            | Input::Dialed { .. }
            | Input::DialFailed { .. } => {}
        }
    }

    /// The next deadline, whatever it is for: call [`Session::handle`] with [`Input::Tick`] then.
    pub fn wake(&self) -> Option<Ts> {
        let living = self.leg.has_link();
        let services = self.services.wake().filter(|_| living);
        let change = match &self.next {
            Some(next) => earliest(next.wake(), self.review_at()),
            None => self.leg.rotate_at.filter(|_| living),
        };
        [services, change, self.outages.wake(), self.faults.wake(living)].into_iter().fold(self.leg.wake(), earliest)
    }

    /// Writes the state as it stands into `to`, so that its allocations serve again.
    pub fn snapshot(&mut self, now: Ts, to: &mut Snapshot) {
        let living = self.leg.has_link();
        to.at = now;
        to.phase = self.leg.phase;
        to.link = self.leg.number;
        to.attempt = self.attempt;
        to.due = self.leg.deadline.or_else(|| self.leg.liveness.due().filter(|_| living));
        to.since = self.leg.since;
        to.opened = self.leg.opened;
        to.last_byte = (self.counters.opens > 0).then(|| self.leg.liveness.last_byte());
        to.beat = self.tempo.wanted;
        to.beat_sent = self.leg.liveness.asked().filter(|_| living);
        to.rtt = self.leg.liveness.rtt();
        to.why.clone_from(&self.why);
        to.outage = self.outages.latest(now);
        to.counters = self.counters;
        self.services.views(&mut to.services);
        self.courses.show(now, &mut to.courses);
    }

    /// Of all that is left to chance.
    pub fn seed(&self) -> u64 {
        self.seed
    }

    pub fn phase(&self) -> Phase {
        self.leg.phase
    }

    /// Each link and dial has a number of its own.
    fn next_link(&mut self) -> Gen {
        self.latest = Gen(self.latest.0.wrapping_add(1));
        self.latest
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
