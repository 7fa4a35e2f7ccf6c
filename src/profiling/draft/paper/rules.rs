//! Rules for the kinds of messages that are no data: what tells them apart from all others, and what is said to them.

use std::collections::BTreeSet;

use super::super::super::writing::{key, quote};
use super::super::asking::{hints, sending};
use super::super::document::Scalar;
use super::super::groups::distinguish;
use super::super::said::{Hints, frame};
use super::super::sheet::Sheet;
use super::super::study::{Heard, Study};
use super::super::talk::Role;
use super::Known;
use crate::event::Kind;
use crate::text;

pub(super) fn write(study: &Study<'_>, known: &Known, sheet: &mut Sheet) {
    // What says more comes before what says less, and what a rule has taken is nothing to those behind it.
    let mut kinds: Vec<(usize, &Heard)> =
        study.kinds.iter().enumerate().filter(|(_, kind)| kind.kind != Kind::Data).collect();
    kinds.sort_by_key(|(_, kind)| rank(kind.kind));
    let mut taken: BTreeSet<usize> = BTreeSet::new();
    let mut done: BTreeSet<usize> = BTreeSet::new();
    for (number, kind) in &kinds {
        if done.contains(number) {
            continue;
        }
        let example = example(study, kind);
        if kind.unknown {
            let times = times(kind.group.members.len());
            sheet.block().remark(&format!("What this is was not found out, seen {times}: {example}"));
            continue;
        }
        let others = |these: &[usize]| -> Vec<usize> {
            study.heard.iter().copied().filter(|at| !these.contains(at) && !taken.contains(at)).collect()
        };
        // All of a kind by one rule, where that can be.
        let alike =
            |(_, other): &&(usize, &Heard)| other.kind == kind.kind && !matches!(kind.kind, Kind::Ping | Kind::Pong);
        let same: Vec<_> = kinds.iter().filter(alike).filter(|(n, _)| !done.contains(n)).collect();
        let all: Vec<usize> = same.iter().flat_map(|(_, other)| other.group.members.iter().copied()).collect();
        let whole = if same.len() > 1 {
            // Of what is not understood nothing is said, so a rule may take it as well.
            let known = |at: &usize| !kinds.iter().any(|(_, kind)| kind.unknown && kind.group.members.contains(at));
            let strict = others(&all);
            let lenient: Vec<usize> = strict.iter().copied().filter(known).collect();
            conditions(study, &all, &strict).or_else(|| conditions(study, &all, &lenient))
        } else {
            None
        };
        let (when, members) = match whole {
            Some(when) => {
                done.extend(same.iter().map(|(n, _)| *n));
                (Some(when), all)
            }
            None => (conditions(study, &kind.group.members, &others(&kind.group.members)), kind.group.members.clone()),
        };
        done.insert(*number);
        let Some(when) = when else {
            let times = times(members.len());
            sheet.block().remark(&format!("{}, seen {times}, and nothing tells it apart: {example}", word(kind.kind)));
            continue;
        };
        taken.extend(members.iter().copied());
        let block = sheet.block();
        block.line("[[rule]]").remark(&evidence(study, *number, kind, members.len())).line(format!("when = {when}"));
        block.line(format!("kind = {}", quote(kind.kind.word())));
        if let Some(place) = said_to_a_person(study, kind) {
            block.line(format!("text = {}", quote(&place)));
        }
        if let Some(line) = reply(study, known, *number, kind) {
            block.line(line);
        }
    }
}

/// What is said to such a message.
fn reply(study: &Study<'_>, known: &Known, number: usize, kind: &Heard) -> Option<String> {
    let answers = |(_, role): &(_, &Role)| matches!(role, Role::Answer { to, .. } if *to == number);
    let (group, _) = study.said.iter().zip(&study.roles).find(answers)?;
    let first = group.members.first()?;
    // The message that was answered is the last of its kind before the answer.
    let asked = kind.group.members.iter().rev().find(|at| *at < first).and_then(|at| study.messages.get(*at));
    let answers = asked.and_then(|message| message.doc.as_ref());
    let hints = Hints { answers, names: Vec::new(), ..hints(study, known) };
    let (template, json) = frame(study, *first, &hints);
    Some(sending("send", &template, json))
}

