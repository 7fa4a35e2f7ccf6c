//! The pieces of a JSON text and what each is, so that a line of it can be coloured. It names no colour.

use std::ops::Range;

use super::{byte, closes, opens, scalar, space, string};

/// What a piece of a message is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tone {
    /// Brackets, colons, commas, white space.
    Sign,
    Key,
    Text,
    Number,
    /// `true`, `false`, `null`.
    Word,
}

/// The pieces of the first so many bytes, one behind the other, without a gap.
pub fn pieces(doc: &[u8], most: usize) -> Vec<(Range<usize>, Tone)> {
    let mut found = Vec::new();
    let end = most.min(doc.len());
    let mut at = 0;
    while at < end {
        let (next, tone) = match byte(doc, at) {
            b'"' => {
                let behind = string(doc, at);
                let is_key = byte(doc, space(doc, behind)) == b':';
                (behind, if is_key { Tone::Key } else { Tone::Text })
            }
            b'-' | b'0'..=b'9' => (scalar(doc, at), Tone::Number),
            b if b.is_ascii_alphabetic() => (scalar(doc, at), Tone::Word),
            _ => {
                let sign = |b: u8| opens(b) || closes(b) || matches!(b, b',' | b':' | b' ' | b'\n' | b'\r' | b'\t');
                let mut behind = at + 1;
                while behind < end && sign(byte(doc, behind)) {
                    behind += 1;
                }
                (behind, Tone::Sign)
            }
        };
        let next = next.clamp(at + 1, doc.len());
        found.push((at..next, tone));
        at = next;
    }
    found
}

/// The same pieces, cut where a mark begins or ends: each with whether it is marked. `marks` are in order.
pub fn marked(pieces: &[(Range<usize>, Tone)], marks: &[Range<usize>]) -> Vec<(Range<usize>, Tone, bool)> {
    let mut out = Vec::with_capacity(pieces.len());
    for (place, tone) in pieces {
        let mut at = place.start;
        while at < place.end {
            let over = marks.iter().filter(|mark| mark.contains(&at)).map(|mark| mark.end).max();
            let next = marks.iter().map(|mark| mark.start).filter(|start| *start > at).min();
            let end = over.or(next).unwrap_or(place.end).min(place.end);
            out.push((at..end, *tone, over.is_some()));
            at = end;
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn each_piece_is_told() {
        let doc = r#"{"a": "b", "c":[-1.5e3,true]}"#;
        let told: Vec<_> = pieces(doc.as_bytes(), 999).into_iter().map(|(at, tone)| (&doc[at], tone)).collect();
        let wanted = [
            ("{", Tone::Sign),
            ("\"a\"", Tone::Key),
            (": ", Tone::Sign),
            ("\"b\"", Tone::Text),
            (", ", Tone::Sign),
            ("\"c\"", Tone::Key),
            (":[", Tone::Sign),
            ("-1.5e3", Tone::Number),
            (",", Tone::Sign),
            ("true", Tone::Word),
            ("]}", Tone::Sign),
        ];
        assert_eq!(told, wanted);
    }

    #[test]
    fn a_mark_cuts_what_it_lies_over() {
        let doc = br#"{"price":10}"#;
        let cut = marked(&pieces(doc, 99), &[2..4, 3..10]);
        let told: Vec<_> = cut.iter().filter(|(.., marked)| *marked).map(|(at, ..)| at.clone()).collect();
        assert_eq!(told, [2..4, 4..8, 8..9, 9..10]);
    }

    proptest! {
        #[test]
        fn nothing_is_left_out(doc in prop::collection::vec(any::<u8>(), 0..60), marks in prop::collection::vec((0..60_usize, 0..9_usize), 0..4)) {
            let marks: Vec<_> = marks.into_iter().map(|(start, length)| start..start + length).collect();
            let pieces = pieces(&doc, doc.len());
            let mut at = 0;
            for (place, ..) in marked(&pieces, &marks) {
                prop_assert_eq!(place.start, at);
                prop_assert!(place.end > at);
                at = place.end;
            }
            prop_assert_eq!(at, doc.len());
        }
    }
}
