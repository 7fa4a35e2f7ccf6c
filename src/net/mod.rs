//! The hands of a session: one task a feed, and in it one `select!`.
//!
//! Everything that can happen is one arm, so that nothing that blocks (a dial, a full socket, a silent server, a slow
//! reader) keeps the deadline or the user waiting. Nothing is decided here.

pub mod budget;
pub mod dial;
pub mod extensions;
pub mod fault;
mod hands;
pub mod inflate;
pub mod knock;
pub mod link;
mod pace;
pub mod play;
mod program;
pub mod proxy;
pub mod refusal;
pub mod route;
pub mod target;
pub mod teller;
pub mod tls;
pub mod transport;
pub mod upgrade;
pub mod walker;

use std::future::poll_fn;
use std::task::{Context, Poll};
use std::time::Duration;

use futures::future::BoxFuture;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::sync::{mpsc, watch};
use tokio::task::coop::unconstrained;
use tokio::time::sleep_until;

use self::budget::Budget;
use self::extensions::Deflate;
use self::fault::{Faults, Reset};
use self::hands::{Hands, say_goodbye, wait_for};
pub use self::link::Buffers;
use self::link::{Heard, Link};
use self::pace::{LATE, Pace};
use self::teller::Teller;
use self::walker::Walker;
use crate::event::{Command, Gen, Phases, Snapshot, Why};
use crate::session::{Call, Input, Outputs, SendId, Session};
use crate::time::{Clock, Ts};

/// A connection on which the WebSocket is open, and what came with the answer to the upgrade.
#[derive(Debug)]
pub struct Opened<S> {
    pub io: S,
    /// What came in the wake of the server's answer: the first bytes of frames.
    pub leftover: Vec<u8>,
    pub phases: Phases,
    /// IP address and port; with a proxy the server's name and port, and the proxy.
    pub address: Option<String>,
    pub subprotocol: Option<String>,
    pub deflate: Option<Deflate>,
}

/// A dial that came to nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NotOpened {
    pub why: Why,
    pub phases: Phases,
}

/// A dial under way.
pub type Dial<S> = BoxFuture<'static, Result<Opened<S>, NotOpened>>;