fn example(study: &Study<'_>, kind: &Heard) -> String {
    let message = kind.group.members.first().and_then(|at| study.messages.get(*at));
    let shown = message.map(|message| study.secrets.hide(&format!("{}{}", message.prefix, message.text)));
    text::cut(&text::clean(&shown.unwrap_or_default()), 120).into_owned()
}

pub(in super::super) fn times(count: usize) -> String {
    if count == 1 { "once".to_owned() } else { format!("{count} times") }
}

fn rank(kind: Kind) -> usize {
    match kind {
        Kind::Pong | Kind::Ping => 0,
        Kind::Fatal | Kind::Goodbye | Kind::Nack | Kind::Error => 1,
        Kind::Ack | Kind::Hello | Kind::End | Kind::Heartbeat | Kind::Notice => 2,
        Kind::Snapshot => 3,
        Kind::Data | Kind::Other => 4,
    }
}

fn evidence(study: &Study<'_>, number: usize, kind: &Heard, count: usize) -> String {
    let seen = times(count);
    match kind.kind {
        Kind::Pong => {
            let answered = study.roles.iter().find_map(|role| match role {
                Role::Beat(beat) => beat.answer.filter(|(kind, ..)| *kind == number).map(|(_, n, _)| (n, beat.count)),
                Role::Answer { .. } | Role::Ask | Role::Leave | Role::Login | Role::Other => None,
            });
            answered.map_or_else(|| format!("seen {seen}"), |(n, all)| format!("the answer to {n} of {all} heartbeats"))
        }
        Kind::Ping => {
            let answered = study.roles.iter().find_map(|role| match role {
                Role::Answer { to, of } if *to == number => Some(of.0),
                Role::Answer { .. } | Role::Beat(_) | Role::Ask | Role::Leave | Role::Login | Role::Other => None,
            });
            format!("seen {seen}, {} of them answered at once", answered.unwrap_or(0))
        }
        Kind::Ack => format!("seen {seen}, right after a request"),
        Kind::Nack => format!("seen {seen}, right after a request, and it speaks of an error"),
        Kind::Hello => format!("seen {seen}, before the first subscription"),
        Kind::Data
        | Kind::Snapshot
        | Kind::Heartbeat
        | Kind::Notice
        | Kind::End
        | Kind::Error
        | Kind::Goodbye
        | Kind::Fatal
        | Kind::Other => format!("seen {seen}; what it is, is guessed from its words"),
    }
}

fn word(kind: Kind) -> String {
    let mut word = kind.word().to_owned();
    if let Some(first) = word.get_mut(..1) {
        first.make_ascii_uppercase();
    }
    word
}

/// What is true of these messages and of no other, as an inline table.
pub(in super::super) fn conditions(study: &Study<'_>, these: &[usize], others: &[usize]) -> Option<String> {
    let all = distinguish(&study.messages, these, others)?;
    if all.iter().any(|(_, value)| study.secrets.holds(value)) {
        return None;
    }
    let list: Vec<_> = all.iter().map(|(place, value)| format!("{} = {value}", key(place))).collect();
    Some(format!("{{ {} }}", list.join(", ")))
}

/// Where an error says in words what is wrong.
fn said_to_a_person(study: &Study<'_>, kind: &Heard) -> Option<String> {
    if !matches!(kind.kind, Kind::Nack | Kind::Error | Kind::Fatal) {
        return None;
    }
    let doc = study.messages.get(*kind.group.members.first()?)?.doc.as_ref()?;
    let names = ["message", "msg", "reason", "error", "description", "text"];
    let text = |leaf: &&super::super::document::Leaf| matches!(&leaf.value, Scalar::Text(text) if text.contains(' '));
    let named =
        |name: &&str| doc.leaves.iter().filter(text).find(|leaf| super::super::document::last(&leaf.path) == **name);
    names.iter().find_map(named).or_else(|| doc.leaves.iter().find(text)).map(|leaf| leaf.path.clone())
}
