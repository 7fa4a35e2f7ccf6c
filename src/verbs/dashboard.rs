//! The dashboard on the real terminal: what it is made of, and how it is given back. It knows no verb.

use std::io::{self, Write};
use std::time::Duration;

use crossterm::event::EventStream;
use ratatui::Terminal;
use ratatui::backend::CrosstermBackend;
use tokio::sync::mpsc;

use super::newcomer::Newcomer;
use super::{Failure, NEWS, alarming, start};
use crate::app::ringing::Ring;
use crate::app::theme::Themes;
use crate::app::{App, Look};
use crate::config::{Ui, When};
use crate::event::alarm::{Alarms, Rules, State};
use crate::headless::AlarmLines;
use crate::launch::{FeedPlan, Feeds, Launcher};
use crate::log::{Level, Log};
use crate::net::teller::Patience;
use crate::run::{self, End, Stage};
use crate::say::{self, Lang};
use crate::term::{self, Guard, Options, Over, Pen, Watch, clipboard};
use crate::time::Clock;

/// Bytes for the messages of all feeds together, as far as they are kept to be looked at.
const HISTORY: usize = 64 << 20;
/// Frames a second, where nobody says otherwise.
const FPS: u8 = 30;

/// What is around the screen.
pub(super) struct Extras<'a> {
    pub(super) themes: Themes,
    pub(super) log: &'a Log,
    pub(super) newcomer: Newcomer,
    /// More was asked for than a screen tells.
    pub(super) verbose: bool,
}

/// Runs the screen on the calling thread until it ends. `begin` is called once the feeds run.
pub(super) async fn dashboard(
    feeds: Vec<FeedPlan>,
    ui: Ui,
    filters: Vec<(String, String)>,
    rules: Option<Rules>,
    allow_faults: bool,
    extras: Extras<'_>,
    begin: impl FnOnce(&Launcher, &Feeds),
) -> Result<u8, Failure> {
    let clock = Clock::start();
    let Extras { themes, log, newcomer, verbose } = extras;
    let look = Look {
        lang: language(ui),
        anchor: clock.anchor(),
        zone: clock.zone().clone(),
        colour: colour(ui.color.unwrap_or_default()),
        themes,
        ascii: ascii(ui),
        budget: HISTORY,
    };
    let mut app = App::new(feeds.iter().map(|feed| feed.info.clone()).collect(), look);
    (app.utc, app.faults_allowed) = (ui.utc, allow_faults);
    app.filter.saved = filters;
    app.hand.mouse = ui.mouse.unwrap_or(true);
    app.note = app.unseen_theme();
    if verbose && !log.wants(Level::Error) {
        app.note = Some(say::screen::no_log(app.look.lang).to_owned());
    }
    app.greeting = newcomer.is_greeted();
    app.columns = ui.columns.unwrap_or_default();
    let rules = rules.unwrap_or_default();
    let heard = alarming::program(rules.command.clone());
    app.alarms = Alarms::new(rules.clone());
    let mut watch = Watch::start(Over::Screen)?;
    let guard =
        Guard::take(Options { mouse: app.hand.mouse }).map_err(|error| Failure { code: 2, text: error.to_string() })?;
    let mut terminal = Terminal::new(CrosstermBackend::new(guard.pen()))?;
    let (events, news) = mpsc::channel(NEWS);
    let launcher = Launcher::new(clock.clone(), events, Patience::Shed, feeds.len()).logged(log);
    let feeds = start(&launcher, feeds);
    begin(&launcher, &feeds);
    let frame = Duration::from_secs(1) / u32::from(ui.fps.unwrap_or(FPS).max(1));
    let mut wiring = run::Wiring { clock, feeds, news, keys: EventStream::new(), frame };
    let (clock, lines) = (wiring.clock.clone(), AlarmLines::default());
    let mut real = Real { guard: &guard, clock, rules, heard, lines, log };
    let end = run::run(&mut app, &mut terminal, &mut real, &mut wiring, &mut watch).await;
    guard.leave();
    term::last_words();
    wiring.part().await;
    drop(launcher);
    log.drain().await;
    if !app.greeting {
        newcomer.remember();
    }
    match end? {
        End::Quit => Ok(0),
        End::Signal(signal) => Ok(signal.exit_code().unwrap_or(0)),
    }
}

struct Real<'a> {
    guard: &'a Guard,
    clock: Clock,
    rules: Rules,
    heard: Option<mpsc::Sender<Vec<u8>>>,
    lines: AlarmLines,
    log: &'a Log,
}

impl Stage<CrosstermBackend<Pen>> for Real<'_> {
    fn suspend(&mut self, terminal: &mut Terminal<CrosstermBackend<Pen>>) -> io::Result<()> {
        self.guard.suspend()?;
        term::redraw(terminal)
    }

    fn resume(&mut self, terminal: &mut Terminal<CrosstermBackend<Pen>>) -> io::Result<()> {
        self.guard.resume()?;
        term::redraw(terminal)
    }

    fn mouse(&mut self, _: &mut Terminal<CrosstermBackend<Pen>>, on: bool) -> io::Result<()> {
        self.guard.mouse(on);
        Ok(())
    }

    fn ring(&mut self, _: &mut Terminal<CrosstermBackend<Pen>>, ring: &Ring) -> io::Result<()> {
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

    fn trouble(&mut self) -> Option<String> {
        self.log.trouble()
    }

    fn copy(&mut self, _: &mut Terminal<CrosstermBackend<Pen>>, text: &str) -> io::Result<()> {
        let mut pen = self.guard.pen();
        pen.write_all(clipboard::copy(text, clipboard::in_tmux()).as_bytes())?;
        pen.flush()
    }
}

/// The locale is for all programs, so that what is said to this one goes before it.
pub(super) fn language(ui: Ui) -> Lang {
    ui.lang.unwrap_or_else(|| {
        let locale = ["LC_ALL", "LC_MESSAGES", "LANG"];
        let set = locale.iter().find_map(|name| std::env::var(name).ok().filter(|value| !value.is_empty()));
        Lang::of_locale(&set.unwrap_or_default())
    })
}

/// Marks of two columns, or none at all, are what a terminal makes of them that does not expect UTF-8.
pub(super) fn ascii(ui: Ui) -> bool {
    ui.ascii.unwrap_or_else(|| {
        let locale = ["LC_ALL", "LC_CTYPE", "LANG"];
        let set = locale.iter().find_map(|name| std::env::var(name).ok().filter(|value| !value.is_empty()));
        set.is_some_and(|locale| !is_utf8(&locale))
    })
}

fn is_utf8(locale: &str) -> bool {
    let locale = locale.to_ascii_lowercase();
    locale.contains("utf-8") || locale.contains("utf8")
}

/// A screen that asks for no colour gets none, unless this program is told otherwise (<https://no-color.org>).
fn colour(when: When) -> bool {
    match when {
        When::Always => true,
        When::Never => false,
        When::Auto => std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_locale_says_whether_it_is_utf_8() {
        for utf8 in ["en_US.UTF-8", "C.utf8", "zh_CN.UTF-8@pinyin", "UTF-8"] {
            assert!(is_utf8(utf8), "{utf8}");
        }
        for other in ["C", "POSIX", "zh_CN.GB18030", "de_DE@euro", "en_US"] {
            assert!(!is_utf8(other), "{other}");
        }
    }

    #[test]
    fn the_user_goes_before_the_locale() {
        assert!(ascii(Ui { ascii: Some(true), ..Ui::default() }));
        assert!(!ascii(Ui { ascii: Some(false), ..Ui::default() }));
    }
}
