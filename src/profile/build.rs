//! From texts to a checked [`Profile`], all errors at once.
//!
//! This is the only place that knows which names a profile has. No file is read here: texts come in, and `find` brings those
//! that are extended.

mod about;
mod asking;
mod checks;
mod cutting;
mod ends;
mod frames;
mod golden;
mod login;
mod matching;
mod numbers;
mod route;
mod rules;
mod services;
mod timing;

pub use self::frames::{check_url, header, subprotocol};
pub use self::services::{scalar, service};
pub use self::timing::stale_value;

use self::checks::Check;
use super::diagnostic::{Diagnostic, Origin, Problems, Severity};
use super::reader::Reader;
use super::tree::Table;
use super::{Profile, layers};

pub use super::diagnostic::Source;

/// What a profile of another program calls by another name.
const HINTS: &[(&str, &str)] = &[
    ("services", "each has a table of its own: [service.\"NAME\"]"),
    ("rules", "each has a table of its own: [[rule]]"),
    ("steps", "each step of a login has a table of its own: [[handshake]]"),
    ("login", "each step of a login has a table of its own: [[handshake]]"),
    ("url", "it stands in [endpoint]"),
    ("headers", "they stand in [endpoint]"),
    ("verified", "it is called `checked`"),
];

/// Reads a profile: its own text, what it extends (`find` brings a profile by name), and `PATH=VALUE` settings over both.
/// Only errors stand in its way; see [`check`] for warnings.
pub fn load(main: Source, find: &dyn Fn(&str) -> Option<Source>, sets: &[String]) -> Result<Profile, Vec<Diagnostic>> {
    match check(main, find, sets) {
        (Some(profile), _) => Ok(profile),
        (None, mut told) => {
            told.retain(|one| one.severity == Severity::Error);
            Err(told)
        }
    }
}

/// The same, with all that there is to say of it. There is no profile where one of them is an error.
pub fn check(
    main: Source,
    find: &dyn Fn(&str) -> Option<Source>,
    sets: &[String],
) -> (Option<Profile>, Vec<Diagnostic>) {
    let mut problems = Problems::default();
    let file = main.name.clone();
    let profile = layers::read(&mut problems, main, find, sets);
    let profile = profile.map(|(number, table)| profile_of(&problems, &table, number, &file));
    let profile = profile.filter(|_| problems.count() == 0);
    (profile, problems.into_diagnostics())
}

fn profile_of(problems: &Problems, table: &Table, number: usize, file: &str) -> Profile {
    let mut top = Reader::new(problems, table, Origin::new(number, 0..0));
    top.hints(HINTS);
    let mut check = Check::new(problems);
    // The layers have looked at these two.
    top.get("schema");
    top.get("extends");

    let name = top.text("name").filter(|name| !name.is_empty()).map_or_else(|| name_of(file), str::to_owned);
    let title = top.text("title").unwrap_or(&name).to_owned();
    let doc = top.texts("doc").unwrap_or_default().into_iter().map(|(text, _)| text.to_owned()).collect();
    let env = about::env(&mut top);
    let about = about::about(&mut top);
    let endpoint = top.table("endpoint").map(|table| frames::endpoint(table, &mut check)).unwrap_or_default();
    let codec = top.table("codec").map(cutting::codec).unwrap_or_default();
    let before_speech = problems.count();
    let handshake = top.tables("handshake").into_iter().enumerate();
    let handshake = handshake.filter_map(|(number, table)| login::step(number, table, &mut check)).collect();
    let subscribe = top.table("subscribe").and_then(|table| asking::subscribe(table, &mut check));
    let unsubscribe =
        top.table("unsubscribe").and_then(|table| asking::unsubscribe(table, subscribe.as_ref(), &mut check));
    let route = top.table("route").map(|table| route::route(table, &mut check)).unwrap_or_default();
    let rules = top.tables("rule").into_iter().filter_map(|table| rules::rule(table, &route, &mut check)).collect();
    let whole = problems.count() == before_speech;
    let heartbeats = top.tables("heartbeat").into_iter().filter_map(|t| timing::heartbeat(t, &mut check)).collect();
    let receive_timeout = top.table("receive").and_then(|table| timing::receive(table, &mut check));
    let stale = top.table("stale").and_then(timing::stale).unwrap_or_default();
    let time = top.table("time").and_then(|table| numbers::time(table, &mut check));
    // An empty list takes back what an extended profile said.
    let time = time.filter(|time| !time.at.is_empty());
    let sequences = top.tables("sequence").into_iter().filter_map(|t| numbers::sequence(t, &mut check)).collect();
    let reconnect = top.table("reconnect").map(ends::reconnect).unwrap_or_default();
    let close = top.table("close").map(ends::close).unwrap_or_default();
    let limits = top.table("limits").map(ends::limits).unwrap_or_default();
    let services = services::services(&mut top, route.service_name.as_ref(), &mut check);
    let tests = top.tables("test").into_iter().filter_map(golden::golden).collect();
    top.finish();

    let profile = Profile {
        name,
        title,
        doc,
        endpoint,
        codec,
        handshake,
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
        about,
        limits,
        services,
        env,
        tests,
    };
    check.finish(&profile, whole);
    profile
}

/// A profile without a name is called like its file.
fn name_of(file: &str) -> String {
    let name = file.rsplit(['/', '\\', ':']).next().unwrap_or(file);
    name.strip_suffix(".toml").unwrap_or(name).to_owned()
}
