//! A template from its text, with the place of what is wrong in it.

use std::ops::Range;

use serde::de::IgnoredAny;

use super::{Hole, MAX_TEXT, Part, Source, Template};
use crate::profile::diagnostic::nearest;
use crate::profile::pointer::Pointer;

/// What is wrong with a template, and where in its text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TemplateError {
    pub at: Range<usize>,
    pub message: String,
    pub help: Option<String>,
}

const KNOWN: &str = "known are ${/pointer}, ${@/pointer}, ${@key}, ${#prefix.NAME}, ${s.name}, ${s.PARAM}, \
                     ${v.CAPTURE}, ${id}, ${sub.id}, ${sub.sid}, ${args}, ${uuid}, ${now}, ${now_ms}, ${now_s}, \
                     ${env.NAME} and, in your configuration, ${file.PATH}";

/// Placeholders of one word.
const WORDS: [(&str, Source); 9] = [
    ("id", Source::Id),
    ("sub.id", Source::SubId),
    ("sub.sid", Source::SubSid),
    ("args", Source::Args),
    ("@key", Source::Key),
    ("uuid", Source::Uuid),
    ("now", Source::NowText),
    ("now_ms", Source::NowMs),
    ("now_s", Source::NowS),
];

impl Template {
    /// Reads a template. `json` says that it must be JSON once it is filled in, which is tried with made-up values.
    pub fn parse(text: &str, json: bool) -> Result<Self, TemplateError> {
        if text.len() > MAX_TEXT {
            let message = format!("a template of {} bytes; the longest may have {MAX_TEXT}", text.len());
            return Err(TemplateError { at: 0..text.len(), message, help: None });
        }
        let mut reading = Reading::new(json);
        let mut at = 0;
        while let Some(found) = text[at..].find('$') {
            reading.literal(&text[at..at + found], at);
            at += found;
            let dollars = text[at..].len() - text[at..].trim_start_matches('$').len();
            let brace = at + dollars;
            if !text[brace..].starts_with('{') {
                reading.literal(&text[at..brace], at);
                at = brace;
                continue;
            }
            // `$$` stands for one dollar where a brace follows, as only there a dollar means something.
            reading.literal(&text[at..at + dollars / 2], at);
            if dollars.is_multiple_of(2) {
                reading.literal("{", brace);
                at = brace + 1;
            } else {
                at = reading.hole(text, brace)?;
            }
        }
        reading.literal(&text[at..], at);
        reading.finish(text)
    }
}

/// A template as far as it is read.
struct Reading {
    json: bool,
    parts: Vec<Part>,
    literal: String,
    /// The literal text so far ends inside of a JSON string, and there right behind a backslash.
    in_string: bool,
    escaped: bool,
    /// The same text with made-up values, and which place in it comes from which of the template.
    trial: String,
    places: Vec<(usize, usize)>,
}

impl Reading {
    fn new(json: bool) -> Self {
        Self {
            json,
            parts: Vec::new(),
            literal: String::new(),
            in_string: false,
            escaped: false,
            trial: String::new(),
            places: Vec::new(),
        }
    }

    fn literal(&mut self, text: &str, at: usize) {
        self.literal.push_str(text);
        if self.json {
            self.places.push((self.trial.len(), at));
            self.trial.push_str(text);
            for byte in text.bytes() {
                match byte {
                    _ if self.escaped => self.escaped = false,
                    b'\\' => self.escaped = self.in_string,
                    b'"' => self.in_string = !self.in_string,
                    _ => {}
                }
            }
        }
    }

    /// Reads the hole whose `{` stands at `brace`, and says where the text goes on.
    fn hole(&mut self, text: &str, brace: usize) -> Result<usize, TemplateError> {
        let start = brace + 1;
        let Some(len) = hole_end(&text[start..]) else {
            return Err(TemplateError {
                at: brace - 1..text.len(),
                message: "`${` is never closed".into(),
                help: Some("close it with `}`, or write `$${` for the two characters".into()),
            });
        };
        let end = start + len;
        let body = &text[start..end];
        let (name, default) = match body.split_once('|') {
            Some((name, default)) => (name, Some(default.to_owned())),
            None => (body, None),
        };
        if name.contains(['"', '{']) && !name.starts_with(['/', '@', '#']) {
            return Err(TemplateError {
                at: brace - 1..end + 1,
                message: format!("`${{{name}}}` is no placeholder"),
                help: Some("is its `}` missing, and this one another's?".into()),
            });
        }
        let source = source(name).map_err(|(message, help)| TemplateError { at: brace - 1..end + 1, message, help })?;
        if self.escaped {
            return Err(TemplateError {
                at: brace.saturating_sub(2)..brace,
                message: "a backslash right before a placeholder".into(),
                help: Some("what is filled in is escaped already".into()),
            });
        }
        let quoted = self.json && self.in_string;
        if let Some(default) = &default
            && self.json
            && !quoted
            && !is_json(default)
        {
            return Err(TemplateError {
                at: start + name.len() + 1..end,
                message: format!("the default `{default}` stands for a JSON value and is none"),
                help: Some("text needs its quotes here: \"..\"".into()),
            });
        }
        if !self.literal.is_empty() {
            self.parts.push(Part::Text(std::mem::take(&mut self.literal)));
        }
        self.parts.push(Part::Hole(Hole { source, default, quoted }));
        if self.json {
            self.places.push((self.trial.len(), brace - 1));
            // `null` and `x` fit only where any value and any text fit: no digit, no escape, no key goes on with them.
            self.trial.push_str(if quoted { "x" } else { "null" });
        }
        Ok(end + 1)
    }

