//! What keys do. It changes what the screen shows, or asks for an [`Effect`]; it carries out nothing itself.

use crossterm::event::KeyEvent;

use super::columns::Column;
use super::feed::Feed;
use super::history::Stream;
use super::keymap::{Action, Mode, Step, typed};
use super::prompt::Prompt;
use super::timeline::Timeline;
use super::{App, Ask, Effect, Focus, Popup};
use crate::event::{Command, FeedId, Phase, ServiceId};
use crate::say::{empty, screen};
use crate::time::Ts;

impl App {
    /// Does what a key asks, if it asks something here.
    pub fn press(&mut self, key: KeyEvent, now: Ts) -> Option<Effect> {
        self.greeting = false;
        if let Some(action) = self.keys.lookup(self.mode(), key) {
            self.note = None;
            self.done = None;
            return self.act(action, now);
        }
        if let Some(letter) = typed(key) {
            self.type_in(letter.encode_utf8(&mut [0; 4]));
        }
        None
    }

    /// A paste is text where text is typed, and nothing elsewhere: never keys.
    pub fn paste(&mut self, text: &str) {
        let rows = self.mode() == Mode::Draft;
        let text = text.replace("\r\n", "\n").replace('\r', "\n");
        let kept = |letter: &char| !letter.is_control() || (rows && matches!(letter, '\n' | '\t'));
        let letters: String = text.chars().filter(kept).collect();
        self.type_in(&letters);
    }

    pub fn act(&mut self, action: Action, now: Ts) -> Option<Effect> {
        if let (Some(group), None) = (self.head, self.popup)
            && self.act_on_group(group, action, now)
        {
            return None;
        }
        match action {
            Action::Quit => self.quit = true,
            Action::Suspend => return Some(Effect::Suspend),
            Action::Help => {
                self.helped = self.mode();
                self.popup = Some(Popup::Help(0));
            }
            Action::Outages => self.popup = Some(Popup::Outages(Timeline::default())),
            Action::No if self.mode() == Mode::Consent => self.allow_nothing(),
            Action::Close | Action::No => self.close(),
            Action::Whole | Action::Back => self.open_whole(action == Action::Whole),
            Action::Look(look) => return self.look(look),
            Action::Control(control) => return self.control(control, now),
            Action::Arrange(arrange) => return self.arrange(arrange),
            Action::Yes => return self.answer(),
            Action::Leave => self.leave(),
            Action::Move(step) => self.step(step),
            Action::NextPane => self.focus = self.focus.next(),
            Action::PreviousPane => self.focus = self.focus.next().next(),
            Action::NextService => self.choose_by(1),
            Action::PreviousService => self.choose_by(-1),
            Action::Toggle(n) => return self.toggle(usize::from(n)),
            Action::ToggleSelected => return self.toggle_selected(),
            Action::Dial => return self.dial(),
            Action::Disconnect => return self.disconnect(),
            Action::Zoom => self.zoom = !self.zoom,
            Action::Freeze => self.freeze(self.frozen.is_none(), now),
            Action::Filter => self.filter.open(),
            Action::Keep => {
                // What is wrong with it stands beside it.
                self.filter.keep();
            }
            Action::Drop => self.drop_filter(),
            Action::Faults => self.open_faults(),
            Action::Lasts(by) => self.choose_lasts(i64::from(by)),
            Action::FaultService => self.choose_fault_service(),
            Action::FaultLine => self.menu.line = Some(String::new()),
            Action::FaultMenu => self.menu.line = None,
            Action::Inject => return self.inject(),
            Action::ClearFaults => return self.clear_faults(),
            Action::Erase | Action::EraseAll if self.mode() == Mode::FaultLine => {
                self.erase_fault(action == Action::EraseAll);
            }
            Action::Erase => self.edit(Prompt::erase),
            Action::EraseAll => self.edit(Prompt::clear),
            Action::Sort if self.feeds.len() < 2 => {
                self.note = Some(empty::nothing_to_sort(self.look.lang).to_owned());
            }
            Action::Sort => self.sort(now),
            Action::Acknowledge => {
                let worst = self.troubles(now).first().and_then(|(i, _)| self.feeds.get(*i)).map(|feed| feed.info.id);
                let target = self.selected().filter(|feed| feed.needs_you(now)).map(|feed| feed.info.id).or(worst);
                let alarming = self.alarming();
                let id = if let Some(feed) = target.and_then(|id| self.feeds.of_mut(id)) {
                    feed.acknowledge(now);
                    self.done = Some(screen::acknowledged(self.look.lang, &feed.info.name));
                    Some(feed.info.id)
                } else {
                    self.selected
                };
                let seen = id.is_some_and(|id| self.alarms.acknowledge(id, now));
                match (target, alarming) {
                    (None, Some(feed)) if !seen => {
                        self.alarms.acknowledge(feed, now);
                    }
                    (None, None) if !seen => {
                        self.note = Some(empty::nothing_to_acknowledge(self.look.lang).to_owned());
                    }
                    (Some(_) | None, _) => {}
                }
            }
            Action::Mute => self.with_selected(|feed| feed.muted = !feed.muted),
            Action::Heartbeats => self.heartbeats = !self.heartbeats,
            Action::Utc => self.utc = !self.utc,
        }
        None
    }

