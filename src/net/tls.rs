//! What we trust, and how we show who we are.
//!
//! Configurations are built when the first `wss://` link needs one, and shared from then on. Trouble with certificates
//! is put into words here; sockets are opened elsewhere.

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use jiff::Timestamp;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, ring, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::pem::{self, PemObject};
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{CertificateError, ClientConfig, DigitallySignedStruct, Error, InvalidMessage, SignatureScheme};
use rustls_platform_verifier::Verifier;
use tokio::net::TcpStream;
use tokio::sync::Mutex;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

use super::dial::io_why;
use super::target::Host;
use crate::event::Why;

/// How a link is secured. Roots are the platform's, and those of `ca_file` besides.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct TlsOptions {
    pub ca_file: Option<PathBuf>,
    /// Whoever answers is believed.
    pub insecure: bool,
}

/// The TLS configurations in use, one for each set of options. Copies share them.
#[derive(Clone, Default)]
pub struct Connector {
    built: Arc<Mutex<Vec<Built>>>,
}

type Built = (TlsOptions, Arc<ClientConfig>);

impl fmt::Debug for Connector {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Connector")
    }
}

impl Connector {
    pub fn new() -> Self {
        Self::default()
    }

    /// Shakes hands over `tcp` with the server that should be `host`.
    pub(super) async fn connect(
        &self,
        options: &TlsOptions,
        host: &Host,
        address: &str,
        tcp: TcpStream,
    ) -> Result<TlsStream<TcpStream>, Why> {
        let name = match host {
            Host::Ip(ip) => ServerName::IpAddress((*ip).into()),
            // A name that ends in a dot is the same name, and in no certificate.
            Host::Name(name) => ServerName::try_from(name.trim_end_matches('.').to_owned())
                .map_err(|_| Why::Tls { text: "the host name is none that a certificate can be for".to_owned() })?,
        };
        let config = self.config(options).await.map_err(|text| Why::Tls { text })?;
        TlsConnector::from(config).connect(name, tcp).await.map_err(|error| {
            match error.get_ref().and_then(|inner| inner.downcast_ref::<Error>()) {
                Some(error) => Why::Tls { text: words(error) },
                None => hung_up(io_why(&error, address)),
            }
        })
    }

    /// The lock is held while a configuration is built, so that fifty dials at once load the roots once.
    async fn config(&self, options: &TlsOptions) -> Result<Arc<ClientConfig>, String> {
        let mut built = self.built.lock().await;
        if let Some((_, config)) = built.iter().find(|(have, _)| have == options) {
            return Ok(config.clone());
        }
        let wanted = options.clone();
        // Reading the roots of the platform takes tens of milliseconds, in which no other feed should wait.
        let config = tokio::task::spawn_blocking(move || build(&wanted))
            .await
            .map_err(|_| "the TLS set-up did not finish".to_owned())??;
        built.push((options.clone(), config.clone()));
        Ok(config)
    }
}

/// The certificates of a PEM file; the error names the file. A check before the first dial calls it too.
pub fn read_roots(file: &Path) -> Result<Vec<CertificateDer<'static>>, String> {
    let named = |what: &dyn fmt::Display| format!("{}: {what}", file.display());
    let roots = CertificateDer::pem_file_iter(file).and_then(Iterator::collect::<Result<Vec<_>, _>>);
    match roots {
        Ok(none) if none.is_empty() => Err(named(&"no certificate in it (PEM, `-----BEGIN CERTIFICATE-----`)")),
        Ok(some) => Ok(some),
        Err(pem::Error::Io(error)) => Err(named(&error)),
        Err(error) => Err(named(&format_args!("not a PEM file ({error})"))),
    }
}

fn build(options: &TlsOptions) -> Result<Arc<ClientConfig>, String> {
    let provider = Arc::new(ring::default_provider());
    let roots = options.ca_file.as_deref().map(read_roots).transpose()?.unwrap_or_default();
    let verifier: Arc<dyn ServerCertVerifier> = if options.insecure {
        Arc::new(Unchecked(provider.clone()))
    } else {
        let verifier =
            Verifier::new_with_extra_roots(roots, provider.clone()).map_err(|error| match &options.ca_file {
                Some(file) => format!("{}: {error}", file.display()),
                None => format!("{error}: give roots with --ca-file"),
            })?;
        Arc::new(verifier)
    };
    let mut config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error| error.to_string())?
        .dangerous()
        .with_custom_certificate_verifier(verifier)
        .with_no_client_auth();
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(Arc::new(config))
}

/// Takes any certificate. That the server holds its key is still checked, so that a broken handshake stays an error.
#[derive(Debug)]
struct Unchecked(Arc<CryptoProvider>);

impl ServerCertVerifier for Unchecked {
    fn verify_server_cert(
        &self,
        _end_entity: &CertificateDer<'_>,
        _intermediates: &[CertificateDer<'_>],
        _server_name: &ServerName<'_>,
        _ocsp_response: &[u8],
        _now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls12_signature(message, cert, signed, &self.0.signature_verification_algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls13_signature(message, cert, signed, &self.0.signature_verification_algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.signature_verification_algorithms.supported_schemes()
    }
}

fn hung_up(why: Why) -> Why {
    if why != Why::Eof {
        return why;
    }
    let text = "the server hung up during the TLS handshake (a port without TLS may do so: try ws://)";
    Why::Tls { text: text.to_owned() }
}

/// What went wrong, and what may help.
#[expect(clippy::wildcard_enum_match_arm, reason = "a foreign enum, and this is where it is put into words")]
fn words(error: &Error) -> String {
    match error {
        Error::InvalidCertificate(trouble) => certificate_words(trouble),
        Error::InvalidMessage(InvalidMessage::InvalidContentType) => {
            "the server does not speak TLS on this port: try ws://".to_owned()
        }
        Error::AlertReceived(alert) => {
            let name = format!("{alert:?}");
            match name.as_str() {
                "NoApplicationProtocol" => "the server refused TLS: it does not offer http/1.1 (ALPN)".to_owned(),
                "ProtocolVersion" => "the server refused TLS: it wants another version than 1.2 or 1.3".to_owned(),
                "UnrecognisedName" => "the server refused TLS: it does not know this host name".to_owned(),
                "CertificateRequired" => "the server refused TLS: it wants a client certificate".to_owned(),
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
fn certificate_words(trouble: &CertificateError) -> String {
    match trouble {
        CertificateError::Expired => "the server's certificate has expired".to_owned(),
        CertificateError::ExpiredContext { not_after, .. } => {
            format!("the server's certificate expired on {}", date(*not_after))
        }
        CertificateError::NotValidYet => "the server's certificate is not valid yet: is our clock right?".to_owned(),
        CertificateError::NotValidYetContext { not_before, .. } => {
            format!("the server's certificate is valid from {} only: is our clock right?", date(*not_before))
        }
        CertificateError::NotValidForName => "the server's certificate is for another name".to_owned(),
        CertificateError::NotValidForNameContext { expected, presented } => {
            format!("the server's certificate is not for {}, it is for {}", expected.to_str(), names(presented))
        }
        CertificateError::UnknownIssuer => "nobody whom this machine trusts issued the server's certificate: \
            give its root with --ca-file, or believe it with --insecure"
            .to_owned(),
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
