//! What a person should know of a profile, and what it may use from outside: variables and programs.

use super::checks::{Check, Place};
use crate::profile::diagnostic::{Origin, Problems};
use crate::profile::reader::{self, Reader, Zero};
use crate::profile::template::Template;
use crate::profile::{About, AuthCommand, Proof};

/// A program may take so long where a profile does not say.
const RUN_TIMEOUT: std::time::Duration = std::time::Duration::from_secs(10);

pub(super) fn about(top: &mut Reader<'_>) -> About {
    let problems = top.problems;
    let checked = top.get("checked").and_then(|node| month(problems, reader::text(problems, node)?, node.origin));
    let proof = top.get("proof").and_then(|node| proof(problems, reader::text(problems, node)?, node.origin));
    let exclusive = top.text("exclusive").filter(|text| !text.trim().is_empty()).map(str::to_owned);
    let consume = top.bool("consume").unwrap_or_default();
    if let (true, None, Some(node)) = (consume, &exclusive, top.get("consume")) {
        let help = "say it to whoever uses this profile: exclusive = \"events shown here do not reach your own bot\"";
        problems.tell_help(node.origin, "messages are taken away from others, and from whom is not said", help);
    }
    let commands = top.texts("commands").unwrap_or_default();
    let commands = commands.into_iter().map(|(text, _)| text.to_owned()).collect();
    About { checked, proof: proof.unwrap_or_default(), exclusive, consume, commands }
}

/// `2026-11`.
fn month(problems: &Problems, text: &str, at: Origin) -> Option<String> {
    let is = |part: &str, len: usize| part.len() == len && part.bytes().all(|byte| byte.is_ascii_digit());
    let fits =
        text.split_once('-').is_some_and(|(year, month)| is(year, 4) && is(month, 2) && ("01"..="12").contains(&month));
    if !fits {
        problems.tell_help(at, format!("`{text}` is no month"), "year and month: checked = \"2026-11\"");
    }
    fits.then(|| text.to_owned())
}

fn proof(problems: &Problems, text: &str, at: Origin) -> Option<Proof> {
    match text.split_once(':') {
        None if text == "frames" => Some(Proof::Frames),
        Some(("server", name)) if !name.trim().is_empty() => Some(Proof::Server(name.trim().to_owned())),
        Some(_) | None => {
            let help = "it is \"frames\" (documented ones), or \"server: NAME VERSION\" (a real one)";
            problems.tell_help(at, format!("`{text}` is no proof"), help);
            None
        }
    }
}

pub(super) fn env(top: &mut Reader<'_>) -> Vec<String> {
    let names = top.texts("env").unwrap_or_default();
    for (name, at) in &names {
        if !is_name(name) {
            top.problems.tell(*at, format!("`{name}` is no name of an environment variable"));
        }
    }
    names.into_iter().map(|(name, _)| name.to_owned()).collect()
}

/// Letters, digits and `_`, no digit first.
pub(super) fn is_name(text: &str) -> bool {
    let plain = |c: char| c.is_ascii_alphanumeric() || c == '_';
    text.chars().all(plain) && text.starts_with(|c: char| !c.is_ascii_digit())
}

/// `run = ["program", "argument"]` and `run_timeout` of a table.
pub(super) fn run(table: &mut Reader<'_>, place: Place, check: &mut Check<'_>) -> Option<AuthCommand> {
    let problems = table.problems;
    let timeout = table.duration("run_timeout", Zero::Refused);
    let Some(node) = table.get("run") else {
        if let Some(node) = table.get("run_timeout") {
            problems.tell_help(node.origin, "nothing is run", "name a program: run = [\"program\", \"argument\"]");
        }
        return None;
    };
    if node.value.as_list().is_none_or(<[_]>::is_empty) {
        let help =
            "a program and its arguments, one by one: run = [\"sign\", \"--now\", \"${now_ms}\"]; no shell reads them";
        problems.tell_help(node.origin, "expected a list", help);
        return None;
    }
    let words: Vec<(Template, Origin)> =
        reader::items(node).iter().filter_map(|node| reader::template(problems, node, false)).collect();
    let (program, at) = words.first()?;
    if program.holes().next().is_some() {
        problems.tell(*at, "the name of the program is written out, so that it can be allowed");
    } else {
        check.command(program.to_string(), *at);
    }
    for (word, at) in &words {
        check.template(word, *at, place);
    }
    let command = words.into_iter().map(|(word, _)| word).collect();
    Some(AuthCommand { command, timeout: timeout.unwrap_or(RUN_TIMEOUT) })
}
