//! Is the link alive? Heartbeats, their answers, and the verdict. It sends nothing itself: it says what is due.
//!
//! Three timers: to the next beat, to the verdict on an unanswered one, and the receive deadline. A deadline stands still
//! while we do not read ([`Liveness::hold`]), because silence that we made ourselves proves nothing.

use std::time::Duration;

use crate::event::{Due, How, Why};
use crate::profile::{Beat, BeatMode, Heartbeat, Interval, Life, Profile};
use crate::session::SendId;
use crate::session::backoff::Random;
use crate::session::lengths::{Odd, Oddities, length};
use crate::session::partial::Partial;
use crate::session::speech::Speech;
use crate::time::Ts;

/// What has to be done because a deadline has come.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Expired {
    /// Send the heartbeat of this number.
    Beat(usize),
    Dead(Why),
}

#[derive(Debug)]
pub(super) struct Liveness {
    pulses: Vec<Pulse>,
    receive: Option<Receive>,
    /// When the last byte came, whatever it was.
    last_byte: Ts,
    partial: Partial,
    rtt: Option<Duration>,
    /// A round trip that nobody has taken down yet.
    trip: Option<Duration>,
    /// Since when we have not been reading.
    held: Option<Ts>,
    /// Captured lengths that are none.
    oddities: Oddities,
}

/// One heartbeat of the profile.
#[derive(Debug)]
struct Pulse {
    mode: BeatMode,
    /// Both lengths, and where they come from.
    after: Duration,
    timeout: Option<Duration>,
    lengths: (Interval, Option<Interval>),
    /// The share of the distance after which the first beat of a link comes; none was sent yet.
    first: Option<f64>,
    jitter: bool,
    /// It lacks a value that no message has brought yet.
    lacking: bool,
    sent: Option<Ts>,
    how: How,
    restart_on: Life,
    alive_on: Life,
    /// Since when the countdown runs, and until when.
    next: Option<(Ts, Ts)>,
    asked: Option<Asked>,
}

/// A beat that waits for its answer.
#[derive(Clone, Copy, Debug)]
struct Asked {
    id: SendId,
    at: Ts,
    written: Option<Ts>,
    /// The verdict, where there is one to come.
    until: Option<Ts>,
}

#[derive(Debug)]
struct Receive {
    limit: Duration,
    /// Where it comes from.
    length: Interval,
    alive_on: Life,
    from: Ts,
}

impl Liveness {
    pub(super) fn new(profile: &Profile) -> Self {
        let alive_on = profile.heartbeats.first().map_or(Life::Any, |beat| beat.alive_on);
        // Only a beat of ours has an answer, so a bare deadline never waits for one.
        let alive_on = if alive_on == Life::Answer { Life::Message } else { alive_on };
        Self {
            pulses: profile.heartbeats.iter().map(Pulse::new).collect(),
            receive: profile.receive_timeout.as_ref().map(|limit| Receive {
                limit: limit.known(),
                length: limit.clone(),
                alive_on,
                from: Ts::ZERO,
            }),
            last_byte: Ts::ZERO,
            partial: Partial::default(),
            rtt: None,
            trip: None,
            held: None,
            oddities: Oddities::default(),
        }
    }

    /// A new link: every countdown starts.
    pub(super) fn open(&mut self, now: Ts, random: &mut Random) {
        self.last_byte = now;
        self.partial = Partial::default();
        self.rtt = None;
        self.held = None;
        for pulse in &mut self.pulses {
            pulse.asked = None;
            pulse.sent = None;
            pulse.lacking = false;
            pulse.first = Some(if pulse.jitter { random.next_unit() } else { 1.0 });
            pulse.restart(now);
        }
        if let Some(receive) = &mut self.receive {
            receive.from = now;
        }
    }

    /// Values were captured: lengths that come from them are known, and beats that lacked one can be made.
    pub(super) fn learn(&mut self, now: Ts, speech: &Speech) {
        for pulse in &mut self.pulses {
            let after = length(&pulse.lengths.0, speech);
            pulse.timeout = pulse.lengths.1.as_ref().map(|timeout| length(timeout, speech));
            if after != pulse.after {
                pulse.after = after;
                if let Some((from, _)) = pulse.next {
                    // The first countdown begins when its length is known.
                    pulse.restart(if pulse.first.is_some() { now } else { from });
                }
            }
            if std::mem::take(&mut pulse.lacking) && pulse.next.is_some() {
                pulse.next = Some((now, now));
            }
        }
        if let Some(receive) = &mut self.receive {
            receive.limit = length(&receive.length, speech);
        }
        let pulses = self.pulses.iter().flat_map(|pulse| [Some(&pulse.lengths.0), pulse.lengths.1.as_ref()]).flatten();
        for length in pulses.chain(self.receive.as_ref().map(|receive| &receive.length)) {
            self.oddities.look(length, speech);
        }
    }

