//! The embedded server on real loopback sockets: what it says, and that each fault does on the wire what it is called.
#![expect(clippy::unwrap_used, reason = "a test may")]

use std::io::ErrorKind;
use std::net::SocketAddr;
use std::time::Duration;

use futures::{SinkExt, StreamExt};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpSocket, TcpStream};
use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::error::ProtocolError;
use tokio_tungstenite::tungstenite::protocol::CloseFrame;
use tokio_tungstenite::tungstenite::{Bytes, Error, Message};
use tokio_tungstenite::{WebSocketStream, client_async};
use wirebeat::demo::{FaultDesk, Server};
use wirebeat::fault::{Cut, Desk, Edit, Fault, Garbage, Script};

const LONG: Duration = Duration::from_secs(20);
/// Long enough for something that should not come.
const SHORT: Duration = Duration::from_millis(400);

struct House {
    address: SocketAddr,
    desk: FaultDesk,
    stop: oneshot::Sender<()>,
    running: JoinHandle<()>,
}

async fn house() -> House {
    let server = Server::bind("127.0.0.1:0".parse().unwrap(), 7).await.unwrap().patience(SHORT);
    let (address, desk) = (server.address(), server.faults());
    assert_eq!(server.url("market"), format!("ws://{address}/market"));
    run(server, address, desk)
}

fn run(server: Server, address: SocketAddr, desk: FaultDesk) -> House {
    let (stop, stopped) = oneshot::channel::<()>();
    let running = tokio::spawn(server.run(async move {
        let _ = stopped.await;
    }));
    House { address, desk, stop, running }
}

struct Client(WebSocketStream<TcpStream>);

impl House {
    async fn dial(&self, path: &str) -> Result<Client, Error> {
        let stream = TcpStream::connect(self.address).await.unwrap();
        let dialled = timeout(LONG, client_async(format!("ws://{}{path}", self.address), stream)).await.unwrap();
        dialled.map(|(ws, _)| Client(ws))
    }

    /// A client with these subscriptions.
    async fn client(&self, path: &str, services: &[&str]) -> Client {
        let mut client = self.dial(path).await.unwrap();
        for service in services {
            client.say(&json!({"type": "sub", "service": service})).await;
        }
        client
    }

    fn start(&self, feed: &str, fault: &Fault, lasts: Duration) {
        self.desk.start(feed, fault, lasts).unwrap();
    }

    /// The answer to a request that is not, or should not be, a WebSocket's.
    async fn http(&self, request: &str) -> String {
        let mut stream = TcpStream::connect(self.address).await.unwrap();
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut answer = Vec::new();
        timeout(LONG, stream.read_to_end(&mut answer)).await.unwrap().unwrap();
        String::from_utf8(answer).unwrap()
    }
}

impl Client {
    async fn say(&mut self, json: &Value) {
        self.0.send(Message::text(json.to_string())).await.unwrap();
    }

    async fn next(&mut self) -> Result<Message, Error> {
        timeout(LONG, self.0.next()).await.expect("something comes").unwrap_or(Err(Error::ConnectionClosed))
    }

    /// The next message of the application.
    async fn json(&mut self) -> Value {
        loop {
            if let Message::Text(text) = self.next().await.unwrap() {
                return serde_json::from_str(&text).unwrap();
            }
        }
    }

    /// The next message of a service.
    async fn of(&mut self, service: &str) -> Value {
        loop {
            let message = self.json().await;
            if message["service"] == service && message.get("seq").is_some() {
                return message;
            }
        }
    }

    async fn seq(&mut self, service: &str) -> u64 {
        self.of(service).await["seq"].as_u64().unwrap()
    }

    /// Everything that came before is read when it returns.
    async fn beat(&mut self) -> Value {
        self.say(&json!({"type": "HEART_BEAT", "service": "业务"})).await;
        loop {
            let message = self.json().await;
            if message["type"] == "HEART_BEAT" {
                return message;
            }
        }
    }

    async fn silent(&mut self) -> bool {
        timeout(SHORT, self.0.next()).await.is_err()
    }

    /// Reads until the link ends.
    async fn end(&mut self) -> Result<Option<CloseFrame>, Error> {
        loop {
            match self.next().await {
                Ok(Message::Close(frame)) => return Ok(frame),
                Ok(_) => {}
                Err(error) => return Err(error),
            }
        }
    }
}

fn service(name: &str) -> String {
    name.to_owned()
}

