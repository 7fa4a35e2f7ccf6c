//! Does a message match? Conditions on its values, all of which must hold.
//!
//! [`Match`] is what a profile says; [`Plan`] is the same with every place resolved, so that it is asked of a [`Scene`]
//! without looking for anything. What a match leads to is not known here.

mod number;
#[cfg(test)]
mod tests;

use std::borrow::Cow;

use regex::Regex;

use self::number::same_number;
use super::codec::{Place, Reader, Scene, View};
use super::pointer::{Pointer, Value};
use crate::event::Form;

/// All must hold; an empty list matches everything.
#[derive(Clone, Debug, Default)]
pub struct Match(pub Vec<(Subject, Test)>);

/// What is looked at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Subject {
    /// `/ptr`: a value of the message.
    Value(Pointer),
    /// `@/ptr`: a value of the item at hand.
    Item(Pointer),
    /// `@key`: the name of the member at hand.
    Key,
    /// `#prefix.NAME`: a named group of the prefix that was cut off.
    Prefix(String),
    /// `#text`: the whole message as text.
    Text,
    /// `#form`: `json`, `text` or `binary`.
    Form,
}

#[derive(Clone, Debug)]
pub enum Test {
    /// One of these, type-strict.
    AnyOf(Vec<Scalar>),
    /// Anything but this, and also nothing at all.
    Not(Scalar),
    Exists(bool),
    /// The text of a string value, or the JSON text of another.
    Like(Regex),
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Scalar {
    Null,
    Bool(bool),
    /// As written; compared as text first and by value else.
    Number(String),
    Text(String),
}

impl Subject {
    /// The error is a sentence for whoever wrote it.
    pub fn parse(text: &str) -> Result<Self, String> {
        match text {
            "#text" => Ok(Self::Text),
            "#form" => Ok(Self::Form),
            "@key" => Ok(Self::Key),
            _ if text.starts_with('#') => match text.strip_prefix("#prefix.").filter(|name| !name.is_empty()) {
                Some(name) => Ok(Self::Prefix(name.to_owned())),
                None => Err(format!("there is no `{text}`, only `#text`, `#form` and `#prefix.NAME`")),
            },
            _ => {
                let pointer = Pointer::parse(text)?;
                Ok(if pointer.item { Self::Item(pointer) } else { Self::Value(pointer) })
            }
        }
    }

    /// The place in a message (`false`) or an item (`true`).
    pub fn place(&self) -> Option<(bool, &Pointer)> {
        match self {
            Self::Value(pointer) => Some((pointer.item, pointer)),
            Self::Item(pointer) => Some((true, pointer)),
            Self::Key | Self::Prefix(_) | Self::Text | Self::Form => None,
        }
    }
}

impl Scalar {
    /// Type-strict: `1` is not `"1"`. Numbers are the same by value, however they are written and however large they are.
    pub fn is(&self, value: Value<'_>) -> bool {
        match self {
            Self::Null => value.is_null(),
            Self::Bool(wanted) => value.as_bool() == Some(*wanted),
            Self::Number(wanted) => value.as_number().is_some_and(|digits| same_number(wanted.as_bytes(), digits)),
            Self::Text(wanted) => value.as_text().is_some_and(|text| *text == *wanted.as_bytes()),
        }
    }
}

/// A [`Match`], ready to be asked.
#[derive(Clone, Debug, Default)]
pub struct Plan(Vec<(Look, Test)>);

/// A [`Subject`] with its place resolved.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Look {
    At(Place),
    /// A place that no document has.
    Nowhere,
    Key,
    /// A group of the prefix, by number.
    Prefix(usize),
    Text,
    Form,
}

impl Look {
    /// What a text is looked at for; a value is not one.
    #[inline]
    pub fn text<'s>(self, scene: &Scene<'s>, form: Form) -> Option<&'s [u8]> {
        match self {
            Self::At(_) | Self::Nowhere => None,
            Self::Key => scene.key,
            Self::Prefix(group) => scene.prefix?.group(group),
            Self::Text => scene.text,
            Self::Form => Some(name(form).as_bytes()),
        }
    }
}

