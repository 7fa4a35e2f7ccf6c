//! The keys of the palette and of the box in which a message is written. Letters are text in both.

use crossterm::event::KeyCode::{Backspace, Char, Down, End, Enter, Esc, Home, Left, PageDown, PageUp, Right, Tab, Up};
use crossterm::event::KeyModifiers;

use super::Mode::{Draft, Palette};
use super::{Action, Key, Mode, Step, also, key};
use crate::app::control::Control;
use crate::app::prompt::Caret;

pub(super) const KEYS: &[Key] = &[
    key(Palette, Enter, Action::Control(Control::Run), "enter", "do it", "执行").hinted("do it", "执行"),
    key(Palette, Down, Action::Move(Step::Down), "↓", "choose", "选择").hinted("choose", "选择"),
    key(
        Palette,
        Up,
        Action::Move(Step::Up),
        "↑",
        "choose; on top, what was run last",
        "选择；在顶端则为上次执行的命令",
    ),
    also(Palette, PageDown, Action::Move(Step::PageDown), "pgdn"),
    also(Palette, PageUp, Action::Move(Step::PageUp), "pgup"),
    key(Palette, Tab, Action::Control(Control::Complete), "tab", "write the command", "补全命令")
        .hinted("complete", "补全"),
    key(Palette, Esc, Action::Close, "esc", "close", "关闭").hinted("close", "关闭"),
    erase(Palette),
    word(Palette),
    all(Palette),
    caret(Palette, Left, Caret::Left, "←", "a letter to the left", "左移"),
    caret(Palette, Right, Caret::Right, "→", "a letter to the right", "右移"),
    caret(Palette, Home, Caret::Start, "home", "to the start", "到开头"),
    caret(Palette, End, Caret::End, "end", "to the end", "到末尾"),
    key(Draft, Enter, Action::Control(Control::Send), "enter", "send it", "发送").hinted("send", "发送"),
    Key {
        modifiers: KeyModifiers::ALT,
        ..key(Draft, Enter, Action::Control(Control::NewRow), "alt-enter", "a new row", "换行")
            .hinted("new row", "换行")
    },
    also(Draft, Enter, Action::Control(Control::NewRow), "ctrl-enter").ctrl(),
    also(Draft, Char('j'), Action::Control(Control::NewRow), "ctrl-j").ctrl(),
    key(
        Draft,
        Up,
        Action::Control(Control::Row { down: false }),
        "↑",
        "a row up, or what was sent before",
        "上一行，或之前发送的",
    )
    .hinted("earlier", "历史"),
    key(
        Draft,
        Down,
        Action::Control(Control::Row { down: true }),
        "↓",
        "a row down, or what was sent after that",
        "下一行，或之后发送的",
    ),
    key(
        Draft,
        Char('t'),
        Action::Control(Control::Template),
        "ctrl-t",
        "the last message that went to this feed, to be changed",
        "以最近发出的一条消息为模板",
    )
    .ctrl()
    .hinted("last sent", "最近发出"),
    key(Draft, Esc, Action::Close, "esc", "close; the text is kept", "关闭，保留文本").hinted("close", "关闭"),
    erase(Draft),
    word(Draft),
    all(Draft),
    caret(Draft, Left, Caret::Left, "←", "a letter to the left", "左移"),
    caret(Draft, Right, Caret::Right, "→", "a letter to the right", "右移"),
    caret(Draft, Home, Caret::Start, "home", "to the start of the row", "到行首"),
    caret(Draft, End, Caret::End, "end", "to the end of the row", "到行尾"),
];

const fn erase(mode: Mode) -> Key {
    key(mode, Backspace, Action::Control(Control::Erase), "backspace", "erase a letter", "删除一个字符")
}

const fn word(mode: Mode) -> Key {
    key(mode, Char('w'), Action::Control(Control::EraseWord), "ctrl-w", "erase a word", "删除一个词").ctrl()
}

const fn all(mode: Mode) -> Key {
    key(mode, Char('u'), Action::Control(Control::EraseAll), "ctrl-u", "erase all", "全部删除").ctrl()
}

const fn caret(
    mode: Mode,
    code: crossterm::event::KeyCode,
    to: Caret,
    label: &'static str,
    en: &'static str,
    zh: &'static str,
) -> Key {
    key(mode, code, Action::Control(Control::Caret(to)), label, en, zh)
}
