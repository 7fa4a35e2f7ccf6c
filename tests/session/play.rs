//! The vocabulary: a session, a script of what happens at which second, and a transcript of what it does about it.

use std::fmt::Write;
use std::sync::Arc;
use std::time::Duration;

use wirebeat::event::{By, Command, Event, Gen, Kind, Phases, ServiceId, Snapshot, Why};
use wirebeat::profile::matcher::{Match, Scalar, Subject, Test};
use wirebeat::profile::pointer::Pointer;
use wirebeat::profile::template::{Part, Source, Template};
use wirebeat::profile::{self, Action, Capture, Profile, Rule, Scope, ServiceSpec, Step, bundled};
use wirebeat::session::{Call, Input, Opcode, Output, Outputs, Payload, Plan, Session, To};
use wirebeat::time::{Ts, WallAnchor};

/// A bundled profile, as a base for one that a test changes.
pub(crate) fn base(name: &str) -> Profile {
    Profile::clone(&profile(name, &[]))
}

/// A template of JSON in which `'` stands for `"`.
pub(crate) fn json(template: &str) -> Template {
    parse(&template.replace('\'', "\""), true)
}

pub(crate) fn text(template: &str) -> Template {
    parse(template, false)
}

fn parse(template: &str, json: bool) -> Template {
    // Written as captures, so that these do not depend on how a file spells them.
    let others = [("args", Source::Args), ("sub.sid", Source::SubSid), ("@key", Source::Key), ("uuid", Source::Uuid)];
    let spelled = others.iter().fold(template.to_owned(), |text, (name, _)| {
        text.replace(&format!("${{{name}}}"), &format!("${{v.other_{}}}", name.replace(['.', '@'], "")))
    });
    let mut parsed = Template::parse(&spelled, json).unwrap_or_else(|error| panic!("{template}: {error:?}"));
    for part in &mut parsed.parts {
        let Part::Hole(hole) = part else { continue };
        let Source::Capture(name) = &hole.source else { continue };
        let other = others.iter().find(|(other, _)| *name == format!("other_{}", other.replace(['.', '@'], "")));
        if let Some((_, source)) = other {
            hole.source = source.clone();
        }
    }
    parsed
}

pub(crate) fn pointer(text: &str) -> Pointer {
    Pointer::parse(text).unwrap()
}

/// Conditions, written as JSON: `{"/type":"x"}`.
pub(crate) fn when(conditions: &str) -> Match {
    let scalar = |value: &serde_json::Value| match value {
        serde_json::Value::String(text) => Scalar::Text(text.clone()),
        serde_json::Value::Bool(is) => Scalar::Bool(*is),
        serde_json::Value::Null => Scalar::Null,
        serde_json::Value::Number(number) => Scalar::Number(number.to_string()),
        serde_json::Value::Array(_) | serde_json::Value::Object(_) => panic!("{value} is no scalar"),
    };
    let conditions: serde_json::Map<String, serde_json::Value> =
        serde_json::from_str(&conditions.replace('\'', "\"")).unwrap();
    Match(
        conditions
            .iter()
            .map(|(at, value)| {
                let any = value.as_array().cloned().unwrap_or_else(|| vec![value.clone()]);
                (Subject::parse(at).unwrap(), Test::AnyOf(any.iter().map(scalar).collect()))
            })
            .collect(),
    )
}

pub(crate) fn rule(conditions: &str, kind: Kind) -> Rule {
    Rule {
        when: when(conditions),
        kind,
        capture: Vec::new(),
        send: None,
        text: None,
        action: Action::None,
        route: None,
        time: None,
    }
}

pub(crate) fn capture(name: &str, at: &str, scope: Scope) -> Capture {
    Capture { name: name.to_owned(), at: pointer(at), scope }
}

/// A step that says this and waits for that.
pub(crate) fn step(send: Option<&str>, expect: Option<&str>) -> Step {
    Step {
        run: None,
        send: send.map(json),
        resume: None,
        expect: expect.map(when),
        reject: None,
        text: None,
        capture: Vec::new(),
        timeout: Duration::from_secs(10),
    }
}

/// A profile that is written out.
pub(crate) fn written(text: &str) -> Profile {
    let source = profile::diagnostic::Source::new("test.toml", format!("schema = 1\n{text}"));
    profile::build::load(source, &bundled::find, &[]).unwrap_or_else(|errors| panic!("{errors:?}"))
}

/// A bundled profile, with some of its values changed.
pub(crate) fn profile(name: &str, sets: &[&str]) -> Arc<Profile> {
    let sets: Vec<_> = sets.iter().map(|&set| set.to_owned()).collect();
    let source = bundled::find(name).unwrap();
    Arc::new(profile::build::load(source, &bundled::find, &sets).unwrap_or_else(|errors| panic!("{errors:?}")))
}

pub(crate) fn session(profile: Arc<Profile>, services: &[&str]) -> Session {
    let bare = |name: &str| ServiceSpec { name: name.to_owned(), enabled: true, ..ServiceSpec::default() };
    let spec = |&name: &&str| profile.service(name).unwrap_or_else(|_| bare(name));
    let services = services.iter().map(spec).collect();
    Session::new(Plan {
        profile,
        services,
        seed: 1,
        wall: WallAnchor(0),
        secrets: wirebeat::session::Secrets::default(),
    })
}

pub(crate) struct Play {
    pub(crate) session: Session,
    pub(crate) transcript: String,
    out: Outputs,
    /// The latest link or dial that the driver would hold, and the one before.
    link: Gen,
    before: Gen,
    /// The profile has a login.
    logs_in: bool,
}