impl Match {
    /// Whether it holds of one message. It searches for each place, which suits what is asked seldom.
    pub fn holds(&self, message: &View<'_>, form: Form) -> bool {
        self.0.iter().all(|(subject, test)| match subject {
            Subject::Value(pointer) | Subject::Item(pointer) => {
                let item = pointer.item || matches!(subject, Subject::Item(_));
                let raw = message.get(item, pointer);
                test.of_value(raw.as_deref().map(Value::of))
            }
            Subject::Key => test.of_text(message.key().map(str::as_bytes)),
            Subject::Prefix(group) => test.of_text(message.prefix(group).map(str::as_bytes)),
            Subject::Text => test.of_text((form != Form::Binary).then(|| message.body())),
            Subject::Form => test.of_text(Some(name(form).as_bytes())),
        })
    }
}

impl Plan {
    /// `reader` finds what a pointer names, and the groups of a prefix.
    pub fn new(wanted: &Match, reader: &Reader) -> Self {
        let at = |item: bool, pointer: &Pointer| reader.place(item, pointer).map_or(Look::Nowhere, Look::At);
        let look = |subject: &Subject| match subject {
            Subject::Value(pointer) => at(pointer.item, pointer),
            Subject::Item(pointer) => at(true, pointer),
            Subject::Key => Look::Key,
            Subject::Prefix(name) => reader.group(name).map_or(Look::Nowhere, Look::Prefix),
            Subject::Text => Look::Text,
            Subject::Form => Look::Form,
        };
        Self(wanted.0.iter().map(|(subject, test)| (look(subject), test.clone())).collect())
    }

    #[inline]
    pub fn holds(&self, scene: &Scene<'_>, form: Form) -> bool {
        self.0.iter().all(|(look, test)| match look {
            Look::At(place) => test.of_value(scene.get(*place)),
            Look::Nowhere => test.of_value(None),
            Look::Key | Look::Prefix(_) | Look::Text | Look::Form => test.of_text(look.text(scene, form)),
        })
    }

    /// Conditions of the kind "this is one of these", for an index.
    pub fn choices(&self) -> impl Iterator<Item = (Look, &[Scalar])> {
        self.0.iter().filter_map(|(look, test)| match (look, test) {
            (Look::At(_) | Look::Key | Look::Prefix(_) | Look::Text, Test::AnyOf(scalars)) => {
                Some((*look, scalars.as_slice()))
            }
            (Look::At(_) | Look::Nowhere | Look::Key | Look::Prefix(_) | Look::Text | Look::Form, _) => None,
        })
    }
}

impl Test {
    fn of_value(&self, value: Option<Value<'_>>) -> bool {
        match (self, value) {
            (Self::Exists(wanted), value) => value.is_some() == *wanted,
            (Self::Not(_), None) => true,
            (Self::AnyOf(_) | Self::Like(_), None) => false,
            (Self::AnyOf(scalars), Some(value)) => scalars.iter().any(|scalar| scalar.is(value)),
            (Self::Not(scalar), Some(value)) => !scalar.is(value),
            (Self::Like(regex), Some(value)) => {
                let text = value.as_text().unwrap_or(Cow::Borrowed(value.raw()));
                std::str::from_utf8(&text).is_ok_and(|text| regex.is_match(text))
            }
        }
    }

    fn of_text(&self, text: Option<&[u8]>) -> bool {
        let is = |scalar: &Scalar| match scalar {
            Scalar::Text(wanted) => text == Some(wanted.as_bytes()),
            Scalar::Null | Scalar::Bool(_) | Scalar::Number(_) => false,
        };
        match self {
            Self::Exists(wanted) => text.is_some() == *wanted,
            Self::AnyOf(scalars) => scalars.iter().any(is),
            Self::Not(scalar) => !is(scalar),
            Self::Like(regex) => {
                text.and_then(|text| std::str::from_utf8(text).ok()).is_some_and(|text| regex.is_match(text))
            }
        }
    }
}

fn name(form: Form) -> &'static str {
    match form {
        Form::Json => "json",
        Form::Text => "text",
        Form::Binary => "binary",
    }
}
