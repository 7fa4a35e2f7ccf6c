//! A driver that holds two links for a while, and runs the program of a login: over pipes in memory, on made-up time.

#![expect(clippy::unwrap_used, clippy::wildcard_enum_match_arm, reason = "a test may")]

use std::sync::Arc;
use std::time::Duration;

use futures::{FutureExt, SinkExt, StreamExt};
use tokio::io::DuplexStream;
use tokio::sync::{mpsc, watch};
use tokio::task::JoinHandle;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::protocol::Role;
use wirebeat::event::{Command, Event, FeedId, Phase, Phases, Snapshot, Stamped, Why};
use wirebeat::net::budget::Budget;
use wirebeat::net::teller::{Patience, Teller};
use wirebeat::net::{Buffers, Dial, Opened, Wiring, drive};
use wirebeat::profile::matcher::{Match, Scalar, Subject, Test};
use wirebeat::profile::template::Template;
use wirebeat::profile::{self, AuthCommand, Profile, Rate, ServiceSpec, Step, bundled};
use wirebeat::session::{Call, Plan, Secrets, Session};
use wirebeat::time::{Clock, WallAnchor};

type Socket = WebSocketStream<DuplexStream>;

struct Feed {
    servers: mpsc::Receiver<DuplexStream>,
    events: mpsc::Receiver<Stamped>,
    commands: mpsc::Sender<Command>,
    snapshots: watch::Receiver<Snapshot>,
    task: JoinHandle<()>,
}

fn profile() -> Profile {
    let source = bundled::find("sub-heartbeat").unwrap();
    let mut profile = profile::build::load(source, &bundled::find, &[]).unwrap();
    profile.heartbeats.clear();
    profile
}

fn step(send: &str, expect: &str) -> Step {
    let wanted = Test::AnyOf(vec![Scalar::Text(expect.to_owned())]);
    Step {
        run: None,
        send: Some(Template::parse(send, true).unwrap()),
        resume: None,
        expect: Some(Match(vec![(Subject::parse("/op").unwrap(), wanted)])),
        reject: None,
        text: None,
        capture: Vec::new(),
        timeout: Duration::from_secs(10),
    }
}

fn start(profile: Profile, budget: Budget) -> Feed {
    let spec = ServiceSpec { name: "a".to_owned(), enabled: true, ..ServiceSpec::default() };
    let session = Session::new(Plan {
        profile: Arc::new(profile),
        services: vec![spec],
        seed: 1,
        wall: WallAnchor(0),
        secrets: Secrets::default(),
    });
    let (dialed, servers) = mpsc::channel(8);
    let (told, events) = mpsc::channel(4096);
    let (commands, wishes) = mpsc::channel(8);
    let (shown, snapshots) = watch::channel(Snapshot::default());
    let dial = move |_: Call| -> Dial<DuplexStream> {
        let dialed = dialed.clone();
        async move {
            let (near, far) = tokio::io::duplex(1 << 16);
            dialed.send(far).await.unwrap();
            let phases = Phases::default();
            Ok(Opened { io: near, leftover: Vec::new(), phases, address: None, subprotocol: None, deflate: None })
        }
        .boxed()
    };
    let wiring = Wiring {
        clock: Clock::start(),
        commands: wishes,
        teller: Teller::new(FeedId(0), [(told, Patience::Wait)]),
        snapshots: shown,
        sink: None,
        buffers: Buffers { read: 4096, message: 1 << 20, unwritten: Buffers::UNWRITTEN },
        budget,
    };
    Feed { servers, events, commands, snapshots, task: tokio::spawn(drive(session, dial, wiring)) }
}

impl Feed {
    async fn accept(&mut self) -> Socket {
        WebSocketStream::from_raw_socket(self.servers.recv().await.unwrap(), Role::Server, None).await
    }

    /// The next event that is one of those.
    async fn event<T>(&mut self, wanted: impl Fn(&Event) -> Option<T>) -> T {
        loop {
            let told = tokio::time::timeout(Duration::from_secs(1000), self.events.recv()).await.unwrap().unwrap();
            if let Some(found) = wanted(&told.event) {
                return found;
            }
        }
    }
}

async fn hear(socket: &mut Socket) -> String {
    match socket.next().await.unwrap().unwrap() {
        Message::Text(text) => text.to_string(),
        other => format!("{other:?}"),
    }
}

async fn say(socket: &mut Socket, text: &str) {
    socket.send(Message::text(text)).await.unwrap();
}

fn row(event: &Event) -> Option<String> {
    let Event::Rows(batch) = event else { return None };
    batch.rows.first().map(|row| String::from_utf8_lossy(batch.body(row)).into_owned())
}

