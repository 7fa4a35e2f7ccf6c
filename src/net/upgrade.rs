//! The opening handshake (RFC 6455, section 4.1): the request made by tungstenite, the answer read by us.
//!
//! Lenient where the RFC is, strict where it is, and each fault has its words. What a server that says no has to say is
//! read in `refusal`.

use std::time::Duration;

use httparse::{EMPTY_HEADER, ParserConfig, Response, Status};
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio_tungstenite::tungstenite::client::IntoClientRequest as _;
use tokio_tungstenite::tungstenite::handshake::client::generate_request;
use tokio_tungstenite::tungstenite::handshake::derive_accept_key;
use tokio_tungstenite::tungstenite::http::{HeaderName, HeaderValue};

use super::dial::{io_why, within};
use super::extensions::{self, Deflate};
use super::refusal;
use super::target::{Moved, Target};
use crate::event::{DialPhase, Why};
use crate::time::Clock;

/// What the server agreed to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Upgraded {
    /// What was read beyond the answer: the first bytes of frames.
    pub leftover: Vec<u8>,
    pub subprotocol: Option<String>,
    pub deflate: Option<Deflate>,
}

/// What the server made of our request, where it is no refusal.
pub(super) enum Answer {
    Open(Upgraded),
    Moved(Moved),
}

/// Asks the server for a WebSocket. `limit` is for its answer; the body of a refusal has a short limit of its own.
pub async fn upgrade<S: AsyncRead + AsyncWrite + Unpin>(
    io: &mut S,
    target: &Target,
    address: &str,
    clock: &Clock,
    limit: Duration,
) -> Result<Upgraded, Why> {
    match ask(io, target, address, clock, limit).await? {
        Answer::Open(upgraded) => Ok(upgraded),
        Answer::Moved(Moved { status, .. }) => {
            Err(Why::Http { status, text: "the server redirects".to_owned(), retry_after: None })
        }
    }
}

/// The same for someone who follows a redirect.
pub(super) async fn ask<S: AsyncRead + AsyncWrite + Unpin>(
    io: &mut S,
    target: &Target,
    address: &str,
    clock: &Clock,
    limit: Duration,
) -> Result<Answer, Why> {
    let fault = |text| Why::Handshake { text: target.scrub(text) };
    let (request, key) = request(target).map_err(fault)?;
    let step = async {
        let asked = async {
            io.write_all(&request).await?;
            io.flush().await
        };
        asked.await.map_err(|error| io_why(&error, address))?;
        read_head(io, target, address).await
    };
    let head = within(clock, limit, DialPhase::Upgrade, address, step).await?;
    if let (true, Some(location)) = (Moved::is(head.status), head.value("Location")) {
        let cookies = head.values("Set-Cookie").map(str::to_owned).collect();
        return Ok(Answer::Moved(Moved { status: head.status, location: location.to_owned(), cookies }));
    }
    if head.status != 101 {
        return Err(refusal::read(io, head, target, clock).await);
    }
    let subprotocol = check(&head, &derive_accept_key(key.as_bytes()), target).map_err(fault)?;
    let show = |value: &str| cut(&target.scrub(value.to_owned()));
    let offered = !target.withholds(extensions::HEADER);
    let deflate = extensions::agreed(head.values(extensions::HEADER), offered, show).map_err(fault)?;
    Ok(Answer::Open(Upgraded { leftover: head.rest, subprotocol, deflate }))
}

/// The bytes of the request, and its key.
fn request(target: &Target) -> Result<(Vec<u8>, String), String> {
    let broken = |error: &dyn std::fmt::Display| format!("the request cannot be made: {error}");
    let scheme = if target.secure() { "wss" } else { "ws" };
    let url = format!("{scheme}://{}{}", target.http_host(), target.path());
    // The error of a URL may show the URL.
    let mut request = url.into_client_request().map_err(|_| broken(&"the URL is not fit for one"))?;
    let headers = request.headers_mut();
    if target.header("User-Agent").is_none() && !target.withholds("User-Agent") {
        headers.insert("User-Agent", HeaderValue::from_static(concat!("wirebeat/", env!("CARGO_PKG_VERSION"))));
    }
    for (name, value) in target.headers() {
        let key = HeaderName::from_bytes(name.as_bytes()).map_err(|error| broken(&error))?;
        let value = HeaderValue::from_bytes(value.as_bytes()).map_err(|error| broken(&error))?;
        if name.eq_ignore_ascii_case("Host") {
            headers.insert(key, value);
        } else {
            headers.append(key, value);
        }
    }
    if !target.withholds(extensions::HEADER) {
        headers.insert(extensions::HEADER, HeaderValue::from_static(extensions::OFFER));
    }
    if !target.subprotocols().is_empty() {
        let offer = target.subprotocols().join(", ");
        headers.insert("Sec-WebSocket-Protocol", HeaderValue::from_str(&offer).map_err(|error| broken(&error))?);
    }
    // A value may be in this error.
    generate_request(request).map_err(|_| broken(&"a header is not fit for one"))
}

