//! Anything at random: nothing panics, what is written is read, and where a stream is cut does not matter.

use std::fmt::Write as _;

use proptest::prelude::*;
use serde_json::Value;

use super::*;

const FORMATS: [Format; 6] = [Format::Json, Format::Stomp, Format::Nats, Format::Irc, Format::Mqtt, Format::Msgpack];
const COMPRESSIONS: [Compression; 6] = [
    Compression::None,
    Compression::Gzip,
    Compression::Zlib,
    Compression::Deflate,
    Compression::Auto,
    Compression::ZlibStream,
];

/// A message as a server would have it, and as it is wanted.
type Sample = (Vec<u8>, Value);

fn body() -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![
        Just(b"{\"seq\":1, \"x\":[null,1.50]}".to_vec()),
        "[a-z\r\n :\\\\\"业]{0,20}".prop_map(String::into_bytes),
        prop::collection::vec(any::<u8>(), 0..20),
    ]
}

/// What a payload is shown as, and how.
fn shown(body: &[u8]) -> (&'static str, Value) {
    match std::str::from_utf8(body) {
        Err(_) => ("binary", Value::String(data_encoding::BASE64.encode(body))),
        Ok(text) => match serde_json::from_str(text) {
            Ok(value) => ("json", value),
            Err(_) => ("text", Value::String(text.into())),
        },
    }
}

fn nats() -> impl Strategy<Value = Sample> {
    let message = ("[a-z.>]{1,9}", 0..99_u32, prop::option::of("[a-z.]{1,5}"), body());
    prop_oneof![
        Just((b"PING\r\n".to_vec(), serde_json::json!({"op": "PING"}))),
        message.prop_map(|(subject, sid, reply, body)| {
            let mut wanted = serde_json::json!({"op": "MSG", "subject": subject, "sid": sid.to_string()});
            if let Some(reply) = &reply {
                wanted["reply"] = reply.clone().into();
            }
            let (form, payload) = shown(&body);
            wanted["form"] = form.into();
            wanted["payload"] = payload;
            let reply = reply.map_or_else(String::new, |reply| reply + " ");
            let line = format!("MSG {subject} {sid} {reply}{}\r\n", body.len());
            ([line.as_bytes(), &body, b"\r\n"].concat(), wanted)
        }),
    ]
}

fn mqtt() -> impl Strategy<Value = Sample> {
    ("[a-z/$]{0,200}", 0..3_u8, any::<bool>(), any::<u16>(), body()).prop_map(|(topic, qos, retain, id, body)| {
        let (form, payload) = shown(&body);
        let mut wanted = serde_json::json!({
            "type": "publish", "topic": topic, "qos": qos, "retain": retain, "dup": false, "form": form, "payload": payload
        });
        let mut rest = u16::try_from(topic.len()).unwrap().to_be_bytes().to_vec();
        rest.extend(topic.bytes());
        if qos > 0 {
            wanted["id"] = id.into();
            rest.extend(id.to_be_bytes());
        }
        rest.extend(body);
        let mut packet = vec![0x30 | qos << 1 | u8::from(retain)];
        if rest.len() > 127 {
            packet.push(u8::try_from(rest.len() % 128).unwrap() | 0x80);
            packet.push(u8::try_from(rest.len() / 128).unwrap());
        } else {
            packet.push(u8::try_from(rest.len()).unwrap());
        }
        packet.extend(rest);
        (packet, wanted)
    })
}

fn stomp() -> impl Strategy<Value = Sample> {
    let headers = prop::collection::btree_map("[a-z]{1,4}", "[a-z:\\\\\n业]{0,6}", 0..4);
    (headers, body()).prop_map(|(headers, body)| {
        let (form, payload) = shown(&body);
        let mut text = "MESSAGE\n".to_owned();
        for (name, value) in &headers {
            let value = value.replace('\\', "\\\\").replace('\n', "\\n").replace(':', "\\c");
            writeln!(text, "{name}:{value}").unwrap();
        }
        let mut wanted = serde_json::json!({"command": "MESSAGE", "headers": headers, "form": form, "body": payload});
        wanted["headers"]["content-length"] = body.len().to_string().into();
        write!(text, "content-length:{}\n\n", body.len()).unwrap();
        ([text.as_bytes(), &body, b"\0"].concat(), wanted)
    })
}

fn streams() -> impl Strategy<Value = (Format, Vec<Sample>)> {
    prop_oneof![
        prop::collection::vec(nats(), 1..6).prop_map(|all| (Format::Nats, all)),
        prop::collection::vec(mqtt(), 1..6).prop_map(|all| (Format::Mqtt, all)),
        prop::collection::vec(stomp(), 1..6).prop_map(|all| (Format::Stomp, all)),
    ]
}

