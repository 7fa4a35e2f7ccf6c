//! A link under faults, on made-up time.

use std::time::Duration;

use std::io::ErrorKind::{BrokenPipe, ConnectionReset};

use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream, duplex};
use tokio::time::timeout;

use super::*;
use crate::time::Ts;

const SECOND: Duration = Duration::from_secs(1);

struct Bench {
    faults: Faults,
    near: Faulty<DuplexStream>,
    far: DuplexStream,
    clock: Clock,
}

fn bench() -> Bench {
    let clock = Clock::start();
    let faults = Faults::new(clock.clone(), 7);
    let (near, far) = duplex(1 << 16);
    Bench { near: faults.link(near), faults, far, clock }
}

impl Bench {
    async fn reads(&mut self, count: usize) -> Vec<u8> {
        let mut bytes = vec![0; count];
        self.near.read_exact(&mut bytes).await.unwrap();
        bytes
    }

    async fn is_silent(&mut self) -> bool {
        timeout(Duration::from_millis(1), self.near.read(&mut [0; 1])).await.is_err()
    }
}

#[tokio::test(start_paused = true)]
async fn nothing_stands_in_the_way_and_nothing_is_kept() {
    let mut bench = bench();
    bench.far.write_all(b"down").await.unwrap();
    bench.near.write_all(b"up").await.unwrap();
    assert_eq!(bench.reads(4).await, b"down");
    let mut up = [0; 2];
    bench.far.read_exact(&mut up).await.unwrap();
    assert!(&up == b"up" && bench.near.under.is_none());
    // Something that is none of the bytes' business.
    bench.faults.begin(&Fault::Hang, SECOND).unwrap();
    bench.far.write_all(b"more").await.unwrap();
    assert_eq!(bench.reads(4).await, b"more");
    assert!(bench.near.under.is_none());
}

#[tokio::test(start_paused = true)]
async fn a_freeze_stops_both_ways_and_thaws_by_itself() {
    let mut bench = bench();
    bench.faults.begin(&Fault::Freeze, 5 * SECOND).unwrap();
    bench.far.write_all(b"down").await.unwrap();
    // It is taken, as a system would take it, and goes nowhere.
    bench.near.write_all(b"up").await.unwrap();
    bench.near.flush().await.unwrap();
    assert!(bench.is_silent().await);
    assert!(timeout(SECOND, bench.far.read_u8()).await.is_err());
    assert_eq!(bench.reads(4).await, b"down");
    assert_eq!(bench.clock.now().as_nanos() / 1_000_000, 5_000);
    let mut up = [0; 2];
    bench.far.read_exact(&mut up).await.unwrap();
    assert!(&up == b"up" && bench.is_silent().await && bench.near.under.is_none());
}

#[tokio::test(start_paused = true)]
async fn what_waits_while_frozen_is_bounded() {
    let mut bench = bench();
    bench.faults.begin(&Fault::Freeze, 5 * SECOND).unwrap();
    let written = async { while bench.near.write_all(&[7; 4096]).await.is_ok() {} };
    assert!(timeout(SECOND, written).await.is_err());
    let count = bench.near.under.as_ref().unwrap();
    assert!(format!("{count:?}").contains("bytes: 262144"));
    // Whoever waits for room gets it after the thaw, though somebody else moves it.
    let (mut near, mut far) = (bench.near, bench.far);
    let writes = tokio::spawn(async move {
        near.write_all(b"last").await.unwrap();
        let _ = near.read(&mut [0; 1]).await;
    });
    let mut all = Vec::new();
    while !all.ends_with(b"last") {
        timeout(10 * SECOND, far.read_buf(&mut all)).await.unwrap().unwrap();
    }
    assert_eq!(all.len(), 262_148);
    writes.abort();
}

#[tokio::test(start_paused = true)]
async fn clearing_wakes_who_waits() {
    let mut bench = bench();
    bench.faults.begin(&Fault::Freeze, 60 * SECOND).unwrap();
    bench.far.write_all(b"x").await.unwrap();
    let faults = bench.faults.clone();
    tokio::spawn(async move {
        tokio::time::sleep(SECOND).await;
        faults.clear();
    });
    assert_eq!(bench.reads(1).await, b"x");
    assert_eq!(bench.clock.now(), Ts::from_millis(1_000));
    // And what begins while one reads is heard of too.
    let (faults, mut far) = (bench.faults.clone(), bench.far);
    tokio::spawn(async move {
        tokio::time::sleep(SECOND).await;
        faults.begin(&Fault::Freeze, SECOND).unwrap();
        far.write_all(b"y").await.unwrap();
        std::future::pending::<()>().await;
    });
    let mut byte = [0; 1];
    bench.near.read_exact(&mut byte).await.unwrap();
    assert_eq!(bench.clock.now(), Ts::from_millis(3_000));
}

