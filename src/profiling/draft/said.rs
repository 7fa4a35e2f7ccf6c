//! Frames that we sent as templates: names, numbers of requests, secrets and what the server had said are holes.

use std::collections::{BTreeMap, BTreeSet};

use super::document::{Document, Leaf, Scalar, last};
use super::echo::{Routing, pattern};
use super::joined;
use super::secrets::{fill, hole, template};
use super::study::Study;
use super::talk::{is_id, is_uuid, reused};
use crate::profile::template::{Part, Source, Template};

/// A service that was asked for: its name, and its parameters where the name is not all.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Service {
    pub(super) name: String,
    pub(super) params: Vec<(String, Scalar)>,
    /// What the server or the request called it, where messages are known by that.
    pub(super) number: Option<String>,
}

/// How services are asked for.
#[derive(Clone, Debug, Default)]
pub(super) struct Asked {
    pub(super) frame: Option<Template>,
    /// One service's share of a frame for several, and the most that were in one.
    pub(super) share: Option<(Template, usize)>,
    /// How numbers of requests look.
    pub(super) id: Option<&'static str>,
    pub(super) services: Vec<Service>,
    /// Places of what differs, and the parameter for it.
    pub(super) params: Vec<(String, String)>,
    /// The key of a service, where it is not its name.
    pub(super) key: Option<Template>,
}

const MOST_SERVICES: usize = 100;
const LONGEST_NAME: usize = 80;

pub(super) fn asked(study: &Study<'_>, captured: &[(String, String)]) -> Asked {
    let docs: Vec<(usize, &Document)> =
        study.asks.iter().filter_map(|at| Some((*at, study.messages.get(*at)?.doc.as_ref()?))).collect();
    let Some((first, doc)) = docs.first().copied() else { return Asked::default() };
    let text = study.messages.get(first).map_or("", |message| message.text.as_str());
    let by_number = matches!(study.routed.as_ref().map(|routed| &routed.routing), Some(Routing::Id { .. }));
    let names = name_places(study);
    let params = params(study, &docs, &names);

    let mut holes: Vec<(String, Source)> = Vec::new();
    for leaf in &doc.leaves {
        let place = place(doc, &leaf.path, &names);
        let capture = captured.iter().find(|(value, _)| leaf.value.text() == Some(value));
        let source = if let Some((_, name)) = capture {
            Some(Source::Capture(name.clone()))
        } else if study.ids.contains(&leaf.path) {
            Some(if by_number { Source::SubId } else { Source::Id })
        } else if let Some(variable) = secret(study, leaf) {
            Some(Source::Env(variable))
        } else if let Some(now) = study.messages.get(first).and_then(|message| clock(&leaf.value, message.at)) {
            Some(now)
        } else {
            params.iter().find(|(at, _)| *at == place).map(|(_, name)| Source::Service(name.clone()))
        };
        holes.extend(source.map(|source| (leaf.path.clone(), source)));
    }
    let id = study.ids.first().and_then(|path| doc.leaf(path)).map(|leaf| match &leaf.value {
        Scalar::Number(_) | Scalar::Null | Scalar::Bool(_) => "number",
        Scalar::Text(text) if is_uuid(text) => "uuid",
        Scalar::Text(_) => "text",
    });
    let list = params.iter().find_map(|(place, _)| place.split_once("/*").map(|(list, _)| list.to_owned()));
    let (frame, share) = match list.as_deref().and_then(|list| doc.find(list)) {
        Some(list) => in_list(text, doc, (&list.path, study.joined.contains(&list.path)), &holes, &docs),
        None => (Some(fill(text, doc, &holes)), None),
    };
    let key = key(&params, &names);
    Asked { frame, share, id, services: services(study, &docs, &params, &names), params, key }
}

