//! The shape of a service's messages, learned from the first of them, and notes of what departs from it: a field that is
//! new, a value of another type. It reads no more messages than cost little, and remembers no values.

use std::collections::{BTreeMap, HashMap, VecDeque};
use std::hash::{DefaultHasher, Hash, Hasher};

use super::history::{Arrival, Stream};
use super::json::path::{Path, Step};
use super::json::{Is, byte, children, is, part, space, unquoted};
use crate::event::{Dir, FeedId, Form, Kind};
use crate::time::Ts;

/// Messages that a shape is learned from.
pub const LEARNED: u32 = 100;
/// Messages looked at in a second; of more than that, only so many.
const A_SECOND: u32 = 4000;
/// Larger ones are not looked at.
const LARGEST: usize = 64 << 10;
const DEEPEST: usize = 8;
/// Fields that one shape may have; what has more has none of its own.
const FIELDS: usize = 512;
/// An object with more names than this is no record: its names are data.
const NAMES: u16 = 48;
/// Notes of one shape, and of all.
const TOLD: u32 = 20;
const NOTES: usize = 100;

/// A departure.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Note {
    pub at: Ts,
    pub feed: FeedId,
    pub stream: Stream,
    pub path: Path,
    /// What its values were before; none: the field is new.
    pub was: Option<Is>,
    pub is: Is,
}

#[derive(Debug, Default)]
pub struct Drift {
    shapes: BTreeMap<(FeedId, Stream, u8), Shape>,
    /// Newest last.
    notes: VecDeque<Note>,
    second: u64,
    looked: u32,
}

#[derive(Debug, Default)]
struct Shape {
    messages: u32,
    told: u32,
    /// The types of each field, by its path's hash.
    fields: HashMap<u64, Vec<Is>>,
    /// How many names each object has had.
    names: HashMap<u64, u16>,
}

impl Drift {
    pub fn notes(&self, feed: FeedId, stream: Stream) -> impl DoubleEndedIterator<Item = &Note> {
        self.notes.iter().filter(move |note| note.feed == feed && note.stream == stream)
    }

    pub(super) fn forget(&mut self, feed: FeedId) {
        self.shapes.retain(|(of, ..), _| *of != feed);
        self.notes.retain(|note| note.feed != feed);
    }

    /// Takes in a message. Says whether there is a note of it.
    pub fn hear(&mut self, arrival: &Arrival<'_>) -> bool {
        let Arrival { feed, stream, at, kind, dir, form, body } = *arrival;
        let kind = match kind {
            Kind::Data | Kind::Other => 0,
            Kind::Snapshot => 1,
            Kind::Notice => 2,
            Kind::Ack
            | Kind::Nack
            | Kind::Ping
            | Kind::Pong
            | Kind::Heartbeat
            | Kind::Hello
            | Kind::End
            | Kind::Error
            | Kind::Goodbye
            | Kind::Fatal => return false,
        };
        if form != Form::Json || dir != Dir::In || body.len() > LARGEST || !self.has_time(at) {
            return false;
        }
        let shape = self.shapes.entry((feed, stream, kind)).or_default();
        let learned = shape.messages >= LEARNED;
        shape.messages = shape.messages.saturating_add(1);
        let mut found = Vec::new();
        let mut look = Look { doc: body, shape, path: Vec::new(), found: &mut found, learned };
        look.value(space(body, 0), seed(0));
        let new = !found.is_empty();
        for (path, was, is) in found {
            if self.notes.len() == NOTES {
                self.notes.pop_front();
            }
            self.notes.push_back(Note { at, feed, stream, path, was, is });
        }
        new
    }

    fn has_time(&mut self, at: Ts) -> bool {
        let second = at.since(Ts::ZERO).as_secs();
        if self.second != second {
            (self.second, self.looked) = (second, 0);
        }
        self.looked += 1;
        self.looked <= A_SECOND
    }
}

struct Look<'a> {
    doc: &'a [u8],
    shape: &'a mut Shape,
    path: Vec<Step>,
    found: &'a mut Vec<(Path, Option<Is>, Is)>,
    learned: bool,
}

impl Look<'_> {
    /// It calls itself only as deep as fields are looked at.
    fn value(&mut self, at: usize, here: u64) {
        if self.path.len() >= DEEPEST {
            return;
        }
        let doc = self.doc;
        let is_array = byte(doc, at) == b'[';
        for child in children(doc, at) {
            let key = child.key.map(|key| unquoted(part(doc, key)));
            let names = self.shape.names.get(&here).copied().unwrap_or(0);
            let any = is_array || names > NAMES;
            let place = match &key {
                Some(key) if !any => hashed(here, key),
                Some(_) | None => seed(here),
            };
            let what = is(part(doc, child.value.clone()));
            let step = || match &key {
                Some(key) if !any => Step::Key(String::from_utf8_lossy(key).into_owned()),
                Some(_) | None => Step::Any,
            };
            // The path is written down only for those who need it: what is below, and notes.
            let mut pushed = false;
            if self.is_new(place, what) || matches!(what, Is::Object | Is::Array) {
                self.path.push(step());
                pushed = true;
            }
            self.take(place, what, here, any);
            if matches!(what, Is::Object | Is::Array) {
                self.value(child.value.start, place);
            }
            if pushed {
                self.path.pop();
            }
        }
    }

    fn is_new(&self, place: u64, what: Is) -> bool {
        self.shape.fields.get(&place).is_none_or(|known| !known.contains(&what))
    }

    /// Learns the type of a value, and notes it where it should have been known.
    fn take(&mut self, place: u64, what: Is, parent: u64, any: bool) {
        let known = self.shape.fields.get(&place);
        if known.is_some_and(|known| known.contains(&what)) {
            return;
        }
        let is_field = known.is_none();
        // Nothing is a value of every type.
        let was = known.and_then(|known| known.iter().rev().find(|is| **is != Is::Null)).copied();
        if is_field && self.shape.fields.len() >= FIELDS {
            return;
        }
        if is_field && !any {
            *self.shape.names.entry(parent).or_default() += 1;
        }
        let is_departure = if is_field { !any } else { what != Is::Null && was.is_some() };
        self.shape.fields.entry(place).or_default().push(what);
        if self.learned && is_departure && self.shape.told < TOLD {
            self.shape.told += 1;
            self.found.push((Path(self.path.clone()), was, what));
        }
    }
}

