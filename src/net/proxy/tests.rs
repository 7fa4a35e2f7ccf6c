//! Proxies as they are written, which dial takes which, and what they say when they do not let us through.

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, DuplexStream, duplex};

use super::*;

fn proxy(url: &str) -> Proxy {
    Proxy::parse(url, "--proxy").unwrap()
}

fn host(text: &str) -> Host {
    crate::net::target::Target::parse(&format!("ws://{text}/")).unwrap().host().clone()
}

#[test]
fn a_proxy_is_read_and_shown_without_its_password() {
    for (url, shown) in [
        ("http://10.0.0.1:3128", "http://10.0.0.1:3128"),
        (" HTTP://Proxy.Example/ ", "http://proxy.example:80"),
        ("proxy:3128", "http://proxy:3128"),
        ("us:SECRET@proxy:3128", "http://proxy:3128"),
        ("https://us:SECRET@proxy", "https://proxy:443"),
        ("socks5://us:SECRET@[::1]:9", "socks5://[::1]:9"),
        ("socks5h://proxy", "socks5://proxy:1080"),
    ] {
        let proxy = Proxy::parse(url, "HTTPS_PROXY").unwrap();
        assert_eq!(proxy.to_string(), format!("{shown} (from HTTPS_PROXY)"), "{url}");
        assert!(!format!("{proxy:?}").contains("SECRET"));
    }
    let named = proxy("http://me%40work:p%3Aw@h:1");
    assert_eq!(named.credentials(), Some(("me@work".to_owned(), "p:w".to_owned())));
    assert_eq!(named.basic().as_deref(), Some("Basic bWVAd29yazpwOnc="));
    assert_eq!(proxy("http://h").credentials(), None);
}

#[test]
fn a_wrong_proxy_is_told_without_its_password() {
    for (url, want) in [
        ("ftp://us:SECRET@h", ProxyError::Scheme),
        ("socks4://h", ProxyError::Scheme),
        ("http://us:SEC RET@h", ProxyError::Blank),
        ("http://us:SECRET@", ProxyError::Host),
        ("http://us:SECRET@h_/x*", ProxyError::Rest),
        ("http://h:0", ProxyError::Port),
        ("http://us:SEC/RET@h", ProxyError::Port),
        ("http://h:80/path", ProxyError::Rest),
        ("", ProxyError::Host),
        ("http://业务:80", ProxyError::Host),
    ] {
        let error = Proxy::parse(url, "x").unwrap_err();
        assert_eq!(error, want, "{url}");
        assert!(!error.to_string().contains("SECRET"));
    }
}

fn environment(set: &[(&str, &str)]) -> Environment {
    Environment::read(|name| set.iter().find(|(have, _)| *have == name).map(|(_, value)| (*value).to_owned()))
}

/// The proxy that the environment has for a target, as errors name it.
fn of(set: &[(&str, &str)], secure: bool, name: &str, port: u16) -> Result<Option<String>, String> {
    let proxies = Proxies::Environment(environment(set).into());
    proxies.choose(secure, &host(name), port).map(|proxy| proxy.map(ToString::to_string))
}

#[test]
fn the_variables_are_those_of_curl() {
    let from = |set: &[(&str, &str)], secure| of(set, secure, "h.example", 80).unwrap().unwrap_or_default();
    assert_eq!(from(&[("HTTPS_PROXY", "http://a:1")], true), "http://a:1 (from HTTPS_PROXY)");
    assert_eq!(
        from(&[("HTTPS_PROXY", "http://a:1"), ("https_proxy", "http://b:1")], true),
        "http://b:1 (from https_proxy)"
    );
    assert_eq!(from(&[("HTTPS_PROXY", "http://a:1")], false), "");
    assert_eq!(from(&[("http_proxy", "http://a:1")], false), "http://a:1 (from http_proxy)");
    assert_eq!(from(&[("http_proxy", "http://a:1")], true), "");
    // It may come from the header of somebody's request.
    assert_eq!(from(&[("HTTP_PROXY", "http://a:1")], false), "");
    for secure in [false, true] {
        assert_eq!(from(&[("ALL_PROXY", "socks5://a:1")], secure), "socks5://a:1 (from ALL_PROXY)");
        assert_eq!(from(&[("all_proxy", ""), ("ALL_PROXY", "a:1")], secure), "http://a:1 (from ALL_PROXY)");
        assert_eq!(from(&[], secure), "");
    }
    let wrong = of(&[("https_proxy", "ftp://us:SECRET@h")], true, "h.example", 443).unwrap_err();
    assert!(wrong.starts_with("https_proxy: ") && !wrong.contains("SECRET"), "{wrong}");
    // A variable that is not used is not read.
    assert_eq!(of(&[("https_proxy", "ftp://h")], false, "h.example", 80), Ok(None));
}

