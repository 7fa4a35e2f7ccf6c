//! When a frame is worth drawing, and which one also shows the messages that came. It draws nothing and writes nothing; it is
//! told what a frame cost.
//!
//! A frame costs bytes, and a line carries so many a second. They are spent by worth: countdowns and states go on,
//! messages sample, and a key is answered at once. A terminal that is slower still is known by how long a write takes.

use std::time::Duration;

use crate::time::Ts;

/// Bytes a second for a screen of [`CELLS`]; a larger one may have more.
const QUOTA: u64 = 15 << 10;
/// The least for any, or a slow line would never show a message.
const LEAST: u64 = 512;
const CELLS: u64 = 80 * 24;
/// So much of it may be spent at once, after a rest.
const CREDIT: Duration = Duration::from_secs(1);
/// A write that takes longer than this is one that the terminal holds up.
const SLOW_WRITE: Duration = Duration::from_millis(20);
/// The most time between two frames, however slow the terminal is.
const RAREST: Duration = Duration::from_millis(500);
/// Frames in which only numbers change, while messages wait for their turn.
const MEANWHILE: Duration = Duration::from_millis(100);
/// A line that was slow is tried with more after so long.
const BETTER: Duration = Duration::from_secs(2);

/// When the next frame may be drawn, and when the picture changes by itself.
#[derive(Debug)]
pub(super) struct Pace {
    /// Something has changed.
    pub(super) dirty: bool,
    /// The least time between two frames.
    pub(super) frame: Duration,
    /// Before this, no frame.
    next: Ts,
    /// The soonest that it may be, where a key waits for it.
    soonest: Ts,
    /// By itself, the picture changes then.
    change: Ts,
    /// Before this, no messages.
    paid: Ts,
    /// How long the line needs for what was spent, as of `spent_at`.
    spent: Duration,
    spent_at: Ts,
    /// Messages came that are not shown.
    waiting: bool,
    /// Bytes a second that a line took which held us up.
    slow: Option<u64>,
    slow_since: Ts,
    cells: u64,
}

/// What a frame cost.
#[derive(Clone, Copy, Debug)]
pub(super) struct Cost {
    pub(super) began: Ts,
    pub(super) ended: Ts,
    pub(super) bytes: u64,
}

impl Pace {
    pub(super) fn new(frame: Duration) -> Self {
        Self {
            dirty: true,
            frame,
            next: Ts::ZERO,
            soonest: Ts::ZERO,
            change: Ts::ZERO,
            paid: Ts::ZERO,
            spent: Duration::ZERO,
            spent_at: Ts::ZERO,
            waiting: false,
            slow: None,
            slow_since: Ts::ZERO,
            cells: CELLS,
        }
    }

    pub(super) fn resize(&mut self, width: u16, height: u16) {
        self.cells = (u64::from(width) * u64::from(height)).max(1);
    }

    /// News came.
    pub(super) fn news(&mut self) {
        (self.dirty, self.waiting) = (true, true);
    }

    /// The user did something, and waits to see it.
    pub(super) fn key(&mut self) {
        self.dirty = true;
        self.next = self.next.min(self.soonest);
    }

    pub(super) fn may_draw(&self, now: Ts) -> bool {
        self.dirty && self.next <= now
    }

    /// Whether a frame that is drawn now may show the newest messages.
    pub(super) fn shows_messages(&self, now: Ts) -> bool {
        self.paid <= now
    }

    /// A frame was drawn. `change`: how soon the picture changes by itself.
    pub(super) fn drawn(&mut self, cost: Cost, change: Duration) {
        let Cost { began, ended, bytes } = cost;
        let took = ended - began;
        if took > SLOW_WRITE {
            self.slow = Some(bytes.saturating_mul(1000) / u64::try_from(took.as_millis()).unwrap_or(u64::MAX).max(1));
            self.slow_since = ended;
        } else if let Some(slow) = self.slow
            && ended.since(self.slow_since) > BETTER
        {
            self.slow = Some(slow.saturating_mul(2)).filter(|slow| slow / 2 < self.quota_of_screen());
            self.slow_since = ended;
        }
        if self.shows_messages(began) {
            self.waiting = false;
        }
        let left = self.spent.saturating_sub(ended - self.spent_at);
        self.spent = left + Duration::from_millis(bytes.saturating_mul(1000) / self.quota());
        self.spent_at = ended;
        self.paid = ended + self.spent.saturating_sub(CREDIT);
        let held_up = if took > SLOW_WRITE { (took * 3).min(RAREST) } else { Duration::ZERO };
        let sampling = if self.shows_messages(ended) { Duration::ZERO } else { MEANWHILE };
        self.soonest = ended + self.frame;
        self.next = ended + self.frame.max(held_up).max(sampling);
        self.change = ended + change.max(self.frame);
        self.dirty = false;
    }

    /// When to look again, if nothing happens before.
    pub(super) fn wake(&self) -> Ts {
        match () {
            () if self.dirty => self.next,
            () if self.waiting => self.change.min(self.paid).max(self.next),
            () => self.change.max(self.next),
        }
    }

    fn quota(&self) -> u64 {
        // Half of what a slow line takes stays free for what cannot wait.
        self.slow.map_or(u64::MAX, |slow| slow / 2).min(self.quota_of_screen()).max(LEAST)
    }

    fn quota_of_screen(&self) -> u64 {
        QUOTA * self.cells.max(CELLS) / CELLS
    }
}

#[cfg(test)]
mod tests;