#[tokio::test]
async fn a_subscription_brings_numbered_messages_until_it_ends() {
    let house = house().await;
    let mut client = house.client("/market", &[]).await;
    assert!(client.silent().await, "nothing comes unasked");
    client.say(&json!({"type": "sub", "service": "业务1"})).await;
    client.say(&json!({"type": "sub", "service": "业务2"})).await;
    let first = client.of("业务1").await;
    assert!(first["data"]["price"].is_number() && first["ts"].as_i64().unwrap() > 1_600_000_000_000, "{first}");
    let mut last = first["seq"].as_u64().unwrap();
    for _ in 0..200 {
        let seq = client.seq("业务1").await;
        assert_eq!(seq, last + 1);
        last = seq;
    }
    client.say(&json!({"type": "unsub", "service": "业务1"})).await;
    client.beat().await;
    for _ in 0..2 {
        let chat = client.json().await;
        assert_eq!(chat["service"], "业务2");
        assert!(chat["data"]["text"].is_string());
    }
}

#[tokio::test]
async fn clients_share_the_numbers_which_go_on_while_one_is_away() {
    let house = house().await;
    let (mut a, mut b) = (house.client("/market", &["业务1"]).await, house.client("/market", &["业务1"]).await);
    let (mut one, mut other) = (a.of("业务1").await, b.of("业务1").await);
    while one["seq"] != other["seq"] {
        if one["seq"].as_u64() < other["seq"].as_u64() {
            one = a.of("业务1").await;
        } else {
            other = b.of("业务1").await;
        }
    }
    assert_eq!(one, other);
    drop(a);
    let left = other["seq"].as_u64().unwrap();
    while b.seq("业务1").await < left + 50 {}
    let mut again = house.client("/market", &["业务1"]).await;
    assert!(again.seq("业务1").await > left + 49);
}

#[tokio::test]
async fn beats_and_mistakes_are_answered() {
    let house = house().await;
    let mut client = house.client("/orders", &[]).await;
    client.say(&json!({"type": "HEART_BEAT", "service": "业\"务"})).await;
    let answer = client.json().await;
    assert_eq!((&answer["type"], &answer["service"]), (&json!("HEART_BEAT"), &json!("业\"务")));
    assert!(answer["ts"].is_i64());
    let wrong = ["", "hello", "[1", "{}", "{\"type\":5}", "{\"type\":\"sub\"}", "{\"type\":\"dance\"}", "[]", "null"];
    for text in wrong.into_iter().chain(["{\"type\":\"sub\",\"service\":\"业务1\"}", &"[".repeat(100_000)]) {
        client.0.send(Message::text(text)).await.unwrap();
        let answer = client.json().await;
        assert_eq!(answer["type"], "error", "{text}");
        assert!(answer["text"].as_str().is_some_and(|text| !text.is_empty()));
    }
    client.0.send(Message::Binary(Bytes::from_static(&[0, 255]))).await.unwrap();
    assert_eq!(client.json().await["type"], "error");
    client.0.send(Message::Ping(Bytes::from_static(b"x"))).await.unwrap();
    assert_eq!(client.next().await.unwrap(), Message::Pong(Bytes::from_static(b"x")));
    client.beat().await;
    client.0.close(None).await.unwrap();
    assert!(client.end().await.is_ok(), "a goodbye is answered");
}

#[tokio::test]
async fn what_is_no_websocket_is_told_so() {
    let house = house().await;
    let lost = house.http("GET /nowhere HTTP/1.1\r\nHost: x\r\n\r\n").await;
    assert!(lost.starts_with("HTTP/1.1 404 "), "{lost}");
    for path in ["/market", "/orders", "/devices", "业务2"] {
        assert!(lost.contains(path), "{lost}");
    }
    let Err(Error::Http(response)) = house.dial("/marked").await else { panic!("no link") };
    assert_eq!(response.status(), 404);
    assert!(house.http("GET /market HTTP/1.1\r\nHost: x\r\n\r\n").await.starts_with("HTTP/1.1 426 "));
    assert!(house.http("\u{16}\u{3}\u{1} hello\r\n\r\n").await.starts_with("HTTP/1.1 400 "));
    assert!(house.http(&format!("GET / HTTP/1.1\r\nX: {}", "x".repeat(20_000))).await.starts_with("HTTP/1.1 400 "));
}

