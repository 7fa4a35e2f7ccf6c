//! What lies under the pointer: the same layout that [`super::draw`] draws, asked instead of drawn. Nothing is kept.

use ratatui::layout::{Position, Rect};

use super::layout::{Band, Part};
use super::{Screen, feeds, laid, services, vitals};
use crate::app::App;
use crate::app::feed::Feed;
use crate::app::pointer::Spot;
use crate::app::table::Row;
use crate::time::Ts;

/// The columns of the number and the mark of a service.
const MARK: u16 = 4;

pub fn hit(app: &App, area: Rect, at: Position, now: Ts) -> Spot {
    if app.popup.is_some() {
        return Spot::Popup;
    }
    let screen = laid(app, &app.sizes, area, now);
    let Screen { view, plan, .. } = &screen;
    let inside = |band: &&Band| {
        let rule = u16::from(band.rule.is_some());
        Rect { y: band.area.y.saturating_sub(rule), height: band.area.height + rule, ..band.area }.contains(at)
    };
    let Some(band) = plan.bands.iter().find(inside) else { return Spot::Nothing };
    let is_rule = !band.area.contains(at);
    match (band.part, view.selected) {
        (Part::Feeds, _) => match feeds::row_at(view, band.area, plan.size, at.y).filter(|_| !is_rule) {
            Some(Row::Group(group)) => Spot::Group(group),
            Some(Row::Feed(feed)) => Spot::Feeds(Some(feed)),
            None => Spot::Feeds(None),
        },
        (Part::Detail, Some(feed)) => service(feed, services::rows(view, vitals::listed_in(band.area, feed), feed), at),
        (Part::Strip, Some(feed)) => service(feed, services::cells(view, band.area, feed), at),
        (Part::Vitals, Some(feed)) => service(feed, services::cells(view, vitals::strip_in(band.area), feed), at),
        (Part::Pane(_), Some(feed)) => match screen.stream(band.part) {
            Some(stream) => {
                let row = usize::from(at.y.saturating_sub(band.area.y));
                let pane = app.history.pane(feed.info.id, stream).filter(|_| !is_rule);
                let lines = pane.map(|pane| pane.window(usize::from(band.area.height))).unwrap_or_default();
                Spot::Messages(stream, lines.get(row).map(|(number, _)| *number))
            }
            None => Spot::Nothing,
        },
        (Part::Trouble | Part::Group | Part::Figures, _)
        | (Part::Detail | Part::Strip | Part::Vitals | Part::Pane(_), None) => Spot::Nothing,
    }
}

/// The service of one of these places, and whether it is its mark that is pointed at.
fn service(feed: &Feed, cells: impl IntoIterator<Item = (Rect, usize)>, at: Position) -> Spot {
    let Some((cell, n)) = cells.into_iter().find(|(cell, _)| cell.contains(at)) else { return Spot::Services(None) };
    match feed.state.services.get(n).map(|service| service.id) {
        Some(id) if (1..=MARK).contains(&(at.x - cell.x)) => Spot::Mark(id),
        service => Spot::Services(service),
    }
}
