//! What each verb joins: feeds and a screen, feeds and a pipe, a server and both.

mod alarming;
mod dashboard;
mod dress;
mod dressing;
mod drilling;
mod logging;
mod newcomer;
mod proxying;
mod supplying;
mod watching;

use std::io::{self, IsTerminal, Write};
use std::net::{Ipv4Addr, SocketAddr};
use std::path::Path;
use std::thread;
use std::time::Duration;

use tokio::runtime::{Builder, Runtime};
use tokio::sync::mpsc;

use self::dashboard::{Extras, dashboard};
use self::dress::{ascii, language};
use self::dressing::dressed;
use self::newcomer::Newcomer;
pub use self::supplying::{Books, Supply};
use crate::cli::{Allow, Cli, Demo, ProfileVerb, Serve, Tail, Targets, Verb};
use crate::config::Config;
use crate::consent::{self, Allowance, Need, Refused, What};
use crate::demo::{self, Server};
use crate::event::alarm::Alarms;
use crate::event::{Event, FeedId, Stamped};
use crate::fault::Script;
use crate::headless::{self, Lines, Shape};
use crate::launch::{FeedDesk, FeedPlan, Feeds, Launcher};
use crate::log::{Level, Log};
use crate::net::play::{Notice, play};
use crate::net::target::Target;
use crate::net::teller::Patience;
use crate::plan::{self, Roster, Wrong};
use crate::profiling;
use crate::say::Lang;
use crate::term::{Over, Watch};
use crate::time::Clock;

/// Why a verb did not do what was asked, and the exit code for it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    pub code: u8,
    pub text: String,
}

impl From<Wrong> for Failure {
    fn from(Wrong(text): Wrong) -> Self {
        Self { code: 2, text }
    }
}

impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Self {
        Self { code: 1, text: error.to_string() }
    }
}

/// Events that may wait for the screen, and for a pipe; each may be a batch of 64 KiB.
const NEWS: usize = 1024;
const LINES: usize = 256;
/// What is left of a run has so long to end.
const PARTING: Duration = Duration::from_millis(200);

const NOTHING_TO_DO: &str = "\
nothing to watch. Try one of
  wirebeat demo                                          see it all at once, offline
  wirebeat ws://127.0.0.1:9001/market -s 业务1 -s 业务2  a feed that speaks the seed's protocol
  wirebeat wss://example.org/stream                      any feed: show everything, ping when idle
  wirebeat tail ws://127.0.0.1:9001/market -s 业务1      the same without a screen
  wirebeat serve                                         the embedded server alone
  wirebeat --help                                        everything else";

/// Does what the arguments ask, and gives the exit code.
pub fn run(cli: &Cli, stdout_is_terminal: bool) -> Result<u8, Failure> {
    let log = logging::open(cli, stdout_is_terminal)?;
    let done = match &cli.verb {
        None => watch(cli, stdout_is_terminal, &log),
        Some(Verb::Demo(args)) => demo(args, stdout_is_terminal, &log),
        Some(Verb::Serve(args)) => serve(args, &log),
        Some(Verb::Tail(args)) => tail(args, &log),
        Some(Verb::Proxy(args)) => proxying::proxy(args, stdout_is_terminal, &log),
        Some(Verb::Drill(args)) => drilling::drill(args, &log),
        Some(Verb::Profile(args)) => profile(&args.verb),
    };
    logging::ended(&log, &done);
    done
}

fn profile(verb: &ProfileVerb) -> Result<u8, Failure> {
    let answer = profiling::run(verb, &Clock::start()).map_err(|text| Failure { code: 2, text })?;
    let mut out = io::stdout().lock();
    match out.write_all(answer.text.as_bytes()).and_then(|()| out.flush()) {
        // A closed pipe is nobody's loss.
        Ok(()) => Ok(answer.code),
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(0),
        Err(error) => Err(error.into()),
    }
}

