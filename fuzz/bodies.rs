//! What must hold for any bytes: bodies of the fuzz targets, which the tests run with bytes made at random too.
//! They know nothing of where the bytes come from.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::Arc;

use flate2::{Compress, Compression as Level, FlushCompress};
use serde_json::Value;
use serde_json::value::RawValue;
use wirebeat::event::{Form, ServiceId};
use wirebeat::net::extensions::Deflate;
use wirebeat::net::inflate::{ROOM, Unpack};
use wirebeat::profile::build::{Source, load};
use wirebeat::profile::codec::{About, Codec, Compression, Format, Inlet, Is, Outgoing, Reader, Reading, Scene};
use wirebeat::profile::matcher::{Match, Plan, Scalar, Subject, Test};
use wirebeat::profile::pointer::{Found, Paths, Pointer, find};
use wirebeat::profile::template::{Scope, Template};
use wirebeat::profile::{Profile, Via};
use wirebeat::session::Opcode;
use wirebeat::session::router::{Arena, Note, Router};
use wirebeat::time::{Ts, WallAnchor};

/// The bytes up to the next zero, and those behind it.
fn cut(data: &[u8]) -> (&[u8], &[u8]) {
    let at = data.iter().position(|byte| *byte == 0).unwrap_or(data.len());
    (&data[..at], data.get(at + 1..).unwrap_or_default())
}

fn is_json(text: &[u8]) -> bool {
    serde_json::from_slice::<&RawValue>(text).is_ok()
}

/// `template \0 message`: one that is read is written as it was, and one that must give JSON does.
pub(crate) fn template(data: &[u8]) {
    let (text, message) = cut(data);
    let (Ok(text), Ok(message)) = (std::str::from_utf8(text), std::str::from_utf8(message)) else { return };
    for json in [false, true] {
        let Ok(template) = Template::parse(text, json) else { continue };
        let again = Template::parse(&template.to_string(), json);
        assert_eq!(again.as_ref(), Ok(&template), "{text:?} is written as {template}");
        let lookup = |_: &Pointer| Some(Cow::Borrowed(message));
        let params = BTreeMap::from([("p".to_owned(), Value::from(message))]);
        let captures = BTreeMap::from([("c".to_owned(), message.to_owned())]);
        let scope = Scope {
            service: Some((message, &params)),
            message: Some(&lookup),
            item: Some(&lookup),
            captures: Some(&captures),
            id: Some("7"),
            sub_id: Some("\"7\""),
            args: Some("[1,2]"),
            key: Some(message),
            now: Some(1_700_000_000_000_000_000),
            ..Scope::default()
        };
        if let Ok(rendered) = template.render(&scope) {
            assert!(!json || is_json(rendered.text.as_bytes()), "{text:?} with {message:?} gives {}", rendered.text);
        }
    }
}

/// `pointer \0 document`: documents are judged as the standard library of JSON judges them, and a value is found whole.
pub(crate) fn pointer(data: &[u8]) {
    let (text, doc) = cut(data);
    let (Ok(text), Ok(_)) = (std::str::from_utf8(text), std::str::from_utf8(doc)) else { return };
    let Ok(pointer) = Pointer::parse(text) else { return };
    assert_eq!(Pointer::parse(&pointer.to_string()).as_ref(), Ok(&pointer));
    let valid = serde_json::from_slice::<Value>(doc);
    let scanned = Paths::of(std::slice::from_ref(&pointer)).scan(doc, &mut Found::default()).is_ok();
    // A number may be too large for a float, and half a surrogate pair is no text there.
    assert!(scanned || valid.is_err(), "{doc:?}");
    if scanned && let Some(value) = find(doc, &pointer) {
        assert!(Paths::of(&[]).scan(value, &mut Found::default()).is_ok());
    }
}

