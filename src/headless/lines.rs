//! Events as lines, as the contract says: one JSON object an event, or one sanitised line of text.
//!
//! It keeps what a line needs of earlier events (names of feeds and services), and writes nowhere but into a buffer.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::line::{Line, write_text};
use super::parts::{Tally, down, write_extent, write_phases, write_summary, write_why};
use super::stamp::StampCache;
use crate::event::alarm::Alarms;
use crate::event::cluster::{Clusters, Extent, Scope};
use crate::event::{Batch, Dir, Event, FeedId, FeedInfo, Form, Kind, Outage, Row, ServiceId, Snapshot, Stamped, Why};
use crate::say::{self, Lang};
use crate::text;
use crate::time::{Clock, Ts, WallAnchor};

/// What is written of the events.
#[derive(Clone, Debug, Default)]
pub struct Shape {
    /// Text for people instead of JSON.
    pub text: bool,
    /// Without payloads.
    pub no_data: bool,
    /// Only these; all where it is empty.
    pub only: Vec<String>,
}

#[derive(Debug)]
pub struct Lines {
    pub(super) shape: Shape,
    pub(super) feeds: BTreeMap<FeedId, Names>,
    pub(super) stamp: StampCache,
    pub(super) clusters: Clusters,
    /// Troubles that were told of: how many feeds they had then, and whether they were over.
    pub(super) told: BTreeMap<u32, (usize, bool)>,
    pub(super) alarms: Alarms,
    tallies: BTreeMap<FeedId, Tally>,
}

/// A feed and its services, as JSON strings.
#[derive(Debug)]
pub(super) struct Names {
    pub(super) info: FeedInfo,
    json: Vec<u8>,
    pub(super) services: Vec<(Arc<str>, Vec<u8>)>,
}

impl Lines {
    pub fn new(shape: Shape, feeds: &[FeedInfo]) -> Self {
        let names =
            |info: &FeedInfo| (info.id, Names { info: info.clone(), json: quoted(&info.name), services: Vec::new() });
        let mut clusters = Clusters::default();
        for info in feeds {
            clusters.watch(info.id, &info.url);
        }
        let (feeds, stamp) = (feeds.iter().map(names).collect(), StampCache::default());
        let (told, tallies, alarms) = (BTreeMap::new(), BTreeMap::new(), Alarms::default());
        Self { shape, feeds, stamp, clusters, told, alarms, tallies }
    }

    /// Feeds that were lost together, so far.
    pub fn clusters(&mut self) -> &mut Clusters {
        &mut self.clusters
    }

    pub fn start(&mut self, seed: u64, clock: &Clock, to: &mut Vec<u8>) {
        if !self.wants("start") {
            return;
        }
        if self.shape.text {
            for names in self.feeds.values() {
                let services = names.info.services.join(", ");
                let line = format!("{}  {}  {}  {}\n", names.info.name, names.info.url, names.info.profile, services);
                to.extend_from_slice(text::clean(line.trim_end()).as_bytes());
                to.push(b'\n');
            }
            return;
        }
        let mut line = self.stamp.line(to, Ts::ZERO, clock.anchor());
        line.json("feed", b"null").text("event", "start").raw("schema", 1);
        line.text("version", env!("CARGO_PKG_VERSION")).raw("seed", seed);
        line.list("feeds", self.feeds.values(), |line, names| {
            line.json("feed", &names.json).text("url", &names.info.url).text("profile", &names.info.profile);
            line.with("services", |to| {
                to.push(b'[');
                for (index, service) in names.info.services.iter().enumerate() {
                    if index > 0 {
                        to.push(b',');
                    }
                    write_text(to, service);
                }
                to.push(b']');
            });
        });
        line.end();
    }

