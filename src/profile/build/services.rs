//! The services that a profile, or the user's configuration, names.

use std::collections::BTreeMap;

use serde_json::{Number, Value as Json};

use super::checks::Check;
use super::timing;
use crate::profile::diagnostic::Problems;
use crate::profile::reader::Reader;
use crate::profile::template::Template;
use crate::profile::tree::{Node, Value};
use crate::profile::{ServiceSpec, naming};

const MAX_NAME: usize = 256;

/// `pattern` takes their names apart: what a name says need not be said again.
pub(super) fn services(top: &mut Reader<'_>, pattern: Option<&Template>, check: &mut Check<'_>) -> Vec<ServiceSpec> {
    let Some(table) = top.table("service") else { return Vec::new() };
    let mut services = Vec::new();
    for entry in table.others() {
        if entry.key.is_empty() || entry.key.len() > MAX_NAME {
            top.problems.tell(entry.key_origin, format!("the name of a service has 1 to {MAX_NAME} bytes"));
        }
        if let Some(table) = Reader::of(top.problems, &entry.node) {
            check.service(entry.key_origin);
            let mut service = service(&entry.key, table);
            let named = pattern.and_then(|pattern| naming::take_apart(pattern, &entry.key)).unwrap_or_default();
            for (param, value) in named {
                service.params.entry(param).or_insert(value);
            }
            services.push(service);
        }
    }
    services
}

/// One service from its table: `enabled`, `stale`, and parameters by any other name.
pub fn service(name: &str, mut table: Reader<'_>) -> ServiceSpec {
    let problems = table.problems;
    let enabled = table.bool("enabled").unwrap_or(true);
    let stale = table.get("stale").and_then(|node| timing::stale_value(problems, node));
    let mut params = BTreeMap::new();
    for entry in table.others() {
        if entry.key == "name" {
            let help = format!("it is `{name}`; a server's own name for it may be a parameter of another name");
            problems.tell_help(entry.key_origin, "a service is called like its table", help);
        } else if let Some(value) = scalar(problems, &entry.node) {
            params.insert(entry.key.clone(), value);
        }
    }
    ServiceSpec { name: name.to_owned(), said: None, params, enabled, stale }
}

/// A parameter: text, a number, true or false.
pub fn scalar(problems: &Problems, node: &Node) -> Option<Json> {
    let value = match &node.value {
        Value::Text(text) => Some(Json::String(text.clone())),
        Value::Integer(value) => i64::try_from(*value)
            .map(Number::from)
            .or_else(|_| u64::try_from(*value).map(Number::from))
            .ok()
            .map(Json::Number),
        Value::Float(value, _) => Number::from_f64(*value).map(Json::Number),
        Value::Bool(value) => Some(Json::Bool(*value)),
        Value::Date(_) | Value::List(_) | Value::Table(_) => None,
    };
    if value.is_none() {
        let help = "a parameter is text, a number, true or false; JSON may be written as text";
        problems.tell_help(node.origin, format!("{} is no parameter of a service", node.value.what()), help);
    }
    value
}
