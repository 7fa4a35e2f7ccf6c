//! Where faults are begun and ended, by path. It carries none out: an endpoint looks here before it speaks, a link
//! before it reads or writes.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use tokio::sync::{broadcast, mpsc, watch};

use crate::fault::{Active, Cut, Desk, DeskError, Fault, FaultId, Standing};
use crate::net::fault::Faults;
use crate::time::{Clock, Ts};

/// A handle to the faults of a server; copies share them.
#[derive(Clone, Debug)]
pub struct FaultDesk {
    clock: Clock,
    ids: Arc<AtomicU64>,
    doors: Arc<[Door]>,
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
        if let Fault::Cut(cut) = fault {
            door.cut(cut);
        } else if fault.of_next().is_some() {
            door.edits.try_send(fault.clone()).map_err(|_| DeskError::Full)?;
        } else {
            let now = self.clock.now();
            door.begin(&Active::new(id, fault, now, now + lasts), now)?;
            // The door is shut before the links are cut, or a quick one slips back in.
            if let Fault::Refuse { cut: Some(cut), .. } = fault {
                door.cut(cut);
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
            door.end(|active| active.id == id);
        }
    }

    /// Ends every fault of one feed.
    pub fn clear(&self, feed: &str) {
        if let Some(door) = self.door(feed) {
            door.end(|_| true);
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
    /// What is done to the bytes of every link.
    pub bytes: Faults,
}

impl Door {
    fn cut(&self, cut: &Cut) {
        // Nobody is there to be cut off: done.
        let _ = self.cuts.send(cut.clone());
    }

    fn begin(&self, active: &Active, now: Ts) -> Result<(), DeskError> {
        let mut done = Ok(());
        self.standing.send_if_modified(|standing| {
            done = standing.begin(active, now);
            done.is_ok()
        });
        self.pass_on();
        done
    }

    fn end(&self, which: impl Fn(&Active) -> bool) {
        self.standing.send_if_modified(|standing| standing.remove(which));
        self.pass_on();
    }

    /// The rest is done by whoever makes the messages, or writes them.
    fn pass_on(&self) {
        let of_bytes = |fault: &Fault| matches!(fault, Fault::Bandwidth { .. } | Fault::Bytewise);
        self.bytes.stand(self.standing.borrow().only(of_bytes));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fault::MOST;

    fn desk() -> (FaultDesk, mpsc::Receiver<Fault>) {
        let (edits, heard) = mpsc::channel(2);
        let door = Door {
            path: "/a",
            services: &["x"],
            standing: watch::Sender::default(),
            cuts: broadcast::Sender::new(4),
            edits,
            bytes: Faults::new(Clock::start(), 0),
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
        let fault = Fault::Refuse { status: Some(503), retry_after: None, times: Some(2), cut: None };
        desk.start("/a", &fault, Duration::from_secs(5)).unwrap();
        let standing = desk.doors[0].standing.borrow().clone();
        let tries = [(); 4].map(|()| standing.refusal(Ts::ZERO).is_some());
        assert_eq!(tries, [true, true, false, false]);
    }
}
