//! Frames in every format, against naive models and frames of real servers.

use super::*;

fn pieces(frame: &str, separator: &str) -> Vec<String> {
    split(frame.as_bytes(), separator).map(|(_, piece)| String::from_utf8(piece.to_vec()).unwrap()).collect()
}

#[test]
fn text_is_split_and_empty_pieces_are_dropped() {
    assert_eq!(pieces("{}\n\n1\n", "\n"), ["{}", "1"]);
    assert_eq!(pieces("a\u{1e}b", "\u{1e}"), ["a", "b"]);
    assert_eq!(pieces("a\r\nb\rc\r\r\nd", "\r\n"), ["a", "b\rc\r", "d"]);
    assert_eq!(pieces("none", "\n"), ["none"]);
    assert_eq!(pieces("whole", ""), ["whole"]);
    assert!(pieces("\n\n", "\n").is_empty() && pieces("", "\n").is_empty());
    let places: Vec<_> = split(b"ab--cde--f", "--").map(|(at, _)| at).collect();
    assert_eq!(places, [0, 4, 9]);
}