#[tokio::test]
async fn a_cut_ends_the_links_of_one_path_in_its_own_way() {
    let house = house().await;
    let mut other = house.client("/devices", &[]).await;
    let mut client = house.client("/market", &["业务1"]).await;
    client.seq("业务1").await;
    house.start("/market", &Fault::Cut(Cut::Close { code: 4012, reason: "维护".into() }), SHORT);
    let frame = client.end().await.unwrap().unwrap();
    assert_eq!((u16::from(frame.code), frame.reason.as_str()), (4012, "维护"));

    let mut client = house.client("/market", &["业务1"]).await;
    client.seq("业务1").await;
    house.start("/market", &Fault::Cut(Cut::Reset), SHORT);
    let Err(Error::Io(error)) = client.end().await else { panic!("a reset") };
    assert_eq!(error.kind(), ErrorKind::ConnectionReset);

    let mut client = house.client("/market", &["业务1"]).await;
    client.seq("业务1").await;
    house.start("market", &Fault::Cut(Cut::Fin), SHORT);
    let end = client.end().await;
    assert!(matches!(end, Err(Error::Protocol(ProtocolError::ResetWithoutClosingHandshake))), "{end:?}");

    other.beat().await;
}

#[tokio::test]
async fn a_blackhole_swallows_the_old_link_and_a_new_one_works() {
    let house = house().await;
    let mut old = house.client("/market", &["业务1"]).await;
    old.seq("业务1").await;
    let lasts = 4 * SHORT;
    house.start("/market", &Fault::Blackhole, lasts);
    // What was on its way still arrives.
    while !old.silent().await {}
    old.say(&json!({"type": "HEART_BEAT", "service": "业务"})).await;
    old.0.send(Message::Ping(Bytes::new())).await.unwrap();
    assert!(old.silent().await, "no data, no answer, no pong, no end");
    let mut new = house.client("/market", &["业务1"]).await;
    new.seq("业务1").await;
    old.seq("业务1").await;
    old.beat().await;
}

#[tokio::test]
async fn a_freeze_stops_new_links_too_and_then_lets_them_in() {
    let house = house().await;
    let mut old = house.client("/market", &["业务1"]).await;
    old.seq("业务1").await;
    house.start("/market", &Fault::Freeze, LONG * 60);
    let dial = house.dial("/market");
    tokio::pin!(dial);
    assert!(timeout(SHORT, &mut dial).await.is_err(), "TCP takes it, nobody answers");
    while !old.silent().await {}
    house.client("/orders", &[]).await.beat().await;
    house.desk.clear("/market");
    dial.await.unwrap().beat().await;
    old.seq("业务1").await;
}

#[tokio::test]
async fn refused_dials_carry_their_status_and_their_number() {
    let house = house().await;
    let mut client = house.client("/orders", &[]).await;
    client.beat().await;
    let cut = Some(Cut::Close { code: 1013, reason: "try again later".into() });
    let retry_after = Some(Duration::from_millis(5_100));
    house.start("/orders", &Fault::Refuse { status: Some(429), retry_after, times: Some(2), cut }, LONG);
    assert_eq!(u16::from(client.end().await.unwrap().unwrap().code), 1013);
    for _ in 0..2 {
        let Err(Error::Http(response)) = house.dial("/orders").await else { panic!("refused") };
        assert_eq!((response.status().as_u16(), &response.headers()["Retry-After"]), (429, &"6".parse().unwrap()));
    }
    house.client("/orders", &[]).await.beat().await;
    house.start("/orders", &Fault::Refuse { status: Some(503), retry_after: None, times: None, cut: None }, LONG);
    let Err(Error::Http(response)) = house.dial("/orders").await else { panic!("refused") };
    assert_eq!(response.status(), 503);
    house.client("/market", &[]).await.beat().await;
}

#[tokio::test]
async fn a_muted_service_is_silent_alone_and_its_numbers_are_lost() {
    let house = house().await;
    let mut client = house.client("/market", &["业务1", "trades"]).await;
    let before = client.seq("业务1").await;
    let id = house.desk.start("/market", &Fault::Mute { service: service("业务1") }, LONG).unwrap();
    let mut passed = 0;
    let mut trades = 0;
    while trades < 6 {
        let message = client.json().await;
        // What was on its way still arrives, and then nothing.
        if message["service"] == "业务1" {
            assert_eq!(trades, 0, "{message}");
            passed += 1;
        } else {
            trades += 1;
        }
    }
    house.desk.stop(id);
    let after = client.seq("业务1").await;
    assert!(after > before + passed + 50, "six trades take a second: {before}, {passed}, {after}");
}

