//! How long to wait before a dial: a pure function of the attempt and a random number.

use std::collections::VecDeque;
use std::time::Duration;

use crate::profile::Reconnect;
use crate::time::Ts;

/// What a server may ask of us (`Retry-After`), at the least and at the most.
const ASKED: (Duration, Duration) = (Duration::from_secs(1), Duration::from_mins(2));
/// One feed begins no more dials in a time than this by itself, whatever the waits between them are. A little more than
/// five seconds, so that it holds for five as the server counts them.
const MOST_DIALS: (usize, Duration) = (4, Duration::from_millis(5200));
/// A profile whose waits begin with less than this wants haste.
const HASTE: Duration = Duration::from_secs(1);

/// The wait before the `attempt`th dial, counted from 1. `random` lies in 0..1.
///
/// The full wait grows by the factor up to the cap; the share `jitter` of it is random. A floor of half the base stays
/// under it, so that even full jitter never hammers, and the spread survives at the cap, so that a crowd of clients
/// does not come back as one. Where the profile names the waits one by one, each is a full wait with half of it as floor.
pub fn delay(policy: &Reconnect, attempt: u32, random: f64) -> Duration {
    if let Some(last) = policy.steps.last() {
        let step = policy.steps.get(attempt.saturating_sub(1) as usize).unwrap_or(last);
        return spread(policy, step.as_secs_f64(), step.as_secs_f64() / 2.0, random).unwrap_or(*last);
    }
    let exponent = i32::try_from(attempt.saturating_sub(1).min(64)).unwrap_or(64);
    let cap = policy.max.max(policy.base);
    let full = cap.as_secs_f64().min(policy.base.as_secs_f64() * policy.factor.max(1.0).powi(exponent));
    spread(policy, full, policy.base.as_secs_f64() / 2.0, random).unwrap_or(cap)
}

/// The longest wait of all.
pub fn longest(policy: &Reconnect, random: f64) -> Duration {
    let cap = policy.steps.iter().copied().max().unwrap_or(policy.max.max(policy.base));
    spread(policy, cap.as_secs_f64(), cap.as_secs_f64() / 2.0, random).unwrap_or(cap)
}

fn spread(policy: &Reconnect, full: f64, floor: f64, random: f64) -> Option<Duration> {
    let jitter = policy.jitter.clamp(0.0, 1.0);
    let random = random.clamp(0.0, 1.0);
    Duration::try_from_secs_f64((full * (1.0 - jitter * (1.0 - random))).max(floor)).ok()
}

/// The wait that a server asked for, where it is longer than ours.
pub fn at_least(ours: Duration, asked: Option<Duration>) -> Duration {
    ours.max(asked.map_or(Duration::ZERO, |asked| asked.clamp(ASKED.0, ASKED.1)))
}

/// When a feed dialed last. Random waits may all be short, and links may all end at once: together they are a storm.
#[derive(Debug, Default)]
pub struct Brake(VecDeque<Ts>);

impl Brake {
    pub fn dialed(&mut self, now: Ts) {
        if self.0.len() == MOST_DIALS.0 {
            self.0.pop_front();
        }
        self.0.push_back(now);
    }

    /// The next dial may not begin before. A profile that names shorter waits knows its server.
    pub fn earliest(&self, policy: &Reconnect) -> Option<Ts> {
        let hasty = policy.base < HASTE || policy.steps.first().is_some_and(|step| *step < HASTE);
        let first = self.0.front().filter(|_| self.0.len() == MOST_DIALS.0 && !hasty)?;
        Some(*first + MOST_DIALS.1)
    }
}

/// Enough chance for jitter, and none for surprise: the same seed gives the same run.
#[derive(Clone, Debug)]
pub struct Random(pub u64);

impl Random {
    /// The next number in 0..1.
    #[expect(clippy::cast_precision_loss, reason = "53 bits fit")]
    pub fn next_unit(&mut self) -> f64 {
        (self.next_bits() >> 11) as f64 / (1_u64 << 53) as f64
    }

