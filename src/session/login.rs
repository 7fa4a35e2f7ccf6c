//! The login: the profile's steps, said and waited for one after the other.
//!
//! A step runs a program (where there is one), says its frame (or the one that resumes a session), and waits for the
//! message that ends it. Messages are routed, counted and shown meanwhile as ever; nothing is subscribed before the end.

use std::sync::Arc;
use std::time::Duration;

use super::programs::GRACE;
use super::router::Note;
use super::speech::Values;
use super::{Outputs, Session};
use crate::event::{Due, Event, Form, Phase, Purpose, ServiceState, Why};
use crate::profile::{Action, Step};
use crate::text::span;
use crate::time::Ts;

/// A login under way.
#[derive(Debug, Default)]
pub(super) struct Login {
    step: usize,
    stage: Stage,
    resuming: bool,
}

/// How far a step is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Stage {
    #[default]
    Begun,
    /// Its program runs, or has run.
    Running,
    Ran,
    /// What it says is said: its end is awaited.
    Said,
}

/// What a message did to the login.
#[derive(Debug, PartialEq)]
pub(super) enum Heard {
    Nothing,
    /// A step ended.
    Passed,
    Rejected(String),
}

/// A link that is logged in again so often within so short a time is not helped by that.
const AGAIN: (u32, Duration) = (3, Duration::from_secs(5));

impl Session {
    pub(super) fn begin_login(&mut self, now: Ts, out: &mut Outputs) {
        self.log_in_from(now, 0, out);
    }

    fn log_in_from(&mut self, now: Ts, step: usize, out: &mut Outputs) {
        self.leg.ready = None;
        if !self.profile.handshake.is_empty() {
            self.leg.login = Some(Login { step, ..Login::default() });
            self.leg.router.note_all(true);
            self.leg.enter(now, Phase::LoggingIn);
        }
        self.go_on(now, out);
    }

    /// Does what is to be done until something has to be waited for.
    pub(super) fn go_on(&mut self, now: Ts, out: &mut Outputs) {
        let profile = Arc::clone(&self.profile);
        loop {
            if !self.leg.has_link() {
                return;
            }
            let Some(login) = &mut self.leg.login else { return self.ready(now, out) };
            let Some(step) = profile.handshake.get(login.step) else {
                self.leg.login = None;
                self.leg.router.note_all(false);
                self.leg.deadline = None;
                return self.ready(now, out);
            };
            match (login.stage, &step.run) {
                (Stage::Running | Stage::Said, _) => return,
                (Stage::Begun, Some(run)) => {
                    login.stage = Stage::Running;
                    self.leg.deadline = Some((Due::DialTimeout, now, now + run.timeout + GRACE));
                    if let Err(text) = self.run(now, run, None, out) {
                        self.end(now, Why::Login { text }, Action::Stop, out);
                    }
                    return;
                }
                (Stage::Begun, None) | (Stage::Ran, _) => login.stage = Stage::Said,
            }
            let resume = step.resume.as_ref().filter(|_| self.leg.may_resume && self.leg.speech.has_session());
            let wall = now.on_wall(self.wall);
            let resumed = resume.and_then(|template| self.leg.speech.say(wall, template).ok());
            login.resuming |= resumed.is_some();
            let said = match (resumed, &step.send) {
                (Some(said), _) => Some(said),
                (None, Some(template)) => match self.leg.speech.say(wall, template) {
                    Ok(said) => Some(said),
                    Err(text) => return self.end(now, Why::Login { text }, Action::Stop, out),
                },
                (None, None) => None,
            };
            if let Some(said) = said {
                if let Err(text) = self.fits(&said) {
                    return self.end(now, Why::Login { text }, Action::Stop, out);
                }
                self.send(now, said, Purpose::Login, None, out);
            }
            if step.expect.is_some() {
                self.leg.deadline = Some((Due::DialTimeout, now, now + step.timeout));
                return;
            }
            self.leg.deadline = None;
            self.pass();
        }
    }

    fn pass(&mut self) {
        if let Some(login) = &mut self.leg.login {
            login.pass();
        }
    }

    /// The program of a step ended.
    pub(super) fn login_ran(&mut self, now: Ts, result: Result<Values, String>, out: &mut Outputs) {
        let Some(login) = self.leg.login.as_mut().filter(|login| login.stage == Stage::Running) else { return };
        login.stage = Stage::Ran;
        match result {
            Ok(values) => {
                self.leg.speech.take(values);
                self.captured(now, out);
                self.go_on(now, out);
            }
            // A program may fail because the network does: it is tried again.
            Err(text) => self.end(now, Why::Login { text }, Action::Retry, out),
        }
    }

