//! The keys that arrange the screen: groups of feeds folded and jumped to, panes made larger and smaller.

use crossterm::event::KeyCode::Char;

use super::{Action, Key, also, main};
use crate::app::arrange::Arrange;

pub(super) const KEYS: &[Key] = &[
    main(
        Char('F'),
        Action::Arrange(Arrange::Fold),
        "F",
        "fold or unfold a group; on its head space does too",
        "折叠或展开分组；在分组行上 space 亦可",
    ),
    main(Char('}'), Action::Arrange(Arrange::NextGroup), "}", "to the next group", "到下一个分组"),
    main(Char('{'), Action::Arrange(Arrange::PreviousGroup), "{", "to the group before", "到上一个分组"),
    main(Char('+'), Action::Arrange(Arrange::Grow), "+", "the pane that has the focus larger", "放大当前窗格"),
    also(super::Mode::Main, Char('='), Action::Arrange(Arrange::Grow), "="),
    main(Char('-'), Action::Arrange(Arrange::Shrink), "-", "smaller", "缩小"),
];
