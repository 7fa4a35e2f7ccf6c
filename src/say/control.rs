//! What is said of feeds taken in hand: commands of the palette, messages of the user's own, heartbeats they changed.

use std::time::Duration;

use super::{Lang, name, s};
use crate::text::{clean, count, size, span};

/// What a command of the palette does. An unknown name has nothing to say.
pub fn command(lang: Lang, name: &str) -> &'static str {
    match name {
        "send" => lang.pick("send this text to the selected feed", "向所选数据源发送这段文本"),
        "solo" => lang.pick("only this service; again: all as before", "只开这个业务，再次执行则恢复"),
        "service" => lang.pick("switch a service on or off", "开关一个业务"),
        "beat" => lang.pick("change the time between heartbeats", "修改心跳间隔"),
        "fault" => lang.pick("inject a fault into the selected feed", "向所选数据源注入故障"),
        "filter" => lang.pick("use a saved filter", "使用已存过滤"),
        "theme" => lang.pick("other colours; the list shows each", "更换配色，列表中可预览"),
        "go" => lang.pick("select a feed or a group by its name", "按名称选中数据源或分组"),
        "fold" => lang.pick("fold a group of feeds, or all", "折叠一个或全部分组"),
        "unfold" => lang.pick("unfold a group of feeds, or all", "展开一个或全部分组"),
        "panes" => lang.pick(
            "panes as at first: sizes changed by + and - are forgotten",
            "窗格恢复原样：不再保留用 + 和 - 改过的大小",
        ),
        "add" => lang.pick("watch one more, by the words of the command line", "再看一个，写法与命令行相同"),
        "remove" => lang.pick("watch the selected feed no more (asks)", "不再查看所选数据源（先询问）"),
        "reload" => lang.pick("read the configuration again", "重新读取配置"),
        "quit" => lang.pick("quit", "退出"),
        _ => "",
    }
}

pub fn no_command(lang: Lang, word: &str, near: Option<&str>) -> String {
    let (word, near) = (name(word), meant(lang, near));
    both!(lang, "no command {word}{near}", "没有命令 {word}{near}")
}

pub fn no_service(lang: Lang, service: &str, near: Option<&str>) -> String {
    let (service, near) = (name(service), meant(lang, near));
    both!(lang, "no service {service}{near}", "没有业务 {service}{near}")
}

pub fn no_filter(lang: Lang, filter: &str, near: Option<&str>) -> String {
    let (filter, near) = (name(filter), meant(lang, near));
    both!(lang, "no saved filter {filter}{near}", "没有已存过滤 {filter}{near}")
}

pub fn no_theme(lang: Lang, theme: &str, near: Option<&str>) -> String {
    let (theme, near) = (name(theme), meant(lang, near));
    both!(lang, "no theme {theme}{near}", "没有配色 {theme}{near}")
}

/// A theme of the list: dark or light, and whether every eye tells its states apart, or the terminal's own colours; and
/// whether it is the one that is worn.
pub fn theme(lang: Lang, dark_and_safe: Option<(bool, bool)>, worn: bool) -> String {
    let what = match dark_and_safe {
        None => lang.pick("the terminal's own colours", "终端自身的配色"),
        Some((true, false)) => lang.pick("dark", "深色"),
        Some((false, false)) => lang.pick("light", "浅色"),
        Some((true, true)) => lang.pick("dark, safe for colour-blind eyes", "深色，适合色觉障碍者"),
        Some((false, true)) => lang.pick("light, safe for colour-blind eyes", "浅色，适合色觉障碍者"),
    };
    let now = if worn { lang.pick(", now", "，当前") } else { "" };
    format!("{what}{now}")
}

/// A theme was asked for, and the terminal has too few colours for it.
pub fn theme_of_sixteen(lang: Lang, theme: &str) -> String {
    let theme = name(theme);
    both!(
        lang,
        "the terminal tells of 16 colours, too few for {theme}: it keeps its own (COLORTERM=truecolor says that it has more)",
        "终端只声明 16 种颜色，不足以显示 {theme}：沿用终端配色（若支持更多，请设 COLORTERM=truecolor）"
    )
}

