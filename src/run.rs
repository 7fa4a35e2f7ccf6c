//! The loop that owns the screen: keys, frames, news. It waits for no network and no reader of the network waits for it.
//!
//! Generic over the backend and the stream of keys, so that a test is the user and sees what the user would.

use std::error::Error;
use std::io;
use std::time::Duration;

use crossterm::event::{Event as Input, MouseButton, MouseEventKind};
use futures::{Stream, StreamExt};
use ratatui::Terminal;
use ratatui::backend::Backend;
use ratatui::layout::{Position, Rect};
use tokio::sync::mpsc;
use tokio::time::{sleep_until, timeout};

use crate::app::pointer::Gesture;
use crate::app::ringing::Ring;
use crate::app::{App, Effect};
use crate::event::{Command, FeedId, Stamped};
use crate::launch::Feeds;
use crate::net::route;
use crate::say::Label;
use crate::term::{Signal, Watch};
use crate::time::{Clock, Ts};
use crate::ui;

/// The most news taken in before the next look at keys and frames.
const NEWS: usize = 256;
/// A frame that took longer to write than this makes the next ones rarer.
const SLOW_WRITE: Duration = Duration::from_millis(20);
/// The most time between two frames, however slow the terminal is.
const RAREST: Duration = Duration::from_millis(500);

/// What the loop is connected to.
pub struct Wiring<K> {
    pub clock: Clock,
    pub feeds: Feeds,
    pub news: mpsc::Receiver<Stamped>,
    pub keys: K,
    /// The least time between two frames.
    pub frame: Duration,
}

/// How the loop ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// The user quit.
    Quit,
    Signal(Signal),
}

/// What only the real terminal can do.
pub trait Stage<B: Backend> {
    /// Gives the terminal back, stops until we are continued, takes it again.
    fn suspend(&mut self, terminal: &mut Terminal<B>) -> io::Result<()>;
    /// We were continued: takes the terminal again.
    fn resume(&mut self, terminal: &mut Terminal<B>) -> io::Result<()>;
    /// Takes clicks and the wheel, or leaves them to the terminal.
    fn mouse(&mut self, _terminal: &mut Terminal<B>, _on: bool) -> io::Result<()> {
        Ok(())
    }
    /// Makes an alarm heard, where there is a way.
    fn ring(&mut self, _: &mut Terminal<B>, _: &Ring) -> io::Result<()> {
        Ok(())
    }
    /// What went wrong outside of the screen and is to be told on it, once.
    fn trouble(&mut self) -> Option<String> {
        None
    }
    /// Hands a text to the clipboard.
    fn copy(&mut self, terminal: &mut Terminal<B>, text: &str) -> io::Result<()>;
}

/// What comes from outside of the screen.
pub trait Signals {
    /// The next one. Cancel-safe.
    fn next(&mut self) -> impl Future<Output = Signal> + Send;
}

impl Signals for Watch {
    fn next(&mut self) -> impl Future<Output = Signal> + Send {
        self.next()
    }
}

/// How long the feeds may take to say goodbye.
const GOODBYE: Duration = Duration::from_millis(600);

impl<K> Wiring<K> {
    /// Ends every feed in order, as far as they end soon.
    pub async fn part(self) {
        let Self { feeds, news, .. } = self;
        drop(news);
        for feed in feeds.values() {
            // A feed whose queue is full ends when its queue is dropped.
            let _told = feed.commands.try_send(Command::Quit);
        }
        let ends = futures::future::join_all(feeds.into_values().map(|feed| feed.task));
        let _late = timeout(GOODBYE, ends).await;
    }
}

/// How long the word that the terminal is gone may take. Every call on it fails before.
const HUNG_UP: Duration = Duration::from_millis(300);

/// Runs until the user quits, the keys end, or a signal says so.
pub async fn run<B, K>(
    app: &mut App,
    terminal: &mut Terminal<B>,
    stage: &mut impl Stage<B>,
    wiring: &mut Wiring<K>,
    signals: &mut impl Signals,
) -> io::Result<End>
where
    B: Backend<Error: Into<Box<dyn Error + Send + Sync>>>,
    K: Stream<Item = io::Result<Input>> + Unpin,
{
    let done = turn(app, terminal, stage, wiring, signals).await;
    if done.is_ok() {
        return done;
    }
    let asked = async {
        loop {
            match signals.next().await {
                Signal::Resume | Signal::Suspend => {}
                signal @ (Signal::Terminate(_) | Signal::HangUp | Signal::Panicked) => return End::Signal(signal),
            }
        }
    };
    timeout(HUNG_UP, asked).await.or(done)
}

