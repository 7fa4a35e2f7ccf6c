//! A driver with its hands on real sockets in memory, and on a clock that jumps: everything that a link can do to it.
//!
//! What a session decides is tried in `tests/session`; how a link is dialed, in `tests/handshake.rs`.

#![expect(clippy::unwrap_used, reason = "a test may")]

mod bench;
mod breaks;
mod commands;
mod ends;
mod faults;
mod lives;
mod nth;
#[cfg(unix)]
mod programs;
mod readers;
mod server;
