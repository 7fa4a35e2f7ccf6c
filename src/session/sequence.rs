//! Gaps, repeats and late numbers of one numbered stream.
//!
//! A number that is missing is told at once, as pending; it is lost when it has not come within the window. What was judged
//! stays judged: a number that comes after its window is told as late, and its loss stands.
//!
//! A server may begin to count anew on an open link. One number far below the others may also be a stray, so it takes two
//! that follow each other: the first is told as a repeat (or as late), the second begins the new count. A step back of no
//! more than [`FAR`] numbers is never a new count, since a server may send its latest messages again; such numbers are
//! repeats until they pass the highest. Right after a change of link a first 0 or 1 begins a new count without more.
//!
//! A message may cover a range of numbers; then it is the range that must follow, and numbers that come again with others
//! that are new are no repeats. Or it names the number before its own (`Links`): then a message is known to be missing, and
//! not how many are. [`Trackers`] holds what is counted together: by service, by link, or by a key.
//!
//! Memory is bounded: a jump is one range whatever its size, and the oldest of too many ranges is judged early. It never
//! says which messages are counted: that is the router's.

mod links;
mod ranges;
#[cfg(test)]
mod tests;
mod trackers;

use std::collections::VecDeque;
use std::time::Duration;

use self::links::Links;
use self::ranges::Ranges;
pub use self::trackers::{Numbered, Tally, Told, Trackers};
use crate::event::GapState;
use crate::profile::{Sequence, SequenceRule};
use crate::time::Ts;

/// Something about the order of numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Finding {
    /// `missing` of the numbers from `from` to `to` have not come.
    Gap { from: u64, to: u64, missing: u64, state: GapState, across_reconnect: bool },
    /// It had been seen before.
    Repeated { seq: u64 },
    /// It came late.
    Reordered { seq: u64 },
    /// The count began anew with a change of link, so that what was missed over it cannot be known.
    Anew,
}

/// The numbers of one service by one rule.
#[derive(Clone, Debug)]
pub struct Tracker {
    rule: SequenceRule,
    /// Where each message names the one before it.
    links: Option<Box<Links>>,
    window: Duration,
    goes_on: bool,
    /// The highest number, and the lowest, since the count began.
    highest: Option<u64>,
    lowest: u64,
    /// The next number that comes is the first of a link.
    crossing: bool,
    /// Until then one jump is no gap, but where the messages begin again that nobody asked for meanwhile.
    excused: Option<Ts>,
    pending: VecDeque<Pending>,
    /// Numbers that never came and are no longer waited for.
    absent: Ranges,
    /// The last number if it went back, and how many did so in a row.
    back: Option<(u64, u32)>,
    lost: u64,
    repeated: u64,
    reordered: u64,
}

/// A gap that may still be filled.
#[derive(Clone, Debug)]
struct Pending {
    from: u64,
    to: u64,
    until: Ts,
    across_reconnect: bool,
    holes: Ranges,
}

/// So many numbers back may be messages that are sent again; further back is another count.
pub const FAR: u64 = 1024;

/// So many ranges are waited for at the most.
const MOST: usize = 256;

/// So many rising numbers in a row below the highest are a new count, where numbers need not be dense.
const RISING: u32 = 8;

impl Tracker {
    pub fn new(sequence: &Sequence) -> Self {
        Self {
            rule: sequence.rule.clone(),
            links: match &sequence.rule {
                SequenceRule::Link { .. } => Some(Box::new(Links::new(sequence))),
                SequenceRule::Increment { .. } | SequenceRule::Range { .. } | SequenceRule::Monotonic => None,
            },
            window: sequence.reorder,
            goes_on: sequence.across_reconnect,
            highest: None,
            lowest: 0,
            crossing: false,
            excused: None,
            pending: VecDeque::new(),
            absent: Ranges::default(),
            back: None,
            lost: 0,
            repeated: 0,
            reordered: 0,
        }
    }

    /// A number came.
    pub fn see(&mut self, now: Ts, seq: u64, out: &mut Vec<Finding>) {
        self.see_with(now, seq, None, out);
    }

