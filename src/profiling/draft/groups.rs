//! Messages that are of one kind, told apart by the word in them that says what they are (`type`, `op`, `event` ..).

use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

use regex::Regex;

use super::cutting::Message;
use super::document::{Document, Leaf, Root, Scalar, last};

/// Messages of one kind.
#[derive(Clone, Debug)]
pub(super) struct Group {
    /// Where the words stand that tell it apart, and what they are.
    pub(super) words: Vec<(String, Scalar)>,
    /// The same as one text, for a look at what it may mean.
    pub(super) verb: String,
    /// Indexes of messages, in order.
    pub(super) members: Vec<usize>,
}

/// Members that tell what a message is, in most protocols.
const TELLING: &[&str] = &[
    "type",
    "op",
    "event",
    "method",
    "action",
    "cmd",
    "command",
    "msg",
    "message_type",
    "messagetype",
    "msgtype",
    "msg_type",
    "kind",
    "func",
    "request",
    "req",
    "evt",
    "e",
    "t",
    "opcode",
    "operation",
    "messageid",
    "subject",
];
/// More different words than this are no kinds.
const MOST_WORDS: usize = 24;
const MOST_GROUPS: usize = 64;
/// A text that is not JSON is a kind of its own up to this length.
const SHORT: usize = 64;

/// What a word may mean.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Sense {
    Beat,
    Leave,
    Ask,
    Login,
    Bad,
    Yes,
    Whole,
    Unknown,
}

/// The first that fits.
const SENSES: [(Sense, &str); 7] = [
    (
        Sense::Bad,
        r"(?i)\b(err|error|fail|failed|failure|reject|rejected|invalid|denied|nack|exception)|reject|_error|_invalid",
    ),
    (Sense::Beat, r"(?i)ping|pong|heart|beat|keep_?alive|^hb$|^h$"),
    (Sense::Leave, r"(?i)unsub|un_sub|leave|unlisten|unwatch|remove|^close$|^stop$|complete|cancel|detach|part$"),
    (Sense::Yes, r"(?i)confirm|ack$|^ok$|subscribed|joined|success|result|reply|response|ready"),
    (Sense::Ask, r"(?i)sub|join|listen|watch|^req$|^start$|attach|follow|open_?channel"),
    (Sense::Login, r"(?i)auth|login|logon|init|hello|identify|handshake|connect|token|register|boot|welcome|session"),
    (Sense::Whole, r"(?i)snapshot|partial|full|image"),
];

/// They are made once: every word of every message is looked at.
static MEANINGS: LazyLock<Vec<(Sense, Regex)>> =
    LazyLock::new(|| SENSES.iter().filter_map(|(sense, pattern)| Some((*sense, Regex::new(pattern).ok()?))).collect());

pub(super) fn sense(word: &str) -> Sense {
    MEANINGS.iter().find(|(_, pattern)| pattern.is_match(word)).map_or(Sense::Unknown, |(sense, _)| *sense)
}

impl Group {
    pub(super) fn sense(&self) -> Sense {
        sense(&self.verb)
    }
}

/// Groups in the order of their first messages.
pub(super) fn group(messages: &[Message], of: &[usize], members_at: Option<&str>) -> Vec<Group> {
    let telling = telling(messages, of);
    let mut groups: Vec<(String, Group)> = Vec::new();
    let mut places: BTreeMap<String, usize> = BTreeMap::new();
    for at in of.iter().copied() {
        let Some(message) = messages.get(at) else { continue };
        let (mark, words, verb) = mark(message, &telling, members_at);
        let place = match places.get(&mark) {
            Some(place) => *place,
            None if groups.len() < MOST_GROUPS => {
                places.insert(mark.clone(), groups.len());
                groups.push((mark, Group { words, verb, members: Vec::new() }));
                groups.len() - 1
            }
            None => continue,
        };
        if let Some((_, group)) = groups.get_mut(place) {
            group.members.push(at);
        }
    }
    groups.into_iter().map(|(_, group)| group).collect()
}

