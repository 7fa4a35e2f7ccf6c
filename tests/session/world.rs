//! The rest of the world of a session on made-up time: a network that delivers, a server that answers, a driver's hands
//! that do as they are told, and everything that may go wrong with them. It holds what may never happen; what becomes of
//! a feed is judged by the tests.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;
use std::time::Duration;

use wirebeat::event::{Command, Gen, Phase, Phases, ServiceId, Snapshot, Why};
use wirebeat::fault::{Cut, FaultId, Injection, Standing};
use wirebeat::profile::{Profile, ServiceSpec};
use wirebeat::session::backoff::Random;
use wirebeat::session::{Input, Opcode, Output, Outputs, Payload, Plan, Secrets, SendId, Session};
use wirebeat::time::{Ts, WallAnchor};

use crate::told::{Told, Weather};

pub(crate) const SERVICES: [&str; 3] = ["a", "b", "业务"];

pub(crate) struct World {
    pub(crate) session: Session,
    pub(crate) now: Ts,
    pub(crate) chance: Random,
    pub(crate) weather: Weather,
    /// Spaces between messages of a service, and delays of everything: at the least, and by how much more.
    pub(crate) gap: (Duration, Duration),
    pub(crate) delay: (Duration, Duration),
    pub(crate) told: Told,
    pub(crate) wishes: [bool; 3],
    pub(crate) rotates: bool,
    out: Outputs,
    dialing: Option<(Gen, Option<Ts>, Result<(), Why>)>,
    links: Vec<Wire>,
    standing: Standing,
    mark: FaultId,
    latest: Gen,
    numbers: [u64; 3],
}

/// One link, with the server at its other end.
#[derive(Debug)]
struct Wire {
    number: Gen,
    /// Blackholes below it began before it opened.
    mark: FaultId,
    way: VecDeque<(Ts, Item)>,
    next: [Ts; 3],
    subscribed: BTreeMap<String, u32>,
    logged_in: bool,
}

#[derive(Debug)]
enum Item {
    Written(SendId, Payload),
    Text(String),
    Control(Opcode, Vec<u8>),
    Midway,
    End(Why),
}

impl World {
    pub(crate) fn new(profile: &Arc<Profile>, seed: u64) -> Self {
        let spec = |&name: &&str| ServiceSpec { name: name.to_owned(), enabled: true, ..ServiceSpec::default() };
        let session = Session::new(Plan {
            profile: Arc::clone(profile),
            services: SERVICES.iter().map(spec).collect(),
            seed,
            wall: WallAnchor(1_700_000_000_000_000_000),
            secrets: Secrets::default(),
        });
        let second = Duration::from_secs(1);
        let mut world = Self {
            session,
            now: Ts::ZERO,
            chance: Random(seed ^ 0x5EED),
            weather: Weather::default(),
            gap: (second, second),
            delay: (Duration::ZERO, second / 10),
            told: Told::default(),
            wishes: [true; 3],
            rotates: profile.limits.lifetime.is_some(),
            out: Outputs::new(),
            dialing: None,
            links: Vec::new(),
            standing: Standing::default(),
            mark: FaultId(0),
            latest: Gen(0),
            numbers: [0; 3],
        };
        world.tell(Input::Start);
        world
    }

    /// A time between the first and the first and the second together.
    pub(crate) fn within(&mut self, (least, more): (Duration, Duration)) -> Duration {
        least + more.mul_f64(self.chance.next_unit())
    }

    pub(crate) fn below(&mut self, end: u64) -> u64 {
        self.chance.next_bits() % end
    }

    pub(crate) fn snapshot(&mut self) -> Snapshot {
        let mut snapshot = Snapshot::default();
        self.session.snapshot(self.now, &mut snapshot);
        snapshot
    }

    /// What the server of the feed's own link sends, and how often it was asked for each.
    pub(crate) fn subscribed(&mut self) -> BTreeMap<String, u32> {
        let own = self.snapshot().link;
        self.links.iter().find(|link| link.number == own).map(|link| link.subscribed.clone()).unwrap_or_default()
    }

