//! What a world is like, and what a session told in it: the weather, and counts that must not contradict themselves.
//! It makes neither.

use std::time::Duration;

use wirebeat::event::{By, Event, Gen, Why};
use wirebeat::time::Ts;

/// What is wrong with the world, each until its end.
#[derive(Clone, Debug, Default)]
pub(crate) struct Weather {
    pub(crate) frozen: Ts,
    pub(crate) hole: (Ts, Gen),
    pub(crate) hung: Ts,
    pub(crate) refused: (Ts, Option<Why>),
    pub(crate) mute: Ts,
    pub(crate) deaf: Ts,
    pub(crate) slow: (Ts, Duration),
    /// We are not there: no deadline is served, nothing is read.
    pub(crate) asleep: Ts,
    pub(crate) held: Ts,
}

/// What was told, as far as it is counted.
#[derive(Debug, Default)]
pub(crate) struct Told {
    pub(crate) dials: u64,
    pub(crate) opens: u64,
    pub(crate) closes: u64,
    pub(crate) outages: (u64, u64),
    pub(crate) frames: u64,
    pub(crate) beats: (u64, u64),
    pub(crate) gaps: u64,
    pub(crate) repeats: u64,
    pub(crate) why: Option<Why>,
    pub(crate) stopped: Option<Why>,
}

impl Told {
    pub(crate) fn hear(&mut self, event: Event) {
        match event {
            Event::Dialing { .. } => self.dials += 1,
            Event::Open { .. } => {
                assert_eq!(self.opens, self.closes, "a second link is the feed's own");
                self.opens += 1;
            }
            Event::Closed { why, .. } => {
                self.closes += 1;
                assert_eq!(self.opens, self.closes);
                self.why = Some(why);
            }
            Event::Outage(outage) if outage.over => self.outages.1 += 1,
            Event::Outage(_) => self.outages.0 += 1,
            Event::Stopped { why } => {
                assert!(matches!(&why, Why::Storm { last, .. } if last.by() == By::Peer), "{why:?}");
                self.stopped = Some(why);
            }
            Event::BeatSent { .. } => self.beats.0 += 1,
            Event::BeatAnswered { .. } => self.beats.1 += 1,
            Event::Gap(_) => self.gaps += 1,
            Event::Repeated { .. } => self.repeats += 1,
            Event::DialFailed { .. }
            | Event::Ready
            | Event::Service(_)
            | Event::Rows(_)
            | Event::Sent { .. }
            | Event::Reordered { .. }
            | Event::Reconnecting { .. }
            | Event::Paused
            | Event::IntervalIgnored { .. }
            | Event::Slept { .. }
            | Event::Backpressure { .. }
            | Event::Fault(_)
            | Event::Shed { .. } => {}
        }
    }
}
