//! Roles and their styles, states and their marks. Colour is a second voice: marks and words carry a state alone.

use ratatui::buffer::Buffer;
use ratatui::style::{Color, Modifier, Style};

use crate::app::App;
use crate::app::standing::{Rank, Standing};
use crate::app::theme::{Depth, Tints};
use crate::app::tint::Tint;
use crate::event::{Phase, ServiceState};
use crate::say::{self, Lang};

/// What something on the screen is, so that nothing there names a colour.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    Plain,
    Strong,
    Good,
    Waiting,
    Trouble,
    Dead,
    Off,
    Muted,
    Accent,
    Fault,
    /// Pieces of a message.
    Key,
    Text,
    Number,
    Word,
    /// The row that keys act on, where it has the line for itself; what was looked for.
    Chosen,
}

/// How roles look: in the terminal's own sixteen colours, so that dark and light grounds both read well (no black, no
/// white), or in those of a theme on its own ground.
#[derive(Clone, Copy, Debug)]
pub struct Theme {
    colour: bool,
    tints: Option<Tints>,
    depth: Depth,
}

impl Theme {
    /// As the user wants it. A theme that is looked at before it is taken goes first.
    pub fn of(app: &App) -> Self {
        let themes = &app.look.themes;
        let chosen = app.previewed().unwrap_or_else(|| themes.chosen());
        let shows = app.look.colour && themes.depth != Depth::Sixteen;
        Self { colour: app.look.colour, tints: chosen.filter(|_| shows).map(|theme| theme.tints), depth: themes.depth }
    }

    pub fn style(self, role: Role) -> Style {
        if let Some(tints) = self.tints {
            return self.themed(tints, role);
        }
        let plain = Style::new();
        let (colour, modifier) = match role {
            Role::Plain => return plain,
            Role::Strong => (None, Modifier::BOLD),
            Role::Good | Role::Text => (Some(Color::Green), Modifier::empty()),
            Role::Waiting => (Some(Color::Magenta), Modifier::BOLD),
            Role::Trouble => (Some(Color::Yellow), Modifier::BOLD),
            Role::Dead => (Some(Color::Red), Modifier::BOLD),
            Role::Off | Role::Muted => (None, Modifier::DIM),
            Role::Accent | Role::Key => (Some(Color::Cyan), Modifier::empty()),
            Role::Fault => (Some(Color::Magenta), Modifier::BOLD.union(Modifier::REVERSED)),
            Role::Number => (Some(Color::Yellow), Modifier::empty()),
            Role::Word => (Some(Color::Magenta), Modifier::empty()),
            Role::Chosen => (None, Modifier::REVERSED),
        };
        match colour {
            Some(colour) if self.colour => plain.fg(colour).add_modifier(modifier),
            // Without colours, what wants the eye most is underlined.
            Some(_) if matches!(role, Role::Dead) => plain.add_modifier(modifier.union(Modifier::UNDERLINED)),
            Some(_) | None => plain.add_modifier(modifier),
        }
    }

    /// Gives what has no colour of its own those of the theme, at the end of a frame: no pane can leave a hole in the ground.
    pub fn cover(self, buffer: &mut Buffer) {
        let Some(tints) = self.tints else { return };
        let (plain, ground) = (self.shown(tints, Tint::Plain), self.shown(tints, Tint::Ground));
        for cell in &mut buffer.content {
            if cell.fg == Color::Reset {
                cell.fg = plain;
            }
            if cell.bg == Color::Reset {
                cell.bg = ground;
            }
        }
    }

    fn themed(self, tints: Tints, role: Role) -> Style {
        let (tint, modifier) = match role {
            Role::Plain => (Tint::Plain, Modifier::empty()),
            Role::Strong => (Tint::Plain, Modifier::BOLD),
            Role::Good => (Tint::Good, Modifier::empty()),
            Role::Waiting => (Tint::Waiting, Modifier::BOLD),
            Role::Trouble => (Tint::Trouble, Modifier::BOLD),
            Role::Dead => (Tint::Dead, Modifier::BOLD),
            Role::Off => (Tint::Off, Modifier::empty()),
            Role::Muted => (Tint::Muted, Modifier::empty()),
            Role::Accent => (Tint::Accent, Modifier::empty()),
            Role::Fault => (Tint::Fault, Modifier::BOLD.union(Modifier::REVERSED)),
            Role::Key => (Tint::Key, Modifier::empty()),
            Role::Text => (Tint::Text, Modifier::empty()),
            Role::Number => (Tint::Number, Modifier::empty()),
            Role::Word => (Tint::Word, Modifier::empty()),
            Role::Chosen => return Style::new().add_modifier(Modifier::REVERSED),
        };
        Style::new().fg(self.shown(tints, tint)).add_modifier(modifier)
    }

