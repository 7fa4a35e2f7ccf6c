//! From arguments and the user's file to feeds that can be started: targets resolved, profiles loaded, secrets read.
//! Everything that is wrong with any of them is said here, before anything runs.

use std::collections::{BTreeMap, BTreeSet};
use std::env;
use std::fs;
use std::path::Path;
use std::sync::Arc;

use crate::cli::Targets;
use crate::event::{BeatRule, FeedId, FeedInfo};
use crate::launch::FeedPlan;
use crate::net::target::Target;
use crate::net::tls::{TlsOptions, read_roots};
use crate::profile::template::Source as Hole;
use crate::profile::{self, BeatMode, Interval, LiveOn, Profile, ServiceSpec, bundled, diagnostic::Source};
use crate::session::{self, Secrets};
use crate::text;
use crate::time::WallAnchor;

/// What is wrong, in words for a person, with the remedy; it may have several lines.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wrong(pub String);

/// The feeds that the arguments name. `notes` are lines for standard error.
pub fn feeds(args: &Targets, seed: u64, notes: &mut Vec<String>) -> Result<Vec<FeedPlan>, Wrong> {
    let mut hosts = BTreeSet::new();
    let mut plans: Vec<FeedPlan> = Vec::new();
    for text in &args.targets {
        let (name, url) = split_name(text);
        let profile = pick_profile(args)?;
        let url = match (url, &profile.endpoint.url) {
            (Some(url), _) => url,
            (None, _) => return Err(unknown_target(text)),
        };
        if text::looks_secret(url) {
            notes.push(format!(
                "wirebeat: {} holds a secret in plain sight (shell history, process list); write ${{env.NAME}} instead",
                text::clean(&text::mask_url(url))
            ));
        }
        let target = target(args, &profile, url)?;
        hosts.insert(target.authority());
        let id = FeedId(u32::try_from(plans.len()).unwrap_or(u32::MAX));
        let name = name.map_or_else(|| called(&target), str::to_owned);
        let taken = plans.iter().filter(|plan| base_name(&plan.info.name) == name).count();
        let name = if taken == 0 { name } else { format!("{name}#{}", taken + 1) };
        let services = services(args, &profile)?;
        plans.push(plan(id, name, target, profile, services, seed)?);
    }
    let personal = !(args.headers.is_empty() && args.services.is_empty() && args.sets.is_empty());
    if hosts.len() > 1 && (personal || args.ca_file.is_some() || args.insecure) {
        return Err(Wrong(format!(
            "-H, -s, --set and certificates are for one host, and these targets have {}: {}\n\
             put the feeds into the configuration file, each with its own",
            hosts.len(),
            hosts.into_iter().collect::<Vec<_>>().join(", ")
        )));
    }
    Ok(plans)
}

/// A feed of which everything is known.
pub fn plan(
    id: FeedId,
    name: String,
    target: Target,
    profile: Arc<Profile>,
    services: Vec<ServiceSpec>,
    seed: u64,
) -> Result<FeedPlan, Wrong> {
    let info = FeedInfo {
        id,
        name,
        url: target.masked(),
        profile: profile.name.clone(),
        services: services.iter().map(|service| service.name.clone()).collect(),
        beat: profile.heartbeats.first().map(|beat| BeatRule {
            idle: beat.mode == BeatMode::Idle,
            after: beat.after.known(),
            timeout: beat.timeout.as_ref().map(Interval::known).unwrap_or_default(),
        }),
        numbered: !profile.sequences.is_empty(),
        timed: profile.time.is_some(),
        acks: profile.subscribe.as_ref().is_some_and(|ask| ask.live_on == LiveOn::Ack),
    };
    let secrets = secrets(&profile)?;
    // Each feed has a jitter of its own, or a restart of the server would bring them all back at once.
    let seed = seed.wrapping_add(u64::from(id.0).wrapping_mul(0x9E37_79B9));
    let session = session::Plan { profile, services, seed, wall: WallAnchor::default(), secrets };
    Ok(FeedPlan { info, target, session })
}

/// Reads `NAME=URL`, `URL`, or something else.
fn split_name(text: &str) -> (Option<&str>, Option<&str>) {
    let is_url = |text: &str| text.contains("://");
    if let Some((name, url)) = text.split_once('=')
        && is_url(url)
        && !is_url(name)
        && !name.contains(['/', '?', ':'])
    {
        return (Some(name), Some(url));
    }
    (None, is_url(text).then_some(text))
}

