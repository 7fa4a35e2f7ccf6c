//! Where redirects lead, what goes along, and when they are not followed.

use super::super::*;
use super::*;
use crate::event::DialPhase;

fn target(url: &str) -> Target {
    Target::parse(url).unwrap()
}

fn to(location: &str) -> Moved {
    Moved { status: 302, location: location.to_owned(), cookies: Vec::new() }
}

/// One hop from a URL.
#[track_caller]
fn hop(from: &str, location: &str) -> Result<String, String> {
    let first = target(from);
    match Journey::new(&first).follow(&first, &to(location)) {
        Ok(next) => Ok(format!("{}://{}{}", if next.secure() { "wss" } else { "ws" }, next.authority(), next.path())),
        Err(Why::Http { status: 302, text, .. }) => Err(text),
        Err(why) => panic!("{why:?}"),
    }
}

#[test]
fn a_location_is_read_from_where_it_was_given() {
    for (from, location, want) in [
        ("ws://h/a/b?c=d", "/x?y=z#part", "ws://h/x?y=z"),
        ("ws://h:8/a/b?c=d", "x", "ws://h:8/a/x"),
        ("ws://h/a/b", "./x/../y", "ws://h/a/y"),
        ("ws://h/a/b", "../../../y/..", "ws://h/"),
        ("ws://h/a/b", "..", "ws://h/"),
        ("ws://h/a/b?c=d", "?e=../f", "ws://h/a/b?e=../f"),
        ("wss://h/a", "//other:9/x", "wss://other:9/x"),
        ("ws://h/a", "https://other/x y", "wss://other/x%20y"),
        ("ws://h/a", "HTTP://other", "ws://other/"),
        ("ws://h/a", "/业务", "ws://h/%E4%B8%9A%E5%8A%A1"),
        ("ws://h", "a:80/x", ""),
        ("ws://h", "mailto:x@y", ""),
        ("ws://h", "", ""),
        ("ws://h", "#x", ""),
        ("ws://h", "ftp://h", ""),
        ("ws://h", "http://[::1", ""),
        ("ws://h", "ws+unix:///run/docker.sock:/", ""),
        ("wss://h", "https://[::1]:8/", "wss://[::1]:8/"),
        ("ws+unix:///run/a:/x", "/y", "ws:///run/a/y"),
        ("ws+unix:///run/a:/x", "http://localhost/y", "ws:///run/a/y"),
        ("ws+unix:///run/a:/x", "ws+unix:///run/b:/y", ""),
        ("ws+unix:///run/a:/x", "http://h/y", "ws://h/y"),
    ] {
        match hop(from, location) {
            Ok(got) => assert_eq!(got, want, "{from} {location}"),
            Err(text) => assert!(want.is_empty() && text.contains("redirect"), "{from} {location}: {text}"),
        }
    }
}

#[test]
fn never_from_tls_to_plain() {
    let text = hop("wss://h/a", "http://h/b?token=SECRET").unwrap_err();
    assert!(text.contains("ws://h/b?token=***") && text.contains("never goes to ws://"), "{text}");
    assert_eq!(hop("ws://h/a", "https://h/b").unwrap(), "wss://h/b");
    // Nor at the end of a longer way.
    let first = target("ws://a/");
    let mut journey = Journey::new(&first);
    let second = journey.follow(&first, &to("https://b/")).unwrap();
    let Err(Why::Http { text, .. }) = journey.follow(&second, &to("http://c/")) else { panic!() };
    assert!(text.starts_with("redirected by ws://a/ (302): ") && text.contains("never"), "{text}");
}

