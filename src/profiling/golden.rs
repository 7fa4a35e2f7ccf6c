//! A frame run through the real router, and the golden frames held against what came out.

use std::fmt::Write as _;
use std::sync::Arc;

use crate::event::{Row, ServiceId};
use crate::profile::template::Scope;
use crate::profile::{Golden, GoldenRow, Profile, ServiceSpec};
use crate::session::Opcode;
use crate::session::router::{Arena, Note, Router};
use crate::time::{Ts, WallAnchor};

/// What became of a frame.
#[derive(Debug)]
pub(super) struct Routed {
    pub(super) router: Router,
    pub(super) out: Arena,
    pub(super) notes: Vec<Note>,
    names: Vec<String>,
}

/// Routes one frame for the services given, which came at `wall` nanoseconds since the Unix epoch.
pub(super) fn route(
    profile: &Arc<Profile>,
    services: &[ServiceSpec],
    opcode: Opcode,
    frame: &[u8],
    wall: i64,
) -> Routed {
    let mut router = Router::new(Arc::clone(profile));
    let mut names = Vec::new();
    for (id, spec) in (0..u16::MAX).zip(services) {
        router.learn(&key_of(profile, spec), ServiceId(id));
        names.push(spec.name.clone());
    }
    let (mut out, mut notes) = (Arena::default(), Vec::new());
    router.route(Ts::ZERO, WallAnchor(wall), opcode, frame, &mut out, &mut notes);
    Routed { router, out, notes, names }
}

/// The route key of a service.
pub(super) fn key_of(profile: &Profile, spec: &ServiceSpec) -> String {
    let scope = Scope { service: Some((&spec.name, &spec.params)), ..Scope::default() };
    let key = profile.route.service.as_ref().and_then(|key| key.render(&scope).ok());
    key.map_or_else(|| spec.name.clone(), |key| key.text)
}

impl Routed {
    /// The key of a row whose service is not known by it.
    pub(super) fn unknown(&self, row: usize) -> Option<&str> {
        self.notes.iter().find_map(|note| match note {
            Note::Unknown { row: of, key } if *of == row => Some(key.as_str()),
            Note::Unknown { .. } | Note::Rule { .. } | Note::NotJson { .. } | Note::TooMany { .. } => None,
        })
    }

    /// The name of a row's service; of one that was discovered, its key.
    pub(super) fn service(&self, at: usize, row: &Row) -> Option<&str> {
        let known = row.service.and_then(|id| self.names.get(usize::from(id.0)));
        known.map(String::as_str).or_else(|| self.unknown(at))
    }

    pub(super) fn rows(&self) -> Vec<GoldenRow> {
        let rows = self.out.rows().iter().enumerate();
        rows.map(|(at, row)| GoldenRow {
            kind: row.kind,
            service: self.service(at, row).map(str::to_owned),
            seq: row.seq,
        })
        .collect()
    }
}

/// What a golden frame gives, where that is not what it must give.
pub(super) fn fails(profile: &Arc<Profile>, golden: &Golden) -> Option<Vec<GoldenRow>> {
    let got = route(profile, &profile.services, Opcode::Text, golden.frame.as_bytes(), 0).rows();
    (got != golden.rows).then_some(got)
}

/// Rows as a test says them.
pub(super) fn words(rows: &[GoldenRow]) -> String {
    let one = |row: &GoldenRow| {
        let mut words = format!("{{ kind = \"{}\"", row.kind.word());
        if let Some(service) = &row.service {
            let _written = write!(words, ", service = {}", super::writing::quote(service));
        }
        if let Some(seq) = row.seq {
            let _written = write!(words, ", seq = {seq}");
        }
        words + " }"
    };
    format!("[{}]", rows.iter().map(one).collect::<Vec<_>>().join(", "))
}
