//! Arguments and files to feeds, without a network.

mod configured;
mod profiles;
mod secrets;
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
fn each_feed_has_a_jitter_of_its_own() {
    let plans = plans(&["ws://a", "ws://b"]);
    assert_ne!(plans[0].session.seed, plans[1].session.seed);
    assert_eq!((plans[0].info.id, plans[1].info.id), (FeedId(0), FeedId(1)));
}
