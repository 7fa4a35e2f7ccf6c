//! What must not stand in a profile: values under telling names, and what looks like a token. Each becomes a variable.

use super::document::{Document, Scalar, last};
use crate::profile::template::{Hole, Part, Source, Template};
use crate::text;

#[derive(Clone, Debug, Default)]
pub(super) struct Secrets {
    /// The value, and the variable that it is to come from.
    known: Vec<(String, String)>,
}

/// Shorter values are no secrets that could be found again in other texts.
const LEAST: usize = 4;

impl Secrets {
    /// The variable for a value that stands under a name.
    pub(super) fn variable(&mut self, name: &str, value: &str) -> String {
        let base = variable_name(name);
        // What is masked already may be any of them: then its name tells which.
        let is = |known: &str, variable: &str| known == value && (!is_masked(value) || variable == base);
        if let Some((_, variable)) = self.known.iter().find(|(known, variable)| is(known, variable)) {
            return variable.clone();
        }
        let taken = |name: &str| self.known.iter().any(|(_, variable)| variable == name);
        let mut variable = base.clone();
        let mut number = 2;
        while taken(&variable) {
            variable = format!("{base}_{number}");
            number += 1;
        }
        self.known.push((value.to_owned(), variable.clone()));
        variable
    }

    pub(super) fn variables(&self) -> Vec<String> {
        self.known.iter().map(|(_, variable)| variable.clone()).collect()
    }

    /// Plain text with a variable for each mask in it.
    pub(super) fn unmasked(&mut self, text: &str) -> Template {
        let mut parts = Vec::new();
        for (n, piece) in text.split(MASK).enumerate() {
            if n > 0 {
                parts.push(hole(Source::Env(self.variable("ws_secret", MASK))));
            }
            parts.push(Part::Text(piece.to_owned()));
        }
        template(parts, false)
    }

    /// A text without any of them.
    pub(super) fn hide(&self, text: &str) -> String {
        let mut values: Vec<&str> = self.known.iter().map(|(value, _)| value.as_str()).collect();
        values.sort_by_key(|value| std::cmp::Reverse(value.len()));
        let mut hidden = text.to_owned();
        for value in values.into_iter().filter(|value| value.len() >= LEAST) {
            hidden = hidden.replace(value, "***");
            // The same as it stands in JSON.
            let json = serde_json::Value::from(value).to_string();
            hidden = hidden.replace(json.trim_matches('"'), "***");
        }
        hidden
    }

    pub(super) fn holds(&self, text: &str) -> bool {
        self.hide(text) != text
    }

    /// An address with a variable for each secret in it.
    pub(super) fn address(&mut self, url: &str) -> Template {
        let mut parts = Vec::new();
        let (base, query) = url.split_once('?').map_or((url, None), |(base, query)| (base, Some(query)));
        let (scheme, rest) = base.split_once("://").map_or(("", base), |(scheme, rest)| (scheme, rest));
        if !scheme.is_empty() {
            parts.push(Part::Text(format!("{scheme}://")));
        }
        let host_end = rest.find('/').unwrap_or(rest.len());
        let (host, path) = rest.split_at(host_end);
        match host.rsplit_once('@') {
            Some((user, host)) => {
                parts.push(hole(Source::Env(self.variable("user_password", user))));
                parts.push(Part::Text(format!("@{host}")));
            }
            None => parts.push(Part::Text(host.to_owned())),
        }
        for (n, segment) in path.split('/').enumerate() {
            if n > 0 {
                parts.push(Part::Text("/".to_owned()));
            }
            parts.push(if looks_like_token(segment) || is_masked(segment) {
                hole(Source::Env(self.variable("path_token", segment)))
            } else {
                Part::Text(segment.to_owned())
            });
        }
        for (n, pair) in query.iter().flat_map(|query| query.split('&')).enumerate() {
            parts.push(Part::Text(if n == 0 { "?" } else { "&" }.to_owned()));
            match pair.split_once('=') {
                Some((name, value)) if !value.is_empty() && is_secret(name, value) => {
                    parts.push(Part::Text(format!("{name}=")));
                    parts.push(hole(Source::Env(self.variable(name, value))));
                }
                Some(_) | None => parts.push(Part::Text(pair.to_owned())),
            }
        }
        template(parts, false)
    }

