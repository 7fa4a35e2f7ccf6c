//! Takes the terminal and gives it back as it was found, whatever ends the program.
//!
//! - [`Guard`] takes it: raw mode, alternate screen, hidden cursor, pastes in brackets. Leaving is one prepared string
//!   of bytes and the modes that were found; it happens once, however many ask for it.
//! - [`Pen`] is the only way to the screen. It writes while the terminal is ours and swallows everything after, so that
//!   nothing is drawn over the shell, and no late drop prints an error.
//! - [`Watch`] brings signals and the end of the terminal into the loop, and ends the program itself when the loop
//!   does not.
//! - A panic of any thread ends the program. Its words are printed when the terminal is given back ([`last_words`]).
//!
//! It draws nothing, reads no key, and decides nothing about feeds.

pub mod clipboard;
mod hold;
#[cfg(unix)]
mod keeper;
#[cfg(not(unix))]
#[path = "keeper_plain.rs"]
mod keeper;
mod panics;
pub mod thin;
#[cfg(unix)]
mod tty;
#[cfg(not(unix))]
#[path = "tty_plain.rs"]
mod tty;
mod watch;

use std::cell::Cell;
use std::io::{self, Write};

use ratatui::Terminal;
use ratatui::backend::Backend;
use ratatui::layout::{Position, Rect};

pub use self::hold::written;
pub use self::panics::{last_words, on_panic};
pub use self::watch::{Over, Signal, Watch};

/// How the terminal is taken.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Options {
    /// Clicks and wheel come as events; the terminal's own selection then needs Shift.
    pub mouse: bool,
}

/// The terminal is ours until this is dropped, or somebody leaves earlier.
#[derive(Debug)]
pub struct Guard {
    options: Cell<Options>,
}

impl Guard {
    /// Takes the terminal. A [`Watch`] comes first, or a signal in between would leave the terminal behind.
    ///
    /// Refuses, with a sentence for a person, where standard input or output is no terminal, or one that cannot draw.
    pub fn take(options: Options) -> io::Result<Self> {
        tty::check()?;
        hold::take(options)?;
        Ok(Self { options: Cell::new(options) })
    }

    /// Where a backend draws to.
    pub fn pen(&self) -> Pen {
        Pen { frame: Vec::new() }
    }

    /// Gives the terminal back. Nothing happens where it has been given back already; errors are nobody's business.
    pub fn leave(&self) {
        hold::leave(hold::For::Now);
    }

    /// Gives the terminal back, stops the process until it is continued, and takes the terminal again. The caller then
    /// calls [`redraw`].
    pub fn suspend(&self) -> io::Result<()> {
        self.leave();
        tty::stop();
        hold::take(self.options.get())
    }

    /// Takes clicks and the wheel, or leaves them to the terminal; so it stays after a stop.
    pub fn mouse(&self, on: bool) {
        self.options.set(Options { mouse: on });
        hold::mouse(on);
    }

    /// After [`Signal::Resume`]: who stopped us from outside may have left the terminal in any mode. The caller then
    /// calls [`redraw`].
    pub fn resume(&self) -> io::Result<()> {
        hold::retake()
    }
}

impl Drop for Guard {
    fn drop(&mut self) {
        self.leave();
    }
}

/// Makes the next frame draw every cell anew, at the size that the terminal has now.
///
/// Not `Terminal::clear`: that asks the terminal where its cursor is, and waits two seconds for an answer that the
/// reader of keys takes away.
pub fn redraw<B: Backend>(terminal: &mut Terminal<B>) -> Result<(), B::Error> {
    let size = terminal.size()?;
    terminal.resize(Rect::from((Position::ORIGIN, size)))
}

/// Gathers a frame and writes it whole, as long as the terminal is ours. It never fails: a terminal that is gone is
/// told by [`Watch`], once, and not by every write.
#[derive(Debug)]
pub struct Pen {
    frame: Vec<u8>,
}

/// A frame larger than this leaves in parts.
const FRAME: usize = 256 << 10;

impl Write for Pen {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.frame.len().saturating_add(bytes.len()) > FRAME {
            self.flush()?;
        }
        self.frame.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        hold::put(&self.frame);
        self.frame.clear();
        Ok(())
    }
}
