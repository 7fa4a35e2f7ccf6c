//! One message on the whole screen: as a tree, written out, as it came, or byte by byte. Only the rows on view are made.

use std::fmt::Write as _;
use std::ops::Range;

use ratatui::layout::Rect;

use super::View;
use super::message::{body, tone_role};
use super::messages::departure;
use super::services::name;
use super::sheet::{Pen, Sheet};
use super::theme::Role;
use crate::app::filter::kind_word;
use crate::app::inspect::{Fold, Inspect, Shape};
use crate::app::json::paint::pieces;
use crate::app::json::tree::{Change, MOST_ROWS, Row, What, wide};
use crate::app::json::{byte, part, unquoted};
use crate::app::keymap::{Action, Mode, label};
use crate::app::looking::Look;
use crate::event::{Dir, Form};
use crate::say::{Label, screen};
use crate::text;

/// What shows the values that are folded in.
const OUT: Action = Action::Look(Look::Fold(Fold::Out));
/// Departures of the service that are told below the message.
const NOTES: usize = 2;

pub fn draw(sheet: &mut Sheet<'_>, view: &View<'_>, inner: Rect, inspect: &Inspect) {
    let notes = view.app.drift.notes(inspect.feed, inspect.stream).rev().take(NOTES);
    let notes: Vec<_> = notes.map(|note| (note.at, departure(view.lang(), note))).collect();
    let below = if inner.height > 8 { u16::try_from(notes.len()).unwrap_or(0) } else { 0 };
    let area = Rect { height: inner.height - below, ..inner };
    if inspect.is_empty() || inspect.line.body.is_empty() {
        sheet.line(area, area.y).skip(1).text(Label::EmptyMessage.text(view.lang()), Role::Muted);
    }
    let marks = match inspect.shape {
        Shape::Tree | Shape::Pretty | Shape::Raw => view.app.filter.filter().marks(&inspect.line.body, 1000),
        Shape::Hex => Vec::new(),
    };
    for (at, y) in inspect.window(usize::from(area.height)).zip(area.top()..) {
        let mut pen = sheet.line(area, y);
        let is_chosen = at == inspect.at;
        match (inspect.shape, inspect.row(at)) {
            (Shape::Tree, Some(row)) => leaf(&mut pen, view, inspect, row, &marks, is_chosen),
            (Shape::Pretty, Some(row)) => written(&mut pen, inspect, at, row, &marks, is_chosen),
            (Shape::Raw, _) => raw(&mut pen, inspect, at, &marks, is_chosen),
            (Shape::Hex, _) => hex(&mut pen, inspect, at, is_chosen),
            (Shape::Tree | Shape::Pretty, None) => {}
        }
    }
    for ((at, words), y) in notes.into_iter().zip(area.bottom()..inner.bottom()) {
        let mut pen = sheet.line(inner, y);
        pen.skip(1).text(&view.wall.clock(at), Role::Muted).skip(1).text(&words, Role::Trouble);
    }
}

/// What the message is, and at the end how it is looked at.
pub fn title(view: &View<'_>, inspect: &Inspect) -> (Vec<(String, Role)>, String) {
    let lang = view.lang();
    let line = &inspect.line;
    let feed = view.app.feed(inspect.feed);
    let service = feed.map_or_else(String::new, |feed| name(view, feed, inspect.stream));
    let mut said = vec![(service, Role::Strong)];
    let mut say = |text: String, role| {
        said.push((" · ".to_owned(), Role::Muted));
        said.push((text, role));
    };
    for shape in Shape::ALL.into_iter().filter(|shape| *shape == inspect.shape) {
        say(shape_label(shape).text(lang).to_owned(), Role::Accent);
    }
    say(view.wall.millis(line.at), Role::Plain);
    let arrow = if line.dir == Dir::Out { "→ " } else { "" };
    say(format!("{arrow}{}", kind_word(line.kind)), Role::Plain);
    let size = text::size(u64::from(line.len));
    if line.is_cut() {
        say(screen::in_part(lang, &text::size(line.body.len() as u64), &size), Role::Trouble);
    } else {
        say(size, Role::Plain);
    }
    if matches!(inspect.shape, Shape::Tree | Shape::Pretty) && inspect.len() >= MOST_ROWS {
        say(screen::first_rows(lang, MOST_ROWS), Role::Trouble);
    }
    let end = match inspect.shape {
        Shape::Tree if inspect.before.is_some() => {
            let (added, changed, gone) = inspect.changes();
            screen::changes(lang, added, changed, gone)
        }
        Shape::Tree | Shape::Pretty | Shape::Raw | Shape::Hex => String::new(),
    };
    (said, end)
}

fn shape_label(shape: Shape) -> Label {
    match shape {
        Shape::Tree => Label::ShapeTree,
        Shape::Pretty => Label::ShapePretty,
        Shape::Raw => Label::ShapeRaw,
        Shape::Hex => Label::ShapeHex,
    }
}

/// A row of the tree: what became of it, how deep it is, its name, its value.
fn leaf(pen: &mut Pen<'_, '_>, view: &View<'_>, inspect: &Inspect, row: &Row, marks: &[Range<usize>], is_chosen: bool) {
    let (mark, role) = change_mark(row.change);
    pen.column(1, mark, role);
    indent(pen, row.depth);
    let fold = match row.what {
        What::Open => "▾",
        What::Folded => "▸",
        What::Leaf | What::End | What::More(_) => " ",
    };
    pen.column(2, fold, Role::Accent);
    let doc = inspect.bytes(row);
    let name = row_name(doc, row);
    if is_chosen {
        chosen(pen, &name);
    } else {
        pen.text(&name, if row.key.is_some() { Role::Key } else { Role::Muted });
    }
    if !name.is_empty() {
        pen.skip(1);
    }
    let from = pen.x;
    match row.what {
        What::More(values) => {
            pen.text(&screen::more_values(view.lang(), u64::from(values), label(Mode::Inspect, OUT)), Role::Muted);
        }
        What::Open => {
            pen.text(if byte(doc, row.value.start as usize) == b'{' { "{" } else { "[" }, Role::Muted);
        }
        What::Leaf | What::Folded | What::End => {
            value(pen, doc, row, if row.change == Change::Gone { &[] } else { marks }, row.change);
        }
    }
    if is_chosen && name.is_empty() {
        pen.reverse(from);
    }
}

