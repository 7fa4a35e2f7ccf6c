//! What the user may make of the keys: wishes are judged, and a [`Keymap`] is made of those that can be met. How they are
//! written and how a clash is told is not known here.

use crossterm::event::KeyCode::{Char, Enter, Esc, F};
use crossterm::event::KeyModifiers;

use super::bound::{Bound, Group, Keymap, bound, groups, stroke};
use super::stroke::Stroke;
use super::{Action, EVERYWHERE, Key, Mode, keys_in, names};

/// The user wants these keys, and no others, for an action.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wish {
    pub mode: Mode,
    pub action: Action,
    pub keys: Vec<Stroke>,
}

/// A key of a wish, by their numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    pub wish: usize,
    pub key: usize,
}

/// A key that a wish has on a screen.
#[derive(Clone, Copy, Debug)]
pub(super) struct Taken {
    pub(super) stroke: Stroke,
    pub(super) action: Action,
    at: Place,
}

/// Why wishes cannot be met.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Clash {
    /// The key means this on that screen, whatever anybody wishes.
    Fixed { at: Place, mode: Mode, is: Action },
    /// It is a letter of a text on that screen.
    Letter { at: Place, mode: Mode },
    /// Another wish has the key.
    Twice { at: Place, first: Place },
    /// It was the last key of an action that nobody spoke of. `free` is one that it might get.
    Last { at: Place, mode: Mode, lost: Action, free: Option<Stroke> },
}

impl Keymap {
    /// The tables with what the user wants of them, or all that stands against it.
    ///
    /// A wish for the main screen goes for every other screen that has the action, where letters are no text and that has
    /// no wish of its own. A key that is wished for is taken from who has it by default.
    pub fn new(wishes: &[Wish]) -> Result<Self, Vec<Clash>> {
        let mut clashes = Vec::new();
        let mut made = Vec::new();
        for mode in Mode::ALL {
            let wished = wished(mode, wishes);
            let taken = taken(mode, wishes, &wished, &mut clashes);
            let actions: Vec<_> = wished.iter().filter_map(|n| wishes.get(*n)).map(|wish| wish.action).collect();
            let mut groups = groups(mode, &actions, &taken);
            still_closes(mode, wishes, &actions, &mut groups);
            lost(mode, &taken, &groups, &actions, &mut clashes);
            made.extend(groups);
        }
        let mut told: Vec<Clash> = Vec::new();
        // A key that cannot be had takes nothing from anybody, and what goes for several screens is told of the first.
        clashes.sort_by_key(Clash::is_last);
        for clash in clashes {
            if !told.iter().any(|known| known.tells(&clash)) {
                told.push(clash);
            }
        }
        for clash in &mut told {
            if let Clash::Last { mode, lost, free, .. } = clash {
                *free = free.and_then(|gone| free_key(*mode, *lost, gone, &made));
            }
        }
        if told.is_empty() { Ok(Self { groups: made }) } else { Err(told) }
    }
}

impl Clash {
    pub fn at(&self) -> Place {
        match self {
            Self::Fixed { at, .. } | Self::Letter { at, .. } | Self::Twice { at, .. } | Self::Last { at, .. } => *at,
        }
    }

    fn is_last(&self) -> bool {
        matches!(self, Self::Last { .. })
    }

    /// Whether the other need not be told as well.
    fn tells(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Last { at, lost, .. }, Self::Last { at: there, lost: other, .. }) => (at, lost) == (there, other),
            (one, other) => one.at() == other.at(),
        }
    }
}

/// A key that no wish takes from its line: the way out of the program and of every screen, the numbers of services, the help,
/// and what ends a text that is typed.
pub(super) fn is_fixed(mode: Mode, key: &Key) -> bool {
    let stroke = stroke(key);
    stroke == Stroke::new(Char('c'), KeyModifiers::CONTROL)
        || stroke.is(Esc)
        || (stroke.is(Char('?')) && key.action == Action::Help)
        || (mode.is_typed() && stroke.is(Enter))
        || matches!(key.action, Action::Toggle(_))
}

/// The wishes that go for a screen, by their numbers.
fn wished(mode: Mode, wishes: &[Wish]) -> Vec<usize> {
    let has = |action| keys_in(mode).any(|key| key.action == action && key.mode == mode);
    let works_everywhere = |action| EVERYWHERE.iter().any(|key| key.action == action && !is_fixed(mode, key));
    let own = |action| wishes.iter().any(|wish| wish.mode == mode && wish.action == action);
    let goes = |wish: &Wish| {
        let inherits = wish.mode == Mode::Main && !own(wish.action) && !mode.is_typed() && has(wish.action);
        wish.mode == mode || inherits || (wish.mode == Mode::Main && works_everywhere(wish.action))
    };
    wishes.iter().enumerate().filter(|(_, wish)| goes(wish)).map(|(n, _)| n).collect()
}

