//! All guesses about a connection, in the order in which one rests on the other. What is written of them is not known here.

use std::collections::{BTreeMap, BTreeSet};

use super::cutting::{Cutting, Message, cut};
use super::document::{Document, Scalar, last};
use super::echo::{self, Routed, Routing};
use super::groups::{Group, Sense, group, sense};
use super::joined;
use super::numbers::{Counted, Row, Timed, counted, timed};
use super::read::Conn;
use super::said::clock;
use super::secrets::Secrets;
use super::talk::{Role, is_id, reused, roles};
use crate::event::Kind;

#[derive(Debug)]
pub(super) struct Study<'a> {
    pub(super) conn: &'a Conn,
    pub(super) cutting: Cutting,
    pub(super) messages: Vec<Message>,
    pub(super) heard: Vec<usize>,
    /// Places of JSON in strings, with the evidence.
    pub(super) nested: Vec<(String, String)>,
    /// Places of several names in one text.
    pub(super) joined: Vec<String>,
    pub(super) said: Vec<Group>,
    pub(super) roles: Vec<Role>,
    pub(super) kinds: Vec<Heard>,
    /// The subscriptions that are alike, the places of the request's number in them, and of what tells them apart.
    pub(super) asks: Vec<usize>,
    pub(super) ids: Vec<String>,
    pub(super) fixed: Vec<String>,
    pub(super) routed: Option<Routed>,
    pub(super) rows: Vec<Row>,
    pub(super) counted: Option<Counted>,
    pub(super) timed: Option<Timed>,
    pub(super) secrets: Secrets,
}

/// A kind of message that came.
#[derive(Debug)]
pub(super) struct Heard {
    pub(super) group: Group,
    pub(super) kind: Kind,
    /// How many of them are rows of services.
    pub(super) data: usize,
    /// Nothing is known of it but that it came.
    pub(super) unknown: bool,
}

/// Such a message says yes or no within this after a request, in microseconds.
const SOON: i64 = 5_000_000;

pub(super) fn study(conn: &Conn) -> Study<'_> {
    let (cutting, mut messages) = cut(conn);
    let nested = open_nested(&mut messages);
    let joined = joined::spread(&mut messages);
    let split = |out: bool| (0..messages.len()).filter(|at| messages[*at].out == out).collect::<Vec<_>>();
    let (sent, heard) = (split(true), split(false));
    let said = group(&messages, &sent, None);
    let mut secrets = Secrets::default();
    let mut study = Study {
        conn,
        nested,
        joined,
        roles: Vec::new(),
        kinds: Vec::new(),
        asks: Vec::new(),
        ids: Vec::new(),
        fixed: Vec::new(),
        routed: None,
        rows: Vec::new(),
        counted: None,
        timed: None,
        secrets: Secrets::default(),
        cutting,
        heard,
        said,
        messages,
    };
    for message in study.messages.iter().filter(|message| message.out) {
        match &message.doc {
            Some(doc) => drop(secrets.places(doc)),
            None => drop(secrets.unmasked(&message.text)),
        }
    }
    for message in study.messages.iter().filter(|message| !message.out) {
        message.doc.iter().for_each(|doc| secrets.learn(doc));
    }
    study.secrets = secrets;
    study.subscriptions();
    let members_at = match study.routed.as_ref().map(|routed| &routed.routing) {
        Some(Routing::Members { at, .. }) => Some(at.clone()),
        _ => None,
    };
    let kinds = group(&study.messages, &study.heard, members_at.as_deref());
    study.rows = study.all_rows();
    let with_rows: BTreeSet<usize> = study.rows.iter().map(|row| row.message).collect();
    let data: BTreeSet<usize> = kinds
        .iter()
        .filter(|kind| !study.is_ack(kind))
        .flat_map(|kind| &kind.members)
        .copied()
        .filter(|at| with_rows.contains(at))
        .collect();
    study.roles = roles(&study.messages, &study.said, &kinds, &data);
    study.kinds = study.judged(kinds, &data);
    let data_rows: Vec<Row> = study.rows.iter().filter(|row| data.contains(&row.message)).cloned().collect();
    study.counted = counted(&data_rows);
    let wall = conn.frames.first().is_some_and(|frame| frame.at > 1_000_000_000_000_000);
    study.timed = timed(&data_rows, wall);
    study
}