#[test]
fn no_proxy_has_many_forms() {
    let spared = |list: &str, name: &str, port| {
        of(&[("all_proxy", "http://p:1"), ("NO_PROXY", list)], true, name, port).unwrap().is_none()
    };
    for (list, name, port, want) in [
        ("*", "h.example", 1, true),
        ("", "h.example", 1, false),
        ("example", "h.example", 1, true),
        ("h.example", "h.example", 1, true),
        ("H.Example.", "h.example", 1, true),
        ("h.example", "h.example.", 1, true),
        (".example", "h.example", 1, true),
        ("*.example", "h.example", 1, true),
        ("ample", "h.example", 1, false),
        ("a, ,b.example  h.example", "h.example", 1, true),
        ("h.example:443", "h.example", 443, true),
        ("h.example:443", "h.example", 80, false),
        ("10.0.0.1", "10.0.0.1", 1, true),
        ("10.0.0.1", "10.0.0.10", 1, false),
        ("10.0.0.1:80", "10.0.0.1", 80, true),
        ("10.0.0.1:80", "10.0.0.1", 81, false),
        ("10.0.0.0/8", "10.9.8.7", 1, true),
        ("10.0.0.0/8", "11.0.0.1", 1, false),
        ("0.0.0.0/0", "11.0.0.1", 1, true),
        ("10.0.0.0/33", "10.0.0.1", 1, false),
        ("10.0.0.0/8", "h.example", 1, false),
        ("fd00::/8", "[fd12::1]", 1, true),
        ("[fd12::1]", "[fd12::1]", 1, true),
        ("[fd12::1]:9", "[fd12::1]", 8, false),
        ("::/0", "[fd12::1]", 1, true),
        ("fd12::1", "[fd12::1]", 1, true),
        ("fd00::/8", "10.0.0.1", 1, false),
    ] {
        assert_eq!(spared(list, name, port), want, "{list} for {name}:{port}");
    }
    let lower_first = [("all_proxy", "http://p:1"), ("no_proxy", "x"), ("NO_PROXY", "*")];
    assert!(of(&lower_first, true, "h.example", 1).unwrap().is_some());
}

#[test]
fn this_machine_has_no_proxy() {
    let given = Proxies::Given(proxy("http://p:1").into());
    let environment = Proxies::Environment(environment(&[("all_proxy", "http://p:1")]).into());
    for name in ["localhost", "LOCALHOST.", "a.localhost", "127.0.0.1", "127.9.9.9", "[::1]", "[::ffff:127.0.0.1]"] {
        for proxies in [&given, &environment] {
            assert_eq!(proxies.choose(true, &host(name), 443), Ok(None), "{name}");
        }
    }
    for name in ["localhost.example", "10.0.0.1", "128.0.0.1", "[::2]"] {
        assert!(given.choose(true, &host(name), 443).unwrap().is_some(), "{name}");
    }
    assert_eq!(given.choose(false, &Host::Socket("/run/x".to_owned()), 0), Ok(None));
}

/// What a proxy that gets our request and says these bytes makes of it.
async fn asked(url: &str, answer: &[u8]) -> (Result<DuplexStream, String>, Vec<u8>) {
    let (near, mut far) = duplex(4096);
    let proxy = proxy(url);
    let answer = answer.to_vec();
    let server = async move {
        let mut request = vec![0; 1024];
        let count = far.read(&mut request).await.unwrap();
        request.truncate(count);
        far.write_all(&answer).await.unwrap();
        request
    };
    let name = Host::Name("feed.example".to_owned());
    tokio::join!(through(near, &proxy, &name, 443), server)
}

#[tokio::test]
async fn a_proxy_that_lets_us_through_leaves_the_rest_to_the_server() {
    let answer = b"HTTP/1.1 200 Connection established\r\nVia: x\r\n\r\nfirst words";
    let (io, request) = asked("http://us:p%77@h", answer).await;
    let mut rest = String::new();
    io.unwrap().read_to_string(&mut rest).await.unwrap();
    assert_eq!(rest, "first words");
    let request = String::from_utf8(request).unwrap();
    assert!(request.starts_with("CONNECT feed.example:443 HTTP/1.1\r\nHost: feed.example:443\r\n"), "{request}");
    assert!(request.contains("\r\nProxy-Authorization: Basic dXM6cHc=\r\n"), "{request}");
    let (io, request) = asked("http://h", b"HTTP/1.0 200 OK\n\n").await;
    assert!(io.is_ok() && !String::from_utf8(request).unwrap().contains("Authorization"));
}

