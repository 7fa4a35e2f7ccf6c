//! What the program tells of itself: in the file that is named, on standard error where that is wanted, and nowhere else.

use rustix::process::Signal;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use tokio_tungstenite::tungstenite::Message;

use crate::feed_server::{FeedServer, Manners, sub};
use crate::run::{Done, Program, apart, finish, wirebeat};

const CANARY: &str = "CaNaRy9b2e41";
/// Of a message, which is nobody's business here.
const PAYLOAD: &str = "PaYlOaD77";

fn lines(file: &Path) -> Vec<String> {
    fs::read_to_string(file).unwrap().lines().map(str::to_owned).collect()
}

#[track_caller]
fn well_formed(lines: &[String]) {
    for line in lines {
        let (stamp, rest) = line.split_at(24);
        let stamped = stamp.as_bytes()[4] == b'-' && stamp.as_bytes()[10] == b'T' && stamp.ends_with('Z');
        let level = ["ERROR ", "WARN  ", "INFO  ", "DEBUG "].iter().any(|level| rest[1..].starts_with(level));
        assert!(stamped && level, "{line}");
        assert_eq!(line.chars().find(|c| c.is_control()), None, "{line:?}");
    }
}

#[track_caller]
fn has(lines: &[String], level: &str, words: &str) {
    let found = lines.iter().any(|line| line[25..].starts_with(level) && line.contains(words));
    assert!(found, "no {level} with {words:?} in {lines:#?}");
}

