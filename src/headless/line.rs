//! One JSON object on one line, written straight into a buffer. It knows JSON, and nothing of events.

use std::fmt::Display;
use std::io::Write;
use std::time::Duration;

use serde::Serialize;

/// A line under way. Fields stand in the order in which they are added; [`Line::end`] closes it.
#[derive(Debug)]
pub(super) struct Line<'a> {
    to: &'a mut Vec<u8>,
    first: bool,
}

impl<'a> Line<'a> {
    pub(super) fn begin(to: &'a mut Vec<u8>) -> Self {
        to.push(b'{');
        Self { to, first: true }
    }

    /// Numbers, and whatever else shows itself as JSON.
    pub(super) fn raw(&mut self, key: &str, value: impl Display) -> &mut Self {
        self.key(key);
        // Writing to a `Vec` does not fail.
        let _written = write!(self.to, "{value}");
        self
    }

    /// JSON as it is.
    pub(super) fn json(&mut self, key: &str, value: &[u8]) -> &mut Self {
        self.key(key);
        self.to.extend_from_slice(value);
        self
    }

    pub(super) fn with(&mut self, key: &str, write: impl FnOnce(&mut Vec<u8>)) -> &mut Self {
        self.key(key);
        write(self.to);
        self
    }

    pub(super) fn text(&mut self, key: &str, value: &str) -> &mut Self {
        self.key(key);
        write_text(self.to, value);
        self
    }

    pub(super) fn maybe_text(&mut self, key: &str, value: Option<&str>) -> &mut Self {
        match value {
            Some(value) => self.text(key, value),
            None => self.json(key, b"null"),
        }
    }

    pub(super) fn maybe<T: Serialize>(&mut self, key: &str, value: Option<T>) -> &mut Self {
        self.key(key);
        match value.map(|value| serde_json::to_writer(&mut *self.to, &value)) {
            Some(Ok(())) => {}
            Some(Err(_)) | None => self.to.extend_from_slice(b"null"),
        }
        self
    }

    pub(super) fn seconds(&mut self, key: &str, value: Option<Duration>) -> &mut Self {
        self.decimal(key, value.map(|value| value.as_secs_f64()))
    }

    pub(super) fn millis(&mut self, key: &str, value: Option<Duration>) -> &mut Self {
        self.decimal(key, value.map(|value| value.as_secs_f64() * 1000.0))
    }

    /// Three digits behind the point.
    pub(super) fn decimal(&mut self, key: &str, value: Option<f64>) -> &mut Self {
        match value {
            Some(value) => self.raw(key, format_args!("{value:.3}")),
            None => self.json(key, b"null"),
        }
    }

    pub(super) fn object(&mut self, key: &str, fill: impl FnOnce(&mut Line<'_>)) -> &mut Self {
        self.key(key);
        let mut inner = Line::begin(self.to);
        fill(&mut inner);
        self.to.push(b'}');
        self
    }

    pub(super) fn list<T>(
        &mut self,
        key: &str,
        items: impl IntoIterator<Item = T>,
        mut fill: impl FnMut(&mut Line<'_>, T),
    ) -> &mut Self {
        self.key(key);
        self.to.push(b'[');
        for (index, item) in items.into_iter().enumerate() {
            if index > 0 {
                self.to.push(b',');
            }
            let mut inner = Line::begin(self.to);
            fill(&mut inner, item);
            self.to.push(b'}');
        }
        self.to.push(b']');
        self
    }

    pub(super) fn end(self) {
        self.to.extend_from_slice(b"}\n");
    }

    fn key(&mut self, key: &str) {
        if !std::mem::replace(&mut self.first, false) {
            self.to.push(b',');
        }
        self.to.push(b'"');
        self.to.extend_from_slice(key.as_bytes());
        self.to.extend_from_slice(b"\":");
    }
}

/// A JSON string that is safe to print: what could act on a terminal is escaped.
pub(super) fn write_text(to: &mut Vec<u8>, value: &str) {
    let start = to.len();
    if serde_json::to_writer(&mut *to, value).is_err() {
        to.truncate(start);
        to.extend_from_slice(b"\"\"");
        return;
    }
    let written = String::from_utf8(to.split_off(start)).unwrap_or_default();
    crate::text::write_json(to, &written);
}