    /// A random UUID (RFC 9562, section 5.4).
    pub fn next_uuid(&mut self) -> String {
        let (high, low) = (self.next_bits(), self.next_bits());
        let (high, low) = (high & !0xF000 | 0x4000, low & !(0b11 << 62) | 0b10 << 62);
        let (a, b, c) = (high >> 32, high >> 16 & 0xFFFF, high & 0xFFFF);
        format!("{a:08x}-{b:04x}-{c:04x}-{:04x}-{:012x}", low >> 48, low & 0xFFFF_FFFF_FFFF)
    }

    /// `SplitMix64`.
    pub fn next_bits(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn policy(base_ms: u64, factor: f64, max_ms: u64, jitter: f64) -> Reconnect {
        Reconnect {
            base: Duration::from_millis(base_ms),
            factor,
            max: Duration::from_millis(max_ms),
            jitter,
            ..Reconnect::default()
        }
    }

    #[test]
    fn the_seeds_four_seconds_stay_four_seconds() {
        for attempt in [1, 2, 3, 50, u32::MAX] {
            assert_eq!(delay(&policy(4000, 1.0, 30_000, 0.0), attempt, 0.7), Duration::from_secs(4));
        }
    }

    #[test]
    fn it_doubles_up_to_the_cap() {
        let waits: Vec<_> = (1..=7).map(|n| delay(&policy(1000, 2.0, 30_000, 0.0), n, 0.0).as_secs()).collect();
        assert_eq!(waits, [1, 2, 4, 8, 16, 30, 30]);
    }

    #[test]
    fn the_spread_survives_at_the_cap() {
        let policy = policy(1000, 2.0, 30_000, 1.0);
        assert_eq!(delay(&policy, 99, 0.0), Duration::from_millis(500));
        assert_eq!(delay(&policy, 99, 1.0), Duration::from_secs(30));
        assert_eq!(delay(&policy, 99, 0.5), Duration::from_secs(15));
    }

    #[test]
    fn the_named_waits_come_in_turn_and_the_last_one_stays() {
        let steps = [10, 50, 2000].map(Duration::from_millis).to_vec();
        let policy = Reconnect { steps, jitter: 0.0, ..Reconnect::default() };
        let waits: Vec<_> = [1, 2, 3, 4, u32::MAX].iter().map(|n| delay(&policy, *n, 0.5).as_millis()).collect();
        assert_eq!(waits, [10, 50, 2000, 2000, 2000]);
        assert_eq!(longest(&policy, 0.0), Duration::from_secs(2));
        let spread = Reconnect { jitter: 1.0, ..policy };
        assert_eq!(delay(&spread, 3, 0.0), Duration::from_secs(1));
    }

    #[test]
    fn a_uuid_says_that_it_is_random() {
        let mut random = Random(7);
        for _ in 0..100 {
            let uuid = random.next_uuid();
            let parts: Vec<_> = uuid.split('-').map(str::len).collect();
            assert_eq!(parts, [8, 4, 4, 4, 12]);
            assert!(uuid[14..].starts_with('4') && "89ab".contains(&uuid[19..20]), "{uuid}");
        }
    }

    #[test]
    fn what_the_server_asks_is_kept_within_reason() {
        let ours = Duration::from_secs(4);
        assert_eq!(at_least(ours, None), ours);
        assert_eq!(at_least(ours, Some(Duration::from_secs(1))), ours);
        assert_eq!(at_least(ours, Some(Duration::from_secs(30))), Duration::from_secs(30));
        assert_eq!(at_least(ours, Some(Duration::from_secs(1_000_000_000))), Duration::from_mins(2));
        assert_eq!(at_least(Duration::ZERO, Some(Duration::ZERO)), Duration::from_secs(1));
    }

    proptest! {
        #[test]
        fn it_stays_between_floor_and_cap(
            base in 1_u64..10_000, factor in 1.0_f64..4.0, max in 1_u64..100_000,
            jitter in 0.0_f64..=1.0, attempt: u32, random in 0.0_f64..1.0,
        ) {
            let wait = delay(&policy(base, factor, max, jitter), attempt, random);
            prop_assert!(wait >= Duration::from_micros(base * 500));
            prop_assert!(wait <= Duration::from_millis(base.max(max)));
        }
    }
}
