//! From frames to rows: cut as the codec says, each row with its service, its kind, its number and its delay.
//!
//! The hot path. A frame is read once, its bytes are copied once, into the [`Arena`], and it is not kept. What a row calls
//! for (a new service, an answer, a capture) is only noted: the session does it.

mod arena;
mod key;
mod lag;
mod plan;
mod rules;
#[cfg(test)]
mod tests;

use std::collections::HashMap;
use std::hash::BuildHasherDefault;
use std::ops::Range;
use std::sync::Arc;

pub use self::arena::Arena;
use self::key::Fold;
use self::plan::Plan;
use super::Opcode;
use crate::event::{Dir, Form, Kind, Row, ServiceId};
use crate::profile::Profile;
use crate::profile::codec::{Reading, Scene, View, split};
use crate::profile::pointer::{NotJson, byte, skip, space};
use crate::time::{Ts, WallAnchor};

/// What a row calls for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Note {
    /// Data of a service that is not known by this key.
    Unknown { row: usize, key: String },
    /// A rule matched that is more than a name for data.
    Rule { row: usize, rule: usize, origin: Origin },
    /// The profile looks into messages, and this one is not JSON; no rule knows it either.
    NotJson { row: usize },
    /// The frame has more rows than the limit: this one holds the rest of it, `more` messages.
    TooMany { row: usize, more: usize },
}

/// Where the message of a note lies: its bytes in the frame, and whether the row is an item in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Origin {
    pub message: Range<usize>,
    pub item: bool,
}

type Services = HashMap<Box<[u8]>, ServiceId, BuildHasherDefault<Fold>>;

/// Routes the frames of one feed.
#[derive(Clone, Debug)]
pub struct Router {
    profile: Arc<Profile>,
    plan: Plan,
    services: Services,
    frames: u64,
    scratch: Scratch,
}

/// Memory that is taken once.
#[derive(Clone, Debug, Default)]
struct Scratch {
    message: Reading,
    item: Reading,
    key: Vec<u8>,
}

impl Router {
    pub fn new(profile: Arc<Profile>) -> Self {
        let plan = Plan::new(&profile);
        Self { profile, plan, services: Services::default(), frames: 0, scratch: Scratch::default() }
    }

    /// From now on a route key means this service.
    pub fn learn(&mut self, key: &str, id: ServiceId) {
        self.services.insert(key.as_bytes().into(), id);
    }

    pub fn knows(&self, key: &str) -> Option<ServiceId> {
        self.services.get(key.as_bytes()).copied()
    }

    /// A new link: its frames count from 1.
    pub fn relink(&mut self) {
        self.frames = 0;
    }

    /// Appends the rows of a data frame to `out`. The row numbers of the notes are those in `out`.
    pub fn route(
        &mut self,
        at: Ts,
        wall: WallAnchor,
        opcode: Opcode,
        frame: &[u8],
        out: &mut Arena,
        notes: &mut Vec<Note>,
    ) {
        let utf8 = match opcode {
            // The link has checked it.
            Opcode::Text => true,
            Opcode::Binary => std::str::from_utf8(frame).is_ok(),
            Opcode::Ping | Opcode::Pong => return,
        };
        self.frames += 1;
        let first = out.rows().len();
        let row = Row {
            service: None,
            kind: Kind::Other,
            dir: Dir::In,
            form: Form::Binary,
            start: 0,
            len: 0,
            seq: None,
            lag: None,
            at,
            frame: self.frames,
            part: 0,
            parts: 1,
        };
        let limit = self.profile.limits.rows.clamp(1, MOST_ROWS);
        let Self { profile, plan, services, scratch: Scratch { message, item, key }, .. } = self;
        let mut cut = Cut { plan, services, key, frame, row, first, limit, wall, over: None, out, notes };
        if !utf8 {
            cut.push(&Scene::default(), Form::Binary, frame, 0..frame.len(), false);
        } else if let Some(separator) = &profile.codec.split {
            for (start, piece) in split(frame, separator) {
                cut.piece(start, piece, message, item);
            }
        } else {
            cut.piece(0, frame, message, item);
        }
        if let Some((row, more)) = cut.over {
            cut.notes.push(Note::TooMany { row, more });
        }
        out.number_parts(first);
    }

    /// The message behind a [`Note::Rule`], for captures, answers and the server's words; `frame` is the one just routed.
    pub fn view<'a>(&'a self, frame: &'a [u8], out: &'a Arena, row: usize, origin: &Origin) -> View<'a> {
        let message = frame.get(origin.message.clone()).unwrap_or_default();
        View::new(&self.profile.codec, message, origin.item.then(|| out.body(row)))
    }
}

/// The places of rows in their frame are 16 bits wide.
const MOST_ROWS: usize = u16::MAX as usize - 1;

/// One frame being cut into rows.
struct Cut<'a> {
    plan: &'a Plan,
    services: &'a Services,
    key: &'a mut Vec<u8>,
    frame: &'a [u8],
    /// What all rows of the frame have in common.
    row: Row,
    first: usize,
    limit: usize,
    wall: WallAnchor,
    /// The row that holds what is beyond the limit, and how many messages that is.
    over: Option<(usize, usize)>,
    out: &'a mut Arena,
    notes: &'a mut Vec<Note>,
}