    /// The value of a header with a variable for the secret in it: the word before it, as in `Bearer ..`, stays.
    pub(super) fn header(&mut self, name: &str, value: &str) -> Template {
        if !text::secret_header(name) && !looks_like_token(value) && !is_masked(value) {
            return template(vec![Part::Text(value.to_owned())], false);
        }
        let (word, secret) = match value.split_once(' ') {
            Some((word, rest)) if !name.eq_ignore_ascii_case("cookie") && word.len() < 12 && !word.contains('=') => {
                (format!("{word} "), rest)
            }
            Some(_) | None => (String::new(), value),
        };
        let variable = self.variable(name, secret);
        template(vec![Part::Text(word), hole(Source::Env(variable))], false)
    }

    /// What a server sent is secret only where it looks so as well: many a symbol is called `token`.
    pub(super) fn learn(&mut self, doc: &Document) {
        for leaf in &doc.leaves {
            if let Some(value) = leaf.value.text()
                && ((text::secret_name(&last(&leaf.path)) && value.len() >= 16 && !value.contains(' '))
                    || looks_like_token(value))
            {
                self.variable(&last(&leaf.path), value);
            }
        }
    }

    /// Places of secrets in a frame that we sent.
    pub(super) fn places(&mut self, doc: &Document) -> Vec<(String, String)> {
        let secret = |leaf: &&super::document::Leaf| {
            leaf.value.text().is_some_and(|value| !value.is_empty() && is_secret(&last(&leaf.path), value))
        };
        let found: Vec<_> = doc.leaves.iter().filter(secret).cloned().collect();
        found
            .into_iter()
            .filter_map(|leaf| match leaf.value {
                Scalar::Text(value) => Some((leaf.path.clone(), self.variable(&last(&leaf.path), &value))),
                Scalar::Null | Scalar::Bool(_) | Scalar::Number(_) => None,
            })
            .collect()
    }
}

fn is_secret(name: &str, value: &str) -> bool {
    // A symbol or a number of some kind is called `key` or `code` as well.
    let lower = name.to_lowercase();
    let short = value.len() < LEAST && !["pass", "pw", "token", "secret"].iter().any(|word| lower.contains(word));
    is_masked(value) || (text::secret_name(name) && !short && !is_word(value)) || looks_like_token(value)
}

/// Whether it was masked before it came here, as `tail` does.
fn is_masked(value: &str) -> bool {
    value.contains(MASK)
}

const MASK: &str = "***";

/// Truth values and the like.
fn is_word(value: &str) -> bool {
    ["true", "false", "null", "none", "json", "default"].contains(&value)
}

/// A JSON web token, or a long text of letters and digits without a meaning.
fn looks_like_token(value: &str) -> bool {
    let is_part = |part: &str| part.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_' || b == b'-');
    let jwt = value.starts_with("eyJ") && value.split('.').count() == 3 && value.split('.').all(is_part);
    let has = |test: fn(&u8) -> bool| value.as_bytes().iter().any(&test);
    let mixed = has(u8::is_ascii_digit) && has(u8::is_ascii_lowercase) && has(u8::is_ascii_uppercase);
    jwt || (value.len() >= 40 && is_part(value) && mixed)
}

