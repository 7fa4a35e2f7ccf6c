//! The server's answers to what was asked for: yes, no, no longer, and nothing at all.

use std::collections::BTreeMap;

use serde_json::value::RawValue;

use super::services::Service;
use super::speech::text_at;
use super::subs::Request;
use super::{Outputs, Session};
use crate::event::{Kind, ServiceId, ServiceState};
use crate::profile::codec::View;
use crate::profile::pointer::{Pointer, find};
use crate::profile::template::Template;
use crate::profile::{Ack, IdAt, Route, Via, plain};
use crate::text::span;
use crate::time::Ts;

/// What an answer is about.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum About {
    Nothing,
    Service(ServiceId),
    /// The request, or the subscription, of that number.
    Request(String),
    Oldest,
    /// All that is subscribed, by keys.
    Listed(Vec<String>),
}

/// So many entries of a list of all that is subscribed are looked at.
const MOST_LISTED: usize = 10_000;

/// A shorter name may be a word of any language.
const SHORTEST_NAME: usize = 3;

impl Session {
    /// Reads what an answer is about. `service`: what the route makes of it; `own`: the route of its rule, where it has one.
    pub(super) fn about(
        &self,
        kind: Kind,
        message: &View<'_>,
        service: Option<ServiceId>,
        own: Option<&Route>,
    ) -> About {
        let routed = service.map_or(About::Nothing, About::Service);
        // A rule may know better where such an answer has the number of the request (a WAMP error: not where the yes has it).
        if let Some(Route { via: Via::Id, message: Some(key), .. }) = own {
            return self.leg.speech.key(key, message).map_or(routed, About::Request);
        }
        let Some(ask) = &self.profile.subscribe else { return routed };
        match (&ask.ack, kind) {
            (Ack::Id(place), _) => match number_at(message, place) {
                Some(id) if id != "null" => About::Request(id),
                Some(_) | None => routed,
            },
            (Ack::Key(template), _) => {
                let key = self.leg.speech.key(template, message);
                key.and_then(|key| self.services.by_key(&key)).map_or(routed, About::Service)
            }
            (Ack::Order, Kind::Ack | Kind::Nack) => About::Oldest,
            (Ack::Contains { list, item, items }, Kind::Ack) => {
                About::Listed(self.listed(message, list, item, items.as_ref()))
            }
            // It says no to something and not to what.
            (Ack::Contains { .. }, Kind::Nack) if service.is_none() => About::Oldest,
            (Ack::None | Ack::Route | Ack::Order | Ack::Contains { .. }, _) => routed,
        }
    }

    /// The keys in a list of all that is subscribed. An entry may be a member of an object (`${@key}` is its name), and
    /// may have a list of its own: then `@` looks into its items, and into the entry for what they do not have.
    fn listed(&self, message: &View<'_>, list: &Pointer, item: &Template, items: Option<&Pointer>) -> Vec<String> {
        let Some(list) = message.get(false, list) else { return Vec::new() };
        let mut keys = Vec::new();
        for (name, entry) in entries(&list) {
            match items.map(|items| if items.segments.is_empty() { Some(&*entry) } else { find(&entry, items) }) {
                None => keys.extend(self.leg.speech.entry_key(item, message, name.as_deref(), &[&entry])),
                Some(inner) => {
                    for (_, inner) in inner.map(entries).unwrap_or_default() {
                        keys.extend(self.leg.speech.entry_key(item, message, name.as_deref(), &[&inner, &entry]));
                    }
                }
            }
            if keys.len() >= MOST_LISTED {
                break;
            }
        }
        keys
    }

