//! The tables of feeds and of what they share. What a profile makes of them is not known here.

use super::sets::{Set, sets};
use super::{Feed, Param, ServiceTable, Spot};
use crate::profile::build;
use crate::profile::diagnostic::{Origin, Problems};
use crate::profile::reader::{self, Reader};
use crate::profile::template::{Outside, Template};
use crate::profile::tree::{Entry, Node};

/// Bytes of a name.
const MAX_NAME: usize = 64;
const MAX_SERVICE: usize = 1024;

const OF_THE_PROFILE: &str =
    "it is a matter of the profile: set = { \"heartbeat.after\" = \"20s\" } changes one value of it";

const HINTS: &[(&str, &str)] = &[
    ("header", "it is called `headers`, a table: headers = { Origin = \"https://example.org\" }"),
    ("subprotocol", "it is called `subprotocols`, a list"),
    ("token", "put it into `headers` or `url`, as ${env.NAME}"),
    ("params", "parameters stand in the table of their service: [feed.NAME.service.\"NAME\"]"),
    ("heartbeat", OF_THE_PROFILE),
    ("reconnect", OF_THE_PROFILE),
    ("stale", OF_THE_PROFILE),
    ("extends", "profiles are files of their own: profile = \"my-profile.toml\""),
    ("cert", "it is called `client_cert`, and its key `client_key`"),
    ("proxies", "it is called `proxy`, and a feed has one"),
    ("no_proxy", "it is a variable of the environment, NO_PROXY; one feed goes without by proxy = \"none\""),
];

const DEFAULTS_HINTS: &[(&str, &str)] = &[
    ("url", "each feed has its own"),
    ("ui", "it is a table at the top: [ui]"),
    ("keys", "keys have a table of their own: [keys]"),
    ("heartbeat", OF_THE_PROFILE),
    ("reconnect", OF_THE_PROFILE),
];

/// What a table of a feed says.
#[derive(Default)]
pub(super) struct Settings {
    url: Option<Spot<Template>>,
    profile: Option<Spot<String>>,
    services: Option<Vec<Spot<Template>>>,
    specs: Vec<ServiceTable>,
    sets: Vec<Set>,
    headers: Vec<(String, Spot<Template>)>,
    subprotocols: Option<Vec<String>>,
    group: Option<String>,
    ca_file: Option<Spot<String>>,
    client_cert: Option<Spot<String>>,
    client_key: Option<Spot<String>>,
    server_name: Option<Spot<String>>,
    proxy: Option<Spot<Template>>,
    insecure: Option<bool>,
    enabled: Option<bool>,
}

pub(super) fn defaults(mut table: Reader<'_>) -> Settings {
    table.hints(DEFAULTS_HINTS);
    settings(table)
}

pub(super) fn feeds(table: &Reader<'_>, defaults: &Settings) -> Vec<Feed> {
    let problems = table.problems;
    let mut feeds = Vec::new();
    for entry in table.others() {
        let name = &entry.key;
        if name.is_empty() || name.len() > MAX_NAME || name.chars().any(char::is_control) {
            let message = format!("the name of a feed has 1 to {MAX_NAME} bytes, and no control characters");
            problems.tell(entry.key_origin, message);
        }
        let Some(mut table) = Reader::of(problems, &entry.node) else { continue };
        table.hints(HINTS);
        let url = table.get("url").map(|node| url(problems, node));
        let own = settings(table);
        if url.is_none() && own.profile.is_none() && defaults.profile.is_none() {
            let help = format!("say where the feed {name} is: url = \"wss://HOST/PATH\"");
            problems.tell_help(entry.key_origin, "`url` is missing", help);
        }
        let own = Settings { url: url.flatten(), ..own };
        feeds.push(own.over(defaults, Spot::new(name.clone(), entry.key_origin)));
    }
    feeds
}

impl Settings {
    fn over(self, defaults: &Self, name: Spot<String>) -> Feed {
        let mut headers = defaults.headers.clone();
        headers.retain(|(name, _)| !self.headers.iter().any(|(own, _)| own.eq_ignore_ascii_case(name)));
        headers.extend(self.headers);
        let mut specs = defaults.specs.clone();
        specs.retain(|spec| !self.specs.iter().any(|own| own.name.value == spec.name.value));
        specs.extend(self.specs);
        Feed {
            name,
            url: self.url,
            profile: self.profile.or_else(|| defaults.profile.clone()),
            services: self.services.or_else(|| defaults.services.clone()),
            specs,
            // The last word on a path is the feed's.
            sets: defaults.sets.iter().cloned().chain(self.sets).collect(),
            headers,
            subprotocols: self.subprotocols.or_else(|| defaults.subprotocols.clone()).unwrap_or_default(),
            group: self.group.or_else(|| defaults.group.clone()),
            ca_file: self.ca_file.or_else(|| defaults.ca_file.clone()),
            // A key goes with its certificate.
            client_key: self
                .client_key
                .or_else(|| defaults.client_key.as_ref().filter(|_| self.client_cert.is_none()).cloned()),
            client_cert: self.client_cert.or_else(|| defaults.client_cert.clone()),
            server_name: self.server_name.or_else(|| defaults.server_name.clone()),
            proxy: self.proxy.or_else(|| defaults.proxy.clone()),
            insecure: self.insecure.or(defaults.insecure).unwrap_or_default(),
            enabled: self.enabled.or(defaults.enabled).unwrap_or(true),
        }
    }
}

