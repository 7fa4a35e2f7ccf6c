//! How a link tells what it sees: at once where it matters, and messages a few at a time. Whoever listens may be slow;
//! what finds no room is counted and told as missed.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use tokio::sync::mpsc;

use super::reader::Heard;
use super::seen::{ClientId, Passed, Seen, What};
use crate::time::Ts;

/// Observations that may wait.
pub(super) const ROOM: usize = 16_384;
/// Messages are told together, so often.
const EVERY: Duration = Duration::from_millis(20);
/// Services told together.
const MOST: usize = 64;

#[derive(Clone, Debug)]
pub(super) struct Teller {
    to: mpsc::Sender<Seen>,
    missed: Arc<AtomicU64>,
}

impl Teller {
    pub(super) fn new(to: mpsc::Sender<Seen>) -> Self {
        Self { to, missed: Arc::default() }
    }

    pub(super) fn tell(&self, at: Ts, what: What) {
        let missed = self.missed.swap(0, Ordering::Relaxed);
        if missed > 0 && self.to.try_send(Seen { at, what: What::Missed { count: missed } }).is_err() {
            self.missed.fetch_add(missed, Ordering::Relaxed);
        }
        if self.to.try_send(Seen { at, what }).is_err() {
            self.missed.fetch_add(1, Ordering::Relaxed);
        }
    }
}

/// Messages that were passed on and not told yet.
#[derive(Debug)]
pub(super) struct Flow {
    client: ClientId,
    since: Option<Ts>,
    last: Ts,
    messages: u64,
    bytes: u64,
    kept: u64,
    services: Vec<Passed>,
}

impl Flow {
    pub(super) fn new(client: ClientId) -> Self {
        Self { client, since: None, last: Ts::ZERO, messages: 0, bytes: 0, kept: 0, services: Vec::new() }
    }

    /// When it is to be told.
    pub(super) fn due(&self) -> Option<Ts> {
        self.since.map(|since| since + EVERY)
    }

    pub(super) fn kept(&mut self, now: Ts) {
        self.since.get_or_insert(now);
        self.kept += 1;
    }

    pub(super) fn passed(&mut self, now: Ts, heard: &[Heard], bytes: u64, counted: bool) {
        self.since.get_or_insert(now);
        self.last = now;
        self.messages += 1;
        self.bytes += bytes;
        for one in heard.iter().filter(|one| one.is_data()) {
            let Some(name) = &one.service else { continue };
            let seq = one.seq.filter(|_| counted);
            if let Some(known) = self.services.iter_mut().find(|known| known.service == *name) {
                known.messages += 1;
                known.seqs = match (known.seqs, seq) {
                    (Some((first, last)), Some(seq)) => Some((first.min(seq), last.max(seq))),
                    (None, seq) => seq.map(|seq| (seq, seq)),
                    (seqs, None) => seqs,
                };
            } else if self.services.len() < MOST {
                let seqs = seq.map(|seq| (seq, seq));
                self.services.push(Passed { service: Arc::clone(name), messages: 1, seqs });
            }
        }
    }

    pub(super) fn tell(&mut self, teller: &Teller, now: Ts) {
        if self.since.take().is_none() {
            return;
        }
        let client = self.client;
        let messages = std::mem::take(&mut self.messages);
        if messages > 0 {
            let (bytes, services) = (std::mem::take(&mut self.bytes), std::mem::take(&mut self.services));
            teller.tell(self.last, What::Flow { client, messages, bytes, services });
        }
        let kept = std::mem::take(&mut self.kept);
        if kept > 0 {
            teller.tell(now, What::Kept { client, messages: kept });
        }
    }
}
