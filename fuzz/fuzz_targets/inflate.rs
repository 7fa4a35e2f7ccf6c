//! Any bytes for the layer that inflates. What must hold is in `bodies.rs`.

#![no_main]

#[path = "../bodies.rs"]
mod bodies;

libfuzzer_sys::fuzz_target!(|data: &[u8]| bodies::inflate(data));
