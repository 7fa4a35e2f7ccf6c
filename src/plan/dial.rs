//! Where a feed is dialed, and what it takes along. Who asked for it, and where, is told with what is wrong with it.

use std::ops::Range;
use std::path::{Path, PathBuf};

use super::secrets::{Filled, Unfilled, Vault};
use crate::config::Config;
use crate::net::target::{Target, TargetError};
use crate::net::tls::{TlsOptions, read_roots};
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
    pub(super) ca_file: Option<(PathBuf, Place<'a>)>,
    pub(super) insecure: bool,
    /// What paths in placeholders are relative to.
    pub(super) dir: &'a Path,
    /// Where the profile was asked for.
    pub(super) profile: Place<'a>,
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
    if let Some((file, place)) = &wish.ca_file
        && let Err(words) = read_roots(file)
    {
        wrong.push(place.wrong(&words, None));
    }
    let tls = TlsOptions { ca_file: wish.ca_file.map(|(file, _)| file), insecure: wish.insecure };
    target
        .filter(|_| wrong.is_empty())
        .map(|target| target.with_tls(tls).withholding(&profile.endpoint.withhold))
        .ok_or(wrong)
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
