//! The built program on a pseudo-terminal: it comes up, draws, ends by every way out, and leaves the terminal as found.
//! What a guard does in the worst of cases is tried in `tests/terminal.rs`.

#![cfg(unix)]
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test may")]

#[expect(dead_code, reason = "made for many tests")]
mod feed_server;
#[expect(dead_code, reason = "made for many tests")]
mod pty;

use std::process::Command;
use std::time::Duration;

use rustix::process::Signal;
use tokio_tungstenite::tungstenite::Message;
use vt100::{MouseProtocolMode, Screen};

use feed_server::{FeedServer, Manners, sub};
use pty::Pty;

/// Nothing that is pressed, sent or closed may take longer to end it.
const SOON: Duration = Duration::from_secs(1);

fn wirebeat(args: &[&str]) -> Pty {
    wirebeat_in("C.UTF-8", args)
}

fn wirebeat_in(locale: &str, args: &[&str]) -> Pty {
    let mut program = Command::new(env!("CARGO_BIN_EXE_wirebeat"));
    program.args(args).env("LC_ALL", locale).env_remove("NO_COLOR").env_remove("WIREBEAT_CONFIG");
    program.env("XDG_STATE_HOME", env!("CARGO_TARGET_TMPDIR"));
    Pty::spawn(&program, 30, 100)
}

/// The demo, on the screen and in full swing.
fn demo() -> Pty {
    let pty = wirebeat(&["demo"]);
    pty.wait_for("three feeds that live", |screen| {
        is_taken(screen) && screen.contents().contains("market") && screen.contents().matches("LIVE").count() >= 3
    });
    pty
}

fn is_taken(screen: &Screen) -> bool {
    screen.alternate_screen() && screen.hide_cursor() && screen.bracketed_paste()
}

#[track_caller]
fn ends(pty: &mut Pty, code: i32) {
    let end = pty.finish();
    assert_eq!(end.status.code(), Some(code), "{end:?}\n{}", pty.contents());
    assert!(end.took < SOON, "{end:?}");
}

#[track_caller]
fn given_back(pty: &Pty) {
    let (modes, found) = pty.modes();
    assert_eq!(modes, found);
    pty.look(|screen| {
        assert!(!screen.alternate_screen() && !screen.hide_cursor() && !screen.bracketed_paste());
        assert_eq!(screen.mouse_protocol_mode(), MouseProtocolMode::None);
        assert_eq!(screen.contents().trim(), "", "the shell's screen is as it was");
    });
    let bytes = String::from_utf8(pty.bytes()).unwrap();
    let after = bytes.rsplit_once("\x1b[?1049l").unwrap().1;
    assert!(!after.contains('\x1b'), "drawn after leaving: {after:?}");
}

#[test]
fn keys_end_it() {
    for keys in ["q", "\u{3}", "?qq", "/typed\u{3}"] {
        let mut pty = demo();
        pty.send(keys);
        ends(&mut pty, 0);
        given_back(&pty);
    }
}

#[test]
fn signals_end_it() {
    for (signal, code) in [(Signal::TERM, 143), (Signal::HUP, 129), (Signal::INT, 130)] {
        let mut pty = demo();
        pty.signal(signal);
        ends(&mut pty, code);
        given_back(&pty);
    }
}

#[test]
fn a_closed_terminal_ends_it() {
    let mut pty = demo();
    pty.hang_up();
    ends(&mut pty, 129);
}

#[test]
fn it_ends_while_the_terminal_takes_nothing() {
    let mut pty = demo();
    pty.set_reading(false);
    pty.send("????????");
    pty.signal(Signal::TERM);
    let end = pty.finish();
    assert_eq!(end.status.code(), Some(143), "{end:?}");
    assert!(end.took < Duration::from_millis(2500), "{end:?}");
    let (modes, found) = pty.modes();
    assert_eq!(modes, found);
}

