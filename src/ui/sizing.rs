//! How large panes are when the user makes them larger or smaller, by key or by pulling at a rule, and where a long table
//! has been scrolled to. The same layout that [`super::draw`] draws, asked instead of drawn: what it cannot give is not
//! kept as a wish.

use ratatui::layout::{Position, Rect};

use super::layout::{Part, Plan, Size};
use super::{Screen, feeds, laid};
use crate::app::arrange::{Grip, Sight, Sizes};
use crate::app::{App, Focus};
use crate::time::Ts;

/// The sizes once the pane that has the focus is larger by so much; none where it cannot be.
pub fn grown(app: &App, area: Rect, by: i16, now: Ts) -> Option<Sizes> {
    let it = laid(app, &app.sizes, area, now);
    let (grip, by) = handle(app, &it, by)?;
    let here = measured(&it, grip)?;
    wished(app, area, now, grip, here.saturating_add_signed(by)).filter(|_| by != 0)
}

/// What a rule or a divider under the pointer would move.
pub fn grip(app: &App, area: Rect, at: Position, now: Ts) -> Option<Grip> {
    if app.popup.is_some() {
        return None;
    }
    let it = laid(app, &app.sizes, area, now);
    if it.plan.divider.is_some_and(|(x, top, bottom)| at.x == x && (top..bottom).contains(&at.y)) {
        return Some(Grip::Detail);
    }
    let below = it.plan.bands.iter().any(|band| band.rule == Some(at.y) && band.area.left() <= at.x);
    let above =
        it.plan.bands.iter().find(|band| {
            band.area.bottom() == at.y && (band.area.left()..band.area.right()).contains(&at.x) && below
        })?;
    of_part(&it, above.part)
}

/// The sizes once what is held is where the pointer is; none where that changes nothing.
pub fn pulled(app: &App, area: Rect, grip: Grip, at: Position, now: Ts) -> Option<Sizes> {
    let it = laid(app, &app.sizes, area, now);
    let place = it.plan.bands.iter().find(|band| of_part(&it, band.part) == Some(grip))?.area;
    let size = match grip {
        Grip::Feeds => at.y.saturating_sub(place.y + head(&it.plan)),
        Grip::Detail => at.x.saturating_sub(place.x),
        Grip::Strip => at.y.saturating_sub(place.y + it.plan.fixed()),
        Grip::Pane(..) => at.y.saturating_sub(place.y),
    };
    wished(app, area, now, grip, size)
}

/// What is in sight of the table of feeds.
pub fn sight(app: &App, area: Rect, now: Ts) -> Sight {
    let it = laid(app, &app.sizes, area, now);
    let table = it.plan.bands.iter().find(|band| band.part == Part::Feeds);
    table.map_or(app.sight, |band| feeds::sight(&it.view, band.area, it.plan.size))
}

/// The wish for a size, as far as the layout grants it.
fn wished(app: &App, area: Rect, now: Ts, grip: Grip, size: u16) -> Option<Sizes> {
    let before = measured(&laid(app, &app.sizes, area, now), grip)?;
    let mut sizes = app.sizes.clone();
    sizes.set(grip, size);
    let after = measured(&laid(app, &sizes, area, now), grip)?;
    sizes.set(grip, after);
    (after != before).then_some(sizes)
}

/// What the focused pane is made larger by. One that takes what the others leave grows as they shrink.
fn handle(app: &App, it: &Screen<'_>, by: i16) -> Option<(Grip, i16)> {
    let has = |part| it.plan.bands.iter().any(|band| band.part == part);
    let strip = has(Part::Strip) && it.plan.size == Size::Medium;
    let above = if has(Part::Feeds) { Some(Grip::Feeds) } else { has(Part::Vitals).then_some(Grip::Strip) };
    match app.focus {
        Focus::Services if has(Part::Detail) => Some((Grip::Detail, by)),
        Focus::Services if strip => Some((Grip::Strip, by)),
        Focus::Feeds | Focus::Services => above.map(|grip| (grip, by)),
        Focus::Messages if has(Part::Pane(1)) => {
            let feed = app.selected()?;
            Some((Grip::Pane(feed.info.id, app.chosen(feed)), by))
        }
        Focus::Messages => above.map(|grip| (grip, -by)),
    }
}

fn of_part(it: &Screen<'_>, part: Part) -> Option<Grip> {
    match part {
        Part::Feeds => Some(Grip::Feeds),
        Part::Detail => Some(Grip::Detail),
        Part::Strip | Part::Vitals => Some(Grip::Strip),
        Part::Pane(_) => Some(Grip::Pane(it.view.selected?.info.id, it.stream(part)?)),
        Part::Trouble | Part::Figures | Part::Group => None,
    }
}

fn measured(it: &Screen<'_>, grip: Grip) -> Option<u16> {
    let place = it.plan.bands.iter().find(|band| of_part(it, band.part) == Some(grip))?.area;
    Some(match grip {
        Grip::Feeds => place.height.saturating_sub(head(&it.plan)),
        Grip::Detail => place.width,
        Grip::Strip => place.height.saturating_sub(it.plan.fixed()),
        Grip::Pane(..) => place.height,
    })
}

/// The rows of a table that are no feeds.
fn head(plan: &Plan) -> u16 {
    u16::from(plan.size == Size::Wide)
}
