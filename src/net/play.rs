//! Plays a script on a desk: announces each step, begins it, says when it is over. It carries no fault out.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::mpsc;
use tokio::time::sleep_until;

use crate::event::{Fault, FaultState};
use crate::fault::{Desk, Script, Step, same_feed};
use crate::time::{Clock, Ts};

/// What a reader is told of a step, once for each feed that it concerns.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notice {
    pub feed: String,
    pub name: &'static str,
    pub state: FaultState,
    /// How long until it begins (of one announced) or ends (of one that is on).
    pub until: Option<Duration>,
    pub say: Arc<str>,
    pub say_zh: Arc<str>,
}

impl Notice {
    /// As an event of the feed, in Chinese or English.
    pub fn fault(&self, chinese: bool, now: Ts) -> Fault {
        let text = if chinese { &self.say_zh } else { &self.say };
        let until = self.until.map(|until| now + until);
        Fault { name: self.name.to_owned(), text: text.to_string(), state: self.state, until }
    }
}

/// Plays until the script is over; one that repeats without end never is. Dropped midway, it leaves behind at the most
/// a fault that ends by itself.
///
/// It waits for room in `tell`: nothing begins that could not be announced. A reader who left is not waited for.
pub async fn play(script: &Script, desk: &impl Desk, tell: mpsc::Sender<Notice>) {
    let clock = Clock::start();
    let moments = moments(&script.steps);
    let mut start = clock.now();
    let mut round = 0_u32;
    while script.rounds.is_none_or(|rounds| round < rounds) {
        for moment in &moments {
            sleep_until(clock.instant(start + moment.at)).await;
            for feed in concerned(desk, moment.step) {
                announce(moment, feed, desk, &tell).await;
            }
        }
        round = round.saturating_add(1);
        // A round without length would be played without a pause.
        start = start + (script.length().saturating_add(script.rest)).max(Duration::from_millis(100));
        start = start.max(clock.now());
        sleep_until(clock.instant(start)).await;
    }
}

/// Something to do at a time since the start of a round.
#[derive(Clone, Copy, Debug)]
struct Moment<'s> {
    at: Duration,
    state: FaultState,
    /// Until it begins or ends.
    until: Option<Duration>,
    step: &'s Step,
}

/// All of a round, in their order. What ends does so before something begins at the same time.
fn moments(steps: &[Step]) -> Vec<Moment<'_>> {
    let mut moments = Vec::with_capacity(steps.len().saturating_mul(3));
    for step in steps {
        let warn = step.warn.min(step.at);
        let soon = Moment { at: step.at.saturating_sub(warn), state: FaultState::Soon, until: Some(warn), step };
        let on = Moment { at: step.at, state: FaultState::On, until: Some(step.lasts), step };
        let off = Moment { at: step.at.saturating_add(step.lasts), state: FaultState::Off, until: None, step };
        moments.extend([soon, on, off]);
    }
    let rank = |state| match state {
        FaultState::Off => 0,
        FaultState::Soon => 1,
        FaultState::On => 2,
    };
    moments.sort_by_key(|moment| (moment.at, rank(moment.state)));
    moments
}

fn concerned(desk: &impl Desk, step: &Step) -> Vec<String> {
    let all = desk.feeds().into_iter();
    all.filter(|feed| step.feed.as_deref().is_none_or(|wanted| same_feed(feed, wanted))).collect()
}

