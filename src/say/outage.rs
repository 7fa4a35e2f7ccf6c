//! An outage, told in a few sentences: its cause, how it was noticed, what was tried, how long it took, and what came back.

use std::time::Duration;

use super::{Lang, name, s, why_short};
use crate::event::{Outage, ServiceId, Try, Why};
use crate::text::{age, count, passed, span};
use crate::time::Ts;

/// So many services are named; the rest are counted.
const NAMED: usize = 8;

/// The story of an outage. `names` knows the names of services, `now` tells how long one that is not over has lasted.
pub fn outage(lang: Lang, outage: &Outage, names: &dyn Fn(ServiceId) -> String, now: Ts) -> String {
    let mut story = vec![cause(lang, outage)];
    story.extend(asleep(lang, outage));
    story.extend(tried(lang, outage));
    // Right at its beginning there is no course yet.
    if outage.over || outage.attempts > 0 || now.since(outage.began) >= Duration::from_secs(1) {
        story.push(course(lang, outage, now));
        story.extend(returned(lang, outage, names));
        story.push(missed(lang, outage));
    }
    story.join(lang.pick(" ", ""))
}

/// `dials 1-2: refused, 3: HTTP 503 (wait 15s)`; empty where none came to nothing.
pub fn tries(lang: Lang, tries: &[Try]) -> String {
    let mut parts = Vec::new();
    let mut next = tries.first().map_or(1, |run| run.from);
    for (i, run) in tries.iter().enumerate() {
        let Try { from, to, why, opened } = run;
        if *from > next {
            parts.push("…".to_owned());
        }
        next = to.saturating_add(1);
        let which = if from == to { from.to_string() } else { format!("{from}-{to}") };
        let what = cause_of_try(lang, why, *opened);
        let plural = if from == to { "" } else { "s" };
        parts.push(if i == 0 {
            both!(lang, "dial{plural} {which}: {what}", "第 {which} 次连接：{what}")
        } else {
            both!(lang, "{which}: {what}", "第 {which} 次：{what}")
        });
    }
    parts.join(lang.pick(", ", "，"))
}

fn cause_of_try(lang: Lang, why: &Why, opened: bool) -> String {
    let what = why_short(lang, why);
    let what = if let Why::Http { retry_after: Some(wait), .. } = why {
        let wait = span(*wait);
        both!(lang, "{what} (wait {wait})", "{what}（要求等待 {wait}）")
    } else {
        what
    };
    if opened { both!(lang, "open, then {what}", "已打开，随后{what}") } else { what }
}

fn cause(lang: Lang, outage: &Outage) -> String {
    let (id, why) = (outage.id, super::why(lang, &outage.why));
    match (outage.detect, outage.silent) {
        (Some(detect), _) if !detect.is_zero() => {
            let detect = passed(detect);
            both!(
                lang,
                "Outage {id}: {why}. Noticed {detect} after the last byte.",
                "断线 {id}：{why}。在最后一个字节之后 {detect} 发现。",
            )
        }
        (Some(_), Some(silent)) => {
            let silent = passed(silent);
            both!(
                lang,
                "Outage {id}: {why}. Known at once; the last byte had come {silent} before.",
                "断线 {id}：{why}。当即得知；最后一个字节在此前 {silent}。",
            )
        }
        (Some(_) | None, _) => both!(lang, "Outage {id}: {why}.", "断线 {id}：{why}。"),
    }
}

fn asleep(lang: Lang, outage: &Outage) -> Option<String> {
    let slept = (!outage.slept.is_zero()).then(|| age(outage.slept))?;
    Some(both!(
        lang,
        "This machine slept for {slept} meanwhile or right before.",
        "本机在此期间或之前刚休眠了 {slept}。"
    ))
}

fn tried(lang: Lang, outage: &Outage) -> Option<String> {
    let tries = tries(lang, &outage.tries);
    let mut letters = tries.chars();
    let first = letters.next()?.to_uppercase();
    let rest = letters.as_str();
    Some(both!(lang, "{first}{rest}.", "{first}{rest}。"))
}

fn course(lang: Lang, outage: &Outage, now: Ts) -> String {
    let (dials, plural) = (outage.attempts, s(u64::from(outage.attempts)));
    if outage.over {
        let down = age(outage.down);
        both!(lang, "Down for {down}, {dials} dial{plural}.", "中断 {down}，连接 {dials} 次。")
    } else {
        let lasted = age(now.since(outage.began));
        both!(lang, "It has lasted {lasted}, {dials} dial{plural} so far.", "已持续 {lasted}，至今连接 {dials} 次。")
    }
}

