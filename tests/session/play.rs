//! The vocabulary: a session, a script of what happens at which second, and a transcript of what it does about it.

use std::fmt::Write;
use std::sync::Arc;
use std::time::Duration;

use wirebeat::event::{By, Command, Event, Gen, Phases, ServiceId, Why};
use wirebeat::profile::{self, Profile, ServiceSpec, bundled};
use wirebeat::session::{Input, Opcode, Output, Outputs, Payload, Plan, Session};
use wirebeat::time::{Ts, WallAnchor};

/// A bundled profile, with some of its values changed.
pub(crate) fn profile(name: &str, sets: &[&str]) -> Arc<Profile> {
    let sets: Vec<_> = sets.iter().map(|&set| set.to_owned()).collect();
    let source = bundled::find(name).unwrap();
    Arc::new(profile::build::load(source, &bundled::find, &sets).unwrap_or_else(|errors| panic!("{errors:?}")))
}

pub(crate) fn session(profile: Arc<Profile>, services: &[&str]) -> Session {
    let spec = |&name: &&str| ServiceSpec { name: name.to_owned(), enabled: true, ..ServiceSpec::default() };
    Session::new(Plan {
        profile,
        services: services.iter().map(spec).collect(),
        seed: 1,
        wall: WallAnchor(0),
        secrets: wirebeat::session::Secrets::default(),
    })
}

pub(crate) struct Play {
    pub(crate) session: Session,
    pub(crate) transcript: String,
    out: Outputs,
    /// The link or dial that the driver would hold.
    link: Gen,
}

impl Play {
    pub(crate) fn new(session: Session) -> Self {
        Self { session, transcript: String::new(), out: Outputs::new(), link: Gen(0) }
    }

    /// Plays lines of `SECOND WHAT`, letting every deadline on the way come in its turn.
    pub(crate) fn run(&mut self, script: &str) -> &mut Self {
        for line in script.lines().map(str::trim).filter(|line| !line.is_empty()) {
            let (second, what) = line.split_once(' ').expect("SECOND WHAT");
            let at = Ts::ZERO + Duration::from_secs_f64(second.parse().expect("a second"));
            self.until(at);
            let (word, rest) = what.split_once(' ').unwrap_or((what, ""));
            self.happen(at, word, rest);
        }
        self
    }

    pub(crate) fn until(&mut self, at: Ts) {
        for _ in 0..10_000 {
            let Some(due) = self.session.wake().filter(|&due| due <= at) else { return };
            self.tell(due, Input::Tick);
        }
        panic!("it never comes to rest: {:?} at {at:?}\n{}", self.session.wake(), self.transcript);
    }

    fn happen(&mut self, at: Ts, word: &str, rest: &str) {
        let link = self.link;
        match word {
            "start" => self.tell(at, Input::Start),
            "dialed" => {
                self.tell(at, Input::Dialed { link, phases: Phases::default(), address: None, subprotocol: None });
            }
            "refused" => {
                let why = Why::Refused { address: "127.0.0.1:1".into() };
                self.tell(at, Input::DialFailed { link, why, phases: Phases::default() });
            }
            "http" => {
                let (status, after) = rest.split_once(' ').unwrap_or((rest, ""));
                let retry_after = after.parse().ok().map(Duration::from_secs);
                let why = Why::Http { status: status.parse().unwrap(), text: String::new(), retry_after };
                self.tell(at, Input::DialFailed { link, why, phases: Phases::default() });
            }
            "text" => {
                self.tell(at, Input::Bytes { link, count: rest.len() as u64, midway: false });
                self.tell(at, Input::Frame(link, Opcode::Text, rest.as_bytes()));
                self.tell(at, Input::Dry);
            }
            "binary" => {
                self.tell(at, Input::Frame(link, Opcode::Binary, rest.as_bytes()));
                self.tell(at, Input::Dry);
            }
            // What was sent so far is written.
            "written" => {
                for id in 0..200 {
                    self.tell(at, Input::Flushed(link, wirebeat::session::SendId(id)));
                }
            }
            "ping" => self.control(at, Opcode::Ping, b""),
            "pong" => self.control(at, Opcode::Pong, b"x"),
            "midway" => self.tell(at, Input::Bytes { link, count: 10, midway: true }),
            "reset" => self.tell(at, Input::Closed(link, Why::Reset { text: "Connection reset by peer".into() })),
            "eof" => self.tell(at, Input::Closed(link, Why::Eof)),
            "close" => {
                let code = rest.parse().ok();
                self.tell(at, Input::Closed(link, Why::Close { by: By::Peer, code, reason: String::new() }));
            }
            "on" => self.want(at, rest, true),
            "off" => self.want(at, rest, false),
            "dial" => self.tell(at, Input::Command(Command::Dial)),
            "pause" => self.tell(at, Input::Command(Command::Pause)),
            "quit" => self.tell(at, Input::Command(Command::Quit)),
            "slept" => self.tell(at, Input::Slept(Duration::from_secs(rest.parse().unwrap()))),
            "slow" => self.tell(at, Input::Backpressure(true)),
            "quick" => self.tell(at, Input::Backpressure(false)),
            // News of the link before this one.
            "stale" => {
                let old = Gen(link.0 - 1);
                match rest {
                    "dialed" => self.tell(
                        at,
                        Input::Dialed { link: old, phases: Phases::default(), address: None, subprotocol: None },
                    ),
                    "eof" => self.tell(at, Input::Closed(old, Why::Eof)),
                    text => self.tell(at, Input::Frame(old, Opcode::Text, text.as_bytes())),
                }
            }
            "end" => {}
            _ => unreachable!("no such word: {word}"),
        }
    }

