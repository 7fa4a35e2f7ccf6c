//! Us or them: losses of several feeds that are one trouble. A pure rule over which feed, of which host, was lost when; it
//! asks no network and makes no sentence.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::time::Duration;

use super::{By, Event, FeedId, Outage, Stamped, Why};
use crate::time::Ts;

/// What fails within so long fails together.
const TOGETHER: Duration = Duration::from_secs(5);
/// Verdicts come late, each by its own limits; later than this they are no news of the same trouble.
const LATEST: Duration = Duration::from_mins(1);
/// The number of feeds is final, as far as that can be known, when none was added for so long.
const SETTLED: Duration = Duration::from_secs(1);
/// So many troubles are remembered.
const KEPT: usize = 100;

/// Whose trouble it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Scope {
    /// One feed's, or of some feeds of a host that has more.
    Feed,
    /// All feeds of one host, and it has several.
    Host,
    /// Feeds on two or more hosts: what they have in common is this side.
    Local,
}

/// Losses that can have happened within five seconds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cluster {
    /// Counts from 1.
    pub id: u32,
    /// When the first of them was told.
    pub began: Ts,
    /// When the last of them was told.
    pub grew: Ts,
    /// When the last of them was over, if all are.
    pub over: Option<Ts>,
    /// Whether there is a default route, where that was asked.
    pub routed: Option<bool>,
    members: Vec<Member>,
    /// Servers said no: no network does that, so it is of one host alone, and of no trouble with lost links.
    said_no: bool,
    /// The latest beginning and the earliest end of the times in which each can have failed.
    window: (Ts, Ts),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Member {
    feed: FeedId,
    outage: u32,
    over: bool,
}

/// What is to be said of a cluster.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Extent {
    pub scope: Scope,
    /// The host, where it is one.
    pub host: Option<String>,
    /// Feeds lost, of how many that could be (of all, or of the host).
    pub lost: usize,
    pub of: usize,
    /// The hosts of the feeds lost.
    pub hosts: usize,
    /// From the first to the last that was told.
    pub within: Duration,
    pub routed: Option<bool>,
}

/// All troubles, by what was told so far.
#[derive(Debug, Default)]
pub struct Clusters {
    hosts: BTreeMap<FeedId, String>,
    /// Oldest first.
    known: VecDeque<Cluster>,
    count: u32,
    /// Feeds that were open once.
    opened: BTreeSet<FeedId>,
}

impl Clusters {
    /// A feed is watched, at this address.
    pub fn watch(&mut self, feed: FeedId, url: &str) {
        self.hosts.insert(feed, host(url).to_ascii_lowercase());
    }

    /// A feed is not watched any more: nothing is made of what it lost.
    pub fn forget(&mut self, feed: FeedId, now: Ts) {
        self.hosts.remove(&feed);
        self.opened.remove(&feed);
        for cluster in &mut self.known {
            cluster.members.retain(|member| member.feed != feed);
            if cluster.members.iter().all(|member| member.over) {
                cluster.over = cluster.over.or(Some(now));
            }
        }
        self.known.retain(|cluster| !cluster.members.is_empty());
    }

    /// Takes in what a feed told. Says whether it was about a loss.
    pub fn hear(&mut self, stamped: &Stamped) -> bool {
        match &stamped.event {
            Event::Outage(outage) if outage.over => self.over(stamped.at, stamped.feed, outage.id),
            Event::Outage(outage) => self.lost(stamped.feed, outage),
            // Nobody waits for it any more: what it waits for now is the user.
            Event::Stopped { .. } | Event::Paused => self.left(stamped.at, stamped.feed),
            Event::Open { .. } => {
                self.open(stamped.at, stamped.feed);
                return false;
            }
            Event::Dialing { .. }
            | Event::DialFailed { .. }
            | Event::Ready
            | Event::Service(_)
            | Event::Rows(_)
            | Event::Sent { .. }
            | Event::BeatSent { .. }
            | Event::BeatAnswered { .. }
            | Event::Gap(_)
            | Event::Repeated { .. }
            | Event::Reordered { .. }
            | Event::Closed { .. }
            | Event::Reconnecting { .. }
            | Event::IntervalIgnored { .. }
            | Event::Slept { .. }
            | Event::Backpressure { .. }
            | Event::Fault(_)
            | Event::Shed { .. } => return false,
        }
        true
    }

