//! Why a link ended or did not come to be: what was seen and what was concluded, with the numbers. What happens next is
//! not part of a cause.

use super::{Lang, after_colon, codes, name, place, quoted, s, words};
use crate::event::{By, DialPhase, Why};
use crate::text::{age, passed, size, span};

/// A storm of storms is told no deeper than this.
const DEEPEST: u32 = 3;

/// One sentence without a full stop.
pub fn why(lang: Lang, why: &Why) -> String {
    sentence(lang, why, 0)
}

/// The cause in a few words, for a narrow pane: at most 33 columns, and none of them the words of others.
pub fn why_short(lang: Lang, why: &Why) -> String {
    match why {
        Why::Close { code: Some(code), .. } => {
            let meaning = codes::close_code(lang, *code);
            both!(lang, "close {code} {meaning}", "关闭 {code} {meaning}")
        }
        Why::Close { code: None, .. } => both!(lang, "close without a code", "关闭，无状态码"),
        Why::Eof => both!(lang, "TCP ended", "TCP 结束"),
        Why::Reset { .. } => both!(lang, "TCP broke", "TCP 中断"),
        Why::HalfOpen { limit, .. } => {
            let limit = span(*limit);
            both!(lang, "no answer in {limit}", "{limit} 无应答")
        }
        Why::Silent { limit } => {
            let limit = span(*limit);
            both!(lang, "silent for {limit}", "静默 {limit}")
        }
        Why::WriteStalled { limit } => {
            let limit = span(*limit);
            both!(lang, "write stalled {limit}", "写入停滞 {limit}")
        }
        Why::Dns { .. } => both!(lang, "DNS failed", "DNS 失败"),
        Why::Program { .. } => both!(lang, "program failed", "程序失败"),
        Why::Refused { .. } => both!(lang, "refused", "连接被拒"),
        Why::Unreachable { .. } => both!(lang, "unreachable", "不可达"),
        Why::DialTimeout { phase, limit, .. } => {
            let (phase, limit) = (super::dial_phase_word(lang, *phase), span(*limit));
            both!(lang, "{phase} took over {limit}", "{phase} 超过 {limit}")
        }
        Why::Proxy { .. } => both!(lang, "proxy failed", "代理失败"),
        Why::Tls { .. } => both!(lang, "TLS failed", "TLS 失败"),
        Why::Http { status, .. } => format!("HTTP {status}"),
        Why::Handshake { .. } => both!(lang, "not a WebSocket", "不是 WebSocket"),
        Why::Protocol { .. } => both!(lang, "protocol broken", "违反协议"),
        Why::TooBig { limit } => {
            let limit = size(*limit);
            both!(lang, "message over {limit}", "消息超过 {limit}")
        }
        Why::AckTimeout { limit, .. } => {
            let limit = span(*limit);
            both!(lang, "no ack in {limit}", "{limit} 未确认订阅")
        }
        Why::Login { .. } => both!(lang, "login refused", "登录被拒"),
        Why::Dismissed { .. } => both!(lang, "sent away", "被服务器要求断开"),
        Why::ConnectLimit { .. } => both!(lang, "limit of dials", "达到拨号上限"),
        Why::Asked => both!(lang, "by you", "由你操作"),
        Why::Planned => both!(lang, "planned", "计划内"),
        Why::Slept { length } => {
            let length = age(*length);
            both!(lang, "slept {length}", "休眠 {length}")
        }
        Why::Storm { times, rival: true, .. } => both!(lang, "taken over {times}x", "连续 {times} 次被顶替"),
        Why::Storm { times, .. } => both!(lang, "ended {times}x at once", "连续 {times} 次秒断"),
        Why::Fatal { .. } => both!(lang, "final by profile", "协议判定终止"),
    }
}

