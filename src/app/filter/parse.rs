//! Reads the filter language. It says what is wrong and where; a text that only stops in the middle of a word, a quote or a
//! regex is read as far as it goes, so that a filter works while it is typed.

use super::{Bad, Expr, KINDS, Op, Operand, Term, Why};
use crate::app::json::path::{Path, unescaped};
use crate::event::Dir;

/// So deep may parentheses and `!` go.
const DEEPEST: usize = 64;

pub(super) fn parse(text: &str) -> Result<Option<Expr>, Bad> {
    let mut reader = Reader { text, at: 0, depth: 0, terms: Vec::new() };
    reader.space();
    if reader.rest().is_empty() {
        return Ok(None);
    }
    let expr = reader.any()?;
    if reader.rest().starts_with(')') {
        return Err(reader.bad(1, Why::Closes));
    }
    Ok(Some(expr))
}

/// Where a term of a text that can be read stands in it.
pub(super) fn place_of(text: &str, term: &Term) -> std::ops::Range<usize> {
    let mut reader = Reader { text, at: 0, depth: 0, terms: Vec::new() };
    // What cannot be read has no terms to look for.
    let _read = reader.any();
    let found = reader.terms.into_iter().find(|(_, known)| known == term);
    found.map_or(0..text.len(), |(place, _)| place)
}

struct Reader<'a> {
    text: &'a str,
    at: usize,
    depth: usize,
    /// Every term with its place.
    terms: Vec<(std::ops::Range<usize>, Term)>,
}