    pub(super) fn agreed(&mut self, now: Ts, about: About, sid: Option<String>, text: Option<&str>, out: &mut Outputs) {
        match about {
            About::Nothing => {}
            About::Service(id) => {
                // The answer to the oldest question: it may be to our leaving it.
                if self.settle(id, false).unwrap_or(true) {
                    self.agree(now, id, sid, text, out);
                }
            }
            About::Request(number) => {
                let is = |request: &Request| request.id.as_ref() == Some(&number);
                if let Some(at) = self.leg.subs.requests.iter().position(is) {
                    self.request_agreed(now, at, sid, text, out);
                } else if let Some(id) = self.leg.subs.called(&number) {
                    self.agree(now, id, sid, text, out);
                }
            }
            About::Oldest => self.request_agreed(now, 0, sid, text, out),
            About::Listed(keys) => {
                let there: Vec<_> = keys.iter().filter_map(|key| self.services.by_key(key)).collect();
                for id in there {
                    self.settle(id, true);
                    self.agree(now, id, None, text, out);
                }
                // What was left and is not there any more is left indeed.
                let mut requests = std::mem::take(&mut self.leg.subs.requests);
                let gone = |id: &ServiceId| self.services.get(*id).is_none_or(|service| !keys.contains(&service.key));
                requests.retain(|request| request.on || !request.services.iter().all(gone));
                self.leg.subs.requests = requests;
            }
        }
    }

    pub(super) fn refused(&mut self, now: Ts, about: About, text: Option<&str>, out: &mut Outputs) {
        let (services, on) = match about {
            About::Nothing | About::Listed(_) => return,
            About::Service(id) => {
                let on = self.settle(id, false).unwrap_or(true);
                (vec![id], on)
            }
            About::Request(number) => {
                let is = |request: &Request| request.id.as_ref() == Some(&number);
                match self.leg.subs.requests.iter().position(is) {
                    Some(at) => self.take_request(at),
                    None => (self.leg.subs.called(&number).into_iter().collect(), true),
                }
            }
            About::Oldest => self.take_request(0),
        };
        for id in services {
            let wanted = self.services.get(id).is_some_and(|service| service.wanted);
            // A no to our leaving it is told where the service stands.
            let state = if on && wanted { ServiceState::Refused } else { ServiceState::Off };
            if on {
                self.left(id);
            }
            self.news(now, id, state, text.map(str::to_owned), out);
        }
    }

    /// The service that a no means which names no request: the only one of those that wait that its text names.
    pub(super) fn meant_by(&self, text: Option<&str>) -> About {
        let Some(text) = text else { return About::Nothing };
        let waits = |id: &ServiceId| self.leg.subs.state(*id) == ServiceState::Sent;
        let is_named = |id: &ServiceId| self.services.get(*id).is_some_and(|service| is_in(text, service));
        let mut named = self.services.ids().filter(|id| waits(id) && is_named(id));
        match (named.next(), named.next()) {
            (Some(id), None) => About::Service(id),
            (Some(_), Some(_)) | (None, _) => About::Nothing,
        }
    }

    /// The server ended a subscription by itself. It stays wanted, and is asked for again on the next link.
    pub(super) fn ended(&mut self, now: Ts, about: About, text: Option<String>, out: &mut Outputs) {
        let id = match about {
            About::Service(id) => id,
            About::Request(number) => match self.leg.subs.called(&number) {
                Some(id) => id,
                None => return,
            },
            About::Nothing | About::Oldest | About::Listed(_) => return,
        };
        self.settle(id, false);
        self.left(id);
        if self.services.get(id).is_some_and(|service| service.wanted) {
            let text = text.unwrap_or_else(|| "ended by the server".to_owned());
            self.news(now, id, ServiceState::Refused, Some(text), out);
        } else {
            self.news(now, id, ServiceState::Off, text, out);
        }
    }

    /// Requests whose answer is too late. The link is not to blame.
    pub(super) fn answers_late(&mut self, now: Ts, out: &mut Outputs) {
        let late = |request: &Request| request.until.is_some_and(|(until, _)| until <= now);
        while let Some(at) = self.leg.subs.requests.iter().position(late) {
            let Some(request) = self.leg.subs.requests.remove(at) else { return };
            let limit = request.until.map(|(_, limit)| limit).unwrap_or_default();
            for id in request.services.into_iter().filter(|_| request.on) {
                if self.leg.subs.state(id) == ServiceState::Sent {
                    let text = format!("no answer in {}", span(limit));
                    self.news(now, id, ServiceState::Refused, Some(text), out);
                    self.services.unanswered(now, id);
                }
            }
        }
    }

