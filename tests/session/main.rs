//! The life of a feed on made-up time: scripts, the seed's faults by name, and what holds whatever happens.

#![expect(clippy::unwrap_used, clippy::panic, clippy::format_push_string, reason = "a test may")]

mod answers;
mod asking;
mod counting;
mod day;
mod limits;
mod login;
mod outages;
mod play;
mod policy;
mod programs;
mod properties;
mod rotation;
mod scenarios;
mod seed;
mod storms;
mod told;
mod world;
