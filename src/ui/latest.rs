//! The table of latest values: a row a key, its values as they came, how the first one changed, how old it is.

use ratatui::layout::Rect;

use super::inspect::coloured;
use super::services::name;
use super::sheet::Sheet;
use super::theme::Role;
use super::{View, empty};
use crate::app::history::Pane;
use crate::app::json::path::{Path, Step};
use crate::app::keymap::{Action, Mode};
use crate::app::latest::Latest;
use crate::app::looking::Look;
use crate::say::empty::{no_key, no_values};
use crate::say::{Label, screen};
use crate::text;

/// The columns of age and count, with the space before each.
const AGE: u16 = 8;
const COUNT: u16 = 10;
const CHANGE: u16 = 12;
const VALUE: u16 = 14;

pub fn title(view: &View<'_>, latest: &Latest) -> (Vec<(String, Role)>, String) {
    let lang = view.lang();
    let feed = view.app.feed(latest.feed);
    let service = feed.map_or_else(String::new, |feed| name(view, feed, latest.stream));
    let key = latest.key_path().map_or_else(|| Label::AllMessages.text(lang).to_owned(), ToString::to_string);
    let title = vec![
        (service, Role::Strong),
        (" · ".to_owned(), Role::Muted),
        (Label::LatestValues.text(lang).to_owned(), Role::Plain),
        (" ".to_owned(), Role::Plain),
        (screen::latest_by(lang, &key, latest.rows.len()), Role::Accent),
    ];
    let beside = latest.others + latest.without > 0;
    (title, if beside { screen::beside_rows(lang, latest.others, latest.without) } else { String::new() })
}

pub fn draw(sheet: &mut Sheet<'_>, view: &View<'_>, area: Rect, latest: &Latest) {
    let lang = view.lang();
    if latest.rows.is_empty() {
        empty::write(sheet, area, &nothing(view, latest));
        return;
    }
    let area = Rect { width: area.width.saturating_sub(1), ..area };
    // The first value, its change and its age come before more values.
    let fixed = 1 + AGE;
    let has_change = area.width >= fixed + VALUE + CHANGE + 10;
    let has_count = area.width >= fixed + VALUE + CHANGE + COUNT + 10;
    let fixed = fixed + if has_change { CHANGE } else { 0 } + if has_count { COUNT } else { 0 };
    let paths: Vec<_> = latest.value_paths().collect();
    let room = usize::from(area.width.saturating_sub(fixed + 12) / VALUE);
    let values = paths.len().min(room.max(1));
    let key = area.width.saturating_sub(fixed + VALUE * u16::try_from(values).unwrap_or(1)).min(32);
    let mut pen = sheet.line(area, area.y);
    let name = latest.key_path().map_or_else(String::new, last_name);
    pen.skip(1).column(key, &name, Role::Muted);
    for (n, path) in paths.iter().take(values).enumerate() {
        pen.skip(1).number(VALUE - 1, &last_name(path), if n == 0 { Role::Strong } else { Role::Muted });
        if n == 0 && has_change {
            pen.number(CHANGE, Label::Change.text(lang), Role::Muted);
        }
    }
    pen.number(AGE, Label::Age.text(lang), Role::Muted);
    if has_count {
        pen.number(COUNT, Label::Count.text(lang), Role::Muted);
    }
    let rows = usize::from(area.height.saturating_sub(1));
    let first = latest.at.saturating_sub(rows / 2).min(latest.rows.len().saturating_sub(rows));
    for ((n, row), y) in latest.rows.iter().enumerate().skip(first).zip(area.top() + 1..area.bottom()) {
        let mut pen = sheet.line(area, y);
        let from = pen.x + 1;
        let label = if row.key.is_empty() { Label::AllMessages.text(lang).to_owned() } else { String::new() };
        let label = if label.is_empty() { text::clean_bytes(&row.key, usize::from(key)) } else { label };
        pen.skip(1).column(key, &label, Role::Plain);
        let behind = pen.x;
        for (n, value) in row.values.iter().take(values).enumerate() {
            pen.skip(1);
            match value {
                Some(value) => coloured(&mut pen, VALUE - 1, value, Role::Plain),
                None => {
                    pen.number(VALUE - 1, "–", Role::Muted);
                }
            }
            if n == 0 && has_change {
                let change = row.change.as_deref().unwrap_or_default();
                pen.number(CHANGE, change, if change.starts_with('-') { Role::Trouble } else { Role::Good });
            }
        }
        pen.number(AGE, &text::age(view.now.since(row.at)), Role::Muted);
        if has_count {
            pen.number(COUNT, &text::count(row.count), Role::Muted);
        }
        if n == latest.at {
            pen.x = behind;
            pen.reverse(from);
        }
    }
    if latest.guess.keys.is_empty() && rows > latest.rows.len() + 1 {
        let below = 2 + u16::try_from(latest.rows.len()).unwrap_or(u16::MAX);
        let area = Rect { y: area.y + below, height: area.height - below, ..area };
        empty::write(sheet, area, no_key(lang));
    }
}

/// Why there is no row.
fn nothing(view: &View<'_>, latest: &Latest) -> String {
    let messages = view.app.history.pane(latest.feed, latest.stream).map_or(0, Pane::len);
    match view.app.feed(latest.feed) {
        Some(feed) if messages == 0 => empty::messages(view, feed, latest.stream),
        Some(_) | None => {
            no_values(view.lang(), messages, latest.without, view.label(Mode::Latest, Action::Look(Look::NextKey)))
        }
    }
}

/// What a column is called: the last name of its path.
fn last_name(path: &Path) -> String {
    let key = path.0.iter().rev().find_map(|step| match step {
        Step::Key(key) => Some(key.as_str()),
        Step::Index(_) | Step::Any => None,
    });
    key.map_or_else(|| path.to_string(), |key| text::clean(key).into_owned())
}
