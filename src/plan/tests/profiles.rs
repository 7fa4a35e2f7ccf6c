//! Which profile a feed has, and what a profile brings of its own.

use super::*;

#[test]
fn profiles_are_found_or_the_nearest_is_told() {
    assert_eq!(plans(&["ws://h"])[0].info.profile, "raw");
    assert_eq!(plans(&["ws://h", "-s", "x"])[0].info.profile, "sub-heartbeat");
    assert_eq!(plans(&["ws://h", "-p", "demo"])[0].info.profile, "demo");
    refused(&["ws://h", "-p", "sub-hartbeat"], "", &["no such profile: sub-hartbeat", "did you mean sub-heartbeat?"]);
    refused(&["ws://h:0", "-p", "zzzz"], "", &["no such profile: zzzz", "ws://h:0: the port is not"]);
    refused(&["ws://h", "-p", "zzzzzz"], "", &["bundled are", "raw"]);
    refused(&["ws://h", "-p", "./none.toml"], "", &["cannot read the profile", "none.toml", "No such file"]);
    refused(&["ws://h", "-p", "/"], "", &["it is a directory"]);
    let (_dir, path) = file("p.toml", b"schema = 1\nname = \"\xff\"\n");
    refused(&["ws://h", "-p", path.to_str().unwrap()], "", &["p.toml:2: it is not UTF-8 text"]);
    let (_dir, path) = file("p.toml", vec![b'#'; 10 << 20]);
    refused(&["ws://h", "-p", path.to_str().unwrap()], "", &["p.toml: it is longer than"]);
    refused(&["ws://h", "-p", "/dev/zero.toml/../zero"], "", &["cannot read"]);
    refused(&["ws://h", "--set", "heartbeat.aftre=1s"], "", &["unknown key `aftre`", "`after`"]);
}

#[test]
fn a_profile_extends_what_lies_beside_it() {
    let (dir, path) = file("mine.toml", "schema=1\nextends='base.toml'\n[heartbeat]\nafter='7s'\n");
    let missing = refused(&["ws://h", "-p", path.to_str().unwrap()], "", &["mine.toml:2", "base.toml"]);
    assert!(missing.contains("No such file"), "{missing}");
    fs::write(dir.path().join("base.toml"), "schema=1\nextends='raw'\n[stale]\nafter='5s'\n").unwrap();
    let plan = plans(&["ws://h", "-p", path.to_str().unwrap()]).remove(0);
    assert_eq!(plan.info.profile, "mine");
    assert_eq!(plan.session.profile.stale, Stale::After(std::time::Duration::from_secs(5)));
    assert_eq!(plan.info.beat.unwrap().after, std::time::Duration::from_secs(7));
}

const ENDPOINT: &str = "schema=1\nname='own'\nextends='raw'\nenv=['CARGO_PKG_NAME']\n[endpoint]\n\
    url='wss://h/x?k=${env.CARGO_PKG_NAME}'\nsubprotocols=['p1']\n\
    headers={Origin='https://o',X-Key='k-${env.CARGO_PKG_NAME}'}\n";

#[test]
fn a_profile_may_bring_its_url_and_headers() {
    let (_dir, path) = file("own.toml", ENDPOINT);
    let path = path.to_str().unwrap();
    let plan = plans(&["-p", path]).remove(0);
    assert_eq!(plan.info.name, "own");
    assert_eq!(plan.target.path(), "/x?k=wirebeat");
    assert_eq!(plan.info.url, "wss://h/x?k=***");
    assert_eq!(plan.target.header("Origin"), Some("https://o"));
    assert_eq!(plan.target.header("x-key"), Some("k-wirebeat"));
    assert_eq!(plan.target.subprotocols(), ["p1"]);
    // What is given goes before what the profile says.
    let plan = plans(&["ws://i/y", "-p", path, "-H", "x-key: mine", "--subprotocol", "p2"]).remove(0);
    assert_eq!(plan.info.url, "ws://i/y");
    let keys: Vec<_> = plan.target.headers().iter().filter(|(name, _)| name.eq_ignore_ascii_case("x-key")).collect();
    assert_eq!(keys.len(), 1);
    assert_eq!(plan.target.header("X-Key"), Some("mine"));
    assert_eq!(plan.target.subprotocols(), ["p1", "p2"]);
    let compresses = |words: &[&str]| !plans(words).remove(0).target.withholds("Sec-WebSocket-Extensions");
    assert!(compresses(&["ws://h"]) && !compresses(&["ws://h", "--set", "endpoint.compression=false"]));
    refused(&["-p", "raw"], "", &["the profile raw", "no URL of its own"]);
    // And in the file, a feed needs none of its own.
    let feed = format!("[feed.a]\nprofile='{path}'\nheaders={{Origin='https://mine'}}\n");
    let plan = planned(&[], &feed).unwrap().0.remove(0);
    assert_eq!((plan.info.name.as_str(), plan.info.url.as_str()), ("a", "wss://h/x?k=***"));
    assert_eq!(plan.target.header("Origin"), Some("https://mine"));
    refused(&[], "[feed.a]\nprofile='raw'\n", &["/etc/c.toml:2", "no URL of its own"]);
}

