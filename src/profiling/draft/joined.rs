//! Several names in one text that we sent (`"params":"T.A,T.B"`), seen as a list of them. What the names are is not judged
//! here, only that they come back.

use std::collections::BTreeSet;
use std::ops::Range;

use super::cutting::Message;
use super::document::{Box, Document, Leaf, Root, Scalar};
use super::secrets::{hole, template};
use crate::profile::template::{Part, Source, Template};

const LONGEST_NAME: usize = 80;

/// Takes such texts apart: each name gets a place of its own (`/params/0`), and so does each part of one where it is the
/// parts that come back (`/params/0/1`). Says at which places.
pub(super) fn spread(messages: &mut [Message]) -> Vec<String> {
    let docs = |out: bool, messages: &[Message]| {
        let of = messages.iter().filter(|message| message.out == out).filter_map(|message| message.doc.clone());
        of.collect::<Vec<_>>()
    };
    let heard: BTreeSet<String> = docs(false, messages)
        .iter()
        .flat_map(|doc| &doc.leaves)
        .filter_map(|leaf| leaf.value.text().map(str::to_owned))
        .collect();
    let mut places: Vec<String> = Vec::new();
    for leaf in docs(true, messages).iter().flat_map(|doc| &doc.leaves) {
        let several = leaf.value.text().is_some_and(|text| text.contains(',') && is_list(text, &heard));
        if several && !places.contains(&leaf.path) {
            places.push(leaf.path.clone());
        }
    }
    for message in messages.iter_mut().filter(|message| message.out) {
        let Some(doc) = &mut message.doc else { continue };
        for place in &places {
            take_apart(&message.text, doc, place, &heard);
        }
    }
    places
}

/// Whether it is names between commas, of which some come back.
fn is_list(text: &str, heard: &BTreeSet<String>) -> bool {
    let is_part = |c: char| c.is_alphanumeric() || "._:@/-|".contains(c);
    let is_name = |name: &str| !name.is_empty() && name.len() <= LONGEST_NAME && name.chars().all(is_part);
    !heard.contains(text) && text.split(',').all(is_name) && text.split(',').any(|name| comes_back(name, heard))
}

fn comes_back(name: &str, heard: &BTreeSet<String>) -> bool {
    heard.contains(name) || in_parts(name, heard)
}

/// Whether not the name but each of its parts comes back.
fn in_parts(name: &str, heard: &BTreeSet<String>) -> bool {
    name.contains('.') && !heard.contains(name) && name.split('.').all(|part| heard.contains(part))
}

fn take_apart(text: &str, doc: &mut Document, place: &str, heard: &BTreeSet<String>) {
    let Some(at) = doc.leaves.iter().position(|leaf| leaf.path == place) else { return };
    let Leaf { span, value, .. } = doc.leaves[at].clone();
    let inside = span.start + 1..span.end.saturating_sub(1);
    // Where something is escaped, the bytes are not those of the names.
    let Some(names) = value.text().filter(|names| text.get(inside.clone()) == Some(*names)) else { return };
    if !is_list(names, heard) {
        return;
    }
    let parted = names.split(',').any(|name| in_parts(name, heard));
    let (mut members, mut leaves) = (Vec::new(), Vec::new());
    for (n, name) in pieces(names, ',', inside.start).into_iter().enumerate() {
        members.push((n.to_string(), name.clone()));
        let whole = text.get(name.clone()).unwrap_or_default();
        if parted {
            for (m, part) in pieces(whole, '.', name.start).into_iter().enumerate() {
                leaves.push(leaf(text, format!("{place}/{n}/{m}"), part));
            }
        } else {
            leaves.push(leaf(text, format!("{place}/{n}"), name));
        }
    }
    let of = Some(if parted { Root::Object } else { Root::Scalar });
    doc.boxes.push(Box { path: place.to_owned(), root: Root::Array, members, of });
    doc.leaves.splice(at..=at, leaves);
}

/// Its bytes with one more on either side, as a text has its quotes.
fn leaf(text: &str, path: String, at: Range<usize>) -> Leaf {
    let value = Scalar::Text(text.get(at.clone()).unwrap_or_default().to_owned());
    Leaf { path, span: at.start - 1..at.end + 1, value }
}

fn pieces(text: &str, separator: char, start: usize) -> Vec<Range<usize>> {
    let mut at = start;
    let piece = |piece: &str| {
        let range = at..at + piece.len();
        at = range.end + separator.len_utf8();
        range
    };
    text.split(separator).map(piece).collect()
}

/// The share of the first name: what is in it, with holes.
pub(super) fn share(
    text: &str,
    doc: &Document,
    base: &str,
    span: &Range<usize>,
    holes: &[(String, Source)],
) -> Template {
    let (mut parts, mut done) = (Vec::new(), span.start);
    for leaf in &doc.leaves {
        let own = leaf.path.strip_prefix(base).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'));
        let Some((_, source)) = holes.iter().find(|(path, _)| own && *path == leaf.path) else { continue };
        parts.push(Part::Text(text.get(done..leaf.span.start + 1).unwrap_or_default().to_owned()));
        parts.push(hole(source.clone()));
        done = leaf.span.end.saturating_sub(1);
    }
    parts.push(Part::Text(text.get(done..span.end).unwrap_or_default().to_owned()));
    template(parts, false)
}
