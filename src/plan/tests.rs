//! Arguments and files to feeds, without a network.

mod ways;

use std::fs;
use std::path::PathBuf;

use clap::Parser as _;
use tempfile::TempDir;

use super::*;
use crate::cli::Cli;
use crate::profile::Stale;
use crate::profile::diagnostic::Source;

/// A variable that cargo gives to every test, and its value.
const SET: &str = "CARGO_PKG_NAME";
const VALUE: &str = "wirebeat";

fn args(words: &[&str]) -> Targets {
    Cli::try_parse_from(["wirebeat"].iter().chain(words)).unwrap().targets
}

fn config(text: &str) -> Config {
    Config::parse(Source::new("/etc/c.toml", text)).unwrap_or_else(|errors| panic!("{}", files::told(&errors).0))
}

fn planned(words: &[&str], file: &str) -> Result<(Vec<FeedPlan>, Vec<String>), String> {
    let mut notes = Vec::new();
    let plans = feeds(&args(words), &config(file), 1, &mut notes).map_err(|wrong| wrong.0)?;
    Ok((plans, notes))
}

fn plans(words: &[&str]) -> Vec<FeedPlan> {
    planned(words, "").unwrap().0
}

fn names(words: &[&str], file: &str) -> Vec<String> {
    planned(words, file).unwrap().0.into_iter().map(|plan| plan.info.name).collect()
}

#[track_caller]
fn refused(words: &[&str], file: &str, parts: &[&str]) -> String {
    let wrong = planned(words, file).map(|_| ()).unwrap_err();
    for part in parts {
        assert!(wrong.contains(part), "{part} is not in\n{wrong}");
    }
    wrong
}

/// A file in a directory of its own.
fn file(name: &str, bytes: impl AsRef<[u8]>) -> (TempDir, PathBuf) {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join(name);
    fs::write(&path, bytes).unwrap();
    (dir, path)
}

#[test]
fn a_feed_belongs_to_the_group_of_the_file() {
    let file = "[defaults]\ngroup='all'\n[feed.z]\nurl='ws://h/z'\ngroup='行情'\n[feed.a]\nurl='ws://h/a'\n";
    let groups = |words: &[&str]| {
        let plans = planned(words, file).unwrap().0;
        plans.into_iter().map(|plan| (plan.info.name, plan.info.group)).collect::<Vec<_>>()
    };
    let group = |name: &str, group: &str| (name.to_owned(), Some(group.to_owned()));
    assert_eq!(groups(&[]), [group("z", "行情"), group("a", "all")], "in the order of the file");
    assert_eq!(groups(&["ws://other/x"]).first().unwrap().1, None, "a target belongs to none");
}

const TWO: &str =
    "[feed.market]\nurl='ws://h/m'\n[feed.orders]\nurl='ws://h/o'\n[feed.off]\nurl='ws://h'\nenabled=false\n";

#[test]
fn feeds_are_called_by_host_port_and_path() {
    let all = ["ws://u:p@h/a/?token=x", "wss://h:443/a", "wss://h:9/", "ws://h/a", "x=ws://h", "x=ws://i", "x=ws://j"];
    assert_eq!(names(&all, ""), ["h/a", "h/a#2", "h:9", "h/a#3", "x", "x#2", "x#3"]);
    assert_eq!(names(&["x=ws://h", "x#2=ws://h", "x=ws://h"], ""), ["x", "x#2", "x#3"]);
    assert_eq!(names(&["ws://h/a1b2c3d4e5f6a7b8c9d0e1f2a3"], ""), ["h/***"], "what looks random is no name");
    assert_eq!(names(&["market", "market"], TWO), ["market", "market#2"]);
}

#[test]
fn without_a_target_the_feeds_of_the_file_are_watched() {
    assert_eq!(names(&[], TWO), ["market", "orders"]);
    assert_eq!(names(&["off", "market"], TWO), ["off", "market"]);
    assert_eq!(names(&["off", "ws://x"], TWO), ["off", "x"]);
    assert!(names(&[], "").is_empty());
    refused(&[], "[feed.a]\nurl='ws://h'\nenabled=false\n", &["enabled = false", "wirebeat a"]);
}

#[test]
fn an_unknown_target_is_told_the_nearest() {
    refused(&["markte"], TWO, &["no such target: markte", "did you mean market?"]);
    refused(&["zzz"], TWO, &["a feed of /etc/c.toml: market, orders, off"]);
    refused(&["zzz"], "", &["a target is a ws:// or wss:// URL"]);
    refused(&["localhost:80"], "", &["did you mean ws://localhost:80?"]);
    refused(&["sub-heartbeat"], "", &["has no URL of its own", "-p sub-heartbeat"]);
    refused(&["=ws://h"], "", &["a name is missing"]);
    let both = refused(&["markte", "wsx://h", "ordres"], TWO, &["market?", "orders?", "WebSocket scheme"]);
    assert_eq!(both.matches("no such target").count(), 2);
}

