//! Alarms as sentences.

use std::time::Duration;

use super::{Lang, name, s};
use crate::event::alarm::{Cause, State};
use crate::text;

/// What an alarm is raised for, with its numbers, and what became of it.
pub fn alarm(
    lang: Lang,
    feed: &str,
    service: &str,
    (cause, state): (Cause, State),
    length: Duration,
    lost: u64,
) -> String {
    let (feed, service, length, count) = (name(feed), name(service), text::age(length), text::count(lost));
    let plural = s(lost);
    let what = match cause {
        Cause::Down => both!(lang, "{feed} down {length}", "{feed} 已断开 {length}"),
        Cause::Stale => both!(lang, "{feed}: {service} silent for {length}", "{feed}：{service} 已静默 {length}"),
        Cause::Gap => {
            both!(lang, "{feed}: {service} lost {count} message{plural}", "{feed}：{service} 丢失 {count} 条消息")
        }
        Cause::Stopped => both!(lang, "{feed} stopped: no further attempt without you", "{feed} 已停止：不再自动重连"),
    };
    match state {
        State::Raised => what,
        State::Cleared => both!(lang, "over: {what}", "已解除：{what}"),
        State::Acknowledged => both!(lang, "acknowledged: {what}", "已确认：{what}"),
    }
}

/// How many alarms wait for the user, and the key that says they were seen.
pub fn alarms(lang: Lang, count: usize, key: &str) -> String {
    let plural = s(count as u64);
    if key.is_empty() {
        return both!(lang, "{count} alarm{plural}", "{count} 个警报");
    }
    both!(lang, "{count} alarm{plural}: {key}", "{count} 个警报：{key}")
}
