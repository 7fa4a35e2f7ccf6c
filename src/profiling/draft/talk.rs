//! Who says what to whom: heartbeats and their answers, answers to pings, logins, subscriptions, from the order and the
//! times of messages.

use std::collections::BTreeSet;

use super::cutting::Message;
use super::document::{Scalar, last};
use super::groups::{Group, Sense, sense};

/// What a kind of message that we sent is for.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Role {
    Beat(Beat),
    /// The answer to a kind of message that came.
    Answer {
        to: usize,
        of: (usize, usize),
    },
    Ask,
    Leave,
    Login,
    Other,
}

/// Times in microseconds.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Beat {
    /// The kind of message that answers it, how often it did, and the longest that it took.
    pub(super) answer: Option<(usize, usize, i64)>,
    pub(super) count: usize,
    pub(super) idle: bool,
    pub(super) after: i64,
    pub(super) evidence: String,
}

/// An answer comes within this.
const SOON: i64 = 5_000_000;
/// What we say at once, we say because of what just came.
const AT_ONCE: i64 = 1_000_000;

pub(super) fn roles(messages: &[Message], said: &[Group], heard: &[Group], data: &BTreeSet<usize>) -> Vec<Role> {
    let mut roles: Vec<Role> = Vec::new();
    for group in said {
        roles.push(role(messages, group, heard, data));
    }
    // What is said before the first subscription, and is nothing else, is part of the login.
    let asks = || said.iter().zip(&roles).filter(|(_, role)| **role == Role::Ask).map(|(group, _)| group);
    let first_ask = asks().filter_map(|group| group.members.first().copied()).min();
    let first_data = data.iter().copied().min();
    let until = first_ask.or(first_data).unwrap_or(0);
    let login = |group: &Group| group.members.first().is_some_and(|at| *at < until);
    let login: Vec<bool> = said.iter().map(login).collect();
    for (role, before) in roles.iter_mut().zip(login) {
        if *role == Role::Other && before {
            *role = Role::Login;
        }
    }
    roles
}

fn role(messages: &[Message], group: &Group, heard: &[Group], data: &BTreeSet<usize>) -> Role {
    let (times, moments) = (times(messages, group), moments(messages, group));
    let meaning = group.sense();
    let quiet = |kind: &Group| !kind.members.iter().any(|at| data.contains(at));
    let answered = heard.iter().enumerate().filter(|(_, kind)| quiet(kind)).filter_map(|(at, kind)| {
        let (count, longest, total) = follows(&moments, &self::moments(messages, kind), SOON);
        let own = count * 10 >= kind.members.len() * 8 && count * 10 >= times.len() * 6;
        (own && count > 0).then_some((sense(&kind.verb) == Sense::Beat, count, std::cmp::Reverse(total), at, longest))
    });
    let answer =
        answered.max().map(|(beat, count, std::cmp::Reverse(total), at, longest)| (beat, count, total, at, longest));
    let asked = heard.iter().enumerate().filter(|(_, kind)| quiet(kind)).filter_map(|(at, kind)| {
        let (count, _, total) = follows(&self::moments(messages, kind), &moments, AT_ONCE);
        let own = count * 10 >= kind.members.len() * 8 && count * 10 >= times.len() * 8;
        // An answer asks for nothing.
        let asks = !kind.verb.to_lowercase().contains("pong");
        (own && asks && count > 0).then_some((sense(&kind.verb) == Sense::Beat, count, std::cmp::Reverse(total), at))
    });
    let trigger = asked.max().map(|(beat, count, std::cmp::Reverse(total), at)| (beat, count, total, at));

    let says_pong = group.verb.to_lowercase().contains("pong") || group.verb == "3";
    let constant = same(messages, group);
    let regular = times.len() >= 3 && spread(&gaps(&times)) < 0.25;
    let beat = meaning == Sense::Beat || (regular && constant && !matches!(meaning, Sense::Ask | Sense::Leave));
    if let Some((beats, count, total, to)) = trigger {
        let quicker = answer.is_none_or(|(_, n, other, ..)| {
            total * i64::try_from(n).unwrap_or(1) < other * i64::try_from(count).unwrap_or(1)
        });
        let plain = |group: &Group| {
            group
                .members
                .iter()
                .filter_map(|at| messages.get(*at))
                .all(|message| message.text.len() < 8 && same(messages, group))
        };
        let echoes = count >= 2 && count == times.len() && plain(group) && heard.get(to).is_some_and(plain);
        // What asks or leaves is an answer only if it always is.
        let other = matches!(meaning, Sense::Ask | Sense::Leave | Sense::Login) && count < 3;
        let known = says_pong
            || (beats && quicker && !other && (beat || count > 1))
            || (count >= 3 && quicker && beat)
            || (echoes && quicker);
        if known && !group.verb.to_lowercase().ends_with("ping") {
            return Role::Answer { to, of: (count, times.len()) };
        }
    }
    if beat && !says_pong {
        let answer = answer.map(|(_, count, _, at, longest)| (at, count, longest));
        return Role::Beat(rhythm(messages, &times, answer));
    }
    match meaning {
        Sense::Leave => Role::Leave,
        Sense::Ask => Role::Ask,
        Sense::Login => Role::Login,
        Sense::Beat | Sense::Bad | Sense::Yes | Sense::Whole | Sense::Unknown => Role::Other,
    }
}

