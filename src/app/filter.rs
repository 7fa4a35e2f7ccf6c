//! Which messages are shown: a text that they hold, or with `!` in front, one that they do not. It looks at the bytes as they came.

/// What is looked for. An empty one shows everything.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filter {
    needle: Vec<u8>,
    inverted: bool,
}

impl Filter {
    /// Letters of ASCII match in both cases, unless a capital one is written.
    pub fn new(text: &str) -> Self {
        let (inverted, needle) = text.strip_prefix('!').map_or((false, text), |rest| (true, rest));
        Self { needle: needle.as_bytes().to_vec(), inverted: inverted && !needle.is_empty() }
    }

    pub fn is_empty(&self) -> bool {
        self.needle.is_empty()
    }

    pub fn admits(&self, body: &[u8]) -> bool {
        self.is_empty() || self.found(body) != self.inverted
    }

    fn found(&self, body: &[u8]) -> bool {
        let needle = self.needle.as_slice();
        let exact = needle.iter().any(u8::is_ascii_uppercase);
        let Some(first) = needle.first() else { return true };
        let mut rest = body;
        // Looking for the first byte alone is what the machine does fast.
        while let Some(at) = rest.iter().position(|b| b == first || (!exact && b.to_ascii_lowercase() == *first)) {
            let Some(candidate) = rest.get(at..at + needle.len()) else { return false };
            if candidate == needle || (!exact && candidate.eq_ignore_ascii_case(needle)) {
                return true;
            }
            rest = rest.get(at + 1..).unwrap_or_default();
        }
        false
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn admits(filter: &str, body: &str) -> bool {
        Filter::new(filter).admits(body.as_bytes())
    }

    #[test]
    fn a_text_is_found_or_not() {
        assert!(admits("", "anything"));
        assert!(admits("btc", r#"{"s":"BTCUSDT"}"#));
        assert!(!admits("btC", r#"{"s":"BTCUSDT"}"#));
        assert!(admits("业务", "a业务1"));
        assert!(!admits("eth", "et"));
        assert!(admits("aab", "aaab"));
    }

    #[test]
    fn an_exclamation_mark_turns_it_around() {
        assert!(!admits("!btc", "btc"));
        assert!(admits("!btc", "eth"));
        assert!(admits("!", "anything"));
    }
}
