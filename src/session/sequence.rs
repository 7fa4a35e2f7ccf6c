//! Gaps, repeats and late numbers.
