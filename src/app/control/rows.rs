//! The palette's words for the table of feeds and the panes: a feed or a group is selected by its name, groups are folded.

use super::palette::{Does, Entry};
use super::verb::Verb;
use crate::app::arrange::Sizes;
use crate::app::table::Row;
use crate::app::{App, Focus};
use crate::say::panes as say;
use crate::text::{clean, nearest};

impl App {
    /// The feeds and groups whose names have all the words of the line.
    pub(super) fn rows_meant(&self, line: &str) -> Vec<Entry> {
        let lang = self.look.lang;
        let words: Vec<_> = line.split_whitespace().collect();
        if words.is_empty() {
            return Vec::new();
        }
        let has_all = |name: &str| {
            let name = name.to_lowercase();
            words.iter().all(|word| name.contains(word))
        };
        let entry = |(name, row): (&str, Row)| Entry {
            does: Does::Go(row),
            label: clean(name).into_owned(),
            help: match row {
                Row::Feed(_) => say::go_to_feed(lang).into(),
                Row::Group(_) => say::go_to_group(lang).into(),
            },
        };
        self.named_rows().filter(|(name, _)| has_all(name)).map(entry).collect()
    }

    pub(super) fn go(&mut self, row: Row) {
        self.select_row(row);
        self.focus = Focus::Feeds;
    }

    /// Does what the command says, if it is one of these.
    pub(super) fn say_rows(&mut self, verb: Verb, rest: &str) -> Option<Result<(), String>> {
        match verb {
            Verb::Go => Some(self.row_named(rest).map(|row| self.go(row)).ok_or_else(|| self.no_row(rest, true))),
            Verb::Fold | Verb::Unfold if rest == "all" => {
                self.fold_all(verb == Verb::Fold);
                Some(Ok(()))
            }
            Verb::Fold | Verb::Unfold => {
                let group = self.named_rows().find_map(|(name, row)| match row {
                    Row::Group(id) if name == rest => Some(id),
                    Row::Group(_) | Row::Feed(_) => None,
                });
                Some(group.map(|id| self.fold(id, verb == Verb::Fold)).ok_or_else(|| self.no_row(rest, false)))
            }
            Verb::Panes => {
                self.sizes = Sizes::default();
                self.done = Some(say::as_at_first(self.look.lang).to_owned());
                Some(Ok(()))
            }
            Verb::Send
            | Verb::Solo
            | Verb::Service
            | Verb::Beat
            | Verb::Fault
            | Verb::Filter
            | Verb::Theme
            | Verb::Add
            | Verb::Remove
            | Verb::Reload
            | Verb::Quit => None,
        }
    }

    fn no_row(&self, name: &str, feeds: bool) -> String {
        let known = self.named_rows().filter(|(_, row)| feeds || matches!(row, Row::Group(_)));
        say::no_row(self.look.lang, name, nearest(name, known.map(|(name, _)| name)))
    }
}