#[tokio::test]
async fn what_a_proxy_says_instead_is_told() {
    for (url, answer, want) in [
        (
            "http://h",
            "HTTP/1.1 407 Proxy Authentication Required\r\nProxy-Authenticate: Basic realm=x\r\n\r\n",
            "put user and password into its URL",
        ),
        ("http://u:SECRET@h", "HTTP/1.1 407 no SECRET\r\n\r\n", "answered 407 no ***: it does not take the user"),
        ("http://h", "HTTP/1.1 407 X\r\nProxy-Authenticate: NTLM\r\n\r\n", "it wants NTLM"),
        ("http://h", "HTTP/1.1 403 Forbidden\r\n\r\n", "does not let us through to feed.example:443 (403 Forbidden)"),
        ("http://h", "HTTP/1.1 502 Bad Gateway\r\n\r\n", "could not reach feed.example:443 (502 Bad Gateway)"),
        ("http://h", "HTTP/1.1 404 Not Found\r\n\r\n", "is it a proxy that knows CONNECT"),
        ("http://h", "HTTP/1.1 301 Moved\r\n\r\n", "answered 301 Moved when asked for feed.example:443"),
        ("http://h", "HTTP/1.1 200", "sent no whole HTTP answer"),
        ("http://h", "", "hung up"),
        ("http://h", "\u{5}\u{ff}xxxx", "write socks5://"),
        ("http://h", "\u{15}\u{3}\u{1}\0\u{2}xx", "write https://"),
        ("http://h", "SSH-2.0-x\r\n", "does not speak HTTP"),
        ("socks5://h", "HTTP/1.1 400 Bad\r\n\r\n", "is it an http:// proxy"),
        ("socks5://h", "\u{5}\u{7f}", "user and password"),
        ("socks5://h", "", "hung up"),
    ] {
        let text = asked(url, answer.as_bytes()).await.0.unwrap_err();
        assert!(text.contains(want) && !text.contains("SECRET"), "{answer:?}: {text}");
    }
    let text = asked("socks5://h", b"\x05\xff").await.0.unwrap_err();
    assert!(text.contains("wants user and password"), "{text}");
    let long = format!("HTTP/1.1 200 OK\r\nX: {}", "x".repeat(20_000));
    let (mut near, _far) = duplex(64 * 1024);
    near.write_all(b"").await.unwrap();
    let text = asked_long(&long).await;
    assert!(text.contains("no whole HTTP answer"), "{text}");
}

/// A head that does not fit into a pipe.
async fn asked_long(answer: &str) -> String {
    let (near, mut far) = duplex(64 * 1024);
    far.write_all(answer.as_bytes()).await.unwrap();
    let name = Host::Name("feed.example".to_owned());
    let end = through(near, &proxy("http://h"), &name, 443).await;
    drop(far);
    end.unwrap_err()
}

#[tokio::test]
async fn socks_takes_the_name_as_it_is() {
    let (near, mut far) = duplex(4096);
    let server = async {
        let mut bytes = [0; 3];
        far.read_exact(&mut bytes[..2]).await.unwrap();
        let mut methods = vec![0; usize::from(bytes[1])];
        far.read_exact(&mut methods).await.unwrap();
        assert!(methods.contains(&2));
        far.write_all(&[5, 2]).await.unwrap();
        let mut login = [0; 7];
        far.read_exact(&mut login).await.unwrap();
        assert_eq!(&login, b"\x01\x02us\x02pw");
        far.write_all(&[1, 0]).await.unwrap();
        let mut request = [0; 5 + 12 + 2];
        far.read_exact(&mut request).await.unwrap();
        assert_eq!(&request, b"\x05\x01\x00\x03\x0cfeed.example\x01\xbb");
        far.write_all(&[5, 5, 0, 1, 0, 0, 0, 0, 0, 0]).await.unwrap();
    };
    let (proxy, name) = (proxy("socks5://us:pw@h"), Host::Name("feed.example".to_owned()));
    let (refused, ()) = tokio::join!(through(near, &proxy, &name, 443), server);
    assert_eq!(refused.unwrap_err(), "could not reach feed.example:443 (connection refused)");
}
