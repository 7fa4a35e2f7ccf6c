//! Races on made-up time, and what is said when nobody wins.

use std::cell::RefCell;
use std::io::ErrorKind;
use std::rc::Rc;

use tokio::time::sleep;

use super::*;
use crate::time::Ts;

fn at(text: &str) -> SocketAddr {
    text.parse().unwrap()
}

/// What an address does, after so many milliseconds.
#[derive(Clone, Copy)]
enum Does {
    Answer(u64),
    Fail(ErrorKind, u64),
    Nothing,
}

/// What happened, and when.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Saw {
    Began(u16, u64),
    Dropped(u16),
}

/// Tells when it is dropped.
struct Socket(u16, Rc<RefCell<Vec<Saw>>>);

impl Drop for Socket {
    fn drop(&mut self) {
        self.1.borrow_mut().push(Saw::Dropped(self.0));
    }
}

/// Runs a race in which the n-th address has port n; gives its result, its length in ms and what was seen.
async fn run(does: &[Does], limit: u64) -> (Result<u16, Why>, u64, Vec<Saw>) {
    let clock = Clock::start();
    let began = clock.now();
    let since = |now: Ts| u64::try_from((now - began).as_millis()).unwrap();
    let saw = Rc::new(RefCell::new(Vec::new()));
    let addresses: Vec<_> = (1..).zip(does).map(|(port, _)| SocketAddr::from(([10, 0, 0, 1], port))).collect();
    let connect = |address: SocketAddr| {
        let port = address.port();
        saw.borrow_mut().push(Saw::Began(port, since(clock.now())));
        let (does, socket) = (does[usize::from(port) - 1], Socket(port, saw.clone()));
        async move {
            match does {
                Does::Answer(ms) => sleep(Duration::from_millis(ms)).await,
                Does::Fail(kind, ms) => {
                    sleep(Duration::from_millis(ms)).await;
                    return Err(io::Error::from(kind));
                }
                Does::Nothing => std::future::pending().await,
            }
            Ok(socket)
        }
    };
    let result = race(&addresses, &clock, Duration::from_millis(limit), connect).await;
    let took = since(clock.now());
    let seen = saw.borrow().clone();
    (
        result.map(|(socket, address)| {
            assert_eq!(socket.0, address.port());
            address.port()
        }),
        took,
        seen,
    )
}

#[tokio::test(start_paused = true)]
async fn the_first_address_wins_alone_when_it_is_quick() {
    let (won, took, saw) = run(&[Does::Answer(200), Does::Answer(1)], 5000).await;
    assert_eq!((won.unwrap(), took), (1, 200));
    assert_eq!(saw, [Saw::Began(1, 0)]);
}

#[tokio::test(start_paused = true)]
async fn a_black_hole_costs_one_stagger() {
    let (won, took, saw) = run(&[Does::Nothing, Does::Answer(30)], 5000).await;
    assert_eq!((won.unwrap(), took), (2, 280));
    assert_eq!(saw, [Saw::Began(1, 0), Saw::Began(2, 250), Saw::Dropped(1)], "the loser is let go of");
}

#[tokio::test(start_paused = true)]
async fn a_slow_first_may_still_win() {
    let (won, took, saw) = run(&[Does::Answer(300), Does::Answer(100), Does::Answer(1)], 5000).await;
    assert_eq!((won.unwrap(), took), (1, 300));
    assert_eq!(saw, [Saw::Began(1, 0), Saw::Began(2, 250), Saw::Dropped(2)]);
}