    /// The same with the first number of its range, or the one before it.
    pub fn see_with(&mut self, now: Ts, seq: u64, other: Option<u64>, out: &mut Vec<Finding>) {
        if let Some(until) = self.excused
            && (now > until || self.skips(seq, other))
        {
            self.excused = None;
            if now <= until {
                self.reset(out);
            }
        }
        if let Some(links) = &mut self.links {
            let from = out.len();
            links.see(now, seq, other, out);
            return self.tally(out.get(from..).unwrap_or_default());
        }
        if !self.pending.is_empty() {
            self.expire(now, out);
        }
        let crossing = std::mem::take(&mut self.crossing);
        let Some(highest) = self.highest else { return self.begin(seq, other) };
        match &self.rule {
            &SequenceRule::Increment { step } => {
                let step = step.max(1);
                if seq > highest {
                    // Most numbers are the next one.
                    if seq - highest > step {
                        let missing = (seq - highest - 1) / step;
                        self.open(now, highest + step, highest + missing * step, crossing, out);
                    }
                    self.highest = Some(seq);
                    self.back = None;
                } else {
                    self.step_back((seq, seq), highest, step, crossing, out);
                }
            }
            SequenceRule::Range { .. } => {
                let first = other.filter(|first| *first <= seq).unwrap_or(seq);
                if seq > highest {
                    if first > highest + 1 {
                        self.open(now, highest + 1, first - 1, crossing, out);
                    } else if first <= highest && self.fill(first, highest, 1) {
                        self.close(out);
                    }
                    self.highest = Some(seq);
                    self.back = None;
                } else {
                    self.step_back((first, seq), highest, 1, crossing, out);
                }
            }
            SequenceRule::Monotonic | SequenceRule::Link { .. } if seq > highest => {
                self.highest = Some(seq);
                self.back = None;
            }
            SequenceRule::Monotonic | SequenceRule::Link { .. } => self.fall_back(seq, highest, out),
        }
    }

    /// A message began a new count: what was waited for will not come.
    pub fn reset(&mut self, out: &mut Vec<Finding>) {
        if let Some(links) = &mut self.links {
            let from = out.len();
            links.reset(out);
            return self.tally(out.get(from..).unwrap_or_default());
        }
        self.forget(out);
        self.back = None;
        self.crossing = false;
    }

    /// What was not asked for was not missed: a new count. `trailing`: until then messages may still come that were sent
    /// before, so that the new count begins where they jump.
    pub fn excuse(&mut self, trailing: Option<Ts>, out: &mut Vec<Finding>) {
        self.reset(out);
        self.excused = trailing;
    }

    fn skips(&self, seq: u64, other: Option<u64>) -> bool {
        match &self.links {
            Some(links) => links.skips(other),
            None => self.highest.is_some_and(|highest| other.unwrap_or(seq) > highest.saturating_add(self.step())),
        }
    }

    /// Judges what was waited for until now.
    pub fn expire(&mut self, now: Ts, out: &mut Vec<Finding>) {
        if let Some(links) = &mut self.links {
            let from = out.len();
            links.expire(now, out);
            return self.tally(out.get(from..).unwrap_or_default());
        }
        while self.pending.front().is_some_and(|gap| gap.until <= now) {
            self.judge(out);
        }
    }

    /// When there is something to judge next.
    pub fn wake(&self) -> Option<Ts> {
        match &self.links {
            Some(links) => links.wake(),
            None => self.pending.front().map(|gap| gap.until),
        }
    }

    /// A new link. Where the numbers do not go on, what was waited for will not come.
    pub fn relink(&mut self, out: &mut Vec<Finding>) {
        if let Some(links) = &mut self.links {
            let from = out.len();
            links.relink(out);
            return self.tally(out.get(from..).unwrap_or_default());
        }
        if self.goes_on {
            self.crossing = true;
        } else {
            self.forget(out);
        }
        self.back = None;
    }

    pub fn lost(&self) -> u64 {
        self.lost
    }

    pub fn repeated(&self) -> u64 {
        self.repeated
    }

    pub fn reordered(&self) -> u64 {
        self.reordered
    }

    /// The first number of a count, and the first of its range.
    fn begin(&mut self, seq: u64, first: Option<u64>) {
        let ranged = matches!(self.rule, SequenceRule::Range { .. });
        self.highest = Some(seq);
        self.lowest = first.filter(|first| ranged && *first <= seq).unwrap_or(seq);
        self.back = None;
    }

    /// Counts what was found by the links.
    fn tally(&mut self, found: &[Finding]) {
        for finding in found {
            match finding {
                Finding::Gap { state: GapState::Lost, missing, .. } => self.lost = self.lost.saturating_add(*missing),
                Finding::Gap { .. } | Finding::Anew => {}
                Finding::Repeated { .. } => self.repeated += 1,
                Finding::Reordered { .. } => self.reordered += 1,
            }
        }
    }

    /// The count is over; nothing of it comes any more.
    fn forget(&mut self, out: &mut Vec<Finding>) {
        while !self.pending.is_empty() {
            self.judge(out);
        }
        self.absent = Ranges::default();
        self.highest = None;
    }

