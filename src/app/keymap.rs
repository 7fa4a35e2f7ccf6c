//! Every key, said once: where it works, what it does, and what the footer, the help and the README say of it.
//! What an action does is in [`super::act`] and [`super::looking`]; the keys of the screens that look into messages are in
//! `messages`.

mod control;
mod messages;
mod popups;
mod told;
mod trouble;

use crossterm::event::{KeyCode, KeyEvent, KeyEventKind, KeyModifiers};

pub use self::told::{entries, entries_of, label, markdown};
use super::control::Control;
use super::looking::Look;
use crate::say::Lang;

/// Who the keys speak to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Mode {
    #[default]
    Main,
    Help,
    Outages,
    /// One outage in full.
    Outage,
    /// A question that is answered by yes or no.
    Question,
    /// Text is typed: letters are text.
    Typing,
    /// The menu of faults, and the line of it that is typed.
    Faults,
    FaultLine,
    /// A message is looked into.
    Inspect,
    /// The table of latest values.
    Latest,
    /// The list of columns.
    Columns,
    /// A command is typed or chosen.
    Palette,
    /// A message is written.
    Draft,
}

impl Mode {
    pub const ALL: [Self; 13] = [
        Self::Main,
        Self::Help,
        Self::Outages,
        Self::Outage,
        Self::Question,
        Self::Typing,
        Self::Faults,
        Self::FaultLine,
        Self::Inspect,
        Self::Latest,
        Self::Columns,
        Self::Palette,
        Self::Draft,
    ];
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Action {
    Quit,
    Suspend,
    Help,
    Close,
    Leave,
    Move(Step),
    NextPane,
    PreviousPane,
    NextService,
    PreviousService,
    /// The n-th service of the selected feed, from 0.
    Toggle(u8),
    ToggleSelected,
    Dial,
    Disconnect,
    Outages,
    /// Opens the selected one.
    Whole,
    /// Back to the list.
    Back,
    Zoom,
    Freeze,
    Filter,
    Sort,
    Acknowledge,
    Mute,
    Heartbeats,
    Utc,
    Yes,
    No,
    Keep,
    Drop,
    Erase,
    EraseAll,
    Faults,
    /// How long a fault lasts: shorter, longer.
    Lasts(i8),
    FaultService,
    FaultLine,
    /// Back from the line to the menu.
    FaultMenu,
    Inject,
    ClearFaults,
    /// What is asked of the messages.
    Look(Look),
    /// What is asked of feeds.
    Control(Control),
}

/// How far the selection or the view goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Step {
    Up,
    Down,
    HalfUp,
    HalfDown,
    PageUp,
    PageDown,
    First,
    Last,
}

/// One line of the table.
#[derive(Clone, Copy, Debug)]
pub struct Key {
    pub mode: Mode,
    pub code: KeyCode,
    pub modifiers: KeyModifiers,
    pub action: Action,
    /// As it is called; empty where the line before speaks for it too.
    pub label: &'static str,
    /// What the help says, by language; empty where the line before speaks for it too.
    help: [&'static str; 2],
    /// What the footer says, where it names the key.
    hint: [&'static str; 2],
}

impl Key {
    pub fn help(&self, lang: Lang) -> &'static str {
        pick(self.help, lang)
    }

    pub fn hint(&self, lang: Lang) -> &'static str {
        pick(self.hint, lang)
    }

    const fn ctrl(self) -> Self {
        Self { modifiers: KeyModifiers::CONTROL, ..self }
    }

    const fn hinted(self, en: &'static str, zh: &'static str) -> Self {
        Self { hint: [en, zh], ..self }
    }
}

const fn key(
    mode: Mode,
    code: KeyCode,
    action: Action,
    label: &'static str,
    en: &'static str,
    zh: &'static str,
) -> Key {
    Key { mode, code, modifiers: KeyModifiers::NONE, action, label, help: [en, zh], hint: ["", ""] }
}

const fn main(code: KeyCode, action: Action, label: &'static str, en: &'static str, zh: &'static str) -> Key {
    key(Main, code, action, label, en, zh)
}

/// Another key for what the line before does.
const fn also(mode: Mode, code: KeyCode, action: Action, label: &'static str) -> Key {
    key(mode, code, action, label, "", "")
}

const fn digit(n: u8) -> Key {
    also(Main, Char((b'0' + n) as char), Action::Toggle(n - 1), "")
}

