//! Says what a backend says to a terminal in fewer bytes: colours and attributes once and in their short forms, and the
//! cursor only where it is not there already. More than half of a frame is such words, and a thin line feels each.
//!
//! It draws nothing and knows no cell: what it does not know passes as it is, and what may have been heard otherwise is
//! said again. A screen that is cleared begins anew.

mod style;

use std::io::{self, Write};
use std::mem;

use self::style::Style;

/// Shortens what is written, and passes it on.
#[derive(Debug)]
pub struct Thin<W> {
    to: W,
    out: Vec<u8>,
    state: State,
    /// What is to be printed next looks like this.
    wanted: Style,
    /// What the terminal prints like; none where that is not known.
    real: Option<Style>,
    /// Where the next letter is to stand, where that was said: row and column, from 1.
    target: Option<(u16, u16)>,
    /// Where the terminal's cursor is, where that is known.
    cursor: Option<(u16, u16)>,
    shown: Option<bool>,
}

/// Where in the words of the terminal the next byte belongs.
#[derive(Debug)]
enum State {
    Text,
    /// A letter of several bytes, as far as it came.
    Letter(Vec<u8>),
    Escape,
    /// A control sequence without its two first bytes, as far as it came.
    Sequence(Vec<u8>),
}

/// A control sequence longer than this is not one of a backend.
const LONGEST: usize = 64;

impl<W: Write> Thin<W> {
    pub fn new(to: W) -> Self {
        Self {
            to,
            out: Vec::new(),
            state: State::Text,
            wanted: Style::default(),
            real: None,
            target: None,
            cursor: None,
            shown: None,
        }
    }

    fn take(&mut self, byte: u8) {
        match mem::replace(&mut self.state, State::Text) {
            State::Text => match byte {
                0x1b => self.state = State::Escape,
                0x20..=0x7e => self.print(&[byte], Some(1)),
                0xc0..=0xff => self.state = State::Letter(vec![byte]),
                0x00..=0x1f | 0x7f..=0xbf => {
                    self.settle();
                    self.cursor = None;
                    self.out.push(byte);
                }
            },
            State::Letter(mut bytes) => {
                // A letter ends where another begins; what is no letter ends it too.
                if !(0x80..=0xbf).contains(&byte) {
                    self.print(&bytes, None);
                    return self.take(byte);
                }
                bytes.push(byte);
                match std::str::from_utf8(&bytes) {
                    Ok(letter) => self.print(letter.as_bytes(), letter.chars().next().and_then(columns)),
                    Err(_) if bytes.len() >= 4 => self.print(&bytes, None),
                    Err(_) => self.state = State::Letter(bytes),
                }
            }
            State::Escape if byte == b'[' => self.state = State::Sequence(Vec::new()),
            State::Escape => {
                self.settle();
                self.cursor = None;
                self.out.extend([0x1b, byte]);
            }
            State::Sequence(mut bytes) => {
                bytes.push(byte);
                match byte {
                    0x40..=0x7e => self.sequence(&bytes),
                    _ if bytes.len() > LONGEST => self.pass(&bytes),
                    _ => self.state = State::Sequence(bytes),
                }
            }
        }
    }

    /// A letter, and how many columns it takes on every terminal; none where terminals differ.
    fn print(&mut self, letter: &[u8], columns: Option<u16>) {
        self.settle();
        self.out.extend_from_slice(letter);
        self.cursor = match (self.cursor, columns) {
            (Some((row, column)), Some(columns)) => Some((row, column.saturating_add(columns))),
            _ => None,
        };
    }

    /// A whole control sequence.
    fn sequence(&mut self, bytes: &[u8]) {
        match bytes {
            [params @ .., b'm'] => {
                if !self.wanted.hear(params) {
                    self.settle();
                    self.pass(bytes);
                    self.real = None;
                }
            }
            [params @ .., b'H'] => match place(params) {
                Some(place) => self.target = Some(place),
                None => self.pass(bytes),
            },
            b"?25l" | b"?25h" => {
                let shown = bytes.ends_with(b"h");
                if self.shown != Some(shown) {
                    self.shown = Some(shown);
                    self.out.extend_from_slice(b"\x1b[");
                    self.out.extend_from_slice(bytes);
                }
            }
            b"2J" => {
                (self.real, self.cursor, self.shown) = (None, None, None);
                self.pass(bytes);
            }
            _ => self.pass(bytes),
        }
    }

    /// One that is not known here: it may have moved the cursor.
    fn pass(&mut self, bytes: &[u8]) {
        self.settle();
        self.cursor = None;
        self.out.extend_from_slice(b"\x1b[");
        self.out.extend_from_slice(bytes);
    }

    /// Says what was kept back.
    fn settle(&mut self) {
        if let Some((row, column)) = self.target.take()
            && self.cursor != Some((row, column))
        {
            self.cursor = Some((row, column));
            // Writing to memory does not fail.
            let _always = write!(self.out, "\x1b[{row};{column}H");
        }
        if self.real.as_ref() != Some(&self.wanted) {
            self.wanted.say(self.real.as_ref(), &mut self.out);
            self.real = Some(self.wanted.clone());
        }
    }
}

impl<W: Write> Write for Thin<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        for byte in bytes {
            self.take(*byte);
        }
        self.to.write_all(&self.out)?;
        self.out.clear();
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.settle();
        self.to.write_all(&self.out)?;
        self.out.clear();
        self.to.flush()
    }
}

/// `ROW;COLUMN`.
fn place(params: &[u8]) -> Option<(u16, u16)> {
    let (row, column) = std::str::from_utf8(params).ok()?.split_once(';')?;
    Some((row.parse().ok()?, column.parse().ok()?))
}

/// How many columns a letter takes, as far as all terminals agree: not what is ambiguous, combines or joins.
fn columns(letter: char) -> Option<u16> {
    match letter {
        '\u{3041}'..='\u{3096}'
        | '\u{30a1}'..='\u{30fa}'
        | '\u{3400}'..='\u{4dbf}'
        | '\u{4e00}'..='\u{9fff}'
        | '\u{ac00}'..='\u{d7a3}'
        | '\u{ff01}'..='\u{ff60}' => Some(2),
        _ => None,
    }
}

#[cfg(test)]
mod tests;
