//! What we say to the server: templates filled in, values captured, request numbers counted. It decides nothing.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::backoff::Random;
use super::services::Service;
use crate::profile::codec::View;
use crate::profile::pointer::{Pointer, find};
use crate::profile::template::{Rendered, Scope, Source, Template};
use crate::profile::{self, Ask, Capture, IdForm, Profile, plain};
use crate::text::cut;

/// Text to send, and the same to show.
#[derive(Clone, Debug)]
pub(super) struct Said {
    pub(super) text: String,
    pub(super) masked: String,
    /// It is JSON, which the profile's format may put into other bytes; else it goes as it is.
    pub(super) json: bool,
}

/// What is said on one link. What was captured for longer than a link goes with it to the next.
#[derive(Clone, Debug)]
pub(super) struct Speech {
    secrets: Arc<Secrets>,
    form: IdForm,
    random: Random,
    /// JSON text by name: what holds on this link, and what of that holds longer.
    captures: BTreeMap<String, String>,
    lasting: BTreeMap<String, String>,
    /// What the program before the dial said: it holds until it is run again.
    told: BTreeMap<String, String>,
    /// The names of what programs said: that is shown nowhere.
    hidden: BTreeSet<String>,
    request: u64,
}

/// JSON text by name.
pub(super) type Values = Vec<(String, String)>;

/// What was known before values were lent.
pub(super) struct Lent {
    captures: BTreeMap<String, String>,
    hidden: BTreeSet<String>,
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

/// A service at hand, with what its subscription on this link is called by us and by the server (JSON text).
#[derive(Clone, Copy)]
pub(super) struct Asked<'a> {
    pub(super) service: &'a Service,
    pub(super) id: Option<&'a str>,
    pub(super) sid: Option<&'a str>,
}

/// A value from a message that is longer is not kept.
const LONGEST_CAPTURE: usize = 16 << 10;
/// So many columns of one are shown.
const LONGEST_SHOWN: usize = 60;

impl Speech {
    pub(super) fn new(profile: &Profile, secrets: Secrets, random: Random) -> Self {
        Self {
            secrets: Arc::new(secrets),
            form: profile.subscribe.as_ref().map_or(IdForm::Number, |ask| ask.id),
            random,
            captures: BTreeMap::new(),
            lasting: BTreeMap::new(),
            told: BTreeMap::new(),
            hidden: BTreeSet::new(),
            request: 0,
        }
    }

    /// For a link beside this one.
    pub(super) fn beside(&self, random: Random) -> Self {
        let mut beside = Self { random, ..self.clone() };
        beside.relink();
        beside
    }

    /// A new link: what was captured on the old one alone is void.
    pub(super) fn relink(&mut self) {
        self.captures.clone_from(&self.lasting);
        self.captures.extend(self.told.iter().map(|(name, value)| (name.clone(), value.clone())));
        self.hidden = self.told.keys().cloned().collect();
        self.request = 0;
    }

    /// Takes what the program before a dial said, in place of what it said before.
    pub(super) fn take_told(&mut self, values: Values) {
        self.told = values.into_iter().collect();
        self.relink();
    }

    /// The secrets that a dial may take along, as plain text. A URL has its own in its parts.
    pub(super) fn dialed_secrets(&self) -> Vec<String> {
        let told = self.told.values().filter_map(|json| serde_json::from_str::<String>(json).ok());
        told.chain(self.secrets.env.values().cloned()).filter(|text| !text.contains("://")).collect()
    }

    /// Takes what a program said while the link is open.
    pub(super) fn take(&mut self, values: Values) {
        for (name, value) in values {
            self.hidden.insert(name.clone());
            self.captures.insert(name, value);
        }
    }

    /// Gives the templates these values until they are given back.
    pub(super) fn lend(&mut self, values: Values) -> Lent {
        let lent = Lent { captures: self.captures.clone(), hidden: self.hidden.clone() };
        self.take(values);
        lent
    }

    pub(super) fn give_back(&mut self, lent: Lent) {
        (self.captures, self.hidden) = (lent.captures, lent.hidden);
    }

    /// Whether something was captured that outlives links: there is a session to resume.
    pub(super) fn has_session(&self) -> bool {
        !self.lasting.is_empty()
    }

    /// The session is over: what was captured of it is void.
    pub(super) fn forget_session(&mut self) {
        for name in std::mem::take(&mut self.lasting).keys() {
            self.captures.remove(name);
        }
    }