impl Cut<'_> {
    /// A whole text: a message, or a list of messages. It lies at `base` in the frame.
    fn piece(&mut self, base: usize, text: &[u8], message: &mut Reading, item: &mut Reading) {
        if self.plan.batch && byte(text, space(text, 0)) == b'[' {
            let before = (self.out.mark(), self.notes.len(), self.over);
            if self.batch(base, text, message, item).is_ok() {
                return;
            }
            // It began as JSON and is not: it is one text after all.
            self.out.rewind(before.0);
            self.notes.truncate(before.1);
            self.over = before.2;
        } else if self.plan.reader.message(text, 0, 0, message).is_ok_and(|end| space(text, end) == text.len()) {
            return self.message(base, text, 0..text.len(), message, item);
        }
        if !self.is_over(1, &[], base) {
            let scene = Scene { text: Some(text), ..Scene::default() };
            self.push(&scene, Form::Text, text, base..base + text.len(), false);
        }
    }

    fn batch(&mut self, base: usize, text: &[u8], message: &mut Reading, item: &mut Reading) -> Result<(), NotJson> {
        let mut at = space(text, space(text, 0) + 1);
        let mut empty = byte(text, at) == b']';
        if empty {
            // A list of nothing is shown as it is.
            at = self.plan.reader.message(text, 0, 0, message)? - 1;
            self.message(base, text, 0..text.len(), message, item);
        }
        while !empty {
            let start = space(text, at);
            let end = self.plan.reader.message(text, start, 1, message)?;
            self.message(base, text, start..end, message, item);
            at = space(text, end);
            match byte(text, at) {
                b',' => at += 1,
                b']' => empty = true,
                _ => return Err(NotJson),
            }
        }
        if space(text, at + 1) == text.len() { Ok(()) } else { Err(NotJson) }
    }

    /// A message that is JSON, with its values found: a row, or one for each of its items.
    fn message(&mut self, base: usize, text: &[u8], span: Range<usize>, reading: &Reading, item: &mut Reading) {
        let place = base + span.start..base + span.end;
        if self.is_over(1, &[], place.start) {
            return;
        }
        let body = text.get(span).unwrap_or_default();
        let scene = Scene { message: Some((text, reading)), item: None, text: Some(body) };
        let list = self.plan.each.and_then(|each| scene.get(each)).map_or(&b""[..], |value| value.raw());
        let mut at = space(list, 1);
        if byte(list, 0) != b'[' || byte(list, at) == b']' {
            return self.push(&scene, Form::Json, body, place, false);
        }
        while let Ok(end) = self.plan.reader.item(list, at, 0, item) {
            if self.is_full() {
                self.is_over(count(list, at), list.get(at..).unwrap_or_default(), place.end);
                return;
            }
            let body = list.get(at..end).unwrap_or_default();
            self.push(&Scene { item: Some((list, item)), ..scene }, Form::Json, body, place.clone(), true);
            let behind = space(list, end);
            if byte(list, behind) != b',' {
                return;
            }
            at = space(list, behind + 1);
        }
    }

    /// Whether there is no room for another row. If so, the rest of the frame becomes one: what is left of the list at
    /// hand, and what lies behind `next` in the frame.
    fn is_over(&mut self, more: usize, list: &[u8], next: usize) -> bool {
        if let Some((_, count)) = &mut self.over {
            *count += more;
            return true;
        }
        if !self.is_full() {
            return false;
        }
        let row = self.out.push(self.row, list, None);
        self.out.lengthen(row, self.frame.get(next..).unwrap_or_default());
        self.out.patch(row, |row| row.form = Form::Text);
        self.over = Some((row, more));
        true
    }

    #[inline]
    fn is_full(&self) -> bool {
        self.out.rows().len() - self.first >= self.limit
    }

    /// One row. `place` is where its message lies in the frame, `item` whether the row is an item of it.
    fn push(&mut self, scene: &Scene<'_>, form: Form, body: &[u8], place: Range<usize>, item: bool) {
        let plan = self.plan;
        let rule = plan.rules.first(scene, form);
        let key = plan.key.as_ref().and_then(|key| key.of(scene, self.key));
        let kind = match (rule, key) {
            (Some(rule), _) => plan.rules.kind(rule),
            (None, Some(_)) => Kind::Data,
            (None, None) => Kind::Other,
        };
        let service = key.and_then(|key| self.services.get(key).copied());
        let (sequence, seq) = plan.number(scene, form, kind);
        let lag = plan.lag.as_ref().and_then(|lag| lag.of(scene, self.row.at, self.wall));
        let row = self.out.push(Row { service, kind, form, seq, lag, ..self.row }, body, sequence);
        if let (Some(key), None, Kind::Data | Kind::Snapshot) = (key, service, kind) {
            self.notes.push(Note::Unknown { row, key: String::from_utf8_lossy(key).into_owned() });
        }
        if let Some(rule) = rule.filter(|rule| plan.rules.is_noted(*rule)) {
            self.notes.push(Note::Rule { row, rule, origin: Origin { message: place, item } });
        }
        if form != Form::Json && rule.is_none() && !plan.reader.is_empty() {
            self.notes.push(Note::NotJson { row });
        }
    }
}

/// How many elements of a valid list are left, from the start of one.
fn count(list: &[u8], mut at: usize) -> usize {
    let mut count = 0;
    while let Ok(end) = skip(list, at, 0) {
        count += 1;
        at = space(list, end) + 1;
        if byte(list, at - 1) != b',' {
            break;
        }
    }
    count
}
