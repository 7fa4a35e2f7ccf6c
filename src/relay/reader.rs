//! What the frames of one link are, by the profile, in both directions: what a server says is routed as our own feeds
//! route it, what a client says is held against the templates of the profile. It changes nothing, and passes nothing on.

use std::collections::BTreeMap;
use std::sync::Arc;

use bytes::Bytes;

use super::form::{Filled, Form};
use crate::event::{Kind, ServiceId};
use crate::profile::codec::Inlet;
use crate::profile::template::{Scope, Source};
use crate::profile::{Beat, Life, Profile, SequenceRule, SequenceScope, ServiceSpec};
use crate::session::Opcode;
use crate::session::router::{Arena, Note, Router};
use crate::time::{Ts, WallAnchor};

/// What a client said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Said {
    Beat,
    /// `whole`: these, and no others.
    Subscribe {
        services: Vec<Arc<str>>,
        whole: bool,
    },
    Unsubscribe {
        services: Vec<Arc<str>>,
    },
    Other,
}

/// One message of a server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Heard {
    pub(super) service: Option<Arc<str>>,
    pub(super) kind: Kind,
    pub(super) seq: Option<u64>,
}

impl Heard {
    pub(super) fn is_data(&self) -> bool {
        matches!(self.kind, Kind::Data | Kind::Snapshot)
    }
}

/// What all links of a relay read by.
#[derive(Debug)]
pub struct Book {
    profile: Arc<Profile>,
    specs: Vec<ServiceSpec>,
    subscribe: Option<Form>,
    unsubscribe: Option<Form>,
    beats: Vec<Form>,
    /// A WebSocket ping is a heartbeat.
    pub(super) pings: bool,
    whole: bool,
    /// What restarts the countdown to the client's next heartbeat.
    pub(super) restart_on: Life,
    /// Whether each service numbers its messages one by one.
    pub(super) counted: bool,
}

impl Book {
    pub fn new(profile: Arc<Profile>, specs: Vec<ServiceSpec>) -> Self {
        let frames = profile.heartbeats.iter().filter_map(|beat| match &beat.send {
            Beat::Frame(template) => Some(Form::of(template)),
            Beat::Ping => None,
        });
        let counted = |rule: &SequenceRule| *rule == SequenceRule::Increment { step: 1 };
        Self {
            subscribe: profile.subscribe.as_ref().map(Form::ask),
            unsubscribe: profile.unsubscribe.as_ref().map(Form::ask),
            beats: frames.collect(),
            pings: profile.heartbeats.iter().any(|beat| matches!(beat.send, Beat::Ping)),
            restart_on: profile.heartbeats.first().map_or(Life::Message, |beat| beat.restart_on),
            whole: profile.subscribe.as_ref().is_some_and(|ask| ask.whole),
            counted: profile.sequences.iter().any(|rule| counted(&rule.rule) && rule.scope == SequenceScope::Service),
            profile,
            specs,
        }
    }

    /// The services named before any link is open.
    pub(super) fn services(&self) -> impl Iterator<Item = &str> {
        self.specs.iter().map(|spec| spec.name.as_str())
    }
}

/// Reads one link.
#[derive(Debug)]
pub(super) struct Reader {
    book: Arc<Book>,
    router: Router,
    /// By the number of the service.
    names: Vec<Arc<str>>,
    /// Of what the client says, where that is not JSON.
    inlet: Option<Inlet>,
    out: Arena,
    notes: Vec<Note>,
}

/// A longer key is no name.
const LONGEST: usize = 200;

impl Reader {
    pub(super) fn new(book: &Arc<Book>) -> Self {
        let profile = Arc::clone(&book.profile);
        let mut reader = Self {
            router: Router::new(Arc::clone(&profile)),
            names: Vec::new(),
            inlet: Inlet::new(&profile.codec, profile.limits.message),
            out: Arena::default(),
            notes: Vec::new(),
            book: Arc::clone(book),
        };
        for spec in &book.specs {
            reader.learn(spec);
        }
        reader
    }

