//! A filter made ready to look at messages: words and regexes are compiled, what is cheap is asked first.
//! It looks at the bytes as they came, and reads no more of them than it is asked for.

use std::cmp::Ordering;
use std::ops::Range;

use memchr::memmem::Finder;
use regex::bytes::{Regex, RegexBuilder};

use super::{Expr, Op, Operand, Term, Why};
use crate::app::json::decimal::Decimal;
use crate::app::json::path::Path;
use crate::app::json::{byte, unquoted};
use crate::event::{Dir, Form, Kind};

/// So deep may saved filters name each other.
const DEEPEST: usize = 8;
/// More than anyone types; what a regex may take of memory.
const REGEX: usize = 1 << 20;

/// A message, as far as filters ask.
#[derive(Clone, Copy, Debug)]
pub struct Seen<'a> {
    /// The name of its service; empty where it has none.
    pub service: &'a str,
    pub kind: Kind,
    pub dir: Dir,
    pub form: Form,
    /// Its length as it came.
    pub len: u32,
    pub body: &'a [u8],
}

#[derive(Clone, Debug)]
pub enum Test {
    All(Vec<Self>),
    Any(Vec<Self>),
    Not(Box<Self>),
    Text(Finder<'static>),
    Regex(Regex),
    Service(Regex),
    Kind(Kind),
    Dir(Dir),
    Size(Op, u64),
    There(Path),
    Compare(Path, Op, Wanted),
    Matches(Path, Regex),
}

/// What a value is held against.
#[derive(Clone, Debug)]
pub struct Wanted {
    operand: Operand,
    number: Option<Decimal>,
}

impl Test {
    /// The error is the term that cannot be, and why.
    pub fn new(expr: &Expr, saved: &[(String, String)]) -> Result<Self, (Term, Why)> {
        make(expr, saved, 0)
    }

    pub fn holds(&self, seen: &Seen<'_>) -> bool {
        match self {
            Self::All(tests) => tests.iter().all(|test| test.holds(seen)),
            Self::Any(tests) => tests.iter().any(|test| test.holds(seen)),
            Self::Not(test) => !test.holds(seen),
            Self::Text(finder) => finder.find(seen.body).is_some(),
            Self::Regex(regex) => regex.is_match(seen.body),
            Self::Service(regex) => regex.is_match(seen.service.as_bytes()),
            Self::Kind(kind) => seen.kind == *kind,
            Self::Dir(dir) => seen.dir == *dir,
            Self::Size(op, size) => op.takes(u64::from(seen.len).cmp(size)),
            Self::There(path) => seen.form == Form::Json && path.any(seen.body, &mut |_| true),
            Self::Compare(path, op, wanted) => {
                seen.form == Form::Json && path.any(seen.body, &mut |value| wanted.holds(*op, value))
            }
            Self::Matches(path, regex) => {
                seen.form == Form::Json && path.any(seen.body, &mut |value| regex.is_match(&unquoted(value)))
            }
        }
    }

    /// Adds the places of words that are looked for. What must not be there is not looked for.
    pub fn mark(&self, body: &[u8], most: usize, marks: &mut Vec<Range<usize>>) {
        match self {
            Self::All(tests) | Self::Any(tests) => tests.iter().for_each(|test| test.mark(body, most, marks)),
            Self::Text(finder) => {
                let length = finder.needle().len();
                marks.extend(finder.find_iter(body).take(most).map(|at| at..at + length));
            }
            Self::Regex(regex) => {
                let found = regex.find_iter(body).filter(|found| !found.is_empty());
                marks.extend(found.take(most).map(|found| found.range()));
            }
            Self::There(path) | Self::Compare(path, ..) | Self::Matches(path, _) => {
                let start = body.as_ptr() as usize;
                path.any(body, &mut |value| {
                    // The value is a part of the message: so its place is known.
                    let at = value.as_ptr() as usize - start;
                    marks.push(at..at + value.len());
                    marks.len() >= most
                });
            }
            Self::Not(_) | Self::Service(_) | Self::Kind(_) | Self::Dir(_) | Self::Size(..) => {}
        }
    }

