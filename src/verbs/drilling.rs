//! `drill`: an exam of our own link, or of a client that connects to us, and its card.

use std::io::{self, BufRead as _, IsTerminal, Write};
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::time::Duration;

use tokio::sync::{mpsc, watch};

use super::proxying::{only_one, relay_of, warn_of};
use super::{Failure, LINES, PARTING, language, logging, read_script, runtime, seed};
use crate::cli::Drill;
use crate::config::Ui;
use crate::drill::{self, Card, Case, End, Exam, Form, Grader, Program, Row, Rules, Wiring};
use crate::launch::{FeedPlan, Launcher};
use crate::log::{Level, Log};
use crate::net::target::{Host, Target};
use crate::net::teller::Patience;
use crate::profile::Rate;
use crate::relay::Relay;
use crate::say::Lang;
use crate::term::{Over, Watch};
use crate::text;
use crate::time::Clock;

const DEADLINE: Duration = Duration::from_secs(30);
/// Dials to a host of others are at least so far apart, where its profile has no limit of its own.
const FLOOR: Rate = Rate { count: 1, per: Duration::from_secs(1) };

pub(super) fn drill(args: &Drill, log: &Log) -> Result<u8, Failure> {
    let wrong = |text: String| Failure { code: 2, text };
    let budgets: Vec<_> = args
        .budgets
        .iter()
        .map(|text| drill::budget(text))
        .collect::<Result<_, _>>()
        .map_err(|error| wrong(format!("--budget: {error}")))?;
    for file in &args.reports {
        if Form::of(file).is_none() {
            let file = text::clean(&file.display().to_string()).into_owned();
            return Err(wrong(format!("--report {file}: a report ends in .json, .xml or .md")));
        }
    }
    let (feed, ui) = only_one(&args.targets, log)?;
    let script = args.script.as_deref().map(read_script).transpose()?;
    let rules = Rules::of(&feed.session.profile, &budgets);
    let cases = match &script {
        Some(script) => drill::scripted(script, &rules, &feed.info.services),
        None => drill::usual(&rules, &feed.info.services),
    };
    let own = args.listen.is_none() && args.command.is_empty();
    if is_public(&feed.target) {
        allowed(args, &feed, &cases)?;
    }
    let listen = args.listen.unwrap_or(SocketAddr::from((Ipv4Addr::LOCALHOST, 0)));
    warn_of(listen, log);
    let lang = language(Ui { lang: args.lang.map(Lang::from).or(ui.lang), ..ui });
    let watch = Watch::start(Over::Lines)?;
    let runtime = runtime()?;
    let code = runtime.block_on(run(args, feed, rules, cases, own, listen, lang, watch, log));
    runtime.shutdown_timeout(PARTING);
    code
}

