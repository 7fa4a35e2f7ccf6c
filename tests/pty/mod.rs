//! A terminal for a program under test: a pseudo-terminal that the program controls, and a model of what its screen
//! shows. It judges nothing; that is the tests' part.
//!
//! All of it is safe code: between fork and exec there is room for unsafe code only, so this binary is executed anew as
//! a first stage, which makes the terminal its own and then becomes the program ([`step_in`]).

use std::env;
use std::fs::{self, File, OpenOptions};
use std::io::{Read, Write};
use std::num::NonZeroU16;
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::net::UnixStream;
use std::os::unix::process::CommandExt;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::{Arc, Condvar, Mutex, MutexGuard};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use rustix::event::{PollFd, PollFlags, poll};
use rustix::process::{
    Pid, Signal, WaitId, WaitIdOptions, ioctl_tiocsctty, kill_process, kill_process_group, setsid, waitid,
};
use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
use rustix::termios::{LocalModes, OptionalActions, Termios, Winsize, tcgetattr, tcsetattr, tcsetwinsize};
use wirebeat::time::{Clock, Ts};

/// The most that anything here waits for.
pub(crate) const PATIENCE: Duration = Duration::from_secs(20);

/// Where the first stage finds its terminal and the program.
const TERMINAL: &str = "WIREBEAT_TEST_TERMINAL";
const PROGRAM: &str = "WIREBEAT_TEST_PROGRAM";
const ARGUMENTS: &str = "WIREBEAT_TEST_ARGUMENTS";
const BETWEEN: &str = "\u{1f}";

/// A program on a terminal of its own.
pub(crate) struct Pty {
    child: Child,
    /// Its number may be another's by now.
    waited: bool,
    /// The terminal as the program sees it. Held so that its modes can be read when the program is gone.
    inside: OwnedFd,
    outside: Option<File>,
    before: Termios,
    seen: Arc<Seen>,
    reader: Option<JoinHandle<()>>,
    stop: UnixStream,
}

/// How a program ended.
#[derive(Debug)]
pub(crate) struct End {
    pub(crate) status: ExitStatus,
    /// How long it was waited for.
    pub(crate) took: Duration,
    /// The processor time of its whole life, where the system tells.
    pub(crate) used: Option<Duration>,
}

struct Seen {
    view: Mutex<View>,
    changed: Condvar,
}

struct View {
    terminal: vt100::Parser,
    bytes: Vec<u8>,
    /// Whether the terminal takes anything, as a slow line does not.
    reading: bool,
    closed: bool,
}

impl Pty {
    /// Starts `program`, with its arguments and environment, on a terminal of that size.
    pub(crate) fn spawn(program: &Command, rows: u16, cols: u16) -> Self {
        let master = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).unwrap();
        rustix::io::fcntl_setfd(&master, rustix::io::FdFlags::CLOEXEC).unwrap();
        grantpt(&master).unwrap();
        unlockpt(&master).unwrap();
        let name = ptsname(&master, Vec::new()).unwrap().into_string().unwrap();
        let flags = rustix::fs::OFlags::RDWR | rustix::fs::OFlags::NOCTTY | rustix::fs::OFlags::CLOEXEC;
        let inside = rustix::fs::open(&name, flags, rustix::fs::Mode::empty()).unwrap();
        tcsetwinsize(&inside, Winsize { ws_row: rows, ws_col: cols, ws_xpixel: 0, ws_ypixel: 0 }).unwrap();
        // Not what a new terminal has, so that "as found" and "as usual" are told apart.
        let mut modes = tcgetattr(&inside).unwrap();
        modes.local_modes.toggle(LocalModes::ECHOK);
        tcsetattr(&inside, OptionalActions::Now, &modes).unwrap();

