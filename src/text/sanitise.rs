//! The sanitiser: any text becomes one line in which nothing acts on a terminal and nothing hides.
//!
//! What cannot be shown is spelled out, never dropped: `␛`, `\u{202e}`, `\xff`. Each grapheme that comes out takes at least one
//! column and holds at most [`LONGEST`] characters. It knows neither meaning nor secrets.

use std::borrow::Cow;
use std::fmt::Write as _;

use unicode_segmentation::UnicodeSegmentation;

use super::cells::{cell_width, cut};

/// Marks on one base. Hebrew and Tibetan stack four and five; what stacks more is there to overflow a cell.
const MOST_MARKS: usize = 6;

/// Characters in one grapheme. The longest emoji in use has ten.
const LONGEST: usize = 16;

const ZWJ: char = '\u{200d}';
const KEYCAP: char = '\u{20e3}';

/// `raw` as one line that is safe to print. Borrowed where nothing is to do, and a second pass changes nothing.
pub fn clean(raw: &str) -> Cow<'_, str> {
    if raw.bytes().all(|b| matches!(b, b' '..=b'~')) || raw.chars().all(stands_alone) {
        return Cow::Borrowed(raw);
    }
    let mut line = Line::default();
    line.push_str(raw, usize::MAX);
    if line.out == raw { Cow::Borrowed(raw) } else { Cow::Owned(line.out) }
}

/// `raw` as one line that is safe to print, cut to `most_columns` with `…` at its end. Bytes that are not UTF-8 come
/// out as `\xff`. Looks only at as many bytes as can be shown, so that a huge message costs no more than a line.
pub fn clean_bytes(raw: &[u8], most_columns: usize) -> String {
    // No column takes more bytes than the longest grapheme, so that these overflow the line and their ragged end is never reached.
    let enough = most_columns.saturating_add(2).saturating_mul(LONGEST * 4);
    let mut line = Line::default();
    for chunk in raw[..raw.len().min(enough)].utf8_chunks() {
        line.push_str(chunk.valid(), most_columns);
        for byte in chunk.invalid() {
            line.spell(format_args!("\\x{byte:02x}"));
        }
        if line.columns > most_columns {
            break;
        }
    }
    if line.columns + cell_width(&line.out[line.last..]) <= most_columns {
        return line.out;
    }
    cut(&line.out, most_columns).into_owned()
}

/// A safe line in the making. Each decision looks at what was written, not at what was read: so a second pass decides alike.
#[derive(Default)]
struct Line {
    out: String,
    /// Where the last grapheme of `out` begins.
    last: usize,
    /// The columns before it.
    columns: usize,
    /// Its characters, and the marks since its last base.
    chars: usize,
    marks: usize,
}

impl Line {
    /// Stops once more than `most_columns` are filled.
    fn push_str(&mut self, text: &str, most_columns: usize) {
        let mut chars = text.chars().peekable();
        while let Some(c) = chars.next() {
            self.push(c, chars.peek().copied());
            if self.columns > most_columns {
                return;
            }
        }
    }

    fn push(&mut self, c: char, next: Option<char>) {
        match c {
            c if stands_alone(c) => {
                self.begin(self.out.len());
                self.out.push(c);
            }
            '\0'..='\u{1f}' => self.keep(char::from_u32(0x2400 + u32::from(c)).unwrap_or(char::REPLACEMENT_CHARACTER)),
            ZWJ if self.joins(next) => self.keep(c),
            '\u{fe0e}' | '\u{fe0f}' if self.selects(next) => self.keep(c),
            c if hides(c) => self.escape(c),
            c => self.keep(c),
        }
    }

    /// Writes `c` if the grapheme that it ends up in may be shown.
    fn keep(&mut self, c: char) {
        let at = self.out.len();
        self.out.push(c);
        let fits = if at == 0 || self.out[self.last..].graphemes(true).nth(1).is_some() {
            self.begin_before(at);
            cell_width(&self.out[at..]) > 0
        } else {
            self.chars += 1;
            self.marks = if is_mark(c) { self.marks + 1 } else { 0 };
            self.chars <= LONGEST && self.marks <= MOST_MARKS
        };
        if !fits {
            self.out.truncate(at);
            self.escape(c);
        }
    }

    fn escape(&mut self, c: char) {
        self.spell(format_args!("{}", c.escape_unicode()));
    }

    /// Writes ASCII that stands for something else.
    fn spell(&mut self, ascii: std::fmt::Arguments<'_>) {
        let at = self.out.len();
        // Writing to a string cannot fail.
        let _ = self.out.write_fmt(ascii);
        self.begin_before(at);
        let written = self.out.len() - at;
        self.columns += written.saturating_sub(1);
        self.last = self.out.len().saturating_sub(1);
    }