    /// Looks whether a message ends the step that waits, and those behind it that only wait.
    pub(super) fn hear_login(&mut self, frame: &[u8]) -> Heard {
        let profile = Arc::clone(&self.profile);
        let mut heard = Heard::Nothing;
        for note in &self.notes {
            let Note::Seen { row, origin } = note else { continue };
            let Some(login) = self.leg.login.as_mut().filter(|login| login.stage == Stage::Said) else { break };
            let Some(step) = profile.handshake.get(login.step) else { break };
            let form = self.arena.rows().get(*row).map_or(Form::Binary, |row| row.form);
            let view = self.leg.router.view(frame, &self.arena, *row, origin);
            if step.reject.as_ref().is_some_and(|wanted| wanted.holds(&view, form)) {
                let text = step.text.as_ref().and_then(|place| view.text(place.item, place));
                return Heard::Rejected(text.unwrap_or_default());
            }
            if !step.expect.as_ref().is_some_and(|wanted| wanted.holds(&view, form)) {
                continue;
            }
            for capture in &step.capture {
                self.leg.speech.capture(capture, &view);
            }
            heard = Heard::Passed;
            login.pass();
            // What comes behind it in the same frame may be what the next step waits for.
            if let Some(next) = profile.handshake.get(login.step) {
                login.stage = if only_waits(next) { Stage::Said } else { Stage::Begun };
            }
        }
        heard
    }

    /// Draws the consequences, once the message is told.
    pub(super) fn heard_login(&mut self, now: Ts, heard: Heard, out: &mut Outputs) {
        match heard {
            Heard::Nothing => {}
            Heard::Passed => {
                self.captured(now, out);
                self.leg.deadline = None;
                if let Some(login) = &mut self.leg.login {
                    // If it waits already, it has said nothing: its time begins now.
                    login.stage = Stage::Begun;
                }
                self.go_on(now, out);
            }
            Heard::Rejected(text) => {
                let resuming = self.leg.login.as_ref().is_some_and(|login| login.resuming);
                // A session that is gone is no wrong password: the next login begins a new one.
                let action = if resuming { Action::Restart } else { Action::Stop };
                self.end(now, Why::Login { text }, action, out);
            }
        }
    }

    /// The step was not answered in time.
    pub(super) fn login_late(&mut self, now: Ts, limit: Duration, out: &mut Outputs) {
        let text = format!("no answer in {}", span(limit));
        self.end(now, Why::Login { text }, Action::Retry, out);
    }

    /// The server forgot who we are, and the link lives: log in again, then subscribe again.
    pub(super) fn login_again(&mut self, now: Ts, text: Option<String>, out: &mut Outputs) {
        let (times, last) = self.leg.again;
        let times = if now - last < AGAIN.1 { times + 1 } else { 1 };
        if self.leg.login.is_some() {
            return;
        }
        if times > AGAIN.0 {
            return self.end(now, Why::Login { text: text.unwrap_or_default() }, Action::Backoff, out);
        }
        self.leg.again = (times, now);
        self.leg.may_resume = false;
        for id in self.services.ids() {
            self.left(id);
        }
        self.leg.subs.relink();
        for id in self.services.ids() {
            if self.services.get(id).is_some_and(|service| service.wanted) {
                self.news(now, id, ServiceState::Wanted, None, out);
            }
        }
        // A server greets a link once: what only waits for that has had it.
        let first = self.profile.handshake.iter().position(|step| !only_waits(step)).unwrap_or_default();
        self.log_in_from(now, first, out);
    }

    /// Logged in: from here on services are subscribed.
    fn ready(&mut self, now: Ts, out: &mut Outputs) {
        if self.leg.ready.is_some() {
            return;
        }
        self.leg.ready = Some(now);
        let asked = self.leg.liveness.asked().is_some();
        self.leg.enter(now, if asked { Phase::Probing } else { Phase::Open });
        let wanted: Vec<_> = self.services.wanted().collect();
        if !self.beside {
            self.tell(Event::Ready, out);
            self.outages.back(now, wanted.iter().copied());
        }
        for id in wanted {
            self.leg.subs.change(id, true);
        }
        self.speak(now, out);
        if !self.beside {
            self.settle_outage(now, false, out);
        }
    }
}

impl Login {
    /// The step is done.
    fn pass(&mut self) {
        *self = Self { step: self.step + 1, resuming: self.resuming, ..Self::default() };
    }
}

/// A step that says nothing.
fn only_waits(step: &Step) -> bool {
    step.run.is_none() && step.send.is_none() && step.resume.is_none() && step.expect.is_some()
}
