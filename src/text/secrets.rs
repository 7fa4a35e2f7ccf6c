//! Which parts of a URL and which headers carry secrets, by their names. It masks; it neither fetches nor checks a URL.
//! A secret in a path has no name and stays: it belongs into a variable, whose value is masked where it is put in.

use std::borrow::Cow;
use std::ops::Range;

const MASK: &str = "***";

/// Any of these within a name.
const PARTS: [&str; 16] = [
    "token",
    "key",
    "secret",
    "signature",
    "password",
    "passwd",
    "passphrase",
    "session",
    "jwt",
    "credential",
    "ticket",
    "bearer",
    "access_",
    "access-",
    "cookie",
    "private",
];

/// Any of these as a whole word of a name: within longer words they are harmless (`encoding`, `design`, `author`).
const WORDS: [&str; 14] =
    ["auth", "authn", "authz", "code", "sig", "sign", "pass", "pwd", "pw", "hmac", "otp", "pin", "sid", "oauth"];

/// `url` with `***` for its user and password and for the values of parameters that look secret.
pub fn mask_url(url: &str) -> String {
    let mut masked = String::with_capacity(url.len());
    let mut done = 0;
    for secret in secret_parts(url) {
        masked.push_str(&url[done..secret.start]);
        masked.push_str(MASK);
        done = secret.end;
    }
    masked.push_str(&url[done..]);
    masked
}

/// Whether `url` has a secret written out, rather than as `${env.NAME}`.
pub fn looks_secret(url: &str) -> bool {
    secret_parts(url).into_iter().any(|at| {
        let user = url[at.end..].starts_with('@');
        let value = &url[at];
        // Who has a password has a name that is none.
        let value = find_outside(value, 0, b":").filter(|_| user).map_or(value, |colon| &value[colon..]);
        let mut bare = String::new();
        let mut rest = value;
        while let Some(start) = rest.find("${") {
            bare.push_str(&rest[..start]);
            let Some(end) = rest[start..].find('}') else { return true };
            rest = &rest[start + end + 1..];
        }
        bare.push_str(rest);
        !bare.trim_matches(':').is_empty() && bare != MASK
    })
}

/// Whether the value of a header of this name is a secret.
pub fn secret_header(name: &str) -> bool {
    !name.trim().to_ascii_lowercase().starts_with("sec-websocket-") && secret_name(name.trim())
}

/// Whether what goes by this name is a secret: a parameter, a header, a variable.
pub fn secret_name(name: &str) -> bool {
    let lower = name.to_lowercase();
    PARTS.iter().any(|part| lower.contains(part))
        || lower.contains("authoriz")
        || lower.contains("authentic")
        || (lower.ends_with("auth") || lower.ends_with("code")) && !harmless(&lower)
        || words(name).any(|word| WORDS.contains(&word.to_lowercase().as_str()))
}

/// Ends like a secret, and is a common word.
fn harmless(lower: &str) -> bool {
    ["encode", "decode", "opcode", "barcode", "unicode", "transcode", "geocode"]
        .iter()
        .any(|word| lower.ends_with(word))
}

/// Long, and letters and digits in one word: made by a machine, not by a person.
pub fn looks_random(text: &str) -> bool {
    text.len() >= 24
        && text.bytes().any(|b| b.is_ascii_digit())
        && text.bytes().any(|b| b.is_ascii_alphabetic())
        && text.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_.~=%+".contains(&b))
}

/// The words of a name, split at what is no letter or digit and before a capital.
fn words(name: &str) -> impl Iterator<Item = &str> {
    name.split(|c: char| !c.is_alphanumeric()).flat_map(|part| {
        let mut starts: Vec<usize> = vec![0];
        let mut small = false;
        for (at, c) in part.char_indices() {
            if c.is_uppercase() && small {
                starts.push(at);
            }
            small = !c.is_uppercase();
        }
        starts.push(part.len());
        let cuts: Vec<&str> = starts.windows(2).filter_map(|two| part.get(*two.first()?..*two.last()?)).collect();
        cuts
    })
}

/// Where the secrets of a URL are, in order: user and password, then values in the query and in the fragment.
pub fn secret_parts(url: &str) -> Vec<Range<usize>> {
    let start = url.find("://").map_or(0, |at| at + 3);
    let mut host_end = find_outside(url, start, b"/?#\\").unwrap_or(url.len());
    let mut found = Vec::new();
    // A password with a `#` in it that was not written as `%23` is a password all the same.
    let user_end = find_outside(url, start, b"/?\\").unwrap_or(url.len());
    if let Some(at) = url[start..user_end].rfind('@').map(|at| start + at)
        && at > start
    {
        found.push(start..at);
        host_end = find_outside(url, at, b"/?#\\").unwrap_or(url.len());
    }
    let mut from = find_outside(url, host_end, b"?#");
    while let Some(separator) = from {
        let name_at = separator + 1;
        from = find_outside(url, name_at, b"?&;#");
        let end = from.unwrap_or(url.len());
        let pair = &url[name_at..end];
        if let Some(equals) = pair.find('=')
            && equals + 1 < pair.len()
            && secret_name(&percent_decoded(&pair[..equals]))
        {
            found.push(name_at + equals + 1..end);
        } else if url[separator..].starts_with('#')
            && pair.starts_with(|c: char| !c.is_whitespace())
            && !pair.contains('=')
        {
            // No server is told a fragment: it is the rest of a secret, or a slip.
            found.push(name_at..end);
        }
    }
    found
}

/// The first of `bytes` in `s` from `from` on that is not within `${...}`.
fn find_outside(s: &str, from: usize, bytes: &[u8]) -> Option<usize> {
    let raw = s.as_bytes();
    let mut at = from;
    while let Some(byte) = raw.get(at) {
        if raw[at..].starts_with(b"${")
            && let Some(end) = raw[at..].iter().position(|b| *b == b'}')
        {
            at += end;
        } else if bytes.contains(byte) {
            return Some(at);
        }
        at += 1;
    }
    None
}

/// A name as the server reads it, so that `%74oken` does not slip through.
fn percent_decoded(name: &str) -> Cow<'_, str> {
    if !name.contains('%') {
        return Cow::Borrowed(name);
    }
    let mut bytes = Vec::with_capacity(name.len());
    let mut rest = name.as_bytes();
    while let [first, after @ ..] = rest {
        let hex = after
            .get(..2)
            .and_then(|two| std::str::from_utf8(two).ok())
            .and_then(|two| u8::from_str_radix(two, 16).ok());
        match hex {
            Some(byte) if *first == b'%' => {
                bytes.push(byte);
                rest = &after[2..];
            }
            _ => {
                bytes.push(*first);
                rest = after;
            }
        }
    }
    Cow::Owned(String::from_utf8_lossy(&bytes).into_owned())
}
