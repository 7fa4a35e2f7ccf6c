//! Where a feed is dialed, and what it takes along. Who asked for it, and where, is told with what is wrong with it.

use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::secrets::{Filled, Unfilled, Vault};
use crate::config::Config;
use crate::net::extensions;
use crate::net::proxy::{Environment, Proxies, Proxy};
use crate::net::target::{Target, TargetError};
use crate::net::tls::{TlsOptions, check_server_name, read_identity, read_roots};
use crate::profile::Profile;
use crate::profile::template::{Part, Template};
use crate::text;

/// Where something was asked for.
#[derive(Clone, Copy)]
pub(super) enum Place<'a> {
    /// An argument, by the name of its option, or in words.
    Argument(&'a str),
    File(&'a Config, &'a Range<usize>),
}

/// A header of which the value is known.
pub(super) struct Header<'a> {
    pub(super) name: String,
    pub(super) value: Filled,
    pub(super) place: Place<'a>,
}

/// What a feed asks of its dial.
pub(super) struct Wish<'a> {
    /// Else the profile has one.
    pub(super) url: Option<(&'a Template, Place<'a>)>,
    pub(super) headers: Vec<Header<'a>>,
    pub(super) subprotocols: &'a [String],
    pub(super) tls: TlsWish<'a>,
    /// Else the environment says.
    pub(super) proxy: Option<(&'a Template, Place<'a>)>,
    /// What paths in placeholders are relative to.
    pub(super) dir: &'a Path,
    /// Where the profile was asked for.
    pub(super) profile: Place<'a>,
}

