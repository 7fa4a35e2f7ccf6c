//! A message that is on its way: since when, and how far it came. While it comes, the answer to a beat may stand behind it.
//! It judges nothing; the verdict is `liveness`'s.

use std::time::Duration;

use crate::time::Ts;

#[derive(Debug, Default)]
pub(super) struct Partial {
    /// When it began, and when its last bytes came.
    message: Option<(Ts, Ts)>,
    /// The last bytes were of it, and when they came.
    midway: Option<Ts>,
}

impl Partial {
    /// Bytes came; `midway`: they end in a message that is not whole.
    pub(super) fn bytes(&mut self, now: Ts, midway: bool) {
        self.midway = midway.then_some(now);
        if midway {
            self.message = Some((self.message.map_or(now, |(began, _)| began), now));
        }
    }

    /// A message is whole. What the same bytes end in began with them.
    pub(super) fn whole(&mut self) {
        self.message = self.midway.map(|at| (at, at));
    }

    /// When a verdict falls that was due at `until`. A message that began before holds it, for as long as bytes of it come
    /// within `timeout`; one that began later does not, or a busy feed would never be judged.
    pub(super) fn held(&self, until: Ts, timeout: Duration) -> Ts {
        match self.message {
            Some((began, last)) if began < until => until.max(last + timeout),
            _ => until,
        }
    }
}