fn watch(cli: &Cli, stdout_is_terminal: bool, log: &Log) -> Result<u8, Failure> {
    let Cli { targets, screen, allow_faults, .. } = cli;
    let config = plan::config(targets.config.as_deref())?;
    let mut notes = Vec::new();
    let feeds = planned_with(targets, &config, log, &mut notes)?;
    let script = own_script(cli.script.as_deref(), &feeds)?;
    if !stdout_is_terminal {
        return Err(no_terminal());
    }
    dressed(config.themes.clone(), screen.theme.as_deref())?;
    let follows = targets.targets.is_empty() && targets.profile.is_none();
    let roster = Roster::new(targets, follows, seed(targets), &feeds);
    let books = Books::new(roster, screen.clone(), &config, allowance(&targets.allow)).told(notes);
    let extras = Extras { log, newcomer: Newcomer::of_this_machine(), verbose: cli.diagnostics.verbose };
    let runtime = runtime()?;
    let lang = language(books.wear.ui);
    let code = runtime.block_on(dashboard(feeds, books, *allow_faults, extras, |launcher, feeds| {
        if let Some(script) = script {
            tokio::spawn(FeedDesk::of(feeds, lang).play(script, launcher));
        }
    }));
    runtime.shutdown_timeout(PARTING);
    code
}

fn no_terminal() -> Failure {
    Failure { code: 2, text: "standard output is no terminal, so there is no screen: take `wirebeat tail`".into() }
}

fn demo(args: &Demo, stdout_is_terminal: bool, log: &Log) -> Result<u8, Failure> {
    if !stdout_is_terminal {
        return Err(no_terminal());
    }
    let script = match &args.script {
        Some(file) => read_script(file)?,
        None => Script::parse("tour.toml", demo::TOUR).map_err(wrong_script)?,
    };
    let config = plan::config(args.config.as_deref())?;
    let lang = language(args.screen.over(&config.ui));
    dressed(config.themes.clone(), args.screen.theme.as_deref())?;
    let extras = Extras { log, newcomer: Newcomer::Always, verbose: args.diagnostics.verbose };
    let runtime = runtime()?;
    let code = runtime.block_on(async {
        let server = Server::bind(SocketAddr::from((Ipv4Addr::LOCALHOST, 0)), args.seed).await?;
        let desk = server.faults();
        script.check("the script", &desk).map_err(wrong_script)?;
        let mut feeds = Vec::new();
        for ((path, services), id) in Server::feeds().iter().zip(0..) {
            let profile = plan::load_profile("demo", &[])?;
            let target = Target::parse(&server.url(path)).map_err(|error| Wrong(error.to_string()))?;
            let services = services.iter().map(|name| plan::service(&profile, name)).collect::<Result<_, _>>()?;
            let name = path.trim_start_matches('/').to_owned();
            feeds.push(plan::plan(FeedId(id), name, target, profile, services, args.seed)?);
        }
        let names: Vec<_> = feeds.iter().map(|feed| (feed.info.id, feed.info.name.clone())).collect();
        tokio::spawn(server.run(std::future::pending()));
        // The file says how the screen looks, and not what is watched.
        let targets = Targets { config: args.config.clone(), ..Targets::default() };
        let roster = Roster::new(&targets, false, args.seed, &feeds);
        let books = Books::new(roster, args.screen.clone(), &config, Allowance::default());
        dashboard(feeds, books, true, extras, move |launcher, _| {
            let (tell, mut notices) = mpsc::channel(64);
            let (events, clock) = (launcher.events.clone(), launcher.clock.clone());
            tokio::spawn(async move { play(&script, &desk, tell).await });
            tokio::spawn(async move {
                while let Some(notice) = notices.recv().await {
                    let path = notice.feed.trim_start_matches('/');
                    let Some((feed, _)) = names.iter().find(|(_, name)| name == path) else { continue };
                    let at = clock.now();
                    let event = Event::Fault(notice.fault(lang == Lang::ZhCn, at));
                    if events.send(Stamped { n: 0, at, feed: *feed, event }).await.is_err() {
                        return;
                    }
                }
            });
        })
        .await
    });
    runtime.shutdown_timeout(PARTING);
    code
}

