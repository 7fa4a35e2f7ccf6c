//! Which path of a service's messages is likely the key, and which are values worth a column. A guess from a sample:
//! names that feeds use, and how the values behave. The user has the last word.

use std::collections::{BTreeMap, HashSet};

use super::Line;
use crate::app::json::decimal::Decimal;
use crate::app::json::path::{Path, Step};
use crate::app::json::{Is, byte, children, is, part, space, unquoted};

/// Paths, the likeliest first.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Guess {
    pub keys: Vec<Path>,
    pub values: Vec<Path>,
}

impl Guess {
    pub fn is_empty(&self) -> bool {
        self.keys.is_empty() && self.values.is_empty()
    }
}

/// Values that one message is asked for.
const LEAVES: usize = 64;
const DEEPEST: usize = 6;
const MOST: usize = 24;
/// What feeds call the thing that they tell of.
const KEYS: [&str; 16] = [
    "symbol",
    "product_id",
    "instrument",
    "instId",
    "pair",
    "market",
    "s",
    "sym",
    "ticker",
    "coin",
    "asset",
    "device",
    "room",
    "channel",
    "name",
    "id",
];
/// What they call what they tell of it.
const VALUES: [&str; 14] =
    ["price", "last", "last_price", "p", "c", "close", "value", "mid", "bid", "ask", "temperature", "qty", "size", "q"];

#[derive(Default)]
struct Seen {
    count: usize,
    texts: HashSet<Vec<u8>>,
    numbers: usize,
    /// Numbers that are texts, as the symbols of some markets are.
    written: usize,
    /// How often it was smaller than in the message after it; the sample goes back in time.
    rises: usize,
    last: Option<Decimal>,
}

/// What the messages tell, the newest first.
pub fn guess<'a>(lines: impl Iterator<Item = &'a Line>) -> Guess {
    let mut seen: BTreeMap<Path, Seen> = BTreeMap::new();
    let mut messages = 0;
    for line in lines {
        messages += 1;
        let mut left = LEAVES;
        leaves(&line.body, space(&line.body, 0), &mut Vec::new(), &mut left, &mut |path, raw| {
            if seen.len() < 4 * LEAVES || seen.contains_key(path) {
                seen.entry(path.clone()).or_default().take(raw);
            }
        });
    }
    let often = |seen: &Seen| seen.count * 2 >= messages;
    let mut keys: Vec<_> =
        seen.iter().filter(|(path, seen)| often(seen) && seen.is_key(known(path, &KEYS) < KEYS.len())).collect();
    keys.sort_by_key(|(path, seen)| {
        let varied = seen.texts.len() > 1 && seen.texts.len() * 2 <= seen.count.max(4);
        (!varied, known(path, &KEYS), std::cmp::Reverse(seen.texts.len()))
    });
    let mut values: Vec<_> = seen.iter().filter(|(_, seen)| often(seen)).collect();
    values.sort_by_key(|(path, seen)| {
        let number = seen.numbers * 2 >= seen.count;
        (!number, seen.only_rises(), known(path, &VALUES))
    });
    let first = keys.first().map(|(path, _)| (*path).clone());
    let paths = |of: Vec<(&Path, &Seen)>| of.into_iter().map(|(path, _)| path.clone()).collect::<Vec<_>>();
    let values = paths(values).into_iter().filter(|path| Some(path) != first.as_ref()).take(MOST).collect();
    Guess { keys: paths(keys).into_iter().take(MOST).collect(), values }
}

impl Seen {
    fn take(&mut self, raw: &[u8]) {
        self.count += 1;
        let said = unquoted(raw);
        let number = matches!(is(raw), Is::Number | Is::Text).then(|| Decimal::parse(&said)).flatten();
        if let Some(number) = number {
            self.written += usize::from(is(raw) == Is::Text);
            self.numbers += 1;
            self.rises += usize::from(self.last.as_ref().is_some_and(|later| number < *later));
            self.last = Some(number);
        }
        if is(raw) == Is::Text && said.len() <= super::LONG {
            self.texts.insert(said.into_owned());
        }
    }

    fn is_key(&self, named: bool) -> bool {
        !self.texts.is_empty() && self.numbers == self.written && (named || self.numbers * 2 <= self.count)
    }

    /// It counts or tells the time: each is larger than the one before.
    fn only_rises(&self) -> bool {
        self.numbers > 3 && self.rises + 1 >= self.numbers
    }
}

/// Where the last name of a path stands among the known ones.
fn known(path: &Path, names: &[&str]) -> usize {
    let name = path.0.iter().rev().find_map(|step| match step {
        Step::Key(key) => Some(key.as_str()),
        Step::Index(_) | Step::Any => None,
    });
    name.and_then(|name| names.iter().position(|known| *known == name)).unwrap_or(names.len())
}

/// Tells the values that have no others in them. Of an array, the first two elements.
fn leaves(doc: &[u8], at: usize, path: &mut Vec<Step>, left: &mut usize, tell: &mut dyn FnMut(&Path, &[u8])) {
    let object = byte(doc, at) == b'{';
    for (n, child) in children(doc, at).enumerate().take(if object { LEAVES } else { 2 }) {
        if *left == 0 {
            return;
        }
        let step = match &child.key {
            Some(key) => Step::Key(String::from_utf8_lossy(&unquoted(part(doc, key.clone()))).into_owned()),
            None => Step::Index(i64::try_from(n).unwrap_or(0)),
        };
        path.push(step);
        let raw = part(doc, child.value.clone());
        match is(raw) {
            Is::Object | Is::Array if path.len() < DEEPEST => leaves(doc, child.value.start, path, left, tell),
            Is::Object | Is::Array => {}
            Is::Text | Is::Number | Is::Bool | Is::Null => {
                *left -= 1;
                tell(&Path(path.clone()), raw);
            }
        }
        path.pop();
    }
}