    pub(crate) fn command(&mut self, command: Command) {
        if let Command::Want { service, on } = command {
            self.wishes[usize::from(service.0)] = on;
        }
        self.tell(Input::Command(command));
    }

    pub(crate) fn toggle(&mut self) {
        let which = usize::try_from(self.below(3)).unwrap();
        let service = ServiceId(u16::try_from(which).unwrap());
        self.command(Command::Want { service, on: !self.wishes[which] });
    }

    /// Something comes on the link, whatever it is.
    pub(crate) fn garbage(&mut self, text: &str) {
        let at = self.now;
        self.links.iter_mut().for_each(|link| link.way.push_front((at, Item::Text(text.to_owned()))));
    }

    pub(crate) fn midway(&mut self) {
        let at = self.now;
        self.links.iter_mut().for_each(|link| link.way.push_front((at, Item::Midway)));
    }

    /// The link ends, or its dial does.
    pub(crate) fn cut(&mut self, why: &Why) {
        let at = self.now;
        for link in &mut self.links {
            link.way.push_back((at, Item::End(why.clone())));
        }
    }

    pub(crate) fn sleep(&mut self, length: Duration) {
        self.weather.asleep = self.now + length;
        self.now = self.weather.asleep;
        self.tell(Input::Slept(length));
    }

    pub(crate) fn hold(&mut self, length: Duration) {
        let begins = self.weather.held <= self.now;
        self.weather.held = self.weather.held.max(self.now + length);
        if begins {
            self.tell(Input::Backpressure(true));
        }
    }

    pub(crate) fn wall(&mut self, nanos: i64) {
        self.tell(Input::Wall(WallAnchor(nanos)));
    }

    /// Goes on until then.
    pub(crate) fn until(&mut self, end: Ts) {
        let mut turns = 0;
        while let Some(at) = self.next().filter(|at| *at <= end) {
            turns = if at > self.now { 0 } else { turns + 1 };
            assert!(turns < 1000, "it spins at {at:?}: {:?} {:?}", self.session.wake(), self.links);
            self.now = self.now.max(at);
            self.turn();
            let rests = matches!(self.session.phase(), Phase::Paused | Phase::Stopped);
            // While we do not read, the reader of our output is waited for, and not the server.
            let held = self.weather.held > self.now;
            assert!(rests || held || self.session.wake().is_some(), "{:?} without a deadline", self.session.phase());
        }
        self.now = end;
    }

    fn next(&self) -> Option<Ts> {
        let ways = self.links.iter().filter_map(|link| link.way.front().map(|(at, _)| self.passes(link, *at)));
        let data = self.links.iter().flat_map(|link| link.next).filter(|next| *next > Ts::ZERO);
        let held = Some(self.weather.held).filter(|held| *held > self.now);
        let dial = self.dialing.as_ref().and_then(|(_, at, _)| *at);
        ways.chain(data).chain(self.session.wake()).chain(dial).chain(held).min()
    }

    /// When what would come at `at` does.
    fn passes(&self, link: &Wire, at: Ts) -> Ts {
        let hole = if link.number <= self.weather.hole.1 { self.weather.hole.0 } else { Ts::ZERO };
        let frozen = self.standing.frozen(link.mark, self.now).unwrap_or_default();
        at.max(self.weather.frozen).max(hole).max(frozen).max(self.weather.held)
    }

    fn turn(&mut self) {
        let now = self.now;
        if self.weather.held > Ts::ZERO && self.weather.held <= now {
            self.weather.held = Ts::ZERO;
            self.tell(Input::Backpressure(false));
        }
        if let Some((link, _, done)) = self.dialing.take_if(|(_, at, _)| at.is_some_and(|at| at <= now)) {
            self.dialed(link, done);
        }
        for at in 0..self.links.len() {
            self.speak(at);
        }
        // A driver reads what is there before it says that a deadline has come.
        let mut at = 0;
        while let Some(link) = self.links.get(at) {
            let number = link.number;
            if link.way.front().is_some_and(|(at, _)| self.passes(link, *at) <= now) {
                let (_, item) = self.links[at].way.pop_front().unwrap();
                self.arrive(number, item);
            } else {
                at += 1;
            }
            at = at.min(self.links.len());
        }
        if self.session.wake().is_some_and(|at| at <= now) {
            self.tell(Input::Tick);
        }
    }

