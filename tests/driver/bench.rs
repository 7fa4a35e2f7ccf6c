//! A driver whose every dial reaches the test, over pipes in memory. It judges nothing; that is the tests' part.

use std::io;
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use futures::FutureExt;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, DuplexStream, ReadBuf};
use tokio::sync::{mpsc, watch};
use tokio::task::JoinHandle;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::protocol::Role;
use wirebeat::event::{Command, Event, FeedId, Phases, Snapshot, Stamped, Why};
use wirebeat::net::extensions::Deflate;
use wirebeat::net::fault::Reset;
use wirebeat::net::teller::{Patience, Teller};
use wirebeat::net::{Buffers, Dial, NotOpened, Opened, Wiring, drive};
use wirebeat::profile::{self, ServiceSpec, bundled};
use wirebeat::session::{Call, Plan, Secrets, Session, To};
use wirebeat::time::{Clock, Ts, WallAnchor};

use crate::breaks::{Break, Breaks};

pub(crate) type Socket = WebSocketStream<DuplexStream>;

/// What is to be tried.
pub(crate) struct Setup {
    pub(crate) profile: &'static str,
    pub(crate) sets: &'static [&'static str],
    pub(crate) services: &'static [&'static str],
    /// Bytes that a pipe holds.
    pub(crate) pipe: usize,
    /// Bytes of one message.
    pub(crate) message: usize,
    pub(crate) dials: Dials,
    /// What was agreed of compression.
    pub(crate) deflate: Option<Deflate>,
}

impl Default for Setup {
    fn default() -> Self {
        Self {
            profile: "sub-heartbeat",
            sets: &[],
            services: &["a"],
            pipe: 1 << 16,
            message: 1 << 20,
            dials: Dials::Open,
            deflate: None,
        }
    }
}

/// What becomes of dials.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Dials {
    Open,
    Fail,
    Hang,
    /// Opens after so long.
    Late(Duration),
}

pub(crate) struct Bench {
    pub(crate) servers: mpsc::Receiver<Far>,
    pub(crate) events: mpsc::Receiver<Stamped>,
    pub(crate) commands: mpsc::Sender<Command>,
    pub(crate) snapshots: watch::Receiver<Snapshot>,
    pub(crate) clock: Clock,
    pub(crate) task: JoinHandle<()>,
    pub(crate) pipes: Arc<Pipes>,
}

/// The pipes that are open and the dials under way, as the network would see them.
#[derive(Debug, Default)]
pub(crate) struct Pipes {
    open: AtomicUsize,
    dialing: AtomicUsize,
    pub(crate) dials: AtomicUsize,
    /// Where they went.
    places: Mutex<Vec<To>>,
    /// A pipe or dial was begun while another was there.
    doubled: AtomicBool,
    pub(crate) breaks: Breaks,
}

impl Pipes {
    pub(crate) fn open(&self) -> usize {
        self.open.load(Ordering::SeqCst)
    }

    pub(crate) fn dialing(&self) -> usize {
        self.dialing.load(Ordering::SeqCst)
    }

    pub(crate) fn dials(&self) -> usize {
        self.dials.load(Ordering::SeqCst)
    }

    pub(crate) fn places(&self) -> Vec<To> {
        self.places.lock().unwrap().clone()
    }

    pub(crate) fn doubled(&self) -> bool {
        self.doubled.load(Ordering::SeqCst)
    }

    fn begin(self: &Arc<Self>, of: fn(&Self) -> &AtomicUsize) -> Held {
        of(self).fetch_add(1, Ordering::SeqCst);
        Held { pipes: Arc::clone(self), of }
    }
}

/// Counts for as long as it lives.
struct Held {
    pipes: Arc<Pipes>,
    of: fn(&Pipes) -> &AtomicUsize,
}

impl Drop for Held {
    fn drop(&mut self) {
        (self.of)(&self.pipes).fetch_sub(1, Ordering::SeqCst);
    }
}

/// A reader who is fast enough.
pub(crate) fn bench(setup: &Setup) -> Bench {
    let (queue, events) = mpsc::channel(4096);
    bench_with(setup, [(queue, Patience::Shed)], events)
}