        let outside = File::from(master);
        let (stop, stopped) = UnixStream::pair().unwrap();
        let view = View {
            terminal: vt100::Parser::new(size(rows), size(cols), 0),
            bytes: Vec::new(),
            reading: true,
            closed: false,
        };
        let seen = Arc::new(Seen { view: Mutex::new(view), changed: Condvar::new() });
        let reader = thread::spawn({
            let (outside, seen) = (outside.try_clone().unwrap(), Arc::clone(&seen));
            move || read(outside, &stopped, &seen)
        });
        let before = tcgetattr(&inside).unwrap();
        let child = first_stage(program, &name);
        Self { child, waited: false, inside, outside: Some(outside), before, seen, reader: Some(reader), stop }
    }

    /// Types.
    pub(crate) fn send(&mut self, keys: &str) {
        self.outside.as_mut().unwrap().write_all(keys.as_bytes()).unwrap();
    }

    pub(crate) fn signal(&self, signal: Signal) {
        kill_process(self.pid(), signal).unwrap();
    }

    /// Closes the terminal, as a terminal's window is closed.
    pub(crate) fn hang_up(&mut self) {
        self.end_reading();
        self.outside = None;
    }

    /// Whether the terminal takes what the program writes.
    pub(crate) fn set_reading(&self, on: bool) {
        self.view().reading = on;
        self.seen.changed.notify_all();
    }

    /// What the screen shows.
    pub(crate) fn contents(&self) -> String {
        self.view().terminal.screen().contents()
    }

    /// Everything that was written to the terminal.
    pub(crate) fn bytes(&self) -> Vec<u8> {
        self.view().bytes.clone()
    }

    /// Waits until the screen is as `wanted`.
    pub(crate) fn wait_for(&self, what: &str, wanted: impl Fn(&vt100::Screen) -> bool) {
        let not_yet = |view: &mut View| !wanted(view.terminal.screen());
        let (view, timeout) = self.seen.changed.wait_timeout_while(self.view(), PATIENCE, not_yet).unwrap();
        let screen = view.terminal.screen().contents();
        drop(view);
        assert!(!timeout.timed_out(), "never came: {what}. The screen:\n{screen}");
    }

    /// Waits until nothing has been written for `quiet`.
    pub(crate) fn wait_for_quiet(&self, quiet: Duration) {
        let mut view = self.view();
        loop {
            let before = view.bytes.len();
            let (now, timeout) = self.seen.changed.wait_timeout(view, quiet).unwrap();
            if timeout.timed_out() && now.bytes.len() == before {
                return;
            }
            view = now;
        }
    }

    /// Waits until the program is stopped (by Ctrl-Z or the like).
    pub(crate) fn wait_for_stop(&self) {
        let clock = Clock::start();
        while waitid(WaitId::Pid(self.pid()), WaitIdOptions::STOPPED | WaitIdOptions::NOHANG).unwrap().is_none() {
            assert!(clock.now() - Ts::ZERO < PATIENCE, "never stopped");
            pause();
        }
    }

    /// Waits for the end of the program.
    pub(crate) fn finish(&mut self) -> End {
        let clock = Clock::start();
        while !self.has_ended() {
            if clock.now() - Ts::ZERO > PATIENCE {
                let screen = self.contents();
                self.child.kill().unwrap();
                panic!("never ended. The screen:\n{screen}");
            }
            pause();
        }
        let took = clock.now() - Ts::ZERO;
        let used = processor_time(self.child.id());
        let status = self.child.wait().unwrap();
        self.waited = true;
        if self.outside.is_some() {
            self.set_reading(true);
            self.wait_for_quiet(Duration::from_millis(50));
        }
        End { status, took, used }
    }

    /// The modes of the terminal, and those it had before the program came.
    pub(crate) fn modes(&self) -> (String, String) {
        (format!("{:?}", tcgetattr(&self.inside).unwrap()), format!("{:?}", self.before))
    }

    /// Sets them as a shell might while the program is stopped.
    pub(crate) fn reset_modes(&self) {
        tcsetattr(&self.inside, OptionalActions::Now, &self.before).unwrap();
    }

    pub(crate) fn wait_for_modes(&self, wanted: &str) {
        let clock = Clock::start();
        while self.modes().0 != wanted {
            assert!(clock.now() - Ts::ZERO < PATIENCE, "the modes never came: {:?}", self.modes().0);
            pause();
        }
    }

    pub(crate) fn has_ended(&self) -> bool {
        let look = WaitIdOptions::EXITED | WaitIdOptions::NOHANG | WaitIdOptions::NOWAIT;
        waitid(WaitId::Pid(self.pid()), look).unwrap().is_some()
    }

    /// What the screen's model says, for questions that are not about text.
    pub(crate) fn look<T>(&self, question: impl FnOnce(&vt100::Screen) -> T) -> T {
        question(self.view().terminal.screen())
    }

    fn view(&self) -> MutexGuard<'_, View> {
        self.seen.view.lock().unwrap()
    }

    fn pid(&self) -> Pid {
        Pid::from_child(&self.child)
    }

    fn end_reading(&mut self) {
        self.view().closed = true;
        self.seen.changed.notify_all();
        let _gone = self.stop.write(&[0]);
        if let Some(reader) = self.reader.take() {
            reader.join().unwrap();
        }
    }
}

