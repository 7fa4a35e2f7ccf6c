//! Does a message match? Conditions on its values, all of which must hold.

use regex::Regex;

use super::pointer::Pointer;

/// All must hold; an empty list matches everything.
#[derive(Clone, Debug, Default)]
pub struct Match(pub Vec<(Subject, Test)>);

/// What is looked at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Subject {
    Value(Pointer),
    /// `#text`: the whole message as text.
    Text,
    /// `#form`: `json`, `text` or `binary`.
    Form,
}

#[derive(Clone, Debug)]
pub enum Test {
    /// One of these, type-strict.
    AnyOf(Vec<Scalar>),
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
