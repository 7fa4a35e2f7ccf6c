//! Panes of messages: the last of a stream, as they came, and in the title what is not on view.

use std::time::Duration;

use ratatui::layout::Rect;

use super::feeds::rate;
use super::layout::Size;
use super::message::{self, Beside};
use super::services::name;
use super::sheet::Sheet;
use super::theme::Role;
use super::{View, empty};
use crate::app::drift::Note;
use crate::app::feed::Feed;
use crate::app::history::Stream;
use crate::app::json::Is;
use crate::app::keymap::{Action, Mode, Step};
use crate::say::{self, Label, Lang, screen};

/// A departure from the usual shape is told in the title for so long.
const NOTED: Duration = Duration::from_mins(10);

/// What the title of a pane says: the name of the stream, and what is to be known of the view.
pub fn title(view: &View<'_>, feed: &Feed, stream: Stream, rows: u16, focused: bool) -> Vec<(String, Role)> {
    let lang = view.lang();
    let mut said = Vec::new();
    let pane = view.app.history.pane(feed.info.id, stream);
    let per_second = match stream {
        Stream::Service(id) => feed.service_rate(id, view.now),
        Stream::Unrouted if feed.state.services.is_empty() => feed.rate.per_second(view.now),
        Stream::Unrouted | Stream::Beats => None,
    };
    if let Some(pane) = pane {
        if view.app.frozen.is_some() {
            said.push((screen::frozen_new(lang, pane.unseen()), Role::Accent));
        } else if pane.selected().is_some() {
            said.push((
                screen::below(lang, pane.unseen(), view.label(Mode::Main, Action::Move(Step::Last))),
                Role::Accent,
            ));
        }
        if let Some((found, of)) = pane.found() {
            let text = view.app.filter.works();
            let words = if pane.hides() {
                screen::filtered(lang, text, of.saturating_sub(found), of)
            } else {
                screen::sought(lang, text, found, of)
            };
            said.push((words, Role::Accent));
        }
    }
    // A pane in which a message is gone before it can be read says that it shows a few of them.
    match per_second {
        Some(per_second) if said.is_empty() && per_second > f64::from(rows) => {
            said.push((say::sampled(lang, u64::from(rows), per_second), Role::Muted));
        }
        Some(_) => said.push((rate(per_second), Role::Muted)),
        None => {}
    }
    if let Some(note) = view.app.drift.notes(feed.info.id, stream).next_back()
        && view.now.since(note.at) < NOTED
    {
        said.push((format!("{} {}", view.wall.clock(note.at), departure(lang, note)), Role::Trouble));
    }
    let shed = match stream {
        Stream::Service(id) => feed.service_shed(id),
        Stream::Unrouted | Stream::Beats => 0,
    };
    if shed > 0 {
        said.push((screen::not_shown(lang, shed), Role::Trouble));
    }
    let role = if focused { Role::Strong } else { Role::Plain };
    let mut title = vec![(name(view, feed, stream), role)];
    for (text, role) in said {
        title.push((" · ".to_owned(), Role::Muted));
        title.push((text, role));
    }
    title
}

pub fn draw(sheet: &mut Sheet<'_>, view: &View<'_>, area: Rect, feed: &Feed, stream: Stream, size: Size) {
    if area.is_empty() {
        return;
    }
    let pane = view.app.history.pane(feed.info.id, stream);
    let lines = pane.map(|pane| pane.window(usize::from(area.height))).unwrap_or_default();
    if lines.is_empty() {
        empty::write(sheet, area, &empty::messages(view, feed, stream));
    }
    let service = name(view, feed, stream);
    let selected = pane.and_then(|pane| pane.selected());
    let newest = lines.last().map(|(_, line)| line.at);
    let from = selected.map(|(_, line)| line.at).or(newest).unwrap_or(view.now);
    for ((number, line), y) in lines.into_iter().zip(area.top()..) {
        let is_selected = selected.is_some_and(|(selected, _)| selected == number);
        let beside = Beside { service: &service, from, is_selected, has_selected: selected.is_some(), size };
        message::draw(&mut sheet.line(area, y), view, line, &beside);
    }
}

/// A departure from the shape of a service's messages, in words.
pub fn departure(lang: Lang, note: &Note) -> String {
    let word = |is| {
        match is {
            Is::Object => Label::IsObject,
            Is::Array => Label::IsArray,
            Is::Text => Label::IsText,
            Is::Number => Label::IsNumber,
            Is::Bool => Label::IsBool,
            Is::Null => Label::IsNull,
        }
        .text(lang)
    };
    match note.was {
        None => screen::new_field(lang, &note.path.to_string(), word(note.is)),
        Some(was) => screen::new_type(lang, &note.path.to_string(), word(was), word(note.is)),
    }
}

/// The streams that get a pane, the selected one always among them: what is switched on, and what came unasked.
pub fn panes(view: &View<'_>, feed: &Feed) -> Vec<Stream> {
    let chosen = view.app.chosen(feed);
    let mut streams = view.app.streams(feed);
    streams.retain(|stream| match stream {
        _ if *stream == chosen => true,
        Stream::Service(id) => feed.wants(*id),
        Stream::Unrouted => view.app.history.pane(feed.info.id, Stream::Unrouted).is_some_and(|pane| !pane.is_empty()),
        Stream::Beats => true,
    });
    streams
}

/// Of `panes`, those for which there is room: a row of neighbours with the selected one among them.
pub fn visible(panes: &[Stream], chosen: Stream, room: usize) -> &[Stream] {
    let here = panes.iter().position(|stream| *stream == chosen).unwrap_or(0);
    let first = (here + 1).saturating_sub(room);
    panes.get(first..(first + room).min(panes.len())).unwrap_or_default()
}

/// The key and the word at the end of a pane's rule.
pub fn hint(view: &View<'_>, hidden: usize) -> String {
    if hidden > 0 {
        return screen::more_panes(view.lang(), hidden, view.label(Mode::Main, Action::NextService));
    }
    view.hint(Action::Zoom)
}
