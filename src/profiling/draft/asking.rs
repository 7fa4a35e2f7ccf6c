//! The parts of a draft in which something is asked: login, subscribe, unsubscribe and their answers.

use std::collections::BTreeSet;

use super::super::writing::quote;
use super::echo::Routing;
use super::paper::{Known, Step, rules};
use super::said::{Hints, captures, frame};
use super::sheet::Sheet;
use super::study::Study;
use super::talk::Role;
use crate::event::Kind;
use crate::profile::template::Template;
use crate::text;

/// The login: everything said before the first subscription, with what came then.
pub(super) fn steps(study: &Study<'_>) -> Vec<Step> {
    const MOST: usize = 6;
    let of_role = |wanted: fn(&Role) -> bool| {
        let groups = study.said.iter().zip(&study.roles).filter(move |(_, role)| wanted(role));
        groups.flat_map(|(group, _)| group.members.iter().copied()).collect::<BTreeSet<usize>>()
    };
    let logins = of_role(|role| *role == Role::Login);
    let first_ask = study.asks.first().copied().unwrap_or(usize::MAX);
    let data = study.kinds.iter().filter(|kind| kind.data > 0).flat_map(|kind| &kind.group.members).min();
    let until = first_ask.min(data.copied().unwrap_or(usize::MAX));
    let quiet = |at: &usize| {
        let kind = study.kinds.iter().find(|kind| kind.group.members.contains(at));
        kind.is_some_and(|kind| matches!(kind.kind, Kind::Hello | Kind::Ack | Kind::Other) && kind.data == 0)
    };
    let sent: Vec<usize> = logins.into_iter().filter(|at| *at < until).take(MOST).collect();
    let mut steps = Vec::new();
    let start = sent.first().copied().unwrap_or(until);
    let greeting = study.heard.iter().copied().find(|at| *at < start && quiet(at));
    steps.extend(greeting.map(|came| Step { sent: None, came: Some(came) }));
    for (n, at) in sent.iter().enumerate() {
        let next = sent.get(n + 1).copied().unwrap_or(first_ask);
        let soon = study.messages[*at].at.saturating_add(10_000_000);
        let answer = study
            .heard
            .iter()
            .copied()
            .find(|came| came > at && *came < next && quiet(came) && study.messages[*came].at <= soon);
        steps.push(Step { sent: Some(*at), came: answer });
    }
    steps
}

pub(super) fn named_captures(study: &Study<'_>, steps: &[Step]) -> Vec<(usize, String, String, String)> {
    let mut named: Vec<(usize, String, String, String)> = Vec::new();
    for (at, place, value) in captures(study) {
        // Only what a step of the login waits for is known before it is needed.
        if !steps.iter().any(|step| step.came == Some(at)) {
            continue;
        }
        let plain: String =
            super::document::last(&place).chars().filter(|c| c.is_ascii_alphanumeric() || *c == '_').collect();
        let base = if plain.starts_with(|c: char| c.is_ascii_alphabetic()) { plain } else { "value".to_owned() };
        let taken = named.iter().filter(|(_, _, _, name)| name.starts_with(&base)).count();
        let name = if taken == 0 { base } else { format!("{base}{}", taken + 1) };
        named.push((at, place, value, name));
    }
    named
}

