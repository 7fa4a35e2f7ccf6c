//! The golden frames of every profile, run through the router.
#![expect(clippy::unwrap_used, reason = "a test may")]

use std::collections::BTreeMap;
use std::sync::Arc;

use wirebeat::event::ServiceId;
use wirebeat::profile::build::{Source, load};
use wirebeat::profile::codec::View;
use wirebeat::profile::template::{Scope, Template};
use wirebeat::profile::{Golden, GoldenRow, Profile, ServiceSpec, bundled};
use wirebeat::session::Opcode;
use wirebeat::session::router::{Arena, Note, Router};
use wirebeat::time::{Ts, WallAnchor};

fn run(profile: &Arc<Profile>, golden: &Golden) -> Vec<GoldenRow> {
    let mut router = Router::new(Arc::clone(profile));
    let mut names = Vec::new();
    let mut meet = |spec: &ServiceSpec| {
        let scope = Scope { service: Some((&spec.name, &spec.params)), ..Scope::default() };
        let key = profile.route.service.as_ref().map_or(spec.name.clone(), |key| key.render(&scope).unwrap().text);
        let id = ServiceId(u16::try_from(names.len()).unwrap());
        router.learn(&key, id);
        names.push(spec.name.clone());
        id
    };
    let mut known: BTreeMap<_, _> = profile.services.iter().map(|spec| (spec.name.clone(), meet(spec))).collect();
    for name in golden.ids.values() {
        // A name that the profile does not have is one that a user gave.
        known.entry(name.clone()).or_insert_with(|| meet(&profile.service(name).unwrap()));
    }
    for (id, name) in &golden.ids {
        router.learn_id(id, known[name]);
    }
    let (mut out, mut notes) = (Arena::default(), Vec::new());
    let opcode = if golden.binary { Opcode::Binary } else { Opcode::Text };
    router.route(Ts::ZERO, WallAnchor(0), opcode, &golden.frame, &mut out, &mut notes);
    let rows = out.rows().iter().enumerate();
    rows.map(|(at, row)| {
        let (mut found, mut send) = (None, None);
        for note in &notes {
            match note {
                Note::Unknown { row, key } if *row == at => found = Some(key.clone()),
                Note::Rule { row, rule, origin } if *row == at => {
                    let view = router.view(&golden.frame, &out, *row, origin);
                    send = profile.rules[*rule].send.as_ref().and_then(|template| answer(template, &view));
                }
                Note::Unknown { .. }
                | Note::Late { .. }
                | Note::Rule { .. }
                | Note::NotJson { .. }
                | Note::Broken { .. }
                | Note::TooBig { .. }
                | Note::TooMany { .. } => {}
            }
        }
        let service = row.service.map(|id| names[usize::from(id.0)].clone()).or(found);
        GoldenRow { kind: row.kind, service, seq: row.seq, time: row.lag.map(|lag| -lag * 1000), send }
    })
    .collect()
}

/// What a rule sends, before it is put into the format of the profile; nothing where it needs what was captured before.
fn answer(template: &Template, view: &View<'_>) -> Option<String> {
    let text = |item, place: &_| view.get(item, place).map(|value| String::from_utf8_lossy(&value).into_owned().into());
    let scope = Scope {
        message: Some(&|place| text(false, place)),
        item: Some(&|place| text(true, place)),
        key: view.key(),
        prefix: Some(&|name| view.prefix(name).map(str::to_owned)),
        ..Scope::default()
    };
    template.render(&scope).ok().map(|answer| answer.text)
}

#[test]
fn every_golden_frame_gives_its_rows() {
    let rows = Source::new("tests/profiles/rows.toml", include_str!("profiles/rows.toml"));
    // What docs/profiles.md builds step by step is one profile.
    let steps = include_str!("../docs/profiles.md").split("\n## What you see").next().unwrap();
    let steps = steps.split("```toml\n").skip(1).map(|step| step.split("```").next().unwrap()).collect::<String>();
    let page = Source::new("docs/profiles.md", steps);
    let mut wrong = Vec::new();
    for source in bundled::names().map(|name| bundled::find(name).unwrap()).chain([rows, page]) {
        let file = source.name.clone();
        let profile = Arc::new(load(source, &bundled::find, &[]).unwrap());
        assert!(!profile.tests.is_empty(), "{file}");
        for golden in &profile.tests {
            let rows = run(&profile, golden);
            let fits =
                rows.len() == golden.rows.len() && golden.rows.iter().zip(&rows).all(|(said, row)| said.accepts(row));
            let frame = String::from_utf8_lossy(&golden.frame);
            if !fits {
                wrong.push(format!("{file}:{}: {frame}\ngives {rows:?}", golden.line));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
}