/// Takes down everything that a session is told, so that it can be told again.
pub trait InputSink: Send {
    fn take(&mut self, now: Ts, input: &Input<'_>);
}

/// What a driver is connected to.
pub struct Wiring {
    pub clock: Clock,
    pub commands: mpsc::Receiver<Command>,
    pub teller: Teller,
    pub snapshots: watch::Sender<Snapshot>,
    pub sink: Option<Box<dyn InputSink>>,
    pub buffers: Buffers,
    /// The line of the dials of all feeds of the host.
    pub budget: Budget,
}

/// The most frames taken from a socket before everything else gets its turn.
const FRAMES: usize = 256;
/// The most turns of reading before a verdict; a socket that is not dry by then is not silent.
const DRAIN: usize = 64;
/// How long a feed may take to end.
const FAREWELL: Duration = Duration::from_millis(800);

/// Runs `session` until it is told to quit or nobody listens any more.
pub async fn drive<S>(session: Session, mut dial: impl FnMut(Call) -> Dial<S>, wiring: Wiring)
where
    S: AsyncRead + AsyncWrite + Reset + Unpin + Send + 'static,
{
    let Wiring { clock, mut commands, mut teller, snapshots, sink, buffers, budget } = wiring;
    let mut hands = Hands::new(Faults::new(clock.clone(), session.seed()));
    let mut mind = Mind { session, out: Outputs::new(), sink, flushed: Vec::new() };
    let mut pace = Pace::new(&clock);
    let mut quit_by: Option<Ts> = None;

    mind.tell(clock.now(), Input::Start);
    loop {
        let now = clock.now();
        // One turn, from what was decided to what happens next: show, obey, wait. Shown before told: who is woken by an
        // event finds the state that goes with it.
        pace.show(now, &mut mind.session, &snapshots);
        hands.obey(now, &mut mind.out, &mut dial, &mut teller);
        while let Some((link, rate)) = hands.booking.take() {
            mind.tell(now, Input::Booked { link, wait: budget.book(rate, now) });
            hands.obey(now, &mut mind.out, &mut dial, &mut teller);
        }
        if quit_by.is_some_and(|by| now >= by || (hands.are_empty() && !teller.is_owing())) {
            return;
        }
        if teller.is_alone() && quit_by.is_none() {
            quit_by = Some(now + FAREWELL);
            mind.tell(now, Input::Command(Command::Quit));
            continue;
        }
        if let Some(news) = pace.hold(now, teller.is_full()) {
            mind.tell(now, news);
        }
        let wake = [mind.session.wake(), pace.wake(), quit_by].into_iter().flatten().min();
        let reading = !teller.is_full();

        tokio::select! {
            biased;
            command = commands.recv(), if quit_by.is_none() => {
                let now = clock.now();
                let command = command.unwrap_or(Command::Quit);
                if command == Command::Quit {
                    quit_by = Some(now + FAREWELL);
                }
                mind.tell(now, Input::Command(command));
            }
            () = teller.room(now), if teller.is_owing() => {}
            (link, dialed) = wait_for(&mut hands.dialing) => {
                hands.dialing = None;
                let now = clock.now();
                match dialed {
                    Ok(Opened { io, leftover, phases, address, subprotocol, deflate }) => {
                        let io = Walker::new(hands.faults.link(io), leftover, clock.clone());
                        hands.place = address.clone().unwrap_or_default();
                        hands.hold(Link::new(link, io, buffers, deflate).await);
                        let extensions = deflate.map(|deflate| deflate.to_string());
                        mind.tell(now, Input::Dialed { link, phases, address, subprotocol, extensions });
                    }
                    Err(NotOpened { why, phases }) => mind.tell(now, Input::DialFailed { link, why, phases }),
                }
            }
            (link, result) = program::done(&mut hands.running) => {
                mind.tell(clock.now(), Input::RunDone { link, result });
            }
            () = say_goodbye(&mut hands.closing, &clock) => hands.closing = None,
            () = sleep_until(clock.instant(wake.unwrap_or(now + Duration::from_hours(1)))) => {
                let now = clock.now();
                let late = wake.map_or(Duration::ZERO, |wake| now - wake);
                let slept = pace.slept(now, &clock).max(if late > LATE { late } else { Duration::ZERO });
                if slept > Duration::ZERO {
                    mind.tell(now, Input::Slept(slept));
                }
                if mind.session.wake().is_some_and(|wake| wake <= now) {
                    // A verdict may rest only on a socket just drained, whatever else kept us from reading it.
                    for link in hands.links() {
                        unconstrained(drain(link, &mut mind, &clock)).await;
                    }
                    mind.tell(clock.now(), Input::Tick);
                }
                if clock.follow_wall() {
                    mind.tell(now, Input::Wall(clock.anchor()));
                }
            }
            () = tend(&mut hands.link, &mut hands.successor, &mut mind, (&clock, &mut pace), reading) => {
                pace.rest().await;
            }
        }
    }
}

/// The session, what it wants done, and who takes down what it is told.
struct Mind {
    session: Session,
    out: Outputs,
    sink: Option<Box<dyn InputSink>>,
    flushed: Vec<SendId>,
}

impl Mind {
    fn tell(&mut self, now: Ts, input: Input<'_>) {
        if let Some(sink) = &mut self.sink {
            sink.take(now, &input);
        }
        self.session.handle(now, input, &mut self.out);
    }

