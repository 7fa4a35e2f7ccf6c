//! What the file says of the screen, brought onto it: when it begins, and each time the file is read again. What the user
//! changed by key since then stays, unless the file says something else than it did.

use std::time::Duration;

use super::dressing::dressed;
use crate::app::App;
use crate::app::keymap::Keymap;
use crate::app::theme::Themes;
use crate::cli::Screen;
use crate::config::{Config, Ui, When};
use crate::event::alarm::Rules;
use crate::say::Lang;
use crate::time::Ts;

/// Frames a second, where nobody says otherwise.
const FPS: u8 = 30;

/// All that the file and the flags say of the screen and of what it heeds.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Wear {
    pub ui: Ui,
    pub filters: Vec<(String, String)>,
    pub rules: Rules,
    pub keys: Keymap,
    pub themes: Themes,
}

impl Wear {
    /// Flags go before the file.
    pub fn of(screen: &Screen, config: &Config) -> Self {
        // A flag that names none was refused before there was a screen.
        let themes = dressed(config.themes.clone(), screen.theme.as_deref()).unwrap_or_else(|_| config.themes.clone());
        Self {
            ui: screen.over(&config.ui),
            filters: config.filters.clone(),
            rules: config.alarm.clone().unwrap_or_default(),
            keys: config.keys.clone(),
            themes,
        }
    }

    /// The least time between two frames.
    pub(super) fn frame(&self) -> Duration {
        Duration::from_secs(1) / u32::from(self.ui.fps.unwrap_or(FPS).max(1))
    }

    /// Puts it on; of what was worn `before`, only what differs.
    pub(super) fn put_on(self, before: Option<&Self>, app: &mut App, now: Ts) {
        let Self { ui, filters, rules, keys, themes } = self;
        let old = before.map(|before| before.ui);
        let differs = |of: fn(Ui) -> bool| old.is_none_or(|old| of(old) != of(ui));
        if old.is_none_or(|old| language(old) != language(ui)) {
            app.look.lang = language(ui);
        }
        if differs(|ui| colour(ui.color.unwrap_or_default())) {
            app.look.colour = colour(ui.color.unwrap_or_default());
        }
        if differs(ascii) {
            app.look.ascii = ascii(ui);
        }
        if differs(|ui| ui.utc) {
            app.utc = ui.utc;
        }
        if differs(|ui| ui.mouse.unwrap_or(true)) {
            app.hand.mouse = ui.mouse.unwrap_or(true);
        }
        if old.is_none_or(|old| old.columns != ui.columns) {
            app.columns = ui.columns.unwrap_or_default();
        }
        if before.is_none_or(|before| before.filters != filters) {
            app.save_filters(filters);
        }
        if before.is_none_or(|before| before.rules != rules) {
            app.obey(rules, now);
        }
        if before.is_none_or(|before| before.keys != keys) {
            app.rebind(keys);
        }
        if before.is_none_or(|before| before.themes != themes) {
            app.look.themes = themes;
        }
    }
}

/// The locale is for all programs, so that what is said to this one goes before it.
pub(super) fn language(ui: Ui) -> Lang {
    ui.lang.unwrap_or_else(|| {
        let locale = ["LC_ALL", "LC_MESSAGES", "LANG"];
        let set = locale.iter().find_map(|name| std::env::var(name).ok().filter(|value| !value.is_empty()));
        Lang::of_locale(&set.unwrap_or_default())
    })
}

/// Marks of two columns, or none at all, are what a terminal makes of them that does not expect UTF-8.
pub(super) fn ascii(ui: Ui) -> bool {
    ui.ascii.unwrap_or_else(|| {
        let locale = ["LC_ALL", "LC_CTYPE", "LANG"];
        let set = locale.iter().find_map(|name| std::env::var(name).ok().filter(|value| !value.is_empty()));
        set.is_some_and(|locale| !is_utf8(&locale))
    })
}

fn is_utf8(locale: &str) -> bool {
    let locale = locale.to_ascii_lowercase();
    locale.contains("utf-8") || locale.contains("utf8")
}

/// A screen that asks for no colour gets none, unless this program is told otherwise (<https://no-color.org>).
fn colour(when: When) -> bool {
    match when {
        When::Always => true,
        When::Never => false,
        When::Auto => std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::Look;

    #[test]
    fn a_locale_says_whether_it_is_utf_8() {
        for utf8 in ["en_US.UTF-8", "C.utf8", "zh_CN.UTF-8@pinyin", "UTF-8"] {
            assert!(is_utf8(utf8), "{utf8}");
        }
        for other in ["C", "POSIX", "zh_CN.GB18030", "de_DE@euro", "en_US"] {
            assert!(!is_utf8(other), "{other}");
        }
    }

    #[test]
    fn the_user_goes_before_the_locale() {
        assert!(ascii(Ui { ascii: Some(true), ..Ui::default() }));
        assert!(!ascii(Ui { ascii: Some(false), ..Ui::default() }));
    }

    #[test]
    fn what_the_user_changed_stays_until_the_file_says_something_else() {
        let mut app = App::new(Vec::new(), Look::default());
        let first = Wear { ui: Ui { lang: Some(Lang::En), utc: true, ..Ui::default() }, ..Wear::default() };
        first.clone().put_on(None, &mut app, Ts::ZERO);
        assert!(app.utc && app.hand.mouse);
        (app.utc, app.hand.mouse) = (false, false);
        let second = Wear {
            ui: Ui { lang: Some(Lang::ZhCn), ..first.ui },
            filters: vec![("a".into(), "x".into())],
            ..first.clone()
        };
        second.clone().put_on(Some(&first), &mut app, Ts::ZERO);
        assert!(!app.utc && !app.hand.mouse && app.look.lang == Lang::ZhCn);
        assert_eq!(app.filter.saved, second.filters);
        let third = Wear { ui: Ui { mouse: Some(false), utc: false, ..second.ui }, ..second.clone() };
        app.hand.mouse = true;
        third.put_on(Some(&second), &mut app, Ts::ZERO);
        assert!(!app.utc && !app.hand.mouse);
    }
}