/// A row of the message written out, with its brackets and commas.
fn written(pen: &mut Pen<'_, '_>, inspect: &Inspect, at: usize, row: &Row, marks: &[Range<usize>], is_chosen: bool) {
    pen.skip(1);
    indent(pen, row.depth);
    let doc = inspect.bytes(row);
    let from = pen.x;
    if let Some(key) = &row.key {
        let key = text::clean_bytes(part(doc, wide(key)), usize::from(pen.left()));
        pen.text(&key, Role::Key).text(": ", Role::Muted);
    }
    if row.what == What::Open {
        pen.text(if byte(doc, row.value.start as usize) == b'{' { "{" } else { "[" }, Role::Muted);
    } else {
        value(pen, doc, row, marks, Change::Same);
        if inspect.row(at + 1).is_some_and(|next| next.what != What::End) {
            pen.text(",", Role::Muted);
        }
    }
    if is_chosen {
        pen.reverse(from);
    }
}

fn raw(pen: &mut Pen<'_, '_>, inspect: &Inspect, at: usize, marks: &[Range<usize>], is_chosen: bool) {
    pen.skip(1);
    let from = pen.x;
    let bytes = inspect.raw(at);
    let start = bytes.as_ptr() as usize - inspect.line.body.as_ptr() as usize;
    body(pen, bytes, Form::Text, &within(marks, start, bytes.len()), Role::Plain, false);
    if is_chosen {
        pen.reverse(from);
    }
}

fn hex(pen: &mut Pen<'_, '_>, inspect: &Inspect, at: usize, is_chosen: bool) {
    let (offset, bytes) = inspect.hex(at);
    pen.skip(1);
    let from = pen.x;
    pen.text(&format!("{offset:08x} "), Role::Muted);
    let mut digits = String::with_capacity(inspect.bytes_a_row() * 3);
    for n in 0..inspect.bytes_a_row() {
        // Writing to a string cannot fail.
        let _ = match bytes.get(n) {
            Some(byte) => write!(digits, " {byte:02x}"),
            None => write!(digits, "   "),
        };
    }
    let letters: String =
        bytes.iter().map(|byte| if matches!(byte, b' '..=b'~') { char::from(*byte) } else { '·' }).collect();
    pen.text(&digits, Role::Plain).skip(2).text(&letters, Role::Key);
    if is_chosen {
        pen.reverse(from);
    }
}

fn value(pen: &mut Pen<'_, '_>, doc: &[u8], row: &Row, marks: &[Range<usize>], change: Change) {
    let place = wide(&row.value);
    let bytes = part(doc, place.clone());
    let marks = within(marks, place.start, bytes.len());
    match change {
        Change::Gone => {
            pen.text(&text::clean_bytes(bytes, usize::from(pen.left())), Role::Dead);
        }
        Change::Same | Change::Added | Change::Changed => {
            body(pen, bytes, Form::Json, &marks, Role::Plain, change != Change::Same);
        }
    }
}

/// Marks of a whole message, as places in a part of it.
fn within(marks: &[Range<usize>], start: usize, length: usize) -> Vec<Range<usize>> {
    let inside = marks.iter().filter(|mark| mark.end > start && mark.start < start + length);
    inside.map(|mark| mark.start.saturating_sub(start)..(mark.end - start).min(length)).collect()
}

fn row_name(doc: &[u8], row: &Row) -> String {
    match (&row.key, row.index) {
        (Some(key), _) => text::clean_bytes(&unquoted(part(doc, wide(key))), 60),
        (None, Some(index)) => index.to_string(),
        (None, None) => String::new(),
    }
}

/// The name that keys act on, with a place to see where it is empty.
fn chosen(pen: &mut Pen<'_, '_>, name: &str) {
    pen.text(name, Role::Chosen);
}

/// Two columns a step, but never so many that nothing fits: then the depth is told.
fn indent(pen: &mut Pen<'_, '_>, depth: u32) {
    let most = u32::from(pen.left() / 6);
    if depth <= most {
        pen.skip(u16::try_from(depth * 2).unwrap_or(0));
    } else {
        let told = format!("{depth} ");
        let width = u16::try_from(most * 2).unwrap_or(0).max(u16::try_from(told.len()).unwrap_or(0));
        pen.number(width, &told, Role::Muted);
    }
}

fn change_mark(change: Change) -> (&'static str, Role) {
    match change {
        Change::Same => ("", Role::Plain),
        Change::Added => ("+", Role::Good),
        Change::Changed => ("~", Role::Accent),
        Change::Gone => ("-", Role::Dead),
    }
}

/// A value on its own, as the table of latest values has it.
pub fn coloured(pen: &mut Pen<'_, '_>, columns: u16, raw: &[u8], role: Role) {
    let tone = pieces(raw, 1).first().map_or(Role::Plain, |(_, tone)| tone_role(*tone));
    let role = if role == Role::Plain { tone } else { role };
    pen.number(columns, &text::clean_bytes(raw, usize::from(columns)), role);
}
