//! What we trust, and how we show who we are.
//!
//! Configurations are built when the first `wss://` link needs one, and shared from then on. Files are read in `files`, and
//! trouble is put into words in `words`; sockets are opened elsewhere.

mod files;
mod issuer;
mod words;

use std::cell::RefCell;
use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;

use rustls::client::ResolvesClientCert;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, ring, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::sign::CertifiedKey;
use rustls::{ClientConfig, DigitallySignedStruct, DistinguishedName, Error, SignatureScheme};
use rustls_platform_verifier::Verifier;
use tokio::sync::Mutex;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

pub use self::files::{check_server_name, read_identity, read_roots};
pub(super) use self::words::{judged_us, words};
use super::dial::io_why;
use super::target::Host;
use super::transport::Transport;
use crate::event::Why;

/// How a link is secured. Roots are the platform's, and those of `ca_file` besides.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct TlsOptions {
    pub ca_file: Option<PathBuf>,
    /// Whoever answers is believed.
    pub insecure: bool,
    /// Our own certificate, for servers that want one.
    pub client_cert: Option<PathBuf>,
    /// Its key, where that is not in the same file.
    pub client_key: Option<PathBuf>,
    /// The name that the certificate must be for, instead of the host.
    pub server_name: Option<String>,
}

/// A connection that is secured.
pub(super) struct Secured {
    pub(super) io: TlsStream<Transport>,
    pub(super) asked: Asked,
}

/// Whether the server asked who we are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Asked {
    #[default]
    Not,
    /// And we had nothing to show.
    InVain,
    /// And it saw our certificate.
    Shown,
}

/// What one handshake saw. A verifier is shared by all of them, so it cannot keep it.
#[derive(Default)]
struct Seen {
    /// The certificate that was not believed.
    refused: Option<CertificateDer<'static>>,
    asked: Asked,
}

tokio::task_local! {
    static SEEN: RefCell<Seen>;
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

    /// Shakes hands over `io` with the server that should be `host`.
    pub(super) async fn connect(
        &self,
        options: &TlsOptions,
        host: &Host,
        address: &str,
        io: Transport,
    ) -> Result<Secured, Why> {
        let unfit = || Why::Tls { text: "the host name is none that a certificate can be for".to_owned() };
        let name = match (&options.server_name, host) {
            (Some(name), _) => ServerName::try_from(name.clone()).map_err(|_| unfit())?,
            (None, Host::Ip(ip)) => ServerName::IpAddress((*ip).into()),
            // A name that ends in a dot is the same name, and in no certificate.
            (None, Host::Name(name)) => {
                ServerName::try_from(name.trim_end_matches('.').to_owned()).map_err(|_| unfit())?
            }
            (None, Host::Socket(_)) => return Err(unfit()),
        };
        let config = self.config(options).await.map_err(|text| Why::Tls { text })?;
        let shake = async {
            let done = TlsConnector::from(config).connect(name, io).await;
            (done, SEEN.with(RefCell::take))
        };
        let (done, seen) = SEEN.scope(RefCell::default(), shake).await;
        done.map(|io| Secured { io, asked: seen.asked }).map_err(|error| {
            match error.get_ref().and_then(|inner| inner.downcast_ref::<Error>()) {
                Some(error) => Why::Tls { text: words(error, seen.refused.as_ref(), seen.asked) },
                None => words::hung_up(io_why(&error, address), seen.asked),
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
    let builder = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error| error.to_string())?
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(Witness(verifier)));
    let mut config = match &options.client_cert {
        Some(file) => {
            let (chain, key) = read_identity(file, options.client_key.as_deref())?;
            let key = CertifiedKey::from_der(chain, key, builder.crypto_provider());
            let key = key.map_err(|error| files::unfit(file, &error))?;
            builder.with_client_cert_resolver(Arc::new(Identity(Some(Arc::new(key)))))
        }
        None => builder.with_client_cert_resolver(Arc::new(Identity(None))),
    };
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(Arc::new(config))
}

/// Tells a handshake which certificate was not believed.
#[derive(Debug)]
struct Witness(Arc<dyn ServerCertVerifier>);

impl ServerCertVerifier for Witness {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        self.0.verify_server_cert(end_entity, intermediates, server_name, ocsp_response, now).inspect_err(|_| {
            let refused = Some(end_entity.clone().into_owned());
            let _outside = SEEN.try_with(|seen| seen.borrow_mut().refused = refused);
        })
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.0.verify_tls12_signature(message, cert, signed)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.0.verify_tls13_signature(message, cert, signed)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.supported_verify_schemes()
    }

    fn root_hint_subjects(&self) -> Option<&[DistinguishedName]> {
        self.0.root_hint_subjects()
    }
}

/// Our certificate, if we have one. It tells a handshake that the server wanted to see it.
#[derive(Debug)]
struct Identity(Option<Arc<CertifiedKey>>);

impl ResolvesClientCert for Identity {
    fn resolve(&self, _issuers: &[&[u8]], _schemes: &[SignatureScheme]) -> Option<Arc<CertifiedKey>> {
        let asked = if self.0.is_some() { Asked::Shown } else { Asked::InVain };
        let _outside = SEEN.try_with(|seen| seen.borrow_mut().asked = asked);
        self.0.clone()
    }

    fn has_certs(&self) -> bool {
        self.0.is_some()
    }
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
