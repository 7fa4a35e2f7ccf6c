//! What we offer of extensions, and what a server may make of the offer (RFC 7692, section 7.1). It inflates nothing.
//!
//! Our own frames go uncompressed, as the RFC allows. So whatever a server asks of the way from us to it is met, and the
//! offer says so: some servers refuse clients that do not let them choose a window.

use std::fmt;

/// The offer, as it stands in the request.
pub const OFFER: &str = "permessage-deflate; client_no_context_takeover; client_max_window_bits";
/// The header of offer and answer.
pub const HEADER: &str = "Sec-WebSocket-Extensions";

const DEFLATE: &str = "permessage-deflate";
/// What may help with an answer that cannot be met.
const REMEDY: &str = "try --set endpoint.compression=false";

/// What was agreed of permessage-deflate.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Deflate {
    /// The server begins each message with an empty window.
    pub server_no_context_takeover: bool,
    pub client_no_context_takeover: bool,
    /// The binary logarithm of the server's window. We have room for the largest.
    pub server_max_window_bits: Option<u8>,
    pub client_max_window_bits: Option<u8>,
}

impl fmt::Display for Deflate {
    /// As it would stand in an answer.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(DEFLATE)?;
        for (is, name) in [
            (self.server_no_context_takeover, "server_no_context_takeover"),
            (self.client_no_context_takeover, "client_no_context_takeover"),
        ] {
            if is {
                write!(f, "; {name}")?;
            }
        }
        for (bits, name) in [
            (self.server_max_window_bits, "server_max_window_bits"),
            (self.client_max_window_bits, "client_max_window_bits"),
        ] {
            if let Some(bits) = bits {
                write!(f, "; {name}={bits}")?;
            }
        }
        Ok(())
    }
}

/// Reads the server's answer, which may be spread over several headers. The error is a sentence; `show` makes the server's
/// words in it fit for one.
pub fn agreed<'h>(
    values: impl Iterator<Item = &'h str>,
    offered: bool,
    show: impl Fn(&str) -> String,
) -> Result<Option<Deflate>, String> {
    let mut agreed = None;
    for extension in values.flat_map(|value| split(value, b',')) {
        let mut parts = split(extension, b';').into_iter();
        let name = parts.next().unwrap_or_default();
        if name.is_empty() && parts.len() == 0 {
            continue;
        }
        if !offered || !name.eq_ignore_ascii_case(DEFLATE) {
            return Err(format!("the server uses an extension that was never offered: `{}`", show(extension)));
        }
        let broken = |fault: String| format!("{fault}; {REMEDY} (the server agrees to `{}`)", show(extension));
        if agreed.is_some() {
            return Err(broken(format!("{DEFLATE} is agreed to more than once")));
        }
        let deflate = parameters(parts).map_err(|fault| match fault {
            Fault::Unknown(name) => broken(format!("{DEFLATE} has no parameter `{}`", show(name))),
            Fault::Twice(name) => broken(format!("{DEFLATE} has `{name}` twice")),
            Fault::Value(name) => broken(format!("{DEFLATE} has no such value of `{name}`")),
        })?;
        agreed = Some(deflate);
    }
    Ok(agreed)
}

enum Fault<'h> {
    Unknown(&'h str),
    Twice(&'static str),
    Value(&'static str),
}

fn parameters<'h>(parts: impl Iterator<Item = &'h str>) -> Result<Deflate, Fault<'h>> {
    let mut deflate = Deflate::default();
    for part in parts {
        let (name, value) = match part.split_once('=') {
            Some((name, value)) => (name.trim(), Some(unquoted(value.trim()))),
            None => (part, None),
        };
        match name.to_ascii_lowercase().as_str() {
            "server_no_context_takeover" => {
                flag("server_no_context_takeover", &mut deflate.server_no_context_takeover, value.is_none())?;
            }
            "client_no_context_takeover" => {
                flag("client_no_context_takeover", &mut deflate.client_no_context_takeover, value.is_none())?;
            }
            "server_max_window_bits" => {
                window("server_max_window_bits", &mut deflate.server_max_window_bits, value)?;
            }
            "client_max_window_bits" => {
                window("client_max_window_bits", &mut deflate.client_max_window_bits, value)?;
            }
            _ => return Err(Fault::Unknown(name)),
        }
    }
    Ok(deflate)
}