    fn shown(self, tints: Tints, tint: Tint) -> Color {
        let colour = tints.of(tint);
        match self.depth {
            Depth::Sixteen => Color::Reset,
            Depth::Indexed => Color::Indexed(colour.nearest()),
            Depth::True => Color::Rgb(colour.0, colour.1, colour.2),
        }
    }
}

pub fn mark(standing: Standing) -> (&'static str, Role) {
    match standing {
        Standing::Idle => ("·", Role::Muted),
        Standing::Dialing { .. } => ("○", Role::Accent),
        Standing::Live => ("●", Role::Good),
        Standing::Degraded { .. } => ("!", Role::Trouble),
        Standing::Probing => ("◆", Role::Waiting),
        Standing::Retry { .. } => ("↻", Role::Dead),
        Standing::Stopped => ("✕", Role::Dead),
        Standing::Paused => ("‖", Role::Off),
    }
}

/// The word for it; a short one fits nine columns.
pub fn word(lang: Lang, standing: Standing, short: bool) -> String {
    let say = if short { say::link_word_short } else { say::link_word };
    match standing {
        Standing::Idle => say::phase_word(lang, Phase::Idle).to_owned(),
        Standing::Dialing { .. } => say::phase_word(lang, Phase::Dialing).to_owned(),
        Standing::Live => say::phase_word(lang, Phase::Open).to_owned(),
        Standing::Degraded { fine, wanted } => say(lang, Phase::Open, fine, wanted, 0),
        Standing::Probing => say::phase_word(lang, Phase::Probing).to_owned(),
        Standing::Retry { dials: 0 } => say::phase_word(lang, Phase::Waiting).to_owned(),
        Standing::Retry { dials } => say(lang, Phase::Waiting, 0, 0, dials),
        Standing::Stopped => say::phase_word(lang, Phase::Stopped).to_owned(),
        Standing::Paused => say::phase_word(lang, Phase::Paused).to_owned(),
    }
}

pub fn rank_mark(rank: Rank) -> (&'static str, Role) {
    match rank {
        Rank::Stopped | Rank::Down => ("✕", Role::Dead),
        Rank::Probing => ("◆", Role::Waiting),
        Rank::Degraded => ("!", Role::Trouble),
    }
}

/// A service's mark. While its link is not sound, nothing is known of one that is wanted.
pub fn service_mark(state: ServiceState, wanted: bool, sound: bool) -> (&'static str, Role) {
    match state {
        _ if !wanted => ("○", Role::Off),
        ServiceState::Refused => ("✕", Role::Dead),
        _ if !sound => ("·", Role::Muted),
        ServiceState::Live => ("●", Role::Good),
        ServiceState::Stale => ("!", Role::Trouble),
        ServiceState::Wanted | ServiceState::Sent | ServiceState::Acked | ServiceState::Off => ("·", Role::Muted),
    }
}

pub fn service_role(state: ServiceState) -> Role {
    match state {
        ServiceState::Wanted => Role::Muted,
        ServiceState::Sent | ServiceState::Acked => Role::Plain,
        ServiceState::Live => Role::Good,
        ServiceState::Stale => Role::Trouble,
        ServiceState::Refused => Role::Dead,
        ServiceState::Off => Role::Off,
    }
}

/// Every mark, frame and bar in ASCII, for terminals that draw them two columns wide or not at all.
pub fn to_ascii(buffer: &mut Buffer) {
    for cell in &mut buffer.content {
        let spelled = ascii(cell.symbol());
        if spelled.len() != cell.symbol().len() {
            let spelled = spelled.to_owned();
            cell.set_symbol(&spelled);
        }
    }
}

/// The ASCII mark for one of ours; anything else as it is.
pub fn ascii(symbol: &str) -> &str {
    match symbol {
        "─" | "–" | "▂" | "▃" => "-",
        "│" | "‖" => "|",
        "╭" | "╮" | "╰" | "╯" | "├" | "┤" | "┬" | "┴" | "┼" => "+",
        "●" => "*",
        "◆" | "\u{fffd}" => "?",
        "↻" => "@",
        "✕" | "×" => "X",
        "○" => "o",
        "·" | "╷" | "▁" | "░" => ".",
        "▸" | "→" => ">",
        "←" | "≤" => "<",
        "↑" => "^",
        "↓" | "♡" | "▾" => "v",
        "…" => "~",
        "♥" => "V",
        "▄" | "▅" => "=",
        "▆" | "▇" | "█" => "#",
        "▼" => "!",
        // What stands for a control character in text of others.
        other if matches!(other.chars().next(), Some('\u{2400}'..='\u{2421}')) => "^",
        other => other,
    }
}
