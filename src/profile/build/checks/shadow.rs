//! Rules that no message comes to, as one before them matches all that they do.

use std::collections::BTreeSet;

use crate::profile::matcher::{Match, Scalar, Subject, Test};

/// For each rule that is never reached, the first before it that takes its messages.
pub(super) fn shadowed<'a>(rules: impl Iterator<Item = &'a Match>) -> Vec<(usize, usize)> {
    let rules: Vec<_> = rules.collect();
    let earlier = |at: usize| rules.iter().take(at).position(|rule| takes_all(rule, rules[at]));
    (0..rules.len()).filter_map(|at| Some((at, earlier(at)?))).collect()
}

/// Whether all that `late` matches is matched by `early`: each condition of `early` follows from one of `late`.
fn takes_all(early: &Match, late: &Match) -> bool {
    early.0.iter().all(|wanted| late.0.iter().any(|said| follows(said, wanted)))
}

fn follows((place, said): &(Subject, Test), (other, wanted): &(Subject, Test)) -> bool {
    if place != other {
        return false;
    }
    match (said, wanted) {
        (Test::AnyOf(some), Test::AnyOf(all)) => {
            let all: BTreeSet<_> = all.iter().map(spelled).collect();
            some.iter().all(|scalar| all.contains(&spelled(scalar)))
        }
        (Test::AnyOf(some), Test::Not(not)) => some.iter().all(|scalar| spelled(scalar) != spelled(not)),
        (Test::AnyOf(some), Test::Like(regex)) => {
            some.iter().all(|scalar| regex.is_match(spelled(scalar).1.trim_matches('"')))
        }
        (Test::AnyOf(_) | Test::Like(_), Test::Exists(is)) => *is,
        (Test::Not(said), Test::Not(wanted)) => said == wanted,
        (Test::Exists(said), Test::Exists(wanted)) => said == wanted,
        (Test::Exists(said), Test::Not(_)) => !said,
        (Test::Like(said), Test::Like(wanted)) => said.as_str() == wanted.as_str(),
        (Test::Not(_) | Test::Exists(_) | Test::Like(_), Test::AnyOf(_) | Test::Like(_))
        | (Test::Not(_), Test::Exists(_))
        | (Test::Like(_), Test::Not(_)) => false,
    }
}

/// What a value is and how it is written.
fn spelled(scalar: &Scalar) -> (u8, &str) {
    match scalar {
        Scalar::Null => (0, "null"),
        Scalar::Bool(true) => (1, "true"),
        Scalar::Bool(false) => (1, "false"),
        Scalar::Number(digits) => (2, digits),
        Scalar::Text(text) => (3, text),
    }
}
