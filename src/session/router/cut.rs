//! One frame being cut: prefix, pieces, lists, items. What is made of each is not known here.

use std::ops::Range;

use regex::CaptureLocations;

use super::Note;
use super::arena::Arena;
use super::directory::Directory;
use super::plan::Plan;
use crate::event::{Form, Row, ServiceId};
use crate::profile::codec::{About, Codec, Doc, Is, Place, Prefix, Reading, Scene, Trouble, split};
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
    /// Every row is noted.
    pub(super) all: bool,
    /// Members that are plain values of nobody.
    pub(super) bare: usize,
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
                self.piece(place.start, text, None, readings);
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
        let (Some(prefix), Some(groups)) = (&self.codec.prefix, groups) else {
            return self.pieces(place.start, text, None, readings);
        };
        let string = std::str::from_utf8(text).unwrap_or_default();
        match prefix.captures_read(groups, string).filter(|found| found.start() == 0) {
            Some(found) => {
                let start = place.start + found.end();
                let rest = text.get(found.end()..).unwrap_or_default();
                let about = About { prefix: Some(Prefix { text, groups }), ..About::default() };
                self.prefixed = Some(place);
                self.pieces(start, rest, Some(&about), readings);
            }
            None => self.pieces(place.start, text, None, readings),
        }
    }

    fn pieces(&mut self, start: usize, text: &[u8], about: Option<&About<'_>>, readings: &mut Readings<'_>) {
        match &self.codec.split {
            // An empty frame is a message; emptiness between separators is none.
            Some(separator) if !text.is_empty() => {
                for (at, piece) in split(text, separator) {
                    self.piece(start + at, piece, about, readings);
                }
            }
            Some(_) | None => self.piece(start, text, about, readings),
        }
    }

    /// A text: a message, or a list of messages. It lies at `base` in the frame.
    fn piece(&mut self, base: usize, text: &[u8], about: Option<&About<'_>>, readings: &mut Readings<'_>) {
        if self.plan.batch && byte(text, space(text, 0)) == b'[' {
            let before = (self.out.mark(), self.notes.len(), self.over);
            if self.batch(base, text, about, readings).is_ok() {
                return;
            }
            // It began as JSON and is not: it is one text after all.
            self.out.rewind(before.0);
            self.notes.truncate(before.1);
            self.over = before.2;
        } else if self.plan.reader.message(text, 0, 0, readings.0).is_ok_and(|end| space(text, end) == text.len()) {
            return self.message(base, text, 0..text.len(), about, readings);
        }
        if !self.is_over(1, &[], base) {
            let scene = Scene { text: Some(text), about, ..Scene::default() };
            self.push(&scene, Form::Text, text, base..base + text.len(), false);
        }
    }

    fn batch(
        &mut self,
        base: usize,
        text: &[u8],
        about: Option<&About<'_>>,
        readings: &mut Readings<'_>,
    ) -> Result<(), NotJson> {
        let mut at = space(text, space(text, 0) + 1);
        let mut empty = byte(text, at) == b']';
        if empty {
            // A list of nothing is shown as it is.
            at = self.plan.reader.message(text, 0, 0, readings.0)? - 1;
            self.message(base, text, 0..text.len(), about, readings);
        }
        while !empty {
            let start = space(text, at);
            let end = self.plan.reader.message(text, start, 1, readings.0)?;
            self.message(base, text, start..end, about, readings);
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
        about: Option<&About<'_>>,
        (reading, outer, item): &mut Readings<'_>,
    ) {
        let place = base + span.start..base + span.end;
        if self.is_over(1, &[], place.start) {
            return;
        }
        let body = text.get(span).unwrap_or_default();
        let scene = Scene { message: Some((text, reading)), item: None, text: Some(body), about };
        let has_items = match (self.plan.each, self.plan.outer) {
            (None, _) => false,
            (Some(_), None) if self.plan.stays_whole(&scene) => false,
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
            let about = About { outer: Some((body, outer)), ..scene.about.copied().unwrap_or_default() };
            let scene = Scene { about: Some(&about), ..*scene };
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
        let before = (self.out.mark(), self.out.rows().len(), self.notes.len(), self.bare);
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
            let about = About { key: name, ..scene.about.copied().unwrap_or_default() };
            let about = if members { Some(&about) } else { scene.about };
            let scene = Scene { item: Some((list, item)), about, ..*scene };
            self.push(&scene, Form::Json, body, place.clone(), true);
            let next = space(list, end);
            if byte(list, next) != b',' {
                break;
            }
            at = space(list, next + 1);
        }
        *self.name = unescaped;
        let (mark, rows, notes, bare) = before;
        if members && self.over.is_none() && self.bare - bare == self.out.rows().len() - rows {
            // Plain values that nobody knows are no services: the message says something of its own.
            self.out.rewind(mark);
            self.notes.truncate(notes);
            return false;
        }
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
    pub(super) fn is_full(&self) -> bool {
        self.out.rows().len() - self.first >= self.limit
    }

    /// One row, and what is to be said of it.
    #[inline]
    fn push(&mut self, scene: &Scene<'_>, form: Form, body: &[u8], place: Range<usize>, item: bool) {
        let (row, known) = self.row(scene, form, body, place, item);
        let empty = body.is_empty() && scene.about.is_some();
        if form != Form::Json && !known && !empty && !self.plan.reader.is_empty() {
            self.notes.push(Note::NotJson { row });
        }
    }

    fn text(&self, place: &Range<usize>) -> &'a [u8] {
        self.frame.get(place.clone()).unwrap_or_default()
    }
}

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
