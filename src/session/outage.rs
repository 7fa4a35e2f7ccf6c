//! One record for each time without a working link: from its cause to the return of the data.
//!
//! A link that opens and ends before it has brought anything does not end an outage: it is one more attempt in it.

use std::time::Duration;

use super::policy::SHORT;
use crate::event::{Outage, ServiceId, Try, Why};
use crate::time::Ts;

/// How long after the link is back we wait for the data of every service before the record is closed.
const RETURN: Duration = Duration::from_secs(10);
/// An outage that begins so soon after we woke has to do with the sleep.
const AWAKE: Duration = Duration::from_secs(15);
/// The causes of so many runs of failed dials are kept, and the last one.
const FIRST_TRIES: usize = 3;

#[derive(Debug, Default)]
pub(super) struct Outages {
    current: Option<Current>,
    last: Option<Outage>,
    count: u32,
    /// When we woke last, and how long the sleep was.
    woke: Option<(Ts, Duration)>,
}

#[derive(Debug)]
struct Current {
    record: Outage,
    /// When the link came back.
    back: Option<Ts>,
    /// What was missed cannot be known.
    unknowable: bool,
    /// A number came since then.
    counted: bool,
}

/// How an outage began.
#[derive(Clone, Copy, Debug)]
pub(super) struct Beginning<'a> {
    pub(super) why: &'a Why,
    /// Since the last byte, where there was a link.
    pub(super) silent: Option<Duration>,
    /// Until the next dial, where one follows.
    pub(super) next: Option<Duration>,
    /// There was a link that ended.
    pub(super) opened: bool,
    /// The number of the dial that failed, or that opened the link.
    pub(super) dial: u32,
}

impl Outages {
    /// The link ended, or a dial failed. Says whether that begins an outage; else it is an attempt in the one that there is.
    pub(super) fn begin(&mut self, now: Ts, beginning: Beginning<'_>) -> Option<Outage> {
        let Beginning { why, silent, next, opened, dial } = beginning;
        if let Some(current) = &mut self.current {
            current.tried(why, opened, dial);
            return None;
        }
        self.count += 1;
        let slept = self.woke.take().filter(|(woke, _)| now - *woke <= AWAKE);
        let record = Outage {
            id: self.count,
            over: false,
            why: why.clone(),
            began: now,
            detect: silent.map(|silent| noticed(why, silent)),
            silent,
            down: Duration::ZERO,
            // The dial that failed is the first of its dials.
            attempts: u32::from(!opened),
            tries: Vec::new(),
            next,
            slept: slept.map_or(Duration::ZERO, |(_, length)| length),
            missed: None,
            services: Vec::new(),
        };
        let mut current = Current { record, back: None, unknowable: false, counted: false };
        if !opened {
            current.tried(why, false, dial);
        }
        Some(self.current.insert(current).record.clone())
    }

    pub(super) fn dialing(&mut self) {
        if let Some(current) = &mut self.current {
            current.record.attempts += 1;
        }
    }

    pub(super) fn slept(&mut self, now: Ts, length: Duration) {
        match &mut self.current {
            Some(current) => current.record.slept = current.record.slept.saturating_add(length),
            None => self.woke = Some((now, length)),
        }
    }

    /// The link is open again. `wanted` are the services whose data is awaited.
    pub(super) fn back(&mut self, now: Ts, wanted: impl Iterator<Item = ServiceId>) {
        if let Some(current) = &mut self.current {
            current.record.down = now - current.record.began;
            current.record.services = wanted.map(|service| (service, None)).collect();
            current.back = Some(now);
        }
    }

    /// Data of a service came.
    pub(super) fn data(&mut self, now: Ts, service: ServiceId) {
        if let Some(Current { record, back: Some(back), .. }) = &mut self.current {
            let waiting = record.services.iter_mut().find(|(id, after)| *id == service && after.is_none());
            if let Some((_, after)) = waiting {
                *after = Some(now - *back);
            }
        }
    }

    /// A service was refused, or left: its data is awaited no longer.
    pub(super) fn gone(&mut self, service: ServiceId) {
        if let Some(Current { record, back: Some(_), .. }) = &mut self.current {
            record.services.retain(|(id, after)| *id != service || after.is_some());
        }
    }

    /// So many messages of a service were lost across it.
    pub(super) fn missed(&mut self, count: u64) {
        if let Some(current) = &mut self.current {
            current.record.missed = Some(current.record.missed.unwrap_or(0).saturating_add(count));
        }
    }

