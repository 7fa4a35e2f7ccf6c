//! What a client is held to: when it beats, how long it may take to notice, to dial again and to ask for everything
//! again. From the profile, unless the user says otherwise.

use std::time::Duration;

use crate::profile::{Beat, BeatMode, Interval, Life, Profile, Reconnect};
use crate::session::backoff;

/// What the grader knows of the protocol, and how patient it is.
#[derive(Clone, Debug, PartialEq)]
pub struct Rules {
    pub beat: Option<BeatRule>,
    /// Nothing at all for so long is an end, whoever beats.
    pub receive: Option<Duration>,
    /// The profile says how to subscribe, so that something has to be.
    pub subscribes: bool,
    pub budgets: Budgets,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BeatRule {
    pub idle: bool,
    pub after: Duration,
    pub timeout: Option<Duration>,
    /// It is a WebSocket ping.
    pub ping: bool,
    /// Only the answer itself is one: other messages do not do.
    pub strict: bool,
}

/// How long each may take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Budgets {
    /// From a fault that says nothing to the end of the link by the client.
    pub detect: Duration,
    /// From the end of a link to the next dial.
    pub redial: Duration,
    /// From an open link to the last subscription.
    pub restore: Duration,
    /// From an open link to the first data; not judged unless it is given.
    pub data: Option<Duration>,
    /// What a timer may be late.
    pub slack: Duration,
    /// In which dials are counted.
    pub storm: Duration,
    /// So many of them are none.
    pub dials: u32,
    /// How long a client may take to be live before a fault.
    pub warmup: Duration,
}

/// What `--budget` can set.
pub const BUDGETS: [&str; 7] = ["detect", "redial", "restore", "data", "slack", "storm", "warmup"];

const SLACK: Duration = Duration::from_millis(500);
/// A client without a heartbeat is given so long, and the profile says nothing else.
const PATIENT: Duration = Duration::from_mins(1);
const STORM: Duration = Duration::from_secs(10);
/// More dials than these are a storm whatever the profile says.
const MOST_DIALS: u32 = 8;

impl Rules {
    pub fn of(profile: &Profile, given: &[(String, Duration)]) -> Self {
        let beat = profile.heartbeats.first().map(|beat| BeatRule {
            idle: beat.mode == BeatMode::Idle,
            after: beat.after.known(),
            timeout: beat.timeout.as_ref().map(Interval::known),
            ping: matches!(beat.send, Beat::Ping),
            strict: beat.alive_on == Life::Answer,
        });
        let receive = profile.receive_timeout.as_ref().map(Interval::known);
        let get = |key: &str| given.iter().rev().find(|(name, _)| name == key).map(|(_, time)| *time);
        let slack = get("slack").unwrap_or(SLACK);
        let by_beat = beat.and_then(|beat| Some(beat.after + beat.timeout?));
        let usual = [by_beat, receive].into_iter().flatten().min().unwrap_or(PATIENT);
        let detect = get("detect").unwrap_or(usual + slack);
        let storm = get("storm").unwrap_or(STORM);
        let longest = longest(&profile.reconnect);
        let shortest = backoff::delay(&profile.reconnect, 1, 0.0).max(Duration::from_millis(100));
        let dials = storm.as_millis().div_ceil(shortest.as_millis().max(1)).saturating_add(1);
        let budgets = Budgets {
            detect,
            redial: get("redial").unwrap_or(longest + slack),
            restore: get("restore").unwrap_or(Duration::from_secs(2)),
            data: get("data"),
            slack,
            storm,
            dials: u32::try_from(dials).unwrap_or(MOST_DIALS).clamp(3, MOST_DIALS),
            warmup: get("warmup").unwrap_or((usual + longest).max(Duration::from_secs(15))),
        };
        Self { beat, receive, subscribes: profile.subscribe.is_some(), budgets }
    }
}

/// The longest wait before a first dial.
fn longest(reconnect: &Reconnect) -> Duration {
    backoff::delay(reconnect, 1, 1.0).max(backoff::delay(reconnect, 2, 1.0))
}

/// Reads `KEY=DURATION`.
pub fn budget(text: &str) -> Result<(String, Duration), String> {
    let (key, time) = text.split_once('=').ok_or("a budget is KEY=DURATION, as in detect=5s")?;
    if !BUDGETS.contains(&key) {
        return Err(format!("there is no budget of that name; there are {}", BUDGETS.join(", ")));
    }
    Ok((key.to_owned(), crate::profile::duration::parse(time)?))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::profile::{build, bundled};

    fn rules(name: &str, given: &[&str]) -> Rules {
        let profile = build::load(bundled::find(name).unwrap(), &bundled::find, &[]).unwrap();
        Rules::of(&profile, &given.iter().map(|text| budget(text).unwrap()).collect::<Vec<_>>())
    }

    #[test]
    fn the_seeds_numbers_are_the_budget() {
        let seed = rules("sub-heartbeat", &[]);
        assert_eq!(seed.budgets.detect, Duration::from_millis(40_500));
        assert_eq!((seed.budgets.redial, seed.budgets.dials), (Duration::from_millis(4_500), 4));
        let own = rules("sub-heartbeat", &["detect=3s", "slack=1s", "detect=2s"]);
        assert_eq!((own.budgets.detect, own.budgets.redial), (Duration::from_secs(2), Duration::from_secs(5)));
        assert!(rules("raw", &[]).beat.unwrap().ping && !rules("raw", &[]).subscribes);
    }

    #[test]
    fn a_wrong_budget_is_told() {
        for text in ["detect", "detect=", "detect=5", "x=1s"] {
            assert!(budget(text).is_err(), "{text}");
        }
    }
}
