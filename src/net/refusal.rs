//! The answer of a server that says no to the upgrade: its status, its words, when to come again, and what may help.
//!
//! It judges nothing: whether a status is final is the session's decision.

use std::time::Duration;

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::fmt::rfc2822;
use jiff::tz::TimeZone;
use tokio::io::{AsyncRead, AsyncReadExt as _};
use tokio::time::timeout_at;

use super::target::Target;
use super::upgrade::{Head, cut};
use crate::event::Why;
use crate::time::Clock;

/// As much of a body as is read.
const EXCERPT: usize = 512;
/// A server that announces a body and sends none costs no more than this.
const PATIENCE: Duration = Duration::from_millis(500);
const LONGEST_RETRY: Duration = Duration::from_hours(24);

pub(super) async fn read<S: AsyncRead + Unpin>(io: &mut S, mut head: Head, target: &Target, clock: &Clock) -> Why {
    let mut body = std::mem::take(&mut head.rest);
    let deadline = clock.instant(clock.now() + PATIENCE);
    let wanted = wanted(&head);
    while body.len() < wanted {
        // What was read is kept when the time is up or the server hangs up.
        match timeout_at(deadline, io.read_buf(&mut body)).await {
            Ok(Ok(1..)) => {}
            Ok(Ok(0) | Err(_)) | Err(_) => break,
        }
    }
    body.truncate(wanted);
    let now = clock.now().on_wall(clock.anchor());
    let body = target.scrub(body_text(&head, &body));
    let text = match hint(&head, &body, target) {
        Some(hint) if body.is_empty() => hint,
        Some(hint) => format!("{hint}; the server says: {body}"),
        None if body.is_empty() => target.scrub(head.reason.clone()),
        None => body,
    };
    Why::Http { status: head.status, text, retry_after: retry_after(&head, now) }
}

/// How many bytes of the body are worth waiting for.
fn wanted(head: &Head) -> usize {
    if matches!(head.status, 204 | 304) {
        return 0;
    }
    if is_chunked(head) {
        // Room for the sizes between the chunks.
        return EXCERPT * 2;
    }
    let length = head.value("Content-Length").and_then(|value| value.parse::<usize>().ok());
    length.map_or(EXCERPT, |length| length.min(EXCERPT))
}

fn is_chunked(head: &Head) -> bool {
    head.list("Transfer-Encoding").any(|word| word.eq_ignore_ascii_case("chunked"))
}

fn body_text(head: &Head, body: &[u8]) -> String {
    if let Some(coding) = head.list("Content-Encoding").find(|word| !word.eq_ignore_ascii_case("identity")) {
        return format!("(a body in {})", cut(coding));
    }
    let mut bytes = if is_chunked(head) { unchunked(body) } else { body.to_vec() };
    let whole = bytes.len() < EXCERPT;
    bytes.truncate(EXCERPT);
    let text = String::from_utf8_lossy(&bytes);
    // The cut may go through a character.
    let text = if whole { &text } else { text.trim_end_matches('\u{FFFD}') };
    text.trim().to_owned()
}

/// The data of as many chunks as there are (RFC 9112, section 7.1).
fn unchunked(mut bytes: &[u8]) -> Vec<u8> {
    let mut data = Vec::new();
    while let Ok(httparse::Status::Complete((start, size @ 1..))) = httparse::parse_chunk_size(bytes) {
        let chunk = bytes.get(start..).unwrap_or_default();
        let size = usize::try_from(size).unwrap_or(usize::MAX).min(chunk.len());
        data.extend(chunk.iter().take(size));
        bytes = chunk.get(size..).unwrap_or_default();
        bytes = bytes.strip_prefix(b"\r\n").unwrap_or(bytes);
    }
    data
}

/// What this answer usually means, where it is known.
fn hint(head: &Head, body: &str, target: &Target) -> Option<String> {
    let says = |part: &str| body.contains(part);
    if !target.secure() && (says("HTTPS port") || says("HTTPS server") || says("https scheme")) {
        return Some("the server speaks TLS on this port: try wss://".to_owned());
    }
    if says("Welcome to SockJS") {
        return Some("a SockJS endpoint: add /websocket to the path".to_owned());
    }
    if says("Transport unknown") || says("Unsupported protocol version") {
        let path = if target.path().starts_with("/socket.io/") { "" } else { ", and its path is mostly /socket.io/" };
        return Some(format!("a Socket.IO endpoint: its query is ?EIO=4&transport=websocket{path}"));
    }
    if says("Connection ID required") {
        return Some(
            "a SignalR hub that wants a negotiation first: POST to its path + /negotiate, and add ?id=".to_owned(),
        );
    }
    if head.value("cf-mitigated").is_some_and(|value| value.eq_ignore_ascii_case("challenge")) {
        return Some("Cloudflare wants to see a browser first".to_owned());
    }
    let versions = || head.list("Sec-WebSocket-Version").collect::<Vec<_>>();
    match head.status {
        400 | 426 if !versions().is_empty() && !versions().contains(&"13") => {
            Some(format!("the server speaks WebSocket version {}, not 13", cut(&versions().join(", "))))
        }
        426 => match head.list("Upgrade").find(|word| !word.eq_ignore_ascii_case("websocket")) {
            Some(other) => Some(format!("the server wants to speak {}", cut(other))),
            None => Some("the server wants an upgrade and did not see ours: a proxy in between may cut it".to_owned()),
        },
        200..300 => Some("a plain page, no WebSocket: is the path right?".to_owned()),
        401 => head
            .value("WWW-Authenticate")
            .and_then(|value| value.split_whitespace().next())
            .map(|scheme| format!("the server wants to know who we are ({}): try -H 'Authorization: …'", cut(scheme))),
        403 if target.header("Origin").is_none() => {
            Some("some servers want to see an Origin: try -H 'Origin: https://…'".to_owned())
        }
        404 => Some("nothing at this path".to_owned()),
        _ => None,
    }
}