    /// Keeps what a message says there. Says whether that is news.
    pub(super) fn capture(&mut self, capture: &Capture, message: &View<'_>) -> bool {
        match text_at(message, capture.at.item, &capture.at) {
            Some(value) if value.len() <= LONGEST_CAPTURE => {
                self.keep(&capture.name, value.into_owned(), capture.scope)
            }
            Some(_) | None => false,
        }
    }

    /// Keeps the JSON text of a value.
    pub(super) fn keep(&mut self, name: &str, value: String, scope: profile::Scope) -> bool {
        if scope == profile::Scope::Lasting {
            self.lasting.insert(name.to_owned(), value.clone());
        }
        self.hidden.remove(name);
        let news = self.captures.get(name) != Some(&value);
        self.captures.insert(name.to_owned(), value);
        news
    }

    /// The sum of captured numbers; nothing while one is missing.
    pub(super) fn sum(&self, names: &[String]) -> Option<f64> {
        let number = |name: &String| plain(self.captures.get(name)?).trim().parse::<f64>().ok();
        names.iter().map(number).sum::<Option<f64>>().filter(|sum| sum.is_finite())
    }

    /// A captured value, as it may be shown.
    pub(super) fn shown(&self, name: &str) -> Option<String> {
        let value = plain(self.captures.get(name)?);
        Some(if self.hidden.contains(name) { "***".to_owned() } else { cut(&value, LONGEST_SHOWN).into_owned() })
    }

    /// The route key of a configured service: what the profile makes of its name, or the name itself.
    pub(super) fn key_of(&self, profile: &Profile, service: &Service) -> String {
        let scope = Scope { service: Some((service.said(), &service.params)), ..Scope::default() };
        let key = profile.route.service.as_ref().and_then(|template| self.render(template, scope).ok());
        key.map_or_else(|| service.said().to_owned(), |key| key.text)
    }

    /// Something that is about no service.
    pub(super) fn say(&mut self, wall: i64, template: &Template) -> Result<Said, String> {
        self.say_of(wall, template, None)
    }

    /// The same, about a service if there is one: no frame, but what a program is told before it.
    pub(super) fn say_of(&mut self, wall: i64, template: &Template, of: Option<Asked<'_>>) -> Result<Said, String> {
        let before = self.request;
        let (id, uuid) = self.numbers(template.uses(&Source::Id), template.uses(&Source::Uuid), self.form);
        let scope = Scope {
            service: of.map(|of| (of.service.said(), &of.service.params)),
            now: Some(wall),
            id: id.as_deref(),
            sub_id: of.and_then(|of| of.id),
            sub_sid: of.and_then(|of| of.sid),
            uuid: uuid.as_deref(),
            ..Scope::default()
        };
        let said = self.render(template, scope);
        if said.is_err() {
            // What could not be said has used up no number.
            self.request = before;
        }
        said
    }

    /// An answer to a message.
    pub(super) fn reply(&mut self, wall: i64, template: &Template, message: &View<'_>) -> Result<Said, String> {
        let (id, uuid) = self.numbers(template.uses(&Source::Id), template.uses(&Source::Uuid), self.form);
        let more = Scope { now: Some(wall), id: id.as_deref(), uuid: uuid.as_deref(), ..Scope::default() };
        self.made_of(message, template, more)
    }

    /// A key made of a message.
    pub(super) fn key(&self, template: &Template, message: &View<'_>) -> Option<String> {
        self.made_of(message, template, Scope::default()).ok().map(|key| key.text)
    }

    /// What a message has fills a template in, and what else is known.
    fn made_of(&self, message: &View<'_>, template: &Template, more: Scope<'_>) -> Result<Said, String> {
        let whole = |place: &Pointer| text_at(message, false, place);
        let item = |place: &Pointer| text_at(message, true, place);
        let prefix = |name: &str| message.prefix(name).map(str::to_owned);
        let scope =
            Scope { message: Some(&whole), item: Some(&item), key: message.key(), prefix: Some(&prefix), ..more };
        self.render(template, scope)
    }

