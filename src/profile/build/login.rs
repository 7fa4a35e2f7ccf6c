//! The steps of a login.

use std::time::Duration;

use super::about::run;
use super::checks::{Check, Maker, Place};
use super::frames::{Given, json_or_text};
use super::matching::{matching, place};
use super::rules::captures;
use crate::profile::Step;
use crate::profile::reader::{self, Reader, Zero};
use crate::profile::template::Template;

/// An answer may take so long where a profile does not say.
const TIMEOUT: Duration = Duration::from_secs(10);

pub(super) fn step(number: usize, mut table: Reader<'_>, check: &mut Check<'_>) -> Option<Step> {
    let problems = table.problems;
    table.hints(&[
        ("frame", "here it is called `send`"),
        ("frame_text", "here it is called `send_text`"),
        ("when", "here it is called `expect`"),
        ("command", "it is called `run`"),
    ]);
    let maker = Maker::Step(number);
    let before = problems.count();
    let run = run(&mut table, Place::Step(number), check);
    if run.is_some() {
        check.runs(maker);
    }
    let mut said = |json, text, place| -> Option<Template> {
        match json_or_text(&mut table, json, text) {
            Given::Good(template, at) => {
                check.template(&template, at, place);
                Some(template)
            }
            Given::Nothing | Given::Bad => None,
        }
    };
    let send = said("send", "send_text", Place::Step(number));
    let resume = said("resume", "resume_text", Place::Resume(number));
    let mut awaited = |key| table.get(key).map(|node| matching(problems, node, check));
    let (expect, reject) = (awaited("expect"), awaited("reject"));
    let text = table.get("text").and_then(|node| place(problems, reader::text(problems, node)?, node.origin, check));
    let capture = table.table("capture").map(|table| captures(&table, maker, check)).unwrap_or_default();
    let timeout = table.duration("timeout", Zero::Refused).unwrap_or(TIMEOUT);
    if expect.is_none() {
        for key in ["reject", "capture", "timeout"] {
            if let Some(node) = table.get(key) {
                let help = "name the message that ends the step: expect = { \"/type\" = \"welcome\" }";
                problems.tell_help(node.origin, format!("`{key}` without `expect`: nothing is waited for"), help);
            }
        }
    }
    if send.is_none() && expect.is_none() && run.is_none() && problems.count() == before {
        table.missing("`send` or `expect`", "a step says something, waits for something, or both");
    }
    table.finish();
    let whole = |given: Option<Option<_>>| given.map_or(Some(None), |read| read.map(Some));
    Some(Step { run, send, resume, expect: whole(expect)?, reject: whole(reject)?, text, capture, timeout })
}
