//! A JSON value as it lies in its document, read on demand. It never goes through a float: digits stay as they came.

use std::borrow::Cow;

use super::json::eight_digits;
use crate::text::escaped_unit;

/// The JSON text of one value, known to be valid.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Value<'a> {
    raw: &'a [u8],
    /// A string with escapes in it.
    escaped: bool,
}

impl<'a> Value<'a> {
    /// `raw` is valid JSON without white space around it.
    pub(super) fn new(raw: &'a [u8], escaped: bool) -> Self {
        Self { raw, escaped }
    }

    /// A value that was cut out of a document before.
    pub fn of(raw: &'a [u8]) -> Self {
        Self { raw, escaped: raw.first() == Some(&b'"') && raw.contains(&b'\\') }
    }

    pub fn raw(self) -> &'a [u8] {
        self.raw
    }

    pub fn is_escaped(self) -> bool {
        self.escaped
    }

    pub fn is_null(self) -> bool {
        self.raw == b"null"
    }

    pub fn as_bool(self) -> Option<bool> {
        match self.raw {
            b"true" => Some(true),
            b"false" => Some(false),
            _ => None,
        }
    }

    /// The digits as they came.
    pub fn as_number(self) -> Option<&'a [u8]> {
        self.raw.first().filter(|b| b.is_ascii_digit() || **b == b'-').map(|_| self.raw)
    }

    /// What a string says. Half a surrogate pair becomes U+FFFD.
    pub fn as_text(self) -> Option<Cow<'a, [u8]>> {
        let inside = self.inside()?;
        if !self.escaped {
            return Some(Cow::Borrowed(inside));
        }
        let mut text = Vec::with_capacity(inside.len());
        unescape(inside, &mut text);
        Some(Cow::Owned(text))
    }

    /// The same, without taking memory each time.
    #[inline]
    pub fn text_in<'s>(self, scratch: &'s mut Vec<u8>) -> Option<&'s [u8]>
    where
        'a: 's,
    {
        let inside = self.inside()?;
        if !self.escaped {
            return Some(inside);
        }
        scratch.clear();
        unescape(inside, scratch);
        Some(scratch)
    }

    /// Appends what a string says, or the JSON text of another value.
    pub fn open_into(self, text: &mut Vec<u8>) {
        match self.inside() {
            Some(inside) if self.escaped => unescape(inside, text),
            Some(inside) => text.extend_from_slice(inside),
            None => text.extend_from_slice(self.raw),
        }
    }

    /// A whole number: digits, a string of digits, or a string of hexadecimal digits behind `0x`.
    pub fn as_u64(self) -> Option<u64> {
        let digits = self.digits()?;
        if let Some(hex) = hex(digits) {
            return (!hex.is_empty()).then(|| hex.iter().try_fold(0_u64, |n, b| place(n, 16, *b))).flatten();
        }
        if digits.is_empty() {
            return None;
        }
        // Times and numbers have many digits, and every message has some.
        let (eights, rest) = digits.as_chunks::<8>();
        let number = match eights {
            [] => 0,
            [one] => eight_digits(*one)?,
            [one, two] => eight_digits(*one)? * 100_000_000 + eight_digits(*two)?,
            _ => return digits.iter().try_fold(0_u64, |n, b| place(n, 10, *b)),
        };
        rest.iter().try_fold(number, |n, b| place(n, 10, *b))
    }

    /// The same with a sign, and larger.
    pub fn as_i128(self) -> Option<i128> {
        let text = std::str::from_utf8(self.digits()?).ok()?;
        match hex(text.as_bytes()) {
            Some(_) => {
                text.get(2..).filter(|hex| !hex.starts_with('+')).and_then(|hex| i128::from_str_radix(hex, 16).ok())
            }
            None if text.starts_with('+') => None,
            None => text.parse().ok(),
        }
    }

    /// What may be digits: a number, or the inside of a string.
    fn digits(self) -> Option<&'a [u8]> {
        if self.escaped { None } else { self.as_number().or_else(|| self.inside()) }
    }

    fn inside(self) -> Option<&'a [u8]> {
        self.raw.strip_prefix(b"\"")?.strip_suffix(b"\"")
    }
}

fn hex(digits: &[u8]) -> Option<&[u8]> {
    digits.strip_prefix(b"0x").or_else(|| digits.strip_prefix(b"0X"))
}

#[inline]
fn place(number: u64, base: u64, digit: u8) -> Option<u64> {
    let value = match digit {
        b'0'..=b'9' => digit - b'0',
        b'a'..=b'f' if base == 16 => digit - b'a' + 10,
        b'A'..=b'F' if base == 16 => digit - b'A' + 10,
        _ => return None,
    };
    number.checked_mul(base)?.checked_add(u64::from(value))
}

/// The text of the inside of a valid JSON string, appended.
pub(crate) fn unescape(inside: &[u8], text: &mut Vec<u8>) {
    let mut rest = inside;
    while let Some(at) = super::find_byte(rest, 0, b'\\') {
        text.extend_from_slice(&rest[..at]);
        let letter = super::byte(rest, at + 1);
        let mut used = 2;
        let c = match letter {
            b'b' => '\u{8}',
            b'f' => '\u{c}',
            b'n' => '\n',
            b'r' => '\r',
            b't' => '\t',
            b'u' => {
                let (c, length) = unicode(rest.get(at..).unwrap_or_default());
                used = length;
                c
            }
            other => char::from(other),
        };
        text.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes());
        rest = rest.get(at + used..).unwrap_or_default();
    }
    text.extend_from_slice(rest);
}

/// The character of `\uXXXX`, or of two of them, and how many bytes those are.
fn unicode(text: &[u8]) -> (char, usize) {
    let units = escaped_unit(text, 0).into_iter().chain(escaped_unit(text, 6));
    match char::decode_utf16(units).next() {
        Some(Ok(c)) => (c, 6 * c.len_utf16()),
        Some(Err(_)) | None => (char::REPLACEMENT_CHARACTER, 6),
    }
}
