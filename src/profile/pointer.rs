//! JSON pointers (RFC 6901), and one pass over a message that finds the values of many of them.
//!
//! [`Pointer`] is the name of a place, [`Paths`] a set of such places that is looked for together, [`Value`] what stands
//! at one. It builds no tree of a document and keeps no copy of it: values are slices of the message.

mod json;
mod paths;
mod table;
#[cfg(test)]
mod tests;
mod value;

use std::fmt;

pub use self::json::NotJson;
pub(crate) use self::json::{byte, find_byte, key, skip, space};
pub use self::paths::{Found, Paths, Slot};
pub use self::value::Value;
pub(crate) use self::value::unescape;

/// A place in a JSON document: RFC 6901, and an index may be negative (`/-1` is the last element). One that begins with
/// `@` is relative to the item of [`super::codec::Codec::each`] at hand.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Pointer {
    /// Written with an `@` in front.
    pub item: bool,
    pub segments: Vec<Segment>,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Segment {
    /// The member's name, unescaped.
    pub key: String,
    /// The same as an index, where it reads as one.
    pub index: Option<i64>,
}

impl Pointer {
    /// The error is a sentence for whoever wrote the pointer.
    pub fn parse(text: &str) -> Result<Self, String> {
        let (item, rest) = text.strip_prefix('@').map_or((false, text), |rest| (true, rest));
        if rest.is_empty() {
            return Ok(Self { item, segments: Vec::new() });
        }
        let Some(rest) = rest.strip_prefix('/') else {
            return Err(format!("a pointer begins with `/` (or `@/`), so perhaps `/{rest}`"));
        };
        let segments = rest.split('/').map(Segment::parse).collect::<Result<_, _>>()?;
        Ok(Self { item, segments })
    }
}

impl fmt::Display for Pointer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.item {
            f.write_str("@")?;
        }
        for segment in &self.segments {
            write!(f, "/{}", segment.key.replace('~', "~0").replace('/', "~1"))?;
        }
        Ok(())
    }
}

impl Segment {
    pub fn new(key: String) -> Self {
        let index = index(&key);
        Self { key, index }
    }

    fn parse(text: &str) -> Result<Self, String> {
        let mut key = String::with_capacity(text.len());
        let mut chars = text.chars();
        while let Some(c) = chars.next() {
            key.push(match (c, if c == '~' { chars.next() } else { None }) {
                ('~', Some('0')) => '~',
                ('~', Some('1')) => '/',
                ('~', _) => return Err(format!("in `{text}`, `~` is written `~0` and `/` is written `~1`")),
                (plain, _) => plain,
            });
        }
        Ok(Self::new(key))
    }
}

/// The value at a place of a document, as its JSON text. For the cold path: a whole pass for one value.
pub fn find<'a>(doc: &'a [u8], pointer: &Pointer) -> Option<&'a [u8]> {
    let paths = Paths::new([pointer.segments.as_slice()]);
    let slot = paths.slot(&pointer.segments)?;
    let mut found = Found::default();
    paths.scan(doc, &mut found).ok()?;
    found.value(doc, slot).map(Value::raw)
}

/// No sign but `-`, no leading zeros, no `-0`: one index has one spelling.
fn index(key: &str) -> Option<i64> {
    let digits = key.strip_prefix('-').unwrap_or(key);
    let plain = digits.bytes().all(|b| b.is_ascii_digit()) && (!digits.starts_with('0') || key == "0");
    if plain { key.parse().ok() } else { None }
}
