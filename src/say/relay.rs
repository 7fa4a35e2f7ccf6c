//! The words of the screen of a relay: its faults by key, and its labels.

use std::time::Duration;

use super::Lang;
use crate::text::{age, clean};

/// A fault by key: what would be typed for it, and what it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Entry {
    pub key: char,
    /// `{s}` in it is the service that is chosen.
    pub line: &'static str,
    en: &'static str,
    zh: &'static str,
}

impl Entry {
    pub fn words(&self, lang: Lang) -> &'static str {
        match lang {
            Lang::En => self.en,
            Lang::ZhCn => self.zh,
        }
    }
}

const fn entry(key: char, line: &'static str, en: &'static str, zh: &'static str) -> Entry {
    Entry { key, line, en, zh }
}

/// Every fault that has a key.
pub const MENU: [Entry; 16] = [
    entry('1', "freeze for 10s", "freeze: nothing passes", "冻结：什么都不通过"),
    entry('2', "blackhole for 60s", "blackhole: open links only", "黑洞：只影响现有连接"),
    entry('3', "reset", "TCP reset", "TCP 重置"),
    entry('4', "fin", "TCP end, no close frame", "TCP 结束，无关闭帧"),
    entry('5', "close 1012", "close 1012", "关闭 1012"),
    entry('6', "refuse 503 times 3 for 60s", "close, then 503 three times", "关闭，再三次 503"),
    entry('7', "refuse for 10s", "the port refuses", "端口拒绝"),
    entry('8', "hang for 10s", "dials are not answered", "拨号无应答"),
    entry('9', "drop_answers for 30s", "no heartbeat answers", "心跳无应答"),
    entry('0', "drop_pongs for 30s", "no pongs", "无 pong"),
    entry('l', "latency 300ms jitter 100ms for 30s", "late by 0.3-0.4 s", "延迟 0.3～0.4 秒"),
    entry('b', "bandwidth 2000 for 30s", "2000 B/s", "限速 2000 B/s"),
    entry('w', "bytewise for 10s", "byte by byte", "逐字节"),
    entry('g', "garbage for 5s", "garbage", "垃圾消息"),
    entry('m', "mute {s} for 30s", "mute the chosen service", "静音所选业务"),
    entry('u', "refuse_subscriptions for 30s", "subscriptions are lost", "订阅被吞掉"),
];

/// The line of keys.
pub fn relay_keys(lang: Lang, service: Option<&str>) -> String {
    let service = service.map_or_else(|| "-".to_owned(), |name| clean(name).into_owned());
    both!(
        lang,
        "s service: {service}   : type a fault   c clear all   q quit",
        "s 业务：{service}   : 输入故障   c 全部清除   q 退出"
    )
}

pub fn relay_clients(lang: Lang, open: usize, dialed: u64) -> String {
    both!(lang, "clients: {open} open, {dialed} dialed", "客户端：{open} 个在线，共 {dialed} 次连接")
}

pub fn relay_faults(lang: Lang, none: bool) -> String {
    if none { both!(lang, "faults: none", "故障：无") } else { both!(lang, "faults:", "故障：") }
}

pub fn relay_beat(lang: Lang, ago: Option<Duration>) -> String {
    let Some(ago) = ago.map(age) else { return both!(lang, "no beat yet", "尚无心跳") };
    both!(lang, "beat {ago} ago", "{ago} 前心跳")
}

pub fn relay_dialing(lang: Lang) -> String {
    both!(lang, "dialing", "连接中")
}

/// A client left. `code`: of its close frame.
pub fn relay_left(lang: Lang, client: u32, code: Option<u16>) -> String {
    match code {
        Some(code) => both!(lang, "#{client} closed with {code}", "#{client} 以 {code} 关闭"),
        None => both!(lang, "#{client} left", "#{client} 已离开"),
    }
}

/// A message is longer than the relay keeps. `sent`: by the client.
pub fn relay_too_long(lang: Lang, sent: bool) -> String {
    if sent {
        both!(lang, "the client sent a message of more than 16 MiB", "客户端发来超过 16 MiB 的消息")
    } else {
        both!(lang, "the server sent a message of more than 16 MiB", "服务器发来超过 16 MiB 的消息")
    }
}

/// A client got no WebSocket. `status`: what it was answered.
pub fn relay_turned(lang: Lang, client: u32, status: Option<u16>) -> String {
    match status {
        Some(status) => both!(lang, "#{client} was answered {status}", "#{client} 得到 {status}"),
        None => both!(lang, "#{client} was not let in", "#{client} 未能连接"),
    }
}
