//! The words of states, countdowns and rules. A word stands beside a glyph and a colour, which are not made here.

use std::time::Duration;

use super::Lang;
use crate::event::{BeatRule, DialPhase, Due, Phase, ServiceState};
use crate::text::{exact_secs, span};

/// The word for a phase alone. [`link_word`] says more, where services and attempts are known.
pub fn phase_word(lang: Lang, phase: Phase) -> &'static str {
    match phase {
        Phase::Idle => lang.pick("IDLE", "未启动"),
        Phase::Dialing => lang.pick("DIALING", "连接中"),
        Phase::LoggingIn => lang.pick("LOGIN", "登录中"),
        Phase::Open => lang.pick("LIVE", "正常"),
        Phase::Probing => lang.pick("PROBING", "探测中"),
        Phase::Waiting => lang.pick("RETRY", "重试"),
        Phase::Stopped => lang.pick("STOPPED", "已停止"),
        Phase::Paused => lang.pick("PAUSED", "已暂停"),
    }
}

/// The word for a link: `LIVE`, `DEGRADED 2/3` where `fine` of the `wanted` services are, `RETRY 3` by the number of the next dial.
pub fn link_word(lang: Lang, phase: Phase, fine: usize, wanted: usize, attempt: u32) -> String {
    degraded_or(lang, phase, fine, wanted, attempt, lang.pick("DEGRADED", "部分"))
}

/// The same for narrow tables: `DEGR 2/3`.
pub fn link_word_short(lang: Lang, phase: Phase, fine: usize, wanted: usize, attempt: u32) -> String {
    degraded_or(lang, phase, fine, wanted, attempt, lang.pick("DEGR", "部分"))
}

fn degraded_or(lang: Lang, phase: Phase, fine: usize, wanted: usize, attempt: u32, degraded: &str) -> String {
    let word = phase_word(lang, phase);
    match phase {
        Phase::Open if fine < wanted => format!("{degraded} {fine}/{wanted}"),
        Phase::Waiting => format!("{word} {attempt}"),
        Phase::Idle
        | Phase::Dialing
        | Phase::LoggingIn
        | Phase::Open
        | Phase::Probing
        | Phase::Stopped
        | Phase::Paused => word.to_owned(),
    }
}

pub fn service_word(lang: Lang, state: ServiceState) -> &'static str {
    match state {
        ServiceState::Wanted => lang.pick("wanted", "待订阅"),
        ServiceState::Sent => lang.pick("sent", "已请求"),
        ServiceState::Acked => lang.pick("acked", "已确认"),
        ServiceState::Live => lang.pick("live", "有数据"),
        ServiceState::Stale => lang.pick("stale", "停滞"),
        ServiceState::Refused => lang.pick("refused", "被拒"),
        ServiceState::Off => lang.pick("off", "关闭"),
    }
}

pub fn dial_phase_word(lang: Lang, phase: DialPhase) -> &'static str {
    match phase {
        DialPhase::Dns => "DNS",
        DialPhase::Tcp => "TCP",
        DialPhase::Proxy => lang.pick("proxy", "代理"),
        DialPhase::Tls => "TLS",
        DialPhase::Upgrade => lang.pick("upgrade", "升级"),
    }
}

/// A countdown: `beat in 18.2s`, `dead in 6.8s`, `dial 4 in 3.2s`. `attempt` is the number of the dial.
pub fn due(lang: Lang, due: Due, attempt: u32, left: Duration) -> String {
    let (lead, left) = (due_lead(lang, due, attempt), exact_secs(left));
    format!("{lead} {left}")
}

/// The countdown without its number, for a pane that sets the number (at most 6 columns) by itself.
pub fn due_lead(lang: Lang, due: Due, attempt: u32) -> String {
    match due {
        // Each step of a dial has a limit of its own, so it mostly ends earlier.
        Due::DialTimeout => both!(lang, "at most", "最多"),
        Due::Beat => both!(lang, "beat in", "心跳倒计时"),
        Due::Answer | Due::Receive => both!(lang, "dead in", "判死倒计时"),
        Due::Dial => both!(lang, "dial {attempt} in", "第 {attempt} 次连接"),
    }
}

/// What stands in the place of a countdown while none runs: `beat if 30s idle`, `beat every 20s`, `no beat`.
pub fn beat_rule(lang: Lang, rule: Option<&BeatRule>) -> String {
    match rule {
        Some(BeatRule { idle, after, timeout: _ }) => {
            let after = span(*after);
            if *idle {
                both!(lang, "beat if {after} idle", "空闲 {after} 心跳")
            } else {
                both!(lang, "beat every {after}", "每 {after} 心跳")
            }
        }
        None => both!(lang, "no beat", "无心跳"),
    }
}

/// The rule of a feed that only listens: `dead if 60s idle`.
pub fn dead_rule(lang: Lang, limit: Duration) -> String {
    let limit = span(limit);
    both!(lang, "dead if {limit} idle", "静默 {limit} 判死")
}