pub(super) fn times(messages: &[Message], group: &Group) -> Vec<i64> {
    group.members.iter().filter_map(|at| messages.get(*at)).map(|message| message.at).collect()
}

/// How many of `first` are followed by one of `then` before the next of them and within a time, the longest and all such
/// times together. Both are in order.
fn follows(first: &[Moment], then: &[Moment], within: i64) -> (usize, i64, i64) {
    let (mut count, mut longest, mut total) = (0, 0, 0_i64);
    for (n, at) in first.iter().enumerate() {
        let next_of_them = first.get(n + 1).copied().unwrap_or((i64::MAX, usize::MAX));
        let next = then.partition_point(|time| time < at);
        let soon = |time: &&Moment| **time < next_of_them && time.0 <= at.0.saturating_add(within);
        if let Some(time) = then.get(next).filter(soon) {
            count += 1;
            longest = longest.max(time.0 - at.0);
            total = total.saturating_add(time.0 - at.0);
        }
    }
    (count, longest, total)
}

/// When, and as the how manieth message: some come at the same time.
type Moment = (i64, usize);

fn moments(messages: &[Message], group: &Group) -> Vec<Moment> {
    group.members.iter().filter_map(|at| Some((messages.get(*at)?.at, *at))).collect()
}

fn gaps(times: &[i64]) -> Vec<i64> {
    times.windows(2).map(|two| two[1].saturating_sub(two[0])).collect()
}

/// How unlike each other: 0 is all the same.
fn spread(values: &[i64]) -> f64 {
    let (Some(least), Some(most)) = (values.iter().min(), values.iter().max()) else { return f64::MAX };
    #[expect(clippy::cast_precision_loss, reason = "a rough measure")]
    if *most > 0 { (most - least) as f64 / *most as f64 } else { 0.0 }
}

/// Whether messages differ in nothing but numbers of requests and times.
fn same(messages: &[Message], group: &Group) -> bool {
    let texts: Vec<_> = group.members.iter().filter_map(|at| messages.get(*at)).collect();
    let Some(first) = texts.first() else { return false };
    let Some(doc) = &first.doc else { return texts.iter().all(|message| message.text == first.text) };
    texts.iter().filter_map(|message| message.doc.as_ref()).all(|other| {
        other.leaves.len() == doc.leaves.len()
            && doc.leaves.iter().zip(&other.leaves).all(|(a, b)| {
                a.path == b.path && (a.value == b.value || is_id(&a.path, &a.value) || a.value.integer().is_some())
            })
    })
}

/// Whether a value is likely the number of a request.
pub(super) fn is_id(path: &str, value: &Scalar) -> bool {
    const NAMES: [&str; 15] = [
        "id",
        "req_id",
        "reqid",
        "request_id",
        "requestid",
        "cid",
        "msg_id",
        "msgid",
        "messageid",
        "message_id",
        "nonce",
        "trace",
        "ref",
        "subid",
        "sub_id",
    ];
    let key = last(path).to_lowercase();
    let by_place = key.bytes().all(|b| b.is_ascii_digit()) && value.word().is_some_and(is_uuid);
    value.word().is_some() && (NAMES.contains(&&*key) || by_place)
}

pub(super) fn is_uuid(word: &str) -> bool {
    word.len() == 36
        && word
            .bytes()
            .enumerate()
            .all(|(at, b)| if [8, 13, 18, 23].contains(&at) { b == b'-' } else { b.is_ascii_hexdigit() })
}

