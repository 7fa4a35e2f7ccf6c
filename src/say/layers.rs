//! One sick feed in the first line, layer by layer: what still works, and what does not. Which of them is the worst is
//! decided elsewhere.

use std::time::Duration;

use super::{Lang, name};
use crate::text::{age, passed};

/// What is wrong with an open link, or with one that is being logged in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ill<'a> {
    Silent {
        service: &'a str,
        silent: Duration,
        usual: Option<Duration>,
    },
    Refused {
        service: &'a str,
    },
    Unacked {
        service: &'a str,
    },
    /// Our beat waits for its answer.
    Unanswered {
        waited: Duration,
    },
    /// Our login does.
    Login {
        waited: Duration,
    },
}

/// `binance connected, answering, but btc@trade silent 48s (usually at most 2.1s)`.
pub fn layered(lang: Lang, feed: &str, ill: Ill<'_>) -> String {
    let feed = name(feed);
    match ill {
        Ill::Silent { service, silent, usual } => {
            let (service, silent) = (name(service), age(silent));
            let usual = usual.map_or_else(String::new, |usual| {
                let usual = passed(usual);
                both!(lang, " (usually at most {usual})", "（通常不超过 {usual}）")
            });
            both!(
                lang,
                "{feed} connected, answering, but {service} silent {silent}{usual}",
                "{feed} 已连接、有应答，但 {service} 静默 {silent}{usual}",
            )
        }
        Ill::Refused { service } => {
            let service = name(service);
            both!(lang, "{feed} connected, but {service} is refused", "{feed} 已连接，但 {service} 被拒绝")
        }
        Ill::Unacked { service } => {
            let service = name(service);
            both!(lang, "{feed} connected, but {service} not acknowledged", "{feed} 已连接，但 {service} 尚未确认")
        }
        Ill::Unanswered { waited } => {
            let waited = age(waited);
            both!(lang, "{feed} connected, not answering for {waited}", "{feed} 已连接，{waited} 没有应答")
        }
        Ill::Login { waited } => {
            let waited = age(waited);
            both!(lang, "{feed} connected, login unanswered for {waited}", "{feed} 已连接，登录 {waited} 没有应答")
        }
    }
}

/// The same in the fewest words: `binance: btc@trade silent 48s`.
pub fn layered_short(lang: Lang, feed: &str, ill: Ill<'_>) -> String {
    let feed = name(feed);
    match ill {
        Ill::Silent { service, silent, .. } => {
            let (service, silent) = (name(service), age(silent));
            both!(lang, "{feed}: {service} silent {silent}", "{feed}：{service} 静默 {silent}")
        }
        Ill::Refused { service } => {
            let service = name(service);
            both!(lang, "{feed}: {service} refused", "{feed}：{service} 被拒绝")
        }
        Ill::Unacked { service } => {
            let service = name(service);
            both!(lang, "{feed}: {service} not acked", "{feed}：{service} 未确认")
        }
        Ill::Unanswered { waited } => {
            let waited = age(waited);
            both!(lang, "{feed} not answering {waited}", "{feed} 无应答 {waited}")
        }
        Ill::Login { waited } => {
            let waited = age(waited);
            both!(lang, "{feed} login unanswered {waited}", "{feed} 登录无应答 {waited}")
        }
    }
}