    /// Opens what is selected, or goes back to where it was.
    fn open_whole(&mut self, open: bool) {
        if let Some(Popup::Outages(timeline)) = self.popup {
            let timeline = if open { self.open_outage(timeline) } else { Timeline { whole: None, ..timeline } };
            self.popup = Some(Popup::Outages(timeline));
        }
    }

    fn answer(&mut self) -> Option<Effect> {
        let Some(Popup::Question(feed, ask)) = self.popup.take() else { return None };
        let command = match ask {
            Ask::Dial => Command::Dial,
            Ask::Disconnect => Command::Pause,
            Ask::Remove => return Some(Effect::Remove(feed)),
        };
        Some(Effect::Send(feed, command))
    }

    fn dial(&mut self) -> Option<Effect> {
        let feed = self.selected()?;
        let (id, open) = (feed.info.id, feed.is_open());
        if open {
            self.popup = Some(Popup::Question(id, Ask::Dial));
            return None;
        }
        Some(Effect::Send(id, Command::Dial))
    }

    fn disconnect(&mut self) -> Option<Effect> {
        let feed = self.selected()?;
        let id = feed.info.id;
        match feed.state.phase {
            Phase::Paused | Phase::Stopped => Some(Effect::Send(id, Command::Dial)),
            Phase::Idle | Phase::Dialing | Phase::Waiting => Some(Effect::Send(id, Command::Pause)),
            Phase::LoggingIn | Phase::Open | Phase::Probing => {
                self.popup = Some(Popup::Question(id, Ask::Disconnect));
                None
            }
        }
    }

    fn toggle(&mut self, n: usize) -> Option<Effect> {
        let feed = self.selected()?;
        let Some(service) = feed.state.services.get(n).map(|service| service.id) else {
            self.note = Some(empty::no_such_service(self.look.lang, &feed.info.name, feed.state.services.len()));
            return None;
        };
        self.switch(service)
    }

    fn toggle_selected(&mut self) -> Option<Effect> {
        match self.chosen(self.selected()?) {
            Stream::Service(service) => self.switch(service),
            Stream::Unrouted | Stream::Beats => {
                self.no_service_selected();
                None
            }
        }
    }

    /// A key was for a service, and messages of none or heartbeats are selected.
    pub(super) fn no_service_selected(&mut self) {
        let Some(feed) = self.selected() else { return };
        let lang = self.look.lang;
        self.note = Some(if feed.state.services.is_empty() {
            empty::no_such_service(lang, &feed.info.name, 0)
        } else {
            empty::not_a_service(lang, self.keys.label(Mode::Main, Action::NextService))
        });
    }

    pub(super) fn switch(&mut self, service: ServiceId) -> Option<Effect> {
        let id = self.selected?;
        // What was selected stays selected, even where nobody had chosen it and another would be next.
        let chosen = self.chosen(self.feed(id)?);
        let feed = self.feeds.of_mut(id)?;
        feed.chosen = Some(chosen);
        let on = !feed.wants(service);
        feed.wish(service, on);
        self.forget_solo(id);
        Some(Effect::Send(id, Command::Want { service, on }))
    }

    /// The innermost of what the user went into.
    fn leave(&mut self) {
        if self.follow() {
            // The newest are on view again.
        } else if self.zoom {
            self.zoom = false;
        } else if self.frozen.is_some() {
            self.freeze(false, Ts::ZERO);
        } else if !self.filter.text.is_empty() {
            self.drop_filter();
        } else {
            self.focus = Focus::Feeds;
        }
    }

    fn freeze(&mut self, on: bool, now: Ts) {
        self.frozen = on.then_some(now);
        self.history.freeze(on);
    }

