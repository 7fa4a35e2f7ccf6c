//! TOML with the place of every value, layered: a profile, what it extends, and what `--set` says.
