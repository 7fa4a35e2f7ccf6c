//! What each TARGET is: a URL, a feed of the configuration, or a profile that has its URL. Nothing is opened here.

use crate::cli::Targets;
use crate::config::{Config, Feed};
use crate::profile::diagnostic::nearest;
use crate::profile::{build, bundled};
use crate::text;

/// What is to be watched.
pub(super) enum Choice<'a> {
    Feed(&'a Feed),
    Given(Given<'a>),
}

/// A feed of the command line.
pub(super) struct Given<'a> {
    pub(super) name: Option<&'a str>,
    /// Else it is the profile's.
    pub(super) url: Option<&'a str>,
    /// Named by the target itself.
    pub(super) profile: Option<&'a str>,
}

/// Resolves the targets. What cannot be is told beside those that can, so that nobody mends one after the other.
pub(super) fn choose<'a>(args: &'a Targets, config: &'a Config) -> (Vec<Choice<'a>>, Vec<String>) {
    let mut choices = Vec::new();
    let mut wrong = Vec::new();
    if args.targets.is_empty() {
        if args.profile.is_some() {
            choices.push(Choice::Given(Given { name: None, url: None, profile: None }));
        } else {
            choices.extend(config.feeds.iter().filter(|feed| feed.enabled).map(Choice::Feed));
            if let (true, Some(file), Some(first)) = (choices.is_empty(), config.file(), config.feeds.first()) {
                let (file, first) = (text::clean(file), text::clean(&first.name.value));
                wrong.push(format!("every feed of {file} has enabled = false\nname those to watch: wirebeat {first}"));
            }
        }
    }
    for text in &args.targets {
        match one(text, config) {
            Ok(choice) => choices.push(choice),
            Err(words) => wrong.push(words),
        }
    }
    let options = for_urls(args);
    let feed = choices.iter().find_map(|choice| match choice {
        Choice::Feed(feed) => Some(feed.name.value.as_str()),
        Choice::Given(_) => None,
    });
    if let (false, Some(feed)) = (options.is_empty(), feed) {
        let file = config.file().unwrap_or_default();
        let few = if let [one] = options.as_slice() {
            format!("{one} applies")
        } else {
            format!("{} apply", options.join(", "))
        };
        wrong.push(format!(
            "{few} to URL targets, and {} is a feed of {}\nwrite there what it needs, or give the URL itself",
            text::clean(feed),
            text::clean(file)
        ));
    }
    (choices, wrong)
}

/// The options in use that must not reach a second host by accident.
pub(super) fn personal(args: &Targets) -> Vec<&'static str> {
    let used = [
        ("-H", !args.headers.is_empty()),
        ("-s", !args.services.is_empty()),
        ("--set", !args.sets.is_empty()),
        ("--subprotocol", !args.subprotocols.is_empty()),
        ("--ca-file", args.ca_file.is_some()),
        ("--client-cert", args.client_cert.is_some()),
        ("--client-key", args.client_key.is_some()),
        ("--server-name", args.server_name.is_some()),
        ("--insecure", args.insecure),
    ];
    used.into_iter().filter_map(|(option, used)| used.then_some(option)).collect()
}

/// The options in use that say what the file says of its own feeds.
fn for_urls(args: &Targets) -> Vec<&'static str> {
    args.profile.iter().map(|_| "-p").chain(personal(args)).collect()
}

fn one<'a>(text: &'a str, config: &'a Config) -> Result<Choice<'a>, String> {
    if let Some(feed) = config.feed(text) {
        return Ok(Choice::Feed(feed));
    }
    match split_name(text) {
        (Some(""), Some(_)) => Err("a name is missing before the `=` of a target: NAME=URL".to_owned()),
        (name, Some(url)) => Ok(Choice::Given(Given { name, url: Some(url), profile: None })),
        (_, None) if has_url(text) => Ok(Choice::Given(Given { name: Some(text), url: None, profile: Some(text) })),
        (_, None) => Err(unknown(text, config)),
    }
}

/// Reads `NAME=URL`, `URL`, or something else. A URL may be all placeholder.
fn split_name(text: &str) -> (Option<&str>, Option<&str>) {
    let is_url = |text: &str| text.contains("://") || text.starts_with("${") || text.starts_with("ws+unix:");
    if let Some((name, url)) = text.split_once('=')
        && is_url(url)
        && !is_url(name)
        && !name.contains(['/', '?', ':'])
    {
        return (Some(name), Some(url));
    }
    (None, is_url(text).then_some(text))
}

