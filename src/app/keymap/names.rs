//! What actions and screens are called in `[keys]` of the configuration, once each. Who asks has promised these names to
//! users: they do not change. Which keys they have is in the tables.

use super::{Action, Key, Mode, Step, keys_in};
use crate::app::arrange::Arrange;
use crate::app::coming::Allow;
use crate::app::control::Control;
use crate::app::inspect::{Fold, Shape};
use crate::app::looking::Look;
use crate::app::prompt::Caret;

/// The name of an action. What opens a screen is `open-` and the name of the screen, so that both can stand in `[keys]`.
/// None: its keys do not change.
pub fn name(action: Action) -> Option<&'static str> {
    Some(match action {
        // Their numbers stand on the screen.
        Action::Toggle(_) => return None,
        Action::Quit => "quit",
        Action::Suspend => "suspend",
        Action::Help => "open-help",
        Action::Close => "close",
        Action::Leave => "leave",
        Action::Move(step) => of_step(step),
        Action::NextPane => "next-pane",
        Action::PreviousPane => "previous-pane",
        Action::NextService | Action::FaultService => "next-service",
        Action::PreviousService => "previous-service",
        Action::ToggleSelected => "toggle-service",
        Action::Dial => "dial",
        Action::Disconnect => "disconnect",
        Action::Outages => "open-outages",
        Action::Whole => "open-outage",
        Action::Back | Action::FaultMenu => "back",
        Action::Zoom => "zoom",
        Action::Freeze => "freeze",
        Action::Filter => "open-filter",
        Action::Sort => "sort",
        Action::Acknowledge => "acknowledge",
        Action::Mute => "mute",
        Action::Heartbeats => "heartbeats",
        Action::Utc => "utc",
        Action::Yes => "yes",
        Action::No => "no",
        Action::Keep => "keep",
        Action::Drop => "drop",
        Action::Erase => "erase",
        Action::EraseAll => "erase-all",
        Action::Faults => "open-faults",
        Action::Lasts(by) if by > 0 => "longer",
        Action::Lasts(_) => "shorter",
        Action::FaultLine => "open-fault-line",
        Action::Inject => "inject",
        Action::ClearFaults => "end-faults",
        Action::Look(look) => of_look(look),
        Action::Control(control) => of_control(control),
        Action::Arrange(arrange) => of_arrange(arrange),
    })
}

fn of_step(step: Step) -> &'static str {
    match step {
        Step::Up => "up",
        Step::Down => "down",
        Step::HalfUp => "half-page-up",
        Step::HalfDown => "half-page-down",
        Step::PageUp => "page-up",
        Step::PageDown => "page-down",
        Step::First => "first",
        Step::Last => "last",
    }
}

fn of_look(look: Look) -> &'static str {
    match look {
        Look::Inspect | Look::InspectRow => "open-inspect",
        Look::NextMatch => "next-match",
        Look::PreviousMatch => "previous-match",
        Look::Columns => "open-columns",
        Look::Deltas => "deltas",
        Look::Latest => "open-latest",
        Look::Marks => "hide-or-mark",
        Look::Recall { back: true } => "earlier",
        Look::Recall { back: false } => "later",
        Look::Saved => "next-saved",
        Look::Caret(caret) => of_caret(caret),
        Look::EraseWord => "erase-word",
        Look::Shape(Shape::Tree) => "tree",
        Look::Shape(Shape::Pretty) => "pretty",
        Look::Shape(Shape::Raw) => "raw",
        Look::Shape(Shape::Hex) => "hex",
        Look::NextShape => "next-shape",
        Look::PreviousShape => "previous-shape",
        Look::Fold(Fold::Out) => "unfold",
        Look::Fold(Fold::In) => "fold",
        Look::Fold(Fold::Turn) => "toggle-fold",
        Look::Fold(Fold::AllOut) => "unfold-all",
        Look::Fold(Fold::AllIn) => "fold-all",
        Look::NextMessage => "next-message",
        Look::PreviousMessage => "previous-message",
        Look::CopyValue => "copy-value",
        Look::CopyPath => "copy-path",
        Look::CopyMessage => "copy-message",
        Look::TurnColumn => "toggle-column",
        Look::CopyColumns => "copy-columns",
        Look::NextKey => "next-key",
        Look::NextValue => "next-value",
        Look::PreviousValue => "previous-value",
        Look::SortValues => "sort",
    }
}

