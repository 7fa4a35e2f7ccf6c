//! Pointers and subjects from their text, until `Pointer::parse`, its `Display` and `Subject::parse` stand here.

use std::fmt::Write as _;

use super::matcher::Subject;
use super::pointer::{Pointer, Segment};

/// `Pointer::parse(text)`.
pub(super) fn pointer(text: &str) -> Result<Pointer, String> {
    if text.is_empty() {
        return Ok(Pointer { segments: Vec::new() });
    }
    let Some(rest) = text.strip_prefix('/') else {
        return Err("a JSON pointer begins with `/`".into());
    };
    let segments = rest.split('/').map(segment).collect::<Result<_, _>>()?;
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
    let mut text = String::new();
    for segment in &pointer.segments {
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
