//! The thread that hears signals, sees the terminal hang up, and ends the program when the loop does not.
//!
//! crossterm 0.29 never notices that its terminal is gone: its reader spins. So the terminal is polled here for nothing
//! but its end, and nothing here waits for that reader.

use std::io::{self, Write};
use std::os::unix::net::UnixStream;
use std::sync::{Condvar, Mutex, MutexGuard, OnceLock, PoisonError, mpsc as std_mpsc};
use std::time::Duration;
use std::{fs, mem, thread};

use rustix::event::{PollFd, PollFlags, poll};
use rustix::stdio::stdin;
use signal_hook::consts::{SIGCONT, SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGTSTP};
use signal_hook::iterator::backend::SignalDelivery;
use signal_hook::iterator::exfiltrator::SignalOnly;
use signal_hook::low_level;
use tokio::sync::mpsc;

use super::watch::{Over, Signal};
use super::{hold, panics, tty};
use crate::time::{Clock, Ts};

/// How long the loop has to end in order.
const GRACE: Duration = Duration::from_millis(900);
/// The same when the terminal is gone: nothing can be shown, and crossterm's reader burns a core.
const GONE_GRACE: Duration = Duration::from_millis(400);
/// How long leaving the terminal may take before the program ends without it.
const LEAVING: Duration = Duration::from_millis(900);
/// Signals this close together are one wish: `timeout` signals its child and then the whole group, and a wrapper
/// forwards what the terminal has sent to all.
const ONE_WISH: Duration = Duration::from_millis(150);
/// How often to ask a terminal that cannot be polled.
const PROBE: Duration = Duration::from_millis(250);

static POKE: OnceLock<UnixStream> = OnceLock::new();
/// Whether the next SIGTSTP is our own, meant for the rest of our job.
static OWN_STOP: Mutex<bool> = Mutex::new(false);
static OWN_STOP_HEARD: Condvar = Condvar::new();
/// The most that hearing it takes.
const HEARING: Duration = Duration::from_millis(500);

pub(super) fn start(over: Over, teller: mpsc::Sender<Signal>) -> io::Result<()> {
    let (read, write) = UnixStream::pair()?;
    let poke = write.try_clone()?;
    poke.set_nonblocking(true)?;
    let _once = POKE.set(poke);
    let mut heard = vec![SIGTERM, SIGINT, SIGQUIT];
    // `nohup` means it.
    if !is_ignored(SIGHUP) {
        heard.push(SIGHUP);
    }
    let look = match over {
        Over::Screen => {
            heard.extend([SIGTSTP, SIGCONT]);
            Look::Poll
        }
        Over::Lines => Look::Away,
    };
    let signals = SignalDelivery::with_pipe(read, write, SignalOnly, heard)?;
    let keeper = Keeper { signals, teller, clock: Clock::start(), look, ending: None };
    thread::Builder::new().name("signals".to_owned()).spawn(move || keeper.keep())?;
    Ok(())
}

/// Makes the keeper look at what was noted in `hold` and `panics`.
pub(super) fn poke() {
    if let Some(mut poke) = POKE.get() {
        // A full pipe wakes it as well.
        let _full = poke.write(&[0]);
    }
}

/// Runs `stop_job`, which sends SIGTSTP to our process group, and returns when ours is heard: one that was still on its
/// way when we are stopped may get lost, or be taken for somebody else's wish.
pub(super) fn hearing_own_stop(stop_job: impl FnOnce()) {
    *own_stop() = true;
    stop_job();
    let heard = OWN_STOP_HEARD.wait_timeout_while(own_stop(), HEARING, |own| *own);
    *heard.unwrap_or_else(PoisonError::into_inner).0 = false;
}

fn own_stop() -> MutexGuard<'static, bool> {
    OWN_STOP.lock().unwrap_or_else(PoisonError::into_inner)
}

struct Keeper {
    signals: SignalDelivery<UnixStream, SignalOnly>,
    teller: mpsc::Sender<Signal>,
    clock: Clock,
    look: Look,
    ending: Option<Ending>,
}

/// How to see that the terminal is gone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Look {
    Poll,
    /// `poll` cannot look at terminals here (macOS), so the terminal is asked now and then.
    Probe,
    /// It does not matter, or is known.
    Away,
}

#[derive(Clone, Copy, Debug)]
struct Ending {
    since: Ts,
    until: Ts,
    code: u8,
}

