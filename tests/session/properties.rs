//! What holds of a session whatever happens to it, in any order and at any time.

use std::time::Duration;

use proptest::prelude::*;
use wirebeat::event::{By, Command, Gen, Phase, Phases, ServiceId, Snapshot, Why};
use wirebeat::session::{Input, Opcode, Output, Outputs, SendId};
use wirebeat::time::{Ts, WallAnchor};

use crate::play::{profile, session};

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
        3 => prop_oneof![
            Just(Command::Dial),
            Just(Command::Pause),
            (0_u16..5, any::<bool>()).prop_map(|(s, on)| Command::Want { service: ServiceId(s), on }),
        ].prop_map(Step::Command),
        1 => (1_u64..100_000).prop_map(Step::Slept),
        1 => any::<i64>().prop_map(Step::Wall),
        1 => any::<bool>().prop_map(Step::Backpressure),
        4 => Just(Step::Nothing),
    ];
    let old = step.clone().prop_map(|step| Step::Old(Box::new(step)));
    prop_oneof![9 => step, 1 => old]
}

/// What the driver holds.
#[derive(Debug, Default)]
struct Hands {
    dialing: Option<Gen>,
    open: Option<Gen>,
    latest: Gen,
    next_send: SendId0,
}

#[derive(Debug, Default)]
struct SendId0(u32);

impl Hands {
    /// The input that brings this news, if the driver can have it.
    fn bring<'a>(&mut self, step: &'a Step) -> Option<Input<'a>> {
        let none = Phases::default();
        Some(match step {
            Step::Dialed => {
                let link = self.dialing.take()?;
                self.open = Some(link);
                Input::Dialed { link, phases: none, address: None, subprotocol: None }
            }
            Step::DialFailed(why) => Input::DialFailed { link: self.dialing.take()?, why: why.clone(), phases: none },
            Step::Text(text) => Input::Frame(self.open?, Opcode::Text, text.as_bytes()),
            Step::Binary(bytes) => Input::Frame(self.open?, Opcode::Binary, bytes),
            Step::Control(opcode) => Input::Frame(self.open?, *opcode, b""),
            Step::Bytes(midway) => Input::Bytes { link: self.open?, count: 1, midway: *midway },
            Step::Flushed => Input::Flushed(self.open?, SendId(self.next_send.0)),
            Step::Closed(why) => Input::Closed(self.open.take()?, why.clone()),
            Step::Command(command) => Input::Command(command.clone()),
            Step::Slept(ms) => Input::Slept(Duration::from_millis(*ms)),
            Step::Wall(anchor) => Input::Wall(WallAnchor(*anchor)),
            Step::Backpressure(on) => Input::Backpressure(*on),
            Step::Old(step) => {
                let old = Gen(self.latest.0.checked_sub(1)?);
                let mut past = Self { dialing: Some(old), open: Some(old), ..Self::default() };
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
            Output::Dial(link) => {
                prop_assert!(self.dialing.is_none() && self.open.is_none(), "a dial beside {self:?}");
                prop_assert!(*link > self.latest, "a number twice");
                self.dialing = Some(*link);
                self.latest = *link;
            }
            Output::Abort(link) | Output::CloseWith(link, _) => {
                prop_assert_eq!(*link, self.latest, "an old link is let go of twice");
                self.dialing = None;
                self.open = None;
            }
            Output::Send(link, id, _) => {
                prop_assert_eq!(Some(*link), self.open, "sent on a link that is not open");
                self.next_send = SendId0(id.0);
            }
            Output::Tell(_) => {}
        }
        Ok(())
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn one_link_at_a_time_and_never_stuck(
        which in 0_usize..3,
        steps in prop::collection::vec((0_u64..40_000, any_step()), 0..200),
    ) {
        let profile = profile(["sub-heartbeat", "raw", "demo"][which], &[]);
        let mut session = session(profile, &["s0", "s1"]);
        let mut hands = Hands::default();
        let mut out = Outputs::new();
        let mut now = Ts::ZERO;
        let mut snapshot = Snapshot::default();
        let mut counted = 0;
        let mut held = false;
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
                let frame = matches!(input, Input::Frame(link, Opcode::Text | Opcode::Binary, _) if link == hands.latest);
                session.handle(now, input, &mut out);
                counted += u64::from(frame);
            }
            for output in out.drain(..) {
                hands.obey(&output)?;
            }
            session.snapshot(now, &mut snapshot);
            // Every message is counted, none twice.
            prop_assert_eq!(snapshot.counters.messages, counted);
            // While it neither is paused nor has stopped, there is a deadline: nothing waits for ever.
            // Nor does it while we do not read: the reader of our output is waited for, not the server.
            let rests = matches!(snapshot.phase, Phase::Paused | Phase::Stopped) || held;
            prop_assert!(rests || session.wake().is_some(), "{:?} without a deadline", snapshot.phase);
            prop_assert_eq!(hands.open.is_some(), snapshot.opened.is_some());
        }
    }
}
