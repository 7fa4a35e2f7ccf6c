//! A few ranges of numbers, ends included. It says nothing about what they are for.

use std::collections::VecDeque;

#[derive(Clone, Debug, Default)]
pub(super) struct Ranges(VecDeque<(u64, u64)>);

impl Ranges {
    pub(super) fn of(from: u64, to: u64) -> Self {
        Self(VecDeque::from([(from, to)]))
    }

    pub(super) fn len(&self) -> usize {
        self.0.len()
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = (u64, u64)> {
        self.0.iter().copied()
    }

    /// How many numbers they hold, one in every `step`.
    pub(super) fn count(&self, step: u64) -> u64 {
        self.iter().fold(0, |sum: u64, (from, to)| sum.saturating_add(((to - from) / step).saturating_add(1)))
    }

    /// Adds a range, and drops the oldest beyond `most`.
    pub(super) fn add(&mut self, from: u64, to: u64, most: usize) {
        self.0.push_back((from, to));
        self.bound(most);
    }

    pub(super) fn bound(&mut self, most: usize) {
        while self.0.len() > most {
            self.0.pop_front();
        }
    }

    /// Takes a number out; says whether it was there.
    pub(super) fn remove(&mut self, number: u64, step: u64) -> bool {
        let holds = |(from, to): &(u64, u64)| (*from..=*to).contains(&number) && (number - from).is_multiple_of(step);
        let Some(at) = self.0.iter().position(holds) else { return false };
        let (from, to) = self.0[at];
        match (from == number, to == number) {
            (true, true) => {
                self.0.remove(at);
            }
            (true, false) => self.0[at].0 = number + step,
            (false, true) => self.0[at].1 = number - step,
            (false, false) => {
                self.0[at].1 = number - step;
                self.0.insert(at + 1, (number + step, to));
            }
        }
        true
    }

    /// Takes all numbers from one to another out, of those that go up by one; by more, the one that both are. Says whether
    /// any was there.
    pub(super) fn remove_all(&mut self, first: u64, last: u64, step: u64) -> bool {
        if first == last {
            return self.remove(first, step);
        }
        let mut any = false;
        let mut at = 0;
        while let Some(&(from, to)) = self.0.get(at) {
            if to < first || last < from {
                at += 1;
                continue;
            }
            any = true;
            self.0.remove(at);
            if last < to {
                self.0.insert(at, (last + 1, to));
            }
            if from < first {
                self.0.insert(at, (from, first - 1));
                at += 1;
            }
            if last < to {
                at += 1;
            }
        }
        any
    }
}