    /// The messages in a data frame of the server.
    pub(super) fn hear(&mut self, now: Ts, wall: WallAnchor, opcode: Opcode, frame: &[u8]) -> Vec<Heard> {
        self.router.route(now, wall, opcode, frame, &mut self.out, &mut self.notes);
        for note in std::mem::take(&mut self.notes) {
            if let Note::Unknown { row, key } = note {
                let known = self.router.knows(&key).or_else(|| self.meet(&key));
                if let Some(id) = known {
                    self.out.assign(row, id);
                }
            }
        }
        let batch = self.out.take();
        let heard = batch.rows.iter().map(|row| Heard {
            service: row.service.and_then(|id| self.names.get(usize::from(id.0)).cloned()),
            kind: row.kind,
            seq: row.seq,
        });
        heard.collect()
    }

    /// What a data frame of the client is.
    pub(super) fn said(&mut self, binary: bool, frame: &[u8]) -> Said {
        let turned = self.inlet.as_mut().is_some_and(|inlet| inlet.feed(binary, frame));
        let text: Bytes = match self.inlet.as_ref().filter(|_| turned) {
            Some(inlet) => Bytes::copy_from_slice(inlet.docs().text()),
            None => Bytes::copy_from_slice(frame),
        };
        let suffix = self.book.profile.codec.tx_suffix.as_deref().unwrap_or_default();
        let text = text.strip_suffix(suffix.as_bytes()).unwrap_or(&text);
        let book = Arc::clone(&self.book);
        if book.beats.iter().any(|beat| beat.read(text).is_some()) {
            return Said::Beat;
        }
        if let Some(asked) = book.unsubscribe.as_ref().and_then(|form| form.read(text)) {
            return Said::Unsubscribe { services: asked.iter().map(|filled| self.named(filled)).collect() };
        }
        if let Some(asked) = book.subscribe.as_ref().and_then(|form| form.read(text)) {
            let services: Vec<_> = asked.iter().map(|filled| self.named(filled)).collect();
            let number = |filled: &Filled| {
                filled.iter().find_map(|(source, text)| {
                    matches!(source, Source::Id | Source::SubId | Source::Uuid).then(|| text.clone())
                })
            };
            if let ([name], Some(number)) = (services.as_slice(), asked.first().and_then(number))
                && let Some(at) = self.names.iter().position(|known| known == name)
            {
                self.router.learn_id(&number, ServiceId(u16::try_from(at).unwrap_or(u16::MAX)));
            }
            return Said::Subscribe { services, whole: book.whole };
        }
        Said::Other
    }

    /// The name of the service that a client asks for, which is known from here on.
    fn named(&mut self, filled: &Filled) -> Arc<str> {
        let params: BTreeMap<&str, &str> = filled
            .iter()
            .filter_map(|(source, text)| {
                let Source::Service(name) = source else { return None };
                Some((name.as_str(), text.as_str()))
            })
            .collect();
        let plain = |value: &serde_json::Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        let is = |spec: &&ServiceSpec| {
            params.iter().all(|(name, text)| match *name {
                "name" => spec.said.as_deref().unwrap_or(&spec.name) == *text,
                name => spec.params.get(name).is_some_and(|value| plain(value) == *text),
            })
        };
        if let Some(known) = self.book.specs.iter().filter(|_| !params.is_empty()).find(is) {
            return known.name.as_str().into();
        }
        let typed = |text: &str| {
            let value: Option<serde_json::Value> = serde_json::from_str(text).ok();
            value.filter(|value| value.is_number() || value.is_boolean()).unwrap_or_else(|| text.into())
        };
        let all: BTreeMap<String, serde_json::Value> = params
            .iter()
            .filter(|(name, _)| **name != "name")
            .map(|(name, text)| ((*name).to_owned(), typed(text)))
            .collect();
        let scope = Scope { service: Some(("", &all)), ..Scope::default() };
        let pattern = self.book.profile.route.service_name.as_ref();
        let name = match params.get("name") {
            Some(name) => (*name).to_owned(),
            None if params.is_empty() => "*".to_owned(),
            None => pattern
                .and_then(|pattern| pattern.render(&scope).ok())
                .map_or_else(|| params.values().copied().collect::<Vec<_>>().join(":"), |name| name.text),
        };
        let name: String = name.chars().take(LONGEST).collect();
        if let Some(known) = self.names.iter().find(|known| ***known == *name) {
            return Arc::clone(known);
        }
        self.learn(&ServiceSpec { name: name.clone(), params: all, ..ServiceSpec::default() });
        name.into()
    }

