//! An address that a program of the user's gives: run before each dial, allowed first, and never shown with its secrets.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;

use tempfile::TempDir;

use crate::feed_server::{FeedServer, Manners};
use crate::run::{Program, apart, wirebeat};

const CANARY: &str = "CaNaRy7f3a9d";

/// A profile whose address comes of a script, and that script.
fn written(script: &str) -> (TempDir, PathBuf, String) {
    let folder = tempfile::tempdir().unwrap();
    let program = folder.path().join("feed-url");
    fs::write(&program, format!("#!/bin/sh\n{script}\n")).unwrap();
    fs::set_permissions(&program, fs::Permissions::from_mode(0o755)).unwrap();
    let program = program.display().to_string();
    let profile = folder.path().join("found.toml");
    let text = format!(
        "schema = 1\nextends = 'sub-heartbeat'\ncommands = ['{program}']\n[endpoint]\nrun = ['{program}', '${{now_ms}}']\n\
         url = '${{v.url}}?token=${{v.token}}'\n[reconnect]\nbase = '10ms'\n[subscribe]\n\
         frame = '{{\"type\":\"sub\",\"service\":\"${{s.name}}\",\"key\":\"${{v.token}}\"}}'\n"
    );
    fs::write(&profile, text).unwrap();
    (folder, profile, program)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_script_names_the_server_before_each_dial() {
    let mut server = FeedServer::start(Manners { every: None, answers: true }).await;
    let runs = tempfile::NamedTempFile::new().unwrap();
    let script = format!(
        "echo run >>{}\necho '{{\"url\":\"ws://127.0.0.1:{}/ws\",\"token\":\"{CANARY}\"}}'",
        runs.path().display(),
        server.port
    );
    let (_folder, profile, program) = written(&script);
    let mut command = wirebeat(["tail", "-s", "a", "--for", "4s", "--allow-command", &program, "-p"]);
    command.arg(&profile);
    let running = tokio::spawn(apart(move || Program::spawn(&mut command).finish()));
    let sub = format!(r#"{{"type":"sub","service":"a","key":"{CANARY}"}}"#);
    server.hears(&sub).await;
    server.close(1012, "restart");
    server.hears(&sub).await;
    let done = running.await.unwrap();
    let all = format!("{}\n{}", done.out.join("\n"), done.stderr);
    assert!(!all.contains(CANARY), "{all}");
    assert_eq!(fs::read_to_string(runs.path()).unwrap().lines().count(), 2, "{all}");
    assert!(done.names().iter().filter(|name| *name == "open").count() == 2, "{all}");
}

#[test]
fn a_script_that_fails_is_told_and_nothing_is_run_without_leave() {
    for (script, why) in [
        (format!("echo {CANARY}; exit 3"), "exit status: 3"),
        (format!("echo '[\"{CANARY}\"]'"), "JSON object"),
        (format!("echo '{{\"token\":\"{CANARY}\"}}'"), "no value for ${v.url}"),
        (format!("echo '{{\"url\":\"ftp://h/{CANARY}\",\"token\":\"x\"}}'"), "no WebSocket scheme"),
        (format!("echo '{{\"url\":\"{CANARY}\",\"token\":\"x\"}}'"), "has no scheme"),
    ] {
        let (_folder, profile, program) = written(&script);
        let asked = Program::spawn(wirebeat(["tail", "--for", "1s", "-p"]).arg(&profile)).finish();
        assert_eq!(asked.code, 2, "{asked:?}");
        let wanted = format!("--allow-command {program}");
        assert!(asked.stderr.contains("the server that") && asked.stderr.contains(&wanted), "{asked:?}");
        let mut command = wirebeat(["tail", "--for", "300ms", "--allow-command", &program, "-p"]);
        let done = Program::spawn(command.arg(&profile)).finish();
        let all = format!("{}\n{}", done.out.join("\n"), done.stderr);
        assert!(all.contains(why) && all.contains(r#""kind":"program""#) && !all.contains(CANARY), "{all}");
        assert_eq!(done.code, 4, "{all}");
    }
}
