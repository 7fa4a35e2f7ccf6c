//! When an alarm is raised, cleared and acknowledged, and whether it may be heard: a rule over events and made-up time.
//! It rings nothing, reads no clock, and knows no words.

use std::collections::BTreeMap;
use std::time::Duration;

use serde::Serialize;

use super::{Event, FeedId, GapState, ServiceId, ServiceState, Stamped};
use crate::time::Ts;

/// One that flaps is heard at most so often, feed by feed.
const BETWEEN: Duration = Duration::from_secs(10);
/// Messages that were lost stay lost: their alarm is cleared once no more are for so long.
const CALM: Duration = Duration::from_mins(1);

/// What an alarm is raised for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Cause {
    /// No link.
    Down,
    /// A service is silent for longer than it may be.
    Stale,
    /// Messages are lost for good.
    Gap,
    /// No further attempt without the user.
    Stopped,
}

impl Cause {
    pub const ALL: [(&'static str, Self); 4] =
        [("down", Self::Down), ("stale", Self::Stale), ("gap", Self::Gap), ("stopped", Self::Stopped)];
}

/// What the user wants to be told of, and how.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Rules {
    pub on: Vec<Cause>,
    /// How long a feed must be down, or a service silent.
    pub after: Duration,
    pub bell: bool,
    pub notify: bool,
    pub command: Vec<String>,
    pub quiet: Vec<Quiet>,
}

/// Minutes of a day, the first included, the last not. One that ends before it begins goes on after midnight.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Quiet {
    pub from: u16,
    pub to: u16,
}

impl Quiet {
    /// `22:00-07:00`
    pub fn parse(text: &str) -> Option<Self> {
        let (from, to) = text.split_once('-')?;
        let quiet = Self { from: minute(from)?, to: minute(to)? };
        (quiet.from != quiet.to).then_some(quiet)
    }

    fn holds(self, minute: u16) -> bool {
        let (after, before) = (minute >= self.from, minute < self.to);
        if self.from < self.to { after && before } else { after || before }
    }
}

fn minute(text: &str) -> Option<u16> {
    let (hours, minutes) = text.trim().split_once(':')?;
    let digits = |text: &str| !text.is_empty() && text.len() <= 2 && text.bytes().all(|byte| byte.is_ascii_digit());
    let (hours, minutes) =
        (digits(hours).then(|| hours.parse::<u16>())?.ok()?, digits(minutes).then(|| minutes.parse::<u16>())?.ok()?);
    (hours < 24 && minutes < 60).then_some(hours * 60 + minutes)
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    Raised,
    Cleared,
    Acknowledged,
}

/// What became of an alarm.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Alarm {
    pub at: Ts,
    pub feed: FeedId,
    pub cause: Cause,
    pub service: Option<ServiceId>,
    pub state: State,
    /// When what it is raised for began.
    pub since: Ts,
    /// Messages, of a gap.
    pub lost: u64,
    /// It may be heard: neither in quiet hours nor too soon after the last one.
    pub loud: bool,
}

type Key = (FeedId, Cause, Option<ServiceId>);

#[derive(Clone, Debug)]
struct Entry {
    since: Ts,
    due: Ts,
    raised: bool,
    acknowledged: bool,
    loud: bool,
    lost: u64,
    /// When it is over by itself.
    ends: Option<Ts>,
}

/// All alarms, and those that may become some.
#[derive(Clone, Debug, Default)]
pub struct Alarms {
    pub rules: Rules,
    entries: BTreeMap<Key, Entry>,
    rang: BTreeMap<FeedId, Ts>,
    news: Vec<Alarm>,
}

impl Alarms {
    pub fn new(rules: Rules) -> Self {
        Self { rules, ..Self::default() }
    }

    /// Takes in what a feed told.
    pub fn hear(&mut self, stamped: &Stamped) {
        let (at, feed) = (stamped.at, stamped.feed);
        match &stamped.event {
            Event::Outage(outage) if outage.over => {
                self.end(at, (feed, Cause::Down, None));
                self.end(at, (feed, Cause::Stopped, None));
            }
            Event::Outage(outage) => {
                self.begin((feed, Cause::Down, None), outage.began, outage.began + self.rules.after);
            }
            Event::Stopped { .. } => self.begin((feed, Cause::Stopped, None), at, at),
            Event::Dialing { .. } => self.dialed(at, feed),
            Event::Service(news) => {
                let key = (feed, Cause::Stale, Some(news.service));
                if news.state == ServiceState::Stale {
                    let silent = u64::try_from(news.silent.unwrap_or_default().as_nanos()).unwrap_or(u64::MAX);
                    let since = Ts::from_nanos(at.as_nanos().saturating_sub(silent));
                    self.begin(key, since, since + self.rules.after);
                } else {
                    self.end(at, key);
                }
            }
            // What comes of a lost link is told as such.
            Event::Closed { .. } => self.end_all(at, feed, &[Cause::Stale]),
            Event::Paused => self.end_all(at, feed, &[Cause::Stale, Cause::Down, Cause::Stopped]),
            Event::Gap(gap) if gap.state == GapState::Lost => {
                let key = (feed, Cause::Gap, Some(gap.service));
                self.begin(key, at, at);
                if let Some(entry) = self.entries.get_mut(&key) {
                    entry.lost = entry.lost.saturating_add(gap.missing);
                    entry.ends = Some(at + CALM);
                }
            }
            Event::DialFailed { .. }
            | Event::Open { .. }
            | Event::Ready
            | Event::Rows(_)
            | Event::Sent { .. }
            | Event::BeatSent { .. }
            | Event::BeatAnswered { .. }
            | Event::Gap(_)
            | Event::Repeated { .. }
            | Event::Reordered { .. }
            | Event::Reconnecting { .. }
            | Event::Slept { .. }
            | Event::Backpressure { .. }
            | Event::IntervalIgnored { .. }
            | Event::Fault(_)
            | Event::Shed { .. } => {}
        }
    }

