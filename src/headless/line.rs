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

    /// A line that begins with fields that were written before.
    pub(super) fn begin_with(to: &'a mut Vec<u8>, fields: &[u8]) -> Self {
        to.extend_from_slice(fields);
        Self { to, first: false }
    }

    pub(super) fn number(&mut self, key: &str, value: impl Into<u64>) -> &mut Self {
        self.key(key);
        write_number(self.to, value.into());
        self
    }

    /// Thousandths, as a decimal number.
    pub(super) fn thousandths(&mut self, key: &str, value: Option<i64>) -> &mut Self {
        match value {
            Some(value) => self.with(key, |to| write_thousandths(to, value)),
            None => self.json(key, b"null"),
        }
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

    /// One of our own words, which needs no care.
    pub(super) fn word(&mut self, key: &str, value: &str) -> &mut Self {
        self.key(key);
        self.to.push(b'"');
        self.to.extend_from_slice(value.as_bytes());
        self.to.push(b'"');
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

/// The digits of a number. Every message has several, and the formatter of the language takes its time.
fn write_number(to: &mut Vec<u8>, mut value: u64) {
    let mut digits = [b'0'; 20];
    let mut start = digits.len();
    loop {
        start -= 1;
        digits[start] += u8::try_from(value % 10).unwrap_or_default();
        value /= 10;
        if value == 0 {
            break;
        }
    }
    to.extend_from_slice(&digits[start..]);
}

fn write_thousandths(to: &mut Vec<u8>, value: i64) {
    if value < 0 {
        to.push(b'-');
    }
    let value = value.unsigned_abs();
    write_number(to, value / 1000);
    // The one in front keeps the zeros, and makes room for the point.
    let point = to.len();
    write_number(to, 1000 + value % 1000);
    to[point] = b'.';
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

#[cfg(test)]
mod tests {
    use super::*;

    fn written(write: impl Fn(&mut Vec<u8>)) -> String {
        let mut to = Vec::new();
        write(&mut to);
        String::from_utf8(to).unwrap()
    }

    #[test]
    fn numbers_are_written_as_the_formatter_does() {
        for value in [0, 7, 10, 99, 100, 12_345, u64::MAX - 1, u64::MAX] {
            assert_eq!(written(|to| write_number(to, value)), value.to_string());
        }
    }

    #[test]
    #[expect(clippy::cast_precision_loss, reason = "the values are small")]
    fn thousandths_are_written_as_the_formatter_does() {
        for value in [0, 1, -1, 999, -999, 1000, -1000, 12_034, -1_700_000_000_001] {
            assert_eq!(written(|to| write_thousandths(to, value)), format!("{:.3}", value as f64 / 1000.0));
        }
        assert_eq!(written(|to| write_thousandths(to, i64::MIN)), "-9223372036854775.808");
    }
}