async fn announce(moment: &Moment<'_>, feed: String, desk: &impl Desk, tell: &mpsc::Sender<Notice>) {
    let step = moment.step;
    let mut say = Arc::clone(&step.say);
    let mut say_zh = Arc::clone(&step.say_zh);
    if moment.state == FaultState::On
        && let Err(error) = desk.start(&feed, &step.fault, step.lasts)
    {
        // It was announced and does not come: that, too, is said.
        say = format!("{say} ({error})").into();
        say_zh = format!("{say_zh} ({error})").into();
    }
    let notice = Notice { feed, name: step.fault.name(), state: moment.state, until: moment.until, say, say_zh };
    // A reader who left misses it.
    let _ = tell.send(notice).await;
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use super::*;
    use crate::fault::{self, DeskError, FaultId};

    const TOUR: &str = include_str!("../../assets/demo/tour.toml");

    /// Writes down what begins, and when.
    struct Recorder {
        clock: Clock,
        begun: Mutex<Vec<(Ts, String, &'static str)>>,
    }

    impl Desk for Recorder {
        fn feeds(&self) -> Vec<String> {
            ["/market", "/orders", "/devices"].map(str::to_owned).to_vec()
        }

        fn services(&self, _: &str) -> Vec<String> {
            Vec::new()
        }

        fn start(&self, feed: &str, fault: &fault::Fault, _: Duration) -> Result<FaultId, DeskError> {
            self.begun.lock().unwrap().push((self.clock.now(), feed.to_owned(), fault.name()));
            Err(DeskError::Full)
        }
    }

    async fn watch(script: &Script, limit: Duration) -> (Vec<(Ts, Notice)>, Vec<(Ts, String, &'static str)>) {
        let desk = Recorder { clock: Clock::start(), begun: Mutex::default() };
        let (tell, mut told) = mpsc::channel(1);
        let mut notices = Vec::new();
        let read = async {
            while let Some(notice) = told.recv().await {
                notices.push((desk.clock.now(), notice));
            }
        };
        let both = async { tokio::join!(play(script, &desk, tell), read) };
        let _ = tokio::time::timeout(limit, both).await;
        (notices, desk.begun.into_inner().unwrap())
    }

    #[tokio::test(start_paused = true)]
    async fn every_step_of_the_tour_is_announced_before_it_begins() {
        let tour = Script::parse("tour.toml", TOUR).unwrap();
        let (notices, begun) = watch(&tour, Duration::from_secs(355)).await;
        assert!(begun.len() > 2 * tour.steps.len(), "it comes again");
        for (at, feed, name) in &begun {
            let mine = |notice: &Notice, state| notice.feed == *feed && notice.name == *name && notice.state == state;
            let soon = notices.iter().rfind(|(when, notice)| when < at && mine(notice, FaultState::Soon));
            let (when, notice) = soon.unwrap_or_else(|| panic!("{name} of {feed} at {at:?} was not announced"));
            assert!(*at - *when >= Duration::from_secs(2));
            assert_eq!(Some(*at - *when), notice.until);
            assert!(notices.iter().any(|(when, notice)| when == at && mine(notice, FaultState::On)));
        }
        let ons = notices.iter().filter(|(_, notice)| notice.state == FaultState::On);
        assert_eq!(ons.clone().count(), begun.len());
        for (on, notice) in ons {
            let off = *on + notice.until.unwrap();
            let over = |(when, other): &&(Ts, Notice)| *when == off && other.name == notice.name;
            let told = notices.iter().filter(over).any(|(_, other)| other.state == FaultState::Off);
            assert!(told || off > Ts::from_millis(355_000), "{notice:?} ends");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn rounds_are_counted_and_a_step_without_a_feed_is_for_all() {
        let text = "repeat = 2\nrest = \"4s\"\n[[step]]\nat = \"1s\"\nfor = \"2s\"\nfault = \"reset\"\nsay = \"a\"\nsay_zh = \"甲\"";
        let script = Script::parse("a", text).unwrap();
        let (notices, begun) = watch(&script, Duration::from_hours(1)).await;
        let at: Vec<u64> = begun.iter().map(|(at, ..)| at.as_nanos() / 1_000_000).collect();
        assert_eq!(at, [1_000, 1_000, 1_000, 8_000, 8_000, 8_000]);
        // There is no time for its whole warning.
        assert_eq!((notices[0].0, notices[0].1.until), (Ts::ZERO, Some(Duration::from_secs(1))));
        let event = notices[3].1.fault(true, Ts::from_millis(1_000));
        assert_eq!((event.state, event.until), (FaultState::On, Some(Ts::from_millis(3_000))));
        assert!(event.text.starts_with('甲') && event.text.contains("faults at once"), "{}", event.text);
    }

    #[tokio::test(start_paused = true)]
    async fn a_reader_who_left_does_not_stop_it() {
        let script = Script::parse("a", "[[step]]\nat = \"1s\"\nfault = \"fin\"\nsay = \"a\"").unwrap();
        let desk = Recorder { clock: Clock::start(), begun: Mutex::default() };
        let (tell, _) = mpsc::channel(1);
        play(&script, &desk, tell).await;
        assert_eq!(desk.begun.into_inner().unwrap().len(), 3);
    }
}
