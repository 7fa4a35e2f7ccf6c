//! Rates, delays and round trips in figures: rows of a table beside what a feed is, and a popup with larger charts and the
//! same of each service. What they are made of is in [`crate::app::figures`].

use ratatui::layout::Rect;

use super::View;
use super::chart::{self, Fill};
use super::popup::open;
use super::services::name;
use super::sheet::{Pen, Sheet};
use super::theme::{Role, service_mark};
use crate::app::feed::Feed;
use crate::app::figures::{Figure, Measure, Span};
use crate::app::history::Stream;
use crate::app::standing::Standing;
use crate::event::{ServiceId, ServiceView};
use crate::say::{self, Label};
use crate::text;

/// The columns of the widest scale.
const SCALE: u16 = 13;
/// The width from which on a table has room for a row of bytes.
const BYTES: u16 = 90;
/// The least that a chart is worth showing with.
const CHART: u16 = 10;

/// Where everything stands in a row; a chart of no width is none.
#[derive(Clone, Copy, Debug)]
struct Columns {
    label: u16,
    chart: u16,
    scale: u16,
    number: u16,
    p50: bool,
}

impl Columns {
    /// As many as there is room for, the label and the numbers first.
    fn new(width: u16, label: u16, number: u16) -> Self {
        // A column stays free at each side.
        let left = |numbers: u16| width.saturating_sub(2 + label + numbers * number);
        let p50 = left(4) >= SCALE + CHART || left(3) < SCALE + CHART;
        let left = left(if p50 { 4 } else { 3 });
        let chart = if left >= SCALE + CHART { left - SCALE } else { 0 };
        Self { label, chart, scale: if chart > 0 { SCALE } else { 0 }, number, p50 }
    }

    /// With the chart below, the scale stands alone at the end.
    fn below(self, width: u16) -> Self {
        let used = 2 + self.label + 4 * self.number;
        Self { chart: 0, scale: if width >= used + SCALE { width - used } else { 0 }, p50: true, ..self }
    }
}

/// One figure of the feed or of a service.
struct Told {
    measure: Measure,
    label: Label,
    figure: Figure,
    now: String,
}

impl Told {
    fn is_known(&self) -> bool {
        self.figure.bars.iter().any(Option::is_some)
    }
}

fn told(view: &View<'_>, feed: &Feed, service: Option<ServiceId>, measure: Measure, span: Span) -> Told {
    let figure = feed.figure(measure, service, view.now, span);
    let (label, now) = match measure {
        // As it stands everywhere else on the screen.
        Measure::Rate => {
            let rate = if feed.is_open() {
                service.map_or_else(|| feed.rate.per_second(view.now), |id| feed.service_rate(id, view.now))
            } else {
                None
            };
            (Label::Rate, rate.map(text::rate))
        }
        Measure::Bytes => (Label::Bytes, None),
        Measure::Delay => (Label::Lag, None),
        Measure::Trip => (Label::Rtt, None),
    };
    let now = if measure == Measure::Rate { now } else { figure.now.map(|now| words(measure, now)) };
    Told { measure, label, now: now.unwrap_or_else(unknown), figure }
}

fn unknown() -> String {
    "–".to_owned()
}

/// A value with its unit.
fn words(measure: Measure, value: i64) -> String {
    match measure {
        Measure::Rate => text::rate(f64::from(u32::try_from(value).unwrap_or(u32::MAX))),
        Measure::Bytes => format!("{}/s", text::size(value.unsigned_abs())),
        Measure::Delay | Measure::Trip => text::signed_millis(value),
    }
}

fn scale(told: &Told) -> String {
    let Figure { low, high, .. } = told.figure;
    // Nothing known has no scale.
    if !told.is_known() {
        return String::new();
    }
    let low = if low == 0 { "0".to_owned() } else { words(told.measure, low) };
    format!("{low}..{}", words(told.measure, high))
}

fn row(sheet: &mut Sheet<'_>, view: &View<'_>, area: Rect, told: &Told, columns: Columns) {
    if area.is_empty() {
        return;
    }
    let figure = &told.figure;
    let mut pen = sheet.line(area, area.y);
    pen.skip(1);
    let label = told.label.text(view.lang());
    let label = if told.measure == Measure::Trip && columns.label >= 10 && figure.n > 0 {
        // A beat is seldom: of how many the figures are says what they are worth.
        format!("{label}, n {}", figure.n)
    } else {
        label.to_owned()
    };
    pen.column(columns.label, &label, Role::Muted);
    let place = Rect { x: pen.x, width: columns.chart.min(pen.left()), height: 1, ..area };
    pen.skip(columns.chart);
    if columns.chart > 0 {
        pen.number(columns.scale, &scale(told), Role::Muted);
    }
    numbers(&mut pen, told, columns);
    if columns.chart == 0 {
        pen.number(columns.scale, &scale(told), Role::Muted);
    }
    chart::draw(sheet, place, figure, fill(told.measure));
}

