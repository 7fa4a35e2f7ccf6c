//! The route key of a message, made from its values, and the hash by which it is looked up.

use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};

use crate::profile::codec::{Place, Reader, Scene};
use crate::profile::pointer::{Pointer, Value};
use crate::profile::template::{Part, Source, Template};

/// Values that stand for others, by what they stand for.
pub(super) type Words = HashMap<Box<[u8]>, Box<[u8]>, BuildHasherDefault<Fold>>;

/// How to make a key of a message.
#[derive(Clone, Debug)]
pub(super) enum Key {
    /// The value at one place is the key.
    Value(Place),
    Joined(Vec<Piece>),
}

#[derive(Clone, Debug)]
pub(super) enum Piece {
    Text(Vec<u8>),
    Hole { from: From, default: Option<Vec<u8>>, words: Option<Words> },
}

/// Where a piece of a key comes from.
#[derive(Clone, Copy, Debug)]
pub(super) enum From {
    Place(Place),
    /// The name of the member at hand.
    Name,
    /// A group of the prefix.
    Prefix(usize),
    /// Nothing that a message has.
    Nowhere,
}

/// A key of more bytes names nothing.
const LONGEST: usize = 4 << 10;

impl Key {
    /// `words`: the values that stand for others at a place.
    pub(super) fn new(template: &Template, reader: &Reader, words: &impl Fn(&Pointer) -> Option<Words>) -> Self {
        let piece = |part: &Part| match part {
            Part::Text(text) => Piece::Text(text.as_bytes().to_vec()),
            Part::Hole(filled) => {
                let place = filled.source.place();
                let from = if filled.source == Source::Key {
                    From::Name
                } else if let Source::Prefix(name) = &filled.source {
                    reader.group(name).map_or(From::Nowhere, From::Prefix)
                } else {
                    place.and_then(|(item, at)| reader.place(item, at)).map_or(From::Nowhere, From::Place)
                };
                let default = filled.default.as_ref().map(|text| text.as_bytes().to_vec());
                Piece::Hole { from, default, words: place.and_then(|(_, pointer)| words(pointer)) }
            }
        };
        let pieces: Vec<_> = template.parts.iter().map(piece).collect();
        match pieces.as_slice() {
            [Piece::Hole { from: From::Place(place), default: None, words: None }] => Self::Value(*place),
            _ => Self::Joined(pieces),
        }
    }

    /// A message that lacks one of the values has no key, and an empty key is none.
    #[inline]
    pub(super) fn of<'s>(&self, scene: &Scene<'s>, scratch: &'s mut Vec<u8>) -> Option<&'s [u8]> {
        let key = match self {
            Self::Value(place) => {
                let value = scene.get(*place)?;
                if value.is_escaped() { value.text_in(scratch)? } else { words(value)? }
            }
            Self::Joined(pieces) => {
                scratch.clear();
                for piece in pieces {
                    piece.append(scene, scratch)?;
                }
                scratch.as_slice()
            }
        };
        if key.is_empty() || key.len() > LONGEST { None } else { Some(key) }
    }
}

impl Piece {
    fn append(&self, scene: &Scene<'_>, out: &mut Vec<u8>) -> Option<()> {
        let (from, default, words) = match self {
            Self::Text(text) => {
                out.extend_from_slice(text);
                return Some(());
            }
            Self::Hole { from, default, words } => (from, default, words),
        };
        let start = out.len();
        let found = match from {
            From::Place(place) => scene.get(*place).filter(|value| self::words(*value).is_some()).map(|value| {
                value.open_into(out);
            }),
            From::Name => scene.about.and_then(|about| about.key).map(|name| out.extend_from_slice(name)),
            From::Prefix(group) => scene.about.and_then(|about| about.prefix?.group(*group)).map(|text| {
                out.extend_from_slice(text);
            }),
            From::Nowhere => None,
        };
        if found.is_none() {
            out.extend_from_slice(default.as_deref()?);
        } else if let Some(other) = words.as_ref().and_then(|words| words.get(out.get(start..)?)) {
            out.truncate(start);
            out.extend_from_slice(other);
        }
        Some(())
    }
}

/// What a value is in a key: the inside of a string as it is written, the digits of a number, `true` or `false`.
#[inline]
pub(super) fn words(value: Value<'_>) -> Option<&[u8]> {
    let raw = value.raw();
    match raw {
        [b'"', inside @ .., b'"'] => Some(inside),
        [b'{' | b'[' | b'n', ..] => None,
        _ => Some(raw),
    }
}

/// A hash for short keys, of which a feed has a bounded number: fast rather than hard to attack.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Fold(u64);

const PRIME: u64 = 0x9e37_79b9_7f4a_7c15;

impl Hasher for Fold {
    #[inline]
    fn write(&mut self, bytes: &[u8]) {
        let (words, rest) = bytes.as_chunks::<8>();
        for word in words {
            self.write_u64(u64::from_le_bytes(*word));
        }
        if !rest.is_empty() {
            self.write_u64(rest.iter().fold(0, |word, b| word << 8 | u64::from(*b)));
        }
    }

    #[inline]
    fn write_u64(&mut self, word: u64) {
        self.0 = (self.0.rotate_left(23) ^ word).wrapping_mul(PRIME);
    }

    #[inline]
    fn write_usize(&mut self, number: usize) {
        self.write_u64(number as u64);
    }

    #[inline]
    fn finish(&self) -> u64 {
        // The table takes both ends of it; only the upper bits are well mixed.
        self.0 ^ (self.0 >> 32)
    }
}
