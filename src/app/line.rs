//! Text as it is typed, with a caret: a line, or several of them. It knows no history and what the text is for.

use super::prompt::Caret;

/// What is typed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Line {
    pub text: String,
    /// Where the next letter goes, in bytes.
    pub caret: usize,
}

impl Line {
    /// At most `longest` letters are kept.
    pub fn type_in(&mut self, text: &str, longest: usize) {
        let room = longest.saturating_sub(self.text.chars().count());
        let letters: String = text.chars().take(room).collect();
        self.text.insert_str(self.caret, &letters);
        self.caret += letters.len();
    }

    pub fn write(&mut self, text: String) {
        self.text = text;
        self.caret = self.text.len();
    }

    pub fn erase(&mut self) {
        if let Some(letter) = self.before().chars().next_back() {
            self.caret -= letter.len_utf8();
            self.text.remove(self.caret);
        }
    }

    pub fn erase_word(&mut self) {
        let before = self.before().trim_end();
        let start = before.char_indices().rev().find(|(_, c)| c.is_whitespace()).map_or(0, |(at, c)| at + c.len_utf8());
        self.text.replace_range(start..self.caret, "");
        self.caret = start;
    }

    /// Start and end are those of the row.
    pub fn go(&mut self, to: Caret) {
        self.caret = match to {
            Caret::Left => self.before().char_indices().next_back().map_or(0, |(at, _)| at),
            Caret::Right => self.caret + self.after().chars().next().map_or(0, char::len_utf8),
            Caret::Start => self.before().rfind('\n').map_or(0, |at| at + 1),
            Caret::End => self.caret + self.after().find('\n').unwrap_or(self.after().len()),
        };
    }

    /// A row up or down, in the same column as far as there is one. Says whether there is such a row.
    pub fn row(&mut self, down: bool) -> bool {
        let (row, column) = self.place();
        let Some(to) = (if down { Some(row + 1) } else { row.checked_sub(1) }) else { return false };
        let Some(line) = self.text.split('\n').nth(to) else { return false };
        let start: usize = self.text.split('\n').take(to).map(|line| line.len() + 1).sum();
        self.caret = start + line.char_indices().nth(column).map_or(line.len(), |(at, _)| at);
        true
    }

    /// The row and the letter of the caret, from 0.
    pub fn place(&self) -> (usize, usize) {
        let before = self.before();
        let row = before.matches('\n').count();
        (row, before.rsplit('\n').next().unwrap_or_default().chars().count())
    }

    fn before(&self) -> &str {
        self.text.get(..self.caret).unwrap_or_default()
    }

    fn after(&self) -> &str {
        self.text.get(self.caret..).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_caret_goes_by_letters_and_rows() {
        let mut line = Line::default();
        line.type_in("业务1\nab\n长长长", 100);
        assert_eq!(line.place(), (2, 3));
        assert!(line.row(false));
        assert_eq!(line.place(), (1, 2));
        line.go(Caret::Start);
        line.type_in("x", 100);
        assert!(line.row(false) && !line.row(false));
        assert_eq!(line.place(), (0, 1));
        line.go(Caret::End);
        line.erase();
        assert_eq!(line.text, "业务\nxab\n长长长");
        assert!(line.row(true) && line.row(true) && !line.row(true));
        line.go(Caret::Left);
        line.go(Caret::Right);
        line.erase_word();
        assert_eq!(line.text, "业务\nxab\n长");
        line.type_in("abc", 8);
        assert_eq!(line.text, "业务\nxab\n长", "it is full");
    }
}
