//! A JSON text as a list of its scalars, each with its place as a pointer and its bytes in the text, in the order of the
//! text. It is bounded: what is deeper, or further back in a long array, is left out.

use std::borrow::Cow;
use std::fmt;
use std::ops::Range;

use serde::de::{Deserialize, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;

#[derive(Clone, Debug, Default)]
pub(super) struct Document {
    pub(super) root: Root,
    pub(super) leaves: Vec<Leaf>,
    pub(super) boxes: Vec<Box>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Root {
    Object,
    Array,
    #[default]
    Scalar,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Leaf {
    /// RFC 6901.
    pub(super) path: String,
    pub(super) span: Range<usize>,
    pub(super) value: Scalar,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) enum Scalar {
    Null,
    Bool(bool),
    /// As written.
    Number(String),
    Text(String),
}

/// An object or an array.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Box {
    pub(super) path: String,
    pub(super) root: Root,
    /// Names of members, or nothing for the elements of an array; each with the bytes of its value.
    pub(super) members: Vec<(String, Range<usize>)>,
    /// What all of its values are, where they are alike.
    pub(super) of: Option<Root>,
}

const DEEPEST: usize = 12;
const MOST_LEAVES: usize = 400;
/// Elements of an array that are looked at; the others are mostly like them.
const MOST_ELEMENTS: usize = 24;
const MOST_MEMBERS: usize = 200;

impl Document {
    /// Nothing where the text is not JSON.
    pub(super) fn of(text: &str) -> Option<Self> {
        let raw: &RawValue = serde_json::from_str(text).ok()?;
        let mut document = Self::default();
        document.root = document.walk(text, raw, String::new(), 0);
        Some(document)
    }

    pub(super) fn leaf(&self, path: &str) -> Option<&Leaf> {
        self.leaves.iter().find(|leaf| leaf.path == path)
    }

    pub(super) fn find(&self, path: &str) -> Option<&Box> {
        self.boxes.iter().find(|inner| inner.path == path)
    }

    /// Names of the members of the whole, where it is an object.
    pub(super) fn keys(&self) -> impl Iterator<Item = &str> {
        self.find("").into_iter().flat_map(|root| &root.members).map(|(name, _)| name.as_str())
    }

    // Recursion ends: no deeper than `DEEPEST`.
    fn walk(&mut self, text: &str, raw: &RawValue, path: String, depth: usize) -> Root {
        let span = place(text, raw.get());
        let shallow: Shallow<'_> = if depth < DEEPEST && self.leaves.len() < MOST_LEAVES {
            serde_json::from_str(raw.get()).unwrap_or(Shallow::Beyond)
        } else {
            Shallow::Beyond
        };
        match shallow {
            Shallow::Scalar(value) => {
                self.leaves.push(Leaf { path, span, value });
                Root::Scalar
            }
            Shallow::Beyond => Root::Scalar,
            Shallow::Object(members) => {
                let members = members.into_iter().take(MOST_MEMBERS).map(|(key, raw)| (key.into_owned(), raw));
                self.inside(text, &path, Root::Object, members.collect(), depth)
            }
            Shallow::Array(items) => {
                let items = (0..MOST_ELEMENTS).zip(items).map(|(index, raw)| (index.to_string(), raw));
                self.inside(text, &path, Root::Array, items.collect(), depth)
            }
        }
    }

    fn inside(&mut self, text: &str, path: &str, root: Root, values: Vec<(String, &RawValue)>, depth: usize) -> Root {
        let at = self.boxes.len();
        let members = values.iter().map(|(key, raw)| (key.clone(), place(text, raw.get()))).collect();
        self.boxes.push(Box { path: path.to_owned(), root, members, of: None });
        let mut of: Option<Option<Root>> = None;
        for (key, raw) in values {
            let kind = self.walk(text, raw, format!("{path}/{}", escaped(&key)), depth + 1);
            of = Some(match of {
                None => Some(kind),
                Some(same) => same.filter(|same| *same == kind),
            });
        }
        self.boxes[at].of = of.flatten();
        root
    }
}

impl Scalar {
    pub(super) fn text(&self) -> Option<&str> {
        if let Self::Text(text) = self { Some(text) } else { None }
    }

    /// What it is as part of a key: the text, the digits.
    pub(super) fn word(&self) -> Option<&str> {
        match self {
            Self::Text(word) | Self::Number(word) => Some(word),
            Self::Null | Self::Bool(_) => None,
        }
    }

    /// A whole number, in a text or not.
    pub(super) fn integer(&self) -> Option<u64> {
        self.word()?.parse().ok()
    }

    pub(super) fn kind(&self) -> char {
        match self {
            Self::Null => '0',
            Self::Bool(_) => 'b',
            Self::Number(_) => 'n',
            Self::Text(_) => 't',
        }
    }
}

/// The last segment of a pointer, as the member is called.
pub(super) fn last(path: &str) -> String {
    path.rsplit('/').next().unwrap_or_default().replace("~1", "/").replace("~0", "~")
}

pub(super) fn escaped(key: &str) -> String {
    key.replace('~', "~0").replace('/', "~1")
}

fn place(text: &str, part: &str) -> Range<usize> {
    let start = part.as_ptr().addr().saturating_sub(text.as_ptr().addr());
    start..start + part.len()
}

/// One level of a JSON value.
enum Shallow<'a> {
    Object(Vec<(Cow<'a, str>, &'a RawValue)>),
    Array(Vec<&'a RawValue>),
    Scalar(Scalar),
    Beyond,
}

impl<'de> Deserialize<'de> for Shallow<'de> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let raw = <&RawValue>::deserialize(from)?;
        let text = raw.get();
        let custom = |error: serde_json::Error| serde::de::Error::custom(error);
        match text.as_bytes().first() {
            Some(b'{' | b'[') => {
                let mut inner = serde_json::Deserializer::from_str(text);
                inner.deserialize_any(Level).map_err(custom)
            }
            Some(b'"') => serde_json::from_str(text).map(Scalar::Text).map(Self::Scalar).map_err(custom),
            Some(b'n') => Ok(Self::Scalar(Scalar::Null)),
            Some(b't' | b'f') => Ok(Self::Scalar(Scalar::Bool(text == "true"))),
            Some(_) => Ok(Self::Scalar(Scalar::Number(text.to_owned()))),
            None => Ok(Self::Beyond),
        }
    }
}

