//! JSON for output: the same document on one line, with nothing in it that acts on a terminal. No value is touched.

/// Writes valid JSON as it came, digits, key order and duplicates included. Only line breaks between its tokens become
/// a space, and control and bidi characters (which stand inside of strings) become `\uXXXX`.
pub fn write_json(to: &mut Vec<u8>, json: &str) {
    let bytes = json.as_bytes();
    let mut copied = 0;
    let mut at = 0;
    while let Some(offset) = suspect(&bytes[at..]) {
        at += offset;
        let Some(c) = json[at..].chars().next() else { break };
        let end = at + c.len_utf8();
        if acts(c) {
            to.extend_from_slice(&bytes[copied..at]);
            match c {
                '\n' | '\r' => to.push(b' '),
                c => {
                    let mut units = [0_u16; 2];
                    for unit in c.encode_utf16(&mut units) {
                        to.extend_from_slice(format!("\\u{unit:04x}").as_bytes());
                    }
                }
            }
            copied = end;
        }
        at = end;
    }
    to.extend_from_slice(&bytes[copied..]);
}

/// Whether an escape of valid JSON is half of a character (RFC 8259, section 8.2).
pub fn has_lone_surrogate(json: &str) -> bool {
    let bytes = json.as_bytes();
    let mut at = 0;
    while let Some(offset) = memchr::memchr(b'\\', bytes.get(at..).unwrap_or_default()) {
        at += offset;
        match escaped_unit(bytes, at) {
            Some(0xD800..=0xDBFF) => match escaped_unit(bytes, at + 6) {
                Some(0xDC00..=0xDFFF) => at += 12,
                Some(_) | None => return true,
            },
            Some(0xDC00..=0xDFFF) => return true,
            Some(_) => at += 6,
            None => at += 2,
        }
    }
    false
}

/// The code unit that `\uXXXX` at this place stands for.
pub fn escaped_unit(bytes: &[u8], at: usize) -> Option<u16> {
    let digits = bytes.get(at..at + 6)?.strip_prefix(b"\\u")?;
    u16::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok()
}

/// The first byte of what may act. Whole blocks of plain ASCII are passed over with vector instructions.
fn suspect(bytes: &[u8]) -> Option<usize> {
    let found = |bytes: &[u8]| bytes.iter().position(|&byte| SUSPECT[usize::from(byte)]);
    let (blocks, rest) = bytes.as_chunks::<32>();
    for (number, block) in blocks.iter().enumerate() {
        let plain = block.iter().fold(true, |all, byte| all & (0x20..0x7f).contains(byte));
        if !plain && let Some(at) = found(block) {
            return Some(number * 32 + at);
        }
    }
    found(rest).map(|at| blocks.len() * 32 + at)
}

/// Controls, and what changes the direction or the line of text.
fn acts(c: char) -> bool {
    c.is_control() && c != '\t'
        || matches!(c, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// The first bytes of all characters that may act.
const SUSPECT: [bool; 256] = {
    let mut table = [false; 256];
    let mut byte = 0;
    while byte < 0x20 {
        table[byte] = byte != b'\t' as usize;
        byte += 1;
    }
    table[0x7f] = true;
    table[0xc2] = true;
    table[0xd8] = true;
    table[0xe2] = true;
    table
};

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn written(json: &str) -> String {
        let mut to = Vec::new();
        write_json(&mut to, json);
        String::from_utf8(to).unwrap()
    }

    #[test]
    fn digits_order_and_duplicates_stay() {
        let json = r#"{"id":12345678901234567890,"p":0.10,"a":1,"a":2,"业务":"行情 👩‍💻","e":1E+400}"#;
        assert_eq!(written(json), json);
    }

    #[test]
    fn line_breaks_between_tokens_become_spaces() {
        assert_eq!(written("{\r\n\t\"a\": 1\n}"), "{  \t\"a\": 1 }");
    }

    #[test]
    fn what_acts_is_escaped() {
        assert_eq!(written("\"a\u{9b}31m\u{202e}b\u{7f}\u{2028}é\""), r#""a\u009b31m\u202eb\u007f\u2028é""#);
    }

    proptest! {
        #[test]
        fn what_acts_is_found_wherever_it_stands(before in "[ -~]{0,80}", between in "[a-z业é]{0,80}") {
            let json = format!("\"{before}\u{202e}{between}\u{7f}\"");
            prop_assert_eq!(written(&json), json.replace('\u{202e}', "\\u202e").replace('\u{7f}', "\\u007f"));
        }

        #[test]
        fn no_character_slips_through_the_table(c: char) {
            let mut bytes = [0; 4];
            let first = c.encode_utf8(&mut bytes).as_bytes()[0];
            prop_assert!(!acts(c) || SUSPECT[usize::from(first)]);
        }

        #[test]
        fn the_value_is_the_same(text: String) {
            let json = serde_json::to_string(&text).unwrap();
            let again: String = serde_json::from_str(&written(&json)).unwrap();
            prop_assert_eq!(text, again);
        }
    }

    #[test]
    fn half_of_a_character_is_found_and_a_whole_one_is_none() {
        for lone in
            [r#""\ud800""#, r#""\udc00""#, r#""\uD83D\n""#, r#""\ud83d\u0041""#, r#""a\\\udbff""#, r#""\ude00\ud83d""#]
        {
            assert!(has_lone_surrogate(lone), "{lone}");
        }
        for whole in [r#""\ud83d\ude00""#, r#""\\ud800""#, r#""\u4e1a\u52a1\n""#, r#"{"a":"业务"}"#, "", "\\", "\"\\u"]
        {
            assert!(!has_lone_surrogate(whole), "{whole}");
        }
    }
}
