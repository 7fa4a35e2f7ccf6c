//! Feeds taken in hand: what the keys of the palette, of messages of one's own and of solo do. What the other keys do is in
//! [`super::act`]. It carries out nothing: it asks for an [`Effect`].

pub mod draft;
pub mod palette;
mod rows;
pub mod verb;
mod wearing;

use super::coming::Allow;
use super::history::Stream;
use super::line::Line;
use super::prompt::Caret;
use super::{App, Effect, Popup};
use crate::event::{Command, Event, FeedId, Purpose, ServiceId};
use crate::say::control as say;

/// What a key asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Control {
    /// Opens the palette.
    Palette,
    /// Does what is typed or chosen there.
    Run,
    /// Writes the chosen command into the line.
    Complete,
    /// Opens the box for a message.
    Draft,
    /// Sends it.
    Send,
    NewRow,
    /// What was sent before, or after that again.
    Row {
        down: bool,
    },
    /// The last message that was sent, by whomever.
    Template,
    /// Only the selected service, or all as before.
    Solo,
    /// Opens the figures of the selected feed.
    Figures,
    /// Selects the next feed, or the one before.
    OtherFeed(i8),
    /// Takes the mouse, or leaves it to the terminal.
    Mouse,
    /// Profiles may have what they want.
    Allow(Allow),
    // While something is typed.
    Caret(Caret),
    Erase,
    EraseWord,
    EraseAll,
}

/// What is kept of that from one key to the next.
#[derive(Debug, Default)]
pub struct Hand {
    pub palette: palette::Palette,
    pub draft: draft::Draft,
    /// The mouse is ours.
    pub mouse: bool,
    solos: Vec<Solo>,
    /// Messages of the user that were not told to be sent yet.
    under_way: Vec<(FeedId, usize)>,
    /// What was sent last.
    last: Vec<(FeedId, String)>,
}

/// One service alone, and what was on before.
#[derive(Debug)]
struct Solo {
    feed: FeedId,
    service: ServiceId,
    before: Vec<ServiceId>,
}

impl Hand {
    /// A feed is gone.
    pub(super) fn forget(&mut self, id: FeedId) {
        self.solos.retain(|solo| solo.feed != id);
        self.under_way.retain(|(feed, _)| *feed != id);
        self.last.retain(|(feed, _)| *feed != id);
    }
}

impl App {
    pub(super) fn control(&mut self, control: Control, now: crate::time::Ts) -> Option<Effect> {
        match control {
            Control::Palette => self.open_palette(),
            Control::Run => return self.run_palette(now),
            Control::Complete => self.complete(),
            Control::Draft => self.open_draft(),
            Control::Send => return self.send_draft(),
            Control::NewRow => self.write_by_hand(|line| line.type_in("\n", draft::LONGEST)),
            Control::Row { down } => self.hand.draft.row(down),
            Control::Template => self.write_template(),
            Control::Solo => return self.solo_selected(),
            Control::Figures => self.popup = Some(Popup::Figures(0)),
            Control::OtherFeed(by) => self.select_by(by.into()),
            Control::Mouse => {
                self.hand.mouse = !self.hand.mouse;
                self.done = Some(say::mouse(self.look.lang, self.hand.mouse).to_owned());
                return Some(Effect::Mouse(self.hand.mouse));
            }
            Control::Allow(allow) => return Some(self.allow(allow)),
            Control::Caret(to) => self.write_by_hand(|line| line.go(to)),
            Control::Erase => self.write_by_hand(Line::erase),
            Control::EraseWord => self.write_by_hand(Line::erase_word),
            Control::EraseAll => self.write_by_hand(|line| line.write(String::new())),
        }
        None
    }

    /// Changes what is typed: in the box, or in the palette.
    pub(super) fn write_by_hand(&mut self, change: impl FnOnce(&mut Line)) {
        if let Some(Popup::Send(_)) = self.popup {
            self.hand.draft.change(change);
        } else {
            self.hand.palette.change(change);
        }
    }

    /// The service that is alone by the user's wish.
    pub fn solo(&self, feed: FeedId) -> Option<ServiceId> {
        self.hand.solos.iter().find(|solo| solo.feed == feed).map(|solo| solo.service)
    }

    fn solo_selected(&mut self) -> Option<Effect> {
        match self.chosen(self.selected()?) {
            Stream::Service(service) => self.turn_solo(service),
            Stream::Unrouted | Stream::Beats => {
                self.no_service_selected();
                None
            }
        }
    }

    /// That service alone; if it is alone already, all as before.
    pub(super) fn turn_solo(&mut self, service: ServiceId) -> Option<Effect> {
        let feed = self.selected()?;
        let id = feed.info.id;
        let all: Vec<_> = feed.state.services.iter().map(|service| service.id).collect();
        let wanted: Vec<_> = all.iter().copied().filter(|service| feed.wants(*service)).collect();
        let solos = &mut self.hand.solos;
        let on = match solos.iter().position(|solo| solo.feed == id) {
            Some(n) if solos.get(n).is_some_and(|solo| solo.service == service) => solos.remove(n).before,
            Some(n) => {
                solos.iter_mut().skip(n).take(1).for_each(|solo| solo.service = service);
                vec![service]
            }
            None => {
                solos.push(Solo { feed: id, service, before: wanted.clone() });
                vec![service]
            }
        };
        self.with_selected(|feed| {
            feed.chosen = Some(Stream::Service(service));
            for service in all.iter().filter(|service| on.contains(service) != wanted.contains(service)) {
                feed.wish(*service, on.contains(service));
            }
        });
        Some(Effect::Send(id, Command::Only { on }))
    }

    /// The user switched a service alone: there is nothing to go back to.
    pub(super) fn forget_solo(&mut self, feed: FeedId) {
        self.hand.solos.retain(|solo| solo.feed != feed);
    }

    /// A wish could not be passed on.
    pub(super) fn forget_hand(&mut self) {
        self.hand.solos.clear();
        self.hand.under_way.clear();
    }

    /// What became of the user's own messages.
    pub(super) fn hear_of_sent(&mut self, id: FeedId, event: &Event) {
        match event {
            Event::Sent { purpose, text, bytes, .. } => {
                self.hand.last.retain(|(feed, _)| *feed != id);
                self.hand.last.push((id, text.clone()));
                if *purpose == Purpose::User
                    && let Some((_, waiting)) = self.hand.under_way.iter_mut().find(|(feed, n)| *feed == id && *n > 0)
                {
                    *waiting -= 1;
                    self.done = Some(say::sent(self.look.lang, *bytes));
                }
            }
            Event::Closed { .. } | Event::Reconnecting { .. } | Event::Dialing { .. } | Event::Stopped { .. } => {
                let lost: usize = self.hand.under_way.iter().filter(|(feed, _)| *feed == id).map(|(_, n)| n).sum();
                self.hand.under_way.retain(|(feed, _)| *feed != id);
                if lost > 0 {
                    self.done = None;
                    self.note = Some(say::never_sent(self.look.lang, lost));
                }
            }
            Event::DialFailed { .. }
            | Event::Open { .. }
            | Event::Ready
            | Event::Service(_)
            | Event::Rows(_)
            | Event::BeatSent { .. }
            | Event::BeatAnswered { .. }
            | Event::Gap(_)
            | Event::Repeated { .. }
            | Event::Reordered { .. }
            | Event::Outage(_)
            | Event::Paused
            | Event::Slept { .. }
            | Event::Backpressure { .. }
            | Event::IntervalIgnored { .. }
            | Event::Fault(_)
            | Event::Shed { .. } => {}
        }
    }
}