#[test]
fn a_program_may_name_the_url() {
    let text =
        ENDPOINT.replace("[endpoint]", "commands=['find']\n[endpoint]\nrun=['find']").replace("wss://h", "${v.url}");
    let (_dir, path) = file("own.toml", &text);
    let path = path.to_str().unwrap();
    let plan = plans(&["-p", path, "-H", "x-own: 1"]).remove(0);
    assert_eq!((&*plan.info.name, &*plan.info.url), ("own", "${v.url}/x?k=${env.CARGO_PKG_NAME}"));
    assert_eq!(plan.target.authority(), "the server that find names");
    // The profile's own headers are made for each dial, by the session, which has their secrets.
    assert_eq!((plan.target.header("X-Key"), plan.target.header("x-own")), (None, Some("1")));
    assert_eq!(plan.session.secrets.env["CARGO_PKG_NAME"], "wirebeat");
    // A host that is written out is known.
    let (_dir, known) = file("own.toml", text.replace("${v.url}", "wss://h:7"));
    assert_eq!(plans(&["-p", known.to_str().unwrap()])[0].target.authority(), "h:7");
    // With a URL of the user's own it is not run, unless it is there for more than that.
    let runs = |words: &[&str]| plans(words)[0].session.profile.endpoint.run.is_some();
    assert!(!runs(&["wss://i/", "-p", path]) && runs(&["-p", path]));
    assert!(runs(&["wss://i/", "-p", path, "--set", "endpoint.headers.A='${v.token}'"]));
    let feed = format!("[feed.a]\nprofile='{path}'\n[feed.b]\nprofile='{path}'\nurl='wss://i/'\n");
    let ran = planned(&[], &feed).unwrap().0.into_iter().map(|plan| plan.session.profile.endpoint.run.is_some());
    assert!(ran.eq([true, false]));
}

#[test]
fn what_a_profile_needs_from_outside_is_asked_for() {
    let text = ENDPOINT.replace("CARGO_PKG_NAME", "WIREBEAT_NO_SUCH");
    let (_dir, path) = file("own.toml", text);
    let wrong = refused(&["-p", path.to_str().unwrap()], "", &["the profile", "WIREBEAT_NO_SUCH is not set"]);
    assert_eq!(wrong.matches("is not set").count(), 1, "{wrong}");
}

#[test]
fn an_address_may_be_made_anew_for_each_dial() {
    let text = "schema=1\nenv=['CARGO_PKG_NAME']\n[endpoint]\nurl='wss://h/x?id=${uuid}&at=${now_ms}&c=${v.c|0}&k=${env.CARGO_PKG_NAME}'\n\
                headers={X-Id='${uuid}'}\n[[rule]]\nwhen={}\nkind='data'\ncapture={c={at='/c',lasting=true}}\n";
    let (_dir, path) = file("own.toml", text);
    let path = path.to_str().unwrap();
    let plan = plans(&["-p", path]).remove(0);
    assert_eq!((&*plan.info.url, plan.target.header("X-Id")), ("wss://h/x?id=uuid&at=now_ms&c=0&k=***", None));
    let given = plans(&["wss://i/y", "-p", path]).remove(0);
    assert_eq!((&*given.info.url, given.session.profile.endpoint.url.is_none()), ("wss://i/y", true));
}
