//! Which messages are shown: the filter language. `parse` reads it into an [`Expr`], `test` makes of that what looks at
//! messages, `print` writes it down again.
//!
//! ```text
//! btc eth            both words; a capital letter makes a word exact       "two words"   /regex/
//! service:NAME  service=NAME  kind:data  dir:out  size>1k
//! .data.price > 100  .items[].id = 7  .side != buy  .name ~ /^b/  .error    (it is there)
//! !TERM  A | B  (A B)  @NAME                                                (a saved filter)
//! ```

mod parse;
mod print;
mod test;
#[cfg(test)]
mod tests;

use std::ops::Range;

pub use self::test::{Seen, Test};
use super::json::path::Path;
use crate::event::{Dir, Kind};
use crate::say::{Label, Lang, screen};

/// What is looked for, as it was written. [`Expr::all`] and [`Expr::any`] make the only form that means it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Expr {
    All(Vec<Self>),
    Any(Vec<Self>),
    Not(Box<Self>),
    Term(Term),
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Term {
    Text(String),
    /// What stands between the slashes.
    Regex(String),
    /// The service's name: exactly this, or a part of it.
    Service {
        name: String,
        exact: bool,
    },
    Kind(Kind),
    Dir(Dir),
    Size(Op, u64),
    /// There is such a value.
    There(Path),
    Compare(Path, Op, Operand),
    Matches(Path, String),
    Saved(String),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Op {
    Is,
    IsNot,
    Less,
    AtMost,
    More,
    AtLeast,
}

/// What a value is compared with. In quotes it is text; without, it may be a number.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Operand {
    pub text: String,
    pub quoted: bool,
}

/// What is wrong with a filter, and which bytes of its text are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bad {
    pub at: Range<usize>,
    pub why: Why,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Why {
    /// Something has to stand here.
    Missing,
    /// A parenthesis that closes nothing.
    Closes,
    /// A parenthesis that nothing closes.
    Opens,
    Kind,
    Dir,
    Size,
    Path,
    /// What is wrong with it, in the words of its reader.
    Regex(String),
    /// No filter has this name.
    Saved,
    /// Filters that name each other, or more than one can mean.
    TooDeep,
}

impl Why {
    pub fn text(&self, lang: Lang) -> String {
        let label = match self {
            Self::Missing => Label::FilterMissing,
            Self::Closes => Label::FilterCloses,
            Self::Opens => Label::FilterOpens,
            Self::Kind => return screen::no_such_kind(lang, &KINDS.map(|(_, word)| word)),
            Self::Dir => Label::FilterDir,
            Self::Size => Label::FilterSize,
            Self::Path => Label::FilterPath,
            Self::Regex(words) => return crate::text::clean_bytes(words.as_bytes(), 100),
            Self::Saved => Label::FilterSaved,
            Self::TooDeep => Label::FilterTooDeep,
        };
        label.text(lang).to_owned()
    }
}

/// The words for a kind of message.
pub const KINDS: [(Kind, &str); 14] = [
    (Kind::Data, "data"),
    (Kind::Snapshot, "snapshot"),
    (Kind::Ack, "ack"),
    (Kind::Nack, "nack"),
    (Kind::Ping, "ping"),
    (Kind::Pong, "pong"),
    (Kind::Heartbeat, "heartbeat"),
    (Kind::Hello, "hello"),
    (Kind::Notice, "notice"),
    (Kind::End, "end"),
    (Kind::Error, "error"),
    (Kind::Goodbye, "goodbye"),
    (Kind::Fatal, "fatal"),
    (Kind::Other, "other"),
];

/// The word for a kind of message.
pub fn kind_word(kind: Kind) -> &'static str {
    KINDS.iter().find(|(known, _)| *known == kind).map_or("other", |(_, word)| word)
}

impl Expr {
    /// All of them hold.
    pub fn all(terms: Vec<Self>) -> Self {
        let mut flat = Vec::with_capacity(terms.len());
        for term in terms {
            match term {
                Self::All(inner) => flat.extend(inner),
                other @ (Self::Any(_) | Self::Not(_) | Self::Term(_)) => flat.push(other),
            }
        }
        if flat.len() == 1 { flat.remove(0) } else { Self::All(flat) }
    }

    /// One of them holds, or more.
    pub fn any(terms: Vec<Self>) -> Self {
        let mut flat = Vec::with_capacity(terms.len());
        for term in terms {
            match term {
                Self::Any(inner) => flat.extend(inner),
                other @ (Self::All(_) | Self::Not(_) | Self::Term(_)) => flat.push(other),
            }
        }
        if flat.len() == 1 { flat.remove(0) } else { Self::Any(flat) }
    }

    /// Reads a text. Nothing at all is `None`.
    pub fn parse(text: &str) -> Result<Option<Self>, Bad> {
        parse::parse(text)
    }
}

/// A filter at work. An empty one shows everything.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    test: Option<Test>,
}

impl Filter {
    pub fn new(text: &str) -> Result<Self, Bad> {
        Self::with_saved(text, &[])
    }

    /// `saved` are names and the texts that they stand for.
    pub fn with_saved(text: &str, saved: &[(String, String)]) -> Result<Self, Bad> {
        let test = Expr::parse(text)?.map(|expr| Test::new(&expr, saved)).transpose();
        match test {
            Ok(test) => Ok(Self { test }),
            Err((term, why)) => Err(Bad { at: parse::place_of(text, &term), why }),
        }
    }

    pub fn is_empty(&self) -> bool {
        self.test.is_none()
    }

    pub fn admits(&self, seen: &Seen<'_>) -> bool {
        self.test.as_ref().is_none_or(|test| test.holds(seen))
    }

    /// The places in a message of the words that are looked for, in order; at most so many.
    pub fn marks(&self, body: &[u8], most: usize) -> Vec<Range<usize>> {
        let mut marks = Vec::new();
        if let Some(test) = &self.test {
            test.mark(body, most, &mut marks);
        }
        marks.sort_by_key(|mark: &Range<usize>| (mark.start, mark.end));
        marks
    }
}