    fn open(&mut self, now: Ts, from: u64, to: u64, across_reconnect: bool, out: &mut Vec<Finding>) {
        let step = self.step();
        let gap = Pending { from, to, until: now + self.window, across_reconnect, holes: Ranges::of(from, to) };
        if !self.window.is_zero() {
            let missing = gap.holes.count(step);
            out.push(Finding::Gap { from, to, missing, state: GapState::Pending, across_reconnect });
        }
        self.pending.push_back(gap);
        if self.window.is_zero() {
            self.judge(out);
        }
        self.bound(out);
    }

    /// What the oldest gap still lacks is lost.
    fn judge(&mut self, out: &mut Vec<Finding>) {
        let step = self.step();
        let Some(gap) = self.pending.pop_front() else { return };
        for (from, to) in gap.holes.iter() {
            let missing = (to - from) / step + 1;
            self.lost = self.lost.saturating_add(missing);
            let across_reconnect = gap.across_reconnect;
            out.push(Finding::Gap { from, to, missing, state: GapState::Lost, across_reconnect });
            self.absent.add(from, to, MOST);
        }
    }

    fn bound(&mut self, out: &mut Vec<Finding>) {
        while self.pending.iter().map(|gap| gap.holes.len()).sum::<usize>() > MOST {
            self.judge(out);
        }
    }

    fn step_back(&mut self, (first, seq): (u64, u64), highest: u64, step: u64, crossing: bool, out: &mut Vec<Finding>) {
        if self.fill(first, seq, step) {
            self.reordered += 1;
            out.push(Finding::Reordered { seq });
            self.close(out);
            self.back = None;
            return;
        }
        let far = highest - seq > FAR.saturating_mul(step);
        let follows = self.back.is_some_and(|(before, _)| before.checked_add(step) == Some(first));
        let anew = (far && follows) || (crossing && first <= 1 && highest > 1);
        self.back = Some((seq, 0));
        if !anew || crossing {
            self.late(first, seq, step, out);
        }
        if anew {
            self.forget(out);
            self.begin(seq, Some(first));
        }
        if anew && crossing {
            out.push(Finding::Anew);
        }
    }

    /// Numbers that are waited for, as far as they are.
    fn fill(&mut self, first: u64, seq: u64, step: u64) -> bool {
        let touched = |gap: &&mut Pending| gap.from <= seq && first <= gap.to;
        // A range may fill several.
        self.pending
            .iter_mut()
            .filter(touched)
            .filter_map(|gap| gap.holes.remove_all(first, seq, step).then_some(()))
            .count()
            > 0
    }

    /// Gaps without a hole are filled.
    fn close(&mut self, out: &mut Vec<Finding>) {
        self.pending.retain(|gap| {
            let (from, to, across_reconnect) = (gap.from, gap.to, gap.across_reconnect);
            let filled = gap.holes.len() == 0;
            if filled {
                out.push(Finding::Gap { from, to, missing: 0, state: GapState::Filled, across_reconnect });
            }
            !filled
        });
        self.bound(out);
    }

    /// A number that nobody waits for: seen before, or given up, or from before the first that was seen.
    fn late(&mut self, first: u64, seq: u64, step: u64, out: &mut Vec<Finding>) {
        if first < self.lowest {
            // What lies between never came either, and may.
            let between = self.lowest.saturating_sub(seq).saturating_sub(1) / step;
            if between > 0 {
                self.absent.add(seq + step, seq + between * step, MOST);
            }
            self.lowest = first;
        } else if !self.absent.remove_all(first, seq, step) {
            self.repeated += 1;
            return out.push(Finding::Repeated { seq });
        }
        self.absent.bound(MOST);
        self.reordered += 1;
        out.push(Finding::Reordered { seq });
    }

    /// A number that does not rise, where nothing is known of what lies between two.
    fn fall_back(&mut self, seq: u64, highest: u64, out: &mut Vec<Finding>) {
        if seq == highest {
            self.repeated += 1;
            return out.push(Finding::Repeated { seq });
        }
        let run = self.back.filter(|(before, _)| *before < seq).map_or(1, |(_, run)| run + 1);
        if run >= RISING {
            return self.begin(seq, None);
        }
        self.back = Some((seq, run));
        self.reordered += 1;
        out.push(Finding::Reordered { seq });
    }

    fn step(&self) -> u64 {
        match &self.rule {
            &SequenceRule::Increment { step } => step.max(1),
            SequenceRule::Monotonic | SequenceRule::Range { .. } | SequenceRule::Link { .. } => 1,
        }
    }
}
