//! `tail`: events as lines on standard output, for scripts and for eyes without a screen.
//!
//! It misses nothing: a slow reader makes the links wait, and that is told. Standard output is data only.

mod alarms;
mod line;
mod lines;
mod parts;
mod stamp;
mod troubles;

use std::io::{self, ErrorKind, Write};
use std::time::Duration;

use tokio::sync::mpsc;
use tokio::time::sleep_until;

pub use self::alarms::AlarmLines;
pub use self::lines::{Lines, Shape};
use crate::event::{Command, Event, Stamped};
use crate::launch::Feeds;
use crate::net::route;
use crate::term::{Signal, Watch};
use crate::time::{Clock, Ts, minute_of_day};

/// When to stop, and what that means.
#[derive(Clone, Debug, Default)]
pub struct Limits {
    pub length: Option<Duration>,
    pub count: Option<u64>,
    pub deadline: Option<Duration>,
}

/// Lines are written at least so often.
const FLUSH: Duration = Duration::from_millis(100);
/// And whenever so many bytes of them are gathered.
const ENOUGH: usize = 64 << 10;
/// How long the feeds may take to end.
const FAREWELL: Duration = Duration::from_secs(1);
/// The most events taken in at once, and how many bytes of messages: what is taken in makes room for as much again.
const NEWS: usize = 64;
const MOST_BYTES: usize = 1 << 20;
/// A buffer that had to hold a large message shrinks to so much again.
const ROOMY: usize = 1 << 20;

/// What tail is connected to.
pub struct Wiring<W> {
    pub clock: Clock,
    pub feeds: Feeds,
    pub news: mpsc::Receiver<Stamped>,
    pub watch: Watch,
    pub out: W,
    /// Who hears alarms, if anyone does.
    pub heard: Option<mpsc::Sender<Vec<u8>>>,
}

/// Why tail ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum End {
    Time,
    Count,
    NeverOpen,
    AllStopped,
    Signal(Signal),
    /// Nobody reads what we write.
    PipeClosed,
}

/// Writes events until a limit, a signal or the end of the pipe. Gives the exit code.
pub async fn tail<W: Write>(lines: Lines, limits: &Limits, seed: u64, wiring: Wiring<W>) -> io::Result<u8> {
    let Wiring { clock, feeds, mut news, mut watch, out, heard } = wiring;
    let mut tail =
        Tail { lines, clock, feeds, out, heard, buffer: Vec::new(), flushed: Ts::ZERO, rows: 0, opened: false };
    tail.lines.start(seed, &tail.clock, &mut tail.buffer);
    let end = match tail.follow(limits, &mut news, &mut watch).await {
        Ok(end) => match tail.farewell(&mut news, end).await {
            Ok(()) => end,
            Err(error) if error.kind() == ErrorKind::BrokenPipe => End::PipeClosed,
            Err(error) => return Err(error),
        },
        Err(error) if error.kind() == ErrorKind::BrokenPipe => End::PipeClosed,
        Err(error) => return Err(error),
    };
    let short = limits.count.is_some_and(|count| tail.rows < count);
    Ok(match end {
        End::Signal(signal) => signal.exit_code().unwrap_or(0),
        End::NeverOpen | End::AllStopped => 4,
        End::Time if !tail.opened => 4,
        End::Time if short => 3,
        End::Time | End::Count | End::PipeClosed => 0,
    })
}

struct Tail<W> {
    lines: Lines,
    clock: Clock,
    feeds: Feeds,
    out: W,
    heard: Option<mpsc::Sender<Vec<u8>>>,
    buffer: Vec<u8>,
    flushed: Ts,
    /// Messages with data so far.
    rows: u64,
    /// Whether any feed was ever open.
    opened: bool,
}

