//! The loop that owns the screen: keys, frames, news. It waits for no network and no reader of the network waits for it.
//!
//! Generic over the backend and the stream of keys, so that a test is the user and sees what the user would.

mod fleet;
mod pace;
mod supply;

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

pub use self::fleet::Fleet;
use self::pace::{Cost, Pace};
pub use self::supply::{Delivery, Dress, Supplier};
use crate::app::pointer::Gesture;
use crate::app::ringing::Ring;
use crate::app::{App, Effect};
use crate::event::alarm::Rules;
use crate::event::{Command, FeedId, Stamped};
use crate::launch::Feeds;
use crate::net::route;
use crate::say::Label;
use crate::term::{Signal, Watch};
use crate::time::{Clock, Ts};
use crate::ui;

/// The most news taken in before the next look at keys and frames.
const NEWS: usize = 256;

/// What the loop is connected to.
pub struct Wiring<K, S> {
    pub clock: Clock,
    pub fleet: Fleet,
    pub news: mpsc::Receiver<Stamped>,
    pub keys: K,
    pub supplier: S,
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
    /// Bytes that went to the terminal so far; where that is not known, none, and frames are not held against a line.
    fn written(&self) -> u64 {
        0
    }
    /// Alarms go by other rules from now on.
    fn heed(&mut self, _: &Rules) {}
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

impl<K, S> Wiring<K, S> {
    /// Ends every feed in order, as far as they end soon.
    pub async fn part(self) {
        drop(self.news);
        self.fleet.part().await;
    }
}

/// How long the word that the terminal is gone may take. Every call on it fails before.
const HUNG_UP: Duration = Duration::from_millis(300);

/// Runs until the user quits, the keys end, or a signal says so.
pub async fn run<B, K, S>(
    app: &mut App,
    terminal: &mut Terminal<B>,
    stage: &mut impl Stage<B>,
    wiring: &mut Wiring<K, S>,
    signals: &mut impl Signals,
) -> io::Result<End>
where
    S: Supplier,
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

async fn turn<B, K, S>(
    app: &mut App,
    terminal: &mut Terminal<B>,
    stage: &mut impl Stage<B>,
    wiring: &mut Wiring<K, S>,
    signals: &mut impl Signals,
) -> io::Result<End>
where
    S: Supplier,
    B: Backend<Error: Into<Box<dyn Error + Send + Sync>>>,
    K: Stream<Item = io::Result<Input>> + Unpin,
{
    let Wiring { clock, fleet, news, keys, supplier, frame } = wiring;
    let mut batch = Vec::with_capacity(NEWS);
    let mut pace = Pace::new(*frame);
    let size = terminal.size().map_err(io::Error::other)?;
    app.resize(size.width, size.height);
    pace.resize(size.width, size.height);

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
        if pace.may_draw(now) {
            look(app, &mut fleet.running);
            app.look.anchor = clock.anchor();
            if pace.shows_messages(now) {
                app.history.show_newest();
            }
            let before = stage.written();
            terminal.draw(|frame| ui::draw(frame, app, now)).map_err(io::Error::other)?;
            let bytes = stage.written().saturating_sub(before);
            pace.drawn(Cost { began: now, ended: clock.now(), bytes }, app.next_change(now));
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
                    if let Input::Resize(width, height) = input {
                        pace.resize(width, height);
                    }
                    let (changed, effect) = take(app, input, clock.now(), terminal)?;
                    if changed {
                        pace.key();
                    }
                    match effect {
                        Some(Effect::Send(feed, command)) => wish(app, &fleet.running, feed, command),
                        Some(Effect::Suspend) => stage.suspend(terminal)?,
                        Some(Effect::Copy(text)) => stage.copy(terminal, &text)?,
                        Some(Effect::Mouse(on)) => stage.mouse(terminal, on)?,
                        Some(Effect::Ask(errand)) => supplier.send(errand),
                        Some(Effect::Remove(feed)) => {
                            supply::remove(feed, clock.now(), app, fleet, supplier, (stage, terminal))?;
                        }
                        // Done where the sizes are known.
                        Some(Effect::Grow(_)) | None => {}
                    }
                }
                None => return Ok(End::Quit),
            },
            delivery = supplier.next() => {
                pace.frame = delivery.frame.unwrap_or(pace.frame);
                supply::take_in(delivery, clock.now(), app, fleet, supplier, (stage, terminal))?;
                pace.dirty = true;
            }
            () = sleep_until(clock.instant(pace.wake())) => pace.dirty = true,
            count = news.recv_many(&mut batch, NEWS), if !news.is_closed() || !news.is_empty() => {
                batch.drain(..).for_each(|stamped| app.hear(stamped));
                if app.clusters.asks_route() {
                    app.clusters.route(route::has_default());
                }
                if count > 0 {
                    pace.news();
                }
            }
            // A search goes on between all of these.
            () = std::future::ready(()), if app.is_searching() => {}
        }
    }
    Ok(End::Quit)
}

/// The latest snapshots: countdowns and counters stay right even when every row was shed.
fn look(app: &mut App, feeds: &mut Feeds) {
    for (id, feed) in feeds.iter_mut() {
        if feed.snapshots.has_changed().unwrap_or(false) {
            app.see(*id, &feed.snapshots.borrow_and_update());
        }
    }
}

/// Takes in what the user did. Says whether the screen may look different now, and what is to be done.
fn take<B>(app: &mut App, input: Input, now: Ts, terminal: &Terminal<B>) -> io::Result<(bool, Option<Effect>)>
where
    B: Backend<Error: Into<Box<dyn Error + Send + Sync>>>,
{
    let size = terminal.size().map_err(io::Error::other)?;
    let area = Rect::from((Position::ORIGIN, size));
    app.sight = ui::sizing::sight(app, area, now);
    let mut effect = None;
    match input {
        Input::Key(key) => {
            effect = app.press(key, now);
            if let Some(Effect::Grow(by)) = effect {
                let sizes = ui::sizing::grown(app, area, by, now);
                app.resize_panes(sizes, by > 0);
            }
        }
        Input::Mouse(mouse) => {
            let at = (mouse.column, mouse.row).into();
            if pull(app, mouse.kind, area, at, now) {
                return Ok((true, None));
            }
            let Some(gesture) = gesture(mouse.kind) else { return Ok((false, None)) };
            let spot = ui::hit(app, area, at, now);
            effect = app.point(spot, gesture);
        }
        Input::Resize(width, height) => app.resize(width, height),
        Input::Paste(text) => app.paste(&text),
        Input::FocusGained | Input::FocusLost => return Ok((false, None)),
    }
    Ok((true, effect))
}

/// A rule that is taken, pulled at and let go. Says whether the mouse did one of these.
#[expect(
    clippy::wildcard_enum_match_arm,
    reason = "what the mouse may do is crossterm's, and most of it is nothing here"
)]
fn pull(app: &mut App, kind: MouseEventKind, area: Rect, at: Position, now: Ts) -> bool {
    match kind {
        MouseEventKind::Down(MouseButton::Left) => app.grip = ui::sizing::grip(app, area, at, now),
        MouseEventKind::Drag(MouseButton::Left) => {
            if let Some(sizes) = app.grip.and_then(|grip| ui::sizing::pulled(app, area, grip, at, now)) {
                app.sizes = sizes;
            }
        }
        MouseEventKind::Up(_) => app.grip = None,
        _ => return false,
    }
    app.grip.is_some()
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
