//! How many columns a text takes, and how it is made to take no more. It trusts its input: unsafe text goes through
//! [`clean`](super::clean) first.

use std::borrow::Cow;

use unicode_segmentation::UnicodeSegmentation;
use unicode_width::UnicodeWidthStr;

/// No screen is wider; a request for more is a mistake and gets no padding beyond this.
const WIDEST: usize = u16::MAX as usize;

const ELLIPSIS: &str = "…";

/// The columns of `s` as ratatui draws it: grapheme by grapheme.
pub fn width(s: &str) -> usize {
    if one_column_each(s) { s.len() } else { s.graphemes(true).map(cell_width).sum() }
}

/// `s` in at most `columns`, with `…` at its end where something was left out. Never half of a wide character, so that
/// the result may be one column short.
pub fn cut(s: &str, columns: usize) -> Cow<'_, str> {
    let keep = room(s, columns);
    if keep == s.len() {
        return Cow::Borrowed(s);
    }
    if columns == 0 {
        return Cow::Borrowed("");
    }
    let mut short = String::with_capacity(keep + ELLIPSIS.len());
    short.push_str(&s[..keep]);
    short.push_str(ELLIPSIS);
    Cow::Owned(short)
}

/// Lines of at most so many columns, broken at spaces where there are some, else wherever the line is full.
pub fn wrapped(text: &str, columns: usize) -> Vec<&str> {
    let mut lines = Vec::new();
    let mut rest = text;
    while !rest.is_empty() && columns > 1 {
        if width(rest) <= columns {
            lines.push(rest);
            break;
        }
        let mut used = 0;
        let mut end = 0;
        let mut space = None;
        for (at, letter) in rest.grapheme_indices(true) {
            used += width(letter);
            if used > columns {
                break;
            }
            end = at + letter.len();
            if letter == " " {
                space = Some(end);
            }
        }
        // A text without spaces of its own is not torn at the only one.
        let end = space.filter(|space| space * 2 > end).unwrap_or(end);
        if end == 0 {
            break;
        }
        let (line, after) = rest.split_at(end);
        lines.push(line.trim_end());
        rest = after;
    }
    lines
}

/// `s` in exactly `columns`: cut, or padded on the right.
pub fn fit(s: &str, columns: usize) -> String {
    let mut text = cut(s, columns).into_owned();
    let missing = padding(&text, columns);
    text.extend(std::iter::repeat_n(' ', missing));
    text
}

/// `s` in exactly `columns`: cut, or padded on the left, as numbers stand.
pub fn fit_right(s: &str, columns: usize) -> String {
    let text = cut(s, columns);
    let mut padded = " ".repeat(padding(&text, columns));
    padded.push_str(&text);
    padded
}

/// The columns of one grapheme, counted as ratatui counts: it leaves out what holds a control character, and adds a
/// column for each half-width sound mark of Katakana.
pub(super) fn cell_width(grapheme: &str) -> usize {
    if grapheme.contains(char::is_control) {
        return 0;
    }
    let marks = grapheme.chars().filter(|c| matches!(c, '\u{ff9e}' | '\u{ff9f}')).count();
    grapheme.width() + marks
}

fn one_column_each(s: &str) -> bool {
    s.bytes().all(|b| matches!(b, b' '..=b'~'))
}

fn padding(s: &str, columns: usize) -> usize {
    columns.min(WIDEST).saturating_sub(width(s))
}

/// How many bytes of `s` stay: all of it, or what leaves one of `columns` free. Looks no further than it must.
fn room(s: &str, columns: usize) -> usize {
    let mut used = 0;
    let mut keep = 0;
    for (at, grapheme) in s.grapheme_indices(true) {
        used += cell_width(grapheme);
        if used > columns {
            return keep;
        }
        if used < columns {
            keep = at + grapheme.len();
        }
    }
    s.len()
}
