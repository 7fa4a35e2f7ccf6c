//! An echo client for a fuzzing server such as Autobahn's, made of the link that every feed has: dial, upgrade, walker,
//! inflate, tungstenite, goodbye. It has no session and judges nothing: the server writes the report.
//!
//! `cargo run --release --example echo_client -- ws://127.0.0.1:9001 [AGENT]`

#![expect(clippy::print_stdout, reason = "an example says how far it is")]

use std::error::Error;
use std::future::poll_fn;
use std::time::Duration;

use tokio::time::timeout;
use wirebeat::event::{Gen, Why};
use wirebeat::net::Buffers;
use wirebeat::net::dial::{DialLimits, dial};
use wirebeat::net::link::{Heard, Link};
use wirebeat::net::target::Target;
use wirebeat::net::tls::Connector;
use wirebeat::net::transport::Transport;
use wirebeat::net::walker::Walker;
use wirebeat::session::{Opcode, Payload, SendId};
use wirebeat::time::Clock;

type Failure = Box<dyn Error + Send + Sync>;

/// The largest message of the suite has 16 MiB.
const BUFFERS: Buffers = Buffers { read: 128 << 10, message: 32 << 20, unwritten: 64 << 20 };
/// So long for one case, and for a goodbye.
const CASE: Duration = Duration::from_mins(2);
const GOODBYE: Duration = Duration::from_secs(1);

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Failure> {
    let mut args = std::env::args().skip(1);
    let server = args.next().ok_or("usage: echo_client URL [AGENT]")?;
    let server = server.trim_end_matches('/');
    let agent = args.next().unwrap_or_else(|| "wirebeat".to_owned());

    let mut count = String::new();
    let ask = |_: &mut Link<Transport>, _, text: &[u8]| count = String::from_utf8_lossy(text).into_owned();
    let why = talk(&format!("{server}/getCaseCount"), ask).await?;
    let count: u32 = count.parse().map_err(|_| format!("the server does not say how many cases it has: {why:?}"))?;
    for case in 1..=count {
        let url = format!("{server}/runCase?case={case}&agent={agent}");
        match timeout(CASE, talk(&url, echo)).await {
            Ok(Ok(Why::Close { .. })) => {}
            Ok(Ok(why)) => println!("{case} of {count}: {why:?}"),
            Ok(Err(failure)) => println!("{case} of {count}: {failure}"),
            Err(_) => println!("{case} of {count}: no end in {CASE:?}"),
        }
    }
    talk(&format!("{server}/updateReports?agent={agent}"), |_, _, _| {}).await?;
    println!("{count} cases");
    Ok(())
}

/// Sends back what came, as what it came. Pings are answered further down.
fn echo(link: &mut Link<Transport>, opcode: Opcode, bytes: &[u8]) {
    match opcode {
        Opcode::Text => link.queue(SendId(0), Payload::Text(String::from_utf8_lossy(bytes).into_owned())),
        Opcode::Binary => link.queue(SendId(0), Payload::Binary(bytes.to_vec())),
        Opcode::Ping | Opcode::Pong => {}
    }
}

/// One connection, from the dial to the goodbye.
async fn talk(url: &str, mut hear: impl FnMut(&mut Link<Transport>, Opcode, &[u8])) -> Result<Why, Failure> {
    let clock = Clock::start();
    let target = Target::parse(url).map_err(|error| error.to_string())?;
    let dialed = dial(&target, &Connector::new(), &clock, &DialLimits::default()).await;
    let dialed = dialed.map_err(|failed| format!("{:?}", failed.why))?;
    let io = Walker::new(dialed.io, dialed.leftover, clock);
    let mut link = Link::new(Gen(0), io, BUFFERS, dialed.deflate).await;
    let mut flushed = Vec::new();
    let why = loop {
        match poll_fn(|cx| link.poll_next(cx, &mut flushed)).await {
            Heard::Frame(opcode, bytes) => hear(&mut link, opcode, &bytes),
            Heard::Closed(why) => break why,
        }
    };
    // What a session says to such an end; where the protocol was broken, the link knows better.
    let code = if let Why::Close { code, .. } = &why { code.unwrap_or(1000) } else { 1002 };
    let _in_time = timeout(GOODBYE, poll_fn(|cx| link.poll_close(cx, code))).await;
    Ok(why)
}
