//! `proxy`: a relay with faults, for eyes on a terminal and for scripts in lines.

use std::io::{self, Write};
use std::net::SocketAddr;
use std::sync::Arc;

use tokio::sync::mpsc;

use super::watching::watch;
use super::{Failure, PARTING, logging, planned, read_script, runtime, seed, wrong_script};
use crate::app::relay::Board;
use crate::cli::{Proxy, Targets};
use crate::config::Ui;
use crate::fault::{Desk, DeskError, Fault, FaultId, Script};
use crate::launch::FeedPlan;
use crate::log::{Level, Log};
use crate::net::play::{Notice, play};
use crate::plan;
use crate::relay::lines::Lines;
use crate::relay::{Plan, Relay, RelayDesk, Seen, What};
use crate::say::Lang;
use crate::term::{Over, Watch};
use crate::time::Clock;

/// The one feed that a relay is for, and what the user's file says of screens.
pub(super) fn only_one(targets: &Targets, log: &Log) -> Result<(FeedPlan, Ui), Failure> {
    let config = plan::config(targets.config.as_deref())?;
    let mut feeds = planned(targets, &config, log)?;
    match (feeds.pop(), feeds.is_empty()) {
        (Some(feed), true) => Ok((feed, config.ui)),
        (_, _) => Err(Failure { code: 2, text: "one TARGET is relayed at a time; name one".into() }),
    }
}

/// A line for whoever opens a door to others.
pub(super) fn warn_of(address: SocketAddr, log: &Log) {
    if !address.ip().is_loopback() {
        log.warn("wirebeat: others on the network can connect here and reach the target as you");
    }
}

pub(super) fn relay_of(feed: &FeedPlan, seed: u64) -> Plan {
    Plan {
        target: feed.target.clone(),
        profile: Arc::clone(&feed.session.profile),
        services: feed.session.services.clone(),
        seed,
        rate: feed.session.profile.limits.connect,
    }
}

/// Holds a script against what the relay is for. Services are known once a client asks for them, or from `-s`.
pub(super) fn check(script: &Script, feed: &FeedPlan, desk: &RelayDesk) -> Result<(), Failure> {
    if feed.session.services.is_empty() {
        return Ok(());
    }
    let any = Any { desk };
    script.check("the script", &any).map_err(wrong_script)
}

/// A script for another server names feeds that are not here: the one that is here is meant.
struct Any<'a> {
    desk: &'a RelayDesk,
}

impl Desk for Any<'_> {
    fn feeds(&self) -> Vec<String> {
        self.desk.feeds()
    }

    fn services(&self, feed: &str) -> Vec<String> {
        self.desk.services(feed)
    }

    fn start(&self, feed: &str, fault: &Fault, lasts: std::time::Duration) -> Result<FaultId, DeskError> {
        self.desk.start(feed, fault, lasts)
    }
}

/// With a terminal at both ends there is a screen, and else there are lines.
pub(super) fn proxy(args: &Proxy, stdout_is_terminal: bool, log: &Log) -> Result<u8, Failure> {
    let screen = logging::has_screen(stdout_is_terminal);
    let (feed, ui) = only_one(&args.targets, log)?;
    let script = args.script.as_deref().map(read_script).transpose()?;
    warn_of(args.listen, log);
    let mut signals = Watch::start(if screen { Over::Screen } else { Over::Lines })?;
    let runtime = runtime()?;
    let code = runtime.block_on(async {
        let clock = Clock::start();
        let (relay, seen) = Relay::bind(args.listen, relay_of(&feed, seed(&args.targets)), clock.clone())
            .await
            .map_err(|error| Failure { code: 1, text: format!("cannot listen on {}: {error}", args.listen) })?;
        let (desk, seen) = (relay.desk(), logging::seen(log, &clock, seen));
        log.say(Level::Info, None, &format!("listens on {}", relay.url()));
        if let Some(script) = &script {
            check(script, &feed, &desk)?;
        }
        let mut out = io::stdout();
        // The first line is for scripts; a reader who left does not end the relay.
        let url = relay.url();
        let _printed = writeln!(out, "{url}").and_then(|()| out.flush());
        let (stop, stopped) = tokio::sync::watch::channel(false);
        let running = tokio::spawn(relay.run(stopped));
        let (tell, notices) = mpsc::channel(64);
        let playing = async {
            if let Some(script) = &script {
                play(script, &desk, tell).await;
            }
            std::future::pending::<()>().await;
        };
        let mut lines = Lines::default();
        if screen {
            let ui = Ui {
                lang: args.lang.map(Lang::from).or(ui.lang),
                ascii: args.ascii.then_some(true).or(ui.ascii),
                ..ui
            };
            let (lang, ascii) = (super::language(ui), super::ascii(ui));
            let board = Board { lang, ascii, url, target: feed.info.url.clone(), ..Board::default() };
            let watched = watch(board, &mut lines, seen, notices, (&desk, &clock), &mut signals);
            let code = tokio::select! {
                () = playing => Ok(0),
                code = watched => code,
            };
            let _told = stop.send(true);
            let _parted = running.await;
            return code;
        }
        let code = tokio::select! {
            () = playing => 0,
            code = write(&mut lines, seen, notices, &clock, &mut out) => code,
            code = super::ended(&mut signals) => code,
        };
        let _told = stop.send(true);
        let _parted = running.await;
        let _printed = writeln!(out, "{}", lines.summary(clock.now(), clock.anchor())).and_then(|()| out.flush());
        Ok(code)
    });
    runtime.shutdown_timeout(PARTING);
    code
}

/// Writes what is seen until nobody reads it any more; a closed pipe ends it with 0.
async fn write(
    lines: &mut Lines,
    mut seen: mpsc::Receiver<Seen>,
    mut notices: mpsc::Receiver<Notice>,
    clock: &Clock,
    out: &mut impl Write,
) -> u8 {
    loop {
        let seen = tokio::select! {
            Some(seen) = seen.recv() => seen,
            Some(notice) = notices.recv() => {
                let what = What::Fault { name: notice.name, text: notice.say, state: notice.state };
                Seen { at: clock.now(), what }
            }
            else => return std::future::pending().await,
        };
        if let Some(line) = lines.line(&seen, clock.anchor())
            && writeln!(out, "{line}").and_then(|()| out.flush()).is_err()
        {
            return 0;
        }
    }
}