struct Level;

impl<'de> Visitor<'de> for Level {
    type Value = Shallow<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object or an array")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut members = Vec::new();
        while let Some(key) = map.next_key::<Borrowed<'de>>()? {
            members.push((key.0, map.next_value()?));
        }
        Ok(Shallow::Object(members))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Self::Value, A::Error> {
        let mut items = Vec::new();
        while items.len() < MOST_ELEMENTS {
            let Some(item) = seq.next_element()? else { return Ok(Shallow::Array(items)) };
            items.push(item);
        }
        while seq.next_element::<IgnoredAny>()?.is_some() {}
        Ok(Shallow::Array(items))
    }
}

/// A key, borrowed where it has no escapes.
struct Borrowed<'a>(Cow<'a, str>);

impl<'de> Deserialize<'de> for Borrowed<'de> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct Key;
        impl<'de> Visitor<'de> for Key {
            type Value = Borrowed<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a name")
            }

            fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Self::Value, E> {
                Ok(Borrowed(Cow::Borrowed(text)))
            }

            fn visit_str<E>(self, text: &str) -> Result<Self::Value, E> {
                Ok(Borrowed(Cow::Owned(text.to_owned())))
            }
        }
        from.deserialize_str(Key)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn every_scalar_has_its_place() {
        let text = r#" {"a": [1, {"b/c": "x\ty"}], "业务": null, "n": -1.50e2} "#;
        let document = Document::of(text).unwrap();
        let leaves: Vec<_> = document.leaves.iter().map(|leaf| (&*leaf.path, &text[leaf.span.clone()])).collect();
        assert_eq!(leaves, [("/a/0", "1"), ("/a/1/b~1c", "\"x\\ty\""), ("/业务", "null"), ("/n", "-1.50e2")]);
        assert_eq!(document.leaf("/a/1/b~1c").unwrap().value, Scalar::Text("x\ty".into()));
        assert_eq!(document.keys().collect::<Vec<_>>(), ["a", "业务", "n"]);
        assert_eq!(last("/a/1/b~1c"), "b/c");
        assert!(Document::of("{").is_none() && Document::of("x").is_none());
    }

    #[test]
    fn what_is_in_a_box_is_known_where_it_is_alike() {
        let document = Document::of(r#"{"a":{"x":1},"b":{"y":[]}}"#).unwrap();
        assert_eq!(document.find("").unwrap().of, Some(Root::Object));
        assert_eq!(document.find("/b").unwrap().of, Some(Root::Array));
        assert_eq!(Document::of("[1,{}]").unwrap().find("").unwrap().of, None);
    }

    #[test]
    fn it_is_bounded() {
        let deep = format!("{}1{}", "[".repeat(100), "]".repeat(100));
        assert!(Document::of(&deep).unwrap().leaves.is_empty());
        let wide = format!("[{}1]", "1,".repeat(100_000));
        assert!(Document::of(&wide).unwrap().leaves.len() <= MOST_LEAVES);
    }

    proptest! {
        #[test]
        fn spans_are_in_the_text(text in "[\\[\\]{}\":,a1 \\\\]{0,40}") {
            for leaf in Document::of(&text).into_iter().flat_map(|document| document.leaves) {
                prop_assert!(text.get(leaf.span).is_some());
            }
        }
    }
}
