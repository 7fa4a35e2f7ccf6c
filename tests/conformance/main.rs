//! What is answered on the wire to whatever a server sends, case by case, as the suites of others do it: frames, texts,
//! goodbyes, limits, compression.
//!
//! The client is the link that every feed has, made to echo. How a driver and its session take such ends is in
//! `tests/driver`; whole suites of others are run by hand with `examples/echo_client.rs`.

#![expect(clippy::unwrap_used, reason = "a test may")]

mod closing;
mod deflate;
mod framing;
mod stage;
mod texts;
