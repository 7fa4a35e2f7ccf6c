//! A drill under way: fault after fault, each once the client is live, and what is told while it runs. The grader
//! judges; here are the hands and the clock.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::mpsc;
use tokio::time::sleep_until;

use super::card::{Card, Row};
use super::case::{Case, Hold};
use super::client::{Program, Running};
use super::grade::Grader;
use crate::fault::{Desk as _, Fault};
use crate::relay::{RelayDesk, Seen};
use crate::term::Watch;
use crate::time::{Clock, Ts};

/// What a drill is connected to.
pub struct Wiring {
    pub clock: Clock,
    pub desk: RelayDesk,
    pub seen: mpsc::Receiver<Seen>,
    pub watch: Watch,
    /// The program that is graded, where we start it.
    pub program: Option<Program>,
    /// No link by then: nothing to grade.
    pub deadline: Duration,
}

/// How a drill ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    Done,
    NeverOpen,
    Signal(u8),
}

const TICK: Duration = Duration::from_millis(20);
/// A fault that lasts to the end of its case ends by itself after that long.
const LONGEST: Duration = Duration::from_hours(2);

pub struct Exam {
    grader: Grader,
    wiring: Wiring,
    running: Option<Running>,
}

impl Exam {
    pub fn new(grader: Grader, wiring: Wiring) -> Self {
        Self { grader, wiring, running: None }
    }

    /// Runs the cases into the card; each row is told as it is done.
    pub async fn run(&mut self, cases: Vec<Case>, card: &mut Card, mut tell: impl FnMut(&Row)) -> Result<End, String> {
        let began = self.wiring.clock.now();
        let mut end = End::Done;
        for case in cases {
            match self.case(case, began).await? {
                Ok(row) => {
                    tell(&row);
                    card.rows.push(row);
                }
                Err(early) => {
                    end = early;
                    break;
                }
            }
        }
        self.wiring.desk.clear();
        if let Some(running) = self.running.take() {
            running.end().await;
        }
        card.took = self.wiring.clock.now() - began;
        card.cut_short = end != End::Done;
        Ok(end)
    }

    async fn case(&mut self, mut case: Case, began: Ts) -> Result<Result<Row, End>, String> {
        self.wake_client()?;
        let begin = self.wiring.clock.now();
        let warmup = self.grader.rules().budgets.warmup;
        let (name, say, say_zh) = (Arc::clone(&case.name), Arc::clone(&case.say), Arc::clone(&case.say_zh));
        self.grader.begin(case.clone(), begin);
        let mut live_by = begin + warmup;
        let mut again = false;
        loop {
            let now = self.wiring.clock.now();
            if self.grader.is_live(now) {
                break;
            }
            if !self.grader.ever_open() {
                if now >= began + self.wiring.deadline {
                    return Ok(Err(End::NeverOpen));
                }
            } else if now >= live_by {
                // A client that is ours to start gets one more chance, so that each fault is graded by itself.
                if self.wiring.program.is_none() || again {
                    return Ok(Ok(Row { name, say, say_zh, graded: self.grader.end(now) }));
                }
                again = true;
                if let Some(running) = self.running.take() {
                    running.end().await;
                }
                self.wake_client()?;
                self.grader.begin(case.clone(), now);
                live_by = now + warmup;
            }
            if let Some(signal) = self.step().await {
                return Ok(Err(End::Signal(signal)));
            }
        }
        if !self.pick(&mut case) {
            self.grader.drop_case();
            return Ok(Ok(Row { name, say, say_zh, graded: None }));
        }
        let now = self.wiring.clock.now();
        let lasts = if let Hold::For(time) = case.hold { time } else { LONGEST };
        // Told first: what comes of it cannot be seen before it.
        self.grader.hit(now);
        for fault in &case.faults {
            self.wiring.desk.start("", fault, lasts).map_err(|error| format!("{}: {error}", case.name))?;
        }
        let mut held = case.hold == Hold::Noticed;
        while !self.grader.is_done(self.wiring.clock.now()) {
            if held && self.grader.has_noticed() {
                held = false;
                self.wiring.desk.clear();
            }
            if let Some(signal) = self.step().await {
                return Ok(Err(End::Signal(signal)));
            }
        }
        self.wiring.desk.clear();
        Ok(Ok(Row { name, say, say_zh, graded: self.grader.end(self.wiring.clock.now()) }))
    }

    /// One service to fall silent, where there are others by which the link is seen to live.
    fn pick(&self, case: &mut Case) -> bool {
        for fault in &mut case.faults {
            if let Fault::Mute { service } = fault
                && service.is_empty()
            {
                let wanted = self.grader.wanted();
                match wanted.as_slice() {
                    [first, _, ..] => *service = first.to_string(),
                    [] | [_] => return false,
                }
            }
        }
        true
    }

    fn wake_client(&mut self) -> Result<(), String> {
        if let (None, Some(program)) = (&self.running, &self.wiring.program) {
            self.running = Some(program.start()?);
            self.grader.started();
        }
        Ok(())
    }

    /// Waits for something to happen. The exit code of a signal, if one came.
    async fn step(&mut self) -> Option<u8> {
        let now = self.wiring.clock.now();
        let at = self.wiring.clock.instant(now + TICK);
        let ended = async {
            match &mut self.running {
                Some(running) => running.ended().await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            biased;
            signal = self.wiring.watch.next() => signal.exit_code(),
            seen = self.wiring.seen.recv() => {
                if let Some(seen) = seen {
                    self.grader.see(&seen);
                }
                None
            }
            code = ended => {
                self.running = None;
                self.grader.exited(self.wiring.clock.now(), code);
                None
            }
            () = sleep_until(at) => None,
        }
    }
}