/// `subject \0 wanted \0 document`: a value is one of these, or it is not.
pub(crate) fn matcher(data: &[u8]) {
    let (subject, rest) = cut(data);
    let (wanted, doc) = cut(rest);
    let texts = [subject, wanted, doc].map(|text| std::str::from_utf8(text).ok());
    let [Some(subject), Some(wanted), Some(_)] = texts else { return };
    let Ok(subject) = Subject::parse(subject) else { return };
    let places: Vec<_> = subject.place().map(|(item, pointer)| (item, pointer.clone())).into_iter().collect();
    let reader = Reader::new(&Codec::default(), &places);
    let mut reading = Reading::default();
    let json = reader.message(doc, 0, 0, &mut reading).is_ok();
    let message = json.then_some((doc, &reading));
    let about = About { key: Some(doc), ..About::default() };
    let scene = Scene { message, text: Some(doc), about: Some(&about), ..Scene::default() };
    let form = if json { Form::Json } else { Form::Text };
    let holds = |test: Test| Plan::new(&Match(vec![(subject.clone(), test)]), &reader).holds(&scene, form);
    let is_number = wanted.parse::<f64>().is_ok() && is_json(wanted.as_bytes());
    let scalars = [Scalar::Null, Scalar::Bool(true), Scalar::Text(wanted.to_owned())];
    for scalar in scalars.into_iter().chain(is_number.then(|| Scalar::Number(wanted.to_owned()))) {
        let (is, not) = (holds(Test::AnyOf(vec![scalar.clone()])), holds(Test::Not(scalar.clone())));
        assert_ne!(is, not, "{scalar:?}");
        assert!(!is || holds(Test::Exists(true)));
    }
    assert_ne!(holds(Test::Exists(true)), holds(Test::Exists(false)));
}

/// `choices, then frames behind their lengths`: what comes of them is JSON where it says so, bounded, and all of it is kept.
pub(crate) fn codec(data: &[u8]) {
    const FORMATS: [Format; 6] =
        [Format::Json, Format::Stomp, Format::Nats, Format::Irc, Format::Mqtt, Format::Msgpack];
    const COMPRESSIONS: [Compression; 6] = [
        Compression::None,
        Compression::Gzip,
        Compression::Zlib,
        Compression::Deflate,
        Compression::Auto,
        Compression::ZlibStream,
    ];
    const LIMIT: usize = 4 << 10;
    let [format, compression, shape, rest @ ..] = data else { return };
    let mut rest = rest;
    let format = FORMATS[usize::from(*format) % FORMATS.len()];
    let compression = COMPRESSIONS[usize::from(*compression) % COMPRESSIONS.len()];
    let codec = shaped(format, compression, *shape);
    let mut inlet = Inlet::new(&codec, LIMIT);
    let mut router = Router::new(Arc::new(profile(codec, *shape)));
    router.learn("a*", ServiceId(1));
    let (mut out, mut notes) = (Arena::default(), Vec::new());
    while let [length, more @ ..] = rest {
        let (frame, behind) = more.split_at(usize::from(*length).min(more.len()));
        rest = behind;
        if let Some(inlet) = &mut inlet {
            inlet.feed(true, frame);
            for doc in inlet.docs().list() {
                let text = &inlet.docs().text()[doc.place.clone()];
                assert!(doc.is != Is::Message || is_json(text), "{:?}", String::from_utf8_lossy(text));
            }
        }
        if let Ok(text) = std::str::from_utf8(frame)
            && let Ok(Outgoing::Binary(packet)) = format.encode(text)
            && let Some(mut inlet) = Inlet::new(&Codec { format, ..Codec::default() }, LIMIT)
        {
            inlet.feed(true, &packet);
        }
        let before = out.rows().len();
        notes.clear();
        router.route(Ts::ZERO, WallAnchor(0), Opcode::Binary, frame, &mut out, &mut notes);
        assert!(out.rows().len() - before <= 6);
        for (row, known) in out.rows().iter().enumerate().skip(before) {
            let body = out.body(row);
            assert!(known.form != Form::Json || Paths::of(&[]).scan(body, &mut Found::default()).is_ok());
            assert!(known.form == Form::Binary || std::str::from_utf8(body).is_ok());
            out.number(row);
        }
        for note in &notes {
            if let Note::Rule { row, origin, .. } = note {
                let view = router.view(frame, &out, *row, origin);
                view.text(true, &Pointer::default());
                view.text(false, &Pointer::default());
                view.prefix("p");
            }
        }
        if out.is_full() {
            out.take();
        }
    }
}

fn shaped(format: Format, compression: Compression, shape: u8) -> Codec {
    let at = |text: &str| Pointer::parse(text).ok();
    let on = |bit: u8| shape & bit != 0;
    Codec {
        format,
        compression,
        batch: on(1),
        each: if on(2) { at("/a") } else { None },
        outer: if on(4) { at("/b") } else { None },
        members: on(8),
        nested: if on(16) { at("/a").into_iter().chain(at("@/c")).collect() } else { Vec::new() },
        split: on(32).then(|| "\n".to_owned()),
        ..Codec::default()
    }
}

