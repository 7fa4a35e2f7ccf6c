//! The parts of a URL, taken apart and made fit for a request. It keeps nothing.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::ops::Range;

use data_encoding::BASE64;

use super::{Host, TargetError, mask};

/// What no URL has in it, wherever it stands.
pub(super) fn check_written(rest: &str) -> Result<(), TargetError> {
    if rest.contains(|c: char| c.is_control() || c == ' ') {
        return Err(TargetError::Blank);
    }
    if rest.contains('#') {
        return Err(TargetError::Fragment);
    }
    Ok(())
}

/// A port as it is written, or the usual one where there is none.
pub(in crate::net) fn read_port(written: Option<&str>, usual: u16) -> Option<u16> {
    match written {
        None | Some("") => Some(usual),
        Some(digits) if digits.bytes().all(|b| b.is_ascii_digit()) => digits.parse().ok().filter(|port| *port > 0),
        Some(_) => None,
    }
}

/// What follows `ws+unix:`, as the npm package `ws` has it: `///run/app.sock:/path?query`, where everything from the
/// colon on may be missing. A colon or a space within the socket's path is percent-encoded.
pub(super) fn read_socket(rest: &str) -> Result<(String, &str), TargetError> {
    check_written(rest)?;
    let rest = rest.strip_prefix("//").unwrap_or(rest);
    let end = rest.find([':', '?']).unwrap_or(rest.len());
    let (socket, path) = rest.split_at(end);
    let socket = String::from_utf8(percent_decoded(socket)).map_err(|_| TargetError::Socket)?;
    let fits = socket.len() > 1 && socket.len() < LONGEST_SOCKET && !socket.chars().any(char::is_control);
    if !socket.starts_with('/') || !fits {
        return Err(TargetError::Socket);
    }
    Ok((socket, path.strip_prefix(':').unwrap_or(path)))
}

/// Bytes of the path of a Unix socket on Linux; fewer elsewhere.
const LONGEST_SOCKET: usize = 108;

pub(super) fn default_port(secure: bool) -> u16 {
    if secure { 443 } else { 80 }
}

pub(in crate::net) fn split_port(place: &str) -> Result<(&str, Option<&str>), TargetError> {
    if place.starts_with('[') {
        let end = place.find(']').ok_or(TargetError::Ipv6)?;
        let (host, rest) = place.split_at(end + 1);
        return match rest.strip_prefix(':') {
            Some(port) => Ok((host, Some(port))),
            None if rest.is_empty() => Ok((host, None)),
            None => Err(TargetError::Ipv6),
        };
    }
    match place.split_once(':') {
        // More than one colon: an IPv6 address that wants its brackets.
        Some((_, port)) if port.contains(':') && place.parse::<Ipv6Addr>().is_ok() => Err(TargetError::Ipv6),
        Some((host, port)) => Ok((host, Some(port))),
        None => Ok((place, None)),
    }
}

pub(in crate::net) fn read_host(host: &str) -> Result<Host, TargetError> {
    if let Some(inner) = host.strip_prefix('[') {
        let ip = inner.strip_suffix(']').and_then(|inner| inner.parse().ok()).ok_or(TargetError::Ipv6)?;
        return Ok(Host::Ip(IpAddr::V6(ip)));
    }
    if host.is_empty() {
        return Err(TargetError::NoHost);
    }
    if !host.is_ascii() {
        return Err(TargetError::International);
    }
    if let Some(odd) = host.chars().find(|c| !c.is_ascii_alphanumeric() && !matches!(c, '-' | '.' | '_')) {
        return Err(TargetError::HostCharacter(odd));
    }
    let labels = || host.strip_suffix('.').unwrap_or(host).split('.');
    if labels().next_back().is_some_and(|last| last.bytes().all(|b| b.is_ascii_digit()) && !last.is_empty()) {
        return host.parse::<Ipv4Addr>().map(|ip| Host::Ip(IpAddr::V4(ip))).map_err(|_| TargetError::Ipv4);
    }
    if host.len() > 253 || labels().any(|label| label.is_empty() || label.len() > 63) {
        return Err(TargetError::HostLength);
    }
    Ok(Host::Name(host.to_ascii_lowercase()))
}

/// What follows `from` in `url`, with `***` for its secrets, and these.
pub(super) fn without(url: &str, from: usize, secrets: &[Range<usize>]) -> (String, Vec<String>) {
    let (mut shown, mut put, mut done) = (String::new(), Vec::new(), from);
    for range in secrets {
        let Some(secret) = url.get(range.start.max(done)..range.end).filter(|secret| !secret.is_empty()) else {
            continue;
        };
        shown.push_str(url.get(done..range.start.max(done)).unwrap_or_default());
        shown.push_str(mask::MASK);
        put.extend([secret.to_owned(), request_path(secret).trim_start_matches('/').to_owned()]);
        put.extend(String::from_utf8(percent_decoded(secret)));
        done = range.end;
    }
    shown.push_str(url.get(done..).unwrap_or_default());
    (shown, put)
}

/// Path and query as a browser would send them: the characters that no request may carry are percent-encoded.
pub(super) fn request_path(given: &str) -> String {
    let mut path = String::with_capacity(given.len() + 1);
    if !given.starts_with(['/', '\\']) {
        path.push('/');
    }
    let mut query = false;
    for byte in given.bytes() {
        query |= byte == b'?';
        match byte {
            b'\\' if !query => path.push('/'),
            b'"' | b'<' | b'>' | b'`' | b'^' | b'{' | b'}' | b'|' | b'\\' | 0x7F.. => {
                path.push('%');
                path.push(hex(byte >> 4));
                path.push(hex(byte & 15));
            }
            _ => path.push(char::from(byte)),
        }
    }
    path
}

pub(super) fn hex(nibble: u8) -> char {
    char::from_digit(u32::from(nibble), 16).unwrap_or('0').to_ascii_uppercase()
}

/// RFC 7617: user and password, of which the colon may be missing.
pub(in crate::net) fn basic(user: &str) -> String {
    let mut pair = percent_decoded(user);
    if !user.contains(':') {
        pair.push(b':');
    }
    format!("Basic {}", BASE64.encode(&pair))
}

pub(super) fn decoded_password(word: &str) -> Option<String> {
    let pair = String::from_utf8(BASE64.decode(word.as_bytes()).ok()?).ok()?;
    pair.split_once(':').map(|(_, password)| password.to_owned())
}

pub(in crate::net) fn percent_decoded(text: &str) -> Vec<u8> {
    let digit = |byte: Option<&u8>| byte.and_then(|b| char::from(*b).to_digit(16)).and_then(|d| u8::try_from(d).ok());
    let bytes = text.as_bytes();
    let mut out = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while let Some(&byte) = bytes.get(at) {
        if let (b'%', Some(high), Some(low)) = (byte, digit(bytes.get(at + 1)), digit(bytes.get(at + 2))) {
            out.push(high << 4 | low);
            at += 3;
        } else {
            out.push(byte);
            at += 1;
        }
    }
    out
}
