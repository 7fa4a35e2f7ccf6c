//! `[alarm]`: what the user wants to be told of, and how. What it comes to is not known here.

use std::time::Duration;

use crate::event::alarm::{Cause, Quiet, Rules};
use crate::profile::reader::{self, Reader, Zero};

/// How long a feed may be down before it is worth an alarm.
const AFTER: Duration = Duration::from_secs(10);

pub(super) fn alarm(mut table: Reader<'_>) -> Rules {
    let problems = table.problems();
    let on = table.get("on").map(|node| {
        let causes = reader::items(node).iter();
        causes.filter_map(|node| reader::choice(problems, node, "on", &Cause::ALL)).collect()
    });
    let command = table.get("command").map(|node| {
        let words: Vec<_> = reader::items(node).iter().filter_map(|node| reader::text(problems, node)).collect();
        if words.first().is_none_or(|program| program.trim().is_empty()) {
            problems.tell_help(
                node.origin,
                "the command has no program",
                "write command = [\"notify-send\", \"wirebeat\"]",
            );
        }
        words.into_iter().map(str::to_owned).collect()
    });
    let quiet = table.texts("quiet").unwrap_or_default().into_iter().filter_map(|(text, at)| {
        let quiet = Quiet::parse(text);
        if quiet.is_none() {
            problems.tell_help(at, format!("`{text}` are no hours"), "write two times of a day: \"22:00-07:00\"");
        }
        quiet
    });
    let quiet = quiet.collect();
    let rules = Rules {
        on: on.unwrap_or_else(|| Cause::ALL.map(|(_, cause)| cause).to_vec()),
        after: table.duration("after", Zero::Allowed).unwrap_or(AFTER),
        bell: table.bool("bell").unwrap_or(true),
        notify: table.bool("notify").unwrap_or_default(),
        command: command.unwrap_or_default(),
        quiet,
    };
    table.finish();
    rules
}
