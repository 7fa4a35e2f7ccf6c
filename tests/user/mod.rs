//! Who sits before the screen in a test: keys to press, a screen to look at, and the loop with its feeds around them.

use std::io;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use crossterm::event::{Event as Input, KeyCode, KeyEvent, KeyModifiers};
use futures::SinkExt;
use futures::channel::mpsc as keyboard;
use ratatui::Terminal;
use ratatui::backend::{Backend, ClearType, TestBackend, WindowSize};
use ratatui::buffer::Cell;
use ratatui::layout::{Position, Size};
use tokio::sync::{mpsc, watch};
use wirebeat::app::coming::Errand;
use wirebeat::app::{App, Look};
use wirebeat::event::{FeedId, Snapshot, Stamped};
use wirebeat::launch::{FeedPlan, Feeds, Launcher};
use wirebeat::net::target::Target;
use wirebeat::net::teller::Patience;
use wirebeat::plan;
use wirebeat::run::{self, Delivery, End, Fleet, Signals, Stage, Supplier, Wiring};
use wirebeat::term::Signal;
use wirebeat::time::Clock;

/// The most that the user waits for anything.
pub(crate) const PATIENCE: Duration = Duration::from_secs(20);

/// A screen that the loop draws on and the user looks at.
#[derive(Clone)]
pub(crate) struct Screen {
    backend: Arc<Mutex<TestBackend>>,
    drawn: watch::Sender<u64>,
}

impl Screen {
    fn new(width: u16, height: u16) -> Self {
        Self { backend: Arc::new(Mutex::new(TestBackend::new(width, height))), drawn: watch::Sender::new(0) }
    }

    pub(crate) fn text(&self) -> String {
        self.backend.lock().unwrap().to_string()
    }

    pub(crate) fn resize(&self, width: u16, height: u16) {
        self.backend.lock().unwrap().resize(width, height);
    }
}

impl Backend for Screen {
    type Error = core::convert::Infallible;

    fn draw<'a, I: Iterator<Item = (u16, u16, &'a Cell)>>(&mut self, content: I) -> Result<(), Self::Error> {
        let mut backend = self.backend.lock().unwrap();
        // The terminal may have become smaller since the frame was made.
        let area = backend.buffer().area;
        backend.draw(content.filter(|(x, y, _)| area.contains(Position::new(*x, *y))))
    }

    fn hide_cursor(&mut self) -> Result<(), Self::Error> {
        self.backend.lock().unwrap().hide_cursor()
    }

    fn show_cursor(&mut self) -> Result<(), Self::Error> {
        self.backend.lock().unwrap().show_cursor()
    }

    fn get_cursor_position(&mut self) -> Result<Position, Self::Error> {
        self.backend.lock().unwrap().get_cursor_position()
    }

    fn set_cursor_position<P: Into<Position>>(&mut self, position: P) -> Result<(), Self::Error> {
        self.backend.lock().unwrap().set_cursor_position(position)
    }

    fn clear(&mut self) -> Result<(), Self::Error> {
        self.backend.lock().unwrap().clear()
    }

    fn clear_region(&mut self, region: ClearType) -> Result<(), Self::Error> {
        self.backend.lock().unwrap().clear_region(region)
    }

    fn size(&self) -> Result<Size, Self::Error> {
        self.backend.lock().unwrap().size()
    }

    fn window_size(&mut self) -> Result<WindowSize, Self::Error> {
        self.backend.lock().unwrap().window_size()
    }

    fn flush(&mut self) -> Result<(), Self::Error> {
        self.drawn.send_modify(|count| *count += 1);
        Ok(())
    }
}

#[derive(Default)]
struct Still {
    suspended: usize,
    clipboard: Arc<Mutex<Vec<String>>>,
}

impl Stage<Screen> for Still {
    fn suspend(&mut self, _: &mut Terminal<Screen>) -> io::Result<()> {
        self.suspended += 1;
        Ok(())
    }

    fn resume(&mut self, _: &mut Terminal<Screen>) -> io::Result<()> {
        Ok(())
    }

    fn copy(&mut self, _: &mut Terminal<Screen>, text: &str) -> io::Result<()> {
        self.clipboard.lock().unwrap().push(text.to_owned());
        Ok(())
    }
}

/// No feed comes from anywhere.
struct Nobody;

impl Supplier for Nobody {
    fn send(&mut self, errand: Errand) {
        panic!("nobody is there for {errand:?}");
    }

    async fn next(&mut self) -> Delivery {
        std::future::pending().await
    }

    fn gone(&mut self, _: FeedId) {}
}

struct Outside(mpsc::Receiver<Signal>);

impl Signals for Outside {
    async fn next(&mut self) -> Signal {
        match self.0.recv().await {
            Some(signal) => signal,
            None => std::future::pending().await,
        }
    }
}

/// Who sits before the screen.
pub(crate) struct User {
    pub(crate) keys: keyboard::Sender<io::Result<Input>>,
    pub(crate) signals: mpsc::Sender<Signal>,
    pub(crate) screen: Screen,
    pub(crate) snapshots: Vec<watch::Receiver<Snapshot>>,
    pub(crate) events: mpsc::Sender<Stamped>,
    /// What was copied, in order.
    pub(crate) clipboard: Arc<Mutex<Vec<String>>>,
}

