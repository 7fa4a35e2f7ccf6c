//! The diagnostics of the program itself, as lines for a person: into a file, and for verbs without a screen onto standard
//! error. Never onto a screen.
//!
//! It is one more reader of the events, and says them in the sentences of `tail --text`; payloads are not for it. It is no
//! crate of loggers: a record here is an event that exists anyway, and what a session sent was masked where it was made.
//! Whoever writes here never waits: a thread of its own does, and what it cannot keep up with is counted.

mod events;
mod file;
mod writer;

use std::io::{self, Write as _};
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use jiff::Timestamp;
use tokio::sync::mpsc;
use tokio::task::JoinHandle;
use tokio::time::timeout;

use self::events::Reader;
use self::writer::{Outlets, Writer};
use crate::event::{FeedInfo, Stamped};
use crate::text;
use crate::time::{Clock, Ts, WallAnchor};

/// How bad it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    Error,
    Warn,
    Info,
    /// Beats, and what was sent.
    Debug,
}

impl Level {
    fn word(self) -> &'static str {
        match self {
            Self::Error => "ERROR",
            Self::Warn => "WARN ",
            Self::Info => "INFO ",
            Self::Debug => "DEBUG",
        }
    }
}

/// How much is told.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Detail {
    /// Nothing that the program goes on after stands on standard error, and what is wrong in the file.
    Quiet,
    #[default]
    Usual,
    /// Beats and sent frames as well, and all of it on standard error where there is no screen.
    Verbose,
}

/// What the user asked for.
#[derive(Clone, Copy, Debug, Default)]
pub struct Wish<'a> {
    pub file: Option<&'a Path>,
    pub detail: Detail,
    /// Standard error is on a screen that is drawn.
    pub screen: bool,
}

/// Events of one feed that may wait to be written.
const EVENTS: usize = 256;
/// What is still under way when a run ends may take so long.
const DRAIN: Duration = Duration::from_millis(300);

/// Where diagnostics go. Copies are the same one.
#[derive(Clone, Debug)]
pub struct Log(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    detail: Detail,
    /// None where nothing is wanted: then nothing is made.
    writer: Option<Writer>,
    clock: Clock,
    readers: Mutex<Vec<JoinHandle<()>>>,
}

impl Log {
    /// Opens the file, if there is to be one. The error is for a person, with the remedy.
    pub fn open(wish: Wish<'_>) -> Result<Self, String> {
        let file = wish.file.map(file::open).transpose()?;
        let stderr = wish.detail == Detail::Verbose && !wish.screen;
        let name = wish.file.map(|file| file.display().to_string()).unwrap_or_default();
        let outlets = Outlets { file, name, stderr, complains: !wish.screen };
        let writer = if outlets.are_none() { None } else { Some(Writer::start(outlets).map_err(|e| e.to_string())?) };
        Ok(Self(Arc::new(Inner { detail: wish.detail, writer, clock: Clock::start(), readers: Mutex::default() })))
    }

    /// Says something of the program itself, or of a feed.
    pub fn say(&self, level: Level, feed: Option<&str>, words: &str) {
        if self.wants(level) {
            self.write(level, feed, words, self.0.clock.now(), self.0.clock.anchor());
        }
    }

    /// The same, in the file alone: what is printed elsewhere.
    pub fn file_only(&self, level: Level, words: &str) {
        if let Some(writer) = self.0.writer.as_ref().filter(|_| self.wants(level)) {
            let line = line(level, None, words, self.0.clock.now(), self.0.clock.anchor());
            writer.write(writer::Line { bytes: line, file_only: true });
        }
    }

    /// A line that the user sees on standard error, unless they want it quiet, and that the file has as a warning.
    pub fn warn(&self, words: &str) {
        self.file_only(Level::Warn, words);
        if self.0.detail != Detail::Quiet {
            // Standard error may be gone with the terminal.
            let _printed = writeln!(io::stderr().lock(), "{words}");
        }
    }

    /// A queue for the events of a feed; none where nobody would read them.
    pub fn reader(&self, info: &FeedInfo, clock: &Clock) -> Option<mpsc::Sender<Stamped>> {
        self.0.writer.as_ref()?;
        let (queue, mut events) = mpsc::channel(EVENTS);
        let (log, clock, mut reader) = (self.clone(), clock.clone(), Reader::new(info));
        let task = tokio::spawn(async move {
            while let Some(stamped) = events.recv().await {
                if let Some((level, words)) = reader.words(&stamped).filter(|(level, _)| log.wants(*level)) {
                    log.write(level, Some(reader.feed()), &words, stamped.at, clock.anchor());
                }
            }
        });
        self.readers().push(task);
        Some(queue)
    }

    /// A record that happened on the clock of a run.
    pub fn record(&self, level: Level, of: &str, words: &str, at: Ts, clock: &Clock) {
        if self.wants(level) {
            self.write(level, Some(of), words, at, clock.anchor());
        }
    }

    /// Whether anything of that level is written anywhere.
    pub fn wants(&self, level: Level) -> bool {
        let most = match self.0.detail {
            Detail::Quiet => Level::Warn,
            Detail::Usual => Level::Info,
            Detail::Verbose => Level::Debug,
        };
        self.0.writer.is_some() && level <= most
    }

    /// Why lines are lost, told once.
    pub fn trouble(&self) -> Option<String> {
        self.0.writer.as_ref()?.trouble()
    }

    /// What a panic says, at once: the program may not live to write it later.
    pub fn panicked(&self, words: &str) {
        if let Some(writer) = &self.0.writer {
            writer.at_once(&line(Level::Error, None, words, self.0.clock.now(), self.0.clock.anchor()));
        }
    }

    /// Waits for what the feeds said last. To be called when they have ended.
    pub async fn drain(&self) {
        let readers = std::mem::take(&mut *self.readers());
        let _late = timeout(DRAIN, futures::future::join_all(readers)).await;
    }

    /// Writes what is left.
    pub fn close(&self) {
        if let Some(writer) = &self.0.writer {
            writer.close(DRAIN);
        }
    }

    fn write(&self, level: Level, feed: Option<&str>, words: &str, at: Ts, anchor: WallAnchor) {
        if let Some(writer) = &self.0.writer {
            writer.write(writer::Line { bytes: line(level, feed, words, at, anchor), file_only: false });
        }
    }

    fn readers(&self) -> std::sync::MutexGuard<'_, Vec<JoinHandle<()>>> {
        self.0.readers.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// One line, in which nothing acts on a terminal.
fn line(level: Level, feed: Option<&str>, words: &str, at: Ts, anchor: WallAnchor) -> Vec<u8> {
    let wall = Timestamp::from_nanosecond(at.on_wall(anchor).into()).unwrap_or_default();
    let (level, feed, words) = (level.word(), text::clean(feed.unwrap_or("-")), text::clean(words.trim_end()));
    format!("{wall:.3} {level} {feed}  {words}\n").into_bytes()
}

#[cfg(test)]
mod tests;