#[tokio::test(start_paused = true)]
async fn the_old_link_is_read_until_the_new_one_is_ready() {
    let mut profile = profile();
    profile.limits.lifetime = Some(Duration::from_mins(1));
    profile.limits.lifetime_margin = Duration::from_secs(10);
    profile.handshake = vec![step(r#"{"op":"login"}"#, "ok")];
    let mut feed = start(profile, Budget::default());
    let mut old = feed.accept().await;
    assert_eq!(hear(&mut old).await, r#"{"op":"login"}"#);
    say(&mut old, r#"{"op":"ok"}"#).await;
    assert_eq!(hear(&mut old).await, r#"{"type":"sub","service":"a"}"#);

    // After 50 s, and nothing was left yet.
    let mut new = feed.accept().await;
    assert_eq!(hear(&mut new).await, r#"{"op":"login"}"#);
    say(&mut old, r#"{"service":"a","n":1}"#).await;
    let seen = feed.event(|event| row(event).filter(|row| row.contains("\"n\""))).await;
    assert_eq!(seen, r#"{"service":"a","n":1}"#);
    assert_eq!(feed.snapshots.borrow().phase, Phase::Open);

    say(&mut new, r#"{"op":"ok"}"#).await;
    assert_eq!(hear(&mut new).await, r#"{"type":"sub","service":"a"}"#);
    let why = feed.event(|event| if let Event::Closed { why, .. } = event { Some(why.clone()) } else { None }).await;
    assert_eq!(why, Why::Planned);
    let goodbye = hear(&mut old).await;
    assert!(goodbye.contains("Close") && goodbye.contains("Normal"), "{goodbye}");
    say(&mut new, r#"{"service":"a","n":2}"#).await;
    assert_eq!(feed.event(row).await, r#"{"service":"a","n":2}"#);
    assert_eq!(feed.snapshots.borrow().counters.outages, 0);

    feed.commands.send(Command::Quit).await.unwrap();
    assert!(hear(&mut new).await.contains("Normal"));
    drop(new);
    feed.task.await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn an_old_link_that_ends_early_leaves_its_socket_to_the_new_one() {
    let mut profile = profile();
    profile.limits.lifetime = Some(Duration::from_mins(1));
    profile.limits.lifetime_margin = Duration::from_secs(10);
    profile.handshake = vec![step(r#"{"op":"login"}"#, "ok")];
    let mut feed = start(profile, Budget::default());
    let mut old = feed.accept().await;
    hear(&mut old).await;
    say(&mut old, r#"{"op":"ok"}"#).await;
    let mut new = feed.accept().await;
    hear(&mut new).await;
    drop(old);
    let why = feed.event(|event| if let Event::Closed { why, .. } = event { Some(why.clone()) } else { None }).await;
    assert_eq!(why, Why::Eof);
    say(&mut new, r#"{"op":"ok"}"#).await;
    assert_eq!(hear(&mut new).await, r#"{"type":"sub","service":"a"}"#);
    say(&mut new, r#"{"service":"a","n":2}"#).await;
    assert_eq!(feed.event(|event| row(event).filter(|row| row.contains("\"n\""))).await, r#"{"service":"a","n":2}"#);
    assert_eq!(feed.snapshots.borrow().counters.dials, 2);
    assert!(feed.servers.try_recv().is_err(), "nobody dials a third time");
}

#[tokio::test(start_paused = true)]
async fn feeds_of_one_host_dial_one_after_the_other() {
    let mut profile = profile();
    profile.limits.connect = Some(Rate { count: 1, per: Duration::from_secs(10) });
    let budget = Budget::default();
    let mut first = start(profile.clone(), budget.clone());
    let _one = first.accept().await;
    let mut second = start(profile, budget);
    let wait = second.event(|event| match event {
        Event::Reconnecting { delay, because: Why::ConnectLimit { count: 1, .. }, .. } => Some(*delay),
        _ => None,
    });
    let wait = wait.await;
    assert!(wait > Duration::from_secs(9) && wait <= Duration::from_secs(10), "{wait:?}");
    let _other = second.accept().await;
}

#[cfg(unix)]
#[tokio::test]
async fn the_program_of_a_login_is_run_and_what_it_prints_is_said() {
    let mut profile = profile();
    let mut sign = step(r#"{"op":"auth","sig":${v.sig}}"#, "ok");
    let words = ["/bin/sh", "-c", r#"printf '{"sig":"%s"}' "$0""#, "abc"];
    let command = words.iter().map(|word| Template::parse(word, false).unwrap()).collect();
    sign.run = Some(AuthCommand { command, timeout: Duration::from_secs(20) });
    profile.handshake = vec![sign];
    let mut feed = start(profile, Budget::default());
    let mut server = feed.accept().await;
    assert_eq!(hear(&mut server).await, r#"{"op":"auth","sig":"abc"}"#);
    say(&mut server, r#"{"op":"ok"}"#).await;
    assert_eq!(hear(&mut server).await, r#"{"type":"sub","service":"a"}"#);
    feed.event(|event| matches!(event, Event::Ready).then_some(())).await;
}