/// A frame for several services: what stands in its list (or in its text, if they are `joined`) is the share of one.
fn in_list(
    text: &str,
    doc: &Document,
    (list, joined): (&str, bool),
    holes: &[(String, Source)],
    docs: &[(usize, &Document)],
) -> (Option<Template>, Option<(Template, usize)>) {
    let most = docs.iter().filter_map(|(_, doc)| Some(doc.find(list)?.members.len())).max().unwrap_or(1);
    let Some(span) = doc.find(list).and_then(|found| Some(found.members.first()?.1.clone())) else {
        return (None, None);
    };
    let (Some(from), Some(to)) = (text.get(..span.start), doc.find(list).and_then(|l| Some(l.members.last()?.1.end)))
    else {
        return (None, None);
    };
    let (open, close) = if joined {
        (Some(span.start), Some(to))
    } else {
        (from.rfind('['), text.get(to..).and_then(|rest| rest.find(']')).map(|close| to + close + 1))
    };
    let (Some(open), Some(close)) = (open, close) else { return (None, None) };
    let shorten = |range: std::ops::Range<usize>| text.get(range).unwrap_or_default().to_owned();
    let outside: Vec<_> = holes.iter().filter(|(path, _)| !path.starts_with(&format!("{list}/"))).cloned().collect();
    let before = shorten(0..open);
    let after = shorten(close..text.len());
    let around = |part: &str| {
        // The parts around the list have holes of their own.
        let leaves: Vec<Leaf> =
            doc.leaves.iter().filter(|leaf| outside.iter().any(|(path, _)| *path == leaf.path)).cloned().collect();
        let shift = if part.len() == before.len() && part == before { 0 } else { close };
        let inside = |leaf: Leaf| {
            let start = leaf.span.start.checked_sub(shift)?;
            let end = leaf.span.end.checked_sub(shift)?;
            (end <= part.len()).then_some(Leaf { span: start..end, ..leaf })
        };
        let doc = Document { leaves: leaves.into_iter().filter_map(inside).collect(), ..Document::default() };
        fill(part, &doc, &outside).parts
    };
    let frame = [around(&before), vec![hole(Source::Args)], around(&after)].concat();
    let base = format!("{list}/0");
    if joined {
        let share = joined::share(text, doc, &base, &span, holes);
        return (Some(template(frame, true)), Some((share, most)));
    }
    let item = shorten(span);
    let inner: Vec<_> = holes
        .iter()
        .filter_map(|(path, source)| Some((path.strip_prefix(&*base)?.to_owned(), source.clone())))
        .collect();
    let share = Document::of(&item).map(|doc| (fill(&item, &doc, &inner), most));
    (Some(template(frame, true)), share)
}

/// Places of what names a service, in the order in which they are sent.
fn name_places(study: &Study<'_>) -> Vec<String> {
    match study.routed.as_ref().map(|routed| &routed.routing) {
        Some(Routing::Members { sent: Some(sent), .. }) => vec![sent.clone()],
        Some(Routing::Values { pairs, .. }) => pairs.iter().map(|(sent, _)| sent.clone()).collect(),
        Some(Routing::Members { sent: None, .. } | Routing::Id { .. } | Routing::Sid { .. } | Routing::Seen { .. })
        | None => Vec::new(),
    }
}

/// A place in a subscription: with a `*` where each item of its list names a service.
fn place(doc: &Document, path: &str, names: &[String]) -> String {
    let in_list = pattern(doc, path, true);
    if names.contains(&in_list) || names.iter().any(|name| same_list(name, &in_list)) {
        in_list
    } else {
        path.to_owned()
    }
}

fn same_list(one: &str, other: &str) -> bool {
    let list = |place: &str| place.split_once("/*").map(|(list, _)| list.to_owned());
    list(one).is_some() && list(one) == list(other)
}

/// What differs from subscription to subscription, and what names a service: each with the name of its parameter.
fn params(study: &Study<'_>, docs: &[(usize, &Document)], names: &[String]) -> Vec<(String, String)> {
    let mut values: BTreeMap<String, BTreeSet<&Scalar>> = BTreeMap::new();
    let mut order: Vec<String> = Vec::new();
    for (_, doc) in docs {
        for leaf in &doc.leaves {
            let place = place(doc, &leaf.path, names);
            if !order.contains(&place) {
                order.push(place.clone());
            }
            values.entry(place).or_default().insert(&leaf.value);
        }
    }
    let may = |place: &&String| {
        let differs = values.get(*place).is_some_and(|values| values.len() > 1);
        let own = !study.ids.contains(*place) && !study.fixed.contains(*place);
        (names.contains(*place) || differs) && own
    };
    let places: Vec<&String> = order.iter().filter(may).collect();
    if let [only] = places.as_slice() {
        let short = |value: &&Scalar| matches!(value, Scalar::Text(text) if text.len() <= LONGEST_NAME);
        let all_short = values.get(*only).is_some_and(|values| values.iter().all(short));
        if names.iter().all(|name| name == *only) && all_short {
            return vec![((*only).clone(), "name".to_owned())];
        }
    }
    let mut params: Vec<(String, String)> = Vec::new();
    for place in places {
        let base = param_name(&last(place));
        let mut name = base.clone();
        let mut number = 2;
        while params.iter().any(|(_, taken)| *taken == name) {
            name = format!("{base}{number}");
            number += 1;
        }
        params.push((place.clone(), name));
    }
    params
}

