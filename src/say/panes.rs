//! What is said of groups of feeds, of the place in a long table, and of panes made larger or smaller.

use super::{Lang, name, s};
use crate::text::count;

/// The selected feed's place among all: `312 of 1,000`.
pub fn place_of(lang: Lang, place: usize, of: usize) -> String {
    let (place, of) = (count(place as u64), count(of as u64));
    both!(lang, "{place} of {of}", "第 {place} 个，共 {of} 个")
}

/// The rows of a table of groups that are in sight.
pub fn rows_of(lang: Lang, from: usize, to: usize, of: usize) -> String {
    let [from, to, of] = [from, to, of].map(|n| count(n as u64));
    both!(lang, "rows {from}-{to} of {of}", "第 {from}-{to} 行，共 {of} 行")
}

pub fn none_needs_you(lang: Lang) -> &'static str {
    lang.pick("no feed of this group needs you", "该组没有需要处理的数据源")
}

/// How a group is folded, at its title.
pub fn fold_hint(lang: Lang, key: &str, folded: bool) -> String {
    if folded { both!(lang, "{key} unfold", "{key} 展开") } else { both!(lang, "{key} fold", "{key} 折叠") }
}

/// A key of a feed, on the head of a group.
pub fn group_selected(lang: Lang) -> &'static str {
    lang.pick(
        "a group is selected: this key is for one feed, select it first",
        "当前选中的是分组：此键作用于单个数据源，请先选中它",
    )
}

pub fn no_group(lang: Lang) -> &'static str {
    lang.pick(
        "there is no group here: group = \"NAME\" of [feed.NAME] in the configuration makes one",
        "这里没有分组：在配置的 [feed.NAME] 中用 group = \"NAME\" 设置",
    )
}

pub fn acknowledged(lang: Lang, feeds: usize) -> String {
    let (n, plural) = (count(feeds as u64), s(feeds as u64));
    both!(lang, "{n} feed{plural} acknowledged", "已确认 {n} 个数据源")
}

pub fn muted(lang: Lang, feeds: usize) -> String {
    let (n, plural) = (count(feeds as u64), s(feeds as u64));
    both!(lang, "{n} feed{plural} muted; again: no longer", "已静音 {n} 个数据源，再按取消")
}

pub fn unmuted(lang: Lang, feeds: usize) -> String {
    let (n, plural) = (count(feeds as u64), s(feeds as u64));
    both!(lang, "{n} feed{plural} no longer muted", "已取消 {n} 个数据源的静音")
}

pub fn no_row(lang: Lang, row: &str, near: Option<&str>) -> String {
    let row = name(row);
    match near.map(name) {
        Some(near) => {
            both!(lang, "no feed or group {row}; did you mean {near}?", "没有数据源或分组 {row}；是否指 {near}？")
        }
        None => both!(lang, "no feed or group {row}", "没有数据源或分组 {row}"),
    }
}

/// A row of the palette that goes to a feed.
pub fn go_to_feed(lang: Lang) -> &'static str {
    lang.pick("select this feed", "选中该数据源")
}

pub fn go_to_group(lang: Lang) -> &'static str {
    lang.pick("select this group", "选中该分组")
}

/// The pane cannot grow, or shrink, any further.
pub fn no_more_room(lang: Lang, grows: bool) -> &'static str {
    if grows {
        lang.pick("this pane is as large as it can be", "此窗格已达最大")
    } else {
        lang.pick("this pane is as small as it can be", "此窗格已达最小")
    }
}

pub fn as_at_first(lang: Lang) -> &'static str {
    lang.pick("panes as at first", "窗格已恢复原样")
}
