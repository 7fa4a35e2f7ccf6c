//! Where a dial goes and what it takes along: a checked URL, headers, subprotocols, TLS options.
//!
//! Secrets live in here (userinfo, query values, header values), so nothing in here prints itself whole. It does not dial.

mod mask;
mod moved;

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use data_encoding::BASE64;
use tokio_tungstenite::tungstenite::http::{HeaderName, HeaderValue, Uri};

use super::tls::TlsOptions;

/// A place to dial. Whatever is in it is fit for a request.
#[derive(Clone, PartialEq, Eq)]
pub struct Target {
    pub tls: TlsOptions,
    secure: bool,
    host: Host,
    port: u16,
    path: String,
    headers: Vec<(String, String)>,
    subprotocols: Vec<String>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Host {
    Name(String),
    Ip(IpAddr),
}

impl fmt::Display for Host {
    /// As it is written in a URL.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Name(name) => f.write_str(name),
            Self::Ip(IpAddr::V4(ip)) => ip.fmt(f),
            Self::Ip(IpAddr::V6(ip)) => write!(f, "[{ip}]"),
        }
    }
}

/// What is wrong with a URL or a header. Its words never repeat what may be a secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TargetError {
    NoScheme,
    Scheme(String),
    /// A space, a line break or another control character.
    Blank,
    Fragment,
    NoHost,
    HostCharacter(char),
    HostLength,
    International,
    Ipv4,
    Ipv6,
    /// `split`: what follows looks as if the password had been cut in two.
    Port {
        split: bool,
    },
    Path,
    HeaderName,
    HeaderValue(String),
    /// A header that the handshake itself sets.
    HeaderTaken(String),
    Subprotocol,
}

impl fmt::Display for TargetError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoScheme => f.write_str("the URL has no scheme: write ws://HOST/PATH, or wss:// for TLS"),
            Self::Scheme(name) => {
                write!(f, "`{name}://` is no WebSocket scheme: use ws:// or wss:// (http and https do)")
            }
            Self::Blank => f.write_str("a space or control character in the URL: write it as %20 and the like"),
            Self::Fragment => f.write_str("a WebSocket URL has no #fragment: leave it out, or write # as %23"),
            Self::NoHost => f.write_str("the URL names no host: write ws://HOST/PATH"),
            Self::HostCharacter(char) => write!(f, "no host name has the character {char:?}"),
            Self::HostLength => f.write_str("the host name is too long, or has an empty part between two dots"),
            Self::International => f.write_str("the host name is not ASCII: write it in its xn-- form (Punycode)"),
            Self::Ipv4 => f.write_str("the host ends in a number, but is no IPv4 address (four numbers from 0 to 255)"),
            Self::Ipv6 => {
                f.write_str("what stands in brackets is no IPv6 address, such as [::1] (zones are not known here)")
            }
            Self::Port { split: false } => f.write_str("the port is not a number from 1 to 65535"),
            Self::Port { split: true } => f.write_str(
                "the port is not a number from 1 to 65535; in a user name or password, / is written %2F, ? %3F, @ %40",
            ),
            Self::Path => f.write_str("the path has characters that no request can carry: percent-encode them"),
            Self::HeaderName => {
                f.write_str("a header's name may have letters, digits and hyphens only (`Name: value`)")
            }
            Self::HeaderValue(name) => {
                write!(f, "the value of the header {name} has a line break or control character")
            }
            Self::HeaderTaken(name) => write!(f, "the header {name} belongs to the handshake and cannot be set"),
            Self::Subprotocol => f.write_str("a subprotocol is one word without spaces, commas and quotes"),
        }
    }
}

impl std::error::Error for TargetError {}