    /// Writes what an event says, up to `most` messages with data. Says how many of these were among it, whether they are
    /// shown or not.
    pub fn event(&mut self, stamped: &Stamped, anchor: WallAnchor, most: u64, to: &mut Vec<u8>) -> u64 {
        self.learn(stamped);
        self.clusters.hear(stamped);
        self.alarms.hear(stamped);
        if let Event::Outage(outage) = &stamped.event {
            self.tallies.entry(stamped.feed).or_default().hear(outage);
        }
        if let Event::Rows(batch) = &stamped.event {
            return self.rows(stamped.feed, batch, anchor, most, to);
        }
        let name = stamped.event.name();
        if self.wants(name) {
            if self.shape.text {
                self.plain(stamped, anchor, to);
            } else {
                self.turn(stamped, name, anchor, to);
            }
        }
        0
    }

    pub(super) fn wants(&self, name: &str) -> bool {
        self.shape.only.is_empty() || self.shape.only.iter().any(|only| only == name)
    }

    fn learn(&mut self, stamped: &Stamped) {
        if let (Event::Service(news), Some(names)) = (&stamped.event, self.feeds.get_mut(&stamped.feed)) {
            let index = usize::from(news.service.0);
            if index >= names.services.len() {
                names.services.resize(index + 1, (Arc::clone(&news.name), quoted(&news.name)));
            }
            if let Some(slot) = names.services.get_mut(index).filter(|(name, _)| *name != news.name) {
                *slot = (Arc::clone(&news.name), quoted(&news.name));
            }
        }
    }

    fn rows(&mut self, feed: FeedId, batch: &Batch, anchor: WallAnchor, most: u64, to: &mut Vec<u8>) -> u64 {
        let shown = self.wants("message");
        let mut data = 0;
        for row in &batch.rows {
            if data >= most {
                break;
            }
            data += u64::from(row.dir == Dir::In && matches!(row.kind, Kind::Data | Kind::Snapshot | Kind::Other));
            if !shown {
                continue;
            }
            if self.shape.text {
                self.plain_row(feed, row, batch.body(row), anchor, to);
            } else {
                self.row(feed, row, batch.body(row), anchor, to);
            }
        }
        data
    }

    fn row(&mut self, feed: FeedId, row: &Row, body: &[u8], anchor: WallAnchor, to: &mut Vec<u8>) {
        let names = self.feeds.get(&feed);
        let mut line = self.stamp.line(to, row.at, anchor);
        line.json("feed", names.map_or(b"null", |names| names.json.as_slice())).json("event", b"\"message\"");
        let service = row.service.and_then(|id| names?.services.get(usize::from(id.0)));
        line.json("service", service.map_or(b"null", |(_, json)| json.as_slice()));
        line.word("kind", row.kind.word()).json("dir", if row.dir == Dir::In { b"\"in\"" } else { b"\"out\"" });
        line.number("bytes", row.len);
        match row.seq {
            Some(seq) => line.number("seq", seq),
            None => line.json("seq", b"null"),
        };
        line.thousandths("lag_ms", row.lag);
        line.number("frame", row.frame).number("part", row.part).number("parts", row.parts);
        if !self.shape.no_data {
            write_body(&mut line, row.form, body);
        }
        line.end();
    }

