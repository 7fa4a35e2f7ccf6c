//! What a panic does here: the terminal is given back before a word is printed, and the program ends, whichever thread
//! it was. A broken thread is not restarted: what it left half done is not known.

use std::backtrace::{Backtrace, BacktraceStatus};
use std::fmt::Write;
use std::panic::{self, PanicHookInfo};
use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};
use std::thread;

use super::{hold, keeper, tty};

/// The exit code of a Rust program that panicked.
pub(super) const EXIT: u8 = 101;
/// The most characters of one panic that are printed.
const LONGEST: usize = 16 << 10;
/// The most panics that are told; those after the first are seldom news.
const MOST: usize = 4;

static WORDS: Mutex<Words> = Mutex::new(Words { happened: false, untold: Vec::new() });

struct Words {
    happened: bool,
    untold: Vec<String>,
}

/// Sets the hook. The calling thread is the one that owns the screen.
pub(super) fn catch() {
    let owner = thread::current().id();
    panic::set_hook(Box::new(move |info| {
        note(describe(info, &Backtrace::capture()));
        if thread::current().id() == owner {
            hold::leave(hold::For::Good);
        }
        // While the owner still draws, words wait until it has left.
        if !hold::taken() {
            last_words();
        }
        keeper::poke();
    }));
}

/// Prints what panics said, if there were any since the last call, and says whether there were. To be called when the
/// terminal is given back.
pub fn last_words() -> bool {
    let untold = std::mem::take(&mut words().untold);
    for text in &untold {
        tty::complain(text.as_bytes());
    }
    !untold.is_empty()
}

/// Whether any thread has panicked.
pub(super) fn happened() -> bool {
    words().happened
}

/// Who hears the words of a panic besides, at once.
static ALSO: OnceLock<Ear> = OnceLock::new();

type Ear = Box<dyn Fn(&str) + Send + Sync>;

/// Tells the words of a panic to somebody besides. Once in a run.
pub fn on_panic(hear: impl Fn(&str) + Send + Sync + 'static) {
    // A second one would hear nothing.
    let _set = ALSO.set(Box::new(hear));
}

fn note(text: String) {
    if let Some(hear) = ALSO.get() {
        hear(&text);
    }
    let mut words = words();
    words.happened = true;
    if words.untold.len() < MOST {
        words.untold.push(text);
    }
}

fn words() -> MutexGuard<'static, Words> {
    WORDS.lock().unwrap_or_else(PoisonError::into_inner)
}

fn describe(info: &PanicHookInfo<'_>, trace: &Backtrace) -> String {
    let thread = thread::current();
    let name = thread.name().unwrap_or("without a name");
    let mut text = format!("wirebeat: a fault of its own: thread {name} panicked");
    if let Some(place) = info.location() {
        let _infallible = write!(text, " at {place}");
    }
    let _infallible = write!(text, ":\n{}\n", info.payload_as_str().unwrap_or("(no message)"));
    if trace.status() == BacktraceStatus::Captured {
        let _infallible = writeln!(text, "{trace}");
    }
    harmless(&text)
}

/// The text without anything that a terminal would obey: a panic may quote what a server sent.
fn harmless(text: &str) -> String {
    let mut out = String::with_capacity(text.len().min(LONGEST));
    for c in text.chars().take(LONGEST) {
        let obeyed = (c.is_control() && c != '\n')
            || matches!(c, '\u{61c}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}');
        if obeyed { out.extend(c.escape_unicode()) } else { out.push(c) }
    }
    if !out.ends_with('\n') {
        out.push('\n');
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_in_a_panic_is_obeyed_by_a_terminal() {
        assert_eq!(
            harmless("a\x1b]0;title\x07\r\u{9b}31m\u{202e}业务\nb"),
            "a\\u{1b}]0;title\\u{7}\\u{d}\\u{9b}31m\\u{202e}业务\nb\n"
        );
        assert!(harmless(&"x".repeat(LONGEST * 2)).len() <= LONGEST + 1);
    }
}
