//! The route key of a message, made from its values, and the hash by which it is looked up.

use std::hash::Hasher;

use crate::profile::codec::{Place, Reader, Scene};
use crate::profile::pointer::{Pointer, Value};
use crate::profile::template::{Part, Source, Template};

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
    Hole(Option<Place>, Option<Vec<u8>>),
}

/// The place that a hole is filled from; nothing but messages and items name a service.
pub(super) fn hole(source: &Source) -> Option<(bool, &Pointer)> {
    match source {
        Source::Message(pointer) => Some((pointer.item, pointer)),
        Source::Item(pointer) => Some((true, pointer)),
        Source::Service(_)
        | Source::Capture(_)
        | Source::Id
        | Source::SubId
        | Source::SubSid
        | Source::Args
        | Source::Key
        | Source::Prefix(_)
        | Source::Uuid
        | Source::NowText
        | Source::NowMs
        | Source::NowS
        | Source::Env(_)
        | Source::File(_) => None,
    }
}

impl Key {
    pub(super) fn new(template: &Template, reader: &Reader) -> Self {
        let piece = |part: &Part| match part {
            Part::Text(text) => Piece::Text(text.as_bytes().to_vec()),
            Part::Hole(filled) => {
                let place = hole(&filled.source).and_then(|(item, pointer)| reader.place(item, pointer));
                Piece::Hole(place, filled.default.as_ref().map(|text| text.as_bytes().to_vec()))
            }
        };
        let pieces: Vec<_> = template.parts.iter().map(piece).collect();
        match pieces.as_slice() {
            [Piece::Hole(Some(place), None)] => Self::Value(*place),
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
                    let value = match piece {
                        Piece::Text(text) => {
                            scratch.extend_from_slice(text);
                            continue;
                        }
                        Piece::Hole(place, default) => (place.and_then(|place| scene.get(place)), default),
                    };
                    match value {
                        (Some(value), _) if words(value).is_some() => value.open_into(scratch),
                        (_, Some(default)) => scratch.extend_from_slice(default),
                        (_, None) => return None,
                    }
                }
                scratch.as_slice()
            }
        };
        if key.is_empty() { None } else { Some(key) }
    }
}

/// What a value is in a key: the inside of a string as it is written, the digits of a number, `true` or `false`.
#[inline]
fn words(value: Value<'_>) -> Option<&[u8]> {
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
