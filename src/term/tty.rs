//! The system calls on the terminal, each once. It remembers nothing but its own way out.

use std::env;
use std::io::{self, IsTerminal};
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::sync::OnceLock;
use std::time::Duration;

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::fs::{Mode, OFlags, fstat, open};
use rustix::io::{Errno, write as write_some};
use rustix::process::{Signal, getpgrp, kill_current_process_group};
use rustix::stdio::{stderr, stdin, stdout};
use rustix::termios::{
    OptionalActions, QueueSelector, Termios, tcflush, tcgetattr, tcgetpgrp, tcgetwinsize, tcsetattr, ttyname,
};
use signal_hook::consts::SIGSTOP;
use signal_hook::low_level::raise;

/// The state of a terminal that is not on its screen.
pub(super) type Modes = Termios;

/// How long one wait for a slow terminal takes.
pub(super) const PATIENCE: Duration = Duration::from_millis(50);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Written {
    All,
    /// The terminal takes no more, and nobody wanted to wait any longer.
    Stuck,
    /// The terminal hung up.
    Gone,
}

/// Says why the dashboard cannot be drawn here, if so.
pub(super) fn check() -> io::Result<()> {
    if !io::stdin().is_terminal() || !io::stdout().is_terminal() {
        return Err(io::Error::new(io::ErrorKind::Unsupported, "standard input and output are not both a terminal"));
    }
    if env::var_os("TERM").is_some_and(|term| term == "dumb") {
        return Err(io::Error::new(io::ErrorKind::Unsupported, "the terminal cannot draw (TERM=dumb)"));
    }
    Ok(())
}

pub(super) fn modes() -> io::Result<Modes> {
    Ok(tcgetattr(stdin())?)
}

pub(super) fn raw(found: &Modes) -> io::Result<()> {
    let mut modes = found.clone();
    modes.make_raw();
    set(&modes)
}

pub(super) fn restore(found: &Modes) {
    let _gone = set(found);
}

fn set(modes: &Modes) -> io::Result<()> {
    loop {
        // Never "drain": that waits for a terminal that may take nothing any more.
        match tcsetattr(stdin(), OptionalActions::Now, modes) {
            Err(Errno::INTR) => {}
            done => return Ok(done?),
        }
    }
}

/// Whether we may touch the terminal without being stopped for it.
pub(super) fn in_front() -> bool {
    tcgetpgrp(stdin()).map_or(true, |front| front == getpgrp())
}

pub(super) fn discard_output() {
    let _gone = tcflush(stdin(), QueueSelector::OFlush);
}

pub(super) fn discard_input() {
    let _gone = tcflush(stdin(), QueueSelector::IFlush);
}

/// Whether the terminal itself says that it is gone, where `poll` cannot tell.
pub(super) fn is_dead() -> bool {
    tcgetwinsize(stdin()) == Err(Errno::IO)
}

/// Writes; asks `wanted` each time the terminal has taken nothing for [`PATIENCE`].
pub(super) fn write(mut bytes: &[u8], wanted: impl Fn() -> bool) -> Written {
    let out = out();
    while !bytes.is_empty() {
        let mut fds = [PollFd::from_borrowed_fd(out.fd, PollFlags::OUT)];
        let ready = match poll(&mut fds, Some(&timespec(PATIENCE))) {
            Ok(ready) => ready > 0,
            Err(_) => false,
        };
        let hung_up = fds[0].revents().intersects(PollFlags::HUP | PollFlags::ERR);
        if ready && !hung_up {
            match write_some(out.fd, &bytes[..bytes.len().min(out.most)]) {
                Ok(taken) => {
                    bytes = bytes.get(taken..).unwrap_or_default();
                    continue;
                }
                Err(Errno::INTR) => continue,
                // Another process writes at this moment.
                Err(Errno::AGAIN) => {
                    let _waited = poll(&mut [], Some(&timespec(PATIENCE / 10)));
                }
                Err(_) => return Written::Gone,
            }
        } else if hung_up {
            return Written::Gone;
        }
        if !wanted() {
            return Written::Stuck;
        }
    }
    Written::All
}

/// The way to the screen.
struct Out {
    fd: BorrowedFd<'static>,
    /// The most bytes to hand over at once.
    most: usize,
}

/// The terminal opened once more, for writes that never block: the flag belongs to the open file, and standard output's
/// is the shell's as well. Where that cannot be had (after `su`, in some containers), standard output in small pieces.
fn out() -> Out {
    static OWN: OnceLock<Option<OwnedFd>> = OnceLock::new();
    match OWN.get_or_init(reopen) {
        Some(own) => Out { fd: own.as_fd(), most: 4096 },
        None => Out { fd: stdout(), most: 256 },
    }
}

fn reopen() -> Option<OwnedFd> {
    let name = ttyname(stdout(), Vec::new()).ok()?;
    let own = open(name, OFlags::WRONLY | OFlags::NOCTTY | OFlags::NONBLOCK | OFlags::CLOEXEC, Mode::empty()).ok()?;
    let same = fstat(&own).ok()?.st_rdev == fstat(stdout()).ok()?.st_rdev;
    same.then_some(own)
}

/// Prints for a person. A standard error that is gone is no reason to panic.
pub(super) fn complain(mut bytes: &[u8]) {
    let mut tries = 100;
    while !bytes.is_empty() && tries > 0 {
        match write_some(stderr(), bytes) {
            Ok(taken) => bytes = bytes.get(taken..).unwrap_or_default(),
            Err(Errno::INTR) => tries -= 1,
            Err(Errno::AGAIN) => {
                tries -= 1;
                let _waited = poll(&mut [], Some(&timespec(Duration::from_millis(2))));
            }
            Err(_) => return,
        }
    }
}

/// Stops the process until it is continued. The rest of its job stops too, as with Ctrl-Z in any other program: else
/// a `cargo run` around us would keep the terminal. We stop by SIGSTOP, since SIGTSTP is not heeded in a group that no
/// shell looks after.
pub(super) fn stop() {
    super::keeper::hearing_own_stop(|| {
        let _alone = kill_current_process_group(Signal::TSTP);
    });
    // To this thread: any other would stop the process a moment later, and we had the terminal again by then.
    let _stopped = raise(SIGSTOP);
}

pub(super) fn timespec(length: Duration) -> Timespec {
    Timespec { tv_sec: i64::try_from(length.as_secs()).unwrap_or(i64::MAX), tv_nsec: i64::from(length.subsec_nanos()) }
}
