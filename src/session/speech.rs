//! What we say to the server: templates filled in, values captured, request numbers counted. It decides nothing.

use std::borrow::Cow;
use std::collections::BTreeMap;

use super::services::Service;
use crate::profile::codec::View;
use crate::profile::pointer::Pointer;
use crate::profile::template::{Rendered, Scope, Template};
use crate::profile::{Ask, Profile, Rule};

/// Text to send, and the same to show.
pub(super) type Said = Rendered;

#[derive(Debug, Default)]
pub(super) struct Speech {
    secrets: Secrets,
    /// JSON text by name, of this link.
    captures: BTreeMap<String, String>,
    request: u64,
}

/// What the templates may read from outside. Secret: never shown.
#[derive(Clone, Default)]
pub struct Secrets {
    pub env: BTreeMap<String, String>,
    pub files: BTreeMap<String, String>,
    /// Those that the user put into names and parameters of services, as they stand in a frame.
    pub put: Vec<String>,
}

impl std::fmt::Debug for Secrets {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_list().entries(self.env.keys()).entries(self.files.keys()).finish()
    }
}

/// What a rule wants done.
#[derive(Debug, Default)]
pub(super) struct Deed {
    pub(super) answer: Option<Said>,
    /// The server's words to a person.
    pub(super) text: Option<String>,
}

impl Speech {
    pub(super) fn new(secrets: Secrets) -> Self {
        Self { secrets, ..Self::default() }
    }

    /// A new link: what was captured on the old one is void.
    pub(super) fn relink(&mut self) {
        self.captures.clear();
        self.request = 0;
    }

    /// The route key of a configured service: what the profile makes of its name, or the name itself.
    pub(super) fn key_of(&self, profile: &Profile, service: &Service) -> String {
        let scope = Scope { service: Some((service.said(), &service.params)), ..Scope::default() };
        let key = profile.route.service.as_ref().and_then(|template| self.render(template, scope).ok());
        key.map_or_else(|| service.said().to_owned(), |key| key.text)
    }

    pub(super) fn subscribe(&mut self, wall: i64, ask: &Ask, service: &mut Service) -> Result<Said, String> {
        self.request += 1;
        service.sub_id = self.request;
        self.ask(wall, ask, service)
    }

    pub(super) fn unsubscribe(&mut self, wall: i64, ask: &Ask, service: &mut Service) -> Result<Said, String> {
        self.request += 1;
        self.ask(wall, ask, service)
    }

    pub(super) fn say(&mut self, wall: i64, template: &Template) -> Result<Said, String> {
        self.request += 1;
        let id = self.request.to_string();
        self.render(template, Scope { now: Some(wall), id: Some(&id), ..Scope::default() })
    }

    /// Keeps, answers and reads out what a rule says of a message.
    pub(super) fn obey(&mut self, wall: i64, rule: &Rule, message: &View<'_>) -> Deed {
        for capture in &rule.capture {
            if let Some(value) = text_at(message, false, &capture.at) {
                self.captures.insert(capture.name.clone(), value.into_owned());
            }
        }
        let answer = rule.send.as_ref().and_then(|template| {
            self.request += 1;
            let id = self.request.to_string();
            let whole = |place: &Pointer| text_at(message, false, place);
            let item = |place: &Pointer| text_at(message, true, place);
            let scope =
                Scope { message: Some(&whole), item: Some(&item), now: Some(wall), id: Some(&id), ..Scope::default() };
            self.render(template, scope).ok()
        });
        let text = rule.text.as_ref().and_then(|place| message.text(false, place));
        Deed { answer, text }
    }

    fn ask(&self, wall: i64, ask: &Ask, service: &Service) -> Result<Said, String> {
        let (id, sub_id) = (self.request.to_string(), service.sub_id.to_string());
        let scope = Scope {
            service: Some((service.said(), &service.params)),
            now: Some(wall),
            id: Some(&id),
            sub_id: Some(&sub_id),
            ..Scope::default()
        };
        self.render(&ask.frame, scope)
    }

    fn render<'a>(&'a self, template: &Template, scope: Scope<'a>) -> Result<Said, String> {
        let (env, file) = (Some(&self.secrets.env), Some(&self.secrets.files));
        let scope = Scope { captures: Some(&self.captures), env, file, ..scope };
        let mut said = template.render(&scope).map_err(|missing| missing.to_string())?;
        for secret in self.secrets.put.iter().filter(|secret| said.masked.contains(*secret)).collect::<Vec<_>>() {
            said.masked = said.masked.replace(secret, "***");
        }
        Ok(said)
    }
}

fn text_at<'a>(message: &View<'a>, item: bool, place: &Pointer) -> Option<Cow<'a, str>> {
    match message.get(item, place)? {
        Cow::Borrowed(bytes) => std::str::from_utf8(bytes).ok().map(Cow::Borrowed),
        Cow::Owned(bytes) => String::from_utf8(bytes).ok().map(Cow::Owned),
    }
}