fn numbers(pen: &mut Pen<'_, '_>, told: &Told, columns: Columns) {
    let Figure { p50, p99, most, .. } = told.figure;
    pen.number(columns.number, &told.now, Role::Strong);
    let skipped = usize::from(!columns.p50);
    for value in [p50, p99, most].into_iter().skip(skipped) {
        pen.number(columns.number, &value.map_or_else(unknown, |value| words(told.measure, value)), Role::Plain);
    }
}

fn fill(measure: Measure) -> Fill {
    match measure {
        Measure::Rate | Measure::Bytes => Fill::Usual,
        Measure::Delay | Measure::Trip => Fill::Most,
    }
}

/// What the columns are, and the time that they are about.
fn head(sheet: &mut Sheet<'_>, view: &View<'_>, area: Rect, span: Option<Span>, columns: Columns) {
    let lang = view.lang();
    let mut pen = sheet.line(area, area.y);
    let span = span.map_or_else(String::new, |span| say::screen::to_now(lang, span.seconds()));
    pen.skip(1).column(columns.label, &span, Role::Muted).skip(columns.chart);
    if columns.chart > 0 {
        pen.skip(columns.scale);
    }
    let labels = [Label::Now.text(lang), "p50", "p99", Label::Most.text(lang)];
    for (n, label) in labels.into_iter().enumerate() {
        if n != 1 || columns.p50 {
            pen.number(columns.number, label, Role::Muted);
        }
    }
    if columns.chart == 0 && columns.scale > 0 {
        pen.number(columns.scale, Label::Scale.text(lang), Role::Muted);
    }
}

/// How many rows a table in a place of this width takes, if there are so many left. Bytes come when there is plenty.
pub fn height(width: u16, left: u16) -> u16 {
    match (width, left) {
        (..60, 7..) => 7,
        (..60, 3..) => 3,
        (BYTES.., 9..) => 5,
        (60.., 4..) => 4,
        _ => 0,
    }
}

/// The figures of a feed in as many rows as [`height`] says.
pub fn table(sheet: &mut Sheet<'_>, view: &View<'_>, area: Rect, feed: &Feed) {
    let few = [Measure::Rate, Measure::Delay, Measure::Trip];
    match (area.width, area.height) {
        (_, 0..3) => {}
        // A chart each, and what it is now.
        (..60, 3..7) => {
            let columns = Columns { label: 6, chart: 0, scale: SCALE, number: 9, p50: false };
            let chart = area.width.saturating_sub(2 + 6 + SCALE + 9);
            let span = Span::minute(usize::from(chart));
            for (measure, y) in few.into_iter().zip(area.top()..area.bottom()) {
                let told = told(view, feed, None, measure, span);
                let mut pen = sheet.line(area, y);
                pen.skip(1).column(columns.label, told.label.text(view.lang()), Role::Muted);
                let place = Rect { x: pen.x, y, width: chart, height: 1 };
                pen.skip(chart).number(columns.scale, &scale(&told), Role::Muted);
                pen.number(columns.number, &told.now, Role::Strong);
                chart::draw(sheet, place, &told.figure, fill(measure));
            }
        }
        // Each chart has a row of its own, and the numbers one below it.
        (..60, _) => {
            let columns = Columns { label: 11, chart: 0, scale: 0, number: 8, p50: true };
            let chart = area.width.saturating_sub(2 + SCALE);
            let span = Span::minute(usize::from(chart));
            head(sheet, view, area, Some(span), columns);
            for (measure, y) in few.into_iter().zip((area.top() + 1..area.bottom()).step_by(2)) {
                let told = told(view, feed, None, measure, span);
                row(sheet, view, Rect { y, height: 1, ..area }, &told, columns);
                if y + 1 < area.bottom() {
                    let place = Rect { x: area.x + 1, y: y + 1, width: chart, height: 1 };
                    let mut pen = sheet.line(area, y + 1);
                    pen.skip(1 + chart).number(SCALE, &scale(&told), Role::Muted);
                    chart::draw(sheet, place, &told.figure, fill(measure));
                }
            }
        }
        (_, height) => {
            let bytes = height >= 5 && area.width >= BYTES;
            let columns = Columns::new(area.width, 12, if bytes { 11 } else { 9 });
            let span = Span::minute(usize::from(columns.chart));
            head(sheet, view, area, Some(span), columns);
            let measures = if bytes { &Measure::ALL[..] } else { &few };
            for (measure, y) in measures.iter().zip(area.top() + 1..area.bottom()) {
                row(sheet, view, Rect { y, height: 1, ..area }, &told(view, feed, None, *measure, span), columns);
            }
        }
    }
}

