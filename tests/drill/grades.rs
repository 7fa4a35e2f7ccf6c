//! What the card says of clients, of our own link, and how the program ends.

use std::net::{Ipv4Addr, SocketAddr};

use serde_json::Value;
use tempfile::TempDir;
use wirebeat::demo::Server;

use crate::clients::{self, Wrong};
use crate::run::{Done, Program, apart, finish, wirebeat};

const DEAD: &str = "[[step]]\nat = \"0s\"\nfault = \"blackhole\"\nfor = \"3s\"\nsay = \"half-open\"\n";
const FIN: &str = "[[step]]\nat = \"0s\"\nfault = \"fin\"\nsay = \"the end\"\n";
const CLOSED: &str = "[[step]]\nat = \"0s\"\nfault = \"refuse\"\nstatus = 503\ntimes = 2\nfor = \"2s\"\nsay = \"no\"\n";
const GARBAGE: &str =
    "[[step]]\nat = \"0s\"\nfault = \"garbage\"\nevery = \"200ms\"\nfor = \"2s\"\nsay = \"garbage\"\n";

async fn server() -> String {
    let server = Server::bind(SocketAddr::from((Ipv4Addr::LOCALHOST, 0)), 1).await.unwrap();
    let url = server.url("/market");
    tokio::spawn(server.run(std::future::pending()));
    url
}

fn args(url: &str, folder: &TempDir, script: Option<&str>) -> Vec<String> {
    let report = folder.path().join("card.json").display().to_string();
    let fixed = [
        "drill",
        url,
        "-p",
        "demo",
        "-s",
        "业务1",
        "-s",
        "trades",
        "--set",
        "heartbeat.after=800ms",
        "--set",
        "heartbeat.timeout=400ms",
        "--set",
        "reconnect.base=300ms",
        "--budget",
        "storm=1s",
        "--budget",
        "restore=1s",
        "--budget",
        "slack=400ms",
        "--budget",
        "warmup=4s",
        "--seed",
        "1",
        "--report",
    ];
    let mut args: Vec<_> = fixed.iter().map(|word| (*word).to_owned()).chain([report]).collect();
    if let Some(script) = script {
        let file = folder.path().join("script.toml");
        std::fs::write(&file, script).unwrap();
        args.extend(["--script".to_owned(), file.display().to_string()]);
    }
    args
}

fn card(folder: &TempDir) -> Value {
    serde_json::from_str(&std::fs::read_to_string(folder.path().join("card.json")).unwrap()).unwrap()
}

/// The findings of one fault.
fn found(card: &Value, fault: &str) -> Vec<String> {
    let rows = card["faults"].as_array().unwrap().iter();
    let row = rows.clone().find(|row| row["fault"] == fault).unwrap_or_else(|| panic!("no {fault} in {card:#}"));
    row["findings"].as_array().unwrap().iter().map(|one| one["kind"].as_str().unwrap().to_owned()).collect()
}

/// Drills a client with a mistake.
async fn graded(wrong: Wrong, script: Option<&str>) -> (Done, Value) {
    let folder = TempDir::new().unwrap();
    let mut args = args(&server().await, &folder, script);
    args.extend(["--listen", "127.0.0.1:0"].map(str::to_owned));
    let (mut program, url) = apart(move || {
        let mut program = Program::start(args);
        let url = program.line();
        (program, url)
    })
    .await;
    assert!(url.starts_with("ws://127.0.0.1:") && url.ends_with("/market"), "{url}");
    let client = tokio::spawn(clients::live(url, wrong));
    let done = apart(move || {
        // The head of the table is there at once.
        program.line();
        program.finish()
    })
    .await;
    client.abort();
    let card = card(&folder);
    (done, card)
}

