//! The menu of faults: what may be done to a feed on purpose, to which service and for how long; and the line that is
//! typed instead. It injects nothing: it asks for an [`Effect`].

use std::time::Duration;

use super::feed::Feed;
use super::{App, Effect, Popup};
use crate::event::fault::{Cut, Edit, Fault, Garbage};
use crate::event::{Command, Fault as Told, FaultState, FeedId};
use crate::fault::parse_command;
use crate::say::{self, Label};
use crate::time::Ts;

/// How long a fault may last, by the menu.
const LASTS: [u64; 7] = [3, 5, 10, 20, 30, 60, 300];
/// How long a fault is shown that is done at once.
const SHOWN: Duration = Duration::from_secs(3);
/// A longer line is a mistake.
const LONGEST: usize = 256;

/// What is chosen in the menu. It keeps that from one time to the next.
#[derive(Clone, Debug)]
pub struct Menu {
    pub row: usize,
    lasts: usize,
    service: usize,
    /// The line, while it is typed.
    pub line: Option<String>,
    /// What is wrong with it.
    pub wrong: Option<String>,
}

impl Default for Menu {
    fn default() -> Self {
        Self { row: 0, lasts: 2, service: 0, line: None, wrong: None }
    }
}

impl App {
    /// The faults that the menu has for a feed, in its order.
    pub fn fault_choices(&self, feed: &Feed) -> Vec<Fault> {
        let second = Duration::from_secs(1);
        let refuse = |status, retry_after| Fault::Refuse { status, retry_after, times: None, cut: Some(Cut::Fin) };
        let mut all = vec![
            Fault::Freeze,
            Fault::Blackhole,
            Fault::Cut(Cut::Fin),
            Fault::Cut(Cut::Reset),
            Fault::Cut(Cut::HalfClose),
            Fault::Cut(Cut::Truncate),
            Fault::Cut(Cut::Close { code: 1012, reason: "injected fault".to_owned() }),
            Fault::Hang,
            refuse(None, None),
            refuse(Some(401), None),
            refuse(Some(429), Some(5 * second)),
            refuse(Some(503), None),
            Fault::DropPongs,
            Fault::DropAnswers { quiet: false },
            Fault::DropAnswers { quiet: true },
            Fault::Latency { delay: second / 5, jitter: second / 20 },
            Fault::Bandwidth { bytes: 1_000 },
            Fault::Bytewise,
        ];
        if let Some(service) = self.fault_service(feed).map(str::to_owned) {
            let nth = |edit| Fault::Nth { edit, nth: 10, service: Some(service.clone()) };
            all.extend([
                Fault::Mute { service: service.clone() },
                Fault::Gap { service: service.clone(), count: 10 },
                nth(Edit::Drop),
                nth(Edit::Repeat),
                nth(Edit::Reorder),
                Fault::RefuseSubscriptions { service: Some(service.clone()) },
            ]);
        }
        let service = self.fault_service(feed).map(str::to_owned);
        all.push(Fault::Garbage { kinds: Garbage::ALL.to_vec(), every: second / 2, service });
        all
    }

