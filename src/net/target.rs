//! Where a dial goes and what it takes along: a checked URL, headers, subprotocols, TLS options.
//!
//! Secrets live in here (userinfo, query values, header values), so nothing in here prints itself whole. It does not dial.

mod error;
mod mask;
mod moved;
mod named;
pub(super) mod parts;
mod redirect;

use std::fmt;
use std::net::IpAddr;
use std::ops::Range;

use tokio_tungstenite::tungstenite::http::{HeaderName, HeaderValue, Uri};

pub use self::error::TargetError;
pub use self::named::Places;
pub(super) use self::redirect::{Journey, Moved};

use self::parts::{
    basic, check_written, decoded_password, default_port, percent_decoded, read_host, read_port, read_socket,
    request_path, split_port, without,
};
use super::proxy::Proxies;
use super::tls::TlsOptions;

/// A place to dial. Whatever is in it is fit for a request.
#[derive(Clone, PartialEq, Eq)]
pub struct Target {
    pub tls: TlsOptions,
    /// Only a program knows the place: what it is called until then, and its URL as it is written.
    unnamed: Option<(String, String)>,
    pub proxies: Proxies,
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
    /// The path of a Unix socket.
    Socket(String),
}

impl fmt::Display for Host {
    /// As it is written in a URL.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Name(name) => f.write_str(name),
            Self::Ip(IpAddr::V4(ip)) => ip.fmt(f),
            Self::Ip(IpAddr::V6(ip)) => write!(f, "[{ip}]"),
            Self::Socket(path) => f.write_str(path),
        }
    }
}

impl Host {
    /// Whether it is this machine, by what is written: no name is looked up.
    pub fn is_local(&self) -> bool {
        match self {
            Self::Name(name) => {
                let name = name.trim_end_matches('.');
                name == "localhost" || name.ends_with(".localhost")
            }
            Self::Ip(ip) => ip.to_canonical().is_loopback(),
            Self::Socket(_) => true,
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
        let place = Place::parse(url)?;
        let Place { secure, host, port, user, path } = place;
        let headers = user.map(|user| ("Authorization".to_owned(), basic(user))).into_iter().collect();
        let (shown, put) = without(whole, whole.len() - path.len(), secrets);
        let path = request_path(path);
        path.parse::<Uri>().map_err(|_| TargetError::Path)?;
        Ok(Self {
            tls: TlsOptions::default(),
            unnamed: None,
            proxies: Proxies::default(),
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

    #[must_use]
    pub fn with_proxies(mut self, proxies: Proxies) -> Self {
        self.proxies = proxies;
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

    /// Host and port, the port only where it is not the usual one; or the path of the socket.
    pub fn authority(&self) -> String {
        if let Some((words, _)) = &self.unnamed {
            return words.clone();
        }
        match &self.host {
            Host::Socket(path) => path.clone(),
            Host::Name(_) | Host::Ip(_) if self.port == default_port(self.secure) => self.host.to_string(),
            Host::Name(_) | Host::Ip(_) => format!("{}:{}", self.host, self.port),
        }
    }

    /// The same as it goes into a `Host` header.
    pub(super) fn http_host(&self) -> String {
        match &self.host {
            // What is asked for is on this machine, and a path is no host.
            Host::Socket(_) => "localhost".to_owned(),
            Host::Name(_) | Host::Ip(_) => self.authority(),
        }
    }

    /// The dials of one server stand in one line, by this name.
    pub fn line(&self) -> String {
        self.unnamed.as_ref().map_or_else(|| self.host.to_string(), |(words, _)| words.clone())
    }

    /// The URL without its secrets.
    pub fn masked(&self) -> String {
        if let Some((_, written)) = &self.unnamed {
            return written.clone();
        }
        let (authority, path) = (self.authority(), self.masked_path());
        match &self.host {
            Host::Socket(_) => format!("ws+unix://{authority}:{path}"),
            Host::Name(_) | Host::Ip(_) => {
                let scheme = if self.secure { "wss" } else { "ws" };
                format!("{scheme}://{authority}{path}")
            }
        }
    }

    /// Path and query without their secrets.
    pub fn masked_path(&self) -> String {
        mask::path(&self.shown)
    }

    /// A text of the server without our secrets: some repeat the request in their refusals.
    pub(super) fn scrub(&self, text: String) -> String {
        self.secrets().iter().fold(text, |text, secret| mask::cut_out(text, secret))
    }

    /// Whatever must not be shown, the longest first.
    fn secrets(&self) -> Vec<String> {
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
        secrets
    }
}

/// A URL taken apart.
struct Place<'a> {
    secure: bool,
    host: Host,
    port: u16,
    user: Option<&'a str>,
    /// Path and query, as they are written.
    path: &'a str,
}

impl<'a> Place<'a> {
    fn parse(url: &'a str) -> Result<Self, TargetError> {
        if let Some(rest) = url.get(..UNIX.len()).filter(|start| start.eq_ignore_ascii_case(UNIX)) {
            let (socket, path) = read_socket(&url[rest.len()..])?;
            return Ok(Self { secure: false, host: Host::Socket(socket), port: 0, user: None, path });
        }
        let (scheme, rest) = url.split_once("://").ok_or(TargetError::NoScheme)?;
        let secure = match scheme.to_ascii_lowercase().as_str() {
            "ws" | "http" => false,
            "wss" | "https" => true,
            word if word.len() <= 16
                && !word.is_empty()
                && word.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'+') =>
            {
                return Err(TargetError::Scheme(word.to_owned()));
            }
            _ => return Err(TargetError::NoScheme),
        };
        check_written(rest)?;
        let (authority, path) = rest.split_at(rest.find(['/', '?', '\\']).unwrap_or(rest.len()));
        let (user, place) = authority.rsplit_once('@').map_or((None, authority), |(user, place)| (Some(user), place));
        let (host, port) = split_port(place)?;
        let port = read_port(port, default_port(secure)).ok_or(TargetError::Port { split: path.contains('@') })?;
        Ok(Self { secure, host: read_host(host)?, port, user, path })
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

/// How the URL of a Unix socket begins.
const UNIX: &str = "ws+unix:";

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