fn mark(message: &Message, telling: &[String], members_at: Option<&str>) -> (String, Vec<(String, Scalar)>, String) {
    let before: String = message.prefix.chars().take(2).collect();
    let Some(doc) = message.doc.as_ref().filter(|doc| doc.root != Root::Scalar) else {
        let text: String = message.text.chars().take(SHORT).collect();
        let plain = message.text.len() <= SHORT && !message.text.contains(|c: char| c.is_control());
        let kind = if plain { text } else { "(other text)".to_owned() };
        let verb = if kind.is_empty() { before.clone() } else { kind.clone() };
        return (format!("{before}#{kind}"), Vec::new(), verb);
    };
    let words: Vec<_> =
        telling.iter().filter_map(|path| doc.leaf(path)).map(|leaf| (leaf.path.clone(), leaf.value.clone())).collect();
    let mut verb = words.iter().filter_map(|(_, value)| value.word()).collect::<Vec<_>>().join(" ");
    let mut mark = format!("{before}{words:?}");
    // An empty word says nothing (Gate has one in its pongs).
    if verb.trim().is_empty() {
        // Without such a word the members that it has tell it apart.
        let keys: BTreeSet<&str> = doc.keys().take(12).collect();
        verb = keys.iter().copied().collect::<Vec<_>>().join(" ");
        if members_at == Some("") && !keys.is_empty() {
            "members".clone_into(&mut verb);
        }
        // A beat may say so in a member of any name, and hardly says more.
        let beats = doc.leaves.iter().filter(|leaf| depth(&leaf.path) == 1).filter_map(|leaf| leaf.value.text());
        let says = |leaf: &&Leaf| leaf.value != Scalar::Null && leaf.value.text() != Some("");
        if doc.leaves.iter().filter(says).count() <= 3
            && let Some(word) = beats.into_iter().find(|word| word.len() < 40 && sense(word) == Sense::Beat)
        {
            verb = format!("{verb} {word}");
        }
        mark.push_str(&verb);
    }
    (mark, words, verb)
}

/// Where messages have the words that tell them apart.
fn telling(messages: &[Message], of: &[usize]) -> Vec<String> {
    let mut seen: BTreeMap<&str, (BTreeSet<&Scalar>, usize, usize)> = BTreeMap::new();
    let docs: Vec<&Document> = of.iter().filter_map(|at| messages.get(*at)?.doc.as_ref()).collect();
    for leaf in docs.iter().flat_map(|doc| &doc.leaves).filter(|leaf| depth(&leaf.path) <= 2) {
        let counts = seen.entry(&leaf.path).or_default();
        if counts.0.len() <= MOST_WORDS {
            counts.0.insert(&leaf.value);
        }
        counts.1 += 1;
        counts.2 += usize::from(leaf.value.text().is_some_and(|text| sense(text) != Sense::Unknown && text.len() < 40));
    }
    let arrays = docs.iter().filter(|doc| doc.root == Root::Array).count();
    let tells = |path: &str, (values, count, meaning): &(BTreeSet<&Scalar>, usize, usize)| {
        let key = last(path).to_lowercase();
        let words = values.iter().all(|value| match value {
            Scalar::Text(text) => (!text.is_empty() || values.len() > 1) && text.len() < 60,
            Scalar::Number(digits) => digits.len() <= 5 && !["e", "t"].contains(&&*key),
            Scalar::Null | Scalar::Bool(_) => false,
        });
        let named = TELLING.contains(&&*key) && values.iter().all(|value| depth(path) == 1 || value.text().is_some());
        let by_place = arrays * 2 > docs.len() && depth(path) == 1 && key.bytes().all(|b| b.is_ascii_digit());
        let digits = values.iter().all(|value| matches!(value, Scalar::Number(digits) if digits.len() == 1));
        let repeated = values.len() < *count || *count <= 4;
        let spelled = values.iter().all(|value| {
            value.text().is_some_and(|text| {
                text.len() > 1 && text.bytes().all(|b| b.is_ascii_alphabetic() || b"_-#:".contains(&b))
            })
        });
        let first = key == "0" && (digits || (spelled && values.len() <= 10 && (values.len() < *count || *count < 4)));
        let placed = by_place && (meaning * 2 >= *count || first);
        words && values.len() <= MOST_WORDS && ((named && repeated) || placed || (meaning * 2 > *count && named))
    };
    let mut all: Vec<_> =
        seen.iter().filter(|(path, counts)| tells(path, counts)).map(|(path, _)| (*path).to_owned()).collect();
    if all.is_empty() {
        // Whatever it is called: words that mean something, in most messages.
        let means = |(values, count, meaning): &(BTreeSet<&Scalar>, usize, usize)| {
            meaning * 2 > *count && count * 2 > docs.len() && values.len() <= MOST_WORDS && *count > 2
        };
        all.extend(seen.iter().filter(|(_, counts)| means(counts)).map(|(path, _)| (*path).to_owned()));
    }
    // A word deep inside tells something of its own, where the message itself says what it is.
    let top: Vec<_> = all.iter().filter(|path| depth(path) == 1).cloned().collect();
    if top.is_empty() { all } else { top }
}

pub(super) fn depth(path: &str) -> usize {
    path.matches('/').count()
}

