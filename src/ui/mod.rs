//! The screen as a function: [`draw`] reads the [`App`] and the time, and writes a frame. It changes nothing, and no size is too small for it.
//!
//! `layout` says where everything stands, `theme` how it looks, `sheet` writes; the other files are a pane each.

pub mod chart;
mod empty;
pub mod faults;
pub mod feeds;
pub mod figures;
pub mod footer;
pub mod group;
pub mod head;
mod hit;
pub mod inspect;
pub mod latest;
pub mod layout;
pub mod message;
pub mod messages;
pub mod palette;
pub mod popup;
pub mod pulse;
pub mod relay;
pub mod report;
pub mod services;
pub mod sheet;
pub mod sizing;
pub mod theme;
pub mod timeline;
pub mod trouble;
pub mod vitals;
pub mod wall;

use ratatui::Frame;
use ratatui::layout::Rect;

pub use self::hit::hit;
use self::layout::{Band, Part, Plan, Size, Wants, Wish};
use self::sheet::Sheet;
use self::theme::{Role, Theme};
use self::wall::Wall;
use crate::app::arrange::Sizes;
use crate::app::feed::Feed;
use crate::app::history::Stream;
use crate::app::keymap::{Action, Mode};
use crate::app::standing::Trouble;
use crate::app::verdict::Verdict;
use crate::app::{App, Focus};
use crate::say::{self, Label, Lang};
use crate::text;
use crate::time::Ts;

/// Draws everything.
pub fn draw(frame: &mut Frame<'_>, app: &App, now: Ts) {
    let area = frame.area();
    if area.is_empty() {
        return;
    }
    let mut sheet = Sheet { buffer: frame.buffer_mut(), theme: Theme::of(app) };
    let screen = laid(app, &app.sizes, area, now);
    let Screen { view, plan, verdict, .. } = &screen;
    head::draw(&mut sheet, view, plan.verdict, verdict, plan.size);
    if let Some(frame) = plan.frame {
        sheet.frame(frame);
    }
    for band in &plan.bands {
        screen.band(&mut sheet, *band);
    }
    if let Some((x, top, bottom)) = plan.divider {
        sheet.divider(x, top, bottom);
    }
    footer::draw(&mut sheet, view, plan.footer, plan.size);
    if let Some(popup) = app.popup {
        // The verdict stays in sight, where that leaves room.
        let top = u16::from(area.height >= 8);
        let height = area.height.saturating_sub(plan.footer.height + top);
        let place = Rect { y: area.y + top, height, ..area };
        popup::draw(&mut sheet, view, place, popup);
    }
    footer::prompt(&mut sheet, view, plan.footer, plan.frame);
    sheet.theme.cover(sheet.buffer);
    if app.look.ascii {
        theme::to_ascii(sheet.buffer);
    }
}

/// What is drawn, and where, if panes are to be of these sizes.
fn laid<'a>(app: &'a App, sizes: &Sizes, area: Rect, now: Ts) -> Screen<'a> {
    let view = View { app, now, wall: Wall::new(app, now), selected: app.selected() };
    let troubles = app.troubles(now);
    let verdict = app.verdict_of(&troubles, now);
    let panes = view.selected.map(|feed| messages::panes(&view, feed)).unwrap_or_default();
    let wish = |stream: &Stream| sizes.panes.get(&(view.selected?.info.id, *stream)).copied();
    let heights: Vec<_> = panes.iter().map(wish).collect();
    let chosen = view.selected.map(|feed| app.chosen(feed));
    let wants = Wants {
        feeds: app.table().len(),
        alone: app.feeds.len() == 1,
        group: app.head().is_some(),
        troubles: troubles.len() + usize::from(verdict.together.is_some()),
        services: view.selected.map_or(0, |feed| feed.state.services.len()),
        names: view.selected.map_or(0, services::names),
        panes: panes.len(),
        here: panes.iter().position(|stream| Some(*stream) == chosen).unwrap_or(0),
        zoom: app.zoom,
        wish: Wish { feeds: sizes.feeds, detail: sizes.detail, strip: sizes.strip, heights: &heights },
    };
    let plan = layout::plan(area, wants);
    Screen { view, plan, troubles, verdict, panes }
}

/// What every pane reads.
pub struct View<'a> {
    app: &'a App,
    now: Ts,
    wall: Wall,
    selected: Option<&'a Feed>,
}

impl<'a> View<'a> {
    fn lang(&self) -> Lang {
        self.app.look.lang
    }

    /// Whether the arrows move in the table of feeds.
    fn marks_rows(&self) -> bool {
        self.app.focus == Focus::Feeds && self.app.feeds.len() > 1
    }

    /// A key and its word, as the footer has them; nothing where there is no key.
    fn hint(&self, action: Action) -> String {
        let hints = self.app.keymap().groups(Mode::Main).find(|group| group.head.action == action);
        let hint = hints.map_or("", |group| group.head.hint(self.lang()));
        let label = self.label(Mode::Main, action);
        if label.is_empty() { String::new() } else { format!("{label} {hint}") }
    }

    /// What the key of an action is called; nothing where it has none.
    fn label(&self, mode: Mode, action: Action) -> &'a str {
        self.app.keymap().label(mode, action)
    }
}

/// What the user changed of a feed while it runs.
fn by_hand(view: &View<'_>, feed: &Feed) -> impl Iterator<Item = String> {
    let solo = view.app.solo(feed.info.id).map(|id| services::name(view, feed, Stream::Service(id)));
    let solo = solo.map(|name| say::control::solo(view.lang(), &name));
    let beat = feed.state.beat.map(|after| say::control::beat_changed(view.lang(), after));
    solo.into_iter().chain(beat)
}

