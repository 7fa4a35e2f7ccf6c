//! Which proxy a dial takes: the one that was asked for, else that of the environment, and none for this machine.
//!
//! The environment is handed in: nothing is read here.

use std::fmt;
use std::net::IpAddr;
use std::sync::Arc;

use super::{Proxy, ProxyError};
use crate::net::target::Host;
use crate::net::target::parts::split_port;

/// Where a feed takes its proxy from.
#[derive(Clone, Default, PartialEq, Eq)]
pub enum Proxies {
    /// Every dial is direct.
    #[default]
    None,
    /// Asked for by name.
    Given(Arc<Proxy>),
    /// As the variables that all programs share say for each target.
    Environment(Arc<Environment>),
}

impl Proxies {
    /// The proxy for a target. A variable that cannot be read is an error of the dial that would take it.
    pub fn choose(&self, secure: bool, host: &Host, port: u16) -> Result<Option<&Proxy>, String> {
        if host.is_local() {
            return Ok(None);
        }
        match self {
            Self::None => Ok(None),
            Self::Given(proxy) => Ok(Some(proxy)),
            Self::Environment(environment) => environment.choose(secure, host, port),
        }
    }
}

impl fmt::Debug for Proxies {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::None => f.write_str("None"),
            Self::Given(proxy) => proxy.fmt(f),
            Self::Environment(_) => f.write_str("Environment"),
        }
    }
}

/// What the usual variables say (`https_proxy`, `NO_PROXY` and the like).
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Environment {
    secure: Option<Said>,
    plain: Option<Said>,
    bypass: Bypass,
}

/// What a variable says: a proxy, or something that is none.
type Said = Result<Proxy, (String, ProxyError)>;

/// In the order of preference, as curl has it. `HTTP_PROXY` is not among them: a web server sets it from the header
/// `Proxy` of a request.
const SECURE: [&str; 4] = ["https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"];
const PLAIN: [&str; 3] = ["http_proxy", "all_proxy", "ALL_PROXY"];
const BYPASS: [&str; 2] = ["no_proxy", "NO_PROXY"];

impl Environment {
    /// Asks `var` for what it needs; an empty variable is none.
    pub fn read(var: impl Fn(&str) -> Option<String>) -> Self {
        let first = |names: &'static [&'static str]| {
            names.iter().find_map(|name| Some((*name, var(name).filter(|value| !value.trim().is_empty())?)))
        };
        let said = |(name, url): (&'static str, String)| Proxy::parse(&url, name).map_err(|why| (name.to_owned(), why));
        Self {
            secure: first(&SECURE).map(said),
            plain: first(&PLAIN).map(said),
            bypass: first(&BYPASS).map(|(_, list)| Bypass::parse(&list)).unwrap_or_default(),
        }
    }

    fn choose(&self, secure: bool, host: &Host, port: u16) -> Result<Option<&Proxy>, String> {
        let said = if secure { &self.secure } else { &self.plain };
        match said {
            Some(said) if !self.bypass.covers(host, port) => match said {
                Ok(proxy) => Ok(Some(proxy)),
                Err((name, why)) => Err(format!("{name}: {why}")),
            },
            Some(_) | None => Ok(None),
        }
    }
}

/// The targets of `NO_PROXY`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Bypass(Vec<(Spared, Option<u16>)>);

#[derive(Clone, Debug, PartialEq, Eq)]
enum Spared {
    All,
    /// A name and all that ends in it.
    Domain(String),
    Net(IpAddr, u8),
}

impl Bypass {
    /// Words between commas or blanks: `*`, `example.org`, `.example.org`, `*.example.org`, `10.0.0.1`, `10.0.0.0/8`,
    /// `[::1]`, each but the first with a port if it has one.
    fn parse(list: &str) -> Self {
        let words = list.split(|c: char| c == ',' || c.is_whitespace()).filter(|word| !word.is_empty());
        Self(words.filter_map(spared).collect())
    }

    fn covers(&self, host: &Host, port: u16) -> bool {
        self.0.iter().any(|(spared, only)| only.is_none_or(|only| only == port) && spared.has(host))
    }
}

impl Spared {
    fn has(&self, host: &Host) -> bool {
        match (self, host) {
            (Self::All, _) => true,
            (Self::Domain(domain), Host::Name(name)) => {
                let name = name.trim_end_matches('.');
                name.strip_suffix(domain.as_str()).is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
            }
            (Self::Net(net, bits), Host::Ip(ip)) => within(net.to_canonical(), ip.to_canonical(), *bits),
            (Self::Domain(_), Host::Ip(_) | Host::Socket(_)) | (Self::Net(..), Host::Name(_) | Host::Socket(_)) => {
                false
            }
        }
    }
}

fn spared(word: &str) -> Option<(Spared, Option<u16>)> {
    if word == "*" {
        return Some((Spared::All, None));
    }
    let net = |text: &str, bits: Option<&str>| {
        let ip: IpAddr = text.parse().ok()?;
        let most = if ip.is_ipv4() { 32 } else { 128 };
        let bits = bits.map_or(Some(most), |bits| bits.parse().ok().filter(|bits| *bits <= most))?;
        Some(Spared::Net(ip, bits))
    };
    if let Some((ip, bits)) = word.split_once('/') {
        return Some((net(ip.trim_start_matches('[').trim_end_matches(']'), Some(bits))?, None));
    }
    if let Some(net) = net(word, None) {
        return Some((net, None));
    }
    let (host, port) = split_port(word).ok()?;
    let port = port.map(str::parse).transpose().ok()?;
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    if let Some(net) = net(bare, None) {
        return Some((net, port));
    }
    let domain = host.trim_start_matches('*').trim_start_matches('.').trim_end_matches('.').to_ascii_lowercase();
    (!domain.is_empty()).then_some((Spared::Domain(domain), port))
}

/// Whether two addresses of a family have their first bits alike.
fn within(net: IpAddr, ip: IpAddr, bits: u8) -> bool {
    let alike = |a: u128, b: u128, width: u32| {
        let rest = width.saturating_sub(u32::from(bits));
        a.checked_shr(rest).unwrap_or(0) == b.checked_shr(rest).unwrap_or(0)
    };
    match (net, ip) {
        (IpAddr::V4(net), IpAddr::V4(ip)) => alike(net.to_bits().into(), ip.to_bits().into(), 32),
        (IpAddr::V6(net), IpAddr::V6(ip)) => alike(net.to_bits(), ip.to_bits(), 128),
        (IpAddr::V4(_), IpAddr::V6(_)) | (IpAddr::V6(_), IpAddr::V4(_)) => false,
    }
}
