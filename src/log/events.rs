//! The events of one feed as records: how bad each is, and the sentence for it. Sentences are made in [`crate::say`].

use std::sync::Arc;

use super::Level;
use crate::event::{Event, FeedInfo, GapState, ServiceId, ServiceState, Stamped, Why};
use crate::say::{self, Lang};

/// What is kept of earlier events: names.
#[derive(Debug)]
pub(super) struct Reader {
    feed: String,
    services: Vec<Arc<str>>,
}

impl Reader {
    pub(super) fn new(info: &FeedInfo) -> Self {
        Self { feed: info.name.clone(), services: Vec::new() }
    }

    pub(super) fn feed(&self) -> &str {
        &self.feed
    }

    /// The record of an event, where it has one.
    pub(super) fn words(&mut self, stamped: &Stamped) -> Option<(Level, String)> {
        if let Event::Service(news) = &stamped.event {
            let index = usize::from(news.service.0);
            if index >= self.services.len() {
                self.services.resize(index + 1, Arc::clone(&news.name));
            }
            if let Some(name) = self.services.get_mut(index) {
                *name = Arc::clone(&news.name);
            }
        }
        let level = level(&stamped.event)?;
        let names = |id: ServiceId| self.services.get(usize::from(id.0)).map_or_else(String::new, ToString::to_string);
        Some((level, say::happening(Lang::En, &stamped.event, &names, stamped.at)))
    }
}

fn level(event: &Event) -> Option<Level> {
    Some(match event {
        Event::Rows(_) => return None,
        Event::Stopped { .. } => Level::Error,
        Event::Closed { why: Why::Asked | Why::Planned, .. } => Level::Info,
        Event::DialFailed { .. }
        | Event::Closed { .. }
        | Event::Slept { .. }
        | Event::Backpressure { on: true }
        | Event::IntervalIgnored { .. }
        | Event::Shed { .. } => Level::Warn,
        Event::Outage(outage) if !outage.over => Level::Warn,
        Event::Gap(gap) if gap.state == GapState::Lost => Level::Warn,
        Event::Service(news) if matches!(news.state, ServiceState::Refused | ServiceState::Stale) => Level::Warn,
        Event::Dialing { .. }
        | Event::Open { .. }
        | Event::Ready
        | Event::Service(_)
        | Event::Reconnecting { .. }
        | Event::Outage(_)
        | Event::Paused
        | Event::Backpressure { on: false }
        | Event::Fault(_) => Level::Info,
        Event::Sent { .. }
        | Event::BeatSent { .. }
        | Event::BeatAnswered { .. }
        | Event::Gap(_)
        | Event::Repeated { .. }
        | Event::Reordered { .. } => Level::Debug,
    })
}
