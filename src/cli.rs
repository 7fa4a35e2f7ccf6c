//! Arguments to a plan. No file is read and nothing is started here.

mod diagnostics;
mod line;
mod profiles;
mod tools;

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, Parser, Subcommand, ValueEnum};

pub use self::diagnostics::Diagnostics;
pub use self::line::targets;
pub use self::profiles::{CheckProfile, DraftProfile, ExplainFrame, ProfileArgs, ProfileVerb, ShowProfile};
pub use self::tools::{Drill, Proxy};
use crate::config::{MOST_FPS, Ui, When};
use crate::event;
use crate::profile;
use crate::say::Lang;

const EXAMPLES: &str = "\
Examples:
  wirebeat demo                                              see it all at once, offline
  wirebeat ws://127.0.0.1:9001/market -s 业务1 -s 业务2      a feed that speaks the seed's protocol
  wirebeat wss://example.org/stream                          any feed: show everything, ping when idle
  wirebeat ws://host/ws -s a --set heartbeat.after=2s        beat after 2 s of silence
  wirebeat tail ws://host/ws -s a --for 30s                  one JSON object an event, no screen
  wirebeat proxy ws://host/ws -s a                           a faulty network for a client of yours
  wirebeat drill ws://host/ws -s a -- node client.mjs {url}  grade it, fault by fault
  wirebeat                                                   the feeds of the configuration file";

/// Watches WebSocket feeds: heartbeats counted down, dead links noticed, every reconnect explained.
#[derive(Clone, Debug, Parser)]
#[command(name = "wirebeat", version, before_help = EXAMPLES, args_conflicts_with_subcommands = true)]
#[command(disable_help_subcommand = true)]
pub struct Cli {
    #[command(subcommand)]
    pub verb: Option<Verb>,
    #[command(flatten)]
    pub targets: Targets,
    #[command(flatten)]
    pub screen: Screen,
    /// Faults may be injected into the feeds, by a key.
    #[arg(long)]
    pub allow_faults: bool,
    /// Faults to play on the feeds.
    #[arg(long, value_name = "FILE")]
    pub script: Option<PathBuf>,
    #[command(flatten)]
    pub diagnostics: Diagnostics,
}

#[derive(Clone, Debug, Subcommand)]
pub enum Verb {
    /// The embedded server, the dashboard on it, and a tour of faults: works offline.
    Demo(Demo),
    /// The embedded server alone, quiet unless a script says otherwise; its URL is the first line on stdout.
    Serve(Serve),
    /// No screen: one JSON object an event on stdout.
    Tail(Box<Tail>),
    /// A faulty network for a client of yours: it connects to us, we to the server, with faults in between.
    Proxy(Box<Proxy>),
    /// Tries faults, one after the other, and grades how each was noticed and survived: by our own link, or by your client.
    Drill(Box<Drill>),
    /// What servers expect: list, look at, check, explain and draft profiles.
    Profile(ProfileArgs),
}

/// What to watch, and how.
#[derive(Clone, Debug, Default, Args)]
pub struct Targets {
    /// A ws:// or wss:// URL, a feed of the configuration, or a bundled profile that has its URL; NAME=URL names it.
    #[arg(value_name = "TARGET")]
    pub targets: Vec<String>,
    /// What the server expects: a bundled profile or a file [default: sub-heartbeat with -s, else raw].
    #[arg(short, long, value_name = "NAME-OR-FILE")]
    pub profile: Option<String>,
    /// A service to subscribe; NAME:KEY=VALUE,.. gives it parameters that the profile knows. Repeatable.
    #[arg(short, long = "service", value_name = "NAME")]
    pub services: Vec<String>,
    /// Overrides one value of the profile, e.g. heartbeat.after=2s. Repeatable.
    #[arg(long = "set", value_name = "PATH=VALUE")]
    pub sets: Vec<String>,
    /// A header of the upgrade request: 'Name: value', or @FILE with one a line. Repeatable.
    #[arg(short = 'H', long = "header", value_name = "HEADER")]
    pub headers: Vec<String>,
    /// A subprotocol to offer. Repeatable.
    #[arg(long = "subprotocol", value_name = "P")]
    pub subprotocols: Vec<String>,
    /// Certificates to trust besides the system's (PEM).
    #[arg(long, value_name = "FILE")]
    pub ca_file: Option<PathBuf>,
    /// Our certificate, for servers that want one (PEM).
    #[arg(long, value_name = "FILE")]
    pub client_cert: Option<PathBuf>,
    /// Its key, where that is not in the same file (PEM).
    #[arg(long, value_name = "FILE")]
    pub client_key: Option<PathBuf>,
    /// The name that the server's certificate must be for, instead of the host.
    #[arg(long, value_name = "NAME")]
    pub server_name: Option<String>,
    /// Trust any certificate.
    #[arg(long)]
    pub insecure: bool,
    /// The proxy: an http, https or socks5 URL, or none [default: by the environment, as curl].
    #[arg(long, value_name = "URL")]
    pub proxy: Option<String>,
    /// The configuration file [default: ~/.config/wirebeat/config.toml].
    #[arg(long, value_name = "FILE", env = "WIREBEAT_CONFIG", hide_env = true)]
    pub config: Option<PathBuf>,
    /// Of the jitter of reconnects: the same seed gives the same waits.
    #[arg(long, value_name = "N")]
    pub seed: Option<u64>,
    #[command(flatten)]
    pub allow: Allow,
}

