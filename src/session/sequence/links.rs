//! Messages that each name the one before them. That one is missing is known, and not how many are: numbers are not dense.

use std::collections::VecDeque;
use std::time::Duration;

use super::Finding;
use crate::event::GapState;
use crate::profile::Sequence;
use crate::time::Ts;

#[derive(Clone, Debug)]
pub(super) struct Links {
    window: Duration,
    goes_on: bool,
    last: Option<u64>,
    /// The next number that comes is the first of a link.
    crossing: bool,
    /// Messages that were named and have not come.
    pending: VecDeque<Missing>,
    /// The last number if it went back: a new count, if the next one follows it.
    back: Option<u64>,
}

#[derive(Clone, Debug)]
struct Missing {
    number: u64,
    /// The last that came before the gap: a message that names it closes the gap.
    base: u64,
    until: Ts,
    across_reconnect: bool,
}

/// So many are waited for at the most.
const MOST: usize = 256;

impl Links {
    pub(super) fn new(sequence: &Sequence) -> Self {
        Self {
            window: sequence.reorder,
            goes_on: sequence.across_reconnect,
            last: None,
            crossing: false,
            pending: VecDeque::new(),
            back: None,
        }
    }

    pub(super) fn see(&mut self, now: Ts, seq: u64, previous: Option<u64>, out: &mut Vec<Finding>) {
        self.expire(now, out);
        let crossing = std::mem::take(&mut self.crossing);
        // One that names none before it begins.
        let (Some(last), Some(previous)) = (self.last, previous) else {
            self.last = Some(seq);
            return;
        };
        if previous == last {
            self.last = Some(seq);
            self.back = None;
        } else if self.fill(seq, previous, out) {
            self.back = None;
        } else if seq == last {
            out.push(Finding::Repeated { seq });
        } else if seq < last {
            if self.back == Some(previous) {
                self.begin(seq, out);
                return;
            }
            self.back = Some(seq);
            out.push(Finding::Reordered { seq });
        } else {
            // A message that goes on from an earlier one skips nothing.
            if previous > last {
                self.open(now, previous, last, crossing, out);
            }
            self.last = Some(seq);
            self.back = None;
        }
    }

    /// Whether a message that names this one before it leaves some out.
    pub(super) fn skips(&self, previous: Option<u64>) -> bool {
        previous > self.last && self.last.is_some()
    }

    pub(super) fn expire(&mut self, now: Ts, out: &mut Vec<Finding>) {
        while self.pending.front().is_some_and(|missing| missing.until <= now) {
            self.judge(out);
        }
    }

    pub(super) fn wake(&self) -> Option<Ts> {
        self.pending.front().map(|missing| missing.until)
    }

    pub(super) fn relink(&mut self, out: &mut Vec<Finding>) {
        if self.goes_on {
            self.crossing = true;
            self.back = None;
        } else {
            self.reset(out);
        }
    }

    pub(super) fn reset(&mut self, out: &mut Vec<Finding>) {
        while !self.pending.is_empty() {
            self.judge(out);
        }
        self.last = None;
        self.back = None;
        self.crossing = false;
    }

    fn begin(&mut self, seq: u64, out: &mut Vec<Finding>) {
        self.reset(out);
        self.last = Some(seq);
    }

    fn open(&mut self, now: Ts, number: u64, base: u64, across_reconnect: bool, out: &mut Vec<Finding>) {
        if !self.window.is_zero() {
            out.push(gap(number, 1, GapState::Pending, across_reconnect));
        }
        self.pending.push_back(Missing { number, base, until: now + self.window, across_reconnect });
        if self.window.is_zero() || self.pending.len() > MOST {
            self.judge(out);
        }
    }

    /// A message that was missing. The one that it names may be missing too: then that one is waited for in its place.
    fn fill(&mut self, seq: u64, previous: u64, out: &mut Vec<Finding>) -> bool {
        let Some(at) = self.pending.iter().position(|missing| missing.number == seq) else { return false };
        out.push(Finding::Reordered { seq });
        let missing = &mut self.pending[at];
        let across_reconnect = missing.across_reconnect;
        out.push(gap(seq, 0, GapState::Filled, across_reconnect));
        if previous <= missing.base {
            self.pending.remove(at);
        } else {
            missing.number = previous;
            out.push(gap(previous, 1, GapState::Pending, across_reconnect));
        }
        true
    }

    fn judge(&mut self, out: &mut Vec<Finding>) {
        if let Some(missing) = self.pending.pop_front() {
            out.push(gap(missing.number, 1, GapState::Lost, missing.across_reconnect));
        }
    }
}

fn gap(number: u64, missing: u64, state: GapState, across_reconnect: bool) -> Finding {
    Finding::Gap { from: number, to: number, missing, state, across_reconnect }
}
