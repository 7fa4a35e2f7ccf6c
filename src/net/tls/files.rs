//! Certificates and keys in PEM files, read and checked; errors name the file. What is done with them is said elsewhere.

use std::fmt;
use std::path::Path;

use rustls::crypto::ring;
use rustls::pki_types::pem::{self, PemObject};
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName};
use rustls::sign::CertifiedKey;
use rustls::{Error, InconsistentKeys};

/// The certificates of a PEM file; the error names the file. A check before the first dial calls it too.
pub fn read_roots(file: &Path) -> Result<Vec<CertificateDer<'static>>, String> {
    let roots = CertificateDer::pem_file_iter(file).and_then(Iterator::collect::<Result<Vec<_>, _>>);
    match roots {
        Ok(none) if none.is_empty() => Err(named(file, &"no certificate in it (PEM, `-----BEGIN CERTIFICATE-----`)")),
        Ok(some) => Ok(some),
        Err(error) => Err(unreadable(file, &error)),
    }
}

/// Who we are to a server that asks: certificates, our own first, and the key, which may be in the same file.
pub fn read_identity(
    cert: &Path,
    key: Option<&Path>,
) -> Result<(Vec<CertificateDer<'static>>, PrivateKeyDer<'static>), String> {
    let chain = read_roots(cert)?;
    let file = key.unwrap_or(cert);
    let private = PrivateKeyDer::from_pem_file(file).map_err(|error| {
        if !matches!(error, pem::Error::NoItemsFound) {
            unreadable(file, &error)
        } else if is_encrypted(file) {
            named(file, &"the key is encrypted: take the passphrase off with `openssl pkey -in FILE -out FILE`")
        } else if key.is_none() {
            named(file, &"no private key in it: name the file that has it with --client-key")
        } else {
            named(file, &"no private key in it (PEM, `-----BEGIN PRIVATE KEY-----`)")
        }
    })?;
    CertifiedKey::from_der(chain.clone(), private.clone_key(), &ring::default_provider())
        .map_err(|error| unfit(file, &error))?;
    Ok((chain, private))
}

/// Whether a certificate can be for that name.
pub fn check_server_name(name: &str) -> Result<(), String> {
    ServerName::try_from(name).map(drop).map_err(|_| "no name or IP address that a certificate can be for".to_owned())
}

/// Why a certificate and a key are no identity.
pub(super) fn unfit(file: &Path, error: &Error) -> String {
    if let Error::InconsistentKeys(InconsistentKeys::KeyMismatch) = error {
        named(file, &"the private key does not belong to the client certificate")
    } else {
        named(file, error)
    }
}

fn is_encrypted(file: &Path) -> bool {
    let text = std::fs::read_to_string(file).unwrap_or_default();
    text.contains("BEGIN ENCRYPTED PRIVATE KEY") || text.contains("Proc-Type: 4,ENCRYPTED")
}

fn named(file: &Path, what: &dyn fmt::Display) -> String {
    format!("{}: {what}", file.display())
}

fn unreadable(file: &Path, error: &pem::Error) -> String {
    if let pem::Error::Io(error) = error {
        named(file, error)
    } else {
        named(file, &format_args!("not a PEM file ({error})"))
    }
}