#[tokio::test(start_paused = true)]
async fn a_blackhole_takes_only_what_was_open() {
    let mut bench = bench();
    bench.faults.begin(&Fault::Blackhole, 5 * SECOND).unwrap();
    let (near, mut far) = duplex(64);
    let mut young = bench.faults.link(near);
    far.write_all(b"new").await.unwrap();
    bench.far.write_all(b"old").await.unwrap();
    let mut bytes = [0; 3];
    young.read_exact(&mut bytes).await.unwrap();
    assert!(&bytes == b"new" && bench.is_silent().await);
    // A later one takes both, and one that is over leaves its number spent.
    bench.faults.clear();
    assert_eq!(bench.reads(3).await, b"old");
    bench.faults.begin(&Fault::Blackhole, SECOND).unwrap();
    far.write_all(b"new").await.unwrap();
    assert!(timeout(SECOND / 2, young.read_u8()).await.is_err());
}

#[tokio::test(start_paused = true)]
async fn latency_keeps_the_order_and_the_bytes() {
    let mut bench = bench();
    let (delay, jitter) = (Duration::from_millis(200), Duration::from_millis(50));
    bench.faults.begin(&Fault::Latency { delay, jitter }, 60 * SECOND).unwrap();
    let mut far = bench.far;
    tokio::spawn(async move {
        for n in 0..100_u8 {
            far.write_all(&[n]).await.unwrap();
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        std::future::pending::<()>().await;
    });
    let mut lates = Vec::new();
    for n in 0..100_u8 {
        assert_eq!(bench.near.read_u8().await.unwrap(), n);
        lates.push(bench.clock.now().as_nanos() / 1_000_000 - u64::from(n));
    }
    assert!(lates.iter().all(|late| (200..=252).contains(late)), "{lates:?}");
    assert!(lates.iter().max().unwrap() - lates.iter().min().unwrap() > 20, "{lates:?}");
}

#[tokio::test(start_paused = true)]
async fn latency_goes_both_ways_is_the_same_by_seed_and_delays_the_end() {
    let mut runs = Vec::new();
    for _ in 0..2 {
        let mut bench = bench();
        let (delay, jitter) = (Duration::from_millis(100), Duration::from_millis(100));
        bench.faults.begin(&Fault::Latency { delay, jitter }, 60 * SECOND).unwrap();
        bench.near.write_all(b"up").await.unwrap();
        let read = tokio::spawn(async move {
            let end = bench.near.read(&mut [0; 8]).await.unwrap();
            (end, bench.clock.now())
        });
        let mut up = [0; 2];
        bench.far.read_exact(&mut up).await.unwrap();
        drop(bench.far);
        let (end, at) = read.await.unwrap();
        assert_eq!(end, 0);
        runs.push(at);
    }
    assert_eq!(runs[0], runs[1]);
    assert!(runs[0] > Ts::from_millis(200) && runs[0] < Ts::from_millis(402), "{runs:?}");
}

#[tokio::test(start_paused = true)]
async fn a_bandwidth_is_what_it_says_each_way() {
    let mut bench = bench();
    bench.faults.begin(&Fault::Bandwidth { bytes: 10_000 }, 60 * SECOND).unwrap();
    bench.far.write_all(&vec![1; 20_000]).await.unwrap();
    bench.near.write_all(&vec![2; 20_000]).await.unwrap();
    let (mut near, mut far, clock) = (bench.near, bench.far, bench.clock);
    let reads = tokio::spawn(async move {
        let mut bytes = vec![0; 20_000];
        near.read_exact(&mut bytes).await.unwrap();
        let at = clock.now();
        let _ = near.read(&mut [0; 1]).await;
        at
    });
    let mut bytes = vec![0; 20_000];
    far.read_exact(&mut bytes).await.unwrap();
    drop(far);
    let took = reads.await.unwrap().as_secs_f64();
    assert!((1.9..=2.1).contains(&took), "{took}");
}

#[tokio::test(start_paused = true)]
async fn single_bytes_are_single() {
    let mut bench = bench();
    bench.faults.begin(&Fault::Bytewise, 60 * SECOND).unwrap();
    bench.far.write_all(b"abc").await.unwrap();
    for letter in b"abc" {
        let mut bytes = [0; 8];
        let count = bench.near.read(&mut bytes).await.unwrap();
        assert_eq!(&bytes[..count], &[*letter]);
    }
}

#[tokio::test(start_paused = true)]
async fn each_cut_is_seen_as_what_it_is() {
    let ended = |cut: Cut| async move {
        let mut bench = bench();
        bench.far.write_all(b"0123456789").await.unwrap();
        bench.faults.cut(&cut);
        let mut bytes = Vec::new();
        let read = bench.near.read_to_end(&mut bytes).await.map_err(|error| error.kind());
        let written = bench.near.write_all(b"x").await.map_err(|error| error.kind());
        (bytes.len(), read.is_ok(), written)
    };
    assert_eq!(ended(Cut::Fin).await, (0, true, Err(BrokenPipe)));
    assert_eq!(ended(Cut::Reset).await, (0, false, Err(ConnectionReset)));
    assert_eq!(ended(Cut::HalfClose).await, (0, true, Ok(())));
    assert_eq!(ended(Cut::Truncate).await, (9, true, Err(BrokenPipe)));
    assert_eq!(ended(Cut::Close { code: 1012, reason: String::new() }).await, (0, true, Err(BrokenPipe)));
}

#[tokio::test(start_paused = true)]
async fn a_cut_wakes_who_waits_and_leaves_new_links_alone() {
    let mut bench = bench();
    let faults = bench.faults.clone();
    tokio::spawn(async move {
        tokio::time::sleep(SECOND).await;
        faults.cut(&Cut::Fin);
    });
    let end = timeout(10 * SECOND, bench.near.read(&mut [0; 8])).await;
    assert_eq!(end.expect("woken").unwrap(), 0);
    assert_eq!(bench.far.read(&mut [0; 8]).await.unwrap(), 0, "the other side sees it too");
    let (near, mut far) = duplex(64);
    let mut young = bench.faults.link(near);
    far.write_all(b"x").await.unwrap();
    assert_eq!(young.read_u8().await.unwrap(), b'x');
    assert!(bench.near.is_cut() && !young.is_cut());
}

#[tokio::test(start_paused = true)]
async fn a_quiet_link_is_truncated_too() {
    let mut bench = bench();
    bench.faults.cut(&Cut::Truncate);
    let mut bytes = Vec::new();
    bench.near.read_to_end(&mut bytes).await.unwrap();
    assert_eq!(bytes, [0x81, 0x7E]);
    assert_eq!(bench.clock.now(), Ts::from_millis(2_000));
}

#[tokio::test]
async fn a_reset_is_a_real_one() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let near = TcpStream::connect(listener.local_addr().unwrap()).await.unwrap();
    let (mut far, _) = listener.accept().await.unwrap();
    let faults = Faults::new(Clock::start(), 1);
    let mut near = faults.link(near);
    faults.cut(&Cut::Reset);
    assert_eq!(near.read(&mut [0; 8]).await.unwrap_err().kind(), ConnectionReset);
    drop(near);
    assert_eq!(far.read(&mut [0; 8]).await.unwrap_err().kind(), ConnectionReset);
}

