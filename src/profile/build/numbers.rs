//! The server's time of a message, and its number.

use std::time::Duration;

use super::checks::{Check, Place};
use super::matching::{matching, place};
use crate::profile::diagnostic::Problems;
use crate::profile::pointer::Pointer;
use crate::profile::reader::{self, Reader, Zero};
use crate::profile::tree::Node;
use crate::profile::{Sequence, SequenceRule, SequenceScope, TimeRule, TimeUnit};

/// A missing number may come so late where a profile does not say.
const REORDER: Duration = Duration::from_millis(250);

/// An empty list says that there is no time.
pub(super) fn time(mut table: Reader<'_>, check: &mut Check<'_>) -> Option<TimeRule> {
    let problems = table.problems;
    let at = table.texts("at");
    if at.is_none() && table.get("at").is_none() {
        table.missing("`at`", "say where a message has its time: at = \"/ts\", or several, first that is there");
    }
    let units = [
        ("s", TimeUnit::S),
        ("ms", TimeUnit::Ms),
        ("us", TimeUnit::Us),
        ("ns", TimeUnit::Ns),
        ("rfc3339", TimeUnit::Rfc3339),
        ("auto", TimeUnit::Auto),
    ];
    let unit = table.choice("unit", &units).unwrap_or_default();
    table.finish();
    let at = at?.into_iter().filter_map(|(text, at)| place(problems, text, at, check)).collect();
    Some(TimeRule { at, unit })
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Way {
    Increment,
    Range,
    Link,
    Monotonic,
}

pub(super) fn sequence(mut table: Reader<'_>, check: &mut Check<'_>) -> Option<Sequence> {
    let problems = table.problems;
    table.hints(&[("key", "it is said in `scope`: scope = \"${/symbol}\"")]);
    let when = table.get("when").map(|node| matching(problems, node, check));
    let reset = table.get("reset").map(|node| matching(problems, node, check));
    let scope = scope(&mut table, check);
    let ways =
        [("increment", Way::Increment), ("range", Way::Range), ("link", Way::Link), ("monotonic", Way::Monotonic)];
    let way = table.choice("rule", &ways).unwrap_or(Way::Increment);
    let (at, rule) = numbers(&mut table, way, check);
    let reorder = table.duration("reorder", Zero::Allowed).unwrap_or(REORDER);
    let across_reconnect = table.bool("across_reconnect").unwrap_or_default();
    table.finish();
    let whole = |given: Option<Option<_>>| given.map_or(Some(None), |read| read.map(Some));
    Some(Sequence { when: whole(when)?, scope, at: at?, rule: rule?, reset: whole(reset)?, reorder, across_reconnect })
}

fn scope(table: &mut Reader<'_>, check: &mut Check<'_>) -> SequenceScope {
    let problems = table.problems;
    let Some(node) = table.get("scope") else { return SequenceScope::Service };
    if node.value.as_text().is_some_and(|text| text.contains("${")) {
        let Some((key, at)) = reader::template(problems, node, false) else { return SequenceScope::Service };
        check.template(&key, at, Place::SequenceKey);
        return SequenceScope::Key(key);
    }
    if node.value.as_text() == Some("connection") {
        problems.tell_help(node.origin, "unknown scope `connection`", "it is called \"link\"");
        return SequenceScope::Link;
    }
    match reader::text(problems, node) {
        Some("link") => SequenceScope::Link,
        Some("service") | None => SequenceScope::Service,
        Some(other) => {
            let help = "it is \"service\", \"link\", or a key made of the message: \"${/symbol}\"";
            problems.tell_help(node.origin, format!("unknown scope `{other}`"), help);
            SequenceScope::Service
        }
    }
}

/// Where the numbers are: which names say so depends on the rule.
fn numbers(table: &mut Reader<'_>, way: Way, check: &mut Check<'_>) -> (Option<Pointer>, Option<SequenceRule>) {
    let problems = table.problems;
    let [at, first, last, prev, step] =
        ["at", "first", "last", "prev", "step"].map(|key| table.get(key).map(|n| (key, n)));
    let (wanted, refused, help) = match way {
        Way::Increment => ([at, None], [first, last, prev, None], "say where a message has its number: at = \"/seq\""),
        Way::Monotonic => ([at, None], [first, last, prev, step], "say where a message has its number: at = \"/seq\""),
        Way::Range => {
            ([first, last], [at, prev, step, None], "a range has two places: first = \"/U\" and last = \"/u\"")
        }
        Way::Link => ([prev, at], [first, last, step, None], "a link has two places: prev = \"/pu\" and at = \"/u\""),
    };
    for (key, node) in refused.into_iter().flatten() {
        let (message, help) = match (key, way) {
            ("step", Way::Monotonic) => {
                ("numbers that only grow have no step".to_owned(), "take rule = \"increment\", or no step".to_owned())
            }
            _ => (format!("this rule has no `{key}`"), help.to_owned()),
        };
        problems.tell_help(node.origin, message, help);
    }
    let is_pair = matches!(way, Way::Range | Way::Link);
    let needed = if is_pair { 2 } else { 1 };
    if wanted.iter().flatten().count() < needed {
        let name = match way {
            Way::Increment | Way::Monotonic => "`at`",
            Way::Range => "`first` or `last`",
            Way::Link => "`prev` or `at`",
        };
        table.missing(name, help);
    }
    let mut read = |given: Option<(&str, &Node)>| {
        let (_, node) = given?;
        place(problems, reader::text(problems, node)?, node.origin, check)
    };
    let step = match (way, step) {
        (Way::Increment, Some((_, node))) => step_of(problems, node),
        _ => 1,
    };
    let [one, two] = wanted.map(&mut read);
    match way {
        Way::Increment => (one, Some(SequenceRule::Increment { step })),
        Way::Monotonic => (one, Some(SequenceRule::Monotonic)),
        Way::Range => (two, one.map(|first| SequenceRule::Range { first })),
        Way::Link => (two, one.map(|previous| SequenceRule::Link { previous })),
    }
}

fn step_of(problems: &Problems, node: &Node) -> u64 {
    reader::integer(problems, node, "step", 1, u64::from(u32::MAX)).unwrap_or(1)
}
