//! What is to be sent and may not be yet: the profile's rate. It makes no words: see `speech`.

use std::collections::VecDeque;

use super::{Payload, SendId};
use crate::event::Event;
use crate::profile::{Limits, Rate};
use crate::time::Ts;

/// A frame that is ready to go.
#[derive(Debug)]
pub(super) struct Ready {
    pub(super) id: SendId,
    pub(super) payload: Payload,
    /// What is told when it goes.
    pub(super) event: Event,
    /// The heartbeat that it is.
    pub(super) pulse: Option<usize>,
}

/// Frames that cannot wait for their turn behind subscriptions wait here: heartbeats, answers, logins. Subscriptions wait
/// unspoken, so that request numbers rise in the order in which they are sent.
#[derive(Debug, Default)]
pub(super) struct Outbox {
    rate: Option<Rate>,
    counts_ping: bool,
    /// When the latest frames were sent, as many as fit into the rate.
    sent: VecDeque<Ts>,
    urgent: VecDeque<Ready>,
}

/// So many answers may wait: a server that asks more often than it may be answered is not kept up with.
const MOST: usize = 256;
/// So many frames are counted: a rate that allows more is none.
const COUNTED: u32 = 10_000;

impl Outbox {
    pub(super) fn new(limits: &Limits) -> Self {
        let rate = limits.send.filter(|rate| rate.count > 0 && rate.count <= COUNTED && !rate.per.is_zero());
        Self { rate, counts_ping: limits.send_counts_ping, ..Self::default() }
    }

    pub(super) fn relink(&mut self) {
        self.sent.clear();
        self.urgent.clear();
    }

    pub(super) fn add(&mut self, ready: Ready) {
        if self.urgent.len() >= MOST {
            // A beat that is not sent is one that its countdown waits for: an answer goes instead.
            let Some(answer) = self.urgent.iter().position(|ready| ready.pulse.is_none()) else { return };
            self.urgent.remove(answer);
        }
        self.urgent.push_back(ready);
    }

    /// The next urgent frame, if it may go now.
    pub(super) fn next(&mut self, now: Ts) -> Option<Ready> {
        let counts = self.counts(self.urgent.front()?);
        if counts && !self.take(now) {
            return None;
        }
        self.urgent.pop_front()
    }

    pub(super) fn is_waiting(&self) -> bool {
        !self.urgent.is_empty()
    }

    /// Takes a place for one frame, if there is one.
    pub(super) fn take(&mut self, now: Ts) -> bool {
        let Some(rate) = self.rate else { return true };
        while self.sent.front().is_some_and(|&at| at + rate.per <= now) {
            self.sent.pop_front();
        }
        let free = self.sent.len() < rate.count as usize;
        if free {
            self.sent.push_back(now);
        }
        free
    }

    /// When there is a place; nothing where there always is one.
    pub(super) fn free_at(&self) -> Option<Ts> {
        let rate = self.rate?;
        let full = self.sent.len() >= rate.count as usize;
        self.sent.front().filter(|_| full).map(|&at| at + rate.per)
    }

    fn counts(&self, ready: &Ready) -> bool {
        match ready.payload {
            Payload::Text(_) | Payload::Binary(_) => true,
            Payload::Ping(_) => self.counts_ping,
        }
    }
}