    /// What there is to tell by now; `minute` of the user's day.
    pub fn tick(&mut self, now: Ts, minute: u16) -> Vec<Alarm> {
        let over: Vec<_> =
            self.entries.iter().filter(|(_, e)| e.ends.is_some_and(|at| at <= now)).map(|(k, _)| *k).collect();
        let quiet = self.rules.quiet.iter().any(|quiet| quiet.holds(minute));
        let due: Vec<_> =
            self.entries.keys().copied().filter(|key| self.due(key).is_some_and(|due| due <= now)).collect();
        for key in due {
            let rang = self.rang.get(&key.0);
            let loud = !quiet && rang.is_none_or(|rang| now.since(*rang) >= BETWEEN);
            if loud {
                self.rang.insert(key.0, now);
            }
            if let Some(entry) = self.entries.get_mut(&key) {
                (entry.raised, entry.loud) = (true, loud);
                self.news.push(told(now, key, entry, State::Raised));
            }
        }
        for key in over {
            self.end(now, key);
        }
        std::mem::take(&mut self.news)
    }

    /// When [`Alarms::tick`] has something to tell.
    pub fn wake(&self) -> Option<Ts> {
        let ends = self.entries.values().filter_map(|entry| entry.ends);
        let news = self.news.first().map(|alarm| alarm.at);
        self.entries.keys().filter_map(|key| self.due(key)).chain(ends).chain(news).min()
    }

    /// The user has seen all alarms of a feed. Says whether there were any.
    pub fn acknowledge(&mut self, feed: FeedId, now: Ts) -> bool {
        let before = self.news.len();
        for (key, entry) in &mut self.entries {
            if key.0 == feed && entry.raised && !entry.acknowledged {
                entry.acknowledged = true;
                self.news.push(told(now, *key, entry, State::Acknowledged));
            }
        }
        self.news.len() > before
    }

    /// A feed is there no more. What was raised of it is cleared, and that is all that is still told.
    pub fn forget(&mut self, feed: FeedId, now: Ts) -> Vec<Alarm> {
        self.news.retain(|alarm| alarm.feed != feed);
        self.rang.remove(&feed);
        self.end_all(now, feed, &Cause::ALL.map(|(_, cause)| cause));
        self.news.extract_if(.., |alarm| alarm.feed == feed).collect()
    }

    /// Goes by other rules from now on: what they do not ask for is cleared, and what is not raised yet waits as long as
    /// they say.
    pub fn obey(&mut self, rules: Rules, now: Ts) {
        self.rules = rules;
        let unasked: Vec<_> = self.entries.keys().filter(|key| !self.rules.on.contains(&key.1)).copied().collect();
        for key in unasked {
            self.end(now, key);
        }
        for (key, entry) in self.entries.iter_mut().filter(|(_, entry)| !entry.raised) {
            if matches!(key.1, Cause::Down | Cause::Stale) {
                entry.due = entry.since + self.rules.after;
            }
        }
    }

    /// Those that were raised, and neither cleared nor acknowledged.
    pub fn raised(&self) -> impl Iterator<Item = (FeedId, Cause, Option<ServiceId>)> {
        self.entries.iter().filter(|(_, entry)| entry.raised && !entry.acknowledged).map(|(key, _)| *key)
    }

    /// When an alarm that was not raised is to be; none for a lost link where no further dial says it better.
    fn due(&self, key: &Key) -> Option<Ts> {
        let entry = self.entries.get(key).filter(|entry| !entry.raised)?;
        let said = key.1 == Cause::Down && self.entries.contains_key(&(key.0, Cause::Stopped, None));
        (!said).then_some(entry.due)
    }

    fn begin(&mut self, key: Key, since: Ts, due: Ts) {
        if self.rules.on.contains(&key.1) {
            let new = Entry { since, due, raised: false, acknowledged: false, loud: false, lost: 0, ends: None };
            self.entries.entry(key).or_insert(new);
        }
    }

    /// A feed that had stopped is tried again, and has its time for it.
    fn dialed(&mut self, at: Ts, feed: FeedId) {
        let stopped = (feed, Cause::Stopped, None);
        if self.entries.contains_key(&stopped)
            && let Some(down) = self.entries.get_mut(&(feed, Cause::Down, None))
        {
            down.due = at + self.rules.after;
        }
        self.end(at, stopped);
    }

    fn end(&mut self, at: Ts, key: Key) {
        if let Some(entry) = self.entries.remove(&key).filter(|entry| entry.raised) {
            self.news.push(told(at, key, &entry, State::Cleared));
        }
    }

    fn end_all(&mut self, at: Ts, feed: FeedId, causes: &[Cause]) {
        let keys: Vec<_> =
            self.entries.keys().filter(|key| key.0 == feed && causes.contains(&key.1)).copied().collect();
        for key in keys {
            self.end(at, key);
        }
    }
}

fn told(at: Ts, (feed, cause, service): Key, entry: &Entry, state: State) -> Alarm {
    Alarm { at, feed, cause, service, state, since: entry.since, lost: entry.lost, loud: entry.loud }
}

#[cfg(test)]
mod tests;