#[expect(clippy::too_many_lines, reason = "a table: one sentence for each cause")]
fn sentence(lang: Lang, why: &Why, depth: u32) -> String {
    match why {
        Why::Close { by, code, reason } => closed(lang, *by, *code, reason),
        Why::Eof => both!(lang, "TCP ended without a close frame", "TCP 已结束，没有收到关闭帧"),
        Why::Reset { text } => {
            let text = after_colon(lang, text);
            both!(lang, "the TCP connection broke without a close frame{text}", "TCP 连接中断，没有收到关闭帧{text}")
        }
        Why::HalfOpen { limit, silent } => {
            let (limit, silent) = (span(*limit), passed(*silent));
            both!(
                lang,
                "no answer to our beat for {limit}, last byte {silent} ago",
                "心跳发出后 {limit} 无应答，最后一个字节在 {silent} 前",
            )
        }
        Why::Silent { limit } => {
            let limit = span(*limit);
            both!(lang, "nothing that counts as life came for {limit}", "{limit} 内没有收到任何存活迹象")
        }
        Why::WriteStalled { limit } => {
            let limit = span(*limit);
            both!(lang, "what we sent could not be written for {limit}", "要发送的数据 {limit} 内无法写出")
        }
        Why::Dns { host, text } => {
            let (host, text) = (name(host), after_colon(lang, text));
            both!(lang, "DNS gave no address for {host}{text}", "DNS 查不到 {host} 的地址{text}")
        }
        Why::Program { text } => {
            let text = after_colon(lang, text);
            both!(lang, "no address from the program before the dial{text}", "连接前运行的程序未给出地址{text}")
        }
        Why::Refused { address } => {
            let address = place(address);
            both!(lang, "{address} refused the connection", "{address} 拒绝连接")
        }
        Why::Unreachable { address, text } => {
            let (address, text) = (place(address), after_colon(lang, text));
            both!(lang, "{address} cannot be reached{text}", "无法到达 {address}{text}")
        }
        Why::DialTimeout { phase, address, limit } => dial_timeout(lang, *phase, &place(address), &span(*limit)),
        Why::Proxy { text } if text.trim().is_empty() => both!(lang, "the proxy failed", "代理失败"),
        // It begins with the proxy's address.
        Why::Proxy { text } => {
            let text = words(text);
            both!(lang, "proxy {text}", "代理 {text}")
        }
        Why::Tls { text } => {
            let text = after_colon(lang, text);
            both!(lang, "the TLS handshake failed{text}", "TLS 握手失败{text}")
        }
        Why::Http { status, text, retry_after } => {
            let meaning = codes::http_status(lang, *status);
            // A page for a browser says nothing to a person here. Not in quotes: what we make of it stands in it too.
            let text = if text.trim_start().starts_with('<') { String::new() } else { after_colon(lang, text) };
            let wait = retry_after.map_or_else(String::new, |wait| {
                let wait = span(wait);
                both!(lang, ", and asks us to wait {wait}", "，并要求等待 {wait}")
            });
            both!(
                lang,
                "the server answered the upgrade with HTTP {status} {meaning}{text}{wait}",
                "服务器以 HTTP {status} {meaning} 回应升级请求{text}{wait}",
            )
        }
        Why::Handshake { text } => {
            let text = after_colon(lang, text);
            both!(lang, "the answer to the upgrade is not a WebSocket's{text}", "升级请求的回应不是 WebSocket{text}")
        }
        Why::Protocol { text } => {
            let text = after_colon(lang, text);
            both!(lang, "the server broke the WebSocket protocol{text}", "服务器违反 WebSocket 协议{text}")
        }
        Why::TooBig { limit } => {
            let limit = size(*limit);
            both!(lang, "a message was larger than our limit of {limit}", "消息超过我方上限 {limit}")
        }
        Why::AckTimeout { service, limit } => {
            let (service, limit) = (name(service), span(*limit));
            both!(lang, "no answer to our subscription of {service} in {limit}", "订阅 {service} 后 {limit} 内无应答")
        }
        Why::Login { text } => {
            let text = quoted(lang, text);
            both!(lang, "the server refused our login{text}", "服务器拒绝登录{text}")
        }
        Why::Dismissed { text } => {
            let text = quoted(lang, text);
            both!(lang, "a message of the server ends the link{text}", "服务器的消息要求结束连接{text}")
        }
        Why::ConnectLimit { count, per } => {
            let (plural, per) = (s(u64::from(*count)), span(*per));
            both!(
                lang,
                "the profile allows {count} dial{plural} in {per} for all feeds of this host",
                "协议配置规定本主机所有连接 {per} 内最多拨号 {count} 次",
            )
        }
        Why::Asked => both!(lang, "at your request", "按你的要求"),
        Why::Planned => both!(lang, "a planned change of link", "按计划更换连接"),
        Why::Slept { length } => {
            let length = age(*length);
            both!(lang, "this machine slept for {length}", "本机休眠了 {length}")
        }
        Why::Storm { times, last, rival } => storm(lang, *times, last, *rival, depth),
        Why::Fatal { text } => {
            let text = after_colon(lang, text);
            both!(lang, "the profile says that this is final{text}", "协议配置判定不可恢复{text}")
        }
    }
}

