# The local commands. `.ci/run` is what CI runs; it needs no `just`.

# Everything that CI checks.
ci:
    .ci/run

# Format, clippy, documentation.
lint:
    .ci/run lint

# The tests.
test:
    .ci/run test

# The embedded server, the dashboard on it, and a tour of faults.
demo *OPTIONS:
    cargo run --release -- demo {{OPTIONS}}

# The README's pictures, made anew from real screens.
screens:
    cargo run --example screens

# The reading path beside a bare tokio-tungstenite loop.
bench:
    cargo bench

# Licences and advisories of the dependencies; needs cargo-deny.
deny:
    cargo deny check
