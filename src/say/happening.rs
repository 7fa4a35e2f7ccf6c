//! Each event in one line, and the banner of an injected fault. Rows are counted here, never shown: whoever prints
//! messages has their bytes.

use super::{Lang, name, quoted, s, words};
use crate::event::{Event, Fault, FaultState, Gap, GapState, How, Purpose, ServiceId, ServiceNews, Why};
use crate::text::{age, count, exact_secs, millis, passed, size};
use crate::time::Ts;

/// What happened, in one line. `names` knows the names of services.
pub fn happening(lang: Lang, event: &Event, names: &dyn Fn(ServiceId) -> String, now: Ts) -> String {
    match event {
        Event::Dialing { attempt } => both!(lang, "dial {attempt}", "第 {attempt} 次连接"),
        Event::DialFailed { attempt, why, phases } => {
            let (why, steps) = (super::why(lang, why), super::steps(lang, phases));
            let took = if steps.is_empty() { steps } else { both!(lang, " ({steps})", "（{steps}）") };
            both!(lang, "dial {attempt} failed: {why}{took}", "第 {attempt} 次连接失败：{why}{took}")
        }
        Event::Open { phases, address, subprotocol, extensions } => {
            let address = address.as_deref().map_or_else(String::new, |at| format!(" {}", name(at)));
            let subprotocol = subprotocol.as_deref().map_or_else(String::new, |p| format!(" [{}]", name(p)));
            // Its parameters are for scripts.
            let compressed = extensions.as_ref().map_or("", |_| lang.pick(", compressed", "，已压缩"));
            let steps = super::steps(lang, phases);
            let took = if steps.is_empty() { steps } else { both!(lang, ": {steps}", "：{steps}") };
            let more = format!("{address}{subprotocol}{compressed}{took}");
            both!(lang, "open{more}", "已打开{more}")
        }
        Event::Ready => both!(lang, "ready", "就绪"),
        Event::Service(news) => service(lang, news),
        Event::Rows(batch) => {
            let n = batch.rows.len() as u64;
            let bytes = size(batch.rows.iter().fold(0, |sum, row| sum.saturating_add(u64::from(row.len))));
            let (n, plural) = (count(n), s(n));
            both!(lang, "{n} message{plural}, {bytes}", "{n} 条消息，{bytes}")
        }
        Event::Sent { purpose, service, text, bytes: _ } => {
            let what = purpose_word(lang, *purpose);
            let service = service.map_or_else(String::new, |id| format!(" {}", name(&names(id))));
            let text = words(text);
            both!(lang, "sent {what}{service}: {text}", "发送{what}{service}：{text}")
        }
        Event::BeatSent { how: How::App, text } => {
            let text = words(text);
            both!(lang, "beat sent: {text}", "发送心跳：{text}")
        }
        Event::BeatSent { how: How::Ping, text: _ } => both!(lang, "ping sent", "发送 ping"),
        Event::BeatAnswered { how, rtt } => {
            let rtt = millis(*rtt);
            match how {
                How::App => both!(lang, "beat answered in {rtt}", "心跳应答，耗时 {rtt}"),
                How::Ping => both!(lang, "ping answered in {rtt}", "ping 应答，耗时 {rtt}"),
            }
        }
        Event::Gap(gap) => missing(lang, gap, &name(&names(gap.service))),
        Event::Repeated { service, seq } => {
            let service = name(&names(*service));
            both!(lang, "{service}: number {seq} came again", "{service}：编号 {seq} 重复")
        }
        Event::Reordered { service, seq } => {
            let service = name(&names(*service));
            both!(lang, "{service}: number {seq} came late", "{service}：编号 {seq} 迟到")
        }
        // The verdict itself says when the last byte came.
        Event::Closed { why: half_open @ Why::HalfOpen { .. }, up, .. } => {
            let (why, up) = (super::why(lang, half_open), age(*up));
            both!(lang, "closed after {up}: {why}", "连接 {up} 后关闭：{why}")
        }
        Event::Closed { why, up, silent } => {
            let (why, up, silent) = (super::why(lang, why), age(*up), passed(*silent));
            both!(
                lang,
                "closed after {up}: {why} (last byte {silent} ago)",
                "连接 {up} 后关闭：{why}（最后字节在 {silent} 前）"
            )
        }
        Event::Reconnecting { attempt, delay, because } => {
            let (delay, because) = (exact_secs(*delay), super::why_short(lang, because));
            both!(lang, "dial {attempt} in {delay}: {because}", "{delay} 后第 {attempt} 次连接：{because}")
        }
        Event::Outage(outage) => super::outage(lang, outage, names, now),
        Event::Stopped { why } => {
            let why = super::why(lang, why);
            both!(lang, "stopped, no further dial without you: {why}", "已停止，不再自动连接：{why}")
        }
        Event::Paused => both!(lang, "paused by you", "由你暂停"),
        Event::Slept { length } => {
            let length = age(*length);
            both!(lang, "this machine slept for {length}", "本机休眠了 {length}")
        }
        Event::Backpressure { on: true } => {
            both!(lang, "the reader of our output is slow: the socket waits", "输出端太慢：暂停读取连接")
        }
        Event::Backpressure { on: false } => both!(lang, "the socket is read again", "恢复读取连接"),
        Event::IntervalIgnored { name, value, instead } => {
            let (name, value, instead) = (words(name), words(value), exact_secs(*instead));
            both!(
                lang,
                "the server said {name} = {value}, which is no interval: {instead} is taken",
                "服务器给出 {name} = {value}，不是有效的间隔：改用 {instead}"
            )
        }
        Event::Fault(fault) => self::fault(lang, fault, now),
        Event::Shed { service, count: n } => {
            let service = service.map_or_else(String::new, |id| format!("{}: ", name(&names(id))));
            let (n, plural) = (count(*n), s(*n));
            both!(lang, "{service}{n} message{plural} not shown, all counted", "{service}{n} 条消息未显示，均已计数")
        }
    }
}

