//! The vitals of one feed: its link, the gauge that runs towards the beat, the verdict or the dial, and its last outage.

use std::time::Duration;

use ratatui::layout::Rect;

use super::View;
use super::feeds::{gaps, lag, rate};
use super::sheet::{Pen, Sheet};
use super::theme::{Role, mark, word};
use super::{figures, pulse, services};
use crate::app::feed::Feed;
use crate::app::keymap::{Action, Mode};
use crate::app::standing::{Next, Standing};
use crate::event::{BeatRule, Due};
use crate::say::{self, Label};
use crate::text;

/// Where the values begin.
const LEAD: u16 = 10;

const BETWEEN: &str = " · ";

/// The rows below the services in the detail of a wide screen.
const ROWS: u16 = 3;

/// The services and the vitals of the selected feed, below each other.
pub fn detail(sheet: &mut Sheet<'_>, view: &View<'_>, area: Rect, feed: &Feed) {
    let place = listed_in(area, feed);
    services::list(sheet, view, place, feed);
    let rest = Rect { y: place.bottom(), height: area.height - place.height, ..area };
    if feed.state.services.is_empty() && rest.height > ROWS + 1 {
        lines(sheet, view, rest, feed);
        let below = Rect { y: rest.y + ROWS + 1, height: rest.height - ROWS - 1, ..rest };
        super::empty::write(sheet, below, &say::empty::no_service(view.lang(), feed.state.counters.messages));
        return;
    }
    let table = figures::height(rest.width, rest.height.saturating_sub(ROWS + 1));
    lines(sheet, view, Rect { height: rest.height - table, ..rest }, feed);
    figures::table(sheet, view, Rect { y: rest.y + ROWS + 1, height: table, ..rest }, feed);
}

/// Where the services are in it.
pub fn listed_in(area: Rect, feed: &Feed) -> Rect {
    Rect { height: listed(area, feed), ..area }
}

/// Where they are beside each other, in the vitals of the only feed.
pub fn strip_in(area: Rect) -> Rect {
    Rect { y: area.y + 2 + ROWS, height: area.height.saturating_sub(2 + ROWS), ..area }
}

/// How many services have no row there.
pub fn hidden(area: Rect, feed: &Feed) -> usize {
    feed.state.services.len() - usize::from(listed(area, feed))
}

/// How many have one: the vitals come first.
fn listed(area: Rect, feed: &Feed) -> u16 {
    let vitals = if area.height > ROWS { ROWS } else { 0 };
    u16::try_from(feed.state.services.len()).unwrap_or(u16::MAX).min(area.height - vitals)
}

/// The whole of the only feed.
pub fn alone(sheet: &mut Sheet<'_>, view: &View<'_>, area: Rect, feed: &Feed) {
    let lang = view.lang();
    let standing = feed.standing(view.now);
    let (glyph, role) = mark(standing);
    let mut pen = sheet.line(area, area.y);
    pen.skip(1).column(2, glyph, role).text(&word(lang, standing, false), role).skip(2);
    if feed.state.attempt > 0 && !feed.is_open() {
        pen.text(&say::screen::attempt(lang, feed.state.attempt), Role::Plain).skip(2);
    }
    for (label, value) in [
        (Label::Rate, rate(feed.rate.per_second(view.now))),
        (Label::Last, feed.last_data().map_or_else(|| "–".to_owned(), |last| text::age(view.now.since(last)))),
        (Label::LagMs, lag(feed)),
        (Label::Gaps, gaps(feed)),
    ] {
        pen.text(label.text(lang), Role::Muted).skip(1).text(&value, Role::Plain).skip(3);
    }
    let row = |n: u16| Rect { y: area.y + n, height: u16::from(n < area.height), ..area };
    let strip = Rect { x: area.x + 1, width: area.width.saturating_sub(2), ..row(1) };
    pulse::draw(sheet, strip, &feed.pulse, view.now);
    lines(sheet, view, Rect { y: area.y + 2, height: area.height.saturating_sub(2).min(ROWS), ..area }, feed);
    services::strip(sheet, view, strip_in(area), feed);
}

