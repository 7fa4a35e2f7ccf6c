//! Finds the values that a profile asks for in a message: one pass over it, and one over each string in it that is opened.

use std::borrow::Cow;

use regex::CaptureLocations;

use super::Codec;
use crate::profile::pointer::{Found, NotJson, Paths, Pointer, Segment, Slot, Value, space};

/// All places that a profile asks for, of a message and of the items in it.
#[derive(Clone, Debug)]
pub struct Reader {
    message: Levels,
    outer: Levels,
    item: Levels,
    /// The names of the groups of the prefix, by number.
    groups: Vec<Option<Box<str>>>,
}

/// One of the places of a [`Reader`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    of: Of,
    level: usize,
    slot: Slot,
}

/// What a place is in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Of {
    Message,
    /// The item of the outer array that the item at hand is in: `@/../ptr`.
    Outer,
    Item,
}

/// What was found in one message or item. One for many, so that its memory is taken once.
#[derive(Clone, Debug, Default)]
pub struct Reading {
    levels: Vec<Opened>,
}

#[derive(Clone, Debug, Default)]
struct Opened {
    found: Found,
    /// The JSON text that was in a string; the message itself is not copied.
    text: Vec<u8>,
}

/// A message at hand, and the item in it.
#[derive(Clone, Copy, Debug, Default)]
pub struct Scene<'a> {
    pub message: Option<(&'a [u8], &'a Reading)>,
    /// What the item is in, where items are two arrays deep.
    pub outer: Option<(&'a [u8], &'a Reading)>,
    pub item: Option<(&'a [u8], &'a Reading)>,
    /// The name of the member that the item is.
    pub key: Option<&'a [u8]>,
    /// The message as text; nothing where it is not UTF-8.
    pub text: Option<&'a [u8]>,
    /// What was cut off before it.
    pub prefix: Option<Prefix<'a>>,
}

/// A prefix that was cut off, and its groups.
#[derive(Clone, Copy, Debug)]
pub struct Prefix<'a> {
    pub text: &'a [u8],
    pub groups: &'a CaptureLocations,
}

impl<'a> Prefix<'a> {
    #[inline]
    pub fn group(&self, number: usize) -> Option<&'a [u8]> {
        let (start, end) = self.groups.get(number)?;
        self.text.get(start..end)
    }
}

/// The first level is the document; each further one is a string that is opened, found in an earlier level.
#[derive(Clone, Debug)]
struct Levels(Vec<Level>);

#[derive(Clone, Debug)]
struct Level {
    prefix: Vec<Segment>,
    source: Option<(usize, Slot)>,
    paths: Paths,
}

impl Reader {
    /// `places` are `(of the item, pointer)`.
    pub fn new(codec: &Codec, places: &[(bool, Pointer)]) -> Self {
        let levels = |of: Of| {
            let within = |(item, pointer): &'_ (bool, Pointer)| belongs(*item, pointer).0 == of;
            let wanted = places.iter().filter(|place| within(place)).map(|(item, p)| belongs(*item, p).1);
            let nested = codec.nested.iter().map(|p| belongs(p.item, p)).filter(|(in_it, _)| *in_it == of);
            // The inner array is looked for in each item of the outer one.
            let inner = codec.each.iter().filter(|_| of == Of::Outer && codec.outer.is_some());
            let wanted = wanted.chain(inner.map(|each| each.segments.as_slice()));
            Levels::new(wanted.collect(), nested.map(|(_, place)| place).collect())
        };
        let names = codec.prefix.iter().flat_map(|prefix| prefix.capture_names());
        Self {
            message: levels(Of::Message),
            outer: levels(Of::Outer),
            item: levels(Of::Item),
            groups: names.map(|name| name.map(Into::into)).collect(),
        }
    }

    /// `None` where it was not asked for at the start.
    pub fn place(&self, item: bool, pointer: &Pointer) -> Option<Place> {
        let (of, place) = belongs(item, pointer);
        self.place_in(of, place)
    }

    /// The array that [`Codec::each`] names inside of an item of the outer one.
    pub fn inner(&self, each: &Pointer) -> Option<Place> {
        self.place_in(Of::Outer, &each.segments)
    }

    fn place_in(&self, of: Of, place: &[Segment]) -> Option<Place> {
        let levels = match of {
            Of::Message => &self.message,
            Of::Outer => &self.outer,
            Of::Item => &self.item,
        };
        levels.slot(place).map(|(level, slot)| Place { of, level, slot })
    }

