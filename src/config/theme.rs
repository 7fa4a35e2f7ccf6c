//! `[theme.NAME]`: themes of the user's own, beside those of [`crate::app::theme`]. Which one is taken is said by `[ui]`.

use crate::app::theme::{TERMINAL, Theme, Themes, Tints};
use crate::app::tint::{Rgb, Tint};
use crate::profile::diagnostic::Problems;
use crate::profile::reader::{self, Reader};
use crate::profile::tree::Node;

/// A ground that is darker than this has light text on it: both black and white are as far from it.
const DARK: f64 = 0.18;

/// The themes that can be chosen. One of the file goes before one of the program that has its name.
pub(super) fn themes(top: &mut Reader<'_>) -> Themes {
    let mut themes = Themes::default();
    let problems = top.problems();
    let Some(node) = top.get("theme") else { return themes };
    if let Some(name) = node.value.as_text() {
        problems.tell_help(node.origin, "a theme is chosen in [ui]", format!("write theme = \"{name}\" below [ui]"));
        return themes;
    }
    for entry in Reader::of(problems, node).into_iter().flat_map(|tables| tables.others()) {
        if entry.key == TERMINAL || entry.key.is_empty() || entry.key.chars().any(char::is_whitespace) {
            let help = format!("a name has no spaces, and `{TERMINAL}` stands for the terminal's own colours");
            problems.tell_help(entry.key_origin, format!("no theme can be called `{}`", entry.key), help);
        }
        let Some(table) = Reader::of(problems, &entry.node) else { continue };
        let made = Theme { name: entry.key.clone(), tints: tints(table, &themes.all), is_safe: false };
        themes.all.retain(|theme| theme.name != made.name);
        themes.all.push(made);
    }
    themes
}

/// The name that `[ui]` takes.
pub(super) fn chosen(table: &mut Reader<'_>, themes: &mut Themes) {
    let names: Vec<_> = themes.names().map(str::to_owned).collect();
    let words: Vec<_> = names.iter().map(|name| (name.as_str(), name.as_str())).collect();
    if let Some(name) = table.choice("theme", &words) {
        themes.choose(name);
    }
}

/// The colours that are given, and for the others those of the theme that it is `like`.
fn tints(mut table: Reader<'_>, known: &[Theme]) -> Tints {
    let words: Vec<_> = known.iter().map(|theme| (theme.name.as_str(), theme.tints)).collect();
    let like = table.choice("like", &words);
    let mut given = Vec::new();
    for tint in Tint::ALL {
        let colour = table.get(tint.name()).and_then(|node| colour(table.problems(), node));
        given.extend(colour.map(|colour| (tint, colour)));
    }
    table.finish();
    let ground = given.iter().find(|(tint, _)| *tint == Tint::Ground).map(|(_, colour)| *colour);
    let is_dark = ground.is_none_or(|ground| ground.luminance() < DARK);
    let near = || known.iter().map(|theme| theme.tints).find(|tints| tints.is_dark() == is_dark);
    let base = like.or_else(near).unwrap_or_default();
    given.into_iter().fold(base, |tints, (tint, colour)| tints.with(tint, colour))
}

fn colour(problems: &Problems, node: &Node) -> Option<Rgb> {
    let text = reader::text(problems, node)?;
    let colour = Rgb::parse(text);
    if colour.is_none() {
        problems.tell_help(node.origin, format!("`{text}` is no colour"), "write red, green and blue as \"#rrggbb\"");
    }
    colour
}
