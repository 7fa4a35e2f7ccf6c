//! How soon the picture changes by itself, so that a frame is drawn when there is something new to see. It draws nothing.

use std::time::Duration;

use super::App;
use super::feed::Feed;
use super::standing::Next;
use crate::event::Due;
use crate::time::Ts;

impl App {
    /// Whether something on the screen counts down, so that it is worth more frames.
    pub fn ticking(&self, now: Ts) -> bool {
        let counting = |feed: &Feed| matches!(feed.next(now), Next::Counting { .. });
        self.banner(now).is_some_and(|(_, left)| left.is_some()) || self.feeds.iter().any(counting)
    }

    /// How soon the picture changes by itself: a countdown by its tenths, else ages and the clock.
    pub fn next_change(&self, now: Ts) -> Duration {
        let soon = |feed: &Feed| match feed.next(now) {
            Next::Counting { until, .. } => until.since(now) < Duration::from_secs(10),
            // The countdown to the verdict is about to show.
            Next::Rule { .. } | Next::Away { .. } | Next::Nothing => {
                matches!(feed.state.due, Some((Due::Answer, ..)))
            }
        };
        let open = self.feeds.iter().any(Feed::is_open);
        Duration::from_millis(match () {
            () if self.feeds.iter().any(soon) => 100,
            () if self.ticking(now) => 200,
            () if open => 250,
            () => 500,
        })
    }
}
