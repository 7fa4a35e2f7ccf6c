//! An outage, told in a few sentences: its cause, how it was noticed, how long it took, and what came back.

use super::{Lang, name, s};
use crate::event::{Outage, ServiceId};
use crate::text::{age, count, passed};
use crate::time::Ts;

/// So many services are named; the rest are counted.
const NAMED: usize = 8;

/// The story of an outage. `names` knows the names of services, `now` tells how long one that is not over has lasted.
pub fn outage(lang: Lang, outage: &Outage, names: &dyn Fn(ServiceId) -> String, now: Ts) -> String {
    let mut story = vec![cause(lang, outage), course(lang, outage, now)];
    story.extend(returned(lang, outage, names));
    story.push(missed(lang, outage));
    story.join(lang.pick(" ", ""))
}

fn cause(lang: Lang, outage: &Outage) -> String {
    let (id, why) = (outage.id, super::why(lang, &outage.why));
    match outage.detect {
        Some(detect) => {
            let detect = passed(detect);
            both!(
                lang,
                "Outage {id}: {why}. Noticed {detect} after the last byte.",
                "断线 {id}：{why}。在最后一个字节之后 {detect} 发现。",
            )
        }
        None => both!(lang, "Outage {id}: {why}.", "断线 {id}：{why}。"),
    }
}

fn course(lang: Lang, outage: &Outage, now: Ts) -> String {
    let (dials, plural) = (outage.attempts, s(u64::from(outage.attempts)));
    if outage.over {
        let down = age(outage.down);
        both!(lang, "Open again after {down} and {dials} dial{plural}.", "{down} 后恢复，连接 {dials} 次。")
    } else {
        let lasted = age(now.since(outage.began));
        both!(lang, "It has lasted {lasted}, {dials} dial{plural} so far.", "已持续 {lasted}，至今连接 {dials} 次。")
    }
}

/// Which services came back, and when; nothing where none was wanted.
fn returned(lang: Lang, outage: &Outage, names: &dyn Fn(ServiceId) -> String) -> Option<String> {
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
    let parts = parts.join(lang.pick(", ", "，"));
    Some(both!(lang, "Data since the new link: {parts}.", "新连接打开后的数据：{parts}。"))
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
