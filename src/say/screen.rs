//! What only the dashboard says: of feeds that the user waved aside, and of messages that are not on view.

use super::{Lang, why_short};
use crate::event::Why;
use crate::text::{clean, count, size};

/// Feeds in trouble that the user has seen, or does not want to see: `2 in trouble, seen by you`.
pub fn seen_by_you(lang: Lang, feeds: usize) -> String {
    both!(lang, "{feeds} in trouble, seen by you", "{feeds} 个故障已确认")
}

pub fn seen_short(lang: Lang, feeds: usize) -> String {
    both!(lang, "{feeds} seen", "{feeds} 个已确认")
}

pub fn paused_short(lang: Lang, feeds: usize) -> String {
    both!(lang, "{feeds} paused", "{feeds} 个已暂停")
}

/// `2 of 6 feeds live`: the others are on their way, or were paused.
pub fn some_live(lang: Lang, live: usize, of: usize) -> String {
    both!(lang, "{live} of {of} feeds live", "{of} 个数据源中 {live} 个正常")
}

/// `sorted: trouble first`.
pub fn trouble_first(lang: Lang) -> &'static str {
    lang.pick("feeds, trouble first", "数据源（故障在前）")
}

pub fn muted(lang: Lang) -> &'static str {
    lang.pick("muted", "已静音")
}

/// A switch that the feed has not carried out yet.
pub fn switching(lang: Lang) -> &'static str {
    lang.pick("switching", "切换中")
}

/// Who paused a feed; since when comes after it.
pub fn by_you(lang: Lang) -> &'static str {
    lang.pick("by you,", "由你暂停")
}

/// What a stopped feed waits for.
pub fn press_to_dial(lang: Lang, key: &str) -> String {
    both!(lang, "{key} to dial,", "按 {key} 连接")
}

/// Newer lines below a view that was scrolled.
pub fn below(lang: Lang, lines: u64, key: &str) -> String {
    let lines = count(lines);
    both!(lang, "{lines} below, {key} follows", "下方 {lines} 条，{key} 跟随")
}

/// The view stands still: `frozen, +1,234 new`.
pub fn frozen_new(lang: Lang, lines: u64) -> String {
    let lines = count(lines);
    both!(lang, "frozen, +{lines} new", "已冻结，新增 {lines} 条")
}

/// Rows that were counted and found the way to the screen full.
pub fn not_shown(lang: Lang, rows: u64) -> String {
    let rows = count(rows);
    both!(lang, "{rows} counted, never shown", "{rows} 条已计数但未显示")
}

/// `/btc: 12 of 1,000`.
pub fn filtered(lang: Lang, text: &str, found: usize, of: usize) -> String {
    let (text, found, of) = (clean(text), count(found as u64), count(of as u64));
    both!(lang, "/{text}: {found} of {of}", "/{text}：{found} / {of}")
}

/// `12 of 12 beats answered`.
pub fn beats_answered(lang: Lang, answered: u64, sent: u64) -> String {
    let (answered, sent) = (count(answered), count(sent));
    both!(lang, "{answered} of {sent} answered", "{sent} 次中 {answered} 次有应答")
}

/// What compression spares the wire: `deflate 23.0x (61 KiB wire / 1.4 MiB)`.
pub fn deflated(lang: Lang, wire: u64, payload: u64) -> String {
    let tenths = payload.saturating_mul(10) / wire.max(1);
    let (whole, tenth, wire, payload) = (tenths / 10, tenths % 10, size(wire), size(payload));
    both!(
        lang,
        "deflate {whole}.{tenth}x ({wire} wire / {payload})",
        "压缩 {whole}.{tenth} 倍（线上 {wire} / {payload}）"
    )
}

/// A gauge's number: `18.2s of 30s`.
pub fn left_of(lang: Lang, left: &str, of: &str) -> String {
    both!(lang, "{left} of {of}", "{left} / {of}")
}

/// The last outage, which is over: `22s long, 3m05s ago`.
pub fn was_down(lang: Lang, down: &str, ago: &str) -> String {
    both!(lang, "{down} long, {ago} ago", "历时 {down}，{ago} 前")
}

/// Streams that have no pane on view, and the key that goes to them: `+2 more: →`.
pub fn more_panes(lang: Lang, panes: usize, key: &str) -> String {
    both!(lang, "+{panes} more: {key}", "另有 {panes} 个：{key}")
}

/// A service that was switched off and goes on all the same.
pub fn off_still(lang: Lang, rate: &str) -> String {
    both!(lang, "off, still {rate}: the server ignored the unsubscribe", "已关闭，仍有 {rate}：服务器未理会退订")
}

/// How many attempts to dial there were: `attempt 3`.
pub fn attempt(lang: Lang, attempt: u32) -> String {
    both!(lang, "attempt {attempt}", "第 {attempt} 次")
}

/// The head of the pulse strip: `60 s ago`.
pub fn ago(lang: Lang, seconds: u64) -> String {
    both!(lang, "{seconds} s ago", "{seconds} 秒前")
}

/// The same, for a strip whose end is plain: `60 s to now`.
pub fn to_now(lang: Lang, seconds: u64) -> String {
    both!(lang, "{seconds} s to now", "最近 {seconds} 秒")
}

/// Why a feed is down and what was tried since, where there is little room: `no close frame; dial 3: HTTP 503`.
pub fn retrying_short(lang: Lang, ended: &Why, dials: u32, last: &Why) -> String {
    let (ended, last) = (why_short(lang, ended), why_short(lang, last));
    both!(lang, "{ended}; dial {dials}: {last}", "{ended}；第 {dials} 次连接：{last}")
}
