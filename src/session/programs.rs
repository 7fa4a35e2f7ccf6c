//! Programs of the profile: what each is given, and what becomes of what it says. One runs for a link at a time: before its
//! dial, then for the steps of its login, then for the frames that ask for services and leave them. It runs none itself.

use std::sync::Arc;
use std::time::Duration;

use serde_json::{Map, Value};

use super::leg::Calling;
use super::speech::{Asked, Values};
use super::subs::Errand;
use super::{Call, Output, Outputs, Program, Session, To};
use crate::event::{Due, Phase, Phases, ServiceId, ServiceState, Why};
use crate::profile::{AuthCommand, Profile};
use crate::text::span;
use crate::time::Ts;

/// A program has this much longer than its own limit, in case that nobody keeps it.
pub(super) const GRACE: Duration = Duration::from_secs(1);
/// The whole of a dial may take so long, whatever its steps may.
pub(super) const DIAL_LIMIT: Duration = Duration::from_secs(30);

impl Session {
    /// Begins the dial: where the server said, or where a session is resumed, or else where the profile says, once its program has said what that
    /// needs. A place to resume at that could not be reached is not all there is, where a program may name another.
    pub(super) fn call(&mut self, now: Ts, out: &mut Outputs) {
        let profile = Arc::clone(&self.profile);
        if let Some(address) = self.leg.address.take() {
            self.leg.calling = Calling::Resuming;
            return self.dial_to(now, To::Resumed(address), Vec::new(), out);
        }
        let run = profile.endpoint.run.as_ref();
        let missed = self.leg.calling == Calling::Resuming && run.is_some();
        let may_resume = self.leg.may_resume && self.leg.speech.has_session() && !missed;
        let resume = profile.endpoint.resume_url.as_ref().filter(|_| may_resume);
        let wall = now.on_wall(self.wall);
        if let Some(said) = resume.and_then(|url| self.leg.speech.say(wall, url).ok()) {
            self.leg.calling = Calling::Resuming;
            return self.dial_to(now, To::Resumed(said.text), Vec::new(), out);
        }
        self.leg.calling = Calling::Usual;
        let Some(run) = run else {
            if profile.endpoint.is_made_anew() {
                return self.named(now, Ok(Vec::new()), out);
            }
            return self.dial_to(now, To::Usual, Vec::new(), out);
        };
        self.leg.calling = Calling::Asking;
        self.leg.deadline = Some((Due::DialTimeout, now, now + run.timeout));
        if let Err(text) = self.run(now, run, None, out) {
            self.dial_failed(now, Why::Program { text }, Phases::default(), out);
        }
    }

    fn dial_to(&mut self, now: Ts, to: To, headers: Vec<(String, String)>, out: &mut Outputs) {
        self.leg.deadline = Some((Due::DialTimeout, now, now + DIAL_LIMIT));
        let hidden = self.leg.speech.dialed_secrets();
        out.push(Output::Dial(Call { link: self.leg.number, to, headers, hidden }));
    }

    /// The program before the dial ended, or there is none and address or headers are made anew all the same.
    fn named(&mut self, now: Ts, result: Result<Values, String>, out: &mut Outputs) {
        self.leg.calling = Calling::Usual;
        let profile = Arc::clone(&self.profile);
        let wall = now.on_wall(self.wall);
        let said = result.and_then(|values| {
            let speech = &mut self.leg.speech;
            speech.take_told(values);
            let headers = profile.endpoint.headers.iter();
            let headers = headers.map(|(name, value)| Ok((name.clone(), speech.say(wall, value)?.text)));
            let headers = headers.collect::<Result<Vec<_>, String>>()?;
            let url = profile.endpoint.url.as_ref().map(|url| speech.say(wall, url)).transpose()?;
            Ok((url.map_or(To::Usual, |url| To::Named(url.text)), headers))
        });
        match said {
            Ok((to, headers)) => self.dial_to(now, to, headers, out),
            Err(text) => self.dial_failed(now, Why::Program { text }, Phases::default(), out),
        }
    }

