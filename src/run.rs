//! The UI loop.
