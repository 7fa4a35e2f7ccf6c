//! What goes to the clipboard when the user asks: text in which nothing acts on the terminal that it is pasted into, and
//! no more than terminals take. How it gets there is the terminal's.

use std::fmt::Write as _;

use super::json::{Is, is, unquoted};
use crate::event::Form;

/// Terminals take 100,000 letters of base64, and these are the bytes for that.
pub const MOST: usize = 74_994;

/// A text for the clipboard.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Copied {
    pub text: String,
    /// The bytes that it should have been, where they were too many.
    pub of: Option<usize>,
}

impl Copied {
    pub fn new(text: &str) -> Self {
        let end = text.floor_char_boundary(MOST);
        Self { text: text.get(..end).unwrap_or_default().to_owned(), of: (end < text.len()).then_some(text.len()) }
    }

    /// A message as it came; one that is no text as hexadecimal digits.
    pub fn message(body: &[u8], form: Form) -> Self {
        match form {
            Form::Json | Form::Text => Self::new(&harmless(&String::from_utf8_lossy(body))),
            Form::Binary => {
                let mut hex = String::with_capacity(body.len().min(MOST) * 2);
                for byte in body.iter().take(MOST) {
                    // Writing to a string cannot fail.
                    let _ = write!(hex, "{byte:02x}");
                }
                let copied = Self::new(&hex);
                Self { of: copied.of.map(|_| body.len() * 2), ..copied }
            }
        }
    }

    /// A value of a message: what a text says, unless that would act on a terminal; anything else as it came.
    pub fn value(raw: &[u8]) -> Self {
        let said = unquoted(raw);
        match (is(raw), std::str::from_utf8(&said)) {
            (Is::Text, Ok(said)) if !said.contains(char::is_control) => Self::new(said),
            _ => Self::message(raw, Form::Json),
        }
    }
}

/// Control characters are spelled out, but for those that only lay out text.
fn harmless(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\n' | '\t' => out.push(c),
            c if c.is_control() => out.extend(c.escape_unicode()),
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_is_what_it_says() {
        for (raw, text) in [
            (r#""bu\u0079 业""#, "buy 业"),
            ("12345678901234567890.10", "12345678901234567890.10"),
            (r#"{"a": 1}"#, r#"{"a": 1}"#),
            (r#""rm -rf\n""#, r#""rm -rf\n""#),
            (r#""\u001b[201~""#, r#""\u001b[201~""#),
        ] {
            assert_eq!(Copied::value(raw.as_bytes()), Copied { text: text.to_owned(), of: None }, "{raw}");
        }
    }

    #[test]
    fn nothing_in_a_message_acts() {
        assert_eq!(Copied::message(b"a\x1b[201~\nb\r\x07", Form::Text).text, "a\\u{1b}[201~\nb\\u{d}\\u{7}");
        assert_eq!(Copied::message(&[0, 0xff, 0x1b], Form::Binary).text, "00ff1b");
    }

    #[test]
    fn no_more_than_terminals_take() {
        let copied = Copied::message("业".repeat(40_000).as_bytes(), Form::Text);
        assert!(copied.text.len() <= MOST && copied.text.len() > MOST - 3);
        assert_eq!(copied.of, Some(120_000));
        let copied = Copied::message(&vec![7; 100_000], Form::Binary);
        assert_eq!((copied.text.len(), copied.of), (MOST, Some(200_000)));
    }
}