    fn turn(&mut self, stamped: &Stamped, name: &str, anchor: WallAnchor, to: &mut Vec<u8>) {
        let names = self.feeds.get(&stamped.feed);
        let service = |line: &mut Line<'_>, id: ServiceId| {
            let known = names.and_then(|names| names.services.get(usize::from(id.0)));
            line.json("service", known.map_or(b"null", |(_, json)| json.as_slice()));
        };
        let mut line = self.stamp.line(to, stamped.at, anchor);
        line.json("feed", names.map_or(b"null", |names| names.json.as_slice())).text("event", name);
        match &stamped.event {
            Event::Dialing { attempt } => {
                line.raw("attempt", attempt).json("address", b"null");
            }
            Event::DialFailed { attempt, why, phases } => {
                write_why(&mut line, "why", why);
                write_phases(&mut line, phases);
                line.raw("attempt", attempt);
            }
            Event::Open { phases, address, subprotocol, extensions } => {
                write_phases(&mut line, phases);
                line.maybe_text("address", address.as_deref());
                line.maybe_text("subprotocol", subprotocol.as_deref());
                line.maybe_text("extensions", extensions.as_deref());
            }
            Event::Ready | Event::Rows(_) => {}
            Event::Service(news) => {
                line.text("service", &news.name).maybe("state", Some(news.state));
                line.raw("discovered", news.discovered);
                line.seconds("silent_s", news.silent).seconds("usual_s", news.usual);
                line.maybe_text("text", news.text.as_deref());
            }
            Event::Sent { purpose, service: id, text, bytes } => {
                match id {
                    Some(id) => service(&mut line, *id),
                    None => {
                        line.json("service", b"null");
                    }
                }
                line.maybe("purpose", Some(*purpose)).text("text", text).raw("bytes", bytes);
            }
            Event::BeatSent { how, text } => {
                line.maybe("how", Some(*how)).text("text", text);
            }
            Event::BeatAnswered { how, rtt } => {
                line.maybe("how", Some(*how)).millis("rtt_ms", Some(*rtt));
            }
            Event::Gap(gap) => {
                service(&mut line, gap.service);
                line.raw("from", gap.from).raw("to", gap.to).raw("missing", gap.missing);
                line.maybe("state", Some(gap.state)).raw("across_reconnect", gap.across_reconnect);
            }
            Event::Repeated { service: id, seq } | Event::Reordered { service: id, seq } => {
                service(&mut line, *id);
                line.raw("seq", seq);
            }
            Event::Closed { why, up, silent } => {
                write_why(&mut line, "why", why);
                line.seconds("up_s", Some(*up)).seconds("silent_s", Some(*silent));
            }
            Event::Reconnecting { attempt, delay, because } => {
                line.raw("attempt", attempt).millis("delay_ms", Some(*delay));
                write_why(&mut line, "because", because);
            }
            Event::Outage(outage) => {
                let cluster = self.clusters.of(stamped.feed, outage.id).map(|cluster| self.clusters.extent(cluster));
                write_outage(&mut line, outage, names, cluster.as_ref());
            }
            Event::Stopped { why } => write_why(&mut line, "why", why),
            Event::Paused => write_why(&mut line, "why", &Why::Asked),
            Event::Slept { length } => {
                line.seconds("seconds", Some(*length));
            }
            Event::Backpressure { on } => {
                line.text("state", if *on { "on" } else { "off" });
            }
            Event::IntervalIgnored { name, value, instead } => {
                line.text("name", name).text("value", value).seconds("instead_s", Some(*instead));
            }
            Event::Fault(fault) => {
                line.text("fault", &fault.name).maybe("state", Some(fault.state)).text("text", &fault.text);
            }
            Event::Shed { service: id, count } => {
                match id {
                    Some(id) => service(&mut line, *id),
                    None => {
                        line.json("service", b"null");
                    }
                }
                line.raw("count", count);
            }
        }
        line.end();
    }

    /// The last line: what became of it all.
    pub fn summary(&mut self, snapshots: &[(FeedId, Snapshot)], clock: &Clock, to: &mut Vec<u8>) {
        if !self.wants("summary") {
            return;
        }
        let now = clock.now();
        if self.shape.text {
            for (id, snapshot) in snapshots {
                let name = self.feeds.get(id).map_or("", |names| names.info.name.as_str());
                let counters = &snapshot.counters;
                let line = format!(
                    "{name}: {} messages, {}, {} outages, down {}",
                    text::count(counters.messages),
                    text::size(counters.bytes),
                    counters.outages,
                    text::age(down(snapshot, now)),
                );
                to.extend_from_slice(text::clean(&line).as_bytes());
                to.push(b'\n');
            }
            return;
        }
        let mut line = self.stamp.line(to, now, clock.anchor());
        line.json("feed", b"null").text("event", "summary");
        let total = |of: fn(&Snapshot) -> u64| snapshots.iter().map(|(_, snapshot)| of(snapshot)).sum::<u64>();
        line.raw("messages", total(|s| s.counters.messages)).raw("bytes", total(|s| s.counters.bytes));
        line.raw("outages", total(|s| s.counters.outages));
        let downtime = snapshots.iter().map(|(_, snapshot)| down(snapshot, now)).sum();
        line.seconds("downtime_s", Some(downtime)).raw("troubles", self.clusters.shared().count());
        let (feeds, tallies) = (&self.feeds, &self.tallies);
        line.list("feeds", snapshots, |line, (id, snapshot)| {
            let names = feeds.get(id);
            line.json("feed", names.map_or(b"null", |names| names.json.as_slice()));
            write_summary(line, snapshot, tallies.get(id), now);
        });
        line.end();
    }

    fn plain(&mut self, stamped: &Stamped, anchor: WallAnchor, to: &mut Vec<u8>) {
        let names = self.feeds.get(&stamped.feed);
        let service = |id: ServiceId| {
            names
                .and_then(|names| names.services.get(usize::from(id.0)))
                .map_or_else(String::new, |(name, _)| name.to_string())
        };
        let feed = names.map_or("", |names| names.info.name.as_str());
        let words = say::happening(Lang::En, &stamped.event, &service, stamped.at);
        self.stamp.clock_time(stamped.at, anchor, to);
        to.extend_from_slice(format!("  {}  {words}\n", text::clean(feed)).as_bytes());
    }

    fn plain_row(&mut self, feed: FeedId, row: &Row, body: &[u8], anchor: WallAnchor, to: &mut Vec<u8>) {
        self.stamp.clock_time(row.at, anchor, to);
        let names = self.feeds.get(&feed);
        let service = row.service.and_then(|id| names?.services.get(usize::from(id.0)));
        let feed = names.map_or("", |names| names.info.name.as_str());
        let service = service.map_or("-", |(name, _)| name);
        to.extend_from_slice(format!("  {}  {}  ", text::clean(feed), text::clean(service)).as_bytes());
        if self.shape.no_data {
            to.extend_from_slice(text::size(u64::from(row.len)).as_bytes());
        } else {
            to.extend_from_slice(text::clean_bytes(body, usize::MAX).as_bytes());
        }
        to.push(b'\n');
    }
}

