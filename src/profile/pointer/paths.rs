//! Many places looked for in one pass, which also says whether the document is JSON at all.
//!
//! The places form a tree. Where the document leaves that tree, values are only skipped, so the cost is that of the
//! grammar. It does not read values: [`Found`] holds where they lie.

use super::json::{self, DEPTH, NotJson, byte, space};
use super::value::{self, Value};
use super::{Pointer, Segment};

/// A set of places, ready to be looked for. Slots count from 0 in it.
#[derive(Clone, Debug)]
pub struct Paths {
    /// The first is the document itself.
    nodes: Vec<Node>,
    slots: usize,
}

/// Which of the places of a [`Paths`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Slot(usize);

/// Where the values lie. One for many passes, so that its memory is taken once.
#[derive(Clone, Debug, Default)]
pub struct Found {
    spans: Vec<Span>,
    /// Where the latest elements of the open arrays begin, for indices from the end.
    starts: Vec<usize>,
    /// A key without its escapes.
    key: Vec<u8>,
}

/// Where a value lies; it is not there where the end is 0.
#[derive(Clone, Copy, Debug, Default)]
struct Span {
    start: usize,
    end: usize,
    escaped: bool,
}

#[derive(Clone, Debug, Default)]
struct Node {
    slot: Option<usize>,
    /// The slots of all places at or below this one are neighbours.
    below: (usize, usize),
    members: Vec<(Box<[u8]>, usize)>,
    /// Elements counted from the start, and from the end (1 is the last).
    items: Vec<(usize, usize)>,
    ends: Vec<(usize, usize)>,
    /// The largest of `ends`.
    furthest: usize,
}

impl Paths {
    pub fn new<'p>(places: impl IntoIterator<Item = &'p [Segment]>) -> Self {
        let mut nodes = vec![Node::default()];
        // No document that is accepted goes deeper.
        for place in places.into_iter().filter(|place| place.len() <= DEPTH as usize) {
            let mut here = 0;
            for segment in place {
                here = child(&mut nodes, here, segment);
            }
            nodes[here].slot = Some(0);
        }
        let mut slots = 0;
        number(&mut nodes, 0, &mut slots);
        Self { nodes, slots }
    }

    pub fn of(pointers: &[Pointer]) -> Self {
        Self::new(pointers.iter().map(|pointer| pointer.segments.as_slice()))
    }

    pub fn slot(&self, place: &[Segment]) -> Option<Slot> {
        let mut node = self.nodes.first()?;
        for segment in place {
            let (_, next) = node.members.iter().find(|(key, _)| **key == *segment.key.as_bytes())?;
            node = self.nodes.get(*next)?;
        }
        node.slot.map(Slot)
    }

    pub fn is_empty(&self) -> bool {
        self.slots == 0
    }

    /// One pass over a whole document. Says whether it is JSON; what is found of one that is not means nothing.
    pub fn scan(&self, doc: &[u8], found: &mut Found) -> Result<(), NotJson> {
        let end = self.scan_at(doc, 0, 0, found)?;
        if space(doc, end) == doc.len() { Ok(()) } else { Err(NotJson) }
    }

    /// One pass over the value that begins at `at` (or behind the white space there) with `depth` arrays and objects around
    /// it, as if it were the document. Says where it ends.
    pub fn scan_at(&self, doc: &[u8], at: usize, depth: u32, found: &mut Found) -> Result<usize, NotJson> {
        found.clear(self);
        if self.slots == 0 { json::skip(doc, at, depth) } else { Walk { doc, paths: self, found }.value(0, at, depth) }
    }
}

impl Found {
    /// Nothing is found.
    pub fn clear(&mut self, paths: &Paths) {
        self.spans.clear();
        self.spans.resize(paths.slots, Span::default());
        self.starts.clear();
    }

    /// The value in a slot. `doc` is the document of the last pass.
    #[inline]
    pub fn value<'a>(&self, doc: &'a [u8], slot: Slot) -> Option<Value<'a>> {
        let span = self.spans.get(slot.0)?;
        if span.end == 0 { None } else { Some(Value::new(doc.get(span.start..span.end)?, span.escaped)) }
    }
}