/// Any element of what has this hash.
fn seed(parent: u64) -> u64 {
    hashed(parent, b"[]")
}

fn hashed(parent: u64, name: &[u8]) -> u64 {
    let mut hasher = DefaultHasher::new();
    (parent, name).hash(&mut hasher);
    hasher.finish()
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use proptest::prelude::*;

    use super::*;

    const STREAM: Stream = Stream::Unrouted;

    fn hear(drift: &mut Drift, second: u64, body: &str) -> bool {
        let (kind, dir, form) = (Kind::Data, Dir::In, Form::Json);
        let at = Ts::ZERO + Duration::from_secs(second);
        drift.hear(&Arrival { feed: FeedId(0), stream: STREAM, at, kind, dir, form, body: body.as_bytes() })
    }

    fn learned(body: &str) -> Drift {
        let mut drift = Drift::default();
        for n in 0..u64::from(LEARNED) {
            assert!(!hear(&mut drift, n, body));
        }
        drift
    }

    fn told(drift: &Drift) -> Vec<String> {
        let notes = drift.notes(FeedId(0), STREAM);
        notes.map(|note| format!("{} {:?} {:?}", note.path, note.was, note.is)).collect()
    }

    #[test]
    fn what_is_new_is_told_once() {
        let mut drift = learned(r#"{"a":1,"data":{"p":"1","list":[{"x":1}],"n":null}}"#);
        let changed = r#"{"a":"1","data":{"p":"1","fee":0,"list":[{"x":1},{"y":{"z":2}}],"n":3}}"#;
        assert!(hear(&mut drift, 200, changed));
        assert!(!hear(&mut drift, 201, changed));
        assert_eq!(
            told(&drift),
            [
                ".a Some(Number) Text",
                ".data.fee None Number",
                ".data.list[].y None Object",
                ".data.list[].y.z None Number",
            ]
        );
        assert_eq!(drift.notes(FeedId(0), STREAM).next().unwrap().at, Ts::ZERO + Duration::from_secs(200));
        assert_eq!(drift.notes(FeedId(1), STREAM).count(), 0);
    }

    #[test]
    fn a_type_may_turn_back_without_a_word() {
        let mut drift = learned(r#"{"a":1}"#);
        for body in [r#"{"a":null}"#, "{}", r#"{"a":1}"#] {
            assert!(!hear(&mut drift, 200, body), "{body}");
        }
        assert!(hear(&mut drift, 200, r#"{"a":[1]}"#));
        assert_eq!(told(&drift), [".a Some(Number) Array"]);
    }

    #[test]
    fn names_that_are_data_are_no_fields() {
        let mut drift = Drift::default();
        for n in 0..u64::from(LEARNED) {
            hear(&mut drift, n, &format!(r#"{{"prices":{{"S{n}":1}}}}"#));
        }
        for n in 200..300 {
            assert!(!hear(&mut drift, n, &format!(r#"{{"prices":{{"S{n}":1}}}}"#)));
        }
    }

    #[test]
    fn it_is_bounded() {
        let mut drift = learned("{}");
        for n in 0..500 {
            hear(&mut drift, 1000 + n, &format!(r#"{{"a{n}":{{"b{n}":1}}}}"#));
        }
        assert!(told(&drift).len() <= TOLD as usize);
        let shape = drift.shapes.values().next().unwrap();
        assert!(shape.fields.len() <= FIELDS && shape.names.len() <= FIELDS);
        let deep = "[".repeat(5000);
        hear(&mut drift, 5000, &deep);
        // In a second only so many are looked at.
        for _ in 0..2 * A_SECOND {
            hear(&mut drift, 6000, r#"{"x":1}"#);
        }
        let looked = drift.shapes.values().next().unwrap().messages;
        assert!(looked <= LEARNED + 500 + 1 + A_SECOND, "{looked}");
    }

    proptest! {
        #[test]
        fn no_bytes_stop_it(doc in prop::collection::vec(prop::sample::select(br#"{}[]",:\a1 "#.to_vec()), 0..60)) {
            let mut drift = learned(r#"{"a":1}"#);
            hear(&mut drift, 300, &String::from_utf8_lossy(&doc));
        }
    }
}
