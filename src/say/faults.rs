//! What each fault does, in words: for the menu that offers it and the banner that warns of it.

use super::{Lang, name, s};
use crate::event::fault::{Cut, Edit, Fault};
use crate::text::{count, size, span};

/// What comes of it, without how long.
pub fn fault_words(lang: Lang, fault: &Fault) -> String {
    match fault {
        Fault::Cut(cut) => self::cut(lang, cut),
        Fault::Freeze => both!(lang, "frozen: nothing passes, no socket closes", "冻结：数据不通，连接不关闭"),
        Fault::Blackhole => {
            both!(lang, "half-open: this link falls silent, a new one works", "半开：当前连接静默，新连接正常")
        }
        Fault::Hang => both!(lang, "dials are not answered", "新连接得不到回应"),
        Fault::Refuse { status, retry_after, times, cut } => {
            let how = match status {
                Some(status) => both!(lang, "dials get HTTP {status}", "重连得到 HTTP {status}"),
                None => both!(lang, "dials are refused", "重连被拒绝"),
            };
            let after = retry_after.map_or_else(String::new, |after| format!(", Retry-After {}", span(after)));
            let times = times.map_or_else(String::new, |n| both!(lang, ", {n} times", "，{n} 次"));
            let cut = cut.as_ref().map_or_else(String::new, |cut| format!("; {}", self::cut(lang, cut)));
            format!("{how}{after}{times}{cut}")
        }
        Fault::DropPongs => both!(lang, "WebSocket pings are not answered", "WebSocket ping 无应答"),
        Fault::DropAnswers { quiet: false } => both!(lang, "heartbeats are not answered", "心跳无应答"),
        Fault::DropAnswers { quiet: true } => {
            both!(lang, "heartbeats are not answered, and no data comes", "心跳无应答，也没有数据")
        }
        Fault::Latency { delay, jitter } => {
            let (delay, jitter) = (span(*delay), span(*jitter));
            both!(lang, "everything is {delay} late, up to {jitter} more", "全部延迟 {delay}，抖动 {jitter}")
        }
        Fault::Bandwidth { bytes } => {
            let bytes = size(*bytes);
            both!(lang, "{bytes}/s pass each way", "每个方向限速 {bytes}/s")
        }
        Fault::Bytewise => both!(lang, "everything comes byte by byte", "数据逐字节到达"),
        Fault::Nth { edit, nth, service } => {
            let of = of(lang, service.as_deref());
            match edit {
                Edit::Drop => both!(lang, "every {nth}th message{of} is lost", "每 {nth} 条消息丢失一条{of}"),
                Edit::Repeat => both!(lang, "every {nth}th message{of} comes twice", "每 {nth} 条消息重复一条{of}"),
                Edit::Reorder => {
                    both!(lang, "every {nth}th message{of} comes after the next", "每 {nth} 条消息错序一条{of}")
                }
            }
        }
        Fault::RefuseSubscriptions { service } => {
            let of = of(lang, service.as_deref());
            both!(lang, "subscriptions{of} are refused", "订阅被拒绝{of}")
        }
        Fault::Mute { service } => {
            let service = name(service);
            both!(lang, "{service} falls silent, the link lives", "{service} 静默，连接正常")
        }
        Fault::Gap { service, count: n } => {
            let (service, n, plural) = (name(service), count(u64::from(*n)), s(u64::from(*n)));
            both!(lang, "{n} message{plural} of {service} never come", "{service} 丢失 {n} 条消息")
        }
        Fault::Repeat { service, count: n } => {
            let (service, n, plural) = (name(service), count(u64::from(*n)), s(u64::from(*n)));
            both!(lang, "{n} message{plural} of {service} come twice", "{service} 重复 {n} 条消息")
        }
        Fault::Reorder { service, count: n } => {
            let (service, n, plural) = (name(service), count(u64::from(*n)), s(u64::from(*n)));
            both!(lang, "{n} message{plural} of {service} come out of order", "{service} 有 {n} 条消息错序")
        }
        Fault::Garbage { every, .. } => {
            let every = span(*every);
            both!(lang, "garbage every {every}", "每 {every} 一条垃圾消息")
        }
    }
}

fn cut(lang: Lang, cut: &Cut) -> String {
    match cut {
        Cut::Close { code, .. } => both!(lang, "the link is closed with code {code}", "连接以代码 {code} 关闭"),
        Cut::Reset => both!(lang, "TCP is reset", "TCP 被重置"),
        Cut::Fin => both!(lang, "TCP ends without a close frame", "TCP 结束，没有关闭帧"),
        Cut::HalfClose => both!(lang, "half-closed: the server says no more", "半关闭：服务器不再发送"),
        Cut::Truncate => both!(lang, "TCP ends in the middle of a frame", "TCP 在帧中间结束"),
    }
}

fn of(lang: Lang, service: Option<&str>) -> String {
    service.map(name).map_or_else(String::new, |name| both!(lang, " of {name}", "（{name}）"))
}

/// How long a fault lasts, where it is chosen: `for 10s`.
pub fn for_so_long(lang: Lang, lasts: std::time::Duration) -> String {
    let lasts = span(lasts);
    both!(lang, "for {lasts}", "持续 {lasts}")
}

/// Which service a fault is about, where it is chosen.
pub fn about_service(lang: Lang, service: Option<&str>) -> String {
    let service = service.map_or_else(|| "–".to_owned(), name);
    both!(lang, "service {service}", "业务 {service}")
}

/// The feed has no such service.
pub fn no_service(lang: Lang, service: &str, known: &[&str]) -> String {
    let (service, known) = (name(service), known.iter().map(|known| name(known)).collect::<Vec<_>>().join(", "));
    both!(lang, "no service {service}; there are {known}", "没有业务 {service}；现有 {known}")
}
