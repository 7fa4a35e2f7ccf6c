//! Files with `[keys]`, and each thing that may be wrong with one as the user reads it.

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use insta::assert_snapshot;

use super::*;
use crate::app::looking::Look;
use crate::config::{Config, Source};

fn read(text: &str) -> Keymap {
    match Config::parse(Source::new("config.toml", text)) {
        Ok(config) => config.keys,
        Err(errors) => panic!("{}", errors.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")),
    }
}

fn told(text: &str) -> String {
    match Config::parse(Source::new("config.toml", text)) {
        Ok(_) => panic!("nothing is wrong with {text}"),
        Err(errors) => errors.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n\n"),
    }
}

fn letter(keymap: &Keymap, mode: Mode, letter: char) -> Option<Action> {
    keymap.lookup(mode, KeyEvent::from(KeyCode::Char(letter)))
}

#[test]
fn keys_are_texts_and_lists_by_screen() {
    let keymap = read(
        "[keys]\nfreeze = 'Ｐ'\nzoom = ['z', 'ctrl-f']\nmute = []\nopen-inspect = 'e'\n[keys.inspect]\ncopy-value = 'c'\n\
         [keys.filter]\nhide-or-mark = ['tab', 'f2']\n",
    );
    assert_eq!(letter(&keymap, Mode::Main, 'P'), Some(Action::Freeze));
    assert_eq!(letter(&keymap, Mode::Main, 'f'), None);
    assert_eq!(letter(&keymap, Mode::Main, 'm'), None);
    let ctrl_f = KeyEvent::new(KeyCode::Char('f'), KeyModifiers::CONTROL);
    assert_eq!(keymap.lookup(Mode::Main, ctrl_f), Some(Action::Zoom));
    assert_eq!(letter(&keymap, Mode::Inspect, 'c'), Some(Action::Look(Look::CopyValue)));
    let f2 = KeyEvent::from(KeyCode::F(2));
    assert_eq!(keymap.lookup(Mode::Typing, f2), Some(Action::Look(Look::Marks)));
    assert_eq!(letter(&read(""), Mode::Main, 'f'), Some(Action::Freeze));
}

/// Whoever copies what the help shows gets what is there.
#[test]
fn the_defaults_may_be_written_down() {
    for mode in Mode::ALL {
        let mut text = format!("{}\n", table(mode));
        for (name, action) in named(mode) {
            let keys = keys_in(mode).filter(|key| key.action == action);
            let keys: Vec<_> = keys.map(|key| format!("'{}'", key.label.replace('\'', ""))).collect();
            text.extend([name, " = [", &keys.join(", "), "]\n"]);
        }
        let keymap = read(&text);
        for key in keys_in(mode) {
            assert_eq!(keymap.lookup(mode, KeyEvent::new(key.code, key.modifiers)), Some(key.action), "{key:?}");
        }
    }
}

#[test]
fn an_unknown_action_is_told_with_the_name_that_was_meant() {
    assert_snapshot!(told("[keys]\nfreze = 'F'\n"), @"
    error: unknown action `freze`
     --> config.toml:2:1
      |
    2 | freze = 'F'
      | ^^^^^
      |
      = help: did you mean `freeze`?
    ");
    assert_snapshot!(told("[keys]\nhelp = 'f1'\n"), @"
    error: unknown action `help`
     --> config.toml:2:1
      |
    2 | help = 'f1'
      | ^^^^
      |
      = help: `help` is a screen; its keys stand in [keys.help], and what opens it is open-help in [keys]
    ");
    assert_snapshot!(told("[keys]\ncopy-value = 'c'\n"), @"
    error: unknown action `copy-value`
     --> config.toml:2:1
      |
    2 | copy-value = 'c'
      | ^^^^^^^^^^
      |
      = help: `copy-value` stands in [keys.inspect]
    ");
    assert_snapshot!(told("[keys]\ntoggle-1 = 'f1'\n"), @"
    error: unknown action `toggle-1`
     --> config.toml:2:1
      |
    2 | toggle-1 = 'f1'
      | ^^^^^^^^
      |
      = help: the numbers 1 to 9 cannot be changed
    ");
    assert_snapshot!(told("[keys.question]\nmaybe = 'm'\n"), @"
    error: unknown action `maybe`
     --> config.toml:2:1
      |
    2 | maybe = 'm'
      | ^^^^^
      |
      = help: known here: yes, no
    ");
    assert_snapshot!(told("[keys.inspector]\nfold = 'h'\n[keys.main]\nzoom = 'Z'\n[keys.zoom]\nkey = 'Z'\n"), @r#"
    error: unknown screen `inspector`
     --> config.toml:1:7
      |
    1 | [keys.inspector]
      |       ^^^^^^^^^
      |
      = help: did you mean `inspect`?

    error: unknown screen `main`
     --> config.toml:3:7
      |
    3 | [keys.main]
      |       ^^^^
      |
      = help: the keys of the main screen stand in [keys] itself

    error: unknown screen `zoom`
     --> config.toml:5:7
      |
    5 | [keys.zoom]
      |       ^^^^
      |
      = help: an action has keys, not a table: zoom = "f5"
    "#);
}

#[test]
fn what_is_no_key_is_told_with_what_to_write() {
    assert_snapshot!(told("[keys]\nfreeze = ['P', 'entr']\n"), @"
    error: `entr` is no key
     --> config.toml:2:16
      |
    2 | freeze = ['P', 'entr']
      |                ^^^^^^
      |
      = help: did you mean `enter`?
    ");
    assert_snapshot!(told("[keys]\nfreeze = 'none'\nzoom = 5\nmute = false\n"), @r#"
    error: `none` is no key
     --> config.toml:2:10
      |
    2 | freeze = 'none'
      |          ^^^^^^
      |
      = help: for no key at all write freeze = []

    error: expected a key, found an integer
     --> config.toml:3:8
      |
    3 | zoom = 5
      |        ^
      |
      = help: keys are texts: zoom = "f5", or several, zoom = ["f5", "ctrl-x"]; none: []

    error: expected a key, found true or false
     --> config.toml:4:8
      |
    4 | mute = false
      |        ^^^^^
      |
      = help: keys are texts: mute = "f5", or several, mute = ["f5", "ctrl-x"]; none: []
    "#);
    assert_snapshot!(told("[keys]\nfreeze = 'super-f'\nfirst = 'g g'\n"), @r#"
    error: `super-f` is no key
     --> config.toml:2:10
      |
    2 | freeze = 'super-f'
      |          ^^^^^^^^^
      |
      = help: terminals do not pass super on; take ctrl or alt

    error: `g g` is no key
     --> config.toml:3:9
      |
    3 | first = 'g g'
      |         ^^^^^
      |
      = help: one key for each text, without spaces: ["g", "ctrl-x"]; sequences are not known
    "#);
}

#[test]
fn keys_that_terminals_cannot_tell_apart_are_told() {
    assert_snapshot!(told("[keys]\nfreeze = 'ctrl-i'\nzoom = 'ctrl-m'\nmute = 'ctrl-['\nsort = 'ctrl-h'\n"), @"
    error: terminals send `ctrl-i` as `tab`
     --> config.toml:2:10
      |
    2 | freeze = 'ctrl-i'
      |          ^^^^^^^^
      |
      = help: take another key for freeze

    error: terminals send `ctrl-m` as `enter`
     --> config.toml:3:8
      |
    3 | zoom = 'ctrl-m'
      |        ^^^^^^^^
      |
      = help: take another key for zoom

    error: terminals send `ctrl-[` as `esc`
     --> config.toml:4:8
      |
    4 | mute = 'ctrl-['
      |        ^^^^^^^^
      |
      = help: take another key for mute

    error: terminals send `ctrl-h` as `backspace`
     --> config.toml:5:8
      |
    5 | sort = 'ctrl-h'
      |        ^^^^^^^^
      |
      = help: take another key for sort
    ");
}

#[test]
fn two_actions_with_one_key_are_told_with_both_places() {
    assert_snapshot!(told("[keys]\nfreeze = 'P'\nsort = ['o', 'P']\n"), @"
    error: `P` is freeze on line 2 and sort on line 3
     --> config.toml:3:14
      |
    3 | sort = ['o', 'P']
      |              ^^^
      |
      = help: take another key for freeze or for sort
    ");
    assert_snapshot!(told("[keys]\ndown = 'n'\nnext-match = 'N'\nprevious-match = 'P'\n[keys.inspect]\nfold = 'n'\n"), @"
    error: `n` is down on line 2 and fold on line 6
     --> config.toml:6:8
      |
    6 | fold = 'n'
      |        ^^^
      |
      = help: what stands in [keys] goes for [keys.inspect] too, unless the same action has keys there
    ");
}

#[test]
fn a_default_that_loses_its_last_key_is_told() {
    assert_snapshot!(told("[keys]\nzoom = 'o'\n"), @r#"
    error: `o` is now zoom, and sort has no key left in [keys]
     --> config.toml:2:8
      |
    2 | zoom = 'o'
      |        ^^^
      |
      = help: say there what sort gets: sort = "O", or sort = [] for none
    "#);
    assert_snapshot!(told("[keys]\ndown = ['e', '+']\n"), @r#"
    error: `+` is now down, and unfold-all has no key left in [keys.inspect]
     --> config.toml:2:14
      |
    2 | down = ['e', '+']
      |              ^^^
      |
      = help: say there what unfold-all gets: unfold-all = "A", or unfold-all = [] for none
    "#);
    assert_snapshot!(told("[keys]\nzoom = 'ctrl-z'\n"), @r#"
    error: `ctrl-z` is now zoom, and suspend has no key left in [keys]
     --> config.toml:2:8
      |
    2 | zoom = 'ctrl-z'
      |        ^^^^^^^^
      |
      = help: say there what suspend gets: suspend = "alt-z", or suspend = [] for none
    "#);
}

#[test]
fn what_must_stay_reachable_is_told() {
    assert_snapshot!(told("[keys]\nzoom = 'ctrl-c'\nfreeze = '？'\nsort = 'esc'\nmute = '1'\n"), @"
    error: `ctrl-c` always quits
     --> config.toml:2:8
      |
    2 | zoom = 'ctrl-c'
      |        ^^^^^^^^
      |
      = help: take another key for zoom

    error: `?` always shows the keys
     --> config.toml:3:10
      |
    3 | freeze = '？'
      |          ^^^^
      |
      = help: take another key for freeze

    error: `esc` always leads out
     --> config.toml:4:8
      |
    4 | sort = 'esc'
      |        ^^^^^
      |
      = help: take another key for sort

    error: `1` is the number of a service
     --> config.toml:5:8
      |
    5 | mute = '1'
      |        ^^^
      |
      = help: take another key for mute
    ");
    assert_snapshot!(told("[keys]\nsuspend = 'Z'\n[keys.filter]\ndrop = 'q'\nhide-or-mark = 'enter'\n"), @"
    error: `Z` is a letter of what is typed in [keys.filter]
     --> config.toml:2:11
      |
    2 | suspend = 'Z'
      |           ^^^
      |
      = help: take one with ctrl or alt for suspend, or f1 to f12

    error: `q` is a letter of what is typed in [keys.filter]
     --> config.toml:4:8
      |
    4 | drop = 'q'
      |        ^^^
      |
      = help: take one with ctrl or alt for drop, or f1 to f12

    error: `enter` always ends what is typed, as in [keys.filter]
     --> config.toml:5:16
      |
    5 | hide-or-mark = 'enter'
      |                ^^^^^^^
      |
      = help: take another key for hide-or-mark
    ");
}
