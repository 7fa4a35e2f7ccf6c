//! The server's side of the opening handshake (RFC 6455, section 4.2): the head of a request read, and answers written.
//! It opens no frames, and does not know who may come in.

use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::handshake::derive_accept_key;

/// A head that is longer or slower is not waited for.
const HEAD: usize = 16 << 10;
const PATIENCE: Duration = Duration::from_secs(10);

/// A request, as its head says.
#[derive(Clone, PartialEq, Eq)]
pub struct Request {
    /// Path and query, as they came.
    pub target: String,
    pub headers: Vec<(String, String)>,
    /// There if it asks for a WebSocket as it should.
    pub key: Option<String>,
    /// Else, what it lacks.
    pub wrong: &'static str,
    /// What came behind the head.
    pub rest: Vec<u8>,
}

/// Why there is no request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoRequest {
    /// Nothing came at all.
    Nothing,
    /// What came is no HTTP.
    Garbled,
    Late,
}

impl Request {
    pub fn path(&self) -> &str {
        self.target.split(['?', '#']).next().unwrap_or("/")
    }
}

/// Reads the head of a request.
pub async fn read<S: AsyncRead + Unpin>(stream: &mut S) -> Result<Request, NoRequest> {
    let mut head = Vec::with_capacity(1024);
    let read = async {
        loop {
            if head.len() >= HEAD || !stream.read_buf(&mut head).await.is_ok_and(|count| count > 0) {
                return None;
            }
            match parse(&head) {
                Ok(Some(request)) => return Some(request),
                Ok(None) => {}
                Err(_) => return None,
            }
        }
    };
    match timeout(PATIENCE, read).await {
        Ok(Some(request)) => Ok(request),
        Ok(None) if head.is_empty() => Err(NoRequest::Nothing),
        Ok(None) => Err(NoRequest::Garbled),
        Err(_) => Err(NoRequest::Late),
    }
}

fn parse(head: &[u8]) -> Result<Option<Request>, httparse::Error> {
    let mut headers = [httparse::EMPTY_HEADER; 64];
    let mut request = httparse::Request::new(&mut headers);
    let httparse::Status::Complete(end) = request.parse(head)? else { return Ok(None) };
    let text = |value: &[u8]| String::from_utf8_lossy(value).trim().to_owned();
    let headers: Vec<_> = request.headers.iter().map(|header| (header.name.to_owned(), text(header.value))).collect();
    let values = |name: &str| {
        let named: Vec<&str> = headers
            .iter()
            .filter(|(have, _)| have.eq_ignore_ascii_case(name))
            .map(|(_, value)| value.as_str())
            .collect();
        named
    };
    let has = |name: &str, token: &str| {
        values(name).iter().any(|list| list.split(',').any(|one| one.trim().eq_ignore_ascii_case(token)))
    };
    let key = values("Sec-WebSocket-Key").first().filter(|key| key.len() == 24).map(|key| (*key).to_owned());
    let wrong = if request.method != Some("GET") {
        "a WebSocket begins with GET"
    } else if !has("Upgrade", "websocket") || !has("Connection", "upgrade") {
        "here is a WebSocket, and the request does not ask for one"
    } else if values("Sec-WebSocket-Version").first() != Some(&"13") {
        "only version 13 of the protocol is spoken here"
    } else if key.is_none() {
        "the request has no Sec-WebSocket-Key of 24 characters"
    } else {
        ""
    };
    Ok(Some(Request {
        target: request.path.unwrap_or("/").to_owned(),
        key: key.filter(|_| wrong.is_empty()),
        wrong,
        rest: head.get(end..).unwrap_or_default().to_vec(),
        headers,
    }))
}

/// The head that lets a client in.
pub fn welcome(key: &str, subprotocol: Option<&str>) -> String {
    let accept = derive_accept_key(key.as_bytes());
    let chosen = subprotocol.map(|chosen| format!("Sec-WebSocket-Protocol: {chosen}\r\n")).unwrap_or_default();
    format!(
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
         Sec-WebSocket-Accept: {accept}\r\n{chosen}\r\n"
    )
}

