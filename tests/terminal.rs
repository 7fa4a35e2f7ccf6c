//! The terminal is given back as it was found, whatever ends the program: each way out, run on a pseudo-terminal.
//!
//! The program is a stand-in ([`stand_in`]), this very binary executed anew: it takes the terminal and draws as the
//! dashboard does, and breaks on demand as the dashboard must not.

#![cfg(unix)]
#![expect(clippy::unwrap_used, reason = "a test may")]
#![expect(clippy::panic, reason = "a test may, and panics are what is tried")]
#![expect(clippy::exit, reason = "the stand-in ends without the test runner's words")]
#![expect(clippy::wildcard_enum_match_arm, reason = "the stand-in knows a few keys")]

mod pty;

use std::env;
use std::io::{self, Write};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::process::{Command, exit};
use std::thread;
use std::time::Duration;

use crossterm::event::{Event, EventStream, KeyCode, KeyModifiers};
use futures::StreamExt;
use ratatui::Terminal;
use ratatui::backend::CrosstermBackend;
use ratatui::widgets::Paragraph;
use rustix::process::Signal as Posix;
use vt100::{MouseProtocolMode, Screen};
use wirebeat::term::{Guard, Options, Over, Pen, Signal, Watch, last_words, redraw};

use pty::{End, Pty};

const ROLE: &str = "WIREBEAT_TEST_ROLE";
/// What the stand-in draws, and what it tries to draw when it has left.
const DRAWN: &str = "the stand-in draws";
const GHOST: &str = "a ghost draws";
/// What a program has that does not hang: leaving takes no time.
const AT_ONCE: Duration = Duration::from_millis(700);
/// What a program has that hangs, or has lost its terminal.
const FORCED: Duration = Duration::from_millis(2500);

#[test]
fn a_normal_end() {
    let mut pty = drawing();
    pty.send("q");
    ends(&mut pty, 0, AT_ONCE);
    given_back(&pty);
}

#[test]
fn an_error_is_printed_below_the_shell() {
    let mut pty = drawing();
    pty.send("e");
    ends(&mut pty, 1, AT_ONCE);
    given_back(&pty);
    assert!(pty.contents().contains("the loop failed"));
}

#[test]
fn a_panic_of_the_thread_that_draws() {
    let mut pty = drawing();
    pty.send("p");
    ends(&mut pty, 101, AT_ONCE);
    given_back(&pty);
    tells_of_a_panic(&pty, "the loop broke");
}

#[test]
fn a_panic_of_another_thread() {
    let mut pty = drawing();
    pty.send("w");
    ends(&mut pty, 101, AT_ONCE);
    given_back(&pty);
    tells_of_a_panic(&pty, "a worker broke");
}

#[test]
fn a_panic_of_a_task() {
    let mut pty = drawing();
    pty.send("t");
    ends(&mut pty, 101, AT_ONCE);
    given_back(&pty);
    tells_of_a_panic(&pty, "a task broke");
}

#[test]
fn a_panic_of_another_thread_while_the_loop_hangs() {
    let mut pty = drawing();
    pty.send("h");
    pty.wait_for("hanging", |screen| screen.contents().contains("hanging"));
    // Its worker panics as soon as the loop hangs.
    ends(&mut pty, 101, FORCED);
    given_back(&pty);
    tells_of_a_panic(&pty, "a worker broke");
}

#[test]
fn signals_end_it_in_order() {
    for (signal, code) in [(Posix::TERM, 143), (Posix::INT, 130), (Posix::HUP, 129), (Posix::QUIT, 131)] {
        let mut pty = drawing();
        pty.signal(signal);
        ends(&mut pty, code, AT_ONCE);
        given_back(&pty);
        assert!(pty.contents().contains("ended in order"), "after {signal:?}");
    }
}

#[test]
fn a_signal_ends_it_when_the_loop_hangs() {
    let mut pty = drawing();
    pty.send("b");
    pty.wait_for("hanging", |screen| screen.contents().contains("hanging"));
    pty.signal(Posix::TERM);
    ends(&mut pty, 143, FORCED);
    given_back(&pty);
}