pub(super) fn hints(study: &Study<'_>, known: &Known) -> Hints<'static> {
    let mut names: Vec<(String, String)> = Vec::new();
    for service in &known.asked.services {
        let whole = known.asked.params.iter().any(|(_, param)| param == "name");
        if whole {
            names.push((service.name.clone(), "name".to_owned()));
        }
        for (param, value) in &service.params {
            names.extend(value.word().map(|word| (word.to_owned(), param.clone())));
        }
    }
    let sub_ids = match study.routed.as_ref().map(|routed| &routed.routing) {
        Some(Routing::Id { .. }) => numbers_of_asks(study),
        _ => BTreeSet::new(),
    };
    let sids = match study.routed.as_ref().map(|routed| &routed.routing) {
        Some(Routing::Sid { .. }) => study.rows.iter().filter_map(|row| row.key.clone()).collect(),
        _ => BTreeSet::new(),
    };
    let captured = known.captures.iter().map(|(_, _, value, name)| (value.clone(), name.clone())).collect();
    Hints { names, answers: None, captured, sub_ids, sids }
}

/// The numbers of all requests for services, whatever their form.
pub(super) fn numbers_of_asks(study: &Study<'_>) -> BTreeSet<String> {
    let asks = study.said.iter().zip(&study.roles).filter(|(_, role)| **role == Role::Ask);
    let docs = asks.flat_map(|(group, _)| &group.members).filter_map(|at| study.messages.get(*at)?.doc.as_ref());
    docs.flat_map(|doc| study.ids.iter().filter_map(|id| doc.leaf(id)?.value.word().map(str::to_owned))).collect()
}

pub(super) fn sending(key: &str, template: &Template, json: bool) -> String {
    let key = if json { key.to_owned() } else { format!("{key}_text") };
    format!("{key} = {}", quote(&template.to_string()))
}

pub(super) fn login(study: &Study<'_>, known: &Known, sheet: &mut Sheet) {
    for step in &known.steps {
        let captured: Vec<_> = known.captures.iter().filter(|(at, ..)| Some(*at) == step.came).collect();
        let Some(expect) = expectation(study, step.came) else {
            // What was said, and nothing that is known to have come of it.
            if let Some(at) = step.sent {
                let hints = Hints { names: Vec::new(), ..hints(study, known) };
                let (template, json) = frame(study, at, &hints);
                let block = sheet.block();
                block.line("[[handshake]]").remark("sent before the first subscription; no answer to it was seen");
                block.line(sending("send", &template, json));
            }
            continue;
        };
        let block = sheet.block();
        block.line("[[handshake]]");
        match step.sent {
            Some(at) => {
                let hints = Hints { names: Vec::new(), ..hints(study, known) };
                let (template, json) = frame(study, at, &hints);
                block.remark("sent before the first subscription, and answered so");
                block.line(sending("send", &template, json));
            }
            None => {
                block.remark("the server speaks first");
            }
        }
        block.line(format!("expect = {expect}"));
        if !captured.is_empty() {
            let list: Vec<_> =
                captured.iter().map(|(_, place, _, name)| format!("{name} = {}", quote(place))).collect();
            block.remark("said again later, in what we send");
            block.line(format!("capture = {{ {} }}", list.join(", ")));
        }
    }
}

pub(super) fn expectation(study: &Study<'_>, came: Option<usize>) -> Option<String> {
    let at = came?;
    let kind = study.kinds.iter().find(|kind| kind.group.members.contains(&at))?;
    let others: Vec<usize> = study.heard.iter().copied().filter(|other| !kind.group.members.contains(other)).collect();
    rules::conditions(study, &kind.group.members, &others).or_else(|| rules::conditions(study, &[at], &others))
}

pub(super) fn subscribe(study: &Study<'_>, known: &Known, sheet: &mut Sheet) {
    let Some(template) = &known.asked.frame else {
        if !study.rows.is_empty() {
            sheet.block().remark("Nothing was sent that asks for services: they come by themselves.");
        }
        return;
    };
    let block = sheet.block();
    let places: Vec<_> = known.asked.params.iter().map(|(place, _)| place.as_str()).collect();
    let what = if places.is_empty() {
        "it is the only one".to_owned()
    } else {
        format!("they differ in {}", places.join(", "))
    };
    block.line("[subscribe]").remark(&format!("sent {}; {what}", rules::times(study.asks.len())));
    if let Some((share, most)) = &known.asked.share {
        block.line(format!("arg = {}", quote(&share.to_string())));
        if !share.json {
            block.line("join = \",\"");
        }
        if *most > 1 {
            block.line(format!("batch = {most}"));
        }
    }
    block.line(format!("frame = {}", quote(&template.to_string())));
    if let Some(id) = known.asked.id.filter(|id| *id != "number" && uses_id(known)) {
        block.line(format!("id = {}", quote(id)));
    }
    match ack(study) {
        Some((line, evidence)) => {
            block.remark(&evidence).line(line);
        }
        None => {
            block.remark("no message was seen that says yes to it").line("live_on = \"sent\"");
        }
    }
    if let Some(Routing::Sid { ack, .. }) = study.routed.as_ref().map(|routed| &routed.routing) {
        block.remark("the answer brings the number that messages have").line(format!("sid = {}", quote(ack)));
    }
    let mut forms: Vec<&str> = Vec::new();
    for (group, _) in study.said.iter().zip(&study.roles).filter(|(_, role)| **role == Role::Ask) {
        let odd = group.members.iter().filter(|at| !study.asks.contains(at));
        forms.extend(odd.filter_map(|at| study.messages.get(*at)).map(|message| message.text.as_str()));
    }
    if !forms.is_empty() {
        block
            .remark(&format!("sent {} in another form, which needs parameters of its own:", rules::times(forms.len())));
        for form in forms.into_iter().take(3) {
            block.remark(&text::cut(&text::clean(&study.secrets.hide(form)), 160));
        }
    }
}

pub(super) fn uses_id(known: &Known) -> bool {
    let templates = known.asked.frame.iter().chain(known.asked.share.iter().map(|(share, _)| share));
    templates.into_iter().any(|template| {
        template.uses(&crate::profile::template::Source::Id) || template.uses(&crate::profile::template::Source::SubId)
    })
}

/// How an answer to a request is known.
pub(super) fn ack(study: &Study<'_>) -> Option<(String, String)> {
    let mut acks = study.kinds.iter().filter(|kind| kind.kind == Kind::Ack);
    let kind = acks.clone().find(|kind| study.answered_at(&kind.group).is_some()).or_else(|| acks.next())?;
    let all = study.kinds.iter().filter(|kind| matches!(kind.kind, Kind::Ack | Kind::Nack));
    let count: usize = all.map(|kind| kind.group.members.len()).sum();
    if let Some(place) = study.answered_at(&kind.group) {
        let evidence = format!("{count} answers repeat the number of a request there");
        return Some((format!("ack = {{ id = {} }}", quote(&place)), evidence));
    }
    let named = kind.group.members.iter().filter(|at| !study.rows_of(**at).is_empty()).count();
    if named * 2 > count {
        return Some((
            "ack = { route = true }".to_owned(),
            format!("{count} answers name the service as its messages do"),
        ));
    }
    // The name may stand elsewhere in an answer.
    let names = study.names();
    let doc = study.messages.get(*kind.group.members.first()?)?.doc.as_ref()?;
    let leaf = doc.leaves.iter().find(|leaf| leaf.value.text().is_some_and(|word| names.contains(word)));
    match leaf {
        Some(leaf) => Some((
            format!("ack = {{ key = {} }}", quote(&format!("${{{}}}", leaf.path))),
            format!("{count} answers name the service there"),
        )),
        None => Some((
            "ack = { order = true }".to_owned(),
            format!("{count} answers name no service: they are taken to come in order"),
        )),
    }
}

pub(super) fn unsubscribe(study: &Study<'_>, known: &Known, sheet: &mut Sheet) {
    let hints = hints(study, known);
    let groups = study.said.iter().zip(&study.roles).filter(|(_, role)| **role == Role::Leave).map(|(group, _)| group);
    let knows = |template: &Template| {
        template.holes().any(|hole| {
            use crate::profile::template::Source;
            matches!(hole.source, Source::Service(_) | Source::SubId | Source::SubSid)
        })
    };
    let mut found = groups.flat_map(|group| &group.members).map(|at| (*at, frame(study, *at, &hints)));
    if let Some((_, (template, json))) = found.find(|(_, (template, _))| knows(template)) {
        let block = sheet.block();
        let template = spread_list(&template, known);
        block
            .line("[unsubscribe]")
            .remark("sent for a service that had been subscribed")
            .line(sending("frame", &template, json));
        return;
    }
    if let Some(asked) = known.asked.frame.as_ref().map(ToString::to_string)
        && let Some(guess) = opposite(&asked)
    {
        let block = sheet.block();
        block.line("[unsubscribe]").line(format!("frame = {}", quote(&guess)));
        block.doubt("Leaving a service was not seen. Servers of this kind often understand:");
    }
}

/// Where shares of services stand in a list, one that is left stands in it as well.
pub(super) fn spread_list(template: &Template, known: &Known) -> Template {
    let Some((share, _)) = &known.asked.share else { return template.clone() };
    if !share.json {
        let (mut text, share) = (template.to_string(), share.to_string());
        while text.contains(&format!("{share},{share}")) {
            text = text.replacen(&format!("{share},{share}"), &share, 1);
        }
        return Template::parse(&text, template.json).unwrap_or_else(|_| template.clone());
    }
    let (text, share) = (template.to_string(), share.to_string());
    let replaced = text.replacen(&format!("[{share}]"), "${args}", 1);
    Template::parse(&replaced, true).unwrap_or_else(|_| template.clone())
}

pub(super) fn opposite(frame: &str) -> Option<String> {
    let pairs = [
        ("\"subscribe", "\"unsubscribe"),
        ("\"SUBSCRIBE", "\"UNSUBSCRIBE"),
        ("\"sub\"", "\"unsub\""),
        ("\"SUB\"", "\"UNSUB\""),
        ("\"join", "\"leave"),
    ];
    pairs.into_iter().find(|(ask, _)| frame.contains(ask)).map(|(ask, leave)| frame.replacen(ask, leave, 1))
}