    /// The first heartbeat comes in other distances from now on.
    pub(super) fn pace(&mut self, now: Ts, after: &Interval, speech: &Speech) {
        let Some(pulse) = self.pulses.first_mut() else { return };
        pulse.lengths.0 = after.clone();
        pulse.after = length(after, speech);
        if let Some((from, _)) = pulse.next
            && pulse.mode != BeatMode::Reissue
        {
            pulse.restart(from);
            pulse.next = pulse.next.map(|(from, until)| (from, until.max(now)));
        }
    }

    /// Captured lengths that are none, each once.
    pub(super) fn odd(&mut self) -> Vec<Odd> {
        self.oddities.take()
    }

    /// Bytes came. `midway`: they end in a message that is still on its way, which holds the verdict.
    pub(super) fn bytes(&mut self, now: Ts, midway: bool) -> Option<(How, Duration)> {
        self.last_byte = now;
        self.partial.bytes(now, midway);
        if let Some(receive) = self.receive.as_mut().filter(|_| midway) {
            receive.from = now;
        }
        self.hear(now, Life::Any)
    }

    /// A sign of life came. Says whether it answered a beat, and how soon.
    pub(super) fn hear(&mut self, now: Ts, sign: Life) -> Option<(How, Duration)> {
        if sign != Life::Any {
            self.partial.whole();
            // A verdict that was held falls now, unless this is the answer.
            for asked in self.pulses.iter_mut().filter_map(|pulse| pulse.asked.as_mut()) {
                asked.until = asked.until.map(|until| until.max(now));
            }
        }
        if let Some(receive) = &mut self.receive
            && counts(sign, receive.alive_on)
        {
            receive.from = now;
        }
        let mut answered = None;
        for pulse in &mut self.pulses {
            if let Some(asked) = pulse.asked
                && counts(sign, pulse.alive_on)
            {
                pulse.asked = None;
                let rtt = now - asked.written.unwrap_or(asked.at);
                // A long poll is answered when the server pleases.
                if pulse.mode != BeatMode::Reissue {
                    self.rtt = Some(rtt);
                    self.trip = Some(rtt);
                }
                answered = Some((pulse.how, rtt));
                match pulse.mode {
                    BeatMode::Idle => pulse.restart(now),
                    BeatMode::Reissue => {
                        let at = pulse.sent.map_or(now, |sent| sent + Interval::CLAMP.0).max(now);
                        pulse.next = Some((now, at));
                    }
                    BeatMode::Interval => {}
                }
            } else if pulse.asked.is_none() && pulse.mode == BeatMode::Idle && counts(sign, pulse.restart_on) {
                pulse.restart(now);
            }
        }
        answered
    }

    /// The beat of number `pulse` was handed over as `id`.
    pub(super) fn sent(&mut self, now: Ts, pulse: usize, id: SendId) {
        if let Some(pulse) = self.pulses.get_mut(pulse) {
            pulse.next = None;
            pulse.first = None;
            pulse.sent = Some(now);
            let reissued = pulse.mode == BeatMode::Reissue;
            if pulse.mode == BeatMode::Interval || (pulse.timeout.is_none() && !reissued) {
                pulse.restart(now);
            }
            // A beat at a fixed interval may follow one that is unanswered still: the older one's verdict stands.
            if (pulse.timeout.is_some() || reissued) && pulse.asked.is_none() {
                let until = pulse.timeout.map(|timeout| now + timeout);
                pulse.asked = Some(Asked { id, at: now, written: None, until });
            }
        }
    }

    /// The beat of number `pulse` lacks a value: it goes as soon as that is captured, and is tried again at the latest after
    /// its distance.
    pub(super) fn skip(&mut self, now: Ts, pulse: usize) {
        if let Some(pulse) = self.pulses.get_mut(pulse) {
            pulse.lacking = true;
            pulse.next = Some((now, now + pulse.after.max(Interval::CLAMP.0)));
        }
    }

    pub(super) fn written(&mut self, now: Ts, id: SendId) {
        for asked in self.pulses.iter_mut().filter_map(|pulse| pulse.asked.as_mut()).filter(|asked| asked.id == id) {
            asked.written = Some(now);
        }
    }

    /// Whether this is the pong to a ping of ours that waits for it.
    pub(super) fn is_our_pong(&self, payload: &[u8]) -> bool {
        let asked = self.pulses.iter().filter(|pulse| pulse.how == How::Ping).filter_map(|pulse| pulse.asked);
        asked.into_iter().any(|asked| asked.id.0.to_be_bytes() == payload)
    }

    /// We stop reading, or begin again.
    pub(super) fn hold(&mut self, now: Ts, on: bool) {
        if on {
            self.held.get_or_insert(now);
        } else if let Some(since) = self.held.take() {
            let pause = now - since;
            for asked in self.pulses.iter_mut().filter_map(|pulse| pulse.asked.as_mut()) {
                asked.until = asked.until.map(|until| until + pause);
            }
            if let Some(receive) = &mut self.receive {
                receive.from = receive.from + pause;
            }
        }
    }