impl Keeper {
    fn keep(mut self) -> ! {
        loop {
            self.wait();
            let mut heard: Vec<_> = self.signals.pending().collect();
            // What stopped us came before what made us go on.
            heard.sort_by_key(|signal| *signal == SIGCONT);
            for signal in heard {
                self.hear(signal);
            }
            if self.look != Look::Away && hold::gone() {
                self.look = Look::Away;
                self.begin(Signal::HangUp, GONE_GRACE);
            }
            if panics::happened() && self.ending.is_none() {
                self.begin(Signal::Panicked, GRACE);
            }
            if let Some(ending) = self.ending
                && self.clock.now() >= ending.until
            {
                end(ending.code);
            }
        }
    }

    /// Until there is something to look at.
    fn wait(&mut self) {
        let read = self.signals.get_read();
        let mut fds = vec![PollFd::new(read, PollFlags::IN)];
        if self.look == Look::Poll {
            fds.push(PollFd::from_borrowed_fd(stdin(), PollFlags::empty()));
        }
        let deadline = self.ending.map(|ending| ending.until - self.clock.now());
        let probe = (self.look == Look::Probe).then_some(PROBE);
        let most = deadline.into_iter().chain(probe).min();
        match poll(&mut fds, most.map(tty::timespec).as_ref()) {
            Ok(_) => {}
            Err(rustix::io::Errno::INTR) => return,
            // An error of `poll` says nothing about the terminal.
            Err(_) => return thread::park_timeout(PROBE),
        }
        let seen = fds.get(1).map_or(PollFlags::empty(), PollFd::revents);
        match self.look {
            Look::Poll if seen.contains(PollFlags::NVAL) => self.look = Look::Probe,
            Look::Poll if seen.intersects(PollFlags::HUP | PollFlags::ERR) => hold::set_gone(),
            Look::Probe if tty::is_dead() => hold::set_gone(),
            Look::Poll | Look::Probe | Look::Away => {}
        }
    }

    fn hear(&mut self, signal: i32) {
        match signal {
            SIGCONT => self.tell(Signal::Resume),
            SIGTSTP if mem::take(&mut *own_stop()) => OWN_STOP_HEARD.notify_all(),
            SIGTSTP => self.tell(Signal::Suspend),
            _ => self.terminate(signal),
        }
    }

    fn terminate(&mut self, signal: i32) {
        let wish = Signal::Terminate(signal);
        match self.ending {
            None => self.begin(wish, GRACE),
            // A closing terminal sends it more than once.
            Some(_) if signal == SIGHUP => {}
            Some(ending) if self.clock.now() - ending.since < ONE_WISH => {}
            Some(_) => end(wish.exit_code().unwrap_or_default()),
        }
    }

    /// The first cause names the exit code; the shortest grace holds.
    fn begin(&mut self, cause: Signal, grace: Duration) {
        let now = self.clock.now();
        let until = now + grace;
        if let Some(ending) = &mut self.ending {
            ending.until = ending.until.min(until);
            return;
        }
        self.ending = Some(Ending { since: now, until, code: cause.exit_code().unwrap_or_default() });
        self.tell(cause);
    }

    fn tell(&self, signal: Signal) {
        // The last places are for what ends the program.
        if signal.exit_code().is_some() || self.teller.capacity() > 4 {
            let _full = self.teller.try_send(signal);
        }
    }
}

/// Ends the program without waiting for anybody. Leaving has a thread of its own, since a broken terminal can hold up
/// even that.
fn end(code: u8) -> ! {
    let (left, has_left) = std_mpsc::sync_channel(1);
    let leaving = thread::Builder::new().spawn(move || {
        hold::leave(hold::For::Good);
        panics::last_words();
        let _late = left.send(());
    });
    if leaving.is_ok() {
        let _late = has_left.recv_timeout(LEAVING);
    }
    // Not `process::exit`: that flushes a standard output which may be stuck.
    low_level::exit(i32::from(code))
}

/// Whether whoever started us had this signal ignored.
fn is_ignored(signal: i32) -> bool {
    fs::read_to_string("/proc/self/status").is_ok_and(|status| ignores(&status, signal))
}

fn ignores(status: &str, signal: i32) -> bool {
    let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    let mask = mask.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok()).unwrap_or(0);
    u32::try_from(signal - 1).ok().and_then(|bit| mask.checked_shr(bit)).is_some_and(|mask| mask & 1 == 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_ignored_signal_is_read_from_the_mask() {
        let status = "Name:\tx\nSigBlk:\t00000000ffffffff\nSigIgn:\t0000000000001001\n";
        assert!(ignores(status, SIGHUP));
        assert!(ignores(status, 13));
        assert!(!ignores(status, SIGINT));
        assert!(!ignores("", SIGHUP));
        assert!(!ignores(status, 0));
    }
}
