//! The services of a feed: what the user wants, what the server gave, and what each one's data says of it.
//!
//! Wanted is a state, not a message: what is sent on a link is made anew from it each time.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use super::sequence::{Finding, Numbered, Tally, Told, Trackers};
use super::vitals::{Lags, Rhythm, silence};
use crate::event::{Event, Gap, GapState, Kind, Row, ServiceId, ServiceNews, ServiceState, ServiceView};
use crate::profile::{Profile, ServiceSpec, Stale};
use crate::time::Ts;

/// So long after a service was switched off and on again, messages of before may still come.
const TRAILING: Duration = Duration::from_secs(2);

#[derive(Debug)]
pub(super) struct Services {
    list: Vec<Service>,
    most: usize,
    default_stale: Stale,
    /// The earliest moment at which a service may have become stale.
    look: Option<Ts>,
    trackers: Trackers,
    /// Memory that is taken once.
    told: Vec<Told>,
}

#[derive(Debug)]
pub(super) struct Service {
    pub(super) name: Arc<str>,
    said: Option<Arc<str>>,
    pub(super) params: BTreeMap<String, serde_json::Value>,
    pub(super) wanted: bool,
    pub(super) state: ServiceState,
    /// By which its messages are found, where they name it.
    pub(super) key: String,
    /// Since when it is refused because nobody answered: its data is an answer.
    unanswered: Option<Ts>,
    /// Numbers that came over two links at once.
    doubled: u64,
    discovered: bool,
    stale: Stale,
    messages: u64,
    bytes: u64,
    /// Its last data on any link, and whether that was this link.
    last: Option<Ts>,
    fresh: bool,
    /// Since when data may be expected on this link.
    since: Ts,
    rhythm: Rhythm,
    lags: Option<Box<Lags>>,
    text: Option<String>,
}

/// What numbers showed of an outage: so many messages went by in it, so many came after all.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Shown {
    pub(super) missed: u64,
    pub(super) found: u64,
    /// A count began anew, so that nobody knows.
    pub(super) anew: bool,
}

impl Services {
    pub(super) fn new(profile: &Profile, specs: &[ServiceSpec]) -> Self {
        let mut services = Self {
            list: Vec::new(),
            most: profile.limits.services.max(specs.len()).min(usize::from(u16::MAX)),
            default_stale: profile.stale,
            look: None,
            trackers: Trackers::new(profile),
            told: Vec::new(),
        };
        for spec in specs {
            services.add(spec, false);
        }
        services
    }

    /// Makes a service known. Nothing if there are too many.
    pub(super) fn add(&mut self, spec: &ServiceSpec, discovered: bool) -> Option<ServiceId> {
        if self.list.len() >= self.most {
            return None;
        }
        let id = ServiceId(u16::try_from(self.list.len()).ok()?);
        self.list.push(Service {
            name: spec.name.as_str().into(),
            said: spec.said.as_deref().map(Arc::from),
            params: spec.params.clone(),
            wanted: spec.enabled && !discovered,
            state: if spec.enabled && !discovered { ServiceState::Wanted } else { ServiceState::Off },
            key: spec.name.clone(),
            unanswered: None,
            doubled: 0,
            discovered,
            stale: spec.stale.unwrap_or(self.default_stale),
            messages: 0,
            bytes: 0,
            last: None,
            fresh: false,
            since: Ts::ZERO,
            rhythm: Rhythm::default(),
            lags: None,
            text: None,
        });
        Some(id)
    }

    pub(super) fn get(&self, id: ServiceId) -> Option<&Service> {
        self.list.get(usize::from(id.0))
    }

    pub(super) fn get_mut(&mut self, id: ServiceId) -> Option<&mut Service> {
        self.list.get_mut(usize::from(id.0))
    }

    pub(super) fn ids(&self) -> impl Iterator<Item = ServiceId> + use<> {
        (0..u16::try_from(self.list.len()).unwrap_or(u16::MAX)).map(ServiceId)
    }

    /// The service that the profile makes this key of.
    pub(super) fn by_key(&self, key: &str) -> Option<ServiceId> {
        self.ids().zip(&self.list).find(|(_, service)| service.key == key).map(|(id, _)| id)
    }

    /// It is refused for want of an answer.
    pub(super) fn unanswered(&mut self, now: Ts, id: ServiceId) {
        if let Some(service) = self.get_mut(id) {
            service.unanswered = Some(now);
        }
    }

