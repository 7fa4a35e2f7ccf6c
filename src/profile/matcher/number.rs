//! Are two decimal numbers the same? Exactly, at any size, without a float. It computes nothing else.

/// By value: `1`, `1.0` and `10e-1` are the same. Both are written as JSON writes numbers.
pub(super) fn same_number(a: &[u8], b: &[u8]) -> bool {
    if a == b {
        return true;
    }
    // Two integers have one spelling each, but for zero.
    let integer = |n: &[u8]| n.iter().all(|b| b.is_ascii_digit() || *b == b'-') && n != b"-0";
    if integer(a) && integer(b) {
        return false;
    }
    match (Decimal::read(a), Decimal::read(b)) {
        (Some(a), Some(b)) => a.same(&b),
        _ => false,
    }
}

/// Its value is the digits, zeros cut off at both ends, times ten to the exponent.
struct Decimal<'a> {
    negative: bool,
    whole: &'a [u8],
    fraction: &'a [u8],
    /// Of the first digit that is not zero, counted from the decimal point.
    exponent: i64,
}

impl<'a> Decimal<'a> {
    fn read(text: &'a [u8]) -> Option<Self> {
        let (negative, text) = text.strip_prefix(b"-").map_or((false, text), |rest| (true, rest));
        let (mantissa, exponent) = match text.iter().position(|b| matches!(b, b'e' | b'E')) {
            Some(at) => (&text[..at], std::str::from_utf8(&text[at + 1..]).ok()?.parse::<i64>().ok()?),
            None => (text, 0),
        };
        let point = mantissa.iter().position(|b| *b == b'.');
        let (whole, fraction) = point.map_or((mantissa, &b""[..]), |at| (&mantissa[..at], &mantissa[at + 1..]));
        let mut number = Self { negative, whole, fraction, exponent };
        let zeros = number.all().take_while(|b| *b == b'0').count();
        let lead = i64::try_from(whole.len()).ok()?.checked_sub(i64::try_from(zeros).ok()?)?;
        number.exponent = exponent.checked_add(lead)?;
        Some(number)
    }

    fn all(&self) -> impl DoubleEndedIterator<Item = u8> {
        self.whole.iter().chain(self.fraction).copied()
    }

    fn digits(&self) -> impl Iterator<Item = u8> {
        let cut = self.all().rev().take_while(|b| *b == b'0').count();
        let length = self.whole.len() + self.fraction.len() - cut;
        self.all().take(length).skip_while(|b| *b == b'0')
    }

    fn same(&self, other: &Self) -> bool {
        let zero = |n: &Self| n.digits().next().is_none();
        if zero(self) || zero(other) {
            return zero(self) && zero(other);
        }
        self.negative == other.negative && self.exponent == other.exponent && self.digits().eq(other.digits())
    }
}