impl Target {
    /// Reads `ws://` and `wss://` URLs; `http://` and `https://` are read as these.
    pub fn parse(url: &str) -> Result<Self, TargetError> {
        let url = url.trim();
        let (scheme, rest) = url.split_once("://").ok_or(TargetError::NoScheme)?;
        let secure = match scheme.to_ascii_lowercase().as_str() {
            "ws" | "http" => false,
            "wss" | "https" => true,
            word if word.len() <= 16 && !word.is_empty() && word.bytes().all(|b| b.is_ascii_alphanumeric()) => {
                return Err(TargetError::Scheme(word.to_owned()));
            }
            _ => return Err(TargetError::NoScheme),
        };
        if rest.contains(|c: char| c.is_control() || c == ' ') {
            return Err(TargetError::Blank);
        }
        if rest.contains('#') {
            return Err(TargetError::Fragment);
        }
        let (authority, path) = rest.split_at(rest.find(['/', '?', '\\']).unwrap_or(rest.len()));
        let (user, place) = authority.rsplit_once('@').map_or((None, authority), |(user, place)| (Some(user), place));
        let (host, port) = split_port(place)?;
        let port = match port {
            None | Some("") => default_port(secure),
            Some(digits) if digits.bytes().all(|b| b.is_ascii_digit()) => match digits.parse() {
                Ok(port @ 1..) => port,
                Ok(0) | Err(_) => return Err(TargetError::Port { split: false }),
            },
            Some(_) => return Err(TargetError::Port { split: path.contains('@') }),
        };
        let host = read_host(host)?;
        let headers = user.map(|user| ("Authorization".to_owned(), basic(user))).into_iter().collect();
        let path = request_path(path);
        path.parse::<Uri>().map_err(|_| TargetError::Path)?;
        Ok(Self { tls: TlsOptions::default(), secure, host, port, path, headers, subprotocols: Vec::new() })
    }

    /// Adds a header of the request. One that the URL or wirebeat itself would set is replaced by it.
    pub fn with_header(mut self, name: &str, value: &str) -> Result<Self, TargetError> {
        let (name, value) = (name.trim(), value.trim());
        HeaderName::from_bytes(name.as_bytes()).map_err(|_| TargetError::HeaderName)?;
        HeaderValue::from_bytes(value.as_bytes()).map_err(|_| TargetError::HeaderValue(name.to_owned()))?;
        let is = |other: &str| name.eq_ignore_ascii_case(other);
        if is("Sec-WebSocket-Protocol") {
            return value.split(',').try_fold(self, |target, word| target.with_subprotocol(word.trim()));
        }
        if TAKEN.iter().any(|taken| is(taken)) {
            return Err(TargetError::HeaderTaken(name.to_owned()));
        }
        if is("Host") && (value.is_empty() || !value.is_ascii()) {
            return Err(TargetError::HeaderValue(name.to_owned()));
        }
        if is("Authorization") || is("Host") {
            self.headers.retain(|(old, _)| !is(old));
        }
        self.headers.push((name.to_owned(), value.to_owned()));
        Ok(self)
    }

    /// Offers a subprotocol; the first is preferred.
    pub fn with_subprotocol(mut self, name: &str) -> Result<Self, TargetError> {
        let token = |b: u8| b.is_ascii_graphic() && !br#"()<>@,;:\"/[]?={}"#.contains(&b);
        if name.is_empty() || !name.bytes().all(token) {
            return Err(TargetError::Subprotocol);
        }
        if !self.subprotocols.iter().any(|old| old == name) {
            self.subprotocols.push(name.to_owned());
        }
        Ok(self)
    }

    #[must_use]
    pub fn with_tls(mut self, tls: TlsOptions) -> Self {
        self.tls = tls;
        self
    }

    pub fn secure(&self) -> bool {
        self.secure
    }

    pub fn host(&self) -> &Host {
        &self.host
    }

    pub fn port(&self) -> u16 {
        self.port
    }

    /// Path and query, as they go into the request.
    pub fn path(&self) -> &str {
        &self.path
    }