fn write_body(line: &mut Line<'_>, form: Form, body: &[u8]) {
    match (form, std::str::from_utf8(body)) {
        // JSON by its grammar, but no text: many readers would refuse the whole line for it.
        (Form::Json, Ok(json)) if text::has_lone_surrogate(json) => line.text("text", json),
        (Form::Json, Ok(json)) => line.with("data", |to| text::write_json(to, json)),
        (Form::Text, Ok(words)) => line.text("text", words),
        (Form::Binary, _) | (Form::Text | Form::Json, Err(_)) => line.with("base64", |to| {
            to.push(b'"');
            to.extend_from_slice(data_encoding::BASE64.encode(body).as_bytes());
            to.push(b'"');
        }),
    };
}

fn write_outage(line: &mut Line<'_>, outage: &Outage, names: Option<&Names>, cluster: Option<&Extent>) {
    line.raw("id", outage.id).text("state", if outage.over { "over" } else { "open" });
    write_why(line, "why", &outage.why);
    line.seconds("detect_s", outage.detect).seconds("silent_s", outage.silent).seconds("down_s", Some(outage.down));
    line.raw("attempts", outage.attempts);
    line.list("tries", &outage.tries, |line, run| {
        line.raw("from", run.from).raw("to", run.to).raw("opened", run.opened);
        write_why(line, "why", &run.why);
    });
    line.seconds("next_dial_s", outage.next).seconds("slept_s", Some(outage.slept));
    match cluster.filter(|extent| extent.scope != Scope::Feed) {
        Some(extent) => line.object("trouble", |line| write_extent(line, extent)),
        None => line.json("trouble", b"null"),
    };
    line.maybe("missed", outage.missed);
    line.list("services", &outage.services, |line, (id, after)| {
        let known = names.and_then(|names| names.services.get(usize::from(id.0)));
        line.json("service", known.map_or(b"null", |(_, json)| json.as_slice())).seconds("data_after_s", *after);
    });
}

fn quoted(name: &str) -> Vec<u8> {
    let mut json = Vec::with_capacity(name.len() + 2);
    write_text(&mut json, name);
    json
}
