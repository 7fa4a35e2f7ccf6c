//! What was asked for on a link, and what waits for an answer. It asks nothing itself.

use super::earliest;
use super::speech::Values;
use crate::event::{ServiceId, ServiceState};
use crate::profile::{Via, plain};
use crate::time::Ts;
use std::collections::VecDeque;
use std::time::Duration;

/// What was asked for on a link, and what is still to be asked for.
#[derive(Debug, Default)]
pub(super) struct Subs {
    /// By the number of the service.
    pub(super) list: Vec<Sub>,
    pub(super) changes: VecDeque<(ServiceId, bool)>,
    /// The frame that a program is run for; those behind it wait.
    pub(super) errand: Option<Errand>,
    /// Frames that wait for their answer, the oldest first.
    pub(super) requests: VecDeque<Request>,
    /// The next frame may follow then.
    pub(super) next_at: Option<Ts>,
}

/// One service on a link.
#[derive(Clone, Debug, Default)]
pub(super) struct Sub {
    /// Off: not asked for here, or left again.
    pub(super) state: ServiceState,
    pub(super) text: Option<String>,
    /// What we call its subscription, and what the server does (JSON text).
    pub(super) id: Option<String>,
    pub(super) sid: Option<String>,
    /// It is to be left as soon as the server has said what it calls it.
    pub(super) leave: bool,
    /// It was asked for, and neither left nor refused.
    pub(super) asked: bool,
    /// It was refused by our own limit.
    pub(super) beyond: bool,
}

/// A frame that needs what a program says.
#[derive(Debug)]
pub(super) struct Errand {
    /// Those of which the user has not changed their mind.
    pub(super) services: Vec<ServiceId>,
    pub(super) on: bool,
    /// The program runs, and is not waited for any longer than that.
    pub(super) until: Option<Ts>,
    /// What it said, or why that is nothing.
    pub(super) said: Option<Result<Values, String>>,
}

/// A frame that waits for its answer.
#[derive(Debug)]
pub(super) struct Request {
    /// Its number, as text.
    pub(super) id: Option<String>,
    pub(super) services: Vec<ServiceId>,
    /// Whether it asks for them, or leaves them.
    pub(super) on: bool,
    pub(super) until: Option<(Ts, Duration)>,
}

/// So many frames may wait for an answer that nobody limits in time.
const MOST_REQUESTS: usize = 4096;

impl Sub {
    /// By which number its messages are found, where that is how they are.
    pub(super) fn called(&self, via: Via) -> Option<String> {
        match via {
            Via::Key => None,
            Via::Id => self.id.as_deref().map(plain),
            Via::Sid => self.sid.as_deref().map(plain),
        }
    }
}

impl Subs {
    pub(super) fn relink(&mut self) {
        *self = Self::default();
    }

    pub(super) fn get(&self, id: ServiceId) -> Option<&Sub> {
        self.list.get(usize::from(id.0))
    }

    pub(super) fn get_mut(&mut self, id: ServiceId) -> &mut Sub {
        let index = usize::from(id.0);
        if self.list.len() <= index {
            self.list.resize_with(index + 1, Sub::default);
        }
        &mut self.list[index]
    }

    pub(super) fn state(&self, id: ServiceId) -> ServiceState {
        self.get(id).map_or(ServiceState::Off, |sub| sub.state)
    }

    /// Whose subscription we call so.
    pub(super) fn called(&self, id: &str) -> Option<ServiceId> {
        let is = |sub: &Sub| sub.id.as_deref().is_some_and(|have| plain(have) == id);
        self.list.iter().position(is).and_then(|index| u16::try_from(index).ok()).map(ServiceId)
    }

    /// Wishes that were not spoken yet and are taken back leave no trace.
    pub(super) fn change(&mut self, id: ServiceId, on: bool) {
        let waiting = |subs: &Self| subs.changes.len() + subs.errand.as_ref().map_or(0, |errand| errand.services.len());
        let before = waiting(self);
        self.changes.retain(|(other, _)| *other != id);
        self.errand.iter_mut().for_each(|errand| errand.services.retain(|other| *other != id));
        let taken_back = waiting(self) < before;
        let asked = self.get(id).is_some_and(|sub| sub.asked);
        if (on && !(asked && taken_back)) || (!on && asked) {
            self.changes.push_back((id, on));
        }
    }

    /// Its data came.
    pub(super) fn live(&mut self, id: ServiceId) {
        let sub = self.get_mut(id);
        if let ServiceState::Sent | ServiceState::Acked = sub.state {
            sub.state = ServiceState::Live;
        }
    }

    /// How many have a place on the link.
    pub(super) fn active(&self) -> usize {
        self.list.iter().filter(|sub| sub.asked).count()
    }

    pub(super) fn beyond(&self) -> Option<ServiceId> {
        let index = self.list.iter().position(|sub| sub.beyond && sub.state == ServiceState::Refused)?;
        u16::try_from(index).ok().map(ServiceId)
    }

    pub(super) fn is_quiet(&self) -> bool {
        self.changes.is_empty() && self.errand.is_none()
    }

    /// When the next change may be spoken, if there is one.
    pub(super) fn speak_at(&self) -> Option<Ts> {
        let is_due = match &self.errand {
            Some(errand) => errand.until.is_none(),
            None => !self.changes.is_empty(),
        };
        is_due.then(|| self.next_at.unwrap_or_default())
    }

    /// When an answer is too late, or a program.
    pub(super) fn wake(&self) -> Option<Ts> {
        let errand = self.errand.as_ref().and_then(|errand| errand.until);
        self.requests
            .iter()
            .filter_map(|request| request.until)
            .map(|(until, _)| until)
            .fold(errand, |a, b| earliest(a, Some(b)))
    }

    pub(super) fn expect(&mut self, request: Request) {
        if self.requests.len() >= MOST_REQUESTS {
            self.requests.pop_front();
        }
        self.requests.push_back(request);
    }
}