fn flag(name: &'static str, slot: &mut bool, bare: bool) -> Result<(), Fault<'static>> {
    if !bare {
        return Err(Fault::Value(name));
    }
    if std::mem::replace(slot, true) { Err(Fault::Twice(name)) } else { Ok(()) }
}

/// A decimal number from 8 to 15 without leading zeros.
fn window(name: &'static str, slot: &mut Option<u8>, value: Option<&str>) -> Result<(), Fault<'static>> {
    const BITS: [&str; 8] = ["8", "9", "10", "11", "12", "13", "14", "15"];
    let known = value.and_then(|value| BITS.iter().find(|bits| **bits == value));
    let bits = known.and_then(|bits| bits.parse().ok()).ok_or(Fault::Value(name))?;
    if slot.replace(bits).is_some() { Err(Fault::Twice(name)) } else { Ok(()) }
}

/// What stands in quotes means the same as without them: it must be a token either way (RFC 6455, section 9.1).
fn unquoted(value: &str) -> &str {
    value.strip_prefix('"').and_then(|value| value.strip_suffix('"')).unwrap_or(value)
}

/// The parts between separators that are not in quotes, without blanks around them.
fn split(text: &str, separator: u8) -> Vec<&str> {
    let mut parts = Vec::new();
    let (mut start, mut quoted, mut escaped) = (0, false, false);
    for (at, byte) in text.bytes().enumerate() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if quoted => escaped = true,
            b'"' => quoted = !quoted,
            _ if byte == separator && !quoted => {
                parts.push(text.get(start..at).unwrap_or_default().trim());
                start = at + 1;
            }
            _ => {}
        }
    }
    parts.push(text.get(start..).unwrap_or_default().trim());
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(values: &[&str]) -> Result<Option<Deflate>, String> {
        agreed(values.iter().copied(), true, str::to_owned)
    }

    #[test]
    fn what_may_be_agreed_is_read() {
        let none = Deflate::default();
        let both = Deflate { server_no_context_takeover: true, client_no_context_takeover: true, ..none };
        for (values, want) in [
            (&[][..], None),
            (&[""], None),
            (&[" , ,"], None),
            (&["permessage-deflate"], Some(none)),
            (&["Permessage-Deflate ;Client_No_Context_Takeover; SERVER_NO_CONTEXT_TAKEOVER"], Some(both)),
            (&["", "permessage-deflate"], Some(none)),
            (
                &["permessage-deflate; server_max_window_bits=8; client_max_window_bits = \"15\""],
                Some(Deflate { server_max_window_bits: Some(8), client_max_window_bits: Some(15), ..none }),
            ),
        ] {
            assert_eq!(read(values), Ok(want), "{values:?}");
        }
    }

    #[test]
    fn what_was_agreed_is_written_as_it_would_be_answered() {
        let text = "permessage-deflate; server_no_context_takeover; client_no_context_takeover; \
            server_max_window_bits=12; client_max_window_bits=8";
        assert_eq!(read(&[text]).unwrap().unwrap().to_string(), text);
    }

    #[test]
    fn what_cannot_be_met_is_named() {
        for (value, want) in [
            ("x-webkit-deflate-frame", "never offered: `x-webkit-deflate-frame`"),
            ("permessage-deflate, foo; a=\"b,c\"", "never offered: `foo; a=\"b,c\"`"),
            ("permessage-deflate, permessage-deflate", "more than once"),
            ("permessage-deflate; level=9", "no parameter `level`"),
            ("permessage-deflate;", "no parameter ``"),
            ("permessage-deflate; server_no_context_takeover=1", "no such value of `server_no_context_takeover`"),
            ("permessage-deflate; server_no_context_takeover; server_no_context_takeover", "takeover` twice"),
            ("permessage-deflate; server_max_window_bits=9; server_max_window_bits=9", "bits` twice"),
            ("permessage-deflate; server_max_window_bits", "no such value of `server_max_window_bits`"),
            ("permessage-deflate; server_max_window_bits=7", "no such value of"),
            ("permessage-deflate; server_max_window_bits=16", "no such value of"),
            ("permessage-deflate; server_max_window_bits=09", "no such value of"),
            ("permessage-deflate; server_max_window_bits=\"", "no such value of"),
            ("permessage-deflate; client_max_window_bits", "no such value of `client_max_window_bits`"),
            ("permessage-deflate; client_max_window_bits=", "no such value of"),
        ] {
            let text = read(&[value]).unwrap_err();
            assert!(text.contains(want), "{value}: {text}");
        }
    }

    #[test]
    fn nothing_is_agreed_that_was_not_offered() {
        let text = agreed([OFFER].into_iter(), false, str::to_owned).unwrap_err();
        assert!(text.contains("never offered"), "{text}");
        assert_eq!(agreed([""].into_iter(), false, str::to_owned), Ok(None));
    }
}
