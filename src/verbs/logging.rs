//! What the verbs write into the log of the program: how it began, what was read and allowed, how it ended. What happens
//! to feeds comes from the feeds themselves.

use std::io::{self, IsTerminal as _};

use tokio::sync::mpsc;

use super::Failure;
use crate::cli::{Cli, Diagnostics, Verb};
use crate::config::Config;
use crate::consent::Need;
use crate::demo::Visit;
use crate::launch::FeedPlan;
use crate::log::{Detail, Level, Log, Wish};
use crate::relay::Seen;
use crate::relay::lines::Lines;
use crate::term;
use crate::time::Clock;

/// Opens what the arguments ask for. Panics are written there, too.
pub(super) fn open(cli: &Cli, stdout_is_terminal: bool) -> Result<Log, Failure> {
    let none = Diagnostics::default();
    let (name, asked, screen) = match &cli.verb {
        None => ("dashboard", &cli.diagnostics, true),
        Some(Verb::Demo(args)) => ("demo", &args.diagnostics, true),
        Some(Verb::Serve(args)) => ("serve", &args.diagnostics, false),
        Some(Verb::Tail(args)) => ("tail", &args.diagnostics, false),
        Some(Verb::Proxy(args)) => ("proxy", &args.diagnostics, has_screen(stdout_is_terminal)),
        Some(Verb::Drill(args)) => ("drill", &args.diagnostics, false),
        Some(Verb::Profile(_)) => ("profile", &none, false),
    };
    let detail = match asked {
        Diagnostics { quiet: true, .. } => Detail::Quiet,
        Diagnostics { verbose: true, .. } => Detail::Verbose,
        Diagnostics { .. } => Detail::Usual,
    };
    let log = Log::open(Wish { file: asked.log_file.as_deref(), detail, screen })
        .map_err(|text| Failure { code: 2, text })?;
    let heard = log.clone();
    term::on_panic(move |words| heard.panicked(words));
    let (version, process) = (env!("CARGO_PKG_VERSION"), std::process::id());
    log.say(Level::Info, None, &format!("wirebeat {version} {name} begins, process {process}"));
    Ok(log)
}

/// Whether `proxy` draws.
pub(super) fn has_screen(stdout_is_terminal: bool) -> bool {
    stdout_is_terminal && io::stdin().is_terminal()
}

/// How it ended.
pub(super) fn ended(log: &Log, done: &Result<u8, Failure>) {
    match done {
        Ok(code) => log.say(Level::Info, None, &format!("ends with exit code {code}")),
        Err(Failure { code, text }) => {
            // It is printed at the very end, whatever the log is.
            log.file_only(Level::Error, text);
            log.file_only(Level::Info, &format!("ends with exit code {code}"));
        }
    }
    log.close();
}

/// Which file was read, and which feeds there are.
pub(super) fn planned(log: &Log, config: &Config, feeds: &[FeedPlan], seed: u64) {
    let file = config.file().map_or_else(|| "no configuration file".to_owned(), |file| format!("read {file}"));
    log.say(Level::Info, None, &format!("{file}; feeds: {}, seed {seed}", feeds.len()));
    for feed in feeds {
        let info = &feed.info;
        let services = if info.services.is_empty() { "none yet".to_owned() } else { info.services.join(", ") };
        let words = format!("{}, profile {}, services {services}", info.url, info.profile);
        log.say(Level::Info, Some(&info.name), &words);
    }
}

/// What profiles may take.
pub(super) fn allowed(log: &Log, needs: &[Need]) {
    for need in needs {
        log.say(Level::Info, None, &format!("allowed: {}", need.words()));
    }
}

/// Who comes to the embedded server and leaves.
pub(super) async fn visits(log: Log, mut visits: mpsc::Receiver<Visit>) {
    while let Some(Visit { path, link, open }) = visits.recv().await {
        let word = if open { "open" } else { "over" };
        log.say(Level::Info, Some(path), &format!("link {link} is {word}"));
    }
}

/// What a relay sees goes on to its reader, and into the log on the way.
pub(super) fn seen(log: &Log, clock: &Clock, mut seen: mpsc::Receiver<Seen>) -> mpsc::Receiver<Seen> {
    if !log.wants(Level::Error) {
        return seen;
    }
    let (pass, passed) = mpsc::channel(1);
    let (log, clock, mut lines) = (log.clone(), clock.clone(), Lines::default());
    tokio::spawn(async move {
        while let Some(seen) = seen.recv().await {
            if let Some((name, words)) = lines.words(&seen) {
                let level = match name.as_str() {
                    "turned" | "missed" => Level::Warn,
                    "beat" => Level::Debug,
                    _ => Level::Info,
                };
                log.record(level, "relay", &words, seen.at, &clock);
            }
            if pass.send(seen).await.is_err() {
                return;
            }
        }
    });
    passed
}
