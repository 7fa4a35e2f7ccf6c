//! Where a feed stands, in the words of the screen: made from its latest snapshot and the time. It stores nothing.

use std::time::Duration;

use super::feed::Feed;
use crate::event::{BeatRule, Due, Phase, ServiceState, ServiceView};
use crate::time::Ts;

/// The state of a link, as the screen names it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Standing {
    /// Not started.
    Idle,
    /// `attempt` is above 1 where dials failed before.
    Dialing {
        attempt: u32,
    },
    Live,
    /// Open, and not all of what is wanted comes.
    Degraded {
        fine: usize,
        wanted: usize,
    },
    Probing,
    /// After so many failed dials.
    Retry {
        dials: u32,
    },
    Stopped,
    Paused,
}

/// What stands beside it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Next {
    /// Counts down to it.
    Counting {
        due: Due,
        from: Ts,
        until: Ts,
    },
    /// What would happen after so much silence.
    Rule {
        due: Due,
        after: Duration,
    },
    /// By the user, or by our policy, since then.
    Away {
        since: Ts,
    },
    Nothing,
}

/// An answer that is faster is not worth a change on the screen.
const FAST_ANSWER: Duration = Duration::from_millis(250);
/// An answer that takes longer is worth the user's eye.
const SLOW_ANSWER: Duration = Duration::from_secs(1);
/// An idle countdown that every message would restart shows only once the link is quiet.
const QUIET: Duration = Duration::from_secs(1);
/// How long a fresh link may take to log in, and to subscribe.
const SUBSCRIBING: Duration = Duration::from_secs(5);

impl Feed {
    pub fn standing(&self, now: Ts) -> Standing {
        let state = &self.state;
        match state.phase {
            Phase::Idle => Standing::Idle,
            Phase::Dialing | Phase::LoggingIn => Standing::Dialing { attempt: state.attempt },
            Phase::Probing if self.unanswered(now) >= FAST_ANSWER => Standing::Probing,
            Phase::Open | Phase::Probing => {
                let wanted = state.services.iter().filter(|service| service.wanted).count();
                let fine =
                    state.services.iter().filter(|service| service.wanted && is_fine(service, self.info.acks)).count();
                if fine == wanted { Standing::Live } else { Standing::Degraded { fine, wanted } }
            }
            Phase::Waiting => Standing::Retry { dials: state.attempt.saturating_sub(1) },
            Phase::Stopped => Standing::Stopped,
            Phase::Paused => Standing::Paused,
        }
    }

    /// Whether there is a link that messages can come over.
    pub fn is_open(&self) -> bool {
        matches!(self.state.phase, Phase::Open | Phase::Probing)
    }

    /// How long our beat has waited for its answer.
    pub fn unanswered(&self, now: Ts) -> Duration {
        let sent = self.state.beat_sent.filter(|_| self.state.phase == Phase::Probing);
        now.since(sent.unwrap_or(if self.state.phase == Phase::Probing { self.state.since } else { now }))
    }

    /// What comes next. A countdown shows while it counts, else its rule stands there.
    pub fn next(&self, now: Ts) -> Next {
        let state = &self.state;
        match state.phase {
            Phase::Paused | Phase::Stopped => return Next::Away { since: state.since },
            Phase::Idle | Phase::Dialing | Phase::LoggingIn | Phase::Open | Phase::Probing | Phase::Waiting => {}
        }
        match state.due {
            Some((due @ (Due::DialTimeout | Due::Dial), from, until)) => Next::Counting { due, from, until },
            Some((due @ Due::Answer, from, until)) if self.unanswered(now) >= FAST_ANSWER => {
                Next::Counting { due, from, until }
            }
            Some((Due::Answer, ..)) | None => self.rule(),
            Some((due @ Due::Beat, from, until)) => {
                let idle = self.info.beat.is_none_or(|beat| beat.idle);
                if idle && now.since(from) <= QUIET { self.rule() } else { Next::Counting { due, from, until } }
            }
            Some((due @ Due::Receive, from, until)) => {
                if now.since(from) <= QUIET {
                    Next::Rule { due, after: until.since(from) }
                } else {
                    Next::Counting { due, from, until }
                }
            }
        }
    }

    fn rule(&self) -> Next {
        match self.info.beat {
            Some(BeatRule { after, .. }) if self.is_open() => Next::Rule { due: Due::Beat, after },
            Some(_) | None => Next::Nothing,
        }
    }

    /// Since when the feed is in a state that wants the user's eye, if it is in one.
    pub fn trouble(&self, now: Ts) -> Option<Trouble> {
        let state = &self.state;
        let outage = state.outage.as_ref().filter(|outage| !outage.over).map(|outage| outage.began);
        let (rank, since) = match self.standing(now) {
            Standing::Stopped => (Rank::Stopped, state.since),
            Standing::Retry { .. } => (Rank::Down, outage.unwrap_or(state.since)),
            Standing::Dialing { attempt } if attempt > 1 || state.outage.is_some() || state.why.is_some() => {
                (Rank::Down, outage.unwrap_or(state.since))
            }
            Standing::Probing if self.unanswered(now) >= SLOW_ANSWER => {
                (Rank::Probing, state.last_byte.unwrap_or(state.since))
            }
            // A server that opens and does not let us in.
            Standing::Dialing { .. } if state.phase == Phase::LoggingIn && now.since(state.since) >= SUBSCRIBING => {
                (Rank::Probing, state.since)
            }
            Standing::Degraded { .. } => {
                let worst = self.ailing(now)?;
                let since = match worst.state {
                    ServiceState::Stale => worst.last,
                    ServiceState::Wanted
                    | ServiceState::Sent
                    | ServiceState::Acked
                    | ServiceState::Live
                    | ServiceState::Refused
                    | ServiceState::Off => None,
                };
                (Rank::Degraded, since.or(state.opened).unwrap_or(state.since))
            }
            // The first dial of all and a beat just sent are no trouble yet.
            Standing::Idle | Standing::Live | Standing::Paused | Standing::Dialing { .. } | Standing::Probing => {
                return None;
            }
        };
        Some(Trouble { rank, since })
    }

    /// The service for which an open feed is in trouble: the first that was refused, else the one silent for longest.
    pub fn ailing(&self, now: Ts) -> Option<&ServiceView> {
        let settled = self.state.opened.is_some_and(|opened| now.since(opened) >= SUBSCRIBING);
        let ailing = |service: &&ServiceView| {
            service.wanted
                && !is_fine(service, self.info.acks)
                && (settled || matches!(service.state, ServiceState::Stale | ServiceState::Refused))
        };
        self.state.services.iter().filter(ailing).min_by_key(|service| {
            let refused = service.state == ServiceState::Refused;
            (!refused, service.last)
        })
    }
}

/// A wanted service that gives no reason to worry. One that was subscribed where the server never says yes is fine:
/// nothing more can be known of it before its first data.
fn is_fine(service: &ServiceView, acks: bool) -> bool {
    match service.state {
        ServiceState::Sent => !acks,
        ServiceState::Acked | ServiceState::Live => true,
        ServiceState::Wanted | ServiceState::Stale | ServiceState::Refused | ServiceState::Off => false,
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Trouble {
    pub rank: Rank,
    pub since: Ts,
}

/// From the worst on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Rank {
    Stopped,
    Down,
    Probing,
    Degraded,
}
