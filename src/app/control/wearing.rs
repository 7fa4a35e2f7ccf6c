//! Themes in the palette: the names that `theme` lists, which one is looked at, and the one that is taken. Their colours
//! are in [`crate::app::theme`].

use super::palette::{Does, Entry};
use super::verb::Verb;
use crate::app::theme::{Depth, TERMINAL, Theme};
use crate::app::{App, Popup};
use crate::say::control as say;
use crate::text::{clean, nearest};

impl App {
    /// The themes whose names hold what is typed.
    pub(super) fn theme_entries(&self, part: &str) -> Vec<Entry> {
        let themes = &self.look.themes;
        let worn = themes.chosen().map_or(TERMINAL, |theme| theme.name.as_str());
        let entry = |(place, name): (usize, &str)| Entry {
            does: Does::Wear(place),
            label: format!("{} {}", Verb::Theme.name(), clean(name)),
            help: say::theme(
                self.look.lang,
                themes.at(place).map(|theme| (theme.tints.is_dark(), theme.is_safe)),
                name == worn,
            )
            .into(),
        };
        let all = themes.names().enumerate().filter(|(_, name)| name.to_lowercase().contains(part));
        let mut all: Vec<_> = all.collect();
        // What the list points at first is what is worn, so that opening it changes nothing.
        all.sort_by_key(|(_, name)| *name != worn);
        all.into_iter().map(entry).collect()
    }

    /// The theme that the palette points at, none in it for the terminal's own colours; none where it points at no theme.
    pub fn previewed(&self) -> Option<Option<&Theme>> {
        if self.popup != Some(Popup::Palette) {
            return None;
        }
        match self.chosen_entry()?.does {
            Does::Wear(place) => Some(self.look.themes.at(place)),
            Does::Act(_) | Does::Say(_) | Does::Go(_) => None,
        }
    }

    /// Takes the theme of that place. Gives the line that would have taken it.
    pub(super) fn wear(&mut self, place: usize) -> String {
        let name = self.look.themes.names().nth(place).unwrap_or(TERMINAL).to_owned();
        self.look.themes.choose(&name);
        self.note = self.unseen_theme();
        format!("{} {name}", Verb::Theme.name())
    }

    /// Why the theme that was taken is not seen.
    pub fn unseen_theme(&self) -> Option<String> {
        let theme = self.look.themes.chosen()?;
        let lang = self.look.lang;
        match self.look.themes.depth {
            _ if !self.look.colour => Some(say::theme_without_colour(lang, &theme.name)),
            Depth::Sixteen => Some(say::theme_of_sixteen(lang, &theme.name)),
            Depth::Indexed | Depth::True => None,
        }
    }

    pub(super) fn no_theme(&self, name: &str) -> String {
        say::no_theme(self.look.lang, name, nearest(name, self.look.themes.names()))
    }
}
