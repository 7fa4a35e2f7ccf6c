//! What is said of feeds that come and go while the screen is up, and of what their profiles want of this machine.

use super::{Lang, name, words};
use crate::text::clean;

/// `added market, orders`
pub fn added(lang: Lang, names: &str) -> String {
    both!(lang, "added {names}", "已添加 {names}")
}

pub fn not_added(lang: Lang, why: &str) -> String {
    let why = clean(why);
    both!(lang, "not added: {why}", "未添加：{why}")
}

pub fn removed(lang: Lang, feed: &str) -> String {
    let feed = name(feed);
    both!(lang, "removed {feed}", "已移除 {feed}")
}

/// Added, removed, replaced, untouched.
pub fn reloaded(lang: Lang, [added, removed, replaced, untouched]: [usize; 4]) -> String {
    both!(
        lang,
        "reloaded: {added} added, {removed} removed, {replaced} replaced, {untouched} untouched",
        "已重新加载：新增 {added}，移除 {removed}，替换 {replaced}，未变 {untouched}"
    )
}

/// An errand is being run.
pub fn under_way(lang: Lang) -> &'static str {
    lang.pick("reading…", "读取中…")
}

/// Above everything that is wrong with the file.
pub fn not_reloaded(lang: Lang) -> &'static str {
    lang.pick("not reloaded, nothing changed", "未重新加载，一切照旧")
}

/// Where there is no feed at all.
pub fn no_feed_yet(lang: Lang) -> [&'static str; 2] {
    [
        lang.pick(":add ws://HOST/PATH watches a feed", ":add ws://HOST/PATH 添加数据源"),
        lang.pick(":reload reads the configuration again", ":reload 重新读取配置"),
    ]
}

/// What may be written behind `add`, and what it is.
pub fn examples(lang: Lang) -> [(&'static str, &'static str); 4] {
    [
        ("add wss://HOST/PATH", lang.pick("a URL", "一个 URL")),
        ("add NAME=ws://HOST/PATH -s a -s b", lang.pick("with a name and services", "带名称和业务")),
        ("add kraken -s ticker:BTC/USD", lang.pick("a profile that has its URL", "自带 URL 的 profile")),
        ("add market", lang.pick("a feed of the configuration", "配置中的数据源")),
    ]
}

pub fn no_such_feed(lang: Lang, feed: &str, near: Option<&str>) -> String {
    let (feed, near) = (name(feed), super::control::meant(lang, near));
    both!(lang, "no feed {feed}{near}", "没有数据源 {feed}{near}")
}

/// The title of what a profile wants, where it asks for consent.
pub fn allow(lang: Lang) -> &'static str {
    lang.pick("allow it?", "是否允许？")
}

pub fn wants(lang: Lang, profile: &str, host: &str) -> String {
    let (profile, host) = (name(profile), words(host));
    both!(lang, "The profile {profile} wants, for {host}:", "profile {profile} 对 {host} 要求：")
}

pub fn wants_env(lang: Lang, variable: &str) -> String {
    let variable = words(variable);
    both!(
        lang,
        "- to read the environment variable {variable} and send it there",
        "- 读取环境变量 {variable} 并发送到该处"
    )
}

pub fn wants_file(lang: Lang, path: &str) -> String {
    let path = words(path);
    both!(lang, "- to read the file {path} and send what is in it there", "- 读取文件 {path} 并将其内容发送到该处")
}

pub fn wants_command(lang: Lang, line: &str) -> String {
    let line = words(line);
    both!(lang, "- to run a command on this machine: {line}", "- 在本机运行命令：{line}")
}

/// `who` is the profile's, as it is written.
pub fn wants_takeover(lang: Lang, who: &str) -> String {
    let who = words(who);
    both!(lang, "- to connect although others are affected: {who}", "- 建立连接，尽管会影响他人：{who}")
}

/// The connection is not encrypted.
pub fn can_be_read(lang: Lang) -> &'static str {
    lang.pick(
        "The connection is not encrypted (ws://): others on the way can read it.",
        "连接未加密（ws://），途中他人可以读取。",
    )
}

pub fn not_allowed(lang: Lang) -> &'static str {
    lang.pick("nothing was done: it was not allowed", "未允许，未作任何更改")
}

/// The user is at something else.
pub fn would_ask(lang: Lang, profile: &str) -> String {
    let profile = name(profile);
    both!(
        lang,
        "nothing was done: the profile {profile} asks for your consent; do it again to see for what",
        "未作任何更改：profile {profile} 需要你的同意，请重试以查看"
    )
}