impl<'a> Reader<'a> {
    fn rest(&self) -> &'a str {
        self.text.get(self.at..).unwrap_or_default()
    }

    fn space(&mut self) {
        let rest = self.rest();
        self.at += rest.len() - rest.trim_start().len();
    }

    /// The next so many bytes are wrong.
    fn bad(&self, length: usize, why: Why) -> Bad {
        Bad { at: self.at..(self.at + length).min(self.text.len()).max(self.at), why }
    }

    fn takes(&mut self, sign: &str) -> bool {
        let there = self.rest().starts_with(sign);
        if there {
            self.at += sign.len();
        }
        there
    }

    /// A word that joins, if it comes next.
    fn joins(&mut self, word: &str) -> bool {
        let there = self.rest().strip_prefix(word).is_some_and(|rest| rest.starts_with(|c| ends_word(c) && c != '"'));
        if there {
            self.at += word.len();
        }
        there
    }

    fn any(&mut self) -> Result<Expr, Bad> {
        let mut terms = vec![self.all()?];
        loop {
            self.space();
            if !(self.takes("|") || self.joins("or")) {
                return Ok(Expr::any(terms));
            }
            terms.push(self.all()?);
        }
    }

    fn all(&mut self) -> Result<Expr, Bad> {
        let mut terms = vec![self.not()?];
        loop {
            self.space();
            let rest = self.rest();
            let or = rest.strip_prefix("or").is_some_and(|rest| rest.starts_with(|c| ends_word(c) && c != '"'));
            if rest.is_empty() || rest.starts_with(['|', ')']) || or {
                return Ok(Expr::all(terms));
            }
            self.joins("and");
            terms.push(self.not()?);
        }
    }

    fn not(&mut self) -> Result<Expr, Bad> {
        self.space();
        self.depth += 1;
        if self.depth > DEEPEST {
            return Err(self.bad(1, Why::TooDeep));
        }
        let start = self.at;
        let expr = if self.takes("!") {
            Expr::Not(Box::new(self.not()?))
        } else if self.takes("(") {
            let inner = self.any()?;
            if !self.takes(")") {
                return Err(Bad { at: start..start + 1, why: Why::Opens });
            }
            inner
        } else {
            let term = self.term()?;
            self.terms.push((start..self.at, term.clone()));
            Expr::Term(term)
        };
        self.depth -= 1;
        Ok(expr)
    }

    fn term(&mut self) -> Result<Term, Bad> {
        let rest = self.rest();
        match rest.chars().next() {
            None | Some('|' | ')') => Err(self.bad(1, Why::Missing)),
            Some('"') => Ok(Term::Text(self.quoted()?)),
            Some('/') => Ok(Term::Regex(self.regex()?)),
            Some('@') => {
                self.at += 1;
                let name = self.word();
                if name.is_empty() { Err(self.bad(1, Why::Missing)) } else { Ok(Term::Saved(name.to_owned())) }
            }
            Some('.') if begins_path(rest) => self.path(),
            Some(_) => self.named(),
        }
    }

    /// `service:`, `kind:`, `dir:`, `size>`, or a word.
    fn named(&mut self) -> Result<Term, Bad> {
        let rest = self.rest();
        if let Some(behind) = rest.strip_prefix("service")
            && behind.starts_with([':', '='])
        {
            self.at += "service:".len();
            return Ok(Term::Service { name: self.value()?, exact: behind.starts_with('=') });
        }
        if rest.starts_with("kind:") {
            self.at += "kind:".len();
            let word = self.word();
            let kind = KINDS.iter().find(|(_, known)| *known == word).map(|(kind, _)| Term::Kind(*kind));
            return kind.ok_or_else(|| self.behind(word, Why::Kind));
        }
        if rest.starts_with("dir:") {
            self.at += "dir:".len();
            let word = self.word();
            return match word {
                "in" => Ok(Term::Dir(Dir::In)),
                "out" => Ok(Term::Dir(Dir::Out)),
                word => Err(self.behind(word, Why::Dir)),
            };
        }
        if let Some(behind) = rest.strip_prefix("size")
            && behind.trim_start().starts_with(['<', '>', '=', '!'])
        {
            self.at += "size".len();
            self.space();
            let Some(op) = self.op() else { return Err(self.bad(1, Why::Size)) };
            self.space();
            let word = self.word();
            let size = bytes(word).ok_or_else(|| self.behind(word, Why::Size))?;
            return Ok(Term::Size(op, size));
        }
        let word = self.word();
        if word.is_empty() { Err(self.bad(1, Why::Missing)) } else { Ok(Term::Text(word.to_owned())) }
    }

    fn path(&mut self) -> Result<Term, Bad> {
        let (path, length) = Path::read(self.rest()).map_err(|at| {
            let at = (self.at + at).min(self.text.len());
            Bad { at: at..self.text.len(), why: Why::Path }
        })?;
        self.at += length;
        let end = self.at;
        self.space();
        if self.takes("~") {
            self.space();
            let regex = if self.rest().starts_with('/') { self.regex()? } else { self.bare_regex()? };
            return Ok(Term::Matches(path, regex));
        }
        let Some(op) = self.op() else {
            self.at = end;
            return Ok(Term::There(path));
        };
        self.space();
        let quoted = self.rest().starts_with('"');
        Ok(Term::Compare(path, op, Operand { text: self.value()?, quoted }))
    }

    fn op(&mut self) -> Option<Op> {
        let signs = [
            ("!=", Op::IsNot),
            ("<=", Op::AtMost),
            (">=", Op::AtLeast),
            ("=", Op::Is),
            ("<", Op::Less),
            (">", Op::More),
        ];
        let op = signs.iter().find(|(sign, _)| self.rest().starts_with(sign)).map(|(sign, op)| (*op, sign.len()))?;
        self.at += op.1;
        // Twice is what programmers write.
        if op.0 == Op::Is {
            self.takes("=");
        }
        Some(op.0)
    }

    /// A word or a text in quotes.
    fn value(&mut self) -> Result<String, Bad> {
        if self.rest().starts_with('"') {
            return self.quoted();
        }
        let word = self.word();
        if word.is_empty() { Err(self.bad(1, Why::Missing)) } else { Ok(word.to_owned()) }
    }

    fn word(&mut self) -> &'a str {
        let rest = self.rest();
        let word = rest.get(..rest.find(ends_word).unwrap_or(rest.len())).unwrap_or_default();
        self.at += word.len();
        word
    }

    fn quoted(&mut self) -> Result<String, Bad> {
        let inside = self.between('"');
        if inside.is_empty() { Err(self.bad(1, Why::Missing)) } else { Ok(unescaped(inside)) }
    }

    fn regex(&mut self) -> Result<String, Bad> {
        let start = self.at;
        let inside = self.between('/');
        if inside.is_empty() {
            return Err(self.bad(1, Why::Missing));
        }
        self.checked(inside, start)
    }

    fn bare_regex(&mut self) -> Result<String, Bad> {
        let start = self.at;
        let word = self.word();
        if word.is_empty() {
            return Err(self.bad(1, Why::Missing));
        }
        self.checked(&word.replace('/', "\\/"), start)
    }

    fn checked(&self, regex: &str, start: usize) -> Result<String, Bad> {
        match super::test::regex(regex) {
            Ok(_) => Ok(regex.to_owned()),
            Err(why) => Err(Bad { at: start..self.at, why: Why::Regex(why) }),
        }
    }

    /// What stands between two signs; the last one may be missing.
    fn between(&mut self, sign: char) -> &'a str {
        let rest = self.rest().get(sign.len_utf8()..).unwrap_or_default();
        let mut escaped = false;
        for (at, c) in rest.char_indices() {
            if c == sign && !escaped {
                self.at += sign.len_utf8() + at + c.len_utf8();
                return rest.get(..at).unwrap_or_default();
            }
            escaped = c == '\\' && !escaped;
        }
        self.at = self.text.len();
        rest
    }

    /// The word just read is wrong.
    fn behind(&self, word: &str, why: Why) -> Bad {
        Bad { at: self.at - word.len()..self.at, why }
    }
}

pub(super) fn ends_word(c: char) -> bool {
    c.is_whitespace() || matches!(c, '|' | '(' | ')' | '"')
}

/// A point with something behind it that can be a name, and not a number or an ellipsis.
pub(super) fn begins_path(text: &str) -> bool {
    text.strip_prefix('.').is_some_and(|rest| rest.starts_with(|c: char| c != '.' && (!ends_word(c) || c == '"')))
}

/// `1k` and `2M` are binary, as sizes are shown.
fn bytes(word: &str) -> Option<u64> {
    let (digits, unit) = word.split_at(word.find(|c: char| !c.is_ascii_digit()).unwrap_or(word.len()));
    let unit = match unit {
        "" | "b" | "B" => 1,
        "k" | "K" => 1 << 10,
        "m" | "M" => 1 << 20,
        _ => return None,
    };
    digits.parse::<u64>().ok()?.checked_mul(unit)
}
