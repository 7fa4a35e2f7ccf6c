//! URLs and headers, good and bad, and what is shown of them.

use super::*;

fn target(url: &str) -> Target {
    Target::parse(url).unwrap()
}

#[test]
fn a_url_is_taken_apart() {
    for (url, secure, authority, path) in [
        ("ws://localhost", false, "localhost", "/"),
        ("ws://localhost:80/", false, "localhost", "/"),
        ("WSS://Example.ORG:443/a/b?c=d", true, "example.org", "/a/b?c=d"),
        ("http://10.0.0.1:8080?x", false, "10.0.0.1:8080", "/?x"),
        ("https://[::1]:8443/x", true, "[::1]:8443", "/x"),
        (" ws://a_b.c-d.:9/x \n", false, "a_b.c-d.:9", "/x"),
        ("ws://h/业务?n=业&s=a|b\"", false, "h", "/%E4%B8%9A%E5%8A%A1?n=%E4%B8%9A&s=a%7Cb%22"),
        ("ws://h\\x\\y?z\\", false, "h", "/x/y?z%5C"),
        ("ws://h/a%20b?q=1+2/3?4@5:6", false, "h", "/a%20b?q=1+2/3?4@5:6"),
    ] {
        let read = target(url);
        assert_eq!((read.secure(), read.authority().as_str(), read.path()), (secure, authority, path), "{url}");
    }
    assert_eq!(target("wss://h").port(), 443);
    assert_eq!(target("ws://h:").port(), 80);
    assert_eq!(target("ws://[::ffff:1.2.3.4]").host(), &Host::Ip("::ffff:1.2.3.4".parse().unwrap()));
}

#[test]
fn a_fault_is_named_and_no_secret_with_it() {
    for (url, want) in [
        ("", TargetError::NoScheme),
        ("localhost:8080/SECRET", TargetError::NoScheme),
        ("us:SECRET://x", TargetError::NoScheme),
        ("ftp://SECRET", TargetError::Scheme("ftp".to_owned())),
        ("ws://", TargetError::NoHost),
        ("ws:///SECRET", TargetError::NoHost),
        ("ws://:80", TargetError::NoHost),
        ("ws://h/SECRET#part", TargetError::Fragment),
        ("ws://h/a SECRET", TargetError::Blank),
        ("ws://h/a\r\nSECRET: x", TargetError::Blank),
        ("ws://h/a\u{9b}SECRET", TargetError::Blank),
        ("ws://h:0", TargetError::Port { split: false }),
        ("ws://h:65536", TargetError::Port { split: false }),
        ("ws://h:+80", TargetError::Port { split: false }),
        ("ws://h:99999999999999999999", TargetError::Port { split: false }),
        ("ws://user:SEC/RET@h/", TargetError::Port { split: true }),
        ("ws://h*SECRET/", TargetError::HostCharacter('*')),
        ("ws://例子.cn/", TargetError::International),
        ("ws://300.1.1.1/", TargetError::Ipv4),
        ("ws://1.2.3/", TargetError::Ipv4),
        ("ws://[::1/", TargetError::Ipv6),
        ("ws://[::1]x/", TargetError::Ipv6),
        ("ws://[fe80::1%eth0]/", TargetError::Ipv6),
        ("ws://::1/", TargetError::Ipv6),
        ("ws://a..b/", TargetError::HostLength),
        ("ws://./", TargetError::HostLength),
    ] {
        let error = Target::parse(url).unwrap_err();
        assert_eq!(error, want, "{url}");
        assert!(!error.to_string().contains("SEC"), "{error}");
    }
    let long = format!("ws://{}.org", "a".repeat(64));
    assert_eq!(Target::parse(&long).unwrap_err(), TargetError::HostLength);
}

