//! What is measured of a service: its rhythm and its delays. Nothing here decides; see `liveness` and `services`.

use std::time::Duration;

use hdrhistogram::Histogram;

use crate::event::Lag;
use crate::time::Ts;

/// So many intervals make a rhythm.
const ENOUGH: u32 = 30;
/// Silence shorter than this is nobody's news, however quick the rhythm.
const LEAST_SILENCE: Duration = Duration::from_secs(10);
/// How many times the usual silence is unusual.
const UNUSUAL: u32 = 4;

/// The longest usual silence between two messages, forgetting slowly.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Rhythm {
    seen: u32,
    longest: Duration,
}

impl Rhythm {
    pub(super) fn beat(&mut self, interval: Duration) {
        self.seen = self.seen.saturating_add(1);
        // A new longest counts at once; old ones fade over some hundred messages.
        self.longest = interval.max(self.longest.saturating_sub(self.longest.saturating_sub(interval) / 256));
    }

    /// The longest usual silence, once enough was seen.
    pub(super) fn usual(&self) -> Option<Duration> {
        (self.seen >= ENOUGH).then_some(self.longest)
    }

    /// The silence from which on the service is stale, once its rhythm is known.
    pub(super) fn limit(&self) -> Option<Duration> {
        self.usual().map(|usual| usual.saturating_mul(UNUSUAL).max(LEAST_SILENCE))
    }
}

/// The delays of a service, as measured. A histogram for each sign, because the clocks of the two sides differ.
#[derive(Clone, Debug)]
pub(super) struct Lags {
    below: Histogram<u32>,
    above: Histogram<u32>,
    min: i64,
    max: i64,
    /// The latest summary, and after how many values the next is worth its while.
    summary: Option<(Lag, u64)>,
}

impl Lags {
    pub(super) fn new() -> Option<Self> {
        let new = || {
            let mut histogram = Histogram::<u32>::new(2).ok()?;
            histogram.auto(true);
            Some(histogram)
        };
        Some(Self { below: new()?, above: new()?, min: i64::MAX, max: i64::MIN, summary: None })
    }

    pub(super) fn add(&mut self, micros: i64) {
        self.min = self.min.min(micros);
        self.max = self.max.max(micros);
        let side = if micros < 0 { &mut self.below } else { &mut self.above };
        // It grows as it must; a delay that no clock can mean is in the extremes alone.
        let _recorded = side.record(micros.unsigned_abs());
    }

    /// The figures so far. Percentiles walk a histogram, so they are made anew only when a 64th more came.
    pub(super) fn figures(&mut self) -> Lag {
        let n = self.below.len() + self.above.len();
        if let Some((lag, next)) = self.summary
            && n < next
        {
            return Lag { n, min: self.min, max: self.max, ..lag };
        }
        let lag = Lag {
            n,
            min: self.min,
            p50: self.quantile(n, 0.50),
            p95: self.quantile(n, 0.95),
            p99: self.quantile(n, 0.99),
            max: self.max,
        };
        self.summary = Some((lag, n + n / 64 + 1));
        lag
    }

    #[expect(
        clippy::cast_precision_loss,
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a count of messages is far below 2^52, and the share of it is not negative"
    )]
    fn quantile(&self, n: u64, share: f64) -> i64 {
        let rank = ((n as f64 * share).ceil() as u64).max(1);
        let below = self.below.len();
        let (side, sign, rank, count) = if rank <= below {
            // The most negative come first: the rank counts from the far end of the mirrored side.
            (&self.below, -1, below - rank + 1, below)
        } else {
            (&self.above, 1, rank - below, n - below)
        };
        let value = side.value_at_quantile(rank as f64 / count.max(1) as f64);
        (sign * i64::try_from(value).unwrap_or(i64::MAX)).clamp(self.min, self.max)
    }
}

/// The silence between `last` and `now`.
pub(super) fn silence(last: Option<Ts>, now: Ts) -> Option<Duration> {
    last.map(|last| now - last)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rhythm_is_known_after_thirty_intervals() {
        let mut rhythm = Rhythm::default();
        for _ in 0..29 {
            rhythm.beat(Duration::from_secs(5));
        }
        assert_eq!(rhythm.limit(), None);
        rhythm.beat(Duration::from_secs(5));
        assert_eq!(rhythm.usual(), Some(Duration::from_secs(5)));
        assert_eq!(rhythm.limit(), Some(Duration::from_secs(20)));
    }

    #[test]
    fn a_quick_service_may_pause_for_ten_seconds() {
        let mut rhythm = Rhythm::default();
        for _ in 0..100 {
            rhythm.beat(Duration::from_millis(10));
        }
        assert_eq!(rhythm.limit(), Some(Duration::from_secs(10)));
    }

    #[test]
    fn an_old_pause_is_forgotten() {
        let mut rhythm = Rhythm::default();
        rhythm.beat(Duration::from_mins(1));
        for _ in 0..2000 {
            rhythm.beat(Duration::from_secs(1));
        }
        assert!(rhythm.usual().is_some_and(|usual| usual < Duration::from_secs(2)), "{rhythm:?}");
    }

    #[test]
    fn delays_below_zero_are_kept() {
        let mut lags = Lags::new().unwrap();
        for micros in -50..50 {
            lags.add(micros * 1000);
        }
        let lag = lags.figures();
        assert_eq!((lag.n, lag.min, lag.max), (100, -50_000, 49_000));
        assert!((-1500..=500).contains(&lag.p50), "{lag:?}");
        assert!((43_000..=45_500).contains(&lag.p95), "{lag:?}");
        assert!((47_000..=49_000).contains(&lag.p99), "{lag:?}");
    }

    #[test]
    fn all_delays_below_zero() {
        let mut lags = Lags::new().unwrap();
        for micros in [-1000, -2000, -3000] {
            lags.add(micros);
        }
        let lag = lags.figures();
        assert!((-2050..=-1950).contains(&lag.p50), "{lag:?}");
        assert!((-1050..=-950).contains(&lag.p99), "{lag:?}");
    }
}