/// What a profile may take. Without these it is asked for once a host, and remembered.
#[derive(Clone, Debug, Default, Args)]
#[command(next_help_heading = "What a profile may take (else asked once for each host; without a terminal refused)")]
pub struct Allow {
    /// It may send this environment variable to the host. Repeatable.
    #[arg(long = "allow-env", value_name = "NAME")]
    pub env: Vec<String>,
    /// It may send what is in this file. Repeatable.
    #[arg(long = "allow-file", value_name = "PATH")]
    pub files: Vec<String>,
    /// It may run this program. Repeatable.
    #[arg(long = "allow-command", value_name = "PROGRAM")]
    pub commands: Vec<String>,
    /// It may take the place, or the messages, of another client.
    #[arg(long = "allow-takeover")]
    pub takeover: bool,
    /// All of these.
    #[arg(long)]
    pub yes: bool,
}

/// How the dashboard looks.
#[derive(Clone, Debug, Default, Args)]
pub struct Screen {
    /// Whether to use colours [default: auto].
    #[arg(long, value_enum, value_name = "WHEN", env = "WIREBEAT_COLOR", hide_env = true)]
    pub color: Option<When>,
    /// Colours: terminal, night, day, safe-night, safe-day, or a theme of the configuration [default: terminal].
    #[arg(long, value_name = "NAME", env = "WIREBEAT_THEME", hide_env = true)]
    pub theme: Option<String>,
    /// Marks, frames and strips in ASCII only [default: by locale, where that is not UTF-8].
    #[arg(long)]
    pub ascii: bool,
    /// The most frames a second [default: 30].
    #[arg(long, value_name = "N", env = "WIREBEAT_FPS", hide_env = true, value_parser = fps())]
    pub fps: Option<u8>,
    /// The language of the screen [default: by locale].
    #[arg(long, value_enum, value_name = "LANG", env = "WIREBEAT_LANG", hide_env = true)]
    pub lang: Option<Language>,
    /// Leave the mouse to the terminal.
    #[arg(long)]
    pub no_mouse: bool,
}

