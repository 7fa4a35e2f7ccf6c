//! Time as a number, and the one clock that makes such numbers. It formats nothing: words for times are in `text`.

use std::fmt;
use std::ops::{Add, Sub};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};
use tokio::time::Instant;

/// A moment: nanoseconds since the start of the run.
///
/// A number rather than an [`Instant`], so that a moment can be written to a file, read back, and made up in a test.
#[derive(Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Ts(u64);

impl Ts {
    pub const ZERO: Self = Self(0);

    pub const fn from_millis(ms: u64) -> Self {
        Self(ms.saturating_mul(1_000_000))
    }

    pub const fn from_nanos(ns: u64) -> Self {
        Self(ns)
    }

    pub const fn as_nanos(self) -> u64 {
        self.0
    }

    /// The time from `earlier` to here, or nothing at all if `earlier` is later.
    pub const fn since(self, earlier: Self) -> Duration {
        Duration::from_nanos(self.0.saturating_sub(earlier.0))
    }

    pub fn as_secs_f64(self) -> f64 {
        Duration::from_nanos(self.0).as_secs_f64()
    }

    /// The moment on the wall's calendar, if the run started `anchor` nanoseconds after the Unix epoch.
    pub fn on_wall(self, anchor: WallAnchor) -> i64 {
        anchor.0.saturating_add(i64::try_from(self.0).unwrap_or(i64::MAX))
    }
}

impl fmt::Debug for Ts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:.3}s", self.as_secs_f64())
    }
}

impl Add<Duration> for Ts {
    type Output = Self;

    fn add(self, rhs: Duration) -> Self {
        Self(self.0.saturating_add(u64::try_from(rhs.as_nanos()).unwrap_or(u64::MAX)))
    }
}

impl Sub for Ts {
    type Output = Duration;

    fn sub(self, rhs: Self) -> Duration {
        self.since(rhs)
    }
}

/// What the wall clock said at [`Ts::ZERO`], in nanoseconds since the Unix epoch.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct WallAnchor(pub i64);

/// The minute of the day that the user's clocks show.
pub fn minute_of_day(at: Ts, anchor: WallAnchor, zone: &TimeZone) -> u16 {
    let moment = Timestamp::from_nanosecond(i128::from(at.on_wall(anchor))).unwrap_or_default();
    let seconds = moment.as_second() + i64::from(zone.to_offset(moment).seconds());
    u16::try_from(seconds.rem_euclid(86_400) / 60).unwrap_or_default()
}

/// How far the wall clock may stray from its anchor before it counts as having been set.
const STEP: i64 = 200_000_000;

/// The only reader of the machine's clocks. Copies share one anchor to the wall clock.
#[derive(Clone, Debug)]
pub struct Clock {
    epoch: Instant,
    anchor: Arc<AtomicI64>,
    zone: TimeZone,
}

#[expect(clippy::disallowed_methods, reason = "this is the one place that may")]
impl Clock {
    pub fn start() -> Self {
        let anchor = Arc::new(AtomicI64::new(unix_nanos(Timestamp::now())));
        Self { epoch: Instant::now(), anchor, zone: TimeZone::system() }
    }

    pub fn now(&self) -> Ts {
        Ts(u64::try_from((Instant::now() - self.epoch).as_nanos()).unwrap_or(u64::MAX))
    }

    pub fn instant(&self, ts: Ts) -> Instant {
        // A deadline beyond the end of time is none.
        self.epoch + Duration::from_nanos(ts.0.min(u64::MAX / 4))
    }

    pub fn anchor(&self) -> WallAnchor {
        WallAnchor(self.anchor.load(Ordering::Relaxed))
    }

    /// Looks whether the wall clock was set, and follows it. Says whether it was.
    pub fn follow_wall(&self) -> bool {
        let anchor = unix_nanos(Timestamp::now()).saturating_sub(self.now().on_wall(WallAnchor(0)));
        let stepped = anchor.saturating_sub(self.anchor().0).abs() > STEP;
        if stepped {
            self.anchor.store(anchor, Ordering::Relaxed);
        }
        stepped
    }

    /// The time zone of the user.
    pub fn zone(&self) -> &TimeZone {
        &self.zone
    }

    /// How long the machine has slept since it was started, as far as it tells.
    pub fn asleep(&self) -> Duration {
        boot_ahead()
    }
}

fn unix_nanos(at: Timestamp) -> i64 {
    i64::try_from(at.as_nanosecond()).unwrap_or(i64::MAX)
}

/// The boot clock runs on while the machine sleeps, the monotonic one does not: their distance is the sleep.
#[cfg(target_os = "linux")]
fn boot_ahead() -> Duration {
    use rustix::time::{ClockId, Timespec, clock_gettime};
    let nanos = |at: Timespec| i128::from(at.tv_sec) * 1_000_000_000 + i128::from(at.tv_nsec);
    let ahead = nanos(clock_gettime(ClockId::Boottime)) - nanos(clock_gettime(ClockId::Monotonic));
    Duration::from_nanos(u64::try_from(ahead).unwrap_or(0))
}

#[cfg(not(target_os = "linux"))]
fn boot_ahead() -> Duration {
    Duration::ZERO
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_later_moment_is_not_before_an_earlier_one() {
        assert_eq!(Ts::from_millis(5).since(Ts::from_millis(7)), Duration::ZERO);
        assert_eq!(Ts::from_millis(7) - Ts::from_millis(5), Duration::from_millis(2));
        assert_eq!(Ts::from_nanos(u64::MAX) + Duration::from_secs(1), Ts::from_nanos(u64::MAX));
    }

    #[tokio::test(start_paused = true)]
    async fn the_clock_follows_made_up_time() {
        let clock = Clock::start();
        tokio::time::advance(Duration::from_secs(3)).await;
        assert_eq!(clock.now(), Ts::from_millis(3000));
        assert_eq!(clock.instant(clock.now()), clock.instant(Ts::from_millis(3000)));
    }

    #[tokio::test(start_paused = true)]
    async fn a_set_wall_clock_is_followed() {
        let clock = Clock::start();
        assert!(!clock.follow_wall());
        // Made-up time runs ahead of the wall, as if the wall clock had been set back.
        tokio::time::advance(Duration::from_hours(1)).await;
        let before = clock.now().on_wall(clock.anchor());
        assert!(clock.follow_wall());
        assert!(before - clock.now().on_wall(clock.anchor()) > 3_500_000_000_000);
    }
}
