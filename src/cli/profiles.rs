//! The arguments of `profile` and what is below it.

use std::path::PathBuf;

use clap::{Args, Subcommand};

#[derive(Clone, Debug, Args)]
pub struct ProfileArgs {
    #[command(subcommand)]
    pub verb: ProfileVerb,
}

#[derive(Clone, Debug, Subcommand)]
pub enum ProfileVerb {
    /// The bundled profiles: address, what they need, against what they were checked, and when.
    List {
        /// One JSON object a profile.
        #[arg(long)]
        json: bool,
    },
    /// A profile with all that it extends, each value with its origin, and the frames that it sends.
    Show(ShowProfile),
    /// Everything that is wrong with a profile at once, the frames that it sends, and its golden frames.
    Check(CheckProfile),
    /// What a profile makes of a frame: which rule and why, service, number, time, what is sent in answer.
    Explain(ExplainFrame),
    /// A profile drafted from a HAR file (browsers save one), a transcript, or the output of `tail`.
    Draft(DraftProfile),
}

#[derive(Clone, Debug, Args)]
pub struct ShowProfile {
    /// A bundled profile or a file.
    #[arg(value_name = "NAME-OR-FILE")]
    pub name: String,
    /// Overrides one value, as everywhere. Repeatable.
    #[arg(long = "set", value_name = "PATH=VALUE")]
    pub sets: Vec<String>,
}

#[derive(Clone, Debug, Args)]
pub struct CheckProfile {
    /// A file or a bundled profile; several may be checked at once.
    #[arg(value_name = "FILE", required = true)]
    pub files: Vec<String>,
    #[arg(long = "set", value_name = "PATH=VALUE")]
    pub sets: Vec<String>,
    /// One JSON object a file.
    #[arg(long)]
    pub json: bool,
}

#[derive(Clone, Debug, Args)]
pub struct ExplainFrame {
    /// A file or a bundled profile.
    #[arg(value_name = "FILE")]
    pub profile: String,
    /// What came in: the text itself, @FILE, or - for standard input.
    #[arg(value_name = "FRAME", allow_hyphen_values = true)]
    pub frame: String,
    /// FRAME is a binary frame, in hex.
    #[arg(long)]
    pub binary_hex: bool,
    /// A service that is switched on, as everywhere. Repeatable.
    #[arg(short, long = "service", value_name = "NAME")]
    pub services: Vec<String>,
    /// A number of a subscription (ours, or the server's) as if an ack had taught whose it is. Repeatable.
    #[arg(long = "id", value_name = "ID=SERVICE")]
    pub ids: Vec<String>,
    #[arg(long = "set", value_name = "PATH=VALUE")]
    pub sets: Vec<String>,
    #[arg(long)]
    pub json: bool,
}

#[derive(Clone, Debug, Args)]
pub struct DraftProfile {
    /// A HAR file with WebSocket messages, or lines of JSON: a transcript, or what `tail` wrote; - for standard input.
    #[arg(value_name = "HAR-OR-TRANSCRIPT")]
    pub file: String,
    /// The connection to draft from, by name, number or a part of its address [default: the richest].
    #[arg(long, value_name = "NAME")]
    pub conn: Option<String>,
    /// What to call the profile [default: by host].
    #[arg(long, value_name = "NAME")]
    pub name: Option<String>,
    /// Write it to this file, which must not be there yet [default: standard output].
    #[arg(short, long, value_name = "FILE")]
    pub output: Option<PathBuf>,
}
