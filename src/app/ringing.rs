//! Alarms as the screen tells of them. When one is raised is decided in [`crate::event::alarm`].

use super::App;
use crate::event::alarm::{Alarm, Rules};
use crate::event::{Event, FeedId, Phase, ServiceNews, ServiceState, Stamped};
use crate::say;
use crate::time::{Ts, minute_of_day};

/// An alarm that may be heard, with the names of its feed and service, and the sentence for it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ring {
    pub alarm: Alarm,
    pub feed: String,
    pub service: Option<String>,
    pub text: String,
}

impl App {
    /// What became of alarms by now, as far as it may be heard.
    pub fn ring(&mut self, now: Ts) -> Vec<Ring> {
        if self.alarms.wake().is_none_or(|wake| wake > now) {
            return Vec::new();
        }
        let minute = minute_of_day(now, self.look.anchor, &self.look.zone);
        let told = self.alarms.tick(now, minute);
        told.into_iter().filter(|alarm| alarm.loud).map(|alarm| self.ring_of(alarm)).collect()
    }

    /// The feeds whose alarms nobody has seen, each once.
    pub(super) fn alarming(&self) -> Option<FeedId> {
        self.alarms.raised().map(|(feed, ..)| feed).next()
    }

    /// Goes by other rules from now on. What they ask for and nobody asked for before is told anew, as it stands.
    pub fn obey(&mut self, rules: Rules, now: Ts) {
        self.alarms.obey(rules, now);
        for feed in &self.feeds {
            let state = &feed.state;
            let away = matches!(state.phase, Phase::Paused | Phase::Idle);
            let outage = state.outage.clone().filter(|outage| !outage.over && !away);
            let stopped = state.why.clone().filter(|_| state.phase == Phase::Stopped);
            let stale = state.services.iter().filter(|service| service.state == ServiceState::Stale && !away);
            let stale = stale.map(|service| {
                Event::Service(ServiceNews {
                    service: service.id,
                    name: service.name.clone(),
                    state: service.state,
                    discovered: service.discovered,
                    silent: service.last.or(state.opened).map(|last| now.since(last)),
                    usual: service.usual,
                    text: None,
                })
            });
            let outage = outage.map(|outage| Event::Outage(Box::new(outage)));
            let stopped = stopped.map(|why| Event::Stopped { why });
            for event in outage.into_iter().chain(stopped).chain(stale) {
                self.alarms.hear(&Stamped { n: 0, at: now, feed: feed.info.id, event });
            }
        }
    }

    pub(super) fn ring_of(&self, alarm: Alarm) -> Ring {
        let feed = self.feed(alarm.feed);
        let services = feed.map_or(&[][..], |feed| feed.state.services.as_slice());
        let service = alarm.service.and_then(|id| services.iter().find(|service| service.id == id));
        let service = service.map(|service| service.name.to_string());
        let feed = feed.map_or_else(String::new, |feed| feed.info.name.clone());
        let length = alarm.at.since(alarm.since);
        let about = (alarm.cause, alarm.state);
        let text = say::alarm(self.look.lang, &feed, service.as_deref().unwrap_or_default(), about, length, alarm.lost);
        Ring { alarm, feed, service, text }
    }
}