use KeyCode::{BackTab, Char, Down, End, Enter, Esc, Home, Left, PageDown, PageUp, Right, Tab, Up};
use Mode::Main;

/// The table. A footer that lacks the room names the first of those that have a hint.
pub const KEYS: &[Key] = &[
    main(
        Char('1'),
        Action::Toggle(0),
        "1-9",
        "switch the n-th service of the selected feed on or off",
        "开关所选数据源的第 n 个业务",
    )
    .hinted("toggle", "开关"),
    digit(2),
    digit(3),
    digit(4),
    digit(5),
    digit(6),
    digit(7),
    digit(8),
    digit(9),
    main(Char(' '), Action::ToggleSelected, "space", "switch the selected service on or off", "开关所选的业务"),
    main(
        Char('S'),
        Action::Control(Control::Solo),
        "S",
        "only the selected service; again: all as before",
        "只开所选业务，再按恢复",
    ),
    main(
        Char('s'),
        Action::Control(Control::Draft),
        "s",
        "send a message to the selected feed",
        "向所选数据源发送消息",
    ),
    main(Tab, Action::NextPane, "tab", "next pane: feeds, services, messages", "下一个窗格：数据源、业务、消息")
        .hinted("pane", "窗格"),
    main(BackTab, Action::PreviousPane, "shift-tab", "previous pane", "上一个窗格"),
    main(Down, Action::Move(Step::Down), "↓", "down in the pane that has the focus", "在当前窗格中向下"),
    also(Main, Char('j'), Action::Move(Step::Down), "j"),
    main(Up, Action::Move(Step::Up), "↑", "up", "向上"),
    also(Main, Char('k'), Action::Move(Step::Up), "k"),
    main(Right, Action::NextService, "→", "next service of the feed", "该数据源的下一个业务"),
    also(Main, Char('l'), Action::NextService, "l"),
    main(Left, Action::PreviousService, "←", "previous service", "上一个业务"),
    also(Main, Char('h'), Action::PreviousService, "h"),
    main(PageDown, Action::Move(Step::PageDown), "pgdn", "a page down", "下一页"),
    main(PageUp, Action::Move(Step::PageUp), "pgup", "a page up", "上一页"),
    main(Char('d'), Action::Move(Step::HalfDown), "ctrl-d", "half a page down", "下半页").ctrl(),
    main(Char('u'), Action::Move(Step::HalfUp), "ctrl-u", "half a page up", "上半页").ctrl(),
    main(Char('g'), Action::Move(Step::First), "g", "to the first", "到最前"),
    also(Main, Home, Action::Move(Step::First), "home"),
    main(Char('G'), Action::Move(Step::Last), "G", "to the last, and follow", "到最后，并跟随"),
    also(Main, End, Action::Move(Step::Last), "end"),
    main(
        Enter,
        Action::Look(Look::Inspect),
        "enter",
        "look into the selected message, or the newest",
        "查看所选消息，或最新一条",
    )
    .hinted("inspect", "查看"),
    main(
        Char('/'),
        Action::Filter,
        "/",
        "filter: words, /regex/, .price > 100, kind:data, !not",
        "过滤：词、/正则/、.price > 100、kind:data、!排除",
    )
    .hinted("filter", "过滤"),
    main(Char('n'), Action::Look(Look::NextMatch), "n", "next match", "下一个匹配"),
    main(Char('N'), Action::Look(Look::PreviousMatch), "N", "previous match", "上一个匹配"),
    main(Esc, Action::Leave, "esc", "leave selection, zoom, frozen view or filter", "离开选择、放大、冻结或过滤"),
    main(
        Char('v'),
        Action::Look(Look::Latest),
        "v",
        "the latest value of each symbol, device or room",
        "每个代码、设备或房间的最新值",
    ),
    main(Char('c'), Action::Look(Look::Columns), "c", "choose the columns of messages", "选择消息的列"),
    main(
        Char('D'),
        Action::Look(Look::Deltas),
        "D",
        "time from the selected message, shown or hidden",
        "显示或隐藏与所选消息的时间差",
    ),
    main(Char('f'), Action::Freeze, "f", "freeze the view; the feed goes on", "冻结画面，接收照常")
        .hinted("freeze", "冻结"),
    also(Main, Char('p'), Action::Freeze, "p"),
    main(Char('z'), Action::Zoom, "z", "the selected service on the whole screen, and back", "放大所选业务，再按还原")
        .hinted("zoom", "放大"),
    main(Char('t'), Action::Outages, "t", "the outages of all feeds, explained", "所有数据源的断线记录及说明")
        .hinted("outages", "断线"),
    main(Char('r'), Action::Dial, "r", "dial now (asks on an open link)", "立即连接（连接正常时先询问）")
        .hinted("dial now", "立即连接"),
    main(
        Char('d'),
        Action::Disconnect,
        "d",
        "disconnect (asks on an open link), or resume",
        "断开（连接正常时先询问）或恢复",
    ),
    main(
        Char('o'),
        Action::Sort,
        "o",
        "sort the feeds: trouble, rate, name, your order",
        "排序：故障、速率、名称、原顺序",
    )
    .hinted("sort", "排序"),
    main(
        Char('a'),
        Action::Acknowledge,
        "a",
        "acknowledge the selected feed's trouble and alarms",
        "确认所选数据源的故障和警报",
    )
    .hinted("acknowledge", "确认"),
    main(
        Char('m'),
        Action::Mute,
        "m",
        "mute the selected feed's trouble, or no longer",
        "静音所选数据源的故障，再按取消",
    )
    .hinted("mute", "静音"),
    main(
        Char('x'),
        Action::Faults,
        "x",
        "inject faults into the selected feed, or end them",
        "向所选数据源注入故障，或结束故障",
    ),
    main(Char('H'), Action::Heartbeats, "H", "heartbeats and control frames shown or hidden", "显示或隐藏心跳和控制帧"),
    main(
        Char('M'),
        Action::Control(Control::Mouse),
        "M",
        "the mouse clicks here, or selects the terminal's text",
        "鼠标用于点击，或用于选择终端文本",
    ),
    main(Char('u'), Action::Utc, "u", "times in UTC or local", "UTC 或本地时间"),
    main(
        Char(':'),
        Action::Control(Control::Palette),
        ":",
        "every action and command, by name",
        "所有操作和命令，按名查找",
    )
    .hinted("all", "全部"),
    main(Char('?'), Action::Help, "?", "these keys", "按键说明").hinted("help", "帮助"),
    also(Main, KeyCode::F(1), Action::Help, "f1"),
    main(Char('q'), Action::Quit, "q", "quit", "退出").hinted("quit", "退出"),
];