impl User {
    pub(crate) async fn does(&mut self, input: Input) {
        // The loop may have ended.
        let _sent = self.keys.send(Ok(input)).await;
    }

    pub(crate) async fn press(&mut self, keys: &str) {
        for key in keys.chars() {
            self.does(Input::Key(KeyEvent::new(KeyCode::Char(key), KeyModifiers::NONE))).await;
        }
    }

    /// Waits until the screen is as wanted.
    pub(crate) async fn sees(&self, what: &str, wanted: impl Fn(&str) -> bool) {
        let mut drawn = self.screen.drawn.subscribe();
        let seen = async {
            while !wanted(&self.screen.text()) {
                drawn.changed().await.unwrap();
            }
        };
        let seen = tokio::time::timeout(PATIENCE, seen).await;
        assert!(seen.is_ok(), "never seen: {what}. The screen:\n{}", self.screen.text());
    }

    pub(crate) async fn sees_text(&self, text: &str) {
        self.sees(text, |screen| screen.contains(text)).await;
    }

    /// Waits for so many more frames.
    pub(crate) async fn frames(&self, count: u64) {
        let mut drawn = self.screen.drawn.subscribe();
        let until = *drawn.borrow() + count;
        let waited = tokio::time::timeout(PATIENCE, drawn.wait_for(|drawn| *drawn >= until)).await;
        assert!(waited.is_ok(), "no frames");
    }

    pub(crate) fn opens(&self) -> u64 {
        self.snapshots.iter().map(|snapshot| snapshot.borrow().counters.opens).sum()
    }
}

pub(crate) fn feed(id: u32, name: &str, url: &str, profile: &str, services: &[&str], sets: &[&str]) -> FeedPlan {
    let sets: Vec<_> = sets.iter().map(|&set| set.to_owned()).collect();
    let profile = plan::load_profile(profile, &sets).unwrap();
    let services = services.iter().map(|name| plan::service(&profile, name)).collect::<Result<_, _>>().unwrap();
    plan::plan(FeedId(id), name.to_owned(), Target::parse(url).unwrap(), profile, services, 1).unwrap()
}

/// Runs the loop over these feeds, and the user beside it. The loop has to have ended when the user is done.
pub(crate) async fn sit<U>(feeds: Vec<FeedPlan>, size: (u16, u16), user: impl FnOnce(User) -> U) -> End
where
    U: Future<Output = ()>,
{
    sit_with(feeds, size, |_| {}, Nobody, user).await
}

/// The same with faults allowed.
pub(crate) async fn sit_allowed<U>(feeds: Vec<FeedPlan>, size: (u16, u16), user: impl FnOnce(User) -> U) -> End
where
    U: Future<Output = ()>,
{
    sit_with(feeds, size, |app| app.faults_allowed = true, Nobody, user).await
}

/// The same where feeds come from somewhere.
pub(crate) async fn sit_supplied<U>(
    feeds: Vec<FeedPlan>,
    size: (u16, u16),
    supplier: impl Supplier,
    user: impl FnOnce(User) -> U,
) -> End
where
    U: Future<Output = ()>,
{
    sit_with(feeds, size, |_| {}, supplier, user).await
}

/// The same with an app that was set as the user has it.
pub(crate) async fn sit_set<U>(
    feeds: Vec<FeedPlan>,
    size: (u16, u16),
    set: impl FnOnce(&mut App),
    user: impl FnOnce(User) -> U,
) -> End
where
    U: Future<Output = ()>,
{
    sit_with(feeds, size, set, Nobody, user).await
}

async fn sit_with<U>(
    feeds: Vec<FeedPlan>,
    size: (u16, u16),
    set: impl FnOnce(&mut App),
    supplier: impl Supplier,
    user: impl FnOnce(User) -> U,
) -> End
where
    U: Future<Output = ()>,
{
    let clock = Clock::start();
    let screen = Screen::new(size.0, size.1);
    let mut app = App::new(feeds.iter().map(|feed| feed.info.clone()).collect(), Look::default());
    set(&mut app);
    let mut terminal = Terminal::new(screen.clone()).unwrap();
    let (events, news) = mpsc::channel(1024);
    let launcher = Launcher::new(clock.clone(), events.clone(), Patience::Shed, feeds.len());
    let feeds: Feeds = feeds.into_iter().map(|feed| (feed.info.id, launcher.start(feed))).collect();
    let (keys, pressed) = keyboard::channel(64);
    let (signals, outside) = mpsc::channel(4);
    let snapshots = feeds.values().map(|feed| feed.snapshots.clone()).collect();
    let fleet = Fleet::new(launcher, feeds);
    let mut wiring = Wiring { clock, fleet, news, keys: pressed, supplier, frame: Duration::from_millis(10) };
    let mut stage = Still::default();
    let clipboard = Arc::clone(&stage.clipboard);
    let someone = user(User { keys, signals, screen, snapshots, events, clipboard });
    let mut outside = Outside(outside);
    let runs = run::run(&mut app, &mut terminal, &mut stage, &mut wiring, &mut outside);
    let both = futures::future::join(runs, someone);
    let (end, ()) = tokio::time::timeout(PATIENCE * 2, both).await.expect("the loop ends when the user is done");
    wiring.part().await;
    end.unwrap()
}
