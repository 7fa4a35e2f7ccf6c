//! Happy Eyeballs (RFC 8305): one connection out of several addresses, none of which keeps the others waiting.
//!
//! What a connection is, is its caller's: sockets when it runs, made-up ones on made-up time. Names are resolved elsewhere.

use std::collections::VecDeque;
use std::fmt::Write as _;
use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use futures::StreamExt as _;
use futures::stream::FuturesUnordered;
use tokio::time::sleep_until;

use super::io_why;
use crate::event::{DialPhase, Why};
use crate::time::Clock;

/// How long an address has for itself before the next joins in (RFC 8305, section 5).
const STAGGER: Duration = Duration::from_millis(250);

/// Beyond so many, further addresses of a name are not tried.
const MOST_ADDRESSES: usize = 16;

/// As the resolver ranks them, but the families by turns (RFC 8305, section 4), so that one broken family costs one try.
pub(super) fn interleaved(found: impl Iterator<Item = SocketAddr>) -> Vec<SocketAddr> {
    let mut turns: [VecDeque<SocketAddr>; 2] = Default::default();
    let mut first = None;
    for address in found {
        let lead = *first.get_or_insert(address.is_ipv4());
        let turn = &mut turns[usize::from(address.is_ipv4() != lead)];
        if !turn.contains(&address) {
            turn.push_back(address);
        }
    }
    let mut order = Vec::new();
    while order.len() < MOST_ADDRESSES && turns.iter().any(|turn| !turn.is_empty()) {
        order.extend(turns.iter_mut().filter_map(VecDeque::pop_front));
    }
    order
}

/// The first of the addresses that answers. The next is tried as soon as one fails, or when those under way take long;
/// those that lose are dropped.
pub(super) async fn race<T, F>(
    addresses: &[SocketAddr],
    clock: &Clock,
    limit: Duration,
    connect: impl Fn(SocketAddr) -> F,
) -> Result<(T, SocketAddr), Why>
where
    F: Future<Output = io::Result<T>>,
{
    let end = clock.now() + limit;
    let attempt = |address: SocketAddr| {
        let attempt = connect(address);
        async move { (address, attempt.await) }
    };
    let mut waiting = addresses.iter().copied();
    let mut running = FuturesUnordered::new();
    let mut tried = Vec::new();
    let mut failures: Vec<(SocketAddr, Why)> = Vec::new();
    loop {
        let Some(address) = waiting.next() else {
            if running.is_empty() {
                return Err(summed_up(&failures, limit));
            }
            // Nobody is left to join in: what runs may use up the time.
            match answer(&mut running, clock, end).await {
                Some((address, Ok(won))) => return Ok((won, address)),
                Some((address, Err(error))) => failures.push((address, io_why(&error, &address.to_string()))),
                None => break,
            }
            continue;
        };
        running.push(attempt(address));
        tried.push(address);
        match answer(&mut running, clock, (clock.now() + STAGGER).min(end)).await {
            Some((address, Ok(won))) => return Ok((won, address)),
            Some((address, Err(error))) => failures.push((address, io_why(&error, &address.to_string()))),
            None if clock.now() >= end => break,
            None => {}
        }
    }
    for address in tried {
        if !failures.iter().any(|(failed, _)| *failed == address) {
            let why = Why::DialTimeout { phase: DialPhase::Tcp, address: address.to_string(), limit };
            failures.push((address, why));
        }
    }
    Err(summed_up(&failures, limit))
}

/// What comes of those that run, until then.
async fn answer<T>(
    running: &mut FuturesUnordered<impl Future<Output = (SocketAddr, io::Result<T>)>>,
    clock: &Clock,
    until: crate::time::Ts,
) -> Option<(SocketAddr, io::Result<T>)> {
    tokio::select! {
        biased;
        answer = running.next() => answer,
        () = sleep_until(clock.instant(until)) => None,
    }
}

/// One cause for all addresses: of the most telling kind the last. An answer, even a refusal, tells more than silence,
/// and silence more than a family that has no route here.
fn summed_up(failures: &[(SocketAddr, Why)], limit: Duration) -> Why {
    let telling = |why: &Why| {
        let (lost, late) = (matches!(why, Why::Unreachable { .. }), matches!(why, Why::DialTimeout { .. }));
        (!lost, !late)
    };
    let Some((told, why)) = failures.iter().max_by_key(|(_, why)| telling(why)) else {
        return Why::DialTimeout { phase: DialPhase::Tcp, address: String::new(), limit };
    };
    let mut place = told.to_string();
    if failures.iter().all(|(_, other)| other.kind() == why.kind()) {
        let all: Vec<_> = failures.iter().map(|(address, _)| address.to_string()).collect();
        place = all.join(", ");
    } else {
        for (address, other) in failures.iter().filter(|(address, _)| address != told) {
            let _ = write!(place, ", {address} ({})", other.kind());
        }
    }
    let mut why = why.clone();
    if let Why::Refused { address } | Why::Unreachable { address, .. } | Why::DialTimeout { address, .. } = &mut why {
        *address = place;
    }
    why
}

#[cfg(test)]
mod tests;