    fn learn(&mut self, spec: &ServiceSpec) {
        let key = self.book.profile.key_of(spec);
        if let Some(id) = self.add(&spec.name) {
            self.router.learn(&key, id);
        }
    }

    /// A service that is first seen in a message.
    fn meet(&mut self, key: &str) -> Option<ServiceId> {
        let name: String = key.chars().take(LONGEST).collect();
        let id = self.add(&name)?;
        self.router.learn(key, id);
        Some(id)
    }

    fn add(&mut self, name: &str) -> Option<ServiceId> {
        let most = self.book.profile.limits.services.max(self.book.specs.len()).min(usize::from(u16::MAX));
        let id = u16::try_from(self.names.len()).ok().filter(|_| self.names.len() < most)?;
        self.names.push(name.into());
        Some(ServiceId(id))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::profile::{build, bundled};

    fn reader(name: &str, services: &[&str]) -> Reader {
        let profile = build::load(bundled::find(name).unwrap(), &bundled::find, &[]).unwrap();
        let specs = services.iter().map(|name| profile.service(name).unwrap()).collect();
        Reader::new(&Arc::new(Book::new(Arc::new(profile), specs)))
    }

    fn heard(reader: &mut Reader, frame: &str) -> Vec<(Option<String>, Kind, Option<u64>)> {
        let all = reader.hear(Ts::ZERO, WallAnchor(0), Opcode::Text, frame.as_bytes());
        all.into_iter().map(|one| (one.service.map(|name| name.to_string()), one.kind, one.seq)).collect()
    }

    fn subscribed(services: &[&str]) -> Said {
        Said::Subscribe { services: services.iter().map(|name| Arc::from(*name)).collect(), whole: false }
    }

    #[test]
    fn the_seeds_protocol_is_read_both_ways() {
        let mut reader = reader("demo", &[]);
        assert_eq!(reader.said(false, r#"{"type":"sub","service":"业务1"}"#.as_bytes()), subscribed(&["业务1"]));
        assert_eq!(reader.said(false, r#"{"service":"业务","type":"HEART_BEAT"}"#.as_bytes()), Said::Beat);
        let left = Said::Unsubscribe { services: vec!["业务1".into()] };
        assert_eq!(reader.said(false, r#"{"type":"unsub","service":"业务1"}"#.as_bytes()), left);
        assert_eq!(reader.said(false, b"hello"), Said::Other);
        let frame = r#"{"service":"业务1","seq":8,"data":1}"#;
        assert_eq!(heard(&mut reader, frame), [(Some("业务1".to_owned()), Kind::Data, Some(8))]);
        assert_eq!(heard(&mut reader, r#"{"type":"HEART_BEAT","service":"业务"}"#), [(None, Kind::Pong, None)]);
        assert_eq!(heard(&mut reader, r#"{"service":"never asked"}"#)[0].0.as_deref(), Some("never asked"));
    }

    #[test]
    fn services_of_a_market_are_called_as_users_call_them() {
        let mut reader = reader("kraken", &["trade:BTC/USD"]);
        let sub = r#"{"method":"subscribe","params":{"channel":"trade","symbol":["BTC/USD"]},"req_id":3}"#;
        let one = reader.said(false, sub.as_bytes());
        assert!(matches!(&one, Said::Subscribe { services, .. } if services.len() == 1), "{one:?}");
    }
}
