//! What a relay saw as lines, one JSON object each. Messages are not told one by one: they are counted.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde_json::{Map, Value, json};

use super::seen::{ClientId, Left, Seen, Turned, What};
use crate::event::{By, FaultState, How};
use crate::say::{self, Lang};
use crate::text::clean;
use crate::time::{Ts, WallAnchor};

/// The names of all lines.
pub const NAMES: [&str; 10] =
    ["dialed", "turned", "open", "subscribe", "unsubscribe", "beat", "closed", "fault", "missed", "summary"];

/// Writes lines, and counts.
#[derive(Debug, Default)]
pub struct Lines {
    open: BTreeMap<ClientId, Open>,
    clients: u64,
    opened: u64,
    messages: u64,
    bytes: u64,
    kept: u64,
}

#[derive(Debug, Default)]
struct Open {
    since: Ts,
    messages: u64,
    bytes: u64,
    /// Who ended it first, and how.
    end: Option<(&'static str, Option<u16>, String)>,
}

impl Lines {
    /// The line of an observation, where it has one.
    pub fn line(&mut self, seen: &Seen, anchor: WallAnchor) -> Option<String> {
        let mut fields = self.fields(seen)?;
        let mut line = start(seen.at, anchor);
        line.append(&mut fields);
        Some(Value::Object(line).to_string())
    }

    /// The same for a log: its name, and the line in words.
    pub fn words(&mut self, seen: &Seen) -> Option<(String, String)> {
        let fields = self.fields(seen)?;
        let name = fields.get("event")?.as_str()?.to_owned();
        let told = fields.iter().filter(|(key, value)| *key != "event" && !value.is_null() && *value != "");
        let words = told.map(|(key, value)| match value.as_str() {
            Some(text) if !text.contains(' ') => format!(" {key}={text}"),
            Some(_) | None => format!(" {key}={value}"),
        });
        let words = std::iter::once(name.clone()).chain(words).collect();
        Some((name, words))
    }

    pub fn summary(&self, at: Ts, anchor: WallAnchor) -> String {
        let mut line = start(at, anchor);
        line.append(&mut object(json!({
            "event": "summary",
            "dialed": self.clients,
            "opened": self.opened,
            "messages": self.messages,
            "bytes": self.bytes,
            "kept": self.kept,
        })));
        Value::Object(line).to_string()
    }

    fn fields(&mut self, seen: &Seen) -> Option<Map<String, Value>> {
        let names =
            |services: &[std::sync::Arc<str>]| services.iter().map(|name| clean(name).into_owned()).collect::<Vec<_>>();
        let value = match &seen.what {
            What::Knocked { client, from } => {
                self.clients += 1;
                json!({ "event": "dialed", "client": client.0, "from": from })
            }
            What::Turned { client, how } => {
                let (by, status, text) = match how {
                    Turned::Status { status, .. } => ("fault", Some(*status), String::new()),
                    Turned::Refused => ("fault", None, String::new()),
                    Turned::Server { status, why } => ("server", *status, say::why(Lang::En, why)),
                    Turned::Request(text) => ("relay", None, (*text).to_owned()),
                    Turned::Gone => ("client", None, String::new()),
                    Turned::Full => ("relay", None, "too many clients".to_owned()),
                };
                json!({ "event": "turned", "client": client.0, "by": by, "status": status, "text": clean(&text) })
            }
            What::Open { client, path, subprotocol } => {
                self.opened += 1;
                self.open.insert(*client, Open { since: seen.at, ..Open::default() });
                let subprotocol = subprotocol.as_deref().map(clean);
                json!({ "event": "open", "client": client.0, "path": clean(path), "subprotocol": subprotocol })
            }
            What::Subscribed { client, services, whole } => {
                json!({ "event": "subscribe", "client": client.0, "services": names(services), "whole": whole })
            }
            What::Unsubscribed { client, services } => {
                json!({ "event": "unsubscribe", "client": client.0, "services": names(services) })
            }
            What::Beat { client, how, idle } => {
                let how = if *how == How::App { "app" } else { "ping" };
                json!({ "event": "beat", "client": client.0, "how": how, "idle_s": secs(*idle) })
            }
            What::Flow { client, messages, bytes, .. } => {
                self.messages += messages;
                self.bytes += bytes;
                if let Some(open) = self.open.get_mut(client) {
                    open.messages += messages;
                    open.bytes += bytes;
                }
                return None;
            }
            What::Kept { messages, .. } => {
                self.kept += messages;
                return None;
            }
            What::Left { client, how } => {
                let end = match how {
                    Left::Close { code, reason } => ("client", *code, reason.clone()),
                    Left::Fin | Left::Reset => ("client", None, String::new()),
                };
                self.open.get_mut(client)?.end.get_or_insert(end);
                return None;
            }
            What::ServerLeft { client, why } => {
                let code = if let crate::event::Why::Close { by: By::Peer, code, .. } = why { *code } else { None };
                self.open.get_mut(client)?.end.get_or_insert(("server", code, say::why(Lang::En, why)));
                return None;
            }
            What::TooLong { client, sent } => {
                let end = ("relay", Some(1009), say::relay::relay_too_long(Lang::En, *sent));
                self.open.get_mut(client)?.end.get_or_insert(end);
                return None;
            }
            What::Over { client, cut } => {
                let open = self.open.remove(client)?;
                let usual = if *cut { "fault" } else { "relay" };
                let (by, code, text) = open.end.filter(|_| !cut).unwrap_or((usual, None, String::new()));
                json!({
                    "event": "closed",
                    "client": client.0,
                    "by": by,
                    "code": code,
                    "text": clean(&text),
                    "up_s": secs(seen.at - open.since),
                    "messages": open.messages,
                    "bytes": open.bytes,
                })
            }
            What::Fault { name, text, state } => {
                let state = match state {
                    FaultState::Soon => "soon",
                    FaultState::On => "on",
                    FaultState::Off => "off",
                };
                json!({ "event": "fault", "fault": name, "state": state, "text": clean(text) })
            }
            What::Missed { count } => json!({ "event": "missed", "count": count }),
            What::Answered { .. } | What::Garbage { .. } => return None,
        };
        Some(object(value))
    }
}

fn start(at: Ts, anchor: WallAnchor) -> Map<String, Value> {
    let wall = Timestamp::from_nanosecond(at.on_wall(anchor).into()).unwrap_or_default();
    object(json!({ "at": format!("{wall:.6}"), "t": secs(at - Ts::ZERO) }))
}

fn object(value: Value) -> Map<String, Value> {
    if let Value::Object(map) = value { map } else { Map::new() }
}

fn secs(time: std::time::Duration) -> f64 {
    (time.as_secs_f64() * 1000.0).round() / 1000.0
}
