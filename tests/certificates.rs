//! Dials over TLS: what is trusted, what is not, and the words for it.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test may")]

#[expect(dead_code, reason = "made for many tests")]
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
use wirebeat::net::target::Target;
use wirebeat::net::tls::{TlsOptions, read_identity, read_roots};
use wirebeat::net::transport::Transport;
use wirebeat::net::{NotOpened, Opened};

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

async fn dial_tls(identity: &Identity, options: TlsOptions) -> Result<Opened<Transport>, NotOpened> {
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
    assert!(text.contains("self-signed"), "{text}");

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

/// A server that wants to know who dials, and whom it believes.
struct Strict {
    config: ServerConfig,
    root: tempfile::NamedTempFile,
    /// A certificate that it believes, and its key.
    cert: tempfile::NamedTempFile,
    key: tempfile::NamedTempFile,
}

fn holding(text: &str) -> tempfile::NamedTempFile {
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), text).unwrap();
    file
}

fn strict(name: &str, versions: &[&'static rustls::SupportedProtocolVersion]) -> Strict {
    let mut root = CertificateParams::new(Vec::new()).unwrap();
    root.is_ca = rcgen::IsCa::Ca(rcgen::BasicConstraints::Unconstrained);
    root.distinguished_name.push(rcgen::DnType::CommonName, name);
    let root = rcgen::CertifiedIssuer::self_signed(root, KeyPair::generate().unwrap()).unwrap();
    let leaf = |name: &str| {
        let key = KeyPair::generate().unwrap();
        (CertificateParams::new(vec![name.to_owned()]).unwrap().signed_by(&key, &root).unwrap(), key)
    };
    let ((server, server_key), (client, client_key)) = (leaf("feed.example"), leaf("me"));
    let mut roots = rustls::RootCertStore::empty();
    roots.add(root.der().clone()).unwrap();
    let provider = Arc::new(ring::default_provider());
    let clients = rustls::server::WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider.clone());
    let config = ServerConfig::builder_with_provider(provider)
        .with_protocol_versions(versions)
        .unwrap()
        .with_client_cert_verifier(clients.build().unwrap())
        .with_single_cert(vec![server.der().clone()], PrivatePkcs8KeyDer::from(server_key.serialize_der()).into())
        .unwrap();
    let (cert, key) = (holding(&client.pem()), holding(&client_key.serialize_pem()));
    Strict { config, root: holding(&root.pem()), cert, key }
}

#[tokio::test]
async fn a_client_certificate_is_shown_where_it_is_wanted() {
    for version in [&rustls::version::TLS12, &rustls::version::TLS13] {
        let server = strict("Root of the test", &[version]);
        let acceptor = TlsAcceptor::from(Arc::new(server.config.clone()));
        let dial = async |cert: Option<&Path>, key: Option<&Path>| {
            let acceptor = acceptor.clone();
            let port = serve(async move |tcp| {
                if let Ok(io) = acceptor.accept(tcp).await {
                    shake(io).await;
                }
            })
            .await;
            let options = TlsOptions {
                ca_file: Some(server.root.path().to_owned()),
                server_name: Some("feed.example".to_owned()),
                client_cert: cert.map(Path::to_owned),
                client_key: key.map(Path::to_owned),
                ..TlsOptions::default()
            };
            dial_target(&Target::parse(&format!("wss://127.0.0.1:{port}")).unwrap().with_tls(options)).await
        };
        dial(Some(server.cert.path()), Some(server.key.path())).await.unwrap();
        // Both in one file.
        let read = |file: &tempfile::NamedTempFile| std::fs::read_to_string(file.path()).unwrap();
        let both = holding(&format!("{}{}", read(&server.key), read(&server.cert)));
        dial(Some(both.path()), None).await.unwrap();
        let text = tls(dial(None, None).await.unwrap_err().why);
        assert_eq!(text, "the server wants a client certificate: give one with --client-cert");
        let stranger = strict("Another root", &[version]);
        let text = tls(dial(Some(stranger.cert.path()), Some(stranger.key.path())).await.unwrap_err().why);
        assert!(text.contains("does not accept our client certificate"), "{text}");
    }
}

