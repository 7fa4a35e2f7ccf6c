//! Feeds that were lost together: how many, of whom, within what time, and what they have in common.

use std::time::Duration;

use super::{Lang, name, s};
use crate::event::cluster::{Extent, Scope};
use crate::text::passed;

/// `38 of 40 feeds lost within 1.2s: no default route`.
pub fn together(lang: Lang, extent: &Extent) -> String {
    let Extent { scope, host, lost, of, hosts, within, routed } = extent;
    let (within, plural) = (time(lang, *within), s(*of as u64));
    match scope {
        Scope::Local => {
            let cause = cause(lang, *routed);
            both!(
                lang,
                "{lost} of {of} feeds lost {within}, on {hosts} hosts: {cause}",
                "{within}断开 {lost}/{of} 个数据源，涉及 {hosts} 台主机：{cause}",
            )
        }
        Scope::Host => {
            let host = name(host.as_deref().unwrap_or_default());
            both!(lang, "all {of} feeds of {host} lost {within}", "{host} 的全部 {of} 个数据源{within}断开")
        }
        Scope::Feed => both!(lang, "{lost} of {of} feed{plural} lost", "{of} 个数据源中 {lost} 个断开"),
    }
}

/// The same where there is little room: `38 of 40 lost in 1.2s: no default route`.
pub fn together_short(lang: Lang, extent: &Extent) -> String {
    let Extent { scope, host, lost, of, within, routed, .. } = extent;
    let within = time(lang, *within);
    match scope {
        Scope::Local => {
            let cause = cause(lang, *routed);
            both!(lang, "{lost} of {of} lost {within}: {cause}", "{within}断开 {lost}/{of}：{cause}")
        }
        Scope::Host => {
            let host = name(host.as_deref().unwrap_or_default());
            both!(lang, "all {of} of {host} lost", "{host} 全部 {of} 个断开")
        }
        Scope::Feed => both!(lang, "{lost} of {of} lost", "断开 {lost}/{of}"),
    }
}

/// What a trouble of this side is called.
pub fn here(lang: Lang) -> &'static str {
    lang.pick("network here", "本机网络")
}

/// Others go on all the same, so that it is not the whole of our network: `3 other hosts answer`.
pub fn still_answer(lang: Lang, hosts: usize) -> String {
    let (verb, plural) = (if hosts == 1 { "answers" } else { "answer" }, s(hosts as u64));
    both!(lang, "{hosts} other host{plural} {verb}", "另有 {hosts} 台主机正常")
}

/// One of those that were lost together, after its own story.
pub fn among(lang: Lang, extent: &Extent) -> String {
    let together = together(lang, extent);
    both!(lang, "Not alone: {together}.", "并非单独发生：{together}。")
}

/// What is faster than the eye has no number.
fn time(lang: Lang, within: Duration) -> String {
    if within < Duration::from_millis(100) {
        return lang.pick("at once", "同时").to_owned();
    }
    let within = passed(within);
    both!(lang, "within {within}", "在 {within} 内")
}

fn cause(lang: Lang, routed: Option<bool>) -> &'static str {
    match routed {
        Some(false) => lang.pick("no default route", "没有默认路由"),
        Some(true) | None => lang.pick("the network here", "本机网络"),
    }
}
