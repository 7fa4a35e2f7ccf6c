//! Everything that is wrong with a profile at once; then what it sends, and what it makes of its golden frames.

use std::fmt::Write as _;
use std::sync::Arc;

use serde_json::json;

use super::frames::{self, Shown};
use super::{Answer, UNMET, UNUSABLE, base, golden, json_line, source};
use crate::cli::CheckProfile;
use crate::profile::build;
use crate::profile::diagnostic::{Diagnostic, Severity};
use crate::profile::{Golden, GoldenRow, Profile};
use crate::text::{self, clean, cut};

/// A frame is shown up to so many columns.
const SHOWN: usize = 160;

pub(super) fn check(args: &CheckProfile) -> Result<Answer, String> {
    let mut answer = Answer::default();
    for file in &args.files {
        let report = report(file, &args.sets)?;
        answer.code = worse(answer.code, report.code());
        if args.json {
            answer.text.push_str(&json_line(&report.object()));
        } else {
            if !answer.text.is_empty() {
                answer.text.push('\n');
            }
            answer.text.push_str(&report.words());
        }
    }
    Ok(answer)
}

/// That a profile cannot be used is worse than that a frame of it fails.
fn worse(one: u8, other: u8) -> u8 {
    match (one, other) {
        (UNUSABLE, _) | (_, UNUSABLE) => UNUSABLE,
        (UNMET, _) | (_, UNMET) => UNMET,
        _ => 0,
    }
}

struct Report {
    name: String,
    /// Errors and warnings.
    told: Vec<Diagnostic>,
    profile: Option<Arc<Profile>>,
    frames: Vec<Shown>,
    failed: Vec<(Golden, Vec<GoldenRow>)>,
}

fn report(file: &str, sets: &[String]) -> Result<Report, String> {
    let source = source(file)?;
    let name = source.name.clone();
    let (profile, told) = build::check(source, &base, sets);
    let profile = profile.map(Arc::new);
    let frames = profile.as_deref().map(frames::frames).unwrap_or_default();
    let failed = profile.iter().flat_map(failed).collect();
    Ok(Report { name, told, profile, frames, failed })
}

fn failed(profile: &Arc<Profile>) -> Vec<(Golden, Vec<GoldenRow>)> {
    profile.tests.iter().filter_map(|test| Some((test.clone(), golden::fails(profile, test)?))).collect()
}

impl Report {
    fn code(&self) -> u8 {
        match &self.profile {
            None => UNUSABLE,
            Some(_) if !self.failed.is_empty() || self.frames.iter().any(|frame| frame.text.is_err()) => UNMET,
            Some(_) => 0,
        }
    }

    fn count(&self, severity: Severity) -> usize {
        self.told.iter().filter(|told| told.severity == severity).count()
    }

    fn tally(&self) -> String {
        let counts = [(self.count(Severity::Error), "error"), (self.count(Severity::Warning), "warning")];
        let said: Vec<_> =
            counts.into_iter().filter(|(many, _)| *many > 0).map(|(many, what)| count(many, what)).collect();
        said.join(", ")
    }

    fn words(&self) -> String {
        let mut out = String::new();
        let name = clean(&self.name);
        for told in &self.told {
            let _written = writeln!(out, "{told}\n");
        }
        let Some(profile) = &self.profile else {
            let _written = writeln!(out, "{name}: {}", self.tally());
            return out;
        };
        if !self.frames.is_empty() {
            let _written = writeln!(out, "{name} sends, with made-up values between ‹ › and secrets as ***:");
        }
        for Shown { what, text } in &self.frames {
            let shown = match text {
                Ok(text) => cut(&clean(text), SHOWN).into_owned(),
                Err(missing) => format!("cannot be filled in: {}", clean(missing)),
            };
            let _written = writeln!(out, "  {}: {shown}", clean(what));
        }
        for (test, got) in &self.failed {
            let _written = writeln!(out, "\n{name}:{}: a golden frame gives other rows", test.line);
            let _written = writeln!(out, "  frame     {}", text::clean_bytes(&test.frame, SHOWN));
            let _written = writeln!(out, "  expected  {}", clean(&golden::words(&test.rows)));
            let _written = writeln!(out, "  got       {}", clean(&golden::words(got)));
        }
        if !out.is_empty() {
            out.push('\n');
        }
        let tests = match (profile.tests.len(), self.failed.len()) {
            (0, _) => "no golden frames, so nothing proves it".to_owned(),
            (all, 0) => format!("{} as they should be", count(all, "golden frame")),
            (all, failed) => format!("{failed} of {} failed", count(all, "golden frame")),
        };
        let _written = writeln!(
            out,
            "{name}: {}; {}{}, {}; {tests}",
            if self.code() == 0 { "good" } else { "not good" },
            match self.count(Severity::Warning) {
                0 => String::new(),
                many => format!("{}, ", count(many, "warning")),
            },
            count(profile.rules.len(), "rule"),
            count(profile.services.len(), "service"),
        );
        out
    }

    fn object(&self) -> serde_json::Value {
        let told = |told: &&Diagnostic| {
            let (line, column) = told.line_and_column();
            json!({
                "message": told.message,
                "help": told.help,
                "file": told.source.name,
                "line": line,
                "column": column,
            })
        };
        let of = |severity: Severity| {
            self.told.iter().filter(|told| told.severity == severity).map(|one| told(&one)).collect::<Vec<_>>()
        };
        let frame = |shown: &Shown| match &shown.text {
            Ok(text) => json!({ "what": shown.what, "text": text }),
            Err(missing) => json!({ "what": shown.what, "missing": missing }),
        };
        let failed = |(test, got): &(Golden, Vec<GoldenRow>)| {
            json!({
                "line": test.line,
                "frame": String::from_utf8_lossy(&test.frame),
                "expected": golden::words(&test.rows),
                "got": golden::words(got),
            })
        };
        json!({
            "file": self.name,
            "ok": self.code() == 0,
            "errors": of(Severity::Error),
            "warnings": of(Severity::Warning),
            "sends": self.frames.iter().map(frame).collect::<Vec<_>>(),
            "tests": self.profile.as_ref().map_or(0, |profile| profile.tests.len()),
            "failed": self.failed.iter().map(failed).collect::<Vec<_>>(),
        })
    }
}

fn count(many: usize, what: &str) -> String {
    if many == 1 { format!("1 {what}") } else { format!("{many} {what}s") }
}
