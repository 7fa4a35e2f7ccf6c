//! Messages looked for and looked into: what the keys of filter, search, inspect, columns and latest values do.
//! What the others do is in [`super::act`].

use super::columns::Column;
use super::copy::Copied;
use super::history::{Pane, Stream};
use super::inspect::{Fold, Inspect, Shape};
use super::keymap::{Action, Mode};
use super::latest::Latest;
use super::prompt::Caret;
use super::{App, Effect, Popup};
use crate::event::FeedId;
use crate::say::empty::{self, Empty};
use crate::say::screen;

/// What a key asks of the messages.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Look {
    /// Into the selected message.
    Inspect,
    NextMatch,
    PreviousMatch,
    Columns,
    Deltas,
    Latest,
    // While a filter is typed.
    Marks,
    Recall {
        back: bool,
    },
    Saved,
    Caret(Caret),
    EraseWord,
    // While a message is inspected.
    Shape(Shape),
    NextShape,
    PreviousShape,
    Fold(Fold),
    NextMessage,
    PreviousMessage,
    CopyValue,
    CopyPath,
    CopyMessage,
    // In the list of columns.
    TurnColumn,
    CopyColumns,
    // In the table of latest values.
    NextKey,
    NextValue,
    PreviousValue,
    SortValues,
    InspectRow,
}

impl App {
    pub(super) fn look(&mut self, look: Look) -> Option<Effect> {
        match look {
            Look::Inspect => self.inspect_current(),
            Look::NextMatch => self.jump(false),
            Look::PreviousMatch => self.jump(true),
            Look::Columns => self.popup = Some(Popup::Columns),
            Look::Deltas => self.columns.turn(Column::Delta),
            Look::Latest => self.open_latest(),
            Look::Marks => {
                self.filter.marks = !self.filter.marks;
                self.search();
            }
            Look::Recall { back } => self.edit(|prompt| prompt.recall(back)),
            Look::Saved => {
                if self.filter.saved.is_empty() {
                    self.note = Some(screen::none_saved(self.look.lang).to_owned());
                }
                self.edit(super::prompt::Prompt::next_saved);
            }
            Look::Caret(caret) => self.filter.move_caret(caret),
            Look::EraseWord => self.edit(super::prompt::Prompt::erase_word),
            Look::Shape(shape) => self.shape(|_| shape),
            Look::NextShape => self.shape(|inspect| inspect.next_shape(false)),
            Look::PreviousShape => self.shape(|inspect| inspect.next_shape(true)),
            Look::Fold(fold) => {
                if let Some(inspect) = &mut self.inspect {
                    inspect.fold(fold);
                }
            }
            Look::NextMessage => self.inspect_by(1),
            Look::PreviousMessage => self.inspect_by(-1),
            Look::CopyValue => {
                let copied = self.inspect.as_ref()?.value();
                return Some(self.copy(copied));
            }
            Look::CopyPath => {
                let path = self.inspect.as_ref()?.path();
                let path = if path.0.is_empty() { ".".to_owned() } else { path.to_string() };
                return Some(self.copy(Copied::new(&path)));
            }
            Look::CopyMessage => {
                let line = &self.inspect.as_ref()?.line;
                let copied = Copied::message(&line.body, line.form);
                return Some(self.copy(copied));
            }
            Look::TurnColumn => self.columns.turn_chosen(),
            Look::CopyColumns => {
                let setting = self.columns.setting();
                return Some(self.copy(Copied::new(&setting)));
            }
            Look::NextKey => self.with_latest(Latest::next_key),
            Look::NextValue => self.with_latest(|latest, pane| latest.next_value(1, pane)),
            Look::PreviousValue => self.with_latest(|latest, pane| latest.next_value(-1, pane)),
            Look::SortValues => self.with_latest(|latest, _| latest.next_sort()),
            Look::InspectRow => self.inspect_row(),
        }
        None
    }

    /// What is typed becomes the filter, and is looked for in what is kept of the selected feed.
    pub(super) fn search(&mut self) {
        self.filter.read();
        let Some(feed) = self.selected() else { return };
        let id = feed.info.id;
        let services: Vec<_> =
            feed.state.services.iter().map(|service| (service.id, service.name.to_string())).collect();
        let name = |stream| match stream {
            Stream::Service(id) => {
                services.iter().find(|(known, _)| *known == id).map_or_else(String::new, |(_, name)| name.clone())
            }
            Stream::Unrouted | Stream::Beats => String::new(),
        };
        self.history.search(id, &self.filter.made, !self.filter.marks, name);
    }

    /// The filters that have names are these from now on.
    pub fn save_filters(&mut self, saved: Vec<(String, String)>) {
        self.edit(|prompt| (prompt.saved, prompt.named) = (saved, None));
    }

    /// Whether there is more to look through.
    pub fn is_searching(&self) -> bool {
        self.history.is_searching()
    }

    /// Goes on with a search for a little while.
    pub fn go_on(&mut self) {
        self.history.look_back(self.filter.filter());
    }

    pub(super) fn edit(&mut self, change: impl FnOnce(&mut super::prompt::Prompt)) {
        change(&mut self.filter);
        self.search();
    }

