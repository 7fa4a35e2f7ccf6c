//! Frames with holes: JSON text (or plain text) whose `${..}` are filled in from a service, a message, captures and more.
//!
//! JSON is written as text because TOML has no `null` and no way to keep digits. What comes in is typed by where the hole
//! stands: as a JSON value, or escaped inside of a JSON string. So a filled template is JSON whatever a server sent.
//! Which holes make sense at which place of a profile is not known here: [`super::build`] says that.

mod parse;
mod render;
#[cfg(test)]
mod tests;

use std::fmt;

pub use self::parse::TemplateError;
pub use self::render::{Groups, Lookup, Missing, Rendered, Scope};
use super::pointer::Pointer;

/// The longest template, and the longest text that one is filled in to, in bytes.
pub const MAX_TEXT: usize = 64 << 10;
pub const MAX_RENDERED: usize = 1 << 20;

/// Literal text and holes, in turn.
#[derive(Clone, Debug, PartialEq)]
pub struct Template {
    pub parts: Vec<Part>,
    /// Must be JSON once it is filled in.
    pub json: bool,
}

#[derive(Clone, Debug, PartialEq)]
pub enum Part {
    Text(String),
    Hole(Hole),
}

#[derive(Clone, Debug, PartialEq)]
pub struct Hole {
    pub source: Source,
    /// Taken as written when the source has nothing (`${x|default}`).
    pub default: Option<String>,
    /// It stands inside of a JSON string, so what comes in is escaped.
    pub quoted: bool,
}

#[derive(Clone, Debug, PartialEq)]
pub enum Source {
    /// `${/ptr}`: a value of the message at hand.
    Message(Pointer),
    /// `${@/ptr}`: a value of the item at hand.
    Item(Pointer),
    /// `${s.name}` or `${s.PARAM}` of the service at hand.
    Service(String),
    /// `${v.NAME}`: a captured value.
    Capture(String),
    /// `${id}`: the next request number.
    Id,
    /// `${sub.id}`: the number used in this service's subscription.
    SubId,
    /// `${sub.sid}`: the server's own id of this service's subscription.
    SubSid,
    /// `${args}`: the shares of the services at hand, joined.
    Args,
    /// `${@key}`: the name of the member at hand.
    Key,
    /// `${#prefix.NAME}`: a group of the prefix that was cut off.
    Prefix(String),
    /// `${uuid}`: a random one (RFC 9562, version 4).
    Uuid,
    NowMs,
    NowS,
    /// `${now}`: RFC 3339.
    NowText,
    /// `${env.NAME}`: secret, masked wherever it is shown.
    Env(String),
    /// `${file.PATH}`: the text of a file, secret likewise; in the user's own configuration only.
    File(String),
}

/// What a placeholder reads from the machine that wirebeat runs on: a secret in either case.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outside<'a> {
    /// The environment variable of that name.
    Env(&'a str),
    /// The file at that path.
    File(&'a str),
}

impl Template {
    /// What it reads from the machine, each with its placeholder.
    pub fn outside(&self) -> impl Iterator<Item = (&Hole, Outside<'_>)> {
        self.holes().filter_map(|hole| Some((hole, hole.source.outside()?)))
    }

    pub fn holes(&self) -> impl Iterator<Item = &Hole> {
        self.parts.iter().filter_map(|part| match part {
            Part::Text(_) => None,
            Part::Hole(hole) => Some(hole),
        })
    }

    /// Text that holds JSON, as in `42["join","${s.room}"]`: what comes in between quotes is escaped there too.
    #[must_use]
    pub fn with_json_inside(mut self) -> Self {
        let (mut in_string, mut escaped) = (false, false);
        for part in &mut self.parts {
            match part {
                Part::Hole(hole) => hole.quoted = in_string,
                Part::Text(text) => {
                    for byte in text.bytes() {
                        match byte {
                            _ if escaped => escaped = false,
                            b'\\' => escaped = in_string,
                            b'"' => in_string = !in_string,
                            _ => {}
                        }
                    }
                }
            }
        }
        self
    }

    /// Whether it takes a value from there, so that a request number is used up only where one is sent.
    pub fn uses(&self, source: &Source) -> bool {
        self.holes().any(|hole| hole.source == *source)
    }
}

impl Source {
    /// What it reads from the machine, if it does. What comes anew says here whether it does: consent and masks hang on it.
    pub fn outside(&self) -> Option<Outside<'_>> {
        match self {
            Self::Env(name) => Some(Outside::Env(name)),
            Self::File(path) => Some(Outside::File(path)),
            Self::Message(_)
            | Self::Item(_)
            | Self::Service(_)
            | Self::Capture(_)
            | Self::Id
            | Self::SubId
            | Self::SubSid
            | Self::Args
            | Self::Key
            | Self::Prefix(_)
            | Self::Uuid
            | Self::NowText
            | Self::NowMs
            | Self::NowS => None,
        }
    }

    /// The place in a message that it is taken from, if it is one, and whether that is in the item at hand.
    pub fn place(&self) -> Option<(bool, &Pointer)> {
        let (Self::Message(pointer) | Self::Item(pointer)) = self else { return None };
        Some((pointer.item || matches!(self, Self::Item(_)), pointer))
    }

    /// The parameter of a service that it is, if it is one.
    pub fn param(&self) -> Option<&str> {
        if let Self::Service(name) = self { Some(name.as_str()).filter(|name| *name != "name") } else { None }
    }
}

/// As it is written in a profile: parsed again, it gives the same template.
impl fmt::Display for Template {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (n, part) in self.parts.iter().enumerate() {
            match part {
                Part::Text(text) => {
                    let before_hole = matches!(self.parts.get(n + 1), Some(Part::Hole(_)));
                    write_escaped(f, text, before_hole)?;
                }
                Part::Hole(Hole { source, default: None, .. }) => write!(f, "${{{source}}}")?,
                Part::Hole(Hole { source, default: Some(default), .. }) => write!(f, "${{{source}|{default}}}")?,
            }
        }
        Ok(())
    }
}

/// Dollars that a `{` follows are doubled, so that they are not taken for the beginning of a hole.
fn write_escaped(f: &mut fmt::Formatter<'_>, text: &str, before_hole: bool) -> fmt::Result {
    let mut rest = text;
    while let Some(at) = rest.find('$') {
        f.write_str(&rest[..at])?;
        let tail = rest[at..].trim_start_matches('$');
        let dollars = &rest[at..rest.len() - tail.len()];
        f.write_str(dollars)?;
        if tail.starts_with('{') || (tail.is_empty() && before_hole) {
            f.write_str(dollars)?;
        }
        rest = tail;
    }
    f.write_str(rest)
}

/// What stands between the braces.
impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Message(pointer) | Self::Item(pointer) => write!(f, "{pointer}"),
            Self::Service(name) => write!(f, "s.{name}"),
            Self::Capture(name) => write!(f, "v.{name}"),
            Self::Id => f.write_str("id"),
            Self::SubId => f.write_str("sub.id"),
            Self::SubSid => f.write_str("sub.sid"),
            Self::Args => f.write_str("args"),
            Self::Key => f.write_str("@key"),
            Self::Prefix(name) => write!(f, "#prefix.{name}"),
            Self::Uuid => f.write_str("uuid"),
            Self::NowText => f.write_str("now"),
            Self::NowMs => f.write_str("now_ms"),
            Self::NowS => f.write_str("now_s"),
            Self::Env(name) => write!(f, "env.{name}"),
            Self::File(path) => write!(f, "file.{path}"),
        }
    }
}