    fn request_agreed(&mut self, now: Ts, at: usize, sid: Option<String>, text: Option<&str>, out: &mut Outputs) {
        let (services, on) = self.take_request(at);
        let sid = sid.filter(|_| services.len() == 1);
        for id in services.into_iter().filter(|_| on) {
            self.agree(now, id, sid.clone(), text, out);
        }
    }

    /// The server said yes. Data may have said so before.
    fn agree(&mut self, now: Ts, id: ServiceId, sid: Option<String>, text: Option<&str>, out: &mut Outputs) {
        let sub = self.leg.subs.get_mut(id);
        if let Some(sid) = sid {
            if self.profile.route.via == Via::Sid {
                self.leg.router.learn_id(&plain(&sid), id);
            }
            sub.sid = Some(sid);
            let asked = sub.asked;
            if std::mem::take(&mut sub.leave) {
                self.leg.subs.change(id, false);
                return self.speak(now, out);
            }
            if !asked {
                // It was left before the server said yes.
                self.left(id);
            }
        }
        if self.leg.subs.state(id) == ServiceState::Sent {
            self.news(now, id, ServiceState::Acked, text.map(str::to_owned), out);
        }
    }

    fn take_request(&mut self, at: usize) -> (Vec<ServiceId>, bool) {
        self.leg.subs.requests.remove(at).map_or((Vec::new(), true), |request| (request.services, request.on))
    }

    /// A service was answered by name: the oldest request that waits for it does so no more. Says whether that asked for it.
    /// `only_on`: one that leaves it is not meant.
    fn settle(&mut self, id: ServiceId, only_on: bool) -> Option<bool> {
        let requests = &mut self.leg.subs.requests;
        let waits = |request: &Request| request.services.contains(&id) && (request.on || !only_on);
        let at = requests.iter().position(waits)?;
        let on = requests[at].on;
        requests[at].services.retain(|other| *other != id);
        if requests[at].services.is_empty() {
            requests.remove(at);
        }
        Some(on)
    }
}

/// Whether a text has the name of a service in it, or its key, or all its parameters.
fn is_in(text: &str, service: &Service) -> bool {
    let has = |word: &str| {
        let is_part = |c: char| c.is_alphanumeric() || c == '_';
        word.chars().count() >= SHORTEST_NAME
            && text
                .match_indices(word)
                .any(|(at, _)| !text[..at].ends_with(is_part) && !text[at + word.len()..].starts_with(is_part))
    };
    let mut params = service.params.values().map(|value| plain(&value.to_string())).peekable();
    has(&service.name) || has(&service.key) || (params.peek().is_some() && params.all(|value| has(&value)))
}

/// The number of a request, as text.
fn number_at(message: &View<'_>, place: &IdAt) -> Option<String> {
    match place {
        IdAt::Value(place) => text_at(message, place.item, place).map(|id| plain(&id)),
        IdAt::Prefix(group) => message.prefix(group).map(str::to_owned),
    }
}

/// The elements of a list, or the members of an object with their names, as JSON text.
fn entries(json: &[u8]) -> Vec<(Option<String>, Vec<u8>)> {
    if let Ok(list) = serde_json::from_slice::<Vec<&RawValue>>(json) {
        return list.into_iter().take(MOST_LISTED).map(|entry| (None, entry.get().into())).collect();
    }
    let members = serde_json::from_slice::<BTreeMap<String, &RawValue>>(json);
    members.unwrap_or_default().into_iter().map(|(name, entry)| (Some(name), entry.get().into())).collect()
}
