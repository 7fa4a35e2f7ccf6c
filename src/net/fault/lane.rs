//! One direction of a link under faults: what waits in it, and how much of it may pass. It reads and writes no socket.

use std::collections::VecDeque;
use std::pin::Pin;
use std::task::Context;
use std::time::Duration;

use tokio::time::{Sleep, sleep_until};

use super::under::Turn;
use crate::time::Ts;

/// A bandwidth lets so much pass at once.
const SLICE_NANOS: u64 = 20_000_000;

/// What waits in one direction, in its order.
#[derive(Debug, Default)]
pub(super) struct Lane {
    queue: VecDeque<(Ts, Vec<u8>)>,
    /// Of the first of the queue this much is gone.
    gone: usize,
    pub(super) bytes: usize,
    /// When the last of the queue is due.
    pub(super) last: Ts,
    /// When a bandwidth lets the next pass.
    pub(super) next: Ts,
    sleep: Option<Pin<Box<Sleep>>>,
}

impl Lane {
    pub(super) fn is_empty(&self) -> bool {
        self.queue.is_empty()
    }

    pub(super) fn due(&self) -> Option<Ts> {
        self.queue.front().map(|(due, _)| *due)
    }

    pub(super) fn push(&mut self, due: Ts, bytes: &[u8]) {
        if !bytes.is_empty() {
            self.last = due;
            self.bytes += bytes.len();
            self.queue.push_back((due, bytes.to_vec()));
        }
    }

    /// The first bytes, as far as they are due together.
    pub(super) fn front(&self, most: usize) -> &[u8] {
        let bytes = self.queue.front().and_then(|(_, bytes)| bytes.get(self.gone..)).unwrap_or_default();
        bytes.get(..most.min(bytes.len())).unwrap_or_default()
    }

    pub(super) fn gone(&mut self, count: usize) {
        self.gone += count;
        self.bytes = self.bytes.saturating_sub(count);
        if self.queue.front().is_some_and(|(_, bytes)| bytes.len() <= self.gone) {
            self.queue.pop_front();
            self.gone = 0;
        }
    }

    pub(super) fn clear(&mut self) {
        self.queue.clear();
        (self.gone, self.bytes) = (0, 0);
    }

    /// How much may pass now; nothing before its time.
    pub(super) fn allowance(&self, rate: Option<u64>, now: Ts) -> Option<usize> {
        let Some(rate) = rate else { return Some(usize::MAX) };
        let slice = u128::from(rate) * u128::from(SLICE_NANOS) / 1_000_000_000;
        (self.next <= now).then(|| usize::try_from(slice).unwrap_or(usize::MAX).max(1))
    }

    pub(super) fn spend(&mut self, rate: Option<u64>, now: Ts, count: usize) {
        let Some(rate) = rate else { return };
        let nanos = count as u128 * 1_000_000_000 / u128::from(rate);
        let cost = Duration::from_nanos(u64::try_from(nanos).unwrap_or(u64::MAX));
        // A timer that is a little late costs nothing of the bandwidth.
        let lately = Ts::from_nanos(now.as_nanos().saturating_sub(SLICE_NANOS));
        self.next = self.next.max(lately) + cost;
    }

    pub(super) fn wait(&mut self, cx: &mut Context<'_>, turn: Turn<'_>, until: Ts) {
        let at = turn.clock.instant(until);
        let sleep = match &mut self.sleep {
            Some(sleep) => {
                sleep.as_mut().reset(at);
                sleep
            }
            none => none.insert(Box::pin(sleep_until(at))),
        };
        if sleep.as_mut().poll(cx).is_ready() {
            cx.waker().wake_by_ref();
        }
    }
}