    /// A grapheme begins at `at`, where text is written already.
    fn begin_before(&mut self, at: usize) {
        if self.last < at {
            self.columns += cell_width(&self.out[self.last..at]);
        }
        self.last = at;
        self.chars = 1;
        self.marks = 0;
    }

    fn begin(&mut self, at: usize) {
        if at - self.last == 1 {
            // One byte is one column: the common case.
            self.columns += 1;
            self.last = at;
            self.chars = 1;
            self.marks = 0;
        } else {
            self.begin_before(at);
        }
    }

    /// Whether a joiner here makes one grapheme of the last and `next`, as in emoji and in some scripts of India.
    fn joins(&self, next: Option<char>) -> bool {
        let Some(next) = next.filter(|&c| !c.is_control() && !hides(c) && !is_mark(c)) else { return false };
        if self.out.is_empty() || self.chars + 2 > LONGEST || self.marks >= MOST_MARKS {
            return false;
        }
        let mut joined = self.out[self.last..].to_owned();
        joined.extend([ZWJ, next]);
        is_one_grapheme(&joined)
    }

    /// Whether a selector here chooses between the two looks of an emoji.
    fn selects(&self, next: Option<char>) -> bool {
        match self.out[self.last..].chars().next_back() {
            Some('0'..='9' | '#' | '*') => next == Some(KEYCAP),
            Some(c) => is_pictograph(c),
            None => false,
        }
    }
}

/// Whether `c` is a visible grapheme of its own whatever stands before it: the fast way for most text. A subset of
/// those that are.
pub(super) fn stands_alone(c: char) -> bool {
    matches!(c,
        ' '..='~'
        | '\u{a1}'..='\u{a8}' | '\u{aa}'..='\u{ac}' | '\u{af}'..='\u{2ff}' | '\u{370}'..='\u{482}'
        | '\u{2010}'..='\u{2027}' | '\u{2500}'..='\u{25a9}'
        | '\u{3000}'..='\u{3029}' | '\u{3041}'..='\u{3096}' | '\u{30a0}'..='\u{30ff}'
        | '\u{3400}'..='\u{4dbf}' | '\u{4e00}'..='\u{9fff}' | '\u{ff01}'..='\u{ff9d}')
}

/// What never comes out as itself (the joiner and the emoji selectors have their exceptions): control and format
/// characters, everything that Unicode lets a font ignore, what joins itself to the next character, private use and
/// noncharacters. A test holds the list against Unicode's.
fn hides(c: char) -> bool {
    matches!(c,
        '\u{7f}'..='\u{9f}' | '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}'
        | '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}'
        | '\u{3164}' | '\u{e000}'..='\u{f8ff}' | '\u{fdd0}'..='\u{fdef}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}'
        | '\u{ffa0}' | '\u{fff0}'..='\u{fffb}' | '\u{13430}'..='\u{1343f}' | '\u{1bca0}'..='\u{1bca3}'
        | '\u{1d173}'..='\u{1d17a}' | '\u{e0000}'..='\u{e0fff}' | '\u{f0000}'..='\u{10ffff}')
        || prepends(c)
        || u32::from(c) & 0xfffe == 0xfffe
}

/// Joins itself to the next character (`Grapheme_Cluster_Break=Prepend`).
fn prepends(c: char) -> bool {
    matches!(c,
        '\u{600}'..='\u{605}' | '\u{6dd}' | '\u{70f}' | '\u{890}' | '\u{891}' | '\u{8e2}' | '\u{d4e}'
        | '\u{110bd}' | '\u{110cd}' | '\u{111c2}' | '\u{111c3}' | '\u{113d1}' | '\u{1193f}' | '\u{11941}'
        | '\u{11a3a}' | '\u{11a84}'..='\u{11a89}' | '\u{11d46}' | '\u{11f02}')
}

fn is_one_grapheme(s: &str) -> bool {
    s.graphemes(true).nth(1).is_none()
}

/// Belongs to whatever stands before it.
fn is_mark(c: char) -> bool {
    glues("a", c)
}

/// An emoji or its like (`Extended_Pictographic`): what a joiner ties to an emoji.
fn is_pictograph(c: char) -> bool {
    glues("\u{1f600}\u{200d}", c) && !is_mark(c)
}

fn glues(before: &str, c: char) -> bool {
    let mut pair = String::with_capacity(12);
    pair.push_str(before);
    pair.push(c);
    is_one_grapheme(&pair)
}
