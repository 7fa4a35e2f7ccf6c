//! One sick feed in the first line, layer by layer: what still works, what does not, and why. Which of them is the worst is
//! decided elsewhere.

use std::time::Duration;

use super::{Lang, name, quoted, why_short};
use crate::event::{Phase, Why};
use crate::text::{age, passed};

/// What is wrong with a feed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ill<'a> {
    Silent {
        service: &'a str,
        silent: Duration,
        usual: Option<Duration>,
    },
    Refused {
        service: &'a str,
        /// What the server said.
        text: Option<&'a str>,
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
    /// There is no link. `never`: there never was one.
    Down {
        lasted: Duration,
        never: bool,
        why: Option<&'a Why>,
        /// What became of the latest dial, where it is not the same story.
        dial: Option<(u32, &'a Why)>,
    },
    /// It is not dialed any more.
    Stopped {
        lasted: Duration,
        why: Option<&'a Why>,
    },
}

/// `binance connected, answering, but btc@trade silent 48s (usually at most 2.1s)`. Without a feed, where there is one alone.
pub fn layered(lang: Lang, feed: Option<&str>, ill: Ill<'_>) -> String {
    let feed = who(lang, feed, false);
    match ill {
        Ill::Silent { service, silent, usual } => {
            let (service, silent) = (name(service), age(silent));
            let usual = usual.map_or_else(String::new, |usual| {
                let usual = passed(usual);
                both!(lang, " (usually at most {usual})", "（通常不超过 {usual}）")
            });
            both!(
                lang,
                "{feed}connected, answering, but {service} silent {silent}{usual}",
                "{feed}已连接、有应答，但 {service} 静默 {silent}{usual}",
            )
        }
        Ill::Refused { service, text } => {
            let (service, text) = (name(service), quoted(lang, text.unwrap_or_default()));
            both!(lang, "{feed}connected, but {service} is refused{text}", "{feed}已连接，但 {service} 被拒绝{text}")
        }
        Ill::Unacked { service } => {
            let service = name(service);
            both!(lang, "{feed}connected, but {service} not acknowledged", "{feed}已连接，但 {service} 尚未确认")
        }
        Ill::Unanswered { waited } => {
            let waited = age(waited);
            both!(lang, "{feed}connected, not answering for {waited}", "{feed}已连接，{waited} 没有应答")
        }
        Ill::Login { waited } => {
            let waited = age(waited);
            both!(lang, "{feed}connected, login unanswered for {waited}", "{feed}已连接，登录 {waited} 没有应答")
        }
        Ill::Down { lasted, never, why, dial } => {
            // Two stories are told in few words each.
            let ended = why.map(|why| if dial.is_some() { why_short(lang, why) } else { super::why(lang, why) });
            let because = reason(lang, ended);
            let dial = dial.map_or_else(String::new, |(n, why)| {
                let why = why_short(lang, why);
                both!(lang, "; dial {n}: {why}", "；第 {n} 次连接：{why}")
            });
            let down = down(lang, lasted, never);
            format!("{feed}{down}{because}{dial}")
        }
        Ill::Stopped { lasted, why } => stopped(lang, &feed, lasted, why.map(|why| super::why(lang, why))),
    }
}

/// The same in the fewest words: `binance: btc@trade silent 48s`.
pub fn layered_short(lang: Lang, feed: Option<&str>, ill: Ill<'_>) -> String {
    let (of, feed) = (who(lang, feed, true), who(lang, feed, false));
    match ill {
        Ill::Silent { service, silent, .. } => {
            let (service, silent) = (name(service), age(silent));
            both!(lang, "{of}{service} silent {silent}", "{of}{service} 静默 {silent}")
        }
        Ill::Refused { service, .. } => {
            let service = name(service);
            both!(lang, "{of}{service} refused", "{of}{service} 被拒绝")
        }
        Ill::Unacked { service } => {
            let service = name(service);
            both!(lang, "{of}{service} not acked", "{of}{service} 未确认")
        }
        Ill::Unanswered { waited } => {
            let waited = age(waited);
            both!(lang, "{feed}not answering {waited}", "{feed}无应答 {waited}")
        }
        Ill::Login { waited } => {
            let waited = age(waited);
            both!(lang, "{feed}login unanswered {waited}", "{feed}登录无应答 {waited}")
        }
        Ill::Down { lasted, never, why, .. } => {
            let because = reason(lang, why.map(|why| because(lang, why)));
            let down = down(lang, lasted, never);
            format!("{feed}{down}{because}")
        }
        Ill::Stopped { lasted, why } => stopped(lang, &feed, lasted, why.map(|why| because(lang, why))),
    }
}

/// The feed before what is said of it, or before a service of it.
fn who(lang: Lang, feed: Option<&str>, of: bool) -> String {
    let Some(feed) = feed.map(name) else { return String::new() };
    if of { both!(lang, "{feed}: ", "{feed}：") } else { format!("{feed} ") }
}

fn down(lang: Lang, lasted: Duration, never: bool) -> String {
    let lasted = age(lasted);
    if never {
        both!(lang, "never open, {lasted}", "从未连上，{lasted}")
    } else {
        both!(lang, "down {lasted}", "断开 {lasted}")
    }
}

/// In the word that its link has everywhere.
fn stopped(lang: Lang, feed: &str, lasted: Duration, why: Option<String>) -> String {
    let (word, lasted, because) = (super::phase_word(lang, Phase::Stopped), age(lasted), reason(lang, why));
    format!("{feed}{word} {lasted}{because}")
}

fn reason(lang: Lang, why: Option<String>) -> String {
    why.map_or_else(String::new, |why| both!(lang, ": {why}", "：{why}"))
}

/// What happened each time says more than that it did.
fn because(lang: Lang, why: &Why) -> String {
    if let Why::Storm { times, last, rival: false } = why {
        let last = because(lang, last);
        return both!(lang, "{last}, {times}x", "{last}，{times} 次");
    }
    why_short(lang, why)
}
