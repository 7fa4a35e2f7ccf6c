//! What is counted together: the numbers of a service, of a link, or of a key. Whose finding it is, is told with it.

use std::collections::{HashMap, VecDeque};

use super::{Finding, Tracker};
use crate::event::{GapState, ServiceId};
use crate::profile::{Profile, Sequence, SequenceScope};
use crate::time::Ts;

/// A message's number, by one of [`Profile::sequences`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Numbered<'a> {
    pub sequence: usize,
    /// Only a message that begins a new count may have none.
    pub seq: Option<u64>,
    /// The first number of its range, or the one before it.
    pub other: Option<u64>,
    /// It begins a new count.
    pub reset: bool,
    /// What it is counted by, where that is a key.
    pub key: Option<&'a [u8]>,
}

/// The trackers of a feed.
#[derive(Clone, Debug, Default)]
pub struct Trackers {
    rules: Vec<Rule>,
    tallies: Vec<Tally>,
    /// The earliest moment at which a missing number is judged.
    wake: Option<Ts>,
    /// Memory that is taken once.
    found: Vec<Finding>,
}

/// What the numbers of a service have shown so far.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// Nothing where no number came.
    pub lost: Option<u64>,
    pub repeated: u64,
    pub reordered: u64,
}

#[derive(Clone, Debug)]
struct Rule {
    blank: Tracker,
    counts: Counts,
}

#[derive(Clone, Debug)]
enum Counts {
    Services(Vec<Option<Box<Tracker>>>),
    Link(Box<Shared>),
    /// Those that were used of late, and those before them, which are let go of when the others are too many.
    Keys {
        new: Table,
        old: Table,
    },
}

type Table = HashMap<Box<[u8]>, Shared>;

/// A count that several services have in common.
#[derive(Clone, Debug)]
struct Shared {
    tracker: Tracker,
    /// Whose number came last.
    at_hand: Option<ServiceId>,
    /// Whose gaps they are that were told and are not judged.
    owners: VecDeque<(u64, u64, Option<ServiceId>)>,
}

/// So many keys are counted at once, and as many again that were used before them.
const MOST_KEYS: usize = 4096;
/// So many gaps of one count are waited for, and their owners known.
const MOST_OWNERS: usize = 1024;

/// A finding, and the service that it is told of: nothing only if none ever had a number in that count.
pub type Told = (Option<ServiceId>, Finding);

impl Trackers {
    pub fn new(profile: &Profile) -> Self {
        Self { rules: profile.sequences.iter().map(Rule::new).collect(), ..Self::default() }
    }

    /// A numbered message of a service came (or one of none, which may count with others on its link).
    pub fn see(&mut self, now: Ts, service: Option<ServiceId>, numbered: &Numbered<'_>, out: &mut Vec<Told>) {
        let Some(rule) = self.rules.get_mut(numbered.sequence) else { return };
        if let (Some(service), Some(_)) = (service, numbered.seq) {
            tally(&mut self.tallies, service).lost.get_or_insert(0);
        }
        let before = out.len();
        let wake = rule.see(now, service, numbered, &mut self.found, out);
        if out.len() > before {
            self.count(before, out);
            self.wake = self.wake.into_iter().chain(wake).min();
        }
    }

    /// Judges what was waited for until now.
    pub fn expire(&mut self, now: Ts, out: &mut Vec<Told>) {
        if self.wake.is_none_or(|at| at > now) {
            return;
        }
        self.each(out, |tracker, found| tracker.expire(now, found));
    }

    /// A new link.
    pub fn relink(&mut self, out: &mut Vec<Told>) {
        self.each(out, Tracker::relink);
    }

    /// A service is asked for again: what its numbers skip was not missed. Counts that belong to a link go on, for the
    /// server numbers what it sends on it.
    pub fn excuse(&mut self, service: ServiceId, trailing: Option<Ts>, out: &mut Vec<Told>) {
        let before = out.len();
        for rule in &mut self.rules {
            rule.of(service, &mut self.found, out, &mut |tracker, found| tracker.excuse(trailing, found));
        }
        self.wake = self.rules.iter().filter_map(Rule::wake).min();
        self.count(before, out);
    }