/// The keys that wishes take on a screen.
fn taken(mode: Mode, wishes: &[Wish], wished: &[usize], clashes: &mut Vec<Clash>) -> Vec<Taken> {
    let mut taken: Vec<Taken> = Vec::new();
    let keys = wished.iter().filter_map(|n| Some((*n, wishes.get(*n)?)));
    let keys =
        keys.flat_map(|(wish, it)| (0..).zip(&it.keys).map(move |(key, stroke)| (*stroke, it.action, wish, key)));
    for (key, action, wish, n) in keys {
        let at = Place { wish, key: n };
        let fixed = keys_in(mode).find(|row| stroke(row) == key && is_fixed(mode, row)).map(|row| row.action);
        let other = taken.iter().find(|taken| taken.stroke == key).map(|taken| (taken.action, taken.at));
        match (fixed, other) {
            (Some(is), _) if is != action => clashes.push(Clash::Fixed { at, mode, is }),
            (_, Some((other, first))) if other != action => clashes.push(Clash::Twice { at, first }),
            (None, None) if mode.is_typed() && key.types() => clashes.push(Clash::Letter { at, mode }),
            (None, None) => taken.push(Taken { stroke: key, action, at }),
            // It has it already.
            (Some(_), _) | (None, Some(_)) => {}
        }
    }
    taken
}

/// What opens a screen closes it again: where the user changed the one, the other goes with it.
fn still_closes(mode: Mode, wishes: &[Wish], wished: &[Action], groups: &mut [Group]) {
    let opens = mode.opener().and_then(|opener| {
        wishes
            .iter()
            .find(|wish| wish.mode == Mode::Main && wish.action == opener)
            .filter(|_| !wished.contains(&Action::Close))
    });
    let Some(Wish { action: opener, keys: now, .. }) = opens else { return };
    let before: Vec<_> = keys_in(Mode::Main).filter(|key| key.action == *opener).map(stroke).collect();
    let stays = |key: &Bound| keys_in(Mode::Main).any(|row| stroke(row) == key.stroke && is_fixed(Mode::Main, row));
    let goes = |key: &Bound| key.action == Action::Close && before.contains(&key.stroke) && !stays(key);
    let in_use =
        |stroke: &Stroke| groups.iter().flat_map(|group| &group.keys).any(|key| key.stroke == *stroke && !goes(key));
    let mut comes: Vec<Bound> = Vec::new();
    for stroke in now.iter().filter(|stroke| !in_use(stroke)) {
        if comes.iter().all(|known| known.stroke != *stroke) {
            comes.push(bound(*stroke, Action::Close));
        }
    }
    if comes.is_empty() {
        return;
    }
    for group in &mut *groups {
        group.keys.retain(|key| !goes(key));
    }
    if let Some(group) = groups.iter_mut().find(|group| group.head.action == Action::Close) {
        group.keys.extend(comes);
    }
}

/// The actions that nobody spoke of and whose last key was taken.
fn lost(mode: Mode, taken: &[Taken], groups: &[Group], wished: &[Action], clashes: &mut Vec<Clash>) {
    let has = |action| groups.iter().flat_map(|group| &group.keys).any(|key| key.action == action);
    for row in keys_in(mode).filter(|row| !wished.contains(&row.action) && !has(row.action)) {
        if let Some(Taken { at, .. }) = taken.iter().find(|taken| taken.stroke == stroke(row)) {
            clashes.push(Clash::Last { at: *at, mode, lost: row.action, free: Some(stroke(row)) });
        }
    }
}

/// A key that nothing has on any screen for which a wish would go, as close to the one that is gone as there is.
fn free_key(mode: Mode, action: Action, gone: Stroke, made: &[Group]) -> Option<Stroke> {
    let wish = Wish { mode, action, keys: Vec::new() };
    let screens: Vec<_> =
        Mode::ALL.into_iter().filter(|mode| !wished(*mode, std::slice::from_ref(&wish)).is_empty()).collect();
    let groups = || made.iter().filter(|group| screens.contains(&group.mode));
    let is_free = |key: &Stroke| !groups().flat_map(|group| &group.keys).any(|known| known.stroke == *key);
    let is_typed = screens.iter().any(|mode| mode.is_typed());
    let letter = gone.letter().filter(char::is_ascii_alphabetic);
    let last_word = names::name(action).and_then(|name| name.rsplit('-').next());
    let letters = || letter.into_iter().chain(last_word.and_then(|word| word.chars().next()));
    let plain = letters().flat_map(|letter| [letter.to_ascii_uppercase(), letter.to_ascii_lowercase()]);
    let plain = plain.map(|letter| Stroke::new(Char(letter), KeyModifiers::NONE)).filter(|_| !is_typed);
    let held = letters().map(|letter| Stroke::new(Char(letter), KeyModifiers::ALT));
    let named = (1..=12).map(|n| Stroke::new(F(n), KeyModifiers::NONE));
    plain.chain(held).chain(named).find(|key| is_free(key) && key.unsure().is_none())
}
