//! A template filled in.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use serde_json::Value;

use super::parse::is_json;
use super::{Hole, MAX_RENDERED, Part, Source, Template};
use crate::profile::pointer::Pointer;

/// Finds the JSON text of a value, as it came.
pub type Lookup<'a> = &'a dyn Fn(&Pointer) -> Option<Cow<'a, str>>;

/// Finds a named group of the prefix.
pub type Groups<'a> = &'a dyn Fn(&str) -> Option<String>;

/// What a template can take from. What is not there is missing; a default stands in for it.
#[derive(Clone, Copy, Default)]
pub struct Scope<'a> {
    /// The name of the service at hand, and its parameters.
    pub service: Option<(&'a str, &'a BTreeMap<String, Value>)>,
    pub message: Option<Lookup<'a>>,
    pub item: Option<Lookup<'a>>,
    /// JSON text by name, and the names of those that are secret.
    pub captures: Option<&'a BTreeMap<String, String>>,
    pub hidden: Option<&'a BTreeSet<String>>,
    /// JSON text: a number, or a string that holds one.
    pub id: Option<&'a str>,
    pub sub_id: Option<&'a str>,
    pub sub_sid: Option<&'a str>,
    /// The shares of several services, joined: JSON text or text.
    pub args: Option<&'a str>,
    pub key: Option<&'a str>,
    pub prefix: Option<Groups<'a>>,
    pub uuid: Option<&'a str>,
    /// Nanoseconds since the Unix epoch.
    pub now: Option<i64>,
    /// Secrets by the name of their variable, or the path of their file.
    pub env: Option<&'a BTreeMap<String, String>>,
    pub file: Option<&'a BTreeMap<String, String>>,
}

/// A filled template, as it goes out and as it may be shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rendered {
    pub text: String,
    /// The same with `***` for each secret.
    pub masked: String,
}

/// Why a template could not be filled in.
#[derive(Clone, Debug, PartialEq)]
pub enum Missing {
    /// There is no such value, and no default.
    Value(Source),
    /// There is one that is not JSON, so it may not be put into a frame.
    Malformed(Source),
    /// The result is longer than [`MAX_RENDERED`].
    TooLong,
}

impl fmt::Display for Missing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Value(source) => write!(f, "there is no value for ${{{source}}}"),
            Self::Malformed(source) => write!(f, "the value for ${{{source}}} is not valid JSON"),
            Self::TooLong => write!(f, "the filled template is longer than {MAX_RENDERED} bytes"),
        }
    }
}

impl std::error::Error for Missing {}

impl Template {
    pub fn render(&self, scope: &Scope<'_>) -> Result<Rendered, Missing> {
        let mut text = String::new();
        let mut masked: Option<String> = None;
        for part in &self.parts {
            let (out, shown) = match part {
                Part::Text(literal) => (Cow::Borrowed(literal.as_str()), None),
                Part::Hole(hole) => self.fill(hole, scope)?,
            };
            if shown.is_some() && masked.is_none() {
                masked = Some(text.clone());
            }
            if let Some(masked) = &mut masked {
                masked.push_str(shown.unwrap_or(&out));
            }
            if text.len().saturating_add(out.len()) > MAX_RENDERED {
                return Err(Missing::TooLong);
            }
            text.push_str(&out);
        }
        let masked = masked.unwrap_or_else(|| text.clone());
        Ok(Rendered { text, masked })
    }