/// Which services came back, and when; nothing where none was wanted.
fn returned(lang: Lang, outage: &Outage, names: &dyn Fn(ServiceId) -> String) -> Option<String> {
    let parts = data_back(lang, outage, names)?;
    Some(both!(lang, "Data since the new link: {parts}.", "新连接打开后的数据：{parts}。"))
}

/// Each service, and how long after the new link its data was back.
pub fn data_back(lang: Lang, outage: &Outage, names: &dyn Fn(ServiceId) -> String) -> Option<String> {
    if outage.services.is_empty() {
        return None;
    }
    let mut parts: Vec<String> = Vec::new();
    for (service, after) in outage.services.iter().take(NAMED) {
        let service = name(&names(*service));
        parts.push(match after {
            Some(after) => {
                let after = age(*after);
                both!(lang, "{service} after {after}", "{service} 在 {after} 后")
            }
            None => both!(lang, "{service} not yet", "{service} 尚无"),
        });
    }
    let more = outage.services.len().saturating_sub(NAMED);
    if more > 0 {
        parts.push(super::and_more(lang, more));
    }
    Some(parts.join(lang.pick(", ", "，")))
}

/// How it was noticed, and when the last byte had come; nothing where there was no link.
pub fn noticed(lang: Lang, outage: &Outage) -> Option<String> {
    let (detect, silent) = (outage.detect?, passed(outage.silent?));
    if detect.is_zero() {
        return Some(both!(
            lang,
            "at once, for we were told; the last byte had come {silent} before",
            "当即得知；最后一个字节在此前 {silent}"
        ));
    }
    let detect = passed(detect);
    Some(both!(lang, "{detect} after the last byte, by our own verdict", "最后一个字节之后 {detect}，由我方判定"))
}

/// How long it lasted, or has so far.
pub fn lasted(lang: Lang, outage: &Outage, now: Ts) -> String {
    if outage.over {
        return age(outage.down);
    }
    let so_far = age(now.since(outage.began));
    both!(lang, "{so_far} so far", "至今 {so_far}")
}

/// How many dials there were, and what became of those that came to nothing.
pub fn dialed(lang: Lang, outage: &Outage) -> String {
    let (dials, tries) = (count(u64::from(outage.attempts)), tries(lang, &outage.tries));
    if tries.is_empty() { dials } else { both!(lang, "{dials}; {tries}", "{dials}；{tries}") }
}

/// No outage so far: what would stand here.
pub fn no_outage(lang: Lang, watched: Duration) -> String {
    let watched = age(watched);
    both!(
        lang,
        "No outage in {watched}. Each will stand here: when, why, how soon it was noticed, what was tried, which services came back, and what was missed.",
        "{watched} 内没有断线。每次断线都会列在这里：何时、原因、多久发现、重连经过、哪些业务恢复、遗漏了什么。",
    )
}

/// The title of the list: `5 outages of 3 feeds`.
pub fn outages_of(lang: Lang, outages: usize, feeds: usize) -> String {
    let (plural, feeds_plural) = (s(outages as u64), s(feeds as u64));
    both!(lang, "{outages} outage{plural} of {feeds} feed{feeds_plural}", "{feeds} 个数据源的 {outages} 次断线")
}

/// The time that the bars cover: `1h00m to now`.
pub fn bars_to_now(lang: Lang, span: Duration) -> String {
    let span = crate::text::span(span);
    both!(lang, "{span} to now", "最近 {span}")
}

/// How many were missed, after a word that says what is counted.
pub fn missed_count(lang: Lang, outage: &Outage) -> String {
    match outage.missed {
        Some(0) if outage.over => both!(lang, "nothing", "无"),
        Some(n) if n > 0 => {
            let (n, plural) = (count(n), s(n));
            both!(lang, "{n} message{plural}", "{n} 条消息")
        }
        None if outage.over => both!(lang, "cannot be known", "无从得知"),
        Some(_) | None => both!(lang, "not known yet", "尚不清楚"),
    }
}

fn missed(lang: Lang, outage: &Outage) -> String {
    match (outage.missed, outage.over) {
        (Some(0), true) => both!(lang, "Nothing was missed.", "没有遗漏。"),
        (Some(n), true) => {
            let (n, plural) = (count(n), s(n));
            both!(lang, "{n} message{plural} missed.", "遗漏 {n} 条消息。")
        }
        (Some(n), false) if n > 0 => {
            let (n, plural) = (count(n), s(n));
            both!(lang, "{n} message{plural} missed so far.", "至今遗漏 {n} 条消息。")
        }
        (None, true) => both!(lang, "What was missed cannot be known.", "遗漏多少无从得知。"),
        (Some(_) | None, false) => both!(lang, "What was missed is not known yet.", "遗漏多少尚不清楚。"),
    }
}
