//! The bundled profiles, a line each. What is in one of them is not shown here.

use std::fmt::Write as _;

use jiff::Timestamp;
use jiff::civil::Date;
use serde_json::json;

use super::json_line;
use crate::profile::build::load;
use crate::profile::template::{Source as Hole, Template};
use crate::profile::{Profile, Proof, bundled};
use crate::text::{clean, fit, width};
use crate::time::Clock;

/// Titles longer than this are cut.
const TITLE: usize = 48;

pub(super) fn list(clock: &Clock, json: bool) -> String {
    let today = today(clock);
    let profiles: Vec<_> = bundled::names()
        .filter_map(|name| Some((name, load(bundled::find(name)?, &bundled::find, &[]).ok()?)))
        .collect();
    if json {
        return profiles.iter().map(|(name, profile)| json_line(&object(name, profile, today))).collect();
    }
    let head = ["PROFILE", "TITLE", "ADDRESS", "NEEDS", "CHECKED"].map(str::to_owned);
    let rows: Vec<_> = profiles.iter().map(|(name, profile)| row(name, profile, today)).collect();
    table(&[vec![head], rows].concat())
}

fn row(name: &str, profile: &Profile, today: Date) -> [String; 5] {
    let needs = needs(profile);
    let needs = if needs.is_empty() { "-".to_owned() } else { needs.join(", ") };
    let checked = match &profile.about.checked {
        Some(month) => format!("{}, {}", proof(profile), age(month, today)),
        None => proof(profile),
    };
    [name.to_owned(), crate::text::cut(&clean(&profile.title), TITLE).into_owned(), url(profile), needs, checked]
}

/// Columns as wide as what stands in them.
fn table<const N: usize>(rows: &[[String; N]]) -> String {
    let widest = |column: usize| rows.iter().map(|row| width(&row[column])).max().unwrap_or(0);
    let widths: Vec<_> = (0..N).map(widest).collect();
    let mut out = String::new();
    for row in rows {
        let cells: Vec<_> = row.iter().zip(&widths).map(|(cell, width)| fit(cell, *width)).collect();
        let _written = writeln!(out, "{}", cells.join("  ").trim_end());
    }
    out
}

fn object(name: &str, profile: &Profile, today: Date) -> serde_json::Value {
    json!({
        "profile": name,
        "title": profile.title,
        "url": profile.endpoint.url.as_ref().map(ToString::to_string),
        "needs": needs(profile),
        "exclusive": profile.about.exclusive,
        "proof": proof_word(profile),
        "against": match &profile.about.proof { Proof::Server(name) => Some(name), Proof::Frames | Proof::None => None },
        "checked": profile.about.checked,
        "months": profile.about.checked.as_deref().and_then(|month| months(month, today)),
        "services": profile.services.iter().map(|service| &service.name).collect::<Vec<_>>(),
        "doc": profile.doc,
    })
}

fn url(profile: &Profile) -> String {
    profile.endpoint.url.as_ref().map_or("-".to_owned(), |url| clean(&url.to_string()).into_owned())
}

/// The environment variables and the programs without which it does not work.
fn needs(profile: &Profile) -> Vec<String> {
    let steps = profile.handshake.iter().flat_map(|step| step.send.iter().chain(&step.resume));
    let optional: Vec<_> = profile.templates().chain(steps).flat_map(Template::holes).collect();
    let required = |name: &String| {
        let uses: Vec<_> = optional.iter().filter(|hole| hole.source == Hole::Env(name.clone())).collect();
        uses.is_empty() || uses.iter().any(|hole| hole.default.is_none())
    };
    profile.env.iter().filter(|name| required(name)).chain(&profile.about.commands).cloned().collect()
}

fn proof(profile: &Profile) -> String {
    match &profile.about.proof {
        Proof::Server(name) => format!("against {}", clean(name)),
        Proof::Frames => "documented frames".to_owned(),
        Proof::None => "-".to_owned(),
    }
}

fn proof_word(profile: &Profile) -> &'static str {
    match profile.about.proof {
        Proof::Server(_) => "server",
        Proof::Frames => "frames",
        Proof::None => "none",
    }
}

fn today(clock: &Clock) -> Date {
    let at = Timestamp::from_nanosecond(clock.now().on_wall(clock.anchor()).into()).unwrap_or_default();
    at.to_zoned(clock.zone().clone()).date()
}

fn age(month: &str, today: Date) -> String {
    match months(month, today) {
        None | Some(..0) => clean(month).into_owned(),
        Some(0) => "this month".to_owned(),
        Some(1) => "1 month ago".to_owned(),
        Some(many @ 2..24) => format!("{many} months ago"),
        Some(many) => format!("{} years ago", many / 12),
    }
}

/// From a month as `2026-11` to today's.
fn months(month: &str, today: Date) -> Option<i32> {
    let (year, month) = month.split_once('-')?;
    let then = year.parse::<i16>().ok().filter(|year| (1970..=9999).contains(year)).map(i32::from)? * 12
        + month.parse::<i32>().ok().filter(|month| (1..=12).contains(month))?;
    Some(i32::from(today.year()) * 12 + i32::from(today.month()) - then)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_age_is_in_months_and_then_in_years() {
        let today = jiff::civil::date(2026, 11, 23);
        let ages = ["2026-11", "2026-10", "2026-08", "2025-01", "2024-11", "2027-01", "soon", "2026-13"];
        let words = ages.map(|month| age(month, today));
        let wanted =
            ["this month", "1 month ago", "3 months ago", "22 months ago", "2 years ago", "2027-01", "soon", "2026-13"];
        assert_eq!(words, wanted);
    }

    #[test]
    fn columns_are_aligned_by_width() {
        let rows = [["业务", "x"], ["a", "yy"], ["", "z"]].map(|row| row.map(str::to_owned));
        assert_eq!(table(&rows), "业务  x\na     yy\n      z\n");
    }

    #[test]
    fn every_bundled_profile_has_a_line() {
        let text = list(&Clock::start(), false);
        for name in bundled::names() {
            assert!(text.lines().any(|line| line.starts_with(&format!("{name} "))), "{name}\n{text}");
        }
        for line in list(&Clock::start(), true).lines() {
            let object: serde_json::Value = serde_json::from_str(line).unwrap();
            assert!(object["profile"].is_string() && object["title"].is_string(), "{line}");
        }
    }
}
