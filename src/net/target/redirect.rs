//! Where a server sends a dial on to (RFC 9110, section 15.4), and what may go there with it.
//!
//! Pure: it makes the next target of the last answer, or says why there is none. What a server may send us to in order to
//! resume a session is the matter of `moved`.

use super::parts::default_port;
use super::{Host, Target, mask};
use crate::event::Why;
use crate::net::upgrade::cut;

/// So many redirects are followed in one dial.
const MOST_HOPS: usize = 5;

/// So many cookies are kept, each so long.
const MOST_COOKIES: usize = 50;
const LONGEST_COOKIE: usize = 4096;

/// Headers that say nothing of who we are, so that any server may have them; a browser sends them on too.
const HARMLESS: [&str; 4] = ["Origin", "User-Agent", "Accept", "Accept-Language"];

/// An answer that sends us on, as the server gives it.
#[derive(Clone, Debug, Default)]
pub(in crate::net) struct Moved {
    pub(in crate::net) status: u16,
    pub(in crate::net) location: String,
    /// The values of `Set-Cookie`.
    pub(in crate::net) cookies: Vec<String>,
}

impl Moved {
    /// Whether this status sends a dial to the place of its `Location`.
    pub(in crate::net) fn is(status: u16) -> bool {
        matches!(status, 301 | 302 | 303 | 307 | 308)
    }
}

/// One dial on its way from server to server.
pub(in crate::net) struct Journey<'a> {
    /// What the user asked for: its credentials are for its origin alone.
    first: &'a Target,
    /// Each place that sent us on, without its secrets.
    hops: Vec<String>,
    /// Each request made, to know a circle by.
    asked: Vec<(bool, Host, u16, String, Option<String>)>,
    cookies: Vec<Cookie>,
}

/// A cookie that a server set on the way, for its own origin.
struct Cookie {
    secure: bool,
    host: Host,
    port: u16,
    path: String,
    name: String,
    value: String,
}

impl<'a> Journey<'a> {
    pub(in crate::net) fn new(first: &'a Target) -> Self {
        Self { first, hops: Vec::new(), asked: vec![asked(first)], cookies: Vec::new() }
    }

    /// The next target after `from` sent us on.
    pub(in crate::net) fn follow(&mut self, from: &Target, moved: &Moved) -> Result<Target, Why> {
        let refused = |text: String| Why::Http { status: moved.status, text, retry_after: None };
        self.keep(from, &moved.cookies);
        let there = resolve(from, &moved.location).map_err(|text| refused(text.to_owned()))?;
        let next = self.target(from, there);
        let place = cut(&next.masked());
        if from.secure && !next.secure {
            return Err(
                self.told(refused(format!("the server redirects to {place}, and from wss:// it never goes to ws://")))
            );
        }
        self.hops.push(format!("{} ({})", cut(&from.masked()), moved.status));
        if self.hops.len() > MOST_HOPS {
            return Err(refused(format!("more than {MOST_HOPS} redirects: {} to {place}", self.hops.join(" to "))));
        }
        let request = asked(&next);
        if self.asked.contains(&request) {
            return Err(refused(format!("the redirects go in a circle: {} to {place}", self.hops.join(" to "))));
        }
        self.asked.push(request);
        Ok(next)
    }

    /// What went wrong, with the way on which it did.
    pub(in crate::net) fn told(&self, why: Why) -> Why {
        if self.hops.is_empty() {
            return why;
        }
        let way = format!("redirected by {}", self.hops.join(", then "));
        let behind = |address: String| format!("{address}, {way}");
        let before = |text: String| if text.is_empty() { way.clone() } else { format!("{way}: {text}") };
        match why {
            Why::Refused { address } => Why::Refused { address: behind(address) },
            Why::Unreachable { address, text } => Why::Unreachable { address: behind(address), text },
            Why::DialTimeout { phase, address, limit } => Why::DialTimeout { phase, address: behind(address), limit },
            Why::Dns { host, text } => Why::Dns { host, text: before(text) },
            Why::Proxy { text } => Why::Proxy { text: behind(text) },
            Why::Tls { text } => Why::Tls { text: before(text) },
            Why::Reset { text } => Why::Reset { text: before(text) },
            Why::Handshake { text } => Why::Handshake { text: before(text) },
            Why::Http { status, text, retry_after } => Why::Http { status, text: before(text), retry_after },
            other @ (Why::Close { .. }
            | Why::Eof
            | Why::HalfOpen { .. }
            | Why::Silent { .. }
            | Why::WriteStalled { .. }
            | Why::Protocol { .. }
            | Why::TooBig { .. }
            | Why::Program { .. }
            | Why::AckTimeout { .. }
            | Why::Login { .. }
            | Why::Dismissed { .. }
            | Why::ConnectLimit { .. }
            | Why::Asked
            | Why::Planned
            | Why::Slept { .. }
            | Why::Storm { .. }
            | Why::Fatal { .. }) => other,
        }
    }