/// One with a rule for everything, and a number.
fn profile(codec: Codec, shape: u8) -> Profile {
    let text = r#"
schema = 1
name = "any"
[route]
message = "${/a|a}"
[[rule]]
when = { "/type" = { exists = false } }
kind = "data"
[[rule]]
when = {}
kind = "notice"
text = "/a"
[[sequence]]
at = "/a"
[time]
at = "/a"
"#;
    let mut profile = load(Source::new("any.toml", text), &|_| None, &[]).expect("it is good");
    profile.codec = codec;
    profile.limits.rows = 5;
    profile.limits.message = 4 << 10;
    profile.route.glob = true;
    profile.route.via = if shape & 64 == 0 { Via::Key } else { Via::Id };
    profile.route.several = if shape & 128 == 0 { None } else { Pointer::parse("/c").ok() };
    profile
}

/// `shape, size of pieces, room, bytes`: what is inflated is the same whatever the pieces; nothing is written beyond the
/// room, or taken in twice; and what a server packs is read as it was.
pub(crate) fn inflate(data: &[u8]) {
    let [shape, piece, room, bytes @ ..] = data else { return };
    let agreed = Deflate { server_no_context_takeover: shape & 1 == 0, ..Deflate::default() };
    let (piece, room) = (usize::from(*piece).max(1), ROOM + usize::from(*room));
    let (whole, is_broken) = unpacked(agreed, bytes, bytes.len().max(1), 1 << 16);
    let (parts, broke) = unpacked(agreed, bytes, piece, room);
    assert_eq!((messages(&whole), is_broken), (messages(&parts), broke));

    let mut stream = Compress::new(Level::new(u32::from(shape >> 1 & 7)), false);
    let mut wire = Vec::new();
    let mut wanted = Vec::new();
    for (n, message) in bytes.chunks(usize::from(shape >> 4) * 40 + 1).enumerate() {
        let mut packed = Vec::with_capacity(message.len() * 2 + 64);
        stream.compress_vec(message, &mut packed, FlushCompress::Sync).expect("there is room");
        if agreed.server_no_context_takeover {
            stream.reset();
        }
        let packed = packed.strip_suffix(b"\0\0\xff\xff").unwrap_or(&packed);
        let (head, tail) = packed.split_at(packed.len().min(n));
        for (first, part) in [(0x41, head), (0x89, &b"ping"[..]), (0x80, tail)] {
            wire.extend([first, 126]);
            wire.extend(u16::try_from(part.len()).expect("it is short").to_be_bytes());
            wire.extend(part);
        }
        wanted.extend([(9, b"ping".to_vec()), (1, message.to_vec())]);
    }
    let (read, broken) = unpacked(agreed, &wire, piece, room);
    assert_eq!((messages(&read), broken), (wanted, false));
}

/// What becomes of bytes that come in pieces, and whether they could be read to their end.
fn unpacked(agreed: Deflate, bytes: &[u8], piece: usize, room: usize) -> (Vec<u8>, bool) {
    let mut unpack = Unpack::new(agreed, 1 << 20);
    let (mut all, mut out) = (Vec::new(), vec![0; room]);
    for piece in bytes.chunks(piece) {
        let mut rest = piece;
        loop {
            let fed = unpack.feed(rest, &mut out);
            all.extend(&out[..fed.written]);
            if fed.broken.is_some() {
                return (all, true);
            }
            rest = &rest[fed.used..];
            if fed.written == 0 {
                assert!(rest.is_empty(), "neither read nor written");
                break;
            }
        }
    }
    (all, false)
}

/// The whole messages in frames, and the control frames between them; as far as the frames are within the rules.
fn messages(mut bytes: &[u8]) -> Vec<(u8, Vec<u8>)> {
    let mut all = Vec::new();
    let mut open: Option<(u8, Vec<u8>)> = None;
    while let [first, second, rest @ ..] = bytes {
        let (length, rest) = match (second, rest) {
            (126, [a, b, rest @ ..]) => (usize::from(u16::from_be_bytes([*a, *b])), rest),
            (0..=125, _) => (usize::from(*second), rest),
            _ => break,
        };
        let Some((payload, rest)) = rest.split_at_checked(length) else { break };
        bytes = rest;
        match (first & 0x7f, &mut open) {
            (opcode @ (1 | 2), None) => open = Some((opcode, payload.to_vec())),
            (0, Some((_, message))) => message.extend(payload),
            (opcode @ 8..=15, _) => all.push((opcode, payload.to_vec())),
            _ => break,
        }
        if first & 0x88 == 0x80 {
            all.extend(open.take());
        }
    }
    all
}
