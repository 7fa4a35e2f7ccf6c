//! A profile laid over the one it extends, and `--set` over both.