fn loaded(url: &str) -> Target {
    let mut target = target(url);
    for (name, value) in [
        ("Authorization", "Bearer SECRET1"),
        ("Cookie", "a=SECRET2"),
        ("X-Key", "SECRET3"),
        ("Origin", "https://me.example"),
        ("User-Agent", "me"),
        ("Host", "virtual.example"),
    ] {
        target = target.with_header(name, value).unwrap();
    }
    let tls = TlsOptions {
        client_cert: Some("me.pem".into()),
        client_key: Some("me.key".into()),
        server_name: Some("x".to_owned()),
        ca_file: Some("ca.pem".into()),
        insecure: true,
    };
    let secret = "base64url.bearer.authorization.k8s.io.c2VjcmV0MTIzNDU2Nzg5";
    target.with_tls(tls).with_subprotocol("mqtt").unwrap().with_subprotocol(secret).unwrap()
}

#[test]
fn what_is_meant_for_one_server_does_not_go_to_another() {
    for (from, location, stays) in [
        ("ws://h/a", "/b", true),
        ("ws://h/a", "ws://h:80/b", true),
        ("ws://h/a", "wss://h/b", true),
        ("ws://h/a", "wss://h:8443/b", false),
        ("ws://h:81/a", "wss://h/b", false),
        ("ws://h/a", "ws://h:81/b", false),
        ("ws://h/a", "ws://sub.h/b", false),
        ("wss://h/a", "wss://other/b", false),
    ] {
        let first = loaded(from);
        let next = Journey::new(&first).follow(&first, &to(location)).unwrap();
        let names: Vec<_> = next.headers().iter().map(|(name, _)| name.as_str()).collect();
        if stays {
            assert_eq!((names.len(), next.subprotocols().len()), (6, 2), "{location}");
            assert_eq!(next.tls, first.tls);
        } else {
            assert_eq!(
                (names.as_slice(), next.subprotocols()),
                (&["Origin", "User-Agent"][..], &["mqtt".to_owned()][..]),
                "{location}"
            );
            let tls = TlsOptions { ca_file: Some("ca.pem".into()), insecure: true, ..TlsOptions::default() };
            assert_eq!(next.tls, tls);
        }
        // Wherever it goes, it is not shown.
        assert_eq!(next.scrub("SECRET1 SECRET2 SECRET3".to_owned()), "*** *** ***", "{location}");
    }
}

#[test]
fn user_and_password_of_a_location_are_nobodys() {
    let first = target("ws://me:mine@h/");
    assert!(first.header("Authorization").is_some());
    let next = Journey::new(&first).follow(&first, &to("ws://you:yours@other/")).unwrap();
    assert_eq!(next.header("Authorization"), None);
    let next = Journey::new(&first).follow(&first, &to("ws://you:yours@h/x")).unwrap();
    assert_eq!(next.header("Authorization"), first.header("Authorization"));
}

#[test]
fn an_address_that_repeats_a_secret_is_shown_without() {
    let first = target("ws://h/?token=SECRET1").with_header("X-Key", "SECRET2").unwrap();
    let next = Journey::new(&first).follow(&first, &to("wss://other/SECRET1/x?y=SECRET2&key=new")).unwrap();
    assert_eq!(next.masked(), "wss://other/***/x?y=***&key=***");
    assert_eq!(next.path(), "/SECRET1/x?y=SECRET2&key=new");
}

/// As a login gateway does it: away, a cookie, and back.
#[test]
fn cookies_of_the_way_go_to_whom_they_came_from() {
    let first = target("ws://app/ws").with_header("Cookie", "mine=1").unwrap();
    let first = first.with_header("cookie", "sid=old").unwrap();
    let mut journey = Journey::new(&first);
    let set = |location: &str, cookies: &[&str]| Moved {
        status: 302,
        location: location.to_owned(),
        cookies: cookies.iter().map(|cookie| (*cookie).to_owned()).collect(),
    };
    let login = journey.follow(&first, &set("ws://login/?next=ws", &["state=S1; Path=/; HttpOnly"])).unwrap();
    assert_eq!(login.header("Cookie"), None);
    let back = journey.follow(&login, &set("ws://app/ws?ticket=1", &["sso=S2"])).unwrap();
    assert_eq!(back.header("Cookie"), Some("mine=1; sid=old; state=S1"));
    let cookies =
        ["sid=new; Max-Age=60; Secure", "state=; Max-Age=0", "deep=1; Path=/other", "bad name=1", "broken", "x=a,b"];
    let ready = journey.follow(&back, &set("/ws", &cookies)).unwrap();
    assert_eq!(ready.header("Cookie"), Some("mine=1; sid=new"));
    assert_eq!(journey.hops.len(), 3);
    assert_eq!(ready.scrub("not newnew but sso".to_owned()), "not newnew but sso");
    let twice: Vec<_> = ready.headers().iter().filter(|(name, _)| name.eq_ignore_ascii_case("cookie")).collect();
    assert_eq!(twice.len(), 1);
}

