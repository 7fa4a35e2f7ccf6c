//! Numbers in words, each in the shortest honest form and never wider than its doc says, so that columns stay put.
//! Units are international and the same in every language. It rounds down where rounding up would claim more than happened.

use std::time::Duration;

/// How long ago or for how long: `0.4s`, `48s`, `3m12s`, `3h12m`, `2d4h`. At most 6 columns.
pub fn age(time: Duration) -> String {
    let s = time.as_secs();
    let (minutes, hours, days) = (s / 60, s / 3_600, s / 86_400);
    match s {
        0..10 => format!("{s}.{}s", time.subsec_millis() / 100),
        10..60 => format!("{s}s"),
        60..3_600 => format!("{minutes}m{:02}s", s % 60),
        3_600..86_400 => format!("{hours}h{:02}m", minutes % 60),
        86_400..8_640_000 => format!("{days}d{}h", hours % 24),
        8_640_000..864_000_000 => format!("{days}d"),
        864_000_000.. => ">9999d".to_owned(),
    }
}

/// A countdown: `18.2s`, rounded up, so that `0.0s` says it is over; from 1000 s on as [`age`]. At most 6 columns.
pub fn exact_secs(left: Duration) -> String {
    let tenths = left.as_nanos().div_ceil(100_000_000);
    if tenths < 10_000 { format!("{}.{}s", tenths / 10, tenths % 10) } else { age(left) }
}

/// Time that passed: `31.4s`, rounded to the nearest tenth; from 1000 s on as [`age`]. At most 6 columns.
pub fn passed(time: Duration) -> String {
    let tenths = time.as_nanos().saturating_add(50_000_000) / 100_000_000;
    if tenths < 10_000 { format!("{}.{}s", tenths / 10, tenths % 10) } else { age(time) }
}

/// A length that somebody set, as they would write it: `250ms`, `10s`, `2.5s`, `90s`, `2m30s`, `1h`. At most 7 columns.
pub fn span(time: Duration) -> String {
    let s = time.as_secs();
    let ms = time.subsec_millis();
    match s {
        0 if ms > 0 || time.is_zero() => format!("{ms}ms"),
        0 => "<1ms".to_owned(),
        1..100 if ms > 0 => format!("{s}.{}s", format!("{ms:03}").trim_end_matches('0')),
        1..120 => format!("{s}s"),
        120..3_600 if s.is_multiple_of(60) => format!("{}m", s / 60),
        3_600..86_400 if s.is_multiple_of(3_600) => format!("{}h", s / 3_600),
        86_400..8_640_000 if s.is_multiple_of(86_400) => format!("{}d", s / 86_400),
        120.. => age(time),
    }
}

/// Bytes: `812 B`, `1.4 KiB`, `14 KiB`. At most 8 columns.
pub fn size(bytes: u64) -> String {
    const UNITS: [&str; 6] = ["KiB", "MiB", "GiB", "TiB", "PiB", "EiB"];
    let mut rest = bytes;
    let mut unit = "B";
    let mut tenths = 0;
    for name in UNITS {
        if rest < 1024 {
            break;
        }
        tenths = (rest % 1024) * 10 / 1024;
        rest /= 1024;
        unit = name;
    }
    if unit != "B" && rest < 10 { format!("{rest}.{tenths} {unit}") } else { format!("{rest} {unit}") }
}

/// How often: `145/s`, `2.5/s`, `6/min`, `4/h`, `12.3k/s`, `0/s` for nothing at all, `?/s` for what is no number.
/// At most 7 columns.
pub fn rate(per_second: f64) -> String {
    let (per_minute, per_hour) = (per_second * 60.0, per_second * 3_600.0);
    match per_second {
        r if r.is_nan() || r < 0.0 => "?/s".to_owned(),
        0.0 => "0/s".to_owned(),
        r if r >= 1.0 => format!("{}/s", scaled(r)),
        _ if per_minute >= 1.0 => format!("{}/min", scaled(per_minute)),
        _ if per_hour >= 1.0 => format!("{}/h", scaled(per_hour)),
        _ => "<1/h".to_owned(),
    }
}

/// A count: `1,234`. At most 26 columns.
pub fn count(n: u64) -> String {
    let digits = n.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// A short measured time: `4.1 ms`, `142 ms`, `12.3 s`. At most 8 columns.
pub fn millis(time: Duration) -> String {
    let tenths = time.as_micros() / 100;
    match tenths {
        0 if !time.is_zero() => "<0.1 ms".to_owned(),
        0..100 => format!("{}.{} ms", tenths / 10, tenths % 10),
        100..100_000 => format!("{} ms", tenths / 10),
        100_000..10_000_000 => format!("{}.{} s", tenths / 10_000, tenths / 1_000 % 10),
        _ => age(time),
    }
}

/// The same of so many microseconds, which may be below nothing. At most 9 columns.
pub fn signed_millis(micros: i64) -> String {
    let sign = if micros < 0 { "-" } else { "" };
    format!("{sign}{}", millis(Duration::from_micros(micros.unsigned_abs())))
}

/// A delay of so many microseconds in whole milliseconds, to stand in a column that names the unit: `3`, `-4`.
/// At most 8 columns.
pub fn lag(micros: i64) -> String {
    let away = micros.unsigned_abs().saturating_add(500) / 1000;
    let sign = if micros < 0 && away > 0 { "-" } else { "" };
    match (away, micros < 0) {
        (0..1_000_000, _) => format!("{sign}{away}"),
        (_, false) => ">999999".to_owned(),
        (_, true) => "<-999999".to_owned(),
    }
}

/// A number from 1 on in at most 5 columns.
fn scaled(number: f64) -> String {
    let mut rest = number;
    for unit in ["", "k", "M", "G"] {
        // The bounds are where the digits shown would round up to one more.
        let one_decimal =
            if unit.is_empty() { rest < 9.95 && (rest - rest.round()).abs() >= 0.05 } else { rest < 99.95 };
        if one_decimal {
            return format!("{rest:.1}{unit}");
        }
        if rest < 999.5 {
            return format!("{rest:.0}{unit}");
        }
        rest /= 1000.0;
    }
    ">999G".to_owned()
}
