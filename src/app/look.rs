//! How the screen is to look, as it was asked for before it came up. What the user changes while it runs is the app's.

use jiff::tz::TimeZone;

use super::theme::Themes;
use crate::say::Lang;
use crate::time::WallAnchor;

/// How the screen is to look, and what it may keep.
#[derive(Clone, Debug)]
pub struct Look {
    pub lang: Lang,
    /// Where the run lies on the wall's calendar; to be set anew when the wall clock was.
    pub anchor: WallAnchor,
    pub zone: TimeZone,
    pub colour: bool,
    pub themes: Themes,
    /// Only ASCII in frames, marks and strips.
    pub ascii: bool,
    /// Bytes for the messages of all feeds together.
    pub budget: usize,
}

impl Default for Look {
    fn default() -> Self {
        let anchor = WallAnchor::default();
        Self {
            lang: Lang::default(),
            anchor,
            zone: TimeZone::UTC,
            colour: true,
            themes: Themes::default(),
            ascii: false,
            budget: 64 << 20,
        }
    }
}
