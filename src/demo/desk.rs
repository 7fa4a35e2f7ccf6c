//! Where faults are begun and ended, by path. It carries none out: an endpoint looks here before it speaks, a link
//! before it reads or writes.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};
use std::time::Duration;

use tokio::sync::{broadcast, mpsc, watch};

use super::fault::{Cut, Fault};
use crate::time::{Clock, Ts};

/// More faults than these are never on at once for one path.
const MOST: usize = 64;

/// A handle to the faults of a server; copies share them.
#[derive(Clone, Debug)]
pub struct FaultDesk {
    clock: Clock,
    ids: Arc<AtomicU64>,
    doors: Arc<[Door]>,
}

/// A fault that was begun.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FaultId(u64);

/// Why a fault was not begun.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DeskError {
    UnknownFeed {
        feed: String,
        known: Vec<String>,
    },
    UnknownService {
        feed: String,
        service: String,
        known: Vec<String>,
    },
    /// Too many at once.
    Full,
}

impl fmt::Display for DeskError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::UnknownFeed { feed, known } => write!(f, "no feed {feed:?}; there are {}", known.join(", ")),
            Self::UnknownService { feed, service, known } => {
                write!(f, "{feed} has no service {service:?}; there are {}", known.join(", "))
            }
            Self::Full => write!(f, "more than {MOST} faults at once"),
        }
    }
}

impl std::error::Error for DeskError {}

/// Whatever carries out faults: the embedded server, and what stands between others.
pub trait Desk {
    /// Every feed by name.
    fn feeds(&self) -> Vec<String>;

    fn services(&self, feed: &str) -> Vec<String>;

    /// Begins a fault, which ends by itself. What is done at once does not last.
    fn start(&self, feed: &str, fault: &Fault, lasts: Duration) -> Result<FaultId, DeskError>;
}

impl Desk for FaultDesk {
    fn feeds(&self) -> Vec<String> {
        self.doors.iter().map(|door| door.path.to_owned()).collect()
    }

    fn services(&self, feed: &str) -> Vec<String> {
        self.door(feed).map(|door| names(door.services)).unwrap_or_default()
    }

    fn start(&self, feed: &str, fault: &Fault, lasts: Duration) -> Result<FaultId, DeskError> {
        let door = self.door(feed).ok_or_else(|| DeskError::UnknownFeed { feed: feed.into(), known: self.feeds() })?;
        if let Some(service) = fault.service().filter(|service| !door.services.contains(service)) {
            let (feed, known) = (door.path.into(), names(door.services));
            return Err(DeskError::UnknownService { feed, service: service.into(), known });
        }
        let id = FaultId(self.ids.fetch_add(1, Ordering::Relaxed));
        match fault {
            Fault::Cut(cut) => door.cut(cut),
            Fault::Gap { .. } | Fault::Repeat { .. } | Fault::Reorder { .. } => {
                door.edits.try_send(fault.clone()).map_err(|_| DeskError::Full)?;
            }
            Fault::Freeze
            | Fault::Blackhole
            | Fault::Hang
            | Fault::Refuse { .. }
            | Fault::DropAnswers { .. }
            | Fault::Latency { .. }
            | Fault::Mute { .. }
            | Fault::Garbage { .. } => {
                let now = self.clock.now();
                door.begin(&Active::new(id, fault, now, now + lasts), now)?;
                // The door is shut before the links are cut, or a quick one slips back in.
                if let Fault::Refuse { cut: Some(cut), .. } = fault {
                    door.cut(cut);
                }
            }
        }
        Ok(id)
    }
}

impl FaultDesk {
    pub(super) fn new(clock: Clock, doors: Vec<Door>) -> Self {
        Self { clock, ids: Arc::new(AtomicU64::new(1)), doors: doors.into() }
    }

    /// Ends a fault before its time. One that is over already is no trouble.
    pub fn stop(&self, id: FaultId) {
        for door in self.doors.iter() {
            door.standing.send_if_modified(|standing| standing.remove(|active| active.id == id));
        }
    }

    /// Ends every fault of one feed.
    pub fn clear(&self, feed: &str) {
        if let Some(door) = self.door(feed) {
            door.standing.send_if_modified(|standing| standing.remove(|_| true));
        }
    }

