//! What lies over the panes: the keys, a message looked into, columns, a question. The outages and faults have files of their own.

use ratatui::layout::Rect;

use super::sheet::Sheet;
use super::theme::Role;
use super::{View, faults, figures, inspect, latest, palette, report, timeline};
use crate::app::columns::Column;
use crate::app::keymap::Mode;
use crate::app::{Ask, Popup};
use crate::event::FeedId;
use crate::say::{self, Label};
use crate::text;
pub(super) use crate::text::wrapped;

pub fn draw(sheet: &mut Sheet<'_>, view: &View<'_>, area: Rect, popup: Popup) {
    match popup {
        Popup::Help(top) => help(sheet, view, area, top),
        Popup::Outages(chosen) => timeline::draw(sheet, view, area, chosen),
        Popup::Figures(top) => figures::draw(sheet, view, area, top),
        Popup::Inspect => {
            let Some(it) = &view.app.inspect else { return };
            let (title, end) = inspect::title(view, it);
            if let Some(inner) = whole(sheet, area, &title, &end) {
                inspect::draw(sheet, view, inner, it);
            }
        }
        Popup::Latest => {
            let Some(it) = &view.app.latest else { return };
            let (title, end) = latest::title(view, it);
            if let Some(inner) = whole(sheet, area, &title, &end) {
                latest::draw(sheet, view, inner, it);
            }
        }
        Popup::Columns => columns_list(sheet, view, area),
        Popup::Question(feed, ask) => question(sheet, view, area, feed, ask),
        Popup::Palette => palette::draw(sheet, view, area),
        Popup::Report(top) => report::draw(sheet, view, area, top),
        Popup::Consent(top) => report::consent(sheet, view, area, top),
        Popup::Send(feed) => palette::draft(sheet, view, area, feed),
        Popup::Faults(feed) => faults::draw(sheet, view, area, feed),
    }
}

/// Frames the whole place; what is too small for a frame goes without.
pub(super) fn whole(sheet: &mut Sheet<'_>, place: Rect, title: &[(String, Role)], end: &str) -> Option<Rect> {
    if place.is_empty() {
        return None;
    }
    sheet.clear(place);
    if place.width < 4 || place.height < 3 {
        return Some(place);
    }
    sheet.frame(place);
    let title: Vec<_> = title.iter().map(|(text, role)| (text.as_str(), *role)).collect();
    sheet.rule(place.y, place.left(), place.right() - 1, true, &title, end);
    Some(Rect { x: place.x + 1, y: place.y + 1, width: place.width - 2, height: place.height - 2 })
}

fn columns_list(sheet: &mut Sheet<'_>, view: &View<'_>, area: Rect) {
    let lang = view.lang();
    let labels = Column::ALL.map(|column| {
        match column {
            Column::Time => Label::ColumnTime,
            Column::Delta => Label::ColumnDelta,
            Column::Service => Label::Service,
            Column::Kind => Label::ColumnKind,
            Column::Dir => Label::ColumnDir,
            Column::Size => Label::ColumnSize,
        }
        .text(lang)
    });
    let setting = view.app.columns.setting();
    let widest = labels.iter().map(|label| columns(label) + 5).chain([columns(&setting)]).max().unwrap_or(0);
    let place = centred(area, widest.saturating_add(4), labels.len() + 2);
    let Some(inner) = open(sheet, place, Label::Columns.text(lang)) else { return };
    for ((n, (column, label)), y) in Column::ALL.into_iter().zip(labels).enumerate().zip(inner.top()..inner.bottom()) {
        let mark = if view.app.columns.has(column) { "●" } else { "○" };
        let is_chosen = n == view.app.columns.at;
        let mut pen = sheet.line(inner, y);
        pen.skip(1).column(2, mark, Role::Accent).text(label, if is_chosen { Role::Chosen } else { Role::Plain });
    }
    let last = inner.top() + 7;
    if last < inner.bottom() {
        sheet.line(inner, last).skip(1).text(&setting, Role::Muted);
    }
}

fn help(sheet: &mut Sheet<'_>, view: &View<'_>, area: Rect, top: usize) {
    let lang = view.lang();
    let entries = view.app.keymap().entries(view.app.helped, lang);
    let label = entries.iter().map(|(label, _)| columns(label)).max().unwrap_or(0);
    let widest = entries.iter().map(|(_, help)| columns(help)).max().unwrap_or(0);
    let place = centred(area, (label + widest).saturating_add(6), entries.len());
    let Some(inner) = open(sheet, place, Label::Help.text(lang)) else { return };
    let most = entries.len().saturating_sub(usize::from(inner.height));
    for ((label_text, help), y) in entries.iter().skip(top.min(most)).zip(inner.top()..inner.bottom()) {
        let mut pen = sheet.line(inner, y);
        pen.skip(1).number(label, label_text, Role::Strong).skip(2).text(help, Role::Plain);
    }
    let rest = most.saturating_sub(top);
    if rest > 0 {
        let style = sheet.style(Role::Muted);
        let end = place.right().saturating_sub(2);
        sheet.put_right(end, place.bottom() - 1, inner.width, &say::and_more(lang, rest), style);
    }
}

fn question(sheet: &mut Sheet<'_>, view: &View<'_>, area: Rect, feed: FeedId, ask: Ask) {
    let lang = view.lang();
    let text = match ask {
        Ask::Dial => Label::AskRedial,
        Ask::Disconnect => Label::AskDisconnect,
        Ask::Remove => Label::AskRemove,
    }
    .text(lang);
    let hints = answers(view, Mode::Question);
    let name = view.app.feed(feed).map_or_else(String::new, |feed| text::clean(&feed.info.name).into_owned());
    let width = columns(text).max(columns(&hints)).max(columns(&name));
    let place = centred(area, width.saturating_add(4), 2);
    let Some(inner) = open(sheet, place, &name) else { return };
    sheet.line(inner, inner.y).skip(1).text(text, Role::Plain);
    if inner.height > 1 {
        sheet.line(inner, inner.y + 1).skip(1).text(&hints, Role::Strong);
    }
}

/// The keys that answer a question.
pub(super) fn answers(view: &View<'_>, mode: Mode) -> String {
    let hints = view.app.keymap().hints(mode, view.lang());
    hints.map(|(label, hint)| format!("{label} {hint}")).collect::<Vec<_>>().join("   ")
}

pub(super) fn columns(text: &str) -> u16 {
    u16::try_from(text::width(text)).unwrap_or(u16::MAX)
}

/// A place in the middle with a frame around so many rows.
pub(super) fn centred(area: Rect, width: u16, rows: usize) -> Rect {
    let width = width.min(area.width);
    let height = u16::try_from(rows).unwrap_or(u16::MAX).saturating_add(2).min(area.height);
    let (x, y) = (area.x + (area.width - width) / 2, area.y + (area.height - height) / 2);
    Rect { x, y, width, height }
}

/// Clears the place and frames it; none where there is no room for anything inside.
pub(super) fn open(sheet: &mut Sheet<'_>, place: Rect, title: &str) -> Option<Rect> {
    if place.width < 4 || place.height < 3 {
        return None;
    }
    sheet.clear(place);
    sheet.frame(place);
    sheet.rule(place.y, place.left(), place.right() - 1, true, &[(title, Role::Strong)], "");
    Some(Rect { x: place.x + 1, y: place.y + 1, width: place.width - 2, height: place.height - 2 })
}
