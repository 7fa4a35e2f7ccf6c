//! The life of one feed across links, without a socket, a clock or a task.
//!
//! A [`Session`] decides; it never acts. It is told what happened and when ([`Session::handle`]), answers with what to
//! do ([`Output`]), and says when it next wants to be woken ([`Session::wake`]). So a test lives through an hour of
//! outages in a microsecond, and a recording of its inputs is a recording of everything.
//!
//! The lock against two reconnects at once is the phase: there is one current link or dial, it has a number ([`Gen`]),
//! and news of any other number is of something that was given up, and ignored.

pub mod backoff;
mod liveness;
mod outage;
mod policy;
pub mod router;
pub mod sequence;
mod services;
mod speech;
mod vitals;

use std::sync::Arc;
use std::time::Duration;

use self::backoff::Random;
use self::liveness::{Expired, Liveness};
use self::outage::Outages;
use self::policy::{Ends, Next};
use self::router::{Arena, Note, Router};
use self::services::Services;
pub use self::speech::Secrets;
use self::speech::Speech;
use crate::event::{
    Command, Counters, DialPhase, Due, Event, Gen, How, Kind, Phase, Phases, Purpose, ServiceId, ServiceState,
    Snapshot, Why,
};
use crate::profile::{Beat, Life, Profile, ServiceSpec};
use crate::time::{Ts, WallAnchor};

/// Which of the things that were sent on a link.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SendId(pub u32);

/// The data frames of a WebSocket (RFC 6455, section 5.6), and its pings and pongs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Opcode {
    Text,
    Binary,
    Ping,
    Pong,
}

/// Something that happened.
#[derive(Clone, Debug, PartialEq)]
pub enum Input<'a> {
    /// Begin: the first dial.
    Start,
    Dialed {
        link: Gen,
        phases: Phases,
        address: Option<String>,
        subprotocol: Option<String>,
    },
    DialFailed {
        link: Gen,
        why: Why,
        phases: Phases,
    },
    /// A whole message.
    Frame(Gen, Opcode, &'a [u8]),
    /// Bytes of the WebSocket came in; `midway`: they end inside of a data message that is not whole yet.
    Bytes {
        link: Gen,
        count: u64,
        midway: bool,
    },
    /// What was handed over under that number is written to the socket.
    Flushed(Gen, SendId),
    /// The link is at its end.
    Closed(Gen, Why),
    /// The socket was read dry: what was gathered may go.
    Dry,
    Command(Command),
    /// The machine slept, or the driver was kept from running, for so long until now.
    Slept(Duration),
    /// The wall clock was set.
    Wall(WallAnchor),
    /// The reader of our output is slow, so the socket is not read (`true`), or is again.
    Backpressure(bool),
    /// The deadline has come.
    Tick,
}

/// Something to do.
#[derive(Clone, Debug, PartialEq)]
pub enum Output {
    /// Dial, and call the link by this number.
    Dial(Gen),
    Send(Gen, SendId, Payload),
    /// Say goodbye with this code, and let go of the link soon after.
    CloseWith(Gen, u16),
    /// Drop the socket or the dial at once.
    Abort(Gen),
    Tell(Event),
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Payload {
    Text(String),
    Ping(Vec<u8>),
}

/// What to do, in order.
pub type Outputs = Vec<Output>;

/// The whole of a dial may take so long, whatever its steps may.
const DIAL_LIMIT: Duration = Duration::from_secs(30);

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
            Input::Command(command) => self.command(now, command, out),
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