fn of_control(control: Control) -> &'static str {
    match control {
        Control::Palette => "open-commands",
        Control::Run => "run",
        Control::Complete => "complete",
        Control::Draft => "open-send",
        Control::Send => "send",
        Control::NewRow => "new-row",
        Control::Row { down: true } => "down",
        Control::Row { down: false } => "up",
        Control::Template => "last-sent",
        Control::Solo => "solo",
        Control::Mouse => "mouse",
        Control::Caret(caret) => of_caret(caret),
        Control::Erase => "erase",
        Control::EraseWord => "erase-word",
        Control::EraseAll => "erase-all",
        Control::Figures => "open-figures",
        Control::OtherFeed(by) if by > 0 => "next-feed",
        Control::OtherFeed(_) => "previous-feed",
        Control::Allow(Allow::Always) => "always",
        Control::Allow(Allow::Once) => "once",
    }
}

fn of_arrange(arrange: Arrange) -> &'static str {
    match arrange {
        Arrange::Fold => "fold",
        Arrange::NextGroup => "next-group",
        Arrange::PreviousGroup => "previous-group",
        Arrange::Grow => "grow",
        Arrange::Shrink => "shrink",
    }
}

fn of_caret(caret: Caret) -> &'static str {
    match caret {
        Caret::Left => "caret-left",
        Caret::Right => "caret-right",
        Caret::Start => "caret-start",
        Caret::End => "caret-end",
    }
}

impl Mode {
    /// The table in `[keys]` that has its keys; those of the main screen stand in `[keys]` itself.
    pub fn name(self) -> Option<&'static str> {
        match self {
            Self::Main => None,
            Self::Help => Some("help"),
            Self::Outages => Some("outages"),
            Self::Outage => Some("outage"),
            Self::Figures => Some("figures"),
            Self::Question => Some("question"),
            Self::Consent => Some("consent"),
            Self::Typing => Some("filter"),
            Self::Faults => Some("faults"),
            Self::FaultLine => Some("fault-line"),
            Self::Inspect => Some("inspect"),
            Self::Latest => Some("latest"),
            Self::Columns => Some("columns"),
            Self::Palette => Some("commands"),
            Self::Draft => Some("send"),
        }
    }

    /// Letters are text here.
    pub fn is_typed(self) -> bool {
        match self {
            Self::Typing | Self::FaultLine | Self::Palette | Self::Draft => true,
            Self::Main
            | Self::Help
            | Self::Outages
            | Self::Outage
            | Self::Question
            | Self::Consent
            | Self::Figures
            | Self::Faults
            | Self::Inspect
            | Self::Latest
            | Self::Columns => false,
        }
    }

    /// What the key that opened it closes again.
    pub(super) fn opener(self) -> Option<Action> {
        match self {
            Self::Help => Some(Action::Help),
            Self::Outages | Self::Outage => Some(Action::Outages),
            Self::Latest => Some(Action::Look(Look::Latest)),
            Self::Figures => Some(Action::Control(Control::Figures)),
            Self::Columns => Some(Action::Look(Look::Columns)),
            Self::Main
            | Self::Question
            | Self::Consent
            | Self::Typing
            | Self::Faults
            | Self::FaultLine
            | Self::Inspect
            | Self::Palette
            | Self::Draft => None,
        }
    }
}

/// The actions of a screen that `[keys]` may name there, in the order of the table. What works everywhere is named with
/// the main screen.
pub fn named(mode: Mode) -> impl Iterator<Item = (&'static str, Action)> {
    let mut known = Vec::new();
    keys_in(mode).filter(move |key| is_of(key, mode)).filter_map(move |key| {
        let name = name(key.action).filter(|_| !known.contains(&key.action))?;
        known.push(key.action);
        Some((name, key.action))
    })
}

/// Whether a line belongs to the screen itself.
fn is_of(key: &Key, mode: Mode) -> bool {
    key.mode == mode
}

/// The action that a name means on a screen.
pub fn action(mode: Mode, name: &str) -> Option<Action> {
    named(mode).find(|(known, _)| *known == name).map(|(_, action)| action)
}