    /// A number came: without any there is nothing to tell by.
    pub(super) fn counted(&mut self) {
        if let Some(current) = &mut self.current {
            current.counted = current.back.is_some();
        }
    }

    /// Numbers began anew over it: what was missed before their end nobody knows.
    pub(super) fn anew(&mut self) {
        if let Some(current) = &mut self.current {
            current.unknowable = true;
        }
    }

    /// They came after all.
    pub(super) fn found(&mut self, count: u64) {
        if let Some(current) = &mut self.current {
            current.record.missed = current.record.missed.map(|missed| missed.saturating_sub(count));
        }
    }

    /// Whether the data of a service is awaited.
    pub(super) fn is_restoring(&self) -> bool {
        self.current.as_ref().is_some_and(|current| current.back.is_some())
    }

    pub(super) fn wake(&self) -> Option<Ts> {
        let current = self.current.as_ref()?;
        let patience = if current.is_all_back() { SHORT } else { RETURN };
        Some(current.back? + patience)
    }

    /// Closes the record if all data is back, or `now` is too late to wait for it, or the link is gone again. `proven`: the
    /// link has brought something.
    pub(super) fn end(&mut self, now: Ts, numbered: bool, proven: bool, link_gone: bool) -> Option<Outage> {
        let current = self.current.as_mut()?;
        let back = current.back?;
        let held = proven || now >= back + SHORT;
        let all_back = current.is_all_back();
        if link_gone && !held {
            current.back = None;
            current.record.services.clear();
            return None;
        }
        if !(link_gone || (all_back && held) || now >= back + RETURN) {
            return None;
        }
        let known = numbered && current.counted && all_back && !current.record.services.is_empty();
        self.close(known)
    }

    /// The user put an end to it: nobody waits for the link any more.
    pub(super) fn give_up(&mut self, now: Ts) -> Option<Outage> {
        let current = self.current.as_mut()?;
        if current.back.is_none() {
            current.record.down = now - current.record.began;
        }
        self.close(false)
    }

    /// `known`: nothing missing among numbered messages is a zero that we know; else it cannot be known.
    fn close(&mut self, known: bool) -> Option<Outage> {
        let Current { mut record, unknowable, .. } = self.current.take()?;
        record.over = true;
        record.next = None;
        if unknowable {
            record.missed = None;
        } else if record.missed.is_none() && known {
            record.missed = Some(0);
        }
        self.last = Some(record.clone());
        Some(record)
    }

    /// The latest outage, with its time so far.
    pub(super) fn latest(&self, now: Ts) -> Option<Outage> {
        match &self.current {
            Some(Current { record, back: None, .. }) => Some(Outage { down: now - record.began, ..record.clone() }),
            Some(Current { record, back: Some(_), .. }) => Some(record.clone()),
            None => self.last.clone(),
        }
    }
}

impl Current {
    fn is_all_back(&self) -> bool {
        self.record.services.iter().all(|(_, after)| after.is_some())
    }

    /// The dial of this number came to nothing.
    fn tried(&mut self, why: &Why, opened: bool, number: u32) {
        let tries = &mut self.record.tries;
        if let Some(last) = tries.last_mut()
            && last.to + 1 == number
            && last.opened == opened
            && last.why.is_like(why)
        {
            last.to = number;
            last.why = why.clone();
            return;
        }
        if tries.len() > FIRST_TRIES {
            tries.truncate(FIRST_TRIES);
        }
        tries.push(Try { from: number, to: number, why: why.clone(), opened });
    }
}

/// How long it took to notice the end: what we were told, we knew at once.
fn noticed(why: &Why, silent: Duration) -> Duration {
    match why {
        Why::HalfOpen { .. } | Why::Silent { .. } | Why::WriteStalled { .. } => silent,
        Why::AckTimeout { limit, .. } => *limit,
        Why::Storm { last, .. } => noticed(last, silent),
        Why::Close { .. }
        | Why::Eof
        | Why::Reset { .. }
        | Why::Dns { .. }
        | Why::Program { .. }
        | Why::Refused { .. }
        | Why::Unreachable { .. }
        | Why::DialTimeout { .. }
        | Why::Proxy { .. }
        | Why::Tls { .. }
        | Why::Http { .. }
        | Why::Handshake { .. }
        | Why::Protocol { .. }
        | Why::TooBig { .. }
        | Why::Login { .. }
        | Why::Dismissed { .. }
        | Why::ConnectLimit { .. }
        | Why::Asked
        | Why::Planned
        | Why::Slept { .. }
        | Why::Fatal { .. } => Duration::ZERO,
    }
}
