//! The last line: the keys that work now, made from the table of keys, or a note. While a filter is typed, it stands in
//! the border above, and what is wrong with it in the last line, below the place.

use ratatui::layout::Rect;
use unicode_segmentation::UnicodeSegmentation;

use super::View;
use super::layout::Size;
use super::sheet::Sheet;
use super::theme::Role;
use crate::app::control::Control;
use crate::app::keymap::{Action, Mode};
use crate::app::looking::Look;
use crate::app::prompt::Prompt;
use crate::say::{self, screen};
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
    if let Some(done) = &view.app.done {
        pen.text(&text::clean(done), Role::Accent);
        return;
    }
    if view.app.greeting {
        let label = |action| view.label(Mode::Main, action);
        let (inspect, all) = (label(Action::Look(Look::Inspect)), label(Action::Control(Control::Palette)));
        let words = say::empty::greeting(lang, inspect, all, label(Action::Help));
        let fits = |words: &&String| text::width(words) < usize::from(pen.left());
        pen.text(words.iter().find(fits).unwrap_or(&words[1]), Role::Accent);
        return;
    }
    let mode = view.app.mode();
    let hints: Vec<_> = view.app.keymap().hints(mode, lang).collect();
    let gap = if size == Size::Wide { " · " } else { "  " };
    let columns = |label: &str, hint: &str| text::width(label) + 1 + text::width(hint) + gap.len().min(3);
    // The last keep their place, help and quit and what leads to all the others; of those before, the first that fit.
    let palette = view.label(mode, Action::Control(Control::Palette));
    let all = hints.iter().position(|(label, _)| *label == palette);
    let kept = all.unwrap_or(hints.len().saturating_sub(2));
    let (first, last) = hints.split_at(kept);
    let mut room = usize::from(pen.left());
    room = room.saturating_sub(last.iter().map(|(label, hint)| columns(label, hint)).sum());
    let mut shown = Vec::new();
    for (label, hint) in first {
        let needs = columns(label, hint);
        if needs > room {
            break;
        }
        room -= needs;
        shown.push((*label, *hint));
    }
    for (i, (label, hint)) in shown.into_iter().chain(last.iter().copied()).enumerate() {
        if i > 0 {
            pen.text(gap, Role::Muted);
        }
        pen.text(label, Role::Strong).text(" ", Role::Muted).text(hint, Role::Plain);
    }
}

/// The filter that is typed: in the border above the last line, or where there is none, in the last line.
pub fn prompt(sheet: &mut Sheet<'_>, view: &View<'_>, area: Rect, frame: Option<Rect>) {
    if view.app.mode() != Mode::Typing || area.is_empty() {
        return;
    }
    let lang = view.lang();
    let prompt = &view.app.filter;
    let line = match frame {
        Some(frame) if frame.width > 8 => {
            Rect { x: frame.x + 2, y: frame.bottom().saturating_sub(1), width: frame.width - 4, height: 1 }
        }
        Some(_) | None => area,
    };
    let error = prompt.bad.as_ref().map(|bad| (bad, bad.why.text(lang)));
    if line == area {
        sheet.clear(area);
    }
    let mode = if prompt.marks { screen::marks(lang, &jumps(view)) } else { screen::hides(lang).to_owned() };
    let name =
        prompt.named.and_then(|named| prompt.saved.get(named)).map(|(name, _)| format!(" @{}", text::clean(name)));
    // Where there is one line, what is wrong is all that is said.
    let mode = match &error {
        Some((_, error)) if line == area => format!(" {error} "),
        Some(_) | None => format!(" {mode}{} ", name.unwrap_or_default()),
    };
    let room = usize::from(line.width).saturating_sub((text::width(&mode) + 3).min(usize::from(line.width) / 2));
    let shown = Shown::new(prompt, room);
    let mut pen = sheet.line(line, line.y);
    pen.text(" /", Role::Accent);
    let from = pen.x;
    let mut below = from;
    for (at, letter) in &shown.letters {
        let is_bad = error.as_ref().is_some_and(|(bad, _)| bad.at.contains(at));
        if *at == prompt.caret {
            pen.text("█", Role::Accent);
        }
        if error.as_ref().is_some_and(|(bad, _)| bad.at.start >= *at) {
            below = pen.x;
        }
        pen.text(letter, if is_bad { Role::Dead } else { Role::Strong });
        if error.as_ref().is_some_and(|(bad, _)| bad.at.start > *at) {
            below = pen.x;
        }
    }
    if shown.end == prompt.caret {
        pen.text("█", Role::Accent);
    }
    pen.text(&mode, if error.is_some() && line == area { Role::Dead } else { Role::Muted });
    let Some((_, error)) = error.filter(|_| line != area) else { return };
    sheet.clear(area);
    // Below the place, unless it would not fit there.
    let width = u16::try_from(text::width(&error)).unwrap_or(u16::MAX).saturating_add(2);
    let x = below.min(area.right().saturating_sub(width)).max(area.x + 1);
    let mut pen = sheet.line(area, area.y);
    pen.skip(x - area.x).text("↑ ", Role::Dead).text(&error, Role::Dead);
}

/// The keys that go from match to match.
fn jumps(view: &View<'_>) -> String {
    let keys = [Look::NextMatch, Look::PreviousMatch].map(|look| view.label(Mode::Main, Action::Look(look)));
    keys.join(" ").trim().to_owned()
}

/// The part of what is typed for which there is room, the caret always in it: letters with their places.
struct Shown {
    letters: Vec<(usize, String)>,
    end: usize,
}

impl Shown {
    fn new(prompt: &Prompt, room: usize) -> Self {
        let cleaned = |(at, letter): (usize, &str)| (at, text::clean(letter).into_owned());
        let mut letters: Vec<_> = prompt.text.grapheme_indices(true).map(cleaned).collect();
        let width = |letters: &[(usize, String)]| letters.iter().map(|(_, letter)| text::width(letter)).sum::<usize>();
        let before = |letters: &[(usize, String)]| letters.partition_point(|(at, _)| *at < prompt.caret);
        let mut end = prompt.text.len();
        while width(&letters) + 1 > room && !letters.is_empty() {
            if before(&letters) * 2 >= letters.len() {
                letters.remove(0);
            } else if let Some((at, _)) = letters.pop() {
                end = at;
            }
        }
        Self { letters, end }
    }
}
