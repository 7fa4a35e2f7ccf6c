//! Services as the user writes them: `NAME`, or `NAME:KEY=VALUE,..`.

use std::collections::BTreeMap;

use super::Wrong;
use super::secrets::Filled;
use crate::profile::{Profile, ServiceSpec};
use crate::text;

/// Stands for a secret while a text is taken apart, so that nothing in it is taken for syntax. Not a character of any text.
const STAND_IN: u32 = 0x0010_0000;

/// Reads `NAME` or `NAME:KEY=VALUE,..`: what follows a colon is parameters only if all of it reads so, with keys that
/// the profile knows.
pub fn service(profile: &Profile, text: &str) -> Result<ServiceSpec, Wrong> {
    let (name, params) = split(profile, text);
    spec(profile, name.to_owned(), params)
}

/// The same for a text with secrets: one in the name is said to the server, and shown as its placeholder.
fn filled(profile: &Profile, filled: &Filled) -> Result<ServiceSpec, Wrong> {
    let (mut bare, mut done) = (String::new(), 0);
    for (n, (range, _)) in (STAND_IN..).zip(&filled.secrets) {
        bare.push_str(filled.text.get(done..range.start).unwrap_or_default());
        bare.extend(char::from_u32(n));
        done = range.end;
    }
    bare.push_str(filled.text.get(done..).unwrap_or_default());
    let secret = |c: char| filled.secrets.get(usize::try_from(u32::from(c).checked_sub(STAND_IN)?).ok()?);
    let with = |text: &str, shown: bool| {
        let mut whole = String::new();
        for c in text.chars() {
            match secret(c) {
                Some((_, hole)) if shown => whole.push_str(hole),
                Some((range, _)) => whole.push_str(filled.text.get(range.clone()).unwrap_or_default()),
                None => whole.push(c),
            }
        }
        whole
    };
    let (name, params) = split(profile, &bare);
    let params = params.into_iter().map(|(key, value)| (key, with(&value, false))).collect();
    let (said, shown) = (with(name, false), with(name, true));
    let spec = spec(profile, said, params)?;
    Ok(if shown == spec.name { spec } else { ServiceSpec { said: Some(spec.name), name: shown, ..spec } })
}

fn split<'t>(profile: &Profile, text: &'t str) -> (&'t str, BTreeMap<String, String>) {
    let known = profile.params();
    let split = text.match_indices(':').find_map(|(at, _)| {
        let params = params(&text[at + 1..])?;
        params.keys().all(|key| known.contains(key.as_str())).then(|| (&text[..at], params))
    });
    split.unwrap_or((text, BTreeMap::new()))
}

fn spec(profile: &Profile, name: String, params: BTreeMap<String, String>) -> Result<ServiceSpec, Wrong> {
    let base = match profile.service(&name) {
        Ok(base) => base,
        // Who says the parameters may call it anything.
        Err(_) if !params.is_empty() => ServiceSpec { name, ..ServiceSpec::default() },
        Err(sentence) => return Err(Wrong(format!("no such service: {}", text::clean(&sentence)))),
    };
    let params = params.into_iter().map(|(key, value)| (key, scalar(&value)));
    Ok(ServiceSpec { params: base.params.into_iter().chain(params).collect(), enabled: true, ..base })
}

/// Adds a service unless it is there.
fn add(specs: &mut Vec<ServiceSpec>, spec: ServiceSpec) {
    let same = |known: &ServiceSpec| known.name == spec.name && known.params == spec.params;
    if !specs.iter().any(same) {
        specs.push(spec);
    }
}

/// Reads a service, and adds it unless it is there.
pub(super) fn add_filled(specs: &mut Vec<ServiceSpec>, profile: &Profile, text: &Filled) -> Result<(), Wrong> {
    add(specs, filled(profile, text)?);
    Ok(())
}

/// Each secret as it may stand in a frame: as it is, and escaped as in JSON.
pub(super) fn in_frames(secrets: &[String]) -> Vec<String> {
    let mut all: Vec<String> = secrets.to_vec();
    all.extend(secrets.iter().map(|secret| {
        let quoted = serde_json::Value::from(secret.as_str()).to_string();
        quoted.get(1..quoted.len().saturating_sub(1)).unwrap_or_default().to_owned()
    }));
    all.retain(|secret| !secret.is_empty());
    // A secret that holds another must go first.
    all.sort_unstable_by(|a, b| b.len().cmp(&a.len()).then_with(|| a.cmp(b)));
    all.dedup();
    all
}

fn params(text: &str) -> Option<BTreeMap<String, String>> {
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
        (!key.is_empty()).then(|| (key.to_owned(), value.to_owned()))
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