mod dials {
    use super::*;
    use crate::event::{Phases, Why};
    use crate::net::{NotOpened, Opened};

    async fn dial(faults: &Faults) -> Result<Opened<()>, NotOpened> {
        let opened = async {
            Ok(Opened {
                io: (),
                leftover: Vec::new(),
                phases: Phases::default(),
                address: None,
                subprotocol: None,
                deflate: None,
            })
        };
        faults.dial("h:1".to_owned(), opened).await
    }

    #[tokio::test(start_paused = true)]
    async fn a_dial_that_hangs_is_given_up_or_comes_late() {
        let faults = bench().faults;
        let clock = faults.shared.clock.clone();
        assert!(dial(&faults).await.is_ok());
        faults.begin(&Fault::Hang, 7 * SECOND).unwrap();
        let why = dial(&faults).await.unwrap_err().why;
        assert!(matches!(why, Why::DialTimeout { limit, .. } if limit == 5 * SECOND), "{why:?}");
        assert!(dial(&faults).await.is_ok());
        assert_eq!(clock.now(), Ts::from_millis(7_000));
        faults.begin(&Fault::Freeze, 60 * SECOND).unwrap();
        let other = faults.clone();
        tokio::spawn(async move {
            tokio::time::sleep(SECOND).await;
            other.clear();
        });
        assert!(dial(&faults).await.is_ok());
        assert_eq!(clock.now(), Ts::from_millis(8_000));
    }

    #[tokio::test(start_paused = true)]
    async fn so_many_dials_are_refused_as_asked() {
        let faults = bench().faults;
        let refuse = |status, times| Fault::Refuse { status, retry_after: Some(SECOND), times, cut: None };
        faults.begin(&refuse(Some(429), Some(1)), SECOND).unwrap();
        let why = dial(&faults).await.unwrap_err().why;
        assert!(matches!(why, Why::Http { status: 429, retry_after: Some(SECOND), .. }), "{why:?}");
        assert!(dial(&faults).await.is_ok());
        faults.begin(&refuse(None, None), SECOND).unwrap();
        assert_eq!(dial(&faults).await.unwrap_err().why, Why::Refused { address: "h:1".to_owned() });
        tokio::time::advance(SECOND).await;
        assert!(dial(&faults).await.is_ok());
    }
}