    pub(super) fn step(&mut self, step: Step) {
        let page = match (self.popup, self.focus, i64::try_from(self.sight.rows)) {
            (None, Focus::Feeds, Ok(rows @ 1..)) => rows,
            (_, _, _) => i64::from(self.size.1 / 2).max(1),
        };
        let by = match step {
            Step::Up => -1,
            Step::Down => 1,
            Step::HalfUp => -(page / 2).max(1),
            Step::HalfDown => (page / 2).max(1),
            Step::PageUp => -page,
            Step::PageDown => page,
            Step::First => -i64::from(u32::MAX),
            Step::Last => i64::from(u32::MAX),
        };
        match &mut self.popup {
            Some(Popup::Help(top)) => *top = moved(*top, by, self.keys.groups(self.helped).count()),
            Some(Popup::Figures(top)) => {
                let services = self.feeds.iter().map(|feed| feed.state.services.len()).max().unwrap_or(0);
                *top = moved(*top, by, services + super::figures::Measure::ALL.len());
            }
            Some(Popup::Report(top)) => {
                let top = *top;
                self.popup = Some(Popup::Report(moved(top, by, self.report_rows().len())));
            }
            Some(Popup::Consent(top)) => {
                let top = *top;
                self.popup = Some(Popup::Consent(moved(top, by, self.demand_rows().len())));
            }
            Some(Popup::Outages(timeline)) => {
                let timeline = *timeline;
                self.popup = Some(Popup::Outages(self.browse(timeline, by)));
            }
            Some(Popup::Question(..) | Popup::Send(_)) => {}
            Some(Popup::Palette) => self.choose_entry(by),
            Some(Popup::Faults(_)) => self.choose_fault(by),
            Some(Popup::Inspect) => {
                if let Some(inspect) = &mut self.inspect {
                    inspect.step(by);
                }
            }
            Some(Popup::Latest) => {
                if let Some(latest) = &mut self.latest {
                    latest.step(by);
                }
            }
            Some(Popup::Columns) => self.columns.at = moved(self.columns.at, by, Column::ALL.len()),
            None => match self.focus {
                Focus::Feeds => self.select_by(by),
                Focus::Services => self.choose_by(by),
                Focus::Messages => self.select_line(by),
            },
        }
    }

    /// A feed of a folded group comes into sight.
    pub(super) fn select(&mut self, feed: Option<FeedId>) {
        if let Some(group) = feed.and_then(|feed| self.table.group_of(feed)) {
            self.table.fold(group, false);
        }
        self.head = None;
        if self.selected != feed {
            self.selected = feed;
            self.search();
        }
    }

    pub(super) fn choose_by(&mut self, by: i64) {
        let Some(feed) = self.selected() else { return };
        let streams = self.streams(feed);
        let chosen = self.chosen(feed);
        let here = streams.iter().position(|stream| *stream == chosen).unwrap_or(0);
        let there = streams.get(moved(here, by, streams.len())).copied();
        self.with_selected(|feed| feed.chosen = there);
    }

    fn type_in(&mut self, text: &str) {
        match self.mode() {
            Mode::Typing => self.edit(|prompt| prompt.type_in(text)),
            Mode::FaultLine => self.type_fault(text),
            Mode::Palette => self.hand.palette.type_in(text),
            Mode::Draft => self.hand.draft.type_in(text),
            Mode::Main
            | Mode::Help
            | Mode::Outages
            | Mode::Outage
            | Mode::Figures
            | Mode::Question
            | Mode::Faults
            | Mode::Inspect
            | Mode::Latest
            | Mode::Columns
            | Mode::Consent => {}
        }
    }

    /// What lies on top goes, and what was below it is in sight again.
    pub(super) fn close(&mut self) {
        if self.popup == Some(Popup::Inspect) {
            self.inspect = None;
        } else if self.popup == Some(Popup::Latest) {
            self.latest = None;
        }
        self.popup = if self.inspect.is_some() {
            Some(Popup::Inspect)
        } else if self.latest.is_some() {
            Some(Popup::Latest)
        } else {
            None
        };
    }

    fn drop_filter(&mut self) {
        self.filter.typing = false;
        self.edit(Prompt::clear);
    }

    pub(super) fn with_selected(&mut self, change: impl FnOnce(&mut Feed)) {
        if let Some(feed) = self.selected.and_then(|id| self.feeds.of_mut(id)) {
            change(feed);
        }
    }
}

impl Focus {
    fn next(self) -> Self {
        match self {
            Self::Feeds => Self::Services,
            Self::Services => Self::Messages,
            Self::Messages => Self::Feeds,
        }
    }
}

/// A place in a list of so many, moved and held inside of it.
pub(super) fn moved(here: usize, by: i64, len: usize) -> usize {
    let step = usize::try_from(by.unsigned_abs()).unwrap_or(usize::MAX);
    let there = if by < 0 { here.saturating_sub(step) } else { here.saturating_add(step) };
    there.min(len.saturating_sub(1))
}
