//! The table of keys as a help, a palette and the README tell it: one entry for all the keys of an action. What a key means
//! is looked up in the table itself.

use super::Mode::Main;
use super::{Action, Mode, keys_in, pick};
use crate::say::Lang;

/// What the key of an action is called in a mode; nothing where it has none there.
pub fn label(mode: Mode, action: Action) -> &'static str {
    keys_in(mode).find(|key| key.action == action).map_or("", |key| key.label)
}

/// Keys under one entry, as a help shows them: `(labels, help)`.
pub fn entries(mode: Mode, lang: Lang) -> Vec<(String, &'static str)> {
    entries_of(mode, lang).into_iter().map(|(labels, _, help)| (labels, help)).collect()
}

/// The same, each with what it does.
pub fn entries_of(mode: Mode, lang: Lang) -> Vec<(String, Action, &'static str)> {
    let mut entries: Vec<(String, Action, &'static str)> = Vec::new();
    for key in keys_in(mode) {
        match entries.last_mut() {
            Some((labels, ..)) if key.help(lang).is_empty() => {
                if !key.label.is_empty() {
                    labels.push(' ');
                    labels.push_str(key.label);
                }
            }
            _ => entries.push((key.label.to_owned(), key.action, key.help(lang))),
        }
    }
    entries
}

/// The table of the README.
pub fn markdown(lang: Lang) -> String {
    let head = pick(["| key | what it does |\n|---|---|\n", "| 按键 | 作用 |\n|---|---|\n"], lang);
    let rows = entries(Main, lang).into_iter().map(|(labels, help)| {
        let labels: Vec<_> = labels.split(' ').map(|label| format!("`{label}`")).collect();
        format!("| {} | {help} |\n", labels.join(" "))
    });
    std::iter::once(head.to_owned()).chain(rows).collect()
}