    /// What was never open, while others were, was not lost: it is a wrong name or port, and no news of a network.
    fn open(&mut self, at: Ts, feed: FeedId) {
        self.opened.insert(feed);
        for cluster in self.known.iter_mut().filter(|cluster| cluster.over.is_none()) {
            cluster.members.retain(|member| self.opened.contains(&member.feed));
            if cluster.members.iter().all(|member| member.over) {
                cluster.over = Some(at);
            }
        }
        self.known.retain(|cluster| !cluster.members.is_empty());
    }

    fn lost(&mut self, feed: FeedId, outage: &Outage) {
        let told = outage.began;
        let (from, to) = moment(outage);
        let member = Member { feed, outage: outage.id, over: false };
        let said_no = says_no(&outage.why);
        if !self.opened.is_empty() && !self.opened.contains(&feed) {
            return;
        }
        let hosts = &self.hosts;
        let host = hosts.get(&feed);
        let open = self.known.iter_mut().rev().find(|cluster| {
            let same =
                cluster.said_no == said_no && (!said_no || cluster.feeds().all(|other| hosts.get(&other) == host));
            let window = (cluster.window.0.max(from), cluster.window.1.min(to));
            same && window.0.since(window.1) <= TOGETHER && told.since(cluster.began) <= LATEST
        });
        if let Some(cluster) = open {
            cluster.window = (cluster.window.0.max(from), cluster.window.1.min(to));
            cluster.grew = cluster.grew.max(told);
            cluster.over = None;
            cluster.members.push(member);
            return;
        }
        self.count = self.count.saturating_add(1);
        if self.known.len() == KEPT {
            self.known.pop_front();
        }
        self.known.push_back(Cluster {
            id: self.count,
            began: told,
            grew: told,
            over: None,
            routed: None,
            members: vec![member],
            said_no,
            window: (from, to),
        });
    }

    fn over(&mut self, at: Ts, feed: FeedId, outage: u32) {
        self.end(at, |member| member.feed == feed && member.outage == outage);
    }

    fn left(&mut self, at: Ts, feed: FeedId) {
        self.end(at, |member| member.feed == feed);
    }

    fn end(&mut self, at: Ts, ends: impl Fn(&Member) -> bool) {
        for cluster in self.known.iter_mut().filter(|cluster| cluster.over.is_none()) {
            let mut touched = false;
            for member in cluster.members.iter_mut().filter(|member| ends(member)) {
                member.over = true;
                touched = true;
            }
            if touched && cluster.members.iter().all(|member| member.over) {
                cluster.over = Some(at);
            }
        }
    }

    /// The trouble that an outage belongs to.
    pub fn of(&self, feed: FeedId, outage: u32) -> Option<&Cluster> {
        let has = |cluster: &&Cluster| cluster.members.iter().any(|m| m.feed == feed && m.outage == outage);
        self.known.iter().rev().find(has)
    }

    /// All that are more than one feed's, oldest first.
    pub fn shared(&self) -> impl DoubleEndedIterator<Item = (&Cluster, Extent)> {
        let extents = self.known.iter().map(|cluster| (cluster, self.extent(cluster)));
        extents.filter(|(_, extent)| extent.scope != Scope::Feed)
    }

    /// The latest of these that is not over.
    pub fn current(&self) -> Option<(&Cluster, Extent)> {
        self.shared().rev().find(|(cluster, _)| cluster.over.is_none())
    }

    pub fn extent(&self, cluster: &Cluster) -> Extent {
        let feeds: BTreeSet<_> = cluster.feeds().collect();
        let hosts: BTreeSet<_> = feeds.iter().filter_map(|feed| self.hosts.get(feed)).collect();
        let of_host = |host: &String| self.hosts.values().filter(|other| *other == host).count();
        let host = hosts.first().filter(|_| hosts.len() == 1);
        let all = host.map_or(self.hosts.len(), |host| of_host(host));
        let scope = match hosts.len() {
            2.. => Scope::Local,
            _ if feeds.len() > 1 && feeds.len() == all => Scope::Host,
            _ => Scope::Feed,
        };
        Extent {
            scope,
            host: host.map(|host| (*host).clone()),
            lost: feeds.len(),
            of: all,
            hosts: hosts.len(),
            within: cluster.grew - cluster.began,
            routed: cluster.routed,
        }
    }