    /// The text for one hole, and what is shown instead where it is secret.
    fn fill<'h, 'a: 'h>(
        &self,
        hole: &'h Hole,
        scope: &Scope<'a>,
    ) -> Result<(Cow<'h, str>, Option<&'static str>), Missing> {
        let position = match (self.json, hole.quoted) {
            (false, false) => Position::Plain,
            (_, true) => Position::InString,
            (true, false) => Position::Value,
        };
        let value: Option<Found<'h>> = find(&hole.source, scope);
        let Some(value) = value else {
            let default = hole.default.as_deref().ok_or_else(|| Missing::Value(hole.source.clone()))?;
            return Ok((if position == Position::InString { escape(default) } else { Cow::Borrowed(default) }, None));
        };
        let shown = match (&value, position) {
            (Found::Secret(_) | Found::Hidden(_), Position::Value) => Some("\"***\""),
            (Found::Secret(_) | Found::Hidden(_), Position::InString | Position::Plain) => Some("***"),
            (Found::Json(_) | Found::Text(_), _) => None,
        };
        match put(value, position) {
            Some(out) => Ok((out, shown)),
            None => Err(Missing::Malformed(hole.source.clone())),
        }
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Position {
    /// Text that is not JSON.
    Plain,
    InString,
    Value,
}

enum Found<'a> {
    Json(Cow<'a, str>),
    /// The same, and secret.
    Hidden(Cow<'a, str>),
    Text(Cow<'a, str>),
    Secret(String),
}

fn find<'a>(source: &Source, scope: &Scope<'a>) -> Option<Found<'a>> {
    let number = |n: i128| Found::Json(Cow::Owned(n.to_string()));
    match source {
        Source::Message(pointer) => (scope.message?)(pointer).map(Found::Json),
        Source::Item(pointer) => (scope.item?)(pointer).map(Found::Json),
        Source::Service(name) if name == "name" => scope.service.map(|(name, _)| Found::Text(Cow::Borrowed(name))),
        Source::Service(name) => scope.service?.1.get(name).map(|value| match value {
            Value::String(text) => Found::Text(Cow::Borrowed(text)),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::Array(_) | Value::Object(_) => {
                Found::Json(Cow::Owned(value.to_string()))
            }
        }),
        Source::Capture(name) => {
            let raw = Cow::Borrowed(scope.captures?.get(name)?.as_str());
            let hidden = scope.hidden.is_some_and(|hidden| hidden.contains(name));
            Some(if hidden { Found::Hidden(raw) } else { Found::Json(raw) })
        }
        Source::Id => scope.id.map(|id| Found::Json(Cow::Borrowed(id))),
        Source::SubId => scope.sub_id.map(|id| Found::Json(Cow::Borrowed(id))),
        Source::SubSid => scope.sub_sid.map(|id| Found::Json(Cow::Borrowed(id))),
        // A list is JSON; shares joined as text may begin like it and are none.
        Source::Args => scope.args.map(|args| {
            let is_list = args.starts_with('[') && is_json(args);
            if is_list { Found::Json(Cow::Borrowed(args)) } else { Found::Text(Cow::Borrowed(args)) }
        }),
        Source::Key => scope.key.map(|key| Found::Text(Cow::Borrowed(key))),
        Source::Prefix(name) => (scope.prefix?)(name).map(|text| Found::Text(Cow::Owned(text))),
        Source::Uuid => scope.uuid.map(|uuid| Found::Text(Cow::Borrowed(uuid))),
        Source::NowMs => scope.now.map(|now| number(now.div_euclid(1_000_000).into())),
        Source::NowS => scope.now.map(|now| number(now.div_euclid(1_000_000_000).into())),
        Source::NowText => {
            let at = jiff::Timestamp::from_nanosecond(scope.now?.into()).ok()?;
            Some(Found::Text(Cow::Owned(at.to_string())))
        }
        Source::Env(name) => scope.env?.get(name).cloned().map(Found::Secret),
        Source::File(path) => scope.file?.get(path).cloned().map(Found::Secret),
    }
}

/// The value as it must be written at that position; nothing if it is not what it claims to be.
fn put(value: Found<'_>, position: Position) -> Option<Cow<'_, str>> {
    match value {
        Found::Secret(text) => put_text(Cow::Owned(text), position),
        Found::Text(text) => put_text(text, position),
        Found::Json(raw) | Found::Hidden(raw) => {
            // Whoever found it may have looked at its ends only.
            if !is_json(&raw) {
                return None;
            }
            let trimmed = raw.trim_matches([' ', '\t', '\r', '\n']);
            let inner = trimmed.strip_prefix('"').and_then(|rest| rest.strip_suffix('"'));
            match (position, inner) {
                (Position::Value, _) => Some(raw),
                // What is inside of the quotes is escaped as it must be: taken as it is, not even its spelling changes.
                (Position::InString, Some(inner)) => Some(Cow::Owned(inner.to_owned())),
                (Position::InString, None) => Some(Cow::Owned(escape(trimmed).into_owned())),
                (Position::Plain, Some(_)) => serde_json::from_str::<String>(trimmed).ok().map(Cow::Owned),
                (Position::Plain, None) => Some(Cow::Owned(trimmed.to_owned())),
            }
        }
    }
}

fn put_text(text: Cow<'_, str>, position: Position) -> Option<Cow<'_, str>> {
    match position {
        Position::Plain => Some(text),
        Position::InString => Some(Cow::Owned(escape(&text).into_owned())),
        Position::Value => serde_json::to_string(&*text).ok().map(Cow::Owned),
    }
}

/// The inside of a JSON string.
fn escape(text: &str) -> Cow<'_, str> {
    if !text.bytes().any(|byte| byte < 0x20 || byte == b'"' || byte == b'\\') {
        return Cow::Borrowed(text);
    }
    let quoted = serde_json::to_string(text).unwrap_or_default();
    let inner = quoted.get(1..quoted.len().saturating_sub(1)).unwrap_or_default();
    Cow::Owned(inner.to_owned())
}