    /// What the user asked for, at another place, with as much of it as that place may have.
    fn target(&self, from: &Target, there: Target) -> Target {
        let Target { secure, host, port, path, shown, .. } = there;
        // A server may repeat our secrets in the address.
        let put = [from.secrets(), from.put.clone()].concat();
        let shown = put
            .iter()
            .filter(|secret| secret.len() >= super::SHORTEST)
            .fold(shown, |text, secret| mask::cut_out(text, secret));
        let mut next = Target { secure, host, port, path, shown, put, ..self.first.clone() };
        if !same_origin(self.first, &next) {
            next.headers.retain(|(name, _)| HARMLESS.iter().any(|harmless| name.eq_ignore_ascii_case(harmless)));
            next.subprotocols.retain(|name| !mask::looks_random(name));
            next.tls.client_cert = None;
            next.tls.client_key = None;
            next.tls.server_name = None;
        }
        self.fill_cookies(&mut next);
        next
    }

    /// Takes in what a server sets for its own origin.
    fn keep(&mut self, from: &Target, cookies: &[String]) {
        for line in cookies.iter().filter(|line| line.len() <= LONGEST_COOKIE) {
            let mut parts = line.split(';').map(str::trim);
            let Some((name, value)) = parts.next().and_then(|pair| pair.split_once('=')) else { continue };
            let (name, value) = (name.trim().to_owned(), value.trim().to_owned());
            let sendable = |text: &str| text.bytes().all(|b| b.is_ascii_graphic() && b != b';' && b != b',');
            if name.is_empty() || !sendable(&name) || !sendable(&value) {
                continue;
            }
            let mut path = "/".to_owned();
            let mut over = false;
            for (key, of) in parts.filter_map(|part| part.split_once('=')) {
                match key.trim().to_ascii_lowercase().as_str() {
                    "path" if of.trim().starts_with('/') => of.trim().clone_into(&mut path),
                    "max-age" => over = of.trim().parse::<i64>().is_ok_and(|secs| secs <= 0),
                    _ => {}
                }
            }
            let (secure, host, port) = (from.secure, from.host.clone(), from.port);
            self.cookies.retain(|old| (&old.host, old.port, &old.name) != (&host, port, &name));
            if !over && self.cookies.len() < MOST_COOKIES {
                self.cookies.push(Cookie { secure, host, port, path, name, value });
            }
        }
    }

    /// The cookies of the target's own origin, which go before the user's of the same name.
    fn fill_cookies(&self, next: &mut Target) {
        let fits = |cookie: &&Cookie| {
            let path = next.path.split('?').next().unwrap_or_default();
            let below = path.strip_prefix(cookie.path.trim_end_matches('/'));
            let origin = (cookie.secure, &cookie.host, cookie.port);
            same_place(origin, (next.secure, &next.host, next.port))
                && below.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        };
        let set: Vec<&Cookie> = self.cookies.iter().filter(fits).collect();
        if set.is_empty() {
            return;
        }
        let own = next.headers.iter().filter(|(name, _)| name.eq_ignore_ascii_case("Cookie"));
        let own = own.flat_map(|(_, value)| value.split(';')).map(str::trim).filter(|pair| !pair.is_empty());
        let is_set = |pair: &&str| set.iter().any(|cookie| pair.split('=').next() == Some(cookie.name.as_str()));
        let mut pairs: Vec<String> = own.filter(|pair| !is_set(pair)).map(str::to_owned).collect();
        pairs.extend(set.iter().map(|cookie| format!("{}={}", cookie.name, cookie.value)));
        next.headers.retain(|(name, _)| !name.eq_ignore_ascii_case("Cookie"));
        next.headers.push(("Cookie".to_owned(), pairs.join("; ")));
    }
}

