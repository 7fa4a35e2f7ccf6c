//! Messages as rows of services, as the profile would cut them. It reads the study and guesses nothing.

use std::collections::BTreeSet;

use super::document::{Document, Root};
use super::echo::{self, Routing};
use super::numbers::{Row, values};
use super::study::Study;

impl Study<'_> {
    pub(super) fn all_rows(&self) -> Vec<Row> {
        self.heard.iter().flat_map(|at| self.rows_of(*at)).collect()
    }

    /// The rows that a message gives.
    pub(super) fn rows_of(&self, at: usize) -> Vec<Row> {
        let Some(message) = self.messages.get(at) else { return Vec::new() };
        let (Some(doc), Some(routed)) = (&message.doc, &self.routed) else { return Vec::new() };
        let row = |key: Option<String>, values| Row { key, message: at, at: message.at, values };
        match &routed.routing {
            Routing::Members { at: place, .. } => {
                let Some(inner) = doc.find(place).filter(|inner| inner.root == Root::Object) else { return Vec::new() };
                if inner.of != Some(Root::Object) && !inner.members.iter().any(|(name, _)| self.names().contains(name))
                {
                    return Vec::new();
                }
                let member = |(name, span): &(String, std::ops::Range<usize>)| {
                    let item = message.text.get(span.clone()).and_then(Document::of).unwrap_or_default();
                    let mut all = values(&item, "@");
                    if !place.is_empty() {
                        all.extend(values(doc, "").into_iter().filter(|(path, _)| !path.starts_with(&**place)));
                    }
                    row(Some(name.clone()), all)
                };
                inner.members.iter().map(member).collect()
            }
            Routing::Values { pairs, each: Some(list) } => {
                let Some(items) = doc.find(list).filter(|inner| inner.root == Root::Array) else { return Vec::new() };
                let outside: Vec<_> =
                    values(doc, "").into_iter().filter(|(path, _)| !path.starts_with(&**list)).collect();
                let item = |(index, _): &(String, std::ops::Range<usize>)| {
                    let base = format!("{list}/{index}");
                    let place = |heard: &String| heard.replacen(&format!("{list}/*"), &base, 1);
                    let key: Option<Vec<_>> =
                        pairs.iter().map(|(_, heard)| doc.leaf(&place(heard))?.value.word()).collect();
                    let inside = doc.leaves.iter().filter_map(|leaf| {
                        let rest =
                            leaf.path.strip_prefix(&*base).filter(|rest| rest.is_empty() || rest.starts_with('/'))?;
                        Some((format!("@{rest}"), leaf.value.clone()))
                    });
                    key.map(|key| row(Some(key.join(":")), inside.chain(outside.iter().cloned()).collect()))
                };
                items.members.iter().filter_map(item).collect()
            }
            Routing::Values { pairs, each: None } => {
                let key: Option<Vec<_>> = pairs.iter().map(|(_, heard)| doc.leaf(heard)?.value.word()).collect();
                key.map(|key| row(Some(key.join(":")), values(doc, ""))).into_iter().collect()
            }
            Routing::Id { heard, .. } | Routing::Sid { heard, .. } | Routing::Seen { heard } => {
                let key = doc.leaf(heard).and_then(|leaf| leaf.value.word()).map(str::to_owned);
                key.filter(|key| !key.is_empty()).map(|key| row(Some(key), values(doc, ""))).into_iter().collect()
            }
        }
    }

    /// The names that were asked for.
    pub(super) fn names(&self) -> BTreeSet<String> {
        let places: Vec<&String> = match self.routed.as_ref().map(|routed| &routed.routing) {
            Some(Routing::Members { sent: Some(sent), .. }) => vec![sent],
            Some(Routing::Values { pairs, .. }) => pairs.iter().map(|(sent, _)| sent).collect(),
            Some(
                Routing::Members { sent: None, .. } | Routing::Id { .. } | Routing::Sid { .. } | Routing::Seen { .. },
            )
            | None => Vec::new(),
        };
        let mut names = BTreeSet::new();
        for doc in self.asks.iter().filter_map(|at| self.messages.get(*at)?.doc.as_ref()) {
            for leaf in doc.leaves.iter().filter(|leaf| places.contains(&&echo::pattern(doc, &leaf.path, true))) {
                names.extend(leaf.value.word().map(str::to_owned));
            }
        }
        names
    }
}
