//! Panes of messages: the last of a stream, as they came, and in the title what is not on view.

use ratatui::layout::Rect;

use super::View;
use super::feeds::rate;
use super::layout::Size;
use super::services::name;
use super::sheet::Sheet;
use super::theme::Role;
use crate::app::feed::Feed;
use crate::app::history::{Line, Stream};
use crate::app::keymap::{Action, Step};
use crate::event::{Dir, Kind};
use crate::say::{self, Label, screen};
use crate::text;

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
        } else if pane.scrolled() {
            said.push((screen::below(lang, pane.unseen(), view.label(Action::Move(Step::Last))), Role::Accent));
        }
        if let Some((found, of)) = pane.found() {
            said.push((screen::filtered(lang, &view.app.filter.text, found, of), Role::Accent));
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
    if lines.is_empty() && pane.is_none_or(|pane| pane.found().is_none()) {
        sheet.line(area, area.y).skip(1).text(Label::NothingYet.text(view.lang()), Role::Muted);
    }
    for (line, y) in lines.into_iter().zip(area.top()..) {
        row(sheet, view, area, y, line, size);
    }
}

fn row(sheet: &mut Sheet<'_>, view: &View<'_>, area: Rect, y: u16, line: &Line, size: Size) {
    let time = if size == Size::Wide { view.wall.millis(line.at) } else { view.wall.seconds(line.at) };
    let mut pen = sheet.line(area, y);
    pen.skip(u16::from(size != Size::Small)).text(&time, Role::Muted);
    pen.text(if line.dir == Dir::Out { " →" } else { "  " }, Role::Accent);
    let body = text::clean_bytes(&line.body, usize::from(pen.left().saturating_sub(1)));
    pen.column(pen.left().saturating_sub(1), &body, role(line));
}

fn role(line: &Line) -> Role {
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
        return screen::more_panes(view.lang(), hidden, view.label(Action::NextService));
    }
    view.hint(Action::Zoom)
}
