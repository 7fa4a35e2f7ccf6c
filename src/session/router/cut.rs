//! One frame being cut into rows: prefix, pieces, lists, items. Whom a row belongs to is found here and kept nowhere.

use std::ops::Range;

use regex::CaptureLocations;

use super::arena::{Arena, Extra};
use super::directory::{Directory, Owner};
use super::key::{Words, words};
use super::plan::{Number, Plan, Way};
use super::{Note, Origin};
use crate::event::{Form, Kind, Row, ServiceId};
use crate::profile::SequenceScope;
use crate::profile::codec::{Codec, Doc, Is, Place, Prefix, Reading, Scene, Trouble, split};
use crate::profile::pointer::{NotJson, Value, byte, key, skip, space, unescape};
use crate::time::WallAnchor;

/// What was found in the message, in the item of an outer array, and in the item.
pub(super) type Readings<'a> = (&'a mut Reading, &'a mut Reading, &'a mut Reading);

pub(super) struct Cut<'a> {
    pub(super) codec: &'a Codec,
    pub(super) plan: &'a Plan,
    pub(super) services: &'a mut Directory,
    pub(super) key: &'a mut Vec<u8>,
    pub(super) name: &'a mut Vec<u8>,
    pub(super) several: &'a mut Vec<ServiceId>,
    /// The frame, or what it was turned into.
    pub(super) frame: &'a [u8],
    /// What all rows of the frame have in common.
    pub(super) row: Row,
    pub(super) first: usize,
    pub(super) limit: usize,
    pub(super) wall: WallAnchor,
    /// Where the text at hand lies with its prefix.
    pub(super) prefixed: Option<Range<usize>>,
    /// The row that holds what is beyond the limit, and how many messages that is.
    pub(super) over: Option<(usize, usize)>,
    pub(super) out: &'a mut Arena,
    pub(super) notes: &'a mut Vec<Note>,
}

impl<'a> Cut<'a> {
    /// A piece of what the frame was turned into.
    pub(super) fn doc(&mut self, doc: &Doc, groups: Option<&mut CaptureLocations>, readings: &mut Readings<'_>) {
        let place = doc.place.clone();
        match doc.is {
            Is::Frame => self.whole(place, false, groups, readings),
            Is::Message => {
                let text = self.text(&place);
                self.piece(place.start, text, Scene::default(), readings);
            }
            Is::Trouble(trouble) => {
                if self.is_over(1, &[], place.start) {
                    return;
                }
                let body = self.text(&place);
                let text = std::str::from_utf8(body).is_ok().then_some(body);
                let form = if text.is_some() { Form::Text } else { Form::Binary };
                let row = self.row(&Scene { text, ..Scene::default() }, form, body, place, false).0;
                self.notes.push(match trouble {
                    Trouble::TooBig => Note::TooBig { row },
                    Trouble::Broken => Note::Broken { row },
                });
            }
        }
    }

    /// A whole frame, which lies there.
    pub(super) fn whole(
        &mut self,
        place: Range<usize>,
        utf8: bool,
        groups: Option<&mut CaptureLocations>,
        readings: &mut Readings<'_>,
    ) {
        let text = self.text(&place);
        if !utf8 && std::str::from_utf8(text).is_err() {
            return self.push(&Scene::default(), Form::Binary, text, place, false);
        }
        let (mut start, mut rest, mut scene) = (place.start, text, Scene::default());
        if let (Some(prefix), Some(groups), Ok(string)) = (&self.codec.prefix, groups, std::str::from_utf8(text)) {
            let found = prefix.captures_read(groups, string).filter(|found| found.start() == 0);
            if let Some(found) = found {
                start += found.end();
                rest = text.get(found.end()..).unwrap_or_default();
                scene.prefix = Some(Prefix { text, groups });
                self.prefixed = Some(place);
            }
        }
        match &self.codec.split {
            // An empty frame is a message; emptiness between separators is none.
            Some(separator) if !rest.is_empty() => {
                for (at, piece) in split(rest, separator) {
                    self.piece(start + at, piece, scene, readings);
                }
            }
            Some(_) | None => self.piece(start, rest, scene, readings),
        }
    }

