//! The dashboard on the real terminal: what it is made of, and how it is given back. It knows no verb.

use std::io::{self, Write};

use crossterm::event::EventStream;
use ratatui::Terminal;
use ratatui::backend::CrosstermBackend;
use tokio::sync::mpsc;

use super::newcomer::Newcomer;
use super::supplying::{Books, Supply};
use super::{Failure, NEWS, alarming, start};
use crate::app::ringing::Ring;
use crate::app::{App, Look};
use crate::event::alarm::{Rules, State};
use crate::headless::AlarmLines;
use crate::launch::{FeedPlan, Feeds, Launcher};
use crate::log::{Level, Log};
use crate::net::teller::Patience;
use crate::run::{self, End, Fleet, Stage};
use crate::say;
use crate::term::thin::Thin;
use crate::term::{self, Guard, Options, Over, Pen, Watch, clipboard};
use crate::time::{Clock, Ts};

/// Bytes for the messages of all feeds together, as far as they are kept to be looked at.
const HISTORY: usize = 64 << 20;

/// What is around the screen.
pub(super) struct Extras<'a> {
    pub(super) log: &'a Log,
    pub(super) newcomer: Newcomer,
    /// More was asked for than a screen tells.
    pub(super) verbose: bool,
}

/// Runs the screen on the calling thread until it ends. `begin` is called once the feeds run.
pub(super) async fn dashboard(
    feeds: Vec<FeedPlan>,
    books: Books,
    allow_faults: bool,
    extras: Extras<'_>,
    begin: impl FnOnce(&Launcher, &Feeds),
) -> Result<u8, Failure> {
    let clock = Clock::start();
    let Extras { log, newcomer, verbose } = extras;
    let look = Look { anchor: clock.anchor(), zone: clock.zone().clone(), budget: HISTORY, ..Look::default() };
    let mut app = App::new(feeds.iter().map(|feed| feed.info.clone()).collect(), look);
    app.faults_allowed = allow_faults;
    let wear = books.wear.clone();
    let (frame, rules) = (wear.frame(), wear.rules.clone());
    wear.put_on(None, &mut app, Ts::ZERO);
    app.note = app.unseen_theme();
    if verbose && !log.wants(Level::Error) {
        app.note = Some(say::screen::no_log(app.look.lang).to_owned());
    }
    app.greeting = newcomer.is_greeted();
    let (tell, wrongs) = mpsc::channel(4);
    let heard = alarming::program(rules.command.clone(), teller(log, &tell));
    let mut watch = Watch::start(Over::Screen)?;
    let guard =
        Guard::take(Options { mouse: app.hand.mouse }).map_err(|error| Failure { code: 2, text: error.to_string() })?;
    let mut terminal = Terminal::new(CrosstermBackend::new(Thin::new(guard.pen())))?;
    let (events, news) = mpsc::channel(NEWS);
    let launcher = Launcher::new(clock.clone(), events, Patience::Shed, feeds.len()).logged(log);
    let feeds = start(&launcher, feeds);
    begin(&launcher, &feeds);
    let fleet = Fleet::new(launcher, feeds);
    let supplier = Supply::new(books);
    let mut wiring = run::Wiring { clock, fleet, news, keys: EventStream::new(), supplier, frame };
    let (clock, lines) = (wiring.clock.clone(), AlarmLines::default());
    let mut real = Real { guard: &guard, clock, rules, heard, lines, log, tell, wrongs };
    let end = run::run(&mut app, &mut terminal, &mut real, &mut wiring, &mut watch).await;
    guard.leave();
    term::last_words();
    wiring.part().await;
    log.drain().await;
    if !app.greeting {
        newcomer.remember();
    }
    match end? {
        End::Quit => Ok(0),
        End::Signal(signal) => Ok(signal.exit_code().unwrap_or(0)),
    }
}

/// What went wrong is written down, and shown.
fn teller(log: &Log, screen: &mpsc::Sender<String>) -> impl Fn(String) + Send + Sync + use<> {
    let (log, screen) = (log.clone(), screen.clone());
    move |wrong| {
        log.file_only(Level::Warn, &wrong);
        // A screen that is behind shows another.
        let _shown = screen.try_send(wrong);
    }
}

struct Real<'a> {
    guard: &'a Guard,
    clock: Clock,
    rules: Rules,
    heard: Option<mpsc::Sender<Vec<u8>>>,
    /// What was wrong with that program, on its way to the screen.
    tell: mpsc::Sender<String>,
    wrongs: mpsc::Receiver<String>,
    lines: AlarmLines,
    log: &'a Log,
}

impl Stage<CrosstermBackend<Thin<Pen>>> for Real<'_> {
    fn suspend(&mut self, terminal: &mut Terminal<CrosstermBackend<Thin<Pen>>>) -> io::Result<()> {
        self.guard.suspend()?;
        term::redraw(terminal)
    }

    fn resume(&mut self, terminal: &mut Terminal<CrosstermBackend<Thin<Pen>>>) -> io::Result<()> {
        self.guard.resume()?;
        term::redraw(terminal)
    }

    fn mouse(&mut self, _: &mut Terminal<CrosstermBackend<Thin<Pen>>>, on: bool) -> io::Result<()> {
        self.guard.mouse(on);
        Ok(())
    }

    fn heed(&mut self, rules: &Rules) {
        if self.rules.command != rules.command {
            self.heard = alarming::program(rules.command.clone(), teller(self.log, &self.tell));
        }
        self.rules = rules.clone();
    }

    fn ring(&mut self, _: &mut Terminal<CrosstermBackend<Thin<Pen>>>, ring: &Ring) -> io::Result<()> {
        if let Some(heard) = &self.heard {
            let mut line = Vec::new();
            let names = (ring.feed.as_str(), ring.service.as_deref());
            self.lines.line(&ring.alarm, names, self.clock.anchor(), &mut line);
            // A program that is behind misses some.
            let _passed = heard.try_send(line);
        }
        if ring.alarm.state != State::Raised {
            return Ok(());
        }
        let note = self.rules.notify.then_some(ring.text.as_str());
        let mut pen = self.guard.pen();
        pen.write_all(alarming::signal(self.rules.bell, note, clipboard::in_tmux()).as_bytes())?;
        pen.flush()
    }

    fn written(&self) -> u64 {
        term::written()
    }

    fn trouble(&mut self) -> Option<String> {
        self.log.trouble().or_else(|| self.wrongs.try_recv().ok())
    }

    fn copy(&mut self, _: &mut Terminal<CrosstermBackend<Thin<Pen>>>, text: &str) -> io::Result<()> {
        let mut pen = self.guard.pen();
        pen.write_all(clipboard::copy(text, clipboard::in_tmux()).as_bytes())?;
        pen.flush()
    }
}