    /// A key made of an entry of a list in a message. `docs`: where `@` looks, in order; `key`: the name of the entry.
    pub(super) fn entry_key(
        &self,
        template: &Template,
        message: &View<'_>,
        key: Option<&str>,
        docs: &[&[u8]],
    ) -> Option<String> {
        let whole = |place: &Pointer| text_at(message, false, place);
        let at = |doc: &&'_ [u8], place: &Pointer| {
            let value = if place.segments.is_empty() { Some(*doc) } else { find(doc, place) };
            value.map(|value| String::from_utf8_lossy(value).into_owned())
        };
        let item = |place: &Pointer| docs.iter().find_map(|doc| at(doc, place)).map(Cow::Owned);
        let scope = Scope { message: Some(&whole), item: Some(&item), key, ..Scope::default() };
        self.render(template, scope).ok().map(|key| key.text)
    }

    /// The share of one service in a frame for several, and its own request number where it has one. A new subscription
    /// (`fresh`) is called by that.
    pub(super) fn share(
        &mut self,
        wall: i64,
        ask: &Ask,
        of: Asked<'_>,
        fresh: bool,
    ) -> Result<Option<(Said, Option<String>)>, String> {
        let Some(template) = &ask.arg else { return Ok(None) };
        let numbered = template.uses(&Source::Id) || (fresh && template.uses(&Source::SubId));
        let (id, uuid) = self.numbers(numbered, template.uses(&Source::Uuid), ask.id);
        let scope = Scope {
            service: Some((of.service.said(), &of.service.params)),
            now: Some(wall),
            id: id.as_deref(),
            sub_id: if fresh { id.as_deref() } else { of.id },
            sub_sid: of.sid,
            uuid: uuid.as_deref(),
            ..Scope::default()
        };
        let said = self.render(template, scope)?;
        Ok(Some((said, id)))
    }

    /// A frame about services, made of their shares. `number`: it has a request number, and by that it is known. That
    /// number is given back, and is what a new subscription is called by (`fresh`).
    pub(super) fn ask(
        &mut self,
        wall: i64,
        ask: &Ask,
        first: Option<Asked<'_>>,
        shares: &[Said],
        (number, fresh): (bool, bool),
    ) -> Result<(Said, Option<String>), String> {
        let uses = |source: &Source| ask.frame.uses(source);
        let number = number || uses(&Source::Id) || (fresh && uses(&Source::SubId));
        let (id, uuid) = self.numbers(number, uses(&Source::Uuid), ask.id);
        let args = ask.joined(shares.iter().map(|said| &*said.text));
        let masked = ask.joined(shares.iter().map(|said| &*said.masked));
        let scope = |args| Scope {
            service: first.map(|of| (of.service.said(), &of.service.params)),
            args: Some(args),
            now: Some(wall),
            id: id.as_deref(),
            sub_id: if fresh { id.as_deref() } else { first.and_then(|of| of.id) },
            sub_sid: first.and_then(|of| of.sid),
            uuid: uuid.as_deref(),
            ..Scope::default()
        };
        let mut said = self.render(&ask.frame, scope(&args))?;
        if args != masked {
            said.masked = self.render(&ask.frame, scope(&masked))?.masked;
        }
        Ok((said, id))
    }

    /// A request number and a UUID, where they are wanted: a number that is not sent is not used up.
    fn numbers(&mut self, id: bool, uuid: bool, form: IdForm) -> (Option<String>, Option<String>) {
        let id = id.then(|| match form {
            IdForm::Uuid => format!("\"{}\"", self.random.next_uuid()),
            IdForm::Number | IdForm::Text => {
                self.request += 1;
                if form == IdForm::Text { format!("\"{}\"", self.request) } else { self.request.to_string() }
            }
        });
        (id, uuid.then(|| self.random.next_uuid()))
    }

    fn render<'a>(&'a self, template: &Template, scope: Scope<'a>) -> Result<Said, String> {
        let (env, file) = (Some(&self.secrets.env), Some(&self.secrets.files));
        let scope = Scope { captures: Some(&self.captures), hidden: Some(&self.hidden), env, file, ..scope };
        let Rendered { text, mut masked } = template.render(&scope).map_err(|missing| missing.to_string())?;
        for secret in self.secrets.put.iter().filter(|secret| masked.contains(*secret)).collect::<Vec<_>>() {
            masked = masked.replace(secret, "***");
        }
        Ok(Said { text, masked, json: template.json })
    }
}

/// The JSON text of a value of a message.
pub(super) fn text_at<'a>(message: &View<'a>, item: bool, place: &Pointer) -> Option<Cow<'a, str>> {
    match message.get(item, place)? {
        Cow::Borrowed(bytes) => std::str::from_utf8(bytes).ok().map(Cow::Borrowed),
        Cow::Owned(bytes) => String::from_utf8(bytes).ok().map(Cow::Owned),
    }
}
