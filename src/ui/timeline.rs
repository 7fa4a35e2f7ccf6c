//! The outages of all feeds: how each feed stood over the hours, the list, and one of them told fact by fact.

use std::borrow::Cow;

use ratatui::layout::Rect;

use super::View;
use super::popup::{columns, open, wrapped};
use super::services;
use super::sheet::Sheet;
use super::theme::{self, Role};
use crate::app::feed::Feed;
use crate::app::history::Stream;
use crate::app::standing::{Next, Standing};
use crate::app::timeline::Timeline;
use crate::app::uptime::{self, Health};
use crate::event::Outage;
use crate::event::cluster::Scope;
use crate::say::{self, Label};
use crate::text;

/// A place of this height has room for the bars and for what is selected.
const TALL: u16 = 16;
/// The beginning of a sentence says enough in so many columns.
const ENOUGH: usize = 50;
/// The columns of the widest name.
const NAME: u16 = 16;

pub fn draw(sheet: &mut Sheet<'_>, view: &View<'_>, area: Rect, timeline: Timeline) {
    let lang = view.lang();
    let all = view.app.outages();
    let chosen = view.app.chosen_outage(timeline, &all);
    match (all.get(chosen), timeline.whole) {
        (Some((feed, outage)), Some(top)) => whole(sheet, view, area, (feed, outage), top),
        (None, _) => {
            let Some(inner) = open(sheet, area, Label::Outages.text(lang)) else { return };
            let text = say::no_outage(lang, view.now.since(crate::time::Ts::ZERO));
            for (line, y) in wrapped(&text, usize::from(inner.width.saturating_sub(2))).iter().zip(inner.rows()) {
                sheet.line(inner, y.y).skip(1).text(line, Role::Muted);
            }
        }
        (Some((feed, outage)), None) => {
            let mut feeds: Vec<_> = all.iter().map(|(feed, _)| feed.info.id).collect();
            feeds.sort_unstable();
            feeds.dedup();
            let title = say::outages_of(lang, all.len(), feeds.len());
            let Some(inner) = open(sheet, area, &title) else { return };
            let mut rest = inner;
            if inner.height >= TALL {
                rest = bars(sheet, view, rest, &all);
                rule(sheet, area, rest.y, Label::NewestFirst.text(lang));
                rest = below(rest, 1);
            }
            let facts = if inner.height >= TALL { facts(view, feed, outage) } else { Vec::new() };
            let lines = told(&facts, rest.width);
            let room = u16::try_from(lines.len()).unwrap_or(u16::MAX).min(rest.height / 2);
            let (list_rows, detail) = split(rest, if facts.is_empty() { 0 } else { room + 1 });
            list(sheet, view, list_rows, &all, chosen);
            if detail.height > 1 {
                rule(sheet, area, detail.y, &heading(view, feed, outage));
                write(sheet, below(detail, 1), &lines, 0, label_width(&facts));
            }
        }
    }
}

fn below(area: Rect, rows: u16) -> Rect {
    let rows = rows.min(area.height);
    Rect { y: area.y + rows, height: area.height - rows, ..area }
}

/// The upper part and the lower one of so many rows.
fn split(area: Rect, rows: u16) -> (Rect, Rect) {
    let upper = area.height.saturating_sub(rows);
    (Rect { height: upper, ..area }, below(area, upper))
}

fn rule(sheet: &mut Sheet<'_>, frame: Rect, y: u16, title: &str) {
    sheet.rule(y, frame.left(), frame.right().saturating_sub(1), false, &[(title, Role::Plain)], "");
}

fn name(feed: &Feed) -> Cow<'_, str> {
    text::clean(&feed.info.name)
}

