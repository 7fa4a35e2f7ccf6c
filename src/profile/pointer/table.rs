//! Tables in messages: lists of plain numbers and strings, and lists of such lists (order books, candles), 64 bytes at
//! a time.
//!
//! A bit for each byte says what the byte is; shifts compare each with its neighbour. So nothing is guessed and branched
//! upon, which is what makes the byte by byte grammar slow here. It takes only what it is sure of, up to a comma: the rest
//! (exponents, white space, escapes, objects, whatever is wrong) is left to that grammar. It judges nothing itself.

use wide::u8x16;

/// From an element of a list at `at`, past as many as are plain. Says where another element must begin, and whether that
/// is inside of a list of the list.
pub(super) fn elements(doc: &[u8], mut at: usize) -> (usize, bool) {
    let mut inner = false;
    while let Some(block) = Block::at(doc, at) {
        let (commas, turn) = block.plain_commas(inner);
        if commas == 0 {
            break;
        }
        let last = commas.ilog2();
        inner = turn >> last & 1 == 1;
        at += last as usize + 1;
    }
    (at, inner)
}

struct Block([u8x16; 4]);

impl Block {
    #[inline]
    fn at(doc: &[u8], at: usize) -> Option<Self> {
        let (parts, _) = doc.get(at..)?.first_chunk::<64>()?.as_chunks::<16>();
        let &[a, b, c, d] = parts.first_chunk()?;
        Some(Self([a, b, c, d].map(u8x16::new)))
    }

    /// The commas up to which all is a plain table, where the block begins with an element (of an inner list if `inner`).
    /// Also the places that lie in an inner list.
    #[inline]
    fn plain_commas(&self, inner: bool) -> (u64, u64) {
        let quotes = self.is(b'"');
        let (inside, special) = if quotes == 0 { (0, 0) } else { (odd(quotes), self.special()) };
        let text = inside & !quotes;
        let (opening, closing) = (quotes & inside, quotes & !inside);
        let digits = self.digits() & !text;
        let zeros = self.is(b'0') & !text;
        let points = self.is(b'.') & !text;
        let signs = self.is(b'-') & !text;
        let commas = self.is(b',') & !text;
        let open = self.is(b'[') & !text;
        let close = self.is(b']') & !text;

        // Lists of lists, and no deeper: brackets take turns.
        let turn = odd(open | close) ^ if inner { u64::MAX } else { 0 };
        let deeper = open & !turn | close & turn;
        let known = text & !special | quotes | digits | points | signs | commas | open | close;
        // What may stand behind what.
        let begin = (commas | open) << 1 | 1;
        let end = (digits | closing | close) << 1;
        let misplaced = (signs | open | opening) & !begin
            | commas & !end
            | close & !(end | open << 1)
            | digits & !((digits | points | signs) << 1 | begin)
            | points & !(digits << 1);
        let leading_zero = (zeros & (begin | signs << 1)) << 1 & digits;
        // Adding carries through the digits behind a point: to a second point, if one follows.
        let second_point = digits.wrapping_add(digits & points << 1) & !digits & points;
        let stop = !known | deeper | misplaced | leading_zero | second_point;
        (commas & below_first(stop), turn)
    }

    #[inline]
    fn is(&self, byte: u8) -> u64 {
        let wanted = u8x16::splat(byte);
        self.bits(|part| part.simd_eq(wanted))
    }

    #[inline]
    fn digits(&self) -> u64 {
        let (zero, nine) = (u8x16::splat(b'0'), u8x16::splat(9));
        self.bits(|part| (part - zero).min(nine).simd_eq(part - zero))
    }

    /// What does not stand for itself in a string.
    #[inline]
    fn special(&self) -> u64 {
        let (control, slash) = (u8x16::splat(0x1f), u8x16::splat(b'\\'));
        self.bits(|part| part.min(control).simd_eq(part) | part.simd_eq(slash))
    }

    #[inline]
    fn bits(&self, of: impl Fn(u8x16) -> u8x16) -> u64 {
        let [a, b, c, d] = self.0.map(|part| u64::from(of(part).to_bitmask()));
        a | b << 16 | c << 32 | d << 48
    }
}

/// At each place, whether the bits up to and with it are odd in number.
#[inline]
fn odd(mut bits: u64) -> u64 {
    for shift in [1, 2, 4, 8, 16, 32] {
        bits ^= bits << shift;
    }
    bits
}

/// All places below the first bit.
#[inline]
fn below_first(bits: u64) -> u64 {
    (bits & bits.wrapping_neg()).wrapping_sub(1)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde::de::IgnoredAny;

    use super::super::skip;
    use super::*;

    #[test]
    fn tables_are_taken_in_whole_blocks() {
        let rows = |row: &str| vec![row; 20].join(",");
        for row in ["1", "-0.5", "[43251.50,0.532]", "[\"43251.50\",\"0.532\",\"业务, [x]\"]", "[]", "[0,-1,\"\"]"] {
            let doc = format!("{},{{}}]", rows(row));
            let (end, _) = elements(doc.as_bytes(), 0);
            assert!(doc.len() - end < 64 + row.len(), "{row}: {end} of {}", doc.len());
        }
    }

    #[test]
    fn it_stops_before_what_it_does_not_know() {
        let rest = "0,".repeat(64);
        for odd in
            ["1e5", "01", "-01", "00", "1.2.3", "1.", ".5", "--1", "[[1]]", "1]", " 1", "\"\\n\"", "\"\u{1}\"", "{}"]
        {
            let doc = format!("7,{odd},{rest}");
            assert_eq!(elements(doc.as_bytes(), 0), (2, false), "{odd}");
            let doc = format!("[{odd}],{rest}");
            assert_eq!(elements(doc.as_bytes(), 0), (0, false), "{odd}");
        }
    }

    fn element() -> impl Strategy<Value = String> {
        prop_oneof![
            8 => "-?(0|[1-9][0-9]{0,6})(\\.[0-9]{1,4})?",
            4 => "\"[0-9a-z,\\[\\].业-]{0,12}\"",
            1 => "(1e5|\"\\\\n\"|true| 1|\\{\\}|\\[\\[1\\]\\]|\"[a-z]{70}\")",
        ]
    }

    proptest! {
        #[test]
        fn it_accepts_and_refuses_as_the_grammar_does(
            rows in prop::collection::vec(prop::collection::vec(element(), 0..4), 0..40),
            flat: bool,
            wrong in prop::option::of((any::<prop::sample::Index>(), "[\\[\\],.0-9\"e{ -]?")),
        ) {
            let rows: Vec<_> = rows.iter().map(|row| row.join(",")).collect();
            let rows: Vec<_> = rows.iter().filter(|row| !flat || !row.is_empty()).collect();
            let list = if flat { rows.iter().map(ToString::to_string).collect::<Vec<_>>() } else {
                rows.iter().map(|row| format!("[{row}]")).collect()
            };
            let mut doc: Vec<char> = format!("{{\"a\":[{}],\"b\":[]}}", list.join(",")).chars().collect();
            if let Some((place, change)) = wrong {
                let place = place.index(doc.len());
                doc.splice(place..=place, change.chars());
            }
            let doc: String = doc.into_iter().collect();
            let accepted = skip(doc.as_bytes(), 0, 0).is_ok_and(|end| end == doc.trim_end().len());
            prop_assert_eq!(accepted, serde_json::from_str::<IgnoredAny>(&doc).is_ok(), "{}", doc);
        }
    }
}
