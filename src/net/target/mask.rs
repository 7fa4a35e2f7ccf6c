//! What of a URL's path and query is better not shown. It knows names and looks, not which server means what.

use super::{SHORTEST, percent_decoded};
pub(super) use crate::text::looks_random;

pub(super) const MASK: &str = "***";

/// Parts of names under which secrets travel.
const NAMES: [&str; 12] =
    ["token", "key", "sig", "auth", "secret", "pass", "pwd", "access", "session", "jwt", "cred", "ticket"];

pub(super) fn path(path: &str) -> String {
    let (path, query) = path.split_once('?').map_or((path, None), |(path, query)| (path, Some(query)));
    let segments: Vec<_> = path.split('/').map(|part| if looks_random(part) { MASK } else { part }).collect();
    let mut shown = segments.join("/");
    for (n, pair) in query.into_iter().flat_map(|query| query.split('&')).enumerate() {
        shown.push(if n == 0 { '?' } else { '&' });
        match pair.split_once('=') {
            Some((name, value)) if is_secret(name, value) => {
                shown.push_str(name);
                shown.push('=');
                shown.push_str(MASK);
            }
            Some(_) => shown.push_str(pair),
            None => shown.push_str(if looks_random(pair) { MASK } else { pair }),
        }
    }
    shown
}

/// The secrets themselves, as they are written and as they are meant.
pub(super) fn secrets_of(path: &str) -> Vec<String> {
    let (path, query) = path.split_once('?').unwrap_or((path, ""));
    let mut found: Vec<&str> = path.split('/').filter(|part| looks_random(part)).collect();
    for pair in query.split('&') {
        match pair.split_once('=') {
            Some((name, value)) if is_secret(name, value) => found.push(value),
            None if looks_random(pair) => found.push(pair),
            Some(_) | None => {}
        }
    }
    let meant = found.iter().filter_map(|text| String::from_utf8(percent_decoded(text)).ok());
    let mut all: Vec<String> = meant.collect();
    all.extend(found.iter().map(|text| (*text).to_owned()));
    all
}

/// Hides a secret wherever a text has it, and the beginning of one that a text was cut in.
pub(super) fn cut_out(text: String, secret: &str) -> String {
    let mut text = if text.contains(secret) { text.replace(secret, MASK) } else { text };
    let starts = secret.char_indices().map(|(at, _)| at).filter(|at| *at >= SHORTEST).rev();
    for start in starts {
        if text.ends_with(secret.get(..start).unwrap_or(secret)) {
            text.truncate(text.len() - start);
            text.push_str(MASK);
            break;
        }
    }
    text
}

fn is_secret(name: &str, value: &str) -> bool {
    let name = name.to_ascii_lowercase();
    !value.is_empty() && (NAMES.iter().any(|part| name.contains(part)) || looks_random(value))
}
