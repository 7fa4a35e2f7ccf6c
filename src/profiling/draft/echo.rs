//! What we said and then heard: the names in our subscriptions that come back in messages, which is how a message is known
//! to belong to a service.

use std::collections::{BTreeMap, BTreeSet};

use super::cutting::Message;
use super::document::{Document, Leaf, Root};

/// How messages name their services.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Routing {
    /// Members of an object are called like the services.
    Members { at: String, sent: Option<String> },
    /// Values that were sent (place there, place here); the places here may be in the items of a list.
    Values { pairs: Vec<(String, String)>, each: Option<String> },
    /// The number of the request.
    Id { sent: String, heard: String },
    /// The server's own number, from the answer to a request.
    Sid { sent: String, answer: String, ack: String, heard: String },
    /// Nothing of it was sent.
    Seen { heard: String },
}

#[derive(Clone, Debug)]
pub(super) struct Routed {
    pub(super) routing: Routing,
    pub(super) evidence: String,
}

/// Places (`*` for the items of a list of objects) and how often they have a value that was sent.
#[derive(Default)]
struct Echo {
    /// By place of the value sent and place of the value heard: how often, and which values.
    hits: BTreeMap<(String, String), (usize, BTreeSet<String>)>,
    /// How many messages have a value there.
    there: BTreeMap<String, usize>,
}

const KEY: &str = "@key of ";

/// A place with the numbers of its list's items left out: of one list at most, and not of the message itself.
pub(super) fn pattern(doc: &Document, path: &str, lists_of_scalars: bool) -> String {
    let list = doc.boxes.iter().find(|list| {
        let inside = path.strip_prefix(&*list.path).is_some_and(|rest| rest.starts_with('/'));
        let alike = list.of == Some(Root::Object) || (lists_of_scalars && list.of == Some(Root::Scalar));
        list.root == Root::Array && !list.path.is_empty() && inside && alike
    });
    let Some(list) = list else { return path.to_owned() };
    let rest = path.get(list.path.len() + 1..).unwrap_or_default();
    let tail = rest.find('/').map_or("", |at| &rest[at..]);
    format!("{}/*{tail}", list.path)
}

/// `sent`: subscriptions; `ids`: places in them that hold the number of the request.
pub(super) fn route(
    messages: &[Message],
    sent: &[usize],
    heard: &[usize],
    fixed: &[String],
    ids: &[String],
) -> Option<Routed> {
    let asked: Vec<(&Message, &Document)> = docs(messages, sent).collect();
    let from = asked.first().map_or(i64::MIN, |(message, _)| message.at);
    let answers: Vec<(&Message, &Document)> = docs(messages, heard).filter(|(message, _)| message.at >= from).collect();
    if asked.is_empty() {
        return unasked(&answers);
    }
    let values = values(&asked, fixed, ids);
    let echo = echo(&values, &answers);
    let mut by_value = by_value(&asked, &values, &echo, answers.len(), ids);
    let by_number = by_number(&asked, &answers, &echo, ids);
    if let Some((hits, number)) = by_number
        && by_value.as_ref().is_none_or(|(named, _)| hits >= *named)
    {
        return Some(number);
    }
    by_value.take().map(|(_, named)| named).or_else(|| unasked(&answers))
}

fn docs<'a>(messages: &'a [Message], of: &'a [usize]) -> impl Iterator<Item = (&'a Message, &'a Document)> {
    of.iter().filter_map(|at| messages.get(*at)).filter_map(|message| Some((message, message.doc.as_ref()?)))
}

/// Values that may be names, and the places where they were sent.
fn values(asked: &[(&Message, &Document)], fixed: &[String], ids: &[String]) -> BTreeMap<String, BTreeSet<String>> {
    let mut values: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for (_, doc) in asked {
        for leaf in doc.leaves.iter().filter(|leaf| !fixed.contains(&leaf.path)) {
            let id = ids.contains(&leaf.path);
            let word = if id { leaf.value.word() } else { leaf.value.text() };
            if let Some(word) = word.filter(|word| !word.is_empty() && word.len() <= 512) {
                values.entry(word.to_owned()).or_default().insert(pattern(doc, &leaf.path, true));
            }
        }
    }
    values
}

fn echo(values: &BTreeMap<String, BTreeSet<String>>, answers: &[(&Message, &Document)]) -> Echo {
    let mut echo = Echo::default();
    for (_, doc) in answers {
        let mut once: BTreeSet<(String, String, String)> = BTreeSet::new();
        let mut places: BTreeSet<String> = BTreeSet::new();
        let mut see = |place: String, word: &str| {
            for sent in values.get(word).into_iter().flatten() {
                once.insert((sent.clone(), place.clone(), word.to_owned()));
            }
            places.insert(place);
        };
        for leaf in &doc.leaves {
            if let Some(word) = leaf.value.word() {
                see(pattern(doc, &leaf.path, false), word);
            }
        }
        for inner in doc.boxes.iter().filter(|inner| inner.root == Root::Object) {
            for (name, _) in &inner.members {
                see(format!("{KEY}{}", pattern(doc, &inner.path, false)), name);
            }
        }
        let mut counted: BTreeSet<(String, String)> = BTreeSet::new();
        for (sent, place, word) in once {
            let pair = (sent, place);
            let hits = echo.hits.entry(pair.clone()).or_default();
            hits.0 += usize::from(counted.insert(pair));
            hits.1.insert(word);
        }
        for place in places {
            *echo.there.entry(place).or_default() += 1;
        }
    }
    echo
}