    /// The number of a named group of the prefix.
    pub fn group(&self, name: &str) -> Option<usize> {
        self.groups.iter().position(|group| group.as_deref() == Some(name))
    }

    /// Whether it looks into messages at all.
    pub fn is_empty(&self) -> bool {
        let empty = |levels: &Levels| levels.0.iter().all(|level| level.paths.is_empty());
        empty(&self.message) && empty(&self.outer) && empty(&self.item)
    }

    /// Reads the message that begins at `at`, with `depth` arrays around it; says where it ends.
    #[inline]
    pub fn message(&self, doc: &[u8], at: usize, depth: u32, reading: &mut Reading) -> Result<usize, NotJson> {
        self.message.read(doc, at, depth, reading)
    }

    /// The same of an item of the outer array.
    pub fn outer(&self, doc: &[u8], at: usize, depth: u32, reading: &mut Reading) -> Result<usize, NotJson> {
        self.outer.read(doc, at, depth, reading)
    }

    /// The same of an item.
    pub fn item(&self, doc: &[u8], at: usize, depth: u32, reading: &mut Reading) -> Result<usize, NotJson> {
        self.item.read(doc, at, depth, reading)
    }
}

/// What a pointer is relative to, and the way from there.
fn belongs(item: bool, pointer: &Pointer) -> (Of, &[Segment]) {
    match pointer.segments.as_slice() {
        [up, rest @ ..] if item && up.key == ".." => (Of::Outer, rest),
        all => (if item { Of::Item } else { Of::Message }, all),
    }
}

impl<'a> Scene<'a> {
    #[inline]
    pub fn get(&self, place: Place) -> Option<Value<'a>> {
        let (doc, reading) = match place.of {
            Of::Message => self.message?,
            Of::Outer => self.outer?,
            Of::Item => self.item?,
        };
        reading.get(doc, place.level, place.slot)
    }
}

impl Reading {
    #[inline]
    fn get<'a>(&'a self, doc: &'a [u8], level: usize, slot: Slot) -> Option<Value<'a>> {
        let opened = self.levels.get(level)?;
        opened.found.value(if level == 0 { doc } else { &opened.text }, slot)
    }
}

impl Levels {
    fn new(wanted: Vec<&[Segment]>, mut nested: Vec<&[Segment]>) -> Self {
        nested.sort_by_key(|place| place.len());
        nested.dedup();
        let mut prefixes: Vec<&[Segment]> = vec![&[]];
        prefixes.extend(nested);
        let mut asked: Vec<Vec<&[Segment]>> = vec![Vec::new(); prefixes.len()];
        for place in wanted {
            let level = deepest(&prefixes, place);
            asked[level].push(&place[prefixes[level].len()..]);
        }
        // A string is found in a shorter level, and only where something is asked for inside of it.
        for level in (1..prefixes.len()).rev() {
            if !asked[level].is_empty() {
                let outer = deepest(&prefixes[..level], prefixes[level]);
                let place = &prefixes[level][prefixes[outer].len()..];
                asked[outer].push(place);
            }
        }
        let mut levels: Vec<Level> = Vec::with_capacity(prefixes.len());
        for (level, places) in asked.into_iter().enumerate() {
            let outer = deepest(&prefixes[..level.max(1)], prefixes[level]);
            let source = levels.get(outer).and_then(|found_in| {
                let slot = found_in.paths.slot(&prefixes[level][prefixes[outer].len()..])?;
                Some((outer, slot))
            });
            levels.push(Level { prefix: prefixes[level].to_vec(), source, paths: Paths::new(places) });
        }
        Self(levels)
    }

    fn slot(&self, place: &[Segment]) -> Option<(usize, Slot)> {
        let prefixes: Vec<_> = self.0.iter().map(|level| level.prefix.as_slice()).collect();
        let level = deepest(&prefixes, place);
        let found_in = self.0.get(level)?;
        Some((level, found_in.paths.slot(&place[found_in.prefix.len()..])?))
    }

