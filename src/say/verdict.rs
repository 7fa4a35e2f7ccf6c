//! Pieces of the first line and of the trouble strip: how many need the user, the worst, and whether it is us or them.
//! Which pieces fit, and in what order, the screen decides.

use std::time::Duration;

use super::{Lang, name, quoted};
use crate::event::{Try, Why};
use crate::text::{age, count, passed, rate, span};

/// All is well: `6 feeds live`.
pub fn feeds_live(lang: Lang, feeds: usize) -> String {
    let (n, plural) = number(feeds);
    both!(lang, "{n} feed{plural} live", "{n} 个数据源正常")
}

/// `3 of 6 feeds need you`.
pub fn feeds_need_you(lang: Lang, need: usize, feeds: usize) -> String {
    let (feeds, plural) = number(feeds);
    let (verb, need) = (if need == 1 { "needs" } else { "need" }, number(need).0);
    both!(lang, "{need} of {feeds} feed{plural} {verb} you", "{feeds} 个数据源中有 {need} 个需要处理")
}

/// `3 of 6 need you`.
pub fn feeds_need_you_short(lang: Lang, need: usize, feeds: usize) -> String {
    let verb = if need == 1 { "needs" } else { "need" };
    let (need, feeds) = (number(need).0, number(feeds).0);
    both!(lang, "{need} of {feeds} {verb} you", "{need}/{feeds} 需要处理")
}

/// `2 feeds dialing`.
pub fn feeds_dialing(lang: Lang, feeds: usize) -> String {
    let (n, plural) = number(feeds);
    both!(lang, "{n} feed{plural} dialing", "{n} 个数据源连接中")
}

/// No feed will dial again by itself.
pub fn all_stopped(lang: Lang) -> String {
    both!(lang, "nothing runs", "没有运行中的数据源")
}

/// It is not us: `3 other hosts answer, so not us`.
pub fn others_answer(lang: Lang, hosts: usize) -> String {
    let verb = if hosts == 1 { "answers" } else { "answer" };
    let (n, plural) = number(hosts);
    both!(lang, "{n} other host{plural} {verb}, so not us", "另有 {n} 台主机正常，不是本机的问题")
}

/// It may be us: no host answers.
pub fn none_answers(lang: Lang) -> String {
    both!(lang, "no host answers, so maybe us", "没有主机应答，可能是本机网络")
}

/// `1 paused by you`.
pub fn paused_by_you(lang: Lang, feeds: usize) -> String {
    both!(lang, "{feeds} paused by you", "{feeds} 个由你暂停")
}

/// `and 4 more`.
pub fn and_more(lang: Lang, more: usize) -> String {
    both!(lang, "and {more} more", "另有 {more} 个")
}

/// The title of a pane that cannot show all: `3 of 142/s shown, all counted`.
pub fn sampled(lang: Lang, shown: u64, per_second: f64) -> String {
    let (shown, rate) = (count(shown), rate(per_second));
    both!(lang, "{shown} of {rate} shown, all counted", "显示 {shown}，实到 {rate}，全部计数")
}

/// The title of a pane that stands still while messages go on coming.
pub fn frozen(lang: Lang, waiting: u64) -> String {
    let n = count(waiting);
    both!(lang, "frozen, {n} waiting", "已冻结，{n} 条等待")
}

/// A beat waits for its answer: `no byte for 33.2s; our beat is unanswered for 3.2s of 10s`.
pub fn probing(lang: Lang, silent: Option<Duration>, waited: Duration, limit: Duration) -> String {
    let (waited, limit) = (passed(waited), span(limit));
    match silent {
        Some(silent) => {
            let silent = passed(silent);
            both!(
                lang,
                "no byte for {silent}; our beat is unanswered for {waited} of {limit}",
                "{silent} 没有收到字节；心跳已等待 {waited}，上限 {limit}",
            )
        }
        None => both!(lang, "our beat is unanswered for {waited} of {limit}", "心跳已等待 {waited}，上限 {limit}"),
    }
}

/// Why a feed is down and what was tried since: `TCP ended without a close frame; dials 1-2: refused, 3: HTTP 503`.
pub fn retrying(lang: Lang, ended: &Why, tries: &[Try]) -> String {
    let (ended, tries) = (super::why(lang, ended), super::tries(lang, tries));
    if tries.is_empty() { ended } else { both!(lang, "{ended}; {tries}", "{ended}；{tries}") }
}

/// A service is silent while its link lives: `btc@trade silent for 48s, usually ≤ 2.1s; the link is fine, and so are 2 more`.
pub fn stale_service(lang: Lang, service: &str, silent: Duration, usual: Option<Duration>, others: usize) -> String {
    let (service, silent) = (name(service), age(silent));
    let usual = usual.map_or_else(String::new, |usual| {
        let usual = passed(usual);
        both!(lang, ", usually ≤ {usual}", "，通常 ≤ {usual}")
    });
    let rest = match others {
        0 => both!(lang, "the link is fine", "连接正常"),
        1 => both!(lang, "the link and another service are fine", "连接和另 1 个业务正常"),
        2.. => both!(lang, "the link and {others} other services are fine", "连接和另 {others} 个业务正常"),
    };
    both!(lang, "{service} silent for {silent}{usual}; {rest}", "{service} 静默 {silent}{usual}；{rest}")
}

/// One service is refused: by the server, by a limit, or for want of what a program was to say.
pub fn refused_service(lang: Lang, service: &str, text: Option<&str>) -> String {
    let (service, text) = (name(service), quoted(lang, text.unwrap_or_default()));
    both!(lang, "{service} is refused{text}", "{service} 被拒绝{text}")
}

/// Subscribed, and no sign that the server agrees.
pub fn unacked_service(lang: Lang, service: &str) -> String {
    let service = name(service);
    both!(lang, "{service} is asked for and not yet acknowledged", "{service} 已请求，尚未确认")
}

fn number(n: usize) -> (String, &'static str) {
    (count(n as u64), if n == 1 { "" } else { "s" })
}
