//! The way through a proxy: what one is, where it was asked for, and how it is written without its password.
//!
//! Which dial takes which proxy is said in `choice`, and how it is asked to let us through in `tunnel`. No socket is
//! opened here.

mod choice;
mod tunnel;

use std::fmt;

pub use self::choice::{Environment, Proxies};
pub(super) use self::tunnel::through;
use super::target::Host;
use super::target::parts::{basic, percent_decoded, read_host, read_port, split_port};

/// A proxy, and who asked for it.
#[derive(Clone, PartialEq, Eq)]
pub struct Proxy {
    pub(super) kind: Kind,
    pub(super) host: Host,
    pub(super) port: u16,
    user: Option<String>,
    /// The option, the file or the variable that names it.
    from: String,
}

/// How it is spoken to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Http,
    /// The same over TLS.
    Https,
    Socks,
}

impl Kind {
    fn scheme(self) -> &'static str {
        match self {
            Self::Http => "http",
            Self::Https => "https",
            Self::Socks => "socks5",
        }
    }

    fn default_port(self) -> u16 {
        match self {
            Self::Http => 80,
            Self::Https => 443,
            Self::Socks => 1080,
        }
    }
}

/// What is wrong with the URL of a proxy. Its words never repeat what may be a secret.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ProxyError {
    Scheme,
    Blank,
    Host,
    Port,
    Rest,
}

impl fmt::Display for ProxyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Scheme => "a proxy is http://, https:// or socks5://[USER:PASSWORD@]HOST:PORT, or none",
            Self::Blank => "a space or control character in the URL of a proxy: write it as %20 and the like",
            Self::Host => "the URL of the proxy names no host: write http://HOST:PORT",
            Self::Port => {
                "the port of the proxy is not a number from 1 to 65535; in a user name or password, / is written %2F, \
                 ? %3F, @ %40"
            }
            Self::Rest => "the URL of a proxy ends with its port: it has no path and no query",
        })
    }
}

impl std::error::Error for ProxyError {}

impl Proxy {
    /// Reads the URL of a proxy; one without a scheme is taken for `http://`, as everywhere.
    pub fn parse(url: &str, from: &str) -> Result<Self, ProxyError> {
        let url = url.trim();
        let (scheme, rest) = url.split_once("://").unwrap_or(("http", url));
        let kind = match scheme.to_ascii_lowercase().as_str() {
            "http" => Kind::Http,
            "https" => Kind::Https,
            // A name is always looked up by the proxy: only it may know the names of its side.
            "socks5" | "socks5h" | "socks" => Kind::Socks,
            _ => return Err(ProxyError::Scheme),
        };
        if rest.contains(|c: char| c.is_control() || c == ' ') {
            return Err(ProxyError::Blank);
        }
        let (authority, path) = rest.split_at(rest.find(['/', '?', '#', '\\']).unwrap_or(rest.len()));
        let (user, place) = authority.rsplit_once('@').map_or((None, authority), |(user, place)| (Some(user), place));
        let (host, port) = split_port(place).map_err(|_| ProxyError::Host)?;
        let port = read_port(port, kind.default_port()).ok_or(ProxyError::Port)?;
        if !matches!(path, "" | "/") {
            return Err(if path.contains('@') { ProxyError::Port } else { ProxyError::Rest });
        }
        let host = read_host(host).map_err(|_| ProxyError::Host)?;
        Ok(Self { kind, host, port, user: user.map(str::to_owned), from: from.to_owned() })
    }

    /// Its URL, without user and password.
    pub fn url(&self) -> String {
        format!("{}://{}:{}", self.kind.scheme(), self.host, self.port)
    }

    /// The value of `Proxy-Authorization`.
    fn basic(&self) -> Option<String> {
        self.user.as_deref().map(basic)
    }

    /// User and password as they are meant.
    fn credentials(&self) -> Option<(String, String)> {
        let (user, password) = self.user.as_deref()?.split_once(':').unwrap_or((self.user.as_deref()?, ""));
        let meant = |text: &str| String::from_utf8_lossy(&percent_decoded(text)).into_owned();
        Some((meant(user), meant(password)))
    }

    /// A text of the proxy without our password.
    fn scrub(&self, text: String) -> String {
        let Some((_, password)) = self.credentials().filter(|(_, password)| password.len() > 2) else { return text };
        let basic = self.basic().unwrap_or_default();
        let basic = basic.trim_start_matches("Basic ");
        text.replace(&password, "***").replace(basic, "***")
    }
}

impl fmt::Display for Proxy {
    /// As errors name it: `http://10.0.0.1:3128 (from HTTPS_PROXY)`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} (from {})", self.url(), self.from)
    }
}

impl fmt::Debug for Proxy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Proxy({self})")
    }
}

#[cfg(test)]
mod tests;