    /// Those that are to be subscribed on a new link, in the user's order.
    pub(super) fn wanted(&self) -> impl Iterator<Item = ServiceId> + '_ {
        self.ids().filter(|&id| self.get(id).is_some_and(|service| service.wanted))
    }

    /// The link is gone: nothing is subscribed any more.
    pub(super) fn unlink(&mut self) -> Vec<Event> {
        let mut news = Vec::new();
        for id in self.ids() {
            let Some(service) = self.get_mut(id) else { continue };
            let state = if service.wanted { ServiceState::Wanted } else { ServiceState::Off };
            service.fresh = false;
            if service.state != state {
                service.state = state;
                news.push(service.news(id));
            }
        }
        self.look = None;
        news
    }

    /// A new link: numbers start anew, or go on, as the profile says.
    pub(super) fn relink(&mut self) -> Vec<Event> {
        let mut events = Vec::new();
        self.trackers.relink(&mut self.told);
        self.tell(&mut events);
        events
    }

    /// A service is asked for again. What came of it in between, if anything did, was not ours to count.
    pub(super) fn resume(&mut self, now: Ts, id: ServiceId) -> Vec<Event> {
        let last = self.get_mut(id).and_then(|service| service.last);
        let trailing = last.is_some_and(|last| now - last < TRAILING).then_some(now + TRAILING);
        let mut events = Vec::new();
        self.trackers.excuse(id, trailing, &mut self.told);
        self.tell(&mut events);
        events
    }

    pub(super) fn set(&mut self, now: Ts, id: ServiceId, state: ServiceState, text: Option<String>) -> Option<Event> {
        let service = self.get_mut(id)?;
        if service.state == state && service.text == text {
            return None;
        }
        if state == ServiceState::Sent {
            service.since = now;
            service.fresh = false;
        }
        service.state = state;
        service.text = text;
        service.unanswered = None;
        let news = service.news(id);
        if let Some(at) = service.stale_at() {
            self.look = Some(self.look.map_or(at, |look| look.min(at)));
        }
        Some(news)
    }

    /// A numbered message came, of a service or of none. `doubled`: two links are open, so that it may come twice.
    #[inline]
    pub(super) fn number(
        &mut self,
        now: Ts,
        id: Option<ServiceId>,
        numbered: &Numbered<'_>,
        doubled: bool,
        out: &mut Vec<Event>,
    ) -> Shown {
        self.trackers.see(now, id, numbered, &mut self.told);
        if self.told.is_empty() {
            return Shown::default();
        }
        if doubled {
            // Two links bring everything twice for a while: that is our doing, and no news.
            let list = &mut self.list;
            self.told.retain(|(id, finding)| {
                let repeated = matches!(finding, Finding::Repeated { .. });
                if repeated && let Some(service) = id.and_then(|id| list.get_mut(usize::from(id.0))) {
                    service.doubled += 1;
                }
                !repeated
            });
        }
        self.tell(out)
    }

    /// A message of a service came. Says what that changed.
    pub(super) fn hear(&mut self, now: Ts, id: ServiceId, row: &Row) -> Option<Event> {
        let service = self.list.get_mut(usize::from(id.0))?;
        let mut news = None;
        service.messages += 1;
        service.bytes += u64::from(row.len);
        if let Some(lag) = row.lag
            && row.kind != Kind::Snapshot
        {
            if service.lags.is_none() {
                service.lags = Lags::new().map(Box::new);
            }
            if let Some(lags) = &mut service.lags {
                lags.add(lag);
            }
        }
        if matches!(row.kind, Kind::Data | Kind::Snapshot) {
            if let Some(last) = service.last.filter(|_| service.fresh) {
                service.rhythm.beat(now - last);
            }
            service.last = Some(now);
            service.fresh = true;
            // Data may come before its ack; it is as good as one.
            let alive = match service.state {
                ServiceState::Sent | ServiceState::Acked | ServiceState::Stale => true,
                ServiceState::Refused => service.unanswered.is_some() && service.wanted,
                ServiceState::Wanted | ServiceState::Live => false,
                // Unsubscribed and still coming: the screen says so. A discovered one was never asked for.
                ServiceState::Off => service.discovered && !service.wanted,
            };
            if alive {
                service.state = ServiceState::Live;
                service.text = service.text.take().filter(|_| service.unanswered.take().is_none());
                news = Some(service.news(id));
            }
            if self.look.is_none() {
                self.look = service.stale_at();
            }
        }
        news
    }

    /// What became known because time passed: stale services, numbers that are lost for good.
    pub(super) fn expire(&mut self, now: Ts, out: &mut Vec<Event>) -> Shown {
        self.trackers.expire(now, &mut self.told);
        let shown = self.tell(out);
        if self.look.is_some_and(|at| at <= now) {
            self.look = None;
            for id in self.ids() {
                let Some(service) = self.get_mut(id) else { break };
                match service.stale_at() {
                    Some(at) if at <= now => {
                        service.state = ServiceState::Stale;
                        let silent = silence(Some(service.expected_from()), now);
                        let usual = service.rhythm.usual();
                        out.push(Event::Service(ServiceNews { silent, usual, ..service.told(id) }));
                    }
                    at => self.look = earliest(self.look, at),
                }
            }
        }
        shown
    }

    /// We were not there for a while: nobody's silence counts.
    pub(super) fn doubt(&mut self, now: Ts) {
        for service in &mut self.list {
            service.since = now;
            service.fresh = false;
        }
    }

    pub(super) fn wake(&self) -> Option<Ts> {
        earliest(self.look, self.trackers.wake())
    }

    pub(super) fn views(&mut self, out: &mut Vec<ServiceView>) {
        out.clear();
        for (service, id) in self.list.iter_mut().zip(0_u16..) {
            out.push(service.view(ServiceId(id), self.trackers.tally(ServiceId(id))));
        }
    }

    /// Tells what the numbers showed.
    fn tell(&mut self, out: &mut Vec<Event>) -> Shown {
        let mut shown = Shown::default();
        for (service, finding) in self.told.drain(..) {
            if let Finding::Gap { from, to, missing, state, across_reconnect: true } = finding {
                match state {
                    GapState::Pending => shown.missed += missing,
                    GapState::Filled => shown.found += to.saturating_sub(from).saturating_add(1),
                    GapState::Lost => {}
                }
            }
            shown.anew |= finding == Finding::Anew;
            // Where no service ever had a number, there is nobody to tell it of.
            let Some(service) = service else { continue };
            out.push(match finding {
                Finding::Gap { from, to, missing, state, across_reconnect } => {
                    Event::Gap(Gap { service, from, to, missing, state, across_reconnect })
                }
                Finding::Repeated { seq } => Event::Repeated { service, seq },
                Finding::Reordered { seq } => Event::Reordered { service, seq },
                Finding::Anew => continue,
            });
        }
        shown
    }
}

