//! The terminal where there are no Unix calls on it: crossterm's raw mode and standard output. No suspend, no look for
//! a terminal that hung up.

use std::io::{self, IsTerminal, Write};
use std::time::Duration;

use crossterm::terminal::{disable_raw_mode, enable_raw_mode};

/// crossterm remembers what it found.
#[derive(Clone, Debug)]
pub(super) struct Modes;

/// How long one wait for a slow terminal takes.
#[expect(dead_code, reason = "writes wait by themselves here")]
pub(super) const PATIENCE: Duration = Duration::from_millis(50);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Written {
    All,
    #[expect(dead_code, reason = "writes wait by themselves here")]
    Stuck,
    Gone,
}

/// Says why the dashboard cannot be drawn here, if so.
pub(super) fn check() -> io::Result<()> {
    if io::stdin().is_terminal() && io::stdout().is_terminal() {
        return Ok(());
    }
    Err(io::Error::new(io::ErrorKind::Unsupported, "standard input and output are not both a terminal"))
}

#[expect(clippy::unnecessary_wraps, reason = "on Unix it may fail")]
pub(super) fn modes() -> io::Result<Modes> {
    Ok(Modes)
}

pub(super) fn raw(_found: &Modes) -> io::Result<()> {
    enable_raw_mode()
}

pub(super) fn restore(_found: &Modes) {
    let _gone = disable_raw_mode();
}

pub(super) fn in_front() -> bool {
    true
}

pub(super) fn discard_output() {}

pub(super) fn discard_input() {}

pub(super) fn write(bytes: &[u8], _wanted: impl Fn() -> bool) -> Written {
    let mut out = io::stdout();
    match out.write_all(bytes).and_then(|()| out.flush()) {
        Ok(()) => Written::All,
        Err(_) => Written::Gone,
    }
}

/// Prints for a person. A standard error that is gone is no reason to panic.
pub(super) fn complain(bytes: &[u8]) {
    let _gone = io::stderr().write_all(bytes);
}

pub(super) fn stop() {}