fn asked(target: &Target) -> (bool, Host, u16, String, Option<String>) {
    let cookie = target.header("Cookie").map(str::to_owned);
    (target.secure, target.host.clone(), target.port, target.path.clone(), cookie)
}

/// Whether a place may have what is meant for another: the same scheme, host and port, or the same host with TLS instead of
/// without, both at their usual ports.
fn same_origin(meant: &Target, place: &Target) -> bool {
    same_place((meant.secure, &meant.host, meant.port), (place.secure, &place.host, place.port))
}

type Origin<'a> = (bool, &'a Host, u16);

fn same_place(meant: Origin<'_>, place: Origin<'_>) -> bool {
    let usual = |(secure, _, port): Origin<'_>| port == default_port(secure);
    meant == place || (meant.1 == place.1 && !meant.0 && place.0 && usual(meant) && usual(place))
}

/// The place that a `Location` means, as seen from where it was given. Its user and password are nobody's here.
fn resolve(from: &Target, location: &str) -> Result<Target, &'static str> {
    let location = location.split('#').next().unwrap_or_default().trim().replace(' ', "%20");
    let scheme = if from.secure { "wss" } else { "ws" };
    let base = from.path.split('?').next().unwrap_or_default();
    let here = |path: String| {
        // The path alone comes from there.
        let there = Target::parse(&format!("{scheme}://redirect{}", without_dots(&path)));
        there.map(|there| Target { host: from.host.clone(), port: from.port, ..there })
    };
    let there = if location.is_empty() {
        return Err("a redirect that does not say where to");
    } else if let Some(rest) = location.strip_prefix("//") {
        Target::parse(&format!("{scheme}://{rest}"))
    } else if location.starts_with('/') {
        here(location)
    } else if location.starts_with('?') {
        here(format!("{base}{location}"))
    } else if has_scheme(&location) {
        Target::parse(&location)
    } else {
        let dir = base.rfind('/').map_or("/", |at| &base[..=at]);
        here(format!("{dir}{location}"))
    };
    let there = there.map_err(|_| "the server redirects to an address that is no WebSocket's")?;
    match (&from.host, &there.host) {
        // A server behind a socket calls itself what the request calls it.
        (Host::Socket(_), Host::Name(name)) if name == "localhost" && there.port == default_port(there.secure) => {
            Ok(Target { secure: false, host: from.host.clone(), port: from.port, ..there })
        }
        (Host::Name(_) | Host::Ip(_), Host::Socket(_)) => Err("the server redirects to a socket of this machine"),
        (Host::Socket(one), Host::Socket(other)) if one != other => {
            Err("the server redirects to another socket of this machine")
        }
        (_, Host::Name(_) | Host::Ip(_) | Host::Socket(_)) => Ok(there),
    }
}

fn has_scheme(location: &str) -> bool {
    let scheme = location.split([':', '/', '?']).next().unwrap_or_default();
    let word = scheme.bytes().all(|b| b.is_ascii_alphanumeric() || b"+-.".contains(&b));
    word && !scheme.is_empty() && location[scheme.len()..].starts_with(':')
}

/// A path without its `.` and `..` (RFC 3986, section 5.2.4); the query stays as it is.
fn without_dots(whole: &str) -> String {
    let (path, query) = whole.split_at(whole.find('?').unwrap_or(whole.len()));
    let mut kept: Vec<&str> = Vec::new();
    let mut segments = path.trim_start_matches('/').split('/').peekable();
    while let Some(segment) = segments.next() {
        let last = segments.peek().is_none();
        match segment {
            "." | ".." => {
                if segment == ".." {
                    kept.pop();
                }
                if last {
                    kept.push("");
                }
            }
            other => kept.push(other),
        }
    }
    format!("/{}{query}", kept.join("/"))
}

#[cfg(test)]
mod tests;
