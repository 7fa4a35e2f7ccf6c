//! The program that is graded, if we are the one who starts it: it is told where to connect, and ends with us. What it
//! prints is passed on, made safe.

use std::io::Write as _;
use std::process::Stdio;

use tokio::io::{AsyncBufReadExt as _, AsyncRead, BufReader};
use tokio::process::{Child, Command};

use crate::text::{clean, cut};

/// A program and its arguments; `{url}` in them is where to connect.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Program {
    pub words: Vec<String>,
    pub url: String,
}

/// A program that runs.
#[derive(Debug)]
pub struct Running {
    child: Child,
}

/// Columns of a line of the program's.
const LONGEST: usize = 500;

impl Program {
    /// The error is a sentence.
    pub fn start(&self) -> Result<Running, String> {
        let mut words = self.words.iter().map(|word| word.replace("{url}", &self.url));
        let program = words.next().unwrap_or_default();
        let mut command = Command::new(&program);
        command.args(words).env("WIREBEAT_URL", &self.url).kill_on_drop(true);
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        // A shell's children go with it.
        #[cfg(unix)]
        command.process_group(0);
        let mut child = command.spawn().map_err(|error| format!("cannot start {}: {error}", clean(&program)))?;
        if let Some(out) = child.stdout.take() {
            tokio::spawn(pass_on(out));
        }
        if let Some(err) = child.stderr.take() {
            tokio::spawn(pass_on(err));
        }
        Ok(Running { child })
    }
}

impl Running {
    /// Its exit code, once it has ended.
    pub async fn ended(&mut self) -> Option<i32> {
        self.child.wait().await.ok().and_then(|status| status.code())
    }

    /// Ends it and all that it started.
    pub async fn end(mut self) {
        #[cfg(unix)]
        if let Some(group) = self.child.id().and_then(|id| rustix::process::Pid::from_raw(i32::try_from(id).ok()?)) {
            // Whoever has gone already needs no telling.
            let _told = rustix::process::kill_process_group(group, rustix::process::Signal::KILL);
        }
        // It may have ended by itself.
        let _ended = self.child.kill().await;
    }
}

async fn pass_on(from: impl AsyncRead + Unpin) {
    let mut lines = BufReader::new(from).split(b'\n');
    while let Ok(Some(line)) = lines.next_segment().await {
        let line = String::from_utf8_lossy(&line).into_owned();
        // Standard error may be closed.
        let _printed = writeln!(std::io::stderr().lock(), "client: {}", cut(&clean(line.trim_end()), LONGEST));
    }
}