#[tokio::test]
async fn numbers_are_skipped_repeated_and_turned_round() {
    let house = house().await;
    let mut client = house.client("/market", &["业务1"]).await;
    let mut last = client.seq("业务1").await;
    let mut jump = async |fault: &Fault, kinds: &[i64]| {
        house.start("/market", fault, SHORT);
        let mut steps = Vec::new();
        while steps.len() < 400 && !steps.ends_with(kinds) {
            let seq = client.seq("业务1").await;
            steps.push(i64::try_from(seq).unwrap() - i64::try_from(last).unwrap());
            last = seq;
        }
        steps.retain(|&step| step != 1);
        steps
    };
    let name = || service("业务1");
    assert_eq!(jump(&Fault::Gap { service: name(), count: 37 }, &[38, 1, 1]).await, [38]);
    assert_eq!(jump(&Fault::Repeat { service: name(), count: 2 }, &[0, 1, 0, 1, 1]).await, [0, 0]);
    assert_eq!(jump(&Fault::Reorder { service: name(), count: 1 }, &[2, -1, 2, 1, 1]).await, [2, -1, 2]);
}

#[tokio::test]
async fn every_kind_of_garbage_arrives_and_harms_no_number() {
    let house = house().await;
    let mut client = house.client("/market", &["业务2", "业务1"]).await;
    let mut last = client.seq("业务1").await;
    let kinds = Garbage::ALL.to_vec();
    let every = Duration::from_millis(30);
    house.start("/market", &Fault::Garbage { kinds, every, service: Some(service("业务2")) }, LONG);
    let (mut binary, mut not_json, mut unnamed, mut unknown, mut escape, mut turned, mut long) = Default::default();
    while [binary, not_json, unnamed, unknown, escape, turned, long].contains(&false) {
        let message = client.next().await.unwrap();
        let Ok(text) = std::str::from_utf8(&message.clone().into_data()).map(str::to_owned) else {
            binary |= message.is_binary();
            continue;
        };
        let Ok(json) = serde_json::from_str::<Value>(&text) else {
            not_json = true;
            continue;
        };
        unnamed |= json.get("service").is_none();
        unknown |= json["service"] == "业务99";
        let words = json["data"]["text"].as_str().unwrap_or_default();
        escape |= json["service"] == "业务2" && words.contains('\u{1b}');
        turned |= json["service"] == "业务2" && words.contains('\u{202e}');
        long |= text.len() > 150_000;
        if json["service"] == "业务1" {
            assert_eq!(json["seq"], last + 1);
            last += 1;
        }
    }
    // It is nobody's: a client without subscriptions sees only what names no service of the path.
    let mut idle = house.client("/market", &[]).await;
    for _ in 0..10 {
        let message = idle.next().await.unwrap().into_data();
        let json = serde_json::from_slice::<Value>(&message).unwrap_or_default();
        assert!(json["service"] == Value::Null || json["service"] == "业务99", "{json}");
    }
}

#[tokio::test]
async fn answers_are_dropped_while_pings_are_answered() {
    let house = house().await;
    let mut client = house.client("/market", &["业务1"]).await;
    client.seq("业务1").await;
    house.start("/market", &Fault::DropAnswers { quiet: true }, LONG);
    while !client.silent().await {}
    client.say(&json!({"type": "HEART_BEAT", "service": "业务"})).await;
    client.0.send(Message::Ping(Bytes::new())).await.unwrap();
    assert_eq!(client.next().await.unwrap(), Message::Pong(Bytes::new()));
    assert!(client.silent().await);
    house.desk.clear("/market");
    client.seq("业务1").await;
    client.beat().await;
}

#[tokio::test]
async fn latency_delays_answers_and_keeps_their_order() {
    let house = house().await;
    let mut client = house.client("/market", &["业务1"]).await;
    let mut last = client.seq("业务1").await;
    let fault = Fault::Latency { delay: 2 * SHORT, jitter: SHORT / 4 };
    house.start("/market", &fault, LONG);
    client.say(&json!({"type": "HEART_BEAT", "service": "业务"})).await;
    let quick = async {
        loop {
            let message = client.json().await;
            if message["type"] == "HEART_BEAT" {
                break;
            }
            last = message["seq"].as_u64().unwrap();
        }
    };
    assert!(timeout(SHORT, quick).await.is_err());
    for _ in 0..100 {
        let message = client.json().await;
        if let Some(seq) = message["seq"].as_u64() {
            assert_eq!(seq, last + 1);
            last = seq;
        }
    }
}