    /// What is on now.
    pub fn active(&self, feed: &str) -> Vec<(FaultId, Fault, Ts)> {
        let now = self.clock.now();
        let standing = self.door(feed).map(|door| door.standing.borrow().clone()).unwrap_or_default();
        standing.on(now).map(|active| (active.id, active.fault.as_ref().clone(), active.until)).collect()
    }

    /// Faults that begin from here on have a higher number.
    pub(super) fn mark(&self) -> FaultId {
        FaultId(self.ids.load(Ordering::Relaxed))
    }

    /// By its path, with or without the slash.
    pub(super) fn door(&self, feed: &str) -> Option<&Door> {
        let feed = feed.trim_start_matches('/');
        self.doors.iter().find(|door| door.path.trim_start_matches('/') == feed)
    }
}

fn names(of: &[&str]) -> Vec<String> {
    of.iter().map(|&name| name.to_owned()).collect()
}

/// One path: what it offers, and the ends on which its faults are heard.
#[derive(Debug)]
pub(super) struct Door {
    pub path: &'static str,
    pub services: &'static [&'static str],
    pub standing: watch::Sender<Standing>,
    /// To every open link.
    pub cuts: broadcast::Sender<Cut>,
    /// To the one who makes the messages.
    pub edits: mpsc::Sender<Fault>,
}

impl Door {
    fn cut(&self, cut: &Cut) {
        // Nobody is there to be cut off: done.
        let _ = self.cuts.send(cut.clone());
    }

    fn begin(&self, active: &Active, now: Ts) -> Result<(), DeskError> {
        let mut full = false;
        self.standing.send_if_modified(|standing| {
            standing.remove(|old| old.until <= now);
            full = standing.0.len() >= MOST;
            if !full {
                standing.0 = standing.0.iter().cloned().chain([active.clone()]).collect();
            }
            !full
        });
        if full { Err(DeskError::Full) } else { Ok(()) }
    }
}

/// The faults that last, as they stand.
#[derive(Clone, Debug, Default)]
pub(super) struct Standing(Arc<[Active]>);

#[derive(Clone, Debug)]
pub(super) struct Active {
    pub id: FaultId,
    pub fault: Arc<Fault>,
    pub since: Ts,
    pub until: Ts,
    /// How many dials it still refuses.
    left: Arc<AtomicU32>,
}

impl Active {
    fn new(id: FaultId, fault: &Fault, since: Ts, until: Ts) -> Self {
        let times = if let Fault::Refuse { times: Some(times), .. } = fault { *times } else { u32::MAX };
        Self { id, fault: Arc::new(fault.clone()), since, until, left: Arc::new(AtomicU32::new(times)) }
    }
}

impl Standing {
    pub(super) fn on(&self, now: Ts) -> impl Iterator<Item = &Active> {
        self.0.iter().filter(move |active| active.until > now)
    }

