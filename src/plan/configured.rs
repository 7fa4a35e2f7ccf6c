//! A feed of the user's file.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::dial::{self, Header, Place, TlsWish, Wish};
use super::profiles::{self, NoProfile};
use super::secrets::Vault;
use super::{Made, files, given, services};
use crate::cli::Targets;
use crate::config::{Config, Feed, Param, ServiceTable, Spot};
use crate::profile::diagnostic::nearest;
use crate::profile::template::{Part, Template};
use crate::profile::{Profile, ServiceSpec};
use crate::session::Secrets;
use crate::text;

pub(super) fn make<'a>(
    args: &Targets,
    config: &'a Config,
    feed: &'a Feed,
    vault: &mut Vault,
    notes: &mut Vec<String>,
) -> Result<Made, Vec<String>> {
    let mut wrong = Vec::new();
    let profile = load(config, feed).map_err(|errors| wrong.extend(errors)).ok();
    let profile = profile.map(|profile| if feed.url.is_some() { Arc::new(profile.with_url_given()) } else { profile });
    let Some(spoken) = profile.clone().or_else(profiles::stand_in) else { return Err(wrong) };
    let at_profile = feed.profile.as_ref().map_or(&feed.name.at, |profile| &profile.at);
    let place = |at| Place::File(config, at);
    let mut headers = Vec::new();
    for (name, value) in &feed.headers {
        let place = place(&value.at);
        match place.fill(&value.value, vault, &config.dir) {
            Ok(value) => headers.push(Header { name: name.clone(), value, place }),
            Err(errors) => wrong.extend(errors),
        }
    }
    let file = |file: &'a Spot<String>| (files::resolve(&config.dir, &file.value), Place::File(config, &file.at));
    let proxy = given::proxy(args).map_err(|errors| wrong.extend(errors)).ok().flatten();
    let own_proxy = feed.proxy.as_ref().map(|proxy| (&proxy.value, place(&proxy.at)));
    let wish = Wish {
        url: feed.url.as_ref().map(|url| (&url.value, place(&url.at))),
        headers,
        subprotocols: &feed.subprotocols,
        tls: TlsWish {
            ca_file: feed.ca_file.as_ref().map(file),
            client_cert: feed.client_cert.as_ref().map(file),
            client_key: feed.client_key.as_ref().map(file),
            server_name: feed.server_name.as_ref().map(|name| (name.value.clone(), place(&name.at))),
            insecure: feed.insecure,
        },
        proxy: proxy.as_ref().map(|proxy| (proxy, given::PROXY)).or(own_proxy),
        dir: &config.dir,
        profile: place(at_profile),
    };
    if profile.is_none() && wish.url.is_none() {
        return Err(wrong);
    }
    let target = dial::target(wish, &spoken, vault).map_err(|errors| wrong.extend(errors)).ok();
    let Some(profile) = profile else { return Err(wrong) };
    let services = services_of(config, feed, &profile, vault).map_err(|errors| wrong.extend(errors)).ok();
    let secrets = vault.of_profile(&profile).map_err(|errors| wrong.extend(errors)).ok();
    let (Some(target), Some((services, put)), Some(secrets)) = (target, services, secrets) else { return Err(wrong) };
    if !wrong.is_empty() {
        return Err(wrong);
    }
    let name = text::clean(&feed.name.value).into_owned();
    if feed.url.as_ref().is_some_and(|url| text::looks_secret(&literal(&url.value))) {
        notes.push(format!(
            "wirebeat: the url of {name} in {} holds a secret in plain sight; write ${{env.NAME}} instead",
            text::clean(config.file().unwrap_or_default())
        ));
    }
    if feed.proxy.as_ref().is_some_and(|proxy| text::looks_secret(&literal(&proxy.value))) {
        notes.push(format!(
            "wirebeat: the proxy of {name} in {} holds a secret in plain sight; write ${{env.NAME}} instead",
            text::clean(config.file().unwrap_or_default())
        ));
    }
    let configured = Some(feed.name.value.clone());
    let secrets = Secrets { put: services::in_frames(&put), ..secrets };
    Ok(Made { name, group: feed.group.clone(), configured, target, profile, services, secrets })
}

