//! A server that floods its one client with messages that look like a real feed's, and says goodbye. It judges nothing.

use std::fmt::Write as _;
use std::io::{self, ErrorKind, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::time::Duration;

use tokio_tungstenite::tungstenite::handshake::derive_accept_key;
use wirebeat::session::backoff::Random;
use wirebeat::time::{Clock, Ts};

pub(super) const SERVICE: &str = "业务1";

/// What is sent: so many messages of so many bytes.
#[derive(Clone, Copy, Debug)]
pub(super) struct Flood {
    pub(super) size: usize,
    pub(super) count: u64,
    pub(super) shape: Shape,
}

impl Flood {
    /// Its size, and its shape where that is not the usual one.
    pub(super) fn name(self) -> String {
        match self.shape {
            Shape::Record => self.size.to_string(),
            Shape::Book => format!("{} book", self.size),
        }
    }
}

/// When the first byte was written, and when the client's close frame was back.
#[derive(Clone, Copy, Debug)]
pub(super) struct Served {
    pub(super) begun: Ts,
    pub(super) ended: Ts,
}

/// Written in one call.
const BLOCK: usize = 256 << 10;
/// Nothing that a client does may take longer.
const LIMIT: Duration = Duration::from_secs(30);

/// Serves one client: the upgrade, its subscription, the flood, the goodbye.
pub(super) fn serve(listener: &TcpListener, flood: Flood, clock: &Clock) -> io::Result<Served> {
    let (mut stream, _) = listener.accept()?;
    stream.set_read_timeout(Some(LIMIT))?;
    stream.set_write_timeout(Some(LIMIT))?;
    upgrade(&mut stream)?;
    let mut heard = Vec::new();
    opcode(&mut stream, &mut heard)?;

    // Messages that are all the same would be learned by heart, by the processor at least.
    let frames: Vec<_> = (0..BLOCK / flood.size).map(|number| frame(&message(flood, number))).collect();
    let length = frames.first().map_or(1, Vec::len);
    let mut block = frames.concat();
    let place = |key: &[u8]| block.windows(key.len()).position(|part| part == key).map_or(0, |at| at + key.len());
    let (seq_at, ts_at) = (place(b"\"seq\":"), place(b"\"ts\":"));
    let mut seq = *b"1000000000";
    let mut left = flood.count;
    let begun = clock.now();
    while left > 0 {
        let now = (clock.now().on_wall(clock.anchor()) / 1_000_000).to_string();
        let mut used = 0;
        for message in block.chunks_exact_mut(length).take(usize::try_from(left).unwrap_or(usize::MAX)) {
            message[seq_at..seq_at + seq.len()].copy_from_slice(&seq);
            message[ts_at..ts_at + now.len()].copy_from_slice(now.as_bytes());
            used += message.len();
            left -= 1;
            count_on(&mut seq);
        }
        stream.write_all(&block[..used])?;
    }
    stream.write_all(&[0x88, 2, 3, 0xE8])?;
    while opcode(&mut stream, &mut heard)? != 8 {}
    Ok(Served { begun, ended: clock.now() })
}

fn upgrade(stream: &mut TcpStream) -> io::Result<()> {
    let mut request = Vec::new();
    while !request.ends_with(b"\r\n\r\n") {
        read(stream, &mut request)?;
    }
    let request = String::from_utf8_lossy(&request);
    let key = request.lines().filter_map(|line| line.split_once(':'));
    let key = key.filter(|(name, _)| name.eq_ignore_ascii_case("sec-websocket-key")).map(|(_, key)| key.trim()).next();
    let accept = derive_accept_key(key.unwrap_or_default().as_bytes());
    write!(
        stream,
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
         Sec-WebSocket-Accept: {accept}\r\n\r\n"
    )
}

/// Takes one frame of the client, all of which are short and masked, and says what it is.
fn opcode(stream: &mut TcpStream, heard: &mut Vec<u8>) -> io::Result<u8> {
    loop {
        if let [first, second, ..] = heard[..] {
            let length = 6 + usize::from(second & 0x7F);
            if heard.len() >= length {
                heard.drain(..length);
                return Ok(first & 0x0F);
            }
        }
        read(stream, heard)?;
    }
}

fn read(stream: &mut TcpStream, to: &mut Vec<u8>) -> io::Result<()> {
    let mut some = [0; 4096];
    match stream.read(&mut some)? {
        0 => Err(ErrorKind::UnexpectedEof.into()),
        count => {
            to.extend_from_slice(&some[..count]);
            Ok(())
        }
    }
}

fn frame(text: &str) -> Vec<u8> {
    let length = u16::try_from(text.len()).unwrap_or(u16::MAX);
    let [high, low] = length.to_be_bytes();
    let header: &[u8] = if length < 126 { &[0x81, low] } else { &[0x81, 126, high, low] };
    [header, text.as_bytes()].concat()
}

/// What the messages are of. JSON costs by its tokens, and they differ: a record has some thirty in 1 KiB, a book four
/// hundred.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Shape {
    /// A trade where there is little room, else fields and texts, as of a chat, a device or an order.
    Record,
    /// As much of an order book as there is room for: nothing but numbers.
    Book,
}