#[tokio::test]
async fn a_message_that_is_too_long_or_no_text_ends_the_link_with_its_code() {
    let house = house().await;
    let mut client = house.client("/market", &[]).await;
    client.0.send(Message::text("x".repeat((1 << 20) + 1))).await.unwrap();
    assert_eq!(u16::from(client.end().await.unwrap().unwrap().code), 1009);

    let client = house.client("/market", &[]).await;
    let mut stream = client.0.into_inner();
    // A masked text frame of one byte that begins no character.
    stream.write_all(&[0x81, 0x81, 0, 0, 0, 0, 0xff]).await.unwrap();
    let mut answer = [0; 4];
    timeout(LONG, stream.read_exact(&mut answer)).await.unwrap().unwrap();
    assert_eq!((answer[0], u16::from_be_bytes([answer[2], answer[3]])), (0x88, 1007));
}

struct Flood(WebSocketStream<TcpStream>);

impl Flood {
    async fn new(house: &House) -> Self {
        // Small buffers, so that the system does not take much of it on its own.
        let socket = TcpSocket::new_v4().unwrap();
        socket.set_recv_buffer_size(64 << 10).unwrap();
        socket.set_send_buffer_size(64 << 10).unwrap();
        let stream = socket.connect(house.address).await.unwrap();
        let (ws, _) = client_async(format!("ws://{}/market", house.address), stream).await.unwrap();
        Self(ws)
    }

    /// Sends until the link ends. Each message asks for an answer of its own length, and none is read.
    async fn run(&mut self) {
        const MOST: usize = 32 << 20;
        let beat = Message::text(json!({"type": "HEART_BEAT", "service": "业".repeat(30_000)}).to_string());
        let mut sent = 0;
        while self.0.send(beat.clone()).await.is_ok() {
            sent += beat.len();
            assert!(sent < MOST, "it takes {sent} bytes and more");
        }
    }
}

#[tokio::test]
async fn who_does_not_read_is_let_go_and_others_do_not_notice() {
    let house = house().await;
    let mut other = house.client("/market", &["业务1"]).await;
    let mut flood = Flood::new(&house).await;
    let watch = async {
        let mut last = other.seq("业务1").await;
        loop {
            let seq = other.seq("业务1").await;
            assert_eq!(seq, last + 1);
            last = seq;
        }
    };
    tokio::select! {
        ended = timeout(LONG, flood.run()) => ended.expect("the link ends, though it never read"),
        () = watch => {}
    }
    other.beat().await;
}

#[tokio::test]
async fn who_does_not_read_is_not_read_either() {
    let server = Server::bind("127.0.0.1:0".parse().unwrap(), 7).await.unwrap().patience(LONG * 60);
    let (address, desk) = (server.address(), server.faults());
    let house = run(server, address, desk);
    let mut flood = Flood::new(&house).await;
    // It comes to a stand, or takes more than it may.
    assert!(timeout(8 * SHORT, flood.run()).await.is_err());
    house.client("/market", &["业务1"]).await.seq("业务1").await;
}

#[tokio::test]
async fn there_is_room_for_so_many_and_then_again() {
    let server = Server::bind("127.0.0.1:0".parse().unwrap(), 7).await.unwrap().links(2);
    let (address, desk) = (server.address(), server.faults());
    let house = run(server, address, desk);
    let (mut a, mut b) = (house.client("/orders", &[]).await, house.client("/market", &[]).await);
    a.beat().await;
    b.beat().await;
    assert!(house.dial("/orders").await.is_err());
    drop(a);
    let again = async { while house.dial("/orders").await.is_err() {} };
    timeout(LONG, again).await.unwrap();
    b.beat().await;
}

#[tokio::test]
async fn the_server_says_goodbye_and_stops() {
    let house = house().await;
    let mut client = house.client("/devices", &["sensors"]).await;
    client.beat().await;
    house.stop.send(()).unwrap();
    assert_eq!(u16::from(client.end().await.unwrap().unwrap().code), 1001);
    timeout(LONG, house.running).await.unwrap().unwrap();
    assert!(TcpStream::connect(house.address).await.is_err());
}