#[test]
fn options_are_for_urls() {
    for (options, named) in [
        (&["-s", "a"][..], "-s applies"),
        (&["-p", "raw"], "-p applies"),
        (&["-H", "A: b", "--insecure"], "-H, --insecure apply"),
        (&["--set", "heartbeat.after=1s", "--subprotocol", "x"], "--set, --subprotocol apply"),
    ] {
        let words: Vec<_> = ["market"].iter().chain(options).copied().collect();
        refused(&words, TWO, &[named, "market is a feed of /etc/c.toml"]);
    }
    refused(&["-s", "a"], TWO, &["-s applies to URL targets"]);
    assert_eq!(names(&["ws://h", "-s", "a"], TWO), ["h"]);
}

#[test]
fn personal_options_reach_one_host_only() {
    for options in [["-s", "a"], ["-H", "A: b"], ["--set", "stale.after=1s"], ["--subprotocol", "x"]] {
        let words: Vec<_> = ["ws://a", "ws://b:1"].into_iter().chain(options).collect();
        refused(&words, "", &["these targets have 2: a, b:1", "configuration file"]);
        let words: Vec<_> = ["ws://a/x", "ws://a/y"].into_iter().chain(options).collect();
        assert_eq!(plans(&words).len(), 2);
    }
    assert_eq!(plans(&["ws://a", "ws://b"]).len(), 2);
}

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

#[test]
fn placeholders_are_filled_in_and_masked() {
    let plan = plans(&["n=ws://h/${env.CARGO_PKG_NAME}/x?a=${env.CARGO_PKG_NAME}"]).remove(0);
    assert_eq!(plan.target.path(), "/wirebeat/x?a=wirebeat");
    assert_eq!(plan.info.url, "ws://h/***/x?a=***");
    assert_eq!(names(&["ws://h/${env.CARGO_PKG_NAME}"], ""), ["h/***"]);
    let (_dir, path) = file("url", "wss://host:7/secret-path\n");
    let plan = plans(&[&format!("${{file.{}}}", path.display())]).remove(0);
    assert_eq!((plan.info.name.as_str(), plan.info.url.as_str()), ("host:7/***", "wss://host:7/***"));
    assert_eq!(plan.target.path(), "/secret-path");
    assert_eq!(plans(&["ws://h/${env.WIREBEAT_NO_SUCH|z}"])[0].target.path(), "/z");
    refused(&["ws://h/${env.WIREBEAT_NO_SUCH}"], "", &["variable WIREBEAT_NO_SUCH is not set"]);
    refused(&["ws://h/${file./none/such}"], "", &["/none/such: No such file"]);
    refused(&["ws://h/${file./}"], "", &["it is a directory"]);
    refused(&["ws://h/${evn.X}"], "", &["unknown placeholder", "${env.NAME} and ${file.PATH} work here"]);
    refused(&["ws://h/${s.name}"], "", &["only ${env.NAME} and ${file.PATH}"]);
}

#[test]
fn a_secret_in_the_command_line_earns_a_note() {
    let notes = |url: &str| planned(&[url], "").unwrap().1;
    let told = notes("wss://u:CANARY77@h/?token=CANARY77");
    assert_eq!(told.len(), 1);
    assert!(told[0].contains("plain sight") && !told[0].contains("CANARY77"), "{told:?}");
    assert!(notes("wss://h/?token=${env.CARGO_PKG_NAME}").is_empty());
    assert!(notes("wss://h/?x=1").is_empty());
    let literal = "[feed.a]\nurl='wss://h/?token=CANARY77'\n[feed.b]\nurl='wss://h/?token=${env.CARGO_PKG_NAME}'\n";
    let told = planned(&[], literal).unwrap().1;
    assert_eq!(told.len(), 1);
    assert!(told[0].contains("the url of a in /etc/c.toml") && !told[0].contains("CANARY77"), "{told:?}");
}

