//! The faults of a drill, one by one: what is done, for how long, and what a client that is in order makes of it.

use std::sync::Arc;
use std::time::Duration;

use super::rules::Rules;
use crate::fault::{Cut, Fault, Garbage, Script};

/// One fault, or the calm before them.
#[derive(Clone, Debug, PartialEq)]
pub struct Case {
    pub name: Arc<str>,
    pub say: Arc<str>,
    pub say_zh: Arc<str>,
    /// Begun together, in this order.
    pub faults: Vec<Fault>,
    pub hold: Hold,
    pub expect: Expect,
    /// A return may take so much longer than usual.
    pub patience: Duration,
    /// What the fault itself adds to the times that are seen.
    pub late: Duration,
    /// Services that the user wants to be asked for.
    pub services: Vec<Arc<str>>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Hold {
    For(Duration),
    /// Until the client has left the link.
    Noticed,
    /// To the end of the case.
    Case,
}

/// What a client in order does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Expect {
    /// Nothing is done to it: it subscribes and beats.
    Calm,
    /// It finds out by itself that the link is dead.
    Notice,
    /// It is told that the link ends, and dials again; not before the time that the server asks for.
    Redial { asked: Option<Duration> },
    /// It stays.
    Keep,
}

impl Case {
    /// The links that are open end by it.
    pub fn cuts(&self) -> bool {
        self.faults.iter().any(|fault| matches!(fault, Fault::Cut(_) | Fault::Refuse { cut: Some(_), .. }))
    }

    fn new(name: &str, faults: Vec<Fault>, hold: Hold, expect: Expect, words: (&str, &str)) -> Self {
        Self {
            name: name.into(),
            say: words.0.into(),
            say_zh: words.1.into(),
            faults,
            hold,
            expect,
            patience: Duration::ZERO,
            late: Duration::ZERO,
            services: Vec::new(),
        }
    }

    fn patient(self, patience: Duration) -> Self {
        Self { patience, ..self }
    }
}

const SECOND: Duration = Duration::from_secs(1);
const RETRY_AFTER: Duration = Duration::from_secs(3);

