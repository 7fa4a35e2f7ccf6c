//! The services of the selected feed: by number, so that a key can name them. A row each, or beside each other.

use ratatui::layout::Rect;

use super::feeds::rate;
use super::sheet::{Pen, Sheet};
use super::theme::{Role, service_mark, service_role};
use super::{View, empty};
use crate::app::feed::Feed;
use crate::app::history::Stream;
use crate::app::standing::Standing;
use crate::event::ServiceView;
use crate::say::{self, Label};
use crate::text;

/// The columns of an entry beside the name.
pub const FIXED: u16 = 37;

/// The same without the word for the state, for which its mark stands.
pub const NARROW: u16 = 31;

/// So many services decide how wide their names stand.
const NAMED: usize = 32;

/// How wide the longest name is.
pub fn names(feed: &Feed) -> u16 {
    let widths = feed.state.services.iter().take(NAMED).map(|service| text::width(&text::clean(&service.name)));
    widths.max().and_then(|width| u16::try_from(width).ok()).unwrap_or(0)
}

/// A row each; the selected one is always among them.
pub fn list(sheet: &mut Sheet<'_>, view: &View<'_>, area: Rect, feed: &Feed) {
    for (row, n) in rows(view, area, feed) {
        let Some(service) = feed.state.services.get(n) else { continue };
        let mut pen = sheet.line(area, row.y);
        pen.skip(1);
        entry(&mut pen, view, feed, n, service, area.width.saturating_sub(FIXED).max(4), true);
    }
}

/// Two beside each other, or one where there is no room for two. The last place tells of those that have none.
pub fn strip(sheet: &mut Sheet<'_>, view: &View<'_>, area: Rect, feed: &Feed) {
    if area.is_empty() {
        return;
    }
    if feed.state.services.is_empty() {
        empty::write(sheet, area, &say::empty::no_service(view.lang(), feed.state.counters.messages));
    }
    for (cell, n) in cells(view, area, feed) {
        let Some(service) = feed.state.services.get(n) else { continue };
        let mut pen = sheet.line(cell, cell.y);
        pen.skip(1);
        let words = cell.width >= 46;
        let fixed = if words { FIXED + 1 } else { NARROW };
        entry(&mut pen, view, feed, n, service, cell.width.saturating_sub(fixed).max(4), words);
    }
    let (all, shown) = (feed.state.services.len(), shown(area, feed));
    if let Some(last) = places(area, feed).nth(shown)
        && shown < all
    {
        sheet.line(last, last.y).skip(5).text(&say::and_more(view.lang(), all - shown), Role::Muted);
    }
}

/// Where each service of a list stands, by its number from 0.
pub fn rows(view: &View<'_>, area: Rect, feed: &Feed) -> impl Iterator<Item = (Rect, usize)> + use<> {
    let shown: Vec<_> = window(view, feed, usize::from(area.height)).map(|(n, _)| n).collect();
    (area.top()..area.bottom()).map(move |y| Rect { y, height: 1, ..area }).zip(shown)
}

/// The same of a strip.
pub fn cells(view: &View<'_>, area: Rect, feed: &Feed) -> impl Iterator<Item = (Rect, usize)> + use<> {
    let shown: Vec<_> = window(view, feed, shown(area, feed)).map(|(n, _)| n).collect();
    places(area, feed).zip(shown)
}

/// The places of a strip, row by row.
fn places(area: Rect, feed: &Feed) -> impl Iterator<Item = Rect> + use<> {
    let beside = super::layout::beside(area.width, names(feed));
    let width = area.width / beside;
    let rows = area.top()..area.bottom();
    rows.flat_map(move |y| (0..beside).map(move |n| Rect { x: area.x + n * width, y, width, height: 1 }))
}

/// How many services have one.
fn shown(area: Rect, feed: &Feed) -> usize {
    let (all, places) = (feed.state.services.len(), places(area, feed).count());
    if all > places && places > 1 { places - 1 } else { places }
}

/// The services to show, with their numbers: those around the selected one.
fn window<'a>(
    view: &View<'_>,
    feed: &'a Feed,
    rows: usize,
) -> impl Iterator<Item = (usize, &'a ServiceView)> + use<'a> {
    let services = &feed.state.services;
    let chosen = view.app.chosen(feed);
    let here = services.iter().position(|service| Stream::Service(service.id) == chosen).unwrap_or(0);
    let first = (here + 1).saturating_sub(rows);
    services.iter().enumerate().skip(first).take(rows)
}

/// The name and thirty-six columns, seven fewer without the word for the state.
fn entry(pen: &mut Pen<'_, '_>, view: &View<'_>, feed: &Feed, n: usize, service: &ServiceView, name: u16, words: bool) {
    let lang = view.lang();
    let sound = matches!(feed.standing(view.now), Standing::Live | Standing::Degraded { .. });
    let on = feed.wants(service.id);
    let (glyph, role) = service_mark(service.state, on, sound);
    let chosen = view.app.chosen(feed) == Stream::Service(service.id);
    let number = if n < 9 { (n + 1).to_string() } else { String::new() };
    pen.column(2, &number, Role::Accent).column(2, glyph, role);
    let strength = if chosen {
        Role::Strong
    } else if on {
        Role::Plain
    } else {
        Role::Muted
    };
    pen.column(name, &text::clean(&service.name), strength).skip(1);
    let per_second = feed.service_rate(service.id, view.now);
    if feed.is_switching(service.id) {
        pen.column(pen.left(), say::screen::switching(lang), Role::Accent);
        return;
    }
    if feed.is_ignored(service) && feed.is_open() {
        pen.column(pen.left(), &say::screen::off_still(lang, &rate(per_second)), Role::Trouble);
        return;
    }
    if words {
        pen.column(7, say::service_word(lang, service.state), service_role(service.state));
    }
    let role = if on { Role::Plain } else { Role::Muted };
    pen.number(7, &if on { rate(per_second) } else { String::new() }, role);
    pen.number(7, &service.last.map_or_else(String::new, |last| text::age(view.now.since(last))), role);
    let delays = service.lag.filter(|lag| lag.n > 0);
    let delays =
        delays.map_or_else(|| "–".to_owned(), |lag| format!("{} / {}", text::lag(lag.p50), text::lag(lag.p99)));
    pen.number(9, &delays, role);
}

/// What a stream is called.
pub fn name(view: &View<'_>, feed: &Feed, stream: Stream) -> String {
    match stream {
        Stream::Service(id) => {
            let service = feed.state.services.iter().find(|service| service.id == id);
            service.map_or_else(String::new, |service| text::clean(&service.name).into_owned())
        }
        Stream::Unrouted if feed.state.services.is_empty() => Label::Messages.text(view.lang()).to_owned(),
        Stream::Unrouted => Label::Unrouted.text(view.lang()).to_owned(),
        Stream::Beats => Label::KeyBeats.text(view.lang()).to_owned(),
    }
}
