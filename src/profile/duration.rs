//! Lengths of time as people write them: `250ms`, `2s`, `1.5s`, `5m`, `1h`, `7d`.

use std::time::Duration;

/// Shorter would be a storm, longer is never. Both are allowed.
pub const SHORTEST: Duration = Duration::from_millis(1);
pub const LONGEST: Duration = Duration::from_hours(7 * 24);

const UNITS: [(&str, u128); 5] = [
    ("ms", 1_000_000),
    ("s", 1_000_000_000),
    ("m", 60_000_000_000),
    ("h", 3_600_000_000_000),
    ("d", 86_400_000_000_000),
];

/// Reads one, exactly; says in words what is wrong. It is between [`SHORTEST`] and [`LONGEST`], or zero.
pub fn parse(text: &str) -> Result<Duration, String> {
    let digits = text.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(text.len());
    let (number, unit) = text.split_at(digits);
    let unit = unit.trim();
    let Some((_, nanos)) = UNITS.into_iter().find(|(name, _)| *name == unit) else {
        return Err("a duration is a number and one of ms, s, m, h, d: 250ms, 2s, 1.5s, 5m, 1h".into());
    };
    let (whole, part) = number.split_once('.').unwrap_or((number, "0"));
    if whole.is_empty() || part.is_empty() || whole.len() > 15 || part.len() > 9 {
        return Err("a duration is a number and a unit: 250ms, 2s, 1.5s, 5m, 1h".into());
    }
    let (Ok(whole), Ok(part), Ok(places)) = (whole.parse::<u128>(), part.parse::<u128>(), u32::try_from(part.len()))
    else {
        return Err("a duration has one number: 250ms, 2s, 1.5s, 5m, 1h".into());
    };
    let total = whole * nanos + part * nanos / 10_u128.pow(places);
    let duration = u64::try_from(total).map_or(Duration::MAX, Duration::from_nanos);
    if duration > LONGEST {
        Err("longer than 7d".into())
    } else if total > 0 && duration < SHORTEST {
        Err("shorter than 1ms".into())
    } else {
        Ok(duration)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_of_time_are_read_exactly() {
        let ms = |text: &str| parse(text).map(|duration| duration.as_millis());
        assert_eq!(ms("250ms"), Ok(250));
        assert_eq!(ms("2s"), Ok(2000));
        assert_eq!(ms("1.5s"), Ok(1500));
        assert_eq!(ms("0.25 m"), Ok(15_000));
        assert_eq!(ms("5m"), Ok(300_000));
        assert_eq!(ms("1h"), Ok(3_600_000));
        assert_eq!(ms("7d"), Ok(604_800_000));
        assert_eq!(ms("0s"), Ok(0));
        assert_eq!(parse("0.1s"), Ok(Duration::from_millis(100)));
    }

    #[test]
    fn what_is_no_length_of_time_is_refused() {
        for text in
            ["", "s", "2", "2 parsecs", ".5s", "5.s", "1.2.3s", "-1s", "1e3s", "7d1h", "8d", "0.5ms", "٣s", "2S"]
        {
            assert!(parse(text).is_err(), "{text}");
        }
        assert!(parse(&"9".repeat(40)).is_err());
        assert!(parse("999999999999999d").is_err());
    }
}