    #[inline]
    fn read(&self, doc: &[u8], at: usize, depth: u32, reading: &mut Reading) -> Result<usize, NotJson> {
        if reading.levels.len() != self.0.len() {
            reading.levels.resize_with(self.0.len(), Opened::default);
        }
        let (Some(level), Some(opened)) = (self.0.first(), reading.levels.first_mut()) else { return Err(NotJson) };
        let end = level.paths.scan_at(doc, at, depth, &mut opened.found)?;
        if self.0.len() > 1 {
            self.open(doc, reading);
        }
        Ok(end)
    }

    fn open(&self, doc: &[u8], reading: &mut Reading) {
        for (number, level) in self.0.iter().enumerate().skip(1) {
            let mut opened = std::mem::take(&mut reading.levels[number]);
            opened.text.clear();
            opened.found.clear(&level.paths);
            if let Some(value) = level.source.and_then(|(outer, slot)| reading.get(doc, outer, slot)) {
                // Some servers send the object itself at times: then it is read as it is.
                value.open_into(&mut opened.text);
                if level.paths.scan(&opened.text, &mut opened.found).is_err() {
                    opened.found.clear(&level.paths);
                }
            }
            reading.levels[number] = opened;
        }
    }
}

/// The longest of `prefixes` that a place goes on from. The first is empty, so there is one.
fn deepest(prefixes: &[&[Segment]], place: &[Segment]) -> usize {
    let inside = |prefix: &[Segment]| prefix.is_empty() || (prefix.len() < place.len() && place.starts_with(prefix));
    (0..prefixes.len()).filter(|level| inside(prefixes[*level])).max_by_key(|level| prefixes[*level].len()).unwrap_or(0)
}

/// A message for the cold path, where a value is looked for by name: captures, answers, the server's words.
#[derive(Clone, Copy, Debug)]
pub struct View<'a> {
    codec: &'a Codec,
    message: &'a [u8],
    item: Option<&'a [u8]>,
    around: Around<'a>,
}

/// What is known of a message besides its own text.
#[derive(Clone, Copy, Debug, Default)]
pub struct Around<'a> {
    /// The item of the outer array.
    pub outer: Option<&'a [u8]>,
    /// The member's name.
    pub key: Option<&'a str>,
    /// The text with its prefix.
    pub prefixed: Option<&'a [u8]>,
}

impl<'a> View<'a> {
    pub fn new(codec: &'a Codec, message: &'a [u8], item: Option<&'a [u8]>, around: Around<'a>) -> Self {
        Self { codec, message, item, around }
    }

    /// The message (or the item at hand) as it came.
    pub fn body(&self) -> &'a [u8] {
        self.item.unwrap_or(self.message)
    }

    /// The name of the member at hand (`@key`).
    pub fn key(&self) -> Option<&'a str> {
        self.around.key
    }

    /// A group of the prefix that was cut off (`#prefix.NAME`).
    pub fn prefix(&self, name: &str) -> Option<&'a str> {
        let text = std::str::from_utf8(self.around.prefixed?).ok()?;
        let groups = self.codec.prefix.as_ref()?.captures(text)?;
        groups.name(name).map(|group| group.as_str())
    }

    /// The value at a place, as its JSON text. `item`: the place is relative to the item, written with an `@` or not.
    pub fn get(&self, item: bool, pointer: &Pointer) -> Option<Cow<'a, [u8]>> {
        let item = item || pointer.item;
        let reader = Reader::new(self.codec, &[(item, pointer.clone())]);
        let place = reader.place(item, pointer)?;
        let (doc, levels) = match place.of {
            Of::Message => (self.message, &reader.message),
            Of::Outer => (self.around.outer?, &reader.outer),
            Of::Item => (self.item?, &reader.item),
        };
        let mut reading = Reading::default();
        let end = levels.read(doc, 0, 0, &mut reading).ok()?;
        if space(doc, end) != doc.len() {
            return None;
        }
        if place.level == 0 {
            return reading.levels.first()?.found.value(doc, place.slot).map(|value| Cow::Borrowed(value.raw()));
        }
        reading.get(doc, place.level, place.slot).map(|value| Cow::Owned(value.raw().to_vec()))
    }

    /// The same as a text for a person: what a string says, and else the JSON text.
    pub fn text(&self, item: bool, pointer: &Pointer) -> Option<String> {
        let raw = self.get(item, pointer)?;
        let text = Value::of(&raw).as_text();
        Some(String::from_utf8_lossy(text.as_deref().unwrap_or(&raw)).into_owned())
    }
}
