//! JSON as it lies in a message: where its values begin and end. Digits, order and duplicate keys stay what they are.
//!
//! It trusts that a message is JSON and never fails: of one that is not, or was cut, it shows what there is. Nothing here
//! recurses, so that no nesting is too deep. It checks no grammar; that is the profile's reader.

pub mod decimal;
pub mod paint;
pub mod path;
pub mod tree;

use std::borrow::Cow;
use std::ops::Range;

/// The byte at a place; behind the end stands a zero.
pub fn byte(doc: &[u8], at: usize) -> u8 {
    doc.get(at).copied().unwrap_or(0)
}

/// The bytes of a place; none where it lies outside.
pub fn part(doc: &[u8], at: Range<usize>) -> &[u8] {
    doc.get(at).unwrap_or_default()
}

/// Past white space.
pub fn space(doc: &[u8], mut at: usize) -> usize {
    while matches!(byte(doc, at), b' ' | b'\n' | b'\r' | b'\t') {
        at += 1;
    }
    at
}

/// Past a string, from its opening quote.
pub fn string(doc: &[u8], at: usize) -> usize {
    let mut at = at + 1;
    while let Some(hit) = doc.get(at..).and_then(|rest| memchr::memchr2(b'"', b'\\', rest)) {
        at += hit;
        if byte(doc, at) == b'"' {
            return at + 1;
        }
        at += 2;
    }
    doc.len()
}

/// Past a value that is no array and no object.
pub fn scalar(doc: &[u8], at: usize) -> usize {
    if byte(doc, at) == b'"' {
        return string(doc, at);
    }
    let ends = |b: &u8| matches!(b, b',' | b']' | b'}' | b':' | b'"' | b'[' | b'{' | b' ' | b'\n' | b'\r' | b'\t');
    let rest = doc.get(at..).unwrap_or_default();
    at + rest.iter().position(ends).unwrap_or(rest.len())
}

pub fn opens(byte: u8) -> bool {
    matches!(byte, b'{' | b'[')
}

pub fn closes(byte: u8) -> bool {
    matches!(byte, b'}' | b']')
}

/// Past one value, from its first byte.
pub fn skip(doc: &[u8], at: usize) -> usize {
    if opens(byte(doc, at)) { close(doc, at + 1, &mut 0) } else { scalar(doc, at) }
}

/// Past the end of the array or object whose inside goes on at `at`. Counts the commas of its own on the way.
pub fn close(doc: &[u8], mut at: usize, commas: &mut usize) -> usize {
    let mut depth = 0_usize;
    while let Some(b) = doc.get(at) {
        match b {
            b'"' => {
                at = string(doc, at);
                continue;
            }
            b'{' | b'[' => depth += 1,
            b'}' | b']' if depth == 0 => return at + 1,
            b'}' | b']' => depth -= 1,
            b',' if depth == 0 => *commas += 1,
            _ => {}
        }
        at += 1;
    }
    doc.len()
}

/// One value of an array or an object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Child {
    /// With its quotes.
    pub key: Option<Range<usize>>,
    pub value: Range<usize>,
}

/// The values of the array or object that begins at `at`; of anything else, none.
pub fn children(doc: &[u8], at: usize) -> Children<'_> {
    let at = if opens(byte(doc, at)) { at + 1 } else { doc.len() };
    Children { doc, at }
}

#[derive(Debug)]
pub struct Children<'a> {
    doc: &'a [u8],
    at: usize,
}

impl Children<'_> {
    /// Past the key and the colon of a value that begins at or behind `at`.
    pub(super) fn head(doc: &[u8], at: usize) -> (Option<Range<usize>>, usize) {
        let start = space(doc, at);
        if byte(doc, start) == b'"' {
            let end = string(doc, start);
            let colon = space(doc, end);
            if byte(doc, colon) == b':' {
                return (Some(start..end), space(doc, colon + 1));
            }
        }
        (None, start)
    }
}

impl Iterator for Children<'_> {
    type Item = Child;

    fn next(&mut self) -> Option<Child> {
        let (key, start) = Self::head(self.doc, self.at);
        if start >= self.doc.len() || closes(byte(self.doc, start)) {
            return None;
        }
        let end = skip(self.doc, start);
        let next = space(self.doc, end);
        // What is no comma ends it; what is no value is passed over.
        self.at = if byte(self.doc, next) == b',' { next + 1 } else { next.max(start + 1) };
        Some(Child { key, value: start..end })
    }
}

/// What a string says, from its text with the quotes. What cannot be unescaped stays as it is written.
pub fn unquoted(raw: &[u8]) -> Cow<'_, [u8]> {
    let Some(inside) = raw.strip_prefix(b"\"") else { return Cow::Borrowed(raw) };
    let inside = inside.strip_suffix(b"\"").unwrap_or(inside);
    if memchr::memchr(b'\\', inside).is_none() {
        return Cow::Borrowed(inside);
    }
    serde_json::from_slice::<String>(raw).map_or(Cow::Borrowed(inside), |text| Cow::Owned(text.into_bytes()))
}

/// What a value is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Is {
    Object,
    Array,
    Text,
    Number,
    Bool,
    Null,
}

/// What the value with these bytes is.
pub fn is(raw: &[u8]) -> Is {
    match byte(raw, 0) {
        b'{' => Is::Object,
        b'[' => Is::Array,
        b'"' => Is::Text,
        b't' | b'f' => Is::Bool,
        b'n' => Is::Null,
        _ => Is::Number,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn listed(doc: &str) -> Vec<(String, String)> {
        let text = |at: Range<usize>| doc[at].to_owned();
        children(doc.as_bytes(), 0).map(|child| (child.key.map(text).unwrap_or_default(), text(child.value))).collect()
    }

    #[test]
    fn children_are_found_as_they_lie() {
        let doc = r#"{ "a" : 1e5 , "a":"}\"]", "b": [1, {"c": "]"}] ,"d":{}}"#;
        let found = listed(doc);
        let wanted = [(r#""a""#, "1e5"), (r#""a""#, r#""}\"]""#), (r#""b""#, r#"[1, {"c": "]"}]"#), (r#""d""#, "{}")];
        assert_eq!(found, wanted.map(|(key, value)| (key.to_owned(), value.to_owned())));
        assert_eq!(listed("[1,[2],\"x\"]").len(), 3);
        assert_eq!(listed("[]"), []);
        assert_eq!(listed("7"), []);
    }

    #[test]
    fn what_was_cut_ends_at_its_end() {
        assert_eq!(listed(r#"{"a":{"b":"cut"#), [(r#""a""#.to_owned(), r#"{"b":"cut"#.to_owned())]);
        let deep = "[".repeat(100_000);
        assert_eq!(skip(deep.as_bytes(), 0), 100_000);
    }

    #[test]
    fn strings_are_opened_where_they_can_be() {
        assert_eq!(&*unquoted(br#""a\u4e1ab""#), "a业b".as_bytes());
        assert_eq!(&*unquoted(br#""a\ud800""#), br"a\ud800");
        assert_eq!(&*unquoted(b"12"), b"12");
    }

    proptest! {
        #[test]
        fn no_bytes_stop_it(doc in prop::collection::vec(prop::sample::select(br#"{}[]",:\a1 "#.to_vec()), 0..60)) {
            for at in 0..=doc.len() {
                let end = skip(&doc, at);
                prop_assert!(end <= doc.len().max(at));
                prop_assert!(children(&doc, at).count() <= doc.len());
            }
        }
    }
}
