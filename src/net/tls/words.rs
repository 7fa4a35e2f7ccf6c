//! Trouble with TLS, in words for a person: what went wrong, and what may help.

use jiff::Timestamp;
use rustls::pki_types::{CertificateDer, UnixTime};
use rustls::{CertificateError, Error, InvalidMessage};

use super::Asked;
use super::issuer::{self, Named};
use crate::event::Why;

const SECONDS_A_DAY: u64 = 86_400;

/// A connection that ended during the handshake.
pub(super) fn hung_up(why: Why, asked: Asked) -> Why {
    let why = judged_us(why, asked);
    if why != Why::Eof {
        return why;
    }
    let text = "the server hung up during the TLS handshake (a port without TLS may do so: try ws://)";
    Why::Tls { text: text.to_owned() }
}

/// Servers that turn us down for our certificate, or for want of one, mostly hang up and say nothing.
pub(in crate::net) fn judged_us(why: Why, asked: Asked) -> Why {
    let left = matches!(&why, Why::Eof | Why::Reset { .. })
        || matches!(&why, Why::Handshake { text } if text.contains("hung up without an answer"));
    let text = match asked {
        Asked::InVain if left => NO_CLIENT_CERT,
        Asked::Shown if left => "the server saw our client certificate and hung up: it may not accept it",
        Asked::Not | Asked::InVain | Asked::Shown => return why,
    };
    Why::Tls { text: text.to_owned() }
}

const NO_CLIENT_CERT: &str = "the server wants a client certificate: give one with --client-cert";

/// What went wrong, and what may help.
#[expect(clippy::wildcard_enum_match_arm, reason = "a foreign enum, and this is where it is put into words")]
pub(in crate::net) fn words(error: &Error, refused: Option<&CertificateDer<'_>>, asked: Asked) -> String {
    match error {
        Error::InvalidCertificate(trouble) => certificate_words(trouble, refused.and_then(issuer::named).as_ref()),
        Error::InvalidMessage(InvalidMessage::InvalidContentType) => {
            "the server does not speak TLS on this port: try ws://".to_owned()
        }
        Error::AlertReceived(alert) => {
            let name = format!("{alert:?}");
            match name.as_str() {
                "NoApplicationProtocol" => "the server refused TLS: it does not offer http/1.1 (ALPN)".to_owned(),
                "ProtocolVersion" => "the server refused TLS: it wants another version than 1.2 or 1.3".to_owned(),
                "UnrecognisedName" => "the server refused TLS: it does not know this host name".to_owned(),
                "CertificateRequired" => NO_CLIENT_CERT.to_owned(),
                // Servers say it in various ways.
                "HandshakeFailure" | "BadCertificate" | "CertificateUnknown" | "AccessDenied"
                    if asked == Asked::InVain =>
                {
                    NO_CLIENT_CERT.to_owned()
                }
                // There is no other certificate that a server could judge.
                "BadCertificate"
                | "UnsupportedCertificate"
                | "CertificateRevoked"
                | "CertificateExpired"
                | "CertificateUnknown"
                | "UnknownCA"
                | "AccessDenied" => {
                    format!("the server does not accept our client certificate ({name})")
                }
                _ => format!("the server refused TLS: {name}"),
            }
        }
        Error::PeerIncompatible(how) => {
            format!("the server and we share no way to speak TLS 1.2 or 1.3 ({how:?})")
        }
        other => other.to_string(),
    }
}

#[expect(clippy::wildcard_enum_match_arm, reason = "a foreign enum, and this is where it is put into words")]
fn certificate_words(trouble: &CertificateError, named: Option<&Named>) -> String {
    let issuer = named.and_then(|named| named.issuer.as_deref());
    let issued = issuer.map_or_else(String::new, |issuer| format!(" (issued by {issuer})"));
    match trouble {
        CertificateError::Expired => format!("the server's certificate{issued} has expired"),
        CertificateError::ExpiredContext { time, not_after } => {
            let days = time.as_secs().saturating_sub(not_after.as_secs()) / SECONDS_A_DAY;
            let ago = match days {
                0 => "today".to_owned(),
                1 => "1 day ago".to_owned(),
                days => format!("{days} days ago"),
            };
            format!("the server's certificate{issued} expired on {}, {ago}", date(*not_after))
        }
        CertificateError::NotValidYet => {
            format!("the server's certificate{issued} is not valid yet: is our clock right?")
        }
        CertificateError::NotValidYetContext { not_before, .. } => {
            format!("the server's certificate{issued} is valid from {} only: is our clock right?", date(*not_before))
        }
        CertificateError::NotValidForName => "the server's certificate is for another name".to_owned(),
        CertificateError::NotValidForNameContext { expected, presented } => {
            format!("the server's certificate is not for {}, it is for {}", expected.to_str(), names(presented))
        }
        // Its issuer may have the name of one that is trusted, and not be it: half of all test certificates are for localhost.
        CertificateError::UnknownIssuer | CertificateError::BadSignature
            if named.is_some_and(|named| named.by_itself) =>
        {
            "the server's certificate is self-signed: trust it with --ca-file, or believe it with --insecure".to_owned()
        }
        CertificateError::UnknownIssuer => format!(
            "nobody whom this machine trusts issued the server's certificate{issued}: give the root with --ca-file, \
             or believe it with --insecure"
        ),
        CertificateError::BadSignature => format!(
            "the server's certificate{issued} is not signed by the authority of that name that this machine trusts: give \
             the root with --ca-file, or believe it with --insecure"
        ),
        CertificateError::Revoked => "the server's certificate was revoked".to_owned(),
        CertificateError::InvalidPurpose | CertificateError::InvalidPurposeContext { .. } => {
            "the server's certificate was not made for servers".to_owned()
        }
        // The name of a type that is not ours to depend on.
        CertificateError::Other(other) if format!("{other:?}").contains("CaUsedAsEndEntity") => {
            "the server shows the certificate of an authority as its own (self-signed with CA:TRUE): \
            make one with CA:FALSE, or believe it with --insecure"
                .to_owned()
        }
        other => format!("the server's certificate does not hold: {other}"),
    }
}

fn date(at: UnixTime) -> String {
    let at = i64::try_from(at.as_secs()).ok().and_then(|secs| Timestamp::from_second(secs).ok());
    at.map_or_else(|| "a day beyond all calendars".to_owned(), |at| at.strftime("%Y-%m-%d %H:%M UTC").to_string())
}

/// The names of a certificate, such as `DnsName("a.example")`: the first few, without the kind.
fn names(presented: &[String]) -> String {
    const SHOWN: usize = 5;
    let bare = |name: &String| {
        let inner = name.split_once('(').and_then(|(_, rest)| rest.strip_suffix(')')).unwrap_or(name);
        inner.trim_matches('"').to_owned()
    };
    match presented.len() {
        0 => "no name at all".to_owned(),
        all if all <= SHOWN => presented.iter().map(bare).collect::<Vec<_>>().join(", "),
        all => {
            let some: Vec<_> = presented.iter().take(SHOWN).map(bare).collect();
            format!("{} and {} more", some.join(", "), all - SHOWN)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_certificate_with_the_name_of_a_trusted_one_is_still_self_signed() {
        let named = |by_itself| Named { issuer: Some("localhost".to_owned()), by_itself };
        let words = |by_itself| certificate_words(&CertificateError::BadSignature, Some(&named(by_itself)));
        assert!(words(true).contains("self-signed") && words(true).contains("--ca-file"), "{}", words(true));
        assert!(words(false).contains("(issued by localhost) is not signed by"), "{}", words(false));
    }
}
