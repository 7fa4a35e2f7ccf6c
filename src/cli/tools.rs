//! The arguments of `proxy` and `drill`: faults between a client and its server.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use clap::Args;

use super::{Diagnostics, Language, Targets, duration};

#[derive(Clone, Debug, Args)]
pub struct Proxy {
    #[command(flatten)]
    pub targets: Targets,
    /// Where clients connect; port 0 takes any free one.
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:0")]
    pub listen: SocketAddr,
    /// Faults to play.
    #[arg(long, value_name = "FILE")]
    pub script: Option<PathBuf>,
    /// Marks of the screen in ASCII only [default: by locale, where that is not UTF-8].
    #[arg(long)]
    pub ascii: bool,
    /// The language of the screen [default: by locale].
    #[arg(long, value_enum, value_name = "LANG", env = "WIREBEAT_LANG", hide_env = true)]
    pub lang: Option<Language>,
    #[command(flatten)]
    pub diagnostics: Diagnostics,
}

#[derive(Clone, Debug, Args)]
pub struct Drill {
    #[command(flatten)]
    pub targets: Targets,
    /// Faults to try, in the order of the file, instead of the usual list.
    #[arg(long, value_name = "FILE")]
    pub script: Option<PathBuf>,
    /// How long something may take: detect, redial, restore, data, slack, storm or warmup. Repeatable.
    #[arg(long = "budget", value_name = "KEY=DURATION")]
    pub budgets: Vec<String>,
    /// Writes the report card there, by its ending: .json, .xml (`JUnit`) or .md. Repeatable.
    #[arg(long = "report", value_name = "FILE")]
    pub reports: Vec<PathBuf>,
    /// No link open by then: exit 4 [default: 30s].
    #[arg(long, value_name = "DURATION", value_parser = duration)]
    pub deadline: Option<Duration>,
    /// Grades the client that connects here, instead of our own link.
    #[arg(long, value_name = "ADDR")]
    pub listen: Option<SocketAddr>,
    /// A host that is not this machine's or its network's may be drilled. Repeatable.
    #[arg(long = "allow-host", value_name = "HOST")]
    pub allow_hosts: Vec<String>,
    /// Nothing but ASCII in the timelines.
    #[arg(long)]
    pub ascii: bool,
    /// The language of the card [default: by locale].
    #[arg(long, value_enum, value_name = "LANG", env = "WIREBEAT_LANG", hide_env = true)]
    pub lang: Option<Language>,
    #[command(flatten)]
    pub diagnostics: Diagnostics,
    /// The client to grade: it is started, with the URL in `WIREBEAT_URL` and in place of {url}.
    #[arg(last = true, value_name = "CMD")]
    pub command: Vec<String>,
}
