//! A profile drafted from what crossed the wire: every guess with its evidence beside it, what is uncertain commented out.
//!
//! It only guesses. A draft is checked like any profile before it is given out, and what does not pass is commented out.

mod asking;
mod cutting;
mod document;
mod echo;
mod groups;
mod joined;
mod numbers;
mod paper;
mod proof;
mod read;
mod rows;
mod said;
mod secrets;
mod sheet;
mod study;
mod talk;

use std::io::Read;

/// The largest file, in bytes.
pub const MOST_BYTES: u64 = 200 << 20;

/// What to draft.
#[derive(Clone, Copy, Debug)]
pub struct Options<'a> {
    /// What the text came from.
    pub from: &'a str,
    pub conn: Option<&'a str>,
    pub name: Option<&'a str>,
}

/// Drafts a profile from a HAR, a transcript, or what `tail` wrote. The error is for a person.
pub fn draft(input: impl Read, options: &Options<'_>) -> Result<String, String> {
    let conns = read::read(input.take(MOST_BYTES))?;
    let at = read::pick(&conns, options.conn)?;
    let Some(conn) = conns.get(at) else { return Err("there are no WebSocket messages in it".to_owned()) };
    let others: Vec<String> = conns.iter().filter(|other| other.name != conn.name).map(read::Conn::called).collect();
    let mut study = study::study(conn);
    let sheet = paper::write(&mut study, options, &others);
    Ok(proof::proved(sheet))
}