fn unknown_target(text: &str) -> Wrong {
    let shown = text::clean(text);
    let looks_like_host = text.contains(':') || text.contains('.');
    let hint = if looks_like_host {
        format!("did you mean ws://{shown}?")
    } else if bundled::find(text).is_some() {
        format!("the bundled profile {shown} has no URL of its own: wirebeat ws://HOST/PATH -p {shown}")
    } else {
        "a target is a ws:// or wss:// URL, or a feed of the configuration file".to_owned()
    };
    Wrong(format!("no such target: {shown}\n{hint}"))
}

fn pick_profile(args: &Targets) -> Result<Arc<Profile>, Wrong> {
    let name = args.profile.as_deref().unwrap_or(if args.services.is_empty() { "raw" } else { "sub-heartbeat" });
    load_profile(name, &args.sets)
}

/// Loads a bundled profile, or one from a file.
pub fn load_profile(name: &str, sets: &[String]) -> Result<Arc<Profile>, Wrong> {
    let source = find_profile(name).ok_or_else(|| {
        let near = profile::diagnostic::nearest(name, bundled::names());
        let hint = near.map_or_else(
            || format!("bundled are {}; a file is named by its path", bundled::names().collect::<Vec<_>>().join(", ")),
            |near| format!("did you mean {near}?"),
        );
        Wrong(format!("no such profile: {}\n{hint}", text::clean(name)))
    })?;
    profile::build::load(source?, &|name| find_profile(name)?.ok(), sets)
        .map(Arc::new)
        .map_err(|errors| Wrong(errors.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")))
}

/// The text of a bundled profile, or of a file: nothing where there is no such name.
pub fn find_profile(name: &str) -> Option<Result<Source, Wrong>> {
    let path = Path::new(name);
    let is_path = name.contains(['/', '\\']) || path.extension().is_some_and(|end| end == "toml");
    if !is_path {
        return bundled::find(name).map(Ok);
    }
    Some(match fs::read_to_string(path) {
        Ok(text) => Ok(Source::new(name, text)),
        Err(error) => Err(Wrong(format!("cannot read the profile {}: {error}", text::clean(name)))),
    })
}

fn target(args: &Targets, profile: &Profile, url: &str) -> Result<Target, Wrong> {
    let wrong = |error: &dyn std::fmt::Display| Wrong(text::clean(&error.to_string()).into_owned());
    let mut target = Target::parse(&expand(url)?).map_err(|error| wrong(&error))?;
    for header in headers(&args.headers)? {
        let (name, value) = header
            .split_once(':')
            .ok_or_else(|| Wrong("a header is 'Name: value'; this one has no colon".to_owned()))?;
        target = target.with_header(name, value).map_err(|error| wrong(&error))?;
    }
    for protocol in profile.endpoint.subprotocols.iter().chain(&args.subprotocols) {
        target = target.with_subprotocol(protocol).map_err(|error| wrong(&error))?;
    }
    if let Some(file) = &args.ca_file {
        read_roots(file).map_err(Wrong)?;
    }
    Ok(target.with_tls(TlsOptions { ca_file: args.ca_file.clone(), insecure: args.insecure }))
}

/// The headers of the command line, with those of `@FILE`, placeholders filled in.
fn headers(given: &[String]) -> Result<Vec<String>, Wrong> {
    let mut headers = Vec::new();
    for header in given {
        if let Some(file) = header.strip_prefix('@') {
            let lines = fs::read_to_string(file)
                .map_err(|error| Wrong(format!("cannot read the headers of {}: {error}", text::clean(file))))?;
            for line in lines.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#')) {
                headers.push(expand(line)?);
            }
        } else {
            headers.push(expand(header)?);
        }
    }
    Ok(headers)
}

/// Fills in `${env.NAME}` and `${file.PATH}`.
pub fn expand(text: &str) -> Result<String, Wrong> {
    let mut out = String::new();
    let mut rest = text;
    while let Some(start) = rest.find("${") {
        let Some(end) = rest[start..].find('}') else { break };
        let hole = &rest[start + 2..start + end];
        out.push_str(&rest[..start]);
        out.push_str(&match hole.split_once('.') {
            Some(("env", name)) => read_env(name)?,
            Some(("file", path)) => read_secret_file(path)?,
            _ => {
                let hole = text::clean(hole);
                return Err(Wrong(format!(
                    "unknown placeholder ${{{hole}}}: ${{env.NAME}} and ${{file.PATH}} work here"
                )));
            }
        });
        rest = &rest[start + end + 1..];
    }
    out.push_str(rest);
    Ok(out)
}

fn read_env(name: &str) -> Result<String, Wrong> {
    env::var(name).map_err(|_| Wrong(format!("the environment variable {} is not set", text::clean(name))))
}

fn read_secret_file(path: &str) -> Result<String, Wrong> {
    let secret =
        fs::read_to_string(path).map_err(|error| Wrong(format!("cannot read {}: {error}", text::clean(path))))?;
    Ok(secret.trim_end_matches(['\r', '\n']).to_owned())
}

/// What the templates of a profile read from outside.
fn secrets(profile: &Profile) -> Result<Secrets, Wrong> {
    let mut secrets = Secrets::default();
    for hole in profile.templates().flat_map(profile::template::Template::holes) {
        match (&hole.source, &hole.default) {
            (Hole::Env(name), None) => {
                secrets.env.insert(name.clone(), read_env(name)?);
            }
            (Hole::File(path), None) => {
                secrets.files.insert(path.clone(), read_secret_file(path)?);
            }
            (Hole::Env(name), Some(_)) => secrets.env.extend(env::var(name).ok().map(|value| (name.clone(), value))),
            (Hole::File(path), Some(_)) => {
                secrets.files.extend(read_secret_file(path).ok().map(|value| (path.clone(), value)));
            }
            (
                Hole::Message(_)
                | Hole::Item(_)
                | Hole::Service(_)
                | Hole::Capture(_)
                | Hole::Id
                | Hole::SubId
                | Hole::SubSid
                | Hole::Args
                | Hole::Key
                | Hole::Prefix(_)
                | Hole::Uuid
                | Hole::NowText
                | Hole::NowMs
                | Hole::NowS,
                _,
            ) => {}
        }
    }
    Ok(secrets)
}

/// The services of the command line, or else those that the profile switches on.
fn services(args: &Targets, profile: &Profile) -> Result<Vec<ServiceSpec>, Wrong> {
    if args.services.is_empty() {
        return Ok(profile.services.iter().filter(|service| service.enabled).cloned().collect());
    }
    let mut specs: Vec<ServiceSpec> = Vec::new();
    for text in &args.services {
        let spec = service(profile, &expand(text)?)?;
        if !specs.iter().any(|known| known.name == spec.name && known.params == spec.params) {
            specs.push(spec);
        }
    }
    Ok(specs)
}

/// Reads `NAME` or `NAME:KEY=VALUE,..`: what follows a colon is parameters only if all of it reads so, with keys that
/// the profile knows.
pub fn service(profile: &Profile, text: &str) -> Result<ServiceSpec, Wrong> {
    let known = profile.params();
    let split = text.match_indices(':').find_map(|(at, _)| {
        let params = params(&text[at + 1..])?;
        params.keys().all(|key| known.contains(key.as_str())).then(|| (&text[..at], params))
    });
    let (name, params) = split.unwrap_or((text, BTreeMap::new()));
    let base = match profile.service(name) {
        Ok(base) => base,
        // Who says the parameters may call it anything.
        Err(_) if !params.is_empty() => ServiceSpec { name: name.to_owned(), ..ServiceSpec::default() },
        Err(sentence) => return Err(Wrong(format!("no such service: {}", text::clean(&sentence)))),
    };
    let params = base.params.into_iter().chain(params).collect();
    Ok(ServiceSpec { params, enabled: true, ..base })
}

fn params(text: &str) -> Option<BTreeMap<String, serde_json::Value>> {
    let mut parts = vec![String::new()];
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '\\' if chars.peek() == Some(&',') => parts.last_mut()?.extend(chars.next()),
            ',' => parts.push(String::new()),
            c => parts.last_mut()?.push(c),
        }
    }
    let pair = |part: &String| {
        let (key, value) = part.split_once('=')?;
        (!key.is_empty()).then(|| (key.to_owned(), scalar(value)))
    };
    parts.iter().map(pair).collect()
}

/// A number or a truth value where it reads as one, else text.
fn scalar(text: &str) -> serde_json::Value {
    match serde_json::from_str(text) {
        Ok(value @ (serde_json::Value::Number(_) | serde_json::Value::Bool(_))) => value,
        _ => text.into(),
    }
}

/// What a feed without a name is called: host, port and path.
fn called(target: &Target) -> String {
    let path = target.path().split('?').next().unwrap_or_default();
    text::clean(&format!("{}{}", target.authority(), path.trim_end_matches('/'))).into_owned()
}

fn base_name(name: &str) -> &str {
    match name.rsplit_once('#') {
        Some((base, number)) if number.bytes().all(|b| b.is_ascii_digit()) => base,
        _ => name,
    }
}
