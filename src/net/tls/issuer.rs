//! Who issued a certificate, and to whom, as its own fields say. Nothing is verified here: rustls did, or did not.
//!
//! webpki, which rustls brings along, takes the certificate apart; the names in it are a few nested lists of DER, read below.

use rustls::pki_types::CertificateDer;
use webpki::EndEntityCert;

/// What a certificate says of itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Named {
    pub(super) issuer: Option<String>,
    /// Issued by whom it is for.
    pub(super) by_itself: bool,
}

pub(super) fn named(certificate: &CertificateDer<'_>) -> Option<Named> {
    let read = EndEntityCert::try_from(certificate).ok()?;
    Some(Named { issuer: name(read.issuer()), by_itself: read.issuer() == read.subject() })
}

/// The common name of a Name (RFC 5280, section 4.1.2.4), and the organisation.
fn name(der: &[u8]) -> Option<String> {
    const COMMON: [u8; 3] = [0x55, 4, 3];
    const ORGANISATION: [u8; 3] = [0x55, 4, 10];
    let (mut common, mut organisation) = (None, None);
    let mut sets = der;
    while let Some((_, set, rest)) = item(sets) {
        sets = rest;
        let mut pairs = set;
        while let Some((_, pair, rest)) = item(pairs) {
            pairs = rest;
            let Some((_, kind, value)) = item(pair) else { continue };
            let Some((tag, value, _)) = item(value) else { continue };
            if kind == COMMON {
                common = Some(text(tag, value));
            } else if kind == ORGANISATION {
                organisation = Some(text(tag, value));
            }
        }
    }
    match (common, organisation) {
        (Some(common), Some(organisation)) if common != organisation => Some(format!("{common}, {organisation}")),
        (Some(one), _) | (None, Some(one)) => Some(one),
        (None, None) => None,
    }
}

/// The first item of DER: its tag, what is in it, and what follows.
fn item(der: &[u8]) -> Option<(u8, &[u8], &[u8])> {
    let (&tag, rest) = der.split_first()?;
    let (&length, rest) = rest.split_first()?;
    let (length, rest) = match length {
        0..=0x7F => (usize::from(length), rest),
        0x81 => (usize::from(*rest.first()?), rest.get(1..)?),
        0x82 => (usize::from(u16::from_be_bytes([*rest.first()?, *rest.get(1)?])), rest.get(2..)?),
        _ => return None,
    };
    Some((tag, rest.get(..length)?, rest.get(length..)?))
}

/// A string of ASN.1. All kinds in use but one are UTF-8, or nearly so.
fn text(tag: u8, bytes: &[u8]) -> String {
    const BMP: u8 = 0x1E;
    const LONGEST: usize = 60;
    let text = if tag == BMP {
        let units = bytes.chunks_exact(2).map(|pair| u16::from_be_bytes([pair[0], pair[1]]));
        char::decode_utf16(units).map(|c| c.unwrap_or(char::REPLACEMENT_CHARACTER)).collect()
    } else {
        String::from_utf8_lossy(bytes).into_owned()
    };
    text.chars().take(LONGEST).collect()
}

#[cfg(test)]
mod tests {
    use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair};

    use super::*;

    fn params(common: &str, organisation: Option<&str>) -> CertificateParams {
        let mut params = CertificateParams::new(vec!["a.example".to_owned()]).unwrap();
        params.distinguished_name.push(DnType::CommonName, common);
        if let Some(organisation) = organisation {
            params.distinguished_name.push(DnType::OrganizationName, organisation);
        }
        params
    }

    #[test]
    fn the_issuer_is_named() {
        let key = KeyPair::generate().unwrap();
        let mut authority = params("Test Root 业", Some("Test Org"));
        authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let authority = CertifiedIssuer::self_signed(authority, KeyPair::generate().unwrap()).unwrap();
        let signed = params("leaf", None).signed_by(&key, &authority).unwrap();
        let issuer = Some("Test Root 业, Test Org".to_owned());
        assert_eq!(named(signed.der()), Some(Named { issuer, by_itself: false }));
        let own = params("leaf", None).self_signed(&key).unwrap();
        assert_eq!(named(own.der()), Some(Named { issuer: Some("leaf".to_owned()), by_itself: true }));
    }

    #[test]
    fn sixteen_bit_text_is_text() {
        assert_eq!(text(0x1E, &[0x4E, 0x1A, 0, 0x41]), "业A");
        assert_eq!(text(0x0C, "业A".as_bytes()), "业A");
    }

    proptest::proptest! {
        #[test]
        fn any_bytes_are_a_name_or_none(bytes in proptest::collection::vec(0_u8.., 0..200)) {
            let _ = name(&bytes);
            let _ = named(&CertificateDer::from(bytes));
        }
    }
}
