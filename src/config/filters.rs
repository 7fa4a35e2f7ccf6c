//! `[filter]`: filters with names, each of them checked where it stands.

use crate::app::filter::Filter;
use crate::profile::diagnostic::Problems;
use crate::profile::reader::{self, Reader};
use crate::say::Lang;

/// Names and texts, in the order of the file. They may name each other.
pub(super) fn filters(problems: &Problems, table: &Reader<'_>) -> Vec<(String, String)> {
    let entries: Vec<_> =
        table.others().filter_map(|entry| Some((entry, reader::text(problems, &entry.node)?))).collect();
    let found: Vec<_> = entries.iter().map(|(entry, text)| (entry.key.clone(), (*text).to_owned())).collect();
    for (entry, text) in entries {
        if entry.key.contains(|c: char| c.is_whitespace() || "|()\"".contains(c)) || entry.key.is_empty() {
            let help = "a filter is asked for as @name: letters, digits, - and _";
            problems.tell_help(entry.key_origin, format!("`{}` cannot be the name of a filter", entry.key), help);
        }
        if let Err(bad) = Filter::with_saved(text, &found) {
            let at = reader::inside(problems, entry.node.origin, text, &bad.at);
            problems.tell(at, format!("this is no filter: {}", bad.why.text(Lang::En)));
        }
    }
    found
}