fn serve(args: &Serve, log: &Log) -> Result<u8, Failure> {
    let script = args.script.as_deref().map(read_script).transpose()?;
    let mut watch = Watch::start(Over::Lines)?;
    let runtime = runtime()?;
    let code = runtime.block_on(async {
        let server = Server::bind(args.listen, args.seed)
            .await
            .map_err(|error| Failure { code: 1, text: format!("cannot listen on {}: {error}", args.listen) })?;
        let desk = server.faults();
        if let Some(script) = &script {
            script.check("the script", &desk).map_err(wrong_script)?;
        }
        log.say(Level::Info, None, &format!("listens on {}", server.address()));
        let mut out = io::stdout().lock();
        // The first line is for scripts; a reader who left does not end the server.
        let _printed = Server::feeds()
            .iter()
            .try_for_each(|(path, services)| writeln!(out, "{}  {}", server.url(path), services.join(", ")));
        let _printed = out.flush();
        let (visits, visited) = mpsc::channel(256);
        let server = if log.wants(Level::Info) { server.watched(visits) } else { server };
        tokio::spawn(logging::visits(log.clone(), visited));
        let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
        let running = tokio::spawn(server.run(async {
            let _stopped = stopped.await;
        }));
        let playing = async {
            if let Some(script) = &script {
                let (tell, mut notices) = mpsc::channel::<Notice>(64);
                let say = async {
                    while let Some(notice) = notices.recv().await {
                        let line = format!("{} {:?} {}: {}", notice.feed, notice.state, notice.name, notice.say);
                        log.say(Level::Info, None, &line);
                        let _printed = writeln!(out, "{}", crate::text::clean(&line)).and_then(|()| out.flush());
                    }
                };
                tokio::join!(play(script, &desk, tell), say);
            }
            std::future::pending::<()>().await;
        };
        let code = tokio::select! {
            () = playing => 0,
            code = ended(&mut watch) => code,
        };
        let _told = stop.send(());
        let _parted = running.await;
        Ok(code)
    });
    runtime.shutdown_timeout(PARTING);
    code
}

async fn ended(watch: &mut Watch) -> u8 {
    loop {
        if let Some(code) = watch.next().await.exit_code() {
            return code;
        }
    }
}

fn tail(args: &Tail, log: &Log) -> Result<u8, Failure> {
    let config = plan::config(args.targets.config.as_deref())?;
    let feeds = planned(&args.targets, &config, log)?;
    let script = own_script(args.script.as_deref(), &feeds)?;
    let watch = Watch::start(Over::Lines)?;
    let runtime = runtime()?;
    let seed = seed(&args.targets);
    let code = runtime.block_on(async {
        let clock = Clock::start();
        let (events, news) = mpsc::channel(LINES);
        let launcher = Launcher::new(clock.clone(), events, Patience::Wait, feeds.len()).logged(log);
        let infos: Vec<_> = feeds.iter().map(|feed| feed.info.clone()).collect();
        let feeds = start(&launcher, feeds);
        if let Some(script) = script {
            tokio::spawn(FeedDesk::of(&feeds, Lang::En).play(script, &launcher));
        }
        // When the feeds are gone, so are the news.
        drop(launcher);
        let rules = config.alarm.unwrap_or_default();
        let teller = log.clone();
        let heard = alarming::program(rules.command.clone(), move |wrong| teller.warn(&wrong));
        let shape = Shape { text: args.text, no_data: args.no_data, only: args.events.clone() };
        let mut lines = Lines::new(shape, &infos);
        lines.watch(Alarms::new(rules));
        let limits = headless::Limits { length: args.length, count: args.count, deadline: args.deadline };
        let wiring = headless::Wiring { clock, feeds, news, watch, out: io::stdout().lock(), heard };
        let done = headless::tail(lines, &limits, seed, wiring).await;
        log.drain().await;
        done
    });
    runtime.shutdown_timeout(PARTING);
    Ok(code?)
}

