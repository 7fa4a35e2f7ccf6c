//! The built program on a pseudo-terminal, by someone new: the first keys are told once, and diagnostics go into their file
//! and never onto the screen.

#![cfg(unix)]
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test may")]

#[expect(dead_code, reason = "made for many tests")]
mod feed_server;
#[expect(dead_code, reason = "made for many tests")]
mod pty;

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Command;

use tokio_tungstenite::tungstenite::Message;

use feed_server::{FeedServer, Manners, sub};
use pty::Pty;

const GREETING: &str = "New here? enter looks into a message";

fn wirebeat(args: &[&str], state: &Path) -> Pty {
    let mut program = Command::new(env!("CARGO_BIN_EXE_wirebeat"));
    program.args(args).env("LC_ALL", "C.UTF-8").env_remove("NO_COLOR").env_remove("WIREBEAT_CONFIG");
    program.env("XDG_STATE_HOME", state);
    Pty::spawn(&program, 30, 110)
}

/// Runs it, and says whether it greeted. A key or two, then out.
fn run(args: &[&str], state: &Path, keys: &str) -> bool {
    let mut pty = wirebeat(args, state);
    pty.wait_for("a screen", |screen| {
        screen.contents().contains("frozen")
            || screen.contents().contains("lists keys")
            || screen.contents().contains("q quit")
    });
    let greeted = pty.contents().contains(GREETING);
    pty.send(keys);
    if greeted {
        pty.wait_for("the usual keys", |screen| !screen.contents().contains(GREETING));
    }
    pty.send("q");
    assert_eq!(pty.finish().status.code(), Some(0));
    greeted
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_first_keys_are_told_once() {
    let server = FeedServer::start(Manners::default()).await;
    let url = server.url();
    tokio::task::spawn_blocking(move || {
        let folder = tempfile::tempdir().unwrap();
        let state = folder.path().join("state");
        assert!(run(&["demo"], &state, "u") && run(&["demo"], &state, "u"), "the demo greets everyone");
        assert!(!state.exists(), "and writes nothing");
        let watch = [url.as_str(), "-s", "a"];
        assert!(run(&watch, &state, "u"));
        assert!(state.join("wirebeat/greeted").is_file());
        assert!(!run(&watch, &state, "u"), "nobody is new twice");
        // A home in which nothing can be written.
        let closed = folder.path().join("closed");
        fs::write(&closed, "").unwrap();
        assert!(run(&watch, &closed, "u") && run(&watch, &closed, "u"));
    })
    .await
    .unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_log_is_in_its_file_and_never_on_the_screen() {
    let mut server = FeedServer::start(Manners { every: None, answers: true }).await;
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("log");
    let (url, name, state) = (server.url(), file.display().to_string(), folder.path().to_owned());
    let mut pty = tokio::task::spawn_blocking(move || {
        let feed = format!("market={url}");
        wirebeat(&[&feed, "-s", "a", "--set", "reconnect.base=100ms", "-v", "--log-file", &name], &state)
    })
    .await
    .unwrap();
    server.hears(&sub("a")).await;
    server.say(Message::text(r#"{"service":"a","x":"PaYlOaD"}"#));
    server.close(4001, "away");
    server.hears(&sub("a")).await;
    tokio::task::spawn_blocking(move || {
        pty.wait_for("the message", |screen| screen.contents().contains("PaYlOaD"));
        pty.send("q");
        assert_eq!(pty.finish().status.code(), Some(0));
        let shown = String::from_utf8(pty.bytes()).unwrap();
        assert!(!shown.contains("DEBUG") && !shown.contains("INFO"), "diagnostics on the screen");
    })
    .await
    .unwrap();
    assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
    let log = fs::read_to_string(&file).unwrap();
    for part in [
        "dashboard begins",
        "market  dial 1",
        "market  open 127.0.0.1:",
        "market  sent subscribe a: ",
        "market  closed after",
        "4001",
        "market  closed after",
        "at your request",
        "ends with exit code 0",
    ] {
        assert!(log.contains(part), "{part}\n{log}");
    }
    assert!(!log.contains("PaYlOaD"), "{log}");
}

#[test]
fn trouble_with_the_log_is_a_note_and_no_end() {
    let folder = tempfile::tempdir().unwrap();
    if cfg!(target_os = "linux") {
        let mut pty = wirebeat(&["demo", "--log-file", "/dev/full"], folder.path());
        pty.wait_for("why lines are lost", |screen| screen.contents().contains("/dev/full cannot be written"));
        pty.send("u");
        pty.wait_for("the usual keys", |screen| screen.contents().contains("q quit"));
        pty.send("q");
        assert_eq!(pty.finish().status.code(), Some(0));
    }
    let mut pty = wirebeat(&["demo", "-v"], folder.path());
    pty.wait_for("that a file is missing", |screen| screen.contents().contains("-v needs --log-file FILE"));
    pty.send("q");
    assert_eq!(pty.finish().status.code(), Some(0));
    let mut pty = wirebeat(&["demo", "--log-file", "/dev/tty"], folder.path());
    assert_eq!(pty.finish().status.code(), Some(2));
    assert!(pty.contents().contains("it is a terminal"), "{}", pty.contents());
}
