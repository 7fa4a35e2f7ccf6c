//! Which service a key means, or the number of a subscription. It makes no keys.

use std::collections::{HashMap, VecDeque};
use std::hash::BuildHasherDefault;

use super::key::Fold;
use crate::event::ServiceId;
use crate::profile::Via;

type Table<T> = HashMap<Box<[u8]>, T, BuildHasherDefault<Fold>>;

#[derive(Clone, Debug, Default)]
pub(super) struct Directory {
    wild: Wild,
    keys: Table<ServiceId>,
    /// Numbers of subscriptions, of this link.
    ids: Table<ServiceId>,
    /// Those that are no longer meant, and in which order they went.
    late: Table<ServiceId>,
    left: VecDeque<Box<[u8]>>,
    /// Keys with wildcards, the most particular first.
    globs: Vec<(Box<[u8]>, ServiceId)>,
    /// What names were found to match, so that each is tried once.
    matched: Table<Option<ServiceId>>,
}

/// What stands for anything in a key.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Wild {
    /// `*` for anything, `?` for one character.
    #[default]
    Plain,
    /// Of MQTT (section 4.7): `+` for one level of a topic, `#` at the end for all that are left.
    Topic,
}

/// Whom a key belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Owner {
    Known(ServiceId),
    /// It was this service's once.
    Late(ServiceId),
    Unknown,
}

/// So many keys are remembered as late, or as matched.
const MOST: usize = 4096;

impl Directory {
    pub(super) fn new(wild: Wild) -> Self {
        Self { wild, ..Self::default() }
    }

    pub(super) fn learn(&mut self, key: &[u8], service: ServiceId) {
        self.keys.insert(key.into(), service);
        self.late.remove(key);
        self.matched.clear();
        let wild = self.wild;
        if key.iter().any(|byte| wild.is(*byte)) {
            self.globs.retain(|(glob, _)| **glob != *key);
            let plain = |glob: &[u8]| glob.iter().filter(|byte| !wild.is(**byte)).count();
            let at = self.globs.partition_point(|(glob, _)| plain(glob) >= plain(key));
            self.globs.insert(at, (key.into(), service));
        }
    }

    pub(super) fn learn_id(&mut self, id: &[u8], service: ServiceId) {
        self.ids.insert(id.into(), service);
        self.late.remove(id);
    }

    pub(super) fn forget(&mut self, key: &[u8]) {
        let Some(service) = self.ids.remove(key).or_else(|| self.keys.remove(key)) else { return };
        self.matched.clear();
        self.globs.retain(|(glob, _)| **glob != *key);
        if self.late.insert(key.into(), service).is_none() {
            self.left.push_back(key.into());
        }
        while self.left.len() > MOST {
            if let Some(oldest) = self.left.pop_front() {
                self.late.remove(&oldest);
            }
        }
    }

    /// A new link: its subscriptions have numbers of their own.
    pub(super) fn relink(&mut self) {
        self.ids.clear();
        self.late.clear();
        self.left.clear();
    }

    pub(super) fn knows(&self, key: &[u8]) -> Option<ServiceId> {
        self.keys.get(key).or_else(|| self.ids.get(key)).copied()
    }

    #[inline]
    pub(super) fn find(&mut self, via: Via, glob: bool, key: &[u8]) -> Owner {
        let first = match via {
            Via::Key => self.keys.get(key),
            // Whoever learned an id as a key meant it.
            Via::Id | Via::Sid => self.ids.get(key).or_else(|| self.keys.get(key)),
        };
        match first {
            Some(service) => Owner::Known(*service),
            None => self.search(glob, key),
        }
    }

    #[cold]
    fn search(&mut self, glob: bool, key: &[u8]) -> Owner {
        if let Some(service) = self.late.get(key) {
            return Owner::Late(*service);
        }
        if !glob || self.globs.is_empty() {
            return Owner::Unknown;
        }
        let matched = self.matched.get(key).copied().unwrap_or_else(|| {
            let wild = self.wild;
            let found = self.globs.iter().find(|(glob, _)| wild.matches(glob, key)).map(|(_, service)| *service);
            if self.matched.len() < MOST {
                self.matched.insert(key.into(), found);
            }
            found
        });
        matched.map_or(Owner::Unknown, Owner::Known)
    }
}

impl Wild {
    fn is(self, byte: u8) -> bool {
        match self {
            Self::Plain => matches!(byte, b'*' | b'?'),
            Self::Topic => matches!(byte, b'+' | b'#'),
        }
    }

    fn matches(self, glob: &[u8], name: &[u8]) -> bool {
        match self {
            Self::Plain => matches(glob, name),
            Self::Topic => matches_topic(glob, name),
        }
    }
}

/// A wildcard at the beginning does not mean the broker's own topics, which begin with `$`.
pub(super) fn matches_topic(filter: &[u8], topic: &[u8]) -> bool {
    if matches!(filter.first(), Some(b'+' | b'#')) && topic.first() == Some(&b'$') {
        return false;
    }
    let mut levels = topic.split(|byte| *byte == b'/');
    for wanted in filter.split(|byte| *byte == b'/') {
        // It means the level above as well: `a/#` is also `a`.
        if wanted == b"#" {
            return true;
        }
        match levels.next() {
            Some(level) if wanted == b"+" || wanted == level => {}
            Some(_) | None => return false,
        }
    }
    levels.next().is_none()
}

/// `*` stands for anything, `?` for one character.
pub(super) fn matches(glob: &[u8], name: &[u8]) -> bool {
    let (mut g, mut n) = (0, 0);
    // Where to go on when it does not match: behind the last `*`, one character of the name later.
    let mut back = None;
    while n < name.len() {
        match glob.get(g) {
            Some(b'*') => {
                g += 1;
                back = Some((g, n));
            }
            Some(b'?') => {
                g += 1;
                n = next_character(name, n);
            }
            Some(byte) if *byte == name[n] => {
                g += 1;
                n += 1;
            }
            _ => {
                let Some((behind, at)) = back else { return false };
                let at = next_character(name, at);
                back = Some((behind, at));
                (g, n) = (behind, at);
            }
        }
    }
    glob.get(g..).unwrap_or_default().iter().all(|byte| *byte == b'*')
}

fn next_character(name: &[u8], at: usize) -> usize {
    let within = |byte: &&u8| **byte & 0xc0 == 0x80;
    at + 1 + name.get(at + 1..).unwrap_or_default().iter().take_while(within).count()
}
