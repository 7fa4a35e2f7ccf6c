//! The keys of the help and of a question.

use crossterm::event::KeyCode::{self, Char, Down, Esc, PageDown, PageUp, Up};

use super::Mode::{Help, Question};
use super::{Action, Key, Step, also, key};

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
];
