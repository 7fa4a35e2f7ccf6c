//! The filter as it is typed: its text, where it is wrong, what was typed before, and the filters that have names.
//! It looks at no message; the app does that with what is made here.

use super::filter::{Bad, Filter};

/// A longer text to look for is a mistake.
const LONGEST: usize = 512;
/// Filters that were kept, remembered.
const PAST: usize = 50;

/// The filter as it is typed.
#[derive(Clone, Debug, Default)]
pub struct Prompt {
    pub text: String,
    pub typing: bool,
    /// What does not match is left in sight, and matches are jumped to.
    pub marks: bool,
    /// What is wrong with the text. The last one that was right goes on.
    pub bad: Option<Bad>,
    /// Names and what they stand for.
    pub saved: Vec<(String, String)>,
    /// The saved one that was chosen last.
    pub named: Option<usize>,
    /// Where the next letter goes, in bytes.
    pub caret: usize,
    pub(super) made: Filter,
    /// The text that made it.
    works: String,
    /// Newest last.
    past: Vec<String>,
    /// Which of them is shown, and what was typed before.
    place: Option<(usize, String)>,
}

/// Where the caret goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Caret {
    Left,
    Right,
    Start,
    End,
}

impl Prompt {
    /// The filter that the text makes, or the last one that did.
    pub fn filter(&self) -> &Filter {
        &self.made
    }

    /// The text of that filter.
    pub fn works(&self) -> &str {
        &self.works
    }

    pub fn open(&mut self) {
        self.typing = true;
        self.caret = self.text.len();
        self.place = None;
    }

    pub fn type_in(&mut self, text: &str) {
        let room = LONGEST.saturating_sub(self.text.chars().count());
        let letters: String = text.chars().take(room).collect();
        self.text.insert_str(self.caret, &letters);
        self.caret += letters.len();
        self.changed();
    }

    pub fn erase(&mut self) {
        if let Some(letter) = self.before().chars().next_back() {
            self.caret -= letter.len_utf8();
            self.text.remove(self.caret);
            self.changed();
        }
    }

    pub fn erase_word(&mut self) {
        let before = self.before().trim_end();
        let start = before.rfind(char::is_whitespace).map_or(0, |at| at + 1);
        let start =
            start + self.before().get(start..).and_then(|rest| rest.find(|c: char| !c.is_whitespace())).unwrap_or(0);
        self.text.replace_range(start..self.caret, "");
        self.caret = start;
        self.changed();
    }

    pub fn clear(&mut self) {
        self.write(String::new());
        self.named = None;
        self.place = None;
    }

    pub fn move_caret(&mut self, to: Caret) {
        self.caret = match to {
            Caret::Left => self.before().char_indices().next_back().map_or(0, |(at, _)| at),
            Caret::Right => {
                let letter = self.text.get(self.caret..).and_then(|rest| rest.chars().next());
                self.caret + letter.map_or(0, char::len_utf8)
            }
            Caret::Start => 0,
            Caret::End => self.text.len(),
        };
    }

    /// Shows what was kept before, or after that again.
    pub fn recall(&mut self, back: bool) {
        // What was kept last and still stands there is not shown again.
        let newest = self.past.len() - usize::from(self.past.last() == Some(&self.text));
        let here = self.place.as_ref().map_or(newest, |(place, _)| *place);
        let there = if back { here.checked_sub(1) } else { Some(here + 1) };
        let Some(there) = there.filter(|there| *there <= self.past.len() && self.place.is_some() | back) else {
            return;
        };
        let typed = self.place.take().map_or_else(|| self.text.clone(), |(_, typed)| typed);
        self.named = None;
        match self.past.get(there).cloned() {
            Some(text) => {
                self.write(text);
                self.place = Some((there, typed));
            }
            None => self.write(typed),
        }
    }