/// What every client should bear, for a protocol with these rules. `services`: those that the user named.
pub fn usual(rules: &Rules, services: &[String]) -> Vec<Case> {
    let detect = rules.budgets.detect;
    let watched = detect + SECOND;
    let redial = Expect::Redial { asked: None };
    let finds = rules.receive.is_some() || rules.beat.is_some_and(|beat| beat.timeout.is_some());
    let cut =
        |name: &str, cut: Cut, en: &str, zh: &str| Case::new(name, vec![Fault::Cut(cut)], Hold::Case, redial, (en, zh));
    let refuse =
        |status, retry_after, times, cut| Fault::Refuse { status: Some(status), retry_after, times, cut: Some(cut) };
    let calm = rules.beat.map_or(SECOND * 2, |beat| beat.after + beat.timeout.unwrap_or_default() + SECOND);
    let mut cases = vec![Case {
        services: services.iter().map(|name| name.as_str().into()).collect(),
        ..Case::new("calm", vec![], Hold::For(calm.min(SECOND * 45)), Expect::Calm, ("nothing goes wrong", "一切正常"))
    }];
    let every = Duration::from_millis(300);
    let words = ("messages that nobody asked for, but in order", "收到没有订阅但格式正确的消息");
    let kinds = vec![Garbage::NoService, Garbage::UnknownService];
    let strangers = vec![Fault::Garbage { kinds, every, service: None }];
    cases.push(Case::new("strangers", strangers, Hold::For(SECOND), Expect::Keep, words));
    if finds {
        let words = ("half-open: nothing comes, no close; a new link works", "半开：没有数据也没有关闭；新连接正常");
        cases.push(Case::new("half_open", vec![Fault::Blackhole], Hold::Case, Expect::Notice, words));
        let words = ("the network stands still, then goes on", "网络冻结，随后恢复");
        let freeze = Case::new("freeze", vec![Fault::Freeze], Hold::For(watched), Expect::Notice, words);
        cases.push(freeze.patient(detect));
    }
    cases.push(cut("reset", Cut::Reset, "TCP is reset", "TCP 连接被重置"));
    cases.push(cut("fin", Cut::Fin, "TCP ends without a close frame", "TCP 结束，没有关闭帧"));
    let close = Cut::Close { code: 1012, reason: "restart".into() };
    cases.push(cut("close_1012", close, "the server closes with 1012", "服务器以 1012 关闭"));
    // As long as two patient dials take. So many of them would be over for a client that hammers before it shows.
    let words = ("the server closes, and dials get 503 for a while", "服务器关闭，之后一段时间内重连得到 503");
    let closed = Cut::Close { code: 1012, reason: "service restart".into() };
    let busy = Case::new(
        "http_503",
        vec![refuse(503, None, None, closed)],
        Hold::For(rules.budgets.redial * 2),
        redial,
        words,
    );
    cases.push(busy.patient(rules.budgets.redial * 3));
    let asked = Expect::Redial { asked: Some(RETRY_AFTER) };
    let words = ("one dial gets 429 with Retry-After 3 s", "一次重连得到 429，要求 3 秒后再试");
    let later =
        Case::new("http_429", vec![refuse(429, Some(RETRY_AFTER), Some(1), Cut::Fin)], Hold::Case, asked, words);
    cases.push(later.patient(rules.budgets.redial * 2 + RETRY_AFTER));
    let words = ("a dial is accepted and not answered for 3 s", "重连被接受，但 3 秒内没有回应");
    let hang = Case::new("hang", vec![Fault::Hang, Fault::Cut(Cut::Fin)], Hold::For(SECOND * 3), redial, words);
    cases.push(hang.patient(rules.budgets.redial * 2));
    if finds && rules.beat.is_some_and(|beat| beat.timeout.is_some()) {
        let words = ("heartbeats are not answered, and no data comes", "心跳没有应答，也没有数据");
        let quiet = vec![Fault::DropAnswers { quiet: true }];
        cases.push(Case::new("drop_answers", quiet, Hold::Noticed, Expect::Notice, words));
    }
    if rules.beat.is_none_or(|beat| !beat.ping) {
        let words = ("WebSocket pongs are lost; everything else comes", "WebSocket pong 丢失，其余正常");
        let hold = Hold::For(watched.min(SECOND * 15));
        cases.push(Case::new("drop_pongs", vec![Fault::DropPongs], hold, Expect::Keep, words));
    }
    if rules.subscribes {
        let words = ("one service falls silent: stale, no reason to dial", "一个业务停止推送：过期，但不该重连");
        let mute = vec![Fault::Mute { service: String::new() }];
        cases.push(Case::new("mute", mute, Hold::For(watched.min(SECOND * 15)), Expect::Keep, words));
    }
    let (delay, jitter) = (Duration::from_millis(300), Duration::from_millis(100));
    let words = ("everything comes 0.3 to 0.4 s late", "所有数据晚到 0.3～0.4 秒");
    let late = Case::new("latency", vec![Fault::Latency { delay, jitter }], Hold::For(SECOND * 3), Expect::Keep, words);
    cases.push(Case { late: (delay + jitter) * 2, ..late });
    let every = Duration::from_millis(200);
    let words = ("messages that are not JSON, or not what they should be", "收到不是 JSON 或不合规的消息");
    let garbage = vec![Fault::Garbage { kinds: Garbage::ALL.to_vec(), every, service: None }];
    cases.push(Case::new("garbage", garbage, Hold::For(SECOND * 3), Expect::Keep, words));
    cases
}