    fn dialed(&mut self, link: Gen, done: Result<(), Why>) {
        if let Err(why) = done {
            return self.tell(Input::DialFailed { link, why, phases: Phases::default() });
        }
        let mut wire = Wire {
            number: link,
            mark: self.mark,
            way: VecDeque::new(),
            next: [Ts::ZERO; 3],
            subscribed: BTreeMap::new(),
            logged_in: false,
        };
        wire.way.push_back((self.now + self.delay.0, Item::Text(r#"{"type":"hello"}"#.to_owned())));
        self.links.push(wire);
        self.tell(Input::Dialed {
            link,
            phases: Phases::default(),
            address: None,
            subprotocol: None,
            extensions: None,
        });
    }

    /// The server sends what is due of its data.
    fn speak(&mut self, at: usize) {
        for (which, service) in SERVICES.into_iter().enumerate() {
            let next = self.links[at].next[which];
            if next == Ts::ZERO || next > self.now {
                continue;
            }
            if at + 1 == self.links.len() {
                self.numbers[which] += 1;
            }
            let (mute, seq, ts) = (self.weather.mute > self.now, self.numbers[which], self.now.as_nanos() / 1_000_000);
            let gap = self.within(self.gap);
            self.links[at].next[which] = self.now + gap.max(Duration::from_millis(1));
            if !mute {
                let text = format!(r#"{{"service":"{service}","seq":{seq},"ts":{ts}}}"#);
                self.send(at, Item::Text(text));
            }
        }
    }

    /// On its way, behind what is.
    fn send(&mut self, at: usize, item: Item) {
        let slow = if self.weather.slow.0 > self.now { self.weather.slow.1 } else { Duration::ZERO };
        let arrives = self.now + self.within(self.delay) + slow;
        let way = &mut self.links[at].way;
        let arrives = way.back().map_or(arrives, |(last, _)| arrives.max(*last));
        way.push_back((arrives, item));
    }

    fn arrive(&mut self, link: Gen, item: Item) {
        match item {
            Item::Written(id, payload) => {
                self.tell(Input::Flushed(link, id));
                if let Some(at) = self.links.iter().position(|wire| wire.number == link) {
                    self.answer(at, payload);
                }
            }
            Item::Text(text) => {
                self.tell(Input::Bytes { link, count: text.len() as u64 + 2, midway: false });
                if self.links.iter().any(|wire| wire.number == link) {
                    self.told.frames += 1;
                    self.tell(Input::Frame(link, Opcode::Text, text.as_bytes()));
                }
                self.tell(Input::Dry);
            }
            Item::Control(opcode, payload) => {
                self.tell(Input::Bytes { link, count: payload.len() as u64 + 2, midway: false });
                self.tell(Input::Frame(link, opcode, &payload));
            }
            Item::Midway => self.tell(Input::Bytes { link, count: 7, midway: true }),
            Item::End(why) => {
                self.links.retain(|wire| wire.number != link);
                self.tell(Input::Closed(link, why));
            }
        }
    }

    /// The server heard that.
    fn answer(&mut self, at: usize, payload: Payload) {
        let deaf = self.weather.deaf > self.now;
        let text = match payload {
            Payload::Text(text) => text,
            Payload::Ping(payload) if !deaf => return self.send(at, Item::Control(Opcode::Pong, payload)),
            Payload::Ping(_) | Payload::Binary(_) => return,
        };
        let asked: serde_json::Value = serde_json::from_str(&text).unwrap();
        let name = asked["service"].as_str().unwrap_or_default().to_owned();
        let which = SERVICES.iter().position(|service| *service == name);
        match (asked["type"].as_str().unwrap_or_default(), which) {
            ("sub", Some(which)) => {
                *self.links[at].subscribed.entry(name.clone()).or_default() += 1;
                let gap = self.within(self.gap);
                self.links[at].next[which] = self.now + gap.max(Duration::from_millis(1));
                self.send(at, Item::Text(format!(r#"{{"type":"subscribed","service":"{name}"}}"#)));
            }
            ("unsub", Some(which)) => {
                self.links[at].subscribed.remove(&name);
                self.links[at].next[which] = Ts::ZERO;
            }
            ("auth", _) => {
                self.links[at].logged_in = true;
                self.send(at, Item::Text(r#"{"type":"welcome","session":7}"#.to_owned()));
            }
            ("HEART_BEAT", _) if !deaf => self.send(at, Item::Text(text)),
            _ => {}
        }
    }

    fn tell(&mut self, input: Input<'_>) {
        self.session.handle(self.now, input, &mut self.out);
        let mut booked = None;
        for output in std::mem::take(&mut self.out) {
            if let Output::Book(link, _) = output {
                booked = Some(link);
            }
            self.obey(output);
        }
        if let Some(link) = booked {
            let wait = self.within((Duration::ZERO, Duration::from_secs(1)));
            self.tell(Input::Booked { link, wait });
        }
    }

    fn obey(&mut self, output: Output) {
        match output {
            Output::Dial(call) => {
                assert!(call.link > self.latest, "a number twice: {:?}", call.link);
                let most = usize::from(self.rotates);
                assert!(self.dialing.is_none() && self.links.len() <= most, "a dial beside {:?}", self.links);
                self.latest = call.link;
                self.dialing = Some(self.dial(call.link));
            }
            Output::Abort(link) | Output::CloseWith(link, _) => {
                self.links.retain(|wire| wire.number != link);
                self.dialing.take_if(|(dialing, ..)| *dialing == link);
            }
            Output::Send(link, id, payload) => {
                let at = self.links.iter().position(|wire| wire.number == link);
                let at = at.unwrap_or_else(|| panic!("sent on {link:?}, which is not open"));
                let when = self.now + Duration::from_millis(1);
                // What we write does not wait for what is on its way to us.
                self.links[at].way.push_front((when, Item::Written(id, payload)));
                self.links[at].way.make_contiguous().sort_by_key(|(at, _)| *at);
            }
            Output::Inject(Injection::Stands(standing)) => {
                self.mark = self.mark.max(standing.mark());
                self.standing = standing;
            }
            Output::Inject(Injection::Cut(cut)) => {
                let reset = Why::Reset { text: "reset".to_owned() };
                self.cut(if cut == Cut::Reset { &reset } else { &Why::Eof });
            }
            Output::Book(..) | Output::Run(..) => {}
            Output::Tell(event) => self.told.hear(event),
        }
    }

    /// What becomes of a dial, and when.
    fn dial(&mut self, link: Gen) -> (Gen, Option<Ts>, Result<(), Why>) {
        let hung = self.standing.hung(self.now).unwrap_or_default().max(self.weather.hung).max(self.weather.frozen);
        let soon = self.now + Duration::from_millis(20);
        if let Some((status, retry_after)) = self.standing.refusal(self.now) {
            let refused = Why::Refused { address: "127.0.0.1:1".to_owned() };
            let why = status.map_or(refused, |status| Why::Http { status, text: String::new(), retry_after });
            return (link, Some(soon), Err(why));
        }
        if hung > self.now {
            // Some drivers give up by themselves; the others, the session has to.
            let at = (self.below(4) > 0).then_some(hung);
            return (link, at, Ok(()));
        }
        match &self.weather.refused {
            (until, Some(why)) if *until > self.now => (link, Some(soon), Err(why.clone())),
            _ => (link, Some(soon), Ok(())),
        }
    }
}
