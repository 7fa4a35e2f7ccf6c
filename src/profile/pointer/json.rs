//! JSON (RFC 8259) as a grammar: is it valid, and where does a value end. It knows no values.
//!
//! The texts are UTF-8 already. A number may be of any size and `\u` may stand for half a surrogate pair, as the
//! grammar has it. Nesting is bounded, as deep as `serde_json` goes.

use super::table::elements;

/// So many arrays and objects may lie inside of each other.
pub(crate) const DEPTH: u32 = 127;

/// It is not a JSON text, or one that is nested too deep.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NotJson;

/// The byte at a place; behind the end stands a zero, which the grammar has nowhere.
#[inline]
pub(crate) fn byte(doc: &[u8], at: usize) -> u8 {
    doc.get(at).copied().unwrap_or(0)
}

/// Past white space.
#[inline]
pub(crate) fn space(doc: &[u8], mut at: usize) -> usize {
    while matches!(byte(doc, at), b' ' | b'\n' | b'\r' | b'\t') {
        at += 1;
    }
    at
}

/// Past one value. `depth` counts the arrays and objects around it. It does not recurse: a bit for each open array (0) or
/// object (1) is all that it remembers.
pub(crate) fn skip(doc: &[u8], at: usize, depth: u32) -> Result<usize, NotJson> {
    let mut at = space(doc, at);
    let mut objects = 0_u128;
    let mut open = 0_u32;
    loop {
        // A value begins here.
        match byte(doc, at) {
            b'"' => at = quoted(doc, at + 1)?,
            b'-' | b'0'..=b'9' => at = number(doc, at)?,
            opening @ (b'{' | b'[') => {
                let object = opening == b'{';
                if depth + open >= DEPTH {
                    return Err(NotJson);
                }
                at = space(doc, at + 1);
                if byte(doc, at) == if object { b'}' } else { b']' } {
                    at += 1;
                } else {
                    open += 1;
                    objects = objects << 1 | u128::from(object);
                    if object {
                        at = member(doc, at)?;
                    } else if depth + open < DEPTH {
                        let (next, inner) = elements(doc, at);
                        at = space(doc, next);
                        open += u32::from(inner);
                        objects <<= u32::from(inner);
                    }
                    continue;
                }
            }
            _ => at = scalar(doc, at)?,
        }
        // A value ended here, and perhaps what is around it.
        loop {
            if open == 0 {
                return Ok(at);
            }
            at = space(doc, at);
            let object = objects & 1 == 1;
            match byte(doc, at) {
                b',' => {
                    at = space(doc, at + 1);
                    if object {
                        at = member(doc, at)?;
                    }
                    break;
                }
                b'}' if object => {}
                b']' if !object => {}
                _ => return Err(NotJson),
            }
            at += 1;
            open -= 1;
            objects >>= 1;
        }
    }
}

/// Past `"key" :` and the white space behind it.
#[inline]
fn member(doc: &[u8], at: usize) -> Result<usize, NotJson> {
    if byte(doc, at) != b'"' {
        return Err(NotJson);
    }
    let colon = space(doc, quoted(doc, at + 1)?);
    if byte(doc, colon) == b':' { Ok(space(doc, colon + 1)) } else { Err(NotJson) }
}

/// Past a string of which nothing is to be known, from behind its opening quote.
#[inline]
fn quoted(doc: &[u8], at: usize) -> Result<usize, NotJson> {
    let end = plain(doc, at);
    if byte(doc, end) == b'"' { Ok(end + 1) } else { string(doc, end).map(|(end, _)| end) }
}

/// Past `"key" :`, from its opening quote. Also where the key ends (its closing quote), and whether it has escapes.
#[inline]
pub(crate) fn key(doc: &[u8], at: usize) -> Result<(usize, usize, bool), NotJson> {
    if byte(doc, at) != b'"' {
        return Err(NotJson);
    }
    let (end, escaped) = string(doc, at + 1)?;
    let colon = space(doc, end);
    if byte(doc, colon) == b':' { Ok((colon + 1, end - 1, escaped)) } else { Err(NotJson) }
}

/// Past a string, from behind its opening quote. Also whether it has escapes.
#[inline]
pub(crate) fn string(doc: &[u8], mut at: usize) -> Result<(usize, bool), NotJson> {
    let mut escaped = false;
    loop {
        at = plain(doc, at);
        match byte(doc, at) {
            b'"' => return Ok((at + 1, escaped)),
            b'\\' => {
                escaped = true;
                at = match byte(doc, at + 1) {
                    b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't' => at + 2,
                    b'u' if doc.get(at + 2..at + 6).is_some_and(|hex| hex.iter().all(u8::is_ascii_hexdigit)) => at + 6,
                    _ => return Err(NotJson),
                };
            }
            _ => return Err(NotJson),
        }
    }
}

/// Past a number, `true`, `false` or `null`.
#[inline]
pub(crate) fn scalar(doc: &[u8], at: usize) -> Result<usize, NotJson> {
    let word: &[u8] = match byte(doc, at) {
        b't' => b"true",
        b'f' => b"false",
        b'n' => b"null",
        _ => return number(doc, at),
    };
    if doc.get(at..at + word.len()) == Some(word) { Ok(at + word.len()) } else { Err(NotJson) }
}

