//! The golden frames of every profile, run through the router.
#![expect(clippy::unwrap_used, reason = "a test may")]

use std::sync::Arc;

use wirebeat::event::ServiceId;
use wirebeat::profile::build::{Source, load};
use wirebeat::profile::template::Scope;
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
        GoldenRow { kind: row.kind, service, seq: row.seq, time: row.lag.map(|lag| -lag * 1000), send: None }
    })
    .collect()
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
