//! From texts to a checked [`Profile`], all errors at once.
//!
//! This is the only place that knows which names a profile has. No file is read here: texts come in, and `find` brings those
//! that are extended.

mod checks;
mod frames;
mod messages;
mod services;
mod timing;

pub use self::services::{scalar, service};

use std::collections::BTreeMap;

use self::checks::{Check, Place as Where};
use super::diagnostic::{Diagnostic, Origin, Problems};
use super::reader::{self, Reader};
use super::tree::Table;
use super::{About, Golden, Profile, layers};

pub use super::diagnostic::Source;

/// What a profile of another version, or of another program, calls by another name.
const HINTS: &[(&str, &str)] = &[
    ("handshake", "steps of a login are not known to this version"),
    ("services", "each has a table of its own: [service.\"NAME\"]"),
    ("rules", "each has a table of its own: [[rule]]"),
    ("url", "it stands in [endpoint]"),
    ("headers", "they stand in [endpoint]"),
];

/// Reads a profile: its own text, what it extends (`find` brings a profile by name), and `PATH=VALUE` settings over both.
pub fn load(main: Source, find: &dyn Fn(&str) -> Option<Source>, sets: &[String]) -> Result<Profile, Vec<Diagnostic>> {
    let mut problems = Problems::default();
    let file = main.name.clone();
    let profile = layers::read(&mut problems, main, find, sets).map(|(number, table)| {
        let profile = profile(&problems, &table, number, &file);
        (profile, problems.count())
    });
    match profile {
        Some((profile, 0)) => Ok(profile),
        Some(_) | None => Err(problems.into_diagnostics()),
    }
}

fn profile(problems: &Problems, table: &Table, number: usize, file: &str) -> Profile {
    let mut top = Reader::new(problems, table, Origin::new(number, 0..0));
    top.hints(HINTS);
    let mut check = Check::new(problems);
    // The layers have looked at these two.
    top.get("schema");
    top.get("extends");

    let name = top.text("name").filter(|name| !name.is_empty()).map_or_else(|| name_of(file), str::to_owned);
    let title = top.text("title").unwrap_or(&name).to_owned();
    let doc = top.texts("doc").unwrap_or_default().into_iter().map(|(text, _)| text.to_owned()).collect();
    let env = frames::env(&mut top);
    let endpoint = top.table("endpoint").map(|table| frames::endpoint(table, &mut check)).unwrap_or_default();
    let codec = top.table("codec").map(messages::codec).unwrap_or_default();
    let subscribe = top.table("subscribe").and_then(|table| frames::ask(table, Where::Subscribe, &mut check));
    let unsubscribe = top.table("unsubscribe").and_then(|table| frames::ask(table, Where::Unsubscribe, &mut check));
    let route = top.table("route").map(|table| messages::route(table, &mut check)).unwrap_or_default();
    let before_rules = problems.count();
    let rules = top.tables("rule").into_iter().filter_map(|table| messages::rule(table, &mut check)).collect();
    let rules_are_whole = problems.count() == before_rules;
    let heartbeats = top.tables("heartbeat").into_iter().filter_map(|t| timing::heartbeat(t, &mut check)).collect();
    let receive_timeout = top.table("receive").and_then(timing::receive);
    let stale = top.table("stale").and_then(timing::stale).unwrap_or_default();
    let time = top.table("time").and_then(|table| messages::time(table, &mut check));
    let sequences = top.tables("sequence").into_iter().filter_map(|t| messages::sequence(t, &mut check)).collect();
    let reconnect = top.table("reconnect").map(timing::reconnect).unwrap_or_default();
    let close = top.table("close").map(timing::close).unwrap_or_default();
    let limits = top.table("limits").map(timing::limits).unwrap_or_default();
    let services = services::services(&mut top, &mut check);
    let tests = top.tables("test").into_iter().filter_map(golden).collect();
    top.finish();

    let profile = Profile {
        handshake: Vec::new(),
        name,
        title,
        doc,
        endpoint,
        codec,
        subscribe,
        unsubscribe,
        route,
        rules,
        heartbeats,
        receive_timeout,
        stale,
        time,
        sequences,
        reconnect,
        close,
        about: About::default(),
        limits,
        services,
        env,
        tests,
    };
    check.finish(&profile, rules_are_whole);
    profile
}

/// A profile without a name is called like its file.
fn name_of(file: &str) -> String {
    let name = file.rsplit(['/', '\\', ':']).next().unwrap_or(file);
    name.strip_suffix(".toml").unwrap_or(name).to_owned()
}

fn golden(mut table: Reader<'_>) -> Option<Golden> {
    let problems = table.problems;
    let line = problems.line_of(table.origin);
    let frame = table.text("frame");
    let rows = table.get("rows");
    if frame.is_none() || rows.is_none() {
        table.missing(
            "`frame` or `rows`",
            "a test has a frame and the rows that it must give: rows = [{ kind = \"data\" }]",
        );
    }
    let rows =
        reader::items(rows?).iter().filter_map(|node| messages::golden_row(Reader::of(problems, node)?)).collect();
    table.finish();
    Some(Golden { line, frame: frame?.as_bytes().to_vec(), binary: false, ids: BTreeMap::new(), rows })
}
