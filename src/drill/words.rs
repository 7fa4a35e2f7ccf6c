//! Findings and verdicts in words, in both languages. What came from a client or a server is made safe here.

use std::fmt::Write as _;
use std::sync::Arc;

use super::finding::Finding;
use crate::say::Lang;
use crate::text::{clean, passed, span};

fn names(services: &[Arc<str>]) -> String {
    const MOST: usize = 5;
    let mut text = services.iter().take(MOST).map(|name| clean(name)).collect::<Vec<_>>().join(", ");
    if services.len() > MOST {
        let _written = write!(text, " (+{})", services.len() - MOST);
    }
    text
}

/// One finding as a sentence.
pub fn finding(lang: Lang, finding: &Finding) -> String {
    match lang {
        Lang::En => english(finding),
        Lang::ZhCn => chinese(finding),
    }
}

fn english(finding: &Finding) -> String {
    match finding {
        Finding::NotLive { waited } => format!("no link was open before the fault, after {}", passed(*waited)),
        Finding::NothingSubscribed => {
            "a link was open and nothing was subscribed: does the handler of opening run?".to_owned()
        }
        Finding::NeverSubscribed { services } => format!("never asked for: {}", names(services)),
        Finding::NeverNoticed { within } => format!("the dead link was kept for {} and more", passed(*within)),
        Finding::NoticedLate { after, budget } => {
            format!("the dead link was left after {}, and {} are allowed", passed(*after), span(*budget))
        }
        Finding::AnswerIgnored { beats, for_so_long } => format!(
            "{beats} unanswered heartbeat(s), and nothing was done about it for {}: a missing answer is never acted on",
            passed(*for_so_long)
        ),
        Finding::NoBeat { silent, after } => {
            format!("no heartbeat in {} of silence, where one is due after {}", passed(*silent), span(*after))
        }
        Finding::BeatEarly { idle, after } => {
            format!("a heartbeat after {} of silence, where one is due after {}", passed(*idle), span(*after))
        }
        Finding::OldTimer { idle, after } => format!(
            "a heartbeat on the new link after {}, where one is due after {}: the old link's timer lives on",
            passed(*idle),
            span(*after)
        ),
        Finding::BeatOnDead { beats } => format!("{beats} heartbeat(s) on the old link after the new one was open"),
        Finding::NeverDialed { within } => {
            format!("no new dial in {}: is a lock against double reconnects never released?", passed(*within))
        }
        Finding::DialedLate { after, budget } => {
            format!("the first new dial came after {}, and {} are allowed", passed(*after), span(*budget))
        }
        Finding::DialedEarly { after, asked } => {
            format!("dialed again after {}, and the server had asked for {}", passed(*after), span(*asked))
        }
        Finding::Storm { dials, within, most } => {
            format!("{dials} dials in {}, and {most} are allowed", span(*within))
        }
        Finding::TwoLinks { overlap: Some(overlap) } => format!("two links at once for {}", passed(*overlap)),
        Finding::TwoLinks { overlap: None } => "two links at once, and the old one was never left".to_owned(),
        Finding::NeverBack => "dialed, and was never live again".to_owned(),
        Finding::NotSubscribedAgain { services } => {
            format!("not subscribed again on the new link: {}", names(services))
        }
        Finding::SubscribedAnew { services } => format!("subscribed only on the new link: {}", names(services)),
        Finding::SubscribedTwice { services } => format!("subscribed twice on one link: {}", names(services)),
        Finding::DataLate { after: Some(after), budget } => {
            format!("first data {} after opening, and {} are allowed", passed(*after), span(*budget))
        }
        Finding::DataLate { after: None, budget } => format!("no data on the new link within {}", span(*budget)),
        Finding::LeftForNothing { after } => {
            format!("a link in order was left {} after the fault began", passed(*after))
        }
        Finding::BrokenBy { kind } => format!("the link was lost over a message of garbage ({kind})"),
        Finding::Exited { code: Some(code) } => format!("the program ended with code {code}"),
        Finding::Exited { code: None } => "the program was ended by a signal".to_owned(),
        Finding::Unsure => "so much happened at once that not all of it was seen".to_owned(),
    }
}

