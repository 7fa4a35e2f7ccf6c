//! What stands where nothing is to be shown: why that is, and which key changes it. Names of keys come from whoever knows
//! them.

use std::time::Duration;

use super::{Lang, name, quoted};
use crate::text::{age, clean, count};

/// Why a pane has no message, told of its link first: `no message yet: the link is down for 22s; dial 4 in 3.2s`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Empty<'a> {
    /// The first dial of all has not begun.
    Idle,
    Dialing(Duration),
    LoggingIn(Duration),
    /// And the countdown to the next dial, in words.
    Down(Duration, String),
    /// The key that dials.
    Stopped(Duration, &'a str),
    /// The key that resumes.
    Paused(Duration, &'a str),
    /// The service is off: the key that switches it on.
    Off(&'a str),
    /// A switch is under way.
    Switching,
    /// The service is refused, in whose words; and the key that asks again, pressed twice.
    Refused(Option<&'a str>, &'a str),
    /// The service is wanted, and was not asked for.
    Wanted,
    /// It was asked for, and the server has to say yes.
    Asked(Duration),
    /// It was subscribed so long ago.
    Subscribed(Duration),
    /// Messages were counted, and none of them is kept.
    NotKept(u64),
    /// The link is open for so long, and no service is known: the key that sends a message.
    Unasked(Duration, &'a str),
    /// Every message had a service.
    AllRouted,
    /// The rule of the heartbeat.
    NoBeat(String),
    /// Frozen before there was any: the key that goes on.
    Frozen(&'a str),
    /// A filter hides so many: the key that drops it.
    Hidden(usize, &'a str),
}

pub fn empty(lang: Lang, empty: &Empty<'_>) -> String {
    match empty {
        Empty::Idle => both!(lang, "no message yet: the feed has not been dialed", "暂无消息：尚未连接"),
        Empty::Dialing(time) => {
            let time = age(*time);
            both!(lang, "no message yet: dialing for {time}", "暂无消息：正在连接，已 {time}")
        }
        Empty::LoggingIn(time) => {
            let time = age(*time);
            both!(lang, "no message yet: logging in for {time}", "暂无消息：正在登录，已 {time}")
        }
        Empty::Down(time, next) => {
            let time = age(*time);
            let next = if next.is_empty() { String::new() } else { both!(lang, "; {next}", "；{next}") };
            both!(lang, "no message: the link is down for {time}{next}", "暂无消息：连接已断开 {time}{next}")
        }
        Empty::Stopped(time, key) => {
            let time = age(*time);
            both!(lang, "no message: stopped for {time}; {key} dials", "暂无消息：已停止 {time}；按 {key} 连接")
        }
        Empty::Paused(time, key) => {
            let time = age(*time);
            both!(
                lang,
                "no message: paused by you for {time}; {key} resumes",
                "暂无消息：由你暂停 {time}；按 {key} 恢复"
            )
        }
        Empty::Off(key) => both!(lang, "this service is off: {key} switches it on", "该业务已关闭：按 {key} 开启"),
        Empty::Switching => both!(lang, "no message yet: the switch is under way", "暂无消息：正在切换"),
        Empty::Refused(text, key) => {
            let text = quoted(lang, text.unwrap_or_default());
            both!(
                lang,
                "the server refuses this service{text}: {key} {key} asks again",
                "服务器拒绝该业务{text}：按 {key} {key} 重新请求"
            )
        }
        Empty::Wanted => both!(lang, "no message yet: this service is asked for next", "暂无消息：即将请求该业务"),
        Empty::Asked(time) => {
            let time = age(*time);
            both!(
                lang,
                "no message yet: asked for, and the server has not said yes in {time}",
                "暂无消息：已请求 {time}，服务器尚未确认"
            )
        }
        Empty::Subscribed(time) => {
            let time = age(*time);
            both!(lang, "no message yet: subscribed, and silent for {time}", "暂无消息：已订阅，静默 {time}")
        }
        Empty::NotKept(messages) => {
            let messages = count(*messages);
            both!(lang, "{messages} counted, and none of them is kept", "已计数 {messages} 条，均未保留")
        }
        Empty::Unasked(time, key) => {
            let time = age(*time);
            both!(
                lang,
                "no message yet, open for {time}: some servers wait to be asked; {key} sends them a message",
                "暂无消息，已连接 {time}：有的服务器等待请求；按 {key} 发送消息"
            )
        }
        Empty::AllRouted => both!(lang, "none: every message named a service", "无：每条消息都属于某个业务"),
        Empty::NoBeat(rule) => both!(lang, "no heartbeat yet: {rule}", "尚无心跳：{rule}"),
        Empty::Frozen(key) => {
            both!(lang, "frozen before its first message: {key} goes on", "冻结于首条消息之前：按 {key} 继续")
        }
        Empty::Hidden(messages, key) => {
            let messages = count(*messages as u64);
            both!(
                lang,
                "the filter hides all {messages}: {key} drops it",
                "过滤隐藏了全部 {messages} 条：按 {key} 取消过滤"
            )
        }
    }
}

/// A list of services without one: before the first message, and when messages came that named none.
pub fn no_service(lang: Lang, messages: u64) -> String {
    if messages == 0 {
        return both!(
            lang,
            "no service yet: those that messages name appear here",
            "暂无业务：消息中出现的业务会列在这里"
        );
    }
    let messages = count(messages);
    both!(lang, "no service: none of {messages} messages named one", "无业务：{messages} 条消息均未指明业务")
}

/// A table of values without a row, where there are messages.
pub fn no_values(lang: Lang, messages: usize, without: u64, key: &str) -> String {
    let messages = count(messages as u64);
    if without == 0 {
        return both!(
            lang,
            "none of {messages} messages is JSON data, of which values could be read",
            "{messages} 条消息都不是可读取值的 JSON 数据"
        );
    }
    let without = count(without);
    both!(
        lang,
        "{without} messages have no such value: {key} takes another path",
        "{without} 条消息没有该值：按 {key} 换一个路径"
    )
}

/// The only row of such a table: nothing tells its messages apart.
pub fn no_key(lang: Lang) -> &'static str {
    lang.pick(
        "no field looks like a name (symbol, device, id): all messages are one row",
        "没有像名称的字段（如 symbol、device、id）：全部消息合为一行",
    )
}

/// Letters that no command and no action has.
pub fn no_entry(lang: Lang, erase: &str, close: &str) -> String {
    both!(lang, "nothing is called so: {erase} erases it, {close} closes", "没有匹配的命令：{erase} 清除，{close} 关闭")
}

/// No message is matched by what is looked for.
pub fn no_match(lang: Lang, messages: usize, key: &str) -> String {
    let messages = count(messages as u64);
    both!(
        lang,
        "none of {messages} messages matches: {key} changes what is looked for",
        "{messages} 条消息均不匹配：按 {key} 修改查找内容"
    )
}

pub fn nothing_sought(lang: Lang, key: &str) -> String {
    both!(lang, "nothing is looked for: {key} begins", "没有查找内容：按 {key} 开始")
}

/// A number without a service. `services`: how many there are.
pub fn no_such_service(lang: Lang, feed: &str, services: usize) -> String {
    let (feed, plural) = (name(feed), super::s(services as u64));
    if services == 0 {
        return both!(lang, "{feed} has no service to switch", "{feed} 没有可开关的业务");
    }
    both!(lang, "{feed} has {services} service{plural}", "{feed} 只有 {services} 个业务")
}

/// What is selected is no service.
pub fn not_a_service(lang: Lang, key: &str) -> String {
    both!(lang, "no service is selected: {key} goes to the next", "没有选中业务：按 {key} 选择下一个")
}

pub fn nothing_to_acknowledge(lang: Lang) -> &'static str {
    lang.pick("there is no trouble to acknowledge", "没有需要确认的故障")
}

pub fn nothing_to_sort(lang: Lang) -> &'static str {
    lang.pick("one feed needs no order", "只有一个数据源，无需排序")
}

/// Behind the word that a feed was paused: how to have it back.
pub fn resumes(lang: Lang, key: &str) -> String {
    both!(lang, "{key} resumes", "按 {key} 恢复")
}

/// A relay to which nobody has come.
pub fn no_client(lang: Lang, url: &str) -> String {
    let url = clean(url);
    both!(lang, "nobody yet: connect your client to {url}", "暂无客户端：请连接到 {url}")
}

/// Once, before the first key of all: the three keys that lead to the others. The second is for narrow screens.
pub fn greeting(lang: Lang, inspect: &str, all: &str, help: &str) -> [String; 2] {
    [
        both!(
            lang,
            "New here? {inspect} looks into a message · {all} finds any command · {help} lists keys",
            "初次使用？{inspect} 查看消息 · {all} 查找所有命令 · {help} 列出按键"
        ),
        both!(lang, "{inspect} looks in · {all} commands · {help} keys", "{inspect} 查看 · {all} 命令 · {help} 按键"),
    ]
}