#[tokio::test(start_paused = true)]
async fn after_a_failure_the_next_is_tried_at_once() {
    let refused = |ms| Does::Fail(ErrorKind::ConnectionRefused, ms);
    let (won, took, saw) = run(&[refused(10), refused(20), Does::Answer(5)], 5000).await;
    assert_eq!((won.unwrap(), took), (3, 35));
    assert_eq!(saw, [Saw::Began(1, 0), Saw::Dropped(1), Saw::Began(2, 10), Saw::Dropped(2), Saw::Began(3, 30)]);
    // One that fails late does not stop the others, nor start one twice.
    let (won, took, saw) = run(&[refused(400), Does::Answer(500), Does::Nothing], 5000).await;
    assert_eq!((won.unwrap(), took), (2, 750));
    assert_eq!(saw.iter().filter(|saw| matches!(saw, Saw::Began(..))).count(), 3);
    assert!(saw.contains(&Saw::Began(3, 400)), "{saw:?}");
}

#[tokio::test(start_paused = true)]
async fn one_limit_is_for_all() {
    let (lost, took, _) = run(&[Does::Nothing; 3], 5000).await;
    assert_eq!(took, 5000);
    let Err(Why::DialTimeout { phase: DialPhase::Tcp, address, limit }) = lost else { panic!("{lost:?}") };
    assert_eq!(address, "10.0.0.1:1, 10.0.0.1:2, 10.0.0.1:3");
    assert_eq!(limit, Duration::from_secs(5));
    // Those whose turn never came are not blamed.
    let (lost, took, saw) = run(&[Does::Nothing; 16], 400).await;
    assert_eq!((took, saw.len()), (400, 4));
    assert!(matches!(lost, Err(Why::DialTimeout { address, .. }) if address == "10.0.0.1:1, 10.0.0.1:2"));
    let (lost, took, _) = run(&[], 5000).await;
    assert_eq!((lost.unwrap_err().kind(), took), ("connect_timeout", 0));
    // All sixteen have their turn in the usual time.
    assert!(STAGGER * 16 < Duration::from_secs(5));
}

#[tokio::test(start_paused = true)]
async fn nobody_waits_once_all_have_failed() {
    let refused = Does::Fail(ErrorKind::ConnectionRefused, 1);
    let (lost, took, _) = run(&[refused, Does::Fail(ErrorKind::NetworkUnreachable, 0), refused], 5000).await;
    assert_eq!(took, 2);
    let Err(Why::Refused { address }) = lost else { panic!("{lost:?}") };
    assert_eq!(address, "10.0.0.1:3, 10.0.0.1:1 (refused), 10.0.0.1:2 (unreachable)");
}

#[test]
fn the_families_take_turns_and_the_first_stays_first() {
    let found = ["[::1]:1", "[::2]:1", "[::1]:1", "[::3]:1", "10.0.0.1:1", "10.0.0.2:1"].map(at);
    let order = interleaved(found.into_iter());
    assert_eq!(order, ["[::1]:1", "10.0.0.1:1", "[::2]:1", "10.0.0.2:1", "[::3]:1"].map(at));
    assert_eq!(interleaved(["10.0.0.1:1", "[::1]:1"].map(at).into_iter()), ["10.0.0.1:1", "[::1]:1"].map(at));
    let many = (0..1000).map(|n| SocketAddr::from(([10, 0, 0, 1], n)));
    assert!(interleaved(many).len() <= MOST_ADDRESSES);
}

#[test]
fn addresses_that_fail_alike_are_named_together() {
    let limit = Duration::from_secs(5);
    let refused = |text: &str| (at(text), Why::Refused { address: text.to_owned() });
    let why = summed_up(&[refused("[::1]:9"), refused("127.0.0.1:9")], limit);
    assert_eq!(why, Why::Refused { address: "[::1]:9, 127.0.0.1:9".to_owned() });
}

#[test]
fn a_refusal_tells_more_than_a_family_without_a_route() {
    let refused = Why::Refused { address: "10.0.0.1:9".to_owned() };
    let nowhere = Why::Unreachable { address: "[::2]:9".to_owned(), text: "no route".to_owned() };
    let why = summed_up(&[(at("10.0.0.1:9"), refused), (at("[::2]:9"), nowhere)], Duration::from_secs(5));
    assert_eq!(why, Why::Refused { address: "10.0.0.1:9, [::2]:9 (unreachable)".to_owned() });
}
