//! The feeds that run, and those that are on their way out. Which they are is decided elsewhere.

use std::time::Duration;

use tokio::task::JoinHandle;
use tokio::time::timeout;

use crate::event::{Command, FeedId};
use crate::launch::{FeedPlan, Feeds, Launcher};

/// How long the feeds may take to say goodbye.
const GOODBYE: Duration = Duration::from_millis(600);

pub struct Fleet {
    pub running: Feeds,
    launcher: Launcher,
    leaving: Vec<JoinHandle<()>>,
}

impl Fleet {
    /// Of feeds that this launcher has started.
    pub fn new(launcher: Launcher, running: Feeds) -> Self {
        Self { running, launcher, leaving: Vec::new() }
    }

    pub(super) fn start(&mut self, plan: FeedPlan) {
        self.running.insert(plan.info.id, self.launcher.start(plan));
    }

    /// A feed ends in order.
    pub(super) fn end(&mut self, id: FeedId) {
        self.leaving.retain(|task| !task.is_finished());
        let task = self.dismiss(id);
        self.leaving.extend(task);
    }

    /// A feed ends in order, and then another begins.
    pub(super) fn replace(&mut self, old: FeedId, plan: FeedPlan) {
        let task = self.dismiss(old);
        let ended = async {
            if let Some(task) = task {
                // However it ended.
                let _ended = task.await;
            }
        };
        self.running.insert(plan.info.id, self.launcher.start_after(plan, ended));
    }

    fn dismiss(&mut self, id: FeedId) -> Option<JoinHandle<()>> {
        let feed = self.running.remove(&id)?;
        // A feed whose queue is full ends when its queue is dropped.
        let _told = feed.commands.try_send(Command::Quit);
        Some(feed.task)
    }

    /// Ends every feed in order, as far as they end soon.
    pub(super) async fn part(mut self) {
        let ids: Vec<_> = self.running.keys().copied().collect();
        for id in ids {
            self.end(id);
        }
        let _late = timeout(GOODBYE, futures::future::join_all(self.leaving)).await;
    }
}
