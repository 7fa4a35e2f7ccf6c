//! Pick a verb, build the runtime, turn an error into one line and an exit code.

fn main() {}
