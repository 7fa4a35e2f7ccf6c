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
    let (live, of) = (count(live as u64), count(of as u64));
    both!(lang, "{live} of {of} feeds live", "{of} 个数据源中 {live} 个正常")
}

/// `sorted: trouble first`.
pub fn trouble_first(lang: Lang) -> &'static str {
    lang.pick("feeds, trouble first", "数据源（故障在前）")
}

/// `feeds, busiest first`.
pub fn busiest_first(lang: Lang) -> &'static str {
    lang.pick("feeds, busiest first", "数据源（速率高在前）")
}

/// `feeds, by name`.
pub fn by_name(lang: Lang) -> &'static str {
    lang.pick("feeds, by name", "数据源（按名称）")
}

/// Where a list that is longer than its place stands: `1-12 of 1,000`.
pub fn rows_of(lang: Lang, from: usize, to: usize, of: usize) -> String {
    let [from, to, of] = [from, to, of].map(|n| count(n as u64));
    both!(lang, "{from}-{to} of {of}", "第 {from}-{to} 个，共 {of} 个")
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
    if key.is_empty() {
        return lang.pick("not dialing,", "不再连接").to_owned();
    }
    both!(lang, "{key} to dial,", "按 {key} 连接")
}

/// Newer lines below a view that was scrolled.
pub fn below(lang: Lang, lines: u64, key: &str) -> String {
    let new = count(lines);
    match (lines, key) {
        (0, "") => lang.pick("scrolled", "已滚动").to_owned(),
        (0, key) => both!(lang, "{key} follows", "{key} 跟随"),
        (_, "") => both!(lang, "{new} new", "新增 {new} 条"),
        (_, key) => both!(lang, "{new} new, {key} follows", "新增 {new} 条，{key} 跟随"),
    }
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

/// A filter that hides the others: `hides 812 of 1,000: /btc`.
pub fn filtered(lang: Lang, text: &str, hidden: usize, of: usize) -> String {
    let (text, hidden, of) = (clean(text), count(hidden as u64), count(of as u64));
    both!(lang, "hides {hidden} of {of}: /{text}", "隐藏 {of} 条中的 {hidden} 条：/{text}")
}

/// A search that leaves the others in sight: `in 12 of 1,000: /btc`.
pub fn sought(lang: Lang, text: &str, found: usize, of: usize) -> String {
    let (text, found, of) = (clean(text), count(found as u64), count(of as u64));
    both!(lang, "in {found} of {of}: /{text}", "匹配 {of} 条中的 {found} 条：/{text}")
}

/// What becomes of messages that do not match.
pub fn hides(lang: Lang) -> &'static str {
    lang.pick("hides the others", "隐藏其余")
}

pub fn marks(lang: Lang, keys: &str) -> String {
    if keys.is_empty() {
        return lang.pick("marks", "仅标出").to_owned();
    }
    both!(lang, "marks, {keys} jump", "仅标出，{keys} 跳转")
}

/// The words that a filter knows for kinds.
pub fn no_such_kind(lang: Lang, words: &[&str]) -> String {
    let words = words.join(" ");
    both!(lang, "one of {words}", "应为 {words} 之一")
}

/// A field that a service's messages did not have: `new field .data.fee (number)`.
pub fn new_field(lang: Lang, path: &str, is: &str) -> String {
    let path = clean(path);
    both!(lang, "new field {path} ({is})", "新字段 {path}（{is}）")
}

/// A field whose values are of another type now: `.price was text, is number`.
pub fn new_type(lang: Lang, path: &str, was: &str, is: &str) -> String {
    let path = clean(path);
    both!(lang, "{path} was {was}, is {is}", "{path} 由{was}变为{is}")
}

/// Values of an array or an object that are not shown yet.
pub fn more_values(lang: Lang, values: u64, key: &str) -> String {
    let values = count(values);
    if key.is_empty() {
        return both!(lang, "{values} more", "另有 {values} 个");
    }
    both!(lang, "{values} more: {key} shows them", "另有 {values} 个：{key} 显示")
}

