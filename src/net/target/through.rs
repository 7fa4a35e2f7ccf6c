//! A target as a client of ours asks for it: its own path, query, headers and subprotocols, at the same place.

use tokio_tungstenite::tungstenite::http::Uri;

use super::{TAKEN, Target, TargetError};
use crate::net::extensions;

/// Headers that are between a client and whom it dials, and no further (RFC 9110, section 7.6.1).
const HOP_BY_HOP: [&str; 9] = [
    "Keep-Alive",
    "Proxy-Connection",
    "Proxy-Authorization",
    "Proxy-Authenticate",
    "TE",
    "Trailer",
    "Transfer-Encoding",
    "Content-Length",
    "Host",
];

impl Target {
    /// The same place for a request with this path, query and headers. What the user set for the target goes before what
    /// the client says. A path without a query gets the target's, so that its secrets need not be said. `own`: where the
    /// client believes to be, so that an `Origin` of it becomes the target's.
    pub fn through(&self, path: &str, headers: &[(String, String)], own: &str) -> Result<Self, TargetError> {
        // What passes is read on the way, so it is not to be compressed.
        let mut target = self.clone().withholding(&[extensions::HEADER.to_owned()]);
        if path != self.path.split('?').next().unwrap_or_default() {
            path.parse::<Uri>().map_err(|_| TargetError::Path)?;
            path.clone_into(&mut target.path);
            path.clone_into(&mut target.shown);
        }
        let dropped = |name: &str| {
            let named = headers.iter().filter(|(have, _)| have.eq_ignore_ascii_case("Connection"));
            let mut listed = named.flat_map(|(_, list)| list.split(','));
            HOP_BY_HOP.iter().chain(&TAKEN).any(|taken| name.eq_ignore_ascii_case(taken))
                || listed.any(|listed| listed.trim().eq_ignore_ascii_case(name))
        };
        let known = |name: &str| headers.iter().any(|(have, _)| have.eq_ignore_ascii_case(name));
        if !known("User-Agent") {
            target = target.withholding(&["User-Agent".to_owned()]);
        }
        for (name, value) in headers.iter().filter(|(name, _)| !dropped(name) && self.header(name).is_none()) {
            target = if name.eq_ignore_ascii_case("Origin") && value.split_once("://").is_some_and(|(_, at)| at == own)
            {
                let scheme = if self.secure { "https" } else { "http" };
                target.with_header(name, &format!("{scheme}://{}", self.authority()))?
            } else {
                target.with_header(name, value)?
            };
        }
        Ok(target)
    }

    /// Its path without the query, as it may be shown.
    pub fn bare_path(&self) -> String {
        self.masked_path().split('?').next().unwrap_or_default().to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(list: &[(&str, &str)]) -> Vec<(String, String)> {
        list.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
    }

    #[test]
    fn what_a_client_says_goes_through_but_for_what_is_between_us() {
        let target =
            Target::parse("wss://h.example/ws?token=s3cr3t-token").unwrap().with_header("X-Key", "ours").unwrap();
        let said = headers(&[
            ("Host", "127.0.0.1:9"),
            ("Origin", "http://127.0.0.1:9"),
            ("Cookie", "a=b"),
            ("X-Key", "theirs"),
            ("X-Hop", "1"),
            ("Connection", "Upgrade, X-Hop"),
            ("Sec-WebSocket-Key", "x"),
            ("Sec-WebSocket-Extensions", "permessage-deflate"),
            ("Sec-WebSocket-Protocol", "v2, v1"),
        ]);
        let there = target.through("/ws", &said, "127.0.0.1:9").unwrap();
        assert_eq!(there.path(), "/ws?token=s3cr3t-token");
        assert_eq!(there.headers(), headers(&[("X-Key", "ours"), ("Origin", "https://h.example"), ("Cookie", "a=b")]));
        assert_eq!(there.subprotocols(), ["v2", "v1"]);
        assert!(there.withholds("User-Agent") && there.withholds("Sec-WebSocket-Extensions"));
        let other = target.through("/other?x=1", &headers(&[("Origin", "https://a.example")]), "127.0.0.1:9").unwrap();
        assert_eq!((other.path(), other.header("Origin")), ("/other?x=1", Some("https://a.example")));
        assert!(!other.masked().contains("s3cr3t"));
        assert_eq!(target.bare_path(), "/ws");
    }
}
