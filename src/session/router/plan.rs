//! A profile with every place resolved, so that a message is asked and not searched. It holds nothing that changes.

use super::key::{self, Key};
use super::lag::Lag;
use super::rules::Rules;
use crate::event::{Form, Kind};
use crate::profile::Profile;
use crate::profile::codec::{Place, Reader, Scene};
use crate::profile::matcher::{self, Match};
use crate::profile::pointer::Pointer;
use crate::profile::template::Part;

#[derive(Clone, Debug)]
pub(super) struct Plan {
    pub(super) reader: Reader,
    pub(super) batch: bool,
    /// The list whose items are rows.
    pub(super) each: Option<Place>,
    pub(super) key: Option<Key>,
    pub(super) rules: Rules,
    pub(super) lag: Option<Lag>,
    numbers: Vec<Number>,
}

/// Which messages carry a number, and where.
#[derive(Clone, Debug)]
struct Number {
    which: u16,
    when: Option<matcher::Plan>,
    at: Place,
}

impl Plan {
    pub(super) fn new(profile: &Profile) -> Self {
        let reader = Reader::new(&profile.codec, &places(profile));
        let place = |item: bool, pointer: &Pointer| reader.place(item, pointer);
        let number = |(which, sequence): (u16, &crate::profile::Sequence)| {
            let when = sequence.when.as_ref().map(|when| matcher::Plan::new(when, &place));
            Some(Number { which, when, at: place(sequence.at.item, &sequence.at)? })
        };
        let time = |rule: &crate::profile::TimeRule| {
            Lag::new(rule, rule.at.iter().filter_map(|pointer| place(pointer.item, pointer)).collect())
        };
        Self {
            batch: profile.codec.batch,
            each: profile.codec.each.as_ref().and_then(|each| place(false, each)),
            key: profile.route.message.as_ref().map(|template| Key::new(template, &reader)),
            rules: Rules::new(&profile.rules, &place),
            lag: profile.time.as_ref().map(time),
            numbers: (0..=u16::MAX).zip(&profile.sequences).filter_map(number).collect(),
            reader,
        }
    }

    /// The number of a message by the first sequence that means it, and which that is.
    #[inline]
    pub(super) fn number(&self, scene: &Scene<'_>, form: Form, kind: Kind) -> (Option<u16>, Option<u64>) {
        let means = |number: &&Number| match &number.when {
            Some(when) => when.holds(scene, form),
            None => kind == Kind::Data,
        };
        let Some(number) = self.numbers.iter().find(means) else { return (None, None) };
        match scene.get(number.at).and_then(crate::profile::pointer::Value::as_u64) {
            Some(seq) => (Some(number.which), Some(seq)),
            None => (None, None),
        }
    }
}

/// Everything that the profile looks at in messages, and whether it is in an item.
fn places(profile: &Profile) -> Vec<(bool, Pointer)> {
    let plain = |pointer: &Pointer| (pointer.item, pointer.clone());
    let mut places: Vec<_> = profile.codec.each.iter().map(|each| (false, each.clone())).collect();
    for part in profile.route.message.iter().flat_map(|template| &template.parts) {
        if let Part::Hole(filled) = part {
            places.extend(key::hole(&filled.source).map(|(item, pointer)| (item, pointer.clone())));
        }
    }
    let mut subjects = |wanted: &Match| {
        let named = wanted.0.iter().filter_map(|(subject, _)| subject.place());
        places.extend(named.map(|(item, pointer)| (item, pointer.clone())));
    };
    profile.rules.iter().for_each(|rule| subjects(&rule.when));
    profile.sequences.iter().filter_map(|sequence| sequence.when.as_ref()).for_each(subjects);
    places.extend(profile.sequences.iter().map(|sequence| plain(&sequence.at)));
    places.extend(profile.time.iter().flat_map(|rule| &rule.at).map(plain));
    places
}