impl<W: Write> Tail<W> {
    async fn follow(
        &mut self,
        limits: &Limits,
        news: &mut mpsc::Receiver<Stamped>,
        watch: &mut Watch,
    ) -> io::Result<End> {
        let start = self.clock.now();
        let until = limits.length.map(|length| start + length);
        let deadline = limits.deadline.map(|deadline| start + deadline);
        let mut stopped = std::collections::BTreeSet::new();
        loop {
            let flush = (!self.buffer.is_empty()).then_some(self.flushed + FLUSH);
            let open_by = deadline.filter(|_| !self.opened);
            let wake = [flush, until, open_by, self.lines.wake()].into_iter().flatten().min();
            tokio::select! {
                biased;
                signal = watch.next() => {
                    if signal.exit_code().is_some() {
                        return Ok(End::Signal(signal));
                    }
                }
                () = sleep_until(self.clock.instant(wake.unwrap_or_else(|| self.clock.now() + Duration::from_hours(1)))) => {
                    let now = self.clock.now();
                    self.lines.troubles(now, false, self.clock.anchor(), &mut self.buffer);
                    self.alarms(now);
                    if flush.is_some_and(|at| at <= now) {
                        self.flush()?;
                    }
                    if until.is_some_and(|at| at <= now) {
                        return Ok(End::Time);
                    }
                    if open_by.is_some_and(|at| at <= now) {
                        return Ok(End::NeverOpen);
                    }
                }
                first = news.recv() => {
                    if first.is_none() {
                        return Ok(End::AllStopped);
                    }
                    let (mut next, mut taken, mut bytes) = (first, 0, 0);
                    while let Some(stamped) = next {
                        taken += 1;
                        if let Event::Rows(rows) = &stamped.event {
                            bytes += rows.bytes.len();
                        }
                        if let Event::Open { .. } = stamped.event {
                            self.opened = true;
                        } else if let Event::Stopped { .. } = stamped.event {
                            stopped.insert(stamped.feed);
                        }
                        self.write(&stamped, limits.count)?;
                        if limits.count.is_some_and(|most| self.rows >= most) {
                            return Ok(End::Count);
                        }
                        drop(stamped);
                        let enough = taken >= NEWS || bytes >= MOST_BYTES;
                        next = if enough { None } else { news.try_recv().ok() };
                    }
                    if stopped.len() == self.feeds.len() {
                        return Ok(End::AllStopped);
                    }
                    if news.is_empty() && self.clock.now() - self.flushed >= FLUSH {
                        self.flush()?;
                    }
                }
            }
        }
    }

    fn write(&mut self, stamped: &Stamped, most: Option<u64>) -> io::Result<()> {
        let room = most.map_or(u64::MAX, |most| most.saturating_sub(self.rows));
        self.rows += self.lines.event(stamped, self.clock.anchor(), room, &mut self.buffer);
        if matches!(stamped.event, Event::Outage(_)) && self.lines.clusters().asks_route() {
            self.lines.clusters().route(route::has_default());
        }
        if self.buffer.len() >= ENOUGH {
            self.flush()?;
        }
        Ok(())
    }

    /// Writes what became of alarms, and passes on what may be heard. A program that is behind misses some.
    fn alarms(&mut self, now: Ts) {
        let minute = minute_of_day(now, self.clock.anchor(), self.clock.zone());
        for line in self.lines.alarms(now, minute, self.clock.anchor(), &mut self.buffer) {
            let _passed = self.heard.as_ref().map(|heard| heard.try_send(line));
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        self.flushed = self.clock.now();
        self.out.write_all(&self.buffer)?;
        self.buffer.clear();
        self.buffer.shrink_to(ROOMY);
        self.out.flush()
    }

    /// Lets every feed say goodbye, writes what they still have to say, and sums up.
    async fn farewell(&mut self, news: &mut mpsc::Receiver<Stamped>, end: End) -> io::Result<()> {
        for feed in self.feeds.values() {
            // One that does not listen ends when its task is dropped.
            let _told = feed.commands.try_send(Command::Quit);
        }
        let until = self.clock.instant(self.clock.now() + FAREWELL);
        let drain = async {
            while let Some(stamped) = news.recv().await {
                // Behind the last message that was asked for, only turns are of interest.
                if end != End::Count || !matches!(stamped.event, Event::Rows(_)) {
                    self.write(&stamped, None)?;
                }
            }
            io::Result::Ok(())
        };
        match tokio::time::timeout_at(until, drain).await {
            Ok(written) => written?,
            Err(_elapsed) => {}
        }
        let snapshots: Vec<_> = self.feeds.iter().map(|(id, feed)| (*id, feed.snapshots.borrow().clone())).collect();
        self.lines.troubles(self.clock.now(), true, self.clock.anchor(), &mut self.buffer);
        self.alarms(self.clock.now());
        self.lines.summary(&snapshots, &self.clock, &mut self.buffer);
        self.flush()
    }
}
