//! A frame run through the real router, and the golden frames held against what came out.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::Arc;

use crate::event::{Row, ServiceId};
use crate::profile::codec::View;
use crate::profile::pointer::Pointer;
use crate::profile::template::{Missing, Rendered, Scope, Template};
use crate::profile::{Golden, GoldenRow, Profile, ServiceSpec};
use crate::session::Opcode;
use crate::session::router::{Arena, Note, Origin, Router};
use crate::time::{Ts, WallAnchor};

/// What became of a frame.
#[derive(Debug)]
pub(super) struct Routed {
    pub(super) router: Router,
    pub(super) out: Arena,
    pub(super) notes: Vec<Note>,
    names: Vec<String>,
}

/// A frame as it came, at `wall` nanoseconds since the Unix epoch.
#[derive(Clone, Copy, Debug)]
pub(super) struct Came<'a> {
    pub(super) opcode: Opcode,
    pub(super) frame: &'a [u8],
    pub(super) wall: i64,
}

/// Routes one frame for the services given. `ids`: keys that acks would have taught, and whom they mean.
pub(super) fn route(
    profile: &Arc<Profile>,
    services: &[ServiceSpec],
    ids: &BTreeMap<String, String>,
    came: Came<'_>,
) -> Routed {
    let mut router = Router::new(Arc::clone(profile));
    router.note_all(true);
    let mut names = Vec::new();
    for (id, spec) in (0..u16::MAX).zip(services) {
        router.learn(&profile.key_of(spec), ServiceId(id));
        names.push(spec.name.clone());
    }
    for (key, name) in ids {
        let known = names.iter().position(|known| known == name).or_else(|| {
            // A name that the profile does not have is one that a user gave.
            let id = u16::try_from(names.len()).ok()?;
            router.learn(&profile.key_of(&profile.service(name).ok()?), ServiceId(id));
            names.push(name.clone());
            Some(usize::from(id))
        });
        if let Some(id) = known.and_then(|id| u16::try_from(id).ok()) {
            router.learn_id(key, ServiceId(id));
        }
    }
    let (mut out, mut notes) = (Arena::default(), Vec::new());
    router.route(Ts::ZERO, WallAnchor(came.wall), came.opcode, came.frame, &mut out, &mut notes);
    Routed { router, out, notes, names }
}

/// What is answered to a message, by the first request that has a number.
pub(super) fn answer(template: &Template, view: &View<'_>, wall: i64) -> Result<Rendered, Missing> {
    let find = |item: bool, at: &Pointer| {
        let raw = view.get(item, at)?;
        String::from_utf8(raw.into_owned()).ok().map(Cow::Owned)
    };
    let (message, item) = (|at: &Pointer| find(false, at), |at: &Pointer| find(true, at));
    let prefix = |name: &str| view.prefix(name).map(str::to_owned);
    template.render(&Scope {
        message: Some(&message),
        item: Some(&item),
        key: view.key(),
        prefix: Some(&prefix),
        id: Some("1"),
        now: Some(wall),
        ..Scope::default()
    })
}

impl Routed {
    /// The key of a row whose service is not known by it.
    pub(super) fn unknown(&self, row: usize) -> Option<&str> {
        self.notes.iter().find_map(|note| {
            if let Note::Unknown { row: of, key } = note { (*of == row).then_some(key.as_str()) } else { None }
        })
    }

    /// Where the message of a row lies.
    pub(super) fn origin(&self, row: usize) -> Option<&Origin> {
        self.notes.iter().find_map(|note| {
            if let Note::Seen { row: of, origin } = note { (*of == row).then_some(origin) } else { None }
        })
    }

    /// What went wrong on the way to a row.
    pub(super) fn trouble(&self, row: usize) -> Option<&'static str> {
        self.notes.iter().find_map(|note| {
            let (of, words) = match note {
                Note::NotJson { row } => (row, "it is not JSON, and the profile looks for values in it"),
                Note::Broken { row } => (row, "it could not be decompressed, or read in the profile's format"),
                Note::TooBig { row } => (row, "it would become more than a message may be (limits.message)"),
                Note::TooMany { row, .. } => (row, "the frame has more messages than it may (limits.rows)"),
                Note::Unknown { .. } | Note::Late { .. } | Note::Rule { .. } | Note::Seen { .. } => return None,
            };
            (*of == row).then_some(words)
        })
    }

    /// The rule that matched a row, where it is more than a name for data.
    fn rule(&self, row: usize) -> Option<usize> {
        self.notes.iter().find_map(|note| {
            if let Note::Rule { row: of, rule, .. } = note { (*of == row).then_some(*rule) } else { None }
        })
    }

    /// The name of a row's service; of one that was discovered, its key.
    pub(super) fn service(&self, at: usize, row: &Row) -> Option<&str> {
        let known = row.service.and_then(|id| self.names.get(usize::from(id.0)));
        known.map(String::as_str).or_else(|| self.unknown(at))
    }

    fn rows(&self, profile: &Profile, came: Came<'_>) -> Vec<GoldenRow> {
        let row = |(at, row): (usize, &Row)| {
            let send = self.rule(at).and_then(|rule| profile.rules.get(rule)?.send.as_ref()).and_then(|template| {
                let view = self.router.view(came.frame, &self.out, at, self.origin(at)?);
                answer(template, &view, came.wall).ok().map(|said| said.text)
            });
            GoldenRow {
                kind: row.kind,
                service: self.service(at, row).map(str::to_owned),
                seq: row.seq,
                time: row.lag.map(|lag| came.wall.saturating_sub(lag.saturating_mul(1000))),
                send,
            }
        };
        self.out.rows().iter().enumerate().map(row).collect()
    }
}

/// What a golden frame gives, where that is not what it must give.
pub fn fails(profile: &Arc<Profile>, golden: &Golden) -> Option<Vec<GoldenRow>> {
    let opcode = if golden.binary { Opcode::Binary } else { Opcode::Text };
    let came = Came { opcode, frame: &golden.frame, wall: 0 };
    let got = route(profile, &profile.services, &golden.ids, came).rows(profile, came);
    let fits = got.len() == golden.rows.len() && golden.rows.iter().zip(&got).all(|(said, row)| said.accepts(row));
    (!fits).then_some(got)
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
        if let Some(time) = row.time.and_then(|nanos| jiff::Timestamp::from_nanosecond(nanos.into()).ok()) {
            let _written = write!(words, ", time = \"{time}\"");
        }
        if let Some(send) = &row.send {
            let _written = write!(words, ", send = {}", super::writing::quote(send));
        }
        words + " }"
    };
    format!("[{}]", rows.iter().map(one).collect::<Vec<_>>().join(", "))
}
