//! The feeds that need the user, worst first: since when, why, and what happens next. Nothing where all is well.

use ratatui::layout::Rect;

use super::View;
use super::layout::Size;
use super::sheet::Sheet;
use super::theme::Role;
use super::theme::mark;
use crate::app::feed::Feed;
use crate::app::standing::{Next, Standing, Trouble};
use crate::event::ServiceState;
use crate::event::cluster::{Extent, Scope};
use crate::say;
use crate::text;
use crate::time::Ts;

/// What there is to draw: what feeds have in common that were lost together, and since when; and each for itself.
pub type Troubles<'a> = (Option<(&'a Extent, Ts)>, &'a [(usize, Trouble)]);

pub fn draw(sheet: &mut Sheet<'_>, view: &View<'_>, area: Rect, (together, troubles): Troubles<'_>, size: Size) {
    let lang = view.lang();
    let (area, shared) = match together {
        // Alone it would say what no feed below it explains.
        Some(together) if area.height > 1 => {
            (Rect { y: area.y + 1, height: area.height - 1, ..area }, Some((area, together)))
        }
        Some(_) | None => (area, None),
    };
    let rows = usize::from(area.height);
    let all = troubles.len() <= rows;
    let shown = if all { troubles.len() } else { rows.saturating_sub(1) };
    let longest = troubles.iter().filter_map(|(i, _)| view.app.feeds.get(*i)).map(|feed| feed.columns).max();
    let name = longest.unwrap_or(0).clamp(6, if size == Size::Wide { 20 } else { 14 });
    if let Some((top, (extent, since))) = shared {
        let mut pen = sheet.line(top, top.y);
        pen.skip(1).column(2, "✕", Role::Dead);
        let whose = extent.host.as_deref().filter(|_| extent.scope == Scope::Host).map(text::clean);
        // It may be longer than a name, and nothing below depends on it.
        pen.text(&whose.unwrap_or_else(|| say::here(lang).into()), Role::Strong).skip(2);
        pen.text(&text::age(view.now.since(since)), Role::Plain).skip(2);
        let whole = say::together(lang, extent);
        let fits = text::width(&whole) < usize::from(pen.left());
        pen.text(&if fits { whole } else { say::together_short(lang, extent) }, Role::Plain);
    }
    for ((index, trouble), y) in troubles.iter().take(shown).zip(area.top()..) {
        let Some(feed) = view.app.feeds.get(*index) else { continue };
        let (glyph, role) = mark(feed.standing(view.now));
        // What happens next stands at the end, where the feeds below do not say it as well.
        let next = if size == Size::Wide { next(view, feed) } else { None };
        let end = next.as_ref().map_or(0, |(lead, left)| text::width(lead) + text::width(left).max(6) + 3);
        let mut pen = sheet.line(area, y);
        pen.skip(1).column(2, glyph, role);
        pen.column(name, &text::clean(&feed.info.name), Role::Strong);
        pen.number(7, &text::age(view.now.since(trouble.since)), Role::Plain).skip(2);
        let room = pen.left().saturating_sub(u16::try_from(end).unwrap_or(0)).saturating_sub(1);
        pen.column(room, &why(view, feed, usize::from(room)), Role::Plain);
        if let Some((lead, left)) = next {
            pen.skip(2);
            let lead_width = u16::try_from(text::width(&lead)).unwrap_or(0);
            pen.column(lead_width, &lead, Role::Plain).number(7, &left, Role::Strong);
        }
    }
    if !all {
        let y = area.bottom().saturating_sub(1);
        sheet.line(area, y).skip(3).text(&say::and_more(lang, troubles.len() - shown), Role::Muted);
    }
}

fn next(view: &View<'_>, feed: &Feed) -> Option<(String, String)> {
    match feed.next(view.now) {
        Next::Counting { due, until, .. } => {
            let lead = say::due_lead(view.lang(), due, feed.state.attempt);
            Some((lead, text::exact_secs(until.since(view.now))))
        }
        Next::Rule { .. } | Next::Away { .. } | Next::Nothing => None,
    }
}

/// What was seen, what was concluded, with the numbers; in fewer words where there is no room for all of them.
fn why(view: &View<'_>, feed: &Feed, room: usize) -> String {
    let (lang, now, state) = (view.lang(), view.now, &feed.state);
    match feed.standing(now) {
        Standing::Probing => {
            let silent = state.last_byte.map(|last| now.since(last));
            let limit = state.due.map(|(_, from, until)| until.since(from)).unwrap_or_default();
            say::probing(lang, silent, feed.unanswered(now), limit)
        }
        Standing::Degraded { fine, .. } => match feed.ailing(now) {
            Some(service) if service.state == ServiceState::Refused => {
                say::refused_service(lang, &service.name, service.text.as_deref())
            }
            Some(service) if service.state == ServiceState::Stale => {
                let silent = service.last.map_or_else(|| now.since(state.since), |last| now.since(last));
                say::stale_service(lang, &service.name, silent, service.usual, fine)
            }
            Some(service) => say::unacked_service(lang, &service.name),
            None => String::new(),
        },
        Standing::Retry { .. } | Standing::Dialing { .. } | Standing::Stopped => {
            // While an outage lasts, its cause is what ended the link; later dials fail for reasons of their own.
            let outage = state.outage.as_ref().filter(|outage| !outage.over);
            let Some(ended) = outage.map(|outage| &outage.why).or(state.why.as_ref()) else { return String::new() };
            if feed.standing(now) == Standing::Stopped {
                return say::why(lang, state.why.as_ref().unwrap_or(ended));
            }
            // A first dial that failed is the cause, and needs no second word.
            let tries = outage.map_or(&[][..], |outage| outage.tries.as_slice());
            let tries =
                if outage.is_some_and(|outage| outage.silent.is_none() && outage.attempts == 1) { &[] } else { tries };
            let whole = say::retrying(lang, ended, tries);
            match tries.last() {
                Some(last) if text::width(&whole) > room => {
                    say::screen::retrying_short(lang, ended, last.to, &last.why)
                }
                Some(_) | None => whole,
            }
        }
        Standing::Idle | Standing::Live | Standing::Paused => String::new(),
    }
}
