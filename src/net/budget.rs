//! The line of dials that all feeds of a host stand in. It does not dial: it says when one may.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use crate::profile::Rate;
use crate::time::Ts;

/// The line of one host. Copies are the same line.
#[derive(Clone, Debug, Default)]
pub struct Budget(Arc<Mutex<VecDeque<Ts>>>);

/// The lines of all hosts.
#[derive(Debug, Default)]
pub struct Budgets(Mutex<BTreeMap<String, Budget>>);

/// So many dials of a host are remembered.
const REMEMBERED: usize = 10_000;

impl Budgets {
    pub fn of(&self, host: &str) -> Budget {
        let mut budgets = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        budgets.entry(host.to_owned()).or_default().clone()
    }
}

impl Budget {
    /// Takes the next place in the line: a dial of ours may begin after so long.
    pub fn book(&self, rate: Rate, now: Ts) -> Duration {
        let count = (rate.count.max(1) as usize).min(REMEMBERED);
        let mut dials = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        // Places are given in order, so that no dial overtakes one that waits.
        let last = dials.back().copied().unwrap_or_default();
        let free = dials.len().checked_sub(count).and_then(|at| dials.get(at)).map_or(now, |&at| at + rate.per);
        let at = now.max(last).max(free);
        dials.push_back(at);
        if dials.len() > REMEMBERED {
            dials.pop_front();
        }
        at - now
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn so_many_in_so_long_whoever_asks() {
        let budgets = Budgets::default();
        let (one, other) = (budgets.of("a.example"), budgets.of("a.example"));
        let rate = Rate { count: 2, per: Duration::from_secs(10) };
        let at = Ts::from_millis;
        assert_eq!(one.book(rate, at(0)), Duration::ZERO);
        assert_eq!(other.book(rate, at(1000)), Duration::ZERO);
        assert_eq!(one.book(rate, at(2000)), Duration::from_secs(8));
        assert_eq!(other.book(rate, at(2000)), Duration::from_secs(9));
        assert_eq!(one.book(rate, at(2000)), Duration::from_secs(18));
        assert_eq!(budgets.of("b.example").book(rate, at(2000)), Duration::ZERO);
        assert_eq!(one.book(rate, at(60_000)), Duration::ZERO, "an old crowd is forgotten");
    }
}
