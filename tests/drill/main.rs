//! `drill` and `proxy`, the built program on loopback: clients in order pass, each planted mistake fails by its name, and
//! what a client says reaches its server.

#![cfg(unix)]
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test may")]

#[path = "../program/run.rs"]
#[expect(dead_code, reason = "made for other tests, too")]
mod run;

mod clients;
mod grades;
mod passing;
