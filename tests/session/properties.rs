//! What holds of a session whatever happens to it, in any order and at any time.

use std::sync::{Arc, OnceLock};
use std::time::Duration;

use proptest::prelude::*;
use wirebeat::event::{By, Command, Gen, Kind, Phase, Phases, ServiceId, Snapshot, Why};
use wirebeat::fault::{Cut, Edit, Fault, Garbage};
use wirebeat::profile::{Ack, Action, AuthCommand, LiveOn, Profile, Rate, Scope};
use wirebeat::session::{Input, Opcode, Output, Outputs, SendId};
use wirebeat::time::{Ts, WallAnchor};

use crate::play::{base, capture, json, profile, rule, session, step, text, when};

#[derive(Clone, Debug)]
enum Step {
    Dialed,
    DialFailed(Why),
    Text(String),
    Binary(Vec<u8>),
    Control(Opcode),
    Bytes(bool),
    Flushed,
    Closed(Why),
    Booked(u64),
    RunDone(Result<String, String>),
    /// Of the other of two links.
    Second(Box<Step>),
    Command(Command),
    Slept(u64),
    Wall(i64),
    Backpressure(bool),
    /// News of a link that was given up.
    Old(Box<Step>),
    Nothing,
}

fn any_why() -> impl Strategy<Value = Why> {
    prop_oneof![
        Just(Why::Eof),
        Just(Why::Reset { text: "reset".into() }),
        (1000_u16..5000).prop_map(|code| Why::Close { by: By::Peer, code: Some(code), reason: "why".into() }),
        Just(Why::Close { by: By::Peer, code: Some(4001), reason: String::new() }),
        (300_u16..600).prop_map(|status| Why::Http { status, text: String::new(), retry_after: None }),
        Just(Why::Refused { address: "a".into() }),
        Just(Why::Protocol { text: "p".into() }),
        Just(Why::TooBig { limit: 1 }),
    ]
}

