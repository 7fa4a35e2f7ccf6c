//! How many messages a second: a bare tokio-tungstenite loop that only counts, our whole path to a reader that only
//! counts, and `tail` as a program, side by side in one run against one kind of server.
//!
//! The ratios are what is claimed; absolute figures are the machine's. Every run must count every message, or the
//! program panics. It measures no latency and draws nothing.
//!
//! `cargo bench --bench flood -- [--quick] [--only PART]`, where PART is of a client's name and the size of its messages

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "a measurement prints, and ends on trouble"
)]
#![expect(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "counts are far below 2^52 and not negative"
)]

mod server;

use std::fs;
use std::io;
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::mpsc::{RecvTimeoutError, sync_channel};
use std::thread;
use std::time::Duration;

use futures::{SinkExt, StreamExt};
use tokio::net::TcpStream;
use tokio::runtime::Builder;
use tokio::sync::mpsc;
use tokio_tungstenite::client_async;
use tokio_tungstenite::tungstenite::Message;
use wirebeat::event::{Command as Wish, Event, FeedId};
use wirebeat::launch::Launcher;
use wirebeat::net::target::Target;
use wirebeat::net::teller::Patience;
use wirebeat::plan;
use wirebeat::time::{Clock, Ts};

use self::server::{Flood, SERVICE, Served, Shape, serve};

/// What is measured. The first is what the others are measured by.
const CLIENTS: [Client; 5] =
    [Client::Bare, Client::Ours("sub-heartbeat"), Client::Ours("demo"), Client::Ours(TEN_RULES), Client::Tail];