    fn control(&mut self, at: Ts, opcode: Opcode, payload: &[u8]) {
        self.tell(at, Input::Bytes { link: self.link, count: 2, midway: false });
        self.tell(at, Input::Frame(self.link, opcode, payload));
    }

    fn want(&mut self, at: Ts, service: &str, on: bool) {
        self.tell(at, Input::Command(Command::Want { service: ServiceId(service.parse().unwrap()), on }));
    }

    pub(crate) fn tell(&mut self, now: Ts, input: Input<'_>) {
        self.session.handle(now, input, &mut self.out);
        for output in self.out.drain(..) {
            if let Output::Dial(link) = output {
                self.link = link;
            }
            if let Some(words) = words(&output) {
                writeln!(self.transcript, "{:8.3}  {words}", now.as_secs_f64()).unwrap();
            }
        }
    }

    /// The lines of the transcript that hold this word.
    pub(crate) fn lines(&self, word: &str) -> Vec<&str> {
        self.transcript.lines().filter(|line| line.contains(word)).collect()
    }
}

fn words(output: &Output) -> Option<String> {
    Some(match output {
        Output::Dial(link) => format!("dial #{}", link.0),
        Output::Send(link, _, Payload::Text(text)) => format!("send #{} {text}", link.0),
        Output::Send(link, _, Payload::Ping(_)) => format!("send #{} (ping)", link.0),
        Output::CloseWith(link, code) => format!("close #{} {code}", link.0),
        Output::Abort(link) => format!("abort #{}", link.0),
        Output::Tell(event) => match event {
            Event::Dialing { attempt } => format!("  dialing, attempt {attempt}"),
            Event::DialFailed { why, .. } => format!("  dial failed: {}", why.kind()),
            Event::Open { .. } => "  open".into(),
            Event::Service(news) => {
                let silent = news.silent.map_or(String::new(), |silent| format!(", silent {silent:?}"));
                format!("  {} is {:?}{silent}", news.name, news.state)
            }
            Event::Rows(batch) => {
                let row = |row: &wirebeat::event::Row| {
                    let body = String::from_utf8_lossy(batch.body(row)).into_owned();
                    format!("{:?} {:?} {body}", row.service.map(|id| id.0), row.kind)
                };
                format!("  rows {}", batch.rows.iter().map(row).collect::<Vec<_>>().join("; "))
            }
            Event::BeatSent { .. } => "  beat sent".into(),
            Event::BeatAnswered { rtt, .. } => format!("  beat answered after {rtt:?}"),
            Event::Gap(gap) => format!(
                "  gap {}..{} {:?}{}",
                gap.from,
                gap.to,
                gap.state,
                if gap.across_reconnect { " across" } else { "" }
            ),
            Event::Repeated { seq, .. } => format!("  repeated {seq}"),
            Event::Reordered { seq, .. } => format!("  reordered {seq}"),
            Event::Closed { why, up, silent } => format!("  closed: {}, up {up:?}, silent {silent:?}", why.kind()),
            Event::Reconnecting { attempt, delay, .. } => format!("  attempt {attempt} in {delay:?}"),
            Event::Outage(outage) if outage.over => format!(
                "  outage {} over: down {:?}, {} attempts, missed {:?}",
                outage.id, outage.down, outage.attempts, outage.missed
            ),
            Event::Outage(outage) => format!("  outage {}: {}", outage.id, outage.why.kind()),
            Event::Stopped { why } => format!("  stopped: {}", why.kind()),
            Event::Paused => "  paused".into(),
            Event::Slept { length } => format!("  slept {length:?}"),
            Event::Backpressure { on } => format!("  backpressure {on}"),
            Event::Ready | Event::Sent { .. } | Event::Fault(_) | Event::Shed { .. } => return None,
        },
    })
}
