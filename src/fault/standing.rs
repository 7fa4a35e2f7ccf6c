//! The faults that last, as they stand at a moment: a value that is copied to whoever carries them out. It begins none.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use super::{DeskError, Fault, FaultId};
use crate::time::Ts;

/// More faults than these are never on at once for one feed.
pub const MOST: usize = 64;

/// The faults that last, as they stand.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Standing(Arc<[Active]>);

#[derive(Clone, Debug)]
pub struct Active {
    pub id: FaultId,
    pub fault: Arc<Fault>,
    pub since: Ts,
    pub until: Ts,
    /// How many dials it still refuses.
    left: Arc<AtomicU32>,
}

impl PartialEq for Active {
    fn eq(&self, other: &Self) -> bool {
        (self.id, self.since, self.until) == (other.id, other.since, other.until) && self.fault == other.fault
    }
}

impl Active {
    pub fn new(id: FaultId, fault: &Fault, since: Ts, until: Ts) -> Self {
        let times = if let Fault::Refuse { times: Some(times), .. } = fault { *times } else { u32::MAX };
        Self { id, fault: Arc::new(fault.clone()), since, until, left: Arc::new(AtomicU32::new(times)) }
    }
}

impl Standing {
    /// Adds one, if there is room once those that are over have gone.
    pub fn begin(&mut self, active: &Active, now: Ts) -> Result<(), DeskError> {
        self.remove(|old| old.until <= now);
        if self.0.len() >= MOST {
            return Err(DeskError::Full);
        }
        self.0 = self.0.iter().cloned().chain([active.clone()]).collect();
        Ok(())
    }

    pub fn on(&self, now: Ts) -> impl Iterator<Item = &Active> {
        self.0.iter().filter(move |active| active.until > now)
    }

    /// Until when a link that opened at `mark` neither reads nor writes.
    pub fn frozen(&self, mark: FaultId, now: Ts) -> Option<Ts> {
        let holds = |active: &&Active| match *active.fault {
            Fault::Freeze => true,
            Fault::Blackhole => active.id >= mark,
            Fault::Cut(_)
            | Fault::Hang
            | Fault::Refuse { .. }
            | Fault::DropAnswers { .. }
            | Fault::DropPongs
            | Fault::Bandwidth { .. }
            | Fault::Bytewise
            | Fault::Nth { .. }
            | Fault::RefuseSubscriptions { .. }
            | Fault::Latency { .. }
            | Fault::Mute { .. }
            | Fault::Gap { .. }
            | Fault::Repeat { .. }
            | Fault::Reorder { .. }
            | Fault::Garbage { .. } => false,
        };
        self.on(now).filter(holds).map(|active| active.until).max()
    }

    /// Until when a dial is not answered.
    pub fn hung(&self, now: Ts) -> Option<Ts> {
        let on = self.on(now).filter(|active| matches!(*active.fault, Fault::Hang | Fault::Freeze));
        on.map(|active| active.until).max()
    }

    /// What a dial gets instead of a link: an HTTP status, or nothing but a refusal. It counts as one of those that are
    /// to be refused.
    pub fn refusal(&self, now: Ts) -> Option<(Option<u16>, Option<Duration>)> {
        self.on(now).find_map(|active| {
            let Fault::Refuse { status, retry_after, .. } = *active.fault else { return None };
            let one = |left: u32| left.checked_sub(1);
            active.left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, one).ok()?;
            Some((status, retry_after))
        })
    }

    pub fn answers_dropped(&self, now: Ts) -> bool {
        self.on(now).any(|active| matches!(*active.fault, Fault::DropAnswers { .. }))
    }

    pub fn quiet(&self, now: Ts) -> bool {
        self.on(now).any(|active| matches!(*active.fault, Fault::DropAnswers { quiet: true }))
    }

    pub fn muted(&self, service: &str, now: Ts) -> bool {
        self.on(now).any(|active| matches!(&*active.fault, Fault::Mute { service: muted } if muted == service))
    }

    /// How much later things arrive, at least and by how much more at the most.
    pub fn latency(&self, now: Ts) -> (Duration, Duration) {
        self.on(now).fold((Duration::ZERO, Duration::ZERO), |sum, active| {
            let Fault::Latency { delay, jitter } = *active.fault else { return sum };
            (sum.0.saturating_add(delay), sum.1.saturating_add(jitter))
        })
    }

    /// How many bytes a second pass each way, where that is bounded.
    pub fn bandwidth(&self, now: Ts) -> Option<u64> {
        let of = |active: &Active| if let Fault::Bandwidth { bytes } = *active.fault { Some(bytes) } else { None };
        self.on(now).filter_map(of).min()
    }

    pub fn bytewise(&self, now: Ts) -> bool {
        self.on(now).any(|active| matches!(*active.fault, Fault::Bytewise))
    }

    /// When the next of them ends.
    pub fn next_end(&self, now: Ts) -> Option<Ts> {
        self.on(now).map(|active| active.until).min()
    }

    /// The number behind the highest: what begins from here on is not lower.
    pub fn mark(&self) -> FaultId {
        FaultId(self.0.iter().map(|active| active.id.0.saturating_add(1)).max().unwrap_or(0))
    }

    /// Those of these kinds alone.
    #[must_use]
    pub fn only(&self, which: impl Fn(&Fault) -> bool) -> Self {
        Self(self.0.iter().filter(|active| which(&active.fault)).cloned().collect())
    }

    pub fn pongs_dropped(&self, now: Ts) -> bool {
        self.on(now).any(|active| *active.fault == Fault::DropPongs)
    }

    pub fn subscriptions_refused(&self, service: &str, now: Ts) -> bool {
        self.on(now).any(|active| active.fault.refuses(Some(service)))
    }

    /// Says whether any was there.
    pub fn remove(&mut self, which: impl Fn(&Active) -> bool) -> bool {
        let before = self.0.len();
        if self.0.iter().any(&which) {
            self.0 = self.0.iter().filter(|active| !which(active)).cloned().collect();
        }
        self.0.len() != before
    }
}
