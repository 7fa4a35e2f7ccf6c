//! The thread that writes lines, so that a slow or full disk is nobody else's matter. What cannot be written is counted and
//! told once; when it can be written again, the file says how many lines are missing.

use std::fs::File;
use std::io::{self, Write as _};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use crate::text;

/// Lines that may wait for the disk.
const WAITING: usize = 4096;
/// So many bytes are written at once.
const ENOUGH: usize = 64 << 10;

#[derive(Debug)]
pub(super) struct Line {
    pub(super) bytes: Vec<u8>,
    /// Not for standard error, where it is printed otherwise.
    pub(super) file_only: bool,
}

/// Where lines go.
#[derive(Debug)]
pub(super) struct Outlets {
    pub(super) file: Option<File>,
    /// What the file is called.
    pub(super) name: String,
    pub(super) stderr: bool,
    /// Trouble with the file is told on standard error.
    pub(super) complains: bool,
}

impl Outlets {
    pub(super) fn are_none(&self) -> bool {
        self.file.is_none() && !self.stderr
    }
}

#[derive(Debug)]
pub(super) struct Writer {
    lines: SyncSender<Message>,
    shared: Arc<Shared>,
}

#[derive(Debug)]
enum Message {
    Line(Line),
    /// Everything before it was written: says so.
    Flushed(SyncSender<()>),
}

#[derive(Debug, Default)]
struct Shared {
    /// Lines for which there was no room.
    lost: AtomicU64,
    trouble: Mutex<Option<String>>,
    failing: AtomicBool,
    /// Another handle of the file, for a panic.
    file: Option<File>,
}

impl Writer {
    pub(super) fn start(outlets: Outlets) -> io::Result<Self> {
        let (lines, taken) = sync_channel(WAITING);
        let file = outlets.file.as_ref().map(File::try_clone).transpose()?;
        let shared = Arc::new(Shared { file, ..Shared::default() });
        let thread = Thread { outlets, shared: Arc::clone(&shared), missing: 0, torn: false };
        thread::Builder::new().name("log".to_owned()).spawn(move || thread.run(&taken))?;
        Ok(Self { lines, shared })
    }

    pub(super) fn write(&self, line: Line) {
        if self.lines.try_send(Message::Line(line)).is_err() {
            self.shared.lost.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// Past the thread: whoever calls is about to end.
    pub(super) fn at_once(&self, line: &[u8]) {
        if let Some(mut file) = self.shared.file.as_ref() {
            // Nothing can be done about it here.
            let _written = file.write_all(line);
        }
    }

    /// As if there had been no room for so many lines.
    #[cfg(test)]
    pub(super) fn loses(&self, lines: u64) {
        self.shared.lost.fetch_add(lines, Ordering::Relaxed);
    }

    pub(super) fn trouble(&self) -> Option<String> {
        self.shared.trouble.lock().unwrap_or_else(PoisonError::into_inner).take()
    }

    /// Waits until all lines are written, but not for ever.
    pub(super) fn close(&self, most: Duration) {
        let (done, flushed) = sync_channel(1);
        if self.lines.try_send(Message::Flushed(done)).is_ok() {
            let _late = flushed.recv_timeout(most);
        }
    }
}

struct Thread {
    outlets: Outlets,
    shared: Arc<Shared>,
    /// Lines that the file lacks.
    missing: u64,
    /// The last line of the file has no end.
    torn: bool,
}

impl Thread {
    fn run(mut self, taken: &Receiver<Message>) {
        let mut waiting = None;
        while let Some(first) = waiting.take().or_else(|| taken.recv().ok()) {
            let (mut file, mut stderr, mut count, mut flushed) = (Vec::new(), Vec::new(), 0, None);
            let mut next = Some(first);
            while let Some(message) = next {
                match message {
                    Message::Line(line) => {
                        count += 1;
                        if self.outlets.stderr && !line.file_only {
                            stderr.extend_from_slice(&line.bytes);
                        }
                        file.extend_from_slice(&line.bytes);
                    }
                    Message::Flushed(done) => flushed = Some(done),
                }
                next = if flushed.is_some() || file.len() >= ENOUGH { None } else { taken.try_recv().ok() };
            }
            if !stderr.is_empty() {
                // Nobody reads it any more, and the file goes on.
                let _printed = io::stderr().lock().write_all(&stderr);
            }
            self.append(&file, count);
            // Whoever waited may be gone.
            let _told = flushed.map(|done| done.try_send(()));
        }
    }

    fn append(&mut self, lines: &[u8], count: u64) {
        let Some(file) = &mut self.outlets.file else { return };
        self.missing += self.shared.lost.swap(0, Ordering::Relaxed);
        let mut bytes = Vec::new();
        if self.torn {
            bytes.push(b'\n');
        }
        if self.missing > 0 {
            bytes.extend_from_slice(format!("({} lines are missing here)\n", self.missing).as_bytes());
        }
        bytes.extend_from_slice(lines);
        match write_whole(file, &bytes) {
            Ok(()) => {
                (self.missing, self.torn) = (0, false);
                self.shared.failing.store(false, Ordering::Relaxed);
            }
            Err((written, error)) => {
                self.torn = written > 0 || (self.torn && written == 0);
                self.missing += count;
                self.complain(&error);
            }
        }
    }

    /// Once for each time that it begins.
    fn complain(&self, error: &io::Error) {
        if self.shared.failing.swap(true, Ordering::Relaxed) {
            return;
        }
        let name = &self.outlets.name;
        let words = format!("the log file {name} cannot be written: {error}; its lines are lost until it can");
        let words = text::clean(&words).into_owned();
        if self.outlets.complains {
            let _printed = writeln!(io::stderr().lock(), "wirebeat: {words}");
        }
        *self.shared.trouble.lock().unwrap_or_else(PoisonError::into_inner) = Some(words);
    }
}

/// Says how much was written where not all of it could be.
fn write_whole(file: &mut File, bytes: &[u8]) -> Result<(), (usize, io::Error)> {
    let mut written = 0;
    while let Some(rest) = bytes.get(written..).filter(|rest| !rest.is_empty()) {
        match file.write(rest) {
            Ok(0) => return Err((written, io::ErrorKind::WriteZero.into())),
            Ok(count) => written += count,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err((written, error)),
        }
    }
    Ok(())
}