fn json() -> impl Strategy<Value = Value> {
    let scalar = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        (-200..70_000_i64).prop_map(Value::from),
        any::<f64>().prop_filter("a number", |n| n.is_finite()).prop_map(Value::from),
        ".{0,40}".prop_map(Value::from),
    ];
    scalar.prop_recursive(4, 60, 20, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..20).prop_map(Value::from),
            prop::collection::btree_map(".{0,6}", inner, 0..20)
                .prop_map(|map| Value::Object(map.into_iter().collect())),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_stream_is_read_wherever_it_is_cut((format, samples) in streams(), cuts in prop::collection::vec(any::<prop::sample::Index>(), 0..8)) {
        let bytes: Vec<u8> = samples.iter().flat_map(|(bytes, _)| bytes.clone()).collect();
        let mut cuts: Vec<_> = cuts.iter().map(|cut| cut.index(bytes.len() + 1)).chain([0, bytes.len()]).collect();
        cuts.sort_unstable();
        let frames: Vec<&[u8]> = cuts.windows(2).map(|pair| &bytes[pair[0]..pair[1]]).collect();
        let found = turned(&mut of(format), &frames);
        let read: Vec<Value> = found.iter().map(|one| serde_json::from_str(one).unwrap_or_else(|_| panic!("{one}"))).collect();
        let wanted: Vec<Value> = samples.into_iter().map(|(_, wanted)| wanted).collect();
        prop_assert_eq!(read, wanted);
    }

    #[test]
    fn what_is_written_is_read(value in json(), headers in prop::collection::btree_map("[a-z]{1,4}", ".{0,6}", 0..4), body in "[^\0]{0,20}") {
        let Outgoing::Binary(packed) = Format::Msgpack.encode(&value.to_string()).unwrap() else { panic!() };
        let found = turned(&mut of(Format::Msgpack), &[&packed]);
        prop_assert_eq!(found.len(), 1);
        // Through text once, as the value went.
        let once: Value = serde_json::from_str(&value.to_string()).unwrap();
        prop_assert_eq!(serde_json::from_str::<Value>(&found[0]).unwrap(), once);

        let frame = serde_json::json!({"command": "SEND", "headers": headers, "body": body});
        if let Ok(Outgoing::Text(text)) = Format::Stomp.encode(&frame.to_string()) {
            let found = turned(&mut of(Format::Stomp), &[text.as_bytes()]);
            let read: Value = serde_json::from_str(&found[0]).unwrap();
            prop_assert_eq!(&read["body"], &shown(body.as_bytes()).1);
            for (name, value) in headers {
                prop_assert_eq!(read["headers"][name].as_str(), Some(value.as_str()));
            }
        } else {
            prop_assert!(headers.values().any(|value| value.contains('\0')));
        }
    }

    #[test]
    fn anything_is_survived(frames in prop::collection::vec(prop_oneof![
        prop::collection::vec(any::<u8>(), 0..60),
        "(MSG|HMSG|PING|INFO|MESSAGE)[ a-z0-9\r\n:{}\0]{0,40}".prop_map(String::into_bytes),
        nats().prop_map(|(bytes, _)| bytes),
        mqtt().prop_map(|(bytes, _)| bytes),
    ], 0..6), limit in 0..100_usize) {
        for format in FORMATS {
            for compression in COMPRESSIONS {
                // One after the other is enough, and takes a third of the time.
                if format != Format::Json && compression != Compression::None {
                    continue;
                }
                let Some(mut inlet) = Inlet::new(&Codec { compression, format, ..Codec::default() }, limit) else { continue };
                for frame in &frames {
                    inlet.feed(true, frame);
                    let docs = inlet.docs();
                    // Bounded: some documents of a message's size and of what came, each written out at length.
                    prop_assert!(docs.text().len() <= 8 * (limit + 400), "{:?} {}", format, docs.text().len());
                    for doc in docs.list() {
                        let text = &docs.text()[doc.place.clone()];
                        if doc.is == Is::Message {
                            prop_assert!(serde_json::from_slice::<serde::de::IgnoredAny>(text).is_ok(), "{}", String::from_utf8_lossy(text));
                        }
                    }
                }
            }
            let text = String::from_utf8_lossy(frames.first().map_or(&[][..], Vec::as_slice)).into_owned();
            let _ = format.encode(&text);
        }
    }
}