impl Service {
    /// Its name as the server knows it.
    pub(super) fn said(&self) -> &str {
        self.said.as_deref().unwrap_or(&self.name)
    }

    fn told(&self, id: ServiceId) -> ServiceNews {
        ServiceNews {
            service: id,
            name: Arc::clone(&self.name),
            state: self.state,
            discovered: self.discovered,
            silent: None,
            usual: None,
            text: self.text.clone(),
        }
    }

    pub(super) fn news(&self, id: ServiceId) -> Event {
        Event::Service(self.told(id))
    }

    fn expected_from(&self) -> Ts {
        match self.last {
            Some(last) if self.fresh => last,
            Some(_) | None => self.since,
        }
    }

    /// When it will count as stale if nothing comes.
    fn stale_at(&self) -> Option<Ts> {
        let due = match self.state {
            ServiceState::Live => true,
            ServiceState::Sent | ServiceState::Acked => self.wanted,
            ServiceState::Wanted | ServiceState::Stale | ServiceState::Refused | ServiceState::Off => false,
        };
        let limit = match self.stale {
            Stale::Off => None,
            Stale::After(limit) => Some(limit),
            // One that nobody asked for may stop as it came.
            Stale::Learned => self.rhythm.limit().filter(|_| self.wanted),
        };
        limit.filter(|_| due).map(|limit| self.expected_from() + limit)
    }

    fn view(&mut self, id: ServiceId, tally: Tally) -> ServiceView {
        ServiceView {
            id,
            name: Arc::clone(&self.name),
            wanted: self.wanted,
            discovered: self.discovered,
            state: self.state,
            messages: self.messages,
            bytes: self.bytes,
            last: self.last,
            usual: self.rhythm.usual(),
            lost: tally.lost,
            repeated: tally.repeated.saturating_sub(self.doubled),
            reordered: tally.reordered,
            lag: self.lags.as_mut().map(|lags| lags.figures()),
            text: self.text.clone(),
        }
    }
}

fn earliest(a: Option<Ts>, b: Option<Ts>) -> Option<Ts> {
    a.into_iter().chain(b).min()
}
