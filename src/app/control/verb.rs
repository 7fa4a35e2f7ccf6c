//! The commands that are typed: what they are called, and what stands after them. What they do is in `palette`.

/// A command with a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verb {
    Send,
    Solo,
    Service,
    Beat,
    Fault,
    Filter,
    Theme,
    Go,
    Fold,
    Unfold,
    Panes,
    Add,
    Remove,
    Reload,
    Quit,
}

impl Verb {
    pub const ALL: [Self; 15] = [
        Self::Send,
        Self::Solo,
        Self::Service,
        Self::Beat,
        Self::Fault,
        Self::Filter,
        Self::Theme,
        Self::Go,
        Self::Fold,
        Self::Unfold,
        Self::Panes,
        Self::Add,
        Self::Remove,
        Self::Reload,
        Self::Quit,
    ];

    pub fn name(self) -> &'static str {
        match self {
            Self::Send => "send",
            Self::Solo => "solo",
            Self::Service => "service",
            Self::Beat => "beat",
            Self::Fault => "fault",
            Self::Filter => "filter",
            Self::Theme => "theme",
            Self::Go => "go",
            Self::Fold => "fold",
            Self::Unfold => "unfold",
            Self::Panes => "panes",
            Self::Add => "add",
            Self::Remove => "remove",
            Self::Reload => "reload",
            Self::Quit => "quit",
        }
    }

    /// What stands after the name.
    pub fn rest(self) -> &'static str {
        match self {
            Self::Send => "TEXT",
            Self::Solo | Self::Filter | Self::Theme => "NAME",
            Self::Service => "NAME on|off",
            Self::Beat => "20s|default",
            Self::Fault => "latency 200ms for 30s",
            Self::Go => "FEED|GROUP",
            Self::Fold | Self::Unfold => "all|GROUP",
            Self::Add => "TARGET [OPTION]..",
            Self::Remove => "[NAME]",
            Self::Panes | Self::Reload | Self::Quit => "",
        }
    }

    /// Whether it does something without that.
    pub(super) fn stands_alone(self) -> bool {
        match self {
            Self::Send | Self::Solo | Self::Fault | Self::Remove | Self::Panes | Self::Reload | Self::Quit => true,
            Self::Service
            | Self::Beat
            | Self::Filter
            | Self::Theme
            | Self::Go
            | Self::Fold
            | Self::Unfold
            | Self::Add => false,
        }
    }
}

/// The command that the first word of a line is, and what stands after it.
pub(super) fn read(line: &str) -> Option<(Verb, &str)> {
    let line = line.trim_start();
    let (word, rest) = line.split_once(char::is_whitespace).unwrap_or((line, ""));
    Some((Verb::ALL.into_iter().find(|verb| verb.name() == word)?, rest.trim()))
}