/// How a feed is to be secured.
pub(super) struct TlsWish<'a> {
    pub(super) ca_file: Option<(PathBuf, Place<'a>)>,
    pub(super) client_cert: Option<(PathBuf, Place<'a>)>,
    pub(super) client_key: Option<(PathBuf, Place<'a>)>,
    pub(super) server_name: Option<(String, Place<'a>)>,
    pub(super) insecure: bool,
}

impl Place<'_> {
    /// What is wrong here, as lines for a person.
    pub(super) fn wrong(&self, message: &str, help: Option<String>) -> String {
        match self {
            Self::Argument(what) => {
                let help = help.map(|help| format!("\n{}", text::clean(&help))).unwrap_or_default();
                format!("{what}: {}{help}", text::clean(message))
            }
            Self::File(config, at) => config.blame(at, message, help).to_string(),
        }
    }

    /// The same for a part of it, as far as it can be found.
    fn wrong_part(&self, part: &str, message: &str) -> String {
        match self {
            Self::Argument(_) => self.wrong(message, None),
            Self::File(config, at) => config.blame(&config.part(at, part), message, None).to_string(),
        }
    }

    /// Fills in a template that stands here.
    pub(super) fn fill(&self, template: &Template, vault: &mut Vault, dir: &Path) -> Result<Filled, Vec<String>> {
        let told =
            |unfilled: Vec<Unfilled>| unfilled.iter().map(|one| self.wrong_part(&one.hole, &one.message)).collect();
        vault.fill(template, dir).map_err(told)
    }
}

/// Everything that is asked for, checked.
pub(super) fn target(wish: Wish<'_>, profile: &Profile, vault: &mut Vault) -> Result<Target, Vec<String>> {
    let mut wrong = Vec::new();
    let own = profile.endpoint.url.as_ref().map(|url| (url, wish.profile));
    let mut target = None;
    if let (None, Some(url), Some(run)) = (wish.url, &profile.endpoint.url, &profile.endpoint.run) {
        let program = run.command.first().map(ToString::to_string).unwrap_or_default();
        let place = known_place(url).map_or_else(|| Target::named_by(&program, &url.to_string()), Target::parse);
        target = place.map_err(|error| wrong.push(wish.profile.wrong(&error.to_string(), None))).ok();
    } else if let Some((url, place)) = wish.url.or(own) {
        let sample = wish.url.is_none().then(|| sample(url));
        let parsed = place.fill(sample.as_ref().unwrap_or(url), vault, wish.dir).and_then(|url| {
            let told = |error: TargetError| vec![place.wrong(&error.to_string(), None)];
            Target::parse_with(&url.text, &url.ranges()).map_err(told)
        });
        target = parsed.map_err(|errors| wrong.extend(errors)).ok();
    } else {
        let message = format!("the profile {} has no URL of its own", profile.name);
        wrong.push(wish.profile.wrong(&message, Some("say where to dial: a ws:// or wss:// URL".to_owned())));
    }
    for header in headers(wish.headers, wish.profile, profile, wish.dir, vault, &mut wrong) {
        let Some(before) = target.take() else { break };
        let hidden: Vec<String> = header.value.values().map(str::to_owned).collect();
        match before.clone().with_header(&header.name, &header.value.text) {
            Ok(after) => target = Some(after.hiding(hidden)),
            Err(error) => {
                wrong.push(header.place.wrong(&error.to_string(), None));
                target = Some(before);
            }
        }
    }
    for protocol in profile.endpoint.subprotocols.iter().chain(wish.subprotocols) {
        let Some(before) = target.take() else { break };
        target = Some(before.clone().with_subprotocol(protocol).unwrap_or_else(|error| {
            wrong.push(Place::Argument("--subprotocol").wrong(&error.to_string(), None));
            before
        }));
    }
    let tls = tls(wish.tls).map_err(|errors| wrong.extend(errors)).ok();
    let proxies = proxies(wish.proxy, vault, wish.dir).map_err(|errors| wrong.extend(errors)).ok();
    let (Some(target), Some(tls), Some(proxies)) = (target, tls, proxies) else { return Err(wrong) };
    let mut withheld = profile.endpoint.withhold.clone();
    if profile.endpoint.plain {
        withheld.push(extensions::HEADER.to_owned());
    }
    let target = target.with_tls(tls).with_proxies(proxies).withholding(&withheld);
    if let Err(words) = target.proxies.choose(target.secure(), target.host(), target.port()) {
        let help = "mend or unset the variable, or go without a proxy: --proxy none".to_owned();
        wrong.push(Place::Argument("the environment").wrong(&words, Some(help)));
    }
    if wrong.is_empty() { Ok(target) } else { Err(wrong) }
}

/// A URL with words in place of what is known only when it is dialed.
fn sample(url: &Template) -> Template {
    let word = |part: &Part| match part {
        Part::Hole(hole) if hole.source.outside().is_none() => {
            Part::Text(hole.default.clone().unwrap_or_else(|| hole.source.to_string()))
        }
        Part::Hole(_) | Part::Text(_) => part.clone(),
    };
    Template { parts: url.parts.iter().map(word).collect(), json: url.json }
}

/// Scheme and host of a URL that is written out so far.
fn known_place(url: &Template) -> Option<&str> {
    let Some(Part::Text(start)) = url.parts.first() else { return None };
    let host = start.find("://")? + 3;
    let end = start[host..].find(['/', '?'])?;
    start.get(..host + end)
}

/// The files that are named, read once to see that they can be.
fn tls(wish: TlsWish<'_>) -> Result<TlsOptions, Vec<String>> {
    let TlsWish { ca_file, client_cert, client_key, server_name, insecure } = wish;
    let mut wrong = Vec::new();
    let mut check = |place: &Place<'_>, done: Result<(), String>| {
        wrong.extend(done.err().map(|words| place.wrong(&words, None)));
    };
    if let Some((file, place)) = &ca_file {
        check(place, read_roots(file).map(drop));
    }
    match (&client_cert, &client_key) {
        (Some((cert, place)), key) => {
            check(place, read_identity(cert, key.as_ref().map(|(file, _)| file.as_path())).map(drop));
        }
        (None, Some((_, place))) => check(place, Err("a key without a client certificate".to_owned())),
        (None, None) => {}
    }
    if let Some((name, place)) = &server_name {
        check(place, check_server_name(name));
    }
    let file = |named: Option<(PathBuf, Place<'_>)>| named.map(|(file, _)| file);
    let (ca_file, client_cert, client_key) = (file(ca_file), file(client_cert), file(client_key));
    let server_name = server_name.map(|(name, _)| name);
    if wrong.is_empty() {
        Ok(TlsOptions { ca_file, insecure, client_cert, client_key, server_name })
    } else {
        Err(wrong)
    }
}

/// What was asked for, or else what the environment says.
fn proxies(wish: Option<(&Template, Place<'_>)>, vault: &mut Vault, dir: &Path) -> Result<Proxies, Vec<String>> {
    let Some((template, place)) = wish else {
        return Ok(Proxies::Environment(Arc::new(Environment::read(|name| std::env::var(name).ok()))));
    };
    let filled = place.fill(template, vault, dir)?;
    if filled.text.trim() == NO_PROXY {
        return Ok(Proxies::None);
    }
    let from = match place {
        Place::Argument(option) => option,
        Place::File(..) => "the configuration",
    };
    let proxy = Proxy::parse(&filled.text, from).map_err(|error| vec![place.wrong(&error.to_string(), None)])?;
    Ok(Proxies::Given(Arc::new(proxy)))
}

/// The word for none.
pub(super) const NO_PROXY: &str = "none";

/// The headers of the profile, where nobody asked for others of that name and it does not withhold them, and those asked
/// for.
fn headers<'a>(
    asked: Vec<Header<'a>>,
    place: Place<'a>,
    profile: &Profile,
    dir: &Path,
    vault: &mut Vault,
    wrong: &mut Vec<String>,
) -> Vec<Header<'a>> {
    let mut all = Vec::new();
    // Those that are made anew for each dial are the session's.
    for (name, template) in profile.endpoint.headers.iter().filter(|_| !profile.endpoint.is_made_anew()) {
        let is = |other: &str| other.eq_ignore_ascii_case(name);
        if asked.iter().any(|header| is(&header.name)) || profile.endpoint.withhold.iter().any(|other| is(other)) {
            continue;
        }
        match place.fill(template, vault, dir) {
            Ok(value) => all.push(Header { name: name.clone(), value, place }),
            Err(errors) => wrong.extend(errors),
        }
    }
    all.extend(asked);
    all
}
