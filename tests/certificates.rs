//! Dials over TLS: what is trusted, what is not, and the words for it.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test may")]

mod loopback;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use loopback::{answering, dial_port, dial_target, good, handshake, request, serve};
use rcgen::{CertificateParams, KeyPair};
use rustls::ServerConfig;
use rustls::crypto::ring;
use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio_rustls::TlsAcceptor;
use wirebeat::event::Why;
use wirebeat::net::dial::{DialFailed, Dialed};
use wirebeat::net::target::Target;
use wirebeat::net::tls::{TlsOptions, read_roots};

#[track_caller]
fn tls(why: Why) -> String {
    let Why::Tls { text } = why else { panic!("{why:?}") };
    text
}

/// A certificate of its own for `names`, in a file.
struct Identity {
    config: Arc<ServerConfig>,
    file: tempfile::NamedTempFile,
}

fn identity(names: &[&str], adjust: impl FnOnce(&mut CertificateParams)) -> Identity {
    let mut params = CertificateParams::new(names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>()).unwrap();
    adjust(&mut params);
    let key = KeyPair::generate().unwrap();
    let cert = params.self_signed(&key).unwrap();
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), cert.pem()).unwrap();
    let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key.serialize_der()));
    let mut config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![cert.der().clone()], key)
        .unwrap();
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Identity { config: Arc::new(config), file }
}

async fn shake<S: AsyncRead + AsyncWrite + Unpin>(mut io: S) {
    let answer = good(&request(&mut io).await);
    io.write_all(answer.as_bytes()).await.unwrap();
    io.flush().await.unwrap();
    let _ = io.read(&mut [0; 16]).await;
}

async fn dial_tls(identity: &Identity, options: TlsOptions) -> Result<Dialed, DialFailed> {
    let acceptor = TlsAcceptor::from(identity.config.clone());
    let port = serve(async move |tcp| {
        if let Ok(io) = acceptor.accept(tcp).await {
            assert_eq!(io.get_ref().1.alpn_protocol(), Some(&b"http/1.1"[..]));
            shake(io).await;
        }
    })
    .await;
    dial_target(&Target::parse(&format!("wss://127.0.0.1:{port}")).unwrap().with_tls(options)).await
}

fn trusting(file: &Path) -> TlsOptions {
    TlsOptions { ca_file: Some(file.to_owned()), ..TlsOptions::default() }
}

#[tokio::test]
async fn a_self_signed_certificate_is_refused_until_it_is_trusted() {
    let own = identity(&["127.0.0.1"], |_| {});
    // Without roots of another kind the platform's are all there is; a machine may have none.
    let text = tls(dial_tls(&own, TlsOptions::default()).await.unwrap_err().why);
    assert!(text.contains("--ca-file"), "{text}");
    let other = identity(&["127.0.0.1"], |_| {});
    let text = tls(dial_tls(&own, trusting(other.file.path())).await.unwrap_err().why);
    assert!(text.contains("nobody whom this machine trusts") || text.contains("does not hold"), "{text}");

    let dialed = dial_tls(&own, trusting(own.file.path())).await.unwrap();
    assert!(dialed.phases.tls.is_some());
    dial_tls(&own, TlsOptions { insecure: true, ..TlsOptions::default() }).await.unwrap();
}

#[tokio::test]
async fn trouble_with_a_certificate_is_in_words() {
    let old = identity(&["127.0.0.1"], |params| params.not_after = rcgen::date_time_ymd(2020, 2, 29));
    let text = tls(dial_tls(&old, trusting(old.file.path())).await.unwrap_err().why);
    assert!(
        text.starts_with(
            "the server's certificate (issued by rcgen self signed cert) expired on 2020-02-29 00:00 UTC, "
        )
    );
    assert!(text.ends_with(" days ago"), "{text}");
    let new = identity(&["127.0.0.1"], |params| params.not_before = rcgen::date_time_ymd(2999, 1, 1));
    let text = tls(dial_tls(&new, trusting(new.file.path())).await.unwrap_err().why);
    assert!(text.contains("from 2999-01-01 00:00 UTC"), "{text}");
    let seven: Vec<String> = (0..7).map(|n| format!("n{n}.example")).collect();
    let seven: Vec<&str> = seven.iter().map(String::as_str).collect();
    for (names, want) in [
        (&["a.example", "10.1.2.3"][..], "not for 127.0.0.1, it is for a.example, 10.1.2.3"),
        (&seven, "n4.example and 2 more"),
    ] {
        let own = identity(names, |_| {});
        let text = tls(dial_tls(&own, trusting(own.file.path())).await.unwrap_err().why);
        assert!(text.contains(want), "{text}");
    }
    let authority =
        identity(&["127.0.0.1"], |params| params.is_ca = rcgen::IsCa::Ca(rcgen::BasicConstraints::Unconstrained));
    let text = tls(dial_tls(&authority, trusting(authority.file.path())).await.unwrap_err().why);
    assert!(text.contains("certificate of an authority as its own"), "{text}");
    for expired in [old, authority] {
        dial_tls(&expired, TlsOptions { insecure: true, ..TlsOptions::default() }).await.unwrap();
    }
}

#[tokio::test]
async fn tls_on_a_plain_port_and_the_reverse_are_named() {
    let insecure = || TlsOptions { insecure: true, ..TlsOptions::default() };
    let wss = |port: u16| Target::parse(&format!("wss://127.0.0.1:{port}")).unwrap().with_tls(insecure());
    let port = serve(async |mut tcp| {
        let _ = tcp.read(&mut [0; 1024]).await;
        tcp.write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n").await.unwrap();
    })
    .await;
    let text = tls(dial_target(&wss(port)).await.unwrap_err().why);
    assert!(text.contains("does not speak TLS") && text.contains("try ws://"), "{text}");
    let port = serve(async |mut tcp| drop(tcp.read(&mut [0; 1024]).await)).await;
    let text = tls(dial_target(&wss(port)).await.unwrap_err().why);
    assert!(text.contains("try ws://"), "{text}");

    let acceptor = TlsAcceptor::from(identity(&["127.0.0.1"], |_| {}).config);
    let port = serve(async move |tcp| drop(acceptor.accept(tcp).await)).await;
    let text = handshake(dial_port(port).await.unwrap_err().why);
    assert!(text.contains("try wss://"), "{text}");
}

#[tokio::test]
async fn a_bad_file_of_roots_is_named() {
    let none = PathBuf::from("/nowhere/roots.pem");
    assert!(read_roots(&none).unwrap_err().starts_with("/nowhere/roots.pem: "));
    let file = tempfile::NamedTempFile::new().unwrap();
    let text = read_roots(file.path()).unwrap_err();
    assert!(text.contains(file.path().to_str().unwrap()) && text.contains("no certificate in it"), "{text}");
    std::fs::write(file.path(), "-----BEGIN CERTIFICATE-----\n!!\n-----END CERTIFICATE-----\n").unwrap();
    assert!(read_roots(file.path()).unwrap_err().contains("not a PEM file"));
    std::fs::write(file.path(), "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n").unwrap();

    let own = identity(&["127.0.0.1"], |_| {});
    for path in [none.as_path(), file.path()] {
        let text = tls(dial_tls(&own, trusting(path)).await.unwrap_err().why);
        assert!(text.starts_with(path.to_str().unwrap()), "{text}");
    }
    // A file that is not there keeps nobody from a link that needs no roots.
    let port = answering(|request| good(request).into_bytes()).await;
    let plain = Target::parse(&format!("ws://127.0.0.1:{port}")).unwrap();
    dial_target(&plain.with_tls(trusting(&none))).await.unwrap();
}
