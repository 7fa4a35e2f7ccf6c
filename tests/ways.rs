//! Dials that do not go straight to their server: redirects, proxies, Unix sockets.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test may")]

#[expect(dead_code, reason = "made for many tests")]
mod loopback;

use std::sync::Arc;
use std::time::Duration;

use loopback::{answering, answering_each, dial_target, good, request, serve};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;
use wirebeat::event::{DialPhase, Why};
use wirebeat::net::dial::{DialLimits, dial};
use wirebeat::net::proxy::{Proxies, Proxy};
use wirebeat::net::target::Target;
use wirebeat::net::tls::Connector;
use wirebeat::time::Clock;

fn target(url: &str) -> Target {
    Target::parse(url).unwrap()
}

fn redirect(status: u16, location: &str, more: &str) -> Vec<u8> {
    format!("HTTP/1.1 {status} Moved\r\nLocation: {location}\r\n{more}Content-Length: 0\r\n\r\n").into_bytes()
}

#[tokio::test]
async fn a_redirect_is_followed_and_cookies_go_back() {
    let there = answering(|request| {
        assert!(request.starts_with("GET /stream?x=1 HTTP/1.1\r\n"), "{request}");
        assert!(!request.contains("SECRET") && !request.to_lowercase().contains("cookie"), "{request}");
        good(request).into_bytes()
    })
    .await;
    let here = answering_each(2, move |n, request| {
        assert!(request.to_lowercase().contains("\r\nx-key: secret\r\n"), "{request}");
        if n == 0 {
            return redirect(307, "login", "Set-Cookie: gate=open; HttpOnly\r\n");
        }
        assert!(request.starts_with("GET /a/login ") && request.contains("cookie: gate=open"), "{request}");
        redirect(302, &format!("http://127.0.0.1:{there}/stream?x=1"), "")
    })
    .await;
    let target = target(&format!("ws://127.0.0.1:{here}/a/b")).with_header("X-Key", "SECRET").unwrap();
    let dialed = dial_target(&target).await.unwrap();
    assert_eq!(dialed.address, Some(format!("127.0.0.1:{there}")));
    assert!(dialed.phases.tcp.is_some() && dialed.phases.upgrade.is_some());
}

#[tokio::test]
async fn every_status_that_sends_us_on_is_followed() {
    for status in [301, 302, 303, 307, 308] {
        let port = answering_each(2, move |n, request| match n {
            0 => redirect(status, "/there", ""),
            _ => good(request).into_bytes(),
        })
        .await;
        assert!(dial_target(&target(&format!("ws://127.0.0.1:{port}/"))).await.is_ok(), "{status}");
    }
}

#[tokio::test]
async fn a_way_that_ends_nowhere_is_told() {
    let port = answering_each(9, |_, _| redirect(302, "/", "")).await;
    let why = dial_target(&target(&format!("ws://127.0.0.1:{port}/"))).await.unwrap_err().why;
    let Why::Http { status: 302, text, .. } = why else { panic!("{why:?}") };
    assert!(text.contains("in a circle"), "{text}");

    let refused = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
    let port = answering(move |_| redirect(301, &format!("ws://{refused}/?token=SECRET"), "")).await;
    let why = dial_target(&target(&format!("ws://127.0.0.1:{port}/x"))).await.unwrap_err().why;
    let way = format!("{refused}, redirected by ws://127.0.0.1:{port}/x (301)");
    assert_eq!(why, Why::Refused { address: way });

    let port = answering_each(2, |n, _| match n {
        0 => redirect(301, "/y", ""),
        _ => b"HTTP/1.1 403 Forbidden\r\nContent-Length: 5\r\n\r\nnever".to_vec(),
    })
    .await;
    let failed = dial_target(&target(&format!("ws://127.0.0.1:{port}/x"))).await.unwrap_err();
    let Why::Http { status: 403, text, .. } = &failed.why else { panic!("{failed:?}") };
    assert!(text.starts_with("redirected by ws://127.0.0.1:") && text.contains("never"), "{text}");
    assert!(failed.phases.upgrade.is_some());
}

/// However many servers there are on the way, and however slow each is.
#[tokio::test]
async fn one_limit_is_for_the_whole_way() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        for n in 0.. {
            let mut tcp = listener.accept().await.unwrap().0;
            request(&mut tcp).await;
            tokio::time::sleep(Duration::from_millis(200)).await;
            let _ = tcp.write_all(&redirect(302, &format!("/{n}"), "")).await;
        }
    });
    let limits = DialLimits { whole: Duration::from_millis(300), ..DialLimits::default() };
    let clock = Clock::start();
    let began = clock.now();
    let at = target(&format!("ws://127.0.0.1:{port}/"));
    let failed = dial(&at, &Connector::new(), &clock, &limits).await.unwrap_err();
    let Why::DialTimeout { phase: DialPhase::Upgrade, address, .. } = &failed.why else { panic!("{failed:?}") };
    assert!(address.contains("redirected by"), "{address}");
    let took = clock.now() - began;
    assert!((300..900).contains(&took.as_millis()), "{took:?}");
}

/// An HTTP proxy that answers so, and then speaks as the server.
async fn http_proxy(answer: &'static str) -> u16 {
    serve(async move |mut tcp| {
        let asked = request(&mut tcp).await;
        assert!(asked.starts_with("CONNECT feed.example:80 HTTP/1.1\r\n"), "{asked}");
        tcp.write_all(answer.as_bytes()).await.unwrap();
        if answer.contains(" 200 ") {
            let answer = good(&request(&mut tcp).await);
            tcp.write_all(answer.as_bytes()).await.unwrap();
        }
        let _ = tcp.read(&mut [0; 16]).await;
    })
    .await
}