fn message(flood: Flood, number: usize) -> String {
    match flood.shape {
        Shape::Record if flood.size > 256 => record(flood.size, number),
        Shape::Record | Shape::Book => book(flood.size, number),
    }
}

/// What the text of a record says, again and again.
const WORDS: &str = "行情更新 BTC holds above the line, volume is thin; 请注意风险 and mind the spread. ";

fn record(size: usize, number: usize) -> String {
    let with = |text: &str| {
        envelope(&format!(
            "{{\"id\":\"o-{number:08}\",\"user\":{{\"name\":\"王小明\",\"level\":{},\"vip\":true}},\"room\":\"大厅\",\"price\":{}.25,\
             \"tags\":[\"行情\",\"news\",\"btc\"],\"state\":{{\"open\":true,\"count\":{},\"note\":null}},\"text\":\"{text}\"}}",
            number % 9,
            100 + number % 900,
            10 + number % 90,
        ))
    };
    let room = size.saturating_sub(with("").len());
    let mut text: String = WORDS.repeat(room / WORDS.len());
    text.extend(std::iter::repeat_n('.', room - text.len()));
    with(&text)
}

fn book(size: usize, number: usize) -> String {
    let mut random = Random(number as u64 + 1);
    let mut below = |limit: u64| (random.next_unit() * limit as f64) as u64;
    let mut data = format!(
        "{{\"p\":{}.{:02},\"v\":{{\"q\":{},\"s\":\"{}\"}}}}",
        100 + below(900),
        below(100),
        10 + below(90),
        if below(2) == 0 { "bid" } else { "ask" },
    );
    let (mut bids, mut asks) = (String::new(), String::new());
    loop {
        let book = format!("{{\"symbol\":\"BTC-USDT\",\"book\":{{\"bids\":[{bids}],\"asks\":[{asks}]}},\"id\":\"\"}}");
        let Some(room) = size.checked_sub(envelope(&book).len()) else { return envelope(&data) };
        data = book.replace("\"id\":\"\"", &format!("\"id\":\"{:7>room$}\"", ""));
        for side in [&mut bids, &mut asks] {
            let quantity = match below(3) {
                0 => below(1000).to_string(),
                1 => format!("{}.{:03}", below(10), below(1000)),
                _ => format!("{}.{}", below(1000), below(10)),
            };
            let comma = if side.is_empty() { "" } else { "," };
            let _written = write!(side, "{comma}[{}.{:02},{quantity}]", 43_000 + below(1000), below(100));
        }
    }
}

fn envelope(data: &str) -> String {
    format!("{{\"service\":\"{SERVICE}\",\"seq\":1000000000,\"ts\":1700000000000,\"data\":{data}}}")
}

/// Adds one to a number that is written in digits.
fn count_on(digits: &mut [u8]) {
    for digit in digits.iter_mut().rev() {
        if *digit < b'9' {
            *digit += 1;
            return;
        }
        *digit = b'0';
    }
}
