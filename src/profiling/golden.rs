//! A frame run through the real router, and the golden frames held against what came out.

use std::borrow::Cow;
use std::fmt::Write as _;
use std::sync::Arc;

use crate::event::{Row, ServiceId};
use crate::profile::codec::View;
use crate::profile::pointer::Pointer;
use crate::profile::template::Scope;
use crate::profile::{Golden, GoldenRow, Profile, Rule, ServiceSpec};
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

/// A router that knows its services.
struct Prepared {
    router: Router,
    names: Vec<String>,
}

impl Prepared {
    fn new(profile: &Arc<Profile>, services: &[ServiceSpec]) -> Self {
        let mut router = Router::new(Arc::clone(profile));
        let mut names = Vec::new();
        for (id, spec) in (0..u16::MAX).zip(services) {
            router.learn(&key_of(profile, spec), ServiceId(id));
            names.push(spec.name.clone());
        }
        Self { router, names }
    }

    /// What an ack would have taught: the number of a subscription, and whose it is.
    fn learn(&mut self, number: &str, name: &str) {
        let at = self.names.iter().position(|known| known == name);
        if let Some(id) = at.and_then(|at| u16::try_from(at).ok()) {
            self.router.learn_id(number, ServiceId(id));
            self.router.learn(number, ServiceId(id));
        }
    }

    fn route(mut self, opcode: Opcode, frame: &[u8], wall: i64) -> Routed {
        let (mut out, mut notes) = (Arena::default(), Vec::new());
        self.router.route(Ts::ZERO, WallAnchor(wall), opcode, frame, &mut out, &mut notes);
        Routed { router: self.router, out, notes, names: self.names }
    }
}

/// Routes one frame for the services given, which came at `wall` nanoseconds since the Unix epoch.
pub(super) fn route(
    profile: &Arc<Profile>,
    services: &[ServiceSpec],
    opcode: Opcode,
    frame: &[u8],
    wall: i64,
) -> Routed {
    Prepared::new(profile, services).route(opcode, frame, wall)
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
            Note::Unknown { .. }
            | Note::Late { .. }
            | Note::Rule { .. }
            | Note::NotJson { .. }
            | Note::Broken { .. }
            | Note::TooBig { .. }
            | Note::TooMany { .. } => None,
        })
    }

    /// The rule that has something to say about a row, and where the row lies.
    pub(super) fn ruled(&self, row: usize) -> Option<(usize, &Origin)> {
        self.notes.iter().find_map(|note| match note {
            Note::Rule { row: of, rule, origin } if *of == row => Some((*rule, origin)),
            Note::Rule { .. }
            | Note::Unknown { .. }
            | Note::Late { .. }
            | Note::NotJson { .. }
            | Note::Broken { .. }
            | Note::TooBig { .. }
            | Note::TooMany { .. } => None,
        })
    }

    /// What went wrong on the way to a row.
    pub(super) fn trouble(&self, row: usize) -> Option<&'static str> {
        self.notes.iter().find_map(|note| match note {
            Note::NotJson { row: of } if *of == row => Some("it is not JSON, and the profile looks for values in it"),
            Note::Broken { row: of } if *of == row => {
                Some("it could not be decompressed, or read in the profile's format")
            }
            Note::TooBig { row: of } if *of == row => {
                Some("it would become more than a message may be (limits.message)")
            }
            Note::TooMany { row: of, .. } if *of == row => {
                Some("the frame has more messages than it may (limits.rows)")
            }
            Note::Unknown { .. }
            | Note::Late { .. }
            | Note::Rule { .. }
            | Note::NotJson { .. }
            | Note::Broken { .. }
            | Note::TooBig { .. }
            | Note::TooMany { .. } => None,
        })
    }

    /// The name of a row's service; of one that was discovered, its key.
    pub(super) fn service(&self, at: usize, row: &Row) -> Option<&str> {
        let known = row.service.and_then(|id| self.names.get(usize::from(id.0)));
        known.map(String::as_str).or_else(|| self.unknown(at))
    }

    /// The rows of a frame that came at the beginning of 1970, so that a delay is the time itself.
    fn rows(&self, profile: &Profile, frame: &[u8]) -> Vec<GoldenRow> {
        let rows = self.out.rows().iter().enumerate();
        let row = |(at, row): (usize, &Row)| {
            let ruled = self.ruled(at);
            let said = ruled.and_then(|(rule, origin)| {
                let view = self.router.view(frame, &self.out, at, origin);
                answer(profile.rules.get(rule)?, &view, 0)?.ok()
            });
            GoldenRow {
                kind: row.kind,
                service: self.service(at, row).map(str::to_owned),
                seq: row.seq,
                time: row.lag.map(|lag| lag.saturating_neg().saturating_mul(1000)),
                send: said,
            }
        };
        rows.map(row).collect()
    }
}

/// What a rule says to a message, or why it could not.
pub(super) fn answer(rule: &Rule, view: &View<'_>, wall: i64) -> Option<Result<String, String>> {
    let template = rule.send.as_ref()?;
    let at = |item: bool, place: &Pointer| {
        view.get(item, place).and_then(|raw| String::from_utf8(raw.into_owned()).ok()).map(Cow::Owned)
    };
    let (message, item) = (|place: &Pointer| at(false, place), |place: &Pointer| at(true, place));
    let prefix = |name: &str| view.prefix(name).map(str::to_owned);
    let scope = Scope {
        message: Some(&message),
        item: Some(&item),
        key: view.key(),
        prefix: Some(&prefix),
        id: Some("1"),
        now: Some(wall),
        ..Scope::default()
    };
    Some(template.render(&scope).map(|said| said.masked).map_err(|missing| missing.to_string()))
}

/// What a golden frame gives, where that is not what it must give.
pub(super) fn fails(profile: &Arc<Profile>, golden: &Golden) -> Option<Vec<GoldenRow>> {
    let opcode = if golden.binary { Opcode::Binary } else { Opcode::Text };
    let mut prepared = Prepared::new(profile, &profile.services);
    for (id, name) in &golden.ids {
        prepared.learn(id, name);
    }
    let got = prepared.route(opcode, &golden.frame, 0).rows(profile, &golden.frame);
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
