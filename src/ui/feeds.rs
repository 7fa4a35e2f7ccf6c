//! The table of feeds: a row each, in the user's order and under the heads of their groups, with state, what comes next, services, numbers and the pulse.

use ratatui::layout::Rect;
use ratatui::style::Modifier;

use super::layout::Size;
use super::sheet::{Pen, Sheet};
use super::theme::{Role, mark, service_mark, word};
use super::{View, group, pulse};
use crate::app::arrange::Sight;
use crate::app::feed::Feed;
use crate::app::keymap::{Action, Mode};
use crate::app::order::Order;
use crate::app::pulse::span;
use crate::app::standing::{Next, Standing};
use crate::app::table::Row;
use crate::event::{BeatRule, Due, FeedId};
use crate::say::{self, Label};
use crate::text;

/// The columns of a table, by what there is room for.
struct Columns {
    lead: u16,
    name: u16,
    state: u16,
    next: u16,
    services: u16,
    rate: u16,
    last: u16,
    lag: u16,
    gaps: u16,
    pulse: u16,
}

impl Columns {
    /// The head of a group speaks where its feeds have their names, states and countdowns.
    fn of_group(&self) -> group::Place {
        group::Place {
            lead: self.lead,
            name: self.name - 1,
            words: self.name + self.state + self.next + self.services,
            rate: self.rate,
        }
    }
}

pub fn draw(sheet: &mut Sheet<'_>, view: &View<'_>, area: Rect, size: Size) {
    if view.app.table().is_empty() {
        for (text, y) in say::coming::no_feed_yet(view.lang()).iter().zip(area.top()..area.bottom()) {
            sheet.line(area, y).skip(1).text(text, Role::Plain);
        }
        return;
    }
    let columns = columns(size, area.width, longest(view));
    let mut area = area;
    if size == Size::Wide {
        head(sheet, view, area, &columns);
        area = Rect { y: area.y + 1, height: area.height.saturating_sub(1), ..area };
    }
    let rows = usize::from(area.height);
    let all = view.app.table().len();
    let (first, visible) = window(view, rows);
    for (line, y) in view.app.table().iter().skip(first).take(visible).zip(area.top()..area.bottom()) {
        match line {
            Row::Feed(id) => row(sheet, view, area, y, *id, &columns, size),
            Row::Group(id) => group::head(sheet, view, area, y, *id, columns.of_group()),
        }
    }
    if visible < rows && area.height > 0 {
        let say = if all == view.app.feeds.len() { say::screen::rows_of } else { say::panes::rows_of };
        let more = say(view.lang(), first + 1, first + visible, all);
        sheet.line(area, area.bottom() - 1).skip(columns.lead).text(&more, Role::Muted);
    }
}

/// The first feed that is in sight of so many rows, and how many are. Where not all fit, the last row says how many do not.
fn window(view: &View<'_>, rows: usize) -> (usize, usize) {
    let all = view.app.table().len();
    let visible = if all > rows && rows > 1 { rows - 1 } else { rows };
    let here = view.app.selected_row().and_then(|row| view.app.row_of(row)).unwrap_or(0);
    // Where it stood, as long as the selection is in sight and the place is full.
    let first = view.app.sight.first.min(all.saturating_sub(visible));
    (first.min(here).max((here + 1).saturating_sub(visible)), visible)
}

/// The same, of a table in this place.
pub fn sight(view: &View<'_>, area: Rect, size: Size) -> Sight {
    let (first, rows) = window(view, usize::from(area.height.saturating_sub(u16::from(size == Size::Wide))));
    Sight { first, rows }
}

/// The row of the table in a row of the screen.
pub fn row_at(view: &View<'_>, area: Rect, size: Size, y: u16) -> Option<Row> {
    let head = u16::from(size == Size::Wide);
    let row = usize::from(y.checked_sub(area.y + head)?);
    let (first, visible) = window(view, usize::from(area.height.saturating_sub(head)));
    view.app.table().get(first + row).copied().filter(|_| row < visible)
}

/// What the rule above the table says of the selected feed's place, where not all are in sight.
pub fn place(view: &View<'_>, area: Rect, size: Size) -> Option<String> {
    let rows = usize::from(area.height.saturating_sub(u16::from(size == Size::Wide)));
    let all = view.app.feeds.len();
    let place = view.app.feed_place().filter(|_| view.app.table().len() > rows || view.app.table().len() < all)?;
    Some(say::panes::place_of(view.lang(), place, all))
}