/// The node below another one, made where there is none.
fn child(nodes: &mut Vec<Node>, here: usize, segment: &Segment) -> usize {
    let key = segment.key.as_bytes();
    if let Some((_, node)) = nodes[here].members.iter().find(|(name, _)| **name == *key) {
        return *node;
    }
    let new = nodes.len();
    nodes.push(Node::default());
    let node = &mut nodes[here];
    node.members.push((key.into(), new));
    if let Some(index) = segment.index {
        let place = usize::try_from(index.unsigned_abs()).unwrap_or(usize::MAX);
        if index < 0 {
            node.ends.push((place, new));
            node.furthest = node.furthest.max(place);
        } else {
            node.items.push((place, new));
        }
    }
    new
}

fn number(nodes: &mut [Node], here: usize, slots: &mut usize) {
    let start = *slots;
    if nodes[here].slot.is_some() {
        nodes[here].slot = Some(start);
        *slots += 1;
    }
    for at in 0..nodes[here].members.len() {
        number(nodes, nodes[here].members[at].1, slots);
    }
    nodes[here].below = (start, *slots);
}

struct Walk<'a> {
    doc: &'a [u8],
    paths: &'a Paths,
    found: &'a mut Found,
}

impl<'a> Walk<'a> {
    /// Past a value that stands at a place of the tree. It calls itself only as deep as the tree is.
    fn value(&mut self, node: usize, at: usize, depth: u32) -> Result<usize, NotJson> {
        let doc = self.doc;
        let node: &'a Node = &self.paths.nodes[node];
        let start = space(doc, at);
        if !node.members.is_empty() {
            // A key that is there twice: nothing of its first value may shine through.
            self.found.spans[node.below.0..node.below.1].fill(Span::default());
        }
        let (end, escaped) = match byte(doc, start) {
            b'"' => json::string(doc, start + 1)?,
            opening @ (b'{' | b'[') if !node.members.is_empty() => {
                if depth >= DEPTH {
                    return Err(NotJson);
                }
                let inside = space(doc, start + 1);
                let end = if opening == b'{' {
                    self.object(node, inside, depth + 1)?
                } else {
                    self.array(node, inside, depth + 1)?
                };
                (end, false)
            }
            _ => (json::skip(doc, start, depth)?, false),
        };
        if let Some(slot) = node.slot {
            self.found.spans[slot] = Span { start, end, escaped };
        }
        Ok(end)
    }

    fn object(&mut self, node: &'a Node, mut at: usize, depth: u32) -> Result<usize, NotJson> {
        let doc = self.doc;
        if byte(doc, at) == b'}' {
            return Ok(at + 1);
        }
        loop {
            let (behind, end, escaped) = json::key(doc, at)?;
            let key = &doc[at + 1..end];
            let child = if escaped { self.unescaped(node, key) } else { member(node, key) };
            at = match child {
                Some(child) => self.value(child, behind, depth)?,
                None => json::skip(doc, behind, depth)?,
            };
            at = space(doc, at);
            match byte(doc, at) {
                b',' => at = space(doc, at + 1),
                b'}' => return Ok(at + 1),
                _ => return Err(NotJson),
            }
        }
    }

    #[cold]
    fn unescaped(&mut self, node: &Node, key: &[u8]) -> Option<usize> {
        self.found.key.clear();
        value::unescape(key, &mut self.found.key);
        member(node, &self.found.key)
    }

    fn array(&mut self, node: &'a Node, mut at: usize, depth: u32) -> Result<usize, NotJson> {
        let doc = self.doc;
        if byte(doc, at) == b']' {
            return Ok(at + 1);
        }
        // A ring of the latest starts, as long as the furthest index from the end asks for.
        let base = self.found.starts.len();
        let mut count = 0;
        loop {
            let start = at;
            let child = node.items.iter().find(|(index, _)| *index == count);
            at = match child {
                Some((_, child)) => self.value(*child, start, depth)?,
                None => json::skip(doc, start, depth)?,
            };
            if node.furthest > 0 {
                let starts = &mut self.found.starts;
                if starts.len() - base < node.furthest {
                    starts.push(start);
                } else {
                    starts[base + count % node.furthest] = start;
                }
            }
            count += 1;
            at = space(doc, at);
            match byte(doc, at) {
                b',' => at += 1,
                b']' => break,
                _ => return Err(NotJson),
            }
        }
        for (back, child) in &node.ends {
            if *back <= count {
                let start = self.found.starts[base + (count - back) % node.furthest];
                self.value(*child, start, depth)?;
            }
        }
        self.found.starts.truncate(base);
        Ok(at + 1)
    }
}

#[inline]
fn member(node: &Node, key: &[u8]) -> Option<usize> {
    node.members.iter().find(|(name, _)| **name == *key).map(|(_, child)| *child)
}