struct Screen<'a> {
    view: View<'a>,
    plan: Plan,
    troubles: Vec<(usize, Trouble)>,
    verdict: Verdict,
    panes: Vec<Stream>,
}

impl Screen<'_> {
    fn band(&self, sheet: &mut Sheet<'_>, band: Band) {
        let (view, area, size) = (&self.view, band.area, self.plan.size);
        let together = self.verdict.together.as_ref().map(|(extent, since)| (extent, *since));
        let stream = self.stream(band.part);
        self.rule(sheet, band, stream);
        match (band.part, view.selected) {
            (Part::Trouble, _) => trouble::draw(sheet, view, area, (together, &self.troubles), size),
            (Part::Feeds, _) => feeds::draw(sheet, view, area, size),
            (Part::Group, _) => group::draw(sheet, view, area, &self.troubles, size),
            (Part::Detail, Some(feed)) => vitals::detail(sheet, view, area, feed),
            (Part::Strip, Some(feed)) => services::strip(sheet, view, area, feed),
            (Part::Vitals, Some(feed)) => vitals::alone(sheet, view, area, feed),
            (Part::Figures, Some(feed)) => figures::table(sheet, view, area, feed),
            (Part::Pane(_), Some(feed)) => {
                if let Some(stream) = stream {
                    messages::draw(sheet, view, area, feed, stream, size);
                }
            }
            (Part::Detail | Part::Strip | Part::Vitals | Part::Figures | Part::Pane(_), None) => {}
        }
    }

    /// The stream in a message pane: with one pane alone, the selected one.
    fn stream(&self, part: Part) -> Option<Stream> {
        let Part::Pane(n) = part else { return None };
        let chosen = self.view.app.chosen(self.view.selected?);
        let room = self.plan.bands.iter().filter(|band| matches!(band.part, Part::Pane(_))).count();
        messages::visible(&self.panes, chosen, room).get(n).copied()
    }

    fn rule(&self, sheet: &mut Sheet<'_>, band: Band, stream: Option<Stream>) {
        let (Some(y), Some(frame)) = (band.rule, self.plan.frame) else { return };
        let view = &self.view;
        let lang = view.lang();
        let wide = self.plan.size == Size::Wide;
        let app = view.app;
        let role = |focus| if app.focus == focus { Role::Strong } else { Role::Plain };
        let plain = |text: &str, role| vec![(text.to_owned(), role)];
        let name = || view.selected.map_or_else(String::new, |feed| text::clean(&feed.info.name).into_owned());
        let last = self.plan.bands.last().map(|band| band.part);
        let (title, end) = match band.part {
            Part::Trouble if wide => {
                let end = [Action::Acknowledge, Action::Mute].map(|action| view.hint(action));
                let end = end.into_iter().filter(|hint| !hint.is_empty()).collect::<Vec<_>>().join(" · ");
                (plain(Label::Trouble.text(lang), Role::Plain), end)
            }
            Part::Trouble => (plain(Label::Why.text(lang), Role::Plain), view.hint(Action::Outages)),
            Part::Feeds => {
                let mut title = plain(feeds::title(view, wide), role(Focus::Feeds));
                if let Some(place) = feeds::place(view, band.area, self.plan.size) {
                    title.push((format!(" · {place}"), Role::Muted));
                }
                (title, if wide { view.hint(Action::Sort) } else { feeds::strip_title(view, band.area.width) })
            }
            Part::Group => {
                let (title, end) = group::title(view);
                (plain(&title, Role::Plain), end)
            }
            Part::Detail | Part::Strip | Part::Vitals => {
                let mut title = plain(&name(), role(Focus::Services));
                if view.selected.is_some_and(|feed| feed.muted) {
                    title.push((format!(" · {}", say::screen::muted(lang)), Role::Muted));
                }
                if let Some(feed) = view.selected {
                    title.extend(by_hand(view, feed).map(|text| (format!(" · {text}"), Role::Accent)));
                }
                if let (Part::Vitals, Some(feed)) = (band.part, view.selected) {
                    title.push((format!(" · {}", text::clean(&feed.info.url)), Role::Muted));
                }
                let end = if band.part == Part::Detail {
                    let hidden = view.selected.map_or(0, |feed| vitals::hidden(band.area, feed));
                    if hidden > 0 { say::and_more(lang, hidden) } else { String::new() }
                } else {
                    view.hint(Action::NextPane)
                };
                (title, end)
            }
            Part::Figures => (Vec::new(), String::new()),
            Part::Pane(_) => match (view.selected, stream) {
                (Some(feed), Some(stream)) => {
                    let chosen = app.chosen(feed) == stream;
                    let focused = chosen && app.focus == Focus::Messages;
                    let title = messages::title(view, feed, stream, band.area.height, focused);
                    let room = self.plan.bands.iter().filter(|band| matches!(band.part, Part::Pane(_))).count();
                    let hidden = if last == Some(band.part) { self.panes.len().saturating_sub(room) } else { 0 };
                    let end = if chosen || hidden > 0 { messages::hint(view, hidden) } else { String::new() };
                    (title, end)
                }
                _ => (Vec::new(), String::new()),
            },
        };
        let title: Vec<_> = title.iter().map(|(text, role)| (text.as_str(), *role)).collect();
        let (from, to) = (band.area.left().saturating_sub(1), band.area.right());
        sheet.rule(y, from, to, y == frame.y, &title, &end);
    }
}