/// The steps of a script, one after the other. Their times in the file are not kept: each begins when the client is live.
pub fn scripted(script: &Script, rules: &Rules, services: &[String]) -> Vec<Case> {
    let calm = usual(rules, services).into_iter().take(1);
    let steps = script.steps.iter().map(|step| {
        let expect = expected(&step.fault, rules);
        let words = (&*step.say, &*step.say_zh);
        let case = Case::new(step.fault.name(), vec![step.fault.clone()], Hold::For(step.lasts), expect, words);
        let late =
            if let Fault::Latency { delay, jitter } = step.fault { (delay + jitter) * 2 } else { Duration::ZERO };
        Case { late, ..case.patient(rules.budgets.redial * 3 + rules.budgets.detect) }
    });
    calm.chain(steps).collect()
}

fn expected(fault: &Fault, rules: &Rules) -> Expect {
    let strict = rules.beat.is_some_and(|beat| beat.strict);
    let ping = rules.beat.is_some_and(|beat| beat.ping);
    match fault {
        Fault::Cut(_) => Expect::Redial { asked: None },
        Fault::Refuse { cut: Some(_), retry_after, .. } => Expect::Redial { asked: *retry_after },
        Fault::Freeze | Fault::Blackhole => Expect::Notice,
        Fault::DropAnswers { quiet } if *quiet || strict => Expect::Notice,
        Fault::DropPongs if ping && strict => Expect::Notice,
        Fault::DropAnswers { .. }
        | Fault::DropPongs
        | Fault::Hang
        | Fault::Refuse { cut: None, .. }
        | Fault::Latency { .. }
        | Fault::Bandwidth { .. }
        | Fault::Bytewise
        | Fault::Nth { .. }
        | Fault::RefuseSubscriptions { .. }
        | Fault::Mute { .. }
        | Fault::Gap { .. }
        | Fault::Repeat { .. }
        | Fault::Reorder { .. }
        | Fault::Garbage { .. } => Expect::Keep,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::profile::{build, bundled};

    #[test]
    fn the_list_fits_the_protocol() {
        let of = |name: &str| {
            let profile = build::load(bundled::find(name).unwrap(), &bundled::find, &[]).unwrap();
            let cases = usual(&Rules::of(&profile, &[]), &[]);
            cases.iter().map(|case| case.name.to_string()).collect::<Vec<_>>().join(" ")
        };
        assert_eq!(
            of("demo"),
            "calm strangers half_open freeze reset fin close_1012 http_503 http_429 hang drop_answers drop_pongs mute latency garbage"
        );
        assert!(!of("raw").contains("drop_pongs") && !of("raw").contains("mute"));
    }

    /// As many refusals as one patient dial takes would let a client that hammers in before it is seen to.
    #[test]
    fn refusals_last_longer_than_a_client_that_hammers() {
        let profile = build::load(bundled::find("sub-heartbeat").unwrap(), &bundled::find, &[]).unwrap();
        let rules = Rules::of(&profile, &[]);
        let cases = usual(&rules, &[]);
        let busy = cases.iter().find(|case| &*case.name == "http_503").unwrap();
        assert!(matches!(busy.faults[..], [Fault::Refuse { status: Some(503), times: None, .. }]));
        assert_eq!(busy.hold, Hold::For(rules.budgets.redial * 2));
    }

    #[test]
    fn a_script_is_graded_step_by_step() {
        let profile = build::load(bundled::find("demo").unwrap(), &bundled::find, &[]).unwrap();
        let tour = Script::parse("tour.toml", include_str!("../../assets/demo/tour.toml")).unwrap();
        let cases = scripted(&tour, &Rules::of(&profile, &[]), &[]);
        assert_eq!(cases.len(), tour.steps.len() + 1);
        let expect = |name: &str| cases.iter().find(|case| &*case.name == name).unwrap().expect;
        assert_eq!((expect("gap"), expect("blackhole")), (Expect::Keep, Expect::Notice));
        assert_eq!(expect("reset"), Expect::Redial { asked: None });
    }
}
