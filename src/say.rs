//! Causes, outages and states as sentences, by language, from one table.
