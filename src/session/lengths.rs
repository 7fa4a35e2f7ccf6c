//! Lengths of time that a server names: how long each is, and those that are none. What they are for is not known here.

use std::time::Duration;

use super::speech::Speech;
use crate::profile::Interval;

/// A captured length that is none, and what is taken instead.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Odd {
    pub(super) name: String,
    pub(super) value: String,
    pub(super) instead: Duration,
}

/// Those that were found, each once, and how many of them were told.
#[derive(Debug, Default)]
pub(super) struct Oddities {
    found: Vec<Odd>,
    told: usize,
}

/// So many of them are told.
const MOST: usize = 20;

impl Oddities {
    pub(super) fn look(&mut self, interval: &Interval, speech: &Speech) {
        if self.found.len() < MOST
            && let Some(odd) = odd(interval, speech)
            && !self.found.contains(&odd)
        {
            self.found.push(odd);
        }
    }

    /// Those that were not told yet.
    pub(super) fn take(&mut self) -> Vec<Odd> {
        let news = self.found.get(self.told..).unwrap_or_default().to_vec();
        self.told = self.found.len();
        news
    }
}

/// A length, where the values that it comes from are captured; within bounds, whatever a server says.
pub(super) fn length(interval: &Interval, speech: &Speech) -> Duration {
    match interval {
        Interval::Fixed(length) => *length,
        Interval::Captured { names, unit, more, otherwise } => {
            let (least, most) = Interval::CLAMP;
            // Nothing at all is how a server says that it does not care (OCPP), and not how often it wants a beat.
            let captured = speech.sum(names).filter(|sum| *sum > 0.0).map(|sum| {
                let seconds = (sum * unit.as_secs_f64() + more.as_secs_f64()).min(most.as_secs_f64());
                Duration::try_from_secs_f64(seconds).unwrap_or(most).clamp(least, most)
            });
            captured.unwrap_or(*otherwise)
        }
    }
}

/// Captured, and no length of time.
fn odd(interval: &Interval, speech: &Speech) -> Option<Odd> {
    let Interval::Captured { names, otherwise, .. } = interval else { return None };
    if speech.sum(names).is_some_and(|sum| sum > 0.0) {
        return None;
    }
    let values: Option<Vec<_>> = names.iter().map(|name| speech.shown(name)).collect();
    Some(Odd { name: names.join("+"), value: values?.join("+"), instead: *otherwise })
}
