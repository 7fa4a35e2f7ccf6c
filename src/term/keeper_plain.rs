//! Where there are no Unix signals: only panics and a terminal that takes no more bytes are told.

use std::io;
use std::sync::OnceLock;

use tokio::sync::mpsc;

use super::watch::{Over, Signal};
use super::{hold, panics};

static TELLER: OnceLock<mpsc::Sender<Signal>> = OnceLock::new();

#[expect(clippy::unnecessary_wraps, reason = "on Unix it may fail")]
pub(super) fn start(_over: Over, teller: mpsc::Sender<Signal>) -> io::Result<()> {
    let _once = TELLER.set(teller);
    Ok(())
}

pub(super) fn poke() {
    let cause = if hold::gone() {
        Signal::HangUp
    } else if panics::happened() {
        Signal::Panicked
    } else {
        return;
    };
    if let Some(teller) = TELLER.get() {
        let _full = teller.try_send(cause);
    }
}
