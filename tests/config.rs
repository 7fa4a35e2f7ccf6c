//! The user's file and the program: where it is found, what goes before it, and that no secret of it comes out.

#![expect(clippy::unwrap_used, reason = "a test may")]

use std::fs;
use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::{Command, Output};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use tempfile::TempDir;
use tokio_tungstenite::tungstenite::handshake::derive_accept_key;

const CANARY: &str = "CANARY-4f1d";

/// The program in an environment where nothing of the user's own is found.
fn wirebeat(home: &Path, args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_wirebeat"));
    command.args(args).env_clear().env("HOME", home).current_dir(home);
    command
}

fn run(mut command: Command) -> (Option<i32>, String, String) {
    let Output { status, stdout, stderr } = command.output().unwrap();
    (status.code(), String::from_utf8(stdout).unwrap(), String::from_utf8(stderr).unwrap())
}

fn home() -> TempDir {
    tempfile::tempdir().unwrap()
}

fn write(home: &Path, path: &str, text: &str) {
    let path = home.join(path);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, text).unwrap();
}

/// Reads one upgrade, answers it, and gives back what was asked and the first frame that came.
fn server() -> (u16, JoinHandle<(String, Vec<u8>)>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let serving = thread::spawn(move || {
        let (mut tcp, _) = listener.accept().unwrap();
        tcp.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
        let mut request = Vec::new();
        while !request.ends_with(b"\r\n\r\n") {
            request.push(byte(&mut tcp));
        }
        let request = String::from_utf8(request).unwrap();
        let key = request.lines().find_map(|line| line.strip_prefix("Sec-WebSocket-Key: ")).unwrap();
        let accept = derive_accept_key(key.as_bytes());
        let answer = format!(
            "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
             Sec-WebSocket-Accept: {accept}\r\n\r\n"
        );
        tcp.write_all(answer.as_bytes()).unwrap();
        (request, frame(&mut tcp))
    });
    (port, serving)
}

fn byte(tcp: &mut TcpStream) -> u8 {
    let mut byte = [0];
    tcp.read_exact(&mut byte).unwrap();
    byte[0]
}

/// A short frame of a client, unmasked.
fn frame(tcp: &mut TcpStream) -> Vec<u8> {
    let head = [byte(tcp), byte(tcp)];
    let len = usize::from(head[1] & 0x7f);
    assert!(len < 126, "a short frame");
    let mut rest = vec![0; 4 + len];
    tcp.read_exact(&mut rest).unwrap();
    let (mask, payload) = rest.split_at(4);
    payload.iter().zip(mask.iter().cycle()).map(|(byte, mask)| byte ^ mask).collect()
}