#[test]
fn services_are_names_and_known_parameters() {
    let profile = "schema=1\nname='p'\n[subscribe]\nframe='{\"c\":\"${s.channel}\",\"s\":\"${s.symbol}\"}'\n\
                   [service.book]\nchannel='b'\nsymbol='x'\nstale='3s'\nenabled=false\n";
    let (_dir, path) = file("p.toml", profile);
    let profile = load_profile(path.to_str().unwrap(), &[]).unwrap();
    let read = |text: &str| {
        let spec = service(&profile, text).unwrap();
        (spec.name, serde_json::to_string(&spec.params).unwrap())
    };
    let is = |name: &str, params: &str| (name.to_owned(), params.to_owned());
    assert_eq!(read("a:channel=t,symbol=BTC"), is("a", r#"{"channel":"t","symbol":"BTC"}"#));
    assert_eq!(read(r"a:channel=t\,u,symbol=1"), is("a", r#"{"channel":"t,u","symbol":1}"#));
    assert_eq!(read("a:b:channel=x=y"), is("a:b", r#"{"channel":"x=y"}"#));
    assert_eq!(read("a:channel=t,odd=1"), is("a:channel=t,odd=1", "{}"), "taken whole");
    assert_eq!(read("trade:BTC/USD"), is("trade:BTC/USD", "{}"));
    assert_eq!(read("a:channel=t,"), is("a:channel=t,", "{}"));
    assert_eq!(read("book:symbol=y"), is("book", r#"{"channel":"b","symbol":"y"}"#));
    assert!(service(&profile, "book").unwrap().enabled, "what is asked for is on");
}

#[test]
fn a_secret_in_a_service_is_said_and_not_shown() {
    let (_dir, path) = file("secret", "a,b=c:d\"e");
    let service = format!("x:service=${{file.{}}}", path.display());
    let profile = "schema=1\nname='p'\n[subscribe]\nframe='{\"sub\":\"${s.name}\",\"p\":\"${s.service|}\"}'\n";
    let (_dir2, profile) = file("p.toml", profile);
    let words = ["ws://h", "-p", profile.to_str().unwrap(), "-s", &service, "-s", "key-${env.CARGO_PKG_NAME}"];
    let plan = plans(&words).remove(0);
    assert_eq!(plan.info.services, ["x", "key-${env.CARGO_PKG_NAME}"]);
    let [x, key] = plan.session.services.as_slice() else { panic!("two services") };
    assert_eq!(x.params["service"], "a,b=c:d\"e", "nothing in a secret is taken for syntax");
    assert_eq!(key.said.as_deref(), Some("key-wirebeat"));
    assert!(plan.session.secrets.put.contains(&"a,b=c:d\\\"e".to_owned()));
    assert!(plan.session.secrets.put.contains(&VALUE.to_owned()));
    assert_eq!(std::env::var(SET).as_deref(), Ok(VALUE));
}

#[test]
fn headers_come_from_arguments_and_files() {
    let (_dir, path) = file("headers", "# mine\nX-One: 1\n\n  X-Two:  ${env.CARGO_PKG_NAME}\r\n");
    let at = format!("@{}", path.display());
    let plan = plans(&["ws://h", "-H", &at, "-H", "X-Three: a:b"]).remove(0);
    let header = |name| plan.target.header(name);
    assert_eq!((header("x-one"), header("x-two"), header("x-three")), (Some("1"), Some(VALUE), Some("a:b")));
    let (_dir, whole) = file("whole", "X-Whole: CANARY77\n");
    let plan = plans(&["ws://h", "-H", &format!("${{file.{}}}", whole.display())]).remove(0);
    assert_eq!(plan.target.header("x-whole"), Some("CANARY77"));
    assert!(!format!("{:?}", plan.info).contains("CANARY77"));

    let (_dir, path) = file("headers", "X-One: 1\nCANARY77\nUpgrade: CANARY77\n");
    let at = format!("@{}", path.display());
    let wrong =
        refused(&["ws://h", "-H", &at, "-H", "CANARY77", "-H", "a b: CANARY77"], "", &["headers:2: ", "no colon"]);
    assert!(!wrong.contains("CANARY77"), "{wrong}");
    let wrong =
        refused(&["ws://h", "-H", "Upgrade: CANARY77", "-H", "a b: CANARY77"], "", &["belongs to the handshake"]);
    assert!(wrong.contains("letters, digits and hyphens") && !wrong.contains("CANARY77"), "{wrong}");
    refused(&["ws://h", "-H", "@/none/such"], "", &["cannot read the headers of /none/such: No such file"]);
    refused(&["ws://h", "-H", "@/"], "", &["it is a directory"]);
    refused(&["ws://h", "--ca-file", "/none/such"], "", &["--ca-file: /none/such: "]);
    refused(&["ws://h", "--subprotocol", "a b"], "", &["--subprotocol: a subprotocol is one word"]);
}

#[test]
fn a_feed_of_the_file_gets_all_it_asks_for() {
    let text = "[feed.a]\nurl='wss://h/x?t=${env.CARGO_PKG_NAME}'\nprofile='sub-heartbeat'\nservices=['one','two']\n\
        set={'heartbeat.after'='7s'}\nheaders={X='v ${env.CARGO_PKG_NAME}'}\nsubprotocols=['p']\ninsecure=true\n\
        [feed.a.service.two]\nstale='3s'\nenabled=false\n[feed.a.service.three]\n";
    let (plans, notes) = planned(&["a"], text).unwrap();
    let plan = &plans[0];
    assert_eq!(notes, Vec::<String>::new());
    assert_eq!(plan.info.url, "wss://h/x?t=***");
    assert_eq!(plan.info.services, ["one", "two", "three"]);
    let on: Vec<_> = plan.session.services.iter().map(|spec| spec.enabled).collect();
    assert_eq!(on, [true, false, true]);
    assert_eq!(plan.session.services[1].stale, Some(Stale::After(std::time::Duration::from_secs(3))));
    assert_eq!(plan.info.beat.unwrap().after, std::time::Duration::from_secs(7));
    assert_eq!(plan.target.header("X"), Some("v wirebeat"));
    assert_eq!(plan.target.subprotocols(), ["p"]);
    assert!(plan.target.tls.insecure);
}

#[test]
fn what_is_wrong_with_a_feed_is_shown_in_its_file() {
    let text = "[feed.a]\nurl='ws://h/${env.WIREBEAT_NO_SUCH}'\nheaders={X='Bearer ${env.WIREBEAT_NEITHER}'}\n\
        ca_file='none.pem'\nservices=['x']\n[feed.a.service.x]\nstael='5s'\n\
        [feed.b]\nurl='ws://h'\nprofile='sub-hartbeat'\n[feed.c]\nurl='ws://h'\nset={'heartbeat.aftre'='5s'}\n\
        [feed.d]\nurl='ws://h:99999'\nprofile='none.toml'\n[feed.e]\nprofile='none.toml'\n";
    let wrong = refused(
        &[],
        text,
        &[
            "/etc/c.toml:2:13",
            "WIREBEAT_NO_SUCH is not set",
            "/etc/c.toml:3:20",
            "WIREBEAT_NEITHER is not set",
            "/etc/c.toml:4:9",
            "none.pem",
            "/etc/c.toml:7:1",
            "did you mean `stale`?",
            "/etc/c.toml:10:9",
            "did you mean sub-heartbeat?",
            "/etc/c.toml:13:17",
            "did you mean `after`?",
            "/etc/c.toml:15:5",
            "/etc/c.toml:16:9",
            "/etc/c.toml:18:9",
        ],
    );
    assert!(!wrong.contains("--set"), "{wrong}");
    assert_eq!(names(&["b"], &text.replace("hartbeat", "heartbeat")), ["b"], "the others are not asked for");
}

#[test]
fn paths_of_a_file_are_relative_to_it() {
    let (dir, path) = file("config.toml", "[feed.a]\nurl='ws://h/${file.sub/key}'\nprofile='sub/p.toml'\n");
    fs::create_dir(dir.path().join("sub")).unwrap();
    fs::write(dir.path().join("sub/key"), "k\n").unwrap();
    fs::write(dir.path().join("sub/p.toml"), "schema=1\nname='near'\nextends='raw'\n").unwrap();
    let config = super::config(Some(&path)).unwrap();
    let plan = feeds(&args(&[]), &config, 1, &mut Vec::new()).unwrap().remove(0);
    assert_eq!((plan.info.profile.as_str(), plan.target.path()), ("near", "/k"));
}

#[test]
fn a_file_that_cannot_be_read_says_why() {
    let told = |path: &std::path::Path| super::config(Some(path)).map(|_| ()).unwrap_err().0;
    assert!(told("/none/such.toml".as_ref()).contains("cannot read the configuration: /none/such.toml: No such file"));
    assert!(told("/".as_ref()).contains("it is a directory"));
    let (_dir, path) = file("c.toml", b"\n\n# \xff");
    assert!(told(&path).contains("c.toml:3: it is not UTF-8 text"));
    let (_dir, path) = file("c.toml", vec![b'\n'; 10 << 20]);
    assert!(told(&path).contains("it is longer than"));
    let (_dir, path) = file("c.toml", "[feed.a]\nurl = 'wss://h/?token=CANARY77' x\n[fed]\n");
    let wrong = told(&path);
    assert!(wrong.contains("c.toml:2") && !wrong.contains("CANARY77"), "{wrong}");
}

#[test]
fn each_feed_has_a_jitter_of_its_own() {
    let plans = plans(&["ws://a", "ws://b"]);
    assert_ne!(plans[0].session.seed, plans[1].session.seed);
    assert_eq!((plans[0].info.id, plans[1].info.id), (FeedId(0), FeedId(1)));
}