    /// The service that a fault would be about.
    pub fn fault_service<'f>(&self, feed: &'f Feed) -> Option<&'f str> {
        let services = &feed.state.services;
        services.get(self.menu.service % services.len().max(1)).map(|service| &*service.name)
    }

    pub fn fault_lasts(&self) -> Duration {
        Duration::from_secs(LASTS.get(self.menu.lasts).copied().unwrap_or(10))
    }

    /// Puts a fault that no feed told of into the banner, or takes it out.
    pub fn announce(&mut self, fault: Told) {
        self.fault(None, fault);
    }

    /// The fault to warn of: one that is on, else the next that was announced. `None` in it: it has no known end.
    pub fn banner(&self, now: Ts) -> Option<(&Told, Option<Duration>)> {
        let live = self.faults.iter().map(|(_, fault)| fault).filter(|fault| !has_passed(fault, now));
        let first = live.min_by_key(|fault| (fault.state != FaultState::On, fault.until))?;
        Some((first, first.until.map(|until| until.since(now))))
    }

    /// The latest word on a fault counts.
    pub(super) fn fault(&mut self, feed: Option<FeedId>, fault: Told) {
        self.faults.retain(|(of, known)| *of != feed || known.name != fault.name);
        match fault.state {
            FaultState::Soon | FaultState::On => self.faults.push((feed, fault)),
            FaultState::Off => {}
        }
    }

    pub(super) fn forget_faults(&mut self, feed: FeedId) {
        self.faults.retain(|(of, _)| *of != Some(feed));
    }

    /// What is on for a feed, as it was told.
    pub fn faults_of(&self, feed: FeedId, now: Ts) -> impl Iterator<Item = &Told> {
        let of = self.faults.iter().filter(move |(of, _)| *of == Some(feed)).map(|(_, fault)| fault);
        of.filter(move |fault| fault.state == FaultState::On && fault.until.is_none_or(|until| until > now))
    }

    pub(super) fn open_faults(&mut self) {
        let Some(feed) = self.selected().map(|feed| feed.info.id) else { return };
        if self.faults_allowed {
            (self.menu.line, self.menu.wrong) = (None, None);
            self.popup = Some(Popup::Faults(feed));
        } else {
            self.note = Some(Label::FaultsNotAllowed.text(self.look.lang).to_owned());
        }
    }

    pub(super) fn choose_fault(&mut self, by: i64) {
        let Some(count) = self.fault_feed().map(|feed| self.fault_choices(feed).len()) else { return };
        self.menu.row = super::act::moved(self.menu.row, by, count);
    }

    pub(super) fn choose_lasts(&mut self, by: i64) {
        self.menu.lasts = super::act::moved(self.menu.lasts, by, LASTS.len());
    }

    pub(super) fn choose_fault_service(&mut self) {
        let Some(count) = self.fault_feed().map(|feed| feed.state.services.len().max(1)) else { return };
        self.menu.service = (self.menu.service + 1) % count;
    }

    pub(super) fn type_fault(&mut self, text: &str) {
        self.menu.wrong = None;
        if let Some(line) = &mut self.menu.line {
            let room = LONGEST.saturating_sub(line.chars().count());
            line.extend(text.chars().take(room));
        }
    }

    pub(super) fn erase_fault(&mut self, all: bool) {
        self.menu.wrong = None;
        if let Some(line) = &mut self.menu.line {
            if all {
                line.clear();
            } else {
                line.pop();
            }
        }
    }

    /// What the menu points at, or what was typed.
    pub(super) fn inject(&mut self) -> Option<Effect> {
        let feed = self.fault_feed()?;
        let id = feed.info.id;
        let (fault, lasts) = match &self.menu.line {
            None => {
                let fault = self.fault_choices(feed).into_iter().nth(self.menu.row)?;
                let lasts = if fault.is_at_once() { SHOWN } else { self.fault_lasts() };
                (fault, lasts)
            }
            Some(line) => match self.read_fault(feed, line) {
                Ok(asked) => asked,
                Err(wrong) => {
                    self.menu.wrong = Some(wrong);
                    return None;
                }
            },
        };
        let text = self.fault_banner(feed, &fault);
        self.popup = None;
        Some(Effect::Send(id, Command::Inject { fault: Box::new(fault), lasts, text }))
    }

    /// A fault that was typed, or what is wrong with it.
    pub(super) fn inject_line(&self, id: FeedId, line: &str) -> Result<Effect, String> {
        if !self.faults_allowed {
            return Err(Label::FaultsNotAllowed.text(self.look.lang).to_owned());
        }
        let feed = self.feed(id).ok_or_else(String::new)?;
        let (fault, lasts) = self.read_fault(feed, line)?;
        let text = self.fault_banner(feed, &fault);
        Ok(Effect::Send(id, Command::Inject { fault: Box::new(fault), lasts, text }))
    }

    /// The banner is for all feeds.
    fn fault_banner(&self, feed: &Feed, fault: &Fault) -> String {
        let name = if self.feeds.len() > 1 { format!("{}: ", feed.info.name) } else { String::new() };
        name + &say::fault_words(self.look.lang, fault)
    }

    fn read_fault(&self, feed: &Feed, line: &str) -> Result<(Fault, Duration), String> {
        parse_command(line).and_then(|(fault, lasts)| self.known(feed, fault, lasts))
    }

    /// Ends all that is injected into the feed of the menu.
    pub(super) fn clear_faults(&mut self) -> Option<Effect> {
        let id = self.fault_feed()?.info.id;
        self.popup = None;
        Some(Effect::Send(id, Command::Clear))
    }

    fn known(&self, feed: &Feed, fault: Fault, lasts: Duration) -> Result<(Fault, Duration), String> {
        let known: Vec<&str> = feed.state.services.iter().map(|service| &*service.name).collect();
        match fault.service().filter(|service| !known.contains(service)) {
            Some(service) => Err(say::no_service(self.look.lang, service, &known)),
            None => Ok((fault, lasts)),
        }
    }

    fn fault_feed(&self) -> Option<&Feed> {
        let Some(Popup::Faults(feed)) = self.popup else { return None };
        self.feed(feed)
    }
}

/// A fault whose end was never told is not warned of for ever.
fn has_passed(fault: &Told, now: Ts) -> bool {
    fault.until.is_some_and(|until| now.since(until) > Duration::from_secs(3))
}