    /// Whether somebody should look whether there is a default route: for a trouble of this side that goes beyond this
    /// machine, and of which that was not asked.
    pub fn asks_route(&self) -> bool {
        self.shared().any(|(cluster, extent)| self.wants_route(cluster, &extent))
    }

    /// What was found.
    pub fn route(&mut self, routed: Option<bool>) {
        let asking: Vec<u32> =
            self.shared().filter(|(cluster, extent)| self.wants_route(cluster, extent)).map(|(c, _)| c.id).collect();
        for cluster in self.known.iter_mut().filter(|cluster| asking.contains(&cluster.id)) {
            cluster.routed = routed;
        }
    }

    fn wants_route(&self, cluster: &Cluster, extent: &Extent) -> bool {
        let far = |feed| self.hosts.get(&feed).is_some_and(|host| !is_loopback(host));
        extent.scope == Scope::Local && cluster.routed.is_none() && cluster.over.is_none() && cluster.feeds().any(far)
    }
}

impl Cluster {
    /// The feeds that were lost; one that was lost twice stands there twice.
    pub fn feeds(&self) -> impl Iterator<Item = FeedId> + '_ {
        self.members.iter().map(|member| member.feed)
    }

    /// When it may be told of, as far as no more feeds come.
    pub fn settles(&self) -> Ts {
        self.over.unwrap_or(self.grew + SETTLED)
    }
}

/// When it can have failed: a told end has its moment, our own verdict may be true since the last byte.
fn moment(outage: &Outage) -> (Ts, Ts) {
    let silent = match (&outage.why, outage.silent) {
        (Why::HalfOpen { .. } | Why::Silent { .. } | Why::WriteStalled { .. }, Some(silent)) => silent,
        (_, _) => Duration::ZERO,
    };
    let nanos = u64::try_from(silent.as_nanos()).unwrap_or(u64::MAX);
    (Ts::from_nanos(outage.began.as_nanos().saturating_sub(nanos)), outage.began)
}

/// A server's own no: what it says proves that the network between us works.
fn says_no(why: &Why) -> bool {
    match why {
        Why::Close { by: By::Peer, code: Some(1008 | 3000..=4999), .. }
        | Why::Http { .. }
        | Why::Login { .. }
        | Why::Dismissed { .. }
        | Why::Storm { .. }
        | Why::Fatal { .. }
        | Why::Protocol { .. }
        | Why::TooBig { .. }
        | Why::AckTimeout { .. } => true,
        Why::Close { .. }
        | Why::Eof
        | Why::Reset { .. }
        | Why::HalfOpen { .. }
        | Why::Silent { .. }
        | Why::WriteStalled { .. }
        | Why::Dns { .. }
        | Why::Program { .. }
        | Why::Refused { .. }
        | Why::Unreachable { .. }
        | Why::DialTimeout { .. }
        | Why::Proxy { .. }
        | Why::Tls { .. }
        // Somebody in between may answer in a server's place.
        | Why::Handshake { .. }
        | Why::ConnectLimit { .. }
        | Why::Asked
        | Why::Planned
        | Why::Slept { .. } => false,
    }
}

/// The host of a URL, without user and port: what differs by its port alone is one host.
pub fn host(url: &str) -> &str {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let authority = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
    match authority.strip_prefix('[').and_then(|v6| v6.split_once(']')) {
        Some((v6, _)) => v6,
        None => authority.split(':').next().unwrap_or_default(),
    }
}

fn is_loopback(host: &str) -> bool {
    let address = host.parse::<std::net::IpAddr>();
    host == "localhost" || host.ends_with(".localhost") || address.is_ok_and(|address| address.is_loopback())
}

#[cfg(test)]
mod tests;
