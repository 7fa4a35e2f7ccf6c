//! Numbers compared as they are written: no digit is lost, however long they are. Besides, how much one changed.

use std::cmp::Ordering;

/// A number in the only spelling that it has: nought, point, digits, times ten to the power of `scale`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decimal {
    negative: bool,
    scale: i64,
    /// Neither the first nor the last is a zero; none at all is the number zero.
    digits: Vec<u8>,
}

impl Decimal {
    /// A number as JSON has it; also with zeros before it, as some strings have.
    pub fn parse(text: &[u8]) -> Option<Self> {
        let (negative, text) = text.strip_prefix(b"-").map_or((false, text), |rest| (true, rest));
        let mantissa = text.iter().position(|b| matches!(b, b'e' | b'E')).unwrap_or(text.len());
        let (mantissa, exponent) = text.split_at_checked(mantissa)?;
        let exponent = match exponent.get(1..) {
            None => 0,
            Some(written) => power(written)?,
        };
        let point = mantissa.iter().position(|b| *b == b'.').unwrap_or(mantissa.len());
        let (whole, fraction) = mantissa.split_at_checked(point)?;
        let fraction = match fraction.get(1..) {
            None => &[],
            Some([]) => return None,
            Some(digits) => digits,
        };
        if whole.is_empty() || !whole.iter().chain(fraction).all(u8::is_ascii_digit) {
            return None;
        }
        let zeros = whole.iter().chain(fraction).take_while(|b| **b == b'0').count();
        let mut digits: Vec<_> = whole.iter().chain(fraction).skip(zeros).copied().collect();
        while digits.last() == Some(&b'0') {
            digits.pop();
        }
        if digits.is_empty() {
            return Some(Self { negative: false, scale: 0, digits });
        }
        let places = i64::try_from(whole.len()).ok()? - i64::try_from(zeros).ok()?;
        Some(Self { negative, scale: exponent.saturating_add(places), digits })
    }
}

impl Ord for Decimal {
    fn cmp(&self, other: &Self) -> Ordering {
        let sign = |number: &Self| match (number.digits.is_empty(), number.negative) {
            (true, _) => 0,
            (false, true) => -1,
            (false, false) => 1,
        };
        sign(self).cmp(&sign(other)).then_with(|| {
            let size = self.scale.cmp(&other.scale).then_with(|| self.digits.cmp(&other.digits));
            if self.negative { size.reverse() } else { size }
        })
    }
}

impl PartialOrd for Decimal {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

/// What does not fit is far enough away either way.
fn power(text: &[u8]) -> Option<i64> {
    let (negative, digits) = match text.first()? {
        b'-' => (true, text.get(1..)?),
        b'+' => (false, text.get(1..)?),
        _ => (false, text),
    };
    if digits.is_empty() || !digits.iter().all(u8::is_ascii_digit) {
        return None;
    }
    let most = i64::MAX / 4;
    let size = digits.iter().fold(0_i64, |n, b| n.saturating_mul(10).saturating_add(i64::from(b - b'0')).min(most));
    Some(if negative { -size } else { size })
}

/// How much was added from one number to another, with its sign, and as many digits behind the point as the longer has.
/// None where one is no number, or where the digits are more than a screen has room for.
pub fn difference(from: &[u8], to: &[u8]) -> Option<String> {
    let places = |text: &[u8]| text.iter().position(|b| *b == b'.').map_or(0, |point| text.len() - point - 1);
    let places = places(from).max(places(to));
    let scaled = |text: &[u8]| {
        let number = Decimal::parse(text)?;
        let digits = std::str::from_utf8(&number.digits).ok().filter(|digits| digits.len() <= 30)?;
        let size = if digits.is_empty() { 0 } else { digits.parse::<i128>().ok()? };
        let zeros = number.scale - i64::try_from(digits.len()).ok()? + i64::try_from(places).ok()?;
        let power = 10_i128.checked_pow(u32::try_from(zeros).ok().filter(|zeros| *zeros < 30)?)?;
        size.checked_mul(if number.negative { -power } else { power })
    };
    let by = scaled(to)?.checked_sub(scaled(from)?)?;
    let digits = format!("{:0width$}", by.unsigned_abs(), width = places + 1);
    let (whole, fraction) = digits.split_at_checked(digits.len() - places)?;
    let sign = if by < 0 { '-' } else { '+' };
    Some(if places == 0 { format!("{sign}{whole}") } else { format!("{sign}{whole}.{fraction}") })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn number(text: &str) -> Decimal {
        Decimal::parse(text.as_bytes()).unwrap_or_else(|| panic!("{text}"))
    }

    #[test]
    fn one_number_has_many_spellings() {
        for (a, b) in [("1", "1.0"), ("0", "-0.000e9"), ("100", "1e2"), ("0.01", "1E-2"), ("12.50", "00012.5")] {
            assert_eq!(number(a), number(b));
        }
    }

    #[test]
    fn no_digit_is_lost() {
        assert!(number("12345678901234567890") < number("12345678901234567891"));
        assert!(number("0.1") < number("0.10000000000000000000001"));
        assert!(number("-2") < number("-1.5"));
        assert!(number("-1e99999999999999999999") < number("0"));
        assert!(number("1e99999999999999999999") > number("1e400"));
        assert!(number("9") < number("10"));
    }

    #[test]
    fn a_difference_is_exact() {
        for (from, to, by) in [
            ("101.25", "101.5", Some("+0.25")),
            ("12345678901234567890", "12345678901234567891", Some("+1")),
            ("0.1", "-0.05", Some("-0.15")),
            ("1e3", "1", Some("-999")),
            ("0", "0.00", Some("+0.00")),
            ("1e40", "1", None),
            ("a", "1", None),
        ] {
            assert_eq!(difference(from.as_bytes(), to.as_bytes()).as_deref(), by, "{from} {to}");
        }
    }

    #[test]
    fn what_is_no_number_is_none() {
        for text in ["", "-", ".5", "5.", "1e", "1e+", "0x1", "abc", "1,2", "1 "] {
            assert_eq!(Decimal::parse(text.as_bytes()), None, "{text}");
        }
    }

    proptest! {
        #[test]
        fn it_orders_as_floats_do(a in -1_000_000_i64..1_000_000, b in -1_000_000_i64..1_000_000, e in 0..4_u32) {
            let power = 10_i64.pow(e);
            let text = |n: i64| format!("{}e-{e}", n * power);
            prop_assert_eq!(number(&text(a)).cmp(&number(&b.to_string())), a.cmp(&b));
        }
    }
}
