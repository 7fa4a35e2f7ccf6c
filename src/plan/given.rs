//! A feed of the command line: a URL or a profile that has one, and the options beside it.

use std::path::Path;
use std::sync::Arc;

use super::dial::{self, Header, Place, TlsWish, Wish};
use super::secrets::{Filled, Vault};
use super::targets::{self, Given};
use super::{Made, called, files, profiles, services};
use crate::cli::Targets;
use crate::profile::template::Template;
use crate::profile::{Profile, ServiceSpec};
use crate::session::Secrets;
use crate::text;

/// Bytes of a file of headers.
const LONGEST: u64 = 64 << 10;

pub(super) fn make(
    args: &Targets,
    given: &Given<'_>,
    vault: &mut Vault,
    notes: &mut Vec<String>,
) -> Result<Made, Vec<String>> {
    // The target's own words, without what must not be repeated.
    let what = given.url.map_or_else(|| "the target".to_owned(), targets::told);
    let place = Place::Argument(&what);
    let usual = if args.services.is_empty() { "raw" } else { "sub-heartbeat" };
    let name = args.profile.as_deref().or(given.profile).unwrap_or(usual);
    let here = Path::new("");
    let mut wrong = Vec::new();
    let loaded = profiles::load_profile(name, &args.sets).map_err(|error| wrong.push(error.0)).ok();
    let Some(profile) = loaded.clone().or_else(profiles::stand_in) else { return Err(wrong) };
    let headers = headers(&args.headers, vault).map_err(|errors| wrong.extend(errors)).ok();
    let url = given.url.map(|url| template(&place, url)).transpose().map_err(|errors| wrong.extend(errors)).ok();
    let proxy = proxy(args).map_err(|errors| wrong.extend(errors)).ok();
    let (Some(headers), Some(url), Some(proxy)) = (headers, url, proxy) else { return Err(wrong) };
    if loaded.is_none() && url.is_none() {
        return Err(wrong);
    }
    // The URL of a target that names a profile is the profile's, whichever is spoken.
    let url = match (url, given.profile.filter(|_| args.profile.is_some())) {
        (None, Some(name)) => {
            let named = profiles::load_profile(name, &[]).map_err(|wrong| vec![wrong.0])?;
            named.endpoint.url.clone()
        }
        (url, _) => url,
    };
    let profile = if url.is_some() { Arc::new(profile.with_url_given()) } else { profile };
    let of_profile = format!("the profile {}", text::clean(name));
    let wish = Wish {
        url: url.as_ref().map(|url| (url, place)),
        headers,
        subprotocols: &args.subprotocols,
        tls: TlsWish {
            ca_file: args.ca_file.clone().map(|file| (file, Place::Argument("--ca-file"))),
            client_cert: args.client_cert.clone().map(|file| (file, Place::Argument("--client-cert"))),
            client_key: args.client_key.clone().map(|file| (file, Place::Argument("--client-key"))),
            server_name: args.server_name.clone().map(|name| (name, Place::Argument("--server-name"))),
            insecure: args.insecure,
        },
        proxy: proxy.as_ref().map(|proxy| (proxy, PROXY)),
        dir: here,
        profile: Place::Argument(&of_profile),
    };
    let target = dial::target(wish, &profile, vault).map_err(|errors| wrong.extend(errors)).ok();
    let services = services_of(args, &profile, vault).map_err(|errors| wrong.extend(errors)).ok();
    let secrets = vault.of_profile(&profile).map_err(|errors| wrong.extend(errors)).ok();
    let (Some(target), Some((services, put)), Some(secrets)) = (target, services, secrets) else { return Err(wrong) };
    if !wrong.is_empty() {
        return Err(wrong);
    }
    if given.url.is_some_and(text::looks_secret) {
        notes.push(format!(
            "wirebeat: {} holds a secret in plain sight (shell history, process list); write ${{env.NAME}} instead",
            text::clean(&target.masked())
        ));
    }
    let name = match (given.name, given.url) {
        (Some(name), _) => text::clean(name).into_owned(),
        (None, Some(_)) => called(&target),
        (None, None) => text::clean(&profile.name).into_owned(),
    };
    let secrets = Secrets { put: services::in_frames(&put), ..secrets };
    Ok(Made { name, group: None, configured: None, target, profile, services, secrets })
}