/// A message of which a part was kept: `the first 16 MiB of 40 MiB`.
pub fn in_part(lang: Lang, kept: &str, of: &str) -> String {
    both!(lang, "the first {kept} of {of}", "{of} 中的前 {kept}")
}

/// A message of more rows than are made: `the first 200,000 rows`.
pub fn first_rows(lang: Lang, rows: usize) -> String {
    let rows = count(rows as u64);
    both!(lang, "the first {rows} rows", "前 {rows} 行")
}

/// What changed since the message before it, by count: `+1 ~2 -0`.
pub fn changes(lang: Lang, added: usize, changed: usize, gone: usize) -> String {
    both!(lang, "+{added} ~{changed} -{gone} since the one before", "与前一条相比 +{added} ~{changed} -{gone}")
}

/// What the rows of the table are: `by .symbol, 12 rows`.
pub fn latest_by(lang: Lang, path: &str, rows: usize) -> String {
    let (path, rows) = (clean(path), count(rows as u64));
    both!(lang, "by {path}, {rows} rows", "按 {path}，{rows} 行")
}

/// Messages that no row of the table has: of keys beyond the last row, and without the key.
pub fn beside_rows(lang: Lang, others: u64, without: u64) -> String {
    let (others, without) = (count(others), count(without));
    both!(lang, "{others} of more keys, {without} without it", "更多键 {others} 条，无此键 {without} 条")
}

pub fn no_more_matches(lang: Lang, back: bool) -> &'static str {
    if back {
        lang.pick("no match before this one", "之前没有匹配")
    } else {
        lang.pick("no match after this one", "之后没有匹配")
    }
}

pub fn none_saved(lang: Lang) -> &'static str {
    lang.pick(
        "no filter is saved: [filter] of the configuration has names for them",
        "没有已存过滤：配置的 [filter] 中为其命名",
    )
}

pub fn nothing_to_inspect(lang: Lang) -> &'static str {
    lang.pick("there is no message to look into yet", "还没有可查看的消息")
}

/// More was asked for than a screen tells, and there is no file for it.
pub fn no_log(lang: Lang) -> &'static str {
    lang.pick(
        "-v needs --log-file FILE here: nothing of it goes to the screen",
        "此处 -v 需配合 --log-file FILE：屏幕上不显示诊断",
    )
}

pub fn message_gone(lang: Lang) -> &'static str {
    lang.pick("this message made room for newer ones", "该消息已为新消息让位")
}

pub fn no_more_messages(lang: Lang, back: bool) -> &'static str {
    if back {
        lang.pick("no message before this one", "之前没有消息")
    } else {
        lang.pick("no message after this one", "之后没有消息")
    }
}

/// `copied 1,234 bytes`: it was handed to the terminal, which does not say what it did with it.
pub fn copied(lang: Lang, bytes: u64) -> String {
    let (bytes, s) = (count(bytes), super::s(bytes));
    both!(lang, "{bytes} byte{s} handed to the terminal's clipboard", "已将 {bytes} 字节交给终端剪贴板")
}

pub fn copied_in_part(lang: Lang, bytes: u64, of: u64) -> String {
    let (bytes, of) = (count(bytes), count(of));
    both!(
        lang,
        "{bytes} of {of} bytes, the most it takes, handed to the terminal's clipboard",
        "已将 {of} 字节中的前 {bytes} 字节（上限）交给终端剪贴板"
    )
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
    if key.is_empty() {
        return both!(lang, "+{panes} more", "另有 {panes} 个");
    }
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

/// Which feed's trouble was waved aside.
pub fn acknowledged(lang: Lang, feed: &str) -> String {
    let feed = clean(feed);
    both!(lang, "acknowledged: the trouble of {feed}", "已确认 {feed} 的故障")
}