pub fn theme_without_colour(lang: Lang, theme: &str) -> String {
    let theme = name(theme);
    both!(lang, "colours are off, so {theme} is not seen", "颜色已关闭，不显示 {theme}")
}

pub(super) fn meant(lang: Lang, near: Option<&str>) -> String {
    near.map(name).map_or_else(String::new, |near| both!(lang, "; did you mean {near}?", "；是否指 {near}？"))
}

/// A command without what belongs to it.
pub fn lacks(lang: Lang, command: &str, rest: &str) -> String {
    both!(lang, "as in: {command} {rest}", "格式：{command} {rest}")
}

pub fn no_time(lang: Lang, text: &str, help: &str) -> String {
    let text = name(text);
    both!(lang, "{text} is no time: {help}", "{text} 不是时间：如 20s、500ms")
}

pub fn no_beat(lang: Lang) -> &'static str {
    lang.pick("this feed's profile has no heartbeat", "该数据源的 profile 没有心跳")
}

pub fn beat_bounds(lang: Lang, least: Duration, most: Duration) -> String {
    let (least, most) = (span(least), span(most));
    both!(lang, "a heartbeat comes every {least} to {most}", "心跳间隔为 {least} 到 {most}")
}

/// In the title of a feed: the user changed its heartbeat.
pub fn beat_changed(lang: Lang, after: Duration) -> String {
    let after = span(after);
    both!(lang, "beat {after}, by you", "心跳 {after}（由你修改）")
}

/// In the title of a feed: one service alone.
pub fn solo(lang: Lang, service: &str) -> String {
    let service = clean(service);
    both!(lang, "only {service}", "只开 {service}")
}

pub fn no_feed(lang: Lang) -> &'static str {
    lang.pick("no feed is selected", "没有选中的数据源")
}

pub fn not_open(lang: Lang, feed: &str, key: &str) -> String {
    let feed = clean(feed);
    both!(lang, "not sent: {feed} is not connected; {key} dials", "未发送：{feed} 未连接；按 {key} 连接")
}

pub fn sending(lang: Lang) -> &'static str {
    lang.pick("sending…", "发送中…")
}

pub fn sent(lang: Lang, bytes: u64) -> String {
    let bytes = size(bytes);
    both!(lang, "sent: {bytes}", "已发送 {bytes}")
}

/// The link ended first.
pub fn never_sent(lang: Lang, messages: usize) -> String {
    let (n, plural) = (count(messages as u64), s(messages as u64));
    both!(lang, "not sent: the link ended first ({n} message{plural})", "未发送：连接先断开了（{n} 条）")
}

pub fn nothing_sent(lang: Lang) -> &'static str {
    lang.pick("nothing was sent to this feed yet", "还没有向该数据源发送过消息")
}

/// What is written is JSON.
pub fn is_json(lang: Lang, bytes: u64) -> String {
    let bytes = size(bytes);
    both!(lang, "JSON, {bytes}", "JSON，{bytes}")
}

pub fn is_text(lang: Lang, bytes: u64) -> String {
    let bytes = size(bytes);
    both!(lang, "text, {bytes}; no JSON", "文本，{bytes}；不是 JSON")
}

/// It begins like JSON. `why` is the parser's, in English.
pub fn bad_json(lang: Lang, row: usize, column: usize, why: &str) -> String {
    both!(lang, "no JSON at {row}:{column}: {why}", "第 {row} 行第 {column} 列不是 JSON：{why}")
}

/// Whose the mouse is from now on.
pub fn mouse(lang: Lang, ours: bool) -> &'static str {
    if ours {
        lang.pick("the mouse clicks and scrolls here", "鼠标用于点击和滚动")
    } else {
        lang.pick("the mouse is the terminal's: select text as usual", "鼠标交还终端，可照常选择文本")
    }
}
