//! From frames to rows: cut as the codec says, each row with its service, its kind, its number and its delay.
//!
//! The hot path. A frame is read once, its bytes are copied once, into the [`Arena`], and it is not kept. What a row calls
//! for (a new service, an answer, a capture) is only noted: the session does it.

pub(super) mod arena;
mod cut;
mod directory;
mod key;
mod lag;
mod plan;
mod row;
mod rules;
#[cfg(test)]
mod tests;

use std::ops::Range;
use std::sync::Arc;

use regex::CaptureLocations;

pub use self::arena::Arena;
use self::cut::Cut;
use self::directory::{Directory, Wild};
use self::plan::Plan;
use super::Opcode;
use crate::event::{Dir, Form, Kind, Row, ServiceId};
use crate::profile::Profile;
use crate::profile::codec::{Around, Format, Inlet, Reading, View};
use crate::time::{Ts, WallAnchor};

/// What a row calls for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Note {
    /// Data of a service that is not known by this key.
    Unknown { row: usize, key: String },
    /// Data by a key (mostly the number of a subscription) that was forgotten: it was this service's. The row has none.
    Late { row: usize, service: ServiceId },
    /// A rule matched that is more than a name for data.
    Rule { row: usize, rule: usize, origin: Origin },
    /// A row, told while all are ([`Router::note_all`]).
    Seen { row: usize, origin: Origin },
    /// The profile looks into messages, and this one is not JSON; no rule knows it either.
    NotJson { row: usize },
    /// What is compressed, or in the profile's format, could not be read: this row holds it as it came.
    Broken { row: usize },
    /// It would become more than a message may be: this row holds it as it came.
    TooBig { row: usize },
    /// The frame has more rows than the limit: this one holds the rest of it, `more` messages.
    TooMany { row: usize, more: usize },
}

impl Note {
    /// The row that it is about.
    pub fn row(&self) -> usize {
        match self {
            Self::Unknown { row, .. }
            | Self::Late { row, .. }
            | Self::Rule { row, .. }
            | Self::Seen { row, .. }
            | Self::NotJson { row }
            | Self::Broken { row }
            | Self::TooBig { row }
            | Self::TooMany { row, .. } => *row,
        }
    }

    pub(super) fn row_mut(&mut self) -> &mut usize {
        match self {
            Self::Unknown { row, .. }
            | Self::Late { row, .. }
            | Self::Rule { row, .. }
            | Self::Seen { row, .. }
            | Self::NotJson { row }
            | Self::Broken { row }
            | Self::TooBig { row }
            | Self::TooMany { row, .. } => row,
        }
    }
}

/// Where the message of a note lies: its bytes in the frame (or in what the frame was turned into), and whether the row is
/// an item in it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Origin {
    pub message: Range<usize>,
    pub item: bool,
    /// The item of the outer array that the item is in.
    pub outer: Option<Box<[u8]>>,
    /// The name of the member that the item is.
    pub key: Option<Box<str>>,
    /// The text with its prefix.
    pub prefixed: Option<Range<usize>>,
}

/// Routes the frames of one feed.
#[derive(Clone, Debug)]
pub struct Router {
    profile: Arc<Profile>,
    plan: Plan,
    services: Directory,
    frames: u64,
    inlet: Option<Box<Inlet>>,
    /// The last frame was turned into something else.
    turned: bool,
    scratch: Scratch,
    /// Every row is noted.
    all: bool,
}

/// Memory that is taken once.
#[derive(Clone, Debug, Default)]
struct Scratch {
    message: Reading,
    outer: Reading,
    item: Reading,
    key: Vec<u8>,
    name: Vec<u8>,
    several: Vec<ServiceId>,
    groups: Option<CaptureLocations>,
}