#[expect(clippy::too_many_arguments, reason = "one caller, and each is another thing")]
async fn run(
    args: &Drill,
    feed: FeedPlan,
    rules: Rules,
    cases: Vec<Case>,
    own: bool,
    listen: SocketAddr,
    lang: Lang,
    signals: Watch,
    log: &Log,
) -> Result<u8, Failure> {
    let clock = Clock::start();
    let seed = seed(&args.targets);
    let mut plan = relay_of(&feed, seed);
    plan.rate = plan.rate.or_else(|| is_public(&feed.target).then_some(FLOOR));
    let (relay, seen) = Relay::bind(listen, plan, clock.clone())
        .await
        .map_err(|error| Failure { code: 1, text: format!("cannot listen on {listen}: {error}") })?;
    let (url, desk) = (relay.url(), relay.desk());
    let seen = logging::seen(log, &clock, seen);
    log.say(Level::Info, None, &format!("listens on {url}; {} faults are tried", cases.len()));
    let mut card = Card {
        target: feed.info.url.clone(),
        profile: feed.info.profile.clone(),
        seed,
        own,
        detect: rules.budgets.detect,
        rows: Vec::new(),
        cut_short: false,
        took: Duration::ZERO,
    };
    let mut out = io::stdout().lock();
    // A reader who left misses the rest; the exit code stays.
    let mut print = |text: &str| {
        let _printed = out.write_all(text.as_bytes()).and_then(|()| out.flush());
    };
    let (stop, stopped) = watch::channel(false);
    let running = tokio::spawn(relay.run(stopped));
    let program = (!args.command.is_empty()).then(|| Program { words: args.command.clone(), url: url.clone() });
    if !own {
        print(&format!("{url}\n"));
    }
    print(&format!("{}\n", drill::head(lang)));
    // What our own link tells is not needed: the relay sees what it does.
    let (events, mut news) = mpsc::channel(LINES);
    let launcher = Launcher::new(clock.clone(), events, Patience::Shed, 1).logged(log);
    let link = own.then(|| near(&feed, &url)).transpose()?.map(|feed| launcher.start(feed));
    drop(launcher);
    let listening = tokio::spawn(async move { while news.recv().await.is_some() {} });
    let deadline = args.deadline.unwrap_or(DEADLINE);
    let mut exam = Exam::new(Grader::new(rules), Wiring { clock, desk, seen, watch: signals, program, deadline });
    let tell = |row: &Row| {
        log.say(Level::Info, Some("drill"), &drill::row(row, own, Lang::En, true));
        print(&drill::row(row, own, lang, args.ascii));
    };
    let end = exam.run(cases, &mut card, tell).await;
    if let Some(link) = link {
        // One that does not listen ends when its task is dropped.
        let _told = link.commands.try_send(crate::event::Command::Quit);
    }
    listening.abort();
    let _told = stop.send(true);
    let _parted = running.await;
    log.drain().await;
    let end = end.map_err(|text| Failure { code: 1, text })?;
    print(&drill::totals(&card, lang, args.ascii));
    for file in &args.reports {
        let Some(form) = Form::of(file) else { continue };
        drill::write(file, &drill::text(&card, form)).map_err(|error| {
            let file = text::clean(&file.display().to_string()).into_owned();
            Failure { code: 1, text: format!("cannot write {file}: {error}") }
        })?;
    }
    Ok(match end {
        End::Signal(code) => code,
        End::NeverOpen => 4,
        End::Done if card.has_failed() => 3,
        End::Done => 0,
    })
}

/// Our own link, to the relay instead of the server: what the server needs to see is added there.
fn near(feed: &FeedPlan, url: &str) -> Result<FeedPlan, Failure> {
    let wrong = |error: &dyn std::fmt::Display| Failure { code: 1, text: error.to_string() };
    let mut target = Target::parse(url).map_err(|error| wrong(&error))?;
    for subprotocol in feed.target.subprotocols() {
        target = target.with_subprotocol(subprotocol).map_err(|error| wrong(&error))?;
    }
    Ok(FeedPlan { target, ..feed.clone() })
}

/// Whether a host may be somebody else's: not this machine, not a private network.
fn is_public(target: &Target) -> bool {
    match target.host() {
        Host::Name(name) => {
            let name = name.trim_end_matches('.');
            name != "localhost" && !name.ends_with(".localhost")
        }
        Host::Socket(_) => false,
        Host::Ip(IpAddr::V4(ip)) => !(ip.is_loopback() || ip.is_private() || ip.is_link_local()),
        Host::Ip(IpAddr::V6(ip)) => !(ip.is_loopback() || ip.is_unique_local() || ip.is_unicast_link_local()),
    }
}

fn allowed(args: &Drill, feed: &FeedPlan, cases: &[Case]) -> Result<(), Failure> {
    let host = feed.target.host().to_string();
    if args.allow_hosts.iter().any(|allowed| allowed.eq_ignore_ascii_case(&host)) {
        return Ok(());
    }
    let shown = text::clean(&host).into_owned();
    let words = format!("{shown} is not on this machine: a drill of {} faults dials it again and again.", cases.len());
    if !(io::stdin().is_terminal() && io::stderr().is_terminal()) {
        return Err(Failure { code: 2, text: format!("{words}\nallow it with --allow-host {shown}") });
    }
    let asked = write!(io::stderr().lock(), "{words}\nGo on? [y/N] ");
    let mut answer = String::new();
    let read = asked.and_then(|()| io::stdin().lock().read_line(&mut answer));
    match read {
        Ok(_) if ["y", "yes"].contains(&answer.trim().to_ascii_lowercase().as_str()) => Ok(()),
        Ok(_) | Err(_) => Err(Failure { code: 2, text: format!("{shown} was not drilled") }),
    }
}
