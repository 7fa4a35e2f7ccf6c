//! The card as a file: JSON, `JUnit` XML or Markdown, by the ending of its name. Written whole or not at all.

use std::fmt::Write as _;
use std::fs;
use std::io::{self, Write as _};
use std::path::Path;
use std::time::Duration;

use serde_json::{Value, json};

use super::card::{Card, Row, Verdict};
use super::picture::picture;
use super::words::finding;
use crate::say::Lang;
use crate::text::{clean, passed};

/// What a report can be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    Json,
    JUnit,
    Markdown,
}

impl Form {
    /// By the ending of a name.
    pub fn of(file: &Path) -> Option<Self> {
        match file.extension()?.to_str()?.to_ascii_lowercase().as_str() {
            "json" => Some(Self::Json),
            "xml" => Some(Self::JUnit),
            "md" => Some(Self::Markdown),
            _ => None,
        }
    }
}

pub fn text(card: &Card, form: Form) -> String {
    match form {
        Form::Json => format!("{:#}\n", json(card)),
        Form::JUnit => junit(card),
        Form::Markdown => markdown(card),
    }
}

/// Beside the place first, then in it.
pub fn write(file: &Path, text: &str) -> io::Result<()> {
    let name = file.file_name().ok_or(io::ErrorKind::InvalidInput)?.to_string_lossy().into_owned();
    let beside = file.with_file_name(format!(".{name}.{}.tmp", std::process::id()));
    let written = (|| {
        let mut out = fs::File::create(&beside)?;
        out.write_all(text.as_bytes())?;
        out.sync_all()?;
        fs::rename(&beside, file)
    })();
    if written.is_err() {
        let _gone = fs::remove_file(&beside);
    }
    written
}

fn seconds(time: Option<Duration>) -> Value {
    time.map_or(Value::Null, |time| json!((time.as_secs_f64() * 1000.0).round() / 1000.0))
}

fn json(card: &Card) -> Value {
    let rows = card.rows.iter().map(|row| {
        let measured = row.graded.as_ref().map(|graded| &graded.measured);
        let findings = row.findings().iter().map(
            |found| json!({ "kind": found.kind(), "note": found.is_note(card.own), "text": finding(Lang::En, found) }),
        );
        json!({
            "fault": clean(&row.name),
            "say": clean(&row.say),
            "verdict": row.verdict(card.own).word(),
            "noticed_s": seconds(measured.and_then(|m| m.noticed)),
            "redialed_s": seconds(measured.and_then(|m| m.redialed)),
            "reopened_s": seconds(measured.and_then(|m| m.reopened)),
            "data_after_s": seconds(measured.and_then(|m| m.data)),
            "dials": measured.map(|m| m.dials),
            "links_at_once": measured.map(|m| m.most_links),
            "restored": measured.and_then(|m| m.restored).map(|(again, _)| again),
            "subscribed": measured.and_then(|m| m.restored).map(|(_, of)| of),
            "beats": measured.map(|m| m.beats),
            "beats_answered": measured.map(|m| m.answered),
            "lost": measured.and_then(|m| m.lost),
            "findings": findings.collect::<Vec<_>>(),
            "timeline": row.graded.as_ref().map(|graded| picture(graded, true)),
        })
    });
    json!({
        "schema": 1,
        "version": env!("CARGO_PKG_VERSION"),
        "target": clean(&card.target),
        "profile": clean(&card.profile),
        "seed": card.seed,
        "graded": if card.own { "own" } else { "client" },
        "detect_budget_s": seconds(Some(card.detect)),
        "passed": card.count(Verdict::Pass),
        "failed": card.count(Verdict::Fail),
        "skipped": card.count(Verdict::Skipped),
        "complete": !card.cut_short,
        "took_s": seconds(Some(card.took)),
        "faults": rows.collect::<Vec<_>>(),
    })
}

/// Text between tags or in an attribute.
fn xml(text: &str) -> String {
    let mut out = String::new();
    for c in clean(text).chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            c => out.push(c),
        }
    }
    out
}

fn length(row: &Row) -> f64 {
    row.graded.as_ref().map_or(0.0, |graded| (graded.until - graded.from).as_secs_f64())
}

fn sentences(row: &Row) -> String {
    row.findings().iter().map(|found| finding(Lang::En, found)).collect::<Vec<_>>().join("; ")
}