/// What the rule above the table says of its order.
pub fn title(view: &View<'_>, wide: bool) -> &'static str {
    let lang = view.lang();
    match view.app.sorting() {
        Order::Yours if wide => Label::FeedsInYourOrder.text(lang),
        Order::Yours => Label::Feeds.text(lang),
        Order::Trouble => say::screen::trouble_first(lang),
        Order::Rate => say::screen::busiest_first(lang),
        Order::Name => say::screen::by_name(lang),
    }
}

/// What the rule above a table without heads says of its strips.
pub fn strip_title(view: &View<'_>, width: u16) -> String {
    let strip = columns(Size::Medium, width, longest(view)).pulse;
    if strip == 0 { String::new() } else { say::screen::to_now(view.lang(), span(usize::from(strip))) }
}

fn longest(view: &View<'_>) -> u16 {
    view.app.feeds.iter().map(|feed| feed.columns).max().unwrap_or(0)
}

fn columns(size: Size, width: u16, longest: u16) -> Columns {
    let fixed = |name, state, next, services, rate, last, lag, gaps, lead| {
        let used = lead + name + state + next + services + rate + last + lag + gaps;
        // A space before the strip and one after it; a strip of a few cells says nothing.
        let pulse = width.saturating_sub(used + if size == Size::Wide { 3 } else { 2 });
        let pulse = if pulse < 8 { 0 } else { pulse };
        Columns { lead, name, state, next, services, rate, last, lag, gaps, pulse }
    };
    match size {
        Size::Small => {
            let name = longest.clamp(4, width.saturating_sub(3 + 9 + 16).clamp(4, 16));
            fixed(name + 1, 9, width.saturating_sub(3 + name + 1 + 9), 0, 0, 0, 0, 0, 3)
        }
        // Below 80 columns, the less that matters goes first: lag is gone already, then gaps and age.
        Size::Medium => {
            let (last, gaps) = if width >= 74 { (7, 5) } else { (0, 0) };
            let most = (8 + width.saturating_sub(80) / 2).max(spare(width, 3 + 9 + 17 + 3 + 7 + last + gaps + 3, 12));
            let name = longest.clamp(6, most) + 1;
            fixed(name, 9, 17, 3, 7, last, 0, gaps, 3)
        }
        Size::Wide => {
            let (lag, services) = if width >= 112 { (14, 4) } else { (0, 4) };
            let most = (7 + width.saturating_sub(116) / 6 + 1).max(spare(
                width,
                5 + 13 + 17 + services + 8 + 8 + lag + 6 + 4,
                20,
            ));
            let name = longest.clamp(7, most) + 1;
            fixed(name, 13, 17, services, 8, 8, lag, 6, 5)
        }
    }
}

/// What long names may take of the strip, which keeps so many cells: among many feeds a name that is cut tells nothing.
fn spare(width: u16, used: u16, strip: u16) -> u16 {
    width.saturating_sub(used + strip).min(24)
}

fn head(sheet: &mut Sheet<'_>, view: &View<'_>, area: Rect, columns: &Columns) {
    let lang = view.lang();
    let mut pen = sheet.line(area, area.y);
    let muted = Role::Muted;
    pen.skip(columns.lead).column(columns.name, Label::Feed.text(lang), muted);
    pen.column(columns.state, Label::State.text(lang), muted).column(columns.next, Label::Next.text(lang), muted);
    pen.column(columns.services, Label::Svc.text(lang), muted).number(columns.rate, Label::Rate.text(lang), muted);
    pen.number(columns.last, Label::Last.text(lang), muted).number(columns.lag, Label::LagMs.text(lang), muted);
    pen.number(columns.gaps, Label::Gaps.text(lang), muted);
    if columns.pulse >= 20 {
        let from = say::screen::ago(view.lang(), span(usize::from(columns.pulse)));
        pen.skip(2).column(columns.pulse - 6, &from, muted).number(6, Label::Now.text(lang), muted);
    }
}

fn row(sheet: &mut Sheet<'_>, view: &View<'_>, area: Rect, y: u16, id: FeedId, columns: &Columns, size: Size) {
    let Some(feed) = view.app.feed(id) else { return };
    let standing = feed.standing(view.now);
    let (glyph, role) = mark(standing);
    let selected = view.selected.is_some_and(|selected| selected.info.id == id);
    let off = standing == Standing::Paused;
    let number = if off { Role::Muted } else { Role::Plain };
    let mut pen = sheet.line(area, y);
    if size == Size::Wide {
        pen.skip(1);
    }
    pen.column(1, if selected { "▸" } else { "" }, Role::Strong);
    if size == Size::Wide {
        pen.skip(1);
    }
    pen.column(2, glyph, role);
    let name = if selected { Role::Strong } else { number };
    pen.column(columns.name - 1, &text::clean(&feed.info.name), name).skip(1);
    pen.column(columns.state - 1, &word(view.lang(), standing, size != Size::Wide), role).skip(1);
    next(&mut pen, view, feed, columns.next, size);
    if columns.services > 0 {
        services(&mut pen, feed, columns.services, matches!(standing, Standing::Live | Standing::Degraded { .. }));
    }
    let rate = if off { String::new() } else { rate(feed.rate.per_second(view.now)) };
    pen.number(columns.rate, &rate, number);
    let last = feed.last_data().map_or_else(String::new, |last| text::age(view.now.since(last)));
    pen.number(columns.last, &last, number);
    pen.number(columns.lag, &lag(feed), number);
    pen.number(
        columns.gaps,
        &gaps(feed),
        if feed.lost().is_some_and(|lost| lost > 0) { Role::Trouble } else { number },
    );
    pen.skip(if size == Size::Wide { 2 } else { 1 });
    let strip = Rect { x: pen.x, y, width: columns.pulse.min(pen.left()), height: 1 };
    pulse::draw(sheet, strip, &feed.pulse, view.now);
    if selected && view.marks_rows() {
        let bold = ratatui::style::Style::new().add_modifier(Modifier::BOLD);
        sheet.buffer.set_style(Rect { y, height: 1, ..area }, bold);
    }
}

/// The countdown, or the rule while none runs.
fn next(pen: &mut Pen<'_, '_>, view: &View<'_>, feed: &Feed, width: u16, size: Size) {
    let lang = view.lang();
    let (lead, number, role) = match feed.next(view.now) {
        Next::Counting { due, until, .. } => {
            let left = text::exact_secs(until.since(view.now));
            let role = match due {
                Due::Answer | Due::Receive => Role::Waiting,
                Due::Beat | Due::Dial | Due::DialTimeout => Role::Strong,
            };
            (say::due_lead(lang, due, feed.state.attempt), left, role)
        }
        Next::Rule { due: Due::Receive | Due::Answer, after } => {
            pen.column(width, &say::dead_rule(lang, after), Role::Muted);
            return;
        }
        Next::Rule { after, .. } => {
            let idle = feed.info.beat.is_none_or(|beat| beat.idle);
            let rule = feed.info.beat.unwrap_or(BeatRule { idle, after, timeout: after });
            pen.column(width, &say::beat_rule(lang, Some(&rule)), Role::Muted);
            return;
        }
        Next::Away { since } => {
            let lead = away(view, feed);
            (lead, text::age(view.now.since(since)), Role::Muted)
        }
        Next::Nothing => {
            pen.column(width, "–", Role::Muted);
            return;
        }
    };
    // In a narrow table the numbers stand below each other; a wide one reads as a sentence.
    let lead_width = u16::try_from(text::width(&lead)).unwrap_or(width);
    let number_width = u16::try_from(text::width(&number)).unwrap_or(width);
    let role_of_lead = if role == Role::Muted { Role::Muted } else { Role::Plain };
    let room = width.saturating_sub(1).max(number_width);
    if size == Size::Wide || lead_width + 1 + number_width > room {
        let lead_room = room.saturating_sub(number_width + 1);
        pen.column(lead_width.min(lead_room), &lead, role_of_lead).skip(1).column(number_width, &number, role);
        pen.skip(width.saturating_sub(lead_width.min(lead_room) + 1 + number_width));
    } else {
        let column = 15.max(lead_width + 1 + number_width).min(room);
        pen.column(lead_width, &lead, role_of_lead).number(column - lead_width, &number, role);
        pen.skip(width - column);
    }
}

/// Why a feed is not there, or how to have it back.
pub fn away(view: &View<'_>, feed: &Feed) -> String {
    if feed.standing(view.now) == Standing::Paused {
        return say::screen::by_you(view.lang()).to_owned();
    }
    say::screen::press_to_dial(view.lang(), view.label(Mode::Main, Action::Dial))
}

/// A mark for each service, by number; `+` where they are more than there is room for.
fn services(pen: &mut Pen<'_, '_>, feed: &Feed, width: u16, sound: bool) {
    let all = &feed.state.services;
    let room = usize::from(width);
    let shown = if all.len() > room { room.saturating_sub(1) } else { all.len() };
    for service in all.iter().take(shown) {
        let (glyph, role) = service_mark(service.state, feed.wants(service.id), sound);
        pen.column(1, glyph, role);
    }
    let rest = width - u16::try_from(shown).unwrap_or(width);
    pen.column(rest, if shown < all.len() { "+" } else { "" }, Role::Muted);
}

pub fn rate(per_second: Option<f64>) -> String {
    per_second.map_or_else(|| "–".to_owned(), text::rate)
}

/// The middle delay and the 99th of a hundred. `–`: the feed tells no time; `?`: nothing measured yet.
pub fn lag(feed: &Feed) -> String {
    match feed.lag() {
        Some((middle, most)) => format!("{} / {}", text::lag(middle), text::lag(most)),
        None if feed.info.timed && feed.is_open() => "?".to_owned(),
        None => "–".to_owned(),
    }
}

/// Messages lost for good. `–`: nothing numbers them; `?`: it will be known when the link is back.
pub fn gaps(feed: &Feed) -> String {
    match feed.lost() {
        None => "–".to_owned(),
        Some(0) if feed.pending > 0 || (!feed.is_open() && feed.state.counters.opens > 0) => "?".to_owned(),
        Some(lost) => text::count(lost),
    }
}
