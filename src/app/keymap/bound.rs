//! The keys as they are: the tables, with what the user made of them. What the user may make of them is judged in `wishes`.

use std::borrow::Cow;

use crossterm::event::KeyEvent;

use super::stroke::Stroke;
use super::wishes::{Taken, is_fixed};
use super::{Action, Key, Mode, keys_in};
use crate::app::App;
use crate::say::Lang;

/// What each key means on each screen.
#[derive(Clone, Debug)]
pub struct Keymap {
    pub(super) groups: Vec<Group>,
}

/// The keys that one line of a help tells of.
#[derive(Clone, Debug)]
pub struct Group {
    /// Where they work.
    pub mode: Mode,
    /// The line that speaks for all of them.
    pub head: &'static Key,
    pub keys: Vec<Bound>,
}

/// A key and what it does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bound {
    pub stroke: Stroke,
    pub action: Action,
    /// As it is called; empty where the key before speaks for it too.
    pub label: Cow<'static, str>,
}

/// Two are the same where they have the same keys: their lines come from one table.
impl PartialEq for Keymap {
    fn eq(&self, other: &Self) -> bool {
        let keys = |keymap: &Self| keymap.groups.iter().map(|group| group.keys.clone()).collect::<Vec<_>>();
        keys(self) == keys(other)
    }
}

impl Default for Keymap {
    fn default() -> Self {
        Self { groups: Mode::ALL.into_iter().flat_map(|mode| groups(mode, &[], &[])).collect() }
    }
}

impl Keymap {
    /// The lines of the help of a screen, with their keys. One may have none.
    pub fn groups(&self, mode: Mode) -> impl Iterator<Item = &Group> {
        self.groups.iter().filter(move |group| group.mode == mode)
    }

    pub(super) fn keys(&self, mode: Mode) -> impl Iterator<Item = &Bound> {
        self.groups(mode).flat_map(|group| &group.keys)
    }

    /// What a key means on a screen.
    pub fn lookup(&self, mode: Mode, event: KeyEvent) -> Option<Action> {
        let stroke = Stroke::of(event)?;
        let means = |stroke| self.keys(mode).find(|key| key.stroke == stroke).map(|key| key.action);
        means(stroke).or_else(|| means(stroke.unshifted()))
    }

    /// What the first key of an action is called; nothing where it has none.
    pub fn label(&self, mode: Mode, action: Action) -> &str {
        self.keys(mode).find(|key| key.action == action).map_or("", |key| &key.label)
    }

    /// The keys that a footer names, each with its word.
    pub fn hints(&self, mode: Mode, lang: Lang) -> impl Iterator<Item = (&str, &'static str)> {
        let hinted = self.groups(mode).map(move |group| (self.label(mode, group.head.action), group.head.hint(lang)));
        hinted.filter(|(label, hint)| !label.is_empty() && !hint.is_empty())
    }
}

impl App {
    pub fn keymap(&self) -> &Keymap {
        &self.keys
    }

    /// From now on the keys are these.
    pub fn rebind(&mut self, keys: Keymap) {
        self.keys = keys;
    }
}

/// The lines of a screen, with the keys that were taken for `wished` in the place of theirs.
pub(super) fn groups(mode: Mode, wished: &[Action], taken: &[Taken]) -> Vec<Group> {
    let mut groups: Vec<Group> = Vec::new();
    let mut met = Vec::new();
    for row in keys_in(mode) {
        if !row.help(Lang::En).is_empty() || groups.is_empty() {
            groups.push(Group { mode, head: row, keys: Vec::new() });
        }
        let Some(Group { keys, .. }) = groups.last_mut() else { continue };
        let is_wished = wished.contains(&row.action);
        if is_wished && !met.contains(&row.action) {
            met.push(row.action);
            let mine = taken.iter().filter(|taken| taken.action == row.action);
            keys.extend(mine.map(|taken| bound(taken.stroke, taken.action)));
        }
        let is_taken = taken.iter().any(|taken| taken.stroke == stroke(row));
        if is_fixed(mode, row) || (!is_wished && !is_taken) {
            keys.push(Bound { stroke: stroke(row), action: row.action, label: Cow::Borrowed(row.label) });
        }
    }
    groups
}

pub(super) fn bound(stroke: Stroke, action: Action) -> Bound {
    Bound { stroke, action, label: Cow::Owned(stroke.to_string()) }
}

pub(super) fn stroke(key: &Key) -> Stroke {
    Stroke::new(key.code, key.modifiers)
}
