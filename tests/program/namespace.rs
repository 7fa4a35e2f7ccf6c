//! A network that drops every packet, without a word to either side: in a network namespace of its own, where the machine
//! lets us make one. Where it does not, that is said, and nothing is tried.

use std::io::{Write as _, stderr};
use std::process::{Command, Stdio};
use std::time::Duration;

use crate::breaks::{Gauge, QUICK, at};
use crate::feed_server::{FeedServer, Manners};
use crate::run::{Program, apart};

const INSIDE: &str = "WIREBEAT_IN_NAMESPACE";
/// Ways to lose every packet of a loopback device. The last has a bucket that no packet fits into.
const LOSE: [&str; 4] = [
    "iptables -A INPUT -j DROP",
    "nft 'add table t; add chain t c { type filter hook input priority 0; policy drop; }'",
    "tc qdisc add dev lo root netem loss 100%",
    "tc qdisc add dev lo root tbf rate 8bit burst 1 limit 1",
];
const FIND: [&str; 4] =
    ["iptables -F INPUT", "nft delete table t", "tc qdisc del dev lo root", "tc qdisc del dev lo root"];

fn shell(line: &str) -> bool {
    let mut command = Command::new("sh");
    command.args(["-c", line]).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    command.status().is_ok_and(|status| status.success())
}

/// How to begin a namespace, and how to lose packets in it.
fn ways() -> Option<(&'static [&'static str], usize)> {
    let unshare: [&[&str]; 2] = [&["-n"], &["-Urn"]];
    unshare.into_iter().find_map(|flags| {
        let works = |lose: &&str| {
            let flags = flags.join(" ");
            shell(&format!("unshare {flags} sh -c \"ip link set lo up && {}\"", lose.replace('"', "\\\"")))
        };
        LOSE.iter().position(works).map(|way| (flags, way))
    })
}

#[test]
fn a_network_that_drops_all_packets_is_half_open() {
    let Some((flags, way)) = ways() else {
        // Not by a macro, whose words are kept from the reader of tests that pass.
        writeln!(stderr(), "skipped: no network namespace can be made here in which packets are dropped").unwrap();
        return;
    };
    let myself = std::env::current_exe().unwrap();
    let mut command = Command::new("unshare");
    command.args(flags).arg(myself).args(["--exact", "namespace::inside", "--nocapture"]);
    let done = command.env(INSIDE, way.to_string()).output().unwrap();
    let said = String::from_utf8_lossy(&done.stdout);
    assert!(done.status.success(), "{said}{}", String::from_utf8_lossy(&done.stderr));
    assert!(said.contains("1 passed"), "{said}");
}

/// Of the test above: nothing by itself.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn inside() {
    let Some(way) = std::env::var(INSIDE).ok().and_then(|way| way.parse::<usize>().ok()) else { return };
    assert!(shell("ip link set lo up"));
    let mut server = FeedServer::start(Manners { every: Some(Duration::from_millis(100)), answers: true }).await;
    let url = server.url();
    let mut program = Program::start(["tail", &url, "-s", "a"].into_iter().chain(QUICK));
    apart(move || {
        let gauge = Gauge::start();
        program.event("message");
        assert!(shell(LOSE[way]));
        let mut last = 0.0;
        let closed = program.find(|event| {
            if event["event"] == "message" && event["dir"] == "in" {
                last = at(event);
            }
            event["event"] == "closed"
        });
        assert_eq!(closed["why"]["kind"], "half_open", "{closed}");
        let noticed = at(&closed) - last;
        assert!((1.9..=2.0 + gauge.late()).contains(&noticed), "noticed after {noticed} s");
        // Dials meet the same network, and are given up one after the other.
        let failed = program.event("dial_failed");
        assert_eq!(failed["why"]["kind"], "connect_timeout", "{failed}");
        assert!(shell(FIND[way]));
        program.event("open");
        program.event("message");
    })
    .await;
    server.hears("open").await;
}
