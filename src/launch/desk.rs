//! A script of faults on feeds of our own: each step becomes a wish of its feed, which carries it out and tells of it. What
//! is announced before it begins is told here.

use std::future::Future;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use tokio::sync::mpsc;

use super::{FeedPlan, Feeds, Launcher};
use crate::event::{Command, Event, FaultState, FeedId, FeedInfo, Stamped};
use crate::fault::{Desk, DeskError, Fault, FaultId, Script};
use crate::net::play::{Notice, play};
use crate::say::Lang;

/// Where faults of our own links are asked for.
#[derive(Debug)]
pub struct FeedDesk {
    feeds: Vec<Place>,
    lang: Lang,
    script: Option<Arc<Script>>,
    ids: AtomicU64,
}

#[derive(Debug)]
struct Place {
    id: FeedId,
    name: String,
    services: Vec<String>,
    /// None before the feeds run. It keeps none running.
    commands: Option<mpsc::WeakSender<Command>>,
}

impl FeedDesk {
    /// To hold a script against feeds that do not run yet.
    pub fn planned(feeds: &[FeedPlan]) -> Self {
        Self::new(feeds.iter().map(|feed| place(&feed.info, None)).collect(), Lang::En)
    }

    pub fn of(feeds: &Feeds, lang: Lang) -> Self {
        let places = feeds.values().map(|feed| place(&feed.info, Some(feed.commands.downgrade())));
        Self::new(places.collect(), lang)
    }

    fn new(feeds: Vec<Place>, lang: Lang) -> Self {
        Self { feeds, lang, script: None, ids: AtomicU64::new(0) }
    }

    /// Plays it to its end, as long as there are feeds.
    pub fn play(self, script: Script, launcher: &Launcher) -> impl Future<Output = ()> + Send + use<> {
        let (events, clock) = (launcher.events.downgrade(), launcher.clock.clone());
        let script = Arc::new(script);
        let desk = Self { script: Some(Arc::clone(&script)), ..self };
        let names: Vec<_> = desk.feeds.iter().map(|feed| (feed.name.clone(), feed.id)).collect();
        let chinese = desk.lang == Lang::ZhCn;
        let (tell, mut told) = mpsc::channel::<Notice>(64);
        let announce = async move {
            while let Some(notice) = told.recv().await {
                let feed = names.iter().find(|(name, _)| *name == notice.feed).map(|(_, id)| *id);
                // What begins and ends is told by the feed itself.
                if let (FaultState::Soon, Some(feed), Some(events)) = (notice.state, feed, events.upgrade()) {
                    let at = clock.now();
                    let event = Event::Fault(notice.fault(chinese, at));
                    // A reader who left misses it.
                    let _ = events.send(Stamped { n: 0, at, feed, event }).await;
                }
            }
        };
        async move {
            tokio::join!(play(&script, &desk, tell), announce);
        }
    }

    /// What the step says that this fault is of.
    fn text(&self, fault: &Fault) -> String {
        let steps = self.script.iter().flat_map(|script| &script.steps);
        let step = steps.into_iter().find(|step| std::ptr::eq(&raw const step.fault, fault));
        let said = step.map(|step| if self.lang == Lang::ZhCn { &step.say_zh } else { &step.say });
        said.map_or_else(String::new, ToString::to_string)
    }
}

fn place(info: &FeedInfo, commands: Option<mpsc::WeakSender<Command>>) -> Place {
    Place { id: info.id, name: info.name.clone(), services: info.services.clone(), commands }
}

impl Desk for FeedDesk {
    fn feeds(&self) -> Vec<String> {
        self.feeds.iter().map(|feed| feed.name.clone()).collect()
    }

    fn services(&self, feed: &str) -> Vec<String> {
        let found = self.feeds.iter().find(|known| known.name == feed);
        found.map(|known| known.services.clone()).unwrap_or_default()
    }

    fn start(&self, feed: &str, fault: &Fault, lasts: Duration) -> Result<FaultId, DeskError> {
        let unknown = || DeskError::UnknownFeed { feed: feed.to_owned(), known: self.feeds() };
        let place = self.feeds.iter().find(|known| known.name == feed).ok_or_else(unknown)?;
        let commands = place.commands.as_ref().and_then(mpsc::WeakSender::upgrade).ok_or_else(unknown)?;
        let inject = Command::Inject { fault: Box::new(fault.clone()), lasts, text: self.text(fault) };
        commands.try_send(inject).map_err(|_| DeskError::Full)?;
        Ok(FaultId(self.ids.fetch_add(1, Ordering::Relaxed)))
    }
}
