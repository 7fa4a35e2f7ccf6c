//! Runs the program against a scene and watches it: what it prints, how often it dials, what it takes of the machine.

use std::process::Stdio;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use futures::StreamExt as _;
use serde::Deserialize;
use tokio::io::AsyncReadExt as _;
use tokio::net::TcpListener;
use tokio::process::{Child, Command};
use tokio::time::timeout;
use wirebeat::time::{Clock, Ts};

use crate::scene::Scene;

/// Dials are counted in five seconds.
const LASTS: &str = "5200ms";
const FIVE: Duration = Duration::from_secs(5);
/// The machine may be busy with much else.
const PATIENCE: Duration = Duration::from_secs(40);

/// What was wrong, a line each.
pub(crate) async fn all(scenes: impl Iterator<Item = Scene>, at_once: usize) -> Vec<String> {
    let runs =
        scenes.map(|scene| async move { run(&scene).await.err().map(|wrong| format!("{}: {wrong}", scene.name)) });
    let done: Vec<_> = futures::stream::iter(runs).buffer_unordered(at_once).collect().await;
    done.into_iter().flatten().collect()
}

async fn run(scene: &Scene) -> Result<(), String> {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let dials = Arc::new(Mutex::new(Vec::new()));
    let server = tokio::spawn(accept(listener, Arc::clone(&dials), Arc::clone(&scene.serve)));
    let mut command = Command::new(env!("CARGO_BIN_EXE_wirebeat"));
    let url = format!("{}://127.0.0.1:{port}/feed", scene.scheme);
    command.args(["tail", &url, "-s", "a", "--for", LASTS, "--set", "reconnect.base=1s"]).args(scene.args);
    command.args(["--set", "heartbeat.after=1s", "--set", "heartbeat.timeout=1s"]);
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).kill_on_drop(true);
    command.env("LC_ALL", "C").env_remove("WIREBEAT_CONFIG").env_remove("RUST_BACKTRACE");
    let mut child = command.spawn().unwrap();
    let (stdout, stderr) = (child.stdout.take().unwrap(), child.stderr.take().unwrap());
    let (out, err) = (tokio::spawn(read(stdout)), tokio::spawn(read(stderr)));
    let Ok((code, took)) = timeout(PATIENCE, watch(&mut child)).await else {
        return Err("it hangs".to_owned());
    };
    server.abort();
    let (out, err) = (out.await.unwrap(), err.await.unwrap());
    judge(scene, code, &took, &out, &String::from_utf8_lossy(&err))?;
    hammers(&dials.lock().unwrap(), scene.dials)
}

async fn accept(listener: TcpListener, dials: Arc<Mutex<Vec<Ts>>>, serve: crate::scene::Serve) {
    let clock = Clock::start();
    // Connections go when this does.
    let mut links = tokio::task::JoinSet::new();
    while let Ok((tcp, _)) = listener.accept().await {
        dials.lock().unwrap().push(clock.now());
        links.spawn(serve(tcp));
    }
}

async fn read(mut from: impl tokio::io::AsyncRead + Unpin) -> Vec<u8> {
    let mut bytes = Vec::new();
    from.read_to_end(&mut bytes).await.unwrap();
    bytes
}

/// What it took, as far as it was seen.
#[derive(Debug, Default)]
struct Took {
    /// Hundredths of a second of a processor.
    ticks: u64,
    kibibytes: u64,
}

/// Waits for its end; looks often, since what it took is gone with it.
async fn watch(child: &mut Child) -> (Option<i32>, Took) {
    let id = child.id().unwrap_or_default();
    let mut took = Took::default();
    loop {
        if let Ok(status) = timeout(Duration::from_millis(100), child.wait()).await {
            return (status.unwrap().code(), took);
        }
        if let Ok(text) = std::fs::read_to_string(format!("/proc/{id}/stat")) {
            // Behind the name, which may hold anything, user and system time are the 12th and 13th.
            let fields = text.rsplit(") ").next().unwrap_or_default().split(' ');
            took.ticks = fields.skip(11).take(2).filter_map(|field| field.parse::<u64>().ok()).sum();
        }
        if let Ok(text) = std::fs::read_to_string(format!("/proc/{id}/status")) {
            let peak = text.lines().find_map(|line| line.strip_prefix("VmHWM:"));
            let peak = peak.and_then(|rest| rest.trim().trim_end_matches(" kB").parse().ok());
            took.kibibytes = peak.unwrap_or(took.kibibytes);
        }
    }
}

/// What is asked of a line. What a server said is passed on as it was: numbers beyond all numbers are JSON, too.
#[derive(Deserialize)]
struct Line {
    event: String,
    why: Option<Cause>,
}

#[derive(Deserialize)]
struct Cause {
    kind: String,
}

fn judge(scene: &Scene, code: Option<i32>, took: &Took, out: &[u8], stderr: &str) -> Result<(), String> {
    if !matches!(code, Some(0 | 4)) || stderr.contains("panicked") {
        return Err(format!("it ends with {code:?}: {stderr}"));
    }
    let text = std::str::from_utf8(out).map_err(|error| format!("no UTF-8: {error}"))?;
    if let Some(control) = text.chars().find(|letter| letter.is_control() && *letter != '\n') {
        return Err(format!("it prints {control:?}"));
    }
    let (mut kinds, mut said) = (Vec::new(), scene.says.is_empty());
    for line in text.lines() {
        let line_of = serde_json::from_str::<Line>(line).map_err(|error| format!("{error}: {line:.200}"))?;
        if let ("closed" | "dial_failed", Some(why)) = (line_of.event.as_str(), line_of.why) {
            kinds.push(why.kind);
        }
        said |= line.contains(scene.says);
    }
    let last = text.lines().last().unwrap_or_default();
    if !last.contains(r#""event":"summary""#) {
        return Err(format!("no summary, but {last:.200}"));
    }
    // The last link is closed by us.
    kinds.retain(|kind| kind != "asked");
    let shown = || text.lines().take(8).map(|line| format!("\n      {line:.300}")).collect::<Vec<_>>().concat();
    let none = scene.kinds.is_empty() || scene.kinds.contains(&"");
    if (kinds.is_empty() && !none) || kinds.iter().any(|kind| !scene.kinds.contains(&kind.as_str())) {
        return Err(format!("it is called {kinds:?}, not {:?}{}", scene.kinds, shown()));
    }
    if !said {
        return Err(format!("nothing says {:?}{}", scene.says, shown()));
    }
    let busy = Duration::from_millis(took.ticks * 10);
    if busy > scene.busy {
        return Err(format!("it kept a processor busy for {busy:?}"));
    }
    if took.kibibytes > scene.mebibytes << 10 {
        return Err(format!("it took {} MiB", took.kibibytes >> 10));
    }
    Ok(())
}

fn hammers(dials: &[Ts], limit: usize) -> Result<(), String> {
    if dials.is_empty() {
        return Err("it never dialed".to_owned());
    }
    let most = dials.iter().map(|from| dials.iter().filter(|at| **at >= *from && **at - *from < FIVE).count()).max();
    if most.is_some_and(|most| most > limit) { Err(format!("it dials {most:?} times in 5 s")) } else { Ok(()) }
}
