//! What a peer that never reads can make us keep. Alone in its process, whose size is what is measured.

#![expect(clippy::unwrap_used, reason = "a test may")]

#[expect(dead_code, reason = "made for many tests")]
#[path = "driver/bench.rs"]
mod bench;
#[expect(dead_code, reason = "nothing breaks here")]
#[path = "driver/breaks.rs"]
mod breaks;

use std::time::Duration;

use bench::{Setup, bench, frame};

/// What this process holds, where the system tells.
fn held() -> u64 {
    let statm = std::fs::read_to_string("/proc/self/statm").unwrap_or_default();
    statm.split_whitespace().nth(1).and_then(|pages| pages.parse::<u64>().ok()).unwrap_or(0) * 4096
}

/// Each ping wants a pong, and the peer takes none.
#[tokio::test(start_paused = true)]
async fn a_ping_flood_of_a_peer_that_never_reads_stays_bounded() {
    let mut bench = bench(&Setup { profile: "raw", services: &[], pipe: 4096, ..Setup::default() });
    let mut server = bench.server().await;
    bench.opened().await;
    let before = held();
    let pings = frame(0x89, &[b'x'; 120]).repeat(100);
    for _ in 0..4000 {
        tokio::time::timeout(Duration::from_secs(1), server.write(&pings)).await.expect("it is read");
    }
    let grown = held().saturating_sub(before);
    assert!(grown < 12 << 20, "{grown} bytes for 48 MB of pongs");
    // One that is not left for it is alive for all we know.
    assert!(bench.told().into_iter().find_map(bench::closed).is_none());
}