#[test]
fn the_feeds_of_the_file_are_watched_and_its_secrets_kept() {
    let home = home();
    let (port, serving) = server();
    let config = format!(
        "[feed.market]\nurl = \"ws://127.0.0.1:{port}/stream?x=${{env.TOKEN}}\"\nservices = [\"key-${{env.TOKEN}}\"]\n\
         headers = {{ X-Mine = \"a ${{file.token}}\", Origin = \"https://example.org\" }}\nsubprotocols = [\"v1\"]\n"
    );
    write(home.path(), ".config/wirebeat/config.toml", &config);
    write(home.path(), ".config/wirebeat/token", &format!("{CANARY}\n"));
    let mut command =
        wirebeat(home.path(), &["tail", "--for", "2s", "--events", "start,dialing,open,sent,service,closed"]);
    command.env("TOKEN", CANARY);
    let (code, out, err) = run(command);
    let (request, frame) = serving.join().unwrap();
    let lines: Vec<_> = request.lines().collect();
    assert_eq!(lines[0], format!("GET /stream?x={CANARY} HTTP/1.1"));
    for header in
        [format!("x-mine: a {CANARY}"), "Origin: https://example.org".into(), "Sec-WebSocket-Protocol: v1".into()]
    {
        assert!(lines.contains(&header.as_str()), "{header} is not in\n{request}");
    }
    assert_eq!(String::from_utf8(frame).unwrap(), format!(r#"{{"type":"sub","service":"key-{CANARY}"}}"#));
    assert_eq!(code, Some(0), "{out}{err}");
    assert!(!format!("{out}{err}").contains(CANARY), "{out}{err}");
    assert!(out.contains(&format!(r#""feed":"market","url":"ws://127.0.0.1:{port}/stream?x=***""#)), "{out}");
    assert!(out.contains("key-${env.TOKEN}"), "{out}");
    assert!(out.contains(r#"{"type":"sub","service":"key-***"}"#) || out.contains(r#"service\":\"key-***\"#), "{out}");
}

#[test]
fn the_file_is_found_where_it_belongs() {
    let home = home();
    write(home.path(), ".config/wirebeat/config.toml", "[feed.one]\nulr='x'\n");
    write(home.path(), "xdg/wirebeat/config.toml", "[feed.two]\nulr='x'\n");
    write(home.path(), "env.toml", "[feed.three]\nulr='x'\n");
    write(home.path(), "flag.toml", "[feed.four]\nulr='x'\n");
    let told = |args: &[&str], env: &[(&str, &str)]| {
        let mut command = wirebeat(home.path(), args);
        command.envs(env.iter().map(|(name, value)| (*name, home.path().join(value))));
        let (code, out, err) = run(command);
        assert_eq!((code, out.as_str()), (Some(2), ""), "{err}");
        assert!(err.contains("unknown key `ulr`") && err.contains("did you mean `url`?"), "{err}");
        err
    };
    let xdg = ("XDG_CONFIG_HOME", "xdg");
    let named = ("WIREBEAT_CONFIG", "env.toml");
    assert!(told(&[], &[]).contains(".config/wirebeat/config.toml:2:1"));
    assert!(told(&[], &[xdg]).contains("xdg/wirebeat/config.toml:2:1"));
    assert!(told(&["tail"], &[xdg, named]).contains("env.toml:2:1"));
    assert!(told(&["--config", "flag.toml"], &[xdg, named]).contains("flag.toml:2:1"));
    assert!(told(&["ws://h", "--config", "flag.toml"], &[]).contains("feed.four"));
}

#[test]
fn a_missing_file_is_an_error_only_if_it_was_named() {
    let home = home();
    let (code, _, err) = run(wirebeat(home.path(), &[]));
    assert_eq!(code, Some(2));
    assert!(err.contains("nothing to watch") && err.contains("wirebeat demo"), "{err}");
    let (code, _, err) = run(wirebeat(home.path(), &["--config", "none.toml", "ws://h"]));
    assert_eq!(code, Some(2));
    assert!(err.contains("cannot read the configuration: none.toml: No such file"), "{err}");
    let (code, _, err) = run(wirebeat(home.path(), &["demo", "--config", "none.toml"]));
    assert_eq!(code, Some(2), "{err}");
}

#[test]
fn what_is_wrong_is_said_once_and_together() {
    let home = home();
    write(
        home.path(),
        "c.toml",
        "[feed.market]\nurl='ws://h/${env.NO_SUCH}'\n[feed.orders]\nurl='ws://h'\nprofile='none.toml'\n",
    );
    let (code, out, err) = run(wirebeat(home.path(), &["tail", "--config", "c.toml", "market", "orders", "marketr"]));
    assert_eq!((code, out.as_str()), (Some(2), ""));
    for part in ["c.toml:2:13", "NO_SUCH is not set", "c.toml:5:9", "none.toml: No such file", "did you mean market?"] {
        assert!(err.contains(part), "{part} is not in\n{err}");
    }
    let (code, _, err) = run(wirebeat(home.path(), &["--config", "c.toml", "market", "-s", "x"]));
    assert_eq!(code, Some(2));
    assert!(err.contains("-s applies to URL targets, and market is a feed of c.toml"), "{err}");
}

#[test]
fn a_broken_file_tells_no_secret() {
    let home = home();
    let broken = format!(
        "[feed.a]\nurl = \"wsx://u:{CANARY}@h/?token={CANARY}\"\nheaders = {{ Authorization = \"Bearer {CANARY}\", Upgrade = \"{CANARY}\" }}\n"
    );
    write(home.path(), "c.toml", &broken);
    write(home.path(), "unclosed.toml", &format!("[feed.a.headers]\nX-Mine = \"{CANARY}\n"));
    write(home.path(), "dial.toml", &format!("[feed.a]\nurl = \"ws://u:{CANARY}@h:0/?token={CANARY}\"\n"));
    for file in ["c.toml", "unclosed.toml", "dial.toml"] {
        let (code, out, err) = run(wirebeat(home.path(), &["tail", "--config", file]));
        assert_eq!(code, Some(2), "{err}");
        assert!(err.contains(&format!("{file}:2")), "{err}");
        assert!(!format!("{out}{err}").contains(CANARY), "{err}");
    }
    let words = ["tail", "wsx://u:CANARY-4f1d@h/?token=CANARY-4f1d", "ws://h:0/?key=CANARY-4f1d", "CANARY=ws//h"];
    for header in ["CANARY-4f1d", "Upgrade: CANARY-4f1d", "a b: CANARY-4f1d"] {
        let args: Vec<_> = words.into_iter().take(3).chain(["-H", header]).collect();
        let (code, _, err) = run(wirebeat(home.path(), &args));
        assert_eq!(code, Some(2), "{err}");
        assert!(!err.contains(CANARY), "{err}");
    }
}
