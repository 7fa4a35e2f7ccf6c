//! What the user does by hand beyond switching a service: all services but some off, a message of their own, another time
//! between heartbeats. How long that may be is said where it is asked for.

use std::sync::Arc;
use std::time::Duration;

use serde::de::IgnoredAny;

use super::speech::Said;
use super::{Outputs, Session};
use crate::event::{Purpose, ServiceId};
use crate::profile::Interval;
use crate::time::Ts;

/// The time between heartbeats as the user wants it, and what the profile has instead.
#[derive(Debug, Default)]
pub(super) struct Tempo {
    pub(super) wanted: Option<Duration>,
    own: Option<Interval>,
}

impl Session {
    /// Those that go make room for those that come.
    pub(super) fn want_only(&mut self, now: Ts, on: &[ServiceId], out: &mut Outputs) {
        for id in self.services.ids().filter(|id| !on.contains(id)) {
            self.want(now, id, false, out);
        }
        for id in on {
            self.want(now, *id, true, out);
        }
    }

    pub(super) fn send_by_hand(&mut self, now: Ts, text: &str, out: &mut Outputs) {
        if self.leg.ready.is_some() && self.leg.has_link() {
            let json = serde_json::from_str::<IgnoredAny>(text).is_ok();
            let said = Said { text: text.to_owned(), masked: text.to_owned(), json };
            self.send(now, said, Purpose::User, None, out);
        }
    }

    /// The profile at hand is changed, so that links to come have it too.
    pub(super) fn change_beat(&mut self, now: Ts, after: Option<Duration>) {
        let Some(beat) = Arc::make_mut(&mut self.profile).heartbeats.first_mut() else { return };
        let own = self.tempo.own.get_or_insert_with(|| beat.after.clone());
        beat.after = after.map_or_else(|| own.clone(), Interval::Fixed);
        self.tempo.wanted = after;
        let after = beat.after.clone();
        self.leg.liveness.pace(now, &after, &self.leg.speech);
        self.on_successor(|session| session.leg.liveness.pace(now, &after, &session.leg.speech));
    }
}
