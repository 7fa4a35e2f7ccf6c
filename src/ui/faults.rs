//! The menu of faults: what may be done to a feed on purpose, for how long, and what is on already.

use ratatui::layout::Rect;

use super::View;
use super::popup::{centred, columns, open};
use super::sheet::Sheet;
use super::theme::Role;
use crate::app::keymap::{Action, Mode};
use crate::event::FeedId;
use crate::say::{self, Label};
use crate::text;

/// Rows around the list: how long and for whom, and the line.
const AROUND: u16 = 2;

pub fn draw(sheet: &mut Sheet<'_>, view: &View<'_>, area: Rect, id: FeedId) {
    let (lang, app) = (view.lang(), view.app);
    let Some(feed) = app.feed(id) else { return };
    let choices: Vec<_> = app.fault_choices(feed).iter().map(|fault| say::fault_words(lang, fault)).collect();
    let on: Vec<_> = app.faults_of(id, view.now).map(|fault| say::fault(lang, fault, view.now)).collect();
    let widest = choices.iter().chain(&on).map(|line| columns(line)).max().unwrap_or(0).max(56);
    let rows = choices.len() + on.len() + usize::from(AROUND);
    let place = centred(area, widest.saturating_add(6), rows);
    let title = format!("{} · {}", Label::Faults.text(lang), text::clean(&feed.info.name));
    let Some(inner) = open(sheet, place, &title) else { return };

    let mut y = inner.top();
    for line in on.iter().take(usize::from(inner.height / 3)) {
        sheet.line(inner, y).skip(1).text(line, Role::Waiting);
        y += 1;
    }
    let head = format!(
        "{}   {}",
        say::for_so_long(lang, app.fault_lasts()),
        say::about_service(lang, app.fault_service(feed))
    );
    sheet.line(inner, y).skip(1).text(&head, Role::Strong);
    y += 1;
    let end = if inner.height > AROUND { inner.bottom() - 1 } else { inner.bottom() };
    let room = usize::from(end.saturating_sub(y));
    let chosen = app.menu.row.min(choices.len().saturating_sub(1));
    // The chosen one is always in sight.
    let top = chosen.saturating_sub(room.saturating_sub(1));
    for ((n, line), y) in choices.iter().enumerate().skip(top).zip(y..end) {
        let here = n == chosen && app.menu.line.is_none();
        let role = if here { Role::Strong } else { Role::Plain };
        sheet.line(inner, y).skip(1).text(if here { "▸ " } else { "  " }, Role::Accent).text(line, role);
    }
    if end < inner.bottom() {
        line(sheet, view, Rect { y: end, height: 1, ..inner });
    }
}

/// The last row: what is typed, and what is wrong with it.
fn line(sheet: &mut Sheet<'_>, view: &View<'_>, area: Rect) {
    let menu = &view.app.menu;
    let mut pen = sheet.line(area, area.y);
    pen.skip(1);
    match (&menu.line, &menu.wrong) {
        (Some(_), Some(wrong)) => pen.text(&text::clean(wrong), Role::Trouble),
        (Some(line), None) => {
            let typed = text::clean(line).into_owned();
            let mut shown = typed.as_str();
            while text::width(shown) + 4 > usize::from(area.width) {
                let mut letters = shown.chars();
                letters.next();
                shown = letters.as_str();
            }
            pen.text(": ", Role::Accent).text(shown, Role::Strong).text("█", Role::Accent)
        }
        (None, _) => {
            let key = view.label(Mode::Faults, Action::FaultLine);
            pen.text(&format!("{key} latency 200ms jitter 50ms for 30s"), Role::Muted)
        }
    };
}