fn through(url: &str) -> Target {
    let proxy = Proxy::parse(url, "HTTPS_PROXY").unwrap();
    target("ws://feed.example/x").with_proxies(Proxies::Given(Arc::new(proxy)))
}

#[tokio::test]
async fn an_http_proxy_resolves_the_name_and_its_time_is_told() {
    let port = http_proxy("HTTP/1.1 200 Connection established\r\n\r\n").await;
    let dialed = dial_target(&through(&format!("http://us:pw@127.0.0.1:{port}"))).await.unwrap();
    assert_eq!(dialed.address, Some(format!("feed.example:80 via http://127.0.0.1:{port}")));
    let phases = dialed.phases;
    assert!(phases.tcp.is_some() && phases.proxy.is_some() && phases.upgrade.is_some());
    assert_eq!((phases.dns, phases.tls), (None, None));
}

#[tokio::test]
async fn an_error_of_a_proxy_names_it_and_who_asked_for_it() {
    let port = http_proxy("HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n").await;
    let failed = dial_target(&through(&format!("http://127.0.0.1:{port}"))).await.unwrap_err();
    let Why::Proxy { text } = &failed.why else { panic!("{failed:?}") };
    let want = format!("http://127.0.0.1:{port} (from HTTPS_PROXY) answered 407 Proxy Authentication Required: ");
    assert!(text.starts_with(&want), "{text}");
    assert!(failed.phases.proxy.is_some() && failed.phases.upgrade.is_none());

    let refused = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
    let failed = dial_target(&through(&format!("socks5://us:SECRET@{refused}"))).await.unwrap_err();
    let text = format!("socks5://{refused} (from HTTPS_PROXY) refused the connection");
    assert_eq!(failed.why, Why::Proxy { text });

    let port = serve(async |mut tcp| while tcp.read(&mut [0; 64]).await.is_ok_and(|count| count > 0) {}).await;
    let limits = DialLimits { proxy: Duration::from_millis(150), ..DialLimits::default() };
    let at = through(&format!("http://127.0.0.1:{port}"));
    let failed = dial(&at, &Connector::new(), &Clock::start(), &limits).await.unwrap_err();
    let Why::DialTimeout { phase: DialPhase::Proxy, address, .. } = &failed.why else { panic!("{failed:?}") };
    assert_eq!(*address, format!("feed.example:80 through http://127.0.0.1:{port} (from HTTPS_PROXY)"));
    assert_eq!(failed.why.kind(), "proxy");
}

#[tokio::test]
async fn a_socks_proxy_lets_us_through() {
    let port = serve(async |mut tcp| {
        let mut hello = [0; 3];
        tcp.read_exact(&mut hello).await.unwrap();
        tcp.write_all(&[5, 0]).await.unwrap();
        let mut asked = [0; 5 + 12 + 2];
        tcp.read_exact(&mut asked).await.unwrap();
        assert_eq!(&asked[4..17], b"\x0cfeed.example");
        tcp.write_all(&[5, 0, 0, 1, 0, 0, 0, 0, 0, 0]).await.unwrap();
        let answer = good(&request(&mut tcp).await);
        tcp.write_all(answer.as_bytes()).await.unwrap();
        let _ = tcp.read(&mut [0; 16]).await;
    })
    .await;
    let dialed = dial_target(&through(&format!("socks5h://127.0.0.1:{port}"))).await.unwrap();
    assert!(dialed.phases.proxy.is_some() && dialed.phases.dns.is_none());
}

#[tokio::test]
async fn what_is_on_this_machine_has_no_proxy() {
    let port = answering(|request| good(request).into_bytes()).await;
    let proxy = Proxy::parse("http://127.0.0.1:1", "--proxy").unwrap();
    let near = target(&format!("ws://localhost:{port}")).with_proxies(Proxies::Given(Arc::new(proxy)));
    assert_eq!(dial_target(&near).await.unwrap().phases.proxy, None);
}

#[cfg(unix)]
#[tokio::test]
async fn a_unix_socket_is_a_server() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("app.sock");
    let listener = tokio::net::UnixListener::bind(&path).unwrap();
    let served = tokio::spawn(async move {
        let mut io = listener.accept().await.unwrap().0;
        let asked = request(&mut io).await;
        io.write_all(good(&asked).as_bytes()).await.unwrap();
        asked
    });
    let path = path.to_str().unwrap();
    let dialed = dial_target(&target(&format!("ws+unix://{path}:/a?b=c"))).await.unwrap();
    assert_eq!(dialed.address.as_deref(), Some(path));
    assert!(dialed.phases.tcp.is_some() && dialed.phases.dns.is_none());
    let asked = served.await.unwrap();
    assert!(asked.starts_with("GET /a?b=c HTTP/1.1\r\nHost: localhost\r\n"), "{asked}");

    let failed = dial_target(&target(&format!("ws+unix://{path}x"))).await.unwrap_err();
    let Why::Unreachable { address, text } = failed.why else { panic!("{failed:?}") };
    assert_eq!((address, text.as_str()), (format!("{path}x"), "there is no such socket"));
    // The socket is there still, and nobody behind it.
    let failed = dial_target(&target(&format!("ws+unix://{path}"))).await.unwrap_err();
    assert_eq!(failed.why, Why::Refused { address: path.to_owned() });
}
