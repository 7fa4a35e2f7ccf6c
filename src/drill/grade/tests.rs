//! The grader on made-up observations: a client that is in order passes at any speed, and each planted mistake fails by
//! its name.

use proptest::prelude::*;

use super::*;
use crate::drill::case::usual;
use crate::event::How;
use crate::fault::Garbage;
use crate::profile::{build, bundled};
use crate::relay::{Left, Passed, What};

const A: &str = "业务1";
const B: &str = "b";

/// What a made-up client does wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Wrong {
    Nothing,
    NeverNotices,
    IgnoresAnswers,
    NoticesLate,
    KeepsTheOldLink,
    NeverDials,
    DialsLate,
    Storms,
    ForgetsOne,
    AsksForMore,
    AsksTwice,
    OldTimer,
    BeatsOnTheOldLink,
    LeavesForNothing,
    DiesOfGarbage,
    SubscribesToNothing,
}

const ALL: [(Wrong, &str, &str); 15] = [
    (Wrong::NeverNotices, "half_open", "never_noticed"),
    (Wrong::IgnoresAnswers, "half_open", "answer_ignored"),
    (Wrong::NoticesLate, "half_open", "noticed_late"),
    (Wrong::KeepsTheOldLink, "half_open", "two_links"),
    (Wrong::NeverDials, "fin", "never_dialed"),
    (Wrong::DialsLate, "reset", "dialed_late"),
    (Wrong::Storms, "fin", "storm"),
    (Wrong::ForgetsOne, "close_1012", "not_subscribed_again"),
    (Wrong::AsksForMore, "fin", "subscribed_anew"),
    (Wrong::AsksTwice, "fin", "subscribed_twice"),
    (Wrong::OldTimer, "fin", "old_timer"),
    (Wrong::BeatsOnTheOldLink, "half_open", "beat_on_dead_link"),
    (Wrong::LeavesForNothing, "latency", "left_for_nothing"),
    (Wrong::DiesOfGarbage, "garbage", "broken_by_garbage"),
    (Wrong::SubscribesToNothing, "calm", "nothing_subscribed"),
];

/// A client that is made up, and the observations of it.
struct Client {
    grader: Grader,
    now: Ts,
    wrong: Wrong,
    next: u32,
}

fn rules() -> Rules {
    let profile = build::load(bundled::find("demo").unwrap(), &bundled::find, &[]).unwrap();
    Rules::of(&profile, &[])
}

fn secs(time: f64) -> Duration {
    Duration::from_secs_f64(time)
}

impl Client {
    fn see(&mut self, what: What) {
        self.grader.see(&Seen { at: self.now, what });
    }

    fn pass(&mut self, time: Duration) {
        self.now = self.now + time;
    }

    fn open(&mut self, services: &[&str]) -> ClientId {
        self.next += 1;
        let client = ClientId(self.next);
        self.see(What::Knocked { client, from: "x".into() });
        self.pass(secs(0.01));
        self.see(What::Open { client, path: "/".into(), subprotocol: None });
        for service in services {
            self.see(What::Subscribed { client, services: vec![(*service).into()], whole: false });
        }
        client
    }

    fn data(&mut self, client: ClientId, n: u64) {
        let passed = Passed { service: A.into(), messages: 1, seqs: Some((n, n)) };
        self.see(What::Flow { client, messages: 1, bytes: 10, services: vec![passed] });
    }

    fn beat(&mut self, client: ClientId, idle: Duration) {
        self.see(What::Beat { client, how: How::App, idle });
    }

    fn leave(&mut self, client: ClientId) {
        self.see(What::Left { client, how: Left::Fin });
    }

    /// After the end of a link: dial, subscribe, go on.
    fn returns(&mut self, wait: Duration, old: ClientId) {
        if self.wrong == Wrong::NeverDials {
            return;
        }
        let storm = if self.wrong == Wrong::Storms { 20 } else { 0 };
        for _ in 0..storm {
            self.next += 1;
            self.see(What::Knocked { client: ClientId(self.next), from: "x".into() });
            self.see(What::Turned { client: ClientId(self.next), how: crate::relay::Turned::Refused });
            self.pass(secs(0.1));
        }
        self.pass(if self.wrong == Wrong::DialsLate { secs(9.0) } else { wait });
        let sets = [(Wrong::ForgetsOne, &[A][..]), (Wrong::AsksForMore, &[A, B, "c"]), (Wrong::AsksTwice, &[A, B, A])];
        let services =
            sets.iter().find(|(wrong, _)| *wrong == self.wrong).map_or(&[A, B][..], |(_, services)| services);
        let client = self.open(services);
        self.pass(secs(0.3));
        self.data(client, 2);
        if self.wrong == Wrong::OldTimer {
            self.beat(client, secs(0.2));
        }
        if self.wrong == Wrong::BeatsOnTheOldLink {
            self.pass(secs(1.0));
            self.beat(old, secs(9.0));
        }
        for n in 3..40 {
            self.pass(secs(1.0));
            self.data(client, n);
            if self.grader.is_done(self.now) {
                break;
            }
        }
    }