/// `Retry-After` in seconds or as a date (RFC 9110, section 10.2.3). A date counts from the server's own, where it
/// gives one, so that clocks need not agree.
fn retry_after(head: &Head, now: i64) -> Option<Duration> {
    let value = head.value("Retry-After")?.trim();
    if let Some(seconds) = seconds(value) {
        return Some(seconds);
    }
    let at = http_date(value)?;
    let theirs = head.value("Date").and_then(http_date);
    let from = theirs.map_or(i128::from(now), Timestamp::as_nanosecond);
    let nanos = u64::try_from((at.as_nanosecond() - from).max(0)).unwrap_or(u64::MAX);
    Some(Duration::from_nanos(nanos).min(LONGEST_RETRY))
}

/// Seconds; a sign and decimals, which are against the rules, are understood. Less than nothing is nothing, and too many
/// digits for a number are a long time.
fn seconds(value: &str) -> Option<Duration> {
    let digits = value.strip_prefix(['-', '+']).unwrap_or(value);
    let number = |b: u8| b.is_ascii_digit() || b == b'.';
    if !digits.starts_with(|letter: char| letter.is_ascii_digit()) || !digits.bytes().all(number) {
        return None;
    }
    let seconds: f64 = value.parse().ok()?;
    Some(Duration::try_from_secs_f64(seconds.max(0.0)).unwrap_or(LONGEST_RETRY).min(LONGEST_RETRY))
}

/// The form of today and the two of old (RFC 9110, section 5.6.7).
fn http_date(text: &str) -> Option<Timestamp> {
    if let Ok(at) = rfc2822::DateTimeParser::new().parse_timestamp(text) {
        return Some(at);
    }
    let old = ["%A, %d-%b-%y %H:%M:%S GMT", "%a %b %e %H:%M:%S %Y"];
    let at = old.iter().find_map(|form| DateTime::strptime(form, text).ok())?;
    TimeZone::UTC.to_timestamp(at).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_read_in_all_three_forms() {
        let want = Timestamp::from_second(784_111_777).unwrap();
        for text in ["Sun, 06 Nov 1994 08:49:37 GMT", "Sunday, 06-Nov-94 08:49:37 GMT", "Sun Nov  6 08:49:37 1994"] {
            assert_eq!(http_date(text), Some(want), "{text}");
        }
        for text in ["", "soon", "-5", "1.5", "06 Nov", "Sun, 99 Nov 1994 08:49:37 GMT"] {
            assert_eq!(http_date(text), None, "{text}");
        }
    }

    #[test]
    fn seconds_are_read_whatever_the_server_makes_of_them() {
        let read = |text| seconds(text).map(|wait| wait.as_secs_f64());
        assert_eq!(read("30"), Some(30.0));
        assert_eq!(read("0.25"), Some(0.25));
        assert_eq!(read("-5"), Some(0.0));
        assert_eq!(read("0"), Some(0.0));
        for long in ["1000000000", "99999999999999999999999999", &"9".repeat(400)] {
            assert_eq!(seconds(long), Some(LONGEST_RETRY), "{long}");
        }
        for text in ["", "-", "soon", "1e9", "5s", "1.2.3", "inf", "NaN", ".5"] {
            assert_eq!(seconds(text), None, "{text}");
        }
    }

    #[test]
    fn chunks_are_put_together_as_far_as_they_go() {
        assert_eq!(unchunked(b"5\r\nhello\r\n6;x=y\r\n world\r\n0\r\n\r\n"), b"hello world");
        assert_eq!(unchunked(b"ff\r\nhello"), b"hello");
        assert_eq!(unchunked(b"ffffffffffffffff\r\nhello"), b"hello");
        assert_eq!(unchunked(b"nonsense"), b"");
        assert_eq!(unchunked(b""), b"");
    }
}