    /// We were not there for a while: ask first, judge after.
    pub(super) fn doubt(&mut self, now: Ts) {
        for pulse in &mut self.pulses {
            match (&mut pulse.asked, pulse.timeout) {
                (Some(asked), Some(timeout)) => asked.until = Some(now + timeout),
                (None, Some(_)) => pulse.next = Some((now, now)),
                (_, None) => {}
            }
        }
        if let Some(receive) = &mut self.receive {
            receive.from = now;
        }
    }

    /// What comes next for the link: the verdict if one is pending, else the nearer of beat and receive deadline.
    pub(super) fn due(&self) -> Option<(Due, Ts, Ts)> {
        let asked = |poll: bool| self.pulses.iter().filter(move |pulse| (pulse.mode == BeatMode::Reissue) == poll);
        let waits = |pulse: &Pulse, due| Some((due, pulse.asked?.at, self.until(pulse)?));
        let verdict = asked(false).filter_map(|pulse| waits(pulse, Due::Answer));
        // That a long poll is held is no reason to doubt.
        let polls = asked(true).filter_map(|pulse| waits(pulse, Due::Receive));
        verdict.min_by_key(|&(_, _, until)| until).or_else(|| {
            let beats = self.pulses.iter().filter_map(|pulse| pulse.next.map(|(from, until)| (Due::Beat, from, until)));
            let receive = self.receive.as_ref().map(|r| (Due::Receive, r.from, r.from + r.limit));
            beats.chain(receive).chain(polls).min_by_key(|&(_, _, until)| until)
        })
    }

    pub(super) fn wake(&self) -> Option<Ts> {
        let beats = self.pulses.iter().filter_map(|pulse| pulse.next.map(|(_, until)| until));
        let verdicts = self.pulses.iter().filter_map(|pulse| self.until(pulse));
        let receive = self.receive.as_ref().map(|receive| receive.from + receive.limit);
        beats.chain(verdicts.chain(receive).filter(|_| self.held.is_none())).min()
    }

    /// Takes one thing that is due by `now`.
    pub(super) fn expired(&mut self, now: Ts) -> Option<Expired> {
        if self.held.is_none()
            && let Some(why) = self.verdict(now)
        {
            return Some(Expired::Dead(why));
        }
        let pulse = self.pulses.iter().position(|pulse| pulse.next.is_some_and(|(_, until)| until <= now))?;
        self.pulses[pulse].next = None;
        Some(Expired::Beat(pulse))
    }

    /// When the verdict falls on an unanswered beat.
    fn until(&self, pulse: &Pulse) -> Option<Ts> {
        let until = pulse.asked?.until?;
        Some(pulse.timeout.map_or(until, |timeout| self.partial.held(until, timeout)))
    }

    fn verdict(&self, now: Ts) -> Option<Why> {
        let late = |pulse: &Pulse| {
            let asked = pulse.asked.filter(|_| self.until(pulse).is_some_and(|until| until <= now))?;
            let limit = pulse.timeout?;
            Some(match asked.written {
                Some(_) => Why::HalfOpen { limit, silent: now - self.last_byte },
                None => Why::WriteStalled { limit },
            })
        };
        self.pulses.iter().find_map(late).or_else(|| {
            let receive = self.receive.as_ref().filter(|receive| receive.from + receive.limit <= now)?;
            Some(Why::Silent { limit: receive.limit })
        })
    }

    pub(super) fn last_byte(&self) -> Ts {
        self.last_byte
    }

    pub(super) fn rtt(&self) -> Option<Duration> {
        self.rtt
    }

    pub(super) fn take_trip(&mut self) -> Option<Duration> {
        self.trip.take()
    }

    /// The beat that waits for its answer; a long poll always does.
    pub(super) fn asked(&self) -> Option<Ts> {
        let beats = self.pulses.iter().filter(|pulse| pulse.mode != BeatMode::Reissue);
        beats.filter_map(|pulse| pulse.asked.map(|asked| asked.at)).min()
    }
}

impl Pulse {
    fn new(beat: &Heartbeat) -> Self {
        let how = match beat.send {
            Beat::Frame(_) => How::App,
            Beat::Ping => How::Ping,
        };
        Self {
            mode: beat.mode,
            after: beat.after.known(),
            timeout: beat.timeout.as_ref().map(Interval::known),
            lengths: (beat.after.clone(), beat.timeout.clone()),
            first: None,
            jitter: beat.first_jitter,
            lacking: false,
            sent: None,
            how,
            restart_on: beat.restart_on,
            alive_on: beat.alive_on,
            next: None,
            asked: None,
        }
    }

    fn restart(&mut self, now: Ts) {
        let after = match (self.mode, self.first) {
            // A long poll has no countdown: the first begins at once.
            (BeatMode::Reissue, Some(_)) => Duration::ZERO,
            (BeatMode::Idle | BeatMode::Interval, Some(share)) => self.after.mul_f64(share),
            (_, None) => self.after,
        };
        self.next = Some((now, now + after));
    }
}

/// Whether a sign is as strong as what is asked for.
fn counts(sign: Life, asked: Life) -> bool {
    let strength = |life| match life {
        Life::Any => 0,
        Life::Message => 1,
        Life::Answer => 2,
    };
    strength(sign) >= strength(asked)
}