impl Study<'_> {
    /// The kind of what we sent that asks for services, and how messages name them.
    fn subscriptions(&mut self) {
        let mut candidates: Vec<(usize, usize)> = Vec::new();
        for (at, group) in self.said.iter().enumerate() {
            let rank = match group.sense() {
                Sense::Ask => 2,
                Sense::Unknown | Sense::Login | Sense::Whole | Sense::Yes => 1,
                Sense::Beat | Sense::Leave | Sense::Bad => continue,
            };
            candidates.push((rank, at));
        }
        candidates
            .sort_by_key(|(rank, at)| (std::cmp::Reverse(*rank), std::cmp::Reverse(self.said[*at].members.len())));
        let asks = candidates.iter().any(|(rank, _)| *rank == 2);
        for (rank, at) in candidates {
            // Something that does not look like a question may be one only if what it says comes back.
            let alike = self.alike(&self.said[at].members);
            let fixed = self.fixed_places(at, &alike);
            let ids = self.id_places(&alike);
            let routed = echo::route(&self.messages, &alike, &self.heard, &fixed, &ids);
            let routed =
                routed.map(|routed| (routed, self.is_pure(&ids))).and_then(|(routed, pure)| match &routed.routing {
                    Routing::Id { heard, .. } if !pure(heard) => echo::route(
                        &self.messages,
                        &alike,
                        &self.heard,
                        &[fixed.as_slice(), ids.as_slice()].concat(),
                        &[],
                    ),
                    Routing::Id { .. }
                    | Routing::Members { .. }
                    | Routing::Values { .. }
                    | Routing::Sid { .. }
                    | Routing::Seen { .. } => Some(routed),
                });
            let strong = routed.as_ref().is_some_and(|routed| {
                !matches!(routed.routing, Routing::Seen { .. } | Routing::Members { sent: None, .. })
            });
            if (rank == 2 && (strong || self.routed.is_none() && self.asks.is_empty()))
                || (!asks && strong && alike.len() > 1)
            {
                (self.asks, self.fixed, self.ids, self.routed) = (alike, fixed, ids, routed);
                if strong {
                    return;
                }
            }
        }
        if self.routed.is_none() {
            self.routed = echo::route(&self.messages, &[], &self.heard, &[], &[]);
        }
    }

    /// Whether the numbers at a place are mostly numbers of our requests, whatever they asked for.
    fn is_pure(&self, ids: &[String]) -> impl Fn(&str) -> bool {
        let said = self.messages.iter().filter(|message| message.out).filter_map(|message| message.doc.as_ref());
        let words: BTreeSet<&str> =
            said.flat_map(|doc| ids.iter().filter_map(|id| doc.leaf(id)?.value.word())).collect();
        move |place: &str| {
            let heard = self.heard.iter().filter_map(|at| self.messages.get(*at)?.doc.as_ref());
            let there: Vec<&str> = heard.filter_map(|doc| doc.leaf(place)?.value.word()).collect();
            let ours = there.iter().filter(|word| words.contains(**word)).count();
            ours * 10 >= there.len() * 8
        }
    }

    /// Of some messages those of the most usual form.
    fn alike(&self, of: &[usize]) -> Vec<usize> {
        let form = |at: &usize| {
            let doc = self.messages.get(*at)?.doc.as_ref()?;
            Some(
                doc.leaves
                    .iter()
                    .map(|leaf| (echo::pattern(doc, &leaf.path, true), leaf.value.kind()))
                    .collect::<BTreeSet<_>>(),
            )
        };
        let forms: Vec<_> = of.iter().map(form).collect();
        let usual =
            forms.iter().flatten().max_by_key(|form| forms.iter().flatten().filter(|other| other == form).count());
        let Some(usual) = usual else { return Vec::new() };
        of.iter().zip(&forms).filter(|(_, form)| form.as_ref() == Some(usual)).map(|(at, _)| *at).collect()
    }

    fn fixed_places(&self, group: usize, alike: &[usize]) -> Vec<String> {
        let mut fixed: Vec<String> = self.said[group].words.iter().map(|(path, _)| path.clone()).collect();
        let mut secrets = self.secrets.clone();
        let docs = alike.iter().filter_map(|at| self.messages.get(*at)?.doc.as_ref());
        fixed.extend(docs.flat_map(|doc| secrets.places(doc)).map(|(path, _)| path));
        // What the server had said before we did is no name of ours.
        let first = alike.first().and_then(|at| self.messages.get(*at)?.doc.as_ref());
        for leaf in first.iter().flat_map(|doc| &doc.leaves) {
            if reused(&self.messages, &self.said[group], &leaf.path).is_some() {
                fixed.push(leaf.path.clone());
            }
            // Nor is the time at which it was said.
            let said = || alike.iter().filter_map(|at| self.messages.get(*at));
            let is_time = said().all(|message| {
                let leaf = message.doc.as_ref().and_then(|doc| doc.leaf(&leaf.path));
                leaf.is_some_and(|leaf| clock(&leaf.value, message.at).is_some())
            });
            if is_time {
                fixed.push(leaf.path.clone());
            }
        }
        fixed.dedup();
        fixed
    }

    /// Places of the number of a request: called so, and different each time.
    fn id_places(&self, alike: &[usize]) -> Vec<String> {
        let docs: Vec<&Document> = alike.iter().filter_map(|at| self.messages.get(*at)?.doc.as_ref()).collect();
        let Some(first) = docs.first() else { return Vec::new() };
        let unique = |path: &str| {
            let all: Vec<_> = docs.iter().filter_map(|doc| doc.leaf(path)).map(|leaf| &leaf.value).collect();
            all.len() == docs.len() && runs(&all) * 2 <= all.len().max(2)
        };
        let may = first.leaves.iter().filter(|leaf| is_id(&leaf.path, &leaf.value) && unique(&leaf.path));
        may.map(|leaf| leaf.path.clone()).collect()
    }

    /// Where the answer to a request repeats its number, if it does.
    pub(super) fn answered_at(&self, kind: &Group) -> Option<String> {
        let words: BTreeSet<&str> = self
            .messages
            .iter()
            .filter(|message| message.out)
            .filter_map(|message| message.doc.as_ref())
            .flat_map(|doc| self.ids.iter().filter_map(|id| doc.leaf(id)?.value.word()))
            .collect();
        let first = self.messages.get(*kind.members.first()?)?.doc.as_ref()?;
        // Now and then one answers something that was said in another form.
        let repeats = |path: &str| {
            let word = |at: &usize| self.messages.get(*at)?.doc.as_ref()?.leaf(path)?.value.word();
            let known = kind.members.iter().filter(|at| word(at).is_some_and(|word| words.contains(word))).count();
            known * 10 >= kind.members.len() * 7
        };
        let like_id = |path: &&String| {
            self.ids.iter().any(|id| last(id) == last(path)) || is_id(path, &Scalar::Number(String::new()))
        };
        let may: Vec<&String> = first.leaves.iter().map(|leaf| &leaf.path).filter(|path| repeats(path)).collect();
        may.iter().find(|path| like_id(path)).or(may.first()).map(|path| (*path).clone())
    }

    /// Whether it is the yes (or the no) to a request: it comes right after one, and is not more frequent.
    fn is_ack(&self, kind: &Group) -> bool {
        let numbered = self.answered_at(kind).is_some();
        let asks = |group: &&Group| {
            matches!(group.sense(), Sense::Ask | Sense::Leave) || group.members.iter().any(|at| self.asks.contains(at))
        };
        let asking = self.said.iter().filter(|group| numbered || asks(group));
        let wishes: Vec<i64> =
            asking.flat_map(|group| group.members.iter().filter_map(|at| Some(self.messages.get(*at)?.at))).collect();
        let after = |at: &usize| {
            let time = self.messages.get(*at).map_or(i64::MIN, |message| message.at);
            wishes.iter().any(|wish| (0..=SOON).contains(&time.saturating_sub(*wish)))
        };
        // A yes comes once for each service, and again when it is left; data come more often.
        let mut often: BTreeMap<String, usize> = BTreeMap::new();
        for key in kind.members.iter().flat_map(|at| self.rows_of(*at)).filter_map(|row| row.key) {
            *often.entry(key).or_default() += 1;
        }
        let rare = numbered || often.values().all(|count| *count <= 2);
        let says = matches!(kind.sense(), Sense::Yes | Sense::Ask | Sense::Leave | Sense::Bad);
        let few = kind.members.len() <= wishes.len().saturating_mul(if numbered { 1 } else { 4 });
        few && rare && kind.members.iter().all(after) && (says || numbered)
    }

    fn judged(&self, kinds: Vec<Group>, data: &BTreeSet<usize>) -> Vec<Heard> {
        let first_ask = self.asks.first().copied().or_else(|| data.iter().next().copied()).unwrap_or(usize::MAX);
        let names = self.names();
        let judge = |(at, group): (usize, Group)| {
            // What names no service that was asked for, while others do, is something else.
            let keys: Vec<String> =
                group.members.iter().flat_map(|at| self.rows_of(*at)).filter_map(|row| row.key).collect();
            let telling = !group.words.is_empty() && !names.is_empty() && keys.len() <= 3;
            let strange = telling
                && !keys.iter().any(|key| names.contains(key) || names.iter().any(|name| key.contains(name.as_str())));
            let rows = group.members.iter().filter(|at| data.contains(at) && !strange).count();
            let answers = self
                .roles
                .iter()
                .any(|role| matches!(role, Role::Beat(beat) if beat.answer.is_some_and(|(kind, ..)| kind == at)));
            let asks = self.roles.iter().any(|role| matches!(role, Role::Answer { to, .. } if *to == at));
            let meaning = sense(&group.verb);
            let kind = if answers {
                Kind::Pong
            } else if asks {
                Kind::Ping
            } else if rows > 0 {
                if meaning == Sense::Whole { Kind::Snapshot } else { Kind::Data }
            } else if self.has_error(&group) || meaning == Sense::Bad {
                if self.answered_at(&group).is_some() || self.is_ack(&group) { Kind::Nack } else { Kind::Error }
            } else if group.members.iter().all(|at| *at < first_ask) && self.answered_at(&group).is_none() {
                Kind::Hello
            } else if meaning == Sense::Leave && !group.verb.contains("unsub") && !group.verb.contains("leave") {
                Kind::End
            } else if self.is_ack(&group) {
                Kind::Ack
            } else if meaning == Sense::Beat {
                Kind::Heartbeat
            } else if ["notice", "info", "status", "system", "warning"]
                .iter()
                .any(|word| group.verb.to_lowercase().contains(word))
            {
                Kind::Notice
            } else {
                Kind::Other
            };
            Heard { unknown: kind == Kind::Other, data: rows, group, kind }
        };
        kinds.into_iter().enumerate().map(judge).collect()
    }

    fn has_error(&self, group: &Group) -> bool {
        let docs = group.members.iter().filter_map(|at| self.messages[*at].doc.as_ref());
        let mut any = false;
        for doc in docs {
            let bad = |key: &str| ["error", "err", "errors"].contains(&key);
            let full = doc.keys().any(bad)
                && doc
                    .leaves
                    .iter()
                    .any(|leaf| leaf.path.split('/').nth(1).is_some_and(bad) && leaf.value != Scalar::Null);
            let no = ["/success", "/ok", "/successful"]
                .iter()
                .any(|path| doc.leaf(path).is_some_and(|leaf| leaf.value == Scalar::Bool(false)));
            if !full && !no {
                return false;
            }
            any = true;
        }
        any
    }
}

