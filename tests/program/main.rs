//! The built program against servers on loopback: what it says to them, what it prints, and how it ends.

#![cfg(unix)]
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test may")]

#[path = "../feed_server/mod.rs"]
mod feed_server;

mod breaks;
mod diagnostics;
mod discovery;
mod exits;
mod namespace;
mod output;
mod protocol;
mod run;
mod secrets;
mod ways;
