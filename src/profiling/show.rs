//! A profile as it is used: its own text and all that it extends, laid over each other, each value with its origin.

use std::fmt::Write as _;

use super::writing::{comment, document};
use super::{Answer, UNUSABLE, base, frames};
use crate::profile::build::load;
use crate::profile::diagnostic::{Problems, Source};
use crate::profile::tree::Origin;
use crate::profile::{Proof, layers};
use crate::text::clean;

pub(super) fn show(source: Source, sets: &[String]) -> Result<Answer, String> {
    let own = source.name.clone();
    let mut problems = Problems::default();
    let layered = layers::read(&mut problems, source.clone(), &base, sets);
    let (profile, wrong) = match load(source, &base, sets) {
        Ok(profile) => (Some(profile), Vec::new()),
        Err(wrong) => (None, wrong),
    };
    let wrong: Vec<_> = wrong.iter().map(ToString::to_string).collect();
    let Some((_, table)) = layered else { return Err(wrong.join("\n")) };

    let mut out = String::new();
    if let Some(profile) = &profile {
        out.push_str(&comment(&format!("{}: {}", profile.name, profile.title)));
        profile.doc.iter().for_each(|doc| out.push_str(&comment(&format!("source: {doc}"))));
        let proof = match &profile.about.proof {
            Proof::Server(name) => Some(format!("checked against {name}")),
            Proof::Frames => Some("checked against documented frames".to_owned()),
            Proof::None => None,
        };
        match (proof, &profile.about.checked) {
            (Some(proof), Some(month)) => out.push_str(&comment(&format!("{proof}, {month}"))),
            (Some(words), None) => out.push_str(&comment(&words)),
            (None, Some(month)) => out.push_str(&comment(&format!("checked {month}"))),
            (None, None) => {}
        }
        if let Some(exclusive) = &profile.about.exclusive {
            out.push_str(&comment(&format!("WARNING: {exclusive}")));
        }
        if !profile.env.is_empty() {
            out.push_str(&comment(&format!("reads these environment variables: {}", profile.env.join(", "))));
        }
        if !profile.about.commands.is_empty() {
            out.push_str(&comment(&format!("runs these programs: {}", profile.about.commands.join(", "))));
        }
    }
    let _written = writeln!(out, "# values without a remark are from {}\n", clean(&own));
    out.push_str(&document(&table, &|origin: Origin| {
        let name = &problems.source(origin.source)?.name;
        (*name != own).then(|| format!("from {name}"))
    }));
    let Some(profile) = profile else {
        out.push_str("\n# It cannot be used as it is:\n");
        out.push_str(&comment(&wrong.join("\n")));
        return Ok(Answer { text: out, code: UNUSABLE });
    };
    let frames = frames::frames(&profile);
    if !frames.is_empty() {
        out.push_str("\n# What is sent, with made-up values between ‹ › and secrets as ***:\n");
    }
    for frame in frames {
        let text = frame.text.unwrap_or_else(|missing| format!("({missing})"));
        out.push_str(&comment(&format!("{}: {}", clean(&frame.what), clean(&text))));
    }
    Ok(Answer::done(out))
}
