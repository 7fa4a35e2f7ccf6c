//! Documents made of a frame: their texts, one behind the other in one buffer. It knows no format.

use std::ops::Range;

use data_encoding::BASE64;

use crate::profile::pointer::{skip, space};

/// What a frame was turned into.
#[derive(Clone, Debug, Default)]
pub struct Docs {
    text: Vec<u8>,
    list: Vec<Doc>,
}

/// A piece of what a frame was turned into.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Doc {
    /// Where it lies in [`Docs::text`].
    pub place: Range<usize>,
    pub is: Is,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Is {
    /// What was compressed: a whole frame, which is still to be cut.
    Frame,
    /// One message, as JSON.
    Message,
    /// What could not be read, as it came.
    Trouble(Trouble),
}

/// Why bytes could not be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trouble {
    /// There would be more of it than a message may have.
    TooBig,
    /// It is not what the profile says it is.
    Broken,
}

impl Docs {
    pub fn text(&self) -> &[u8] {
        &self.text
    }

    pub fn list(&self) -> &[Doc] {
        &self.list
    }

    pub(super) fn clear(&mut self) {
        self.text.clear();
        self.list.clear();
    }

    pub(super) fn len(&self) -> usize {
        self.text.len()
    }

    /// Takes a frame that was compressed; what is taken from is left with other memory to write to.
    pub(super) fn take_frame(&mut self, text: &mut Vec<u8>) {
        self.clear();
        std::mem::swap(&mut self.text, text);
        self.list.push(Doc { place: 0..self.text.len(), is: Is::Frame });
    }

    pub(super) fn trouble(&mut self, bytes: &[u8], trouble: Trouble) {
        let start = self.text.len();
        self.text.extend_from_slice(bytes);
        self.list.push(Doc { place: start..self.text.len(), is: Is::Trouble(trouble) });
    }

    /// A message, if it can be written at all; what was written of it is taken back if not.
    pub(super) fn message(&mut self, write: impl FnOnce(&mut Vec<u8>) -> Option<()>) -> Option<()> {
        let start = self.text.len();
        let written = write(&mut self.text);
        match written {
            Some(()) => self.list.push(Doc { place: start..self.text.len(), is: Is::Message }),
            None => self.text.truncate(start),
        }
        written
    }
}

/// A JSON string. What is not UTF-8 becomes U+FFFD.
pub(super) fn string(out: &mut Vec<u8>, text: &[u8]) {
    // Nothing keeps a text from being written to memory.
    let _written = serde_json::to_writer(out, &String::from_utf8_lossy(text));
}

/// `"name":"text"`, with a comma before it unless it is the first.
pub(super) fn member(out: &mut Vec<u8>, name: &str, text: &[u8]) {
    key(out, name);
    string(out, text);
}

/// `"name":`, with a comma before it unless it is the first.
pub(super) fn key(out: &mut Vec<u8>, name: &str) {
    if out.last() != Some(&b'{') {
        out.push(b',');
    }
    string(out, name.as_bytes());
    out.push(b':');
}

/// `"form":"json|text|binary","name":..`: JSON as it came, text as a string, and what is neither in base64.
pub(super) fn payload(out: &mut Vec<u8>, name: &str, bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else {
        member(out, "form", b"binary");
        return member(out, name, BASE64.encode(bytes).as_bytes());
    };
    // It will lie inside of one object.
    let json = skip(bytes, 0, 1).is_ok_and(|end| space(bytes, end) == bytes.len());
    member(out, "form", if json { b"json" } else { b"text" });
    if json {
        key(out, name);
        out.extend_from_slice(bytes);
    } else {
        member(out, name, text.as_bytes());
    }
}
