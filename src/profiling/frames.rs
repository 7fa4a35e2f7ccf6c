//! What a profile sends, with made-up values where a server or a user would say them: `‹name›` is none that is known.

use std::collections::BTreeMap;

use crate::profile::pointer::Pointer;
use crate::profile::template::{Outside, Scope, Source, Template};
use crate::profile::{Ask, AuthCommand, Beat, IdForm, Profile, ServiceSpec};

/// A frame or a text, and what it is for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Shown {
    pub(super) what: String,
    pub(super) text: Result<String, String>,
}

/// Services of which the frames are shown; the others are like them.
const MOST_SERVICES: usize = 20;
/// A made-up random number.
const UUID: &str = "00000000-0000-4000-8000-000000000000";
/// A made-up time: 2026-01-01.
const NOW: i64 = 1_767_225_600_000_000_000;

pub(super) fn frames(profile: &Profile) -> Vec<Shown> {
    let mut shown = Vec::new();
    let id = request_id(profile.subscribe.as_ref().map_or_else(IdForm::default, |ask| ask.id));
    let endpoint = &profile.endpoint;
    endpoint.run.iter().for_each(|run| shown.push(words("run before a dial".to_owned(), run, None, &id)));
    let mut add = |what: &str, template: &Template| shown.push(self::shown(what.to_owned(), template, None, &id));
    endpoint.url.iter().for_each(|url| add("url", url));
    endpoint.resume_url.iter().for_each(|url| add("resume url", url));
    endpoint.headers.iter().for_each(|(name, value)| add(&format!("header {name}"), value));
    for (number, step) in (1..).zip(&profile.handshake) {
        step.run.iter().for_each(|run| shown.push(words(format!("run for login {number}"), run, None, &id)));
        let mut add = |what: String, template: &Template| shown.push(self::shown(what, template, None, &id));
        step.send.iter().for_each(|send| add(format!("login {number}"), send));
        step.resume.iter().for_each(|send| add(format!("login {number}, resumed"), send));
    }
    let made_up = [made_up(profile)];
    let services = if profile.services.is_empty() { &made_up } else { profile.services.as_slice() };
    for service in services.iter().take(MOST_SERVICES) {
        let name = &service.name;
        for (ask, what) in [(&profile.subscribe, "subscribe"), (&profile.unsubscribe, "unsubscribe")] {
            let Some(ask) = ask else { continue };
            let what = format!("{what} {name}");
            ask.run.iter().for_each(|run| shown.push(words(format!("run to {what}"), run, Some(service), &id)));
            shown.push(asked(what, ask, service));
        }
        let key = profile.route.service.iter();
        shown.extend(key.map(|key| self::shown(format!("key of {name}"), key, Some(service), &id)));
    }
    for (number, beat) in (1..).zip(&profile.heartbeats) {
        let what = if profile.heartbeats.len() > 1 { format!("heartbeat {number}") } else { "heartbeat".to_owned() };
        match &beat.send {
            Beat::Frame(template) => shown.push(self::shown(what, template, None, &id)),
            Beat::Ping => shown.push(Shown { what, text: Ok("a WebSocket ping".to_owned()) }),
        }
    }
    for (number, rule) in (1..).zip(&profile.rules) {
        rule.send.iter().for_each(|send| shown.push(self::shown(format!("answer of rule {number}"), send, None, &id)));
    }
    shown
}

/// A service with a value for each parameter that the templates use.
fn made_up(profile: &Profile) -> ServiceSpec {
    let value = |name: &str| (name.to_owned(), serde_json::Value::String(format!("‹{name}›")));
    ServiceSpec {
        name: "‹name›".to_owned(),
        params: profile.params().into_iter().map(value).collect(),
        ..ServiceSpec::default()
    }
}

fn asked(what: String, ask: &Ask, service: &ServiceSpec) -> Shown {
    let id = request_id(ask.id);
    let share = match &ask.arg {
        Some(arg) => match render(arg, Some(service), &id, None) {
            Ok(share) => Some(ask.joined(std::iter::once(&*share))),
            Err(text) => return Shown { what, text: Err(text) },
        },
        None => None,
    };
    Shown { what, text: render(&ask.frame, Some(service), &id, share.as_deref()) }
}

/// What `${id}` looks like.
fn request_id(form: IdForm) -> String {
    match form {
        IdForm::Number => "1".to_owned(),
        IdForm::Text => "\"1\"".to_owned(),
        IdForm::Uuid => format!("\"{UUID}\""),
    }
}

/// A program and its arguments.
fn words(what: String, run: &AuthCommand, service: Option<&ServiceSpec>, id: &str) -> Shown {
    let words: Result<Vec<_>, _> = run.command.iter().map(|word| render(word, service, id, None)).collect();
    Shown { what, text: words.map(|words| words.join(" ")) }
}

fn shown(what: String, template: &Template, service: Option<&ServiceSpec>, id: &str) -> Shown {
    Shown { what, text: render(template, service, id, None) }
}

fn render(template: &Template, service: Option<&ServiceSpec>, id: &str, args: Option<&str>) -> Result<String, String> {
    let mark = |name: &str| serde_json::Value::String(format!("‹{name}›")).to_string();
    let place = |pointer: &Pointer| Some(mark(&pointer.to_string()).into());
    let prefix = |name: &str| Some(format!("‹{name}›"));
    let (mut captures, mut secrets) = (BTreeMap::new(), (BTreeMap::new(), BTreeMap::new()));
    for hole in template.holes() {
        match hole.source.outside() {
            Some(Outside::Env(name)) => secrets.0.insert(name.to_owned(), String::new()),
            Some(Outside::File(path)) => secrets.1.insert(path.to_owned(), String::new()),
            None => None,
        };
        // What has a default is shown with it.
        if let (Source::Capture(name), None) = (&hole.source, &hole.default) {
            captures.insert(name.clone(), mark(name));
        }
    }
    let sid = mark("sid");
    let scope = Scope {
        service: service.map(|service| (&*service.name, &service.params)),
        message: Some(&place),
        item: Some(&place),
        captures: Some(&captures),
        hidden: None,
        id: Some(id),
        sub_id: Some(id),
        sub_sid: Some(&sid),
        args,
        key: Some("‹key›"),
        prefix: Some(&prefix),
        uuid: Some(UUID),
        now: Some(NOW),
        env: Some(&secrets.0),
        file: Some(&secrets.1),
    };
    template.render(&scope).map(|rendered| rendered.masked).map_err(|missing| missing.to_string())
}
