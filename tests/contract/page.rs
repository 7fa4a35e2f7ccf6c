//! A page of Markdown as the tests need it: its tables and its fenced examples. It knows no contents.

use std::collections::BTreeSet;

pub(crate) const REFERENCE: &str = include_str!("../../docs/reference.md");
pub(crate) const README: &str = include_str!("../../README.md");
pub(crate) const README_ZH: &str = include_str!("../../README.zh-CN.md");

/// The fenced examples of a kind, such as `json` or `toml profile`.
pub(crate) fn examples<'p>(page: &'p str, kind: &str) -> Vec<&'p str> {
    let mut found = Vec::new();
    let mut rest = page;
    while let Some(start) = rest.find("\n```") {
        let (info, body) = rest[start + 4..].split_once('\n').unwrap();
        let end = body.find("\n```").unwrap_or_else(|| panic!("a fence is never closed: {info}"));
        if info == kind {
            found.push(&body[..end]);
        }
        rest = &body[end + 4..];
    }
    found
}

/// The parts of a page under headings of a level, each with its heading.
pub(crate) fn sections<'p>(page: &'p str, level: &str) -> Vec<(&'p str, &'p str)> {
    let lead = format!("\n{level} ");
    page.split(lead.as_str()).skip(1).filter_map(|part| part.split_once('\n')).collect()
}

/// The rows of the first table in a text, as cells.
pub(crate) fn table(text: &str) -> Vec<Vec<String>> {
    let lines = text.lines().skip_while(|line| !line.starts_with('|')).take_while(|line| line.starts_with('|'));
    lines.skip(2).map(|line| cells(line.trim_matches('|'))).collect()
}

fn cells(row: &str) -> Vec<String> {
    row.split('|').map(|cell| cell.trim().to_owned()).collect()
}

/// The table behind a comment such as `<!-- fields: why -->`, and what the comment names.
pub(crate) fn marked<'p>(page: &'p str, mark: &str) -> Vec<(&'p str, Vec<Vec<String>>)> {
    let lead = format!("<!-- {mark}");
    page.split(lead.as_str())
        .skip(1)
        .filter_map(|part| part.split_once("-->"))
        .map(|(names, rest)| (names.trim_start_matches(':').trim(), table(rest)))
        .collect()
}

/// What stands in backticks.
pub(crate) fn quoted(text: &str) -> Vec<&str> {
    text.split('`').skip(1).step_by(2).collect()
}

/// What the first cells of a table have in backticks.
pub(crate) fn named(table: &[Vec<String>]) -> BTreeSet<String> {
    table.iter().flat_map(|row| quoted(&row[0])).map(str::to_owned).collect()
}

#[test]
fn a_page_is_read() {
    let page = "x\n## A\n<!-- t: a, b -->\n\n| h |\n|---|\n| `x`, `y` | |\n\n```json\n{}\n```\n\n## B\n```toml profile\na\n```\n";
    assert_eq!(examples(page, "json"), ["{}"]);
    assert_eq!(examples(page, "toml profile"), ["a"]);
    assert_eq!(sections(page, "##").iter().map(|(name, _)| *name).collect::<Vec<_>>(), ["A", "B"]);
    let tables = marked(page, "t");
    assert_eq!(tables[0].0, "a, b");
    assert_eq!(named(&tables[0].1), ["x".to_owned(), "y".to_owned()].into());
}