pub(crate) fn bench_with(
    setup: &Setup,
    readers: impl IntoIterator<Item = (mpsc::Sender<Stamped>, Patience)>,
    events: mpsc::Receiver<Stamped>,
) -> Bench {
    let sets: Vec<_> = setup.sets.iter().map(|&set| set.to_owned()).collect();
    let profile = profile::build::load(bundled::find(setup.profile).unwrap(), &bundled::find, &sets).unwrap();
    let spec = |&name: &&str| ServiceSpec { name: name.to_owned(), enabled: true, ..ServiceSpec::default() };
    let session = Session::new(Plan {
        profile: Arc::new(profile),
        services: setup.services.iter().map(spec).collect(),
        seed: 1,
        wall: WallAnchor(0),
        secrets: Secrets::default(),
    });
    let clock = Clock::start();
    let (commands, wishes) = mpsc::channel(64);
    let (shown, snapshots) = watch::channel(Snapshot::default());
    let pipes = Arc::new(Pipes::default());
    let (tell, servers) = mpsc::channel(64);
    let wiring = Wiring {
        clock: clock.clone(),
        commands: wishes,
        teller: Teller::new(FeedId(0), readers),
        snapshots: shown,
        sink: None,
        buffers: Buffers { read: 4096, message: setup.message, unwritten: Buffers::UNWRITTEN },
        budget: wirebeat::net::budget::Budget::default(),
    };
    let (pipe, dials, deflate) = (setup.pipe, setup.dials, setup.deflate);
    let dial = {
        let pipes = Arc::clone(&pipes);
        move |call: Call| {
            pipes.places.lock().unwrap().push(call.to);
            dial(pipe, dials, deflate, &pipes, tell.clone())
        }
    };
    let task = tokio::spawn(drive(session, dial, wiring));
    Bench { servers, events, commands, snapshots, clock, task, pipes }
}

fn dial(
    size: usize,
    dials: Dials,
    deflate: Option<Deflate>,
    pipes: &Arc<Pipes>,
    tell: mpsc::Sender<Far>,
) -> Dial<Near> {
    if pipes.open() + pipes.dialing() > 0 {
        pipes.doubled.store(true, Ordering::SeqCst);
    }
    pipes.dials.fetch_add(1, Ordering::SeqCst);
    let dialing = pipes.begin(|pipes| &pipes.dialing);
    let pipes = Arc::clone(pipes);
    async move {
        let _dialing = dialing;
        match dials {
            Dials::Open => {}
            Dials::Late(delay) => tokio::time::sleep(delay).await,
            Dials::Hang => std::future::pending().await,
            Dials::Fail => {
                let why = Why::Refused { address: "127.0.0.1:1".to_owned() };
                return Err(NotOpened { why, phases: Phases::default() });
            }
        }
        let (io, far) = tokio::io::duplex(size);
        let reset = Arc::new(AtomicBool::new(false));
        let held = pipes.begin(|pipes| &pipes.open);
        let io = Near { io, reset: Arc::clone(&reset), held, broken: None };
        tell.try_send(Far { io: far, reset }).unwrap();
        Ok(Opened { io, leftover: Vec::new(), phases: Phases::default(), address: None, subprotocol: None, deflate })
    }
    .boxed()
}

/// The driver's end of a pipe.
pub(crate) struct Near {
    io: DuplexStream,
    /// It does not end, it breaks.
    reset: Arc<AtomicBool>,
    held: Held,
    /// What it has come to for good.
    broken: Option<Break>,
}

impl Near {
    /// What becomes of the next operation, where it is not left alone.
    fn breaks(&mut self) -> Option<Break> {
        let next = self.held.pipes.breaks.next();
        if let Some(Break::Error(_) | Break::End) = next {
            self.broken = next;
        }
        self.broken.or(next)
    }
}

impl AsyncRead for Near {
    fn poll_read(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let near = self.get_mut();
        match near.breaks() {
            Some(Break::Error(kind) | Break::Once(kind)) => return Poll::Ready(Err(kind.into())),
            Some(Break::End) => return Poll::Ready(Ok(())),
            Some(Break::Later) => return Breaks::later(cx),
            Some(Break::Little) => {
                let mut one = buf.take(1);
                ready!(Pin::new(&mut near.io).poll_read(cx, &mut one))?;
                let count = one.filled().len();
                buf.advance(count);
                return Poll::Ready(Ok(()));
            }
            None => {}
        }
        let before = buf.filled().len();
        ready!(Pin::new(&mut near.io).poll_read(cx, buf))?;
        if buf.filled().len() == before && near.reset.load(Ordering::SeqCst) {
            return Poll::Ready(Err(io::ErrorKind::ConnectionReset.into()));
        }
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for Near {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        let near = self.get_mut();
        let buf = match near.breaks() {
            Some(Break::Error(kind) | Break::Once(kind)) => return Poll::Ready(Err(kind.into())),
            Some(Break::End) => return Poll::Ready(Ok(0)),
            Some(Break::Later) => return Breaks::later(cx),
            Some(Break::Little) => &buf[..buf.len().min(1)],
            None => buf,
        };
        Pin::new(&mut near.io).poll_write(cx, buf)
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let near = self.get_mut();
        match near.breaks() {
            Some(Break::Error(kind) | Break::Once(kind)) => Poll::Ready(Err(kind.into())),
            Some(Break::Later) => Breaks::later(cx),
            Some(Break::End | Break::Little) | None => Pin::new(&mut near.io).poll_flush(cx),
        }
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let near = self.get_mut();
        match near.breaks() {
            Some(Break::Error(kind) | Break::Once(kind)) => Poll::Ready(Err(kind.into())),
            Some(Break::Later) => Breaks::later(cx),
            Some(Break::End | Break::Little) | None => Pin::new(&mut near.io).poll_shutdown(cx),
        }
    }
}

impl Reset for Near {}

/// The server's end of a pipe.
pub(crate) struct Far {
    pub(crate) io: DuplexStream,
    reset: Arc<AtomicBool>,
}

impl Far {
    pub(crate) async fn socket(self) -> Socket {
        WebSocketStream::from_raw_socket(self.io, Role::Server, None).await
    }