    /// Shows the next of the filters that have names.
    pub fn next_saved(&mut self) {
        let next = self.named.map_or(0, |named| named + 1);
        let next = if next < self.saved.len() { next } else { 0 };
        if let Some((_, text)) = self.saved.get(next).cloned() {
            self.write(text);
            self.named = Some(next);
            self.place = None;
        }
    }

    /// Shows one of them.
    pub fn choose_saved(&mut self, n: usize) {
        if let Some((_, text)) = self.saved.get(n).cloned() {
            self.write(text);
            self.named = Some(n);
            self.place = None;
        }
    }

    /// The text is kept, if it is right. Says whether it was.
    pub fn keep(&mut self) -> bool {
        if self.bad.is_some() {
            return false;
        }
        self.typing = false;
        if !self.text.is_empty() {
            self.past.retain(|past| *past != self.text);
            self.past.push(self.text.clone());
            let surplus = self.past.len().saturating_sub(PAST);
            self.past.drain(..surplus);
        }
        true
    }

    /// Makes the filter of the text.
    pub fn read(&mut self) {
        match Filter::with_saved(&self.text, &self.saved) {
            Ok(filter) => {
                self.made = filter;
                self.works.clone_from(&self.text);
                self.bad = None;
            }
            Err(bad) => self.bad = Some(bad),
        }
    }

    fn before(&self) -> &str {
        self.text.get(..self.caret).unwrap_or_default()
    }

    fn write(&mut self, text: String) {
        self.text = text;
        self.caret = self.text.len();
    }

    fn changed(&mut self) {
        self.named = None;
        self.place = None;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn typed(text: &str) -> Prompt {
        let mut prompt = Prompt::default();
        prompt.open();
        prompt.type_in(text);
        prompt
    }

    #[test]
    fn the_caret_goes_by_letters() {
        let mut prompt = typed("业务1 x");
        prompt.move_caret(Caret::Start);
        prompt.move_caret(Caret::Left);
        prompt.move_caret(Caret::Right);
        prompt.type_in("!");
        assert_eq!(prompt.text, "业!务1 x");
        prompt.erase();
        prompt.erase();
        prompt.erase();
        assert_eq!(prompt.text, "务1 x");
        prompt.move_caret(Caret::End);
        prompt.move_caret(Caret::Right);
        prompt.erase_word();
        assert_eq!(prompt.text, "务1 ");
        prompt.erase_word();
        prompt.erase_word();
        assert_eq!((prompt.text.as_str(), prompt.caret), ("", 0));
    }

    #[test]
    fn what_was_kept_comes_back() {
        let mut prompt = typed("one");
        prompt.read();
        assert!(prompt.keep());
        prompt.open();
        prompt.clear();
        prompt.type_in("two");
        prompt.read();
        assert!(prompt.keep());
        prompt.open();
        prompt.clear();
        prompt.recall(false);
        prompt.type_in("dra");
        let mut walk = |back: bool| {
            prompt.recall(back);
            prompt.text.clone()
        };
        let seen: Vec<_> = [true, true, true, false, false, false].into_iter().map(&mut walk).collect();
        assert_eq!(seen, ["two", "one", "one", "two", "dra", "dra"]);
    }

    #[test]
    fn a_wrong_text_is_not_kept_and_the_last_right_one_goes_on() {
        let mut prompt = typed("a");
        prompt.read();
        prompt.type_in(" |");
        prompt.read();
        assert!(prompt.bad.is_some() && !prompt.keep() && prompt.typing);
        assert!(!prompt.filter().is_empty());
    }

    #[test]
    fn saved_filters_take_turns() {
        let mut prompt = typed("");
        prompt.next_saved();
        assert_eq!(prompt.named, None);
        prompt.saved = vec![("a".to_owned(), "x".to_owned()), ("b".to_owned(), "y".to_owned())];
        let mut next = || {
            prompt.next_saved();
            prompt.text.clone()
        };
        assert_eq!([next(), next(), next()], ["x", "y", "x"]);
    }
}