impl Router {
    pub fn new(profile: Arc<Profile>) -> Self {
        let plan = Plan::new(&profile);
        let inlet = Inlet::new(&profile.codec, profile.limits.message).map(Box::new);
        let groups = profile.codec.prefix.as_ref().map(regex::Regex::capture_locations);
        let scratch = Scratch { groups, ..Scratch::default() };
        let wild = if profile.codec.format == Format::Mqtt { Wild::Topic } else { Wild::Plain };
        Self { profile, plan, services: Directory::new(wild), frames: 0, inlet, turned: false, scratch, all: false }
    }

    /// From now on a route key means this service. It may hold wildcards where the route says so.
    pub fn learn(&mut self, key: &str, id: ServiceId) {
        self.services.learn(key.as_bytes(), id);
    }

    /// On this link the number of a subscription (ours or the server's, as its JSON text without quotes) means this service.
    pub fn learn_id(&mut self, number: &str, id: ServiceId) {
        self.services.learn_id(number.as_bytes(), id);
    }

    /// It means nothing any more. What still comes by it is [`Note::Late`].
    pub fn forget(&mut self, key: &str) {
        self.services.forget(key.as_bytes());
    }

    pub fn knows(&self, key: &str) -> Option<ServiceId> {
        self.services.knows(key.as_bytes())
    }

    /// Whether every row comes with a note of where it lies: a login looks at each.
    pub fn note_all(&mut self, on: bool) {
        self.all = on;
    }

    /// A new link: its frames count from 1, no frame goes on, and the numbers of subscriptions are void.
    pub fn relink(&mut self) {
        self.frames = 0;
        self.services.relink();
        if let Some(inlet) = &mut self.inlet {
            inlet.relink();
        }
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
        let binary = match opcode {
            Opcode::Text => false,
            Opcode::Binary => true,
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
        let Self { profile, plan, services, inlet, turned, scratch, all, .. } = self;
        let Scratch { message, outer, item, key, name, several, groups } = scratch;
        *turned = inlet.as_mut().is_some_and(|inlet| inlet.feed(binary, frame));
        let docs = inlet.as_ref().filter(|_| *turned).map(|inlet| inlet.docs());
        let mut cut = Cut {
            codec: &profile.codec,
            plan,
            services,
            key,
            name,
            several,
            frame: docs.map_or(frame, |docs| docs.text()),
            row,
            first,
            limit,
            wall,
            prefixed: None,
            all: *all,
            bare: 0,
            over: None,
            out,
            notes,
        };
        let mut readings = (message, outer, item);
        match docs {
            // The link has checked that a text is UTF-8.
            None => cut.whole(0..frame.len(), !binary, groups.as_mut(), &mut readings),
            Some(docs) => docs.list().iter().for_each(|doc| cut.doc(doc, groups.as_mut(), &mut readings)),
        }
        if let Some((row, more)) = cut.over {
            cut.notes.push(Note::TooMany { row, more });
        }
        out.number_parts(first);
    }

    /// The frame just routed, as it was read: of what was compressed or in another format, what it was turned into.
    pub fn text<'a>(&'a self, frame: &'a [u8]) -> &'a [u8] {
        self.inlet.as_ref().filter(|_| self.turned).map_or(frame, |inlet| inlet.docs().text())
    }

    /// The message behind a [`Note::Rule`], for captures, answers and the server's words; `frame` is the one just routed.
    pub fn view<'a>(&'a self, frame: &'a [u8], out: &'a Arena, row: usize, origin: &'a Origin) -> View<'a> {
        let frame = self.text(frame);
        let around = Around {
            outer: origin.outer.as_deref(),
            key: origin.key.as_deref(),
            prefixed: origin.prefixed.clone().and_then(|place| frame.get(place)),
        };
        let message = frame.get(origin.message.clone()).unwrap_or_default();
        View::new(&self.profile.codec, message, origin.item.then(|| out.body(row)), around)
    }
}

/// The places of rows in their frame are 16 bits wide.
const MOST_ROWS: usize = u16::MAX as usize - 1;