#[test]
fn a_second_signal_ends_it_at_once() {
    let mut pty = drawing();
    pty.send("b");
    pty.wait_for("hanging", |screen| screen.contents().contains("hanging"));
    pty.signal(Posix::TERM);
    // Signals that come together are one wish, so that this one comes later.
    pty.wait_for_quiet(Duration::from_millis(250));
    pty.signal(Posix::INT);
    ends(&mut pty, 130, Duration::from_millis(500));
    given_back(&pty);
}

#[test]
fn two_signals_that_come_together_are_one_wish() {
    let mut pty = drawing();
    // The loop ends in order, though `timeout` signals twice.
    pty.signal(Posix::TERM);
    pty.signal(Posix::INT);
    let end = pty.finish();
    assert!(matches!(end.status.code(), Some(143 | 130)), "{end:?}");
    given_back(&pty);
    assert!(pty.contents().contains("ended in order"));
}

#[test]
fn a_signal_ends_it_when_the_terminal_takes_nothing() {
    let mut pty = drawing();
    pty.set_reading(false);
    pty.send("f");
    pty.wait_for_quiet(Duration::from_millis(300));
    pty.signal(Posix::TERM);
    let end = pty.finish();
    assert_eq!(end.status.code(), Some(143), "{end:?}");
    assert!(end.took < FORCED, "{end:?}");
    given_back(&pty);
}

#[test]
fn a_closed_terminal_ends_it_soon_and_cheaply() {
    let mut pty = drawing();
    pty.hang_up();
    ends(&mut pty, 129, FORCED);
}

#[test]
fn a_closed_terminal_ends_it_when_no_signal_tells() {
    let mut pty = drawing_under(&["/bin/sh", "-c", "trap '' HUP; \"$@\"; exit $?", "sh"]);
    pty.hang_up();
    ends(&mut pty, 129, FORCED);
}

#[test]
fn a_closed_terminal_ends_it_when_the_loop_hangs() {
    let mut pty = drawing_under(&["/bin/sh", "-c", "trap '' HUP; \"$@\"; exit $?", "sh"]);
    pty.send("b");
    pty.wait_for("hanging", |screen| screen.contents().contains("hanging"));
    pty.hang_up();
    ends(&mut pty, 129, FORCED);
}

#[test]
fn ctrl_z_and_back() {
    let mut pty = drawing();
    for _ in 0..3 {
        pty.send("\x1a");
        comes_back(&mut pty);
    }
    pty.send("q");
    ends(&mut pty, 0, AT_ONCE);
    given_back(&pty);
}

#[test]
fn a_stop_that_somebody_asks_for_and_back() {
    let mut pty = drawing();
    pty.signal(Posix::TSTP);
    comes_back(&mut pty);
    pty.send("q");
    ends(&mut pty, 0, AT_ONCE);
    given_back(&pty);
}

#[test]
fn modes_that_changed_while_it_was_stopped_are_set_again() {
    let mut pty = drawing();
    pty.signal(Posix::STOP);
    pty.wait_for_stop();
    let ours = pty.modes().0;
    pty.reset_modes();
    assert_ne!(pty.modes().0, ours);
    pty.signal(Posix::CONT);
    pty.wait_for_modes(&ours);
    pty.send("q");
    ends(&mut pty, 0, AT_ONCE);
    given_back(&pty);
}

#[test]
fn without_a_screen_signals_come_as_well() {
    for (signal, code) in [(Posix::TERM, 143), (Posix::INT, 130), (Posix::HUP, 129)] {
        let mut pty = play("lines", &[]);
        pty.wait_for("the first line", |screen| screen.contents().contains("line 1"));
        pty.signal(signal);
        ends(&mut pty, code, AT_ONCE);
        assert!(pty.contents().contains("ended in order"), "after {signal:?}");
        assert_eq!(pty.modes().0, pty.modes().1);
    }
}

#[test]
fn who_asked_for_hang_ups_to_be_ignored_gets_that() {
    let mut pty = play("lines", &["/bin/sh", "-c", "trap '' HUP; \"$@\"; exit $?", "sh"]);
    pty.wait_for("the first line", |screen| screen.contents().contains("line 1"));
    pty.hang_up();
    // It outlives its terminal; nothing else tells that it does than that it goes on being there.
    thread::park_timeout(Duration::from_millis(1500));
    assert!(!pty.has_ended());
}

