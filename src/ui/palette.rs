//! The palette and the box in which a message is written: the two places where a user types more than a filter.

use ratatui::layout::Rect;
use unicode_segmentation::UnicodeSegmentation;

use super::View;
use super::popup::{centred, columns, open, wrapped};
use super::sheet::{Pen, Sheet};
use super::theme::Role;
use crate::app::control::Control;
use crate::app::control::draft::Form;
use crate::app::control::palette::{Does, Entry};
use crate::app::control::verb::Verb;
use crate::app::keymap::{Action, Mode};
use crate::event::FeedId;
use crate::say::{Label, coming, control as say, empty};
use crate::text;

/// How wide the palette wants to be, and the rows of an empty box.
const WIDTH: u16 = 100;
const ROWS: usize = 4;
/// The columns of a line to go by.
const EXAMPLE: u16 = 34;

pub fn draw(sheet: &mut Sheet<'_>, view: &View<'_>, area: Rect) {
    let palette = &view.app.hand.palette;
    let entries = view.app.palette_entries();
    // The place does not move while the list gets shorter.
    let place = centred(area, WIDTH, usize::from(area.height.min(22)).saturating_sub(2));
    let Some(inner) = open(sheet, place, Label::Commands.text(view.lang())) else { return };
    let mut pen = sheet.line(inner, inner.y);
    pen.skip(1).text(":", Role::Accent);
    typed(&mut pen, &palette.line.text, Some(palette.line.caret), Role::Strong);
    let list = Rect { y: inner.y + 1, height: inner.height - 1, ..inner };
    if list.height == 0 {
        return;
    }
    let mut y = list.y;
    let wide = usize::from(list.width.saturating_sub(2));
    if let Some(wrong) = &palette.wrong {
        for row in wrapped(wrong, wide).into_iter().take(usize::from(list.height).div_ceil(2)) {
            sheet.line(list, y).skip(1).text(row, Role::Trouble);
            y += 1;
        }
    } else if palette.waiting {
        sheet.line(list, y).skip(1).text(coming::under_way(view.lang()), Role::Muted);
        y += 1;
    }
    if entries.is_empty() && palette.wrong.is_none() {
        let label = |action| view.label(Mode::Palette, action);
        let words = empty::no_entry(view.lang(), label(Action::Control(Control::EraseAll)), label(Action::Close));
        super::empty::write(sheet, list, &words);
    }
    let rows = usize::from(list.bottom() - y);
    let here = palette.row.min(entries.len().saturating_sub(1));
    let first = (here + 1).saturating_sub(rows);
    let labels = entries.iter().map(|entry| columns(&entry.label)).max().unwrap_or(0).min(inner.width / 2);
    let mut end = y;
    for ((n, entry), y) in entries.iter().enumerate().skip(first).zip(y..list.bottom()) {
        let mut pen = sheet.line(list, y);
        let role = if n == here { Role::Chosen } else { Role::Plain };
        pen.skip(1).column(labels, &entry.label, Role::Strong).skip(2).text(&entry.help, role);
        end = y + 1;
    }
    if let ([Entry { does: Does::Say(Verb::Add), .. }], None) = (entries.as_slice(), &palette.wrong) {
        for ((line, help), y) in coming::examples(view.lang()).iter().zip(end + 1..list.bottom()) {
            sheet.line(list, y).skip(1).column(EXAMPLE, line, Role::Plain).skip(2).text(help, Role::Muted);
        }
    }
    // What is wrong with a file is longer, and says where.
    for (row, y) in palette.whole.iter().zip(end + 1..list.bottom()) {
        sheet.line(list, y).skip(1).text(row, Role::Muted);
    }
}

/// The box, as high as what is in it.
pub fn draft(sheet: &mut Sheet<'_>, view: &View<'_>, area: Rect, feed: FeedId) {
    let lang = view.lang();
    let draft = &view.app.hand.draft;
    let name = view.app.feed(feed).map_or_else(String::new, |feed| text::clean(&feed.info.name).into_owned());
    let rows: Vec<_> = draft.line.text.split('\n').collect();
    let place = centred(area, WIDTH, rows.len().max(ROWS) + 1);
    let title = format!("{} · {name}", Label::Send.text(lang));
    let Some(inner) = open(sheet, place, &title) else { return };
    let (row, _) = draft.line.place();
    let room = usize::from(inner.height.saturating_sub(1)).max(1);
    let first = (row + 1).saturating_sub(room);
    let mut start: usize = rows.iter().take(first).map(|row| row.len() + 1).sum();
    for ((n, text), y) in rows.iter().enumerate().skip(first).take(room).zip(inner.y..) {
        let mut pen = sheet.line(inner, y);
        pen.skip(1);
        typed(&mut pen, text, (n == row).then(|| draft.line.caret.saturating_sub(start)), Role::Plain);
        start += text.len() + 1;
    }
    if inner.height < 2 {
        return;
    }
    let bytes = draft.line.text.len() as u64;
    let (hint, role) = match (&draft.wrong, draft.form()) {
        (Some(wrong), _) => (wrong.clone(), Role::Trouble),
        (None, Form::Nothing) => (Label::SendHint.text(lang).to_owned(), Role::Muted),
        (None, Form::Json) => (say::is_json(lang, bytes), Role::Good),
        (None, Form::BadJson { row, column, why }) => (say::bad_json(lang, row, column, &why), Role::Waiting),
        (None, Form::Text) => (say::is_text(lang, bytes), Role::Muted),
    };
    sheet.line(inner, inner.bottom() - 1).skip(1).text(&hint, role);
}

/// A row of what is typed, the caret always in sight.
fn typed(pen: &mut Pen<'_, '_>, text: &str, caret: Option<usize>, role: Role) {
    let room = usize::from(pen.left()).saturating_sub(2);
    let (before, after) = text.split_at_checked(caret.unwrap_or(0)).unwrap_or((text, ""));
    let mut before = text::clean(before).into_owned();
    while text::width(&before) > room {
        let Some(first) = before.graphemes(true).next().map(str::len) else { break };
        before.drain(..first);
    }
    pen.text(&before, role);
    if caret.is_some() {
        pen.text("█", Role::Accent);
    }
    pen.text(&text::clean(after), role);
}