    /// A text: a message, or a list of messages. It lies at `base` in the frame.
    fn piece(&mut self, base: usize, text: &[u8], scene: Scene<'_>, readings: &mut Readings<'_>) {
        if self.plan.batch && byte(text, space(text, 0)) == b'[' {
            let before = (self.out.mark(), self.notes.len(), self.over);
            if self.batch(base, text, scene, readings).is_ok() {
                return;
            }
            // It began as JSON and is not: it is one text after all.
            self.out.rewind(before.0);
            self.notes.truncate(before.1);
            self.over = before.2;
        } else if self.plan.reader.message(text, 0, 0, readings.0).is_ok_and(|end| space(text, end) == text.len()) {
            return self.message(base, text, 0..text.len(), scene, readings);
        }
        if !self.is_over(1, &[], base) {
            let scene = Scene { text: Some(text), ..scene };
            self.push(&scene, Form::Text, text, base..base + text.len(), false);
        }
    }

    fn batch(
        &mut self,
        base: usize,
        text: &[u8],
        scene: Scene<'_>,
        readings: &mut Readings<'_>,
    ) -> Result<(), NotJson> {
        let mut at = space(text, space(text, 0) + 1);
        let mut empty = byte(text, at) == b']';
        if empty {
            // A list of nothing is shown as it is.
            at = self.plan.reader.message(text, 0, 0, readings.0)? - 1;
            self.message(base, text, 0..text.len(), scene, readings);
        }
        while !empty {
            let start = space(text, at);
            let end = self.plan.reader.message(text, start, 1, readings.0)?;
            self.message(base, text, start..end, scene, readings);
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
    fn message(
        &mut self,
        base: usize,
        text: &[u8],
        span: Range<usize>,
        scene: Scene<'_>,
        (reading, outer, item): &mut Readings<'_>,
    ) {
        let place = base + span.start..base + span.end;
        if self.is_over(1, &[], place.start) {
            return;
        }
        let body = text.get(span).unwrap_or_default();
        let scene = Scene { message: Some((text, reading)), text: Some(body), ..scene };
        let has_items = match (self.plan.each, self.plan.outer) {
            (None, _) => false,
            (Some(each), None) => {
                let list = scene.get(each).map_or(&b""[..], Value::raw);
                self.items(&scene, list, &[], &place, item)
            }
            (Some(each), Some(lists)) => {
                let lists = scene.get(lists).map_or(&b""[..], Value::raw);
                self.lists(&scene, lists, each, &place, outer, item)
            }
        };
        if !has_items {
            self.push(&scene, Form::Json, body, place, false);
        }
    }

    /// The items of an outer array, each of which holds items. One that holds none is a row itself.
    fn lists(
        &mut self,
        scene: &Scene<'_>,
        lists: &[u8],
        each: Place,
        place: &Range<usize>,
        outer: &mut Reading,
        item: &mut Reading,
    ) -> bool {
        let mut at = space(lists, 1);
        if byte(lists, 0) != b'[' || byte(lists, at) == b']' {
            return false;
        }
        while let Ok(length) = self.plan.reader.outer(lists.get(at..).unwrap_or_default(), 0, 0, outer) {
            let body = lists.get(at..at + length).unwrap_or_default();
            let behind = space(lists, at + length);
            let scene = Scene { outer: Some((body, outer)), ..*scene };
            let list = scene.get(each).map_or(&b""[..], Value::raw);
            let rest = lists.get(behind..).unwrap_or_default();
            if !self.items(&scene, list, rest, place, item) && !self.is_over(1, &[body, rest], place.end) {
                self.push(&scene, Form::Json, body, place.clone(), true);
            }
            if byte(lists, behind) != b',' {
                break;
            }
            at = space(lists, behind + 1);
        }
        true
    }

    /// The items of an array, or the members of an object; `behind` is what comes after it. Says whether there are any.
    fn items(
        &mut self,
        scene: &Scene<'_>,
        list: &[u8],
        behind: &[u8],
        place: &Range<usize>,
        item: &mut Reading,
    ) -> bool {
        let members = self.plan.members;
        let (open, close) = if members { (b'{', b'}') } else { (b'[', b']') };
        let mut at = space(list, 1);
        if byte(list, 0) != open || byte(list, at) == close {
            return false;
        }
        let mut unescaped = std::mem::take(self.name);
        loop {
            if self.is_full() || self.over.is_some() {
                let rest = list.get(at..).unwrap_or_default();
                self.is_over(count(list, at, members), &[rest, behind], place.end);
                break;
            }
            let name = if members {
                let Ok((value, name)) = name(list, at, &mut unescaped) else { break };
                at = space(list, value);
                Some(name)
            } else {
                None
            };
            let Ok(end) = self.plan.reader.item(list, at, 0, item) else { break };
            let body = list.get(at..end).unwrap_or_default();
            let scene = Scene { item: Some((list, item)), key: name, ..*scene };
            self.push(&scene, Form::Json, body, place.clone(), true);
            let next = space(list, end);
            if byte(list, next) != b',' {
                break;
            }
            at = space(list, next + 1);
        }
        *self.name = unescaped;
        true
    }

    /// Whether there is no room for another row. If so, the rest of the frame becomes one: what is left of the lists at
    /// hand, and what lies behind `next` in the frame.
    fn is_over(&mut self, more: usize, lists: &[&[u8]], next: usize) -> bool {
        if let Some((_, count)) = &mut self.over {
            *count += more;
            return true;
        }
        if !self.is_full() {
            return false;
        }
        let row = self.out.push(self.row, &[], None);
        for rest in lists.iter().copied().chain(self.frame.get(next..)) {
            self.out.lengthen(row, rest);
        }
        let utf8 = std::str::from_utf8(self.out.body(row)).is_ok();
        self.out.patch(row, |row| row.form = if utf8 { Form::Text } else { Form::Binary });
        self.over = Some((row, more));
        true
    }

    #[inline]
    fn is_full(&self) -> bool {
        self.out.rows().len() - self.first >= self.limit
    }

    /// One row, and what is to be said of it.
    #[inline]
    fn push(&mut self, scene: &Scene<'_>, form: Form, body: &[u8], place: Range<usize>, item: bool) {
        let (row, known) = self.row(scene, form, body, place, item);
        let empty = body.is_empty() && scene.prefix.is_some();
        if form != Form::Json && !known && !empty && !self.plan.reader.is_empty() {
            self.notes.push(Note::NotJson { row });
        }
    }

    /// One row (of a message for several services, one for each). `place` is where its message lies in the frame, `item`
    /// whether the row is an item of it. Says which row it is, and whether a rule knows it.
    fn row(&mut self, scene: &Scene<'_>, form: Form, body: &[u8], place: Range<usize>, item: bool) -> (usize, bool) {
        let plan = self.plan;
        let rule = plan.rules.first(scene, form);
        let (way, lag) = plan.way(rule);
        let key = match &way.several {
            None => {
                self.several.clear();
                way.key.as_ref().and_then(|key| key.of(scene, self.key))
            }
            Some((list, words)) => several(scene, (*list, words.as_ref()), way, self.services, self.several, self.key),
        };
        let kind = match (rule, key) {
            (Some(rule), _) => plan.rules.kind(rule),
            (None, Some(_)) => Kind::Data,
            (None, None) => Kind::Other,
        };
        let owner = key.map(|key| match self.several.first() {
            Some(first) => Owner::Known(*first),
            None => self.services.find(way.via, way.glob, key),
        });
        let service = match owner {
            Some(Owner::Known(service)) => Some(service),
            Some(Owner::Late(_) | Owner::Unknown) | None => None,
        };
        let number = plan.number(scene, form, kind);
        let seq = number.and_then(|number| number.of(scene));
        let lag = lag.and_then(|lag| lag.of(scene, self.row.at, self.wall));
        let common = Row { service, kind, form, seq, lag, ..self.row };
        let counted = number.filter(|number| seq.is_some() || number.resets(scene, form));
        let row = self.out.push(common, body, counted.map(|number| number.which));
        if matches!(kind, Kind::Data | Kind::Snapshot) {
            match (owner, key) {
                (Some(Owner::Unknown), Some(key)) => {
                    self.notes.push(Note::Unknown { row, key: String::from_utf8_lossy(key).into_owned() });
                }
                (Some(Owner::Late(service)), _) => self.notes.push(Note::Late { row, service }),
                (Some(Owner::Known(_) | Owner::Unknown) | None, _) => {}
            }
        }
        if let Some(number) = counted.filter(|number| number.more) {
            let extra = extra(number, scene, form, self.key);
            self.out.comes_with(row, extra);
        }
        if let Some(rule) = rule.filter(|rule| plan.rules.is_noted(*rule)) {
            let name = |name: &[u8]| String::from_utf8_lossy(name).into();
            let origin = Origin {
                message: place,
                item,
                outer: scene.outer.map(|(outer, _)| outer.into()),
                key: scene.key.map(name),
                prefixed: scene.prefix.and_then(|_| self.prefixed.clone()),
            };
            self.notes.push(Note::Rule { row, rule, origin });
        }
        if self.several.len() > 1 {
            self.others(common, row, counted);
        }
        (row, rule.is_some())
    }

    /// The same row for the other services that it belongs to.
    #[cold]
    fn others(&mut self, common: Row, first: usize, number: Option<&Number>) {
        // What all of a link count together is counted once.
        let number = number.filter(|number| number.scope == SequenceScope::Service);
        for at in 1..self.several.len() {
            if self.is_full() {
                break;
            }
            let row = Row { service: self.several.get(at).copied(), ..common };
            let row = Row { seq: number.and(row.seq), ..row };
            let again = self.out.again(row, first, number.map(|number| number.which));
            if let Some(extra) = number.and_then(|_| self.out.extra(first)) {
                self.out.comes_with(again, extra);
            }
        }
    }

    fn text(&self, place: &Range<usize>) -> &'a [u8] {
        self.frame.get(place.clone()).unwrap_or_default()
    }
}

fn extra(number: &Number, scene: &Scene<'_>, form: Form, scratch: &mut Vec<u8>) -> Extra {
    let key = number.key.as_ref().and_then(|key| key.of(scene, scratch)).map(Into::into);
    Extra { other: number.other(scene), reset: number.resets(scene, form), key }
}

/// The services of a list of keys, as far as they are known, into `found`. The first key, where there is a list (or, in
/// place of a list, one key); else the key that the way makes.
fn several<'s>(
    scene: &Scene<'s>,
    (list, map): (Place, Option<&Words>),
    way: &Way,
    services: &mut Directory,
    found: &mut Vec<ServiceId>,
    scratch: &'s mut Vec<u8>,
) -> Option<&'s [u8]> {
    found.clear();
    let value = scene.get(list).filter(|value| !value.is_null());
    let Some(value) = value else { return way.key.as_ref().and_then(|key| key.of(scene, scratch)) };
    let mut read = |value: Value<'_>, scratch: &mut Vec<u8>| {
        scratch.clear();
        words(value)?;
        value.open_into(scratch);
        if let Some(other) = map.and_then(|map| map.get(scratch.as_slice())) {
            scratch.clear();
            scratch.extend_from_slice(other);
        }
        if let Owner::Known(service) = services.find(way.via, way.glob, scratch)
            && !found.contains(&service)
        {
            found.push(service);
        }
        Some(())
    };
    let list = value.raw();
    if byte(list, 0) != b'[' {
        read(value, scratch)?;
        return Some(scratch.as_slice()).filter(|key| !key.is_empty());
    }
    let (mut at, mut first) = (space(list, 1), None);
    for _ in 0..MOST_KEYS {
        let Ok(end) = skip(list, at, 0) else { break };
        let value = Value::of(list.get(space(list, at)..end).unwrap_or_default());
        first = first.or(Some(value));
        read(value, scratch);
        at = space(list, end);
        if byte(list, at) != b',' {
            break;
        }
        at += 1;
    }
    if read(first?, scratch).is_none() {
        scratch.clear();
    }
    let key = scratch.as_slice();
    (!key.is_empty() || !found.is_empty()).then_some(key)
}

/// So many keys of a list are looked at.
const MOST_KEYS: usize = 10_000;

/// The name of a member that begins there, and where its value does.
fn name<'s>(object: &'s [u8], at: usize, unescaped: &'s mut Vec<u8>) -> Result<(usize, &'s [u8]), NotJson> {
    let (value, end, escaped) = key(object, at)?;
    let written = object.get(at + 1..end).unwrap_or_default();
    if !escaped {
        return Ok((value, written));
    }
    unescaped.clear();
    unescape(written, unescaped);
    Ok((value, unescaped))
}

/// How many elements (or members) of a valid list are left, from the start of one.
fn count(list: &[u8], mut at: usize, members: bool) -> usize {
    let mut count = 0;
    loop {
        if members {
            let Ok((value, ..)) = key(list, at) else { break };
            at = value;
        }
        let Ok(end) = skip(list, at, 0) else { break };
        count += 1;
        at = space(list, end) + 1;
        if byte(list, at - 1) != b',' {
            break;
        }
        at = space(list, at);
    }
    count
}
