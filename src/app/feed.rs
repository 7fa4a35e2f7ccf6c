//! One feed as the screen knows it: its latest snapshot, what its counters did, its pulse and its outages.

use std::collections::VecDeque;
use std::time::Duration;

use super::history::Stream;
use super::meter::Meter;
use super::pulse::{Mark, Pulse};
use super::standing::Rank;
use super::uptime::{Health, Uptime};
use crate::event::{BeatRule, Event, FaultState, FeedInfo, Gap, Outage, Phases, ServiceId, ServiceView, Snapshot};
use crate::text;
use crate::time::Ts;

/// Outages remembered of each feed.
const OUTAGES: usize = 200;
/// Data that comes so soon after a service was switched off was under way.
const GRACE: Duration = Duration::from_secs(3);

#[derive(Debug)]
pub struct Feed {
    pub info: FeedInfo,
    /// How many columns its name takes.
    pub columns: u16,
    pub state: Snapshot,
    pub rate: Meter,
    pub pulse: Pulse,
    pub uptime: Uptime,
    /// Newest last.
    pub outages: VecDeque<Outage>,
    /// How long the steps of the last dial took, as far as it came.
    pub steps: Option<Phases>,
    /// Rows that found the queue to the screen full.
    pub shed: u64,
    /// The link's frames come compressed.
    pub compressed: bool,
    pub muted: bool,
    /// Gaps that may still be filled.
    pub pending: u64,
    acknowledged: Option<(Rank, Ts)>,
    meters: Vec<Meter>,
    shed_by_service: Vec<u64>,
    /// Switches asked for that no snapshot shows yet.
    wishes: Vec<(ServiceId, bool)>,
    /// When services were switched off.
    offs: Vec<(ServiceId, Ts)>,
    /// The rule of the heartbeat before the user changed it.
    own_beat: Option<BeatRule>,
    /// What the user looks at.
    pub(super) chosen: Option<Stream>,
}

impl Feed {
    pub fn new(info: FeedInfo) -> Self {
        let services = info.services.iter().enumerate().filter_map(|(i, name)| {
            let id = ServiceId(u16::try_from(i).ok()?);
            Some(ServiceView { id, wanted: true, ..unknown(name) })
        });
        let state = Snapshot { services: services.collect(), ..Snapshot::default() };
        let own_beat = info.beat;
        let columns = u16::try_from(text::width(&text::clean(&info.name))).unwrap_or(u16::MAX);
        Self {
            info,
            columns,
            state,
            rate: Meter::default(),
            pulse: Pulse::default(),
            uptime: Uptime::default(),
            outages: VecDeque::new(),
            steps: None,
            shed: 0,
            compressed: false,
            muted: false,
            pending: 0,
            acknowledged: None,
            meters: Vec::new(),
            shed_by_service: Vec::new(),
            wishes: Vec::new(),
            offs: Vec::new(),
            own_beat,
            chosen: None,
        }
    }

    /// Whether a service is wanted, a wish under way included.
    pub fn wants(&self, id: ServiceId) -> bool {
        let wish = self.wishes.iter().find(|(service, _)| *service == id).map(|(_, on)| *on);
        wish.unwrap_or_else(|| self.state.services.iter().any(|service| service.id == id && service.wanted))
    }

    /// Whether a wish for this service is under way.
    pub fn is_switching(&self, id: ServiceId) -> bool {
        self.wishes.iter().any(|(service, _)| *service == id)
    }

    /// Whether data of a service goes on coming long after it was switched off.
    pub fn is_ignored(&self, service: &ServiceView) -> bool {
        let off = self.offs.iter().find(|(id, _)| *id == service.id).map(|(_, at)| *at);
        !service.wanted && off.zip(service.last).is_some_and(|(off, last)| last.since(off) > GRACE)
    }

    pub(super) fn wish(&mut self, id: ServiceId, on: bool) {
        self.wishes.retain(|(service, _)| *service != id);
        self.wishes.push((id, on));
    }

    pub(super) fn forget_wishes(&mut self) {
        self.wishes.clear();
    }

    /// The rate of one service, once it is known.
    pub fn service_rate(&self, id: ServiceId, now: Ts) -> Option<f64> {
        self.meters.get(usize::from(id.0))?.per_second(now)
    }

    /// Rows of a service that were counted and never shown.
    pub fn service_shed(&self, id: ServiceId) -> u64 {
        self.shed_by_service.get(usize::from(id.0)).copied().unwrap_or(0)
    }

    /// The last data of any service.
    pub fn last_data(&self) -> Option<Ts> {
        self.state.services.iter().filter_map(|service| service.last).max().or(self.state.last_byte)
    }

    /// Messages lost for good; `None` where nothing numbers them.
    pub fn lost(&self) -> Option<u64> {
        if !self.info.numbered {
            return None;
        }
        Some(self.state.services.iter().filter_map(|service| service.lost).fold(0, u64::saturating_add))
    }

    /// The worst delay of its services: the middle one and the 99th of a hundred, in microseconds.
    pub fn lag(&self) -> Option<(i64, i64)> {
        let lags = self.state.services.iter().filter_map(|service| service.lag).filter(|lag| lag.n > 0);
        lags.max_by_key(|lag| lag.p99).map(|lag| (lag.p50, lag.p99))
    }

    /// The user has seen the trouble that there is.
    pub fn acknowledge(&mut self, now: Ts) {
        self.acknowledged = self.trouble(now).map(|trouble| (trouble.rank, trouble.since));
    }