fn any_text() -> impl Strategy<Value = String> {
    prop_oneof![
        (0_u8..4, 0_u64..40).prop_map(|(s, seq)| format!(r#"{{"service":"s{s}","seq":{seq},"ts":1}}"#)),
        Just(r#"{"type":"HEART_BEAT","service":"业务"}"#.to_owned()),
        prop::sample::select(vec!["hello", "welcome", "denied", "expired", "restart", "leave", "subscribed"])
            .prop_map(|kind| format!(r#"{{"type":"{kind}","session":7}}"#)),
        ".{0,40}",
    ]
}

fn any_step() -> impl Strategy<Value = Step> {
    let step = prop_oneof![
        4 => Just(Step::Dialed),
        2 => any_why().prop_map(Step::DialFailed),
        6 => any_text().prop_map(Step::Text),
        1 => prop::collection::vec(any::<u8>(), 0..20).prop_map(Step::Binary),
        2 => prop_oneof![Just(Opcode::Ping), Just(Opcode::Pong)].prop_map(Step::Control),
        2 => any::<bool>().prop_map(Step::Bytes),
        3 => Just(Step::Flushed),
        2 => any_why().prop_map(Step::Closed),
        3 => (0_u64..3000).prop_map(Step::Booked),
        3 => prop_oneof![
            Just(Ok("{\"token\":1}".to_owned())),
            Just(Ok("nonsense".to_owned())),
            Just(Err("it failed".to_owned())),
        ].prop_map(Step::RunDone),
        3 => prop_oneof![
            Just(Command::Dial),
            Just(Command::Pause),
            Just(Command::Clear),
            (injected(), 0_u64..20_000).prop_map(|(fault, ms)| Command::Inject {
                fault: Box::new(fault),
                lasts: Duration::from_millis(ms),
                text: String::new(),
            }),
            (0_u16..5, any::<bool>()).prop_map(|(s, on)| Command::Want { service: ServiceId(s), on }),
        ].prop_map(Step::Command),
        1 => (1_u64..100_000).prop_map(Step::Slept),
        1 => any::<i64>().prop_map(Step::Wall),
        1 => any::<bool>().prop_map(Step::Backpressure),
        4 => Just(Step::Nothing),
    ];
    let old = step.clone().prop_map(|step| Step::Old(Box::new(step)));
    let second = step.clone().prop_map(|step| Step::Second(Box::new(step)));
    prop_oneof![9 => step, 1 => old, 3 => second]
}

/// What the driver holds: one link or dial, and only while a planned change of link runs a second one.
#[derive(Debug, Default)]
struct Hands {
    dialing: Option<Gen>,
    open: Vec<Gen>,
    booking: Option<Gen>,
    running: Vec<Gen>,
    /// A program is run before the dial of that number, which is the latest.
    asking: Option<Gen>,
    latest: Gen,
    next_send: SendId0,
    /// Whether this profile ever changes links by plan.
    rotates: bool,
}

#[derive(Debug, Default)]
struct SendId0(u32);

fn bends(fault: &Fault) -> bool {
    !matches!(fault, Fault::Freeze | Fault::DropPongs | Fault::Cut(_) | Fault::Refuse { .. })
}

/// Faults that the session has a part in.
fn injected() -> impl Strategy<Value = Fault> {
    let service = || Just("a".to_owned());
    prop_oneof![
        Just(Fault::Freeze),
        Just(Fault::DropPongs),
        any::<bool>().prop_map(|quiet| Fault::DropAnswers { quiet }),
        Just(Fault::Cut(Cut::Fin)),
        Just(Fault::Cut(Cut::Close { code: 1012, reason: String::new() })),
        Just(Fault::Refuse { status: Some(503), retry_after: None, times: None, cut: Some(Cut::Reset) }),
        Just(Fault::RefuseSubscriptions { service: None }),
        service().prop_map(|service| Fault::Mute { service }),
        service().prop_map(|service| Fault::Reorder { service, count: 3 }),
        (1_u32..4, prop_oneof![Just(Edit::Drop), Just(Edit::Repeat), Just(Edit::Reorder)])
            .prop_map(|(nth, edit)| Fault::Nth { edit, nth, service: None }),
        Just(Fault::Garbage { kinds: Garbage::ALL.to_vec(), every: Duration::from_secs(1), service: None }),
    ]
}

impl Hands {
    /// The input that brings this news, if the driver can have it.
    fn bring<'a>(&mut self, step: &'a Step) -> Option<Input<'a>> {
        let none = Phases::default();
        let first = self.open.first().copied();
        Some(match step {
            Step::Dialed => {
                let link = self.dialing.take()?;
                self.open.push(link);
                Input::Dialed { link, phases: none, address: None, subprotocol: None, extensions: None }
            }
            Step::DialFailed(why) => Input::DialFailed { link: self.dialing.take()?, why: why.clone(), phases: none },
            Step::Booked(ms) => Input::Booked { link: self.booking.take()?, wait: Duration::from_millis(*ms) },
            Step::RunDone(result) => Input::RunDone { link: self.running.pop()?, result: result.clone() },
            Step::Text(text) => Input::Frame(first?, Opcode::Text, text.as_bytes()),
            Step::Binary(bytes) => Input::Frame(first?, Opcode::Binary, bytes),
            Step::Control(opcode) => Input::Frame(first?, *opcode, b""),
            Step::Bytes(midway) => Input::Bytes { link: first?, count: 1, midway: *midway },
            Step::Flushed => Input::Flushed(first?, SendId(self.next_send.0)),
            Step::Closed(why) => {
                first?;
                Input::Closed(self.open.remove(0), why.clone())
            }
            Step::Second(step) => {
                // The same of the other link, where there are two.
                if self.open.len() < 2 {
                    return None;
                }
                self.open.rotate_left(1);
                let input = self.bring(step);
                if self.open.len() == 2 {
                    self.open.rotate_left(1);
                }
                return input;
            }
            Step::Command(command) => Input::Command(command.clone()),
            Step::Slept(ms) => Input::Slept(Duration::from_millis(*ms)),
            Step::Wall(anchor) => Input::Wall(WallAnchor(*anchor)),
            Step::Backpressure(on) => Input::Backpressure(*on),
            Step::Old(step) => {
                let old = Gen(self.latest.0.checked_sub(2)?);
                if self.open.contains(&old) {
                    return None;
                }
                let mut past = Self {
                    dialing: Some(old),
                    open: vec![old],
                    booking: Some(old),
                    running: vec![old],
                    ..Self::default()
                };
                let input = past.bring(step)?;
                if let Input::Command(_) | Input::Slept(_) | Input::Wall(_) | Input::Backpressure(_) = input {
                    return None;
                }
                input
            }
            Step::Nothing => Input::Dry,
        })
    }

    fn obey(&mut self, output: &Output) -> Result<(), TestCaseError> {
        match output {
            Output::Book(link, _) => {
                prop_assert!(*link > self.latest, "a number twice");
                prop_assert!(self.dialing.is_none(), "a place for a dial beside {self:?}");
                self.latest = *link;
                self.booking = Some(*link);
            }
            Output::Dial(call) => {
                let most = usize::from(self.rotates);
                prop_assert!(self.dialing.is_none() && self.open.len() <= most, "a dial beside {self:?}");
                let asked = self.asking.take_if(|asking| *asking == call.link).is_some();
                prop_assert!(call.link > self.latest || asked, "a number twice");
                self.dialing = Some(call.link);
                self.booking = None;
                self.latest = call.link;
            }
            Output::Abort(link) | Output::CloseWith(link, _) => {
                let held = self.dialing == Some(*link) || self.open.contains(link);
                // Of one that has just ended by itself nothing is held.
                prop_assert!(held || *link <= self.latest, "an unknown link is let go of");
                self.dialing.take_if(|dialing| dialing == link);
                self.running.retain(|running| running != link);
                self.asking.take_if(|asking| asking == link);
                self.open.retain(|open| open != link);
            }
            Output::Send(link, id, _) => {
                prop_assert!(self.open.contains(link), "sent on a link that is not open");
                self.next_send = SendId0(id.0);
            }
            Output::Run(link, _) => {
                if !self.open.contains(link) {
                    prop_assert!(*link > self.latest, "run for a link that was given up");
                    prop_assert!(self.dialing.is_none(), "a dial beside {self:?}");
                    (self.latest, self.asking, self.booking) = (*link, Some(*link), None);
                }
                self.running.retain(|running| running != link);
                self.running.push(*link);
            }
            Output::Inject(_) | Output::Tell(_) => {}
        }
        prop_assert!(self.open.len() + usize::from(self.dialing.is_some()) <= 2, "three at once: {self:?}");
        Ok(())
    }
}

/// Profiles that use every mechanism of a link's life.
fn profiles() -> &'static [Arc<Profile>] {
    static PROFILES: OnceLock<Vec<Arc<Profile>>> = OnceLock::new();
    PROFILES.get_or_init(|| {
        let mut login = base("demo");
        login.handshake =
            vec![step(None, Some("{'/type':'hello'}")), step(Some("{'op':'auth'}"), Some("{'/type':'welcome'}"))];
        login.handshake[1].reject = Some(when("{'/type':'denied'}"));
        login.handshake[1].run = Some(AuthCommand { command: vec![text("sign")], timeout: Duration::from_secs(5) });
        login.handshake[1].resume = Some(json("{'op':'resume','session':${v.session}}"));
        login.handshake[1].capture = vec![capture("session", "/session", Scope::Lasting)];
        login.close.dead_code = Some(4900);
        login.limits.connect = Some(Rate { count: 1, per: Duration::from_secs(1) });
        let mut again = rule("{'/type':'expired'}", Kind::Error);
        again.action = Action::Login;
        let mut restart = rule("{'/type':'restart'}", Kind::Error);
        restart.action = Action::Restart;
        login.rules.splice(0..0, [again, restart]);

        let mut rotation = login.clone();
        rotation.limits.connect = None;
        rotation.handshake.truncate(1);
        rotation.limits.lifetime = Some(Duration::from_secs(90));
        rotation.limits.lifetime_margin = Duration::from_secs(20);
        let mut rotate = rule("{'/type':'leave'}", Kind::Goodbye);
        rotate.action = Action::Rotate;
        let mut ack = rule("{'/type':'subscribed'}", Kind::Ack);
        ack.send = Some(json("{'thanks':${id}}"));
        rotation.rules.splice(0..0, [rotate, ack]);
        rotation.limits.send = Some(Rate { count: 3, per: Duration::from_secs(10) });
        rotation.limits.send_counts_ping = true;
        rotation.limits.subscriptions = Some(2);
        let ask = rotation.subscribe.as_mut().unwrap();
        (ask.ack, ask.ack_timeout) = (Ack::Order, Some(Duration::from_secs(7)));
        (ask.gap, ask.live_on) = (Duration::from_millis(300), LiveOn::Ack);
        let mut budget = rotation.clone();
        budget.limits.connect = Some(Rate { count: 1, per: Duration::from_secs(1) });
        // Programs wherever there may be some.
        let run = || Some(AuthCommand { command: vec![text("say")], timeout: Duration::from_secs(3) });
        let mut programs = rotation.clone();
        programs.endpoint.run = run();
        programs.endpoint.url = Some(text("wss://h/${v.token}"));
        programs.endpoint.resume_url = Some(text("wss://h/${v.session}"));
        programs.handshake.clone_from(&budget.handshake);
        programs.handshake[0].capture = vec![capture("session", "/session", Scope::Lasting)];
        programs.subscribe.as_mut().unwrap().run = run();
        programs.unsubscribe.as_mut().unwrap().run = run();
        let mut booked = programs.clone();
        booked.limits.connect = budget.limits.connect;
        let bundled = ["sub-heartbeat", "raw", "demo"].map(|name| profile(name, &[]));
        bundled.into_iter().chain([login, rotation, budget, programs, booked].map(Arc::new)).collect()
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn one_link_at_a_time_and_never_stuck(
        which in 0_usize..8,
        steps in prop::collection::vec((0_u64..40_000, any_step()), 0..200),
    ) {
        let profile = Arc::clone(&profiles()[which]);
        let mut hands = Hands { rotates: profile.limits.lifetime.is_some(), ..Hands::default() };
        let mut session = session(profile, &["s0", "s1", "s2"]);
        let mut out = Outputs::new();
        let mut now = Ts::ZERO;
        let mut snapshot = Snapshot::default();
        let mut counted = 0;
        let mut held = false;
        let mut bent = false;
        session.handle(now, Input::Start, &mut out);
        for output in out.drain(..) {
            hands.obey(&output)?;
        }
        for (ms, step) in steps {
            // The driver serves every deadline on the way, if not always in time.
            let at = now + Duration::from_millis(ms);
            let mut ticks = 0;
            while let Some(due) = session.wake().filter(|&due| due <= at) {
                prop_assert!(due >= now, "a deadline in the past: {due:?} at {now:?}");
                now = due;
                session.handle(now, Input::Tick, &mut out);
                for output in out.drain(..) {
                    hands.obey(&output)?;
                }
                prop_assert!(session.wake().is_none_or(|next| next > now), "no rest after a tick at {now:?}");
                ticks += 1;
                prop_assert!(ticks < 1000, "it spins");
            }
            now = at;
            if let Some(input) = hands.bring(&step) {
                if let Input::Backpressure(on) = input {
                    held = on;
                }
                let frame = matches!(input, Input::Frame(link, Opcode::Text | Opcode::Binary, _) if hands.open.contains(&link));
                // A fault of messages makes more of them, or fewer.
                bent |= matches!(&input, Input::Command(Command::Inject { fault, .. }) if bends(fault));
                session.handle(now, input, &mut out);
                counted += u64::from(frame);
            }
            for output in out.drain(..) {
                hands.obey(&output)?;
            }
            session.snapshot(now, &mut snapshot);
            // Every message is counted, none twice.
            prop_assert!(bent || snapshot.counters.messages == counted);
            // While it neither is paused nor has stopped, there is a deadline: nothing waits for ever.
            // Nor does it while we do not read: the reader of our output is waited for, not the server.
            let rests = matches!(snapshot.phase, Phase::Paused | Phase::Stopped) || held;
            prop_assert!(rests || session.wake().is_some(), "{:?} without a deadline", snapshot.phase);
            prop_assert_eq!(!hands.open.is_empty(), snapshot.opened.is_some(), "{:?}", hands);
        }
    }
}
