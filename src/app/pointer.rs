//! What the mouse does: a click focuses and selects, a click on the mark of a service switches it, the wheel moves what
//! lies under it. Where things lie the view says, as a [`Spot`].

use super::history::Stream;
use super::keymap::Step;
use super::looking::Look;
use super::table::{GroupId, Row};
use super::{App, Effect, Focus};
use crate::event::{FeedId, ServiceId};

/// What lies under the pointer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Spot {
    Feeds(Option<FeedId>),
    /// The head of a group.
    Group(GroupId),
    Services(Option<ServiceId>),
    /// The number and the mark that a service is switched by.
    Mark(ServiceId),
    /// The number of the line, where there is one.
    Messages(Stream, Option<u64>),
    /// What lies over the panes.
    Popup,
    Nothing,
}

/// What the user does there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Gesture {
    Click,
    WheelUp,
    WheelDown,
}

/// The lines that one notch of the wheel moves.
const NOTCH: i64 = 3;

impl App {
    pub fn point(&mut self, spot: Spot, gesture: Gesture) -> Option<Effect> {
        match gesture {
            Gesture::Click => {
                (self.note, self.done, self.greeting) = (None, None, false);
                self.click(spot)
            }
            Gesture::WheelUp => {
                self.roll(spot, false);
                None
            }
            Gesture::WheelDown => {
                self.roll(spot, true);
                None
            }
        }
    }

    fn click(&mut self, spot: Spot) -> Option<Effect> {
        match spot {
            Spot::Feeds(feed) => {
                self.focus = Focus::Feeds;
                if feed.is_some() {
                    self.select(feed);
                }
            }
            // What is selected already is folded or unfolded.
            Spot::Group(group) if self.head() == Some(group) => self.turn_fold(group),
            Spot::Group(group) => self.select_row(Row::Group(group)),
            Spot::Services(service) => {
                self.focus = Focus::Services;
                self.choose(service.map(Stream::Service));
            }
            Spot::Mark(service) => {
                self.focus = Focus::Services;
                self.choose(Some(Stream::Service(service)));
                return self.switch(service);
            }
            Spot::Messages(stream, number) => {
                self.focus = Focus::Messages;
                self.choose(Some(stream));
                let (feed, number) = (self.selected()?.info.id, number?);
                let pane = self.history.pane_mut(feed, stream)?;
                if pane.selected().is_some_and(|(selected, _)| selected == number) {
                    return self.look(Look::Inspect);
                }
                pane.select(number);
            }
            Spot::Popup | Spot::Nothing => {}
        }
        None
    }

    fn roll(&mut self, spot: Spot, down: bool) {
        let one = if down { 1 } else { -1 };
        match spot {
            Spot::Feeds(_) | Spot::Group(_) => self.select_by(one),
            Spot::Services(_) | Spot::Mark(_) => self.choose_by(one),
            Spot::Messages(stream, _) => {
                self.choose(Some(stream));
                self.select_line(one * NOTCH);
            }
            Spot::Popup => (0..NOTCH).for_each(|_| self.step(if down { Step::Down } else { Step::Up })),
            Spot::Nothing => {}
        }
    }

    fn choose(&mut self, stream: Option<Stream>) {
        if stream.is_some() {
            self.with_selected(|feed| feed.chosen = stream);
        }
    }
}
