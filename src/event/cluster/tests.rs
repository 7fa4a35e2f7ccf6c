//! Losses as they are told, and what they are together.

use proptest::prelude::*;

use super::*;

fn at(seconds: f64) -> Ts {
    Ts::ZERO + Duration::from_secs_f64(seconds)
}

fn outage(id: u32, why: Why, began: f64, silent: f64, over: bool) -> Outage {
    Outage {
        id,
        over,
        why,
        began: at(began),
        detect: None,
        silent: Some(Duration::from_secs_f64(silent)),
        down: Duration::ZERO,
        attempts: 0,
        tries: Vec::new(),
        next: None,
        slept: Duration::ZERO,
        missed: None,
        services: Vec::new(),
    }
}

fn tell(clusters: &mut Clusters, feed: u32, when: f64, outage: Outage) {
    clusters.hear(&Stamped { n: 0, at: at(when), feed: FeedId(feed), event: Event::Outage(Box::new(outage)) });
}

fn lose(clusters: &mut Clusters, feed: u32, when: f64) {
    tell(clusters, feed, when, outage(1, Why::Eof, when, 0.0, false));
}

fn return_at(clusters: &mut Clusters, feed: u32, began: f64, when: f64) {
    tell(clusters, feed, when, outage(1, Why::Eof, began, 0.0, true));
}

/// Feeds by the names of their hosts.
fn watching(hosts: &[&str]) -> Clusters {
    let mut clusters = Clusters::default();
    for (id, host) in (0..).zip(hosts) {
        clusters.watch(FeedId(id), &format!("wss://user@{host}:9001/x"));
    }
    clusters
}

fn extents(clusters: &Clusters) -> Vec<(Scope, usize, usize)> {
    clusters.shared().map(|(_, extent)| (extent.scope, extent.lost, extent.of)).collect()
}

#[test]
fn feeds_of_two_hosts_within_five_seconds_are_one_local_trouble() {
    let mut clusters = watching(&["a", "b", "c"]);
    lose(&mut clusters, 0, 100.0);
    assert_eq!(extents(&clusters), []);
    lose(&mut clusters, 2, 104.9);
    assert_eq!(extents(&clusters), [(Scope::Local, 2, 3)]);
    let (cluster, extent) = clusters.current().unwrap();
    assert_eq!((cluster.settles(), extent.hosts), (at(105.9), 2));
    assert_eq!(extent.within, Duration::from_millis(4900));
    // Too late to be of it.
    lose(&mut clusters, 1, 105.1);
    assert_eq!(extents(&clusters), [(Scope::Local, 2, 3)]);
    assert_eq!(clusters.extent(clusters.of(FeedId(1), 1).unwrap()).scope, Scope::Feed);
    return_at(&mut clusters, 0, 100.0, 110.0);
    assert!(clusters.current().is_some());
    return_at(&mut clusters, 2, 104.9, 111.0);
    assert!(clusters.current().is_none());
    assert_eq!(clusters.of(FeedId(0), 1).unwrap().over, Some(at(111.0)));
}

#[test]
fn all_feeds_of_a_host_are_its_trouble_and_some_are_their_own() {
    let mut clusters = watching(&["a", "A", "b"]);
    lose(&mut clusters, 0, 1.0);
    assert_eq!(extents(&clusters), []);
    lose(&mut clusters, 1, 2.0);
    assert_eq!(extents(&clusters), [(Scope::Host, 2, 2)]);
    assert_eq!(clusters.current().unwrap().1.host.as_deref(), Some("a"));
    // One feed is no crowd.
    let mut alone = watching(&["a"]);
    lose(&mut alone, 0, 1.0);
    assert_eq!(extents(&alone), []);
}

#[test]
fn what_servers_say_is_no_networks_doing() {
    let no = |n: u32| outage(n, Why::Http { status: 503, text: String::new(), retry_after: None }, 1.0, 0.0, false);
    let mut clusters = watching(&["a", "a", "b", "c"]);
    tell(&mut clusters, 0, 1.0, no(1));
    tell(&mut clusters, 2, 1.0, no(1));
    lose(&mut clusters, 3, 1.0);
    assert_eq!(extents(&clusters), []);
    tell(&mut clusters, 1, 1.0, no(1));
    assert_eq!(extents(&clusters), [(Scope::Host, 2, 2)]);
}

/// Misspelt names beside links that work.
#[test]
fn what_was_never_open_is_not_lost_where_others_were() {
    let open = |clusters: &mut Clusters, feed, secs| {
        let phases = crate::event::Phases::default();
        let event = Event::Open { phases, address: None, subprotocol: None, extensions: None };
        clusters.hear(&Stamped { n: 0, at: at(secs), feed: FeedId(feed), event });
    };
    let mut clusters = watching(&["a", "b", "typo", "port"]);
    open(&mut clusters, 0, 1.0);
    open(&mut clusters, 1, 1.0);
    lose(&mut clusters, 2, 2.0);
    lose(&mut clusters, 3, 2.5);
    assert_eq!(extents(&clusters), []);
    lose(&mut clusters, 0, 20.0);
    lose(&mut clusters, 1, 20.5);
    assert_eq!(extents(&clusters), [(Scope::Local, 2, 4)]);

    // All begin without a network; when it comes, what is left has a trouble of its own.
    let mut clusters = watching(&["a", "b", "typo", "port"]);
    (0..4).for_each(|feed| lose(&mut clusters, feed, 1.0));
    assert_eq!(extents(&clusters), [(Scope::Local, 4, 4)]);
    open(&mut clusters, 0, 9.0);
    return_at(&mut clusters, 0, 1.0, 9.0);
    assert!(clusters.current().is_none());
}