#[tokio::test]
async fn a_name_and_an_issuer_are_told() {
    let server = strict("Root of the test", &[&rustls::version::TLS13]);
    let acceptor = TlsAcceptor::from(Arc::new(server.config));
    let dial = async |options: TlsOptions| {
        let acceptor = acceptor.clone();
        let port = serve(async move |tcp| drop(acceptor.accept(tcp).await)).await;
        let target = Target::parse(&format!("wss://127.0.0.1:{port}")).unwrap().with_tls(options);
        tls(dial_target(&target).await.unwrap_err().why)
    };
    let trusted = trusting(server.root.path());
    let text = dial(trusted.clone()).await;
    assert_eq!(text, "the server's certificate is not for 127.0.0.1, it is for feed.example");
    let text = dial(TlsOptions { server_name: Some("other.example".to_owned()), ..trusted }).await;
    assert!(text.contains("not for other.example, it is for feed.example"), "{text}");
    let stranger = strict("Another root", &[&rustls::version::TLS13]);
    let options = TlsOptions { server_name: Some("feed.example".to_owned()), ..trusting(stranger.root.path()) };
    let text = dial(options).await;
    assert!(text.contains("(issued by Root of the test)") && text.contains("--ca-file"), "{text}");
}

#[test]
fn a_bad_identity_is_named() {
    let (one, other) = (strict("One", &[&rustls::version::TLS13]), strict("Other", &[&rustls::version::TLS13]));
    read_identity(one.cert.path(), Some(one.key.path())).unwrap();
    let text = read_identity(one.cert.path(), Some(other.key.path())).unwrap_err();
    assert!(text.contains("does not belong to the client certificate"), "{text}");
    let text = read_identity(one.cert.path(), None).unwrap_err();
    assert!(text.contains("no private key in it") && text.contains("--client-key"), "{text}");
    assert!(read_identity(one.key.path(), None).unwrap_err().contains("no certificate in it"));
    let locked = holding("-----BEGIN ENCRYPTED PRIVATE KEY-----\nAAAA\n-----END ENCRYPTED PRIVATE KEY-----\n");
    let text = read_identity(one.cert.path(), Some(locked.path())).unwrap_err();
    assert!(text.contains("the key is encrypted") && text.contains("openssl pkey"), "{text}");
    assert!(
        read_identity(one.cert.path(), Some(Path::new("/nowhere/key.pem"))).unwrap_err().contains("/nowhere/key.pem: ")
    );
}

/// More than 512 reads and the smallest records there are: legal, and slow servers and proxies do it.
#[tokio::test]
async fn an_answer_byte_by_byte_within_tls_is_an_answer() {
    let own = identity(&["127.0.0.1"], |_| {});
    let acceptor = TlsAcceptor::from(own.config.clone());
    let port = serve(async move |tcp| {
        tcp.set_nodelay(true).unwrap();
        let mut io = acceptor.accept(tcp).await.unwrap();
        let more = format!("\r\nX-Long: {}\r\n\r\n", "y".repeat(600));
        let answer = good(&request(&mut io).await).replace("\r\n\r\n", &more);
        for byte in answer.as_bytes() {
            io.write_all(&[*byte]).await.unwrap();
            io.flush().await.unwrap();
        }
        let _ = io.read(&mut [0; 16]).await;
    })
    .await;
    let target = Target::parse(&format!("wss://127.0.0.1:{port}")).unwrap().with_tls(trusting(own.file.path()));
    dial_target(&target).await.unwrap();
}

/// The proxy's own TLS, and the server's within it.
#[tokio::test]
async fn a_proxy_may_speak_tls_itself() {
    let (proxy, server) = (identity(&["127.0.0.1"], |_| {}), identity(&["feed.example"], |_| {}));
    let pem = |identity: &Identity| std::fs::read_to_string(identity.file.path()).unwrap();
    let roots = holding(&format!("{}{}", pem(&proxy), pem(&server)));
    let (outer, inner) = (TlsAcceptor::from(proxy.config), TlsAcceptor::from(server.config));
    let port = serve(async move |tcp| {
        let mut io = outer.accept(tcp).await.unwrap();
        assert!(request(&mut io).await.starts_with("CONNECT feed.example:443 "));
        io.write_all(b"HTTP/1.1 200 OK\r\n\r\n").await.unwrap();
        io.flush().await.unwrap();
        shake(inner.accept(io).await.unwrap()).await;
    })
    .await;
    let proxy = wirebeat::net::proxy::Proxy::parse(&format!("https://127.0.0.1:{port}"), "--proxy").unwrap();
    let target = Target::parse("wss://feed.example").unwrap().with_tls(trusting(roots.path()));
    let dialed =
        dial_target(&target.with_proxies(wirebeat::net::proxy::Proxies::Given(Arc::new(proxy)))).await.unwrap();
    assert!(dialed.phases.proxy.is_some() && dialed.phases.tls.is_some());
}