#[test]
fn a_dumb_terminal_is_refused() {
    let mut pty = play("dumb", &[]);
    ends(&mut pty, 2, AT_ONCE);
    assert!(pty.contents().contains("cannot draw"), "{}", pty.contents());
    assert!(!pty.contents().contains(DRAWN));
}

#[test]
fn the_mouse_is_given_back() {
    let mut pty = play("mouse", &[]);
    pty.wait_for("the mouse", |screen| screen.mouse_protocol_mode() != MouseProtocolMode::None);
    pty.wait_for("the first frame", |screen| screen.contents().contains(DRAWN));
    pty.send("q");
    ends(&mut pty, 0, AT_ONCE);
    given_back(&pty);
}

/// The stand-in on its screen, ready for keys.
fn drawing() -> Pty {
    drawing_under(&[])
}

fn drawing_under(wrapper: &[&str]) -> Pty {
    let pty = play("screen", wrapper);
    pty.wait_for("the first frame", is_taken);
    pty
}

fn play(role: &str, wrapper: &[&str]) -> Pty {
    let me = env::current_exe().unwrap();
    let mut words = wrapper.to_vec();
    words.extend([me.to_str().unwrap(), "stand_in", "--exact", "--nocapture", "--quiet"]);
    let mut program = Command::new(words[0]);
    program.args(&words[1..]).env(ROLE, role);
    if role == "dumb" {
        program.env("TERM", "dumb");
    }
    Pty::spawn(&program, 24, 80)
}

fn is_taken(screen: &Screen) -> bool {
    screen.contents().contains(DRAWN) && screen.alternate_screen() && screen.hide_cursor() && screen.bracketed_paste()
}

fn is_given_back(screen: &Screen) -> bool {
    !screen.alternate_screen()
        && !screen.hide_cursor()
        && !screen.bracketed_paste()
        && screen.mouse_protocol_mode() == MouseProtocolMode::None
        && !screen.contents().contains(DRAWN)
}

fn comes_back(pty: &mut Pty) {
    pty.wait_for_stop();
    pty.wait_for("the shell's screen", is_given_back);
    assert_eq!(pty.modes().0, pty.modes().1);
    pty.signal(Posix::CONT);
    pty.wait_for("a new frame", is_taken);
    assert_ne!(pty.modes().0, pty.modes().1);
}

#[track_caller]
fn ends(pty: &mut Pty, code: i32, within: Duration) {
    let end: End = pty.finish();
    assert_eq!(end.status.code(), Some(code), "{end:?}\n{}", pty.contents());
    assert!(end.took < within, "{end:?}");
    assert!(end.used.is_none_or(|used| used < Duration::from_secs(1)), "{end:?}");
}

#[track_caller]
fn given_back(pty: &Pty) {
    let (modes, found) = pty.modes();
    assert_eq!(modes, found);
    assert!(pty.look(is_given_back), "{}", pty.contents());
    let bytes = String::from_utf8_lossy(&pty.bytes()).into_owned();
    assert!(!bytes.contains(GHOST), "{bytes:?}");
    let after = bytes.rsplit_once("\x1b[?1049l").unwrap().1;
    assert!(!after.contains('\x1b'), "drawn after leaving: {after:?}");
}

#[track_caller]
fn tells_of_a_panic(pty: &Pty, message: &str) {
    let screen = pty.contents();
    assert!(screen.contains(message), "{screen}");
    assert!(screen.contains("tests/terminal.rs:"), "{screen}");
    // What looks like an escape sequence in it is shown, not obeyed.
    assert!(screen.contains("\\u{1b}[31m"), "{screen}");
}

/// The program under test; an empty test where nobody asked for it.
#[test]
fn stand_in() {
    let Ok(role) = env::var(ROLE) else { return };
    let code = catch_unwind(AssertUnwindSafe(|| match role.as_str() {
        "screen" => on_the_screen(Options::default()),
        "mouse" => on_the_screen(Options { mouse: true }),
        "dumb" => refused(),
        "lines" => in_lines(),
        other => panic!("no such role: {other}"),
    }));
    exit(code.map_or(101, i32::from));
}

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap()
}

