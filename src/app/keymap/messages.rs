//! The keys that work while a filter is typed, a message is looked into, columns are chosen or latest values are shown.

use crossterm::event::KeyCode::{
    BackTab, Backspace, Char, Down, End, Enter, Esc, Home, Left, PageDown, PageUp, Right, Tab, Up,
};

use super::Mode::{Columns, Inspect, Latest, Typing};
use super::{Action, Key, Mode, Step, also, key};
use crate::app::inspect::{Fold, Shape};
use crate::app::looking::Look;
use crate::app::prompt::Caret;

pub(super) const KEYS: &[Key] = &[
    key(
        Typing,
        Tab,
        Action::Look(Look::Marks),
        "tab",
        "hide what does not match, or only mark what does",
        "隐藏不匹配的，或只标出匹配的",
    )
    .hinted("hide or mark", "隐藏或标出"),
    key(Typing, Up, Action::Look(Look::Recall { back: true }), "↑", "what was kept before", "之前保留的过滤")
        .hinted("earlier", "历史"),
    key(Typing, Down, Action::Look(Look::Recall { back: false }), "↓", "what was kept after that", "之后保留的过滤"),
    key(Typing, Char('n'), Action::Look(Look::Saved), "ctrl-n", "the next saved filter", "下一个已存过滤")
        .ctrl()
        .hinted("saved", "已存"),
    key(Typing, Enter, Action::Keep, "enter", "keep the filter", "保留过滤").hinted("keep", "保留"),
    key(Typing, Esc, Action::Drop, "esc", "drop the filter", "取消过滤").hinted("drop", "取消"),
    key(Typing, Backspace, Action::Erase, "backspace", "erase a letter", "删除一个字符"),
    key(Typing, Char('w'), Action::Look(Look::EraseWord), "ctrl-w", "erase a word", "删除一个词").ctrl(),
    key(Typing, Char('u'), Action::EraseAll, "ctrl-u", "erase all", "全部删除").ctrl(),
    key(Typing, Left, Action::Look(Look::Caret(Caret::Left)), "←", "a letter to the left", "左移"),
    key(Typing, Right, Action::Look(Look::Caret(Caret::Right)), "→", "a letter to the right", "右移"),
    key(Typing, Home, Action::Look(Look::Caret(Caret::Start)), "home", "to the start", "到开头"),
    key(Typing, Char('a'), Action::Look(Look::Caret(Caret::Start)), "ctrl-a", "to the start", "到开头").ctrl(),
    key(Typing, End, Action::Look(Look::Caret(Caret::End)), "end", "to the end", "到末尾"),
    key(Typing, Char('e'), Action::Look(Look::Caret(Caret::End)), "ctrl-e", "to the end", "到末尾").ctrl(),
    key(Inspect, Tab, Action::Look(Look::NextShape), "tab", "tree, written out, raw, hex", "树、展开、原文、十六进制")
        .hinted("tree, raw, hex", "树、原文、十六进制"),
    also(Inspect, BackTab, Action::Look(Look::PreviousShape), "shift-tab"),
    also(Inspect, Char('1'), Action::Look(Look::Shape(Shape::Tree)), "1"),
    also(Inspect, Char('2'), Action::Look(Look::Shape(Shape::Pretty)), "2"),
    also(Inspect, Char('3'), Action::Look(Look::Shape(Shape::Raw)), "3"),
    also(Inspect, Char('4'), Action::Look(Look::Shape(Shape::Hex)), "4"),
    key(Inspect, Char('J'), Action::Look(Look::NextMessage), "J", "the next message", "下一条消息")
        .hinted("next", "下一条"),
    also(Inspect, Char(']'), Action::Look(Look::NextMessage), "]"),
    key(Inspect, Char('K'), Action::Look(Look::PreviousMessage), "K", "the previous message", "上一条消息")
        .hinted("previous", "上一条"),
    also(Inspect, Char('['), Action::Look(Look::PreviousMessage), "["),
    key(Inspect, Char('y'), Action::Look(Look::CopyValue), "y", "copy the value", "复制值").hinted("copy", "复制"),
    key(Inspect, Char('Y'), Action::Look(Look::CopyPath), "Y", "copy its path", "复制路径").hinted("path", "路径"),
    key(Inspect, Char('m'), Action::Look(Look::CopyMessage), "m", "copy the message", "复制消息")
        .hinted("message", "消息"),
    key(Inspect, Right, Action::Look(Look::Fold(Fold::Out)), "→", "unfold, or go in", "展开或进入")
        .hinted("unfold", "展开"),
    also(Inspect, Char('l'), Action::Look(Look::Fold(Fold::Out)), "l"),
    key(Inspect, Left, Action::Look(Look::Fold(Fold::In)), "←", "fold, or go out", "折叠或退出").hinted("fold", "折叠"),
    also(Inspect, Char('h'), Action::Look(Look::Fold(Fold::In)), "h"),
    key(Inspect, Enter, Action::Look(Look::Fold(Fold::Turn)), "enter", "fold or unfold", "折叠或展开"),
    also(Inspect, Char(' '), Action::Look(Look::Fold(Fold::Turn)), "space"),
    key(Inspect, Char('+'), Action::Look(Look::Fold(Fold::AllOut)), "+", "unfold all", "全部展开"),
    key(Inspect, Char('-'), Action::Look(Look::Fold(Fold::AllIn)), "-", "fold all", "全部折叠"),
    moves(Inspect, Down, Step::Down, "↓"),
    also(Inspect, Char('j'), Action::Move(Step::Down), "j"),
    also(Inspect, Up, Action::Move(Step::Up), "↑"),
    also(Inspect, Char('k'), Action::Move(Step::Up), "k"),
    also(Inspect, PageDown, Action::Move(Step::PageDown), "pgdn"),
    also(Inspect, PageUp, Action::Move(Step::PageUp), "pgup"),
    also(Inspect, Char('d'), Action::Move(Step::HalfDown), "ctrl-d").ctrl(),
    also(Inspect, Char('u'), Action::Move(Step::HalfUp), "ctrl-u").ctrl(),
    also(Inspect, Char('g'), Action::Move(Step::First), "g"),
    also(Inspect, Home, Action::Move(Step::First), "home"),
    also(Inspect, Char('G'), Action::Move(Step::Last), "G"),
    also(Inspect, End, Action::Move(Step::Last), "end"),
    key(Inspect, Char('n'), Action::Look(Look::NextMatch), "n", "next match", "下一个匹配"),
    key(Inspect, Char('N'), Action::Look(Look::PreviousMatch), "N", "previous match", "上一个匹配"),
    key(Inspect, Char('?'), Action::Help, "?", "these keys", "按键说明").hinted("help", "帮助"),
    key(Inspect, Esc, Action::Close, "esc", "close", "关闭").hinted("close", "关闭"),
    also(Inspect, Char('q'), Action::Close, "q"),
    key(Latest, Char('c'), Action::Look(Look::NextKey), "c", "another path for the rows", "换一个路径作为行")
        .hinted("key", "键"),
    key(Latest, Right, Action::Look(Look::NextValue), "→", "the next value first", "下一个值在前")
        .hinted("value", "值"),
    also(Latest, Char('l'), Action::Look(Look::NextValue), "l"),
    key(Latest, Left, Action::Look(Look::PreviousValue), "←", "the value before first", "上一个值在前"),
    also(Latest, Char('h'), Action::Look(Look::PreviousValue), "h"),
    key(Latest, Char('o'), Action::Look(Look::SortValues), "o", "sort by key, age or count", "按键、时间或次数排序")
        .hinted("sort", "排序"),
    key(Latest, Enter, Action::Look(Look::InspectRow), "enter", "look into its last message", "查看它的最近一条消息")
        .hinted("inspect", "查看"),
    moves(Latest, Down, Step::Down, "↓"),
    also(Latest, Char('j'), Action::Move(Step::Down), "j"),
    also(Latest, Up, Action::Move(Step::Up), "↑"),
    also(Latest, Char('k'), Action::Move(Step::Up), "k"),
    also(Latest, PageDown, Action::Move(Step::PageDown), "pgdn"),
    also(Latest, PageUp, Action::Move(Step::PageUp), "pgup"),
    also(Latest, Char('g'), Action::Move(Step::First), "g"),
    also(Latest, Char('G'), Action::Move(Step::Last), "G"),
    key(Latest, Char('?'), Action::Help, "?", "these keys", "按键说明").hinted("help", "帮助"),
    key(Latest, Esc, Action::Close, "esc", "close", "关闭").hinted("close", "关闭"),
    also(Latest, Char('q'), Action::Close, "q"),
    also(Latest, Char('v'), Action::Close, "v"),
    key(Columns, Char(' '), Action::Look(Look::TurnColumn), "space", "show or hide the column", "显示或隐藏该列")
        .hinted("show or hide", "显示或隐藏"),
    also(Columns, Enter, Action::Look(Look::TurnColumn), "enter"),
    key(Columns, Char('y'), Action::Look(Look::CopyColumns), "y", "copy the line for the configuration", "复制配置行")
        .hinted("copy the line for [ui]", "复制 [ui] 的配置行"),
    moves(Columns, Down, Step::Down, "↓"),
    also(Columns, Char('j'), Action::Move(Step::Down), "j"),
    also(Columns, Up, Action::Move(Step::Up), "↑"),
    also(Columns, Char('k'), Action::Move(Step::Up), "k"),
    key(Columns, Esc, Action::Close, "esc", "close", "关闭").hinted("close", "关闭"),
    also(Columns, Char('q'), Action::Close, "q"),
    also(Columns, Char('c'), Action::Close, "c"),
];

const fn moves(mode: Mode, code: crossterm::event::KeyCode, step: Step, label: &'static str) -> Key {
    key(mode, code, Action::Move(step), label, "move", "移动")
}