/// The banner of an injected fault, so that nobody takes a drill for an outage.
pub fn fault(lang: Lang, fault: &Fault, now: Ts) -> String {
    let what = if fault.text.trim().is_empty() { words(&fault.name) } else { words(&fault.text) };
    let left = fault.until.map(|until| exact_secs(until.since(now)));
    match (fault.state, left) {
        (FaultState::Soon, Some(left)) => both!(lang, "INJECTED FAULT in {left}: {what}", "{left} 后注入故障：{what}"),
        (FaultState::Soon, None) => both!(lang, "INJECTED FAULT soon: {what}", "即将注入故障：{what}"),
        (FaultState::On, Some(left)) => {
            // The countdown stands where a narrow screen does not cut it.
            both!(lang, "INJECTED FAULT, {left} left: {what}", "注入故障中，剩余 {left}：{what}")
        }
        (FaultState::On, None) => both!(lang, "INJECTED FAULT: {what}", "注入故障中：{what}"),
        (FaultState::Off, _) => both!(lang, "injected fault over: {what}", "注入故障结束：{what}"),
    }
}

fn service(lang: Lang, news: &ServiceNews) -> String {
    let (service, state) = (name(&news.name), super::service_word(lang, news.state));
    let discovered = if news.discovered { lang.pick(" (discovered)", "（新发现）") } else { "" };
    let silent = news.silent.map_or_else(String::new, |silent| {
        let silent = age(silent);
        both!(lang, ", silent for {silent}", "，静默 {silent}")
    });
    let usual = news.usual.map_or_else(String::new, |usual| {
        let usual = passed(usual);
        both!(lang, ", usually ≤ {usual}", "，通常 ≤ {usual}")
    });
    let text = quoted(lang, news.text.as_deref().unwrap_or_default());
    both!(
        lang,
        "{service}: {state}{discovered}{silent}{usual}{text}",
        "{service}：{state}{discovered}{silent}{usual}{text}"
    )
}

fn missing(lang: Lang, gap: &Gap, service: &str) -> String {
    let (n, plural) = (count(gap.missing), s(gap.missing));
    let which = if gap.from == gap.to { gap.from.to_string() } else { format!("{}-{}", gap.from, gap.to) };
    let across = if gap.across_reconnect { lang.pick(", over the outage", "，跨越断线") } else { "" };
    match gap.state {
        GapState::Pending => {
            both!(
                lang,
                "{service}: {n} message{plural} missing ({which}), may still come{across}",
                "{service}：缺 {n} 条（{which}），可能迟到{across}"
            )
        }
        GapState::Lost => {
            both!(
                lang,
                "{service}: {n} message{plural} lost ({which}){across}",
                "{service}：丢失 {n} 条（{which}）{across}"
            )
        }
        GapState::Filled => {
            both!(
                lang,
                "{service}: {n} missing message{plural} came late ({which}){across}",
                "{service}：缺失的 {n} 条已补到（{which}）{across}"
            )
        }
    }
}

fn purpose_word(lang: Lang, purpose: Purpose) -> &'static str {
    match purpose {
        Purpose::Login => lang.pick("login", "登录"),
        Purpose::Subscribe => lang.pick("subscribe", "订阅"),
        Purpose::Unsubscribe => lang.pick("unsubscribe", "退订"),
        Purpose::Reply => lang.pick("reply", "回复"),
        Purpose::User => lang.pick("by you", "（你发的）"),
    }
}