    /// When there is something to judge next, at the earliest.
    pub fn wake(&self) -> Option<Ts> {
        self.wake
    }

    pub fn tally(&self, service: ServiceId) -> Tally {
        self.tallies.get(usize::from(service.0)).copied().unwrap_or_default()
    }

    fn each(&mut self, out: &mut Vec<Told>, mut act: impl FnMut(&mut Tracker, &mut Vec<Finding>)) {
        let before = out.len();
        self.wake = None;
        for rule in &mut self.rules {
            rule.each(&mut self.found, out, &mut act);
            self.wake = self.wake.into_iter().chain(rule.wake()).min();
        }
        self.count(before, out);
    }

    fn count(&mut self, from: usize, told: &[Told]) {
        for (service, finding) in told.get(from..).unwrap_or_default() {
            let Some(service) = *service else { continue };
            let tally = tally(&mut self.tallies, service);
            match finding {
                Finding::Gap { state: GapState::Lost, missing, .. } => {
                    tally.lost = Some(tally.lost.unwrap_or(0).saturating_add(*missing));
                }
                Finding::Gap { .. } | Finding::Anew => {}
                Finding::Repeated { .. } => tally.repeated += 1,
                Finding::Reordered { .. } => tally.reordered += 1,
            }
        }
    }
}

fn tally(tallies: &mut Vec<Tally>, service: ServiceId) -> &mut Tally {
    let at = usize::from(service.0);
    if tallies.len() <= at {
        tallies.resize(at + 1, Tally::default());
    }
    &mut tallies[at]
}

impl Rule {
    fn new(sequence: &Sequence) -> Self {
        let blank = Tracker::new(sequence);
        let counts = match &sequence.scope {
            SequenceScope::Service => Counts::Services(Vec::new()),
            SequenceScope::Link => Counts::Link(Box::new(Shared::new(&blank))),
            SequenceScope::Key(_) => Counts::Keys { new: Table::new(), old: Table::new() },
        };
        Self { blank, counts }
    }

    /// Says when there is something to judge in the count that it belongs to.
    fn see(
        &mut self,
        now: Ts,
        service: Option<ServiceId>,
        numbered: &Numbered<'_>,
        found: &mut Vec<Finding>,
        out: &mut Vec<Told>,
    ) -> Option<Ts> {
        match &mut self.counts {
            Counts::Services(list) => {
                let service = service?;
                let at = usize::from(service.0);
                if list.len() <= at {
                    list.resize(at + 1, None);
                }
                let tracker = list.get_mut(at)?.get_or_insert_with(|| Box::new(self.blank.clone()));
                see(tracker, now, numbered, found);
                if found.is_empty() {
                    return None;
                }
                out.extend(found.drain(..).map(|finding| (Some(service), finding)));
                tracker.wake()
            }
            Counts::Link(shared) => shared.see(now, service, numbered, found, out),
            Counts::Keys { new, old } => {
                let key = numbered.key?;
                if !new.contains_key(key) {
                    let known = old.remove(key);
                    if new.len() >= MOST_KEYS {
                        // Nothing that these wait for will be told otherwise.
                        for shared in old.values_mut() {
                            shared.tracker.reset(found);
                            shared.tell(found, out);
                        }
                        *old = std::mem::take(new);
                    }
                    new.insert(key.into(), known.unwrap_or_else(|| Shared::new(&self.blank)));
                }
                new.get_mut(key)?.see(now, service, numbered, found, out)
            }
        }
    }

