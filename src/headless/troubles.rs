//! Lines of troubles that are more than one feed's: told once no more feeds come, when more come later, and at the end.

use std::collections::BTreeSet;

use super::lines::Lines;
use super::parts::write_extent;
use crate::event::FeedId;
use crate::event::cluster::{Cluster, Extent, Scope};
use crate::say::{self, Lang};
use crate::text;
use crate::time::{Ts, WallAnchor};

impl Lines {
    /// When [`Lines::troubles`] or [`Lines::alarms`] has something to say.
    pub fn wake(&self) -> Option<Ts> {
        let news = self.clusters.shared().filter(|(cluster, extent)| self.is_news(cluster, extent));
        news.map(|(cluster, _)| cluster.settles()).chain(self.alarms.wake()).min()
    }

    /// Writes of troubles of several feeds what is known for sure by now; at the end (`all`), whatever is known.
    pub fn troubles(&mut self, now: Ts, all: bool, anchor: WallAnchor, to: &mut Vec<u8>) {
        let shared = self.clusters.shared().filter(|(cluster, _)| all || cluster.settles() <= now);
        let news: Vec<_> = shared
            .filter(|(cluster, extent)| self.is_news(cluster, extent))
            .map(|(cluster, extent)| (cluster.clone(), extent))
            .collect();
        for (cluster, extent) in news {
            self.told.insert(cluster.id, (extent.lost, cluster.over.is_some()));
            if !self.wants("trouble") {
                continue;
            }
            let words = say::together(Lang::En, &extent);
            if self.shape.text {
                self.stamp.clock_time(now, anchor, to);
                let over = if cluster.over.is_some() { ", and all are back" } else { "" };
                to.extend_from_slice(format!("  {words}{over}\n").as_bytes());
                continue;
            }
            let mut line = self.stamp.line(to, now, anchor);
            line.json("feed", b"null").word("event", "trouble").raw("id", cluster.id);
            line.word("state", if cluster.over.is_some() { "over" } else { "open" });
            write_extent(&mut line, &extent);
            line.maybe("host", extent.host.as_deref().filter(|_| extent.scope == Scope::Host));
            line.raw("hosts", extent.hosts).maybe("default_route", extent.routed);
            line.seconds("down_s", Some(cluster.over.unwrap_or(now) - cluster.began));
            let names = |id: &FeedId| self.feeds.get(id).map(|names| names.info.name.as_str());
            let feeds: BTreeSet<FeedId> = cluster.feeds().collect();
            line.maybe("lost_feeds", Some(feeds.iter().filter_map(names).map(text::clean).collect::<Vec<_>>()));
            line.text("text", &words);
            line.end();
        }
    }

    fn is_news(&self, cluster: &Cluster, extent: &Extent) -> bool {
        self.told.get(&cluster.id).is_none_or(|(lost, over)| *lost < extent.lost || *over != cluster.over.is_some())
    }
}