    /// The selected line of the pane that is looked at moves.
    pub(super) fn select_line(&mut self, by: i64) {
        if let Some((feed, stream)) = self.place()
            && let Some(pane) = self.history.pane_mut(feed, stream)
        {
            pane.select_by(by);
        }
    }

    /// The view follows the newest again. Says whether it did not before.
    pub(super) fn follow(&mut self) -> bool {
        let place = self.place();
        let pane = place.and_then(|(feed, stream)| self.history.pane_mut(feed, stream));
        pane.is_some_and(|pane| {
            let held = pane.selected().is_some();
            pane.follow();
            held
        })
    }

    /// How wide the lines of an inspected message may be.
    pub(super) fn inspect_columns(&self) -> usize {
        usize::from(self.size.0).saturating_sub(4).max(8)
    }

    fn place(&self) -> Option<(FeedId, Stream)> {
        let feed = self.selected()?;
        Some((feed.info.id, self.chosen(feed)))
    }

    fn jump(&mut self, back: bool) {
        let Some((feed, stream)) = self.place() else { return };
        let lang = self.look.lang;
        // A match may lie where the search has not come to.
        while back && self.is_searching() {
            self.go_on();
        }
        if self.filter.filter().is_empty() {
            self.note = Some(empty::nothing_sought(lang, self.keys.label(Mode::Main, Action::Filter)));
        } else if let Some((0, of)) = self.history.pane(feed, stream).and_then(Pane::found) {
            self.note = Some(empty::no_match(lang, of, self.keys.label(Mode::Main, Action::Filter)));
        } else if !self.history.pane_mut(feed, stream).is_some_and(|pane| pane.jump(back)) {
            self.note = Some(screen::no_more_matches(lang, back).to_owned());
        } else if self.popup == Some(Popup::Inspect) {
            self.inspect_current();
        } else {
            self.focus = super::Focus::Messages;
        }
    }

    fn inspect_current(&mut self) {
        let current = self.place().and_then(|(feed, stream)| {
            let (number, _) = self.history.pane(feed, stream)?.current()?;
            Some((feed, stream, number))
        });
        match current {
            Some(place) => self.inspect_at(place),
            None => self.note = Some(self.nothing_to_inspect()),
        }
    }

    fn nothing_to_inspect(&self) -> String {
        let lang = self.look.lang;
        let pane = self.place().and_then(|(feed, stream)| self.history.pane(feed, stream));
        match pane.filter(|pane| pane.hides()).and_then(Pane::found) {
            Some((0, of @ 1..)) => empty::empty(lang, &Empty::Hidden(of, self.keys.label(Mode::Main, Action::Filter))),
            Some(_) | None => screen::nothing_to_inspect(lang).to_owned(),
        }
    }

    fn inspect_at(&mut self, place: (FeedId, Stream, u64)) {
        let (feed, stream, number) = place;
        let Some(pane) = self.history.pane_mut(feed, stream) else { return };
        let before = pane.before(number).cloned();
        let Some(line) = pane.line(number).cloned() else {
            self.note = Some(screen::message_gone(self.look.lang).to_owned());
            return;
        };
        // The message in the pane below is the one that is looked into.
        pane.select(number);
        let columns = self.inspect_columns();
        self.inspect = Some(Inspect::new(place, line, before, self.shape, columns));
        self.popup = Some(Popup::Inspect);
    }

    fn inspect_by(&mut self, by: i64) {
        let Some(inspect) = &self.inspect else { return };
        let (feed, stream, number, at) = (inspect.feed, inspect.stream, inspect.number, inspect.at);
        let next = self.history.pane(feed, stream).and_then(|pane| pane.neighbour(number, by));
        match next {
            Some(next) => {
                self.inspect_at((feed, stream, next));
                if let Some(inspect) = &mut self.inspect {
                    inspect.step(i64::try_from(at).unwrap_or(0));
                }
            }
            None => self.note = Some(screen::no_more_messages(self.look.lang, by < 0).to_owned()),
        }
    }

    fn shape(&mut self, shape: impl FnOnce(&Inspect) -> Shape) {
        if let Some(inspect) = &mut self.inspect {
            self.shape = shape(inspect);
            inspect.look_at(self.shape);
        }
    }

    fn open_latest(&mut self) {
        if let Some((feed, stream)) = self.place() {
            self.latest = Some(Latest::new(feed, stream, self.history.pane(feed, stream)));
            self.popup = Some(Popup::Latest);
        }
    }

    fn with_latest(&mut self, change: impl FnOnce(&mut Latest, Option<&Pane>)) {
        if let Some(latest) = &mut self.latest {
            let pane = self.history.pane(latest.feed, latest.stream);
            change(latest, pane);
        }
    }

    fn inspect_row(&mut self) {
        let place = self.latest.as_ref().and_then(|latest| {
            let row = latest.rows.get(latest.at)?;
            Some((latest.feed, latest.stream, row.number))
        });
        if let Some(place) = place {
            self.inspect_at(place);
        }
    }

    fn copy(&mut self, copied: Copied) -> Effect {
        let lang = self.look.lang;
        let length = copied.text.len() as u64;
        self.done = Some(match copied.of {
            None => screen::copied(lang, length),
            Some(of) => screen::copied_in_part(lang, length, of as u64),
        });
        Effect::Copy(copied.text)
    }
}
