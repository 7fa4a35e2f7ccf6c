//! One row: what it is, whom it belongs to, its number and its time; and what is to be noted of it.

use std::ops::Range;

use super::arena::Extra;
use super::cut::Cut;
use super::directory::{Directory, Owner};
use super::key::{Words, words};
use super::plan::{Number, Way};
use super::{Note, Origin};
use crate::event::{Form, Kind, Row, ServiceId};
use crate::profile::SequenceScope;
use crate::profile::codec::{Place, Scene};
use crate::profile::pointer::{Value, byte, skip, space};

/// So many keys of a list are looked at.
const MOST_KEYS: usize = 10_000;

impl Cut<'_> {
    /// One row (of a message for several services, one for each). `place` is where its message lies in the frame, `item`
    /// whether the row is an item of it. Says which row it is, and whether a rule knows it.
    pub(super) fn row(
        &mut self,
        scene: &Scene<'_>,
        form: Form,
        body: &[u8],
        place: Range<usize>,
        item: bool,
    ) -> (usize, bool) {
        let plan = self.plan;
        let rule = plan.rules.first(scene, form);
        let (way, lag) = plan.way(rule);
        let key = match &way.several {
            None => {
                self.several.clear();
                way.key.as_ref().and_then(|key| key.of(scene, self.key))
            }
            Some((list, words)) => several(scene, (*list, words.as_ref()), way, self.services, self.several, self.key),
        };
        let owner = key.map(|key| match self.several.first() {
            Some(first) => Owner::Known(*first),
            None => self.services.find(way.via, way.glob, key),
        });
        let service = match owner {
            Some(Owner::Known(service)) => Some(service),
            Some(Owner::Late(_) | Owner::Unknown) | None => None,
        };
        let nobodys = matches!(owner, Some(Owner::Unknown) | None);
        let greets = rule.is_none() && nobodys && plan.greets(scene, form);
        let bare = rule.is_none() && nobodys && !greets && item && plan.members && is_bare(body);
        let kind = match (rule, key) {
            (Some(rule), _) => plan.rules.kind(rule),
            (None, _) if greets => Kind::Hello,
            (None, _) if bare => Kind::Other,
            (None, Some(_)) => Kind::Data,
            (None, None) => Kind::Other,
        };
        self.bare += usize::from(bare);
        let number = plan.number(scene, form, kind);
        let seq = number.and_then(|number| number.of(scene));
        let lag = lag.and_then(|lag| lag.of(scene, self.row.at, self.wall));
        let common = Row { service, kind, form, seq, lag, ..self.row };
        let counted = number.filter(|number| seq.is_some() || number.resets(scene, form));
        let row = self.out.push(common, body, counted.map(|number| number.which));
        if matches!(kind, Kind::Data | Kind::Snapshot) {
            match (owner, key) {
                (Some(Owner::Unknown), Some(key)) => {
                    self.notes.push(Note::Unknown { row, key: String::from_utf8_lossy(key).into_owned() });
                }
                (Some(Owner::Late(service)), _) => self.notes.push(Note::Late { row, service }),
                (Some(Owner::Known(_) | Owner::Unknown) | None, _) => {}
            }
        }
        if let Some(number) = counted.filter(|number| number.more) {
            let extra = extra(number, scene, form, self.key);
            self.out.comes_with(row, extra);
        }
        let noted = rule.filter(|rule| plan.rules.is_noted(*rule));
        if noted.is_some() || self.all {
            let name = |name: &[u8]| String::from_utf8_lossy(name).into();
            let origin = Origin {
                message: place,
                item,
                outer: scene.about.and_then(|about| about.outer).map(|(outer, _)| outer.into()),
                key: scene.about.and_then(|about| about.key).map(name),
                prefixed: self.prefixed.clone(),
            };
            if self.all {
                self.notes.push(Note::Seen { row, origin: origin.clone() });
            }
            self.notes.extend(noted.map(|rule| Note::Rule { row, rule, origin }));
        }
        if self.several.len() > 1 {
            self.others(common, row, counted);
        }
        (row, rule.is_some() || greets)
    }

    /// The same row for the other services that it belongs to.
    #[cold]
    fn others(&mut self, common: Row, first: usize, number: Option<&Number>) {
        // What all of a link count together is counted once.
        let number = number.filter(|number| number.scope == SequenceScope::Service);
        for at in 1..self.several.len() {
            if self.is_full() {
                break;
            }
            let row = Row { service: self.several.get(at).copied(), ..common };
            let row = Row { seq: number.and(row.seq), ..row };
            let again = self.out.again(row, first, number.map(|number| number.which));
            if let Some(extra) = number.and_then(|_| self.out.extra(first)) {
                self.out.comes_with(again, extra);
            }
        }
    }
}

/// Whether a value is neither an object nor an array.
fn is_bare(value: &[u8]) -> bool {
    !matches!(byte(value, space(value, 0)), b'{' | b'[')
}

fn extra(number: &Number, scene: &Scene<'_>, form: Form, scratch: &mut Vec<u8>) -> Extra {
    let key = number.key.as_ref().and_then(|key| key.of(scene, scratch)).map(Into::into);
    Extra { other: number.other(scene), reset: number.resets(scene, form), key }
}

/// The services of a list of keys, as far as they are known, into `found`. The first key, where there is a list (or, in
/// place of a list, one key); else the key that the way makes.
fn several<'s>(
    scene: &Scene<'s>,
    (list, map): (Place, Option<&Words>),
    way: &Way,
    services: &mut Directory,
    found: &mut Vec<ServiceId>,
    scratch: &'s mut Vec<u8>,
) -> Option<&'s [u8]> {
    found.clear();
    let value = scene.get(list).filter(|value| !value.is_null());
    let Some(value) = value else { return way.key.as_ref().and_then(|key| key.of(scene, scratch)) };
    let mut read = |value: Value<'_>, scratch: &mut Vec<u8>| {
        scratch.clear();
        words(value)?;
        value.open_into(scratch);
        if let Some(other) = map.and_then(|map| map.get(scratch.as_slice())) {
            scratch.clear();
            scratch.extend_from_slice(other);
        }
        if let Owner::Known(service) = services.find(way.via, way.glob, scratch)
            && !found.contains(&service)
        {
            found.push(service);
        }
        Some(())
    };
    let list = value.raw();
    if byte(list, 0) != b'[' {
        read(value, scratch)?;
        return Some(scratch.as_slice()).filter(|key| !key.is_empty());
    }
    let (mut at, mut first) = (space(list, 1), None);
    for _ in 0..MOST_KEYS {
        let Ok(end) = skip(list, at, 0) else { break };
        let value = Value::of(list.get(space(list, at)..end).unwrap_or_default());
        first = first.or(Some(value));
        read(value, scratch);
        at = space(list, end);
        if byte(list, at) != b',' {
            break;
        }
        at += 1;
    }
    if read(first?, scratch).is_none() {
        scratch.clear();
    }
    let key = scratch.as_slice();
    (!key.is_empty() || !found.is_empty()).then_some(key)
}