fn chinese(finding: &Finding) -> String {
    match finding {
        Finding::NotLive { waited } => format!("故障开始前没有可用连接（等了 {}）", passed(*waited)),
        Finding::NothingSubscribed => "连接已打开，却没有订阅任何业务：打开事件的处理函数执行了吗？".to_owned(),
        Finding::NeverSubscribed { services } => format!("从未订阅：{}", names(services)),
        Finding::NeverNoticed { within } => format!("死连接一直没有放弃，已超过 {}", passed(*within)),
        Finding::NoticedLate { after, budget } => {
            format!("{} 后才放弃死连接，允许 {}", passed(*after), span(*budget))
        }
        Finding::AnswerIgnored { beats, for_so_long } => {
            format!("{beats} 次心跳没有应答，{} 内毫无反应：从不处理应答缺失", passed(*for_so_long))
        }
        Finding::NoBeat { silent, after } => {
            format!("静默 {} 没有发心跳，应在 {} 后发送", passed(*silent), span(*after))
        }
        Finding::BeatEarly { idle, after } => {
            format!("静默 {} 就发了心跳，应在 {} 后发送", passed(*idle), span(*after))
        }
        Finding::OldTimer { idle, after } => {
            format!("新连接上 {} 就出现心跳，应在 {} 后：旧连接的定时器仍在运行", passed(*idle), span(*after))
        }
        Finding::BeatOnDead { beats } => format!("新连接打开后，旧连接上仍有 {beats} 次心跳"),
        Finding::NeverDialed { within } => format!("{} 内没有重连：防重复的锁没有释放？", passed(*within)),
        Finding::DialedLate { after, budget } => format!("{} 后才开始重连，允许 {}", passed(*after), span(*budget)),
        Finding::DialedEarly { after, asked } => {
            format!("{} 后就再次重连，服务器要求 {}", passed(*after), span(*asked))
        }
        Finding::Storm { dials, within, most } => format!("{} 内重连 {dials} 次，最多允许 {most} 次", span(*within)),
        Finding::TwoLinks { overlap: Some(overlap) } => format!("同时存在两个连接，持续 {}", passed(*overlap)),
        Finding::TwoLinks { overlap: None } => "同时存在两个连接，旧连接从未关闭".to_owned(),
        Finding::NeverBack => "重连后始终没有恢复".to_owned(),
        Finding::NotSubscribedAgain { services } => format!("新连接上没有重新订阅：{}", names(services)),
        Finding::SubscribedAnew { services } => format!("只在新连接上订阅：{}", names(services)),
        Finding::SubscribedTwice { services } => format!("同一连接上重复订阅：{}", names(services)),
        Finding::DataLate { after: Some(after), budget } => {
            format!("打开 {} 后才有数据，允许 {}", passed(*after), span(*budget))
        }
        Finding::DataLate { after: None, budget } => format!("新连接在 {} 内没有数据", span(*budget)),
        Finding::LeftForNothing { after } => format!("故障开始 {} 后放弃了正常的连接", passed(*after)),
        Finding::BrokenBy { kind } => format!("因一条垃圾消息（{kind}）丢失连接"),
        Finding::Exited { code: Some(code) } => format!("程序已退出，退出码 {code}"),
        Finding::Exited { code: None } => "程序被信号终止".to_owned(),
        Finding::Unsure => "事件过多，部分没有记录".to_owned(),
    }
}

/// The words of the card.
pub(super) struct Words {
    pub(super) pass: &'static str,
    pub(super) fail: &'static str,
    pub(super) skipped: &'static str,
    pub(super) head: [&'static str; 8],
    pub(super) own_link: &'static str,
    pub(super) your_client: &'static str,
    pub(super) passed: &'static str,
    pub(super) failed: &'static str,
    pub(super) note: &'static str,
    pub(super) legend: &'static str,
    pub(super) legend_ascii: &'static str,
    pub(super) too_few: &'static str,
    pub(super) cut_short: &'static str,
}

pub(super) fn words(lang: Lang) -> &'static Words {
    match lang {
        Lang::En => &Words {
            pass: "pass",
            fail: "FAIL",
            skipped: "skip",
            head: ["", "fault", "noticed", "dials", "back", "subs", "lost", "what was seen"],
            own_link: "our own link",
            your_client: "your client",
            passed: "passed",
            failed: "failed",
            note: "note",
            legend: "▁▃▆ data  · open  ♥ heartbeat  ✕ fault  ! left  ○ dial  ⊘ refused  ● open again",
            legend_ascii: "-=# data  . open  h heartbeat  X fault  ! left  o dial  / refused  O open again",
            too_few: "there are not two services to tell apart",
            cut_short: "cut short: what is not here was not tried",
        },
        Lang::ZhCn => &Words {
            pass: "通过",
            fail: "失败",
            skipped: "跳过",
            head: ["", "故障", "发现", "重连", "恢复", "订阅", "丢失", "经过"],
            own_link: "自己的连接",
            your_client: "你的客户端",
            passed: "通过",
            failed: "失败",
            note: "注",
            legend: "▁▃▆ 数据  · 打开  ♥ 心跳  ✕ 故障  ! 放弃  ○ 重连  ⊘ 拒绝  ● 重新打开",
            legend_ascii: "-=# 数据  . 打开  h 心跳  X 故障  ! 放弃  o 重连  / 拒绝  O 重新打开",
            too_few: "业务不足两个，无法区分",
            cut_short: "提前结束：没有列出的未测试",
        },
    }
}