/// The best place where a value that was sent comes back: often, for most of the values, and with little else there.
fn best(echo: &Echo, sent: &str, of: usize) -> Option<(usize, String)> {
    let candidates =
        echo.hits.iter().filter(|((from, _), _)| from == sent).filter_map(|((_, place), (hits, values))| {
            let there = echo.there.get(place).copied().unwrap_or(1).max(1);
            // What is there may be the names of other services too, but not mostly.
            let most = values.len() * 2 >= of || *hits >= of * 3;
            let enough = most && hits * 4 >= there;
            let lists = usize::from(place.contains("/*"));
            enough.then(|| (hits * 10 - lists, hits * 100 / there, std::cmp::Reverse(place.len()), *hits, place))
        });
    candidates.max().map(|(.., hits, place)| (hits, place.clone()))
}

fn by_value(
    asked: &[(&Message, &Document)],
    values: &BTreeMap<String, BTreeSet<String>>,
    echo: &Echo,
    all: usize,
    ids: &[String],
) -> Option<(usize, Routed)> {
    let mut of: BTreeMap<&str, usize> = BTreeMap::new();
    for place in values.values().flatten() {
        *of.entry(place).or_default() += 1;
    }
    let varies = |place: &str| of.get(place).copied().unwrap_or(0) > 1;
    let any_varies = of.keys().any(|place| varies(place) && !ids.iter().any(|id| id == place));
    let mut found: Vec<(usize, String, String)> = Vec::new();
    for (sent, count) in &of {
        if ids.iter().any(|id| id == sent) || (any_varies && !varies(sent)) {
            continue;
        }
        if let Some((hits, heard)) = best(echo, sent, *count) {
            found.push((hits, (*sent).to_owned(), heard));
        }
    }
    found.sort_by_key(|(hits, sent, _)| (std::cmp::Reverse(*hits), sent.len()));
    let (most, sent, heard) = found.first()?.clone();
    if let Some(at) = heard.strip_prefix(KEY) {
        let evidence = format!("the names that were sent are members of {most} of {all} received messages");
        return Some((most, Routed { routing: Routing::Members { at: at.to_owned(), sent: Some(sent) }, evidence }));
    }
    // Another value belongs to the name where it comes back as often.
    let mut pairs: Vec<(String, String)> = Vec::new();
    for (hits, sent, heard) in found {
        let taken = pairs.iter().any(|(from, place)| *place == heard || *from == sent);
        if !taken && hits * 3 >= most * 2 && !heard.starts_with(KEY) && pairs.len() < 4 {
            pairs.push((sent, heard));
        }
    }
    // In the order in which they are sent.
    let order = |place: &String| {
        let at = |(_, doc): &(&Message, &Document)| {
            doc.leaves.iter().position(|leaf| pattern(doc, &leaf.path, true) == *place)
        };
        asked.iter().find_map(at)
    };
    pairs.sort_by_key(|(sent, _)| order(sent));
    let lists: BTreeSet<&str> = pairs.iter().filter_map(|(_, heard)| Some(heard.split_once("/*")?.0)).collect();
    let each = if lists.len() == 1 { lists.first().map(|list| (*list).to_owned()) } else { None };
    if each.is_none() {
        pairs.retain(|(_, heard)| !heard.contains("/*"));
    }
    let evidence = format!("values that were sent come back there in {most} of {all} received messages");
    (!pairs.is_empty()).then_some((most, Routed { routing: Routing::Values { pairs, each }, evidence }))
}

fn by_number(
    asked: &[(&Message, &Document)],
    answers: &[(&Message, &Document)],
    echo: &Echo,
    ids: &[String],
) -> Option<(usize, Routed)> {
    let all = answers.len();
    let mut found: Vec<(usize, Routed)> = Vec::new();
    for sent in ids {
        let words: BTreeSet<&str> = asked.iter().filter_map(|(_, doc)| doc.leaf(sent)?.value.word()).collect();
        let Some((hits, heard)) =
            best(echo, sent, words.len()).filter(|(_, heard)| !heard.starts_with(KEY) && !heard.contains("/*"))
        else {
            continue;
        };
        if hits > words.len() * 2 {
            let evidence = format!("the number of the request comes back there in {hits} of {all} received messages");
            found.push((hits, Routed { routing: Routing::Id { sent: sent.clone(), heard: heard.clone() }, evidence }));
        }
        // An answer to the request may bring a number of the server's own, which later messages have.
        let acks: Vec<_> = answers
            .iter()
            .filter(|(_, doc)| {
                doc.leaf(&heard).and_then(|leaf| leaf.value.word()).is_some_and(|word| words.contains(word))
            })
            .collect();
        if let Some((hits, ack, at)) = own_numbers(&acks, answers, &heard)
            && hits > words.len()
        {
            let evidence = format!("the answer to a request brings it, and {hits} of {all} received messages have it");
            let routing = Routing::Sid { sent: sent.clone(), answer: heard, ack, heard: at };
            found.push((hits, Routed { routing, evidence }));
        }
    }
    found.into_iter().max_by_key(|(hits, _)| *hits)
}