    /// What costs more is asked later.
    fn cost(&self) -> u8 {
        match self {
            Self::Kind(_) | Self::Dir(_) | Self::Size(..) => 0,
            Self::Service(_) => 1,
            Self::Text(_) => 2,
            Self::Regex(_) => 3,
            Self::There(_) | Self::Compare(..) | Self::Matches(..) => 4,
            Self::Not(test) => test.cost(),
            Self::All(tests) | Self::Any(tests) => tests.iter().map(Self::cost).max().unwrap_or(0),
        }
    }
}

fn make(expr: &Expr, saved: &[(String, String)], depth: usize) -> Result<Test, (Term, Why)> {
    let each = |terms: &[Expr]| terms.iter().map(|term| make(term, saved, depth)).collect::<Result<Vec<_>, _>>();
    let (term, test) = match expr {
        Expr::All(terms) => {
            let mut tests = each(terms)?;
            tests.sort_by_key(Test::cost);
            return Ok(Test::All(tests));
        }
        Expr::Any(terms) => return Ok(Test::Any(each(terms)?)),
        Expr::Not(inner) => return Ok(Test::Not(Box::new(make(inner, saved, depth)?))),
        Expr::Term(term) => (term, simple(term)),
    };
    let made = match (term, test) {
        (_, Some(test)) => test,
        (Term::Saved(name), None) => {
            let text = saved.iter().find(|(known, _)| known == name).map(|(_, text)| text);
            let inner = text.and_then(|text| Expr::parse(text).ok().flatten()).ok_or(Why::Saved);
            if depth >= DEEPEST {
                Err(Why::TooDeep)
            } else {
                inner.and_then(|inner| make(&inner, saved, depth + 1).map_err(|(_, why)| why))
            }
        }
        (_, None) => Err(Why::Missing),
    };
    made.map_err(|why| (term.clone(), why))
}

/// What a term tests by itself; a saved one is none of these.
fn simple(term: &Term) -> Option<Result<Test, Why>> {
    let compiled = |pattern: &str| regex(pattern).map_err(Why::Regex);
    Some(match term {
        Term::Text(text) if is_exact(text) => Ok(Test::Text(Finder::new(text.as_bytes()).into_owned())),
        Term::Text(text) => compiled(&regex::escape(text)).map(Test::Regex),
        Term::Regex(pattern) => compiled(pattern).map(Test::Regex),
        Term::Service { name, exact: false } => compiled(&regex::escape(name)).map(Test::Service),
        Term::Service { name, exact: true } => compiled(&format!("(?-i)^{}$", regex::escape(name))).map(Test::Service),
        Term::Kind(kind) => Ok(Test::Kind(*kind)),
        Term::Dir(dir) => Ok(Test::Dir(*dir)),
        Term::Size(op, size) => Ok(Test::Size(*op, *size)),
        Term::There(path) => Ok(Test::There(path.clone())),
        Term::Compare(path, op, operand) => {
            let number = if operand.quoted { None } else { Decimal::parse(operand.text.as_bytes()) };
            Ok(Test::Compare(path.clone(), *op, Wanted { operand: operand.clone(), number }))
        }
        Term::Matches(path, pattern) => compiled(pattern).map(|regex| Test::Matches(path.clone(), regex)),
        Term::Saved(_) => return None,
    })
}

/// A capital letter, or none that has one, makes a text exact.
fn is_exact(text: &str) -> bool {
    text.chars().any(char::is_uppercase) || !text.chars().any(char::is_lowercase)
}

/// Compiles a pattern: letters match in both cases, unless it has a capital one that is no escape.
pub(super) fn regex(pattern: &str) -> Result<Regex, String> {
    let mut letters = pattern.chars();
    let mut exact = false;
    while let Some(letter) = letters.next() {
        if letter == '\\' {
            letters.next();
        }
        exact |= letter.is_uppercase();
    }
    let built = RegexBuilder::new(pattern).case_insensitive(!exact).size_limit(REGEX).build();
    built.map_err(|error| {
        // The last line says what is wrong; those before it draw a picture.
        let text = error.to_string();
        let last = text.lines().last().unwrap_or_default();
        last.strip_prefix("error: ").unwrap_or(last).to_owned()
    })
}

impl Wanted {
    fn holds(&self, op: Op, value: &[u8]) -> bool {
        let is_text = byte(value, 0) == b'"';
        let said = unquoted(value);
        if self.operand.quoted && !is_text {
            return op == Op::IsNot;
        }
        if let Some(number) = &self.number
            && let Some(found) = Decimal::parse(&said)
        {
            return op.takes(found.cmp(number));
        }
        match op {
            Op::Is => *said == *self.operand.text.as_bytes(),
            Op::IsNot => *said != *self.operand.text.as_bytes(),
            // Texts have an order, and nothing else that is no number.
            Op::Less | Op::AtMost | Op::More | Op::AtLeast => {
                is_text && self.number.is_none() && op.takes((*said).cmp(self.operand.text.as_bytes()))
            }
        }
    }
}

impl Op {
    fn takes(self, found: Ordering) -> bool {
        match self {
            Self::Is => found.is_eq(),
            Self::IsNot => found.is_ne(),
            Self::Less => found.is_lt(),
            Self::AtMost => found.is_le(),
            Self::More => found.is_gt(),
            Self::AtLeast => found.is_ge(),
        }
    }
}