    fn each(
        &mut self,
        found: &mut Vec<Finding>,
        out: &mut Vec<Told>,
        act: &mut impl FnMut(&mut Tracker, &mut Vec<Finding>),
    ) {
        match &mut self.counts {
            Counts::Services(list) => {
                for (tracker, id) in list.iter_mut().zip(0_u16..) {
                    if let Some(tracker) = tracker {
                        act(tracker, found);
                        out.extend(found.drain(..).map(|finding| (Some(ServiceId(id)), finding)));
                    }
                }
            }
            Counts::Link(shared) => shared.each(found, out, act),
            Counts::Keys { new, old } => {
                new.values_mut().chain(old.values_mut()).for_each(|shared| shared.each(found, out, act));
            }
        }
    }

    /// The counts that are this service's.
    fn of(
        &mut self,
        service: ServiceId,
        found: &mut Vec<Finding>,
        out: &mut Vec<Told>,
        act: &mut impl FnMut(&mut Tracker, &mut Vec<Finding>),
    ) {
        match &mut self.counts {
            Counts::Services(list) => {
                if let Some(Some(tracker)) = list.get_mut(usize::from(service.0)) {
                    act(tracker, found);
                    out.extend(found.drain(..).map(|finding| (Some(service), finding)));
                }
            }
            Counts::Link(_) => {}
            Counts::Keys { new, old } => {
                let mine = new.values_mut().chain(old.values_mut()).filter(|one| one.at_hand == Some(service));
                mine.for_each(|shared| shared.each(found, out, act));
            }
        }
    }

    fn wake(&self) -> Option<Ts> {
        match &self.counts {
            Counts::Services(list) => list.iter().flatten().filter_map(|tracker| tracker.wake()).min(),
            Counts::Link(shared) => shared.tracker.wake(),
            Counts::Keys { new, old } => new.values().chain(old.values()).filter_map(|one| one.tracker.wake()).min(),
        }
    }
}

impl Shared {
    fn new(blank: &Tracker) -> Self {
        Self { tracker: blank.clone(), at_hand: None, owners: VecDeque::new() }
    }

    fn see(
        &mut self,
        now: Ts,
        service: Option<ServiceId>,
        numbered: &Numbered<'_>,
        found: &mut Vec<Finding>,
        out: &mut Vec<Told>,
    ) -> Option<Ts> {
        self.at_hand = service.or(self.at_hand);
        see(&mut self.tracker, now, numbered, found);
        if found.is_empty() {
            return None;
        }
        self.tell(found, out);
        self.tracker.wake()
    }

    fn each(
        &mut self,
        found: &mut Vec<Finding>,
        out: &mut Vec<Told>,
        act: &mut impl FnMut(&mut Tracker, &mut Vec<Finding>),
    ) {
        act(&mut self.tracker, found);
        self.tell(found, out);
    }

    /// What becomes of a gap is told of the service that it was told of first.
    fn tell(&mut self, found: &mut Vec<Finding>, out: &mut Vec<Told>) {
        for finding in found.drain(..) {
            let service = match finding {
                Finding::Gap { from, to, state: GapState::Pending, .. } => {
                    self.owners.push_back((from, to, self.at_hand));
                    if self.owners.len() > MOST_OWNERS {
                        self.owners.pop_front();
                    }
                    self.at_hand
                }
                Finding::Gap { from, to, state: GapState::Lost | GapState::Filled, .. } => {
                    let owner = self.owners.iter().find(|(first, last, _)| *first <= from && to <= *last);
                    owner.map_or(self.at_hand, |(_, _, service)| *service)
                }
                Finding::Repeated { .. } | Finding::Reordered { .. } | Finding::Anew => self.at_hand,
            };
            out.push((service, finding));
        }
        if self.tracker.wake().is_none() {
            self.owners.clear();
        }
    }
}

fn see(tracker: &mut Tracker, now: Ts, numbered: &Numbered<'_>, found: &mut Vec<Finding>) {
    if numbered.reset {
        tracker.reset(found);
    }
    if let Some(seq) = numbered.seq {
        tracker.see_with(now, seq, numbered.other, found);
    }
}
