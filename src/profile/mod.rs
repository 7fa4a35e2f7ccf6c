//! What a server expects of its clients, as data: how to subscribe, beat, route, number, time, close.
//!
//! Pure: text in, a checked [`Profile`] out. Nothing here knows a socket, a clock or a file. `tree` reads TOML with the place
//! of every value, `layers` lays a profile over the one it extends and `sets` over both, `reader` takes values out by name,
//! `build` turns them into the types below and reports all errors at once (`diagnostic`). `template`, `pointer`, `matcher`
//! and `codec` are the four mechanisms that the session runs messages through.

pub mod build;
pub mod bundled;
pub mod codec;
pub mod diagnostic;
pub mod duration;
mod hearing;
pub mod layers;
mod manners;
pub mod matcher;
pub mod naming;
pub mod pointer;
pub mod reader;
pub mod sets;
mod speaking;
pub mod template;
pub mod tree;
mod veil;

use std::collections::{BTreeMap, BTreeSet};

use self::codec::Codec;
pub use self::hearing::{Action, Route, Rule, Sequence, SequenceRule, SequenceScope, TimeRule, TimeUnit, Via};
pub use self::manners::{Beat, BeatMode, CloseRule, Ends, Heartbeat, Interval, Life, Limits, Rate, Reconnect, Stale};
pub use self::speaking::{Ack, Ask, AuthCommand, Capture, Endpoint, IdAt, IdForm, Join, LiveOn, Scope, Step, plain};
use self::template::{Hole, Source, Template};
use crate::event::Kind;

/// The manners of one kind of server.
#[derive(Clone, Debug)]
pub struct Profile {
    pub name: String,
    pub title: String,
    pub doc: Vec<String>,
    pub endpoint: Endpoint,
    pub codec: Codec,
    /// The login, in order.
    pub handshake: Vec<Step>,
    pub subscribe: Option<Ask>,
    pub unsubscribe: Option<Ask>,
    pub route: Route,
    /// First match wins.
    pub rules: Vec<Rule>,
    pub heartbeats: Vec<Heartbeat>,
    /// The link is dead when nothing that counts came for so long, whatever we sent.
    pub receive_timeout: Option<Interval>,
    pub stale: Stale,
    /// Where a message carries the server's time, first that is there.
    pub time: Option<TimeRule>,
    pub sequences: Vec<Sequence>,
    pub reconnect: Reconnect,
    pub close: Ends,
    pub about: About,
    pub limits: Limits,
    /// In the order of the file.
    pub services: Vec<ServiceSpec>,
    /// The environment variables that its templates may read.
    pub env: Vec<String>,
    /// Frames and the rows they must give.
    pub tests: Vec<Golden>,
}

impl Profile {
    /// Every template in it.
    pub fn templates(&self) -> impl Iterator<Item = &Template> {
        let beats = self.heartbeats.iter().filter_map(|beat| match &beat.send {
            Beat::Frame(template) => Some(template),
            Beat::Ping => None,
        });
        let steps = self.handshake.iter().flat_map(|step| step.send.iter().chain(&step.resume));
        let words = self.programs().flat_map(|run| &run.command);
        let headers = self.endpoint.headers.iter().map(|(_, value)| value);
        let routes = [&self.route].into_iter().chain(self.rules.iter().filter_map(|rule| rule.route.as_ref()));
        let routes = routes.flat_map(|route| route.message.iter().chain(&route.service));
        let answers = self.rules.iter().filter_map(|rule| rule.send.as_ref());
        let addresses = self.endpoint.url.iter().chain(&self.endpoint.resume_url);
        let said = addresses.chain(headers).chain(words).chain(steps).chain(self.asked());
        said.chain(beats).chain(routes).chain(answers)
    }

    /// Every program in it.
    pub fn programs(&self) -> impl Iterator<Item = &AuthCommand> {
        let steps = self.handshake.iter().filter_map(|step| step.run.as_ref());
        let asks = self.subscribe.iter().chain(&self.unsubscribe).filter_map(|ask| ask.run.as_ref());
        self.endpoint.run.iter().chain(steps).chain(asks)
    }

    /// The templates that are filled in for a service.
    fn asked(&self) -> impl Iterator<Item = &Template> {
        let asks = self.subscribe.iter().chain(&self.unsubscribe);
        asks.flat_map(|ask| {
            let words = ask.run.iter().flat_map(|run| &run.command);
            [Some(&ask.frame), ask.arg.as_ref()].into_iter().flatten().chain(words)
        })
    }

