//! Writes a filter down so that reading it gives the same one: parentheses and quotes only where it needs them.

use std::fmt;

use super::parse::{begins_path, ends_word};
use super::{Expr, Op, Operand, Term, kind_word};
use crate::app::json::path::escaped;
use crate::event::Dir;

impl fmt::Display for Expr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::All(terms) => {
                for (n, term) in terms.iter().enumerate() {
                    f.write_str(if n > 0 { " " } else { "" })?;
                    match term {
                        Self::Any(_) | Self::All(_) => write!(f, "({term})")?,
                        Self::Not(_) | Self::Term(_) => write!(f, "{term}")?,
                    }
                }
                Ok(())
            }
            Self::Any(terms) => {
                for (n, term) in terms.iter().enumerate() {
                    write!(f, "{}{term}", if n > 0 { " | " } else { "" })?;
                }
                Ok(())
            }
            Self::Not(inner) => match &**inner {
                Self::Any(_) | Self::All(_) => write!(f, "!({inner})"),
                Self::Not(_) | Self::Term(_) => write!(f, "!{inner}"),
            },
            Self::Term(term) => write!(f, "{term}"),
        }
    }
}

impl fmt::Display for Term {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text(text) if is_word(text) => f.write_str(text),
            Self::Text(text) => write!(f, "\"{}\"", escaped(text)),
            Self::Regex(regex) => write!(f, "/{regex}/"),
            Self::Service { name, exact } => {
                let sign = if *exact { '=' } else { ':' };
                write!(f, "service{sign}{}", Bare(name))
            }
            Self::Kind(kind) => write!(f, "kind:{}", kind_word(*kind)),
            Self::Dir(Dir::In) => f.write_str("dir:in"),
            Self::Dir(Dir::Out) => f.write_str("dir:out"),
            Self::Size(op, size) => write!(f, "size{op}{size}"),
            Self::There(path) => write!(f, "{path}"),
            Self::Compare(path, op, operand) => write!(f, "{path} {op} {operand}"),
            Self::Matches(path, regex) => write!(f, "{path} ~ /{regex}/"),
            Self::Saved(name) => write!(f, "@{name}"),
        }
    }
}

impl fmt::Display for Op {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Is => "=",
            Self::IsNot => "!=",
            Self::Less => "<",
            Self::AtMost => "<=",
            Self::More => ">",
            Self::AtLeast => ">=",
        })
    }
}

impl fmt::Display for Operand {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.quoted { write!(f, "\"{}\"", escaped(&self.text)) } else { f.write_str(&self.text) }
    }
}

/// A name, in quotes where it needs them.
struct Bare<'a>(&'a str);

impl fmt::Display for Bare<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.contains(ends_word) { write!(f, "\"{}\"", escaped(self.0)) } else { f.write_str(self.0) }
    }
}

/// Whether a text reads as itself without quotes.
fn is_word(text: &str) -> bool {
    let taken = ["service:", "service=", "kind:", "dir:"].iter().any(|name| text.starts_with(name))
        || text.strip_prefix("size").is_some_and(|rest| rest.starts_with(['<', '>', '=', '!']) || rest.is_empty());
    !text.is_empty()
        && !text.contains(ends_word)
        && !text.starts_with(['!', '/', '@', '~', '=', '<', '>'])
        && !begins_path(text)
        && !taken
        && !matches!(text, "or" | "and")
}