    /// Has a program run for the link at hand; `of`: for a frame about that service.
    pub(super) fn run(
        &mut self,
        now: Ts,
        run: &AuthCommand,
        of: Option<ServiceId>,
        out: &mut Outputs,
    ) -> Result<(), String> {
        let wall = now.on_wall(self.wall);
        let sub = of.and_then(|id| self.leg.subs.get(id));
        let of = of.and_then(|id| self.services.get(id)).map(|service| Asked {
            service,
            id: sub.and_then(|sub| sub.id.as_deref()),
            sid: sub.and_then(|sub| sub.sid.as_deref()),
        });
        let speech = &mut self.leg.speech;
        let words = run.command.iter().map(|word| speech.say_of(wall, word, of).map(|said| said.text));
        let command = words.collect::<Result<_, _>>()?;
        let program = Program { command, env: self.profile.env.clone(), timeout: run.timeout };
        out.push(Output::Run(self.leg.number, program));
        Ok(())
    }

    /// A program ended. The members of the object that it says are values for the templates.
    pub(super) fn program_done(&mut self, now: Ts, result: Result<String, String>, out: &mut Outputs) {
        let result = result.and_then(|text| members(&text));
        if self.leg.phase == Phase::Dialing {
            if self.leg.calling == Calling::Asking {
                self.named(now, result, out);
            }
        } else if self.leg.login.is_some() {
            self.login_ran(now, result, out);
        } else if let Some(errand) = self.leg.subs.errand.as_mut().filter(|errand| errand.until.is_some()) {
            errand.until = None;
            errand.said = Some(result);
            self.speak(now, out);
        }
    }

    /// Has the program run that these services need before they are asked for, or left.
    pub(super) fn send_for(
        &mut self,
        now: Ts,
        run: &AuthCommand,
        services: Vec<ServiceId>,
        on: bool,
        out: &mut Outputs,
    ) {
        match self.run(now, run, services.first().copied(), out) {
            Ok(()) => {
                let until = Some(now + run.timeout + GRACE);
                self.leg.subs.errand = Some(Errand { services, on, until, said: None });
            }
            Err(text) => self.not_fetched(now, services, on, &text, out),
        }
    }

    /// What a frame needs could not be had: it is not sent. One that we cannot leave is told where it stands.
    fn not_fetched(&mut self, now: Ts, services: Vec<ServiceId>, on: bool, text: &str, out: &mut Outputs) {
        let state = if on { ServiceState::Refused } else { ServiceState::Off };
        for id in services {
            self.news(now, id, state, Some(text.to_owned()), out);
        }
    }

    /// A program that nobody answered for.
    pub(super) fn errand_late(&mut self, now: Ts, out: &mut Outputs) {
        let errand = self.leg.subs.errand.as_ref();
        if errand.and_then(|errand| errand.until).is_some_and(|until| until <= now) {
            let ask = if errand.is_some_and(|errand| errand.on) {
                &self.profile.subscribe
            } else {
                &self.profile.unsubscribe
            };
            let limit = ask.as_ref().and_then(|ask| ask.run.as_ref()).map_or(GRACE, |run| run.timeout);
            self.program_done(now, Err(format!("the program did not end within {}", span(limit))), out);
        }
    }

    /// Says what a program was run for, with what it said. Says whether it could.
    pub(super) fn ask_errand(&mut self, now: Ts, profile: &Profile, out: &mut Outputs) -> bool {
        let Some(errand) = self.leg.subs.errand.take() else { return false };
        let asks = if errand.on { &profile.subscribe } else { &profile.unsubscribe };
        let (Some(ask), Some(said)) = (asks, errand.said) else { return true };
        let values = match said {
            Ok(values) => values,
            Err(text) => {
                self.not_fetched(now, errand.services, errand.on, &text, out);
                return true;
            }
        };
        if errand.services.is_empty() {
            // The user changed their mind.
            return true;
        }
        if !self.leg.outbox.take(now) {
            self.leg.subs.errand = Some(Errand { said: Some(Ok(values)), ..errand });
            return false;
        }
        let lent = self.leg.speech.lend(values);
        self.ask(now, profile, ask, errand.services, errand.on, out);
        self.leg.speech.give_back(lent);
        true
    }
}

fn members(text: &str) -> Result<Values, String> {
    let members: Map<String, Value> =
        serde_json::from_str(text).map_err(|_| "the program did not print a JSON object".to_owned())?;
    Ok(members.into_iter().map(|(name, value)| (name, value.to_string())).collect())
}