#[test]
fn userinfo_becomes_a_header_that_a_given_one_replaces() {
    let named = target("ws://Aladdin:open%20sesame@h/");
    assert_eq!(named.header("authorization"), Some("Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ=="));
    let named = named.with_header("authorization", "Bearer x").unwrap();
    assert_eq!(named.headers(), [("authorization".to_owned(), "Bearer x".to_owned())]);
    assert_eq!(target("ws://me@h/").header("Authorization"), Some("Basic bWU6"));
    assert_eq!(target("ws://a@b:c%@h/").header("Authorization"), Some("Basic YUBiOmMl"));
}

#[test]
fn headers_are_checked_before_they_are_sent() {
    let base = || target("ws://h/");
    assert_eq!(base().with_header("a b", "x").unwrap_err(), TargetError::HeaderName);
    assert_eq!(base().with_header("", "x").unwrap_err(), TargetError::HeaderName);
    assert_eq!(base().with_header("A", "x\r\nB: y").unwrap_err(), TargetError::HeaderValue("A".to_owned()));
    assert_eq!(base().with_header("upgrade", "h2c").unwrap_err(), TargetError::HeaderTaken("upgrade".to_owned()));
    assert_eq!(base().with_subprotocol("a b").unwrap_err(), TargetError::Subprotocol);
    let both =
        base().with_header("Sec-WebSocket-Protocol", "mqtt, v10.stomp").unwrap().with_subprotocol("mqtt").unwrap();
    assert_eq!(both.subprotocols(), ["mqtt", "v10.stomp"]);
    assert!(both.headers().is_empty());
}

#[test]
fn nothing_that_is_printed_has_a_secret() {
    let random = "pqia91ma19a5s61cv6a81va65sdf19v8a65a1a5s61cv6a81va65sdf19v8a65a1";
    let target = target(&format!("wss://us:SECRET1@h/ws/{random}?token=SECRET2&symbol=btc&apikey=SECRET3&{random}"))
        .with_header("X-Api-Key", "SECRET4")
        .unwrap();
    for text in [format!("{target}"), format!("{target:?}"), format!("{target:#?}")] {
        assert!(!text.contains("SECRET") && !text.contains(random), "{text}");
        assert!(text.contains("wss://h/ws/***?token=***&symbol=btc&apikey=***&***"), "{text}");
    }
}

#[test]
fn what_a_server_repeats_of_us_is_hidden() {
    let repeated = target("ws://us:passw0rd@h/x?token=abc%2Bdefghi&symbol=btcusdt")
        .with_header("Authorization", "Bearer qwertyuiop")
        .unwrap()
        .with_header("Origin", "https://example.org")
        .unwrap();
    let scrub = |text: &str| repeated.scrub(text.to_owned());
    assert_eq!(scrub("no abc%2Bdefghi, abc+defghi or qwertyuiop"), "no ***, *** or ***");
    assert_eq!(scrub("btcusdt from https://example.org"), "btcusdt from https://example.org");
    // The text may be cut within a secret.
    assert_eq!(scrub("Bearer qwertyuio"), "Bearer ***");
    let basic = target("ws://us:passw0rd@h/");
    assert_eq!(basic.scrub("dXM6cGFzc3cwcmQ= is passw0rd".to_owned()), "*** is ***");
}