    fn start(&mut self, now: Ts, out: &mut Outputs) {
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

    fn dial(&mut self, now: Ts, out: &mut Outputs) {
        self.link = Gen(self.link.0.wrapping_add(1));
        self.deadline = Some((Due::DialTimeout, now, now + DIAL_LIMIT));
        self.enter(now, Phase::Dialing);
        self.counters.dials += 1;
        self.outages.dialing();
        self.tell(Event::Dialing { attempt: self.attempt }, out);
        out.push(Output::Dial(self.link));
    }

    fn open(&mut self, now: Ts, out: &mut Outputs) {
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
        findings.into_iter().for_each(|event| self.tell(event, out));
        let wanted: Vec<_> = self.services.wanted().collect();
        if let Some(down) = self.outages.back(now, wanted.iter().copied()) {
            self.counters.downtime += down;
        }
        for id in wanted {
            self.subscribe(now, id, out);
        }
        self.settle_outage(now, false, out);
    }

    fn subscribe(&mut self, now: Ts, id: ServiceId, out: &mut Outputs) {
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

    fn unsubscribe(&mut self, now: Ts, id: ServiceId, out: &mut Outputs) {
        let profile = Arc::clone(&self.profile);
        if let (Some(ask), Some(service)) = (&profile.unsubscribe, self.services.get_mut(id))
            && let Ok(said) = self.speech.unsubscribe(now.on_wall(self.wall), ask, service)
        {
            self.send(said, Purpose::Unsubscribe, Some(id), out);
        }
        self.news(now, id, ServiceState::Off, None, out);
    }

    fn news(&mut self, now: Ts, id: ServiceId, state: ServiceState, text: Option<String>, out: &mut Outputs) {
        if let Some(event) = self.services.set(now, id, state, text) {
            self.tell(event, out);
        }
    }

    fn send(&mut self, said: speech::Said, purpose: Purpose, service: Option<ServiceId>, out: &mut Outputs) {
        let bytes = said.text.len() as u64;
        let id = self.next_id();
        out.push(Output::Send(self.link, id, Payload::Text(said.text)));
        self.tell(Event::Sent { purpose, service, text: said.masked, bytes }, out);
    }

    fn next_id(&mut self) -> SendId {
        self.next_send = self.next_send.wrapping_add(1);
        SendId(self.next_send)
    }

    fn frame(&mut self, now: Ts, opcode: Opcode, payload: &[u8], out: &mut Outputs) {
        let sign = match opcode {
            Opcode::Text | Opcode::Binary => self.message(now, opcode, payload, out),
            Opcode::Pong if self.liveness.is_our_pong(payload) => Life::Answer,
            Opcode::Ping | Opcode::Pong => Life::Any,
        };
        let answered = self.liveness.hear(now, sign);
        self.answered(now, answered, out);
        if self.arena.is_full() {
            self.hand_over(out);
        }
    }

    fn answered(&mut self, now: Ts, answered: Option<(How, Duration)>, out: &mut Outputs) {
        if let Some((how, rtt)) = answered {
            self.proven = true;
            self.counters.beats_answered += 1;
            if self.liveness.asked().is_none() {
                self.enter(now, Phase::Open);
            }
            self.tell(Event::BeatAnswered { how, rtt }, out);
        }
    }

    /// Cuts a message into rows, counts them, and does what the rules say. Says what sign of life it was.
    fn message(&mut self, now: Ts, opcode: Opcode, payload: &[u8], out: &mut Outputs) -> Life {
        let first = self.arena.rows().len();
        self.router.route(now, self.wall, opcode, payload, &mut self.arena, &mut self.notes);
        if !self.notes.is_empty() {
            self.discover(out);
        }
        let mut sign = Life::Message;
        let restoring = self.outages.is_restoring();
        for index in first..self.arena.rows().len() {
            let row = self.arena.rows()[index];
            self.counters.messages += 1;
            self.counters.bytes += u64::from(row.len);
            let data = matches!(row.kind, Kind::Data | Kind::Snapshot);
            self.proven |= data || row.kind == Kind::Ack;
            if row.kind == Kind::Pong {
                sign = Life::Answer;
            }
            let Some(id) = row.service else {
                self.counters.unrouted += u64::from(matches!(row.kind, Kind::Data | Kind::Snapshot | Kind::Other));
                continue;
            };
            let sequence = self.arena.sequence(index);
            let Some(heard) = self.services.hear(now, id, &row, sequence, &mut self.pending) else { continue };
            if heard.missed > 0 {
                self.outages.missed(heard.missed);
            }
            if heard.found > 0 {
                self.outages.found(heard.found);
            }
            if data && restoring {
                self.outages.data(now, id);
            }
            self.pending.extend(heard.news);
        }
        if !self.notes.is_empty() {
            self.obey_rules(now, payload, out);
        }
        if !self.pending.is_empty() {
            let mut pending = std::mem::take(&mut self.pending);
            pending.drain(..).for_each(|event| self.tell(event, out));
            self.pending = pending;
        }
        if restoring {
            self.settle_outage(now, false, out);
        }
        sign
    }

    /// Services seen for the first time get a number, before their rows are told.
    fn discover(&mut self, out: &mut Outputs) {
        for note in &self.notes {
            let Note::Unknown { row, key } = note else { continue };
            let id = self.router.knows(key).or_else(|| {
                let spec = ServiceSpec { name: key.clone(), ..ServiceSpec::default() };
                let id = self.services.add(&self.profile, &spec, true)?;
                self.router.learn(key, id);
                out.extend(self.services.get(id).map(|service| Output::Tell(service.news(id))));
                Some(id)
            });
            if let Some(id) = id {
                self.arena.assign(*row, id);
            }
        }
    }

    /// What the rules that matched want done: values kept, answers sent, services agreed to or refused.
    fn obey_rules(&mut self, now: Ts, frame: &[u8], out: &mut Outputs) {
        let profile = Arc::clone(&self.profile);
        let mut deeds = Vec::new();
        for note in self.notes.drain(..) {
            match note {
                // A message beyond the limit of rows is in the row that holds the rest.
                Note::Unknown { .. } | Note::TooMany { .. } => {}
                Note::NotJson { .. } => self.counters.not_json += 1,
                Note::Rule { row, rule, origin } => {
                    let (Some(known), Some(rule)) = (self.arena.rows().get(row), profile.rules.get(rule)) else {
                        continue;
                    };
                    let message = self.router.view(frame, &self.arena, row, &origin);
                    deeds.push((known.kind, known.service, self.speech.obey(now.on_wall(self.wall), rule, &message)));
                }
            }
        }
        // Only now: telling hands the rows over.
        for (kind, service, deed) in deeds {
            if let Some(said) = deed.answer {
                self.send(said, Purpose::Reply, service, out);
            }
            match (kind, service) {
                (Kind::Ack, Some(id)) => self.agreed(now, id, deed.text, out),
                (Kind::Nack, Some(id)) => self.news(now, id, ServiceState::Refused, deed.text, out),
                (Kind::End, Some(id)) => self.news(now, id, ServiceState::Off, deed.text, out),
                (Kind::Fatal, _) => return self.end(now, Why::Fatal { text: deed.text.unwrap_or_default() }, out),
                (
                    Kind::Ack
                    | Kind::Nack
                    | Kind::End
                    | Kind::Data
                    | Kind::Snapshot
                    | Kind::Ping
                    | Kind::Pong
                    | Kind::Heartbeat
                    | Kind::Hello
                    | Kind::Notice
                    | Kind::Error
                    | Kind::Goodbye
                    | Kind::Other,
                    _,
                ) => {}
            }
        }
    }

    /// The server said yes. Data may have said so before.
    fn agreed(&mut self, now: Ts, id: ServiceId, text: Option<String>, out: &mut Outputs) {
        if self.services.get(id).is_some_and(|service| service.state == ServiceState::Sent) {
            self.news(now, id, ServiceState::Acked, text, out);
        }
    }

    fn settle_outage(&mut self, now: Ts, link_gone: bool, out: &mut Outputs) {
        let numbered = !self.profile.sequences.is_empty();
        if let Some(outage) = self.outages.end(now, numbered, link_gone) {
            self.tell(Event::Outage(Box::new(outage)), out);
        }
    }

    fn dial_failed(&mut self, now: Ts, why: Why, phases: Phases, out: &mut Outputs) {
        self.tell(Event::DialFailed { attempt: self.attempt, why: why.clone(), phases }, out);
        self.fall_back(now, why, None, None, out);
    }

    /// The open link is over: let go of it, say so, and see what comes next.
    fn end(&mut self, now: Ts, why: Why, out: &mut Outputs) {
        let up = self.opened.map_or(Duration::ZERO, |opened| now - opened);
        self.let_go(&why, out);
        self.closed(now, why.clone(), up, out);
        if up >= self.profile.reconnect.reset_after && self.proven {
            self.attempt = 0;
        }
        let detect = now - self.liveness.last_byte();
        self.fall_back(now, why, Some(up), Some(detect), out);
    }

    fn let_go(&mut self, why: &Why, out: &mut Outputs) {
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

    fn closed(&mut self, now: Ts, why: Why, up: Duration, out: &mut Outputs) {
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
    fn fall_back(&mut self, now: Ts, why: Why, up: Option<Duration>, detect: Option<Duration>, out: &mut Outputs) {
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

    fn expire(&mut self, now: Ts, out: &mut Outputs) {
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
            pending.drain(..).for_each(|event| self.tell(event, out));
            self.pending = pending;
        }
        if self.outages.wake().is_some_and(|at| at <= now) {
            self.settle_outage(now, false, out);
        }
    }

    fn beat(&mut self, now: Ts, pulse: usize, out: &mut Outputs) {
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

    fn command(&mut self, now: Ts, command: Command, out: &mut Outputs) {
        match command {
            Command::Want { service, on } => self.want(now, service, on, out),
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

    fn want(&mut self, now: Ts, id: ServiceId, on: bool, out: &mut Outputs) {
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
    fn hang_up(&mut self, now: Ts, out: &mut Outputs) {
        let up = self.opened.map_or(Duration::ZERO, |opened| now - opened);
        self.let_go(&Why::Asked, out);
        self.closed(now, Why::Asked, up, out);
    }

    fn leave(&mut self, now: Ts, out: &mut Outputs) {
        if self.has_link() {
            self.hang_up(now, out);
        } else if self.phase == Phase::Dialing {
            out.push(Output::Abort(self.link));
        }
        self.deadline = None;
    }

    fn slept(&mut self, now: Ts, length: Duration, out: &mut Outputs) {
        self.tell(Event::Slept { length }, out);
        if self.has_link() {
            self.liveness.doubt(now);
            self.services.doubt(now);
        }
    }
}

fn earliest(a: Option<Ts>, b: Option<Ts>) -> Option<Ts> {
    a.into_iter().chain(b).min()
}
