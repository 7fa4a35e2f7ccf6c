//! The parts that several lines have in common: causes, the steps of a dial, figures of a whole feed.

use std::collections::BTreeMap;
use std::time::Duration;

use super::line::Line;
use crate::event::cluster::{Extent, Scope};
use crate::event::{Lag, Outage, Phases, Snapshot, Why};
use crate::say::{self, Lang};
use crate::time::Ts;

pub(super) fn write_why(line: &mut Line<'_>, key: &str, why: &Why) {
    line.object(key, |line| {
        let last = innermost(why);
        let (code, reason) =
            if let Why::Close { code, reason, .. } = last { (*code, Some(reason.as_str())) } else { (None, None) };
        let status = if let Why::Http { status, .. } = last { Some(*status) } else { None };
        line.text("kind", why.kind()).maybe("by", Some(why.by())).maybe("code", code);
        line.maybe_text("reason", reason);
        line.maybe("status", status).text("text", &say::why(Lang::En, why));
    });
}

/// What the server said each time, where it was the repetition that counted.
pub(super) fn innermost(why: &Why) -> &Why {
    if let Why::Storm { last, .. } = why { innermost(last) } else { why }
}

pub(super) fn write_phases(line: &mut Line<'_>, phases: &Phases) {
    line.object("phases", |line| {
        line.millis("dns_ms", phases.dns).millis("tcp_ms", phases.tcp).millis("proxy_ms", phases.proxy);
        line.millis("tls_ms", phases.tls).millis("upgrade_ms", phases.upgrade);
    });
}

/// What the outages of a feed come to.
#[derive(Debug, Default)]
pub(super) struct Tally {
    /// How often each cause began one.
    causes: BTreeMap<&'static str, u64>,
    /// The longest that is over.
    longest: Duration,
    /// Messages missed in those that are over; none where one of them cannot tell.
    missed: Option<u64>,
    over: u64,
}

impl Tally {
    pub(super) fn hear(&mut self, outage: &Outage) {
        if outage.over {
            self.longest = self.longest.max(outage.down);
            let so_far = if self.over == 0 { Some(0) } else { self.missed };
            self.missed = so_far.zip(outage.missed).map(|(a, b)| a.saturating_add(b));
            self.over += 1;
        } else {
            *self.causes.entry(outage.why.kind()).or_default() += 1;
        }
    }
}

pub(super) fn write_extent(line: &mut Line<'_>, extent: &Extent) {
    let kind = match extent.scope {
        Scope::Feed => "feed",
        Scope::Host => "host",
        Scope::Local => "local",
    };
    line.word("kind", kind).raw("lost", extent.lost).raw("of", extent.of);
    line.seconds("within_s", Some(extent.within));
}

pub(super) fn write_summary(line: &mut Line<'_>, snapshot: &Snapshot, tally: Option<&Tally>, now: Ts) {
    let counters = &snapshot.counters;
    let lost = snapshot.services.iter().filter_map(|service| service.lost).reduce(u64::saturating_add);
    line.raw("messages", counters.messages).raw("bytes", counters.bytes).maybe("gaps", lost);
    line.raw("wire_bytes", counters.wire).raw("payload_bytes", counters.payload);
    line.raw("unrouted", counters.unrouted).raw("not_json", counters.not_json);
    line.raw("dials", counters.dials).raw("opens", counters.opens);
    line.raw("heartbeats_sent", counters.beats_sent).raw("heartbeats_answered", counters.beats_answered);
    let down = down(snapshot, now);
    line.raw("outages", counters.outages).seconds("downtime_s", Some(down));
    let open = snapshot.outage.as_ref().filter(|outage| !outage.over);
    let lasted = open.map_or(Duration::ZERO, |o| if snapshot.opened.is_none() { now - o.began } else { o.down });
    let longest = tally.map_or(Duration::ZERO, |tally| tally.longest).max(lasted);
    line.seconds("longest_outage_s", (counters.outages > 0).then_some(longest));
    // Nothing was missed where there was no outage; what one that is not over will cost is not known.
    let missed = if counters.outages == 0 { Some(0) } else { tally.and_then(|t| t.missed).filter(|_| open.is_none()) };
    line.maybe("missed", missed);
    let causes = tally.map(|tally| &tally.causes).into_iter().flatten();
    line.list("causes", causes, |line, (kind, count)| {
        line.word("kind", kind).raw("outages", count);
    });
    line.list("services", &snapshot.services, |line, service| {
        line.text("service", &service.name).maybe("state", Some(service.state));
        line.raw("messages", service.messages).raw("bytes", service.bytes).maybe("gaps", service.lost);
        line.raw("repeated", service.repeated).raw("reordered", service.reordered);
        match service.lag {
            Some(lag) => line.object("lag", |line| write_lag(line, &lag)),
            None => line.json("lag", b"null"),
        };
    });
}

pub(super) fn write_lag(line: &mut Line<'_>, lag: &Lag) {
    #[expect(clippy::cast_precision_loss, reason = "2^52 microseconds are a hundred years")]
    let millis = |micros: i64| Some(micros as f64 / 1000.0);
    line.decimal("offset_ms", millis(lag.min)).decimal("p50", millis(lag.p50)).decimal("p95", millis(lag.p95));
    line.decimal("p99", millis(lag.p99)).decimal("max", millis(lag.max)).raw("n", lag.n);
}

/// Time without a link, an outage that is not over included.
pub(super) fn down(snapshot: &Snapshot, now: Ts) -> Duration {
    let current = snapshot.outage.as_ref().filter(|outage| !outage.over);
    let so_far = |outage: &Outage| if snapshot.opened.is_none() { now - outage.began } else { outage.down };
    snapshot.counters.downtime + current.map_or(Duration::ZERO, so_far)
}