const TEN_RULES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/benches/flood/ten-rules.toml");
/// The least ratios to the bare loop that our path with the first profile should have.
const TARGETS: [(usize, f64); 2] = [(100, 0.33), (1024, 0.40)];
/// The least ratio of a profile with ten rules to the first one.
const TEN_RULES_TARGET: f64 = 0.70;
/// Events that may wait for the reader, as in the program.
const NEWS: usize = 1024;
/// So few that a reader of rows has hardly any room beside the margin for turns.
const CRAMPED: usize = 68;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Client {
    /// tokio-tungstenite, each message counted and dropped.
    Bare,
    /// The driver and session of a feed with that profile.
    Ours(&'static str),
    /// The program, its standard output to nowhere.
    Tail,
}

/// One client, one flood.
#[derive(Clone, Copy, Debug)]
struct Run {
    rate: f64,
    /// Microseconds of the client's thread for a message.
    cpu: Option<f64>,
    /// The most memory it had, in KiB.
    memory: Option<u64>,
}

fn main() {
    let args: Vec<_> = std::env::args().collect();
    let has = |flag: &str| args.iter().any(|arg| arg == flag);
    let only = args.iter().skip_while(|arg| *arg != "--only").nth(1).map(String::as_str);
    // Without `--bench` we are run as a test.
    let quick = has("--quick") || !has("--bench");
    let (rounds, share) = if quick { (1, 20) } else { (7, 1) };
    shed_and_counted(Flood { size: 100, count: 200_000, shape: Shape::Record });
    println!(
        "{:<26} {:>9} {:>11} {:>24} {:>6} {:>7} {:>10} {:>9}",
        "client", "bytes", "msg/s", "min .. max", "MB/s", "x bare", "CPU us/msg", "peak RSS"
    );
    let floods = [
        Flood { size: 100, count: 1_000_000 / share, shape: Shape::Record },
        Flood { size: 1024, count: 300_000 / share, shape: Shape::Record },
        Flood { size: 1024, count: 300_000 / share, shape: Shape::Book },
    ];
    for flood in floods {
        let is_asked =
            |client: &Client| only.is_none_or(|only| format!("{} {}", client.name(), flood.name()).contains(only));
        let clients: Vec<_> = CLIENTS.into_iter().filter(is_asked).collect();
        let mut runs: Vec<Vec<Run>> = vec![Vec::new(); clients.len()];
        for round in 0..rounds {
            // Nobody is always the first, or always behind the same neighbour's load.
            for turn in 0..clients.len() {
                let index = (turn + round) % clients.len();
                runs[index].push(measure(clients[index], flood));
            }
        }
        let bare = runs.first().filter(|_| clients.first() == Some(&Client::Bare));
        for (client, of) in clients.iter().zip(&runs) {
            report(*client, flood, of, bare.map(Vec::as_slice), !quick);
        }
        let of = |client| clients.iter().position(|one| *one == client).map(|index| &runs[index]);
        if let (Some(rules), Some(plain)) = (of(CLIENTS[3]), of(CLIENTS[1])) {
            let ratio = median(rules.iter().zip(plain).map(|(one, other)| one.rate / other.rate));
            let verdict = if ratio >= TEN_RULES_TARGET { "met" } else { "missed" };
            println!("ten rules: {ratio:.3} of {}  target {TEN_RULES_TARGET:.2}: {verdict}\n", CLIENTS[1].name());
        }
    }
}

fn report(client: Client, flood: Flood, runs: &[Run], bare: Option<&[Run]>, judge: bool) {
    let rates: Vec<_> = runs.iter().map(|run| run.rate).collect();
    let ratio = bare.map(|bare| median(runs.iter().zip(bare).map(|(run, bare)| run.rate / bare.rate)));
    let rate = median(rates.iter().copied());
    let (least, most) = rates.iter().fold((f64::MAX, 0.0_f64), |(a, b), rate| (a.min(*rate), b.max(*rate)));
    let cpu = runs.iter().filter_map(|run| run.cpu).collect::<Vec<_>>();
    let cpu = if cpu.is_empty() { "-".to_owned() } else { format!("{:.3}", median(cpu)) };
    let memory = runs.iter().filter_map(|run| run.memory).max();
    let memory = memory.map_or_else(|| "-".to_owned(), |kib| format!("{:.1} MiB", kib as f64 / 1024.0));
    let target = TARGETS.iter().find(|(size, _)| judge && *size == flood.size && client == CLIENTS[1]);
    let verdict = target.zip(ratio).map_or_else(String::new, |((_, least), ratio)| {
        format!("  target {least:.2}: {}", if ratio >= *least { "met" } else { "missed" })
    });
    let ratio = ratio.map_or_else(|| "-".to_owned(), |ratio| format!("{ratio:.3}"));
    let spread = format!("{least:.0} .. {most:.0}");
    println!(
        "{:<26} {:>9} {rate:>11.0} {spread:>24} {:>6.0} {ratio:>7} {cpu:>10} {memory:>9}{verdict}",
        client.name(),
        flood.name(),
        rate * flood.size as f64 / 1e6,
    );
}

fn median(values: impl IntoIterator<Item = f64>) -> f64 {
    let mut values: Vec<_> = values.into_iter().collect();
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

impl Client {
    fn name(self) -> String {
        match self {
            Self::Bare => "bare tokio-tungstenite".to_owned(),
            Self::Ours(profile) => {
                let name = Path::new(profile).file_stem().unwrap_or_default();
                format!("ours, {}", name.display())
            }
            Self::Tail => "wirebeat tail > /dev/null".to_owned(),
        }
    }
}

fn measure(client: Client, flood: Flood) -> Run {
    let clock = Clock::start();
    let listener = TcpListener::bind(SocketAddr::from((Ipv4Addr::LOCALHOST, 0))).unwrap();
    let to = listener.local_addr().unwrap();
    let (tell, served) = sync_channel::<io::Result<Served>>(1);
    let flooding = thread::spawn({
        let clock = clock.clone();
        move || tell.send(serve(&listener, flood, &clock)).unwrap()
    });
    let since = thread_cpu();
    let mut memory = None;
    let (served, ended) = match client {
        Client::Bare => {
            let (count, ended) = block_on(bare(to, &clock));
            assert_eq!(count, flood.count);
            (served.recv().unwrap().unwrap(), ended)
        }
        Client::Ours(profile) => {
            let heard = block_on(ours(to, profile, Patience::Wait, NEWS, &clock));
            assert_eq!((heard.rows, heard.shed, heard.counted), (flood.count, 0, flood.count));
            (served.recv().unwrap().unwrap(), heard.ended)
        }
        Client::Tail => {
            let mut program = Command::new(env!("CARGO_BIN_EXE_wirebeat"));
            program.args(["tail", &format!("ws://{to}/"), "-s", SERVICE, "--for", "30s"]);
            program.arg("--count").arg(flood.count.to_string());
            let mut program = program.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
            let served = loop {
                memory = peak_memory(program.id()).or(memory);
                match served.recv_timeout(Duration::from_millis(20)) {
                    Ok(served) => break served.unwrap(),
                    Err(RecvTimeoutError::Timeout) => {}
                    Err(RecvTimeoutError::Disconnected) => panic!("the server is gone"),
                }
            };
            assert_eq!(program.wait().unwrap().code(), Some(0), "tail wrote fewer messages than were sent");
            (served, clock.now())
        }
    };
    let cpu =
        since.zip(thread_cpu()).map(|(since, now)| now.saturating_sub(since).as_secs_f64() * 1e6 / flood.count as f64);
    flooding.join().unwrap();
    let length = served.ended.max(ended) - served.begun;
    let cpu = cpu.filter(|_| client != Client::Tail);
    Run { rate: flood.count as f64 / length.as_secs_f64(), cpu, memory }
}

/// A reader without room loses rows, and none of them unseen.
fn shed_and_counted(flood: Flood) {
    let clock = Clock::start();
    let listener = TcpListener::bind(SocketAddr::from((Ipv4Addr::LOCALHOST, 0))).unwrap();
    let to = listener.local_addr().unwrap();
    let flooding = thread::spawn({
        let clock = clock.clone();
        move || serve(&listener, flood, &clock).unwrap()
    });
    let heard = block_on(ours(to, "sub-heartbeat", Patience::Shed, CRAMPED, &clock));
    flooding.join().unwrap();
    assert!(heard.rows > 0 && heard.shed > 0, "a reader with little room sees some and not all: {heard:?}");
    assert_eq!((heard.rows + heard.shed, heard.counted), (flood.count, flood.count));
    println!("a reader without room: {} shown + {} shed = {} sent\n", heard.rows, heard.shed, flood.count);
}

/// Client and reader on one thread: the server has the other core.
fn block_on<T>(client: impl Future<Output = T>) -> T {
    let runtime = Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async { tokio::time::timeout(Duration::from_secs(30), client).await }).unwrap()
}

async fn bare(to: SocketAddr, clock: &Clock) -> (u64, Ts) {
    let stream = TcpStream::connect(to).await.unwrap();
    stream.set_nodelay(true).unwrap();
    let (mut socket, _) = client_async(format!("ws://{to}/"), stream).await.unwrap();
    socket.send(Message::text(format!("{{\"type\":\"sub\",\"service\":\"{SERVICE}\"}}"))).await.unwrap();
    let mut count = 0;
    while let Some(message) = socket.next().await {
        count += u64::from(message.unwrap().is_text());
    }
    (count, clock.now())
}

#[derive(Clone, Copy, Debug)]
struct Heard {
    rows: u64,
    shed: u64,
    /// By the session, before anything is shed.
    counted: u64,
    ended: Ts,
}

async fn ours(to: SocketAddr, profile: &str, patience: Patience, room: usize, clock: &Clock) -> Heard {
    let profile = plan::load_profile(profile, &[]).unwrap();
    let services = vec![plan::service(&profile, SERVICE).unwrap()];
    let target = Target::parse(&format!("ws://{to}/")).unwrap();
    let feed = plan::plan(FeedId(0), "flood".to_owned(), target, profile, services, 1).unwrap();
    let (events, mut news) = mpsc::channel(room);
    let running = Launcher::new(clock.clone(), events, patience, 1).start(feed);
    let mut heard = Heard { rows: 0, shed: 0, counted: 0, ended: Ts::ZERO };
    while let Some(stamped) = news.recv().await {
        if let Event::Rows(batch) = &stamped.event {
            heard.rows += batch.rows.len() as u64;
        } else if let Event::Shed { count, .. } = &stamped.event {
            heard.shed += count;
        } else if let Event::Closed { .. } = &stamped.event {
            heard.ended = clock.now();
            running.commands.try_send(Wish::Quit).unwrap();
        }
    }
    running.task.await.unwrap();
    heard.counted = running.snapshots.borrow().counters.messages;
    heard
}

#[cfg(unix)]
fn thread_cpu() -> Option<Duration> {
    use rustix::time::{ClockId, clock_gettime};
    clock_gettime(ClockId::ThreadCPUTime).try_into().ok()
}

#[cfg(not(unix))]
fn thread_cpu() -> Option<Duration> {
    None
}

/// In KiB, where the system tells.
fn peak_memory(process: u32) -> Option<u64> {
    let status = fs::read_to_string(format!("/proc/{process}/status")).ok()?;
    status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?.split_whitespace().next()?.parse().ok()
}
