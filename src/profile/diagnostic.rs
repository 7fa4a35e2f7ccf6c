//! What is wrong with a file, where, and what to do about it.
//!
//! It knows places in texts and how to show them to a person. What is right or wrong in a profile it does not know.

use std::cell::RefCell;
use std::fmt;
use std::ops::Range;
use std::sync::Arc;

use annotate_snippets::renderer::DecorStyle;
use annotate_snippets::{AnnotationKind, Group, Level, Origin as At, Renderer, Snippet};

use super::veil;
pub use crate::text::nearest;

/// A text to read, and what to call it: a file, `bundled:NAME`, or `--set`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Source {
    pub name: String,
    pub text: String,
}

impl Source {
    pub fn new(name: impl Into<String>, text: impl Into<String>) -> Self {
        Self { name: name.into(), text: text.into() }
    }
}

/// Where something stands: which source of a [`Problems`], and which bytes of it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Origin {
    pub source: usize,
    pub start: usize,
    pub end: usize,
}

impl Origin {
    pub fn new(source: usize, span: Range<usize>) -> Self {
        Self { source, start: span.start, end: span.end }
    }
}

/// How bad it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// The file cannot be used.
    Error,
    /// It can, and does not do what was probably meant.
    Warning,
}

/// One thing that is wrong. Its texts are as they came: [`fmt::Display`] makes them safe to print, and hides secrets.
#[derive(Clone, Debug)]
pub struct Diagnostic {
    pub severity: Severity,
    pub message: String,
    /// What to do about it.
    pub help: Option<String>,
    pub source: Arc<Source>,
    pub span: Range<usize>,
}

/// The sources read so far, and what is wrong with them.
#[derive(Debug, Default)]
pub struct Problems {
    sources: Vec<Arc<Source>>,
    found: RefCell<Vec<Finding>>,
}

#[derive(Debug)]
struct Finding {
    severity: Severity,
    at: Origin,
    message: String,
    help: Option<String>,
}

/// More than these are counted, not told.
const MOST: usize = 50;
/// A longer line is named, not shown.
const LONGEST_LINE: usize = 1000;

impl Problems {
    /// Takes a text in, and gives the number by which an [`Origin`] names it.
    pub fn add_source(&mut self, source: Source) -> usize {
        self.sources.push(Arc::new(source));
        self.sources.len() - 1
    }

    pub fn source(&self, number: usize) -> Option<&Source> {
        self.sources.get(number).map(|source| &**source)
    }

    /// The text at a place, as written.
    pub fn text_at(&self, at: Origin) -> &str {
        self.source(at.source).and_then(|source| source.text.get(at.start..at.end)).unwrap_or_default()
    }

    /// The line on which a place begins, counted from 1.
    pub fn line_of(&self, at: Origin) -> usize {
        let before = self.source(at.source).and_then(|source| source.text.get(..at.start)).unwrap_or_default();
        before.matches('\n').count() + 1
    }

    pub fn tell(&self, at: Origin, message: impl Into<String>) {
        self.add(Severity::Error, at, message.into(), None);
    }

    pub fn tell_help(&self, at: Origin, message: impl Into<String>, help: impl Into<String>) {
        self.add(Severity::Error, at, message.into(), Some(help.into()));
    }

    pub fn warn_help(&self, at: Origin, message: impl Into<String>, help: impl Into<String>) {
        self.add(Severity::Warning, at, message.into(), Some(help.into()));
    }

    fn add(&self, severity: Severity, at: Origin, message: String, help: Option<String>) {
        self.found.borrow_mut().push(Finding { severity, at, message, help });
    }

    /// How many errors so far: what is built from parts that are wrong need not be judged.
    pub fn count(&self) -> usize {
        self.found.borrow().iter().filter(|finding| finding.severity == Severity::Error).count()
    }

    /// All of them, source by source and in the order of its text.
    pub fn into_diagnostics(self) -> Vec<Diagnostic> {
        let mut found = self.found.into_inner();
        found.sort_by_key(|finding| (finding.at.source, finding.at.start));
        let more = found.len().saturating_sub(MOST);
        let mut told: Vec<_> = found
            .into_iter()
            .take(MOST)
            .filter_map(|Finding { severity, at, message, help }| {
                let source = Arc::clone(self.sources.get(at.source)?);
                Some(Diagnostic { severity, message, help, source, span: at.start..at.end })
            })
            .collect();
        if let (1.., Some(last)) = (more, told.last_mut()) {
            last.help =
                Some(format!("{}and {more} more like it", last.help.take().map_or(String::new(), |h| h + "; ")));
        }
        told
    }
}

impl Diagnostic {
    /// Where it is, both counted from 1; columns count characters.
    pub fn line_and_column(&self) -> (usize, usize) {
        let (line, span, number) = self.line();
        (number, line.get(..span.start).unwrap_or_default().chars().count() + 1)
    }

    /// The line it begins on, the place in that line, and its number.
    fn line(&self) -> (&str, Range<usize>, usize) {
        let text = &self.source.text;
        let floor = |mut at: usize| {
            at = at.min(text.len());
            while !text.is_char_boundary(at) {
                at -= 1;
            }
            at
        };
        let at = floor(self.span.start);
        let start = text[..at].rfind('\n').map_or(0, |newline| newline + 1);
        let line = text[start..].split('\n').next().unwrap_or_default();
        let end = floor(self.span.end).clamp(at, start + line.len());
        (line, at - start..end - start, text[..start].matches('\n').count() + 1)
    }
}

/// The way compilers show it: message, `file:line:column`, the line with a caret, help. Plain text in ASCII drawing.
impl fmt::Display for Diagnostic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (line, span, number) = self.line();
        let line = line.trim_end_matches('\r');
        let span = span.start.min(line.len())..span.end.min(line.len());
        let name = harmless(&self.source.name);
        let secrets = veil::secrets_of_line(&self.source.text, number);
        let part = |part: Range<usize>| harmless(&veil::hide(line, &secrets, part));
        let before = part(0..span.start);
        let inside = part(span.clone());
        let shown = format!("{before}{inside}{}", part(span.end..line.len()));
        let level = match self.severity {
            Severity::Error => Level::ERROR,
            Severity::Warning => Level::WARNING,
        };
        let title = level.primary_title(harmless(&veil::sentence(&self.message)));
        let mut group = if line.len() > LONGEST_LINE {
            let column = line[..span.start].chars().count() + 1;
            Group::with_title(title).element(At::path(name).line(number).char_column(column))
        } else {
            let caret = AnnotationKind::Primary.span(before.len()..before.len() + inside.len());
            let snippet = Snippet::source(&*shown).line_start(number).path(name).annotation(caret);
            Group::with_title(title).element(snippet)
        };
        if let Some(help) = &self.help {
            group = group.element(Level::HELP.message(harmless(&veil::sentence(help))));
        }
        f.write_str(&Renderer::plain().decor_style(DecorStyle::Ascii).render(&[group]))
    }
}

impl std::error::Error for Diagnostic {}

/// A text from a file without what would move a cursor or turn the reading direction, one character for one.
fn harmless(text: &str) -> String {
    let odd = |c: char| {
        (c.is_control() && c != '\t')
            || matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}' | '\u{61c}')
    };
    let text: String = text.chars().map(|c| if odd(c) { char::REPLACEMENT_CHARACTER } else { c }).collect();
    text
}
