//! The first rule that matches a message. What the rule leads to is the session's.
//!
//! Most profiles tell their messages apart by one value (`/type`, `/op`, `/event`). Rules that ask for particular values
//! there are tried only where it has one of those; the order of the profile stays.

use std::collections::{BTreeSet, HashMap};
use std::hash::BuildHasherDefault;

use super::key::Fold;
use crate::event::{Form, Kind};
use crate::profile::codec::{Reader, Scene};
use crate::profile::matcher::{Look, Plan, Scalar};
use crate::profile::pointer::Value;
use crate::profile::{Action, Rule};

#[derive(Clone, Debug)]
pub(super) struct Rules {
    entries: Vec<Entry>,
    index: Option<Index>,
    all: Vec<usize>,
}

#[derive(Clone, Debug)]
struct Entry {
    when: Plan,
    kind: Kind,
    noted: bool,
}

#[derive(Clone, Debug)]
struct Index {
    at: Look,
    /// By the JSON text of the value (or by the text that is looked at), the rules that may match, in order.
    cases: HashMap<Box<[u8]>, Vec<usize>, BuildHasherDefault<Fold>>,
    /// Those that may match whatever the value is.
    others: Vec<usize>,
}

/// With fewer rules that an index would skip, trying them is as fast.
const WORTH: usize = 3;

impl Rules {
    pub(super) fn new(rules: &[Rule], reader: &Reader) -> Self {
        let asks = |rule: &Rule| {
            !rule.capture.is_empty() || rule.send.is_some() || rule.text.is_some() || rule.action != Action::None
        };
        let entry = |rule: &Rule| Entry {
            when: Plan::new(&rule.when, reader),
            kind: rule.kind,
            noted: rule.kind != Kind::Data || asks(rule),
        };
        let entries: Vec<_> = rules.iter().map(entry).collect();
        Self { index: index(&entries), all: (0..entries.len()).collect(), entries }
    }

    #[inline]
    pub(super) fn first(&self, scene: &Scene<'_>, form: Form) -> Option<usize> {
        let may = match &self.index {
            Some(index) => index.may(scene, form).unwrap_or(&self.all),
            None => &self.all,
        };
        may.iter().copied().find(|rule| self.entries[*rule].when.holds(scene, form))
    }

    pub(super) fn kind(&self, rule: usize) -> Kind {
        self.entries.get(rule).map_or(Kind::Other, |rule| rule.kind)
    }

    /// Whether the session has something to do for it.
    pub(super) fn is_noted(&self, rule: usize) -> bool {
        self.entries.get(rule).is_some_and(|rule| rule.noted)
    }
}

impl Index {
    /// `None`: the value may be written in another way than in the profile, so every rule is to be tried.
    #[inline]
    fn may(&self, scene: &Scene<'_>, form: Form) -> Option<&Vec<usize>> {
        let Look::At(at) = self.at else {
            let text = self.at.text(scene, form);
            return Some(text.and_then(|text| self.cases.get(text)).unwrap_or(&self.others));
        };
        let value: Option<Value<'_>> = scene.get(at);
        let Some(value) = value else { return Some(&self.others) };
        let raw = value.raw();
        if value.is_escaped() || (value.as_number().is_some() && !is_plain(raw)) {
            return None;
        }
        Some(self.cases.get(raw).unwrap_or(&self.others))
    }
}

fn index(rules: &[Entry]) -> Option<Index> {
    // A handful of rules: counting each place by going through them is fine.
    let places = |rule: &Entry| rule.when.choices().filter_map(texts).map(|(at, _)| at).collect::<Vec<_>>();
    let uses = |at: Look| rules.iter().filter(|rule| places(rule).contains(&at)).count();
    let at = rules.iter().flat_map(places).max_by_key(|at| uses(*at)).filter(|at| uses(*at) >= WORTH)?;
    let wanted: Vec<Option<Vec<Box<[u8]>>>> = rules
        .iter()
        .map(|rule| rule.when.choices().filter_map(texts).find(|(place, _)| *place == at).map(|(_, texts)| texts))
        .collect();
    let others = (0..rules.len()).filter(|rule| wanted[*rule].is_none()).collect();
    let values: BTreeSet<&[u8]> = wanted.iter().flatten().flatten().map(AsRef::as_ref).collect();
    let may = |text: &[u8]| {
        let may =
            |rule: &usize| wanted[*rule].as_ref().is_none_or(|texts| texts.iter().any(|wanted| **wanted == *text));
        (0..rules.len()).filter(may).collect()
    };
    let cases = values.into_iter().map(|text| (text.into(), may(text))).collect();
    Some(Index { at, cases, others })
}

/// The JSON texts of the values that a condition allows, where each has only one (escapes aside); or the texts themselves.
fn texts((at, scalars): (Look, &[Scalar])) -> Option<(Look, Vec<Box<[u8]>>)> {
    let value = |scalar: &Scalar| match scalar {
        Scalar::Null => Some(b"null".to_vec()),
        Scalar::Bool(true) => Some(b"true".to_vec()),
        Scalar::Bool(false) => Some(b"false".to_vec()),
        Scalar::Number(digits) => is_plain(digits.as_bytes()).then(|| digits.as_bytes().to_vec()),
        Scalar::Text(text) => Some([b"\"", text.as_bytes(), b"\""].concat()),
    };
    let text = |scalar: &Scalar| match scalar {
        Scalar::Text(text) => Some(text.as_bytes().to_vec()),
        // It never is one.
        Scalar::Null | Scalar::Bool(_) | Scalar::Number(_) => None,
    };
    let texts: Option<Vec<_>> = match at {
        Look::At(_) => scalars.iter().map(|scalar| value(scalar).map(Vec::into_boxed_slice)).collect(),
        Look::Nowhere | Look::Key | Look::Prefix(_) | Look::Text | Look::Form => {
            Some(scalars.iter().filter_map(|scalar| text(scalar).map(Vec::into_boxed_slice)).collect())
        }
    };
    Some((at, texts?))
}

/// A number that no other text stands for.
fn is_plain(number: &[u8]) -> bool {
    number != b"-0" && number.iter().all(|b| b.is_ascii_digit() || *b == b'-')
}