impl Play {
    pub(crate) fn new(session: Session) -> Self {
        Self { session, transcript: String::new(), out: Outputs::new(), link: Gen(0), before: Gen(0), logs_in: false }
    }

    /// Of a profile that a test has changed.
    pub(crate) fn of(profile: Profile, services: &[&str]) -> Self {
        let logs_in = !profile.handshake.is_empty();
        Self { logs_in, ..Self::new(session(Arc::new(profile), services)) }
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
                self.tell(
                    at,
                    Input::Dialed {
                        link,
                        phases: Phases::default(),
                        address: None,
                        subprotocol: None,
                        extensions: None,
                    },
                );
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
                        Input::Dialed {
                            link: old,
                            phases: Phases::default(),
                            address: None,
                            subprotocol: None,
                            extensions: None,
                        },
                    ),
                    "eof" => self.tell(at, Input::Closed(old, Why::Eof)),
                    text => self.tell(at, Input::Frame(old, Opcode::Text, text.as_bytes())),
                }
            }
            // What happens on the link before the latest one, which has not been left.
            "old" => {
                let latest = std::mem::replace(&mut self.link, self.before);
                let (word, rest) = rest.split_once(' ').unwrap_or((rest, ""));
                self.happen(at, word, rest);
                self.link = latest;
            }
            "booked" => {
                let wait = Duration::from_secs_f64(rest.parse().unwrap());
                self.tell(at, Input::Booked { link, wait });
            }
            "printed" => self.tell(at, Input::RunDone { link, result: Ok(rest.to_owned()) }),
            "failed" => self.tell(at, Input::RunDone { link, result: Err(rest.to_owned()) }),
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
        for output in std::mem::take(&mut self.out) {
            if let Output::Dial(call) = &output {
                self.hold(call.link);
            } else if let Output::Run(link, _) = &output {
                self.hold(*link);
            } else if let Output::Book(link, _) = &output {
                self.link = *link;
            }
            if let Some(words) = words(&output, self.logs_in) {
                writeln!(self.transcript, "{:8.3}  {words}", now.as_secs_f64()).unwrap();
            }
        }
    }

    /// The link that things happen on from now, if it is new.
    fn hold(&mut self, link: Gen) {
        if link > self.link {
            (self.before, self.link) = (self.link, link);
        }
    }

    /// What was sent, and on which link: `0.100 #1 {..}`, each second as short as it can be.
    pub(crate) fn sent(&self) -> Vec<String> {
        self.told("  send ")
    }

    /// The lines that hold this word, without it.
    pub(crate) fn told(&self, word: &str) -> Vec<String> {
        let line = |line: &&str| {
            let (second, rest) = line.trim().split_once(' ').unwrap();
            let second: f64 = second.parse().unwrap();
            format!("{second} {}", rest.trim().strip_prefix(word.trim()).unwrap_or(rest.trim()).trim())
        };
        self.lines(word).iter().map(line).collect()
    }

    pub(crate) fn snapshot(&mut self, second: f64) -> Snapshot {
        let mut snapshot = Snapshot::default();
        self.session.snapshot(Ts::ZERO + Duration::from_secs_f64(second), &mut snapshot);
        snapshot
    }

    /// The lines of the transcript that hold this word.
    pub(crate) fn lines(&self, word: &str) -> Vec<&str> {
        self.transcript.lines().filter(|line| line.contains(word)).collect()
    }
}

fn words(output: &Output, logs_in: bool) -> Option<String> {
    Some(match output {
        Output::Book(link, rate) => format!("book #{} {}/{:?}", link.0, rate.count, rate.per),
        Output::Dial(Call { link, to, headers, .. }) => {
            let to = match to {
                To::Usual => String::new(),
                To::Named(url) => format!(" to {url}"),
                To::Resumed(url) => format!(" at {url}"),
            };
            let headers: Vec<_> = headers.iter().map(|(name, value)| format!(" {name}: {value}")).collect();
            format!("dial #{}{to}{}", link.0, headers.concat())
        }
        Output::Run(link, program) => format!("run #{} {}", link.0, program.command.join(" ")),
        Output::Send(link, _, Payload::Text(text)) => format!("send #{} {text}", link.0),
        Output::Send(link, _, Payload::Binary(bytes)) => format!("send #{} {bytes:?}", link.0),
        Output::Send(link, _, Payload::Ping(_)) => format!("send #{} (ping)", link.0),
        Output::CloseWith(link, code) => format!("close #{} {code}", link.0),
        Output::Abort(link) => format!("abort #{}", link.0),
        Output::Inject(injection) => format!("inject {injection:?}"),
        Output::Tell(event) => match event {
            Event::Dialing { attempt } => format!("  dialing, attempt {attempt}"),
            Event::DialFailed { why, .. } => format!("  dial failed: {}", why.kind()),
            Event::Open { .. } => "  open".into(),
            Event::Service(news) => {
                let silent = news.silent.map_or(String::new(), |silent| format!(", silent {silent:?}"));
                let text = news.text.as_ref().map_or(String::new(), |text| format!(": {text}"));
                format!("  {} is {:?}{silent}{text}", news.name, news.state)
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
            Event::IntervalIgnored { name, value, instead } => format!("  ignored {name} = {value}, takes {instead:?}"),
            // Without a login a link is ready as soon as it is open.
            Event::Ready if !logs_in => return None,
            Event::Ready => "  ready".into(),
            Event::Sent { .. } | Event::Fault(_) | Event::Shed { .. } => return None,
        },
    })
}