/// What a popup has below each other.
enum Item<'a> {
    Head,
    Chart(Told),
    Service(usize, &'a ServiceView),
}

/// All figures of the selected feed, and of its services, from the `top`-th item on.
pub fn draw(sheet: &mut Sheet<'_>, view: &View<'_>, area: Rect, top: usize) {
    let lang = view.lang();
    let Some(feed) = view.selected else { return };
    let span = Span::longest(usize::from(area.width.saturating_sub(4)));
    let feed_name = text::clean(&feed.info.name);
    let title = format!("{} · {feed_name} · {}", Label::Figures.text(lang), say::screen::to_now(lang, span.seconds()));
    let Some(inner) = open(sheet, area, &title) else { return };
    let narrow = inner.width < 60;
    let columns = if narrow { Columns::new(inner.width, 4, 8) } else { Columns::new(inner.width, 12, 11) };
    let below = columns.below(inner.width);
    let measures = Measure::ALL.into_iter().filter(|measure| !narrow || *measure != Measure::Bytes);
    let told: Vec<_> = measures.map(|measure| told(view, feed, None, measure, span)).collect();
    let services = &feed.state.services;
    let each = if feed.info.timed { 3 } else { 2 };
    // The services have a third, and no more than they need; a figure of which nothing is known has no chart.
    let wanted = u16::try_from(services.len()).unwrap_or(u16::MAX).saturating_mul(each).min(inner.height / 3);
    let blocks = u16::try_from(told.len()).unwrap_or(4);
    let known = told.iter().map(|told| u16::from(told.is_known())).sum::<u16>().max(1);
    let chart = (inner.height.saturating_sub(1 + blocks + wanted) / known).clamp(1, 6);
    let charts = told.into_iter().map(|told| {
        let height = 1 + if told.is_known() { chart } else { 0 };
        (Item::Chart(told), height)
    });
    let rows = services.iter().enumerate().map(|(n, service)| (Item::Service(n, service), each));
    let items: Vec<_> = std::iter::once((Item::Head, 1)).chain(charts).chain(rows).collect();
    // Whole items: the last of them is in sight at the end.
    let mut room = inner.height;
    let fit = items.iter().rev().take_while(|(_, height)| take(&mut room, *height)).count();
    let most = items.len() - fit.max(1).min(items.len());
    let mut y = inner.y;
    let mut shown = 0;
    for (item, height) in items.iter().skip(top.min(most)) {
        let left = inner.bottom().saturating_sub(y);
        if left == 0 {
            break;
        }
        let place = Rect { y, height: (*height).min(left), ..inner };
        y += place.height;
        shown += usize::from(place.height == *height);
        match item {
            Item::Head => head(sheet, view, place, None, below),
            Item::Chart(told) => {
                row(sheet, view, place, told, below);
                let bars = Rect { x: place.x + 1, y: place.y + 1, width: place.width - 2, height: place.height - 1 };
                chart::draw(sheet, bars, &told.figure, fill(told.measure));
            }
            Item::Service(n, of) => service(sheet, view, place, feed, (*n, of), columns),
        }
    }
    let rest = items.len() - top.min(most) - shown;
    if rest > 0 {
        let style = sheet.style(Role::Muted);
        let end = area.right().saturating_sub(2);
        sheet.put_right(end, area.bottom() - 1, inner.width.saturating_sub(1), &say::and_more(lang, rest), style);
    }
}

fn take(room: &mut u16, height: u16) -> bool {
    let fits = *room >= height;
    *room = room.saturating_sub(height);
    fits
}

/// One service: what it is called, its rate and its delay.
fn service(
    sheet: &mut Sheet<'_>,
    view: &View<'_>,
    area: Rect,
    feed: &Feed,
    (n, service): (usize, &ServiceView),
    columns: Columns,
) {
    let sound = matches!(feed.standing(view.now), Standing::Live | Standing::Degraded { .. });
    let (glyph, role) = service_mark(service.state, feed.wants(service.id), sound);
    let number = if n < 9 { (n + 1).to_string() } else { String::new() };
    let mut pen = sheet.line(area, area.y);
    pen.skip(1).column(2, &number, Role::Accent).column(2, glyph, role);
    pen.text(&name(view, feed, Stream::Service(service.id)), Role::Plain);
    let span = Span::longest(usize::from(columns.chart));
    for (measure, y) in [Measure::Rate, Measure::Delay].into_iter().zip(area.top() + 1..area.bottom()) {
        let told = told(view, feed, Some(service.id), measure, span);
        row(sheet, view, Rect { y, height: 1, ..area }, &told, columns);
    }
}
