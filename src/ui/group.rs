//! A group of feeds: its head in the table, and the pane that stands in the place of a feed's own while its head is selected.
//! A head says how many of its feeds need the user, folded or not.

use ratatui::layout::Rect;
use ratatui::style::{Modifier, Style};

use super::layout::Size;
use super::sheet::Sheet;
use super::theme::{Role, rank_mark};
use super::{View, feeds, trouble};
use crate::app::arrange::{Arrange, Summary};
use crate::app::keymap::{Action, Mode};
use crate::app::standing::Trouble;
use crate::app::table::{Group, GroupId};
use crate::say::{self, panes, screen};
use crate::text;

/// Where the pieces of a head stand: the columns before its name, those of the names of feeds, those of all its words,
/// and those of its rate.
#[derive(Clone, Copy)]
pub struct Place {
    pub lead: u16,
    pub name: u16,
    pub words: u16,
    pub rate: u16,
}

pub fn head(sheet: &mut Sheet<'_>, view: &View<'_>, area: Rect, y: u16, id: GroupId, place: Place) {
    let Some(group) = view.app.group(id) else { return };
    let sum = view.app.summary(group, view.now);
    let selected = view.app.head() == Some(id);
    let (glyph, role) = mark(&sum);
    let words = usize::from(place.words.saturating_sub(1));
    // The name makes room for what is wrong, down to a few letters.
    let name = text::clean(&group.name);
    let least = text::width(&name).min(8).max(usize::from(place.name.min(12)));
    let said = said(view, &sum, words.saturating_sub(least + 4));
    let said_width = u16::try_from(text::width(&said) + 2).unwrap_or(u16::MAX);
    let name_width = u16::try_from(text::width(&name)).unwrap_or(u16::MAX);
    let room = place.words.saturating_sub(1).saturating_sub(said_width.saturating_add(1)).max(4);
    let mut pen = sheet.line(area, y);
    pen.skip(u16::from(place.lead > 3)).column(1, if selected { "▸" } else { "" }, Role::Strong);
    pen.skip(u16::from(place.lead > 3)).column(2, if group.folded { "+" } else { "-" }, Role::Muted);
    let end = pen.x.saturating_add(place.words);
    // What it says stands below the states of feeds, where the name leaves that.
    pen.column(name_width.max(place.name).min(room), &name, Role::Strong).skip(1).column(2, glyph, role);
    let rest = end.saturating_sub(pen.x);
    pen.column(rest, &said, if sum.need > 0 { Role::Plain } else { Role::Muted });
    let rate = sum.rate.filter(|_| sum.paused < sum.feeds);
    pen.number(place.rate, &rate.map_or_else(String::new, text::rate), Role::Plain);
    if selected && view.marks_rows() {
        sheet.buffer.set_style(Rect { y, height: 1, ..area }, Style::new().add_modifier(Modifier::BOLD));
    }
}

/// What is to be known of a group, and below it the feeds that need the user.
pub fn draw(sheet: &mut Sheet<'_>, view: &View<'_>, area: Rect, troubles: &[(usize, Trouble)], size: Size) {
    let Some(group) = selected(view) else { return };
    if area.is_empty() {
        return;
    }
    let sum = view.app.summary(group, view.now);
    let (glyph, role) = mark(&sum);
    let mut pen = sheet.line(area, area.y);
    pen.skip(1).column(2, glyph, role);
    let room = usize::from(pen.left());
    pen.text(&said(view, &sum, room), Role::Plain);
    pen.text(&format!(" · {}", feeds::rate(sum.rate)), Role::Muted);
    let area = Rect { y: area.y + 1, height: area.height - 1, ..area };
    let is_here = |(at, _): &&(usize, Trouble)| {
        view.app.feeds.get(*at).is_some_and(|feed| feed.info.group.as_deref() == Some(&group.name))
    };
    let troubles: Vec<_> = troubles.iter().filter(is_here).copied().collect();
    if troubles.is_empty() && area.height > 0 {
        sheet.line(area, area.y).skip(3).text(panes::none_needs_you(view.lang()), Role::Muted);
    }
    trouble::draw(sheet, view, area, (None, &troubles), size);
}

/// The name of the selected group, and the key that folds it.
pub fn title(view: &View<'_>) -> (String, String) {
    let Some(group) = selected(view) else { return (String::new(), String::new()) };
    let key = view.label(Mode::Main, Action::Arrange(Arrange::Fold));
    (text::clean(&group.name).into_owned(), panes::fold_hint(view.lang(), key, group.folded))
}

fn selected<'a>(view: &View<'a>) -> Option<&'a Group> {
    view.app.group(view.app.head()?)
}

fn mark(sum: &Summary) -> (&'static str, Role) {
    match sum.worst {
        Some(worst) => rank_mark(worst.rank),
        None if sum.live > 0 => ("●", Role::Good),
        None if sum.paused == sum.feeds => ("‖", Role::Off),
        None => ("○", Role::Accent),
    }
}

/// How its feeds are, and what else there is to say, as far as there is room.
fn said(view: &View<'_>, sum: &Summary, room: usize) -> String {
    let lang = view.lang();
    let mut said = match sum {
        Summary { need: 1.., .. } => say::feeds_need_you_short(lang, sum.need, sum.feeds),
        _ if sum.paused == sum.feeds => return screen::paused_short(lang, sum.paused),
        _ if sum.live == sum.feeds => say::feeds_live(lang, sum.live),
        _ => screen::some_live(lang, sum.live, sum.feeds),
    };
    let aside = (sum.aside > 0).then(|| screen::seen_short(lang, sum.aside));
    let paused = (sum.paused > 0).then(|| screen::paused_short(lang, sum.paused));
    for more in aside.into_iter().chain(paused) {
        if text::width(&said) + 3 + text::width(&more) <= room {
            said = format!("{said} · {more}");
        }
    }
    said
}