    /// Until when a link that opened at `mark` neither reads nor writes.
    pub(super) fn frozen(&self, mark: FaultId, now: Ts) -> Option<Ts> {
        let holds = |active: &&Active| match *active.fault {
            Fault::Freeze => true,
            Fault::Blackhole => active.id >= mark,
            Fault::Cut(_)
            | Fault::Hang
            | Fault::Refuse { .. }
            | Fault::DropAnswers { .. }
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
    pub(super) fn hung(&self, now: Ts) -> Option<Ts> {
        let on = self.on(now).filter(|active| matches!(*active.fault, Fault::Hang | Fault::Freeze));
        on.map(|active| active.until).max()
    }

    /// The HTTP status that a dial gets instead of a link. It counts as one of those that are to be refused.
    pub(super) fn refusal(&self, now: Ts) -> Option<(u16, Option<Duration>)> {
        self.on(now).find_map(|active| {
            let Fault::Refuse { status, retry_after, .. } = *active.fault else { return None };
            let one = |left: u32| left.checked_sub(1);
            active.left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, one).ok()?;
            Some((status, retry_after))
        })
    }

    pub(super) fn answers_dropped(&self, now: Ts) -> bool {
        self.on(now).any(|active| matches!(*active.fault, Fault::DropAnswers { .. }))
    }

    pub(super) fn quiet(&self, now: Ts) -> bool {
        self.on(now).any(|active| matches!(*active.fault, Fault::DropAnswers { quiet: true }))
    }

    pub(super) fn muted(&self, service: &str, now: Ts) -> bool {
        self.on(now).any(|active| matches!(&*active.fault, Fault::Mute { service: muted } if muted == service))
    }

    /// How much later things arrive, at least and by how much more at the most.
    pub(super) fn latency(&self, now: Ts) -> (Duration, Duration) {
        self.on(now).fold((Duration::ZERO, Duration::ZERO), |sum, active| {
            let Fault::Latency { delay, jitter } = *active.fault else { return sum };
            (sum.0.saturating_add(delay), sum.1.saturating_add(jitter))
        })
    }

    fn remove(&mut self, which: impl Fn(&Active) -> bool) -> bool {
        let before = self.0.len();
        if self.0.iter().any(&which) {
            self.0 = self.0.iter().filter(|active| !which(active)).cloned().collect();
        }
        self.0.len() != before
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn desk() -> (FaultDesk, mpsc::Receiver<Fault>) {
        let (edits, heard) = mpsc::channel(2);
        let door = Door {
            path: "/a",
            services: &["x"],
            standing: watch::Sender::default(),
            cuts: broadcast::Sender::new(4),
            edits,
        };
        (FaultDesk::new(Clock::start(), vec![door]), heard)
    }

    #[tokio::test(start_paused = true)]
    async fn a_fault_ends_by_itself_or_before_its_time() {
        let (desk, _heard) = desk();
        let long = desk.start("/a", &Fault::Hang, Duration::from_secs(9)).unwrap();
        desk.start("a", &Fault::Freeze, Duration::from_secs(2)).unwrap();
        assert_eq!(desk.active("/a").len(), 2);
        tokio::time::advance(Duration::from_secs(2)).await;
        assert_eq!(desk.active("/a").iter().map(|on| on.0).collect::<Vec<_>>(), [long]);
        desk.stop(long);
        assert!(desk.active("/a").is_empty());
    }

    #[tokio::test(start_paused = true)]
    async fn what_is_not_there_is_named() {
        let (desk, _heard) = desk();
        let mute = Fault::Mute { service: "y".into() };
        assert!(desk.start("/b", &Fault::Hang, Duration::MAX).unwrap_err().to_string().contains("there are /a"));
        assert!(desk.start("/a", &mute, Duration::MAX).unwrap_err().to_string().contains("there are x"));
        let gap = Fault::Gap { service: "x".into(), count: 1 };
        assert!(desk.start("/a", &gap, Duration::ZERO).is_ok() && desk.start("/a", &gap, Duration::ZERO).is_ok());
        assert_eq!(desk.start("/a", &gap, Duration::ZERO), Err(DeskError::Full));
        for _ in 0..MOST {
            desk.start("/a", &Fault::Hang, Duration::MAX).unwrap();
        }
        assert_eq!(desk.start("/a", &Fault::Hang, Duration::MAX), Err(DeskError::Full));
    }

    #[tokio::test(start_paused = true)]
    async fn a_blackhole_swallows_what_was_open_and_a_freeze_all() {
        let (desk, _heard) = desk();
        let old = desk.mark();
        desk.start("/a", &Fault::Blackhole, Duration::from_secs(5)).unwrap();
        let young = desk.mark();
        let standing = desk.doors[0].standing.borrow().clone();
        assert_eq!(standing.frozen(old, Ts::ZERO), Some(Ts::from_millis(5_000)));
        assert_eq!(standing.frozen(young, Ts::ZERO), None);
        assert_eq!(standing.hung(Ts::ZERO), None);
        desk.start("/a", &Fault::Freeze, Duration::from_secs(7)).unwrap();
        let standing = desk.doors[0].standing.borrow().clone();
        assert_eq!(standing.frozen(young, Ts::ZERO), Some(Ts::from_millis(7_000)));
        assert_eq!(standing.hung(Ts::ZERO), Some(Ts::from_millis(7_000)));
    }

    #[tokio::test(start_paused = true)]
    async fn so_many_dials_are_refused_and_no_more() {
        let (desk, _heard) = desk();
        let fault = Fault::Refuse { status: 503, retry_after: None, times: Some(2), cut: None };
        desk.start("/a", &fault, Duration::from_secs(5)).unwrap();
        let standing = desk.doors[0].standing.borrow().clone();
        let tries = [(); 4].map(|()| standing.refusal(Ts::ZERO).is_some());
        assert_eq!(tries, [true, true, false, false]);
    }
}