fn param_name(key: &str) -> String {
    let plain: String = key.chars().filter(|c| c.is_ascii_alphanumeric() || *c == '_').take(40).collect();
    let usable =
        plain.starts_with(|c: char| c.is_ascii_alphabetic()) && !["name", "enabled", "stale"].contains(&&*plain);
    if usable { plain } else { "topic".to_owned() }
}

/// Several values that name a service are its key together.
fn key(params: &[(String, String)], names: &[String]) -> Option<Template> {
    let mine: Vec<&String> =
        names.iter().filter_map(|place| params.iter().find(|(at, _)| at == place)).map(|(_, name)| name).collect();
    if mine.is_empty() || mine.iter().all(|name| *name == "name") {
        return None;
    }
    let mut parts = Vec::new();
    for (n, name) in mine.into_iter().enumerate() {
        if n > 0 {
            parts.push(Part::Text(":".to_owned()));
        }
        parts.push(hole(Source::Service(name.clone())));
    }
    Some(template(parts, false))
}

fn services(
    study: &Study<'_>,
    docs: &[(usize, &Document)],
    params: &[(String, String)],
    names: &[String],
) -> Vec<Service> {
    let mut services: Vec<Service> = Vec::new();
    for (_, doc) in docs {
        let lists = params.iter().find_map(|(place, _)| place.split_once("/*").map(|(list, _)| list.to_owned()));
        let count = lists.as_deref().and_then(|list| doc.find(list)).map_or(1, |list| list.members.len());
        for index in 0..count {
            let value = |place: &str| doc.leaf(&place.replacen("/*", &format!("/{index}"), 1)).map(|leaf| &leaf.value);
            let all: Vec<(String, Scalar)> =
                params.iter().filter_map(|(place, name)| Some((name.clone(), value(place)?.clone()))).collect();
            let words: Vec<&str> = names.iter().filter_map(|place| value(place)?.word()).collect();
            let number = study.ids.first().and_then(|id| doc.leaf(id)?.value.word()).map(str::to_owned);
            let name = match words.as_slice() {
                [] => {
                    let mine = all.iter().filter_map(|(_, value)| value.text());
                    let said = doc
                        .leaves
                        .iter()
                        .rev()
                        .filter(|leaf| !study.fixed.contains(&leaf.path) && !study.ids.contains(&leaf.path));
                    let said = said.filter_map(|leaf| leaf.value.text());
                    mine.chain(said).find(|word| (2..=40).contains(&word.len())).map(str::to_owned)
                }
                _ => Some(words.join(":")).filter(|name| name.len() <= LONGEST_NAME),
            };
            let name =
                name.filter(|name| !name.is_empty()).unwrap_or_else(|| format!("service {}", services.len() + 1));
            let taken = services.iter().any(|service| service.name == name);
            if taken && !words.is_empty() {
                continue;
            }
            let name = if taken { format!("{name} {}", services.len() + 1) } else { name };
            let params: Vec<_> = all.into_iter().filter(|(name, _)| name != "name").collect();
            // Asked for again, after a new login or on the next link.
            if services.iter().any(|known| known.number == number && known.params == params && !params.is_empty())
                || (taken && params.is_empty() && number.is_none())
            {
                continue;
            }
            if services.len() < MOST_SERVICES && !study.secrets.holds(&name) {
                services.push(Service { name, params, number });
            }
        }
    }
    services
}

fn secret(study: &Study<'_>, leaf: &Leaf) -> Option<String> {
    study
        .secrets
        .clone()
        .places(&Document { leaves: vec![leaf.clone()], ..Document::default() })
        .pop()
        .map(|(_, name)| name)
}