/// A whole answer with a text.
pub fn answer(status: u16, reason: Option<&str>, extra: &[String], body: &str) -> String {
    let mut text = format!("HTTP/1.1 {status} {}\r\n", reason.unwrap_or_else(|| phrase(status)));
    let has = |name: &str| extra.iter().any(|line| line.to_ascii_lowercase().starts_with(name));
    for line in extra {
        text.push_str(line);
        text.push_str("\r\n");
    }
    if !has("connection:") {
        text.push_str("Connection: close\r\n");
    }
    if !has("content-type:") {
        text.push_str("Content-Type: text/plain; charset=utf-8\r\n");
    }
    text.push_str("Content-Length: ");
    text.push_str(&body.len().to_string());
    text.push_str("\r\n\r\n");
    text.push_str(body);
    text
}

/// Writes an answer, as far as its reader takes it in time.
pub async fn send<S: AsyncWrite + Unpin>(stream: &mut S, text: &str) -> bool {
    let written = async {
        stream.write_all(text.as_bytes()).await?;
        stream.flush().await
    };
    timeout(PATIENCE, written).await.is_ok_and(|sent| sent.is_ok())
}

fn phrase(status: u16) -> &'static str {
    match status {
        400 => "Bad Request",
        401 => "Unauthorized",
        403 => "Forbidden",
        404 => "Not Found",
        408 => "Request Timeout",
        426 => "Upgrade Required",
        429 => "Too Many Requests",
        500 => "Internal Server Error",
        502 => "Bad Gateway",
        503 => "Service Unavailable",
        504 => "Gateway Timeout",
        _ => "Refused",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: &str = "GET /market?x=1 HTTP/1.1\r\nHost: a\r\nconnection: keep-alive, Upgrade\r\nUPGRADE: WebSocket\r\n\
        Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";

    #[test]
    fn a_head_is_read_at_any_length() {
        for end in 0..GOOD.len() {
            assert!(parse(&GOOD.as_bytes()[..end]).unwrap().is_none(), "{end}");
        }
        let request = parse(format!("{GOOD}abc").as_bytes()).unwrap().unwrap();
        assert_eq!((request.target.as_str(), request.path()), ("/market?x=1", "/market"));
        assert_eq!(request.key.as_deref(), Some("dGhlIHNhbXBsZSBub25jZQ=="));
        assert_eq!(request.rest, b"abc");
        assert_eq!(request.headers.len(), 5);
    }

    #[test]
    fn what_a_request_lacks_is_named() {
        let wrong = |from: &str, to: &str| parse(GOOD.replace(from, to).as_bytes()).unwrap().unwrap();
        assert!(wrong("GET", "POST").wrong.contains("GET"));
        assert!(wrong("WebSocket\r", "h2c\r").wrong.contains("does not ask"));
        assert!(wrong(": 13", ": 8").wrong.contains("version 13"));
        assert!(wrong("Key: dGhl", "Key: d").wrong.contains("Sec-WebSocket-Key"));
        assert!(wrong("GET", "POST").key.is_none());
        assert!(parse(b"\x16\x03\x01\x02\x00\x01").is_err(), "TLS on a plain port");
    }

    #[test]
    fn an_answer_says_its_length() {
        let text = answer(429, None, &["Retry-After: 3".to_owned()], "谁");
        assert!(
            text.starts_with("HTTP/1.1 429 Too Many Requests\r\nRetry-After: 3\r\n")
                && text.ends_with("Content-Length: 3\r\n\r\n谁")
        );
        assert!(
            welcome("dGhlIHNhbXBsZSBub25jZQ==", Some("x"))
                .contains("s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\nSec-WebSocket-Protocol: x\r\n\r\n")
        );
    }
}