/// Strings that hold JSON, at the same place each time: what is in them is seen as part of the message.
fn open_nested(messages: &mut [Message]) -> Vec<(String, String)> {
    let is_json = |text: &str| text.starts_with(['{', '[']) && Document::of(text).is_some();
    let mut places: BTreeMap<String, (usize, usize)> = BTreeMap::new();
    let said: BTreeSet<String> = messages
        .iter()
        .filter(|message| message.out)
        .flat_map(|message| message.doc.iter().flat_map(|doc| &doc.leaves))
        .filter_map(|leaf| leaf.value.text().map(str::to_owned))
        .collect();
    for leaf in messages.iter().filter(|m| !m.out).flat_map(|m| m.doc.iter().flat_map(|doc| &doc.leaves)) {
        let Some(text) = leaf.value.text() else { continue };
        let place = places.entry(leaf.path.clone()).or_default();
        // What we sent as a string, and is repeated to us, is a name.
        place.0 += usize::from(is_json(text) && !said.contains(text));
        place.1 += 1;
    }
    let nested: Vec<_> = places.into_iter().filter(|(_, (json, all))| *json >= 2 && json * 10 >= all * 8).collect();
    for message in messages.iter_mut().filter(|message| !message.out) {
        let Some(doc) = &mut message.doc else { continue };
        for (place, _) in &nested {
            let inner = doc.leaf(place).and_then(|leaf| Document::of(leaf.value.text()?));
            for leaf in inner.into_iter().flat_map(|inner| inner.leaves) {
                doc.leaves.push(super::document::Leaf {
                    path: format!("{place}{}", leaf.path),
                    span: 0..0,
                    value: leaf.value,
                });
            }
        }
    }
    nested.into_iter().map(|(place, (json, all))| (place, format!("JSON in {json} of {all} strings there"))).collect()
}

/// In how many runs of different values they come: numbers of requests begin anew on each link.
fn runs<T: Ord>(values: &[T]) -> usize {
    let (mut seen, mut runs) = (BTreeSet::new(), 0);
    for value in values {
        if runs == 0 || seen.contains(value) {
            seen.clear();
            runs += 1;
        }
        seen.insert(value);
    }
    runs
}
