//! Real sockets that break: reset, ended, half closed, and servers that stop without a word. When something was noticed is
//! what the program says itself, so that a busy machine is not held against it.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread;
use std::time::Duration;

use rustix::process::Signal;
use serde_json::Value;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio_tungstenite::tungstenite::handshake::derive_accept_key;
use wirebeat::time::Clock;

use crate::run::{Program, apart};

/// A beat after a second of silence, one more to answer it, and a dial one second after an end.
pub(crate) const QUICK: [&str; 6] =
    ["--set", "heartbeat.after=1s", "--set", "heartbeat.timeout=1s", "--set", "reconnect.base=1s"];
/// What a deadline may be late, besides what the machine is.
const LATE: f64 = 0.2;

/// How late this machine wakes who has a deadline, at the worst: what it does to us, it does to the program.
pub(crate) struct Gauge {
    worst: Arc<AtomicU64>,
    over: Arc<AtomicBool>,
}

impl Gauge {
    pub(crate) fn start() -> Self {
        let (worst, over) = (Arc::new(AtomicU64::new(0)), Arc::new(AtomicBool::new(false)));
        let gauge = Self { worst: Arc::clone(&worst), over: Arc::clone(&over) };
        thread::spawn(move || {
            let clock = Clock::start();
            while !over.load(Ordering::Relaxed) {
                let before = clock.now();
                thread::park_timeout(STEP);
                let late = (clock.now() - before).saturating_sub(STEP);
                worst.fetch_max(u64::try_from(late.as_micros()).unwrap(), Ordering::Relaxed);
            }
        });
        gauge
    }

    /// Seconds that something may be late.
    pub(crate) fn late(&self) -> f64 {
        LATE + Duration::from_micros(self.worst.load(Ordering::Relaxed)).as_secs_f64()
    }
}

impl Drop for Gauge {
    fn drop(&mut self) {
        self.over.store(true, Ordering::Relaxed);
    }
}

const STEP: Duration = Duration::from_millis(20);

#[derive(Clone, Copy, Debug)]
enum End {
    Reset,
    Fin,
    Half,
}

/// Serves every dial a message each tenth of a second; the first link ends in its own way after half a second.
async fn server(end: End) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        let mut first = Some(end);
        loop {
            let tcp = listener.accept().await.unwrap().0;
            tokio::spawn(serve(tcp, first.take()));
        }
    });
    port
}

async fn serve(mut tcp: TcpStream, end: Option<End>) {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        let Ok(byte) = tcp.read_u8().await else { return };
        head.push(byte);
    }
    let head = String::from_utf8(head).unwrap();
    let key = head.lines().find_map(|line| line.strip_prefix("Sec-WebSocket-Key: ")).unwrap();
    let accept = derive_accept_key(key.as_bytes());
    let answer = format!(
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
         Sec-WebSocket-Accept: {accept}\r\n\r\n"
    );
    let _gone = tcp.write_all(answer.as_bytes()).await;
    for n in 0.. {
        if n == 5
            && let Some(end) = end
        {
            match end {
                End::Reset => {
                    socket2::SockRef::from(&tcp).set_linger(Some(Duration::ZERO)).unwrap();
                    return;
                }
                End::Fin => return,
                End::Half => {
                    tcp.shutdown().await.unwrap();
                    // It goes on to take what is sent.
                    while tcp.read(&mut [0; 1000]).await.is_ok_and(|count| count > 0) {}
                    return;
                }
            }
        }
        // Read what came, so that an end is an orderly one.
        let _some = tcp.try_read(&mut [0; 1000]);
        if tcp.write_all(b"\x81\x0f{\"service\":\"a\"}").await.is_err() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

pub(crate) fn at(event: &Value) -> f64 {
    event["t"].as_f64().unwrap()
}

fn is_data(event: &Value) -> bool {
    event["event"] == "message" && event["dir"] == "in" && event["kind"] == "data"
}

/// The link ends: when the last message came, and the event that says so.
fn end_of_link(program: &mut Program) -> (f64, Value) {
    let mut last = 0.0;
    let closed = program.find(|event| {
        if is_data(event) {
            last = at(event);
        }
        event["event"] == "closed"
    });
    (last, closed)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_end_of_tcp_is_noticed_at_once_and_by_its_name() {
    for (end, kind) in [(End::Reset, "reset"), (End::Fin, "eof"), (End::Half, "eof")] {
        let url = format!("ws://127.0.0.1:{}/", server(end).await);
        let mut program = Program::start(["tail", &url, "-s", "a"].into_iter().chain(QUICK));
        apart(move || {
            let gauge = Gauge::start();
            program.find(is_data);
            let (last, closed) = end_of_link(&mut program);
            assert_eq!(closed["why"]["kind"], kind, "{closed}");
            assert!(
                at(&closed) - last <= 0.1 + gauge.late(),
                "{end:?}: {} s after the last message",
                at(&closed) - last
            );
            back_within_a_step(&mut program, at(&closed), &gauge);
        })
        .await;
    }
}

/// Data again, one dial and one second after the end.
fn back_within_a_step(program: &mut Program, ended: f64, gauge: &Gauge) {
    let opened = program.event("open");
    // The dial itself takes what the machine takes.
    let took = opened["phases"]["upgrade_ms"].as_f64().unwrap() / 1000.0;
    let waited = at(&opened) - ended - took;
    assert!((0.9..=1.0 + gauge.late()).contains(&waited), "dialed again after {waited} s");
    program.find(is_data);
}

/// A server that is stopped holds its sockets open, and its kernel takes what is sent and answers for it.
#[test]
fn a_server_that_is_stopped_is_half_open() {
    let mut server = Program::start(["serve"]);
    // Its lines are a URL and the names of the services.
    let line = server.line();
    let url = line.split(' ').next().unwrap();
    let args = ["tail", url, "-p", "demo", "-s", "业务1"].into_iter().chain(QUICK);
    let mut program = Program::start(args);
    let gauge = Gauge::start();
    program.find(is_data);
    server.signal(Signal::STOP);
    let mut last = 0.0;
    let beat = program.find(|event| {
        if is_data(event) {
            last = at(event);
        }
        event["event"] == "heartbeat_sent"
    });
    let closed = program.event("closed");
    assert_eq!(closed["why"]["kind"], "half_open", "{closed}");
    let noticed = at(&closed) - last;
    assert!(
        (1.9..=2.0 + gauge.late()).contains(&noticed),
        "noticed after {noticed} s, a beat after {}",
        at(&beat) - last
    );
    // It is dialed, and does not answer, until it is let go on.
    program.event("dialing");
    server.signal(Signal::CONT);
    program.event("open");
    program.find(is_data);
}