/// These work in every mode.
pub const EVERYWHERE: &[Key] = &[
    main(Char('c'), Action::Quit, "ctrl-c", "quit, from everywhere", "随时退出").ctrl(),
    main(Char('z'), Action::Suspend, "ctrl-z", "suspend", "挂起").ctrl(),
];

/// The keys that work in `mode`, in the order of the table.
pub fn keys_in(mode: Mode) -> impl Iterator<Item = &'static Key> {
    KEYS.iter()
        .chain(popups::KEYS)
        .chain(control::KEYS)
        .chain(messages::KEYS)
        .chain(trouble::KEYS)
        .filter(move |key| key.mode == mode)
        .chain(EVERYWHERE)
}

/// What a key means in a mode.
pub fn lookup(mode: Mode, event: KeyEvent) -> Option<Action> {
    if event.kind == KeyEventKind::Release {
        return None;
    }
    let code = half_width(event.code);
    // A capital letter or a `?` comes with SHIFT on some terminals and without on others; the letter says it all.
    let modifiers = event.modifiers.difference(KeyModifiers::SHIFT);
    keys_in(mode).find(|key| key.code == code && key.modifiers == modifiers).map(|key| key.action)
}

/// The letter that a key would type, if it types one.
pub fn typed(event: KeyEvent) -> Option<char> {
    let plain = event.modifiers.difference(KeyModifiers::SHIFT).is_empty() && event.kind != KeyEventKind::Release;
    event.code.as_char().filter(|letter| plain && !letter.is_control())
}

fn pick(words: [&'static str; 2], lang: Lang) -> &'static str {
    match lang {
        Lang::En => words[0],
        Lang::ZhCn => words[1],
    }
}

/// What a Chinese input method types where the key is meant.
fn half_width(code: KeyCode) -> KeyCode {
    let Some(letter) = code.as_char() else { return code };
    Char(match letter {
        '、' | '／' => '/',
        '　' => ' ',
        // The full-width forms of ASCII lie in the same order.
        '！'..='～' => u8::try_from(letter as u32 - '！' as u32).map_or(letter, |n| (b'!' + n) as char),
        other => other,
    })
}