fn storm(lang: Lang, times: u32, last: &Why, rival: bool, depth: u32) -> String {
    let (plural, short) = (s(u64::from(times)), why_short(lang, last));
    let dial = matches!(last, Why::Http { .. });
    let last = if depth < DEEPEST { sentence(lang, last, depth + 1) } else { short.clone() };
    if rival {
        both!(
            lang,
            "each new link ends the one before: another client with the same token, or this server allows one; {times} in a row, the last one: {last}",
            "新连接总会顶掉旧连接：另有客户端使用同一令牌，或该服务器只允许一个连接；连续 {times} 次，最后一次：{last}",
        )
    } else if dial {
        both!(
            lang,
            "{times} dial{plural} in a row got {short}, the last one: {last}",
            "连续 {times} 次连接得到 {short}，最后一次：{last}",
        )
    } else {
        both!(
            lang,
            "{times} link{plural} in a row ended right after opening, the last one: {last}",
            "连续 {times} 次连接刚打开就结束，最后一次：{last}",
        )
    }
}

fn closed(lang: Lang, by: By, code: Option<u16>, reason: &str) -> String {
    let reason = quoted(lang, reason);
    let what = match code {
        Some(code) => {
            let meaning = codes::close_code(lang, code);
            both!(lang, ": {code} {meaning}{reason}", "：{code} {meaning}{reason}")
        }
        None => both!(lang, " without a code{reason}", "，没有状态码{reason}"),
    };
    match by {
        By::Us => both!(lang, "we closed{what}", "我方关闭{what}"),
        By::Peer => both!(lang, "the server closed{what}", "服务器关闭{what}"),
        By::Network => both!(lang, "the link was closed{what}", "连接被关闭{what}"),
    }
}

fn dial_timeout(lang: Lang, phase: DialPhase, address: &str, limit: &str) -> String {
    match phase {
        DialPhase::Dns => {
            both!(lang, "DNS did not answer for {address} in {limit}", "DNS 在 {limit} 内没有答复 {address}")
        }
        DialPhase::Tcp => {
            both!(lang, "{address} did not answer our connect in {limit}", "{address} 在 {limit} 内没有响应 TCP 连接")
        }
        DialPhase::Proxy => {
            both!(lang, "the proxy did not reach {address} in {limit}", "代理在 {limit} 内没有接通 {address}")
        }
        DialPhase::Tls => {
            both!(lang, "the TLS handshake with {address} took over {limit}", "与 {address} 的 TLS 握手超过 {limit}")
        }
        DialPhase::Upgrade => {
            both!(
                lang,
                "{address} did not answer the WebSocket upgrade in {limit}",
                "{address} 在 {limit} 内没有回应 WebSocket 升级"
            )
        }
    }
}