/// The head of an answer, and what was read beyond it.
pub(super) struct Head {
    pub(super) status: u16,
    pub(super) reason: String,
    /// The minor version of HTTP/1.
    version: u8,
    pub(super) headers: Vec<(String, String)>,
    pub(super) rest: Vec<u8>,
}

impl Head {
    pub(super) fn values(&self, name: &str) -> impl Iterator<Item = &str> {
        self.headers.iter().filter(move |(have, _)| have.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }

    pub(super) fn value(&self, name: &str) -> Option<&str> {
        self.values(name).next()
    }

    /// The members of a list that may be spread over several headers.
    pub(super) fn list(&self, name: &str) -> impl Iterator<Item = &str> {
        self.values(name).flat_map(|value| value.split(',')).map(str::trim).filter(|word| !word.is_empty())
    }
}

const HEAD_LIMIT: usize = 64 * 1024;
const HEADER_LIMIT: usize = 128;

/// Reads until the head is whole. Answers that are under way (1xx) are passed over.
async fn read_head<S: AsyncRead + Unpin>(io: &mut S, target: &Target, address: &str) -> Result<Head, Why> {
    let fault = |text: String| Why::Handshake { text: target.scrub(text) };
    let mut bytes = Vec::new();
    let mut searched = 0;
    let mut spent = 0;
    loop {
        if let Some(text) = not_http(&bytes, false, target) {
            return Err(fault(text));
        }
        let end = end_of_head(&bytes, searched);
        if spent + end.unwrap_or(bytes.len()) > HEAD_LIMIT {
            return Err(fault("the head of the server's answer is longer than 64 KiB".to_owned()));
        }
        if let Some(end) = end {
            let rest = bytes.split_off(end);
            without_controls(&mut bytes);
            let head = parse(&bytes, rest, target).map_err(fault)?;
            if !(100..200).contains(&head.status) || head.status == 101 {
                return Ok(head);
            }
            spent += bytes.len();
            (bytes, searched) = (head.rest, 0);
            continue;
        }
        // A line break and the empty line behind it may come in parts.
        searched = bytes.len().saturating_sub(3);
        bytes.reserve(4096);
        match io.read_buf(&mut bytes).await {
            Ok(0) => return Err(fault(hung_up(&bytes, target))),
            Ok(_) => {}
            Err(error) => {
                let why = io_why(&error, address);
                return Err(if why == Why::Eof { fault(hung_up(&bytes, target)) } else { why });
            }
        }
    }
}

/// Where the empty line that ends the head is over. Line breaks without a carriage return are let pass, as by curl.
fn end_of_head(bytes: &[u8], from: usize) -> Option<usize> {
    let breaks = bytes.iter().enumerate().skip(from).filter(|(_, byte)| **byte == b'\n');
    for (at, _) in breaks {
        match bytes.get(at + 1..).unwrap_or_default() {
            [b'\n', ..] => return Some(at + 2),
            [b'\r', b'\n', ..] => return Some(at + 3),
            _ => {}
        }
    }
    None
}

/// Control characters in a head are no reason to throw the answer away (RFC 9110, section 5.5).
fn without_controls(head: &mut [u8]) {
    for byte in head {
        if byte.is_ascii_control() && !matches!(byte, b'\r' | b'\n' | b'\t') {
            *byte = b' ';
        }
    }
}

fn parse(bytes: &[u8], rest: Vec<u8>, target: &Target) -> Result<Head, String> {
    let mut headers = [EMPTY_HEADER; HEADER_LIMIT];
    let mut response = Response::new(&mut headers);
    let mut config = ParserConfig::default();
    config.allow_spaces_after_header_name_in_responses(true);
    config.allow_obsolete_multiline_headers_in_responses(true);
    match config.parse_response(&mut response, bytes) {
        Ok(Status::Complete(_)) => {}
        Ok(Status::Partial) => return Err("the server's answer is no whole HTTP head".to_owned()),
        Err(httparse::Error::TooManyHeaders) => return Err("the server's answer has more than 128 headers".to_owned()),
        Err(httparse::Error::Version) => {
            return Err(format!("the server answers in another version than HTTP/1: `{}`", excerpt(bytes, target)));
        }
        Err(error) => return Err(format!("the server's answer is no valid HTTP: {error}")),
    }
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).trim().to_owned();
    Ok(Head {
        status: response.code.unwrap_or_default(),
        reason: response.reason.unwrap_or_default().to_owned(),
        version: response.version.unwrap_or_default(),
        headers: response.headers.iter().map(|header| (header.name.to_owned(), text(header.value))).collect(),
        rest,
    })
}

