//! The program as a child, and what it printed so far.

use std::ffi::OsStr;
use std::io::{BufRead, BufReader, Read};
use std::os::unix::process::ExitStatusExt;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;
use wirebeat::time::{Clock, Ts};

/// The most that anything here waits for.
const PATIENCE: Duration = Duration::from_secs(20);

pub(crate) struct Program {
    pub(crate) child: Child,
    lines: Receiver<String>,
    seen: Vec<String>,
    stderr: Option<JoinHandle<String>>,
}

/// How it ended, and all that it printed.
#[derive(Debug)]
pub(crate) struct Done {
    pub(crate) code: i32,
    pub(crate) out: Vec<String>,
    pub(crate) stderr: String,
}

/// The program with these arguments, with nothing of the user's own around it.
pub(crate) fn wirebeat<S: AsRef<OsStr>>(args: impl IntoIterator<Item = S>) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_wirebeat"));
    command.args(args).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command.env("LC_ALL", "C").env_remove("WIREBEAT_CONFIG");
    command
}

impl Program {
    pub(crate) fn start<S: AsRef<OsStr>>(args: impl IntoIterator<Item = S>) -> Self {
        Self::spawn(&mut wirebeat(args))
    }

    pub(crate) fn spawn(command: &mut Command) -> Self {
        let mut child = command.spawn().unwrap();
        let (tell, lines) = channel();
        if let Some(stdout) = child.stdout.take() {
            thread::spawn(move || {
                for line in BufReader::new(stdout).lines() {
                    if tell.send(line.unwrap()).is_err() {
                        return;
                    }
                }
            });
        }
        let mut stderr = child.stderr.take().unwrap();
        let stderr = thread::spawn(move || {
            let mut text = Vec::new();
            stderr.read_to_end(&mut text).unwrap();
            String::from_utf8(text).unwrap()
        });
        Self { child, lines, seen: Vec::new(), stderr: Some(stderr) }
    }

    /// The next line.
    pub(crate) fn line(&mut self) -> String {
        let line = self.lines.recv_timeout(PATIENCE).unwrap_or_else(|_| panic!("no more than {:#?}", self.seen));
        self.seen.push(line.clone());
        line
    }

    /// The next event that is wanted.
    pub(crate) fn find(&mut self, mut wanted: impl FnMut(&Value) -> bool) -> Value {
        loop {
            let event = serde_json::from_str(&self.line()).unwrap();
            if wanted(&event) {
                return event;
            }
        }
    }

    /// The next event of that name.
    pub(crate) fn event(&mut self, name: &str) -> Value {
        self.find(|event| event["event"] == name)
    }

    pub(crate) fn signal(&self, signal: Signal) {
        kill_process(Pid::from_child(&self.child), signal).unwrap();
    }

    /// Waits for its end.
    pub(crate) fn finish(mut self) -> Done {
        loop {
            match self.lines.recv_timeout(PATIENCE) {
                Ok(line) => self.seen.push(line),
                Err(RecvTimeoutError::Disconnected) => break,
                Err(RecvTimeoutError::Timeout) => panic!("it goes on after {:#?}", self.seen),
            }
        }
        let status = self.ended();
        let stderr = self.stderr.take().unwrap().join().unwrap();
        let code = status.code().unwrap_or_else(|| -status.signal().unwrap());
        Done { code, out: std::mem::take(&mut self.seen), stderr }
    }

    fn ended(&mut self) -> ExitStatus {
        let clock = Clock::start();
        loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                return status;
            }
            assert!(clock.now() - Ts::ZERO < PATIENCE, "it goes on");
            thread::park_timeout(Duration::from_millis(5));
        }
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        let _gone = self.child.kill();
        let _gone = self.child.wait();
    }
}

impl Done {
    pub(crate) fn events(&self) -> Vec<Value> {
        self.out.iter().map(|line| serde_json::from_str(line).unwrap()).collect()
    }

    pub(crate) fn names(&self) -> Vec<String> {
        self.events().iter().map(|event| event["event"].as_str().unwrap().to_owned()).collect()
    }
}

/// Runs it to its end.
pub(crate) fn finish<S: AsRef<OsStr>>(args: impl IntoIterator<Item = S>) -> Done {
    Program::start(args).finish()
}

/// Runs `work` where it may wait, while the servers of the test go on.
pub(crate) async fn apart<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> T {
    tokio::task::spawn_blocking(work).await.unwrap()
}
