//! Each format by frames that real servers sent, and by what is wrong with others.

use serde_json::{Value, json};

use super::*;

fn text(json: &Value, format: Format) -> String {
    match format.encode(&json.to_string()).unwrap() {
        Outgoing::Text(text) => text,
        Outgoing::Binary(bytes) => panic!("{bytes:?}"),
    }
}

fn bytes(json: &Value, format: Format) -> Vec<u8> {
    match format.encode(&json.to_string()).unwrap() {
        Outgoing::Binary(bytes) => bytes,
        Outgoing::Text(text) => panic!("{text}"),
    }
}

/// Frames of nats-server 2.9.10.
#[test]
fn nats_lines_and_counted_payloads() {
    let two = b"MSG orders.eu 2 28\r\n{\"seq\":1,\"ts\":1795400367643}\r\nMSG orders.us.tx 2 2\r\nhi\r\n";
    let mut nats = of(Format::Nats);
    assert_eq!(
        turned(
            &mut nats,
            &[b"INFO {\"server_id\":\"NAY\",\"headers\":true} \r\n", b"+OK\r\nPONG\r\n", two, b"PING\r\n"]
        ),
        [
            r#"{"op":"INFO","form":"json","info":{"server_id":"NAY","headers":true}}"#,
            r#"{"op":"+OK"}"#,
            r#"{"op":"PONG"}"#,
            r#"{"op":"MSG","subject":"orders.eu","sid":"2","form":"json","payload":{"seq":1,"ts":1795400367643}}"#,
            r#"{"op":"MSG","subject":"orders.us.tx","sid":"2","form":"text","payload":"hi"}"#,
            r#"{"op":"PING"}"#,
        ]
    );
    assert_eq!(
        turned(&mut nats, &[b"+OK\r\n-ERR 'Invalid Subject'\r\n"]),
        [r#"{"op":"+OK"}"#, r#"{"op":"-ERR","text":"Invalid Subject"}"#]
    );
    let headed = b"HMSG a 1 re.ply 35 38\r\nNATS/1.0 503 No\r\nK: v\r\nk2:w\r\nK: x\r\n\r\n{} \r\n";
    let length = b"NATS/1.0 503 No\r\nK: v\r\nk2:w\r\nK: x\r\n\r\n".len();
    let headed = String::from_utf8(headed.to_vec()).unwrap().replace("35 38", &format!("{length} {}", length + 3));
    assert_eq!(
        turned(&mut nats, &[headed.as_bytes()]),
        [
            r#"{"op":"HMSG","subject":"a","sid":"1","reply":"re.ply","status":"503 No","headers":{"K":"v","k2":"w"},"form":"json","payload":{} }"#
        ]
    );
    assert_eq!(
        turned(&mut nats, &[b"msg a 1 4\r\n\r\n\xff\0\r\n\r\nMSG a 1 0\r\n\r\n"]),
        [
            r#"{"op":"MSG","subject":"a","sid":"1","form":"binary","payload":"DQr/AA=="}"#,
            r#"{"op":"MSG","subject":"a","sid":"1","form":"text","payload":""}"#,
        ]
    );
}

#[test]
fn nats_goes_on_after_what_is_broken() {
    let mut nats = of(Format::Nats);
    assert_eq!(
        turned(&mut nats, &[b"FOO\r\nMSG a\r\nMSG a 1 2\r\nlong\r\nPING x\r\nPING\r\n"]),
        [
            "<Broken FOO\r\n>",
            "<Broken MSG a\r\n>",
            "<Broken MSG a 1 2\r\nlong>",
            "<Broken PING x\r\n>",
            r#"{"op":"PING"}"#
        ]
    );
    // More than a message may have: it is passed over, and what follows is read.
    let mut nats = inlet(Compression::None, Format::Nats, 10);
    let mut found = turned(&mut nats, &[b"PING\r\nMSG a 1 30\r\n0123456789", b"0123456789", b"0123456789\r\nPONG\r\n"]);
    assert_eq!(found.pop().unwrap(), r#"{"op":"PONG"}"#);
    assert_eq!(found, [r#"{"op":"PING"}"#, "<TooBig MSG a 1 30\r\n0123456789>"]);
    assert_eq!(turned(&mut nats, &[b"endless line", b"PING\r\n"]), ["<TooBig endless line>", r#"{"op":"PING"}"#]);
    // A new link begins anew.
    let mut nats = of(Format::Nats);
    assert!(turned(&mut nats, &[b"MSG a 1 3\r\n"]).is_empty());
    nats.relink();
    assert_eq!(turned(&mut nats, &[b"PING\r\n"]), [r#"{"op":"PING"}"#]);
}

/// Lines of `InspIRCd` 3.15, and one with tags.
#[test]
fn irc_lines() {
    let mut irc = of(Format::Irc);
    assert_eq!(
        turned(
            &mut irc,
            &[
                b":stim!s@127.0.0.1 PRIVMSG #beta :{\"seq\":1}",
                b":irc.zoo.test 001 mon :Welcome to the Zoo\r\nPING :irc.zoo.test\r\n",
                b":mon!mon@127.0.0.1 JOIN :#alpha",
                "@time=2026-11-23T02:41:38Z;a\\:b=x\\s\\:y\\\\;a\\:b=z;+e :n  PRIVMSG  #业务   hi".as_bytes(),
                b"ERROR",
                b"",
            ]
        ),
        [
            r##"{"prefix":"stim!s@127.0.0.1","command":"PRIVMSG","params":["#beta","{\"seq\":1}"],"form":"json","payload":{"seq":1}}"##,
            r#"{"prefix":"irc.zoo.test","command":"001","params":["mon","Welcome to the Zoo"],"form":"text","payload":"Welcome to the Zoo"}"#,
            r#"{"command":"PING","params":["irc.zoo.test"],"form":"text","payload":"irc.zoo.test"}"#,
            r##"{"prefix":"mon!mon@127.0.0.1","command":"JOIN","params":["#alpha"],"form":"text","payload":"#alpha"}"##,
            r##"{"tags":{"time":"2026-11-23T02:41:38Z","a\\:b":"x ;y\\","+e":""},"prefix":"n","command":"PRIVMSG","params":["#业务","hi"]}"##,
            r#"{"command":"ERROR","params":[]}"#,
        ]
    );
    assert_eq!(turned(&mut irc, &[b":only", b"@tags", b"{\"a\":1}\nPING"]).len(), 4);
    assert_eq!(turned(&mut irc, &[b":only"]), ["<Broken :only>"]);
}

/// Packets of Mosquitto 2.0.11.
#[test]
fn mqtt_packets() {
    let mut mqtt = of(Format::Mqtt);
    let publish = b"2<\x00\x10plant/line1/temp\x00\x01{\"seq\": 1, \"ts\": 1795400246747, \"c\": 20}";
    assert_eq!(
        turned(
            &mut mqtt,
            &[
                b" \x02\x00\x00\x90\x03\x00\x01\x01",
                b"1\x1d\x00\x12$SYS/broker/uptime0 seconds",
                publish,
                b"\xd0\x00\xb0\x02\x00\x03",
                b"0\x05\x00\x01a\xff\x00"
            ]
        ),
        [
            r#"{"type":"connack","session":false,"code":0}"#,
            r#"{"type":"suback","id":1,"codes":[1]}"#,
            r#"{"type":"publish","topic":"$SYS/broker/uptime","qos":0,"retain":true,"dup":false,"form":"text","payload":"0 seconds"}"#,
            r#"{"type":"publish","topic":"plant/line1/temp","qos":1,"retain":false,"dup":false,"id":1,"form":"json","payload":{"seq": 1, "ts": 1795400246747, "c": 20}}"#,
            r#"{"type":"pingresp"}"#,
            r#"{"type":"unsuback","id":3}"#,
            r#"{"type":"publish","topic":"a","qos":0,"retain":false,"dup":false,"form":"binary","payload":"/wA="}"#,
        ]
    );
    // A topic that is longer than its packet, a packet that only clients send, a length without an end.
    let broken: [&[u8]; 3] = [b"0\x03\x00\x09a", b"\xc0\x00", b"0\xff\xff\xff\xff\x01"];
    for packet in broken {
        assert!(turned(&mut mqtt, &[packet])[0].starts_with("<Broken"), "{packet:?}");
    }
    let mut small = inlet(Compression::None, Format::Mqtt, 4);
    let found = turned(&mut small, &[b"0\x08\x00\x01a", b"12345", b"\xd0\x00"]);
    assert_eq!(found, ["<TooBig 0\u{8}\0\u{1}a>", r#"{"type":"pingresp"}"#]);
}

#[test]
fn mqtt_packets_are_written() {
    let packet = |json: Value| bytes(&json, Format::Mqtt);
    let connect = json!({"type": "connect", "client_id": "mon", "username": "zoo", "password": "zoo", "keepalive": 6});
    assert_eq!(packet(connect), b"\x10\x19\x00\x04MQTT\x04\xc2\x00\x06\x00\x03mon\x00\x03zoo\x00\x03zoo");
    let subscribe = json!({"type": "subscribe", "id": 1, "topics": ["plant/#"], "qos": 1});
    assert_eq!(packet(subscribe), b"\x82\x0c\x00\x01\x00\x07plant/#\x01");
    let unsubscribe = json!({"type": "unsubscribe", "id": 3, "topics": ["$SYS/broker/uptime"]});
    assert_eq!(packet(unsubscribe), b"\xa2\x16\x00\x03\x00\x12$SYS/broker/uptime");
    assert_eq!(packet(json!({"type": "pingreq"})), b"\xc0\x00");
    assert_eq!(packet(json!({"type": "puback", "id": 1})), b"@\x02\x00\x01");
    // A number is never 0, whatever is counted.
    assert_eq!(packet(json!({"type": "puback", "id": 65536})), b"@\x02\x00\x01");
    let long = json!({"type": "publish", "topic": "a/b", "payload": {"x": "y".repeat(300)}, "retain": true});
    let written = packet(long);
    assert_eq!(&written[..8], b"1\xb9\x02\x00\x03a/b");
    assert_eq!(turned(&mut of(Format::Mqtt), &[&written]).len(), 1);
    for wrong in [
        json!({"type": "nothing"}),
        json!({"topic": "a"}),
        json!({"type": "connect", "client": "x"}),
        json!({"type": "connect", "password": "x"}),
        json!({"type": "subscribe", "id": 1, "topics": []}),
        json!({"type": "subscribe", "id": 1, "topics": [1]}),
        json!({"type": "subscribe", "topics": ["a"]}),
        json!({"type": "subscribe", "id": 1, "topics": ["a"], "qos": 3}),
        json!({"type": "publish", "payload": "x"}),
        json!({"type": "publish", "topic": "x".repeat(70_000)}),
        json!([1]),
    ] {
        assert!(Format::Mqtt.encode(&wrong.to_string()).is_err(), "{wrong}");
    }
}

#[test]
fn stomp_frames() {
    let mut stomp = of(Format::Stomp);
    let message = b"MESSAGE\nsubscription:0\nx:first\nx:second\ndestination:/topic/a\\cb\n\n{\"seq\":7}\0\n";
    assert_eq!(
        turned(
            &mut stomp,
            &[
                b"CONNECTED\nversion:1.2\nserver:a\\b\n\n\0",
                message,
                b"\n",
                b"\r\nRECEIPT\r\nreceipt-id:1\r\n\r\n\0",
                b"MESSAGE\ncontent-length:3\n\na\0b\0MESSAGE\n\ntext\0",
                b"MESSAGE\n\n\xff\0",
            ]
        ),
        [
            r#"{"command":"CONNECTED","headers":{"version":"1.2","server":"a\\b"},"form":"text","body":""}"#,
            r#"{"command":"MESSAGE","headers":{"subscription":"0","x":"first","destination":"/topic/a:b"},"form":"json","body":{"seq":7}}"#,
            r#"{"command":"HEARTBEAT","headers":{}}"#,
            r#"{"command":"RECEIPT","headers":{"receipt-id":"1"},"form":"text","body":""}"#,
            r#"{"command":"MESSAGE","headers":{"content-length":"3"},"form":"text","body":"a\u0000b"}"#,
            r#"{"command":"MESSAGE","headers":{},"form":"text","body":"text"}"#,
            r#"{"command":"MESSAGE","headers":{},"form":"binary","body":"/w=="}"#,
        ]
    );
    // Each is over with its frame or its end, and does not swallow what follows.
    for broken in [
        "{\"error\":1}",
        "MESSAGE\nno colon\n\n\0",
        "MESSAGE\na:\\x\n\n\0",
        "MESSAGE\0",
        "MESSAGE\ncontent-length:1\n\nabc\0",
    ] {
        let found = turned(&mut stomp, &[broken.as_bytes(), b"RECEIPT\n\n\0"]);
        assert!(found[0].starts_with("<Broken") && found.last().unwrap().contains("RECEIPT"), "{broken}: {found:?}");
    }
}

#[test]
fn stomp_frames_are_written() {
    let frame = json!({"command": "SUBSCRIBE", "headers": {"destination": "/t/a:b", "id": 1}});
    assert_eq!(text(&frame, Format::Stomp), "SUBSCRIBE\ndestination:/t/a\\cb\nid:1\n\n\0");
    let connect = json!({"command": "CONNECT", "headers": {"accept-version": "1.2", "login": "a:b\\"}});
    assert_eq!(text(&connect, Format::Stomp), "CONNECT\naccept-version:1.2\nlogin:a:b\\\n\n\0");
    let send = json!({"command": "SEND", "headers": {"destination": "/q"}, "body": {"a": "业务"}});
    assert_eq!(text(&send, Format::Stomp), "SEND\ndestination:/q\ncontent-length:14\n\n{\"a\":\"业务\"}\0");
    for wrong in [
        json!({"command": "send"}),
        json!({"headers": {}}),
        json!({"command": "SEND", "headers": []}),
        json!({"command": "SEND", "headers": {"a": null}}),
        json!({"command": "CONNECT", "headers": {"a": "x\ny:z"}}),
        json!({"command": "SEND", "headers": {"a": "\u{0}"}}),
        json!({"command": "SEND", "header": {}}),
    ] {
        assert!(Format::Stomp.encode(&wrong.to_string()).is_err(), "{wrong}");
    }
}

#[test]
fn msgpack_values() {
    let mut msgpack = of(Format::Msgpack);
    assert_eq!(
        turned(
            &mut msgpack,
            &[
                b"\x93\x01\xff\xa3abc\x81\xa1k\xc3",
                b"\x82\x05\xc0\xc3\xcf\xff\xff\xff\xff\xff\xff\xff\xff",
                b"\xca\x3d\xcc\xcc\xcd\xcb\x7f\xf0\x00\x00\x00\x00\x00\x00\xd3\x80\x00\x00\x00\x00\x00\x00\x00",
                b"\xc4\x02\xff\x00\xd6\xff\x65\x53\xf1\x00\xd4\x05\x07",
                b"\xd7\xff\x1d\xcd\x65\x00\x65\x53\xf1\x00",
                b"\xa2\xff\n",
            ]
        ),
        [
            "[1,-1,\"abc\"]",
            "{\"k\":true}",
            "{\"5\":null,\"true\":18446744073709551615}",
            "0.1",
            "null",
            "-9223372036854775808",
            "\"/wA=\"",
            "\"2023-11-14T22:13:20Z\"",
            "{\"ext\":5,\"data\":\"Bw==\"}",
            "\"2023-11-14T22:13:20.125Z\"",
            "\"\u{fffd}\\n\"",
        ]
    );
    // Cut short, a map as a key, a byte without a meaning, too deep, and lengths that nothing follows.
    let deep = vec![0x91; 200];
    let broken: [&[u8]; 6] =
        [b"\x93\x01", b"\x81\x80\x01", b"\xc1", &deep, b"\xdd\xff\xff\xff\xff\x01", b"\xdb\xff\xff\xff\xffab"];
    for frame in broken {
        assert!(turned(&mut msgpack, &[frame])[0].starts_with("<Broken"), "{frame:?}");
    }
    assert_eq!(
        turned(
            &mut inlet(Compression::None, Format::Msgpack, 20),
            &[&[0xdc, 0, 40].iter().chain(&[0xc0; 40]).copied().collect::<Vec<_>>()]
        )
        .len(),
        1
    );
    assert_eq!(
        bytes(&json!({"a": [1, -1, 300, 1.5, null, "x"]}), Format::Msgpack),
        b"\x81\xa1a\x96\x01\xff\xcd\x01\x2c\xcb\x3f\xf8\x00\x00\x00\x00\x00\x00\xc0\xa1x"
    );
}