/// Something else that we sent: how to leave a service, a beat, an answer, a step of the login.
#[derive(Clone, Debug, Default)]
pub(super) struct Hints<'a> {
    /// Values that name services, and the parameters that hold them.
    pub(super) names: Vec<(String, String)>,
    /// Values that came in this message are taken from it.
    pub(super) answers: Option<&'a Document>,
    /// Values that were captured: the text, and the name of the capture.
    pub(super) captured: Vec<(String, String)>,
    /// The numbers of subscriptions, ours and the server's.
    pub(super) sub_ids: BTreeSet<String>,
    pub(super) sids: BTreeSet<String>,
}

/// A template of a message that we sent, and whether it is JSON.
pub(super) fn frame(study: &Study<'_>, at: usize, hints: &Hints<'_>) -> (Template, bool) {
    let Some(message) = study.messages.get(at) else { return (template(Vec::new(), false), false) };
    let Some(doc) = message.doc.as_ref().filter(|_| message.prefix.is_empty()) else {
        let text = format!("{}{}", message.prefix, study.secrets.hide(&message.text));
        return (study.secrets.clone().unmasked(&text), false);
    };
    let mut holes: Vec<(String, Source)> = Vec::new();
    for leaf in &doc.leaves {
        let word = leaf.value.word();
        let is = |known: &BTreeSet<String>| word.is_some_and(|word| known.contains(word));
        let named = |known: &[(String, String)]| {
            let found = known.iter().find(|(value, _)| word == Some(value.as_str()));
            found.map(|(_, name)| name.clone())
        };
        let id = is_id(&leaf.path, &leaf.value) || study.ids.contains(&leaf.path);
        let source = if let Some(name) = named(&hints.captured) {
            Some(Source::Capture(name))
        } else if let Some(variable) = secret(study, leaf) {
            Some(Source::Env(variable))
        } else if let Some(from) = hints.answers.and_then(|doc| came(doc, leaf)) {
            Some(from)
        } else if is(&hints.sids) {
            Some(Source::SubSid)
        } else if id && is(&hints.sub_ids) {
            Some(Source::SubId)
        } else if let Some(name) = named(&hints.names) {
            Some(Source::Service(name))
        } else if id {
            Some(Source::Id)
        } else {
            clock(&leaf.value, message.at)
        };
        holes.extend(source.map(|source| (leaf.path.clone(), source)));
    }
    (fill(&message.text, doc, &holes), true)
}

/// The place of a value in the message that this one answers; words that say what a message is are not taken from there.
fn came(doc: &Document, leaf: &Leaf) -> Option<Source> {
    let word = leaf.value.word()?;
    let telling = word.len() < 3 && !is_id(&leaf.path, &leaf.value);
    let pong = word.to_lowercase().contains("pong") || word.to_lowercase().contains("ping");
    if telling || pong {
        return None;
    }
    let place = doc.leaves.iter().find(|other| other.value == leaf.value)?;
    crate::profile::pointer::Pointer::parse(&place.path).ok().map(Source::Message)
}

/// What stands for a number that is the time, in milliseconds or seconds, at about that moment (in microseconds).
pub(super) fn clock(value: &Scalar, at: i64) -> Option<Source> {
    /// Before this a moment is one since the start of a recording.
    const CALENDAR: i64 = 1_000_000_000_000_000;
    let number = i64::try_from(value.integer()?).ok()?;
    let near = |unit: i64| number.checked_mul(unit).is_some_and(|micros| (micros - at).abs() < 60_000_000);
    match (at > CALENDAR, near(1000), near(1_000_000)) {
        (true, true, _) => Some(Source::NowMs),
        (true, false, true) => Some(Source::NowS),
        _ => None,
    }
}

/// Values that the server said in some message and that we said later: (message heard, place in it, value).
pub(super) fn captures(study: &Study<'_>) -> Vec<(usize, String, String)> {
    let mut found: Vec<(usize, String, String)> = Vec::new();
    for group in &study.said {
        let Some(doc) = group.members.first().and_then(|at| study.messages.get(*at)?.doc.as_ref()) else { continue };
        for leaf in &doc.leaves {
            let Some((at, place)) = reused(&study.messages, group, &leaf.path) else { continue };
            let Some(value) = leaf.value.text() else { continue };
            if !found.iter().any(|(.., known)| known == value) {
                found.push((at, place, value.to_owned()));
            }
        }
    }
    found
}
