//! What a person does with profiles besides using them: list, look at, check, explain, draft.
//!
//! Files in, text out. No feed is started and no secret is read; what a server sent long ago is input here, and no more
//! trusted than when it came.

mod check;
pub mod draft;
mod explain;
mod frames;
mod golden;
mod list;
mod show;
mod writing;

pub use self::golden::fails as golden_fails;

use std::fs;
use std::io::{self, Read, Write};
use std::path::Path;

use crate::cli::{DraftProfile, ProfileVerb};
use crate::plan;
use crate::profile::bundled;
use crate::profile::diagnostic::{Source, nearest};
use crate::text;
use crate::time::Clock;

/// What a verb says, and the exit code.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Answer {
    pub text: String,
    pub code: u8,
}

impl Answer {
    fn done(text: String) -> Self {
        Self { text, code: 0 }
    }
}

/// A demanded condition did not hold.
const UNMET: u8 = 3;
/// The profile cannot be used.
const UNUSABLE: u8 = 2;

/// Does what a `profile` verb asks. An error is wrong usage, in words with the remedy.
pub fn run(verb: &ProfileVerb, clock: &Clock) -> Result<Answer, String> {
    match verb {
        ProfileVerb::List { json } => Ok(Answer::done(list::list(clock, *json))),
        ProfileVerb::Show(args) => show::show(source(&args.name)?, &args.sets),
        ProfileVerb::Check(args) => check::check(args),
        ProfileVerb::Explain(args) => explain::explain(args, clock),
        ProfileVerb::Draft(args) => draft(args),
    }
}

fn draft(args: &DraftProfile) -> Result<Answer, String> {
    let name = text::clean(&args.file).into_owned();
    let wrong = |error: &dyn std::fmt::Display| format!("cannot read {name}: {error}");
    let input: Box<dyn Read> = if args.file == "-" {
        Box::new(io::stdin().lock())
    } else {
        let file = fs::File::open(&args.file).map_err(|error| wrong(&error))?;
        let size = file.metadata().map_err(|error| wrong(&error))?.len();
        if size > draft::MOST_BYTES {
            return Err(format!(
                "{name} has {}; the largest may have {}\nsave a shorter recording, or only its WebSocket entries",
                text::size(size),
                text::size(draft::MOST_BYTES)
            ));
        }
        Box::new(file)
    };
    let options = draft::Options { from: &args.file, conn: args.conn.as_deref(), name: args.name.as_deref() };
    let drafted = draft::draft(input, &options).map_err(|error| wrong(&error))?;
    let Some(output) = &args.output else { return Ok(Answer::done(drafted)) };
    let file = fs::OpenOptions::new().write(true).create_new(true).open(output);
    let shown = output.display().to_string();
    let shown = text::clean(&shown);
    file.and_then(|mut file| file.write_all(drafted.as_bytes()))
        .map_err(|error| format!("cannot write {shown}: {error}"))?;
    Ok(Answer::done(format!("{shown} is written; now read it, and then: wirebeat profile check {shown}\n")))
}

/// An object on a line, with nothing in it that acts on a terminal.
fn json_line(object: &serde_json::Value) -> String {
    let mut line = Vec::new();
    text::write_json(&mut line, &object.to_string());
    line.push(b'\n');
    String::from_utf8(line).unwrap_or_default()
}

/// The text of a bundled profile, or of a file.
fn source(name: &str) -> Result<Source, String> {
    // A file in the folder at hand may be named without a path where no bundled profile is called so.
    let here = bundled::find(name).is_none() && !name.contains(['/', '\\']) && Path::new(name).is_file();
    let named = if here { format!("./{name}") } else { name.to_owned() };
    if let Some(found) = plan::find_profile(&named) {
        found.map_err(|words| format!("cannot read the profile {words}"))
    } else {
        let near = nearest(name, bundled::names()).map(|near| format!("did you mean {near}?"));
        let hint = near.unwrap_or_else(|| "`wirebeat profile list` lists the bundled ones".to_owned());
        Err(format!("no such profile: {}\n{hint}; a file is named by its path", text::clean(name)))
    }
}

/// Brings what a profile extends.
fn base(name: &str) -> Option<Source> {
    plan::find_profile(name)?.ok()
}