#[test]
fn it_stops_and_goes_on() {
    let mut pty = demo();
    pty.send("\u{1a}");
    pty.wait_for_stop();
    pty.wait_for("the shell's screen", |screen| !screen.alternate_screen() && !screen.hide_cursor());
    assert_eq!(pty.modes().0, pty.modes().1);
    pty.signal(Signal::CONT);
    pty.wait_for("the feeds again", |screen| is_taken(screen) && screen.contents().contains("market"));
    pty.send("q");
    ends(&mut pty, 0);
    given_back(&pty);
}

/// What does not fit is cut, with a mark that a terminal without UTF-8 can draw.
#[test]
fn the_screen_of_a_relay_is_ascii_where_the_terminal_is() {
    let target = format!("ws://127.0.0.1:1/{}", "much/too/long/".repeat(9));
    for (locale, option, mark) in [("C", None, '~'), ("C.UTF-8", Some("--ascii"), '~'), ("C.UTF-8", None, '…')] {
        let mut pty = wirebeat_in(locale, &["proxy", &target].into_iter().chain(option).collect::<Vec<_>>());
        pty.wait_for("its keys", |screen| screen.alternate_screen() && screen.contents().contains("q quit"));
        let text = pty.contents();
        assert!(text.contains(mark) && text.is_ascii() == mark.is_ascii(), "{locale} {option:?}\n{text}");
        pty.send("q");
        ends(&mut pty, 0);
    }
}

/// Sets a title, clears the screen, in seven and in eight bits; turns the direction of text; rings; asks the terminal
/// for an answer, which would be typed.
const HOSTILE: &str =
    "evil\u{1b}]0;evil\u{7}\u{1b}[2J\u{9b}2J\u{9d}0;evil\u{9c}\u{202e}lived\u{2066}\r\u{8}\u{1b}[6n\u{1b}Pq\u{1b}\\";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_hostile_feed_puts_nothing_of_its_own_through() {
    let mut server = FeedServer::start(Manners { every: None, answers: true }).await;
    let url = server.url();
    let mut pty = tokio::task::spawn_blocking(move || {
        wirebeat(&[&url, "-s", "a", "-s", HOSTILE, "--set", "reconnect.base=100ms"])
    })
    .await
    .unwrap();
    server.hears(&sub("a")).await;
    server.say(Message::text(HOSTILE));
    server.say(Message::text(serde_json::json!({ "service": "a", "words": HOSTILE }).to_string()));
    server.say(Message::text(format!(r#"{{"service":"a","words":"{HOSTILE}"}}"#)));
    server.say(Message::text(serde_json::json!({ "service": HOSTILE, "n": 1 }).to_string()));
    server.say(Message::binary(HOSTILE.as_bytes().to_vec()));
    server.say(Message::text(r#"{"service":"a","last":"but one"}"#));
    let mut pty = tokio::task::spawn_blocking(move || {
        pty.wait_for("what it said", |screen| screen.contents().contains("but one"));
        pty.send("z");
        pty.wait_for_quiet(Duration::from_millis(150));
        pty.send("zt");
        pty
    })
    .await
    .unwrap();
    server.close(4001, "\u{1b}]0;evil\u{7}\u{202e}\u{9b}2Jfarewell");
    tokio::task::spawn_blocking(move || {
        pty.wait_for("the goodbye", |screen| screen.contents().contains("farewell"));
        pty.send("qq");
        ends(&mut pty, 0);
        given_back(&pty);
        let bytes = String::from_utf8(pty.bytes()).unwrap();
        assert!(bytes.contains("evil"), "it is shown");
        for (at, escape) in bytes.match_indices('\u{1b}') {
            let sequence: String = bytes[at + escape.len()..].chars().take(12).collect();
            let last = sequence.chars().skip(1).find(char::is_ascii_alphabetic);
            // Places, colours, modes, and clearing. No titles, no questions.
            let ours = sequence.starts_with('[') && matches!(last, Some('H' | 'm' | 'h' | 'l' | 'J' | 'K' | 'C' | 'q'));
            assert!(ours, "{sequence:?}");
        }
        let acts = |c: char| {
            matches!(c, '\u{7}' | '\u{8}' | '\u{80}'..='\u{9f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
        };
        assert_eq!(bytes.chars().find(|&c| acts(c)), None);
    })
    .await
    .unwrap();
}