    pub fn headers(&self) -> &[(String, String)] {
        &self.headers
    }

    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(have, _)| have.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }

    pub fn subprotocols(&self) -> &[String] {
        &self.subprotocols
    }

    /// Host and port as in a `Host` header: the port only where it is not the usual one.
    pub fn authority(&self) -> String {
        if self.port == default_port(self.secure) {
            self.host.to_string()
        } else {
            format!("{}:{}", self.host, self.port)
        }
    }

    /// The URL without its secrets.
    pub fn masked(&self) -> String {
        let scheme = if self.secure { "wss" } else { "ws" };
        format!("{scheme}://{}{}", self.authority(), self.masked_path())
    }

    pub(super) fn masked_path(&self) -> String {
        mask::path(&self.path)
    }

    /// A text of the server without our secrets: some repeat the request in their refusals.
    pub(super) fn scrub(&self, text: String) -> String {
        let mut secrets: Vec<String> = mask::secrets_of(&self.path);
        for (name, value) in &self.headers {
            if !OPEN.iter().any(|open| name.eq_ignore_ascii_case(open)) {
                let value = if name.to_ascii_lowercase().ends_with("authorization") {
                    // `Bearer` and `Basic` are no secrets.
                    value.split_once(' ').map_or(value.as_str(), |(_, credentials)| credentials)
                } else {
                    value
                };
                for word in value.split([' ', ';', ',']) {
                    secrets.push(word.to_owned());
                    secrets.extend(word.split_once('=').map(|(_, value)| value.to_owned()));
                    secrets.extend(decoded_password(word));
                }
            }
        }
        secrets.extend(self.subprotocols.iter().filter(|word| mask::looks_random(word)).cloned());
        secrets.retain(|secret| secret.len() >= SHORTEST);
        secrets.sort_unstable_by_key(|secret| std::cmp::Reverse(secret.len()));
        secrets.iter().fold(text, |text, secret| mask::cut_out(text, secret))
    }
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.masked())
    }
}

impl fmt::Debug for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<_> = self.headers.iter().map(|(name, _)| name).collect();
        f.debug_struct("Target")
            .field("url", &self.masked())
            .field("headers", &names)
            .field("tls", &self.tls)
            .finish_non_exhaustive()
    }
}

/// Headers that make the handshake, and the one that would offer what we cannot do.
const TAKEN: [&str; 6] = [
    "Connection",
    "Upgrade",
    "Sec-WebSocket-Key",
    "Sec-WebSocket-Version",
    "Sec-WebSocket-Accept",
    "Sec-WebSocket-Extensions",
];

/// Headers whose values are no secrets.
const OPEN: [&str; 5] = ["Origin", "User-Agent", "Host", "Accept", "Accept-Language"];

/// A secret shorter than this is no secret, and as a word of the language it would be cut out of every sentence.
const SHORTEST: usize = 6;

fn default_port(secure: bool) -> u16 {
    if secure { 443 } else { 80 }
}

fn split_port(place: &str) -> Result<(&str, Option<&str>), TargetError> {
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

fn read_host(host: &str) -> Result<Host, TargetError> {
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

/// Path and query as a browser would send them: the characters that no request may carry are percent-encoded.
fn request_path(given: &str) -> String {
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

fn hex(nibble: u8) -> char {
    char::from_digit(u32::from(nibble), 16).unwrap_or('0').to_ascii_uppercase()
}

/// RFC 7617: user and password, of which the colon may be missing.
fn basic(user: &str) -> String {
    let mut pair = percent_decoded(user);
    if !user.contains(':') {
        pair.push(b':');
    }
    format!("Basic {}", BASE64.encode(&pair))
}

fn decoded_password(word: &str) -> Option<String> {
    let pair = String::from_utf8(BASE64.decode(word.as_bytes()).ok()?).ok()?;
    pair.split_once(':').map(|(_, password)| password.to_owned())
}

fn percent_decoded(text: &str) -> Vec<u8> {
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

#[cfg(test)]
mod tests;