/// RFC 6455, section 4.1, on the server's answer; gives the subprotocol.
fn check(head: &Head, accept: &str, target: &Target) -> Result<Option<String>, String> {
    let show = |value: &str| cut(&target.scrub(value.to_owned()));
    if head.version == 0 {
        return Err("the server agrees in HTTP/1.0, which has no upgrade: is a proxy in between?".to_owned());
    }
    let mut upgrades = head.list("Upgrade").peekable();
    if upgrades.peek().is_none() {
        return Err("the server's 101 has no `Upgrade: websocket`".to_owned());
    }
    if let Some(other) = upgrades.find(|word| !word.eq_ignore_ascii_case("websocket")) {
        return Err(format!("the server upgrades to `{}`, not to websocket", show(other)));
    }
    if !head.list("Connection").any(|word| word.eq_ignore_ascii_case("upgrade")) {
        return Err(match head.value("Connection") {
            Some(value) => format!("the server's 101 says `Connection: {}` without `Upgrade`", show(value)),
            None => "the server's 101 has no `Connection: Upgrade`: a proxy in between may have cut it".to_owned(),
        });
    }
    let mut accepts = head.values("Sec-WebSocket-Accept");
    match (accepts.next(), accepts.next()) {
        (Some(given), None) if given == accept => {}
        (Some(_), None) => {
            return Err("the server's Sec-WebSocket-Accept does not answer our key: \
                an answer from a cache, or a server that is no WebSocket's"
                .to_owned());
        }
        (Some(_), Some(_)) => return Err("the server's 101 has more than one Sec-WebSocket-Accept".to_owned()),
        (None, _) => return Err("the server's 101 has no Sec-WebSocket-Accept".to_owned()),
    }
    let mut chosen = head.list("Sec-WebSocket-Protocol");
    match (chosen.next(), chosen.next()) {
        (None, _) => Ok(None),
        (Some(_), Some(_)) => Err("the server chose more than one subprotocol".to_owned()),
        (Some(one), None) if target.subprotocols().iter().any(|offer| offer == one) => Ok(Some(one.to_owned())),
        (Some(one), None) if target.subprotocols().is_empty() => Err(format!(
            "the server chose the subprotocol `{0}`, and none was offered: try --subprotocol {0}",
            show(one)
        )),
        (Some(one), None) => Err(format!("the server chose the subprotocol `{}`, which was not offered", show(one))),
    }
}

/// Enough of a first packet to know who speaks.
const ENOUGH: usize = 4;

/// Greetings of those who are often found behind a wrong port.
const GREETINGS: [(&[u8], &str); 8] = [
    (b"SSH-", "an SSH server answers on this port"),
    (b"GET ", "an echo server answers on this port: it sends back what it gets"),
    (b"RFB ", "a VNC server answers on this port"),
    (b"220", "a mail or FTP server answers on this port"),
    (b"-ERR", "a Redis or POP3 server answers on this port"),
    (b"+OK", "a POP3 server answers on this port"),
    (b"* OK", "an IMAP server answers on this port"),
    (b"INFO", "a NATS server answers on this port: its WebSocket has another"),
];

/// What speaks there, if it is not HTTP; nothing while it still may be. `all`: nothing more will come.
fn not_http(bytes: &[u8], all: bool, target: &Target) -> Option<String> {
    const HTTP: &[u8] = b"HTTP/";
    if bytes.is_empty() || bytes.iter().zip(HTTP).all(|(byte, want)| byte == want) || (bytes.len() < ENOUGH && !all) {
        return None;
    }
    Some(match bytes {
        [0x15 | 0x16, 3, ..] if target.secure() => "the server speaks TLS inside of TLS".to_owned(),
        [0x15 | 0x16, 3, ..] => "the server speaks TLS on this port: try wss://".to_owned(),
        [0, _, _, 4 | 7, ..] => "the server speaks HTTP/2 only on this port, and WebSocket needs HTTP/1.1".to_owned(),
        _ => match GREETINGS.iter().find(|(start, _)| bytes.starts_with(start)) {
            Some((_, words)) => (*words).to_owned(),
            None => {
                format!("the server does not speak HTTP on this port: its answer begins `{}`", excerpt(bytes, target))
            }
        },
    })
}

fn hung_up(bytes: &[u8], target: &Target) -> String {
    if let Some(text) = not_http(bytes, true, target) {
        return text;
    }
    if !bytes.is_empty() {
        return "the server hung up in the middle of its answer".to_owned();
    }
    let tls = if target.secure() { "" } else { " (a port that wants TLS may do so: try wss://)" };
    format!("the server hung up without an answer{tls}")
}

/// The first line, or as much as a sentence bears of it.
fn excerpt(bytes: &[u8], target: &Target) -> String {
    let line = bytes.split(|byte| matches!(byte, b'\r' | b'\n')).next().unwrap_or_default();
    // Hidden before it is cut: what is left of a secret would not be known for one.
    cut(&target.scrub(String::from_utf8_lossy(line).into_owned()))
}

pub(super) fn cut(text: &str) -> String {
    const LENGTH: usize = 80;
    match text.char_indices().nth(LENGTH) {
        Some((at, _)) => format!("{}…", text.get(..at).unwrap_or_default()),
        None => text.to_owned(),
    }
}
