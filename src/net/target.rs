//! Where a dial goes and what it takes along: a checked URL, headers, subprotocols, TLS options.
//!
//! Secrets live in here (userinfo, query values, header values), so nothing in here prints itself whole. It does not dial.

mod error;
mod mask;
mod moved;
mod through;
mod url;

use std::fmt;
use std::net::IpAddr;
use std::ops::Range;

use tokio_tungstenite::tungstenite::http::{HeaderName, HeaderValue, Uri};

pub use self::error::TargetError;
use self::url::{basic, decoded_password, default_port, percent_decoded, read_host, request_path, split_port, without};
use super::tls::TlsOptions;

/// A place to dial. Whatever is in it is fit for a request.
#[derive(Clone, PartialEq, Eq)]
pub struct Target {
    pub tls: TlsOptions,
    secure: bool,
    host: Host,
    port: u16,
    path: String,
    /// The same without the secrets that were put in.
    shown: String,
    /// Those secrets, as they are written and as they are meant.
    put: Vec<String>,
    headers: Vec<(String, String)>,
    /// Headers that the request goes without, unless they are asked for.
    withheld: Vec<String>,
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

impl Target {
    /// Reads `ws://` and `wss://` URLs; `http://` and `https://` are read as these.
    pub fn parse(url: &str) -> Result<Self, TargetError> {
        Self::parse_with(url, &[])
    }

    /// Reads a URL of which these parts are secrets that were put in, so that they are shown nowhere. Scheme, host and
    /// port are seen on the way by everyone, and stay.
    pub fn parse_with(url: &str, secrets: &[Range<usize>]) -> Result<Self, TargetError> {
        let whole = url.trim_end();
        let url = whole.trim_start();
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
        let (shown, put) = without(whole, whole.len() - path.len(), secrets);
        let path = request_path(path);
        path.parse::<Uri>().map_err(|_| TargetError::Path)?;
        Ok(Self {
            tls: TlsOptions::default(),
            secure,
            host,
            port,
            path,
            shown: request_path(&shown),
            put,
            headers,
            withheld: Vec::new(),
            subprotocols: Vec::new(),
        })
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

    /// Keeps these out of what is shown of the server's words, wherever they were put in.
    #[must_use]
    pub fn hiding(mut self, secrets: Vec<String>) -> Self {
        self.put.extend(secrets);
        self
    }

    /// The request goes without these, where wirebeat would add them by itself.
    #[must_use]
    pub fn withholding(mut self, names: &[String]) -> Self {
        self.withheld.extend_from_slice(names);
        self
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

    pub fn withholds(&self, name: &str) -> bool {
        self.withheld.iter().any(|withheld| withheld.eq_ignore_ascii_case(name))
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

    /// Path and query without their secrets.
    pub fn masked_path(&self) -> String {
        mask::path(&self.shown)
    }

    /// A text of the server without our secrets: some repeat the request in their refusals.
    pub(super) fn scrub(&self, text: String) -> String {
        let mut secrets: Vec<String> = mask::secrets_of(&self.path);
        secrets.extend_from_slice(&self.put);
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

#[cfg(test)]
mod tests;
