//! What comes into the loop from outside of the program: signals, the end of the terminal, a panic elsewhere.

use std::future::pending;
use std::io;
use std::sync::atomic::{AtomicBool, Ordering};

use tokio::sync::mpsc;

use super::{keeper, panics};

/// Something that happened to the program. One that asks it to end comes once; a second wish of that kind does not go
/// through the loop.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Signal {
    /// The signal of that number asks the program to end.
    Terminate(i32),
    /// The terminal is gone. Nothing more can be shown, and little time is left.
    HangUp,
    /// A thread panicked; its words are printed by [`super::last_words`].
    Panicked,
    /// Somebody asks the program to stop for a while: [`super::Guard::suspend`].
    Suspend,
    /// The program was stopped and goes on: [`super::Guard::resume`], then [`super::redraw`].
    Resume,
}

impl Signal {
    /// The exit code, where it asks the program to end.
    pub fn exit_code(self) -> Option<u8> {
        match self {
            Self::Terminate(number) => Some(128_u8.saturating_add(u8::try_from(number).unwrap_or(127))),
            Self::HangUp => Some(129),
            Self::Panicked => Some(panics::EXIT),
            Self::Suspend | Self::Resume => None,
        }
    }
}

/// What the program runs over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Over {
    /// A terminal that a [`super::Guard`] takes: its end is the program's, and stopping needs care.
    Screen,
    /// Plain output: a terminal may go away, and Ctrl-Z does what it does.
    Lines,
}

/// Looks out on a thread of its own, so that it works when the loop does not. A loop that has not ended about a second
/// after it was asked to, or is asked twice, is not waited for: the thread leaves the terminal and ends the program.
#[derive(Debug)]
pub struct Watch {
    news: mpsc::Receiver<Signal>,
}

/// The most signals that wait for the loop.
const QUEUE: usize = 16;

impl Watch {
    /// Begins to look, and takes care of panics from here on. Once in a run, on the thread that owns the screen.
    pub fn start(over: Over) -> io::Result<Self> {
        static STARTED: AtomicBool = AtomicBool::new(false);
        if STARTED.swap(true, Ordering::SeqCst) {
            return Err(io::Error::new(io::ErrorKind::AlreadyExists, "signals are watched already"));
        }
        let (teller, news) = mpsc::channel(QUEUE);
        keeper::start(over, teller)?;
        panics::catch();
        Ok(Self { news })
    }

    /// The next signal. Cancel-safe.
    pub async fn next(&mut self) -> Signal {
        match self.news.recv().await {
            Some(signal) => signal,
            None => pending().await,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_exit_code_names_the_signal() {
        assert_eq!(Signal::Terminate(15).exit_code(), Some(143));
        assert_eq!(Signal::Terminate(i32::MAX).exit_code(), Some(255));
        assert_eq!(Signal::HangUp.exit_code(), Some(129));
        assert_eq!(Signal::Resume.exit_code(), None);
    }
}