/// The first place of a byte at or behind another place.
pub(crate) fn find_byte(doc: &[u8], mut at: usize, wanted: u8) -> Option<usize> {
    while let Some(word) = word(doc, at) {
        let hit = zeros(word ^ (ONES * u64::from(wanted)));
        if hit != 0 {
            return Some(at + first(hit));
        }
        at += 8;
    }
    Some(at + doc.get(at..)?.iter().position(|b| *b == wanted)?)
}

/// The number that eight digits are.
#[inline]
pub(crate) fn eight_digits(digits: [u8; 8]) -> Option<u64> {
    let value = u64::from_le_bytes(digits) ^ (ONES * 0x30);
    if not_digits(value) != 0 {
        return None;
    }
    // Neighbours become pairs, pairs become fours, fours become the number; the first digit is the lowest byte.
    let pairs = (value * 10 + (value >> 8)) & 0x00ff_00ff_00ff_00ff;
    let fours = (pairs * 100 + (pairs >> 16)) & 0x0000_ffff_0000_ffff;
    Some((fours * 10_000 + (fours >> 32)) & 0xffff_ffff)
}

#[inline]
fn number(doc: &[u8], mut at: usize) -> Result<usize, NotJson> {
    if byte(doc, at) == b'-' {
        at += 1;
    }
    at = match byte(doc, at) {
        b'0' => at + 1,
        b'1'..=b'9' => digits(doc, at + 1),
        _ => return Err(NotJson),
    };
    if byte(doc, at) == b'.' {
        at = some_digits(doc, at + 1)?;
    }
    if matches!(byte(doc, at), b'e' | b'E') {
        at += 1;
        if matches!(byte(doc, at), b'+' | b'-') {
            at += 1;
        }
        at = some_digits(doc, at)?;
    }
    Ok(at)
}

fn some_digits(doc: &[u8], at: usize) -> Result<usize, NotJson> {
    if byte(doc, at).is_ascii_digit() { Ok(digits(doc, at + 1)) } else { Err(NotJson) }
}

/// Past digits. Numbers are short: a word at a time would wait for each word before it knows where the next begins.
#[inline]
fn digits(doc: &[u8], mut at: usize) -> usize {
    while byte(doc, at).is_ascii_digit() {
        at += 1;
    }
    at
}

const ONES: u64 = 0x0101_0101_0101_0101;
const HIGHS: u64 = ONES * 0x80;

/// Marks the bytes above 9. Adding 0x76 to seven bits carries into the eighth from 10 on, and into no neighbour.
#[inline]
fn not_digits(value: u64) -> u64 {
    (((value & (ONES * 0x7f)) + ONES * 0x76) | value) & HIGHS
}

/// Past bytes that are nothing special in a string: to a quote, a backslash, a control character or the end.
#[inline]
fn plain(doc: &[u8], at: usize) -> usize {
    // Most strings end within a word.
    match word(doc, at).map(special) {
        None => plain_bytes(doc, at),
        Some(0) => plain_words(doc, at + 8),
        Some(hit) => at + first(hit),
    }
}

#[inline(never)]
fn plain_words(doc: &[u8], mut at: usize) -> usize {
    if let Some(hit) = word(doc, at).map(special) {
        if hit != 0 {
            return at + first(hit);
        }
        at += 8;
    }
    // A block of fixed size is what the compiler makes vector instructions of.
    while let Some(block) = doc.get(at..).and_then(<[u8]>::first_chunk::<32>) {
        let special = |b: u8| u8::from(b < 0x20) | u8::from(b == b'"') | u8::from(b == b'\\');
        if block.iter().fold(0, |all, b| all | special(*b)) != 0 {
            break;
        }
        at += 32;
    }
    while let Some(word) = word(doc, at) {
        let hit = special(word);
        if hit != 0 {
            return at + first(hit);
        }
        at += 8;
    }
    plain_bytes(doc, at)
}

fn plain_bytes(doc: &[u8], mut at: usize) -> usize {
    while let Some(b) = doc.get(at) {
        if *b < 0x20 || *b == b'"' || *b == b'\\' {
            break;
        }
        at += 1;
    }
    at
}

#[inline]
fn word(doc: &[u8], at: usize) -> Option<u64> {
    doc.get(at..)?.first_chunk::<8>().map(|bytes| u64::from_le_bytes(*bytes))
}

/// Marks the bytes that are special in a string. Borrows can mark more bytes above a true mark, so only the lowest one
/// means something. Flipping the second bit puts the quote right behind the control characters: one comparison finds both.
#[inline]
fn special(word: u64) -> u64 {
    let quote_or_control = (word ^ (ONES * 0x02)).wrapping_sub(ONES * 0x21) & !word & HIGHS;
    quote_or_control | zeros(word ^ (ONES * 0x5c))
}

/// Marks the bytes that are zero; only the lowest mark means something.
#[inline]
fn zeros(word: u64) -> u64 {
    word.wrapping_sub(ONES) & !word & HIGHS
}

#[inline]
fn first(marks: u64) -> usize {
    (marks.trailing_zeros() / 8) as usize
}