fn on_the_screen(options: Options) -> u8 {
    let runtime = runtime();
    let mut watch = Watch::start(Over::Screen).unwrap();
    let guard = Guard::take(options).unwrap();
    let mut terminal = Terminal::new(CrosstermBackend::new(guard.pen())).unwrap();
    let result = runtime.block_on(watched(&mut terminal, &guard, &mut watch));
    guard.leave();
    // A drop or a draw that comes too late goes nowhere.
    draw(&mut terminal, GHOST);
    drop(terminal);
    last_words();
    runtime.shutdown_background();
    match result {
        Ok(code) => {
            say("ended in order");
            code
        }
        Err(error) => {
            say(&error.to_string());
            1
        }
    }
}

async fn watched(terminal: &mut Terminal<CrosstermBackend<Pen>>, guard: &Guard, watch: &mut Watch) -> io::Result<u8> {
    let mut keys = EventStream::new();
    let mut frames = tokio::time::interval(Duration::from_millis(20));
    let mut flood = false;
    loop {
        tokio::select! {
            _ = frames.tick() => {
                draw(terminal, DRAWN);
                if flood {
                    loop {
                        redraw(terminal)?;
                        draw(terminal, DRAWN);
                    }
                }
            }
            signal = watch.next() => match signal {
                Signal::Terminate(_) | Signal::HangUp | Signal::Panicked => return Ok(signal.exit_code().unwrap()),
                Signal::Suspend => guard.suspend()?,
                Signal::Resume => {
                    guard.resume()?;
                    redraw(terminal)?;
                }
            },
            Some(Ok(Event::Key(key))) = keys.next() => match key.code {
                KeyCode::Char('z') if key.modifiers.contains(KeyModifiers::CONTROL) => {
                    guard.suspend()?;
                    redraw(terminal)?;
                }
                KeyCode::Char('q') => return Ok(0),
                KeyCode::Char('e') => return Err(io::Error::other("the loop failed")),
                KeyCode::Char('p') => panic!("the loop broke \x1b[31m"),
                KeyCode::Char('w') => break_a_worker(),
                KeyCode::Char('t') => drop(tokio::spawn(async { panic!("a task broke \x1b[31m") })),
                KeyCode::Char('b') => hang(terminal),
                KeyCode::Char('h') => {
                    draw(terminal, "hanging");
                    break_a_worker();
                    hang(terminal);
                }
                KeyCode::Char('f') => flood = true,
                _ => {}
            },
        }
    }
}

fn draw(terminal: &mut Terminal<CrosstermBackend<Pen>>, text: &str) {
    let body = std::iter::repeat_n(text, 20).collect::<Vec<_>>().join("\n");
    terminal.draw(|frame| frame.render_widget(Paragraph::new(body), frame.area())).unwrap();
}

fn break_a_worker() {
    drop(thread::spawn(|| panic!("a worker broke \x1b[31m")));
}

fn hang(terminal: &mut Terminal<CrosstermBackend<Pen>>) {
    draw(terminal, "hanging");
    loop {
        thread::park();
    }
}

fn refused() -> u8 {
    match Guard::take(Options::default()) {
        Ok(_) => 0,
        Err(error) => {
            say(&error.to_string());
            2
        }
    }
}

fn in_lines() -> u8 {
    let runtime = runtime();
    let mut watch = Watch::start(Over::Lines).unwrap();
    let code = runtime.block_on(async {
        let mut lines = 0;
        let mut every = tokio::time::interval(Duration::from_millis(20));
        loop {
            tokio::select! {
                _ = every.tick() => {
                    lines += 1;
                    let _gone = writeln!(io::stdout(), "line {lines}");
                }
                signal = watch.next() => if let Some(code) = signal.exit_code() { return code },
            }
        }
    });
    runtime.shutdown_background();
    say("ended in order");
    code
}

/// To a standard error that may be gone.
fn say(text: &str) {
    let _gone = writeln!(io::stderr(), "{text}");
}