    /// The profile as it is used with a URL of the user's own, where that stands in for one that is made anew for each dial:
    /// then a program that is there for the URL alone is not run.
    #[must_use]
    pub fn with_url_given(&self) -> Self {
        let mut profile = self.clone();
        if !profile.endpoint.is_made_anew() {
            return profile;
        }
        profile.endpoint.url = None;
        let steps = self.handshake.iter().flat_map(|step| &step.capture);
        let captured: BTreeSet<_> =
            steps.chain(self.rules.iter().flat_map(|rule| &rule.capture)).map(|capture| &capture.name).collect();
        let asks_it = |hole: &Hole| {
            let name = if let Source::Capture(name) = &hole.source { Some(name) } else { None };
            name.is_some_and(|name| hole.default.is_none() && !captured.contains(name))
        };
        if !profile.templates().flat_map(Template::holes).any(asks_it) {
            profile.endpoint.run = None;
        }
        profile
    }

    /// The parameters that a service of this profile may have: those its templates use, and those its own services have.
    pub fn params(&self) -> BTreeSet<&str> {
        let templates = self.asked().chain(&self.route.service).chain(&self.route.service_name);
        let used = templates.flat_map(Template::holes).filter_map(|hole| hole.source.param());
        used.chain(self.services.iter().flat_map(|service| service.params.keys().map(String::as_str))).collect()
    }

    /// By which a service is found in messages: what the profile makes of it, or its name.
    pub fn key_of(&self, service: &ServiceSpec) -> String {
        let name = service.said.as_deref().unwrap_or(&service.name);
        let scope = template::Scope { service: Some((name, &service.params)), ..template::Scope::default() };
        let key = self.route.service.as_ref().and_then(|key| key.render(&scope).ok());
        key.map_or_else(|| name.to_owned(), |key| key.text)
    }

    /// The service of that name: one of the profile's own, or what the name says by `route.service_name`. The error is a
    /// sentence for whoever gave the name.
    pub fn service(&self, name: &str) -> Result<ServiceSpec, String> {
        if let Some(known) = self.services.iter().find(|service| service.name == name) {
            return Ok(known.clone());
        }
        let params = match &self.route.service_name {
            None => BTreeMap::new(),
            Some(pattern) => naming::take_apart(pattern, name).ok_or_else(|| {
                let own: Vec<_> = self.services.iter().map(|service| service.name.as_str()).collect();
                let near = diagnostic::nearest(name, own.iter().copied());
                let near = near.map_or_else(String::new, |near| format!("; did you mean `{near}`?"));
                let form = naming::shown(pattern);
                format!("the services of {} are named like `{form}`, and `{name}` is not{near}", self.name)
            })?,
        };
        Ok(ServiceSpec { name: name.to_owned(), params, enabled: true, ..ServiceSpec::default() })
    }
}

/// What a person should know of a profile before using it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct About {
    /// The month in which it was last held against its sources, as `2026-11`.
    pub checked: Option<String>,
    /// What it was held against.
    pub proof: Proof,
    /// Who is pushed out, or what is taken away, by a second client.
    pub exclusive: Option<String>,
    /// Answers of this profile take messages away from others.
    pub consume: bool,
    /// The programs that it may run.
    pub commands: Vec<String>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Proof {
    #[default]
    None,
    /// A real server, of that name and version.
    Server(String),
    /// Documented frames.
    Frames,
}

/// A service that the profile (or the user) names.
#[derive(Clone, Debug, Default)]
pub struct ServiceSpec {
    pub name: String,
    /// What templates take for its name, where that holds a secret and so is not what is shown.
    pub said: Option<String>,
    /// JSON scalars by name.
    pub params: BTreeMap<String, serde_json::Value>,
    pub enabled: bool,
    pub stale: Option<Stale>,
}

/// A frame, and what must become of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Golden {
    /// Where it stands in its file, counted from 1.
    pub line: usize,
    pub frame: Vec<u8>,
    /// It came as a binary frame.
    pub binary: bool,
    /// What acks have taught before: the server's id of a subscription or our request number, and the service it is of.
    pub ids: BTreeMap<String, String>,
    pub rows: Vec<GoldenRow>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GoldenRow {
    pub kind: Kind,
    /// The name of its service (of one that was discovered, its key); nothing: it belongs to none.
    pub service: Option<String>,
    /// Its number; nothing: it has none.
    pub seq: Option<u64>,
    /// The server's time in nanoseconds since the Unix epoch, where the test says it.
    pub time: Option<i64>,
    /// What is sent in answer, where the test says it.
    pub send: Option<String>,
}

impl GoldenRow {
    /// Whether a row is what this one says. What it does not say of time and answer may be anything.
    pub fn accepts(&self, row: &Self) -> bool {
        let said = (self.time.is_none() || self.time == row.time) && (self.send.is_none() || self.send == row.send);
        said && (self.kind, &self.service, self.seq) == (row.kind, &row.service, row.seq)
    }
}
