//! A relay between clients of others and their server: it dials once for each client, passes frames, and puts faults
//! between them. What it sees it tells; it judges nothing and draws nothing.

mod desk;
mod door;
mod form;
mod frame;
mod garbage;
pub mod lines;
mod link;
mod reader;
mod seen;
mod sieve;
mod tap;
mod teller;

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use futures::FutureExt as _;
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::sync::{mpsc, watch};
use tokio::task::JoinSet;
use tokio::time::{sleep, sleep_until, timeout};

pub use self::desk::RelayDesk;
pub use self::door::Dialer;
use self::door::House;
pub use self::reader::Book;
pub use self::seen::{ClientId, Left, Passed, Seen, Turned, What};
use self::teller::Teller;
use crate::net::budget::Budget;
use crate::net::dial::{DialLimits, dial};
use crate::net::target::Target;
use crate::net::tls::Connector;
use crate::net::transport::Transport;
use crate::profile::{Profile, Rate, ServiceSpec};
use crate::time::Clock;

/// More clients than these are turned away.
const CLIENTS: usize = 100;
const PARTING: Duration = Duration::from_secs(1);

/// What a relay is made of.
pub struct Plan {
    pub target: Target,
    pub profile: Arc<Profile>,
    pub services: Vec<ServiceSpec>,
    pub seed: u64,
    /// So many dials to the server in so long.
    pub rate: Option<Rate>,
}

/// Bound first, then run: its URL is known before anybody comes.
pub struct Relay {
    listener: TcpListener,
    address: SocketAddr,
    path: String,
    house: Arc<House<Transport>>,
}

impl Relay {
    pub async fn bind(address: SocketAddr, plan: Plan, clock: Clock) -> io::Result<(Self, mpsc::Receiver<Seen>)> {
        let listener = TcpListener::bind(address).await?;
        let address = listener.local_addr()?;
        let (tell, seen) = mpsc::channel(teller::ROOM);
        let Plan { target, profile, services, seed, rate } = plan;
        let path = target.bare_path();
        let book = Arc::new(Book::new(profile, services));
        let desk = RelayDesk::new(clock.clone(), &path, book.services(), seed);
        let dialer = dialer(clock.clone(), rate);
        let teller = Teller::new(tell);
        let own = address.to_string();
        let house = Arc::new(House { clock, target, own, book, desk, teller, dialer, seed });
        Ok((Self { listener, address, path, house }, seen))
    }

    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Where clients connect. The query of the target is not in it.
    pub fn url(&self) -> String {
        let host = match self.address {
            // Whoever listens everywhere is found here, too.
            SocketAddr::V4(at) if at.ip().is_unspecified() => format!("127.0.0.1:{}", at.port()),
            SocketAddr::V6(at) if at.ip().is_unspecified() => format!("[::1]:{}", at.port()),
            SocketAddr::V4(_) | SocketAddr::V6(_) => self.address.to_string(),
        };
        format!("ws://{host}{}", self.path)
    }

    pub fn desk(&self) -> RelayDesk {
        self.house.desk.clone()
    }

    /// Relays until `stop`, then says goodbye to every client.
    pub async fn run(self, mut stop: watch::Receiver<bool>) {
        let Self { listener, address, house, .. } = self;
        let mut listener = Some(listener);
        let mut clients = JoinSet::new();
        let mut last = ClientId(0);
        let mut standing = house.desk.standing.subscribe();
        loop {
            let now = house.clock.now();
            let shut = desk::closed(&standing.borrow_and_update(), now);
            // A port that nobody listens on is what refuses.
            match (shut, &listener) {
                (Some(_), Some(_)) => listener = None,
                (None, None) => listener = listen_again(address).ok(),
                (Some(_), None) | (None, Some(_)) => {}
            }
            let again = shut.unwrap_or(now + if listener.is_some() { Duration::from_hours(1) } else { PARTING });
            let accept = async {
                match &listener {
                    Some(listener) => listener.accept().await,
                    None => std::future::pending().await,
                }
            };
            tokio::select! {
                _ = stop.changed() => break,
                changed = standing.changed() => if changed.is_err() { break },
                Some(_) = clients.join_next() => {}
                () = sleep_until(house.clock.instant(again)) => {}
                accepted = accept => {
                    let Ok((stream, from)) = accepted else {
                        // Out of descriptors, as a rule: some link has to end first.
                        sleep(Duration::from_millis(50)).await;
                        continue;
                    };
                    last = ClientId(last.0.wrapping_add(1));
                    let client = last;
                    house.teller.tell(house.clock.now(), What::Knocked { client, from: from.to_string() });
                    if clients.len() >= CLIENTS {
                        house.teller.tell(house.clock.now(), What::Turned { client, how: Turned::Full });
                        continue;
                    }
                    let (house, stop) = (Arc::clone(&house), stop.clone());
                    clients.spawn(async move {
                        // Late small messages are the only harm if the system does not know the option.
                        let _ = stream.set_nodelay(true);
                        house.receive::<TcpStream>(client, stream, stop).await;
                    });
                }
            }
        }
        let parting = async { while clients.join_next().await.is_some() {} };
        // Those who take longer are cut off.
        let _ = timeout(PARTING, parting).await;
    }
}

fn listen_again(address: SocketAddr) -> io::Result<TcpListener> {
    let socket = if address.is_ipv4() { TcpSocket::new_v4() } else { TcpSocket::new_v6() }?;
    socket.set_reuseaddr(true)?;
    socket.bind(address)?;
    socket.listen(1024)
}

/// Dials as our own feeds do, in the line of the dials that the host allows.
fn dialer(clock: Clock, rate: Option<Rate>) -> Dialer<Transport> {
    let (tls, budget) = (Arc::new(Connector::new()), Budget::default());
    Arc::new(move |target: Target| {
        let (clock, tls, budget) = (clock.clone(), Arc::clone(&tls), budget.clone());
        async move {
            if let Some(rate) = rate {
                let now = clock.now();
                sleep_until(clock.instant(now + budget.book(rate, now))).await;
            }
            dial(&target, &tls, &clock, &DialLimits::default()).await
        }
        .boxed()
    })
}
