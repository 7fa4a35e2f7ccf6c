//! From a tree to a checked profile, all errors at once.