fn planned(targets: &Targets, config: &Config, log: &Log) -> Result<Vec<FeedPlan>, Failure> {
    planned_with(targets, config, log, &mut Vec::new())
}

/// The same, and what was told on standard error.
fn planned_with(
    targets: &Targets,
    config: &Config,
    log: &Log,
    notes: &mut Vec<String>,
) -> Result<Vec<FeedPlan>, Failure> {
    let seed = seed(targets);
    let feeds = plan::feeds(targets, config, seed, notes)?;
    if feeds.is_empty() {
        return Err(Failure { code: 2, text: NOTHING_TO_DO.into() });
    }
    logging::planned(log, config, &feeds, seed);
    for note in &*notes {
        log.warn(note);
    }
    allowed(&feeds, &targets.allow, log)?;
    Ok(feeds)
}

/// Before there is a screen: what the profiles want of this machine is allowed, or nothing runs.
fn allowed(feeds: &[FeedPlan], allow: &Allow, log: &Log) -> Result<(), Failure> {
    let needs: Vec<_> = feeds.iter().flat_map(needs_of).collect();
    let interactive = io::stdin().is_terminal() && io::stderr().is_terminal();
    consent::settle(&needs, &allowance(allow), interactive).map_err(|Refused(text)| Failure { code: 2, text })?;
    logging::allowed(log, &needs);
    Ok(())
}

/// What a feed wants of this machine.
fn needs_of(feed: &FeedPlan) -> Vec<Need> {
    let near = feed.target.host().is_local();
    let plain = !feed.target.secure() && !near;
    let needs = consent::needs(&feed.session.profile, &feed.target.authority(), plain);
    // A variable that a profile can do without, and that is not set, is not sent.
    let set = |need: &Need| match &need.what {
        What::Env(name) => feed.session.secrets.env.contains_key(name),
        What::File(_) | What::Command(_) | What::Takeover(_) => true,
    };
    needs.into_iter().filter(set).collect()
}

fn allowance(allow: &Allow) -> Allowance {
    Allowance {
        everything: allow.yes,
        env: allow.env.clone(),
        files: allow.files.clone(),
        commands: allow.commands.clone(),
        takeover: allow.takeover,
    }
}

/// One that differs from run to run, unless it was given.
fn seed(targets: &Targets) -> u64 {
    targets.seed.unwrap_or_else(|| u64::from(std::process::id()).wrapping_mul(0x2545_F491_4F6C_DD1D))
}

fn start(launcher: &Launcher, feeds: Vec<FeedPlan>) -> Feeds {
    feeds.into_iter().map(|feed| (feed.info.id, launcher.start(feed))).collect()
}

/// Feeds on workers of their own, so that a screen that blocks stops frames and no heartbeat.
fn runtime() -> io::Result<Runtime> {
    let cores = thread::available_parallelism().map_or(1, usize::from);
    Builder::new_multi_thread().worker_threads(cores.saturating_sub(1).max(1)).enable_all().build()
}

fn read_script(file: &Path) -> Result<Script, Failure> {
    let name = file.display().to_string();
    let text = std::fs::read_to_string(file)
        .map_err(|error| Failure { code: 2, text: format!("cannot read {}: {error}", crate::text::clean(&name)) })?;
    Script::parse(&name, &text).map_err(wrong_script)
}

/// A script for feeds of our own, held against them.
fn own_script(file: Option<&Path>, feeds: &[FeedPlan]) -> Result<Option<Script>, Failure> {
    let Some(file) = file else { return Ok(None) };
    let script = read_script(file)?;
    let desk = FeedDesk::planned(feeds);
    script.check(&file.display().to_string(), &desk).map_err(wrong_script)?;
    Ok(Some(script))
}

fn wrong_script(error: impl std::fmt::Display) -> Failure {
    Failure { code: 2, text: error.to_string() }
}