    /// TCP's end without order.
    pub(crate) fn reset(self) {
        self.reset.store(true, Ordering::SeqCst);
    }

    pub(crate) async fn write(&mut self, bytes: &[u8]) {
        self.io.write_all(bytes).await.unwrap();
    }

    /// The next frame of the client: its first byte and its payload without the mask.
    pub(crate) async fn frame(&mut self) -> (u8, Vec<u8>) {
        let first = self.io.read_u8().await.unwrap();
        let second = self.io.read_u8().await.unwrap();
        assert_eq!(second & 0x80, 0x80, "a client masks");
        let length = match second & 0x7F {
            126 => usize::from(self.io.read_u16().await.unwrap()),
            length => usize::from(length),
        };
        let mut mask = [0; 4];
        self.io.read_exact(&mut mask).await.unwrap();
        let mut payload = vec![0; length];
        self.io.read_exact(&mut payload).await.unwrap();
        payload.iter_mut().zip(mask.iter().cycle()).for_each(|(byte, key)| *byte ^= key);
        (first, payload)
    }
}

/// A frame of a server, with a payload below 126 bytes.
pub(crate) fn frame(first: u8, payload: &[u8]) -> Vec<u8> {
    [&[first, u8::try_from(payload.len()).unwrap()], payload].concat()
}

impl Bench {
    pub(crate) async fn server(&mut self) -> Far {
        soon(self.servers.recv()).await.unwrap()
    }

    /// The first event of that kind, and when it happened.
    pub(crate) async fn wait<T>(&mut self, wanted: impl FnMut(Event) -> Option<T>) -> (Ts, T) {
        wait(&mut self.events, wanted).await
    }

    pub(crate) async fn opened(&mut self) -> Ts {
        self.wait(|event| matches!(event, Event::Open { .. }).then_some(())).await.0
    }

    pub(crate) async fn closed(&mut self) -> (Ts, Why) {
        self.wait(closed).await
    }

    pub(crate) async fn command(&self, command: Command) {
        self.commands.send(command).await.unwrap();
    }

    /// Everything that has been told and not been looked at.
    pub(crate) fn told(&mut self) -> Vec<Event> {
        std::iter::from_fn(|| self.events.try_recv().ok()).map(|stamped| stamped.event).collect()
    }
}

pub(crate) async fn wait<T>(
    events: &mut mpsc::Receiver<Stamped>,
    mut wanted: impl FnMut(Event) -> Option<T>,
) -> (Ts, T) {
    let found = async {
        loop {
            let Stamped { at, event, .. } = events.recv().await.expect("a driver");
            if let Some(found) = wanted(event) {
                return (at, found);
            }
        }
    };
    soon(found).await
}

/// Within an hour of made-up time, which is over at once when nothing happens any more.
pub(crate) async fn soon<T>(future: impl Future<Output = T>) -> T {
    tokio::time::timeout(Duration::from_hours(1), future).await.expect("it within the hour")
}

pub(crate) fn closed(event: Event) -> Option<Why> {
    if let Event::Closed { why, .. } = event { Some(why) } else { None }
}

/// The rest of the world goes on for so long.
pub(crate) async fn pass(time: Duration) {
    tokio::time::sleep(time).await;
}

#[track_caller]
pub(crate) fn about(is: Duration, wanted: Duration) {
    // A timer has milliseconds.
    let near = wanted..=wanted + Duration::from_millis(3);
    assert!(near.contains(&is), "{is:?}, not {wanted:?}");
}