#[tokio::test]
async fn a_script_is_held_against_the_server() {
    let house = house().await;
    let tour = Script::parse("tour.toml", wirebeat::demo::TOUR).unwrap();
    tour.check("tour.toml", &house.desk).unwrap();
    let text = "[[step]]\nfeed = \"/orderz\"\nfault = \"fin\"\nsay = \"x\"\n\n[[step]]\nfeed = \"orders\"\n\
        fault = \"mute\"\nservice = \"fill\"\nfor = \"1s\"\nsay = \"x\"";
    let errors = Script::parse("a.toml", text).unwrap().check("a.toml", &house.desk).unwrap_err().to_string();
    let lines: Vec<&str> = errors.lines().collect();
    assert!(lines[0].starts_with("a.toml:1:") && lines[0].contains("did you mean \"/orders\"?"), "{errors}");
    assert!(lines[1].starts_with("a.toml:6:") && lines[1].contains("did you mean \"fills\"?"), "{errors}");
}

#[tokio::test]
async fn pings_without_pongs_and_a_heartbeat_with_its_answer() {
    let house = house().await;
    let mut client = house.client("/orders", &[]).await;
    house.start("/orders", &Fault::DropPongs, LONG);
    client.0.send(Message::Ping(Bytes::from_static(b"x"))).await.unwrap();
    assert!(client.silent().await);
    client.beat().await;
    house.desk.clear("/orders");
    client.0.send(Message::Ping(Bytes::from_static(b"y"))).await.unwrap();
    assert_eq!(client.next().await.unwrap(), Message::Pong(Bytes::from_static(b"y")));
}

#[tokio::test]
async fn a_thin_line_is_thin_and_single_bytes_are_whole_messages_in_the_end() {
    let house = house().await;
    let mut client = house.client("/market", &[]).await;
    let clock = wirebeat::time::Clock::start();
    // A beat's answer has some 60 bytes, and is asked for by as many.
    house.start("/market", &Fault::Bandwidth { bytes: 100 }, LONG);
    client.beat().await;
    let took = clock.now().as_secs_f64();
    assert!((0.5..8.0).contains(&took), "{took}");
    house.desk.clear("/market");
    house.start("/market", &Fault::Bytewise, LONG);
    client.say(&json!({"type": "sub", "service": "业务1"})).await;
    let seq = client.seq("业务1").await;
    assert_eq!(client.seq("业务1").await, seq + 1);
}

#[tokio::test]
async fn every_nth_message_is_dropped_doubled_and_turned_round() {
    let house = house().await;
    let nth = |edit| Fault::Nth { edit, nth: 10, service: Some(service("业务1")) };
    for edit in [Edit::Drop, Edit::Repeat, Edit::Reorder] {
        let id = house.desk.start("/market", &nth(edit), LONG).unwrap();
        let mut client = house.client("/market", &["业务1"]).await;
        let mut steps = Vec::new();
        let mut last = client.seq("业务1").await;
        for _ in 0..60 {
            let seq = client.seq("业务1").await;
            steps.push(i64::try_from(seq).unwrap() - i64::try_from(last).unwrap());
            last = seq;
        }
        house.desk.stop(id);
        let count = |step: i64| steps.iter().filter(|is| **is == step).count();
        match edit {
            Edit::Drop => assert!((5..=7).contains(&count(2)) && count(1) + count(2) == 60, "{steps:?}"),
            Edit::Repeat => assert!((5..=7).contains(&count(0)) && count(1) + count(0) == 60, "{steps:?}"),
            Edit::Reorder => assert!((5..=7).contains(&count(-1)) && count(2) >= 10, "{steps:?}"),
        }
    }
}

#[tokio::test]
async fn a_subscription_that_is_refused_is_answered_with_a_no() {
    let house = house().await;
    let refuse = Fault::RefuseSubscriptions { service: Some(service("业务1")) };
    let id = house.desk.start("/market", &refuse, LONG).unwrap();
    let mut client = house.client("/market", &["业务1", "业务2"]).await;
    let no = client.json().await;
    assert_eq!((&no["type"], &no["service"]), (&json!("error"), &json!("业务1")));
    client.seq("业务2").await;
    house.desk.stop(id);
    client.say(&json!({"type": "sub", "service": "业务1"})).await;
    client.seq("业务1").await;
}

#[tokio::test]
async fn a_half_closed_link_takes_what_is_sent_and_a_truncated_one_ends_inside_of_a_frame() {
    let house = house().await;
    for cut in [Cut::HalfClose, Cut::Truncate] {
        let mut client = house.client("/market", &["业务1"]).await;
        client.seq("业务1").await;
        house.start("/market", &Fault::Cut(cut.clone()), SHORT);
        let end = client.end().await;
        assert!(matches!(end, Err(Error::Protocol(ProtocolError::ResetWithoutClosingHandshake))), "{cut:?}: {end:?}");
    }
}