/// Conditions that hold for all of `these` and for none of `others`, as JSON pointers and TOML values.
pub(super) fn distinguish(messages: &[Message], these: &[usize], others: &[usize]) -> Option<Vec<(String, String)>> {
    let get = |at: &usize| messages.get(*at);
    let mine: Vec<&Message> = these.iter().filter_map(get).collect();
    let rest: Vec<&Message> = others.iter().filter_map(get).collect();
    let first = mine.first()?;
    let is_plain = |message: &&Message| message.doc.as_ref().is_none_or(|doc| doc.root == Root::Scalar);
    if is_plain(first) && first.prefix.is_empty() {
        let same = mine.iter().all(|message| message.text == first.text && message.prefix.is_empty());
        let unlike = rest.iter().all(|message| message.text != first.text);
        return (same && unlike).then(|| vec![("#text".to_owned(), super::super::writing::quote(&first.text))]);
    }
    if is_plain(first) {
        let start = first.prefix.chars().next()?;
        let like = |message: &&Message| message.prefix.starts_with(start);
        let own = mine.iter().all(like) && !rest.iter().any(like);
        return own.then(|| vec![("#prefix.eio".to_owned(), super::super::writing::quote(&start.to_string()))]);
    }
    let doc = first.doc.as_ref()?;
    if let Some(words) = one_of(&mine, &rest) {
        return Some(vec![words]);
    }
    // Each condition with those of the others for which it holds too.
    let mut may: Vec<(String, String, Vec<usize>)> = Vec::new();
    let mut offer = |path: &str, value: String, holds: &dyn Fn(&Document) -> bool| {
        if mine.iter().all(|message| message.doc.as_ref().is_some_and(holds)) {
            let wrong = (0..rest.len()).filter(|at| rest[*at].doc.as_ref().is_some_and(holds)).collect();
            may.push((path.to_owned(), value, wrong));
        }
    };
    let mut leaves: Vec<_> = doc.leaves.iter().filter(|leaf| depth(&leaf.path) <= 3).take(40).collect();
    leaves.sort_by_key(|leaf| (!TELLING.contains(&&*last(&leaf.path).to_lowercase()), depth(&leaf.path)));
    for leaf in &leaves {
        // The number of a request is another next time.
        if super::talk::is_id(&leaf.path, &leaf.value) && mine.len() < 3 {
            continue;
        }
        let value = match &leaf.value {
            Scalar::Text(text) if text.len() < 80 => super::super::writing::quote(text),
            Scalar::Number(digits) if digits.len() < 7 && !digits.contains(['e', 'E', '.']) => digits.clone(),
            Scalar::Bool(bool) => bool.to_string(),
            Scalar::Null => "{ null = true }".to_owned(),
            Scalar::Text(_) | Scalar::Number(_) => continue,
        };
        offer(&leaf.path, value, &|doc| doc.leaf(&leaf.path).is_some_and(|other| other.value == leaf.value));
    }
    let there = |doc: &Document, path: &str| doc.leaf(path).is_some() || doc.find(path).is_some();
    let places = leaves.iter().map(|leaf| leaf.path.as_str());
    let boxes = doc.boxes.iter().map(|inner| inner.path.as_str()).filter(|path| !path.is_empty() && depth(path) <= 2);
    for path in places.chain(boxes) {
        offer(path, "{ exists = true }".to_owned(), &|doc| there(doc, path));
    }
    if let Some((path, value, _)) = may.iter().find(|(_, _, wrong)| wrong.is_empty()) {
        return Some(vec![(path.clone(), value.clone())]);
    }
    for (n, one) in may.iter().enumerate() {
        let two = may.iter().skip(n + 1).find(|two| two.0 != one.0 && !one.2.iter().any(|at| two.2.contains(at)));
        if let Some(two) = two {
            return Some(vec![(one.0.clone(), one.1.clone()), (two.0.clone(), two.1.clone())]);
        }
    }
    None
}

/// A place that says what a message is, and all that it says in these and in none of the others.
fn one_of(mine: &[&Message], rest: &[&Message]) -> Option<(String, String)> {
    let doc = mine.first()?.doc.as_ref()?;
    let telling = |path: &str| depth(path) == 1 && (TELLING.contains(&&*last(path).to_lowercase()) || path == "/0");
    doc.leaves.iter().map(|leaf| leaf.path.as_str()).filter(|path| telling(path)).find_map(|path| {
        let word = |message: &&Message| message.doc.as_ref()?.leaf(path)?.value.text().map(str::to_owned);
        let words: BTreeSet<String> = mine.iter().map(word).collect::<Option<_>>()?;
        let odd = |text: &String| text.is_empty() || text.len() > 60;
        let taken = rest.iter().filter_map(word).any(|other| words.contains(&other));
        if words.len() > 6 || words.iter().any(odd) || taken {
            return None;
        }
        let list: Vec<_> = words.iter().map(|word| super::super::writing::quote(word)).collect();
        let value = if let [one] = list.as_slice() { one.clone() } else { format!("[{}]", list.join(", ")) };
        Some((path.to_owned(), value))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_have_their_senses() {
        assert_eq!(MEANINGS.len(), SENSES.len());
        let senses =
            ["HEART_BEAT", "unsub", "subscribe", "phx_join", "auth", "auth_invalid", "subscribed", "snapshot", "tick"];
        let wanted = [
            Sense::Beat,
            Sense::Leave,
            Sense::Ask,
            Sense::Ask,
            Sense::Login,
            Sense::Bad,
            Sense::Yes,
            Sense::Whole,
            Sense::Unknown,
        ];
        assert_eq!(senses.map(sense), wanted);
    }
}