fn variable_name(name: &str) -> String {
    let mut out = String::new();
    let mut small = false;
    for c in name.chars().take(40) {
        if c.is_ascii_alphanumeric() {
            if c.is_ascii_uppercase() && small {
                out.push('_');
            }
            small = c.is_ascii_lowercase();
            out.push(c.to_ascii_uppercase());
        } else if !out.is_empty() && !out.ends_with('_') {
            out.push('_');
            small = false;
        }
    }
    let out = out.trim_end_matches('_');
    if out.is_empty() || out.starts_with(|c: char| c.is_ascii_digit()) {
        "WS_SECRET".to_owned()
    } else {
        out.to_owned()
    }
}

pub(super) fn hole(source: Source) -> Part {
    Part::Hole(Hole { source, default: None, quoted: false })
}

/// Neighbouring texts become one.
pub(super) fn template(parts: Vec<Part>, json: bool) -> Template {
    let mut joined: Vec<Part> = Vec::new();
    for part in parts {
        match (joined.last_mut(), part) {
            (_, Part::Text(text)) if text.is_empty() => {}
            (Some(Part::Text(before)), Part::Text(text)) => before.push_str(&text),
            (_, part) => joined.push(part),
        }
    }
    Template { parts: joined, json }
}

/// A frame with holes in place of some of its values; what is text there stays between its quotes.
pub(super) fn fill(text: &str, doc: &Document, holes: &[(String, Source)]) -> Template {
    let mut parts = Vec::new();
    let mut done = 0;
    for leaf in &doc.leaves {
        let Some((_, source)) = holes.iter().find(|(path, _)| *path == leaf.path) else { continue };
        let quote = usize::from(leaf.value.text().is_some());
        let (start, end) = (leaf.span.start + quote, leaf.span.end.saturating_sub(quote));
        parts.push(Part::Text(text.get(done..start).unwrap_or_default().to_owned()));
        parts.push(hole(source.clone()));
        done = end;
    }
    parts.push(Part::Text(text.get(done..).unwrap_or_default().to_owned()));
    template(parts, true)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_has_a_variable_for_each_secret() {
        let mut secrets = Secrets::default();
        let url = secrets.address("wss://u:p@h:1/a/b?x=1&token=abc%20d&apiKey=s3cr3t&token=abc%20d&empty_token=");
        assert_eq!(
            url.to_string(),
            "wss://${env.USER_PASSWORD}@h:1/a/b?x=1&token=${env.TOKEN}&apiKey=${env.API_KEY}&token=${env.TOKEN}&empty_token="
        );
        assert_eq!(secrets.variables(), ["USER_PASSWORD", "TOKEN", "API_KEY"]);
        assert_eq!(secrets.hide("{\"t\":\"abc%20d\"}"), "{\"t\":\"***\"}");
        assert_eq!(secrets.address("wss://h/?a=${x}").to_string(), "wss://h/?a=$${x}");
    }

    #[test]
    fn a_header_keeps_its_word() {
        let mut secrets = Secrets::default();
        assert_eq!(secrets.header("Authorization", "Bearer abcdef").to_string(), "Bearer ${env.AUTHORIZATION}");
        assert_eq!(secrets.header("Cookie", "a=b; c=d").to_string(), "${env.COOKIE}");
        assert_eq!(secrets.header("X-Client", "web").to_string(), "web");
    }

    #[test]
    fn a_frame_keeps_its_form() {
        let text = r#"{"type":"auth", "n":1,"access_token":"s3cr\"et"}"#;
        let doc = Document::of(text).unwrap();
        let mut secrets = Secrets::default();
        let places = secrets.places(&doc);
        assert_eq!(places, [("/access_token".to_owned(), "ACCESS_TOKEN".to_owned())]);
        let holes = [("/access_token".to_owned(), Source::Env("ACCESS_TOKEN".into())), ("/n".to_owned(), Source::Id)];
        let filled = fill(text, &doc, &holes).to_string();
        assert_eq!(filled, r#"{"type":"auth", "n":${id},"access_token":"${env.ACCESS_TOKEN}"}"#);
        assert_eq!(secrets.hide(text), r#"{"type":"auth", "n":1,"access_token":"***"}"#);
    }
}
