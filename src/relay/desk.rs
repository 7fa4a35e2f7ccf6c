//! Where faults of a relay are begun and ended. It carries none out: the byte layer hears of those that are its own, each
//! link of those that belong to messages, the door of those that belong to dials.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::{broadcast, watch};

use crate::fault::{Active, Cut, Desk, DeskError, Fault, FaultId, Standing};
use crate::net::fault::Faults;
use crate::time::{Clock, Ts};

/// What is done at once.
#[derive(Clone, Debug)]
pub(super) enum Order {
    /// With a close frame; other cuts are the byte layer's.
    Close {
        code: u16,
        reason: String,
    },
    Cut(Cut),
    Edit(Fault),
}

/// A handle to the faults of a relay; copies share them.
#[derive(Clone, Debug)]
pub struct RelayDesk {
    clock: Clock,
    ids: Arc<AtomicU64>,
    /// What the one feed of a relay is called.
    name: Arc<str>,
    services: Arc<Mutex<BTreeSet<String>>>,
    pub(super) bytes: Faults,
    pub(super) standing: watch::Sender<Standing>,
    pub(super) orders: broadcast::Sender<Order>,
}

/// More services than these are not remembered.
const MOST: usize = 1_000;

impl RelayDesk {
    pub(super) fn new<'a>(clock: Clock, name: &str, services: impl Iterator<Item = &'a str>, seed: u64) -> Self {
        Self {
            bytes: Faults::new(clock.clone(), seed),
            clock,
            ids: Arc::new(AtomicU64::new(1)),
            name: name.into(),
            services: Arc::new(Mutex::new(services.map(str::to_owned).collect())),
            standing: watch::Sender::default(),
            orders: broadcast::Sender::new(64),
        }
    }

    /// A service that a client asked for.
    pub(super) fn meet(&self, service: &str) {
        let mut services = self.services.lock().unwrap_or_else(PoisonError::into_inner);
        if services.len() < MOST && !services.contains(service) {
            services.insert(service.to_owned());
        }
    }

    /// Faults that begin from here on have no lower number.
    pub(super) fn mark(&self) -> FaultId {
        FaultId(self.ids.load(Ordering::Relaxed))
    }

    /// What is on now.
    pub fn active(&self) -> Vec<Active> {
        let now = self.clock.now();
        self.standing.borrow().on(now).cloned().collect()
    }

    /// Ends a fault before its time. One that is over already is no trouble.
    pub fn stop(&self, id: FaultId) {
        self.change(|standing| {
            standing.remove(|active| active.id == id);
        });
    }

    /// Ends all of them.
    pub fn clear(&self) {
        self.change(|standing| {
            standing.remove(|_| true);
        });
    }

    fn change(&self, change: impl FnOnce(&mut Standing)) {
        // Bytes first: what is told of a fault is told of one that stands.
        self.standing.send_modify(|standing| {
            change(standing);
            self.bytes.stand(standing.clone());
        });
    }

    fn cut(&self, cut: &Cut) {
        let order = match cut {
            Cut::Close { code, reason } => Order::Close { code: *code, reason: reason.clone() },
            Cut::Reset | Cut::Fin | Cut::HalfClose | Cut::Truncate => Order::Cut(cut.clone()),
        };
        // Nobody is there to be cut off: done.
        let _ = self.orders.send(order);
    }
}

impl Desk for RelayDesk {
    fn feeds(&self) -> Vec<String> {
        vec![self.name.to_string()]
    }

    fn services(&self, _: &str) -> Vec<String> {
        self.services.lock().unwrap_or_else(PoisonError::into_inner).iter().cloned().collect()
    }

    /// Whichever feed is named, it is the one that is relayed.
    fn start(&self, _: &str, fault: &Fault, lasts: Duration) -> Result<FaultId, DeskError> {
        let id = FaultId(self.ids.fetch_add(1, Ordering::Relaxed));
        if let Fault::Cut(cut) = fault {
            self.cut(cut);
        } else if fault.of_next().is_some() {
            let _ = self.orders.send(Order::Edit(fault.clone()));
        } else {
            let now = self.clock.now();
            let active = Active::new(id, fault, now, now + lasts);
            let mut begun = Ok(());
            self.change(|standing| begun = standing.begin(&active, now));
            begun?;
            // The door is shut before the links are cut, or a quick one slips back in.
            if let Fault::Refuse { cut: Some(cut), .. } = fault {
                self.cut(cut);
            }
        }
        Ok(id)
    }
}

/// Until when nobody is let in at all, so that the port itself refuses.
pub(super) fn closed(standing: &Standing, now: Ts) -> Option<Ts> {
    let shut = |active: &&Active| matches!(*active.fault, Fault::Refuse { status: None, times: None, .. });
    standing.on(now).filter(shut).map(|active| active.until).max()
}