    /// Trouble that the user has not waved aside.
    pub fn needs_you(&self, now: Ts) -> bool {
        let seen = |rank, since| {
            // The same trouble, or what became of it: an acknowledged silence that ends as an outage is new.
            self.acknowledged.is_some_and(|(r, s)| r <= rank && s >= since)
        };
        !self.muted && self.trouble(now).is_some_and(|trouble| !seen(trouble.rank, trouble.since))
    }

    pub fn see(&mut self, snapshot: &Snapshot) {
        let new = snapshot.counters.messages.saturating_sub(self.state.counters.messages);
        // Where nobody looked for a while, the messages lie between the last byte before and the last one now.
        let until = snapshot.last_byte.unwrap_or(snapshot.at).min(snapshot.at);
        if new > 0 {
            self.pulse.messages(self.state.at.min(until), until, new);
        }
        self.rate.read(snapshot.at, snapshot.counters.messages);
        for service in &snapshot.services {
            let index = usize::from(service.id.0);
            if self.meters.len() <= index {
                self.meters.resize_with(index + 1, Meter::default);
            }
            if let Some(meter) = self.meters.get_mut(index) {
                meter.read(snapshot.at, service.messages);
            }
        }
        if let Some(outage) = &snapshot.outage {
            self.remember(outage);
        }
        for service in &snapshot.services {
            if self.state.services.iter().any(|old| old.id == service.id && old.wanted != service.wanted) {
                self.offs.retain(|(id, _)| *id != service.id);
                if !service.wanted {
                    self.offs.push((service.id, snapshot.at));
                }
            }
        }
        self.info.beat = self.own_beat.map(|own| BeatRule { after: snapshot.beat.unwrap_or(own.after), ..own });
        let was_open = self.is_open();
        self.state.clone_from(snapshot);
        if self.is_open() != was_open {
            self.pulse.link(snapshot.at, self.is_open());
            // A rate is that of a link.
            for meter in std::iter::once(&mut self.rate).chain(&mut self.meters) {
                if was_open { meter.rest() } else { meter.begin(snapshot.at) }
            }
        }
        let services = &self.state.services;
        self.wishes.retain(|(id, on)| services.iter().any(|service| service.id == *id && service.wanted != *on));
    }

    /// Takes in what an event adds to the snapshots. Rows are the history's.
    pub fn hear(&mut self, at: Ts, event: &Event) {
        match event {
            Event::DialFailed { phases, .. } => {
                self.steps = Some(*phases);
                self.pulse.mark(at, Mark::DialFailed);
            }
            Event::Open { phases, extensions, .. } => {
                self.steps = Some(*phases);
                self.compressed = extensions.is_some();
                self.pulse.link(at, true);
                self.uptime.turn(at, Health::Up);
            }
            Event::Closed { .. } => {
                self.pulse.mark(at, Mark::Ended);
                self.pulse.link(at, false);
                // A link that brought nothing ends no outage.
                let down = self.outages.back().is_some_and(|outage| !outage.over);
                self.uptime.turn(at, if down { Health::Down } else { Health::Off });
                self.pending = 0;
            }
            Event::BeatSent { .. } => self.pulse.mark(at, Mark::Beat),
            Event::BeatAnswered { .. } => self.pulse.mark(at, Mark::Answer),
            Event::Fault(fault) => match fault.state {
                FaultState::On => self.pulse.mark(at, Mark::Fault),
                FaultState::Soon | FaultState::Off => {}
            },
            Event::Outage(outage) => {
                if !outage.over {
                    self.uptime.turn(at, Health::Down);
                }
                self.remember(outage);
            }
            Event::Paused => self.uptime.turn(at, Health::Off),
            Event::Shed { service, count } => {
                self.shed = self.shed.saturating_add(*count);
                if let Some(id) = service {
                    let index = usize::from(id.0);
                    if self.shed_by_service.len() <= index {
                        self.shed_by_service.resize(index + 1, 0);
                    }
                    if let Some(shed) = self.shed_by_service.get_mut(index) {
                        *shed = shed.saturating_add(*count);
                    }
                }
            }
            Event::Gap(gap) => self.gap(gap),
            Event::Dialing { .. }
            | Event::Ready
            | Event::Service(_)
            | Event::Rows(_)
            | Event::Sent { .. }
            | Event::Repeated { .. }
            | Event::Reordered { .. }
            | Event::Reconnecting { .. }
            | Event::Stopped { .. }
            | Event::Slept { .. }
            | Event::Backpressure { .. }
            | Event::IntervalIgnored { .. } => {}
        }
    }

    fn gap(&mut self, gap: &Gap) {
        use crate::event::GapState;
        match gap.state {
            GapState::Pending => self.pending = self.pending.saturating_add(gap.missing),
            GapState::Lost | GapState::Filled => self.pending = self.pending.saturating_sub(gap.missing),
        }
    }

    /// The latest word on an outage counts.
    fn remember(&mut self, outage: &Outage) {
        match self.outages.iter_mut().rev().find(|known| known.id == outage.id) {
            Some(known) if known.over && !outage.over => {}
            Some(known) => known.clone_from(outage),
            None => {
                if self.outages.len() == OUTAGES {
                    self.outages.pop_front();
                }
                self.outages.push_back(outage.clone());
            }
        }
    }
}

fn unknown(name: &str) -> ServiceView {
    ServiceView {
        id: ServiceId(0),
        name: name.into(),
        wanted: false,
        discovered: false,
        state: crate::event::ServiceState::Off,
        messages: 0,
        bytes: 0,
        last: None,
        usual: None,
        lost: None,
        repeated: 0,
        reordered: 0,
        lag: None,
        text: None,
    }
}
