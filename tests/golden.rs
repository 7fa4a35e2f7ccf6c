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
    let (mut out, mut notes) = (Arena::default(), Vec::new());
    router.route(Ts::ZERO, WallAnchor(0), Opcode::Text, golden.frame.as_bytes(), &mut out, &mut notes);
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
        GoldenRow { kind: row.kind, service, seq: row.seq }
    })
    .collect()
}

#[test]
fn every_golden_frame_gives_its_rows() {
    let rows = Source::new("tests/profiles/rows.toml", include_str!("profiles/rows.toml"));
    for source in bundled::names().map(|name| bundled::find(name).unwrap()).chain([rows]) {
        let file = source.name.clone();
        let profile = Arc::new(load(source, &bundled::find, &[]).unwrap());
        for golden in &profile.tests {
            assert_eq!(run(&profile, golden), golden.rows, "{file}:{}: {}", golden.line, golden.frame);
        }
    }
}
