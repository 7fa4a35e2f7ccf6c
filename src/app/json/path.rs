//! A place in a message, as it is written in filters: `.data.items[0]."a key"`, and `[]` for any element.
//! It names values and finds them; what is done with them is the asker's.

use std::fmt;

use super::{byte, children, part, space, unquoted};

/// Steps from the whole message to a value in it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Path(pub Vec<Step>);

#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Step {
    Key(String),
    /// Below nought it counts from the end.
    Index(i64),
    Any,
}

/// Longer ones name nothing that a person would look for.
pub const MOST_STEPS: usize = 64;

impl Path {
    /// Reads a path from the start of a text: itself, and how many bytes it takes. The error is the place of what is wrong.
    pub fn read(text: &str) -> Result<(Self, usize), usize> {
        let bytes = text.as_bytes();
        let mut steps = Vec::new();
        let mut at = 0;
        loop {
            match byte(bytes, at) {
                b'.' if byte(bytes, at + 1) == b'[' && steps.is_empty() => at += 1,
                b'.' if byte(bytes, at + 1) == b'"' => {
                    let end = quoted(bytes, at + 1).ok_or(at + 1)?;
                    steps.push(Step::Key(unescaped(text.get(at + 2..end - 1).unwrap_or_default())));
                    at = end;
                }
                b'.' => {
                    let rest = text.get(at + 1..).unwrap_or_default();
                    let length = rest.find(|c| !is_plain(c)).unwrap_or(rest.len());
                    if length == 0 {
                        return Err(at + 1);
                    }
                    steps.push(Step::Key(rest.get(..length).unwrap_or_default().to_owned()));
                    at += 1 + length;
                }
                b'[' if !steps.is_empty() || at == 1 => {
                    let length = text.get(at..).and_then(|rest| rest.find(']')).ok_or(at)?;
                    let inside = text.get(at + 1..at + length).unwrap_or_default();
                    steps.push(match inside {
                        "" => Step::Any,
                        digits => Step::Index(digits.parse().map_err(|_| at + 1)?),
                    });
                    at += length + 1;
                }
                _ if steps.is_empty() => return Err(at),
                _ => return Ok((Self(steps), at)),
            }
            if steps.len() > MOST_STEPS {
                return Err(at);
            }
        }
    }

    /// The whole of a text as a path.
    pub fn parse(text: &str) -> Option<Self> {
        Self::read(text).ok().filter(|(_, end)| *end == text.len()).map(|(path, _)| path)
    }

    /// Whether `holds` says so of any value at this place.
    pub fn any<'d>(&self, doc: &'d [u8], holds: &mut dyn FnMut(&'d [u8]) -> bool) -> bool {
        visit(doc, space(doc, 0), &self.0, holds)
    }

    /// The last value at this place, as those who read objects have it.
    pub fn find<'d>(&self, doc: &'d [u8]) -> Option<&'d [u8]> {
        let mut found = None;
        self.any(doc, &mut |value| {
            found = Some(value);
            false
        });
        found
    }
}

fn visit<'d>(doc: &'d [u8], at: usize, steps: &[Step], holds: &mut dyn FnMut(&'d [u8]) -> bool) -> bool {
    let Some((step, rest)) = steps.split_first() else {
        return at < doc.len() && holds(part(doc, at..super::skip(doc, at)));
    };
    match (step, byte(doc, at)) {
        (Step::Key(key), b'{') => children(doc, at).any(|child| {
            let named = child.key.is_some_and(|name| *unquoted(part(doc, name)) == *key.as_bytes());
            named && visit(doc, child.value.start, rest, holds)
        }),
        (Step::Any, b'[') => children(doc, at).any(|child| visit(doc, child.value.start, rest, holds)),
        (Step::Index(index), b'[') => {
            let place = usize::try_from(index.unsigned_abs()).unwrap_or(usize::MAX);
            let child = if *index < 0 {
                let count = children(doc, at).count();
                count.checked_sub(place).and_then(|place| children(doc, at).nth(place))
            } else {
                children(doc, at).nth(place)
            };
            child.is_some_and(|child| visit(doc, child.value.start, rest, holds))
        }
        (Step::Key(_) | Step::Any | Step::Index(_), _) => false,
    }
}

impl fmt::Display for Path {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (n, step) in self.0.iter().enumerate() {
            match step {
                Step::Key(key) if !key.is_empty() && key.chars().all(is_plain) => write!(f, ".{key}")?,
                Step::Key(key) => write!(f, ".\"{}\"", escaped(key))?,
                Step::Index(_) | Step::Any if n == 0 => f.write_str(".")?,
                Step::Index(_) | Step::Any => {}
            }
            match step {
                Step::Key(_) => {}
                Step::Index(index) => write!(f, "[{index}]")?,
                Step::Any => f.write_str("[]")?,
            }
        }
        Ok(())
    }
}

/// What needs no quotes in a path.
fn is_plain(c: char) -> bool {
    !c.is_whitespace()
        && !c.is_control()
        && !matches!(c, '.' | '[' | ']' | '"' | '=' | '!' | '<' | '>' | '~' | '(' | ')' | '|')
}

/// Past a text in quotes, from the first of them.
pub fn quoted(bytes: &[u8], at: usize) -> Option<usize> {
    let mut at = at + 1;
    loop {
        match bytes.get(at)? {
            b'"' => return Some(at + 1),
            b'\\' => at += 2,
            _ => at += 1,
        }
    }
}

/// With a backslash before what would end a text in quotes.
pub fn escaped(text: &str) -> String {
    text.replace('\\', "\\\\").replace('"', "\\\"")
}

pub fn unescaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        match c {
            '\\' => out.extend(chars.next()),
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(path: &str, doc: &str) -> Option<String> {
        let path = Path::parse(path).unwrap_or_else(|| panic!("{path}"));
        path.find(doc.as_bytes()).map(|value| String::from_utf8_lossy(value).into_owned())
    }

    #[test]
    fn values_are_found_as_they_lie() {
        let doc = r#" {"a":{"b":[1.50, 2, {"c d":"x"}]},"业":7,"dup":1,"dup":2,"e\u0066":3}"#;
        for (path, value) in [
            (".a.b[0]", Some("1.50")),
            (".a.b[-1].\"c d\"", Some("\"x\"")),
            (".a.b[]", Some("{\"c d\":\"x\"}")),
            (".业", Some("7")),
            (".dup", Some("2")),
            (".ef", Some("3")),
            (".a.b[3]", None),
            (".a.b[-4]", None),
            (".a.b.c", None),
            (".a[0]", None),
        ] {
            assert_eq!(found(path, doc).as_deref(), value, "{path}");
        }
        assert_eq!(found(".[1][0]", "[0,[5]]").as_deref(), Some("5"));
    }

    #[test]
    fn what_is_no_path_is_told_by_place() {
        for (text, at) in [("a", 0), (".", 1), (".a[", 2), (".a[x]", 3), (".a.", 3), (".\"a", 1), ("[0]", 0)] {
            assert_eq!(Path::read(text), Err(at), "{text}");
        }
        assert_eq!(Path::read(".a > 5").map(|(_, end)| end), Ok(2));
    }
}
