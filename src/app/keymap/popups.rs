//! The keys of the help, of a question, and of what a profile wants.

use crossterm::event::KeyCode::{self, Char, Down, Esc, PageDown, PageUp, Up};

use super::Mode::{Consent, Help, Question};
use super::{Action, Key, Step, also, key};
use crate::app::coming::Allow;
use crate::app::control::Control;

pub(super) const KEYS: &[Key] = &[
    key(Help, Esc, Action::Close, "esc", "close", "关闭").hinted("close", "关闭"),
    also(Help, Char('q'), Action::Close, "q"),
    also(Help, Char('?'), Action::Close, "?"),
    also(Help, KeyCode::F(1), Action::Close, "f1"),
    key(Help, Down, Action::Move(Step::Down), "↓", "scroll", "滚动").hinted("scroll", "滚动"),
    also(Help, Char('j'), Action::Move(Step::Down), "j"),
    also(Help, Up, Action::Move(Step::Up), "↑"),
    also(Help, Char('k'), Action::Move(Step::Up), "k"),
    also(Help, PageDown, Action::Move(Step::PageDown), "pgdn"),
    also(Help, PageUp, Action::Move(Step::PageUp), "pgup"),
    key(Question, Char('y'), Action::Yes, "y", "yes", "是").hinted("yes", "是"),
    key(Question, Char('n'), Action::No, "n", "no", "否").hinted("no", "否"),
    also(Question, Esc, Action::No, "esc"),
    also(Question, Char('q'), Action::No, "q"),
    key(Consent, Char('y'), allow(Allow::Always), "y", "yes, from now on", "允许，今后不再询问")
        .hinted("yes, from now on", "今后都允许"),
    key(Consent, Char('o'), allow(Allow::Once), "o", "yes, once", "允许一次").hinted("once", "仅此一次"),
    key(Consent, Char('n'), Action::No, "n", "no", "否").hinted("no", "否"),
    also(Consent, Esc, Action::No, "esc"),
    also(Consent, Char('q'), Action::No, "q"),
    key(Consent, Down, Action::Move(Step::Down), "↓", "scroll", "滚动"),
    also(Consent, Char('j'), Action::Move(Step::Down), "j"),
    also(Consent, Up, Action::Move(Step::Up), "↑"),
    also(Consent, Char('k'), Action::Move(Step::Up), "k"),
];

const fn allow(allow: Allow) -> Action {
    Action::Control(Control::Allow(allow))
}