#[test]
fn the_way_has_an_end() {
    let first = target("ws://h/0");
    let mut journey = Journey::new(&first);
    let mut at = first.clone();
    for n in 1..=5 {
        at = journey.follow(&at, &to(&format!("/{n}"))).unwrap();
    }
    let Err(Why::Http { text, .. }) = journey.follow(&at, &to("/6")) else { panic!() };
    assert_eq!(
        text,
        "more than 5 redirects: ws://h/0 (302) to ws://h/1 (302) to ws://h/2 (302) to ws://h/3 (302) to ws://h/4 (302) \
         to ws://h/5 (302) to ws://h/6"
    );
    for locations in [&["/0"][..], &["/1", "/0"], &["/1", "/2", "/1"]] {
        let mut journey = Journey::new(&first);
        let mut at = first.clone();
        let mut last = None;
        for location in locations {
            match journey.follow(&at, &to(location)) {
                Ok(next) => at = next,
                Err(why) => last = Some(why),
            }
        }
        let Some(Why::Http { text, .. }) = last else { panic!("{locations:?}") };
        assert!(text.starts_with("the redirects go in a circle: ws://h/0 (302) to "), "{text}");
    }
}

#[test]
fn a_failure_at_the_end_tells_the_way() {
    let first = target("ws://a/x?token=SECRET");
    let mut journey = Journey::new(&first);
    assert_eq!(journey.told(Why::Eof), Why::Eof);
    let refused = Why::Refused { address: "10.0.0.1:9".to_owned() };
    assert_eq!(journey.told(refused.clone()), refused);
    let second = journey.follow(&first, &to("wss://b/")).unwrap();
    journey.follow(&second, &Moved { status: 307, ..to("wss://c/") }).unwrap();
    let way = "redirected by ws://a/x?token=*** (302), then wss://b/ (307)";
    assert_eq!(journey.told(refused), Why::Refused { address: format!("10.0.0.1:9, {way}") });
    let text = |text: &str| text.to_owned();
    assert_eq!(journey.told(Why::Tls { text: text("x") }), Why::Tls { text: format!("{way}: x") });
    let late = |address: String| Why::DialTimeout { phase: DialPhase::Tls, address, limit: std::time::Duration::ZERO };
    assert_eq!(journey.told(late(text("c:443"))), late(format!("c:443, {way}")));
    let http = |text: String| Why::Http { status: 403, text, retry_after: None };
    assert_eq!(journey.told(http(String::new())), http(way.to_owned()));
}

proptest::proptest! {
    #[test]
    fn any_location_is_a_target_or_a_cause(
        location in "(/|//|\\?|\\.\\./|https?://|wss://|ws\\+unix:)?[ -~业]{0,40}",
        secure in proptest::bool::ANY,
    ) {
        let first = loaded(if secure { "wss://h/a/b?c" } else { "ws://h/a/b?c" });
        if let Ok(next) = Journey::new(&first).follow(&first, &to(&location)) {
            proptest::prop_assert!(next.secure() || !secure);
            let named = (next.secure(), next.authority()) == (secure, "h".to_owned());
            let upgraded = !secure && next.secure() && next.authority() == "h";
            proptest::prop_assert_eq!(next.header("X-Key").is_some(), named || upgraded, "{}", next);
        }
    }
}
