//! The golden frames of every profile, run through the router.
#![expect(clippy::unwrap_used, reason = "a test may")]

use std::borrow::Cow;
use std::sync::Arc;

use wirebeat::event::ServiceId;
use wirebeat::profile::build::{Source, load};
use wirebeat::profile::codec::View;
use wirebeat::profile::pointer::Pointer;
use wirebeat::profile::template::{Scope, Template};
use wirebeat::profile::{Golden, GoldenRow, Profile, bundled};
use wirebeat::session::Opcode;
use wirebeat::session::router::{Arena, Note, Router};
use wirebeat::time::{Ts, WallAnchor};

fn run(profile: &Arc<Profile>, golden: &Golden) -> Vec<GoldenRow> {
    let mut router = Router::new(Arc::clone(profile));
    let mut names = Vec::new();
    for spec in &profile.services {
        let scope = Scope { service: Some((&spec.name, &spec.params)), ..Scope::default() };
        let key = profile.route.service.as_ref().map_or(spec.name.clone(), |key| key.render(&scope).unwrap().text);
        router.learn(&key, ServiceId(u16::try_from(names.len()).unwrap()));
        names.push(spec.name.clone());
    }
    for (id, name) in &golden.ids {
        let service = names.iter().position(|known| known == name).unwrap();
        router.learn(id, ServiceId(u16::try_from(service).unwrap()));
    }
    let (mut out, mut notes) = (Arena::default(), Vec::new());
    let opcode = if golden.binary { Opcode::Binary } else { Opcode::Text };
    router.route(Ts::ZERO, WallAnchor(0), opcode, &golden.frame, &mut out, &mut notes);
    let rows = out.rows().iter().enumerate();
    rows.map(|(at, row)| {
        let found = notes.iter().find_map(|note| match note {
            Note::Unknown { row, key } if *row == at => Some(key.clone()),
            Note::Unknown { .. }
            | Note::Late { .. }
            | Note::Rule { .. }
            | Note::NotJson { .. }
            | Note::Broken { .. }
            | Note::TooBig { .. }
            | Note::TooMany { .. } => None,
        });
        let service = row.service.map(|id| names[usize::from(id.0)].clone()).or(found);
        let send = notes.iter().find_map(|note| match note {
            Note::Rule { row, rule, origin } if *row == at => {
                let view = router.view(&golden.frame, &out, at, origin);
                profile.rules[*rule].send.as_ref().map(|answer| said(answer, &view))
            }
            Note::Rule { .. }
            | Note::Unknown { .. }
            | Note::Late { .. }
            | Note::NotJson { .. }
            | Note::Broken { .. }
            | Note::TooBig { .. }
            | Note::TooMany { .. } => None,
        });
        GoldenRow { kind: row.kind, service, seq: row.seq, time: row.lag.map(|lag| -lag * 1000), send }
    })
    .collect()
}

/// What is answered to a message, the first request that has a number.
fn said(answer: &Template, view: &View<'_>) -> String {
    let find = |item: bool, at: &Pointer| {
        view.get(item, at).map(|raw| Cow::Owned(String::from_utf8(raw.into_owned()).unwrap()))
    };
    let (message, item) = (|at: &Pointer| find(false, at), |at: &Pointer| find(true, at));
    let prefix = |name: &str| view.prefix(name).map(str::to_owned);
    let scope = Scope {
        message: Some(&message),
        item: Some(&item),
        key: view.key(),
        prefix: Some(&prefix),
        id: Some("1"),
        ..Scope::default()
    };
    answer.render(&scope).map_or_else(|missing| missing.to_string(), |said| said.text)
}

#[test]
fn every_golden_frame_gives_its_rows() {
    let rows = Source::new("tests/profiles/rows.toml", include_str!("profiles/rows.toml"));
    // What docs/profiles.md builds step by step is one profile.
    let steps = include_str!("../docs/profiles.md").split("\n## What you see").next().unwrap();
    let steps = steps.split("```toml\n").skip(1).map(|step| step.split("```").next().unwrap()).collect::<String>();
    let page = Source::new("docs/profiles.md", steps);
    for source in bundled::names().map(|name| bundled::find(name).unwrap()).chain([rows, page]) {
        let file = source.name.clone();
        let profile = Arc::new(load(source, &bundled::find, &[]).unwrap());
        assert!(!profile.tests.is_empty(), "{file}");
        for golden in &profile.tests {
            let rows = run(&profile, golden);
            let fits =
                rows.len() == golden.rows.len() && golden.rows.iter().zip(&rows).all(|(said, row)| said.accepts(row));
            let frame = String::from_utf8_lossy(&golden.frame);
            assert!(fits, "{file}:{}: {frame}\ngives {rows:#?}", golden.line);
        }
    }
}
