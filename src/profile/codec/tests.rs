//! Frames in every format, against naive models and frames of real servers.

mod formats;
mod inflate;
mod properties;

use super::*;

fn pieces(frame: &str, separator: &str) -> Vec<String> {
    split(frame.as_bytes(), separator).map(|(_, piece)| String::from_utf8(piece.to_vec()).unwrap()).collect()
}

/// What is made of binary frames, one after the other: JSON, or what could not be read in brackets.
fn turned(inlet: &mut Inlet, frames: &[&[u8]]) -> Vec<String> {
    let mut all = Vec::new();
    for frame in frames {
        assert!(inlet.feed(true, frame));
        all.extend(inlet.docs().list().iter().map(|doc| {
            let text = &inlet.docs().text()[doc.place.clone()];
            let text = String::from_utf8_lossy(text).into_owned();
            match doc.is {
                Is::Frame => text,
                Is::Message => {
                    serde_json::from_str::<serde::de::IgnoredAny>(&text).unwrap_or_else(|e| panic!("{e}: {text}"));
                    text
                }
                Is::Trouble(trouble) => format!("<{trouble:?} {text}>"),
            }
        }));
    }
    all
}

fn of(format: Format) -> Inlet {
    inlet(Compression::None, format, 1 << 20)
}

fn inlet(compression: Compression, format: Format, limit: usize) -> Inlet {
    Inlet::new(&Codec { compression, format, ..Codec::default() }, limit).unwrap()
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

#[test]
fn json_needs_no_inlet_and_text_no_binary_format() {
    assert!(Inlet::new(&Codec::default(), 10).is_none());
    assert!(!inlet(Compression::Gzip, Format::Json, 10).feed(false, b"{}"));
    assert!(!of(Format::Mqtt).feed(false, b"{}") && !of(Format::Msgpack).feed(false, b"{}"));
    assert!(of(Format::Nats).feed(false, b"PING\r\n") && of(Format::Irc).feed(false, b"PING x"));
}

#[test]
fn frames_go_out_as_the_profile_says() {
    let codec = Codec { tx_suffix: Some("\u{1e}".into()), ..Codec::default() };
    assert_eq!(codec.encode("{}", true), Ok(Outgoing::Text("{}\u{1e}".into())));
    assert_eq!(codec.encode("ping", false), Ok(Outgoing::Text("ping\u{1e}".into())));
    let nats = Codec { format: Format::Nats, tx_suffix: Some("\r\n".into()), ..Codec::default() };
    assert_eq!(nats.encode("SUB a 1", false), Ok(Outgoing::Text("SUB a 1\r\n".into())));
    assert!(nats.encode("{}", true).unwrap_err().contains("frame_text"));
    assert!(Format::Irc.encode("{}").is_err() && Format::Stomp.encode("[]").is_err());
    assert_eq!(Format::Json.encode("{\"a\": 1}"), Ok(Outgoing::Text("{\"a\": 1}".into())));
}
