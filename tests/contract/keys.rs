//! The names of actions in the reference: those of the program, each with the keys it has by default.

use wirebeat::app::keymap::{Action, Keymap, Mode, keys_in, name, named};
use wirebeat::say::Lang;

use crate::page::{self, REFERENCE};

/// The keys of an action as the page has them.
fn keys(mode: Mode, action: Action) -> String {
    let keys = keys_in(mode).filter(|key| key.action == action);
    keys.map(|key| format!("`{}`", key.label)).collect::<Vec<_>>().join(" ")
}

#[test]
fn the_actions_of_the_main_screen_are_told() {
    let keymap = Keymap::default();
    let help = |of| {
        let entry = keymap.told(Mode::Main).find(|entry| entry.action == of);
        entry.map_or("", |entry| entry.help(Lang::En))
    };
    let rows = named(Mode::Main)
        .map(|(name, action)| format!("| `{name}` | {} | {} |\n", keys(Mode::Main, action), help(action)));
    let table = format!("| action | keys | what it does |\n|---|---|---|\n{}", rows.collect::<String>());
    assert!(REFERENCE.contains(&format!("<!-- actions -->\n\n{table}\n")), "the table is\n{table}");
}

#[test]
fn the_actions_of_the_other_screens_are_told() {
    let rows = Mode::ALL.into_iter().filter_map(|mode| {
        let actions = named(mode).map(|(name, action)| format!("`{name}` ({})", keys(mode, action)));
        Some(format!("| `[keys.{}]` | {} |\n", mode.name()?, actions.collect::<Vec<_>>().join(", ")))
    });
    let table = format!("| table | its actions |\n|---|---|\n{}", rows.collect::<String>());
    assert!(REFERENCE.contains(&format!("<!-- screens -->\n\n{table}\n")), "the table is\n{table}");
}

/// A name that is told works in a file; one that has none is the numbers of services.
#[test]
fn what_has_no_name_is_told_to_be_fixed() {
    let unnamed: Vec<_> = keys_in(Mode::Main).filter(|key| name(key.action).is_none()).collect();
    assert_eq!(unnamed.len(), 9);
    assert!(page::sections(REFERENCE, "##").iter().any(|(name, text)| *name == "Keys" && text.contains("`1` to `9`")));
}