/// A bar for each feed that had an outage, at most a quarter of the height. Says what is left.
fn bars(sheet: &mut Sheet<'_>, view: &View<'_>, area: Rect, all: &[(&Feed, &Outage)]) -> Rect {
    let lang = view.lang();
    let mut feeds: Vec<&Feed> = view.app.feeds.iter().filter(|feed| !feed.outages.is_empty()).collect();
    let most = usize::from((area.height / 4).max(2));
    let hidden = feeds.len().saturating_sub(most);
    let hidden = if hidden > 0 { hidden + 1 } else { 0 };
    feeds.truncate(feeds.len() - hidden);
    let wide = name_width(all);
    let span = uptime::span(view.now);
    let mut y = area.y;
    for feed in feeds {
        let down = feed.outages.iter().map(|o| if o.over { o.down } else { view.now.since(o.began) }).sum();
        let end = format!("{} × {}", feed.outages.len(), text::age(down));
        let mut pen = sheet.line(area, y);
        pen.skip(1).column(wide, &name(feed), Role::Strong).skip(1);
        let left = pen.left().saturating_sub(columns(&end).max(10) + 2);
        for health in feed.uptime.cells(view.now, span, usize::from(left)) {
            let (symbol, role) = match health {
                Health::Off => (" ", Role::Plain),
                Health::Up => ("▄", Role::Good),
                Health::Down => ("✕", Role::Dead),
            };
            pen.text(symbol, role);
        }
        let style = sheet.style(Role::Plain);
        sheet.put_right(area.right().saturating_sub(1), y, area.width, &end, style);
        y += 1;
    }
    let mut pen = sheet.line(area, y);
    pen.skip(1).column(wide, "", Role::Plain).skip(1);
    if hidden > 0 {
        pen.text(&say::and_more(lang, hidden), Role::Muted).skip(2);
    }
    pen.text(&say::bars_to_now(lang, span), Role::Muted);
    below(area, y + 1 - area.y)
}

fn name_width(all: &[(&Feed, &Outage)]) -> u16 {
    all.iter().map(|(feed, _)| columns(&name(feed))).max().unwrap_or(0).clamp(4, NAME)
}

/// A line for each, under a head where there is room; the selected one is always in sight.
fn list(sheet: &mut Sheet<'_>, view: &View<'_>, area: Rect, all: &[(&Feed, &Outage)], chosen: usize) {
    let area = Rect { width: area.width.saturating_sub(1), ..area };
    let lang = view.lang();
    let wide = area.width >= 100;
    let medium = area.width >= 60;
    let head = u16::from(medium && area.height > 2);
    let name_width = name_width(all).min(if medium { NAME } else { 8 });
    let rows = below(area, head);
    if head > 0 {
        let mut pen = sheet.line(area, area.y);
        pen.skip(4).column(8, Label::Began.text(lang), Role::Muted).skip(1);
        pen.column(name_width, Label::Feed.text(lang), Role::Muted);
        pen.number(8, Label::Lasted.text(lang), Role::Muted);
        if wide {
            pen.number(6, Label::Dials.text(lang), Role::Muted).number(9, Label::Noticed.text(lang), Role::Muted);
        }
        pen.number(8, Label::Missed.text(lang), Role::Muted).skip(2).text(Label::Why.text(lang), Role::Muted);
    }
    let height = usize::from(rows.height);
    let top = (chosen + 1).saturating_sub(height).min(all.len().saturating_sub(height));
    for ((i, (feed, outage)), y) in all.iter().enumerate().skip(top).zip(rows.top()..rows.bottom()) {
        let strong = i == chosen;
        let mut pen = sheet.line(rows, y);
        pen.column(2, if strong { "▸" } else { "" }, Role::Accent);
        let (glyph, role) = if outage.over { ("·", Role::Muted) } else { theme::mark(feed.standing(view.now)) };
        pen.column(2, glyph, role).column(8, &view.wall.clock(outage.began), Role::Muted).skip(1);
        pen.column(name_width, &name(feed), if strong { Role::Strong } else { Role::Plain });
        let lasted = if outage.over { outage.down } else { view.now.since(outage.began) };
        pen.number(8, &text::age(lasted), if outage.over { Role::Plain } else { Role::Dead });
        if wide {
            pen.number(6, &outage.attempts.to_string(), Role::Plain).number(9, &noticed(view, outage), Role::Plain);
        }
        if medium {
            pen.number(8, &missed(feed, outage), Role::Plain);
        }
        pen.skip(2);
        let room = usize::from(pen.left());
        let whole = say::why(lang, &outage.why);
        let why = if text::width(&whole) > room && room < ENOUGH { say::why_short(lang, &outage.why) } else { whole };
        pen.text(&why, if strong { Role::Strong } else { Role::Plain });
    }
}

fn noticed(view: &View<'_>, outage: &Outage) -> String {
    match outage.detect {
        Some(detect) if detect.is_zero() => Label::AtOnce.text(view.lang()).to_owned(),
        Some(detect) => text::passed(detect),
        None => "–".to_owned(),
    }
}