#[test]
fn a_unix_socket_is_written_as_npm_ws_has_it() {
    for (url, socket, path, shown) in [
        ("ws+unix:///run/app.sock:/path?query", "/run/app.sock", "/path?query", "ws+unix:///run/app.sock:/path?query"),
        ("ws+unix:/run/app.sock:/a?token=x", "/run/app.sock", "/a?token=x", "ws+unix:///run/app.sock:/a?token=***"),
        ("WS+UNIX:///run/app.sock", "/run/app.sock", "/", "ws+unix:///run/app.sock:/"),
        ("ws+unix:///run/app.sock?x=1:2", "/run/app.sock", "/?x=1:2", "ws+unix:///run/app.sock:/?x=1:2"),
        ("ws+unix:///run/a%3Ab%20c:/x:y", "/run/a:b c", "/x:y", "ws+unix:///run/a:b c:/x:y"),
    ] {
        let read = target(url);
        assert_eq!((read.host(), read.path()), (&Host::Socket(socket.to_owned()), path), "{url}");
        assert_eq!((read.authority().as_str(), read.http_host().as_str()), (socket, "localhost"));
        assert_eq!((read.masked().as_str(), read.secure()), (shown, false));
    }
    let long = format!("ws+unix:///{}", "x".repeat(200));
    for url in ["ws+unix:", "ws+unix://", "ws+unix:run/x", "ws+unix:///", "ws+unix:///run/%00", &long] {
        assert_eq!(Target::parse(url).unwrap_err(), TargetError::Socket, "{url}");
    }
    assert_eq!(Target::parse("ws+unix:///a b").unwrap_err(), TargetError::Blank);
    assert_eq!(Target::parse("wss+unix:///a").unwrap_err(), TargetError::Scheme("wss+unix".to_owned()));
    let secret = "ws+unix:///run/a:/s3cr3t/x";
    let put = Target::parse_with(secret, std::slice::from_ref(&(18..24))).unwrap();
    assert_eq!(put.masked(), "ws+unix:///run/a:/***/x");
    assert!(target("ws+unix:///run/a").moved("ws+unix:///run/b").is_none());
}

proptest::proptest! {
    #[test]
    fn any_text_is_a_target_or_an_error(text in "(ws|wss|http)://[ -~业]{0,40}|\\PC{0,40}") {
        if let Ok(target) = Target::parse(&text) {
            // What is accepted can be asked for, and reads the same when it is read again.
            let again = format!("{}://{}{}", if target.secure() { "wss" } else { "ws" }, target.authority(), target.path());
            let again = Target::parse(&again).unwrap();
            proptest::prop_assert_eq!((again.host(), again.port(), again.path()), (target.host(), target.port(), target.path()));
            let _ = format!("{target} {target:?}");
        }
    }
}

#[test]
fn a_secret_that_was_put_in_is_shown_nowhere() {
    let url = " wss://u:pw@host:8/a/lit?x=s3cret&y=1 ";
    let at = |part: &str| {
        let start = url.find(part).unwrap();
        start..start + part.len()
    };
    let target = Target::parse_with(url, &[at("u:pw"), at("lit"), at("s3cret")]).unwrap();
    assert_eq!(target.masked(), "wss://host:8/a/***?x=***&y=1");
    assert_eq!(target.path(), "/a/lit?x=s3cret&y=1");
    assert_eq!(target.scrub("no s3cret here".to_owned()), "no *** here");

    let whole = "wss://host/a?b=1";
    let target = Target::parse_with(whole, std::slice::from_ref(&(0..whole.len()))).unwrap();
    assert_eq!(target.masked(), "wss://host/***");
    assert_eq!(target.path(), "/a?b=1");
    let bare = Target::parse_with("wss://host", std::slice::from_ref(&(0..10))).unwrap();
    assert_eq!(bare.masked(), "wss://host/");
}

#[test]
fn a_session_is_resumed_in_the_same_domain_only() {
    let here =
        Target::parse("wss://gateway.chat.example/?v=10").unwrap().with_header("Authorization", "secret").unwrap();
    let there = here.moved("wss://gateway-us-east1-b.chat.example/?v=10&resume=1").unwrap();
    assert_eq!(there.authority(), "gateway-us-east1-b.chat.example");
    assert_eq!((there.path(), there.header("authorization")), ("/?v=10&resume=1", Some("secret")));
    for elsewhere in
        ["wss://chat.example.evil/", "ws://gateway.chat.example/", "wss://10.0.0.1/", "nonsense", "wss://example/"]
    {
        assert_eq!(here.moved(elsewhere), None, "{elsewhere}");
    }
    let british = Target::parse("wss://a.feed.co.uk/").unwrap();
    assert!(british.moved("wss://b.feed.co.uk/").is_some() && british.moved("wss://b.evil.co.uk/").is_none());
    let local = Target::parse("ws://127.0.0.1:9001/ws").unwrap();
    assert!(local.moved("ws://127.0.0.1:9002/resume").is_some() && local.moved("ws://127.0.0.2:9001/ws").is_none());
}
