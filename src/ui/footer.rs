//! The last line: the keys that work now, made from the table of keys; or what is typed; or a note.

use ratatui::layout::Rect;

use super::View;
use super::layout::Size;
use super::sheet::Sheet;
use super::theme::Role;
use crate::app::keymap::{Mode, keys_in};
use crate::text;

pub fn draw(sheet: &mut Sheet<'_>, view: &View<'_>, area: Rect, size: Size) {
    if area.is_empty() {
        return;
    }
    let lang = view.lang();
    let mut pen = sheet.line(area, area.y);
    pen.skip(1);
    if let Some(note) = &view.app.note {
        pen.text(&text::clean(note), Role::Trouble);
        return;
    }
    let mode = view.app.mode();
    if mode == Mode::Typing {
        // The end of what is typed is what the eye follows.
        let typed = text::clean(&view.app.filter.text).into_owned();
        let mut shown = typed.as_str();
        let most = usize::from(area.width / 2);
        while text::width(shown) > most {
            let mut letters = shown.chars();
            letters.next();
            shown = letters.as_str();
        }
        pen.text("/", Role::Accent).text(shown, Role::Strong).text("█", Role::Accent).skip(2);
    }
    let hints: Vec<_> = keys_in(mode).filter(|key| !key.hint(lang).is_empty()).collect();
    let gap = if size == Size::Wide { " · " } else { "  " };
    let columns = |label: &str, hint: &str| text::width(label) + 1 + text::width(hint) + gap.len().min(3);
    // The last two, help and quit, keep their place; of the others, the first that fit.
    let kept = hints.len().saturating_sub(2);
    let (first, last) = hints.split_at(kept);
    let mut room = usize::from(pen.left());
    room = room.saturating_sub(last.iter().map(|key| columns(key.label, key.hint(lang))).sum());
    let mut shown = Vec::new();
    for key in first {
        let needs = columns(key.label, key.hint(lang));
        if needs > room {
            break;
        }
        room -= needs;
        shown.push(key);
    }
    for (i, key) in shown.into_iter().chain(last).enumerate() {
        if i > 0 {
            pen.text(gap, Role::Muted);
        }
        pen.text(key.label, Role::Strong).text(" ", Role::Muted).text(key.hint(lang), Role::Plain);
    }
}