fn load(config: &Config, feed: &Feed) -> Result<Arc<Profile>, Vec<String>> {
    let has_services = feed.specs.iter().any(|spec| spec.enabled != Some(false))
        || feed.services.as_ref().is_some_and(|services| !services.is_empty());
    let usual = if has_services { "sub-heartbeat" } else { "raw" };
    let name = feed.profile.as_ref().map_or(usual, |profile| &profile.value);
    let at = feed.profile.as_ref().map_or(&feed.name.at, |profile| &profile.at);
    let sets: Vec<String> = feed.sets.iter().map(|set| set.text.clone()).collect();
    let blame = |message: String, help| vec![config.blame(at, message, help).to_string()];
    profiles::load(&config.dir, name, &sets).map_err(|why| match why {
        NoProfile::Unknown(help) => blame(format!("no such profile: {name}"), Some(help)),
        NoProfile::Unreadable(words) => blame(format!("cannot read the profile {words}"), None),
        NoProfile::Broken(errors) => {
            errors.into_iter().map(|error| config.retold(error, &feed.sets).to_string()).collect()
        }
    })
}

/// The services that the feed lists, or else those that its profile switches on; then those that have a table and are not
/// among them. A table says more of a service of its name. Also the secrets in them.
fn services_of(
    config: &Config,
    feed: &Feed,
    profile: &Profile,
    vault: &mut Vault,
) -> Result<(Vec<ServiceSpec>, Vec<String>), Vec<String>> {
    let (mut specs, mut put, mut wrong) = (Vec::new(), Vec::new(), Vec::new());
    for service in feed.services.iter().flatten() {
        match Place::File(config, &service.at).fill(&service.value, vault, &config.dir) {
            Ok(filled) => {
                put.extend(filled.values().map(str::to_owned));
                wrong.extend(services::add_filled(&mut specs, profile, &filled).err().map(|error| error.0));
            }
            Err(errors) => wrong.extend(errors),
        }
    }
    if feed.services.is_none() {
        let named = |name: &str| feed.specs.iter().any(|table| table.name.value == name);
        specs.extend(profile.services.iter().filter(|spec| spec.enabled || named(&spec.name)).cloned());
    }
    let known = profile.params();
    for table in &feed.specs {
        check_params(config, table, profile, &known, &mut wrong);
        let params = params(config, table, vault, &mut put).map_err(|errors| wrong.extend(errors)).unwrap_or_default();
        if !specs.iter().any(|spec: &ServiceSpec| spec.name == table.name.value) {
            match services::service(profile, &table.name.value) {
                Ok(spec) => specs.push(spec),
                Err(super::Wrong(sentence)) => wrong.push(sentence),
            }
        }
        for spec in specs.iter_mut().filter(|spec| spec.name == table.name.value) {
            spec.params.extend(params.iter().cloned());
            spec.stale = table.stale.or(spec.stale);
            spec.enabled = table.enabled.unwrap_or(spec.enabled);
        }
    }
    if wrong.is_empty() { Ok((specs, put)) } else { Err(wrong) }
}

fn check_params(
    config: &Config,
    table: &ServiceTable,
    profile: &Profile,
    known: &BTreeSet<&str>,
    wrong: &mut Vec<String>,
) {
    for (name, _) in table.params.iter().filter(|(name, _)| !known.contains(name.value.as_str())) {
        let words = || known.iter().copied().chain(["enabled", "stale"]);
        let help = nearest(&name.value, words()).map_or_else(
            || format!("known here: {}", words().collect::<Vec<_>>().join(", ")),
            |near| format!("did you mean `{near}`?"),
        );
        let message = format!("the profile {} has no parameter `{}`", profile.name, name.value);
        wrong.push(config.blame(&name.at, message, Some(help)).to_string());
    }
}

type Params = Vec<(String, serde_json::Value)>;

fn params(
    config: &Config,
    table: &ServiceTable,
    vault: &mut Vault,
    put: &mut Vec<String>,
) -> Result<Params, Vec<String>> {
    let (mut params, mut wrong) = (Vec::new(), Vec::new());
    for (name, param) in &table.params {
        let value = match param {
            Param::Plain(value) => value.clone(),
            Param::Text(text) => match Place::File(config, &text.at).fill(&text.value, vault, &config.dir) {
                Ok(filled) => {
                    put.extend(filled.values().map(str::to_owned));
                    filled.text.into()
                }
                Err(errors) => {
                    wrong.extend(errors);
                    continue;
                }
            },
        };
        params.push((name.value.clone(), value));
    }
    if wrong.is_empty() { Ok(params) } else { Err(wrong) }
}

/// A template with its placeholders as they are written.
fn literal(template: &Template) -> String {
    let part = |part: &Part| match part {
        Part::Text(text) => text.clone(),
        Part::Hole(hole) => format!("${{{}}}", hole.source),
    };
    template.parts.iter().map(part).collect()
}
