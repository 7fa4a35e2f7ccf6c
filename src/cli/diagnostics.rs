//! What the program tells of itself, and where. The same for every verb that runs.

use std::path::PathBuf;

use clap::Args;

#[derive(Clone, Debug, Default, Args)]
pub struct Diagnostics {
    /// Appends what happens to the program and its feeds to this file, a line each.
    #[arg(long, value_name = "FILE")]
    pub log_file: Option<PathBuf>,
    /// Only errors on standard error; only errors and warnings in the log file.
    #[arg(short, long, conflicts_with = "verbose")]
    pub quiet: bool,
    /// Heartbeats and sent frames in the log file, too; and all of its lines on standard error, where there is no screen.
    #[arg(short, long)]
    pub verbose: bool,
}