impl Screen {
    /// What flags and environment say, and else the user's file.
    pub fn over(&self, ui: &Ui) -> Ui {
        Ui {
            color: self.color.or(ui.color),
            ascii: self.ascii.then_some(true).or(ui.ascii),
            fps: self.fps.or(ui.fps),
            lang: self.lang.map(Lang::from).or(ui.lang),
            utc: ui.utc,
            columns: ui.columns,
            mouse: if self.no_mouse { Some(false) } else { ui.mouse },
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Language {
    En,
    #[value(name = "zh-CN", alias = "zh")]
    ZhCn,
}

impl From<Language> for Lang {
    fn from(language: Language) -> Self {
        match language {
            Language::En => Self::En,
            Language::ZhCn => Self::ZhCn,
        }
    }
}

#[derive(Clone, Debug, Args)]
pub struct Demo {
    /// Faults to play instead of the tour.
    #[arg(long, value_name = "FILE")]
    pub script: Option<PathBuf>,
    #[arg(long, value_name = "N", default_value_t = 1)]
    pub seed: u64,
    /// The configuration file, for what it says of the screen.
    #[arg(long, value_name = "FILE", env = "WIREBEAT_CONFIG", hide_env = true)]
    pub config: Option<PathBuf>,
    #[command(flatten)]
    pub screen: Screen,
    #[command(flatten)]
    pub diagnostics: Diagnostics,
}

#[derive(Clone, Debug, Args)]
pub struct Serve {
    /// Where to listen; port 0 takes any free one.
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:0")]
    pub listen: SocketAddr,
    /// Faults to play.
    #[arg(long, value_name = "FILE")]
    pub script: Option<PathBuf>,
    #[arg(long, value_name = "N", default_value_t = 1)]
    pub seed: u64,
    #[command(flatten)]
    pub diagnostics: Diagnostics,
}

#[derive(Clone, Debug, Args)]
pub struct Tail {
    #[command(flatten)]
    pub targets: Targets,
    /// Faults to play on the feeds.
    #[arg(long, value_name = "FILE")]
    pub script: Option<PathBuf>,
    /// Stop after that long.
    #[arg(long = "for", value_name = "DURATION", value_parser = duration)]
    pub length: Option<Duration>,
    /// Stop after so many data messages over all feeds; not reached: exit 3.
    #[arg(long, value_name = "N")]
    pub count: Option<u64>,
    /// No feed open by then: exit 4.
    #[arg(long, value_name = "DURATION", value_parser = duration)]
    pub deadline: Option<Duration>,
    /// Only these events, separated by commas.
    #[arg(long, value_name = "LIST", value_delimiter = ',', value_parser = event_name)]
    pub events: Vec<String>,
    /// Leave the payloads out.
    #[arg(long)]
    pub no_data: bool,
    /// One sanitised line of text an event, instead of JSON.
    #[arg(long)]
    pub text: bool,
    #[command(flatten)]
    pub diagnostics: Diagnostics,
}

fn fps() -> clap::builder::RangedI64ValueParser<u8> {
    clap::value_parser!(u8).range(1..=i64::from(MOST_FPS))
}

fn duration(text: &str) -> Result<Duration, String> {
    profile::duration::parse(text)
}

fn event_name(name: &str) -> Result<String, String> {
    if event::NAMES.contains(&name) {
        return Ok(name.to_owned());
    }
    let near = profile::diagnostic::nearest(name, event::NAMES.iter().copied());
    let hint =
        near.map_or_else(|| format!("one of {}", event::NAMES.join(", ")), |near| format!("did you mean `{near}`?"));
    Err(format!("no such event; {hint}"))
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_arguments_are_in_order() {
        Cli::command().debug_assert();
    }

    #[test]
    fn a_url_is_a_target_and_not_a_verb() {
        let cli = Cli::try_parse_from(["wirebeat", "ws://h/p", "-s", "业务1", "-s", "业务2", "--set", "a=b"]).unwrap();
        assert!(cli.verb.is_none());
        assert_eq!(cli.targets.targets, ["ws://h/p"]);
        assert_eq!(cli.targets.services, ["业务1", "业务2"]);
    }

    #[test]
    fn flags_go_before_the_file() {
        let cli = Cli::try_parse_from(["wirebeat", "ws://h", "--fps", "5", "--lang", "en"]).unwrap();
        let file = Ui {
            color: Some(When::Never),
            ascii: Some(false),
            fps: Some(10),
            lang: Some(Lang::ZhCn),
            utc: true,
            ..Ui::default()
        };
        let both = Ui { fps: Some(5), lang: Some(Lang::En), ..file };
        assert_eq!(cli.screen.over(&file), both);
        let cli = Cli::try_parse_from(["wirebeat", "ws://h"]).unwrap();
        assert_eq!(cli.screen.over(&file), file);
        let cli = Cli::try_parse_from(["wirebeat", "ws://h", "--ascii"]).unwrap();
        assert_eq!(cli.screen.over(&file), Ui { ascii: Some(true), ..file });
        assert!(Cli::try_parse_from(["wirebeat", "ws://h", "--fps", "61"]).is_err());
    }

    #[test]
    fn tail_takes_its_limits() {
        let cli =
            Cli::try_parse_from(["wirebeat", "tail", "ws://h", "--for", "1.5s", "--events", "open,closed"]).unwrap();
        let Some(Verb::Tail(tail)) = cli.verb else { unreachable!("tail was asked for") };
        assert_eq!(tail.length, Some(Duration::from_millis(1500)));
        assert_eq!(tail.events, ["open", "closed"]);
    }

    #[test]
    fn a_wrong_event_is_told_the_right_one() {
        let error = Cli::try_parse_from(["wirebeat", "tail", "ws://h", "--events", "opne"]).unwrap_err();
        assert!(error.to_string().contains("`open`"), "{error}");
    }
}
