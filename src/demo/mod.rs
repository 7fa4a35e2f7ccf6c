//! The embedded server and its faults: it speaks the protocol of the bundled profile `sub-heartbeat` at several paths
//! of one loopback port, and breaks down on request. It knows nothing of feeds, sessions or screens.

mod desk;
mod endpoint;
mod link;
mod pongs;
mod upgrade;
mod world;

pub use desk::FaultDesk;

use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, broadcast, mpsc, watch};
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};

use crate::net::fault::Faults;
use crate::time::Clock;
use desk::Door;
use endpoint::{Endpoint, Item};
use world::{PATHS, World};

/// More links than these are turned away, unless told otherwise.
const LINKS: usize = 1_000;
/// A client that is behind for so long is let go.
const PATIENCE: Duration = Duration::from_secs(10);
/// How long the links may take to part when the server stops.
const PARTING: Duration = Duration::from_secs(1);

/// The tour of `wirebeat demo`: every state within two minutes.
pub const TOUR: &str = include_str!("../../assets/demo/tour.toml");

/// A link opened, or ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Visit {
    pub path: &'static str,
    /// Counts from 1.
    pub link: u64,
    pub open: bool,
}

/// Bound first, then run: its URLs are known before anything happens.
#[derive(Debug)]
pub struct Server {
    listener: TcpListener,
    address: SocketAddr,
    clock: Clock,
    desk: FaultDesk,
    endpoints: Vec<Endpoint>,
    patience: Duration,
    links: usize,
    visits: Option<mpsc::Sender<Visit>>,
}

impl Server {
    /// Messages are the same for the same seed, apart from their time.
    pub async fn bind(address: SocketAddr, seed: u64) -> io::Result<Self> {
        let listener = TcpListener::bind(address).await?;
        let address = listener.local_addr()?;
        let clock = Clock::start();
        let mut doors = Vec::new();
        let mut endpoints = Vec::new();
        for (place, (path, services)) in PATHS.into_iter().enumerate() {
            let (edits, edited) = mpsc::channel(64);
            let (standing, cuts) = (watch::Sender::default(), broadcast::Sender::new(16));
            let bytes = Faults::new(clock.clone(), seed);
            let door = Door { path, services, standing, cuts, edits, bytes };
            endpoints.push(Endpoint::new(clock.clone(), World::new(place, seed), &door, edited));
            doors.push(door);
        }
        let desk = FaultDesk::new(clock.clone(), doors);
        Ok(Self { listener, address, clock, desk, endpoints, patience: PATIENCE, links: LINKS, visits: None })
    }

    /// A client that does not read for so long is let go.
    #[must_use]
    pub fn patience(self, patience: Duration) -> Self {
        Self { patience, ..self }
    }

    /// More links than these are turned away.
    #[must_use]
    pub fn links(self, links: usize) -> Self {
        Self { links, ..self }
    }

    /// Who comes and leaves is told, as far as there is room.
    #[must_use]
    pub fn watched(self, visits: mpsc::Sender<Visit>) -> Self {
        Self { visits: Some(visits), ..self }
    }

    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The URL of a path, with or without its slash.
    pub fn url(&self, path: &str) -> String {
        format!("ws://{}/{}", self.address, path.trim_start_matches('/'))
    }

    /// Its paths and their services.
    pub fn feeds() -> &'static [(&'static str, &'static [&'static str])] {
        &PATHS
    }

    pub fn faults(&self) -> FaultDesk {
        self.desk.clone()
    }

    /// Serves until `shutdown`, then says goodbye to every link.
    pub async fn run(self, shutdown: impl Future<Output = ()>) {
        let Self { listener, clock, desk, endpoints, patience, links: most, visits, .. } = self;
        let (stop, stopped) = watch::channel(false);
        let mut worlds = JoinSet::new();
        let mut items = Vec::new();
        for endpoint in endpoints {
            items.push(endpoint.items());
            worlds.spawn(endpoint.run());
        }
        let house = Arc::new(House { clock, desk, items, patience, opened: AtomicU64::new(0), visits });
        let room = Arc::new(Semaphore::new(most.min(Semaphore::MAX_PERMITS)));
        let mut links = JoinSet::new();
        tokio::pin!(shutdown);
        loop {
            tokio::select! {
                () = &mut shutdown => break,
                Some(_) = links.join_next() => {}
                accepted = listener.accept() => {
                    let Ok((stream, _)) = accepted else {
                        // Out of descriptors, as a rule: some link has to end first.
                        sleep(Duration::from_millis(50)).await;
                        continue;
                    };
                    let Ok(permit) = Arc::clone(&room).try_acquire_owned() else {
                        upgrade::turn_away(&stream);
                        continue;
                    };
                    let (house, stopped) = (Arc::clone(&house), stopped.clone());
                    links.spawn(async move {
                        house.receive(stream, stopped).await;
                        drop(permit);
                    });
                }
            }
        }
        drop(listener);
        // Without a link there is nobody to tell.
        let _ = stop.send(true);
        let parting = async { while links.join_next().await.is_some() {} };
        // Those who take longer are cut off.
        let _ = timeout(PARTING, parting).await;
    }
}

/// What every link needs.
struct House {
    clock: Clock,
    desk: FaultDesk,
    /// In the order of the paths.
    items: Vec<broadcast::Sender<Item>>,
    patience: Duration,
    opened: AtomicU64,
    visits: Option<mpsc::Sender<Visit>>,
}

impl House {
    async fn receive(&self, stream: TcpStream, mut stopped: watch::Receiver<bool>) {
        // Late small messages are the only harm if the system does not know the option.
        let _ = stream.set_nodelay(true);
        let opened = tokio::select! {
            _ = stopped.changed() => return,
            opened = upgrade::upgrade(stream, &self.desk, &self.clock) => opened,
        };
        let Some(opened) = opened else { return };
        let place = PATHS.iter().position(|(path, _)| *path == opened.door.path);
        let Some(items) = place.and_then(|place| self.items.get(place)) else { return };
        let visit = Visit { path: opened.door.path, link: self.opened.fetch_add(1, Ordering::Relaxed) + 1, open: true };
        self.tell(visit);
        link::serve(opened, items.subscribe(), &self.clock, self.patience, stopped).await;
        self.tell(Visit { open: false, ..visit });
    }

    fn tell(&self, visit: Visit) {
        // A listener that is behind misses some.
        let _told = self.visits.as_ref().map(|visits| visits.try_send(visit));
    }
}
