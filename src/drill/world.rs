//! The links of a client as they were seen: when each came, what it asked for, when it beat, when it was left. It
//! judges nothing.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use crate::relay::{ClientId, Passed, Seen, Turned, What};
use crate::time::Ts;

/// One connection of the client.
#[derive(Clone, Debug)]
pub(super) struct Link {
    pub(super) id: ClientId,
    pub(super) knocked: Ts,
    pub(super) open: Option<Ts>,
    /// The client gave it up.
    pub(super) left: Option<Ts>,
    /// It came to its end in another way: the server's, a fault's.
    pub(super) ended: Option<Ts>,
    /// What it is subscribed to, and when each was asked for first and how often.
    pub(super) wanted: BTreeSet<Arc<str>>,
    pub(super) asked: BTreeMap<Arc<str>, (Ts, u32)>,
    pub(super) beats: Vec<Beat>,
    pub(super) last_in: Ts,
    pub(super) first_data: Option<Ts>,
    pub(super) garbage: Option<(Ts, &'static str)>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Beat {
    pub(super) at: Ts,
    /// Since the last message.
    pub(super) idle: Duration,
    pub(super) answered: bool,
}

impl Link {
    /// When it ended for the client, whoever ended it.
    pub(super) fn gone(&self) -> Option<Ts> {
        [self.left, self.ended].into_iter().flatten().min()
    }

    pub(super) fn is_alive(&self) -> bool {
        self.open.is_some() && self.gone().is_none()
    }
}

/// A moment for the picture.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mark {
    Data(u64),
    Beat,
    Fault,
    Left,
    Knock,
    Turned,
    Open,
    Ended,
}

#[derive(Debug, Default)]
pub(super) struct World {
    pub(super) links: Vec<Link>,
    pub(super) marks: Vec<(Ts, Mark)>,
    /// The last number of each service, and how many between it and others never came.
    numbers: BTreeMap<Arc<str>, u64>,
    pub(super) lost: Option<u64>,
    pub(super) missed: u64,
    pub(super) ever_open: bool,
}

const MOST_LINKS: usize = 256;
const MOST_MARKS: usize = 8_192;
const MOST_BEATS: usize = 4_096;
const MOST_SERVICES: usize = 4_096;

impl World {
    pub(super) fn see(&mut self, seen: &Seen) {
        let at = seen.at;
        if let What::Knocked { client, .. } = &seen.what {
            self.mark(at, Mark::Knock);
            if self.links.len() >= MOST_LINKS {
                self.links.remove(0);
            }
            self.links.push(Link {
                id: *client,
                knocked: at,
                open: None,
                left: None,
                ended: None,
                wanted: BTreeSet::new(),
                asked: BTreeMap::new(),
                beats: Vec::new(),
                last_in: at,
                first_data: None,
                garbage: None,
            });
            return;
        }
        if let What::Missed { count } = &seen.what {
            self.missed += count;
        }
        let Some(id) = seen.what.client() else { return };
        let Some(link) = self.links.iter_mut().rev().find(|link| link.id == id) else { return };
        let mut mark = None;
        match &seen.what {
            What::Open { .. } => {
                link.open = Some(at);
                link.last_in = at;
                self.ever_open = true;
                mark = Some(Mark::Open);
            }
            What::Turned { how, .. } => {
                link.ended.get_or_insert(at);
                mark = (*how != Turned::Gone).then_some(Mark::Turned);
            }
            What::Subscribed { services, whole, .. } => {
                if *whole {
                    link.wanted.clear();
                }
                for service in services.iter().take(MOST_SERVICES.saturating_sub(link.wanted.len())) {
                    // What is said anew each time is not said twice.
                    let again = !link.wanted.insert(Arc::clone(service));
                    let asked = link.asked.entry(Arc::clone(service)).or_insert((at, 0));
                    asked.1 = if again { asked.1 + 1 } else { 1 };
                }
            }
            What::Unsubscribed { services, .. } => {
                for service in services {
                    link.wanted.remove(service);
                }
            }
            What::Beat { idle, .. } => {
                if link.beats.len() < MOST_BEATS {
                    link.beats.push(Beat { at, idle: *idle, answered: false });
                }
                mark = Some(Mark::Beat);
            }
            What::Answered { .. } => {
                link.last_in = at;
                link.beats.iter_mut().for_each(|beat| beat.answered = true);
            }
            What::Flow { messages, services, .. } => {
                link.last_in = link.last_in.max(at);
                if !services.is_empty() {
                    link.first_data.get_or_insert(at);
                }
                mark = Some(Mark::Data(*messages));
            }
            What::Garbage { kind, .. } => {
                link.last_in = at;
                link.garbage = Some((at, kind.name()));
            }
            What::Left { .. } => {
                if link.left.is_none() && link.open.is_some() {
                    mark = Some(Mark::Left);
                }
                link.left.get_or_insert(at);
            }
            What::ServerLeft { .. } | What::TooLong { .. } => {
                link.ended.get_or_insert(at);
                mark = Some(Mark::Ended);
            }
            What::Over { .. } => {
                link.ended.get_or_insert(at);
            }
            What::Kept { .. } | What::Knocked { .. } | What::Fault { .. } | What::Missed { .. } => {}
        }
        if let What::Flow { services, .. } = &seen.what {
            for passed in services {
                self.count(passed);
            }
        }
        if let Some(mark) = mark {
            self.mark(at, mark);
        }
    }

    /// A link that a fault ended, which may be told later.
    pub(super) fn cut(&mut self, at: Ts) {
        for link in self.links.iter_mut().filter(|link| link.is_alive()) {
            link.ended = Some(at);
        }
    }

    pub(super) fn mark(&mut self, at: Ts, mark: Mark) {
        if self.marks.len() < MOST_MARKS {
            self.marks.push((at, mark));
        }
    }

    fn count(&mut self, passed: &Passed) {
        let Some((first, last)) = passed.seqs else { return };
        let within = (last.saturating_sub(first) + 1).saturating_sub(passed.messages);
        let before = self.numbers.get(&passed.service).map_or(0, |known| first.saturating_sub(known.saturating_add(1)));
        self.lost = Some(self.lost.unwrap_or_default().saturating_add(within).saturating_add(before));
        if self.numbers.len() < MOST_SERVICES || self.numbers.contains_key(&passed.service) {
            let known = self.numbers.entry(Arc::clone(&passed.service)).or_default();
            *known = (*known).max(last);
        }
    }

    /// The newest link that is in order.
    pub(super) fn alive(&self) -> Option<&Link> {
        self.links.iter().rev().find(|link| link.is_alive())
    }

    pub(super) fn get(&self, id: ClientId) -> Option<&Link> {
        self.links.iter().find(|link| link.id == id)
    }

    /// What is no longer of interest goes; links that live stay.
    pub(super) fn forget(&mut self) {
        self.links.retain(|link| link.gone().is_none());
        self.marks.clear();
        self.lost = self.lost.map(|_| 0);
        self.missed = 0;
    }
}