fn lines(sheet: &mut Sheet<'_>, view: &View<'_>, area: Rect, feed: &Feed) {
    // The steps of the dial have a row of their own where there is one, else what is left of the link's.
    let link = if area.height > ROWS { link } else { link_and_steps };
    let draws: [fn(&mut Pen<'_, '_>, &View<'_>, &Feed); 4] = [gauge, link, outage, steps];
    for (draw, y) in draws.into_iter().zip(area.top()..area.bottom()) {
        let mut pen = sheet.line(area, y);
        pen.skip(1);
        draw(&mut pen, view, feed);
    }
}

fn lead(pen: &mut Pen<'_, '_>, view: &View<'_>, label: Label) {
    pen.column(LEAD, label.text(view.lang()), Role::Muted);
}

/// What the link waits for, as a bar that fills and the seconds that are left; else the rule.
fn gauge(pen: &mut Pen<'_, '_>, view: &View<'_>, feed: &Feed) {
    let lang = view.lang();
    match feed.next(view.now) {
        Next::Counting { due, from, until } => {
            let label = match due {
                Due::Beat => Label::Beat,
                Due::Answer | Due::Receive => Label::Answer,
                Due::Dial => Label::NextDial,
                Due::DialTimeout => Label::Dial,
            };
            lead(pen, view, label);
            let left = until.since(view.now);
            let whole = until.since(from);
            let (exact, whole_text) = (text::exact_secs(left), text::span(round(whole)));
            let words = format!(
                "{} {}",
                say::due_lead(lang, due, feed.state.attempt),
                say::screen::left_of(lang, &exact, &whole_text)
            );
            let words_width = u16::try_from(text::width(&words)).unwrap_or(u16::MAX);
            // The number is what matters: the bar takes what is left of the row, and keeps its width while it counts.
            let steady = words_width.max(21);
            let bar = pen.left().saturating_sub(steady.saturating_add(3)).min(40);
            let role = match due {
                Due::Answer | Due::Receive => Role::Waiting,
                Due::Beat => Role::Good,
                Due::Dial | Due::DialTimeout => Role::Accent,
            };
            if bar >= 4 {
                let gone = whole.saturating_sub(left);
                let full = share(gone, whole, bar);
                pen.column(full, &"█".repeat(usize::from(full)), role);
                pen.column(bar - full, &"░".repeat(usize::from(bar - full)), Role::Muted).skip(2);
            }
            pen.text(&words, Role::Strong);
        }
        Next::Rule { due: Due::Answer | Due::Receive, after } => {
            lead(pen, view, Label::Beat);
            pen.text(&say::dead_rule(lang, after), Role::Muted);
        }
        Next::Rule { after, .. } => {
            lead(pen, view, Label::Beat);
            let rule = feed.info.beat.unwrap_or(BeatRule { idle: true, after, timeout: after });
            pen.text(&say::beat_rule(lang, Some(&rule)), Role::Muted);
        }
        Next::Away { since } => {
            lead(pen, view, Label::Next);
            pen.text(&super::feeds::away(view, feed), Role::Plain).skip(1);
            pen.text(&text::age(view.now.since(since)), Role::Plain);
            if feed.standing(view.now) == Standing::Paused {
                let resumes = say::empty::resumes(lang, view.label(Mode::Main, Action::Disconnect));
                pen.text(BETWEEN, Role::Muted).text(&resumes, Role::Plain);
            }
        }
        Next::Nothing => {
            lead(pen, view, Label::Beat);
            pen.text("–", Role::Muted);
        }
    }
}

fn link(pen: &mut Pen<'_, '_>, view: &View<'_>, feed: &Feed) {
    let lang = view.lang();
    let state = &feed.state;
    lead(pen, view, Label::Link);
    let mut said = Vec::new();
    if let Some(opened) = state.opened.filter(|_| feed.is_open()) {
        said.push(format!("{} {}", Label::Uptime.text(lang), text::age(view.now.since(opened))));
    } else {
        said.push(word(lang, feed.standing(view.now), false));
    }
    if let Some(rtt) = state.rtt {
        said.push(format!("{} {}", Label::Rtt.text(lang), text::millis(rtt)));
    }
    let counters = state.counters;
    if counters.beats_sent > 0 {
        said.push(say::screen::beats_answered(lang, counters.beats_answered, counters.beats_sent));
    }
    said.push(if feed.compressed && counters.wire > 0 {
        say::screen::deflated(lang, counters.wire, counters.payload)
    } else {
        text::size(counters.bytes)
    });
    for (i, part) in said.iter().enumerate() {
        pen.text(if i == 0 { "" } else { BETWEEN }, Role::Muted).text(part, Role::Plain);
    }
}

fn link_and_steps(pen: &mut Pen<'_, '_>, view: &View<'_>, feed: &Feed) {
    link(pen, view, feed);
    let label = Label::Steps.text(view.lang());
    let room = usize::from(pen.left()).saturating_sub(text::width(BETWEEN) + text::width(label) + 1);
    if let Some(told) = told_steps(view, feed, room) {
        pen.text(BETWEEN, Role::Muted).text(label, Role::Muted).skip(1).text(&told, Role::Plain);
    }
}

/// How long each step of the last dial took.
fn steps(pen: &mut Pen<'_, '_>, view: &View<'_>, feed: &Feed) {
    if let Some(told) = told_steps(view, feed, usize::from(pen.left().saturating_sub(LEAD))) {
        lead(pen, view, Label::Steps);
        pen.text(&told, Role::Plain);
    }
}

/// All of them, or at least their sum, as there is room for it.
fn told_steps(view: &View<'_>, feed: &Feed, room: usize) -> Option<String> {
    let phases = feed.steps.as_ref()?;
    let fits = |told: &String| !told.is_empty() && text::width(told) <= room;
    [say::steps(view.lang(), phases), say::steps_together(view.lang(), phases)].into_iter().find(fits)
}

/// The last outage: how long, how long ago, and why.
fn outage(pen: &mut Pen<'_, '_>, view: &View<'_>, feed: &Feed) {
    let lang = view.lang();
    lead(pen, view, Label::Outage);
    let Some(outage) = feed.outages.back() else {
        pen.text(Label::NoOutage.text(lang), Role::Muted);
        return;
    };
    // As much of the cause as there is room for.
    let room = usize::from(pen.left());
    let when = if outage.over {
        let ago = view.now.since(outage.began + outage.down);
        say::screen::was_down(lang, &text::age(outage.down), &text::age(ago))
    } else {
        text::age(view.now.since(outage.began))
    };
    let whole = say::why(lang, &outage.why);
    let fits = text::width(&when) + 2 + text::width(&whole) <= room;
    let why = if fits { whole } else { say::why_short(lang, &outage.why) };
    let role = if outage.over { Role::Plain } else { Role::Dead };
    pen.text(&when, role).text(": ", Role::Muted).text(&why, Role::Plain);
}

/// So many of `columns` are full.
fn share(part: Duration, whole: Duration, columns: u16) -> u16 {
    let full = part.as_millis() * u128::from(columns) / whole.as_millis().max(1);
    u16::try_from(full).unwrap_or(columns).min(columns)
}

/// A length that reads well: jittered waits are no round numbers.
fn round(length: Duration) -> Duration {
    Duration::from_millis(u64::try_from(length.as_millis()).unwrap_or(u64::MAX) / 100 * 100)
}
