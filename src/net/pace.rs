//! The pace of a driver: when a snapshot is worth showing, when a reader counts as slow, when we were not there.

use std::time::Duration;

use tokio::sync::watch;

use crate::event::{Phase, Snapshot};
use crate::session::{Input, Session};
use crate::time::{Clock, Ts};

/// A deadline that is served later than this was not ours to miss: the machine slept, or we were stopped.
pub(super) const LATE: Duration = Duration::from_secs(2);
/// The least time between two snapshots of the same phase.
const SNAPSHOTS: Duration = Duration::from_millis(25);
/// A machine that wakes knows nothing of it until we look: at least so often.
const LOOK: Duration = Duration::from_secs(1);
/// How long a slow reader may keep us from reading before that is told and deadlines stand still.
const HOLD: Duration = Duration::from_millis(250);

/// When to show a snapshot, when to say that a reader is slow, and what the clocks said.
pub(super) struct Pace {
    shown: Option<Ts>,
    phase: Phase,
    dirty: bool,
    full_since: Option<Ts>,
    holding: bool,
    asleep: Duration,
    /// When the clocks were looked at last.
    looked: Ts,
    turns: u32,
}

impl Pace {
    pub(super) fn new(clock: &Clock) -> Self {
        Self {
            shown: None,
            phase: Phase::Idle,
            dirty: true,
            full_since: None,
            holding: false,
            asleep: clock.asleep(),
            looked: clock.now(),
            turns: 0,
        }
    }

    /// Every turn may have changed something; a snapshot is worth its while 40 times a second, or when the phase changed.
    pub(super) fn show(&mut self, now: Ts, session: &mut Session, snapshots: &watch::Sender<Snapshot>) {
        let soon = self.shown.is_some_and(|shown| now - shown < SNAPSHOTS);
        if soon && session.phase() == self.phase {
            self.dirty = true;
            return;
        }
        self.dirty = false;
        self.shown = Some(now);
        self.phase = session.phase();
        snapshots.send_modify(|snapshot| session.snapshot(now, snapshot));
    }

    /// A reader that is slow for a while is told of, and our own deafness is not held against the server. Says what is to
    /// be told.
    pub(super) fn hold(&mut self, now: Ts, full: bool) -> Option<Input<'static>> {
        if full {
            let since = *self.full_since.get_or_insert(now);
            let begins = !self.holding && now - since >= HOLD;
            self.holding |= begins;
            begins.then_some(Input::Backpressure(true))
        } else {
            self.full_since = None;
            std::mem::take(&mut self.holding).then_some(Input::Backpressure(false))
        }
    }

    pub(super) fn wake(&self) -> Option<Ts> {
        let show = self.shown.filter(|_| self.dirty).map(|shown| shown + SNAPSHOTS);
        let hold = self.full_since.filter(|_| !self.holding).map(|since| since + HOLD);
        let look = Some(self.looked + LOOK);
        show.into_iter().chain(hold).chain(look).min()
    }

    /// How long we were not there since the last look: the machine slept, by its clocks, or we were stopped.
    pub(super) fn slept(&mut self, now: Ts, clock: &Clock) -> Duration {
        let asleep = clock.asleep();
        let slept = asleep.saturating_sub(std::mem::replace(&mut self.asleep, asleep));
        self.looked = now;
        if slept > LATE { slept } else { Duration::ZERO }
    }

    /// Whether the clocks may tell of a sleep that nobody was told of yet.
    pub(super) fn doubts(&self, clock: &Clock) -> bool {
        clock.asleep().saturating_sub(self.asleep) > LATE
    }

    /// A socket that always has more must leave the other tasks of this thread their turn.
    pub(super) async fn rest(&mut self) {
        self.turns = self.turns.wrapping_add(1);
        if self.turns.is_multiple_of(8) {
            tokio::task::yield_now().await;
        }
    }
}