    fn finish(mut self, text: &str) -> Result<Template, TemplateError> {
        if !self.literal.is_empty() {
            self.parts.push(Part::Text(std::mem::take(&mut self.literal)));
        }
        if self.json
            && let Err(e) = serde_json::from_str::<IgnoredAny>(&self.trial)
        {
            return Err(self.not_json(text, &e));
        }
        Ok(Template { parts: self.parts, json: self.json })
    }

    fn not_json(&self, text: &str, error: &serde_json::Error) -> TemplateError {
        let lines: usize = self.trial.split_inclusive('\n').take(error.line().saturating_sub(1)).map(str::len).sum();
        let wrong = lines + error.column().saturating_sub(1);
        let after = self.places.partition_point(|(trial, _)| *trial <= wrong);
        let (trial, place) = after.checked_sub(1).and_then(|n| self.places.get(n)).copied().unwrap_or_default();
        let mut start = (place + wrong.saturating_sub(trial)).min(text.len());
        while !text.is_char_boundary(start) {
            start -= 1;
        }
        let end = start + text[start..].chars().next().map_or(0, char::len_utf8);
        let words = error.to_string();
        let words = words.split(" at line ").next().unwrap_or_default();
        TemplateError {
            at: start..end,
            message: format!("not JSON once it is filled in: {words}"),
            help: Some("a placeholder stands for a whole JSON value, or for text inside of quotes".into()),
        }
    }
}

/// Where a hole ends. Its default may hold braces, in pairs.
fn hole_end(text: &str) -> Option<usize> {
    let mut in_default = false;
    let mut depth = 0_usize;
    for (at, byte) in text.bytes().enumerate() {
        match byte {
            b'|' => in_default = true,
            b'{' if in_default => depth += 1,
            b'}' if depth == 0 => return Some(at),
            b'}' => depth -= 1,
            _ => {}
        }
    }
    None
}

fn source(name: &str) -> Result<Source, (String, Option<String>)> {
    let pointer =
        |text: &str| Pointer::parse(text).map_err(|words| (format!("`{name}` is no JSON pointer: {words}"), None));
    let named = |rest: &str, of: fn(String) -> Source| {
        if rest.is_empty() { Err(unknown(name)) } else { Ok(of(rest.to_owned())) }
    };
    if let Some((_, source)) = WORDS.iter().find(|(word, _)| *word == name) {
        return Ok(source.clone());
    }
    match name {
        _ if name.starts_with('/') => pointer(name).map(Source::Message),
        _ if name.starts_with('@') => pointer(name).map(Source::Item),
        _ => match name.split_once('.') {
            Some(("s", rest)) => named(rest, Source::Service),
            Some(("v", rest)) => named(rest, Source::Capture),
            Some(("env", rest)) => named(rest, Source::Env),
            Some(("file", rest)) => named(rest, Source::File),
            Some(("#prefix", rest)) => named(rest, Source::Prefix),
            _ => Err(unknown(name)),
        },
    }
}

fn unknown(name: &str) -> (String, Option<String>) {
    let known = WORDS.iter().map(|(word, _)| *word).chain(["s.name"]);
    let near = nearest(name, known).map(str::to_owned).or_else(|| {
        let (start, rest) = name.split_once('.')?;
        Some(format!("{}.{rest}", nearest(start, ["env", "file"])?))
    });
    let help = near.map_or_else(|| KNOWN.to_owned(), |near| format!("did you mean `${{{near}}}`?"));
    (format!("unknown placeholder `${{{name}}}`"), Some(help))
}

pub(super) fn is_json(text: &str) -> bool {
    serde_json::from_str::<IgnoredAny>(text).is_ok()
}