impl Drop for Pty {
    fn drop(&mut self) {
        // A wrapper leaves what it wrapped behind.
        if !self.waited {
            let _ended = kill_process_group(self.pid(), Signal::KILL);
        }
        let _ended = self.child.kill();
        let _ended = self.child.wait();
        self.end_reading();
    }
}

fn size(cells: u16) -> NonZeroU16 {
    NonZeroU16::new(cells).unwrap()
}

/// Between two looks at a process, for which nothing can wake us.
fn pause() {
    thread::park_timeout(Duration::from_millis(5));
}

fn read(mut outside: File, stopped: &UnixStream, seen: &Seen) {
    let mut bytes = [0; 4096];
    loop {
        let view = seen.changed.wait_while(seen.view.lock().unwrap(), |view| !view.reading && !view.closed).unwrap();
        if view.closed {
            return;
        }
        drop(view);
        let mut fds = [
            PollFd::from_borrowed_fd(outside.as_fd(), PollFlags::IN),
            PollFd::from_borrowed_fd(stopped.as_fd(), PollFlags::IN),
        ];
        if poll(&mut fds, None).is_err() {
            continue;
        }
        if !fds[1].revents().is_empty() {
            return;
        }
        let Ok(count) = outside.read(&mut bytes) else { return };
        let mut view = seen.view.lock().unwrap();
        view.terminal.process(&bytes[..count]);
        view.bytes.extend_from_slice(&bytes[..count]);
        seen.changed.notify_all();
    }
}

/// User and system time of a process that has ended and was not waited for, all its threads together.
fn processor_time(pid: u32) -> Option<Duration> {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    // The name in brackets may hold anything; fields are counted after it.
    let fields: Vec<&str> = stat.rsplit_once(')')?.1.split_whitespace().collect();
    let ticks: u64 = fields.get(11)?.parse::<u64>().ok()? + fields.get(12)?.parse::<u64>().ok()?;
    // Linux counts hundredths of a second here, on every machine.
    Some(Duration::from_millis(ticks * 10))
}

fn first_stage(program: &Command, terminal: &str) -> Child {
    let arguments: Vec<&str> = program.get_args().map(|argument| argument.to_str().unwrap()).collect();
    let entry = format!("{}::step_in", module_path!().split_once("::").unwrap().1);
    let mut stage = Command::new(env::current_exe().unwrap());
    stage.args([entry.as_str(), "--exact", "--test-threads=1"]);
    stage.env(TERMINAL, terminal).env(PROGRAM, program.get_program()).env(ARGUMENTS, arguments.join(BETWEEN));
    stage.env("TERM", "xterm-256color").env_remove("RUST_BACKTRACE");
    for (name, value) in program.get_envs() {
        match value {
            Some(value) => stage.env(name, value),
            None => stage.env_remove(name),
        };
    }
    stage.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap()
}

/// The first stage; an empty test where nobody asked for it.
#[test]
fn step_in() {
    become_program();
}

/// What the first stage does. A program that is no test calls it first thing in its `main`; it returns where nobody asked
/// for it.
pub(crate) fn become_program() {
    let Ok(name) = env::var(TERMINAL) else { return };
    // A signal that somebody had ignored for us would be ignored for the program as well; one that is caught is not.
    for signal in [signal_hook::consts::SIGHUP, signal_hook::consts::SIGINT, signal_hook::consts::SIGQUIT] {
        signal_hook::flag::register(signal, Arc::default()).unwrap();
    }
    setsid().unwrap();
    let terminal = OpenOptions::new().read(true).write(true).open(name).unwrap();
    ioctl_tiocsctty(&terminal).unwrap();
    let arguments = env::var(ARGUMENTS).unwrap();
    let mut program = Command::new(env::var(PROGRAM).unwrap());
    program.args(arguments.split(BETWEEN).filter(|argument| !argument.is_empty()));
    program.env_remove(TERMINAL).env_remove(PROGRAM).env_remove(ARGUMENTS);
    program.stdin(terminal.try_clone().unwrap()).stdout(terminal.try_clone().unwrap()).stderr(terminal);
    panic!("{}", program.exec());
}