fn junit(card: &Card) -> String {
    let mut out = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
    let (failed, skipped) = (card.count(Verdict::Fail), card.count(Verdict::Skipped));
    let took = card.took.as_secs_f64();
    let _written = writeln!(
        out,
        "<testsuite name=\"wirebeat drill {}\" tests=\"{}\" failures=\"{failed}\" errors=\"0\" skipped=\"{skipped}\" time=\"{took:.3}\">",
        xml(&card.target),
        card.rows.len(),
    );
    for row in &card.rows {
        let lead = format!("  <testcase classname=\"drill\" name=\"{}\" time=\"{:.3}\"", xml(&row.name), length(row));
        let _written = match row.verdict(card.own) {
            Verdict::Pass => writeln!(out, "{lead}/>"),
            Verdict::Skipped => writeln!(out, "{lead}><skipped/></testcase>"),
            Verdict::Fail => {
                let kinds: Vec<_> = row.findings().iter().map(Finding::kind).collect();
                writeln!(
                    out,
                    "{lead}><failure type=\"{}\" message=\"{}\"/></testcase>",
                    kinds.join(","),
                    xml(&sentences(row))
                )
            }
        };
    }
    out.push_str("</testsuite>\n");
    out
}

fn markdown(card: &Card) -> String {
    let cell = |text: &str| clean(text).replace('\\', "\\\\").replace('|', "\\|").replace('<', "&lt;");
    let mut out = format!("# wirebeat drill: {}\n\n", cell(&card.target));
    let _written = writeln!(
        out,
        "Profile {}, seed {}. {} passed, {} failed, {} skipped.\n",
        cell(&card.profile),
        card.seed,
        card.count(Verdict::Pass),
        card.count(Verdict::Fail),
        card.count(Verdict::Skipped)
    );
    out.push_str("| | fault | noticed | dials | back | subscribed again | lost | timeline | why |\n|---|---|---|---|---|---|---|---|---|\n");
    for row in &card.rows {
        let measured = row.graded.as_ref().map(|graded| graded.measured.clone()).unwrap_or_default();
        let time = |time: Option<Duration>| time.map_or_else(|| "-".to_owned(), passed);
        let restored = measured.restored.map_or_else(|| "-".to_owned(), |(again, of)| format!("{again}/{of}"));
        let _written = writeln!(
            out,
            "| {} | {} | {} | {} | {} | {restored} | {} | {} | {} |",
            row.verdict(card.own).word(),
            cell(&row.name),
            time(measured.noticed),
            measured.dials,
            time(measured.reopened),
            measured.lost.map_or_else(|| "?".to_owned(), |lost| lost.to_string()),
            row.graded
                .as_ref()
                .map(|graded| format!("`{}`", picture(graded, true).replace('|', "¦")))
                .unwrap_or_default(),
            cell(&sentences(row)),
        );
    }
    out
}

use super::finding::Finding;

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;

    fn card() -> Card {
        let row = |name: &str| Row { name: name.into(), say: Arc::from("x"), say_zh: Arc::from("x"), graded: None };
        Card {
            target: "ws://h/<a>?token=***".into(),
            profile: "p|q".into(),
            seed: 1,
            own: false,
            detect: Duration::from_secs(7),
            rows: vec![row("mute\u{1b}"), row("a|b")],
            cut_short: false,
            took: Duration::from_secs(3),
        }
    }

    #[test]
    fn every_form_is_safe_and_whole() {
        let junit = text(&card(), Form::JUnit);
        assert!(
            junit.contains("ws://h/&lt;a&gt;") && junit.contains("skipped=\"2\"") && !junit.contains('\u{1b}'),
            "{junit}"
        );
        let markdown = text(&card(), Form::Markdown);
        assert!(markdown.contains("a\\|b") && markdown.contains("p\\|q") && !markdown.contains("<a>"), "{markdown}");
        let json: Value = serde_json::from_str(&text(&card(), Form::Json)).unwrap();
        assert_eq!((json["skipped"].as_u64(), json["faults"][0]["verdict"].as_str()), (Some(2), Some("skipped")));
    }

    #[test]
    fn a_report_replaces_the_old_one_whole() {
        let folder = std::env::temp_dir().join(format!("wirebeat-report-{}", std::process::id()));
        fs::create_dir_all(&folder).unwrap();
        let file = folder.join("r.md");
        fs::write(&file, "old").unwrap();
        write(&file, "new").unwrap();
        assert_eq!(fs::read_to_string(&file).unwrap(), "new");
        assert_eq!(fs::read_dir(&folder).unwrap().count(), 1);
        assert!(write(&folder.join("none/r.md"), "x").is_err());
        fs::remove_dir_all(&folder).unwrap();
        assert_eq!(Form::of(Path::new("a.XML")), Some(Form::JUnit));
        assert_eq!(Form::of(Path::new("a.txt")), None);
    }
}
