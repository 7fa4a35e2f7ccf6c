//! Pointers and subjects from their text, until `Pointer::parse`, its `Display` and `Subject::parse` stand here.

use std::fmt::Write as _;

use super::matcher::Subject;
use super::pointer::{Pointer, Segment};

/// What a pointer into an item begins with, as long as it has no field that says so.
const ITEM: &str = "@";

/// `pointer.item`.
pub(super) fn is_item(pointer: &Pointer) -> bool {
    pointer.segments.first().is_some_and(|segment| segment.key == ITEM)
}

/// `Pointer::parse(text)`.
pub(super) fn pointer(text: &str) -> Result<Pointer, String> {
    if let Some(rest) = text.strip_prefix(ITEM) {
        let mut pointer = pointer(rest)?;
        pointer.segments.insert(0, Segment { key: ITEM.into(), index: None });
        return Ok(pointer);
    }
    if text.is_empty() {
        return Ok(Pointer { segments: Vec::new() });
    }
    let Some(rest) = text.strip_prefix('/') else {
        return Err("a JSON pointer begins with `/`".into());
    };
    let segments: Vec<_> = rest.split('/').map(segment).collect::<Result<_, _>>()?;
    if segments.first().is_some_and(|segment| segment.key == ITEM) {
        return Err("a name `@` cannot stand first".into());
    }
    Ok(Pointer { segments })
}

fn segment(text: &str) -> Result<Segment, String> {
    let mut key = String::new();
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        match c {
            '~' => match chars.next() {
                Some('0') => key.push('~'),
                Some('1') => key.push('/'),
                _ => return Err("`~` is written `~0` in a JSON pointer, and `/` in a name `~1`".into()),
            },
            c => key.push(c),
        }
    }
    let index = key.parse::<i64>().ok().filter(|index| index.to_string() == key);
    Ok(Segment { key, index })
}

/// `pointer.to_string()`.
pub(super) fn pointer_text(pointer: &Pointer) -> String {
    let item = is_item(pointer);
    let mut text = String::from(if item { ITEM } else { "" });
    for segment in pointer.segments.iter().skip(usize::from(item)) {
        let _ = write!(text, "/{}", segment.key.replace('~', "~0").replace('/', "~1"));
    }
    text
}

/// `Subject::parse(text)`.
pub(super) fn subject(text: &str) -> Result<Subject, String> {
    match text {
        "#text" => Ok(Subject::Text),
        "#form" => Ok(Subject::Form),
        text if text.starts_with('#') => Err("only `#text` and `#form` begin with `#`".into()),
        text => pointer(text).map(Subject::Value),
    }
}
