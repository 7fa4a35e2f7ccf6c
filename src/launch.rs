//! From a plan to a running feed: its session, its driver's task, and the ends that others hold of it.

mod desk;

use std::collections::BTreeMap;
use std::sync::Arc;

use futures::FutureExt;
use tokio::sync::{mpsc, watch};
use tokio::task::JoinHandle;

use crate::event::{Command, FeedId, FeedInfo, Phases, Snapshot, Stamped, Why};
use crate::log::Log;
use crate::net::budget::Budgets;
use crate::net::dial::{DialLimits, dial};
use crate::net::target::{Places, Target};
use crate::net::teller::{Patience, Teller};
use crate::net::tls::Connector;
use crate::net::{Buffers, NotOpened, Wiring, drive};
use crate::session::{self, Call, Session};
use crate::time::Clock;

pub use self::desk::FeedDesk;

/// All that a feed needs to begin.
#[derive(Clone, Debug)]
pub struct FeedPlan {
    pub info: FeedInfo,
    /// What it is called in the user's file, if it is one of that.
    pub configured: Option<String>,
    pub target: Target,
    pub session: session::Plan,
}

/// A feed that runs.
#[derive(Debug)]
pub struct Running {
    pub info: FeedInfo,
    pub commands: mpsc::Sender<Command>,
    pub snapshots: watch::Receiver<Snapshot>,
    pub task: JoinHandle<()>,
}

pub type Feeds = BTreeMap<FeedId, Running>;

/// What becomes of the feeds that run.
#[derive(Clone, Debug)]
pub enum Change {
    Start(Box<FeedPlan>),
    End(FeedId),
    /// The old one ends, and another begins in its place.
    Replace(FeedId, Box<FeedPlan>),
}

impl Change {
    /// What begins with it.
    pub fn plan(&self) -> Option<&FeedPlan> {
        match self {
            Self::Start(plan) | Self::Replace(_, plan) => Some(plan),
            Self::End(_) => None,
        }
    }
}

/// What all feeds share.
#[derive(Debug)]
pub struct Launcher {
    pub clock: Clock,
    pub events: mpsc::Sender<Stamped>,
    pub patience: Patience,
    tls: Arc<Connector>,
    budgets: Budgets,
    /// Feeds that are to be, and one more hold for each that is.
    feeds: usize,
    alive: Arc<()>,
    log: Option<Log>,
}

/// Wishes that may wait for one feed; more of them than this say nothing new.
const COMMANDS: usize = 64;
/// Each link allocates its read buffer at once: few feeds read fast, many stay small.
const FEW: usize = 50;
const LARGE: usize = 128 << 10;
const SMALL: usize = 16 << 10;

impl Launcher {
    pub fn new(clock: Clock, events: mpsc::Sender<Stamped>, patience: Patience, feeds: usize) -> Self {
        let (tls, budgets) = (Arc::new(Connector::new()), Budgets::default());
        Self { clock, events, patience, tls, budgets, feeds, alive: Arc::new(()), log: None }
    }

    /// What happens to the feeds is written down there, too.
    #[must_use]
    pub fn logged(self, log: &Log) -> Self {
        Self { log: Some(log.clone()), ..self }
    }

    /// Starts a feed on the runtime of the caller.
    pub fn start(&self, plan: FeedPlan) -> Running {
        self.start_after(plan, std::future::ready(()))
    }

    /// The same, once something else has ended: a feed that stands in for another does not dial beside it.
    pub fn start_after(&self, plan: FeedPlan, ended: impl Future<Output = ()> + Send + 'static) -> Running {
        let FeedPlan { info, target, mut session, .. } = plan;
        session.wall = self.clock.anchor();
        let alive = Arc::clone(&self.alive);
        let feeds = self.feeds.max(Arc::strong_count(&alive) - 1);
        let (commands, wishes) = mpsc::channel(COMMANDS);
        let (shown, snapshots) = watch::channel(Snapshot::default());
        let log = self.log.as_ref().and_then(|log| log.reader(&info, &self.clock));
        let readers = log.map(|log| (log, Patience::Turns)).into_iter().chain([(self.events.clone(), self.patience)]);
        let wiring = Wiring {
            clock: self.clock.clone(),
            commands: wishes,
            teller: Teller::new(info.id, readers),
            snapshots: shown,
            sink: None,
            buffers: Buffers {
                read: if feeds > FEW { SMALL } else { LARGE },
                message: session.profile.limits.message,
                unwritten: Buffers::UNWRITTEN,
            },
            budget: self.budgets.of(&target.line()),
        };
        let (mut places, tls, clock) = (Places::new(target), Arc::clone(&self.tls), self.clock.clone());
        let dial = move |call: Call| {
            let (target, tls, clock) = (places.of(call), Arc::clone(&tls), clock.clone());
            async move {
                let target = target.map_err(|error| NotOpened {
                    why: Why::Program { text: error.to_string() },
                    phases: Phases::default(),
                })?;
                dial(&target, &tls, &clock, &DialLimits::default()).await
            }
            .boxed()
        };
        let task = tokio::spawn(async move {
            ended.await;
            drive(Session::new(session), dial, wiring).await;
            drop(alive);
        });
        Running { info, commands, snapshots, task }
    }
}