    /// Lives through one case and gives what the grader makes of it. `wait`: before a dial; `late`: what timers are late.
    fn lives(wrong: Wrong, case: &str, wait: Duration, late: Duration) -> Graded {
        let rules = rules();
        let case = usual(&rules, &[]).into_iter().find(|one| &*one.name == case).unwrap();
        let expect = case.expect;
        let garbage = &*case.name == "garbage";
        let mut client = Self { grader: Grader::new(rules.clone()), now: Ts::ZERO, wrong, next: 0 };
        client.grader.begin(case, client.now);
        let nothing = wrong == Wrong::SubscribesToNothing;
        let link = client.open(if nothing { &[] } else { &[A, B] });
        client.pass(secs(1.0));
        client.data(link, 1);
        client.pass(secs(2.0));
        assert!(client.grader.is_live(client.now));
        client.grader.hit(client.now);
        let beat = rules.beat.unwrap();
        match expect {
            Expect::Calm | Expect::Keep => {
                for n in 2..40 {
                    client.pass(secs(0.5));
                    if garbage {
                        client.see(What::Garbage { client: link, kind: Garbage::NotJson });
                    }
                    if matches!(wrong, Wrong::LeavesForNothing | Wrong::DiesOfGarbage) && n == 3 {
                        client.leave(link);
                        break;
                    }
                    client.data(link, n);
                    if client.grader.is_done(client.now) {
                        break;
                    }
                }
            }
            Expect::Notice => {
                client.pass(beat.after.saturating_sub(secs(2.0)) + late);
                client.beat(link, beat.after + late);
                client.pass(beat.timeout.unwrap() + late);
                if matches!(wrong, Wrong::NeverNotices | Wrong::IgnoresAnswers) {
                    client.pass(secs(1.0));
                    client.beat(link, secs(8.0));
                    client.pass(secs(9.0));
                    assert!(client.grader.is_done(client.now), "nothing is waited for for ever");
                } else {
                    if wrong == Wrong::NoticesLate {
                        client.pass(secs(2.5));
                    }
                    if wrong != Wrong::KeepsTheOldLink {
                        client.leave(link);
                    }
                    client.returns(wait, link);
                }
            }
            Expect::Redial { .. } => {
                client.see(What::Over { client: link, cut: true });
                client.returns(wait, link);
            }
        }
        client.pass(secs(30.0));
        // Nothing is beaten into the wait at the end of a test.
        let end = client.now;
        let mut graded = client.grader.end(end).unwrap();
        graded.findings.retain(|finding| finding.kind() != "no_beat");
        graded
    }
}

fn kinds(graded: &Graded) -> Vec<&'static str> {
    graded.findings.iter().map(Finding::kind).collect()
}

#[test]
fn each_mistake_fails_by_its_name() {
    for (wrong, case, kind) in ALL {
        let graded = Client::lives(wrong, case, secs(4.0), secs(0.01));
        assert!(kinds(&graded).contains(&kind), "{wrong:?} in {case}: {:?}", graded.findings);
    }
}

#[test]
fn a_client_in_order_is_measured() {
    let graded = Client::lives(Wrong::Nothing, "half_open", secs(4.0), secs(0.0));
    assert_eq!(graded.findings, []);
    let measured = graded.measured;
    assert_eq!((measured.dials, measured.most_links, measured.restored), (1, 1, Some((2, 2))));
    assert_eq!(measured.noticed, Some(secs(5.0)));
    assert_eq!((measured.beats, measured.answered, measured.lost), (1, 0, Some(0)));
}