/// Where the proxy of the command line stands.
pub(super) const PROXY: Place<'static> = Place::Argument("--proxy");

/// The proxy of the command line, which is for all feeds.
pub(super) fn proxy(args: &Targets) -> Result<Option<Template>, Vec<String>> {
    args.proxy.as_deref().map(|text| template(&PROXY, text)).transpose()
}

/// The headers of the command line, with those of `@FILE`, placeholders filled in.
fn headers(given: &[String], vault: &mut Vault) -> Result<Vec<Header<'static>>, Vec<String>> {
    let (mut headers, mut wrong) = (Vec::new(), Vec::new());
    let mut add = |line: &str, place: &str, wrong: &mut Vec<String>| match header(line, place, vault) {
        Ok(header) => headers.push(header),
        Err(errors) => wrong.extend(errors),
    };
    for text in given {
        let Some(file) = text.strip_prefix('@') else {
            add(text, "-H", &mut wrong);
            continue;
        };
        match files::read_text(Path::new(file), LONGEST) {
            Ok(lines) => {
                let blank = |line: &&str| line.is_empty() || line.starts_with('#');
                for (number, line) in (1..).zip(lines.lines().map(str::trim)).filter(|(_, line)| !blank(line)) {
                    add(line, &format!("{}:{number}", text::clean(file)), &mut wrong);
                }
            }
            Err(words) => wrong.push(format!("-H: cannot read the headers of {words}")),
        }
    }
    if wrong.is_empty() { Ok(headers) } else { Err(wrong) }
}

/// Reads `Name: value`. Placeholders stand in the value, or for the whole.
fn header(line: &str, place: &str, vault: &mut Vault) -> Result<Header<'static>, Vec<String>> {
    let place = Place::Argument(place);
    let wrong = |message: &str| vec![place.wrong(message, None)];
    let whole = place.fill(&template(&place, line)?, vault, Path::new(""))?;
    let colon = whole.text.find(':').ok_or_else(|| wrong("a header is 'Name: value'; this one has no colon"))?;
    let (name, value) = (whole.text[..colon].trim().to_owned(), whole.text[colon + 1..].to_owned());
    let secrets = whole.secrets.iter().filter(|(range, _)| range.end > colon + 1);
    let secrets = secrets.map(|(range, hole)| {
        (range.start.saturating_sub(colon + 1)..range.end.saturating_sub(colon + 1), hole.clone())
    });
    let value = Filled { secrets: secrets.collect(), text: value };
    Ok(Header { name, value, place: Place::Argument("-H") })
}

/// The services of the command line, or else those that the profile switches on; and the secrets in them.
fn services_of(
    args: &Targets,
    profile: &Profile,
    vault: &mut Vault,
) -> Result<(Vec<ServiceSpec>, Vec<String>), Vec<String>> {
    if args.services.is_empty() {
        return Ok((profile.services.iter().filter(|service| service.enabled).cloned().collect(), Vec::new()));
    }
    let (mut specs, mut put, mut wrong) = (Vec::new(), Vec::new(), Vec::new());
    let place = Place::Argument("-s");
    for text in &args.services {
        match template(&place, text).and_then(|template| place.fill(&template, vault, Path::new(""))) {
            Ok(filled) if filled.text.is_empty() => wrong.push(place.wrong("a service has a name", None)),
            Ok(filled) => {
                put.extend(filled.values().map(str::to_owned));
                wrong.extend(services::add_filled(&mut specs, profile, &filled).err().map(|error| error.0));
            }
            Err(errors) => wrong.extend(errors),
        }
    }
    if wrong.is_empty() { Ok((specs, put)) } else { Err(wrong) }
}

fn template(place: &Place<'_>, text: &str) -> Result<Template, Vec<String>> {
    Template::parse(text, false)
        .map_err(|error| vec![place.wrong(&error.message, Some("${env.NAME} and ${file.PATH} work here".to_owned()))])
}