    /// Takes in what the link has, as far as it has something, and no more than a turn's worth.
    fn poll_read<S>(&mut self, cx: &mut Context<'_>, link: &mut Link<S>, clock: &Clock) -> Poll<()>
    where
        S: AsyncRead + AsyncWrite + Unpin,
    {
        let number = link.number;
        // A write is dated by its beginning: the answer may overtake our return from it.
        let written = link.is_writing().then(|| clock.now());
        let mut at = None;
        let mut frames = 0;
        let mut dry = false;
        let mut end = None;
        while frames < FRAMES && end.is_none() && !dry {
            match link.poll_next(cx, &mut self.flushed) {
                Poll::Ready(heard) => {
                    // The bytes of what was just read, if reading was needed, came in just now.
                    let life = link.take_life();
                    if life.bytes > 0 || at.is_none() {
                        let now = life.at.unwrap_or_else(|| clock.now());
                        at = Some(now);
                        if life.bytes > 0 {
                            self.tell(now, Input::Bytes { link: number, count: life.bytes, midway: life.midway });
                        }
                    }
                    match heard {
                        Heard::Frame(opcode, payload) => {
                            self.tell(at.unwrap_or_default(), Input::Frame(number, opcode, &payload));
                        }
                        Heard::Closed(why) => end = Some(why),
                    }
                    frames += 1;
                }
                Poll::Pending => dry = true,
            }
        }
        let life = link.take_life();
        if life.bytes > 0 {
            let now = life.at.unwrap_or_else(|| clock.now());
            self.tell(now, Input::Bytes { link: number, count: life.bytes, midway: life.midway });
        }
        if frames == 0 && life.bytes == 0 && self.flushed.is_empty() {
            return Poll::Pending;
        }
        let now = clock.now();
        self.tell_flushed(number, written.unwrap_or(now));
        if dry || end.is_some() {
            self.tell(now, Input::Dry);
        }
        if let Some(why) = end {
            self.tell(now, Input::Closed(number, why));
        }
        Poll::Ready(())
    }

    /// A server must not take us for dead because our own reader is slow.
    fn poll_write<S>(&mut self, cx: &mut Context<'_>, link: &mut Link<S>, clock: &Clock) -> Poll<()>
    where
        S: AsyncRead + AsyncWrite + Unpin,
    {
        let now = clock.now();
        if let Err(why) = link.poll_send(cx, &mut self.flushed) {
            self.tell(now, Input::Closed(link.number, why));
        } else if self.flushed.is_empty() {
            return Poll::Pending;
        }
        self.tell_flushed(link.number, now);
        Poll::Ready(())
    }

    fn tell_flushed(&mut self, link: Gen, at: Ts) {
        let mut flushed = std::mem::take(&mut self.flushed);
        flushed.drain(..).for_each(|id| self.tell(at, Input::Flushed(link, id)));
        self.flushed = flushed;
    }
}

/// Writes what is to be written, and reads unless our own reader is slow.
async fn tend<S>(
    one: &mut Option<Link<S>>,
    other: &mut Option<Link<S>>,
    mind: &mut Mind,
    (clock, pace): (&Clock, &mut Pace),
    reading: bool,
) where
    S: AsyncRead + AsyncWrite + Unpin,
{
    poll_fn(|cx| {
        // What a link tells after a sleep is heard as such.
        if pace.doubts(clock) {
            let now = clock.now();
            mind.tell(now, Input::Slept(pace.slept(now, clock)));
        }
        let mut moved = Poll::Pending;
        for link in one.iter_mut().chain(&mut *other) {
            let done = if reading { mind.poll_read(cx, link, clock) } else { mind.poll_write(cx, link, clock) };
            if done.is_ready() {
                moved = Poll::Ready(());
            }
        }
        moved
    })
    .await;
}

/// Reads until the socket is dry, within bounds.
async fn drain<S: AsyncRead + AsyncWrite + Unpin>(link: &mut Link<S>, mind: &mut Mind, clock: &Clock) {
    poll_fn(|cx| {
        for _ in 0..DRAIN {
            if mind.poll_read(cx, link, clock).is_pending() {
                break;
            }
        }
        Poll::Ready(())
    })
    .await;
}