/// A number, `?` where it is not known, `–` where the feed has none.
fn missed(feed: &Feed, outage: &Outage) -> String {
    match outage.missed {
        Some(count) => text::count(count),
        None if feed.info.numbered => "?".to_owned(),
        None => "–".to_owned(),
    }
}

fn heading(view: &View<'_>, feed: &Feed, outage: &Outage) -> String {
    format!("{} · {} {}", name(feed), Label::Outage.text(view.lang()), outage.id)
}

/// One outage, fact by fact, on the whole place.
fn whole(sheet: &mut Sheet<'_>, view: &View<'_>, area: Rect, (feed, outage): (&Feed, &Outage), top: usize) {
    let Some(inner) = open(sheet, area, &heading(view, feed, outage)) else { return };
    let facts = facts(view, feed, outage);
    let lines = told(&facts, inner.width);
    let most = lines.len().saturating_sub(usize::from(inner.height));
    write(sheet, inner, &lines, top.min(most), label_width(&facts));
    let rest = most.saturating_sub(top);
    if rest > 0 {
        let style = sheet.style(Role::Muted);
        let end = area.right().saturating_sub(2);
        sheet.put_right(end, area.bottom() - 1, inner.width, &say::and_more(view.lang(), rest), style);
    }
}

fn write(sheet: &mut Sheet<'_>, area: Rect, lines: &[(&str, String)], top: usize, label: u16) {
    for ((name, line), y) in lines.iter().skip(top).zip(area.top()..area.bottom()) {
        sheet.line(area, y).skip(1).column(label, name, Role::Muted).skip(2).text(line, Role::Plain);
    }
}

fn label_width(facts: &[(&str, String)]) -> u16 {
    facts.iter().map(|(label, _)| columns(label)).max().unwrap_or(0)
}

/// The facts as lines that fit; a label stands only before the first of its lines.
fn told<'f>(facts: &'f [(&'f str, String)], width: u16) -> Vec<(&'f str, String)> {
    let room = usize::from(width.saturating_sub(label_width(facts) + 4));
    let mut lines = Vec::new();
    for (label, fact) in facts {
        for (i, line) in wrapped(fact, room).into_iter().enumerate() {
            lines.push((if i == 0 { *label } else { "" }, line.to_owned()));
        }
    }
    lines
}

fn facts<'f>(view: &View<'_>, feed: &Feed, outage: &Outage) -> Vec<(&'f str, String)> {
    let lang = view.lang();
    let names = |id| services::name(view, feed, Stream::Service(id));
    let mut facts = vec![
        (Label::Why.text(lang), say::why(lang, &outage.why)),
        (Label::Began.text(lang), view.wall.millis(outage.began)),
        (Label::Lasted.text(lang), say::lasted(lang, outage, view.now)),
    ];
    let mut add = |label: Label, fact: Option<String>| facts.extend(fact.map(|fact| (label.text(lang), fact)));
    add(Label::Noticed, say::noticed(lang, outage));
    add(Label::Slept, (!outage.slept.is_zero()).then(|| text::age(outage.slept)));
    add(Label::Dials, Some(say::dialed(lang, outage)));
    add(Label::Comes, if outage.over { None } else { comes(view, feed) });
    add(Label::DataBack, say::data_back(lang, outage, &names));
    let without = outage.missed.is_none() && !feed.info.numbered;
    add(
        Label::Missed,
        Some(if without { Label::NoSuchNumber.text(lang).to_owned() } else { say::missed_count(lang, outage) }),
    );
    let cluster = view.app.clusters.of(feed.info.id, outage.id).map(|cluster| view.app.clusters.extent(cluster));
    add(Label::Together, cluster.filter(|e| e.scope != Scope::Feed).map(|extent| say::together(lang, &extent)));
    facts
}

/// What happens next while it goes on.
fn comes(view: &View<'_>, feed: &Feed) -> Option<String> {
    let lang = view.lang();
    match feed.next(view.now) {
        Next::Counting { due, until, .. } => Some(say::due(lang, due, feed.state.attempt, until.since(view.now))),
        Next::Away { .. } if feed.standing(view.now) == Standing::Stopped => {
            let key = view.hint(crate::app::keymap::Action::Dial);
            let none = Label::NoneFollows.text(lang);
            Some(if key.is_empty() { none.to_owned() } else { format!("{none} · {key}") })
        }
        Next::Away { .. } | Next::Rule { .. } | Next::Nothing => None,
    }
}
