//! The screen as a function.