#[test]
fn a_feed_that_is_stopped_or_paused_is_waited_for_no_more() {
    let mut clusters = watching(&["a", "b"]);
    lose(&mut clusters, 0, 1.0);
    lose(&mut clusters, 1, 1.0);
    clusters.hear(&Stamped { n: 0, at: at(9.0), feed: FeedId(0), event: Event::Stopped { why: Why::Eof } });
    assert!(clusters.current().is_some());
    return_at(&mut clusters, 1, 1.0, 10.0);
    assert!(clusters.current().is_none());
}

#[test]
fn a_verdict_may_be_true_since_the_last_byte() {
    let half_open = |began, silent| {
        let why = Why::HalfOpen { limit: Duration::from_secs(10), silent: Duration::from_secs_f64(silent) };
        outage(1, why, began, silent, false)
    };
    let mut clusters = watching(&["a", "b"]);
    tell(&mut clusters, 0, 115.0, half_open(115.0, 40.0));
    tell(&mut clusters, 1, 140.0, half_open(140.0, 40.0));
    assert_eq!(extents(&clusters), [(Scope::Local, 2, 2)]);
    assert_eq!(clusters.current().unwrap().1.within, Duration::from_secs(25), "what is said is what was seen");
    let mut clusters = watching(&["a", "b"]);
    tell(&mut clusters, 0, 115.0, half_open(115.0, 40.0));
    tell(&mut clusters, 1, 140.0, half_open(140.0, 10.0));
    assert_eq!(extents(&clusters), []);
}

#[test]
fn the_route_is_asked_for_once_and_not_for_this_machine_itself() {
    let mut clusters = watching(&["a", "b"]);
    lose(&mut clusters, 0, 1.0);
    assert!(!clusters.asks_route());
    lose(&mut clusters, 1, 1.0);
    assert!(clusters.asks_route());
    clusters.route(Some(false));
    assert!(!clusters.asks_route());
    assert_eq!(clusters.current().unwrap().1.routed, Some(false));
    let mut here = watching(&["127.0.0.1", "localhost", "[::1]"]);
    (0..3).for_each(|feed| lose(&mut here, feed, 1.0));
    assert_eq!(extents(&here), [(Scope::Local, 3, 3)]);
    assert!(!here.asks_route());
}

#[test]
fn a_host_is_found_in_a_url() {
    assert_eq!(host("wss://user:p@example.org:443/x?y=ws://z"), "example.org");
    assert_eq!(host("ws://[::1]:9001/"), "::1");
    assert_eq!(host("example.org"), "example.org");
    assert_eq!(host(""), "");
}

proptest! {
    #[test]
    fn every_loss_is_of_one_trouble_and_none_is_wider_than_it_may_be(
        losses in prop::collection::vec((0_u32..6, 0.0_f64..40.0), 1..40),
        hosts in prop::collection::vec(0_u8..3, 6),
    ) {
        let names: Vec<_> = hosts.iter().map(|host| format!("host{host}")).collect();
        let names: Vec<_> = names.iter().map(String::as_str).collect();
        let mut losses = losses;
        losses.sort_by(|a, b| a.1.total_cmp(&b.1));
        let mut clusters = watching(&names);
        for (id, (feed, when)) in (1..).zip(&losses) {
            tell(&mut clusters, *feed, *when, outage(id, Why::Eof, *when, 9.0, false));
        }
        let mut count = 0;
        for cluster in &clusters.known {
            count += cluster.members.len();
            prop_assert!(cluster.grew - cluster.began <= TOGETHER);
            let extent = clusters.extent(cluster);
            let own: BTreeSet<_> = cluster.feeds().map(|feed| hosts[feed.0 as usize]).collect();
            prop_assert_eq!(extent.scope == Scope::Local, own.len() > 1);
            prop_assert!(extent.lost <= extent.of && extent.hosts == own.len());
            if extent.scope == Scope::Host {
                prop_assert!(extent.lost == extent.of && extent.lost > 1);
            }
        }
        prop_assert_eq!(count, losses.len(), "each is of exactly one");
        for pair in clusters.known.iter().collect::<Vec<_>>().windows(2) {
            prop_assert!(pair[1].began - pair[0].began > TOGETHER, "what belongs together is together");
        }
    }

    #[test]
    fn when_the_run_began_does_not_matter(
        times in prop::collection::vec(0_u32..30_000, 1..20), shift in 0_u32..1_000_000,
    ) {
        let mut times = times;
        times.sort_unstable();
        let scopes = |shift: u32| {
            let mut clusters = watching(&["a", "b", "b", "c"]);
            for (id, time) in (1..).zip(&times) {
                let when = f64::from(time + shift) / 1000.0;
                tell(&mut clusters, id % 4, when, outage(id, Why::Eof, when, 1.0, false));
            }
            extents(&clusters)
        };
        prop_assert_eq!(scopes(0), scopes(shift));
    }
}

#[test]
fn a_feed_that_is_gone_was_never_lost() {
    let mut clusters = watching(&["a", "b", "c"]);
    lose(&mut clusters, 0, 100.0);
    lose(&mut clusters, 1, 101.0);
    assert_eq!(extents(&clusters), [(Scope::Local, 2, 3)]);
    return_at(&mut clusters, 0, 100.0, 103.0);
    assert_eq!(clusters.known[0].over, None);
    clusters.forget(FeedId(1), at(104.0));
    // What is left is over, and was of one feed.
    assert_eq!((clusters.known[0].over, extents(&clusters)), (Some(at(104.0)), Vec::new()));
    assert!(clusters.of(FeedId(1), 1).is_none() && clusters.of(FeedId(0), 1).is_some());
    clusters.forget(FeedId(0), at(105.0));
    assert!(clusters.known.is_empty() && clusters.hosts.len() == 1);
}