/// Whether that is a bundled profile that knows where its server is.
fn has_url(name: &str) -> bool {
    let profile = bundled::find(name).and_then(|source| build::load(source, &bundled::find, &[]).ok());
    profile.is_some_and(|profile| profile.endpoint.url.is_some())
}

fn unknown(text: &str, config: &Config) -> String {
    let shown = told(text);
    let feeds: Vec<&str> = config.feeds.iter().map(|feed| feed.name.value.as_str()).collect();
    let mut known = feeds.clone();
    for name in bundled::names().filter(|name| has_url(name)) {
        known.push(name);
    }
    let near = nearest(text, known);
    let hint = if let Some(near) = near {
        format!("did you mean {}?", text::clean(near))
    } else if bundled::find(text).is_some() {
        format!("the bundled profile {shown} has no URL of its own: wirebeat ws://HOST/PATH -p {shown}")
    } else if text.contains([':', '.', '/']) {
        format!("did you mean ws://{shown}?")
    } else if let Some(file) = config.file().filter(|_| !feeds.is_empty()) {
        let names = feeds.iter().take(MOST_NAMES).map(|name| text::clean(name)).collect::<Vec<_>>().join(", ");
        let more = if feeds.len() > MOST_NAMES { ", .." } else { "" };
        format!("a target is a ws:// or wss:// URL, or a feed of {}: {names}{more}", text::clean(file))
    } else {
        "a target is a ws:// or wss:// URL, or a feed of the configuration file".to_owned()
    };
    format!("no such target: {shown}\n{hint}")
}

/// A target as an error may repeat it: one that is written wrongly may have its secrets where none are looked for.
pub(super) fn told(target: &str) -> String {
    let masked = text::mask_url(target);
    let start = masked.find("://").map_or(0, |at| at + 3);
    let (scheme, rest) = masked.split_at(start);
    let host_end = rest.find(['/', '?']).unwrap_or(rest.len());
    let place = &rest[..host_end];
    let port = place.rsplit_once(':').map_or("0", |(_, port)| port);
    // A password with a slash in it was cut in two.
    let cut = port.is_empty() || !port.bytes().all(|b| b.is_ascii_digit());
    let user_end = rest.rfind('@').filter(|at| cut && *at > host_end);
    let rest = user_end.map_or(rest.to_owned(), |at| format!("***{}", &rest[at..]));
    let shown = |part| if text::looks_random(part) { "***" } else { part };
    let rest = rest.split('/').map(shown).collect::<Vec<_>>().join("/");
    text::clean(&format!("{scheme}{rest}")).into_owned()
}

/// So many feeds are named where none is nearly right.
const MOST_NAMES: usize = 12;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_target_is_told_without_its_secrets() {
        assert_eq!(told("wss://u:p@h:0/a/btc@trade?token=x"), "wss://***@h:0/a/btc@trade?token=***");
        assert_eq!(told("wss://h:9/a@b"), "wss://h:9/a@b");
        assert_eq!(told("wss://u:pa/ss@h/x"), "wss://***@h/x");
        assert_eq!(told("wss:/u:pass@h"), "***@h");
        assert_eq!(told("u:pass@h"), "***@h");
        assert_eq!(told("wsx://h/a1b2c3d4e5f6a7b8c9d0e1f2/x"), "wsx://h/***/x");
        assert_eq!(told("mar\u{1b}ket"), "mar␛ket");
    }

    #[test]
    fn a_target_is_split_from_its_name() {
        assert_eq!(split_name("ws://h/p"), (None, Some("ws://h/p")));
        assert_eq!(split_name("a=ws://h/p?x=ws://y"), (Some("a"), Some("ws://h/p?x=ws://y")));
        assert_eq!(split_name("ws://h/?a=ws://b"), (None, Some("ws://h/?a=ws://b")));
        assert_eq!(split_name("业务=wss://h"), (Some("业务"), Some("wss://h")));
        assert_eq!(split_name("=ws://h"), (Some(""), Some("ws://h")));
        assert_eq!(split_name("${env.URL}"), (None, Some("${env.URL}")));
        assert_eq!(split_name("a=${env.URL}"), (Some("a"), Some("${env.URL}")));
        assert_eq!(split_name("a:b=ws://h"), (None, Some("a:b=ws://h")));
        assert_eq!(split_name("ws+unix:/run/a=b:/c"), (None, Some("ws+unix:/run/a=b:/c")));
        assert_eq!(split_name("a=ws+unix:/run/b"), (Some("a"), Some("ws+unix:/run/b")));
        assert_eq!(split_name("market"), (None, None));
        assert_eq!(split_name("a=market"), (None, None));
    }
}
