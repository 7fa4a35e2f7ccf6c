//! A message on one line: what stands before it in columns, and its text in colours with marks on what was looked for.
//! Which messages are on view is decided by others.

use std::ops::Range;
use std::time::Duration;

use ratatui::style::Modifier;

use super::View;
use super::layout::Size;
use super::sheet::Pen;
use super::theme::Role;
use crate::app::columns::Column;
use crate::app::filter::kind_word;
use crate::app::history::Line;
use crate::app::json::paint::{Tone, marked, pieces};
use crate::app::json::part;
use crate::event::{Dir, Form, Kind};
use crate::text;
use crate::time::Ts;

/// Fewer columns than this are no room for a message: then columns before it give way.
const LEAST: u16 = 12;

/// What a line is drawn with, beside itself.
pub struct Beside<'a> {
    pub service: &'a str,
    /// From where times are counted.
    pub from: Ts,
    pub is_selected: bool,
    /// Whether any line is selected, so that there is a place for its mark.
    pub has_selected: bool,
    pub size: Size,
}

pub fn draw(pen: &mut Pen<'_, '_>, view: &View<'_>, line: &Line, beside: &Beside<'_>) {
    let Beside { size, is_selected, .. } = *beside;
    if size != Size::Small || beside.has_selected {
        pen.column(1, if is_selected { "▸" } else { "" }, Role::Accent);
    }
    let weight = |role| if is_selected && role == Role::Muted { Role::Plain } else { role };
    let mut first = true;
    let mut last = None;
    for column in view.app.columns.iter() {
        let (width, text, role) = cell(view, line, beside, column);
        if pen.left() < width + 1 + LEAST {
            break;
        }
        if !first {
            pen.skip(1);
        }
        match column {
            Column::Delta | Column::Size => pen.number(width, &text, weight(role)),
            Column::Time | Column::Service | Column::Kind | Column::Dir => pen.column(width, &text, weight(role)),
        };
        first = false;
        last = Some(column);
    }
    // Where no arrow stands, its column is the space.
    pen.skip(u16::from(last.is_some_and(|last| last != Column::Dir)));
    pen.end = pen.end.saturating_sub(1).max(pen.x);
    let role = role(line);
    if line.body.is_empty() {
        pen.text(kind_word(line.kind), Role::Muted);
        return;
    }
    let marks = view.app.filter.filter().marks(part(&line.body, 0..looked_at(pen.left()).min(line.body.len())), 16);
    body(pen, &line.body, line.form, &marks, role, is_selected);
}

/// So many bytes fill any line.
fn looked_at(columns: u16) -> usize {
    usize::from(columns) * 4 + 256
}

/// A text in colours, if it is JSON and nothing else colours it; with `…` where it does not fit.
pub fn body(pen: &mut Pen<'_, '_>, body: &[u8], form: Form, marks: &[Range<usize>], role: Role, strong: bool) {
    let most = looked_at(pen.left());
    let found = match form {
        Form::Json => pieces(body, most),
        Form::Text | Form::Binary => vec![(0..body.len(), Tone::Sign)],
    };
    let coloured = form == Form::Json && role == Role::Plain;
    let all = marked(&found, marks);
    let count = all.len();
    for (n, (place, tone, is_marked)) in all.into_iter().enumerate() {
        let mut style = pen.style(if coloured { tone_role(tone) } else { role });
        if is_marked {
            style = style.add_modifier(Modifier::REVERSED);
        }
        if strong {
            style = style.add_modifier(Modifier::BOLD).remove_modifier(Modifier::DIM);
        }
        let left = usize::from(pen.left());
        let end = place.end;
        let shown = text::clean_bytes(part(body, place), left + 1);
        if text::width(&shown) == left && (n + 1 < count || end < body.len()) {
            // It fits, and what follows does not.
            pen.styled(&text::cut(&format!("{shown}…"), left), style);
            return;
        }
        pen.styled(&shown, style);
        if pen.left() == 0 || text::width(&shown) > left {
            return;
        }
    }
}

pub fn tone_role(tone: Tone) -> Role {
    match tone {
        Tone::Sign => Role::Muted,
        Tone::Key => Role::Key,
        Tone::Text => Role::Text,
        Tone::Number => Role::Number,
        Tone::Word => Role::Word,
    }
}

fn cell(view: &View<'_>, line: &Line, beside: &Beside<'_>, column: Column) -> (u16, String, Role) {
    match column {
        Column::Time if beside.size == Size::Wide => (12, view.wall.millis(line.at), Role::Muted),
        Column::Time => (6, view.wall.seconds(line.at), Role::Muted),
        Column::Delta => (8, delta(beside.from, line.at), Role::Accent),
        Column::Service => (12, beside.service.to_owned(), Role::Plain),
        Column::Kind => (9, kind_word(line.kind).to_owned(), Role::Muted),
        Column::Dir => (1, if line.dir == Dir::Out { "→" } else { "" }.to_owned(), Role::Accent),
        Column::Size => (8, text::size(u64::from(line.len)), Role::Muted),
    }
}

/// `+0.012s`, `-1m02s`.
fn delta(from: Ts, at: Ts) -> String {
    let (sign, away) = if at < from { ("-", from.since(at)) } else { ("+", at.since(from)) };
    if away < Duration::from_secs(10) {
        format!("{sign}{}.{:03}s", away.as_secs(), away.subsec_millis())
    } else {
        format!("{sign}{}", text::age(away))
    }
}

/// How a whole message is meant: data plainly, what went wrong as trouble, what is only manners in the background.
pub fn role(line: &Line) -> Role {
    match line.kind {
        Kind::Data | Kind::Snapshot | Kind::Other | Kind::Notice if line.dir == Dir::In => Role::Plain,
        Kind::Nack | Kind::Error | Kind::Goodbye | Kind::Fatal => Role::Trouble,
        Kind::Data
        | Kind::Snapshot
        | Kind::Other
        | Kind::Notice
        | Kind::Ack
        | Kind::Ping
        | Kind::Pong
        | Kind::Heartbeat
        | Kind::Hello
        | Kind::End => Role::Muted,
    }
}