/// A feed that opens, beats, is closed and comes back, watched by `tail` with these arguments besides.
async fn watched(args: &[&str]) -> Done {
    let mut server = FeedServer::start(Manners { every: None, answers: true }).await;
    let fixed = ["tail", "-s", "trades", "--set", "reconnect.base=50ms", "--set", "heartbeat.after=100ms"];
    let mut command = wirebeat(fixed);
    command.arg(format!("market={}?token={CANARY}", server.url())).args(["--count", "2", "--for", "15s"]).args(args);
    let running = tokio::spawn(apart(move || Program::spawn(&mut command).finish()));
    server.hears(&sub("trades")).await;
    server.say(Message::text(format!(r#"{{"service":"trades","x":"{PAYLOAD}"}}"#)));
    server.hears(crate::feed_server::BEAT).await;
    server.close(4001, "go \u{1b}[2Jaway");
    server.hears(&sub("trades")).await;
    server.say(Message::text(format!(r#"{{"service":"trades","x":"{PAYLOAD}"}}"#)));
    running.await.unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_file_has_the_life_of_a_feed() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("log");
    let done = watched(&["--log-file", file.to_str().unwrap()]).await;
    assert_eq!(done.code, 0, "{done:?}");
    assert!(done.names().contains(&"summary".to_owned()), "standard output is data: {:?}", done.out);
    assert_eq!(done.stderr.lines().count(), 1, "the word about the secret in the URL: {}", done.stderr);
    assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
    let lines = lines(&file);
    well_formed(&lines);
    has(&lines, "INFO", "tail begins");
    has(&lines, "INFO", "no configuration file; feeds: 1, seed");
    has(&lines, "INFO", "market  ws://127.0.0.1:");
    has(&lines, "WARN", "secret");
    has(&lines, "INFO", "market  dial 1");
    has(&lines, "INFO", "market  open 127.0.0.1:");
    has(&lines, "INFO", "TCP 0.");
    has(&lines, "INFO", "market  trades: sent");
    has(&lines, "WARN", "market  closed after");
    has(&lines, "WARN", "4001");
    has(&lines, "INFO", "ends with exit code 0");
    let text = lines.join("\n");
    assert!(!text.contains("beat sent") && !text.contains("DEBUG"), "{text}");
    assert!(!text.contains(PAYLOAD) && !text.contains(CANARY), "{text}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn verbose_adds_beats_and_frames_and_tells_them_on_standard_error() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("log");
    let done = watched(&["-v", "--log-file", file.to_str().unwrap()]).await;
    assert_eq!(done.code, 0, "{done:?}");
    let lines = lines(&file);
    well_formed(&lines);
    has(&lines, "DEBUG", r#"market  sent subscribe trades: {"type":"sub""#);
    has(&lines, "DEBUG", "market  beat sent: ");
    has(&lines, "DEBUG", "beat answered in");
    let told: Vec<_> = done.stderr.lines().filter(|line| !line.starts_with("wirebeat: ")).map(str::to_owned).collect();
    well_formed(&told);
    has(&told, "DEBUG", "market  beat sent: ");
    has(&told, "WARN", "market  closed after");
    for text in [lines.join("\n"), done.stderr.clone(), done.out.join("\n")] {
        assert!(!text.contains(CANARY));
    }
    assert!(!done.stderr.contains(PAYLOAD) && !lines.join("\n").contains(PAYLOAD));
    // Without a file there is standard error alone.
    let done = watched(&["-v"]).await;
    let told: Vec<_> = done.stderr.lines().filter(|line| !line.starts_with("wirebeat: ")).map(str::to_owned).collect();
    has(&told, "DEBUG", "market  beat sent: ");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn quiet_leaves_errors() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("log");
    let done = watched(&["-q", "--log-file", file.to_str().unwrap()]).await;
    assert_eq!((done.code, done.stderr.as_str()), (0, ""));
    let lines = lines(&file);
    assert!(lines.iter().all(|line| line[25..].starts_with("WARN") || line[25..].starts_with("ERROR")), "{lines:#?}");
    has(&lines, "WARN", "market  closed after");
    let done = finish(["tail", "-q", "ws://h/", "-p", "sub-heartbaet"]);
    assert!(done.code == 2 && done.stderr.contains("sub-heartbeat"), "{done:?}");
    assert_eq!(finish(["tail", "-q", "-v", "ws://h/"]).code, 2);
}

#[test]
fn a_file_that_cannot_be_is_refused_by_every_verb() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("none/log");
    let file = file.to_str().unwrap();
    for verb in [
        &["ws://127.0.0.1:1/"][..],
        &["demo"],
        &["tail", "ws://127.0.0.1:1/"],
        &["serve"],
        &["proxy", "ws://127.0.0.1:1/"],
        &["drill", "ws://127.0.0.1:1/"],
    ] {
        let done = finish(verb.iter().copied().chain(["--log-file", file]));
        assert_eq!(done.code, 2, "{verb:?}: {done:?}");
        assert!(done.stderr.contains("none/log") && done.stderr.contains("leave --log-file out"), "{}", done.stderr);
        assert!(done.out.is_empty(), "{verb:?}");
    }
}

#[cfg(target_os = "linux")]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_full_disk_ends_nothing_and_is_told_once() {
    let done = watched(&["--log-file", "/dev/full"]).await;
    assert_eq!(done.code, 0, "{done:?}");
    assert!(done.names().contains(&"summary".to_owned()));
    let told: Vec<_> = done.stderr.lines().filter(|line| line.contains("/dev/full")).collect();
    assert_eq!(told.len(), 1, "{}", done.stderr);
    assert!(told[0].contains("cannot be written"), "{}", told[0]);
}

#[test]
fn what_ended_it_is_the_last_word() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("log");
    let done = finish(["tail", "ws://h/", "-p", "sub-heartbaet", "--log-file", file.to_str().unwrap()]);
    assert_eq!(done.code, 2);
    let lines = lines(&file);
    well_formed(&lines);
    has(&lines, "ERROR", "sub-heartbaet");
    has(&lines, "INFO", "ends with exit code 2");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_and_a_relay_tell_who_comes() {
    let folder = tempfile::tempdir().unwrap();
    let (serving, relaying) = (folder.path().join("serve"), folder.path().join("proxy"));
    let (serve_file, proxy_file) = (serving.clone(), relaying.clone());
    apart(move || {
        let mut serve = Program::start(["serve", "--log-file", serve_file.to_str().unwrap()]);
        let market = serve.line().split("  ").next().unwrap().to_owned();
        let mut proxy =
            Program::start(["proxy", &market, "-p", "demo", "-v", "--log-file", proxy_file.to_str().unwrap()]);
        let url = proxy.line();
        let done = finish(["tail", &url, "-p", "demo", "-s", "业务1", "--count", "3", "--for", "10s"]);
        assert_eq!(done.code, 0, "{done:?}");
        let _closed = proxy.event("closed");
        proxy.signal(Signal::TERM);
        let ended = proxy.finish();
        assert_eq!(ended.code, 143);
        assert!(ended.stderr.contains("relay  open client=1"), "{}", ended.stderr);
        serve.signal(Signal::TERM);
        assert_eq!(serve.finish().code, 143);
    })
    .await;
    let told = lines(&serving);
    well_formed(&told);
    has(&told, "INFO", "listens on 127.0.0.1:");
    has(&told, "INFO", "/market  link 1 is open");
    has(&told, "INFO", "/market  link 1 is over");
    has(&told, "INFO", "ends with exit code 143");
    let told = lines(&relaying);
    well_formed(&told);
    has(&told, "INFO", "relay  dialed client=1 from=127.0.0.1:");
    has(&told, "INFO", "relay  open client=1 path=/market");
    has(&told, "INFO", "relay  subscribe client=1");
    has(&told, "INFO", "relay  closed by=client bytes=");
}

#[test]
fn a_drill_tells_its_faults_and_the_life_of_its_link() {
    let folder = tempfile::tempdir().unwrap();
    let (file, script) = (folder.path().join("log"), folder.path().join("script.toml"));
    fs::write(&script, "[[step]]\nat = \"0s\"\nfault = \"fin\"\nsay = \"the end\"\n").unwrap();
    let mut serve = Program::start(["serve"]);
    let market = serve.line().split("  ").next().unwrap().to_owned();
    let mut command = wirebeat(["drill", &market, "-p", "demo", "-s", "业务1", "--seed", "1"]);
    for set in ["heartbeat.after=800ms", "heartbeat.timeout=400ms", "reconnect.base=300ms"] {
        command.args(["--set", set]);
    }
    for budget in ["storm=1s", "restore=1s", "slack=400ms", "warmup=4s"] {
        command.args(["--budget", budget]);
    }
    command.arg("--script").arg(&script).arg("--log-file").arg(&file);
    let done = Program::spawn(&mut command).finish();
    assert!([0, 3].contains(&done.code), "{done:?}");
    let lines = lines(&file);
    well_formed(&lines);
    has(&lines, "INFO", "2 faults are tried");
    has(&lines, "INFO", "relay  closed by=fault");
    has(&lines, "INFO", "drill  ");
    assert_eq!(lines.iter().filter(|line| line.contains(" drill  ")).count(), 2, "{lines:#?}");
    has(&lines, "WARN", "closed after");
    has(&lines, "INFO", &format!("ends with exit code {}", done.code));
}