/// When the beats came: after silence, or at fixed distances.
fn rhythm(messages: &[Message], times: &[i64], answer: Option<(usize, usize, i64)>) -> Beat {
    let heard: Vec<i64> = messages.iter().filter(|message| !message.out).map(|message| message.at).collect();
    let start = messages.first().map_or(0, |message| message.at);
    // Before a time, what came last; at the very start there is only the start.
    let silence = |at: &i64| {
        let before = heard.partition_point(|time| time < at);
        at - before.checked_sub(1).and_then(|n| heard.get(n)).copied().unwrap_or(start)
    };
    let silences: Vec<i64> = times.iter().map(silence).collect();
    let distances = gaps(times);
    let (by_silence, by_distance) = (spread(&silences), spread(&distances));
    let many = times.len();
    // Nobody waits for so little silence.
    let (silence, distance) = (median(&silences).unwrap_or(0), median(&distances).unwrap_or(0));
    let short = silence < 1_000_000 && (by_silence > 0.1 || distance > 2_000_000);
    let idle = match many {
        0 | 1 => true,
        _ => by_silence <= by_distance.max(0.05) && !short,
    };
    let odd = many > 1 && by_silence.min(by_distance) > 0.3;
    // A single beat after hardly any silence tells nothing of the silence that it waits for.
    let after = median(if idle { &silences } else { &distances });
    let after = after.filter(|after| (many > 1 || *after > 2_000_000) && !odd).unwrap_or(30_000_000);
    let range = |values: &[i64]| {
        let (least, most) = (values.iter().min().copied().unwrap_or(0), values.iter().max().copied().unwrap_or(0));
        if most - least < 100_000 { seconds(most) } else { format!("{} to {}", seconds(least), seconds(most)) }
    };
    let how = if idle {
        format!("each after {} without a message", range(&silences))
    } else {
        format!("{} apart", range(&distances))
    };
    let evidence = match many {
        1 => format!("seen once, {how}"),
        _ if odd => format!("seen {many} times, {how}: too uneven to tell, so this is a guess"),
        _ => format!("seen {many} times, {how}"),
    };
    Beat { answer, count: many, idle, after: round(after), evidence }
}

fn median(values: &[i64]) -> Option<i64> {
    let mut sorted = values.to_vec();
    sorted.sort_unstable();
    sorted.get(sorted.len() / 2).copied()
}

/// To what a person would have chosen, where that is near.
fn round(micros: i64) -> i64 {
    const STEPS: [i64; 6] = [60_000_000, 10_000_000, 5_000_000, 1_000_000, 500_000, 100_000];
    let near = STEPS
        .iter()
        .map(|step| ((micros + step / 2) / step * step).max(0))
        .find(|near| *near > 0 && (near - micros).abs() * 50 <= *near);
    near.unwrap_or(micros).max(100_000)
}

pub(super) fn seconds(micros: i64) -> String {
    let millis = (micros + 500) / 1000;
    match (millis / 1000, millis % 1000) {
        (0, part) => format!("{part}ms"),
        (whole, 0) => format!("{whole}s"),
        (whole, part) => format!("{whole}.{}s", format!("{part:03}").trim_end_matches('0')),
    }
}

/// Values that came and were said again later: place heard, place said, both with their kinds of message.
pub(super) fn reused(messages: &[Message], group: &Group, path: &str) -> Option<(usize, String)> {
    let at = *group.members.first()?;
    let said = messages.get(at)?.doc.as_ref()?.leaf(path)?;
    // Words that are just words are said by both.
    let telling = |word: &&str| (word.len() >= 6 && word.bytes().any(|b| b.is_ascii_digit())) || word.len() >= 20;
    let word = said.value.text().filter(telling)?;
    messages.iter().enumerate().take(at).filter(|(_, message)| !message.out).find_map(|(n, message)| {
        let leaf = message.doc.as_ref()?.leaves.iter().find(|leaf| leaf.value.text() == Some(word))?;
        // What we had said ourselves before is no news.
        let first = messages.iter().take(n).filter(|message| message.out).any(|message| message.text.contains(word));
        (!first).then(|| (n, leaf.path.clone()))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_are_counted_once_each() {
        let at = |times: &[i64]| times.iter().map(|time| (*time, 0)).collect::<Vec<_>>();
        assert_eq!(follows(&at(&[0, 100, 200]), &at(&[10, 110, 150, 500]), 50), (2, 10, 20));
        assert_eq!(follows(&[], &at(&[1]), 50), (0, 0, 0));
        assert_eq!(follows(&[(5, 1)], &[(5, 0)], 50), (0, 0, 0), "what came before is no answer");
    }

    #[test]
    fn times_are_rounded_to_what_a_person_chose() {
        let rounded = [30_004_000, 29_980_000, 5_012_000, 2_034_000, 733_000, 61_000_000, 20].map(round);
        assert_eq!(
            rounded,
            [30_000_000, 30_000_000, 5_000_000, 2_000_000, 733_000, 60_000_000, 100_000].map(|n: i64| n)
        );
        assert_eq!([seconds(30_000_000), seconds(250_000), seconds(1_500_000)], ["30s", "250ms", "1.5s"]);
    }
}
