//! What came of reading the configuration or of adding a feed, where that is more than a line: everything that is wrong,
//! and what profiles want before they are used.

use ratatui::layout::Rect;

use super::View;
use super::popup::{answers, centred, columns, open, whole};
use super::sheet::Sheet;
use super::theme::Role;
use crate::app::keymap::Mode;
use crate::say::{self, coming};

/// Everything that is wrong, as compilers show it.
pub fn draw(sheet: &mut Sheet<'_>, view: &View<'_>, area: Rect, top: usize) {
    let lang = view.lang();
    let rows = view.app.report_rows();
    let title = [(coming::not_reloaded(lang).to_owned(), Role::Trouble)];
    let place = centred(area, area.width, rows.len());
    let Some(inner) = whole(sheet, place, &title, "") else { return };
    let most = rows.len().saturating_sub(usize::from(inner.height));
    for (row, y) in rows.iter().skip(top.min(most)).zip(inner.top()..inner.bottom()) {
        let role = if row.starts_with("error: ") { Role::Strong } else { Role::Plain };
        sheet.line(inner, y).skip(1).text(row, role);
    }
    below(sheet, view, place, most.saturating_sub(top));
}

/// What is wanted, and the keys that answer.
pub fn consent(sheet: &mut Sheet<'_>, view: &View<'_>, area: Rect, top: usize) {
    let lang = view.lang();
    let rows = view.app.demand_rows();
    let hints = answers(view, Mode::Consent);
    let wide = rows.iter().map(|row| columns(row)).chain([columns(&hints)]).max().unwrap_or(0);
    let place = centred(area, wide.saturating_add(4), rows.len() + 1);
    let Some(inner) = open(sheet, place, coming::allow(lang)) else { return };
    let list = Rect { height: inner.height - 1, ..inner };
    let most = rows.len().saturating_sub(usize::from(list.height));
    for (row, y) in rows.iter().skip(top.min(most)).zip(list.top()..list.bottom()) {
        sheet.line(list, y).skip(1).text(row, Role::Plain);
    }
    sheet.line(inner, inner.bottom() - 1).skip(1).text(&hints, Role::Strong);
    below(sheet, view, place, most.saturating_sub(top));
}

/// How many rows are not in sight yet, in the border.
fn below(sheet: &mut Sheet<'_>, view: &View<'_>, place: Rect, rest: usize) {
    if rest > 0 && place.height > 2 {
        let style = sheet.style(Role::Muted);
        let text = format!(" {} ", say::and_more(view.lang(), rest));
        sheet.put_right(place.right().saturating_sub(2), place.bottom() - 1, place.width, &text, style);
    }
}
