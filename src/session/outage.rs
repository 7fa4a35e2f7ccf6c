//! One record for each time without a working link: from its cause to the return of the data.

use std::time::Duration;

use crate::event::{Outage, ServiceId, Why};
use crate::time::Ts;

/// How long after the link is back we wait for the data of every service before the record is closed.
const RETURN: Duration = Duration::from_secs(10);

#[derive(Debug, Default)]
pub(super) struct Outages {
    current: Option<Current>,
    last: Option<Outage>,
    count: u32,
}

#[derive(Debug)]
struct Current {
    record: Outage,
    /// When the link came back.
    back: Option<Ts>,
}

impl Outages {
    /// The link ended, or a dial failed. Says whether that begins an outage.
    pub(super) fn begin(&mut self, now: Ts, why: &Why, detect: Option<Duration>) -> Option<Outage> {
        if self.current.is_some() {
            return None;
        }
        self.count += 1;
        let record = Outage {
            id: self.count,
            over: false,
            why: why.clone(),
            began: now,
            detect,
            down: Duration::ZERO,
            attempts: 0,
            missed: None,
            services: Vec::new(),
        };
        self.current = Some(Current { record: record.clone(), back: None });
        Some(record)
    }

    pub(super) fn dialing(&mut self) {
        if let Some(current) = &mut self.current {
            current.record.attempts += 1;
        }
    }

    /// The link is open again. `wanted` are the services whose data is awaited. Says how long it was down.
    pub(super) fn back(&mut self, now: Ts, wanted: impl Iterator<Item = ServiceId>) -> Option<Duration> {
        let current = self.current.as_mut()?;
        current.record.down = now - current.record.began;
        current.record.services = wanted.map(|service| (service, None)).collect();
        current.back = Some(now);
        Some(current.record.down)
    }

    /// Data of a service came.
    pub(super) fn data(&mut self, now: Ts, service: ServiceId) {
        if let Some(Current { record, back: Some(back) }) = &mut self.current {
            let waiting = record.services.iter_mut().find(|(id, after)| *id == service && after.is_none());
            if let Some((_, after)) = waiting {
                *after = Some(now - *back);
            }
        }
    }

    /// A service was refused, or left: its data is awaited no longer.
    pub(super) fn gone(&mut self, service: ServiceId) {
        if let Some(Current { record, back: Some(_) }) = &mut self.current {
            record.services.retain(|(id, after)| *id != service || after.is_some());
        }
    }

    /// So many messages of a service were lost across it.
    pub(super) fn missed(&mut self, count: u64) {
        if let Some(current) = &mut self.current {
            current.record.missed = Some(current.record.missed.unwrap_or(0).saturating_add(count));
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
        Some(self.current.as_ref()?.back? + RETURN)
    }

    /// Closes the record if all data is back, or `now` is too late to wait for it, or the link is gone again.
    pub(super) fn end(&mut self, now: Ts, numbered: bool, link_gone: bool) -> Option<Outage> {
        let current = self.current.as_ref()?;
        let back = current.back?;
        let all_back = current.record.services.iter().all(|(_, after)| after.is_some());
        if !(all_back || link_gone || now >= back + RETURN) {
            return None;
        }
        let mut record = self.current.take()?.record;
        record.over = true;
        // Nothing missing among numbered messages is a zero that we know; else it cannot be known.
        if record.missed.is_none() && numbered && all_back && !record.services.is_empty() {
            record.missed = Some(0);
        }
        self.last = Some(record.clone());
        Some(record)
    }

    /// The latest outage, with its time so far.
    pub(super) fn latest(&self, now: Ts) -> Option<Outage> {
        match &self.current {
            Some(Current { record, back: None }) => Some(Outage { down: now - record.began, ..record.clone() }),
            Some(Current { record, back: Some(_) }) => Some(record.clone()),
            None => self.last.clone(),
        }
    }
}
