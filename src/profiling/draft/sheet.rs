//! A profile on its way to paper: blocks of lines that stand or fall together.

use std::fmt::Write as _;

use super::super::writing::comment;

#[derive(Clone, Debug, Default)]
pub(super) struct Sheet {
    pub(super) blocks: Vec<Block>,
}

/// A table, or what stands before the first.
#[derive(Clone, Debug, Default)]
pub(super) struct Block {
    pub(super) text: String,
    /// It is commented out, with the reason.
    pub(super) doubt: Option<String>,
}

impl Sheet {
    pub(super) fn block(&mut self) -> &mut Block {
        self.blocks.push(Block::default());
        // One was just pushed.
        let last = self.blocks.len() - 1;
        &mut self.blocks[last]
    }

    /// The text, and for each line the number of its block.
    pub(super) fn text(&self) -> (String, Vec<usize>) {
        let mut text = String::new();
        let mut lines = Vec::new();
        for (number, block) in self.blocks.iter().enumerate() {
            let shown = block.shown();
            lines.extend(shown.lines().map(|_| number));
            text.push_str(&shown);
            if !shown.is_empty() {
                text.push('\n');
                lines.push(number);
            }
        }
        (text, lines)
    }
}

impl Block {
    pub(super) fn line(&mut self, line: impl AsRef<str>) -> &mut Self {
        self.text.push_str(line.as_ref());
        self.text.push('\n');
        self
    }

    /// What it rests on.
    pub(super) fn remark(&mut self, words: &str) -> &mut Self {
        self.text.push_str(&comment(words));
        self
    }

    pub(super) fn doubt(&mut self, why: &str) -> &mut Self {
        self.doubt.get_or_insert_with(|| why.to_owned());
        self
    }

    fn shown(&self) -> String {
        let Some(why) = &self.doubt else { return self.text.clone() };
        let mut shown = comment(why);
        for line in self.text.lines() {
            let _written = if line.starts_with('#') { writeln!(shown, "{line}") } else { writeln!(shown, "# {line}") };
        }
        shown
    }
}