async fn turn<B, K>(
    app: &mut App,
    terminal: &mut Terminal<B>,
    stage: &mut impl Stage<B>,
    wiring: &mut Wiring<K>,
    signals: &mut impl Signals,
) -> io::Result<End>
where
    B: Backend<Error: Into<Box<dyn Error + Send + Sync>>>,
    K: Stream<Item = io::Result<Input>> + Unpin,
{
    let Wiring { clock, feeds, news, keys, frame } = wiring;
    let mut batch = Vec::with_capacity(NEWS);
    let mut pace = Pace { frame: *frame, next: Ts::ZERO, change: Ts::ZERO, dirty: true };
    app.resize(terminal.size().map_err(io::Error::other)?.width, terminal.size().map_err(io::Error::other)?.height);

    while !app.quit {
        if app.is_searching() {
            app.go_on();
            pace.dirty = true;
        }
        let now = clock.now();
        if let Some(trouble) = stage.trouble() {
            app.note = Some(trouble);
            pace.dirty = true;
        }
        for ring in app.ring(now) {
            stage.ring(terminal, &ring)?;
            pace.dirty = true;
        }
        if pace.dirty && pace.next <= now {
            look(app, feeds);
            app.look.anchor = clock.anchor();
            terminal.draw(|frame| ui::draw(frame, app, now)).map_err(io::Error::other)?;
            pace.drawn(now, clock.now(), app.next_change(now));
        }
        tokio::select! {
            biased;
            signal = signals.next() => match signal {
                Signal::Resume => {
                    stage.resume(terminal)?;
                    pace.dirty = true;
                }
                Signal::Suspend => {
                    stage.suspend(terminal)?;
                    pace.dirty = true;
                }
                Signal::Terminate(_) | Signal::HangUp | Signal::Panicked => return Ok(End::Signal(signal)),
            },
            key = keys.next() => match key.transpose()? {
                Some(input) => {
                    pace.dirty |= take(app, input, clock.now(), feeds, stage, terminal)?;
                }
                None => return Ok(End::Quit),
            },
            () = sleep_until(clock.instant(pace.wake())) => pace.dirty = true,
            count = news.recv_many(&mut batch, NEWS), if !news.is_closed() || !news.is_empty() => {
                batch.drain(..).for_each(|stamped| app.hear(stamped));
                if app.clusters.asks_route() {
                    app.clusters.route(route::has_default());
                }
                pace.dirty |= count > 0;
            }
            // A search goes on between all of these.
            () = std::future::ready(()), if app.is_searching() => {}
        }
    }
    Ok(End::Quit)
}

/// When the next frame may be drawn, and when the picture changes by itself.
struct Pace {
    frame: Duration,
    next: Ts,
    change: Ts,
    dirty: bool,
}

impl Pace {
    fn drawn(&mut self, before: Ts, after: Ts, change: Duration) {
        let took = after - before;
        let rest = if took > SLOW_WRITE { (took * 3).min(RAREST) } else { Duration::ZERO };
        self.next = after + self.frame.max(rest);
        self.change = after + change.max(self.frame);
        self.dirty = false;
    }

    fn wake(&self) -> Ts {
        if self.dirty { self.next } else { self.change.max(self.next) }
    }
}

/// The latest snapshots: countdowns and counters stay right even when every row was shed.
fn look(app: &mut App, feeds: &mut Feeds) {
    for (id, feed) in feeds.iter_mut() {
        if feed.snapshots.has_changed().unwrap_or(false) {
            app.see(*id, &feed.snapshots.borrow_and_update());
        }
    }
}

/// Takes in what the user did. Says whether the screen may look different now.
fn take<B>(
    app: &mut App,
    input: Input,
    now: Ts,
    feeds: &Feeds,
    stage: &mut impl Stage<B>,
    terminal: &mut Terminal<B>,
) -> io::Result<bool>
where
    B: Backend<Error: Into<Box<dyn Error + Send + Sync>>>,
{
    match input {
        Input::Key(key) => {
            let effect = app.press(key, now);
            carry_out(app, effect, feeds, stage, terminal)?;
        }
        Input::Mouse(mouse) => {
            let Some(gesture) = gesture(mouse.kind) else { return Ok(false) };
            let size = terminal.size().map_err(io::Error::other)?;
            let spot = ui::hit(app, Rect::from((Position::ORIGIN, size)), (mouse.column, mouse.row).into(), now);
            let effect = app.point(spot, gesture);
            carry_out(app, effect, feeds, stage, terminal)?;
        }
        Input::Resize(width, height) => app.resize(width, height),
        Input::Paste(text) => app.paste(&text),
        Input::FocusGained | Input::FocusLost => return Ok(false),
    }
    Ok(true)
}

fn carry_out<B: Backend>(
    app: &mut App,
    effect: Option<Effect>,
    feeds: &Feeds,
    stage: &mut impl Stage<B>,
    terminal: &mut Terminal<B>,
) -> io::Result<()> {
    match effect {
        Some(Effect::Send(feed, command)) => wish(app, feeds, feed, command),
        Some(Effect::Suspend) => stage.suspend(terminal)?,
        Some(Effect::Copy(text)) => stage.copy(terminal, &text)?,
        Some(Effect::Mouse(on)) => stage.mouse(terminal, on)?,
        None => {}
    }
    Ok(())
}

#[expect(
    clippy::wildcard_enum_match_arm,
    reason = "what the mouse may do is crossterm's, and most of it is nothing here"
)]
fn gesture(kind: MouseEventKind) -> Option<Gesture> {
    match kind {
        MouseEventKind::Down(MouseButton::Left) => Some(Gesture::Click),
        MouseEventKind::ScrollUp => Some(Gesture::WheelUp),
        MouseEventKind::ScrollDown => Some(Gesture::WheelDown),
        _ => None,
    }
}

/// Passes a wish on, or says that it could not be.
fn wish(app: &mut App, feeds: &Feeds, id: FeedId, command: Command) {
    let passed = feeds.get(&id).is_some_and(|feed| feed.commands.try_send(command).is_ok());
    if !passed {
        app.refused(Label::Busy.text(app.look.lang));
    }
}
