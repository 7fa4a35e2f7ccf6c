//! The keys as a help, a palette and the README tell them: one entry for all the keys of a line. What a key means is looked
//! up in the [`Keymap`] itself.

use super::Mode::Main;
use super::{Action, Group, Keymap, Mode, name, pick};
use crate::say::Lang;

/// What is told of some keys.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// What the keys are called, in the order of the table; none, where the user took them all away.
    pub labels: Vec<String>,
    pub action: Action,
    /// Empty where its keys cannot be changed.
    pub name: &'static str,
    help: [&'static str; 2],
}

impl Entry {
    pub fn help(&self, lang: Lang) -> &'static str {
        pick(self.help, lang)
    }
}

impl Keymap {
    /// Everything that can be done on a screen, by key or without.
    pub fn told(&self, mode: Mode) -> impl Iterator<Item = Entry> {
        self.groups(mode).map(|Group { head, keys, .. }| Entry {
            labels: keys.iter().map(|key| key.label.to_string()).filter(|label| !label.is_empty()).collect(),
            action: head.action,
            name: name(head.action).unwrap_or_default(),
            help: head.help,
        })
    }

    /// Keys under one entry, as a help shows them: `(labels, help)`.
    pub fn entries(&self, mode: Mode, lang: Lang) -> Vec<(String, &'static str)> {
        let told = self.told(mode).filter(|entry| !entry.labels.is_empty());
        told.map(|entry| (entry.labels.join(" "), entry.help(lang))).collect()
    }

    /// The table of the README.
    pub fn markdown(&self, lang: Lang) -> String {
        let head = pick(["| key | what it does |\n|---|---|\n", "| 按键 | 作用 |\n|---|---|\n"], lang);
        let rows = self.told(Main).filter(|entry| !entry.labels.is_empty()).map(|entry| {
            let labels: Vec<_> = entry.labels.iter().map(|label| format!("`{label}`")).collect();
            format!("| {} | {} |\n", labels.join(" "), entry.help(lang))
        });
        std::iter::once(head.to_owned()).chain(rows).collect()
    }
}