/// A value that answers bring, each its own, and the place where later messages have it.
fn own_numbers(
    acks: &[&(&Message, &Document)],
    answers: &[(&Message, &Document)],
    id: &str,
) -> Option<(usize, String, String)> {
    let may = |leaf: &&Leaf| leaf.path != id && leaf.value.word().is_some_and(|word| !word.is_empty());
    // Of each request the first answer.
    let mut numbers: BTreeSet<&str> = BTreeSet::new();
    let mut firsts: Vec<&Document> = Vec::new();
    for (_, doc) in acks {
        if doc.leaf(id).and_then(|leaf| leaf.value.word()).is_some_and(|word| numbers.insert(word)) {
            firsts.push(doc);
        }
    }
    let mut places: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for leaf in firsts.iter().flat_map(|doc| doc.leaves.iter().filter(may)) {
        places.entry(&leaf.path).or_default().extend(leaf.value.word());
    }
    let mut best: Option<(usize, String, String)> = None;
    for (place, all) in places {
        let words: BTreeSet<&str> = all.iter().copied().collect();
        if words.len() < all.len() || place == id {
            continue;
        }
        let mut hits: BTreeMap<&str, (usize, BTreeSet<&str>)> = BTreeMap::new();
        for (_, doc) in answers.iter().filter(|(_, doc)| doc.leaf(place).is_none()) {
            for leaf in doc.leaves.iter().filter(|leaf| leaf.value.word().is_some_and(|word| words.contains(word))) {
                let hit = hits.entry(&leaf.path).or_default();
                hit.0 += 1;
                hit.1.extend(leaf.value.word());
            }
        }
        let heard = hits.into_iter().filter(|(_, (_, found))| found.len() * 2 >= words.len().min(4));
        if let Some((heard, (count, _))) = heard.max_by_key(|(_, (count, _))| *count)
            && best.as_ref().is_none_or(|(most, ..)| count > *most)
        {
            best = Some((count, place.to_owned(), heard.to_owned()));
        }
    }
    best
}

/// What the place of a service's name is called.
const NAMES: [&str; 16] = [
    "service",
    "channel",
    "topic",
    "stream",
    "subject",
    "room",
    "symbol",
    "product_id",
    "instid",
    "pair",
    "destination",
    "identifier",
    "subscription",
    "s",
    "ch",
    "market",
];

/// Members that are called like services, where nobody asked for them: objects of objects, whatever their names.
fn unasked(answers: &[(&Message, &Document)]) -> Option<Routed> {
    let all = answers.len();
    let like = |doc: &Document| {
        doc.find("")
            .is_some_and(|root| root.root == Root::Object && root.of == Some(Root::Object) && !root.members.is_empty())
    };
    let with: Vec<_> = answers.iter().filter(|(_, doc)| like(doc)).collect();
    let names: BTreeSet<&str> = with.iter().flat_map(|(_, doc)| doc.keys()).collect();
    let several = with.iter().any(|(_, doc)| doc.keys().count() > 1);
    if with.len() >= 3 && with.len() * 2 > all && names.len() > 1 && (several || with.len() > names.len() * 2) {
        let evidence =
            format!("{} of {all} received messages are objects of objects, with {} names", with.len(), names.len());
        return Some(Routed { routing: Routing::Members { at: String::new(), sent: None }, evidence });
    }
    let mut places: BTreeMap<&str, (usize, BTreeSet<&str>)> = BTreeMap::new();
    for leaf in answers.iter().flat_map(|(_, doc)| &doc.leaves).filter(|leaf| super::groups::depth(&leaf.path) <= 2) {
        let key = super::document::last(&leaf.path).to_lowercase();
        if let Some(text) = leaf.value.text().filter(|_| NAMES.contains(&&*key)) {
            let place = places.entry(&leaf.path).or_default();
            place.0 += 1;
            if place.1.len() < 200 {
                place.1.insert(text);
            }
        }
    }
    let best = places.into_iter().filter(|(_, (hits, names))| hits * 2 >= all && names.len() < 100);
    let (heard, (hits, names)) = best.max_by_key(|(path, (hits, _))| (*hits, std::cmp::Reverse(path.len())))?;
    let evidence = format!("{hits} of {all} received messages have it, with {} different values", names.len());
    Some(Routed { routing: Routing::Seen { heard: heard.to_owned() }, evidence })
}
