//! Which service a message belongs to.

use std::collections::BTreeMap;

use super::checks::{Check, Need, Place};
use super::matching::{place, pointer};
use crate::profile::diagnostic::Problems;
use crate::profile::pointer::Pointer;
use crate::profile::reader::{self, Reader};
use crate::profile::template::Template;
use crate::profile::tree::{Entry, Node};
use crate::profile::{Route, Via, naming};

const VIAS: [(&str, Via); 3] = [("key", Via::Key), ("id", Via::Id), ("sid", Via::Sid)];

/// The profile's own.
pub(super) fn route(mut table: Reader<'_>, check: &mut Check<'_>) -> Route {
    let problems = table.problems;
    table.hints(&[("each", "it stands in [codec]")]);
    let said = heard(&mut table, check);
    let service = key(&mut table, "service", Place::RouteService, check);
    let service_name = table.get("service_name").and_then(|node| service_name(problems, node));
    let glob = table.bool("glob").unwrap_or_default();
    table.finish();
    Route { service, service_name, glob, map: said.map.unwrap_or_default(), ..said.route }
}

/// That of a rule: what a message says in its own way. What a service's key is stays the profile's.
pub(super) fn of_rule(mut table: Reader<'_>, usual: &Route, check: &mut Check<'_>) -> Route {
    table.hints(&[
        ("service", "the key of a service is the same for all messages: [route] service"),
        ("service_name", "the names of services are those of the whole profile: [route] service_name"),
        ("glob", "it is said for the whole profile: [route] glob"),
    ]);
    let said = heard(&mut table, check);
    table.finish();
    let map = said.map.unwrap_or_else(|| usual.map.clone());
    Route {
        service: usual.service.clone(),
        service_name: usual.service_name.clone(),
        glob: usual.glob,
        map,
        ..said.route
    }
}

struct Heard {
    route: Route,
    map: Option<Vec<(Pointer, BTreeMap<String, String>)>>,
}

fn heard(table: &mut Reader<'_>, check: &mut Check<'_>) -> Heard {
    let problems = table.problems;
    let message = key(table, "message", Place::RouteMessage, check);
    let via = table.choice("via", &VIAS).unwrap_or_default();
    let several =
        table.get("several").and_then(|node| place(problems, reader::text(problems, node)?, node.origin, check));
    if let Some(node) = table.get("via") {
        match via {
            Via::Key => {}
            Via::Id => check.need(node.origin, Need::Id),
            Via::Sid => check.need(node.origin, Need::Sid),
        }
        if via != Via::Key && message.is_none() && table.get("message").is_none() {
            table.missing("`message`", "say where a message has that id: message = \"${/id}\"");
        }
    }
    let map = table.table("map").map(|map| map.others().filter_map(|entry| one_map(problems, entry, check)).collect());
    Heard { route: Route { message, via, several, ..Route::default() }, map }
}

fn key(table: &mut Reader<'_>, name: &'static str, place: Place, check: &mut Check<'_>) -> Option<Template> {
    let (template, at) = table.template(name, false)?;
    check.template(&template, at, place);
    Some(template)
}

fn service_name(problems: &Problems, node: &Node) -> Option<Template> {
    let text = reader::text(problems, node)?;
    match naming::parse(text) {
        Ok(pattern) => Some(pattern),
        Err(error) => {
            problems.tell_help(node.origin, error.message, error.help.unwrap_or_default());
            None
        }
    }
}

/// Values at one place, and what each stands for.
fn one_map(problems: &Problems, entry: &Entry, check: &mut Check<'_>) -> Option<(Pointer, BTreeMap<String, String>)> {
    let at = if entry.key.starts_with('@') {
        place(problems, &entry.key, entry.key_origin, check)
    } else {
        pointer(problems, &entry.key, entry.key_origin)
    };
    let table = Reader::of(problems, &entry.node)?;
    let one = |entry: &Entry| Some((entry.key.clone(), reader::text(problems, &entry.node)?.to_owned()));
    let values = table.others().filter_map(one).collect();
    Some((at?, values))
}