#[test]
fn silence_without_a_heartbeat_is_told() {
    let mut client = Client { grader: Grader::new(rules()), now: Ts::ZERO, wrong: Wrong::Nothing, next: 0 };
    let calm = usual(&rules(), &[]).remove(0);
    client.grader.begin(calm, client.now);
    client.open(&[A]);
    client.pass(secs(1.0));
    client.grader.hit(client.now);
    client.pass(secs(12.0));
    assert!(client.grader.is_done(client.now));
    let end = client.now;
    assert_eq!(kinds(&client.grader.end(end).unwrap()), ["no_beat"]);
}

#[test]
fn a_program_that_ended_and_a_client_that_never_came_are_told() {
    let mut client = Client { grader: Grader::new(rules()), now: Ts::ZERO, wrong: Wrong::Nothing, next: 0 };
    client.grader.begin(usual(&rules(), &[]).remove(3), client.now);
    client.grader.exited(client.now, Some(1));
    client.pass(secs(20.0));
    let end = client.now;
    assert_eq!(kinds(&client.grader.end(end).unwrap()), ["not_live", "exited"]);
    assert!(!client.grader.ever_open());
}

#[test]
fn numbers_tell_what_was_lost() {
    let mut world = World::default();
    let flow = |first, last, messages| {
        let passed = Passed { service: A.into(), messages, seqs: Some((first, last)) };
        Seen { at: Ts::ZERO, what: What::Flow { client: ClientId(1), messages, bytes: 1, services: vec![passed] } }
    };
    world.see(&Seen { at: Ts::ZERO, what: What::Knocked { client: ClientId(1), from: String::new() } });
    world.see(&flow(5, 9, 4));
    world.see(&flow(20, 20, 1));
    assert_eq!(world.lost, Some(1 + 10));
}

proptest! {
    /// At any speed within the budgets.
    #[test]
    fn a_client_in_order_passes(wait in 0.0_f64..4.3, late in 0.0_f64..0.2, case in 0_usize..12) {
        let name = usual(&rules(), &[])[case].name.to_string();
        // These are more than one answer to one fault.
        prop_assume!(!["freeze", "http_503", "http_429", "hang"].contains(&name.as_str()));
        let graded = Client::lives(Wrong::Nothing, &name, secs(wait), secs(late));
        prop_assert_eq!(kinds(&graded), Vec::<&str>::new(), "{}", name);
    }

    #[test]
    fn a_mistake_never_passes(wait in 0.0_f64..4.3, late in 0.0_f64..0.2, which in 0_usize..15) {
        let (wrong, case, kind) = ALL[which];
        let graded = Client::lives(wrong, case, secs(wait), secs(late));
        prop_assert!(kinds(&graded).contains(&kind), "{:?}: {:?}", wrong, graded.findings);
    }

    /// Whatever is seen, in whatever order: no panic, and an end.
    #[test]
    fn any_observations_are_borne(steps in prop::collection::vec((0_u8..12, 0_u32..4, 0_u64..3_000), 0..120), case in 0_usize..14) {
        let mut grader = Grader::new(rules());
        let mut now = Ts::ZERO;
        grader.begin(usual(&rules(), &[])[case].clone(), now);
        for (at, (what, id, time)) in steps.iter().enumerate() {
            now = now + Duration::from_millis(*time);
            let client = ClientId(*id);
            let what = match what {
                0 => What::Knocked { client, from: String::new() },
                1 => What::Open { client, path: String::new(), subprotocol: None },
                2 => What::Subscribed { client, services: vec![A.into()], whole: at % 2 == 0 },
                3 => What::Unsubscribed { client, services: vec![A.into()] },
                4 => What::Beat { client, how: How::Ping, idle: Duration::from_millis(*time) },
                5 => What::Answered { client },
                6 => What::Flow { client, messages: 3, bytes: 3, services: vec![Passed { service: A.into(), messages: 3, seqs: Some((9, 2)) }] },
                7 => What::Left { client, how: Left::Reset },
                8 => What::Over { client, cut: false },
                9 => What::Garbage { client, kind: Garbage::Deep },
                10 => What::Turned { client, how: crate::relay::Turned::Gone },
                _ => { grader.hit(now); continue }
            };
            grader.see(&Seen { at: now, what });
            grader.is_live(now);
            grader.is_done(now);
        }
        grader.hit(now);
        prop_assert!(grader.is_done(now + Duration::from_mins(10)));
        prop_assert!(grader.end(now + Duration::from_mins(10)).is_some());
    }
}