/// All that a feed and the defaults have alike.
fn settings(mut table: Reader<'_>) -> Settings {
    let problems = table.problems;
    let settings = Settings {
        url: None,
        profile: named(&mut table, "profile"),
        services: table.get("services").map(|node| services(problems, node)),
        specs: table.table("service").map(|table| tables(&table)).unwrap_or_default(),
        sets: table.get("set").map(|node| sets(problems, node)).unwrap_or_default(),
        headers: table.table("headers").map(|table| headers(&table)).unwrap_or_default(),
        subprotocols: table
            .texts("subprotocols")
            .map(|texts| texts.into_iter().filter_map(|(name, at)| build::subprotocol(problems, name, at)).collect()),
        group: named(&mut table, "group").map(|group| group.value),
        ca_file: named(&mut table, "ca_file"),
        client_cert: named(&mut table, "client_cert"),
        client_key: named(&mut table, "client_key"),
        server_name: named(&mut table, "server_name"),
        proxy: table.get("proxy").and_then(|node| template(problems, node)),
        insecure: table.bool("insecure"),
        enabled: table.bool("enabled"),
    };
    table.finish();
    settings
}

/// A text that is not empty.
fn named(table: &mut Reader<'_>, key: &'static str) -> Option<Spot<String>> {
    let node = table.get(key)?;
    let text = reader::text(table.problems, node)?;
    if text.is_empty() {
        table.problems.tell_help(node.origin, format!("`{key}` is empty"), "leave it out");
    }
    Some(Spot::new(text.to_owned(), node.origin))
}

fn url(problems: &Problems, node: &Node) -> Option<Spot<Template>> {
    let url = template(problems, node)?;
    build::check_url(problems, &url.value, node.origin);
    Some(url)
}

fn services(problems: &Problems, node: &Node) -> Vec<Spot<Template>> {
    let one = |node: &Node| {
        let text = reader::text(problems, node)?;
        if text.is_empty() || text.len() > MAX_SERVICE {
            problems.tell(node.origin, format!("a service has 1 to {MAX_SERVICE} bytes"));
        }
        template(problems, node)
    };
    reader::items(node).iter().filter_map(one).collect()
}

fn headers(table: &Reader<'_>) -> Vec<(String, Spot<Template>)> {
    let problems = table.problems;
    let one = |entry: &Entry| {
        let (value, at) = build::header(problems, entry)?;
        check_holes(problems, &value, at);
        Some((entry.key.clone(), Spot::new(value, at)))
    };
    table.others().filter_map(one).collect()
}

fn tables(table: &Reader<'_>) -> Vec<ServiceTable> {
    let problems = table.problems;
    let one = |entry: &Entry| {
        if entry.key.is_empty() || entry.key.len() > MAX_SERVICE {
            problems.tell(entry.key_origin, format!("the name of a service has 1 to {MAX_SERVICE} bytes"));
        }
        let table = Reader::of(problems, &entry.node)?;
        Some(service(Spot::new(entry.key.clone(), entry.key_origin), table))
    };
    table.others().filter_map(one).collect()
}

fn service(name: Spot<String>, mut table: Reader<'_>) -> ServiceTable {
    let problems = table.problems;
    let enabled = table.bool("enabled");
    let stale = table.get("stale").and_then(|node| build::stale_value(problems, node));
    let mut params = Vec::new();
    for entry in table.others() {
        let value = if entry.key == "name" {
            let help = "a server's own name for it may be a parameter of another name";
            problems.tell_help(entry.key_origin, "a service is called like its table", help);
            None
        } else if entry.node.value.as_text().is_some() {
            template(problems, &entry.node).map(Param::Text)
        } else {
            build::scalar(problems, &entry.node).map(Param::Plain)
        };
        params.extend(value.map(|value| (Spot::new(entry.key.clone(), entry.key_origin), value)));
    }
    ServiceTable { name, params, stale, enabled }
}

fn template(problems: &Problems, node: &Node) -> Option<Spot<Template>> {
    let (template, at) = reader::template(problems, node, false)?;
    check_holes(problems, &template, at);
    Some(Spot::new(template, at))
}

/// Only what is known before a feed runs can be filled in.
fn check_holes(problems: &Problems, template: &Template, at: Origin) {
    for hole in template.holes() {
        let spelled = format!("${{{}", hole.source);
        let at = reader::inside(problems, at, &spelled, &(0..spelled.len()));
        match hole.source.outside() {
            Some(Outside::Env(name)) if name.contains(['=', '\0']) || name.trim() != name => {
                problems.tell(at, format!("`{name}` is no name of an environment variable"));
            }
            Some(Outside::Env(_) | Outside::File(_)) => {}
            None => {
                let message = format!("`${{{}}}` is not known in the configuration", hole.source);
                problems.tell_help(at, message, "here are known: ${env.NAME} and ${file.PATH}");
            }
        }
    }
}
