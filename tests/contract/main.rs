//! What the project's pages promise, held to the program: options, keys, event lines, profiles, scenarios. The pages are
//! read as text and the program is asked; what the program does is tested elsewhere.
#![expect(clippy::unwrap_used, reason = "a test may")]
#![expect(clippy::panic, reason = "a test may")]

mod commands;
mod events;
mod files;
mod keys;
mod options;
mod page;
mod policy;
mod readme;
mod tools;
