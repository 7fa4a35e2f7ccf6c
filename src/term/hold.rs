//! Who has the terminal now: the one state that the guard, the pen, the keeper and the panic hook share.
//!
//! The lock is never held while bytes are written. Who writes marks the terminal busy instead, so that a thread that
//! must leave waits for a bounded time only. It knows no signal and no system call; those are in `keeper` and `tty`.

use std::io;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use super::tty::{self, Modes, Written};
use super::{Options, keeper};

static STATE: Mutex<State> = Mutex::new(State { found: None, busy: false, leaving: 0, gone: false, over: false });
static FREE: Condvar = Condvar::new();
static WRITTEN: AtomicU64 = AtomicU64::new(0);

struct State {
    /// The terminal as it was before we took it. There exactly while it is ours.
    found: Option<Found>,
    /// Somebody writes.
    busy: bool,
    /// So many want to leave. A pen that waits for a slow terminal gives way to them.
    leaving: u32,
    /// It hung up. Nothing is written to it any more.
    gone: bool,
    /// The program ends: nobody takes the terminal again.
    over: bool,
}

struct Found {
    modes: Modes,
    options: Options,
}

const ENTER: &[u8] = b"\x1b[?1049h\x1b[?25l\x1b[?2004h";
/// Presses, drags and the wheel, with coordinates in decimal.
const MOUSE: &[u8] = b"\x1b[?1000h\x1b[?1002h\x1b[?1006h";
const NO_MOUSE: &[u8] = b"\x1b[?1006l\x1b[?1002l\x1b[?1000l";
/// Every mode that we, or a library under us, may have set. It begins with the end of a synchronised frame, since the
/// frame may have been cut off in the middle.
const LEAVE: &[u8] =
    b"\x1b[?2026l\x1b[?1006l\x1b[?1003l\x1b[?1002l\x1b[?1000l\x1b[?2004l\x1b[?1004l\x1b[0m\x1b[?25h\x1b[?7h\x1b[?1049l";

/// How long to wait for another thread that writes. A pen gives way within one [`tty::PATIENCE`].
const WAIT: Duration = Duration::from_millis(200);
/// How often to wait [`tty::PATIENCE`] for a terminal that takes nothing, before what it did not take is thrown away.
const TRIES: u32 = 4;

/// Why the terminal is left.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum For {
    /// It may be taken again.
    Now,
    /// The program ends.
    Good,
}

pub(super) fn take(options: Options) -> io::Result<()> {
    let mut state = idle();
    if state.over || state.gone {
        return Err(io::Error::new(io::ErrorKind::Interrupted, "the program is ending"));
    }
    if state.found.is_some() {
        return Err(io::Error::new(io::ErrorKind::AlreadyExists, "the terminal is taken already"));
    }
    let modes = tty::modes()?;
    state.found = Some(Found { modes: modes.clone(), options });
    enter(state, &modes, options).inspect_err(|_| leave(For::Now))
}

/// Sets everything again that [`take`] sets, where the terminal is ours.
pub(super) fn retake() -> io::Result<()> {
    let state = idle();
    match &state.found {
        Some(Found { modes, options }) => {
            let (modes, options) = (modes.clone(), *options);
            enter(state, &modes, options)
        }
        None => Ok(()),
    }
}

fn enter(mut state: MutexGuard<'_, State>, modes: &Modes, options: Options) -> io::Result<()> {
    state.busy = true;
    drop(state);
    // Modes first: a process in the background is stopped here, before it has written anything.
    let raw = tty::raw(modes);
    if raw.is_ok() {
        let bytes = if options.mouse { [ENTER, MOUSE].concat() } else { ENTER.to_vec() };
        note(tty::write(&bytes, wanted));
    }
    free(lock());
    raw
}

/// Gives the terminal back, if it is ours. Returns when that is done, whoever does it.
pub(super) fn leave(why: For) {
    lock().leaving += 1;
    let mut state = idle();
    state.over |= why == For::Good;
    if let Some(found) = state.found.take()
        && !state.gone
    {
        state.busy = true;
        drop(state);
        give_back(&found);
        state = lock();
        free_locked(&mut state);
    }
    state.leaving = state.leaving.saturating_sub(1);
}

fn give_back(found: &Found) {
    // In the background the terminal is another program's, and touching it would stop us.
    if !tty::in_front() {
        return;
    }
    if write_patiently(LEAVE) == Written::Stuck {
        tty::discard_output();
        write_patiently(LEAVE);
    }
    if found.options.mouse {
        // Reports that nobody read would be typed into the shell.
        tty::discard_input();
    }
    tty::restore(&found.modes);
}

fn write_patiently(bytes: &[u8]) -> Written {
    let tries = std::cell::Cell::new(TRIES);
    tty::write(bytes, || {
        tries.set(tries.get().saturating_sub(1));
        tries.get() > 0
    })
}

/// Writes while the terminal is ours, else nothing.
pub(super) fn put(bytes: &[u8]) {
    let mut state = idle();
    if bytes.is_empty() || state.busy || state.found.is_none() || state.gone || state.leaving > 0 {
        return;
    }
    state.busy = true;
    drop(state);
    let written = tty::write(bytes, wanted);
    WRITTEN.fetch_add(bytes.len() as u64, Ordering::Relaxed);
    free(lock());
    note(written);
}

/// Bytes of frames that the terminal was given so far.
pub fn written() -> u64 {
    WRITTEN.load(Ordering::Relaxed)
}

/// Takes the mouse or leaves it, where the terminal is ours. What was taken once is given back in the end.
pub(super) fn mouse(on: bool) {
    if let Some(found) = &mut idle().found {
        found.options.mouse = on;
    }
    put(if on { MOUSE } else { NO_MOUSE });
}

/// Whether a thread has the terminal, so that words for a person must wait.
pub(super) fn taken() -> bool {
    lock().found.is_some()
}

pub(super) fn gone() -> bool {
    lock().gone
}

pub(super) fn set_gone() {
    lock().gone = true;
}

fn note(written: Written) {
    match written {
        Written::All | Written::Stuck => {}
        Written::Gone => {
            set_gone();
            keeper::poke();
        }
    }
}

/// Whether a pen should go on waiting for a slow terminal.
fn wanted() -> bool {
    lock().leaving == 0
}

fn lock() -> MutexGuard<'static, State> {
    STATE.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The state once nobody writes, or once waiting for that has been long enough.
fn idle() -> MutexGuard<'static, State> {
    FREE.wait_timeout_while(lock(), WAIT, |state| state.busy).unwrap_or_else(PoisonError::into_inner).0
}

fn free(mut state: MutexGuard<'_, State>) {
    free_locked(&mut state);
}

fn free_locked(state: &mut State) {
    state.busy = false;
    FREE.notify_all();
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    fn modes(bytes: &[u8], end: char) -> BTreeSet<String> {
        let text = String::from_utf8(bytes.to_vec()).unwrap();
        text.split("\x1b[?").filter_map(|mode| mode.split_once(end)).map(|(mode, _)| mode.to_owned()).collect()
    }

    #[test]
    fn every_mode_that_is_set_is_taken_back() {
        let set = &modes(ENTER, 'h') | &modes(MOUSE, 'h');
        assert_eq!(set.len(), 5, "{set:?}");
        assert!(set.is_subset(&modes(LEAVE, 'l')), "{set:?}");
        assert_eq!(modes(MOUSE, 'h'), modes(NO_MOUSE, 'l'));
        assert!(modes(ENTER, 'l').is_subset(&modes(LEAVE, 'h')));
    }
}