async fn fails(wrong: Wrong, script: &str, fault: &str, kind: &str) {
    let (done, card) = graded(wrong, Some(script)).await;
    let kinds = found(&card, fault);
    assert!(kinds.iter().any(|one| one == kind), "{wrong:?}: {kinds:?}\n{:#?}", done.out);
    assert_eq!(done.code, 3, "{:#?}", done.out);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_in_order_passes_every_fault() {
    let (done, card) = graded(Wrong::Nothing, None).await;
    assert_eq!(done.code, 0, "{:#?}", done.out);
    assert_eq!((card["failed"].as_u64(), card["passed"].as_u64()), (Some(0), Some(15)), "{card:#}");
    assert_eq!(card["graded"], "client");
}

#[tokio::test(flavor = "multi_thread")]
async fn our_own_link_passes_every_fault() {
    let folder = TempDir::new().unwrap();
    let args = args(&server().await, &folder, None);
    let done = apart(move || finish(args)).await;
    assert_eq!(done.code, 0, "{:#?}", done.out);
    let card = card(&folder);
    assert_eq!((card["passed"].as_u64(), card["graded"].as_str()), (Some(15), Some("own")), "{card:#}");
    let half_open = &card["faults"][2];
    assert_eq!((&half_open["fault"], half_open["restored"].as_u64()), (&Value::from("half_open"), Some(2)));
    let noticed = half_open["noticed_s"].as_f64().unwrap();
    assert!(noticed <= 1.4, "{noticed}");
}

#[tokio::test(flavor = "multi_thread")]
async fn two_links_at_once_fail() {
    fails(Wrong::KeepsTheOldLink, DEAD, "blackhole", "two_links").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_forgotten_subscription_fails() {
    fails(Wrong::ForgetsOne, FIN, "fin", "not_subscribed_again").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_ignored_answer_fails() {
    fails(Wrong::IgnoresAnswers, DEAD, "blackhole", "answer_ignored").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_old_timer_fails() {
    fails(Wrong::OldTimer, FIN, "fin", "old_timer").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_that_dies_of_garbage_fails() {
    fails(Wrong::DiesOfGarbage, GARBAGE, "garbage", "broken_by_garbage").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_storm_fails() {
    let closed = CLOSED.replace("times = 2\n", "");
    fails(Wrong::Storms, &closed, "refuse", "storm").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_that_gives_up_fails() {
    fails(Wrong::GivesUp, CLOSED, "refuse", "never_back").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_that_says_nothing_fails() {
    fails(Wrong::SaysNothing, FIN, "calm", "nothing_subscribed").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_program_is_started_and_its_end_is_told() {
    let folder = TempDir::new().unwrap();
    let mut args = args(&server().await, &folder, Some(FIN));
    args.extend(
        ["--deadline", "1s", "--", "sh", "-c", "echo \"$WIREBEAT_URL {url} \u{1b}[31m\"; exit 7"].map(str::to_owned),
    );
    let done = apart(move || finish(args)).await;
    assert_eq!(done.code, 4, "{done:#?}");
    let url = done.out[0].trim();
    assert!(done.stderr.contains(&format!("client: {url} {url} ␛[31m")), "{}", done.stderr);
}

#[test]
fn what_cannot_be_drilled_is_told() {
    let done = finish(["drill", "ws://127.0.0.1:1/x", "--deadline", "1s"]);
    assert_eq!(done.code, 4, "{done:#?}");
    let done = finish(["drill", "wss://stream.example.org/x"]);
    assert_eq!(done.code, 2);
    assert!(done.stderr.contains("--allow-host stream.example.org") && done.out.is_empty(), "{}", done.stderr);
    let done = finish(["drill", "ws://127.0.0.1:1/x", "--report", "card.pdf"]);
    assert!(done.code == 2 && done.stderr.contains(".json, .xml or .md"), "{}", done.stderr);
    let done = finish(["drill", "ws://127.0.0.1:1/x", "--budget", "detec=1s"]);
    assert!(done.code == 2 && done.stderr.contains("detect, redial"), "{}", done.stderr);
}

#[test]
fn a_signal_ends_it_with_what_there_is() {
    let folder = TempDir::new().unwrap();
    let mut program = Program::spawn(&mut wirebeat(args("ws://127.0.0.1:1/x", &folder, None)));
    program.line();
    program.signal(rustix::process::Signal::INT);
    let done = program.finish();
    assert_eq!(done.code, 130, "{done:#?}");
    assert_eq!(card(&folder)["complete"], false);
}
