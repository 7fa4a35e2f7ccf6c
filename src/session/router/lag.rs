//! How long a message was on its way: our clock minus the server's, as measured, whatever the clocks say.

use std::ops::Range;

use crate::profile::codec::{Place, Scene};
use crate::profile::pointer::Value;
use crate::profile::{TimeRule, TimeUnit};
use crate::time::{Ts, WallAnchor};

/// Where messages say their time, and in what unit.
#[derive(Clone, Debug)]
pub(super) struct Lag {
    places: Vec<Place>,
    unit: TimeUnit,
}

/// From the year 1990 to the year 2100.
const SANE: Range<i64> = 631_152_000_000_000..4_102_444_800_000_000;

impl Lag {
    pub(super) fn new(rule: &TimeRule, places: Vec<Place>) -> Self {
        Self { places, unit: rule.unit }
    }

    /// In microseconds, from the first place that has something. A time outside of this century and the end of the last is
    /// none: a clock that was never set, or one that counts from the start of a machine.
    #[inline]
    pub(super) fn of(&self, scene: &Scene<'_>, at: Ts, wall: WallAnchor) -> Option<i64> {
        let value = self.places.iter().find_map(|place| scene.get(*place).filter(|value| !value.is_null()))?;
        let said = micros(value, self.unit).filter(|said| SANE.contains(said))?;
        Some((at.on_wall(wall) / 1000).saturating_sub(said))
    }
}

/// Microseconds since the Unix epoch.
pub(super) fn micros(value: Value<'_>, unit: TimeUnit) -> Option<i64> {
    if unit != TimeUnit::Rfc3339 {
        // Most are plain numbers.
        if let Some(number) = value.as_u64() {
            return scale(i64::try_from(number).ok()?, unit);
        }
        if let Some(number) = value.as_i128() {
            return scale(i64::try_from(number).ok()?, unit);
        }
    }
    let text = value.as_text();
    let text = std::str::from_utf8(text.as_deref().or_else(|| value.as_number())?).ok()?;
    match unit {
        TimeUnit::Rfc3339 => rfc3339(text),
        TimeUnit::Auto => fraction(text, unit).or_else(|| rfc3339(text)),
        TimeUnit::S | TimeUnit::Ms | TimeUnit::Us | TimeUnit::Ns => fraction(text, unit),
    }
}

#[inline]
fn scale(number: i64, unit: TimeUnit) -> Option<i64> {
    match by_size(number, unit) {
        TimeUnit::S => number.checked_mul(1_000_000),
        TimeUnit::Ms => number.checked_mul(1000),
        TimeUnit::Us => Some(number),
        TimeUnit::Ns => Some(number / 1000),
        TimeUnit::Rfc3339 | TimeUnit::Auto => None,
    }
}

/// The unit in which the number is a time between 1973 and the year 5138.
#[inline]
fn by_size(number: i64, unit: TimeUnit) -> TimeUnit {
    if unit != TimeUnit::Auto {
        return unit;
    }
    match number.unsigned_abs() {
        0..100_000_000_000 => TimeUnit::S,
        100_000_000_000..100_000_000_000_000 => TimeUnit::Ms,
        100_000_000_000_000..100_000_000_000_000_000 => TimeUnit::Us,
        _ => TimeUnit::Ns,
    }
}

/// A number with a decimal point is exact to the microsecond; one with an exponent as exact as a float.
fn fraction(text: &str, unit: TimeUnit) -> Option<i64> {
    let digits = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
    let (negative, plain) = text.strip_prefix('-').map_or((false, text), |rest| (true, rest));
    if let Some((whole, part)) = plain.split_once('.').filter(|(whole, part)| digits(whole) && digits(part)) {
        let whole: i64 = whole.parse().ok()?;
        let places = match by_size(whole, unit) {
            TimeUnit::S => 6,
            TimeUnit::Ms => 3,
            TimeUnit::Us | TimeUnit::Ns | TimeUnit::Rfc3339 | TimeUnit::Auto => 0,
        };
        let digit = |place: usize| i64::from(part.as_bytes().get(place).map_or(0, |b| b - b'0'));
        let small = (0..places).fold(0, |sum, place| sum * 10 + digit(place));
        let sum = scale(whole, unit)?.checked_add(small)?;
        return Some(if negative { -sum } else { sum });
    }
    if !plain.starts_with(|c: char| c.is_ascii_digit()) || !plain.contains(['e', 'E']) {
        return None;
    }
    let number: f64 = text.parse().ok()?;
    #[expect(clippy::cast_possible_truncation, reason = "it is checked to be in range, and a fraction is no matter")]
    if number.abs() < 9.0e18 { scale(number as i64, unit) } else { None }
}

fn rfc3339(text: &str) -> Option<i64> {
    text.parse::<jiff::Timestamp>().ok().map(jiff::Timestamp::as_microsecond)
}
